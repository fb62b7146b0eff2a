//! The timer: one thread that sleeps until something falls due, does it, and hands on what follows.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use control::live::Control;
use spans::Instant;

use crate::wall;

/// The longest sleep: other processes append too, and the outbox may hold what failed before.
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// The running timer.
pub(super) struct Timer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Starts it.
pub(super) fn start(control: Arc<Control>) -> std::io::Result<Timer> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let thread = thread::Builder::new().name("timer".to_owned()).spawn(move || run(&control, &told))?;
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

fn run(control: &Control, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let now = wall::now();
        if let Err(error) = turn(control, now) {
            tracing::error!(error = %error, "timer.failed");
        }
        thread::park_timeout(sleep(control.next_moment(), now));
    }
}

fn turn(control: &Control, now: Instant) -> journal::Result<()> {
    control.follow(now)?;
    control.tick(now)?;
    control.miss_beats(now)?;
    for done in control.relay(now)? {
        tracing::info!(client = %done.client, kind = %done.kind, about = %done.body, due = %done.due, "outbox.done");
    }
    Ok(())
}

fn sleep(next: Option<Instant>, now: Instant) -> Duration {
    let until = next.map_or(i64::MAX, |next| (next - now).as_micros().max(0));
    SLEEP_MAX.min(Duration::from_micros(u64::try_from(until).unwrap_or(0)).max(Duration::from_millis(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sleeps_until_the_next_moment_and_a_second_at_most() {
        let now = Instant::from_second(100);
        assert_eq!(sleep(None, now), SLEEP_MAX);
        assert_eq!(sleep(Some(Instant::from_second(900)), now), SLEEP_MAX);
        assert_eq!(sleep(Some(Instant::from_micros(100_020_000)), now), Duration::from_millis(20));
        assert_eq!(sleep(Some(Instant::from_second(1)), now), Duration::from_millis(1));
    }
}
