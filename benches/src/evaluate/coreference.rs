//! Which mentions of `LitBank` mean the same, by the mentions that the network itself finds.

use std::collections::BTreeMap;
use std::path::Path;

use fabula_devices::StoryReader;
use fabula_networks::story::{Analysis, Passage};

use super::EvaluateError;
use super::clusters::{Clusters, Coreference};
use super::litbank::{self, Work};
use super::novels::{self, Places, Stretch};
use super::report::{Report, Table, Value};
use super::sentences::RunningText;

/// A work with what is given of it, and who or what is meant in it.
pub struct Marked {
    work: Work,
    quotations: Vec<Stretch>,
    chains: Clusters<Stretch>,
}

/// Reads the works that the file `ids` of `folder` names, or all there are.
///
/// # Errors
/// Names the file and line that is not as it should be.
pub fn read(folder: &Path, ids: Option<&Path>) -> Result<Vec<Marked>, EvaluateError> {
    litbank::works(folder, ids)?
        .into_iter()
        .map(|work| {
            let places: Places = work
                .words
                .iter()
                .map(|line| line.iter().cloned().map(Some).collect())
                .collect();
            let path = |part: &str| folder.join(part).join(format!("{}.ann", work.name));
            let quotations =
                novels::grouped(&path("quotations"), "QUOTE", "ATTRIB", &places, |_| true)?;
            let mut quotations: Vec<Stretch> = quotations.into_values().flatten().collect();
            quotations.sort_unstable();
            let chains = novels::grouped(&path("coref"), "MENTION", "COREF", &places, |row| {
                row.get(2) == row.get(4)
            })?;
            Ok(Marked {
                work,
                quotations,
                chains: chains.into_values().collect(),
            })
        })
        .collect()
}

/// Measures works, read as running text whose sentences and quotations are known.
pub fn measure(network: &dyn StoryReader, works: &[Marked]) -> Report {
    let mut all = Coreference::default();
    let mut rows = Vec::new();
    for marked in works {
        let text = RunningText::of_work(&marked.work);
        let analysis = network.analyze(&Passage {
            chains: true,
            quotations: marked.quotations.iter().map(|(a, b)| *a..*b).collect(),
            ..text.passage(true)
        });
        let score = Coreference::of(&found(&analysis), &marked.chains);
        rows.push(vec![
            Value::Text(marked.work.name.clone()),
            Value::Share(score.average()),
        ]);
        all += score;
    }
    Report {
        title: "Coreference in LitBank, by mentions of its own".to_owned(),
        figures: vec![
            ("average F1", Value::Share(all.average())),
            ("works", Value::Count(works.len())),
        ],
        tables: vec![
            Table::of_ratios([("MUC", all.muc), ("B3", all.b_cubed), ("CEAFe", all.ceaf)]),
            Table {
                name: "works",
                columns: vec!["work", "average F1"],
                rows,
            },
        ],
    }
}

fn found(analysis: &Analysis) -> Clusters<Stretch> {
    let mut chains: BTreeMap<usize, std::collections::BTreeSet<Stretch>> = BTreeMap::new();
    for mention in &analysis.mentions {
        let tokens = analysis.tokens.get(mention.tokens.clone()).unwrap_or(&[]);
        if let [first, ..] = tokens
            && let [.., last] = tokens
        {
            let stretch = (first.range.start, last.range.end);
            chains.entry(mention.chain).or_default().insert(stretch);
        }
    }
    chains.into_values().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fabula_networks::story::{Mention, Token};

    use super::*;

    #[test]
    fn mentions_of_one_chain_are_a_cluster_of_bytes() {
        let token = |range| Token {
            range,
            tag: 0,
            lemma: String::new(),
            parent: None,
            relation: 0,
        };
        let mention = |tokens, chain| Mention {
            tokens,
            class: 1,
            score: 1.0,
            chain,
        };
        let analysis = Analysis {
            tokens: vec![token(0..3), token(4..7), token(8..10), token(11..14)],
            mentions: vec![mention(0..2, 0), mention(2..3, 1), mention(3..4, 0)],
            ..Analysis::default()
        };
        let expected = [
            BTreeSet::from([(0, 7), (11, 14)]),
            BTreeSet::from([(8, 10)]),
        ];
        assert_eq!(found(&analysis), expected);
    }
}
