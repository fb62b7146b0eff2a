//! Reports on disk until the database has them.
//!
//! Segment files in one folder, appended to and never changed. A report counts as kept when its bytes and its folder entry are
//! synced; a segment is deleted when a [`Receipt`] covers everything in it. A process killed at any byte leaves at most one
//! record unfinished: reading drops that one and goes on at the next record that is whole, so nothing after it is lost. Space
//! is limited: the oldest segment goes first, and what it held is told as a [`Gap`] that is on disk before it goes.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::report::{GAPS_MAX, Gap, Receipt, Report};
use crate::seal::{Key, SEALED_BYTES_MAX, Sealed};
use record::{Kind, Record};
use uuid::Uuid;

mod record;

/// The space a spool takes at most when not told otherwise: at some 250 bytes a look, two hours of 500 looks a second or two days
/// of 25.
pub const SPOOL_BYTES_MAX: u64 = 1 << 30;
/// A segment is closed when it is longer than this: the unit of deletion.
pub const SEGMENT_BYTES_MAX: u64 = 1 << 20;
/// A segment of which nothing is needed any more is closed early when it is longer than this, so that a restart resends little.
const RESENT_BYTES_MAX: u64 = 64 << 10;

/// The spool of one vantage point. One process at a time holds it.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    bytes_max: u64,
    /// Oldest first.
    segments: VecDeque<Segment>,
    /// The last segment, if it can be appended to.
    open: Option<File>,
    /// Dropped and not yet told in a report that is kept.
    untold: Vec<Gap>,
    damaged: u64,
    _lock: File,
}

/// A report that waits for its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spooled {
    /// The boot it is of.
    pub boot: Uuid,
    /// Its sequence.
    pub sequence: u64,
    /// What is sent.
    pub sealed: Sealed,
}

#[derive(Debug)]
struct Segment {
    number: u64,
    bytes: u64,
    /// Reports that wait, in order.
    waiting: VecDeque<Waiting>,
    /// Gaps told by its reports.
    gaps: Vec<Gap>,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    boot: Uuid,
    sequence: u64,
    place: u64,
    length: usize,
}

/// Why the spool cannot do what was asked. What was kept before stays kept.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum SpoolError {
    #[error("{}: cannot {what}", path.display())]
    Disk { path: PathBuf, what: &'static str, source: io::Error },
    #[error("{}: another process holds this spool", path.display())]
    Held { path: PathBuf },
}

impl Spool {
    /// Opens the spool in `folder`, which is made if need be, and reads what waits there. `bytes_max`: see [`SPOOL_BYTES_MAX`].
    pub fn open(folder: &Path, bytes_max: u64) -> Result<Spool, SpoolError> {
        make_folder(folder)?;
        let lock = hold(&folder.join("lock"))?;
        let mut spool = Spool {
            folder: folder.to_owned(),
            bytes_max: bytes_max.max(2 * SEGMENT_BYTES_MAX),
            segments: VecDeque::new(),
            open: None,
            untold: Vec::new(),
            damaged: 0,
            _lock: lock,
        };
        for number in spool.numbers()? {
            spool.load(number)?;
        }
        Ok(spool)
    }

    /// Signs a report with the gaps not yet told and keeps it: when this returns it survives a power cut.
    pub fn keep(&mut self, key: &Key, mut report: Report) -> Result<(), SpoolError> {
        report.gaps = self.untold.clone();
        let sealed = key.seal(&report).encode();
        let record =
            Record { kind: Kind::Report, boot: report.boot, sequence: report.sequence, payload: &sealed };
        let place = self.append(&record)?;
        let segment = self.segments.back_mut().expect("append leaves a segment");
        let (boot, sequence) = (report.boot, report.sequence);
        segment.waiting.push_back(Waiting { boot, sequence, place, length: sealed.len() });
        segment.gaps.append(&mut self.untold);
        self.make_room()
    }

    /// The oldest report that waits. One that cannot be read any more is told as a gap, and the next is given.
    pub fn oldest(&mut self) -> Result<Option<Spooled>, SpoolError> {
        while let Some(segment) = self.segments.iter().find(|segment| !segment.waiting.is_empty()) {
            let (number, waiting) = (segment.number, segment.waiting[0]);
            let path = self.path(number);
            let payload = read_at(&path, &waiting).map_err(disk(&path, "read"))?;
            if let Ok(sealed) = Sealed::decode(&payload) {
                return Ok(Some(Spooled { boot: waiting.boot, sequence: waiting.sequence, sealed }));
            }
            self.damaged += 1;
            self.miss(&waiting);
            let segment = self.segments.iter_mut().find(|segment| segment.number == number);
            segment.expect("it was just there").waiting.pop_front();
        }
        Ok(None)
    }

    /// Forgets what the database holds, and deletes the segments that nobody needs.
    pub fn receive(&mut self, receipt: &Receipt) -> Result<(), SpoolError> {
        for segment in &mut self.segments {
            segment.waiting.retain(|w| w.boot != receipt.boot || w.sequence > receipt.sequence);
        }
        self.sweep()
    }

    /// Takes the oldest report out of the way: control refuses it, and the others must not wait for ever. It stays on disk, in
    /// `refused/`, and is told as a gap.
    pub fn set_aside(&mut self, refused: &Spooled) -> Result<(), SpoolError> {
        let folder = self.folder.join("refused");
        make_folder(&folder)?;
        let path = folder.join(format!("{}-{}.report", refused.boot, refused.sequence));
        let written = private().write(true).create(true).truncate(true).open(&path).and_then(|mut file| {
            file.write_all(&refused.sealed.encode())?;
            file.sync_all()
        });
        written.map_err(disk(&path, "write"))?;
        let is_it = |w: &Waiting| w.boot == refused.boot && w.sequence == refused.sequence;
        for segment in &mut self.segments {
            segment.waiting.retain(|waiting| !is_it(waiting));
        }
        self.miss(&Waiting { boot: refused.boot, sequence: refused.sequence, place: 0, length: 0 });
        self.sweep()
    }

    /// How many reports wait.
    pub fn waiting(&self) -> usize {
        self.segments.iter().map(|segment| segment.waiting.len()).sum()
    }

    /// How many bytes the segments take.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// How many records were found that were not whole, the one cut short by a crash among them.
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// What was dropped and is not yet told in a report.
    pub fn untold(&self) -> &[Gap] {
        &self.untold
    }

    /// Writes and syncs one record; its payload begins at the place returned.
    fn append(&mut self, record: &Record<'_>) -> Result<u64, SpoolError> {
        if self.segments.back().is_some_and(|segment| segment.bytes >= SEGMENT_BYTES_MAX) {
            self.open = None;
        }
        // A segment that failed once, or was there before we started, is never appended to: its end is not known to be whole.
        let mut file = match self.open.take() {
            Some(file) => file,
            None => self.begin()?,
        };
        let segment = self.segments.back_mut().expect("begin leaves a segment");
        let path = self.folder.join(name(segment.number));
        let bytes = record.encode();
        file.write_all(&bytes).and_then(|()| file.sync_data()).map_err(disk(&path, "write"))?;
        let place = segment.bytes + record::HEAD as u64;
        segment.bytes += bytes.len() as u64;
        self.open = Some(file);
        Ok(place)
    }

    /// A new last segment.
    fn begin(&mut self) -> Result<File, SpoolError> {
        let number = self.segments.back().map_or(1, |segment| segment.number + 1);
        let path = self.path(number);
        let file = private().create_new(true).append(true).open(&path).map_err(disk(&path, "make"))?;
        self.segments.push_back(Segment { number, bytes: 0, waiting: VecDeque::new(), gaps: Vec::new() });
        sync_folder(&self.folder)?;
        Ok(file)
    }

    /// Drops the oldest segments until the rest fits, each after its gap is on disk.
    fn make_room(&mut self) -> Result<(), SpoolError> {
        while self.bytes() > self.bytes_max && self.segments.len() > 1 {
            let oldest = self.segments.front().expect("there are two");
            let (waiting, told) = (oldest.waiting.clone(), oldest.gaps.clone());
            // What its reports told of may never have been heard.
            self.untold.extend(told.into_iter().filter(|_| !waiting.is_empty()));
            waiting.iter().for_each(|waiting| self.miss(waiting));
            for gap in self.untold.clone() {
                let payload = serde_json::to_vec(&gap).expect("a gap is plain JSON");
                self.append(&Record {
                    kind: Kind::Gap,
                    boot: gap.boot,
                    sequence: gap.last,
                    payload: &payload,
                })?;
            }
            self.delete_oldest()?;
        }
        Ok(())
    }

    /// Deletes the segments in front of which nothing waits; the last one only if it has grown.
    fn sweep(&mut self) -> Result<(), SpoolError> {
        let last_is_long = self.segments.back().is_some_and(|segment| segment.bytes > RESENT_BYTES_MAX);
        while let Some(oldest) = self.segments.front()
            && oldest.waiting.is_empty()
            && (self.segments.len() > 1 || (last_is_long && self.untold.is_empty()))
        {
            self.delete_oldest()?;
        }
        Ok(())
    }

    fn delete_oldest(&mut self) -> Result<(), SpoolError> {
        let Some(oldest) = self.segments.front() else { return Ok(()) };
        let path = self.path(oldest.number);
        fs::remove_file(&path).map_err(disk(&path, "delete"))?;
        self.segments.pop_front();
        if self.segments.is_empty() {
            self.open = None;
        }
        sync_folder(&self.folder)
    }

    /// Counts a report that will never be sent.
    fn miss(&mut self, waiting: &Waiting) {
        let Waiting { boot, sequence, .. } = *waiting;
        match self.untold.last_mut() {
            Some(gap) if gap.boot == boot && gap.last < sequence => {
                gap.last = sequence;
                gap.reports += 1;
            }
            _ => self.untold.push(Gap { boot, first: sequence, last: sequence, reports: 1 }),
        }
        if self.untold.len() > GAPS_MAX {
            // Sixty-four restarts without a receipt: their number is kept, the oldest name is not.
            let oldest = self.untold.remove(0);
            self.untold[0].reports += oldest.reports;
        }
    }

    fn numbers(&self) -> Result<Vec<u64>, SpoolError> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(disk(&self.folder, "list"))? {
            let entry = entry.map_err(disk(&self.folder, "list"))?;
            let file_name = entry.file_name();
            let number = file_name.to_str().and_then(|name| name.strip_suffix(".spool"));
            numbers.extend(number.and_then(|digits| digits.parse::<u64>().ok()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn load(&mut self, number: u64) -> Result<(), SpoolError> {
        let path = self.path(number);
        let bytes = fs::read(&path).map_err(disk(&path, "read"))?;
        let mut segment =
            Segment { number, bytes: bytes.len() as u64, waiting: VecDeque::new(), gaps: Vec::new() };
        let read = record::read(&bytes, |place, record| match record.kind {
            Kind::Report => {
                let Record { boot, sequence, payload, .. } = record;
                let length = payload.len();
                segment.waiting.push_back(Waiting { boot, sequence, place, length });
                // The first report after a gap was written tells of it.
                segment.gaps.append(&mut self.untold);
            }
            Kind::Gap => self.untold.extend(serde_json::from_slice::<Gap>(record.payload).ok()),
        });
        self.damaged += read.damaged;
        self.segments.push_back(segment);
        Ok(())
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(name(number))
    }
}

fn name(number: u64) -> String {
    format!("{number:012}.spool")
}

/// What clients' services answered is for this user alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

fn make_folder(folder: &Path) -> Result<(), SpoolError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(disk(folder, "make this folder"))
}

fn hold(path: &Path) -> Result<File, SpoolError> {
    let opened = private().write(true).create(true).truncate(true).open(path);
    let file = opened.map_err(disk(path, "make"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SpoolError::Held { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(disk(path, "lock")(error)),
    }
}

/// What was kept there, or nothing where the disk no longer has it as it was.
fn read_at(path: &Path, waiting: &Waiting) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(waiting.place - record::HEAD as u64))?;
    let length = record::HEAD + waiting.length.min(SEALED_BYTES_MAX);
    let mut bytes = Vec::with_capacity(length);
    file.take(length as u64).read_to_end(&mut bytes)?;
    Ok(Record::decode(&bytes).map(|record| record.payload.to_vec()).unwrap_or_default())
}

/// A file that was made or deleted is so for good only when its folder is synced.
fn sync_folder(folder: &Path) -> Result<(), SpoolError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(disk(folder, "sync"))
}

fn disk(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> SpoolError {
    let path = path.to_owned();
    move |source| SpoolError::Disk { path, what, source }
}
