//! Server-side request forgery: what an attacker writes into a check, a DNS zone or a `location`, and that nothing is connected to.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use facts::Outcome;
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RData;
use hickory_proto::rr::rdata::{A, AAAA};
use probe::{Guard, Looker, Names, Question, SystemClock, Trust};
use tokio::net::TcpListener;
use wire::{Dns, Family, Http, Icmp, RecordType, Redirects, Tcp, What};

use crate::name_server::{Says, name_server};
use crate::service::{Service, answer, look, redirect};

/// URLs that are refused as they stand. `{port}`: where a listener waits on loopback.
const URLS: &[&str] = &[
    // Loopback, as written, as some resolvers read it, and in the forms of inet_aton.
    "http://127.0.0.1:{port}/",
    "http://127.8.9.10:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::]:{port}/",
    "http://0:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127。0。0。1:{port}/",
    // IPv4 inside IPv6.
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[0:0:0:0:0:ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[::ffff:0:127.0.0.1]:{port}/",
    "http://[64:ff9b::127.0.0.1]:{port}/",
    "http://[64:ff9b::a9fe:a9fe]/latest/meta-data/",
    "http://[64:ff9b:1::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[2002:0a00:0001::1]/",
    "http://[2001:0:7f00:1::]:{port}/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    "http://[2001:0:4136:e378:8000:63bf:f5ff:fffe]/",
    "http://[fe80::5efe:127.0.0.1]/",
    "http://[2606:4700::5efe:10.0.0.1]/",
    "http://[2606:4700::200:5efe:10.0.0.1]/",
    "http://[::1%25lo]:{port}/",
    // Private networks and what is not the internet.
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.1.1/",
    "http://192.0.2.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    "http://[3fff::1]/",
    "http://[4000::1]/",
    // Clouds' metadata.
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.170.2/v2/credentials",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[fd20:ce::254]/computeMetadata/v1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://168.63.129.16/machine",
    "http://192.0.0.192/opc/v2/instance/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    // Ports mail is handed over on.
    "http://1.1.1.1:25/",
    "http://1.1.1.1:465/",
    "http://1.1.1.1:587/",
    // Not HTTP, or not only a host.
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_",
    "ftp://127.0.0.1:{port}/",
    "dict://127.0.0.1:{port}/",
    "ldap://127.0.0.1:{port}/",
    "unix:///run/docker.sock",
    "//127.0.0.1:{port}/",
    "127.0.0.1:{port}",
    "http://user:secret@127.0.0.1:{port}/",
    "http://1.1.1.1@127.0.0.1:{port}/",
    "http://1.1.1.1#@127.0.0.1:{port}/\r\nhost: x",
    "http://1.1.1.1 @127.0.0.1:{port}/",
    "http://127.0.0.1\\@1.1.1.1:{port}/",
    "http://1.1.1.1:0/",
    "http://1.1.1.1:65536/",
    "http://",
    "",
];

/// Addresses that a name may turn out to have.
const ANSWERS: &[&str] = &[
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "192.168.0.1",
    "0.0.0.0",
    "::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
    "fd00:ec2::254",
    "fe80::1",
];

/// Somebody who waits on loopback and should wait in vain.
struct Trap {
    listener: TcpListener,
    port: u16,
}

impl Trap {
    async fn new() -> Trap {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Trap { listener, port }
    }

    /// Nobody came, and nobody is on the way.
    async fn is_empty(&self) -> bool {
        tokio::time::timeout(Duration::from_millis(20), self.listener.accept()).await.is_err()
    }
}

fn stranger(names: Names) -> Looker {
    Looker::new(Guard::public(), names, &Trust::default(), Arc::new(SystemClock))
}

/// Refused, told so, and without a connection to anywhere.
async fn refused(looker: &Looker, what: What) {
    let before = looker.connects();
    let seen = looker.look(&Question::of(&what, Duration::from_secs(2))).await;
    let why = seen.reason.map(String::from).unwrap_or_default();
    assert_eq!(seen.outcome, Outcome::Void, "{what:?}: {why}");
    assert!(why.starts_with("refused: "), "{what:?}: {why}");
    assert_eq!(seen.cause, Some(facts::Cause::Refused));
    assert_eq!(looker.connects(), before, "{what:?}: connected");
}

#[tokio::test]
async fn no_hostile_url_is_connected_to() {
    assert!(URLS.len() >= 46);
    let trap = Trap::new().await;
    let looker = stranger(Names::servers(&[]));
    for url in URLS {
        let url = url.replace("{port}", &trap.port.to_string());
        refused(&looker, What::Http(Http { redirects: Redirects::Follow, ..Http::get(url) })).await;
    }
    assert!(trap.is_empty().await);
    assert_eq!(looker.connects(), 0);
}

/// The control: the same trap is sprung when the operator allows it, so the test above can fail.
#[tokio::test]
async fn the_trap_springs_where_the_operator_allows_it() {
    let service = Service::plain(|_| answer(200, "")).await;
    let looker = crate::service::looker();
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{}/", service.address.port());
        assert_eq!(look(&looker, What::Http(Http::get(url))).await.outcome, Outcome::Up);
    }
    assert_eq!((service.accepted(), looker.connects()), (2, 2));
}

#[tokio::test]
async fn every_other_kind_of_question_is_held_to_the_same_rules() {
    let trap = Trap::new().await;
    let looker = stranger(Names::servers(&[]));
    for host in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "0x7f.1", "10.0.0.1"] {
        let host = host.to_owned();
        refused(&looker, What::Tcp(Tcp { host: host.clone(), port: trap.port, family: Family::Any })).await;
        refused(&looker, What::Icmp(Icmp { host, family: Family::Any })).await;
    }
    let server = Some(([127, 0, 0, 1], 53).into());
    let dns = Dns { name: "www.example.com".to_owned(), record: RecordType::A, server, expect: Vec::new() };
    refused(&looker, What::Dns(dns)).await;
    assert!(trap.is_empty().await);
}

/// The port comes before the name: nobody has the name `x`, and that is not why.
#[tokio::test]
async fn a_port_for_mail_is_refused_before_its_name_is_asked() {
    let looker = stranger(Names::servers(&[([127, 0, 0, 1], 9).into()]));
    for port in [25, 465, 587] {
        refused(&looker, What::Http(Http::get(format!("http://x:{port}/")))).await;
        refused(&looker, What::Tcp(Tcp { host: "x".to_owned(), port, family: Family::Any })).await;
    }
}

/// A zone that gives private addresses, alone or mixed with a public one. The one connection counted is the question to the
/// resolver.
#[tokio::test]
async fn a_name_that_leads_inside_is_refused_whatever_else_it_has() {
    let trap = Trap::new().await;
    for private in ANSWERS {
        let private: IpAddr = private.parse().unwrap();
        let data = match private {
            IpAddr::V4(v4) => RData::A(A(v4)),
            IpAddr::V6(v6) => RData::AAAA(AAAA(v6)),
        };
        let public = RData::A(A(Ipv4Addr::new(1, 1, 1, 1)));
        for records in [vec![data.clone()], vec![public, data]] {
            let server = name_server(move |_| Says::Records(records.clone())).await;
            let looker = stranger(Names::servers(&[server]));
            let what = What::Http(Http::get(format!("http://rebind.example.com:{}/", trap.port)));
            let seen = look(&looker, what).await;
            let why = seen.reason.map(String::from).unwrap_or_default();
            assert_eq!(seen.outcome, Outcome::Void, "{private}: {why}");
            assert!(why.starts_with("refused: "), "{private}: {why}");
            assert_eq!(looker.connects(), 1, "{private}: only the resolver was asked");
        }
    }
    assert!(trap.is_empty().await);
}

/// Rebinding: public when checked, private when connected to. There is no second question, so there is no second answer.
#[tokio::test]
async fn a_name_is_asked_once_and_the_address_that_passed_is_the_one_connected_to() {
    let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let service = Service::plain(|_| answer(200, "")).await;
    let server = name_server(move |name| {
        if name != "rebind.example.com." {
            return Says::Code(ResponseCode::NXDomain);
        }
        // Two questions, A and AAAA, make one look.
        match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 | 1 => Says::Records(vec![RData::A(A(Ipv4Addr::LOCALHOST))]),
            _ => Says::Records(vec![RData::A(A(Ipv4Addr::new(169, 254, 169, 254)))]),
        }
    })
    .await;
    let looker = crate::service::looker_with(Names::servers(&[server]), &Trust::default());
    let url = format!("http://rebind.example.com:{}/", service.address.port());
    assert_eq!(look(&looker, What::Http(Http::get(url.clone()))).await.outcome, Outcome::Up);
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 2);
    refused_after(&looker, url).await;
    assert_eq!(service.accepted(), 1);
}

async fn refused_after(looker: &Looker, url: String) {
    let seen = look(looker, What::Http(Http::get(url))).await;
    assert_eq!(seen.outcome, Outcome::Void);
}

#[tokio::test]
async fn a_redirect_is_checked_like_the_first_url() {
    let trap = Trap::new().await;
    let allowed: IpAddr = "127.0.0.2".parse().unwrap();
    let guard = Guard::public().allowing(["127.0.0.2".parse().unwrap()]);
    for url in URLS.iter().filter(|url| url.starts_with("http://") || url.contains("://")) {
        let location = url.replace("{port}", &trap.port.to_string());
        let Ok(location) = hyper::header::HeaderValue::try_from(location) else { continue };
        let Ok(location) = location.to_str().map(str::to_owned) else { continue };
        let service = Service::on("127.0.0.2:0", None, move |_| redirect(302, location.clone())).await;
        assert_eq!(service.address.ip(), allowed);
        let looker =
            Looker::new(guard.clone(), Names::servers(&[]), &Trust::default(), Arc::new(SystemClock));
        let http = Http { redirects: Redirects::Follow, ..Http::get(service.url("/")) };
        let seen = look(&looker, What::Http(http)).await;
        assert_eq!(seen.outcome, Outcome::Void, "{url}: {:?}", seen.reason);
        assert_eq!(looker.connects(), 1, "{url}: only the first was connected to");
    }
    assert!(trap.is_empty().await);
}
