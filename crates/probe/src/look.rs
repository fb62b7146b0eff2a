//! One look at one service: asked once, afresh, with a clock reading after every phase.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use facts::what::{Part, parts};
use facts::{Cause, ClientId, Outcome};
use rustls::pki_types::ServerName;
use spans::Instant;
use tokio::time::timeout;
use wire::{Dns, Family, Flow, Http, Mail, Phases, Postgres, Reason, Redis, WebSocket, What};

use crate::clock::{Clock, Zero};
use crate::guard::{Guard, Refused};
use crate::names::Names;
use crate::secrets::Secrets;
use crate::target::Host;
pub(crate) use fault::Fault;
pub use tls::Trust;

mod connect;
mod cookies;
mod dns;
mod fault;
mod flow;
mod grpc;
mod http;
mod icmp;
mod mail;
mod plain;
mod postgres;
mod redis;
mod socket;
mod tls;
mod wanted;
mod words;

/// Whoever looks: what it may ask, how it finds names, whom it trusts. One serves all checks at once.
pub struct Looker {
    guard: Guard,
    names: Names,
    tls: tls::Tls,
    clock: Arc<dyn Clock>,
    zero: Arc<Zero>,
    secrets: Secrets,
    connects: AtomicU64,
}

/// A question made ready to be asked again and again.
#[derive(Debug)]
pub struct Question {
    ask: Ask,
    timeout: Duration,
}

#[derive(Debug)]
enum Ask {
    Http(Box<http::Ready>),
    Tcp {
        host: Host,
        port: u16,
        family: Family,
    },
    Dns(Dns),
    Icmp {
        host: Host,
        family: Family,
    },
    /// A request in which secrets are filled in.
    Filled(Box<Ready<Http>>),
    Flow(Box<Ready<Flow>>),
    Tls(Ready<wire::Tls>),
    Smtp(Ready<Mail>),
    Imap(Ready<Mail>),
    Postgres(Ready<Postgres>),
    Redis(Ready<Redis>),
    WebSocket(Box<Ready<WebSocket>>),
    Grpc(Box<http::Ready>),
    /// Nothing that can be asked. One such check must not stop the others.
    Unfit(Refused),
}

/// A question made ready: whose it is, and where it goes. Of several requests, `host` is nobody.
#[derive(Debug)]
struct Ready<A> {
    asks: A,
    host: Host,
    client: Option<ClientId>,
}

/// What came of a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Up, down, or nothing that can be said.
    pub outcome: Outcome,
    /// The HTTP status of the last answer.
    pub code: Option<u16>,
    /// How long it took.
    pub phases: Phases,
    /// Why it was no good answer, or why nothing can be said.
    pub reason: Option<Reason>,
    /// The same in a word.
    pub cause: Option<Cause>,
    /// The last instant of the certificate that was shown.
    pub not_after: Option<Instant>,
}

/// What is learned on the way, kept when the time runs out.
#[derive(Debug, Default)]
struct Trace {
    phases: Phases,
    code: Option<u16>,
    not_after: Option<Instant>,
    /// Where it is now: the word a timeout is told with.
    at: &'static str,
    /// Which step of a flow it is at, counted from one.
    step: Option<usize>,
}

impl Question {
    /// Makes a question ready. One that cannot be asked is ready too: its looks are void and say why.
    pub fn of(what: &What, timeout: Duration) -> Question {
        Question::by(what, timeout, None)
    }

    /// The same for a check of this client, who may name its secrets.
    pub fn of_client(what: &What, timeout: Duration, client: &ClientId) -> Question {
        Question::by(what, timeout, Some(client))
    }

    fn by(what: &What, timeout: Duration, client: Option<&ClientId>) -> Question {
        let ask = match what {
            What::Http(http) if has_places(http) => {
                http::Ready::of(http).map(|_| Ask::Filled(Box::new(Ready::nowhere(http, client))))
            }
            What::Http(http) => http::Ready::of(http).map(|ready| Ask::Http(Box::new(ready))),
            What::Tcp(tcp) => {
                host(&tcp.host).map(|host| Ask::Tcp { host, port: tcp.port, family: tcp.family })
            }
            What::Dns(dns) => Ok(Ask::Dns(dns.clone())),
            What::Icmp(icmp) => host(&icmp.host).map(|host| Ask::Icmp { host, family: icmp.family }),
            What::Flow(flow) => Ok(Ask::Flow(Box::new(Ready::nowhere(flow, client)))),
            What::Tls(tls) => Ready::at(&tls.host, tls, client).map(Ask::Tls),
            What::Smtp(mail) => Ready::at(&mail.host, mail, client).map(Ask::Smtp),
            What::Imap(mail) => Ready::at(&mail.host, mail, client).map(Ask::Imap),
            What::Postgres(postgres) => Ready::at(&postgres.host, postgres, client).map(Ask::Postgres),
            What::Redis(redis) => Ready::at(&redis.host, redis, client).map(Ask::Redis),
            What::WebSocket(socket) => Ok(Ask::WebSocket(Box::new(Ready::nowhere(socket, client)))),
            What::Grpc(grpc) => grpc::ready(grpc).map(|ready| Ask::Grpc(Box::new(ready))),
        };
        Question { ask: ask.unwrap_or_else(Ask::Unfit), timeout }
    }
}

impl<A: Clone> Ready<A> {
    fn at(place: &str, asks: &A, client: Option<&ClientId>) -> Result<Ready<A>, Refused> {
        Ok(Ready { host: host(place)?, ..Ready::nowhere(asks, client) })
    }

    /// Where it goes is in its URLs.
    fn nowhere(asks: &A, client: Option<&ClientId>) -> Ready<A> {
        Ready { asks: asks.clone(), host: Host::Name(String::new()), client: client.cloned() }
    }

    /// The name that a certificate must be for.
    fn name(&self) -> Result<ServerName<'static>, Fault> {
        tls::server_name(&self.host)
    }
}

/// Whether something has to be filled in.
fn has_places(http: &Http) -> bool {
    let values = http.headers.iter().map(|header| header.value.as_str());
    let is_place = |part| matches!(part, Part::Secret(_));
    values.chain(http.body.as_deref()).flat_map(parts).any(is_place)
}

/// A host as a check names it: an IPv6 address stands without brackets there.
fn host(text: &str) -> Result<Host, Refused> {
    text.parse().map(Host::Address).or_else(|_| Host::of(text))
}

impl Looker {
    /// A looker with its rules. `clock` should be the prober's.
    pub fn new(guard: Guard, names: Names, trust: &Trust, clock: Arc<dyn Clock>) -> Looker {
        let zero = Arc::new(Zero::default());
        let reading = clock.read();
        zero.set(reading.wall_us.saturating_sub(i64::try_from(reading.mono_ns / 1_000).unwrap_or(i64::MAX)));
        let tls = tls::Tls::new(trust, Arc::clone(&clock), Arc::clone(&zero));
        Looker { guard, names, tls, clock, zero, secrets: Secrets::default(), connects: AtomicU64::new(0) }
    }

    /// The same with what its questions may name.
    #[must_use]
    pub fn knowing(self, secrets: Secrets) -> Looker {
        Looker { secrets, ..self }
    }

    /// How many connections were begun, TCP and UDP, since the start.
    pub fn connects(&self) -> u64 {
        self.connects.load(Ordering::Relaxed)
    }

    /// Asks once. Ends within the question's timeout, and a second more when this machine's resolver has to prove itself.
    pub async fn look(&self, question: &Question) -> Seen {
        let start = self.clock.mono_ns();
        let mut trace = Trace::default();
        let result = match timeout(question.timeout, self.ask(&question.ask, &mut trace)).await {
            Ok(result) => result,
            Err(_) => Err(self.too_late(trace.at).await),
        };
        trace.phases.total_us = Some(self.since(start));
        Seen::of(result, trace)
    }

    pub(crate) fn zero(&self) -> &Zero {
        &self.zero
    }

    async fn ask(&self, ask: &Ask, trace: &mut Trace) -> Result<(), Fault> {
        match ask {
            Ask::Http(ready) => self.http(ready, trace).await,
            Ask::Tcp { host, port, family } => self.connect(host, *port, *family, trace).await.map(drop),
            Ask::Dns(dns) => self.dns(dns, trace).await,
            Ask::Icmp { host, family } => self.echo(host, *family, trace).await,
            // Rarer and larger than those above: they are not to make every look as large.
            Ask::Filled(ready) => Box::pin(self.http_filled(ready, trace)).await,
            Ask::Flow(ready) => Box::pin(self.flow(ready, trace)).await,
            Ask::Tls(ready) => Box::pin(self.tls(ready, trace)).await,
            Ask::Smtp(ready) => Box::pin(self.smtp(ready, trace)).await,
            Ask::Imap(ready) => Box::pin(self.imap(ready, trace)).await,
            Ask::Postgres(ready) => Box::pin(self.postgres(ready, trace)).await,
            Ask::Redis(ready) => Box::pin(self.redis(ready, trace)).await,
            Ask::WebSocket(ready) => Box::pin(self.web_socket(ready, trace)).await,
            Ask::Grpc(ready) => Box::pin(self.grpc(ready, trace)).await,
            Ask::Unfit(refused) => Err(refused.clone().into()),
        }
    }

    async fn http_filled(&self, ready: &Ready<Http>, trace: &mut Trace) -> Result<(), Fault> {
        let http = self.filled(&ready.asks, ready.client.as_ref(), &std::collections::BTreeMap::new())?;
        self.http(&http::Ready::of(&http)?, trace).await
    }

    /// No answer in time is the service's failure, unless it was its name that was waited for: then the resolver may be to blame.
    async fn too_late(&self, at: &'static str) -> Fault {
        if at == DNS {
            self.names.whose_fault("no answer in time").await
        } else {
            Fault::theirs(Cause::Timeout, format!("{at}: no answer in time"))
        }
    }

    /// Microseconds since a reading.
    fn since(&self, start: u64) -> u32 {
        u32::try_from(self.clock.mono_ns().saturating_sub(start) / 1_000).unwrap_or(u32::MAX)
    }

    /// Marks a phase as done: `slot` grows by what has passed since `start`.
    fn mark(&self, slot: &mut Option<u32>, start: u64) {
        *slot = Some(slot.unwrap_or(0).saturating_add(self.since(start)));
    }

    fn count_connect(&self) {
        self.connects.fetch_add(1, Ordering::Relaxed);
    }
}

/// The phase in which this machine's resolver is asked.
const DNS: &str = "dns";

impl Seen {
    fn of(result: Result<(), Fault>, trace: Trace) -> Seen {
        let Trace { phases, code, not_after, step, .. } = trace;
        let fault = result.err().map(|fault| step.map_or(fault.clone(), |step| fault.in_step(step)));
        let outcome = fault.as_ref().map_or(Outcome::Up, Fault::outcome);
        let reason = fault.as_ref().map(Fault::reason);
        Seen { outcome, code, phases, reason, cause: fault.map(|fault| fault.cause()), not_after }
    }

    /// A look of which nothing can be said.
    pub(crate) fn void(cause: Cause, why: &str) -> Seen {
        Seen::of(Err(Fault::ours(cause, why)), Trace::default())
    }
}
