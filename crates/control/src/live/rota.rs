//! The rota as people see and change it: facts of the provider's own journal, which no agreement judges.

use desk::rota::{Layer, Pool, Promised, Rota, Turn, promised};
use facts::{Actor, Body, ClientId, RotaOverridden, RotaSet};
use journal::Key;
use spans::{Instant, Length, Span, Spans};

use super::{Act, Book, Change, Control, Done, NotDone, lock};

/// How far ahead an exception may reach.
const AHEAD_MAX: Length = Length::from_hours(24 * 400);

/// The rota for a page: who is on call, who comes next, a stretch of time, and where promises have nobody.
#[derive(Debug, Clone)]
pub struct RotaView {
    /// Who is on call now, the first to be called first.
    pub now: Vec<Turn>,
    /// The layers in force and to come, each with who takes over next.
    pub layers: Vec<Layered>,
    /// Every turn of the stretch that was asked for.
    pub turns: Vec<Turn>,
    /// Exceptions that hold now or later.
    pub exceptions: Vec<RotaOverridden>,
    /// Where promises of clients have nobody to keep them, within that stretch.
    pub uncovered: Vec<Uncovered>,
}

/// A layer, and who takes over next.
#[derive(Debug, Clone)]
pub struct Layered {
    /// The layer.
    pub layer: Layer,
    /// The next turn of somebody else.
    pub next: Option<Turn>,
}

/// A client, what it was promised, and where nobody is on call who may answer.
#[derive(Debug, Clone)]
pub struct Uncovered {
    /// The client.
    pub client: ClientId,
    /// What was promised.
    pub promised: Promised,
    /// Who may answer, by id.
    pub pool: Pool,
    /// Where nobody is.
    pub gaps: Spans,
}

impl Control {
    /// The rota within a stretch of time.
    ///
    /// # Errors
    /// The journal's.
    pub fn rota_view(&self, within: Span, now: Instant) -> journal::Result<RotaView> {
        let rota = self.rota(now)?;
        let month = rota.turns(Span { start: now, end: now + Length::from_hours(24 * 7 * 60) });
        let next = |layer: &Layer| {
            let mut turns = month.iter().filter(|turn| turn.rota == layer.rota && turn.person.is_some());
            let first = turns.next()?;
            let here = first.span.contains(now);
            if !here { Some(first.clone()) } else { turns.find(|turn| turn.person != first.person).cloned() }
        };
        let layers = rota.layers(now).into_iter();
        Ok(RotaView {
            now: rota.on_call(now),
            layers: layers.map(|layer| Layered { layer: layer.clone(), next: next(layer) }).collect(),
            turns: rota.turns(within),
            exceptions: rota.exceptions(now).cloned().collect(),
            uncovered: self.uncovered(&rota, within, now)?,
        })
    }

    /// MP-SC-INC-01: what each client was promised, and where nobody is on call for it.
    fn uncovered(&self, rota: &Rota, within: Span, now: Instant) -> journal::Result<Vec<Uncovered>> {
        let mut all = Vec::new();
        for client in self.known_clients()? {
            let Some(pool) = self.pool(&client, now)? else { continue };
            let found = self.read(&client, now, |book| book.uncovered(rota, &pool, within))?;
            all.extend(found.unwrap_or_default());
        }
        Ok(all)
    }

    /// Sets a layer of the rota from its first turn on.
    ///
    /// # Errors
    /// [`NotDone::Wrong`] where it cannot be meant so; the journal's.
    pub fn set_rota(
        &self,
        set: RotaSet,
        actor: Actor,
        key: Option<Key>,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let wrong = |why: String| NotDone::Wrong { field: "rota".to_owned(), why };
        Layer::read(&set).map_err(|error| wrong(error.to_string()))?;
        let staff = self.staff(now)?;
        if let Some(stranger) = set.people.iter().find(|id| !staff.iter().any(|person| person.id == **id)) {
            return Err(NotDone::NoSuch { field: "people", id: stranger.clone() });
        }
        self.put_on_rota(set.into(), actor, key, now)
    }

    /// Says that a layer is otherwise for a while.
    ///
    /// # Errors
    /// [`NotDone::Wrong`] where it cannot be meant so, [`NotDone::NoSuch`] for a layer or a person that is not there; the journal's.
    pub fn override_rota(
        &self,
        exception: RotaOverridden,
        actor: Actor,
        key: Option<Key>,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let wrong = |field: &str, why: &str| NotDone::Wrong { field: field.to_owned(), why: why.to_owned() };
        if exception.until <= exception.from {
            return Err(wrong("until", "it ends before it begins"));
        }
        if exception.until <= now {
            return Err(wrong("until", "it is over already"));
        }
        if now + AHEAD_MAX < exception.until {
            return Err(wrong("until", "it reaches further than 400 days ahead"));
        }
        if self.rota(now)?.newest(&exception.rota).is_none() {
            return Err(NotDone::NoSuch { field: "rota", id: exception.rota.to_string() });
        }
        let staff = self.staff(now)?;
        for id in exception.person.iter().chain(&exception.away) {
            if !staff.iter().any(|person| person.id == *id) {
                return Err(NotDone::NoSuch { field: "person", id: id.clone() });
            }
        }
        self.put_on_rota(exception.into(), actor, key, now)
    }

    fn put_on_rota(&self, body: Body, actor: Actor, key: Option<Key>, now: Instant) -> Result<Done, NotDone> {
        let client = ClientId::provider();
        let book = self.book_or_new(&client);
        let mut book = lock(&book);
        self.catch_up(&mut book)?;
        let done = self.note(&mut book, &Act { key, ..Act::new(&client, actor, body) }, now)?;
        drop(book);
        self.tell(&Change { client, what: "facts" });
        Ok(done)
    }
}

impl Book {
    fn uncovered(&self, rota: &Rota, pool: &Pool, within: Span) -> Vec<Uncovered> {
        let Some(versions) = self.versions() else { return Vec::new() };
        let promises = promised(versions.latest().terms(), within);
        let with_gaps = |promised: Promised| Uncovered {
            client: self.client().clone(),
            gaps: rota.gaps(&promised, pool, self.facts(), within),
            pool: pool.clone(),
            promised,
        };
        promises.into_iter().map(with_gaps).collect()
    }
}
