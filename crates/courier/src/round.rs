//! A round: claim what is ready, decide whether it may go now, hand it to its port, and note what came of it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use desk::{
    notify::Letter,
    public::{PUBLIC, PublicLetter},
};
use journal::{
    Journal, Tx,
    delivery::{Carried, Delivery, SENT},
};
use spans::{Instant, Length};

use crate::{Outcome, Parcel, Port, PublicParcel, quiet};

/// How long a claimed delivery is ours: longer than every limit of a port.
pub const LEASE: Length = Length::from_minutes(2);
/// Deliveries claimed at once. They are sent one after the other within the lease.
pub const AT_ONCE: usize = 4;
/// How often one is tried.
pub const TRIES_MAX: u64 = 16;
/// What is older is not sent any more: it stands in the portal, and a flood of old news helps nobody.
pub const AGE_MAX: Length = Length::from_hours(7 * 24);
/// A call that is older is not sent any more: somebody else was called since, or it stands on the Now page.
const CALL_AGE_MAX: Length = Length::from_hours(2);
/// The first wait after a failure; each further one is twice as long.
const WAIT: Length = Length::from_secs(30);
const WAIT_MAX: Length = Length::from_hours(2);
/// The longest wait of a call.
const CALL_WAIT_MAX: Length = Length::from_minutes(1);
/// How long until a delivery is looked at again whose way is not set up here.
const NO_WAY: Length = Length::from_minutes(10);

/// Carries deliveries out.
pub struct Courier {
    journal: Arc<Journal>,
    ports: Vec<Box<dyn Port>>,
}

/// What became of one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its id.
    pub id: String,
    /// For whom.
    pub person: String,
    /// How.
    pub way: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// Whether a delivery goes now.
enum Ready {
    Now(Box<Parcel>),
    Public(Box<PublicParcel>),
    At(Instant, &'static str),
    Never(String),
}

impl Courier {
    /// A courier with these ways out. What is to go another way waits.
    pub fn new(journal: Arc<Journal>, ports: Vec<Box<dyn Port>>) -> Courier {
        Courier { journal, ports }
    }

    /// Sends up to [`AT_ONCE`] of what is ready; `clock` is asked before each and after it. Empty when nothing is ready.
    ///
    /// # Errors
    /// The journal's.
    pub fn round(&self, clock: &dyn Fn() -> Instant) -> journal::Result<Vec<Told>> {
        let now = clock();
        let claimed = self.journal.write(move |tx| tx.claim_deliveries(now, LEASE, AT_ONCE))?;
        let mut told = Vec::new();
        for carried in claimed {
            let outcome = match self.ready(&carried, clock())? {
                Ready::Now(parcel) => self.send(&carried.delivery.way, |port| port.send(&parcel)),
                Ready::Public(parcel) => self.send(parcel.to.reach.word(), |port| port.send_public(&parcel)),
                Ready::At(at, why) => {
                    self.put_off(&carried, at, why)?;
                    continue;
                }
                Ready::Never(why) => Outcome::never(why),
            };
            if self.note(&carried, &outcome, clock())? {
                let delivery = carried.delivery;
                told.push(Told { id: delivery.id, person: delivery.person, way: delivery.way, outcome });
            }
        }
        Ok(told)
    }

    fn ready(&self, carried: &Carried, now: Instant) -> journal::Result<Ready> {
        let delivery = &carried.delivery;
        let oldest = if delivery.urgent { CALL_AGE_MAX } else { AGE_MAX };
        if delivery.due + oldest < now {
            return Ok(Ready::Never("it was too old when it could be sent".to_owned()));
        }
        if delivery.way.starts_with(PUBLIC) {
            return self.public(carried, now);
        }
        let Ok(letter) = serde_json::from_str::<Letter>(&delivery.body) else {
            return Ok(Ready::Never("this version cannot read it".to_owned()));
        };
        let (person, target) = (delivery.person.clone(), delivery.target.clone());
        let (found, choice, browser, lately) = self.journal.read(|tx| {
            let hour_ago = now - Length::HOUR;
            Ok::<_, journal::Error>((
                tx.person(&person)?,
                tx.choice(&person)?,
                if target.is_empty() { None } else { tx.subscription(&target)? },
                tx.delivered_since(&person, hour_ago)?,
            ))
        })?;
        // Who was disabled since, or does not count yet (SH-REQ-06).
        if !found.is_some_and(|person| person.is_here(now)) {
            return Ok(Ready::Never("the person may not come in".to_owned()));
        }
        if !self.ports.iter().any(|port| port.way() == delivery.way) {
            return Ok(Ready::At(now + NO_WAY, "this way is not set up"));
        }
        if !delivery.urgent {
            if let Some(end) = quiet::until(&choice, now) {
                return Ok(Ready::At(end, "it is quiet for the person"));
            }
            if choice.hourly <= lately {
                return Ok(Ready::At(
                    now + Length::from_minutes(10),
                    "the person had enough notices this hour",
                ));
            }
        }
        let id = format!("{}/{}", delivery.client, delivery.id);
        Ok(Ready::Now(Box::new(Parcel { id, person, letter, choice, browser, at: now })))
    }

    /// For a subscriber of a status page, as long as there is one: whoever has left gets nothing that was on its way.
    fn public(&self, carried: &Carried, now: Instant) -> journal::Result<Ready> {
        let delivery = &carried.delivery;
        let Ok(letter) = serde_json::from_str::<PublicLetter>(&delivery.body) else {
            return Ok(Ready::Never("this version cannot read it".to_owned()));
        };
        let (client, id) = (delivery.client.clone(), delivery.target.clone());
        let Some(to) = self.journal.read(|tx| tx.subscriber(&client, &id))? else {
            return Ok(Ready::Never("the subscriber has left".to_owned()));
        };
        if to.confirmed.is_none() && !letter.asks {
            return Ok(Ready::Never("the subscriber has not confirmed".to_owned()));
        }
        if !self.ports.iter().any(|port| port.way() == to.reach.word()) {
            return Ok(Ready::At(now + NO_WAY, "this way is not set up"));
        }
        let id = format!("{}/{}", delivery.client, delivery.id);
        Ok(Ready::Public(Box::new(PublicParcel { id, to, letter, at: now })))
    }

    /// A mistake of ours in one costs the others nothing.
    fn send(&self, way: &str, by: impl Fn(&dyn Port) -> Outcome) -> Outcome {
        let port = self.ports.iter().find(|port| port.way() == way);
        let sent = port.map(|port| catch_unwind(AssertUnwindSafe(|| by(port.as_ref()))));
        sent.map_or_else(
            || Outcome::later("this way is not set up"),
            |sent| sent.unwrap_or_else(|_| Outcome::later("sending it panicked")),
        )
    }

    /// Whether it was still ours to say.
    fn note(&self, carried: &Carried, outcome: &Outcome, now: Instant) -> journal::Result<bool> {
        let tried_out = TRIES_MAX <= carried.fence;
        match outcome {
            Outcome::Later { why, after } if !tried_out => {
                let wait = wait(carried).max(after.unwrap_or(Length::ZERO)).min(Length::DAY);
                self.put_off(carried, now + wait, why)
            }
            Outcome::Delivered => self.finish(carried, now, SENT.to_owned(), false),
            Outcome::Later { why, .. } => {
                self.finish(carried, now, format!("given up after {TRIES_MAX} tries: {why}"), false)
            }
            Outcome::Never { why, gone } => self.finish(carried, now, why.clone(), *gone),
        }
    }

    fn finish(&self, carried: &Carried, now: Instant, fate: String, gone: bool) -> journal::Result<bool> {
        let ours = carried.clone();
        let done = self.journal.write_for(&carried.delivery.client, move |tx| {
            if gone {
                forget(tx, &ours.delivery)?;
            }
            tx.finish_delivery(&ours, now, &fate)
        });
        unless_fenced(done)
    }

    fn put_off(&self, carried: &Carried, at: Instant, why: &str) -> journal::Result<bool> {
        let (ours, why) = (carried.clone(), why.to_owned());
        let done =
            self.journal.write_for(&carried.delivery.client, move |tx| tx.postpone_delivery(&ours, at, &why));
        unless_fenced(done)
    }
}

/// Whoever is gone for good: a subscriber of a status page, or a person's browser.
fn forget(tx: &mut Tx<'_>, delivery: &Delivery) -> journal::Result<()> {
    if !delivery.way.starts_with(PUBLIC) {
        return tx.unsubscribe(&delivery.person, &delivery.target).map(drop);
    }
    match tx.subscriber(&delivery.client, &delivery.target)? {
        Some(gone) => tx.forget_subscriber(&gone).map(drop),
        None => Ok(()),
    }
}

/// Who slept through the lease is told so, and what the next one does counts.
fn unless_fenced(done: journal::Result<()>) -> journal::Result<bool> {
    match done {
        Ok(()) => Ok(true),
        Err(journal::Error::Fenced { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Twice as long after each try, and never long for a call.
fn wait(carried: &Carried) -> Length {
    let doublings = u32::try_from(carried.fence.saturating_sub(1)).unwrap_or(u32::MAX).min(12);
    let wait = Length::from_micros(WAIT.as_micros() << doublings);
    wait.min(if carried.delivery.urgent { CALL_WAIT_MAX } else { WAIT_MAX })
}
