//! What is owed once after it was set off: so long after it, so long before a moment, or in effect so long after it was asked.

use std::sync::Arc;

use agreement::{ChangeClock, OnChange};
use facts::Fact;
use spans::{Instant, clock::Pause};

use super::{
    Act, Because, Obligation, Occurrence, Plan, Rule, State, Waiting,
    clock::Clock,
    plan::Form,
    reason::Told,
    walk::{Goes, Group, View, fits},
};
use crate::ticket::Said;

/// Something started that is not over.
pub(crate) struct Once<'h> {
    plan: &'h Plan,
    rule: &'h Arc<Rule>,
    start: &'h Fact,
    number: u32,
    /// From when its clock runs: the start, or a change that restarts it.
    from: Instant,
    /// The moment it counts back from, as last said.
    moment: Option<Instant>,
    pauses: Vec<Pause>,
    /// The facts that moved its target.
    changes: Vec<&'h Fact>,
}

/// How it ended, if it did.
enum End<'h> {
    Met(&'h Fact),
    Cancelled(&'h Fact),
    Missed(&'h Fact),
    Open,
}

impl<'h> Once<'h> {
    pub(crate) fn start(
        plan: &'h Plan,
        rule: &'h Arc<Rule>,
        group: &Group<'h>,
        index: usize,
        number: u32,
    ) -> Once<'h> {
        let start = group.facts[index];
        let moment = match &rule.form {
            Form::Before(before) => before.moment.of(&start.body),
            _ => None,
        };
        Once { plan, rule, start, number, from: start.at, moment, pauses: Vec::new(), changes: Vec::new() }
    }

    pub(crate) fn rule(&self) -> &Rule {
        self.rule
    }

    pub(crate) fn hear(
        &mut self,
        view: &View<'h>,
        group: &Group<'h>,
        index: usize,
        out: &mut Vec<Obligation>,
    ) -> Goes {
        let fact = group.facts[index];
        let end = if !group.is_own(index) {
            End::Open
        } else if self.rule.is_met(view, self.plan, group, index) {
            End::Met(fact)
        } else if self.rule.source.cancel_on.iter().any(|t| fits(t, &group.said(self.plan, index))) {
            End::Cancelled(fact)
        } else {
            self.note(group, index)
        };
        if matches!(end, End::Open) {
            return Goes::On;
        }
        // Judged by the words in force at the act, with everything said in the same act; what a change found missed
        // already, by those before it.
        let said = match end {
            End::Missed(_) => group.said(self.plan, index.saturating_sub(1)),
            _ => group.said_with(self.plan, index),
        };
        out.push(self.settle(view, group, &said, end));
        Goes::Over
    }

    pub(crate) fn finish(self, view: &View<'h>, group: &Group<'h>, out: &mut Vec<Obligation>) {
        out.push(self.settle(view, group, &group.said_last(self.plan), End::Open));
    }

    /// What changes its clock without ending it.
    fn note(&mut self, group: &Group<'h>, index: usize) -> End<'h> {
        let fact = group.facts[index];
        let said = group.said(self.plan, index);
        if let Some(pause) = &self.rule.source.pause {
            self.pause(fact, pause.from, pause.to);
        }
        if self.rule.starts(&said) {
            return self.replan(fact);
        }
        match &self.rule.source.on_change {
            Some(change) if change.event == fact.event() => self.change(change, group, index),
            _ => End::Open,
        }
    }

    fn pause(&mut self, fact: &Fact, from: facts::Event, to: facts::Event) {
        let open = self.pauses.iter_mut().find(|pause| pause.to.is_none());
        match open {
            Some(pause) if fact.event() == to => pause.to = Some(fact.at),
            None if fact.event() == from => self.pauses.push(Pause { from: fact.at, to: None }),
            _ => {}
        }
    }

    /// The moment was moved: what was planned for later is judged by the later plan, unless the moment has passed.
    fn replan(&mut self, fact: &'h Fact) -> End<'h> {
        if let (Form::Before(before), Some(moment)) = (&self.rule.form, self.moment)
            && fact.at <= moment
        {
            self.moment = before.moment.of(&fact.body).or(self.moment);
            self.changes.push(fact);
        }
        End::Open
    }

    /// from receipt, with the new amount; or from the change, where the file says so. Then a target that had already
    /// passed stays missed.
    fn change(&mut self, change: &OnChange, group: &Group<'h>, index: usize) -> End<'h> {
        let fact = group.facts[index];
        if group.voided.iter().any(|voided| voided.id == fact.id) {
            return End::Open;
        }
        if change.clock == ChangeClock::FromChange {
            let before = index.checked_sub(1).map(|index| group.said(self.plan, index));
            if before.is_some_and(|said| self.clock(&said).due.is_ok_and(|due| due < fact.at)) {
                return End::Missed(fact);
            }
            self.from = fact.at;
            self.pauses.clear();
        }
        self.changes.push(fact);
        End::Open
    }

    fn clock(&self, said: &Said<'h>) -> Clock<'h> {
        let mut clock = self.rule.clock(self.plan, said, self.from, &self.pauses);
        if let Form::Before(before) = &self.rule.form {
            let hours = self.plan.terms().hours(self.rule.calendar(self.plan, said));
            let due = hours.zip(self.moment).map(|(hours, moment)| {
                hours.table.retreat(moment, before.by.length(hours.day)).map_err(|_| Waiting::NeverFilled)
            });
            clock.due = due.unwrap_or(Err(Waiting::Unset));
        }
        if self.is_immediate(said) {
            clock.due = Ok(self.from);
        }
        clock
    }

    /// what takes effect at once.
    fn is_immediate(&self, said: &Said<'h>) -> bool {
        matches!(self.rule.form, Form::EffectiveAfter(_))
            && self.rule.source.immediate.as_ref().is_some_and(|matching| said.fits(matching))
    }

    fn settle(&self, view: &View<'h>, group: &Group<'h>, said: &Said<'h>, end: End<'h>) -> Obligation {
        let clock = self.clock(said);
        let over = match &end {
            End::Met(fact) | End::Cancelled(fact) | End::Missed(fact) => Some(fact.at),
            End::Open => None,
        };
        let state = self.state(view, &clock, &end);
        let told = Told {
            view,
            plan: self.plan,
            rule: self.rule,
            subject: group.subject(),
            instance: None,
            occurrence: Occurrence::Nth(self.number),
            start: self.start,
            started: self.start.at,
            clock: &clock,
            said,
            changes: &self.changes,
            moment: self.moment,
            act: match end {
                End::Met(fact) | End::Cancelled(fact) | End::Missed(fact) => Some(fact),
                End::Open => None,
            },
            over,
            promised: None,
        };
        told.obligation(state)
    }

    fn state(&self, view: &View<'h>, clock: &Clock<'h>, end: &End<'h>) -> State {
        let due = match &clock.due {
            Ok(due) => *due,
            Err(waiting) => {
                return match end {
                    End::Met(fact) => State::Met { at: fact.at, by: Some(Act::of(fact)) },
                    End::Cancelled(fact) | End::Missed(fact) => cancelled(fact),
                    End::Open => State::Waiting(waiting.clone()),
                };
            }
        };
        let missed = |late| State::Missed { since: due.max(self.start.at), late };
        match end {
            End::Met(fact) if fact.at <= due => State::Met { at: fact.at, by: Some(Act::of(fact)) },
            End::Met(_) if self.rule.forfeits() => State::Forfeited { at: due },
            End::Met(fact) => missed(Some(Act::of(fact))),
            End::Cancelled(fact) if fact.at <= due => cancelled(fact),
            End::Cancelled(_) | End::Missed(_) => missed(None),
            End::Open => self.open(view, due),
        }
    }

    fn open(&self, view: &View<'h>, due: Instant) -> State {
        if matches!(self.rule.form, Form::EffectiveAfter(_)) && due <= view.at {
            return State::Met { at: due, by: None };
        }
        let term_end = self.plan.terms().term().end;
        if self.rule.source.at_term_end.is_some() && term_end <= view.at && term_end <= due {
            return State::Waiting(Waiting::OpenItem);
        }
        match view.at <= due {
            true => State::Running { due },
            false if self.rule.forfeits() => State::Forfeited { at: due },
            false => State::Missed { since: due.max(self.start.at), late: None },
        }
    }
}

fn cancelled(fact: &Fact) -> State {
    State::Cancelled { at: fact.at, because: Because::Happened(fact.event()) }
}
