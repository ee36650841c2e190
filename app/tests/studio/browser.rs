//! Chromium without a window, driven over its `DevTools` protocol through two pipes.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// How long the page may take on the slowest machine, a film included.
const PATIENCE: Duration = Duration::from_mins(5);

/// Says that a test, or a part of it, is skipped; a machine that tests changes skips nothing.
fn do_without(test: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{test}: {why}");
    eprintln!("{test}: skipped, because {why}");
}

/// More places than there are to which the tabulator key leads.
const MOST_STOPS: usize = 100;

/// Keys that a person without a mouse needs.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    Tab,
    Enter,
    Space,
    Down,
}

/// One page in a browser of its own.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    to: File,
    from: BufReader<File>,
    session: Option<String>,
    last_id: u64,
    /// What the page complained of: exceptions, and whatever its policy forbade.
    pub complaints: Vec<String>,
    _folder: TempDir,
}

impl Browser {
    /// Opens an empty page; without a browser, says that the test is skipped.
    pub fn open(test: &str) -> Option<Self> {
        let Some(program) = NAMES.into_iter().find(|name| {
            let mut version = Command::new(name);
            version
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            version.status().is_ok_and(|status| status.success())
        }) else {
            do_without(test, "there is no Chromium on this machine");
            return None;
        };
        if axe().is_none() {
            do_without("axe-core", "`tools/fetch-axe` has not got it");
        }
        let folder = tempfile::tempdir().unwrap();
        let pipe = |name: &str| {
            let path = folder.path().join(name);
            assert!(
                Command::new("mkfifo")
                    .arg(&path)
                    .status()
                    .unwrap()
                    .success()
            );
            path
        };
        let (to, from) = (pipe("to"), pipe("from"));
        // The browser reads commands from descriptor 3 and writes answers to descriptor 4.
        let child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<\"$TO\" 4>\"$FROM\"", program])
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--remote-debugging-pipe",
            ])
            .args([
                "--no-first-run",
                "--mute-audio",
                "--autoplay-policy=no-user-gesture-required",
            ])
            .arg(format!(
                "--user-data-dir={}",
                folder.path().join("profile").display()
            ))
            .env("TO", &to)
            .env("FROM", &from)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = File::options().write(true).open(to).unwrap();
        let from = BufReader::new(File::open(from).unwrap());
        let mut browser = Self {
            child,
            to,
            from,
            session: None,
            last_id: 0,
            complaints: Vec::new(),
            _folder: folder,
        };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", &attach);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "DOM"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    /// Sends a command and gives its result.
    pub fn call(&mut self, method: &str, params: &Value) -> Value {
        let answer = self.ask(method, params);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Sends a command and gives its result or its error.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.to
            .write_all(format!("{message}\0").as_bytes())
            .unwrap();
        loop {
            let answer = self.receive();
            if answer["id"] == id {
                return answer;
            }
            self.note(&answer);
        }
    }

    fn receive(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        assert_eq!(bytes.pop(), Some(0), "the browser has ended");
        serde_json::from_slice(&bytes).unwrap()
    }

    fn note(&mut self, event: &Value) {
        let entry = &event["params"]["entry"];
        match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.complaints.push(event["params"].to_string()),
            // What the server refuses is in the log as well, and not always a fault.
            Some("Log.entryAdded") if entry["level"] == "error" && entry["source"] != "network" => {
                self.complaints.push(entry["text"].to_string());
            }
            _ => {}
        }
    }

    /// What an expression comes to in the page, once it has come to it.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let result = self.call(
            "Runtime.evaluate",
            &json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true}),
        );
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Waits until an expression holds in the page.
    pub fn wait_for(&mut self, condition: &str) {
        let asked = format!(
            "(() => {{ try {{ return Boolean({condition}); }} catch {{ return false; }} }})()"
        );
        let params = json!({"expression": asked, "returnByValue": true});
        let end = Instant::now() + PATIENCE;
        // While the page is loaded anew there is nobody to answer.
        while self.ask("Runtime.evaluate", &params)["result"]["result"]["value"] != true {
            assert!(Instant::now() < end, "never came: {condition}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn go(&mut self, address: &str) {
        self.call("Page.navigate", &json!({"url": address}));
        self.wait_for("document.documentElement.dataset.ready === 'yes'");
    }

    pub fn click(&mut self, selector: &str) {
        self.evaluate(&format!("document.querySelector({selector:?}).click()"));
    }

    /// Chooses in a select box as a person does.
    pub fn choose(&mut self, selector: &str, value: &str) {
        self.evaluate(&format!(
            "(() => {{ const box = document.querySelector({selector:?}); box.value = {value:?};
                box.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"
        ));
    }

    /// Types into whatever has the focus.
    pub fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", &json!({"text": text}));
    }

    /// Presses a key and lets go of it.
    pub fn press(&mut self, key: Key) {
        let (name, code, text) = match key {
            Key::Tab => ("Tab", 9, ""),
            Key::Enter => ("Enter", 13, "\r"),
            Key::Space => (" ", 32, " "),
            Key::Down => ("ArrowDown", 40, ""),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({"type": kind, "key": name, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Goes on to what fits a selector with the tabulator key alone.
    pub fn tab_to(&mut self, selector: &str) {
        let is_there = format!("document.activeElement.matches({selector:?})");
        for _ in 0..MOST_STOPS {
            self.press(Key::Tab);
            if self.evaluate(&is_there) == true {
                return;
            }
        }
        panic!("no key leads to {selector}");
    }

    /// Drags a file from outside and lets it go over the middle of something.
    pub fn drop_file(&mut self, selector: &str, file: &Path) {
        let middle = self.evaluate(&format!(
            "(() => {{ const it = document.querySelector({selector:?});
                it.scrollIntoView({{ behavior: 'instant', block: 'center' }});
                const box = it.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        for kind in ["dragEnter", "dragOver", "drop"] {
            let data = json!({"items": [], "files": [file], "dragOperationsMask": 1});
            self.call(
                "Input.dispatchDragEvent",
                &json!({"type": kind, "x": middle[0], "y": middle[1], "data": data}),
            );
            if kind == "dragOver" {
                self.wait_for("$('story').classList.contains('dropping')");
            }
        }
    }

    /// Follows a link that saves a file, and gives what was saved under a name.
    pub fn download(&mut self, selector: &str, name: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        self.call(
            "Browser.setDownloadBehavior",
            &json!({"behavior": "allow", "downloadPath": folder.path()}),
        );
        self.click(selector);
        let end = Instant::now() + PATIENCE;
        let path = folder.path().join(name);
        // It has another name until all of it is there.
        while !path.exists() {
            assert!(Instant::now() < end, "{name} never came");
            thread::sleep(Duration::from_millis(50));
        }
        std::fs::read(path).unwrap()
    }

    /// Chooses a file to upload.
    pub fn upload(&mut self, selector: &str, file: &Path) {
        let root = self.call("DOM.getDocument", &json!({}))["root"]["nodeId"].clone();
        let query = json!({"nodeId": root, "selector": selector});
        let node = self.call("DOM.querySelector", &query)["nodeId"].clone();
        let files = json!({"nodeId": node, "files": [file]});
        self.call("DOM.setFileInputFiles", &files);
    }

    /// Looks at the page by day or by night, without waiting for one to fade into the other.
    pub fn by_night(&mut self, night: bool) {
        let scheme = if night { "dark" } else { "light" };
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({"features": [
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]}),
        );
    }

    /// What is in the window, as JPEG.
    pub fn picture(&mut self) -> Vec<u8> {
        let wanted = json!({"format": "jpeg", "quality": 82});
        let shot = self.call("Page.captureScreenshot", &wanted);
        from_base64(shot["data"].as_str().unwrap())
    }

    /// What keeps people out of the page as it is now, as axe-core finds it, if it is at hand.
    pub fn serious_problems(&mut self) -> Option<String> {
        let script = std::fs::read_to_string(axe()?).unwrap();
        if self.evaluate("typeof axe") != "object" {
            self.evaluate(&format!("{script}; undefined"));
        }
        let found = self.evaluate(
            "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
                .filter(({ impact }) => impact === 'serious' || impact === 'critical')
                .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
                .join('; '))",
        );
        Some(found.as_str().unwrap().to_owned())
    }

    pub fn size(&mut self, width: u32, height: u32) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}),
        );
    }
}

/// Where `tools/fetch-axe` puts axe-core.
fn axe() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")))?;
    let mut folders: Vec<_> = std::fs::read_dir(cache.join("fabula"))
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("axe.min.js")))
        .filter(|path| path.exists())
        .collect();
    folders.sort();
    folders.pop()
}

fn from_base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let text = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::new();
    for part in text.chunks(4) {
        let bits = part
            .iter()
            .fold(0, |bits, byte| bits << 6 | u32::from(digit(*byte)));
        let bits = bits << (6 * (4 - part.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..part.len()]);
    }
    bytes
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
