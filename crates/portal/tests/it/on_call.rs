//! The page of who is on call, and how one is told.

use axum::http::StatusCode;
use facts::{Actor, RotaOverridden, RotaSet};
use portal::server::Ways;
use spans::Length;
use testkit::browser::Kind;

use crate::{
    agreed::two_versions,
    browser::{Open, sound},
    desk::{Browser, Desk},
};

fn key(page: &str) -> &str {
    let (_, rest) = page.split_once("name=\"key\" value=\"").unwrap();
    rest.split('"').next().unwrap()
}

pub(crate) async fn layer(browser: &mut Browser<'_>, people: &str, first: &str) -> crate::desk::Answer {
    let page = browser.get("/on-call").await;
    let form = format!(
        "key={}&name=First+line&level=1&zone=UTC&first={first}&first-zone=UTC&weeks=1&hours=&people={people}",
        key(&page.body)
    );
    browser.post("/on-call/layers", &form).await
}

fn id(desk: &Desk, login: &str) -> String {
    let (person, _) = desk.journal.read(|tx| tx.person_by_login(login)).unwrap().unwrap();
    person.id
}

#[tokio::test]
async fn a_layer_is_set_by_those_who_may_and_the_week_shows_it() {
    let desk = Desk::new();
    let mut ann = desk.signed_in("ann").await;
    let empty = ann.get("/on-call").await;
    assert!(
        empty.body.contains("Nobody is on call") && empty.body.contains("Set the layer"),
        "{}",
        empty.body
    );
    let refused = layer(&mut ann, "sam,nobody", "2027-01-11T09:00").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Nobody signs in as nobody."));
    let weeks = layer(&mut ann, "bo", "2027-01-11T09:00").await;
    assert_eq!(weeks.status, StatusCode::UNPROCESSABLE_ENTITY, "not the provider's person");
    let set = layer(&mut ann, "sam,ann", "2027-01-11T09:00").await;
    assert_eq!(set.header("location"), "/on-call?done=recorded", "{}", set.body);
    let page = ann.get("/on-call?week=2027-01-13").await;
    assert!(page.body.contains("Name of sam</b>") && page.body.contains("Name of ann from"), "{}", page.body);
    assert!(
        page.body.contains("Mon 11") && page.body.contains("<span class=\"soft\">09:00</span> Name of sam")
    );
    let next = ann.get("/on-call?week=2027-01-18").await;
    assert!(next.body.contains("<span class=\"soft\">09:00</span> Name of ann"), "{}", next.body);
}

#[tokio::test]
async fn an_exception_counts_and_is_taken_back() {
    let desk = Desk::new();
    let mut ann = desk.signed_in("ann").await;
    layer(&mut ann, "sam,ann", "2027-01-11T09:00").await;
    let page = ann.get("/on-call").await;
    let form = format!(
        "key={}&rota=first-line&who={}&what=person&from=2027-01-15T00:00&from-zone=UTC&until=2027-01-16T00:00&until-zone=UTC",
        key(&page.body),
        id(&desk, "ann")
    );
    assert_eq!(ann.post("/on-call/exceptions", &form).await.header("location"), "/on-call?done=recorded");
    let page = ann.get("/on-call").await;
    assert!(
        page.body.contains("Name of ann is on call") && page.body.contains("by exception"),
        "{}",
        page.body
    );
    let back = format!(
        "key={}&what=back&rota=first-line&from=2027-01-15T00:00:00Z&until=2027-01-16T00:00:00Z",
        key(&page.body)
    );
    assert_eq!(ann.post("/on-call/exceptions", &back).await.header("location"), "/on-call?done=recorded");
    assert!(ann.get("/on-call").await.body.contains("Name of sam</b> <span class=\"soft\">by turn"));
    let wrong = format!(
        "key={}&rota=first-line&who={}&what=away&from=2027-01-16T00:00&until=2027-01-15T00:00",
        key(&ann.get("/on-call").await.body),
        id(&desk, "sam")
    );
    let wrong = ann.post("/on-call/exceptions", &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("it ends before it begins"), "{}", wrong.body);
}

#[tokio::test]
async fn people_of_a_client_do_not_see_who_is_on_call() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    assert_eq!(bo.get("/on-call").await.status, StatusCode::NOT_FOUND);
    assert!(!bo.get("/").await.body.contains("/on-call"));
    assert!(desk.signed_in("sam").await.get("/").await.body.contains("href=\"/on-call\""));
}

#[tokio::test]
async fn one_says_how_one_is_told_and_mistakes_are_told_back() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    let page = bo.get("/account/notices").await;
    assert!(page.body.contains("Mail is not set up on this server yet"), "{}", page.body);
    let form = "address=bo%40acme.example&mail=pages&push=none&quiet-from=22:00&quiet-until=07:00&zone=Europe/Amsterdam&hourly=5";
    assert_eq!(bo.post("/account/notices", form).await.header("location"), "/account/notices?done=recorded");
    let page = bo.get("/account/notices").await;
    assert!(page.body.contains("value=\"bo@acme.example\"") && page.body.contains("value=\"22:00\""));
    let wrong = bo.post("/account/notices", "address=bo&zone=UTC&hourly=5").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("The address is none") && wrong.body.contains("value=\"bo\""),
        "{}",
        wrong.body
    );
    // Where mail goes is asked for again; how, is not.
    desk.wait(Length::from_secs(15 * 60));
    let moved = bo.post("/account/notices", &form.replace("bo%40acme", "evil%40evil")).await;
    assert_eq!(moved.header("location"), "/step-up?next=/account/notices");
    for path in ["/account/notices/browsers/end", "/account/notices/browsers"] {
        desk.app.send_by(Ways { mail: true, push_key: Some("key".to_owned()), hook: false });
        let again = bo.post(path, "endpoint=https%3A%2F%2Fpush.example%2F1&p256dh=p&auth=a").await;
        assert_eq!(again.header("location"), "/step-up?next=/account/notices", "{path}");
    }
    let later = bo.post("/account/notices", &form.replace("hourly=5", "hourly=6")).await;
    assert_eq!(later.header("location"), "/account/notices?done=recorded");
    let events = desk.journal.read(|tx| tx.door_events(&id(&desk, "bo"))).unwrap();
    assert_eq!(events.iter().filter(|event| event.event == "where mail goes changed").count(), 1);
    let choice = desk.journal.read(|tx| tx.choice(&id(&desk, "bo"))).unwrap();
    assert_eq!((choice.address.as_deref(), choice.quiet), (Some("bo@acme.example"), Some((1_320, 420))));
}

#[tokio::test]
async fn a_browser_subscribes_for_its_own_person_only_where_push_is_set_up() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    let form = "endpoint=https%3A%2F%2Fpush.example%2F1&p256dh=p&auth=a";
    let refused = bo.post("/account/notices/browsers", form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    desk.app.send_by(Ways { mail: true, push_key: Some("key".to_owned()), hook: false });
    let page = bo.get("/account/notices").await;
    assert!(page.body.contains("data-push=\"key\""));
    let inside = form.replace("https%3A", "http%3A");
    assert_eq!(bo.post("/account/notices/browsers", &inside).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        bo.post("/account/notices/browsers", form).await.header("location"),
        "/account/notices?done=recorded"
    );
    let browser = desk.journal.read(|tx| tx.subscriptions(&id(&desk, "bo"))).unwrap().remove(0);
    desk.wait(Length::MINUTE);
    let mut cy = desk.signed_in("cy").await;
    cy.post("/account/notices/browsers/end", &format!("browser={}", browser.id)).await;
    assert_eq!(desk.journal.read(|tx| tx.subscriptions(&id(&desk, "bo"))).unwrap().len(), 1, "another's");
    bo.post("/account/notices/browsers/end", &format!("browser={}", browser.id)).await;
    assert!(desk.journal.read(|tx| tx.subscriptions(&id(&desk, "bo"))).unwrap().is_empty());
}

#[tokio::test]
async fn the_worker_lies_at_the_root_and_is_asked_for_anew() {
    let desk = Desk::new();
    let worker = desk.browser().get("/worker.js").await;
    assert_eq!((worker.status, worker.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(worker.header("content-type").starts_with("text/javascript"));
}

/// A desk with two layers, an exception and an open call.
fn busy(origin: &str) -> Desk {
    let desk = Desk::under(origin, two_versions()).agree();
    let now = desk.now();
    let person = |login: &str| id(&desk, login);
    let layer = |name: &str, level: u16, people: Vec<String>, hours: &[&str]| RotaSet {
        rota: name.to_lowercase().replace(' ', "-").parse().unwrap(),
        name: name.to_owned(),
        level,
        zone: "Europe/Amsterdam".to_owned(),
        people,
        first: now - Length::from_hours(24 * 9),
        weeks: 1,
        hours: hours.iter().map(|line| (*line).to_owned()).collect(),
    };
    let days: Vec<String> =
        ["Mon", "Tue", "Wed", "Thu", "Fri"].map(|day| format!("{day} 08:00-18:00")).to_vec();
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let set = |layer| desk.control.set_rota(layer, Actor::provider("ann"), None, now).unwrap();
    set(layer("First line", 1, vec![person("sam"), person("ann")], &[]));
    set(layer("By day", 2, vec![person("ann")], &days));
    let exception = RotaOverridden {
        rota: "first-line".parse().unwrap(),
        person: Some(person("ann")),
        away: None,
        from: now + Length::from_hours(30),
        until: now + Length::from_hours(42),
    };
    desk.control.override_rota(exception, Actor::provider("ann"), None, now).unwrap();
    desk
}

#[test]
fn the_page_is_sound_on_a_desk_in_the_dark_and_on_a_phone() {
    let open = Open::over(busy);
    for (kind, name) in [
        (Kind::DESK, "on-call"),
        (Kind { dark: true, ..Kind::DESK }, "on-call-dark"),
        (Kind::PHONE, "on-call-phone"),
    ] {
        let browser = open.signed_in(kind, "ann");
        browser.go(&format!("{}/on-call", open.origin));
        sound(&browser, name);
        browser.go(&format!("{}/account/notices", open.origin));
        sound(&browser, &name.replace("on-call", "notices"));
        open.desk.wait(Length::MINUTE);
    }
}
