//! How well words of a colour can be read on the paper of a page (WCAG 2.2, 1.4.3), in whole numbers.

use std::fmt;

use crate::Accent;

/// What words need on their paper, in hundredths: 4.5 to 1 (WCAG 2.2, 1.4.3).
pub const CONTRAST_MIN: u64 = 450;
/// One, as luminance is written here: 24 bits behind the point, rounded down.
const ONE: u64 = 1 << 24;

/// The paper that a page is read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// By day.
    Light,
    /// By night.
    Dark,
}

/// A contrast in hundredths, rounded down, from 100 to 2100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contrast(u64);

impl Paper {
    /// Its colour: `--paper` in `status.css`.
    pub(crate) fn colour(self) -> &'static str {
        match self {
            Paper::Light => "#fbfaf7",
            Paper::Dark => "#151618",
        }
    }

    /// What links are on it where the page's own colour cannot be read.
    pub(crate) fn plain(self) -> &'static str {
        match self {
            Paper::Light => "#1f4e8c",
            Paper::Dark => "#93b8ec",
        }
    }
}

impl Accent {
    /// How well words of this colour can be read on a paper.
    pub fn contrast(&self, on: Paper) -> Contrast {
        let (own, paper) = (luminance(&self.to_string()), luminance(on.colour()));
        // WCAG 2.2, contrast ratio: the lighter and 0.05, over the darker and 0.05.
        let (lighter, darker) = (own.max(paper) + 500 * ONE, own.min(paper) + 500 * ONE);
        Contrast(100 * lighter / darker)
    }

    /// Of what colour links are on a paper: its own where that can be read.
    pub(crate) fn words_on(&self, paper: Paper) -> String {
        if self.contrast(paper).is_enough() { self.to_string() } else { paper.plain().to_owned() }
    }
}

impl Contrast {
    /// Whether words can be read so.
    pub fn is_enough(self) -> bool {
        CONTRAST_MIN <= self.0
    }
}

impl fmt::Display for Contrast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// The relative luminance of `#rrggbb`, in ten-thousandths of [`ONE`] (WCAG 2.2, relative luminance).
fn luminance(colour: &str) -> u64 {
    let channel = |at: usize| colour.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let [red, green, blue] = [1, 3, 5].map(|at| linear(channel(at).unwrap_or_default()));
    2126 * red + 7152 * green + 722 * blue
}

/// One channel without its gamma: c / 12.92 below 0.04045, and ((c + 0.055) / 1.055)^2.4 above.
fn linear(channel: u8) -> u64 {
    let c = u128::from(channel);
    if channel <= 10 {
        return u64::try_from(c * 25 * u128::from(ONE) / (255 * 323)).unwrap_or_default();
    }
    // 2.4 is twelve fifths: the fifth root of the twelfth power, which has 120 bits behind its point.
    let base = ((1_000 * c + 14_025) << 60) / 269_025;
    let times = |a: u128, b: u128| (a * b) >> 60;
    let third = times(times(base, base), base);
    let sixth = times(third, third);
    fifth_root(sixth * sixth)
}

/// The largest number whose fifth power is no more, bit by bit.
fn fifth_root(of: u128) -> u64 {
    let fits = |root: u128| root.pow(5) <= of;
    let root = (0..=24).rev().fold(0, |root, bit| {
        let longer: u128 = root | 1 << bit;
        if fits(longer) { longer } else { root }
    });
    u64::try_from(root).unwrap_or(ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(colour: &str, paper: Paper) -> Contrast {
        colour.parse::<Accent>().unwrap().contrast(paper)
    }

    /// Known by heart: white on black is 21, #767676 is the lightest grey that can be read on white, #777777 cannot.
    #[test]
    fn contrast_is_what_everybody_computes() {
        let between = |a: &str, b: &str| {
            let (a, b) = (luminance(a) + 500 * ONE, luminance(b) + 500 * ONE);
            100 * a.max(b) / a.min(b)
        };
        for (a, b, expected) in [
            ("#ffffff", "#000000", 2100),
            ("#ffffff", "#ffffff", 100),
            ("#767676", "#ffffff", 454),
            ("#777777", "#ffffff", 447),
            ("#ff0000", "#ffffff", 399),
            ("#0000ff", "#ffffff", 859),
            ("#00ff00", "#ffffff", 137),
            ("#010101", "#000000", 100),
        ] {
            assert_eq!(between(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn no_step_of_a_channel_is_darker_than_the_one_before() {
        let steps: Vec<u64> = (0..=255).map(linear).collect();
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
        assert_eq!((steps[0], steps[255]), (0, ONE));
        // 0.5 is 0.21404 (sRGB); channel 128 is 0.21586.
        assert_eq!(steps[128] * 100_000 / ONE, 21_586);
    }

    #[test]
    fn what_cannot_be_read_is_not_written_with() {
        let yellow: Accent = "#ffd400".parse().unwrap();
        assert!(!on("#ffd400", Paper::Light).is_enough() && on("#ffd400", Paper::Dark).is_enough());
        assert_eq!(
            (yellow.words_on(Paper::Light), yellow.words_on(Paper::Dark)),
            ("#1f4e8c".to_owned(), "#ffd400".to_owned())
        );
        for paper in [Paper::Light, Paper::Dark] {
            assert!(on(paper.plain(), paper).is_enough(), "what stands in for it can be read");
        }
        assert_eq!(on("#1f4e8c", Paper::Light).to_string(), "7.96");
    }
}
