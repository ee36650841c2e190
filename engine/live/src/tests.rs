//! Cameras on loopback, with and without faults.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use fabula_test_camera::{COLOURS, Colour, Fault, Manner, Scheme, TestCamera};

use crate::session::Patience;
use crate::{CameraUrl, LiveError, LiveView, Picture, Problem, Recording, State};

/// Longer than anything takes, however busy the machine.
const LONG: Duration = Duration::from_mins(1);

/// Short where a test waits for it to pass.
const PATIENCE: Patience = Patience {
    handshake: Duration::from_secs(2),
    silence: Duration::from_secs(2),
    first_retry: Duration::from_millis(50),
    last_retry: Duration::from_millis(200),
    farewell: Duration::from_millis(300),
    grace: LONG,
};

fn camera(fault: Fault) -> TestCamera {
    let manner = Manner {
        fault,
        ..Manner::default()
    };
    TestCamera::start(manner).unwrap()
}

fn view(url: &str) -> LiveView {
    LiveView::open_with(url.parse().unwrap(), PATIENCE).unwrap()
}

/// What comes of looking at a camera with a fault.
fn problem_of(fault: Fault) -> Problem {
    let camera = camera(fault);
    let view = view(&camera.url());
    let found = wait_until(|| match view.state() {
        State::Lost { problem, .. } => Some(problem),
        State::Playing | State::Connecting => None,
    });
    assert_eq!(view.newest(), None);
    found
}

fn wait_until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + LONG;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < limit, "it never came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn colour(picture: &Picture) -> Colour {
    let mut rgba = Vec::new();
    picture.write_rgba(&mut rgba);
    assert_eq!(
        rgba.len(),
        (picture.width() * picture.height() * 4) as usize
    );
    let middle = rgba.len() / 2 + picture.width() as usize * 2;
    let pixel = &rgba[middle..middle + 4];
    assert_eq!(pixel[3], 255);
    let shown = [pixel[0], pixel[1], pixel[2]];
    let far = |one: &Colour| one.iter().zip(shown).map(|(a, b)| a.abs_diff(b)).max();
    let nearest = COLOURS.into_iter().min_by_key(far).unwrap();
    // Conversion there and back, and coding, take a few levels.
    assert!(
        far(&nearest) <= Some(12),
        "{shown:?} is none of the camera's"
    );
    nearest
}

#[test]
fn the_newest_picture_of_a_camera_is_seen_and_changes() {
    let camera = camera(Fault::None);
    let view = view(&camera.url());
    let first = view.wait(LONG).unwrap();
    assert_eq!((first.width(), first.height()), (320, 192));
    let before = colour(&first);
    let after = wait_until(|| view.newest().filter(|newest| colour(newest) != before));
    assert!(after.number() > first.number() && after.time() > first.time());
    assert_eq!(view.state(), State::Playing);
}

#[test]
fn a_camera_that_is_lost_keeps_its_last_picture_and_is_seen_again_when_it_returns() {
    let camera = camera(Fault::None);
    let (url, address) = (camera.url(), camera.address());
    let view = view(&url);
    view.wait(LONG).unwrap();
    drop(camera);
    let problem = wait_until(|| match view.state() {
        State::Lost { problem, .. } => Some(problem),
        _ => None,
    });
    assert!(
        matches!(problem, Problem::Closed | Problem::Unreachable(_)),
        "{problem:?}"
    );
    let held = wait_until(|| {
        let newest = view.newest()?;
        std::thread::sleep(Duration::from_millis(200));
        (view.newest()?.number() == newest.number()).then_some(newest)
    });

    let _returned = wait_until(|| TestCamera::start_at(address, Manner::default()).ok());
    let newer = wait_until(|| {
        view.newest()
            .filter(|newest| newest.number() > held.number())
    });
    assert!(newer.time() > held.time());
    assert_eq!(view.state(), State::Playing);
}

#[test]
fn a_camera_that_stalls_is_connected_to_again() {
    let camera = camera(Fault::StallsAfter(5));
    let view = view(&camera.url());
    let problem = wait_until(|| match view.state() {
        State::Lost { problem, .. } => Some(problem),
        _ => None,
    });
    assert_eq!(problem, Problem::Silent(2));
    wait_until(|| (view.newest()?.number() >= 5).then_some(()));
    assert!(camera.connections() >= 2);
}

#[test]
fn names_and_passwords_open_a_camera_in_both_ways() {
    for scheme in [Scheme::Basic, Scheme::Digest] {
        let camera = TestCamera::start(Manner {
            account: Some(("ann".into(), "p@ss word".into(), scheme)),
            ..Manner::default()
        })
        .unwrap();
        let view = view(&camera.url_with("ann:p%40ss%20word"));
        view.wait(LONG).unwrap();
    }
}

#[test]
fn a_wrong_password_is_told_and_not_tried_again() {
    for (account, problem) in [
        ("ann:QSECRETQ@", Problem::Refused),
        ("", Problem::Credentials),
    ] {
        let camera = TestCamera::start(Manner {
            account: Some(("ann".into(), "right".into(), Scheme::Digest)),
            ..Manner::default()
        })
        .unwrap();
        let url = format!("rtsp://{account}{}/door", camera.address());
        let view = view(&url);
        let error = view.wait(LONG).unwrap_err();
        assert!(matches!(&error, LiveError::Camera { problem: p, .. } if *p == problem));
        assert!(error.to_string().contains(&camera.url()), "{error}");
        // Several times as long as it would take.
        std::thread::sleep(PATIENCE.first_retry * 10);
        assert_eq!(camera.connections(), 1);
        assert!(camera.requests().len() <= 2, "{:?}", camera.requests());
    }
}

#[test]
fn what_cannot_be_seen_is_told_as_what_it_is() {
    assert_eq!(problem_of(Fault::Mute), Problem::Silent(2));
    assert_eq!(problem_of(Fault::Garbage), Problem::Protocol);
    assert_eq!(problem_of(Fault::EndlessHead), Problem::Silent(2));
    assert_eq!(problem_of(Fault::EndlessPicture), Problem::Silent(2));
    assert_eq!(problem_of(Fault::H265), Problem::Codec("only H.265"));
    assert_eq!(problem_of(Fault::SoundOnly), Problem::Codec("no video"));
    assert_eq!(problem_of(Fault::NotFound), Problem::NotFound);
    assert_eq!(problem_of(Fault::Busy), Problem::Status(503));

    let gone = camera(Fault::None).url();
    let view = view(&gone);
    let error = view
        .wait(Duration::from_millis(500))
        .unwrap_err()
        .to_string();
    assert!(error.contains("cannot be reached"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn media_that_are_not_h264_give_no_picture_and_no_harm() {
    let camera = camera(Fault::GarbageMedia);
    let view = view(&camera.url());
    let error = view.wait(Duration::from_secs(1)).unwrap_err();
    assert!(matches!(error, LiveError::Camera { .. }), "{error}");
    assert_eq!(view.newest(), None);
}

#[test]
fn a_recording_has_every_colour_for_as_long_as_the_camera_showed_it() {
    let camera = camera(Fault::None);
    let folder = tempfile::tempdir().unwrap();
    let length = Duration::from_secs(4);
    let url: CameraUrl = camera.url().parse().unwrap();
    let mut recording = Recording::open_with(url, folder.path(), length, PATIENCE).unwrap();
    recording.wait(LONG, || true).unwrap();
    // Drawing is late at first, and in time later.
    std::thread::sleep(Duration::from_millis(1500));
    let shown: Vec<_> = (0..100)
        .map(|frame| {
            let time = Duration::from_secs(frame) / 25;
            colour(&recording.picture_at(time, || true).unwrap())
        })
        .collect();
    let runs: Vec<_> = shown.chunk_by(|a, b| a == b).collect();
    assert!(runs.len() == 4 || runs.len() == 5, "{runs:?}");
    for run in &runs[1..runs.len() - 1] {
        assert!((24..=26).contains(&run.len()), "{runs:?}");
    }
    for pair in runs.windows(2) {
        let place = |run: &[Colour]| COLOURS.iter().position(|colour| *colour == run[0]).unwrap();
        assert_eq!((place(pair[0]) + 1) % 4, place(pair[1]), "{runs:?}");
    }
    // What is recorded has no name that could be left over.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_recording_goes_back_to_what_it_has_shown_before() {
    let camera = camera(Fault::None);
    let folder = tempfile::tempdir().unwrap();
    let length = Duration::from_secs(3);
    let url: CameraUrl = camera.url().parse().unwrap();
    let mut recording = Recording::open_with(url, folder.path(), length, PATIENCE).unwrap();
    recording.wait(LONG, || true).unwrap();
    let mut show = |from_ms: u64, to_ms: u64| -> Vec<Arc<Picture>> {
        let times = (from_ms..to_ms).step_by(40).map(Duration::from_millis);
        times
            .map(|time| recording.picture_at(time, || true).unwrap())
            .collect()
    };
    let first = show(0, 2400);
    for from in [1200, 0] {
        let again = show(from, 2400);
        let shown = &first[(from / 40) as usize..];
        assert_eq!(again.len(), shown.len());
        for (before, now) in shown.iter().zip(&again) {
            assert_eq!(now.time(), before.time());
            assert_eq!(colour(now), colour(before));
            assert!(now.number() > before.number(), "it was decoded anew");
        }
    }
}

#[test]
fn a_recording_holds_the_last_picture_while_its_camera_is_lost() {
    let camera = camera(Fault::None);
    let address = camera.address();
    let folder = tempfile::tempdir().unwrap();
    let url: CameraUrl = camera.url().parse().unwrap();
    let patience = Patience {
        grace: Duration::from_millis(100),
        ..PATIENCE
    };
    let mut recording = Recording::open_with(url, folder.path(), LONG, patience).unwrap();
    recording.wait(LONG, || true).unwrap();
    drop(camera);
    wait_until(|| matches!(recording.state(), State::Lost { .. }).then_some(()));
    let begin = Duration::from_secs(1);
    let held = recording.picture_at(begin, || true).unwrap();
    let later = recording.picture_at(begin * 2, || true).unwrap();
    assert_eq!(held.number(), later.number());

    let _returned = wait_until(|| TestCamera::start_at(address, Manner::default()).ok());
    let mut time = begin * 2;
    let newer = wait_until(|| {
        time += Duration::from_millis(100);
        let picture = recording.picture_at(time, || true).unwrap();
        (picture.number() > held.number()).then_some(picture)
    });
    assert!(newer.time() > later.time() && newer.time() <= time);
}

#[test]
fn a_recording_ends_with_its_film_and_at_a_word() {
    let camera = camera(Fault::None);
    let folder = tempfile::tempdir().unwrap();
    let url: CameraUrl = camera.url().parse().unwrap();
    let length = Duration::from_millis(400);
    let mut recording = Recording::open_with(url, folder.path(), length, PATIENCE).unwrap();
    recording.wait(LONG, || true).unwrap();
    let last = recording.picture_at(LONG, || true).unwrap();
    assert!(last.time() > length && last.time() < length * 4);
    wait_until(|| recording.is_over().then_some(()));
    assert_eq!(camera.connections(), 1);

    let mute = self::camera(Fault::Mute);
    let url = mute.url().parse().unwrap();
    let mut waiting = Recording::open_with(url, folder.path(), length, PATIENCE).unwrap();
    let error = waiting.wait(LONG, || false).unwrap_err();
    assert!(matches!(error, LiveError::Camera { .. }), "{error}");
}

#[test]
fn no_message_holds_a_secret() {
    static LOG: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();
    #[derive(Clone)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = LOG.get_or_init(Arc::default);
    let writer = Log(Arc::clone(log));
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .try_init()
        .unwrap();
    let mut shown = String::new();
    for scheme in [Scheme::Basic, Scheme::Digest] {
        for right in ["QSECRETQ", "another"] {
            let camera = TestCamera::start(Manner {
                account: Some(("ann".into(), right.into(), scheme)),
                ..Manner::default()
            })
            .unwrap();
            let view = view(&camera.url_with("ann:QSECRETQ"));
            let seen = view.wait(LONG);
            assert_eq!(seen.is_ok(), right == "QSECRETQ");
            shown += &[
                format!("{seen:?} {view:?}"),
                format!("{} {:?}", view.camera(), view.state()),
            ]
            .join(" ");
            if let Err(error) = seen {
                shown += &error.to_string();
            }
            let sent = camera.requests().concat();
            assert!(sent.contains("Authorization"), "{sent}");
            assert!(!sent.contains("QSECRETQ"), "{sent}");
        }
    }
    shown += &String::from_utf8_lossy(&log.lock().unwrap());
    assert!(shown.contains("plays"), "nothing was logged");
    // Written as Basic does, too.
    for secret in ["QSECRETQ", "YW5uOlFTRUNSRVRR"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
