//! Why a month's availability is what it is.

use facts::CheckId;
use spans::{Instant, Length, Spans};

use super::{Asked, InstanceMonth, Run, signed};
use crate::{
    Why,
    exclusion::Exclusion,
    proof::{Source, proven},
};

/// The most runs that one derivation lists; further ones are summed up. All of them stand in the month itself.
const RUNS_SHOWN_MAX: usize = 100;

/// The verdict, from the uptime and the budget down to runs and facts.
pub(super) fn month<'e>(
    month: &InstanceMonth,
    asked: &Asked<'_>,
    promised: &Why,
    sources: &[Source],
    reasons: impl Iterator<Item = (&'e Exclusion, Spans)>,
) -> Why {
    let why = verdict(month, asked, promised, sources);
    let why = reasons.fold(why, |why, (exclusion, spans)| why.from(excluded(exclusion, &spans)));
    unknown(why, month, asked)
}

/// The verdict of figures, without what excluded or hid any of them, or proved a run.
pub(crate) fn judged(month: &InstanceMonth, asked: &Asked<'_>, promised: &Why) -> Why {
    verdict(month, asked, promised, &[])
}

fn verdict(month: &InstanceMonth, asked: &Asked<'_>, promised: &Why, sources: &[Source]) -> Why {
    let agreement = asked.terms.agreement();
    let tier = month.tier.as_ref().map_or(String::new(), |tier| format!(" on {tier}"));
    let rule = "the kept share, exact and not rounded, is at least the objective";
    Why::new("availability", format!("{}: {}", month.shown(), month.verdict_shown()), rule)
        .under(&asked.availability.clause.ids)
        .read_as(&signed(agreement, &["A-10", "A-32"]))
        .given("instance", &month.instance)
        .given("month", format!("{} in {}", month.month, asked.availability.tz))
        .given("objective", format!("{}{tier}", month.objective))
        .given("agreement", &month.agreement)
        .from(uptime(month, asked, promised, sources))
        .from(budget(month, asked))
}

fn uptime(month: &InstanceMonth, asked: &Asked<'_>, promised: &Why, sources: &[Source]) -> Why {
    let agreement = asked.terms.agreement();
    let rule = "time below the line less counted minutes, over the time below the line; shown rounded down";
    Why::new("uptime", month.shown(), rule)
        .read_as(&signed(agreement, &["A-11"]))
        .from(covered(month, asked, promised))
        .from(counted(month, asked, sources))
}

fn covered(month: &InstanceMonth, asked: &Asked<'_>, promised: &Why) -> Why {
    let mut why = promised.clone();
    why.value = month.covered.to_string();
    why.readings.extend(signed(asked.terms.agreement(), &["A-12"]).into_iter().map(Into::into));
    why = why.given("month", asked.period);
    let states =
        [("up", month.up), ("down", month.down), ("excluded", month.excluded), ("unknown", month.unknown)];
    let why = states.into_iter().fold(why, |why, (state, length)| why.given(state, length));
    if month.ahead.is_zero() { why } else { why.given("still to come", month.ahead) }
}

fn counted(month: &InstanceMonth, asked: &Asked<'_>, sources: &[Source]) -> Why {
    let rule = "the whole minutes of each unbroken run of downtime that begin in the month";
    let why = Why::new("counted minutes", month.counted, rule)
        .under(&asked.availability.down.clause.ids)
        .read_as(&signed(asked.terms.agreement(), &["A-13", "A-14"]));
    let why = month.runs.iter().take(RUNS_SHOWN_MAX).fold(why, |why, run| told(why, run, sources));
    let more = month.runs.get(RUNS_SHOWN_MAX..).unwrap_or_default();
    if more.is_empty() {
        return why;
    }
    let minutes: i64 = more.iter().map(|run| run.counted).sum();
    why.given(format!("{} more runs", more.len()), format!("{minutes} counted"))
}

/// A run that counts, down to the facts that prove it; of one that is only seen, or whose facts are not at hand, its length.
fn told(why: Why, run: &Run, sources: &[Source]) -> Why {
    let rule = "down from a failing result to the next good one";
    let proven = proven(Why::new(run.span.to_string(), said(run), rule), run.span, sources);
    match proven.inputs.is_empty() || run.is_seen_only() {
        true => why.given(run.span.to_string(), said(run)),
        false => why.from(proven),
    }
}

fn said(run: &Run) -> String {
    let length = run.span.length();
    match () {
        () if run.is_seen_only() => format!("{length}, seen, not counted"),
        () if run.counted < run.minutes => {
            format!("{length}, {} counted, {} of them in this month", run.minutes, run.counted)
        }
        () => format!("{length}, {} counted", run.counted),
    }
}

fn budget(month: &InstanceMonth, asked: &Asked<'_>) -> Why {
    let whole = asked.below_the_line(month.covered + month.ahead);
    let rule =
        "the whole minutes that may count before the share falls below the objective, less those that did";
    Why::new("budget left", format!("{} of {} minutes", month.budget.left, month.budget.allowed), rule)
        .given("time below the line in the whole month", whole)
        .given("counted minutes", month.counted)
}

fn excluded(exclusion: &Exclusion, spans: &Spans) -> Why {
    let mut why = exclusion.why.clone();
    why.value = format!("{} of {}: {}", spans.total(), exclusion.record, exclusion.standing.text());
    let mut times: Vec<String> = spans.iter().take(RUNS_SHOWN_MAX).map(|span| span.to_string()).collect();
    if spans.len() > RUNS_SHOWN_MAX {
        times.push(format!("and {} more", spans.len() - RUNS_SHOWN_MAX));
    }
    why.given("downtime it is about", times.join(", "))
}

fn unknown(why: Why, month: &InstanceMonth, asked: &Asked<'_>) -> Why {
    if month.unknown == Length::ZERO {
        return why;
    }
    let percent = |fraction: super::Fraction| fraction.percent(month.decimals);
    let probe = asked.terms.agreement().probe.as_ref();
    let rule = "nobody looked: counted neither as up nor as down";
    let unknown = Why::new("unknown", month.unknown, rule)
        .under(probe.map_or(&[], |probe| &probe.clause.ids))
        .read_as(&signed(asked.terms.agreement(), &["A-14"]))
        .given("stretches", month.unknown_spans.len())
        .given("coverage", month.coverage.map_or_else(String::new, percent))
        .given("uptime if all of it was up", month.uptime.map_or_else(String::new, percent))
        .given("uptime if all of it was down", month.uptime_at_worst.map_or_else(String::new, percent));
    why.from(unknown)
}

/// Checks that were withdrawn before the end of the month: nothing is known by them from then on.
pub(super) fn withdrawn(why: Why, withdrawn: &[(CheckId, Instant)], until: Instant) -> Why {
    let before = withdrawn.iter().filter(|(_, at)| *at < until);
    before.fold(why, |why, (check, at)| {
        why.given("withdrawn check", format!("{check}, no evidence from {at} on"))
    })
}
