//! Sessions, secrets and tokens that ended are forgotten now and then, and long after they were done, tasks and notices. That they
//! have ended does not depend on it.

use std::time::Duration;

use spans::Length;
use tokio::task::JoinHandle;

use super::App;

/// How often.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);
/// How long it is kept what was done and who was told: somebody may ask within a quarter of a year.
const DONE_KEPT: Length = Length::from_secs(100 * 86_400);

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
                app.see_off().await;
                app.forget_held().await;
                // What fails was logged, and is done again in an hour.
                let swept = app.ask(move |journal| {
                    let ended = journal.write(move |tx| {
                        tx.sweep_guesses(now)?;
                        tx.sweep_inbox(now)?;
                        tx.sweep_links(now)?;
                        tx.sweep_credentials(now)
                    })?;
                    journal.write(move |tx| tx.sweep_done(now - DONE_KEPT)).map(|done| (ended, done))
                });
                if let Ok((credentials, done)) = swept.await
                    && credentials + done > 0
                {
                    tracing::info!(credentials, done, "swept");
                }
            }
        }))
    }
}

impl App {
    /// Removes people of clients whose last day is over. They are kept out from that day on, however late this is called.
    pub async fn see_off(&self) {
        let done = self.ask_control(super::people::see_off).await;
        // What fails was logged, and is done again in an hour.
        drop(done);
    }
}

impl App {
    /// Erases what strangers wrote, long enough after it was settled ([`control::live::query::HELD_WORDS_KEPT`]).
    pub async fn forget_held(&self) {
        // What fails was logged, and is done again in an hour.
        if let Ok(erased) = self.ask_control(|control, now| control.forget_held(now)).await
            && erased > 0
        {
            tracing::info!(erased, "held.forgotten");
        }
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        self.0.abort();
    }
}
