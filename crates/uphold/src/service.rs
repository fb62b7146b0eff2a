//! `uphold serve` at work: the portal, one vantage point, and the timer, over one journal, in one process.
//!
//! Four loops share a [`Control`]: requests (tokio), looks (tokio), one plain thread that sleeps until something falls due, and
//! one that does what takes long.
//! Whoever stops it stops them in that order; what was acknowledged is on disk at every moment, so a kill loses nothing.

mod post;
mod timer;
mod vantage;
mod vitals;
mod worker;

use std::{future::Future, net::SocketAddr, path::PathBuf, sync::Arc};

use control::live::{Control, Paper, Random, Shelf};
use courier::mail::MailSettings;
use door::{elsewhere::Elsewhere, vault::Vault};
use facts::VantageId;
use journal::{Journal, Location, Serving};
use portal::server::{self, App, Config};
use probe::{Cidr, Secrets};
use spans::Length;
use tokio::net::TcpListener;
use wire::Reference;

use self::vitals::Vitals;
use crate::{trouble::Trouble, wall};

/// Threads that read and write the journal for requests at the same time; more of them wait for each other and for two cores, and
/// each may keep what it once allocated.
const WAITING_THREADS_MAX: usize = 16;

/// What to serve, and where.
pub(crate) struct Settings {
    pub(crate) store: Location,
    pub(crate) papers: Vec<Paper>,
    pub(crate) listen: SocketAddr,
    /// As browsers reach it; on this machine, what it listens on.
    pub(crate) origin: Option<String>,
    /// Another host, from which what people attached is fetched.
    pub(crate) files: Option<String>,
    /// Proxies that are believed about who asks.
    pub(crate) proxies: Vec<Cidr>,
    /// Private ranges that our own vantage point may ask.
    pub(crate) allow: Vec<Cidr>,
    /// What checks may name and our own vantage point knows.
    pub(crate) secrets: Secrets,
    pub(crate) vantage: VantageId,
    /// Whether the server looks itself; if not, only vantage points elsewhere do.
    pub(crate) looks: bool,
    /// The file with the keys under which second factors are sealed; made where there is none.
    pub(crate) key: PathBuf,
    /// Another place that signs people in.
    pub(crate) elsewhere: Option<Place>,
    /// Staff may come in with one factor: for demonstrations.
    pub(crate) one_factor: bool,
    /// Points outside that tell every vantage point whether it is connected itself.
    pub(crate) references: Vec<Reference>,
    /// How mail goes out; none where nobody has said.
    pub(crate) mail: Option<MailSettings>,
    /// The file with the key pair that push services know us by; beside a journal in a file unless said otherwise.
    pub(crate) push_key: Option<PathBuf>,
    /// How long somebody on call has until the next person is called.
    pub(crate) call_after: Option<Length>,
    /// How long the response times of an hour are kept.
    pub(crate) keep_times: Option<Length>,
}

/// Another place that signs people in, as the settings name it.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) issuer: String,
    pub(crate) client: String,
    pub(crate) secret: Option<String>,
}

/// A service that is set up and not yet serving.
pub(crate) struct Service {
    pub(crate) control: Arc<Control>,
    settings: Settings,
    serving: Serving,
}

impl Service {
    /// Opens the journal, which nobody else serves under this name, and reads it.
    pub(crate) fn open(mut settings: Settings) -> Result<Service, Trouble> {
        // A key that cannot be read is told before anything is served.
        Vault::open(&settings.key)?;
        let journal = Arc::new(Journal::open(&settings.store)?);
        let serving = journal.serve_as(settings.vantage.as_str())?;
        let shelf = Shelf::new(std::mem::take(&mut settings.papers));
        let vantage = &settings.vantage;
        if journal.read(|tx| tx.vantage(vantage))?.is_some() {
            return Err(Trouble::failed(format_args!(
                "{vantage} is a vantage point elsewhere: name our own otherwise with --vantage"
            )));
        }
        let control = Arc::new(Control::open(journal, shelf, random()?, wall::now())?);
        control.refer(std::mem::take(&mut settings.references));
        if let Some(wait) = settings.call_after {
            control.call_after(wait);
        }
        if let Some(kept) = settings.keep_times {
            control.keep_times(kept);
        }
        Ok(Service { control, settings, serving })
    }

    /// Serves until a signal asks it to stop. `ready` is told the address once requests are answered.
    pub(crate) fn run(self, ready: impl FnOnce(SocketAddr)) -> Result<(), Trouble> {
        let Service { control, settings, serving } = self;
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.enable_all().max_blocking_threads(WAITING_THREADS_MAX).build()?;
        let served = runtime.block_on(serve(Arc::clone(&control), settings, ready));
        drop(runtime);
        // Connections to PostgreSQL are closed by their own runtime, which cannot run inside another.
        drop(control);
        drop(serving);
        served
    }
}

async fn serve(
    control: Arc<Control>,
    settings: Settings,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Trouble> {
    let stop = asked_to_stop()?;
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        Trouble::failed(format_args!(
            "{} cannot be listened on: {error}; name another with --listen",
            settings.listen
        ))
    })?;
    let at = listener.local_addr()?;
    let app = App::new(Arc::clone(&control), config(&settings, at)?, wall::now);
    let vitals = Arc::new(Vitals::new(wall::now()));
    app.rely_on(vitals.clone());
    let timer = timer::start(Arc::clone(&control), Arc::clone(&vitals))?;
    let worker = worker::start(Arc::clone(&control))?;
    let post = post::start(&control, &settings, &app)?;
    app.try_by(vantage::looker(&settings, at.port()));
    let looking = match settings.looks {
        true => Some(vantage::start(&control, &settings, at.port(), &vitals)?),
        false => None,
    };
    ready(at);
    let served = server::serve(app, listener, stop).await;
    if let Some(looking) = looking {
        looking.stop().await;
    }
    timer.stop();
    post.stop();
    worker.stop();
    Ok(served?)
}

/// Where browsers reach it, and which proxies are believed.
fn config(settings: &Settings, at: SocketAddr) -> Result<Config, Trouble> {
    let origin = settings.origin.clone().unwrap_or_else(|| format!("http://{at}"));
    let proxies = settings.proxies.clone();
    let is_proxy = move |peer| proxies.iter().any(|range| range.contains(peer));
    let mut config = Config::new(&origin)?.behind(is_proxy).sealed_by(Vault::open(&settings.key)?);
    if let Some(Place { name, issuer, client, secret }) = &settings.elsewhere {
        let back = Config::way_back(&origin);
        config = config.elsewhere(Elsewhere::new(name, issuer, client, secret.clone(), &back)?);
    }
    if let Some(files) = &settings.files {
        config = config.files_at(files)?;
    }
    if settings.one_factor {
        config = config.without_second_factor();
    }
    Ok(config)
}

/// Where ids and salts come from.
pub(crate) fn random() -> Result<Random, Trouble> {
    wall::seed()?;
    Ok(Box::new(|| {
        let mut bytes = [0; 10];
        getrandom::fill(&mut bytes).expect("a machine that gave random bytes at the start gives more");
        bytes
    }))
}

/// Ends with the first Ctrl-C or SIGTERM from now on. Called within a runtime.
pub(crate) fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = term.recv() => {}
        }
    })
}
