//! What goes wrong, one story after another, and what the ledger must say of it.

use super::crew::{Crew, settle};
use super::evidence::{Ledger, Record, first_of};
use super::site::{EVERYBODY, Site};
use super::when::{SECOND, now_us, until};
use super::{PARTS, Plan, VANTAGES};
use crate::watch::account::Stretch;

/// The stories, as they are asked for.
pub(super) const NAMES: [&str; 4] = ["blackout", "falsely-down", "falsely-up", "lost"];

/// Until what was seen last is on record, at the latest.
const ON_RECORD_S: u64 = 8;
/// What a vantage point that is killed may lose: what it had not yet written down.
const UNTOLD_US: i64 = 3 * SECOND;
/// How long everything is waited for after a story, and how often.
const CATCH_UP_S: u64 = 120;
const AGAIN_S: u64 = 5;
/// How late an edge may be found beyond the interval: a slot, a timeout of nothing, a busy machine.
const EDGE_US: i64 = SECOND;
/// The part of the instances that fails for everybody.
const REALLY: usize = 3;

/// Everything at work, and what is known of it.
struct Stage<'p> {
    plan: &'p Plan,
    site: Site,
    crew: Crew,
    /// When everything had found its rhythm: the ledger is looked at from here on.
    since_us: i64,
    /// Who was killed, and what he may have lost.
    excused: Vec<(usize, Stretch)>,
}

/// What a part of the instances must show, of one story.
#[derive(Clone, Copy)]
struct Fails {
    part: usize,
    span: Stretch,
}

/// Tells those that are wanted, each on what the one before left behind.
pub(super) fn tell(plan: &Plan, site: Site, crew: Crew) -> Result<(), String> {
    settle(3 * plan.every_s + 10);
    let mut stage = Stage { plan, site, crew, since_us: now_us(), excused: Vec::new() };
    println!(
        "| story | looks on record | as the site answered | ledgers, to the microsecond | counted of those that failed | unknown |"
    );
    println!("|---|--:|--:|--:|---|--:|");
    for name in NAMES.iter().filter(|name| plan.wants(name)) {
        let begun_us = now_us();
        let fails = match *name {
            "blackout" => Some(stage.blackout()?),
            "falsely-down" => stage.falsely_down()?,
            "falsely-up" => stage.falsely_up()?,
            _ => Some(stage.lost()?),
        };
        stage.judge(name, begun_us, fails).map_err(|why| format!("{name}: {why}"))?;
    }
    stage.crew.stop();
    Ok(())
}

impl Stage<'_> {
    fn hold_s(&self) -> u64 {
        2 * self.plan.every_s + 1
    }

    /// A vantage point is killed; a part fails; then that one comes back.
    fn blackout(&mut self) -> Result<Fails, String> {
        let (dark, at) = (1, now_us());
        self.crew.kill_vantage(dark);
        self.excused.push((dark, (at - UNTOLD_US, now_us())));
        settle(self.hold_s());
        let span = self.fail(REALLY, EVERYBODY);
        settle(self.hold_s());
        self.crew.start_vantage(dark)?;
        Ok(Fails { part: REALLY, span })
    }

    /// One sees failures that are not.
    fn falsely_down(&mut self) -> Result<Option<Fails>, String> {
        self.differing(1, 0b0001)
    }

    /// One sees good answers in an outage.
    fn falsely_up(&mut self) -> Result<Option<Fails>, String> {
        self.differing(2, EVERYBODY & !0b0100)
    }

    /// Some fail for some; near its end the node must know that its vantage points disagree, and afterwards that they do not.
    fn differing(&mut self, part: usize, vantages: u8) -> Result<Option<Fails>, String> {
        let ends_us = now_us() + seconds(self.plan.fails_s);
        self.site.fail(part, vantages);
        until(ends_us - SECOND);
        let [told] = self.crew.metrics([DIFFERING])?;
        until(ends_us);
        self.site.fail(part, 0);
        let expected = (0..self.plan.checks).filter(|n| *n as usize % PARTS == part).count() as u64;
        match told {
            Some(count) if count == expected => Ok(None),
            other => Err(format!("{DIFFERING} is {other:?} and not {expected}")),
        }
    }

    /// The node is killed; a part fails meanwhile; the node comes back and is told.
    fn lost(&mut self) -> Result<Fails, String> {
        let back_us = now_us() + seconds(self.plan.away_s);
        self.crew.kill_node();
        settle(self.plan.every_s);
        let span = self.fail(REALLY, EVERYBODY);
        until(back_us);
        self.crew.start_node()?;
        Ok(Fails { part: REALLY, span })
    }

    /// A part fails for as long as the plan says.
    fn fail(&self, part: usize, vantages: u8) -> Stretch {
        let from = now_us();
        self.site.fail(part, vantages);
        settle(self.plan.fails_s);
        let to = now_us();
        self.site.fail(part, 0);
        (from, to)
    }

    /// Holds looks and ledger against what happened.
    fn judge(&self, name: &str, begun_us: i64, fails: Option<Fails>) -> Result<(), String> {
        settle(self.hold_s() + ON_RECORD_S);
        let to_us = now_us() - seconds(ON_RECORD_S);
        let record = self.caught_up(to_us)?;
        let ledger = Ledger::read(&self.crew, to_us)?;
        let every_us = seconds(self.plan.every_s);
        first_of(&record.reckoned(&ledger, every_us, (self.since_us, to_us)))?;
        let counted = self.as_told(&ledger, fails, (begun_us, to_us))?;
        let answers = self.site.answers().iter().filter(|answer| answer.at_us <= to_us).count();
        println!("| {name} | {} | {answers} | {} | {counted} | 0 |", record.count, record.looks.len());
        Ok(())
    }

    /// The record as soon as everything is in it that the site answered.
    fn caught_up(&self, to_us: i64) -> Result<Record, String> {
        let give_up_us = now_us() + seconds(CATCH_UP_S);
        loop {
            let record = Record::read(&self.crew, to_us)?;
            // What was under way at the end is on neither side for sure.
            let answers = self.site.answers().into_iter();
            let answers: Vec<_> = answers.filter(|answer| answer.at_us <= to_us - SECOND).collect();
            let wrong = record.held_against(&answers, &self.excused);
            if wrong.is_empty() || now_us() > give_up_us {
                return first_of(&wrong).map(|()| record);
            }
            settle(AGAIN_S);
        }
    }

    /// Of each instance what the story says: downtime where it failed for all, and nowhere else; nothing unknown.
    fn as_told(&self, ledger: &Ledger, fails: Option<Fails>, window: Stretch) -> Result<String, String> {
        let mut wrong = Vec::new();
        let mut minutes = std::collections::BTreeSet::new();
        for instance in 0..self.plan.checks {
            let (down, unknown) = ledger.of(instance, window);
            if !unknown.is_empty() {
                wrong.push(format!("web-{instance}: unknown, though somebody looked: {unknown:?}"));
            }
            let failing = fails.filter(|fails| fails.part == instance as usize % PARTS);
            match (failing, &down[..]) {
                (None, []) => {}
                (Some(fails), [(from, to)])
                    if self.is_edge(fails.span.0, *from) && self.is_edge(fails.span.1, *to) =>
                {
                    minutes.insert((to - from) / seconds(60));
                }
                _ => wrong
                    .push(format!("web-{instance}: down {down:?}, failing {:?}", failing.map(|f| f.span))),
            }
        }
        first_of(&wrong)?;
        let minutes: Vec<String> = minutes.iter().map(i64::to_string).collect();
        Ok(if minutes.is_empty() {
            "nothing".to_owned()
        } else {
            format!("{} min each", minutes.join(" or "))
        })
    }

    /// Whether an edge was found by the next look after it.
    fn is_edge(&self, happened_us: i64, found_us: i64) -> bool {
        (0..=seconds(self.plan.every_s) + EDGE_US).contains(&(found_us - happened_us))
    }
}

/// Instances of which vantage points say different things, as the node tells it.
const DIFFERING: &str = "uphold_instances_differing";

fn seconds(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX / SECOND).saturating_mul(SECOND)
}

const _: () =
    assert!(REALLY < PARTS && VANTAGES == 4, "the stories name a part and vantage points by number");
