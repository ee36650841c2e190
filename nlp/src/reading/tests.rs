use fabula_story::{Age, Character, DayTime, Emotion, EntityKind, EntityLabel, Gender, Weather};
use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Story {
    Reader::rules()
        .read(&Document {
            title: None,
            text: text.to_owned(),
        })
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn character<'s>(story: &'s Story, name: &str) -> &'s Character {
    let names: Vec<&str> = story.characters.iter().map(|it| it.name.as_str()).collect();
    story
        .characters
        .iter()
        .find(|it| it.name == name)
        .unwrap_or_else(|| panic!("{name} is not among {names:?}"))
}

fn names(story: &Story) -> Vec<&str> {
    story.characters.iter().map(|it| it.name.as_str()).collect()
}

/// The name of the speaker of each quotation, "-" if unknown.
fn speakers(story: &Story) -> Vec<&str> {
    named(story, |quote| quote.speaker.as_deref())
}

fn addressees(story: &Story) -> Vec<&str> {
    named(story, |quote| quote.addressee.as_deref())
}

fn named<'s>(story: &'s Story, id: impl Fn(&'s Quote) -> Option<&'s str>) -> Vec<&'s str> {
    story
        .quotes
        .iter()
        .map(|quote| {
            id(quote)
                .and_then(|id| story.character(id))
                .map_or("-", |it| it.name.as_str())
        })
        .collect()
}

fn places(story: &Story) -> Vec<&str> {
    story
        .scenes
        .iter()
        .map(|scene| scene.place.as_str())
        .collect()
}

#[test]
fn tags_before_between_and_after_name_the_speaker() {
    let story = read(
        "The heron stood by the pond. A frog named Pell sat on a stone.\n\n\
         \"Good day,\" said the heron.\n\n\
         Pell asked, \"Are you hungry?\"\n\n\
         \"A little,\" the heron admitted, \"but I never eat my friends.\"",
    );
    assert_eq!(speakers(&story), ["Heron", "Pell", "Heron", "Heron"]);
    assert_eq!(character(&story, "Pell").being, "frog");
}

#[test]
fn two_speakers_take_turns_without_tags() {
    let story = read(
        "Lena met Oskar on the bridge.\n\n\"Where are you going?\" asked Lena.\n\n\
         \"Home,\" said Oskar.\n\n\"So early?\"\n\n\"I am tired.\"\n\n\"Then sleep well.\"",
    );
    assert_eq!(speakers(&story), ["Lena", "Oskar", "Lena", "Oskar", "Lena"]);
    assert_eq!(addressees(&story)[1..], ["Lena", "Oskar", "Lena", "Oskar"]);
}

#[test]
fn who_acts_beside_a_quotation_speaks_it() {
    let story = read(
        "Tamsin and Rurik climbed the tower. Tamsin laughed. \"Come on!\"\n\n\
         Rurik shook his head. \"Never.\"",
    );
    assert_eq!(speakers(&story), ["Tamsin", "Rurik"]);
}

#[test]
fn who_is_called_answers_also_among_several() {
    let story = read(
        "Sela, Otto and Bram stood on the raft. The water was rising.\n\n\
         \"Will it hold, Bram?\" asked Sela.\n\n\"It held last year.\"\n\n\
         \"And you, Otto?\"\n\n\"I can swim,\" said Otto.",
    );
    assert_eq!(speakers(&story), ["Sela", "Bram", "Sela", "Otto"]);
}

#[test]
fn a_clause_tied_to_a_line_tells_its_speaker_whatever_its_verb() {
    let story = read(
        "Odile rowed and Marek slept in the bow.\n\n\"Land,\" crooned Odile, \"we have reached \
         the land.\"\n\n\"So soon,\" and Marek rubbed his eyes.",
    );
    assert_eq!(speakers(&story), ["Odile", "Odile", "Marek"]);
}

#[test]
fn bears_of_one_family_are_several() {
    let story = read(
        "Once there were three bears in the forest: Papa Bear, Mama Bear and Baby Bear. Mama Bear \
         cooked porridge. Papa Bear yawned. Brother Bear and Sister Bear slept.\n\n\
         \"It is too hot,\" said Papa Bear.\n\n\"Then we wait,\" said Mama Bear.\n\n\
         \"I am hungry!\" cried Baby Bear.\n\n\"Come,\" said Sister Bear.",
    );
    let spoke = ["Papa Bear", "Mama Bear", "Baby Bear", "Sister Bear"];
    assert_eq!(speakers(&story), spoke);
    assert_eq!(character(&story, "Mama Bear").gender, Gender::Female);
    let bears =
        read("Three bears lived in a house. Papa Bear sang. Mama Bear danced. Baby Bear laughed.");
    assert_eq!(
        bears.characters.len(),
        3,
        "and no group of bears beside them"
    );
    assert_eq!(character(&story, "Papa Bear").being, "bear");
}

#[test]
fn a_titled_surname_is_an_animal_only_where_the_story_tells_of_one() {
    let man = read("Mr. Finch opened the door. \"A finch!\" he said. Ida ran away.");
    assert_eq!(character(&man, "Mr. Finch").being, "human");
    let bird = read("Mr. Finch opened the door. \"Good day,\" said the finch. Ida ran away.");
    assert_eq!(character(&bird, "Mr. Finch").being, "finch");
}

#[test]
fn whoever_speaks_once_has_a_part_in_a_long_story_too() {
    let filler = "Lily walked along the beach and looked at the waves. ".repeat(20);
    let story = read(&format!(
        "{filler}\n\n\"Come home, Lily,\" said her mother.\n\n{filler}"
    ));
    assert_eq!(speakers(&story), ["Mother"]);
}

#[test]
fn friends_at_school_are_children() {
    let story = read(
        "Our class went to the caves. I sat next to my friend Noor. Our teacher counted us.\n\n\
         \"I hope there are bats,\" said Noor.",
    );
    assert_eq!(character(&story, "Noor").age, Age::Child);
}

#[test]
fn who_is_asked_for_a_name_answers_with_it() {
    let story = read(
        "Kofi held on to his bag. The teacher was waiting by the door.\n\n\
         \"What is your name?\" asked the teacher.\n\n\"Kofi,\" he whispered.",
    );
    assert_eq!(speakers(&story), ["Teacher", "Kofi"]);
}

#[test]
fn the_pronoun_of_a_tag_tells_the_gender_of_who_speaks() {
    let story = read(
        "Sabra met Okwe at the weir.\n\n\"Is the bridge gone?\" asked Sabra.\n\n\
         \"Since noon, Sabra,\" he said.",
    );
    assert_eq!(speakers(&story), ["Sabra", "Okwe"]);
    assert_eq!(character(&story, "Okwe").gender, Gender::Male);
}

#[test]
fn a_voice_that_the_text_leaves_open_is_nobodys() {
    let story = read(
        "Odile rowed and Marek slept.\n\n\"Ahoy!\" somebody shouted.\n\n\
         \"Who is that?\" asked Odile.",
    );
    assert_eq!(speakers(&story), ["-", "Odile"]);
}

#[test]
fn who_answers_was_spoken_to() {
    let story = read(
        "Odile met Marek at the gate.\n\n\"Is it far?\" asked Odile.\n\n\
         \"An hour,\" said Marek.\n\n\"Then let us go,\" said Odile.",
    );
    assert_eq!(addressees(&story), ["Marek", "Odile", "Marek"]);
}

#[test]
fn who_is_called_by_name_is_spoken_to() {
    let story = read(
        "Tom sat under the table. His mother opened the door.\n\n\
         \"Tom, come here,\" said his mother.",
    );
    assert_eq!(speakers(&story), ["Mother"]);
    assert_eq!(addressees(&story), ["Tom"]);
}

#[test]
fn a_line_that_goes_on_in_the_next_paragraph_keeps_its_speaker() {
    let story = read(
        "The old sailor coughed.\n\n\"It was long ago,\" said the old sailor. \"There was a storm.\n\n\
         \"We lost the mast. Then we prayed.\"",
    );
    assert_eq!(speakers(&story), ["Sailor", "Sailor", "Sailor"]);
}

#[test]
fn dashes_and_single_marks_are_speech_too() {
    let story = read("— Come here, said the wolf.\n\n— Never! cried the girl.\n");
    assert_eq!(speakers(&story), ["Wolf", "Girl"]);
    let story = read("‘Don’t go,’ said Nell. ‘It’s dark.’ The boys’ dog barked.");
    assert_eq!(speakers(&story), ["Nell", "Nell"]);
}

#[test]
fn a_first_person_speaks_under_the_name_that_others_call() {
    let story = read(
        "I was late, and my shoes were wet. I knocked at the door of the inn.\n\n\
         \"Who is there?\" a woman asked.\n\n\"It is me,\" I said.\n\n\
         \"Come in, Jory,\" said the woman. I went in and sat down by my brother.",
    );
    assert_eq!(speakers(&story), ["Woman", "Jory", "Woman"]);
    let unnamed = read("I ran. My heart beat fast. \"Stop!\" I cried. I fell.");
    assert_eq!(speakers(&unnamed), ["Narrator"]);
}

#[test]
fn forms_of_a_name_are_one_character_and_other_titles_are_not() {
    let story = read(
        "Arthur Pym closed the shop. Mr. Pym was tired. Arthur walked home. \
         Mrs. Pym opened the door. \"You are late,\" said Mrs. Pym.",
    );
    assert_eq!(names(&story), ["Mrs. Pym", "Arthur Pym"]);
    assert_eq!(character(&story, "Arthur Pym").gender, Gender::Male);
    assert_eq!(character(&story, "Mrs. Pym").gender, Gender::Female);
}

#[test]
fn a_noun_and_the_name_it_introduces_are_one_character() {
    for opening in [
        "Once there lived a little girl named Orla.",
        "Orla was a little girl.",
        "Orla, a little girl, lived by the mill.",
        "There was once a little girl. Her name was Orla.",
    ] {
        let story = read(&format!(
            "{opening} Orla loved the river. The girl ran and sang."
        ));
        assert_eq!(names(&story), ["Orla"], "{opening}");
        assert_eq!(character(&story, "Orla").age, Age::Child, "{opening}");
        assert_eq!(
            character(&story, "Orla").gender,
            Gender::Female,
            "{opening}"
        );
    }
}

#[test]
fn words_for_the_same_relative_are_one_character() {
    let story = read(
        "Ines visited her grandmother. \"Hello, Gran!\" said Ines. Grandmother smiled. \
         \"Sit down,\" said her grandmother.",
    );
    assert_eq!(story.characters.len(), 2, "{:?}", names(&story));
    assert_eq!(addressees(&story)[0], "Gran");
    assert_eq!(character(&story, "Gran").age, Age::Elder);
}

#[test]
fn pronouns_mean_the_one_they_fit() {
    let text = "Greta met Anton at the gate. He gave her a letter. She opened it slowly.";
    let story = read(text);
    let pronouns = |name: &str| -> Vec<&str> {
        character(&story, name)
            .mentions
            .iter()
            .filter(|it| it.kind == EntityKind::Pronoun)
            .map(|it| &text[it.start..it.end])
            .collect()
    };
    assert_eq!(pronouns("Anton"), ["He"]);
    assert_eq!(pronouns("Greta"), ["her", "She"]);
}

#[test]
fn they_means_the_two_who_were_named_last() {
    let they = |text: &str, name: &str| -> usize {
        let story = read(text);
        character(&story, name)
            .mentions
            .iter()
            .filter(|it| text[it.start..it.end].eq_ignore_ascii_case("they"))
            .count()
    };
    for text in [
        "Greta and Anton came to the gate. They opened it. Then they laughed.",
        "Greta met Anton at the gate. They opened it. Then they laughed.",
    ] {
        assert_eq!((they(text, "Greta"), they(text, "Anton")), (2, 2), "{text}");
    }
    let geese = "Greta and Anton came to the gate. Three geese ran out. They hissed loudly.";
    assert_eq!(they(geese, "Greta"), 0);
    let three = "Greta, Anton and Kim came to the gate. They opened it. Kim sang.";
    assert_eq!(they(three, "Kim"), 0);
}

#[test]
fn someone_met_as_the_man_or_the_girl_keeps_the_name_that_comes_later() {
    for (text, name) in [
        (
            "A man stood at the gate. The man waved. \"I am Harko,\" said the man. Harko smiled.",
            "Harko",
        ),
        (
            "The girl looked up. She was cold. The girl's name was Ines. Ines ran home.",
            "Ines",
        ),
        (
            "The boy sat on the wall. The boy was called Joss. Joss had no shoes.",
            "Joss",
        ),
        (
            "The woman sat down by the fire. \"What is your name?\" asked the dog. \"Mirela,\" said \
             the woman. Mirela yawned.",
            "Mirela",
        ),
    ] {
        let story = read(text);
        let nouns = ["Man", "Girl", "Boy", "Woman"];
        assert!(names(&story).contains(&name), "{text}: {:?}", names(&story));
        assert!(
            !names(&story).iter().any(|it| nouns.contains(it)),
            "{text}: {:?}",
            names(&story)
        );
    }
}

#[test]
fn a_trade_that_is_a_name_has_the_gender_of_its_pronouns() {
    let story = read(
        "The Hatter opened his eyes very wide. \"Why is a raven like a desk?\" said the Hatter. \
         \"I vote the young lady tells us a story.\" \
         Alice sighed, and the Hatter shook his head at her. He poured some tea.",
    );
    assert_eq!(character(&story, "Hatter").gender, Gender::Male);
    assert_eq!(character(&story, "Alice").gender, Gender::Female);
}

#[test]
fn months_places_and_exclamations_are_no_characters() {
    let story = read(
        "In April Dora sailed from London to Norway. \"Heavens!\" cried Dora. On Monday she came to \
         Maple Street. Suddenly it rained. Norway was cold.",
    );
    assert_eq!(names(&story), ["Dora"]);
    assert!(
        story
            .entities
            .iter()
            .any(|it| it.label == EntityLabel::Gpe && &story.text[it.start..it.end] == "London")
    );
}

#[test]
fn a_ship_with_a_name_is_no_character() {
    let story = read(
        "Hugo built a boat called Clementine. Clementine crossed the sea. Hugo steered Clementine.",
    );
    assert_eq!(names(&story), ["Hugo"]);
}

#[test]
fn looks_are_read_from_phrases_and_sentences() {
    let story = read(
        "A huge grey wolf came down the road. A boy in a blue coat saw it and shouted. \
         Selma had long golden hair and wore a red hood. She laughed.",
    );
    let wolf = &character(&story, "Wolf").traits;
    assert_eq!(
        (wolf["size"].as_str(), wolf["color"].as_str()),
        ("huge", "grey")
    );
    assert_eq!(character(&story, "Boy").traits["clothes"], "blue coat");
    let selma = &character(&story, "Selma").traits;
    assert_eq!(
        (selma["hair"].as_str(), selma["clothes"].as_str()),
        ("long golden", "red hood")
    );
    assert_eq!(selma["wears"], "hood");
}

#[test]
fn how_stout_somebody_is_is_told_by_adjectives_and_sentences() {
    let story = read(
        "A big fat cat lay on the wall. Jack was very thin and always hungry. A king came in. The \
         king patted his big round belly. A sailor with broad shoulders came in. \"Good day,\" said \
         the cat. \"Good day,\" said the sailor. Jack laughed. The king laughed. Olga was \
         not fat. \"Good day,\" said Olga.",
    );
    let told = |name: &str, key: &str| character(&story, name).traits.get(key).cloned();
    assert_eq!(told("Cat", "build").as_deref(), Some("fat"));
    assert_eq!(told("Cat", "size").as_deref(), Some("big"));
    assert_eq!(told("Jack", "build").as_deref(), Some("thin"));
    assert_eq!(told("King", "build").as_deref(), Some("round"));
    assert_eq!(told("Sailor", "build").as_deref(), Some("broad-shouldered"));
    assert_eq!(told("Olga", "build"), None);
}

#[test]
fn a_beard_has_its_colour() {
    let story = read(
        "There lived a king named Aldric. He had a long white beard and a golden crown. \
         Aldric laughed.",
    );
    let aldric = &character(&story, "Aldric").traits;
    assert_eq!(
        (aldric["beard"].as_str(), aldric["wears"].as_str()),
        ("white", "long beard, crown")
    );
}

#[test]
fn what_is_worn_keeps_the_word_that_says_of_which_kind_it_is() {
    let story = read(
        "An old man with a long grey beard and a straw hat came along. A sailor in a blue apron \
         laughed. The old man lost his hat. He laughed, too.",
    );
    let worn = |name: &str| character(&story, name).traits["wears"].clone();
    assert_eq!(worn("Old Man"), "long beard, straw hat");
    assert_eq!(worn("Sailor"), "apron");
}

#[test]
fn a_group_says_how_many_they_are() {
    let story = read(
        "\"Who is there?\" asked the seven dwarfs. A flock of white sheep looked up. \"Baa,\" said \
         the sheep. \"And me,\" said the wolf.",
    );
    let number = |name: &str| character(&story, name).traits.get("number").cloned();
    assert_eq!(number("Dwarfs").as_deref(), Some("7"));
    assert_eq!(number("Sheep").as_deref(), Some("several"));
    assert_eq!(number("Wolf"), None);
}

#[test]
fn a_said_number_of_years_is_an_age() {
    let story = read("Petra climbed the wall. She was nine years old. Petra laughed.");
    assert_eq!(character(&story, "Petra").age, Age::Child);
    let story = read("A lady of about eighty sat on the bench. The lady sang.");
    assert_eq!(character(&story, "Lady").age, Age::Elder);
}

#[test]
fn things_that_speak_are_what_they_are_called() {
    let story = read(
        "\"I am cold,\" said the teapot. The teapot shook. \"So am I,\" said the moon. \
         \"Brr,\" growled the creature in the corner. The creature shook itself.",
    );
    assert_eq!(speakers(&story), ["Teapot", "Moon", "Creature"]);
    for name in ["Teapot", "Moon", "Creature"] {
        assert_eq!(character(&story, name).being, name.to_lowercase());
    }
}

#[test]
fn a_new_place_begins_a_new_scene() {
    let story = read(
        "Ada sat in the kitchen and peeled potatoes. The kettle sang on the stove.\n\n\
         Then she went into the forest. The trees were tall, and the moss was soft.\n\n\
         At last she came to the sea. The waves rolled over the beach.",
    );
    assert_eq!(places(&story), ["indoor", "forest", "sea"]);
    assert_eq!(
        story.scenes.iter().map(|it| it.indoor).collect::<Vec<_>>(),
        [true, false, false]
    );
}

#[test]
fn rivers_ships_and_schools_are_told_from_other_waters_shores_and_rooms() {
    for (text, place) in [
        (
            "Two goats met on the bridge over the river. The river ran fast below them.",
            "river",
        ),
        (
            "A frog sat by the pond. The water of the pond was green and still.",
            "water",
        ),
        (
            "The captain stood on the deck of her ship. The sails filled, and the sea was wide.",
            "ship",
        ),
        (
            "They walked along the beach by the sea. A ship lay far from the shore.",
            "sea",
        ),
        (
            "In the classroom the children sat down. The teacher wrote on the blackboard.",
            "school",
        ),
        (
            "In the kitchen the kettle sang. Her mother sat by the hearth.",
            "indoor",
        ),
    ] {
        let story = read(text);
        assert_eq!(places(&story), [place], "{text}");
    }
}

#[test]
fn jumps_in_time_and_scene_breaks_begin_scenes_in_the_same_place() {
    let story = read(
        "Bo dug in the garden. He found nothing.\n\nThat night he came back to the garden. \
         He dug again.\n\n* * *\n\nBo slept. He dreamed of gold.",
    );
    assert_eq!(places(&story), ["garden", "garden", "garden"]);
    assert_eq!(story.scenes[1].time, DayTime::Night);
}

#[test]
fn similes_and_speech_hardly_move_the_scene() {
    let story = read(
        "They sat in the garden. Her eyes were as blue as the sea, and her voice was like a river. \
         \"Once I lived in a castle in the mountains,\" said Rosa. The roses nodded.",
    );
    assert_eq!(places(&story), ["garden"]);
}

#[test]
fn a_text_without_any_clue_is_one_scene() {
    let story = read("Kim waited. Nothing came. Kim waited longer.");
    assert_eq!(story.scenes.len(), 1);
    assert_eq!(
        (story.scenes[0].start, story.scenes[0].end),
        (0, story.text.len())
    );
}

#[test]
fn weather_and_time_are_read() {
    let story = read("Rain fell on the village. At midnight the rain grew heavier on the roofs.");
    assert_eq!(
        (story.scenes[0].weather, story.scenes[0].time),
        (Weather::Rain, DayTime::Night)
    );
    assert_eq!(story.scenes[0].place, "village");
}

#[test]
fn weather_that_is_over_denied_usual_or_spoken_of_is_not_shown() {
    for (text, place, time, weather) in [
        (
            "Mist hung over the harbour when Runa untied the boat. Every night her father had \
             fished here, but now it was early morning, and the gulls were waking.",
            "sea",
            DayTime::Day,
            Weather::Fog,
        ),
        (
            "The storm had passed in the night, and the garden lay washed in sunshine. Old Bram \
             picked up the broken roses. \"It will snow before midnight,\" said his wife.",
            "garden",
            DayTime::Day,
            Weather::Clear,
        ),
        (
            "There was no rain that summer, not one drop. It did not even drizzle. The cows stood \
             in the dry field and waited.",
            "field",
            DayTime::Unknown,
            Weather::Clear,
        ),
        (
            "Stars stood over the city, and the snow fell thickly on the street. Ilka pulled her \
             scarf over her ears. \"Tomorrow morning the sun will shine,\" said the driver.",
            "city",
            DayTime::Night,
            Weather::Snow,
        ),
        (
            "Sometimes the fog was so thick that the ships rang their bells, and whenever a storm \
             came nobody sailed. But now it was noon, and Matti lay on the beach.",
            "sea",
            DayTime::Day,
            Weather::Clear,
        ),
        (
            "The wind died down at last. The sun was setting over the dunes, and the camels knelt \
             in the sand of the desert. After the storm everything was yellow.",
            "desert",
            DayTime::Dusk,
            Weather::Clear,
        ),
    ] {
        let scene = &read(text).scenes[0];
        let found = (scene.place.as_str(), scene.time, scene.weather);
        assert_eq!(found, (place, time, weather), "{text}");
    }
}

#[test]
fn what_is_usual_at_a_time_of_day_tells_it_when_nothing_else_does() {
    let story = read(
        "Every evening Ruska trotted past the old oak. \"You will need my lantern tonight,\" said \
         the owl. \"The fog is coming, and the dark.\"",
    );
    assert_eq!(
        (story.scenes[0].time, story.scenes[0].weather),
        (DayTime::Dusk, Weather::Clear)
    );
}

#[test]
fn who_goes_out_of_the_hut_is_back_where_it_stands() {
    let story = read(
        "They climbed to the summit of the mountain. The rocks were steep.\n\n\
         * * *\n\nThey slept in a hut by the fire. It was night.\n\n\
         In the morning, before the sun was up, Vroni went out alone. She stood at the door of the \
         hut and sang.",
    );
    assert_eq!(places(&story), ["mountain", "indoor", "mountain"]);
    assert_eq!(story.scenes[2].time, DayTime::Dawn);
}

#[test]
fn a_place_that_comes_into_sight_begins_a_scene() {
    let story = read(
        "Ferdi walked through the forest. The trees were tall.\n\n\
         At the end of the path lay a dark cave. Something breathed inside it.",
    );
    assert_eq!(places(&story), ["forest", "cave"]);
}

#[test]
fn the_sample_stories_are_set_where_and_when_they_say() {
    let settings = |name: &str| -> Vec<String> {
        let path = format!("{}/../assets/stories/{name}", env!("CARGO_MANIFEST_DIR"));
        let document = crate::document::read(std::path::Path::new(&path)).expect("a sample story");
        let story = Reader::rules().read(&document).expect("a story");
        story
            .scenes
            .iter()
            .map(|it| format!("{} {:?} {:?}", it.place, it.time, it.weather))
            .collect()
    };
    assert_eq!(
        settings("the-fox-and-the-lantern.txt"),
        ["forest Dusk Clear", "forest Night Fog", "field Dawn Clear"]
    );
    assert_eq!(
        settings("the-summer-i-spoke-to-the-mountain.txt"),
        [
            "mountain Unknown Clear",
            "road Day Clear",
            "indoor Night Clear",
            "mountain Dawn Fog"
        ]
    );
    assert_eq!(
        settings("the-knocking-at-midnight.txt"),
        [
            "indoor Night Storm",
            "garden Day Clear",
            "indoor Night Clear"
        ]
    );
}

#[test]
fn lines_feel_as_their_words_and_tags_say() {
    let story = read(
        "\"Leave me alone,\" sobbed Ina. \"Get out!\" Bruno snarled. \"It is noon,\" said Ina.",
    );
    let emotions: Vec<Emotion> = story.quotes.iter().map(|it| it.emotion).collect();
    assert_eq!(emotions[1..], [Emotion::Anger, Emotion::Neutral]);
    assert_ne!(emotions[0], Emotion::Neutral);
}

#[test]
fn the_title_comes_from_the_document_the_heading_or_the_first_words() {
    let document = Document {
        title: Some("Given".to_owned()),
        text: "He ran.".to_owned(),
    };
    assert_eq!(
        Reader::rules()
            .read(&document)
            .map(|it| it.title)
            .ok()
            .as_deref(),
        Some("Given")
    );
    assert_eq!(read("The Last Bell\n\nIt rang.").title, "The Last Bell");
    assert_eq!(
        read("It rang and rang and rang all day.").title,
        "It rang and rang and rang…"
    );
}

#[test]
fn a_document_without_words_is_refused() {
    for text in ["", " \n\n ", "* * *\n\n---"] {
        let document = Document {
            title: None,
            text: text.to_owned(),
        };
        assert!(
            matches!(Reader::rules().read(&document), Err(ReadError::NoWords)),
            "{text:?}"
        );
    }
}

#[test]
fn the_sample_stories_have_a_sensible_cast() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/stories");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of sample stories") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        count += 1;
        let story = read(&std::fs::read_to_string(&path).expect("a text"));
        let cast = names(&story);
        let place = path.display();
        assert!((1..=10).contains(&cast.len()), "{place}: {cast:?}");
        let lexicon = lexicon::Lexicon::get();
        for name in &cast {
            let word = name.to_lowercase();
            // The moon is somebody where she speaks.
            let lives = character(&story, name).being == word;
            assert!(
                lives || !lexicon.is("not names", &word) && !lexicon.is("gazetteer", &word),
                "{place}: {name}"
            );
        }
        let known = story
            .quotes
            .iter()
            .filter(|quote| quote.speaker.is_some())
            .count();
        assert!(
            known * 10 >= story.quotes.len() * 9,
            "{place}: {known} speakers known"
        );
        assert!(
            story
                .scenes
                .iter()
                .all(|scene| PLACES.contains(&scene.place.as_str()))
        );
    }
    assert!(count >= 5, "only {count} stories in {folder}");
}

fn story_like() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "Tom",
        "Mira",
        "the fox",
        "an old woman",
        "said",
        "\"",
        "“",
        "”",
        "‘",
        "’",
        "'",
        "«",
        "»",
        "—",
        "--",
        "...",
        "…",
        "!",
        "?",
        ".",
        ",",
        ":",
        "\n",
        "\n\n",
        "* * *",
        "Mr.",
        "was",
        "named",
        "her",
        "he",
        "I",
        "'s",
        "in the forest",
        "That night",
        "not",
        "afraid",
        "laughed",
        "Queen of",
        "called",
        "name",
        "my",
        "ſ",
        "İ",
        "é",
        "e\u{301}",
        "🦊",
        "\u{feff}",
        "\u{0}",
        "3.5",
        "CHAPTER I",
        "grandmother",
        "girl",
        "and",
        "two",
        "wore",
        "red",
        "hair",
        "of",
    ]);
    prop::collection::vec((pieces, any::<bool>()), 0..120).prop_map(|pieces| {
        let mut text = String::new();
        for (piece, spaced) in pieces {
            text.push_str(piece);
            if spaced {
                text.push(' ');
            }
        }
        text
    })
}

fn holds_together(text: String) {
    let story = Reader::rules().read(&Document { title: None, text });
    match story {
        Ok(story) => story.check().unwrap_or_else(|error| panic!("{error}")),
        Err(ReadError::NoWords) => {}
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #[test]
    fn any_text_gives_a_story_that_holds_together(text in any::<String>()) {
        holds_together(text);
    }

    #[test]
    fn any_mixture_of_story_parts_gives_a_story_that_holds_together(text in story_like()) {
        holds_together(text);
    }
}

/// What the trained reader makes of a text.
fn trained(text: &str) -> Story {
    Reader::open(DeviceChoice::Cpu)
        .unwrap()
        .read(&Document {
            title: None,
            text: text.to_owned(),
        })
        .unwrap()
}

#[test]
fn a_thing_that_is_told_of_as_of_a_person_is_somebody() {
    let story = trained(
        "One night the moon was tired. She had been up every night for as long as she could \
         remember. She yawned so wide that for a moment she was all mouth.\n\n\
         \"I would like one night off,\" she said.\n\n\
         An old owl bumped into a tree. The owl shook his feathers.",
    );
    let moon = character(&story, "Moon");
    assert_eq!((moon.being.as_str(), moon.gender), ("moon", Gender::Female));
    assert_eq!(speakers(&story), ["Moon"]);

    let story = trained(
        "On a farm in Wales there was an old red tractor called Bert. He was slow and he coughed \
         when he started. One day a new lorry came. \"Who is that rusty old thing?\" asked the \
         lorry.\n\n\"I am Bert,\" said Bert.",
    );
    assert_eq!(character(&story, "Bert").being, "tractor");

    let story = trained(
        "Bert was an old red tractor. He stood in the yard. \"I have two lamps,\" said Bert. \
         Ida was a marvel. \"Good,\" said Ida. The sun stood at the window. \"Hello,\" said the sun. \
         There was an apple.",
    );
    assert_eq!(character(&story, "Bert").being, "tractor");
    assert_eq!(character(&story, "Sun").being, "sun");
    assert_eq!(story.characters.len(), 3);
    assert_eq!(character(&story, "Ida").being, "human");

    let story = trained(
        "It was late. Then the old tractor called Bert rolled into the yard. \"I have lamps,\" \
         said Bert proudly.",
    );
    assert_eq!(character(&story, "Bert").being, "tractor");
}

#[test]
fn a_moon_that_is_somebody_makes_no_night() {
    let story = trained(
        "The moon was tired. She yawned. In the morning the moon woke up in the kitchen. \
         \"Good morning,\" said the moon, and she ate her breakfast.",
    );
    let last = story.scenes.last().unwrap();
    assert_ne!(last.time, DayTime::Night);
}

#[test]
fn who_comes_along_is_nobody_of_whom_the_story_has_told() {
    let story = trained(
        "Cinderella lived with her stepmother. That evening Cinderella sat crying in the garden. \
         Suddenly a plump old lady with a wand stood by the pumpkins.\n\n\"Dry your tears,\" said \
         the old lady.\n\n\"I cannot,\" said Cinderella. She wiped her eyes.",
    );
    assert_ne!(character(&story, "Cinderella").age, Age::Elder);
    assert_eq!(speakers(&story)[1], "Cinderella");
    assert_ne!(speakers(&story)[0], "Cinderella");
}

#[test]
fn the_father_of_two_children_is_neither_of_them() {
    let story = trained(
        "One night Hansel and Gretel lay awake and heard their stepmother talking to their father, \
         a poor woodcutter.\n\n\"I can't do that to them!\" said the father. But she nagged and \
         nagged until he gave in.\n\n\"Now we're lost,\" sobbed Gretel.\n\n\"Look over there,\" \
         said Hansel.",
    );
    let speakers = speakers(&story);
    assert!(
        !["Hansel", "Gretel", "-"].contains(&speakers[0]),
        "{speakers:?}"
    );
    assert_eq!(speakers[1..], ["Gretel", "Hansel"]);
}

#[test]
fn years_tell_an_age_whatever_somebody_does() {
    let story = trained(
        "Detective Ines was nine and three quarters, and she had solved four cases. Her \
         partner was Wei. \"What is that?\" asked Ines.\n\n\"Crumbs,\" said Wei.\n\nThe caretaker, \
         Mr. Pohl, was sixty-four years old. \"Good morning,\" said Mr. Pohl.",
    );
    assert_eq!(character(&story, "Detective Ines").age, Age::Child);
    assert_eq!(character(&story, "Mr. Pohl").age, Age::Elder);
}

#[test]
fn a_voice_is_that_of_whoever_comes_into_sight() {
    let story = trained(
        "Ember the fox shut her eyes. A dark shape leaned over Ember.\n\n\"Why are you hiding from \
         a bush?\" asked a small voice.\n\nEmber opened one eye. There stood Pip the rabbit with a \
         lantern in his paw. \"Pip!\" gasped Ember.",
    );
    assert_eq!(speakers(&story), ["Pip", "Ember"]);
}

#[test]
fn whoever_shouts_a_name_is_not_the_one_who_has_it() {
    let story = trained(
        "A penguin had put on the hat. A zookeeper came running with a bucket.\n\n\"Pablo!\" he \
         yelled. \"Give the lady her hat back!\"\n\nBut the penguin did not want to.\n\n\"I'm so \
         sorry,\" the zookeeper said.",
    );
    assert_eq!(character(&story, "Zookeeper").being, "human");
    assert_eq!(speakers(&story), ["Zookeeper"; 3]);
}

#[test]
fn a_scene_begins_where_a_sentence_opens_with_a_later_time() {
    let story = trained(
        "At break, Callum threw the hat across the playground. It landed in the grass, and the \
         boys laughed. \"Fetch!\" Callum shouted.\n\nA week later the rain came down on the school \
         bus. Callum sat in the bus alone. He looked out at the wet street, and it rained and \
         rained.",
    );
    assert_eq!(story.scenes.len(), 2, "{:?}", places(&story));
    let weathers: Vec<Weather> = story.scenes.iter().map(|it| it.weather).collect();
    assert_eq!(weathers, [Weather::Clear, Weather::Rain]);
}

#[test]
fn a_group_of_no_told_gender_is_neutral() {
    let story = trained(
        "Some children ran down to the shore with bread. \"There is a new one!\" shouted the \
         children. The swan bowed his head, and the children threw him the bread.",
    );
    assert_eq!(character(&story, "Children").gender, Gender::Neutral);
    assert_eq!(character(&story, "Swan").gender, Gender::Male);
}

#[test]
fn who_somebody_was_is_no_further_character() {
    let story = trained(
        "\u{201c}Nonsense,\u{201d} said Great-Aunt Agatha, who was the oldest ghost in the house. Wisp the \
         ghost hid. \u{201c}Children are loud,\u{201d} said Wisp.\n\nThen came Ilse, who was the king's \
         daughter. \u{201c}Good evening,\u{201d} said Ilse.",
    );
    assert_eq!(character(&story, "Great-Aunt Agatha").being, "ghost");
    assert_eq!(speakers(&story), ["Great-Aunt Agatha", "Wisp", "Ilse"]);
}
