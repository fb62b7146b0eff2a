//! `uphold agreement keygen | sign | verify`: two parties, two keys, one text.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::{
    folder::Folder,
    run::{on_a_full_disk, uphold},
};

/// A folder with an agreement and a key pair for each party.
fn parties() -> (Folder, String) {
    let folder = Folder::new();
    let text =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/stellar-hosted.toml"))
            .unwrap();
    let file = folder.file("a.toml", &text);
    for party in ["provider", "client"] {
        uphold(&["agreement", "keygen", &folder.path(party)]).ok();
    }
    (folder, file)
}

#[test]
fn both_sign_and_the_file_is_in_force_for_whoever_knows_their_keys() {
    let (folder, file) = parties();
    let sign =
        |party: &str| uphold(&["agreement", "sign", &file, "--as", party, "--key", &folder.path(party)]);
    let verify = |more: &[&str]| uphold(&[&["agreement", "verify", &file], more].concat());
    assert!(verify(&[]).out.contains("provider: not signed"));
    sign("provider").ok();
    let (provider, client) = (folder.path("provider.pub"), folder.path("client.pub"));
    let keys = ["--provider", provider.as_str(), "--client", client.as_str()];
    assert!(verify(&keys).out.ends_with("client: not signed\nnot in force\n"));
    sign("client").ok();
    assert!(verify(&keys).ok().ends_with("in force\n"));
    let unknown = verify(&keys[..2]);
    assert_eq!(unknown.status, 1);
    assert!(unknown.out.contains("client: signed, but nobody said that"), "{}", unknown.out);
    let json: serde_json::Value =
        serde_json::from_str(&verify(&[&keys[..], &["--json"]].concat()).ok()).unwrap();
    assert_eq!((&json["in_force"], &json["signatures"][0]["standing"]), (&true.into(), &"valid".into()));
    assert!(sign("client").refused(1).contains("the client has signed already"));
    // One changed byte, even in a comment, is another text.
    fs::write(&file, format!("{}\n# a word", folder.read("a.toml"))).unwrap();
    let changed = verify(&keys);
    assert_eq!(changed.status, 1);
    assert!(changed.out.contains("provider: signed another text"), "{}", changed.out);
}

#[test]
fn secret_keys_are_kept_from_others_and_never_overwritten() {
    let (folder, file) = parties();
    let mode = fs::metadata(folder.path("provider")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "only its owner reads it");
    let before = folder.read("provider");
    let said = uphold(&["agreement", "keygen", &folder.path("provider")]).refused(1);
    assert!(said.contains("it is there already"), "{said}");
    assert_eq!(folder.read("provider"), before);
    let said = uphold(&["agreement", "verify", &file, "--provider", &folder.path("provider")]).refused(1);
    assert!(said.contains("this is a secret key"), "{said}");
    let said = uphold(&["agreement", "sign", &file, "--as", "client", "--key", &folder.path("client.pub")])
        .refused(1);
    assert!(said.contains("this is no secret key"), "{said}");
    assert!(
        uphold(&["agreement", "sign", &file, "--as", "judge", "--key", "x"])
            .refused(2)
            .contains("[possible values: provider, client]")
    );
}

#[test]
fn half_a_key_pair_is_not_left_behind() {
    let folder = Folder::new();
    let disk = folder.path("disk");
    fs::create_dir(&disk).unwrap();
    if let Some(ran) = on_a_full_disk(&disk, None, &["agreement", "keygen", &format!("{disk}/key")]) {
        let said = ran.refused(1);
        assert!(said.contains("disk/key cannot be written: no space is left"), "{said}");
    }
    folder.file("key.pub", "somebody's");
    let said = uphold(&["agreement", "keygen", &folder.path("key")]).refused(1);
    assert!(said.contains("key.pub cannot be written: it is there already"), "{said}");
    assert!(!folder.has("key") && folder.read("key.pub") == "somebody's");
}

#[test]
fn a_secret_key_that_others_may_read_signs_nothing() {
    let (folder, file) = parties();
    let key = folder.path("client");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let sign = || uphold(&["agreement", "sign", &file, "--as", "client", "--key", &key]);
    let said = sign().refused(1);
    assert!(said.contains("can be read by others") && said.contains(&format!("chmod 600 {key}")), "{said}");
    assert!(!folder.has("a.toml.sig"));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    sign().ok();
}

#[test]
fn holidays_are_proposed_with_the_parties_choices() {
    let proposed =
        uphold(&["agreement", "holidays", "NL", "2027", "--liberation-day", "always", "--good-friday"]).ok();
    insta::assert_snapshot!(proposed, @r#"
    2027 = [
      "2027-01-01",  # Fri Nieuwjaarsdag
      "2027-03-26",  # Fri Goede Vrijdag
      "2027-03-28",  # Sun Eerste Paasdag
      "2027-03-29",  # Mon Tweede Paasdag
      "2027-04-27",  # Tue Koningsdag
      "2027-05-05",  # Wed Bevrijdingsdag
      "2027-05-06",  # Thu Hemelvaartsdag
      "2027-05-16",  # Sun Eerste Pinksterdag
      "2027-05-17",  # Mon Tweede Pinksterdag
      "2027-12-25",  # Sat Eerste Kerstdag
      "2027-12-26",  # Sun Tweede Kerstdag
    ]
    "#);
    let json: serde_json::Value =
        serde_json::from_str(&uphold(&["agreement", "holidays", "NL", "2027", "--json"]).ok()).unwrap();
    assert_eq!(json["holidays"].as_array().unwrap().len(), 9);
    assert!(uphold(&["agreement", "holidays", "XX", "2027"]).refused(2).contains("only NL is known"));
    assert!(uphold(&["agreement", "holidays", "NL", "1950"]).refused(2).contains("list the dates by hand"));
    assert!(
        uphold(&["agreement", "holidays", "NL", "2027", "--liberation-day", "maybe"])
            .refused(2)
            .contains("always, lustrum or never")
    );
}

#[test]
fn a_file_with_errors_is_not_signed() {
    let (folder, _) = parties();
    let text = fs::read_to_string(folder.path("a.toml")).unwrap();
    let wrong = folder.file("wrong.toml", &text.replace("length    = \"4h\"", "length    = \"5h\""));
    let sign = ["agreement", "sign", &wrong, "--as", "provider", "--key", &folder.path("provider")];
    let said = uphold(&sign).refused(1);
    assert!(said.contains("uphold agreement check") && said.contains("nothing was signed"), "{said}");
    assert!(!folder.has("wrong.toml.sig"));
}
