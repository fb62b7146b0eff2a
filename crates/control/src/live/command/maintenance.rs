//! Maintenance: planned under the next free number, begun, ended, called off.

use std::collections::BTreeSet;

use facts::{
    Body, ClientId, MaintenanceCancelled, MaintenanceEnded, MaintenanceId, MaintenancePlanned,
    MaintenanceStarted, NoticeDelivered, Noun,
};
use spans::Instant;

use super::By;
use crate::live::{Book, Control, Done, NotDone, query::MaintenanceRecord, relay::READER};

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The client's contacts were told of it by another way than this portal too, such as by telephone: now.
    Announce,
    /// It begins.
    Start,
    /// It is over.
    End,
    /// It is called off.
    Cancel,
}

impl Step {
    /// The verb for it.
    pub fn name(self) -> &'static str {
        match self {
            Step::Announce => "announce",
            Step::Start => "start",
            Step::End => "end",
            Step::Cancel => "cancel",
        }
    }

    fn body(self, maintenance: MaintenanceId) -> Body {
        match self {
            Step::Announce => NoticeDelivered { maintenance, to: READER.to_owned() }.into(),
            Step::Start => MaintenanceStarted { maintenance }.into(),
            Step::End => MaintenanceEnded { maintenance }.into(),
            Step::Cancel => MaintenanceCancelled { maintenance }.into(),
        }
    }

    /// Whether it may be taken now: each from the state before it only, which the clock makes too. A record is begun inside its
    /// window; what nobody began may still be ended or called off inside it, because it began by itself.
    ///
    /// # Errors
    /// [`NotDone::OutOfOrder`], with what to do instead.
    pub fn follows(self, record: &MaintenanceRecord, now: Instant) -> Result<(), NotDone> {
        let refuse = |what, instead| Err(NotDone::OutOfOrder { what, instead });
        let MaintenanceRecord { planned, started, told, .. } = record;
        match (self, record.word(now)) {
            (_, "called off") => refuse("it was called off", "plan another"),
            (_, "done") => refuse("it is over already", "plan another"),
            (_, "over") => {
                refuse("its window has passed", "plan another, or put an emergency on file if work goes on")
            }
            (Step::Announce, _) if told.is_some() => {
                refuse("the client was told already", "there is nothing to do")
            }
            (Step::Start, _) if started.is_some() => refuse("it has begun already", "end it when it is over"),
            (Step::Start, _) if now < planned.starts_at => refuse(
                "its declared start has not come",
                "wait for it, or call it off and plan another; for what cannot wait put an emergency on file",
            ),
            (Step::End, _) if now < planned.starts_at => {
                refuse("it has not begun", "start it, or call it off")
            }
            (Step::Cancel, _) if started.is_some() => refuse("it has begun", "end it"),
            _ => Ok(()),
        }
    }

    /// Whether [`Step::follows`].
    pub fn may(self, record: &MaintenanceRecord, now: Instant) -> bool {
        self.follows(record, now).is_ok()
    }
}

/// A record that was put on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// As it was stored.
    pub record: MaintenancePlanned,
    /// What was recorded.
    pub done: Done,
    /// It was planned as scheduled, at or after its start: so it is an emergency that began when it was put on file
    /// (SH-MAINT-04, SH-MAINT-12).
    pub as_emergency: bool,
}

impl Control {
    /// Puts a record on file under the next free number, and announces it. The number that `planned` names is not looked at; an
    /// instance named twice is one.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::NoSuch`] for an instance that nobody added.
    pub fn plan(
        &self,
        client: &ClientId,
        mut planned: MaintenancePlanned,
        by: By,
        now: Instant,
    ) -> Result<Filed, NotDone> {
        let mut seen = BTreeSet::new();
        planned.instances.retain(|instance| seen.insert(instance.clone()));
        let act = by.act(client, planned.clone(), None);
        let done = self.act_prepared(act, now, |book, act| {
            let known = book.instance_names();
            let stranger = planned.instances.iter().find(|id| !known.iter().any(|(known, _)| known == *id));
            if let Some(id) = stranger {
                return Err(NotDone::NoSuch { field: "instances", id: id.to_string() });
            }
            act.bodies =
                vec![MaintenancePlanned { maintenance: next_number(book), ..planned.clone() }.into()];
            Ok(())
        })?;
        self.announce_now(client, &done.facts, now);
        let found = self.journal().tail(client, done.first_seq.saturating_sub(1), 1)?;
        let record = found.into_iter().find_map(|entry| match entry.fact.body {
            Body::MaintenancePlanned(planned) => Some(planned),
            _ => None,
        });
        let record = record.ok_or_else(|| NotDone::UnknownClient { client: client.clone() })?;
        Ok(Filed { as_emergency: record.kind != planned.kind, record, done })
    }

    /// A step of a record that is there.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::OutOfOrder`] where another step comes first, [`NotDone::Changed`] where it is
    /// no longer as it was read.
    pub fn carry_out(
        &self,
        client: &ClientId,
        record: &MaintenanceId,
        step: Step,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let read = by.read;
        let act = by.act(client, step.body(record.clone()), None);
        self.act_prepared(act, now, |book, _| {
            book.stands(Noun::Maintenance, &record.0, read)?;
            book.maintenance_record(record).map_or(Ok(()), |record| step.follows(&record, now))
        })
    }
}

fn next_number(book: &Book) -> MaintenanceId {
    let records = book.maintenance().into_iter();
    let numbers =
        records.filter_map(|r| r.planned.maintenance.as_str().strip_prefix("M-")?.parse::<u64>().ok());
    let next = numbers.max().map_or(1, |last| last.saturating_add(1));
    format!("M-{next}").parse().expect("M, a hyphen and a number are an id")
}
