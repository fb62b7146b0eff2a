//! The page as a value: what the public may know of a client, and nothing beside it.

use std::{fmt, str::FromStr};

use facts::{Impact, IncidentStage, PageScheme};
use jiff::civil::Date;
use spans::{Instant, Length, Month, Zone};

use crate::{Back, Logo};

/// Days of the strip, today among them.
pub const DAYS: usize = 90;
/// Months that are shown, the one that is not over among them.
pub const MONTHS_MAX: usize = 13;
/// Systems on one page.
pub const COMPONENTS_MAX: usize = 20;
/// Characters of a system's public name.
pub const NAME_CHARS_MAX: usize = 60;
/// Characters of the line that says what a system is for.
pub const ABOUT_CHARS_MAX: usize = 120;
/// A page that was written longer ago says so: what it is made from cannot be read.
pub const STALE_AFTER: Length = Length::from_minutes(3);

/// A client's status page as it stood at [`Page::written_at`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Twelve letters and digits that stay.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Whether anybody may see it.
    pub public: bool,
    /// Its colour.
    pub accent: Option<Accent>,
    /// Its paper; none for what its reader prefers.
    pub scheme: Option<PageScheme>,
    /// The image at its head.
    pub logo: Option<Logo>,
    /// The site that it leads back to.
    pub back: Option<Back>,
    /// What stands at its foot.
    pub footer: Option<String>,
    /// The zone that its days and months are in: the statement's.
    pub zone: Zone,
    /// When it was put up.
    pub since: Instant,
    /// The systems, in the order in which they were put up.
    pub components: Vec<Component>,
    /// Incidents of the last [`DAYS`], the newest first.
    pub incidents: Vec<Incident>,
    /// Maintenance of the last [`DAYS`] and to come, the latest start first.
    pub maintenance: Vec<Maintenance>,
    /// When all of it was so.
    pub written_at: Instant,
}

/// How something stands, from the best to the worst. Maintenance hides nothing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It answers.
    Up,
    /// Declared work is under way.
    Maintenance,
    /// Nobody has looked.
    Unknown,
    /// It answers slowly, or only partly.
    Degraded,
    /// It does not answer.
    Down,
}

/// One system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Twelve letters and digits that stay.
    pub id: String,
    /// Its public name.
    pub name: String,
    /// What it is for.
    pub about: Option<String>,
    /// How it stands.
    pub state: State,
    /// Since when.
    pub since: Option<Instant>,
    /// The last [`DAYS`] days, oldest first.
    pub days: Vec<Day>,
    /// Months that have a statement, newest first; none where no share of time is promised.
    pub months: Vec<MonthLine>,
}

/// A day of one system, on the clocks of the page's zone. What of it is not covered, or has not passed, is in no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Which.
    pub date: Date,
    /// Covered time that has passed.
    pub covered: Length,
    /// It did not answer, and nothing excludes it.
    pub down: Length,
    /// Minutes of it that count; those of a month's days add up to the month's.
    pub counted: i64,
    /// It did not answer, and maintenance or a claim takes it out.
    pub excluded: Length,
    /// Nobody looked.
    pub unknown: Length,
}

/// A month of one system, in the figures of its statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthLine {
    /// Which.
    pub month: Month,
    /// Whether it is over.
    pub closed: bool,
    /// The share that was kept, and the fraction that it is: `99.898%`, `43156/43200 min`. None where no time was covered.
    pub uptime: Option<(String, String)>,
    /// Minutes that count against it.
    pub counted: i64,
    /// Downtime that was taken out.
    pub excluded: Length,
    /// Time in which nobody looked.
    pub unknown: Length,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Twelve letters and digits that stay.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// How far it has come.
    pub stage: IncidentStage,
    /// What it does.
    pub impact: Impact,
    /// The systems concerned, as places in [`Page::components`].
    pub components: Vec<usize>,
    /// When it began.
    pub began: Instant,
    /// When it was over.
    pub ended: Option<Instant>,
    /// What was told, the newest first. Of what was only measured, when it began and when it ended.
    pub updates: Vec<Update>,
    /// When the next update was promised.
    pub next_update_by: Option<Instant>,
}

/// Something that was told of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Twelve letters and digits that stay.
    pub id: String,
    /// When.
    pub at: Instant,
    /// How far it had come.
    pub stage: IncidentStage,
    /// What was told.
    pub message: String,
}

/// Declared work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maintenance {
    /// Twelve letters and digits that stay.
    pub id: String,
    /// What it is.
    pub title: String,
    /// How far it has come.
    pub progress: Progress,
    /// What it is expected to do.
    pub impact: Impact,
    /// The systems concerned, as places in [`Page::components`].
    pub components: Vec<usize>,
    /// The declared start.
    pub starts: Instant,
    /// The declared end: downtime after it counts.
    pub ends: Instant,
    /// When it was over, where somebody said so.
    pub ended: Option<Instant>,
    /// When it was announced.
    pub announced: Instant,
    /// When something about it changed last.
    pub changed: Instant,
    /// How often it changed since it was announced.
    pub revision: u32,
}

/// How far declared work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It has not begun.
    Planned,
    /// It is under way.
    UnderWay,
    /// It is over.
    Done,
    /// It will not take place.
    CalledOff,
}

/// The page in one word: the worst wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overall {
    /// Everything answers.
    Up,
    /// Declared work is under way, and nothing else is wrong.
    Maintenance,
    /// Nobody has looked at some of it.
    Unknown,
    /// Some of it answers slowly, or only partly.
    Degraded,
    /// Some of it does not answer.
    SomeDown,
    /// None of it answers.
    AllDown,
}

/// Where a page is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Such as `https://desk.example`, without a slash behind it.
    pub origin: String,
    /// Such as `/status/acme`; empty under a host name of its own.
    pub path: String,
}

impl Place {
    /// The whole address of something below the page, which begins with a slash; of the page itself for none.
    pub fn url(&self, below: &str) -> String {
        let root = if self.path.is_empty() && below.is_empty() { "/" } else { "" };
        format!("{}{}{below}{root}", self.origin, self.path)
    }

    /// The path of the page itself.
    pub fn root(&self) -> &str {
        if self.path.is_empty() { "/" } else { &self.path }
    }
}

impl Page {
    /// The worst of what is shown.
    pub fn overall(&self) -> Overall {
        let states =
            || self.components.iter().enumerate().map(|(at, component)| self.last_seen(at, component));
        match states().max() {
            None | Some(State::Up) => Overall::Up,
            Some(State::Maintenance) => Overall::Maintenance,
            Some(State::Unknown) => Overall::Unknown,
            Some(State::Degraded) => Overall::Degraded,
            Some(State::Down) if states().all(|state| state == State::Down) => Overall::AllDown,
            Some(State::Down) => Overall::SomeDown,
        }
    }

    /// How a system stands, or stood when it was last seen: what nobody has seen answer since it failed is not over, and the heading
    /// says no less than the incident below it.
    fn last_seen(&self, at: usize, component: &Component) -> State {
        let failed =
            |incident: &Incident| incident.impact == Impact::Down && incident.components.contains(&at);
        if component.state == State::Unknown && self.open().any(failed) {
            State::Down
        } else {
            component.state
        }
    }

    /// Incidents that are not over, the newest first.
    pub fn open(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.iter().filter(|incident| incident.is_open())
    }

    /// Work that is planned or under way, the soonest first.
    pub fn ahead(&self) -> impl Iterator<Item = &Maintenance> {
        let waits = |work: &&Maintenance| matches!(work.progress, Progress::Planned | Progress::UnderWay);
        self.maintenance.iter().rev().filter(waits)
    }

    /// A system by its id.
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.id == id)
    }

    /// Whether it was written so long ago that its reader should know.
    pub fn is_stale(&self, now: Instant) -> bool {
        self.written_at + STALE_AFTER < now
    }

    /// Names of systems.
    pub(crate) fn names(&self, of: &[usize]) -> Vec<&str> {
        of.iter().filter_map(|place| Some(self.components.get(*place)?.name.as_str())).collect()
    }

    /// When something on it happened last.
    pub(crate) fn changed(&self) -> Instant {
        let told = self.incidents.iter().flat_map(|incident| incident.updates.iter().map(|update| update.at));
        let works = self.maintenance.iter().map(|work| work.changed);
        told.chain(works).fold(self.since, Instant::max)
    }
}

impl Incident {
    /// Whether it goes on.
    pub fn is_open(&self) -> bool {
        !matches!(self.stage, IncidentStage::Resolved | IncidentStage::Postmortem)
    }

    pub(crate) fn changed(&self) -> Instant {
        self.updates.first().map_or(self.began, |update| update.at)
    }
}

impl Day {
    /// The gravest of what it saw; nothing of a day that was not covered.
    pub fn worst(&self) -> Option<State> {
        match self {
            Day { covered: Length::ZERO, .. } => None,
            Day { down, .. } if *down > Length::ZERO => Some(State::Down),
            Day { unknown, .. } if *unknown > Length::ZERO => Some(State::Unknown),
            Day { excluded, .. } if *excluded > Length::ZERO => Some(State::Maintenance),
            _ => Some(State::Up),
        }
    }
}

/// A colour as `#1f4e8c`: for an edge, and for words where they keep their contrast ([`Accent::contrast`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accent(String);

/// A text that is no colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnAccent(String);

impl fmt::Display for NotAnAccent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no colour: write a number sign and six hexadecimal digits, such as #1f4e8c",
            self.0
        )
    }
}

impl std::error::Error for NotAnAccent {}

impl FromStr for Accent {
    type Err = NotAnAccent;

    fn from_str(text: &str) -> Result<Accent, NotAnAccent> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let fits = digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        if fits { Ok(Accent(text.to_ascii_lowercase())) } else { Err(NotAnAccent(text.to_owned())) }
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_digits_and_nothing_that_ends_a_rule() {
        assert_eq!("#1F4E8C".parse::<Accent>().unwrap().to_string(), "#1f4e8c");
        for text in ["", "#12345", "1f4e8c", "#1f4e8c;}", "red", "#1f4e8g"] {
            assert!(text.parse::<Accent>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_has_its_own_root() {
        let below = Place { origin: "https://desk.example".to_owned(), path: "/status/acme".to_owned() };
        assert_eq!(below.url(""), "https://desk.example/status/acme");
        let own = Place { origin: "https://status.example".to_owned(), path: String::new() };
        assert_eq!(
            (own.url(""), own.url("/feed.atom")),
            ("https://status.example/".to_owned(), "https://status.example/feed.atom".to_owned())
        );
    }
}
