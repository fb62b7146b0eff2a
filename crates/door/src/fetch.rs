//! Asking another server: one request, one answer, over a connection of its own. TLS by this house's one provider, certificates by
//! this machine's roots. No redirect is followed, nothing is read beyond a limit, and it ends in time (ASVS 1.3.6).

use std::{pin::Pin, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Bytes, client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use openidconnect::{
    AsyncHttpClient,
    http::{Request, Response, Uri},
};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 256 << 10;
/// How long a request may take, from the first packet to the last.
const TIME_MAX: Duration = Duration::from_secs(10);

/// Who asks. Cloning is cheap.
#[derive(Clone)]
pub struct Fetch {
    tls: Arc<ClientConfig>,
}

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the variants are")]
pub enum Unanswered {
    #[error("{0} is not asked: only https, and http on this machine")]
    Plain(String),
    #[error("{0} does not answer: {1}")]
    Silent(String, String),
    #[error("{0} took longer than ten seconds")]
    Slow(String),
}

impl std::fmt::Debug for Fetch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fetch")
    }
}

impl Fetch {
    /// Trusting whom this machine trusts.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Fetch, String> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?;
        let mut tls = builder.with_root_certificates(roots).with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Fetch { tls: Arc::new(tls) })
    }

    /// One request, one answer.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn fetch(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Unanswered> {
        let place = place(request.uri());
        match timeout(TIME_MAX, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(Unanswered::Slow(place)),
        }
    }

    async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Unanswered> {
        let uri = request.uri().clone();
        let place = place(&uri);
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let https = uri.scheme_str() == Some("https");
        if !(https || uri.scheme_str() == Some("http") && is_here(&host)) {
            return Err(Unanswered::Plain(place));
        }
        let silent = |why: String| Unanswered::Silent(place.clone(), why);
        let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|e| silent(e.to_string()))?;
        stream.set_nodelay(true).map_err(|e| silent(e.to_string()))?;
        let answer = if https {
            let name = ServerName::try_from(host).map_err(|e| silent(e.to_string()))?;
            let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await;
            speak(stream.map_err(|e| silent(e.to_string()))?, request).await
        } else {
            speak(stream, request).await
        };
        answer.map_err(silent)
    }
}

impl<'c> AsyncHttpClient<'c> for Fetch {
    type Error = Unanswered;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, Unanswered>> + Send + 'c>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(self.fetch(request))
    }
}

/// One request over an open stream.
async fn speak<S>(stream: S, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|e| e.to_string())?;
    // Ends when the sender is dropped, and tells its errors to who waits for an answer.
    tokio::spawn(async move { drop(connection.await) });
    let (mut head, body) = request.into_parts();
    let authority = head.uri.authority().map_or(String::new(), ToString::to_string);
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    head.uri = path.parse().map_err(|_| "no path".to_owned())?;
    head.headers.insert(HOST, authority.parse().map_err(|_| "no host".to_owned())?);
    let request = Request::from_parts(head, Full::new(Bytes::from(body)));
    let answer = sender.send_request(request).await.map_err(|e| e.to_string())?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(|e| e.to_string())?;
    Ok(Response::from_parts(head, body.to_bytes().to_vec()))
}

/// Scheme and host, without what a query may hold.
fn place(uri: &Uri) -> String {
    let authority = uri.authority().map_or("nowhere", |authority| authority.as_str());
    format!("{}://{authority}", uri.scheme_str().unwrap_or("?"))
}

fn is_here(host: &str) -> bool {
    ["127.0.0.1", "::1", "localhost"].contains(&host)
}
