//! What somebody shows beside a password: a code, a recovery code, a passkey. Judged here, used up in the same transaction, and
//! written down.

use std::net::IpAddr;

use door::{
    code::Seed,
    passkey::{Kept, Passkeys},
    secret::{hex, random, recovery_hash},
    vault::Place,
};
use facts::ClientId;
use journal::{
    Journal,
    people::{DoorEvent, Factors, Membership, Passkey, Person},
};
use serde::{Deserialize, Serialize};
use spans::Instant;

use super::{App, Problem};

/// How long it counts that somebody showed all they have: after that sensitive acts ask again (ASVS 7.5.1).
pub(crate) const STRONG_FOR: spans::Length = spans::Length::from_secs(15 * 60);

/// A passkey's challenge while its answer is awaited.
#[derive(Serialize, Deserialize)]
pub(crate) struct Challenged {
    pub(crate) kept: String,
}

/// Where a person's seed is sealed.
pub(crate) fn seed_place(person: &Person) -> Place<'_> {
    let client = person.standing.client().map_or("provider", ClientId::as_str);
    Place { client, row: &person.id, column: "code_app.sealed" }
}

pub(crate) fn kept(key: &Passkey) -> Kept {
    Kept { credential: key.credential.clone(), material: key.material.clone() }
}

impl App {
    /// What a person can show.
    pub(crate) async fn factors(&self, person: &str) -> Result<Factors, Problem> {
        let person = person.to_owned();
        self.ask(move |journal| journal.read(|tx| tx.factors(&person))).await
    }

    /// Whether this is the code of now, not used before (ASVS 6.5.1). `confirmed`: whether the app must be one that was confirmed.
    pub(crate) async fn takes_code(
        &self,
        person: &Person,
        typed: &str,
        confirmed: bool,
    ) -> Result<bool, Problem> {
        let (id, now) = (person.id.clone(), self.now());
        let app = self.ask(move |journal| journal.read(|tx| tx.code_app(&id))).await?;
        let Some(app) = app.filter(|app| app.confirmed.is_some() == confirmed) else { return Ok(false) };
        let seed = Seed::of_bytes(&self.vault()?.open_sealed(seed_place(person), &app.sealed)?);
        let Some(step) = seed.step(typed, now) else { return Ok(false) };
        let anew = match self.vault()?.is_stale(&app.sealed) {
            true => Some(self.vault()?.seal(seed_place(person), seed.as_bytes())?),
            false => None,
        };
        let id = person.id.clone();
        let work = move |journal: &Journal| {
            journal.write(move |tx| {
                let used = tx.use_step(&id, step, now)?;
                if let Some(anew) = &anew {
                    tx.reseal_code_app(&id, anew, &app.sealed)?;
                }
                Ok(used)
            })
        };
        self.ask::<_, journal::Error>(work).await
    }

    /// Whether this is one of the recovery codes, which is used up.
    pub(crate) async fn takes_recovery_code(&self, person: &Person, typed: &str) -> Result<bool, Problem> {
        let (id, hash, now) = (person.id.clone(), recovery_hash(&person.id, typed), self.now());
        self.ask(move |journal| journal.write(move |tx| tx.use_recovery_code(&id, hash, now))).await
    }

    /// A challenge for passkeys of a person, or of whoever is there.
    pub(crate) async fn challenge(
        &self,
        person: Option<&str>,
    ) -> Result<Option<door::passkey::Challenge>, Problem> {
        let Some(passkeys) = self.passkeys() else { return Ok(None) };
        let Some(person) = person.map(str::to_owned) else { return Ok(Some(passkeys.ask_anybody()?)) };
        let keys = self.ask(move |journal| journal.read(|tx| tx.passkeys(&person))).await?;
        let keys: Vec<Kept> = keys.iter().map(kept).collect();
        if keys.is_empty() { Ok(None) } else { Ok(Some(passkeys.ask(&keys)?)) }
    }

    /// Whose passkey answered a challenge, if it is right; where `person` is known it has to be theirs.
    pub(crate) async fn takes_passkey(
        &self,
        challenged: &Challenged,
        answer: String,
        person: Option<&str>,
    ) -> Result<Option<Person>, Problem> {
        let (Some(passkeys), Some(id)) = (self.passkeys().cloned(), Passkeys::named(&answer)) else {
            return Ok(None);
        };
        let now = self.now();
        let asked = id.clone();
        let find = move |journal: &Journal| {
            journal.read(|tx| {
                let Some(key) = tx.passkey(&asked)? else { return Ok(None) };
                Ok(tx.person(&key.person)?.map(|person| (key, person)))
            })
        };
        let found = self.ask::<_, journal::Error>(find).await?;
        let fits = |theirs: &Person| {
            theirs.membership(now) != Membership::Disabled && person.is_none_or(|id| theirs.id == id)
        };
        let Some((key, theirs)) = found.filter(|(_, theirs)| fits(theirs)) else { return Ok(None) };
        let Some(after) = passkeys.answered(&challenged.kept, &answer, &theirs.id, &kept(&key)) else {
            return Ok(None);
        };
        self.ask(move |journal| journal.write(move |tx| tx.see_passkey(&id, &after.material, now))).await?;
        Ok(Some(theirs))
    }

    /// Writes down what happened at the door. `doer`: who did it, where that is not the person.
    pub(crate) async fn note(
        &self,
        person: &str,
        event: &'static str,
        doer: Option<&str>,
        detail: String,
    ) -> Result<(), Problem> {
        let event = door_event(person, event, doer, detail, self.now())?;
        self.ask(move |journal| journal.write(move |tx| tx.note_door_event(&event))).await
    }
}

/// What happened at the door, to be written down in the transaction that does it.
pub(crate) fn door_event(
    person: &str,
    event: &'static str,
    doer: Option<&str>,
    detail: String,
    at: Instant,
) -> Result<DoorEvent, Problem> {
    Ok(DoorEvent {
        id: hex(&random::<12>()?),
        person: person.to_owned(),
        at,
        event: event.to_owned(),
        doer: doer.unwrap_or(person).to_owned(),
        detail,
    })
}

/// Where somebody was, as it is written down.
pub(crate) fn from(address: IpAddr) -> String {
    format!("from {address}")
}
