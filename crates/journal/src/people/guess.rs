//! How often somebody tried at a door. Buckets are counted by who asks; here is what is left of them over a restart, and between nodes.

use spans::Instant;

use crate::{Hash, Result, Tx, value::args};

const GUESS: &str = "SELECT full_us FROM guess WHERE kind = $1 AND key = $2";
const GUESS_NOTE: &str = "INSERT INTO guess (kind, key, full_us) VALUES ($1, $2, $3)
    ON CONFLICT (kind, key) DO UPDATE SET full_us = excluded.full_us";
const SWEEP_GUESSES: &str = "DELETE FROM guess WHERE full_us <= $1";

pub(crate) const STATEMENTS: &[&str] = &[GUESS, GUESS_NOTE, SWEEP_GUESSES];

impl Tx<'_> {
    /// When the bucket of a key will be full again; none where it is.
    ///
    /// # Errors
    /// The journal's.
    pub fn guessed(&mut self, kind: &str, key: Hash) -> Result<Option<Instant>> {
        self.row(GUESS, args![kind, key])?.map(|row| row.instant(0)).transpose()
    }

    /// Notes when it will be.
    ///
    /// # Errors
    /// The journal's.
    pub fn note_guess(&mut self, kind: &str, key: Hash, full: Instant) -> Result<()> {
        self.run(GUESS_NOTE, args![kind, key, full]).map(drop)
    }

    /// Forgets buckets that are full again.
    ///
    /// # Errors
    /// The journal's.
    pub fn sweep_guesses(&mut self, at: Instant) -> Result<u64> {
        self.run(SWEEP_GUESSES, args![at])
    }
}
