//! The live service: commands in, facts out, evaluation of what they touch, and one timer.
//!
//! [`Control`] holds a [`Book`] for each client. A command locks its client's book, reads what others appended meanwhile, asks
//! the agreement's guards, appends the facts with the tasks they call for in one transaction, and evaluates what they touched.
//! [`Control::tick`] does the same for what time alone changed. Time and randomness come in as arguments, so that a test can
//! live through a year in a second; the shell owns the one thread that sleeps until [`Control::next_moment`].

mod act;
mod agenda;
mod assign;
mod beat;
mod book;
mod calendar;
mod call;
mod certificate;
pub mod command;
mod differ;
mod each;
mod errand;
mod incident;
mod job;
mod kin;
mod latency;
mod names;
mod notice;
mod outpost;
mod pace;
mod public;
pub mod query;
mod recall;
mod relay;
mod rota;
mod shelf;
mod status;
mod vantage;
mod words;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use facts::{ClientId, Fact, FactId};
use journal::Journal;
use spans::Instant;

pub use self::{
    act::{Act, BODIES_MAX, Done, NotDone, TEXT_BYTES_MAX},
    assign::Unasked,
    book::{Book, FORECAST_SUBJECTS_MAX, HELD_AFTER_END, HeldPlace, Place, Recall, held_place},
    calendar::CALENDAR_SECRET_BYTES,
    call::{CALL_WAIT, CALL_WAITS, CALLED_MAX, Call},
    certificate::Certificate,
    differ::{DIFFERENCE_AGAIN, DIFFERENCES_LISTED_MAX},
    errand::{ASKS_WITHIN, ERRAND_AGAIN, ERRAND_GOOD_FOR, ERRANDS_AT_ONCE_MAX},
    incident::{ACTOR, CHANNEL, MERGE_WITHIN, SETTLED_AFTER},
    job::{JOB_LEASE, Verified, Worked},
    latency::{TIMES_KEPT, TIMES_KEPT_BOUNDS},
    outpost::{
        COMMITTED_WITHIN_S, Committed, FUTURE_MAX, Heard, LATE_MAX, NotTaken, OFFSET_MAX, Taken, Told,
    },
    pace::{GATHERED, Minute, Pace, STRETCHES_MAX},
    public::{ASKED_AGAIN, LETTERS_PER_HOUR_MAX, SILENT_KEPT},
    recall::WISHES_MAX,
    relay::{Fate, MISS_NEWS_MAX, REMINDER_NEWS_MAX, Relayed},
    rota::{Layered, RotaView, Uncovered},
    shelf::{Paper, Shelf},
    status::{PAGE_KEPT, Shown},
    vantage::{Detail, Looked, Watched},
    words::{LINE_CHARS_MAX, TITLE_CHARS_MAX},
};
use self::{agenda::Agenda, book::Goes, each::each, names::Names, outpost::Outposts};

/// Draws random bytes: the shell's, or a test's.
pub type Random = Box<dyn Fn() -> [u8; 10] + Send + Sync>;
/// Is told of every change, after it is durable.
pub type Listener = Box<dyn Fn(&Change) + Send + Sync>;

/// Something changed about a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The client.
    pub client: ClientId,
    /// What: `facts`, `seen`, `time`, or `told` when somebody has something new in their inbox.
    pub what: &'static str,
}

/// Everything that is live.
pub struct Control {
    journal: Arc<Journal>,
    shelf: Shelf,
    names: Arc<Names>,
    random: Random,
    books: RwLock<BTreeMap<ClientId, Arc<Mutex<Book>>>>,
    agenda: Mutex<Agenda<ClientId>>,
    listeners: RwLock<Vec<Listener>>,
    references: RwLock<Vec<wire::Reference>>,
    outposts: Mutex<Outposts>,
    errands: Mutex<errand::Waiting>,
    hearing: Mutex<beat::Hearing>,
    verified: Mutex<Option<Verified>>,
    call_wait: Mutex<spans::Length>,
    /// How long the response times of an hour are kept.
    times_kept: Mutex<spans::Length>,
    board: status::Board,
    /// What was put into the outbox because it was missed or fell due, so that it is not written again each time it is seen.
    handed: Mutex<std::collections::BTreeSet<(ClientId, String)>>,
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("shelf", &self.shelf.clients()).finish_non_exhaustive()
    }
}

impl Control {
    /// Reads every client's entries. Costs a few microseconds per fact, and what its observations cost to read.
    ///
    /// # Errors
    /// The journal's.
    pub fn open(
        journal: Arc<Journal>,
        shelf: Shelf,
        random: Random,
        now: Instant,
    ) -> journal::Result<Control> {
        let control = Control {
            journal,
            shelf,
            names: Arc::default(),
            random,
            books: RwLock::default(),
            agenda: Mutex::default(),
            listeners: RwLock::default(),
            references: RwLock::default(),
            outposts: Mutex::default(),
            errands: Mutex::default(),
            hearing: Mutex::default(),
            verified: Mutex::default(),
            call_wait: Mutex::new(CALL_WAIT),
            times_kept: Mutex::new(TIMES_KEPT),
            board: status::Board::default(),
            handed: Mutex::default(),
        };
        control.names.refresh(&control.journal)?;
        let mut clients = control.journal.clients()?;
        clients.extend(control.shelf.clients());
        clients.sort();
        clients.dedup();
        for client in clients {
            let book = control.book_or_new(&client);
            let mut book = lock(&book);
            control.catch_up(&mut book)?;
            control.settle(&mut book, now)?;
        }
        Ok(control)
    }

    /// The journal behind it.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// The agreement files at hand.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Tells somebody of every change from now on. The listener is called while nothing is locked, and must return at once.
    pub fn listen(&self, listener: Listener) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Every client with an agreement or a fact, sorted.
    pub fn clients(&self) -> Vec<ClientId> {
        self.books().keys().cloned().collect()
    }

    /// Looks at a client's book as it stands `now`; none for a client that nobody knows.
    ///
    /// # Errors
    /// The journal's.
    pub fn read<T>(
        &self,
        client: &ClientId,
        now: Instant,
        look: impl FnOnce(&Book) -> T,
    ) -> journal::Result<Option<T>> {
        let Some(book) = self.book(client) else { return Ok(None) };
        let mut book = lock(&book);
        self.settle_if_due(&mut book, now)?;
        Ok(Some(look(&book)))
    }

    /// What somebody is called who acts under this id.
    pub fn name_of(&self, id: &str) -> String {
        self.names.of(id)
    }

    /// Somebody came, went or is called something else. Where a name has changed, everything at hand that was said under it says
    /// the new one; nothing is read or evaluated for it.
    ///
    /// # Errors
    /// The journal's.
    pub fn people_changed(&self) -> journal::Result<()> {
        let renamed = self.names.refresh(&self.journal)?;
        if !renamed.is_empty() {
            let books: Vec<_> = self.books().values().cloned().collect();
            books.iter().for_each(|book| lock(book).renamed(&renamed));
        }
        Ok(())
    }

    /// When something changes next by the passing of time alone.
    pub fn next_moment(&self) -> Option<Instant> {
        lock(&self.agenda).first()
    }

    /// Does what has fallen due, wherever: misses are recorded with their true instants, however late this is called.
    ///
    /// # Errors
    /// The journal's, the first of them; that client is reached by the next call, and the others are by this one.
    pub fn tick(&self, now: Instant) -> journal::Result<()> {
        // Bound first: a guard in the loop's head would be held through it.
        let due = lock(&self.agenda).due(now);
        each(due, |client| {
            let Some(book) = self.book(&client) else { return Ok(()) };
            self.settle(&mut lock(&book), now)?;
            self.tell(&Change { client, what: "time" });
            Ok(())
        })
    }

    /// Reads what other processes appended: an import, another node.
    ///
    /// # Errors
    /// The journal's, the first of them; the other clients are read all the same.
    pub fn follow(&self, now: Instant) -> journal::Result<()> {
        self.people_changed()?;
        each(self.journal.heads()?, |head| {
            let book = self.book_or_new(&head.client);
            let mut book = lock(&book);
            if book.seq() < head.seq {
                self.catch_up(&mut book)?;
                self.settle(&mut book, now)?;
                drop(book);
                self.tell(&Change { client: head.client, what: "facts" });
            }
            Ok(())
        })
    }

    fn books(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<ClientId, Arc<Mutex<Book>>>> {
        self.books.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn book(&self, client: &ClientId) -> Option<Arc<Mutex<Book>>> {
        self.books().get(client).cloned()
    }

    fn book_or_new(&self, client: &ClientId) -> Arc<Mutex<Book>> {
        if let Some(book) = self.book(client) {
            return book;
        }
        let mut books = self.books.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Mutex::new(Book::new(client.clone(), &self.names)));
        Arc::clone(books.entry(client.clone()).or_insert_with(new))
    }

    /// Reads entries up to the journal's last.
    fn catch_up(&self, book: &mut Book) -> journal::Result<()> {
        loop {
            if book.seq() == 0 {
                book.indexed_to(self.journal.read(|tx| tx.indexed(book.client()))?);
                let gathered = self.journal.read(|tx| tx.gathered(book.client()))?;
                book.gathering().is_written(gathered);
            }
            let entries = self.journal.tail(book.client(), book.seq(), PAGE)?;
            let Some(last) = entries.last().map(|entry| entry.seq) else { break };
            for entry in entries {
                if let Some(ticket) = book.ended_ticket_of(&entry.fact) {
                    self.recall(book, &Recall::Tickets(vec![ticket]))?;
                }
                if book.read(entry, &self.shelf) == Goes::Again {
                    *book = Book::under(book.client().clone(), &self.names, book.versions().cloned());
                    break;
                }
            }
            self.index(book, recall::INDEXED_AT_ONCE)?;
            self.gather(book)?;
            self.let_go(book, book.recorded())?;
            if book.seq() == last && self.journal.tail(book.client(), last, 1)?.is_empty() {
                break;
            }
        }
        self.index(book, recall::UNINDEXED_MAX)?;
        for instance in book.torn() {
            let mut facts = self.journal.facts(book.client(), None)?;
            facts.retain(|fact| is_seen_of(fact, &instance));
            book.reread(&instance, &facts);
        }
        Ok(())
    }

    fn settle_if_due(&self, book: &mut Book, now: Instant) -> journal::Result<()> {
        if book.next_moment().is_some_and(|moment| moment <= now) {
            self.settle(book, now)?;
        }
        Ok(())
    }

    /// Evaluates what changed or is due, hands on what follows, and notes when to come back.
    fn settle(&self, book: &mut Book, now: Instant) -> journal::Result<()> {
        // Facts of one call are recorded a microsecond apart, the last of them after the instant of the call.
        let now = now.max(book.recorded());
        let settled = book.settle(now);
        self.hand_on(book, &settled, now)?;
        self.let_go(book, now)?;
        lock(&self.agenda).set(book.client(), book.next_moment());
        Ok(())
    }

    fn tell(&self, change: &Change) {
        for listener in self.listeners.read().unwrap_or_else(PoisonError::into_inner).iter() {
            listener(change);
        }
    }

    fn id(&self, at: Instant) -> FactId {
        FactId::v7(at, (self.random)())
    }
}

/// Entries read at once.
const PAGE: usize = 256;

fn is_seen_of(fact: &Fact, instance: &facts::InstanceId) -> bool {
    match &fact.body {
        facts::Body::CheckObserved(seen) => seen.instance == *instance,
        facts::Body::CheckDefined(check) => check.instance == *instance,
        facts::Body::CheckEnded(ended) => ended.instance == *instance,
        _ => false,
    }
}

/// Locks; a thread that panicked while it held the lock left a book that the next command reads on from, or throws away.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
