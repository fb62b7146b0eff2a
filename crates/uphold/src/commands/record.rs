//! `uphold record`: facts that people write down, checked by what is on record and by the agreement, and stored as one act.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use control::live::{Act, NotDone};
use facts::{Actor, Body, ClientId};
use spans::Instant;

use super::at_hand::AtHand;
use crate::{files, output::Output, trouble::Trouble, wall};

/// The longest file that is read.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

#[derive(Args)]
pub(crate) struct RecordCommand {
    /// One JSON object a line: `{"event": "instance.added", "data": {…}}`; `-` for standard input. `uphold facts reference` lists
    /// the events and their fields. What was seen is not written down: it comes from vantage points and imports.
    file: PathBuf,
    #[command(flatten)]
    at_hand: AtHand,
    /// Whose facts they are.
    #[arg(long)]
    client: ClientId,
    /// Who says so.
    #[arg(long = "by", value_name = "NAME")]
    by: String,
    /// For which party.
    #[arg(long, default_value = "provider")]
    side: Party,
    /// A role they hold, in the agreement's words; say it once for each.
    #[arg(long = "role")]
    roles: Vec<String>,
    /// When it happened, not later than now; now when left out.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Instant>,
    /// Take upon yourself what the agreement lets a person confirm.
    #[arg(long)]
    confirm: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Party {
    Provider,
    Client,
}

impl RecordCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let lines = bodies(&files::read_text(&self.file, BYTES_MAX)?, &self.file)?;
        let control = self.at_hand.open()?;
        let person = match self.side {
            Party::Provider => Actor::provider(&self.by),
            Party::Client => Actor::client(&self.by),
        };
        let actor = Actor { roles: self.roles.clone(), ..person };
        let (numbers, bodies): (Vec<usize>, Vec<Body>) = lines.into_iter().unzip();
        let count = bodies.len();
        let act = Act {
            client: self.client.clone(),
            actor,
            at: self.at,
            bodies,
            text: None,
            key: None,
            confirmed: self.confirm,
            recall: Vec::new(),
            file: None,
            logo: None,
        };
        let done = control.act_fitting(act, &numbers, wall::now()).map_err(|why| self.refused(why))?;
        let (first, last) = (done.first_seq, done.last_seq);
        Ok(writeln!(out, "{count} recorded for client {}: entries {first} to {last}", self.client)?)
    }

    /// Every line that would be passed over is told, with the file it stands in.
    fn refused(&self, why: NotDone) -> Trouble {
        let NotDone::Unfit(found) = why else { return why.into() };
        let file = self.file.display();
        problems(found.iter().map(|misfit| format!("{file}:{}: {}", misfit.line, misfit.problem)))
    }
}

fn problems(found: impl Iterator<Item = String>) -> Trouble {
    let found: Vec<String> = found.collect();
    Trouble::failed(format_args!("{}\nnothing was recorded", found.join("\n")))
}

/// Each line that is not empty, from 1, as what happened.
fn bodies(text: &str, path: &Path) -> Result<Vec<(usize, Body)>, Trouble> {
    let (mut bodies, mut unread) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line).map_err(|error| error.to_string()).and_then(said) {
            Ok(body) => bodies.push((index + 1, body)),
            Err(why) => unread.push(format!("{}:{}: {why}", path.display(), index + 1)),
        }
    }
    if !unread.is_empty() {
        return Err(problems(unread.into_iter()));
    }
    if bodies.is_empty() {
        return Err(Trouble::failed(format_args!("{} holds no fact: nothing was recorded", path.display())));
    }
    Ok(bodies)
}

/// What people say. What was seen is not for them to say: it decides minutes and money, and nobody has signed it.
fn said(body: Body) -> Result<Body, String> {
    match body {
        Body::CheckObserved(_) => {
            Err("observations come from vantage points (`uphold probe`) and from imports \
             (`uphold import`), and are not written down"
                .to_owned())
        }
        body => Ok(body),
    }
}
