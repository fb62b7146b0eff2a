//! Sessions, secrets and tokens that ended are forgotten now and then. That they have ended does not depend on it.

use std::time::Duration;

use tokio::task::JoinHandle;

use super::App;

/// How often.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

/// Sweeps for as long as it is held.
pub(crate) struct Sweep(JoinHandle<()>);

impl Sweep {
    pub(crate) fn start(app: &App) -> Sweep {
        let app = app.clone();
        Sweep(tokio::spawn(async move {
            let mut hours = tokio::time::interval(SWEEP_EVERY);
            loop {
                hours.tick().await;
                let now = app.now();
                // What fails was logged, and is done again in an hour.
                if let Ok(gone @ 1..) =
                    app.ask(move |journal| journal.write(move |tx| tx.sweep_credentials(now))).await
                {
                    tracing::info!(gone, "credentials.swept");
                }
            }
        }))
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        self.0.abort();
    }
}
