//! `uphold record`: facts that people write down, checked by what is on record and by the agreement, and stored as one act.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};
use control::live::{Act, Book, Control, Shelf};
use facts::{Actor, Body, ClientId, Fact, FactId};
use journal::{Journal, Location};
use promise::{
    Versions,
    fit::{Misfit, misfits},
};
use spans::{Instant, Length};

use super::serve::paper;
use crate::{files, output::Output, service, trouble::Trouble, wall};

/// The longest file that is read.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

#[derive(Args)]
pub(crate) struct RecordCommand {
    /// One JSON object a line: `{"event": "instance.added", "data": {…}}`; `-` for standard input. `uphold facts reference` lists
    /// the events and their fields.
    file: PathBuf,
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
    /// The agreement files of the client; say it once for each.
    #[arg(
        long = "agreement",
        value_name = "FILE",
        env = "UPHOLD_AGREEMENTS",
        value_delimiter = ',',
        required = true
    )]
    agreements: Vec<PathBuf>,
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
        let papers = self.agreements.iter().map(|path| paper(path)).collect::<Result<Vec<_>, _>>()?;
        let journal = Arc::new(Journal::open_existing(&self.store)?);
        let control = Control::open(journal, Shelf::new(papers), service::random()?, wall::now())?;
        let person = match self.side {
            Party::Provider => Actor::provider(&self.by),
            Party::Client => Actor::client(&self.by),
        };
        let actor = Actor { roles: self.roles, ..person };
        let (now, count) = (wall::now(), lines.len());
        let told = drafts(&self.client, &actor, self.at.unwrap_or(now), &lines);
        let found = control.read(&self.client, now, |book| misfitting(book, control.shelf(), &told))?;
        refuse(&self.file, found.unwrap_or_default())?;
        let act = Act {
            client: self.client.clone(),
            actor,
            at: self.at,
            bodies: lines.into_iter().map(|(_, body)| body).collect(),
            text: None,
            key: None,
            confirmed: self.confirm,
        };
        let done = control.act(act, now)?;
        let (first, last) = (done.first_seq, done.last_seq);
        Ok(writeln!(out, "{count} recorded for client {}: entries {first} to {last}", self.client)?)
    }
}

/// Each line's fact as it would stand on record, for the rules to look at.
fn drafts(client: &ClientId, actor: &Actor, at: Instant, lines: &[(usize, Body)]) -> Vec<(usize, Fact)> {
    let mut recorded_at = wall::now();
    let mut drafts = Vec::new();
    for (number, (line, body)) in (0_u64..).zip(lines) {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&number.to_be_bytes());
        let (id, body) = (FactId::v7(recorded_at, random), body.clone());
        let fact = Fact { id, client: client.clone(), at, recorded_at, actor: actor.clone(), body };
        drafts.push((*line, fact));
        recorded_at += Length::from_micros(1);
    }
    drafts
}

/// The lines that would be passed over beside what the journal holds; none where no version is there to judge them, which the
/// act itself is refused for.
fn misfitting(book: &Book, shelf: &Shelf, told: &[(usize, Fact)]) -> Vec<Misfit> {
    let first = || {
        let terms = shelf.of(book.client()).map(|paper| paper.terms.clone());
        Versions::activated(terms, told.iter().map(|(_, fact)| fact)).map(Arc::new)
    };
    let Some(versions) = book.versions().cloned().or_else(first) else { return Vec::new() };
    let on_record = book.facts().iter().chain(book.tickets().flat_map(|(_, facts)| facts));
    misfits(&versions, on_record, told.iter().map(|(line, fact)| (*line, fact)))
}

/// Says every line that does not fit, where there is one.
fn refuse(path: &Path, found: Vec<Misfit>) -> Result<(), Trouble> {
    nothing_recorded(
        found.iter().map(|misfit| format!("{}:{}: {}", path.display(), misfit.line, misfit.problem)),
    )
}

fn nothing_recorded(problems: impl Iterator<Item = String>) -> Result<(), Trouble> {
    let problems: Vec<String> = problems.collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Trouble::failed(format_args!("{}\nnothing was recorded", problems.join("\n"))))
}

/// Each line that is not empty, from 1, as what happened.
fn bodies(text: &str, path: &Path) -> Result<Vec<(usize, Body)>, Trouble> {
    let (mut bodies, mut problems) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(body) => bodies.push((index + 1, body)),
            Err(error) => problems.push(format!("{}:{}: {error}", path.display(), index + 1)),
        }
    }
    nothing_recorded(problems.into_iter())?;
    if bodies.is_empty() {
        return Err(Trouble::failed(format_args!("{} holds no fact: nothing was recorded", path.display())));
    }
    Ok(bodies)
}
