//! A vantage point as a process of its own: it joins, is killed, loses the server for a while, and nothing it kept is lost.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use crate::{
    folder::Folder,
    run::uphold_in,
    serve::{Server, Site, watched_wiki},
};

/// How often something that must come is looked for, a tenth of a second apart.
const LOOKS: u32 = 600;

/// Messages; or `watch/VANTAGE/BOOT/NUMBER`, the names of reports in the journal.
type Names = Arc<Mutex<BTreeSet<String>>>;

/// The vantage point, ended when the test ends. What it says it kept with looks in it is collected.
struct Outpost {
    child: Child,
    said: Names,
}

impl Outpost {
    fn start(folder: &str, join: &[&str], kept: &Names) -> Outpost {
        let mut child = Command::new(env!("CARGO_BIN_EXE_uphold"))
            .args(["probe", "--home", "outpost"])
            .args(join)
            .env("UPHOLD_LOG", "debug")
            .current_dir(folder)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (said_at_all, kept) = (Names::default(), Arc::clone(kept));
        let noted = Arc::clone(&said_at_all);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let said: serde_json::Value = serde_json::from_str(&line).unwrap();
                let said = &said["fields"];
                let message = said["message"].as_str().unwrap_or_default();
                noted.lock().unwrap().insert(message.to_owned());
                if message == "report.kept" && said["looks"].as_u64() > Some(0) {
                    let (boot, number) = (said["boot"].as_str().unwrap(), &said["sequence"]);
                    kept.lock().unwrap().insert(format!("watch/ams-1/{boot}/{number}"));
                }
            }
        });
        Outpost { child, said: said_at_all }
    }

    /// Whether it has logged this.
    fn has_said(&self, message: &str) -> bool {
        self.said.lock().unwrap().contains(message)
    }

    fn signal(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Outpost {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn until(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..LOOKS {
        if is() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("{what}: it never came to that");
}

/// The names of the reports that the journal holds.
fn stored(folder: &str) -> BTreeSet<String> {
    let db = rusqlite::Connection::open(format!("{folder}/j.db")).unwrap();
    let mut names =
        db.prepare("SELECT append_key FROM receipt WHERE append_key LIKE 'watch/ams-1/%'").unwrap();
    names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The instants of what it saw, as the export tells them.
fn seen(folder: &str) -> Vec<String> {
    each_seen(folder, "at")
}

/// This field of each of its looks.
fn each_seen(folder: &str, field: &str) -> Vec<String> {
    let export = uphold_in(folder, &["journal", "export", "--store", "j.db"]).ok();
    let mut fields = Vec::new();
    for line in export.lines().filter(|line| line.contains("check.observed")) {
        let line = line.replace("\\\"", "\"");
        let Some(seen) = line.split("\"vantage\":\"ams-1\"").nth(1) else { continue };
        let field = format!("\"{field}\":\"");
        fields.extend(seen.split(&field).skip(1).map(|at| at.split('"').next().unwrap().to_owned()));
    }
    fields
}

#[test]
fn a_killed_vantage_point_and_a_server_that_was_away_lose_nothing() {
    let (folder, site) = (Folder::new(), Site::new());
    let here = watched_wiki(&folder, &site);
    let server = Server::start(&here);
    let address = server.address.clone();
    let control = format!("http://{address}");
    let invited = uphold_in(&here, &["vantage", "invite", "ams-1", "--store", "j.db", "--control", &control]);
    let invited = invited.ok();
    let token = invited.split("--join ").nth(1).unwrap().split(' ').next().unwrap();

    let kept = Names::default();
    let count = || kept.lock().unwrap().len();
    let join = ["--join", token, "--control", &control, "--allow", "127.0.0.0/8"];
    let first = Outpost::start(&here, &join, &kept);
    until("the first reports", || !stored(&here).is_empty());
    assert_eq!(first.signal("-KILL"), None);
    let before = count();
    let second = Outpost::start(&here, &[], &kept);
    until("reports after a kill", || count() > before + 1);

    assert!(server.stop().success());
    let before = count();
    until("a lost server is noticed", || second.has_said("control.lost"));
    until("reports while the server is away", || count() > before + 2);
    let server = Server::start_at(&here, &address);
    let at_return = kept.lock().unwrap().clone();
    until("all that was kept arrives", || at_return.is_subset(&stored(&here)));
    let metrics = server.get("/metrics");
    assert!(metrics.contains("uphold_vantage_reports_total{vantage=\"ams-1\"}"), "{metrics}");
    let listed = uphold_in(&here, &["vantage", "list", "--store", "j.db"]).ok();
    assert!(listed.contains("ams-1") && listed.contains("heard"), "{listed}");

    assert_eq!(second.signal("-TERM"), Some(0));
    let third = Outpost::start(&here, &[], &kept);
    let at_end = kept.lock().unwrap().clone();
    until("a third start", || third.has_said("probe.watching"));
    until("what was kept at the end arrives", || at_end.is_subset(&stored(&here)));
    assert_eq!(third.signal("-TERM"), Some(0));
    assert!(server.stop().success());
    let instants = seen(&here);
    let distinct: BTreeSet<&String> = instants.iter().collect();
    assert!(instants.len() >= at_end.len(), "{} instants, {} reports", instants.len(), at_end.len());
    assert_eq!(distinct.len(), instants.len(), "nothing is there twice");
    let outcomes: BTreeSet<String> = each_seen(&here, "outcome").into_iter().collect();
    assert_eq!(outcomes, BTreeSet::from(["up".to_owned()]), "what was allowed at the join stays allowed");
    let again = ["probe", "--home", "outpost", "--join", token, "--control", &control];
    assert!(uphold_in(&here, &again).err.contains("joined already"));
}
