//! One pass over the facts of each subject: what starts, what hears of it, what is left open at the end.

use std::{collections::BTreeSet, sync::Arc};

use agreement::Trigger;
use facts::{BackupId, Body, Event, Fact, Noun, Slug, Subject};
use spans::{Instant, clock::Pause};

use super::{
    Obligation, Plan, Rule, cadence::Cadence, fleet, keep::Keep, once::Once, period, plan::Form, watch,
};
use crate::{
    history::{History, Stretch, until},
    ticket::{Said, agreed_pauses, voided},
    versions::Versions,
};

/// What an evaluation looks at.
#[derive(Debug)]
pub(crate) struct View<'h> {
    pub(crate) versions: &'h Versions,
    pub(crate) history: &'h History<'h>,
    pub(crate) at: Instant,
    /// By the events between which they lie, the stretches that rules and annotations ask for.
    stretches: Vec<(Event, Event, Vec<Stretch<'h>>)>,
}

/// The facts of one subject, as far as they have happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group<'h> {
    pub(crate) noun: Noun,
    pub(crate) id: &'h Slug,
    pub(crate) facts: &'h [&'h Fact],
    pub(crate) voided: &'h [&'h Fact],
    /// Pauses that were claimed afterwards and that both sides agreed on.
    pub(crate) agreed: &'h [Pause],
}

impl<'h> Group<'h> {
    /// What is said after the fact at `index`.
    pub(crate) fn said(&self, plan: &'h Plan, index: usize) -> Said<'h> {
        Said::after(plan, self.noun, &self.facts[..=index], self.voided)
    }

    /// What is said after every fact of the same instant as the one at `index`: one act may come as several facts.
    pub(crate) fn said_with(&self, plan: &'h Plan, index: usize) -> Said<'h> {
        Said::after(plan, self.noun, until(self.facts, self.facts[index].at), self.voided)
    }

    /// What is said in the end.
    pub(crate) fn said_last(&self, plan: &'h Plan) -> Said<'h> {
        Said::after(plan, self.noun, self.facts, self.voided)
    }

    /// The subject.
    pub(crate) fn subject(&self) -> Subject {
        Subject { noun: self.noun, id: self.id.clone() }
    }

    /// Whether the fact at `index` is about the subject itself, not linked to it.
    pub(crate) fn is_own(&self, index: usize) -> bool {
        self.facts[index].event().noun() == self.noun
    }
}

/// Something that was started and is not over.
enum Course<'h> {
    Once(Once<'h>),
    Cadence(Box<Cadence<'h>>),
    Keep(Keep<'h>),
}

/// Whether a course goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goes {
    On,
    Over,
}

impl History<'_> {
    /// Every obligation, as it stands `at`; see [`super::obligations`].
    pub fn obligations(&self, versions: &Versions, at: Instant) -> Vec<Obligation> {
        let view = View::new(versions, self, at);
        let mut out = Vec::new();
        for (noun, id, facts) in self.subjects() {
            view.walk(noun, id, facts, &mut out);
        }
        period::all(&view, &mut out);
        sort(&mut out);
        out
    }

    /// The same, one subject at a time, so that nobody holds the derivations of all of them at once. Those of one subject are in
    /// order; what is owed once a period comes last.
    pub fn each_subject(&self, versions: &Versions, at: Instant, mut take: impl FnMut(Vec<Obligation>)) {
        let view = View::new(versions, self, at);
        let mut told = |mut out: Vec<Obligation>| {
            sort(&mut out);
            take(out);
        };
        for (noun, id, facts) in self.subjects() {
            let mut out = Vec::new();
            view.walk(noun, id, facts, &mut out);
            told(out);
        }
        let mut out = Vec::new();
        period::all(&view, &mut out);
        told(out);
    }

    /// Those about one subject. A ticket's appeals and escalations are subjects of their own; what is owed once a period is
    /// about the agreement.
    pub fn obligations_of(&self, versions: &Versions, subject: &Subject, at: Instant) -> Vec<Obligation> {
        let view = View::new(versions, self, at);
        let mut out = Vec::new();
        view.walk(subject.noun, &subject.id, self.about(subject), &mut out);
        if subject.noun == Noun::Agreement {
            period::all(&view, &mut out);
        }
        sort(&mut out);
        out
    }
}

fn sort(obligations: &mut [Obligation]) {
    obligations.sort_by(|a, b| {
        let key = |o: &Obligation| o.started;
        key(a)
            .cmp(&key(b))
            .then_with(|| a.subject.cmp(&b.subject))
            .then_with(|| a.duty.id.cmp(&b.duty.id))
            .then_with(|| a.instance.cmp(&b.instance))
            .then_with(|| a.occurrence.cmp(&b.occurrence))
    });
}

impl<'h> View<'h> {
    pub(crate) fn new(versions: &'h Versions, history: &'h History<'h>, at: Instant) -> View<'h> {
        let mut stretches: Vec<(Event, Event, Vec<Stretch<'h>>)> = Vec::new();
        for (from, to) in versions.iter().flat_map(|(_, plan)| plan.stretches()) {
            if !stretches.iter().any(|(known, until, _)| (*known, *until) == (from, to)) {
                stretches.push((from, to, history.between(from, to, at)));
            }
        }
        View { versions, history, at, stretches }
    }

    /// The stretches between two events, about each thing.
    pub(crate) fn between(&self, from: Event, to: Event) -> &[Stretch<'h>] {
        let found = self.stretches.iter().find(|(known, until, _)| (*known, *until) == (from, to));
        found.map_or(&[], |(_, _, stretches)| stretches)
    }

    fn walk(&self, noun: Noun, id: &'h Slug, facts: &'h [&'h Fact], out: &mut Vec<Obligation>) {
        let facts = until(facts, self.at);
        let is_ticket = noun == Noun::Ticket;
        let (voided, agreed) =
            if is_ticket { (voided(facts), agreed_pauses(facts)) } else { (Vec::new(), Vec::new()) };
        // Borrowed by everything the walk starts; all of it is settled before this returns.
        let group = Group { noun, id, facts, voided: &voided, agreed: &agreed };
        let (courses, started, watched) = (Vec::new(), Vec::new(), Vec::new());
        Walk { view: self, group, courses, started, kept: BTreeSet::new(), watched }.run(out);
    }
}

struct Walk<'h> {
    view: &'h View<'h>,
    group: Group<'h>,
    courses: Vec<Course<'h>>,
    /// The id of each rule started, as often as it was.
    started: Vec<&'h str>,
    /// The backups that were taken: one is taken once.
    kept: BTreeSet<(&'h str, &'h BackupId)>,
    /// By the id of a watch, the number of its last period.
    watched: Vec<(&'h str, u32)>,
}

impl<'h> Walk<'h> {
    fn run(mut self, out: &mut Vec<Obligation>) {
        let Walk { view, group, .. } = self;
        for index in 0..group.facts.len() {
            self.courses.retain_mut(|course| course.hear(view, &group, index, out) == Goes::On);
            if group.is_own(index) {
                self.start(index, out);
            }
        }
        for course in self.courses {
            course.finish(view, &group, out);
        }
    }

    fn start(&mut self, index: usize, out: &mut Vec<Obligation>) {
        let fact = self.group.facts[index];
        let Some(plan) = self.view.versions.at(fact.at) else { return };
        let before = &self.group.facts[..index];
        if fact.event() == Event::RequestReceived
            && before.iter().any(|fact| fact.event() == Event::RequestReceived)
        {
            return;
        }
        for rule in plan.started_by(fact.event()) {
            match &rule.form {
                // Refused or allowed by a guard; owed once a period, by `period`.
                Form::SameAction | Form::Period(_) => {}
                Form::Every(_) => self.start_cadence(plan, rule, index, out),
                Form::Keep(_) => {
                    let keep = Keep::start(self.view, plan, rule, &self.group, index);
                    if let Some(keep) = keep.filter(|keep| self.kept.insert((&rule.duty.id, keep.backup()))) {
                        self.courses.push(Course::Keep(keep));
                    }
                }
                _ => self.start_once(plan, rule, index, out),
            }
        }
    }

    fn start_cadence(
        &mut self,
        plan: &'h Plan,
        rule: &'h Arc<Rule>,
        index: usize,
        out: &mut Vec<Obligation>,
    ) {
        let id = rule.duty.id.as_str();
        if rule.is_watch() {
            let told = watch::silences(self.view, plan, rule, &self.group, index, self.periods(id), out);
            self.watched.push((id, told));
        } else if !self.started.contains(&id) {
            // Further triggers are heard by the cadence that runs.
            self.started.push(id);
            let cadence = Cadence::start(self.view, plan, rule, &self.group, index);
            self.courses.push(Course::Cadence(Box::new(cadence)));
        }
    }

    /// The periods of a watch told so far: an instance may leave and come back.
    fn periods(&self, id: &str) -> u32 {
        let told = self.watched.iter().rev().find(|(known, _)| *known == id);
        told.map_or(0, |(_, told)| *told)
    }

    fn start_once(&mut self, plan: &'h Plan, rule: &'h Arc<Rule>, index: usize, out: &mut Vec<Obligation>) {
        let id = rule.duty.id.as_str();
        // While one is open, a further trigger asks for the same thing.
        let running = |course: &Course<'_>| matches!(course, Course::Once(once) if once.rule().duty.id == id && !once.is_held());
        let said = self.group.said(plan, index);
        if self.courses.iter().any(running) || !rule.starts(&said) || !rule.is_covered(plan, &said) {
            return;
        }
        if let Some(affects) = rule.affects() {
            // A release that is published again is the same release.
            if rule.reaches() && self.started.contains(&id) {
                return;
            }
            let found = fleet::affected(self.view, plan, rule, affects, &self.group, index, out);
            if found != fleet::Found::AsOne {
                self.started.push(id);
                return;
            }
        }
        self.let_go(id, out);
        let number = 1 + self.started.iter().filter(|started| **started == id).count();
        self.started.push(id);
        let once = Once::start(plan, rule, &self.group, index, u32::try_from(number).unwrap_or(u32::MAX));
        // Facts of the same instant are one act, whichever was recorded first.
        let mut course = Course::Once(once);
        let same_instant =
            self.group.facts[..index].partition_point(|fact| fact.at < self.group.facts[index].at);
        for earlier in same_instant..index {
            if course.hear(self.view, &self.group, earlier, out) == Goes::Over {
                return;
            }
        }
        self.courses.push(course);
    }
}

impl<'h> Walk<'h> {
    /// What was cancelled stays so once it is asked for anew.
    fn let_go(&mut self, id: &str, out: &mut Vec<Obligation>) {
        let is_held =
            |course: &Course<'_>| matches!(course, Course::Once(o) if o.rule().duty.id == id && o.is_held());
        while let Some(index) = self.courses.iter().position(is_held) {
            self.courses.remove(index).finish(self.view, &self.group, out);
        }
    }
}

impl<'h> Course<'h> {
    fn hear(&mut self, view: &View<'h>, group: &Group<'h>, index: usize, out: &mut Vec<Obligation>) -> Goes {
        match self {
            Course::Once(once) => once.hear(view, group, index, out),
            Course::Cadence(cadence) => cadence.hear(view, group, index, out),
            Course::Keep(keep) => keep.hear(view, group, index, out),
        }
    }

    fn finish(self, view: &View<'h>, group: &Group<'h>, out: &mut Vec<Obligation>) {
        match self {
            Course::Once(once) => once.finish(view, group, out),
            Course::Cadence(cadence) => cadence.finish(view, group, out),
            Course::Keep(keep) => keep.finish(view, group, out),
        }
    }
}

impl Rule {
    /// Whether the fact at hand sets it off, as the subject's words stand.
    pub(crate) fn starts(&self, said: &Said<'_>) -> bool {
        fits(&self.source.on, said) && self.applies(said)
    }

    /// Whether the rule's own match holds, as the subject's words stand.
    pub(crate) fn applies(&self, said: &Said<'_>) -> bool {
        self.source.r#match.as_ref().is_none_or(|matching| said.fits(matching))
    }

    /// SH-DEF-04: outside the term nothing starts, but for what is owed about the agreement itself or about a statement;
    /// what counts back from a moment starts when that moment lies in the term.
    fn is_covered(&self, plan: &Plan, said: &Said<'_>) -> bool {
        let Some(fact) = said.facts().last() else { return false };
        let instant = match &self.form {
            Form::Before(before) => before.moment.of(&fact.body).unwrap_or(fact.at),
            _ => fact.at,
        };
        let of_the_agreement =
            matches!(fact.event().noun(), Noun::Agreement | Noun::Service | Noun::Statement);
        (of_the_agreement || plan.terms().term().contains(instant)) && has_objective(plan, fact, self)
    }

    /// Whether the fact at `index` meets it: the event, its fields, who acted.
    pub(crate) fn is_met(&self, view: &View<'_>, plan: &Plan, group: &Group<'_>, index: usize) -> bool {
        let fact = group.facts[index];
        let Some(met_by) = self.met_by() else { return false };
        met_by.event == fact.event()
            && met_by.r#match.as_ref().is_none_or(|m| group.said(plan, index).fits(m))
            && view.acted(plan, self, fact)
    }
}

/// MP-SLO-11, A-41: a channel without objectives has none, unless it is agreed in writing or its requests run from their
/// conversion into a ticket, which is the fact's instant.
fn has_objective(plan: &Plan, fact: &Fact, rule: &Rule) -> bool {
    let Body::RequestReceived(request) = &fact.body else { return true };
    let agreement = plan.agreement();
    let Some(channel) = agreement.channel.get(&request.channel) else { return true };
    let agreed =
        || agreement.channels.as_ref().is_some_and(|c| c.agreed_in_writing.contains(&request.channel));
    !rule.is_response() || channel.slo.unwrap_or(true) || channel.clock.is_some() || agreed()
}

/// Whether a trigger is meant by the fact at hand.
pub(crate) fn fits(trigger: &Trigger, said: &Said<'_>) -> bool {
    said.facts().last().is_some_and(|fact| fact.event() == trigger.event) && said.fits(&trigger.matching)
}
