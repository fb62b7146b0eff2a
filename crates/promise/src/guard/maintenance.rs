//! Maintenance: on file in time, for a cause, in its slot; and backups, which stay as long as was promised.

use agreement::{CIVIL, Keyed, Maintenance, MaintenanceNeeds, OutsideSlot};
use facts::{
    BackupDeleted, Body, Event, Fact, Impact, MaintenanceKind, MaintenancePlanned, Noun, Score,
    VulnerabilityId,
};
use spans::{Instant, Length, Span, Spans};

use super::{Case, Reason, Refusal, Verdict, is_blank, list, severity::critical};
use crate::{
    approval,
    obligation::{Form, Plan, Rule},
};

/// Days of the longest maintenance that nobody has to confirm. A year for a day is one digit, and nothing inside it would count; no
/// clause says so.
pub const MAINTENANCE_DAYS_MAX: i64 = 7;

impl Case<'_> {
    pub(super) fn maintenance(&self) -> Verdict {
        match &self.act.body {
            Body::MaintenancePlanned(planned) => self.planned(planned),
            Body::BackupDeleted(deleted) => self.deleted(deleted),
            _ => Ok(()),
        }
    }

    /// SH-MAINT-01, 03, 04, 08, 09, 12.
    fn planned(&self, planned: &MaintenancePlanned) -> Verdict {
        self.ruled(planned)?;
        // Last of all: whoever confirms this has been told of everything else.
        if planned.ends_at - planned.starts_at <= Length::DAY * MAINTENANCE_DAYS_MAX {
            return Ok(());
        }
        let explained = planned.outside_slot.as_deref().is_some_and(|reason| !is_blank(reason));
        Err(Refusal { clauses: Vec::new(), reason: Reason::LongMaintenance { explained } })
    }

    fn ruled(&self, planned: &MaintenancePlanned) -> Verdict {
        let kinds = &self.agreement().maintenance;
        if kinds.is_empty() {
            return Ok(());
        }
        let Some(rule) = kinds.iter().find(|rule| rule.kind == planned.kind) else {
            let known = list(kinds.iter().map(|rule| rule.kind.name()));
            return self.refuse(&kinds[0].clause, Reason::UnknownKind { kind: planned.kind.name(), known });
        };
        if let Some(reason) = self.missing(rule, planned) {
            return self.refuse(&rule.clause, reason);
        }
        match rule
            .requires
            .iter()
            .find_map(|need| self.lacks(*need, planned))
            .or_else(|| self.slot(rule, planned))
        {
            Some(reason) => self.refuse(&rule.clause, reason),
            None => Ok(()),
        }
    }

    fn missing(&self, rule: &Maintenance, planned: &MaintenancePlanned) -> Option<Reason> {
        let named = rule.causes.is_empty() || rule.causes.contains(&planned.cause);
        if is_blank(&planned.cause) || !named {
            return Some(Reason::NoCause { known: list(rule.causes.iter().map(String::as_str)) });
        }
        if planned.instances.is_empty() {
            return Some(Reason::NoInstance);
        }
        if planned.ends_at <= planned.starts_at {
            return Some(Reason::WrongOrder { from: planned.starts_at, to: planned.ends_at });
        }
        // what is under way is not reclassified or stretched by one party.
        let earlier = self.before().find_map(|fact| match &fact.body {
            Body::MaintenancePlanned(earlier) => Some(earlier),
            _ => None,
        });
        let begun =
            earlier.filter(|earlier| earlier.starts_at <= self.act.recorded_at && *earlier != planned);
        begun.map(|earlier| Reason::UnderWay { began: earlier.starts_at })
    }

    fn lacks(&self, need: MaintenanceNeeds, planned: &MaintenancePlanned) -> Option<Reason> {
        let recorded = self.act.recorded_at;
        match need {
            MaintenanceNeeds::RecordedBeforeStart => {
                (planned.starts_at <= recorded).then_some(Reason::FiledTooLate { from: recorded })
            }
            // The type has no record without one.
            MaintenanceNeeds::ExpectedImpact => None,
            MaintenanceNeeds::CriticalVulnerability => self.not_critical(planned.cve.as_ref()),
            MaintenanceNeeds::NoBackdating => {
                (planned.starts_at < recorded).then_some(Reason::Backdated { recorded })
            }
        }
    }

    /// SH-MAINT-08: the newest published score of the vulnerability is in the highest band.
    fn not_critical(&self, cve: Option<&VulnerabilityId>) -> Option<Reason> {
        let least = critical(self.agreement());
        let score = cve.and_then(|cve| self.score(cve));
        if score.zip(least).is_some_and(|(score, least)| least <= score) {
            return None;
        }
        let found = match (cve, score) {
            (None, _) => "it names none".to_owned(),
            (Some(cve), None) => format!("no score of {cve} was published"),
            (Some(cve), Some(score)) => format!("{cve} has {score}"),
        };
        Some(Reason::NotCritical {
            least: least.map_or_else(|| "none".to_owned(), |least| least.to_string()),
            found,
        })
    }

    fn score(&self, cve: &VulnerabilityId) -> Option<Score> {
        let history = self.view.history;
        let published = history.of(Noun::Vulnerability, &cve.0).iter().filter(|fact| fact.at <= self.act.at);
        let fixes = history.all(Event::FixReleased, self.act.at).iter();
        let scored = published.chain(fixes).filter_map(|fact| match &fact.body {
            Body::CvePublished(published) => Some((fact.at, published.score)),
            Body::FixReleased(fix) if fix.cve == *cve => Some((fact.at, fix.score)),
            _ => None,
        });
        scored.max_by_key(|(at, _)| *at).map(|(_, score)| score)
    }

    /// SH-MAINT-01, SH-MAINT-09, A-26: inside the tier's slot from start to end, or with what it takes to leave it.
    fn slot(&self, rule: &Maintenance, planned: &MaintenancePlanned) -> Option<Reason> {
        let slot = tier_slot(rule, self.plan)?;
        let hours = self.plan.terms().hours(slot)?;
        let (from, to) = (planned.starts_at, planned.ends_at);
        if hours.table.measure(from, to) == to - from {
            return None;
        }
        let needs = rule.outside_slot.as_ref().and_then(|by| tiered(by, self.plan));
        let reason = planned.outside_slot.as_deref().filter(|reason| !is_blank(reason));
        match needs {
            Some(OutsideSlot::Reason) if reason.is_some() => None,
            Some(OutsideSlot::ClientApproval)
                if reason.is_some_and(|reason| self.client_approved(reason)) =>
            {
                None
            }
            Some(OutsideSlot::ClientApproval) => {
                Some(Reason::OutsideSlotUnapproved { slot: slot.to_owned() })
            }
            _ => Some(Reason::OutsideSlot { slot: slot.to_owned() }),
        }
    }

    /// Whether the reason names, as one of its words, a proposal that the client approved.
    fn client_approved(&self, reason: &str) -> bool {
        let words =
            reason.split_whitespace().filter_map(|word| word.trim_end_matches(['.', ',', ':']).parse().ok());
        words.into_iter().any(|id| approval::is_approved_by_client(self.view.history, &id, self.act.at))
    }

    /// SH-BAK-01: a backup stays for as long as it must be kept.
    fn deleted(&self, deleted: &BackupDeleted) -> Verdict {
        let rules = self.plan.rules().iter().filter(|rule| rule.source.forbid.is_some());
        for rule in rules {
            let Form::Keep(keep) = &rule.form else { continue };
            let taken = self.before().find(
                |fact| matches!(&fact.body, Body::BackupTaken(taken) if taken.backup == deleted.backup && taken.restorable),
            );
            let (Some(taken), Some(amount)) = (taken, tiered(keep, self.plan)) else { continue };
            let until = self.plan.terms().deadline(taken.at, *amount, rule.calendar(self.plan, &self.said));
            if let Ok(until) = until
                && self.act.at < until
            {
                let backup = deleted.backup.to_string();
                return self.refuse(&rule.source.clause, Reason::KeptUntil { backup, until });
            }
        }
        Ok(())
    }
}

fn tiered<'p, T>(by: &'p Keyed<T>, plan: &Plan) -> Option<&'p T> {
    by.of(plan.terms().tier())
}

fn tier_slot<'p>(rule: &'p Maintenance, plan: &Plan) -> Option<&'p str> {
    tiered(&rule.slot, plan).map(String::as_str)
}

/// The slots of a kind of maintenance in a span: what a planner offers (SH-MAINT-01). Nothing where the file has no such kind.
pub fn slots(plan: &Plan, kind: MaintenanceKind, within: Span) -> Spans {
    let rule = plan.agreement().maintenance.iter().find(|rule| rule.kind == kind);
    let hours = rule.and_then(|rule| plan.terms().hours(tier_slot(rule, plan)?));
    hours.map_or_else(Spans::default, |hours| hours.table.spans().clip(within))
}

/// The earliest start of maintenance of this kind and impact that is announced at that instant, so that the notice is in time
/// (SH-MAINT-11, A-25); the announcement itself where no notice is owed for it.
pub fn earliest_start(plan: &Plan, kind: MaintenanceKind, impact: Impact, announced: Instant) -> Instant {
    let meant = |field: &str, word: &str, rule: &Rule| {
        let values = rule.source.r#match.as_ref().and_then(|matching| matching.fields.get(field));
        values.is_none_or(|values| values.iter().any(|value| value == word))
    };
    let notices = plan.started_by(Event::MaintenancePlanned).filter_map(|rule| match &rule.form {
        Form::Before(before)
            if meant("kind", kind.name(), rule) && meant("expected_impact", impact.name(), rule) =>
        {
            let calendar = rule.source.calendar.as_ref().and_then(|by| tiered(by, plan));
            plan.terms().deadline(announced, before.by, calendar.map_or(CIVIL, String::as_str)).ok()
        }
        _ => None,
    });
    notices.max().unwrap_or(announced)
}

/// How a maintenance record is stored (SH-MAINT-04): a scheduled one that was put on file at or after its start is an
/// emergency, and begins when it was put on file, because nothing is backdated (SH-MAINT-12). Nothing, where it is stored as it
/// stands or nothing of it is left.
pub fn stored_as(fact: &Fact) -> Option<Fact> {
    let Body::MaintenancePlanned(planned) = &fact.body else { return None };
    let late = planned.kind == MaintenanceKind::Scheduled && planned.starts_at <= fact.recorded_at;
    (late && fact.recorded_at < planned.ends_at).then(|| {
        let emergency = MaintenancePlanned {
            kind: MaintenanceKind::Emergency,
            starts_at: planned.starts_at.max(fact.recorded_at),
            ..planned.clone()
        };
        Fact { body: emergency.into(), ..fact.clone() }
    })
}
