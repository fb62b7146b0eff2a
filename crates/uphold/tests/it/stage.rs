//! The live demonstration: within half a minute a service fails in front of two vantage points, an incident opens with its
//! clocks, and when it is asked to end nothing is left.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::{folder::Folder, run::uphold};

/// How often something that must come is looked for, a fifth of a second apart.
const LOOKS: u32 = 600;

struct Demo {
    child: Child,
    said: Value,
}

impl Demo {
    fn start(temporary: &str) -> Demo {
        let mut child = Command::new(env!("CARGO_BIN_EXE_uphold"))
            .args(["demo", "--json", "--listen", "127.0.0.1:0"])
            .env("TMPDIR", temporary)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Demo { child, said: serde_json::from_str(&line).unwrap() }
    }

    fn token(&self, name: &str) -> &str {
        let people = self.said["people"].as_array().unwrap();
        let person = people.iter().find(|person| person["name"] == name).unwrap();
        person["token"].as_str().unwrap()
    }

    fn get(&self, path: &str, token: &str) -> String {
        let at = self.said["portal"].as_str().unwrap().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(at).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {at}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// Asks until the answer holds a text.
    fn await_text(&self, path: &str, token: &str, text: &str) {
        for _ in 0..LOOKS {
            if self.get(path, token).contains(text) {
                return;
            }
            thread::sleep(Duration::from_millis(200));
        }
        panic!("{path} never said {text}: {}", self.get(path, token));
    }

    fn stop(mut self) -> std::process::ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The only folder there.
fn demo_folder(temporary: &str) -> PathBuf {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(temporary).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(folders.len(), 1, "{folders:?}");
    folders.remove(0)
}

#[test]
fn the_live_demonstration_opens_an_incident_in_front_of_two_vantage_points_and_leaves_nothing() {
    let folder = Folder::new();
    let temporary = folder.path("tmp");
    fs::create_dir(&temporary).unwrap();
    // As a demonstration leaves it that is killed: a lock that nobody holds.
    let killed = Path::new(&temporary).join("uphold-demo-killed");
    fs::create_dir(&killed).unwrap();
    fs::write(killed.join("lock"), "").unwrap();
    let demo = Demo::start(&temporary);
    assert!(
        demo.said["status"].is_null() && demo.said["openapi"].as_str().unwrap().ends_with("openapi.json")
    );

    let running = demo_folder(&temporary);
    assert!(!killed.exists(), "what a killed demonstration left is swept");
    assert_eq!(fs::metadata(&running).unwrap().permissions().mode() & 0o777, 0o700);

    let (jan, pia) = (demo.token("jan"), demo.token("pia"));
    assert!(demo.get("/api/v1/me", jan).contains("\"login\":\"jan\""));
    // One client never sees the other's anything.
    assert!(demo.get("/api/v1/clients/larkspur/requests", pia).starts_with("HTTP/1.1 404"));
    demo.await_text("/api/v1/clients/larkspur/instances", jan, "fra");
    demo.await_text("/api/v1/clients/larkspur/requests", jan, "Forge does not answer");
    // The past was computed: the month of the long outage has a credit.
    assert!(demo.get("/api/v1/clients/larkspur/statements", jan).contains("EUR 2200.00"));

    assert!(demo.stop().success());
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn an_address_that_is_taken_is_told_before_anything_is_made() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let said = uphold(&["demo", "--listen", &taken.local_addr().unwrap().to_string()]).refused(1);
    assert!(said.contains("name another with --listen"), "{said}");
}
