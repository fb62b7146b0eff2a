//! What vantage points saw, on its way into the journal. A report that comes twice, late or shuffled leaves the same facts.

use std::collections::BTreeMap;

use facts::{
    Actor, CheckId, CheckObserved, ClientId, Fact, FactId, InstanceId, Observation, Signed, VantageId,
};
use journal::Key;
use sha2::{Digest, Sha256};
use spans::{Instant, Length};
use wire::{Phases, Reason};

use super::{Change, Control, lock};

/// One answer, as a vantage point reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Whose instance.
    pub client: ClientId,
    /// Which.
    pub instance: InstanceId,
    /// What was asked.
    pub check: CheckId,
    /// What came of it.
    pub observation: Observation,
    /// The last instant of the certificate that was shown, where the vantage point has something new to say of it.
    pub certificate_ends: Option<Instant>,
    /// What else was told of it: shown while it is the newest, and not recorded.
    pub detail: Option<Detail>,
}

/// What a vantage point tells of a look that facts do not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// How long it took.
    pub phases: Phases,
    /// Why it was no good answer, or why nothing can be said, in the vantage point's own words.
    pub reason: Option<Reason>,
}

/// A batch of answers with the name under which it is stored once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// From where.
    pub vantage: VantageId,
    /// Unique for the vantage point: its boot and a number.
    pub batch: String,
    /// The answers.
    pub looks: Vec<Looked>,
    /// The signature of a client's own vantage point.
    pub signed: Option<Signed>,
}

/// Whose detail it is: which instance, which check, and from where.
pub(super) type DetailOf = (InstanceId, CheckId, VantageId);

/// The answers of one client, by what was asked.
pub(super) type SeenOfClient<'w> = BTreeMap<(&'w InstanceId, &'w CheckId), Vec<&'w Looked>>;

impl Control {
    /// Records what a vantage point saw. When this returns, it is on disk.
    ///
    /// # Errors
    /// The journal's; the batch is then sent again, and adds only what is missing.
    pub fn watch(&self, watched: &Watched, now: Instant) -> journal::Result<()> {
        let mut clients: BTreeMap<&ClientId, SeenOfClient<'_>> = BTreeMap::new();
        for look in &watched.looks {
            let of_client = clients.entry(&look.client).or_default();
            of_client.entry((&look.instance, &look.check)).or_default().push(look);
        }
        for (client, seen) in clients {
            self.watch_client(watched, client, seen, now)?;
        }
        Ok(())
    }

    fn watch_client(
        &self,
        watched: &Watched,
        client: &ClientId,
        seen: SeenOfClient<'_>,
        now: Instant,
    ) -> journal::Result<()> {
        let Some(book) = self.book(client) else { return Ok(()) };
        let mut book = lock(&book);
        let recorded = now.max(book.recorded() + Length::from_micros(1));
        let details = details(watched, client);
        let alarms = book.alarms(&watched.vantage, &seen, now);
        let instances: Vec<InstanceId> = seen.keys().map(|(instance, _)| (*instance).clone()).collect();
        let facts: Vec<Fact> = seen
            .into_iter()
            .map(|((instance, check), mut looks)| {
                looks.sort_by_key(|look| look.observation.at);
                let at = looks.last().map_or(recorded, |last| last.observation.at).min(recorded);
                let body = CheckObserved {
                    instance: instance.clone(),
                    check: check.clone(),
                    vantage: watched.vantage.clone(),
                    observations: looks.iter().map(|look| look.observation).collect(),
                    certificate_ends: looks.iter().rev().find_map(|look| look.certificate_ends),
                    signed: watched.signed.clone(),
                };
                Fact {
                    id: watched.id(at, client, instance, check),
                    client: client.clone(),
                    at,
                    recorded_at: recorded,
                    actor: Actor::automaton(watched.vantage.as_str()),
                    body: body.into(),
                }
            })
            .collect();
        let name = format!("watch/{}/{}", watched.vantage, watched.batch);
        self.journal.append(client, &facts, Some(&Key::of_request(&name, name.as_bytes())?))?;
        self.catch_up(&mut book)?;
        details.into_iter().for_each(|(of, at, detail)| book.detail(of, at, detail));
        self.send_to_confirm(alarms, now);
        self.attend(&mut book, &instances, now)?;
        self.compare(&mut book, &instances, now)?;
        drop(book);
        self.tell(&Change { client: client.clone(), what: "seen" });
        Ok(())
    }
}

/// Of each check of a client what was told of its newest look.
fn details(watched: &Watched, client: &ClientId) -> Vec<(DetailOf, Instant, Detail)> {
    let told = watched.looks.iter().filter(|look| look.client == *client);
    let told = told.filter_map(|look| {
        let of = (look.instance.clone(), look.check.clone(), watched.vantage.clone());
        Some((of, look.observation.at, look.detail.clone()?))
    });
    told.collect()
}

impl Watched {
    /// The same batch always gives the same ids.
    fn id(&self, at: Instant, client: &ClientId, instance: &InstanceId, check: &CheckId) -> FactId {
        let parts = [self.vantage.as_str(), &self.batch, client.as_str(), instance.as_str(), check.as_str()];
        let hash = Sha256::digest(parts.join("\0"));
        let mut random = [0; 10];
        random.copy_from_slice(&hash[..10]);
        FactId::v7(at, random)
    }
}
