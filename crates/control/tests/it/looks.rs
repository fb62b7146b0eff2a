//! What pages ask.

use control::live::{
    Book, Detail,
    command::{By, Deed},
    query::Condition,
};
use facts::Outcome;
use journal::people::{Person, Standing};
use spans::{Length, Month};
use wire::Phases;

use crate::house::{House, batch, bob, instant};

const MINUTE: Length = Length::MINUTE;

#[test]
fn an_instance_shows_its_condition_its_strip_and_every_minute_of_its_month() {
    let (house, client) = House::hosted("premium");
    let start = instant("2026-06-02T10:00:00Z");
    house.looks(&client, start, MINUTE * 5, Outcome::Up);
    house.looks(&client, start + MINUTE * 5, MINUTE * 2, Outcome::Down);
    let now = start + MINUTE * 7;
    let instances =
        house.control.read(&client, now, |book| book.instances(now, MINUTE * 10)).unwrap().unwrap();
    let wiki = &instances[0];
    assert_eq!((wiki.condition, wiki.since), (Some(Condition::Down), Some(instant("2026-06-02T10:05:03Z"))));
    let strip: Vec<_> = wiki.strip.iter().map(|part| (part.condition, part.span.length())).collect();
    let (unknown, up) = (MINUTE * 3, Length::from_secs(303));
    assert_eq!(
        strip,
        [(Condition::Unknown, unknown), (Condition::Up, up), (Condition::Down, Length::from_secs(117))]
    );
    assert_eq!(wiki.month.as_ref().map(|month| month.counted), Some(1));
    assert_eq!(wiki.pace.minutes().count(), 2, "seven minutes lie in two stretches of five");

    let month: Month = "2026-06".parse().unwrap();
    let ledger = house.control.read(&client, now, |book| book.ledger(&"wiki".parse().unwrap(), month, now));
    let ledger = ledger.unwrap().unwrap().unwrap();
    assert_eq!(ledger.days.len(), 2);
    let cells = &ledger.days[1].cells;
    let minute = |index: usize| cells[index].map(|cell| (cell.up_ms, cell.down_ms, cell.unknown_ms));
    assert_eq!(minute(599), Some((0, 0, 60_000)));
    assert_eq!(minute(600), Some((60_000, 0, 0)));
    assert_eq!(minute(605), Some((3_000, 57_000, 0)));
    assert_eq!((minute(606), minute(607)), (Some((0, 60_000, 0)), None));
    let look = |book: &control::live::Book| {
        let wiki = "wiki".parse().unwrap();
        let months = book.instance_months(&wiki, now);
        let months: Vec<_> =
            months.iter().map(|figures| (figures.month.to_string(), figures.counted)).collect();
        (months, book.checks_of(&wiki).iter().map(|check| check.every_s).collect::<Vec<_>>())
    };
    let (months, checks) = house.control.read(&client, now, look).unwrap().unwrap();
    assert_eq!((months[0].clone(), months.len(), checks), (("2026-06".to_owned(), 1), 4, vec![20]));
    let statements = house.control.read(&client, now, |book| book.statements(now, 3)).unwrap().unwrap();
    let told: Vec<_> = statements.iter().map(|s| (s.month.to_string(), s.closed)).collect();
    let of = |month: &str, closed| (month.to_owned(), closed);
    assert_eq!(told, [of("2026-06", false), of("2026-05", true), of("2026-04", true)]);
    // The cells of a month and its figures are the same time.
    let (run, minutes) = &ledger.runs[0];
    assert_eq!((run.counted, minutes.as_slice()), (1, &[instant("2026-06-02T10:05:03Z")][..]));
    let figures = ledger.figures.unwrap();
    let sum: i64 =
        ledger.days.iter().flat_map(|day| day.cells.iter().flatten()).map(|c| i64::from(c.down_ms)).sum();
    assert_eq!(sum * 1_000, figures.down.as_micros());
}

#[test]
fn what_is_missed_next_comes_first_across_clients_and_a_ticket_shows_its_words() {
    let (house, client) = House::hosted("premium");
    let start = instant("2026-06-02T10:00:00Z");
    house.looks(&client, start, MINUTE, Outcome::Up);
    house.looks(&client, start + MINUTE, MINUTE * 2, Outcome::Down);
    let now = start + MINUTE * 3;
    let next = house.control.next(std::slice::from_ref(&client), now, 50).unwrap();
    assert!(next.windows(2).all(|pair| pair[0].forecast.when <= pair[1].forecast.when));
    assert!(next.iter().any(|next| next.forecast.what.starts_with("availability of wiki")), "{next:?}");
    let lines = house.control.read(&client, now, |book| book.open_ticket_lines(now)).unwrap().unwrap();
    assert!(lines[0].is_incident() && lines[0].next.is_some(), "{lines:?}");
    let view = house.control.ticket(&client, &lines[0].ticket, now).unwrap().unwrap();
    assert_eq!((view.remarks.len(), view.hint), (1, None));
    // SH-DEF-13, SH-DEF-17: after a quarter of an hour the ledger suggests that it is unusable, which in production is P1.
    house.looks(&client, start + MINUTE * 3, MINUTE * 15, Outcome::Down);
    let view = house.control.ticket(&client, &lines[0].ticket, start + MINUTE * 18).unwrap().unwrap();
    let hint = view.hint.map(|hint| (hint.priority, hint.class));
    assert_eq!(hint, Some((Some("P1".to_owned()), Some("unusable".to_owned()))));
}

/// A person who is called something else costs no reading: what is at hand and in no journal stays.
#[test]
fn a_new_name_stands_everywhere_at_once_and_nothing_is_read_again_for_it() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let of = client.clone();
    let add = move |tx: &mut journal::Tx<'_>| {
        tx.add_person(&Person::new("jan", "jan", "Jan Jansen", Standing::Of(of.clone()), now)).map(drop)
    };
    house.control.journal().write(add).unwrap();
    house.asked(&client, "one", now);
    let mut seen = batch(&client, "ams", &[(now, Outcome::Up)]);
    let detail = Detail { phases: Phases { total_us: Some(1_200), ..Phases::default() }, reason: None };
    seen.looks[0].detail = Some(detail.clone());
    house.control.watch(&seen, now + Length::from_secs(1)).unwrap();
    let later = now + MINUTE;
    let at_hand = || {
        let look = |book: &Book| {
            let by: Vec<String> = book.open_ticket_lines(later).into_iter().map(|line| line.by).collect();
            let wiki = book.instance(&"wiki".parse().unwrap(), later, MINUTE).unwrap();
            (by, wiki.seen.into_iter().find_map(|seen| seen.detail))
        };
        house.control.read(&client, later, look).unwrap().unwrap()
    };
    assert_eq!(at_hand(), (vec!["Jan Jansen".to_owned()], Some(detail.clone())));
    house.control.journal().write(move |tx| tx.erase_person("jan", later).map(drop)).unwrap();
    house.control.people_changed().unwrap();
    assert_eq!(at_hand(), (vec!["Erased person jan".to_owned()], Some(detail)));
}

/// SH-ACK-04: the newest, by when they came and not by how their numbers are written.
#[test]
fn sh_ack_04_wishes_come_newest_first() {
    let (house, client) = House::hosted("premium");
    let start = instant("2026-06-02T10:00:00Z");
    for n in 0..205 {
        let now = start + MINUTE * n;
        let ticket = house.asked(&client, "colours", now);
        let deed = Deed::Classify { class: Some("feature".to_owned()), kind: None, message: None };
        house.control.do_about(&client, &ticket, deed, None, By::new(bob()), now).unwrap();
    }
    let wishes = house.control.wishes(&client, start + MINUTE * 300).unwrap();
    let ids: Vec<String> = wishes.iter().map(|line| line.ticket.to_string()).collect();
    let newest: Vec<String> = (6..=205).rev().map(|number| format!("T-{number}")).collect();
    assert_eq!(ids, newest);
}

/// A figure's obligation is found by what its key names, as it stands among all of them.
#[test]
fn an_obligation_is_found_by_its_key() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    house.asked(&client, "one", now);
    house.asked(&client, "two", now);
    let later = now + MINUTE * 30;
    let look = |book: &Book| {
        let versions = book.versions().unwrap();
        let all = book.history().obligations(versions, later);
        for one in &all {
            assert_eq!(book.obligation(&one.key(), later).as_ref(), Some(one), "{}", one.key());
        }
        assert!(book.obligation("first-response/ticket/T-9/1", later).is_none());
        all.iter().map(|one| one.subject.noun).collect::<std::collections::BTreeSet<_>>().len()
    };
    assert!(house.control.read(&client, later, look).unwrap().unwrap() > 1, "about tickets and other things");
}
