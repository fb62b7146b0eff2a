//! How one is told: by mail, in one's browsers, and when it is quiet. Complete without script, but for browsers, which ask for it
//! themselves.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::{Action, Resource};
use door::secret;
use journal::{
    Journal,
    people::{ADDRESS_BYTES_MAX, Choice, ENDPOINT_BYTES_MAX, HOURLY, Subscription, Wish},
};
use spans::Zone;

use super::{
    App, Field, Notice, Problem, Route, Shell, Viewer,
    account::named,
    form::{Pick, Refused, Sent},
    moment::minute,
    page,
    proof::door_event,
    second::needed,
};

/// The most notices an hour that somebody may ask for.
const HOURLY_MAX: u64 = 600;
const HERE: &str = "/account/notices";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(HERE, Action::ReadOwn, notices),
        Route::post(HERE, Action::EditOwn, choose),
        Route::post("/account/notices/browsers", Action::EditReach, subscribe),
        Route::post("/account/notices/browsers/end", Action::EditReach, unsubscribe),
        Route::get("/worker.js", Action::Enter, worker),
    ]
}

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticesPage {
    shell: Shell,
    refused: Option<Refused>,
    mail: bool,
    push_key: Option<String>,
    mail_fields: Vec<String>,
    quiet_fields: Vec<String>,
    push_pick: String,
    browsers: Vec<(String, String, String)>,
}

async fn notices(State(app): State<App>, shell: Shell, viewer: Viewer) -> Result<Response, Problem> {
    show(&app, shell, &viewer, None, None).await
}

async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    typed: Option<Sent>,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let id = viewer.person.id.clone();
    let read = move |journal: &Journal| journal.read(|tx| Ok((tx.choice(&id)?, tx.subscriptions(&id)?)));
    let (choice, browsers) = app.ask::<_, journal::Error>(read).await?;
    let said = |name: &str, stored: String| typed.as_ref().map_or(stored, |sent| sent.get(name).to_owned());
    let clock =
        |minutes: Option<u16>| minutes.map(|m| format!("{:02}:{:02}", m / 60, m % 60)).unwrap_or_default();
    let wishes = || {
        let words = [
            (Wish::All, "everything that concerns you"),
            (Wish::Pages, "calls only"),
            (Wish::Nothing, "nothing"),
        ];
        words.map(|(wish, word)| (wish.name().to_owned(), word.to_owned())).to_vec()
    };
    let pick = |name: &'static str, label: &'static str, value: String| {
        Pick { id: name, name, label, hint: String::new(), options: wishes(), value }.to_string()
    };
    let line =
        |field: Field, name: &str, stored: String| field.value(&said(name, stored)).optional().to_string();
    let ways = app.ways();
    let page = page(&NoticesPage {
        mail: ways.mail,
        push_key: ways.push_key,
        mail_fields: vec![
            line(
                Field::text("address", "Address").hint("Without one there is no mail.").autocomplete("email"),
                "address",
                choice.address.clone().unwrap_or_default(),
            ),
            pick("mail", "By mail", said("mail", choice.mail.name().to_owned())),
        ],
        quiet_fields: vec![
            line(
                Field::text("quiet-from", "Quiet from").hint("Such as 22:00; empty for no quiet hours."),
                "quiet-from",
                clock(choice.quiet.map(|(from, _)| from)),
            ),
            line(
                Field::text("quiet-until", "Quiet until"),
                "quiet-until",
                clock(choice.quiet.map(|(_, until)| until)),
            ),
            Field::text("zone", "Zone")
                .hint(
                    "On whose clocks it is quiet, and in which notices tell times, such as Europe/Amsterdam.",
                )
                .value(&said("zone", choice.zone.clone()))
                .to_string(),
            Field::number("hourly", "Notices an hour at most", 1, i64::try_from(HOURLY_MAX).unwrap_or(600))
                .hint("Calls come beside them.")
                .value(&said("hourly", choice.hourly.to_string()))
                .to_string(),
        ],
        push_pick: pick("push", "In your browsers", said("push", choice.push.name().to_owned())),
        browsers: browsers.into_iter().map(|b| (b.id, named(&b.agent), minute(b.created))).collect(),
        shell: shell.titled("How you are told").below("Your account", "/account"),
        refused: refused.clone(),
    })?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page).into_response())
}

async fn choose(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    let choice = match read(|name| sent.get(name)) {
        Ok(choice) => choice,
        Err(why) => return show(&app, shell, &viewer, Some(sent), Some(Refused::because(&why))).await,
    };
    if goes_elsewhere(&app, &viewer, &choice).await?
        && let Some(again) = needed(&app, &viewer, HERE)
    {
        return Ok(again);
    }
    keep(&app, &viewer, choice).await?;
    Ok(Redirect::to(&format!("{HERE}?done={}", Notice::Recorded.word())).into_response())
}

/// Whether mail would go to another address than it goes to now. Who changes that could read what is meant for somebody else, so
/// it is done by hand, by who has shown just now who they are, and written down.
pub(crate) async fn goes_elsewhere(app: &App, viewer: &Viewer, choice: &Choice) -> Result<bool, Problem> {
    let id = viewer.person.id.clone();
    let before = app.ask(move |journal| journal.read(|tx| tx.choice(&id))).await?;
    if before.address == choice.address {
        return Ok(false);
    }
    viewer.require(Action::EditReach, &Resource::Account).map(|()| true)
}

/// Keeps how somebody is told, and writes a new address down at the door.
pub(crate) async fn keep(app: &App, viewer: &Viewer, choice: Choice) -> Result<(), Problem> {
    let id = viewer.person.id.clone();
    let event = door_event(&id, "where mail goes changed", None, String::new(), app.now())?;
    let work = move |journal: &Journal| {
        journal.write(move |tx| {
            let before = tx.choice(&id)?;
            tx.set_choice(&id, &choice)?;
            if before.address == choice.address { Ok(()) } else { tx.note_door_event(&event) }
        })
    };
    app.ask::<_, journal::Error>(work).await
}

/// What was typed, as pages and programs send it.
pub(crate) fn read<'s>(get: impl Fn(&str) -> &'s str) -> Result<Choice, String> {
    let given = |name: &str| Some(get(name)).filter(|text| !text.is_empty());
    let wish = |name: &str| {
        let word = given(name).unwrap_or(Wish::All.name());
        Wish::named(word).ok_or_else(|| format!("`{word}` is none of all, pages and none."))
    };
    let quiet = match (given("quiet-from"), given("quiet-until")) {
        (None, None) => None,
        (Some(from), Some(until)) if from == until => {
            return Err("Quiet hours end at another time than they begin.".to_owned());
        }
        (Some(from), Some(until)) => Some((read_clock(from)?, read_clock(until)?)),
        _ => return Err("Say from when and until when it is quiet, or neither.".to_owned()),
    };
    let zone: Zone = given("zone").unwrap_or("UTC").parse().map_err(|error| format!("The zone: {error}."))?;
    let address = given("address").map(str::to_owned);
    if address.as_deref().is_some_and(|address| !is_address(address)) {
        return Err("The address is none: write one such as ann@example.com.".to_owned());
    }
    let hourly = given("hourly").map_or(Ok(HOURLY), str::parse).ok().filter(|n| (1..=HOURLY_MAX).contains(n));
    let hourly = hourly.ok_or_else(|| format!("Write how many notices an hour, 1 to {HOURLY_MAX}."))?;
    Ok(Choice {
        address,
        mail: wish("mail")?,
        push: wish("push")?,
        quiet,
        zone: zone.name().to_owned(),
        hourly,
    })
}

fn read_clock(text: &str) -> Result<u16, String> {
    let wrong = || format!("`{text}` is no time: write it as 22:00.");
    let time: spans::WallTime = text.parse().map_err(|_| wrong())?;
    u16::try_from(time.minutes()).ok().filter(|minutes| *minutes < 24 * 60).ok_or_else(wrong)
}

/// One address and nothing else (RFC 5321, as far as it is ever typed): no spaces, no control characters, no quotes.
fn is_address(text: &str) -> bool {
    let plain = |part: &str, more: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= ADDRESS_BYTES_MAX
        && plain(local, ".!#$%&'*+-/=?^_`{|}~")
        && plain(domain, ".-")
        && domain.contains('.')
}

async fn subscribe(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, Problem> {
    if app.ways().push_key.is_none() {
        return Err(Problem::Invalid("Push messages are not set up on this server.".to_owned()));
    }
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    let endpoint = sent.get("endpoint").to_owned();
    if !endpoint.starts_with("https://") || ENDPOINT_BYTES_MAX < endpoint.len() {
        return Err(Problem::Invalid("The browser gave no address of a push service.".to_owned()));
    }
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let subscription = Subscription {
        id: secret::hex(&secret::random::<16>()?),
        person: viewer.person.id.clone(),
        endpoint,
        p256dh: sent.get("p256dh").to_owned(),
        auth: sent.get("auth").to_owned(),
        agent: agent.chars().take(200).collect(),
        created: app.now(),
    };
    let detail = named(&subscription.agent);
    let event = door_event(&viewer.person.id, "a browser takes notices", None, detail, app.now())?;
    let work = move |journal: &Journal| {
        journal.write(move |tx| {
            tx.subscribe(&subscription)?;
            tx.note_door_event(&event)
        })
    };
    app.ask::<_, journal::Error>(work).await?;
    Ok(Redirect::to(&format!("{HERE}?done={}", Notice::Recorded.word())).into_response())
}

async fn unsubscribe(State(app): State<App>, viewer: Viewer, sent: Sent) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    let (id, browser) = (viewer.person.id.clone(), sent.get("browser").to_owned());
    let event = door_event(&id, "a browser takes no notices any more", None, String::new(), app.now())?;
    let work = move |journal: &Journal| {
        journal
            .write(move |tx| if tx.unsubscribe(&id, &browser)? { tx.note_door_event(&event) } else { Ok(()) })
    };
    app.ask::<_, journal::Error>(work).await?;
    Ok(Redirect::to(&format!("{HERE}?done={}", Notice::Recorded.word())).into_response())
}

/// The service worker: it lies at the root, so that it may show what belongs to any page, and is asked for anew each time.
async fn worker() -> Response {
    let kind = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    ([kind], include_str!("../../assets/worker.js")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(&str, &'static str)]) -> Result<Choice, String> {
        read(|name| fields.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value))
    }

    #[test]
    fn what_is_typed_is_read_or_refused_in_words() {
        let choice = typed(&[
            ("address", "ann@example.com"),
            ("quiet-from", "22:00"),
            ("quiet-until", "07:00"),
            ("zone", "Europe/Amsterdam"),
            ("mail", "pages"),
            ("hourly", "5"),
        ]);
        let choice = choice.unwrap();
        assert_eq!((choice.quiet, choice.mail, choice.hourly), (Some((1_320, 420)), Wish::Pages, 5));
        for (fields, why) in [
            (&[("quiet-from", "22:00")][..], "or neither"),
            (&[("quiet-from", "22:00"), ("quiet-until", "22:00")], "another time"),
            (&[("quiet-from", "late"), ("quiet-until", "07:00")], "22:00"),
            (&[("zone", "Mars")], "The zone"),
            (&[("mail", "some")], "all, pages and none"),
            (&[("hourly", "0")], "1 to 600"),
            (&[("address", "ann@example.com\r\nBcc: x@example.com")], "The address"),
            (&[("address", "ann")], "The address"),
        ] {
            assert!(typed(fields).unwrap_err().contains(why), "{fields:?}");
        }
    }
}
