//! What holds for every film.

use std::collections::BTreeMap;

use fabula_story::{
    Act, Age, Backdrop, CameraMove, Character, Cue, CueKind, Emotion, EntityKind, Framing, Gait,
    Gender, Mention, MouthShape, Pose, Quote, Scene, Scores, Sentence, Shot, Story, Storyboard,
    TransitionKind, Weather,
};
use proptest::prelude::*;

use crate::{Options, direct, fill_mouths, sample};

fn film(text: &str) -> Storyboard {
    let board = direct(&sample::story(text), &Options::default());
    board.check().unwrap();
    board
}

fn shots(board: &Storyboard) -> impl Iterator<Item = &Shot> {
    board.scenes.iter().flat_map(|scene| &scene.shots)
}

fn told(board: &Storyboard) -> String {
    let captions = shots(board).flat_map(|shot| &shot.captions);
    captions
        .map(|caption| caption.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What every storyboard keeps, whatever the story.
fn check_rules(board: &Storyboard) -> Result<(), TestCaseError> {
    prop_assert!(board.check().is_ok(), "{:?}", board.check());
    let mut whole_s = 0.0;
    let mut moving_s = 0.0;
    for scene in &board.scenes {
        prop_assert_eq!(scene.shots[0].framing, Framing::Wide);
        let scene_s: f64 = scene.shots.iter().map(|shot| shot.duration_s).sum();
        let mut start_s = 0.0;
        for shot in &scene.shots {
            prop_assert!(
                (1.2..=9.3).contains(&shot.duration_s),
                "{} {}",
                shot.id,
                shot.duration_s
            );
            whole_s += shot.duration_s;
            if shot.camera != CameraMove::Hold {
                moving_s += shot.duration_s;
            }
            prop_assert!(shot.actors.len() <= 4);
            for speech in &shot.speech {
                let end_s = speech.start_s + speech.duration_s;
                prop_assert!(end_s <= shot.duration_s, "{} {}", shot.id, speech.text);
                prop_assert!(start_s + speech.start_s >= 1.3, "{}", speech.text);
                prop_assert!(start_s + end_s <= scene_s - 1.4, "{}", speech.text);
                let last_s = speech.mouth.last().map_or(0.0, |cue| cue.at_s);
                prop_assert!(last_s <= speech.duration_s + 0.08, "{}", speech.text);
            }
            let mut shown_until_s = 0.0;
            for caption in &shot.captions {
                prop_assert!(caption.start_s >= shown_until_s - 1e-9, "{}", caption.text);
                shown_until_s = caption.start_s + caption.duration_s;
                prop_assert!(shown_until_s <= shot.duration_s + 1e-9, "{}", caption.text);
                prop_assert!(caption.duration_s >= 1.0);
                prop_assert!(caption.text.lines().count() <= 2);
                prop_assert!(caption.text.lines().all(|line| line.chars().count() <= 42));
                let speed = caption.text.chars().count() as f64 / caption.duration_s;
                prop_assert!(speed <= 17.001, "{} {}", speed, caption.text);
            }
            for actor in &shot.actors {
                for cue in &actor.cues {
                    if let CueKind::Walk { duration_s, .. } = cue.kind {
                        prop_assert!(cue.at_s + duration_s <= shot.duration_s);
                    }
                }
            }
            start_s += shot.duration_s;
        }
    }
    prop_assert!(moving_s <= 0.4 * whole_s);
    Ok(())
}

#[test]
fn a_film_keeps_the_rules_of_staging() {
    check_rules(&film(sample::TALE)).unwrap();
}

#[test]
fn the_same_story_makes_the_same_film() {
    assert_eq!(film(sample::TALE), film(sample::TALE));
}

#[test]
fn everything_is_told_but_tags() {
    let plain: String = told(&film(sample::TALE)).replace('\n', " ");
    for words in [
        "Once upon a time a fox lived alone",
        "“Good evening.”",
        "and shook his head",
        "“She is in the castle,” “and she sings all night.”",
        "somebody began to sing.",
    ] {
        assert!(plain.contains(words), "{words}: {plain}");
    }
    assert!(!plain.contains("asked the crow"));
}

#[test]
fn each_one_keeps_to_one_side_of_a_scene() {
    for scene in &film(sample::TALE).scenes {
        let mut sides: BTreeMap<&str, bool> = BTreeMap::new();
        for actor in scene.shots.iter().flat_map(|shot| &shot.actors) {
            let arrival = actor.cues.iter().find_map(|cue| match cue.kind {
                CueKind::Walk { to_x, .. } => Some(to_x),
                _ => None,
            });
            let side = arrival.unwrap_or(actor.x) < 0.0;
            assert_eq!(
                *sides.entry(&actor.role).or_insert(side),
                side,
                "{}",
                actor.role
            );
        }
    }
}

#[test]
fn whoever_speaks_is_on_the_set_and_moves_their_lips() {
    for shot in shots(&film(sample::TALE)) {
        for speech in &shot.speech {
            let Some(role) = &speech.role else { continue };
            assert!(
                shot.actors.iter().any(|actor| actor.role == *role),
                "{}",
                shot.id
            );
            assert!(speech.mouth.len() > 2, "{}", speech.text);
            assert_eq!(speech.mouth.last().unwrap().shape, MouthShape::X);
        }
    }
}

#[test]
fn nobody_stands_on_a_set_where_they_are_not() {
    let board = film(sample::TALE);
    assert!(
        board.scenes[0]
            .shots
            .iter()
            .all(|s| s.actors.iter().all(|a| a.role != "c3"))
    );
}

#[test]
fn who_comes_later_walks_in() {
    let board = film("A fox slept.\n\nNobody spoke.\n\n\"Hello!\" said the crow.");
    let shot = shots(&board)
        .find(|shot| shot.speech.iter().any(|s| s.role.is_some()))
        .unwrap();
    let crow = shot.actors.iter().find(|actor| actor.role == "c2").unwrap();
    assert!(crow.x.abs() > 1.1);
    assert!(shot.speech.iter().all(|speech| speech.start_s > 0.5));
    assert!(
        crow.cues
            .iter()
            .any(|cue| matches!(cue.kind, CueKind::Walk { .. }))
    );
}

#[test]
fn listeners_look_at_the_speaker_and_share_the_feeling() {
    let board = film("The fox met the crow.\n\n\"I am afraid!\" said the crow. The fox waited.");
    let shot = shots(&board)
        .find(|shot| shot.speech.iter().any(|s| s.role.is_some()))
        .unwrap();
    let fox = shot.actors.iter().find(|actor| actor.role == "c1").unwrap();
    let looks = |cue: &CueKind| {
        *cue == CueKind::Look {
            role: Some("c2".into()),
        }
    };
    assert!(fox.cues.iter().any(|cue| looks(&cue.kind)));
    let fears = |cue: &CueKind| {
        matches!(
            cue,
            CueKind::Feel {
                emotion: Emotion::Fear,
                ..
            }
        )
    };
    let feels = fox.cues.iter().find(|cue| fears(&cue.kind)).unwrap();
    assert!((feels.at_s - shot.speech[0].start_s - 0.3).abs() < 0.01);
}

#[test]
fn no_cut_repeats_the_picture_before_it() {
    for scene in &film(sample::TALE).scenes {
        for pair in scene.shots.windows(2) {
            let same = pair[0].framing == pair[1].framing && pair[0].focus == pair[1].focus;
            assert!(!same, "{}", pair[1].id);
        }
    }
}

#[test]
fn a_place_is_seen_before_anybody_speaks() {
    for scene in &film(sample::TALE).scenes {
        let first_s = scene.shots[0]
            .speech
            .first()
            .map_or(1.9, |speech| speech.start_s);
        assert!((1.5..=2.5).contains(&first_s), "{first_s}");
    }
}

#[test]
fn the_film_ends_on_the_whole_place() {
    let board = film(
        "The fox met the crow by the old stone bridge. The river was cold.\n\n\"I have waited here for \
         you all day.\" The fox smiled at the sky.\n\n\"Good night, my friend!\" said the crow.",
    );
    let last = shots(&board).last().unwrap();
    assert_eq!(last.framing, Framing::Wide);
    assert_eq!(last.camera, CameraMove::PullOut);
    assert!(last.speech.is_empty());
}

#[test]
fn who_is_first_spoken_of_late_in_a_scene_comes_in_late() {
    let waiting = "The fox looked at the cold grey river for a long time. ".repeat(5);
    let text = format!("The fox met the crow.\n\n***\n\n{waiting}\n\nThen the crow walked by.");
    let board = film(&text);
    let second = &board.scenes[1];
    assert!(
        second.shots[0]
            .actors
            .iter()
            .all(|actor| actor.role != "c2")
    );
    let comes = second.shots.iter().flat_map(|shot| &shot.actors);
    assert!(comes.filter(|actor| actor.role == "c2").count() > 0);
}

#[test]
fn tears_run_but_nobody_walks() {
    let board = film("The fox met the crow.\n\nThe fox was sad, and a tear ran down her nose.");
    let mut cues = shots(&board)
        .flat_map(|shot| &shot.actors)
        .flat_map(|actor| &actor.cues);
    assert!(cues.all(|cue| !matches!(cue.kind, CueKind::Walk { .. })));
}

#[test]
fn a_mountain_speaks_but_does_not_stand_on_the_set() {
    let mut story = sample::story("The fox called.\n\n\"Good morning!\" said the crow.");
    for character in &mut story.characters {
        if character.name == "crow" {
            character.name = "Mountain".into();
            character.being = "creature".into();
        }
    }
    let board = direct(&story, &Options::default());
    board.check().unwrap();
    assert!(shots(&board).all(|shot| shot.actors.iter().all(|actor| actor.role != "c2")));
    let captions: Vec<_> = shots(&board).flat_map(|shot| &shot.captions).collect();
    assert!(
        captions
            .iter()
            .any(|caption| caption.role.as_deref() == Some("c2"))
    );
    assert!(
        shots(&board)
            .flat_map(|shot| &shot.speech)
            .all(|speech| speech.role.as_deref() != Some("c2"))
    );
}

#[test]
fn they_all_get_up_and_go() {
    let board = film("The fox and the crow sat down.\n\nThey laughed and crept away.");
    let last = shots(&board)
        .find(|shot| shot.captions.iter().any(|c| c.text.contains("crept")))
        .unwrap();
    let walks = |actor: &&fabula_story::Actor| {
        actor
            .cues
            .iter()
            .any(|cue| matches!(cue.kind, CueKind::Walk { .. }))
    };
    assert_eq!(last.actors.iter().filter(walks).count(), 2);
}

#[test]
fn who_sits_down_is_seen_from_head_to_foot() {
    let board = film("The fox met the crow.\n\nThe fox sat down on the sand and hid her face.");
    let shot = shots(&board)
        .find(|shot| shot.captions.iter().any(|c| c.text.contains("sat down")))
        .unwrap();
    assert!(
        matches!(shot.framing, Framing::Full | Framing::Wide),
        "{:?}",
        shot.framing
    );
}

/// The cues of a role in the shot whose caption has these words.
fn cues_while(board: &Storyboard, words: &str, role: &str) -> Vec<CueKind> {
    let shot = shots(board)
        .find(|shot| shot.captions.iter().any(|c| c.text.contains(words)))
        .unwrap();
    let actor = shot.actors.iter().find(|actor| actor.role == role).unwrap();
    actor.cues.iter().map(|cue| cue.kind.clone()).collect()
}

#[test]
fn who_sleeps_lies_until_they_wake() {
    let board = film(
        "The fox met the crow. The river was cold.\n\nThe fox fell asleep on the grass.\n\nThe crow \
         looked at the old stone bridge for a long time.\n\nThen the fox woke.",
    );
    let poses = |words: &str| -> Vec<Pose> {
        let cues = cues_while(&board, words, "c1").into_iter();
        cues.filter_map(|cue| match cue {
            CueKind::Pose { pose } => Some(pose),
            _ => None,
        })
        .collect()
    };
    assert_eq!(poses("fell asleep"), [Pose::Lie]);
    assert_eq!(poses("woke"), [Pose::Stand]);
    let between = shots(&board)
        .find(|shot| shot.captions.iter().any(|c| c.text.contains("stone")))
        .unwrap();
    let fox = between.actors.iter().find(|actor| actor.role == "c1");
    assert_eq!(fox.unwrap().pose, Pose::Lie);
}

#[test]
fn who_tells_of_themselves_does_not_sleep_on() {
    let text = "The fox met the crow.\n\nThe fox slept on the grass.\n\nThe crow looked at the old \
                stone bridge.\n\nI did not know what to say.";
    let mut story = sample::story(text);
    let start = text.find("I did").unwrap();
    story.characters[0].mentions.push(Mention {
        start,
        end: start + 1,
        kind: EntityKind::Pronoun,
    });
    let board = direct(&story, &Options { title: None });
    let poses = |words: &str| {
        let cues = cues_while(&board, words, "c1").into_iter();
        cues.filter(|cue| matches!(cue, CueKind::Pose { .. }))
            .collect::<Vec<_>>()
    };
    assert_eq!(poses("slept"), [CueKind::Pose { pose: Pose::Lie }]);
    assert_eq!(poses("stone"), []);
    assert_eq!(poses("what to say"), [CueKind::Pose { pose: Pose::Sit }]);
}

#[test]
fn a_scene_that_begins_with_waking_begins_asleep() {
    let board = film("The fox woke.\n\nThe crow called.");
    let first = &board.scenes[0].shots[0].actors;
    let fox = first.iter().find(|actor| actor.role == "c1").unwrap();
    assert_eq!(fox.pose, Pose::Lie);
    let wakes = |cue: &Cue| cue.kind == CueKind::Pose { pose: Pose::Stand };
    assert!(fox.cues.iter().any(wakes));
}

#[test]
fn who_comes_and_sits_walks_first() {
    let board = film("The fox called.\n\nThen the crow walked by and sat down.");
    let cues = cues_while(&board, "sat down", "c2");
    let at = |wanted: fn(&CueKind) -> bool| cues.iter().position(wanted);
    let walks = at(|cue| matches!(cue, CueKind::Walk { .. }));
    let sits = at(|cue| *cue == CueKind::Pose { pose: Pose::Sit });
    assert!(walks.is_some() && walks < sits, "{cues:?}");
}

#[test]
fn two_who_hug_come_together_and_face_each_other() {
    let board = film("The fox met the crow by the river.\n\nThe fox hugged the crow.");
    let shot = shots(&board)
        .find(|shot| shot.captions.iter().any(|c| c.text.contains("hugged")))
        .unwrap();
    let mut arrived = Vec::new();
    for (role, other) in [("c1", "c2"), ("c2", "c1")] {
        let actor = shot.actors.iter().find(|actor| actor.role == role).unwrap();
        let hugs = |cue: &Cue| matches!(&cue.kind, CueKind::Act { act: Act::Hug, to: Some(to), .. } if to == other);
        let hug = actor.cues.iter().find(|cue| hugs(cue)).unwrap();
        let way = actor.cues.iter().find_map(|cue| match cue.kind {
            CueKind::Walk {
                to_x, duration_s, ..
            } => Some((to_x, cue.at_s + duration_s)),
            _ => None,
        });
        let (to_x, arrives_s) = way.unwrap();
        assert!(arrives_s <= hug.at_s + 0.02, "{arrives_s} {}", hug.at_s);
        assert!(to_x * actor.x > 0.0 && to_x.abs() < actor.x.abs());
        let right = actor.facing == fabula_story::Facing::Right;
        assert_eq!(right, actor.x < 0.0);
        arrived.push(to_x);
    }
    assert!((arrived[0] - arrived[1]).abs() < 0.3);
}

#[test]
fn a_gift_is_given_to_somebody() {
    let board = film("The fox met the crow.\n\nThe fox gave an apple to the crow.");
    let gives = |cue: &CueKind| matches!(cue, CueKind::Act { act: Act::Give, to: Some(to), .. } if to == "c2");
    assert!(cues_while(&board, "gave", "c1").iter().any(gives));
}

#[test]
fn who_has_wings_flies_and_who_has_none_runs() {
    let gait = |board: &Storyboard, role: &str| {
        let mut cues = cues_while(board, "flew", role).into_iter();
        cues.find_map(|cue| match cue {
            CueKind::Walk { gait, .. } => Some(gait),
            _ => None,
        })
    };
    let board = film("The fox met the crow.\n\nThe crow flew away.");
    assert_eq!(gait(&board, "c2"), Some(Gait::Fly));
    let board = film("The fox met the crow.\n\nThe fox flew away.");
    assert_eq!(gait(&board, "c1"), Some(Gait::Run));
}

#[test]
fn one_does_one_act_a_sentence() {
    let board = film("The fox met the crow.\n\nThe fox ate the bread and drank the water.");
    let acts = cues_while(&board, "ate", "c1");
    let acts = acts.iter().filter(|cue| matches!(cue, CueKind::Act { .. }));
    assert_eq!(acts.count(), 1);
}

#[test]
fn a_peak_of_feeling_is_seen_close() {
    let board = film(sample::TALE);
    assert!(shots(&board).any(|shot| shot.framing == Framing::Close));
}

#[test]
fn the_film_opens_and_closes_with_an_iris() {
    let board = film(sample::TALE);
    assert_eq!(board.scenes[0].transition.kind, TransitionKind::Iris);
    assert_eq!(board.closing.transition.kind, TransitionKind::Iris);
    assert_eq!(board.opening.title, "A Test");
}

#[test]
fn a_title_can_be_given() {
    let options = Options {
        title: Some("The River".into()),
    };
    assert_eq!(
        direct(&sample::story("Once."), &options).opening.title,
        "The River"
    );
}

#[test]
fn a_story_without_scenes_plays_before_a_gradient() {
    let mut story = sample::story("A fox ran.");
    story.scenes.clear();
    let board = direct(&story, &Options::default());
    assert_eq!(board.scenes[0].backdrop, Backdrop::Gradient);
    check_rules(&board).unwrap();
}

#[test]
fn mouths_are_filled_where_they_are_missing() {
    let mut board = film(sample::TALE);
    let speech = |board: &mut Storyboard| -> Vec<usize> {
        let speech = board
            .scenes
            .iter_mut()
            .flat_map(|s| &mut s.shots)
            .flat_map(|s| &mut s.speech);
        speech.map(|speech| speech.mouth.len()).collect()
    };
    let before = speech(&mut board);
    for scene in &mut board.scenes {
        for spoken in scene.shots.iter_mut().flat_map(|shot| &mut shot.speech) {
            spoken.mouth.clear();
        }
    }
    fill_mouths(&mut board);
    let after = speech(&mut board);
    assert!(
        before
            .iter()
            .zip(&after)
            .all(|(before, after)| (*before == 0) == (*after == 0))
    );
    board.check().unwrap();
}

/// A story whose parts have nothing to do with one another, yet passes its check.
fn any_story() -> impl Strategy<Value = Story> {
    let text = "([A-Za-z]{1,9}|fox|\"|jumped|walked away|sat|slept|woke|hugged the fox|flew|fell|“|”|,|\\.|\n\n|é狐|[0-9]{1,30}|[a-z]{60,130}|🦊|\\PC)( ([A-Za-z]{1,9}|said|he|\"|ran|left|[.!?]|\n)){0,90}";
    let cuts = || prop::collection::vec(0..1000_usize, 0..14);
    (text, cuts(), cuts(), cuts(), cuts(), any::<u64>()).prop_map(
        |(text, sentences, quotes, scenes, mentions, dice)| {
            let boundaries: Vec<usize> = text
                .char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .collect();
            let spans = |mut cuts: Vec<usize>, step: usize| -> Vec<(usize, usize)> {
                cuts.sort_unstable();
                cuts.dedup();
                let at = |cut: usize| boundaries[cut * boundaries.len() / 1000];
                let pairs = cuts
                    .windows(2)
                    .step_by(step)
                    .map(|two| (at(two[0]), at(two[1])));
                pairs.filter(|(start, end)| start < end).collect()
            };
            let pick = |index: usize, salt: usize| (dice >> ((index * 7 + salt) % 60)) as usize;
            let emotion = |index: usize| Emotion::ALL[pick(index, 1) % 7];
            let count = pick(0, 3) % 8;
            let id = |index: usize| (count > 0).then(|| format!("c{}", index % count.max(1)));
            let mentions = spans(mentions, 1);
            Story {
                format: Story::FORMAT.into(),
                title: if pick(1, 1) % 3 == 0 {
                    String::new()
                } else {
                    "Any".into()
                },
                sentences: spans(sentences, 1 + pick(2, 2) % 2)
                    .into_iter()
                    .enumerate()
                    .map(|(index, (start, end))| Sentence {
                        start,
                        end,
                        emotion: emotion(index),
                        scores: Scores::from_array([(pick(index, 5) % 101) as f32 / 100.0; 7]),
                    })
                    .collect(),
                entities: Vec::new(),
                characters: (0..count)
                    .map(|index| Character {
                        id: format!("c{index}"),
                        name: ["fox", "", "Anna", "Old King"][pick(index, 9) % 4].into(),
                        aliases: Vec::new(),
                        being: ["fox", "human", "", "ghost"][pick(index, 11) % 4].into(),
                        gender: Gender::Unknown,
                        age: Age::Unknown,
                        traits: BTreeMap::new(),
                        mentions: mentions
                            .iter()
                            .filter(|(start, _)| start % count == index)
                            .map(|(start, end)| Mention {
                                start: *start,
                                end: *end,
                                kind: EntityKind::Proper,
                            })
                            .collect(),
                    })
                    .collect(),
                quotes: spans(quotes, 2)
                    .into_iter()
                    .enumerate()
                    .map(|(index, (start, end))| Quote {
                        start,
                        end,
                        speaker: id(pick(index, 13)),
                        addressee: id(pick(index, 17)),
                        emotion: emotion(index + 3),
                    })
                    .collect(),
                scenes: spans(scenes, 1 + pick(4, 4) % 2)
                    .into_iter()
                    .enumerate()
                    .map(|(index, (start, end))| Scene {
                        start,
                        end,
                        place: ["forest", "", "moon"][pick(index, 19) % 3].into(),
                        time: fabula_story::DayTime::Night,
                        weather: Weather::Clear,
                        indoor: false,
                        emotion: emotion(index),
                        present: (0..pick(index, 23) % 9).filter_map(id).collect(),
                        transition: None,
                    })
                    .collect(),
                text,
                tokens: Vec::new(),
            }
        },
    )
}

proptest! {
    #[test]
    fn any_story_becomes_a_film_that_keeps_the_rules(story in any_story()) {
        prop_assert!(story.check().is_ok(), "{:?}", story.check());
        let board = direct(&story, &Options::default());
        check_rules(&board)?;
        prop_assert_eq!(board.scenes.len(), story.scenes.len().max(1));
    }
}

const TALK: &str = "The fox met the woman.\n\n\"Good evening to you, my dear old friend,\" said the fox.\n\n\
    \"Good evening, and welcome to my house,\" said the woman.\n\n\
    \"Have you seen the red boat that lay here yesterday?\" said the fox.\n\n\
    \"It went down the river when the rain came,\" said the woman.\n\n\
    \"Then somebody must have untied the rope in the dark,\" said the fox.\n\n\
    \"We will find out who it was tomorrow,\" said the woman.\n\n";

#[test]
fn a_talk_is_seen_past_shoulders_once_both_have_been_seen() {
    let board = film(TALK);
    let past: Vec<(usize, &Shot)> = shots(&board)
        .enumerate()
        .filter(|(_, shot)| shot.framing == Framing::OverShoulder)
        .collect();
    assert!(!past.is_empty() && past.len() <= 3, "{}", past.len());
    let spoken_before = |number: usize| {
        let before = shots(&board).take(number);
        let speeches = before.flat_map(|shot| &shot.speech);
        speeches.filter(|speech| speech.role.is_some()).count()
    };
    for (number, shot) in past {
        assert!(spoken_before(number) >= 1, "{} comes too early", shot.id);
        let [seen, near] = shot.focus.as_slice() else {
            panic!("{} needs two", shot.id);
        };
        let speaker = shot.speech.iter().find_map(|speech| speech.role.as_ref());
        assert_eq!(speaker, Some(seen), "{} looks at who speaks", shot.id);
        for id in [seen, near] {
            let actor = shot.actors.iter().find(|actor| actor.role == *id).unwrap();
            assert_eq!(actor.pose, Pose::Stand, "{}", shot.id);
        }
    }
}

#[test]
fn nobody_is_seen_past_the_shoulder_of_somebody_who_sits() {
    let seated = film(&TALK.replace("met the woman.", "met the woman. The woman sat down."));
    assert!(shots(&seated).all(|shot| shot.framing != Framing::OverShoulder));
}
