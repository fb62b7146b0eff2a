//! What one vantage point saw.

use serde::{Deserialize, Serialize};
use spans::Instant;

/// One answer to one check. Its instant is when the request was sent (A-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// When the request was sent.
    pub at: Instant,
    /// What came of it.
    pub outcome: Outcome,
    /// The HTTP status, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Time until the whole answer was there, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_time_ms: Option<u32>,
    /// Why it was no good answer, or why nothing can be said; none for a good one, and where it was not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
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
    Redirect "redirect" "it leads on and on: more redirects than are followed"
    Missed "missed" "it did not call in time"
    Told "told" "it said itself that it is not well"
    Refused "refused" "the rules of the vantage point forbid to ask it"
    CutOff "cut-off" "the vantage point was cut off itself"
    Clock "clock" "the clock of the vantage point stepped, slept or is too far off"
    Resolver "resolver" "the resolver of the vantage point does not answer"
    Machine "machine" "the machine of the vantage point lacks something: a route, a port, memory, a permission"
    Question "question" "it is the answer to a question that the check is not"
    Unheard "unheard" "nobody listened for its call"
}

impl Observation {
    /// An observation without code, time or cause.
    pub fn new(at: Instant, outcome: Outcome) -> Observation {
        Observation { at, outcome, code: None, response_time_ms: None, cause: None }
    }

    /// The same with its cause.
    #[must_use]
    pub fn because(self, cause: Cause) -> Observation {
        Observation { cause: Some(cause), ..self }
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
    fn a_cause_is_written_as_its_word() {
        for cause in Cause::ALL {
            assert_eq!(serde_json::to_string(cause).unwrap(), format!("\"{}\"", cause.word()));
        }
    }
}
