//! How long it may take, in which calendar, and so until when.

use std::borrow::Cow;

use agreement::{Amount, CIVIL, Keyed, Remind, Unit};
use spans::{
    Instant, Length,
    clock::{self, Due, Pause},
};

use super::{
    Plan, Reminder, Rule, Waiting,
    plan::{Form, Time, axis_field},
};
use crate::{sending::remind_at, ticket::Said};

/// A target: so much of a calendar's open time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target<'h> {
    pub(crate) amount: Amount,
    pub(crate) calendar: &'h str,
    /// Where it stands in a matrix.
    pub(crate) cell: Option<Cell<'h>>,
}

/// A cell of a matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell<'h> {
    pub(crate) row: Cow<'h, str>,
    pub(crate) column: Cow<'h, str>,
    /// The clauses of its row.
    pub(crate) clauses: &'h [String],
}

/// A clock: from when it runs, towards what, and when it stood still.
#[derive(Debug, Clone)]
pub(crate) struct Clock<'h> {
    pub(crate) from: Instant,
    pub(crate) pauses: Vec<Pause>,
    /// The target; or why there is none.
    pub(crate) target: Result<Target<'h>, Waiting>,
    /// When the time is spent; or why that is not known.
    pub(crate) due: Result<Instant, Waiting>,
}

impl Rule {
    /// The calendar its time runs in, by tier or by kind.
    pub(crate) fn calendar<'h>(&'h self, plan: &'h Plan, said: &Said<'h>) -> &'h str {
        self.source.calendar.as_ref().map_or(CIVIL, |calendar| match calendar {
            Keyed::One(name) => name,
            Keyed::By(_) => keyed(calendar, plan, said).map_or(CIVIL, String::as_str),
        })
    }

    /// How long it may take, as the subject's words stand.
    pub(crate) fn target<'h>(&'h self, plan: &'h Plan, said: &Said<'h>) -> Result<Target<'h>, Waiting> {
        let (amount, cell) = match &self.form {
            Form::Within(Time::Matrix(name)) => {
                let (amount, cell) = cell(name, plan, said)?;
                (amount, Some(cell))
            }
            Form::Within(Time::Amount(by)) | Form::Keep(by) | Form::Period(by) => {
                (*keyed(by, plan, said).ok_or(Waiting::Unset)?, None)
            }
            Form::Every(amount) | Form::EffectiveAfter(amount) => (*amount, None),
            Form::Before(before) => (before.by, None),
            Form::SameAction | Form::Within(Time::Unset) => return Err(Waiting::Unset),
        };
        Ok(Target { amount, calendar: self.calendar(plan, said), cell })
    }

    /// The clock of this rule, from an instant, less its pauses.
    pub(crate) fn clock<'h>(
        &'h self,
        plan: &'h Plan,
        said: &Said<'h>,
        from: Instant,
        pauses: &[Pause],
    ) -> Clock<'h> {
        let target = self.target(plan, said);
        let due = target.clone().and_then(|target| target.due(plan, from, pauses));
        Clock { from, pauses: pauses.to_vec(), target, due }
    }

    /// When people are reminded between the start and the due instant; of what has no due instant, by its age. Fractions and
    /// offsets are time of the obligation's calendar. What would go out in closed hours goes out in open ones; of several at one
    /// instant, the most pressing.
    pub(crate) fn reminders(&self, plan: &Plan, said: &Said<'_>, clock: &Clock<'_>) -> Vec<Reminder> {
        let Some(rules) = self.source.remind.as_ref().and_then(|remind| keyed(remind, plan, said)) else {
            return Vec::new();
        };
        let calendar = clock.target.as_ref().map_or_else(|_| self.calendar(plan, said), |t| t.calendar);
        let moments = rules.iter().filter_map(|rule| {
            let at = clock.reminder(plan, calendar, *rule).filter(|at| clock.from < *at)?;
            let at = remind_at(plan.terms(), calendar, at, (clock.from, clock.due.as_ref().ok().copied()))?;
            Some(Reminder { at, rule: *rule })
        });
        let mut reminders: Vec<Reminder> = moments.collect();
        reminders.sort_by_key(|reminder| reminder.at);
        reminders.reverse();
        reminders.dedup_by_key(|reminder| reminder.at);
        reminders.reverse();
        reminders
    }
}

impl Target<'_> {
    /// When so much open time outside the pauses has passed.
    fn due(&self, plan: &Plan, from: Instant, pauses: &[Pause]) -> Result<Instant, Waiting> {
        let hours = plan.terms().hours(self.calendar).ok_or(Waiting::NeverFilled)?;
        match clock::due(&hours.table, from, self.amount.length(hours.day), pauses) {
            Ok(Due::At(due)) => Ok(due),
            Ok(Due::Unknown) => {
                let since = pauses.iter().filter(|pause| pause.to.is_none()).map(|pause| pause.from).min();
                Err(Waiting::Paused { since: since.unwrap_or(from) })
            }
            Err(_) => Err(Waiting::NeverFilled),
        }
    }
}

impl Clock<'_> {
    fn reminder(&self, plan: &Plan, calendar: &str, rule: Remind) -> Option<Instant> {
        let hours = plan.terms().hours(calendar)?;
        let after = |length: Length| match clock::due(&hours.table, self.from, length, &self.pauses) {
            Ok(Due::At(at)) => Some(at),
            _ => None,
        };
        let due = self.due.as_ref().ok();
        let at = match rule {
            Remind::After(amount) => after(amount.length(hours.day)),
            Remind::Before(amount) => hours.table.retreat(*due?, amount.length(hours.day)).ok(),
            Remind::Used(percent) => {
                let paused: Length = self.pauses.iter().map(|p| self.paused(p, &hours.table)).sum();
                let whole = hours.table.measure(self.from, *due?) - paused;
                after(Length::from_micros(whole.as_micros() / 100 * i64::from(percent)))
            }
        }?;
        due.is_none_or(|due| at < *due).then_some(at)
    }

    fn paused(&self, pause: &Pause, table: &spans::Timetable) -> Length {
        let due = self.due.as_ref().copied().unwrap_or(self.from);
        table.measure(pause.from.max(self.from), pause.to.unwrap_or(due).min(due))
    }
}

/// The value for the tier, or for the kind of the ticket.
pub(crate) fn keyed<'h, T>(by: &'h Keyed<T>, plan: &Plan, said: &Said<'_>) -> Option<&'h T> {
    match by {
        Keyed::One(value) => Some(value),
        Keyed::By(_) => {
            let kind = said.word("kind");
            by.of(plan.terms().tier().into_iter().chain(kind.as_deref()))
        }
    }
}

/// A matrix's target for the subject's words; a word nobody has said leaves it open.
fn cell<'h>(name: &str, plan: &'h Plan, said: &Said<'h>) -> Result<(Amount, Cell<'h>), Waiting> {
    let matrix = plan.agreement().matrix.get(name).ok_or(Waiting::Unset)?;
    let word = |axis| match axis_field(axis) {
        None => plan.terms().tier().map(Cow::Borrowed).ok_or(Waiting::Unsaid { word: "tier" }),
        Some(field) => said.word(field).ok_or(Waiting::Unsaid { word: field }),
    };
    let (row, column) = (word(matrix.rows)?, word(matrix.columns)?);
    let unsaid = || Waiting::Unsaid { word: axis_field(matrix.rows).unwrap_or("tier") };
    let rule = matrix.row.get(&*row).ok_or_else(unsaid)?;
    let amount = rule.within.get(&*column).ok_or_else(unsaid)?;
    Ok((*amount, Cell { row, column, clauses: &rule.clause.ids }))
}

/// Whether an amount counts days of its calendar, which read.
pub(crate) fn counts_days(amount: Amount) -> bool {
    amount.unit == Unit::Days
}
