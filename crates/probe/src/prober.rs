//! Everything assigned, on time: starts looks, takes in what they saw, and says it in reports.
//!
//! One task turns the wheel; each turn reads the clocks, takes in what has finished, starts what is due, and tells what is ready.
//! Looks run as tasks of their own and leave their result in a tray, so finishing one wakes nobody.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use facts::{Cause, Outcome, Turn, VantageId};
use spans::{Instant, Length};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;
use wire::{Asked, Assignment, Check, Errand, LOOKS_MAX, Look, Reason, Report};

use crate::clock::{Clock, Measured, Placed, Timeline};
use crate::look::{Looker, Question, Seen};
use crate::reach::{References, Verdict};
use crate::schedule::{Schedule, number};
pub use lateness::Lateness;
use tray::{Done, Pending, Tray};

mod lateness;
mod tray;

/// The most looks under way at once; one more is void.
pub const LOOKS_UNDER_WAY_MAX: u32 = 4_096;
/// How long what was seen waits for company before it is told, when not told otherwise.
pub(crate) const TELL_AFTER: Duration = Duration::from_secs(1);
/// How long what is urgent waits for company: a second place is sent to look when it is heard.
const TELL_URGENT_AFTER: Duration = Duration::from_millis(100);
/// Something is told at least this often: that we are alive.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// The longest turn: a step of the clock is noticed within it.
const TURN_MAX: Duration = Duration::from_secs(1);
/// A turn while a round of reference points is waited for.
const TURN_WAITING: Duration = Duration::from_millis(100);
/// Reports that wait for a receiver that is slow; after that the oldest go, and their sequence is missing.
const UNSENT_MAX: usize = 64;
/// How many turns of [`TURN_WAITING`] the end waits for looks under way and for reference points: two seconds.
const END_TURNS_MAX: u32 = 20;
/// A start that is later than this counts as late.
const LATE: Duration = Duration::from_millis(50);

/// One vantage point at work.
pub struct Prober {
    vantage: VantageId,
    boot: Uuid,
    looker: Arc<Looker>,
    clock: Arc<dyn Clock>,
    tally: Arc<Tally>,
    tell_after: Duration,
    errands: Option<mpsc::Receiver<Errand>>,
}

/// What a prober has done since its start.
#[derive(Debug, Default)]
pub struct Tally {
    /// Looks that were begun.
    pub looks: AtomicU64,
    /// Looks that were due and not made.
    pub skipped: AtomicU64,
    /// Looks under way.
    pub under_way: AtomicU32,
    /// Looks that began more than 50 ms after their slot.
    pub late: AtomicU64,
    /// The latest start so far, in microseconds after its slot.
    pub latest_us: AtomicU64,
    /// All starts by how late they were.
    pub lateness: Lateness,
    /// Reports that were dropped because nobody took them.
    pub dropped: AtomicU64,
}

/// A check made ready.
struct Assigned {
    check: Check,
    asked: Asked,
    question: Question,
    /// Shared with the same check of the assignment before: it never runs twice at once.
    under_way: Arc<AtomicBool>,
    /// Whether it failed when it was last asked.
    failing: AtomicBool,
    told: Mutex<Option<Certificate>>,
}

/// What was last told of a certificate: its last instant, and the UTC day of the look.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Certificate {
    ends: Instant,
    day: i64,
}

impl Prober {
    /// A prober. `boot`: random, new with every start. The looker should have the same clock.
    pub fn new(vantage: VantageId, boot: Uuid, looker: Looker, clock: Arc<dyn Clock>) -> Prober {
        let (looker, tally) = (Arc::new(looker), Arc::default());
        Prober { vantage, boot, looker, clock, tally, tell_after: TELL_AFTER, errands: None }
    }

    /// Tells what was seen after this long instead of a second.
    #[must_use]
    pub fn telling_after(self, tell_after: Duration) -> Prober {
        Prober { tell_after, ..self }
    }

    /// Looks out of turn too, whenever it is asked to: only at what is assigned to it, and never twice at once.
    #[must_use]
    pub fn running(self, errands: mpsc::Receiver<Errand>) -> Prober {
        Prober { errands: Some(errands), ..self }
    }

    /// What it has done, readable while it runs.
    pub fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.tally)
    }

    /// Works until nobody takes reports any more or gives assignments. The assignment can be replaced while it runs. When nobody
    /// gives them any more it begins no look, waits up to two seconds for those under way, and tells all it has seen.
    /// Looks are timed by the task that runs them: give it a runtime that does little else, best a current-thread one of its own.
    /// `measured`: control's clock as seen from here, where control is elsewhere; without it, the machine's clock is control's.
    pub async fn run(
        mut self,
        mut assignment: watch::Receiver<Arc<Assignment>>,
        mut measured: Option<watch::Receiver<Option<Measured>>>,
        reports: mpsc::Sender<Report>,
    ) {
        let mut errands = self.errands.take();
        let mut wheel = Wheel::new(self, measured.is_some());
        let tray = Arc::clone(&wheel.tray);
        wheel.assign(&assignment.borrow_and_update().clone());
        while !reports.is_closed() {
            if let Some(measured) = &mut measured
                && measured.has_changed().unwrap_or(false)
                && let Some(measured) = *measured.borrow_and_update()
            {
                wheel.timeline.measure(measured);
            }
            wheel.turn(&reports);
            let turn = wheel.wait();
            tokio::select! {
                () = tokio::time::sleep(turn) => {}
                () = tray.has_urgent() => {}
                errand = next(&mut errands) => match errand {
                    Some(errand) => wheel.run_errand(&errand),
                    None => errands = None,
                },
                changed = assignment.changed() => match changed {
                    Ok(()) => wheel.assign(&assignment.borrow_and_update().clone()),
                    Err(_) => break,
                },
            }
        }
        wheel.end(&reports).await;
    }
}

/// The next errand; where nobody sends any, it never comes.
async fn next(errands: &mut Option<mpsc::Receiver<Errand>>) -> Option<Errand> {
    match errands {
        Some(errands) => errands.recv().await,
        None => std::future::pending().await,
    }
}

/// The state of a prober at work.
struct Wheel {
    prober: Prober,
    timeline: Timeline,
    schedule: Schedule,
    assigned: Vec<Arc<Assigned>>,
    references: References,
    tray: Arc<Tray>,
    /// Finished, and not yet told.
    finished: Vec<Done>,
    unsent: VecDeque<Report>,
    /// By the monotonic clock: this turn, how long it was meant to wait, and when something was last told.
    now_ns: u64,
    waited: Duration,
    told_ns: u64,
    sequence: u64,
    skipped: u32,
}

impl Wheel {
    fn new(prober: Prober, has_judge: bool) -> Wheel {
        let reading = prober.clock.read();
        Wheel {
            timeline: Timeline::new(reading, has_judge),
            schedule: Schedule::default(),
            assigned: Vec::new(),
            references: References::default(),
            tray: Arc::default(),
            finished: Vec::new(),
            unsent: VecDeque::new(),
            now_ns: reading.mono_ns,
            waited: TURN_MAX,
            told_ns: reading.mono_ns,
            sequence: 0,
            skipped: 0,
            prober,
        }
    }

    /// Works to another assignment. A check that is the same goes on in its rhythm.
    fn assign(&mut self, assignment: &Assignment) {
        let key = |check: &Check| (check.client.clone(), check.instance.clone(), check.check.clone());
        let before: HashMap<_, _> = self.assigned.drain(..).map(|old| (key(&old.check), old)).collect();
        self.assigned = assignment
            .checks
            .iter()
            .map(|check| match before.get(&key(check)) {
                Some(old) if old.check == *check => Arc::clone(old),
                old => Arc::new(Assigned::of(check, old.map(|old| Arc::clone(&old.under_way)))),
            })
            .collect();
        let starts: Vec<_> =
            self.assigned.iter().map(|a| (a.number(&self.prober.vantage), a.check.every())).collect();
        self.schedule = Schedule::of(&starts, self.timeline.zero_us(), self.prober.clock.mono_ns());
        self.references.replace(&assignment.references);
    }

    fn turn(&mut self, reports: &mpsc::Sender<Report>) {
        let reading = self.prober.clock.read();
        let before_ns = std::mem::replace(&mut self.now_ns, reading.mono_ns);
        let noticed = self.timeline.read(reading, self.waited);
        self.prober.looker.zero().set(self.timeline.zero_us());
        if noticed.slept.is_some() {
            self.tray.slept(before_ns, reading.mono_ns);
        }
        self.start();
        self.tray.empty(&mut self.finished, &mut self.references);
        self.ask_references();
        self.tell(reports, false);
    }

    /// Starts what is due.
    fn start(&mut self) {
        while let Some(start) = self.schedule.take(self.now_ns, &mut self.skipped) {
            let assigned = Arc::clone(&self.assigned[start.index]);
            if assigned.under_way.swap(true, Ordering::Relaxed) {
                self.skipped += 1;
                continue;
            }
            self.begin(assigned, Turn::Due, start.due_ns);
        }
    }

    /// Looks at once. What is not assigned here is not looked at, and what is being looked at is not looked at twice.
    fn run_errand(&mut self, errand: &Errand) {
        let is_it = |assigned: &&Arc<Assigned>| {
            let Check { client, instance, check, .. } = &assigned.check;
            (client, instance, check) == (&errand.client, &errand.instance, &errand.check)
        };
        let Some(assigned) = self.assigned.iter().find(is_it).cloned() else { return };
        if !assigned.under_way.swap(true, Ordering::Relaxed) {
            self.begin(assigned, Turn::Confirm, self.prober.clock.mono_ns());
        }
    }

    /// Begins a look of which nobody else is under way.
    fn begin(&self, assigned: Arc<Assigned>, turn: Turn, due_ns: u64) {
        let tally = &self.prober.tally;
        tally.looks.fetch_add(1, Ordering::Relaxed);
        let under_way = tally.under_way.fetch_add(1, Ordering::Relaxed);
        let mut pending =
            Pending::new(assigned, Arc::clone(&self.tray), Arc::clone(tally), self.now_ns, turn);
        if under_way >= LOOKS_UNDER_WAY_MAX {
            return pending.seen(Seen::void(Cause::Machine, "probe: too many looks under way"), self.now_ns);
        }
        let (looker, clock) = (Arc::clone(&self.prober.looker), Arc::clone(&self.prober.clock));
        tokio::spawn(async move {
            pending.begin(clock.mono_ns(), due_ns);
            let mut seen = looker.look(pending.question()).await;
            while let Some(after) = pending.is_asked_again(&seen) {
                pending.failed(seen, clock.mono_ns());
                tokio::time::sleep(after).await;
                pending.begin_again(clock.mono_ns());
                seen = looker.look(pending.question()).await;
            }
            pending.seen(seen, clock.mono_ns());
        });
    }

    fn ask_references(&mut self) {
        if self.references.due(self.is_waiting()).is_some_and(|due| due <= self.now_ns) {
            let round = self.references.ask(&self.prober.looker, self.now_ns);
            let tray = Arc::clone(&self.tray);
            tokio::spawn(async move { tray.round(round.await) });
        }
    }

    /// Whether something that finished cannot be told before a round of the reference points.
    fn is_waiting(&self) -> bool {
        self.finished.iter().any(|done| self.verdict(done) == Verdict::Wait)
    }

    fn verdict(&self, done: &Done) -> Verdict {
        self.references.verdict(done.seen.outcome, done.ended_ns)
    }

    /// Tells what is ready, when it has waited long enough or is much, or when nothing was told for a while.
    fn tell(&mut self, reports: &mpsc::Sender<Report>, at_once: bool) {
        let quiet = Duration::from_nanos(self.now_ns.saturating_sub(self.told_ns));
        let is_time = at_once || quiet >= HEARTBEAT || self.finished.len() >= LOOKS_MAX / 2;
        let is_urgent = quiet >= TELL_URGENT_AFTER && self.finished.iter().any(|done| done.urgent);
        if is_time || is_urgent || (quiet >= self.prober.tell_after && !self.finished.is_empty()) {
            let ready = self.take_ready();
            if !ready.is_empty() || quiet >= HEARTBEAT {
                self.told_ns = self.now_ns;
                let mut rest = ready.into_iter().peekable();
                loop {
                    let looks = rest.by_ref().take(LOOKS_MAX).collect();
                    let report = self.report(looks);
                    self.unsent.push_back(report);
                    if rest.peek().is_none() {
                        break;
                    }
                }
            }
        }
        self.send(reports);
    }

    /// Begins nothing more, and tells what was seen. A failure that no round of the reference points came after says nothing.
    async fn end(mut self, reports: &mpsc::Sender<Report>) {
        self.schedule = Schedule::default();
        self.waited = TURN_WAITING;
        for _ in 0..END_TURNS_MAX {
            // Read before the tray is emptied: a look is in the tray before it is no longer under way.
            let is_busy = self.prober.tally.under_way.load(Ordering::Acquire) > 0;
            self.turn(reports);
            if reports.is_closed() || !(is_busy || self.is_waiting()) {
                break;
            }
            tokio::time::sleep(TURN_WAITING).await;
        }
        self.tray.empty(&mut self.finished, &mut self.references);
        for done in &mut self.finished {
            if self.references.verdict(done.seen.outcome, done.ended_ns) == Verdict::Wait {
                done.seen =
                    Seen::void(Cause::CutOff, "probe: it ended before the reference points were asked");
            }
        }
        self.tell(reports, true);
        for report in std::mem::take(&mut self.unsent) {
            let _ = reports.send(report).await;
        }
    }

    /// What was seen, judged by the reference points and the clock; what has to wait stays.
    fn take_ready(&mut self) -> Vec<Look> {
        let mut ready = Vec::with_capacity(self.finished.len());
        for done in std::mem::take(&mut self.finished) {
            match self.verdict(&done) {
                Verdict::Wait => self.finished.push(done),
                Verdict::Connected => ready.extend(self.place(done, None)),
                Verdict::CutOff => {
                    ready.extend(
                        self.place(done, Some((Cause::CutOff, "probe: reference points not reached"))),
                    );
                }
            }
        }
        ready
    }

    /// A look with its instant; none when that time was told already, before the clock was put back.
    fn place(&mut self, done: Done, void: Option<(Cause, &'static str)>) -> Option<Look> {
        let (at, void) = match self.timeline.place(done.began_ns) {
            Placed::At(at) => (at, void),
            Placed::Doubtful(at) => (at, Some((Cause::Clock, "clock: more than 30 s off"))),
            Placed::Repeated => {
                self.skipped += 1;
                return None;
            }
        };
        Some(done.look(at, void))
    }

    fn report(&mut self, looks: Vec<Look>) -> Report {
        self.sequence += 1;
        let skipped = std::mem::take(&mut self.skipped);
        self.prober.tally.skipped.fetch_add(skipped.into(), Ordering::Relaxed);
        Report {
            vantage: self.prober.vantage.clone(),
            boot: self.prober.boot,
            sequence: self.sequence,
            at: self.timeline.now(),
            mono_ns: self.now_ns,
            clock: self.timeline.note(),
            reach: self.references.reach(),
            skipped,
            gaps: Vec::new(),
            looks,
        }
    }

    /// Hands reports over as far as they are taken; the wheel never waits.
    fn send(&mut self, reports: &mpsc::Sender<Report>) {
        while let Some(report) = self.unsent.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(report)) = reports.try_send(report) {
                self.unsent.push_front(report);
                break;
            }
        }
        while self.unsent.len() > UNSENT_MAX {
            self.unsent.pop_front();
            self.prober.tally.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How long until the next turn.
    fn wait(&mut self) -> Duration {
        let waiting = self.is_waiting();
        let mut turn = if waiting { TURN_WAITING } else { TURN_MAX };
        let until = |due_ns: u64| Duration::from_nanos(due_ns.saturating_sub(self.now_ns));
        for due_ns in [self.schedule.next(), self.references.due(waiting)].into_iter().flatten() {
            turn = turn.min(until(due_ns));
        }
        if self.finished.iter().any(|done| done.urgent) {
            turn = turn.min(TELL_URGENT_AFTER);
        }
        self.waited = turn;
        // What this turn itself took is not waited again.
        let spent = Duration::from_nanos(self.prober.clock.mono_ns().saturating_sub(self.now_ns));
        turn.saturating_sub(spent)
    }
}

impl Assigned {
    fn of(check: &Check, under_way: Option<Arc<AtomicBool>>) -> Assigned {
        Assigned {
            asked: check.asked(),
            question: Question::of_client(&check.what, check.timeout(), &check.client),
            under_way: under_way.unwrap_or_default(),
            failing: AtomicBool::new(false),
            told: Mutex::default(),
            check: check.clone(),
        }
    }

    /// A certificate's end where it is news: another than last told, or the first of a day. Whoever takes the report decides nothing,
    /// so a report that comes late or twice says the same.
    fn news(&self, ends: Instant, at: Instant) -> Option<Instant> {
        let shown = Certificate { ends, day: at.as_micros().div_euclid(Length::DAY.as_micros()) };
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).replace(shown);
        (told != Some(shown)).then_some(ends)
    }

    /// Decides when in its interval the check begins.
    fn number(&self, vantage: &VantageId) -> u64 {
        let Check { client, instance, check, .. } = &self.check;
        number(&[vantage.as_str(), client.as_str(), instance.as_str(), check.as_str()])
    }
}

impl Done {
    fn look(self, at: Instant, void: Option<(Cause, &'static str)>) -> Look {
        let Done { assigned, began_ns, seen, turn, .. } = self;
        let Check { client, instance, check, .. } = &assigned.check;
        let is_void = void.is_some() && seen.outcome != Outcome::Void;
        let not_after = seen.not_after.filter(|_| !is_void && seen.outcome != Outcome::Void);
        Look {
            client: client.clone(),
            instance: instance.clone(),
            check: check.clone(),
            asked: assigned.asked,
            at,
            mono_ns: began_ns,
            outcome: if is_void { Outcome::Void } else { seen.outcome },
            turn,
            code: seen.code,
            phases: seen.phases,
            reason: void.filter(|_| is_void).map(|(_, why)| Reason::of(why)).or(seen.reason),
            cause: void.filter(|_| is_void).map(|(cause, _)| cause).or(seen.cause),
            not_after: not_after.and_then(|ends| assigned.news(ends, at)),
        }
    }
}
