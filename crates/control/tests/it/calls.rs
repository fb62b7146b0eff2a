//! Whoever is on call is called, one after the other, until somebody has seen it; and who is told of what.

use control::live::{Act, Call, Control, Fate};
use facts::{
    Actor, AgreementActivated, ClientId, EscalationRaised, Outcome, PageId, RequestNoted, RequestReceived,
    RequestReplied, RequestUpdateAsked, RotaOverridden, RotaSet, TicketId,
};
use journal::{
    delivery::Carried,
    people::{Choice, Person, Standing},
};
use spans::{Instant, Length, Span};

use crate::house::{House, instant};

const FIVE: Length = Length::from_minutes(5);

fn person(id: &str, standing: Standing, roles: &[&str]) -> Person {
    Person {
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        skills: vec!["atlassian-dc".to_owned()],
        ..Person::new(id, id, &format!("Name of {id}"), standing, instant("2026-01-01T00:00:00Z"))
    }
}

/// Ann, Bob and Cem take turns from Monday; Max is a manager, Lea leads the desk, Jan and Kim are the client's contacts.
fn people(house: &House, client: &ClientId) {
    let theirs = || Standing::Of(client.clone());
    let all = [
        person("ann", Standing::Staff, &["support"]),
        person("bob", Standing::Staff, &["support"]),
        person("cem", Standing::Staff, &["support"]),
        person("max", Standing::Staff, &["manager"]),
        person("lea", Standing::Staff, &["service-desk-lead"]),
        person("jan", theirs(), &["contact", "poc"]),
        person("kim", theirs(), &["contact", "poc"]),
    ];
    house
        .control
        .journal()
        .write(move |tx| {
            for person in &all {
                tx.add_person(person)?;
                let address = Some(format!("{}@desk.example", person.id));
                tx.set_choice(&person.id, &Choice { address, hourly: 1_000, ..Choice::default() })?;
            }
            Ok::<_, journal::Error>(())
        })
        .unwrap();
}

fn rota(house: &House, now: Instant) {
    let set = RotaSet {
        rota: "first".parse().unwrap(),
        name: "First line".to_owned(),
        level: 1,
        zone: "UTC".to_owned(),
        people: ["ann", "bob", "cem"].map(str::to_owned).to_vec(),
        first: instant("2026-06-01T00:00:00Z"),
        weeks: 1,
        hours: Vec::new(),
    };
    house.control.set_rota(set, Actor::provider("max"), None, now).unwrap();
}

pub(crate) fn hosted(tier: &str, now: Instant) -> (House, ClientId) {
    let (house, client) = House::hosted(tier);
    people(&house, &client);
    rota(&house, now);
    (house, client)
}

pub(crate) fn managed(now: Instant) -> (House, ClientId) {
    let house = House::new(&["isolated-platform.toml"], now);
    let client = house.control.shelf().clients()[0].clone();
    let terms = &house.control.shelf().of(&client).next().unwrap().terms;
    let (agreement, sha256) = (terms.agreement().agreement.id.parse().unwrap(), terms.identity().to_owned());
    let activated = AgreementActivated { agreement, sha256, tier: None };
    house.store(&client, &[activated.into()], instant("2026-03-01T00:00:00Z"));
    people(&house, &client);
    rota(&house, now);
    (house, client)
}

pub(crate) fn request(ticket: &str, priority: Option<&str>) -> RequestReceived {
    RequestReceived {
        ticket: ticket.parse().unwrap(),
        channel: "portal".to_owned(),
        title: Some("The wiki is down".to_owned()),
        instance: priority.map(|_| "wiki".parse().unwrap()),
        priority: priority.map(str::to_owned),
        class: None,
        kind: None,
        urgency: None,
        text: None,
        split_from: None,
        about: None,
    }
}

fn outage(ticket: &str, urgency: &str) -> RequestReceived {
    let (kind, urgency) = (Some("outage".to_owned()), Some(urgency.to_owned()));
    RequestReceived { kind, urgency, ..request(ticket, None) }
}

fn jan() -> Actor {
    Actor::client("jan").role("contact").role("poc")
}

fn send(house: &House, client: &ClientId, request: RequestReceived, now: Instant) {
    house.act(Act { text: Some("Help.".to_owned()), ..Act::new(client, jan(), request) }, now).unwrap();
}

/// Who is called by what is due now: facts of one instant are recorded a microsecond apart.
fn called(control: &Control, now: Instant) -> Vec<String> {
    let now = now + Length::from_micros(1_000);
    let name = |fate: Fate| match fate {
        Fate::Called(person) => Some(person),
        Fate::Unanswered => Some("nobody".to_owned()),
        _ => None,
    };
    control.relay(now).unwrap().into_iter().filter_map(|task| name(task.fate)).collect()
}

fn call(house: &House, client: &ClientId, now: Instant) -> Vec<Call> {
    house
        .control
        .calls(std::slice::from_ref(client), now)
        .unwrap()
        .into_iter()
        .map(|(_, call)| call)
        .collect()
}

/// Every letter that waits to be carried out: `person: headline`, sorted; those that are calls with a star.
pub(crate) fn letters(house: &House, now: Instant) -> Vec<String> {
    let mut all: Vec<Carried> = Vec::new();
    loop {
        let some =
            house.control.journal().write(move |tx| tx.claim_deliveries(now, Length::DAY, 100)).unwrap();
        if some.is_empty() {
            break;
        }
        all.extend(some);
    }
    let line = |carried: Carried| {
        let letter: serde_json::Value = serde_json::from_str(&carried.delivery.body).unwrap();
        let star = if carried.delivery.urgent { "*" } else { "" };
        format!("{}{star}: {}", carried.delivery.person, letter["headline"].as_str().unwrap())
    };
    let mut lines: Vec<String> = all.into_iter().map(line).collect();
    lines.sort();
    lines
}

pub(crate) fn everything(house: &House, now: Instant) -> Vec<String> {
    let now = now + Length::from_secs(1);
    house.control.tick(now).unwrap();
    // What is done calls for more, a microsecond later.
    for step in 0..4 {
        house.control.relay(now + Length::from_micros(step * 1_000)).unwrap();
    }
    letters(house, now + Length::from_secs(1))
}

#[test]
fn sh_slo_06_p1_calls_who_is_on_call_and_then_the_next_until_nobody_is_left() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = hosted("enterprise", now);
    send(&house, &client, request("T-1", Some("P1")), now);
    assert_eq!(called(&house.control, now), ["ann"]);
    assert_eq!(called(&house.control, now + FIVE - Length::from_secs(1)), [""; 0]);
    for (minutes, who) in [(5, "bob"), (11, "cem"), (17, "max")] {
        assert_eq!(called(&house.control, now + Length::from_minutes(minutes)), [who]);
    }
    let late = now + Length::from_minutes(30);
    assert_eq!(call(&house, &client, late)[0].unanswered, None);
    assert_eq!(called(&house.control, late), ["nobody"]);
    // It stands until somebody answers.
    assert!(call(&house, &client, late)[0].unanswered.is_some());
    let reply = RequestReplied { ticket: "T-1".parse().unwrap(), next_update_by: None, text: None };
    let ann = Actor::provider("ann").role("support");
    house
        .act(Act { text: Some("We look.".to_owned()), ..Act::new(&client, ann, reply) }, late + FIVE)
        .unwrap();
    assert!(call(&house, &client, late + FIVE).is_empty());
    assert!(house.control.journal().verify(&[]).unwrap().is_sound());
}

#[test]
fn sh_slo_06_who_has_seen_the_call_is_the_last_to_be_called() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = hosted("enterprise", now);
    send(&house, &client, request("T-1", Some("P1")), now);
    assert_eq!(called(&house.control, now), ["ann"]);
    let page = call(&house, &client, now)[0].page.clone();
    let ticket: TicketId = "T-1".parse().unwrap();
    let see = |at| house.control.see_call(&client, &ticket, &page, (Actor::provider("ann"), "ann"), at);
    see(now + Length::MINUTE).unwrap();
    assert!(see(now + Length::MINUTE).is_err(), "it is over");
    let other: PageId = "call-x".parse().unwrap();
    assert!(house.control.see_call(&client, &ticket, &other, (Actor::provider("ann"), "ann"), now).is_err());
    assert_eq!(called(&house.control, now + Length::HOUR), [""; 0]);
    // Seen is not answered: the clock runs.
    let owed =
        house.control.read(&client, now + Length::HOUR, |book| book.of_ticket(&ticket, now + Length::HOUR));
    assert!(owed.unwrap().unwrap().iter().any(|obligation| obligation.open));
}

#[test]
fn sh_slo_06_what_is_not_urgent_calls_nobody_and_what_becomes_so_does() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = hosted("enterprise", now);
    send(&house, &client, request("T-1", Some("P2")), now);
    send(&house, &client, request("T-2", None), now);
    assert_eq!(called(&house.control, now), [""; 0]);
    let change = facts::RequestReprioritised {
        ticket: "T-1".parse().unwrap(),
        priority: Some("P1".to_owned()),
        urgency: None,
        message: "It is worse than it looked.".to_owned(),
    };
    house.act(Act::new(&client, Actor::provider("bob").role("support"), change), now + FIVE).unwrap();
    assert_eq!(called(&house.control, now + FIVE), ["ann"]);
}

#[test]
fn sh_slo_06_by_day_only_nobody_is_called_at_night() {
    // Friday evening: the clock of the standard tier begins on Monday.
    let now = instant("2026-06-05T22:00:00Z");
    let (house, client) = hosted("standard", now);
    send(&house, &client, request("T-1", Some("P1")), now);
    assert_eq!(called(&house.control, now), [""; 0]);
    let monday = instant("2026-06-08T09:00:00Z");
    assert_eq!(called(&house.control, monday - Length::HOUR), [""; 0]);
    assert_eq!(called(&house.control, monday), ["bob"], "whose turn it is by then");
}

#[test]
fn mp_slo_07_a_critical_outage_calls_whoever_is_qualified_first() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = managed(now);
    let lose = |tx: &mut journal::Tx<'_>| tx.set_roles("ann", &["support".to_owned()], &[]).map(drop);
    house.control.journal().write(lose).unwrap();
    send(&house, &client, outage("T-1", "high"), now);
    assert_eq!(called(&house.control, now), [""; 0], "high is not critical");
    send(&house, &client, outage("T-2", "critical"), now);
    assert_eq!(called(&house.control, now), ["bob"]);
    let times = [6, 12].map(|minutes| called(&house.control, now + Length::from_minutes(minutes)));
    assert_eq!(times, [["cem"], ["ann"]], "who lacks the skill is still better than nobody");
}

#[test]
fn a_crash_between_two_steps_loses_no_step_and_does_none_twice() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = hosted("enterprise", now);
    send(&house, &client, request("T-1", Some("P1")), now);
    // The process dies after the request was stored and before anybody was called.
    let files = &["stellar-hosted.toml"];
    let house = house.restarted(files, now + Length::MINUTE);
    assert_eq!(called(&house.control, now + Length::MINUTE), ["ann"]);
    // It dies after the step, which was not noted as done: the step is on record, and is not taken again.
    let taken = house
        .control
        .journal()
        .write(move |tx| tx.claim(journal::Queue::Outbox, now + FIVE + FIVE, Length::MINUTE, 64));
    assert!(taken.unwrap().iter().any(|claim| claim.task.kind == "call"));
    let house = house.restarted(files, now + FIVE + FIVE);
    assert_eq!(called(&house.control, now + FIVE + FIVE), [""; 0], "somebody holds it");
    let next = now + FIVE + FIVE + Length::from_minutes(2);
    assert_eq!(called(&house.control, next), ["bob"]);
    assert_eq!(call(&house, &client, next)[0].called.len(), 2);
}

#[test]
fn two_nodes_call_each_person_once() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = hosted("enterprise", now);
    let other = house.neighbour(now, || ());
    send(&house, &client, request("T-1", Some("P1")), now);
    other.follow(now).unwrap();
    for minutes in [0, 6, 12, 18, 24] {
        let at = now + Length::from_minutes(minutes);
        std::thread::scope(|scope| {
            scope.spawn(|| house.control.relay(at).unwrap());
            scope.spawn(|| other.relay(at).unwrap());
        });
        house.control.follow(at).unwrap();
        other.follow(at).unwrap();
    }
    let calls = call(&house, &client, now + Length::HOUR);
    let who: Vec<&str> = calls[0].called.iter().map(|(person, _)| person.as_str()).collect();
    assert_eq!(who, ["ann", "bob", "cem", "max"]);
    assert!(house.control.journal().verify(&[]).unwrap().is_sound());
}

#[test]
fn with_an_empty_rota_a_manager_is_called_and_without_anybody_it_shows() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = House::hosted("enterprise");
    send(&house, &client, request("T-0", Some("P1")), now);
    assert_eq!(called(&house.control, now), ["nobody"]);
    assert!(call(&house, &client, now)[0].unanswered.is_some());
    people(&house, &client);
    send(&house, &client, request("T-1", Some("P1")), now + FIVE);
    assert_eq!(called(&house.control, now + FIVE), ["max"]);
}

fn escalate(house: &House, client: &ClientId, number: u16, now: Instant) {
    let raised = EscalationRaised {
        escalation: format!("E-{number}").parse().unwrap(),
        ticket: "T-1".parse().unwrap(),
        level: None,
        reason: Some("response-missed".to_owned()),
        text: None,
    };
    house.act(Act::new(client, jan(), raised), now).unwrap();
}

#[test]
fn mp_esc_02_escalating_calls_the_person_of_level_one() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = managed(now);
    send(&house, &client, outage("T-1", "high"), now);
    everything(&house, now);
    escalate(&house, &client, 1, now + FIVE);
    assert_eq!(called(&house.control, now + FIVE), ["lea"]);
    let told = everything(&house, now + FIVE);
    assert!(told.contains(&"lea*: Name of jan escalated it: response missed.".to_owned()), "{told:?}");
    assert!(told.contains(&"lea*: You are called about it.".to_owned()), "{told:?}");
}

#[test]
fn mp_esc_07_the_next_escalation_goes_to_the_next_level() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = managed(now);
    let add = person("dora", Standing::Staff, &["service-delivery-manager"]);
    house.control.journal().write(move |tx| tx.add_person(&add).map(drop)).unwrap();
    send(&house, &client, outage("T-1", "high"), now);
    escalate(&house, &client, 1, now + FIVE);
    escalate(&house, &client, 2, now + FIVE + FIVE);
    assert_eq!(called(&house.control, now + FIVE + FIVE), ["lea", "dora"]);
}

#[test]
fn mp_esc_11_half_an_hour_after_an_escalation_managers_are_reminded_until_a_person_answers() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = managed(now);
    send(&house, &client, outage("T-1", "low"), now);
    escalate(&house, &client, 1, now);
    everything(&house, now);
    everything(&house, now + Length::from_minutes(29));
    let told = everything(&house, now + Length::from_minutes(30));
    assert!(told.contains(&"max: It still waits: escalation answer.".to_owned()), "{told:?}");
    assert!(everything(&house, now + Length::from_minutes(31)).iter().all(|line| !line.contains("waits")));
}

#[test]
fn sh_slo_06_reminders_reach_who_is_on_call_and_a_miss_the_managers_too() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = hosted("enterprise", now);
    send(&house, &client, request("T-1", Some("P2")), now);
    let first = everything(&house, now);
    assert!(first.contains(&"ann: Name of jan sent a request: P2.".to_owned()), "{first:?}");
    // P2 of the highest tier: four hours around the clock. Half of it, four fifths, a quarter of an hour before.
    let told = |minutes: i64| -> Vec<String> {
        let told = everything(&house, now + Length::from_minutes(minutes));
        told.into_iter().filter(|line| line.contains("first response")).collect()
    };
    assert_eq!(told(119), [""; 0]);
    assert_eq!(told(120), ["ann: It falls due: first response."]);
    assert_eq!(told(192), ["ann: It falls due: first response."]);
    assert_eq!(told(225), ["ann: It falls due: first response."]);
    assert_eq!(told(241), ["ann: Missed: first response.", "max: Missed: first response."]);
    assert_eq!(told(250), [""; 0]);
}

#[test]
fn sh_slo_06_reminders_stop_the_moment_it_is_met() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = hosted("enterprise", now);
    send(&house, &client, request("T-1", Some("P2")), now);
    let reply = RequestReplied { ticket: "T-1".parse().unwrap(), next_update_by: None, text: None };
    let bob = Actor::provider("bob").role("support");
    let act = Act { text: Some("We look.".to_owned()), ..Act::new(&client, bob, reply) };
    house.act(act, now + Length::HOUR).unwrap();
    let told = everything(&house, now + Length::from_minutes(241));
    assert!(told.iter().all(|line| !line.contains("first response")), "{told:?}");
    assert!(told.contains(&"jan: Name of bob answered.".to_owned()), "{told:?}");
}

#[test]
fn mp_upd_03_an_asked_for_update_is_a_task_of_whoever_has_the_ticket_and_a_new_status_is_told() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = managed(now);
    send(&house, &client, outage("T-1", "low"), now);
    let ticket: TicketId = "T-1".parse().unwrap();
    let to = Some("cem".to_owned());
    let give = facts::RequestAssigned { ticket: ticket.clone(), to };
    house.act(Act::new(&client, Actor::provider("bob").role("engineer"), give), now).unwrap();
    everything(&house, now);
    house.act(Act::new(&client, jan(), RequestUpdateAsked { ticket: ticket.clone() }), now + FIVE).unwrap();
    assert_eq!(everything(&house, now + FIVE), ["cem: Name of jan asks for an update."]);
    let status = facts::RequestStatusChanged { ticket, status: "waiting for a part".to_owned() };
    house.act(Act::new(&client, Actor::provider("cem").role("engineer"), status), now + FIVE + FIVE).unwrap();
    assert_eq!(everything(&house, now + FIVE + FIVE), ["jan: Its status is now waiting for a part."]);
}

#[test]
fn mp_sc_inc_02_an_outage_that_monitoring_saw_is_told_to_the_contacts_and_to_who_is_on_call() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = hosted("enterprise", now);
    house.looks(&client, now, Length::from_minutes(2), Outcome::Up);
    house.looks(&client, now + Length::from_minutes(2), Length::from_minutes(2), Outcome::Down);
    let told = everything(&house, now + Length::from_minutes(5));
    let opened = ["ann", "jan", "kim"].map(|who| format!("{who}: An incident was opened by monitoring."));
    assert!(opened.iter().all(|line| told.contains(line)), "{told:?}");
}

#[test]
fn a_note_reaches_nobody_of_the_client_even_by_name() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = hosted("enterprise", now);
    send(&house, &client, request("T-1", Some("P3")), now);
    everything(&house, now);
    let note = RequestNoted { ticket: "T-1".parse().unwrap(), text: None };
    let text = Some("@kim and @bob: they are wrong, @ann knows.".to_owned());
    let ann = Actor::provider("ann").role("support");
    house.act(Act { text, ..Act::new(&client, ann, note) }, now + FIVE).unwrap();
    assert_eq!(
        everything(&house, now + FIVE),
        ["bob: Name of ann left a note that the client does not see."]
    );
}

#[test]
fn mp_sc_inc_01_the_rota_shows_where_nobody_may_answer() {
    let now = instant("2026-06-01T12:00:00Z");
    let (house, _) = managed(now);
    let week = Span { start: now, end: now + Length::from_hours(24 * 7) };
    let gaps = || house.control.rota_view(week, now).unwrap().uncovered.remove(0).gaps.total();
    assert_eq!(gaps(), Length::ZERO);
    let lose = |tx: &mut journal::Tx<'_>| tx.set_roles("ann", &["support".to_owned()], &[]).map(drop);
    house.control.journal().write(lose).unwrap();
    // Ann's turn lasts until Monday; Bob takes a day of it.
    assert_eq!(gaps(), Length::from_hours(6 * 24 + 12));
    let bob = RotaOverridden {
        rota: "first".parse().unwrap(),
        person: Some("bob".to_owned()),
        away: None,
        from: now,
        until: now + Length::DAY,
    };
    let wrong = RotaOverridden { person: Some("jan".to_owned()), ..bob.clone() };
    assert!(house.control.override_rota(wrong, Actor::provider("max"), None, now).is_err(), "no colleague");
    house.control.override_rota(bob, Actor::provider("max"), None, now).unwrap();
    assert_eq!(gaps(), Length::from_hours(5 * 24 + 12));
    let view = house.control.rota_view(week, now).unwrap();
    assert_eq!(view.now[0].person.as_deref(), Some("bob"));
    assert_eq!(view.layers[0].next.as_ref().and_then(|turn| turn.person.as_deref()), Some("ann"));
}

fn asks(house: &House, client: &ClientId, at: Instant) {
    let ask = facts::RequestAskedClient { ticket: "T-1".parse().unwrap(), text: None };
    let bob = Actor::provider("bob").role("support").role("engineer");
    house.act(Act { text: Some("Which?".to_owned()), ..Act::new(client, bob, ask) }, at).unwrap();
}

/// MP-CLI-05: the client is reminded of its turn, gently and by itself; nothing is missed.
#[test]
fn mp_cli_05_three_silent_days_remind_the_client_and_blame_nobody() {
    let now = instant("2026-06-02T10:00:00Z");
    let (house, client) = managed(now);
    send(&house, &client, outage("T-1", "low"), now);
    asks(&house, &client, now + FIVE);
    everything(&house, now + FIVE);
    let days = |n: i64| now + FIVE + Length::from_hours(24 * n);
    let told = |at: Instant| -> Vec<String> {
        everything(&house, at).into_iter().filter(|line| line.contains("answers")).collect()
    };
    assert_eq!(told(days(2)), [""; 0]);
    assert_eq!(told(days(3)), ["jan: It still waits: answers."]);
    assert_eq!(told(days(3) + Length::HOUR), [""; 0], "once");
}

/// SH-RES-02: five silent days nudge whoever looks after it, and nobody else; a word to the client ends it.
#[test]
fn sh_res_02_five_silent_days_nudge_ones_own_people_only() {
    let now = instant("2026-06-01T09:00:00Z");
    let (house, client) = hosted("premium", now);
    send(&house, &client, request("T-1", Some("P3")), now);
    let reply = |at: Instant| {
        let reply = RequestReplied { ticket: "T-1".parse().unwrap(), next_update_by: None, text: None };
        let bob = Actor::provider("bob").role("support");
        house.act(Act { text: Some("We look.".to_owned()), ..Act::new(&client, bob, reply) }, at).unwrap();
    };
    reply(now + Length::HOUR);
    everything(&house, now + Length::HOUR);
    let nudged = |at: &str| -> Vec<String> {
        everything(&house, instant(at)).into_iter().filter(|line| line.contains("for days")).collect()
    };
    assert_eq!(nudged("2026-06-08T09:59:00Z"), [""; 0]);
    // Bob is on call in the second week.
    assert_eq!(nudged("2026-06-08T10:00:00Z"), ["bob: Nobody has written to the client for days."]);
    assert_eq!(nudged("2026-06-08T12:00:00Z"), [""; 0], "once");
    reply(instant("2026-06-08T13:00:00Z"));
    assert_eq!(nudged("2026-06-08T14:00:00Z"), [""; 0]);
}

/// A client may have more people than are read at once: the provider's are called and told all the same.
#[test]
fn sh_slo_06_however_many_people_clients_have_the_providers_are_called() {
    let now = instant("2026-06-06T03:00:00Z");
    let (house, client) = hosted("enterprise", now);
    let of = client.clone();
    let crowd = move |tx: &mut journal::Tx<'_>| {
        for n in 0..1_001 {
            tx.add_person(&person(&format!("aa-{n:04}"), Standing::Of(of.clone()), &["requester"]))?;
        }
        Ok::<_, journal::Error>(())
    };
    house.control.journal().write(crowd).unwrap();
    send(&house, &client, request("T-1", Some("P1")), now);
    assert_eq!(called(&house.control, now), ["ann"]);
    let told = everything(&house, now);
    assert!(told.iter().any(|line| line.starts_with("ann*: You are called")), "{told:?}");
}

/// SH-REQ-06, SH-REQ-04: nobody reads by mail what he may not read in the portal.
#[test]
fn sh_req_06_nobody_is_told_before_becoming_effective_nor_after_leaving_nor_without_a_door() {
    let now = instant("2026-06-02T10:00:00Z");
    let (house, client) = hosted("premium", now);
    let of = client.clone();
    let add = move |tx: &mut journal::Tx<'_>| {
        for (id, roles) in [("nia", "contact"), ("lev", "contact"), ("uma", "end-user"), ("tom", "contact")] {
            tx.add_person(&person(id, Standing::Of(of.clone()), &[roles]))?;
            let address = Some(format!("{id}@desk.example"));
            tx.set_choice(id, &Choice { address, hourly: 1_000, ..Choice::default() })?;
        }
        tx.set_term("nia", Some(now + Length::DAY))?;
        tx.set_leaves("lev", Some(now))?;
        tx.set_leaves("tom", Some(now + Length::DAY * 365))
    };
    house.control.journal().write(add).unwrap();
    send(&house, &client, request("T-1", Some("P2")), now);
    let bob = || Actor::provider("bob").role("support");
    for id in ["nia", "lev", "uma"] {
        let watched = facts::RequestWatched { ticket: "T-1".parse().unwrap(), person: id.to_owned() };
        house.act(Act::new(&client, bob(), watched), now).unwrap();
    }
    let reply = |at: Instant| {
        let reply = RequestReplied { ticket: "T-1".parse().unwrap(), next_update_by: None, text: None };
        let text = Some("@nia @lev @uma @tom: the password is on the ticket.".to_owned());
        house.act(Act { text, ..Act::new(&client, bob(), reply) }, at).unwrap();
        let told: Vec<String> = everything(&house, at);
        let mut who: Vec<String> =
            told.iter().filter_map(|l| Some(l.split_once(':')?.0.to_owned())).collect();
        who.dedup();
        who
    };
    let first = reply(now + FIVE);
    assert!(["jan", "tom"].iter().all(|who| first.iter().any(|told| told == who)), "{first:?}");
    assert!(!first.iter().any(|who| ["nia", "lev", "uma"].contains(&who.as_str())), "{first:?}");
    let later = reply(now + Length::DAY + FIVE);
    assert!(later.contains(&"nia".to_owned()), "a day later she counts: {later:?}");
    assert!(!later.iter().any(|who| who == "lev" || who == "uma"), "{later:?}");
}

/// MP-COB-03, A-37: clearance is on record about each answer, and counts while the client restricts its pool.
#[test]
fn mp_cob_03_only_who_is_cleared_answers_while_the_pool_is_restricted() {
    let now = instant("2026-06-02T10:00:00Z");
    let (house, client) = managed(now);
    let restricted = facts::PoolRestricted { service: "main".parse().unwrap() };
    house.store(&client, &[restricted.into()], now - Length::DAY);
    send(&house, &client, outage("T-1", "high"), now);
    let answers = |who: &str, at: Instant| {
        let reply = RequestReplied { ticket: "T-1".parse().unwrap(), next_update_by: None, text: None };
        let who = Actor { skills: vec!["atlassian-dc".to_owned()], ..Actor::provider(who).role("engineer") };
        house.act(Act { text: Some("We look.".to_owned()), ..Act::new(&client, who, reply) }, at).unwrap();
        let owed = house.control.read(&client, at + FIVE, |book| {
            book.obligation("first-response/ticket/T-1/1", at + FIVE).map(|owed| owed.state.name())
        });
        owed.unwrap().unwrap().unwrap()
    };
    assert_eq!(answers("bob", now + Length::MINUTE), "running", "nobody has cleared him");
    let of = client.clone();
    house.control.journal().write(move |tx| tx.set_clearance(&of, "cem", Some(now))).unwrap();
    assert_eq!(answers("cem", now + Length::MINUTE * 2), "met");
}
