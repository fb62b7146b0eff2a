//! A prober at work: on time, never twice at once, silent when it cannot know, and never fooled by a clock.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use facts::Outcome::{Down, Up, Void};
use facts::Turn;
use probe::{Clock, Looker, Measured, Names, Prober, Reading, SystemClock, Tally, Trust};
use spans::Instant;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use wire::{Assignment, Check, Errand, Http, Look, Reference, Report, Tcp, What};

use crate::service::{Identity, Service, answer, at_home};

/// The clocks of this machine, put wrong as a test likes.
#[derive(Default)]
pub(crate) struct OddClock {
    pub(crate) mono_ns: AtomicI64,
    pub(crate) boot_ns: AtomicI64,
    pub(crate) wall_us: AtomicI64,
}

impl Clock for OddClock {
    fn read(&self) -> Reading {
        let true_one = SystemClock.read();
        Reading {
            mono_ns: true_one.mono_ns.saturating_add_signed(self.mono_ns.load(Ordering::SeqCst)),
            boot_ns: true_one.boot_ns.saturating_add_signed(self.boot_ns.load(Ordering::SeqCst)),
            wall_us: true_one.wall_us.saturating_add(self.wall_us.load(Ordering::SeqCst)),
        }
    }
}

impl OddClock {
    /// The machine sleeps: the wall and the boot-time clock go on, the monotonic one does not.
    fn suspend(&self, seconds: i64) {
        self.boot_ns.fetch_add(seconds * 1_000_000_000, Ordering::SeqCst);
        self.wall_us.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Time goes by in which the prober did not run.
    fn stall(&self, seconds: i64) {
        self.mono_ns.fetch_add(seconds * 1_000_000_000, Ordering::SeqCst);
        self.suspend(seconds);
    }
}

/// A prober that runs, and what it has told.
struct Running {
    assign: watch::Sender<Arc<Assignment>>,
    told: mpsc::Receiver<Report>,
    /// Looks of the last report that nobody has read yet.
    rest: VecDeque<Look>,
    tally: Arc<Tally>,
}

impl Running {
    fn start(
        assignment: Assignment,
        clock: Arc<dyn Clock>,
        measured: Option<watch::Receiver<Option<Measured>>>,
    ) -> Running {
        Running::trusting(&Trust::default(), assignment, clock, measured)
    }

    fn trusting(
        trust: &Trust,
        assignment: Assignment,
        clock: Arc<dyn Clock>,
        measured: Option<watch::Receiver<Option<Measured>>>,
    ) -> Running {
        let looker = Looker::new(at_home(), Names::servers(&[]), trust, Arc::clone(&clock));
        let prober = Prober::new(assignment.vantage.clone(), uuid::Uuid::from_u128(1), looker, clock);
        let (assign, assignment) = watch::channel(Arc::new(assignment));
        let (tell, told) = mpsc::channel(64);
        let tally = prober.tally();
        tokio::spawn(prober.run(assignment, measured, tell));
        Running { assign, told, rest: VecDeque::new(), tally }
    }

    async fn report(&mut self) -> Report {
        tokio::time::timeout(Duration::from_secs(20), self.told.recv()).await.unwrap().unwrap()
    }

    /// The looks of the reports until one that fits, which is the last.
    async fn until(&mut self, fits: impl Fn(&Look) -> bool) -> Vec<Look> {
        let mut looks = Vec::new();
        while !looks.last().is_some_and(&fits) {
            match self.rest.pop_front() {
                Some(look) => looks.push(look),
                None => self.rest = self.report().await.looks.into(),
            }
        }
        looks
    }
}

fn check(id: &str, what: What) -> Check {
    Check {
        client: "example".parse().unwrap(),
        instance: "web-1".parse().unwrap(),
        check: id.parse().unwrap(),
        what,
        every_s: 1,
        timeout_ms: 900,
        again: None,
    }
}

fn get(service: &Service) -> What {
    What::Http(Http::get(service.url("/")))
}

fn assignment(checks: Vec<Check>) -> Assignment {
    Assignment { checks, ..Assignment::empty("here".parse().unwrap()) }
}

fn clock() -> Arc<OddClock> {
    Arc::new(OddClock::default())
}

#[tokio::test]
async fn every_check_is_looked_at_once_an_interval_on_time_and_told_in_order() {
    let service = Service::plain(|_| answer(200, "")).await;
    let checks = (0..100).map(|i| check(&format!("c{i}"), get(&service))).collect();
    let mut running = Running::start(assignment(checks), Arc::new(SystemClock), None);
    let mut starts: HashMap<String, Vec<i64>> = HashMap::new();
    for sequence in 1..=4 {
        let report = running.report().await;
        assert_eq!(report.sequence, sequence);
        for look in report.looks {
            assert_eq!(look.outcome, Up);
            starts.entry(look.check.to_string()).or_default().push(look.at.as_micros());
        }
    }
    assert_eq!(starts.len(), 100);
    for (check, starts) in &mut starts {
        starts.sort_unstable();
        assert!(starts.len() >= 3, "{check}: {starts:?}");
        for pair in starts.windows(2) {
            let apart = pair[1] - pair[0];
            assert!((900_000..1_100_000).contains(&apart), "{check}: {apart} µs apart");
        }
    }
    assert_eq!(running.tally.skipped.load(Ordering::SeqCst), 0);
}

/// Every check once a day, and nothing told before a minute has gone by, but for what is urgent.
#[tokio::test]
async fn a_look_out_of_turn_and_the_first_failure_are_told_at_once() {
    let service =
        Service::plain(|asked| answer(if asked.uri().path() == "/bad" { 503 } else { 200 }, "")).await;
    let daily = |id: &str, path: &str| Check {
        every_s: 86_400,
        ..check(id, What::Http(Http::get(service.url(path))))
    };
    let each_second = check("second", What::Http(Http::get(service.url("/bad"))));
    let checks = assignment(vec![daily("good", "/"), daily("bad", "/bad")]);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let looker = Looker::new(at_home(), Names::servers(&[]), &Trust::default(), Arc::clone(&clock));
    let (run, errands) = mpsc::channel(8);
    let prober = Prober::new(checks.vantage.clone(), uuid::Uuid::from_u128(1), looker, clock);
    let prober = prober.telling_after(Duration::from_secs(60)).running(errands);
    let (assign, assigned) = watch::channel(Arc::new(checks.clone()));
    let (tell, mut told) = mpsc::channel(64);
    tokio::spawn(prober.run(assigned, None, tell));
    // A sign of life comes after ten seconds.
    let mut soon =
        async || tokio::time::timeout(Duration::from_secs(8), told.recv()).await.unwrap().unwrap().looks;

    let errand = |check: &str| Errand {
        client: "example".parse().unwrap(),
        instance: "web-1".parse().unwrap(),
        check: check.parse().unwrap(),
    };
    for (check, outcome) in [("good", Up), ("bad", Down)] {
        run.send(errand("none-of-ours")).await.unwrap();
        run.send(errand(check)).await.unwrap();
        let looks = soon().await;
        assert_eq!(looks.len(), 1, "{looks:?}");
        assert_eq!(
            (looks[0].check.as_str(), looks[0].outcome, looks[0].turn),
            (check, outcome, Turn::Confirm)
        );
    }
    assign.send_replace(Arc::new(assignment([checks.checks, vec![each_second]].concat())));
    let looks = soon().await;
    assert_eq!((looks[0].outcome, looks[0].turn), (Down, Turn::Due), "{looks:?}");
}

#[tokio::test]
async fn a_check_never_runs_twice_at_once_not_even_when_it_is_changed_under_way() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, top) = (Arc::clone(&now), Arc::clone(&most));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (count, top) = (Arc::clone(&count), Arc::clone(&top));
            top.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut all = Vec::new();
                let _ = stream.read_to_end(&mut all).await;
                count.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    let ask = |path: &str| {
        let what = What::Http(Http::get(format!("http://{address}{path}")));
        assignment(vec![Check { timeout_ms: 1_000, ..check("slow", what) }])
    };
    let running = Running::start(ask("/"), Arc::new(SystemClock), None);
    for turn in 0..12 {
        tokio::time::sleep(Duration::from_millis(350)).await;
        running.assign.send_replace(Arc::new(ask(&format!("/{turn}"))));
    }
    assert_eq!(most.load(Ordering::SeqCst), 1);
    assert!(running.tally.looks.load(Ordering::SeqCst) >= 2);
}

#[tokio::test]
async fn an_assignment_is_replaced_while_it_runs() {
    let service = Service::plain(|_| answer(200, "")).await;
    let mut running = Running::start(assignment(vec![check("old", get(&service))]), clock(), None);
    running.until(|look| look.check.as_str() == "old").await;
    running.assign.send_replace(Arc::new(assignment(vec![check("new", get(&service))])));
    running.until(|look| look.check.as_str() == "new").await;
    let later = running.until(|look| look.check.as_str() == "new").await;
    assert!(later.iter().all(|look| look.check.as_str() == "new"));
}

/// A port nobody listens on.
async fn nowhere() -> What {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    What::Tcp(Tcp { host: "127.0.0.1".to_owned(), port, family: wire::Family::Any })
}

#[tokio::test]
async fn rule_4_a_prober_that_cannot_reach_its_reference_points_gives_no_evidence() {
    let service = Service::plain(|_| answer(200, "")).await;
    let here = || Reference { what: get(&service), timeout_ms: 500 };
    let gone = Reference { what: nowhere().await, timeout_ms: 500 };
    let checks = vec![check("good", get(&service)), check("bad", nowhere().await)];
    for (references, good, bad) in [
        (vec![here(), here(), gone.clone()], Up, Down),
        (vec![here(), gone.clone(), gone.clone()], Void, Void),
        (vec![], Up, Down),
    ] {
        let assigned = Assignment { references, ..assignment(checks.clone()) };
        let mut running = Running::start(assigned, clock(), None);
        for (id, outcome) in [("good", good), ("bad", bad)] {
            let looks = running.until(|look| look.check.as_str() == id).await;
            assert_eq!(looks.last().unwrap().outcome, outcome, "{id}");
        }
    }
}

#[tokio::test]
async fn rule_4_a_failure_is_told_only_after_the_reference_points_were_asked_again() {
    let service = Service::plain(|_| answer(200, "")).await;
    let link = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let through_the_link = link.local_addr().unwrap().port();
    let what =
        What::Tcp(Tcp { host: "127.0.0.1".to_owned(), port: through_the_link, family: wire::Family::Any });
    let reference = Reference { what: what.clone(), timeout_ms: 500 };
    let checks = vec![check("behind", what), check("beside", get(&service))];
    let assigned = Assignment { references: vec![reference; 3], ..assignment(checks) };
    let mut running = Running::start(assigned, clock(), None);
    let looks = running.until(|look| look.check.as_str() == "behind").await;
    assert_eq!(looks.last().unwrap().outcome, Up);
    // The link breaks; the last round of the reference points was good.
    drop(link);
    let looks = running.until(|look| look.check.as_str() == "behind" && look.outcome != Up).await;
    let last = looks.last().unwrap();
    assert_eq!(
        (last.outcome, last.reason.as_ref().unwrap().as_str()),
        (Void, "probe: reference points not reached")
    );
}

#[tokio::test]
async fn rule_8_a_step_of_the_clock_moves_no_look() {
    let service = Service::plain(|_| answer(200, "")).await;
    let odd = clock();
    let mut running = Running::start(assignment(vec![check("home", get(&service))]), odd.clone(), None);
    let mut looks = running.until(|_| true).await;
    odd.wall_us.fetch_add(3_600_000_000, Ordering::SeqCst);
    for _ in 0..3 {
        looks.extend(running.until(|_| true).await);
    }
    for pair in looks.windows(2) {
        let apart = (pair[1].at - pair[0].at).as_micros();
        assert!((900_000..1_100_000).contains(&apart), "{apart} µs apart");
    }
    let stepped = running.report().await.clock.stepped_us.unwrap();
    assert!((stepped - 3_600_000_000).abs() < 50_000, "{stepped}");
}

#[tokio::test]
async fn a_suspend_leaves_a_gap_and_never_a_long_success() {
    // Answers only when told to: the look is under way while the machine sleeps.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let what = What::Http(Http::get(format!("http://{}/", listener.local_addr().unwrap())));
    let odd = clock();
    let mut running = Running::start(assignment(vec![check("home", what)]), odd.clone(), None);
    let (mut stream, _) = listener.accept().await.unwrap();
    odd.suspend(600);
    let mut request = [0; 512];
    let _ = stream.read(&mut request).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    let report = running.report().await;
    let look = &report.looks[0];
    assert_eq!((look.outcome, look.reason.as_ref().unwrap().as_str()), (Void, "clock: the prober slept"));
    let slept = report.clock.slept_us.unwrap();
    assert!((599_000_000..601_000_000).contains(&slept), "{slept}");
}

#[tokio::test]
async fn a_prober_that_was_held_up_leaves_out_what_it_missed_and_says_that_it_lives() {
    let odd = clock();
    let service = Service::plain(|_| answer(200, "")).await;
    let mut running = Running::start(assignment(vec![check("home", get(&service))]), odd.clone(), None);
    running.until(|look| look.outcome == Up).await;
    odd.stall(30);
    let report = running.report().await;
    assert!(report.skipped >= 29, "{}", report.skipped);
    assert_eq!(running.until(|look| look.outcome == Up).await.last().unwrap().outcome, Up);
}

#[tokio::test]
async fn rule_9_a_skew_is_corrected_and_told_and_a_large_one_makes_no_evidence() {
    let service = Service::plain(|_| answer(200, "")).await;
    let (measure, measured) = watch::channel(None);
    let mut running =
        Running::start(assignment(vec![check("home", get(&service))]), Arc::new(SystemClock), Some(measured));
    running.until(|look| look.outcome == Up).await;
    for (offset_us, outcome) in [(5_000_000, Up), (31_000_000, Void), (500_000, Up)] {
        let now = SystemClock.read();
        let control_us = now.wall_us + offset_us;
        measure.send_replace(Some(Measured { mono_ns: now.mono_ns, control_us, error_us: 1_000 }));
        let looks = running.until(|look| look.mono_ns > now.mono_ns && look.outcome == outcome).await;
        let look = looks.last().unwrap();
        let true_us = now.wall_us + i64::try_from((look.mono_ns - now.mono_ns) / 1_000).unwrap();
        let shift = (look.at - Instant::from_micros(true_us)).as_micros();
        let expected = if offset_us > 2_000_000 { offset_us } else { 0 };
        assert!((shift - expected).abs() < 50_000, "{shift} instead of {expected}");
        let offset = running.report().await.clock.offset_us.unwrap();
        assert!((offset - offset_us).abs() < 50_000, "{offset}");
    }
}

#[tokio::test]
async fn a_certificate_s_end_is_told_once_a_day() {
    let identity = Identity::until(2090);
    let service = Service::tls(&identity, &["http/1.1"], |_| answer(200, "")).await;
    let what = What::Http(Http::get(format!("https://{}/", service.address)));
    let odd = clock();
    let assigned = assignment(vec![check("secure", what)]);
    let mut running = Running::trusting(&identity.trusted(), assigned, odd.clone(), None);
    let mut looks = running.until(|_| true).await;
    looks.extend(running.until(|_| true).await);
    let ends = "2090-03-06T00:00:00Z".parse().ok();
    assert!(looks.iter().all(|look| look.outcome == Up), "{looks:?}");
    let day = |at: Instant| at.as_micros().div_euclid(86_400_000_000);
    let is_news = |index: usize| index == 0 || day(looks[index].at) != day(looks[index - 1].at);
    for (index, look) in looks.iter().enumerate() {
        assert_eq!(look.not_after, ends.filter(|_| is_news(index)), "{index}");
    }
    odd.stall(86_400);
    let next_day =
        running.until(|look| look.outcome == Up && look.at > looks[1].at + spans::Length::HOUR).await;
    assert_eq!(next_day.last().unwrap().not_after, ends);
}
