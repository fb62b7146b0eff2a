//! The matrix of isolation: every route there is, asked as every role of two clients and of the provider, with every id, and held
//! against the table in `docs/authorization.md`. Words planted at one client must occur in no answer to the other.
//!
//! A new route is in here by being in the table of routes; a new kind of id in a path wants a line in [`World::ids`].

mod sent;
mod world;

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use desk::policy::Action;
use portal::server::{Kind, Route, authorization, routes};
use spans::Length;

use self::{
    sent::other,
    world::{Asker, NOTED, World, index},
};
use crate::desk::Answer;

/// What whoever holds an address or a secret does, and no person.
const MACHINES: [Action; 4] = [Action::Report, Action::ReadFeed, Action::ReadStatus, Action::FetchFile];

/// What the table says of one route: a mark for each of [`Kind::all`].
struct Row {
    key: String,
    marks: Vec<char>,
}

/// The kept table, not the one that would be written now.
fn table() -> Vec<Row> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/authorization.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, rows) = text.split_once("| | path | action |").unwrap();
    rows.lines().skip(2).map(row).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> =
        line.split('|').map(|cell| cell.trim().trim_matches('`')).filter(|cell| !cell.is_empty()).collect();
    let [method, path, action, marks @ ..] = &cells[..] else { panic!("no row: {line}") };
    Row { key: format!("{method} {path} {action}"), marks: marks.concat().chars().collect() }
}

fn key(route: &Route) -> String {
    format!("{} {} {}", route.method, route.path, route.action.name())
}

#[test]
fn the_kept_table_is_what_the_policy_says_today() {
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/authorization.md"));
    let today = authorization();
    let kept = kept.unwrap();
    let differs = kept.lines().zip(today.lines()).find(|(kept, today)| kept != today);
    assert!(
        kept == today,
        "docs/authorization.md: `cargo xtask codegen`, and read what changed: {differs:?}"
    );
}

#[test]
fn every_route_is_in_the_kept_table_and_nothing_else() {
    let kept: BTreeSet<String> = table().into_iter().map(|row| row.key).collect();
    let there: BTreeSet<String> = routes().iter().map(key).collect();
    assert_eq!(kept.symmetric_difference(&there).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// Written by hand, so that no rule and no generator can let it pass.
#[test]
fn no_row_lets_another_client_or_nobody_in() {
    for row in table() {
        let (nobody, another) = (row.marks[0], *row.marks.last().unwrap());
        let own_account = ["ReadOwn", "EditOwn", "EditReach", "EditCredentials", "MakeToken"];
        let is = |actions: &[&str]| actions.iter().any(|action| row.key.ends_with(&format!(" {action}")));
        let (free, own) = (is(&["Enter"]), is(&own_account));
        assert_eq!(nobody == '+', free, "{}", row.key);
        match another {
            '+' => assert!(free || own && !row.key.contains("{client}"), "{}", row.key),
            'k' => assert!(is(&["Report", "ReadFeed", "ReadStatus", "FetchFile"]), "{}", row.key),
            mark => assert_eq!(mark, '.', "{}", row.key),
        }
    }
}

/// The walk itself.
#[tokio::test]
async fn every_route_is_answered_as_the_table_says_whoever_asks_and_for_whatever() {
    let world = World::new().await;
    let rows = table();
    let mut asked = 0;
    for route in routes() {
        let row = rows.iter().find(|row| row.key == key(&route)).unwrap_or_else(|| panic!("{}", key(&route)));
        for asker in &world.people {
            for place in world.places(&route, asker) {
                let answer = world.ask(asker, &route.method, &place.path).await;
                let at = format!("{} {} as {}", route.method, place.path, asker.login);
                let mark = row.marks[column(asker.kind, place.own)];
                assert!(
                    is(&answer, mark, &route),
                    "{at}: `{mark}` expected, {} {}",
                    answer.status,
                    answer.body
                );
                if answer.admitted && !place.there {
                    assert!(
                        answer.status.is_client_error(),
                        "{at}: {} for what is not theirs",
                        answer.status
                    );
                }
                world.unheard(asker, &answer, &at);
                asked += 1;
            }
        }
    }
    assert!(asked > 2_000, "{asked}");
}

/// Where the mark of somebody stands; people of another client than the path's are the last column.
fn column(kind: Kind, own: bool) -> usize {
    let kind = if own || !matches!(kind, Kind::Member(_)) { kind } else { Kind::Other };
    Kind::all().iter().position(|of| *of == kind).unwrap()
}

fn is(answer: &Answer, mark: char, route: &Route) -> bool {
    let page = route.method == Method::GET && !route.path.starts_with("/api/");
    match mark {
        '+' | 'k' => answer.admitted,
        's' if page => !answer.admitted && answer.header("location").starts_with("/sign-in"),
        's' => !answer.admitted && answer.status == StatusCode::UNAUTHORIZED,
        '-' => !answer.admitted && answer.status == StatusCode::FORBIDDEN,
        '.' => !answer.admitted && answer.status == StatusCode::NOT_FOUND,
        _ => false,
    }
}

/// What is not theirs and what is not there are one answer: it does not tell which exists.
#[tokio::test]
async fn what_is_another_clients_looks_as_if_it_were_not_there() {
    let world = World::new().await;
    for asker in
        world.people.iter().filter(|asker| matches!(asker.kind, Kind::Member(Some(_)) | Kind::Staff(_)))
    {
        for route in routes().iter().filter(|route| route.method == Method::GET) {
            for (theirs, nobodys) in world.twins(route, asker) {
                let (theirs_said, nobodys_said) = (
                    world.ask(asker, &Method::GET, &theirs).await,
                    world.ask(asker, &Method::GET, &nobodys).await,
                );
                assert_eq!(
                    plain(&theirs_said, &theirs),
                    plain(&nobodys_said, &nobodys),
                    "{} at {theirs} and {nobodys}",
                    asker.login
                );
            }
        }
    }
}

/// An answer without the number of its request and without the address that was asked.
fn plain(answer: &Answer, path: &str) -> (StatusCode, String) {
    let number = answer.header("x-request-id");
    let body = if number.is_empty() { answer.body.clone() } else { answer.body.replace(number, "") };
    let last = path.rsplit('/').next().unwrap_or_default();
    (answer.status, body.replace(path, "").replace(last, ""))
}

/// Every list, search, count and export, asked in the ways it can be asked.
#[tokio::test]
async fn questions_find_nothing_of_another_client() {
    let world = World::new().await;
    let questions =
        ["?q=common", "?q=canary", "?q=c", "?limit=100", "?tag=common", "?state=all&q=common", "?format=csv"];
    let contacts: Vec<&Asker> =
        world.people.iter().filter(|asker| asker.login.ends_with("-contact")).collect();
    assert_eq!(contacts.len(), 2);
    let mut heard = 0;
    for route in routes().iter().filter(|route| route.method == Method::GET) {
        for asker in &contacts {
            for place in world.places(route, asker).into_iter().filter(|place| place.there) {
                for question in questions {
                    let path = format!("{}{question}", place.path);
                    let answer = world.ask(asker, &Method::GET, &path).await;
                    world.unheard(asker, &answer, &path);
                    heard += usize::from(answer.body.contains(world::canary(asker.of.as_deref().unwrap())));
                }
            }
        }
    }
    assert!(heard > 50, "what is their own is found, or this proves nothing: {heard}");
}

/// Whoever of one client sends whatever, with ids of another in the address and in what is sent: nothing of the other changes.
#[tokio::test]
async fn what_people_of_one_client_send_changes_nothing_of_another() {
    let world = World::new().await;
    for asker in world.people.iter().filter(|asker| asker.of.is_some()) {
        let other = other(asker.of.as_deref().unwrap());
        let before = world.kept(other);
        assert!(before.len() > 10, "something lies there: {before:?}");
        for route in routes().iter().filter(|route| route.method != Method::GET) {
            for place in world.places(route, asker) {
                let answer = world.tells(asker, route, &place.path, index(other)).await;
                let at = format!("{} {} as {}", route.method, place.path, asker.login);
                if !place.there {
                    assert!(!answer.status.is_success(), "{at}: {} {}", answer.status, answer.body);
                }
                world.unheard(asker, &answer, &at);
                assert_eq!(world.kept(other), before, "{at}: {}", answer.status);
            }
        }
    }
}

/// Or the test before proves nothing: with ids of their own the same is done.
#[tokio::test]
async fn what_is_sent_with_ones_own_ids_is_done() {
    let world = World::new().await;
    let asked: Vec<&Asker> = ["acme-contact", "acme-approver", "engineer", "manager", "administrator"]
        .iter()
        .map(|login| world.people.iter().find(|asker| asker.login == *login).unwrap())
        .collect();
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for route in
        routes().iter().filter(|route| route.method != Method::GET && route.path.contains("{client}"))
    {
        let mut said = Vec::new();
        for asker in &asked {
            let place =
                world.places(route, asker).into_iter().find(|place| place.there && place.own).unwrap();
            let answer = world.tells(asker, route, &place.path, index("acme")).await;
            said.push((answer.status, answer.body.chars().take(300).collect::<String>()));
        }
        let was_done = said.iter().any(|(status, _)| status.is_success() || status.is_redirection());
        if was_done { done.push(route.path) } else { refused.push((route.path, said)) }
    }
    // What is refused even so, as things stand there: kept by hand, each with why.
    let kept =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/isolation/not_done.txt"))
            .unwrap();
    let kept = kept.lines().filter(|line| !line.starts_with('#'));
    let kept: BTreeSet<&str> = kept.filter_map(|line| line.split_whitespace().next()).collect();
    let found: BTreeSet<&str> = refused.iter().map(|(path, _)| *path).collect();
    assert_eq!(found, kept, "{} are done, {refused:#?}", done.len());
}

/// Programs reach what their person reaches; what is to be done by hand, none of it.
#[tokio::test]
async fn a_token_reaches_what_its_person_reaches_and_no_more() {
    let world = World::new().await;
    let rows = table();
    let by_hand = [
        Action::MakeToken,
        Action::EditCredentials,
        Action::EditReach,
        Action::ResetPerson,
        Action::ErasePerson,
        Action::TurnFeed,
    ];
    for asker in
        world.people.iter().filter(|asker| ["acme-contact", "manager"].contains(&asker.login.as_str()))
    {
        let token = world.token(asker);
        for route in routes().iter().filter(|route| route.path.starts_with("/api/")) {
            let row = rows.iter().find(|row| row.key == key(route)).unwrap();
            for place in world.places(route, asker) {
                let answer = world.ask_by(&[("authorization", &token)], &route.method, &place.path).await;
                let mark = match row.marks[column(asker.kind, place.own)] {
                    '+' if by_hand.contains(&route.action) => '-',
                    mark => mark,
                };
                let at = format!("{} {} by a token of {}", route.method, place.path, asker.login);
                assert!(
                    is(&answer, mark, route),
                    "{at}: `{mark}` expected, {} {}",
                    answer.status,
                    answer.body
                );
                world.unheard(asker, &answer, &at);
            }
        }
    }
}

/// Open pages are told of their own client's changes only.
#[tokio::test]
async fn a_stream_tells_nothing_of_another_client() {
    let world = World::new().await;
    let mut streams = Vec::new();
    for login in ["acme-contact", "beta-contact", "acme-billing", "manager"] {
        let asker = world.people.iter().find(|asker| asker.login == login).unwrap();
        streams.push((login, world.stream(asker).await));
    }
    for of in ["beta", "acme"] {
        world.happens(of);
    }
    for (login, stream) in &mut streams {
        let told = stream.told().await;
        let (acme, beta) = (told.contains("acme"), told.contains("beta"));
        let expected = match *login {
            "manager" => (true, true),
            login => (login.starts_with("acme"), login.starts_with("beta")),
        };
        assert_eq!((acme, beta), expected, "{login}: {told}");
        assert!(!told.contains("canary"), "{login}: {told}");
    }
}

/// What the provider's people write to each other is read by them and nobody else, wherever it could be.
#[tokio::test]
async fn an_internal_note_is_in_no_answer_to_a_client() {
    let world = World::new().await;
    let manager = world.people.iter().find(|asker| asker.login == "manager").unwrap();
    for path in ["/clients/acme/tickets/a-9", "/api/v1/clients/acme/requests/a-9"] {
        let seen = world.ask(manager, &Method::GET, path).await;
        assert!(seen.body.contains(NOTED), "{path}: the note is there to be seen by staff: {}", seen.body);
    }
    for asker in world.people.iter().filter(|asker| asker.of.as_deref() == Some("acme")) {
        for route in routes().iter().filter(|route| route.method == Method::GET) {
            for place in world.places(route, asker).into_iter().filter(|place| place.own) {
                let answer = world.ask(asker, &Method::GET, &place.path).await;
                assert!(!answer.body.contains(NOTED), "{} at {}", asker.login, place.path);
            }
        }
    }
}

/// A ticket that the provider's people wrote for themselves about a client is found by them in each of its places, and by no person
/// of the client's anywhere: not by its address, not by what is done about it, and no open page is told of it.
#[tokio::test]
async fn an_internal_ticket_is_nobodys_but_the_providers() {
    let world = World::new().await;
    let manager = world.people.iter().find(|asker| asker.login == "manager").unwrap();
    let (page, api) = ("/clients/provider/tickets/I-1", "/api/v1/clients/provider/requests/I-1");
    let list = "/api/v1/clients/acme/internal-requests";
    for path in [page, api, list, "/tickets", "/clients/acme/tickets", &format!("/search?q={NOTED}")] {
        let seen = world.ask(manager, &Method::GET, path).await;
        assert!(
            seen.body.contains(&format!("{NOTED} {} renewal", world::canary("acme"))),
            "{path}: {}",
            seen.body
        );
    }
    for asker in world.people.iter().filter(|asker| asker.of.is_some() && asker.login != "acme-disabled") {
        for route in routes() {
            if !route.path.contains("{ticket}") && !route.path.ends_with("/internal-requests") {
                continue;
            }
            let path = route.path.replace("{client}", "provider").replace("{ticket}", "I-1");
            let path = path.replace("{attachment}", "none").replace("{page}", "none");
            let answer = world.ask(asker, &route.method, &path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} {path} as {}", route.method, asker.login);
            world.unheard(asker, &answer, &path);
        }
    }
    let contact = world.people.iter().find(|asker| asker.login == "acme-contact").unwrap();
    let (mut theirs, mut ours) = (world.stream(contact).await, world.stream(manager).await);
    world.written_down("acme");
    assert!(!theirs.told().await.contains("data"), "no page of the client's is told");
    assert!(ours.told().await.contains("provider"));
}

/// Who is named and does not count yet has their account, and reads nothing of their client.
#[tokio::test]
async fn sh_req_06_who_is_announced_reaches_their_account_and_nothing_else() {
    let world = World::new().await;
    let asker = world.people.iter().find(|asker| asker.login == "acme-contact").unwrap();
    let (person, _) = world.desk.journal.read(|tx| tx.person_by_login(&asker.login)).unwrap().unwrap();
    let (id, from) = (person.id.clone(), world.desk.now() + Length::from_secs(7 * 86_400));
    world.desk.journal.write::<_, journal::Error>(move |tx| tx.set_term(&id, Some(from))).unwrap();
    let word = world::canary("acme");
    for route in routes() {
        let own = [Action::ReadOwn, Action::EditOwn, Action::EditReach, Action::EditCredentials];
        let open =
            route.action == Action::Enter || MACHINES.contains(&route.action) || own.contains(&route.action);
        for place in world.places(&route, asker).into_iter().filter(|place| place.own) {
            let answer = world.ask(asker, &route.method, &place.path).await;
            let at = format!("{} {}: {}", route.method, place.path, answer.status);
            assert!(open || !answer.admitted, "{at}");
            // Their own name has the word in it, and so has the name of the company they are of.
            let heard = answer.body.replace(&person.name, "").replace(&format!("{word} BV"), "");
            assert!(!heard.contains(word) || own_words(&route), "{at} {heard}");
        }
    }
    let first = world.ask(asker, &Method::GET, "/").await;
    assert_eq!(first.header("location"), "/account");
}

/// What is kept of themselves: this contact wrote something before.
fn own_words(route: &Route) -> bool {
    route.path == "/account/export" || route.path == "/api/v1/me/export"
}

/// Staff who have no second factor are sent to set one up, whatever they ask for.
#[tokio::test]
async fn staff_without_a_second_factor_reach_the_door_and_nothing_else() {
    let world = World::asking_second_factor().await;
    for asker in world.people.iter().filter(|asker| matches!(asker.kind, Kind::Staff(_))) {
        for route in routes() {
            let machine = MACHINES.contains(&route.action);
            let open = machine || matches!(route.action, Action::Enter | Action::EditCredentials);
            let Some(place) = world.places(&route, asker).into_iter().next() else { continue };
            let answer = world.ask(asker, &route.method, &place.path).await;
            let at = format!("{} {} as {}: {}", route.method, place.path, asker.login, answer.status);
            let page = route.method == Method::GET && !route.path.starts_with("/api/");
            assert_eq!(answer.admitted, open, "{at}");
            if !open && page {
                assert!(answer.header("location").starts_with("/account/factors"), "{at}");
            } else if !open {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{at}");
                assert!(answer.body.contains("second-factor-first"), "{at} {}", answer.body);
            }
        }
    }
    world.desk.wait(Length::from_secs(1));
}
