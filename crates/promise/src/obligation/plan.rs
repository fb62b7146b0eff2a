//! An agreement version made ready for the engine: its rules found by the event that starts them.

use std::sync::Arc;

use agreement::{
    Agreement, Amount, Before, Binding, CIVIL, Keyed, MatrixAxis, MetBy, ObligationRule, OnMiss, Terms,
    WINDOW, Within,
};
use facts::Event;

use super::{Duty, reason::standing_readings, words::Vocabulary};

/// An agreement version, made ready once.
#[derive(Debug, Clone)]
pub struct Plan {
    terms: Terms,
    rules: Vec<Arc<Rule>>,
    /// By event, the rules it starts, as indexes.
    starts: Vec<Vec<usize>>,
    vocabulary: Vocabulary,
    calendars: Vec<Arc<str>>,
}

/// One obligation of the file, its references resolved.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) duty: Arc<Duty>,
    pub(crate) source: ObligationRule,
    pub(crate) form: Form,
    /// The readings that always stand behind its time.
    pub(crate) readings: Vec<&'static str>,
}

/// In which way it is due.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    /// So long after its start.
    Within(Time),
    /// In the same act: a guard, no clock.
    SameAction,
    /// So long before a moment that the starting fact names.
    Before(Before),
    /// Again and again.
    Every(Amount),
    /// Each thing for so long.
    Keep(Keyed<Amount>),
    /// It takes effect so long after it was asked for.
    EffectiveAfter(Amount),
    /// Once for each period of the term, so long after the period's end.
    Period(Keyed<Amount>),
}

/// How long it may take.
#[derive(Debug, Clone)]
pub(crate) enum Time {
    /// The text gives none.
    Unset,
    /// By a matrix of the file.
    Matrix(String),
    /// So long.
    Amount(Keyed<Amount>),
}

impl Plan {
    /// Makes a version ready.
    pub fn new(terms: Terms) -> Plan {
        let identity: Arc<str> = terms.identity().into();
        let agreement = terms.agreement();
        let mut starts = vec![Vec::new(); Event::ALL.len()];
        let mut rules = Vec::with_capacity(agreement.obligation.len());
        for (index, source) in agreement.obligation.iter().enumerate() {
            starts[source.on.event as usize].push(index);
            rules.push(Arc::new(Rule::new(source, agreement, &identity)));
        }
        let vocabulary = Vocabulary::of(agreement);
        let names = agreement.calendar.keys().map(String::as_str).chain([CIVIL, WINDOW]);
        let calendars = names.map(Arc::from).collect();
        Plan { terms, rules, starts, vocabulary, calendars }
    }

    /// The version itself.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The agreement itself.
    pub fn agreement(&self) -> &Agreement {
        self.terms.agreement()
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// A calendar's name, shared.
    pub(crate) fn calendar_name(&self, name: &str) -> Arc<str> {
        let known = self.calendars.iter().find(|known| ***known == *name);
        known.map_or_else(|| Arc::from(name), Arc::clone)
    }

    /// The rules that an event starts, in the file's order.
    pub(crate) fn started_by(&self, event: Event) -> impl Iterator<Item = &Arc<Rule>> {
        self.starts[event as usize].iter().map(|index| &self.rules[*index])
    }

    /// Every rule, in the file's order.
    pub(crate) fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }
}

impl Rule {
    fn new(source: &ObligationRule, agreement: &Agreement, identity: &Arc<str>) -> Rule {
        let mut source = source.clone();
        let form = form(&mut source, agreement);
        let duty = Duty {
            id: source.id.clone(),
            clauses: source.clause.ids.clone(),
            party: source.party,
            binding: source.binding,
            turn: source.turn.or(source.party.side()),
            miss: miss(agreement, source.binding),
            on_miss: source.on_miss.clone(),
            then: source.then,
            then_item: source.then_item.clone(),
            annotate: source.annotate.clone(),
            agreement: Arc::clone(identity),
        };
        let readings = standing_readings(&source, &form, agreement);
        Rule { duty: Arc::new(duty), source, form, readings }
    }

    pub(crate) fn met_by(&self) -> Option<&MetBy> {
        self.source.met_by.as_ref()
    }

    /// Whether its target is one of a matrix: a response objective.
    pub(crate) fn is_response(&self) -> bool {
        matches!(&self.form, Form::Within(Time::Matrix(_)))
    }

    /// Whether it is ever due: the text gives it a time.
    pub(crate) fn has_time(&self) -> bool {
        !matches!(self.form, Form::SameAction | Form::Within(Time::Unset))
    }

    /// Whether it belongs to the act that starts it: a guard, no clock.
    pub(crate) fn is_same_action(&self) -> bool {
        matches!(self.form, Form::SameAction)
    }

    /// Whether a miss of it loses a right (SH-CRED-11).
    pub(crate) fn forfeits(&self) -> bool {
        self.source.on_miss.contains(&OnMiss::ForfeitCredit)
    }

    /// Whether it watches evidence, which comes in thousands: a silence is then one obligation, and what was kept is none.
    pub(crate) fn is_watch(&self) -> bool {
        matches!(self.form, Form::Every(_))
            && self.met_by().is_some_and(|met_by| met_by.event == Event::CheckObserved)
    }
}

/// The one form of a rule. What is due with another takes that one's time, calendar and changes over.
fn form(source: &mut ObligationRule, agreement: &Agreement) -> Form {
    if let Some(Within::With(id)) = &source.within
        && let Some(other) = agreement.obligation.iter().find(|rule| rule.id == *id)
    {
        source.within = other.within.clone();
        source.calendar = other.calendar.clone();
        source.on_change = source.on_change.clone().or_else(|| other.on_change.clone());
    }
    if source.period.is_some() {
        return Form::Period(match &source.within {
            Some(Within::Amount(amount)) => amount.clone(),
            _ => Keyed::By(std::collections::BTreeMap::new()),
        });
    }
    match (&source.within, &source.before, source.every, &source.keep, source.effective_after) {
        (Some(Within::SameAction), ..) => Form::SameAction,
        (Some(Within::Matrix(name)), ..) => Form::Within(Time::Matrix(name.clone())),
        (Some(Within::Amount(amount)), ..) => Form::Within(Time::Amount(amount.clone())),
        (_, Some(before), ..) => Form::Before(before.clone()),
        (_, _, Some(every), ..) => Form::Every(every),
        (_, _, _, Some(keep), _) => Form::Keep(keep.clone()),
        (.., Some(amount)) => Form::EffectiveAfter(amount),
        _ => Form::Within(Time::Unset),
    }
}

/// How this agreement calls a miss. An aspirational objective is missed in the file's own words, never breached; a word that
/// the file forbids is not used of anything (MP-SLO-03, MP-SLO-04).
pub(crate) fn miss(agreement: &Agreement, binding: Binding) -> String {
    let own = agreement.binding.as_ref();
    let word = match binding {
        Binding::Aspirational => own.map_or("missed objective", |words| words.miss.as_str()),
        Binding::Target => "missed target",
        Binding::Duty => "not done in time",
        Binding::Commitment => "breach",
        Binding::ReasonableEfforts => "missed effort",
        Binding::Typical => "longer than usual",
        Binding::Condition => "condition not met",
        Binding::Procedure => "procedure not followed",
        Binding::Internal => "nudge",
    };
    let forbidden = |word: &str| {
        own.is_some_and(|words| {
            words.never.iter().any(|never| word.to_lowercase().contains(&never.to_lowercase()))
        })
    };
    if forbidden(word) { "not done in time".to_owned() } else { word.to_owned() }
}

/// The axis of a matrix as the field that names it.
pub(crate) fn axis_field(axis: MatrixAxis) -> Option<&'static str> {
    match axis {
        MatrixAxis::Priority => Some("priority"),
        MatrixAxis::Kind => Some("kind"),
        MatrixAxis::Urgency => Some("urgency"),
        MatrixAxis::Tier => None,
    }
}
