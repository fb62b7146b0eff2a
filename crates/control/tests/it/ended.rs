//! Tickets that ended lie in the journal: nobody holds them, and everybody finds them as they were.

use std::cmp::Reverse;

use control::live::{
    Act, HELD_AFTER_END, Place, Recall,
    command::{By, Deed},
};
use facts::{ClientId, Outcome, TicketId};
use journal::index::Within;
use spans::{Instant, Length, Month};

use crate::house::{House, bob, instant, jan};

fn ended(house: &House, client: &ClientId, title: &str, now: Instant) -> TicketId {
    let ticket = house.asked(client, title, now);
    let about = |deed, text: Option<&str>, by, at| {
        let text = text.map(str::to_owned);
        house.control.do_about(client, &ticket, deed, text, By::new(by), at).unwrap()
    };
    about(Deed::Reply { next_update_by: None }, Some("We look at it."), bob(), now + Length::HOUR);
    about(Deed::Note, Some("Zanzibar is our word for it."), bob(), now + Length::HOUR);
    about(
        Deed::Resolve { summary: "An index was missing.".to_owned(), outcome: facts::Resolution::Solved },
        None,
        bob(),
        now + Length::HOUR * 2,
    );
    ticket
}

fn held(house: &House, client: &ClientId, now: Instant) -> Vec<String> {
    let held = house.control.read(client, now, |book| book.tickets().map(|(id, _)| id.to_string()).collect());
    held.unwrap().unwrap()
}

#[test]
fn memory_follows_the_work_that_is_open() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let closed = ended(&house, &client, "search", now);
    let open = house.asked(&client, "colours", now);
    let later = now + Length::HOUR * 3 + HELD_AFTER_END;
    let before = house.control.ticket(&client, &closed, later - Length::HOUR * 2).unwrap().unwrap();
    assert_eq!(held(&house, &client, later - Length::HOUR * 2).len(), 2);
    house.control.tick(later).unwrap();
    house.act(Act::new(&client, jan(), facts::RequestUpdateAsked { ticket: open.clone() }), later).unwrap();
    assert_eq!(held(&house, &client, later), [open.to_string()]);

    let after = house.control.ticket(&client, &closed, later).unwrap().unwrap();
    assert_eq!(after.line, before.line);
    assert_eq!(after.remarks, before.remarks);
    assert_eq!(after.remarks.len(), 4);
    let states = |view: &control::live::query::TicketView| -> Vec<_> {
        view.obligations.iter().map(|o| (o.key(), o.due, o.state.clone())).collect()
    };
    assert_eq!(states(&after), states(&before));
    assert_eq!(held(&house, &client, later), [open.to_string()], "a look holds nothing");

    let newest = house.control.newest_lines(&client, true, None, 9, later).unwrap().unwrap();
    let ids: Vec<&TicketId> = newest.iter().map(|line| &line.ticket).collect();
    assert_eq!(ids, [&open, &closed]);
    let place = (newest[0].received, open.0.clone());
    let rest = house.control.newest_lines(&client, true, Some(&place), 9, later).unwrap().unwrap();
    assert_eq!(rest.len(), 1);

    // It goes on where it was, in a process that never held it too.
    let house = house.restarted(&["stellar-hosted.toml"], later);
    assert_eq!(held(&house, &client, later), [open.to_string()]);
    house.control.do_about(&client, &closed, Deed::Reopen, None, By::new(jan()), later).unwrap();
    assert_eq!(
        house.control.ticket(&client, &closed, later + Length::HOUR).unwrap().unwrap().remarks.len(),
        5
    );
    let refused = house.control.do_about(&client, &closed, Deed::Reopen, None, By::new(jan()), later);
    assert!(refused.is_err(), "it is open");
}

#[test]
fn a_statement_counts_what_ended_long_ago() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    ended(&house, &client, "search", now);
    ended(&house, &client, "printing", now + Length::HOUR * 24);
    let later = instant("2026-09-01T10:00:00Z");
    house.control.tick(later).unwrap();
    house.control.follow(later).unwrap();
    assert!(held(&house, &client, later).is_empty());
    let facts = house.control.journal().facts(&client, None).unwrap();
    for month in ["2026-05", "2026-06", "2026-07"] {
        let month: Month = month.parse().unwrap();
        let look = |book: &control::live::Book| {
            let whole = promise::evaluate(book.versions().unwrap(), &facts, later).preview(month).unwrap();
            let kept = book.statement_of(month, later).unwrap();
            assert_eq!(kept.duties, whole.duties, "{month}");
            kept.duties.iter().map(|duty| duty.count.met).sum::<u32>()
        };
        let met = house.control.read_with(&client, &Recall::Month(month), later, look).unwrap().unwrap();
        assert_eq!(met > 0, month.to_string() == "2026-06", "{month}: {met}");
    }
}

#[test]
fn what_was_written_is_found_by_whom_it_is_for() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let ticket = ended(&house, &client, "search", now);
    let find = |within: Within, text: &str| -> Vec<String> {
        let found = house.control.search(&within, text, now + Length::HOUR * 3).unwrap();
        found.into_iter().map(|found| found.line.ticket.to_string()).collect()
    };
    let (ours, theirs) = (Within::Client(client.clone()), Within::Public(client.clone()));
    assert_eq!(find(theirs.clone(), "slow search"), [ticket.to_string()], "in its text and its title");
    assert_eq!(find(theirs.clone(), "index missing"), [ticket.to_string()], "in its summary");
    assert_eq!(find(ours, "zanzibar"), [ticket.to_string()], "in a note");
    assert!(find(theirs.clone(), "zanzibar").is_empty(), "which is not for the client");
    assert_eq!(find(theirs.clone(), "t-1"), [ticket.to_string()], "by its name");
    assert!(find(Within::Public("beta".parse().unwrap()), "search").is_empty());
    assert!(find(theirs, "").is_empty());
}

/// Somebody may have waited for the book since before it was settled: what they are told is not kept for others.
#[test]
fn a_miss_is_known_whoever_asked_late_of_an_instant_before_it() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let ticket = house.asked(&client, "search", now);
    let owed = house.control.ticket(&client, &ticket, now).unwrap().unwrap().obligations;
    let due = owed.iter().find(|owed| owed.duty.id == "first-response").and_then(|owed| owed.due).unwrap();
    house.control.tick(due + Length::from_secs(1)).unwrap();
    let missed = |at: Instant| {
        let missed = house.control.missed(std::slice::from_ref(&client), at, 99).unwrap();
        missed.iter().filter(|missed| missed.obligation.duty.id == "first-response").count()
    };
    assert_eq!((missed(due - Length::from_secs(1)), missed(due + Length::from_secs(2))), (0, 1));
}

/// A list of incidents goes back to the first of them, a piece at a time, and holds nothing.
#[test]
fn incidents_that_ended_long_ago_stand_in_the_list() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let mut opened = Vec::new();
    for day in [0, 1, 2] {
        let at = now + Length::DAY * day;
        house.looks(&client, at, Length::MINUTE * 3, Outcome::Up);
        house.looks(&client, at + Length::MINUTE * 3, Length::MINUTE * 3, Outcome::Down);
        house.looks(&client, at + Length::MINUTE * 6, Length::MINUTE * 6, Outcome::Up);
        let newest = house.control.incidents(&client, (None, 0), 1, at + Length::MINUTE * 12);
        opened.insert(0, newest.unwrap().unwrap().remove(0).ticket);
    }
    let asked = house.asked(&client, "colours", now + Length::HOUR);
    let later = now + Length::DAY * 4 + HELD_AFTER_END * 2;
    house.control.tick(later).unwrap();
    assert_eq!(held(&house, &client, later), [asked.to_string()], "all three lie in the journal");
    let piece = |after: Option<&Place>, from: usize, limit: usize| -> Vec<TicketId> {
        let lines = house.control.incidents(&client, (after, from), limit, later).unwrap().unwrap();
        lines.into_iter().map(|line| line.ticket).collect()
    };
    assert_eq!(piece(None, 0, 9), opened);
    assert_eq!((piece(None, 0, 2), piece(None, 2, 2)), (opened[..2].to_vec(), opened[2..].to_vec()));
    let lines = house.control.incidents(&client, (None, 0), 2, later).unwrap().unwrap();
    let last = (Reverse(lines[1].opened), lines[1].ticket.0.clone());
    assert_eq!(piece(Some(&last), 0, 9), opened[2..], "after a place");
    assert!(lines[1].closed.is_some());
    assert_eq!(held(&house, &client, later), [asked.to_string()], "a look holds nothing");
}
