//! The live demonstration: two clients under the two reference agreements, three web services of its own, and a year of history.
//!
//! Everything lies in one folder that goes when it ends: the journal, the signed agreement files, the second vantage point's
//! spool. What a visitor sees is computed from that journal by the same service that a provider runs; only its past is made up
//! (`demo/past/*.txt`), and it says so.

mod cast;
mod folder;
mod paper;
mod past;
mod present;
mod relative;
mod second;
mod sites;

use std::{io::Write, net::SocketAddr, path::PathBuf};

use self::{cast::Cast, folder::Folder, paper::Fitted, sites::Sites};
use crate::{
    commands::serve::refuse_taken,
    output::Output,
    progress,
    service::{Service, Settings},
    trouble::Trouble,
    wall,
};
use control::live::Paper;
use journal::{Journal, Location};

/// What the vantage point inside the server is called.
const NEAR: &str = "ams";
/// What the one in a process of its own is called.
const FAR: &str = "fra";

/// Sets everything up, tells how to come in, and serves until it is asked to stop.
pub(crate) fn run(listen: SocketAddr, json: bool, one_factor: bool, out: &mut Output) -> Result<(), Trouble> {
    refuse_taken(listen)?;
    let folder = Folder::make()?;
    let began = wall::now();
    let papers = paper::fitted(began, folder.path())?;
    let sites = Sites::start(began)?;
    let store = Location::Sqlite(folder.path().join("journal.db"));
    let cast = furnish(&store, &papers, &sites, began)?;
    let settings = settings(store, &papers, listen, (folder.path().join("uphold.key"), one_factor))?;
    let service = progress::during("reading the journal", || Service::open(settings))?;
    present::act(&service.control, &sites, began, wall::now())?;
    let stage = Stage { cast, sites, folder, began, one_factor };
    stage.serve(service, json, out)
}

/// What is there while the demonstration runs. Dropped, nothing of it is left.
struct Stage {
    cast: Cast,
    sites: Sites,
    folder: Folder,
    began: spans::Instant,
    one_factor: bool,
}

impl Stage {
    fn serve(self, service: Service, json: bool, out: &mut Output) -> Result<(), Trouble> {
        let token = second::token(&service.control)?;
        let mut began = Ok(());
        let mut far = None;
        let served = service.run(|at| {
            began = self.tell(at, json, out).and_then(|()| {
                far = Some(second::start(at, &token, self.folder.path())?);
                Ok(())
            });
        });
        if let Some(far) = far {
            far.stop();
        }
        began.and(served)
    }

    /// Where everything is and how to come in: for people, or in one line for scripts.
    fn tell(&self, at: SocketAddr, json: bool, out: &mut Output) -> Result<(), Trouble> {
        match json {
            true => writeln!(out, "{}", self.cast.to_json(at))?,
            false => {
                write!(out, "{}{}", self.cast.to_text(at, self.one_factor), self.sites.to_text(self.began))?;
            }
        }
        Ok(out.flush()?)
    }
}

/// A journal with people, a past, and statements about it.
fn furnish(
    store: &Location,
    papers: &[Fitted],
    sites: &Sites,
    began: spans::Instant,
) -> Result<Cast, Trouble> {
    let journal = Journal::open(store)?;
    for fitted in papers {
        let client = &fitted.terms.agreement().agreement.client;
        let what = format!("making up a year of {client}");
        progress::during(what, || past::live_through(&journal, fitted, sites, began))?;
    }
    Cast::hire(&journal, began)
}

fn settings(
    store: Location,
    papers: &[Fitted],
    listen: SocketAddr,
    (key, one_factor): (PathBuf, bool),
) -> Result<Settings, Trouble> {
    let papers = papers.iter().map(|fitted| Paper { terms: fitted.terms.clone(), text: fitted.text.clone() });
    let here = "127.0.0.0/8".parse().map_err(|error| Trouble::failed(format_args!("{error}")))?;
    Ok(Settings {
        store,
        papers: papers.collect(),
        listen,
        origin: None,
        files: None,
        proxies: Vec::new(),
        allow: vec![here],
        secrets: probe::Secrets::default(),
        vantage: NEAR.parse()?,
        key,
        elsewhere: None,
        one_factor,
        references: Vec::new(),
        looks: true,
        mail: None,
        push_key: None,
        call_after: None,
        keep_times: None,
    })
}
