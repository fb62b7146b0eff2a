//! What the desk does with tickets beside answering them, through the same commands as pages and the API.

use control::live::{
    NotDone,
    command::{Arrangement, By, Deed, Motion, NewFile},
    query::TicketView,
};
use facts::{Actor, ClientId, Link, Resolution, TicketId};
use journal::people::{Person, Standing};
use spans::{Instant, Length};

use crate::house::{House, bob, instant, jan};

/// Bob works here: a ticket is given to people who are there.
fn staffed(tier: &str) -> (House, ClientId) {
    let (house, client) = House::hosted(tier);
    let since = instant("2026-01-01T00:00:00Z");
    let add = move |tx: &mut journal::Tx<'_>| {
        tx.add_person(&Person::new("bob", "bob", "bob", Standing::Staff, since)).map(drop)
    };
    house.control.journal().write(add).unwrap();
    (house, client)
}

fn view(house: &House, client: &ClientId, ticket: &TicketId, now: Instant) -> TicketView {
    house.control.ticket(client, ticket, now + Length::MINUTE).unwrap().unwrap()
}

#[test]
fn a_ticket_is_taken_tagged_linked_and_what_was_done_is_undone() {
    let (house, client) = staffed("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let (first, second) = (house.asked(&client, "one", now), house.asked(&client, "two", now));
    let arrange = |how| house.control.arrange(&client, &first, how, By::new(bob()), now);
    arrange(Arrangement::Assign(Some("bob".to_owned()))).unwrap();
    arrange(Arrangement::Tag { add: vec!["search".to_owned(), "eu-1".to_owned()], remove: Vec::new() })
        .unwrap();
    let tagged =
        arrange(Arrangement::Tag { add: vec!["slow".to_owned()], remove: vec!["eu-1".to_owned()] }).unwrap();
    arrange(Arrangement::Link(second.clone(), Link::Causes)).unwrap();
    arrange(Arrangement::Watch("eve".to_owned())).unwrap();
    let seen = view(&house, &client, &first, now);
    assert_eq!(seen.line.assignee, Some(("bob".to_owned(), "bob".to_owned())));
    assert_eq!(seen.line.tags, ["search", "slow"]);
    assert_eq!(seen.links, [(second.clone(), Link::Causes)]);
    assert_eq!(seen.watchers, [("eve".to_owned(), "eve".to_owned())]);
    arrange(tagged.undo.unwrap()).unwrap();
    assert_eq!(view(&house, &client, &first, now).line.tags, ["eu-1", "search"]);

    let none = arrange(Arrangement::Tag { add: vec!["a<b".to_owned()], remove: Vec::new() });
    assert!(matches!(none, Err(NotDone::Wrong { .. })));
    let itself = arrange(Arrangement::Link(first.clone(), Link::Relates));
    assert!(matches!(itself, Err(NotDone::Wrong { .. })));
    let nowhere = arrange(Arrangement::Merge("T-99".parse().unwrap()));
    assert!(matches!(nowhere, Err(NotDone::Unknown { .. })));
    let many = (0..21).map(|n| format!("t{n}")).collect();
    assert!(matches!(
        arrange(Arrangement::Tag { add: many, remove: Vec::new() }),
        Err(NotDone::TooMuch { .. })
    ));
}

#[test]
fn a_ticket_is_given_to_nobody_who_is_not_there() {
    let (house, client) = staffed("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let ticket = house.asked(&client, "one", now);
    let of = client.clone();
    let add = move |tx: &mut journal::Tx<'_>| {
        tx.add_person(&Person::new("jan", "jan", "jan", Standing::Of(of.clone()), now))?;
        tx.add_person(&Person::new("eve", "eve", "eve", Standing::Staff, now))?;
        tx.disable_person("eve", now).map(drop)
    };
    house.control.journal().write(add).unwrap();
    let give = |to: &str| {
        let how = Arrangement::Assign(Some(to.to_owned()));
        house.control.arrange(&client, &ticket, how, By::new(bob()), now)
    };
    for to in ["jan", "eve", "<b>", ""] {
        assert!(matches!(give(to), Err(NotDone::Wrong { .. })), "{to}");
    }
    give("bob").unwrap();
    house.control.arrange(&client, &ticket, Arrangement::Assign(None), By::new(bob()), now).unwrap();
}

/// SH-REQ-03: each side takes away its own files; of an internal one the client hears nothing, whether it is there or gone.
#[test]
fn a_clients_people_take_away_their_own_files_and_hear_of_no_internal_one() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let ticket = house.asked(&client, "one", now);
    let attach = |name: &str, internal, by: Actor| {
        let new = NewFile { name: name.to_owned(), bytes: (*b"line").into(), internal };
        house.control.attach(&client, &ticket, new, By::new(by), now).unwrap().0
    };
    let (theirs, ours) = (attach("log.txt", false, jan()), attach("fix.txt", false, bob()));
    let own = attach("own.txt", true, bob());
    let remove =
        |file: &facts::FileId, by: Actor| house.control.remove_file(&client, &ticket, file, By::new(by), now);
    let hidden = remove(&own, jan());
    assert!(matches!(hidden, Err(NotDone::Unknown { .. })), "{hidden:?}");
    assert!(remove(&ours, jan()).unwrap_err().to_string().contains("the other side attached it"));
    assert!(house.control.file(&client, &ticket, &own.0, true).unwrap().is_some());
    remove(&theirs, jan()).unwrap();
    remove(&own, bob()).unwrap();
    let seen = view(&house, &client, &ticket, now);
    let files = seen.remarks.iter().filter(|remark| remark.event.name().starts_with("file."));
    let internal: Vec<bool> = files.map(control::live::query::Remark::is_internal).collect();
    assert_eq!(internal, [false, false, true, false, true]);
}

#[test]
fn a_merged_ticket_goes_on_in_another_and_can_be_parted() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let (first, second) = (house.asked(&client, "one", now), house.asked(&client, "two", now));
    let arrange = |how| house.control.arrange(&client, &first, how, By::new(bob()), now);
    let merged = arrange(Arrangement::Merge(second.clone())).unwrap();
    assert_eq!(view(&house, &client, &first, now).line.merged_into, Some(second.clone()));
    assert!(matches!(
        arrange(Arrangement::Merge(second)),
        Err(NotDone::OutOfOrder { .. } | NotDone::Refused(_))
    ));
    assert_eq!(merged.undo, Some(Arrangement::Part));
    arrange(Arrangement::Part).unwrap();
    assert_eq!(view(&house, &client, &first, now).line.merged_into, None);
    assert!(matches!(arrange(Arrangement::Part), Err(NotDone::OutOfOrder { .. })));
}

#[test]
fn a_part_of_a_ticket_stands_by_itself_with_the_receipt_of_the_whole() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let whole = house.asked(&client, "two things", now);
    let later = now + Length::HOUR;
    let part =
        house.control.split(&client, &whole, "the second", "Printing.".to_owned(), By::new(bob()), later);
    let part = view(&house, &client, &part.unwrap().0, later);
    let whole = view(&house, &client, &whole, later);
    assert_eq!(part.line.received, whole.line.received);
    let response = |view: &TicketView| {
        view.obligations.iter().find(|o| o.duty.id == "first-response").and_then(|o| o.due)
    };
    assert!(response(&part).is_some());
    assert_eq!(response(&part), response(&whole), "SH-SLO-04: its clock runs from the first receipt");
    assert_eq!(part.remarks[0].text.as_deref(), Some("Printing."));
}

/// SH-CHAR-06, A-30: asked once, decided by a manager, with words that the other side reads.
#[test]
fn sh_char_06_an_appeal_is_opened_once_and_decided_once() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let ticket = house.asked(&client, "one", now);
    let deed = |deed, by: Actor, text: Option<&str>| {
        let text = text.map(str::to_owned);
        house.control.do_about(&client, &ticket, deed, text, By::new(by), now)
    };
    let moved = |motion, by: Actor, text: Option<&str>| {
        let text = text.map(str::to_owned);
        house.control.move_about(&client, &ticket, motion, text, By::new(by), now)
    };
    let manager = || Actor::provider("mia").role("manager");
    assert!(moved(Motion::DecideAppeal { upheld: true }, manager(), Some("Yes.")).is_err(), "none is open");
    let message = "One person is affected.".to_owned();
    deed(Deed::Reprioritise { priority: Some("P4".to_owned()), urgency: None, message }, bob(), None)
        .unwrap();
    assert!(view(&house, &client, &ticket, now).motions.may_appeal);
    assert!(matches!(moved(Motion::Appeal, jan(), None), Err(NotDone::Empty { field: "text" })));
    moved(Motion::Appeal, jan(), Some("It is everybody.")).unwrap();
    assert!(moved(Motion::Appeal, jan(), Some("Again.")).is_err());
    assert!(view(&house, &client, &ticket, now).motions.appeal);
    assert!(moved(Motion::DecideAppeal { upheld: true }, bob(), Some("Yes.")).is_err(), "a manager decides");
    moved(Motion::DecideAppeal { upheld: true }, manager(), Some("You are right.")).unwrap();
    let seen = view(&house, &client, &ticket, now);
    assert!(
        !seen.motions.appeal && seen.line.words.contains(&("priority", "P2".to_owned())),
        "{:?}",
        seen.line
    );
}

/// SH-ACK-03: not everything can be solved, and the summary says why.
#[test]
fn sh_ack_03_what_cannot_be_solved_is_closed_with_why() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let ticket = house.asked(&client, "one", now);
    let resolve = |summary: &str| {
        let deed = Deed::Resolve { summary: summary.to_owned(), outcome: Resolution::CannotSolve };
        house.control.do_about(&client, &ticket, deed, None, By::new(bob()), now)
    };
    assert!(resolve(" ").is_err());
    resolve("The maker has ended it.").unwrap();
    assert_eq!(view(&house, &client, &ticket, now).line.turn, None);
}

#[test]
fn a_file_is_kept_beside_the_journal_and_its_bytes_can_go() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let ticket = house.asked(&client, "one", now);
    let attach = |name: &str, bytes: &[u8], internal, by: Actor| {
        let new = NewFile { name: name.to_owned(), bytes: bytes.into(), internal };
        house.control.attach(&client, &ticket, new, By::new(by), now)
    };
    let (file, _) = attach("log.txt", b"line", false, jan()).unwrap();
    attach("own.txt", b"secret", true, bob()).unwrap();
    assert!(matches!(attach("page.html", b"<html>", false, jan()), Err(NotDone::Wrong { .. })));
    let names = |internal| -> Vec<String> {
        let files = house.control.files(&client, &ticket, internal).unwrap();
        files.into_iter().map(|file| file.name).collect()
    };
    assert_eq!(names(false), ["log.txt"]);
    assert_eq!(names(true).len(), 2);
    let read =
        |of: &ClientId| house.control.file(of, &ticket, &file.0, false).unwrap().map(|(_, bytes)| bytes);
    assert_eq!(read(&client), Some(b"line".to_vec()));
    assert_eq!(read(&"beta".parse().unwrap()), None);
    house.control.remove_file(&client, &ticket, &file, By::new(bob()), now).unwrap();
    assert_eq!(read(&client), None);
    assert!(house.control.remove_file(&client, &ticket, &file, By::new(bob()), now).is_err());
    assert!(house.control.journal().verify(&[]).unwrap().is_sound());
}

/// A clock stands still only where the agreement has a reason for it, and afterwards only where the other side agrees.
#[test]
fn clocks_are_paused_by_the_agreements_reasons_and_afterwards_by_both() {
    let (house, client) = House::hosted_under("stellar-hosted.toml+pause", "premium");
    let now = instant("2026-06-02T10:00:00Z");
    let ticket = house.asked(&client, "one", now);
    let moved =
        |motion, by: Actor, at| house.control.move_about(&client, &ticket, motion, None, By::new(by), at);
    let due = |at| {
        let owed = view(&house, &client, &ticket, at).obligations;
        owed.iter().find(|o| o.duty.id == "first-response").and_then(|o| o.due)
    };
    let first = due(now).unwrap();
    let pause = |reason: &str| Motion::Pause {
        reason: reason.to_owned(),
        evidence: Some("mail of 10:05".to_owned()),
    };
    assert!(
        matches!(moved(pause("lunch"), bob(), now), Err(NotDone::Refused(_))),
        "no reason of the agreement"
    );
    let long = Motion::Pause { reason: "access-missing".to_owned(), evidence: Some("x".repeat(2_001)) };
    assert!(matches!(moved(long, bob(), now), Err(NotDone::TooMuch { max: 2_000, .. })));
    moved(pause("access-missing"), bob(), now + Length::HOUR).unwrap();
    assert!(view(&house, &client, &ticket, now + Length::HOUR).motions.paused);
    moved(Motion::Resume, bob(), now + Length::HOUR * 2).unwrap();
    let resumed = due(now + Length::HOUR * 2).unwrap();
    assert_eq!((resumed - first).whole_minutes(), 60);

    let settle = |pause: Option<&str>| Motion::SettlePause { pause: pause.map(str::to_owned), because: None };
    let agree = settle(None);
    let claim = Motion::ClaimPause {
        from: now + Length::MINUTE * 30,
        until: Some(now + Length::HOUR),
        reason: "access-missing".to_owned(),
        evidence: Some("mail of 10:05".to_owned()),
    };
    let later = now + Length::HOUR * 3;
    moved(claim.clone(), bob(), later).unwrap();
    assert!(matches!(moved(claim, jan(), later), Err(NotDone::OutOfOrder { .. })), "one after the other");
    let other = moved(settle(Some("T-1-p0")), jan(), later);
    assert!(matches!(other, Err(NotDone::OutOfOrder { .. })), "what was read is not what is claimed");
    assert_eq!(due(later), Some(resumed), "one side alone stops no clock");
    assert!(moved(agree.clone(), bob(), later).is_err(), "nor does the side that claims it agree");
    moved(agree.clone(), jan(), later).unwrap();
    assert_eq!((due(later).unwrap() - resumed).whole_minutes(), 30);
    assert!(matches!(moved(agree.clone(), jan(), later), Err(NotDone::OutOfOrder { .. })), "none is claimed");

    // Without an end it lasts until somebody lets the clocks go on, and the page says so.
    let endless = Motion::ClaimPause {
        from: later,
        until: None,
        reason: "access-missing".to_owned(),
        evidence: Some("mail of 13:05".to_owned()),
    };
    let (claimed, agreed) = (later + Length::MINUTE, later + Length::MINUTE * 2);
    moved(endless, bob(), claimed).unwrap();
    let open = view(&house, &client, &ticket, claimed).motions;
    assert!(!open.paused && open.pause.is_some());
    moved(settle(open.pause.as_ref().map(|pause| pause.as_str())), jan(), agreed).unwrap();
    assert!(view(&house, &client, &ticket, agreed).motions.paused);
    moved(Motion::Resume, bob(), later + Length::HOUR).unwrap();
    assert!(!view(&house, &client, &ticket, later + Length::HOUR).motions.paused);
    assert_eq!((due(later + Length::HOUR).unwrap() - resumed).whole_minutes(), 90);

    let (house, client) = House::hosted("premium");
    let ticket = house.asked(&client, "one", now);
    let refused =
        house.control.move_about(&client, &ticket, pause("access-missing"), None, By::new(bob()), now);
    assert!(matches!(refused, Err(NotDone::Refused(_))), "the agreement as it ships knows no pause");
}
