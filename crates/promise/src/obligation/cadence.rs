//! What is owed again and again: updates, backups, nudges.
//!
//! A period runs from the last act that met it. When it passes without one it is missed, once, and the next period runs from
//! its due instant; so a long silence is as many misses as periods. A promised time in a public message replaces the cadence
//! for one step (MP-UPD-04, A-46).

use std::sync::Arc;

use agreement::Trigger;
use facts::{Body, Event, Fact, Noun, Side};
use spans::{Instant, Length, Month, clock::Pause};

use super::{
    Act, Because, Obligation, Occurrence, Plan, Rule, State,
    clock::{Clock, keyed},
    reason::Told,
    walk::{Goes, Group, View, fits},
};
use crate::ticket::Said;

/// The most misses of one silence that are told one by one; what follows is told as one for each month, with its count.
pub(crate) const SILENCE_MAX: u32 = 1_000;

/// How far ahead an update may be promised where the agreement gives no limit: a silence of a month is none that was agreed on.
pub const PROMISE_MAX: Length = Length::from_hours(30 * 24);

/// A cadence about one subject, running or not.
pub(crate) struct Cadence<'h> {
    plan: &'h Plan,
    rule: &'h Arc<Rule>,
    step: Option<Step<'h>>,
    /// Whether it was set off once: a change of words or a reopening may then start it again.
    primed: bool,
    number: u32,
    /// The first instant at which nothing is owed any more.
    horizon: Instant,
    /// The period that closing the ticket cut off, when that was and who did it.
    cut: Option<(Step<'h>, Instant, Side)>,
}

/// The period that runs.
#[derive(Clone, Copy)]
struct Step<'h> {
    /// The fact it counts from.
    since: &'h Fact,
    from: Instant,
    /// The message that promised its end.
    promised: Option<(Instant, &'h Fact)>,
    /// While the ticket was closed by those who opened it again.
    closed: Option<Pause>,
}

impl<'h> Cadence<'h> {
    /// With the fact that first could set it off.
    pub(crate) fn start(
        view: &View<'h>,
        plan: &'h Plan,
        rule: &'h Arc<Rule>,
        group: &Group<'h>,
        index: usize,
    ) -> Cadence<'h> {
        let horizon = plan.terms().term().end;
        let mut cadence = Cadence { plan, rule, step: None, primed: false, number: 1, horizon, cut: None };
        cadence.begin(view, group, index);
        cadence
    }

    pub(crate) fn hear(
        &mut self,
        view: &View<'h>,
        group: &Group<'h>,
        index: usize,
        out: &mut Vec<Obligation>,
    ) -> Goes {
        let fact = group.facts[index];
        if !group.is_own(index) {
            return Goes::On;
        }
        let said = group.said(self.plan, index);
        // An instance ends at the instant that the fact names.
        let is_ending = match &fact.body {
            Body::InstanceEnded(ended) if self.ends(&said) => {
                self.horizon = self.horizon.min(ended.until);
                true
            }
            _ => false,
        };
        if self.step.is_some() && self.horizon <= fact.at {
            self.stop(view, group, &said, Because::Ended, self.horizon, out);
        }
        match self.step {
            None => self.begin(view, group, index),
            Some(step) if fact.at < step.from => {}
            Some(_) => {
                if self.rule.is_met(view, self.plan, group, index) {
                    self.tick(view, group, index, out);
                }
                if !is_ending && (self.ends(&said) || closes(&said)) {
                    self.stop(view, group, &said, Because::Happened(fact.event()), fact.at, out);
                } else if !self.rule.applies(&said) {
                    self.stop(view, group, &said, Because::NoLongerApplies, fact.at, out);
                }
            }
        }
        Goes::On
    }

    pub(crate) fn finish(mut self, view: &View<'h>, group: &Group<'h>, out: &mut Vec<Obligation>) {
        let said = group.said_last(self.plan);
        if self.step.is_some() && self.horizon <= view.at {
            return self.stop(view, group, &said, Because::Ended, self.horizon, out);
        }
        self.elapse(view, group, &said, view.at, None, out);
        let Some(step) = self.step else { return };
        let clock = self.clock(&said, step);
        let state = match &clock.due {
            Ok(due) => State::Running { due: *due },
            Err(waiting) => State::Waiting(waiting.clone()),
        };
        out.push(self.told(view, group, &said, step, &clock, None, None).obligation(state));
    }

    fn ends(&self, said: &Said<'h>) -> bool {
        self.rule.source.until.iter().chain(&self.rule.source.cancel_on).any(|t: &Trigger| fits(t, said))
    }

    /// Starts a period with the fact at hand, where the rule means it: the event that sets it off, by whoever may meet it;
    /// later on also what makes it apply again.
    fn begin(&mut self, view: &View<'h>, group: &Group<'h>, index: usize) {
        let (fact, said) = (group.facts[index], group.said(self.plan, index));
        let rule = self.rule;
        // SH-DEF-04: an instance may be added before the term and is covered from its start; anything else starts inside it.
        let in_term = fact.event() == Event::InstanceAdded || self.plan.terms().term().contains(fact.at);
        let same_act = rule.met_by().is_some_and(|met_by| met_by.event == rule.source.on.event);
        // a cadence of replies begins with the first response, so with whoever may give one.
        let starter = rule.source.on_actor.or_else(|| rule.met_by().filter(|_| same_act)?.actor);
        let set_off =
            in_term && fits(&rule.source.on, &said) && view.acted_as(self.plan, rule, starter, fact);
        self.primed |= set_off;
        let again = self.primed
            && matches!(
                fact.event(),
                Event::RequestReprioritised | Event::RequestClassified | Event::RequestReopened
            );
        if !(set_off || again) || !rule.applies(&said) || is_over(&said) {
            return;
        }
        if fact.event() == Event::RequestReopened
            && let Some((step, at, by)) = self.cut.take()
            && by == fact.actor.side
        {
            // Who closes and reopens wins no time by it: the period goes on with what was left of it.
            let promised = step.promised.filter(|(promised, _)| fact.at < *promised);
            let closed = Some(Pause { from: at, to: Some(fact.at) });
            self.step = Some(Step { promised, closed, ..step });
            return;
        }
        let from = self.covered_from(fact);
        if from <= view.at && from < self.horizon {
            let promised = self.promise(fact, &said);
            self.step = Some(Step { since: fact, from, promised, closed: None });
        }
    }

    /// An instance is covered from the instant its fact names, within the term (SH-DEF-04).
    fn covered_from(&mut self, fact: &Fact) -> Instant {
        let at = match &fact.body {
            Body::InstanceAdded(added) => {
                let term_end = self.plan.terms().term().end;
                self.horizon = added.until.map_or(term_end, |until| term_end.min(until));
                added.from
            }
            _ => fact.at,
        };
        at.max(self.plan.terms().term().start)
    }

    /// MP-UPD-04, A-46: the promised time of a public message, as far ahead as the file lets it be.
    fn promise(&self, fact: &'h Fact, said: &Said<'h>) -> Option<(Instant, &'h Fact)> {
        let Body::RequestReplied(reply) = &fact.body else { return None };
        let promised = reply.next_update_by.filter(|promised| fact.at < *promised)?;
        self.plan.agreement().cadence.as_ref()?;
        Some((promised.min(latest_promise(self.plan, said, fact.at)), fact))
    }

    fn clock(&self, said: &Said<'h>, step: Step<'h>) -> Clock<'h> {
        let mut clock = self.rule.clock(self.plan, said, step.from, step.closed.as_slice());
        if let Some((promised, _)) = step.promised {
            clock.due = Ok(promised);
        }
        clock
    }

    /// An act that meets the period which runs then, and starts the next.
    fn tick(&mut self, view: &View<'h>, group: &Group<'h>, index: usize, out: &mut Vec<Obligation>) {
        let (fact, said) = (group.facts[index], group.said(self.plan, index));
        self.elapse(view, group, &said, fact.at, Some(fact), out);
        let Some(step) = self.step else { return };
        let clock = self.clock(&said, step);
        let state = State::Met { at: fact.at, by: Some(Act::of(fact)) };
        out.push(self.told(view, group, &said, step, &clock, Some(fact), Some(fact.at)).obligation(state));
        self.number += 1;
        let promised = self.promise(fact, &said);
        self.step = Some(Step { since: fact, from: fact.at, promised, closed: None });
    }

    /// Misses of the periods that passed before `to` without an act; `late` is the act that ended the silence.
    fn elapse(
        &mut self,
        view: &View<'h>,
        group: &Group<'h>,
        said: &Said<'h>,
        to: Instant,
        late: Option<&'h Fact>,
        out: &mut Vec<Obligation>,
    ) {
        let mut told = 0;
        while let Some(step) = self.step {
            let clock = self.clock(said, step);
            let due = match &clock.due {
                Ok(due) if *due < to.min(self.horizon) => *due,
                _ => return,
            };
            let (periods, last_due) = match told < SILENCE_MAX {
                true => (1, due),
                false => self.rest(&clock, to.min(self.horizon).min(self.month_end(due)), due),
            };
            let state = State::Missed { since: due, late: late.map(Act::of) };
            let mut missed = self.told(view, group, said, step, &clock, late, Some(due));
            if periods > 1 {
                missed.occurrence = Occurrence::Periods(self.number, periods);
            }
            out.push(missed.obligation(state));
            told += 1;
            self.number = self.number.saturating_add(periods);
            self.step = Some(Step { from: last_due, promised: None, ..step });
        }
    }

    /// The end of the agreement's month in which a period is due: a statement counts those of its own month.
    fn month_end(&self, due: Instant) -> Instant {
        let zone = self.plan.agreement().months_in();
        Month::of(due, &zone).span(&zone).end
    }

    /// How many periods of a silence pass before `to`, counted from the one due at `due`, and when the last of them was due.
    fn rest(&self, clock: &Clock<'h>, to: Instant, due: Instant) -> (u32, Instant) {
        let one = (1, due);
        let Ok(target) = &clock.target else { return one };
        let Some(hours) = self.plan.terms().hours(target.calendar) else { return one };
        let length = target.amount.length(hours.day);
        let more = hours.table.measure(due, to).as_micros() / length.as_micros().max(1);
        let at = |more: i64| hours.table.advance(due, length * more).unwrap_or(due);
        let more = if at(more) < to { more } else { (more - 1).max(0) };
        (u32::try_from(more).unwrap_or(u32::MAX).saturating_add(1), at(more))
    }

    fn stop(
        &mut self,
        view: &View<'h>,
        group: &Group<'h>,
        said: &Said<'h>,
        because: Because,
        at: Instant,
        out: &mut Vec<Obligation>,
    ) {
        self.elapse(view, group, said, at, None, out);
        let Some(step) = self.step.take() else { return };
        let clock = self.clock(said, step);
        let by = group.facts.iter().rev().find(|fact| fact.at == at).copied();
        self.cut = by.filter(|_| said.is_over()).map(|fact| (step, at, fact.actor.side));
        let state = State::Cancelled { at, because };
        out.push(self.told(view, group, said, step, &clock, by, Some(at)).obligation(state));
        self.number += 1;
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one obligation, each named where it is given"
    )]
    fn told<'t>(
        &self,
        view: &'t View<'h>,
        group: &Group<'h>,
        said: &'t Said<'h>,
        step: Step<'h>,
        clock: &'t Clock<'h>,
        act: Option<&'h Fact>,
        over: Option<Instant>,
    ) -> Told<'t, 'h> {
        Told {
            view,
            plan: self.plan,
            rule: self.rule,
            subject: group.subject(),
            instance: None,
            occurrence: Occurrence::Nth(self.number),
            start: step.since,
            started: step.from,
            clock,
            said,
            changes: &[],
            moment: None,
            act,
            over,
            promised: step.promised.map(|(_, fact)| fact),
        }
    }
}

/// The latest time that a message of that instant may promise; [`PROMISE_MAX`] ahead where the file sets none for the
/// urgency.
pub(crate) fn latest_promise(plan: &Plan, said: &Said<'_>, at: Instant) -> Instant {
    let max = plan.agreement().cadence.as_ref().and_then(|cadence| cadence.max.as_ref());
    let urgency = said.word("urgency");
    let words = urgency.as_deref().into_iter();
    let amount = max.and_then(|max| match max {
        agreement::Keyed::One(amount) => Some(amount),
        by => by.of(words).or_else(|| keyed(by, plan, said)),
    });
    at + amount.map_or(PROMISE_MAX, |amount| amount.length(Length::DAY))
}

/// A ticket that is over is owed nothing more; a merged one is, where it goes on.
fn is_over(said: &Said<'_>) -> bool {
    said.facts().last().is_some_and(|fact| fact.event().noun() == Noun::Ticket) && said.is_over()
}

/// Whether the fact at hand closes its ticket.
fn closes(said: &Said<'_>) -> bool {
    said.facts().last().is_some_and(|fact| fact.event() == Event::WishLogged)
}
