//! What people show beside a password: a code app, passkeys, recovery codes, who they are elsewhere; and what happened at the door.
//!
//! Who calls seals, hashes and judges; this room keeps, and sees to it that what works once works once.

use spans::Instant;

use super::NAME_BYTES_MAX;
use crate::{
    Hash, Result, Tx,
    entry::limit,
    value::{Row, args},
};

/// Passkeys of one person.
pub const PASSKEYS_MAX: u64 = 10;
/// Recovery codes that are given out at once.
pub const RECOVERY_CODES: usize = 10;
/// Events of one person that are shown.
pub const EVENTS_SHOWN_MAX: u64 = 50;
/// Bytes of what is kept for something begun: a challenge with the credentials it may be answered by.
const BEGUN_BYTES_MAX: usize = 64 << 10;

/// A code app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeApp {
    /// The seed, sealed.
    pub sealed: Vec<u8>,
    /// When it was set up.
    pub created: Instant,
    /// When its first code was right; none before that, and then it opens nothing.
    pub confirmed: Option<Instant>,
    /// The last step whose code was used, 30 s each since 1970.
    pub step: i64,
}

/// A passkey's public half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Its id, which its maker chose.
    pub credential: Vec<u8>,
    /// The [`Person::id`](super::Person::id).
    pub person: String,
    /// What its person calls it; unique for them.
    pub name: String,
    /// Key and counter, as JSON.
    pub material: String,
    /// When it was added.
    pub created: Instant,
    /// When it was last used.
    pub used: Option<Instant>,
}

/// Who somebody is at another place that signs people in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The place, as it calls itself.
    pub issuer: String,
    /// Whom it means, in its own words, for ever.
    pub subject: String,
    /// The [`Person::id`](super::Person::id).
    pub person: String,
    /// When it was linked.
    pub created: Instant,
    /// When it was last used.
    pub used: Option<Instant>,
}

/// What a person can show as a second factor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Factors {
    /// A code app that is confirmed.
    pub code_app: bool,
    /// How many passkeys.
    pub passkeys: u64,
    /// How many recovery codes that were not used.
    pub recovery_codes: u64,
}

impl Factors {
    /// Whether there is a second factor. Recovery codes stand in for one that was lost; alone they are none.
    pub fn any(self) -> bool {
        self.code_app || self.passkeys > 0
    }
}

/// Something begun in one request, to be ended in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The SHA-256 of the token in the browser's cookie.
    pub hash: Hash,
    /// What was begun.
    pub kind: String,
    /// By whom, where that is known.
    pub person: Option<String>,
    /// What is needed to end it, sealed.
    pub sealed: Vec<u8>,
    /// When it was begun.
    pub created: Instant,
    /// When it is too late to end it.
    pub ends: Instant,
}

/// Something that happened at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoorEvent {
    /// Unique.
    pub id: String,
    /// Whom it is about: a [`Person::id`](super::Person::id).
    pub person: String,
    /// When.
    pub at: Instant,
    /// What, such as `sign-in.done` or `factors.reset`.
    pub event: String,
    /// Who did it: a person's id, or `command line`.
    pub doer: String,
    /// More, in words, without any secret.
    pub detail: String,
}

const APP_SET: &str = "INSERT INTO code_app (person, sealed, created_us, confirmed_us, step)
    VALUES ($1, $2, $3, NULL, 0) ON CONFLICT (person) DO UPDATE
    SET sealed = excluded.sealed, created_us = excluded.created_us, step = 0
    WHERE code_app.confirmed_us IS NULL";
const APP: &str = "SELECT sealed, created_us, confirmed_us, step FROM code_app WHERE person = $1";
const APP_STEP: &str = "UPDATE code_app SET step = $2, confirmed_us = COALESCE(confirmed_us, $3)
    WHERE person = $1 AND step < $2";
const APP_END: &str = "DELETE FROM code_app WHERE person = $1";
const APP_RESEAL: &str = "UPDATE code_app SET sealed = $2 WHERE person = $1 AND sealed = $3";

const KEY_COUNT: &str = "SELECT count(*) FROM passkey WHERE person = $1";
const KEY_ADD: &str = "INSERT INTO passkey (credential, person, name, material, created_us)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const KEY: &str =
    "SELECT credential, person, name, material, created_us, used_us FROM passkey WHERE credential = $1";
const KEYS: &str = "SELECT credential, person, name, material, created_us, used_us FROM passkey
    WHERE person = $1 ORDER BY name LIMIT $2";
const KEY_USED: &str = "UPDATE passkey SET used_us = $2, material = $3 WHERE credential = $1";
const KEY_END: &str = "DELETE FROM passkey WHERE person = $1 AND credential = $2";
const KEY_END_ALL: &str = "DELETE FROM passkey WHERE person = $1";

const CODE_ADD: &str = "INSERT INTO recovery_code (hash, person, created_us) VALUES ($1, $2, $3)";
const CODE_USE: &str =
    "UPDATE recovery_code SET used_us = $3 WHERE person = $1 AND hash = $2 AND used_us IS NULL";
const CODE_LEFT: &str = "SELECT count(*) FROM recovery_code WHERE person = $1 AND used_us IS NULL";
const CODE_END_ALL: &str = "DELETE FROM recovery_code WHERE person = $1";

const IDENTITY_ADD: &str = "INSERT INTO identity (issuer, subject, person, created_us)
    VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const IDENTITY: &str = "SELECT issuer, subject, person, created_us, used_us FROM identity
    WHERE issuer = $1 AND subject = $2";
const IDENTITIES: &str = "SELECT issuer, subject, person, created_us, used_us FROM identity
    WHERE person = $1 ORDER BY issuer, subject LIMIT $2";
const IDENTITY_USED: &str = "UPDATE identity SET used_us = $3 WHERE issuer = $1 AND subject = $2";
const IDENTITY_END: &str = "DELETE FROM identity WHERE person = $1 AND issuer = $2 AND subject = $3";
const IDENTITY_END_ALL: &str = "DELETE FROM identity WHERE person = $1";

const BEGUN_ADD: &str = "INSERT INTO begun (hash, kind, person, sealed, created_us, ends_us)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO UPDATE SET kind = excluded.kind,
    person = excluded.person, sealed = excluded.sealed, created_us = excluded.created_us, ends_us = excluded.ends_us";
const BEGUN: &str = "SELECT hash, kind, person, sealed, created_us, ends_us FROM begun
    WHERE hash = $1 AND kind = $2 AND ends_us > $3";
const BEGUN_END: &str = "DELETE FROM begun WHERE hash = $1 AND kind = $2";
const BEGUN_END_ALL: &str = "DELETE FROM begun WHERE person = $1";

const EVENT_ADD: &str = "INSERT INTO door_event (id, person, at_us, event, doer, detail)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
const EVENTS: &str = "SELECT id, person, at_us, event, doer, detail FROM door_event
    WHERE person = $1 ORDER BY at_us DESC, id DESC LIMIT $2";
const EVENTS_ALL: &str = "SELECT id, person, at_us, event, doer, detail FROM door_event
    WHERE at_us < $1 ORDER BY at_us DESC, id LIMIT $2";
const EVENT_FORGET_DETAIL: &str = "UPDATE door_event SET detail = '' WHERE person = $1";

const CHOICE_FORGET: &str = "DELETE FROM notice_choice WHERE person = $1";
const PUSH_FORGET: &str = "DELETE FROM push_subscription WHERE person = $1";
const DELIVERY_FORGET: &str = "DELETE FROM delivery WHERE person = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    CHOICE_FORGET,
    PUSH_FORGET,
    DELIVERY_FORGET,
    APP_SET,
    APP,
    APP_STEP,
    APP_END,
    APP_RESEAL,
    KEY_COUNT,
    KEY_ADD,
    KEY,
    KEYS,
    KEY_USED,
    KEY_END,
    KEY_END_ALL,
    CODE_ADD,
    CODE_USE,
    CODE_LEFT,
    CODE_END_ALL,
    IDENTITY_ADD,
    IDENTITY,
    IDENTITIES,
    IDENTITY_USED,
    IDENTITY_END,
    IDENTITY_END_ALL,
    BEGUN_ADD,
    BEGUN,
    BEGUN_END,
    BEGUN_END_ALL,
    EVENT_ADD,
    EVENTS,
    EVENTS_ALL,
    EVENT_FORGET_DETAIL,
];

/// The code app.
impl Tx<'_> {
    /// Sets a code app up, in place of one that was never confirmed. False when one is confirmed: it has to be removed first.
    ///
    /// # Errors
    /// The journal's.
    pub fn set_code_app(&mut self, person: &str, sealed: &[u8], at: Instant) -> Result<bool> {
        Ok(self.run(APP_SET, args![person, sealed, at])? == 1)
    }

    /// A person's code app, confirmed or not.
    ///
    /// # Errors
    /// The journal's.
    pub fn code_app(&mut self, person: &str) -> Result<Option<CodeApp>> {
        self.row(APP, args![person])?.map(read_app).transpose()
    }

    /// Uses the code of a step up, and with the first one confirms the app. False when this or a later step's code was used
    /// before (ASVS 6.5.1).
    ///
    /// # Errors
    /// The journal's.
    pub fn use_step(&mut self, person: &str, step: i64, at: Instant) -> Result<bool> {
        Ok(self.run(APP_STEP, args![person, step, at])? == 1)
    }

    /// Seals a seed under another key, unless it changed meanwhile.
    ///
    /// # Errors
    /// The journal's.
    pub fn reseal_code_app(&mut self, person: &str, sealed: &[u8], before: &[u8]) -> Result<bool> {
        Ok(self.run(APP_RESEAL, args![person, sealed, before])? == 1)
    }

    /// Removes the code app; false when there was none.
    ///
    /// # Errors
    /// The journal's.
    pub fn end_code_app(&mut self, person: &str) -> Result<bool> {
        Ok(self.run(APP_END, args![person])? == 1)
    }
}

/// Passkeys.
impl Tx<'_> {
    /// Keeps a passkey. False when it is kept already, or the person has one of that name.
    ///
    /// # Errors
    /// [`crate::Error::TooMuch`] beyond [`PASSKEYS_MAX`] and for a long name, and the journal's.
    pub fn add_passkey(&mut self, key: &Passkey) -> Result<bool> {
        limit("bytes of a name", key.name.len(), NAME_BYTES_MAX)?;
        let held = self.row(KEY_COUNT, args![&key.person])?.map_or(Ok(0), |row| row.count(0))?;
        let max = usize::try_from(PASSKEYS_MAX).unwrap_or(usize::MAX);
        limit("passkeys of one person", usize::try_from(held + 1).unwrap_or(usize::MAX), max)?;
        let Passkey { credential, person, name, material, created, .. } = key;
        Ok(self.run(KEY_ADD, args![credential.as_slice(), person, name, material, *created])? == 1)
    }

    /// The passkey of this id.
    ///
    /// # Errors
    /// The journal's.
    pub fn passkey(&mut self, credential: &[u8]) -> Result<Option<Passkey>> {
        self.row(KEY, args![credential])?.map(read_key).transpose()
    }

    /// A person's passkeys, by name.
    ///
    /// # Errors
    /// The journal's.
    pub fn passkeys(&mut self, person: &str) -> Result<Vec<Passkey>> {
        self.rows(KEYS, args![person, PASSKEYS_MAX])?.into_iter().map(read_key).collect()
    }

    /// Notes that a passkey was used, with its counter as it is now.
    ///
    /// # Errors
    /// The journal's.
    pub fn see_passkey(&mut self, credential: &[u8], material: &str, at: Instant) -> Result<()> {
        self.run(KEY_USED, args![credential, at, material]).map(drop)
    }

    /// Removes one of a person's passkeys; false when there was none.
    ///
    /// # Errors
    /// The journal's.
    pub fn end_passkey(&mut self, person: &str, credential: &[u8]) -> Result<bool> {
        Ok(self.run(KEY_END, args![person, credential])? == 1)
    }
}

/// Recovery codes, and all factors together.
impl Tx<'_> {
    /// Gives a person these recovery codes, and voids all before.
    ///
    /// # Errors
    /// The journal's.
    pub fn set_recovery_codes(&mut self, person: &str, hashes: &[Hash], at: Instant) -> Result<()> {
        self.run(CODE_END_ALL, args![person])?;
        hashes.iter().try_for_each(|hash| self.run(CODE_ADD, args![*hash, person, at]).map(drop))
    }

    /// Uses a recovery code up. False when it is not this person's, or was used before.
    ///
    /// # Errors
    /// The journal's.
    pub fn use_recovery_code(&mut self, person: &str, hash: Hash, at: Instant) -> Result<bool> {
        Ok(self.run(CODE_USE, args![person, hash, at])? == 1)
    }

    /// What a person can show as a second factor.
    ///
    /// # Errors
    /// The journal's.
    pub fn factors(&mut self, person: &str) -> Result<Factors> {
        let count = |row: Option<Row>| row.map_or(Ok(0), |row| row.count(0));
        Ok(Factors {
            code_app: self.code_app(person)?.is_some_and(|app| app.confirmed.is_some()),
            passkeys: count(self.row(KEY_COUNT, args![person])?)?,
            recovery_codes: count(self.row(CODE_LEFT, args![person])?)?,
        })
    }

    /// Takes all second factors from a person: a code app, passkeys, recovery codes, and what was begun with them.
    ///
    /// # Errors
    /// The journal's.
    pub fn end_second_factors(&mut self, person: &str) -> Result<()> {
        let ends = [APP_END, KEY_END_ALL, CODE_END_ALL, BEGUN_END_ALL];
        ends.into_iter().try_for_each(|sql| self.run(sql, args![person]).map(drop))
    }

    /// The same, and who they are elsewhere.
    pub(super) fn end_factors(&mut self, person: &str) -> Result<()> {
        self.end_second_factors(person)?;
        self.end_identities(person)
    }

    pub(super) fn end_begun(&mut self, person: &str) -> Result<()> {
        self.run(BEGUN_END_ALL, args![person]).map(drop)
    }

    pub(super) fn end_identities(&mut self, person: &str) -> Result<()> {
        self.run(IDENTITY_END_ALL, args![person]).map(drop)
    }
}

/// Who people are elsewhere.
impl Tx<'_> {
    /// Links a person. False when this issuer's subject is linked already, whoever it is.
    ///
    /// # Errors
    /// [`crate::Error::TooMuch`] for long words, and the journal's.
    pub fn add_identity(&mut self, issuer: &str, subject: &str, person: &str, at: Instant) -> Result<bool> {
        limit("bytes of an issuer", issuer.len(), 4 * NAME_BYTES_MAX)?;
        limit("bytes of a subject", subject.len(), 2 * NAME_BYTES_MAX)?;
        Ok(self.run(IDENTITY_ADD, args![issuer, subject, person, at])? == 1)
    }

    /// Whom an issuer means by a subject.
    ///
    /// # Errors
    /// The journal's.
    pub fn identity(&mut self, issuer: &str, subject: &str) -> Result<Option<Identity>> {
        self.row(IDENTITY, args![issuer, subject])?.map(read_identity).transpose()
    }

    /// Who a person is elsewhere.
    ///
    /// # Errors
    /// The journal's.
    pub fn identities(&mut self, person: &str) -> Result<Vec<Identity>> {
        self.rows(IDENTITIES, args![person, PASSKEYS_MAX])?.into_iter().map(read_identity).collect()
    }

    /// Notes that somebody came in this way.
    ///
    /// # Errors
    /// The journal's.
    pub fn see_identity(&mut self, issuer: &str, subject: &str, at: Instant) -> Result<()> {
        self.run(IDENTITY_USED, args![issuer, subject, at]).map(drop)
    }

    /// Unlinks; false when there was no such link.
    ///
    /// # Errors
    /// The journal's.
    pub fn end_identity(&mut self, person: &str, issuer: &str, subject: &str) -> Result<bool> {
        Ok(self.run(IDENTITY_END, args![person, issuer, subject])? == 1)
    }
}

/// Things begun, and what happened.
impl Tx<'_> {
    /// Keeps something begun, in place of what was begun under the same token.
    ///
    /// # Errors
    /// [`crate::Error::TooMuch`], and the journal's.
    pub fn begin(&mut self, begun: &Begun) -> Result<()> {
        let Begun { hash, kind, person, sealed, created, ends } = begun;
        limit("bytes of something begun", sealed.len(), BEGUN_BYTES_MAX)?;
        self.run(BEGUN_ADD, args![*hash, kind, person.as_deref(), sealed.as_slice(), *created, *ends])
            .map(drop)
    }

    /// What was begun under a token, while it is not too late. It stays.
    ///
    /// # Errors
    /// The journal's.
    pub fn begun(&mut self, hash: Hash, kind: &str, at: Instant) -> Result<Option<Begun>> {
        self.row(BEGUN, args![hash, kind, at])?.map(read_begun).transpose()
    }

    /// Takes what was begun: whoever comes second with the same token finds nothing.
    ///
    /// # Errors
    /// The journal's.
    pub fn take_begun(&mut self, hash: Hash, kind: &str, at: Instant) -> Result<Option<Begun>> {
        let found = self.begun(hash, kind, at)?;
        let taken = self.run(BEGUN_END, args![hash, kind])? == 1;
        Ok(found.filter(|_| taken))
    }

    /// Writes down what happened at the door.
    ///
    /// # Errors
    /// The journal's.
    pub fn note_door_event(&mut self, event: &DoorEvent) -> Result<()> {
        let DoorEvent { id, person, at, event, doer, detail } = event;
        let detail = &detail[..detail.floor_char_boundary(NAME_BYTES_MAX)];
        self.run(EVENT_ADD, args![id, person, *at, event, doer, detail]).map(drop)
    }

    /// What happened to a person at the door, the latest first; at most [`EVENTS_SHOWN_MAX`].
    ///
    /// # Errors
    /// The journal's.
    pub fn door_events(&mut self, person: &str) -> Result<Vec<DoorEvent>> {
        self.rows(EVENTS, args![person, EVENTS_SHOWN_MAX])?.into_iter().map(read_event).collect()
    }

    /// What happened to anybody at the door before an instant, the latest first, up to so many.
    ///
    /// # Errors
    /// The journal's.
    pub fn all_door_events(&mut self, before: Instant, limit: u64) -> Result<Vec<DoorEvent>> {
        self.rows(EVENTS_ALL, args![before, limit])?.into_iter().map(read_event).collect()
    }

    /// What tells who a person was beside their name: details of events, and where notices went.
    pub(super) fn forget_details(&mut self, person: &str) -> Result<()> {
        let gone = [EVENT_FORGET_DETAIL, CHOICE_FORGET, PUSH_FORGET, DELIVERY_FORGET];
        gone.into_iter().try_for_each(|sql| self.run(sql, args![person]).map(drop))
    }
}

fn read_app(mut row: Row) -> Result<CodeApp> {
    Ok(CodeApp {
        sealed: row.bytes(0)?,
        created: row.instant(1)?,
        confirmed: row.instant_or_null(2)?,
        step: row.int(3)?,
    })
}

fn read_key(mut row: Row) -> Result<Passkey> {
    Ok(Passkey {
        credential: row.bytes(0)?,
        person: row.text(1)?,
        name: row.text(2)?,
        material: row.text(3)?,
        created: row.instant(4)?,
        used: row.instant_or_null(5)?,
    })
}

fn read_identity(mut row: Row) -> Result<Identity> {
    Ok(Identity {
        issuer: row.text(0)?,
        subject: row.text(1)?,
        person: row.text(2)?,
        created: row.instant(3)?,
        used: row.instant_or_null(4)?,
    })
}

fn read_begun(mut row: Row) -> Result<Begun> {
    Ok(Begun {
        hash: row.hash(0)?,
        kind: row.text(1)?,
        person: row.text_or_null(2)?,
        sealed: row.bytes(3)?,
        created: row.instant(4)?,
        ends: row.instant(5)?,
    })
}

fn read_event(mut row: Row) -> Result<DoorEvent> {
    Ok(DoorEvent {
        id: row.text(0)?,
        person: row.text(1)?,
        at: row.instant(2)?,
        event: row.text(3)?,
        doer: row.text(4)?,
        detail: row.text(5)?,
    })
}
