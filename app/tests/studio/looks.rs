//! The page at each width, by day and by night, in each state: nothing keeps anyone out.

use std::path::Path;

use crate::browser::Browser;
use crate::program::{Program, can_draw};
use crate::uploads::sample;

/// Widths of a telephone, a tablet and a desk, each with a height.
const WINDOWS: [(u32, u32); 3] = [(360, 740), (768, 1024), (1440, 900)];
/// Where pictures of each state are put, if it is set.
const PICTURES: &str = "FABULA_SCREENSHOTS";

/// What keeps a page from those who cannot see or click: checks that need no library.
const OBSTACLES: &str = "(() => {
    const found = [];
    const shown = (node) => node.checkVisibility({ checkVisibilityCSS: true });
    const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
    for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) found.push(`twice: ${id}`);
    for (const node of document.querySelectorAll('input, select, textarea'))
        if (shown(node) && node.labels.length === 0 && !node.ariaLabel) found.push(`no label: ${node.className || node.name}`);
    for (const node of document.querySelectorAll('button, a[href], summary'))
        if (shown(node) && !node.textContent.trim() && !node.ariaLabel) found.push(`no name: ${node.outerHTML}`);
    for (const node of document.querySelectorAll('img')) if (!node.hasAttribute('alt')) found.push(`no alt: ${node.src}`);
    let last = 0;
    for (const node of document.querySelectorAll('h1, h2, h3, h4')) {
        if (!shown(node)) continue;
        const level = Number(node.tagName[1]);
        if (level > last + 1) found.push(`skips a level: ${node.textContent}`);
        last = level;
    }
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth) found.push(`wider than the window: ${document.documentElement.scrollWidth}`);
    return found.join('; ');
})()";

/// What keeps people out of the page as it is now.
pub fn obstacles(browser: &mut Browser) -> String {
    let mut found = browser.evaluate(OBSTACLES).as_str().unwrap().to_owned();
    found += &browser.serious_problems().unwrap_or_default();
    found
}

/// Looks at a state of the page in each window, by day and by night.
fn look(browser: &mut Browser, state: &str, at: &str) {
    for night in [false, true] {
        browser.by_night(night);
        for (width, height) in WINDOWS {
            browser.size(width, height);
            browser.evaluate(&format!(
                "document.documentElement.style.scrollBehavior = 'auto'; $({at:?}).scrollIntoView()"
            ));
            let light = if night { "night" } else { "day" };
            if let Some(folder) = std::env::var_os(PICTURES) {
                let name = format!("{state}-{width}-{light}.jpg");
                std::fs::write(Path::new(&folder).join(name), browser.picture()).unwrap();
            }
            let found = obstacles(browser);
            assert_eq!(found, "", "{state}, {width} wide, by {light}");
        }
    }
}

#[test]
fn nothing_keeps_anyone_out_at_any_width_by_day_or_by_night() {
    if !can_draw("nothing_keeps_anyone_out") {
        return;
    }
    let Some(mut browser) = Browser::open("nothing_keeps_anyone_out") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let studio = Program::start(folder.path());
    browser.size(1440, 900);
    browser.go(&format!("http://{}/", studio.address));
    look(&mut browser, "start", "main");
    browser.click("#read");
    browser.wait_for("!$('story-error').hidden");
    look(&mut browser, "error", "story");

    browser.upload("#file", &sample("two-goats-on-the-bridge.txt"));
    browser.wait_for("!$('understood').hidden");
    browser.wait_for("[...document.querySelectorAll('.face img, .still img')].every((it) => { it.loading = 'eager'; return it.naturalWidth > 0; })");
    browser.evaluate("document.querySelector('.role details').open = true");
    look(&mut browser, "understood", "understood");
    look(&mut browser, "scenes", "scenes-title");
    look(&mut browser, "lines", "lines-title");
    look(&mut browser, "film", "film");

    browser.click("#make");
    browser.wait_for("film?.frames?.done > 0 && !$('live').hidden");
    look(&mut browser, "drawing", "show");
    browser.click("#cancel");
    browser.wait_for("film.state === 'cancelled'");
    look(&mut browser, "cancelled", "show");

    browser.choose("#size", "low");
    browser.choose("#fps", "15");
    browser.choose("#quality", "draft");
    browser.choose("#captions", "both");
    browser.click("#make");
    browser.wait_for("film.state === 'done' && $('video').readyState >= 1");
    browser.wait_for("[...document.querySelectorAll('.thumb img')].some((it) => { it.loading = 'eager'; return it.naturalWidth > 0; })");
    look(&mut browser, "done", "show");
    look(&mut browser, "films", "films");
    browser.click("#film-list .remove");
    browser.wait_for("$('sure').open");
    look(&mut browser, "sure", "films");
    browser.click("#sure [value=no]");

    // What was open is gone, and the page says so.
    browser.evaluate("location.hash = '#story=0123456789abcdef0123456789abcdef'; delete document.documentElement.dataset.ready; location.reload()");
    browser.wait_for("document.documentElement.dataset.ready === 'yes' && $('story-error').textContent.includes('is gone')");
    look(&mut browser, "gone", "story");

    // The studio ends, and the page says so too.
    drop(studio);
    browser.evaluate("refreshFilms()");
    browser.wait_for("!$('offline').hidden");
    browser.evaluate("$('films').scrollIntoView({ behavior: 'instant', block: 'end' })");
    assert_eq!(
        browser.evaluate(
            "(() => { const { top, bottom } = $('offline').getBoundingClientRect();
                return scrollY > 0 && top >= 0 && bottom < innerHeight; })()"
        ),
        true,
        "it is seen however far down one is"
    );
    look(&mut browser, "offline", "main");
    assert_eq!(browser.complaints, [""; 0]);
}

#[test]
fn a_studio_with_a_key_asks_for_it_and_opens_with_it() {
    let Some(mut browser) = Browser::open("a_studio_with_a_key") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "a key of more than sixteen letters\n").unwrap();
    let options = ["--token-file", key.to_str().unwrap()];
    let studio = Program::start_with(&folder.path().join("data"), &options);
    browser.size(1440, 900);
    browser.call(
        "Page.navigate",
        &serde_json::json!({"url": format!("http://{}/", studio.address)}),
    );
    browser.wait_for("$('key-dialog').open");
    look(&mut browser, "key", "main");
    browser.evaluate("$('key').focus()");
    browser.type_text("not the key of this studio");
    browser.click("#key-form button");
    browser.wait_for("$('key-error').textContent.includes('not the key')");
    browser.evaluate("$('key').select()");
    browser.type_text("a key of more than sixteen letters");
    browser.click("#key-form button");
    browser.wait_for("!$('key-dialog').open && document.documentElement.dataset.ready === 'yes'");
    browser.wait_for("document.querySelectorAll('#example-list li').length > 0");
    assert_eq!(browser.complaints, [""; 0]);
}
