//! Second factors, who people are elsewhere, things begun, and what is left of a person who was erased.

use facts::Slug;
use journal::{
    Error, Hash, Journal, Result, Tx,
    delivery::Delivery,
    desk::{KeptFile, KeptView},
    inbox::Item,
    people::{
        ApiToken, Begun, Choice, DoorEvent, Factors, Membership, PASSKEYS_MAX, Passkey, Person, Session,
        Standing, Subscription, Traces,
    },
};

use crate::store::{acme, at, both, facts};

fn hash(n: u8) -> Hash {
    [n; 32].into()
}

fn write<T: Send + 'static>(
    journal: &Journal,
    work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> T {
    journal.write(work).unwrap()
}

fn two(journal: &Journal) {
    for login in ["ann", "bo"] {
        let standing = if login == "ann" { Standing::Staff } else { Standing::Of(acme()) };
        let person = Person::new(&format!("id-{login}"), login, &format!("Name of {login}"), standing, at(0));
        assert!(write(journal, move |tx| tx.add_person(&person)));
    }
}

fn key(n: u8, person: &str) -> Passkey {
    Passkey {
        credential: vec![n; 20],
        person: person.to_owned(),
        name: format!("key {n}"),
        material: "{}".to_owned(),
        created: at(1),
        used: None,
    }
}

fn factors(journal: &Journal, person: &'static str) -> Factors {
    journal.read(|tx| tx.factors(person)).unwrap()
}

#[test]
fn a_code_works_once_and_the_first_confirms_the_app() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        assert!(write(&journal, |tx| tx.set_code_app("id-bo", b"one", at(1))));
        assert!(write(&journal, |tx| tx.set_code_app("id-bo", b"two", at(2))), "not confirmed: begun anew");
        assert!(!factors(&journal, "id-bo").any());
        assert!(write(&journal, |tx| tx.use_step("id-bo", 100, at(3))));
        assert!(!write(&journal, |tx| tx.use_step("id-bo", 100, at(3))), "the same code again");
        assert!(!write(&journal, |tx| tx.use_step("id-bo", 99, at(3))), "the one before");
        assert!(write(&journal, |tx| tx.use_step("id-bo", 101, at(4))));
        let app = journal.read(|tx| tx.code_app("id-bo")).unwrap().unwrap();
        assert_eq!((app.sealed.as_slice(), app.confirmed, app.step), (&b"two"[..], Some(at(3)), 101));
        assert!(!write(&journal, |tx| tx.set_code_app("id-bo", b"three", at(5))), "a confirmed one stays");
        assert!(write(&journal, |tx| tx.reseal_code_app("id-bo", b"anew", b"two")));
        assert!(!write(&journal, |tx| tx.reseal_code_app("id-bo", b"late", b"two")));
        assert!(factors(&journal, "id-bo").code_app && !factors(&journal, "id-ann").any());
        assert!(write(&journal, |tx| tx.end_code_app("id-bo")));
        assert!(!factors(&journal, "id-bo").any());
    });
}

#[test]
fn passkeys_and_recovery_codes_are_their_persons() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        for n in 1..=u8::try_from(PASSKEYS_MAX).unwrap() {
            assert!(write(&journal, move |tx| tx.add_passkey(&key(n, "id-bo"))));
        }
        assert!(matches!(journal.write(|tx| tx.add_passkey(&key(99, "id-bo"))), Err(Error::TooMuch { .. })));
        assert!(!write(&journal, |tx| tx.add_passkey(&key(1, "id-ann"))), "a key is of one person");
        write(&journal, |tx| tx.see_passkey(&[1; 20], "{\"counter\":1}", at(9)));
        let kept = journal.read(|tx| tx.passkey(&[1; 20])).unwrap().unwrap();
        assert_eq!((kept.used, kept.material.as_str()), (Some(at(9)), "{\"counter\":1}"));
        assert!(!write(&journal, |tx| tx.end_passkey("id-ann", &[1; 20])));
        assert!(write(&journal, |tx| tx.end_passkey("id-bo", &[1; 20])));

        write(&journal, |tx| tx.set_recovery_codes("id-bo", &[hash(1), hash(2)], at(1)));
        assert!(!write(&journal, |tx| tx.use_recovery_code("id-ann", hash(1), at(2))));
        assert!(write(&journal, |tx| tx.use_recovery_code("id-bo", hash(1), at(2))));
        assert!(!write(&journal, |tx| tx.use_recovery_code("id-bo", hash(1), at(2))), "each works once");
        assert_eq!(factors(&journal, "id-bo").recovery_codes, 1);
        write(&journal, |tx| tx.set_recovery_codes("id-bo", &[hash(3)], at(3)));
        assert!(
            !write(&journal, |tx| tx.use_recovery_code("id-bo", hash(2), at(4))),
            "new ones void the old"
        );
        write(&journal, |tx| tx.end_second_factors("id-bo"));
        assert_eq!(factors(&journal, "id-bo"), Factors::default());
    });
}

#[test]
fn an_issuers_subject_is_one_person() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        assert!(write(&journal, |tx| tx.add_identity("https://id.example", "s1", "id-bo", at(1))));
        assert!(!write(&journal, |tx| tx.add_identity("https://id.example", "s1", "id-ann", at(1))));
        assert!(write(&journal, |tx| tx.add_identity("https://other.example", "s1", "id-ann", at(1))));
        write(&journal, |tx| tx.see_identity("https://id.example", "s1", at(7)));
        let found = journal.read(|tx| tx.identity("https://id.example", "s1")).unwrap().unwrap();
        assert_eq!((found.person.as_str(), found.used), ("id-bo", Some(at(7))));
        assert!(!write(&journal, |tx| tx.end_identity("id-ann", "https://id.example", "s1")));
        assert!(write(&journal, |tx| tx.end_identity("id-bo", "https://id.example", "s1")));
    });
}

#[test]
fn what_was_begun_is_ended_once_and_in_time() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        let begun = |n: u8| Begun {
            hash: hash(n),
            kind: "second-step".to_owned(),
            person: Some("id-bo".to_owned()),
            sealed: b"x".to_vec(),
            created: at(0),
            ends: at(600),
        };
        write(&journal, move |tx| tx.begin(&begun(1)));
        write(&journal, move |tx| tx.begin(&Begun { sealed: b"y".to_vec(), ..begun(1) }));
        let take = |n: u8, kind: &'static str, second: i64| {
            write(&journal, move |tx| tx.take_begun(hash(n), kind, at(second)))
        };
        assert_eq!(take(1, "other", 1), None);
        assert_eq!(take(1, "second-step", 1).map(|begun| begun.sealed), Some(b"y".to_vec()), "begun anew");
        assert_eq!(take(1, "second-step", 1), None);
        write(&journal, move |tx| tx.begin(&begun(2)));
        assert_eq!(take(2, "second-step", 600), None, "too late");
    });
}

/// SH-REQ-06, SH-DEF-12: a contact counts after the agreement's notice, and is gone at once.
#[test]
fn sh_req_06_a_person_counts_from_the_day_of_the_notice() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        let stands =
            |second: i64| journal.read(|tx| tx.person("id-bo")).unwrap().unwrap().membership(at(second));
        assert_eq!(stands(1), Membership::Effective);
        assert!(write(&journal, |tx| tx.set_term("id-bo", Some(at(100)))));
        assert_eq!([99, 100].map(stands), [Membership::Announced, Membership::Effective]);
        assert!(write(&journal, |tx| tx.set_leaves("id-bo", Some(at(200)))));
        assert_eq!([199, 200].map(stands), [Membership::Leaving, Membership::Disabled]);
        let left = |second: i64| journal.read(|tx| tx.left_by(at(second))).unwrap().len();
        assert_eq!([199, 200].map(left), [0, 1]);
        assert!(write(&journal, |tx| tx.disable_person("id-bo", at(150))));
        assert_eq!(left(200), 0, "shut out already");
        assert_eq!(stands(1), Membership::Disabled);
    });
}

#[test]
fn nothing_tells_who_an_erased_person_was_and_the_chain_still_verifies() {
    both(|store| {
        let journal = store.open();
        journal.append(&acme(), &facts(0..3), None).unwrap();
        two(&journal);
        write(&journal, |tx| tx.set_password("id-bo", "$argon2id$x"));
        write(&journal, |tx| tx.add_passkey(&key(1, "id-bo")));
        write(&journal, |tx| tx.add_identity("https://id.example", "s1", "id-bo", at(1)));
        let event = DoorEvent {
            id: "e1".to_owned(),
            person: "id-bo".to_owned(),
            at: at(2),
            event: "sign-in.done".to_owned(),
            doer: "id-bo".to_owned(),
            detail: "from 192.0.2.1".to_owned(),
        };
        let noted = event.clone();
        write(&journal, move |tx| tx.note_door_event(&noted));
        assert_eq!(journal.read(|tx| tx.door_events("id-bo")).unwrap(), [event]);
        assert!(write(&journal, |tx| tx.erase_person("id-bo", at(9))));
        let left = journal.read(|tx| tx.person("id-bo")).unwrap().unwrap();
        assert_eq!((left.login.as_str(), left.name.as_str()), ("erased-id-bo", "Erased person id-bo"));
        assert_eq!((left.erased, left.disabled), (Some(at(9)), Some(at(9))));
        assert_eq!(journal.read(|tx| tx.person_by_login("bo")).unwrap(), None);
        assert_eq!(journal.read(|tx| tx.identity("https://id.example", "s1")).unwrap(), None);
        assert_eq!(factors(&journal, "id-bo"), Factors::default());
        assert_eq!(journal.read(|tx| tx.door_events("id-bo")).unwrap()[0].detail, "");
        assert!(journal.verify(&[]).unwrap().is_sound());
        let names = journal.read(|tx| tx.names()).unwrap();
        let bo = names.into_iter().find(|named| named.id == "id-bo").unwrap();
        assert_eq!((bo.name.as_str(), bo.login.as_str()), ("Erased person id-bo", "erased-id-bo"));
        assert_eq!(journal.read(|tx| tx.people_of(&acme())).unwrap().len(), 1);
        write(&journal, |tx| tx.hold_people_of(&acme()));
    });
}

/// Everything of a person has this word in it.
const CANARY: &str = "canarybird";

fn said(what: &str) -> String {
    format!("{CANARY} {what}")
}

fn opens(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    let id = id.to_owned();
    tx.set_password(&id, &said("password"))?;
    tx.add_passkey(&Passkey { name: said("key"), ..key(1, &id) })?;
    tx.add_identity("https://id.example", &said("subject"), &id, at(1))?;
    tx.begin_session(&Session {
        hash: hash(1),
        person: id.clone(),
        created: at(1),
        seen: at(1),
        ends: at(99),
        agent: said("agent"),
        how: "password".to_owned(),
        factors: 1,
        strong: None,
    })?;
    tx.add_token(&ApiToken {
        hash: hash(2),
        person: id.clone(),
        name: said("token"),
        created: at(1),
        ends: at(99),
        used: None,
        writes: true,
        factors: 1,
        client: None,
        roles: None,
        networks: None,
    })?;
    tx.add_device(hash(3), &id, at(1))?;
    tx.note_door_event(&DoorEvent {
        id: "e1".to_owned(),
        person: id.clone(),
        at: at(2),
        event: "signed in".to_owned(),
        doer: id,
        detail: said("detail"),
    })
}

fn works(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    let ticket: Slug = "T-1".parse().unwrap();
    tx.put_draft(&acme(), id, &ticket, &said("draft"), at(1))?;
    tx.put_view(&KeptView { person: id.to_owned(), name: said("view"), query: said("query"), shared: true })?;
    tx.set_clearance(&acme(), id, Some(at(1)))?;
    tx.set_choice(id, &Choice { address: Some(said("address")), ..Choice::default() })?;
    tx.subscribe(&Subscription {
        id: "s1".to_owned(),
        person: id.to_owned(),
        endpoint: said("endpoint"),
        p256dh: "p".to_owned(),
        auth: "a".to_owned(),
        agent: said("agent"),
        created: at(1),
    })?;
    tx.put_delivery(&Delivery {
        client: acme(),
        id: "d1".to_owned(),
        person: id.to_owned(),
        way: "mail".to_owned(),
        target: said("target"),
        body: said("body"),
        urgent: false,
        due: at(1),
    })?;
    for (person, actor, n) in [(id, "id-ann", 1), ("id-ann", id, 2)] {
        let (person, actor, body) = (person.to_owned(), actor.to_owned(), said("told"));
        let item = Item { person, client: acme(), id: format!("i{n}"), actor, body, at: at(n), read: None };
        tx.put_in_inbox(&item)?;
    }
    tx.put_file(
        &acme(),
        &KeptFile {
            file: "f1".parse().unwrap(),
            ticket,
            name: said("file"),
            media: "text/plain".to_owned(),
            internal: false,
            size: 1,
            gone: false,
            added: at(1),
        },
        said("bytes").as_bytes(),
    )?;
    tx.put_text(&acme(), facts(0..1)[0].id, "salt", &said("text"))
}

#[test]
fn no_table_holds_a_word_of_who_was_erased() {
    both(|store| {
        let journal = store.open();
        journal.append(&acme(), &facts(0..3), None).unwrap();
        let skills = vec![said("skill")];
        let name = said("name");
        let person = Person { skills, ..Person::new("id-bo", CANARY, &name, Standing::Of(acme()), at(0)) };
        let ann = Person::new("id-ann", "ann", "Ann", Standing::Staff, at(0));
        write(&journal, move |tx| Ok(tx.add_person(&person)? && tx.add_person(&ann)?));
        write(&journal, |tx| opens(tx, "id-bo"));
        write(&journal, |tx| works(tx, "id-bo"));
        let before = store.dump();
        for kept in [
            "file",
            "delivery",
            "clearance",
            "draft",
            "inbox",
            "kept_view",
            "notice_choice",
            "written",
            "api_token",
        ] {
            assert!(before.contains(kept), "{kept} {before}");
        }
        assert!(before.matches(CANARY).count() > 15, "{before}");
        let traces = journal.read(|tx| tx.traces("id-bo")).unwrap();
        assert_eq!((traces.drafts.len(), traces.views.len(), traces.cleared_by), (1, 1, vec![acme()]));
        assert_eq!((traces.devices, traces.notices.len()), (vec![at(1)], 1));
        let theirs = |id: &'static str| journal.read(move |tx| tx.inbox(id)).unwrap().len();
        assert_eq!((theirs("id-bo"), theirs("id-ann")), (1, 1));
        write(&journal, |tx| tx.erase_text(&acme(), facts(0..1)[0].id));
        write(&journal, |tx| tx.empty_file(&acme(), &"f1".parse().unwrap()));
        write(&journal, |tx| tx.erase_person("id-bo", at(9)));
        let after = store.dump();
        let left: Vec<&str> = after.lines().filter(|line| line.contains(CANARY)).collect();
        assert_eq!(left, Vec::<&str>::new());
        assert!(!after.lines().any(|line| line.starts_with("clearance")), "{after}");
        assert_eq!(journal.read(|tx| tx.traces("id-bo")).unwrap(), Traces::default());
        assert!(journal.verify(&[]).unwrap().is_sound());
    });
}

/// How often somebody tried is there after a restart, and is forgotten once it counts no more.
#[test]
fn what_is_left_of_guesses_is_kept_and_swept() {
    both(|store| {
        let journal = store.open();
        write(&journal, |tx| tx.note_guess("login", hash(1), at(5)));
        write(&journal, |tx| tx.note_guess("login", hash(1), at(9)));
        write(&journal, |tx| tx.note_guess("second", hash(1), at(4)));
        drop(journal);
        let journal = store.open();
        let of = |kind: &'static str, n: u8| journal.read(|tx| tx.guessed(kind, hash(n))).unwrap();
        assert_eq!((of("login", 1), of("second", 1), of("login", 2)), (Some(at(9)), Some(at(4)), None));
        assert_eq!(write(&journal, |tx| tx.sweep_guesses(at(4))), 1);
        assert_eq!((of("login", 1), of("second", 1)), (Some(at(9)), None));
    });
}
