//! The rota: who is on call at an instant, until when, who comes next, and where nobody is (MP-SC-INC-01).
//!
//! It is read from facts (`rota.set`, `rota.overridden`, and a client's own `shift.planned`) and has no state beside them. A layer is
//! people who take turns of whole weeks; several layers with hours in several zones follow the sun. What is said later counts for more.

mod coverage;
mod layer;

use std::collections::{BTreeMap, BTreeSet};

use facts::{Body, Fact, RotaId, RotaOverridden};
use spans::{Instant, Length, Span};

pub use self::{
    coverage::{Colleague, Pool, Promised, promised},
    layer::{Layer, LayerError, PEOPLE_MAX, WEEKS_MAX},
};

/// Layers of a rota that are looked at.
pub const LAYERS_MAX: usize = 32;
/// How far a rota is drawn at once.
pub const WITHIN_MAX: Length = Length::from_hours(24 * 400);
/// How far ahead the end of a turn is looked for: the longest turn and a week.
const AHEAD: Length = Length::from_hours(24 * 7 * 53);

/// Every layer and every exception, as far as facts tell.
#[derive(Debug, Clone, Default)]
pub struct Rota {
    /// By layer, its versions in the order in which they were recorded.
    layers: BTreeMap<RotaId, Vec<Layer>>,
    /// In the order in which they were recorded.
    exceptions: Vec<RotaOverridden>,
}

/// Why somebody is on call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// It is the person's turn.
    Turn,
    /// Whose turn it is, is away, and this is who comes next.
    StandsIn,
    /// Somebody said so for this time.
    Said,
}

/// A stretch of time in which a layer is to be covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The layer.
    pub rota: RotaId,
    /// When the layer is called.
    pub level: u16,
    /// Who is on call; nobody where all are away.
    pub person: Option<String>,
    /// Why that person.
    pub because: Because,
    /// From when, until when; cut at the ends of what was asked.
    pub span: Span,
}

impl Rota {
    /// Reads the facts of the provider's own journal, in the order in which they were recorded. A layer that cannot be read (a zone that
    /// this version does not know) is as if it had not been set; [`Layer::read`] refuses it before it is recorded.
    pub fn read<'f>(facts: impl IntoIterator<Item = &'f Fact>) -> Rota {
        let mut rota = Rota::default();
        for fact in facts {
            match &fact.body {
                Body::RotaSet(set) => {
                    let known = rota.layers.contains_key(&set.rota) || rota.layers.len() < LAYERS_MAX;
                    if let Some(layer) = Layer::read(set).ok().filter(|_| known) {
                        rota.layers.entry(set.rota.clone()).or_default().push(layer);
                    }
                }
                Body::RotaOverridden(exception) => rota.exceptions.push(exception.clone()),
                _ => {}
            }
        }
        rota
    }

    /// Whether nobody was ever put on it.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// The layers in force `at` that have people, the one that is called first first.
    pub fn layers(&self, at: Instant) -> Vec<&Layer> {
        let mut layers: Vec<&Layer> = self.layers.keys().filter_map(|rota| self.layer(rota, at)).collect();
        layers.retain(|layer| !layer.people.is_empty());
        layers.sort_by_key(|layer| (layer.level, &layer.rota));
        layers
    }

    /// A layer's newest version, in force or to come.
    pub fn newest(&self, rota: &RotaId) -> Option<&Layer> {
        self.layers.get(rota)?.last()
    }

    /// Exceptions that hold at or after an instant, as they were recorded.
    pub fn exceptions(&self, from: Instant) -> impl Iterator<Item = &RotaOverridden> {
        self.exceptions.iter().filter(move |exception| from < exception.until)
    }

    /// Who is on call `at`, the first to be called first, each until the end of the turn. A layer outside its hours is not among them,
    /// one whose people are all away is, with nobody.
    pub fn on_call(&self, at: Instant) -> Vec<Turn> {
        let mut turns = self.turns(Span { start: at, end: at + AHEAD });
        turns.retain(|turn| turn.span.contains(at));
        turns
    }

    /// Whom to call `at`, one after the other, each once: who is on call, by level; then who comes next in each layer, those inside
    /// their hours first. Of these, people for whom `fits` does not hold stand behind all others: somebody is better than nobody.
    pub fn ladder(&self, at: Instant, fits: impl Fn(&str) -> bool) -> Vec<String> {
        let layers = self.layers(at);
        let now = layers.iter().filter_map(|layer| self.who(layer, at)).filter_map(|(person, _)| person);
        let (open, closed): (Vec<&Layer>, Vec<&Layer>) =
            layers.iter().copied().partition(|layer| self.who(layer, at).is_some());
        let others = open.iter().chain(&closed).flat_map(|layer| self.order(layer, at));
        let mut called: Vec<String> = Vec::new();
        for person in now.chain(others) {
            if !called.iter().any(|before| before == person) {
                called.push(person.to_owned());
            }
        }
        called.sort_by_key(|person| !fits(person));
        called
    }

    /// Every turn of every layer within a period of at most [`WITHIN_MAX`], by level, layer and time.
    pub fn turns(&self, within: Span) -> Vec<Turn> {
        let within = Span { end: within.end.min(within.start + WITHIN_MAX), ..within };
        let mut turns: Vec<Turn> = self.layers.keys().flat_map(|rota| self.turns_of(rota, within)).collect();
        turns.sort_by(|a, b| (a.level, &a.rota, a.span.start).cmp(&(b.level, &b.rota, b.span.start)));
        turns
    }

    fn turns_of(&self, rota: &RotaId, within: Span) -> Vec<Turn> {
        let mut edges = self.edges(rota, within);
        edges.insert(within.end);
        let edges: Vec<Instant> = edges.into_iter().collect();
        let mut turns: Vec<Turn> = Vec::new();
        for pair in edges.windows(2) {
            let span = Span { start: pair[0], end: pair[1] };
            let Some(layer) = self.layer(rota, span.start) else { continue };
            let Some((person, because)) = self.who(layer, span.start) else { continue };
            let turn = Turn {
                rota: rota.clone(),
                level: layer.level,
                person: person.map(str::to_owned),
                because,
                span,
            };
            match turns.last_mut() {
                Some(last) if last.continues_in(&turn) => last.span.end = span.end,
                _ => turns.push(turn),
            }
        }
        turns
    }

    /// The instants of a period at which something about a layer may change, its start among them.
    fn edges(&self, rota: &RotaId, within: Span) -> BTreeSet<Instant> {
        let mut edges = BTreeSet::from([within.start]);
        for layer in self.layers.get(rota).into_iter().flatten() {
            edges.insert(layer.first);
            edges.extend(layer.changes(within));
        }
        for exception in self.exceptions.iter().filter(|exception| exception.rota == *rota) {
            edges.extend([exception.from, exception.until]);
        }
        edges.retain(|edge| within.contains(*edge));
        edges
    }

    /// The version of a layer that is in force.
    fn layer(&self, rota: &RotaId, at: Instant) -> Option<&Layer> {
        self.layers.get(rota)?.iter().rev().find(|layer| layer.first <= at)
    }

    /// Who is on call in a layer; none outside its hours.
    fn who<'r>(&'r self, layer: &'r Layer, at: Instant) -> Option<(Option<&'r str>, Because)> {
        let (said, away) = self.excepted(&layer.rota, at);
        if let Some(person) = said {
            return Some((Some(person), Because::Said));
        }
        if layer.people.is_empty() || !layer.is_open(at) {
            return None;
        }
        let mut order = layer.order(at);
        let first = order.next();
        let there = |person: &&str| !away.contains(person);
        match first.filter(there) {
            Some(person) => Some((Some(person), Because::Turn)),
            None => Some((order.find(there), Because::StandsIn)),
        }
    }

    /// Everybody of a layer who is not away, from whose turn it is on.
    fn order<'r>(&'r self, layer: &'r Layer, at: Instant) -> impl Iterator<Item = &'r str> {
        let (_, away) = self.excepted(&layer.rota, at);
        layer.order(at).filter(move |person| !away.contains(person))
    }

    /// Who was said to be on call, and who is away.
    fn excepted(&self, rota: &RotaId, at: Instant) -> (Option<&str>, BTreeSet<&str>) {
        let mut said = None;
        let mut away = BTreeSet::new();
        let holds = |e: &&RotaOverridden| e.rota == *rota && e.from <= at && at < e.until;
        for exception in self.exceptions.iter().filter(holds) {
            match (&exception.person, &exception.away) {
                (None, None) => (said, away) = (None, BTreeSet::new()),
                (person, gone) => {
                    if let Some(gone) = gone {
                        away.insert(gone.as_str());
                        said = said.filter(|said| said != gone);
                    }
                    if let Some(person) = person {
                        away.remove(person.as_str());
                        said = Some(person.as_str());
                    }
                }
            }
        }
        (said, away)
    }
}

impl Turn {
    fn continues_in(&self, next: &Turn) -> bool {
        self.span.end == next.span.start
            && (self.level, &self.person, self.because) == (next.level, &next.person, next.because)
    }
}
