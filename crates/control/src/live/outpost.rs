//! Vantage points elsewhere: let in once, told what to ask, and their signed reports taken in as a set.
//!
//! | asked | answered |
//! |---|---|
//! | [`Control::join`] | the name that the token was made for |
//! | [`Control::assigned`] | its checks and reference points, with a revision that rises when they change, and only then |
//! | [`Control::take`] | a receipt, once the report is on disk |
//!
//! Who speaks is known by the signature alone, never by a field. What is signed well is still judged: it may speak only of checks
//! that were its own to ask, and what its own clock or its own connection makes doubtful is kept as void, which is no evidence
//! (reliability rules 4, 8 and 9). The same report judged twice is the same observation, so what comes twice, late or shuffled
//! leaves the same facts (rule 12).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use facts::{Cause, CheckId, ClientId, InstanceId, Outcome, Signed, VantageId};
use journal::{Hash, vantage::Entry, vantage::VantagePoint};
use promise::ProbeKind;
use sha2::{Digest, Sha256};
use spans::{Instant, Length};
use uuid::Uuid;
use wire::{
    ASSIGNMENT_PATH, Asked, Assignment, Card, Check, Join, Joined, Look, OpenError, PublicKey, Reach,
    Receipt, Reference, Report, Sealed,
};

use super::{
    Control, Watched,
    assign::{Unasked, looked},
    lock,
};

/// How far ahead of control's clock a report may have been written. One from further ahead says nothing about any time.
pub const FUTURE_MAX: Length = Length::from_secs(30);
/// How long ago a report may have been written: longer than a spool lasts, and shorter than a clock that was never set is off.
pub const LATE_MAX: Length = Length::from_hours(100 * 24);
/// Beyond this offset of its clock the looks of a report are void (reliability rule 9).
pub const OFFSET_MAX: Length = Length::from_secs(30);
/// How long what is assigned is good for: a new check is asked that much later.
const ROLL_FOR: Length = Length::from_secs(2);
/// How often it is written down that a vantage point was heard.
const SEEN_EVERY: Length = Length::from_secs(10);

/// Why something of a vantage point was not taken. Nothing of it was recorded.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum NotTaken {
    #[error("this token is unknown, has ended, or was used with another key: ask the operator for a new one")]
    Refused,
    #[error("no vantage point that may report has signed this")]
    Unsigned,
    #[error("{0}")]
    Unreadable(OpenError),
    #[error("the report has no number or no boot")]
    Nameless,
    #[error("the report says {at}, and it is {now} here: one of the two clocks is wrong")]
    Time { at: Instant, now: Instant },
    #[error("{instance}/{check} of client {client} was never this vantage point's to ask")]
    NotAssigned { client: ClientId, instance: InstanceId, check: CheckId },
    #[error(transparent)]
    Journal(#[from] journal::Error),
}

/// A report that is on disk, and what is to be told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Who sent it.
    pub vantage: VantageId,
    /// The answer.
    pub receipt: Receipt,
    /// How many looks it held.
    pub looks: u64,
    /// When each of them began.
    pub begun: Vec<Instant>,
    /// How many of them say nothing: void where they were made, or by our judgement.
    pub void: u64,
    /// Reports of it that will never come: dropped from its spool, or its numbers were left out.
    pub missing: u64,
    /// Its clock, its sleep and its reach, as it says.
    pub report: Told,
}

/// What a vantage point says of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Control's clock less its own, in microseconds.
    pub offset_us: Option<i64>,
    /// How long it slept since the report before, in microseconds.
    pub slept_us: u64,
    /// Looks that were due and not made.
    pub skipped: u32,
    /// Reference points that answered.
    pub reach: Option<Reach>,
}

/// A vantage point as it was heard since this process began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// When it was last heard.
    pub at: Instant,
    /// Its boot, and the highest number of a report of it.
    pub last: (Uuid, u64),
    /// Reports, those that came twice among them.
    pub reports: u64,
    /// Looks in them.
    pub looks: u64,
    /// Looks that say nothing.
    pub void: u64,
    /// Reports that will never come.
    pub missing: u64,
    /// What it said last.
    pub told: Told,
    written: Instant,
}

/// The seconds by which [`Committed`] counts.
pub const COMMITTED_WITHIN_S: [i64; 5] = [1, 2, 5, 10, 60];

/// How long looks of vantage points elsewhere took from their beginning until they were on disk here, since this process began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Committed {
    /// Looks that took at most as many seconds as [`COMMITTED_WITHIN_S`] says at this place.
    pub within: [u64; COMMITTED_WITHIN_S.len()],
    /// All of them.
    pub looks: u64,
    /// What they took together, in microseconds.
    pub total_us: u64,
}

/// What the live service keeps of vantage points elsewhere. All of it can be made anew.
#[derive(Debug, Default)]
pub(super) struct Outposts {
    /// And when it was last found to be as things are.
    roll: Option<(Instant, Arc<Roll>)>,
    committed: Committed,
    revisions: BTreeMap<VantageId, (Instant, u64)>,
    heard: BTreeMap<VantageId, Heard>,
    pub(super) unasked: BTreeSet<Unasked>,
}

/// Every check in force, and every question that a check ever was.
#[derive(Debug)]
struct Roll {
    at: Instant,
    /// What it was made from: how many facts each client had.
    from: Vec<(ClientId, usize)>,
    /// When an instance ends, so that it changes by time alone.
    until: Option<Instant>,
    checks: Vec<Check>,
    asked: HashMap<(ClientId, InstanceId, CheckId), Vec<Asked>>,
}

impl Control {
    /// Lets a vantage point in that proves to have the key it names. Asked again with the same token and key it is told the same.
    ///
    /// # Errors
    /// [`NotTaken::Refused`], and the journal's.
    pub fn join(&self, join: &Join, now: Instant) -> Result<Joined, NotTaken> {
        if !join.is_proved() {
            return Err(NotTaken::Refused);
        }
        let (token, key) = (join.token.digest(), join.key.to_string());
        match self.journal.write(move |tx| tx.join_vantage(&token, &key, now))? {
            Entry::In(vantage) => Ok(Joined { vantage }),
            Entry::Refused => Err(NotTaken::Refused),
        }
    }

    /// What the holder of this card has to ask.
    ///
    /// # Errors
    /// [`NotTaken::Unsigned`], and the journal's.
    pub fn assigned(&self, card: &Card, now: Instant) -> Result<Assignment, NotTaken> {
        let (point, key) = self.known(&card.vantage)?;
        card.open(&key, ASSIGNMENT_PATH, now).map_err(|_| NotTaken::Unsigned)?;
        let roll = self.roll(now)?;
        let revision = self.revision(&point, &roll)?;
        let (checks, references) = (own_checks(&point, &roll), self.references());
        Ok(Assignment { revision, checks, references, ..Assignment::empty(point.name) })
    }

    /// Takes a sealed report in. When this returns, it is on disk.
    ///
    /// # Errors
    /// Why not; after the journal's errors and after [`NotTaken::Time`], where our own clock may be the wrong one, it is to be sent
    /// again, after the others never.
    pub fn take(&self, sealed: &[u8], now: Instant) -> Result<Taken, NotTaken> {
        let sealed = Sealed::decode(sealed).map_err(NotTaken::Unreadable)?;
        let (point, key) = self.known(sealed.vantage())?;
        let report = sealed.open(&key).map_err(|error| match error {
            OpenError::Signature | OpenError::Stale => NotTaken::Unsigned,
            error => NotTaken::Unreadable(error),
        })?;
        on_time(&report, now)?;
        let roll = self.roll_for(&point, &report, now)?;
        let watched = Watched { signed: vouched(&sealed, &report, &key), ..judged(&report, &roll) };
        self.watch(&watched, now)?;
        let revision = self.revision(&point, &roll)?;
        self.hear(&report, &watched, revision, now)
    }

    /// Notes that a report was on disk at this instant, by the clock of whoever took it in.
    pub fn note_committed(&self, taken: &Taken, at: Instant) {
        let mut outposts = lock(&self.outposts);
        taken.begun.iter().for_each(|begun| outposts.committed.note(at - *begun));
    }

    /// How long it took until looks of vantage points elsewhere were on disk.
    pub fn committed(&self) -> Committed {
        lock(&self.outposts).committed
    }

    /// Vantage points elsewhere as they were heard since this process began.
    pub fn heard(&self) -> BTreeMap<VantageId, Heard> {
        lock(&self.outposts).heard.clone()
    }

    /// The vantage point of that name with its key, if it may speak now.
    pub(super) fn known(&self, name: &VantageId) -> Result<(VantagePoint, PublicKey), NotTaken> {
        let point = self.journal.read(|tx| tx.vantage(name))?.filter(|point| point.revoked.is_none());
        let key = point.as_ref().and_then(|point| point.key.as_ref()?.parse().ok());
        point.zip(key).ok_or(NotTaken::Unsigned)
    }

    /// What is assigned, as of the last two seconds.
    fn roll(&self, now: Instant) -> journal::Result<Arc<Roll>> {
        let known = lock(&self.outposts).roll.clone();
        match known.filter(|(looked, _)| *looked <= now && now < *looked + ROLL_FOR) {
            Some((_, roll)) => Ok(roll),
            None => self.roll_of_now(now),
        }
    }

    /// What is assigned now: made anew only where something changed.
    fn roll_of_now(&self, now: Instant) -> journal::Result<Arc<Roll>> {
        let known = lock(&self.outposts).roll.clone();
        let Some((_, roll)) = known else { return self.new_roll(now) };
        let is_over = roll.until.is_some_and(|until| until <= now) || now < roll.at;
        if is_over || self.known_facts(now)? != roll.from {
            return self.new_roll(now);
        }
        lock(&self.outposts).roll = Some((now, Arc::clone(&roll)));
        Ok(roll)
    }

    /// How many facts each client has, but for observations: facts are only ever added.
    fn known_facts(&self, now: Instant) -> journal::Result<Vec<(ClientId, usize)>> {
        let mut known = Vec::new();
        for client in self.clients() {
            let facts = self.read(&client, now, |book| book.facts().len())?;
            known.push((client, facts.unwrap_or_default()));
        }
        Ok(known)
    }

    fn new_roll(&self, now: Instant) -> journal::Result<Arc<Roll>> {
        let from = self.known_facts(now)?;
        let mut roll = Roll { at: now, from, until: None, checks: Vec::new(), asked: HashMap::new() };
        for client in self.clients() {
            let of_client = self
                .read(&client, now, |book| (book.assignable(now), book.ever_asked(), book.next_end(now)))?;
            let Some((checks, asked, ends)) = of_client else { continue };
            roll.checks.extend(checks);
            roll.until = roll.until.into_iter().chain(ends).min();
            for check in asked {
                let of = (check.client.clone(), check.instance.clone(), check.check.clone());
                roll.asked.entry(of).or_default().push(check.asked());
            }
        }
        roll.checks = self.sifted(std::mem::take(&mut roll.checks));
        let roll = Arc::new(roll);
        lock(&self.outposts).roll = Some((now, Arc::clone(&roll)));
        Ok(roll)
    }

    /// What is in force and can be asked, whoever asks it.
    pub(super) fn in_force(&self, now: Instant) -> journal::Result<Vec<Check>> {
        Ok(self.roll_of_now(now)?.checks.clone())
    }

    /// A roll that knows every check of the report; what another process defined meanwhile is looked for once.
    fn roll_for(&self, point: &VantagePoint, report: &Report, now: Instant) -> Result<Arc<Roll>, NotTaken> {
        let roll = self.roll(now)?;
        let strange = |roll: &Roll| report.looks.iter().find(|look| !is_own(point, roll, look)).cloned();
        if strange(&roll).is_none() {
            return Ok(roll);
        }
        self.follow(now)?;
        let roll = self.new_roll(now)?;
        match strange(&roll) {
            None => Ok(roll),
            Some(Look { client, instance, check, .. }) => {
                Err(NotTaken::NotAssigned { client, instance, check })
            }
        }
    }

    fn revision(&self, point: &VantagePoint, roll: &Roll) -> journal::Result<u64> {
        let known = lock(&self.outposts).revisions.get(&point.name).copied();
        if let Some((_, revision)) = known.filter(|(at, _)| *at == roll.at) {
            return Ok(revision);
        }
        let contents = (own_checks(point, roll), self.references());
        let contents = serde_json::to_vec(&contents).expect("an assignment is plain JSON");
        let digest = Hash::from(<[u8; 32]>::from(Sha256::digest(contents)));
        let name = point.name.clone();
        let revision = self.journal.write(move |tx| tx.revise_assignment(&name, digest))?;
        lock(&self.outposts).revisions.insert(point.name.clone(), (roll.at, revision));
        Ok(revision)
    }

    /// Notes what was heard, and answers.
    fn hear(
        &self,
        report: &Report,
        watched: &Watched,
        revision: u64,
        now: Instant,
    ) -> Result<Taken, NotTaken> {
        let Report { vantage, boot, sequence, .. } = report;
        let looks = watched.looks.len() as u64;
        let void = watched.looks.iter().filter(|look| look.observation.outcome == Outcome::Void);
        let void = void.count() as u64;
        let told = told(report);
        let mut outposts = lock(&self.outposts);
        let heard = outposts.heard.entry(vantage.clone()).or_insert(Heard {
            at: now,
            last: (*boot, sequence - 1),
            reports: 0,
            looks: 0,
            void: 0,
            missing: 0,
            told,
            written: Instant::MIN,
        });
        let missing = missing(report, heard.last);
        let last = if heard.last.0 == *boot { heard.last.1.max(*sequence) } else { *sequence };
        (heard.at, heard.last, heard.told) = (now, (*boot, last), told);
        heard.reports += 1;
        heard.looks += looks;
        heard.void += void;
        heard.missing = heard.missing.saturating_add(missing);
        let is_due = heard.written + SEEN_EVERY <= now || now < heard.written;
        if is_due {
            heard.written = now;
        }
        drop(outposts);
        if is_due {
            let name = vantage.clone();
            self.journal.write(move |tx| tx.see_vantage(&name, now))?;
        }
        let receipt = Receipt { boot: *boot, sequence: *sequence, revision };
        let begun = report.looks.iter().map(|look| look.at).collect();
        Ok(Taken { vantage: vantage.clone(), receipt, looks, begun, void, missing, report: told })
    }

    /// Points outside that tell a vantage point whether it is connected itself.
    pub(super) fn references(&self) -> Vec<Reference> {
        self.references.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Sets the reference points of every vantage point: none, or three to nine (reliability rule 4).
    pub fn refer(&self, references: Vec<Reference>) {
        *self.references.write().unwrap_or_else(std::sync::PoisonError::into_inner) = references;
        let committed = lock(&self.outposts).committed;
        *lock(&self.outposts) = Outposts { committed, ..Outposts::default() };
    }
}

impl Committed {
    fn note(&mut self, took: Length) {
        for (count, within) in self.within.iter_mut().zip(COMMITTED_WITHIN_S) {
            *count += u64::from(took <= Length::from_secs(within));
        }
        self.looks += 1;
        self.total_us = self.total_us.saturating_add(u64::try_from(took.as_micros()).unwrap_or(0));
    }
}

/// Whether anything can be said by this clock at all.
fn on_time(report: &Report, now: Instant) -> Result<(), NotTaken> {
    if report.sequence == 0 || report.boot.is_nil() {
        return Err(NotTaken::Nameless);
    }
    let times = report.looks.iter().map(|look| look.at).chain([report.at]);
    let off = times.into_iter().find(|at| *at - now > FUTURE_MAX || now - *at > LATE_MAX);
    off.map_or(Ok(()), |at| Err(NotTaken::Time { at, now }))
}

fn is_bound(point: &VantagePoint, client: &ClientId) -> bool {
    point.clients.as_ref().is_none_or(|clients| clients.contains(client))
}

/// Whether it was ever to be asked from there. A spool may bring looks at an instance that has ended since.
fn is_own(point: &VantagePoint, roll: &Roll, look: &Look) -> bool {
    is_bound(point, &look.client) && roll.asked.contains_key(&check_of(look))
}

fn check_of(look: &Look) -> (ClientId, InstanceId, CheckId) {
    (look.client.clone(), look.instance.clone(), look.check.clone())
}

fn own_checks(point: &VantagePoint, roll: &Roll) -> Vec<Check> {
    roll.checks.iter().filter(|check| is_bound(point, &check.client)).cloned().collect()
}

/// A client's own vantage point vouches for what it saw with its signature, which stays on record.
fn vouched(sealed: &Sealed, report: &Report, key: &PublicKey) -> Option<Signed> {
    let is_clients = ProbeKind::of(&report.vantage) == ProbeKind::Client;
    is_clients.then(|| Signed {
        boot: report.boot,
        sequence: report.sequence,
        key: key.to_string(),
        signature: sealed.signature(),
    })
}

/// The report as it is recorded.
fn judged(report: &Report, roll: &Roll) -> Watched {
    let looks = report.looks.iter().map(|look| {
        let mut looked = looked(look);
        let doubt = doubt(report, look, roll);
        if doubt.is_some() && look.outcome != Outcome::Void {
            looked.observation.outcome = Outcome::Void;
            looked.observation.cause = doubt;
            looked.certificate_ends = None;
        }
        looked
    });
    Watched { looks: looks.collect(), ..Watched::from(report) }
}

/// Rule 9: its clock is too far off. Rule 4: it says itself that it was cut off, so that something failed proves nothing.
/// Rule 8: it is the answer to a question that the check never was.
fn doubt(report: &Report, look: &Look, roll: &Roll) -> Option<Cause> {
    let offset = report.clock.offset_us.unwrap_or(0);
    let was_cut_off = look.outcome == Outcome::Down && report.reach.is_some_and(|reach| !reach.suffices());
    let questions = roll.asked.get(&check_of(look));
    let was_asked = questions.is_some_and(|asked| asked.contains(&look.asked));
    if offset.unsigned_abs() > OFFSET_MAX.as_micros().unsigned_abs() {
        Some(Cause::Clock)
    } else if was_cut_off {
        Some(Cause::CutOff)
    } else {
        (!was_asked).then_some(Cause::Question)
    }
}

/// Dropped from a full spool, as it says itself, or left out between the last number and this.
fn missing(report: &Report, (boot, last): (Uuid, u64)) -> u64 {
    let dropped: u64 = report.gaps.iter().fold(0, |sum, gap| sum.saturating_add(gap.reports));
    let skipped = if boot == report.boot { report.sequence.saturating_sub(last + 1) } else { 0 };
    // A gap that it tells of is the reason why numbers are left out: not counted twice.
    dropped.max(skipped)
}

fn told(report: &Report) -> Told {
    Told {
        offset_us: report.clock.offset_us,
        slept_us: report.clock.slept_us.unwrap_or(0),
        skipped: report.skipped,
        reach: report.reach,
    }
}
