//! Every kind of question against every kind of bad server: none hangs, none is believed, none is listened to without end.

use std::sync::Arc;
use std::time::Duration;

use facts::{Cause, Outcome};
use probe::{Guard, Looker, Names, Question, SystemClock, Trust};
use wire::What;

use crate::service::{Identity, Service, looker_with, question};

/// A question of each kind to a place, in the clear.
fn kinds(place: &str) -> Vec<(&'static str, What)> {
    let (host, port) = place.rsplit_once(':').unwrap();
    [
        (
            "http",
            format!(r#"{{"http":{{"url":"http://{place}/","wanted":[{{"body":{{"contains":"ok"}}}}]}}}}"#),
        ),
        ("flow", format!(r#"{{"flow":{{"steps":[{{"http":{{"url":"http://{place}/"}}}}]}}}}"#)),
        ("tls", format!(r#"{{"tls":{{"host":"{host}","port":{port}}}}}"#)),
        ("smtp", format!(r#"{{"smtp":{{"host":"{host}","port":{port}}}}}"#)),
        ("smtps", format!(r#"{{"smtp":{{"host":"{host}","port":{port},"security":"tls"}}}}"#)),
        ("imap", format!(r#"{{"imap":{{"host":"{host}","port":{port}}}}}"#)),
        ("postgres", format!(r#"{{"postgres":{{"host":"{host}","port":{port}}}}}"#)),
        ("select", format!(r#"{{"postgres":{{"host":"{host}","port":{port},"user":"watch"}}}}"#)),
        ("redis", format!(r#"{{"redis":{{"host":"{host}","port":{port}}}}}"#)),
        ("ws", format!(r#"{{"web-socket":{{"url":"ws://{place}/"}}}}"#)),
        ("grpc", format!(r#"{{"grpc":{{"url":"http://{place}"}}}}"#)),
    ]
    .map(|(name, json)| (name, question(&json)))
    .into()
}

#[tokio::test]
async fn every_kind_meets_every_fault() {
    let looker = Arc::new(looker_with(Names::servers(&[]), &Identity::until(2090).trusted()));
    let bad = [
        ("silent", Service::silent().await),
        ("hangs up", Service::saying(b"").await),
        ("another protocol", Service::saying(b"SSH-2.0-OpenSSH_9.2\r\n").await),
        ("half an answer", Service::saying(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhal").await),
        ("no end of a line", Service::flooding(b"x").await),
        ("no end of lines", Service::flooding(b"250-more and more\r\n").await),
        ("no end of IMAP", Service::flooding(b"* more and more\r\n").await),
        ("no end of messages", Service::flooding(b"S\0\0\0\x0aa\0b\0cd").await),
        ("a huge message", Service::flooding(b"R\xff\xff\xff\xff").await),
        ("no end of headers", Service::flooding(b"HTTP/1.1 200 OK\r\nx: y\r\n").await),
    ];
    let mut cases = tokio::task::JoinSet::new();
    for (fault, service) in &bad {
        for (kind, what) in kinds(&service.address.to_string()) {
            cases.spawn(meet(Arc::clone(&looker), kind, fault, what));
        }
    }
    assert_eq!(cases.join_all().await.len(), 110);
}

async fn meet(looker: Arc<Looker>, kind: &'static str, fault: &'static str, what: What) {
    let asked = Question::of(&what, Duration::from_millis(800));
    let look = tokio::time::timeout(Duration::from_secs(10), looker.look(&asked));
    let seen = look.await.expect("a look ends");
    let case = format!("{kind} at {fault}: {:?} {:?}", seen.cause, seen.reason);
    // That it speaks TLS is what an `S` says, and all that is asked there.
    if kind == "postgres" && seen.outcome == Outcome::Up {
        assert!(["another protocol", "no end of messages"].contains(&fault), "{case}");
        return;
    }
    assert_eq!(seen.outcome, Outcome::Down, "{case}");
    if fault == "silent" {
        assert_eq!(seen.cause, Some(Cause::Timeout), "{case}");
    }
}

#[tokio::test]
async fn no_kind_asks_what_may_not_be_asked() {
    let stranger = Looker::new(
        Guard::public(),
        Names::servers(&[]),
        &Identity::until(2090).trusted(),
        Arc::new(SystemClock),
    );
    let trap = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = trap.local_addr().unwrap().port();
    for host in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0", "100.64.0.1"] {
        for (kind, what) in kinds(&format!("{host}:{port}")) {
            let seen = stranger.look(&Question::of(&what, Duration::from_secs(2))).await;
            let case = format!("{kind} at {host}: {:?}", seen.reason);
            assert_eq!((seen.outcome, seen.cause), (Outcome::Void, Some(Cause::Refused)), "{case}");
        }
    }
    assert_eq!(stranger.connects(), 0);
    // A mail port is greeted and asked nothing else.
    let own = Looker::new(
        Guard::public().allowing(["127.0.0.0/8".parse().unwrap()]).with_own_ports([port]),
        Names::servers(&[]),
        &Trust::default(),
        Arc::new(SystemClock),
    );
    for (kind, what) in kinds(&format!("127.0.0.1:{port}")) {
        let seen = own.look(&Question::of(&what, Duration::from_secs(2))).await;
        assert_eq!(
            (seen.outcome, seen.cause),
            (Outcome::Void, Some(Cause::Refused)),
            "{kind} at our own port"
        );
    }
    assert!(tokio::time::timeout(Duration::from_millis(20), trap.accept()).await.is_err(), "nobody came");
}
