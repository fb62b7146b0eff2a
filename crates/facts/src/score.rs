//! CVSS scores in tenths.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A CVSS score, 0.0 to 10.0 in whole tenths (SH-SEC-05: the scale runs from 0 to 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Score(u8);

impl Score {
    /// The score in tenths, 0 to 100.
    pub fn tenths(self) -> u8 {
        self.0
    }
}

impl FromStr for Score {
    type Err = ScoreError;
    fn from_str(text: &str) -> Result<Score, ScoreError> {
        let wrong = || ScoreError { text: text.to_owned() };
        let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |t: &str| (1..=2).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || tenth.len() != 1 || !digits(tenth) {
            return Err(wrong());
        }
        let tenths =
            whole.parse::<u8>().map_err(|_| wrong())? * 10 + tenth.parse::<u8>().map_err(|_| wrong())?;
        if tenths <= 100 { Ok(Score(tenths)) } else { Err(wrong()) }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl TryFrom<String> for Score {
    type Error = ScoreError;
    fn try_from(text: String) -> Result<Score, ScoreError> {
        text.parse()
    }
}

impl From<Score> for String {
    fn from(score: Score) -> String {
        score.to_string()
    }
}

/// A text that is no score.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no CVSS score: write 0.0 to 10.0 with at most one decimal")]
pub struct ScoreError {
    /// What was written.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SH-SEC-05: 10.1 is refused.
    #[test]
    fn sh_sec_05_a_score_above_ten_is_refused() {
        assert!("10.1".parse::<Score>().is_err());
        assert!("-1".parse::<Score>().is_err());
        assert!("9.05".parse::<Score>().is_err());
        assert_eq!("10".parse::<Score>().unwrap().to_string(), "10.0");
        assert!("8.9".parse::<Score>().unwrap() < "9.0".parse().unwrap());
    }
}
