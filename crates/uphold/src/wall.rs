//! The one place that asks the machine what time it is, and for randomness. Everything below takes both as arguments.

use std::time::{SystemTime, UNIX_EPOCH};

use spans::Instant;

use crate::trouble::Trouble;

/// What the machine takes for now. A clock before 1970 reads as 1970.
pub(crate) fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Thirty-two bytes that nobody can guess.
pub(crate) fn seed() -> Result<[u8; 32], Trouble> {
    let mut seed = [0; 32];
    let given = getrandom::fill(&mut seed);
    given.map_err(|why| Trouble::failed(format_args!("this machine gives no random bytes: {why}")))?;
    Ok(seed)
}
