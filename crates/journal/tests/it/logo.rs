//! The image of a client's status page: one for each client, by its digest.

use crate::store::{acme, both};

#[test]
fn a_client_has_one_image_and_no_other_client_has_it() {
    both(|store| {
        let journal = store.open();
        let beta = || "beta".parse::<facts::ClientId>().unwrap();
        let logo = |digest: &str, bytes: &[u8]| journal::logo::KeptLogo {
            digest: digest.to_owned(),
            bytes: bytes.into(),
        };
        let read =
            |client: &facts::ClientId, digest: &str| journal.read(|tx| tx.logo(client, digest)).unwrap();
        let put = |logo: journal::logo::KeptLogo| journal.write(move |tx| tx.put_logo(&acme(), &logo));
        put(logo("one", b"\0first")).unwrap();
        assert_eq!(read(&acme(), "one"), Some(b"\0first".to_vec()));
        assert_eq!((read(&beta(), "one"), read(&acme(), "two")), (None, None));
        put(logo("two", b"second")).unwrap();
        assert_eq!((read(&acme(), "one"), read(&acme(), "two")), (None, Some(b"second".to_vec())));
        let large = put(logo("three", &[0; (64 << 10) + 1]));
        assert!(large.is_err());
        journal.write(|tx| tx.drop_logo(&acme(), "one")).unwrap();
        assert_eq!(read(&acme(), "two"), Some(b"second".to_vec()), "not what was forgotten");
        journal.write(|tx| tx.drop_logo(&acme(), "two")).unwrap();
        assert_eq!(read(&acme(), "two"), None);
    });
}
