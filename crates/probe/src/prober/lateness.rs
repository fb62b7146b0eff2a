//! How late looks began, counted by the millisecond: enough to say what nearly all of them keep to.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The last of them counts whatever is later.
const MILLIS_MAX: usize = 1_024;

/// Starts by whole milliseconds after their slot.
#[derive(Debug)]
pub struct Lateness([AtomicU64; MILLIS_MAX]);

impl Default for Lateness {
    fn default() -> Lateness {
        Lateness(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Lateness {
    pub(super) fn note(&self, late: Duration) {
        let millis = usize::try_from(late.as_millis()).unwrap_or(usize::MAX).min(MILLIS_MAX - 1);
        self.0[millis].fetch_add(1, Ordering::Relaxed);
    }

    /// So many of a thousand starts were less late than this; a second or more reads as 1,024 ms. None before the first start.
    pub fn under(&self, of_thousand: u64) -> Option<Duration> {
        let counts = self.0.iter().map(|count| count.load(Ordering::Relaxed));
        let counts: Vec<u64> = counts.collect();
        let needed = (counts.iter().sum::<u64>() * of_thousand).div_ceil(1_000).max(1);
        let mut so_far = 0;
        let last = counts.iter().position(|count| {
            so_far += count;
            so_far >= needed
        })?;
        Some(Duration::from_millis(last as u64 + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nearly_all_keep_to_is_read_off() {
        let lateness = Lateness::default();
        assert_eq!(lateness.under(999), None);
        (0..998).for_each(|_| lateness.note(Duration::from_micros(300)));
        lateness.note(Duration::from_micros(7_999));
        lateness.note(Duration::from_secs(90));
        let millis = |of_thousand| lateness.under(of_thousand).map(|late| late.as_millis());
        assert_eq!((millis(998), millis(999), millis(1_000)), (Some(1), Some(8), Some(1_024)));
    }
}
