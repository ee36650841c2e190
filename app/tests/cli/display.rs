//! A display of a test's own: Xvfb, and a client that types, clicks and looks at windows.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ChangeWindowAttributesAux,
    ConfigureWindowAux, ConnectionExt as _, EventMask, ImageFormat, InputFocus, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, MapState, PropMode, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Far more than anything takes, so that only what never happens fails.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_AGAIN: Duration = Duration::from_millis(15);
/// The symbol of the left Shift key.
pub const SHIFT_L: u32 = 0xffe1;
/// Buttons of the mouse; X has the wheel among them.
const LEFT_BUTTON: u8 = 1;
const WHEEL_AWAY: u8 = 4;
const WHEEL_TOWARDS: u8 = 5;

/// A running Xvfb and a connection to it.
pub struct Display {
    server: Child,
    pub name: String,
    connection: RustConnection,
    root: Window,
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// What a window shows: rows from the top, RGB.
#[derive(Clone, PartialEq, Eq)]
pub struct Capture {
    pub width: usize,
    pub height: usize,
    rgb: Vec<[u8; 3]>,
}

impl Capture {
    /// A picture of RGBA bytes.
    pub fn of((width, height, rgba): (u32, u32, Vec<u8>)) -> Self {
        Self {
            width: width as usize,
            height: height as usize,
            rgb: rgba.chunks(4).map(|c| [c[0], c[1], c[2]]).collect(),
        }
    }

    /// The part without so many pixels at each edge.
    pub fn inside(&self, [left, top]: [usize; 2]) -> Self {
        let rows = self
            .rgb
            .chunks(self.width)
            .take(self.height - top)
            .skip(top);
        Self {
            width: self.width - 2 * left,
            height: self.height - 2 * top,
            rgb: rows
                .flat_map(|row| &row[left..self.width - left])
                .copied()
                .collect(),
        }
    }

    /// The part of a size whose left upper corner is here.
    pub fn part(&self, [left, top]: [usize; 2], [width, height]: [usize; 2]) -> Self {
        let rows = self.rgb.chunks(self.width).skip(top).take(height);
        let part = rows.filter_map(|row| row.get(left..left + width));
        Self {
            width,
            height,
            rgb: part.flatten().copied().collect(),
        }
    }

    /// How far the darkest and the brightest pixels are apart in any channel.
    pub fn contrast(&self) -> u8 {
        let of = |channel: usize| {
            let values = || self.rgb.iter().map(|pixel| pixel[channel]);
            values().max().unwrap_or(0) - values().min().unwrap_or(0)
        };
        (0..3).map(of).max().unwrap_or(0)
    }

    /// Its pixels, row by row.
    pub fn pixels(&self) -> &[[u8; 3]] {
        &self.rgb
    }

    /// The pixel in its middle.
    pub fn middle(&self) -> [u8; 3] {
        self.rgb[self.width * (self.height / 2) + self.width / 2]
    }

    /// The largest difference in any channel of any pixel, of pictures of one size.
    pub fn difference(&self, other: &Self) -> u8 {
        if (self.width, self.height) != (other.width, other.height) {
            return u8::MAX;
        }
        let channels = |capture: &Self| capture.rgb.clone().into_iter().flatten();
        channels(self)
            .zip(channels(other))
            .map(|(a, b)| a.abs_diff(b))
            .max()
            .unwrap_or(0)
    }
}

impl Display {
    /// A display, or nothing where Xvfb is missing; then it is said that the test is skipped.
    pub fn open(test: &str) -> Option<Self> {
        let mut server = match Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1400x900x24"])
            .args(["-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
        {
            Ok(server) => server,
            Err(error) => {
                eprintln!("{test}: skipped, because there is no Xvfb ({error}); `make setup-test`");
                return None;
            }
        };
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut number)
            .unwrap();
        let name = format!(":{}", number.trim());
        let (connection, screen) = RustConnection::connect(Some(&name)).unwrap();
        let root = connection.setup().roots[screen].root;
        Some(Self {
            server,
            name,
            connection,
            root,
        })
    }

    /// The window that appears, with the keyboard.
    pub fn window(&self) -> Window {
        let window = wait_for("a window", || {
            let tree = self.connection.query_tree(self.root).unwrap();
            tree.reply()
                .unwrap()
                .children
                .into_iter()
                .find(|window| self.is_shown(*window))
        });
        self.connection
            .set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)
            .unwrap();
        self.sync();
        window
    }

    /// The title of a window.
    pub fn title(&self, window: Window) -> String {
        let name = AtomEnum::WM_NAME;
        let property = self
            .connection
            .get_property(false, window, name, AtomEnum::ANY, 0, 256)
            .unwrap();
        String::from_utf8_lossy(&property.reply().unwrap().value).into_owned()
    }

    fn is_shown(&self, window: Window) -> bool {
        // It may have gone since it was listed.
        let viewable = self
            .connection
            .get_window_attributes(window)
            .unwrap()
            .reply()
            .is_ok_and(|attributes| attributes.map_state == MapState::VIEWABLE);
        viewable && self.title(window).ends_with("fabula")
    }

    pub fn capture(&self, window: Window) -> Capture {
        let size = self.connection.get_geometry(window).unwrap();
        let size = size.reply().unwrap();
        let (format, width, height) = (ImageFormat::Z_PIXMAP, size.width, size.height);
        let image = self
            .connection
            .get_image(format, window, 0, 0, width, height, u32::MAX)
            .unwrap()
            .reply()
            .unwrap();
        Capture {
            width: width.into(),
            height: height.into(),
            rgb: image.data.chunks(4).map(|c| [c[2], c[1], c[0]]).collect(),
        }
    }

    /// Waits until the window shows something that is right.
    pub fn wait_until(&self, window: Window, what: &str, right: impl Fn(&Capture) -> bool) {
        wait_for(what, || right(&self.capture(window)).then_some(()));
    }

    /// Types one key while another one is held down.
    pub fn type_with(&self, held: u32, symbol: u32) {
        let held = self.key_code(held).0;
        self.fake(KEY_PRESS_EVENT, held, 0, 0);
        self.type_key(symbol);
        self.fake(KEY_RELEASE_EVENT, held, 0, 0);
        self.sync();
    }

    /// Types one key, given by its symbol in X11.
    pub fn type_key(&self, symbol: u32) {
        let (code, shifted) = self.key_code(symbol);
        let shift = self.key_code(SHIFT_L).0;
        if shifted {
            self.fake(KEY_PRESS_EVENT, shift, 0, 0);
        }
        self.fake(KEY_PRESS_EVENT, code, 0, 0);
        self.fake(KEY_RELEASE_EVENT, code, 0, 0);
        if shifted {
            self.fake(KEY_RELEASE_EVENT, shift, 0, 0);
        }
        self.sync();
    }

    /// Moves the mouse to a place of the display.
    pub fn point(&self, x: i16, y: i16) {
        self.fake(MOTION_NOTIFY_EVENT, 0, x, y);
        self.sync();
    }

    /// Presses the left button of the mouse at a place of the display.
    pub fn press(&self, x: i16, y: i16) {
        self.fake(MOTION_NOTIFY_EVENT, 0, x, y);
        self.fake(BUTTON_PRESS_EVENT, LEFT_BUTTON, 0, 0);
        self.sync();
    }

    /// Lets it go.
    pub fn release(&self) {
        self.fake(BUTTON_RELEASE_EVENT, LEFT_BUTTON, 0, 0);
        self.sync();
    }

    /// Clicks at a place of the display.
    pub fn click(&self, x: i16, y: i16) {
        self.press(x, y);
        self.release();
    }

    /// Turns the wheel by one notch, away from the person or not.
    pub fn turn_wheel(&self, away: bool) {
        let button = if away { WHEEL_AWAY } else { WHEEL_TOWARDS };
        self.fake(BUTTON_PRESS_EVENT, button, 0, 0);
        self.fake(BUTTON_RELEASE_EVENT, button, 0, 0);
        self.sync();
    }

    /// From now on takes note of what windows ask whoever manages them for.
    pub fn watch_requests(&self) {
        let events = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        self.connection
            .change_window_attributes(self.root, &events)
            .unwrap();
        self.sync();
    }

    /// Waits until a window has asked for this state, such as `_NET_WM_STATE_FULLSCREEN`, or, where
    /// `on` is not so, to leave it. Nobody is there to grant it.
    pub fn wait_for_request(&self, window: Window, state: &str, on: bool) {
        wait_for("the request", || {
            self.has_asked(window, state, on).then_some(())
        });
    }

    /// Whether a window has asked for it since somebody looked last.
    pub fn has_asked(&self, window: Window, state: &str, on: bool) -> bool {
        let (kind, state) = (self.atom("_NET_WM_STATE"), self.atom(state));
        while let Some(event) = self.connection.poll_for_event().unwrap() {
            if let Event::ClientMessage(asked) = event
                && (asked.window, asked.type_) == (window, kind)
            {
                let [action, first, ..] = asked.data.as_data32();
                if (action, first) == (u32::from(on), state) {
                    return true;
                }
            }
        }
        false
    }

    fn atom(&self, name: &str) -> u32 {
        let cookie = self.connection.intern_atom(false, name.as_bytes()).unwrap();
        cookie.reply().unwrap().atom
    }

    /// Gives the display another density of pixels, as when a window comes to another monitor.
    pub fn set_dpi(&self, window: Window, dpi: u32) {
        let said = format!("Xft.dpi:\t{dpi}\n");
        // Windows look at what the root has, and are told of changes of their own.
        for of in [self.root, window] {
            self.connection
                .change_property8(
                    PropMode::REPLACE,
                    of,
                    AtomEnum::RESOURCE_MANAGER,
                    AtomEnum::STRING,
                    said.as_bytes(),
                )
                .unwrap();
        }
        self.sync();
    }

    /// Takes a window off the display, as when it is minimised.
    pub fn hide(&self, window: Window) {
        self.connection.unmap_window(window).unwrap();
        self.sync();
    }

    /// Puts it there again.
    pub fn show(&self, window: Window) {
        self.connection.map_window(window).unwrap();
        let focus = InputFocus::PARENT;
        let is_viewable = || {
            let attributes = self.connection.get_window_attributes(window).unwrap();
            attributes.reply().unwrap().map_state == MapState::VIEWABLE
        };
        wait_for("the window", || is_viewable().then_some(()));
        self.connection
            .set_input_focus(focus, window, x11rb::CURRENT_TIME)
            .unwrap();
        self.sync();
    }

    /// Moves a window, as to another monitor.
    pub fn carry(&self, window: Window, x: i32, y: i32) {
        let place = ConfigureWindowAux::new().x(x).y(y);
        self.connection.configure_window(window, &place).unwrap();
        self.sync();
    }

    pub fn resize(&self, window: Window, width: u32, height: u32) {
        let size = ConfigureWindowAux::new().width(width).height(height);
        self.connection.configure_window(window, &size).unwrap();
        self.sync();
    }

    fn key_code(&self, symbol: u32) -> (u8, bool) {
        let setup = self.connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let mapping = self
            .connection
            .get_keyboard_mapping(first, last - first + 1)
            .unwrap()
            .reply()
            .unwrap();
        let columns = usize::from(mapping.keysyms_per_keycode);
        mapping
            .keysyms
            .chunks(columns)
            .zip(first..)
            .find_map(|(symbols, code)| {
                let column = symbols.iter().take(2).position(|known| *known == symbol)?;
                Some((code, column == 1))
            })
            .unwrap()
    }

    fn fake(&self, event: u8, detail: u8, x: i16, y: i16) {
        self.connection
            .xtest_fake_input(event, detail, 0, self.root, x, y, 0)
            .unwrap();
    }

    /// Comes back when the server has done everything.
    fn sync(&self) {
        self.connection.get_input_focus().unwrap().reply().unwrap();
    }
}

/// Asks again and again until there is an answer.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what} never came");
        thread::sleep(LOOK_AGAIN);
    }
}
