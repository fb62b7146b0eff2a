//! What is owed once for each calendar month of the term, counted from the month's end.

use std::sync::Arc;

use facts::Fact;
use spans::{Instant, Month, Span};

use super::{
    Act, Obligation, Occurrence, Plan, Rule, State,
    plan::Form,
    reason::Told,
    walk::{Group, View},
};
use crate::ticket::Said;

/// Every obligation of this form: one for each month that has ended, under the version in force at the month's first covered
/// instant (SH-AVAIL-08).
pub(crate) fn all(view: &View<'_>, out: &mut Vec<Obligation>) {
    let mut versions = view.versions.iter().peekable();
    while let Some((from, plan)) = versions.next() {
        let until = versions.peek().map_or(Instant::MAX, |(next, _)| *next);
        let rules = plan.rules().iter().filter(|rule| matches!(rule.form, Form::Period(_)));
        for rule in rules {
            months(view, plan, rule, Span { start: from, end: until }, out);
        }
    }
}

fn months<'h>(
    view: &View<'h>,
    plan: &'h Plan,
    rule: &'h Arc<Rule>,
    in_force: Span,
    out: &mut Vec<Obligation>,
) {
    let (term, zone) = (plan.terms().term(), plan.agreement().months_in());
    let starts = view.history.all(rule.source.on.event, view.at);
    let mut month = Month::of(term.start, &zone);
    while month.span(&zone).start < term.end && month.span(&zone).end <= view.at {
        let covered = month.span(&zone).start.max(term.start);
        let start = starts.iter().rev().find(|fact| fact.at <= covered).or_else(|| starts.first());
        if let Some(start) = start.filter(|_| in_force.contains(covered)) {
            out.push(told(view, plan, rule, start, month, month.span(&zone).end));
        }
        month = month.next();
    }
}

fn told<'h>(
    view: &View<'h>,
    plan: &'h Plan,
    rule: &'h Arc<Rule>,
    start: &'h Fact,
    month: Month,
    ended: Instant,
) -> Obligation {
    let facts = [start];
    let group = Group {
        noun: start.event().noun(),
        id: start.body.subject_id(),
        facts: &facts,
        voided: &[],
        agreed: &[],
    };
    let said = Said::after(plan, group.noun, &facts, &[]);
    let clock = rule.clock(plan, &said, ended, &[]);
    let act = met(view, plan, rule, month, ended);
    let state = match (&clock.due, act) {
        (Err(waiting), None) => State::Waiting(waiting.clone()),
        (Ok(due), Some(fact)) if *due < fact.at => State::Missed { since: *due, late: Some(Act::of(fact)) },
        (_, Some(fact)) => State::Met { at: fact.at, by: Some(Act::of(fact)) },
        (Ok(due), None) if *due < view.at => State::Missed { since: *due, late: None },
        (Ok(due), None) => State::Running { due: *due },
    };
    let told = Told {
        view,
        plan,
        rule,
        subject: group.subject(),
        instance: None,
        occurrence: Occurrence::Month(month),
        start,
        started: ended,
        clock: &clock,
        said: &said,
        changes: &[],
        moment: None,
        act,
        over: act.map(|fact| fact.at),
        promised: None,
    };
    told.obligation(state)
}

/// The first act that meets it for this month, after the month's end.
fn met<'h>(view: &View<'h>, plan: &'h Plan, rule: &Rule, month: Month, ended: Instant) -> Option<&'h Fact> {
    let met_by = rule.met_by()?;
    let month = month.to_string();
    let acts = view.history.all(met_by.event, view.at).iter().copied();
    acts.skip_while(|fact| fact.at < ended).find(|fact| {
        let facts = [*fact];
        fact.body.attribute("month").is_some_and(|of| *of == *month)
            && met_by
                .r#match
                .as_ref()
                .is_none_or(|m| Said::after(plan, fact.event().noun(), &facts, &[]).fits(m))
            && view.acted(plan, rule, fact)
    })
}
