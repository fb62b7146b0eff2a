//! Small real services to look at, and a looker that may.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use probe::{Guard, Looker, Names, Question, Seen, SystemClock, Trust};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use wire::What;

/// What a service was asked: head and body.
pub(crate) type Asked = Request<Bytes>;
pub(crate) type Answer = Response<Full<Bytes>>;

/// A service on a free port of loopback, gone with the runtime.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Service {
    /// Over plain TCP.
    pub(crate) async fn plain(answer: impl Fn(Asked) -> Answer + Clone + Send + Sync + 'static) -> Service {
        Service::on("127.0.0.1:0", None, answer).await
    }

    /// Over TLS with this certificate, speaking these protocols.
    pub(crate) async fn tls(
        identity: &Identity,
        alpn: &[&str],
        answer: impl Fn(Asked) -> Answer + Clone + Send + Sync + 'static,
    ) -> Service {
        Service::on("127.0.0.1:0", Some(identity.acceptor(alpn)), answer).await
    }

    pub(crate) async fn on(
        address: &str,
        tls: Option<TlsAcceptor>,
        answer: impl Fn(Asked) -> Answer + Clone + Send + Sync + 'static,
    ) -> Service {
        let listener = TcpListener::bind(address).await.unwrap();
        let service = Service::of(&listener);
        let accepted = Arc::clone(&service.accepted);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                let (tls, answer) = (tls.clone(), answer.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, false, answer).await,
                        Some(tls) => {
                            let Ok(stream) = tls.accept(stream).await else { return };
                            let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                            serve(stream, h2, answer).await;
                        }
                    }
                });
            }
        });
        service
    }

    /// Says these bytes to whoever connects, and closes.
    pub(crate) async fn saying(bytes: &'static [u8]) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Service::of(&listener);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(bytes).await;
            }
        });
        service
    }

    /// Says these bytes to whoever connects, again and again, for as long as somebody listens.
    pub(crate) async fn flooding(bytes: &'static [u8]) -> Service {
        Service::talking(move |mut stream| async move {
            let flood = bytes.repeat(8_192 / bytes.len() + 1);
            while stream.write_all(&flood).await.is_ok() {}
        })
        .await
    }

    /// Talks so with each that connects.
    pub(crate) async fn talking<F>(talk: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> Service
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Service::of(&listener);
        let accepted = Arc::clone(&service.accepted);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(talk(stream));
            }
        });
        service
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Accepts and never says a word.
    pub(crate) async fn silent() -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Service::of(&listener);
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                held.push(stream);
            }
        });
        service
    }

    fn of(listener: &TcpListener) -> Service {
        Service::at(listener.local_addr().unwrap())
    }

    /// Somebody else's.
    pub(crate) fn at(address: SocketAddr) -> Service {
        Service { address, accepted: Arc::default() }
    }

    /// How many connections came in.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn serve<S>(stream: S, h2: bool, answer: impl Fn(Asked) -> Answer + Clone + Send + Sync + 'static)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = answer.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            Ok::<_, Infallible>(answer(Request::from_parts(head, body)))
        }
    });
    let stream = TokioIo::new(stream);
    let _ = if h2 {
        hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await
    } else {
        hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await
    };
}

/// A certificate that signs itself, for `localhost`, 127.0.0.1 and ::1.
pub(crate) struct Identity {
    pub(crate) certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Identity {
    pub(crate) fn until(year: i32) -> Identity {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        let mut params = rcgen::CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 3, 6);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().to_vec();
        Identity { certificate, key: key.serialize_der() }
    }

    pub(crate) fn acceptor(&self, alpn: &[&str]) -> TlsAcceptor {
        self.acceptor_of(alpn, rustls::DEFAULT_VERSIONS)
    }

    /// For a server that speaks these versions only.
    pub(crate) fn acceptor_of(
        &self,
        alpn: &[&str],
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let key = PrivateKeyDer::try_from(self.key.clone()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(provider).with_protocol_versions(versions);
        let chain = vec![self.certificate.clone().into()];
        let mut config = config.unwrap().with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }

    pub(crate) fn pem(&self) -> (String, String) {
        let pem = |kind: &str, der: &[u8]| {
            let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
            format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
        };
        (pem("CERTIFICATE", &self.certificate), pem("PRIVATE KEY", &self.key))
    }

    pub(crate) fn trusted(&self) -> Trust {
        Trust::default().and([self.certificate.clone()])
    }
}

pub(crate) fn answer(code: u16, body: &'static str) -> Answer {
    let mut answer = Response::new(Full::from(body));
    *answer.status_mut() = code.try_into().unwrap();
    answer
}

pub(crate) fn redirect(code: u16, location: String) -> Answer {
    let mut redirect = answer(code, "");
    redirect.headers_mut().insert("location", location.try_into().unwrap());
    redirect
}

/// A guard that lets this machine be asked.
pub(crate) fn at_home() -> Guard {
    Guard::public().allowing(["127.0.0.0/8", "::1"].map(|range| range.parse().unwrap()))
}

/// A looker that may look at this machine, asks nobody for names and believes nobody.
pub(crate) fn looker() -> Looker {
    looker_with(Names::servers(&[]), &Trust::default())
}

pub(crate) fn looker_with(names: Names, trust: &Trust) -> Looker {
    Looker::new(at_home(), names, trust, Arc::new(SystemClock))
}

/// A question as it stands on record.
pub(crate) fn question(json: &str) -> What {
    let what: What = serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"));
    assert_eq!(what.problem().or_else(|| wire::pattern::problem(&what)), None, "{json}");
    what
}

/// What came of it, in three words.
#[track_caller]
pub(crate) fn told(seen: &Seen, outcome: facts::Outcome, cause: Option<facts::Cause>, reason: &str) {
    let why = seen.reason.as_ref().map_or("", |reason| reason.as_str());
    assert_eq!((seen.outcome, seen.cause, why), (outcome, cause, reason));
}

/// One look with five seconds of patience.
pub(crate) async fn look(looker: &Looker, what: What) -> Seen {
    looker.look(&Question::of(&what, Duration::from_secs(5))).await
}
