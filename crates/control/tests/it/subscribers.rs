//! Subscribers of status pages: what they are told, when, and in how many letters.

use control::live::{
    LETTERS_PER_HOUR_MAX, Looked, Watched,
    command::{By, Crossing, Deed, NEW_INCIDENT, Series},
};
use desk::{
    notify::Letter,
    public::{PUBLIC, PublicLetter},
};
use facts::{
    Actor, Body, CheckDefined, ClientId, Environment, Impact, IncidentStage, IncidentUpdatePublished,
    InstanceAdded, MaintenanceKind, MaintenancePlanned, Observation, Outcome, Resolution,
};
use journal::people::{Person, Standing};
use spans::{Instant, Length};

use crate::{
    house::{House, bob, instant},
    status::{page, set, shown, up},
};

/// What subscribers are told from now on.
fn letters(house: &House, now: Instant) -> Vec<PublicLetter> {
    house.control.tick(now).unwrap();
    house.control.relay(now).unwrap();
    let carried = house.control.journal().write(move |tx| {
        let carried = tx.claim_deliveries(now, Length::MINUTE, 50)?;
        carried.iter().try_for_each(|one| tx.finish_delivery(one, now, "sent"))?;
        Ok::<_, journal::Error>(carried)
    });
    let public = carried.unwrap().into_iter().filter(|one| one.delivery.way.starts_with(PUBLIC));
    public
        .map(|one| serde_json::from_str::<PublicLetter>(&one.delivery.body).unwrap())
        .filter(|letter| !letter.asks)
        .collect()
}

fn titles(house: &House, now: Instant) -> Vec<String> {
    letters(house, now).into_iter().map(|letter| letter.title).collect()
}

/// A page that is up, and somebody who is told of it.
fn subscribed() -> (House, ClientId, Instant) {
    let (house, client, now) = up();
    let page = house.control.status_of(&client).unwrap();
    house.control.subscribe_status(&page, "jo@example.org", now).unwrap();
    let of = client.clone();
    let confirm = move |tx: &mut journal::Tx<'_>| {
        let jo = tx.subscriber_at(&of, "jo@example.org")?.expect("she asked");
        tx.confirm_subscriber(&jo, now)
    };
    assert!(house.control.journal().write::<_, journal::Error>(confirm).unwrap());
    assert_eq!(titles(&house, now), [""; 0]);
    (house, client, now)
}

#[test]
fn subscribers_are_told_of_what_was_measured_until_people_tell_of_it() {
    let (house, client, now) = subscribed();
    let mut at = now;
    let mut then = |length: i64, outcome| {
        house.looks(&client, at, Length::from_minutes(length), outcome);
        at += Length::from_minutes(length);
        titles(&house, at)
    };
    assert_eq!(then(10, Outcome::Up), [""; 0]);
    assert_eq!(then(5, Outcome::Down), ["Acme: The wiki does not answer"]);
    assert_eq!(then(5, Outcome::Up), ["Acme: The wiki answers again"]);
    assert_eq!(then(5, Outcome::Down), ["Acme: The wiki does not answer, once more"]);
    let update = |incident: &str, stage| IncidentUpdatePublished {
        incident: incident.parse().unwrap(),
        title: "A disk is full".to_owned(),
        stage,
        impact: Impact::Down,
        message: "We make room.".to_owned(),
        instances: vec!["wiki".parse().unwrap()],
        next_update_by: None,
        request: None,
    };
    let tell = |incident, stage, minute| {
        let at = now + Length::from_minutes(minute);
        house.control.tell_public(&client, update(incident, stage), By::new(bob()), at).unwrap();
    };
    tell(NEW_INCIDENT, IncidentStage::Identified, 25);
    assert_eq!(then(1, Outcome::Up), ["Acme: A disk is full"]);
    tell("P-1", IncidentStage::Resolved, 26);
    assert_eq!(
        then(9, Outcome::Up),
        ["Acme: A disk is full"],
        "they said that it is over, before monitoring knew"
    );
    assert_eq!(then(5, Outcome::Down), ["Acme: The wiki does not answer, once more"], "that is another time");
}

/// A ticket that people end says nothing of the service: what was measured does.
#[test]
fn subscribers_are_told_that_it_answers_when_it_does_whoever_ends_the_ticket() {
    let (house, client, now) = subscribed();
    let minute = |minute: i64| now + Length::from_minutes(minute);
    house.looks(&client, now, Length::from_minutes(10), Outcome::Up);
    house.looks(&client, minute(10), Length::from_minutes(5), Outcome::Down);
    assert_eq!(titles(&house, minute(15)), ["Acme: The wiki does not answer"]);
    let open =
        house.control.read(&client, minute(15), |book| book.open_ticket_lines(minute(15))).unwrap().unwrap();
    let ends = |at: Instant| {
        let deed = Deed::Resolve { summary: "It was restarted.".to_owned(), outcome: Resolution::Solved };
        house.control.do_about(&client, &open[0].ticket, deed, None, By::new(bob()), at).unwrap();
    };
    ends(minute(15));
    house.looks(&client, minute(15), Length::from_minutes(2), Outcome::Down);
    assert_eq!(titles(&house, minute(17)), ["Acme: The wiki still does not answer"]);
    house.looks(&client, minute(17), Length::from_minutes(1), Outcome::Up);
    assert_eq!(titles(&house, minute(18)), [""; 0], "not settled yet");
    ends(minute(18));
    assert_eq!(titles(&house, minute(18)), ["Acme: The wiki answers again"]);
    house.looks(&client, minute(18), Length::from_minutes(10), Outcome::Up);
    assert_eq!(titles(&house, minute(28)), [""; 0]);
}

/// A disk that is full is the client's to know, whatever the program is called that says so.
#[test]
fn a_crossed_limit_is_told_no_subscriber() {
    let (house, client, now) = subscribed();
    let crossing = Crossing {
        instance: "wiki".parse().unwrap(),
        resource: "disk".to_owned(),
        value: 97,
        limit: 95,
        unit: "%".to_owned(),
        evidence: "df /var of 12:00".to_owned(),
    };
    house.control.cross(&client, crossing, By::new(Actor::automaton("monitoring")), now).unwrap();
    assert_eq!(titles(&house, now), [""; 0]);
}

/// Jan, whom the client lets be told.
fn contact(house: &House, client: &ClientId, now: Instant) {
    let jan = Person {
        roles: vec!["contact".to_owned()],
        ..Person::new("jan", "jan", "Jan", Standing::Of(client.clone()), now)
    };
    let add = move |tx: &mut journal::Tx<'_>| tx.add_person(&jan);
    house.control.journal().write::<_, journal::Error>(add).unwrap();
}

fn minute(now: Instant, minute: i64) -> Instant {
    now + Length::from_minutes(minute)
}

/// The same with a forum beside the wiki.
fn subscribed_to_two() -> (House, ClientId, Instant) {
    let (house, client, now) = subscribed();
    let added = InstanceAdded {
        instance: "forum".parse().unwrap(),
        name: "Forum".to_owned(),
        url: Some("http://127.0.0.1:1/".to_owned()),
        environment: Environment::Production,
        software: None,
        from: now,
        until: None,
    };
    let check = CheckDefined {
        instance: "forum".parse().unwrap(),
        check: "http".parse().unwrap(),
        every_s: 20,
        method: None,
        url: None,
        expect: vec![200],
        timeout_ms: None,
        what: None,
        grace_s: None,
        again: None,
        objectives: Vec::new(),
    };
    house.store(&client, &[Body::from(added), check.into()], now);
    let both = set(vec![shown("wiki", "The wiki"), shown("forum", "The forum")]);
    house.control.publish_status(&client, both, By::new(bob()), now).unwrap();
    (house, client, now)
}

/// An answer of each every twenty seconds, from two places, for so many minutes.
fn looks_at(house: &House, client: &ClientId, from: Instant, minutes: i64, seen: [(&str, Outcome); 2]) {
    let mut at = from;
    while at < minute(from, minutes) {
        for (vantage, at) in [("ams", at), ("fra", at + Length::from_secs(3))] {
            let looks = seen.iter().map(|(instance, outcome)| Looked {
                client: client.clone(),
                instance: instance.parse().unwrap(),
                check: "http".parse().unwrap(),
                observation: Observation::new(at, *outcome),
                certificate_ends: None,
                detail: None,
            });
            let watched = Watched {
                vantage: vantage.parse().unwrap(),
                batch: format!("{at}"),
                looks: looks.collect(),
                signed: None,
            };
            house.control.watch(&watched, at + Length::from_secs(1)).unwrap();
        }
        at += Length::from_secs(20);
    }
}

/// What the page does not list as an incident is no letter either, at its beginning and at its end.
#[test]
fn subscribers_are_told_of_no_outage_that_the_page_does_not_list() {
    let (house, client, now) = subscribed();
    let mut at = now;
    let mut then = |seconds: i64, outcome| {
        house.looks(&client, at, Length::from_secs(seconds), outcome);
        at += Length::from_secs(seconds);
        titles(&house, at)
    };
    assert_eq!(then(600, Outcome::Up), [""; 0]);
    assert_eq!(then(40, Outcome::Down), [""; 0], "it may be over before it is one");
    assert_eq!(then(20, Outcome::Up), [""; 0]);
    assert_eq!(then(300, Outcome::Up), [""; 0], "the incident of monitoring is over, and was told nobody");
    assert_eq!(then(40, Outcome::Down), [""; 0]);
    assert_eq!(then(60, Outcome::Up), [""; 0]);
    assert_eq!(then(60, Outcome::Down), [""; 0], "the same incident, and still no minute");
    assert_eq!(then(60, Outcome::Down), ["Acme: The wiki does not answer"]);
    assert_eq!(then(120, Outcome::Down), [""; 0]);
    assert_eq!(then(300, Outcome::Up), ["Acme: The wiki answers again"]);
    let listed = page(&house.control, &client, at).incidents.len();
    assert_eq!(listed, 1);
}

/// One moment and page is one letter, and not one for each system.
#[test]
fn several_systems_that_fail_together_are_one_letter() {
    let (house, client, now) = subscribed_to_two();
    let both = |outcome| [("wiki", outcome), ("forum", outcome)];
    looks_at(&house, &client, now, 10, both(Outcome::Up));
    looks_at(&house, &client, minute(now, 10), 5, both(Outcome::Down));
    let told = letters(&house, minute(now, 15));
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].title, "Acme: The forum and The wiki do not answer");
    assert!(told[0].said.starts_with("The forum and The wiki do not answer. This was measured"));
    let one = [("wiki", Outcome::Up), ("forum", Outcome::Down)];
    looks_at(&house, &client, minute(now, 15), 5, one);
    assert_eq!(titles(&house, minute(now, 20)), ["Acme: The wiki answers again"]);
    let other = [("wiki", Outcome::Down), ("forum", Outcome::Up)];
    looks_at(&house, &client, minute(now, 20), 5, other);
    assert_eq!(
        titles(&house, minute(now, 25)),
        ["Acme: The wiki does not answer, once more; The forum answers again"]
    );
}

#[test]
fn a_subscriber_gets_so_many_letters_an_hour_and_reads_which_is_the_last() {
    let (house, client, now) = subscribed();
    let first = minute(now, 120);
    let tell = |at: Instant| {
        let update = IncidentUpdatePublished {
            incident: NEW_INCIDENT.parse().unwrap(),
            title: "A disk is full".to_owned(),
            stage: IncidentStage::Identified,
            impact: Impact::Down,
            message: "We make room.".to_owned(),
            instances: vec!["wiki".parse().unwrap()],
            next_update_by: None,
            request: None,
        };
        house.control.tell_public(&client, update, By::new(bob()), at).unwrap();
        letters(&house, at)
    };
    let max = i64::try_from(LETTERS_PER_HOUR_MAX).unwrap();
    for n in 0..max - 1 {
        let told = tell(minute(first, n));
        assert!(told.len() == 1 && !told[0].said.contains("within an hour"), "{n}: {told:?}");
    }
    let last = tell(minute(first, max - 1));
    let word = "This is message 12 within an hour. What happens before 2026-06-02 15:00:00 UTC stands on the page, and is not sent.";
    assert!(last[0].said.ends_with(word), "{last:?}");
    assert!(tell(minute(first, max)).is_empty() && tell(minute(first, 59)).is_empty());
    assert_eq!(tell(minute(first, 60)).len(), 1, "the first was an hour ago");
}

/// Whoever ends its incident while it is down says nothing of the service, and the next look may find it up.
#[test]
fn what_answers_within_a_look_after_its_incident_was_ended_is_told() {
    let (house, client, now) = subscribed();
    let at = |n: i64| minute(now, n);
    house.looks(&client, now, Length::from_minutes(10), Outcome::Up);
    house.looks(&client, at(10), Length::from_minutes(5), Outcome::Down);
    // Between the last look that failed and the first that is answered.
    let ended = at(15) - Length::from_secs(10);
    assert_eq!(titles(&house, ended), ["Acme: The wiki does not answer"]);
    let open = house.control.read(&client, ended, |book| book.open_ticket_lines(ended)).unwrap().unwrap();
    let deed = Deed::Resolve { summary: "It was restarted.".to_owned(), outcome: Resolution::Solved };
    house.control.do_about(&client, &open[0].ticket, deed, None, By::new(bob()), ended).unwrap();
    assert_eq!(titles(&house, at(15) - Length::from_secs(5)), [""; 0], "it is down");
    house.looks(&client, at(15), Length::from_minutes(2), Outcome::Up);
    assert_eq!(titles(&house, at(17)), [""; 0], "not settled yet");
    house.looks(&client, at(17), Length::from_minutes(3), Outcome::Up);
    assert_eq!(titles(&house, at(20)), ["Acme: The wiki answers again"]);
    house.looks(&client, at(20), Length::from_minutes(5), Outcome::Up);
    assert_eq!(titles(&house, at(25)), [""; 0]);
}

/// What people tell of silences what it names, for as long as it is so.
#[test]
fn an_update_silences_what_it_names_until_they_say_that_it_is_over() {
    let (house, client, now) = subscribed_to_two();
    let at = |n: i64| minute(now, n);
    let tell = |incident: &str, stage, instances: &[&str], n: i64| {
        let update = IncidentUpdatePublished {
            incident: incident.parse().unwrap(),
            title: "Work on the network".to_owned(),
            stage,
            impact: Impact::Degraded,
            message: "Expect hiccups.".to_owned(),
            instances: instances.iter().map(|id| id.parse().unwrap()).collect(),
            next_update_by: None,
            request: None,
        };
        house.control.tell_public(&client, update, By::new(bob()), at(n)).unwrap();
    };
    let both = |outcome| [("wiki", outcome), ("forum", outcome)];
    looks_at(&house, &client, now, 10, both(Outcome::Up));
    tell(NEW_INCIDENT, IncidentStage::Identified, &[], 10);
    tell(NEW_INCIDENT, IncidentStage::Identified, &["forum"], 10);
    let both_told = titles(&house, at(10) + Length::from_secs(1));
    assert_eq!(both_told, ["Acme: Work on the network"; 2]);
    looks_at(&house, &client, at(10), 5, both(Outcome::Down));
    assert_eq!(titles(&house, at(15)), ["Acme: The wiki does not answer"], "they tell of the forum");
    let drawn = page(&house.control, &client, at(15));
    let listed: Vec<_> = drawn.incidents.iter().map(|incident| incident.title.as_str()).collect();
    assert_eq!(listed, ["The wiki does not answer", "Work on the network", "Work on the network"]);
    tell("P-2", IncidentStage::Resolved, &[], 15);
    assert_eq!(titles(&house, at(15)), ["Acme: Work on the network"]);
    looks_at(&house, &client, at(15), 1, both(Outcome::Down));
    looks_at(&house, &client, at(16), 9, both(Outcome::Up));
    let told = titles(&house, at(25));
    assert_eq!(
        told,
        ["Acme: The forum and The wiki answer again"],
        "it was down when they said that it is over"
    );
}

/// Work that comes back is put on file record by record, and told at once.
#[test]
fn maintenance_that_comes_back_is_one_letter() {
    let (house, client, now) = subscribed();
    let now = minute(now, 1);
    let starts_at = instant("2026-06-17T12:00:00Z");
    let planned = MaintenancePlanned {
        maintenance: "M-0".parse().unwrap(),
        kind: MaintenanceKind::Scheduled,
        cause: "upgrade".to_owned(),
        expected_impact: Impact::Down,
        instances: vec!["wiki".parse().unwrap()],
        starts_at,
        ends_at: starts_at + Length::HOUR,
        cve: None,
        outside_slot: None,
        series: None,
    };
    let series = |count: u32| Series {
        rule: format!("FREQ=WEEKLY;COUNT={count}"),
        zone: "Europe/Amsterdam".parse().unwrap(),
    };
    let by = || By::new(Actor::provider("mia").role("manager"));
    contact(&house, &client, now);
    let (_, records) = house.control.plan_series(&client, &planned, &series(5), by(), now).unwrap();
    let told = letters(&house, now);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].title, "Acme: Maintenance is planned, 5 times");
    assert_eq!(
        told[0].said,
        "From 2026-06-17T12:00:00Z to 2026-06-17T13:00:00Z: upgrade. It comes back 4 times, next from 2026-06-24T12:00:00Z to 2026-06-24T13:00:00Z, then from 2026-07-01T12:00:00Z to 2026-07-01T13:00:00Z."
    );
    let inbox = house.control.journal().read(|tx| tx.inbox("jan")).unwrap();
    let said: Vec<Letter> = inbox.iter().map(|item| serde_json::from_str(&item.body).unwrap()).collect();
    let headline = "Maintenance is planned from 2026-06-17T12:00:00Z to 2026-06-17T13:00:00Z. It comes back 4 times, next from 2026-06-24T12:00:00Z to 2026-06-24T13:00:00Z, then from 2026-07-01T12:00:00Z to 2026-07-01T13:00:00Z.";
    assert_eq!(said.iter().map(|letter| letter.headline.as_str()).collect::<Vec<_>>(), [headline]);
    // SH-MAINT-11: the notice is on record for each.
    let on_file = house.control.read(&client, now, |book| book.maintenance()).unwrap().unwrap();
    assert_eq!((records.len(), on_file.iter().filter(|record| record.notice.is_some()).count()), (5, 5));
    let later = MaintenancePlanned {
        starts_at: starts_at + Length::DAY,
        ends_at: starts_at + Length::DAY + Length::HOUR,
        ..planned
    };
    house.control.plan(&client, later, by(), minute(now, 1)).unwrap();
    assert_eq!(titles(&house, minute(now, 1)), ["Acme: Maintenance is planned"]);
}
