//! Who may come in: people. What they come in by lies in `people/credential.rs`.
//!
//! These are no facts. They are in no chain, no export and no projection, and `verify` and `rebuild` leave them alone.
//! Of every secret only a hash is kept. Who calls makes the tokens and the hashes; this room only keeps them.

mod choice;
mod credential;
mod factor;
mod guess;
mod trace;

use facts::{ClientId, Side};
use spans::Instant;

pub use self::choice::{
    ADDRESS_BYTES_MAX, Choice, ENDPOINT_BYTES_MAX, HOURLY, SUBSCRIPTIONS_MAX, Subscription, Wish,
};
pub use self::credential::{AGENT_BYTES_MAX, ApiToken, DEVICES_MAX, SESSIONS_MAX, Session, TOKENS_MAX};
pub(crate) use self::factor::STATEMENTS as FACTORS;
pub use self::factor::{
    Begun, CodeApp, DoorEvent, EVENTS_SHOWN_MAX, Factors, Identity, PASSKEYS_MAX, Passkey, RECOVERY_CODES,
};
pub use self::trace::{Draft, Sent, TRACES_MAX, Traces};
pub(crate) use self::{
    choice::STATEMENTS as CHOICES, credential::STATEMENTS as CREDENTIALS, guess::STATEMENTS as GUESSES,
    trace::STATEMENTS as TRACES,
};
use crate::{
    Error, Result, Tx,
    entry::limit,
    value::{Row, args},
};

/// Bytes of a login.
pub const LOGIN_BYTES_MAX: usize = 100;
/// Bytes of a person's or a token's name.
pub const NAME_BYTES_MAX: usize = 200;
/// Roles of one person, and as many skills.
pub const ROLES_MAX: usize = 32;
/// People that are read at once, and as many of the provider's are there at most.
pub const PEOPLE_MAX: u64 = 1_000;

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Never used again, and in no address.
    pub id: String,
    /// What they type: lower case, unique.
    pub login: String,
    /// What they are called, as statements show it.
    pub name: String,
    /// Whose side they are on.
    pub standing: Standing,
    /// What they may do, in the agreement's words, such as `manager` or `contact`.
    pub roles: Vec<String>,
    /// What they can do, such as `atlassian-dc`.
    pub skills: Vec<String>,
    /// When they were added.
    pub created: Instant,
    /// Since when they may no longer come in.
    pub disabled: Option<Instant>,
    /// From when they count under the agreement's notice; none for those who counted from the start (SH-REQ-06).
    pub effective: Option<Instant>,
    /// Until when they count; none while nobody said.
    pub leaves: Option<Instant>,
    /// When everything that told who they were was taken away.
    pub erased: Option<Instant>,
    /// When somebody last confirmed that they belong here.
    pub reviewed: Option<Instant>,
    /// When they were last signed in, within what the keeper wrote down.
    pub seen: Option<Instant>,
}

/// Whether a person belongs here at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// Named, and not counted yet: the agreement's notice runs.
    Announced,
    /// Counted.
    Effective,
    /// Counted, and it is known until when.
    Leaving,
    /// May no longer come in.
    Disabled,
}

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The person's id.
    pub id: String,
    /// What they are called.
    pub name: String,
    /// What they type.
    pub login: String,
    /// Whose person; none for the provider's.
    pub client: Option<ClientId>,
}

/// Whose side a person is on. A person of a client is of exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The provider's own people, who see every client.
    Staff,
    /// People of one client, who see that one only.
    Of(ClientId),
}

const ADD: &str =
    "INSERT INTO person (id, login, name, side, client, roles, skills, created_us, effective_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (login) DO NOTHING";
const BY_ID: &str = "SELECT id, login, name, side, client, roles, skills, created_us, disabled_us, password,
    effective_us, leaves_us, erased_us, reviewed_us, seen_us
    FROM person WHERE id = $1";
const BY_LOGIN: &str =
    "SELECT id, login, name, side, client, roles, skills, created_us, disabled_us, password,
    effective_us, leaves_us, erased_us, reviewed_us, seen_us
    FROM person WHERE login = $1";
const ALL: &str = "SELECT id, login, name, side, client, roles, skills, created_us, disabled_us, password,
    effective_us, leaves_us, erased_us, reviewed_us, seen_us
    FROM person WHERE login > $1 ORDER BY login LIMIT $2";
const STAFF: &str = "SELECT id, login, name, side, client, roles, skills, created_us, disabled_us, password,
    effective_us, leaves_us, erased_us, reviewed_us, seen_us
    FROM person WHERE side = 'provider' AND disabled_us IS NULL ORDER BY login LIMIT $1";
const HOLD_STAFF: &str = "SELECT id FROM person WHERE side = 'provider' ORDER BY id {for_update}";
const NAMES: &str = "SELECT id, name, login, client FROM person";
const FORGET: &str = "DELETE FROM person WHERE id = $1 AND password IS NULL AND seen_us IS NULL";
const OF_CLIENT: &str =
    "SELECT id, login, name, side, client, roles, skills, created_us, disabled_us, password,
    effective_us, leaves_us, erased_us, reviewed_us, seen_us
    FROM person WHERE client = $1 AND login > $2 ORDER BY login LIMIT $3";
const HOLD_CLIENT: &str = "SELECT id FROM person WHERE client = $1 ORDER BY id {for_update}";
const SET_PASSWORD: &str = "UPDATE person SET password = $2 WHERE id = $1";
const END_PASSWORD: &str = "UPDATE person SET password = NULL WHERE id = $1";
const PASSWORD: &str = "SELECT id FROM person WHERE id = $1 AND password IS NOT NULL";
const SET_DISABLED: &str = "UPDATE person SET disabled_us = $2 WHERE id = $1";
const SET_ROLES: &str = "UPDATE person SET roles = $2, skills = $3 WHERE id = $1";
const SET_NAME: &str = "UPDATE person SET name = $2 WHERE id = $1";
const SET_TERM: &str = "UPDATE person SET effective_us = $2 WHERE id = $1";
const SET_LEAVES: &str = "UPDATE person SET leaves_us = $2 WHERE id = $1";
const LEFT: &str = "SELECT id, login, name, side, client, roles, skills, created_us, disabled_us, password,
    effective_us, leaves_us, erased_us, reviewed_us, seen_us
    FROM person WHERE leaves_us <= $1 AND disabled_us IS NULL ORDER BY leaves_us, id LIMIT $2";
const SET_REVIEWED: &str = "UPDATE person SET reviewed_us = $2 WHERE id = $1";
const SET_SEEN: &str = "UPDATE person SET seen_us = $2 WHERE id = $1 AND (seen_us IS NULL OR seen_us < $2)";
const ERASE: &str = "UPDATE person SET login = $3, name = $4, password = NULL, skills = '[]', erased_us = $2,
    disabled_us = COALESCE(disabled_us, $2) WHERE id = $1";

const PULSE: &str = "INSERT INTO pulse (name, at_us) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET at_us = excluded.at_us";

pub(crate) const STATEMENTS: &[&str] = &[
    ADD,
    BY_ID,
    BY_LOGIN,
    ALL,
    STAFF,
    HOLD_STAFF,
    FORGET,
    OF_CLIENT,
    HOLD_CLIENT,
    SET_PASSWORD,
    END_PASSWORD,
    PASSWORD,
    SET_DISABLED,
    SET_ROLES,
    SET_NAME,
    SET_TERM,
    SET_LEAVES,
    LEFT,
    SET_REVIEWED,
    SET_SEEN,
    ERASE,
    NAMES,
    PULSE,
];

impl Person {
    /// Somebody new, without roles and skills, who counts from the start.
    pub fn new(id: &str, login: &str, name: &str, standing: Standing, created: Instant) -> Person {
        Person {
            id: id.to_owned(),
            login: login.to_owned(),
            name: name.to_owned(),
            standing,
            roles: Vec::new(),
            skills: Vec::new(),
            created,
            disabled: None,
            effective: None,
            leaves: None,
            erased: None,
            reviewed: None,
            seen: None,
        }
    }

    /// Whether they belong here at `at` (SH-REQ-06, SH-DEF-12: a removal is at once).
    pub fn membership(&self, at: Instant) -> Membership {
        match (self.disabled, self.effective, self.leaves) {
            (Some(_), ..) => Membership::Disabled,
            (_, _, Some(leaves)) if leaves <= at => Membership::Disabled,
            (_, Some(effective), _) if at < effective => Membership::Announced,
            (_, _, Some(_)) => Membership::Leaving,
            _ => Membership::Effective,
        }
    }

    /// Whether they count at `at`: they are told of things, and can be given work.
    pub fn is_here(&self, at: Instant) -> bool {
        matches!(self.membership(at), Membership::Effective | Membership::Leaving)
    }

    /// Whether they hold a role.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }
}

impl Standing {
    /// The client whose person it is.
    pub fn client(&self) -> Option<&ClientId> {
        match self {
            Standing::Staff => None,
            Standing::Of(client) => Some(client),
        }
    }

    /// The side, as facts name it.
    pub fn side(&self) -> Side {
        match self {
            Standing::Staff => Side::Provider,
            Standing::Of(_) => Side::Client,
        }
    }
}

/// People.
impl Tx<'_> {
    /// Adds somebody, without a password. False when the login is taken; then nothing is changed.
    ///
    /// # Errors
    /// [`Error::TooMuch`] for a login, name, role or skill over its limit, and the journal's.
    pub fn add_person(&mut self, person: &Person) -> Result<bool> {
        limit("bytes of a login", person.login.len(), LOGIN_BYTES_MAX)?;
        limit("bytes of a name", person.name.len(), NAME_BYTES_MAX)?;
        let (roles, skills) = (words("roles", &person.roles)?, words("skills", &person.skills)?);
        let (side, client) = (person.standing.side().name(), person.standing.client());
        let Person { id, login, name, created, effective, .. } = person;
        Ok(self.run(ADD, args![id, login, name, side, client, roles, skills, *created, *effective])? == 1)
    }

    /// The person with this id.
    ///
    /// # Errors
    /// The journal's.
    pub fn person(&mut self, id: &str) -> Result<Option<Person>> {
        self.row(BY_ID, args![id])?.map(|row| Ok(read(row)?.0)).transpose()
    }

    /// The person with this login, and the hash of their password when they have one.
    ///
    /// # Errors
    /// The journal's.
    pub fn person_by_login(&mut self, login: &str) -> Result<Option<(Person, Option<String>)>> {
        self.row(BY_LOGIN, args![login])?.map(read).transpose()
    }

    /// Everybody, staff last, then by client and login. For lists only: whoever asks for one side reads that side.
    ///
    /// # Errors
    /// The journal's.
    pub fn people(&mut self) -> Result<Vec<Person>> {
        let mut all = paged(|after| self.rows(ALL, args![after, PEOPLE_MAX]))?;
        let place = |person: &Person| {
            let client = person.standing.client().cloned();
            (client.is_none(), client, person.login.clone())
        };
        all.sort_by_cached_key(place);
        Ok(all)
    }

    /// The provider's people who may come in, by login; at most [`PEOPLE_MAX`].
    ///
    /// # Errors
    /// The journal's.
    pub fn staff(&mut self) -> Result<Vec<Person>> {
        self.rows(STAFF, args![PEOPLE_MAX])?.into_iter().map(|row| Ok(read(row)?.0)).collect()
    }

    /// Holds the provider's people as they are until this transaction, which writes, ends.
    ///
    /// # Errors
    /// The journal's.
    pub fn hold_staff(&mut self) -> Result<()> {
        self.rows(HOLD_STAFF, args![]).map(drop)
    }

    /// What everybody is called who ever had a door.
    ///
    /// # Errors
    /// The journal's.
    pub fn names(&mut self) -> Result<Vec<Named>> {
        let rows = self.rows(NAMES, args![])?.into_iter();
        rows.map(|mut row| {
            let client = row.text_or_null(3)?.map(|client| client.parse()).transpose();
            let client = client.map_err(|_| Error::Shape { column: 3, expected: "a client id" })?;
            Ok(Named { id: row.text(0)?, name: row.text(1)?, login: row.text(2)?, client })
        })
        .collect()
    }

    /// Forgets somebody who was added just now and never had a door.
    ///
    /// # Errors
    /// The journal's.
    pub fn forget_person(&mut self, person: &str) -> Result<bool> {
        Ok(self.run(FORGET, args![person])? == 1)
    }

    /// Holds the people of a client as they are until this transaction, which writes, ends.
    ///
    /// # Errors
    /// The journal's.
    pub fn hold_people_of(&mut self, client: &ClientId) -> Result<()> {
        self.rows(HOLD_CLIENT, args![client]).map(drop)
    }

    /// The people of one client, those included who may no longer come in, by login.
    ///
    /// # Errors
    /// The journal's.
    pub fn people_of(&mut self, client: &ClientId) -> Result<Vec<Person>> {
        paged(|after| self.rows(OF_CLIENT, args![client, after, PEOPLE_MAX]))
    }

    /// Sets from when a person counts.
    ///
    /// # Errors
    /// The journal's.
    pub fn set_term(&mut self, person: &str, effective: Option<Instant>) -> Result<bool> {
        Ok(self.run(SET_TERM, args![person, effective])? == 1)
    }

    /// Sets until when a person counts; none for as long as nobody says.
    ///
    /// # Errors
    /// The journal's.
    pub fn set_leaves(&mut self, person: &str, leaves: Option<Instant>) -> Result<bool> {
        Ok(self.run(SET_LEAVES, args![person, leaves])? == 1)
    }

    /// Those who were to leave by then and are not shut out yet; at most [`PEOPLE_MAX`].
    ///
    /// # Errors
    /// The journal's.
    pub fn left_by(&mut self, at: Instant) -> Result<Vec<Person>> {
        self.rows(LEFT, args![at, PEOPLE_MAX])?.into_iter().map(|row| Ok(read(row)?.0)).collect()
    }

    /// Notes that somebody confirmed that a person belongs here.
    ///
    /// # Errors
    /// The journal's.
    pub fn set_reviewed(&mut self, person: &str, at: Instant) -> Result<bool> {
        Ok(self.run(SET_REVIEWED, args![person, at])? == 1)
    }

    /// Notes that a person was here.
    ///
    /// # Errors
    /// The journal's.
    pub fn see_person(&mut self, person: &str, at: Instant) -> Result<()> {
        self.run(SET_SEEN, args![person, at]).map(drop)
    }

    /// Takes away everything that tells who a person was, all they came in by, what stood at their desk (drafts, views,
    /// clearance), what they were told, and what others were told by them.
    /// Texts and files of theirs are erased one by one ([`Tx::erase_text`], [`Tx::empty_file`]). Their id stays, and with it every fact: the
    /// chain knows no names.
    ///
    /// # Errors
    /// The journal's.
    pub fn erase_person(&mut self, person: &str, at: Instant) -> Result<bool> {
        self.end_credentials(person)?;
        self.end_factors(person)?;
        self.forget_details(person)?;
        self.forget_desk(person)?;
        self.forget_inbox(person)?;
        let short = &person[..person.floor_char_boundary(8)];
        let (login, name) = (format!("erased-{person}"), format!("Erased person {short}"));
        Ok(self.run(ERASE, args![person, at, login, name])? == 1)
    }

    /// Sets the password's hash, a PHC text. Sessions and devices stay: their keeper decides which of them end.
    ///
    /// # Errors
    /// The journal's.
    pub fn set_password(&mut self, person: &str, phc: &str) -> Result<bool> {
        Ok(self.run(SET_PASSWORD, args![person, phc])? == 1)
    }

    /// Whether a person has, or ever had, a door of their own: a password, somewhere else that says who they are, a second factor,
    /// or a time at which they were here. Until then whoever named them may give them a way in.
    ///
    /// # Errors
    /// The journal's.
    pub fn has_door(&mut self, person: &Person) -> Result<bool> {
        let id = &person.id;
        Ok(person.seen.is_some()
            || self.row(PASSWORD, args![id])?.is_some()
            || !self.identities(id)?.is_empty()
            || self.factors(id)?.any())
    }

    /// Ends every first way in at once: the password, who they are elsewhere, sessions, devices, API tokens, secrets that were not
    /// used. Second factors stay, so that whoever begins anew is asked for them.
    ///
    /// # Errors
    /// The journal's.
    pub fn end_ways_in(&mut self, person: &str) -> Result<()> {
        self.end_credentials(person)?;
        self.end_identities(person)?;
        self.end_begun(person)?;
        self.run(END_PASSWORD, args![person]).map(drop)
    }

    /// Takes all second factors away, and with them what was opened by them and what stands beside a password: who they are
    /// elsewhere, sessions, devices, API tokens, secrets that were not used. The password stays.
    ///
    /// # Errors
    /// The journal's.
    pub fn reset_factors(&mut self, person: &str) -> Result<()> {
        self.end_factors(person)?;
        self.end_credentials(person)
    }

    /// Calls a person something else from now on.
    ///
    /// # Errors
    /// [`Error::TooMuch`], and the journal's.
    pub fn set_name(&mut self, person: &str, name: &str) -> Result<bool> {
        limit("bytes of a name", name.len(), NAME_BYTES_MAX)?;
        Ok(self.run(SET_NAME, args![person, name])? == 1)
    }

    /// Sets what a person may and can do, from the next request on.
    ///
    /// # Errors
    /// [`Error::TooMuch`], and the journal's.
    pub fn set_roles(&mut self, person: &str, roles: &[String], skills: &[String]) -> Result<bool> {
        let (roles, skills) = (words("roles", roles)?, words("skills", skills)?);
        Ok(self.run(SET_ROLES, args![person, roles, skills])? == 1)
    }

    /// Keeps a person out from now on: sessions, devices, one-time secrets and API tokens are gone at once. Second factors stay, so
    /// that who is let in again is asked for them.
    ///
    /// # Errors
    /// The journal's.
    pub fn disable_person(&mut self, person: &str, at: Instant) -> Result<bool> {
        self.end_credentials(person)?;
        Ok(self.run(SET_DISABLED, args![person, at])? == 1)
    }

    /// Lets a disabled person in again, who signs in anew.
    ///
    /// # Errors
    /// The journal's.
    pub fn enable_person(&mut self, person: &str) -> Result<bool> {
        Ok(self.run(SET_DISABLED, args![person, None::<i64>])? == 1)
    }

    /// Writes one row, so that a server can say whether its store takes writes.
    ///
    /// # Errors
    /// The journal's.
    pub fn pulse(&mut self, name: &str, at: Instant) -> Result<()> {
        self.run(PULSE, args![name, at]).map(drop)
    }
}

/// Reads on behind the last login until nobody is left. No login is empty.
fn paged(mut page: impl FnMut(&str) -> Result<Vec<Row>>) -> Result<Vec<Person>> {
    let mut all: Vec<Person> = Vec::new();
    loop {
        let rows = page(all.last().map_or("", |last| last.login.as_str()))?;
        let is_last = (rows.len() as u64) < PEOPLE_MAX;
        for row in rows {
            all.push(read(row)?.0);
        }
        if is_last {
            return Ok(all);
        }
    }
}

fn read(mut row: Row) -> Result<(Person, Option<String>)> {
    let standing = match row.text_or_null(4)? {
        Some(client) => {
            Standing::Of(client.parse().map_err(|_| Error::Shape { column: 4, expected: "a client id" })?)
        }
        None => Standing::Staff,
    };
    let person = Person {
        id: row.text(0)?,
        login: row.text(1)?,
        name: row.text(2)?,
        standing,
        roles: read_words(&mut row, 5)?,
        skills: read_words(&mut row, 6)?,
        created: row.instant(7)?,
        disabled: row.instant_or_null(8)?,
        effective: row.instant_or_null(10)?,
        leaves: row.instant_or_null(11)?,
        erased: row.instant_or_null(12)?,
        reviewed: row.instant_or_null(13)?,
        seen: row.instant_or_null(14)?,
    };
    Ok((person, row.text_or_null(9)?))
}

/// A list of words as the JSON that is kept.
fn words(what: &'static str, words: &[String]) -> Result<String> {
    limit(what, words.len(), ROLES_MAX)?;
    words.iter().try_for_each(|word| limit(what, word.len(), NAME_BYTES_MAX))?;
    Ok(serde_json::to_string(words).expect("a list of text always serializes"))
}

fn read_words(row: &mut Row, column: usize) -> Result<Vec<String>> {
    let text = row.text(column)?;
    serde_json::from_str(&text).map_err(|_| Error::Shape { column, expected: "a list of text" })
}
