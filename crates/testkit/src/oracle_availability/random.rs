//! Random histories: outages seen from several places, gaps, duplicates and late words, maintenance filed early, late and
//! twice, quotas, restarts, claims and disputes, odd terms, zones, prices and ladders. One seed, one history.

use super::{
    Answer, Batch, Claim, History, Instance, Micros, Plan, Rules, Told,
    money::{Combine, Prices},
    next,
};

const SECOND: Micros = 1_000_000;
const MINUTE: Micros = 60 * SECOND;
const HOUR: Micros = 60 * MINUTE;
const DAY: Micros = 24 * HOUR;
const YEAR_START: Micros = 1_767_225_600 * SECOND;

const VANTAGES: [&str; 4] = ["ams", "fra", "client-office", "client-lab"];
const CHECKS: [&str; 2] = ["http", "login"];
const ZONES: [&str; 4] = ["UTC", "Europe/Amsterdam", "America/St_Johns", "Pacific/Chatham"];
const CAUSES: [&str; 3] = ["beyond-control", "pre-ga", "never-heard-of"];

/// A seeded source of numbers (splitmix64): the same seed always gives the same history.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// `low` to `high`, both possible.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.roll() % u64::try_from(high - low + 1).unwrap_or(1)) as i64
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, chance: i64) -> bool {
        self.between(0, 99) < chance
    }

    /// One of these.
    pub fn one<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.between(0, list.len() as i64 - 1) as usize]
    }

    /// Changes the order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.between(0, last as i64) as usize);
        }
    }
}

struct Maker {
    dice: Dice,
    /// Every instant is a multiple of it, so that instants meet.
    quantum: Micros,
    serial: u64,
    term: (Micros, Micros),
    /// When things were really failing, by instance.
    outages: Vec<Vec<(Micros, Micros)>>,
}

impl History {
    /// The history of a seed.
    pub fn random(seed: u64) -> History {
        let mut dice = Dice::new(seed);
        let quantum = dice.one(&[1, SECOND, 10 * SECOND, 20 * SECOND, 20 * SECOND, MINUTE, 30 * MINUTE]);
        let start = YEAR_START + dice.between(0, 300 * DAY / quantum) * quantum;
        let length = dice.one(&[DAY, 20 * DAY, 45 * DAY, 90 * DAY]);
        let mut maker = Maker { dice, quantum, serial: 0, term: (start, start), outages: Vec::new() };
        maker.term.1 = start + maker.length(length / 2, length);
        let rules = maker.rules();
        let instances: Vec<Instance> =
            (0..maker.dice.between(1, 3)).map(|i| maker.instance(i, &rules)).collect();
        let mut history = History {
            rules,
            plans: maker.plans(instances.len()),
            instances,
            cancelled: Vec::new(),
            claims: Vec::new(),
            disputes: Vec::new(),
            settlements: Vec::new(),
            now: 0,
        };
        history.now = match maker.dice.between(0, 9) {
            0..=2 => maker.moment(),
            3 => maker.month_edge(history.rules.zone),
            _ => maker.term.1 + maker.length(0, 60 * DAY),
        };
        maker.cancel(&mut history);
        maker.claim(&mut history);
        maker.charge(&mut history);
        history
    }
}

impl Maker {
    fn length(&mut self, low: Micros, high: Micros) -> Micros {
        self.dice.between(low / self.quantum, (high / self.quantum).max(low / self.quantum)) * self.quantum
    }

    fn moment(&mut self) -> Micros {
        let (start, end) = self.term;
        self.length(start - DAY, end + DAY)
    }

    /// Where an outage begins.
    fn edge(&mut self, instance: usize) -> Micros {
        match self.outages[instance].as_slice() {
            [] => self.moment(),
            outages => outages[self.dice.between(0, outages.len() as i64 - 1) as usize].0,
        }
    }

    /// A moment at or near something that matters for an instance: where an outage begins or ends, or anywhere.
    fn near(&mut self, instance: usize) -> Micros {
        if self.outages[instance].is_empty() || self.dice.percent(10) {
            return self.moment();
        }
        let index = self.dice.between(0, self.outages[instance].len() as i64 - 1) as usize;
        let (from, until) = self.outages[instance][index];
        let edge = self.dice.one(&[from, from, until]);
        match self.dice.between(0, 3) {
            0 => edge,
            1 => edge + self.length(0, 5 * MINUTE),
            2 => edge - self.length(0, HOUR),
            _ => edge + self.length(0, (until - from).max(self.quantum)),
        }
    }

    fn told(&mut self, at: Micros) -> Told {
        self.serial += 1;
        let late = match self.dice.between(0, 9) {
            0 => self.length(0, 10 * DAY),
            1 | 2 => self.length(0, HOUR),
            _ => 0,
        };
        Told { at, recorded: at + late, serial: self.serial }
    }

    fn rules(&mut self) -> Rules {
        let dice = &mut self.dice;
        let every = dice.one(&[20 * SECOND, MINUTE, HOUR, DAY]);
        Rules {
            term: self.term,
            zone: dice.one(&ZONES),
            objective: dice.one(&[99_900_000, 99_950_000, 99_990_000, 99_000_000, 70_000_000, 100_000_000]),
            whole_months: dice.percent(20),
            min_run: dice.one(&[MINUTE, MINUTE, MINUTE, SECOND, 5 * MINUTE]),
            aligned: dice.percent(30),
            evidence: dice.one(&[(true, true), (true, true), (true, false), (false, true)]),
            bridge: dice.one(&[Some(10 * MINUTE), Some(10 * MINUTE), Some(HOUR), Some(0), None]),
            least_coverage: dice.one(&[None, None, None, None, None, Some(50_000_000), Some(99_000_000)]),
            every,
            causes: CAUSES[..2].to_vec(),
            quota: dice.percent(80),
            grace: dice.one(&[Some(5 * MINUTE), Some(5 * MINUTE), Some(0), None]),
            dispute_within: dice.one(&[2 * DAY, 10 * DAY]),
            prices: prices(dice),
        }
    }

    fn instance(&mut self, number: i64, rules: &Rules) -> Instance {
        let mut instance = Instance { name: format!("i-{number}"), ..Instance::default() };
        self.stays(&mut instance);
        self.outages.push(Vec::new());
        let outages: Vec<_> = (0..self.dice.between(0, 6)).map(|_| self.outage(rules.zone)).collect();
        self.outages[number as usize] = outages;
        self.checks(&mut instance, number as usize);
        let vantages = self.dice.one(&[0, 1, 1, 1, 2, 2, 2, 3, 4]);
        for vantage in 0..vantages {
            self.watch(&mut instance, number as usize, VANTAGES[vantage as usize]);
        }
        for _ in 0..self.dice.one(&[0, 1, 2, 3]) {
            let at = self.near(number as usize);
            instance.restarts.push((self.told(at), self.dice.percent(60)));
        }
        for _ in 0..self.dice.one(&[0, 1, 2, 3]) {
            let at = self.near(number as usize);
            let until = at + self.length(0, HOUR);
            instance.quotas.push((self.told(at), until));
        }
        instance
    }

    fn stays(&mut self, instance: &mut Instance) {
        let (start, end) = self.term;
        let from = if self.dice.percent(60) { start - self.length(0, DAY) } else { self.length(start, end) };
        let until = if self.dice.percent(25) { Some(from + self.length(0, 40 * DAY)) } else { None };
        instance.added.push((self.told(from), from, until));
        if self.dice.percent(25) {
            let ended = from + self.length(0, 30 * DAY);
            instance.ended.push((self.told(ended), ended));
            if self.dice.percent(50) {
                let back = ended + self.length(0, 10 * DAY);
                instance.added.push((self.told(back), back, None));
            }
        }
    }

    /// Often across midnight at the end of a month, or across an edge of the term.
    fn outage(&mut self, zone: &str) -> (Micros, Micros) {
        let length = match self.dice.between(0, 9) {
            0..=2 => self.length(5 * SECOND, 3 * MINUTE),
            3..=7 => self.length(MINUTE, 3 * HOUR),
            _ => self.length(HOUR, 3 * DAY),
        };
        let (start, end) = self.term;
        let from = match self.dice.between(0, 9) {
            0 => start - length / 2 / self.quantum * self.quantum,
            1 => end - length / 2 / self.quantum * self.quantum,
            2 | 3 => self.month_edge(zone) - length / 2 / self.quantum * self.quantum,
            _ => self.length(start, end),
        };
        (from, from + length)
    }

    fn month_edge(&mut self, zone: &str) -> Micros {
        let at = self.length(self.term.0, self.term.1);
        let zone = jiff::tz::TimeZoneDatabase::bundled().get(zone).expect("a zone");
        let date = zone.to_datetime(jiff::Timestamp::from_microsecond(at).expect("in range")).date();
        let (year, month) = next((date.year(), date.month()));
        let midnight = jiff::civil::Date::new(year, month, 1).expect("a date").at(0, 0, 0, 0);
        zone.to_timestamp(midnight).expect("in range").as_microsecond()
    }

    fn checks(&mut self, instance: &mut Instance, number: usize) {
        for _ in 0..self.dice.between(0, 3) {
            let at = if self.dice.percent(50) { self.term.0 - DAY } else { self.near(number) };
            let every = self.dice.one(&[10 * SECOND, 20 * SECOND, MINUTE, 10 * MINUTE, HOUR, 12 * HOUR]);
            let check = self.dice.one(&CHECKS);
            instance.checks.push((self.told(at), check, every));
        }
    }

    /// A few words a day throughout, many around each outage; with gaps, duplicates and contradictions.
    fn watch(&mut self, instance: &mut Instance, number: usize, vantage: &'static str) {
        let check = self.dice.one(&CHECKS);
        let mut asked: Vec<Micros> = Vec::new();
        let (start, end) = self.term;
        if self.dice.percent(60) {
            let pace = self.dice.one(&[HOUR * 11, DAY, 2 * DAY]);
            let mut at = start - self.length(0, DAY);
            while at < end {
                asked.push(at);
                at += self.length(pace / 2, 2 * pace).max(self.quantum);
            }
        }
        for (from, until) in self.outages[number].clone() {
            self.around(from, until.min(from + 20 * MINUTE), &mut asked);
            self.around(until, until, &mut asked);
        }
        let mut results = Vec::new();
        for at in asked {
            let failing = self.outages[number].iter().any(|(from, until)| *from <= at && at < *until);
            let answer = match self.dice.between(0, 99) {
                0..=2 => Answer::Void,
                3..=6 => {
                    if failing {
                        Answer::Good
                    } else {
                        Answer::Bad
                    }
                }
                _ => {
                    if failing {
                        Answer::Bad
                    } else {
                        Answer::Good
                    }
                }
            };
            results.push((at, answer));
        }
        results.sort_by_key(|(at, _)| *at);
        self.deliver(instance, vantage, check, &results);
    }

    fn around(&mut self, from: Micros, until: Micros, asked: &mut Vec<Micros>) {
        let every = self.dice.one(&[10 * SECOND, 20 * SECOND, 20 * SECOND, MINUTE]);
        let silence = from + self.length(0, 15 * MINUTE);
        let silent = silence..silence + self.length(0, 12 * MINUTE);
        let mut at = from - self.length(0, 2 * MINUTE);
        while at < until + 2 * MINUTE && asked.len() < 200 {
            if !silent.contains(&at) && !self.dice.percent(8) {
                asked.push(at);
            }
            at += if self.dice.percent(90) { every } else { self.length(0, 2 * every).max(1) };
        }
    }

    fn deliver(
        &mut self,
        instance: &mut Instance,
        vantage: &'static str,
        check: &'static str,
        results: &[(Micros, Answer)],
    ) {
        let mut left = results;
        while !left.is_empty() {
            let count = (self.dice.between(1, 60) as usize).min(left.len());
            let mut some = left[..count].to_vec();
            left = &left[count..];
            if self.dice.percent(10) {
                self.dice.shuffle(&mut some);
            }
            if self.dice.percent(15) {
                let mut again = some.clone();
                if self.dice.percent(50) {
                    again
                        .iter_mut()
                        .for_each(|(_, answer)| *answer = self.dice.one(&[Answer::Good, Answer::Bad]));
                }
                let told = self.told(again[0].0);
                instance.batches.push(Batch { told, vantage, check, results: again });
            }
            let told = self.told(some[0].0);
            instance.batches.push(Batch { told, vantage, check, results: some });
        }
    }

    fn plans(&mut self, instances: usize) -> Vec<Plan> {
        let mut plans = Vec::new();
        for record in 0..self.dice.one(&[0, 1, 2, 3, 4]) {
            for _ in 0..self.dice.one(&[1, 1, 2]) {
                let about = self.dice.between(0, instances as i64 - 1) as usize;
                let from = self.near(about);
                let longest = self.dice.one(&[10 * MINUTE, 4 * HOUR, DAY]);
                let until = from + self.length(0, longest);
                let filed = match self.dice.between(0, 5) {
                    0 => self.near(about),
                    1 | 2 => self.edge(about),
                    3 => from,
                    _ => from - self.length(0, 8 * DAY),
                };
                let told = self.told(filed);
                let instances = if self.dice.percent(30) { (0..instances).collect() } else { vec![about] };
                plans.push(Plan { told, record, instances, from, until });
            }
        }
        plans
    }

    fn cancel(&mut self, history: &mut History) {
        for plan in history.plans.clone() {
            if self.dice.percent(20) {
                let at = plan.from + self.length(-HOUR, HOUR);
                history.cancelled.push((self.told(at), plan.record));
            }
        }
    }

    fn claim(&mut self, history: &mut History) {
        for id in 0..self.dice.one(&[0, 1, 2, 3, 4]) {
            let instance = self.dice.between(0, history.instances.len() as i64 - 1) as usize;
            let (from, until) = if self.dice.percent(8) {
                (history.rules.term.0, history.rules.term.1)
            } else {
                let from = self.near(instance);
                (from, from + self.length(0, 3 * HOUR))
            };
            for _ in 0..self.dice.one(&[1, 1, 1, 2]) {
                let at = until + self.length(0, 5 * DAY);
                history.claims.push(Claim {
                    told: self.told(at),
                    id,
                    instance,
                    cause: self.dice.one(&[CAUSES[0], CAUSES[0], CAUSES[0], CAUSES[1], CAUSES[2]]),
                    from,
                    until: until + self.length(0, MINUTE),
                    evidence: self.dice.percent(90),
                    by_manager: self.dice.percent(90),
                });
            }
            let mut at = until + self.length(0, 14 * DAY);
            if self.dice.percent(25) {
                // At the very last instant, where one claim was made.
                let claim = history.claims.last().map_or(at, |claim| claim.told.at.max(claim.told.recorded));
                at = claim + history.rules.dispute_within;
            }
            for late in 0..self.dice.one(&[0, 1, 1, 2]) {
                let at = at + late * self.length(0, DAY);
                history.disputes.push((self.told(at), id, self.dice.percent(90)));
            }
            for _ in 0..self.dice.one(&[0, 0, 0, 1, 2]) {
                let at = at + self.length(0, 10 * DAY);
                history.settlements.push((self.told(at), id, self.dice.percent(50)));
            }
        }
    }

    fn charge(&mut self, history: &mut History) {
        let mut month = history.month_of(history.rules.term.0);
        let last = history.month_of(history.rules.term.1);
        while month <= last {
            for index in 0..history.instances.len() {
                for _ in 0..self.dice.one(&[0, 1, 1, 1, 2]) {
                    let at = self.moment();
                    let cents = match self.dice.between(0, 5) {
                        0 => self.dice.between(-500, 500),
                        1 => self.dice.one(&[48_000, 400_000, 800_000]),
                        _ => self.dice.between(0, 2_000_000),
                    };
                    let told = self.told(at);
                    history.instances[index].charges.push((told, month, cents));
                }
            }
            month = next(month);
        }
    }
}

fn prices(dice: &mut Dice) -> Prices {
    let low = dice.one(&[50_000_000, 95_000_000]);
    let credited = |dice: &mut Dice| dice.between(0, 100) * 1_000_000 + dice.one(&[0, 0, 500_000, 333_333]);
    let mut credited = || credited(dice).min(100_000_000);
    let mut bands = vec![(Some(low), None, credited()), (None, Some(low), credited())];
    if low == 95_000_000 {
        bands[0].0 = Some(99_000_000);
        bands.insert(1, (Some(95_000_000), Some(99_000_000), credited()));
    }
    Prices {
        combine: dice.one(&[
            Combine::Greater,
            Combine::Greater,
            Combine::Lesser,
            Combine::Percent,
            Combine::Amount,
        ]),
        percent: dice.one(&[0, 10_000_000, 20_000_000, 12_345_678]),
        amount: dice.one(&[0, 50_000, 100_000, 33_333]),
        per_instance: dice.percent(25),
        equal: dice.percent(25),
        whole_amount: dice.percent(25),
        base_with_surcharge: dice.percent(75),
        bands,
        cap: dice.one(&[None, Some(75_000_000), Some(50_000_000), Some(10_000_000), Some(33_333_333)]),
    }
}
