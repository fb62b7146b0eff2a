//! Changes of a client's systems: proposed, approved by the client by their start, begun and closed; who is told of each.

use control::live::{
    NotDone,
    command::{By, ChangeStep, Decision, NewProposedChange},
};
use facts::{Actor, ChangeId, ClientId};
use promise::change::Change;
use spans::{Instant, Length};

use crate::{
    calls::{everything, managed},
    house::{House, instant},
};

const MONDAY: &str = "2026-06-01T09:00:00Z";
const STARTS: &str = "2026-06-03T20:00:00Z";
const ENDS: &str = "2026-06-03T22:00:00Z";

fn bob() -> By {
    By::new(Actor::provider("bob").role("engineer"))
}

fn jan() -> By {
    By::new(Actor::client("jan").role("contact").role("poc"))
}

fn restart() -> NewProposedChange {
    NewProposedChange {
        kind: "restart".to_owned(),
        what: " The wiki gets more memory. ".to_owned(),
        why: "It is slow on Mondays.".to_owned(),
        starts_at: instant(STARTS),
        ends_at: instant(ENDS),
        instances: Vec::new(),
        planned_in_stages: false,
    }
}

fn proposed(house: &House, client: &ClientId, now: Instant) -> ChangeId {
    house.control.propose_change(client, restart(), bob(), now).unwrap().0
}

fn one(house: &House, client: &ClientId, now: Instant) -> Change {
    let all = house.control.read(client, now, |book| book.proposed_changes(now)).unwrap().unwrap();
    all.into_iter().next().unwrap()
}

fn why_not<T: std::fmt::Debug>(answer: Result<T, NotDone>) -> String {
    answer.unwrap_err().to_string()
}

#[test]
fn mp_cli_11_a_change_begins_only_once_the_client_approved_it_and_in_its_window() {
    let now = instant(MONDAY);
    let (house, client) = managed(now);
    let change = proposed(&house, &client, now);
    let control = &house.control;
    let start = |by: By, at: Instant| control.carry_out_change(&client, &change, ChangeStep::Start, by, at);
    let decide =
        |by: By, at: Instant| control.decide_change(&client, &change, (Decision::Approve, false), by, at);
    assert_eq!(
        why_not(start(bob(), instant(STARTS))),
        "the client has not approved change C-1: it cannot start; ask somebody of the client who is poc [MP-CLI-11]"
    );
    assert!(why_not(decide(By::new(Actor::client("rik").role("requester")), now)).contains("who is poc"));
    assert!(why_not(decide(bob(), now)).contains("may not do this"));
    let tuesday = now + Length::DAY;
    decide(jan(), tuesday).unwrap();
    assert_eq!(
        why_not(decide(jan(), tuesday + Length::HOUR)),
        "change C-1 is approved: propose another [MP-CLI-11]"
    );
    let found = one(&house, &client, tuesday + Length::HOUR);
    assert_eq!((found.word(tuesday), found.age(tuesday + Length::HOUR)), ("approved", Length::DAY));
    assert_eq!(found.proposed.what.as_deref(), Some("The wiki gets more memory."));
    for at in [instant(STARTS) - Length::MINUTE, instant(ENDS)] {
        assert!(
            why_not(start(bob(), at)).starts_with("the client approved it from 2026-06-03T20:00:00Z"),
            "{at}"
        );
    }
    start(bob(), instant(STARTS)).unwrap();
    let later = instant(STARTS) + Length::HOUR;
    assert_eq!(one(&house, &client, later).word(later), "under way");
    assert!(why_not(start(bob(), later)).contains("is under way"));
    let close = |words: &str| {
        control.carry_out_change(&client, &change, ChangeStep::Close(words.to_owned()), bob(), later)
    };
    assert_eq!(why_not(close(" ")), "record how the start-up was validated [MP-SC-APP-03]");
    close("Pages open, search answers.").unwrap();
    assert!(why_not(close("Again.")).contains("it is closed once"));
    let end = later + Length::MINUTE;
    let done = one(&house, &client, end);
    assert_eq!((done.word(end), done.validation.as_deref()), ("done", Some("Pages open, search answers.")));
}

#[test]
fn mp_cli_11_what_was_refused_called_off_or_not_answered_by_its_start_does_not_begin() {
    let now = instant(MONDAY);
    let (house, client) = managed(now);
    let control = &house.control;
    let step =
        |id: &ChangeId, step: ChangeStep, at: Instant| control.carry_out_change(&client, id, step, bob(), at);
    let say = |id: &ChangeId, decision: Decision, at: Instant| {
        control.decide_change(&client, id, (decision, false), jan(), at)
    };
    let refused = proposed(&house, &client, now);
    let why = |words: &str| Decision::Refuse(words.to_owned());
    assert!(matches!(say(&refused, why("  "), now), Err(NotDone::Empty { field: "reason" })));
    say(&refused, why("Our year ends then."), now + Length::MINUTE).unwrap();
    assert_eq!(
        why_not(step(&refused, ChangeStep::Start, instant(STARTS))),
        "change C-1 is refused: propose another [MP-CLI-11]"
    );
    let off = proposed(&house, &client, now + Length::MINUTE * 2);
    assert_eq!(off.as_str(), "C-2");
    say(&off, Decision::Approve, now + Length::MINUTE * 3).unwrap();
    step(&off, ChangeStep::CallOff("The part is late.".to_owned()), now + Length::MINUTE * 4).unwrap();
    assert!(why_not(step(&off, ChangeStep::Start, instant(STARTS))).contains("is called off"));
    let silent = proposed(&house, &client, now + Length::MINUTE * 5);
    let at_start = |id: &ChangeId| say(id, Decision::Approve, instant(STARTS) + Length::from_micros(1));
    assert_eq!(why_not(at_start(&silent)), "change C-3 is not approved in time: propose another [MP-CLI-11]");
    let waits = |at: Instant| {
        control.read(&client, at, |book| book.waits_for_client(&jan().actor, at).changes.len()).unwrap()
    };
    assert_eq!((waits(instant(STARTS)), waits(instant(STARTS) + Length::MINUTE)), (Some(1), Some(0)));
    let late = control.propose_change(&client, restart(), bob(), instant(ENDS));
    assert!(matches!(&late, Err(NotDone::Wrong { field, .. }) if field == "starts_at"), "{late:?}");
    let reversed = NewProposedChange { ends_at: instant(STARTS), ..restart() };
    assert!(why_not(control.propose_change(&client, reversed, bob(), now)).contains("ends after it begins"));
    let unknown: ChangeId = "C-9".parse().unwrap();
    assert!(matches!(step(&unknown, ChangeStep::Start, now), Err(NotDone::Unknown { .. })));
}

#[test]
fn mp_cli_11_the_clients_people_are_told_what_waits_and_who_asked_hears_the_answer() {
    let now = instant(MONDAY);
    let (house, client) = managed(now);
    let change = proposed(&house, &client, now);
    let asks = "Name of bob asks for your approval of a change: restart, from 2026-06-03T20:00:00Z.";
    assert_eq!(everything(&house, now), [format!("jan: {asks}"), format!("kim: {asks}")]);
    let at = now + Length::HOUR;
    house.control.decide_change(&client, &change, (Decision::Approve, false), jan(), at).unwrap();
    // Ann is on call, Bob asked, Max manages.
    let told = ["ann", "bob", "max"].map(|who| format!("{who}: Name of jan approved the change."));
    assert_eq!(everything(&house, at), told);
    let other = proposed(&house, &client, at + Length::HOUR);
    everything(&house, at + Length::HOUR);
    let no = (Decision::Refuse("Our year ends then.".to_owned()), false);
    let at = at + Length::HOUR * 2;
    house.control.decide_change(&client, &other, no, jan(), at).unwrap();
    let told = ["ann", "bob", "max"].map(|who| format!("{who}: Name of jan did not approve the change."));
    assert_eq!(everything(&house, at), told);
}

#[test]
fn mp_cli_13_an_upgrade_takes_the_clients_word_of_its_backup_or_somebody_who_goes_on_without() {
    let now = instant(MONDAY);
    let (house, client) = managed(now);
    let upgrade = NewProposedChange { kind: "upgrade".to_owned(), planned_in_stages: true, ..restart() };
    let control = &house.control;
    let (change, _) = control.propose_change(&client, upgrade, bob(), now).unwrap();
    let rules = control.read(&client, now, |book| book.change_rules()).unwrap().unwrap();
    assert_eq!(rules.backup("upgrade"), Some(&["MP-CLI-13".to_owned()][..]));
    assert_eq!(rules.backup("restart"), None);
    assert_eq!(rules.approvers, ["poc"]);
    control.decide_change(&client, &change, (Decision::Approve, false), jan(), now).unwrap();
    let start = |confirmed: bool| {
        let by = By { confirmed, ..bob() };
        control.carry_out_change(&client, &change, ChangeStep::Start, by, instant(STARTS))
    };
    assert!(why_not(start(false)).contains("has not confirmed its backup"));
    start(true).unwrap();
}
