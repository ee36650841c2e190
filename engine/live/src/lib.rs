//! A camera's RTSP stream, for the background of a film.
//!
//! [`LiveView`] is for looking: the newest picture, whenever it is asked for. [`Recording`] is for
//! films: the picture that the camera showed at a moment of the film's clock, however fast or slow
//! the film is drawn. Both receive H.264 over TCP on a thread of their own, connect again when the
//! stream is lost and hold the last picture meanwhile, keep flat memory, and end within a second
//! when they are dropped. Credentials are part of a [`CameraUrl`] and appear in no message.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use fabula_live::LiveView;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let view = LiveView::open("rtsp://ann:password@camera.local/stream1".parse()?)?;
//! let picture = view.wait(Duration::from_secs(10))?;
//! let mut rgba = Vec::new();
//! picture.write_rgba(&mut rgba);
//! println!("{} shows {}x{}", view.camera(), picture.width(), picture.height());
//! # Ok(())
//! # }
//! ```

mod decode;
mod link;
mod picture;
mod problem;
mod recording;
mod session;
#[cfg(test)]
mod tests;
mod url;
mod view;

pub use link::State;
pub use picture::Picture;
pub use problem::{LiveError, Problem};
pub use recording::Recording;
pub use url::{CameraUrl, UrlError};
pub use view::LiveView;
