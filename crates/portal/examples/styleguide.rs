//! Draws the parts of pages with data as it might be, to files: `cargo run -p portal --example styleguide -- FOLDER`. Then look at
//! them in a browser, in light and dark, wide and at 360 px, and mend what looks cheap.

use std::{error::Error, fs, path::Path};

use askama::Template;
use portal::{
    part::{Mark, Minutes, Spark, State, badge, meter},
    server::{Field, Notice, Section, Shell, assets},
};
use spans::{Instant, Length, NotAnInstant, Span, Spans};

#[derive(Template)]
#[template(path = "example/now.html")]
struct Now {
    shell: Shell,
    missed: String,
    risk: String,
    client: String,
    kept: String,
    budget: String,
    states: Vec<String>,
}

#[derive(Template)]
#[template(path = "example/instance.html")]
struct Instance {
    shell: Shell,
    state: String,
    strip: String,
    table: String,
    spark: String,
    grid: String,
    grid_table: String,
    legend: Vec<String>,
}

#[derive(Template)]
#[template(path = "example/form.html")]
struct Form {
    shell: Shell,
    title: Field,
    start: Field,
    minutes: Field,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let (acme, northwind) = ("acme".parse()?, "northwind".parse()?);
    let shell = Shell::sample("Maya Lindström", &[acme, northwind]);
    let acme = "acme".parse()?;
    let at = |section: Section, title: &str| shell.clone().of(&acme).titled(title).at(section);
    write(folder, "now.html", &now(shell.clone().titled("Now").at(Section::Now)))?;
    let below = at(Section::Instances, "wiki-production").below("Instances", "#");
    write(folder, "instance.html", &instance(below)?)?;
    let mut shell = at(Section::Maintenance, "Plan maintenance").below("Maintenance", "#");
    shell.notice = Some(Notice::SessionEnded);
    write(folder, "form.html", &form(shell))?;
    for (path, bytes) in assets() {
        let file = folder.join(path.trim_start_matches('/'));
        fs::create_dir_all(file.parent().ok_or("an asset lies in a folder")?)?;
        fs::write(
            file,
            String::from_utf8(bytes.to_vec())
                .map_or_else(|_| bytes.to_vec(), |text| near(&text).into_bytes()),
        )?;
    }
    Ok(())
}

fn write(folder: &Path, name: &str, page: &impl Template) -> Result<(), Box<dyn Error>> {
    Ok(fs::write(folder.join(name), near(&page.render()?))?)
}

/// Files have no root: assets are found from where the page lies.
fn near(text: &str) -> String {
    text.replace("\"/assets/", "\"assets/").replace("url(/assets/", "url(")
}

fn now(shell: Shell) -> Now {
    let states = [
        (State::Kept, "kept"),
        (State::Risk, "at risk"),
        (State::Missed, "missed"),
        (State::Unknown, "unknown"),
        (State::Maintenance, "maintenance"),
        (State::Excluded, "excluded"),
        (State::Client, "waits for the client"),
    ];
    Now {
        shell,
        missed: badge(State::Missed, "ours, missed"),
        risk: badge(State::Risk, "ours"),
        client: badge(State::Client, "northwind's"),
        kept: badge(State::Kept, "ours, in time"),
        budget: meter(4, 22, "4 of 22 minutes used"),
        states: states.into_iter().map(|(state, word)| badge(state, word)).collect(),
    }
}

fn instance(shell: Shell) -> Result<Instance, Box<dyn Error>> {
    let day = span("2026-03-08T14:00:00Z", "2026-03-09T14:00:00Z")?;
    let month = span("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")?;
    let seen = Spans::from(vec![Span::new(month.start, day.end).ok_or("a span")?]);
    let down = Spans::from(vec![
        span("2026-03-03T04:11:20Z", "2026-03-03T04:18:50Z")?,
        span("2026-03-09T05:02:00Z", "2026-03-09T05:09:30Z")?,
        span("2026-03-09T13:55:10Z", "2026-03-09T14:00:00Z")?,
    ]);
    let planned = Spans::from(vec![
        span("2026-03-05T22:00:00Z", "2026-03-05T23:10:00Z")?,
        span("2026-03-08T22:00:00Z", "2026-03-08T22:45:00Z")?,
    ]);
    let unknown = Spans::from(vec![span("2026-03-09T01:30:00Z", "2026-03-09T01:52:00Z")?]);
    let drawn = |period: Span| {
        Minutes::over(period)
            .layer(Mark::Up, &seen)
            .layer(Mark::Unknown, &unknown)
            .layer(Mark::Down, &down)
            .layer(Mark::Maintenance, &planned)
    };
    let legend = [
        (State::Kept, "up"),
        (State::Missed, "down"),
        (State::Unknown, "unknown"),
        (State::Maintenance, "maintenance"),
        (State::Excluded, "excluded"),
    ];
    Ok(Instance {
        shell,
        state: badge(State::Missed, "down since 13:55:10 UTC"),
        strip: drawn(day).strip("wiki-production"),
        table: drawn(day).table("wiki-production, last 24 hours"),
        spark: Spark::over(day, &times(day), Some(400)).svg("First byte", "ms"),
        grid: drawn(month).grid("wiki-production in March"),
        grid_table: drawn(month).table("wiki-production in March"),
        legend: legend.into_iter().map(|(state, word)| badge(state, word)).collect(),
    })
}

/// A quiet day with a slow morning and a gap.
fn times(day: Span) -> Vec<(Instant, Option<u64>)> {
    let at = |n: u64| day.start + Length::from_minutes(i64::try_from(n * 5).unwrap_or(0));
    let value = |n: u64| 150 + n * 7919 % 41 + if (180..215).contains(&n) { (n - 180) * 7 } else { 0 };
    (0..286).map(|n| (at(n), (!(138..143).contains(&n)).then(|| value(n)))).collect()
}

fn form(shell: Shell) -> Form {
    let late = "This is 49 hours from now; 72 are needed for it to be excluded.".to_owned();
    Form {
        shell,
        title: Field::text("title", "What will be done").value("Upgrade to Confluence 9.2.5"),
        start: Field::text("start", "Start (UTC)").value("2026-03-11 15:00").mistake(Some(late)),
        minutes: Field::number("minutes", "Minutes", 1, 600)
            .value("60")
            .hint("Until its declared end; longer work is not excluded."),
    }
}

fn span(from: &str, to: &str) -> Result<Span, Box<dyn Error>> {
    let (from, to): (Result<Instant, NotAnInstant>, Result<Instant, NotAnInstant>) =
        (from.parse(), to.parse());
    Span::new(from?, to?).ok_or_else(|| "a span starts before it ends".into())
}
