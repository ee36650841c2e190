//! A new user's way through the page, from pasted text to playing film.

use crate::browser::{Browser, Key};
use crate::looks::obstacles;
use crate::program::{Program, STORY, can_draw};

#[test]
fn a_new_user_comes_from_a_pasted_text_to_a_film_that_plays() {
    if !can_draw("a_new_user") {
        return;
    }
    let Some(mut browser) = Browser::open("a_new_user") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let studio = Program::start(&folder.path().join("data"));
    let page = format!("http://{}/", studio.address);
    browser.size(360, 740);
    browser.go(&page);
    assert_eq!(obstacles(&mut browser), "");

    // What is no story is refused with the reason.
    browser.click("#read");
    browser.wait_for(
        "!$('story-error').hidden && $('story-error').textContent.includes('paste a story first')",
    );
    let bad = folder.path().join("story.pdf");
    std::fs::write(&bad, b"\x7fELF\x02\x01\x01\0\0\0 no story").unwrap();
    browser.upload("#file", &bad);
    browser
        .wait_for("!$('story-error').hidden && $('story-error').textContent.includes('story.pdf')");

    // An example is taken, and a document dropped in its place.
    browser.click("#example-list .chip");
    browser.wait_for("$('text').value.length > 500 && $('count-number').textContent.length > 2");
    browser.evaluate("$('text').value = ''");
    let good = folder.path().join("dropped.txt");
    std::fs::write(&good, STORY).unwrap();
    browser.drop_file("#drop", &good);
    browser.wait_for("!$('understood').hidden && analysis.title === 'The Red Lantern'");
    let dropped = browser.evaluate("window.dropped = analysis.id");

    // A text is pasted and read.
    browser.evaluate("$('text').focus()");
    browser.type_text(STORY);
    browser.wait_for("$('count-number').textContent !== '0'");
    browser.click("#read");
    browser.wait_for("analysis.id !== window.dropped");
    browser
        .wait_for("!$('understood').hidden && document.querySelectorAll('#lines li').length === 2");
    browser.wait_for("document.activeElement === $('understood-title')");
    browser.evaluate("$('scenes').scrollIntoView()");
    browser.wait_for("[...document.querySelectorAll('.face img, .still img')].every((it) => it.naturalWidth > 0)");
    assert_eq!(obstacles(&mut browser), "");

    let pasted = browser.evaluate("analysis.id");

    // A speaker is corrected, and the film knows it.
    let before = browser.evaluate("analysis.lines[0].speaker");
    let other =
        browser.evaluate("analysis.cast.find((role) => role.id !== analysis.lines[0].speaker).id");
    assert_ne!(before, other);
    browser.choose("#lines .speaker", other.as_str().unwrap());
    browser.wait_for("$('saved').textContent === 'Saved' && analysis.revision === 2");
    assert_eq!(browser.evaluate("analysis.lines[0].speaker"), other);

    // The film is made; the page is loaded anew in the middle of it.
    browser.choose("#size", "low");
    browser.choose("#fps", "15");
    browser.choose("#captions", "sidecar");
    browser.click("#make");
    browser.wait_for("film?.frames?.done > 0");
    browser.evaluate("delete document.documentElement.dataset.ready; location.reload()");
    browser.wait_for("document.documentElement.dataset.ready === 'yes' && !$('show').hidden");
    browser.wait_for("film.state === 'done' && $('video').readyState >= 2");
    assert_eq!(
        browser.evaluate("$('show-title').textContent"),
        "The Red Lantern"
    );

    // It plays, from any place in it.
    browser.evaluate("$('video').muted = true; $('video').currentTime = $('video').duration / 2; $('video').play()");
    browser
        .wait_for("!$('video').seeking && $('video').currentTime > $('video').duration / 2 + 0.2");
    browser.evaluate("$('video').pause()");
    browser.wait_for("$('video').textTracks[0].cues.length > 0");
    assert_eq!(obstacles(&mut browser), "");

    // It can be kept.
    let saved = browser.download("#get-film", "the-red-lantern.mp4");
    assert_eq!(browser.evaluate("film.size_bytes"), saved.len());
    assert_eq!(&saved[4..8], b"ftyp");
    let saved = browser.download("#get-vtt", "the-red-lantern.vtt");
    assert!(saved.starts_with(b"WEBVTT"));

    // Another one is called off, and both are deleted.
    browser.choose("#size", "full_hd");
    browser.click("#make");
    browser.wait_for("film.state === 'rendering' && !$('progress').hidden");
    browser.wait_for(
        "[...document.querySelectorAll('#film-list .state')].some((it) => it.textContent === 'Drawing')",
    );
    browser.click("#cancel");
    browser.wait_for(
        "film.state === 'cancelled' && $('show-note').textContent.includes('called off')",
    );
    browser.wait_for("document.querySelectorAll('#film-list li').length === 2");
    for left in [1, 0] {
        browser.click("#film-list .remove");
        browser.wait_for("$('sure').open");
        browser.click("#sure [value=yes]");
        browser.wait_for(&format!(
            "document.querySelectorAll('#film-list li').length === {left}"
        ));
    }
    browser.wait_for("$('show').hidden && !$('no-films').hidden");
    assert_eq!(
        std::fs::read_dir(folder.path().join("data/films"))
            .unwrap()
            .count(),
        0
    );
    browser.click("#forget");
    browser.wait_for("$('sure').open");
    browser.click("#sure [value=yes]");
    browser.wait_for("$('understood').hidden");
    // The one of the dropped document stays.
    for (story, status) in [(&dropped, 200), (&pasted, 404)] {
        let path = format!("/api/analyses/{}", story.as_str().unwrap());
        assert_eq!(studio.status(&path), status, "{path}");
    }
    assert_eq!(browser.complaints, [""; 0]);
}

#[test]
fn a_person_without_a_mouse_gets_as_far() {
    if !can_draw("a_person_without_a_mouse") {
        return;
    }
    let Some(mut browser) = Browser::open("a_person_without_a_mouse") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let studio = Program::start(folder.path());
    browser.size(1440, 900);
    browser.go(&format!("http://{}/", studio.address));

    // The first stop leads past the banner.
    browser.tab_to(".skip");
    browser.press(Key::Enter);
    browser.tab_to("#text");
    browser.type_text(STORY);
    browser.tab_to("#read");
    browser.press(Key::Enter);
    browser.wait_for("document.activeElement === $('understood-title')");

    // How somebody looks is opened, and who speaks is corrected.
    browser.tab_to("#cast summary");
    browser.press(Key::Space);
    browser.wait_for("document.querySelector('#cast details').open");
    browser.tab_to("#lines .speaker");
    browser.press(Key::Down);
    browser.wait_for("$('saved').textContent === 'Saved' && analysis.revision === 2");
    browser.wait_for("document.activeElement.matches('#lines .speaker')");

    // The film is ordered, called off and deleted.
    browser.tab_to("[name=aspect]");
    browser.press(Key::Down);
    assert_eq!(
        browser.evaluate("$('film-form').elements.aspect.value"),
        "classic"
    );
    browser.tab_to("#make");
    browser.press(Key::Space);
    browser.wait_for("film && document.activeElement === $('show-title')");
    browser.tab_to("#cancel");
    browser.press(Key::Enter);
    browser.wait_for("film.state === 'cancelled'");
    browser.tab_to("#delete");
    browser.press(Key::Enter);
    browser.wait_for("$('sure').open && document.activeElement.value === 'no'");
    browser.tab_to("#sure [value=yes]");
    browser.press(Key::Enter);
    browser.wait_for("film === null && document.activeElement === $('films-title')");
    assert_eq!(browser.complaints, [""; 0]);
}

#[test]
fn a_page_that_was_open_when_the_studio_was_started_anew_goes_on() {
    let Some(mut browser) = Browser::open("a_page_that_was_open") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Program::start(folder.path());
    browser.size(1440, 900);
    browser.go(&format!("http://{}/", studio.address));
    browser.evaluate("$('text').focus()");
    browser.type_text(STORY);
    browser.click("#read");
    browser.wait_for("!$('understood').hidden && analysis.revision === 1");
    let token = browser.evaluate("window.before = token");
    assert_eq!(token.as_str().map(str::len), Some(64));
    studio.kill();
    let port = studio.address.rsplit(':').next().unwrap().to_owned();
    let studio = Program::start_on(&port, folder.path(), &[]);
    let other =
        browser.evaluate("analysis.cast.find((role) => role.id !== analysis.lines[0].speaker).id");
    browser.choose("#lines .speaker", other.as_str().unwrap());
    browser.wait_for("$('saved').textContent === 'Saved' && analysis.revision === 2");
    browser.wait_for("token !== window.before");
    let story = browser.evaluate("analysis.id");
    let kept = studio.get(&format!("/api/analyses/{}", story.as_str().unwrap()));
    assert_eq!(kept["lines"][0]["speaker"], other);
    // The browser tells of the token that is refused, and of nothing else.
    assert!(
        browser.complaints.iter().all(|it| it.contains("403")),
        "{:?}",
        browser.complaints
    );
}
