//! Pictures of one's own behind the actors: PNG and JPEG files that lie beside a storyboard.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fabula_render::{BackdropPicture, BackdropSource, Picture, RenderError};
use fabula_story::Storyboard;
use sha2::{Digest, Sha256};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// The largest file that is read.
const LARGEST_FILE_BYTES: u64 = 64 * 1024 * 1024;
/// The largest picture that is decoded; it needs four bytes a pixel.
const MOST_PIXELS: usize = 50_000_000;
const LONGEST_SIDE_PX: usize = 16_384;
/// Pictures that stay decoded: two meet in a transition.
const KEPT: usize = 2;

/// The pictures that a storyboard names. Each has been decoded once, so that a broken one is found
/// before the film begins.
#[derive(Debug, Default)]
pub struct Backdrops {
    folder: PathBuf,
    /// The files, with digests of their content.
    files: BTreeMap<String, [u8; 32]>,
    /// Those that were asked for last, the newest last.
    recent: Mutex<VecDeque<(String, Arc<BackdropPicture>)>>,
}

impl Backdrops {
    /// Looks at all pictures of a storyboard, which lies at `path` or, for `-`, in the current
    /// folder.
    ///
    /// # Errors
    /// If one of them cannot be used; the error names it.
    pub fn open(board: &Storyboard, path: &Path) -> Result<Arc<Self>, RenderError> {
        let mut backdrops = Self {
            folder: folder_of(path).to_owned(),
            ..Self::default()
        };
        for file in files_of(board) {
            if !backdrops.files.contains_key(file) {
                let (picture, digest) = backdrops.read(file)?;
                backdrops.files.insert(file.to_owned(), digest);
                backdrops.keep(file, &picture);
            }
        }
        Ok(Arc::new(backdrops))
    }

    /// Where the pictures of a storyboard at `path` are to be, whether or not they are there.
    pub fn paths(board: &Storyboard, path: &Path) -> Vec<PathBuf> {
        let folder = folder_of(path);
        files_of(board).map(|file| folder.join(file)).collect()
    }

    /// Whether it has the same pictures as another.
    pub fn is_like(&self, other: &Self) -> bool {
        self.files == other.files
    }

    fn read(&self, file: &str) -> Result<(Arc<BackdropPicture>, [u8; 32]), RenderError> {
        let path = self.folder.join(file);
        let refused = |cause| refused(&path.display().to_string(), cause);
        let bytes = take(&path).map_err(refused)?;
        let picture = decode(&bytes).map_err(refused)?;
        let picture = BackdropPicture::new(picture)?;
        Ok((Arc::new(picture), Sha256::digest(&bytes).into()))
    }

    fn keep(&self, file: &str, picture: &Arc<BackdropPicture>) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|(known, _)| known != file);
        while recent.len() >= KEPT {
            recent.pop_front();
        }
        recent.push_back((file.to_owned(), Arc::clone(picture)));
    }
}

impl BackdropSource for Backdrops {
    fn picture(&self, file: &str) -> Result<Arc<BackdropPicture>, RenderError> {
        let known = {
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            let mut recent = recent.iter();
            recent
                .find(|(known, _)| known == file)
                .map(|(_, picture)| Arc::clone(picture))
        };
        let picture = if let Some(picture) = known {
            picture
        } else {
            let (picture, digest) = self.read(file)?;
            if self.files.get(file) != Some(&digest) {
                let cause = "it was changed while the film was made; make the film again";
                return Err(refused(file, cause.to_owned()));
            }
            picture
        };
        self.keep(file, &picture);
        Ok(picture)
    }

    fn digest(&self, file: &str) -> Option<[u8; 32]> {
        self.files.get(file).copied()
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

fn files_of(board: &Storyboard) -> impl Iterator<Item = &str> {
    let scenes = board.scenes.iter();
    scenes.filter_map(|scene| scene.backdrop.file())
}

fn refused(file: &str, cause: String) -> RenderError {
    RenderError::Backdrop {
        file: file.to_owned(),
        cause,
    }
}

fn take(path: &Path) -> Result<Vec<u8>, String> {
    let cannot = |error| format!("it cannot be read ({error}); put it beside the storyboard");
    let file = std::fs::File::open(path).map_err(cannot)?;
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        return Err(format!(
            "it is larger than {} MB; save it smaller",
            LARGEST_FILE_BYTES >> 20
        ));
    }
    Ok(bytes)
}

/// The picture in a PNG or JPEG file.
fn decode(bytes: &[u8]) -> Result<Picture, String> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        decode_png(bytes)
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        decode_jpeg(bytes)
    } else {
        Err("it is neither PNG nor JPEG; save it as one of them".to_owned())
    }
}

fn check_size(width: usize, height: usize) -> Result<(), String> {
    if width.max(height) <= LONGEST_SIDE_PX && width * height <= MOST_PIXELS {
        return Ok(());
    }
    Err(format!(
        "it has {width}x{height} pixels, and {} million or a side of {LONGEST_SIDE_PX} are the \
         most; save it smaller",
        MOST_PIXELS / 1_000_000
    ))
}

fn broken(error: impl std::fmt::Display) -> String {
    format!("the file is damaged ({error}); save it anew")
}

fn decode_png(bytes: &[u8]) -> Result<Picture, String> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(broken)?;
    let (width, height) = (reader.info().width, reader.info().height);
    check_size(width as usize, height as usize)?;
    let length = reader.output_buffer_size().unwrap_or(0);
    let mut pixels = vec![0; length];
    let frame = reader.next_frame(&mut pixels).map_err(broken)?;
    pixels.truncate(frame.buffer_size());
    let rgba = match frame.color_type {
        png::ColorType::Rgba => pixels,
        png::ColorType::Rgb => {
            let pixels = pixels.chunks_exact(3);
            pixels
                .flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255])
                .collect()
        }
        png::ColorType::GrayscaleAlpha => {
            let pixels = pixels.chunks_exact(2);
            pixels
                .flat_map(|grey| [grey[0], grey[0], grey[0], grey[1]])
                .collect()
        }
        png::ColorType::Grayscale | png::ColorType::Indexed => pixels
            .iter()
            .flat_map(|grey| [*grey, *grey, *grey, 255])
            .collect(),
    };
    Ok(Picture {
        width,
        height,
        rgba,
    })
}

fn decode_jpeg(bytes: &[u8]) -> Result<Picture, String> {
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGBA);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(broken)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    check_size(width, height)?;
    let rgba = decoder.decode().map_err(broken)?;
    let turn = decoder.exif().map_or(1, |exif| orientation(exif));
    let picture = Picture {
        width: width as u32,
        height: height as u32,
        rgba,
    };
    if picture.rgba.len() != width * height * 4 {
        return Err(broken("its pixels are not all there"));
    }
    Ok(upright(picture, turn))
}

/// How a camera was held, 1 (upright) to 8, as its Exif data has it (tag 274 of TIFF 6.0).
fn orientation(exif: &[u8]) -> u16 {
    const UPRIGHT: u16 = 1;
    const ORIENTATION: u16 = 274;
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let little = tiff.starts_with(b"II");
    let short = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk::<2>()?;
        Some(if little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    };
    let long = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk::<4>()?;
        Some(if little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        } as usize)
    };
    let find = || {
        let directory = long(4)?;
        let count = usize::from(short(directory)?);
        let entries = (0..count).map(|number| directory + 2 + number * 12);
        let entry = entries
            .into_iter()
            .find(|at| short(*at) == Some(ORIENTATION))?;
        short(entry + 8)
    };
    find()
        .filter(|turn| (1..=8).contains(turn))
        .unwrap_or(UPRIGHT)
}

/// A picture as it was seen when the camera that took it was held like this.
fn upright(picture: Picture, orientation: u16) -> Picture {
    if orientation == 1 {
        return picture;
    }
    let (w, h) = (picture.width as usize, picture.height as usize);
    let (width, height) = if orientation > 4 { (h, w) } else { (w, h) };
    let mut rgba = Vec::with_capacity(picture.rgba.len());
    for y in 0..height {
        for x in 0..width {
            let (column, row) = match orientation {
                2 => (w - 1 - x, y),
                3 => (w - 1 - x, h - 1 - y),
                4 => (x, h - 1 - y),
                5 => (y, x),
                6 => (y, h - 1 - x),
                7 => (w - 1 - y, h - 1 - x),
                _ => (w - 1 - y, x),
            };
            let at = (row * w + column) * 4;
            rgba.extend_from_slice(&picture.rgba[at..at + 4]);
        }
    }
    Picture {
        width: width as u32,
        height: height as u32,
        rgba,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A photograph-like file of this project.
    const JPEG: &[u8] = include_bytes!("../../docs/images/frame.jpg");

    fn png_of(color: png::ColorType, depth: png::BitDepth, pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == png::ColorType::Indexed {
            encoder.set_palette(vec![9, 8, 7, 6, 5, 4]);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(pixels).unwrap();
        drop(writer);
        bytes
    }

    #[test]
    fn png_files_of_every_kind_are_read() {
        use png::{BitDepth, ColorType};
        let (eight, sixteen) = (BitDepth::Eight, BitDepth::Sixteen);
        for (color, depth, pixels, expected) in [
            (
                ColorType::Rgb,
                eight,
                &[1, 2, 3, 4, 5, 6][..],
                [1, 2, 3, 255, 4, 5, 6, 255],
            ),
            (
                ColorType::Rgba,
                eight,
                &[1, 2, 3, 4, 5, 6, 7, 8],
                [1, 2, 3, 4, 5, 6, 7, 8],
            ),
            (
                ColorType::Grayscale,
                eight,
                &[1, 2],
                [1, 1, 1, 255, 2, 2, 2, 255],
            ),
            (
                ColorType::GrayscaleAlpha,
                eight,
                &[1, 9, 2, 8],
                [1, 1, 1, 9, 2, 2, 2, 8],
            ),
            (
                ColorType::Grayscale,
                sixteen,
                &[1, 0, 2, 0],
                [1, 1, 1, 255, 2, 2, 2, 255],
            ),
            (
                ColorType::Grayscale,
                BitDepth::One,
                &[0b0100_0000],
                [0, 0, 0, 255, 255, 255, 255, 255],
            ),
            (
                ColorType::Indexed,
                eight,
                &[1, 0],
                [6, 5, 4, 255, 9, 8, 7, 255],
            ),
        ] {
            let picture = decode(&png_of(color, depth, pixels)).unwrap();
            assert_eq!((picture.width, picture.height), (2, 1));
            assert_eq!(picture.rgba, expected, "{color:?} {depth:?}");
        }
    }

    #[test]
    fn jpeg_files_are_read_and_stand_upright() {
        let plain = decode(JPEG).unwrap();
        assert!(plain.width > plain.height, "a wide picture is needed here");
        // Exif data that says the camera was turned by a quarter: an application segment after
        // the start of the file.
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01".to_vec();
        exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]);
        let mut turned = JPEG[..2].to_vec();
        turned.extend([0xff, 0xe1, 0, exif.len() as u8 + 2]);
        turned.extend(&exif);
        turned.extend(&JPEG[2..]);
        let turned = decode(&turned).unwrap();
        assert_eq!((turned.width, turned.height), (plain.height, plain.width));
        // What was at the left upper corner is now at the right upper one.
        let right = (turned.width as usize - 1) * 4;
        assert_eq!(turned.rgba[right..right + 4], plain.rgba[..4]);
    }

    #[test]
    fn every_turn_of_a_camera_is_undone() {
        let picture = Picture {
            width: 2,
            height: 1,
            rgba: vec![1, 1, 1, 1, 2, 2, 2, 2],
        };
        for (orientation, first, wide) in [
            (1, 1, true),
            (2, 2, true),
            (3, 2, true),
            (4, 1, true),
            (5, 1, false),
            (6, 1, false),
            (7, 2, false),
            (8, 2, false),
        ] {
            let upright = upright(picture.clone(), orientation);
            assert_eq!(upright.rgba[0], first, "{orientation}");
            assert_eq!(upright.width == 2, wide, "{orientation}");
        }
    }

    #[test]
    fn what_is_no_picture_is_refused_with_a_reason_and_a_remedy() {
        let png = png_of(png::ColorType::Rgb, png::BitDepth::Eight, &[0; 6]);
        let mut huge = png.clone();
        // The width in the header, which says more than the file holds; its checksum is wrong too.
        huge[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
        for bytes in [
            &b""[..],
            b"GIF89a",
            &png[..40],
            &huge,
            b"\xff\xd8\xff\xe0\0\x10JFIF",
            &JPEG[..300],
        ] {
            let cause = decode(bytes).unwrap_err();
            assert!(cause.contains("save it"), "{cause}");
        }
        assert!(check_size(20_000, 2).unwrap_err().contains("20000x2"));
        assert!(
            check_size(10_000, 10_000)
                .unwrap_err()
                .contains("50 million")
        );
        assert!(check_size(8_000, 6_000).is_ok());
    }

    #[test]
    fn a_damaged_file_never_stops_the_program() {
        for end in (0..JPEG.len()).step_by(JPEG.len() / 40) {
            let _ = decode(&JPEG[..end]);
            let mut scratched = JPEG.to_vec();
            scratched[end] ^= 0x5a;
            let _ = decode(&scratched);
        }
    }
}
