//! Names: whose fault it is when there is no address, and DNS as the thing that is watched.

use std::net::SocketAddr;
use std::time::Duration;

use facts::Outcome::{Down, Up, Void};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::{A, NS, TXT};
use probe::{Names, Question, Trust};
use wire::{Dns, Http, RecordType, What};

use crate::name_server::{Says, name_server};
use crate::service::{Service, answer, look, looker, looker_with};

fn loopback() -> Says {
    Says::Records(vec![RData::A(A::new(127, 0, 0, 1))])
}

fn root() -> Says {
    Says::Records(vec![RData::NS(NS("a.root-servers.net.".parse().unwrap()))])
}

async fn outcome(server: SocketAddr, name: &str) -> (facts::Outcome, String) {
    let looker = looker_with(Names::servers(&[server]), &Trust::default());
    let what = What::Http(Http::get(format!("http://{name}/")));
    let seen = looker.look(&Question::of(&what, Duration::from_millis(700))).await;
    (seen.outcome, seen.reason.map(String::from).unwrap_or_default())
}

#[tokio::test]
async fn a_name_is_resolved_and_its_address_asked() {
    let service = Service::plain(|asked| {
        answer(
            if asked.headers()["host"].to_str().unwrap().starts_with("www.example.com:") { 200 } else { 400 },
            "",
        )
    })
    .await;
    let server = name_server(|_| loopback()).await;
    let looker = looker_with(Names::servers(&[server]), &Trust::default());
    let url = format!("http://www.example.com:{}/", service.address.port());
    let seen = look(&looker, What::Http(Http::get(url))).await;
    assert_eq!((seen.outcome, seen.reason), (Up, None));
    assert!(seen.phases.dns_us.is_some());
}

#[tokio::test]
async fn a_name_without_an_address_of_the_kind_asked_for_is_the_service_s_failure() {
    let server = name_server(|_| loopback()).await;
    let looker = looker_with(Names::servers(&[server]), &Trust::default());
    let v6 = Http { family: wire::Family::V6, ..Http::get("http://www.example.com/") };
    let seen = look(&looker, What::Http(v6)).await;
    assert_eq!(
        (seen.outcome, seen.reason.unwrap().as_str()),
        (Down, "dns: no address of the kind asked for")
    );
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_the_service_s_failure() {
    let server = name_server(|_| Says::Code(ResponseCode::NXDomain)).await;
    assert_eq!(outcome(server, "gone.example.com").await, (Down, "dns: no such name".to_owned()));
}

#[tokio::test]
async fn a_name_that_fails_while_the_resolver_answers_for_the_root_is_the_service_s_failure() {
    for says in [Says::Code(ResponseCode::ServFail), Says::Nothing] {
        let server = name_server(move |name| if name == "." { root() } else { says.clone() }).await;
        let (outcome, reason) = outcome(server, "www.example.com").await;
        assert_eq!(outcome, Down, "{reason}");
    }
}

#[tokio::test]
async fn a_resolver_that_does_not_answer_at_all_is_our_own_fault() {
    for says in [Says::Code(ResponseCode::ServFail), Says::Nothing] {
        let server = name_server(move |_| says.clone()).await;
        let silent = (Void, "dns: the resolver of this machine does not answer".to_owned());
        assert_eq!(outcome(server, "www.example.com").await, silent);
    }
    let server = name_server(|_| Says::Code(ResponseCode::Refused)).await;
    let refused = (Void, "dns: the resolver of this machine refuses us".to_owned());
    assert_eq!(outcome(server, "www.example.com").await, refused);
}

#[tokio::test]
async fn a_record_is_asked_for_by_type_and_held_against_what_is_expected() {
    let says = |name: &str| match name {
        "www.example.com." => Says::Records(vec![
            RData::A(A::new(192, 0, 2, 1)),
            RData::TXT(TXT::new(vec!["v=spf1 -all".to_owned()])),
        ]),
        _ => Says::Code(ResponseCode::NXDomain),
    };
    let server = name_server(says).await;
    let ours = looker_with(Names::servers(&[server]), &Trust::default());
    let ask = |record, expect: &[&str], server| {
        let expect = expect.iter().map(|&text| text.to_owned()).collect();
        What::Dns(Dns { name: "www.example.com".to_owned(), record, server, expect })
    };
    for server in [None, Some(server)] {
        assert_eq!(look(&ours, ask(RecordType::A, &[], server)).await.outcome, Up);
        assert_eq!(look(&ours, ask(RecordType::A, &["192.0.2.9", "192.0.2.1"], server)).await.outcome, Up);
        assert_eq!(look(&ours, ask(RecordType::A, &["192.0.2.9"], server)).await.outcome, Down);
        assert_eq!(look(&ours, ask(RecordType::Txt, &["v=spf1 -all"], server)).await.outcome, Up);
        assert_eq!(look(&ours, ask(RecordType::Mx, &[], server)).await.outcome, Down);
    }
}

#[tokio::test]
async fn a_server_that_is_watched_and_silent_is_down() {
    let server = name_server(|_| Says::Nothing).await;
    let dns = Dns {
        name: "www.example.com".to_owned(),
        record: RecordType::A,
        server: Some(server),
        expect: vec![],
    };
    let seen = looker().look(&Question::of(&What::Dns(dns), Duration::from_millis(200))).await;
    assert_eq!((seen.outcome, seen.reason.unwrap().as_str()), (Down, "dns server: no answer in time"));
}

#[tokio::test]
async fn an_answer_too_long_for_a_datagram_is_asked_for_again_over_tcp() {
    let server = name_server(|_| Says::TooLong(vec![RData::A(A::new(192, 0, 2, 1))])).await;
    let looker = looker_with(Names::servers(&[server]), &Trust::default());
    let dns = Dns { name: "www.example.com".to_owned(), record: RecordType::A, server: None, expect: vec![] };
    assert_eq!(look(&looker, What::Dns(dns)).await.outcome, Up);
}

#[tokio::test]
async fn localhost_is_this_machine_and_asked_of_nobody() {
    let service = Service::plain(|_| answer(200, "")).await;
    let url = format!("http://localhost:{}/", service.address.port());
    assert_eq!(look(&looker(), What::Http(Http::get(url))).await.outcome, Up);
}
