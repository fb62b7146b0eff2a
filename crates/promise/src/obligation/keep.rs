//! What must be kept for so long: backups, and the days one can go back to.

use std::sync::Arc;

use facts::{BackupId, Body, Event, Fact, InstanceId, Noun};
use spans::{Instant, Length};

use super::{
    Act, Obligation, Occurrence, Plan, Rule, State,
    clock::Clock,
    plan::Form,
    reason::Told,
    walk::{Goes, Group, View},
};
use crate::{history::History, versions::Versions};

/// A backup that must be kept (SH-BAK-01).
pub(crate) struct Keep<'h> {
    plan: &'h Plan,
    rule: &'h Arc<Rule>,
    start: &'h Fact,
    backup: &'h BackupId,
    clock: Clock<'h>,
}

impl<'h> Keep<'h> {
    /// Nothing, where the fact is about no backup or the rule does not mean it.
    pub(crate) fn start(
        view: &View<'h>,
        plan: &'h Plan,
        rule: &'h Arc<Rule>,
        group: &Group<'h>,
        index: usize,
    ) -> Option<Keep<'h>> {
        let (fact, said) = (group.facts[index], group.said(plan, index));
        let Body::BackupTaken(taken) = &fact.body else { return None };
        if !rule.starts(&said) || !plan.terms().term().contains(fact.at) || view.at < fact.at {
            return None;
        }
        let clock = rule.clock(plan, &said, fact.at, &[]);
        Some(Keep { plan, rule, start: fact, backup: &taken.backup, clock })
    }

    pub(crate) fn backup(&self) -> &'h BackupId {
        self.backup
    }

    pub(crate) fn hear(
        &mut self,
        view: &View<'h>,
        group: &Group<'h>,
        index: usize,
        out: &mut Vec<Obligation>,
    ) -> Goes {
        let fact = group.facts[index];
        let expired = self.clock.due.as_ref().ok().filter(|expiry| **expiry <= fact.at).copied();
        let deleted = matches!(&fact.body, Body::BackupDeleted(deleted) if deleted.backup == *self.backup);
        match expired {
            Some(expiry) => out.push(self.settle(view, group, State::Met { at: expiry, by: None }, None)),
            // Deleted too early: missed then, by the one who deleted it.
            None if deleted => {
                let late = Some(Act::of(fact));
                out.push(self.settle(view, group, State::Missed { since: fact.at, late }, Some(fact)));
            }
            None => return Goes::On,
        }
        Goes::Over
    }

    pub(crate) fn finish(self, view: &View<'h>, group: &Group<'h>, out: &mut Vec<Obligation>) {
        let state = match &self.clock.due {
            Ok(expiry) if *expiry <= view.at => State::Met { at: *expiry, by: None },
            Ok(expiry) => State::Running { due: *expiry },
            Err(waiting) => State::Waiting(waiting.clone()),
        };
        out.push(self.settle(view, group, state, None));
    }

    fn settle(&self, view: &View<'h>, group: &Group<'h>, state: State, act: Option<&'h Fact>) -> Obligation {
        Told {
            view,
            plan: self.plan,
            rule: self.rule,
            subject: group.subject(),
            instance: None,
            occurrence: Occurrence::Backup(self.backup.clone()),
            start: self.start,
            started: self.start.at,
            clock: &self.clock,
            said: &group.said_last(self.plan),
            changes: &[],
            moment: None,
            act,
            over: act.map(|fact| fact.at),
            promised: None,
        }
        .obligation(state)
    }
}

/// A day to which an instance can be restored, or cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestorePoint {
    /// The first instant of the day, in UTC.
    pub day: Instant,
    /// The newest proved backup of that day that still exists.
    pub backup: Option<BackupId>,
}

/// The days one can go back to (SH-BAK-01): each whole day of the retention before `at`, newest first, as far as the instance
/// was covered. A day without a backup is a gap in what was promised. Empty where nothing must be kept.
pub fn restore_points(
    versions: &Versions,
    history: &History<'_>,
    instance: &InstanceId,
    at: Instant,
) -> Vec<RestorePoint> {
    let facts = history.of(Noun::Instance, &instance.0);
    let Some((days, from)) =
        versions.at(at).and_then(|plan| Some((retention_days(plan)?, covered_from(facts)?)))
    else {
        return Vec::new();
    };
    let back = std::iter::successors(Some(day_of(at) - Length::DAY), |day| Some(*day - Length::DAY));
    let whole = back.take(days).take_while(|day| from <= *day);
    whole.map(|day| RestorePoint { day, backup: newest(facts, day, at) }).collect()
}

fn retention_days(plan: &Plan) -> Option<usize> {
    let keep = plan.rules().iter().find_map(|rule| match &rule.form {
        Form::Keep(by) if rule.source.on.event == Event::BackupTaken => by.of(plan.terms().tier()),
        _ => None,
    })?;
    usize::try_from(keep.length(Length::DAY).as_micros() / Length::DAY.as_micros()).ok()
}

fn covered_from(facts: &[&Fact]) -> Option<Instant> {
    facts.iter().find_map(|fact| match &fact.body {
        Body::InstanceAdded(added) => Some(added.from),
        _ => None,
    })
}

fn newest(facts: &[&Fact], day: Instant, at: Instant) -> Option<BackupId> {
    let happened = || facts.iter().filter(|fact| fact.at <= at);
    let gone = |backup: &BackupId| {
        happened().any(|fact| matches!(&fact.body, Body::BackupDeleted(deleted) if deleted.backup == *backup))
    };
    happened().rev().find_map(|fact| match &fact.body {
        Body::BackupTaken(taken) if taken.restorable && day_of(fact.at) == day && !gone(&taken.backup) => {
            Some(taken.backup.clone())
        }
        _ => None,
    })
}

fn day_of(at: Instant) -> Instant {
    let day = Length::DAY.as_micros();
    Instant::from_micros(at.as_micros().div_euclid(day) * day)
}
