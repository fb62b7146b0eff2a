//! Looks at one URL again and again, by our prober or by a bare hyper client, for `cargo xtask compare probe`.
//!
//! Prints `begin`, works, prints `end <looks> <good> <latest µs> <late> <ms that 999 of 1,000 starts keep to>`, and waits for its
//! input to close, so that whoever started it can read what the work cost.
//!
//! ```text
//! drive certificate FOLDER                    cert.pem, key.pem and cert.der for localhost
//! drive bare-saturated URL LOOKS AT-ONCE      a connection, a request, and again
//! drive ours-saturated URL LOOKS AT-ONCE      the same by Looker::look
//! drive bare-paced URL WORKERS EVERY SECONDS  workers that look and sleep
//! drive ours-paced URL CHECKS EVERY SECONDS   a Prober, its reports signed and spooled to disk
//! ```

use std::error::Error;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use facts::Outcome;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use probe::{Guard, Looker, Names, Prober, Question, SystemClock, Trust};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use wire::{Assignment, Check, Http, Key, Receipt, Spool, What};

type Done<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> Done {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match words[..] {
        ["certificate", folder] => certificate(Path::new(folder)),
        ["bare-saturated", url, looks, at_once] => {
            let bare = Bare::new(url)?;
            runtime.block_on(saturated(looks.parse()?, at_once.parse()?, move || {
                let bare = bare.clone();
                async move { bare.look().await.is_ok() }
            }))
        }
        ["ours-saturated", url, looks, at_once] => {
            let (looker, question) = (Arc::new(looker()?), Arc::new(Question::of(&get(url), TIMEOUT)));
            runtime.block_on(saturated(looks.parse()?, at_once.parse()?, move || {
                let (looker, question) = (Arc::clone(&looker), Arc::clone(&question));
                async move { looker.look(&question).await.outcome == Outcome::Up }
            }))
        }
        ["bare-paced", url, workers, every, seconds] => {
            let every = Duration::from_secs(every.parse()?);
            runtime.block_on(bare_paced(Bare::new(url)?, workers.parse()?, every, seconds.parse()?))
        }
        ["ours-paced", url, checks, every, seconds] => {
            runtime.block_on(ours_paced(url, checks.parse()?, every.parse()?, seconds.parse()?))
        }
        _ => Err("see the first lines of examples/drive.rs".into()),
    }
}

/// `count` looks, so many at once, each a task of its own.
async fn saturated<F: Future<Output = bool> + Send + 'static>(
    count: u64,
    at_once: u64,
    look: impl Fn() -> F + Clone + Send + 'static,
) -> Done {
    say("begin")?;
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let look = look.clone();
        workers.spawn(async move {
            let mut good = 0;
            for _ in 0..count / at_once {
                good += u64::from(look().await);
            }
            good
        });
    }
    let good: u64 = workers.join_all().await.into_iter().sum();
    end(count / at_once * at_once, good, [0; 3])
}

/// The floor of `uptime.md`, 5a: as many sleepers as checks, awake one by one.
async fn bare_paced(bare: Bare, workers: u32, every: Duration, seconds: u64) -> Done {
    say("begin")?;
    let until = tokio::time::Instant::now() + Duration::from_secs(seconds);
    let mut all = JoinSet::new();
    for index in 0..workers {
        let bare = bare.clone();
        all.spawn(async move {
            let (mut looks, mut good) = (0, 0);
            let mut next = tokio::time::Instant::now() + every / workers * index;
            while next < until {
                tokio::time::sleep_until(next).await;
                looks += 1;
                good += u64::from(bare.look().await.is_ok());
                next += every;
            }
            (looks, good)
        });
    }
    let (looks, good) =
        all.join_all().await.into_iter().fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    end(looks, good, [0; 3])
}

/// A prober with everything it does: schedule, reports, signature, disk.
async fn ours_paced(url: &str, checks: usize, every_s: u32, seconds: u64) -> Done {
    let folder = std::env::temp_dir().join(format!("uphold-drive-{}", std::process::id()));
    let mut spool = Spool::open(&folder, wire::SPOOL_BYTES_MAX)?;
    let vantage: facts::VantageId = "here".parse()?;
    let check = |index: usize| -> Done<Check> {
        Ok(Check {
            client: "example".parse()?,
            instance: format!("web-{index}").parse()?,
            check: "home".parse()?,
            what: get(url),
            every_s,
            timeout_ms: 10_000,
            again: None,
        })
    };
    let checks = (0..checks).map(check).collect::<Done<Vec<_>>>()?;
    let (assign, assignment) =
        watch::channel(Arc::new(Assignment { checks, ..Assignment::empty(vantage.clone()) }));
    let (tell, mut told) = mpsc::channel(64);
    let prober = Prober::new(vantage, uuid::Uuid::from_u128(1), looker()?, Arc::new(SystemClock));
    let tally = prober.tally();
    say("begin")?;
    let running = tokio::spawn(prober.run(assignment, None, tell));
    let keeping = tokio::task::spawn_blocking(move || -> Done<u64> {
        let key = Key::from_seed([7; 32]);
        let mut good = 0;
        while let Some(report) = told.blocking_recv() {
            good += report.looks.iter().filter(|look| look.outcome == Outcome::Up).count() as u64;
            let receipt = Receipt { boot: report.boot, sequence: report.sequence, revision: 0 };
            spool.keep(&key, report)?;
            spool.receive(&receipt)?;
        }
        Ok(good)
    });
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    drop(assign);
    running.await?;
    let good = keeping.await??;
    std::fs::remove_dir_all(&folder)?;
    let read = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
    let nearly_all = tally.lateness.under(999).map_or(0, |late| late.as_millis() as u64);
    end(read(&tally.looks), good, [read(&tally.latest_us), read(&tally.late), nearly_all])
}

fn get(url: &str) -> What {
    What::Http(Http::get(url))
}

fn looker() -> Done<Looker> {
    let guard = Guard::public().allowing(["127.0.0.0/8".parse()?]);
    let trust = Trust::default().and(root()?);
    Ok(Looker::new(guard, Names::servers(&[]), &trust, Arc::new(SystemClock)))
}

/// The certificate named by `DRIVE_ROOT`, as DER.
fn root() -> Done<Option<Vec<u8>>> {
    Ok(std::env::var_os("DRIVE_ROOT").map(std::fs::read).transpose()?)
}

/// The least that asks over HTTP with hyper: no guard, no phases, no limits, no report.
#[derive(Clone)]
struct Bare {
    address: std::net::SocketAddr,
    tls: Option<TlsConnector>,
}

impl Bare {
    fn new(url: &str) -> Done<Bare> {
        let uri: hyper::Uri = url.parse()?;
        let address = uri.authority().ok_or("no host")?.as_str().parse()?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(root()?.map(CertificateDer::from));
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.resumption = rustls::client::Resumption::disabled();
        let tls = (uri.scheme_str() == Some("https")).then(|| TlsConnector::from(Arc::new(config)));
        Ok(Bare { address, tls })
    }

    async fn look(&self) -> Done {
        let stream = TcpStream::connect(self.address).await?;
        match &self.tls {
            None => self.ask(stream).await,
            Some(tls) => {
                stream.set_nodelay(true)?;
                let stream = tls.connect(ServerName::from(self.address.ip()), stream).await?;
                self.ask(stream).await
            }
        }
    }

    async fn ask<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, stream: S) -> Done {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let request =
            hyper::Request::get("/").header("host", self.address.to_string()).header("connection", "close");
        let answer = sender.send_request(request.body(Empty::<Bytes>::new())?).await?;
        if !answer.status().is_success() {
            return Err("not a good answer".into());
        }
        answer.into_body().collect().await?;
        Ok(())
    }
}

fn certificate(folder: &Path) -> Done {
    let names = ["localhost", "127.0.0.1"].map(str::to_owned).to_vec();
    let made = rcgen::generate_simple_self_signed(names)?;
    std::fs::write(folder.join("cert.pem"), made.cert.pem())?;
    std::fs::write(folder.join("cert.der"), made.cert.der())?;
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem())?;
    Ok(())
}

fn end(looks: u64, good: u64, [latest_us, late, nearly_all]: [u64; 3]) -> Done {
    say(&format!("end {looks} {good} {latest_us} {late} {nearly_all}"))?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn say(line: &str) -> Done {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
