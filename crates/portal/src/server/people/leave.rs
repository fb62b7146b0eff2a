//! Who goes: at once, or from a day that is said beforehand. The last who may ask for support stays (MP-CLI-04, SH-DEF-12).

use axum::response::Response;
use control::live::{
    Control, NotDone,
    command::{By, ContactRole},
};
use desk::policy::Action;
use facts::{Actor, ClientId, ContactId};
use journal::people::Person;
use spans::Instant;

use super::{Asked, offered};
use crate::{
    people::{self as kept, Refusal},
    server::{
        App, Notice, Problem, Route, Viewer,
        form::{Refused, Sent},
        moment::{minute, read_field},
    },
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/clients/{client}/people/remove", Action::RemovePerson, remove),
        Route::post("/clients/{client}/people/leaves", Action::RemovePerson, leaves),
    ]
}

async fn remove(asked: Asked) -> Result<Response, Problem> {
    let person = asked.theirs().await?;
    let done = remove_now(&asked.app, &asked.viewer, &asked.client, person).await?;
    asked.answer(done, Notice::Removed).await
}

/// Removes somebody at once.
pub(crate) async fn remove_now(
    app: &App,
    viewer: &Viewer,
    client: &ClientId,
    person: Person,
) -> Result<Result<(), Refused>, Problem> {
    let (of, by, id) = (client.clone(), By::new(viewer.actor()), person.id.clone());
    let done = app.ask_control(move |control, now| gone(control, &of, &person, by, now)).await?;
    if done.is_ok() {
        tracing::info!(person = %id, by = %viewer.person.id, "person.removed");
        app.note(&id, "removed", Some(&viewer.person.id), String::new()).await?;
    }
    Ok(done)
}

/// The door is shut first, where the list is held, and then it is put on record; what the agreement refuses opens it again.
fn gone(
    control: &Control,
    client: &ClientId,
    person: &Person,
    by: By,
    now: Instant,
) -> Result<Result<(), Refused>, Problem> {
    let roles = offered(control.read(client, now, |book| book.contact_roles())?);
    match kept::remove(control.journal(), client, person, &primary(&roles), now) {
        Ok(()) => {}
        Err(Refusal::LastContact(why)) => return Ok(Err(last(&roles, &why))),
        Err(refusal) => return Err(refusal.into()),
    }
    let contact: ContactId = person.id.parse().map_err(|_| Problem::NotFound)?;
    match Refused::or(control.remove_contact(client, &contact, by, now)) {
        Ok(Ok(_)) | Err(NotDone::UnknownClient { .. }) => Ok(Ok(())),
        Ok(Err(_)) if control.read(client, now, |book| book.versions().is_none())?.unwrap_or(true) => {
            Ok(Ok(()))
        }
        Ok(Err(refused)) => {
            let id = person.id.clone();
            control.journal().write::<_, journal::Error>(move |tx| tx.enable_person(&id))?;
            Ok(Err(refused))
        }
        Err(error) => Err(error.into()),
    }
}

/// Roles that may ask for support.
pub(super) fn primary(roles: &[ContactRole]) -> Vec<String> {
    roles.iter().filter(|role| role.primary).map(|role| role.word.clone()).collect()
}

/// Why the last of them stays.
pub(super) fn last(roles: &[ContactRole], why: &str) -> Refused {
    let named = roles.iter().filter(|role| role.primary).flat_map(|role| role.clauses.clone());
    Refused { clauses: named.collect(), ..Refused::because(why) }
}

/// Says from which day on somebody does not count any more; without a day they stay. On that day they are removed like anybody.
async fn leaves(asked: Asked) -> Result<Response, Problem> {
    let person = asked.theirs().await?;
    let typed = asked.sent.given("leaves").is_some();
    let done = match first_day(&asked.sent) {
        None if typed => Err(no_day()),
        on => leave_on(&asked.app, &asked.viewer, &asked.client, person, on).await?,
    };
    asked.answer(done, Notice::Recorded).await
}

/// The beginning of the day that was said, in the zone that the form told it in.
fn first_day(sent: &Sent) -> Option<Instant> {
    read_field(&format!("{}T00:00", sent.get("leaves")), sent.get("leaves-zone"))
}

fn no_day() -> Refused {
    Refused::because("Say a day that is still to come, or remove them now.")
}

/// The same instant for pages and programs: from `on` they do not count; none: they stay.
pub(crate) async fn leave_on(
    app: &App,
    viewer: &Viewer,
    client: &ClientId,
    person: Person,
    on: Option<Instant>,
) -> Result<Result<(), Refused>, Problem> {
    if person.disabled.is_some() || on.is_some_and(|on| on <= app.now()) {
        return Ok(Err(no_day()));
    }
    let (of, id) = (client.clone(), person.id.clone());
    let work = move |control: &Control, now: Instant| {
        let roles = offered(control.read(&of, now, |book| book.contact_roles())?);
        match kept::leave_on(control.journal(), &of, &person, &primary(&roles), (on, now)) {
            Ok(()) => Ok(Ok(())),
            Err(Refusal::LastContact(why)) => Ok(Err(last(&roles, &why))),
            Err(refusal) => Err(Problem::from(refusal)),
        }
    };
    let done = app.ask_control(work).await?;
    if done.is_ok() {
        let event = if on.is_some() { "is to leave" } else { "is to stay" };
        app.note(&id, event, Some(&viewer.person.id), on.map_or(String::new(), minute)).await?;
    }
    Ok(done)
}

/// Removes those whose last day is over, each with a fact of their own. What is refused is logged; they are out all the same.
pub(crate) fn see_off(control: &Control, now: Instant) -> Result<(), Problem> {
    for person in control.journal().read(|tx| tx.left_by(now))? {
        let Some(client) = person.standing.client() else { continue };
        let by = By::new(Actor::automaton("last day"));
        match gone(control, client, &person, by, now)? {
            Ok(()) => tracing::info!(person = %person.id, "person.left"),
            Err(refused) => {
                tracing::error!(person = %person.id, why = %refused.reason, "person.left_refused");
            }
        }
    }
    Ok(())
}
