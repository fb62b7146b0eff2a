//! Who owes what by when, and how it stands.
//!
//! An obligation is set off by a fact, runs in a calendar of the agreement, and is met, missed, cancelled, excused or forfeited
//! by what happens and by time alone. Nothing is stored: the same facts and the same `at` always give the same answer, in
//! whatever order the facts come, so a restart, a late fact or a stepped system clock loses nothing.
//!
//! The rules, in one place:
//!
//! - An act exactly at the due instant is in time; any later one is late, also in closed hours.
//! - What happens after the due instant does not undo a miss: neither an act, nor a changed word, nor a pause. Only what both
//!   parties settle does: an upheld appeal, and a pause said afterwards that the other side agreed to.
//! - A changed word keeps the receipt: before it is due, the new target runs from there.
//! - Closing is no pause. What was cancelled in time by closing a ticket goes on when it is opened again; only what the other
//!   party closed stood still. The same for a class that is corrected.
//! - A merged ticket's clocks go on and are met where it goes on; what was said before a split counts for both.
//! - A cadence runs from the last act that met it. A period that passes without one is missed, once, and the next period runs
//!   from its due instant.
//! - Everything is judged by `at`, when it happened; a fact recorded later than it happened shows both in the derivation.
//! - Outside the term nothing starts (SH-DEF-04), except what is owed about the agreement itself and about statements.

mod actor;
mod cadence;
mod clock;
mod fleet;
mod keep;
mod once;
mod period;
mod plan;
mod reason;
mod remark;
mod walk;
mod watch;
mod words;

use std::{fmt, sync::Arc};

use agreement::{AnnotationCause, Binding, OnMiss, Party, Remind, Then};
use facts::{BackupId, Event, ExclusionId, Fact, FactId, InstanceId, Side, Subject};
use spans::{Instant, Month};

pub use cadence::PROMISE_MAX;
pub(crate) use cadence::latest_promise;
pub use keep::{RestorePoint, restore_points};
pub use plan::Plan;
pub(crate) use plan::{Form, Rule, Time, miss};
pub(crate) use walk::{View, fits};

use crate::{history::History, versions::Versions, why::Why};

/// Every obligation that these facts start, as it stands `at`: one client's facts, and the provider's own that concern it.
/// Pure. Facts may come in any order; those later than `at` have not happened yet. Sorted by start, subject and rule.
pub fn obligations(versions: &Versions, facts: &[Fact], at: Instant) -> Vec<Obligation> {
    History::new(facts).obligations(versions, at)
}

/// What somebody owes, set off by a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// What it is by the agreement's text, shared by all that the rule starts.
    pub duty: Arc<Duty>,
    /// What it is about.
    pub subject: Subject,
    /// The instance it is owed for, where the subject concerns several (a release, a fix).
    pub instance: Option<InstanceId>,
    /// Which of several.
    pub occurrence: Occurrence,
    /// From when it runs.
    pub started: Instant,
    /// The last instant at which the act is in time; none while it is not known.
    pub due: Option<Instant>,
    /// The calendar its time runs in.
    pub calendar: Arc<str>,
    /// The cell of a matrix that gave its time, where one did.
    pub cell: Option<Box<CellWords>>,
    /// How it stands.
    pub state: State,
    /// Whether something can still be done about it, in time or late.
    pub open: bool,
    /// When people are reminded, in order; none at or after the instant at which it was met or ended.
    pub reminders: Vec<Reminder>,
    /// Remarks that are shown beside it and change nothing.
    pub annotations: Vec<Annotation>,
    /// Why it is so.
    pub why: Why,
}

/// A cell of a matrix, by its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellWords {
    /// The word of its row, such as `P1`.
    pub row: String,
    /// The word of its column, such as `premium`.
    pub column: String,
}

/// What an agreement says of an obligation, whatever starts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// The rule's id in the file.
    pub id: String,
    /// The clauses the rule itself names; [`Obligation::clauses`] adds those of a matrix row.
    pub clauses: Vec<String>,
    /// Who owes it.
    pub party: Party,
    /// How strongly.
    pub binding: Binding,
    /// Whose turn it is while it is open; none where both are.
    pub turn: Option<Side>,
    /// How a miss is called in this agreement (MP-SLO-03).
    pub miss: String,
    /// What follows a miss.
    pub on_miss: Vec<OnMiss>,
    /// What follows when it is met.
    pub then: Option<Then>,
    /// The catalogue item of the request that `then` opens.
    pub then_item: Option<String>,
    /// The cause that its open time annotates others with (MP-VPN-02).
    pub annotate: Option<String>,
    /// SHA-256 of the agreement version it started under, in hex.
    pub agreement: Arc<str>,
}

/// Which of the obligations that one rule starts about one subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Occurrence {
    /// The n-th, from 1.
    Nth(u32),
    /// Several missed periods of a watch in one silence: the first of them, and how many.
    Periods(u32, u32),
    /// That of a calendar month.
    Month(Month),
    /// That of one backup.
    Backup(BackupId),
}

/// How an obligation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It has no due instant (yet); it is shown with its age.
    Waiting(Waiting),
    /// It can still be met in time.
    Running {
        /// The last instant in time.
        due: Instant,
    },
    /// It was met in time.
    Met {
        /// When.
        at: Instant,
        /// Who met it; none where the passing of time did.
        by: Option<Act>,
    },
    /// It was not met in time.
    Missed {
        /// From when on it was missed: the due instant, or the start where that was later.
        since: Instant,
        /// The act that came too late, if it came.
        late: Option<Act>,
    },
    /// It ended before it was due.
    Cancelled {
        /// When.
        at: Instant,
        /// By what.
        because: Because,
    },
    /// It was not met in time, and that is not held against its party.
    Excused {
        /// From when on it would have been missed.
        since: Instant,
        /// For what cause.
        cause: Excuse,
    },
    /// The right was not used in time and is lost; it stays visible (SH-CRED-11).
    Forfeited {
        /// The last instant at which it could have been used.
        at: Instant,
    },
}

/// Why no due instant is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// The text gives no time.
    Unset,
    /// The clock stands still.
    Paused {
        /// Since when.
        since: Instant,
    },
    /// The target depends on a word that nobody has said, such as the urgency.
    Unsaid {
        /// The word.
        word: &'static str,
    },
    /// Nobody has seen which version the instance runs.
    VersionUnseen,
    /// The calendar never holds so much open time.
    NeverFilled,
    /// The term ended first: an open item for the parties.
    OpenItem,
}

/// Who did something, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// The fact.
    pub fact: FactId,
    /// When it happened.
    pub at: Instant,
    /// Who acted.
    pub by: String,
}

/// What ended an obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// This event.
    Happened(Event),
    /// What it was about changed so that it no longer applies.
    NoLongerApplies,
    /// A newer one took its place (SH-MAINT-02).
    Superseded,
    /// What it was about left the agreement, or the term ended.
    Ended,
}

/// Why a miss is not held against its party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Excuse {
    /// Since this event, such as `access.missing` (MP-PRO-01).
    Since(Event, Instant),
    /// A claimed exclusion that stands undisputed (SH-EXCL, A-16).
    Exclusion(ExclusionId),
}

/// A moment at which people are reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// When.
    pub at: Instant,
    /// As the agreement writes it.
    pub rule: Remind,
}

/// A remark beside an obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Annotation {
    /// A cause held while its clock ran.
    During {
        /// The cause.
        cause: AnnotationCause,
        /// From when.
        from: Instant,
        /// Until when, if it is over.
        until: Option<Instant>,
    },
    /// An exclusion is claimed for it and disputed: both versions are shown.
    ExclusionDisputed(ExclusionId),
}

/// What an obligation asks for, beside being shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence<'d> {
    /// It was missed.
    Missed(OnMiss),
    /// It was met.
    Then(Then, Option<&'d str>),
}

impl Obligation {
    /// The clauses it executes: those of its rule, and of the matrix row that gave its time.
    pub fn clauses(&self) -> &[String] {
        &self.why.clauses
    }

    /// Whether it was not met in time and that counts.
    pub fn is_missed(&self) -> bool {
        matches!(self.state, State::Missed { .. } | State::Forfeited { .. })
    }

    /// What follows from how it stands.
    pub fn consequences(&self) -> Vec<Consequence<'_>> {
        match &self.state {
            State::Missed { .. } | State::Forfeited { .. } => {
                self.duty.on_miss.iter().map(|what| Consequence::Missed(*what)).collect()
            }
            State::Met { .. } => {
                let item = self.duty.then_item.as_deref();
                self.duty.then.iter().map(|then| Consequence::Then(*then, item)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A name that stays the same whenever it is evaluated: `first-response/ticket/T-1/1`. Effects carry it as their key.
    pub fn key(&self) -> String {
        let (noun, id) = (self.subject.noun.name(), &self.subject.id);
        match &self.instance {
            Some(instance) => format!("{}/{noun}/{id}/{instance}/{}", self.duty.id, self.occurrence),
            None => format!("{}/{noun}/{id}/{}", self.duty.id, self.occurrence),
        }
    }

    /// The next instant after `at` at which its state or a reminder changes by the passing of time alone.
    pub fn next_moment(&self, at: Instant) -> Option<Instant> {
        let due = match self.state {
            State::Running { due } => Some(due),
            _ => None,
        };
        self.reminders.iter().map(|reminder| reminder.at).chain(due).filter(|moment| at < *moment).min()
    }
}

impl Act {
    pub(crate) fn of(fact: &Fact) -> Act {
        Act { fact: fact.id, at: fact.at, by: fact.actor.id.clone() }
    }
}

impl State {
    /// The one word for it.
    pub fn name(&self) -> &'static str {
        match self {
            State::Waiting(_) => "waiting",
            State::Running { .. } => "running",
            State::Met { .. } => "met",
            State::Missed { .. } => "missed",
            State::Cancelled { .. } => "cancelled",
            State::Excused { .. } => "excused",
            State::Forfeited { .. } => "forfeited",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Waiting(why) => write!(f, "waiting: {why}"),
            State::Running { due } => write!(f, "running, due {due}"),
            State::Met { at, by: Some(act) } => write!(f, "met {at} by {}", act.by),
            State::Met { at, by: None } => write!(f, "met {at}"),
            State::Missed { since, late: Some(act) } => {
                write!(f, "missed {since}, done {} by {}", act.at, act.by)
            }
            State::Missed { since, late: None } => write!(f, "missed {since}"),
            State::Cancelled { at, because } => write!(f, "cancelled {at}: {because}"),
            State::Excused { since, cause } => write!(f, "excused {since}: {cause}"),
            State::Forfeited { at } => write!(f, "forfeited {at}"),
        }
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Waiting::Unset => f.write_str("the text gives no time"),
            Waiting::Paused { since } => write!(f, "paused since {since}"),
            Waiting::Unsaid { word } => write!(f, "no {word} yet"),
            Waiting::VersionUnseen => f.write_str("nobody has seen which version it runs"),
            Waiting::NeverFilled => f.write_str("its calendar never holds so much open time"),
            Waiting::OpenItem => f.write_str("the term ended first; an open item for the parties"),
        }
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Because::Happened(event) => f.write_str(event.name()),
            Because::NoLongerApplies => f.write_str("it no longer applies"),
            Because::Superseded => f.write_str("a newer one took its place"),
            Because::Ended => f.write_str("what it was about ended"),
        }
    }
}

impl fmt::Display for Excuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Excuse::Since(event, at) => write!(f, "{} since {at}", event.name()),
            Excuse::Exclusion(id) => write!(f, "exclusion {id}"),
        }
    }
}

impl fmt::Display for Occurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Occurrence::Nth(n) => write!(f, "{n}"),
            Occurrence::Periods(first, count) => write!(f, "{first}+{count}"),
            Occurrence::Month(month) => write!(f, "{month}"),
            Occurrence::Backup(backup) => write!(f, "{backup}"),
        }
    }
}
