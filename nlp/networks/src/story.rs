//! The network that is shipped: everything that is read off a text in one pass.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::tensor::Tensor;
use serde::Deserialize;

use crate::coreference::{self, Coreference, Known};
use crate::encoder::{Batch, Encoder, Shape};
use crate::heads::{FEELINGS, Feelings, Mentions, Register, Syntax, Words, width_row};
use crate::kernels::Kernels;
use crate::lemma::{Lexicon, Rule};
use crate::links::Links;
use crate::pieces::Pieces;
use crate::settings::{self, Settings};
use crate::tokens::{self, Casing};
use crate::tree;
use crate::weights::{Weights, WeightsError};

/// The most pieces that are read together, the two at the ends included.
const WINDOW: usize = 256;
/// A window that is this full ends with a paragraph.
const FULL: usize = 176;
/// About how many pieces make a batch.
const BATCH: usize = 2048;
/// Mentions are not longer than this, in words.
const LONGEST_MENTION: usize = 64;

/// A text and what is already known of its structure. Ranges are bytes of `text`.
#[derive(Clone, Debug, Default)]
pub struct Passage<'a> {
    /// The text.
    pub text: &'a str,
    /// Its paragraphs, in order. What lies outside is not read.
    pub paragraphs: Vec<Range<usize>>,
    /// Its sentences, in order, if they are known; else the network finds them.
    pub sentences: Option<Vec<Range<usize>>>,
    /// Stretches whose feelings are asked for.
    pub spans: Vec<Range<usize>>,
    /// Stretches of which to tell where and when they happen.
    pub settings: Vec<Range<usize>>,
    /// Whether to find out which mentions mean the same.
    pub chains: bool,
    /// Whether to say what words hold for telling more of that.
    pub links: bool,
    /// What is said aloud, in order; for `chains`, because other words mean somebody there.
    pub quotations: Vec<Range<usize>>,
}

/// A word and its place in the tree of its sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// Its part of speech, as an index into [`Labels::tags`].
    pub tag: usize,
    /// Its dictionary form.
    pub lemma: String,
    /// The token that it depends on, or none for the root of a sentence.
    pub parent: Option<usize>,
    /// How it depends on it, as an index into [`Labels::relations`].
    pub relation: usize,
}

/// A person, place or vehicle that is spoken of.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Its tokens.
    pub tokens: Range<usize>,
    /// Its class, as an index into [`Labels::mentions`].
    pub class: usize,
    /// How sure the network is, 0 to 1.
    pub score: f32,
    /// Whom or what it means: mentions of one chain mean the same. If chains were not asked for, it
    /// is alone in its.
    pub chain: usize,
}

/// What the network reads in a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analysis {
    /// Its words.
    pub tokens: Vec<Token>,
    /// Its sentences, as ranges of tokens.
    pub sentences: Vec<Range<usize>>,
    /// Its mentions, by their first and then their last token.
    pub mentions: Vec<Mention>,
    /// For each sentence, the share of each feeling; they sum to 1.
    pub sentence_feelings: Vec<[f32; FEELINGS]>,
    /// The same for each asked-for span.
    pub feelings: Vec<[f32; FEELINGS]>,
    /// For each of [`Passage::settings`] what it tells, to be judged by whoever asks; empty if it has
    /// no words or the weights have no such head.
    pub settings: Vec<Vec<f32>>,
    /// What each token holds for telling which mentions are one and who speaks, to be judged by
    /// whoever asks: rows of one width. Empty if it was not asked for or the weights have no such head.
    pub links: Vec<f32>,
}

/// The names of the network's classes.
#[derive(Clone, Debug, Deserialize)]
pub struct Labels {
    /// The seven feelings.
    pub feelings: Vec<String>,
    /// Universal parts of speech.
    pub tags: Vec<String>,
    /// Universal dependency relations.
    pub relations: Vec<String>,
    /// Classes of mentions, as `PER_PROP`; the first is no mention.
    pub mentions: Vec<String>,
    /// Lemma rules.
    lemmas: Vec<String>,
    /// What is added to the logits of feelings in stories, which are then divided by
    /// `temperature`: chosen so that the scores are as right as they are sure.
    bias: Vec<f32>,
    /// The same in running text, where more sentences show no feeling than alone; empty if it is no
    /// other.
    #[serde(default)]
    bias_in_text: Vec<f32>,
    temperature: f32,
    /// How probable each feeling of a forum post must be to be found; empty if none were chosen.
    #[serde(default)]
    pub thresholds: Vec<f32>,
}

/// The network on one device.
pub struct StoryNetwork<B: Kernels> {
    encoder: Encoder<B>,
    feelings: Feelings<B>,
    syntax: Syntax<B>,
    mentions: Mentions<B>,
    coreference: Option<Coreference<B>>,
    settings: Option<Settings<B>>,
    links: Option<Links<B>>,
    /// Type and form of each class of mentions.
    classes: Vec<(usize, usize)>,
    device: B::Device,
    pieces: Pieces,
    labels: Labels,
    lexicon: Lexicon,
    lanes: Lanes,
}

/// Threads that each read batches of their own, so that every step of a batch runs beside the
/// same step of another. GPUs need only one.
pub(crate) struct Lanes(Vec<rayon::ThreadPool>);

impl Lanes {
    pub(crate) fn new(count: usize) -> Self {
        let pools = (0..count)
            .filter_map(|_| rayon::ThreadPoolBuilder::new().num_threads(1).build().ok())
            .collect();
        Self(pools)
    }

    /// Runs `work` for each index below `count`, on all lanes at once.
    pub(crate) fn for_each(&self, count: usize, work: impl Fn(usize) + Sync) {
        let next = AtomicUsize::new(0);
        let take = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    break;
                }
                work(index);
            }
        };
        if self.0.is_empty() {
            take();
            return;
        }
        std::thread::scope(|scope| {
            for pool in self.0.iter().take(count) {
                scope.spawn(|| pool.install(take));
            }
        });
    }
}

/// A word as the encoder gets it.
struct Seen {
    range: Range<usize>,
    pieces: Range<usize>,
    casing: u8,
}

impl Seen {
    fn written<'a>(&self, passage: &Passage<'a>) -> &'a str {
        passage.text.get(self.range.clone()).unwrap_or_default()
    }
}

/// The asked-for stretches that are read with a window, by their numbers, in words.
type Seats = Vec<(usize, Range<usize>)>;

/// All words of a passage with their pieces, and where it may be cut.
struct Sequence {
    words: Vec<Seen>,
    pieces: Vec<u32>,
    /// After which words a paragraph ends.
    paragraph_ends: Vec<bool>,
    /// After which words a window may end: at least after each paragraph.
    cuts: Vec<bool>,
}

/// What every head says of a window of `w` words, before anything is decided.
pub struct Logits {
    /// The window's pieces.
    pub pieces: Vec<u32>,
    /// The last states, `[pieces, hidden]`.
    pub state: Vec<f32>,
    /// Feelings of the window in a story, 7.
    pub story: Vec<f32>,
    /// Feelings of the window in a forum, 7.
    pub forum: Vec<f32>,
    /// `[w, tags]`.
    pub tags: Vec<f32>,
    /// `[w, lemma rules]`.
    pub lemmas: Vec<f32>,
    /// `[w]`.
    pub ends: Vec<f32>,
    /// `[w, w + 1]`.
    pub arcs: Vec<f32>,
    /// `[w, relations]`.
    pub relations: Vec<f32>,
    /// `[w, w, classes]`, start by end.
    pub mentions: Vec<f32>,
}

/// What came of a window, in words of the sequence.
#[derive(Default)]
struct Read {
    ends: Vec<bool>,
    tags: Vec<usize>,
    lemmas: Vec<String>,
    /// Parents as words of the sequence.
    parents: Vec<Option<usize>>,
    relations: Vec<usize>,
    mentions: Vec<Mention>,
    /// The mentions as coreference sees them, and their vectors.
    known: Vec<Known>,
    vectors: Vec<f32>,
    links: Vec<f32>,
    sentence_feelings: Vec<[f32; FEELINGS]>,
    feelings: Vec<(usize, [f32; FEELINGS])>,
}

impl<B: Kernels> StoryNetwork<B> {
    /// Loads the weights to a device. `lanes` is how many batches are read side by side.
    ///
    /// # Errors
    /// If arrays are missing or do not fit.
    pub fn load(weights: &Weights, device: &B::Device, lanes: usize) -> Result<Self, WeightsError> {
        Self::load_shaped(weights, Shape::STORY, device, lanes)
    }

    /// As [`Self::load`], for an encoder of other measures.
    pub fn load_shaped(
        weights: &Weights,
        shape: Shape,
        device: &B::Device,
        lanes: usize,
    ) -> Result<Self, WeightsError> {
        let unreadable = |what: String| WeightsError::Unreadable(weights.file().to_owned(), what);
        let mut labels: Labels = serde_json::from_str(weights.fact("labels")?)
            .map_err(|error| unreadable(format!("its labels: {error}")))?;
        let pieces = Pieces::new(weights.fact("vocabulary")?.split('\n')).map_err(unreadable)?;
        let rules = labels
            .lemmas
            .iter()
            .map(|rule| Rule::parse(rule).ok_or_else(|| unreadable(format!("lemma rule `{rule}`"))))
            .collect::<Result<Vec<_>, _>>()?;
        if labels.bias.len() != FEELINGS || labels.feelings.len() != FEELINGS {
            return Err(unreadable("it does not have seven feelings".into()));
        }
        if labels.bias_in_text.len() != FEELINGS {
            labels.bias_in_text.clone_from(&labels.bias);
        }
        let lines = weights.fact("lexicon").unwrap_or_default();
        let vocabulary = weights.fact("vocabulary")?.split('\n');
        let lexicon = Lexicon::parse(lines, &labels.tags, rules, vocabulary)
            .map_err(|line| unreadable(format!("the line `{line}` of its lexicon")))?;
        let depths = shape.layers + 1;
        let counts = [labels.tags.len(), lexicon.rules(), labels.relations.len()];
        Ok(Self {
            encoder: Encoder::load(weights, shape, device)?,
            feelings: Feelings::load(weights, shape.hidden, device)?,
            syntax: Syntax::load(weights, shape.hidden, depths, counts, device)?,
            mentions: Mentions::load(weights, shape.hidden, depths, labels.mentions.len(), device)?,
            coreference: Coreference::load(weights, shape.hidden, device)?,
            settings: Settings::load(weights, shape, device)?,
            links: Links::load(weights, shape.hidden, device)?,
            classes: labels.mentions.iter().map(|name| class(name)).collect(),
            device: device.clone(),
            pieces,
            labels,
            lexicon,
            lanes: Lanes::new(lanes),
        })
    }

    /// The names of its classes.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Reads a passage.
    pub fn analyze(&self, passage: &Passage<'_>) -> Analysis {
        let (mut analysis, scores) = self.read(passage);
        let chains = coreference::chains(&scores);
        for (mention, chain) in analysis.mentions.iter_mut().zip(chains) {
            mention.chain = chain;
        }
        analysis
    }

    /// Reads a passage, and gives for each mention the scores of its being new and of each mention
    /// before it as its antecedent, the nearest first; nothing if chains are not asked for, or the
    /// weights have no such head.
    pub fn read(&self, passage: &Passage<'_>) -> (Analysis, Vec<Vec<f32>>) {
        let sequence = self.sequence(passage);
        let windows = sequence.windows();
        let spans = seat_spans(&passage.spans, &sequence, &windows);
        let batches = in_batches(&windows, |window| sequence.length(window));
        let reads: Vec<Mutex<Read>> = windows.iter().map(|_| Mutex::default()).collect();
        self.lanes.for_each(batches.len(), |index| {
            let batch: &[usize] = &batches[index];
            for (window, read) in batch
                .iter()
                .zip(self.read_batch(passage, &sequence, &windows, &spans, batch))
            {
                if let Ok(mut seat) = reads[*window].lock() {
                    *seat = read;
                }
            }
        });
        let (mut analysis, mut known, vectors) = gather(passage, &sequence, &windows, reads);
        analysis.settings = self.settings_of(passage, &sequence);
        let Some(head) = self.coreference.as_ref().filter(|_| passage.chains) else {
            return (analysis, Vec::new());
        };
        for mention in &mut known {
            let first = mention.words.start;
            mention.sentence = analysis.sentences.partition_point(|it| it.end <= first);
        }
        let scores = head.scores(&known, &vectors, &self.device, &self.lanes);
        (analysis, scores)
    }

    /// What each of the asked-for stretches tells of where and when it happens.
    fn settings_of(&self, passage: &Passage<'_>, sequence: &Sequence) -> Vec<Vec<f32>> {
        let mut told = vec![Vec::new(); passage.settings.len()];
        let Some(head) = &self.settings else {
            return told;
        };
        let stretches: Vec<(usize, Range<usize>)> = passage
            .settings
            .iter()
            .map(|stretch| sequence.beginning_of(stretch, settings::LONGEST))
            .enumerate()
            .filter(|(_, words)| !words.is_empty())
            .collect();
        let batches = in_batches(&stretches, |(_, words)| sequence.length(words));
        let row = |index: usize| sequence.row(&self.pieces, &stretches[index].1);
        let senses = self.in_lanes(&batches, row, |batch| {
            let sense = head.forward(&self.encoder, batch);
            let width = sense.dims()[1].max(1);
            let senses = values(sense);
            senses.chunks_exact(width).map(<[f32]>::to_vec).collect()
        });
        for ((number, _), sense) in stretches.iter().zip(senses) {
            told[*number] = sense;
        }
        told
    }

    /// The feelings of texts that stand alone, as shares that sum to 1 (stories) or as a
    /// probability for each (forum posts).
    pub fn feelings(&self, texts: &[&str], register: Register) -> Vec<[f32; FEELINGS]> {
        let sequences: Vec<Sequence> = texts
            .iter()
            .map(|text| {
                let mut sequence = self.sequence(&Passage {
                    text,
                    paragraphs: std::iter::once(0..text.len()).collect(),
                    ..Passage::default()
                });
                let fits = sequence
                    .words
                    .iter()
                    .take_while(|word| word.pieces.end <= WINDOW - 2)
                    .count();
                sequence.words.truncate(fits);
                sequence
            })
            .collect();
        let all: Vec<Range<usize>> = sequences
            .iter()
            .map(|sequence| 0..sequence.words.len())
            .collect();
        let batches = in_batches(&sequences, |sequence| {
            sequence.length(&(0..sequence.words.len()))
        });
        let row = |index: usize| sequences[index].row(&self.pieces, &all[index]);
        self.in_lanes(&batches, row, |batch| {
            let states = self.encoder.forward(batch);
            let spans: Vec<_> = batch
                .lengths
                .iter()
                .enumerate()
                .map(|(row, length)| (row, 1, (length - 1).max(2)))
                .collect();
            let Some(last) = states.last() else {
                return Vec::new();
            };
            let logits = values(self.feelings.forward(last, spans.len(), &spans, register));
            let shares = |logits: &[f32]| match register {
                Register::Story => self.shares(logits, &self.labels.bias),
                Register::Forum => std::array::from_fn(|i| 1.0 / (1.0 + (-logits[i]).exp())),
            };
            logits.chunks_exact(FEELINGS).map(shares).collect()
        })
    }

    /// Reads rows of pieces in batches, on all lanes: `row` gives one by its number, `read` what each
    /// row of a batch tells.
    fn in_lanes<T: Default + Send>(
        &self,
        batches: &[Vec<usize>],
        row: impl Fn(usize) -> (Vec<u32>, Vec<u8>) + Sync,
        read: impl Fn(&Batch) -> Vec<T> + Sync,
    ) -> Vec<T> {
        let count = batches.iter().map(Vec::len).sum();
        let found: Vec<Mutex<T>> = (0..count).map(|_| Mutex::default()).collect();
        self.lanes.for_each(batches.len(), |index| {
            let members = &batches[index];
            let rows: Vec<_> = members.iter().map(|number| row(*number)).collect();
            let rows: Vec<(&[u32], &[u8])> = rows
                .iter()
                .map(|(pieces, casings)| (pieces.as_slice(), casings.as_slice()))
                .collect();
            let batch = Batch::new(&rows, self.pieces.pad);
            for (member, told) in members.iter().zip(read(&batch)) {
                if let Ok(mut seat) = found[*member].lock() {
                    *seat = told;
                }
            }
        });
        let told = found.into_iter().map(Mutex::into_inner);
        told.map(Result::unwrap_or_default).collect()
    }

    /// What every head says of windows of words, with the relations of the arcs to given parents
    /// (columns of the arcs): to compare with the network that was trained.
    pub fn logits(&self, windows: &[Vec<&str>], parents: &[&[usize]]) -> Vec<Logits> {
        let mut first = Vec::new();
        let rows: Vec<(Vec<u32>, Vec<u8>)> = windows
            .iter()
            .map(|words| {
                let (mut pieces, mut casings) = (vec![self.pieces.start], vec![0]);
                let mut starts = Vec::new();
                for word in words {
                    starts.push(pieces.len());
                    self.pieces.push(word, &mut pieces);
                    casings.resize(pieces.len(), Casing::of(word) as u8);
                }
                first.push(starts);
                pieces.push(self.pieces.end);
                casings.push(0);
                (pieces, casings)
            })
            .collect();
        let borrowed: Vec<(&[u32], &[u8])> = rows
            .iter()
            .map(|(p, c)| (p.as_slice(), c.as_slice()))
            .collect();
        let batch = Batch::new(&borrowed, self.pieces.pad);
        let states = self.encoder.forward(&batch);
        let most = first.iter().map(Vec::len).max().unwrap_or(0);
        let words = Words {
            most,
            first: first
                .iter()
                .enumerate()
                .flat_map(|(row, starts)| {
                    let at = row * batch.length;
                    (0..most).map(move |seat| (at + starts.get(seat).copied().unwrap_or(0)) as u32)
                })
                .collect(),
            counts: windows.iter().map(Vec::len).collect(),
        };
        let given: Vec<usize> = parents
            .iter()
            .flat_map(|row| (0..most).map(|seat| row.get(seat).copied().unwrap_or(0)))
            .collect();
        let spans: Vec<_> = rows
            .iter()
            .enumerate()
            .map(|(row, (pieces, _))| (row, 1, pieces.len() - 1))
            .collect();
        let scores = self.syntax.forward(&states, &words);
        let relations = values(self.syntax.relations(&scores, windows.len(), &given));
        let Some(last) = states.last() else {
            return Vec::new();
        };
        let flat = values(last.clone());
        let story = values(
            self.feelings
                .forward(last, windows.len(), &spans, Register::Story),
        );
        let forum = values(
            self.feelings
                .forward(last, windows.len(), &spans, Register::Forum),
        );
        let [tags, lemmas, ends] = [scores.tags, scores.lemmas, scores.ends].map(values);
        let arcs = values(scores.arcs);
        let mentions = values(self.mentions.forward(&states, &words));
        let classes = self.mentions.classes;
        rows.into_iter()
            .enumerate()
            .map(|(row, (pieces, _))| {
                let count = windows[row].len();
                // The rows of this window among `[windows * most, width]`.
                let of = |all: &[f32], width: usize| {
                    all[row * most * width..(row * most + count) * width].to_vec()
                };
                let hidden = self.encoder.shape.hidden;
                let at = row * batch.length * hidden;
                Logits {
                    state: flat[at..at + pieces.len() * hidden].to_vec(),
                    story: story[row * FEELINGS..(row + 1) * FEELINGS].to_vec(),
                    forum: forum[row * FEELINGS..(row + 1) * FEELINGS].to_vec(),
                    tags: of(&tags, self.labels.tags.len()),
                    lemmas: of(&lemmas, self.lexicon.rules()),
                    ends: of(&ends, 1),
                    arcs: (0..count)
                        .flat_map(|child| {
                            let line = (row * most + child) * (most + 1);
                            arcs[line..=line + count].to_vec()
                        })
                        .collect(),
                    relations: of(&relations, self.labels.relations.len()),
                    mentions: (0..count)
                        .flat_map(|start| (0..count).map(move |end| (start, end)))
                        .flat_map(|(start, end)| {
                            let width = width_row((end + 1).saturating_sub(start).max(1)) * classes;
                            let block = (row * most + start) * classes * most;
                            (0..classes)
                                .map(|class| {
                                    mentions[block + class * most + end]
                                        + self.mentions.widths[width + class]
                                })
                                .collect::<Vec<_>>()
                        })
                        .collect(),
                    pieces,
                }
            })
            .collect()
    }

    /// Calibrated shares of the feelings.
    fn shares(&self, logits: &[f32], bias: &[f32]) -> [f32; FEELINGS] {
        let scaled: [f32; FEELINGS] =
            std::array::from_fn(|i| (logits[i] + bias[i]) / self.labels.temperature);
        let highest = scaled.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers = scaled.map(|logit| (logit - highest).exp());
        let sum: f32 = powers.iter().sum();
        powers.map(|power| power / sum)
    }

    fn sequence(&self, passage: &Passage<'_>) -> Sequence {
        let mut sequence = Sequence {
            words: Vec::new(),
            pieces: Vec::new(),
            paragraph_ends: Vec::new(),
            cuts: Vec::new(),
        };
        for paragraph in &passage.paragraphs {
            let Some(text) = passage.text.get(paragraph.clone()) else {
                continue;
            };
            for word in tokens::words(text) {
                let from = sequence.pieces.len();
                let written = &text[word.clone()];
                self.pieces.push(written, &mut sequence.pieces);
                // A word of very many pieces (a long row of signs) is known by its first ones.
                sequence.pieces.truncate(from + WINDOW / 4);
                sequence.words.push(Seen {
                    range: paragraph.start + word.start..paragraph.start + word.end,
                    pieces: from..sequence.pieces.len(),
                    casing: Casing::of(written) as u8,
                });
                sequence.paragraph_ends.push(false);
                sequence
                    .cuts
                    .push(passage.sentences.is_none() && ends_like_a_sentence(written));
            }
            if let Some(last) = sequence.paragraph_ends.last_mut() {
                *last = true;
            }
            if let Some(last) = sequence.cuts.last_mut() {
                *last = true;
            }
        }
        if let Some(sentences) = &passage.sentences {
            for index in ends_at(&sequence.words, sentences) {
                sequence.cuts[index] = true;
            }
        }
        sequence
    }

    /// Reads the windows of one batch.
    fn read_batch(
        &self,
        passage: &Passage<'_>,
        sequence: &Sequence,
        windows: &[Range<usize>],
        spans: &[Seats],
        members: &[usize],
    ) -> Vec<Read> {
        let rows: Vec<_> = members
            .iter()
            .map(|i| sequence.row(&self.pieces, &windows[*i]))
            .collect();
        let rows: Vec<(&[u32], &[u8])> = rows
            .iter()
            .map(|(p, c)| (p.as_slice(), c.as_slice()))
            .collect();
        let batch = Batch::new(&rows, self.pieces.pad);
        let states = self.encoder.forward(&batch);
        let most = members.iter().map(|i| windows[*i].len()).max().unwrap_or(0);
        let mut words = Words {
            most,
            first: Vec::with_capacity(members.len() * most),
            counts: members.iter().map(|i| windows[*i].len()).collect(),
        };
        for (row, i) in members.iter().enumerate() {
            let start = (row * batch.length) as u32;
            for seat in 0..most {
                let piece = windows[*i]
                    .clone()
                    .nth(seat)
                    .map_or(0, |word| sequence.piece(&windows[*i], word));
                words.first.push(start + piece as u32);
            }
        }
        let scores = self.syntax.forward(&states, &words);
        let mentions = values(self.mentions.forward(&states, &words));
        let tags = best_of_rows(&values(scores.tags.clone()), self.labels.tags.len());
        let rules = values(scores.lemmas.clone());
        let end_scores = values(scores.ends.clone());
        let arcs = values(scores.arcs.clone());

        let known = passage.sentences.as_ref().map(|_| &sequence.cuts);
        let mut parents = vec![0; members.len() * most];
        let mut reads: Vec<Read> = Vec::with_capacity(members.len());
        for (row, i) in members.iter().enumerate() {
            let window = &windows[*i];
            let count = window.len();
            let at = row * most;
            let mut read = Read {
                ends: (0..count)
                    .map(|k| {
                        let word = window.start + k;
                        sequence.paragraph_ends[word]
                            || known.map_or(end_scores[at + k] > 0.0, |known| known[word])
                    })
                    .collect(),
                tags: tags[at..at + count].to_vec(),
                lemmas: window
                    .clone()
                    .zip(at..)
                    .map(|(word, k)| {
                        let written = sequence.words[word].written(passage);
                        let scores = &rules[k * self.lexicon.rules()..][..self.lexicon.rules()];
                        self.lexicon.lemma(written, tags[k], scores)
                    })
                    .collect(),
                ..Read::default()
            };
            if let Some(last) = read.ends.last_mut() {
                *last = true;
            }
            let mut start = 0;
            for end in (0..count).filter(|k| read.ends[*k]).collect::<Vec<_>>() {
                let length = end + 1 - start;
                let mut within = Vec::with_capacity(length * (length + 1));
                for child in start..=end {
                    let line = (at + child) * (most + 1);
                    within.push(arcs[line]);
                    within.extend_from_slice(&arcs[line + start + 1..=line + end + 1]);
                }
                for (child, parent) in tree::best(&within, length).into_iter().enumerate() {
                    parents[at + start + child] = if parent == 0 { 0 } else { start + parent };
                }
                start = end + 1;
            }
            read.parents = (0..count)
                .map(|k| {
                    parents[at + k]
                        .checked_sub(1)
                        .map(|parent| window.start + parent)
                })
                .collect();
            read.mentions = self.mentions_of(&mentions, row, most, window);
            if let Some(head) = self.coreference.as_ref().filter(|_| passage.chains) {
                let pieces = (row * batch.length) as u32;
                let rows: Vec<Vec<u32>> = read
                    .mentions
                    .iter()
                    .map(|mention| {
                        let words = mention.tokens.clone();
                        words
                            .map(|word| pieces + sequence.piece(window, word) as u32)
                            .collect()
                    })
                    .collect();
                read.known = read
                    .mentions
                    .iter()
                    .map(|mention| self.known(passage, sequence, mention))
                    .collect();
                read.vectors = head.vectors(&states, &read.known, &rows);
            }
            reads.push(read);
        }
        let relations = values(self.syntax.relations(&scores, members.len(), &parents));
        let relations = best_of_rows(&relations, self.labels.relations.len());
        for (row, read) in reads.iter_mut().enumerate() {
            read.relations = relations[row * most..row * most + read.tags.len()].to_vec();
        }
        if let Some(head) = self.links.as_ref().filter(|_| passage.links) {
            let of_window = words.first.chunks(most.max(1)).zip(&words.counts);
            let rows: Vec<i32> = of_window
                .flat_map(|(first, count)| &first[..*count])
                .map(|row| row.cast_signed())
                .collect();
            let mut found = values(head.forward(&states, &rows));
            for read in &mut reads {
                let rest = found.split_off(read.tags.len() * head.width);
                read.links = std::mem::replace(&mut found, rest);
            }
        }
        self.feel_batch(sequence, windows, spans, members, states.last(), &mut reads);
        reads
    }

    fn feel_batch(
        &self,
        sequence: &Sequence,
        windows: &[Range<usize>],
        spans: &[Seats],
        members: &[usize],
        last: Option<&Tensor<B, 2>>,
        reads: &mut [Read],
    ) {
        let mut asked: Vec<(usize, Option<usize>)> = Vec::new();
        let mut places = Vec::new();
        for (row, i) in members.iter().enumerate() {
            let window = &windows[*i];
            let mut ask = |span: Option<usize>, words: Range<usize>| {
                let from = sequence.piece(window, words.start);
                let last = words.end - 1;
                asked.push((row, span));
                places.push((
                    row,
                    from,
                    sequence.piece(window, last) + sequence.words[last].pieces.len(),
                ));
            };
            for (span, words) in &spans[*i] {
                ask(Some(*span), words.clone());
            }
            let mut start = window.start;
            for (word, _) in window
                .clone()
                .zip(&reads[row].ends)
                .filter(|(_, end)| **end)
            {
                ask(None, start..word + 1);
                start = word + 1;
            }
        }
        let Some(last) = last.filter(|_| !places.is_empty()) else {
            return;
        };
        let logits = values(
            self.feelings
                .forward(last, members.len(), &places, Register::Story),
        );
        for ((row, span), logits) in asked.into_iter().zip(logits.chunks_exact(FEELINGS)) {
            let shares = self.shares(logits, &self.labels.bias_in_text);
            match span {
                Some(span) => reads[row].feelings.push((span, shares)),
                None => reads[row].sentence_feelings.push(shares),
            }
        }
    }

    /// A mention as coreference sees it, its sentence still unknown.
    fn known(&self, passage: &Passage<'_>, sequence: &Sequence, mention: &Mention) -> Known {
        let words = &sequence.words[mention.tokens.clone()];
        let written: Vec<&str> = words.iter().map(|word| word.written(passage)).collect();
        let start = words.first().map_or(0, |word| word.range.start);
        let quotation = passage.quotations.partition_point(|it| it.end <= start);
        let quotation = passage
            .quotations
            .get(quotation)
            .filter(|range| range.start <= start)
            .map(|_| quotation);
        let class = self.classes.get(mention.class).copied().unwrap_or_default();
        Known::new(mention.tokens.clone(), &written, class, 0, quotation)
    }

    /// The mentions of window `row` among scores `[b, most * classes, most]`.
    fn mentions_of(
        &self,
        scores: &[f32],
        row: usize,
        most: usize,
        window: &Range<usize>,
    ) -> Vec<Mention> {
        let classes = self.mentions.classes;
        let count = window.len();
        let mut found = Vec::new();
        for start in 0..count {
            let block = (row * most + start) * classes * most;
            for end in start..count.min(start + LONGEST_MENTION) {
                let widths = width_row(end - start + 1) * classes;
                let score = |class: usize| {
                    scores[block + class * most + end] + self.mentions.widths[widths + class]
                };
                let none = score(0);
                let best = (1..classes)
                    .max_by(|a, b| score(*a).total_cmp(&score(*b)))
                    .unwrap_or(0);
                if best == 0 || score(best) <= none {
                    continue;
                }
                let sum: f32 = (0..classes)
                    .map(|class| (score(class) - score(best)).exp())
                    .sum();
                found.push(Mention {
                    tokens: window.start + start..window.start + end + 1,
                    class: best,
                    score: 1.0 / sum,
                    chain: 0,
                });
            }
        }
        found
    }
}

/// Joins what the windows gave.
fn gather(
    passage: &Passage<'_>,
    sequence: &Sequence,
    windows: &[Range<usize>],
    reads: Vec<Mutex<Read>>,
) -> (Analysis, Vec<Known>, Vec<f32>) {
    let neutral = std::array::from_fn(|i| if i + 1 == FEELINGS { 1.0 } else { 0.0 });
    let mut analysis = Analysis {
        feelings: vec![neutral; passage.spans.len()],
        ..Analysis::default()
    };
    let (mut known, mut vectors) = (Vec::new(), Vec::new());
    let mut sentence = 0;
    for (window, read) in windows.iter().zip(reads) {
        let Ok(mut read) = read.into_inner() else {
            continue;
        };
        for (k, word) in window.clone().enumerate() {
            let range = sequence.words[word].range.clone();
            analysis.tokens.push(Token {
                range,
                tag: read.tags[k],
                lemma: std::mem::take(&mut read.lemmas[k]),
                parent: read.parents[k],
                relation: read.relations[k],
            });
            if read.ends[k] {
                analysis.sentences.push(sentence..word + 1);
                sentence = word + 1;
            }
        }
        let chains = analysis.mentions.len()..;
        analysis.mentions.extend(
            read.mentions
                .into_iter()
                .zip(chains)
                .map(|(mention, chain)| Mention { chain, ..mention }),
        );
        known.append(&mut read.known);
        vectors.append(&mut read.vectors);
        analysis.links.append(&mut read.links);
        analysis.sentence_feelings.extend(read.sentence_feelings);
        for (span, shares) in read.feelings {
            analysis.feelings[span] = shares;
        }
    }
    (analysis, known, vectors)
}

/// Type and form of a class of mentions, as `PER_NOM`; whatever for the class that is none.
fn class(name: &str) -> (usize, usize) {
    const TYPES: [&str; 6] = ["PER", "FAC", "GPE", "LOC", "VEH", "ORG"];
    const FORMS: [&str; 3] = ["PROP", "NOM", "PRON"];
    let (kind, form) = name.split_once('_').unwrap_or_default();
    let at = |names: &[&str], name| names.iter().position(|it| *it == name).unwrap_or_default();
    (at(&TYPES, kind), at(&FORMS, form))
}

impl Sequence {
    /// The words in windows, each cut where it may be if that can be had.
    fn windows(&self) -> Vec<Range<usize>> {
        let mut windows = Vec::new();
        let mut start = 0;
        while start < self.words.len() {
            let mut end = start;
            let (mut cut, mut paragraph) = (None, None);
            let mut pieces = 2;
            while end < self.words.len() && pieces + self.words[end].pieces.len() <= WINDOW {
                pieces += self.words[end].pieces.len();
                end += 1;
                if self.cuts[end - 1] {
                    cut = Some(end);
                }
                if self.paragraph_ends[end - 1] && pieces >= FULL {
                    paragraph = Some(end);
                }
            }
            let end = if end == self.words.len() {
                end
            } else {
                paragraph.or(cut).unwrap_or(end)
            };
            windows.push(start..end.max(start + 1));
            start = end.max(start + 1);
        }
        windows
    }

    /// How many pieces a window has, with those at its ends.
    fn length(&self, window: &Range<usize>) -> usize {
        self.words[window.clone()]
            .iter()
            .map(|word| word.pieces.len())
            .sum::<usize>()
            + 2
    }

    /// The words of a stretch of bytes, as many as fit into a window of `most` pieces.
    fn beginning_of(&self, stretch: &Range<usize>, most: usize) -> Range<usize> {
        let from = self
            .words
            .partition_point(|word| word.range.end <= stretch.start);
        let rest = self.words.get(from..).unwrap_or_default();
        let mut pieces = 2;
        let fits = rest.iter().take_while(|word| {
            pieces += word.pieces.len();
            word.range.start < stretch.end && pieces <= most
        });
        from..from + fits.count()
    }

    /// The place of a word's first piece in its window.
    fn piece(&self, window: &Range<usize>, word: usize) -> usize {
        self.words[word].pieces.start - self.words[window.start].pieces.start + 1
    }

    fn row(&self, pieces: &Pieces, window: &Range<usize>) -> (Vec<u32>, Vec<u8>) {
        let mut ids = vec![pieces.start];
        let mut casings = vec![0];
        for word in &self.words[window.clone()] {
            ids.extend_from_slice(&self.pieces[word.pieces.clone()]);
            casings.resize(ids.len(), word.casing);
        }
        ids.push(pieces.end);
        casings.push(0);
        (ids, casings)
    }
}

/// Whether a window may well end after this word.
fn ends_like_a_sentence(word: &str) -> bool {
    matches!(word.chars().next(), Some('.' | '!' | '?' | '…' | ';'))
}

/// The last words of the given stretches of bytes.
fn ends_at(words: &[Seen], stretches: &[Range<usize>]) -> Vec<usize> {
    stretches
        .iter()
        .filter_map(|stretch| {
            let end = words.partition_point(|word| word.range.start < stretch.end);
            end.checked_sub(1)
                .filter(|last| words[*last].range.start >= stretch.start)
        })
        .collect()
}

/// For each window, the asked-for spans that lie mostly in it, in words.
fn seat_spans(spans: &[Range<usize>], sequence: &Sequence, windows: &[Range<usize>]) -> Vec<Seats> {
    let mut seats = vec![Vec::new(); windows.len()];
    for (index, span) in spans.iter().enumerate() {
        let from = sequence
            .words
            .partition_point(|word| word.range.end <= span.start);
        let to = sequence
            .words
            .partition_point(|word| word.range.start < span.end);
        if from >= to {
            continue;
        }
        let first = windows.partition_point(|window| window.end <= from);
        let shared =
            |window: &Range<usize>| window.end.min(to).saturating_sub(window.start.max(from));
        let best = (first..windows.len())
            .take_while(|window| windows[*window].start < to)
            .max_by_key(|window| (shared(&windows[*window]), usize::MAX - window));
        if let Some(window) = best {
            let within = windows[window].start.max(from)..windows[window].end.min(to);
            seats[window].push((index, within));
        }
    }
    seats
}

/// Indexes of items in batches of like length, about [`BATCH`] pieces each with their padding.
pub(crate) fn in_batches<T>(items: &[T], length: impl Fn(&T) -> usize) -> Vec<Vec<usize>> {
    let mut order: Vec<(usize, usize)> = items.iter().map(length).zip(0..).collect();
    order.sort_unstable();
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for (length, index) in order {
        match batches.last_mut() {
            Some(batch) if length * (batch.len() + 1) <= BATCH => batch.push(index),
            _ => batches.push(vec![index]),
        }
    }
    batches
}

/// The values of a tensor, on the CPU.
pub(crate) fn values<B: Kernels, const D: usize>(tensor: Tensor<B, D>) -> Vec<f32> {
    tensor
        .into_data()
        .convert::<f32>()
        .into_vec()
        .unwrap_or_default()
}

fn best_of_rows(values: &[f32], width: usize) -> Vec<usize> {
    values
        .chunks_exact(width.max(1))
        .map(|row| {
            let mut best = 0;
            for (index, value) in row.iter().enumerate() {
                if *value > row[best] {
                    best = index;
                }
            }
            best
        })
        .collect()
}
