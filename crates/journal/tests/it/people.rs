//! People, sessions, one-time secrets and API tokens: kept beside the facts, never among them.

use journal::{
    Error, Hash, Journal, Result, Tx,
    people::{ApiToken, Person, SESSIONS_MAX, Session, Standing, TOKENS_MAX},
};
use spans::Instant;

use crate::store::{acme, at, both, facts};

fn person(login: &str, standing: Standing) -> Person {
    Person {
        roles: vec!["manager".to_owned()],
        skills: vec!["atlassian-dc".to_owned()],
        ..Person::new(&format!("id-{login}"), login, &format!("Name of {login}"), standing, at(0))
    }
}

fn hash(n: u64) -> Hash {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    bytes.into()
}

fn session(n: u64, login: &str) -> Session {
    Session {
        hash: hash(n),
        person: format!("id-{login}"),
        created: at(0),
        seen: at(i64::try_from(n).unwrap()),
        ends: at(1_000),
        agent: "é".repeat(150),
        how: "password".to_owned(),
        factors: 1,
        strong: Some(at(0)),
    }
}

fn token(n: u64, login: &str) -> ApiToken {
    let person = format!("id-{login}");
    ApiToken {
        hash: hash(n),
        person,
        name: format!("t{n}"),
        created: at(0),
        ends: at(1_000),
        used: None,
        writes: n.is_multiple_of(2),
        factors: 2,
        client: (n == 1).then(acme),
        roles: (n == 1).then(|| vec!["manager".to_owned()]),
        networks: (n == 1).then(|| vec!["192.0.2.0/24".to_owned()]),
    }
}

fn write<T: Send + 'static>(
    journal: &Journal,
    work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> T {
    journal.write(work).unwrap()
}

/// Ann of the provider and Bo of acme.
fn two(journal: &Journal) {
    for (login, standing) in [("ann", Standing::Staff), ("bo", Standing::Of(acme()))] {
        assert!(write(journal, move |tx| tx.add_person(&person(login, standing.clone()))));
    }
}

fn who(journal: &Journal, token: u64, second: i64) -> Option<String> {
    journal.read(|tx| tx.session(hash(token), at(second))).unwrap().map(|(_, person)| person.login)
}

#[test]
fn people_are_found_by_id_and_login_and_a_login_is_given_once() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        let bo = person("bo", Standing::Of(acme()));
        assert!(!write(&journal, move |tx| tx.add_person(&Person { id: "other".to_owned(), ..bo.clone() })));
        write(&journal, |tx| tx.set_password("id-ann", "$argon2id$x"));
        let found = journal.read(|tx| tx.person_by_login("ann")).unwrap();
        assert_eq!(found, Some((person("ann", Standing::Staff), Some("$argon2id$x".to_owned()))));
        assert_eq!(journal.read(|tx| tx.person("id-bo")).unwrap(), Some(person("bo", Standing::Of(acme()))));
        assert_eq!(journal.read(|tx| tx.person_by_login("Ann")).unwrap(), None);
        assert_eq!(journal.read(|tx| tx.people()).unwrap().len(), 2);
        let long = person(&"x".repeat(101), Standing::Staff);
        assert!(matches!(journal.write(move |tx| tx.add_person(&long)), Err(Error::TooMuch { .. })));
    });
}

#[test]
fn however_many_people_clients_have_staff_and_everybody_are_read_whole() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        write(&journal, |tx| {
            for n in 0..1_001 {
                tx.add_person(&person(&format!("many-{n:04}"), Standing::Of(acme())))?;
            }
            Ok(())
        });
        let staff = journal.read(|tx| tx.staff()).unwrap();
        assert_eq!(staff.iter().map(|person| person.login.as_str()).collect::<Vec<_>>(), ["ann"]);
        let of_acme = journal.read(|tx| tx.people_of(&acme())).unwrap();
        assert_eq!((of_acme.len(), of_acme[0].login.as_str()), (1_002, "bo"));
        assert_eq!(of_acme[1_001].login, "many-1000");
        let all = journal.read(|tx| tx.people()).unwrap();
        assert_eq!((all.len(), all[1_002].login.as_str()), (1_003, "ann"), "staff last");
    });
}

#[test]
fn a_session_ends_at_its_end_at_sign_out_and_with_its_person() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        for n in 1..=3 {
            write(&journal, move |tx| tx.begin_session(&session(n, "bo")));
        }
        assert_eq!(who(&journal, 1, 999).as_deref(), Some("bo"));
        assert_eq!(who(&journal, 1, 1_000), None);
        assert_eq!(who(&journal, 9, 0), None);
        assert!(!write(&journal, |tx| tx.end_session("id-ann", hash(1))), "another's session stays");
        assert!(write(&journal, |tx| tx.end_session("id-bo", hash(1))));
        assert_eq!(who(&journal, 1, 0), None);
        assert_eq!(write(&journal, |tx| tx.end_sessions("id-bo", Some(hash(2)))), 1);
        assert_eq!((who(&journal, 2, 0).is_some(), who(&journal, 3, 0).is_some()), (true, false));
        write(&journal, |tx| tx.add_secret(hash(8), "id-bo", "welcome", at(0), at(100)));
        write(&journal, |tx| tx.add_token(&token(7, "bo")));
        assert!(write(&journal, |tx| tx.disable_person("id-bo", at(5))));
        assert!(!write(&journal, |tx| tx.use_secret(hash(8), "id-bo", "welcome", at(6))));
        assert_eq!(journal.read(|tx| tx.tokens("id-bo")).unwrap(), []);
        assert_eq!(who(&journal, 2, 0), None);
        write(&journal, |tx| tx.begin_session(&session(4, "bo")));
        assert_eq!(who(&journal, 4, 0), None, "a disabled person has no session");
        assert!(write(&journal, |tx| tx.enable_person("id-bo")));
        assert_eq!(who(&journal, 4, 0).as_deref(), Some("bo"));
    });
}

#[test]
fn sessions_make_room_for_the_newest() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        for n in 1..=SESSIONS_MAX + 2 {
            write(&journal, move |tx| tx.begin_session(&session(n, "ann")));
        }
        let kept = journal.read(|tx| tx.sessions("id-ann", at(0))).unwrap();
        assert_eq!(kept.len(), usize::try_from(SESSIONS_MAX).unwrap());
        assert_eq!(kept.first().map(|s| s.seen), Some(at(i64::try_from(SESSIONS_MAX + 2).unwrap())));
        assert_eq!((who(&journal, 2, 0), who(&journal, 3, 0).as_deref()), (None, Some("ann")));
        assert_eq!(kept[0].agent.len(), 200, "cut at a character");
    });
}

#[test]
fn a_secret_works_once_for_its_person_and_purpose_until_it_ends() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        write(&journal, |tx| tx.add_secret(hash(1), "id-ann", "welcome", at(0), at(100)));
        write(&journal, |tx| tx.add_secret(hash(2), "id-ann", "welcome", at(0), at(100)));
        let try_it = |n: u64, person: &'static str, purpose: &'static str, second: i64| {
            write(&journal, move |tx| tx.use_secret(hash(n), person, purpose, at(second)))
        };
        assert!(!try_it(1, "id-ann", "welcome", 1), "a newer one replaced it");
        assert!(!try_it(2, "id-bo", "welcome", 1));
        assert!(!try_it(2, "id-ann", "reset", 1));
        assert!(!try_it(2, "id-ann", "welcome", 100), "half-open: the end is too late");
        assert!(try_it(2, "id-ann", "welcome", 99));
        assert!(!try_it(2, "id-ann", "welcome", 99));
    });
}

#[test]
fn a_token_ends_and_there_is_a_limit_to_them() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        for n in 1..=TOKENS_MAX {
            assert!(write(&journal, move |tx| tx.add_token(&token(n, "ann"))));
        }
        assert!(matches!(journal.write(|tx| tx.add_token(&token(99, "ann"))), Err(Error::TooMuch { .. })));
        let found = |n: u64, at: Instant| journal.read(|tx| tx.token(hash(n), at)).unwrap().is_some();
        assert!(found(1, at(999)) && !found(1, at(1_000)));
        write(&journal, |tx| tx.see_token(hash(1), at(9)));
        let kept = journal.read(|tx| tx.tokens("id-ann")).unwrap().remove(0);
        assert_eq!(kept, ApiToken { used: Some(at(9)), ..token(1, "ann") });
        assert!(write(&journal, |tx| tx.end_token("id-ann", hash(1))));
        assert!(!found(1, at(0)));
        assert!(write(&journal, |tx| tx.add_token(&token(1, "ann"))));
        let again = ApiToken { hash: hash(99), ..token(2, "ann") };
        assert!(write(&journal, |tx| tx.end_token("id-ann", hash(3))));
        assert!(!write(&journal, move |tx| tx.add_token(&again)), "a name is given once");
    });
}

#[test]
fn a_known_device_is_known_for_its_person_only() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        write(&journal, |tx| tx.add_device(hash(1), "id-ann", at(0)));
        let known = |person: &str| journal.read(|tx| tx.knows_device(hash(1), person)).unwrap();
        assert!(known("id-ann") && !known("id-bo"));
        write(&journal, |tx| tx.forget_devices("id-ann"));
        assert!(!known("id-ann"));
    });
}

#[test]
fn credentials_are_no_facts_and_what_derives_from_facts_leaves_them_alone() {
    both(|store| {
        let journal = store.open();
        journal.append(&acme(), &facts(0..3), None).unwrap();
        let exported = |journal: &Journal| {
            let mut out = Vec::new();
            journal.export(&mut out).unwrap();
            (String::from_utf8(out).unwrap(), journal.dump_projections().unwrap())
        };
        let before = exported(&journal);
        two(&journal);
        write(&journal, |tx| tx.set_password("id-bo", "$argon2id$secret"));
        write(&journal, |tx| tx.begin_session(&session(1, "bo")));
        write(&journal, |tx| tx.pulse("readyz", at(3)));
        write(&journal, |tx| tx.pulse("readyz", at(4)));
        assert_eq!(exported(&journal), before);
        assert!(journal.rebuild().unwrap().repaired.is_empty());
        assert!(journal.verify(&[]).unwrap().is_sound());
        assert_eq!(who(&journal, 1, 0).as_deref(), Some("bo"));
        assert_eq!(write(&journal, |tx| tx.sweep_credentials(at(1_000))), 1);
        assert_eq!(who(&journal, 1, 0), None);
    });
}

#[test]
fn staff_are_those_of_the_provider_who_may_come_in() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        let logins = || -> Vec<String> {
            write(&journal, |tx| Ok(tx.staff()?.into_iter().map(|person| person.login).collect()))
        };
        assert_eq!(logins(), ["ann"]);
        assert!(write(&journal, |tx| tx.disable_person("id-ann", at(5))));
        assert_eq!(logins(), [""; 0]);
    });
}
