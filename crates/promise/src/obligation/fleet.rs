//! Releases, fixes and vulnerabilities: which instances they concern, and what brings each of them up to date.

use std::sync::Arc;

use agreement::{Affects, Reaches};
use facts::{Body, Event, Fact, InstanceAdded, InstanceId, Version};
use spans::{Instant, Span};

use super::{
    Act, Because, Obligation, Occurrence, Plan, Rule, State, Waiting,
    clock::Clock,
    reason::Told,
    walk::{Group, View},
};
use crate::{history::Sighting, ticket::Said};

/// How something concerns the instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// No instance.
    Nobody,
    /// Each concerned instance by itself; they were told.
    Each,
    /// All of them together, as one obligation.
    AsOne,
}

/// What was released or published.
struct News<'h> {
    software: &'h str,
    version: Option<&'h Version>,
    fact: &'h Fact,
}

/// One instance that it concerns.
struct Concerned<'h> {
    id: &'h InstanceId,
    covered: Span,
    /// What was seen running, in order.
    seen: &'h [Sighting<'h>],
}

impl Rule {
    /// Whom it concerns, where the rule asks.
    pub(crate) fn affects(&self) -> Option<Affects> {
        self.source.on.matching.affects.or_else(|| self.source.r#match.as_ref()?.affects)
    }

    /// Whether each instance must reach the named version.
    pub(crate) fn reaches(&self) -> bool {
        self.met_by().is_some_and(|met_by| met_by.reaches == Some(Reaches::NamedVersion))
    }
}

/// The instances that the fact at `index` concerns. Where each must reach the named version, each has an obligation of its
/// own, which is told here: met by that version or a newer one, closed by a newer release or when the instance leaves.
pub(crate) fn affected<'h>(
    view: &View<'h>,
    plan: &'h Plan,
    rule: &'h Arc<Rule>,
    affects: Affects,
    group: &Group<'h>,
    index: usize,
    out: &mut Vec<Obligation>,
) -> Found {
    let Some(news) = news(group.facts[index]) else { return Found::Nobody };
    let concerned = concerned(view, &news, affects);
    if concerned.is_empty() {
        return Found::Nobody;
    }
    if !rule.reaches() {
        return Found::AsOne;
    }
    let said = group.said(plan, index);
    let clock = rule.clock(plan, &said, news.fact.at, &[]);
    let superseded = superseded(view, plan, rule, &news);
    for instance in concerned {
        out.push(told(view, plan, rule, group, &said, &clock, &news, &instance, superseded));
    }
    Found::Each
}

fn news(fact: &Fact) -> Option<News<'_>> {
    let (software, version) = match &fact.body {
        Body::ReleasePublished(release) => (&release.software, Some(&release.version)),
        Body::FixReleased(fix) => (&fix.software, Some(&fix.version)),
        Body::CvePublished(cve) => (&cve.software, None),
        _ => return None,
    };
    Some(News { software, version, fact })
}

/// The instances covered at that instant that run the software; of a release or fix, those not known to run it already.
fn concerned<'h>(view: &View<'h>, news: &News<'h>, affects: Affects) -> Vec<Concerned<'h>> {
    let ended = view.history.all(Event::InstanceEnded, view.at);
    let mut found: Vec<Concerned<'h>> = Vec::new();
    for fact in view.history.all(Event::InstanceAdded, view.at) {
        let Body::InstanceAdded(added) = &fact.body else { continue };
        let covered = covered(added, ended);
        let seen = view.history.sightings(news.software, &added.instance);
        let seen = &seen[..seen.partition_point(|s| s.fact.at <= view.at)];
        let declared = added.software.as_deref() == Some(news.software);
        let known = declared || seen.first().is_some_and(|s| s.fact.at <= news.fact.at);
        let instance = Concerned { id: &added.instance, covered, seen };
        let meant = affects == Affects::DeployedSoftware || instance.is_behind(news);
        if known
            && meant
            && covered.contains(news.fact.at)
            && !found.iter().any(|other| other.id == instance.id)
        {
            found.push(instance);
        }
    }
    found
}

/// From when to when an instance is covered, as the facts that end instances say.
pub(crate) fn covered(added: &InstanceAdded, facts: &[&Fact]) -> Span {
    let ended = facts.iter().filter_map(|fact| match &fact.body {
        Body::InstanceEnded(ended) if ended.instance == added.instance => Some(ended.until),
        _ => None,
    });
    // One that left and came back is not ended by its leaving.
    let end = ended.filter(|until| added.from < *until).chain(added.until).min();
    Span { start: added.from, end: end.unwrap_or(Instant::MAX) }
}

impl<'h> Concerned<'h> {
    /// Whether it ran an older version when the news came: the last seen one; where none had been seen, the first seen since.
    /// One that nobody has seen yet may be behind.
    fn is_behind(&self, news: &News<'_>) -> bool {
        let last = self.seen.iter().rev().find(|s| s.fact.at <= news.fact.at);
        let known = last.or_else(|| self.seen.first());
        match (known, news.version) {
            (Some(sighting), Some(version)) => sighting.version < version,
            _ => true,
        }
    }

    fn reached(&self, news: &News<'_>) -> Option<&'h Fact> {
        let version = news.version?;
        let mut since = self.seen.iter().filter(|s| news.fact.at < s.fact.at);
        since.find(|s| *version <= *s.version).map(|s| s.fact)
    }
}

/// SH-MAINT-02: the first newer release of the same software that the rule means, if the rule lets it take this one's place.
fn superseded<'h>(view: &View<'h>, plan: &'h Plan, rule: &Rule, news: &News<'h>) -> Option<&'h Fact> {
    let event = rule.source.superseded_by?;
    let mut later = view.history.all(event, view.at).iter().copied().skip_while(|f| f.at <= news.fact.at);
    later.find(|fact| {
        let other = self::news(fact).filter(|other| other.software == news.software);
        other.is_some_and(|other| other.version > news.version)
            && rule.starts(&Said::after(plan, fact.event().noun(), std::slice::from_ref(fact), &[]))
    })
}

#[expect(clippy::too_many_arguments, reason = "the parts of one obligation, each named where it is given")]
fn told<'h>(
    view: &View<'h>,
    plan: &'h Plan,
    rule: &'h Arc<Rule>,
    group: &Group<'h>,
    said: &Said<'h>,
    clock: &Clock<'h>,
    news: &News<'h>,
    instance: &Concerned<'h>,
    superseded: Option<&'h Fact>,
) -> Obligation {
    let reached = instance.reached(news);
    let ended = (instance.covered.end <= view.at).then_some(instance.covered.end);
    let left = superseded.map(|fact| fact.at).into_iter().chain(ended).min();
    let state = state(view, clock, instance, reached, left, superseded);
    let act = match &state {
        State::Met { .. } | State::Missed { late: Some(_), .. } => reached,
        State::Cancelled { because: Because::Superseded, .. } => superseded,
        _ => None,
    };
    let over = act.map(|fact| fact.at).or(left.filter(|_| matches!(state, State::Cancelled { .. })));
    Told {
        view,
        plan,
        rule,
        subject: group.subject(),
        instance: Some(instance.id.clone()),
        occurrence: Occurrence::Nth(1),
        start: news.fact,
        started: news.fact.at,
        clock,
        said,
        changes: &[],
        moment: None,
        act,
        over,
        promised: None,
    }
    .obligation(state)
}

fn state(
    view: &View<'_>,
    clock: &Clock<'_>,
    instance: &Concerned<'_>,
    reached: Option<&Fact>,
    left: Option<Instant>,
    superseded: Option<&Fact>,
) -> State {
    let due = clock.due.as_ref().ok().copied().unwrap_or(Instant::MAX);
    let reached = reached.filter(|fact| left.is_none_or(|left| fact.at <= left || due < left));
    if let Some(fact) = reached {
        let act = Act::of(fact);
        return if fact.at <= due {
            State::Met { at: fact.at, by: Some(act) }
        } else {
            State::Missed { since: due, late: Some(act) }
        };
    }
    if let Some(at) = left.filter(|left| *left <= due) {
        let by_release = superseded.is_some_and(|fact| fact.at == at);
        return State::Cancelled {
            at,
            because: if by_release { Because::Superseded } else { Because::Ended },
        };
    }
    if instance.seen.is_empty() {
        return State::Waiting(Waiting::VersionUnseen);
    }
    match (&clock.due, view.at <= due) {
        (Err(waiting), _) => State::Waiting(waiting.clone()),
        (_, true) => State::Running { due },
        (_, false) => State::Missed { since: due, late: None },
    }
}
