//! What vantage points are asked to ask, and what their reports come to.

use std::collections::{BTreeMap, BTreeSet};

use facts::{
    Body, CheckDefined, CheckId, ClientId, InstanceId, Outcome, VantageId, what::TIMEOUT_DEFAULT_MS,
};
use spans::Instant;
use wire::{Assignment, CHECKS_MAX, Check, Look, Report};

use super::{Book, Control, Detail, Looked, Watched, lock};

/// Why a check that is in force is asked by nobody where there are too many.
const TOO_MANY: &str = "there are more checks than one vantage point asks";

/// A check in force that is not asked: it came on record before its limits did, or beside the live service. The others go on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unasked {
    /// Whose.
    pub client: ClientId,
    /// Of which instance.
    pub instance: InstanceId,
    /// Which.
    pub check: CheckId,
    /// Why.
    pub problem: &'static str,
}

impl Control {
    /// Every check in force `now` that can be asked, for one vantage point. `revision` is the caller's: it rises with every change.
    /// [`Control::unasked`] has the others.
    ///
    /// # Errors
    /// The journal's.
    pub fn assignment(
        &self,
        vantage: &VantageId,
        revision: u64,
        now: Instant,
    ) -> journal::Result<Assignment> {
        let (references, checks) = (self.references(), self.in_force(now)?);
        Ok(Assignment { revision, checks, references, ..Assignment::empty(vantage.clone()) })
    }

    /// What is in force and not asked, as of the last [`Control::assignment`] or the last that a vantage point elsewhere fetched.
    pub fn unasked(&self) -> BTreeSet<Unasked> {
        lock(&self.outposts).unasked.clone()
    }

    /// Leaves out what cannot be asked, and what is too much. One check must not keep the others from being asked: an assignment that
    /// breaks a limit is refused as a whole.
    pub(super) fn sifted(&self, mut checks: Vec<Check>) -> Vec<Check> {
        let mut unasked = BTreeSet::new();
        let mut leave = |check: &Check, problem| {
            let Check { client, instance, check, .. } = check.clone();
            unasked.insert(Unasked { client, instance, check, problem });
        };
        checks.retain(|check| match check.problem() {
            Some(problem) => {
                leave(check, problem);
                false
            }
            None => true,
        });
        let beyond = checks.len().min(CHECKS_MAX);
        checks.drain(beyond..).for_each(|check| leave(&check, TOO_MANY));
        lock(&self.outposts).unasked = unasked;
        checks
    }
}

impl Book {
    /// Why nobody asks a check as it is defined; none where it is asked, and for a heartbeat.
    pub fn not_asked(&self, check: &CheckDefined) -> Option<&'static str> {
        self.question(check)?.problem()
    }

    /// The newest definition of each check of an instance that is covered, with a question.
    pub(super) fn assignable(&self, now: Instant) -> Vec<Check> {
        let mut newest: BTreeMap<(&InstanceId, &CheckId), &CheckDefined> = BTreeMap::new();
        let mut ended: Vec<&InstanceId> = Vec::new();
        for fact in self.facts().iter().filter(|fact| fact.at <= now) {
            match &fact.body {
                Body::CheckDefined(check) => {
                    newest.insert((&check.instance, &check.check), check);
                }
                Body::CheckEnded(ended) => {
                    newest.remove(&(&ended.instance, &ended.check));
                }
                Body::InstanceAdded(added) => match added.until {
                    Some(until) if until <= now => ended.push(&added.instance),
                    _ => ended.retain(|instance| **instance != added.instance),
                },
                Body::InstanceEnded(end) if end.until <= now => ended.push(&end.instance),
                _ => {}
            }
        }
        let running = newest.into_values().filter(|check| !ended.contains(&&check.instance));
        running.filter_map(|check| self.question(check)).collect()
    }

    /// When the next instance ends by what is known now.
    pub(super) fn next_end(&self, now: Instant) -> Option<Instant> {
        let ends = self.facts().iter().filter_map(|fact| match &fact.body {
            Body::InstanceAdded(added) => added.until,
            Body::InstanceEnded(end) => Some(end.until),
            _ => None,
        });
        ends.filter(|until| now < *until).min()
    }

    /// Every question that a check ever was, those of instances that have ended among them: a spool may bring late answers.
    pub(super) fn ever_asked(&self) -> Vec<Check> {
        let defined = self.facts().iter().filter_map(|fact| match &fact.body {
            Body::CheckDefined(check) => self.question(check),
            _ => None,
        });
        defined.collect()
    }

    /// What a vantage point is asked; nothing for a heartbeat, or where it is not said.
    pub(super) fn question(&self, check: &CheckDefined) -> Option<Check> {
        let interval_ms = check.every_s.saturating_mul(1_000);
        Some(Check {
            client: self.client().clone(),
            instance: check.instance.clone(),
            check: check.check.clone(),
            what: check.question()?,
            every_s: check.every_s,
            again: check.again,
            timeout_ms: check.timeout_ms.unwrap_or(TIMEOUT_DEFAULT_MS).min(interval_ms),
        })
    }
}

impl From<&Report> for Watched {
    /// The boot and the number of a report are its name: sent again it is the same batch.
    fn from(report: &Report) -> Watched {
        Watched {
            vantage: report.vantage.clone(),
            batch: format!("{}/{}", report.boot, report.sequence),
            looks: report.looks.iter().map(looked).collect(),
            signed: None,
        }
    }
}

pub(super) fn looked(look: &Look) -> Looked {
    Looked {
        client: look.client.clone(),
        instance: look.instance.clone(),
        check: look.check.clone(),
        observation: look.observation(),
        certificate_ends: look.not_after.filter(|_| look.outcome != Outcome::Void),
        detail: Some(Detail { phases: look.phases, reason: look.reason.clone() }),
    }
}
