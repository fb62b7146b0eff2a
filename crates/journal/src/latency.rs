//! Response times by the hour: a sketch for each instance, check, vantage point and hour, so that a year is read without its answers.
//!
//! It is no truth and no projection that `verify` looks at. Whoever reads a client's entries ([`Tx::gather`]) writes it behind them, up
//! to the entry that its mark names; thrown away, it is written again. Sketches merge in any order, so that it is the same whoever wrote
//! which part of it.

use std::collections::BTreeMap;

use facts::{CheckId, ClientId, InstanceId, Sketch, VantageId};
use spans::{Instant, Length, Span};

use crate::{
    Error, Result, Tx,
    value::{Row, args},
};

/// Rows that are read at once.
pub const ROWS_MAX: u64 = 100_000;

const MARK: &str = "SELECT seq FROM latency_mark WHERE client = $1";
const MARK_LOCK: &str = "SELECT seq FROM latency_mark WHERE client = $1 {for_update}";
const MARK_NEW: &str =
    "INSERT INTO latency_mark (client, seq) VALUES ($1, 0) ON CONFLICT (client) DO NOTHING";
const MARK_PUT: &str = "UPDATE latency_mark SET seq = $2 WHERE client = $1";
const ONE: &str = "SELECT sketch FROM latency
    WHERE client = $1 AND instance = $2 AND asked = $3 AND vantage = $4 AND hour_us = $5";
const PUT: &str =
    "INSERT INTO latency (client, instance, asked, vantage, hour_us, sketch) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (client, instance, asked, vantage, hour_us) DO UPDATE SET sketch = excluded.sketch";
const OF: &str = "SELECT asked, vantage, hour_us, sketch FROM latency
    WHERE client = $1 AND instance = $2 AND hour_us >= $3 AND hour_us < $4 ORDER BY asked, vantage, hour_us LIMIT $5";
const OF_CHECK: &str = "SELECT asked, vantage, hour_us, sketch FROM latency
    WHERE client = $1 AND instance = $2 AND asked = $3 AND hour_us >= $4 AND hour_us < $5 ORDER BY vantage, hour_us LIMIT $6";
const CHECKS: &str = "SELECT DISTINCT asked FROM latency
    WHERE client = $1 AND instance = $2 AND hour_us >= $3 AND hour_us < $4";
const FORGET: &str = "DELETE FROM latency WHERE client = $1 AND hour_us < $2";
pub(crate) const STATEMENTS: &[&str] =
    &[MARK, MARK_LOCK, MARK_NEW, MARK_PUT, ONE, PUT, OF, OF_CHECK, CHECKS, FORGET];

/// One response time, and the entry it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timed {
    /// The entry.
    pub seq: u64,
    /// Of which instance.
    pub instance: InstanceId,
    /// What was asked.
    pub check: CheckId,
    /// From where.
    pub vantage: VantageId,
    /// When.
    pub at: Instant,
    /// How long it took, in microseconds.
    pub micros: u64,
}

/// The response times of an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hour {
    /// What was asked.
    pub check: CheckId,
    /// From where.
    pub vantage: VantageId,
    /// Its first instant.
    pub start: Instant,
    /// The times.
    pub sketch: Sketch,
}

/// The first instant of the hour of an instant, from 1970 on.
pub fn hour_of(at: Instant) -> Instant {
    let hour = Length::HOUR.as_micros();
    Instant::from_micros(at.as_micros().div_euclid(hour) * hour)
}

impl Tx<'_> {
    /// The number of the client's last entry whose response times are gathered.
    ///
    /// # Errors
    /// The journal's.
    pub fn gathered(&mut self, client: &ClientId) -> Result<u64> {
        self.row(MARK, args![client])?.map_or(Ok(0), |row| row.count(0))
    }

    /// Gathers response times of a client's entries up to `seq`. What another process gathered meanwhile is passed over. The times must
    /// be all of the entries from [`Tx::gathered`] on.
    ///
    /// # Errors
    /// The journal's.
    pub fn gather(&mut self, client: &ClientId, seq: u64, times: &[Timed]) -> Result<()> {
        self.run(MARK_NEW, args![client])?;
        let mark = self.row(MARK_LOCK, args![client])?.map_or(Ok(0), |row| row.count(0))?;
        if seq <= mark {
            return Ok(());
        }
        let mut hours: BTreeMap<_, Sketch> = BTreeMap::new();
        for time in times.iter().filter(|time| mark < time.seq) {
            let of = (&time.instance, &time.check, &time.vantage, hour_of(time.at));
            hours.entry(of).or_default().add(time.micros);
        }
        for ((instance, check, vantage, hour), mut sketch) in hours {
            let of = args![client, instance.as_str(), check.as_str(), vantage.as_str(), hour];
            if let Some(row) = self.row(ONE, of)? {
                sketch.merge(&kept(row, 0)?);
            }
            let bytes = sketch.to_bytes();
            self.run(PUT, args![client, instance.as_str(), check.as_str(), vantage.as_str(), hour, bytes])?;
        }
        self.run(MARK_PUT, args![client, seq]).map(drop)
    }

    /// The hours of an instance that begin within a span, by check, vantage point and time, up to [`ROWS_MAX`].
    ///
    /// # Errors
    /// The journal's.
    pub fn latency(&mut self, client: &ClientId, instance: &InstanceId, within: Span) -> Result<Vec<Hour>> {
        let rows = self.rows(OF, args![client, instance.as_str(), within.start, within.end, ROWS_MAX])?;
        let mut hours: Vec<Hour> = rows.into_iter().map(Hour::read).collect::<Result<_>>()?;
        // Engines differ in how they put texts in order.
        let place = |hour: &Hour| (hour.check.clone(), hour.vantage.clone(), hour.start);
        hours.sort_by_cached_key(place);
        Ok(hours)
    }

    /// Those of one check, likewise.
    ///
    /// # Errors
    /// The journal's.
    pub fn latency_of(
        &mut self,
        client: &ClientId,
        instance: &InstanceId,
        check: &CheckId,
        within: Span,
    ) -> Result<Vec<Hour>> {
        let of = args![client, instance.as_str(), check.as_str(), within.start, within.end, ROWS_MAX];
        self.rows(OF_CHECK, of)?.into_iter().map(Hour::read).collect()
    }

    /// The checks of an instance that have an hour within a span, by name.
    ///
    /// # Errors
    /// The journal's.
    pub fn latency_checks(
        &mut self,
        client: &ClientId,
        instance: &InstanceId,
        within: Span,
    ) -> Result<Vec<CheckId>> {
        let rows = self.rows(CHECKS, args![client, instance.as_str(), within.start, within.end])?;
        let check = |mut row: Row| {
            let id = row.text(0)?.parse();
            id.map_err(|_| Error::Shape { column: 0, expected: "the name of a check" })
        };
        let mut checks: Vec<CheckId> = rows.into_iter().map(check).collect::<Result<_>>()?;
        checks.sort();
        Ok(checks)
    }

    /// Forgets the hours that begin before an instant.
    ///
    /// # Errors
    /// The journal's.
    pub fn forget_latency(&mut self, client: &ClientId, before: Instant) -> Result<()> {
        self.run(FORGET, args![client, before]).map(drop)
    }
}

impl Hour {
    fn read(mut row: Row) -> Result<Hour> {
        let shape = |column, expected| Error::Shape { column, expected };
        Ok(Hour {
            check: row.text(0)?.parse().map_err(|_| shape(0, "a check's id"))?,
            vantage: row.text(1)?.parse().map_err(|_| shape(1, "a vantage point's name"))?,
            start: row.instant(2)?,
            sketch: kept(row, 3)?,
        })
    }
}

fn kept(mut row: Row, column: usize) -> Result<Sketch> {
    let bytes = row.bytes(column)?;
    Sketch::read(&bytes).map_err(|_| Error::Shape { column, expected: "a sketch of response times" })
}
