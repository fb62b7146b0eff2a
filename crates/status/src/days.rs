//! The days of a strip, on the clocks of a zone.

use jiff::civil::{Date, Time};
use spans::{Instant, Span, Zone};

use crate::DAYS;

/// The last [`DAYS`] days up to `now`, oldest first, each from its midnight to the next or to `now`; where a clock change skips a
/// midnight, from the first instant after it, as months begin ([`spans::Month::span`]).
pub fn days(zone: &Zone, now: Instant) -> Vec<(Date, Span)> {
    let today = zone.to_datetime(now.into()).date();
    let dates = today.series(jiff::Span::new().days(-1)).take(DAYS);
    let mut days: Vec<(Date, Span)> = dates.filter_map(|date| Some((date, span(date, zone, now)?))).collect();
    days.reverse();
    days
}

fn span(date: Date, zone: &Zone, now: Instant) -> Option<Span> {
    let begins = |date: Date| {
        let at = zone.to_timestamp(date.to_datetime(Time::midnight())).ok()?;
        Instant::try_from(at).ok()
    };
    Span::new(begins(date)?, begins(date.tomorrow().ok()?)?.min(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_days_meet_each_other_also_where_the_clocks_change() {
        let zone: Zone = "Europe/Amsterdam".parse().unwrap();
        let now: Instant = "2026-11-22T18:30:00Z".parse().unwrap();
        let days = days(&zone, now);
        assert_eq!(days.len(), DAYS);
        assert_eq!(days[0].0.to_string(), "2026-08-25");
        assert!(days.windows(2).all(|pair| pair[0].1.end == pair[1].1.start));
        let longest = days.iter().map(|(_, span)| span.length()).max().unwrap();
        assert_eq!(longest, spans::Length::from_hours(25));
        let (last, today) = days[DAYS - 1];
        assert_eq!((last.to_string().as_str(), today.end), ("2026-11-22", now));
        let september = spans::Month::new(2026, 9).unwrap().span(&zone);
        assert!(days.iter().any(|(_, day)| day.start == september.start), "months begin where days do");
    }
}
