//! What a vantage point saw, and by which clock.

use std::fmt;
use std::str::FromStr;

use facts::{Cause, CheckId, ClientId, InstanceId, Observation, Outcome, Took, Turn, VantageId};
use serde::{Deserialize, Serialize};
use spans::Instant;
use uuid::Uuid;

use crate::{WireError, at_most};

/// The most looks of one report.
pub const LOOKS_MAX: usize = 1_000;
/// The most gaps of one report.
pub const GAPS_MAX: usize = 64;
/// The most bytes of a report as JSON.
pub const REPORT_BYTES_MAX: usize = 1 << 20;
/// The most bytes of a reason.
pub const REASON_MAX: usize = 160;

/// What one vantage point says at once. `(vantage, boot, sequence)` is its identity: received twice it is the same report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Who looked.
    pub vantage: VantageId,
    /// The run of the prober: random, new with every start.
    pub boot: Uuid,
    /// From 1, one more with every report of this boot: a number that is missing is a report that is missing.
    pub sequence: u64,
    /// When it was written, by the prober's corrected wall clock.
    pub at: Instant,
    /// When it was written, in nanoseconds of the monotonic clock. Comparable within a boot only.
    pub mono_ns: u64,
    /// What the prober knows of its own clock.
    #[serde(default, skip_serializing_if = "ClockNote::is_quiet")]
    pub clock: ClockNote,
    /// How many reference points answered when last asked; nothing when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    /// Looks that were due since the last report and were not made: the one before was still under way, or the prober slept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped: u32,
    /// Reports that were lost for want of space since the last report, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// What was seen, in no promised order: a failure waits for the reference points. None at all is a heartbeat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Look>,
}

/// One look at one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The client.
    pub client: ClientId,
    /// The instance.
    pub instance: InstanceId,
    /// The check.
    pub check: CheckId,
    /// Which question it was.
    pub asked: Asked,
    /// When the request was sent, by the corrected wall clock (A-14): the beginning of the look, before its first packet.
    pub at: Instant,
    /// The same in nanoseconds of the monotonic clock.
    pub mono_ns: u64,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it was asked just then.
    #[serde(default, skip_serializing_if = "Turn::is_due")]
    pub turn: Turn,
    /// The HTTP status, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// How long it took.
    #[serde(default)]
    pub phases: Phases,
    /// Why it was no good answer, or why nothing can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The same in a word that facts keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// The last instant of the certificate that was shown: said when it is another than the look before showed, and on the first look
    /// of each UTC day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Instant>,
}

/// The phases of a look in microseconds, each on its own; a phase that was not reached is not there. Of several requests
/// (redirects) the sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phases {
    /// Until the name had an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_us: Option<u32>,
    /// Until the connection was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_us: Option<u32>,
    /// Until TLS was agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_us: Option<u32>,
    /// From the request until the head of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte_us: Option<u32>,
    /// From the beginning of the look to its end, whatever the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_us: Option<u32>,
}

/// What a prober knows of its own clock (reliability rules 8, 9 and 11).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockNote {
    /// Control's clock less the prober's in microseconds, when last measured. Over two seconds it is applied to every `at` and
    /// to be shown; over thirty the looks are void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_us: Option<i64>,
    /// How wrong the offset can be, in microseconds: half of the round trip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_error_us: Option<u32>,
    /// The system's wall clock less the one the looks are placed by, in microseconds: not zero after a step that is not trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stepped_us: Option<i64>,
    /// How long the machine or the prober slept since the last report, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slept_us: Option<u64>,
}

/// Reference points asked and reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// How many answered.
    pub reached: u8,
    /// How many were asked.
    pub of: u8,
}

/// Reports of one boot that were dropped from a full spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The boot.
    pub boot: Uuid,
    /// The first sequence dropped.
    pub first: u64,
    /// The last sequence dropped.
    pub last: u64,
    /// How many reports were dropped between them.
    pub reports: u64,
}

/// Control's answer: the database holds every report of `boot` up to `sequence`. Only this lets a spool forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The boot.
    pub boot: Uuid,
    /// The last sequence up to which nothing more is needed.
    pub sequence: u64,
    /// The newest revision of the assignment: the prober fetches it when it has another.
    #[serde(default)]
    pub revision: u64,
}

/// Which question was asked: the first eight bytes of its SHA-256, in hex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Asked(pub u64);

/// Why a look was no good answer: short, printable, without line breaks, at most [`REASON_MAX`] bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(String);

impl Report {
    /// Reads JSON strictly and holds it against the limits.
    pub fn read(json: &[u8]) -> Result<Report, WireError> {
        at_most("bytes of a report", json.len(), REPORT_BYTES_MAX)?;
        let report: Report = serde_json::from_slice(json)?;
        at_most("looks", report.looks.len(), LOOKS_MAX)?;
        at_most("gaps", report.gaps.len(), GAPS_MAX)?;
        Ok(report)
    }

    /// Its JSON: what is signed and sent.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a report is plain JSON")
    }
}

impl Look {
    /// The look as a fact keeps it.
    pub fn observation(&self) -> Observation {
        Observation {
            at: self.at,
            outcome: self.outcome,
            code: self.code,
            took: self.phases.total_us.map(Took::micros),
            cause: self.cause.filter(|_| self.outcome != Outcome::Up),
            turn: self.turn,
        }
    }
}

impl ClockNote {
    /// Whether there is nothing to say.
    pub fn is_quiet(&self) -> bool {
        *self == ClockNote::default()
    }
}

impl Reach {
    /// Reliability rule 4: at least two of three reference points.
    pub fn suffices(self) -> bool {
        u32::from(self.reached) * 3 >= u32::from(self.of) * 2
    }
}

impl Reason {
    /// What of `text` can be shown safely: control characters become spaces, the end is cut.
    pub fn of(text: &str) -> Reason {
        let mut shown = String::with_capacity(text.len().min(REASON_MAX));
        for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
            if shown.len() + c.len_utf8() > REASON_MAX {
                break;
            }
            shown.push(c);
        }
        Reason(shown)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Reason {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Reason, Self::Error> {
        if Reason::of(&text).0 == text {
            Ok(Reason(text))
        } else {
            Err("a reason is one short printable line")
        }
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> String {
        reason.0
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Asked {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Asked, Self::Err> {
        let hex = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let value = u64::from_str_radix(text, 16).ok().filter(|_| hex);
        value.map(Asked).ok_or("the digest of a question is sixteen hex digits")
    }
}

impl TryFrom<String> for Asked {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Asked, Self::Error> {
        text.parse()
    }
}

impl From<Asked> for String {
    fn from(asked: Asked) -> String {
        asked.to_string()
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_as_written_and_nothing_unknown() {
        let json = r#"{"vantage":"ams-1","boot":"018f3c2e-0000-7000-8000-000000000001","sequence":7,"at":"2026-03-06T18:00:01Z","mono_ns":61000000000,"reach":{"reached":3,"of":3},"looks":[{"client":"example","instance":"web-1","check":"home","asked":"00000000000000ff","at":"2026-03-06T18:00:00.25Z","mono_ns":60250000000,"outcome":"down","code":503,"phases":{"connect_us":800,"total_us":12999},"reason":"code 503","cause":"status"}]}"#;
        let report = Report::read(json.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(report.to_json()).unwrap(), json);
        assert_eq!(report.looks[0].observation().took, Some(Took::micros(12_999)));
        let more = json.replace("\"mono_ns\":61", "\"surprise\":1,\"mono_ns\":61");
        assert!(matches!(Report::read(more.as_bytes()), Err(WireError::Json(_))));
    }

    #[test]
    fn a_reason_is_one_short_line() {
        assert_eq!(Reason::of("connect:\r\nrefused").as_str(), "connect:  refused");
        assert_eq!(Reason::of(&"ü".repeat(200)).as_str().len(), REASON_MAX);
        assert!(serde_json::from_str::<Reason>(r#""a\nb""#).is_err());
    }

    #[test]
    fn two_of_three_reference_points_suffice() {
        let suffices = |reached, of| Reach { reached, of }.suffices();
        assert!(suffices(2, 3) && suffices(3, 4) && suffices(6, 9));
        assert!(!suffices(1, 3) && !suffices(2, 4) && !suffices(5, 9));
    }
}
