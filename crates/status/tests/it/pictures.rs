//! Images as strangers send them. The three beside this folder, 24 by 8 pixels, are what Chromium makes of a canvas.

use status::{NotAPicture, PICTURE_BYTES_MAX, Picture};

const PNG: &[u8] = include_bytes!("../assets/logo.png");
const JPEG: &[u8] = include_bytes!("../assets/logo.jpg");
const WEBP: &[u8] = include_bytes!("../assets/logo.webp");
const ALL: [(&str, &[u8]); 3] = [("image/png", PNG), ("image/jpeg", JPEG), ("image/webp", WEBP)];

/// A chunk of a PNG with its sum.
fn chunk(name: &[u8; 4], inside: &[u8]) -> Vec<u8> {
    let body = [&name[..], inside].concat();
    let sum = body.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
    });
    [&u32::try_from(inside.len()).unwrap().to_be_bytes()[..], &body, &(!sum).to_be_bytes()].concat()
}

/// A PNG with a chunk behind its header.
fn png_with(name: &[u8; 4], inside: &[u8]) -> Vec<u8> {
    [&PNG[..33], &chunk(name, inside), &PNG[33..]].concat()
}

/// A WebP with a chunk behind the last one.
fn webp_with(name: &[u8; 4], inside: &[u8]) -> Vec<u8> {
    assert_eq!(inside.len() % 2, 0);
    let length = u32::try_from(inside.len()).unwrap().to_le_bytes();
    let mut bytes = [WEBP, &name[..], &length, inside].concat();
    let size = u32::try_from(bytes.len() - 8).unwrap();
    bytes[4..8].copy_from_slice(&size.to_le_bytes());
    bytes
}

#[test]
fn an_image_is_what_its_contents_say() {
    for (media, bytes) in ALL {
        let picture = Picture::read(bytes).unwrap();
        assert_eq!((picture.media, picture.width, picture.height), (media, 24, 8));
        assert_eq!(picture.bytes, bytes, "{media}: all of it draws");
    }
    let (vector, page) = ("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "<!doctype html>");
    for other in [vector.as_bytes(), page.as_bytes(), b"GIF89a", b"BM", &[0xff, 0xd8], b"RIFF\0\0\0\0WAVE"] {
        assert_eq!(Picture::read(other), Err(NotAPicture::Kind), "{other:?}");
    }
    assert_eq!(Picture::read(b""), Err(NotAPicture::Empty));
    assert!(NotAPicture::Kind.to_string().contains("SVG is not taken"));
}

/// Cut off anywhere, with anything behind it, or with one byte changed, nothing panics; and what is cut or goes on is refused.
#[test]
fn an_image_is_whole_or_refused() {
    for (media, bytes) in ALL {
        for end in 0..bytes.len() {
            assert!(Picture::read(&bytes[..end]).is_err(), "{media} cut at {end}");
        }
        for behind in [&b"\0"[..], b"<script>alert(1)</script>", PNG] {
            assert!(Picture::read(&[bytes, behind].concat()).is_err(), "{media} with {behind:?} behind it");
        }
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.to_vec();
                changed[at] ^= 1 << bit;
                if let Ok(picture) = Picture::read(&changed) {
                    assert!(picture.bytes.len() <= bytes.len(), "{media} {at}");
                }
            }
        }
    }
}

#[test]
fn what_a_camera_wrote_is_left_out() {
    let secret = b"Exif\0\0canarycanary";
    for name in [b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"] {
        assert_eq!(Picture::read(&png_with(name, secret)).unwrap().bytes, PNG, "{name:?}");
    }
    for marker in [0xe1, 0xed, 0xfe] {
        let length = u16::try_from(secret.len() + 2).unwrap().to_be_bytes();
        let told = [&JPEG[..2], &[0xff, marker], &length, secret, &JPEG[2..]].concat();
        assert_eq!(Picture::read(&told).unwrap().bytes, JPEG, "{marker:x}");
    }
    for (name, flag) in [(b"EXIF", 0x08), (b"XMP ", 0x04)] {
        let mut told = webp_with(name, secret);
        told[20] |= flag;
        assert_eq!(Picture::read(&told).unwrap().bytes, WEBP, "{name:?}");
    }
}

#[test]
fn what_moves_is_refused() {
    let moving = png_with(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    assert_eq!(Picture::read(&moving), Err(NotAPicture::Moves));
    assert_eq!(Picture::read(&webp_with(b"ANIM", &[0; 6])), Err(NotAPicture::Moves));
    let mut moving = WEBP.to_vec();
    moving[20] |= 0x02;
    assert_eq!(Picture::read(&moving), Err(NotAPicture::Moves));
}

#[test]
fn a_size_is_limited_in_bytes_and_pixels() {
    let large = png_with(b"tEXt", &vec![b' '; PICTURE_BYTES_MAX]);
    assert!(matches!(Picture::read(&large), Err(NotAPicture::TooManyBytes { .. })));
    for (width, height, fits) in [
        (2_000_u32, 2_000_u32, true),
        (2_001, 8, false),
        (8, 2_001, false),
        (0, 8, false),
        (u32::MAX, 8, false),
    ] {
        let mut header = PNG[16..29].to_vec();
        header[..4].copy_from_slice(&width.to_be_bytes());
        header[4..8].copy_from_slice(&height.to_be_bytes());
        let sized = [&PNG[..8], &chunk(b"IHDR", &header), &PNG[33..]].concat();
        let read = Picture::read(&sized);
        let expected = if fits { Ok((width, height)) } else { Err(NotAPicture::Sides { width, height }) };
        assert_eq!(read.map(|picture| (picture.width, picture.height)), expected);
    }
}
