//! A command: somebody wants something recorded. It is allowed or refused by the agreement, stamped, and stored whole or not at
//! all; sent again under its key it is stored once.

use std::sync::Arc;

use facts::{Actor, Body, ClientId, Event, Fact, FactId, Side, TextDigest};
use journal::{Key, Queue, Task, desk::KeptFile, logo::KeptLogo};
use promise::{
    Versions,
    fit::{Misfit, misfits},
    follow::{FollowWhat, follows},
    guard,
};
use sha2::{Digest, Sha256};
use spans::{Instant, Length};

use super::{Book, Change, Control, Recall, command::allowed_among_ourselves, kin, lock, relay, words};

/// Facts in one command.
pub const BODIES_MAX: usize = 64;
/// How often one act is judged while others append for the same client.
const TRIES_MAX: usize = 16;
/// Bytes of one message.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// What somebody wants recorded.
#[derive(Debug, Clone)]
pub struct Act {
    /// For which client.
    pub client: ClientId,
    /// Who.
    pub actor: Actor,
    /// When it happened; none for now. Nothing happens in the future.
    pub at: Option<Instant>,
    /// What, as one act: all of it or nothing.
    pub bodies: Vec<Body>,
    /// What was written with the first of them.
    pub text: Option<String>,
    /// The sender's name for this request.
    pub key: Option<Key>,
    /// Whether the person takes upon himself what may be confirmed.
    pub confirmed: bool,
    /// Tickets it has to look at, beside those it is about.
    pub recall: Vec<facts::Slug>,
    /// The file that comes with it.
    pub file: Option<(KeptFile, Arc<[u8]>)>,
    /// The image of a status page that comes with it.
    pub logo: Option<KeptLogo>,
}

impl Act {
    /// That this happened now, by this person.
    pub fn new(client: &ClientId, actor: Actor, body: impl Into<Body>) -> Act {
        let bodies = vec![body.into()];
        let (client, recall) = (client.clone(), Vec::new());
        let (text, key, file, logo) = (None, None, None, None);
        Act { client, actor, at: None, bodies, text, key, confirmed: false, recall, file, logo }
    }
}

/// A command that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The number of its first entry.
    pub first_seq: u64,
    /// The number of its last entry.
    pub last_seq: u64,
    /// It had been done before, under the same key.
    pub already: bool,
    /// What was recorded; empty where it had been done before.
    pub facts: Vec<Fact>,
}

/// Why a command was not done. Nothing of it was recorded.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum NotDone {
    #[error("there is no client {client}")]
    UnknownClient { client: ClientId },
    #[error("no agreement of client {client} is in force: activate one first")]
    NoAgreement { client: ClientId },
    #[error(transparent)]
    Refused(#[from] promise::guard::Refusal),
    #[error("{at} lies in the future; it is {now}")]
    Future { at: Instant, now: Instant },
    #[error("`{}` belongs to the same act: say it too [{}]", event.name(), clauses.join(", "))]
    Missing { event: Event, clauses: Vec<String> },
    #[error("check {check} is not put on record: {problem}")]
    Question { check: String, problem: &'static str },
    #[error("{what}: {found}, and {max} at most")]
    TooMuch { what: &'static str, found: usize, max: usize },
    #[error("there is no {noun} {id}")]
    Unknown { noun: &'static str, id: String },
    #[error("`{field}` names {id}, which is not there")]
    NoSuch { field: &'static str, id: String },
    #[error("`{field}` is empty: write something first")]
    Empty { field: &'static str },
    #[error("`{field}`: {why}")]
    Wrong { field: String, why: String },
    #[error("{what}: {instead}")]
    OutOfOrder { what: &'static str, instead: &'static str },
    #[error("it has changed since it was read: read it again")]
    Changed,
    #[error("{}", lines(.0))]
    Unfit(Vec<Misfit>),
    #[error(transparent)]
    Journal(#[from] journal::Error),
}

impl NotDone {
    /// The same with the name of who it speaks of.
    fn naming(self, names: &super::names::Names) -> NotDone {
        match self {
            NotDone::Refused(refusal) => NotDone::Refused(refusal.naming(|id| names.of(id))),
            other => other,
        }
    }
}

/// Why nothing was stored.
enum Lost {
    /// Another process appended since the act was judged.
    Overtaken,
    Journal(journal::Error),
}

impl From<journal::Error> for Lost {
    fn from(error: journal::Error) -> Lost {
        Lost::Journal(error)
    }
}

/// A text as it is kept beside the journal.
struct Words {
    fact: FactId,
    salt: String,
    text: String,
}

impl Control {
    /// Records an act, if the agreement allows it.
    ///
    /// # Errors
    /// Why not, with what to do instead.
    pub fn act(&self, act: Act, now: Instant) -> Result<Done, NotDone> {
        self.act_prepared(act, now, |_, _| Ok(()))
    }

    /// As [`Control::act_prepared`], for what a machine of ours found or was told: no party's act, so no guard is asked.
    pub(super) fn found(
        &self,
        act: Act,
        now: Instant,
        prepare: impl FnMut(&Book, &mut Act) -> Result<(), NotDone>,
    ) -> Result<Done, NotDone> {
        self.act_judged(act, now, false, prepare)
    }

    /// As [`Control::act`], with the last word on what is recorded while nobody else can act: a number that is free, a state
    /// that still allows it. What was done before under the same key is not prepared again.
    pub(super) fn act_prepared(
        &self,
        act: Act,
        now: Instant,
        prepare: impl FnMut(&Book, &mut Act) -> Result<(), NotDone>,
    ) -> Result<Done, NotDone> {
        self.act_judged(act, now, true, prepare)
    }

    fn act_judged(
        &self,
        mut act: Act,
        now: Instant,
        judged: bool,
        mut prepare: impl FnMut(&Book, &mut Act) -> Result<(), NotDone>,
    ) -> Result<Done, NotDone> {
        act.check()?;
        words::tidy(&mut act)?;
        if act.actor.is_person() && !self.names.knows(&act.actor.id) {
            // Somebody whom another process let in since the names were read.
            self.people_changed()?;
        }
        self.note_clearance(&mut act)?;
        let book = match act.client == ClientId::provider() {
            true => Some(self.book_or_new(&act.client)),
            false => self.book(&act.client),
        };
        let book = book.ok_or_else(|| NotDone::UnknownClient { client: act.client.clone() })?;
        let mut book = lock(&book);
        for _ in 0..TRIES_MAX {
            let attempt = self.attempt(&mut book, &mut act, (now, judged), &mut prepare);
            let Some(done) = attempt.map_err(|refused| refused.naming(&self.names))? else { continue };
            drop(book);
            self.tell(&Change { client: act.client, what: "facts" });
            return Ok(done);
        }
        Err(NotDone::Changed)
    }

    /// MP-COB-03, A-37: whether the client lets this person of the provider's work for it, as known now. Who acts cannot say so.
    fn note_clearance(&self, act: &mut Act) -> journal::Result<()> {
        let actor = &act.actor;
        if actor.is_person() && actor.side == Side::Provider && !actor.cleared {
            let cleared = self.journal.glance(|tx| tx.cleared(&act.client))?;
            act.actor.cleared = cleared.contains(&act.actor.id);
        }
        Ok(())
    }

    /// Judges the act by what stands and stores it behind that, in one transaction; nothing when another process was there first,
    /// so that it has to be judged again.
    fn attempt(
        &self,
        book: &mut Book,
        act: &mut Act,
        (now, judged): (Instant, bool),
        prepare: &mut impl FnMut(&Book, &mut Act) -> Result<(), NotDone>,
    ) -> Result<Option<Done>, NotDone> {
        self.catch_up(book)?;
        if let Some(done) = self.done_before(act)? {
            return Ok(Some(done));
        }
        self.recall(book, &tickets_of(act))?;
        prepare(book, act)?;
        let (facts, words) = self.draft(book, act, now)?;
        if judged {
            self.allow(book, act, &facts)?;
        }
        let behind = book.seq();
        self.store(book, act, facts, words, (now, Some(behind)))
    }

    /// As [`Control::act`], refused also where a fact of it would be passed over beside what is on record ([`promise::fit`]).
    /// `lines` say where each of its facts was written, from 1.
    ///
    /// # Errors
    /// As [`Control::act`]; [`NotDone::Unfit`].
    pub fn act_fitting(&self, act: Act, lines: &[usize], now: Instant) -> Result<Done, NotDone> {
        self.act_prepared(act, now, |book, act| {
            let (facts, _) = self.draft(book, act, now)?;
            // Where no version is there to judge them, the act itself is refused.
            let versions = book.versions().cloned().or_else(|| self.first_version(act, &facts));
            let Some(versions) = versions else { return Ok(()) };
            let about = facts.iter().filter_map(|fact| book.ticket_of(fact));
            let about: std::collections::BTreeSet<facts::Slug> = about.collect();
            let told = about.iter().flat_map(|ticket| book.facts_of(ticket));
            let on_record = book.facts().iter().chain(told);
            let found = misfits(&versions, on_record, lines.iter().copied().zip(&facts));
            if !found.is_empty() {
                return Err(NotDone::Unfit(found));
            }
            if act.confirmed {
                return Ok(());
            }
            act.bodies.iter().try_for_each(|body| book.in_order(body, act.at.unwrap_or(now), now))
        })
    }

    /// Puts a version into force whose file is at hand and whose signatures the caller has verified (SH-DEF-03). It may be a
    /// client's first.
    ///
    /// # Errors
    /// As [`Control::act`]; [`NotDone::NoAgreement`] where no file at hand is the version that the act names.
    pub fn activate(&self, act: Act, now: Instant) -> Result<Done, NotDone> {
        let known = act.bodies.iter().all(|body| match body {
            Body::AgreementActivated(version) => self.shelf().paper(&version.sha256).is_some(),
            _ => false,
        });
        if !known {
            return Err(NotDone::NoAgreement { client: act.client });
        }
        self.act(act, now)
    }

    /// Records what a machine of our own found: no party's act, so no guard is asked.
    pub(super) fn note(&self, book: &mut Book, act: &Act, now: Instant) -> Result<Done, NotDone> {
        if let Some(done) = self.done_before(act)? {
            return Ok(done);
        }
        let (facts, words) = self.draft(book, act, now)?;
        let done = self.store(book, act, facts, words, (now, None))?;
        Ok(done.expect("what waits behind nobody is not overtaken"))
    }

    fn done_before(&self, act: &Act) -> Result<Option<Done>, NotDone> {
        let Some(key) = &act.key else { return Ok(None) };
        let found = self.journal.answered(&act.client, key)?;
        Ok(found.map(|found| Done {
            first_seq: found.first_seq,
            last_seq: found.last_seq,
            already: true,
            facts: Vec::new(),
        }))
    }

    /// The facts as they will be stored. Recording is monotonic: each is later than whatever the client's journal holds
    /// (reliability rule 15), whatever the machine's clock does.
    fn draft(&self, book: &Book, act: &Act, now: Instant) -> Result<(Vec<Fact>, Option<Words>), NotDone> {
        let mut recorded = now.max(book.recorded() + Length::from_micros(1));
        if let Some(at) = act.at.filter(|at| recorded < *at) {
            return Err(NotDone::Future { at, now });
        }
        let mut facts = Vec::new();
        let mut words = None;
        for body in &act.bodies {
            let (at, mut body) = (act.at.unwrap_or(recorded), body.clone());
            let id = self.id(at);
            if let (Some(text), None) = (&act.text, &words) {
                let salt = hex(&(self.random)());
                set_text(&mut body, digest(&salt, text));
                words = Some(Words { fact: id, salt, text: text.clone() });
            }
            let fact = Fact {
                id,
                client: act.client.clone(),
                at,
                recorded_at: recorded,
                actor: act.actor.clone(),
                body,
            };
            facts.push(guard::stored_as(&fact).unwrap_or(fact));
            recorded += Length::from_micros(1);
        }
        Ok((facts, words))
    }

    /// Whether the agreement would refuse it as it stands: its reason has clauses, and comes before one of ours.
    pub(super) fn allowed(&self, book: &Book, act: &Act, now: Instant) -> Result<(), NotDone> {
        let (facts, _) = self.draft(book, act, now)?;
        self.allow(book, act, &facts)
    }

    fn allow(&self, book: &Book, act: &Act, facts: &[Fact]) -> Result<(), NotDone> {
        let versions = book.versions().cloned().or_else(|| self.first_version(act, facts));
        let ours =
            act.client == ClientId::provider() && facts.iter().all(|fact| is_about_ticket(fact.event()));
        if ours && versions.is_none() {
            let each = facts.iter().enumerate();
            return each
                .into_iter()
                .try_for_each(|(n, fact)| allowed_among_ourselves(book, fact, &facts[..n]));
        }
        let versions = versions.ok_or_else(|| NotDone::NoAgreement { client: act.client.clone() })?;
        for (index, fact) in facts.iter().enumerate() {
            let history = book.history_with(fact, &facts[..index]);
            match guard::allow(&versions, &history, fact) {
                Err(refusal) if !(act.confirmed && refusal.may_be_confirmed()) => return Err(refusal.into()),
                _ => {}
            }
            for follow in follows(&versions, &history, fact) {
                if let FollowWhat::Record(event) = follow.what
                    && !facts.iter().any(|fact| fact.event() == event)
                {
                    return Err(NotDone::Missing { event, clauses: follow.clauses });
                }
            }
        }
        Ok(())
    }

    /// The version that an act itself puts into force: its own guards are asked.
    fn first_version(&self, act: &Act, facts: &[Fact]) -> Option<Arc<Versions>> {
        let terms = self.shelf().of(&act.client).map(|paper| paper.terms.clone());
        Versions::activated(terms, facts).map(Arc::new)
    }

    /// `behind`: the last entry the act was judged by, where it must be the last indeed; nothing is stored where it is not.
    fn store(
        &self,
        book: &mut Book,
        act: &Act,
        facts: Vec<Fact>,
        words: Option<Words>,
        (now, behind): (Instant, Option<u64>),
    ) -> Result<Option<Done>, NotDone> {
        let key = match &act.key {
            Some(key) => key.clone(),
            None => Key::new(&format!("act/{}", facts[0].id))?,
        };
        let tasks = relay::called_for(&act.client, &facts, self.call_wait());
        let stored = match self.append(act, &facts, words, tasks, (&key, behind)) {
            Err(Lost::Overtaken) => return Ok(None),
            Err(Lost::Journal(error)) => return Err(error.into()),
            Ok(stored) => stored,
        };
        self.catch_up(book)?;
        self.settle(book, now)?;
        let journal::Appended { first_seq, last_seq, already } = stored;
        Ok(Some(Done { first_seq, last_seq, already, facts }))
    }

    /// Stores facts, the text and tasks in one transaction. When the answer to the commit is lost, the key tells.
    fn append(
        &self,
        act: &Act,
        facts: &[Fact],
        words: Option<Words>,
        tasks: Vec<Task>,
        (key, behind): (&Key, Option<u64>),
    ) -> Result<journal::Appended, Lost> {
        let client = &act.client;
        let (ours, of, named) = (facts.to_vec(), client.clone(), key.clone());
        let (file, logo) = (act.file.clone(), act.logo.clone());
        let written = self.journal.write_for(client, move |tx| {
            let appended = tx.append(&of, &ours, Some(&named))?;
            if !appended.already && behind.is_some_and(|last| appended.first_seq != last + 1) {
                return Err(Lost::Overtaken);
            }
            if let Some(Words { fact, salt, text }) = &words {
                tx.put_text(&of, *fact, salt, text)?;
            }
            if let Some((file, bytes)) = file.as_ref().filter(|_| !appended.already) {
                tx.put_file(&of, file, bytes)?;
            }
            if let Some(logo) = logo.as_ref().filter(|_| !appended.already) {
                tx.put_logo(&of, logo)?;
            }
            for task in &tasks {
                tx.enqueue(Queue::Outbox, task)?;
            }
            Ok(appended)
        });
        match written {
            // Where the key cannot be asked for either, nobody can say that nothing was stored.
            Err(Lost::Journal(journal::Error::Unknown { at, cause })) => {
                match self.journal.answered(client, key) {
                    Ok(Some(appended)) => Ok(appended),
                    Ok(None) | Err(_) => Err(journal::Error::Unknown { at, cause }.into()),
                }
            }
            answer => answer,
        }
    }
}

impl Act {
    fn check(&self) -> Result<(), NotDone> {
        let (found, max) = (self.bodies.len(), BODIES_MAX);
        if max < found {
            return Err(NotDone::TooMuch { what: "facts in one act", found, max });
        }
        // Only in the provider's own journal is there a ticket about a client, or a client could read it.
        let astray = |body: &Body| matches!(body, Body::RequestReceived(request) if request.about.is_some());
        if self.client != ClientId::provider() && self.bodies.iter().any(astray) {
            let why = "it is for tickets of the provider's people for themselves".to_owned();
            return Err(NotDone::Wrong { field: "about".to_owned(), why });
        }
        self.bodies.iter().try_for_each(check)
    }
}

fn is_about_ticket(event: Event) -> bool {
    event.noun() == facts::Noun::Ticket
}

/// The tickets an act is about, and those it names.
fn tickets_of(act: &Act) -> Recall {
    let own = act.bodies.iter().filter_map(|body| body.attribute("ticket")?.parse().ok());
    let named = act.bodies.iter().filter_map(|body| kin::named(body).cloned());
    Recall::Tickets(own.chain(named).chain(act.recall.iter().cloned()).collect())
}

fn lines(found: &[Misfit]) -> String {
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A question that is put on record is there for ever.
fn check(body: &Body) -> Result<(), NotDone> {
    let Body::CheckDefined(check) = body else { return Ok(()) };
    let refused = |problem| NotDone::Question { check: check.check.to_string(), problem };
    check.problem().map_or(Ok(()), |problem| Err(refused(problem)))
}

/// SHA-256 over salt and text, in hex.
fn digest(salt: &str, text: &str) -> TextDigest {
    TextDigest(hex(&Sha256::new().chain_update(salt).chain_update(text).finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn set_text(body: &mut Body, digest: TextDigest) {
    let text = match body {
        Body::RequestReceived(said) => &mut said.text,
        Body::RequestReplied(said) => &mut said.text,
        Body::RequestNoted(said) => &mut said.text,
        Body::RequestAskedClient(said) => &mut said.text,
        Body::RequestClientReplied(said) => &mut said.text,
        Body::RequestPaused(said) => &mut said.text,
        Body::MessageHeld(said) => &mut said.text,
        Body::PauseClaimed(said) => &mut said.text,
        Body::RcaPublished(said) => &mut said.text,
        Body::AppealOpened(said) => &mut said.text,
        Body::AppealDecided(said) => &mut said.text,
        Body::EscalationRaised(said) => &mut said.text,
        Body::EscalationAnswered(said) => &mut said.text,
        _ => return,
    };
    *text = Some(digest);
}
