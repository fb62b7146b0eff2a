//! Checks: what is asked of an instance, how often, and what was answered.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use spans::Instant;
use uuid::Uuid;

use super::{fact, *};
use crate::{
    Observation,
    what::{BEAT_EVERY_S, EVERY_S, GRACE_S_MAX, Http, TIMEOUT_DEFAULT_MS, TIMEOUT_MS, What},
};

fact! {
    /// What is asked of an instance, how often, and what counts as an answer (SH-AVAIL-07). In force from its instant on.
    CheckDefined {
        /// The instance.
        instance: InstanceId,
        /// The check.
        check: CheckId,
        /// Seconds between two questions.
        every_s: u32,
        /// The request method.
        #[serde(default)]
        method: Option<String>,
        /// What is asked.
        #[serde(default)]
        url: Option<String>,
        /// The status codes that are a good answer.
        #[serde(default)]
        expect: Vec<u16>,
        /// Milliseconds until no answer is a failure.
        #[serde(default)]
        timeout_ms: Option<u32>,
        /// The whole question, where a method, a URL and codes do not say it; then those three are left out. See Questions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        what: Option<What>,
        /// A heartbeat: nobody asks, the service itself calls at least every `every_s` seconds, and so many seconds later it is missed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grace_s: Option<u32>,
        /// How soon it is asked again after a failure: `times` (1 to 3) and `after_ms` (0 to 60,000), all within the interval. Each answer
        /// is on record, the first failure among them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<Again>,
        /// How fast it is meant to answer: `percentile` (1 to 99), `within_us`, and `over_s` (60 to 86,400; 300), at most four. Slower is
        /// degraded: a state of its own, and no downtime.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        objectives: Vec<Pace>,
    }
}

fact! {
    /// A check is withdrawn: from its instant on nobody asks it, and what it sees is no evidence. What it saw before stays.
    CheckEnded {
        /// The instance.
        instance: InstanceId,
        /// The check.
        check: CheckId,
    }
}

fact! {
    /// What one vantage point saw of an instance, in order of time.
    CheckObserved {
        /// The instance.
        instance: InstanceId,
        /// The check.
        check: CheckId,
        /// From where.
        vantage: VantageId,
        /// One entry per answer.
        observations: Vec<Observation>,
        /// The last instant of the certificate that was shown: said when it is another than the vantage point saw before, and once
        /// each day. Of several, the one that was shown last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        certificate_ends: Option<Instant>,
        /// The client's own vantage point signed the report that said so: `boot` and `sequence` of the report, the public `key` and the
        /// `signature` in hex. Whoever has the report can check it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signed: Option<Signed>,
    }
}

/// How soon a check is asked again after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// How often at most: one to three.
    pub times: u8,
    /// Milliseconds between the end of one look and the next, up to a minute.
    pub after_ms: u32,
}

/// How fast a service is meant to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// So many of a hundred good answers, 1 to 99, ...
    pub percentile: u8,
    /// ... within so many microseconds, ...
    pub within_us: u32,
    /// ... over so many seconds, a minute to a day.
    #[serde(default = "five_minutes", skip_serializing_if = "is_five_minutes")]
    pub over_s: u32,
}

/// Under which signature of the client's own vantage point something was reported.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The run of the vantage point.
    pub boot: Uuid,
    /// The report's number in it.
    pub sequence: u64,
    /// The public key, in hex.
    pub key: String,
    /// Ed25519 over the report, in hex.
    pub signature: String,
}

/// The most objectives of one check.
pub const PACES_MAX: usize = 4;
/// The most times that a check is asked again.
pub const AGAIN_MAX: u8 = 3;
/// Seconds over which answers are judged together.
pub const PACE_OVER_S: RangeInclusive<u32> = 60..=86_400;

fn five_minutes() -> u32 {
    300
}

fn is_five_minutes(over: &u32) -> bool {
    *over == 300
}

impl CheckDefined {
    /// What is asked; nothing where it is not said, as for a history that others kept.
    pub fn question(&self) -> Option<What> {
        if let Some(what) = &self.what {
            return Some(what.clone());
        }
        let method = self.method.clone().unwrap_or_else(|| "GET".to_owned());
        Some(What::Http(Http { method, expect: self.expect.clone(), ..Http::get(self.url.as_ref()?) }))
    }

    /// Why it cannot be put on record: it breaks a limit, the question is said twice or cannot be asked, or it holds a secret.
    pub fn problem(&self) -> Option<&'static str> {
        let is_said = self.method.is_some() || self.url.is_some() || !self.expect.is_empty();
        if self.grace_s.is_some() && (is_said || self.what.is_some()) {
            return Some("a heartbeat is not asked: leave the question out");
        }
        if let Some(problem) = self.out_of_limits() {
            return Some(problem);
        }
        if self.what.is_some() && is_said {
            return Some("say the question in `what`, or in `method`, `url` and `expect`, not in both");
        }
        let question = self.question()?;
        question.problem().or_else(|| question.secret())
    }

    fn out_of_limits(&self) -> Option<&'static str> {
        let timeout = self.timeout_ms.is_some_and(|timeout| !TIMEOUT_MS.contains(&timeout));
        match self.grace_s {
            Some(_) if !BEAT_EVERY_S.contains(&self.every_s) => {
                Some("the interval of a heartbeat is not between a second and a year")
            }
            Some(grace) if grace > GRACE_S_MAX => Some("the grace of a heartbeat is longer than a year"),
            None if !EVERY_S.contains(&self.every_s) => {
                Some("the interval is not between a second and a day")
            }
            _ if timeout => Some("the timeout is not between 10 ms and a minute"),
            grace => self.unlike_a_beat(grace.is_some()),
        }
    }

    /// What a heartbeat cannot have, since nobody asks, or what is not within bounds.
    fn unlike_a_beat(&self, is_beat: bool) -> Option<&'static str> {
        if is_beat && (self.again.is_some() || !self.objectives.is_empty()) {
            return Some("a heartbeat is not asked: it can be neither asked again nor slow");
        }
        let timeout_ms =
            self.timeout_ms.unwrap_or(TIMEOUT_DEFAULT_MS.min(self.every_s.saturating_mul(1_000)));
        let again = || self.again.and_then(|again| again.problem(self.every_s, timeout_ms));
        let paces = || self.objectives.iter().find_map(Pace::problem);
        if self.objectives.len() > PACES_MAX {
            return Some("a check has at most four objectives");
        }
        again().or_else(paces)
    }
}

impl Again {
    /// Why it is none: all looks together end before the next is due.
    pub fn problem(&self, every_s: u32, timeout_ms: u32) -> Option<&'static str> {
        let times = u64::from(self.times);
        let longest_ms = (times + 1) * u64::from(timeout_ms) + times * u64::from(self.after_ms);
        if !(1..=AGAIN_MAX).contains(&self.times) {
            Some("a check is asked again one to three times")
        } else if self.after_ms > *TIMEOUT_MS.end() {
            Some("it is asked again after a minute at most")
        } else {
            (longest_ms > u64::from(every_s) * 1_000).then_some(
                "asked again each time until the timeout, it would not end before the next look is due",
            )
        }
    }
}

impl Pace {
    fn problem(&self) -> Option<&'static str> {
        if !(1..=99).contains(&self.percentile) {
            Some("a percentile is 1 to 99")
        } else if !PACE_OVER_S.contains(&self.over_s) {
            Some("an objective is judged over a minute to a day")
        } else {
            (self.within_us == 0).then_some("nothing answers within no time")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_of_before_reads_and_writes_as_it_did() {
        let old = r#"{"instance":"wiki","check":"http","every_s":20,"method":null,"url":"https://x.example/","expect":[200],"timeout_ms":null}"#;
        let check: CheckDefined = serde_json::from_str(old).unwrap();
        assert_eq!(serde_json::to_string(&check).unwrap(), old);
        let asked = Http { expect: vec![200], ..Http::get("https://x.example/") };
        assert_eq!((check.question(), check.problem()), (Some(What::Http(asked)), None));
    }

    #[test]
    fn an_answer_of_before_reads_and_writes_as_it_did() {
        let before = r#"{"instance":"wiki","check":"https","vantage":"ams-1","observations":[]}"#;
        let seen: CheckObserved = serde_json::from_str(before).unwrap();
        assert_eq!((seen.certificate_ends, serde_json::to_string(&seen).unwrap()), (None, before.to_owned()));
        let ends = before.replace("[]}", r#"[],"certificate_ends":"2026-12-01T00:00:00Z"}"#);
        let seen: CheckObserved = serde_json::from_str(&ends).unwrap();
        assert_eq!(serde_json::to_string(&seen).unwrap(), ends);
    }

    #[test]
    fn a_check_says_its_question_once_and_without_secrets() {
        let read = |text: &str| serde_json::from_str::<CheckDefined>(text).unwrap();
        let tcp = read(
            r#"{"instance":"db","check":"tcp","every_s":20,"what":{"tcp":{"host":"db.example","port":5432}}}"#,
        );
        assert_eq!(tcp.problem(), None);
        assert_eq!(tcp.question().unwrap().to_string(), "TCP db.example port 5432");
        let twice = CheckDefined { url: Some("https://x.example/".to_owned()), ..tcp };
        assert!(twice.problem().unwrap().contains("not in both"));
        let secret = read(
            r#"{"instance":"db","check":"http","every_s":20,"what":{"http":{"url":"https://x.example/",
            "headers":[{"name":"Authorization","value":"Bearer x"}]}}}"#,
        );
        assert!(secret.problem().unwrap().contains("secret"));
    }

    #[test]
    fn what_is_asked_again_ends_before_it_is_due_and_what_is_fast_is_within_bounds() {
        let problem = |more: &str| {
            let text = format!(
                r#"{{"instance":"db","check":"http","every_s":20,"url":"https://x.example/","timeout_ms":5000,{more}}}"#
            );
            let check = serde_json::from_str::<CheckDefined>(&text).unwrap();
            assert!(serde_json::to_string(&check).unwrap().ends_with(&format!("{more}}}")), "{more}");
            check.problem()
        };
        for good in [
            r#""again":{"times":3,"after_ms":0}"#,
            r#""again":{"times":1,"after_ms":2000}"#,
            r#""objectives":[{"percentile":99,"within_us":800000},{"percentile":50,"within_us":1,"over_s":3600}]"#,
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in [
            r#""again":{"times":3,"after_ms":1}"#,
            r#""again":{"times":0,"after_ms":1}"#,
            r#""again":{"times":4,"after_ms":0}"#,
            r#""objectives":[{"percentile":100,"within_us":1}]"#,
            r#""objectives":[{"percentile":50,"within_us":0}]"#,
            r#""objectives":[{"percentile":50,"within_us":1,"over_s":59}]"#,
        ] {
            assert!(problem(bad).is_some(), "{bad}");
        }
        let beat =
            r#"{"instance":"db","check":"job","every_s":60,"grace_s":5,"again":{"times":1,"after_ms":1}}"#;
        assert!(serde_json::from_str::<CheckDefined>(beat).unwrap().problem().is_some());
    }

    #[test]
    fn an_interval_that_stops_a_vantage_point_is_not_put_on_record() {
        let check = |every_s: u32, timeout_ms: Option<u32>, grace_s: Option<u32>| {
            let url = grace_s.is_none().then_some("https://x.example/");
            let text = serde_json::json!({"instance": "db", "check": "http", "every_s": every_s, "url": url,
                "timeout_ms": timeout_ms, "grace_s": grace_s});
            serde_json::from_value::<CheckDefined>(text).unwrap().problem()
        };
        for good in
            [(1, None, None), (86_400, Some(60_000), None), (1, Some(10), None), (604_800, None, Some(0))]
        {
            assert_eq!(check(good.0, good.1, good.2), None, "{good:?}");
        }
        for (bad, why) in [
            ((0, None, None), "interval"),
            ((86_401, None, None), "interval"),
            ((u32::MAX, None, None), "interval"),
            ((20, Some(0), None), "timeout"),
            ((20, Some(9), None), "timeout"),
            ((20, Some(u32::MAX), None), "timeout"),
            ((0, None, Some(1)), "interval"),
            ((u32::MAX, None, Some(1)), "interval"),
            ((60, None, Some(u32::MAX)), "grace"),
        ] {
            let said = check(bad.0, bad.1, bad.2);
            assert!(said.is_some_and(|said| said.contains(why)), "{bad:?}: {said:?}");
        }
    }
}
