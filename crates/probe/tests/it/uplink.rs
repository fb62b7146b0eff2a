//! A vantage point elsewhere: control away, answers lost, killed in the middle, and nothing lost.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use probe::uplink::{self, Event, Pace, UplinkError};
use probe::{Looker, Names, SystemClock, Trust};
use tokio::sync::oneshot;
use uuid::Uuid;
use wire::{Assignment, Check, Http, Token, What};

use crate::control::{Control, Mood};
use crate::service::{Service, answer, at_home};

/// An hour of waiting in seconds: back-off in milliseconds, ten reports a second.
const HASTY: Pace = Pace {
    back_off: Duration::from_millis(20),
    back_off_max: Duration::from_millis(200),
    timeout: Duration::from_secs(2),
    refresh: Duration::from_secs(60),
    tell_after: Duration::from_millis(50),
    spool_bytes_max: wire::SPOOL_BYTES_MAX,
    untimely_max: Duration::from_secs(24 * 3_600),
};

/// Tells nothing before it ends: what is told then was held until then.
const SILENT: Pace = Pace { tell_after: Duration::from_secs(3_600), ..HASTY };

struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Home {
        let home =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("uplink-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&home);
        Home(home)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn token() -> Token {
    Token::of([0x17; 20])
}

fn assignment(service: &Service, revision: u64) -> Assignment {
    let check = |index: usize| Check {
        client: "example".parse().unwrap(),
        instance: "web-1".parse().unwrap(),
        check: format!("c{index}-{revision}").parse().unwrap(),
        what: What::Http(Http::get(service.url("/"))),
        every_s: 1,
        timeout_ms: 900,
        again: None,
    };
    let checks = (0..50).map(check).collect();
    Assignment { vantage: "ams-1".parse().unwrap(), revision, checks, references: Vec::new() }
}

async fn joined(name: &str) -> (Home, Control, Service) {
    let service = Service::plain(|_| answer(200, "")).await;
    let control = Control::new(token(), assignment(&service, 1)).await;
    let home = Home::new(name);
    let vantage = uplink::join(&control.url(), token(), &home.0, &Trust::default()).await.unwrap();
    assert_eq!(vantage.as_str(), "ams-1");
    (home, control, service)
}

/// A vantage point in this process, until it is stopped.
struct Here {
    events: Arc<Mutex<Vec<Event>>>,
    stop: oneshot::Sender<()>,
    done: tokio::task::JoinHandle<Result<(), UplinkError>>,
}

impl Here {
    fn start(home: &Path) -> Here {
        Here::at_pace(home, HASTY)
    }

    fn at_pace(home: &Path, pace: Pace) -> Here {
        let (stop, stopped) = oneshot::channel();
        let events = Arc::new(Mutex::new(Vec::new()));
        let (heard, home) = (Arc::clone(&events), home.to_owned());
        let done = tokio::spawn(async move {
            let listen = move |event| heard.lock().unwrap().push(event);
            run(&home, pace, listen, async { drop(stopped.await) }).await
        });
        Here { events, stop, done }
    }

    async fn until(&self, fits: impl Fn(&Event) -> bool) {
        let heard = async {
            while !self.events.lock().unwrap().iter().any(&fits) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), heard).await;
        assert!(in_time.is_ok(), "{:?}", self.events.lock().unwrap());
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.done.await.unwrap().unwrap();
    }
}

async fn run(
    home: &Path,
    pace: Pace,
    listen: impl Fn(Event) + Send + Sync + 'static,
    stop: impl Future<Output = ()>,
) -> Result<(), UplinkError> {
    let clock = Arc::new(SystemClock);
    let looker = Looker::new(at_home(), Names::servers(&[]), &Trust::default(), clock.clone());
    uplink::run(home, looker, clock, &Trust::default(), pace, listen, stop).await
}

#[test]
fn secrets_lie_in_the_home_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = std::env::temp_dir().join(format!("uphold-secrets-{}", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    assert!(probe::uplink::secrets(&home).unwrap().is_empty());
    let path = home.join("secrets.json");
    let list = r#"[{"name":"db","client":"acme","hosts":["db.acme.example"],"value":"s3cret"}]"#;
    std::fs::write(&path, list).unwrap();
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o640);
    let said = probe::uplink::secrets(&home).unwrap_err().to_string();
    assert!(said.contains("600") && !said.contains("s3cret"), "{said}");
    mode(0o600);
    assert_eq!(probe::uplink::secrets(&home).unwrap().len(), 1);
    std::fs::write(&path, "[{}]").unwrap();
    assert!(probe::uplink::secrets(&home).is_err());
    std::fs::remove_dir_all(&home).unwrap();
}

#[tokio::test]
async fn a_token_works_once_and_an_answer_that_was_lost_costs_none() {
    let service = Service::plain(|_| answer(200, "")).await;
    let control = Control::new(token(), assignment(&service, 1)).await;
    let (home, other) = (Home::new("join"), Home::new("join-other"));
    let join = async |home: &Home| uplink::join(&control.url(), token(), &home.0, &Trust::default()).await;
    control.mood(Mood::AnswersLost);
    assert!(matches!(join(&home).await, Err(UplinkError::Control { .. })));
    control.mood(Mood::Well);
    assert_eq!(join(&home).await.unwrap().as_str(), "ams-1");
    let refused = join(&other).await.unwrap_err().to_string();
    assert!(refused.ends_with("control answers 403 this token does not work (any more)"), "{refused}");
    assert!(matches!(join(&home).await, Err(UplinkError::Home { .. })), "it has joined already");
    let mode =
        std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(home.0.join("identity.json")).unwrap());
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn reports_arrive_and_a_new_assignment_follows_its_receipt() {
    let (home, control, service) = joined("arrive").await;
    let here = Here::start(&home.0);
    here.until(|event| matches!(event, Event::Received { waiting: 0, .. })).await;
    control.assign(assignment(&service, 2));
    here.until(|event| matches!(event, Event::Assigned { revision: 2, checks: 50 })).await;
    let has_new =
        || control.reports().values().any(|r| r.looks.iter().any(|l| l.check.as_str().ends_with("-2")));
    while !has_new() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    here.stop().await;
}

#[tokio::test]
async fn a_restart_while_control_is_away_goes_on_watching_what_it_was_told() {
    let (home, control, _service) = joined("away").await;
    let here = Here::start(&home.0);
    here.until(|event| matches!(event, Event::Assigned { revision: 1, .. })).await;
    here.stop().await;
    control.mood(Mood::Broken);
    let here = Here::start(&home.0);
    here.until(|event| matches!(event, Event::Kept { sequence: 2, .. })).await;
    here.until(|event| matches!(event, Event::Lost { .. })).await;
    here.stop().await;
}

#[tokio::test]
async fn a_report_that_is_refused_for_good_does_not_stop_the_others() {
    let (home, control, _service) = joined("refused").await;
    control.mood(Mood::Refusing);
    let here = Here::start(&home.0);
    here.until(|event| matches!(event, Event::PutAside { sequence: 1, .. })).await;
    control.mood(Mood::Well);
    here.until(|event| matches!(event, Event::Received { .. })).await;
    here.stop().await;
    assert!(home.0.join("spool/refused").read_dir().unwrap().count() >= 1);
}

/// Control's clock was behind for longer than three tries: nothing that was seen meanwhile is lost.
#[tokio::test]
async fn rule_9_a_report_that_does_not_fit_control_s_clock_is_held_until_it_does() {
    let (home, control, _service) = joined("untimely").await;
    control.mood(Mood::Behind);
    let here = Here::start(&home.0);
    while control.again() < 8 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(looks(&control) == 0);
    control.mood(Mood::Well);
    here.until(|event| matches!(event, Event::Received { sequence, .. } if *sequence > 2)).await;
    let aside = here.events.lock().unwrap().iter().any(|event| matches!(event, Event::PutAside { .. }));
    here.stop().await;
    assert!(!aside);
    let sequences: Vec<u64> = control.reports().keys().map(|(_, sequence)| *sequence).collect();
    assert_eq!(sequences, (1..=sequences.len() as u64).collect::<Vec<_>>(), "none is left out");
}

/// One that never fits holds the others up for so long and no longer.
#[tokio::test]
async fn rule_9_a_report_that_never_fits_control_s_clock_lets_the_others_through_in_the_end() {
    let (home, control, _service) = joined("never").await;
    control.mood(Mood::Behind);
    let pace = Pace { untimely_max: Duration::from_millis(300), ..HASTY };
    let here = Here::at_pace(&home.0, pace);
    here.until(|event| matches!(event, Event::PutAside { sequence: 1, .. })).await;
    control.mood(Mood::Well);
    here.until(|event| matches!(event, Event::Received { .. })).await;
    here.stop().await;
}

#[tokio::test]
async fn rule_9_control_s_clock_is_learned_from_its_answers() {
    let (home, control, _service) = joined("skew").await;
    control.ahead(5_000_000);
    let here = Here::start(&home.0);
    let corrected = || {
        let reports = control.reports();
        let last = reports.values().next_back().cloned();
        last.filter(|report| {
            report.clock.offset_us.is_some_and(|offset| (offset - 5_000_000).abs() < 300_000)
        })
    };
    while corrected().is_none() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    here.stop().await;
}

/// The looks that control has.
fn looks(control: &Control) -> usize {
    control.reports().values().map(|report| report.looks.len()).sum()
}

/// Answers after a while, and counts what it was asked.
async fn slow(asked: &Arc<AtomicUsize>) -> Service {
    let asked = Arc::clone(asked);
    Service::plain(move |_| {
        asked.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(5));
        answer(200, "")
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_tells_every_look_that_was_made_those_under_way_among_them() {
    let asked = Arc::default();
    let service = slow(&asked).await;
    let control = Control::new(token(), assignment(&service, 1)).await;
    let home = Home::new("end");
    uplink::join(&control.url(), token(), &home.0, &Trust::default()).await.unwrap();
    let here = Here::at_pace(&home.0, SILENT);
    while asked.load(Ordering::SeqCst) < 30 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(looks(&control), 0, "nothing was told yet");
    here.stop().await;
    assert_eq!(looks(&control), asked.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_while_control_is_away_leaves_every_look_in_the_spool() {
    let asked = Arc::default();
    let service = slow(&asked).await;
    let control = Control::new(token(), assignment(&service, 1)).await;
    let home = Home::new("end-away");
    uplink::join(&control.url(), token(), &home.0, &Trust::default()).await.unwrap();
    let here = Here::at_pace(&home.0, SILENT);
    here.until(|event| matches!(event, Event::Assigned { .. })).await;
    control.mood(Mood::Broken);
    while asked.load(Ordering::SeqCst) < 30 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    here.stop().await;
    let made = asked.load(Ordering::SeqCst);
    assert_eq!(looks(&control), 0);
    control.mood(Mood::Well);
    let here = Here::at_pace(&home.0, SILENT);
    here.until(|event| matches!(event, Event::Received { waiting: 0, .. })).await;
    let before_the_end = looks(&control);
    here.stop().await;
    assert_eq!(before_the_end, made);
}

/// Not a test of its own: the process that is killed below.
#[tokio::test]
async fn child_vantage_point() {
    let Some(home) = std::env::var_os("UPLINK_CHILD") else { return };
    let listen = |event| {
        if let Event::Kept { boot, sequence, .. } = event {
            println!("kept {boot} {sequence}");
        }
    };
    run(Path::new(&home), HASTY, listen, std::future::pending()).await.unwrap();
}

/// A vantage point in a process of its own, and what it says is on its disk.
struct Elsewhere {
    child: Child,
    listening: std::thread::JoinHandle<BTreeSet<(Uuid, u64)>>,
}

impl Elsewhere {
    fn start(home: &Path) -> Elsewhere {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "uplink::child_vantage_point", "--nocapture"])
            .env("UPLINK_CHILD", home)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let kept = |line: String| {
            let (boot, sequence) = line.strip_prefix("kept ")?.split_once(' ')?;
            Some((boot.parse().ok()?, sequence.parse().ok()?))
        };
        let listening =
            std::thread::spawn(move || out.lines().map_while(Result::ok).filter_map(kept).collect());
        Elsewhere { child, listening }
    }

    /// kill -9, wherever it is.
    fn kill(mut self) -> BTreeSet<(Uuid, u64)> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.listening.join().unwrap()
    }
}

#[tokio::test]
async fn control_away_for_an_hour_answers_lost_and_kill_9_lose_nothing() {
    let (home, control, _service) = joined("kill").await;
    let mut kept = BTreeSet::new();
    // Lengths that are not of one rhythm with the reports; moods that follow each other as they do on a bad day.
    for (mood, ms) in [
        (Mood::Well, 2_300),
        (Mood::Broken, 1_900),
        (Mood::AnswersLost, 1_700),
        (Mood::Broken, 2_150),
        (Mood::AnswersLost, 1_450),
    ] {
        control.mood(mood);
        let elsewhere = Elsewhere::start(&home.0);
        tokio::time::sleep(Duration::from_millis(ms)).await;
        kept.extend(tokio::task::spawn_blocking(|| elsewhere.kill()).await.unwrap());
    }
    assert!(kept.len() >= 25, "{kept:?}");
    control.mood(Mood::Well);
    let here = Here::start(&home.0);
    here.until(|event| matches!(event, Event::Received { waiting: 0, .. })).await;
    here.stop().await;
    let reports = control.reports();
    let lost: Vec<_> = kept.iter().filter(|id| !reports.contains_key(id)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(control.again() > 0, "an answer was lost, so something came twice");
    assert!(reports.values().all(|report| report.gaps.is_empty()));
    for (boot, sequence) in reports.keys() {
        let before = (1..*sequence).all(|earlier| reports.contains_key(&(*boot, earlier)));
        assert!(before, "something before {boot} {sequence} is missing");
    }
}

#[tokio::test]
async fn a_control_that_is_not_there_is_tried_again_with_longer_waits() {
    let (home, _control, _service) = joined("nobody").await;
    let nobody = Control::nobody().await;
    let path = home.0.join("identity.json");
    let identity: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let mut identity = identity.as_object().unwrap().clone();
    identity.insert("control".to_owned(), format!("http://{nobody}").into());
    std::fs::write(&path, serde_json::to_vec(&identity).unwrap()).unwrap();
    let here = Here::start(&home.0);
    let lost = |event: &Event| matches!(event, Event::Lost { again_in, .. } if *again_in > Duration::from_millis(99));
    here.until(lost).await;
    let waits = here.events.lock().unwrap().clone().into_iter().filter_map(|event| match event {
        Event::Lost { again_in, .. } => Some(again_in),
        _ => None,
    });
    let waits: Vec<_> = waits.collect();
    assert!(waits[0] >= HASTY.back_off / 2 && waits[0] <= HASTY.back_off, "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= HASTY.back_off_max), "{waits:?}");
    here.stop().await;
}
