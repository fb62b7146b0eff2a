//! The vantage point inside the server: it is given what the journal says is to be asked, and its reports go straight in.

use std::{sync::Arc, thread, time::Duration};

use control::live::{Control, Watched};
use facts::VantageId;
use probe::{Guard, Looker, Names, Prober, SystemClock, Trust};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};
use wire::{Assignment, Report};

use super::Settings;
use crate::{trouble::Trouble, wall};

/// How soon a new or changed check is asked.
const ASSIGN_EVERY: Duration = Duration::from_secs(2);
/// How long until a report that could not be stored is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// Reports that wait to be stored.
const REPORTS_MAX: usize = 64;

/// How long the last report may take to be stored when the server stops.
const STOP_MAX: Duration = Duration::from_secs(5);

/// The running vantage point.
pub(super) struct Looking {
    assigning: JoinHandle<()>,
    /// Ends with the thread that looks.
    looking: oneshot::Receiver<()>,
    storing: JoinHandle<()>,
}

impl Looking {
    /// Ends it. Without an assignment the prober tells what it has seen and ends; then nothing more comes to be stored.
    pub(super) async fn stop(mut self) {
        self.assigning.abort();
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

/// Starts it. Our own port is never asked.
pub(super) fn start(control: &Arc<Control>, settings: &Settings, own_port: u16) -> Result<Looking, Trouble> {
    let guard = Guard::public().allowing(settings.allow.clone()).with_own_ports([own_port]);
    let clock = Arc::new(SystemClock);
    let looker = Looker::new(guard, Names::system(), &Trust::system(), clock.clone());
    let boot = probe::uplink::boot()?;
    let prober = Prober::new(settings.vantage.clone(), boot, looker, clock);
    let first = Arc::new(Assignment::empty(settings.vantage.clone()));
    let (assign, assigned) = watch::channel(first);
    let (send, receive) = mpsc::channel(REPORTS_MAX);
    Ok(Looking {
        assigning: tokio::spawn(keep_assigned(Arc::clone(control), settings.vantage.clone(), assign)),
        looking: on_its_own(prober.run(assigned, None, send))?,
        storing: tokio::spawn(store(Arc::clone(control), receive)),
    })
}

/// Runs the looks on a thread that does nothing else: they are timed by their tasks, and waking a worker for each costs more than
/// the look.
fn on_its_own(looks: impl Future<Output = ()> + Send + 'static) -> Result<oneshot::Receiver<()>, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (ended, end) = oneshot::channel();
    thread::Builder::new().name("looks".to_owned()).spawn(move || {
        runtime.block_on(looks);
        let _ = ended.send(());
    })?;
    Ok(end)
}

async fn keep_assigned(control: Arc<Control>, vantage: VantageId, assign: watch::Sender<Arc<Assignment>>) {
    loop {
        let before = assign.borrow().clone();
        let (asked, of) = (Arc::clone(&control), vantage.clone());
        let next = before.revision + 1;
        let found = tokio::task::spawn_blocking(move || asked.assignment(&of, next, wall::now())).await;
        match found {
            Ok(Ok(found)) if is_other(&found, &before) => match found.hold() {
                Ok(()) => drop(assign.send(Arc::new(found))),
                Err(error) => tracing::error!(error = %error, "assignment.refused"),
            },
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(error = %error, "assignment.failed"),
            Err(_) => return,
        }
        tokio::time::sleep(ASSIGN_EVERY).await;
    }
}

fn is_other(found: &Assignment, before: &Assignment) -> bool {
    (&found.checks, &found.references) != (&before.checks, &before.references)
}

/// Stores reports in their order; one that cannot be stored is tried until it can.
async fn store(control: Arc<Control>, mut reports: mpsc::Receiver<Report>) {
    while let Some(report) = reports.recv().await {
        let watched = Arc::new(Watched::from(&report));
        loop {
            let (control, watched) = (Arc::clone(&control), Arc::clone(&watched));
            match tokio::task::spawn_blocking(move || control.watch(&watched, wall::now())).await {
                Ok(Ok(())) => break,
                Ok(Err(error)) => tracing::error!(error = %error, "report.not_stored"),
                Err(_) => return,
            }
            tokio::time::sleep(RETRY).await;
        }
    }
}
