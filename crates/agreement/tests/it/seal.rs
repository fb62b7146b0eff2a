//! Signatures over the exact bytes, by both parties, each with its own key.

use agreement::{
    Agreement,
    seal::{Identity, PublicKey, SealError, SecretKey, SignatureFile, Standing, Verdict, sign, verify},
};
use facts::Side::{self, Client, Outside, Provider};

use crate::shipped::HOSTED;

const PROVIDER_SEED: [u8; 32] = [1; 32];
const CLIENT_SEED: [u8; 32] = [2; 32];

fn key(seed: [u8; 32]) -> SecretKey {
    SecretKey::from_seed(seed)
}

fn trusted() -> Vec<(Side, PublicKey)> {
    vec![(Provider, key(PROVIDER_SEED).public()), (Client, key(CLIENT_SEED).public())]
}

fn signed(bytes: &[u8], by: &[(Side, [u8; 32])]) -> String {
    by.iter().map(|(side, seed)| format!("{}\n", sign(bytes, *side, &key(*seed)).expect("a party"))).collect()
}

fn by_both(bytes: &[u8]) -> String {
    signed(bytes, &[(Provider, PROVIDER_SEED), (Client, CLIENT_SEED)])
}

fn judged(bytes: &[u8], signatures: &str) -> Verdict {
    verify(bytes, &[Provider, Client], signatures, &trusted())
}

#[test]
fn sh_def_03_one_signature_is_not_enough() {
    let agreement = Agreement::read(HOSTED).0.unwrap();
    assert_eq!(agreement.signers(), [Provider, Client]);
    let one = judged(HOSTED.as_bytes(), &signed(HOSTED.as_bytes(), &[(Provider, PROVIDER_SEED)]));
    assert!(!one.in_force());
    assert_eq!(one.standings[1], (Client, Standing::Missing));
    let both = judged(HOSTED.as_bytes(), &by_both(HOSTED.as_bytes()));
    assert!(both.in_force(), "{both:?}");
    assert_eq!(both.identity, Identity::of(HOSTED.as_bytes()));
    assert!(!judged(HOSTED.as_bytes(), "").in_force());
}

#[test]
fn sh_def_01_the_identity_is_the_sha_256_of_the_bytes() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Identity::of(b"").to_string(), empty);
    assert_eq!(empty.parse::<Identity>(), Ok(Identity::of(b"")));
    assert!(empty.to_uppercase().parse::<Identity>().is_err());
}

#[test]
fn a_line_is_the_same_for_ever() {
    let line = sign(b"format = \"agreement/1\"\n", Provider, &key(PROVIDER_SEED)).unwrap().to_string();
    let expected = [
        "uphold-sig/1 provider",
        "sha256:ca5a8f91a70d7df148630779e802a7198bc0d51ce72d43e2d6b8d68c4062f1fd",
        "ed25519:8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
        "1a6051b35f961b618478fd9987a1c0f974fc68dee94ee3f5a2a9abadfe543596\
         8b805ba62b587876959388c46118160b3e2e77cee34c25b8889b2389e9a81f05",
    ];
    assert_eq!(line, expected.join(" "));
}

#[test]
fn one_byte_changed_anywhere_in_the_file_ends_it() {
    let text = &HOSTED.as_bytes()[..600];
    let signatures = by_both(text);
    for at in 0..text.len() {
        let mut changed = text.to_vec();
        changed[at] ^= 1;
        let verdict = judged(&changed, &signatures);
        assert!(!verdict.in_force(), "byte {at}");
        assert_eq!(verdict.standings[0].1, Standing::OtherText(Identity::of(text)));
    }
}

#[test]
fn one_byte_changed_anywhere_in_a_line_ends_it() {
    let signatures = by_both(b"text");
    for at in 0..signatures.len() {
        for bit in 0..7 {
            let mut changed = signatures.clone().into_bytes();
            changed[at] ^= 1 << bit;
            let changed = String::from_utf8(changed).unwrap();
            assert!(!judged(b"text", &changed).in_force(), "byte {at} bit {bit}: {changed}");
        }
    }
}

#[test]
fn a_signature_serves_one_party_and_one_text_only() {
    let provider = sign(b"text", Provider, &key(PROVIDER_SEED)).unwrap().to_string();
    let claimed = provider.replace("provider", "client");
    assert_eq!(judged(b"text", &claimed).standings[1], (Client, Standing::Forged));
    let other = Identity::of(b"other").to_string();
    let moved = provider.replace(&Identity::of(b"text").to_string(), &other);
    assert_eq!(judged(b"other", &moved).standings[0], (Provider, Standing::Forged));
}

#[test]
fn an_unknown_key_is_said_to_be_unknown() {
    let stranger = signed(b"text", &[(Provider, [9; 32]), (Client, CLIENT_SEED)]);
    let verdict = judged(b"text", &stranger);
    assert_eq!(verdict.standings[0], (Provider, Standing::Untrusted(key([9; 32]).public())));
    assert!(!verdict.in_force());
    let swapped = signed(b"text", &[(Provider, CLIENT_SEED), (Client, PROVIDER_SEED)]);
    assert!(!judged(b"text", &swapped).in_force());
}

#[test]
fn one_key_cannot_sign_for_both() {
    let signatures = signed(b"text", &[(Provider, PROVIDER_SEED), (Client, PROVIDER_SEED)]);
    let trusted = [(Provider, key(PROVIDER_SEED).public()), (Client, key(PROVIDER_SEED).public())];
    let verdict = verify(b"text", &[Provider, Client], &signatures, &trusted);
    assert_eq!(verdict.standings, [(Provider, Standing::SharedKey), (Client, Standing::SharedKey)]);
    assert!(!verdict.in_force());
}

#[test]
fn a_file_takes_one_line_per_party_over_one_text() {
    let mut file = SignatureFile::default();
    file.add(sign(b"text", Provider, &key(PROVIDER_SEED)).unwrap()).unwrap();
    let again = sign(b"text", Provider, &key([3; 32])).unwrap();
    assert_eq!(file.add(again), Err(SealError::SignedAlready("provider")));
    let other = sign(b"other", Client, &key(CLIENT_SEED)).unwrap();
    assert_eq!(file.add(other), Err(SealError::OtherText(Identity::of(b"text"))));
    let shared = sign(b"text", Client, &key(PROVIDER_SEED)).unwrap();
    assert_eq!(file.add(shared), Err(SealError::SharedKey));
    file.add(sign(b"text", Client, &key(CLIENT_SEED)).unwrap()).unwrap();
    assert_eq!(SignatureFile::parse(&file.to_string()), (file.clone(), Vec::new()));
    assert!(judged(b"text", &file.to_string()).in_force());
    assert_eq!(sign(b"text", Outside, &key([1; 32])), Err(SealError::NotAParty));
}

#[test]
fn what_is_no_signature_is_found_with_its_place_and_nothing_is_in_force() {
    let good = by_both(b"text");
    let noted = format!("# Ann Example, for the provider\n\n{good}");
    assert!(judged(b"text", &noted).in_force());
    for (bad, says) in [
        ("signed, Ann\n", "five fields"),
        ("uphold-sig/1 both sha256:00 ed25519:00 00\n", "`both` is no party"),
        ("uphold-sig/1 client sha256:00 ed25519:00 00\n", "64 lower-case hex digits"),
        (good.lines().next().unwrap(), "a second signature of the provider"),
    ] {
        let verdict = judged(b"text", &format!("{good}{bad}"));
        assert!(!verdict.in_force(), "{bad}");
        assert_eq!(verdict.findings[0].place.0.start, good.len(), "{bad}");
        assert!(verdict.findings[0].message.contains(says), "{:?}", verdict.findings);
    }
}

#[test]
fn an_agreement_that_asks_nobody_to_sign_is_never_in_force() {
    assert!(!verify(b"text", &[], &by_both(b"text"), &trusted()).in_force());
    assert!(verify(b"text", &[Client], &by_both(b"text"), &trusted()).in_force());
}
