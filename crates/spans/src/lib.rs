//! Time as sorted, disjoint, half-open spans: opening hours, holidays, deadlines, downtime.
//!
//! Every figure in an agreement is time of some kind, and nearly every dispute about one is about an edge of it: is the
//! closing minute in or out, what is due at 17:00 sharp, how long was the night when the clocks went back, whose midnight
//! ends a holiday. This room answers such questions once, exactly, for everyone above. It does no I/O and has no clock of
//! its own.
//!
//! # What there is
//!
//! | type | what it is |
//! |---|---|
//! | [`Instant`], [`Length`], [`Span`] | when, how long, from when to when: whole microseconds of UTC, `[start, end)` |
//! | [`Spans`] | a set of instants: union, intersect, subtract, complement, measure, advance, cut by month |
//! | [`Weekly`], [`DayHours`], [`Recurrence`], [`Holiday`], [`Break`] | hours as people write them, on a wall clock |
//! | [`Calendar`] | the written rule, whole: when is time open? |
//! | [`Timetable`] | the same rule compiled for some years, for tens of millions of questions a second |
//! | [`clock`] | a budget of open time with pauses: when is it due, how much has passed, is it late? |
//! | [`Month`], [`Zone`], [`tzdata()`] | the period of a statement, a named zone, and the version of the rules behind both |
//!
//! # From a written rule to a due time
//!
//! ```
//! use spans::{Calendar, Holiday, Instant, Length, Month, Weekly, Zone};
//!
//! // Hours of Operation: Sunday 17:00 to Friday 17:00 UTC, except holidays as observed in Amsterdam.
//! let week = Weekly::never().and_from("Sun 17:00".parse()?, "Fri 17:00".parse()?)?;
//! let mut hop = Calendar::new("hop", Zone::UTC, week);
//! hop.holidays.push(Holiday { date: "2026-04-27".parse()?, zone: "Europe/Amsterdam".parse()? });
//!
//! // One question: look ahead as far as needed. Two of the four hours fit before King's Day begins in Amsterdam.
//! let received: Instant = "2026-04-26T20:00:00Z".parse()?;
//! let due = hop.deadline(received, Length::from_hours(4))?;
//! assert_eq!(due.to_string(), "2026-04-28T00:00:00Z");
//!
//! // Many questions: compile once.
//! let april = Month::new(2026, 4).expect("April is a month").span(&Zone::UTC);
//! let hours = hop.compile(april)?;
//! assert_eq!(hours.advance(received, Length::from_hours(4))?, due);
//! assert_eq!(hours.measure(received, due), Length::from_hours(4));
//! assert_eq!(hours.tzdata(), spans::tzdata());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Three decisions everything follows from
//!
//! - **Half-open.** A span holds its start and not its end. Touching spans are one; a month ends where the next begins;
//!   a budget spent exactly at closing is due at closing, and an act at that instant is in time.
//! - **Pointwise.** An instant is open when the wall clock of the calendar's zone then stands in the written hours. No
//!   rule is needed for skipped or repeated hours, 23-hour holidays and dates that never were: cut time at the zone's
//!   clock changes, and on each stretch the wall is UTC plus a constant.
//! - **Bundled zones.** The rules of the tz database are compiled in and never read from the machine. Two machines agree,
//!   and [`tzdata()`] says on what.
//!
//! Nothing here loops without end: what a calendar can never fill is a [`NeverFilled`] that names it, and whatever grows
//! has a limit with a name ([`OPENINGS_MAX`], [`WINDOW_MAX`], [`INTERVAL_MAX`], [`COUNT_MAX`]).

mod calendar;
pub mod clock;
mod hours;
mod instant;
mod length;
mod month;
mod recurrence;
mod rule;
mod span;
mod spans;
mod text;
mod timetable;
mod wall;
mod zone;

pub use calendar::{Break, Calendar, CalendarError, Holiday, NeverFilled, OPENINGS_MAX};
pub use hours::{DayHours, HoursError, WallTime, WeekTime, Weekly, weekday};
pub use instant::{Instant, NotAnInstant};
pub use length::{Length, NotALength};
pub use month::{Month, NotAMonth};
pub use recurrence::{Recurrence, WINDOW_MAX};
pub use rule::{COUNT_MAX, INTERVAL_MAX, Rule, RuleError};
pub use span::Span;
pub use spans::Spans;
pub use timetable::Timetable;
pub use zone::{UnknownZone, Zone, tzdata};
