//! Those who ask: fifty programs, each from an address and on a connection of its own, and one browser.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant as Stopwatch},
};

use axum::body::{Body, to_bytes};
use hyper::{Method, Request, StatusCode, client::conn::http1::SendRequest, header};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpSocket, task::JoinSet, time::sleep_until};

use crate::past::Past;

const CONNECTIONS: u32 = 50;
/// How often each page is asked for.
const ROUNDS: u64 = 200;
const BYTES_MAX: usize = 16 << 20;

pub(crate) struct Load<'p> {
    pub(crate) address: SocketAddr,
    pub(crate) past: &'p Past,
}

type Waited = BTreeMap<&'static str, Vec<Duration>>;

impl Load<'_> {
    /// Pages, one after the other.
    pub(crate) async fn pages(&self) {
        let mut waited = Waited::new();
        for round in 0..ROUNDS {
            // Each from an address of its own, so that none asks too often.
            let mut browser = connect(self.address, 100 + (round % 100) as u8).await;
            let (client, dice) = (self.past.client(round), round * 7_919);
            let paths = [
                ("page: open ticket", format!("/clients/{client}/tickets/{}", self.past.open(dice))),
                ("page: any ticket", format!("/clients/{client}/tickets/{}", self.past.any(dice))),
                ("page: queue", "/tickets".to_owned()),
                ("page: search, one word", format!("/search?q={}", self.past.word(dice))),
                (
                    "page: search, two words",
                    format!("/search?q={}+{}", self.past.word(dice), self.past.word(dice / 40)),
                ),
            ];
            for (name, path) in paths {
                let request = Request::get(&path)
                    .header(header::HOST, self.address.to_string())
                    .header(header::COOKIE, format!("session={}", self.past.session));
                let began = Stopwatch::now();
                let status = send(&mut browser, request.body(Body::empty()).expect("a request")).await;
                assert_eq!(status, StatusCode::OK, "{path}");
                waited.entry(name).or_default().push(began.elapsed());
            }
        }
        report(waited);
    }

    /// What programs ask, one after the other.
    pub(crate) async fn alone(&self) {
        let mut waited = Waited::new();
        for number in 0..ROUNDS * 20 {
            let (name, request) = self.request(number);
            let mut stream = connect(self.address, 100 + (number % 100) as u8).await;
            let began = Stopwatch::now();
            send(&mut stream, request).await;
            waited.entry(name).or_default().push(began.elapsed());
        }
        report(waited);
    }

    /// Mixed requests, so many a second, for so long.
    pub(crate) async fn run(&self, rate: u32, length: Duration) {
        let (all, refused) = (Arc::new(Mutex::new(Waited::new())), Arc::new(AtomicU64::new(0)));
        let began = tokio::time::Instant::now();
        let total = u64::from(rate) * length.as_secs();
        let mut tasks = JoinSet::new();
        for connection in 0..u64::from(CONNECTIONS) {
            let mine = (connection..total).step_by(CONNECTIONS as usize);
            let requests: Vec<_> = mine.map(|number| (number, self.request(number))).collect();
            let (address, all, refused) = (self.address, Arc::clone(&all), Arc::clone(&refused));
            tasks.spawn(async move {
                let mut stream = connect(address, connection as u8 + 2).await;
                let mut waited = Waited::new();
                for (number, (name, request)) in requests {
                    let start = began + Duration::from_micros(number * 1_000_000 / u64::from(rate));
                    sleep_until(start).await;
                    let status = send(&mut stream, request).await;
                    if !status.is_success() && refused.fetch_add(1, Ordering::Relaxed) < 5 {
                        println!("{name} was answered {status}");
                    }
                    waited.entry(name).or_default().push(start.elapsed());
                }
                let mut all = all.lock().expect("nobody panicked");
                waited
                    .into_iter()
                    .for_each(|(name, mut times)| all.entry(name).or_default().append(&mut times));
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.expect("it ended well");
        }
        let mut waited = std::mem::take(&mut *all.lock().expect("nobody panicked"));
        let together = waited.values().flatten().copied().collect();
        waited.insert("together", together);
        report(waited);
        println!("{total} requests in {:.1?}; refused: {}", began.elapsed(), refused.load(Ordering::Relaxed));
    }

    /// What is asked: of twenty, six tickets, four lists, three searches, three replies, one new ticket, three small things.
    fn request(&self, number: u64) -> (&'static str, Request<Body>) {
        let dice = number.wrapping_mul(2_654_435_761) % 1_000_003;
        let client = format!("/api/v1/clients/{}", self.past.client(dice));
        // Each connection asks everything.
        let (name, path, sent) = match (number + number / u64::from(CONNECTIONS)) % 20 {
            0 | 4 | 8 => ("an open ticket", format!("{client}/requests/{}", self.past.open(dice)), None),
            1 | 5 | 9 => ("any ticket", format!("{client}/requests/{}", self.past.any(dice)), None),
            2 | 6 => ("tickets", format!("{client}/requests"), None),
            10 | 14 => ("open tickets", format!("{client}/requests?state=open"), None),
            3 | 7 | 11 => {
                ("search", format!("{client}/search?q={}+n{}", self.past.word(dice), dice % 100), None)
            }
            12 | 15 | 18 => {
                let path = format!("{client}/requests/{}/reply", self.past.open(dice));
                ("reply", path, Some(r#"{"text": "We look at the index and tell you more."}"#))
            }
            16 => {
                let text = r#"{"title": "Search is slow", "text": "Since noon.", "instance": "wiki", "priority": "P3"}"#;
                ("new ticket", format!("{client}/requests"), Some(text))
            }
            13 => ("now", format!("{client}/now"), None),
            17 => ("instances", format!("{client}/instances"), None),
            _ => ("me", "/api/v1/me".to_owned(), None),
        };
        let token = match name {
            "new ticket" => self.past.requester(dice),
            _ => self.past.engineer(dice),
        };
        let method = if sent.is_some() { Method::POST } else { Method::GET };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.address.to_string())
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        (name, request.body(Body::from(sent.unwrap_or_default())).expect("a request"))
    }
}

/// A connection from one of this machine's own addresses.
async fn connect(to: SocketAddr, last: u8) -> SendRequest<Body> {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into()).expect("an address of this machine");
    let stream = socket.connect(to).await.expect("it listens");
    stream.set_nodelay(true).expect("it can");
    let (sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
    tokio::spawn(connection);
    sender
}

/// Until the whole answer has come.
async fn send(stream: &mut SendRequest<Body>, request: Request<Body>) -> StatusCode {
    stream.ready().await.expect("the connection holds");
    let answer = stream.send_request(request).await.expect("an answer");
    let status = answer.status();
    to_bytes(Body::new(answer.into_body()), BYTES_MAX).await.expect("a whole answer");
    status
}

fn report(waited: Waited) {
    for (name, mut times) in waited {
        times.sort_unstable();
        let at = |share: usize| times[(times.len() - 1) * share / 1_000].as_micros();
        println!(
            "{name:24} {:>6}  p50 {:>6} µs  p99 {:>6} µs  p99.9 {:>6} µs  most {:>6} µs",
            times.len(),
            at(500),
            at(990),
            at(999),
            at(1_000)
        );
    }
}
