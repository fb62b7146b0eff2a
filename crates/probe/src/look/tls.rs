//! TLS: the chain is held against the roots of this machine, at the corrected time.

use std::fmt;
use std::io;
use std::sync::Arc;

use facts::Cause;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use spans::{Instant, Length};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wire::{HttpVersion, TlsVersion};

use super::{Fault, Looker, Ready, Trace};
use crate::certificate;
use crate::clock::{Clock, Zero};
use crate::guard::Refused;
use crate::target::Host;

/// Whose certificates are believed.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    roots: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// The roots that this machine trusts: where an operator adds a private authority, we believe it as browsers do. None is
    /// found on a machine without them, and looks over TLS are void then.
    pub fn system() -> Trust {
        Trust { roots: rustls_native_certs::load_native_certs().certs }
    }

    /// These roots, as DER, beside what is there.
    #[must_use]
    pub fn and(mut self, roots: impl IntoIterator<Item = Vec<u8>>) -> Trust {
        self.roots.extend(roots.into_iter().map(CertificateDer::from));
        self
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.roots.len()
    }

    /// Whether nobody is believed.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// A configuration that speaks these versions and protocols, the first preferred. Nothing when there is nobody to believe.
    pub(crate) fn config(
        &self,
        time: Arc<dyn TimeProvider>,
        versions: &[&'static SupportedProtocolVersion],
        alpn: &[&[u8]],
    ) -> Option<Arc<ClientConfig>> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.roots.iter().cloned());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let verifier = verifier.build().ok()?;
        let config = ClientConfig::builder_with_details(provider, time).with_protocol_versions(versions);
        let mut config = config.ok()?.with_webpki_verifier(verifier).with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        // A look is a whole handshake: what a resumed one skips can be what is broken.
        config.resumption = Resumption::disabled();
        Some(Arc::new(config))
    }
}

/// One configuration for each way of choosing the protocol; they share their roots.
pub(super) struct Tls {
    /// Without a word of what is spoken over it.
    bare: Option<Arc<ClientConfig>>,
    auto: Option<Arc<ClientConfig>>,
    http1: Option<Arc<ClientConfig>>,
    http2: Option<Arc<ClientConfig>>,
}

/// The corrected clock: a step of the machine's clock makes no certificate invalid.
pub(crate) struct Corrected {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) zero: Arc<Zero>,
}

impl Tls {
    pub(super) fn new(trust: &Trust, clock: Arc<dyn Clock>, zero: Arc<Zero>) -> Tls {
        let time: Arc<dyn TimeProvider> = Arc::new(Corrected { clock, zero });
        let config = |alpn: &[&[u8]]| trust.config(Arc::clone(&time), rustls::DEFAULT_VERSIONS, alpn);
        Tls {
            bare: config(&[]),
            auto: config(&[b"h2", b"http/1.1"]),
            http1: config(&[b"http/1.1"]),
            http2: config(&[b"h2"]),
        }
    }

    fn speaking(&self, version: HttpVersion) -> Option<&Arc<ClientConfig>> {
        match version {
            HttpVersion::Auto => self.auto.as_ref(),
            HttpVersion::Http1 => self.http1.as_ref(),
            HttpVersion::Http2 => self.http2.as_ref(),
        }
    }
}

impl Looker {
    /// Agrees on TLS over a connection.
    pub(super) async fn agree(
        &self,
        stream: TcpStream,
        name: ServerName<'static>,
        version: HttpVersion,
        trace: &mut Trace,
    ) -> Result<TlsStream<TcpStream>, Fault> {
        // Our last flight and the request are two writes; the second must not wait for the first to be acknowledged.
        stream.set_nodelay(true).map_err(|error| Fault::of(Cause::Tls, "tls", &error))?;
        self.agree_by(self.tls.speaking(version), stream, name, trace).await
    }

    /// Agrees on TLS over a connection that something else than HTTP is spoken over.
    pub(super) async fn agree_on<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        name: ServerName<'static>,
        trace: &mut Trace,
    ) -> Result<TlsStream<S>, Fault> {
        self.agree_by(self.tls.bare.as_ref(), stream, name, trace).await
    }

    /// Looks at TLS alone: how long the certificate is good, and which version the server chooses.
    pub(super) async fn tls(&self, ready: &Ready<wire::Tls>, trace: &mut Trace) -> Result<(), Fault> {
        let wire::Tls { port, name, days_left, least, family, .. } = &ready.asks;
        let name = match name {
            Some(name) => server_name(&super::host(name)?)?,
            None => ready.name()?,
        };
        let stream = self.connect(&ready.host, *port, *family, trace).await?;
        let stream = self.agree_on(stream, name, trace).await?;
        let version = stream.get_ref().1.protocol_version();
        if *least == TlsVersion::V13 && version != Some(ProtocolVersion::TLSv1_3) {
            return Err(Fault::theirs(Cause::Tls, "tls: it chooses a version older than 1.3"));
        }
        let (Some(wanted), Some(ends)) = (*days_left, trace.not_after) else { return Ok(()) };
        let left =
            (ends - self.zero.at(self.clock.mono_ns())).as_micros().div_euclid(Length::DAY.as_micros());
        if left < i64::from(wanted) {
            return Err(Fault::theirs(
                Cause::Certificate,
                format!("tls: the certificate has {left} days left"),
            ));
        }
        Ok(())
    }

    async fn agree_by<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        config: Option<&Arc<ClientConfig>>,
        stream: S,
        name: ServerName<'static>,
        trace: &mut Trace,
    ) -> Result<TlsStream<S>, Fault> {
        trace.at = "tls";
        let config =
            config.ok_or_else(|| Fault::ours(Cause::Machine, "tls: this machine has no roots to trust"))?;
        let start = self.clock.mono_ns();
        let stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await;
        let stream = stream.map_err(|error| disagreed(&error, trace))?;
        self.mark(&mut trace.phases.tls_us, start);
        let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        trace.not_after = leaf.and_then(|leaf| certificate::not_after(leaf));
        Ok(stream)
    }
}

/// The name that a certificate must be for.
pub(super) fn server_name(host: &Host) -> Result<ServerName<'static>, Fault> {
    match host {
        Host::Name(name) => {
            ServerName::try_from(name.clone()).map_err(|_| Refused::Host(name.clone()).into())
        }
        Host::Address(address) => Ok(ServerName::from(*address)),
    }
}

/// Why TLS was not agreed; an expired certificate tells since when.
fn disagreed(error: &io::Error, trace: &mut Trace) -> Fault {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(tls) = tls else { return Fault::of(Cause::Tls, "tls", error) };
    if let rustls::Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. }) = tls {
        trace.not_after = i64::try_from(not_after.as_secs()).ok().map(Instant::from_second);
    }
    Fault::theirs(Cause::Tls, format!("tls: {tls}"))
}

impl TimeProvider for Corrected {
    fn current_time(&self) -> Option<UnixTime> {
        let micros = u64::try_from(self.zero.at(self.clock.mono_ns()).as_micros()).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_micros(micros)))
    }
}

impl fmt::Debug for Corrected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Corrected")
    }
}
