//! Kept until received, in order, over restarts, within its space.

use std::fs;
use std::path::PathBuf;

use spans::Instant;
use uuid::Uuid;
use wire::{ClockNote, Gap, Key, Reason, Receipt, Report, Spool, SpoolError};

const BYTES: u64 = 4 << 20;

/// A folder of its own below the build folder, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("spool-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Folder(folder)
    }

    fn open(&self) -> Spool {
        Spool::open(&self.0, BYTES).unwrap()
    }

    fn segments(&self) -> Vec<PathBuf> {
        let mut segments: Vec<_> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).collect();
        segments.retain(|path| path.extension().is_some_and(|end| end == "spool"));
        segments.sort();
        segments
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn key() -> Key {
    Key::from_seed([3; 32])
}

fn report(boot: u128, sequence: u64) -> Report {
    Report {
        vantage: "ams-1".parse().unwrap(),
        boot: Uuid::from_u128(boot),
        sequence,
        at: Instant::from_second(1_000),
        mono_ns: sequence,
        clock: ClockNote::default(),
        reach: None,
        skipped: 0,
        gaps: Vec::new(),
        looks: Vec::new(),
    }
}

/// A report of about 200 kB.
fn long_report(boot: u128, sequence: u64) -> Report {
    let look = wire::Look {
        client: "example".parse().unwrap(),
        instance: "web-1".parse().unwrap(),
        check: "home".parse().unwrap(),
        asked: wire::Asked(1),
        at: Instant::from_second(1_000),
        mono_ns: 1,
        outcome: facts::Outcome::Down,
        turn: facts::Turn::Due,
        code: None,
        phases: wire::Phases::default(),
        reason: Some(Reason::of(&"x".repeat(wire::REASON_MAX))),
        cause: Some(facts::Cause::Timeout),
        not_after: None,
    };
    Report { looks: vec![look; 600], ..report(boot, sequence) }
}

fn receipt(boot: u128, sequence: u64) -> Receipt {
    Receipt { boot: Uuid::from_u128(boot), sequence, revision: 0 }
}

/// Takes everything out, in order, as control would.
fn drain(spool: &mut Spool) -> Vec<Report> {
    let mut reports = Vec::new();
    while let Some(spooled) = spool.oldest().unwrap() {
        reports.push(spooled.sealed.open(&key().public()).unwrap());
        spool.receive(&Receipt { boot: spooled.boot, sequence: spooled.sequence, revision: 0 }).unwrap();
    }
    reports
}

fn numbers(reports: &[Report]) -> Vec<(u128, u64)> {
    reports.iter().map(|report| (report.boot.as_u128(), report.sequence)).collect()
}

#[test]
fn reports_come_back_in_order_over_restarts_and_leave_no_file() {
    let folder = Folder::new("order");
    for boot in 1..=3 {
        let mut spool = folder.open();
        (1..=2).for_each(|sequence| spool.keep(&key(), report(boot, sequence)).unwrap());
    }
    let mut spool = folder.open();
    assert_eq!(spool.waiting(), 6);
    assert_eq!(numbers(&drain(&mut spool)), [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]);
    assert_eq!(folder.segments().len(), 1, "a short last segment is kept and appended to");
    drop(spool);
    assert_eq!(
        numbers(&drain(&mut folder.open())),
        [(3, 1), (3, 2)],
        "what is resent is what the last segment held"
    );
}

#[test]
fn without_a_receipt_nothing_is_forgotten() {
    let folder = Folder::new("receipt");
    let mut spool = folder.open();
    (1..=3).for_each(|sequence| spool.keep(&key(), report(1, sequence)).unwrap());
    spool.receive(&receipt(2, 99)).unwrap();
    assert_eq!(spool.waiting(), 3);
    spool.receive(&receipt(1, 2)).unwrap();
    assert_eq!(spool.oldest().unwrap().unwrap().sequence, 3);
}

#[test]
fn killed_at_any_byte_the_records_before_it_are_kept_and_the_next_start_goes_on() {
    let folder = Folder::new("torn");
    let mut spool = folder.open();
    (1..=3).for_each(|sequence| spool.keep(&key(), report(1, sequence)).unwrap());
    drop(spool);
    let segment = folder.segments()[0].clone();
    let whole = fs::read(&segment).unwrap();
    let one = whole.len() / 3;
    for cut in 2 * one..=whole.len() {
        for left in folder.segments() {
            fs::remove_file(left).unwrap();
        }
        fs::write(&segment, &whole[..cut]).unwrap();
        let mut spool = folder.open();
        spool.keep(&key(), report(2, 1)).unwrap();
        drop(spool);
        let kept = numbers(&drain(&mut folder.open()));
        let expected: &[_] =
            if cut == whole.len() { &[(1, 1), (1, 2), (1, 3), (2, 1)] } else { &[(1, 1), (1, 2), (2, 1)] };
        assert_eq!(kept, expected, "cut at {cut}");
    }
}

#[test]
fn a_full_spool_drops_the_oldest_and_says_how_many() {
    let folder = Folder::new("full");
    let mut spool = folder.open();
    for sequence in 1..=40 {
        spool.keep(&key(), long_report(1, sequence)).unwrap();
        assert!(spool.bytes() <= BYTES + wire::SEGMENT_BYTES_MAX);
    }
    spool.keep(&key(), report(1, 41)).unwrap();
    drop(spool);
    let reports = drain(&mut folder.open());
    let first = reports[0].sequence;
    assert!(first > 1, "forty reports of 200 kB do not fit");
    assert_eq!(numbers(&reports), (first..=41).map(|sequence| (1, sequence)).collect::<Vec<_>>());
    let told = reports.iter().flat_map(|report| &report.gaps).map(|gap: &Gap| gap.last).max();
    assert_eq!(told, Some(first - 1), "every report dropped is told");
}

#[test]
fn a_gap_is_told_even_when_the_process_dies_before_the_next_report() {
    let folder = Folder::new("gap");
    let mut spool = folder.open();
    let mut sequence = 0;
    while spool.untold().is_empty() {
        sequence += 1;
        spool.keep(&key(), long_report(1, sequence)).unwrap();
    }
    let untold = spool.untold().to_vec();
    drop(spool);
    let mut spool = folder.open();
    assert_eq!(spool.untold(), untold);
    spool.keep(&key(), report(2, 1)).unwrap();
    let reports = drain(&mut spool);
    assert_eq!(reports.last().unwrap().gaps, untold);
}

#[test]
fn a_report_that_control_refuses_stays_on_disk_and_out_of_the_way() {
    let folder = Folder::new("refused");
    let mut spool = folder.open();
    (1..=2).for_each(|sequence| spool.keep(&key(), report(1, sequence)).unwrap());
    let poison = spool.oldest().unwrap().unwrap();
    spool.set_aside(&poison).unwrap();
    assert_eq!(spool.oldest().unwrap().unwrap().sequence, 2);
    let aside = fs::read_dir(folder.0.join("refused")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(wire::Sealed::decode(&fs::read(aside).unwrap()).unwrap(), poison.sealed);
    spool.keep(&key(), report(1, 3)).unwrap();
    assert_eq!(drain(&mut spool)[1].gaps[0].last, 1);
}

#[test]
fn a_report_that_the_disk_spoils_is_told_as_a_gap_and_the_next_is_sent() {
    let folder = Folder::new("spoilt");
    let mut spool = folder.open();
    (1..=3).for_each(|sequence| spool.keep(&key(), report(1, sequence)).unwrap());
    let segment = folder.segments()[0].clone();
    let mut bytes = fs::read(&segment).unwrap();
    bytes[100] ^= 1;
    fs::write(&segment, bytes).unwrap();
    assert_eq!(spool.oldest().unwrap().unwrap().sequence, 2);
    assert_eq!((spool.damaged(), spool.untold()[0].first), (1, 1));
}

#[test]
fn two_processes_never_hold_one_spool() {
    let folder = Folder::new("held");
    let _spool = folder.open();
    assert!(matches!(Spool::open(&folder.0, BYTES), Err(SpoolError::Held { .. })));
}

#[test]
fn what_is_kept_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("private");
    let mut spool = folder.open();
    spool.keep(&key(), report(1, 1)).unwrap();
    let refused = spool.oldest().unwrap().unwrap();
    spool.set_aside(&refused).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let aside = folder.0.join("refused");
    let mut files: Vec<PathBuf> = fs::read_dir(&aside).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.extend(folder.segments().into_iter().chain([folder.0.join("lock")]));
    assert!(files.len() >= 3, "{files:?}");
    assert!(files.iter().all(|file| mode(file) == 0o600), "{files:?}");
    assert_eq!([mode(&folder.0), mode(&aside)], [0o700, 0o700]);
}
