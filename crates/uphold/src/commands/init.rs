//! `uphold init`: five questions, one commented settings file.

use std::{
    io::{self, BufRead, Write},
    net::SocketAddr,
    path::PathBuf,
};

use clap::Args;
use journal::Location;
use portal::server::Config;
use probe::Cidr;

use super::serve::LISTEN;
use crate::{files, output::Output, trouble::Trouble};

/// How often a question is asked before it is given up.
const TRIES_MAX: u32 = 3;
/// The longest answer.
const ANSWER_BYTES_MAX: u64 = 4_096;

#[derive(Args)]
pub(crate) struct InitCommand {
    /// The settings file to write; it must not be there yet.
    #[arg(default_value = "uphold.toml", value_name = "FILE")]
    file: PathBuf,
}

/// What is asked, what is taken where nothing is typed, and what an answer must be.
struct Question {
    asks: &'static str,
    otherwise: &'static str,
    check: fn(&str) -> Result<(), String>,
}

const QUESTIONS: [Question; 5] = [
    Question {
        asks: "Where is the journal kept? A file's path, or postgres://USER@HOST/NAME",
        otherwise: "uphold.db",
        check: |text| reads::<Location>(text),
    },
    Question {
        asks: "Which agreement files are kept? Paths with commas between them",
        otherwise: "agreement.toml",
        check: |text| if list(text).is_empty() { Err("name one file at least".to_owned()) } else { Ok(()) },
    },
    Question {
        asks: "Where does the server listen? An address and a port",
        otherwise: LISTEN,
        check: |text| reads::<SocketAddr>(text),
    },
    Question {
        asks: "What do browsers show, such as https://desk.example? Nothing when they reach the address above",
        otherwise: "",
        check: |text| {
            if text.is_empty() { Ok(()) } else { Config::new(text).map(drop).map_err(|e| e.to_string()) }
        },
    },
    Question {
        asks: "Which private ranges may checks ask, such as 10.1.0.0/16? Commas between them, nothing for none",
        otherwise: "",
        check: |text| list(text).into_iter().try_for_each(reads::<Cidr>),
    },
];

impl InitCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        if self.file.exists() {
            let what =
                format!("{} is there already: nothing was changed; name another file", self.file.display());
            return Err(Trouble::failed(what));
        }
        let mut stdin = io::stdin().lock();
        let mut answers = Vec::new();
        for (number, question) in QUESTIONS.iter().enumerate() {
            answers.push(question.ask(number + 1, &mut stdin, out)?);
        }
        files::create(&self.file, &settings(&answers), false)?;
        let file = self.file.display();
        writeln!(out, "\n{file} is written. Next:")?;
        writeln!(out, "  uphold agreement check {}", list(&answers[1])[0])?;
        writeln!(
            out,
            "  uphold people invite YOU --name \"Your Name\" --role administrator --store {}",
            answers[0]
        )?;
        writeln!(out, "  uphold serve --config {file}")?;
        writeln!(
            out,
            "And name three `references` in {file}: when this server's own line fails, every service looks down to it."
        )?;
        Ok(())
    }
}

impl Question {
    fn ask(&self, number: usize, input: &mut impl BufRead, out: &mut Output) -> Result<String, Trouble> {
        for _ in 0..TRIES_MAX {
            let otherwise = if self.otherwise.is_empty() { "none" } else { self.otherwise };
            write!(out, "{number} of {}. {}\n   [{otherwise}] ", QUESTIONS.len(), self.asks)?;
            out.flush()?;
            let mut line = String::new();
            io::Read::take(&mut *input, ANSWER_BYTES_MAX).read_line(&mut line)?;
            let answer = if line.trim().is_empty() { self.otherwise } else { line.trim() };
            match (self.check)(answer) {
                Ok(()) => return Ok(answer.to_owned()),
                Err(why) => writeln!(out, "   `{answer}`: {why}")?,
            }
        }
        Err(Trouble::usage(format!("question {number} has no answer that can be used; nothing was written")))
    }
}

fn reads<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<(), String> {
    text.parse::<T>().map(drop).map_err(|error| error.to_string())
}

fn list(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// The file. What was not answered stands there as a comment.
fn settings(answers: &[String]) -> String {
    let [store, agreements, listen, origin, allow] = answers else { return String::new() };
    let (origin, proxies) = match origin.as_str() {
        "" => ("# origin = \"https://desk.example\"".to_owned(), "# "),
        origin => (format!("origin = {}", text(origin)), ""),
    };
    format!(
        "# Settings of `uphold serve --config FILE`. UPHOLD_STORE, UPHOLD_LISTEN and so on in the environment count above this\n\
         # file, and what is said on the command line counts above both.\n\n\
         # Paths that do not begin with / are looked up where the server is started; the systemd unit starts it in /var/lib/uphold.\n\n\
         # Where facts are kept: a SQLite file's path, or postgres://USER@HOST/NAME (the password in PGPASSWORD or a pgpass file).\n\
         store = {}\n\n\
         # Agreement files. Which of them is in force for a client is for its signatures and `uphold agreement activate` to say.\n\
         agreements = {}\n\n\
         # Where the server listens. It speaks plain HTTP: let a proxy on this machine speak TLS for it.\n\
         listen = {}\n\n\
         # What browsers show, where a proxy stands between.\n\
         {origin}\n\n\
         # Who is believed, in X-Forwarded-For, about whom it asks for: proxies, by address or range. Without this everybody behind a\n\
         # proxy is one asker with one limit. Once this machine's own address is named, /metrics asks for an administrator's API\n\
         # token, since a request from there may be anybody's.\n\
         {proxies}proxies = [\"127.0.0.1\", \"::1\"]\n\n\
         # Private ranges that checks may ask. Everything else that is not public is refused.\n\
         allow = {}\n\n\
         # The key under which second factors are sealed; made where there is none. Keep a copy apart from copies of the journal.\n\
         # key = \"uphold.db.key\"\n\n\
         # What our own vantage point is called in observations.\n\
         vantage = \"control\"\n\n\
         # Reference points: three to nine places outside that are nearly always there, of different operators. A vantage point that\n\
         # reaches fewer than two thirds of them is cut off itself, and what it sees then is no evidence. Without them, when this\n\
         # server's own line fails, every service looks down and incidents open.\n\
         # references = [\"https://one.example/\", \"tcp://two.example:443\", \"icmp://three.example\"]\n",
        text(store),
        texts(&list(agreements)),
        text(listen),
        texts(&list(allow)),
    )
}

/// A JSON string is a TOML string too, and a list of them a TOML list.
fn text(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

fn texts(values: &[&str]) -> String {
    serde_json::Value::from(values.to_vec()).to_string()
}
