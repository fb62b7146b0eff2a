//! Open pages are told that something changed, and ask for themselves what: events carry no data, so there is nothing in them to
//! protect, and a page without script misses nothing but the push.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use facts::ClientId;
use tokio::sync::{broadcast, mpsc};

use super::{App, Problem, Route, Viewer, Who};

/// Changes that a slow page may lag behind; beyond that it is told once to look.
const LAG_MAX: usize = 256;
/// Pages that are told at the same time.
pub(crate) const STREAMS_MAX: u64 = 2_000;
/// How long one stream lasts before the page asks again, and is looked at again: a person who was disabled hears no more.
const STREAM_TIME_MAX: Duration = Duration::from_secs(55);

/// Tells open pages that something changed.
pub struct Live {
    changes: broadcast::Sender<Change>,
    streams: Arc<AtomicU64>,
}

#[derive(Debug, Clone)]
enum Change {
    Of(ClientId),
    Closing,
}

impl Default for Live {
    fn default() -> Live {
        Live { changes: broadcast::Sender::new(LAG_MAX), streams: Arc::default() }
    }
}

impl Live {
    /// Something of this client changed. Cheap, and lost on nobody who is listening.
    pub fn changed(&self, client: &ClientId) {
        let _ = self.changes.send(Change::Of(client.clone()));
    }

    /// Pages that are told of changes now.
    pub fn streams(&self) -> u64 {
        self.streams.load(Ordering::Relaxed)
    }

    /// Ends all streams: the server shuts down.
    pub(crate) fn close(&self) {
        let _ = self.changes.send(Change::Closing);
    }

    pub(crate) fn metrics(&self) -> String {
        format!(
            "# HELP uphold_live_streams Pages that are told of changes now.\n# TYPE uphold_live_streams gauge\nuphold_live_streams {}\n",
            self.streams()
        )
    }
}

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/live", Who::SignedIn, live)]
}

/// `event: changed` with the client's id, each time something of a client that this person may see changed.
async fn live(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let slot = Slot::take(&app.0.live.streams)?;
    let (sender, receiver) = mpsc::channel(1);
    let changes = app.0.live.changes.subscribe();
    tokio::spawn(async move {
        let _ = tokio::time::timeout(STREAM_TIME_MAX, tell(changes, viewer, sender)).await;
        drop(slot);
    });
    Ok(Sse::new(Events(receiver))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response())
}

async fn tell(mut changes: broadcast::Receiver<Change>, viewer: Viewer, to: mpsc::Sender<Event>) {
    loop {
        let event = tokio::select! {
            () = to.closed() => return,
            change = changes.recv() => match change {
                Ok(Change::Of(client)) if viewer.may_see(&client) => Event::default().event("changed").data(client.as_str()),
                Ok(Change::Of(_)) => continue,
                Err(broadcast::error::RecvError::Lagged(_)) => Event::default().event("changed").data("*"),
                Ok(Change::Closing) | Err(broadcast::error::RecvError::Closed) => return,
            },
        };
        if to.send(event).await.is_err() {
            return;
        }
    }
}

/// One of the streams there may be.
struct Slot(Arc<AtomicU64>);

impl Slot {
    fn take(streams: &Arc<AtomicU64>) -> Result<Slot, Problem> {
        let slot = Slot(streams.clone());
        let before = streams.fetch_add(1, Ordering::Relaxed);
        if before < STREAMS_MAX { Ok(slot) } else { Err(Problem::TooMany(60)) }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The receiving end as the stream that axum asks for.
struct Events(mpsc::Receiver<Event>);

impl futures_core::Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}
