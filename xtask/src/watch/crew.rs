//! The processes: one `uphold serve`, and vantage points that joined it. All of them end with us.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::evidence::vantage_name;
use super::site::HEADER;
use super::{Plan, VANTAGES};
use crate::compare::{cpu_ticks, free_port, get, wait_for, write};
use crate::shell;

/// Facts of one act: `uphold record` takes no more.
const FACTS_AT_ONCE: usize = 60;
const CLIENT: &str = "digital-editions";
const ALLOW: [&str; 2] = ["--allow", "127.0.0.0/8"];

/// A control node, its vantage points, and the folder they live in.
pub(super) struct Crew {
    folder: PathBuf,
    program: PathBuf,
    port: u16,
    node: Option<Child>,
    vantages: [Option<Child>; VANTAGES],
}

impl Crew {
    /// An agreement in force, its instances with their checks, a node that serves it, and vantage points that look. `told`: whether
    /// the site is to know who asks.
    pub(super) fn set_up(
        name: &str,
        program: &Path,
        plan: &Plan,
        site: u16,
        told: bool,
    ) -> Result<Crew, String> {
        let folder = shell::root().join("target/watch").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let (program, port) = (program.to_owned(), free_port()?);
        let mut crew = Crew { folder, program, port, node: None, vantages: Default::default() };
        crew.agree()?;
        let facts: Vec<String> = (0..plan.checks).flat_map(|n| facts(n, site, plan.every_s, told)).collect();
        for some in facts.chunks(FACTS_AT_ONCE) {
            write(&crew.folder.join("facts.jsonl"), &some.join("\n"))?;
            let who = ["--agreement", "a.toml", "--client", CLIENT, "--by", "anna", "--role", "manager"];
            crew.output(&[&["record", "facts.jsonl", "--store", "j.db"], &who[..]].concat())?;
        }
        crew.start_node()?;
        (0..VANTAGES).try_for_each(|vantage| crew.join(vantage, told))?;
        Ok(crew)
    }

    /// The program, in the crew's folder.
    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    /// What the program prints.
    pub(super) fn output(&self, words: &[&str]) -> Result<String, String> {
        shell::output(self.command(words))
    }

    pub(super) fn start_node(&mut self) -> Result<(), String> {
        let listen = format!("127.0.0.1:{}", self.port);
        let words = ["serve", "--store", "j.db", "--agreement", "a.toml", "--no-looks", "--listen", &listen];
        let mut command = self.command(&words);
        command.stderr(self.log("node")?);
        self.node = Some(command.spawn().map_err(|error| error.to_string())?);
        wait_for(self.port)
    }

    /// Without a word of warning.
    pub(super) fn kill_node(&mut self) {
        end(self.node.take(), "-KILL");
    }

    pub(super) fn start_vantage(&mut self, vantage: usize) -> Result<(), String> {
        self.vantage(vantage, &[])
    }

    pub(super) fn kill_vantage(&mut self, vantage: usize) {
        end(self.vantages[vantage].take(), "-KILL");
    }

    /// Asks everybody to stop, those who look first, and waits until they have.
    pub(super) fn stop(&mut self) {
        self.vantages.iter_mut().for_each(|vantage| end(vantage.take(), "-TERM"));
        end(self.node.take(), "-TERM");
    }

    /// Ticks of processor that node and vantage points have used, and the most memory that each has had, in kB.
    pub(super) fn cost(&self) -> Result<Vec<(String, u64, u64)>, String> {
        let vantages = self.vantages.iter().enumerate().map(|(index, child)| (vantage_name(index), child));
        let all = std::iter::once(("node".to_owned(), &self.node)).chain(vantages);
        let running = all.filter_map(|(name, child)| Some((name, child.as_ref()?.id())));
        running.map(|(name, pid)| Ok((name, cpu_ticks(pid)?, peak_kb(pid)?))).collect()
    }

    /// Figures that the node tells its operator, all of one moment; none where it does not tell one.
    pub(super) fn metrics<const N: usize>(&self, names: [&str; N]) -> Result<[Option<u64>; N], String> {
        let text = get(self.port, "/metrics")?;
        Ok(names.map(|name| {
            text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
        }))
    }

    /// Both parties sign, and it is in force.
    fn agree(&self) -> Result<(), String> {
        let path = shell::root().join("agreements/observed-history.toml");
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let dated = |line: &str| match line {
            line if line.starts_with("start ") => "start = 2021-01-01T00:00:00Z".to_owned(),
            line if line.starts_with("end ") => "end = 2041-01-01T00:00:00Z".to_owned(),
            line => line.to_owned(),
        };
        let text: Vec<String> = text.lines().map(dated).collect();
        write(&self.folder.join("a.toml"), &(text.join("\n") + "\n"))?;
        for (party, key) in [("provider", "p"), ("client", "c")] {
            self.output(&["agreement", "keygen", key])?;
            self.output(&["agreement", "sign", "a.toml", "--as", party, "--key", key])?;
        }
        let keys = ["--provider", "p.pub", "--client", "c.pub", "--by", "anna"];
        self.output(&[&["agreement", "activate", "a.toml", "--store", "j.db"], &keys[..]].concat()).map(drop)
    }

    fn join(&mut self, vantage: usize, told: bool) -> Result<(), String> {
        let (name, control) = (vantage_name(vantage), format!("http://127.0.0.1:{}", self.port));
        if told {
            self.give_secret(vantage)?;
        }
        let invited = self.output(&["vantage", "invite", &name, "--store", "j.db", "--control", &control])?;
        let token = invited.split("--join ").nth(1).and_then(|rest| rest.split(' ').next());
        let token = token.ok_or_else(|| format!("no token in: {invited}"))?;
        self.vantage(vantage, &[&["--join", token, "--control", &control], &ALLOW[..]].concat())
    }

    fn vantage(&mut self, vantage: usize, words: &[&str]) -> Result<(), String> {
        let name = vantage_name(vantage);
        let mut command = self.command(&[&["probe", "--until-stdin-ends", "--home", &name], words].concat());
        command.stdin(Stdio::piped()).stderr(self.log(&name)?);
        self.vantages[vantage] = Some(command.spawn().map_err(|error| error.to_string())?);
        Ok(())
    }

    /// What the vantage point fills into the header that says who asks.
    fn give_secret(&self, vantage: usize) -> Result<(), String> {
        let home = self.folder.join(vantage_name(vantage));
        let path = home.join("secrets.json");
        let secret = format!(
            r#"[{{"name":"from","client":"{CLIENT}","hosts":["127.0.0.1"],"value":"{vantage}","clear":true}}]"#
        );
        let made = fs::DirBuilder::new().mode(0o700).create(&home);
        let opened = made.and_then(|()| {
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true).mode(0o600).open(&path)
        });
        opened
            .and_then(|mut file| file.write_all(secret.as_bytes()))
            .map_err(|error| format!("{}: {error}", path.display()))
    }

    fn log(&self, name: &str) -> Result<File, String> {
        let path = self.folder.join(format!("{name}.log"));
        let opened = fs::OpenOptions::new().create(true).append(true).open(&path);
        opened.map_err(|error| format!("{}: {error}", path.display()))
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.vantages.iter_mut().for_each(|vantage| end(vantage.take(), "-KILL"));
        self.kill_node();
    }
}

fn end(child: Option<Child>, signal: &str) {
    let Some(mut child) = child else { return };
    let _ = Command::new("kill").args([signal, &child.id().to_string()]).status();
    let _ = child.wait();
}

/// The most memory that a process has had (proc(5): `VmHWM`).
fn peak_kb(pid: u32) -> Result<u64, String> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| format!("{path}: no VmHWM"))
}

/// An instance and its check.
fn facts(number: u32, port: u16, every_s: u64, told: bool) -> [String; 2] {
    let url = format!("http://127.0.0.1:{port}/{number}");
    let who = if told {
        format!(r#","headers":[{{"name":"{HEADER}","value":"{{{{secret:from}}}}"}}]"#)
    } else {
        String::new()
    };
    let timeout_ms = (every_s * 1_000).min(10_000);
    let of = format!(r#""instance":"web-{number}","url":"{url}""#);
    let since = r#""environment":"production","from":"2021-01-01T00:00:00Z""#;
    let asked =
        format!(r#""instance":"web-{number}","check":"home","every_s":{every_s},"timeout_ms":{timeout_ms}"#);
    let what = format!(r#""what":{{"http":{{"url":"{url}"{who}}}}}"#);
    [
        format!(r#"{{"event":"instance.added","data":{{{of},"name":"Web {number}",{since}}}}}"#),
        format!(r#"{{"event":"check.defined","data":{{{asked},{what}}}}}"#),
    ]
}

/// A moment for what was started to find its rhythm.
pub(super) fn settle(seconds: u64) {
    thread::sleep(Duration::from_secs(seconds));
}
