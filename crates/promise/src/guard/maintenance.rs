//! Maintenance: on file in time, for a cause, in its slot; and backups, which stay as long as was promised.

use agreement::{Before, CIVIL, Keyed, Maintenance, MaintenanceNeeds, OutsideSlot, WINDOW};
use facts::{
    BackupDeleted, Body, Event, Fact, FreezeSet, Impact, MaintenanceKind, MaintenancePlanned, Noun, Score,
    VulnerabilityId,
};
use spans::{Instant, Length, Span, Spans};

use super::{Case, Reason, Refusal, Verdict, gravest, is_blank, list, severity::critical};
use crate::{
    approval,
    conflict::{Conflict, conflicts},
    freeze::freezes,
    history::History,
    obligation::{Form, Plan, Rule},
    window,
};

/// Days of the longest maintenance that nobody has to confirm. A year for a day is one digit, and nothing inside it would count; no
/// clause says so.
pub const MAINTENANCE_DAYS_MAX: i64 = 7;

impl Case<'_> {
    pub(super) fn maintenance(&self) -> Verdict {
        match &self.act.body {
            Body::MaintenancePlanned(planned) => self.planned(planned),
            Body::BackupDeleted(deleted) => self.deleted(deleted),
            Body::FreezeSet(set) => self.freeze(set),
            Body::FreezeLifted(_) => self.lifted(),
            _ => Ok(()),
        }
    }

    /// A freeze lies ahead at its end, says why, and is set once.
    fn freeze(&self, set: &FreezeSet) -> Verdict {
        let refuse = |reason| Err(Refusal { clauses: Vec::new(), reason });
        match () {
            () if !self.act.actor.is_person() => refuse(Reason::NeedsPerson { what: "a change freeze" }),
            () if self.last(Event::FreezeSet).is_some() => refuse(Reason::SaidTwice { what: "freeze" }),
            () if set.until <= set.from => refuse(Reason::EmptyFreeze { from: set.from, to: set.until }),
            () if set.until <= self.act.recorded_at => refuse(Reason::FreezeIsOver { until: set.until }),
            () if is_blank(&set.reason) => refuse(Reason::FreezeUnexplained),
            () => Ok(()),
        }
    }

    /// Who set a freeze lifts it.
    fn lifted(&self) -> Verdict {
        let refuse = |reason| Err(Refusal { clauses: Vec::new(), reason });
        match self.last(Event::FreezeSet) {
            None => refuse(Reason::NothingFrozen { freeze: self.act.body.subject_id().to_string() }),
            Some(set) if set.actor.side != self.act.actor.side => {
                refuse(Reason::OthersFreeze { side: set.actor.side })
            }
            Some(_) if self.last(Event::FreezeLifted).is_some() => refuse(Reason::DecidedTwice),
            Some(_) => Ok(()),
        }
    }

    /// What else is on file for that time. Only what is scheduled gives way: a critical patch goes in at any hour, an emergency at
    /// any time (SH-MAINT-08, SH-MAINT-12).
    fn conflicting(&self, planned: &MaintenancePlanned) -> Verdict {
        if planned.kind != MaintenanceKind::Scheduled {
            return Ok(());
        }
        let refuse = |conflict| {
            let reason = match conflict {
                Conflict::Freeze(freeze) => Reason::Frozen {
                    freeze: freeze.id.to_string(),
                    side: freeze.by,
                    from: freeze.span.start,
                    until: freeze.span.end,
                },
                Conflict::Maintenance { record, span, .. } => {
                    Reason::Overlaps { record: record.to_string(), from: span.start, to: span.end }
                }
            };
            Err(Refusal { clauses: Vec::new(), reason })
        };
        gravest(conflicts(self.view.history, planned, self.act.at).into_iter().map(refuse))
    }

    /// A length that has to be meant: it takes a reason, and with one a confirmation.
    fn long(&self, planned: &MaintenancePlanned) -> Verdict {
        if planned.ends_at - planned.starts_at <= Length::DAY * MAINTENANCE_DAYS_MAX {
            return Ok(());
        }
        let explained = planned.outside_slot.as_deref().is_some_and(|reason| !is_blank(reason));
        Err(Refusal { clauses: Vec::new(), reason: Reason::LongMaintenance { explained } })
    }

    /// A change that begins while all changes are frozen.
    pub(super) fn frozen(&self) -> Verdict {
        let holds = |freeze: &crate::freeze::Freeze| {
            freeze.instances.is_empty() && freeze.holds().is_some_and(|span| span.contains(self.act.at))
        };
        let Some(freeze) = freezes(self.view.history, self.act.at).into_iter().find(holds) else {
            return Ok(());
        };
        let reason = Reason::Frozen {
            freeze: freeze.id.to_string(),
            side: freeze.by,
            from: freeze.span.start,
            until: freeze.span.end,
        };
        Err(Refusal { clauses: Vec::new(), reason })
    }

    /// SH-MAINT-01, 03, 04, 08, 09, 12.
    fn planned(&self, planned: &MaintenancePlanned) -> Verdict {
        self.sound(planned)?;
        self.ruled(planned)?;
        gravest([self.conflicting(planned), self.long(planned)])
    }

    /// What no record is without, whatever the agreement says of maintenance: it takes downtime out (SH-AVAIL-10) wherever there
    /// is any to count.
    fn sound(&self, planned: &MaintenancePlanned) -> Verdict {
        let rule = self.agreement().maintenance.iter().find(|rule| rule.kind == planned.kind);
        let clauses = || rule.map_or_else(Vec::new, |rule| rule.clause.ids.clone());
        let recorded = self.act.recorded_at;
        let reason = match () {
            () if planned.instances.is_empty() => Some(Reason::NoInstance),
            () if planned.ends_at <= planned.starts_at => {
                Some(Reason::WrongOrder { from: planned.starts_at, to: planned.ends_at })
            }
            () => self.under_way(planned).or_else(|| match planned.kind {
                _ if recorded <= planned.starts_at => None,
                MaintenanceKind::Scheduled => Some(Reason::FiledTooLate { from: recorded }),
                _ => Some(Reason::Backdated { recorded }),
            }),
        };
        reason.map_or(Ok(()), |reason| Err(Refusal { clauses: clauses(), reason }))
    }

    /// what is under way is not reclassified or stretched by one party.
    fn under_way(&self, planned: &MaintenancePlanned) -> Option<Reason> {
        let earlier = self.before().find_map(|fact| match &fact.body {
            Body::MaintenancePlanned(earlier) => Some(earlier),
            _ => None,
        });
        let begun =
            earlier.filter(|earlier| earlier.starts_at <= self.act.recorded_at && *earlier != planned);
        begun.map(|earlier| Reason::UnderWay { began: earlier.starts_at })
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
        let named = rule.causes.is_empty() || rule.causes.contains(&planned.cause);
        if is_blank(&planned.cause) || !named {
            let known = list(rule.causes.iter().map(String::as_str));
            return self.refuse(&rule.clause, Reason::NoCause { known });
        }
        let lacking = rule.requires.iter().find_map(|need| self.lacks(*need, planned));
        match lacking.or_else(|| self.slot(rule, planned)) {
            Some(reason) => self.refuse(&rule.clause, reason),
            None => Ok(()),
        }
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
        let (from, to) = (planned.starts_at, planned.ends_at);
        let within = Span { start: from, end: to };
        if open_in(self.plan, self.view.history, slot, within, self.act.at)?.measure(from, to) == to - from {
            return None;
        }
        let needs = rule.outside_slot.as_ref().and_then(|by| tiered(by, self.plan));
        let reason = planned.outside_slot.as_deref().filter(|reason| !is_blank(reason));
        match needs {
            Some(OutsideSlot::Reason) if reason.is_some() => None,
            Some(OutsideSlot::ClientApproval)
                if reason.is_some_and(|reason| self.work_approved(reason, planned)) =>
            {
                None
            }
            Some(OutsideSlot::ClientApproval) => {
                Some(Reason::OutsideSlotUnapproved { slot: slot.to_owned() })
            }
            _ => Some(Reason::OutsideSlot { slot: slot.to_owned() }),
        }
    }

    /// Whether the reason names, as one of its words, a proposal of this work outside the slot that both sides approved.
    fn work_approved(&self, reason: &str, planned: &MaintenancePlanned) -> bool {
        let (history, at) = (self.view.history, self.act.at);
        approval::named(reason).any(|id| approval::is_work_approved(self.plan, history, &id, planned, at))
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

/// The slots of a kind of maintenance in a span, as agreed at `at`: what a planner offers (SH-MAINT-01, SH-MAINT-05). Nothing where
/// the file has no such kind.
pub fn slots(plan: &Plan, history: &History<'_>, kind: MaintenanceKind, within: Span, at: Instant) -> Spans {
    let rule = plan.agreement().maintenance.iter().find(|rule| rule.kind == kind);
    let slot = rule.and_then(|rule| tier_slot(rule, plan));
    slot.and_then(|slot| open_in(plan, history, slot, within, at)).unwrap_or_default()
}

/// When a slot is open: the agreed window as both parties have it by then, any other as the file says.
fn open_in(plan: &Plan, history: &History<'_>, slot: &str, within: Span, at: Instant) -> Option<Spans> {
    if slot == WINDOW
        && let Some(open) = window::open(plan, history, within, at)
    {
        return Some(open);
    }
    plan.terms().hours(slot).map(|hours| hours.table.spans().clip(within))
}

/// The last moment at which maintenance of this kind and impact can be announced in time for a start, with the clauses that say so
/// (SH-MAINT-11, SH-MAINT-13); none where no notice is owed for it.
pub fn announce_by(
    plan: &Plan,
    kind: MaintenanceKind,
    impact: Impact,
    start: Instant,
) -> Option<(Instant, Vec<String>)> {
    let last = notices(plan, kind, impact).filter_map(|(rule, before)| {
        let hours = plan.terms().hours(notice_calendar(plan, rule))?;
        let by = hours.table.retreat(start, before.by.length(hours.day)).ok()?;
        Some((by, rule.duty.clauses.clone()))
    });
    last.min_by_key(|(by, _)| *by)
}

/// The rules by which notice of such maintenance is owed.
fn notices(plan: &Plan, kind: MaintenanceKind, impact: Impact) -> impl Iterator<Item = (&Rule, &Before)> {
    let meant = |field: &str, word: &str, rule: &Rule| {
        let values = rule.source.r#match.as_ref().and_then(|matching| matching.fields.get(field));
        values.is_none_or(|values| values.iter().any(|value| value == word))
    };
    plan.started_by(Event::MaintenancePlanned).filter_map(move |rule| match &rule.form {
        Form::Before(before)
            if meant("kind", kind.name(), rule) && meant("expected_impact", impact.name(), rule) =>
        {
            Some((&**rule, before))
        }
        _ => None,
    })
}

fn notice_calendar<'p>(plan: &Plan, rule: &'p Rule) -> &'p str {
    rule.source.calendar.as_ref().and_then(|by| tiered(by, plan)).map_or(CIVIL, String::as_str)
}

/// The earliest start of maintenance of this kind and impact that is announced at that instant, so that the notice is in time
/// (SH-MAINT-11, A-25); the announcement itself where no notice is owed for it.
pub fn earliest_start(plan: &Plan, kind: MaintenanceKind, impact: Impact, announced: Instant) -> Instant {
    let earliest = notices(plan, kind, impact).filter_map(|(rule, before)| {
        plan.terms().deadline(announced, before.by, notice_calendar(plan, rule)).ok()
    });
    earliest.max().unwrap_or(announced)
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
