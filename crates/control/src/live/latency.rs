//! Response times on their way into sketches by the hour, and read from there. Written behind the entries they stand in, as the index of
//! tickets is: what is missing beyond the mark is in memory, and read again after a restart.

use facts::{Body, CheckId, CheckObserved, ClientId, InstanceId, Outcome};
use journal::{
    Entry,
    latency::{Hour, Timed, hour_of},
};
use spans::{Instant, Length, Span};

use super::{Book, Control, lock};

/// So many times are written at once.
const TIMES_MAX: usize = 2_000;
/// So long they wait for others.
const WAIT: Length = Length::from_minutes(1);
/// How long hours are kept unless somebody says otherwise: a chart of a year compares with the month before it.
pub const TIMES_KEPT: Length = Length::from_hours(400 * 24);
/// The shortest and the longest that can be said: a month's chart, and ten years.
pub const TIMES_KEPT_BOUNDS: (Length, Length) = (Length::from_hours(31 * 24), Length::from_hours(3_660 * 24));

/// Times that no sketch holds yet.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    /// The last entry whose times are written.
    mark: u64,
    times: Vec<Timed>,
    /// When the first of them was recorded.
    since: Option<Instant>,
    /// The day on which old hours were last forgotten, counted from 1970.
    forgotten: i64,
}

impl Gathering {
    /// Everything up to this entry is written.
    pub(super) fn is_written(&mut self, mark: u64) {
        self.mark = self.mark.max(mark);
        self.times.retain(|time| mark < time.seq);
        if self.times.is_empty() {
            self.since = None;
        }
    }

    pub(super) fn read(&mut self, entry: &Entry) {
        let Body::CheckObserved(seen) = &entry.fact.body else { return };
        if self.mark < entry.seq {
            self.times.extend(times(entry.seq, seen));
            self.since.get_or_insert(entry.fact.recorded_at);
        }
    }

    fn is_due(&self, recorded: Instant) -> bool {
        TIMES_MAX <= self.times.len() || self.since.is_some_and(|since| since + WAIT <= recorded)
    }
}

fn times(seq: u64, seen: &CheckObserved) -> impl Iterator<Item = Timed> {
    let good = seen.observations.iter().filter(|observation| observation.outcome == Outcome::Up);
    good.filter_map(move |observation| {
        Some(Timed {
            seq,
            instance: seen.instance.clone(),
            check: seen.check.clone(),
            vantage: seen.vantage.clone(),
            at: observation.at,
            micros: observation.took?.as_micros(),
        })
    })
}

impl Control {
    /// How long the response times of an hour are kept; within [`TIMES_KEPT_BOUNDS`].
    pub fn keep_times(&self, kept: Length) {
        *lock(&self.times_kept) = kept.clamp(TIMES_KEPT_BOUNDS.0, TIMES_KEPT_BOUNDS.1);
    }

    /// Writes the times of good answers into their hours, when they are many or have waited long enough.
    pub(super) fn gather(&self, book: &mut Book) -> journal::Result<()> {
        let (recorded, seq, client) = (book.recorded(), book.seq(), book.client().clone());
        if !book.gathering().is_due(recorded) {
            return Ok(());
        }
        let (times, of) = (book.gathering().times.clone(), client.clone());
        let since = recorded - *lock(&self.times_kept);
        let day = recorded.as_micros().div_euclid(Length::DAY.as_micros());
        let forgets = std::mem::replace(&mut book.gathering().forgotten, day) != day;
        self.journal.write_for(&client, move |tx| {
            if forgets {
                tx.forget_latency(&of, since)?;
            }
            tx.gather(&of, seq, &times)
        })?;
        book.gathering().is_written(seq);
        Ok(())
    }

    /// The response times of an instance by check, vantage point and hour, for the hours that begin within a span.
    ///
    /// # Errors
    /// The journal's.
    pub fn latency(
        &self,
        client: &ClientId,
        instance: &InstanceId,
        within: Span,
    ) -> journal::Result<Vec<Hour>> {
        let waiting = self.waiting(client, instance, within);
        let (mark, mut hours) =
            self.journal.read(|tx| Ok((tx.gathered(client)?, tx.latency(client, instance, within)?)))?;
        waiting.iter().filter(|time| mark < time.seq).for_each(|time| put(&mut hours, time));
        Ok(hours)
    }

    /// The checks of an instance with a response time within a span, by name; and the hours of one of them: of the one that is named, or
    /// else of the first.
    ///
    /// # Errors
    /// The journal's.
    pub fn latency_of(
        &self,
        client: &ClientId,
        instance: &InstanceId,
        check: Option<&CheckId>,
        within: Span,
    ) -> journal::Result<(Vec<CheckId>, Vec<Hour>)> {
        let waiting = self.waiting(client, instance, within);
        let (mark, mut checks) = self
            .journal
            .read(|tx| Ok((tx.gathered(client)?, tx.latency_checks(client, instance, within)?)))?;
        checks.extend(waiting.iter().filter(|time| mark < time.seq).map(|time| time.check.clone()));
        checks.sort();
        checks.dedup();
        let Some(check) = check.or(checks.first()).cloned() else { return Ok((checks, Vec::new())) };
        let (mark, mut hours) = self
            .journal
            .read(|tx| Ok((tx.gathered(client)?, tx.latency_of(client, instance, &check, within)?)))?;
        let waiting = waiting.iter().filter(|time| mark < time.seq && time.check == check);
        waiting.for_each(|time| put(&mut hours, time));
        Ok((checks, hours))
    }

    /// The times of an instance that may not be in an hour yet. They are copied before the hours are read, which say up to which entry
    /// theirs are, so that the client's book is not held meanwhile and none counts twice.
    fn waiting(&self, client: &ClientId, instance: &InstanceId, within: Span) -> Vec<Timed> {
        let Some(book) = self.book(client) else { return Vec::new() };
        let mut book = lock(&book);
        let times = book.gathering().times.iter();
        let of = |time: &&Timed| time.instance == *instance && within.contains(hour_of(time.at));
        times.filter(of).cloned().collect()
    }
}

/// Counts a time in its hour, at its place among the others.
fn put(hours: &mut Vec<Hour>, time: &Timed) {
    let start = hour_of(time.at);
    let place = hours.binary_search_by(|hour| {
        (&hour.check, &hour.vantage, hour.start).cmp(&(&time.check, &time.vantage, start))
    });
    let place = place.unwrap_or_else(|place| {
        let (check, vantage) = (time.check.clone(), time.vantage.clone());
        hours.insert(place, Hour { check, vantage, start, sketch: facts::Sketch::default() });
        place
    });
    hours[place].sketch.add(time.micros);
}
