//! The worker: one thread that does jobs, which take long, beside everything else.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use control::live::Control;

use crate::wall;

/// A server that has just started has better things to do than looking through its whole journal.
const WARM_UP: Duration = Duration::from_secs(5 * 60);
/// How often it asks whether there is a job.
const ASK_EVERY: Duration = Duration::from_secs(60);

/// The running worker. Nobody waits for it at the end: a job that is cut off is taken by the next that asks, after its lease.
pub(super) struct Worker {
    stop: Arc<AtomicBool>,
}

/// Starts it.
pub(super) fn start(control: Arc<Control>) -> std::io::Result<Worker> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    thread::Builder::new().name("worker".to_owned()).spawn(move || run(&control, &told))?;
    Ok(Worker { stop })
}

impl Worker {
    /// It takes no further job.
    pub(super) fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn run(control: &Control, stop: &AtomicBool) {
    thread::sleep(WARM_UP);
    while !stop.load(Ordering::Relaxed) {
        match catch_unwind(AssertUnwindSafe(|| turn(control))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(error = %error, "job.failed"),
            // Its lease runs out, and whoever asks next tries it again.
            Err(_) => tracing::error!("job.panicked"),
        }
        thread::sleep(ASK_EVERY);
    }
}

fn turn(control: &Control) -> journal::Result<()> {
    control.plan_jobs(wall::now())?;
    while let Some(done) = control.work(&wall::now)? {
        tracing::info!(id = %done.id, due = %done.due, "job.done");
        let Some(verified) = control.verified().filter(|verified| verified.found > 0) else { continue };
        tracing::error!(found = verified.found, entries = verified.entries, "journal.not_sound");
        for what in &verified.findings {
            tracing::error!(what = %what, "journal.finding");
        }
    }
    Ok(())
}
