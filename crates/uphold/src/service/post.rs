//! The post: threads that carry notices out, by mail and to browsers as far as these ways are set up, and to programs that subscribed.

use std::{
    fs,
    io::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use control::live::Control;
use courier::{
    Courier, Guard, Outcome, Port, Told,
    hook::Hooks,
    mail::Mailer,
    push::{Pusher, Vapid},
};
use journal::Location;
use portal::server::{App, Ways};
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;

use super::Settings;
use crate::{trouble::Trouble, wall};

/// Threads that send: a mail server that takes its time holds up one letter in so many.
const THREADS: usize = 3;
/// How often a thread with nothing to do looks again.
const IDLE: Duration = Duration::from_secs(1);
/// How long a thread waits after the journal failed.
const FAILED: Duration = Duration::from_secs(5);
/// The key pair's name beside a journal in a file.
const KEY_FILE: &str = "push.key";

/// The running post.
pub(super) struct Post {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// Starts it, and tells the portal which ways there are. Called within the runtime from which push messages are sent.
pub(super) fn start(control: &Arc<Control>, settings: &Settings, app: &App) -> Result<Post, Trouble> {
    let origin = app.config().origin().to_owned();
    let vapid = key(settings)?.map(Arc::new);
    let mut ports: Vec<Box<dyn Port>> = Vec::new();
    let mail = settings.mail.clone();
    let push_key = vapid.as_ref().map(|vapid| vapid.public());
    app.send_by(Ways { mail: mail.is_some(), push_key, hook: true });
    if let Some(mail) = mail {
        let mailer = Mailer::new(mail, &origin, &[]).map_err(|error| Trouble::failed(error.to_string()))?;
        ports.push(Box::new(mailer));
    }
    if let Some(vapid) = vapid {
        ports.push(Box::new(pusher(vapid, settings, &origin)));
    }
    ports.push(Box::new(Hooks::new(&origin, guard(settings), trusting(), Handle::current())));
    let courier = Arc::new(Courier::new(Arc::clone(control.journal()), ports));
    let stop = Arc::new(AtomicBool::new(false));
    let threads: std::io::Result<Vec<JoinHandle<()>>> = (0..THREADS)
        .map(|number| {
            let (courier, told) = (Arc::clone(&courier), Arc::clone(&stop));
            thread::Builder::new().name(format!("post-{number}")).spawn(move || run(&courier, &told))
        })
        .collect();
    Ok(Post { stop, threads: threads? })
}

impl Post {
    /// Ends it once what is being sent was sent or given up by its own limits; the lease frees whatever is cut off.
    pub(super) fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.thread().unpark();
            // One that sends is not waited for: what it had not noted is sent again, under the same id.
            if thread.is_finished() && thread.join().is_err() {
                tracing::error!("post.panicked");
            }
        }
    }
}

/// Addresses that strangers give are held against the same rules as what may be monitored.
fn guard(settings: &Settings) -> Guard {
    let rules =
        probe::Guard::public().allowing(settings.allow.clone()).with_own_ports([settings.listen.port()]);
    Box::new(move |address, port| {
        rules.address(address, port).map(drop).map_err(|refused| refused.to_string())
    })
}

fn pusher(vapid: Arc<Vapid>, settings: &Settings, origin: &str) -> Pusher {
    let random = Box::new(|| {
        let mut bytes = [0; 48];
        getrandom::fill(&mut bytes).expect("a machine that gave random bytes at the start gives more");
        bytes
    });
    let from = settings.mail.as_ref().map(|mail| format!("mailto:{}", mail.from.address()));
    let subject = from.unwrap_or_else(|| origin.to_owned());
    Pusher::new(vapid, &subject, guard(settings), random, trusting(), Handle::current())
}

/// The roots that this machine trusts.
fn trusting() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

fn run(courier: &Courier, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let idle = match catch_unwind(AssertUnwindSafe(|| courier.round(&wall::now))) {
            Ok(Ok(told)) => {
                told.iter().for_each(log);
                if told.is_empty() { Some(IDLE) } else { None }
            }
            Ok(Err(error)) => {
                tracing::error!(error = %error, "post.failed");
                Some(FAILED)
            }
            Err(_) => {
                tracing::error!("post.panicked");
                Some(FAILED)
            }
        };
        if let Some(idle) = idle {
            thread::park_timeout(idle);
        }
    }
}

/// Never what was said, nor to which address.
fn log(told: &Told) {
    let Told { id, person, way, outcome } = told;
    match outcome {
        Outcome::Delivered => tracing::info!(%id, %person, %way, "notice.sent"),
        Outcome::Later { why, .. } => tracing::warn!(%id, %person, %way, why, "notice.put_off"),
        Outcome::Never { why, .. } => tracing::error!(%id, %person, %way, why, "notice.lost"),
    }
}

/// The key pair, made where there is none yet; none where nobody said where to keep it.
fn key(settings: &Settings) -> Result<Option<Vapid>, Trouble> {
    let beside = |store: &Location| match store {
        Location::Sqlite(path) => Some(path.with_file_name(KEY_FILE)),
        Location::Postgres(_) => None,
    };
    let Some(path) = settings.push_key.clone().or_else(|| beside(&settings.store)) else { return Ok(None) };
    let failed = |what: &dyn std::fmt::Display| Trouble::failed(format!("{}: {what}", path.display()));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let made = Vapid::make().map_err(|error| failed(&error))?;
            write_secret(&path, &made).map_err(|error| failed(&error))?;
            fs::read_to_string(&path).map_err(|error| failed(&error))?
        }
        Err(error) => return Err(failed(&error)),
    };
    Vapid::read(&text).map(Some).map_err(|error| failed(&error))
}

/// For its owner alone. Two that start at once keep the first one's.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let opened = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match opened {
        Ok(mut file) => {
            file.write_all(format!("{text}\n").as_bytes())?;
            file.sync_all()
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
