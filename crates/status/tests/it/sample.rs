//! A page that has something of everything.

use facts::{Impact, IncidentStage};
use jiff::civil::{Date, date};
use spans::{Instant, Length, Month, Zone};
use status::{
    Component, DAYS, Day, Incident, Maintenance, MonthLine, Page, Place, Progress, State, Update, public_id,
};

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(crate) fn below() -> Place {
    Place { origin: "https://desk.example".to_owned(), path: "/status/acme".to_owned() }
}

/// Ninety days up to the day that is given; the last three had downtime, silence, and maintenance.
fn days(last: Date) -> Vec<Day> {
    let up = |date| Day {
        date,
        covered: Length::DAY,
        down: Length::ZERO,
        counted: 0,
        excluded: Length::ZERO,
        unknown: Length::ZERO,
    };
    let mut days: Vec<Day> = last
        .series(jiff::Span::new().days(-1))
        .take(DAYS)
        .map(up)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    days[87] = Day { down: Length::from_secs(750), counted: 12, ..days[87] };
    days[88] = Day { unknown: Length::from_minutes(7), ..days[88] };
    days[89] = Day { excluded: Length::from_minutes(30), ..days[89] };
    days
}

pub(crate) fn component(name: &str, state: State) -> Component {
    let month = Month::new(2026, 11).unwrap();
    Component {
        id: public_id(&[name]),
        name: name.to_owned(),
        about: Some("Where everybody reads & writes".to_owned()),
        state,
        since: None,
        days: days(date(2026, 11, 22)),
        months: vec![MonthLine {
            month,
            closed: false,
            uptime: Some(("99.960%".to_owned(), "30228/30240 min".to_owned())),
            counted: 12,
            excluded: Length::from_minutes(30),
            unknown: Length::from_minutes(7),
        }],
    }
}

pub(crate) fn incident(name: &str, stage: IncidentStage) -> Incident {
    let update = |n: &str, at: Instant, stage| Update {
        id: public_id(&[name, n]),
        at,
        stage,
        message: format!("What we <know> & do, {n}."),
    };
    let began = at("2026-11-20T10:00:00Z");
    let over = stage == IncidentStage::Resolved;
    let mut updates = vec![update("one", began, IncidentStage::Investigating)];
    updates.insert(0, update("two", at("2026-11-20T10:12:30Z"), stage));
    Incident {
        id: public_id(&["incident", name]),
        title: format!("{name} is away"),
        stage,
        impact: Impact::Down,
        components: vec![0],
        began,
        ended: over.then(|| at("2026-11-20T10:12:30Z")),
        updates,
        next_update_by: Some(at("2026-11-20T11:00:00Z")),
    }
}

pub(crate) fn work(name: &str, progress: Progress) -> Maintenance {
    Maintenance {
        id: public_id(&["work", name]),
        title: format!("Scheduled maintenance: {name}"),
        progress,
        impact: Impact::Down,
        components: vec![0],
        starts: at("2026-12-01T20:00:00Z"),
        ends: at("2026-12-01T21:00:00Z"),
        ended: None,
        announced: at("2026-11-21T09:00:00Z"),
        changed: at("2026-11-22T09:00:00Z"),
        revision: 2,
    }
}

pub(crate) fn page(components: Vec<Component>) -> Page {
    Page {
        id: public_id(&["page"]),
        title: "Acme & Sons".to_owned(),
        public: true,
        accent: Some("#1f4e8c".parse().unwrap()),
        scheme: None,
        logo: None,
        back: None,
        footer: None,
        zone: Zone::UTC,
        since: at("2026-08-01T00:00:00Z"),
        components,
        incidents: vec![
            incident("Wiki", IncidentStage::Identified),
            incident("Forum", IncidentStage::Resolved),
        ],
        maintenance: vec![work("upgrade", Progress::Planned), work("move", Progress::CalledOff)],
        written_at: now(),
    }
}

pub(crate) fn now() -> Instant {
    at("2026-11-22T18:30:00Z")
}

pub(crate) fn plain() -> Page {
    page(vec![component("Wiki", State::Up), component("Forum", State::Degraded)])
}
