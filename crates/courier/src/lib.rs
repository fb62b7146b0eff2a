//! Carries notices out: mail by SMTP, web push, and for subscribers of status pages signed POSTs, behind one port; other ways follow
//! behind the same.
//!
//! Who is told of what was decided before ([`desk::notify`]) and lies in the journal as deliveries. A [`Courier`] claims them, waits
//! where the person wants quiet, and hands them to the [`Port`] of their way. Sending happens at least once: what was sent and not
//! noted, because the process died in between, goes out again under the same id.

pub mod hook;
pub mod mail;
mod post;
pub mod push;
mod quiet;
mod round;

use desk::{notify::Letter, public::PublicLetter};
use journal::{
    people::{Choice, Subscription},
    subscriber::Subscriber,
};
use spans::{Instant, Length};

pub use self::{
    post::{Guard, Place},
    round::{AGE_MAX, AT_ONCE, Courier, LEASE, TRIES_MAX, Told},
};

/// One letter for one person, ready to be sent.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The same however often it is tried: what makes it one letter for whoever gets it twice.
    pub id: String,
    /// For whom, by id.
    pub person: String,
    /// What it says.
    pub letter: Letter,
    /// How the person wants to be told.
    pub choice: Choice,
    /// The browser, where it goes to one.
    pub browser: Option<Subscription>,
    /// When it is sent.
    pub at: Instant,
}

/// One letter for a subscriber of a status page, who is nobody that we know.
#[derive(Debug, Clone)]
pub struct PublicParcel {
    /// As [`Parcel::id`].
    pub id: String,
    /// To whom, and how it is reached.
    pub to: Subscriber,
    /// What it says.
    pub letter: PublicLetter,
    /// When it is sent.
    pub at: Instant,
}

/// What came of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Whoever carries it on has taken it.
    Delivered,
    /// Not now: why, and how long to wait at least, where the other side said so.
    Later {
        /// Why.
        why: String,
        /// How long at least.
        after: Option<Length>,
    },
    /// Never: why.
    Never {
        /// Why.
        why: String,
        /// Whether the browser or the subscriber is gone for good, and is to be forgotten.
        gone: bool,
    },
}

impl Outcome {
    pub(crate) fn later(why: impl ToString) -> Outcome {
        Outcome::Later { why: why.to_string(), after: None }
    }

    pub(crate) fn never(why: impl ToString) -> Outcome {
        Outcome::Never { why: why.to_string(), gone: false }
    }
}

/// A way out. It waits as long as its own limits say and no longer, and may be called by several threads.
pub trait Port: Send + Sync {
    /// The way's name, as deliveries name it.
    fn way(&self) -> &'static str;
    /// Sends one letter to a person, where the way leads there.
    fn send(&self, _parcel: &Parcel) -> Outcome {
        Outcome::never("this way does not lead to people")
    }
    /// Sends one letter to a subscriber of a status page, where the way leads there.
    fn send_public(&self, _parcel: &PublicParcel) -> Outcome {
        Outcome::never("this way does not lead to subscribers")
    }
}

/// The way of mail.
pub const MAIL: &str = "mail";
/// The way of web push.
pub const PUSH: &str = "push";
/// The way of signed POSTs.
pub const HOOK: &str = "hook";

/// Text for one line: what could end the line or turn it around is gone.
pub(crate) fn one_line(text: &str, chars_max: usize) -> String {
    let turns = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !turns(*c));
    let words: String = plain.collect();
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// `Mon 2026-03-09 18:00 Europe/Amsterdam`.
pub(crate) fn moment(at: Instant, zone: &str) -> String {
    let zone: spans::Zone = zone.parse().unwrap_or(spans::Zone::UTC);
    let wall = zone.to_datetime(at.into());
    let day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        .get(usize::try_from(wall.weekday().to_monday_zero_offset()).unwrap_or(0))
        .copied()
        .unwrap_or_default();
    format!(
        "{day} {:04}-{:02}-{:02} {:02}:{:02} {zone}",
        wall.year(),
        wall.month(),
        wall.day(),
        wall.hour(),
        wall.minute()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_a_line() {
        assert_eq!(one_line("a\r\nBcc: b@c.example\t d\u{202e}e", 80), "a Bcc: b@c.example de");
        assert_eq!(one_line("äöü", 2), "äö…");
    }

    #[test]
    fn a_moment_is_told_on_the_readers_clock() {
        let at: Instant = "2026-03-09T17:00:00Z".parse().unwrap();
        assert_eq!(moment(at, "Europe/Amsterdam"), "Mon 2026-03-09 18:00 Europe/Amsterdam");
        assert_eq!(moment(at, "nowhere"), "Mon 2026-03-09 17:00 UTC");
    }
}
