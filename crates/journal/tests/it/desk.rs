//! Files, drafts, answers and views, on both engines.

use facts::ClientId;
use journal::{
    Error,
    desk::{Canned, FILE_BYTES_MAX, FILES_BYTES_MAX, KeptFile, KeptView},
};
use spans::Instant;

use crate::store::both;

fn file(name: &str) -> KeptFile {
    KeptFile {
        file: name.parse().unwrap(),
        ticket: "T-1".parse().unwrap(),
        name: "log of Monday.txt".to_owned(),
        media: "text/plain".to_owned(),
        internal: false,
        size: 3,
        gone: false,
        added: Instant::EPOCH,
    }
}

/// What counts is the size that is on file.
#[test]
fn a_client_keeps_five_gibibytes_of_files_and_not_one_byte_more() {
    both(|store| {
        let journal = &store.open();
        let (acme, beta): (ClientId, ClientId) = ("acme".parse().unwrap(), "beta".parse().unwrap());
        let put = |of: &ClientId, file: KeptFile, bytes: usize| {
            let of = of.clone();
            journal.write::<_, Error>(move |tx| tx.put_file(&of, &file, &vec![0; bytes]))
        };
        let full = KeptFile { size: FILES_BYTES_MAX - 10, ..file("f1") };
        put(&acme, full, 1).unwrap();
        put(&acme, KeptFile { size: 10, ..file("f2") }, 10).unwrap();
        let more = put(&acme, KeptFile { size: 1, ..file("f3") }, 1);
        let Err(Error::TooMuch { what, .. }) = more else { panic!("{more:?}") };
        assert_eq!(what, "bytes of all files of a client");
        put(&beta, KeptFile { size: 1, ..file("f3") }, 1).expect("another's are not counted");
        let of = acme.clone();
        assert!(journal.write::<_, Error>(move |tx| tx.empty_file(&of, &"f2".parse().unwrap())).unwrap());
        put(&acme, KeptFile { size: 1, ..file("f3") }, 1).expect("what is gone is not counted");
    });
}

#[test]
fn a_file_is_its_clients_and_its_bytes_can_go() {
    both(|store| {
        let journal = &store.open();
        let (acme, beta): (ClientId, ClientId) = ("acme".parse().unwrap(), "beta".parse().unwrap());
        let of = acme.clone();
        journal.write::<_, Error>(move |tx| tx.put_file(&of, &file("f1"), b"abc")).unwrap();
        let bytes =
            |of: &ClientId| journal.read::<_, Error>(|tx| tx.file_bytes(of, &"f1".parse().unwrap())).unwrap();
        assert_eq!((bytes(&acme), bytes(&beta)), (Some(b"abc".to_vec()), None));
        assert_eq!(
            journal.read::<_, Error>(|tx| tx.files(&acme, &"T-1".parse().unwrap())).unwrap(),
            [file("f1")]
        );
        assert!(journal.read::<_, Error>(|tx| tx.files(&acme, &"T-2".parse().unwrap())).unwrap().is_empty());
        let of = acme.clone();
        let big =
            journal.write::<_, Error>(move |tx| tx.put_file(&of, &file("f2"), &vec![0; FILE_BYTES_MAX + 1]));
        assert!(matches!(big, Err(Error::TooMuch { .. })));
        let of = acme.clone();
        assert!(journal.write::<_, Error>(move |tx| tx.empty_file(&of, &"f1".parse().unwrap())).unwrap());
        let left = journal.read::<_, Error>(|tx| tx.file(&acme, &"f1".parse().unwrap())).unwrap().unwrap();
        assert_eq!((bytes(&acme), left.gone, left.name.as_str(), left.size), (None, true, "", 3));
    });
}

#[test]
fn a_draft_is_one_persons_and_goes_when_it_is_empty() {
    both(|store| {
        let journal = &store.open();
        let (acme, ticket): (ClientId, facts::Slug) = ("acme".parse().unwrap(), "T-1".parse().unwrap());
        let put = |person: &'static str, text: &'static str, at: i64| {
            let (acme, ticket) = (acme.clone(), ticket.clone());
            let at = Instant::from_second(at);
            journal.write::<_, Error>(move |tx| tx.put_draft(&acme, person, &ticket, text, at)).unwrap();
        };
        let get = |person: &str| journal.read::<_, Error>(|tx| tx.draft(&acme, person, &ticket)).unwrap();
        put("p1", "Hello", 1);
        put("p1", "Hello Jan", 2);
        put("p2", "Me too", 3);
        assert_eq!(get("p1"), Some(("Hello Jan".to_owned(), Instant::from_second(2))));
        let since = |at| {
            let since = Instant::from_second(at);
            let found = journal.read::<_, Error>(|tx| tx.drafters(&acme, &ticket, since)).unwrap();
            found.into_iter().map(|(person, _)| person).collect::<Vec<_>>()
        };
        assert_eq!((since(0), since(3)), (vec!["p2".to_owned(), "p1".to_owned()], vec!["p2".to_owned()]));
        put("p1", " ", 4);
        assert_eq!(get("p1"), None);
    });
}

#[test]
fn answers_and_views_are_kept_by_name() {
    both(|store| {
        let journal = &store.open();
        let hello = Canned { name: "Hello".to_owned(), client: None, body: "Hello {name}".to_owned() };
        let kept = hello.clone();
        journal.write::<_, Error>(move |tx| tx.put_canned(&kept, "p1", Instant::EPOCH)).unwrap();
        assert_eq!(journal.read::<_, Error>(|tx| tx.canned()).unwrap(), [hello]);
        assert!(journal.write::<_, Error>(|tx| tx.drop_canned("Hello")).unwrap());
        let view = |person: &str, name: &str, shared| KeptView {
            person: person.to_owned(),
            name: name.to_owned(),
            query: "turn=provider".to_owned(),
            shared,
        };
        for kept in [view("p1", "mine", false), view("p1", "ours", true), view("p2", "theirs", false)] {
            journal.write::<_, Error>(move |tx| tx.put_view(&kept)).unwrap();
        }
        let names = |person: &str| -> Vec<String> {
            let views = journal.read::<_, Error>(|tx| tx.views(person)).unwrap();
            views.into_iter().map(|view| view.name).collect()
        };
        assert_eq!(
            (names("p1"), names("p2")),
            (vec!["mine".into(), "ours".into()], vec!["ours".into(), "theirs".into()])
        );
        assert!(!journal.write::<_, Error>(|tx| tx.drop_view("p2", "ours")).unwrap(), "it is not theirs");
    });
}
