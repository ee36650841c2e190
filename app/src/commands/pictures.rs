//! `fabula frame`, `fabula cast` and `fabula avatar`: single pictures as PNG.

use std::path::Path;

use fabula::Views;
use fabula_render::{Film, FilmOptions, Gpu, Picture, cast_sheet, portrait};
use fabula_story::Storyboard;

use crate::backdrops::Backdrops;
use crate::cli::{AvatarArgs, CastArgs, FrameArgs};
use crate::console::Console;
use crate::failure::Failure;
use crate::output;
use crate::source::Source;

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
    let gpu = Gpu::open(&args.gpu.choice)?.with_art(art);
    write_png(
        &args.output,
        &portrait(&gpu, role, args.size, args.emotion)?,
    )
}

fn find_role<'a>(board: &'a Storyboard, name: &str) -> Option<&'a fabula_story::Role> {
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
