//! What changes who is on call: a layer, an exception, whom a client has cleared; and that a call was seen.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::{Action, Resource};
use facts::{ClientId, PageId, RotaId, RotaOverridden, RotaSet, TicketId};
use serde::Deserialize;
use spans::Zone;

use super::{Asked, show, text};
use crate::server::{
    App, Notice, Problem, Route, Shell, Viewer,
    form::{Minute, Refused, Sent},
    moment::path,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/on-call/layers", Action::EditRota, layer),
        Route::post("/on-call/exceptions", Action::EditRota, exception),
        Route::post("/on-call/clearances", Action::EditRota, clearance),
        Route::post("/clients/{client}/tickets/{ticket}/calls/{page}/seen", Action::AnswerPage, seen),
    ]
}

/// Who says who is on call.
pub(crate) fn may_edit(viewer: &Viewer) -> bool {
    viewer.may(Action::EditRota, &Resource::Provider)
}

pub(super) fn layer_fields(sent: &Sent, zone: &Zone) -> Vec<String> {
    let value = |name: &str, otherwise: &str| sent.given(name).unwrap_or(otherwise).to_owned();
    let first = Minute {
        id: "first",
        name: "first",
        label: "The first turn begins",
        hint: "Every further turn begins at the same time of the week.".to_owned(),
        value: sent.get("first").to_owned(),
        required: true,
    };
    vec![
        text("name", "Name", &value("name", ""), "A layer of the same name is set anew."),
        text("level", "Level", &value("level", "1"), "1 is called first, then 2."),
        text(
            "zone",
            "Zone",
            &value("zone", zone.name()),
            "On whose clocks turns change, such as Europe/Amsterdam.",
        ),
        first.to_string(),
        text("weeks", "Weeks of a turn", &value("weeks", "1"), ""),
        crate::server::Field::text("hours", "Hours")
            .hint("Such as Mon 09:00-17:00, Tue 09:00-17:00; empty for all hours.")
            .value(sent.get("hours"))
            .optional()
            .to_string(),
        crate::server::Field::text("people", "Logins in order")
            .hint("Such as ann, bob; they take turns in this order. Nobody: the layer ends.")
            .value(sent.get("people"))
            .optional()
            .to_string(),
    ]
}

async fn done(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    sent: Sent,
    answer: Result<(), Refused>,
) -> Result<Response, Problem> {
    match answer {
        Ok(()) => Ok(Redirect::to(&format!("/on-call?done={}", Notice::Recorded.word())).into_response()),
        Err(refused) => show(app, shell, viewer, Asked::default(), sent, Some(refused)).await,
    }
}

async fn layer(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key("rota")?;
    let logins: Vec<String> =
        sent.get("people").split([',', ' ']).filter(|l| !l.is_empty()).map(str::to_owned).collect();
    let wanted = logins.clone();
    let staff = app.ask(move |journal| journal.read(|tx| tx.staff())).await?;
    let id = |login: &String| {
        let person = staff.iter().find(|person| person.login == *login)?;
        Some(person.id.clone())
    };
    let people: Result<Vec<String>, Refused> = wanted
        .iter()
        .map(|login| id(login).ok_or_else(|| Refused::because(&format!("Nobody signs in as {login}."))))
        .collect();
    let set = people.and_then(|people| read_layer(&sent, people).map_err(Refused::because));
    let answer = match set {
        Err(refused) => Err(refused),
        Ok(set) => {
            let actor = viewer.actor();
            let answer =
                app.attempt(move |control, now| control.set_rota(set, actor, Some(key), now)).await?;
            answer.map(drop)
        }
    };
    done(&app, shell, &viewer, sent, answer).await
}

fn read_layer(sent: &Sent, people: Vec<String>) -> Result<RotaSet, &'static str> {
    let name = sent.get("name").to_owned();
    let word: String = name
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    let lines = sent.get("hours").split([',', ';']).map(str::trim).filter(|line| !line.is_empty());
    Ok(RotaSet {
        rota: word.parse().map_err(|_| "Give the layer a name of letters and digits.")?,
        name,
        level: sent.get("level").parse().map_err(|_| "The level is a number, 1 for who is called first.")?,
        zone: sent.get("zone").to_owned(),
        people,
        first: sent.minute("first").ok_or("Say when the first turn begins, as 2026-03-09T09:00.")?,
        weeks: sent.get("weeks").parse().map_err(|_| "Say how many weeks a turn lasts, 1 to 52.")?,
        hours: lines.map(str::to_owned).collect(),
    })
}

async fn exception(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key("exception")?;
    let answer = match read_exception(&sent) {
        Err(why) => Err(Refused::because(why)),
        Ok(exception) => {
            let actor = viewer.actor();
            let said =
                app.attempt(move |control, now| control.override_rota(exception, actor, Some(key), now));
            said.await?.map(drop)
        }
    };
    done(&app, shell, &viewer, sent, answer).await
}

fn read_exception(sent: &Sent) -> Result<RotaOverridden, &'static str> {
    let rota: RotaId = sent.get("rota").parse().map_err(|_| "Choose a layer.")?;
    let at = |name: &str| sent.minute(name).or_else(|| sent.get(name).parse().ok());
    let who = sent.given("who").map(str::to_owned);
    let (person, away) = match sent.get("what") {
        "person" => (who, None),
        "away" => (None, who),
        "back" => (None, None),
        _ => return Err("Say whether the person is on call or away."),
    };
    let from = at("from").ok_or("Say from when, as 2026-03-09T09:00.")?;
    let until = at("until").ok_or("Say until when, as 2026-03-10T09:00.")?;
    Ok(RotaOverridden { rota, person, away, from, until })
}

async fn clearance(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    let client: ClientId = sent.get("client").parse().map_err(|_| Problem::NotFound)?;
    let (person, cleared) = (sent.get("person").to_owned(), sent.get("cleared") == "yes");
    clear(&app, client, person, cleared).await?;
    done(&app, shell, &viewer, sent, Ok(())).await
}

/// Notes whether a client lets one of the provider's people work for it (MP-COB-03).
pub(in crate::server) async fn clear(
    app: &App,
    client: ClientId,
    person: String,
    cleared: bool,
) -> Result<(), Problem> {
    app.ask_control(move |control, now| {
        if !control.known_clients()?.contains(&client) {
            return Err(Problem::NotFound);
        }
        let known = control.journal().read(|tx| tx.person(&person))?;
        if known.is_none_or(|known| known.standing.client().is_some()) {
            return Err(Problem::NotFound);
        }
        let at = cleared.then_some(now);
        control.journal().write(move |tx| tx.set_clearance(&client, &person, at))?;
        Ok(())
    })
    .await
}

/// A call in an address.
#[derive(Deserialize)]
struct OfCall {
    client: ClientId,
    ticket: TicketId,
    page: PageId,
}

async fn seen(
    State(app): State<App>,
    viewer: Viewer,
    Path(OfCall { client, ticket, page }): Path<OfCall>,
) -> Result<Response, Problem> {
    let (person, actor) = (viewer.person.id.clone(), viewer.actor());
    let back = path(&client, &["tickets", ticket.as_str()]);
    let see = move |control: &control::live::Control, now| {
        control.see_call(&client, &ticket, &page, (actor, &person), now)
    };
    match app.attempt(see).await? {
        Ok(_) => Ok(Redirect::to(&format!("{back}?done={}", Notice::Seen.word())).into_response()),
        // Somebody else was faster, or it was answered: the ticket says so.
        Err(_) => Ok(Redirect::to(&back).into_response()),
    }
}
