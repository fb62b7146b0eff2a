//! Instances: what is promised about, what watches it, what it costs.

use spans::{Instant, Month};

use super::{fact, *};
use crate::{
    Money, Observation, Version,
    what::{BEAT_EVERY_S, EVERY_S, GRACE_S_MAX, Http, TIMEOUT_MS, What},
};

fact! {
    /// An agreement version came into force: both parties signed it.
    AgreementActivated {
        /// The id in the file.
        agreement: AgreementId,
        /// SHA-256 of the file's bytes, in hex: the identity of the version.
        sha256: String,
        /// The tier in force, where the agreement has tiers.
        #[serde(default)]
        tier: Option<String>,
    }
}

fact! {
    /// The service began for this client.
    ServiceActivated {
        /// The service.
        service: ServiceId,
        /// Whether work needs a VPN of the client (MP-VPN-01).
        #[serde(default)]
        vpn_required: bool,
    }
}

fact! {
    /// An instance came under the agreement: the unit of ledger, objective and credit (SH-DEF-06).
    InstanceAdded {
        /// The instance.
        instance: InstanceId,
        /// Its name on statements.
        name: String,
        /// Where it answers.
        #[serde(default)]
        url: Option<String>,
        /// Where it is used.
        environment: Environment,
        /// The software it runs, as feeds name it.
        #[serde(default)]
        software: Option<String>,
        /// The first covered instant.
        from: Instant,
        /// The first instant no longer covered, if one is known.
        #[serde(default)]
        until: Option<Instant>,
    }
}

fact! {
    /// An instance leaves the agreement.
    InstanceEnded {
        /// The instance.
        instance: InstanceId,
        /// The first instant no longer covered.
        until: Instant,
    }
}

fact! {
    /// What the client was charged for an instance and month, after discount, before VAT and surcharge (A-09).
    InstanceCharged {
        /// The instance.
        instance: InstanceId,
        /// The calendar month.
        month: Month,
        /// The charge.
        amount: Money,
    }
}

fact! {
    /// An instance was restarted; by whom is the actor (SH-EXCL-07).
    InstanceRestarted {
        /// The instance.
        instance: InstanceId,
    }
}

fact! {
    /// A version was seen running: by a probe or in a change record (SH-SEC-01, SH-MAINT-02).
    InstanceVersionSeen {
        /// The instance.
        instance: InstanceId,
        /// The software, as feeds name it.
        software: String,
        /// The version.
        version: Version,
    }
}

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
    }
}

fact! {
    /// A documented quota was exceeded (SH-EXCL-06).
    QuotaHit {
        /// The instance.
        instance: InstanceId,
        /// Which quota.
        quota: String,
        /// Until when it held.
        until: Instant,
    }
}

fact! {
    /// A backup was taken, at the fact's instant (SH-BAK-01).
    BackupTaken {
        /// The instance.
        instance: InstanceId,
        /// The backup.
        backup: BackupId,
        /// Whether it was proved to restore.
        restorable: bool,
    }
}

fact! {
    /// A backup no longer exists.
    BackupDeleted {
        /// The instance.
        instance: InstanceId,
        /// The backup.
        backup: BackupId,
    }
}

fact! {
    /// A measured value crossed its limit (MP-SC-INC-02).
    ThresholdCrossed {
        /// The alert.
        alert: AlertId,
        /// The instance.
        instance: InstanceId,
        /// What was measured, such as `disk 95%`.
        measure: String,
    }
}

fact! {
    /// People were told of a crossed limit.
    AlertSent {
        /// The alert.
        alert: AlertId,
    }
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
        match &question {
            What::Http(http) => question.problem().or_else(|| http.secret()),
            _ => question.problem(),
        }
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
            _ => timeout.then_some("the timeout is not between 10 ms and a minute"),
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
