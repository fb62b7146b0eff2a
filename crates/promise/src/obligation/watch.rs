//! Watching: evidence comes in thousands, so what is told is its silences (SH-MON-01, MP-PRO-01).

use std::sync::Arc;

use facts::{Body, Fact, Outcome};
use spans::{Instant, Length, Span, Spans, Timetable};

use super::{
    Obligation, Occurrence, Plan, Rule, State,
    clock::Clock,
    fleet,
    reason::Told,
    walk::{Group, View},
};

/// A watch over one instance.
struct Watch<'t, 'h> {
    view: &'t View<'h>,
    plan: &'h Plan,
    rule: &'h Arc<Rule>,
    group: &'t Group<'h>,
    added: &'h Fact,
    table: &'h Timetable,
    every: Length,
    excused: Spans,
    /// From when it is watched.
    since: Instant,
    /// The number of the last period before that.
    told: u32,
}

/// Every silence longer than the rule allows, as one obligation for each month it lies in, with the number of periods missed
/// in it, and the period that runs now. Time in which the file excuses the provider stands apart. `index` is the fact that added the instance, `told`
/// the number of the last period told before; returned is the number of the last one now.
pub(crate) fn silences<'h>(
    view: &View<'h>,
    plan: &'h Plan,
    rule: &'h Arc<Rule>,
    group: &Group<'h>,
    index: usize,
    told: u32,
    out: &mut Vec<Obligation>,
) -> u32 {
    let added = group.facts[index];
    let said = group.said(plan, index);
    let (Some(watched), Ok(target)) = (watched(plan, group, index), rule.target(plan, &said)) else {
        return told;
    };
    let Some(hours) = plan.terms().hours(target.calendar).filter(|_| watched.start <= view.at) else {
        return told;
    };
    let every = target.amount.length(hours.day);
    if every <= Length::ZERO || !rule.starts(&said) {
        return told;
    }
    let excused = Spans::from_unsorted(view.excusing(rule, &group.subject()));
    let since = watched.start;
    let watch = Watch { view, plan, rule, group, added, table: &hours.table, every, excused, since, told };
    let mut last = watched.start;
    for (first, seen) in evidence(view, group, added, watched) {
        watch.silence(last, first, Some(first), out);
        last = last.max(seen);
    }
    watch.silence(last, watched.end.min(view.at), None, out);
    if view.at < watched.end {
        watch.running(last, out);
    }
    // The last instant of the watch: its end is the first of what comes after.
    watch.number(watched.end.min(view.at) - Length::from_micros(1))
}

/// From when to when the instance is watched: its covered time within the term. Nothing for an instance that was added while
/// it was covered already.
fn watched(plan: &Plan, group: &Group<'_>, index: usize) -> Option<Span> {
    let added = group.facts[..=index].iter().filter_map(|fact| match &fact.body {
        Body::InstanceAdded(added) => Some(fleet::covered(added, group.facts)),
        _ => None,
    });
    let spans: Vec<Span> = added.collect();
    let (span, before) = spans.split_last()?;
    let known = before.iter().any(|earlier| earlier.contains(span.start));
    span.intersect(plan.terms().term()).filter(|_| !known)
}

/// When somebody saw the instance, in order: the first and the last look of stretches without a silence. A void observation says
/// nothing of the service.
fn evidence(view: &View<'_>, group: &Group<'_>, added: &Fact, watched: Span) -> Vec<(Instant, Instant)> {
    let Body::InstanceAdded(added) = &added.body else { return Vec::new() };
    let observed = group.facts.iter().filter_map(|fact| match &fact.body {
        Body::CheckObserved(observed) => Some(&observed.observations),
        _ => None,
    });
    let seen = observed.flatten().filter(|o| o.outcome != Outcome::Void).map(|o| (o.at, o.at));
    let kept = view.history.looks(&added.instance).iter().copied();
    let inside = |(first, last): (Instant, Instant)| {
        let (first, last) = (first.max(watched.start), last.min(view.at));
        (first <= last && first < watched.end).then_some((first, last))
    };
    let mut looks: Vec<(Instant, Instant)> = seen.chain(kept).filter_map(inside).collect();
    looks.sort_unstable();
    looks
}

impl<'h> Watch<'_, 'h> {
    /// The periods missed between two looks, `seen` being the one that ended the silence; cut where an excuse or a month begins
    /// or ends, so that each month's statement counts its own (SH-AVAIL-08).
    fn silence(&self, last: Instant, to: Instant, seen: Option<Instant>, out: &mut Vec<Obligation>) {
        if to - last <= self.every {
            return;
        }
        let Some(silent) = self.due(last, 1).and_then(|first| Span::new(first, to)) else { return };
        let silent = Spans::one(silent);
        let zone = self.plan.agreement().months_in();
        let parts = [silent.subtract(&self.excused), silent.intersect(&self.excused)];
        let months = parts.iter().flat_map(|part| part.cut_by_month(&zone)).map(|(_, spans)| spans);
        let mut pieces: Vec<Span> = months.flat_map(|spans| spans.iter().collect::<Vec<_>>()).collect();
        pieces.sort_by_key(|piece| piece.start);
        for piece in pieces {
            self.piece(last, piece, seen.unwrap_or(piece.end), out);
        }
    }

    /// The periods due in one piece of a silence, as one; an excuse is found by its first due instant.
    fn piece(&self, last: Instant, piece: Span, over: Instant, out: &mut Vec<Obligation>) {
        let (first, end) = (self.due_before(last, piece.start), self.due_before(last, piece.end));
        let count = u32::try_from(end - first).unwrap_or(u32::MAX);
        let Some(since) = self.due(last, first + 1).filter(|_| count > 0) else { return };
        let state = State::Missed { since, late: None };
        let number = self.number(self.due(last, first).unwrap_or(last));
        out.push(self.told((last, since), Occurrence::Periods(number, count), Some(over), state));
    }

    /// The period that runs at the end.
    fn running(&self, last: Instant, out: &mut Vec<Obligation>) {
        let passed = self.due_before(last, self.view.at);
        let from = self.due(last, passed).unwrap_or(last);
        if let Some(due) = self.due(last, passed + 1) {
            out.push(self.told(
                (from, due),
                Occurrence::Nth(self.number(from)),
                None,
                State::Running { due },
            ));
        }
    }

    /// The number of the period that runs `at`, counted from the beginning of the watch: the same however often somebody looked.
    fn number(&self, at: Instant) -> u32 {
        let passed = self.table.measure(self.since, at.max(self.since)).as_micros() / self.every.as_micros();
        self.told.saturating_add(1).saturating_add(u32::try_from(passed).unwrap_or(u32::MAX))
    }

    /// How many periods since `last` were due before `to`.
    fn due_before(&self, last: Instant, to: Instant) -> i64 {
        let whole = self.table.measure(last, to).as_micros() / self.every.as_micros();
        if self.due(last, whole).is_some_and(|due| due < to) { whole } else { (whole - 1).max(0) }
    }

    fn due(&self, last: Instant, periods: i64) -> Option<Instant> {
        self.table.advance(last, self.every * periods).ok()
    }

    fn told(
        &self,
        (from, due): (Instant, Instant),
        occurrence: Occurrence,
        over: Option<Instant>,
        state: State,
    ) -> Obligation {
        let said = self.group.said_last(self.plan);
        let target = self.rule.target(self.plan, &said);
        Told {
            view: self.view,
            plan: self.plan,
            rule: self.rule,
            subject: self.group.subject(),
            instance: None,
            occurrence,
            start: self.added,
            started: from,
            clock: &Clock { from, pauses: Vec::new(), target, due: Ok(due) },
            said: &said,
            changes: &[],
            moment: None,
            act: None,
            over,
            promised: None,
        }
        .obligation(state)
    }
}
