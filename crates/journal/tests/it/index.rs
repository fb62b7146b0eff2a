//! The index of tickets and words, on both engines.

use facts::{Body, ClientId, Fact, FactId, RequestNoted, RequestWithdrawn, Slug};
use journal::{
    Error, Journal, Tx,
    index::{FOUND_MAX, Indexed, Unindexed, Within},
};
use spans::Instant;

use crate::store::both;

fn client(name: &str) -> ClientId {
    name.parse().unwrap()
}

fn fact(of: &ClientId, n: u8, body: Body) -> Fact {
    let at = Instant::from_second(i64::from(n));
    let actor = facts::Actor::automaton("test");
    Fact { id: FactId::v7(at, [n; 10]), client: of.clone(), at, recorded_at: at, actor, body }
}

fn row(seq: u64, fact: &Fact, text: &str) -> Indexed {
    let internal = matches!(fact.body, Body::RequestNoted(_));
    let ticket: Slug = fact.body.subject_id().clone();
    Indexed { seq, ticket, fact: fact.id, internal, text: (!text.is_empty()).then(|| text.to_owned()) }
}

fn fill(journal: &Journal, of: &ClientId) -> Vec<Fact> {
    let note = |ticket: &str| RequestNoted { ticket: ticket.parse().unwrap(), text: None }.into();
    let end = |ticket: &str| RequestWithdrawn { ticket: ticket.parse().unwrap() }.into();
    let facts = vec![
        fact(of, 1, end("T-1")),
        fact(of, 2, note("T-1")),
        fact(of, 3, end("T-2")),
        fact(of, 4, end("T-1")),
    ];
    journal.append(of, &facts, None).unwrap();
    let texts = ["The Café search is down", "cafe owner is angry: secret", "search works", ""];
    let rows: Vec<Indexed> = (1..).zip(&facts).zip(texts).map(|((n, f), text)| row(n, f, text)).collect();
    let of = of.clone();
    journal.write::<_, Error>(move |tx| tx.index(&of, 4, &rows)).unwrap();
    facts
}

#[test]
fn a_tickets_facts_are_found_in_order_and_up_to_a_number() {
    both(|store| {
        let journal = &store.open();
        let facts = fill(journal, &client("acme"));
        let of = |ticket: &str, seq| {
            let tickets: Vec<Slug> = ticket.split(' ').map(|ticket| ticket.parse().unwrap()).collect();
            let read = |tx: &mut Tx<'_>| tx.ticket_facts(&client("acme"), &tickets, seq);
            journal.read::<_, Error>(read).unwrap().into_values().flatten().collect::<Vec<_>>()
        };
        assert_eq!(of("T-1", 9), [facts[0].clone(), facts[1].clone(), facts[3].clone()]);
        assert_eq!(of("T-1", 2), facts[..2]);
        assert_eq!(of("T-2 T-3 T-1", 3), [&facts[..2], &facts[2..3]].concat(), "several at once");
        assert_eq!(of("T-3", 9), []);
        assert_eq!(journal.read::<_, Error>(|tx| tx.indexed(&client("acme"))).unwrap(), 4);
        assert_eq!(journal.read::<_, Error>(|tx| tx.indexed(&client("beta"))).unwrap(), 0);
    });
}

#[test]
fn words_are_found_by_whom_they_are_for_and_by_nobody_else() {
    both(|store| {
        let journal = &store.open();
        let (acme, beta) = (client("acme"), client("beta"));
        let facts = fill(journal, &acme);
        fill(journal, &beta);
        let find = |within: &Within, text: &str| {
            let found = journal.read::<_, Error>(|tx| tx.find_words(within, text, &[])).unwrap();
            found.into_iter().map(|f| (f.client.to_string(), f.fact)).collect::<Vec<_>>()
        };
        let ours = |n: usize| ("acme".to_owned(), facts[n].id);
        let (public, all) = (Within::Public(acme.clone()), Within::Client(acme));
        assert_eq!(find(&public, "CAFÉ"), [ours(0)], "the note is not for the client");
        assert_eq!(find(&all, "cafe"), [ours(1), ours(0)], "the newest first");
        assert_eq!(find(&public, "sear"), [ours(2), ours(0)], "the last word may be a beginning");
        assert_eq!(find(&public, "sear down"), [], "one before it may not");
        assert_eq!(find(&public, "down search"), [ours(0)]);
        assert_eq!(find(&Within::All, "search").len(), 4);
        assert_eq!(find(&public, "clientbeta search"), []);
        for hostile in ["", "\" OR 1", "* NOT a", "a' ; --", ":*", "(", "search:*"] {
            let _ = find(&public, hostile);
        }
        let gone = facts[0].id;
        journal.write::<_, Error>(move |tx| tx.forget_words(&client("acme"), gone)).unwrap();
        assert_eq!(find(&public, "cafe"), []);
        assert!(find(&Within::All, "search").len() <= FOUND_MAX);
    });
}

/// Common words, rare ones and beginnings are looked for in different ways: all find what reading everything finds.
#[test]
fn of_many_texts_the_newest_are_found_however_rare_the_words() {
    const TEXTS: u32 = 900;
    let text = |n: u32| {
        let one_in =
            |of: u32, word: &str| if n.is_multiple_of(of) { format!(" {word}") } else { String::new() };
        // Too few among the newest 400 to be enough, and enough to be sought further on.
        let half = if n % 40 < 19 { " half" } else { "" };
        format!("always{half}{}{}{}", one_in(3, "often"), one_in(40, "sometimes"), one_in(450, "seldom"))
    };
    // A few texts in each window of PostgreSQL's index, and windows without any.
    let seq = |n: u32| u64::from(n) * 1_021 + u64::from(n / 300) * 100_000;
    both(|store| {
        let journal = &store.open();
        for of in ["acme", "beta"].map(client) {
            let withdrawn = |n| RequestWithdrawn { ticket: format!("T-{n}").parse().unwrap() }.into();
            let facts: Vec<Fact> = (1..=TEXTS)
                .map(|n| Fact {
                    id: FactId::v7(Instant::from_second(i64::from(n)), [7; 10]),
                    ..fact(&of, 1, withdrawn(n))
                })
                .collect();
            let rows: Vec<Indexed> = (1..).zip(&facts).map(|(n, fact)| row(seq(n), fact, &text(n))).collect();
            journal.write::<_, Error>(move |tx| tx.index(&of, seq(TEXTS), &rows)).unwrap();
        }
        let find = |within: &Within, search: &str| {
            let found = journal.read::<_, Error>(|tx| tx.find_words(within, search, &[])).unwrap();
            found.into_iter().map(|f| format!("{} {}", f.client, f.ticket)).collect::<Vec<_>>()
        };
        for search in [
            "always",
            "half",
            "half always",
            "often",
            "often always",
            "sometimes",
            "seldom",
            "seldom often",
            "some",
            "sel",
            "oft",
            "never",
        ] {
            let said = |n: &u32| {
                search.split(' ').all(|part| text(*n).split(' ').any(|word| word.starts_with(part)))
            };
            let of =
                |client: &'static str| (1..=TEXTS).rev().filter(said).map(move |n| format!("{client} T-{n}"));
            let newest: Vec<String> = of("acme").take(FOUND_MAX).collect();
            assert_eq!(find(&Within::Public(client("acme")), search), newest, "{search}");
            let newest: Vec<String> = of("beta").chain(of("acme")).take(FOUND_MAX).collect();
            assert_eq!(find(&Within::All, search), newest, "{search}, of all");
        }
    });
}

/// What is not indexed yet is found as what is, and once where it was indexed meanwhile.
#[test]
fn texts_that_are_not_indexed_yet_are_found_too() {
    both(|store| {
        let journal = &store.open();
        let acme = client("acme");
        let facts = fill(journal, &acme);
        let note = RequestNoted { ticket: "T-2".parse().unwrap(), text: None };
        let fresh = [
            fact(&acme, 5, RequestWithdrawn { ticket: "T-2".parse().unwrap() }.into()),
            fact(&acme, 6, note.into()),
        ];
        let beside = (acme.clone(), fresh[0].id);
        journal
            .write::<_, Error>(move |tx| tx.put_text(&beside.0, beside.1, "00", "Nothing works in the CAFÉ"))
            .unwrap();
        let rows = vec![
            row(3, &facts[2], "search works"),
            row(5, &fresh[0], ""),
            row(6, &fresh[1], "secret search"),
        ];
        let unindexed = [Unindexed { client: acme.clone(), rows }];
        let find = |within: &Within, text: &str| {
            let found = journal.read::<_, Error>(|tx| tx.find_words(within, text, &unindexed)).unwrap();
            found.into_iter().map(|found| found.fact).collect::<Vec<_>>()
        };
        let (public, all) = (Within::Public(acme.clone()), Within::Client(acme.clone()));
        assert_eq!(find(&public, "cafe"), [fresh[0].id, facts[0].id], "what was written beside the fact");
        assert_eq!(find(&public, "works noth"), [fresh[0].id], "a beginning");
        assert_eq!(find(&public, "noth works"), [], "only of the last word");
        assert_eq!(
            find(&public, "search"),
            [facts[2].id, facts[0].id],
            "once; the note is not for the client"
        );
        assert_eq!(find(&all, "search"), [fresh[1].id, facts[2].id, facts[0].id]);
        assert_eq!(find(&Within::All, "search"), [fresh[1].id, facts[2].id, facts[0].id]);
        assert_eq!(find(&Within::Public(client("beta")), "search"), []);
        let gone = fresh[0].id;
        journal.write::<_, Error>(move |tx| tx.erase_text(&acme, gone)).unwrap();
        assert_eq!(find(&public, "noth"), []);
    });
}

#[test]
fn what_another_process_indexed_is_passed_over() {
    both(|store| {
        let journal = &store.open();
        let acme = client("acme");
        let facts = fill(journal, &acme);
        let again = vec![row(1, &facts[0], "twice")];
        let (of, rows) = (acme.clone(), again.clone());
        journal.write::<_, Error>(move |tx| tx.index(&of, 4, &rows)).unwrap();
        let found = |text: &str| {
            journal
                .read::<_, Error>(|tx| tx.find_words(&Within::Client(acme.clone()), text, &[]))
                .unwrap()
                .len()
        };
        assert_eq!(found("twice"), 0);
    });
}
