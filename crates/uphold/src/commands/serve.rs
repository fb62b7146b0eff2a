//! `uphold serve`: the live service. Settings come from a file, the environment and the command line; the later word counts.

use std::path::PathBuf;

use clap::Args;
use control::live::Paper;
use probe::Cidr;
use serde::Deserialize;
use wire::{Family, Http, Icmp, REFERENCES_MAX, Reference, Tcp, What};

use super::agreement::Loaded;
use crate::{
    files,
    output::Output,
    progress,
    service::{Service, Settings},
    trouble::Trouble,
};

/// Where it listens unless told.
pub(crate) const LISTEN: &str = "127.0.0.1:7430";
/// The longest settings file.
const BYTES_MAX: u64 = 256 * 1024;
/// How long a reference point may take, in milliseconds.
const REFERENCE_TIMEOUT_MS: u32 = 2_000;

#[derive(Args)]
pub(crate) struct ServeCommand {
    /// A settings file (TOML); the command line and UPHOLD_… in the environment count above it.
    #[arg(long, value_name = "FILE", env = "UPHOLD_CONFIG")]
    config: Option<PathBuf>,
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Option<String>,
    /// An agreement file; say it once for each.
    #[arg(long = "agreement", value_name = "FILE", env = "UPHOLD_AGREEMENTS", value_delimiter = ',')]
    agreements: Vec<PathBuf>,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", env = "UPHOLD_LISTEN")]
    listen: Option<String>,
    /// What browsers show, such as https://desk.example; needed when a proxy speaks TLS for it.
    #[arg(long, value_name = "ORIGIN", env = "UPHOLD_ORIGIN")]
    origin: Option<String>,
    /// A private range that checks may ask, such as 10.1.0.0/16; say it once for each.
    #[arg(long = "allow", value_name = "RANGE", env = "UPHOLD_ALLOW", value_delimiter = ',')]
    allow: Vec<String>,
    /// What our own vantage point is called in observations.
    #[arg(long, value_name = "NAME", env = "UPHOLD_VANTAGE")]
    vantage: Option<String>,
    /// A point outside that is nearly always there, as https://HOST/, tcp://HOST:PORT or icmp://HOST; three to nine of them. A
    /// vantage point that reaches fewer than two thirds is cut off itself, and what it saw is no evidence.
    #[arg(long = "reference", value_name = "URL", env = "UPHOLD_REFERENCES", value_delimiter = ',')]
    references: Vec<String>,
}

/// The settings file: the same words as on the command line.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    store: Option<String>,
    #[serde(default)]
    agreements: Vec<PathBuf>,
    listen: Option<String>,
    origin: Option<String>,
    #[serde(default)]
    allow: Vec<String>,
    vantage: Option<String>,
    #[serde(default)]
    references: Vec<String>,
}

impl ServeCommand {
    pub(crate) fn run(self, _out: &mut Output) -> Result<(), Trouble> {
        let settings = self.settings()?;
        let service = progress::during("reading the journal", || Service::open(settings))?;
        crate::log::start();
        service.run(|at| tracing::info!(address = %at, "uphold.ready"))
    }

    fn settings(self) -> Result<Settings, Trouble> {
        let file = self.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let mut wrong = Vec::new();
        let store = take(self.store.or(file.store), "store", "uphold.db", &mut wrong);
        let listen = take(self.listen.or(file.listen), "listen", LISTEN, &mut wrong);
        let vantage = take(self.vantage.or(file.vantage), "vantage", "control", &mut wrong);
        let ranges = if self.allow.is_empty() { file.allow } else { self.allow };
        let mut allow = Vec::new();
        for range in ranges {
            match range.parse::<Cidr>() {
                Ok(range) => allow.push(range),
                Err(error) => wrong.push(format!("allow: {error}")),
            }
        }
        let files = if self.agreements.is_empty() { file.agreements } else { self.agreements };
        let mut papers = Vec::new();
        for path in files {
            match paper(&path) {
                Ok(paper) => papers.push(paper),
                Err(trouble) => wrong.push(format!("agreements: {trouble}")),
            }
        }
        let points = if self.references.is_empty() { file.references } else { self.references };
        let references = references(&points, &mut wrong);
        match (store, listen, vantage) {
            (Some(store), Some(listen), Some(vantage)) if wrong.is_empty() => {
                let origin = self.origin.or(file.origin);
                Ok(Settings { store, papers, listen, origin, allow, vantage, references })
            }
            _ => Err(Trouble::usage(format!("the settings cannot be used:\n  {}", wrong.join("\n  ")))),
        }
    }
}

/// A value that was said, or what holds where nothing was; what cannot be read joins the others that are wrong.
fn take<T>(said: Option<String>, name: &str, otherwise: &str, wrong: &mut Vec<String>) -> Option<T>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let text = said.unwrap_or_else(|| otherwise.to_owned());
    match text.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            wrong.push(format!("{name}: `{text}`: {error}"));
            None
        }
    }
}

/// None, or three to nine that can be asked.
fn references(points: &[String], wrong: &mut Vec<String>) -> Vec<Reference> {
    let mut references = Vec::new();
    for point in points {
        match reference(point) {
            Ok(what) => references.push(Reference { what, timeout_ms: REFERENCE_TIMEOUT_MS }),
            Err(problem) => wrong.push(format!("references: `{point}`: {problem}")),
        }
    }
    if !references.is_empty() && !(3..=REFERENCES_MAX).contains(&references.len()) {
        wrong.push(format!("references: {} of them: name none, or three to nine", references.len()));
    }
    references
}

fn reference(point: &str) -> Result<What, &'static str> {
    let what = match point.split_once("://") {
        Some(("http" | "https", _)) => What::Http(Http::get(point)),
        Some(("tcp", place)) => {
            let (host, port) = place.rsplit_once(':').ok_or("the port is missing: tcp://HOST:PORT")?;
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            let port = port.parse().map_err(|_| "not a port: 1 to 65535")?;
            What::Tcp(Tcp { host, port, family: Family::Any })
        }
        Some(("icmp", host)) => What::Icmp(Icmp { host: host.to_owned(), family: Family::Any }),
        _ => return Err("https://HOST/, tcp://HOST:PORT or icmp://HOST was expected"),
    };
    what.problem().map_or(Ok(what), Err)
}

fn read(path: &std::path::Path) -> Result<File, Trouble> {
    let text = files::read_text(path, BYTES_MAX)?;
    toml::from_str(&text).map_err(|error| Trouble::failed(format_args!("{}: {error}", path.display())))
}

/// An agreement file for the shelf.
pub(crate) fn paper(path: &std::path::Path) -> Result<Paper, Trouble> {
    let loaded = Loaded::read(path)?;
    let text = loaded.text.clone();
    Ok(Paper { terms: loaded.terms(None)?, text })
}
