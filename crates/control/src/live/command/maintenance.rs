//! Maintenance: planned under the next free number, begun, ended, called off.

use facts::{
    Body, ClientId, MaintenanceCancelled, MaintenanceEnded, MaintenanceId, MaintenancePlanned,
    MaintenanceStarted, NoticeDelivered, Noun,
};
use spans::Instant;

use super::By;
use crate::live::{Book, Control, Done, NotDone, query::MaintenanceRecord};

/// Whom the agreement has told of maintenance (SH-MAINT-11).
const READER: &str = "contact";

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The client's contacts were told of it by another way than this portal, such as by telephone: now.
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

    /// Each from the state before it only.
    fn follows(self, record: &MaintenanceRecord) -> Result<(), NotDone> {
        let refuse = |what, instead| Err(NotDone::OutOfOrder { what, instead });
        match self {
            Step::Announce if record.notice.is_some() => {
                refuse("the client was told already", "there is nothing to do")
            }
            Step::Start | Step::Announce if record.cancelled.is_some() || record.ended.is_some() => {
                refuse("it is over", "plan another")
            }
            Step::End if record.started.is_none() => refuse("it has not begun", "start it, or call it off"),
            Step::Cancel if record.started.is_some() => refuse("it has begun", "end it"),
            _ => Ok(()),
        }
    }
}

impl Control {
    /// Puts a record on file under the next free number. The one that `planned` names is not looked at.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::NoSuch`] for an instance that nobody added.
    pub fn plan(
        &self,
        client: &ClientId,
        planned: MaintenancePlanned,
        by: By,
        now: Instant,
    ) -> Result<(MaintenanceId, Done), NotDone> {
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
        let found = self.journal().tail(client, done.first_seq.saturating_sub(1), 1)?;
        let record = found.into_iter().find_map(|entry| match entry.fact.body {
            Body::MaintenancePlanned(planned) => Some(planned.maintenance),
            _ => None,
        });
        let record = record.ok_or_else(|| NotDone::UnknownClient { client: client.clone() })?;
        Ok((record, done))
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
            book.maintenance_record(record).map_or(Ok(()), |record| step.follows(&record))
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
