//! The agreement: in prose, with its readings and its versions, and the exact file of each.

use std::collections::BTreeMap;

use agreement::{
    diff::{Change, Gains},
    show::show,
};
use axum::{extract::State, response::Response};
use control::live::{
    Control,
    query::{self, Standing},
};
use desk::policy::Action;
use facts::ClientId;
use serde::Serialize;
use spans::Instant;
use utoipa::ToSchema;

use super::{
    answer::Known,
    head::Read,
    operation::{Kind, Operation},
    page::wrong,
    place::Named,
    shape::{At, Stretch, at},
};
use crate::server::{App, Problem, Route};

const TOML: &str = "application/toml";
const TAG: &str = "Agreement";

pub(super) fn routes() -> Vec<Route> {
    let one = Operation::read::<Agreement>(
        TAG,
        "get_agreement",
        "The agreement in force: in prose, with the readings that both parties signed, and its versions.",
    );
    let file = Operation::read::<Agreement>(
        TAG,
        "get_agreement_file",
        "The exact bytes of a version, which were signed: its SHA-256 is its name.",
    );
    let diff_told = Operation::read::<AgreementDiff>(
        TAG,
        "diff_agreement",
        "What one version says otherwise than another, clause by clause, and who gains by it.",
    );
    let diff_told = diff_told.asks("old", Kind::Text, "The SHA-256 of the first.").asks(
        "new",
        Kind::Text,
        "The SHA-256 of the second.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/agreement", Action::ReadAgreement, agreement).told(one),
        Route::get("/api/v1/clients/{client}/agreement/diff", Action::ReadAgreement, diff).told(diff_told),
        Route::get("/api/v1/clients/{client}/agreement/{file}", Action::ReadAgreement, file_of)
            .told(file.only(TOML)),
    ]
}

/// A client's agreement.
#[derive(Serialize, ToSchema)]
pub(crate) struct Agreement {
    /// Its id.
    agreement: String,
    title: String,
    provider: String,
    client: String,
    /// The tier, where there are tiers.
    tier: Option<String>,
    term: Stretch,
    /// Whether it is in force.
    in_force: bool,
    /// SHA-256 of its file, in hex: which version it is.
    sha256: String,
    /// What it says, in sentences with their clauses, as Markdown.
    prose: String,
    /// The readings that both parties signed, by name.
    readings: BTreeMap<String, String>,
    /// Every version, the newest first; then files that never came into force.
    versions: Vec<VersionLine>,
}

/// A version of the agreement.
#[derive(Serialize, ToSchema)]
#[schema(as = AgreementVersion)]
pub(crate) struct VersionLine {
    sha256: String,
    tier: Option<String>,
    /// From when on it is in force; null where it never was.
    from: Option<At>,
    /// Until when: the next version's beginning, or the end of its term.
    until: Option<At>,
    /// Who put it into force, which takes the signatures of both parties.
    activated_by: Option<String>,
    /// `in-force`, `followed`, `from-then-on` or `idle`.
    standing: &'static str,
    /// Where its file is.
    href: String,
}

async fn agreement(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let found = app.ask_control(move |control, now| find(control, &client, now)).await?;
    known.answer(&found.ok_or(Problem::NotFound)?)
}

fn find(control: &Control, client: &ClientId, now: Instant) -> journal::Result<Option<Agreement>> {
    let Some(view) = control.agreement(client, now)? else { return Ok(None) };
    let terms = &view.terms;
    let Ok(document) = show(terms.agreement(), terms.tier()) else { return Ok(None) };
    let header = &terms.agreement().agreement;
    Ok(Some(Agreement {
        agreement: header.id.clone(),
        title: header.title.clone(),
        provider: header.provider.clone(),
        client: header.client.clone(),
        tier: terms.tier().map(str::to_owned),
        term: terms.term().into(),
        in_force: view.in_force,
        sha256: terms.identity().to_owned(),
        prose: document.markdown(),
        readings: terms.agreement().readings.clone(),
        versions: view.versions.into_iter().map(|listed| version(client, listed)).collect(),
    }))
}

fn version(client: &ClientId, listed: query::Version) -> VersionLine {
    VersionLine {
        href: at(client, &["agreement", &format!("{}.toml", listed.sha256)]),
        sha256: listed.sha256,
        tier: listed.tier,
        from: listed.from.map(At),
        until: listed.until.map(At),
        activated_by: listed.by,
        standing: match listed.standing {
            Standing::InForce => "in-force",
            Standing::Followed => "followed",
            Standing::FromThenOn => "from-then-on",
            Standing::Idle => "idle",
        },
    }
}

/// What one version says otherwise than another.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgreementDiff {
    /// The SHA-256 of the first.
    old: String,
    /// The SHA-256 of the second.
    new: String,
    /// In the order of the first; empty where they say the same.
    changes: Vec<AgreementChange>,
}

/// One difference. A whole entry that came or went is one.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgreementChange {
    /// What changed: `obligation.claim-credit.within`.
    path: String,
    clauses: Vec<String>,
    /// What it said; null where it is new.
    old: Option<String>,
    /// What it says now; null where it is gone.
    new: Option<String>,
    /// `client`, `provider`, `neither`, or `unclear`: then people must read it.
    #[schema(value_type = String)]
    gains: Gains,
    /// Why, in half a sentence.
    why: String,
}

async fn diff(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["old", "new"])?;
    let said = |name: &'static str| {
        asking.get(name).map(str::to_owned).ok_or_else(|| wrong(name, "say the SHA-256 of a version."))
    };
    let (old, new) = (said("old")?, said("new")?);
    let found = app.ask_control(move |control, _| {
        Ok::<_, Problem>(control.agreement_diff(&client, &old, &new).map(|found| (found.changes, old, new)))
    });
    let (changes, old, new) = found.await?.ok_or(Problem::NotFound)?;
    let change = |change: Change| AgreementChange {
        path: change.path,
        clauses: change.clauses,
        old: change.old,
        new: change.new,
        gains: change.gains,
        why: change.why,
    };
    known.answer(&AgreementDiff { old, new, changes: changes.into_iter().map(change).collect() })
}

async fn file_of(
    State(app): State<App>,
    known: Known,
    Named((client, file)): Named<(ClientId, String)>,
) -> Result<Response, Problem> {
    known.answer_as(TOML, crate::server::agreement::signed(&app, client, &file).await?)
}
