//! Schemathesis against a running demo: what `docs/openapi.json` says of each operation is what is answered, whatever is sent. It writes
//! the requests itself, from the document; our own tests send only what somebody thought of. It is no part of the gate: what it sends, and
//! whether it gets through, is a matter of its version too.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde::Deserialize;

use crate::compare::free_port;
use crate::outcome::Outcome;
use crate::shell;

/// The version that is installed, with what it needs, from PyPI.
const VERSION: &str = "4.32.5";
/// No 5xx, no status, type or shape that the document does not declare, no authentication that is not asked for.
const CHECKS: &str = "not_a_server_error,status_code_conformance,ignored_auth,content_type_conformance,\
    response_schema_conformance";
/// Who asks: of all people of the demo the one who may do most about requests.
const ASKER: &str = "ines";
/// Below what one address may ask in a minute, so that answers are of the operation and not of the limit.
const RATE: &str = "25/s";
/// The same requests each time.
const SEED: &str = "1";

/// Five minutes: every field at its edges, missing, doubled and of another type, in some 6,600 requests.
pub(crate) fn check() -> Outcome {
    let Some(tool) = tool() else {
        return Outcome::not_run("no schemathesis", "PyPI and `apt-get install python3-venv`");
    };
    if !shell::cargo(&["build", "--workspace", "--bin", "uphold", "--locked"])
        .status()
        .is_ok_and(|status| status.success())
    {
        return Outcome::failed("uphold does not build");
    }
    match Demo::start() {
        Err(why) => Outcome::failed(why),
        Ok(demo) => shell::pass_or_fail(demo.asked_by(tool), "every answer is as the document says"),
    }
}

/// A demo that runs, on a journal of its own. It ends with us.
struct Demo {
    process: Child,
    told: Told,
}

/// What a demo says first, as JSON.
#[derive(Deserialize)]
struct Told {
    openapi: String,
    people: Vec<Asker>,
}

#[derive(Deserialize)]
struct Asker {
    name: String,
    token: String,
}

impl Demo {
    fn start() -> Result<Demo, String> {
        let mut command = Command::new(shell::root().join("target/debug/uphold"));
        command.args(["demo", "--json", "--listen", &format!("127.0.0.1:{}", free_port()?)]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(|error| error.to_string())?;
        let mut line = String::new();
        let said = process.stdout.take().ok_or("the demo says nothing")?;
        let read = BufReader::new(said).read_line(&mut line).map_err(|error| error.to_string());
        let told = read.and_then(|_| serde_json::from_str(&line).map_err(|error| format!("{error}: {line}")));
        match told {
            Ok(told) => Ok(Demo { process, told }),
            Err(why) => {
                let _ = process.kill();
                Err(format!("the demo does not start: {why}"))
            }
        }
    }

    fn asked_by(&self, tool: PathBuf) -> Command {
        let asker = self.told.people.iter().find(|person| person.name == ASKER);
        let token = asker.map_or("", |asker| asker.token.as_str());
        let mut command = Command::new(tool);
        command.arg("run").arg(&self.told.openapi);
        command.args(["--header", &format!("Authorization: Bearer {token}"), "--checks", CHECKS]);
        command.args(["--phases", "examples,coverage", "--rate-limit", RATE, "--seed", SEED]);
        // One worker: with four its own generator of strings failed once in five runs, by a race.
        command.args(["--workers", "1", "--request-timeout", "60", "--wait-for-schema", "30", "--no-color"]);
        command.current_dir(shell::tools());
        command
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Asked, it takes its folder away.
        if !shell::works("kill", &["-TERM", &self.process.id().to_string()]) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// Ours under `target/tools`, installed now where it is missing and may be.
fn tool() -> Option<PathBuf> {
    let folder = shell::tools().join(format!("schemathesis-{VERSION}"));
    let tool = folder.join("bin/schemathesis");
    if !tool.exists() {
        println!("schemathesis is missing: installing {VERSION} into {}", folder.display());
        if !makes_room(&folder) {
            shell::as_root("Python's venv", "apt-get update -q; apt-get install -y -q python3-venv");
            makes_room(&folder);
        }
        let mut pip = Command::new(folder.join("bin/pip"));
        let _ = pip.args(["install", "--quiet", &format!("schemathesis=={VERSION}")]).status();
    }
    tool.exists().then_some(tool)
}

fn makes_room(folder: &std::path::Path) -> bool {
    let folder = folder.display().to_string();
    shell::works("python3", &["-m", "venv", "--clear", &folder])
}
