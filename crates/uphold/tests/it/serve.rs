//! The live service as a provider sets it up: sign, activate, record, invite, serve; then a service that fails is seen to fail.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{folder::Folder, run::uphold_in};

/// How often something that must come is looked for, a tenth of a second apart.
const LOOKS: u32 = 300;

/// A web service of one page, that can be told to fail. It ends with the process.
pub(crate) struct Site {
    pub(crate) port: u16,
    pub(crate) fails: Arc<AtomicBool>,
}

impl Site {
    pub(crate) fn new() -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, fails) = (listener.local_addr().unwrap().port(), Arc::new(AtomicBool::new(false)));
        let told = Arc::clone(&fails);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let code = if told.load(Ordering::Relaxed) { "500 Not now" } else { "200 OK" };
                let _ = answer(stream, code);
            }
        });
        Site { port, fails }
    }
}

fn answer(mut stream: TcpStream, code: &str) -> std::io::Result<()> {
    let mut head = [0; 1_024];
    let _ = stream.read(&mut head)?;
    write!(stream, "HTTP/1.1 {code}\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi")
}

/// The server, ended when the test ends.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(folder: &str) -> Server {
        Server::start_at(folder, "127.0.0.1:0")
    }

    pub(crate) fn start_at(folder: &str, listen: &str) -> Server {
        Server::start_with(folder, listen, &[])
    }

    /// `references`: `--reference URL`, again and again.
    pub(crate) fn start_with(folder: &str, listen: &str, references: &[&str]) -> Server {
        let args = ["--store", "j.db", "--agreement", "a.toml", "--listen", listen];
        let more = ["--allow", "127.0.0.0/8", "--vantage", "here"];
        Server::spawn(folder, &[&args[..], &more, references].concat())
    }

    /// With just these arguments.
    pub(crate) fn spawn(folder: &str, args: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_uphold"))
            .arg("serve")
            .args(args)
            .current_dir(folder)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = lines.by_ref().map_while(Result::ok).find(|line| line.contains("uphold.ready")).unwrap();
        let address = ready.split("\"address\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        thread::spawn(move || lines.for_each(drop));
        Server { child, address }
    }

    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    pub(crate) fn stop(mut self) -> std::process::ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An agreement in force, and a wiki that is looked at each second.
pub(crate) fn watched_wiki(folder: &Folder, site: &Site) -> String {
    watched_at(folder, site.port)
}

pub(crate) fn watched_at(folder: &Folder, port: u16) -> String {
    watched_each(folder, port, 1)
}

/// Looked at so seldom.
pub(crate) fn watched_each(folder: &Folder, port: u16, every_s: u32) -> String {
    folder.file("a.toml", &lasting());
    let here = folder.path("");
    let ok = |args: &[&str]| uphold_in(&here, args).ok();
    for party in ["p", "c"] {
        ok(&["agreement", "keygen", party]);
    }
    ok(&["agreement", "sign", "a.toml", "--as", "provider", "--key", "p"]);
    ok(&["agreement", "sign", "a.toml", "--as", "client", "--key", "c"]);
    let keys = ["--provider", "p.pub", "--client", "c.pub", "--by", "anna"];
    ok(&[&["agreement", "activate", "a.toml", "--store", "j.db"][..], &keys].concat());
    folder.file("facts.jsonl", &facts(port, every_s));
    let who = ["--client", CLIENT, "--by", "anna", "--role", "manager"];
    ok(&[&["record", "facts.jsonl", "--store", "j.db", "--agreement", "a.toml"][..], &who].concat());
    here
}

#[test]
fn a_provider_signs_activates_records_invites_and_serves_and_a_failure_opens_an_incident() {
    let folder = Folder::new();
    folder.file("a.toml", &lasting());
    let here = folder.path("");
    let run = |args: &[&str]| uphold_in(&here, args);
    let ok = |args: &[&str]| run(args).ok();
    let agreement = "a.toml";
    let activate = [
        "agreement",
        "activate",
        agreement,
        "--store",
        "j.db",
        "--provider",
        "p.pub",
        "--client",
        "c.pub",
        "--by",
        "anna",
    ];
    ok(&["agreement", "keygen", "p"]);
    ok(&["agreement", "keygen", "c"]);
    let refused = run(&activate).refused(1);
    assert!(refused.contains("not in force"), "{refused}");
    ok(&["agreement", "sign", agreement, "--as", "provider", "--key", "p"]);
    ok(&["agreement", "sign", agreement, "--as", "client", "--key", "c"]);
    assert!(ok(&activate).contains("is in force"));
    assert!(ok(&activate).contains("was already in force"));

    let site = Site::new();
    folder.file("facts.jsonl", &facts(site.port, 1));
    ok(&[
        "record",
        "facts.jsonl",
        "--store",
        "j.db",
        "--agreement",
        agreement,
        "--client",
        CLIENT,
        "--by",
        "anna",
        "--role",
        "manager",
    ]);
    let invited =
        ok(&["people", "invite", "ann", "--store", "j.db", "--name", "Ann", "--role", "administrator"]);
    assert!(invited.contains("/welcome"), "{invited}");

    let server = Server::start(&here);
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    await_fact(&here, "\"outcome\":\"up\"");
    site.fails.store(true, Ordering::Relaxed);
    await_fact(&here, "\"outcome\":\"down\"");
    await_fact(&here, "\"channel\":\"monitoring\"");
    assert!(server.stop().success());
    assert!(ok(&["journal", "verify", "--store", "j.db"]).contains("sound"));
}

/// Looks into an export until a text is in it.
fn await_fact(folder: &str, text: &str) {
    for _ in 0..LOOKS {
        let run = uphold_in(folder, &["journal", "export", "--store", "j.db"]);
        if run.out.replace("\\\"", "\"").contains(text) {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("{text} never came");
}

const CLIENT: &str = "digital-editions";

/// An agreement whose term holds whatever day it is.
fn lasting() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/observed-history.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let asked = Command::new("date").args(["-u", "+%Y"]).output().unwrap();
    let year: u32 = String::from_utf8(asked.stdout).unwrap().trim().parse().unwrap();
    let dated = |line: &str| match line {
        line if line.starts_with("start ") => format!("start = {}-01-01T00:00:00Z", year - 9),
        line if line.starts_with("end ") => format!("end = {}-01-01T00:00:00Z", year + 9),
        line => line.to_owned(),
    };
    text.lines().map(dated).collect::<Vec<_>>().join("\n") + "\n"
}

fn facts(port: u16, every_s: u32) -> String {
    let url = format!("http://127.0.0.1:{port}/");
    let added = serde_json::json!({"event": "instance.added", "data": {
        "instance": "wiki", "name": "Wiki", "url": url, "environment": "production", "from": "2021-01-01T00:00:00Z"}});
    let check = serde_json::json!({"event": "check.defined", "data": {
        "instance": "wiki", "check": "http", "every_s": every_s, "url": url, "expect": [200], "timeout_ms": 500}});
    format!("{added}\n{check}\n")
}
