//! Open pages are told that something changed, and ask for themselves what: events carry no data, so there is nothing in them to
//! protect, and a page without script misses nothing but the push.

use std::{
    collections::HashMap,
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::{Query, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use desk::policy::Action;
use facts::ClientId;
use serde::Deserialize;
use tokio::sync::{broadcast, mpsc};

use super::{App, Problem, Route, Viewer};

/// Changes that a slow page may lag behind; beyond that it is told once to look.
const LAG_MAX: usize = 256;
/// Pages that are told at the same time. Each holds a connection, and the others are for those who ask something.
pub const LIVE_MAX: usize = super::CONNECTIONS_MAX / 2;
/// The same for one person: a browser opens six connections to one place.
pub const LIVE_OF_ONE_MAX: usize = 16;
/// How long one stream lasts before the page asks again, and is looked at again: a person who was disabled hears no more.
const STREAM_TIME_MAX: Duration = Duration::from_secs(55);

/// Tells open pages that something changed.
pub struct Live {
    changes: broadcast::Sender<Change>,
    streams: Streams,
    closed: AtomicBool,
}

/// How many streams each person has now; nobody without one is in it.
type Streams = Arc<Mutex<HashMap<String, usize>>>;

#[derive(Debug, Clone)]
enum Change {
    Of(ClientId, What),
    Closing,
}

/// What changed about a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Something is on record, or time did it.
    Facts,
    /// A vantage point looked: many times a minute, and only for pages that show it.
    Looks,
    /// Somebody has something new in their inbox: for the page that shows it.
    Notices,
}

/// What a page shows, so that it is told of nothing else.
#[derive(Debug, Default, Deserialize)]
struct Shown {
    /// One client's things; without it those of all that its reader may see.
    of: Option<String>,
    /// `no` where it shows nothing of what vantage points see.
    looks: Option<String>,
    /// `yes` where it shows what somebody was told, and nothing else.
    told: Option<String>,
}

impl Shown {
    /// What is the provider's own concerns every page of those who may see it.
    fn takes(&self, client: &ClientId, what: What) -> bool {
        let of = self.of.as_ref().is_none_or(|of| of == client.as_str() || *client == ClientId::provider());
        let told = self.told.as_deref() == Some("yes");
        of && match what {
            What::Facts => !told,
            What::Looks => !told && self.looks.as_deref() != Some("no"),
            What::Notices => told,
        }
    }
}

impl Default for Live {
    fn default() -> Live {
        Live {
            changes: broadcast::Sender::new(LAG_MAX),
            streams: Arc::default(),
            closed: AtomicBool::new(false),
        }
    }
}

impl Live {
    /// Something of this client changed. Cheap, and lost on nobody who is listening.
    pub fn changed(&self, client: &ClientId, what: What) {
        let _ = self.changes.send(Change::Of(client.clone(), what));
    }

    /// Pages that are told of changes now.
    pub fn streams(&self) -> u64 {
        u64::try_from(lock(&self.streams).values().sum::<usize>()).unwrap_or(u64::MAX)
    }

    /// Ends all streams: the server shuts down.
    pub(crate) fn close(&self) {
        self.closed.store(true, Relaxed);
        let _ = self.changes.send(Change::Closing);
    }

    /// Whether the server shuts down, so that nobody is kept waiting.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }

    pub(crate) fn metrics(&self) -> String {
        format!(
            "# HELP uphold_live_streams Pages that are told of changes now.\n# TYPE uphold_live_streams gauge\nuphold_live_streams {}\n",
            self.streams()
        )
    }
}

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/live", Action::ReadOwn, live)]
}

/// `event: changed` with the client's id, each time something changed of a client that this person may see and the page shows.
async fn live(
    State(app): State<App>,
    viewer: Viewer,
    Query(shown): Query<Shown>,
) -> Result<Response, Problem> {
    let slot = Slot::take(&app.0.live.streams, &viewer.person.id)?;
    let (sender, receiver) = mpsc::channel(1);
    let changes = app.0.live.changes.subscribe();
    tokio::spawn(async move {
        let _ = tokio::time::timeout(STREAM_TIME_MAX, tell(changes, (viewer, shown), sender)).await;
        drop(slot);
    });
    Ok(Sse::new(Events(receiver))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response())
}

async fn tell(
    mut changes: broadcast::Receiver<Change>,
    (viewer, shown): (Viewer, Shown),
    to: mpsc::Sender<Event>,
) {
    // Asked once for each client: a busy one changes many times a second, before many open pages.
    let mut asked: HashMap<ClientId, bool> = HashMap::new();
    let mut seen = |client: &ClientId| *asked.entry(client.clone()).or_insert_with(|| viewer.may_see(client));
    loop {
        let event = tokio::select! {
            () = to.closed() => return,
            change = changes.recv() => match change {
                Ok(Change::Of(client, what)) if shown.takes(&client, what) && seen(&client) => {
                    Event::default().event("changed").data(client.as_str())
                }
                Ok(Change::Of(..)) => continue,
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
struct Slot {
    streams: Streams,
    person: String,
}

impl Slot {
    fn take(streams: &Streams, person: &str) -> Result<Slot, Problem> {
        let mut held = lock(streams);
        let mine = held.get(person).copied().unwrap_or_default();
        if mine >= LIVE_OF_ONE_MAX || held.values().sum::<usize>() >= LIVE_MAX {
            // By then one of them has ended, if nobody holds it on purpose.
            return Err(Problem::TooMany(STREAM_TIME_MAX.as_secs()));
        }
        held.insert(person.to_owned(), mine + 1);
        Ok(Slot { streams: Arc::clone(streams), person: person.to_owned() })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut held = lock(&self.streams);
        match held.get_mut(&self.person) {
            Some(mine) if *mine > 1 => *mine -= 1,
            _ => drop(held.remove(&self.person)),
        }
    }
}

fn lock(streams: &Streams) -> MutexGuard<'_, HashMap<String, usize>> {
    streams.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The receiving end as the stream that axum asks for.
struct Events(mpsc::Receiver<Event>);

impl futures_core::Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_of_what_it_shows() {
        let (acme, beta) = ("acme".parse().unwrap(), "beta".parse().unwrap());
        let told = |of: Option<&str>, looks: Option<&str>| {
            let shown = Shown { of: of.map(str::to_owned), looks: looks.map(str::to_owned), told: None };
            assert!(!shown.takes(&acme, What::Notices));
            let all = [(&acme, What::Facts), (&acme, What::Looks), (&beta, What::Facts)];
            all.map(|(client, what)| shown.takes(client, what))
        };
        assert_eq!(told(None, None), [true, true, true]);
        assert_eq!(told(Some("acme"), None), [true, true, false]);
        assert_eq!(told(Some("acme"), Some("no")), [true, false, false]);
        assert_eq!(told(None, Some("no")), [true, false, true]);
        let of_acme = Shown { of: Some("acme".to_owned()), ..Shown::default() };
        assert!(of_acme.takes(&ClientId::provider(), What::Facts));
        let inbox = Shown { told: Some("yes".to_owned()), ..Shown::default() };
        let kinds = [What::Facts, What::Looks, What::Notices];
        assert_eq!(kinds.map(|what| inbox.takes(&acme, what)), [false, false, true]);
    }

    #[test]
    fn one_person_has_so_many_streams_and_all_together_leave_connections_for_others() {
        let streams = Streams::default();
        let take = |person: usize| Slot::take(&streams, &format!("p{person}"));
        let mut slots: Vec<Slot> = (0..LIVE_OF_ONE_MAX).map(|_| take(0).ok().unwrap()).collect();
        assert!(take(0).is_err());
        slots.pop();
        slots.push(take(0).ok().unwrap());
        slots.extend((LIVE_OF_ONE_MAX..LIVE_MAX).map(|person| take(person).ok().unwrap()));
        assert!(take(LIVE_MAX).is_err() && LIVE_MAX < crate::server::CONNECTIONS_MAX);
        slots.clear();
        assert!(lock(&streams).is_empty());
    }
}
