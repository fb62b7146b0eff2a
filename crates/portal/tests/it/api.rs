//! The API: every noun through its door, held against its own description and against the pages.

mod nouns;
mod planned;
mod program;
mod rules;
mod status;
mod store;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};
use portal::server::routes;
use serde_json::{Value, json};

use self::program::{DOCUMENT, Program};
use crate::desk::Desk;

/// Method and path of every operation that the description tells of.
fn operations() -> BTreeMap<String, &'static Value> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, told)| (format!("{} {path}", method.to_uppercase()), told))
    });
    each.collect()
}

/// Reliability A3: the list of routes is the list of the description.
#[test]
fn the_description_tells_of_every_route_of_the_api_and_of_no_other() {
    let table: BTreeSet<String> = routes()
        .iter()
        .filter(|route| route.path.starts_with("/api/"))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let told: BTreeSet<String> = operations().into_keys().collect();
    assert_eq!(table, told);
    let ids: BTreeSet<&str> = operations().values().map(|o| o["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), table.len(), "a name is one operation's");
    assert_eq!(DOCUMENT["openapi"], "3.1.0");
}

#[test]
fn every_shape_that_is_named_is_told() {
    let text = DOCUMENT.to_string();
    for name in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(DOCUMENT["components"]["schemas"][name].is_object(), "{name}");
    }
    assert_eq!(portal::server::openapi(), portal::server::openapi());
}

#[tokio::test]
async fn people_read_the_same_description_as_a_page() {
    let desk = Desk::new();
    assert_eq!(desk.browser().get("/api").await.status, StatusCode::SEE_OTHER);
    let mut bo = desk.signed_in("bo").await;
    let page = bo.get("/api").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for (name, told) in operations() {
        assert!(page.body.contains(&format!("<code>{name}</code>")), "{name}");
        assert!(page.body.contains(&format!("id=\"{}\"", told["operationId"].as_str().unwrap())), "{name}");
    }
    for part in
        ["<code>key-reused</code>", "<code>next_update_by</code>", "may be left out", "From 1 to 200."]
    {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains('`'), "code is shown as code: {}", page.body);
    assert!(!page.body.contains("style="));
    assert!(page.body.len() < 110_000, "{}", page.body.len());
    let document = bo.get("/api/v1/openapi.json").await;
    assert_eq!(document.body, portal::server::openapi());
    assert_eq!(desk.browser().get("/api/v1/openapi.json").await.status, StatusCode::OK);
}

fn person(desk: &crate::desk::Desk, login: &str) -> String {
    desk.journal.read(|tx| tx.person_by_login(login)).unwrap().unwrap().0.id
}

/// Several at once, views, answers, and a ticket for oneself.
async fn what_the_desk_keeps(desk: &Desk, sam: &mut Program<'_>, ticket: &str) {
    let which = |ticket: &str| json!({"client": "acme", "ticket": ticket});
    let several =
        json!({"requests": [which(ticket), which("T-99")], "give_to": person(desk, "sam"), "add": ["many"]});
    let told = sam.post("/api/v1/requests/bulk", several).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert_eq!(
        (&told.json["items"][0]["done"], &told.json["items"][1]["done"]),
        (&json!(true), &json!(false))
    );
    assert!(told.json["items"][1]["why"].as_str().unwrap().contains("there is no ticket T-99"));
    let nothing = sam.post("/api/v1/requests/bulk", json!({"requests": [which(ticket)]})).await;
    assert_eq!(nothing.code(), "invalid-field", "{}", nothing.text);
    let view = sam.post("/api/v1/views", json!({"name": "Mine all", "query": "who=me"})).await;
    assert_eq!((view.status, &view.json["mine"]), (StatusCode::CREATED, &json!(true)), "{}", view.text);
    assert_eq!(sam.read("/api/v1/views").await["items"][0]["query"], "who=me");
    let gone = sam.send(Method::DELETE, "/api/v1/views/Mine%20all", None, &[]).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.text);
    let answer = json!({"name": "Found", "body": "Dear {requester}, we found it.", "client": "acme"});
    assert_eq!(sam.post("/api/v1/answers", answer).await.status, StatusCode::CREATED);
    let odd = sam.post("/api/v1/answers", json!({"name": "Odd", "body": "Dear {requestor}"})).await;
    assert!(odd.text.contains("{requestor} is filled in by nothing"), "{}", odd.text);
    assert_eq!(sam.read("/api/v1/answers").await["items"][0]["client"], "acme");
    assert_eq!(sam.send(Method::DELETE, "/api/v1/answers/Found", None, &[]).await.status, StatusCode::OK);
    let own = json!({"title": "Renewal", "text": "They ask for fewer users."});
    let own = sam.post("/api/v1/clients/acme/internal-requests", own).await;
    assert_eq!(
        (own.status, own.header("location")),
        (StatusCode::CREATED, "/api/v1/clients/provider/requests/I-1")
    );
    let listed = sam.read("/api/v1/clients/acme/internal-requests").await;
    assert_eq!(
        (&listed["items"][0]["about"], &listed["items"][0]["request"]["title"]),
        (&json!("acme"), &json!("Renewal"))
    );
    assert_eq!(sam.read(own.header("location")).await["clocks"], json!([]));
}

/// Somebody of the provider's is added, gets other roles and another name, is shut out and let in again.
async fn our_own(desk: &Desk, ann: &mut Program<'_>) {
    let people = "/api/v1/people";
    let new = json!({"login": "gil", "name": "Gil", "roles": ["engineer"], "skills": ["rust"]});
    let added = ann.post(people, new).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    assert!(!added.text.contains("secret"), "a person makes that, signed in");
    let gil = format!("{people}/{}", person(desk, "gil"));
    for (verb, body) in [
        ("roles", json!({"roles": ["support"]})),
        ("name", json!({"name": "Gil Two"})),
        ("disable", json!({"login": "gil"})),
        ("enable", json!({})),
    ] {
        let told = ann.post(&format!("{gil}/{verb}"), body).await;
        assert_eq!(told.status, StatusCode::OK, "{verb}: {}", told.text);
    }
    let all = ann.read(people).await;
    let gil = all["items"].as_array().unwrap().iter().find(|one| one["login"] == "gil").unwrap().clone();
    assert_eq!(
        (&gil["roles"], &gil["skills"], &gil["name"]),
        (&json!(["support"]), &json!(["rust"]), &json!("Gil Two"))
    );
}

/// Somebody is named, applied, leaves, goes, comes back; and somebody looks through the list.
async fn whom_a_client_names(desk: &Desk, bo: &mut Program<'_>, sam: &mut Program<'_>) {
    let people = "/api/v1/clients/acme/people";
    let fay = json!({"login": "fay", "name": "Fay", "roles": ["approver"]});
    let named = bo.post(people, fay.clone()).await;
    assert_eq!(
        (named.status, &named.json["stands"]),
        (StatusCode::CREATED, &json!("announced")),
        "{}",
        named.text
    );
    assert!(!named.text.contains("secret"), "a person makes that, signed in");
    assert_eq!(bo.post(people, fay).await.code(), "invalid-field");
    let fay = format!("{people}/{}", person(desk, "fay"));
    assert_eq!(bo.post(&format!("{fay}/apply"), json!({})).await.code(), "refused", "the provider's to do");
    let stands = |told: &program::Told| told.json["stands"].as_str().unwrap_or_default().to_owned();
    assert_eq!(sam.post(&format!("{fay}/apply"), json!({})).await.status, StatusCode::OK);
    desk.wait(spans::Length::from_secs(1));
    let then = (desk.now() + spans::Length::DAY).to_string();
    assert_eq!(stands(&bo.post(&format!("{fay}/leave"), json!({"at": then})).await), "leaving");
    assert_eq!(stands(&bo.post(&format!("{fay}/leave"), json!({})).await), "effective");
    assert_eq!(bo.post(&format!("{fay}/remove"), json!({"login": "bo"})).await.code(), "invalid-field");
    for _ in 0..2 {
        assert_eq!(stands(&bo.post(&format!("{fay}/remove"), json!({"login": "fay"})).await), "disabled");
    }
    assert_eq!(stands(&bo.post(&format!("{fay}/again"), json!({})).await), "announced");
    let fay_may = json!({"roles": ["approver", "billing"]});
    assert_eq!(bo.post(&format!("{fay}/roles"), fay_may).await.json["roles"], json!(["approver", "billing"]));
    assert_eq!(bo.post(&format!("{fay}/name"), json!({"name": "Fay Two"})).await.json["name"], "Fay Two");
    assert_eq!(bo.post("/api/v1/me/name", json!({"name": "Name of bo"})).await.status, StatusCode::OK);
    assert_eq!(bo.post(&format!("{people}/review"), json!({"belongs": []})).await.code(), "refused");
    let all = bo.read(people).await;
    let all: Vec<&Value> = all["items"].as_array().unwrap().iter().map(|line| &line["id"]).collect();
    let looked = bo.post(&format!("{people}/review"), json!({"belongs": all})).await;
    assert_eq!(looked.status, StatusCode::OK, "{}", looked.text);
}

/// Every operation is answered at least once, by whom it is for, with something in it.
#[tokio::test]
async fn every_operation_does_what_it_tells() {
    let desk = nouns::lived_in();
    let (mut bo, mut sam) = (desk.program("bo").await, desk.program("sam").await);
    let acme = "/api/v1/clients/acme";
    for path in [
        "/api/v1/me",
        "/api/v1/openapi.json",
        "/api/v1/clients",
        "/api/v1/clients/acme/now",
        "/api/v1/clients/acme/instances",
        "/api/v1/clients/acme/instances/wiki",
        "/api/v1/clients/acme/instances/wiki/ledger?month=2027-01",
        "/api/v1/clients/acme/statements",
        "/api/v1/clients/acme/statements/2027-01",
        "/api/v1/clients/acme/support",
        "/api/v1/clients/acme/attainment",
        "/api/v1/clients/acme/attainment/2027-01",
        "/api/v1/clients/acme/agreement",
        "/api/v1/clients/acme/why?month=2027-01&instance=wiki",
        "/api/v1/clients/acme/why?month=2027-01",
    ] {
        bo.read(path).await;
        desk.wait(spans::Length::from_secs(1));
    }
    let file =
        bo.read(&format!("{acme}/agreement")).await["versions"][0]["href"].as_str().unwrap().to_owned();
    assert_eq!(bo.get(&file).await.status, StatusCode::OK);
    let sha256 = file.rsplit('/').next().unwrap().trim_end_matches(".toml").to_owned();
    let same = bo.read(&format!("{acme}/agreement/diff?old={sha256}&new={sha256}")).await;
    assert_eq!(same["changes"], json!([]));
    sam.read(&format!("{acme}/facts")).await;
    sam.read("/api/v1/attainment").await;
    let asked = json!({"title": "It is slow", "text": "Since noon.", "instance": "wiki", "priority": "P3"});
    let new = bo.post(&format!("{acme}/requests"), asked).await;
    assert_eq!(new.status, StatusCode::CREATED, "{}", new.text);
    let request = new.header("location").to_owned();
    bo.read(&format!("{acme}/requests")).await;
    bo.read(&request).await;
    let file = json!({"name": "log.txt", "content": "b25lIGxpbmU=", "internal": true});
    let attached = bo.post(&format!("{request}/files"), file.clone()).await;
    assert_eq!(attached.status, StatusCode::CREATED, "{}", attached.text);
    let files = bo.read(attached.header("location")).await;
    assert_eq!((&files["items"][0]["size"], &files["items"][0]["internal"]), (&json!(8), &json!(false)));
    let (line, kept) = (&files["items"][0], files["items"][0]["download"].as_str().unwrap().to_owned());
    assert_eq!(kept, format!("{request}/files/{}", line["file"].as_str().unwrap()));
    let bytes = bo.get(&kept).await;
    assert_eq!((bytes.text.as_str(), bytes.header("content-type")), ("one line", "text/plain"));
    assert!(bytes.header("content-disposition").starts_with("attachment; filename=\"log.txt\""));
    let removed = bo.post(&format!("{kept}/remove"), json!({})).await;
    assert_eq!(removed.status, StatusCode::OK, "{}", removed.text);
    assert_eq!(bo.get(&kept).await.status, StatusCode::NOT_FOUND, "its bytes are gone");
    let broken = bo.post(&format!("{request}/files"), json!({"name": "log.txt", "content": "%%"})).await;
    assert_eq!(
        (broken.status, broken.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid-field"),
        "{}",
        broken.text
    );
    assert_eq!(bo.read(&format!("{request}/draft")).await["text"], "");
    let kept = bo.post(&format!("{request}/draft"), json!({"text": "And since then"})).await;
    assert_eq!(
        (kept.status, &kept.json["text"]),
        (StatusCode::OK, &json!("And since then")),
        "{}",
        kept.text
    );
    assert_eq!(sam.read(&format!("{request}/draft")).await["text"], "", "another's is not read");
    let mut say = async |staff: bool, verb: &str, body: Value| {
        desk.wait(spans::Length::MINUTE);
        let program = if staff { &mut sam } else { &mut bo };
        let told =
            program.send(Method::POST, &format!("{request}/{verb}"), Some(body.to_string()), &[]).await;
        assert_eq!(told.status, StatusCode::OK, "{verb}: {}", told.text);
    };
    say(true, "reply", json!({"text": "We look."})).await;
    say(true, "note", json!({"text": "The disk again."})).await;
    say(true, "ask", json!({"text": "For whom?"})).await;
    say(false, "reply", json!({"text": "For all."})).await;
    say(false, "update", json!({})).await;
    say(true, "classify", json!({"class": "standard"})).await;
    say(true, "reprioritise", json!({"priority": "P2", "message": "More are affected."})).await;
    say(false, "appeal", json!({"text": "All of us are affected."})).await;
    say(true, "decide", json!({"upheld": false, "text": "A few are."})).await;
    say(false, "escalate", json!({"text": "We cannot work."})).await;
    say(true, "answer", json!({"text": "I look myself."})).await;
    say(true, "resolve", json!({"summary": "The disk was full."})).await;
    say(true, "cause", json!({"text": "Nobody watched the disk."})).await;
    say(false, "reopen", json!({})).await;
    say(true, "assign", json!({})).await;
    say(true, "tags", json!({"add": ["disk"]})).await;
    let asked = json!({"title": "It is slow too", "text": "Since noon.", "priority": "P3"});
    let other = bo.post(&format!("{acme}/requests"), asked).await.header("location").to_owned();
    let other = other.rsplit('/').next().unwrap().to_owned();
    let mut with = async |verb: &str, body: Value| {
        desk.wait(spans::Length::MINUTE);
        let told = sam.post(&format!("{request}/{verb}"), body).await;
        assert_eq!(told.status, StatusCode::OK, "{verb}: {}", told.text);
    };
    with("link", json!({"to": other, "link": "relates"})).await;
    with("unlink", json!({"to": other})).await;
    with("merge", json!({"to": other})).await;
    with("part", json!({})).await;
    with("watch", json!({})).await;
    with("unwatch", json!({})).await;
    let whole = format!("{acme}/requests/{other}/split");
    let part = sam.post(&whole, json!({"title": "Printing", "text": "It does not."})).await;
    assert_eq!(part.status, StatusCode::CREATED, "{}", part.text);
    assert_eq!(sam.read(part.header("location")).await["request"]["title"], "Printing");
    what_the_desk_keeps(&desk, &mut sam, &other).await;
    let withdrawn = bo.post(&format!("{acme}/requests/{other}/withdraw"), json!({})).await;
    assert_eq!(withdrawn.status, StatusCode::OK, "{}", withdrawn.text);
    sam.read(&format!("{request}/files")).await;
    whole::done(&desk, &mut bo, &mut sam, &request).await;
    sam.read(&format!("{acme}/search?q=disk")).await;
    let at = |days: i64, hour: i64| {
        (desk.now() + spans::Length::DAY * days + spans::Length::HOUR * hour).to_string()
    };
    for step in ["start", "cancel"] {
        let planned = json!({
            "kind": "emergency", "cause": "hardware", "expected_impact": "down", "instances": ["wiki"],
            "starts_at": at(0, 1), "ends_at": at(0, 2),
        });
        let planned = sam.post(&format!("{acme}/maintenance"), planned).await;
        assert_eq!(planned.status, StatusCode::CREATED, "{}", planned.text);
        let record = planned.header("location").to_owned();
        sam.read(&record).await;
        let steps = if step == "start" { vec!["announce", "start", "end"] } else { vec!["cancel"] };
        for step in steps {
            desk.wait(if step == "start" { spans::Length::HOUR } else { spans::Length::MINUTE });
            let done = sam.post(&format!("{record}/{step}"), json!({})).await;
            assert_eq!(done.status, StatusCode::OK, "{step}: {}", done.text);
        }
    }
    sam.read(&format!("{acme}/maintenance")).await;
    sam.read(&format!("{acme}/instances/wiki/response-times")).await;
    let mut ann = desk.program("ann").await;
    ann.read("/api/v1/audit").await;
    let cleared = json!({"client": "acme", "person": person(&desk, "sam"), "cleared": true});
    assert_eq!(ann.post("/api/v1/on-call/clearances", cleared).await.status, StatusCode::OK);
    whom_a_client_names(&desk, &mut bo, &mut sam).await;
    our_own(&desk, &mut ann).await;
    let shop = json!({"instance": "shop", "name": "The shop", "environment": "production"});
    let shop = ann.post(&format!("{acme}/instances"), shop).await;
    assert_eq!(shop.status, StatusCode::CREATED, "{}", shop.text);
    let shop = shop.header("location").to_owned();
    let check = json!({"check": "http", "every_s": 20, "url": "https://shop.example/"});
    let withdrawn = json!({"check": "http", "version": 1, "confirm": true});
    for (verb, body) in [("checks", check), ("checks-end", withdrawn), ("end", json!({}))] {
        let done = ann.post(&format!("{shop}/{verb}"), body).await;
        assert_eq!(done.status, StatusCode::OK, "{verb}: {}", done.text);
    }
    let (sam_id, first) = (person(&desk, "sam"), (desk.now() - spans::Length::HOUR).to_string());
    let layer = json!({"rota": "first", "name": "First line", "level": 1, "zone": "UTC", "people": [sam_id],
        "first": first, "weeks": 1});
    let away = json!({"rota": "first", "away": sam_id, "from": at(1, 0), "until": at(2, 0)});
    for (what, body) in [("layers", layer), ("exceptions", away)] {
        let set = ann.post(&format!("/api/v1/on-call/{what}"), body).await;
        assert_eq!(set.status, StatusCode::CREATED, "{what}: {}", set.text);
    }
    let full = json!({"instance": "wiki", "resource": "disk", "value": 96, "limit": 95, "evidence": "df"});
    let raised = sam.post(&format!("{acme}/alerts"), full).await;
    assert_eq!(raised.status, StatusCode::OK, "{}", raised.text);
    let down = json!({"title": "It is down", "text": "Help.", "instance": "wiki", "priority": "P1"});
    assert_eq!(bo.post(&format!("{acme}/requests"), down).await.status, StatusCode::CREATED);
    desk.wait(spans::Length::MINUTE);
    desk.control.relay(desk.now()).unwrap();
    let rota = sam.read("/api/v1/on-call").await;
    assert_eq!(rota["calls"][0]["called"][0]["person"], sam_id.as_str(), "{rota}");
    let seen = sam.post(rota["calls"][0]["seen"].as_str().unwrap(), json!({})).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
    bo.read("/api/v1/me/notices").await;
    let told = sam.read("/api/v1/me/inbox").await;
    let read = json!({"until": told["items"][0]["told_at"]});
    assert_eq!(sam.post("/api/v1/me/inbox/read", read).await.status, StatusCode::OK, "{told}");
    bo.read(&format!("{acme}/people")).await;
    let told = bo.post("/api/v1/me/notices", json!({"mail": "pages"})).await;
    assert_eq!((told.status, &told.json["mail"]), (StatusCode::OK, &json!("pages")), "{}", told.text);
    // Where mail goes is said by hand.
    let moved = bo.post("/api/v1/me/notices", json!({"address": "evil@evil.example", "mail": "pages"})).await;
    assert_eq!(moved.status, StatusCode::FORBIDDEN, "{}", moved.text);
    assert!(bo.read("/api/v1/me/notices").await["address"].is_null());
    desk.app.try_by(crate::instance::looker("127.0.0.0/8"));
    let url = format!("http://127.0.0.1:{}/", crate::instance::site().await);
    let tried = json!({"check": "start", "every_s": 30, "url": url});
    let tried = ann.post(&format!("{acme}/instances/wiki/checks-preview"), tried).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.text);
    let (planned, status, paused) =
        (planned::done().await, status::done().await, crate::pauses::by_programs().await);
    let held = crate::held::done().await;
    let done =
        [&bo.done, &sam.done, &ann.done, &planned, &status, &paused, &held].into_iter().flatten().cloned();
    let done: BTreeSet<String> = done.collect();
    let told: BTreeSet<String> =
        operations().values().map(|o| o["operationId"].as_str().unwrap().to_owned()).collect();
    let left: Vec<&String> = told.difference(&done).collect();
    assert_eq!(left, Vec::<&String>::new());
}
