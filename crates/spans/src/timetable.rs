//! A compiled calendar: the same answers as the written rule, tens of millions a second.

use crate::calendar::{Calendar, NeverFilled};
use crate::instant::Instant;
use crate::length::Length;
use crate::span::Span;
use crate::spans::Spans;
use crate::zone;

/// A calendar's open time over some years, with running totals: "how much is open from a to b" is a difference of two
/// look-ups, "when is the budget spent" one look-up by time and one by total.
///
/// Each look-up goes through a coarse index, so it reads one bucket and then one or two rows beside each other, instead
/// of jumping a dozen times through a binary search. A question outside the compiled years is answered from the
/// written rule: slower, never wrong.
///
/// ```
/// use spans::{Calendar, DayHours, Length, Month, Weekly, Zone, weekday};
/// let nine_to_five = DayHours::new("09:00".parse()?, "17:00".parse()?)?;
/// let mut week = Weekly::never();
/// for day in ["Mon", "Tue", "Wed", "Thu", "Fri"] {
///     week = week.and_on(weekday(day)?, nine_to_five);
/// }
/// let hours = Calendar::new("bh", Zone::UTC, week).compile(Month::new(2026, 3).expect("a month").span(&Zone::UTC))?;
/// let friday_evening = "2026-03-06T18:00:00Z".parse()?;
/// // Spent exactly at closing: due at closing, not at the next opening (SH-SLO-06, A-01).
/// assert_eq!(hours.advance(friday_evening, Length::from_hours(8))?.to_string(), "2026-03-09T17:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Timetable {
    calendar: Calendar,
    within: Span,
    /// In order. The first row is no opening: it stands for the time before the first one. The last row is none either:
    /// it only holds the total.
    rows: Vec<Row>,
    by_start: Index,
    by_total: Index,
}

/// One opening, in microseconds. It is open for the next row's total less its own.
#[derive(Clone, Copy, Debug)]
struct Row {
    start: i64,
    /// Open time before it.
    total: i64,
}

impl Timetable {
    pub(crate) fn new(calendar: Calendar, within: Span, open: &Spans) -> Timetable {
        let mut rows = Vec::with_capacity(open.len() + 2);
        rows.push(Row { start: within.start.as_micros(), total: 0 });
        let mut total = 0;
        for span in open {
            rows.push(Row { start: span.start.as_micros(), total });
            total += span.length().as_micros();
        }
        let openings = rows.len();
        rows.push(Row { start: within.end.as_micros(), total });
        let by_start = Index::new(rows[..openings].iter().map(|row| row.start), within.end.as_micros());
        let by_total = Index::new(rows[..openings].iter().map(|row| row.total), total);
        Timetable { calendar, within, rows, by_start, by_total }
    }

    /// Open time in `[a, b)`; zero when `b` is not after `a`.
    pub fn measure(&self, a: Instant, b: Instant) -> Length {
        if self.covers(a) && self.covers(b) && a <= b {
            return Length::from_micros(self.total_at(b) - self.total_at(a));
        }
        self.measure_outside(a, b)
    }

    /// The earliest instant by which `budget` of open time has passed since `from`: the due time. A budget spent exactly
    /// at closing is spent at closing, not at the next opening; a budget of zero (or less) is spent at `from`, open or
    /// not.
    ///
    /// # Errors
    /// When the calendar never holds that much, up to the last instant there is.
    pub fn advance(&self, from: Instant, budget: Length) -> Result<Instant, NeverFilled> {
        if self.covers(from) && budget > Length::ZERO {
            let target = self.total_at(from).saturating_add(budget.as_micros());
            if target <= self.total() {
                // The opening that holds the last microsecond of the budget: the one before, when it ends exactly there.
                let row = self.rows[self.by_total.last_at_or_before(target - 1, |row| self.rows[row].total)];
                return Ok(Instant::from_micros(row.start + (target - row.total)));
            }
        }
        self.advance_outside(from, budget)
    }

    /// The mirror of [`Timetable::advance`]: the latest instant since which `budget` of open time has passed until `to`.
    ///
    /// # Errors
    /// When the calendar never held that much before; `start` in the error is `to`.
    pub fn retreat(&self, to: Instant, budget: Length) -> Result<Instant, NeverFilled> {
        if self.covers(to) && budget > Length::ZERO {
            let target = self.total_at(to).saturating_sub(budget.as_micros());
            if target >= 0 {
                let row = self.rows[self.by_total.last_at_or_before(target, |row| self.rows[row].total)];
                return Ok(Instant::from_micros(row.start + (target - row.total)));
            }
        }
        self.retreat_outside(to, budget)
    }

    /// The first open instant at or after `from`; nothing when the calendar never opens again.
    pub fn next_open(&self, from: Instant) -> Option<Instant> {
        let shortest = Length::from_micros(1);
        self.advance(from, shortest).ok().map(|after| after - shortest)
    }

    /// Whether an instant is open.
    pub fn is_open(&self, at: Instant) -> bool {
        if !self.within.contains(at) {
            return self.calendar.is_open(at);
        }
        let row = self.row_at(at.as_micros());
        at.as_micros() - self.rows[row].start < self.rows[row + 1].total - self.rows[row].total
    }

    /// The openings in the compiled years.
    pub fn spans(&self) -> Spans {
        let openings = self.rows.windows(2).skip(1).filter_map(|pair| {
            let start = Instant::from_micros(pair[0].start);
            Span::new(start, start + Length::from_micros(pair[1].total - pair[0].total))
        });
        openings.collect()
    }

    /// The years it was compiled for.
    pub fn within(&self) -> Span {
        self.within
    }

    /// The written rule it was compiled from.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The version of the zone rules it was compiled with; it belongs to every figure read off it.
    pub fn tzdata(&self) -> &'static str {
        zone::tzdata()
    }

    /// The end counts too: as much is open before it as before any later instant.
    fn covers(&self, at: Instant) -> bool {
        self.within.start <= at && at <= self.within.end
    }

    fn total(&self) -> i64 {
        self.rows[self.rows.len() - 1].total
    }

    /// Open time from the start of the compiled years to an instant in them.
    #[inline]
    fn total_at(&self, at: Instant) -> i64 {
        let at = at.as_micros();
        let row = self.row_at(at);
        let (Row { start, total }, next) = (self.rows[row], self.rows[row + 1].total);
        next.min(total + (at - start))
    }

    /// The last row that starts at or before an instant; never the one that only holds the total.
    #[inline]
    fn row_at(&self, at: i64) -> usize {
        self.by_start.last_at_or_before(at, |row| self.rows[row].start)
    }

    #[cold]
    fn measure_outside(&self, a: Instant, b: Instant) -> Length {
        let Some(asked) = Span::new(a, b) else { return Length::ZERO };
        let Some(known) = asked.intersect(self.within) else { return self.calendar.open_time(asked) };
        let before = Span { start: asked.start, end: known.start };
        let after = Span { start: known.end, end: asked.end };
        self.calendar.open_time(before)
            + self.measure(known.start, known.end)
            + self.calendar.open_time(after)
    }

    #[cold]
    fn advance_outside(&self, from: Instant, budget: Length) -> Result<Instant, NeverFilled> {
        if budget <= Length::ZERO {
            return Ok(from);
        }
        if !self.covers(from) {
            return self.calendar.deadline(from, budget);
        }
        let left = budget - self.measure(from, self.within.end);
        self.calendar.deadline(self.within.end, left).map_err(|never| NeverFilled {
            start: from,
            budget,
            ..never
        })
    }

    #[cold]
    fn retreat_outside(&self, to: Instant, budget: Length) -> Result<Instant, NeverFilled> {
        if budget <= Length::ZERO {
            return Ok(to);
        }
        if !self.covers(to) {
            return self.calendar.latest_start(to, budget);
        }
        let left = budget - self.measure(self.within.start, to);
        self.calendar.latest_start(self.within.start, left).map_err(|never| NeverFilled {
            start: to,
            budget,
            ..never
        })
    }
}

/// Where to begin to look in a sorted column: the range of values is cut into equal buckets, a power of two wide so that
/// a shift finds the bucket, and each knows the row at which a look-up inside it starts.
#[derive(Clone, Debug)]
struct Index {
    first_value: i64,
    shift: u32,
    /// For each bucket, the last row whose value is at or before the bucket's first; one more bucket than values fall in.
    rows: Vec<u32>,
}

/// Buckets per row: half of them hold no row at all, and hardly any holds two.
const BUCKETS_PER_ROW: u64 = 2;

impl Index {
    /// `values`: not empty, in order; look-ups ask for values from the first of them to `last_value`.
    fn new(values: impl ExactSizeIterator<Item = i64>, last_value: i64) -> Index {
        let (count, mut values) = (values.len(), values.peekable());
        let first_value = values.peek().copied().unwrap_or(last_value);
        let range = last_value.abs_diff(first_value);
        let shift = (range / (count as u64 * BUCKETS_PER_ROW)).max(1).ilog2();
        let mut rows = Vec::with_capacity((range >> shift) as usize + 2);
        let mut row: u32 = 0;
        values.next();
        for bucket in 0..=(range >> shift) + 1 {
            let start = first_value.saturating_add_unsigned(bucket << shift);
            while values.next_if(|value| *value <= start).is_some() {
                row += 1;
            }
            rows.push(row);
        }
        Index { first_value, shift, rows }
    }

    /// The last row whose value is at or before `value`; `at` reads a row's value, and there is one row more to read than
    /// the column has.
    #[inline]
    fn last_at_or_before(&self, value: i64, at: impl Fn(usize) -> i64) -> usize {
        let bucket = ((value - self.first_value) >> self.shift) as usize;
        let (mut row, mut last) = (self.rows[bucket] as usize, self.rows[bucket + 1] as usize);
        while last - row > 1 {
            let middle = row + (last - row) / 2;
            if at(middle) <= value { row = middle } else { last = middle }
        }
        // At most one row is left to choose. Written as a sum: a branch here would be guessed wrong half of the time.
        row + usize::from((last > row) & (at(row + 1) <= value))
    }
}
