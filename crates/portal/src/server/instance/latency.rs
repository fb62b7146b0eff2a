//! How fast an instance answered over a day, a month, a quarter or a year: p50, p90 and p99 of each step, from the sketches of its hours,
//! for one check, from one vantage point or from all of them together. A step in which nobody got a good answer is a gap.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use control::live::Book;
use desk::policy::Action;
use facts::{CheckId, ClientId, InstanceId, Pace, Sketch, VantageId};
use journal::latency::{Hour, ROWS_MAX};
use serde::Deserialize;
use spans::{Instant, Length, Span};

use super::plot::{self, PERCENTILES, Plot};
use crate::server::{
    App, Problem, Route, Section, Shell,
    moment::{clock, encode, minute, path, stamp, zone},
    page,
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/clients/{client}/instances/{instance}/latency", Action::ReadInstances, show)]
}

/// How far back a page looks, and in which steps. Days are those of UTC, as on statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
enum Over {
    #[default]
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "30d")]
    Month,
    #[serde(rename = "90d")]
    Quarter,
    #[serde(rename = "1y")]
    Year,
}

impl Over {
    const ALL: [Over; 4] = [Over::Day, Over::Month, Over::Quarter, Over::Year];

    /// As an address writes it, and as a person does.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Over::Day => ("24h", "24 hours"),
            Over::Month => ("30d", "30 days"),
            Over::Quarter => ("90d", "90 days"),
            Over::Year => ("1y", "One year"),
        }
    }

    /// How many steps, of how many hours each, and what one of them is called.
    fn steps(self) -> (i64, i64, &'static str) {
        match self {
            Over::Day => (24, 1, "hour"),
            Over::Month => (180, 4, "four hours"),
            Over::Quarter => (90, 24, "day"),
            Over::Year => (365, 24, "day"),
        }
    }

    fn step(self) -> Length {
        Length::from_hours(self.steps().1)
    }

    /// Whole steps, the one that runs included.
    fn window(self, now: Instant) -> Span {
        let (step, (count, ..)) = (self.step().as_micros(), self.steps());
        let end = Instant::from_micros((now.as_micros().div_euclid(step) + 1) * step);
        Span { start: end - self.step() * count, end }
    }
}

/// What an address asks for; what it does not say is the first check, and all vantage points.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    over: Over,
    check: Option<CheckId>,
    from: Option<VantageId>,
}

/// One of those that can be chosen.
struct Choice {
    name: String,
    link: String,
    here: bool,
}

/// A step in the table.
struct Line {
    from: String,
    answers: u64,
    times: [String; 3],
}

#[derive(Template)]
#[template(path = "latency.html")]
struct LatencyPage {
    shell: Shell,
    periods: Vec<Choice>,
    checks: Vec<Choice>,
    vantages: Vec<Choice>,
    /// What a step is called.
    step: &'static str,
    /// Over the whole window.
    whole: Option<(u64, [String; 3])>,
    plot: Option<Plot>,
    axis: Vec<String>,
    /// What the check is meant to keep, as sentences.
    objectives: Vec<String>,
    /// Whether there are more hours than are read at once.
    cut: bool,
    lines: Vec<Line>,
}

async fn show(
    State(app): State<App>,
    shell: Shell,
    Path((client, instance)): Path<(ClientId, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let instance: InstanceId = instance.parse().map_err(|_| Problem::NotFound)?;
    let of = instance.clone();
    let known = move |book: &Book, now: Instant| {
        let name = book.instance_names().into_iter().find(|(id, _)| *id == of)?.1;
        let objectives: Vec<(CheckId, Vec<Pace>)> = book
            .checks_of(&of)
            .into_iter()
            .map(|known| (known.check.clone(), known.objectives.clone()))
            .collect();
        Some((name, objectives, now))
    };
    let (name, objectives, now) = app.book(&client, known).await?.ok_or(Problem::NotFound)?;
    let window = asked.over.window(now);
    let (who, what, check) = (client.clone(), instance.clone(), asked.check.clone());
    let found = app.ask_control(move |control, _| control.latency_of(&who, &what, check.as_ref(), window));
    let (checks, hours) = found.await?;
    let check = asked.check.clone().or_else(|| checks.first().cloned());
    let objectives = objectives.into_iter().find(|(id, _)| Some(id) == check.as_ref());
    let found = Found { checks, check, hours, objectives: objectives.map(|(_, of)| of).unwrap_or_default() };
    let at = path(&client, &["instances", instance.as_str()]);
    let shell = shell
        .of(&client)
        .at(Section::Instances)
        .below("Instances", &path(&client, &["instances"]))
        .below(&name, &at)
        .titled("Response time");
    page(&drawn(shell, &format!("{at}/latency"), &found, &asked, window))
}

/// What there is to draw.
struct Found {
    checks: Vec<CheckId>,
    /// The one that is drawn, and its hours.
    check: Option<CheckId>,
    hours: Vec<Hour>,
    objectives: Vec<Pace>,
}

fn drawn(shell: Shell, at: &str, found: &Found, asked: &Asked, window: Span) -> LatencyPage {
    let Found { checks, check, hours, objectives } = found;
    let (check, checks) = (check.as_ref(), checks.iter().chain(&asked.check).collect::<BTreeSet<_>>());
    let vantages: BTreeSet<&VantageId> = hours.iter().map(|hour| &hour.vantage).chain(&asked.from).collect();
    let chosen = hours.iter().filter(|hour| asked.from.as_ref().is_none_or(|from| hour.vantage == *from));
    let steps = stepped(chosen, window, asked.over.step());
    let mut whole = Sketch::default();
    steps.iter().for_each(|(_, sketch)| whole.merge(sketch));
    let link = |over: Over, check: Option<&CheckId>, from: Option<&VantageId>| {
        let part = |name: &str, id: &str| format!("&{name}={}", encode(id));
        let check = check.map_or_else(String::new, |id| part("check", id.as_str()));
        let from = from.map_or_else(String::new, |id| part("from", id.as_str()));
        format!("{at}?over={}{check}{from}", over.words().0)
    };
    let (over, from) = (asked.over, asked.from.as_ref());
    let of_vantage =
        |name: String, of: Option<&VantageId>| Choice { name, link: link(over, check, of), here: from == of };
    let each = vantages.iter().map(|id| of_vantage(id.to_string(), Some(id)));
    LatencyPage {
        shell,
        periods: Over::ALL.map(|of| period(of, over, link(of, asked.check.as_ref(), from))).into(),
        checks: checks
            .iter()
            .map(|id| Choice {
                name: id.to_string(),
                link: link(over, Some(id), None),
                here: Some(*id) == check,
            })
            .collect(),
        vantages: std::iter::once(of_vantage("all together".to_owned(), None)).chain(each).collect(),
        step: over.steps().2,
        whole: (whole.count() > 0).then(|| (whole.count(), times(&whole))),
        plot: Plot::of(&steps, window, over.step(), objectives),
        axis: axis(window, over),
        objectives: objectives.iter().map(objective).collect(),
        cut: ROWS_MAX <= hours.len() as u64,
        lines: steps.iter().rev().map(|(at, sketch)| line(*at, sketch)).collect(),
    }
}

fn period(of: Over, over: Over, link: String) -> Choice {
    Choice { name: of.words().1.to_owned(), link, here: of == over }
}

/// The hours in their steps, by time; steps without a time are left out.
fn stepped<'h>(hours: impl Iterator<Item = &'h Hour>, window: Span, step: Length) -> Vec<(Instant, Sketch)> {
    let mut steps = std::collections::BTreeMap::<Instant, Sketch>::new();
    for hour in hours {
        let offset = (hour.start - window.start).as_micros();
        let start = hour.start - Length::from_micros(offset.rem_euclid(step.as_micros()));
        steps.entry(start).or_default().merge(&hour.sketch);
    }
    steps.into_iter().filter(|(_, sketch)| sketch.count() > 0).collect()
}

fn times(sketch: &Sketch) -> [String; 3] {
    PERCENTILES.map(|percentile| sketch.percentile(percentile).map_or_else(|| "–".to_owned(), plot::time))
}

fn line(at: Instant, sketch: &Sketch) -> Line {
    Line { from: stamp(at), answers: sketch.count(), times: times(sketch) }
}

/// `p99 within 800 ms over each 5 min`.
fn objective(objective: &Pace) -> String {
    let within = plot::time(u64::from(objective.within_us));
    format!("p{} within {within} over each {} s", objective.percentile, objective.over_s)
}

/// Five instants, evenly: hours for a day, days for more.
fn axis(window: Span, over: Over) -> Vec<String> {
    let quarter = Length::from_micros(window.length().as_micros() / 4);
    let told = |n: i64| {
        let at = window.start + quarter * n;
        match over {
            Over::Day if n == 4 => format!("{} {}", clock(at), zone(at)),
            Over::Day => clock(at),
            _ => minute(at).get(..10).unwrap_or_default().to_owned(),
        }
    };
    (0..5).map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_whole_steps_and_hours_fall_into_theirs() {
        let now: Instant = "2026-06-02T10:20:00Z".parse().unwrap();
        let told = |over: Over| {
            let window = over.window(now);
            (window.start.to_string(), window.end.to_string())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(told(Over::Day), pair("2026-06-01T11:00:00Z", "2026-06-02T11:00:00Z"));
        assert_eq!(told(Over::Month), pair("2026-05-03T12:00:00Z", "2026-06-02T12:00:00Z"));
        assert_eq!(told(Over::Year), pair("2025-06-03T00:00:00Z", "2026-06-03T00:00:00Z"));
        let hour = |start: &str, micros: u64| {
            let mut sketch = Sketch::default();
            sketch.add(micros);
            let (check, vantage) = ("http".parse().unwrap(), "ams".parse().unwrap());
            Hour { check, vantage, start: start.parse().unwrap(), sketch }
        };
        let hours = [
            hour("2026-06-01T08:00:00Z", 10),
            hour("2026-06-01T11:00:00Z", 30),
            hour("2026-06-01T12:00:00Z", 50),
        ];
        let steps = stepped(hours.iter(), Over::Month.window(now), Over::Month.step());
        let told: Vec<_> = steps.iter().map(|(at, sketch)| (at.to_string(), sketch.count())).collect();
        assert_eq!(told, [("2026-06-01T08:00:00Z".to_owned(), 2), ("2026-06-01T12:00:00Z".to_owned(), 1)]);
        assert_eq!(times(&steps[0].1), ["0.0 ms", "0.0 ms", "0.0 ms"]);
    }
}
