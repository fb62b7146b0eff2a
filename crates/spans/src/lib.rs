//! Time as sorted, disjoint, half-open spans: opening hours, holidays, deadlines, downtime.

mod instant;
mod length;
mod month;
mod span;
mod spans;
mod text;
mod zone;

pub use instant::{Instant, NotAnInstant};
pub use length::{Length, NotALength};
pub use month::{Month, NotAMonth};
pub use span::Span;
pub use spans::Spans;
pub use zone::{UnknownZone, Zone, tzdata};
