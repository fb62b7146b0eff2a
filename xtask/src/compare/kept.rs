//! What a look costs when it is kept: asked by `uphold serve`, recorded durably in a journal on SQLite, and evaluated.
//!
//! The server is set up as a provider does it: an agreement that both parties signed comes into force, five hundred instances with a
//! check each are recorded, and the server watches them with its own vantage point. Nobody opens a page meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{Cost, TICKS, cpu_ticks, free_port, get, rss_kb, start, wait_for, write};
use crate::shell;

/// Instances, each with one check.
const INSTANCES: u64 = 500;
/// Facts of one act: `uphold record` takes no more.
const FACTS_AT_ONCE: usize = 60;
/// Until every check has its rhythm.
const SETTLE: Duration = Duration::from_secs(6);

/// A server with what it watches, in a folder of its own; ended when dropped.
pub(super) struct Kept {
    folder: PathBuf,
    server: Child,
}

impl Kept {
    /// Watches `url` from 500 instances, each every so many seconds. `root`: the certificate to trust.
    pub(super) fn watching(url: &str, every_s: u64, folder: &Path, root: &Path) -> Result<Kept, String> {
        let folder = folder.to_owned();
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        agree(&folder)?;
        let facts: Vec<String> = (0..INSTANCES).flat_map(|index| facts(index, url, every_s)).collect();
        for some in facts.chunks(FACTS_AT_ONCE) {
            write(&folder.join("facts.jsonl"), &some.join("\n"))?;
            let client = ["--agreement", "a.toml", "--client", "digital-editions", "--by", "anna"];
            uphold(
                &folder,
                &[&["record", "facts.jsonl", "--store", "j.db", "--role", "manager"], &client[..]],
            )?;
        }
        let port = free_port()?;
        let listen = format!("127.0.0.1:{port}");
        let mut command = Command::new(program());
        command.args(["serve", "--store", "j.db", "--agreement", "a.toml", "--listen", &listen]);
        command.args(["--allow", "127.0.0.0/8"]).env("SSL_CERT_FILE", root).current_dir(&folder);
        let server = start({
            command.stdin(Stdio::null()).stderr(Stdio::null());
            command
        })?;
        let kept = Kept { folder, server };
        wait_for(port)?;
        thread::sleep(SETTLE);
        Ok(kept)
    }

    /// What `seconds` of it cost. Looks are counted by nginx, which serves `counter`.
    pub(super) fn cost(mut self, seconds: u64, counter: u16) -> Result<Cost, String> {
        let pid = self.server.id();
        let (before, asked) = (cpu_ticks(pid)?, requests(counter)?);
        thread::sleep(Duration::from_secs(seconds));
        let (ticks, looks) = (cpu_ticks(pid)? - before, requests(counter)? - asked - 1);
        let rss_kb = rss_kb(pid)?;
        let _ = Command::new("kill").args(["-TERM", &pid.to_string()]).status();
        self.server.wait().map_err(|error| error.to_string())?;
        let [good, other] = self.recorded()?;
        let note = format!("{good} good and {other} other results in the journal");
        Ok(Cost { looks, good: looks, cpu_ms: ticks * 1_000 / TICKS, rss_kb, note })
    }

    /// Results in the journal: good ones, and others.
    fn recorded(&self) -> Result<[u64; 2], String> {
        let export =
            uphold(&self.folder, &[&["journal", "export", "--store", "j.db"]])?.replace("\\\"", "\"");
        let count = |text: &str| export.matches(text).count() as u64;
        let good = count("\"outcome\":\"up\"");
        Ok([good, count("\"outcome\":\"") - good])
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// An agreement that is in force for a long while.
fn agree(folder: &Path) -> Result<(), String> {
    let path = shell::root().join("agreements/observed-history.toml");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let dated = |line: &str| match line {
        line if line.starts_with("start ") => "start = 2021-01-01T00:00:00Z".to_owned(),
        line if line.starts_with("end ") => "end = 2041-01-01T00:00:00Z".to_owned(),
        line => line.to_owned(),
    };
    let text: Vec<String> = text.lines().map(dated).collect();
    write(&folder.join("a.toml"), &(text.join("\n") + "\n"))?;
    for (party, key) in [("provider", "p"), ("client", "c")] {
        uphold(folder, &[&["agreement", "keygen", key]])?;
        uphold(folder, &[&["agreement", "sign", "a.toml", "--as", party, "--key", key]])?;
    }
    let keys = ["--provider", "p.pub", "--client", "c.pub", "--by", "anna"];
    uphold(folder, &[&["agreement", "activate", "a.toml", "--store", "j.db"], &keys[..]]).map(drop)
}

/// An instance and its check.
fn facts(index: u64, url: &str, every_s: u64) -> [String; 2] {
    let timeout_ms = (every_s * 1_000).min(10_000);
    let of = format!(r#""instance": "web-{index}", "url": "{url}/""#);
    let since = r#""environment": "production", "from": "2021-01-01T00:00:00Z""#;
    let asked = format!(r#""check": "home", "every_s": {every_s}, "timeout_ms": {timeout_ms}"#);
    [
        format!(r#"{{"event": "instance.added", "data": {{{of}, "name": "Web {index}", {since}}}}}"#),
        format!(r#"{{"event": "check.defined", "data": {{{of}, {asked}}}}}"#),
    ]
}

/// Runs the program in that folder; what it prints.
fn uphold(folder: &Path, words: &[&[&str]]) -> Result<String, String> {
    let mut command = Command::new(program());
    command.args(words.concat()).current_dir(folder);
    shell::output(command)
}

fn program() -> PathBuf {
    shell::root().join("target/release/uphold")
}

/// How many requests nginx has answered so far, this one included (stub_status, the third line's third number).
fn requests(counter: u16) -> Result<u64, String> {
    let answer = get(counter, "/")?;
    let numbers = answer.lines().skip_while(|line| !line.starts_with("server accepts")).nth(1);
    let requests = numbers.and_then(|line| line.split_whitespace().nth(2)?.parse().ok());
    requests.ok_or_else(|| format!("nginx does not count: {answer}"))
}
