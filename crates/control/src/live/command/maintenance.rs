//! Maintenance: planned under the next free number, begun, ended, called off.

use std::collections::BTreeSet;

use facts::{
    Body, ClientId, MaintenanceCancelled, MaintenanceEnded, MaintenanceId, MaintenancePlanned,
    MaintenanceStarted, NoticeDelivered, Noun,
};
use spans::{Instant, Length, Recurrence, Span, Zone};

use super::{By, next_number};
use crate::live::{Control, Done, NotDone, query::MaintenanceRecord, relay::READER};

/// Records of one series.
pub const SERIES_MAX: usize = 26;
/// Letters of a cause, which calendars and status pages bear as a title.
const CAUSE_CHARS_MAX: usize = 200;
/// Letters of why it lies outside the slot.
const REASON_CHARS_MAX: usize = 2_000;
/// How far ahead a series is put on file.
const SERIES_WITHIN: Length = Length::from_hours(24 * 366);

/// The words of a record are as long as they are shown.
fn fit(planned: &MaintenancePlanned) -> Result<(), NotDone> {
    let reason = planned.outside_slot.as_deref().unwrap_or_default();
    for (field, text, max) in
        [("cause", planned.cause.as_str(), CAUSE_CHARS_MAX), ("outside_slot", reason, REASON_CHARS_MAX)]
    {
        let found = text.chars().count();
        if max < found {
            let why = format!("it has {found} characters: write {max} at most");
            return Err(NotDone::Wrong { field: field.to_owned(), why });
        }
    }
    Ok(())
}

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
    /// window; what nobody began may still be ended inside it, because it began by itself, and for the same reason it is called off
    /// only before: what failed until then stays excluded (SH-AVAIL-10), and contacts had to be told of it (SH-MAINT-11).
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
            (Step::Cancel, _) if planned.starts_at <= now => {
                refuse("its declared start has come", "end it, because work may have been done since")
            }
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

/// How maintenance comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// By which rule, as RFC 5545 writes it: `FREQ=WEEKLY;COUNT=8`.
    pub rule: String,
    /// On the clocks of which zone: it begins at the same time of day before and after they are changed.
    pub zone: Zone,
}

impl Series {
    /// Each time it comes, the first included, up to [`SERIES_MAX`]: as long as the first, from the instant at which the clocks show
    /// its start; where they are put back and show it twice, the first time, and where they skip it, right after.
    ///
    /// # Errors
    /// [`NotDone::Wrong`] where the rule cannot be read or does not hold the first one, and where one begins before that before it
    /// is over.
    pub fn spans(&self, first: Span) -> Result<Vec<Span>, NotDone> {
        let wrong = |why: String| NotDone::Wrong { field: "repeats".to_owned(), why };
        let rule = self.rule.parse().map_err(|e: spans::RuleError| wrong(e.to_string()))?;
        let wall = self.zone.to_datetime(first.start.into());
        let recurrence = Recurrence::new(wall, first.length(), rule, self.zone.clone());
        let recurrence = recurrence.map_err(|e| wrong(e.to_string()))?;
        let until = self.zone.to_datetime((first.start + SERIES_WITHIN).into());
        let later = recurrence.starts(wall, until).into_iter().skip(1).map(|start| {
            let start = recurrence.begin(start);
            Span { start, end: start + first.length() }
        });
        let each: Vec<Span> = std::iter::once(first).chain(later).take(SERIES_MAX).collect();
        match each.windows(2).any(|pair| pair[1].start < pair[0].end) {
            true => Err(wrong(
                "it begins again before it is over: let it recur less often, or end sooner".to_owned(),
            )),
            false => Ok(each),
        }
    }
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
        planned: MaintenancePlanned,
        by: By,
        now: Instant,
    ) -> Result<Filed, NotDone> {
        let kind = planned.kind;
        let (done, records) = self.put_on_file(client, vec![planned], by, now)?;
        let record = records.into_iter().next();
        let record = record.ok_or_else(|| NotDone::UnknownClient { client: client.clone() })?;
        Ok(Filed { as_emergency: record.kind != kind, record, done })
    }

    /// Puts maintenance that comes back on file: a record for each time, all of them or none, each judged and announced by itself.
    ///
    /// # Errors
    /// As [`Control::plan`]; [`NotDone::Wrong`] where the rule does not fit.
    pub fn plan_series(
        &self,
        client: &ClientId,
        planned: &MaintenancePlanned,
        series: &Series,
        by: By,
        now: Instant,
    ) -> Result<(Done, Vec<MaintenancePlanned>), NotDone> {
        let first = Span::new(planned.starts_at, planned.ends_at);
        let refuse =
            || NotDone::Wrong { field: "ends".to_owned(), why: "it ends before it begins".to_owned() };
        let each = series.spans(first.ok_or_else(refuse)?)?;
        let record =
            |span: Span| MaintenancePlanned { starts_at: span.start, ends_at: span.end, ..planned.clone() };
        self.put_on_file(client, each.into_iter().map(record).collect(), by, now)
    }

    fn put_on_file(
        &self,
        client: &ClientId,
        mut planned: Vec<MaintenancePlanned>,
        by: By,
        now: Instant,
    ) -> Result<(Done, Vec<MaintenancePlanned>), NotDone> {
        for record in &mut planned {
            let mut seen = BTreeSet::new();
            record.instances.retain(|instance| seen.insert(instance.clone()));
        }
        let Some(first) = planned.first().cloned() else { return Err(NotDone::Empty { field: "starts" }) };
        fit(&first)?;
        let act = by.act(client, first.clone(), None);
        let done = self.act_prepared(act, now, |book, act| {
            let known = book.instance_names();
            let stranger = first.instances.iter().find(|id| !known.iter().any(|(known, _)| known == *id));
            if let Some(id) = stranger {
                return Err(NotDone::NoSuch { field: "instances", id: id.to_string() });
            }
            act.bodies = numbered(next_number(book, Noun::Maintenance, "M-"), &planned);
            Ok(())
        })?;
        self.announce_now(client, &done.facts, now);
        let count = usize::try_from(done.last_seq.saturating_sub(done.first_seq)).unwrap_or(0) + 1;
        let found = self.journal().tail(client, done.first_seq.saturating_sub(1), count)?;
        let records = found.into_iter().filter_map(|entry| match entry.fact.body {
            Body::MaintenancePlanned(planned) => Some(planned),
            _ => None,
        });
        Ok((done, records.collect()))
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

fn numbered(first: u64, planned: &[MaintenancePlanned]) -> Vec<Body> {
    let id =
        |n: u64| -> MaintenanceId { format!("M-{n}").parse().expect("M, a hyphen and a number are an id") };
    let series = (1 < planned.len()).then(|| id(first));
    let each = planned.iter().zip(first..);
    let each = each.map(|(planned, n)| MaintenancePlanned {
        maintenance: id(n),
        series: series.clone(),
        ..planned.clone()
    });
    each.map(Body::from).collect()
}
