//! Instances: taken under the agreement, asked something, let go.

use facts::{Body, CheckDefined, CheckEnded, CheckId, ClientId, InstanceAdded, InstanceEnded, InstanceId};
use promise::{
    guard::{Reason, Refusal},
    probe::listed,
};
use spans::{Instant, Month};

use super::By;
use crate::live::{Book, Control, Done, NotDone};

impl Control {
    /// Takes an instance under the agreement (SH-DEF-06).
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::OutOfOrder`] for an id that stands for another, [`NotDone::Empty`] without a name.
    pub fn add_instance(
        &self,
        client: &ClientId,
        added: InstanceAdded,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        if added.name.trim().is_empty() {
            return Err(NotDone::Empty { field: "name" });
        }
        if added.until.is_some_and(|until| until <= added.from) {
            return refuse("it would end before it begins", "say a later end, or none");
        }
        let (id, from) = (added.instance.clone(), added.from);
        self.act_prepared(by.act(client, added, None), now, |book, _| match book.cover_of(&id) {
            Some(_) => refuse("this id stands for an instance that is there already", "take another id"),
            None if from < book.month_begins(now) => refuse(
                "it would be covered in a month that is over, whose statement stands",
                "say an instant of this month or later",
            ),
            None => Ok(()),
        })
    }

    /// Says until when an instance is covered. What has passed stays as it was: an end lies at `now` or later.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] without such an instance, [`NotDone::OutOfOrder`] once it has ended.
    pub fn end_instance(
        &self,
        client: &ClientId,
        ended: InstanceEnded,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let InstanceEnded { instance, until } = ended.clone();
        self.act_prepared(by.act(client, ended, None), now, |book, _| {
            let cover = book.running(&instance, now)?;
            if until < now {
                return refuse("what was covered stays covered", "end it now or later");
            }
            if until < cover.from {
                return refuse("it would end before it begins", "say a later end");
            }
            Ok(())
        })
    }

    /// Defines what is asked of an instance, or asks it otherwise from now on: the newest definition of a check is in force
    /// (SH-AVAIL-07). What it leaves out of a plain request is what was signed.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] without such an instance, [`NotDone::Question`] for what no vantage
    /// point would ask, [`NotDone::Changed`] where somebody defined it since it was read; [`NotDone::Refused`] for one that departs
    /// from what was signed and is not confirmed.
    pub fn define_check(
        &self,
        client: &ClientId,
        check: CheckDefined,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let (asked, read, confirmed) = (check.clone(), by.read, by.confirmed);
        self.act_prepared(by.act(client, check, None), now, |book, act| {
            let asked = book.as_signed(asked.clone());
            act.bodies = vec![asked.clone().into()];
            book.running(&asked.instance, now)?;
            if read.is_some_and(|read| read != book.check_version(&asked.instance, &asked.check)) {
                return Err(NotDone::Changed);
            }
            let refused = |problem| NotDone::Question { check: asked.check.to_string(), problem };
            match (book.question(&asked), asked.grace_s) {
                (Some(question), _) => question.problem().map_or(Ok(()), |problem| Err(refused(problem)))?,
                (None, Some(_)) => {}
                (None, None) => {
                    return Err(refused("it says neither what is asked nor how long a beat may take"));
                }
            }
            if confirmed { Ok(()) } else { book.is_as_signed(&asked) }
        })
    }

    /// Withdraws a check: from now on nobody asks it, and what it sees is no evidence. What it saw stays.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] without such an instance or check, [`NotDone::Changed`] where somebody
    /// defined it since it was read; [`NotDone::Refused`] for the last check of an instance that is not confirmed.
    pub fn end_check(
        &self,
        client: &ClientId,
        ended: CheckEnded,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let (CheckEnded { instance, check }, read, confirmed) = (ended.clone(), by.read, by.confirmed);
        self.act_prepared(by.act(client, ended, None), now, |book, _| {
            if !book.instance_names().iter().any(|(id, _)| *id == instance) {
                return Err(NotDone::Unknown { noun: "instance", id: instance.to_string() });
            }
            let version = book.check_version(&instance, &check);
            if version == 0 {
                return Err(NotDone::NoSuch { field: "check", id: check.to_string() });
            }
            if read.is_some_and(|read| read != version) {
                return Err(NotDone::Changed);
            }
            if confirmed { Ok(()) } else { book.is_not_the_last(&instance, &check) }
        })
    }
}

/// From when until when an instance is covered.
#[derive(Debug, Clone, Copy)]
struct Cover {
    from: Instant,
    until: Option<Instant>,
}

impl Book {
    /// That an instance is there and covered.
    pub(super) fn is_running(&self, instance: &InstanceId, now: Instant) -> Result<(), NotDone> {
        self.running(instance, now).map(drop)
    }

    /// SH-MON-01, A-14: where nobody looks nothing is known, so the last check is not withdrawn without a word.
    fn is_not_the_last(&self, instance: &InstanceId, check: &CheckId) -> Result<(), NotDone> {
        if !self.is_last_check(instance, check) {
            return Ok(());
        }
        let (check, instance) = (check.to_string(), instance.to_string());
        let clauses = self.signed_probe().map_or_else(Vec::new, |signed| signed.clauses);
        Err(NotDone::Refused(Refusal { clauses, reason: Reason::LastCheck { check, instance } }))
    }

    /// SH-AVAIL-07: what is evidence is asked as both parties signed it.
    fn is_as_signed(&self, check: &CheckDefined) -> Result<(), NotDone> {
        let Some((departures, clauses)) = self.departures(check) else { return Ok(()) };
        Err(NotDone::Refused(Refusal { clauses, reason: Reason::Departs { how: listed(&departures) } }))
    }

    fn running(&self, instance: &InstanceId, now: Instant) -> Result<Cover, NotDone> {
        let unknown = || NotDone::Unknown { noun: "instance", id: instance.to_string() };
        let cover = self.cover_of(instance).ok_or_else(unknown)?;
        match cover.until {
            Some(until) if until <= now => refuse("it is not covered any more", "add another instance"),
            _ => Ok(cover),
        }
    }

    /// The first instant of the month of `now`; what was before is on statements.
    fn month_begins(&self, now: Instant) -> Instant {
        let Some(versions) = self.versions() else { return Instant::MIN };
        let zone = versions.latest().agreement().months_in();
        Month::of(now, &zone).span(&zone).start
    }

    /// The newest word on it; none where it was never added.
    fn cover_of(&self, instance: &InstanceId) -> Option<Cover> {
        self.facts().iter().fold(None, |cover, fact| match &fact.body {
            Body::InstanceAdded(added) if added.instance == *instance => {
                Some(Cover { from: added.from, until: added.until })
            }
            Body::InstanceEnded(end) if end.instance == *instance => {
                cover.map(|cover| Cover { until: Some(end.until), ..cover })
            }
            _ => cover,
        })
    }
}

fn refuse<T>(what: &'static str, instead: &'static str) -> Result<T, NotDone> {
    Err(NotDone::OutOfOrder { what, instead })
}
