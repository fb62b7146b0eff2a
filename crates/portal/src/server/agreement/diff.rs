//! Two versions of an agreement side by side: what was said, what is said now, and who gains by it.

use std::collections::BTreeSet;

use agreement::{
    Terms,
    diff::{Change, Gains},
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use control::live::{
    Control,
    query::{AgreementView, Differences},
};
use desk::policy::Action;
use facts::ClientId;
use serde::Deserialize;
use spans::Instant;

use crate::{
    part::{State as Word, badge, clauses},
    server::{
        App, Problem, Route, Section, Shell,
        moment::{minute, stamp},
        page,
    },
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/clients/{client}/agreement/diff", Action::ReadAgreement, diff)]
}

/// Which two, by the SHA-256 of their files; the newest two where they are not said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    old: String,
    new: String,
}

/// A version to choose.
struct Choice {
    sha256: String,
    words: String,
}

/// A change as the page tells it.
struct Row {
    /// The entry it is in, and the key of it: `obligation.claim-credit` and `within`.
    entry: String,
    key: String,
    clauses: String,
    old: Option<String>,
    new: Option<String>,
    gains: String,
    why: String,
}

#[derive(Template)]
#[template(path = "agreement_diff.html")]
struct DiffPage {
    shell: Shell,
    at: String,
    choices: Vec<Choice>,
    old: String,
    new: String,
    lead: String,
    rows: Vec<Row>,
}

async fn diff(
    State(app): State<App>,
    shell: Shell,
    Path(client): Path<ClientId>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let of = client.clone();
    let (choices, found) = app.ask_control(move |control, now| find(control, &of, &which, now)).await?;
    let below = format!("/clients/{client}/agreement");
    let name = |terms: &Terms| terms.identity().to_owned();
    page(&DiffPage {
        shell: shell.of(&client).titled("What changed").at(Section::Agreement).below("Agreement", &below),
        at: format!("{below}/diff"),
        choices,
        old: found.as_ref().map(|found| name(&found.old)).unwrap_or_default(),
        new: found.as_ref().map(|found| name(&found.new)).unwrap_or_default(),
        lead: found.as_ref().map(lead).unwrap_or_default(),
        rows: found.iter().flat_map(|found| &found.changes).map(row).collect(),
    })
}

fn find(
    control: &Control,
    client: &ClientId,
    which: &Which,
    now: Instant,
) -> Result<(Vec<Choice>, Option<Differences>), Problem> {
    let view = control.agreement(client, now)?.ok_or(Problem::NotFound)?;
    let choices = choices(&view);
    let newest = |index: usize| choices.get(index).map(|choice: &Choice| choice.sha256.clone());
    let asked = |said: &str, index| Some(said.to_owned()).filter(|said| !said.is_empty()).or(newest(index));
    let (Some(old), Some(new)) = (asked(&which.old, 1), asked(&which.new, 0)) else {
        return Ok((choices, None));
    };
    let found = control.agreement_diff(client, &old, &new).ok_or(Problem::NotFound)?;
    Ok((choices, Some(found)))
}

/// Each file once: those that never came into force, as the next one has not yet, then the newest first. One may have been in force under
/// more than one tier.
fn choices(view: &AgreementView) -> Vec<Choice> {
    let mut seen = BTreeSet::new();
    let (idle, known): (Vec<_>, Vec<_>) = view.versions.iter().partition(|version| version.from.is_none());
    let files = idle.into_iter().chain(known).filter(|version| seen.insert(version.sha256.clone()));
    files
        .map(|version| {
            let short = version.sha256.get(..8).unwrap_or_default();
            let since = version.from.map_or_else(
                || "never in force".to_owned(),
                |from| format!("in force from {}", minute(from)),
            );
            Choice { sha256: version.sha256.clone(), words: format!("{short}…, {since}") }
        })
        .collect()
}

/// The changes in a sentence, as HTML.
fn lead(found: &Differences) -> String {
    let count = |gains| found.changes.iter().filter(|change| change.gains == gains).count();
    let changes = match found.changes.len() {
        0 => return "Nothing that was agreed is said otherwise.".to_owned(),
        1 => "1 change".to_owned(),
        many => format!("{many} changes"),
    };
    let told = [
        (count(Gains::Client), "by which the client gains"),
        (count(Gains::Provider), "by which the provider gains"),
        (count(Gains::Neither), "by which nobody gains"),
        (count(Gains::Unclear), "that people must read"),
    ];
    let told = told.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}"));
    format!(
        "{changes}: {}. The term of the first begins {}, that of the second {}.",
        told.collect::<Vec<_>>().join(", "),
        stamp(found.old.term().start),
        stamp(found.new.term().start)
    )
}

fn row(change: &Change) -> Row {
    let (entry, key) = change.path.rsplit_once('.').unwrap_or(("", &change.path));
    let word = match change.gains {
        Gains::Client => Word::Kept,
        Gains::Provider => Word::Risk,
        Gains::Neither => Word::Excluded,
        Gains::Unclear => Word::Unknown,
    };
    Row {
        entry: entry.to_owned(),
        key: key.to_owned(),
        clauses: clauses(&change.clauses),
        old: change.old.clone(),
        new: change.new.clone(),
        gains: badge(word, change.gains.words()),
        why: change.why.clone(),
    }
}
