//! Commands that pages and the API share: numbers that are free, keys that hold, steps in their order, nothing over a change.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use control::live::{
    Book, Done, Fate, NotDone, TITLE_CHARS_MAX,
    command::{By, Deed, Step},
};
use facts::{
    Actor, Body, CheckDefined, Environment, Event, Impact, InstanceAdded, InstanceEnded, MaintenanceId,
    MaintenanceKind, MaintenancePlanned, Noun, RequestReceived,
};
use journal::Key;
use promise::obligation::State;
use spans::{Instant, Length};

use crate::house::{House, instant};

fn request(instance: &str) -> RequestReceived {
    RequestReceived {
        ticket: "T-0".parse().unwrap(),
        channel: "portal".to_owned(),
        title: Some("It is slow".to_owned()),
        instance: Some(instance.parse().unwrap()),
        priority: Some("P3".to_owned()),
        class: None,
        kind: None,
        urgency: None,
        text: None,
        split_from: None,
        about: None,
    }
}

fn keyed(actor: &Actor, name: &str, request: &str) -> By {
    By { key: Some(Key::of_request(name, request.as_bytes()).unwrap()), ..By::new(actor.clone()) }
}

#[test]
fn a_request_gets_the_next_number_and_under_its_key_the_one_it_had() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let jan = Actor::client("jan").role("contact");
    let receive = |by: By| house.control.receive(&client, request("wiki"), "Since noon.".to_owned(), by, now);
    let (first, done) = receive(keyed(&jan, "a", "one")).unwrap();
    let (second, _) = receive(By::new(jan.clone())).unwrap();
    let (again, replayed) = receive(keyed(&jan, "a", "one")).unwrap();
    assert_eq!([first.as_str(), second.as_str(), again.as_str()], ["T-1", "T-2", "T-1"]);
    assert_eq!((replayed.already, replayed.first_seq), (true, done.first_seq));
    assert!(matches!(
        receive(keyed(&jan, "a", "two")),
        Err(NotDone::Journal(journal::Error::KeyReused { .. }))
    ));
    let stranger =
        house.control.receive(&client, request("forum"), "x".to_owned(), By::new(jan.clone()), now);
    assert!(matches!(stranger, Err(NotDone::NoSuch { field: "instance", .. })));
    let silent = house.control.receive(&client, request("wiki"), " ".to_owned(), By::new(jan), now);
    assert!(matches!(silent, Err(NotDone::Empty { field: "text" })));
}

#[test]
fn nothing_is_done_about_what_is_not_there_or_has_changed() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let (jan, bob) = (Actor::client("jan").role("contact"), Actor::provider("bob").role("support"));
    let (ticket, _) =
        house.control.receive(&client, request("wiki"), "x".to_owned(), By::new(jan.clone()), now).unwrap();
    let count =
        || house.control.read(&client, now, |book| book.facts_about(Noun::Ticket, &ticket.0)).unwrap();
    let reply = |by: By, of: &str| {
        let text = Some("It is worse.".to_owned());
        let deed = Deed::Reply { next_update_by: None };
        house.control.do_about(&client, &of.parse().unwrap(), deed, text, by, now)
    };
    let read = count();
    assert_eq!(read, Some(1));
    assert!(matches!(reply(By::new(jan.clone()), "T-9"), Err(NotDone::Unknown { noun: "ticket", .. })));
    let said = reply(By { read, ..keyed(&jan, "r", "1") }, "T-1").unwrap();
    assert_eq!(said.facts[0].event().name(), "request.client_replied", "the side decides whose reply it is");
    assert!(matches!(reply(By { read, ..By::new(bob.clone()) }, "T-1"), Err(NotDone::Changed)));
    let again = reply(By { read, ..keyed(&jan, "r", "1") }, "T-1").unwrap();
    assert!(again.already, "what was done is not held against itself");
    assert_eq!(count(), Some(2));
    let note = house.control.do_about(&client, &ticket, Deed::Note, None, By::new(bob), now);
    assert!(matches!(note, Err(NotDone::Empty { field: "text" })));
}

/// A ticket of the hosted agreement, and what is done about it a minute later by somebody of the provider.
fn a_ticket(tell: impl Fn(&dyn Fn(Deed) -> Result<Done, NotDone>)) {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let jan = Actor::client("jan").role("contact");
    let received = house.control.receive(&client, request("wiki"), "x".to_owned(), By::new(jan), now);
    let (ticket, _) = received.unwrap();
    let bob = || By::new(Actor::provider("bob").role("support"));
    tell(&|deed| {
        let text = deed.has_text().then(|| "We look.".to_owned());
        house.control.do_about(&client, &ticket, deed, text, bob(), now + Length::MINUTE)
    });
}

#[test]
fn an_act_that_says_nothing_or_in_strange_words_is_refused_with_its_field() {
    let word = |word: &str| Some(word.to_owned());
    let classify = |class, kind| Deed::Classify { class, kind, message: None };
    let change = |priority, urgency| Deed::Reprioritise { priority, urgency, message: "It grew.".to_owned() };
    let passed = instant("2026-06-02T10:01:00Z");
    a_ticket(|do_about| {
        for (deed, field) in [
            (classify(None, None), "class"),
            (classify(word("unusable"), word("zzz")), "kind"),
            (change(None, None), "priority"),
            (change(word("P1"), word("bogus")), "urgency"),
            (Deed::Reply { next_update_by: Some(passed) }, "next_update_by"),
            (Deed::Resolve { summary: " \n".to_owned(), outcome: facts::Resolution::Solved }, "summary"),
        ] {
            let refused = do_about(deed.clone()).unwrap_err();
            let named = match &refused {
                NotDone::Wrong { field, .. } => field.as_str(),
                NotDone::Empty { field } => field,
                other => panic!("{deed:?}: {other}"),
            };
            assert_eq!(named, field, "{refused}");
        }
        // What the agreement refuses is told with its clauses.
        for deed in [classify(word("odd"), None), change(word("P9"), None)] {
            let refused = do_about(deed).unwrap_err();
            assert!(
                refused.to_string().contains("is not in the agreement: use")
                    && matches!(refused, NotDone::Refused(_))
            );
        }
        do_about(classify(word("unusable"), None)).unwrap();
        do_about(change(word("p2"), None)).unwrap();
    });
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let jan = || By::new(Actor::client("jan").role("contact"));
    let odd = RequestReceived { kind: word("outage"), ..request("wiki") };
    let refused = house.control.receive(&client, odd, "x".to_owned(), jan(), now).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`kind`: the agreement has no word for it, and so not `outage`: leave it out"
    );
    let long = RequestReceived { title: Some("x".repeat(TITLE_CHARS_MAX + 1)), ..request("wiki") };
    let refused = house.control.receive(&client, long, "x".to_owned(), jan(), now).unwrap_err();
    assert_eq!(refused.to_string(), "`title`: it has 201 characters, and may have 200");
    let hidden = house.control.receive(&client, request("wiki"), "a\0b".to_owned(), jan(), now).unwrap_err();
    assert!(matches!(&hidden, NotDone::Wrong { field, .. } if field == "text"), "{hidden}");
}

#[test]
fn a_ticket_is_resolved_while_it_is_open_and_opened_while_it_is_closed() {
    let resolve =
        || Deed::Resolve { summary: "The index was rebuilt.".to_owned(), outcome: facts::Resolution::Solved };
    a_ticket(|do_about| {
        assert!(matches!(do_about(Deed::Reopen), Err(NotDone::OutOfOrder { .. })));
        do_about(resolve()).unwrap();
        let again = do_about(resolve()).unwrap_err();
        assert_eq!(again.to_string(), "it is closed already: open it again first");
        let message = "It grew.".to_owned();
        let change = Deed::Reprioritise { priority: Some("P1".to_owned()), urgency: None, message };
        assert!(matches!(do_about(change), Err(NotDone::OutOfOrder { .. })));
        do_about(Deed::Reopen).unwrap();
        do_about(resolve()).unwrap();
    });
}

fn emergency(starts_at: Instant, ends_at: Instant) -> MaintenancePlanned {
    MaintenancePlanned {
        maintenance: "M-0".parse().unwrap(),
        kind: MaintenanceKind::Emergency,
        cause: "hardware".to_owned(),
        expected_impact: Impact::Down,
        instances: vec!["wiki".parse().unwrap(), "wiki".parse().unwrap()],
        starts_at,
        ends_at,
        cve: None,
        outside_slot: None,
        series: None,
    }
}

#[test]
fn maintenance_goes_its_steps_in_their_order() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let bob = Actor::provider("bob").role("manager");
    let planned = emergency(now + Length::HOUR, now + Length::HOUR * 2);
    let by = || By::new(bob.clone());
    let plan = || house.control.plan(&client, planned.clone(), by(), now).unwrap().record;
    let (filed, id) = (plan(), plan().maintenance);
    assert_eq!((filed.maintenance.as_str(), id.as_str()), ("M-1", "M-2"));
    assert_eq!(filed.instances, ["wiki".parse().unwrap()], "named twice it is one");
    let stranger = MaintenancePlanned { instances: vec!["forum".parse().unwrap()], ..planned.clone() };
    let stranger = house.control.plan(&client, stranger, by(), now);
    assert!(matches!(stranger, Err(NotDone::NoSuch { field: "instances", .. })));
    let step = |id: &MaintenanceId, step, minutes, by| {
        house.control.carry_out(&client, id, step, by, now + Length::MINUTE * minutes)
    };
    let refused = |id: &MaintenanceId, what, minutes, why: &str| {
        let refused = step(id, what, minutes, by()).unwrap_err();
        assert!(matches!(refused, NotDone::OutOfOrder { .. }), "{refused}");
        assert!(refused.to_string().starts_with(why), "{why}: {refused}");
    };
    let word = |id: &MaintenanceId, minutes| {
        let at = now + Length::MINUTE * minutes;
        let word = |book: &Book| book.maintenance_record(id).map(|record| record.word(at));
        house.control.read(&client, at, word).unwrap().flatten().unwrap()
    };
    refused(&id, Step::End, 50, "it has not begun");
    refused(&id, Step::Start, 59, "its declared start has not come");
    assert_eq!([word(&id, 59), word(&id, 60), word(&id, 120)], ["planned", "under way", "over"]);
    let begun = step(&id, Step::Start, 61, keyed(&bob, "s", "1")).unwrap();
    refused(&id, Step::Start, 62, "it has begun already");
    refused(&id, Step::Cancel, 62, "it has begun");
    assert_eq!([word(&id, 62), word(&id, 121)], ["under way", "overrun"]);
    step(&id, Step::End, 125, by()).unwrap();
    for what in [Step::End, Step::Start, Step::Cancel, Step::Announce] {
        refused(&id, what, 126, "it is over already");
    }
    let again = step(&id, Step::Start, 126, keyed(&bob, "s", "1")).unwrap();
    assert_eq!((again.already, again.first_seq), (true, begun.first_seq), "told again though it is over");
    // What nobody began or ended is over all the same.
    for what in [Step::End, Step::Start, Step::Cancel, Step::Announce] {
        refused(&filed.maintenance, what, 126, "its window has passed");
    }
}

#[test]
fn what_nobody_began_is_ended_inside_its_window_and_called_off_before() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let by = || By::new(Actor::provider("bob").role("manager"));
    let planned = || emergency(now + Length::HOUR, now + Length::HOUR * 2);
    let plan = || house.control.plan(&client, planned(), by(), now).unwrap().record.maintenance;
    let (early, off) = (plan(), plan());
    let later = now + Length::MINUTE * 70;
    let late = house.control.carry_out(&client, &early, Step::Cancel, by(), now + Length::HOUR).unwrap_err();
    assert!(late.to_string().starts_with("its declared start has come: end it"), "{late}");
    house.control.carry_out(&client, &off, Step::Cancel, by(), now + Length::MINUTE * 59).unwrap();
    house.control.carry_out(&client, &early, Step::End, by(), later).unwrap();
    let again = house.control.carry_out(&client, &off, Step::Cancel, by(), later).unwrap_err();
    assert_eq!(again.to_string(), "it was called off: plan another");
}

/// SH-MAINT-13: what is on file stands on the client's page from that instant on, so an emergency that begins then is announced.
#[test]
fn an_emergency_that_begins_now_is_announced_by_being_on_file() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let by = || By::new(Actor::provider("bob").role("manager"));
    let scheduled = MaintenancePlanned {
        kind: MaintenanceKind::Scheduled,
        ..emergency(now - Length::HOUR, now + Length::HOUR * 2)
    };
    let filed = house.control.plan(&client, scheduled, by(), now).unwrap();
    assert!(filed.as_emergency && filed.record.kind == MaintenanceKind::Emergency, "SH-MAINT-04");
    let later = now + Length::from_secs(1);
    house.control.tick(later).unwrap();
    let mut relayed = house.control.relay(later).unwrap();
    relayed.retain(|task| task.body.contains("M-1"));
    assert!(matches!(&relayed[..], [one] if one.fate == Fate::Announced), "none was missed: {relayed:?}");
    let key = format!("emergency-notice/maintenance/{}/1", filed.record.maintenance);
    let notice = house.control.read(&client, later, |book| {
        let told = book.facts().iter().filter(|fact| fact.event() == Event::NoticeDelivered);
        let on_file = book.maintenance_record(&filed.record.maintenance).unwrap();
        let owed = book.obligation(&key, later).map(|owed| owed.state);
        (told.count(), on_file.notice == Some(on_file.recorded_at), owed)
    });
    let (told, at_once, owed) = notice.unwrap().unwrap();
    assert!(told == 1 && at_once && matches!(owed, Some(State::Met { .. })), "{told} {at_once} {owed:?}");
}

#[test]
fn nobody_takes_out_more_than_a_week_by_a_wrong_digit() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let by = || By::new(Actor::provider("bob").role("manager"));
    let plan = |planned, by| house.control.plan(&client, planned, by, now);
    let long = emergency(now + Length::HOUR, now + Length::DAY * 366);
    let why = plan(long.clone(), By { confirmed: true, ..by() }).unwrap_err().to_string();
    assert!(why.contains("write the reason"), "{why}");
    let long = MaintenancePlanned { outside_slot: Some("The vendor moves house.".to_owned()), ..long };
    let why = plan(long.clone(), by()).unwrap_err();
    assert!(matches!(&why, NotDone::Refused(refusal) if refusal.may_be_confirmed()), "{why}");
    plan(long, By { confirmed: true, ..by() }).unwrap();
    plan(emergency(now + Length::HOUR, now + Length::HOUR * 169), by()).unwrap();
}

#[test]
fn an_instance_is_added_once_asked_what_can_be_asked_and_never_ends_in_the_past() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let ann = || By::new(Actor::provider("ann").role("administrator"));
    let added = |id: &str, name: &str| InstanceAdded {
        instance: id.parse().unwrap(),
        name: name.to_owned(),
        url: None,
        environment: Environment::Production,
        software: None,
        from: now,
        until: None,
    };
    let add = |added: InstanceAdded| house.control.add_instance(&client, added, ann(), now);
    add(added("shop", "The shop")).unwrap();
    assert!(matches!(add(added("shop", "Another")), Err(NotDone::OutOfOrder { .. })));
    assert!(matches!(add(added("blog", " ")), Err(NotDone::Empty { field: "name" })));
    let backwards = InstanceAdded { until: Some(now), ..added("blog", "The blog") };
    assert!(matches!(add(backwards), Err(NotDone::OutOfOrder { .. })));

    let check = |instance: &str| CheckDefined {
        instance: instance.parse().unwrap(),
        check: "http".parse().unwrap(),
        every_s: 20,
        method: None,
        url: Some("https://shop.example/".to_owned()),
        expect: vec![200],
        timeout_ms: None,
        what: None,
        grace_s: None,
        again: None,
        objectives: Vec::new(),
    };
    // They depart from what was signed (SH-AVAIL-07).
    let ann = || By { confirmed: true, ..ann() };
    let define = |check: CheckDefined| house.control.define_check(&client, check, ann(), now);
    define(check("shop")).unwrap();
    define(CheckDefined { every_s: 60, ..check("shop") }).unwrap();
    assert!(matches!(define(check("none")), Err(NotDone::Unknown { noun: "instance", .. })));
    let slow = CheckDefined { every_s: 60, ..check("shop") };
    let over =
        |read| house.control.define_check(&client, slow.clone(), By { read: Some(read), ..ann() }, now);
    for read in [0, 1, 3] {
        assert!(matches!(over(read), Err(NotDone::Changed)), "version 2 is in force, not {read}");
    }
    over(2).unwrap();
    for (wrong, why) in [
        (CheckDefined { every_s: 0, ..check("shop") }, "interval"),
        (CheckDefined { timeout_ms: Some(1), ..check("shop") }, "timeout"),
        (CheckDefined { url: None, expect: Vec::new(), ..check("shop") }, "neither"),
        (CheckDefined { grace_s: Some(10), ..check("shop") }, "heartbeat"),
        (CheckDefined { url: Some("ftp://shop.example/".to_owned()), ..check("shop") }, "http"),
    ] {
        let refused = define(wrong).unwrap_err();
        assert!(
            matches!(refused, NotDone::Question { .. }) && refused.to_string().contains(why),
            "{why}: {refused}"
        );
    }
    let vantage = "here".parse().map(facts::VantageId).unwrap();
    let asked = house.control.assignment(&vantage, 1, now + Length::MINUTE).unwrap();
    let shop: Vec<u32> =
        asked.checks.iter().filter(|c| c.instance.as_str() == "shop").map(|c| c.every_s).collect();
    assert_eq!(shop, [60], "the newest word");

    let end = |until, at| {
        let ended = InstanceEnded { instance: "shop".parse().unwrap(), until };
        house.control.end_instance(&client, ended, ann(), at)
    };
    assert!(matches!(end(now - Length::HOUR, now), Err(NotDone::OutOfOrder { .. })));
    end(now + Length::DAY, now + Length::HOUR).unwrap();
    end(now + Length::HOUR * 2, now + Length::HOUR).unwrap();
    assert!(matches!(end(now + Length::DAY, now + Length::DAY), Err(NotDone::OutOfOrder { .. })));
    let asked = house.control.assignment(&vantage, 2, now + Length::HOUR * 2).unwrap();
    assert!(!asked.checks.iter().any(|check| check.instance.as_str() == "shop"));
}

#[test]
fn a_notice_that_went_another_way_is_recorded_once() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let planned = MaintenancePlanned {
        maintenance: "M-0".parse().unwrap(),
        kind: MaintenanceKind::Emergency,
        cause: "hardware".to_owned(),
        expected_impact: Impact::Down,
        instances: vec!["wiki".parse().unwrap()],
        starts_at: now + Length::HOUR,
        ends_at: now + Length::HOUR * 2,
        cve: None,
        outside_slot: None,
        series: None,
    };
    let bob = || By::new(Actor::provider("bob").role("support"));
    let record = house.control.plan(&client, planned, bob(), now).unwrap().record.maintenance;
    let told = || house.control.carry_out(&client, &record, Step::Announce, bob(), now + Length::MINUTE);
    assert_eq!(told().unwrap().facts[0].event().name(), "notice.delivered");
    assert!(matches!(told(), Err(NotDone::OutOfOrder { .. })));
}

/// Another process has the next number while ours is being written down: ours is judged again and takes the one behind it.
#[test]
fn two_processes_never_give_one_number_twice() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let jan = Actor::client("jan").role("contact");
    let theirs = Arc::new(house.neighbour(now, || ()));
    let (between, acts) = (Arc::clone(&theirs), AtomicU32::new(2));
    let (their_client, their_jan) = (client.clone(), jan.clone());
    let ours = house.neighbour(now, move || {
        if acts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            let by = By::new(their_jan.clone());
            between.receive(&their_client, request("wiki"), "Theirs.".to_owned(), by, now).unwrap();
        }
    });
    let (ticket, done) =
        ours.receive(&client, request("wiki"), "Ours.".to_owned(), By::new(jan), now).unwrap();
    assert_eq!((ticket.as_str(), done.already), ("T-3", false));
    let facts = house.control.journal().facts(&client, None).unwrap();
    let tickets = facts.iter().filter_map(|fact| match &fact.body {
        Body::RequestReceived(request) => Some(request.ticket.as_str()),
        _ => None,
    });
    assert_eq!(tickets.collect::<Vec<_>>(), ["T-1", "T-2", "T-3"]);
}
