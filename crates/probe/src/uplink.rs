//! A vantage point elsewhere: joins once, keeps every report on disk, and sends it until control's database has it.
//!
//! Only outbound, only over TLS 1.3; plain HTTP to this very machine. What is kept in `home`: `identity.json` (where control is,
//! who we are, and the secret half of our key: for this user alone), `allowed.json` (the private ranges that checks may ask from
//! here), `secrets.json` (what questions may name; the operator writes it, for this user alone), `assignment.json` (the last one, so
//! that a restart while control is away goes on watching), and `spool/`.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use facts::VantageId;
use tokio::sync::{Notify, mpsc, watch};
use uuid::Uuid;
use wire::{
    ASSIGNMENT_PATH, Assignment, ERRANDS_MAX, JOIN_PATH, Join, Joined, REPORTS_PATH, Receipt, Report,
    SPOOL_BYTES_MAX, Spool, SpoolError, Spooled, Token,
};

use crate::clock::{Clock, Measured};
use crate::look::{Looker, Trust};
use crate::prober::{Prober, TELL_AFTER};
use home::Identity;
pub use home::{allow, allowed, secrets, secrets_in};
use link::{Answered, Link};
use runner::Runner;

mod home;
mod link;
mod runner;

/// Reports between the prober and the spool.
const REPORTS_MAX: usize = 64;
/// How long a stop waits for looks under way and for the disk.
const STOP_MAX: Duration = Duration::from_secs(8);
/// How long a stop tries to tell control what lies in the spool; what is not told then is told at the next start.
const FAREWELL_MAX: Duration = Duration::from_secs(3);
/// How often a report may be refused as such before it is put aside.
const REFUSALS_MAX: u32 = 3;

/// The code of control's answer to a report whose times do not fit its clock.
const UNTIMELY: &str = "untimely";

/// How hard a vantage point tries.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The wait after the first failure; it doubles with every further one. Between half and all of it is waited, at random.
    pub back_off: Duration,
    /// The longest wait.
    pub back_off_max: Duration,
    /// How long one exchange may take.
    pub timeout: Duration,
    /// How often the assignment is fetched when no receipt tells of a new one.
    pub refresh: Duration,
    /// How long what was seen waits for company before it is told.
    pub tell_after: Duration,
    /// How much space the spool takes.
    pub spool_bytes_max: u64,
    /// How long a report is held whose times do not fit control's clock. Either clock may be the wrong one; after this long it is the
    /// report's, and those behind it must get through.
    pub untimely_max: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            back_off: Duration::from_secs(1),
            back_off_max: Duration::from_secs(60),
            timeout: Duration::from_secs(30),
            refresh: Duration::from_secs(300),
            tell_after: TELL_AFTER,
            spool_bytes_max: SPOOL_BYTES_MAX,
            untimely_max: Duration::from_secs(24 * 3_600),
        }
    }
}

impl Pace {
    /// Doubles with every failure; between half and all of it, so that many do not come back at once.
    fn wait_after(&self, failures: u32) -> Duration {
        let whole = self.back_off.saturating_mul(1 << failures.min(16)).min(self.back_off_max);
        let mut random = [0; 4];
        // Without random numbers everybody waits the whole time.
        let share = getrandom::fill(&mut random).map_or(u32::MAX, |()| u32::from_le_bytes(random));
        whole / 2 + (whole / 2 / 1_000) * (share % 1_001)
    }
}

/// What happens on the way, for whoever logs.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are named for what they hold")]
pub enum Event {
    /// A report is on disk.
    Kept { boot: Uuid, sequence: u64, looks: usize },
    /// The disk did not take it; it is tried again.
    NotKept { why: String },
    /// Control's database has everything up to here.
    Received { boot: Uuid, sequence: u64, waiting: usize },
    /// Control does not answer, or not as it should; the next try comes after `again_in`.
    Lost { why: String, again_in: Duration },
    /// Control refuses this report for good; it was put aside.
    PutAside { boot: Uuid, sequence: u64, why: String },
    /// There is another assignment.
    Assigned { revision: u64, checks: usize },
}

/// Why a vantage point cannot start.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum UplinkError {
    #[error("{control}: {problem}")]
    Control { control: String, problem: String },
    #[error("{}: cannot {what}", path.display())]
    Disk { path: std::path::PathBuf, what: &'static str, source: std::io::Error },
    #[error("{}: {problem}", path.display())]
    Home { path: std::path::PathBuf, problem: String },
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error("this machine gives no random numbers: {0}")]
    Random(getrandom::Error),
}

/// Joins as the vantage point that the token was made for. Tried again with the same token in the same `home` it has the same
/// key, so an answer that was lost is no token lost: control answers a key that has joined with it once more.
pub async fn join(control: &str, token: Token, home: &Path, trust: &Trust) -> Result<VantageId, UplinkError> {
    let seed = home::joining_seed(home)?;
    let key = wire::Key::from_seed(seed);
    let problem = |problem: String| UplinkError::Control { control: control.to_owned(), problem };
    let mut link = Link::new(control, trust, Pace::default().timeout)?;
    let body = serde_json::to_vec(&Join::with(token, &key)).expect("a join is plain JSON");
    let answered = link.post(JOIN_PATH, body, &crate::SystemClock).await.map_err(problem)?;
    if answered.status != 200 {
        return Err(problem(answered.refusal()));
    }
    let joined: Joined =
        serde_json::from_slice(&answered.body).map_err(|error| problem(error.to_string()))?;
    home::save_identity(
        home,
        &Identity { control: control.to_owned(), vantage: joined.vantage.clone(), seed },
    )?;
    Ok(joined.vantage)
}

/// Watches and reports until `stop` completes; then what has been seen is put on disk and, where control answers within three
/// seconds, told. `looker` and `trust`: for the services, and for control.
pub async fn run(
    home: &Path,
    looker: Looker,
    clock: Arc<dyn Clock>,
    trust: &Trust,
    pace: Pace,
    events: impl Fn(Event) + Send + Sync + 'static,
    stop: impl Future<Output = ()>,
) -> Result<(), UplinkError> {
    let identity = home::load_identity(home)?;
    let spool = Spool::open(&home.join("spool"), pace.spool_bytes_max)?;
    let link = Link::new(&identity.control, trust, pace.timeout)?;
    let first = home::load_assignment(home).unwrap_or_else(|| Assignment::empty(identity.vantage.clone()));
    let (assign, assignment) = watch::channel(Arc::new(first));
    let (measure, measured) = watch::channel(None);
    let (tell, told) = mpsc::channel(REPORTS_MAX);
    let (send_errands, errands) = mpsc::channel(ERRANDS_MAX);
    let prober = Prober::new(identity.vantage.clone(), boot()?, looker, Arc::clone(&clock))
        .telling_after(pace.tell_after)
        .running(errands);
    let runner = Runner {
        vantage: identity.vantage.clone(),
        key: wire::Key::from_seed(identity.seed),
        link: Link::new(&identity.control, trust, pace.timeout)?,
        clock: Arc::clone(&clock),
        measured: measured.clone(),
        pace,
        errands: send_errands,
    };
    let post = Arc::new(Post {
        key: wire::Key::from_seed(identity.seed),
        spool: Mutex::new(spool),
        news: Notify::new(),
        events: Box::new(events),
    });
    let home = home.to_owned();
    let mut caller = Caller {
        identity,
        home,
        post: Arc::clone(&post),
        link,
        clock,
        pace,
        assign,
        measure,
        untimely: None,
    };
    let (halt, halted) = watch::channel(false);
    let running = runner.run(halted.clone());
    let stopping = async {
        stop.await;
        let _ = halt.send(true);
        tokio::time::sleep(STOP_MAX).await;
    };
    let calling = async {
        caller.call(halted).await;
        caller.assign_no_more();
    };
    let working = async {
        tokio::join!(calling, running, prober.run(assignment, Some(measured), tell), post.keep_all(told))
    };
    tokio::select! {
        _ = working => {}
        () = stopping => post.not_kept(format!("it took longer than {} s to end", STOP_MAX.as_secs())),
    }
    // Nothing is lost when this is cut short: it lies in the spool until there is a receipt.
    let _ = tokio::time::timeout(FAREWELL_MAX, caller.send_rest()).await;
    Ok(())
}

/// A name for one run of a prober: random.
pub fn boot() -> Result<Uuid, UplinkError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(UplinkError::Random)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// The spool, between who keeps and who sends.
struct Post {
    key: wire::Key,
    spool: Mutex<Spool>,
    /// Something new waits to be sent.
    news: Notify,
    events: Box<dyn Fn(Event) + Send + Sync>,
}

impl Post {
    /// Work on the disk, away from the looks.
    async fn on_disk<T: Send + 'static>(
        self: &Arc<Post>,
        work: impl FnOnce(&Post, &mut Spool) -> T + Send + 'static,
    ) -> T {
        let post = Arc::clone(self);
        let work = move || work(&post, &mut post.spool.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::task::spawn_blocking(work)
            .await
            .expect("work on the spool does not panic and is not cancelled")
    }

    fn not_kept(&self, why: String) {
        (self.events)(Event::NotKept { why });
    }

    /// Puts every report on disk, in order, until there are no more. One that the disk does not take is tried again.
    async fn keep_all(self: &Arc<Post>, mut reports: mpsc::Receiver<Report>) {
        while let Some(report) = reports.recv().await {
            let (boot, sequence, looks) = (report.boot, report.sequence, report.looks.len());
            loop {
                let report = report.clone();
                match self.on_disk(|post, spool| spool.keep(&post.key, report)).await {
                    Ok(()) => break,
                    Err(error) => {
                        self.not_kept(with_cause(&error));
                        if reports.is_closed() {
                            return;
                        }
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                }
            }
            (self.events)(Event::Kept { boot, sequence, looks });
            self.news.notify_one();
        }
    }
}

/// Who talks to control.
struct Caller {
    identity: Identity,
    home: std::path::PathBuf,
    post: Arc<Post>,
    link: Link,
    clock: Arc<dyn Clock>,
    pace: Pace,
    assign: watch::Sender<Arc<Assignment>>,
    measure: watch::Sender<Option<Measured>>,
    /// Since when reports do not fit control's clock, by the monotonic clock.
    untimely: Option<u64>,
}

/// Why an exchange did not do.
enum Trouble {
    /// Try again.
    Lost(String),
    /// Try again: the report's times do not fit control's clock.
    Untimely(String),
    /// This report will not be taken.
    Refused(String),
}

impl Caller {
    /// Gives no more assignments: the prober tells what it has seen, and ends.
    fn assign_no_more(&mut self) {
        let last = Arc::clone(&self.assign.borrow());
        self.assign = watch::Sender::new(last);
    }

    /// Sends what waits, once: the first failure ends it.
    async fn send_rest(&mut self) {
        while self.post.on_disk(|_, spool| spool.waiting()).await > 0 {
            if self.send_oldest(&mut 0).await.is_err() {
                break;
            }
        }
    }

    /// Sends what waits and fetches what is new, for ever, until it is told to halt.
    async fn call(&mut self, mut halted: watch::Receiver<bool>) {
        let mut failures = 0;
        let mut refusals = 0;
        // The assignment is asked for at once: `None` is longer ago than anything.
        let mut fetched: Option<u64> = None;
        while !*halted.borrow() {
            let step = async {
                let is_due = fetched.is_none_or(|at| self.elapsed(at) >= self.pace.refresh);
                if is_due {
                    self.fetch().await?;
                    return Ok(Some(self.clock.mono_ns()));
                }
                self.send_oldest(&mut refusals).await.map(|is_new| if is_new { None } else { fetched })
            };
            let step = tokio::select! {
                step = step => step,
                _ = halted.changed() => break,
            };
            match step {
                Ok(at) => (failures, fetched) = (0, at),
                Err(Trouble::Refused(why) | Trouble::Lost(why) | Trouble::Untimely(why)) => {
                    let again_in = self.pace.wait_after(failures);
                    failures += 1;
                    (self.post.events)(Event::Lost { why, again_in });
                    tokio::select! {
                        () = tokio::time::sleep(again_in) => {}
                        _ = halted.changed() => break,
                    }
                }
            }
        }
    }

    async fn fetch(&mut self) -> Result<(), Trouble> {
        let card = self.post.key.card(&self.identity.vantage, ASSIGNMENT_PATH, self.now());
        let answered = self.link.get(ASSIGNMENT_PATH, &card.header(), &*self.clock).await;
        let answered = self.learn(answered)?;
        if answered.status != 200 {
            return Err(Trouble::Lost(answered.refusal()));
        }
        let assignment =
            Assignment::read(&answered.body).map_err(|error| Trouble::Lost(with_cause(&error)))?;
        if assignment.vantage != self.identity.vantage {
            return Err(Trouble::Lost(format!("an assignment for {}", assignment.vantage)));
        }
        if assignment != **self.assign.borrow() {
            home::save_assignment(&self.home, &answered.body)
                .map_err(|error| Trouble::Lost(with_cause(&error)))?;
            let (revision, checks) = (assignment.revision, assignment.checks.len());
            (self.post.events)(Event::Assigned { revision, checks });
            self.assign.send_replace(Arc::new(assignment));
        }
        Ok(())
    }

    /// Sends the oldest report, or waits for one. True when there is another assignment to fetch.
    async fn send_oldest(&mut self, refusals: &mut u32) -> Result<bool, Trouble> {
        let oldest = self.post.on_disk(|_, spool| spool.oldest()).await;
        let Some(spooled) = oldest.map_err(|error| Trouble::Lost(with_cause(&error)))? else {
            // A report comes at least every ten seconds; the wait has an end so that the assignment is refreshed without.
            let _ = tokio::time::timeout(self.pace.refresh, self.post.news.notified()).await;
            return Ok(false);
        };
        match self.send(&spooled).await {
            Ok(receipt) => {
                *refusals = 0;
                self.untimely = None;
                self.receive(receipt).await?;
                Ok(receipt.revision > self.assign.borrow().revision)
            }
            Err(Trouble::Refused(why)) => {
                *refusals += 1;
                if *refusals < REFUSALS_MAX {
                    return Err(Trouble::Refused(why));
                }
                *refusals = 0;
                self.put_aside(spooled, why).await?;
                Ok(false)
            }
            Err(Trouble::Untimely(why)) if self.is_held_long() => {
                self.put_aside(spooled, why).await?;
                Ok(false)
            }
            Err(lost) => Err(lost),
        }
    }

    async fn send(&mut self, spooled: &Spooled) -> Result<Receipt, Trouble> {
        let answered = self.link.post(REPORTS_PATH, spooled.sealed.encode(), &*self.clock).await;
        let answered = self.learn(answered)?;
        match answered.status {
            200 => {}
            400 | 413 | 422 => return Err(Trouble::Refused(answered.refusal())),
            503 if answered.code().as_deref() == Some(UNTIMELY) => {
                return Err(Trouble::Untimely(answered.refusal()));
            }
            _ => return Err(Trouble::Lost(answered.refusal())),
        }
        let receipt: Receipt =
            serde_json::from_slice(&answered.body).map_err(|error| Trouble::Lost(error.to_string()))?;
        if receipt.boot == spooled.boot && receipt.sequence >= spooled.sequence {
            Ok(receipt)
        } else {
            Err(Trouble::Lost("the receipt does not cover what was sent".to_owned()))
        }
    }

    /// Whether reports have been untimely for as long as they are held. It counts from the first of them until one is received,
    /// so that many with a false time hold up those behind them no longer than one does.
    fn is_held_long(&mut self) -> bool {
        let since_ns = *self.untimely.get_or_insert(self.clock.mono_ns());
        self.elapsed(since_ns) > self.pace.untimely_max
    }

    async fn receive(&self, receipt: Receipt) -> Result<(), Trouble> {
        let received =
            self.post.on_disk(move |_, spool| spool.receive(&receipt).map(|()| spool.waiting())).await;
        let waiting = received.map_err(|error| Trouble::Lost(with_cause(&error)))?;
        let Receipt { boot, sequence, .. } = receipt;
        (self.post.events)(Event::Received { boot, sequence, waiting });
        Ok(())
    }

    async fn put_aside(&self, spooled: Spooled, why: String) -> Result<(), Trouble> {
        let (boot, sequence) = (spooled.boot, spooled.sequence);
        let aside = self.post.on_disk(move |_, spool| spool.set_aside(&spooled)).await;
        aside.map_err(|error| Trouble::Lost(with_cause(&error)))?;
        (self.post.events)(Event::PutAside { boot, sequence, why });
        Ok(())
    }

    /// Every answer shows control's clock.
    fn learn(&self, answered: Result<Answered, String>) -> Result<Answered, Trouble> {
        let answered = answered.map_err(Trouble::Lost)?;
        if answered.measured.is_some() {
            self.measure.send_replace(answered.measured);
        }
        Ok(answered)
    }

    fn now(&self) -> spans::Instant {
        now_by(&*self.clock, *self.measure.borrow())
    }

    fn elapsed(&self, since_ns: u64) -> Duration {
        Duration::from_nanos(self.clock.mono_ns().saturating_sub(since_ns))
    }
}

/// Control's time as far as it is known, else this machine's.
fn now_by(clock: &dyn Clock, measured: Option<Measured>) -> spans::Instant {
    let reading = clock.read();
    let micros = match measured {
        Some(Measured { mono_ns, control_us, .. }) => {
            control_us.saturating_add_unsigned(reading.mono_ns.saturating_sub(mono_ns) / 1_000)
        }
        None => reading.wall_us,
    };
    spans::Instant::from_micros(micros)
}

/// An error with its causes, in one line.
fn with_cause(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |all, cause| format!("{all}: {cause}"))
}
