//! What holds of every month, whatever happened in it.

use facts::{Body, Fact, InstanceId, Outcome};
use promise::{instance_months, ledgers};
use testkit::oracle_availability::Dice;

use crate::{
    june::{JUNE, MAINTENANCE},
    story::{PREMIUM, instant, tell},
};

fn wild(dice: &mut Dice) -> Vec<Fact> {
    let mut story = JUNE.to_owned();
    story.push_str("; 06-01 00:00 fra watches wiki every 30s until 07-01 00:00");
    for _ in 0..dice.between(1, 6) {
        let (day, hour, length) = (dice.between(1, 30), dice.between(0, 22), dice.between(0, 59));
        let seen =
            dice.one(&["ams sees wiki down", "fra sees wiki down", "ams misses wiki", "fra misses wiki"]);
        story.push_str(&format!(
            "; 06-{day:02} {hour:02}:00 {seen} until 06-{day:02} {:02}:{length:02}:01",
            hour + dice.between(0, 1)
        ));
    }
    story.push_str(&format!("; 06-08 09:00 {MAINTENANCE}; 06-10 10:00 restart wiki by jan; now 07-02 09:00"));
    tell(&story).0
}

/// Facts may come in any order and more than once: nothing changes, not even the derivation.
#[test]
fn order_and_duplicates_do_not_matter() {
    let (terms, now, mut dice) = (PREMIUM.terms(), instant("07-02 09:00"), Dice::new(7));
    for _ in 0..8 {
        let mut facts = wild(&mut dice);
        let expected = instance_months(&terms, &facts, now);
        let again: Vec<Fact> = facts.iter().filter(|_| dice.percent(50)).cloned().collect();
        facts.extend(again);
        dice.shuffle(&mut facts);
        assert_eq!(instance_months(&terms, &facts, now), expected);
    }
}

/// A good answer that had been a failure never adds uptime, over the whole term. (Between two months a minute may move.)
#[test]
fn more_failures_never_raise_uptime() {
    let (terms, now, mut dice) = (PREMIUM.terms(), instant("07-02 09:00"), Dice::new(11));
    let counted = |facts: &[Fact]| instance_months(&terms, facts, now).iter().map(|m| m.counted).sum::<i64>();
    for _ in 0..8 {
        let mut facts = wild(&mut dice);
        let before = counted(&facts);
        for fact in &mut facts {
            let Body::CheckObserved(seen) = &mut fact.body else { continue };
            let from = dice.between(0, seen.observations.len() as i64 - 50) as usize;
            seen.observations[from..from + 50].iter_mut().for_each(|o| o.outcome = Outcome::Down);
        }
        assert!(before <= counted(&facts));
    }
}

#[test]
fn downtime_is_never_longer_than_the_outage() {
    let (terms, now, mut dice) = (PREMIUM.terms(), instant("07-02 09:00"), Dice::new(13));
    for _ in 0..8 {
        let facts = wild(&mut dice);
        for ledger in ledgers(&terms, &facts, now) {
            assert!(ledger.down().total() <= ledger.timeline().down.total());
            assert_eq!(ledger.instance(), &"wiki".parse::<InstanceId>().unwrap());
        }
    }
}
