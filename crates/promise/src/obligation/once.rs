//! What is owed once after it was set off: so long after it, so long before a moment, or in effect so long after it was asked.

use std::sync::Arc;

use agreement::{ChangeClock, OnChange};
use facts::{Event, Fact};
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
    /// The last fact whose words it is judged by, where it was late before they changed: no change undoes a miss.
    judged_by: Option<usize>,
    held: Option<Held<'h>>,
}

/// Cancelled in time by something that may be undone: a class that is corrected, a ticket that is opened again.
struct Held<'h> {
    by: &'h Fact,
    index: usize,
    /// What would have met it since.
    met: Option<usize>,
}

/// How it ended, if it did.
enum End<'h> {
    Met(&'h Fact),
    Cancelled(&'h Fact),
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
        // Pauses said afterwards count where a pause does at all, once both sides agreed.
        let pauses = match &rule.source.pause {
            Some(pause) if pause.from == Event::RequestPaused => group.agreed.to_vec(),
            _ => Vec::new(),
        };
        let (changes, judged_by, held) = (Vec::new(), None, None);
        Once { plan, rule, start, number, from: start.at, moment, pauses, changes, judged_by, held }
    }

    pub(crate) fn rule(&self) -> &Rule {
        self.rule
    }

    /// Whether it was cancelled and may go on.
    pub(crate) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    pub(crate) fn hear(
        &mut self,
        view: &View<'h>,
        group: &Group<'h>,
        index: usize,
        out: &mut Vec<Obligation>,
    ) -> Goes {
        let fact = group.facts[index];
        if self.held.is_some() {
            return self.hear_held(view, group, index, out);
        }
        let end = if !group.is_own(index) {
            End::Open
        } else if self.rule.is_met(view, self.plan, group, index) || self.is_applied(fact) {
            End::Met(fact)
        } else if self.rule.source.cancel_on.iter().any(|t| fits(t, &group.said(self.plan, index))) {
            if self.may_go_on(group, index) {
                self.held = Some(Held { by: fact, index, met: None });
                return Goes::On;
            }
            End::Cancelled(fact)
        } else {
            self.note(group, index);
            End::Open
        };
        if matches!(end, End::Open) {
            return Goes::On;
        }
        out.push(self.settle(view, group, &self.words(group, Some(index)), end));
        Goes::Over
    }

    pub(crate) fn finish(self, view: &View<'h>, group: &Group<'h>, out: &mut Vec<Obligation>) {
        let (said, end) = match &self.held {
            Some(held) => (self.words(group, Some(held.index)), End::Cancelled(held.by)),
            None => (self.words(group, None), End::Open),
        };
        out.push(self.settle(view, group, &said, end));
    }

    /// The words it is judged by: those in force at the act, with everything said in the same act, or in the end; where
    /// it was late before they changed, those before the change.
    fn words(&self, group: &Group<'h>, act: Option<usize>) -> Said<'h> {
        match (self.judged_by, act) {
            (Some(index), _) => group.said(self.plan, index),
            (None, Some(index)) => group.said_with(self.plan, index),
            (None, None) => group.said_last(self.plan),
        }
    }

    /// SH-REQ-06: a change of contacts may be put into effect before its notice is over.
    fn is_applied(&self, fact: &Fact) -> bool {
        matches!(self.rule.form, Form::EffectiveAfter(_)) && fact.event() == Event::ContactChangeApplied
    }

    /// Whether what cancels it here may be undone: in time, by closing its ticket or by a class. What is late stays so.
    fn may_go_on(&self, group: &Group<'h>, index: usize) -> bool {
        let fact = group.facts[index];
        let undone = closes(fact.event()) || fact.event() == Event::RequestClassified;
        let said = self.words(group, Some(index));
        undone && self.clock(&said).due.map_or(true, |due| fact.at <= due)
    }

    /// While it is cancelled. A ticket that is opened again goes on as if it had never been closed, so that nobody closes one to
    /// win time; only what the other party closed stood still. A class that is corrected was never the class.
    fn hear_held(
        &mut self,
        view: &View<'h>,
        group: &Group<'h>,
        index: usize,
        out: &mut Vec<Obligation>,
    ) -> Goes {
        let (fact, Some(held)) = (group.facts[index], &mut self.held) else { return Goes::On };
        if !group.is_own(index) {
            return Goes::On;
        }
        let said = group.said(self.plan, index);
        if held.met.is_none() && self.rule.is_met(view, self.plan, group, index) {
            held.met = Some(index);
        }
        let by = held.by;
        let goes_on = match fact.event() {
            Event::RequestReopened => closes(by.event()) && !said.is_over(),
            Event::RequestClassified => {
                let cancels = |trigger| fits(trigger, &said);
                by.event() == Event::RequestClassified
                    && self.rule.applies(&said)
                    && !self.rule.source.cancel_on.iter().any(cancels)
            }
            _ => false,
        };
        if !goes_on {
            return Goes::On;
        }
        let met = held.met;
        self.held = None;
        if closes(by.event()) && self.rule.duty.party.side().is_some_and(|side| by.actor.side != side) {
            self.pauses.push(Pause { from: by.at, to: Some(fact.at) });
        }
        let Some(met) = met else { return Goes::On };
        out.push(self.settle(view, group, &self.words(group, Some(index)), End::Met(group.facts[met])));
        Goes::Over
    }

    /// What changes its clock without ending it.
    fn note(&mut self, group: &Group<'h>, index: usize) {
        let fact = group.facts[index];
        let said = group.said(self.plan, index);
        if let Some(pause) = &self.rule.source.pause {
            self.pause(fact, pause.from, pause.to);
        }
        if matches!(fact.event(), Event::RequestReprioritised | Event::RequestClassified) {
            self.judge_before(group, index);
        }
        if self.rule.starts(&said) {
            self.replan(fact);
        } else if let Some(change) = self.rule.source.on_change.as_ref().filter(|c| c.event == fact.event()) {
            self.change(change, group, index);
        }
    }

    /// Misses are judged by event time: what was late when its words changed stays late, whatever the new ones say.
    fn judge_before(&mut self, group: &Group<'h>, index: usize) {
        let (fact, None) = (group.facts[index], self.judged_by) else { return };
        let Some(before) = index.checked_sub(1).filter(|_| !is_voided(group, fact)) else { return };
        if self.clock(&group.said(self.plan, before)).due.is_ok_and(|due| due < fact.at) {
            self.judged_by = Some(before);
        }
    }

    /// From when it was recorded: a pause that is said afterwards needs the other side.
    fn pause(&mut self, fact: &Fact, from: Event, to: Event) {
        let open = self.pauses.iter_mut().find(|pause| pause.to.is_none());
        match open {
            Some(pause) if fact.event() == to => pause.to = Some(fact.at),
            None if fact.event() == from => {
                self.pauses.push(Pause { from: fact.at.max(fact.recorded_at), to: None });
            }
            _ => {}
        }
    }

    /// The moment was moved: what was planned for later is judged by the later plan, unless the moment has passed.
    fn replan(&mut self, fact: &'h Fact) {
        if let (Form::Before(before), Some(moment)) = (&self.rule.form, self.moment)
            && fact.at <= moment
        {
            self.moment = before.moment.of(&fact.body).or(self.moment);
            self.changes.push(fact);
        }
    }

    /// from receipt, with the new amount; or from the change, where the file says so. A target that had already passed
    /// stays missed.
    fn change(&mut self, change: &OnChange, group: &Group<'h>, index: usize) {
        let fact = group.facts[index];
        if is_voided(group, fact) || self.judged_by.is_some() {
            return;
        }
        if change.clock == ChangeClock::FromChange {
            self.from = fact.at;
            self.pauses.clear();
        }
        self.changes.push(fact);
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
            End::Met(fact) | End::Cancelled(fact) => Some(fact.at),
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
                End::Met(fact) | End::Cancelled(fact) => Some(fact),
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
                    End::Cancelled(fact) => cancelled(fact),
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
            End::Cancelled(_) => missed(None),
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

/// Whether it closes a ticket.
fn closes(event: Event) -> bool {
    matches!(event, Event::RequestResolved | Event::RequestWithdrawn | Event::WishLogged)
}

fn is_voided(group: &Group<'_>, fact: &Fact) -> bool {
    group.voided.iter().any(|voided| voided.id == fact.id)
}

fn cancelled(fact: &Fact) -> State {
    State::Cancelled { at: fact.at, because: Because::Happened(fact.event()) }
}
