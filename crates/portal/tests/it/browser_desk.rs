//! The desk in a real browser: the queue, a ticket, a new request, searching, wishes, answers and a client's home, each as it is
//! read, filled in wrongly, without script, dark, on a telephone and by keys alone.

use spans::Length;
use testkit::browser::{Browser, Kind, key};

use crate::{
    browser::{Open, sound},
    desk::Desk,
};

const DARK: Kind = Kind { dark: true, ..Kind::DESK };
const NO_SCRIPT: Kind = Kind { script_blocked: true, ..Kind::DESK };

/// Two requests, a wish, an instance that failed for a while.
fn open() -> Open {
    let open = Open::over(Desk::agreed_at);
    open.desk.looks("acme", "wiki", Length::from_minutes(20), facts::Outcome::Up);
    open.desk.looks("acme", "wiki", Length::from_minutes(4), facts::Outcome::Down);
    open.desk.looks("acme", "wiki", Length::from_minutes(6), facts::Outcome::Up);
    open.desk.request("acme", "T-1", "Search finds nothing since this morning", "P2");
    open.desk.request("acme", "T-2", "Colours of the menu", "P4");
    open.desk.wait(Length::MINUTE);
    open
}

fn at(open: &Open, browser: &Browser, path: &str) {
    browser.go(&format!("{}{path}", open.origin));
}

/// As it is read: on a desk, dark, and at 360 px.
#[test]
fn pages_of_the_desk_are_sound_in_light_dark_and_at_360_px() {
    let open = open();
    let managed = Open::over(Desk::managed_at);
    for (kind, name) in [(Kind::DESK, "light"), (DARK, "dark"), (Kind::PHONE, "phone")] {
        let sam = open.signed_in(kind, "sam");
        for (path, room) in [
            ("/tickets", "queue"),
            ("/search?q=search", "search"),
            ("/wishes", "wishes"),
            ("/answers", "answers"),
            ("/clients/acme/tickets/T-1", "ticket"),
        ] {
            at(&open, &sam, path);
            sound(&sam, &format!("desk-{room}-{name}"));
        }
        let bo = open.signed_in(kind, "bo");
        sound(&bo, &format!("desk-home-{name}"));
        for (path, room) in [
            ("/clients/acme/tickets/new", "new"),
            ("/clients/acme/tickets", "tickets"),
            ("/clients/acme/tickets/T-1", "ticket-client"),
        ] {
            at(&open, &bo, path);
            sound(&bo, &format!("desk-{room}-{name}"));
        }
        let pia = managed.signed_in(kind, "pia");
        at(&managed, &pia, "/clients/acme/tickets/new");
        sound(&pia, &format!("desk-new-managed-{name}"));
    }
}

/// A request is written: what it seems to be about comes while typing, what is missing is said, and it is sent.
#[test]
fn a_request_is_written_in_a_browser() {
    let open = Open::over(Desk::agreed_at);
    let browser = open.signed_in(Kind::DESK, "bo");
    at(&open, &browser, "/clients/acme/tickets/new");
    browser.fill("#f-title", "A plugin");
    browser.fill("#f-text", "Please write the code of a plugin");
    browser.wait("the hint", |b| b.count("#seems li") == 1);
    assert!(browser.text("#seems").contains("not included"));
    assert!(browser.text("#seems").contains("SH-ACK-06"));
    sound(&browser, "desk-new-hint");
    browser.click("input[value=P1]");
    browser.click("button[name=look]");
    browser.wait("looked at", |b| b.count(".alert.note") == 1);
    assert!(browser.text(".alert.note").contains("Not sent yet"));
    assert!(browser.text(".alert.note").contains("P1: answered by"));
    sound(&browser, "desk-new-looked");
    browser.click(".ask .button.primary");
    browser.wait("refused", |b| b.count("[role=alert]") == 1);
    assert!(browser.text("[role=alert]").contains("P1 is for a production instance"));
    sound(&browser, "desk-new-refused");
    browser.click("input[name=confirm]");
    browser.fill("#f-tried", "Another browser");
    browser.click(".ask .button.primary");
    browser.wait("sent", |b| b.url().contains("/tickets/T-1?done=recorded"));
    sound(&browser, "desk-new-sent");
}

#[test]
fn the_desk_works_without_script() {
    let open = open();
    let bo = open.signed_in(NO_SCRIPT, "bo");
    at(&open, &bo, "/clients/acme/tickets/new");
    bo.fill("#f-title", "Slow");
    bo.fill("#f-text", "It is slow");
    bo.click("button[name=look]");
    bo.wait("looked at", |b| b.text("main").contains("Not sent yet"));
    bo.click(".ask .button.primary");
    bo.wait("sent", |b| b.url().contains("/tickets/T-3?done=untried"));
    bo.picture("desk-no-script-ticket");
    let sam = open.signed_in(NO_SCRIPT, "sam");
    at(&open, &sam, "/answers");
    sam.fill("#f-name", "Found");
    sam.fill("#f-body", "Dear {requester}, we found the cause.");
    sam.click("main .button.primary");
    sam.wait("kept", |b| b.url().contains("done=answer-kept"));
    at(&open, &sam, "/clients/acme/tickets/T-1");
    sam.click("#answers summary");
    sam.click("#answers button");
    sam.wait("begun", |b| b.url().contains("done=draft-kept"));
    assert!(sam.text("#f-text").contains("we found the cause"));
    at(&open, &sam, "/clients/acme/tickets/T-1?open=resolve");
    assert_eq!(sam.count("#act-resolve[open]"), 1);
    sam.picture("desk-no-script-resolve");
}

/// The queue by keys alone: down, up, choose, what can be done, and on the ticket reply and the forms.
#[test]
fn the_desk_by_keys_alone() {
    let open = open();
    let browser = open.signed_in(Kind::DESK, "sam");
    browser.press("gq");
    browser.wait("the queue", |b| b.url().ends_with("/tickets"));
    browser.press("j");
    browser.press("j");
    assert_eq!(
        browser.run("return document.querySelector('[data-row].here').dataset.row"),
        "/clients/acme/tickets/T-2"
    );
    browser.press("x");
    assert_eq!(browser.count("[data-row].here input:checked"), 1);
    browser.press("k");
    assert_eq!(
        browser.run("return document.activeElement.getAttribute('href')"),
        "/clients/acme/tickets/T-1"
    );
    browser.press(".");
    browser.wait("what can be done", |b| b.text("dialog[open]").contains("Change its priority"));
    sound(&browser, "desk-row-menu");
    browser.press(&format!("{}", key::ESCAPE));
    browser.press("?");
    browser.wait("the keys", |b| b.count("dialog[open].sheet") == 1);
    let keys = browser.text("dialog[open]");
    for words in ["Next line", "Choose the line", "What can be done with the line", "Answers"] {
        assert!(keys.contains(words), "{words}: {keys}");
    }
    browser.press(&format!("{}", key::ESCAPE));
    browser.press(&format!("{}", key::ENTER));
    browser.wait("the ticket", |b| b.url().ends_with("/clients/acme/tickets/T-1"));
    browser.press("?");
    browser.wait("the keys", |b| b.count("dialog[open].sheet") == 1);
    let keys = browser.text("dialog[open]");
    for words in
        ["Reply", "Acknowledge", "Change the priority", "Say what kind it is", "Resolve", "Why: ", "Take it"]
    {
        assert!(keys.contains(words), "{words}: {keys}");
    }
    browser.press(&format!("{}", key::ESCAPE));
    browser.press("p");
    browser.wait("the priority's form", |b| b.count("#act-reprioritise[open]") == 1);
    assert_eq!(browser.run("return document.activeElement.id"), "f-priority");
    browser.run("document.activeElement.blur()");
    browser.press("r");
    assert_eq!(browser.run("return document.activeElement.id"), "f-text");
}

/// Typing keeps itself, and claims: nobody presses anything.
#[test]
fn what_is_typed_is_kept_and_takes_the_ticket() {
    let open = open();
    let browser = open.signed_in(Kind::DESK, "sam");
    at(&open, &browser, "/clients/acme/tickets/T-1");
    assert!(browser.text("#side").contains("nobody yet"));
    browser.fill("#f-text", "We are looking");
    browser.wait("kept", |b| b.text("[data-kept]") == "Kept as a draft.");
    browser.wait("taken", |b| b.text("#side").contains("Name of sam"));
    at(&open, &browser, "/clients/acme/tickets/T-1");
    assert_eq!(browser.run("return document.querySelector('#f-text').value"), "We are looking");
    sound(&browser, "desk-draft");
}

/// One press says to the client that a person has it; the clock stands still at that instant.
#[test]
fn a_ticket_is_acknowledged_and_a_mistake_stands_beside_its_form() {
    let open = open();
    let browser = open.signed_in(Kind::PHONE, "sam");
    at(&open, &browser, "/clients/acme/tickets/T-1");
    browser.press("a");
    browser.wait("met", |b| b.url().contains("done=recorded"));
    assert!(browser.text("#side").contains("met"));
    at(&open, &browser, "/clients/acme/tickets/T-1?open=merge");
    browser.fill("#f-merge-other", "nothing at all");
    browser.click("#act-merge button");
    browser.wait("refused", |b| b.count("#act-merge [role=alert]") == 1);
    sound(&browser, "desk-ticket-refused-phone");
}

/// What is missing is said where it is missing: nothing chosen in the queue, nothing found, an answer without words.
#[test]
fn mistakes_of_the_desk_are_told_and_nothing_is_lost() {
    let open = open();
    for (kind, name) in [(Kind::DESK, "light"), (Kind::PHONE, "phone"), (NO_SCRIPT, "no-script")] {
        let browser = open.signed_in(kind, "sam");
        at(&open, &browser, "/tickets");
        browser.click("details.act summary");
        browser.fill("#f-add", "later");
        browser.click("details.act .button");
        browser.wait("refused", |b| b.count("[role=alert]") == 1);
        assert!(browser.text("[role=alert]").contains("Choose tickets"));
        at(&open, &browser, "/answers");
        browser.fill("#f-name", "Found");
        browser.fill("#f-body", "Dear {requestor}");
        browser.click("main .button.primary");
        browser.wait("refused", |b| b.count("[role=alert]") == 1);
        assert!(
            browser.text("#f-body").contains("{requestor}")
                || browser.text("[role=alert]").contains("{requestor}")
        );
        if !kind.script_blocked {
            sound(&browser, &format!("desk-answers-refused-{name}"));
            at(&open, &browser, "/search?q=nothing+of+the+kind");
            assert!(browser.text("main").contains("Nothing is found"));
            sound(&browser, &format!("desk-search-none-{name}"));
        }
    }
}

/// From a client's home to a request by keys, and a wish that is found.
#[test]
fn a_clients_home_search_and_wishes_by_keys() {
    let open = open();
    let sam = open.signed_in(Kind::DESK, "sam");
    at(&open, &sam, "/clients/acme/tickets/T-2?open=classify");
    sam.run("document.querySelector('#f-class').value = 'feature'");
    sam.click("#act-classify button");
    sam.wait("a wish", |b| b.url().contains("done=recorded"));
    for (kind, name) in [(Kind::DESK, "light"), (DARK, "dark"), (Kind::PHONE, "phone")] {
        let bo = open.signed_in(kind, "bo");
        bo.press("c");
        bo.wait("a new request", |b| b.url().ends_with("/clients/acme/tickets/new"));
        bo.press("gq");
        bo.wait("the tickets", |b| b.url().ends_with("/clients/acme/tickets"));
        bo.press("j");
        assert_eq!(bo.count("[data-row].here"), 1);
        bo.press("/");
        bo.wait("searching", |b| b.url().ends_with("/clients/acme/search"));
        bo.press(&format!("colours{}", key::ENTER));
        bo.wait("found", |b| b.text("main").contains("Colours of the menu"));
        sound(&bo, &format!("desk-search-client-{name}"));
        at(&open, &bo, "/clients/acme/wishes");
        assert!(bo.text("main").contains("Colours of the menu"));
        sound(&bo, &format!("desk-wishes-client-{name}"));
    }
}

/// What is ticked, typed and opened stays when the page draws itself anew, and so does what is new.
#[test]
fn a_page_that_draws_itself_anew_keeps_what_was_ticked_and_typed() {
    let open = open();
    let browser = open.signed_in(Kind::DESK, "sam");
    at(&open, &browser, "/tickets");
    browser.click("[data-row$='T-2'] input[type=checkbox]");
    open.desk.request("acme", "T-7", "A third one", "P3");
    open.desk.app.live().changed(&"acme".parse().unwrap(), portal::server::What::Facts);
    browser.wait("the third", |b| b.text("#tickets").contains("A third one"));
    assert_eq!(browser.count("[data-row$='T-2'] input:checked"), 1);
    assert_eq!(browser.count("input:checked[name=ticket]"), 1);

    at(&open, &browser, "/clients/acme/tickets/T-1");
    browser.fill("#f-add", "half a ta");
    browser.run("document.querySelector('#side details.more').open = true");
    let by = control::live::command::By::new(facts::Actor::provider("sam"));
    let watch = control::live::command::Arrangement::Tag { add: vec!["new".to_owned()], remove: Vec::new() };
    open.desk
        .control
        .arrange(&"acme".parse().unwrap(), &"T-1".parse().unwrap(), watch, by, open.desk.now())
        .unwrap();
    browser.wait("the new tag", |b| b.text("#side .tags").contains("new"));
    assert_eq!(browser.run("return document.querySelector('#f-add').value"), "half a ta");
    assert_eq!(browser.run("return document.activeElement.id"), "f-add");
    assert_eq!(browser.run("return String(document.querySelector('#side details.more').open)"), "true");
}

/// What somebody is told comes to the inbox that they have open, and the bar counts it; whoever walks by keys stays where they are.
#[test]
fn an_open_inbox_shows_what_comes() {
    let open = open();
    let sam = open.signed_in(Kind::DESK, "sam");
    at(&open, &sam, "/clients/acme/tickets/T-1");
    sam.click("form[action$='/T-1/take'] .button");
    sam.wait("it is his", |b| b.count("form[action$='/T-1/take']") == 0);
    at(&open, &sam, "/inbox");
    assert!(sam.text("#inbox").contains("Nothing yet"));
    sam.run("document.querySelector('#unseen').focus()");
    let bo = open.signed_in(NO_SCRIPT, "bo");
    at(&open, &bo, "/clients/acme/tickets/T-1");
    bo.fill("#f-text", "It is worse now");
    bo.click("form[data-draft] .button");
    bo.wait("the answer", |b| b.text("#said").contains("It is worse now"));
    open.desk.wait(Length::from_secs(1));
    open.desk.control.relay(open.desk.now()).unwrap();
    sam.wait("the answer", |b| b.text("#inbox").contains("Name of bo"));
    assert_eq!(sam.text("#unseen b"), sam.count("tr.unread").to_string());
    assert_eq!(sam.run("return document.activeElement.id"), "unseen");
}
