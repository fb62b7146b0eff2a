//! What one vantage point saw.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use spans::Instant;

/// One answer to one check. Its instant is when the request was sent (A-14). Asked again after a failure, each answer is an observation of
/// its own: the first failure stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Observation {
    /// When the request was sent.
    pub at: Instant,
    /// What came of it.
    pub outcome: Outcome,
    /// The HTTP status, if there was an answer; of a mail server the code of its last reply.
    pub code: Option<u16>,
    /// Time until the whole answer was there.
    pub took: Option<Took>,
    /// Why it was no good answer, or why nothing can be said; none for a good one, and where it was not told.
    pub cause: Option<Cause>,
    /// Why it was asked just then.
    pub turn: Turn,
}

/// How long an answer took, in microseconds, or in milliseconds where no more is known, as in histories that others kept. Less than 35
/// minutes in the one, than 24 days in the other.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Took(NonZeroU32);

/// Why a check was asked just then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// It was due.
    #[default]
    Due,
    /// The look before failed, and the check says how soon it is asked again.
    Again,
    /// Another vantage point saw it fail, and control asked for a second look.
    Confirm,
}

/// An observation as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    at: Instant,
    outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_time_ms: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_time_us: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    #[serde(default, skip_serializing_if = "Turn::is_due")]
    turn: Turn,
}

/// What came of a valid request (SH-AVAIL-04, SH-AVAIL-07).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The request succeeded.
    Up,
    /// The request was valid and failed.
    Down,
    /// Nothing can be said of the service: the prober was cut off itself. No evidence either way.
    Void,
}

/// The causes of an answer that was none, each with its word and its meaning.
macro_rules! causes {
    ($($Cause:ident $word:literal $about:literal)*) => {
        /// Why an answer was no good one, or why nothing can be said of the service. No contract looks at it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Cause {
            $(
                #[doc = $about]
                #[serde(rename = $word)]
                $Cause,
            )*
        }

        impl Cause {
            /// Every cause.
            pub const ALL: &[Cause] = &[$(Cause::$Cause),*];

            /// As it is written.
            pub fn word(self) -> &'static str {
                match self {
                    $(Cause::$Cause => $word,)*
                }
            }

            /// What it means, as the end of a sentence.
            pub fn about(self) -> &'static str {
                match self {
                    $(Cause::$Cause => $about,)*
                }
            }
        }
    };
}

causes! {
    Dns "dns" "its name does not exist, has no address, or its name servers do not answer"
    Connect "connect" "the connection was refused, reset or not accepted"
    Tls "tls" "TLS was not agreed, or its certificate does not hold"
    Http "http" "what it said is not HTTP, or ended early"
    Timeout "timeout" "no answer in time"
    Status "status" "not a status that is expected"
    Body "body" "not the body that is expected"
    Record "record" "not the DNS record that is expected"
    Header "header" "not the header that is expected"
    Slow "slow" "slower than is allowed"
    Capture "capture" "what a later request needs was not in the answer"
    Certificate "certificate" "its certificate ends sooner than is allowed"
    Protocol "protocol" "what it said is not the protocol it was asked in, or ended early"
    SignIn "sign-in" "it did not let the vantage point in"
    Redirect "redirect" "it leads on and on: more redirects than are followed"
    Missed "missed" "it did not call in time"
    Told "told" "it said itself that it is not well"
    Refused "refused" "the rules of the vantage point forbid to ask it"
    CutOff "cut-off" "the vantage point was cut off itself"
    Clock "clock" "the clock of the vantage point stepped, slept or is too far off"
    Resolver "resolver" "the resolver of the vantage point does not answer"
    Machine "machine" "the machine of the vantage point lacks something: a route, a port, memory, a permission"
    Question "question" "it is the answer to a question that the check is not"
    Secret "secret" "the vantage point was given no such secret for it"
    Unheard "unheard" "nobody listened for its call"
}

impl Observation {
    /// An observation without code, time or cause.
    pub fn new(at: Instant, outcome: Outcome) -> Observation {
        Observation { at, outcome, code: None, took: None, cause: None, turn: Turn::Due }
    }

    /// The same with its cause.
    #[must_use]
    pub fn because(self, cause: Cause) -> Observation {
        Observation { cause: Some(cause), ..self }
    }
}

impl Took {
    /// The longest time that is kept, in the unit it is told in.
    pub const MAX: u32 = (1 << 31) - 2;

    /// So many microseconds; what is longer than [`Took::MAX`] is that.
    pub fn micros(micros: u32) -> Took {
        Took::of(micros, 1)
    }

    /// So many milliseconds, where no more is known; what is longer than [`Took::MAX`] is that.
    pub fn millis(millis: u32) -> Took {
        Took::of(millis, 0)
    }

    /// In microseconds.
    pub fn as_micros(self) -> u64 {
        let (value, is_micros) = self.told();
        if is_micros { value.into() } else { u64::from(value) * 1_000 }
    }

    /// In milliseconds, rounded up: an answer took some time.
    pub fn as_millis(self) -> u32 {
        let (value, is_micros) = self.told();
        if is_micros { value.div_ceil(1_000) } else { value }
    }

    fn of(value: u32, unit: u32) -> Took {
        Took(NonZeroU32::MIN.saturating_add(value.min(Took::MAX) << 1 | unit))
    }

    fn told(self) -> (u32, bool) {
        let raw = self.0.get() - 1;
        (raw >> 1, raw & 1 == 1)
    }
}

impl fmt::Debug for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, is_micros) = self.told();
        write!(f, "{value} {}", if is_micros { "µs" } else { "ms" })
    }
}

impl Turn {
    /// Whether there is nothing to say.
    pub fn is_due(&self) -> bool {
        *self == Turn::Due
    }
}

impl TryFrom<Written> for Observation {
    type Error = &'static str;
    fn try_from(written: Written) -> Result<Observation, Self::Error> {
        let Written { at, outcome, code, response_time_ms, response_time_us, cause, turn } = written;
        let took = match (response_time_ms, response_time_us) {
            (Some(_), Some(_)) => {
                return Err("a response time in milliseconds or in microseconds, not in both");
            }
            (Some(time), None) | (None, Some(time)) if time > Took::MAX => {
                return Err("a response time is longer than is kept");
            }
            (Some(millis), None) => Some(Took::millis(millis)),
            (None, Some(micros)) => Some(Took::micros(micros)),
            (None, None) => None,
        };
        Ok(Observation { at, outcome, code, took, cause, turn })
    }
}

impl From<Observation> for Written {
    fn from(observation: Observation) -> Written {
        let Observation { at, outcome, code, took, cause, turn } = observation;
        let (response_time_ms, response_time_us) = match took.map(Took::told) {
            None => (None, None),
            Some((millis, false)) => (Some(millis), None),
            Some((micros, true)) => (None, Some(micros)),
        };
        Written { at, outcome, code, response_time_ms, response_time_us, cause, turn }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A year of looks is held in memory in places.
    #[test]
    fn an_observation_stays_small() {
        assert_eq!(size_of::<Observation>(), 24);
    }

    #[test]
    fn one_without_a_cause_reads_and_writes_as_before_there_were_any() {
        let before = r#"{"at":"2026-03-06T18:00:00Z","outcome":"down","code":503}"#;
        let read: Observation = serde_json::from_str(before).unwrap();
        assert_eq!((read.cause, serde_json::to_string(&read).unwrap()), (None, before.to_owned()));
        let with = before.replace("503}", r#"503,"cause":"status"}"#);
        let read: Observation = serde_json::from_str(&with).unwrap();
        assert_eq!((read.cause, serde_json::to_string(&read).unwrap()), (Some(Cause::Status), with));
        assert!(
            serde_json::from_str::<Observation>(&before.replace("503}", r#"503,"cause":"mood"}"#)).is_err()
        );
    }

    #[test]
    fn a_time_is_written_in_the_unit_it_was_told_in() {
        for (time, micros, millis) in
            [(r#""response_time_ms":437"#, 437_000, 437), (r#""response_time_us":437001"#, 437_001, 438)]
        {
            let json =
                format!(r#"{{"at":"2026-03-06T18:00:00Z","outcome":"up","code":200,{time},"turn":"again"}}"#);
            let read: Observation = serde_json::from_str(&json).unwrap();
            assert_eq!(read.took.map(|took| (took.as_micros(), took.as_millis())), Some((micros, millis)));
            assert_eq!((read.turn, serde_json::to_string(&read).unwrap()), (Turn::Again, json));
        }
        let both =
            r#"{"at":"2026-03-06T18:00:00Z","outcome":"up","response_time_ms":1,"response_time_us":1}"#;
        assert!(serde_json::from_str::<Observation>(both).is_err());
        assert_eq!(Took::micros(0).as_micros(), 0);
        assert_eq!(Took::micros(u32::MAX), Took::micros(Took::MAX));
        assert_eq!(Took::millis(Took::MAX).as_millis(), Took::MAX);
    }

    #[test]
    fn a_cause_is_written_as_its_word() {
        for cause in Cause::ALL {
            assert_eq!(serde_json::to_string(cause).unwrap(), format!("\"{}\"", cause.word()));
        }
    }
}
