//! The timer: one thread that sleeps until something falls due, does it, and hands on what follows.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use control::live::{Control, Fate, Relayed};
use spans::Instant;

use super::Vitals;
use crate::wall;

/// The longest sleep: other processes append too, and the outbox may hold what failed before.
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// The running timer.
pub(super) struct Timer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Starts it.
pub(super) fn start(control: Arc<Control>, vitals: Arc<Vitals>) -> std::io::Result<Timer> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let run = move || run(&control, &vitals, &told);
    let thread = thread::Builder::new().name("timer".to_owned()).spawn(run)?;
    Ok(Timer { stop, thread })
}

impl Timer {
    /// Ends it, and waits until it has ended.
    pub(super) fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        if self.thread.join().is_err() {
            tracing::error!("timer.panicked");
        }
    }
}

fn run(control: &Control, vitals: &Vitals, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let now = wall::now();
        if let Some(due) = control.next_moment().filter(|due| *due <= now) {
            vitals.fired(due, now);
        }
        let whole = turn(control, now);
        vitals.turned(now, whole);
        // What failed is still due: it is not tried again at once, for ever.
        let next = if whole { control.next_moment() } else { None };
        thread::park_timeout(sleep(next, now));
    }
}

/// Does all that is due; false where something of it failed. What fails is done again with the next turn, and the rest does not
/// wait for it.
fn turn(control: &Control, now: Instant) -> bool {
    let parts = [
        part("follow", || control.follow(now)),
        part("tick", || control.tick(now)),
        part("beats", || control.miss_beats(now)),
        part("status", || control.write_status(now)),
        part("subscribers", || control.forget_silent(now)),
        part("outbox", || control.relay(now).map(|done| done.iter().for_each(log))),
    ];
    parts.iter().all(|done| *done)
}

/// A part of a turn; whether it worked. A panic in it ends the part, not the timer.
fn part(name: &str, work: impl FnOnce() -> journal::Result<()>) -> bool {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => tracing::error!(part = name, error = %error, "timer.failed"),
        Err(_) => tracing::error!(part = name, "timer.panicked"),
    }
    false
}

fn log(task: &Relayed) {
    let Relayed { client, kind, body, due, fate } = task;
    match fate {
        Fate::Announced => tracing::info!(%client, about = %body, since = %due, "maintenance.announced"),
        Fate::Missed => tracing::warn!(%client, about = %body, since = %due, "obligation.missed"),
        Fate::Told(notices) => tracing::debug!(%client, about = %body, since = %due, notices, "notice.told"),
        Fate::Called(person) => tracing::warn!(%client, about = %body, since = %due, %person, "call.sent"),
        Fate::Unanswered => tracing::error!(%client, about = %body, since = %due, "call.unanswered"),
        Fate::Waits => tracing::debug!(%client, %kind, about = %body, since = %due, "outbox.waits"),
        Fate::Over => tracing::debug!(%client, %kind, about = %body, since = %due, "outbox.over"),
        Fate::PutOff(why) => tracing::warn!(%client, %kind, about = %body, %due, why, "outbox.put_off"),
    }
}

fn sleep(next: Option<Instant>, now: Instant) -> Duration {
    let until = next.map_or(i64::MAX, |next| (next - now).as_micros().max(0));
    SLEEP_MAX.min(Duration::from_micros(u64::try_from(until).unwrap_or(0)).max(Duration::from_millis(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_panics_or_fails_is_told_and_ends_nothing_else() {
        assert!(!part("one", || panic!("on purpose")));
        let failed = || Err(journal::Error::Locked { at: "j.db".to_owned() });
        assert!(!part("two", failed));
        assert!(part("three", || Ok(())));
    }

    #[test]
    fn it_sleeps_until_the_next_moment_and_a_second_at_most() {
        let now = Instant::from_second(100);
        assert_eq!(sleep(None, now), SLEEP_MAX);
        assert_eq!(sleep(Some(Instant::from_second(900)), now), SLEEP_MAX);
        assert_eq!(sleep(Some(Instant::from_micros(100_020_000)), now), Duration::from_millis(20));
        assert_eq!(sleep(Some(Instant::from_second(1)), now), Duration::from_millis(1));
    }
}
