//! Where looks leave what they saw until the wheel comes by.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Assigned, LATE, Tally};
use crate::look::{Question, Seen};
use crate::reach::{References, Round};
use facts::{Cause, Outcome, Turn};
use tokio::sync::Notify;

#[derive(Default)]
pub(super) struct Tray {
    inside: Mutex<Inside>,
    /// Something lies there that is not to wait for the wheel's next turn.
    urgent: Notify,
}

#[derive(Default)]
struct Inside {
    done: Vec<Done>,
    round: Option<Round>,
    /// The last stretch in which the machine or the prober slept, by the monotonic clock before and after.
    slept: Option<(u64, u64)>,
}

/// A look that has ended.
pub(super) struct Done {
    pub(super) assigned: Arc<Assigned>,
    pub(super) began_ns: u64,
    pub(super) ended_ns: u64,
    pub(super) seen: Seen,
    pub(super) turn: Turn,
    /// Whether it is told at once: it begins to fail, or somebody waits to hear whether it does.
    pub(super) urgent: bool,
}

impl Tray {
    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        // Whoever panicked while holding it left whole values behind: pushes and takes only.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, done: Done) {
        let urgent = done.urgent;
        self.inside().done.push(done);
        if urgent {
            self.urgent.notify_one();
        }
    }

    /// Completes when something urgent lies there.
    pub(super) async fn has_urgent(&self) {
        self.urgent.notified().await;
    }

    pub(super) fn round(&self, round: Round) {
        self.inside().round = Some(round);
    }

    /// Looks that were under way in this stretch are not to be believed: their answer may have waited for us.
    pub(super) fn slept(&self, from_ns: u64, to_ns: u64) {
        self.inside().slept = Some((from_ns, to_ns));
    }

    /// Takes everything out. One that was under way while we slept says nothing.
    pub(super) fn empty(&self, finished: &mut Vec<Done>, references: &mut References) {
        let mut inside = self.inside();
        if let Some(round) = inside.round.take() {
            references.told(round);
        }
        let slept = inside.slept;
        finished.extend(inside.done.drain(..).map(|mut done| {
            if slept.is_some_and(|(from, to)| done.began_ns < to && from < done.ended_ns) {
                done.seen = Seen::void(Cause::Clock, "clock: the prober slept");
            }
            done
        }));
    }
}

/// A look under way. However it ends, it leaves a result: one that is dropped or panics is void.
pub(super) struct Pending {
    assigned: Arc<Assigned>,
    tray: Arc<Tray>,
    tally: Arc<Tally>,
    began_ns: u64,
    turn: Turn,
    /// How often it was asked again.
    asked_again: u8,
    /// What it saw is told, and it is not asked again yet.
    is_between: bool,
    end: Option<(Seen, u64)>,
}

impl Pending {
    pub(super) fn new(
        assigned: Arc<Assigned>,
        tray: Arc<Tray>,
        tally: Arc<Tally>,
        began_ns: u64,
        turn: Turn,
    ) -> Pending {
        Pending { assigned, tray, tally, began_ns, turn, asked_again: 0, is_between: false, end: None }
    }

    pub(super) fn question(&self) -> &Question {
        &self.assigned.question
    }

    pub(super) fn begin(&mut self, now_ns: u64, due_ns: u64) {
        self.began_ns = now_ns;
        let late_us = now_ns.saturating_sub(due_ns) / 1_000;
        self.tally.lateness.note(Duration::from_micros(late_us));
        self.tally.latest_us.fetch_max(late_us, Ordering::Relaxed);
        self.tally.late.fetch_add(u64::from(u128::from(late_us) > LATE.as_micros()), Ordering::Relaxed);
    }

    pub(super) fn seen(&mut self, seen: Seen, now_ns: u64) {
        self.end = Some((seen, now_ns));
    }

    /// How soon it is asked again, if it failed and is.
    pub(super) fn is_asked_again(&self, seen: &Seen) -> Option<Duration> {
        let again = self.assigned.check.again.filter(|again| self.asked_again < again.times)?;
        (seen.outcome == Outcome::Down).then(|| Duration::from_millis(again.after_ms.into()))
    }

    /// Leaves a failure in the tray: that it was asked again hides nothing of it.
    pub(super) fn failed(&mut self, seen: Seen, now_ns: u64) {
        let done = self.done(seen, now_ns);
        self.tray.put(done);
        self.is_between = true;
    }

    pub(super) fn begin_again(&mut self, now_ns: u64) {
        self.is_between = false;
        (self.began_ns, self.turn) = (now_ns, Turn::Again);
        self.asked_again += 1;
        self.tally.looks.fetch_add(1, Ordering::Relaxed);
    }

    fn done(&self, seen: Seen, ended_ns: u64) -> Done {
        let failed = seen.outcome == Outcome::Down;
        // A look that says nothing of the service changes nothing of how it was.
        let says_something = seen.outcome != Outcome::Void;
        let failed_before = match says_something {
            true => self.assigned.failing.swap(failed, Ordering::Relaxed),
            false => true,
        };
        Done {
            urgent: (failed && !failed_before) || self.turn == Turn::Confirm,
            assigned: Arc::clone(&self.assigned),
            began_ns: self.began_ns,
            ended_ns,
            seen,
            turn: self.turn,
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let broke_off = || (Seen::void(Cause::Machine, "probe: the look broke off"), self.began_ns);
        let end = self.end.take().or_else(|| (!self.is_between).then(broke_off));
        self.assigned.under_way.store(false, Ordering::Relaxed);
        if let Some((seen, ended_ns)) = end {
            let done = self.done(seen, ended_ns);
            self.tray.put(done);
        }
        // After the push: who sees that nothing is under way finds everything in the tray.
        self.tally.under_way.fetch_sub(1, Ordering::Release);
    }
}
