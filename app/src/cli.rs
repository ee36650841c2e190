//! The command line, as `docs/contract.md` promises it.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use fabula_encode::Quality;
use fabula_live::CameraUrl;
use fabula_nlp::reading::DeviceChoice;
use fabula_render::{Art, FrameSize, GpuChoice};
use fabula_story::{Backdrop, Emotion, Storyboard, StreamUrl};

use crate::commands::serve::SettingArgs;
use crate::failure::Failure;

/// Turns a story in plain words into an animated film, on this machine alone.
#[derive(Debug, Parser)]
#[command(name = "fabula", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub console: ConsoleArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// What appears on standard error.
#[derive(Clone, Debug, Args)]
pub struct ConsoleArgs {
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Form of log lines, errors and the summary
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// How progress is shown; `auto` is a bar on a terminal and nothing elsewhere
    #[arg(long, global = true, value_name = "KIND", default_value = "auto")]
    pub progress: ProgressKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProgressKind {
    Auto,
    Bar,
    Json,
    None,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a film from a story or a storyboard
    Render(RenderArgs),
    /// Make films of many stories, on one GPU and with networks that are loaded once
    Batch(BatchArgs),
    /// Say what was understood of a story
    Analyze(AnalyzeArgs),
    /// Write the plan of the film, to be edited and rendered
    Storyboard(StoryboardArgs),
    /// Draw one frame of the film
    Frame(FrameArgs),
    /// Play the film in a window, and play on when the story changes
    Preview(PreviewArgs),
    /// Draw everyone in the story on one sheet
    Cast(CastArgs),
    /// Draw the portrait of one character on a transparent ground, or a sheet of all its faces
    Avatar(AvatarArgs),
    /// Open the web studio, where anyone makes a film in a browser
    Serve(ServeArgs),
    /// Say the sounds, mouth shapes and times of a line of speech
    Phones(PhonesArgs),
    /// Say what this machine can draw and encode with, and what would be used
    Doctor(DoctorArgs),
    /// Measure how fast films are made here: each stage by itself, and all at once
    Bench(BenchArgs),
}

/// The story that a command works on.
#[derive(Debug, Args)]
pub struct StoryArg {
    /// A story (.txt, .md, .pdf, .docx), a storyboard (.json), or - for standard input
    #[arg(value_name = "STORY")]
    pub path: PathBuf,
    /// What the networks that read run on: auto (the best that works), cuda, wgpu or cpu
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    pub device: DeviceChoice,
    #[command(flatten)]
    pub models: ModelArgs,
    /// Read the story afresh, even if it was read within the last day
    #[arg(long)]
    pub no_cache: bool,
    /// What the reading got wrong; STORY's name with .cast.toml, or cast.toml beside it, if not given
    #[arg(long, value_name = "FILE")]
    pub cast: Option<PathBuf>,
}

const EMOTION_MODEL_HELP: &str =
    "Folder of a BERT, RoBERTa or DistilBERT model that finds feelings in place of fabula's own";

/// Models of someone else's, in folders of Hugging Face's form.
#[derive(Clone, Debug, Args)]
pub struct ModelArgs {
    /// Folder of a model for emotions
    #[arg(long, value_name = "DIR", help = EMOTION_MODEL_HELP)]
    pub emotion_model: Option<PathBuf>,
    /// The same for entities: people, places and vehicles
    #[arg(long, value_name = "DIR")]
    pub ner_model: Option<PathBuf>,
}

const SIZE_HELP: &str = "low (320x240), standard (640x480), hd (1280x720), full_hd (1920x1080), \
    or WxH: even numbers, up to 3840x2160";

/// A film's looks.
#[derive(Debug, Args)]
pub struct PictureArgs {
    /// Size in pixels
    #[arg(long, default_value = "full_hd", value_parser = parse_size, help = SIZE_HELP)]
    pub size: FrameSize,
    /// Title of the film instead of the story's own
    #[arg(long)]
    pub title: Option<String>,
    #[command(flatten)]
    pub gpu: GpuArg,
    #[command(flatten)]
    pub art: ArtArg,
}

/// What films are drawn with.
#[derive(Debug, Args)]
pub struct ArtArg {
    /// A folder with shaders/ or assets/ as fabula has them, whose files take the place of its own
    #[arg(long = "art", value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

impl ArtArg {
    /// The art, fabula's own where no other is named.
    pub fn read(&self) -> Result<Art, Failure> {
        let folder = self.folder.as_deref();
        Ok(folder.map(Art::open).transpose()?.unwrap_or_default())
    }
}

#[derive(Debug, Args)]
pub struct GpuArg {
    /// auto (the fastest), cpu (software), or a part of a name that `fabula doctor` shows
    #[arg(long = "gpu", value_name = "GPU", default_value = "auto", value_parser = parse_gpu)]
    pub choice: GpuChoice,
}

/// A camera behind the actors.
#[derive(Debug, Args)]
pub struct BackdropArg {
    /// Show what a camera sees behind the actors of all scenes: rtsp://[USER:PASSWORD@]HOST/PATH
    #[arg(long, value_name = "URL")]
    backdrop: Option<Unseen>,
}

/// A word that appears in no message, since it may hold a password.
#[derive(Clone)]
struct Unseen(String);

impl FromStr for Unseen {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unseen(…)")
    }
}

impl BackdropArg {
    /// The camera, if one is named.
    pub fn camera(&self) -> Result<Option<StreamUrl>, Failure> {
        let Some(Unseen(text)) = &self.backdrop else {
            return Ok(None);
        };
        let refused = |cause: &dyn fmt::Display| Failure::usage(format!("--backdrop: {cause}"));
        let camera = text.parse::<StreamUrl>().map_err(|cause| refused(&cause))?;
        // Better said now than after the story was read.
        text.parse::<CameraUrl>().map_err(|cause| refused(&cause))?;
        Ok(Some(camera))
    }
}

/// Puts a camera behind the actors of all scenes.
pub fn stand_before(board: &mut Storyboard, camera: Option<StreamUrl>) {
    if let Some(url) = camera {
        for scene in &mut board.scenes {
            scene.backdrop = Backdrop::Live { url: url.clone() };
        }
    }
}

#[derive(Debug, Args)]
pub struct RenderArgs {
    #[command(flatten)]
    pub story: StoryArg,
    /// The film to write
    #[arg(short, long, value_name = "FILM.mp4")]
    pub output: PathBuf,
    #[command(flatten)]
    pub picture: PictureArgs,
    #[command(flatten)]
    pub film: FilmArgs,
    #[command(flatten)]
    pub backdrop: BackdropArg,
    /// Replace files that exist already
    #[arg(long)]
    pub force: bool,
    /// Go on with a film that was broken off; with --force, take over what an older film has in
    /// common with the new one
    #[arg(long)]
    pub resume: bool,
}

/// How films are encoded, and what comes with them.
#[derive(Clone, Debug, Args)]
pub struct FilmArgs {
    /// Frames a second: 15, 24, 25, 30 or 60
    #[arg(long, default_value = "24", value_parser = parse_fps)]
    pub fps: u32,
    /// Bits spent on a picture
    #[arg(long, default_value = "standard")]
    pub quality: QualityArg,
    /// Bits a second instead of what size and quality give: 5000k, 5M or 5000000
    #[arg(long, value_name = "BITRATE", value_parser = parse_bitrate)]
    pub bitrate: Option<u32>,
    /// What encodes the film
    #[arg(long, default_value = "auto")]
    pub encoder: EncoderArg,
    /// Let NVENC read pictures where they lie on the GPU that draws them, without a copy (Linux; not
    /// yet tried on hardware)
    #[arg(long)]
    pub zero_copy: bool,
    /// In the picture, in FILM.srt and FILM.vtt beside it, both, or none
    #[arg(long, default_value = "burned")]
    pub captions: CaptionsArg,
    #[command(flatten)]
    pub highlight: HighlightArg,
}

#[derive(Clone, Copy, Debug, Args)]
pub struct HighlightArg {
    /// Light up each word of the captions while it is heard
    #[arg(long)]
    pub highlight_words: bool,
}

#[derive(Debug, Args)]
pub struct BatchArgs {
    /// Stories and storyboards, folders of them, patterns such as 'tales/*.txt', and lists of
    /// films (.toml or .json)
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// The folder for the films and the report; it is made if there is none
    #[arg(short, long, value_name = "FOLDER")]
    pub output: PathBuf,
    /// How many films are made at once
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub jobs: u8,
    /// What the networks that read run on: auto (the best that works), cuda, wgpu or cpu
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    pub device: DeviceChoice,
    #[command(flatten)]
    pub models: ModelArgs,
    /// Read the stories afresh, even if they were read within the last day
    #[arg(long)]
    pub no_cache: bool,
    /// Size in pixels
    #[arg(long, default_value = "full_hd", value_parser = parse_size, help = SIZE_HELP)]
    pub size: FrameSize,
    #[command(flatten)]
    pub gpu: GpuArg,
    #[command(flatten)]
    pub art: ArtArg,
    #[command(flatten)]
    pub film: FilmArgs,
    /// Replace films that exist already
    #[arg(long)]
    pub force: bool,
    /// Go on with a batch that was broken off; films that are there stay as they are
    #[arg(long)]
    pub resume: bool,
}

#[derive(Debug, Args)]
pub struct AnalyzeArgs {
    #[command(flatten)]
    pub story: StoryArg,
    /// The whole document `fabula.story/1` instead of a summary
    #[arg(long)]
    pub json: bool,
    /// With --json, every word too: its lemma, part of speech and place in its sentence
    #[arg(long, requires = "json")]
    pub tokens: bool,
    /// Write a page too, to check in a browser what was understood; an older one is replaced
    #[arg(long, value_name = "PAGE.html")]
    pub html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct StoryboardArgs {
    #[command(flatten)]
    pub story: StoryArg,
    /// The storyboard to write, or - for standard output
    #[arg(short, long, value_name = "BOARD.json")]
    pub output: PathBuf,
    /// Title of the film instead of the story's own
    #[arg(long)]
    pub title: Option<String>,
    #[command(flatten)]
    pub highlight: HighlightArg,
    /// Replace a file that exists already
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct FrameArgs {
    #[command(flatten)]
    pub story: StoryArg,
    /// Time in the film
    #[arg(long = "at", value_name = "SECONDS", value_parser = parse_seconds)]
    pub at_s: f64,
    /// The picture to write; an older one is replaced
    #[arg(short, long, value_name = "FRAME.png")]
    pub output: PathBuf,
    #[command(flatten)]
    pub picture: PictureArgs,
    /// In the picture or not
    #[arg(long, default_value = "burned")]
    pub captions: CaptionsArg,
    #[command(flatten)]
    pub highlight: HighlightArg,
}

#[derive(Debug, Args)]
pub struct PreviewArgs {
    #[command(flatten)]
    pub story: StoryArg,
    #[command(flatten)]
    pub picture: PictureArgs,
    #[command(flatten)]
    pub backdrop: BackdropArg,
    /// Frames a second: 15, 24, 25, 30 or 60
    #[arg(long, default_value = "24", value_parser = parse_fps)]
    pub fps: u32,
    /// In the picture or not
    #[arg(long, default_value = "burned")]
    pub captions: CaptionsArg,
    /// Time in the film to begin at
    #[arg(long = "at", value_name = "SECONDS", default_value = "0", value_parser = parse_seconds)]
    pub at_s: f64,
    /// How fast it plays at first, 0.25 to 4
    #[arg(long, default_value = "1", value_parser = parse_speed)]
    pub speed: f64,
    /// Wait for a key instead of playing at once
    #[arg(long)]
    pub paused: bool,
    /// Play this long, print what was measured as JSON, and end
    #[arg(long = "check", value_name = "SECONDS", conflicts_with = "paused",
          value_parser = parse_check)]
    pub check_s: Option<f64>,
    /// Lose the GPU when the window has been open for this long, to see that it is opened again
    #[arg(long = "lose-gpu", value_name = "SECONDS", hide = true, value_parser = parse_seconds)]
    pub lose_gpu_s: Option<f64>,
}

#[derive(Debug, Args)]
pub struct CastArgs {
    #[command(flatten)]
    pub story: StoryArg,
    /// The picture to write; an older one is replaced
    #[arg(short, long, value_name = "SHEET.png")]
    pub output: PathBuf,
    #[command(flatten)]
    pub gpu: GpuArg,
    #[command(flatten)]
    pub art: ArtArg,
}

#[derive(Debug, Args)]
pub struct AvatarArgs {
    #[command(flatten)]
    pub story: StoryArg,
    /// Whose face
    #[arg(long)]
    pub name: String,
    /// The picture to write; an older one is replaced
    #[arg(short, long, value_name = "FACE.png")]
    pub output: PathBuf,
    /// Side of the square picture in pixels: 400 if not given; of each face of a sheet 150, and at
    /// most 400
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(16..=2160))]
    pub size: Option<u32>,
    /// What the face shows: joy, sadness, anger, fear, surprise, disgust or neutral
    #[arg(long, default_value = "neutral", value_parser = parse_emotion)]
    pub emotion: Emotion,
    /// Draw all that the character can be on one sheet: its feelings, mouth shapes, ages and builds
    #[arg(long, conflicts_with = "emotion")]
    pub sheet: bool,
    #[command(flatten)]
    pub gpu: GpuArg,
    #[command(flatten)]
    pub art: ArtArg,
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// File with settings, a `key = value` each
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub settings: SettingArgs,
    /// What the networks that read run on: auto (the best that works), cuda, wgpu or cpu
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    pub device: DeviceChoice,
    #[command(flatten)]
    pub gpu: GpuArg,
}

#[derive(Debug, Args)]
pub struct PhonesArgs {
    /// What is said
    pub text: String,
    /// As JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Forget the stories that were read within the last day
    #[arg(long)]
    pub clear_cache: bool,
    /// As JSON instead of text
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct BenchArgs {
    /// A story, a storyboard (.json), or - for standard input; a story of fabula's own if not given
    #[arg(value_name = "STORY")]
    pub story: Option<PathBuf>,
    /// Length of film that is made, from the beginning of the story
    #[arg(long, default_value = "10", value_name = "SECONDS", value_parser = parse_bench_length)]
    pub seconds: f64,
    /// Size in pixels
    #[arg(long, default_value = "full_hd", value_parser = parse_size, help = SIZE_HELP)]
    pub size: FrameSize,
    /// Frames a second: 15, 24, 25, 30 or 60
    #[arg(long, default_value = "24", value_parser = parse_fps)]
    pub fps: u32,
    /// Bits spent on a picture
    #[arg(long, default_value = "standard")]
    pub quality: QualityArg,
    /// What encodes
    #[arg(long, default_value = "auto")]
    pub encoder: EncoderArg,
    /// What the networks that read run on: auto (the best that works), cuda, wgpu or cpu
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    pub device: DeviceChoice,
    #[command(flatten)]
    pub gpu: GpuArg,
    /// As JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CaptionsArg {
    Burned,
    Sidecar,
    Both,
    None,
}

impl HighlightArg {
    /// Asks it of a film, which may want it anyway.
    pub fn apply(self, board: &mut Storyboard) {
        board.highlight_words |= self.highlight_words;
    }
}

impl CaptionsArg {
    pub fn burned(self) -> bool {
        matches!(self, Self::Burned | Self::Both)
    }

    pub fn sidecar(self) -> bool {
        matches!(self, Self::Sidecar | Self::Both)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EncoderArg {
    Auto,
    Nvenc,
    Vulkan,
    Openh264,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QualityArg {
    Draft,
    Standard,
    High,
    Maximum,
}

impl From<QualityArg> for Quality {
    fn from(quality: QualityArg) -> Self {
        match quality {
            QualityArg::Draft => Self::Draft,
            QualityArg::Standard => Self::Standard,
            QualityArg::High => Self::High,
            QualityArg::Maximum => Self::Maximum,
        }
    }
}

pub fn parse_size(text: &str) -> Result<FrameSize, String> {
    let (width, height) = match text {
        "low" => (320, 240),
        "standard" => (640, 480),
        "hd" => (1280, 720),
        "full_hd" => (1920, 1080),
        _ => text
            .split_once(['x', 'X', '×'])
            .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))
            .ok_or("write low, standard, hd, full_hd or a size such as 1280x720")?,
    };
    FrameSize::new(width, height).map_err(|error| error.to_string())
}

fn parse_gpu(text: &str) -> Result<GpuChoice, String> {
    match text.trim() {
        "" => Err("write auto, cpu or a part of a GPU's name".into()),
        "auto" => Ok(GpuChoice::Auto),
        "cpu" => Ok(GpuChoice::Cpu),
        name => Ok(GpuChoice::Name(name.to_owned())),
    }
}

pub fn parse_fps(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(fps @ (15 | 24 | 25 | 30 | 60)) => Ok(fps),
        _ => Err("write 15, 24, 25, 30 or 60".into()),
    }
}

/// The speeds of the preview.
fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if (0.25..=4.0).contains(&speed) => Ok(speed),
        _ => Err("write a number from 0.25 to 4".into()),
    }
}

/// Bits a second from 50k to 200M.
pub fn parse_bitrate(text: &str) -> Result<u32, String> {
    let (number, factor) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1_000.0),
        Some((at, 'm' | 'M')) => (&text[..at], 1_000_000.0),
        _ => (text, 1.0),
    };
    match number.parse::<f64>() {
        Ok(value) if (50_000.0..=200_000_000.0).contains(&(value * factor)) => {
            Ok((value * factor).round() as u32)
        }
        _ => Err("write bits a second between 50k and 200M, such as 5000k or 5M".into()),
    }
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => Ok(seconds),
        _ => Err("write seconds from the start of the film, such as 12.5".into()),
    }
}

fn parse_check(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.1..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("write seconds from 0.1 to 86400 (a day)".into()),
    }
}

fn parse_bench_length(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (1.0..=36_000.0).contains(&seconds) => Ok(seconds),
        _ => Err("write seconds from 1 to 36000 (ten hours)".into()),
    }
}

fn parse_emotion(text: &str) -> Result<Emotion, String> {
    let found = Emotion::ALL
        .into_iter()
        .find(|emotion| emotion.name() == text);
    found.ok_or_else(|| {
        format!(
            "write one of {}",
            Emotion::ALL.map(Emotion::name).join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes_have_names_and_numbers() {
        assert_eq!(parse_size("full_hd"), Ok(FrameSize::FULL_HD));
        assert_eq!(parse_size("1920x1080"), Ok(FrameSize::FULL_HD));
        for wrong in [
            "",
            "x",
            "1920",
            "1921x1080",
            "0x0",
            "4000x4000",
            "-2x2",
            "1e3x2",
            "8k",
        ] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bit_rates_have_units() {
        assert_eq!(parse_bitrate("5000k"), Ok(5_000_000));
        assert_eq!(parse_bitrate("2.5M"), Ok(2_500_000));
        assert_eq!(parse_bitrate("800000"), Ok(800_000));
        for wrong in ["", "k", "5", "-5M", "1e99", "NaN", "fast", "5 €"] {
            assert!(parse_bitrate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_the_five_frame_rates_are_known() {
        assert_eq!(parse_fps("60"), Ok(60));
        for wrong in ["", "0", "23", "23.976", "120", "-24"] {
            assert!(parse_fps(wrong).is_err(), "{wrong}");
        }
    }
}
