//! Commands: allowed or refused, stamped, stored once; and the timer that forgets nothing.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use control::live::{Act, Fate, NotDone};
use facts::{Actor, AgreementActivated, ClientId, Fact, FactId, Outcome, RequestReceived};
use journal::{Key, Queue, Task};
use spans::Length;

use crate::house::{House, instant};

fn request(ticket: &str) -> RequestReceived {
    RequestReceived {
        ticket: ticket.parse().unwrap(),
        channel: "email".to_owned(),
        title: Some("It is slow".to_owned()),
        instance: None,
        priority: Some("P2".to_owned()),
        class: None,
        kind: None,
        urgency: None,
        text: None,
        split_from: None,
        about: None,
    }
}

#[test]
fn an_act_is_stored_once_under_its_key_with_its_text_beside_it() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let jan = Actor::client("jan").role("contact");
    let act = || Act {
        text: Some("Since this morning every page takes a minute.".to_owned()),
        key: Some(Key::of_request("form-1", b"the form").unwrap()),
        ..Act::new(&client, jan.clone(), request("T-1"))
    };
    let done = house.act(act(), now).unwrap();
    assert!(!done.already);
    let again = house.act(act(), now + Length::from_secs(5)).unwrap();
    assert_eq!((again.already, again.first_seq), (true, done.first_seq));
    let other = Act { key: Some(Key::of_request("form-1", b"another form").unwrap()), ..act() };
    assert!(matches!(house.act(other, now), Err(NotDone::Journal(journal::Error::KeyReused { .. }))));

    let fact = done.facts[0].id;
    let texts = house.control.journal().read(|tx| tx.texts(&client, [fact])).unwrap();
    assert_eq!(texts[&fact], "Since this morning every page takes a minute.");
    assert!(house.control.journal().verify(&[]).unwrap().is_sound());
}

#[test]
fn what_the_agreement_refuses_is_refused_with_its_clause_and_leaves_nothing() {
    let (house, client) = House::hosted("standard");
    let now = instant("2026-06-02T10:00:00Z");
    let before = house.control.journal().heads().unwrap();
    let stranger = Act::new(&client, Actor::client("eve"), request("T-1"));
    let refused = house.act(stranger, now).unwrap_err();
    assert!(matches!(refused, NotDone::Refused(_)), "{refused}");
    assert!(refused.to_string().contains("SH-"), "{refused}");
    let later = Act {
        at: Some(now + Length::HOUR),
        ..Act::new(&client, Actor::client("jan").role("contact"), request("T-1"))
    };
    assert!(matches!(house.act(later, now), Err(NotDone::Future { .. })));
    assert_eq!(house.control.journal().heads().unwrap(), before);
}

#[test]
fn recording_goes_forward_whatever_the_clock_does() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let jan = Actor::client("jan").role("contact");
    let first = house.act(Act::new(&client, jan.clone(), request("T-1")), now).unwrap();
    let stepped_back = instant("1970-01-01T00:00:00Z");
    let second = house.act(Act::new(&client, jan, request("T-2")), stepped_back).unwrap();
    assert!(first.facts[0].recorded_at < second.facts[0].recorded_at);
}

#[test]
fn what_fell_due_while_nobody_ran_is_handed_on_with_its_true_instant() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let jan = Actor::client("jan").role("contact");
    house.act(Act::new(&client, jan, request("T-1")), now).unwrap();
    let ticket = "T-1".parse().unwrap();
    let due = house
        .control
        .read(&client, now, |book| {
            let open = book.of_ticket(&ticket, now);
            open.iter().find(|o| o.duty.id == "first-response").and_then(|o| o.due)
        })
        .unwrap()
        .unwrap();
    let due = due.expect("a priority has a target");
    assert!(house.control.next_moment().is_some_and(|moment| moment <= due + Length::from_micros(1)));

    let later = due + Length::HOUR * 5;
    let house = house.restarted(&["stellar-hosted.toml"], later);
    let handed = house.control.relay(later).unwrap();
    let missed: Vec<_> = handed.iter().filter(|task| task.body.starts_with("first-response")).collect();
    assert_eq!(missed.len(), 1, "{handed:?}");
    assert_eq!((missed[0].due, missed[0].body.as_str()), (due, "first-response/ticket/T-1/1"));
    assert_eq!(missed[0].fate, Fate::Missed);
    // Neither a second restart nor the timer tells it again.
    let house = house.restarted(&["stellar-hosted.toml"], later + Length::HOUR);
    house.control.tick(later + Length::HOUR).unwrap();
    assert!(
        house
            .control
            .relay(later + Length::HOUR)
            .unwrap()
            .iter()
            .all(|task| task.body != "first-response/ticket/T-1/1")
    );
    let left = house
        .control
        .journal()
        .write(move |tx| tx.claim(Queue::Outbox, later + Length::HOUR * 9, Length::HOUR, 9));
    assert!(left.unwrap().is_empty());
}

#[test]
fn lists_of_open_and_closed_tickets_and_what_a_request_would_be_owed() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let (jan, bob) = (Actor::client("jan").role("contact"), Actor::provider("bob").role("support"));
    for ticket in ["T-1", "T-2"] {
        house.act(Act::new(&client, jan.clone(), request(ticket)), now).unwrap();
    }
    let resolved = facts::RequestResolved {
        ticket: "T-1".parse().unwrap(),
        summary: "Done.".to_owned(),
        outcome: facts::Resolution::Solved,
    };
    house.act(Act::new(&client, bob, resolved), now + Length::MINUTE).unwrap();
    let later = now + Length::HOUR;
    let read = house.control.read(&client, later, |book| {
        let ids = |lines: Vec<control::live::query::Line>| -> Vec<String> {
            lines.iter().map(|line| line.ticket.to_string()).collect()
        };
        let owed = book.owed_for(&request("T-3"), later);
        let first = owed.iter().find(|owed| owed.duty.id == "first-response").and_then(|owed| owed.due);
        let kept = book.obligation("first-response/ticket/T-2/1", later).map(|owed| owed.started);
        (ids(book.open_ticket_lines(later)), first, kept)
    });
    let (open, first, kept) = read.unwrap().unwrap();
    let closed = house.control.newest_lines(&client, false, None, 9, later).unwrap().unwrap();
    let closed: Vec<String> = closed.iter().map(|line| line.ticket.to_string()).collect();
    assert_eq!((open, closed), (vec!["T-2".to_owned()], vec!["T-1".to_owned()]));
    assert_eq!(first, Some(later + Length::from_hours(8)), "P2 on premium, inside the hours of operation");
    assert!(kept.is_some_and(|started| started - now < Length::MINUTE));
}

#[test]
fn a_task_of_a_newer_node_is_left_for_it() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let mail = Task {
        client: client.clone(),
        id: "mail/1".to_owned(),
        kind: "mail".to_owned(),
        body: "T-1".to_owned(),
        due: now,
    };
    let queued = mail.clone();
    house
        .control
        .journal()
        .write::<_, journal::Error>(move |tx| tx.enqueue(Queue::Outbox, &queued).map(drop))
        .unwrap();
    let relayed = house.control.relay(now).unwrap();
    assert!(matches!(&relayed[0].fate, Fate::PutOff(why) if why.contains("does not know")), "{relayed:?}");
    let later = now + Length::HOUR;
    let left = house.control.journal().write(move |tx| tx.claim(Queue::Outbox, later, Length::HOUR, 9));
    assert_eq!(left.unwrap().iter().map(|claim| claim.task.clone()).collect::<Vec<_>>(), [mail]);
}

#[test]
fn what_panics_for_one_client_is_told_and_holds_up_no_other() {
    let now = instant("2026-06-02T10:00:00Z");
    let house = House::new(&[], now);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    house.control.listen(Box::new(move |change| {
        assert!(change.client.as_str() != "aaa", "on purpose");
        told.lock().unwrap().push(change.client.to_string());
    }));
    for name in ["aaa", "bbb"] {
        let client: ClientId = name.parse().unwrap();
        let body = request("T-1").into();
        let (id, actor) = (FactId::v7(now, [7; 10]), Actor::client("jan"));
        let fact = Fact { id, client: client.clone(), at: now, recorded_at: now, actor, body };
        house.control.journal().append(&client, &[fact], None).unwrap();
    }
    assert!(catch_unwind(AssertUnwindSafe(|| house.control.follow(now))).is_err());
    assert_eq!(*heard.lock().unwrap(), ["bbb"]);
}

/// A server that has only the newer file reads the older version's time by the newer one, and comes to an end.
#[test]
fn a_version_whose_file_is_not_at_hand_does_not_keep_a_book_reading_for_ever() {
    let (told, heard) = mpsc::channel();
    std::thread::spawn(move || {
        let start = instant("2026-03-01T00:00:00Z");
        let house = House::new(&["stellar-hosted.toml"], start);
        let client = house.control.shelf().clients()[0].clone();
        let known = house.control.shelf().of(&client).next().unwrap().terms.identity().to_owned();
        let activated = |sha256: String| AgreementActivated {
            agreement: "SH-2026-0001".parse().unwrap(),
            sha256,
            tier: Some("premium".to_owned()),
        };
        house.store(&client, &[activated("0f".repeat(32)).into()], start);
        house.look(&client, "ams", start + Length::MINUTE, Outcome::Up);
        house.store(&client, &[activated(known).into()], start + Length::HOUR);
        house.look(&client, "ams", start + Length::HOUR * 2, Outcome::Up);
        let versions = house.control.read(&client, start + Length::HOUR * 3, |book| {
            book.versions().map(|versions| versions.iter().count())
        });
        told.send(versions.unwrap().flatten()).unwrap();
    });
    assert_eq!(heard.recv_timeout(Duration::from_secs(60)), Ok(Some(1)));
}
