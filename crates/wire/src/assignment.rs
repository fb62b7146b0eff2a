//! What a vantage point has to ask, and how often.

use std::collections::HashSet;
use std::time::Duration;

use facts::{
    Again, CheckId, ClientId, InstanceId, VantageId,
    what::{EVERY_S, TIMEOUT_MS, What},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::report::Asked;
use crate::{WireError, at_most, pattern};

/// The most checks of one vantage point.
pub const CHECKS_MAX: usize = 50_000;
/// The most reference points of one vantage point.
pub const REFERENCES_MAX: usize = 9;
/// The most bytes of an assignment as JSON.
pub const ASSIGNMENT_BYTES_MAX: usize = 64 << 20;

/// Everything one vantage point asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Whose it is.
    pub vantage: VantageId,
    /// Rises with every change; a [`Receipt`](crate::Receipt) tells the newest.
    pub revision: u64,
    /// The checks, in any order; none is listed twice.
    pub checks: Vec<Check>,
    /// Points that tell whether the vantage point itself is connected: none, or three to nine. When fewer than two thirds of
    /// them can be reached its results are void (reliability rule 4).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// One question to one instance of one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The client.
    pub client: ClientId,
    /// The instance.
    pub instance: InstanceId,
    /// The check.
    pub check: CheckId,
    /// What is asked.
    pub what: What,
    /// Seconds between two looks, 1 to 86,400.
    pub every_s: u32,
    /// Milliseconds until no answer is a failure: 10 to 60,000, and no longer than the interval.
    pub timeout_ms: u32,
    /// How soon it is asked again after a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// A point outside that is nearly always there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// What is asked.
    pub what: What,
    /// Milliseconds until no answer is a failure.
    pub timeout_ms: u32,
}

impl Assignment {
    /// An assignment without checks.
    pub fn empty(vantage: VantageId) -> Assignment {
        Assignment { vantage, revision: 0, checks: Vec::new(), references: Vec::new() }
    }

    /// Reads JSON strictly and holds it against the limits.
    pub fn read(json: &[u8]) -> Result<Assignment, WireError> {
        at_most("bytes of an assignment", json.len(), ASSIGNMENT_BYTES_MAX)?;
        let assignment: Assignment = serde_json::from_slice(json)?;
        assignment.hold()?;
        Ok(assignment)
    }

    /// Whether it keeps to the limits.
    pub fn hold(&self) -> Result<(), WireError> {
        at_most("checks", self.checks.len(), CHECKS_MAX)?;
        at_most("reference points", self.references.len(), REFERENCES_MAX)?;
        if (1..3).contains(&self.references.len()) {
            return Err(WireError::References { found: self.references.len() });
        }
        for reference in &self.references {
            let problem = reference.what.problem().or_else(|| pattern::problem(&reference.what));
            let problem = problem.or_else(|| bad_timeout(reference.timeout_ms));
            problem.map_or(Ok(()), |problem| Err(WireError::Reference { problem }))?;
        }
        let mut seen = HashSet::with_capacity(self.checks.len());
        for check in &self.checks {
            check.hold()?;
            if !seen.insert((&check.client, &check.instance, &check.check)) {
                return Err(WireError::Twice { check: check.check.to_string() });
            }
        }
        Ok(())
    }
}

impl Check {
    /// The time between two looks.
    pub fn every(&self) -> Duration {
        Duration::from_secs(u64::from(self.every_s))
    }

    /// How long an answer may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.timeout_ms))
    }

    /// A digest of the question and its limits: results of different questions can be told apart (reliability rule 8).
    pub fn asked(&self) -> Asked {
        let question = serde_json::to_vec(&(&self.what, self.timeout_ms)).expect("a question is plain JSON");
        let digest = Sha256::digest(question);
        let [a, b, c, d, e, f, g, h, ..] = digest.0;
        Asked(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    /// Why no vantage point would ask it.
    pub fn problem(&self) -> Option<&'static str> {
        let bad_interval = || {
            if !EVERY_S.contains(&self.every_s) {
                Some("the interval is not between a second and a day")
            } else if self.timeout() > self.every() {
                Some("the timeout is longer than the interval")
            } else {
                None
            }
        };
        let bad_again = || self.again.and_then(|again| again.problem(self.every_s, self.timeout_ms));
        self.what
            .problem()
            .or_else(|| pattern::problem(&self.what))
            .or_else(bad_interval)
            .or_else(|| bad_timeout(self.timeout_ms))
            .or_else(bad_again)
    }

    fn hold(&self) -> Result<(), WireError> {
        let refused = |problem| WireError::Check { check: self.check.to_string(), problem };
        self.problem().map_or(Ok(()), |problem| Err(refused(problem)))
    }
}

fn bad_timeout(timeout_ms: u32) -> Option<&'static str> {
    (!TIMEOUT_MS.contains(&timeout_ms)).then_some("the timeout is not between 10 ms and a minute")
}

#[cfg(test)]
mod tests {
    use super::*;
    use facts::what::Http;

    fn check(id: &str) -> Check {
        Check {
            client: "example".parse().unwrap(),
            instance: "web-1".parse().unwrap(),
            check: id.parse().unwrap(),
            what: What::Http(Http::get("https://www.example.com/")),
            every_s: 20,
            timeout_ms: 10_000,
            again: None,
        }
    }

    fn of(checks: Vec<Check>) -> Assignment {
        Assignment { checks, ..Assignment::empty("ams-1".parse().unwrap()) }
    }

    #[test]
    fn an_assignment_reads_as_written_and_nothing_unknown() {
        let assignment = of(vec![check("home")]);
        let json = serde_json::to_string(&assignment).unwrap();
        assert_eq!(Assignment::read(json.as_bytes()).unwrap(), assignment);
        let more = json.replace("\"revision\"", "\"surprise\":1,\"revision\"");
        assert!(matches!(Assignment::read(more.as_bytes()), Err(WireError::Json(_))));
    }

    #[test]
    fn limits_are_kept() {
        let refused = |assignment: Assignment| assignment.hold().unwrap_err().to_string();
        assert_eq!(refused(of(vec![check("a"), check("a")])), "check a is listed twice for its instance");
        let hasty = Check { every_s: 5, ..check("a") };
        assert_eq!(refused(of(vec![hasty])), "check a: the timeout is longer than the interval");
        let idle = Check { every_s: 0, timeout_ms: 10, ..check("a") };
        assert_eq!(refused(of(vec![idle])), "check a: the interval is not between a second and a day");
        let unread = r#"{"http":{"url":"https://www.example.com/","wanted":[{"body":{"matches":"("}}]}}"#;
        let unread = Check { what: serde_json::from_str(unread).unwrap(), ..check("a") };
        assert!(refused(of(vec![unread])).contains("regular expression"));
        let again = Check { again: Some(Again { times: 2, after_ms: 0 }), ..check("a") };
        assert!(refused(of(vec![again])).contains("before the next look"));
        let mut one = of(vec![]);
        one.references.push(Reference { what: check("a").what, timeout_ms: 1_000 });
        assert_eq!(refused(one), "1 reference points: none, or at least three");
    }

    /// Reports that lie in a spool while control is brought forward are judged by this digest.
    #[test]
    fn the_digest_of_a_question_stays() {
        assert_eq!(check("home").asked().to_string(), "3756f2a778ce413c");
    }

    #[test]
    fn another_question_has_another_digest() {
        let slower = Check { timeout_ms: 5_000, ..check("a") };
        let other_interval = Check { every_s: 60, ..check("a") };
        assert_ne!(check("a").asked(), slower.asked());
        assert_eq!(check("a").asked(), other_interval.asked());
    }
}
