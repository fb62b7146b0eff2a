//! An image as somebody sent it: what it is by its contents, how large, and of its parts only those that draw.
//!
//! Nothing here believes a name. Each kind is walked from its first byte to its last, so that nothing hides behind an image, and what
//! cameras and programs wrote into it (where, when, by whom) is left out of what the public is given. Vector images are not taken:
//! they can hold script.

use std::fmt;

/// Bytes of an image.
pub const PICTURE_BYTES_MAX: usize = 64 << 10;
/// Pixels of one side.
pub const PICTURE_SIDE_MAX: u32 = 2_000;

/// An image that can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media: &'static str,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Its parts that draw.
    pub bytes: Vec<u8>,
}

/// Why an image is not taken, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the message says what it is")]
pub enum NotAPicture {
    Empty,
    TooManyBytes { found: usize },
    Kind,
    Broken { kind: &'static str },
    Moves,
    Sides { width: u32, height: u32 },
}

impl fmt::Display for NotAPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotAPicture::Empty => f.write_str("there is nothing in it: choose an image"),
            NotAPicture::TooManyBytes { found } => write!(
                f,
                "it has {found} bytes: send {PICTURE_BYTES_MAX} at most, as a smaller image or a PNG or WebP of few colours"
            ),
            NotAPicture::Kind => f.write_str(
                "it is no PNG, JPEG or WebP by its contents, whatever its name says: save it as one of these. SVG is not taken, since it can hold script",
            ),
            NotAPicture::Broken { kind } => {
                write!(f, "it begins as a {kind} and does not go on as one: save it again")
            }
            NotAPicture::Moves => f.write_str("it moves: send an image that stands still"),
            NotAPicture::Sides { width, height } => write!(
                f,
                "it is {width} by {height} pixels: send one of 1 to {PICTURE_SIDE_MAX} on each side"
            ),
        }
    }
}

impl std::error::Error for NotAPicture {}

impl Picture {
    /// Reads an image.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn read(bytes: &[u8]) -> Result<Picture, NotAPicture> {
        if bytes.is_empty() {
            return Err(NotAPicture::Empty);
        }
        if PICTURE_BYTES_MAX < bytes.len() {
            return Err(NotAPicture::TooManyBytes { found: bytes.len() });
        }
        let (kind, media, read): (_, _, Reader) = match bytes {
            [0x89, b'P', b'N', b'G', 13, 10, 26, 10, ..] => ("PNG", "image/png", png),
            [0xff, 0xd8, 0xff, ..] => ("JPEG", "image/jpeg", jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => ("WebP", "image/webp", webp),
            _ => return Err(NotAPicture::Kind),
        };
        let drawn = read(bytes).ok_or(NotAPicture::Broken { kind })?;
        let Some((width, height)) = drawn.sides else { return Err(NotAPicture::Broken { kind }) };
        if drawn.moves {
            return Err(NotAPicture::Moves);
        }
        let fits = |side: u32| (1..=PICTURE_SIDE_MAX).contains(&side);
        if !fits(width) || !fits(height) {
            return Err(NotAPicture::Sides { width, height });
        }
        Ok(Picture { media, width, height, bytes: drawn.bytes })
    }
}

/// Walks an image of one kind to its end; none where it is not whole, or something stands behind it.
type Reader = fn(&[u8]) -> Option<Drawn>;

/// What was found on the way.
#[derive(Debug, Default)]
struct Drawn {
    /// Width and height; none where nothing draws.
    sides: Option<(u32, u32)>,
    moves: bool,
    bytes: Vec<u8>,
}

/// Chunks of a PNG that say what is drawn (PNG, third edition, 11).
const PNG_KEPT: [&[u8; 4]; 11] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP"];

fn png(bytes: &[u8]) -> Option<Drawn> {
    let mut drawn = Drawn { bytes: bytes.get(..8)?.to_vec(), ..Drawn::default() };
    let (mut rest, mut sides, mut draws) = (&bytes[8..], None, false);
    while !rest.is_empty() {
        let length = usize::try_from(big(rest.get(..4)?)).ok()?;
        let end = length.checked_add(12)?;
        let (chunk, name) = (rest.get(..end)?, rest.get(4..8)?);
        // Each chunk has its sum behind it, so that one that was changed on its way is not shown broken.
        if crc(&chunk[4..end - 4]) != big(&chunk[end - 4..]) || (sides.is_none() && name != b"IHDR") {
            return None;
        }
        match name {
            b"IHDR" if sides.is_none() && length == 13 => {
                sides = Some((big(&chunk[8..12]), big(&chunk[12..16])));
            }
            b"IHDR" => return None,
            b"IDAT" => draws = true,
            b"acTL" | b"fcTL" | b"fdAT" => drawn.moves = true,
            b"IEND" if end < rest.len() => return None,
            _ => {}
        }
        if PNG_KEPT.iter().any(|kept| *kept == name) {
            drawn.bytes.extend_from_slice(chunk);
        }
        if name == b"IEND" {
            drawn.sides = sides.filter(|_| draws);
            return Some(drawn);
        }
        rest = &rest[end..];
    }
    None
}

/// CRC-32 as PNG has it (annex D).
fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
}

/// Segments of a JPEG up to its end marker (ITU-T T.81, annex B).
fn jpeg(bytes: &[u8]) -> Option<Drawn> {
    let mut drawn = Drawn { bytes: vec![0xff, 0xd8], ..Drawn::default() };
    let (mut rest, mut sides, mut draws) = (&bytes[2..], None, false);
    loop {
        let &[0xff, marker, ..] = rest else { return None };
        match marker {
            0xff => rest = &rest[1..],
            0xd9 => {
                drawn.bytes.extend_from_slice(&[0xff, 0xd9]);
                drawn.sides = sides.filter(|_| draws);
                return (rest.len() == 2).then_some(drawn);
            }
            _ => {
                let length = 2 + usize::try_from(big(rest.get(2..4)?)).ok()?;
                let segment = rest.get(..length).filter(|_| 4 <= length)?;
                if is_frame(marker) {
                    if sides.is_some() {
                        return None;
                    }
                    sides = Some((big(segment.get(7..9)?), big(segment.get(5..7)?)));
                }
                if is_drawn(marker, &segment[4..]) {
                    drawn.bytes.extend_from_slice(segment);
                }
                rest = &rest[length..];
                if marker == 0xda {
                    let scan = scan(rest)?;
                    drawn.bytes.extend_from_slice(&rest[..scan]);
                    (rest, draws) = (&rest[scan..], true);
                }
            }
        }
    }
}

/// A frame header of any kind, which says how large the image is.
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

/// Whether a segment says what is drawn: tables, frames and scans, JFIF, a colour profile, Adobe's word on colours. Comments and what
/// a camera wrote do not.
fn is_drawn(marker: u8, inside: &[u8]) -> bool {
    match marker {
        0xe0 => inside.starts_with(b"JFIF\0"),
        0xe2 => inside.starts_with(b"ICC_PROFILE\0"),
        0xee => inside.starts_with(b"Adobe"),
        0xe1..=0xef | 0xfe => false,
        0xc0..=0xcf | 0xda..=0xdd => true,
        _ => false,
    }
}

/// How long the scan is: up to the next marker that is no restart.
fn scan(rest: &[u8]) -> Option<usize> {
    let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7);
    rest.windows(2).position(ends)
}

/// Chunks of a WebP (RFC 9649, 2).
fn webp(bytes: &[u8]) -> Option<Drawn> {
    if usize::try_from(little(bytes.get(4..8)?)).ok()? + 8 != bytes.len() {
        return None;
    }
    let mut drawn = Drawn { bytes: bytes[..12].to_vec(), ..Drawn::default() };
    let (mut rest, mut canvas, mut draws) = (&bytes[12..], None, 0);
    while !rest.is_empty() {
        let length = usize::try_from(little(rest.get(4..8)?)).ok()?;
        let end = length.checked_add(8 + length % 2)?;
        let (chunk, inside) = (rest.get(..end)?, rest.get(8..8 + length)?);
        match &chunk[..4] {
            b"VP8X" if canvas.is_none() && draws == 0 => {
                drawn.moves |= inside.first()? & 0x02 != 0;
                canvas = Some((1 + little(inside.get(4..7)?), 1 + little(inside.get(7..10)?)));
                drawn.bytes.extend_from_slice(chunk);
                // Its flags for what is left out: Exif and XMP.
                let flags = drawn.bytes.len() - end + 8;
                drawn.bytes[flags] &= !0x0c;
            }
            b"VP8X" => return None,
            b"ANIM" | b"ANMF" => drawn.moves = true,
            name @ (b"VP8 " | b"VP8L") => {
                drawn.sides = Some(if name == b"VP8L" { lossless(inside)? } else { lossy(inside)? });
                draws += 1;
                drawn.bytes.extend_from_slice(chunk);
            }
            b"ICCP" | b"ALPH" => drawn.bytes.extend_from_slice(chunk),
            _ => {}
        }
        rest = &rest[end..];
    }
    let whole = drawn.moves || (draws == 1 && canvas.is_none_or(|canvas| drawn.sides == Some(canvas)));
    drawn.sides = drawn.sides.or(canvas);
    let size = u32::try_from(drawn.bytes.len() - 8).ok()?;
    drawn.bytes[4..8].copy_from_slice(&size.to_le_bytes());
    whole.then_some(drawn)
}

/// The sides of a key frame (RFC 6386, 9.1).
fn lossy(inside: &[u8]) -> Option<(u32, u32)> {
    let start = inside.get(3..6)? == [0x9d, 0x01, 0x2a];
    let side = |at: usize| Some(little(inside.get(at..at + 2)?) & 0x3fff);
    Some((side(6)?, side(8)?)).filter(|_| start)
}

/// The sides in a lossless header (RFC 9649, 3.4).
fn lossless(inside: &[u8]) -> Option<(u32, u32)> {
    let bits = little(inside.get(1..5)?);
    (inside.first() == Some(&0x2f)).then_some((1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff)))
}

fn big(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn little(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}
