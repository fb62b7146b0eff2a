//! Who is told of what.

use desk::notify::{Duty, Notice, Owed, Person, Standing, Why, mentions, of_fact, of_owed};
use facts::{
    Actor, Body, ClientId, ContactChange, ContactChangeRequested, ExclusionClaimed, ExclusionDisputed, Fact,
    FactId, FileAttached, MessageHeld, MessageSettled, PageSent, RequestAssigned, RequestClassified,
    RequestMerged, RequestNoted, RequestParted, RequestReceived, RequestReplied, RequestWatched, Side,
    StatementPublished, TicketId, WishLogged,
};
use spans::Month;

fn ticket() -> TicketId {
    "T-1".parse().unwrap()
}

fn person(id: &str, side: Side, roles: &[&str]) -> Person {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    Person { id: format!("id-{id}"), login: id.to_owned(), name: id.to_owned(), side, roles }
}

fn people() -> Vec<Person> {
    vec![
        person("ann", Side::Provider, &["support"]),
        person("bob", Side::Provider, &["support", "manager"]),
        person("jan", Side::Client, &["requester"]),
        person("kim", Side::Client, &["contact"]),
        person("lou", Side::Client, &["billing"]),
    ]
}

fn fact(actor: Actor, body: impl Into<Body>) -> Fact {
    let at = "2026-03-06T18:00:00Z".parse().unwrap();
    let client: ClientId = "acme".parse().unwrap();
    Fact { id: FactId::v7(at, [1; 10]), client, at, recorded_at: at, actor, body: body.into() }
}

fn received() -> RequestReceived {
    RequestReceived {
        ticket: ticket(),
        channel: "portal".to_owned(),
        title: None,
        instance: None,
        priority: None,
        class: None,
        kind: None,
        urgency: None,
        text: None,
        split_from: None,
        about: None,
    }
}

fn replied() -> RequestReplied {
    RequestReplied { ticket: ticket(), next_update_by: None, text: None }
}

fn noted() -> RequestNoted {
    RequestNoted { ticket: ticket(), text: None }
}

fn on_call() -> Duty {
    Duty { on_call: vec!["id-ann".to_owned(), "id-bob".to_owned()], escalated_to: Vec::new() }
}

fn lines(notices: Vec<Notice>) -> Vec<(String, Why)> {
    notices.into_iter().map(|notice| (notice.person, notice.why)).collect()
}

/// Who is told of it, after these facts about the ticket.
fn told(before: &[Fact], fact: &Fact, text: Option<&str>) -> Vec<(String, Why)> {
    let standing = Standing::of(before);
    lines(of_fact(fact, &fact.actor.id, text, &standing, &on_call(), &people()))
}

fn id(name: &str, why: Why) -> (String, Why) {
    (format!("id-{name}"), why)
}

#[test]
fn nobody_is_told_of_his_own_act_and_who_asked_is_told_of_the_answer() {
    let asked = fact(Actor::client("id-jan"), received());
    assert_eq!(told(&[], &asked, None), [id("ann", Why::OnCall), id("kim", Why::Contact)]);
    let answer = fact(Actor::provider("id-ann"), replied());
    assert_eq!(told(std::slice::from_ref(&asked), &answer, None), [id("jan", Why::Asked)]);
}

#[test]
fn who_asked_is_told_where_it_goes_on_and_that_it_stands_by_itself_again() {
    let before = [fact(Actor::client("id-jan"), received())];
    let other: TicketId = "T-2".parse().unwrap();
    let merged = fact(Actor::provider("id-ann"), RequestMerged { ticket: ticket(), into: other.clone() });
    assert_eq!(told(&before, &merged, None), [id("jan", Why::Asked)]);
    let parted = fact(Actor::provider("id-ann"), RequestParted { ticket: ticket(), from: other });
    assert_eq!(told(&before, &parted, None), [id("jan", Why::Asked)]);
}

#[test]
fn sh_req_06_a_change_of_contacts_is_known_to_who_speaks_for_the_client_and_to_managers() {
    let change = || ContactChangeRequested {
        contact: "id-eva".parse().unwrap(),
        change: ContactChange::Add,
        roles: vec!["contact".to_owned()],
    };
    let theirs = fact(Actor::client("id-jan"), change());
    assert_eq!(told(&[], &theirs, None), [id("bob", Why::Manages), id("kim", Why::Contact)]);
    let ours = fact(Actor::provider("id-ann"), change());
    assert_eq!(told(&[], &ours, None), [id("kim", Why::Contact)]);
    let own = fact(Actor::client("id-kim"), change());
    assert_eq!(told(&[], &own, None), [id("bob", Why::Manages)], "nobody is told of their own act");
}

#[test]
fn where_a_machine_asked_the_contacts_are_told() {
    let asked = fact(Actor::automaton("monitoring"), received());
    assert_eq!(
        told(std::slice::from_ref(&asked), &asked, None),
        [id("ann", Why::OnCall), id("kim", Why::Contact)]
    );
}

#[test]
fn whoever_has_the_ticket_is_told_instead_of_whoever_is_on_call_and_watchers_beside() {
    let given =
        fact(Actor::provider("id-ann"), RequestAssigned { ticket: ticket(), to: Some("id-bob".to_owned()) });
    let watches =
        |who: &str| fact(Actor::client(who), RequestWatched { ticket: ticket(), person: who.to_owned() });
    let before = [fact(Actor::client("id-jan"), received()), given, watches("id-kim")];
    let wrote = fact(Actor::client("id-jan"), facts::RequestClientReplied { ticket: ticket(), text: None });
    assert_eq!(told(&before, &wrote, None), [id("bob", Why::Assigned), id("kim", Why::Watches)]);
}

#[test]
fn where_whoever_has_the_ticket_is_gone_whoever_is_on_call_is_told() {
    let wrote = fact(Actor::client("id-jan"), facts::RequestClientReplied { ticket: ticket(), text: None });
    // Somebody who left, a name that is nobody's, and one of the client's people.
    for gone in ["id-eve", "nobody at all", "id-kim"] {
        let given =
            fact(Actor::provider("id-ann"), RequestAssigned { ticket: ticket(), to: Some(gone.to_owned()) });
        let before = [fact(Actor::client("id-jan"), received()), given];
        assert_eq!(told(&before, &wrote, None), [id("ann", Why::OnCall)], "{gone}");
        let missed =
            of_owed(Owed::Missed { side: Side::Provider }, &Standing::of(&before), &on_call(), &people());
        assert_eq!(lines(missed), [id("ann", Why::OnCall), id("bob", Why::Manages)], "{gone}");
    }
}

#[test]
fn what_is_internal_reaches_nobody_of_the_client_who_watches_or_is_named() {
    let watches =
        fact(Actor::client("id-kim"), RequestWatched { ticket: ticket(), person: "id-kim".to_owned() });
    let note = fact(Actor::provider("id-ann"), noted());
    assert_eq!(told(&[watches], &note, Some("@Kim @lou @bob: look")), [id("bob", Why::Named)]);
    let answer = fact(Actor::provider("id-ann"), replied());
    assert_eq!(told(&[], &answer, Some("@lou: see below")), [id("kim", Why::Contact), id("lou", Why::Named)]);
}

#[test]
fn one_person_gets_one_notice_for_the_strongest_reason_and_who_is_gone_gets_none() {
    let call = fact(
        Actor::automaton("rota"),
        PageSent { page: "call-1".parse().unwrap(), ticket: ticket(), person: "id-ann".to_owned(), step: 0 },
    );
    let notices = of_fact(&call, "rota", Some("@ann"), &Standing::default(), &on_call(), &people());
    assert_eq!(notices, [Notice { person: "id-ann".to_owned(), why: Why::Called, call: true }]);
    assert!(of_fact(&call, "rota", None, &Standing::default(), &on_call(), &people()[1..]).is_empty());
}

#[test]
fn a_statement_is_told_to_contacts_and_to_billing() {
    let (statement, month) = ("S-1".parse().unwrap(), Month::new(2026, 2).unwrap());
    let published = StatementPublished { statement, month, entitlement: None };
    let fact = fact(Actor::automaton("closing"), published);
    assert_eq!(told(&[], &fact, None), [id("kim", Why::Contact), id("lou", Why::Contact)]);
}

#[test]
fn reminders_go_to_whose_turn_it_is_and_misses_to_managers_too() {
    let standing = Standing::default();
    let told = |owed| lines(of_owed(owed, &standing, &on_call(), &people()));
    let provider = Side::Provider;
    assert_eq!(told(Owed::Reminder { side: provider, managers: false }), [id("ann", Why::OnCall)]);
    let both = [id("ann", Why::OnCall), id("bob", Why::Manages)];
    assert_eq!(told(Owed::Reminder { side: provider, managers: true }), both);
    assert_eq!(told(Owed::Missed { side: provider }), both);
    assert_eq!(told(Owed::Reminder { side: Side::Client, managers: false }), [id("kim", Why::Contact)]);
    assert_eq!(
        told(Owed::Missed { side: Side::Client }),
        [id("ann", Why::OnCall)],
        "shown, and nobody is told twice"
    );
}

/// SH-CHAR-02, SH-ACK-04: who asked reads why it is something else now, and that it is a wish.
#[test]
fn who_asked_is_told_what_kind_it_is_where_that_was_said_and_of_the_wish() {
    let asked = fact(Actor::client("id-jan"), received());
    let said = |message: Option<&str>| RequestClassified {
        ticket: ticket(),
        class: Some("standard".to_owned()),
        kind: None,
        message: message.map(str::to_owned),
    };
    let by_ann =
        |body: Body| told(std::slice::from_ref(&asked), &fact(Actor::provider("id-ann"), body), None);
    assert_eq!(by_ann(said(None).into()), []);
    assert_eq!(by_ann(said(Some("It works for others.")).into()), [id("jan", Why::Asked)]);
    assert_eq!(by_ann(WishLogged { ticket: ticket() }.into()), [id("jan", Why::Asked)]);
}

#[test]
fn a_file_is_told_to_the_other_side_and_an_internal_one_to_nobody_of_the_client() {
    let watches =
        fact(Actor::client("id-kim"), RequestWatched { ticket: ticket(), person: "id-kim".to_owned() });
    let asked = fact(Actor::client("id-jan"), received());
    let file = |internal| FileAttached {
        ticket: ticket(),
        file: "F-1".parse().unwrap(),
        sha256: "0".repeat(64),
        bytes: 1,
        media: "text/plain".to_owned(),
        internal,
    };
    let by =
        |actor: Actor, internal| told(&[asked.clone(), watches.clone()], &fact(actor, file(internal)), None);
    let (asks, watched) = (id("jan", Why::Asked), id("kim", Why::Watches));
    assert_eq!(by(Actor::provider("id-ann"), false), [asks, watched.clone()]);
    assert_eq!(by(Actor::client("id-jan"), false), [id("ann", Why::OnCall), watched]);
    assert_eq!(by(Actor::provider("id-bob"), true), []);
}

#[test]
fn a_name_stands_behind_an_at_sign_at_the_start_of_a_word() {
    let found = |text: &'static str| mentions(text).collect::<Vec<_>>();
    assert_eq!(
        found("@ann, (@bob) @cem@desk.example. mail a@b.example @ @@"),
        ["ann", "bob", "cem@desk.example"]
    );
    assert_eq!(found(""), [""; 0]);
}

#[test]
fn sh_excl_04_a_claim_is_told_to_the_contacts_and_an_answer_to_the_managers() {
    let people = [people(), vec![person("pim", Side::Client, &["approver"])]].concat();
    let told = |fact: &Fact| {
        let notices = of_fact(fact, "nobody", None, &Standing::default(), &on_call(), &people);
        notices.into_iter().map(|notice| notice.person).collect::<Vec<_>>()
    };
    let at = "2026-03-06T18:00:00Z".parse().unwrap();
    let claimed = ExclusionClaimed {
        exclusion: "E-1".parse().unwrap(),
        instance: "wiki".parse().unwrap(),
        cause: "beyond-control".to_owned(),
        from: at,
        until: at,
        evidence: "a trace".to_owned(),
    };
    assert_eq!(told(&fact(Actor::provider("mia"), claimed)), ["id-kim", "id-pim"]);
    let disputed = ExclusionDisputed { exclusion: "E-1".parse().unwrap(), reason: None };
    assert_eq!(told(&fact(Actor::client("pim"), disputed)), ["id-ann", "id-bob"]);
}

/// SH-DEF-11: the contacts hear that a message is held, and what the provider made of it; what one of them settled, they settled.
#[test]
fn sh_def_11_contacts_are_told_of_what_is_held_and_of_what_the_provider_put_aside() {
    let message = || "H-1".parse().unwrap();
    let held = MessageHeld { message: message(), channel: "email".to_owned(), text: None };
    let aside = MessageSettled { message: message(), ticket: None, reason: Some("spam".to_owned()) };
    let contact = [id("kim", Why::Contact)];
    assert_eq!(told(&[], &fact(Actor::provider("ann"), held), None), contact);
    assert_eq!(told(&[], &fact(Actor::provider("ann"), aside.clone()), None), contact);
    assert_eq!(told(&[], &fact(Actor::client("kim"), aside), None), []);
}
