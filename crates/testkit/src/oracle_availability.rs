//! The slow, obvious answer to "how long was it down, how much of it counts, and what is owed?".
//!
//! A [`History`] is what happened, as plain numbers: microseconds since 1970 and cents. Time is cut at every instant at which
//! anything could change, and of each piece the clauses are asked in their own words, by looking through everything. There is
//! no set algebra, no running total and no clever order here, and nothing shared with the engine. Minutes are counted by
//! walking them.

mod history;
mod money;
mod random;

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

pub use history::{Answer, Batch, Claim, History, Instance, Plan, Rules, Told};
pub use money::{Combine, MoneyAnswer, Prices, money};
pub use random::Dice;

/// Microseconds since 1970, or so many of them.
pub type Micros = i64;

/// A year and a month of it.
pub type YearMonth = (i16, i8);

const MINUTE: Micros = 60_000_000;

/// How one instance's month came out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MonthAnswer {
    /// Covered time that has passed: the four states together.
    pub covered: Micros,
    /// Covered time still to come.
    pub ahead: Micros,
    /// Some request succeeded.
    pub up: Micros,
    /// Every request failed.
    pub down: Micros,
    /// Down, and excluded.
    pub excluded: Micros,
    /// Nobody looked.
    pub unknown: Micros,
    /// Minutes that count.
    pub counted: i64,
    /// Time kept and time below the line, once anything is covered.
    pub kept: Option<(Micros, Micros)>,
    /// Time kept if the unknown had been down.
    pub kept_at_worst: Option<Micros>,
    /// `met`, `missed`, `provisional met`, `provisional missed`, `running`, `lost` or `nothing`.
    pub verdict: &'static str,
}

/// How a piece of time stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Up,
    Down,
    Excluded,
    Unknown,
}

/// A piece of covered time in which nothing changes.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: Micros,
    until: Micros,
    state: State,
    /// When the unbroken downtime it belongs to began, before anything was excluded.
    down_since: Micros,
}

impl History {
    /// Every month of one instance with a covered instant before now. `disputed_stand`: as if every disputed claim stood.
    pub fn months(&self, instance: usize, disputed_stand: bool) -> BTreeMap<YearMonth, MonthAnswer> {
        let pieces = self.pieces(instance, disputed_stand);
        let mut months: BTreeMap<YearMonth, MonthAnswer> = BTreeMap::new();
        for piece in &pieces {
            let month = months.entry(self.month_of(piece.from)).or_default();
            let length = piece.until - piece.from;
            month.covered += length;
            match piece.state {
                State::Up => month.up += length,
                State::Down => month.down += length,
                State::Excluded => month.excluded += length,
                State::Unknown => month.unknown += length,
            }
        }
        let counted = self.minutes_by_month(&pieces, false);
        let worst = self.minutes_by_month(&pieces, true);
        for (year_month, month) in &mut months {
            month.ahead = self.ahead(instance, *year_month);
            month.counted = counted.get(year_month).copied().unwrap_or(0);
            self.judge(month, *year_month, worst.get(year_month).copied().unwrap_or(0));
            let over = self.begins(next(*year_month)) <= self.now;
            if over && self.is_claimed_whole(instance, *year_month, disputed_stand, &pieces) {
                month.verdict = "nothing";
            }
        }
        months
    }

    /// Covered time before now, cut wherever anything may change, each piece with how it stood.
    fn pieces(&self, instance: usize, disputed_stand: bool) -> Vec<Piece> {
        let streams = self.streams(instance);
        let cuts = self.cuts(instance, &streams);
        let mut pieces: Vec<Piece> = Vec::new();
        for pair in cuts.windows(2) {
            let (from, until) = (pair[0], pair[1]);
            if from < self.now && self.is_covered(instance, from) {
                pieces.push(Piece { from, until, state: seen(&streams, from), down_since: from });
            }
        }
        self.bridge(&mut pieces);
        for index in 0..pieces.len() {
            let joined = index > 0
                && pieces[index - 1].until == pieces[index].from
                && pieces[index - 1].state == State::Down
                && pieces[index].state == State::Down;
            if joined {
                pieces[index].down_since = pieces[index - 1].down_since;
            }
        }
        for piece in &mut pieces {
            if piece.state == State::Down && self.is_excluded(instance, piece, disputed_stand) {
                piece.state = State::Excluded;
            }
        }
        pieces
    }

    /// Silence that lies directly between two failures and is not too long is down.
    fn bridge(&self, pieces: &mut [Piece]) {
        let Some(longest) = self.rules.bridge else { return };
        let mut first = 0;
        while first < pieces.len() {
            if pieces[first].state != State::Unknown {
                first += 1;
                continue;
            }
            let mut last = first;
            while last + 1 < pieces.len()
                && pieces[last + 1].state == State::Unknown
                && pieces[last + 1].from == pieces[last].until
            {
                last += 1;
            }
            let failed_before = first > 0
                && pieces[first - 1].until == pieces[first].from
                && pieces[first - 1].state == State::Down;
            let failed_after = last + 1 < pieces.len()
                && pieces[last + 1].from == pieces[last].until
                && pieces[last + 1].state == State::Down;
            if failed_before && failed_after && pieces[last].until - pieces[first].from <= longest {
                pieces[first..=last].iter_mut().for_each(|piece| piece.state = State::Down);
            }
            first = last + 1;
        }
    }

    /// Each vantage point's and check's results in order, one per instant, with how long each may hold.
    fn streams(&self, instance: usize) -> Vec<Vec<(Micros, Answer, Micros)>> {
        let instance = &self.instances[instance];
        type Result = ((Micros, Micros, u64), usize, Micros, Answer);
        let mut streams: BTreeMap<(&str, &str), Vec<Result>> = BTreeMap::new();
        for batch in &instance.batches {
            let (provider, client) = self.rules.evidence;
            if if batch.vantage.starts_with("client-") { client } else { provider } {
                let stream = streams.entry((batch.vantage, batch.check)).or_default();
                for (index, (at, answer)) in batch.results.iter().enumerate() {
                    stream.push((batch.told.order(), index, *at, *answer));
                }
            }
        }
        let mut all = Vec::new();
        for ((_, check), mut results) in streams {
            // As recorded, so that of one instant the first recorded is kept.
            results.sort_by_key(|(order, index, ..)| (*order, *index));
            let mut kept: BTreeMap<Micros, Answer> = BTreeMap::new();
            for (_, _, at, answer) in results {
                kept.entry(at).or_insert(answer);
            }
            all.push(
                kept.into_iter()
                    .map(|(at, answer)| (at, answer, 2 * self.every(instance, check, at)))
                    .collect(),
            );
        }
        all
    }

    /// The interval of the check in force at an instant.
    fn every(&self, instance: &Instance, check: &str, at: Micros) -> Micros {
        let mut defined: Vec<_> =
            instance.checks.iter().filter(|(told, name, _)| *name == check && told.at <= at).collect();
        defined.sort_by_key(|(told, ..)| (told.at, told.order()));
        defined.last().map_or(self.rules.every, |(_, _, every)| *every)
    }

    fn cuts(&self, instance: usize, streams: &[Vec<(Micros, Answer, Micros)>]) -> Vec<Micros> {
        let (start, end) = self.rules.term;
        let it = &self.instances[instance];
        let mut cuts = vec![start, end, self.now];
        cuts.extend(it.added.iter().flat_map(|(_, from, until)| [Some(*from), *until]).flatten());
        cuts.extend(it.ended.iter().map(|(_, until)| *until));
        cuts.extend(streams.iter().flatten().flat_map(|(at, _, hold)| [*at, at + hold]));
        cuts.extend(self.plans.iter().flat_map(|plan| [plan.from, plan.until]));
        cuts.extend(self.cancelled.iter().map(|(told, _)| told.at));
        cuts.extend(self.claims.iter().flat_map(|claim| [claim.from, claim.until]));
        cuts.extend(it.quotas.iter().flat_map(|(told, until)| [told.at, *until]));
        let grace = self.rules.grace.unwrap_or(0);
        cuts.extend(it.restarts.iter().flat_map(|(told, _)| [told.at, told.at + grace]));
        let mut month = self.month_of(start);
        while self.begins(month) <= end {
            cuts.push(self.begins(month));
            month = next(month);
        }
        cuts.retain(|cut| start <= *cut && *cut <= end);
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }

    /// Inside the term, and added and not ended. What ended it ended only what had been added before.
    fn is_covered(&self, instance: usize, at: Micros) -> bool {
        let it = &self.instances[instance];
        let key = |told: &Told| (told.at, told.order());
        let stays = it.added.iter().any(|(added, from, until)| {
            let ended = it.ended.iter().any(|(ended, end)| key(added) < key(ended) && *end <= at);
            *from <= at && until.is_none_or(|until| at < until) && !ended
        });
        self.rules.term.0 <= at && at < self.rules.term.1 && stays
    }

    fn is_excluded(&self, instance: usize, piece: &Piece, disputed_stand: bool) -> bool {
        self.in_maintenance(instance, piece)
            || self.in_quota(instance, piece.from)
            || self.after_restart(instance, piece.from)
            || self.is_claimed(instance, piece.from, disputed_stand)
    }

    /// Downtime that began inside a record on file before it began, until the declared end, or until it was said to be over or called off.
    fn in_maintenance(&self, instance: usize, piece: &Piece) -> bool {
        let mut records: Vec<u32> = self.plans.iter().map(|plan| plan.record).collect();
        records.dedup();
        records.iter().any(|record| {
            let on_file = self
                .plans
                .iter()
                .filter(|plan| plan.record == *record && plan.told.recorded < piece.down_since)
                .max_by_key(|plan| plan.told.order());
            on_file.is_some_and(|plan| {
                let cancelled = |at: Micros| {
                    self.cancelled.iter().any(|(told, record)| {
                        *record == plan.record && plan.told.recorded <= told.recorded && told.at <= at
                    })
                };
                let inside = |at: Micros| plan.from <= at && at < plan.until && !cancelled(at);
                plan.instances.contains(&instance) && inside(piece.down_since) && inside(piece.from)
            })
        })
    }

    fn in_quota(&self, instance: usize, at: Micros) -> bool {
        let hit = |(told, until): &(Told, Micros)| told.at <= at && at < *until && told.recorded < *until;
        self.rules.quota && self.instances[instance].quotas.iter().any(hit)
    }

    fn after_restart(&self, instance: usize, at: Micros) -> bool {
        let Some(grace) = self.rules.grace else { return false };
        self.instances[instance].restarts.iter().any(|(told, by_client)| {
            *by_client && told.at <= at && at < told.at + grace && told.recorded < told.at + grace
        })
    }

    /// Inside a claim that stands: the first recorded under its id, of a cause the agreement names, with evidence, by who may.
    fn is_claimed(&self, instance: usize, at: Micros, disputed_stand: bool) -> bool {
        self.claims.iter().any(|claim| {
            let first = self
                .claims
                .iter()
                .filter(|other| other.id == claim.id && other.told.at <= self.now)
                .min_by_key(|other| other.told.order());
            first.is_some_and(|first| first.told == claim.told)
                && claim.instance == instance
                && claim.from <= at
                && at < claim.until
                && self.rules.causes.contains(&claim.cause)
                && claim.evidence
                && claim.by_manager
                && self.stands(claim, disputed_stand)
        })
    }

    fn stands(&self, claim: &Claim, disputed_stand: bool) -> bool {
        let mut settled: Vec<_> =
            self.settlements.iter().filter(|(told, id, _)| *id == claim.id && told.at <= self.now).collect();
        settled.sort_by_key(|(told, ..)| (told.at, told.order()));
        if let Some((_, _, stands)) = settled.last() {
            return *stands;
        }
        let deadline = claim.told.at.max(claim.told.recorded) + self.rules.dispute_within;
        let in_time = self.disputes.iter().any(|(told, id, by_client)| {
            *id == claim.id && *by_client && told.at <= self.now && told.at <= deadline
        });
        !in_time || disputed_stand
    }

    /// How many counted minutes begin in each month.
    fn minutes_by_month(&self, pieces: &[Piece], unknown_is_down: bool) -> BTreeMap<YearMonth, i64> {
        let mut months: BTreeMap<YearMonth, i64> = BTreeMap::new();
        let mut month = self.month_of(self.rules.term.0);
        let mut ends = self.begins(next(month));
        for begins in self.minutes(pieces, unknown_is_down) {
            while ends <= begins {
                month = next(month);
                ends = self.begins(next(month));
            }
            *months.entry(month).or_default() += 1;
        }
        months
    }

    /// When each counted minute begins: walked, minute by minute, through each unbroken run.
    fn minutes(&self, pieces: &[Piece], unknown_is_down: bool) -> Vec<Micros> {
        let down =
            |piece: &Piece| piece.state == State::Down || (unknown_is_down && piece.state == State::Unknown);
        let mut begins = Vec::new();
        let mut index = 0;
        while index < pieces.len() {
            if !down(&pieces[index]) {
                index += 1;
                continue;
            }
            let (start, mut end) = (pieces[index].from, pieces[index].until);
            while index + 1 < pieces.len() && down(&pieces[index + 1]) && pieces[index + 1].from == end {
                index += 1;
                end = pieces[index].until;
            }
            index += 1;
            if end - start < self.rules.min_run {
                continue;
            }
            let mut minute = start;
            while self.rules.aligned && minute % MINUTE != 0 {
                minute += MINUTE - minute.rem_euclid(MINUTE);
            }
            while minute + MINUTE <= end {
                begins.push(minute);
                minute += MINUTE;
            }
        }
        begins
    }

    /// Covered time of a month that lies after now.
    fn ahead(&self, instance: usize, month: YearMonth) -> Micros {
        let (start, end) = (self.begins(month).max(self.now), self.begins(next(month)));
        let mut cuts: Vec<Micros> = vec![start, end, self.rules.term.0, self.rules.term.1];
        let it = &self.instances[instance];
        cuts.extend(it.added.iter().flat_map(|(_, from, until)| [Some(*from), *until]).flatten());
        cuts.extend(it.ended.iter().map(|(_, until)| *until));
        cuts.retain(|cut| start <= *cut && *cut <= end);
        cuts.sort_unstable();
        cuts.windows(2).filter(|pair| self.is_covered(instance, pair[0])).map(|pair| pair[1] - pair[0]).sum()
    }

    fn judge(&self, month: &mut MonthAnswer, year_month: YearMonth, at_worst: i64) {
        let whole_month = self.begins(next(year_month)) - self.begins(year_month);
        let line = if self.rules.whole_months { whole_month } else { month.covered };
        let final_line = if self.rules.whole_months { whole_month } else { month.covered + month.ahead };
        let kept = (line - month.counted * MINUTE).max(0);
        month.kept = Some((kept, line));
        month.kept_at_worst = Some((line - at_worst * MINUTE).max(0));
        let reaches = |part: Micros, whole: Micros, share: i64| {
            i128::from(part) * 100_000_000 >= i128::from(whole) * i128::from(share)
        };
        let met = reaches(kept, line, self.rules.objective);
        let lost = !reaches((final_line - month.counted * MINUTE).max(0), final_line, self.rules.objective);
        let known = month.up + month.down;
        let knowable = month.covered - month.excluded;
        // Where nobody looked at all, no share of it is enough.
        let nobody_looked = known == 0 && 0 < month.unknown;
        let enough = |least: i64| knowable == 0 || reaches(known, knowable, least);
        let seen_enough = !nobody_looked && self.rules.least_coverage.is_none_or(enough);
        month.verdict = match (self.now < self.begins(next(year_month)), seen_enough, met) {
            (true, _, _) if lost => "lost",
            (true, _, _) => "running",
            (false, false, true) => "provisional met",
            (false, false, false) => "provisional missed",
            (false, true, true) => "met",
            (false, true, false) => "missed",
        };
    }

    fn is_claimed_whole(
        &self,
        instance: usize,
        month: YearMonth,
        disputed_stand: bool,
        pieces: &[Piece],
    ) -> bool {
        let mut of_month = pieces.iter().filter(|piece| self.month_of(piece.from) == month);
        of_month.all(|piece| self.is_claimed(instance, piece.from, disputed_stand))
    }

    /// The month an instant lies in, on the clocks of the agreement's zone.
    pub fn month_of(&self, at: Micros) -> YearMonth {
        let at = Timestamp::from_microsecond(at).expect("in range");
        let date = self.zone().to_datetime(at).date();
        (date.year(), date.month())
    }

    fn begins(&self, (year, month): YearMonth) -> Micros {
        let midnight = Date::new(year, month, 1).expect("a date").at(0, 0, 0, 0);
        self.zone().to_timestamp(midnight).expect("in range").as_microsecond()
    }

    fn zone(&self) -> TimeZone {
        ZONES.with(|zones| {
            let mut zones = zones.borrow_mut();
            let zone = zones.entry(self.rules.zone);
            zone.or_insert_with(|| {
                jiff::tz::TimeZoneDatabase::bundled().get(self.rules.zone).expect("a zone")
            })
            .clone()
        })
    }
}

thread_local! {
    static ZONES: std::cell::RefCell<BTreeMap<&'static str, TimeZone>> = const { std::cell::RefCell::new(BTreeMap::new()) };
}

/// Up if anybody's last result that still holds is good, down if somebody's is bad and nobody's is good.
fn seen(streams: &[Vec<(Micros, Answer, Micros)>], at: Micros) -> State {
    let (mut good, mut bad) = (false, false);
    for stream in streams {
        let last = stream.iter().rev().find(|(asked, ..)| *asked <= at);
        match last {
            Some((asked, Answer::Good, hold)) if at < asked + hold => good = true,
            Some((asked, Answer::Bad, hold)) if at < asked + hold => bad = true,
            _ => {}
        }
    }
    match (good, bad) {
        (true, _) => State::Up,
        (false, true) => State::Down,
        (false, false) => State::Unknown,
    }
}

/// The month after.
pub fn next((year, month): YearMonth) -> YearMonth {
    if month == 12 { (year + 1, 1) } else { (year, month + 1) }
}
