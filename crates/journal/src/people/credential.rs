//! What people come in by: sessions and the devices they began on, one-time secrets, API tokens.
//!
//! Of each only a hash is kept: the SHA-256 of a random token of 256 bits (where guessing is hopeless a slow hash adds nothing).

use facts::ClientId;
use spans::Instant;

use super::{NAME_BYTES_MAX, Person, words};
use crate::{
    Error, Hash, Result, Tx,
    entry::limit,
    value::{Row, args},
};

/// Bytes that are kept of what a browser calls itself.
pub const AGENT_BYTES_MAX: usize = 200;
/// Sessions of one person; the one unseen for longest makes room.
pub const SESSIONS_MAX: u64 = 20;
/// Devices of one person; the oldest makes room.
pub const DEVICES_MAX: u64 = 20;
/// API tokens of one person.
pub const TOKENS_MAX: u64 = 20;

/// A browser that is signed in, and who uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The SHA-256 of its token: enough to end it, of no use to sign in.
    pub hash: Hash,
    /// The [`Person::id`].
    pub person: String,
    /// When it began.
    pub created: Instant,
    /// When it was last used, within what its keeper wrote down.
    pub seen: Instant,
    /// When it ends however much it is used.
    pub ends: Instant,
    /// What the browser calls itself.
    pub agent: String,
    /// What it began with, such as `password+code` or `passkey`.
    pub how: String,
    /// How many factors that were; staff need two.
    pub factors: u8,
    /// When its person last showed all of them: sensitive acts ask for it again after a while (ASVS 7.5.1).
    pub strong: Option<Instant>,
}

/// What a program of a person signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The SHA-256 of the token.
    pub hash: Hash,
    /// The [`Person::id`].
    pub person: String,
    /// What its person calls it; unique for them.
    pub name: String,
    /// When it was made.
    pub created: Instant,
    /// When it ends.
    pub ends: Instant,
    /// When it was last used, within what its keeper wrote down.
    pub used: Option<Instant>,
    /// Whether it may change anything.
    pub writes: bool,
    /// How many factors its person had shown when it was made.
    pub factors: u8,
    /// The one client it sees; none for all that its person sees.
    pub client: Option<ClientId>,
    /// Those of its person's roles that it has; none for all.
    pub roles: Option<Vec<String>>,
    /// The networks from which it works, as `192.0.2.0/24` (RFC 4632); none for any.
    pub networks: Option<Vec<String>>,
}

const SESSION_ADD: &str = "INSERT INTO session
    (hash, person, created_us, seen_us, ends_us, agent, how, factors, strong_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const SESSION: &str = "SELECT hash, person, created_us, seen_us, ends_us, agent, how, factors, strong_us
    FROM session WHERE hash = $1";
const SESSIONS: &str =
    "SELECT hash, person, created_us, seen_us, ends_us, agent, how, factors, strong_us FROM session
    WHERE person = $1 AND ends_us > $2 ORDER BY seen_us DESC, hash LIMIT $3";
const SESSION_SEEN: &str = "UPDATE session SET seen_us = $2 WHERE hash = $1 AND seen_us < $2";
const SESSION_END: &str = "DELETE FROM session WHERE person = $1 AND hash = $2";
const SESSION_END_OTHERS: &str = "DELETE FROM session WHERE person = $1 AND hash <> $2";
const SESSION_END_ALL: &str = "DELETE FROM session WHERE person = $1";
const SESSION_MAKE_ROOM: &str = "DELETE FROM session WHERE person = $1 AND hash NOT IN
    (SELECT hash FROM session WHERE person = $1 ORDER BY seen_us DESC, hash LIMIT $2)";

const DEVICE_ADD: &str = "INSERT INTO device (hash, person, created_us) VALUES ($1, $2, $3)";
const DEVICE: &str = "SELECT 1 FROM device WHERE hash = $1 AND person = $2";
const DEVICE_FORGET: &str = "DELETE FROM device WHERE person = $1";
const DEVICE_MAKE_ROOM: &str = "DELETE FROM device WHERE person = $1 AND hash NOT IN
    (SELECT hash FROM device WHERE person = $1 ORDER BY created_us DESC, hash LIMIT $2)";

const SECRET_ADD: &str = "INSERT INTO one_time_secret (hash, person, purpose, created_us, ends_us)
    VALUES ($1, $2, $3, $4, $5)";
const SECRET_REPLACE: &str =
    "DELETE FROM one_time_secret WHERE person = $1 AND purpose = $2 AND used_us IS NULL";
const SECRET_END_ALL: &str = "DELETE FROM one_time_secret WHERE person = $1 AND used_us IS NULL";
const SECRET_USE: &str = "UPDATE one_time_secret SET used_us = $4
    WHERE hash = $1 AND person = $2 AND purpose = $3 AND used_us IS NULL AND ends_us > $4";

const TOKEN_COUNT: &str = "SELECT count(*) FROM api_token WHERE person = $1";
const TOKEN_ADD: &str = "INSERT INTO api_token
    (hash, person, name, created_us, ends_us, writes, factors, client, roles, networks)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (person, name) DO NOTHING";
const TOKEN: &str =
    "SELECT hash, person, name, created_us, ends_us, used_us, writes, factors, client, roles, networks
    FROM api_token WHERE hash = $1";
const TOKENS: &str =
    "SELECT hash, person, name, created_us, ends_us, used_us, writes, factors, client, roles, networks
    FROM api_token WHERE person = $1 ORDER BY name LIMIT $2";
const TOKENS_ALL: &str =
    "SELECT hash, person, name, created_us, ends_us, used_us, writes, factors, client, roles, networks
    FROM api_token WHERE ends_us > $1 ORDER BY person, name LIMIT $2";
const TOKEN_USED: &str = "UPDATE api_token SET used_us = $2 WHERE hash = $1";
const TOKEN_END: &str = "DELETE FROM api_token WHERE person = $1 AND hash = $2";
const TOKEN_END_ALL: &str = "DELETE FROM api_token WHERE person = $1";

const SECRET_ENDS: &str = "SELECT ends_us FROM one_time_secret
    WHERE person = $1 AND purpose = $2 AND used_us IS NULL AND ends_us > $3";

const SWEEP_BEGUN: &str = "DELETE FROM begun WHERE ends_us <= $1";
const SWEEP_SESSIONS: &str = "DELETE FROM session WHERE ends_us <= $1";
const SWEEP_SECRETS: &str = "DELETE FROM one_time_secret WHERE ends_us <= $1";
const SWEEP_TOKENS: &str = "DELETE FROM api_token WHERE ends_us <= $1";

pub(crate) const STATEMENTS: &[&str] = &[
    SESSION_ADD,
    SESSION,
    SESSIONS,
    SESSION_SEEN,
    SESSION_END,
    SESSION_END_OTHERS,
    SESSION_END_ALL,
    SESSION_MAKE_ROOM,
    DEVICE_ADD,
    DEVICE,
    DEVICE_FORGET,
    DEVICE_MAKE_ROOM,
    SECRET_ADD,
    SECRET_REPLACE,
    SECRET_END_ALL,
    SECRET_USE,
    TOKEN_COUNT,
    TOKEN_ADD,
    TOKEN,
    TOKENS,
    TOKENS_ALL,
    TOKEN_USED,
    TOKEN_END,
    TOKEN_END_ALL,
    SECRET_ENDS,
    SWEEP_BEGUN,
    SWEEP_SESSIONS,
    SWEEP_SECRETS,
    SWEEP_TOKENS,
];

/// Sessions and devices.
impl Tx<'_> {
    /// Begins a session. Beyond [`SESSIONS_MAX`] the one unseen for longest ends.
    ///
    /// # Errors
    /// The journal's.
    pub fn begin_session(&mut self, session: &Session) -> Result<()> {
        let Session { hash, person, created, seen, ends, agent, how, factors, strong } = session;
        let (agent, factors) = (cut(agent, AGENT_BYTES_MAX), i64::from(*factors));
        self.run(SESSION_ADD, args![*hash, person, *created, *seen, *ends, agent, how, factors, *strong])?;
        self.run(SESSION_MAKE_ROOM, args![person, SESSIONS_MAX]).map(drop)
    }

    /// The session of a token and whose it is; nothing once it ended or its person is disabled.
    ///
    /// # Errors
    /// The journal's.
    pub fn session(&mut self, token: Hash, at: Instant) -> Result<Option<(Session, Person)>> {
        let Some(row) = self.row(SESSION, args![token])? else { return Ok(None) };
        let session = read_session(row)?;
        let person = self.person(&session.person)?.filter(|person| person.disabled.is_none());
        Ok(person.filter(|_| session.ends > at).map(|person| (session, person)))
    }

    /// A person's sessions that have not ended, the last used first.
    ///
    /// # Errors
    /// The journal's.
    pub fn sessions(&mut self, person: &str, at: Instant) -> Result<Vec<Session>> {
        self.rows(SESSIONS, args![person, at, SESSIONS_MAX])?.into_iter().map(read_session).collect()
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// The journal's.
    pub fn see_session(&mut self, token: Hash, at: Instant) -> Result<()> {
        self.run(SESSION_SEEN, args![token, at]).map(drop)
    }

    /// Ends one of a person's sessions; false when there was none.
    ///
    /// # Errors
    /// The journal's.
    pub fn end_session(&mut self, person: &str, hash: Hash) -> Result<bool> {
        Ok(self.run(SESSION_END, args![person, hash])? == 1)
    }

    /// Ends all of a person's sessions, or all but one, and gives their number.
    ///
    /// # Errors
    /// The journal's.
    pub fn end_sessions(&mut self, person: &str, except: Option<Hash>) -> Result<u64> {
        match except {
            Some(kept) => self.run(SESSION_END_OTHERS, args![person, kept]),
            None => self.run(SESSION_END_ALL, args![person]),
        }
    }

    /// Remembers a browser of a person. Beyond [`DEVICES_MAX`] the oldest is forgotten.
    ///
    /// # Errors
    /// The journal's.
    pub fn add_device(&mut self, token: Hash, person: &str, at: Instant) -> Result<()> {
        self.run(DEVICE_ADD, args![token, person, at])?;
        self.run(DEVICE_MAKE_ROOM, args![person, DEVICES_MAX]).map(drop)
    }

    /// Whether this browser was signed in as this person before.
    ///
    /// # Errors
    /// The journal's.
    pub fn knows_device(&mut self, token: Hash, person: &str) -> Result<bool> {
        Ok(self.row(DEVICE, args![token, person])?.is_some())
    }

    /// Forgets all browsers of a person.
    ///
    /// # Errors
    /// The journal's.
    pub fn forget_devices(&mut self, person: &str) -> Result<()> {
        self.run(DEVICE_FORGET, args![person]).map(drop)
    }
}

/// One-time secrets and API tokens.
impl Tx<'_> {
    /// Keeps a secret for a purpose; an unused one for the same purpose is void from now on.
    ///
    /// # Errors
    /// The journal's.
    pub fn add_secret(
        &mut self,
        hash: Hash,
        person: &str,
        purpose: &str,
        at: Instant,
        ends: Instant,
    ) -> Result<()> {
        self.run(SECRET_REPLACE, args![person, purpose])?;
        self.run(SECRET_ADD, args![hash, person, purpose, at, ends]).map(drop)
    }

    /// Uses a secret up. False when it is not this person's, for another purpose, used before, or ended.
    ///
    /// # Errors
    /// The journal's.
    pub fn use_secret(&mut self, hash: Hash, person: &str, purpose: &str, at: Instant) -> Result<bool> {
        Ok(self.run(SECRET_USE, args![hash, person, purpose, at])? == 1)
    }

    /// Until when an unused secret for this purpose works, if there is one.
    ///
    /// # Errors
    /// The journal's.
    pub fn secret_ends(&mut self, person: &str, purpose: &str, at: Instant) -> Result<Option<Instant>> {
        self.row(SECRET_ENDS, args![person, purpose, at])?.map(|row| row.instant(0)).transpose()
    }

    /// Keeps an API token. False when its person has one of that name.
    ///
    /// # Errors
    /// [`Error::TooMuch`] beyond [`TOKENS_MAX`] and for a long name, and the journal's.
    pub fn add_token(&mut self, token: &ApiToken) -> Result<bool> {
        let ApiToken { hash, person, name, created, ends, writes, factors, client, roles, networks, .. } =
            token;
        limit("bytes of a name", name.len(), NAME_BYTES_MAX)?;
        let held = self.row(TOKEN_COUNT, args![person])?.map_or(Ok(0), |row| row.count(0))?;
        if held >= TOKENS_MAX {
            return Err(Error::TooMuch {
                what: "API tokens of one person",
                found: usize::try_from(held + 1).unwrap_or(usize::MAX),
                max: usize::try_from(TOKENS_MAX).unwrap_or(usize::MAX),
            });
        }
        let roles = roles.as_ref().map(|roles| words("roles", roles)).transpose()?;
        let networks = networks.as_ref().map(|networks| words("networks", networks)).transpose()?;
        let (writes, factors, client) = (i64::from(*writes), i64::from(*factors), client.as_ref());
        let args = args![*hash, person, name, *created, *ends, writes, factors, client, roles, networks];
        Ok(self.run(TOKEN_ADD, args)? == 1)
    }

    /// The API token and whose it is; nothing once it ended or its person is disabled.
    ///
    /// # Errors
    /// The journal's.
    pub fn token(&mut self, hash: Hash, at: Instant) -> Result<Option<(ApiToken, Person)>> {
        let Some(row) = self.row(TOKEN, args![hash])? else { return Ok(None) };
        let token = read_token(row)?;
        let person = self.person(&token.person)?.filter(|person| person.disabled.is_none());
        Ok(person.filter(|_| token.ends > at).map(|person| (token, person)))
    }

    /// A person's API tokens, by name.
    ///
    /// # Errors
    /// The journal's.
    pub fn tokens(&mut self, person: &str) -> Result<Vec<ApiToken>> {
        self.rows(TOKENS, args![person, TOKENS_MAX])?.into_iter().map(read_token).collect()
    }

    /// Everybody's API tokens that have not ended, by person and name, up to so many.
    ///
    /// # Errors
    /// The journal's.
    pub fn all_tokens(&mut self, at: Instant, limit: u64) -> Result<Vec<ApiToken>> {
        self.rows(TOKENS_ALL, args![at, limit])?.into_iter().map(read_token).collect()
    }

    /// Notes that an API token was used.
    ///
    /// # Errors
    /// The journal's.
    pub fn see_token(&mut self, hash: Hash, at: Instant) -> Result<()> {
        self.run(TOKEN_USED, args![hash, at]).map(drop)
    }

    /// Ends one of a person's API tokens; false when there was none.
    ///
    /// # Errors
    /// The journal's.
    pub fn end_token(&mut self, person: &str, hash: Hash) -> Result<bool> {
        Ok(self.run(TOKEN_END, args![person, hash])? == 1)
    }

    /// Forgets sessions, one-time secrets, API tokens and things begun that ended before `at`.
    ///
    /// # Errors
    /// The journal's.
    pub fn sweep_credentials(&mut self, at: Instant) -> Result<u64> {
        let sweeps = [SWEEP_BEGUN, SWEEP_SESSIONS, SWEEP_SECRETS, SWEEP_TOKENS];
        sweeps.into_iter().try_fold(0, |gone, sql| Ok(gone + self.run(sql, args![at])?))
    }

    /// Ends at once everything that a person comes in by.
    pub(super) fn end_credentials(&mut self, person: &str) -> Result<()> {
        let ends = [SESSION_END_ALL, DEVICE_FORGET, SECRET_END_ALL, TOKEN_END_ALL];
        ends.into_iter().try_for_each(|sql| self.run(sql, args![person]).map(drop))
    }
}

fn read_session(mut row: Row) -> Result<Session> {
    Ok(Session {
        hash: row.hash(0)?,
        person: row.text(1)?,
        created: row.instant(2)?,
        seen: row.instant(3)?,
        ends: row.instant(4)?,
        agent: row.text(5)?,
        how: row.text(6)?,
        factors: factors(&row, 7)?,
        strong: row.instant_or_null(8)?,
    })
}

fn read_token(mut row: Row) -> Result<ApiToken> {
    Ok(ApiToken {
        hash: row.hash(0)?,
        person: row.text(1)?,
        name: row.text(2)?,
        created: row.instant(3)?,
        ends: row.instant(4)?,
        used: row.instant_or_null(5)?,
        writes: row.int(6)? != 0,
        factors: factors(&row, 7)?,
        client: match row.text_or_null(8)? {
            Some(client) => {
                Some(client.parse().map_err(|_| Error::Shape { column: 8, expected: "a client id" })?)
            }
            None => None,
        },
        roles: list(&mut row, 9)?,
        networks: list(&mut row, 10)?,
    })
}

fn list(row: &mut Row, column: usize) -> Result<Option<Vec<String>>> {
    let Some(text) = row.text_or_null(column)? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|_| Error::Shape { column, expected: "a list of text" })
}

fn factors(row: &Row, column: usize) -> Result<u8> {
    u8::try_from(row.int(column)?).map_err(|_| Error::Shape { column, expected: "a small number" })
}

/// The text, cut at a character so that it has no more than so many bytes.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
