//! One connection to a camera, from its first request to its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use h264_reader::avcc::AvcDecoderConfigurationRecord;
use retina::client::{
    Demuxed, PlayOptions, Session, SessionGroup, SessionOptions, SetupOptions, Stream,
    TeardownPolicy,
};
use retina::codec::{CodecItem, ParametersRef, VideoFrame};
use tokio::time::timeout;

use crate::CameraUrl;
use crate::problem::Problem;

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// From connecting to the camera's answer that it plays.
    pub(crate) handshake: Duration,
    /// Between two pictures.
    pub(crate) silence: Duration,
    /// Before connecting again for the first time; it doubles each time,
    pub(crate) first_retry: Duration,
    /// up to this.
    pub(crate) last_retry: Duration,
    /// For telling the camera that nobody watches any more.
    pub(crate) farewell: Duration,
    /// For a picture of a recording after its time, before the one before it is held.
    pub(crate) grace: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            silence: Duration::from_secs(5),
            first_retry: Duration::from_millis(500),
            last_retry: Duration::from_secs(8),
            farewell: Duration::from_millis(300),
            grace: Duration::from_millis(500),
        }
    }
}

/// A coded picture as it comes.
pub(crate) struct Coded {
    /// Whether decoding can begin here.
    pub(crate) key: bool,
    /// The camera's clock, in ticks of 1/90000 s.
    pub(crate) ticks: i64,
    /// NAL units with start codes, parameter sets before each key frame.
    pub(crate) data: Vec<u8>,
}

/// A camera that plays.
pub(crate) struct Playing {
    frames: Demuxed,
    /// Number of the stream that is received.
    stream: usize,
    silence: Duration,
}

/// Connects and lets the first stream of H.264 play, interleaved in the one TCP connection.
///
/// An RTSP message may be of any length for retina; what bounds its memory here is how long it
/// is listened to without a whole picture: `handshake` and `silence`.
pub(crate) async fn play(
    camera: &CameraUrl,
    patience: &Patience,
    group: &Arc<SessionGroup>,
) -> Result<Playing, Problem> {
    let frames = timeout(patience.handshake, async {
        let options = SessionOptions::default()
            .creds(camera.credentials())
            .session_group(Arc::clone(group))
            .teardown(TeardownPolicy::Auto)
            .user_agent("fabula".to_owned());
        let asked = |error| problem(camera, &error);
        let described = Session::describe(camera.request_url(), options).await;
        let mut session = described.map_err(asked)?;
        let mut videos = session.streams().iter().enumerate();
        let h264 = videos
            .find(|(_, stream)| stream.media() == "video" && stream.encoding_name() == "h264");
        let Some((index, _)) = h264 else {
            return Err(Problem::Codec(offer(&session)));
        };
        let setup = SetupOptions::default();
        session.setup(index, setup).await.map_err(asked)?;
        let session = session.play(PlayOptions::default()).await.map_err(asked)?;
        Ok((session.demuxed().map_err(asked)?, index))
    });
    match frames.await {
        Ok(played) => {
            let (frames, stream) = played?;
            Ok(Playing {
                frames,
                stream,
                silence: patience.silence,
            })
        }
        Err(_) => Err(Problem::Silent(patience.handshake.as_secs())),
    }
}

impl Playing {
    /// The next coded picture. After a problem the connection is of no use.
    pub(crate) async fn next(&mut self) -> Result<Coded, Problem> {
        let video = async {
            loop {
                match self.frames.next().await {
                    Some(Ok(CodecItem::VideoFrame(frame))) => return Ok(frame),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(reading(&error.to_string())),
                    None => return Err(Problem::Closed),
                }
            }
        };
        let silent = Problem::Silent(self.silence.as_secs());
        let frame = timeout(self.silence, video).await.unwrap_or(Err(silent))?;
        Ok(self.coded(&frame))
    }

    fn coded(&self, frame: &VideoFrame) -> Coded {
        let key = frame.is_random_access_point();
        let mut data = Vec::with_capacity(frame.data().len() + 256);
        let stream = self.frames.streams().get(self.stream);
        if let Some(ParametersRef::Video(parameters)) = stream.and_then(Stream::parameters)
            && key
        {
            put_parameter_sets(parameters.extra_data(), &mut data);
        }
        put_nal_units(frame.data(), &mut data);
        Coded {
            key,
            ticks: frame.timestamp().elapsed(),
            data,
        }
    }
}

const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// Puts the parameter sets of a configuration as ISO/IEC 14496-15 has it behind start codes.
fn put_parameter_sets(configuration: &[u8], data: &mut Vec<u8>) {
    let Ok(sets) = AvcDecoderConfigurationRecord::try_from(configuration) else {
        return;
    };
    let (sequence, picture) = (
        sets.sequence_parameter_sets(),
        sets.picture_parameter_sets(),
    );
    for set in sequence.chain(picture).flatten() {
        data.extend(START_CODE);
        data.extend(set);
    }
}

/// Puts NAL units that each stand behind their length in four bytes behind start codes instead.
fn put_nal_units(mut units: &[u8], data: &mut Vec<u8>) {
    while let Some((len, rest)) = units.split_first_chunk() {
        let len = (u32::from_be_bytes(*len) as usize).min(rest.len());
        let (unit, rest) = rest.split_at(len);
        data.extend(START_CODE);
        data.extend(unit);
        units = rest;
    }
}

/// What a camera without H.264 has instead.
fn offer<S: retina::client::State>(session: &Session<S>) -> &'static str {
    let mut videos = session
        .streams()
        .iter()
        .filter(|stream| stream.media() == "video");
    match videos.next().map(Stream::encoding_name) {
        Some("h265") => "only H.265",
        Some("jpeg") => "only JPEG",
        Some("mp4v-es") => "only MPEG-4 Visual",
        Some(_) => "only video of another kind than H.264",
        None => "no video",
    }
}

/// What an error of a request means. Its own text is not passed on: it repeats what the camera
/// sent, over many lines.
fn problem(camera: &CameraUrl, error: &retina::Error) -> Problem {
    match error.status_code() {
        Some(401) if camera.credentials().is_none() => Problem::Credentials,
        Some(401 | 403) => Problem::Refused,
        Some(404) => Problem::NotFound,
        Some(status) if !(200..300).contains(&status) => Problem::Status(status),
        Some(_) => Problem::Protocol,
        None => reading(&error.to_string()),
    }
}

/// retina's errors are opaque; how they begin is all that there is to tell them apart.
fn reading(text: &str) -> Problem {
    if let Some(cause) = text.strip_prefix("Unable to connect to RTSP server: ") {
        return Problem::Unreachable(cause.to_owned());
    }
    let closed = ["Error reading from RTSP peer", "Error writing to RTSP peer"];
    if closed.iter().any(|start| text.starts_with(start)) {
        return Problem::Closed;
    }
    Problem::Protocol
}
