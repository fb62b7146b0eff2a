//! Status pages: for whoever has the address, without a cookie, and there while the store is not.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use courier::{
    Courier, Outcome as Sent,
    hook::Hooks,
    mail::{MailSettings, Mailer, RawMail},
};
use facts::{Actor, Outcome, ShownInstance, StatusPublished};
use rusqlite::Connection;
use serde_json::Value;
use spans::Length;
use testkit::{
    browser::Kind,
    push::PushService,
    smtp::{Mode, Smtp},
};

use crate::{
    agreed::{client, papers},
    browser::{Open, sound},
    desk::{Answer, Desk},
    ticket::{fill, key},
};

const SETTINGS: &str = "/clients/acme/status/settings";
const FORM: &str = "title=Acme&address=acme&show=wiki&name-wiki=The+wiki&about-wiki=Where+we+write";
/// Every way out, and what it is.
const BELOW: [(&str, &str); 16] = [
    ("", "text/html"),
    ("/style.css", "text/css"),
    ("/history", "text/html"),
    ("/embed", "text/html"),
    ("/feed.atom", "application/atom+xml"),
    ("/maintenance.ics", "text/calendar"),
    ("/status.json", "application/json"),
    ("/badge.svg", "image/svg+xml"),
    ("/api/v2/summary.json", "application/json"),
    ("/api/v2/status.json", "application/json"),
    ("/api/v2/components.json", "application/json"),
    ("/api/v2/incidents.json", "application/json"),
    ("/api/v2/incidents/unresolved.json", "application/json"),
    ("/api/v2/scheduled-maintenances.json", "application/json"),
    ("/api/v2/scheduled-maintenances/upcoming.json", "application/json"),
    ("/api/v2/scheduled-maintenances/active.json", "application/json"),
];

/// With a page that anybody sees, some minutes up and two down.
pub(crate) fn up() -> Desk {
    let desk = Desk::agreed();
    desk.answers(Length::from_minutes(10), Outcome::Up);
    desk.answers(Length::from_minutes(2), Outcome::Down);
    desk.answers(Length::from_minutes(5), Outcome::Up);
    publish(&desk, |_| ());
    desk
}

pub(crate) fn publish(desk: &Desk, change: impl FnOnce(&mut StatusPublished)) {
    let mut set = StatusPublished {
        page: "acme".parse().unwrap(),
        title: "Acme".to_owned(),
        public: true,
        key: None,
        domain: None,
        accent: None,
        scheme: None,
        back: None,
        footer: None,
        logo: None,
        components: vec![ShownInstance {
            instance: "wiki".parse().unwrap(),
            name: "The wiki".to_owned(),
            about: None,
        }],
    };
    change(&mut set);
    desk.store("acme", Actor::provider("Planner"), set);
    desk.control.write_status(desk.now()).unwrap();
}

pub(crate) async fn asked(desk: &Desk, host: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path).header(header::HOST, host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    desk.send(request.body(Body::empty()).unwrap()).await
}

pub(crate) async fn got(desk: &Desk, path: &str) -> Answer {
    asked(desk, crate::desk::HOST, path, &[]).await
}

#[tokio::test]
async fn every_way_out_is_there_for_anybody_and_sets_no_cookie() {
    let desk = up();
    for (below, kind) in BELOW {
        let answer = got(&desk, &format!("/status/acme{below}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{below}: {}", answer.body);
        assert!(
            answer.header("content-type").starts_with(kind),
            "{below}: {}",
            answer.header("content-type")
        );
        assert!(answer.headers.get(header::SET_COOKIE).is_none(), "{below}");
        assert!(answer.header("cache-control").starts_with("public, max-age=30"), "{below}");
        let tag = answer.header("etag").to_owned();
        let again =
            asked(&desk, crate::desk::HOST, &format!("/status/acme{below}"), &[("if-none-match", &tag)])
                .await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{below}");
        let framed = below == "/embed";
        assert_eq!(answer.headers.get("x-frame-options").is_none(), framed, "{below}");
        assert_eq!(answer.header("content-security-policy").contains("frame-ancestors *"), framed, "{below}");
        let for_others = framed || ["application/json", "image/svg+xml"].contains(&kind);
        let policy = if for_others { "cross-origin" } else { "same-origin" };
        assert_eq!(answer.header("cross-origin-resource-policy"), policy, "{below}");
    }
    let page = got(&desk, "/status/acme").await.body;
    assert!(page.contains("The wiki") && page.contains("2 min down") && page.contains("not seen"), "{page}");
    assert!(page.len() + got(&desk, "/status/acme/style.css").await.body.len() < 20_000);
    for word in ["<script", "style=", "Instance wiki", "/clients/"] {
        assert!(!page.contains(word), "{word}: {page}");
    }
    roxmltree::Document::parse(&got(&desk, "/status/acme/feed.atom").await.body).unwrap();
    let summary: Value =
        serde_json::from_str(&got(&desk, "/status/acme/api/v2/summary.json").await.body).unwrap();
    let id = summary["components"][0]["id"].as_str().unwrap();
    for badge in [format!("/status/acme/badges/{id}.svg"), format!("/status/acme/badges/{id}/uptime.svg")] {
        let drawn = got(&desk, &badge).await;
        assert_eq!(drawn.status, StatusCode::OK, "{badge}: {}", drawn.body);
        roxmltree::Document::parse(&drawn.body).unwrap();
    }
    for nowhere in [
        "/status/acm",
        "/status/beta",
        "/status/acme/nothing",
        "/status/acme/api/v2/nothing.json",
        "/status/acme/badges/none.svg",
        "/status/acme/badges/none",
    ] {
        let answer = got(&desk, nowhere).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nowhere}");
        assert!(answer.header("content-type").starts_with("text/plain"), "{nowhere}");
    }
}

#[tokio::test]
async fn a_page_is_served_while_the_store_is_gone_to_who_is_signed_in_too() {
    let desk = up();
    let mut bo = desk.signed_in("bo").await;
    let store = Connection::open(desk.store_path()).unwrap();
    store.execute_batch("ALTER TABLE head RENAME TO gone; ALTER TABLE session RENAME TO gone_too").unwrap();
    desk.wait(Length::HOUR);
    assert!(desk.control.write_status(desk.now()).is_err());
    for answer in [got(&desk, "/status/acme").await, bo.get("/status/acme").await] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(answer.body.contains("What came after that instant cannot be read"), "{}", answer.body);
        assert!(answer.headers.get(header::SET_COOKIE).is_none());
    }
    assert_eq!(got(&desk, "/status/acme/api/v2/summary.json").await.status, StatusCode::OK);
    assert!(bo.get("/clients/acme").await.status.is_server_error(), "or this proves nothing");
}

#[tokio::test]
async fn a_contact_sets_it_up_and_a_secret_address_is_said_once_and_can_be_turned() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    assert!(bo.get("/clients/acme/support").await.body.contains(SETTINGS));
    assert_eq!(bo.get("/clients/acme/status").await.status, StatusCode::NOT_FOUND);
    let empty = bo.get(SETTINGS).await.body;
    assert!(empty.contains("value=\"Instance wiki\"") && empty.contains("value=\"acme\""), "{empty}");
    let secret = |page: &str| {
        let is_secret = |part: &str| part.len() > 64 && part.bytes().take(64).all(|b| b.is_ascii_hexdigit());
        let rest = page.split("/status/").find(|part| is_secret(part));
        rest.map(|rest| rest[..64].to_owned()).unwrap_or_else(|| panic!("no secret: {page}"))
    };
    let made = fill(&mut bo, SETTINGS, SETTINGS, &format!("{FORM}&audience=secret")).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let first = secret(&made.body);
    assert!(!bo.get(SETTINGS).await.body.contains(&first), "said once");
    let page = got(&desk, &format!("/status/{first}")).await;
    assert!(page.body.contains("noindex") && page.body.contains("Where we write"), "{}", page.body);
    assert_eq!(page.header("cache-control"), "private, max-age=30");
    assert_eq!(got(&desk, "/status/acme").await.status, StatusCode::NOT_FOUND, "its name is no address");
    let kept = fill(&mut bo, SETTINGS, SETTINGS, &format!("{FORM}&audience=secret&accent=%23aa0000")).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    assert!(got(&desk, &format!("/status/{first}/style.css")).await.body.contains("--accent:#aa0000"));
    let turned = fill(&mut bo, SETTINGS, SETTINGS, &format!("{FORM}&audience=secret&turn=yes")).await;
    let second = secret(&turned.body);
    assert_eq!(got(&desk, &format!("/status/{first}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(got(&desk, &format!("/status/{second}")).await.status, StatusCode::OK);
    fill(&mut bo, SETTINGS, SETTINGS, &format!("{FORM}&audience=people")).await;
    assert_eq!(got(&desk, &format!("/status/{second}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bo.get("/clients/acme/status").await.status, StatusCode::OK);
    for wrong in [
        format!("{FORM}&audience=anybody-at-all"),
        format!("{FORM}&audience=public&accent=red"),
        format!("{FORM}&audience=people&domain=status.example.org"),
        format!("{FORM}&audience=public&domain={}", crate::desk::HOST),
        "title=Acme&address=acme&audience=public".to_owned(),
        "title=Acme&address=acme&audience=public&show=forum&name-forum=x".to_owned(),
    ] {
        let refused = fill(&mut bo, SETTINGS, SETTINGS, &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(refused.body.contains("Not recorded."), "{wrong}: {}", refused.body);
    }
    let mut cy = desk.signed_in("cy").await;
    for path in
        ["/clients/acme/status", SETTINGS, "/clients/acme/status/history", "/clients/acme/status/update"]
    {
        assert_eq!(cy.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let (theirs, taken) = ("/clients/beta/status/settings", FORM.replace("wiki", "forum"));
    let taken = fill(&mut cy, theirs, theirs, &format!("{taken}&audience=public")).await;
    assert!(taken.body.contains("that address is not free"), "{}", taken.body);
    let form = key(&bo.get(SETTINGS).await.body);
    let gone = bo.post("/clients/acme/status/withdraw", &format!("key={form}")).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.body);
    assert_eq!(bo.get("/clients/acme/status").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_engineer_tells_the_public_and_it_stands_there_at_once() {
    let desk = up();
    let mut sam = desk.signed_in("sam").await;
    let update = "/clients/acme/status/update";
    let told = fill(
        &mut sam,
        update,
        update,
        "incident=&title=Slow+answers&stage=identified&impact=degraded&instance=wiki&message=A+disk+is+%3Cfull%3E.&next=",
    )
    .await;
    assert_eq!(told.header("location"), "/clients/acme/status", "{}", told.body);
    let page = got(&desk, "/status/acme").await.body;
    assert!(page.contains("Slow answers") && page.contains("A disk is &#60;full&#62;."), "{page}");
    assert!(page.contains("slow or partly unusable"), "{page}");
    let form = sam.get(update).await.body;
    assert!(form.contains("<option value=\"P-1\">Slow answers</option>"), "{form}");
    let over =
        "incident=P-1&title=&stage=resolved&impact=degraded&instance=wiki&message=There+is+room.&next=";
    fill(&mut sam, update, update, over).await;
    let v2: Value =
        serde_json::from_str(&got(&desk, "/status/acme/api/v2/incidents.json").await.body).unwrap();
    let told = v2["incidents"].as_array().unwrap().iter().find(|one| one["name"] == "Slow answers").unwrap();
    assert_eq!(
        (told["status"].as_str(), told["incident_updates"].as_array().map(Vec::len)),
        (Some("resolved"), Some(2))
    );
    let empty =
        fill(&mut sam, update, update, "incident=&title=x&stage=resolved&impact=none&message=+").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut bo = desk.signed_in("bo").await;
    assert_eq!(bo.get(update).await.status, StatusCode::NOT_FOUND, "that is the provider's to say");
}

#[tokio::test]
async fn under_a_name_of_its_own_there_is_the_page_and_nothing_else() {
    let desk = up();
    publish(&desk, |set| set.domain = Some("status.acme.example".to_owned()));
    for host in ["status.acme.example", "STATUS.acme.example:443"] {
        let page = asked(&desk, host, "/", &[]).await;
        assert_eq!(page.status, StatusCode::OK, "{host}: {}", page.body);
        assert!(
            page.body.contains("href=\"/style.css\"") && page.body.contains("href=\"/history\""),
            "{}",
            page.body
        );
        let feed = asked(&desk, host, "/feed.atom", &[]).await;
        assert!(feed.body.contains("href=\"https://status.acme.example/feed.atom\""), "{}", feed.body);
        assert_eq!(asked(&desk, host, "/api/v2/summary.json", &[]).await.status, StatusCode::OK);
        for path in ["/sign-in", "/clients/acme", "/status/acme", "/api/v1/clients", "/healthz/", "/metrics"]
        {
            let answer = asked(&desk, host, path, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{host}{path}: {}", answer.body);
        }
    }
    assert_ne!(asked(&desk, "status.beta.example", "/", &[]).await.status, StatusCode::OK);
    publish(&desk, |set| (set.public, set.domain) = (false, Some("status.acme.example".to_owned())));
    assert_ne!(asked(&desk, "status.acme.example", "/", &[]).await.status, StatusCode::OK);
}

/// The post of a desk, to a mail server on loopback.
fn post(desk: &Desk, server: &Smtp) -> Courier {
    let text = |text: &str| Some(text.to_owned());
    let raw = RawMail {
        host: text("127.0.0.1"),
        port: Some(server.port().to_string()),
        security: text("none"),
        from: text("Status <status@provider.example>"),
        ..RawMail::default()
    };
    let settings = MailSettings::read(raw).unwrap().unwrap();
    let mailer = Mailer::new(settings, &format!("https://{}", crate::desk::HOST), &[]).unwrap();
    Courier::new(desk.journal.clone(), vec![Box::new(mailer)])
}

/// Everything that waits, on its way; and what came of it.
fn sent(desk: &Desk, courier: &Courier) -> Vec<Sent> {
    desk.control.relay(desk.now()).unwrap();
    let now = desk.now();
    courier.round(&|| now).unwrap().into_iter().map(|told| told.outcome).collect()
}

fn link(mail: &str) -> String {
    // Long lines are folded (RFC 2045, 6.7).
    let mail = mail.replace("=\r\n", "");
    let rest = mail.split("/subscriptions/").nth(1).unwrap_or_else(|| panic!("no link: {mail}"));
    let secret: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    assert_eq!(secret.len(), 40, "{mail}");
    format!("/subscriptions/{secret}")
}

/// Double opt-in, over a real connection of mail: asked, confirmed by a button, told, and gone with one click.
#[tokio::test]
async fn who_confirms_is_told_by_mail_and_leaves_with_one_click() {
    let desk = up();
    let server = Smtp::start(Mode::Plain, None);
    let courier = post(&desk, &server);
    let mut visitor = desk.browser();
    let form = "address=reader%40example.org";
    assert_eq!(
        visitor.post("/status/acme/subscribe", form).await.status,
        StatusCode::NOT_FOUND,
        "no mail is set up"
    );
    desk.app.send_by(portal::server::Ways { mail: true, ..Default::default() });
    assert!(visitor.get("/status/acme").await.body.contains("action=\"/status/acme/subscribe\""));
    let asked = visitor.post("/status/acme/subscribe", form).await;
    assert!(asked.body.contains("Look into your mail"), "{} {}", asked.status, asked.body);
    assert!(asked.headers.get(header::SET_COOKIE).is_none());
    let again = visitor.post("/status/acme/subscribe", form).await;
    assert_eq!(again.body, asked.body, "the answer does not tell whether the address was known");
    assert_eq!(sent(&desk, &courier), [Sent::Delivered], "asked once a day, however often the form is sent");
    let first = server.mails().pop().unwrap();
    assert_eq!(first.to, ["reader@example.org"]);
    assert!(!first.data.contains("List-Unsubscribe") && first.data.contains("confirm"), "{}", first.data);
    let confirm = link(&first.data);

    // A program that opens every link confirms nothing.
    assert!(visitor.get(&confirm).await.body.contains("Be told by mail?"));
    let tell = |stage: &str, text: &str| {
        let update = facts::IncidentUpdatePublished {
            incident: "P-0".parse().unwrap(),
            title: "Slow answers".to_owned(),
            stage: facts::IncidentStage::named(stage).unwrap(),
            impact: facts::Impact::Degraded,
            instances: vec!["wiki".parse().unwrap()],
            message: text.to_owned(),
            next_update_by: None,
            request: None,
        };
        desk.wait(Length::from_secs(2));
        let by = control::live::command::By::new(Actor::provider("Planner"));
        desk.control.tell_public(&client("acme"), update, by, desk.now()).unwrap();
    };
    tell("identified", "A disk is full.");
    assert_eq!(sent(&desk, &courier), [], "nobody has confirmed");
    let done = visitor.post(&format!("{confirm}/confirm"), "").await;
    assert!(done.body.contains("You are told"), "{} {}", done.status, done.body);
    tell("monitoring", "There is room again.");
    assert_eq!(sent(&desk, &courier), [Sent::Delivered]);
    let told = server.mails().pop().unwrap().data;
    let leave = link(&told);
    for part in [
        "Acme: Slow answers".to_owned(),
        "There is room again.".to_owned(),
        format!("List-Unsubscribe: <https://{}{leave}/leave>", crate::desk::HOST),
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click".to_owned(),
    ] {
        assert!(told.replace("\r\n ", " ").contains(&part), "{part}: {told}");
    }
    assert_ne!(leave, confirm, "each letter has its own");
    let plain = leave.rsplit('/').next().unwrap().as_bytes();
    let left = visitor.post(&format!("{leave}/leave"), "List-Unsubscribe=One-Click").await;
    assert!(left.body.contains("You have left"), "{} {}", left.status, left.body);
    for gone in [leave.as_str(), confirm.as_str()] {
        assert_eq!(visitor.get(gone).await.status, StatusCode::NOT_FOUND, "{gone}");
    }
    tell("resolved", "All is well.");
    assert_eq!(sent(&desk, &courier), []);
    let store = Connection::open(desk.store_path()).unwrap();
    for (table, column) in [("status_subscriber", "address"), ("status_link", "client")] {
        let count: i64 =
            store.query_row(&format!("SELECT count({column}) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{table} keeps nothing");
    }
    let bodies: i64 = store
        .query_row(
            "SELECT count(*) FROM delivery WHERE instr(body, ?1)",
            [std::str::from_utf8(plain).unwrap()],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(bodies, 0, "what was sent is forgotten");
    for wrong in ["address=nobody", "address=a%40b%0Ac.example", "address="] {
        let refused = visitor.post("/status/acme/subscribe", wrong).await;
        assert!(refused.status.is_client_error(), "{wrong}");
    }
}

/// A program confirms by itself, over a real connection; a browser need not, and leaves on its page.
#[tokio::test]
async fn a_program_and_a_browser_are_told_and_leave() {
    let desk = up();
    let (service, runtime) = (PushService::start(), tokio::runtime::Runtime::new().unwrap());
    let hooks = Hooks::new(
        &format!("https://{}", crate::desk::HOST),
        Box::new(|_, _| Ok(())),
        service.authority.client(),
        runtime.handle().clone(),
    );
    let courier = Courier::new(desk.journal.clone(), vec![Box::new(hooks)]);
    let round = || std::thread::scope(|scope| scope.spawn(|| sent(&desk, &courier)).join().unwrap());
    let mut visitor = desk.browser();
    assert_eq!(visitor.get("/status/acme/browser").await.status, StatusCode::NOT_FOUND, "no push is set up");
    desk.app.send_by(portal::server::Ways { mail: false, push_key: Some("BKey".to_owned()), hook: true });
    let page = visitor.get("/status/acme").await.body;
    assert!(
        page.contains("The https: address of a program") && page.contains("/status/acme/browser\""),
        "{page}"
    );

    let end = service.endpoint("/told");
    let form = format!("address={}", end.replace(':', "%3A").replace('/', "%2F"));
    let asked = visitor.post("/status/acme/subscribe", &form).await;
    assert!(asked.body.contains("Look at what your program was sent"), "{} {}", asked.status, asked.body);
    assert!(visitor.post("/status/acme/subscribe", "address=a%40b.example").await.status.is_client_error());
    assert_eq!(round(), [Sent::Delivered]);
    let read = |n: usize| serde_json::from_slice::<serde_json::Value>(&service.got()[n].body).unwrap();
    let path = |url: &serde_json::Value| {
        url.as_str().unwrap().strip_prefix(&format!("https://{}", crate::desk::HOST)).unwrap().to_owned()
    };
    let confirmed = visitor.post(&path(&read(0)["data"]["confirm"]), "").await;
    assert!(confirmed.body.contains("You are told"), "{}", confirmed.body);
    let update = facts::IncidentUpdatePublished {
        incident: "P-0".parse().unwrap(),
        title: "Slow answers".to_owned(),
        stage: facts::IncidentStage::named("identified").unwrap(),
        impact: facts::Impact::Degraded,
        instances: vec!["wiki".parse().unwrap()],
        message: "A disk is full.".to_owned(),
        next_update_by: None,
        request: None,
    };
    let by = control::live::command::By::new(Actor::provider("Planner"));
    desk.wait(Length::from_secs(2));
    desk.control.tell_public(&client("acme"), update, by, desk.now()).unwrap();
    assert_eq!(round(), [Sent::Delivered]);
    assert_eq!(read(1)["data"]["text"], "Cause found: A disk is full.");
    let left = visitor.post(&path(&read(1)["data"]["leave"]), "").await;
    assert!(left.body.contains("You have left"), "{}", left.body);

    let wrong = visitor.post("/status/acme/browser", "endpoint=http%3A%2F%2Fa&p256dh=B&auth=C").await;
    assert!(wrong.status.is_client_error(), "{}", wrong.body);
    let told = visitor
        .post("/status/acme/browser", "endpoint=https%3A%2F%2Fpush.example%2F1&p256dh=BPoint&auth=Secret")
        .await;
    assert!(told.body.contains("This browser is told from now on."), "{} {}", told.status, told.body);
    let kept =
        |desk: &Desk| desk.journal.read(|tx| tx.confirmed_subscribers(&client("acme"), "", 9)).unwrap().len();
    assert_eq!(kept(&desk), 1);
    let gone = visitor.post("/status/acme/browser/leave", "endpoint=https%3A%2F%2Fpush.example%2F1").await;
    assert!(gone.body.contains("told no longer"), "{}", gone.body);
    assert_eq!(kept(&desk), 0);
    runtime.shutdown_background();
}

#[test]
fn the_page_is_sound_in_light_dark_and_on_a_telephone_without_script() {
    let open = Open::over(|origin| Desk::under(origin, papers()).agree());
    open.desk.answers(Length::from_minutes(30), Outcome::Up);
    open.desk.answers(Length::from_minutes(5), Outcome::Down);
    open.desk.wait(Length::from_minutes(10));
    publish(&open.desk, |_| ());
    assert!(open.desk.control.status_of(&client("acme")).is_some());
    open.desk.app.send_by(portal::server::Ways { mail: true, push_key: Some("BKey".to_owned()), hook: true });
    for (kind, name) in
        [(Kind::DESK, "light"), (Kind { dark: true, ..Kind::DESK }, "dark"), (Kind::PHONE, "360")]
    {
        let browser = open.browser(kind, "/status/acme");
        sound(&browser, &format!("status-{name}"));
        browser.go(&format!("{}/status/acme/history", open.origin));
        sound(&browser, &format!("status-history-{name}"));
        browser.go(&format!("{}/status/acme/embed", open.origin));
        browser.picture(&format!("status-embed-{name}"));
        let staff = open.signed_in(kind, "sam");
        staff.go(&format!("{}{SETTINGS}", open.origin));
        sound(&staff, &format!("status-settings-{name}"));
        browser.go(&format!("{}/status/acme/browser", open.origin));
        sound(&browser, &format!("status-browser-{name}"));
        staff.go(&format!("{}/clients/acme/status/update", open.origin));
        sound(&staff, &format!("status-update-{name}"));
    }
}
