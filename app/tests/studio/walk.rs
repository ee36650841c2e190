//! A new user's way through the page, from pasted text to playing film.

use crate::browser::Browser;
use crate::looks::obstacles;
use crate::program::{Program, STORY, can_draw};

#[test]
fn a_new_user_comes_from_a_pasted_text_to_a_film_that_plays() {
    if !can_draw("a_new_user") {
        return;
    }
    let Some(mut browser) = Browser::open() else {
        eprintln!("a_new_user: skipped, because there is no Chromium on this machine");
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

    // A text is pasted and read.
    browser.evaluate("$('text').focus()");
    browser.type_text(STORY);
    browser.wait_for("$('count-number').textContent !== '0'");
    browser.click("#read");
    browser
        .wait_for("!$('understood').hidden && document.querySelectorAll('#lines li').length === 2");
    browser.wait_for("document.activeElement === $('understood-title')");
    browser.evaluate("$('scenes').scrollIntoView()");
    browser.wait_for("[...document.querySelectorAll('.face img, .still img')].every((it) => it.naturalWidth > 0)");
    assert_eq!(obstacles(&mut browser), "");

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

    // Another one is called off, and both are deleted.
    browser.choose("#size", "full_hd");
    browser.click("#make");
    browser.wait_for("film.state === 'rendering' && !$('progress').hidden");
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
    assert_eq!(
        std::fs::read_dir(folder.path().join("data/analyses"))
            .unwrap()
            .count(),
        0
    );
    assert_eq!(browser.complaints, [""; 0]);
}
