//! The page for people: complete without script, and small enough for a bad line.

use askama::Template;
use facts::{Impact, IncidentStage};
use spans::{Instant, Length};

use crate::{
    Component, Day, Incident, Maintenance, Page, Place, Progress, Update,
    strip::{Detail, sentence, strip},
    style, words,
};

/// Bytes of the page and its style together, before they are packed.
pub const PAGE_BYTES_MAX: usize = 20_000;
/// How far back incidents stand on the first page; the history has the others.
const LATELY: Length = Length::from_hours(15 * 24);
/// How far back work that is over stands there.
const WORK_LATELY: Length = Length::from_hours(3 * 24);
/// Months on the first page.
const MONTHS: usize = 4;
/// Incidents and records of one kind on the first page.
const LISTED_MAX: usize = 10;
/// Characters of one update on the first page where there is not much room.
const SAID_CHARS_MAX: usize = 280;

/// By which ways somebody can be told of what changes, beside feeds and calendars.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ways {
    /// By mail.
    pub mail: bool,
    /// By a POST to a program.
    pub hook: bool,
    /// In a browser: the whole address of the page on which it says so, which runs a script.
    pub browser: Option<String>,
}

impl Ways {
    /// What is asked for to be told at an address; none where there is no such way.
    fn address(&self) -> Option<&'static str> {
        match (self.mail, self.hook) {
            (true, true) => Some("Your address of mail, or the https: address of a program"),
            (true, false) => Some("Your address of mail"),
            (false, true) => Some("The https: address of a program"),
            (false, false) => None,
        }
    }
}

/// How much of a page there is room for, from all of it to what cannot be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Ample,
    /// Single days are told by the history.
    NoDays,
    /// So are strips, and the end of long messages.
    Narrow,
    /// Of incidents and systems only what they are.
    Least,
}

/// The page as HTML. It and its style have [`PAGE_BYTES_MAX`] bytes at most: where more happened, the history says it.
pub fn html(page: &Page, place: &Place, ways: &Ways, now: Instant) -> String {
    let style = style(page).len();
    let mut written = String::new();
    for room in [Room::Ample, Room::NoDays, Room::Narrow, Room::Least] {
        written = View { page, place, ways, now, room }.render().unwrap_or_default();
        if written.len() + style <= PAGE_BYTES_MAX {
            break;
        }
    }
    written
}

/// Everything of ninety days and all months as HTML: the text behind every strip.
pub fn history(page: &Page, place: &Place) -> String {
    HistoryView { page, place }.render().unwrap_or_default()
}

/// A sentence to whoever did something on the page, in its look.
pub fn note(page: &Page, place: &Place, title: &str, said: &str) -> String {
    NoteView { page, place, title, said }.render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "page.html")]
struct View<'p> {
    page: &'p Page,
    place: &'p Place,
    ways: &'p Ways,
    now: Instant,
    room: Room,
}

/// A line of the table of months.
struct MonthRow<'p> {
    name: &'p str,
    /// Share, fraction, and how much nobody saw of each month that is shown; none where no time was covered.
    cells: Vec<Option<(&'p str, &'p str, Option<String>)>>,
}

impl View<'_> {
    fn strip(&self, component: &Component) -> String {
        match self.room {
            Room::Ample => strip(component, Detail::Days),
            Room::NoDays => strip(component, Detail::Bars),
            Room::Narrow | Room::Least => String::new(),
        }
    }

    fn lately(&self) -> Vec<&Incident> {
        let since = self.now - LATELY;
        let over = |incident: &&Incident| !incident.is_open() && since < incident.changed();
        self.page.incidents.iter().filter(over).take(self.most()).collect()
    }

    fn open(&self) -> Vec<&Incident> {
        self.page.open().take(self.most()).collect()
    }

    fn work(&self) -> Vec<&Maintenance> {
        let since = self.now - WORK_LATELY;
        let over = |work: &&Maintenance| match work.progress {
            Progress::Planned | Progress::UnderWay => false,
            Progress::Done | Progress::CalledOff => since < work.ended.unwrap_or(work.ends),
        };
        let over = self.page.maintenance.iter().filter(over);
        self.page.ahead().chain(over).take(self.most()).collect()
    }

    /// The newest of what was told of an open incident, as much as there is room for.
    fn told<'i>(&self, incident: &'i Incident) -> &'i [Update] {
        let most = match self.room {
            Room::Ample | Room::NoDays => incident.updates.len(),
            Room::Narrow => 1,
            Room::Least => 0,
        };
        &incident.updates[..most.min(incident.updates.len())]
    }

    fn is_least(&self) -> bool {
        self.room == Room::Least
    }

    fn most(&self) -> usize {
        if self.room == Room::Least { LISTED_MAX / 2 } else { LISTED_MAX }
    }

    fn said(&self, message: &str) -> String {
        let most = match self.room {
            Room::Ample | Room::NoDays => return message.to_owned(),
            Room::Narrow => SAID_CHARS_MAX,
            Room::Least => return String::new(),
        };
        match message.char_indices().nth(most) {
            Some((end, _)) => format!("{}…", &message[..end]),
            None => message.to_owned(),
        }
    }

    fn months(&self) -> Vec<String> {
        let mut months: Vec<_> = self
            .page
            .components
            .iter()
            .flat_map(|c| c.months.iter().map(|line| (line.month, line.closed)))
            .collect();
        months.sort();
        months.dedup_by_key(|(month, _)| *month);
        months.iter().rev().take(MONTHS).map(|(month, _)| month.to_string()).collect()
    }

    fn month_rows(&self) -> Vec<MonthRow<'_>> {
        let months = self.months();
        let promised = self.page.components.iter().filter(|one| !self.is_least() && !one.months.is_empty());
        promised.map(|component| row(component, &months)).collect()
    }
}

fn row<'p>(component: &'p Component, months: &[String]) -> MonthRow<'p> {
    let cell = |month: &String| {
        let line = component.months.iter().find(|line| line.month.to_string() == *month)?;
        let (share, fraction) = line.uptime.as_ref()?;
        let unseen = (line.unknown > Length::ZERO).then(|| words::length(line.unknown));
        Some((share.as_str(), fraction.as_str(), unseen))
    };
    MonthRow { name: &component.name, cells: months.iter().map(cell).collect() }
}

#[derive(Template)]
#[template(path = "note.html")]
struct NoteView<'p> {
    page: &'p Page,
    place: &'p Place,
    title: &'p str,
    said: &'p str,
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryView<'p> {
    page: &'p Page,
    place: &'p Place,
}

/// What templates say of a page.
mod say {
    use super::*;

    pub(super) fn at(at: &Instant, page: &Page) -> String {
        words::moment(*at, &page.zone)
    }

    pub(super) fn days(days: &[Day]) -> String {
        sentence(days)
    }

    pub(super) fn names(page: &Page, of: &[usize]) -> String {
        page.names(of).join(", ")
    }

    pub(super) fn stage(stage: &IncidentStage) -> &'static str {
        words::stage(*stage)
    }

    pub(super) fn impact(impact: &Impact) -> &'static str {
        words::impact(*impact)
    }

    pub(super) fn length(length: &Length) -> String {
        words::length(*length)
    }
}
