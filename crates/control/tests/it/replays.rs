//! Every scenario lived through: what is kept up as facts come in is what an evaluation of all of them says.

use control::live::{Control, Paper, Recall, Shelf, query::MISSED_SINCE};
use facts::{Actor, AgreementActivated, Body, CheckObserved, Fact, FactId};
use journal::{Journal, Location};
use promise::{Scenario, obligation::State};
use spans::{Instant, Length};

use crate::house::paper;

#[test]
fn a_book_kept_up_fact_by_fact_says_what_a_whole_evaluation_says() {
    let folder = std::env::temp_dir().join(format!("uphold-replays-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let scenarios = format!("{}/../../scenarios", env!("CARGO_MANIFEST_DIR"));
    let mut compared = 0;
    for entry in std::fs::read_dir(scenarios).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        compared += relive(&name, &text, &folder.join(format!("{name}.db")));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(compared > 200, "{compared} looks compared");
}

fn relive(name: &str, text: &str, store: &std::path::Path) -> usize {
    let file = text.lines().find_map(|line| line.strip_prefix("agreement:")).unwrap().trim();
    let Paper { terms, text: agreement } = paper(file);
    let client = terms.agreement().agreement.client_id.clone();
    let scenario = Scenario::read(text, &client).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
    let terms = match &scenario.tier {
        Some(tier) => terms.under(tier).unwrap(),
        None => terms,
    };
    let first = activation(&terms, &client, scenario.tier.clone());
    let mut facts: Vec<Fact> = scenario.facts.iter().flat_map(in_parts).collect();
    facts.sort_by_key(|fact| (fact.recorded_at, fact.id));
    let journal = std::sync::Arc::new(Journal::open(&Location::Sqlite(store.to_owned())).unwrap());
    journal.append(&client, std::slice::from_ref(&first), None).unwrap();
    let shelf = Shelf::new([Paper { terms, text: agreement }]);
    let random = Box::new(|| [7; 10]);
    let start = facts.first().map_or(scenario.now, |fact| fact.recorded_at);
    let control = Control::open(std::sync::Arc::clone(&journal), shelf, random, start).unwrap();
    let mut compared = 0;
    let step = facts.len().div_ceil(24).max(1);
    for part in facts.chunks(step) {
        journal.append_new(&client, part).unwrap();
        let now = part.iter().map(|fact| fact.recorded_at.max(fact.at)).max().unwrap().min(scenario.now);
        control.follow(now).unwrap();
        compared += compare(name, &control, &client, now);
    }
    // Time alone, moment by moment, to the end.
    let mut ticks = 0;
    while let Some(moment) =
        control.next_moment().filter(|moment| *moment <= scenario.now && ticks < TICKS_MAX)
    {
        control.tick(moment).unwrap();
        assert!(control.next_moment().is_none_or(|next| moment < next), "{name}: it moves on");
        ticks += 1;
        if ticks % 50 == 1 {
            compared += compare(name, &control, &client, moment);
        }
    }
    eprintln!("{name}: {ticks} ticks");
    compared + compare(name, &control, &client, scenario.now) + state(name, &control, &client, &scenario)
}

/// The statement of the month from the book, against one of all facts at once.
fn state(name: &str, control: &Control, client: &facts::ClientId, scenario: &Scenario) -> usize {
    let facts = control.journal().facts(client, None).unwrap();
    let look = |book: &control::live::Book| {
        let kept = book.evaluation(scenario.now).expect("it is in force").statement(scenario.month);
        let whole = promise::evaluate(book.versions().expect("it is in force"), &facts, scenario.now);
        let whole = whole.statement(scenario.month);
        match (kept, whole) {
            (Ok(kept), Ok(whole)) => {
                assert_eq!(kept.to_text(), whole.to_text(), "{name}");
                assert_eq!(kept.duties, whole.duties, "{name}");
            }
            (kept, whole) => assert_eq!(kept.is_ok(), whole.is_ok(), "{name}"),
        }
    };
    control.read_with(client, &Recall::Month(scenario.month), scenario.now, look).unwrap().unwrap();
    1
}

/// Moments lived through in one scenario.
const TICKS_MAX: usize = 200;

/// By ticket, and what is due next, against everything at once.
fn compare(name: &str, control: &Control, client: &facts::ClientId, now: Instant) -> usize {
    let look = |book: &control::live::Book| {
        let whole = book.evaluation(now).expect("it is in force");
        let mut tickets = 0;
        for (ticket, _) in book.tickets() {
            let kept = book.of_ticket(&facts::TicketId(ticket.clone()), now);
            let all = whole
                .obligations()
                .iter()
                .filter(|o| o.subject.id == *ticket && o.subject.noun == facts::Noun::Ticket);
            let kept: Vec<_> = kept.iter().filter(|o| o.subject.id == *ticket).collect();
            assert_eq!(kept, all.collect::<Vec<_>>(), "{name} {ticket} at {now}");
            tickets += 1;
        }
        let soon = |list: Vec<promise::Forecast>| -> Vec<(Instant, String)> {
            list.into_iter().map(|next| (next.when, next.what)).collect()
        };
        let all = soon(whole.forecast());
        assert_eq!(soon(book.forecast(now, |_| true, usize::MAX)), all, "{name} at {now}");
        let first = &all[..all.len().min(2)];
        assert_eq!(soon(book.forecast(now, |_| true, 2)), first, "{name} at {now}");
        tickets + 1
    };
    let compared = control.read(client, now, look).unwrap().unwrap();
    compared + compare_misses(name, control, client, now)
}

/// What was missed of late, against everything at once.
fn compare_misses(name: &str, control: &Control, client: &facts::ClientId, now: Instant) -> usize {
    let missed = |limit: usize| -> Vec<(Instant, String)> {
        let missed = control.missed(std::slice::from_ref(client), now, limit).unwrap();
        missed.into_iter().map(|missed| (missed.since, missed.obligation.key())).collect()
    };
    let mut kept = missed(usize::MAX);
    let newest = |list: &[(Instant, String)]| -> Vec<Instant> { list.iter().take(2).map(|m| m.0).collect() };
    assert_eq!(newest(&missed(2)), newest(&kept), "{name} at {now}");
    let all = |book: &control::live::Book| -> Vec<(Instant, String)> {
        let of_late = |at: &Instant| now - MISSED_SINCE <= *at;
        let whole = book.evaluation(now).expect("it is in force");
        let missed = whole.obligations().iter().filter_map(|obligation| match obligation.state {
            State::Missed { since: at, .. } | State::Forfeited { at } if of_late(&at) => {
                Some((at, obligation.key()))
            }
            _ => None,
        });
        missed.collect()
    };
    let mut all = control.read(client, now, all).unwrap().unwrap();
    kept.sort();
    all.sort();
    assert_eq!(kept, all, "{name} at {now}");
    kept.len()
}

/// A fact of the journal has a limit; a month of answers in one is beyond it.
fn in_parts(fact: &Fact) -> Vec<Fact> {
    let Body::CheckObserved(seen) = &fact.body else { return vec![fact.clone()] };
    let parts = seen.observations.chunks(2_000).enumerate().map(|(index, part)| {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&(index as u64).to_be_bytes());
        let of = fact
            .id
            .to_string()
            .bytes()
            .fold(0u16, |sum, byte| sum.wrapping_mul(31).wrapping_add(u16::from(byte)));
        random[..2].copy_from_slice(&of.to_be_bytes());
        let body = CheckObserved { observations: part.to_vec(), ..seen.clone() };
        Fact { id: FactId::v7(part[0].at, random), body: body.into(), ..fact.clone() }
    });
    parts.collect()
}

fn activation(terms: &agreement::Terms, client: &facts::ClientId, tier: Option<String>) -> Fact {
    let at = terms.term().start - Length::DAY;
    let sha256 = terms.identity().to_owned();
    let agreement = "A-1".parse().unwrap();
    Fact {
        id: FactId::v7(at, [1; 10]),
        client: client.clone(),
        at,
        recorded_at: at,
        actor: Actor::automaton("test"),
        body: AgreementActivated { agreement, sha256, tier }.into(),
    }
}
