//! What holds for every operation: tags, keys, pages, errors.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use portal::server::BODY_BYTES_MAX;
use serde_json::{Value, json};
use spans::Length;

use super::nouns::lived_in;
use crate::desk::{Desk, HOST};

const REQUESTS: &str = "/api/v1/clients/acme/requests";
const WIKI: &str = "/api/v1/clients/acme/instances/wiki";
const T1: &str = "/api/v1/clients/acme/requests/T-1";

fn asked(title: &str) -> String {
    json!({"title": title, "text": "Since noon.", "instance": "wiki", "priority": "P3"}).to_string()
}

#[tokio::test]
async fn a_tag_stays_until_something_changes_and_then_never_comes_back() {
    let desk = lived_in();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    let mut bo = desk.program("bo").await;
    for path in
        [T1, REQUESTS, "/api/v1/clients/acme/agreement", "/api/v1/me", "/api/v1/clients/acme/statements"]
    {
        let first = bo.get(path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() == 34, "{path}: strong: {tag}");
        desk.wait(Length::from_secs(1));
        let again =
            bo.send(Method::GET, path, None, &[("if-none-match", &format!("\"other\", {tag}"))]).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        assert_eq!(again.header("etag"), tag);
    }
    // A month that is over says the same however often one asks; when it was asked is not part of its weak tag.
    let closed = "/api/v1/clients/acme/statements/2027-01";
    for path in
        [closed, "/api/v1/clients/acme/statements/2027-01.csv", &format!("{WIKI}/ledger?month=2027-01")]
    {
        let first = bo.get(path).await;
        let tag = first.header("etag").to_owned();
        assert_eq!(tag.starts_with("W/\""), path == closed, "{path}: {tag}");
        desk.wait(Length::from_secs(1));
        let again = bo.send(Method::GET, path, None, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.header("etag")), (StatusCode::NOT_MODIFIED, &*tag), "{path}");
    }
    let (first, running) = (bo.get(closed).await, "/api/v1/clients/acme/statements/2027-02");
    let before = bo.get(running).await;
    desk.wait(Length::MINUTE);
    assert_ne!(bo.get(closed).await.json["statement"]["as_of"], first.json["statement"]["as_of"]);
    let after = bo.send(Method::GET, running, None, &[("if-none-match", before.header("etag"))]).await;
    assert_eq!(after.status, StatusCode::OK, "its covered time grew");
    // A clock that runs out changes the answer though nothing was recorded.
    let before = bo.get(T1).await;
    desk.wait(Length::DAY * 3);
    let seen = [("if-none-match", before.header("etag"))];
    let after = bo.send(Method::GET, T1, None, &seen).await;
    assert_eq!(after.status, StatusCode::OK);
    assert!(
        after.json["request"]["missed"] == true && before.json["request"]["missed"] == false,
        "{}",
        after.text
    );
    // A figure of the month that runs depends on the hour.
    let one = bo.get(WIKI).await;
    desk.wait(Length::MINUTE);
    assert_ne!(bo.get(WIKI).await.header("etag"), one.header("etag"));
    // Other bytes, another tag; both are known.
    let packed = bo.send(Method::GET, T1, None, &[("accept-encoding", "gzip")]).await;
    assert!(packed.header("etag").ends_with("-gzip\""), "{:?}", packed.headers);
    let known = bo.send(Method::GET, T1, None, &[("if-none-match", packed.header("etag"))]).await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn what_has_changed_since_it_was_read_is_not_done() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    desk.wait(Length::MINUTE);
    let (mut bo, mut sam) = (desk.program("bo").await, desk.program("sam").await);
    let (ours, theirs) = (sam.get(T1).await, bo.get(T1).await);
    let resolve = json!({"summary": "Nothing was wrong."}).to_string();
    let (tag, body) = ([("if-match", theirs.header("etag"))], json!({"text": "It is worse."}).to_string());
    let said = bo.send(Method::POST, &format!("{T1}/reply"), Some(body), &tag).await;
    assert_eq!(said.status, StatusCode::OK);
    desk.wait(Length::from_secs(1));
    let tag = [("if-match", ours.header("etag"))];
    let changed = sam.send(Method::POST, &format!("{T1}/resolve"), Some(resolve.clone()), &tag).await;
    assert_eq!(
        (changed.status, changed.code()),
        (StatusCode::PRECONDITION_FAILED, "changed"),
        "{}",
        changed.text
    );
    let read = sam.get(T1).await;
    assert_eq!(read.json["request"]["state"], "open", "nothing was done");
    let tag = [("if-match", read.header("etag")), ("idempotency-key", "r-1")];
    let done = sam.send(Method::POST, &format!("{T1}/resolve"), Some(resolve.clone()), &tag).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let again = sam.send(Method::POST, &format!("{T1}/resolve"), Some(resolve), &tag).await;
    assert_eq!(
        (again.status, again.text),
        (StatusCode::OK, done.text),
        "what was done is told again, changed or not"
    );
}

#[tokio::test]
async fn a_key_is_one_request_and_its_answer_is_the_same_byte_for_byte() {
    let desk = Desk::agreed();
    let mut bo = desk.program("bo").await;
    let key = [("idempotency-key", "8e03978e-40d5-43dd-bc93-6894a57f9324")];
    let first = bo.send(Method::POST, REQUESTS, Some(asked("One")), &key).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    desk.wait(Length::HOUR);
    let again = bo.send(Method::POST, REQUESTS, Some(asked("One")), &key).await;
    assert_eq!((again.status, again.header("location")), (first.status, first.header("location")));
    assert_eq!(again.text, first.text);
    let other = bo.send(Method::POST, REQUESTS, Some(asked("Two")), &key).await;
    assert_eq!((other.status, other.code()), (StatusCode::CONFLICT, "key-reused"));
    let elsewhere = json!({"text": "More."}).to_string();
    let elsewhere = bo.send(Method::POST, &format!("{T1}/reply"), Some(elsewhere), &key).await;
    assert_eq!(elsewhere.code(), "key-reused", "the same name for something else");
    let list = bo.read(REQUESTS).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list:#}");
    // Another person's name for a request is another name.
    let own = json!({"text": "We look."}).to_string();
    let own = desk.program("sam").await.send(Method::POST, &format!("{T1}/reply"), Some(own), &key).await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text);
    for wrong in ["", "two words", &"x".repeat(129)] {
        let told = bo.send(Method::POST, REQUESTS, Some(asked("One")), &[("idempotency-key", wrong)]).await;
        assert_eq!(told.json["errors"][0]["field"], "Idempotency-Key", "{}", told.text);
    }
}

#[tokio::test]
async fn pages_of_a_list_hold_everything_once_though_more_comes_in() {
    let desk = Desk::agreed();
    for number in 1..=7 {
        desk.request("acme", &format!("T-{number}"), "Slow", "P4");
        desk.wait(Length::from_secs(1));
    }
    let mut bo = desk.program("bo").await;
    let (mut next, mut seen) = (format!("{REQUESTS}?limit=3&state=open"), Vec::new());
    while !next.is_empty() {
        let page = bo.read(&next).await;
        let items = page["items"].as_array().unwrap().clone();
        assert!(items.len() <= 3);
        seen.extend(items.iter().map(|item| item["ticket"].as_str().unwrap().to_owned()));
        next = page["next"].as_str().unwrap_or_default().to_owned();
        desk.request("acme", &format!("T-{}", 10 + seen.len()), "Newer", "P4");
        desk.wait(Length::from_secs(1));
    }
    assert_eq!(seen, ["T-7", "T-6", "T-5", "T-4", "T-3", "T-2", "T-1"]);
    for (path, field) in [
        ("limit=0", "limit"),
        ("limit=1000", "limit"),
        ("cursor=7b7d", "cursor"),
        ("sort=x", "sort"),
        ("state=odd", "state"),
    ] {
        let told = bo.get(&format!("{REQUESTS}?{path}")).await;
        assert_eq!(
            (told.status.as_u16(), &told.json["errors"][0]["field"]),
            (422, &json!(field)),
            "{}",
            told.text
        );
    }
}

#[tokio::test]
async fn an_id_that_is_none_names_nothing_and_a_body_is_one_object() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    let mut sam = desk.program("sam").await;
    for path in [
        "clients/%ff",
        "clients/acme/requests/%ff",
        "clients/acme/requests/a%20b",
        "clients/acme/instances/%00",
    ] {
        let told = sam.get(&format!("/api/v1/{path}")).await;
        assert_eq!(
            (told.status, told.code(), &told.json["status"]),
            (StatusCode::NOT_FOUND, "not-found", &json!(404)),
            "{path}: {}",
            told.text
        );
    }
    let mut page = desk.signed_in("sam").await;
    for path in ["tickets/%ff", "tickets/a%20b", "maintenance/%ff", "instances/%20", "statements/%ff"] {
        let told = page.get(&format!("/clients/acme/{path}")).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{path}: {}", told.body);
    }
    let twice = Some("{\"text\": \"One.\"} {\"text\": \"Two.\"}".to_owned());
    let twice = sam.send(Method::POST, &format!("{T1}/reply"), twice, &[]).await;
    assert_eq!((twice.status.as_u16(), twice.code()), (422, "invalid"), "{}", twice.text);
    assert!(twice.text.contains("one object"), "{}", twice.text);
    let list = sam.post(&format!("{T1}/reply"), json!(["We look.", null, null])).await;
    assert_eq!((list.status.as_u16(), list.code()), (422, "invalid"), "{}", list.text);
}

#[tokio::test]
async fn what_says_nothing_or_cannot_be_seen_is_refused_with_its_field() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    desk.wait(Length::MINUTE);
    let (mut bo, mut sam) = (desk.program("bo").await, desk.program("sam").await);
    let passed = desk.now().to_string();
    for (verb, body, field) in [
        ("classify", json!({}), "class"),
        ("classify", json!({"class": "standard", "kind": "zzz"}), "kind"),
        ("reprioritise", json!({"message": "It grew."}), "priority"),
        ("reprioritise", json!({"priority": "P1", "urgency": "bogus", "message": "It grew."}), "urgency"),
        ("resolve", json!({"summary": ""}), "summary"),
        ("resolve", json!({"summary": "a\u{0}b"}), "summary"),
        ("reply", json!({"text": "We look.", "next_update_by": passed}), "next_update_by"),
        ("reply", json!({"text": "a\u{0}b"}), "text"),
    ] {
        let told = sam.post(&format!("{T1}/{verb}"), body).await;
        assert_eq!(
            (told.status.as_u16(), told.code(), &told.json["errors"][0]["field"]),
            (422, "invalid-field", &json!(field)),
            "{verb}: {}",
            told.text
        );
    }
    for title in ["x".repeat(201), "a\nb".to_owned(), "\u{202e}gpj.exe".to_owned()] {
        let told = bo.post(REQUESTS, json!({"title": title, "text": "Since noon."})).await;
        assert_eq!(told.json["errors"][0]["field"], "title", "{}", told.text);
    }
    assert_eq!(sam.post(&format!("{T1}/reopen"), json!({})).await.code(), "refused", "it is open");
}

/// Every code of the table is met, but for those of a store that fails, which `store::a_store_that_fails_has_its_codes` shows, and
/// for what staff without a second factor meet, which `isolation` shows.
#[tokio::test]
async fn every_code_that_is_told_occurs() {
    let desk = lived_in();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    let (mut bo, mut sam) = (desk.program("bo").await, desk.program("sam").await);
    let reply = || Some(json!({"text": "We look."}).to_string());
    bo.get("/api/v1/nowhere").await;
    bo.post(&format!("{T1}/reply"), json!({"text": " "})).await;
    bo.send(Method::POST, &format!("{T1}/reply"), Some("[".to_owned()), &[]).await;
    bo.send(Method::POST, &format!("{T1}/reply"), reply(), &[("content-type", "text/plain")]).await;
    bo.send(Method::POST, &format!("{T1}/reply"), reply(), &[("sec-fetch-site", "cross-site")]).await;
    bo.send(
        Method::POST,
        &format!("{T1}/reply"),
        Some(json!({"text": "x".repeat(BODY_BYTES_MAX)}).to_string()),
        &[],
    )
    .await;
    bo.send(Method::POST, &format!("{T1}/reply"), reply(), &[("if-match", "\"old\"")]).await;
    bo.send(Method::DELETE, T1, None, &[]).await;
    bo.get("/api/v1/clients/acme/now?x=1").await;
    let told = bo.send(Method::GET, "/api/v1/me", None, &[("host", "elsewhere.example")]).await;
    assert_eq!(told.status, StatusCode::MISDIRECTED_REQUEST);
    let gone = json!({"title": "Gone", "text": "All of it.", "priority": "P1"});
    let told = bo.post(REQUESTS, gone.clone()).await;
    assert!(told.code() == "refused" && told.json["may_be_confirmed"] == true, "{}", told.text);
    let mut confirmed = gone;
    confirmed["confirm"] = json!(true);
    assert_eq!(bo.post(REQUESTS, confirmed).await.status, StatusCode::CREATED);
    sam.post(REQUESTS, json!({"title": "a", "text": "b"})).await;
    let key = [("idempotency-key", "k")];
    bo.send(Method::POST, &format!("{T1}/reply"), reply(), &key).await;
    bo.send(Method::POST, &format!("{T1}/reopen"), None, &key).await;
    let mut nobody = desk.holding("");
    nobody.get("/api/v1/me").await;
    let mut old = desk.holding("uphold_nonsense");
    old.get("/api/v1/me").await;
    while !nobody.met.contains("too-many-requests") {
        nobody.get("/api/v1/me").await;
    }
    let met: BTreeSet<String> = [bo.met, sam.met, nobody.met, old.met].into_iter().flatten().collect();
    let told = super::DOCUMENT["info"]["description"].as_str().unwrap();
    let told: BTreeSet<String> = told
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| `")?.split('`').next()?.to_owned()))
        .collect();
    let never: Vec<&String> = told.difference(&met).collect();
    assert_eq!(
        never,
        ["internal", "second-factor-first", "unavailable", "unknown-outcome"],
        "{HOST}: {told:?}"
    );
    assert!(met.is_subset(&told), "{met:?}");
}

#[tokio::test]
async fn a_browser_that_is_signed_in_may_use_the_api_from_our_own_pages() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    let mut bo = desk.signed_in("bo").await;
    let told = bo.get(T1).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    let told: Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(told["request"]["ticket"], "T-1");
    let form = bo.post(&format!("{T1}/reply"), "text=hello").await;
    assert_eq!(
        form.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "no form of another site is one: {}",
        form.body
    );
}

/// The examples of docs/api.md, one after the other.
#[tokio::test]
async fn the_examples_run_as_they_stand() {
    let desk = lived_in();
    let mut bo = desk.program("bo").await;
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api.md");
    let guide = std::fs::read_to_string(guide).unwrap().replace("\\\n", "");
    let examples: Vec<&str> = guide.lines().filter_map(|line| line.strip_prefix("    curl ")).collect();
    assert_eq!(examples.len(), 10);
    let mut ann = desk.program("ann").await;
    for example in examples {
        let (mut path, mut headers, mut body) = (String::new(), Vec::new(), None);
        let mut words = words(example).into_iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "-H" => headers.push(words.next().unwrap()),
                "--json" => body = words.next(),
                address => path = address.strip_prefix("$UPHOLD").unwrap().to_owned(),
            }
        }
        let headers: Vec<(String, String)> = headers
            .iter()
            .map(|header| header.replace("$TOKEN", &bo.token).replace("$ADMIN", &ann.token))
            .map(|header| header.split_once(": ").map(|(a, b)| (a.to_lowercase(), b.to_owned())).unwrap())
            .collect();
        assert_eq!(headers[0].0, "authorization", "{example}");
        let headers: Vec<(&str, &str)> = headers.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let who = if example.contains("$ADMIN") { &mut ann } else { &mut bo };
        let told = who.send(method, &path, body, &headers).await;
        assert!(told.status.is_success(), "{example}: {}", told.text);
        desk.wait(Length::from_secs(1));
    }
}

/// A line as a shell cuts it, with quotes of both kinds.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    for sign in line.chars() {
        match (quote, sign) {
            (None, '"' | '\'') => quote = Some(sign),
            (Some(open), sign) if open == sign => quote = None,
            (None, ' ') => words.push(String::new()),
            (_, sign) => words.last_mut().unwrap().push(sign),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
