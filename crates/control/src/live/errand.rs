//! Confirmation from a second place within seconds: where a vantage point sees a check fail that another has just seen answer, that
//! other one is asked to look at once, and not at its next turn.
//!
//! What it sees is an ordinary observation. An errand is a hint and no more: it lives in memory, nobody waits for it, and one that is
//! lost costs only that the second look comes when it is due. So that an outage of everything makes no storm, there are limits.

use std::collections::BTreeMap;

use facts::{CheckId, ClientId, InstanceId, Outcome, Turn, VantageId};
use promise::Glimpse;
use spans::{Instant, Length};
use wire::{Card, ERRANDS_MAX, ERRANDS_PATH, Errand, Errands};

use super::{Book, Control, NotTaken, lock, vantage::SeenOfClient};

/// A check is sent somebody for at most once in this time.
pub const ERRAND_AGAIN: Length = Length::MINUTE;
/// The most errands of one vantage point within [`ERRAND_AGAIN`]: more that fails at once is an outage that turns will show.
pub const ERRANDS_AT_ONCE_MAX: usize = ERRANDS_MAX;
/// An older failure is no news, and an errand that lay longer is not handed out: its turn comes anyway.
pub const ERRAND_GOOD_FOR: Length = Length::from_secs(10);
/// Who has not asked for errands for so long is asked nothing: a request is held for ten seconds, and tried again.
pub const ASKS_WITHIN: Length = Length::from_secs(30);

/// A check of an instance of a client.
type Which = (ClientId, InstanceId, CheckId);

/// Errands on their way, and of the last minute.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// When each vantage point last asked for errands.
    asked: BTreeMap<VantageId, Instant>,
    /// Made and not yet handed out.
    waiting: BTreeMap<VantageId, Vec<(Instant, Errand)>>,
    /// What somebody was sent for: when, and who.
    sent: BTreeMap<Which, (Instant, VantageId)>,
}

/// A failure that is new, and who has answers to the same check.
#[derive(Debug)]
pub(super) struct Alarm {
    which: Which,
    /// Who could confirm it, whose word is the oldest first.
    others: Vec<VantageId>,
}

impl Control {
    /// Who holds this card and may ask for errands.
    ///
    /// # Errors
    /// [`NotTaken::Unsigned`], and the journal's.
    pub fn runs_errands(&self, card: &Card, now: Instant) -> Result<VantageId, NotTaken> {
        let (point, key) = self.known(&card.vantage)?;
        card.open(&key, ERRANDS_PATH, now).map_err(|_| NotTaken::Unsigned)?;
        Ok(point.name)
    }

    /// What this vantage point is to look at now. Each is handed out once; asking is what makes it one that is sent.
    pub fn errands(&self, vantage: &VantageId, now: Instant) -> Errands {
        let mut errands = lock(&self.errands);
        errands.asked.insert(vantage.clone(), now);
        let waiting = errands.waiting.remove(vantage).unwrap_or_default();
        let fresh = waiting.into_iter().filter(|(made, _)| now < *made + ERRAND_GOOD_FOR);
        Errands { errands: fresh.map(|(_, errand)| errand).take(ERRANDS_MAX).collect() }
    }

    /// Sends somebody to look at each of these, within the limits.
    pub(super) fn send_to_confirm(&self, alarms: Vec<Alarm>, now: Instant) {
        if alarms.is_empty() {
            return;
        }
        let mut errands = lock(&self.errands);
        errands.sent.retain(|_, (at, _)| *at <= now && now < *at + ERRAND_AGAIN);
        alarms.into_iter().for_each(|alarm| errands.send(alarm, now));
    }
}

impl Waiting {
    fn send(&mut self, Alarm { which, others }: Alarm, now: Instant) {
        if self.sent.contains_key(&which) {
            return;
        }
        let asks = |vantage: &&VantageId| self.asked.get(*vantage).is_some_and(|at| now < *at + ASKS_WITHIN);
        let Some(vantage) = others.iter().find(asks).cloned() else { return };
        if ERRANDS_AT_ONCE_MAX <= self.sent.values().filter(|(_, sent)| *sent == vantage).count() {
            return;
        }
        let (client, instance, check) = which.clone();
        let errand = Errand { client, instance, check };
        self.waiting.entry(vantage.clone()).or_default().push((now, errand));
        self.sent.insert(which, (now, vantage));
    }
}

impl Book {
    /// The new failures among looks that are about to be recorded, of which somebody else has just had a good answer. Where somebody
    /// else sees it fail too, it is confirmed.
    pub(super) fn alarms(&self, vantage: &VantageId, seen: &SeenOfClient<'_>, now: Instant) -> Vec<Alarm> {
        let failed = seen.iter().filter(|(_, looks)| {
            looks.iter().any(|look| {
                let observation = look.observation;
                let is_news = (now - observation.at) < ERRAND_GOOD_FOR && observation.turn != Turn::Confirm;
                is_news && observation.outcome == Outcome::Down
            })
        });
        failed.filter_map(|((instance, check), _)| self.alarm(vantage, instance, check, now)).collect()
    }

    fn alarm(
        &self,
        vantage: &VantageId,
        instance: &InstanceId,
        check: &CheckId,
        now: Instant,
    ) -> Option<Alarm> {
        let glimpses = self.glimpses(instance);
        let holds = |glimpse: &&Glimpse<'_>| glimpse.check == check && now < glimpse.holds_until;
        let failing = glimpses.iter().filter(holds).any(|glimpse| glimpse.last.outcome == Outcome::Down);
        let mut others: Vec<_> =
            glimpses.iter().filter(holds).filter(|other| other.vantage != vantage).collect();
        others.sort_by_key(|other| other.last.at);
        let others: Vec<VantageId> = others.into_iter().map(|other| other.vantage.clone()).collect();
        let which = (self.client().clone(), instance.clone(), check.clone());
        (!failing && !others.is_empty()).then_some(Alarm { which, others })
    }
}
