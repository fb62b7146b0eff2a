//! Time as sorted, disjoint, half-open spans: opening hours, holidays, deadlines, downtime.

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
