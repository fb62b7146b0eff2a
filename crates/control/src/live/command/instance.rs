//! Instances: taken under the agreement, asked something, let go.

use facts::{Body, CheckDefined, ClientId, InstanceAdded, InstanceEnded, InstanceId};
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
    /// (SH-AVAIL-07).
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] without such an instance, [`NotDone::Question`] for what no vantage
    /// point would ask, [`NotDone::Changed`] where somebody defined it since it was read.
    pub fn define_check(
        &self,
        client: &ClientId,
        check: CheckDefined,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let (asked, read) = (check.clone(), by.read);
        self.act_prepared(by.act(client, check, None), now, |book, _| {
            book.running(&asked.instance, now)?;
            if read.is_some_and(|read| read != book.check_version(&asked.instance, &asked.check)) {
                return Err(NotDone::Changed);
            }
            let refused = |problem| NotDone::Question { check: asked.check.to_string(), problem };
            match (book.question(&asked), asked.grace_s) {
                (Some(question), _) => question.problem().map_or(Ok(()), |problem| Err(refused(problem))),
                (None, Some(_)) => Ok(()),
                (None, None) => Err(refused("it says neither what is asked nor how long a beat may take")),
            }
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
