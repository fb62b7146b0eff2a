//! What a look tells of services that are well, and of those that are not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use facts::Cause;
use facts::Outcome::{Down, Up, Void};
use probe::{Names, Question, Seen, Trust};
use wire::{BodyMatch, Family, Header, Http, HttpVersion, Icmp, Redirects, Tcp, What};

use crate::service::{Identity, Service, answer, look, looker, looker_with, redirect};

#[track_caller]
fn told(seen: &Seen, outcome: facts::Outcome, reason: &str) {
    let why = seen.reason.as_ref().map_or("", |reason| reason.as_str());
    assert_eq!((seen.outcome, why), (outcome, reason));
}

fn get(url: String) -> What {
    What::Http(Http::get(url))
}

#[tokio::test]
async fn a_good_answer_has_its_phases_and_every_look_its_own_connection() {
    let service = Service::plain(|_| answer(204, "")).await;
    let looker = looker();
    for looks in 1..=3 {
        let seen = look(&looker, get(service.url("/"))).await;
        assert_eq!((seen.outcome, seen.code, seen.reason), (Up, Some(204), None));
        let phases = seen.phases;
        assert!(phases.connect_us.is_some() && phases.first_byte_us.is_some());
        assert_eq!((phases.dns_us, phases.tls_us), (None, None));
        assert!(phases.total_us >= phases.connect_us.max(phases.first_byte_us));
        assert_eq!((service.accepted(), looker.connects()), (looks, looks as u64));
    }
}

#[tokio::test]
async fn a_code_or_a_body_that_is_not_expected_is_a_failure() {
    let service = Service::plain(|asked| match asked.uri().path() {
        "/broken" => answer(503, "sorry"),
        _ => answer(200, "all is well"),
    })
    .await;
    let looker = looker();
    let seen = look(&looker, get(service.url("/broken"))).await;
    told(&seen, Down, "http: code 503");
    assert_eq!((seen.code, seen.cause), (Some(503), Some(Cause::Status)));
    let expected = Http { expect: vec![503], ..Http::get(service.url("/broken")) };
    told(&look(&looker, What::Http(expected)).await, Up, "");
    for (wanted, outcome, reason) in [
        (BodyMatch::Contains("well".to_owned()), Up, ""),
        (BodyMatch::Contains("good".to_owned()), Down, "http: not the body expected"),
        (BodyMatch::Lacks("well".to_owned()), Down, "http: not the body expected"),
    ] {
        let http = Http { body_match: Some(wanted), ..Http::get(service.url("/")) };
        let seen = look(&looker, What::Http(http)).await;
        told(&seen, outcome, reason);
        assert_eq!(seen.cause, (outcome == Down).then_some(Cause::Body));
    }
}

#[tokio::test]
async fn method_headers_and_body_arrive() {
    let service = Service::plain(|asked| {
        let fits = asked.method() == "PUT" && asked.headers()["x-key"] == "k" && asked.body() == "hello";
        answer(if fits { 200 } else { 400 }, "")
    })
    .await;
    let http = Http {
        method: "PUT".to_owned(),
        headers: vec![Header { name: "x-key".to_owned(), value: "k".to_owned() }],
        body: Some("hello".to_owned()),
        ..Http::get(service.url("/"))
    };
    told(&look(&looker(), What::Http(http)).await, Up, "");
}

#[tokio::test]
async fn redirects_are_answers_unless_they_are_to_be_followed_and_three_are_enough() {
    let service = Service::plain(|asked| match asked.uri().path()[1..].parse::<u32>() {
        Ok(0) | Err(_) => answer(200, ""),
        Ok(left) => redirect(302, format!("/{}", left - 1)),
    })
    .await;
    let looker = looker();
    let follow = |path: &str, redirects| What::Http(Http { redirects, ..Http::get(service.url(path)) });
    told(&look(&looker, follow("/1", Redirects::Never)).await, Down, "http: code 302");
    told(&look(&looker, follow("/3", Redirects::Follow)).await, Up, "");
    told(&look(&looker, follow("/3", Redirects::SameOrigin)).await, Up, "");
    told(&look(&looker, follow("/4", Redirects::Follow)).await, Down, "http: more than three redirects");
}

#[tokio::test]
async fn what_is_meant_for_one_origin_is_not_carried_to_another() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let elsewhere = {
        let heard = Arc::clone(&heard);
        Service::plain(move |asked| {
            heard.lock().unwrap().push((asked.headers().contains_key("authorization"), asked.body().len()));
            answer(200, "")
        })
        .await
    };
    let there = elsewhere.url("/");
    let service =
        Service::plain(move |asked| redirect(asked.uri().path()[1..].parse().unwrap(), there.clone())).await;
    let looker = looker();
    let follow = |path: &str, redirects| {
        What::Http(Http {
            method: "POST".to_owned(),
            headers: vec![Header { name: "authorization".to_owned(), value: "secret".to_owned() }],
            body: Some("secret".to_owned()),
            redirects,
            ..Http::get(service.url(path))
        })
    };
    told(&look(&looker, follow("/303", Redirects::Follow)).await, Up, "");
    assert_eq!(*heard.lock().unwrap(), [(false, 0)]);
    let refused = "refused: a redirect would carry the body elsewhere";
    told(&look(&looker, follow("/307", Redirects::Follow)).await, Void, refused);
    told(&look(&looker, follow("/303", Redirects::SameOrigin)).await, Down, "http: code 303");
    assert_eq!(elsewhere.accepted(), 1);
}

#[tokio::test]
async fn what_does_not_answer_is_a_failure_told_by_where_it_stopped() {
    let looker = looker();
    let closed = Service::silent().await.address.port();
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let seen = look(&looker, get(format!("http://{gone}/"))).await;
    told(&seen, Down, "connect: Connection refused (os error 111)");
    assert_eq!(seen.cause, Some(Cause::Connect));
    let patience = Duration::from_millis(100);
    let silent = Question::of(&get(format!("http://127.0.0.1:{closed}/")), patience);
    let seen = looker.look(&silent).await;
    told(&seen, Down, "http: no answer in time");
    assert_eq!(seen.cause, Some(Cause::Timeout));
    assert!(seen.phases.total_us.is_some_and(|us| us >= 100_000));
    let garbage = Service::saying(b"SSH-2.0-OpenSSH_9.2\r\n").await;
    let seen = look(&looker, get(garbage.url("/"))).await;
    assert_eq!((seen.outcome, seen.cause), (Down, Some(Cause::Http)));
    let short = Service::saying(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhal").await;
    assert_eq!(look(&looker, get(short.url("/"))).await.outcome, Down);
}

#[tokio::test]
async fn no_more_than_a_megabyte_is_read() {
    let service = Service::plain(|_| {
        let body = bytes::Bytes::from(vec![b'x'; 3 << 20]);
        hyper::Response::new(http_body_util::Full::new(body))
    })
    .await;
    let http = Http { body_match: Some(BodyMatch::Lacks("y".to_owned())), ..Http::get(service.url("/")) };
    told(&look(&looker(), What::Http(http)).await, Up, "");
}

#[tokio::test]
async fn over_tls_the_chain_is_held_against_the_roots_and_its_end_is_told() {
    let identity = Identity::until(2090);
    let service = Service::tls(&identity, &["h2", "http/1.1"], |asked| {
        answer(if asked.version() == hyper::Version::HTTP_2 { 200 } else { 201 }, "")
    })
    .await;
    let looker = looker_with(Names::servers(&[]), &identity.trusted());
    let https = |version| What::Http(Http { version, ..Http::get(format!("https://{}/", service.address)) });
    for (version, code) in [(HttpVersion::Auto, 200), (HttpVersion::Http1, 201), (HttpVersion::Http2, 200)] {
        let seen = look(&looker, https(version)).await;
        assert_eq!((seen.outcome, seen.code, seen.reason), (Up, Some(code), None), "{version:?}");
        assert_eq!(seen.not_after, "2090-03-06T00:00:00Z".parse().ok());
        assert!(seen.phases.tls_us.is_some());
    }
    let stranger = looker_with(Names::servers(&[]), &Identity::until(2090).trusted());
    assert_eq!(look(&stranger, https(HttpVersion::Auto)).await.outcome, Down);
    let nobody = looker_with(Names::servers(&[]), &Trust::default());
    told(&look(&nobody, https(HttpVersion::Auto)).await, Void, "tls: this machine has no roots to trust");
}

#[tokio::test]
async fn an_expired_certificate_is_a_failure_that_tells_since_when() {
    let identity = Identity::until(2020);
    let service = Service::tls(&identity, &[], |_| answer(200, "")).await;
    let looker = looker_with(Names::servers(&[]), &identity.trusted());
    let seen = look(&looker, get(format!("https://{}/", service.address))).await;
    assert_eq!((seen.outcome, seen.not_after), (Down, "2020-03-06T00:00:00Z".parse().ok()));
    assert_eq!(seen.cause, Some(Cause::Tls));
}

#[tokio::test]
async fn http_2_that_is_asked_for_and_not_spoken_is_a_failure() {
    let identity = Identity::until(2090);
    let service = Service::tls(&identity, &[], |_| answer(200, "")).await;
    let looker = looker_with(Names::servers(&[]), &identity.trusted());
    let http = Http { version: HttpVersion::Http2, ..Http::get(format!("https://{}/", service.address)) };
    told(&look(&looker, What::Http(http)).await, Down, "http: the server does not speak HTTP/2");
}

#[tokio::test]
async fn ipv6_is_asked_as_ipv4_is() {
    if tokio::net::TcpListener::bind("[::1]:0").await.is_err() {
        eprintln!("NOT RUN: this machine has no IPv6 loopback");
        return;
    }
    let service = Service::on("[::1]:0", None, |_| answer(200, "")).await;
    let looker = looker();
    told(&look(&looker, get(service.url("/"))).await, Up, "");
    let v4 = Http { family: Family::V4, ..Http::get(service.url("/")) };
    told(&look(&looker, What::Http(v4)).await, Void, "refused: an address of another kind than asked for");
}

#[tokio::test]
async fn a_tcp_connection_is_accepted_or_it_is_not() {
    let service = Service::silent().await;
    let tcp = |port| What::Tcp(Tcp { host: "127.0.0.1".to_owned(), port, family: Family::Any });
    told(&look(&looker(), tcp(service.address.port())).await, Up, "");
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(look(&looker(), tcp(gone.port())).await.outcome, Down);
}

#[tokio::test]
async fn an_echo_comes_back_or_the_kernel_that_forbids_it_is_named() {
    let seen = look(&looker(), What::Icmp(Icmp { host: "127.0.0.1".to_owned(), family: Family::Any })).await;
    let forbidden = "icmp: the kernel forbids it: net.ipv4.ping_group_range does not hold our group";
    match seen.outcome {
        Up => assert!(seen.phases.first_byte_us.is_some()),
        _ => told(&seen, Void, forbidden),
    }
}

#[tokio::test]
async fn a_machine_without_a_route_says_nothing_of_the_service() {
    let looker = crate::service::looker_with(Names::servers(&[]), &Trust::default());
    let tcp = What::Tcp(Tcp { host: "2a00:1450::1".to_owned(), port: 443, family: Family::Any });
    // Only where there is no way out over IPv6, as in a container; elsewhere it would leave the machine.
    let way_out = std::net::UdpSocket::bind("[::]:0").and_then(|socket| socket.connect("[2a00:1450::1]:9"));
    if way_out.is_ok() {
        eprintln!("NOT RUN: this machine has a route over IPv6");
        return;
    }
    told(&look(&looker, tcp).await, Void, "connect: no route from this machine");
}
