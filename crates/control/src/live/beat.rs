//! Heartbeats: a service calls at an address of its own, and one that stays silent is missed (a dead man's switch).
//!
//! A beat is an observation of the vantage point `heartbeat`; so is a beat that did not come, at the instant at which its grace
//! was over, however late that is noticed. Nobody heard beats while the server was away, stood still or was cut off from its
//! journal: what fell due over such a time is void, neither good nor missed (reliability rules 4 and 8).

use std::collections::{BTreeMap, VecDeque};

use facts::{
    Body, Cause, CheckDefined, CheckEnded, CheckId, Fact, InstanceId, Observation, Outcome, VantageId,
};
use journal::heartbeat::Beating;
use spans::{Instant, Length, Span};

use super::{Book, Control, Looked, Watched, each::each, lock};
use crate::beat::digest;

/// The vantage point of beats.
const VANTAGE: &str = "heartbeat";
/// How often it is written down that beats can be heard.
const PULSE_EVERY: Length = Length::from_secs(5);
/// A longer silence between two of those is a time in which nobody heard beats.
const PULSE_GAP_MAX: Length = Length::from_secs(10);
/// Times of deafness that are remembered; a beat that fell due before the oldest of them was judged long ago.
const DEAF_MAX: usize = 64;
/// Missed beats of one check that are recorded at once; the rest follows with the next turn.
const MISSES_AT_ONCE_MAX: usize = 100;

/// When beats were not heard, and when it was last written down that they are.
#[derive(Debug, Default, Clone)]
pub(super) struct Hearing {
    /// From when to when nobody listened, in order of time.
    deaf: VecDeque<Span>,
    pulsed: Option<Instant>,
}

/// The heartbeats of a client: the newest definition of each, with its instant.
pub(super) type Beats = BTreeMap<(InstanceId, CheckId), (Instant, Option<(Length, Length)>)>;

/// Takes a definition in; another kind of check under the same name ends a heartbeat.
pub(super) fn note(beats: &mut Beats, fact: &Fact, check: &CheckDefined) {
    let seconds = |count: u32| Length::from_secs(i64::from(count));
    let terms = check.grace_s.map(|grace| (seconds(check.every_s), seconds(grace)));
    put(beats, fact, (check.instance.clone(), check.check.clone()), terms);
}

/// A check was withdrawn: nobody waits for its beats.
pub(super) fn end(beats: &mut Beats, fact: &Fact, ended: &CheckEnded) {
    put(beats, fact, (ended.instance.clone(), ended.check.clone()), None);
}

fn put(beats: &mut Beats, fact: &Fact, key: (InstanceId, CheckId), terms: Option<(Length, Length)>) {
    let entry = beats.entry(key).or_insert((fact.at, terms));
    if entry.0 <= fact.at {
        *entry = (fact.at, terms);
    }
}

impl Control {
    /// A service called at the address with this secret: it is well, or says itself that it is not. False when nobody has it.
    ///
    /// # Errors
    /// The journal's; then the beat was not heard, and is to be sent again.
    pub fn beat(&self, secret: &str, outcome: Outcome, now: Instant) -> journal::Result<bool> {
        let digest = digest(secret);
        let Some(of) = self.journal.read(|tx| tx.heartbeat(&digest))? else { return Ok(false) };
        let key = (of.instance.clone(), of.check.clone());
        let is_heartbeat = |book: &Book| book.beats().get(&key).is_some_and(|(_, terms)| terms.is_some());
        let is_running = |book: &Book| !book.has_ended(&of.instance, now);
        let known = self.read(&of.client, now, |book| is_heartbeat(book) && is_running(book))?;
        if known != Some(true) {
            return Ok(false);
        }
        let cause = (outcome == Outcome::Down).then_some(Cause::Told);
        self.observe(&of, Observation { cause, ..Observation::new(now, outcome) }, "beat", now)?;
        Ok(true)
    }

    /// Records the beats that did not come. Called by the timer of whoever listens for them, and by nobody else.
    ///
    /// # Errors
    /// The journal's; the next call does what is left.
    pub fn miss_beats(&self, now: Instant) -> journal::Result<()> {
        let deaf = self.hear_beats(now)?;
        each(self.clients(), |client| {
            let missed = self.read(&client, now, |book| book.missed_beats(&deaf, now))?.unwrap_or_default();
            for (instance, check, missed) in missed {
                let of = Beating { client: client.clone(), instance, check };
                for observation in missed {
                    self.observe(&of, observation, "missed", now)?;
                }
            }
            Ok(())
        })
    }

    /// Writes down that beats are heard, and says when they were not.
    fn hear_beats(&self, now: Instant) -> journal::Result<VecDeque<Span>> {
        let Hearing { mut deaf, pulsed } = lock(&self.hearing).clone();
        if pulsed.is_some_and(|at| at <= now && now < at + PULSE_EVERY) {
            return Ok(deaf);
        }
        let before = match pulsed {
            Some(at) => at,
            None => self.journal.read(|tx| tx.last_pulse(VANTAGE))?.unwrap_or(Instant::MIN),
        };
        self.journal.write(move |tx| tx.pulse(VANTAGE, now))?;
        // Who has just begun to listen cannot know what came a moment before.
        if pulsed.is_none() || before + PULSE_GAP_MAX < now {
            deaf.push_back(Span { start: before.min(now), end: now });
            deaf.drain(..deaf.len().saturating_sub(DEAF_MAX));
        }
        *lock(&self.hearing) = Hearing { deaf: deaf.clone(), pulsed: Some(now) };
        Ok(deaf)
    }

    /// Under a name of its own: what two servers notice is recorded once.
    fn observe(
        &self,
        of: &Beating,
        observation: Observation,
        what: &str,
        now: Instant,
    ) -> journal::Result<()> {
        let Beating { client, instance, check } = of.clone();
        let batch = format!("{what}/{instance}/{check}/{}", observation.at.as_micros());
        let looks =
            vec![Looked { client, instance, check, observation, certificate_ends: None, detail: None }];
        let vantage = VantageId(VANTAGE.parse().expect("a constant id"));
        self.watch(&Watched { vantage, batch, looks, signed: None }, now)
    }
}

impl Book {
    fn has_ended(&self, instance: &InstanceId, now: Instant) -> bool {
        self.facts().iter().filter(|fact| fact.at <= now).fold(false, |ended, fact| match &fact.body {
            Body::InstanceAdded(added) if added.instance == *instance => {
                added.until.is_some_and(|until| until <= now)
            }
            Body::InstanceEnded(end) if end.instance == *instance => end.until <= now,
            _ => ended,
        })
    }

    /// What did not come by now: of each heartbeat the instants at which its grace was over.
    fn missed_beats(
        &self,
        deaf: &VecDeque<Span>,
        now: Instant,
    ) -> Vec<(InstanceId, CheckId, Vec<Observation>)> {
        let mut all = Vec::new();
        // Without an agreement nobody knows what was heard.
        if self.versions().is_none() {
            return all;
        }
        for ((instance, check), (defined, terms)) in self.beats() {
            let Some((every, grace)) = *terms else { continue };
            let glimpses = self.glimpses(instance);
            let of_beats = glimpses.iter().filter(|g| g.vantage.as_str() == VANTAGE && g.check == check);
            let last = of_beats.map(|glimpse| glimpse.last).max_by_key(|last| last.at);
            // One that nobody has called yet waits for its first beat.
            let Some(last) = last else { continue };
            let missed = missed(last, *defined, (every, grace), deaf, now);
            if !missed.is_empty() && !self.has_ended(instance, now) {
                all.push((instance.clone(), check.clone(), missed));
            }
        }
        all
    }
}

/// After a beat the next is missed an interval and a grace later; after a missed one each interval, so that it goes on failing.
fn missed(
    last: Observation,
    defined: Instant,
    (every, grace): (Length, Length),
    deaf: &VecDeque<Span>,
    now: Instant,
) -> Vec<Observation> {
    let mut due = match last.outcome {
        _ if last.at < defined => defined + every + grace,
        Outcome::Up => last.at + every + grace,
        Outcome::Down | Outcome::Void => last.at + every,
    };
    let mut missed = Vec::new();
    while due <= now && missed.len() < MISSES_AT_ONCE_MAX {
        // A job calls about an interval after it called last: a moment of deafness long before is no excuse.
        let waited = Span { start: due - grace * 2, end: due };
        let was_heard = deaf.iter().all(|deaf| deaf.end <= waited.start || waited.end <= deaf.start);
        missed.push(match was_heard {
            true => Observation::new(due, Outcome::Down).because(Cause::Missed),
            false => Observation::new(due, Outcome::Void).because(Cause::Unheard),
        });
        due += every;
    }
    missed
}
