//! Things begun in one request and ended in another: a sign-in that waits for its second step, a passkey's challenge, a visit to
//! another place. What their end is judged by is kept here, sealed, under a token in the browser's cookie: no hidden field carries
//! it, and whoever comes second with the same token finds nothing (ASVS 2.3.1).

use axum::http::HeaderMap;
use door::{Secret, secret::hex, vault::Place};
use journal::{Hash, people::Begun};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use spans::Length;

use super::{App, Problem, cookie};

/// How long somebody may take.
const BEGUN_MAX: Length = Length::from_secs(600);

/// What was begun, and by whom where that is known.
pub(crate) struct Taken<T> {
    pub(crate) person: Option<String>,
    pub(crate) what: T,
}

impl App {
    /// Begins something; the browser's cookie is set in `answer` where it has none.
    pub(crate) async fn begin<T: Serialize>(
        &self,
        (asked, answer): (&HeaderMap, &mut HeaderMap),
        kind: &'static str,
        person: Option<&str>,
        what: &T,
    ) -> Result<(), Problem> {
        let token = match cookie::begun(self.config(), asked) {
            Some(token) => token,
            None => Secret::new()?,
        };
        cookie::set_begun(self.config(), asked, answer, &token);
        let (hash, now) = (of(kind, &token), self.now());
        let text = serde_json::to_vec(what).map_err(|e| Problem::internal(&e))?;
        let sealed = self.vault()?.seal(place(&hex(hash.as_bytes())), &text)?;
        let begun = Begun {
            hash,
            kind: kind.to_owned(),
            person: person.map(str::to_owned),
            sealed,
            created: now,
            ends: now + BEGUN_MAX,
        };
        self.ask(move |journal| journal.write(move |tx| tx.begin(&begun))).await
    }

    /// What this browser began, which stays begun.
    pub(crate) async fn begun<T: DeserializeOwned>(
        &self,
        asked: &HeaderMap,
        kind: &'static str,
    ) -> Result<Option<Taken<T>>, Problem> {
        let Some(token) = cookie::begun(self.config(), asked) else { return Ok(None) };
        let (hash, now) = (of(kind, &token), self.now());
        let found = self.ask(move |journal| journal.read(|tx| tx.begun(hash, kind, now))).await?;
        found.map(|begun| self.read_begun(begun)).transpose()
    }

    /// What this browser began, taken: it ends here, whatever comes of it.
    pub(crate) async fn take_begun<T: DeserializeOwned>(
        &self,
        asked: &HeaderMap,
        kind: &'static str,
    ) -> Result<Option<Taken<T>>, Problem> {
        let Some(token) = cookie::begun(self.config(), asked) else { return Ok(None) };
        let (hash, now) = (of(kind, &token), self.now());
        let taken = self.ask(move |journal| journal.write(move |tx| tx.take_begun(hash, kind, now))).await?;
        taken.map(|begun| self.read_begun(begun)).transpose()
    }

    fn read_begun<T: DeserializeOwned>(&self, begun: Begun) -> Result<Taken<T>, Problem> {
        let text = self.vault()?.open_sealed(place(&hex(begun.hash.as_bytes())), &begun.sealed)?;
        let what = serde_json::from_slice(&text).map_err(|e| Problem::internal(&e))?;
        Ok(Taken { person: begun.person, what })
    }
}

/// One token, another hash for each kind.
fn of(kind: &str, token: &Secret) -> Hash {
    <[u8; 32]>::from(Sha256::digest([kind.as_bytes(), b" ", token.hash().as_bytes()].concat())).into()
}

fn place(row: &str) -> Place<'_> {
    Place { client: "provider", row, column: "begun.sealed" }
}
