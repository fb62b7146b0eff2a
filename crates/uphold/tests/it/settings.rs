//! Settings of `uphold serve`: every mistake at once, before anything is made; and who is believed about who asks.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
};

use crate::{
    folder::Folder,
    run::uphold_in,
    serve::{Server, Site, watched_wiki},
};

const WRONG: &str = r#"
store = "nowhere/j.db"
agreement = "a.toml"
agreements = ["missing.toml"]
listen = 7430
origin = "http://desk.example"
proxies = "127.0.0.1"
allow = ["10.0.0.1/8", "10.1.0.0/16"]
vantage = "Not a name"
references = ["https://one.example/", "nowhere"]
keep_times = "30"
colour = "green"
"#;

#[test]
fn every_mistake_is_told_at_once_before_anything_is_made() {
    let folder = Folder::new();
    folder.file("uphold.toml", WRONG);
    let here = folder.path("");
    let said = uphold_in(&here, &["serve", "--config", "uphold.toml"]).refused(2);
    for part in [
        "store: the folder nowhere is not there",
        "`agreement` is no setting",
        "agreements: missing.toml",
        "listen: a text in quotes was expected, not integer",
        "origin: `http://desk.example` is not where",
        "proxies: a list of texts was expected",
        "allow: `10.0.0.1/8`",
        "vantage: `Not a name`",
        "references: 2 of them",
        "references: `nowhere`",
        "keep_times: 31 to 3660 days, not 30",
        "`colour` is no setting: there are store, agreements",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert_eq!(said.lines().count(), 13, "{said}");
    assert_eq!(fs::read_dir(&here).unwrap().count(), 1, "nothing was made");
}

#[test]
fn what_is_no_toml_hides_nothing_said_elsewhere_and_a_network_needs_an_origin() {
    let folder = Folder::new();
    folder.file("uphold.toml", "store = \"j.db\n");
    let here = folder.path("");
    let said = uphold_in(&here, &["serve", "--config", "uphold.toml", "--listen", "0.0.0.0:0"]).refused(2);
    assert!(
        said.contains("uphold.toml: TOML parse error") && said.contains("origin: is needed where"),
        "{said}"
    );
    let said = uphold_in(&here, &["serve", "--origin", "https://a@b"]).refused(2);
    assert!(said.contains("origin: `https://a@b`"), "{said}");
    for (files, why) in [
        ("https://desk.example", "files: `https://desk.example` is the portal itself"),
        ("https://desk.example:443", "files: `https://desk.example` is the portal itself"),
        ("https://DESK.example:8443", "files: `https://desk.example:8443` is the portal itself"),
        ("https://files.example/below", "files: `https://files.example/below` is not where"),
        ("http://127.0.0.1:80", "files: `http://127.0.0.1:80` is not protected"),
    ] {
        let said =
            uphold_in(&here, &["serve", "--origin", "https://desk.example", "--files", files]).refused(2);
        assert!(said.contains(why), "{said}");
    }
    let said = uphold_in(&here, &["serve", "--files", "https://files.example"]).refused(2);
    assert!(said.contains("files: needs `origin`"), "{said}");
    assert!(!folder.has("uphold.db") && !folder.has("j.db"));
}

/// Asks for a page again and again on one connection, for somebody else, until it is too often; says how often that was.
fn asked_until_too_often(server: &Server, asker: &str) -> Option<u32> {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx-forwarded-for: {asker}\r\n\r\n");
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    for n in 0..1_500 {
        // In one piece: else each waits for the peer's delayed acknowledgement, and limits are full again meanwhile.
        stream.write_all(request.as_bytes()).unwrap();
        let head: Vec<String> =
            lines.by_ref().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
        if head[0].starts_with("HTTP/1.1 429") {
            return Some(n);
        }
        // The body: "alive" and the end of its line.
        lines.next();
    }
    None
}

#[test]
fn askers_behind_a_proxy_have_limits_of_their_own_where_the_proxy_is_believed() {
    let (folder, site) = (Folder::new(), Site::new());
    let here = watched_wiki(&folder, &site);
    let server = Server::start_with(&here, "127.0.0.1:0", &["--proxy", "127.0.0.0/8"]);
    assert!(asked_until_too_often(&server, "198.51.100.1").is_some());
    assert_eq!(
        asked_until_too_often(&server, "198.51.100.2").map(|n| n > 300),
        Some(true),
        "a limit of its own"
    );
    assert!(!server.get("/metrics").starts_with("HTTP/1.1 200"), "from a proxy it may be anybody's");
    assert!(server.stop().success());

    let server = Server::start(&here);
    assert!(server.get("/metrics").contains("uphold_deadline_lag_microseconds"));
    assert!(asked_until_too_often(&server, "198.51.100.1").is_some());
    assert!(
        asked_until_too_often(&server, "198.51.100.2") < Some(100),
        "who is not believed shares one limit"
    );
}

#[test]
fn a_second_server_of_the_same_journal_is_refused_and_a_killed_one_is_in_nobodys_way() {
    let (folder, site) = (Folder::new(), Site::new());
    let here = watched_wiki(&folder, &site);
    let server = Server::start(&here);
    let second = ["serve", "--store", "j.db", "--agreement", "a.toml", "--listen", "127.0.0.1:0"];
    let said = uphold_in(&here, &second).refused(1);
    assert!(said.contains("served by another process already, process "), "{said}");
    // Dropped, it is killed.
    drop(server);
    let server = Server::start(&here);
    assert!(server.get("/readyz").contains("ready"));
    assert!(server.stop().success());
}

#[test]
fn servers_of_one_database_have_a_name_each() {
    let folder = Folder::new();
    let here = folder.path("");
    let url = testkit::postgres::shared().fresh_schema();
    let of = |name: &'static str| {
        ["--store", &url, "--listen", "127.0.0.1:0", "--vantage", name].map(str::to_owned)
    };
    let spawn = |name| Server::spawn(&here, &of(name).each_ref().map(String::as_str));
    let one = spawn("here");
    let again = of("here");
    let again: Vec<&str> = std::iter::once("serve").chain(again.iter().map(String::as_str)).collect();
    let said = uphold_in(&here, &again).refused(1);
    assert!(said.contains("served by another process already, as `here`"), "{said}");
    let two = spawn("there");
    assert!(two.get("/readyz").ends_with("ready\n"));
    assert!(two.stop().success() && one.stop().success());
}
