//! Two clients with something of everything, everybody who can be, and ids to ask for.

use std::{collections::BTreeMap, pin::Pin, sync::Mutex, time::Duration};

use axum::{
    body::{Body, BodyDataStream},
    http::{Method, Request, StatusCode, header},
};
use control::live::{
    Act, Paper, Shelf,
    command::{By, NewFile},
};
use desk::policy::{ClientRole, StaffRole};
use door::Secret;
use facts::{
    Actor, ChangeProposed, ClientChangePlanned, ExclusionClaimed, FreezeSet, Impact, MaintenanceKind,
    MaintenancePlanned, MessageHeld, PageSent, ProposalKind, ProposalMade, ShownInstance, Side,
    StatusPublished,
};
use futures_core::Stream as _;
use journal::people::Session;
use portal::server::{Kind, Route};
use serde_json::json;
use spans::Length;

use crate::{
    agreed::{client, named_paper, received},
    desk::{Answer, Desk, HOST},
};

/// In an internal note.
pub(super) const NOTED: &str = "internalcanary";
/// A stream that says nothing for so long has said what it had to.
const QUIET: Duration = Duration::from_millis(300);
pub(super) const CLIENTS: [&str; 2] = ["acme", "beta"];

/// A word that stands in everything of one client.
pub(super) fn canary(of: &str) -> &'static str {
    match of {
        "acme" => "acmecanary",
        _ => "betacanary",
    }
}

/// Somebody who asks.
pub(super) struct Asker {
    pub(super) login: String,
    pub(super) kind: Kind,
    /// Whose person, for a client's.
    pub(super) of: Option<String>,
}

/// An address, and what it names.
pub(super) struct Place {
    pub(super) path: String,
    /// It is of the asker's own client, or of none, or the asker is staff.
    pub(super) own: bool,
    /// Every id in it is of something at that client.
    pub(super) there: bool,
}

pub(super) struct World {
    pub(super) desk: Desk,
    pub(super) people: Vec<Asker>,
    /// The ids of each client's requester.
    requesters: [String; 2],
    sessions: Mutex<BTreeMap<String, String>>,
    pub(super) asked: Mutex<u32>,
}

/// Which client's ids fill a path.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Whose {
    Of(usize),
    Nobodys,
}

impl World {
    pub(super) async fn new() -> World {
        World::on(Desk::under(&format!("https://{HOST}"), papers()).agree()).await
    }

    pub(super) async fn asking_second_factor() -> World {
        World::on(Desk::strict(papers()).agree()).await
    }

    async fn on(desk: Desk) -> World {
        let people = everybody();
        for asker in &people {
            let (roles, of) = (words(asker.kind), asker.of.as_deref());
            let name = of.map_or_else(
                || format!("Name of {}", asker.login),
                |of| format!("{} {}", canary(of), asker.login),
            );
            if asker.login != "nobody" {
                desk.add_named(&asker.login, &name, of, &roles);
            }
        }
        desk.disable("acme-disabled");
        let id = |login: String| desk.journal.read(|tx| tx.person_by_login(&login)).unwrap().unwrap().0.id;
        let requesters = CLIENTS.map(|of| id(format!("{of}-requester")));
        let world = World { desk, people, requesters, sessions: Mutex::default(), asked: Mutex::new(0) };
        for of in CLIENTS {
            world.plant(of).await;
        }
        world
    }

    /// Something of everything, through the doors that people use where there is one, with the client's word in it.
    async fn plant(&self, of: &str) {
        let word = canary(of);
        let mut ticket = received(&self.ids("ticket", index(of)), &format!("common title {word}"), "P2");
        ticket.instance = Some(self.ids("instance", index(of)).parse().unwrap());
        self.desk.store(of, Actor::client(&format!("{word} person")).role("contact"), ticket);
        let called = PageSent {
            page: self.ids("page", index(of)).parse().unwrap(),
            ticket: self.ids("ticket", index(of)).parse().unwrap(),
            person: format!("common {word} called"),
            step: 0,
        };
        self.desk.store(of, Actor::automaton("rota"), called);
        let starts_at = self.desk.now() + Length::from_secs(30 * 86_400);
        let planned = MaintenancePlanned {
            maintenance: self.ids("maintenance", index(of)).parse().unwrap(),
            kind: MaintenanceKind::Scheduled,
            cause: "upgrade".to_owned(),
            expected_impact: Impact::Down,
            instances: vec![self.ids("instance", index(of)).parse().unwrap()],
            starts_at,
            ends_at: starts_at + Length::HOUR,
            cve: None,
            outside_slot: Some(format!("common reason {word}")),
            series: None,
        };
        self.desk.store(of, Actor::provider("Planner"), planned);
        self.plant_agreed(of, word);
        self.desk.renamed(of, &self.ids("instance", index(of)), &format!("common {word} wiki"));
        // A page that is not the public's: its name in an address leads nowhere.
        let shown = StatusPublished {
            page: self.ids("status", index(of)).parse().unwrap(),
            title: format!("common {word} status"),
            public: false,
            key: None,
            domain: None,
            accent: None,
            scheme: None,
            back: None,
            footer: None,
            logo: None,
            components: vec![ShownInstance {
                instance: self.ids("instance", index(of)).parse().unwrap(),
                name: format!("common {word} public name"),
                about: None,
            }],
        };
        self.desk.store(of, Actor::provider("Planner"), shown);
        self.desk.control.write_status(self.desk.now()).unwrap();
        let new = json!({"title": format!("common {word} request"), "text": format!("common {word} text"), "priority": "P2",
            "instance": self.ids("instance", index(of))});
        let contact = format!("{of}-contact");
        self.tell(&contact, &format!("/api/v1/clients/{of}/requests"), &new).await;
        // About the ticket that addresses name.
        let at = format!("/api/v1/clients/{of}/requests/{}", self.ids("ticket", index(of)));
        self.tell(
            &contact,
            &format!("{at}/reply"),
            &json!({"text": format!("common {word} said by the client")}),
        )
        .await;
        // What the provider's people write for themselves about this client.
        let (title, text) = (format!("{NOTED} {word} renewal"), format!("common {NOTED} {word}"));
        let by = By::new(Actor::provider("Planner").role("support"));
        self.desk.control.write_down(&client(of), &title, text, by, self.desk.now()).unwrap();
        self.attach(of, &format!("common {word} log.txt"), word, false);
        self.attach(of, &format!("{NOTED} {word}.txt"), NOTED, true);
        if !self.desk.app.config().asks_second_factor() {
            self.tell("engineer", &format!("{at}/tags"), &json!({"add": [format!("{NOTED} {word}")]})).await;
            self.tell("engineer", &format!("{at}/reply"), &json!({"text": format!("common {word} said")}))
                .await;
            self.tell("engineer", &format!("{at}/note"), &json!({"text": format!("{NOTED} {word}")})).await;
        }
    }

    /// What both sides keep about planned work, a claim, and a message of somebody who is no contact.
    fn plant_agreed(&self, of: &str, word: &str) {
        let planner = || Actor::provider("Planner").role("manager");
        let held = MessageHeld {
            message: self.ids("held", index(of)).parse().unwrap(),
            channel: "email".to_owned(),
            text: None,
        };
        let text = Some(format!("common sender {word}\ncommon message {word}"));
        let held = Act { text, ..Act::new(&client(of), planner(), held) };
        self.desk.control.act(held, self.desk.now()).unwrap();
        let (now, instance) = (self.desk.now(), self.ids("instance", index(of)));
        let ahead = now + Length::from_secs(60 * 86_400);
        let frozen = FreezeSet {
            freeze: self.ids("freeze", index(of)).parse().unwrap(),
            from: ahead,
            until: ahead + Length::HOUR,
            reason: format!("common reason {word}"),
            instances: Vec::new(),
        };
        self.desk.store(of, planner(), frozen);
        let made = ProposalMade {
            proposal: self.ids("proposal", index(of)).parse().unwrap(),
            kind: ProposalKind::Window,
            side: Side::Provider,
            what: Some(format!("common work {word}")),
            window: None,
            work: None,
        };
        self.desk.store(of, planner(), made);
        let claimed = ExclusionClaimed {
            exclusion: self.ids("exclusion", index(of)).parse().unwrap(),
            instance: instance.parse().unwrap(),
            cause: "beyond-control".to_owned(),
            from: now,
            until: now + Length::MINUTE,
            evidence: format!("common evidence {word}"),
        };
        self.desk.store(of, planner(), claimed);
        let change = ClientChangePlanned {
            change: "C-9".parse().unwrap(),
            starts_at: ahead,
            what: Some(format!("common change {word}")),
            instances: Vec::new(),
        };
        self.desk.store(of, planner(), change);
        let proposed = ChangeProposed {
            change: self.ids("change", index(of)).parse().unwrap(),
            kind: "restart".to_owned(),
            starts_at: ahead,
            planned_in_stages: true,
            ends_at: Some(ahead + Length::HOUR),
            what: Some(format!("common change of {word}")),
            why: Some(format!("common why {word}")),
            instances: vec![instance.parse().unwrap()],
        };
        self.desk.store(of, planner(), proposed);
    }

    fn attach(&self, of: &str, name: &str, text: &str, internal: bool) {
        let new = NewFile { name: name.to_owned(), bytes: text.as_bytes().into(), internal };
        let (of, ticket) = (client(of), self.ids("ticket", index(of)).parse().unwrap());
        let by = By::new(Actor::provider("Planner").role("support"));
        self.desk.control.attach(&of, &ticket, new, by, self.desk.now()).unwrap();
        self.desk.wait(Length::from_secs(1));
    }

    async fn tell(&self, login: &str, path: &str, body: &serde_json::Value) {
        let session = self.session(login);
        let request = Request::post(path)
            .header(header::HOST, HOST)
            .header(header::COOKIE, session)
            .header(header::CONTENT_TYPE, "application/json");
        let answer = self.desk.send(request.body(Body::from(body.to_string())).unwrap()).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.body);
        self.desk.wait(Length::from_secs(1));
    }

    /// The id of a kind that stands in a path: something of that client's and not of the other's.
    pub(super) fn ids(&self, kind: &str, whose: Whose) -> String {
        let Whose::Of(n) = whose else { return "none".to_owned() };
        let of = CLIENTS[n];
        match kind {
            "client" => of.to_owned(),
            "instance" => ["wiki", "forum"][n].to_owned(),
            "ticket" | "maintenance" | "held" | "freeze" | "proposal" | "exclusion" | "change" => {
                format!("{}-9", ["a", "b"][n])
            }
            "page" => format!("{}-call", ["a", "b"][n]),
            "status" => format!("{of}-status"),
            // A system of a status page has a name of its own there.
            "system" => {
                let shown = self.desk.control.status_of(&client(of));
                shown
                    .map_or_else(|| "none".to_owned(), |shown| format!("{}.svg", shown.page.components[0].id))
            }
            // A part of time, which is no client's.
            "month" => "2027-01".to_owned(),
            "file" => {
                let shelf = self.desk.control.shelf();
                shelf.of(&client(of)).next().unwrap().terms.identity().to_owned()
            }
            "attachment" => {
                let ticket = self.ids("ticket", whose).parse().unwrap();
                let files = self.desk.control.files(&client(of), &ticket, false).unwrap();
                files[0].file.to_string()
            }
            "person" => self.requesters[n].clone(),
            // What is known to machines and browsers, and to no client.
            "secret" | "pass" | "view" | "answer" => "none".to_owned(),
            kind => panic!("say which ids of {{{kind}}} there are: one of each client's"),
        }
    }

    /// Where somebody asks a route: each client with its own ids, and with those of others.
    pub(super) fn places(&self, route: &Route, asker: &Asker) -> Vec<Place> {
        let kinds = kinds(route);
        if !kinds.contains(&"client") {
            let mut all = vec![self.place(route, asker, Whose::Nobodys, Whose::Nobodys)];
            if !kinds.is_empty() {
                all.extend([0, 1].map(|n| self.place(route, asker, Whose::Nobodys, Whose::Of(n))));
            }
            return all;
        }
        let mut all = Vec::new();
        for at in [Whose::Of(0), Whose::Of(1), Whose::Nobodys] {
            // With every id where they are let in, elsewhere with those that are there.
            let inside = kinds.len() > 1 && at == asker.of.as_deref().map_or(Whose::Of(0), index);
            let whose = if inside { vec![Whose::Of(0), Whose::Of(1), Whose::Nobodys] } else { vec![at] };
            all.extend(whose.into_iter().map(|whose| self.place(route, asker, at, whose)));
        }
        all
    }

    fn place(&self, route: &Route, asker: &Asker, at: Whose, whose: Whose) -> Place {
        let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some("client") => self.ids("client", at),
            Some(kind) => self.ids(kind, whose),
            None => part.to_owned(),
        };
        let path = route.path.split('/').map(part).collect::<Vec<_>>().join("/");
        let of_client = kinds(route).contains(&"client");
        let own = match (&asker.of, of_client) {
            (Some(of), true) => self.ids("client", at) == *of,
            _ => true,
        };
        let timeless = kinds(route).iter().all(|kind| ["client", "month"].contains(kind));
        let there = !of_client || at != Whose::Nobodys && (at == whose || timeless);
        Place { path, own, there }
    }

    /// Addresses that differ in this only: the one names something of another client, the other nothing.
    pub(super) fn twins(&self, route: &Route, asker: &Asker) -> Vec<(String, String)> {
        let kinds = kinds(route);
        if !kinds.contains(&"client") || kinds.contains(&"month") {
            return Vec::new();
        }
        let (own, other) = if asker.of.as_deref() == Some("beta") { (1, 0) } else { (0, 1) };
        let path = |at, whose| self.place(route, asker, at, whose).path;
        let mut all = Vec::new();
        if kinds.len() > 1 {
            all.push((path(Whose::Of(own), Whose::Of(other)), path(Whose::Of(own), Whose::Nobodys)));
        }
        if asker.of.is_some() {
            all.push((path(Whose::Of(other), Whose::Nobodys), path(Whose::Nobodys, Whose::Nobodys)));
        }
        all
    }

    /// A session without a password typed: hashing is slow on purpose, and these are thousands.
    fn session(&self, login: &str) -> String {
        let mut sessions = self.sessions.lock().unwrap();
        if let Some(kept) = sessions.get(login) {
            return kept.clone();
        }
        let secret = Secret::new().unwrap();
        let now = self.desk.now();
        let (person, _) = self.desk.journal.read(|tx| tx.person_by_login(login)).unwrap().unwrap();
        let session = Session {
            hash: secret.hash(),
            person: person.id,
            created: now,
            seen: now,
            ends: now + Length::from_secs(86_400),
            agent: "walk".to_owned(),
            how: "password".to_owned(),
            factors: 1,
            strong: Some(now),
        };
        self.desk.journal.write::<_, journal::Error>(move |tx| tx.begin_session(&session)).unwrap();
        let cookie = format!("__Host-session={}", secret.hex());
        sessions.insert(login.to_owned(), cookie.clone());
        cookie
    }

    pub(super) fn token(&self, asker: &Asker) -> String {
        let ends = self.desk.now() + Length::from_secs(86_400);
        let made = portal::people::token(&self.desk.journal, &asker.login, "walk", self.desk.now(), ends);
        format!("Bearer {}", made.unwrap())
    }

    /// Asks as somebody. What ends sessions begins a new one next time.
    pub(super) async fn ask(&self, asker: &Asker, method: &Method, path: &str) -> Answer {
        if asker.kind == Kind::Nobody && asker.login == "nobody" {
            return self.ask_by(&[], method, path).await;
        }
        let session = self.session(&asker.login);
        let answer = self.ask_by(&[("cookie", &session)], method, path).await;
        if method != Method::GET && !path.contains("/clients/") {
            self.sessions.lock().unwrap().remove(&asker.login);
        }
        answer
    }

    pub(super) async fn ask_by(&self, headers: &[(&str, &str)], method: &Method, path: &str) -> Answer {
        self.send(headers, method, path, String::new()).await
    }

    /// Sends a route what it wants to be sent, with ids of these in it.
    pub(super) async fn tells(&self, asker: &Asker, route: &Route, path: &str, whose: Whose) -> Answer {
        let (session, sent) = (self.session(&asker.login), self.sent(route, whose));
        let headers = [("cookie", session.as_str()), ("content-type", sent.media)];
        let answer = self.send(&headers, &route.method, path, sent.text).await;
        self.sessions.lock().unwrap().remove(&asker.login);
        answer
    }

    async fn send(&self, headers: &[(&str, &str)], method: &Method, path: &str, body: String) -> Answer {
        self.pace();
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.desk.send(request.body(Body::from(body)).unwrap()).await
    }

    /// So often and no oftener: the walk is one address.
    fn pace(&self) {
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        if asked.is_multiple_of(20) {
            self.desk.wait(Length::from_secs(1));
        }
    }

    /// No word of another client, and none that staff wrote to each other.
    pub(super) fn unheard(&self, asker: &Asker, answer: &Answer, at: &str) {
        let words: &[&str] = match (asker.kind, asker.of.as_deref()) {
            (Kind::Staff(_), _) => return,
            (_, Some("acme")) => &["betacanary", NOTED],
            (_, Some(_)) => &["acmecanary", NOTED],
            (_, None) => &["acmecanary", "betacanary", NOTED],
        };
        let heard = format!("{:?} {}", answer.headers, answer.body);
        for word in words {
            assert!(!heard.contains(word), "{at}: {word} in {} {heard}", answer.status);
        }
    }

    /// Something that the provider's people write for themselves about a client.
    pub(super) fn written_down(&self, of: &str) {
        self.desk.wait(Length::from_secs(1));
        let by = By::new(Actor::provider("Planner").role("support"));
        let text = "Nobody else's.".to_owned();
        self.desk.control.write_down(&client(of), "Later", text, by, self.desk.now()).unwrap();
    }

    /// Something new at a client.
    pub(super) fn happens(&self, of: &str) {
        self.desk.wait(Length::from_secs(1));
        self.desk.renamed(of, &self.ids("instance", index(of)), &format!("{} again", canary(of)));
    }

    pub(super) async fn stream(&self, asker: &Asker) -> Stream {
        let session = self.session(&asker.login);
        let request = Request::get("/live").header(header::HOST, HOST).header(header::COOKIE, session);
        let response = self.desk.open(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        Stream { body: response.into_body().into_data_stream() }
    }
}

/// An open stream of events.
pub(super) struct Stream {
    body: BodyDataStream,
}

impl Stream {
    /// What comes until nothing comes for a while.
    pub(super) async fn told(&mut self) -> String {
        let mut told = String::new();
        loop {
            let next = std::future::poll_fn(|cx| Pin::new(&mut self.body).poll_next(cx));
            let Ok(Some(Ok(bytes))) = tokio::time::timeout(QUIET, next).await else { return told };
            told.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
}

fn kinds(route: &Route) -> Vec<&'static str> {
    let parts = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    parts.filter(|kind| *kind != "file" || route.path.contains("{client}")).collect()
}

pub(super) fn index(of: &str) -> Whose {
    Whose::Of(usize::from(of != "acme"))
}

/// Agreements whose clients are called by their word.
fn papers() -> Shelf {
    let paper = |of: &str| -> Paper { named_paper(of, &format!("{} BV", canary(of))) };
    Shelf::new(CLIENTS.map(paper))
}

/// Every role of two clients and of the provider, somebody without one on each side, nobody, and one who is shut out.
fn everybody() -> Vec<Asker> {
    let nobody = |login: &str, of: Option<&str>| Asker {
        login: login.to_owned(),
        kind: Kind::Nobody,
        of: of.map(str::to_owned),
    };
    let mut all = vec![nobody("nobody", None)];
    for role in StaffRole::ALL.iter().copied().map(Some).chain([None]) {
        let login = role.map_or("plain", StaffRole::name).to_owned();
        all.push(Asker { login, kind: Kind::Staff(role), of: None });
    }
    for of in CLIENTS {
        for role in ClientRole::ALL.iter().copied().map(Some).chain([None]) {
            let login = format!("{of}-{}", role.map_or("plain", ClientRole::name));
            all.push(Asker { login, kind: Kind::Member(role), of: Some(of.to_owned()) });
        }
    }
    all.push(Asker { login: "acme-disabled".to_owned(), kind: Kind::Nobody, of: Some("acme".to_owned()) });
    all
}

/// In the words of the portal and in those of the agreement.
fn words(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Staff(Some(StaffRole::Engineer)) => vec!["engineer", "support"],
        Kind::Staff(role) => role.map(StaffRole::name).into_iter().collect(),
        Kind::Member(role) => role.map(ClientRole::name).into_iter().collect(),
        Kind::Nobody | Kind::Other => Vec::new(),
    }
}
