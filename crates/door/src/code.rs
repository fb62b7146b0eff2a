//! Codes of an app (RFC 6238): six digits, thirty seconds, SHA-1, as every app has them.

use qrcode::{Color, EcLevel, QrCode};
use spans::Instant;
use totp_rs::{Algorithm, Builder, Totp};

use crate::{Fault, secret::random};

/// Bytes of a seed: what SHA-1 can take in (RFC 4226 asks for 16 at least and advises 20).
const SEED_BYTES: usize = 20;
/// Seconds that a code is for. The one before and the one after are taken too, for clocks that differ.
const STEP_S: u64 = 30;
/// What the app shows above the code.
const ISSUER: &str = "Uphold";
/// Quiet modules around a code that is scanned (ISO/IEC 18004).
const QUIET: usize = 4;

/// What an app and we both know.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed(Vec<u8>);

/// It shows nothing.
impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(…)")
    }
}

impl Seed {
    /// A new one.
    ///
    /// # Errors
    /// When the machine has no random bytes to give.
    pub fn new() -> Result<Seed, Fault> {
        Ok(Seed(random::<SEED_BYTES>()?.to_vec()))
    }

    /// As it was sealed.
    pub fn of_bytes(bytes: &[u8]) -> Seed {
        Seed(bytes.to_vec())
    }

    /// To be sealed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is typed into an app: base 32 in groups of four.
    pub fn typed(&self) -> String {
        let text = totp_rs::Secret::new(self.0.clone().into()).to_base32();
        let chars: Vec<char> = text.chars().collect();
        chars.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// As a scanned code tells it (the key URI format that apps share).
    pub fn uri(&self, login: &str) -> String {
        let secret = self.typed().replace(' ', "");
        let login: String = login.bytes().map(encoded).collect();
        format!(
            "otpauth://totp/{ISSUER}:{login}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits=6&period={STEP_S}"
        )
    }

    /// The step whose code was typed, where it is the one of `at` or a neighbour's. Whoever keeps the steps takes each once.
    pub fn step(&self, typed: &str, at: Instant) -> Option<i64> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let second = u64::try_from(at.as_micros() / 1_000_000).ok()?;
        let fits = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
        let step = self.totp().check(if fits { &digits } else { return None }, second)?;
        i64::try_from(step).ok()
    }

    /// The code of `at`, for tests and for who shows how it is done.
    pub fn code(&self, at: Instant) -> String {
        let second = u64::try_from(at.as_micros() / 1_000_000).unwrap_or(0);
        self.totp().generate(second).to_string()
    }

    fn totp(&self) -> Totp {
        let secret: Box<[u8]> = self.0.clone().into();
        let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1);
        builder.with_step_duration(STEP_S).with_secret(secret).build_noncompliant()
    }
}

fn encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// A text as a code to be scanned: the width in modules with the quiet ones around, and one path of SVG for the dark ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// Modules from edge to edge.
    pub width: usize,
    /// The `d` of a path.
    pub path: String,
}

/// As a code to be scanned; none for a text that is too long.
pub fn scanned(text: &str) -> Option<Scanned> {
    use std::fmt::Write;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (at, _) in colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
    }
    Some(Scanned { width: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the seed of SHA-1, its last six digits.
    #[test]
    fn codes_are_those_of_rfc_6238() {
        let seed = Seed::of_bytes(b"12345678901234567890");
        for (second, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            let at = Instant::from_second(second);
            assert_eq!(seed.code(at), code);
            assert_eq!(seed.step(code, at), Some(second / 30));
        }
    }

    #[test]
    fn a_neighbours_code_is_taken_and_no_other() {
        let seed = Seed::of_bytes(b"12345678901234567890");
        let code = seed.code(Instant::from_second(3_000));
        let step = |second| seed.step(&code, Instant::from_second(second));
        assert_eq!([2_970, 3_029, 3_059].map(step), [Some(100); 3]);
        assert_eq!([2_969, 3_060].map(step), [None, None]);
        let at = Instant::from_second(3_000);
        assert_eq!(seed.step(&format!(" {} {} ", &code[..3], &code[3..]), at), Some(100));
        for wrong in ["", "12345", "1234567", "abcdef", "+12345", "１２３４５６"] {
            assert_eq!(seed.step(wrong, at), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_is_told_all_it_needs() {
        let seed = Seed::of_bytes(b"12345678901234567890");
        assert_eq!(seed.typed(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let uri = seed.uri("bo+x@acme");
        assert!(uri.starts_with("otpauth://totp/Uphold:bo%2Bx%40acme?secret=GEZDGNBV"), "{uri}");
        let code = scanned(&uri).unwrap();
        assert!(code.width > 40 && code.path.starts_with("M4 4h1v1h-1z"), "{code:?}");
        assert_eq!(format!("{seed:?}"), "Seed(…)");
    }
}
