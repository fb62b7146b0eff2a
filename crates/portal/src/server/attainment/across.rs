//! A month of every client: who was served how, side by side, for the provider's people.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use control::live::{Book, Control, Recall};
use desk::policy::Action;
use facts::ClientId;
use promise::{Attainment, Total};
use spans::{Instant, Month, Zone};

use super::{Figures, at, chart, tickets::Which};
use crate::{
    server::{App, Problem, Route, Section, Shell, moment::title, page},
    when::month as month_name,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/attainment", Action::ReadAttainment, newest),
        Route::get("/attainment/{month}", Action::ReadAttainment, one),
    ]
}

/// A client in the list.
struct Group {
    link: String,
    client: ClientId,
    under: String,
    lines: Vec<Line>,
}

/// One of its promises.
struct Line {
    name: String,
    link: String,
    figures: Figures,
    bar: String,
}

#[derive(Template)]
#[template(path = "attainment_all.html")]
struct AllPage {
    shell: Shell,
    month: String,
    file: String,
    running: bool,
    annotated: bool,
    groups: Vec<Group>,
    before: (String, String),
    after: Option<(String, String)>,
}

async fn newest(State(app): State<App>, shell: Shell) -> Result<Response, Problem> {
    show(&app, shell, Month::of(app.now(), &Zone::UTC)).await
}

async fn one(State(app): State<App>, shell: Shell, Path(name): Path<String>) -> Result<Response, Problem> {
    if let Some(month) = name.strip_suffix(".csv") {
        let month: Month = month.parse().map_err(|_| Problem::NotFound)?;
        let all = app.ask_control(move |control, now| each(control, month, now)).await?;
        let lines: String = all.iter().map(Attainment::to_csv).collect();
        let kept = format!("attachment; filename=\"attainment-{name}\"");
        let kind = "text/csv; charset=utf-8".to_owned();
        let head = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, kept)];
        return Ok((head, Attainment::csv_head() + &lines).into_response());
    }
    show(&app, shell, name.parse().map_err(|_| Problem::NotFound)?).await
}

/// Every client that has the month, in order of their ids.
pub(in crate::server) fn each(
    control: &Control,
    month: Month,
    now: Instant,
) -> journal::Result<Vec<Attainment>> {
    let mut all = Vec::new();
    for client in control.known_clients()? {
        let look = |book: &Book| book.attainment(month, now);
        all.extend(control.read_with(&client, &Recall::Month(month), now, look)?.flatten());
    }
    Ok(all)
}

async fn show(app: &App, shell: Shell, month: Month) -> Result<Response, Problem> {
    let all = app.ask_control(move |control, now| each(control, month, now)).await?;
    let groups: Vec<Group> = all.iter().map(group).collect();
    let of = |month: Month| (format!("/attainment/{month}"), month_name(month));
    let this = Month::of(app.now(), &Zone::UTC);
    page(&AllPage {
        annotated: groups.iter().flat_map(|group| &group.lines).any(|line| line.figures.without.is_some()),
        groups,
        running: month >= this,
        month: month_name(month),
        file: format!("/attainment/{month}"),
        before: of(month.prev()),
        after: (month < this).then(|| of(month.next())),
        shell: shell.titled("Attainment").at(Section::Attainment),
    })
}

fn group(found: &Attainment) -> Group {
    let promises = found.promises().into_iter().map(|(rule, lines)| (rule, Total::of(lines)));
    let told: Vec<(&str, Total)> =
        promises.filter(|(_, total)| total.received > 0 || total.due > 0).collect();
    let top = told.iter().map(|(_, total)| total.due).max().unwrap_or(0);
    let line = |(rule, total): (&str, Total)| Line {
        name: title(rule),
        link: Which::promise(&found.client_id, found.month, rule),
        bar: chart::bar(&total.count, top, &title(rule)),
        figures: Figures::total(&total),
    };
    let tier = found.tier.as_ref().map(|tier| format!(", {tier}")).unwrap_or_default();
    Group {
        link: at(&found.client_id, found.month),
        client: found.client_id.clone(),
        under: format!("{}{tier}", found.agreement),
        lines: told.into_iter().map(line).collect(),
    }
}
