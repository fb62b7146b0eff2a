//! Connections: how many, how slow, and how they end.

mod crowd;
mod first;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower::ServiceExt;

pub use self::{crowd::OF_ONE_ADDRESS_MAX, first::FIRST_TIME_MAX};
use self::{
    crowd::{Counted, Crowd},
    first::First,
};
use super::{App, around::Peer, router, sweep::Sweep};

/// Connections at the same time; further ones wait to be accepted.
pub const CONNECTIONS_MAX: usize = 1_000;
/// How long the head of a request may take to arrive, and how long an idle connection is kept.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(20);
/// Headers of one request.
pub const HEADERS_MAX: usize = 64;
/// Bytes of all headers of one request.
pub const HEADER_BYTES_MAX: usize = 32 << 10;
/// Requests at once on one HTTP/2 connection.
pub const STREAMS_MAX: u32 = 64;
/// How long requests that run may take to end at a shutdown.
pub const DRAIN_TIME_MAX: Duration = Duration::from_secs(10);
/// How long we wait when the machine has no more connections to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves the portal until `shutdown`; then no new request is taken, and those that run may end.
///
/// # Errors
/// When the listener cannot say where it listens.
pub async fn serve(app: App, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let at = listener.local_addr()?;
    tracing::info!(address = %at, "portal.listening");
    let _sweep = Sweep::start(&app);
    let (router, builder) = (router(&app), builder());
    let (slots, graceful) = (Arc::new(Semaphore::new(CONNECTIONS_MAX)), GracefulShutdown::new());
    let crowd = Crowd::default();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        match accepted {
            Ok((stream, peer, slot)) => match crowd.admit(app.config(), peer.ip()) {
                Some(counted) => connection(&builder, &router, &graceful, stream, peer, (slot, counted)),
                None => tracing::debug!(%peer, "connection.too_many_of_one"),
            },
            Err(error) => {
                tracing::warn!(error = %error, "connection.refused");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    app.live().close();
    if tokio::time::timeout(DRAIN_TIME_MAX, graceful.shutdown()).await.is_err() {
        tracing::warn!("portal.drained: some requests did not end in time");
    }
    Ok(())
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    let mut http1 = builder.http1();
    http1.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_MAX);
    http1.max_headers(HEADERS_MAX).max_buf_size(HEADER_BYTES_MAX);
    let mut http2 = builder.http2();
    http2.timer(TokioTimer::new()).max_concurrent_streams(STREAMS_MAX);
    http2.max_header_list_size(HEADER_BYTES_MAX as u32).keep_alive_interval(HEAD_TIME_MAX);
    builder
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    // Small answers leave at once: without it the peer's delayed acknowledgement costs 40 ms.
    stream.set_nodelay(true)?;
    Ok((stream, peer, slot))
}

fn connection(
    builder: &auto::Builder<TokioExecutor>,
    router: &Router,
    graceful: &GracefulShutdown,
    stream: TcpStream,
    peer: SocketAddr,
    held: (OwnedSemaphorePermit, Counted),
) {
    let router = router.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        let answer = router.clone().oneshot(request);
        async move { answer.await.map_err(|never: Infallible| never) }
    });
    let connection = builder.serve_connection(TokioIo::new(First::of(stream)), service).into_owned();
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        // A peer that goes away in the middle is no event of ours.
        if let Err(error) = watched.await {
            tracing::debug!(error = %error, "connection.ended");
        }
        drop(held);
    });
}
