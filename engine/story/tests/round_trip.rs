//! Whatever passes the checks comes back the same after it has been written and read.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use fabula_story::{
    Act, Actor, Age, Backdrop, BoardScene, Build, CameraMove, Caption, Card, Character, Color, Cue,
    CueKind, DayTime, Emotion, Entity, EntityKind, EntityLabel, Facing, Framing, Gait, Gender,
    Look, Mark, Member, Mention, Mood, MouthCue, MouthShape, Pose, Quote, Role, Scene, Scores,
    Sentence, Setting, Shot, Speech, Story, Storyboard, Timeline, Transition, TransitionKind,
    Weather,
};
use proptest::prelude::*;
use proptest::sample::select;

fn emotion() -> impl Strategy<Value = Emotion> {
    select(Emotion::ALL.to_vec())
}

fn color() -> impl Strategy<Value = Color> {
    any::<[u8; 3]>().prop_map(|[r, g, b]| Color::rgb(r, g, b))
}

fn story() -> impl Strategy<Value = Story> {
    // Words of several alphabets, so that bytes and letters differ.
    let sentence = (
        "[a-zäß日本\"“”\\\\]{1,12}",
        emotion(),
        prop::array::uniform7(0.0f32..=1.0),
    );
    (
        ".{0,20}",
        prop::collection::vec(sentence, 1..8),
        select(vec![
            Gender::Female,
            Gender::Male,
            Gender::Neutral,
            Gender::Unknown,
        ]),
        select(vec![Age::Child, Age::Adult, Age::Elder, Age::Unknown]),
        prop::collection::btree_map("[a-z]{1,6}", ".{0,8}", 0..3),
        (any::<bool>(), emotion()),
    )
        .prop_map(|(title, parts, gender, age, traits, (indoor, mood))| {
            let mut text = String::new();
            let mut sentences = Vec::new();
            for (words, emotion, scores) in parts {
                let start = text.len();
                text.push_str(&words);
                let scores = Scores::from_array(scores);
                sentences.push(Sentence {
                    start,
                    end: text.len(),
                    emotion,
                    scores,
                });
                text.push(' ');
            }
            let first = sentences[0];
            let mention = Mention {
                start: first.start,
                end: first.end,
                kind: EntityKind::Proper,
            };
            Story {
                format: Story::FORMAT.into(),
                title,
                entities: vec![Entity {
                    start: first.start,
                    end: first.end,
                    label: EntityLabel::Per,
                    kind: EntityKind::Proper,
                }],
                characters: vec![Character {
                    id: "c1".into(),
                    name: text[first.start..first.end].into(),
                    aliases: Vec::new(),
                    being: "human".into(),
                    gender,
                    age,
                    traits,
                    mentions: vec![mention],
                }],
                quotes: sentences
                    .iter()
                    .map(|s| Quote {
                        start: s.start,
                        end: s.end,
                        speaker: Some("c1".into()),
                        addressee: None,
                        emotion: s.emotion,
                    })
                    .collect(),
                scenes: vec![Scene {
                    start: 0,
                    end: text.len(),
                    place: "forest".into(),
                    time: DayTime::Dusk,
                    weather: Weather::Fog,
                    indoor,
                    emotion: mood,
                    present: vec!["c1".into()],
                    transition: indoor.then_some(TransitionKind::Wipe),
                }],
                sentences,
                text,
                tokens: Vec::new(),
            }
        })
}

fn cue() -> impl Strategy<Value = Cue> {
    let kind = prop_oneof![
        (emotion(), 0.0f32..=1.0)
            .prop_map(|(emotion, intensity)| CueKind::Feel { emotion, intensity }),
        select(vec![None, Some("c1".to_owned())]).prop_map(|role| CueKind::Look { role }),
        (
            select(Act::ALL.to_vec()),
            0.1..3.0,
            select(vec![None, Some("c1".to_owned())]),
        )
            .prop_map(|(act, duration_s, to)| CueKind::Act {
                act,
                duration_s,
                to,
            }),
        select(vec![Pose::Stand, Pose::Sit, Pose::Lie, Pose::LieAwake])
            .prop_map(|pose| CueKind::Pose { pose }),
        (select(Mark::ALL.to_vec()), 0.1..3.0)
            .prop_map(|(mark, duration_s)| CueKind::Mark { mark, duration_s }),
        (
            -4.0f32..=4.0,
            0.1..3.0,
            select(vec![Gait::Walk, Gait::Run, Gait::Fly, Gait::Swim]),
        )
            .prop_map(|(to_x, duration_s, gait)| CueKind::Walk {
                to_x,
                duration_s,
                gait,
            }),
    ];
    (0.0..5.0f64, kind).prop_map(|(at_s, kind)| Cue { at_s, kind })
}

fn shot() -> impl Strategy<Value = Shot> {
    let actor = (-4.0f32..=4.0, prop::collection::vec(cue(), 0..4)).prop_map(|(x, mut cues)| {
        cues.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        Actor {
            role: "c1".into(),
            x,
            facing: Facing::Left,
            pose: Pose::Sit,
            cues,
        }
    });
    let mouth = prop::collection::vec((0.0..4.0f64, select(MouthShape::ALL.to_vec())), 0..5);
    let speech = ("\\PC{0,30}", 0.0..3.0, 0.0..4.0, mouth).prop_map(
        |(text, start_s, duration_s, mut mouth)| {
            mouth.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mouth = mouth
                .into_iter()
                .map(|(at_s, shape)| MouthCue { at_s, shape })
                .collect();
            Speech {
                role: Some("c1".into()),
                text,
                start_s,
                duration_s,
                mouth,
            }
        },
    );
    let caption = (".{0,30}", 0.0..3.0, 0.0..4.0).prop_map(|(text, start_s, duration_s)| Caption {
        start_s,
        duration_s,
        role: None,
        text,
        word_times_s: vec![0.0, duration_s],
    });
    (
        2.0..30.0,
        select(vec![
            Framing::Wide,
            Framing::Full,
            Framing::Medium,
            Framing::Close,
        ]),
        select(vec![
            CameraMove::Hold,
            CameraMove::PushIn,
            CameraMove::PanRight,
        ]),
        (emotion(), 0.0f32..=1.0),
        prop::option::of(actor),
        prop::option::of(speech),
        prop::option::of(caption),
    )
        .prop_map(
            |(duration_s, framing, camera, mood, actor, speech, caption)| Shot {
                id: String::new(),
                duration_s,
                framing,
                focus: vec!["c1".into()],
                camera,
                mood: Mood {
                    emotion: mood.0,
                    intensity: mood.1,
                },
                actors: actor.into_iter().collect(),
                speech: speech.into_iter().collect(),
                captions: caption.into_iter().collect(),
            },
        )
}

fn transition() -> impl Strategy<Value = Transition> {
    let kind = select(vec![
        TransitionKind::Cut,
        TransitionKind::Dissolve,
        TransitionKind::Fade,
        TransitionKind::Wipe,
        TransitionKind::Iris,
        TransitionKind::Push,
        TransitionKind::PageTurn,
    ]);
    // Half of the shortest segment below.
    (kind, 0.0..=1.0).prop_map(|(kind, duration_s)| Transition { kind, duration_s })
}

fn storyboard() -> impl Strategy<Value = Storyboard> {
    let backdrop = prop_oneof![
        Just(Backdrop::SceneBased),
        Just(Backdrop::Gradient),
        color().prop_map(|color| Backdrop::SolidColor { color }),
        "[a-z]{1,8}(/[a-z ]{1,8})?\\.png".prop_map(|file| Backdrop::Textured { file }),
        "rtsp://([a-z]{1,4}:[a-z%0-9]{1,4}@)?[a-z]{1,8}/[a-z]{0,8}".prop_map(|url| {
            Backdrop::Live {
                url: url.parse().unwrap(),
            }
        }),
    ];
    let scene = (
        prop::collection::vec(shot(), 1..4),
        transition(),
        backdrop,
        any::<u32>(),
        any::<bool>(),
    );
    let card = || {
        (
            ".{0,12}",
            prop::option::of(".{0,12}"),
            2.0..8.0,
            transition(),
        )
            .prop_map(|(title, subtitle, duration_s, transition)| Card {
                title,
                subtitle,
                duration_s,
                transition,
            })
    };
    let look = (prop::array::uniform5(color()), 0.5f32..=1.5);
    let places = prop::collection::vec((-1.0f32..=1.0, 0.0f32..=0.2), 0..4);
    (
        ".{0,20}",
        (look, places),
        card(),
        prop::collection::vec(scene, 0..4),
        card(),
    )
        .prop_map(
            |(title, ((colors, height), places), opening, scenes, closing)| {
                let [skin, hair, eyes, outfit_color, accent_color] = colors;
                let look = Look {
                    being: "human".into(),
                    age: Age::Adult,
                    skin,
                    hair,
                    eyes,
                    hair_style: "bob".into(),
                    outfit: "dress".into(),
                    outfit_color,
                    accent_color,
                    accessories: vec!["hat".into()],
                    build: Build::Broad,
                    height,
                };
                let scenes = scenes.into_iter().enumerate().map(
                    |(index, (mut shots, transition, backdrop, seed, indoor))| {
                        for (number, shot) in shots.iter_mut().enumerate() {
                            shot.id = format!("s{index}.{number}");
                        }
                        BoardScene {
                            id: format!("s{index}"),
                            setting: Setting {
                                place: "sea".into(),
                                time: DayTime::Unknown,
                                weather: Weather::Storm,
                                indoor,
                            },
                            backdrop,
                            seed,
                            transition,
                            shots,
                        }
                    },
                );
                let members = places.into_iter().map(|(x, back)| Member {
                    look: look.clone(),
                    x,
                    back,
                });
                Storyboard {
                    format: Storyboard::FORMAT.into(),
                    title,
                    cast: vec![Role {
                        id: "c1".into(),
                        name: "Ann".into(),
                        color: skin,
                        look: look.clone(),
                        members: members.collect(),
                    }],
                    opening,
                    scenes: scenes.collect(),
                    closing,
                    highlight_words: true,
                }
            },
        )
}

proptest! {
    #[test]
    fn a_story_survives_writing_and_reading(story in story()) {
        prop_assert_eq!(Story::from_json(&story.to_json()), Ok(story));
    }

    #[test]
    fn a_storyboard_survives_writing_and_reading(board in storyboard()) {
        prop_assert_eq!(Storyboard::from_json(&board.to_json()), Ok(board));
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "\\PC{0,200}") {
        let _ = Story::from_json(&text);
        let _ = Storyboard::from_json(&text);
    }

    #[test]
    fn a_timeline_has_a_picture_at_every_time(board in storyboard(), time_s in -10.0..500.0f64) {
        let timeline = Timeline::new(&board);
        let moment = timeline.moment(time_s);
        prop_assert!(moment.view.index <= board.scenes.len() + 1);
        if let Some(incoming) = moment.incoming {
            prop_assert_eq!(incoming.view.index, moment.view.index + 1);
            prop_assert!((0.0..=1.0).contains(&incoming.progress));
        }
        let overlaps_s: f64 = board
            .scenes
            .iter()
            .map(|scene| &scene.transition)
            .chain([&board.closing.transition])
            .filter(|transition| transition.kind != TransitionKind::Cut)
            .map(|transition| transition.duration_s)
            .sum();
        let segments_s: f64 = board.opening.duration_s
            + board.closing.duration_s
            + board.scenes.iter().flat_map(|s| &s.shots).map(|s| s.duration_s).sum::<f64>();
        prop_assert!((timeline.duration_s() - (segments_s - overlaps_s)).abs() < 1e-6);
    }

    #[test]
    fn what_comes_next_leads_through_every_card_and_shot_in_turn(board in storyboard()) {
        let timeline = Timeline::new(&board);
        let shots: usize = board.scenes.iter().map(|scene| scene.shots.len()).sum();
        let mut time_s = 0.0;
        let mut seen = 1;
        while let Some(next) = timeline.next(time_s) {
            let start_s = timeline.segment_start_s(next.index).unwrap() + next.segment_s;
            prop_assert!(start_s > time_s - 1e-9, "{start_s} comes before {time_s}");
            // A little later, lest it is still the one before by rounding.
            time_s = start_s + 1e-6;
            seen += 1;
        }
        prop_assert_eq!(seen, shots + 2);
    }
}
