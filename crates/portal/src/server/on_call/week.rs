//! The week as a grid: a row for each layer, a column for each day on the reader's clocks.

use std::collections::BTreeMap;

use control::live::RotaView;
use desk::rota::Because;
use jiff::civil::Date;
use spans::{Instant, Span, Zone};

use crate::server::moment::clock;

/// A layer's week.
pub(super) struct Row {
    /// What the layer is called.
    pub(super) name: String,
    /// For each day, who begins when; the first goes on from the day before.
    pub(super) days: Vec<Vec<Slot>>,
}

/// Somebody from a time of the day on.
pub(super) struct Slot {
    /// From when; empty where it goes on from the day before.
    pub(super) from: String,
    /// Until when, where nobody follows at once that day.
    pub(super) until: String,
    /// Who; nobody where all are away.
    pub(super) person: Option<String>,
    /// Whether it is otherwise than the layer says.
    pub(super) said: bool,
}

/// The Monday that is asked for, or this week's, as it begins on the clocks of a zone.
pub(super) fn monday(asked: Option<&str>, now: Instant, zone: &Zone) -> Instant {
    let today = zone.to_datetime(now.into()).date();
    let date = asked.and_then(|text| text.parse::<Date>().ok()).unwrap_or(today);
    let back = i64::from(date.weekday().to_monday_zero_offset());
    let monday = date.checked_sub(jiff::Span::new().days(back)).unwrap_or(today);
    begins(monday, zone).unwrap_or(now)
}

/// The same time of the day so many days later.
pub(super) fn later(at: Instant, days: i64, zone: &Zone) -> Instant {
    let date = zone.to_datetime(at.into()).date();
    date.checked_add(jiff::Span::new().days(days)).ok().and_then(|date| begins(date, zone)).unwrap_or(at)
}

fn begins(date: Date, zone: &Zone) -> Option<Instant> {
    let midnight = zone.to_ambiguous_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
    Instant::try_from(midnight.compatible().ok()?).ok()
}

/// `Mon 9`, seven of them.
pub(super) fn days(monday: Instant, zone: &Zone) -> Vec<String> {
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = |(number, name): (i64, &&str)| {
        let date = zone.to_datetime(later(monday, number, zone).into()).date();
        format!("{name} {}", date.day())
    };
    (0..).zip(&names).map(day).collect()
}

/// The layers' rows.
pub(super) fn rows(view: &RotaView, week: Span, names: &BTreeMap<String, String>, zone: &Zone) -> Vec<Row> {
    let days: Vec<Span> = (0..7)
        .map(|number| Span {
            start: later(week.start, number, zone),
            end: later(week.start, number + 1, zone),
        })
        .collect();
    let row = |layered: &control::live::Layered| {
        let turns: Vec<_> = view.turns.iter().filter(|turn| turn.rota == layered.layer.rota).collect();
        let of_day = |day: &Span| {
            let here = turns.iter().filter_map(|turn| Some((*turn, turn.span.intersect(*day)?)));
            let slots = here.filter(|(_, part)| !part.is_empty()).map(|(turn, part)| Slot {
                from: if turn.span.start < day.start { String::new() } else { clock(part.start) },
                until: if part.end < day.end && ends(&turns, part.end) {
                    clock(part.end)
                } else {
                    String::new()
                },
                person: turn.person.as_ref().map(|id| names.get(id).unwrap_or(id).clone()),
                said: turn.because != Because::Turn,
            });
            slots.collect()
        };
        Row { name: layered.layer.name.clone(), days: days.iter().map(of_day).collect() }
    };
    view.layers.iter().map(row).collect()
}

/// Whether no turn begins where one ends.
fn ends(turns: &[&desk::rota::Turn], at: Instant) -> bool {
    !turns.iter().any(|turn| turn.span.start == at)
}

/// Why somebody is on call, in words.
pub(super) fn because(because: Because) -> &'static str {
    match because {
        Because::Turn => "by turn",
        Because::StandsIn => "stands in",
        Because::Said => "by exception",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_on_the_readers_clock_whatever_the_clocks_do() {
        let zone: Zone = "Europe/Amsterdam".parse().unwrap();
        let now: Instant = "2026-03-29T23:30:00Z".parse().unwrap();
        assert_eq!(monday(None, now, &zone).to_string(), "2026-03-29T22:00:00Z", "it is Monday there");
        assert_eq!(monday(Some("2026-03-26"), now, &zone).to_string(), "2026-03-22T23:00:00Z");
        assert_eq!(monday(Some("soon"), now, &zone), monday(None, now, &zone));
        let start = monday(Some("2026-03-26"), now, &zone);
        assert_eq!(later(start, 7, &zone).to_string(), "2026-03-29T22:00:00Z");
        assert_eq!(
            days(start, &zone),
            ["Mon 23", "Tue 24", "Wed 25", "Thu 26", "Fri 27", "Sat 28", "Sun 29"]
        );
    }
}
