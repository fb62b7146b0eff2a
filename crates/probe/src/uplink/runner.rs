//! Who asks control for errands, on a connection of its own: control holds the request until there is one.
//!
//! Nothing depends on it. Where control knows no errands, or does not answer, every check is still looked at in its turn.

use std::sync::Arc;
use std::time::Duration;

use facts::VantageId;
use tokio::sync::{mpsc, watch};
use wire::{ERRANDS_PATH, Errand, Errands, Key};

use super::{Pace, link::Link, now_by};
use crate::clock::{Clock, Measured};

pub(super) struct Runner {
    pub(super) vantage: VantageId,
    pub(super) key: Key,
    pub(super) link: Link,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) measured: watch::Receiver<Option<Measured>>,
    pub(super) pace: Pace,
    pub(super) errands: mpsc::Sender<Errand>,
}

impl Runner {
    /// Asks and hands on, until it is told to halt.
    pub(super) async fn run(mut self, mut halted: watch::Receiver<bool>) {
        let mut failures = 0;
        while !*halted.borrow() {
            let round = async {
                let asked_ns = self.clock.mono_ns();
                let wait = match self.ask().await {
                    Some(errands) => {
                        failures = 0;
                        let took = Duration::from_nanos(self.clock.mono_ns().saturating_sub(asked_ns));
                        // One who does not hold the request is not asked all the time.
                        let pause = self.pace.back_off.saturating_sub(took);
                        if self.hand_on(errands).await { Duration::ZERO } else { pause }
                    }
                    None => {
                        failures += 1;
                        self.pace.wait_after(failures)
                    }
                };
                tokio::time::sleep(wait).await;
            };
            tokio::select! {
                () = round => {}
                _ = halted.changed() => break,
            }
        }
    }

    async fn ask(&mut self) -> Option<Errands> {
        let now = now_by(&*self.clock, *self.measured.borrow());
        let card = self.key.card(&self.vantage, ERRANDS_PATH, now);
        let answered = self.link.get(ERRANDS_PATH, &card.header(), &*self.clock).await.ok()?;
        if answered.status != 200 {
            return None;
        }
        Errands::read(&answered.body).ok()
    }

    /// True where there were some.
    async fn hand_on(&self, Errands { errands }: Errands) -> bool {
        let some = !errands.is_empty();
        for errand in errands {
            let _ = self.errands.send(errand).await;
        }
        some
    }
}
