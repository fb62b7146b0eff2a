//! `uphold demo histories`: real histories, from rows to statements, in one go.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use agreement::{Agreement, Terms, seal::Identity};
use clap::Args;
use control::{
    cadence,
    import::{self, Under},
    statement::{Ask, Stated, state},
};
use facts::{Fact, Money};
use journal::{Journal, Location};
use portal::IndexLine;
use promise::Verdict;
use spans::{Instant, Month};

use crate::{files, output::Output, trouble::Trouble};

const SITES: &str = include_str!("../../../../agreements/observed-history.toml");
const INCIDENTS: &str = include_str!("../../../../agreements/observed-incidents.toml");
const CHECK_ROWS: &[u8] = include_bytes!("../../../../demo/site_checks.csv");
const INCIDENT_ROWS: &[u8] = include_bytes!("../../../../demo/incidents.jsonl");

/// The agreement of the sites, put beside the store, so that whoever has only the program can ask on.
const AGREEMENT: &str = "observed-history.toml";

/// The journal's name in the folder.
const STORE: &str = "journal.db";

/// What each site is taken to cost a month, so that credits show as money. Printed as assumed.
const ASSUMED_PRICE: &str = "100.00";

/// The month that is shown in full.
const SHOWN: &str = "2026-03";

#[derive(Args)]
pub(crate) struct HistoriesCommand {
    /// The folder for the store and the pages; made when it is not there.
    #[arg(long, value_name = "FOLDER", default_value = "uphold-demo")]
    into: PathBuf,
}

/// An agreement and what its client's history says.
struct Client {
    terms: Terms,
    facts: Vec<Fact>,
}

impl HistoriesCommand {
    pub(crate) fn run(&self, out: &mut Output) -> Result<(), Trouble> {
        let is_new = !self.into.exists();
        self.refuse_foreign()?;
        files::make_folder(&self.into)?;
        let told = self.tell(out);
        if told.is_err() && is_new {
            // Only what is empty goes.
            let _ = fs::remove_dir(&self.into);
        }
        told
    }

    /// A folder with something in it is one of ours when it holds our journal.
    fn refuse_foreign(&self) -> Result<(), Trouble> {
        let holds_some = fs::read_dir(&self.into).is_ok_and(|mut entries| entries.next().is_some());
        if holds_some && !self.into.join(STORE).exists() {
            let what = self.into.display();
            return Err(Trouble::failed(format_args!(
                "{what} holds something else: nothing was written; name a new folder with --into"
            )));
        }
        Ok(())
    }

    fn tell(&self, out: &mut Output) -> Result<(), Trouble> {
        let store = self.into.join(STORE);
        let journal = Journal::open(&Location::Sqlite(store.clone()))?;
        let sites = match client(&journal, SITES, CHECK_ROWS, import::checks::read, out) {
            Ok(sites) => sites,
            Err(why) => {
                journal.close_unused();
                return Err(why);
            }
        };
        let incidents = client(&journal, INCIDENTS, INCIDENT_ROWS, import::incidents::read, out)?;
        let report = journal.verify(&[])?;
        writeln!(out, "The journal verifies: {report}")?;
        files::replace(&self.into.join(AGREEMENT), SITES)?;
        let lines = self.pages(&sites, out)?;
        let about = "Computed from a public check history; prices are assumed. Each page opens the why of its figures.";
        let header = &sites.terms.agreement().agreement;
        let index = portal::index_page(&header.client, &header.title, about, &lines);
        files::replace(&self.into.join("index.html"), &index)?;
        let at = incidents.terms.term().end;
        write!(out, "\n{}", cadence::report(&incidents.terms, &incidents.facts, at))?;
        self.farewell(&store, out)
    }

    /// A page for each month of the term, a line for each on the terminal, and one month in full.
    fn pages(&self, sites: &Client, out: &mut Output) -> Result<Vec<IndexLine>, Trouble> {
        let shown: Month = SHOWN.parse()?;
        let mut full = None;
        let mut lines = Vec::new();
        writeln!(out, "\n  month    sites  counted  missed on standard  premium  enterprise")?;
        for month in months(&sites.terms) {
            let ask = asked(&sites.terms, month)?;
            let stated = state(&sites.terms, &sites.facts, &ask)?;
            writeln!(out, "  {}", summary(&stated))?;
            let page = format!("statement-{month}.html");
            files::replace(&self.into.join(&page), &page_of(&stated))?;
            lines.push(IndexLine::new(&stated.statement, &page));
            if month == shown {
                full = Some(stated);
            }
        }
        if let Some(stated) = full {
            write!(out, "\n{}", stated.to_text())?;
        }
        Ok(lines)
    }

    fn farewell(&self, store: &Path, out: &mut Output) -> Result<(), Trouble> {
        let index = self.into.join("index.html");
        let index = index.canonicalize().unwrap_or(index);
        writeln!(out, "\nPages:  {}\nStore:  {}", index.display(), store.display())?;
        let agreement = files::quoted(&self.into.join(AGREEMENT));
        let store = files::quoted(store);
        writeln!(out, "\nAsk on, for example:")?;
        writeln!(out, "  uphold why --agreement {agreement} --store {store} --month {SHOWN}")?;
        Ok(writeln!(out, "  uphold journal verify --store {store}")?)
    }
}

type Reader = fn(&[u8], &Under) -> Result<import::Import, import::Refused>;

/// Imports a history under its agreement. What is already there is not added again.
fn client(
    journal: &Journal,
    file: &str,
    rows: &[u8],
    read: Reader,
    out: &mut Output,
) -> Result<Client, Trouble> {
    let (Some(agreement), _) = Agreement::read(file) else {
        return Err(Trouble::failed("an agreement that ships with the demo cannot be read"));
    };
    let terms = Terms::compile(agreement, Identity::of(file.as_bytes()).to_string())?;
    let header = &terms.agreement().agreement;
    let under = Under { client: header.client_id.clone(), term: terms.term(), recorded_at: terms.term().end };
    let import = read(rows, &under)?;
    let added = import.append(journal, &under.client, |_| ())?;
    write!(out, "{}", import.report)?;
    writeln!(
        out,
        "Client {}: facts added {}, already there {}.\n",
        under.client, added.added, added.present
    )?;
    let facts = journal.sound_facts(&under.client)?;
    Ok(Client { terms, facts })
}

fn asked(terms: &Terms, month: Month) -> Result<Ask, Trouble> {
    let price = Money::amount(ASSUMED_PRICE, terms.agreement().agreement.currency)?;
    Ok(Ask { month, at: seen_from(terms), assumed_price: Some(price), preview: false })
}

/// The demo looks back from the end of the term, so that it says the same on every day.
fn seen_from(terms: &Terms) -> Instant {
    terms.term().end
}

fn months(terms: &Terms) -> impl Iterator<Item = Month> {
    let zone = terms.agreement().months_in();
    let (first, end) = (Month::of(terms.term().start, &zone), terms.term().end);
    std::iter::successors(Some(first), |month| Some(month.next()))
        .take_while(move |month| month.span(&zone).start < end)
}

fn page_of(stated: &Stated) -> String {
    portal::statement_page(&stated.statement, &stated.tiers, stated.assumed_price)
}

fn summary(stated: &Stated) -> String {
    let sites = stated.statement.instances.len();
    let counted: i64 = stated.statement.instances.iter().map(|line| line.month.counted).sum();
    let missed: Vec<usize> = stated
        .tiers
        .iter()
        .map(|tier| tier.instances.iter().filter(|line| line.month.verdict == Verdict::Missed).count())
        .collect();
    let missed = |tier: usize| missed.get(tier).copied().unwrap_or_default();
    let month = stated.statement.month;
    format!("{month}  {sites:>5}  {counted:>7}  {:>18}  {:>7}  {:>10}", missed(0), missed(1), missed(2))
}
