//! `fabula frame`, `fabula cast` and `fabula avatar`: single pictures as PNG.

use std::ops::RangeInclusive;
use std::path::Path;

use fabula::Views;
use fabula_render::{Film, FilmOptions, Gpu, Picture, cast_sheet, character_sheet, portrait};
use fabula_story::{Age, Build, Look, Role, Storyboard};

use crate::backdrops::Backdrops;
use crate::cli::{AvatarArgs, CastArgs, FrameArgs};
use crate::console::Console;
use crate::failure::Failure;
use crate::output;
use crate::source::Source;

/// Side of a portrait that is not told how large to be, and of a face on a sheet.
const PORTRAIT_PX: u32 = 400;
const SHEET_FACE_PX: u32 = 150;
/// A sheet of larger faces is more than a GPU has to be able to draw.
const SHEET_FACES_PX: RangeInclusive<u32> = 32..=400;

pub fn frame(args: &FrameArgs, console: &Console) -> Result<(), Failure> {
    output::check_target(&args.output, true, &args.story.path)?;
    let art = args.picture.art.read()?;
    let source = Source::read(&args.story, console)?;
    let mut board = source.into_board(args.picture.title.as_deref());
    args.highlight.apply(&mut board);
    let backdrops = Backdrops::open(&board, &args.story.path)?;
    let gpu = Gpu::open(&args.picture.gpu.choice)?.with_art(art);
    let options = FilmOptions {
        captions: args.captions.burned(),
    };
    let mut film = Film::new(&gpu, &board, args.picture.size, options)?;
    film.set_backdrops(backdrops);
    Views::waiting().stand_behind(&mut film)?;
    if args.at_s > film.duration_s() {
        return Err(Failure::usage(format!(
            "there is no picture at {} s: the film is {:.2} s long",
            args.at_s,
            film.duration_s()
        )));
    }
    write_png(&args.output, &film.still(args.at_s)?)
}

pub fn cast(args: &CastArgs, console: &Console) -> Result<(), Failure> {
    output::check_target(&args.output, true, &args.story.path)?;
    let art = args.art.read()?;
    let board = Source::read(&args.story, console)?.into_board(None);
    if board.cast.is_empty() {
        return Err(nobody(&args.story.path));
    }
    let gpu = Gpu::open(&args.gpu.choice)?.with_art(art);
    write_png(&args.output, &cast_sheet(&gpu, &board)?)
}

pub fn avatar(args: &AvatarArgs, console: &Console) -> Result<(), Failure> {
    output::check_target(&args.output, true, &args.story.path)?;
    let art = args.art.read()?;
    let board = Source::read(&args.story, console)?.into_board(None);
    let Some(role) = find_role(&board, &args.name) else {
        if board.cast.is_empty() {
            return Err(nobody(&args.story.path));
        }
        let names: Vec<_> = board.cast.iter().map(|role| role.name.as_str()).collect();
        return Err(Failure::input(format!(
            "nobody in {} is called `{}`; there are {}",
            args.story.path.display(),
            args.name,
            names.join(", ")
        )));
    };
    let gpu = || Gpu::open(&args.gpu.choice).map(|gpu| gpu.with_art(art));
    let picture = if args.sheet {
        let face_px = args.size.unwrap_or(SHEET_FACE_PX);
        if !SHEET_FACES_PX.contains(&face_px) {
            return Err(Failure::usage(format!(
                "--size: a face of a sheet is {} to {} pixels wide",
                SHEET_FACES_PX.start(),
                SHEET_FACES_PX.end()
            )));
        }
        character_sheet(&gpu()?, role, &figures_of(role), face_px)?
    } else {
        let size_px = args.size.unwrap_or(PORTRAIT_PX);
        portrait(&gpu()?, role, size_px, args.emotion)?
    };
    write_png(&args.output, &picture)
}

/// The role at each age, then, as it is in the story, in each build.
fn figures_of(role: &Role) -> Vec<(String, Look)> {
    let ages = [Age::Child, Age::Adult, Age::Elder];
    let words = ["child", "adult", "elder"];
    let ages = ages.map(|age| fabula_direct::at_age(&role.look, age));
    let builds = Build::ALL.map(|build| {
        let look = role.look.clone();
        (build.name().to_owned(), Look { build, ..look })
    });
    let aged = words.map(str::to_owned).into_iter().zip(ages);
    aged.chain(builds).collect()
}

fn find_role<'a>(board: &'a Storyboard, name: &str) -> Option<&'a Role> {
    let wanted = name.trim().to_lowercase();
    board
        .cast
        .iter()
        .find(|role| role.name.to_lowercase() == wanted)
        .or_else(|| board.role(name.trim()))
}

fn nobody(path: &Path) -> Failure {
    Failure::input(format!("no characters were found in {}", path.display()))
}

/// Writes a picture as PNG, whole or not at all.
pub fn write_png(path: &Path, picture: &Picture) -> Result<(), Failure> {
    output::write(path, &png(picture)?)
}

/// A picture as a PNG file.
pub fn png(picture: &Picture) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&picture.rgba))
        .map_err(Failure::internal)?;
    Ok(bytes)
}
