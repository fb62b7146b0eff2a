//! Messages of people who are no contacts: held without a clock, told to the contacts, made a request by one of them or put aside.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use control::live::{
    command::{By, HELD_CHARS_MAX, HELD_MAX, NewHeld},
    query::{HELD_WORDS_KEPT, HeldWords},
};
use facts::MessageHeld;
use journal::people::Choice;
use serde_json::json;
use spans::Length;

use crate::{
    agreed::client,
    desk::{Browser, Desk},
    ticket::fill,
};

const HOLD: &str = "/clients/acme/tickets/hold";
const HELD: &str = "/clients/acme/tickets/held";
const NEW: &str = "/clients/acme/tickets/new?held=H-1";
const API: &str = "/api/v1/clients/acme/held-messages";
const MAIL: &str =
    "from=Ann+Example+%3Cann%40example.org%3E&channel=email&at=2027-01-15T08:00&text=All+is+gone";

#[track_caller]
fn holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

/// At nine, a mail of eight.
async fn holding() -> Desk {
    let desk = Desk::agreed();
    desk.wait(Length::HOUR);
    hold(&desk, MAIL).await;
    desk
}

async fn hold(desk: &Desk, form: &str) {
    let mut sam = desk.signed_in("sam").await;
    let done = fill(&mut sam, HOLD, HOLD, form).await;
    assert_eq!(done.header("location"), format!("{HELD}?done=recorded"), "{}", done.body);
    desk.wait(Length::from_secs(1));
    desk.control.relay(desk.now()).unwrap();
}

async fn refused(browser: &mut Browser<'_>, (page, to): (&str, &str), form: &str, why: &str) {
    let answer = fill(browser, page, to, form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    holds(&answer.body, &[why]);
}

/// SH-DEF-11: mail from somebody unknown is held; no clock runs, and the contacts are told.
#[tokio::test]
async fn sh_def_11_a_message_of_somebody_unknown_is_held_and_the_contacts_are_told() {
    let desk = holding().await;
    let mut bo = desk.signed_in("bo").await;
    holds(&bo.get("/inbox").await.body, &["A message came in by email from somebody who is no contact"]);
    holds(&bo.get("/").await.body, &["a message of somebody who is no contact</a>"]);
    let page = bo.get(HELD).await.body;
    holds(&page, &["H-1 from Ann Example &#60;ann@example.org&#62;", "All is gone", "08:00", "SH-DEF-11"]);
    assert!(!page.contains("mailto:"), "what to answer is for the provider's people: {page}");
    let tickets = bo.get("/clients/acme/tickets").await.body;
    holds(&tickets, &["1 message is held", "No ticket yet"]);
    let sam = desk.signed_in("sam").await.get("/").await.body;
    assert!(!sam.contains("First response"), "{sam}");
}

/// SH-REQ-05: whoever is no contact is told politely whom to ask.
#[tokio::test]
async fn sh_req_05_whoever_is_no_contact_is_pointed_to_those_who_are() {
    let desk = holding().await;
    let mut sam = desk.signed_in("sam").await;
    holds(
        &sam.get(HELD).await.body,
        &[
            "href=\"mailto:ann@example.org?",
            "Please ask the support of your own organisation",
            "Nothing is sent by itself",
            "SH-REQ-05",
        ],
    );
    holds(&sam.get("/clients/acme/tickets/record").await.body, &["/tickets/hold\">Hold the message</a>"]);
}

/// SH-DEF-11: a contact makes a request of it, whose clocks run from then on and not from when the message came in.
#[tokio::test]
async fn sh_def_11_a_contact_makes_a_request_of_it() {
    let desk = holding().await;
    let mut bo = desk.signed_in("bo").await;
    holds(
        &bo.get(NEW).await.body,
        &["message H-1</a>, which somebody who is no contact wrote", "wrote:\n\nAll is gone", "SH-DEF-11"],
    );
    let form = "held=H-1&title=Gone&instance=wiki&choice=P1&text=All+is+gone&tried=Waiting";
    let sent = fill(&mut bo, NEW, "/clients/acme/tickets/new", form).await;
    assert_eq!(sent.header("location"), "/clients/acme/tickets/T-1?done=recorded", "{}", sent.body);
    // Four hours from nine.
    holds(
        &bo.get("/clients/acme/tickets/T-1").await.body,
        &["2027-01-15T13:00:02Z", "made of held message <a href=\"/clients/acme/tickets/held#H-1\">H-1</a>"],
    );
    holds(
        &bo.get(HELD).await.body,
        &["Nothing is held", "/tickets/T-1\">T-1</a> was made of it by Name of bo"],
    );
    let again = bo.get(NEW).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    holds(&again.body, &["held no longer"]);
    let twice = ("/clients/acme/tickets/new", "/clients/acme/tickets/new");
    refused(&mut bo, twice, form, "It was decided already").await;
    assert!(!bo.get("/clients/acme/tickets").await.body.contains("T-2"), "all of it or nothing");
}

#[tokio::test]
async fn a_held_message_is_put_aside_with_a_reason_by_either_side_once() {
    let desk = holding().await;
    hold(&desk, "from=%2B31+20+000+0000&channel=phone&text=Who+are+you%3F").await;
    let (mut sam, mut bo) = (desk.signed_in("sam").await, desk.signed_in("bo").await);
    let aside = |n: u8| format!("{HELD}/H-{n}/aside");
    refused(&mut bo, (HELD, &aside(1)), "reason=+", "say why it is put aside").await;
    for (browser, n) in [(&mut bo, 1), (&mut sam, 2)] {
        let done = fill(browser, HELD, &aside(n), "reason=Spam").await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    }
    let page = sam.get(HELD).await.body;
    holds(
        &page,
        &["Nothing is held", "Put aside by Name of bo (client)", "Put aside by Name of sam (provider)"],
    );
    desk.control.relay(desk.now()).unwrap();
    let told = bo.get("/inbox").await.body;
    holds(&told, &["Name of sam put a held message aside: it becomes no request."]);
    assert!(!told.contains("Name of bo put"), "one's own is no news");
    let mut program = desk.program("sam").await;
    let again = program.post(&format!("{API}/H-1/aside"), json!({"reason": "Again."})).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);
    let unknown = program.post(&format!("{API}/H-9/aside"), json!({"reason": "Nobody's."})).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", unknown.text);
}

#[tokio::test]
async fn what_is_held_says_from_whom_which_way_and_what() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    for (form, why) in [
        ("from=+&channel=email&text=Hello", "say who it is from: a name, an address or a number"),
        (
            "from=a%E2%80%AEb&channel=email&text=Hello",
            "`from`: it is one line of visible text, without U+202E",
        ),
        ("from=Ann&channel=email&text=+", "the text is empty"),
        ("from=Ann&channel=fax&text=Hello", "`fax` is no way in under this agreement"),
        ("from=Ann&channel=email&at=noon&text=Hello", "`noon` is no time"),
        ("from=Ann&channel=email&at=2028-01-01T00:00&text=Hello", "lies in the future"),
    ] {
        refused(&mut sam, (HOLD, HOLD), form, why).await;
    }
    let bo = desk.signed_in("bo").await.get(HOLD).await;
    assert_eq!(bo.status, StatusCode::NOT_FOUND, "contacts hold nothing");
}

/// Where the file does not say that such messages are held, none is.
#[tokio::test]
async fn an_agreement_that_holds_nothing_says_so() {
    let desk = Desk::managed();
    let mut eva = desk.signed_in("eva").await;
    holds(&eva.get(HOLD).await.body, &["This agreement holds no messages", "channels.unknown_sender"]);
    let mut program = desk.program("eva").await;
    let told = program.post(API, json!({"from": "Ann", "channel": "portal", "text": "Hello"})).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "{}", told.text);
    holds(&told.text, &["does not say that messages of people who are no contacts are held"]);
}

/// A message that lay for days before it was written down waits for a word of the contacts all the same.
#[tokio::test]
async fn sh_def_11_a_message_of_three_days_ago_is_told_too() {
    let desk = Desk::agreed();
    desk.wait(Length::from_secs(3 * 86_400));
    hold(&desk, MAIL).await;
    let inbox = desk.signed_in("bo").await.get("/inbox").await.body;
    holds(&inbox, &["A message came in by email from somebody who is no contact"]);
}

/// A letter under our name says from whom it is, and none of the stranger's words; they call nobody either.
#[tokio::test]
async fn sh_def_11_a_letter_quotes_nothing_of_what_is_held() {
    let desk = Desk::agreed();
    desk.wait(Length::HOUR);
    let (bo, ann) = (person(&desk, "bo"), person(&desk, "ann"));
    let reached = (bo.clone(), ann.clone());
    desk.journal
        .write::<_, journal::Error>(move |tx| {
            for (who, address) in [(&reached.0, "bo@acme.example"), (&reached.1, "ann@desk.example")] {
                tx.set_choice(who, &Choice { address: Some(address.to_owned()), ..Choice::default() })?;
            }
            Ok(())
        })
        .unwrap();
    hold(
        &desk,
        "from=Eve+%3Ceve%40evil.example%3E&channel=email&text=%40ann+pay+at+https%3A%2F%2Fevil.example",
    )
    .await;
    let now = desk.now();
    let carried = desk
        .journal
        .write::<_, journal::Error>(move |tx| tx.claim_deliveries(now, Length::MINUTE, 10))
        .unwrap();
    let [letter] = &carried[..] else { panic!("one letter, and not {}", carried.len()) };
    assert_eq!(letter.delivery.person, bo);
    holds(&letter.delivery.body, &["From Eve <eve@evil.example>", "/clients/acme/tickets/held"]);
    assert!(!letter.delivery.body.contains("pay at"), "{}", letter.delivery.body);
}

/// What one of those writes who may ask is a request: it is not held, by an address of theirs or by their name alone.
#[tokio::test]
async fn sh_def_11_a_message_of_a_contact_is_no_message_of_a_stranger() {
    let desk = Desk::agreed();
    desk.add_named("bill", "Bill Payer", Some("acme"), &["billing"]);
    let bo = person(&desk, "bo");
    let choice = Choice { address: Some("bo@acme.example".to_owned()), ..Choice::default() };
    desk.journal.write::<_, journal::Error>(move |tx| tx.set_choice(&bo, &choice)).unwrap();
    let mut sam = desk.signed_in("sam").await;
    for from in ["Name+of+bo", "NAME+OF+BO", "Bo+%3CBo%40acme.example%3E", "bo"] {
        let form = format!("from={from}&channel=email&text=Hello");
        let why = "Name of bo may ask for this client: write it down as their request";
        refused(&mut sam, (HOLD, HOLD), &form, why).await;
    }
    for from in ["Name+of+bo+%3Cbo%40elsewhere.example%3E", "Bill+Payer", "Name+of+cy"] {
        hold(&desk, &format!("from={from}&channel=email&text=Hello")).await;
    }
}

#[tokio::test]
async fn what_is_held_has_a_length_and_a_number_at_most() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    let long = "a".repeat(HELD_CHARS_MAX + 1);
    let why = "it has 8193 characters, and may have 8192: keep what matters";
    refused(&mut sam, (HOLD, HOLD), &format!("from=Ann&channel=email&text={long}"), why).await;
    holds(&sam.get(HOLD).await.body, &["maxlength=\"8192\"", "maxlength=\"200\""]);
    for n in 1..=HELD_MAX {
        let text = if n == 1 { long[1..].to_owned() } else { "Hello".to_owned() };
        let new = NewHeld { from: "Ann".to_owned(), channel: "email".to_owned(), text };
        let by = By::new(facts::Actor::provider(&person(&desk, "sam")).role("manager"));
        let (id, _) = desk.control.hold(&client("acme"), new, by, desk.now()).unwrap();
        assert_eq!(id.as_str(), format!("H-{n}"));
    }
    let one_more = "from=Ann&channel=email&text=Hello";
    refused(
        &mut sam,
        (HOLD, HOLD),
        one_more,
        "100 messages are held, which is the most: put some of them aside",
    )
    .await;
    let aside = fill(&mut sam, HELD, &format!("{HELD}/H-7/aside"), "reason=Spam").await;
    assert_eq!(aside.status, StatusCode::SEE_OTHER, "{}", aside.body);
    let again = fill(&mut sam, HOLD, HOLD, one_more).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    holds(&sam.get(HELD).await.body, &["id=\"H-101\""]);
}

/// Of one instant, the tenth stands behind the ninth.
#[tokio::test]
async fn held_messages_are_listed_by_number_page_for_page() {
    let desk = Desk::agreed();
    let mut sam = desk.program("sam").await;
    for _ in 0..11 {
        let new = json!({"from": "Ann", "channel": "email", "text": "Hello", "received_at": "2027-01-15T07:00:00Z"});
        assert_eq!(sam.post(API, new).await.status, StatusCode::CREATED);
    }
    let mut found = Vec::new();
    let mut next = Some(format!("{API}?limit=4"));
    while let Some(page) = next {
        let page = sam.read(&page).await;
        let items = page["items"].as_array().unwrap().clone();
        found.extend(items.iter().map(|item| item["message"].as_str().unwrap().to_owned()));
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(found, (1..=11).map(|n| format!("H-{n}")).collect::<Vec<_>>());
}

/// Who may not ask under the agreement reads and settles nothing; who has no part in requests reads nothing.
#[tokio::test]
async fn sh_def_11_who_may_not_ask_is_shown_no_button_and_who_has_no_part_reads_nothing() {
    let desk = holding().await;
    desk.add_named("pim", "Pim Prove", Some("acme"), &["approver"]);
    desk.add_named("bill", "Bill Payer", Some("acme"), &["billing"]);
    desk.add_named("nob", "Nob Ody", Some("acme"), &[]);
    let mut pim = desk.signed_in("pim").await;
    let page = pim.get(HELD).await.body;
    holds(&page, &["All is gone", "You may read them"]);
    assert!(!page.contains("Make it a request") && !page.contains("Put it aside"), "{page}");
    let key = "0123456789abcdef0123456789abcdef";
    let aside = pim.post(&format!("{HELD}/H-1/aside"), &format!("key={key}&reason=Spam")).await;
    assert_eq!(aside.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", aside.body);
    holds(&aside.body, &["Pim Prove may not do this: ask somebody of the client who is contact"]);
    for login in ["bill", "nob"] {
        let mut browser = desk.signed_in(login).await;
        let page = browser.get(HELD).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{login}: {}", page.body);
        assert!(!page.body.contains("All is gone"));
        let tickets = browser.get("/clients/acme/tickets").await;
        assert_eq!(tickets.status, StatusCode::OK);
        assert!(!tickets.body.contains("is held"), "{}", tickets.body);
    }
    holds(&desk.signed_in("bo").await.get(HELD).await.body, &["Make it a request", "Put it aside"]);
}

/// A contact's word by telephone makes a request of it: the provider's people write that down, and who said so stands there.
#[tokio::test]
async fn sh_def_11_a_contact_s_yes_by_telephone_is_written_down() {
    let desk = holding().await;
    let mut sam = desk.signed_in("sam").await;
    let page = "/clients/acme/tickets/record?held=H-1";
    holds(&sam.get(HELD).await.body, &[&format!("href=\"{page}\"")]);
    holds(&sam.get(page).await.body, &["message H-1", "Which contact wants it", "wrote:\n\nAll is gone"]);
    let form = |who: &str| format!("held=H-1&from={who}&channel=phone&title=Gone&choice=P2&text=All+is+gone");
    let to = "/clients/acme/tickets/record";
    let bo = person(&desk, "bo");
    let sent = fill(&mut sam, page, to, &form(&bo)).await;
    assert_eq!(sent.header("location"), "/clients/acme/tickets/T-1?done=recorded", "{}", sent.body);
    let ticket = sam.get("/clients/acme/tickets/T-1").await.body;
    holds(&ticket, &["from Name of bo", "that message H-1 is one", "made of held message"]);
    holds(&sam.get(HELD).await.body, &["was made of it by Name of bo (client)"]);
    refused(&mut sam, (to, to), &form(&bo), "It was decided already").await;
    let gone = sam.get(page).await;
    assert_eq!(gone.status, StatusCode::UNPROCESSABLE_ENTITY);
    holds(&gone.body, &["held no longer"]);
}

/// A refused form keeps what was typed, of that message alone.
#[tokio::test]
async fn a_reason_that_is_refused_is_kept() {
    let desk = holding().await;
    hold(&desk, "from=Eve&channel=email&text=Hello").await;
    let mut bo = desk.signed_in("bo").await;
    let form = "reason=Spam%E2%80%AE%22";
    let answer = fill(&mut bo, HELD, &format!("{HELD}/H-2/aside"), form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    holds(&answer.body, &["without U+202E", "maxlength=\"4096\""]);
    assert_eq!(answer.body.matches("value=\"Spam").count(), 1, "{}", answer.body);
}

/// A quarter of a year after it was settled what a stranger wrote is erased, and nothing else; the chain holds.
#[tokio::test]
async fn what_was_settled_is_erased_after_ninety_days() {
    let desk = holding().await;
    hold(&desk, "from=Eve&channel=email&text=Still+here").await;
    let mut bo = desk.signed_in("bo").await;
    fill(&mut bo, HELD, &format!("{HELD}/H-1/aside"), "reason=Spam").await;
    let words = |n: &str| {
        let found = desk.control.held_message(&client("acme"), &n.parse().unwrap()).unwrap().unwrap();
        (found.words.from().map(str::to_owned), found.words == HeldWords::Erased)
    };
    desk.wait(HELD_WORDS_KEPT - Length::MINUTE);
    desk.app.forget_held().await;
    assert_eq!(words("H-1"), (Some("Ann Example <ann@example.org>".to_owned()), false));
    holds(&desk.signed_in("sam").await.get(HELD).await.body, &["What became of others", "All is gone"]);
    desk.wait(Length::MINUTE + Length::MINUTE);
    desk.app.forget_held().await;
    assert_eq!(words("H-1"), (None, true));
    assert_eq!(words("H-2"), (Some("Eve".to_owned()), false));
    let page = desk.signed_in("sam").await.get(HELD).await.body;
    assert!(!page.contains("What became of others") && page.contains("Still here"), "{page}");
    assert_eq!(desk.control.forget_held(desk.now()).unwrap(), 0, "once");
    let report = desk.journal.verify(&[]).unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[tokio::test]
async fn words_that_never_were_there_are_not_called_erased() {
    let desk = Desk::agreed();
    let held = MessageHeld { message: "H-1".parse().unwrap(), channel: "email".to_owned(), text: None };
    desk.store("acme", facts::Actor::provider("Importer"), held);
    let page = desk.signed_in("bo").await.get(HELD).await.body;
    holds(&page, &["What it said was not put on record."]);
    assert!(!page.contains("erased."), "{page}");
}

/// Where no contact counts, whoever holds a message is told that nobody hears of it.
#[tokio::test]
async fn where_nobody_can_be_told_the_page_says_so() {
    let desk = holding().await;
    let warning = "no contact of the client counts now";
    let mut sam = desk.signed_in("sam").await;
    for page in [HELD, HOLD] {
        assert!(!sam.get(page).await.body.contains(warning));
    }
    for login in ["bo", "dora"] {
        desk.disable(login);
    }
    for page in [HELD, HOLD] {
        holds(&sam.get(page).await.body, &[warning, "href=\"/clients/acme/people\""]);
    }
}

/// A message of one client is nothing to another's people, whatever they name.
#[tokio::test]
async fn another_client_s_message_makes_no_request() {
    let desk = holding().await;
    let mut cy = desk.program("cy").await;
    let new = json!({"title": "Gone", "text": "All is gone", "priority": "P2", "held": "H-1"});
    let asked = cy.post("/api/v1/clients/beta/requests", new).await;
    assert_eq!(asked.status, StatusCode::NOT_FOUND, "{}", asked.text);
    let form = desk.signed_in("cy").await.get("/clients/beta/tickets/new?held=H-1").await;
    assert_eq!(form.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!form.body.contains("All is gone"), "{}", form.body);
}

fn person(desk: &Desk, login: &str) -> String {
    let people = desk.journal.read(|tx| tx.people()).unwrap();
    people.into_iter().find(|person| person.login == login).unwrap().id
}

/// Programs hold messages, list them, make a request of one and put one aside: what was done, by the names of the operations.
pub(crate) async fn done() -> BTreeSet<String> {
    let desk = Desk::agreed();
    let (mut sam, mut bo) = (desk.program("sam").await, desk.program("bo").await);
    for text in ["All is gone", "Is anybody there?"] {
        let new =
            json!({"from": "Ann", "channel": "email", "text": text, "received_at": "2027-01-15T07:00:00Z"});
        let told = sam.post(API, new).await;
        assert_eq!(told.status, StatusCode::CREATED, "{}", told.text);
        desk.wait(Length::from_secs(1));
    }
    let held = bo.read(API).await;
    assert_eq!(held["items"][0]["message"], "H-1");
    assert_eq!(held["items"][1]["text"], "Is anybody there?");
    assert_eq!(held["items"][0]["received_at"], "2027-01-15T07:00:00Z");
    let new = json!({"title": "Gone", "text": "All is gone", "priority": "P2", "held": "H-1"});
    let asked = bo.post("/api/v1/clients/acme/requests", new).await;
    assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.text);
    holds(&asked.text, &["\"message.settled\""]);
    let aside = bo.post(&format!("{API}/H-2/aside"), json!({"reason": "Spam."})).await;
    assert_eq!(aside.status, StatusCode::OK, "{}", aside.text);
    assert_eq!(bo.read(API).await["items"].as_array().unwrap().len(), 0);
    let settled = bo.read(&format!("{API}?state=settled")).await["items"].clone();
    let what = |n: usize| &settled[n]["settled"];
    assert_eq!((&settled[0]["message"], &what(0)["reason"]), (&json!("H-2"), &json!("Spam.")));
    assert_eq!((&settled[1]["message"], &what(1)["request"]), (&json!("H-1"), &json!("T-1")));
    assert_eq!((&what(0)["by"], &what(0)["side"]), (&json!("Name of bo"), &json!("client")));
    assert_eq!(bo.read("/api/v1/clients/acme/requests/T-1").await["made_of"], "H-1");
    [sam.done, bo.done].into_iter().flatten().collect()
}
