//! The vantage point inside the server: it is given what the journal says is to be asked, and its reports go straight in.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering::Relaxed},
    thread,
    time::Duration,
};

use control::live::{Control, Unasked, Watched};
use facts::VantageId;
use probe::{Guard, Looker, Names, Prober, SystemClock, Trust};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::{JoinError, JoinHandle},
};
use wire::{Assignment, ERRANDS_MAX, Errand, Report};

use super::{Settings, Vitals};
use crate::{trouble::Trouble, wall};

/// How soon a new or changed check is asked.
const ASSIGN_EVERY: Duration = Duration::from_secs(2);
/// How long until a report that could not be stored is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How often it is asked whether there are errands: a second look is meant to come within seconds.
const ERRANDS_EVERY: Duration = Duration::from_millis(250);
/// Reports that wait to be stored.
const REPORTS_MAX: usize = 64;

/// How often a report that makes the storing panic is tried before it is left out: the others wait behind it.
const PANICS_MAX: u32 = 3;
/// How long the last report may take to be stored when the server stops.
const STOP_MAX: Duration = Duration::from_secs(5);

/// The running vantage point.
pub(super) struct Looking {
    assigning: JoinHandle<()>,
    running: JoinHandle<()>,
    /// Ends with the thread that looks.
    looking: oneshot::Receiver<()>,
    storing: JoinHandle<()>,
}

impl Looking {
    /// Ends it. Without an assignment the prober tells what it has seen and ends; then nothing more comes to be stored.
    pub(super) async fn stop(mut self) {
        self.assigning.abort();
        self.running.abort();
        let _ = self.assigning.await;
        let told = async {
            let _ = (&mut self.looking).await;
            let _ = (&mut self.storing).await;
        };
        if tokio::time::timeout(STOP_MAX, told).await.is_err() {
            tracing::error!("report.not_stored_at_stop");
            // With nobody to take reports the prober ends too.
            self.storing.abort();
        }
    }
}

/// Who asks, as this server's own vantage point may: our own port is never asked.
pub(super) fn looker(settings: &Settings, own_port: u16) -> Looker {
    let guard = Guard::public().allowing(settings.allow.clone()).with_own_ports([own_port]);
    let clock = Arc::new(SystemClock);
    Looker::new(guard, Names::system(), &Trust::system(), clock).knowing(settings.secrets.clone())
}

/// Starts it.
pub(super) fn start(
    control: &Arc<Control>,
    settings: &Settings,
    own_port: u16,
    vitals: &Arc<Vitals>,
) -> Result<Looking, Trouble> {
    let boot = probe::uplink::boot()?;
    let looker = looker(settings, own_port);
    let (run, errands) = mpsc::channel(ERRANDS_MAX);
    let prober = Prober::new(settings.vantage.clone(), boot, looker, Arc::new(SystemClock)).running(errands);
    let first = Arc::new(Assignment::empty(settings.vantage.clone()));
    let (assign, assigned) = watch::channel(first);
    let (send, receive) = mpsc::channel(REPORTS_MAX);
    let (control, vantage) = (Arc::clone(control), settings.vantage.clone());
    Ok(Looking {
        assigning: tokio::spawn(keep_assigned(Arc::clone(&control), vantage, assign, Arc::clone(vitals))),
        running: tokio::spawn(run_errands(Arc::clone(&control), settings.vantage.clone(), run)),
        looking: on_its_own(prober.run(assigned, None, send), Arc::clone(vitals))?,
        storing: tokio::spawn(store(control, receive, Arc::clone(vitals))),
    })
}

/// Runs the looks on a thread that does nothing else: they are timed by their tasks, and waking a worker for each costs more than
/// the look.
fn on_its_own(
    looks: impl Future<Output = ()> + Send + 'static,
    vitals: Arc<Vitals>,
) -> Result<oneshot::Receiver<()>, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (ended, end) = oneshot::channel();
    thread::Builder::new().name("looks".to_owned()).spawn(move || {
        if catch_unwind(AssertUnwindSafe(|| runtime.block_on(looks))).is_err() {
            tracing::error!("looks.panicked");
        }
        vitals.looking.store(false, Relaxed);
        let _ = ended.send(());
    })?;
    Ok(end)
}

async fn keep_assigned(
    control: Arc<Control>,
    vantage: VantageId,
    assign: watch::Sender<Arc<Assignment>>,
    vitals: Arc<Vitals>,
) {
    let mut told = BTreeSet::new();
    loop {
        let before = assign.borrow().clone();
        let (asked, of) = (Arc::clone(&control), vantage.clone());
        let next = before.revision + 1;
        let found = tokio::task::spawn_blocking(move || asked.assignment(&of, next, wall::now())).await;
        vitals.assigned.store(taken(found, &before, &assign), Relaxed);
        told = tell_unasked(control.unasked(), &told);
        tokio::time::sleep(ASSIGN_EVERY).await;
    }
}

/// Hands on what is to be looked at out of turn.
async fn run_errands(control: Arc<Control>, vantage: VantageId, run: mpsc::Sender<Errand>) {
    while !run.is_closed() {
        for errand in control.errands(&vantage, wall::now()).errands {
            let _ = run.send(errand).await;
        }
        tokio::time::sleep(ERRANDS_EVERY).await;
    }
}

/// Logs what nobody asks, once for as long as it is so.
fn tell_unasked(unasked: BTreeSet<Unasked>, told: &BTreeSet<Unasked>) -> BTreeSet<Unasked> {
    for Unasked { client, instance, check, problem } in unasked.difference(told) {
        tracing::error!(%client, %instance, %check, problem, "check.not_asked");
    }
    unasked
}

/// Hands on what is to be asked where it is something else; false where it cannot be asked or was not found out.
fn taken(
    found: Result<journal::Result<Assignment>, JoinError>,
    before: &Assignment,
    assign: &watch::Sender<Arc<Assignment>>,
) -> bool {
    match found {
        Ok(Ok(found)) if is_other(&found, before) => match found.hold() {
            Ok(()) => drop(assign.send(Arc::new(found))),
            Err(error) => {
                tracing::error!(error = %error, "assignment.refused");
                return false;
            }
        },
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::error!(error = %error, "assignment.failed");
            return false;
        }
        Err(panicked) => {
            tracing::error!(error = %panicked, "assignment.panicked");
            return false;
        }
    }
    true
}

fn is_other(found: &Assignment, before: &Assignment) -> bool {
    (&found.checks, &found.references) != (&before.checks, &before.references)
}

/// Stores reports in their order; one that cannot be stored is tried until it can.
async fn store(control: Arc<Control>, reports: mpsc::Receiver<Report>, vitals: Arc<Vitals>) {
    let put = move |report: &Report| control.watch(&Watched::from(report), wall::now());
    store_with(Arc::new(put), reports, &vitals).await;
}

/// Puts a report where it is kept.
type Put = dyn Fn(&Report) -> journal::Result<()> + Send + Sync;

async fn store_with(put: Arc<Put>, mut reports: mpsc::Receiver<Report>, vitals: &Vitals) {
    while let Some(report) = reports.recv().await {
        let report = Arc::new(report);
        let mut panics = 0;
        while panics < PANICS_MAX {
            let (put, tried) = (Arc::clone(&put), Arc::clone(&report));
            match tokio::task::spawn_blocking(move || put(&tried)).await {
                Ok(Ok(())) => {
                    vitals.stored(&report);
                    break;
                }
                Ok(Err(error)) => tracing::error!(error = %error, "report.not_stored"),
                Err(panicked) => {
                    panics += 1;
                    tracing::error!(error = %panicked, boot = %report.boot, sequence = report.sequence, "report.panicked");
                }
            }
            vitals.storing.store(false, Relaxed);
            tokio::time::sleep(RETRY).await;
        }
        vitals.storing.store(panics < PANICS_MAX, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use spans::Instant;

    use super::*;

    /// The second report makes the storing panic, always.
    #[tokio::test]
    async fn a_report_that_makes_the_storing_panic_does_not_end_it() {
        let (send, receive) = mpsc::channel(REPORTS_MAX);
        for sequence in 1..=3 {
            let report = serde_json::json!({"vantage": "here", "boot": "00000000-0000-4000-8000-000000000001",
                "sequence": sequence, "at": "2026-03-01T00:00:00Z", "mono_ns": 0});
            send.send(serde_json::from_value(report).unwrap()).await.unwrap();
        }
        drop(send);
        let (vitals, stored) = (Vitals::new(Instant::EPOCH), Arc::new(AtomicU32::new(0)));
        let counted = Arc::clone(&stored);
        let put = move |report: &Report| {
            assert!(report.sequence != 2, "on purpose");
            counted.fetch_add(1, Relaxed);
            Ok(())
        };
        store_with(Arc::new(put), receive, &vitals).await;
        assert_eq!(stored.load(Relaxed), 2);
        assert!(vitals.storing.load(Relaxed), "the last one was stored");
    }
}
