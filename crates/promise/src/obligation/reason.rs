//! An obligation put together with its why: every figure in it is derived in front of the reader.

use std::{fmt::Write, sync::Arc};

use agreement::{Agreement, MetActor, ObligationRule};
use facts::{Body, Event, Fact, InstanceId, Subject};
use spans::{Instant, Span};

use super::{
    Annotation, CellWords, Excuse, Obligation, Occurrence, Plan, Rule, State,
    clock::{Cell, Clock, counts_days},
    plan::{Form, Time},
    walk::View,
};
use crate::{ticket::Said, why::Why};

/// Everything that an obligation and its derivation are made from.
pub(crate) struct Told<'t, 'h> {
    pub(crate) view: &'t View<'h>,
    pub(crate) plan: &'h Plan,
    pub(crate) rule: &'h Arc<Rule>,
    pub(crate) subject: Subject,
    pub(crate) instance: Option<InstanceId>,
    pub(crate) occurrence: Occurrence,
    /// The fact that set it off.
    pub(crate) start: &'h Fact,
    pub(crate) started: Instant,
    pub(crate) clock: &'t Clock<'h>,
    pub(crate) said: &'t Said<'h>,
    /// The facts that moved its target.
    pub(crate) changes: &'t [&'h Fact],
    /// The moment it counts back from.
    pub(crate) moment: Option<Instant>,
    /// The fact that met or ended it.
    pub(crate) act: Option<&'h Fact>,
    /// When it was over.
    pub(crate) over: Option<Instant>,
    /// The message that promised its time (MP-UPD-04).
    pub(crate) promised: Option<&'h Fact>,
}

impl Told<'_, '_> {
    /// The obligation in this state, unless a cause excuses the miss.
    pub(crate) fn obligation(self, state: State) -> Obligation {
        let mut annotations = self.annotations();
        let state = self.excused(state, &mut annotations);
        let mut reminders = self.rule.reminders(self.plan, self.said, self.clock);
        if let Some(over) = self.over {
            reminders.retain(|reminder| reminder.at < over);
        }
        let cell = self.cell();
        let open = match &state {
            State::Waiting(_) | State::Running { .. } => true,
            State::Missed { .. } => self.over.is_none(),
            _ => false,
        };
        Obligation {
            why: self.why(&state),
            duty: Arc::clone(&self.rule.duty),
            subject: self.subject,
            instance: self.instance,
            occurrence: self.occurrence,
            started: self.started,
            due: self.clock.due.as_ref().ok().copied(),
            cell,
            calendar: self.plan.calendar_name(
                self.clock
                    .target
                    .as_ref()
                    .map_or_else(|_| self.rule.calendar(self.plan, self.said), |target| target.calendar),
            ),
            state,
            open,
            reminders,
            annotations,
        }
    }

    /// A miss that is not held against its party: access was missing (MP-PRO-01), or a claimed exclusion stands.
    fn excused(&self, state: State, annotations: &mut Vec<Annotation>) -> State {
        let State::Missed { since, .. } = &state else { return state };
        let since = *since;
        if let Some(cause) = self.view.excuse(self.rule, &self.subject, since) {
            return State::Excused { since, cause };
        }
        match self.view.exclusion(self.plan, self.rule, self.said, self.started) {
            None => state,
            Some((id, false)) => State::Excused { since, cause: Excuse::Exclusion(id) },
            Some((id, true)) => {
                annotations.push(Annotation::ExclusionDisputed(id));
                state
            }
        }
    }

    /// measured, and shown with what held while its clock ran.
    fn annotations(&self) -> Vec<Annotation> {
        if !self.rule.is_response() {
            return Vec::new();
        }
        let ran = Span { start: self.started, end: self.over.unwrap_or(self.view.at) };
        self.view.annotations(self.plan.agreement(), ran)
    }

    fn why(&self, state: &State) -> Why {
        let duty = &self.rule.duty;
        let (noun, id) = (self.subject.noun.name(), self.subject.id.as_str());
        let what = match &self.instance {
            Some(instance) => [&duty.id, " of ", noun, " ", id, " for ", instance.as_str()].concat(),
            None => [&duty.id, " of ", noun, " ", id].concat(),
        };
        let mut value = String::with_capacity(VALUE_LENGTH);
        let _ = match state {
            State::Missed { .. } => write!(value, "{} ({state})", duty.miss),
            _ => write!(value, "{state}"),
        };
        let mut why = Why::new(what, "", sentence(state)).under(&duty.clauses).under(self.row_clauses());
        why.value = value;
        why.inputs.reserve_exact(4);
        why = told(why, self.start);
        if self.rule.form_has_time() {
            why = why.from(self.due());
        }
        if let Some(act) = self.act {
            why = told(why, act);
            // MP-SOP-04: which rule was followed, in which version.
            if let Body::SopCheckPassed(check) = &act.body {
                why = why.given("sop", &check.sop);
            }
        }
        why.given("agreement", &duty.agreement)
    }

    fn cell(&self) -> Option<Box<CellWords>> {
        let cell = self.clock.target.as_ref().ok()?.cell.as_ref()?;
        Some(Box::new(CellWords { row: cell.row.to_string(), column: cell.column.to_string() }))
    }

    /// The clauses of the matrix row that gave its time.
    fn row_clauses(&self) -> &[String] {
        let cell = self.clock.target.as_ref().ok().and_then(|target| target.cell.as_ref());
        cell.map_or(&[], |cell| cell.clauses)
    }

    /// The derivation of the due instant.
    fn due(&self) -> Why {
        let clock = self.clock;
        let mut why = match &clock.due {
            Ok(due) => Why::new("due", due, self.rule.form.sentence()),
            Err(waiting) => Why::new("due", "not known", waiting.to_string()),
        };
        why.inputs.reserve_exact(3 + clock.pauses.len() + self.changes.len());
        why = why.read_as(&self.rule.readings).read_as(&self.readings());
        if let Ok(target) = &clock.target {
            why = why.given("target", target).given("calendar", target.calendar);
        }
        if clock.from != self.start.at {
            why = why.given("runs from", clock.from);
        }
        if let Some(moment) = self.moment {
            why = why.given("moment", moment);
        }
        for pause in &clock.pauses {
            let to = pause.to.map_or_else(|| "now".to_owned(), |to| to.to_string());
            why = why.given("stood still", format!("{} to {to}", pause.from));
        }
        let changes = self.changes.iter().chain(self.promised.as_ref());
        changes.fold(why, |why, fact| told(why, fact)).given("time zones", spans::tzdata())
    }

    /// The readings that this one's own facts call for.
    fn readings(&self) -> Vec<&'static str> {
        let mut ids = Vec::new();
        let target = self.clock.target.as_ref().ok();
        if target.is_some_and(|target| counts_days(target.amount)) {
            ids.extend(["A-03", "A-04"]);
        }
        if self.rule.is_response() && !self.said.is_said("priority") {
            ids.push("A-21");
        }
        if !self.changes.is_empty() && self.moment.is_none() {
            ids.push("A-30");
        }
        if self.promised.is_some() {
            ids.push("A-46");
        }
        if let Body::RequestReceived(request) = &self.start.body
            && self.plan.agreement().channel.get(&request.channel).is_some_and(|c| c.clock.is_some())
        {
            ids.push("A-41");
        }
        ids.retain(|id| self.plan.agreement().readings.contains_key(*id));
        ids
    }
}

/// About as long as a state is in words.
const VALUE_LENGTH: usize = 64;

/// A fact as an input; one that was recorded later than it happened says so.
fn told(why: Why, fact: &Fact) -> Why {
    let why = why.fact(fact);
    if fact.recorded_at == fact.at { why } else { why.given("recorded", fact.recorded_at) }
}

impl std::fmt::Display for super::clock::Target<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.cell {
            Some(Cell { row, column, .. }) => write!(f, "{} ({row}, {column})", self.amount),
            None => write!(f, "{}", self.amount),
        }
    }
}

fn sentence(state: &State) -> &'static str {
    match state {
        State::Waiting(_) => "it waits without a due instant, and is shown with its age",
        State::Running { .. } => "an act exactly at the due instant is still in time",
        State::Met { by: Some(_), .. } => "an act that counts came at or before the due instant",
        State::Met { by: None, .. } => "the time has passed",
        State::Missed { late: Some(_), .. } => "the act that counts came after the due instant",
        State::Missed { late: None, .. } => "no act that counts came at or before the due instant",
        State::Cancelled { .. } => "it ended before it was due",
        State::Excused { .. } => "it was not done in time, for a cause that the agreement excuses",
        State::Forfeited { .. } => "the right was not used at or before the due instant",
    }
}

impl Form {
    fn sentence(&self) -> &'static str {
        match self {
            Form::Within(_) => "so much of the calendar's open time after it was set off",
            Form::Before(_) => "so long before the moment",
            Form::Every(_) => {
                "so much of the calendar's open time after the last act, or after the last miss"
            }
            Form::Keep(_) => "kept for so long",
            Form::EffectiveAfter(_) => "in effect after so much of the calendar's open time",
            Form::Period(_) => "so long after the end of the month",
            Form::SameAction => "in the same act",
        }
    }
}

impl Rule {
    fn form_has_time(&self) -> bool {
        !matches!(self.form, Form::SameAction)
    }
}

/// The signed readings behind a rule's time, whatever starts it; only those that the file has.
pub(crate) fn standing_readings(
    source: &ObligationRule,
    form: &Form,
    agreement: &Agreement,
) -> Vec<&'static str> {
    let mut ids: Vec<&'static str> = Vec::new();
    if matches!(form, Form::Within(Time::Matrix(_))) {
        ids.extend(["A-01", "A-02", "A-34", "A-35"]);
    }
    if source.on_change.is_some() {
        ids.push("A-50");
    }
    ids.extend(started_by(source.on.event));
    if let Some(met_by) = &source.met_by {
        ids.extend(match met_by.actor {
            Some(MetActor::Person) => &["A-22"][..],
            Some(MetActor::Qualified) => &["A-37"],
            _ => &[],
        });
        ids.extend(met_by_event(met_by.event));
    }
    if matches!(form, Form::Every(_)) && source.on.event == Event::RequestReplied {
        ids.extend(["A-36", "A-51"]);
    }
    ids.retain(|id| agreement.readings.contains_key(*id));
    ids
}

fn started_by(event: Event) -> &'static [&'static str] {
    match event {
        Event::FixReleased => &["A-24", "A-43"],
        Event::ReleasePublished => &["A-23"],
        Event::MaintenancePlanned => &["A-25"],
        Event::BackupTaken => &["A-28"],
        Event::StatementPublished => &["A-18"],
        Event::ClaimSubmitted => &["A-20"],
        Event::ContactChangeRequested => &["A-31"],
        Event::RequestResolved => &["A-45"],
        Event::CvePublished | Event::CveItemOpened => &["A-43"],
        Event::ServiceActivated => &["A-38"],
        _ => &[],
    }
}

fn met_by_event(event: Event) -> &'static [&'static str] {
    match event {
        Event::BackupTaken => &["A-28"],
        Event::CheckObserved => &["A-14"],
        Event::ClaimSubmitted => &["A-19"],
        Event::RequestClassified => &["A-29"],
        Event::StatementPublished => &["A-18"],
        _ => &[],
    }
}
