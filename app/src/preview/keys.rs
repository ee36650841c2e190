//! Which key does what.

use winit::keyboard::{Key, ModifiersState, NamedKey};

use super::player::Action;

/// How far the arrow keys go, in seconds.
pub const SKIP_S: f64 = 5.0;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wish {
    /// Something of the film.
    Film(Action),
    /// The whole screen, or the window again.
    Fullscreen,
    /// Away from the help or the whole screen, or else the end.
    Leave,
    /// The end.
    Quit,
    /// The picture as a PNG file.
    Still,
    /// The film as an MP4 file.
    Export,
    /// Which keys there are.
    Help,
    /// The panels, or the picture alone again.
    Panels,
    /// Take the last change in the panels back.
    Undo,
    /// Make it again.
    Redo,
}

/// The keys as the help shows them.
pub const HELP: [(&str, &str); 17] = [
    ("Space", "play or pause"),
    ("J  K  L", "backwards, pause, forwards; again for faster"),
    ("Left  Right", "5 seconds"),
    (",  .", "one frame; with Shift, the arrows too"),
    ("Up  Down", "scene before, next scene"),
    ("Home  End", "beginning, end"),
    ("[  ]", "slower, faster"),
    ("Backspace", "normal speed"),
    ("R", "repeat the shot"),
    ("F", "whole screen"),
    ("Tab", "panels: cast, scenes, lines, film"),
    ("Ctrl+Z", "undo a change in the panels; with Shift, redo"),
    ("S", "save the picture"),
    ("E", "export the film"),
    ("Mouse", "click to play or pause, drag the bar to scrub"),
    ("?", "this help"),
    ("Esc  Q", "close"),
];

/// What a key asks for. Holding it down repeats only what moves through the film.
pub fn wish(key: &Key, modifiers: ModifiersState, held_down: bool) -> Option<Wish> {
    if modifiers.control_key() || modifiers.super_key() {
        let Key::Character(letter) = key else {
            return None;
        };
        return match letter.to_lowercase().as_str() {
            "q" | "w" if !held_down => Some(Wish::Quit),
            "z" if modifiers.shift_key() => Some(Wish::Redo),
            "z" => Some(Wish::Undo),
            "y" => Some(Wish::Redo),
            _ => None,
        };
    }
    if modifiers.alt_key() {
        let fullscreen = matches!(key, Key::Named(NamedKey::Enter));
        return fullscreen.then_some(Wish::Fullscreen);
    }
    let wish = match key {
        Key::Named(named) => named_key(*named, modifiers.shift_key())?,
        Key::Character(letter) => character(letter)?,
        _ => return None,
    };
    let moves = matches!(
        wish,
        Wish::Film(
            Action::Step(_)
                | Action::Skip(_)
                | Action::NextScene
                | Action::PreviousScene
                | Action::Slower
                | Action::Faster
        )
    );
    (moves || !held_down).then_some(wish)
}

fn named_key(key: NamedKey, shift: bool) -> Option<Wish> {
    Some(match key {
        NamedKey::Space | NamedKey::MediaPlayPause | NamedKey::Enter => Wish::Film(Action::Toggle),
        NamedKey::MediaPlay => Wish::Film(Action::Forwards),
        NamedKey::MediaPause | NamedKey::MediaStop => Wish::Film(Action::Hold),
        NamedKey::ArrowLeft if shift => Wish::Film(Action::Step(-1)),
        NamedKey::ArrowRight if shift => Wish::Film(Action::Step(1)),
        NamedKey::ArrowLeft => Wish::Film(Action::Skip(-SKIP_S)),
        NamedKey::ArrowRight => Wish::Film(Action::Skip(SKIP_S)),
        NamedKey::ArrowUp | NamedKey::PageUp | NamedKey::MediaTrackPrevious => {
            Wish::Film(Action::PreviousScene)
        }
        NamedKey::ArrowDown | NamedKey::PageDown | NamedKey::MediaTrackNext => {
            Wish::Film(Action::NextScene)
        }
        NamedKey::Home => Wish::Film(Action::Seek(0.0)),
        NamedKey::End => Wish::Film(Action::Seek(f64::MAX)),
        NamedKey::Backspace => Wish::Film(Action::NormalSpeed),
        NamedKey::Tab => Wish::Panels,
        NamedKey::F1 => Wish::Help,
        NamedKey::F11 => Wish::Fullscreen,
        NamedKey::Escape => Wish::Leave,
        _ => return None,
    })
}

fn character(letter: &str) -> Option<Wish> {
    Some(match letter.to_lowercase().as_str() {
        " " => Wish::Film(Action::Toggle),
        "j" => Wish::Film(Action::Backwards),
        "k" => Wish::Film(Action::Hold),
        "l" => Wish::Film(Action::Forwards),
        "," | "<" => Wish::Film(Action::Step(-1)),
        "." | ">" => Wish::Film(Action::Step(1)),
        "[" | "-" => Wish::Film(Action::Slower),
        "]" | "+" => Wish::Film(Action::Faster),
        "r" => Wish::Film(Action::LoopShot),
        "f" => Wish::Fullscreen,
        "s" => Wish::Still,
        "e" => Wish::Export,
        "?" | "h" => Wish::Help,
        "q" => Wish::Quit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(key: NamedKey) -> Option<Wish> {
        wish(&Key::Named(key), ModifiersState::empty(), false)
    }

    fn typed(letter: &str) -> Option<Wish> {
        wish(
            &Key::Character(letter.into()),
            ModifiersState::empty(),
            false,
        )
    }

    #[test]
    fn large_letters_are_the_same_keys_and_others_mean_nothing() {
        for letter in ["j", "k", "l", "r", "f", "s", "e", "h", "q"] {
            assert!(typed(letter).is_some());
            assert_eq!(typed(&letter.to_uppercase()), typed(letter), "caps lock");
        }
        assert_eq!(typed("ж"), None);
    }

    #[test]
    fn a_key_held_down_saves_no_heap_of_files() {
        let held = |letter: &str| {
            wish(
                &Key::Character(letter.into()),
                ModifiersState::empty(),
                true,
            )
        };
        for letter in ["s", "e", "f", "q", "j", "l", "r"] {
            assert_eq!(held(letter), None, "{letter}");
        }
        assert_eq!(held("."), Some(Wish::Film(Action::Step(1))));
    }

    #[test]
    fn keys_of_the_desktop_are_left_to_it() {
        let save = Key::Character("s".into());
        assert_eq!(wish(&save, ModifiersState::CONTROL, false), None);
        assert_eq!(wish(&save, ModifiersState::ALT, false), None);
        let close = Key::Character("w".into());
        assert_eq!(
            wish(&close, ModifiersState::CONTROL, false),
            Some(Wish::Quit)
        );
    }

    #[test]
    fn changes_are_undone_with_the_keys_of_every_desktop() {
        let control = ModifiersState::CONTROL;
        let with = |letter: &str, modifiers| wish(&Key::Character(letter.into()), modifiers, false);
        assert_eq!(with("z", control), Some(Wish::Undo));
        assert_eq!(with("Z", control | ModifiersState::SHIFT), Some(Wish::Redo));
        assert_eq!(with("y", control), Some(Wish::Redo));
        assert_eq!(with("z", ModifiersState::SUPER), Some(Wish::Undo));
        assert_eq!(with("z", ModifiersState::empty()), None);
    }

    #[test]
    fn each_key_has_its_meaning_and_so_have_those_of_other_keyboards() {
        let none = ModifiersState::empty();
        let (control, alt) = (ModifiersState::CONTROL, ModifiersState::ALT);
        for (keys, modifiers, expected) in [
            (
                &[NamedKey::Space, NamedKey::Enter, NamedKey::MediaPlayPause][..],
                none,
                Action::Toggle,
            ),
            (&[NamedKey::MediaPlay], none, Action::Forwards),
            (
                &[NamedKey::MediaPause, NamedKey::MediaStop],
                none,
                Action::Hold,
            ),
            (&[NamedKey::ArrowLeft], none, Action::Skip(-SKIP_S)),
            (&[NamedKey::ArrowRight], none, Action::Skip(SKIP_S)),
            (
                &[NamedKey::ArrowLeft],
                ModifiersState::SHIFT,
                Action::Step(-1),
            ),
            (
                &[NamedKey::ArrowRight],
                ModifiersState::SHIFT,
                Action::Step(1),
            ),
            (
                &[
                    NamedKey::ArrowUp,
                    NamedKey::PageUp,
                    NamedKey::MediaTrackPrevious,
                ],
                none,
                Action::PreviousScene,
            ),
            (
                &[
                    NamedKey::ArrowDown,
                    NamedKey::PageDown,
                    NamedKey::MediaTrackNext,
                ],
                none,
                Action::NextScene,
            ),
            (&[NamedKey::Home], none, Action::Seek(0.0)),
            (&[NamedKey::End], none, Action::Seek(f64::MAX)),
            (&[NamedKey::Backspace], none, Action::NormalSpeed),
        ] {
            for key in keys {
                let wish = wish(&Key::Named(*key), modifiers, false);
                assert_eq!(wish, Some(Wish::Film(expected)), "{key:?}");
            }
        }
        for (letters, expected) in [
            (" ", Action::Toggle),
            ("j", Action::Backwards),
            ("k", Action::Hold),
            ("l", Action::Forwards),
            (",<", Action::Step(-1)),
            (".>", Action::Step(1)),
            ("[-", Action::Slower),
            ("]+", Action::Faster),
            ("r", Action::LoopShot),
        ] {
            for letter in letters.chars() {
                assert_eq!(typed(&letter.to_string()), Some(Wish::Film(expected)));
            }
        }
        for (key, modifiers, expected) in [
            (NamedKey::Tab, none, Wish::Panels),
            (NamedKey::F1, none, Wish::Help),
            (NamedKey::F11, none, Wish::Fullscreen),
            (NamedKey::Enter, alt, Wish::Fullscreen),
            (NamedKey::Escape, none, Wish::Leave),
        ] {
            assert_eq!(wish(&Key::Named(key), modifiers, false), Some(expected));
        }
        for (letter, modifiers, expected) in [
            ("f", none, Wish::Fullscreen),
            ("s", none, Wish::Still),
            ("e", none, Wish::Export),
            ("?", none, Wish::Help),
            ("h", none, Wish::Help),
            ("q", none, Wish::Quit),
            ("q", control, Wish::Quit),
            ("w", control, Wish::Quit),
            ("z", control, Wish::Undo),
            ("y", control, Wish::Redo),
        ] {
            let key = Key::Character(letter.into());
            assert_eq!(wish(&key, modifiers, false), Some(expected), "{letter}");
        }
    }

    #[test]
    fn every_key_of_the_help_does_something() {
        for (keys, meaning) in HELP {
            for key in keys.split_whitespace() {
                let wish = match key {
                    "Mouse" => continue,
                    "Space" => named(NamedKey::Space),
                    "Left" => named(NamedKey::ArrowLeft),
                    "Right" => named(NamedKey::ArrowRight),
                    "Up" => named(NamedKey::ArrowUp),
                    "Down" => named(NamedKey::ArrowDown),
                    "Home" => named(NamedKey::Home),
                    "End" => named(NamedKey::End),
                    "Backspace" => named(NamedKey::Backspace),
                    "Esc" => named(NamedKey::Escape),
                    "Tab" => named(NamedKey::Tab),
                    "Ctrl+Z" => wish(&Key::Character("z".into()), ModifiersState::CONTROL, false),
                    letter => typed(letter),
                };
                assert!(wish.is_some(), "{key}: {meaning}");
            }
        }
    }
}
