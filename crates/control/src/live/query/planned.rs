//! Planned work, before and after: what a plan meets and when it has to be announced, what it did beside what was declared, and
//! what both sides keep about it: freezes, the agreed window, proposals.

use facts::{
    Body, FreezeId, InstanceId, MaintenanceId, MaintenancePlanned, ProposalId, ProposalKind, ProposedWindow,
    ProposedWork, Side,
};
use promise::{
    Actual, Ledger, actual,
    approval::{self, ProposalState},
    conflict::{Conflict, conflicts, met},
    freeze::{Freeze, freezes},
    guard::{announce_by, earliest_start, slots},
    window::{self, AgreedWindow},
};
use spans::{Instant, Length, Span, Spans};

use super::MaintenanceRecord;
use crate::live::{
    Book,
    command::{NewFreeze, freeze_id},
};

/// How far ahead the next slot is looked for.
const SLOT_WITHIN: Length = Length::from_hours(24 * 62);

/// What a plan comes to, before it is put on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The last moment to announce it in time, and the clauses that say so; none where no notice is owed (SH-MAINT-11).
    pub announce_by: Option<(Instant, Vec<String>)>,
    /// Whether that moment has passed: the notice would be late, and the statement would say so.
    pub late: bool,
    /// The earliest start that keeps the notice, if it is announced now.
    pub earliest: Instant,
    /// The first slot that begins then or later and is long enough, in full; none where no such slot was found (SH-MAINT-01).
    pub next_slot: Option<Span>,
    /// Whether it lies inside its slot; none where the agreement says nothing of such maintenance.
    pub inside: Option<bool>,
    /// What else is on file for that time.
    pub conflicts: Vec<Conflict>,
}

/// What was sought from both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// Which.
    pub id: ProposalId,
    /// Who made it.
    pub by: Side,
    /// By what name they go.
    pub who: String,
    /// When.
    pub made: Instant,
    /// What it is, in words.
    pub what: Option<String>,
    /// The window that it would bring.
    pub window: Option<ProposedWindow>,
    /// The work outside the slot that it is of.
    pub work: Option<ProposedWork>,
    /// How it stands.
    pub state: ProposalState,
}

/// What both sides keep about planned work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// The window in force, where the agreement has one, with its next four.
    pub window: Option<(AgreedWindow, Vec<Span>)>,
    /// The clauses of the window.
    pub clauses: Vec<String>,
    /// Proposals of a window or of work outside the slot, the newest first.
    pub proposals: Vec<Sought>,
    /// Freezes, the latest first, with the scheduled maintenance on file that each meets.
    pub freezes: Vec<(Freeze, Vec<MaintenanceId>)>,
}

impl Book {
    /// What a plan comes to if it is put on file now; none before an agreement is in force.
    pub fn preview(&self, planned: &MaintenancePlanned, now: Instant) -> Option<Preview> {
        let plan = self.versions()?.latest();
        let history = self.history();
        let (kind, impact) = (planned.kind, planned.expected_impact);
        let announce = announce_by(plan, kind, impact, planned.starts_at);
        let earliest = earliest_start(plan, kind, impact, now);
        let (from, to) = (planned.starts_at, planned.ends_at);
        let open = slots(plan, &history, kind, Span { start: from, end: to }, now);
        let ahead = slots(plan, &history, kind, Span { start: earliest, end: earliest + SLOT_WITHIN }, now);
        let needed = to - from;
        let has_rule = plan.agreement().maintenance.iter().any(|rule| rule.kind == kind);
        Some(Preview {
            late: announce.as_ref().is_some_and(|(by, _)| *by < now),
            announce_by: announce,
            earliest,
            next_slot: ahead.iter().find(|slot| needed <= slot.length()),
            inside: has_rule.then(|| open.measure(from, to) == needed),
            conflicts: conflicts(&history, planned, now),
        })
    }

    /// The slots of a kind of maintenance, as both sides have agreed by now.
    pub fn slots(&self, kind: facts::MaintenanceKind, within: Span, now: Instant) -> Spans {
        let Some(versions) = self.versions() else { return Spans::empty() };
        slots(versions.latest(), &self.history(), kind, within, now)
    }

    /// What maintenance did to each of its instances so far, beside what was declared (SH-MAINT-07). None before it begins.
    pub fn actual(&self, record: &MaintenanceRecord, now: Instant) -> Vec<(InstanceId, Actual)> {
        self.actual_in(&self.ledgers(now), record, now)
    }

    /// The same of several records, one after the other: the ledgers are made once.
    pub fn actuals(&self, records: &[MaintenanceRecord], now: Instant) -> Vec<Vec<(InstanceId, Actual)>> {
        let ledgers = self.ledgers(now);
        records.iter().map(|record| self.actual_in(&ledgers, record, now)).collect()
    }

    fn actual_in(
        &self,
        ledgers: &[Ledger],
        record: &MaintenanceRecord,
        now: Instant,
    ) -> Vec<(InstanceId, Actual)> {
        let planned = &record.planned;
        let over = [record.ended, record.cancelled].into_iter().flatten().min();
        let end = over.map_or(planned.ends_at, |over| planned.ends_at.min(over)).min(now);
        let Some(span) = Span::new(planned.starts_at, end) else { return Vec::new() };
        let of = |instance: &InstanceId| {
            let ledger = ledgers.iter().find(|ledger| ledger.instance() == instance)?;
            let mut seen = actual(ledger.timeline(), &self.degraded(instance, now), span);
            // What goes on while it lasts is no overrun yet; what goes on after it was said to be over is.
            if over.is_none() && now < planned.ends_at {
                seen.overrun = Length::ZERO;
            }
            Some((instance.clone(), seen))
        };
        planned.instances.iter().filter_map(of).collect()
    }

    /// The last moment at which a record had to be announced, where notice is owed for it.
    pub fn announce_by(&self, planned: &MaintenancePlanned) -> Option<(Instant, Vec<String>)> {
        let plan = self.versions()?.latest();
        announce_by(plan, planned.kind, planned.expected_impact, planned.starts_at)
    }

    /// What both sides keep about planned work.
    pub fn agreed(&self, now: Instant) -> Agreed {
        let history = self.history();
        let mut frozen = freezes(&history, now);
        frozen.sort_by_key(|freeze| std::cmp::Reverse(freeze.span.start));
        let frozen = frozen.into_iter().map(|freeze| {
            let records = met(&history, &freeze, now).into_iter().map(|(record, _)| record).collect();
            (freeze, records)
        });
        let frozen: Vec<(Freeze, Vec<MaintenanceId>)> = frozen.collect();
        let Some(versions) = self.versions() else {
            return Agreed { window: None, clauses: Vec::new(), proposals: Vec::new(), freezes: frozen };
        };
        let plan = versions.latest();
        let within = Span { start: now, end: now + SLOT_WITHIN };
        let window = window::in_force(plan, &history, now);
        let window = window.map(|window| {
            let next = window.spans(within).iter().take(4).collect();
            (window, next)
        });
        let rule = plan.agreement().window.as_ref();
        let mut proposals: Vec<Sought> = approval::proposals(plan, &history, now)
            .into_iter()
            .filter(|proposal| proposal.kind == ProposalKind::Window)
            .filter_map(|proposal| self.sought(proposal))
            .collect();
        proposals.reverse();
        let clauses = rule.map_or_else(Vec::new, |rule| rule.clause.ids.clone());
        Agreed { window, clauses, proposals, freezes: frozen }
    }

    /// Scheduled maintenance on file that a freeze would meet, in order of time. Nothing for a reversed span, which is refused anyway.
    pub fn would_meet(&self, new: &NewFreeze, by: Side, now: Instant) -> Vec<MaintenanceId> {
        let Some(span) = Span::new(new.from, new.until) else { return Vec::new() };
        let freeze = Freeze {
            id: freeze_id(1),
            by,
            who: String::new(),
            recorded: now,
            span,
            reason: String::new(),
            instances: new.instances.clone(),
            lifted: None,
        };
        met(&self.history(), &freeze, now).into_iter().map(|(record, _)| record).collect()
    }

    /// Scheduled maintenance on file that a freeze meets.
    pub(in crate::live) fn met_by(&self, freeze: &FreezeId, now: Instant) -> Vec<MaintenanceId> {
        let history = self.history();
        let set = freezes(&history, now).into_iter().find(|known| known.id == *freeze);
        let met = set.map_or_else(Vec::new, |set| met(&history, &set, now));
        met.into_iter().map(|(record, _)| record).collect()
    }

    fn sought(&self, proposal: approval::Proposal) -> Option<Sought> {
        let found = self.facts().iter().find_map(|fact| match &fact.body {
            Body::ProposalMade(made) if made.proposal == proposal.id => Some((fact, made)),
            _ => None,
        });
        let (fact, made) = found?;
        Some(Sought {
            by: proposal.by,
            who: fact.actor.id.clone(),
            made: proposal.made,
            what: made.what.clone(),
            window: made.window.clone(),
            work: made.work.clone(),
            state: proposal.state,
            id: proposal.id,
        })
    }
}
