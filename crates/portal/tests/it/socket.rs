//! The server on a real socket: what a connection may be, and how serving ends.

use std::time::Duration;

use portal::server::{FIRST_TIME_MAX, HEADER_BYTES_MAX, HEADERS_MAX, LIVE_OF_ONE_MAX, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::desk::{Desk, HOST};

struct Served {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<std::io::Result<()>>,
}

async fn served(desk: &Desk) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, (stop, stopped)) = (listener.local_addr().unwrap(), oneshot::channel());
    let ended = tokio::spawn(serve(desk.app.clone(), listener, async move {
        let _ = stopped.await;
    }));
    Served { address, stop, ended }
}

async fn say(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(10), read).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn it_serves_ends_when_told_and_lets_go_of_open_pages() {
    let desk = Desk::new();
    let token = desk.signed_in("bo").await.cookies["__Host-session"].clone();
    let server = served(&desk).await;
    let answer =
        say(server.address, &format!("GET /sign-in HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n"))
            .await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    let mut live = TcpStream::connect(server.address).await.unwrap();
    let request = format!("GET /live HTTP/1.1\r\nhost: {HOST}\r\ncookie: __Host-session={token}\r\n\r\n");
    live.write_all(request.as_bytes()).await.unwrap();
    let mut head = [0; 2_048];
    let n = live.read(&mut head).await.unwrap();
    assert!(String::from_utf8_lossy(&head[..n]).contains("text/event-stream"));
    desk.app.live().changed(&"beta".parse().unwrap(), portal::server::What::Facts);
    desk.app.live().changed(&"acme".parse().unwrap(), portal::server::What::Facts);
    let n = live.read(&mut head).await.unwrap();
    let event = String::from_utf8_lossy(&head[..n]).into_owned();
    assert!(
        event.contains("event: changed") && event.contains("data: acme") && !event.contains("beta"),
        "{event}"
    );
    server.stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), server.ended).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn what_has_ended_is_forgotten() {
    let desk = Desk::new();
    desk.signed_in("bo").await;
    desk.wait(portal::server::SESSION_MAX);
    let person = desk.journal.read(|tx| tx.person_by_login("bo")).unwrap().unwrap().0.id;
    let long_ago = spans::Instant::EPOCH;
    let kept = || desk.journal.read(|tx| tx.sessions(&person, long_ago)).unwrap().len();
    assert_eq!(kept(), 1);
    let server = served(&desk).await;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if kept() == 0 {
            break;
        }
    }
    assert_eq!(kept(), 0);
    server.stop.send(()).unwrap();
    server.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn heads_have_limits_and_smuggling_is_refused() {
    let desk = Desk::new();
    let server = served(&desk).await;
    let head =
        |extra: &str| format!("POST /sign-out HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n{extra}\r\n");
    let many: String = (0..=HEADERS_MAX).map(|n| format!("x-{n}: 1\r\n")).collect();
    let long = format!("x: {}\r\n", "x".repeat(HEADER_BYTES_MAX));
    for (extra, status) in
        [(many, "431"), (long, "431"), ("content-length: 1\r\ncontent-length: 2\r\n".to_owned(), "400")]
    {
        let answer = say(server.address, &head(&extra)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{status}: {answer}");
    }
    server.stop.send(()).unwrap();
    server.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn metrics_are_for_programs_on_this_machine_too() {
    let desk = Desk::new();
    let server = served(&desk).await;
    let ask =
        |extra: &str| format!("GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n{extra}\r\n");
    assert!(say(server.address, &ask("")).await.contains("uphold_live_streams"));
    for stranger in [
        "x-forwarded-for: 9.9.9.9\r\n",
        "x-real-ip: 9.9.9.9\r\n",
        "forwarded: for=9.9.9.9\r\n",
        "sec-fetch-site: none\r\n",
    ] {
        assert!(!say(server.address, &ask(stranger)).await.contains("uphold_live_streams"), "{stranger}");
    }
    server.stop.send(()).unwrap();
    server.ended.await.unwrap().unwrap();
}

/// Nobody takes the portal from everybody by connecting and saying nothing, or the beginning of what HTTP/2 begins with.
#[tokio::test]
async fn whoever_says_nothing_is_let_go_of() {
    let desk = Desk::new();
    let server = served(&desk).await;
    let mut silent = Vec::new();
    for said in ["", "P", "PRI * HTTP/2.0\r\n"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        silent.push((said, stream));
    }
    let patience = FIRST_TIME_MAX + Duration::from_secs(5);
    let let_go = async {
        for (said, stream) in &mut silent {
            let n = stream.read(&mut [0; 64]).await.unwrap_or(0);
            assert_eq!(n, 0, "{said}");
        }
    };
    tokio::time::timeout(patience, let_go).await.unwrap();
    server.stop.send(()).unwrap();
    server.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn one_person_has_so_many_open_pages() {
    let desk = Desk::new();
    let token = desk.signed_in("bo").await.cookies["__Host-session"].clone();
    let server = served(&desk).await;
    let request = format!("GET /live HTTP/1.1\r\nhost: {HOST}\r\ncookie: __Host-session={token}\r\n\r\n");
    let mut pages = Vec::new();
    for n in 0..=LIVE_OF_ONE_MAX {
        let mut page = TcpStream::connect(server.address).await.unwrap();
        page.write_all(request.as_bytes()).await.unwrap();
        let mut head = [0; 64];
        page.read_exact(&mut head).await.unwrap();
        let status = if n < LIVE_OF_ONE_MAX { "HTTP/1.1 200" } else { "HTTP/1.1 429" };
        assert!(head.starts_with(status.as_bytes()), "{n}: {}", String::from_utf8_lossy(&head));
        pages.push(page);
    }
    server.stop.send(()).unwrap();
    server.ended.await.unwrap().unwrap();
}
