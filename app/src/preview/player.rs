//! The player: the film clock, and what a person does with it.
//!
//! It knows no window, no GPU and no clock of its own: `now` is the time since the window was
//! opened, and whoever asks says it. A frame on screen is always a frame of the film as it is
//! exported, so a player that is late leaves frames out and never falls behind.

use std::time::Duration;

use super::reel::Reel;

/// The speeds that can be chosen.
const SPEEDS: [f64; 8] = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0];
/// More pictures a second are not shown, however fast the film plays.
const MOST_PICTURES_PER_S: f64 = 60.0;
/// Jumping back from this near the beginning of a scene goes to the scene before.
const NEAR_START_S: f64 = 1.0;

/// What a person wants of the film.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Play, or pause.
    Toggle,
    /// Pause.
    Hold,
    /// Play forwards; again for twice the speed.
    Forwards,
    /// Play backwards; again for twice the speed.
    Backwards,
    /// The next lower speed.
    Slower,
    /// The next higher speed.
    Faster,
    /// The speed of the film.
    NormalSpeed,
    /// Pause, and go by this many frames.
    Step(i64),
    /// Go by this many seconds.
    Skip(f64),
    /// Go to this second.
    Seek(f64),
    /// Go to the next scene, or to the beginning of this one or of the one before.
    NextScene,
    /// See [`Action::NextScene`].
    PreviousScene,
    /// Repeat the shot that is on screen, or stop repeating.
    LoopShot,
}

/// What happens where the film ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// The last picture stays.
    Hold,
    /// The film begins again.
    Again,
}

/// Frames that were on screen, and those that had to be left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Frames shown.
    pub shown: u64,
    /// Frames whose time passed while another was drawn.
    pub dropped: u64,
}

/// A film that is being played.
#[derive(Clone, Debug)]
pub struct Player {
    reel: Reel,
    at_end: AtEnd,
    playing: bool,
    /// Between 0.25 and 4.
    speed: f64,
    backwards: bool,
    /// The film was at `anchor_s` when it was `anchor`.
    anchor: Duration,
    anchor_s: f64,
    /// The shot that is repeated.
    repeated: Option<(f64, f64)>,
    /// The frame on screen, if it is where the clock has run on from.
    last_shown: Option<u64>,
    tally: Tally,
}

impl Player {
    pub fn new(reel: Reel, at_s: f64, at_end: AtEnd) -> Self {
        let mut player = Self {
            reel,
            at_end,
            playing: false,
            speed: 1.0,
            backwards: false,
            anchor: Duration::ZERO,
            anchor_s: 0.0,
            repeated: None,
            last_shown: None,
            tally: Tally::default(),
        };
        player.go_to(at_s, Duration::ZERO);
        player
    }

    pub fn reel(&self) -> &Reel {
        &self.reel
    }

    pub fn playing(&self) -> bool {
        self.playing
    }

    pub fn speed(&self) -> f64 {
        self.speed
    }

    pub fn backwards(&self) -> bool {
        self.backwards
    }

    /// Beginning and end of the shot that is repeated.
    pub fn repeated(&self) -> Option<(f64, f64)> {
        self.repeated
    }

    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Begins or goes on from where it stands.
    pub fn play(&mut self, now: Duration) {
        if !self.playing {
            if !self.backwards && self.frame(now) + 1 >= self.reel.frame_count {
                self.go_to(0.0, now);
            }
            self.anchor_at(self.time_s(now), now);
            self.playing = true;
        }
    }

    /// Seconds of film at `now`.
    pub fn time_s(&self, now: Duration) -> f64 {
        let since_s = if self.playing {
            now.saturating_sub(self.anchor).as_secs_f64()
        } else {
            0.0
        };
        let time_s = self.anchor_s + since_s * self.rate();
        match self.repeated {
            Some((start_s, end_s)) => start_s + (time_s - start_s).rem_euclid(end_s - start_s),
            None if self.at_end == AtEnd::Again => time_s.rem_euclid(self.reel.duration_s),
            None => time_s.clamp(0.0, self.reel.duration_s),
        }
    }

    /// Number of the frame that belongs on screen at `now`.
    pub fn frame(&self, now: Duration) -> u64 {
        self.frame_at(self.time_s(now))
    }

    /// The time in the film of a frame.
    pub fn frame_s(&self, frame: u64) -> f64 {
        frame as f64 / f64::from(self.reel.fps)
    }

    fn frame_at(&self, time_s: f64) -> u64 {
        // What is a frame's time up to rounding is that frame's.
        let frame = (time_s * f64::from(self.reel.fps) + 1e-6).floor().max(0.0) as u64;
        let frame = frame.min(self.reel.frame_count.saturating_sub(1));
        // At high speeds only frames that the display has time for.
        let stride = if self.playing { self.stride() } else { 1 };
        frame - frame % stride
    }

    /// Every how many frames one is shown.
    fn stride(&self) -> u64 {
        let per_s = f64::from(self.reel.fps) * self.speed;
        (per_s / MOST_PICTURES_PER_S).ceil().max(1.0) as u64
    }

    /// Film seconds that pass in a second.
    fn rate(&self) -> f64 {
        if self.backwards {
            -self.speed
        } else {
            self.speed
        }
    }

    /// When the next frame belongs on screen, if one does without anybody's doing.
    pub fn next_frame_at(&self, now: Duration) -> Option<Duration> {
        if !self.playing {
            return None;
        }
        let interval_s = self.stride() as f64 / f64::from(self.reel.fps);
        let position = self.time_s(now) / interval_s + 1e-6;
        let share_left = if self.backwards {
            position.fract()
        } else {
            1.0 - position.fract()
        };
        // A little more, so that the frame has begun by then.
        let wait_s = share_left * interval_s / self.speed + 2e-5;
        Some(now + Duration::from_secs_f64(wait_s))
    }

    /// Stops where the film ends.
    pub fn settle(&mut self, now: Duration) {
        if !self.playing || self.repeated.is_some() || self.at_end == AtEnd::Again {
            return;
        }
        let time_s = self.time_s(now);
        let end_s = self.frame_s(self.reel.frame_count.saturating_sub(1));
        if self.backwards && time_s <= 0.0 {
            self.playing = false;
            self.backwards = false;
            self.anchor_at(0.0, now);
        } else if !self.backwards && time_s >= self.reel.duration_s {
            self.playing = false;
            self.anchor_at(end_s, now);
        }
    }

    /// Says that a frame is on screen now.
    pub fn shown(&mut self, frame: u64) {
        if self.last_shown == Some(frame) {
            return;
        }
        self.tally.shown += 1;
        if let Some(last) = self.last_shown
            && self.playing
        {
            let forwards = frame > last;
            // The other way round it has begun again.
            if forwards != self.backwards {
                let steps = frame.abs_diff(last) / self.stride();
                self.tally.dropped += steps.saturating_sub(1);
            }
        }
        self.last_shown = Some(frame);
    }

    /// Does what a person wants.
    pub fn act(&mut self, action: Action, now: Duration) {
        match action {
            Action::Toggle | Action::Hold if self.playing => self.hold(now),
            Action::Toggle => self.play(now),
            Action::Hold => {}
            Action::Forwards => self.shuttle(false, now),
            Action::Backwards => self.shuttle(true, now),
            Action::Slower => self.set_speed(slower(self.speed), now),
            Action::Faster => self.set_speed(faster(self.speed), now),
            Action::NormalSpeed => self.set_speed(1.0, now),
            Action::Step(frames) => {
                self.hold(now);
                self.backwards = false;
                let frame = self.frame(now).saturating_add_signed(frames);
                self.go_to(self.frame_s(frame), now);
            }
            Action::Skip(seconds) => self.go_to(self.time_s(now) + seconds, now),
            Action::Seek(time_s) => self.go_to(time_s, now),
            Action::NextScene => {
                let next = self.reel.part_at(self.time_s(now)) + 1;
                let to_s = self.reel.parts.get(next).map(|part| part.start_s);
                self.go_to(to_s.unwrap_or(self.reel.duration_s), now);
            }
            Action::PreviousScene => {
                let time_s = self.time_s(now);
                let at = self.reel.part_at((time_s - NEAR_START_S).max(0.0));
                let to_s = self.reel.parts.get(at).map_or(0.0, |part| part.start_s);
                self.go_to(to_s, now);
            }
            Action::LoopShot => {
                let time_s = self.time_s(now);
                self.repeated = match self.repeated {
                    Some(_) => None,
                    None => self
                        .reel
                        .shot_at(time_s)
                        .map(|shot| (shot.start_s, shot.end_s)),
                };
                self.anchor_at(time_s, now);
            }
        }
    }

    /// Goes on with another film from the same time.
    pub fn replace(&mut self, reel: Reel, now: Duration) {
        let time_s = self.time_s(now);
        let repeated = self.repeated.is_some();
        self.reel = reel;
        self.repeated = None;
        self.go_to(time_s, now);
        if repeated {
            self.act(Action::LoopShot, now);
        }
    }

    fn hold(&mut self, now: Duration) {
        // The frame on screen stays, not the moment after it.
        self.anchor_at(self.frame_s(self.frame(now)), now);
        self.playing = false;
    }

    fn shuttle(&mut self, backwards: bool, now: Duration) {
        if self.playing && self.backwards == backwards {
            let speed = if self.speed < 1.0 {
                1.0
            } else {
                (self.speed * 2.0).min(SPEEDS[SPEEDS.len() - 1])
            };
            self.set_speed(speed, now);
            return;
        }
        if self.playing {
            self.hold(now);
        }
        self.speed = 1.0;
        self.backwards = backwards;
        self.play(now);
    }

    /// Goes on at another speed, between 0.25 and 4.
    pub fn set_speed(&mut self, speed: f64, now: Duration) {
        self.anchor_at(self.time_s(now), now);
        self.speed = speed;
    }

    /// Goes to a time; outside the shot that is repeated, nothing is repeated any more.
    fn go_to(&mut self, time_s: f64, now: Duration) {
        let last_s = self.frame_s(self.reel.frame_count.saturating_sub(1));
        let time_s = time_s.clamp(0.0, last_s);
        if let Some((start_s, end_s)) = self.repeated
            && !(start_s..end_s).contains(&time_s)
        {
            self.repeated = None;
        }
        self.anchor_at(time_s, now);
    }

    fn anchor_at(&mut self, time_s: f64, now: Duration) {
        self.anchor = now;
        self.anchor_s = time_s;
        // What lies between the frame on screen and the next one was not dropped.
        self.last_shown = None;
    }
}

fn slower(speed: f64) -> f64 {
    let lower = SPEEDS.iter().rev().find(|known| **known < speed);
    lower.copied().unwrap_or(SPEEDS[0])
}

fn faster(speed: f64) -> f64 {
    let higher = SPEEDS.iter().find(|known| **known > speed);
    higher.copied().unwrap_or(SPEEDS[SPEEDS.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::super::reel::tests::sample;
    use super::*;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn player() -> Player {
        Player::new(sample(), 0.0, AtEnd::Hold)
    }

    #[test]
    fn a_frame_is_a_function_of_the_film_clock() {
        let mut player = player();
        assert_eq!(player.frame(at(3.0)), 0, "it has not begun");
        player.play(at(1.0));
        assert_eq!(player.frame(at(1.0)), 0);
        assert_eq!(player.frame(at(1.5)), 12);
        assert_eq!(player.frame(at(1.5) + Duration::from_millis(41)), 12);
        assert_eq!(player.frame(at(1.5) + Duration::from_millis(42)), 13);
    }

    #[test]
    fn what_is_late_is_dropped_and_counted() {
        let mut player = player();
        player.play(at(0.0));
        for seconds in [0.0, 0.05, 0.09, 0.3] {
            player.shown(player.frame(at(seconds)));
        }
        // 0, 1, 2, 7
        let expected = Tally {
            shown: 4,
            dropped: 4,
        };
        assert_eq!(player.tally(), expected);
        player.act(Action::Seek(4.0), at(0.3));
        player.shown(player.frame(at(0.3)));
        assert_eq!(player.tally().dropped, 4, "a jump drops nothing");
    }

    #[test]
    fn the_next_frame_is_due_when_its_time_comes_at_any_speed() {
        let mut player = player();
        assert_eq!(player.next_frame_at(at(0.0)), None);
        player.play(at(0.0));
        for action in [
            Action::NormalSpeed,
            Action::Slower,
            Action::Faster,
            Action::Faster,
            Action::Faster,
            Action::Faster,
            Action::Backwards,
        ] {
            player.act(Action::Seek(3.0), at(0.0));
            player.act(action, at(0.0));
            let mut now = at(0.01);
            for _ in 0..20 {
                let due = player.next_frame_at(now).unwrap();
                let before = player.frame(now);
                assert_eq!(
                    player.frame(due.saturating_sub(at(1e-4))),
                    before,
                    "{action:?}"
                );
                let step = player.frame(due).abs_diff(before);
                assert_eq!(step, player.stride(), "{action:?}");
                now = due;
            }
        }
    }

    #[test]
    fn high_speeds_show_no_more_pictures_than_a_display_does() {
        let mut player = player();
        player.play(at(0.0));
        for _ in 0..9 {
            player.act(Action::Faster, at(0.0));
        }
        assert_eq!(player.speed(), 4.0);
        let mut now = at(0.0);
        for _ in 0..30 {
            player.shown(player.frame(now));
            let next = player.next_frame_at(now).unwrap();
            assert!(next >= now + at(1.0 / MOST_PICTURES_PER_S - 1e-3));
            now = next;
        }
        let expected = Tally {
            shown: 30,
            dropped: 0,
        };
        assert_eq!(player.tally(), expected);
    }

    #[test]
    fn the_film_stops_at_its_last_frame_and_begins_again_from_there() {
        let mut player = player();
        let last = player.reel().frame_count - 1;
        player.play(at(0.0));
        player.settle(at(1e4));
        assert!(!player.playing());
        assert_eq!(player.frame(at(2e4)), last);
        player.act(Action::Toggle, at(3e4));
        assert!(player.playing());
        assert_eq!(player.frame(at(3e4)), 0);
    }

    #[test]
    fn backwards_it_stops_at_the_first_frame() {
        let mut player = player();
        player.act(Action::Seek(1.0), at(0.0));
        player.act(Action::Backwards, at(0.0));
        assert_eq!(player.frame(at(0.5)), 12);
        player.settle(at(5.0));
        assert!(!player.playing() && !player.backwards());
        assert_eq!(player.frame(at(9.0)), 0);
    }

    #[test]
    fn for_a_check_the_film_begins_again_and_again() {
        let reel = sample();
        let duration_s = reel.duration_s;
        let mut player = Player::new(reel, 0.0, AtEnd::Again);
        player.play(at(0.0));
        player.settle(at(duration_s + 1.0));
        assert!(player.playing());
        assert_eq!(player.frame(at(duration_s + 1.0)), 24);
    }

    #[test]
    fn pausing_keeps_the_frame_and_stepping_goes_by_one() {
        let mut player = player();
        player.play(at(0.0));
        player.act(Action::Toggle, at(1.03));
        assert_eq!(player.frame(at(7.0)), 24);
        player.act(Action::Step(1), at(8.0));
        assert_eq!(player.frame(at(8.0)), 25);
        player.act(Action::Step(-2), at(9.0));
        assert_eq!(player.frame(at(9.0)), 23);
        player.act(Action::Step(i64::MIN), at(9.0));
        assert_eq!(player.frame(at(9.0)), 0);
        player.act(Action::Step(i64::MAX), at(9.0));
        assert_eq!(player.frame(at(9.0)), player.reel().frame_count - 1);
    }

    #[test]
    fn j_k_and_l_shuttle() {
        let mut player = player();
        player.act(Action::Seek(3.0), at(0.0));
        player.act(Action::Forwards, at(0.0));
        player.act(Action::Forwards, at(0.0));
        assert_eq!((player.speed(), player.backwards()), (2.0, false));
        player.act(Action::Backwards, at(0.5));
        assert_eq!((player.speed(), player.backwards()), (1.0, true));
        assert_eq!(player.frame(at(0.5)), 96);
        player.act(Action::Hold, at(1.0));
        assert!(!player.playing());
        assert_eq!(player.frame(at(1.0)), 84);
        player.act(Action::Hold, at(1.0));
        assert!(!player.playing(), "holding twice does not play");
    }

    #[test]
    fn scenes_are_jumped_to_one_by_one() {
        let mut player = player();
        let starts: Vec<_> = player.reel().parts.iter().map(|p| p.start_s).collect();
        player.act(Action::NextScene, at(0.0));
        assert_eq!(player.time_s(at(0.0)), starts[1]);
        player.act(Action::Skip(2.0), at(0.0));
        player.act(Action::PreviousScene, at(0.0));
        assert_eq!(player.time_s(at(0.0)), starts[1], "its own beginning first");
        player.act(Action::PreviousScene, at(0.0));
        assert_eq!(player.time_s(at(0.0)), starts[0]);
        for _ in 0..=starts.len() {
            player.act(Action::NextScene, at(0.0));
        }
        assert_eq!(player.frame(at(0.0)), player.reel().frame_count - 1);
    }

    #[test]
    fn a_shot_is_repeated_until_one_leaves_it() {
        let mut player = player();
        let shot = player.reel().parts[1].shots[0].clone();
        let length_s = shot.end_s - shot.start_s;
        player.act(Action::Seek(shot.start_s + 0.5), at(0.0));
        player.play(at(0.0));
        player.act(Action::LoopShot, at(0.0));
        let round_s = player.time_s(at(length_s));
        assert!((round_s - shot.start_s - 0.5).abs() < 1e-6, "{round_s}");
        player.settle(at(1e4));
        assert!(player.playing());
        player.act(Action::Seek(0.0), at(0.0));
        assert_eq!(player.repeated(), None);
    }

    #[test]
    fn another_film_goes_on_from_the_same_time() {
        let mut player = player();
        player.play(at(0.0));
        player.replace(sample(), at(2.5));
        assert!(player.playing());
        assert_eq!(player.frame(at(2.5)), 60);
        let mut short = sample();
        short.frame_count = 24;
        short.duration_s = 1.0;
        player.replace(short, at(3.0));
        assert_eq!(player.frame(at(3.0)), 23, "a shorter one, from its end");
    }

    #[test]
    fn speeds_stay_between_a_quarter_and_four() {
        let mut player = player();
        for _ in 0..20 {
            player.act(Action::Slower, at(0.0));
        }
        assert_eq!(player.speed(), 0.25);
        for _ in 0..20 {
            player.act(Action::Faster, at(0.0));
        }
        assert_eq!(player.speed(), 4.0);
        player.act(Action::NormalSpeed, at(0.0));
        assert_eq!(player.speed(), 1.0);
    }
}
