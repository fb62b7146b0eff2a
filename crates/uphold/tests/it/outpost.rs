//! A vantage point as a process of its own: it joins, is killed, loses the server for a while, and nothing it kept is lost.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{
    folder::Folder,
    run::uphold_in,
    serve::{Server, Site, watched_at, watched_each, watched_wiki},
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
    each_seen_from("ams-1", folder, field)
}

fn each_seen_from(vantage: &str, folder: &str, field: &str) -> Vec<String> {
    let export = uphold_in(folder, &["journal", "export", "--store", "j.db"]).ok();
    let mut fields = Vec::new();
    for line in export.lines().filter(|line| line.contains("check.observed")) {
        let line = line.replace("\\\"", "\"");
        let Some(seen) = line.split(&format!("\"vantage\":\"{vantage}\"")).nth(1) else { continue };
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

/// Each place looks twice a minute. The service falls; whoever sees it first, the other has looked within seconds, and not at its turn.
#[test]
fn a_first_failure_is_confirmed_from_a_second_place_within_seconds() {
    let (folder, site) = (Folder::new(), Site::new());
    let here = watched_each(&folder, site.port, 30);
    let server = Server::start(&here);
    let control = format!("http://{}", server.address);
    let invited = uphold_in(&here, &["vantage", "invite", "ams-1", "--store", "j.db", "--control", &control]);
    let invited = invited.ok();
    let token = invited.split("--join ").nth(1).unwrap().split(' ').next().unwrap();
    let join = ["--join", token, "--control", &control, "--allow", "127.0.0.0/8"];
    let outpost = Outpost::start(&here, &join, &Names::default());
    let places = ["here", "ams-1"];
    let outcomes = |place: &str| each_seen_from(place, &here, "outcome");
    until("a good answer in both places", || places.iter().all(|place| !outcomes(place).is_empty()));
    site.fails.store(true, Ordering::Relaxed);
    let failed = |place: &str| outcomes(place).contains(&"down".to_owned());
    until("a failure in one place", || places.iter().any(|place| failed(place)));
    for _ in 0..40 {
        thread::sleep(Duration::from_millis(100));
        if places.iter().all(|place| failed(place)) {
            break;
        }
    }
    assert!(places.iter().all(|place| failed(place)), "within four seconds in both places");
    let turns: Vec<String> = places.iter().flat_map(|place| each_seen_from(place, &here, "turn")).collect();
    assert_eq!(turns, ["confirm"]);
    assert_eq!(outpost.signal("-TERM"), Some(0));
    assert!(server.stop().success());
}

/// What answers on the far side of a line that can be cut: then nothing listens there any more.
struct Far {
    port: u16,
    is_cut: Arc<AtomicBool>,
    answering: Option<thread::JoinHandle<()>>,
}

impl Far {
    fn on(port: u16) -> Far {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let (port, is_cut) = (listener.local_addr().unwrap().port(), Arc::new(AtomicBool::new(false)));
        listener.set_nonblocking(true).unwrap();
        let told = Arc::clone(&is_cut);
        let answering = thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((mut stream, _)) => {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
                    }
                    Err(_) => thread::sleep(Duration::from_millis(5)),
                }
            }
        });
        Far { port, is_cut, answering: Some(answering) }
    }

    /// Returns once nothing listens there.
    fn cut(mut self) -> u16 {
        self.is_cut.store(true, Ordering::Relaxed);
        self.answering.take().unwrap().join().unwrap();
        self.port
    }
}

/// Rule 4: the service and the reference points stop answering at once, as they do for whoever is cut off itself.
#[test]
fn rule_4_two_probers_that_are_cut_off_say_nothing_and_nothing_is_held_against_the_service() {
    let folder = Folder::new();
    let far: Vec<Far> = (0..4).map(|_| Far::on(0)).collect();
    let here = watched_at(&folder, far[0].port);
    let points: Vec<String> = far[1..].iter().map(|far| format!("tcp://127.0.0.1:{}", far.port)).collect();
    let references: Vec<&str> = points.iter().flat_map(|point| ["--reference", point]).collect();
    let server = Server::start_with(&here, "127.0.0.1:0", &references);
    let control = format!("http://{}", server.address);
    let invited = uphold_in(&here, &["vantage", "invite", "ams-1", "--store", "j.db", "--control", &control]);
    let invited = invited.ok();
    let token = invited.split("--join ").nth(1).unwrap().split(' ').next().unwrap();
    let join = ["--join", token, "--control", &control, "--allow", "127.0.0.0/8"];
    let outpost = Outpost::start(&here, &join, &Names::default());

    let count = |vantage: &str, outcome: &str| {
        let outcomes = each_seen_from(vantage, &here, "outcome");
        outcomes.iter().filter(|found| *found == outcome).count()
    };
    let both = |outcome: &str, least: usize| ["here", "ams-1"].iter().all(|v| count(v, outcome) >= least);
    until("good answers in both places", || both("up", 2));
    let ports: Vec<u16> = far.into_iter().map(Far::cut).collect();
    until("looks that say nothing in both places", || both("void", 5));
    let before = count("ams-1", "up").max(count("here", "up"));
    let _far: Vec<Far> = ports.into_iter().map(Far::on).collect();
    until("good answers once the line is mended", || both("up", before + 2));
    assert_eq!(outpost.signal("-TERM"), Some(0));
    assert!(server.stop().success());

    assert_eq!((count("here", "down"), count("ams-1", "down")), (0, 0));
    let export = uphold_in(&here, &["journal", "export", "--store", "j.db"]).ok().replace("\\\"", "\"");
    assert!(!export.contains("\"channel\":\"monitoring\""), "an incident was opened");
    let month = seen(&here).last().unwrap()[..7].to_owned();
    let asked = ["statement", "--store", "j.db", "--agreement", "a.toml"];
    let asked = [&asked[..], &["--month", &month, "--preview", "--format", "json"]].concat();
    let statement = uphold_in(&here, &asked).ok();
    let statement: serde_json::Value = serde_json::from_str(&statement).unwrap();
    let wiki = &statement["statement"]["instances"][0];
    assert_eq!((wiki["counted"].as_u64(), wiki["down"].as_str()), (Some(0), Some("0m")), "{wiki}");
    assert_eq!(wiki["runs"].as_array().map(Vec::len), Some(0), "{wiki}");
    assert!(wiki["unknown_spans"].as_array().unwrap().len() > 1, "the cut is unknown time: {wiki}");
}
