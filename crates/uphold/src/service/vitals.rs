//! Whether what works beside the portal does: the timer turns, the vantage point looks, and what it saw is stored.

use std::{
    fmt::Write,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed},
    },
};

use facts::Outcome;
use portal::server;
use spans::{Instant, Length};
use wire::Report;

/// Older than this, the timer's last turn without a mistake is no sign of life. It turns each second.
const TURN_AGE_MAX: Length = Length::from_secs(30);

/// What the loops of the service note of themselves.
pub(super) struct Vitals {
    /// When the timer last did all that was due, in microseconds.
    turned_us: AtomicI64,
    /// Turns in which something failed.
    failed: AtomicU64,
    /// How late the timer came to what fell due last, in microseconds.
    lag_us: AtomicI64,
    /// Whether the looks go on.
    pub(super) looking: AtomicBool,
    /// Whether the last attempt to store what was seen worked.
    pub(super) storing: AtomicBool,
    /// Whether the last word about what to ask was taken.
    pub(super) assigned: AtomicBool,
    looks: Mutex<Looks>,
}

#[derive(Default)]
struct Looks {
    up: u64,
    down: u64,
    void: u64,
}

impl Vitals {
    pub(super) fn new(now: Instant) -> Vitals {
        Vitals {
            turned_us: AtomicI64::new(now.as_micros()),
            failed: AtomicU64::new(0),
            lag_us: AtomicI64::new(0),
            looking: AtomicBool::new(true),
            storing: AtomicBool::new(true),
            assigned: AtomicBool::new(true),
            looks: Mutex::default(),
        }
    }

    /// The timer did all that was due, or failed at some of it.
    pub(super) fn turned(&self, now: Instant, whole: bool) {
        match whole {
            true => self.turned_us.store(now.as_micros(), Relaxed),
            false => drop(self.failed.fetch_add(1, Relaxed)),
        }
    }

    /// The timer came to something that fell due then.
    pub(super) fn fired(&self, due: Instant, now: Instant) {
        self.lag_us.store((now - due).as_micros(), Relaxed);
    }

    /// A report of our own vantage point is stored.
    pub(super) fn stored(&self, report: &Report) {
        let mut looks = self.looks();
        for look in &report.looks {
            match look.outcome {
                Outcome::Up => looks.up += 1,
                Outcome::Down => looks.down += 1,
                Outcome::Void => looks.void += 1,
            }
        }
    }

    fn looks(&self) -> MutexGuard<'_, Looks> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl server::Vitals for Vitals {
    fn troubles(&self, now: Instant) -> Vec<String> {
        let since = now - Instant::from_micros(self.turned_us.load(Relaxed));
        let mut troubles = Vec::new();
        if since > TURN_AGE_MAX {
            troubles
                .push(format!("the timer has done nothing whole for {} s", since.as_micros() / 1_000_000));
        }
        let parts = [
            (&self.looking, "our own vantage point has stopped looking"),
            (&self.storing, "what our own vantage point saw is not stored"),
            (&self.assigned, "our own vantage point is not told what to ask: see the log"),
        ];
        troubles.extend(
            parts.iter().filter(|(works, _)| !works.load(Relaxed)).map(|(_, what)| (*what).to_owned()),
        );
        troubles
    }

    fn metrics(&self) -> String {
        let mut out = String::new();
        let mut family = |name: &str, kind: &str, help: &str, value: String| {
            let _ = writeln!(
                out,
                "# HELP uphold_{name} {help}\n# TYPE uphold_{name} {kind}\nuphold_{name} {value}"
            );
        };
        let turned = self.turned_us.load(Relaxed).div_euclid(1_000_000);
        family(
            "timer_turned_timestamp_seconds",
            "gauge",
            "When the timer last did all that was due.",
            turned.to_string(),
        );
        let failed = self.failed.load(Relaxed);
        family(
            "timer_failed_total",
            "counter",
            "Turns of the timer in which something failed.",
            failed.to_string(),
        );
        let lag = self.lag_us.load(Relaxed);
        family(
            "deadline_lag_microseconds",
            "gauge",
            "How late the timer came to what fell due last.",
            lag.to_string(),
        );
        let name = "uphold_own_looks_total";
        let _ = writeln!(
            out,
            "# HELP {name} Looks of our own vantage point that are stored.\n# TYPE {name} counter"
        );
        let Looks { up, down, void } = &*self.looks();
        for (outcome, count) in [("up", up), ("down", down), ("void", void)] {
            let _ = writeln!(out, "{name}{{outcome=\"{outcome}\"}} {count}");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use server::Vitals as _;

    use super::*;

    #[test]
    fn a_timer_that_stands_still_and_a_part_that_ended_are_told() {
        let at = Instant::from_second;
        let vitals = Vitals::new(at(100));
        assert_eq!(vitals.troubles(at(130)), [""; 0]);
        vitals.turned(at(140), false);
        assert_eq!(vitals.troubles(at(141)), ["the timer has done nothing whole for 41 s"]);
        vitals.turned(at(141), true);
        vitals.storing.store(false, Relaxed);
        assert_eq!(vitals.troubles(at(142)), ["what our own vantage point saw is not stored"]);
    }

    #[test]
    fn figures_say_how_late_the_timer_came() {
        let vitals = Vitals::new(Instant::from_second(100));
        vitals.fired(Instant::from_second(100), Instant::from_micros(100_002_500));
        let text = vitals.metrics();
        for line in ["uphold_deadline_lag_microseconds 2500\n", "uphold_own_looks_total{outcome=\"up\"} 0\n"]
        {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
