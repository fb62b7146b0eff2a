//! Windows that come back: a slot on a recurring day and time.

use jiff::civil::DateTime;

use crate::instant::Instant;
use crate::length::Length;
use crate::rule::{End, Rule, RuleError};
use crate::span::Span;
use crate::spans::Spans;
use crate::wall::{self, SHIFT_MAX, Wall};
use crate::zone::Zone;

/// The longest window of a recurrence.
pub const WINDOW_MAX: Length = Length::from_hours(24 * 366);

/// A window of a fixed length on the wall clock that starts again and again by a rule (RFC 5545), such as a maintenance
/// slot (SH-MAINT-05).
///
/// Starts and lengths are civil: a window that starts at 02:00 and is 4 hours long ends when the wall reads 06:00, also
/// in the night of a clock change, when it therefore lasts 3 or 5 hours. An instant is inside when the wall clock of
/// the zone is; so a start inside a skipped hour moves to the hour's end, and a window inside a repeated hour counts
/// twice. In UTC the length is always the length.
///
/// ```
/// use spans::{Length, Month, Recurrence, Zone};
/// let first_sunday = Recurrence::new("2026-03-01T02:00".parse()?, Length::from_hours(4), "FREQ=MONTHLY;BYDAY=1SU".parse()?, Zone::UTC)?;
/// let june = Month::new(2026, 6).expect("a month").span(&Zone::UTC);
/// assert_eq!(first_sunday.spans(june).iter().map(|window| window.to_string()).collect::<Vec<_>>(), ["2026-06-07T02:00:00Z/2026-06-07T06:00:00Z"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    first: DateTime,
    length: Length,
    rule: Rule,
    zone: Zone,
    /// The rule with what it leaves open taken from the first start.
    filled: Rule,
}

impl Recurrence {
    /// Windows of `length` from the `first` start on, by `rule`, on the clocks of `zone`.
    ///
    /// # Errors
    /// When the first start is not one by the rule or lies before the year 1, and when the length is zero, negative or above [`WINDOW_MAX`].
    pub fn new(first: DateTime, length: Length, rule: Rule, zone: Zone) -> Result<Recurrence, RuleError> {
        if length <= Length::ZERO || length > WINDOW_MAX {
            return Err(RuleError::Length);
        }
        if first.year() < 1 {
            return Err(RuleError::FirstYear { start: first });
        }
        let filled = rule.filled_in(first.date());
        let synchronised = filled.dates(first.date(), 0).is_some_and(|dates| dates.contains(&first.date()));
        if !synchronised {
            return Err(RuleError::FirstStart { start: first, rule: rule.to_string() });
        }
        Ok(Recurrence { first, length, rule, zone, filled })
    }

    /// The first start, on the wall clock of [`Recurrence::zone`].
    pub fn first(&self) -> DateTime {
        self.first
    }

    /// How long each window is on the wall clock.
    pub fn length(&self) -> Length {
        self.length
    }

    /// The rule as it was written.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Where the wall hangs.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The windows, as far as they lie in `within`; overlapping or touching windows become one.
    pub fn spans(&self, within: Span) -> Spans {
        let from = (within.start - SHIFT_MAX).as_micros() - self.length.as_micros();
        let to = (within.end + SHIFT_MAX).as_micros();
        let (Some(from), Some(to)) = (wall::shown(from), wall::shown(to)) else { return Spans::empty() };
        let windows = self.starts(from, to).into_iter().map(|start| self.window(start));
        wall::dated(windows, &wall::stretches(&self.zone, within))
    }

    /// Whether the wall clock stands inside a window: the rule itself, asked of one instant.
    pub fn contains(&self, at: Instant) -> bool {
        let now = wall::reading(self.zone.to_datetime(at.into()));
        let after = |wall| wall::shown(wall).unwrap_or(DateTime::MIN);
        let begun = self.starts(after(now - self.length.as_micros() + 1), after(now + 1));
        begun.into_iter().map(|start| self.window(start)).any(|(from, to)| from <= now && now < to)
    }

    /// The starts on the wall clock in `[from, to)`, in order. Bounded by the days between; a rule with a `COUNT` is
    /// counted from its first start.
    pub fn starts(&self, from: DateTime, to: DateTime) -> Vec<DateTime> {
        let mut starts = Vec::new();
        self.walk(from, to, |start| starts.push(start));
        starts
    }

    /// The instant of a start, once: the first at which the wall clock reads it, or, where the clocks skip it, the instant at which
    /// they do.
    pub fn begin(&self, start: DateTime) -> Instant {
        wall::first(wall::reading(start), &self.zone)
    }

    /// The end of the last window; none where the rule names no end.
    pub fn end(&self) -> Option<Instant> {
        if self.filled.end == End::Never {
            return None;
        }
        let mut last = self.first;
        self.walk(self.first, DateTime::MAX, |start| last = start);
        Some(wall::last(self.window(last).1, &self.zone))
    }

    /// Each start in `[from, to)`, in order.
    fn walk(&self, from: DateTime, to: DateTime, mut visit: impl FnMut(DateTime)) {
        let first = self.first.date();
        let mut index = match self.filled.end {
            End::Count(_) => 0,
            _ => self.filled.index_before(first, from.date()),
        };
        let mut count = 0;
        // A period begins before the dates in it, so the first period after `to` ends the search.
        while let Some(dates) = self.filled.dates(first, index) {
            for date in dates {
                let start = date.to_datetime(self.first.time());
                if start < self.first {
                    continue;
                }
                count += 1;
                if start >= to || self.is_past_end(start, count) {
                    return;
                }
                if start >= from {
                    visit(start);
                }
            }
            index += 1;
            if self.filled.begins_after(first, index, to.date()) {
                break;
            }
        }
    }

    fn is_past_end(&self, start: DateTime, count: u32) -> bool {
        match self.filled.end {
            End::Never => false,
            End::Count(most) => count > most,
            End::Date(last) => start.date() > last,
            End::Wall(last) => start > last,
            // A start in a skipped hour is judged as if the clock had not been changed yet (RFC 5545 section 3.3.5).
            End::Instant(last) => {
                self.zone.to_timestamp(start).is_ok_and(|at| at > jiff::Timestamp::from(last))
            }
        }
    }

    fn window(&self, start: DateTime) -> (Wall, Wall) {
        let from = wall::reading(start);
        (from, from + self.length.as_micros())
    }
}
