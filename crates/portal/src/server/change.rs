//! Changes of a client: those of its systems, which the provider proposes and only begins once they are approved (`proposed`,
//! MP-CLI-11), and those of its own surroundings, which it warns of (`own`, MP-CLI-14).

mod own;
mod proposed;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Book, Control, NotDone,
    command::By,
    query::{ChangeRules, Changed},
};
use desk::policy::{Action, Resource};
use facts::{Actor, ChangeId, ClientId, Event, InstanceId};
use promise::change::Change;
use spans::Instant;

pub(super) use self::proposed::{Asking, asking};
use super::{
    App, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Refused, Sent, new_key},
    moment::path,
    onward::{Onward, Piece},
    page,
};
use crate::part::clauses;

/// Changes of each sort on the page, the latest.
const SHOWN_MAX: usize = 100;

pub(crate) fn routes() -> Vec<Route> {
    let list = vec![Route::get("/clients/{client}/changes", Action::ReadMaintenance, all)];
    list.into_iter().chain(own::routes()).chain(proposed::routes()).collect()
}

/// Which form of the page was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Form {
    #[default]
    None,
    /// A change of the client's own.
    Announce,
    /// One that is to be approved.
    Propose,
    /// About one that was proposed.
    Of(ChangeId),
}

/// What a form led to.
#[derive(Debug, Default)]
struct Said {
    sent: Sent,
    piece: Piece,
    refused: Option<Refused>,
    form: Form,
}

impl Said {
    /// What that form was sent with, to be drawn again.
    fn of(&self, form: &Form) -> Sent {
        if self.form == *form { self.sent.clone() } else { Sent::default() }
    }

    /// Why that form was refused, as HTML.
    fn told(&self, form: &Form) -> Result<String, Problem> {
        let refused = self.refused.clone().filter(|_| self.form == *form);
        Told { refused }.render().map_err(|e| Problem::internal(&e))
    }
}

/// Why something was refused.
#[derive(Template)]
#[template(path = "refused.html")]
struct Told {
    refused: Option<Refused>,
}

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage {
    shell: Shell,
    at: String,
    key: String,
    staff: bool,
    may_announce: bool,
    may_propose: bool,
    proposed: Vec<proposed::Line>,
    propose_fields: Vec<String>,
    propose_instances: Vec<(String, String, bool)>,
    propose_told: String,
    /// Whether the form to propose one stands open.
    proposing: bool,
    staged: bool,
    approval_clauses: String,
    approvers: String,
    lines: Vec<own::Line>,
    onward: Onward,
    fields: Vec<String>,
    instances: Vec<(String, String, bool)>,
    announce_told: String,
    clauses: String,
}

/// What the page is made from.
struct Found {
    changes: Vec<Changed>,
    proposed: Vec<Change>,
    rules: ChangeRules,
    /// Whether the agreement lets this person approve.
    approves: bool,
    names: Vec<(InstanceId, String)>,
    clauses: Vec<String>,
    now: Instant,
}

fn find(book: &Book, who: &Actor, now: Instant) -> Found {
    let agreement = book.versions().map(|versions| versions.latest().agreement());
    let rules = agreement.iter().flat_map(|agreement| &agreement.obligation);
    let warns = rules.filter(|rule| rule.on.event == Event::ClientChangePlanned);
    Found {
        changes: book.client_changes(),
        proposed: book.proposed_changes(now),
        rules: book.change_rules(),
        approves: book.permits(who, agreement::Permission::ChangeApprove),
        names: book.instance_names(),
        clauses: warns.flat_map(|rule| rule.clause.ids.iter().cloned()).collect(),
        now,
    }
}

async fn all(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    Query(piece): Query<Piece>,
) -> Result<Response, Problem> {
    show(&app, shell, &viewer, client, Said { piece, ..Said::default() }).await
}

async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    client: ClientId,
    said: Said,
) -> Result<Response, Problem> {
    let actor = viewer.actor();
    let found = app.book(&client, move |book, now| find(book, &actor, now)).await?;
    let status = if said.refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page(&draw(shell, viewer, &client, &found, &said)?)?).into_response())
}

fn draw(
    shell: Shell,
    viewer: &Viewer,
    client: &ClientId,
    found: &Found,
    said: &Said,
) -> Result<ChangesPage, Problem> {
    let (announced, proposal) = (said.of(&Form::Announce), said.of(&Form::Propose));
    let (key, at) = (new_key()?, path(client, &["changes"]));
    let may = |action| viewer.may(action, &Resource::Client(client));
    let reader = proposed::Reader {
        approves: found.approves && may(Action::ApproveChange),
        runs: may(Action::RunChange),
        at: &at,
        key: &key,
    };
    let lines = said.piece.of(&found.proposed, SHOWN_MAX);
    Ok(ChangesPage {
        staff: viewer.is_staff(),
        may_announce: may(Action::AnnounceChange),
        may_propose: may(Action::RunChange),
        proposed: lines
            .map(|change| proposed::line(change, found, said, &reader))
            .collect::<Result<_, _>>()?,
        propose_fields: proposed::fields(&proposal, &found.rules),
        propose_instances: ticked(&proposal, &found.names),
        propose_told: said.told(&Form::Propose)?,
        proposing: said.form == Form::Propose,
        staged: proposal.given("staged").is_some(),
        approval_clauses: clauses(&found.rules.clauses),
        approvers: found.rules.approvers.join(", "),
        lines: said
            .piece
            .of(&found.changes, SHOWN_MAX)
            .map(|change| own::line(change, &found.names, found.now))
            .collect(),
        onward: said.piece.onward(&at, found.changes.len().max(found.proposed.len()), SHOWN_MAX),
        fields: own::fields(&announced),
        instances: ticked(&announced, &found.names),
        announce_told: said.told(&Form::Announce)?,
        clauses: clauses(&found.clauses),
        shell: shell
            .of(client)
            .titled("Changes")
            .at(Section::Maintenance)
            .below("Maintenance", &path(client, &["maintenance"])),
        key,
        at,
    })
}

/// Each instance, and whether it was ticked.
fn ticked(sent: &Sent, names: &[(InstanceId, String)]) -> Vec<(String, String, bool)> {
    let ticked = |id: &str| sent.all("instance").any(|ticked| ticked == id);
    names.iter().map(|(id, name)| (id.to_string(), name.clone(), ticked(id.as_str()))).collect()
}

/// Instances as people call them.
fn names(instances: &[InstanceId], known: &[(InstanceId, String)]) -> String {
    let name = |id: &InstanceId| {
        let found = known.iter().find(|(other, _)| other == id);
        found.map_or_else(|| id.to_string(), |(_, name)| name.clone())
    };
    match instances {
        [] => "any".to_owned(),
        some => some.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}

/// What a form says, or why it cannot be read.
type Reader<N> = fn(&Sent) -> Result<N, &'static str>;

/// Does what a form says that could be read, or says on the page what could not be.
async fn done_as<N: Send + 'static>(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    client: ClientId,
    (sent, form, read): (Sent, Form, Reader<N>),
    command: impl FnOnce(&Control, &ClientId, N, By, Instant) -> Result<(), NotDone> + Send + 'static,
) -> Result<Response, Problem> {
    match read(&sent) {
        Ok(new) => {
            let command =
                move |control: &Control, client: &ClientId, by, now| command(control, client, new, by, now);
            done(app, shell, viewer, client, (sent, form), command).await
        }
        Err(why) => {
            let said = Said { sent, form, refused: Some(Refused::because(why)), ..Said::default() };
            show(app, shell, viewer, client, said).await
        }
    }
}

/// The instances that were ticked.
fn instances(sent: &Sent) -> Result<Vec<InstanceId>, &'static str> {
    let ticked: Result<Vec<InstanceId>, _> = sent.all("instance").map(str::parse).collect();
    ticked.map_err(|_| "One of the instances is not known.")
}

/// Does it, and comes back to the page; or says on the page why not, at the form that was sent.
async fn done(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    client: ClientId,
    (sent, form): (Sent, Form),
    command: impl FnOnce(&Control, &ClientId, By, Instant) -> Result<(), NotDone> + Send + 'static,
) -> Result<Response, Problem> {
    let confirmed = sent.given("confirm").is_some();
    let by = By { key: Some(sent.key("change")?), confirmed, ..By::new(viewer.actor()) };
    let of = client.clone();
    match app.attempt(move |control, now| command(control, &of, by, now)).await? {
        Ok(()) => {
            let to = path(&client, &["changes"]);
            Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
        }
        Err(refused) => {
            let said = Said { sent, form, refused: Some(refused), ..Said::default() };
            show(app, shell, viewer, client, said).await
        }
    }
}
