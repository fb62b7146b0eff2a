//! Who is named for a client: the addition on record with its notice, a one-time secret for their door, and the look through the list.

use axum::response::{IntoResponse, Redirect, Response};
use control::live::{Control, NotDone, command::By};
use desk::policy::{Action, Resource};
use facts::{ClientId, ContactChange, ContactId, ReviewId};
use journal::{Journal, people::Person};
use spans::Instant;

use super::{Asked, Said, offered};
use crate::{
    people::{self as kept, Invitation, NewPerson, Refusal, Whom},
    server::{
        App, Notice, Problem, Route, Viewer,
        form::{Refused, Sent},
        moment::path,
    },
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/clients/{client}/people", Action::InvitePerson, invite),
        Route::post("/clients/{client}/people/secret", Action::InvitePerson, secret),
        Route::post("/clients/{client}/people/again", Action::InvitePerson, again),
        Route::post("/clients/{client}/people/apply", Action::EditPerson, apply),
        Route::post("/clients/{client}/people/review", Action::ReviewAccess, review),
        Route::post("/clients/{client}/people/sessions", Action::ResetPerson, end_sessions),
    ]
}

/// Somebody who is to be named.
#[derive(Debug, Clone)]
pub(crate) struct Newcomer {
    /// What they will type.
    pub(crate) login: String,
    /// What they are called.
    pub(crate) name: String,
    /// Of the roles that the agreement has, one at least.
    pub(crate) roles: Vec<String>,
}

/// Names somebody, and gives a one-time secret for their door, shown this once.
async fn invite(asked: Asked) -> Result<Response, Problem> {
    let new = Newcomer {
        login: asked.sent.get("login").to_owned(),
        name: asked.sent.get("name").to_owned(),
        roles: asked.sent.all("role").map(str::to_owned).collect(),
    };
    let made = match name(&asked.app, &asked.viewer, &asked.client, new).await? {
        Ok(person) => invitation(&asked.app, &person, Whom::Newcomers).await?,
        Err(refusal) => Err(refusal),
    };
    let said = match made {
        Ok(made) => Said { made: Some(made), ..Said::default() },
        Err(refusal) => misfit(asked.sent.clone(), refusal)?,
    };
    asked.show(said).await
}

/// Why somebody could not be added, at the field it is about.
fn misfit(sent: Sent, refusal: Refusal) -> Result<Said, Problem> {
    let why = Some(refusal.to_string());
    match refusal {
        Refusal::Login(_) | Refusal::Taken(_) | Refusal::Unusable => {
            Ok(Said { sent, wrong_login: why, ..Said::default() })
        }
        Refusal::Name => Ok(Said { sent, wrong_name: why, ..Said::default() }),
        Refusal::Journal(error) => Err(error.into()),
        other => Ok(Said { sent, refused: Some(Refused::because(&other.to_string())), ..Said::default() }),
    }
}

/// Names somebody for a client. Logins are everybody's, and who is told that one is taken could ask for each: a client's people are
/// told less, and not for ever.
pub(crate) async fn name(
    app: &App,
    viewer: &Viewer,
    client: &ClientId,
    new: Newcomer,
) -> Result<Result<Person, Refusal>, Problem> {
    if !viewer.is_staff() {
        app.0.rates.naming(&viewer.person.id, app.now())?;
    }
    let (of, by) = (client.clone(), By::new(viewer.actor()));
    Ok(match app.ask_control(move |control, now| add(control, &of, new, by, now)).await? {
        Err(Refusal::Taken(login)) if !viewer.is_staff() => {
            tracing::warn!(person = %viewer.person.id, login, "people.login_taken");
            Err(Refusal::Unusable)
        }
        named => named,
    })
}

fn add(
    control: &Control,
    client: &ClientId,
    new: Newcomer,
    by: By,
    now: Instant,
) -> Result<Result<Person, Refusal>, Problem> {
    let Newcomer { login, name, roles } = new;
    let allowed = offered(control.read(client, now, |book| book.contact_roles())?);
    if roles.is_empty() || !roles.iter().all(|role| allowed.iter().any(|allowed| allowed.word == *role)) {
        return Ok(Err(Refusal::Roles));
    }
    let new = NewPerson { login, name, client: Some(client.clone()), roles, skills: Vec::new() };
    let person = match kept::add_uncounted(control.journal(), &new, now) {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Err(refused) = announce(control, client, &person, by, now) {
        // What is refused leaves nobody behind.
        let id = person.id;
        control.journal().write::<_, journal::Error>(move |tx| tx.forget_person(&id))?;
        return Err(refused.into());
    }
    control.people_changed()?;
    Ok(Ok(person))
}

/// Puts the addition on record and notes from when it counts; before both are done, nobody counts. Where no agreement is in force
/// there is no notice.
fn announce(
    control: &Control,
    client: &ClientId,
    person: &Person,
    by: By,
    now: Instant,
) -> Result<(), NotDone> {
    let Ok(contact) = person.id.parse::<ContactId>() else {
        return Err(NotDone::UnknownClient { client: client.clone() });
    };
    match control.name_contact(client, &contact, person.roles.clone(), by, now) {
        Ok(_) => note_term(control, client, &contact, now)?,
        Err(NotDone::NoAgreement { .. } | NotDone::UnknownClient { .. }) => {
            let id = person.id.clone();
            control.journal().write::<_, journal::Error>(move |tx| tx.set_term(&id, None))?;
        }
        Err(refused) => return Err(refused),
    }
    Ok(())
}

/// From when a contact counts, as the facts say, noted where every request is judged. What no fact says stays as it is.
pub(super) fn note_term(
    control: &Control,
    client: &ClientId,
    contact: &ContactId,
    now: Instant,
) -> journal::Result<()> {
    let changes = control.read(client, now, |book| book.contact_changes(now))?.unwrap_or_default();
    let last = changes.into_iter().rev().find(|change| change.contact == *contact);
    let Some(added) = last.filter(|change| change.change == ContactChange::Add) else { return Ok(()) };
    let id = contact.to_string();
    control.journal().write(move |tx| tx.set_term(&id, Some(added.effective))).map(drop)
}

/// A new one-time secret for somebody who is on the list; an older one is void. Who was here before keeps their door: only the
/// provider's people who may reset it give them another, or any contact could come in as any other.
async fn secret(asked: Asked) -> Result<Response, Problem> {
    let person = asked.theirs().await?;
    let resets = asked.viewer.may(Action::ResetPerson, &Resource::Client(&asked.client));
    let whom = if resets { Whom::Anybody } else { Whom::Newcomers };
    let said = match invitation(&asked.app, &person, whom).await? {
        Ok(made) => {
            asked.app.note(&person.id, "invited", Some(&asked.viewer.person.id), String::new()).await?;
            Said { made: Some(made), ..Said::default() }
        }
        Err(refusal) => misfit(asked.sent.clone(), refusal)?,
    };
    asked.show(said).await
}

/// Ends the sessions of somebody: their browsers have to sign in again.
async fn end_sessions(asked: Asked) -> Result<Response, Problem> {
    let person = asked.theirs().await?;
    let login = person.login.clone();
    let ended = asked.app.ask(move |journal| kept::end_sessions(journal, &login).map_err(Problem::from));
    ended.await?;
    tracing::info!(person = %person.id, by = %asked.viewer.person.id, "person.sessions_ended");
    asked.app.note(&person.id, "sessions ended", Some(&asked.viewer.person.id), String::new()).await?;
    asked.answer(Ok(()), Notice::SessionEnded).await
}

async fn invitation(app: &App, person: &Person, whom: Whom) -> Result<Result<Invitation, Refusal>, Problem> {
    let login = person.login.clone();
    let made = move |control: &Control, now| {
        Ok::<_, Problem>(kept::invite_whom(control.journal(), &login, whom, now))
    };
    app.ask_control(made).await
}

/// Names somebody again who was removed.
async fn again(asked: Asked) -> Result<Response, Problem> {
    let person = asked.theirs().await?;
    if person.disabled.is_none() || person.erased.is_some() {
        return Ok(Redirect::to(&path(&asked.client, &["people"])).into_response());
    }
    let done = name_again(&asked.app, &asked.viewer, &asked.client, person).await?;
    asked.answer(done, Notice::Recorded).await
}

/// A new addition with its notice, and the door they had.
pub(crate) async fn name_again(
    app: &App,
    viewer: &Viewer,
    client: &ClientId,
    person: Person,
) -> Result<Result<(), Refused>, Problem> {
    let (of, by, id) = (client.clone(), By::new(viewer.actor()), person.id.clone());
    let done = app.attempt(move |control, now| {
        let id = person.id.clone();
        control.journal().write::<_, journal::Error>(move |tx| {
            tx.set_leaves(&id, None)?;
            tx.set_term(&id, Some(Instant::MAX))
        })?;
        announce(control, &of, &person, by, now)?;
        let id = person.id.clone();
        control.journal().write::<_, journal::Error>(move |tx| tx.enable_person(&id))?;
        Ok(())
    });
    let done = done.await?;
    if done.is_ok() {
        app.note(&id, "named again", Some(&viewer.person.id), String::new()).await?;
    }
    Ok(done)
}

async fn apply(asked: Asked) -> Result<Response, Problem> {
    let person = asked.theirs().await?;
    let done = apply_now(&asked.app, &asked.viewer, &asked.client, &person).await?;
    asked.answer(done, Notice::Recorded).await
}

/// Puts an addition into effect before its notice is over.
pub(crate) async fn apply_now(
    app: &App,
    viewer: &Viewer,
    client: &ClientId,
    person: &Person,
) -> Result<Result<(), Refused>, Problem> {
    let contact: ContactId = person.id.parse().map_err(|_| Problem::NotFound)?;
    let (of, by) = (client.clone(), By::new(viewer.actor()));
    let done = app.attempt(move |control, now| {
        // First as the facts say already, should a term have been lost on its way.
        note_term(control, &of, &contact, now)?;
        control.apply_contact(&of, &contact, by, now)?;
        note_term(control, &of, &contact, now)?;
        Ok(())
    });
    done.await
}

async fn review(asked: Asked) -> Result<Response, Problem> {
    let belongs = asked.sent.all("belongs").map(str::to_owned).collect();
    let done = look_through(&asked.app, &asked.viewer, &asked.client, belongs).await?;
    asked.answer(done, Notice::Recorded).await
}

/// Somebody looked through the list: each who was ticked belongs here, and that is a fact (MP-CLI-03).
pub(crate) async fn look_through(
    app: &App,
    viewer: &Viewer,
    client: &ClientId,
    belongs: Vec<String>,
) -> Result<Result<(), Refused>, Problem> {
    let (of, by) = (client.clone(), By::new(viewer.actor()));
    app.ask_control(move |control, now| reviewed(control, &of, &belongs, by, now)).await
}

fn reviewed(
    control: &Control,
    client: &ClientId,
    belongs: &[String],
    by: By,
    now: Instant,
) -> Result<Result<(), Refused>, Problem> {
    let here = control.journal().read(|tx| tx.people_of(client))?.into_iter();
    let here: Vec<String> = here.filter(|person| person.disabled.is_none()).map(|person| person.id).collect();
    if !here.iter().all(|id| belongs.contains(id)) {
        return Ok(Err(Refused::because(
            "Tick everybody who belongs here, and remove who does not: a review is of the whole list.",
        )));
    }
    let name = format!("people-{}", now.as_micros() / 1_000_000);
    let review: ReviewId = name.parse().map_err(|_| Problem::NotFound)?;
    let done = Refused::or(control.review_access(client, review, by, now))?;
    if done.is_ok() {
        mark(control.journal(), here, now)?;
    }
    Ok(done.map(drop))
}

fn mark(journal: &Journal, people: Vec<String>, now: Instant) -> journal::Result<()> {
    journal.write(move |tx| people.iter().try_for_each(|id| tx.set_reviewed(id, now).map(drop)))
}
