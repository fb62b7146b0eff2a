//! What happened before: clients, their tickets and what was written about them, in a journal, and somebody who may ask.

use std::{fs, path::Path, time::Instant as Stopwatch};

use agreement::seal::Identity;
use door::secret::Secret;
use facts::{
    Actor, AgreementActivated, Body, ClientId, Environment, Fact, FactId, InstanceAdded,
    RequestClientReplied, RequestReceived, RequestReplied, RequestResolved, Resolution, TextDigest, TicketId,
};
use journal::{Journal, Location, people::Session};
use portal::people::{self, NewPerson};
use sha2::{Digest, Sha256};
use spans::{Instant, Length};

const CLIENTS: u64 = 20;
/// Replies of each side about one ticket.
const TURNS: u64 = 5;
/// Of so many tickets one is open.
const OPEN_EVERY: u64 = 50;
/// Facts appended at once.
const AT_ONCE: usize = 10_000;
const START: &str = "2026-03-02T08:00:00Z";
/// Words of which messages are made.
const WORDS: [&str; 40] = [
    "search",
    "page",
    "login",
    "slow",
    "timeout",
    "backup",
    "certificate",
    "plugin",
    "update",
    "restart",
    "database",
    "index",
    "mail",
    "editor",
    "macro",
    "space",
    "permission",
    "group",
    "user",
    "export",
    "import",
    "upload",
    "cache",
    "memory",
    "disk",
    "proxy",
    "header",
    "cookie",
    "session",
    "token",
    "theme",
    "script",
    "queue",
    "worker",
    "thread",
    "heap",
    "node",
    "cluster",
    "replica",
    "snapshot",
];

/// Who ask.
const ENGINEERS: usize = 10;

/// Who may ask, and about what.
pub(crate) struct Past {
    /// A token of each engineer: what one person asks in a second is limited.
    tokens: Vec<String>,
    /// A token of somebody of each client, by its number.
    requesters: Vec<String>,
    /// A session of the first engineer.
    pub(crate) session: String,
    tickets: u64,
}

impl Past {
    pub(crate) fn write(folder: &Path, store: &str, tickets: u64) -> Past {
        let began = Stopwatch::now();
        let location: Location = store.parse().expect("a place");
        let journal = Journal::open(&location).expect("it opens");
        let now = Instant::from_second(jiff::Timestamp::now().as_second());
        let each = tickets / CLIENTS;
        for number in 0..CLIENTS {
            client(folder, &journal, number, each, now);
        }
        let (mut tokens, mut session) = (Vec::new(), String::new());
        for number in (0..ENGINEERS).rev() {
            let (token, theirs) = somebody(&journal, number, now);
            tokens.push(token);
            session = theirs;
        }
        let requesters = (0..CLIENTS).map(|number| requester(&journal, number, now)).collect();
        println!(
            "{tickets} tickets of {CLIENTS} clients, {} messages: written in {:.0?}",
            tickets * TURNS * 2,
            began.elapsed()
        );
        Past { tokens, requesters, session, tickets: each }
    }

    pub(crate) fn client(&self, dice: u64) -> String {
        client_name(dice % CLIENTS)
    }

    /// A token of somebody of [`Past::client`].
    pub(crate) fn requester(&self, dice: u64) -> &str {
        &self.requesters[(dice % CLIENTS) as usize]
    }

    /// A token of one of the engineers.
    pub(crate) fn engineer(&self, dice: u64) -> &str {
        &self.tokens[dice as usize % ENGINEERS]
    }

    /// Any of a client's.
    pub(crate) fn any(&self, dice: u64) -> String {
        format!("T-{}", dice % self.tickets + 1)
    }

    /// One that is open.
    pub(crate) fn open(&self, dice: u64) -> String {
        format!("T-{}", dice % (self.tickets / OPEN_EVERY) * OPEN_EVERY + OPEN_EVERY)
    }

    pub(crate) fn word(&self, dice: u64) -> &'static str {
        WORDS[(dice % WORDS.len() as u64) as usize]
    }
}

fn client_name(number: u64) -> String {
    format!("client-{number:02}")
}

fn client(folder: &Path, journal: &Journal, number: u64, tickets: u64, now: Instant) {
    let name = client_name(number);
    let text = include_str!("../../../../agreements/stellar-hosted.toml")
        .replace("\"example\"", &format!("\"{name}\""))
        .replace("\"Example BV\"", &format!("\"Client {number}\""))
        .replace("SH-2026-0001", &format!("SH-2026-1{number:03}"));
    fs::write(folder.join(format!("{name}.toml")), &text).expect("it can be written");
    let client: ClientId = name.parse().expect("an id");
    let start: Instant = START.parse().expect("an instant");
    let mut told = vec![(start, activated(number, &text), None), (start, instance(start), None)];
    let apart = (now - start).as_micros() / i64::try_from(tickets + 1).expect("a small number");
    for ticket in 1..=tickets {
        let at = start + Length::from_micros(apart * i64::try_from(ticket).expect("a small number"));
        told.extend(ticket_of(ticket, at, ticket % OPEN_EVERY == 0, now));
    }
    told.sort_by_key(|(at, ..)| *at);
    store(journal, &client, number, &told);
}

type Told = (Instant, Body, Option<String>);

/// Received, answered and asked by turns every half hour, and resolved unless it is still open.
fn ticket_of(number: u64, at: Instant, open: bool, now: Instant) -> Vec<Told> {
    let ticket: TicketId = format!("T-{number}").parse().expect("an id");
    let body = RequestReceived {
        ticket: ticket.clone(),
        channel: "portal".to_owned(),
        title: Some(sentence(number, 5)),
        instance: Some("wiki".parse().expect("an id")),
        priority: Some(["P2", "P3", "P4"][(number % 3) as usize].to_owned()),
        class: None,
        kind: None,
        urgency: None,
        text: None,
        split_from: None,
        about: None,
    };
    let mut told = vec![(at, body.into(), Some(sentence(number * 31, 40)))];
    for turn in 1..TURNS * 2 {
        let reply = match turn % 2 {
            1 => RequestReplied { ticket: ticket.clone(), next_update_by: None, text: None }.into(),
            _ => RequestClientReplied { ticket: ticket.clone(), text: None }.into(),
        };
        let later = at + Length::from_secs(1_800 * i64::try_from(turn).expect("a small number"));
        told.push((later, reply, Some(sentence(number * 31 + turn, 40))));
    }
    if !open {
        let summary = sentence(number, 8);
        let resolved = RequestResolved { ticket, summary, outcome: Resolution::default() };
        told.push((at + Length::from_secs(20_000), resolved.into(), None));
    }
    told.retain(|(at, ..)| *at < now);
    told
}

/// Words in no order, the same for the same number.
fn sentence(number: u64, words: usize) -> String {
    let mut dice = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        match dice % 11 {
            0 => format!("n{}", dice % 100_000),
            _ => WORDS[(dice % WORDS.len() as u64) as usize].to_owned(),
        }
    };
    (0..words).map(|_| next()).collect::<Vec<_>>().join(" ")
}

fn store(journal: &Journal, client: &ClientId, number: u64, told: &[Told]) {
    for (round, told) in told.chunks(AT_ONCE).enumerate() {
        let mut texts = Vec::new();
        let numbered = (round * AT_ONCE..).zip(told);
        let facts: Vec<Fact> = numbered
            .map(|(index, (at, body, text))| {
                let id = FactId::v7(*at, random(number << 40 | index as u64));
                let mut body = body.clone();
                if let Some(text) = text {
                    set_text(&mut body, digest(text));
                    texts.push((id, text.clone()));
                }
                let actor = match &body {
                    Body::RequestReplied(_) | Body::RequestResolved(_) => {
                        Actor::provider("anna").role("support")
                    }
                    _ => Actor::client("jan").role("contact"),
                };
                Fact { id, client: client.clone(), at: *at, recorded_at: *at, actor, body }
            })
            .collect();
        journal.append(client, &facts, None).expect("it is stored");
        let of = client.clone();
        journal
            .write(move |tx| texts.iter().try_for_each(|(fact, text)| tx.put_text(&of, *fact, SALT, text)))
            .map_err(|error: journal::Error| error)
            .expect("it is stored");
    }
}

/// Erasing is not what is measured.
const SALT: &str = "00";

fn digest(text: &str) -> TextDigest {
    let sha = Sha256::new().chain_update(SALT).chain_update(text).finalize();
    TextDigest(sha.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn set_text(body: &mut Body, digest: TextDigest) {
    match body {
        Body::RequestReceived(received) => received.text = Some(digest),
        Body::RequestReplied(reply) => reply.text = Some(digest),
        Body::RequestClientReplied(reply) => reply.text = Some(digest),
        _ => {}
    }
}

fn activated(number: u64, text: &str) -> Body {
    AgreementActivated {
        agreement: format!("SH-2026-1{number:03}").parse().expect("an id"),
        sha256: Identity::of(text.as_bytes()).to_string(),
        tier: Some("premium".to_owned()),
    }
    .into()
}

fn instance(from: Instant) -> Body {
    InstanceAdded {
        instance: "wiki".parse().expect("an id"),
        name: "Wiki".to_owned(),
        url: None,
        environment: Environment::Production,
        software: None,
        from,
        until: None,
    }
    .into()
}

fn random(number: u64) -> [u8; 10] {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    random
}

fn requester(journal: &Journal, number: u64, now: Instant) -> String {
    let login = format!("jan-{number:02}");
    let new = NewPerson {
        login: login.clone(),
        name: "Jan".to_owned(),
        client: Some(client_name(number).parse().expect("an id")),
        roles: vec!["contact".to_owned()],
        skills: Vec::new(),
    };
    people::add(journal, &new, now).expect("he is added");
    people::token(journal, &login, "bench", now, now + Length::from_secs(86_400)).expect("he gets a token")
}

/// An engineer with a token and a session that showed two factors.
fn somebody(journal: &Journal, number: usize, now: Instant) -> (String, String) {
    let login = format!("anna{number}");
    let new = NewPerson {
        login: login.clone(),
        name: format!("Anna {number}"),
        client: None,
        roles: vec!["support".to_owned()],
        skills: Vec::new(),
    };
    let person = people::add(journal, &new, now).expect("she is added");
    let ends = now + Length::from_secs(86_400);
    let token = people::token(journal, &login, "bench", now, ends).expect("she gets a token");
    let secret = Secret::new().expect("random bytes");
    let session = Session {
        hash: secret.hash(),
        person: person.id,
        created: now,
        seen: now,
        ends,
        agent: "bench".to_owned(),
        how: "passkey".to_owned(),
        factors: 2,
        strong: None,
    };
    journal.write::<_, journal::Error>(move |tx| tx.begin_session(&session)).expect("she is signed in");
    (token, secret.hex())
}
