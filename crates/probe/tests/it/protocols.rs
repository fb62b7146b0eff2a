//! Services that speak something else than HTTP, or something over it: real ones where there are, small ones where not.

use std::sync::OnceLock;
use std::time::Duration;

use facts::Cause;
use facts::Outcome::{Down, Up, Void};
use futures_util::{SinkExt, StreamExt};
use probe::{Looker, Names, Question, Secrets, Seen, Trust};
use testkit::postgres::Cluster;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use wire::What;

use crate::service::{Identity, Service, look, looker, looker_with, question, told};

const SECRETS: &str = r#"[{"name":"right","client":"acme","hosts":["127.0.0.1"],"value":"open sesame","clear":true},
    {"name":"wrong","client":"acme","hosts":["127.0.0.1"],"value":"open barley","clear":true},
    {"name":"guarded","client":"acme","hosts":["127.0.0.1"],"value":"open sesame"}]"#;

fn trusting(trust: &Trust) -> Looker {
    looker_with(Names::servers(&[]), trust).knowing(Secrets::read(SECRETS.as_bytes()).unwrap())
}

async fn look_for(looker: &Looker, what: &What) -> Seen {
    looker.look(&Question::of_client(what, Duration::from_secs(10), &"acme".parse().unwrap())).await
}

fn pem_to_der(pem: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(pem).unwrap();
    let text: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).unwrap()
}

#[tokio::test]
async fn tls_has_days_left_a_version_and_a_name() {
    let identity = Identity::until(2090);
    let both = Service::tls(&identity, &[], |_| crate::service::answer(200, "")).await;
    let old = Some(identity.acceptor_of(&[], &[&rustls::version::TLS12]));
    let old = Service::on("127.0.0.1:0", old, |_| crate::service::answer(200, "")).await;
    let looker = trusting(&identity.trusted());
    let tls = |service: &Service, more: &str| {
        question(&format!(r#"{{"tls":{{"host":"127.0.0.1","port":{}{more}}}}}"#, service.port()))
    };
    let seen = look(&looker, tls(&both, r#","days_left":800,"least":"1.3""#)).await;
    told(&seen, Up, None, "");
    assert_eq!(seen.not_after, "2090-03-06T00:00:00Z".parse().ok());
    assert!(seen.phases.tls_us.is_some());
    told(&look(&looker, tls(&both, r#","name":"localhost""#)).await, Up, None, "");
    told(&look(&looker, tls(&old, "")).await, Up, None, "");
    told(
        &look(&looker, tls(&old, r#","least":"1.3""#)).await,
        Down,
        Some(Cause::Tls),
        "tls: it chooses a version older than 1.3",
    );
    let seen = look(&looker, tls(&both, r#","name":"www.example.com""#)).await;
    assert_eq!((seen.outcome, seen.cause), (Down, Some(Cause::Tls)));
    let stranger = trusting(&Identity::until(2090).trusted());
    assert_eq!(look(&stranger, tls(&both, "")).await.outcome, Down);
}

#[tokio::test]
async fn a_certificate_that_ends_too_soon_is_a_failure_of_its_own() {
    let now = probe::Clock::read(&probe::SystemClock).wall_us;
    let year = spans::Instant::from_micros(now).to_string()[..4].parse::<i32>().unwrap() + 1;
    let identity = Identity::until(year);
    let service = Service::tls(&identity, &[], |_| crate::service::answer(200, "")).await;
    let tls = |days: u16| {
        question(&format!(r#"{{"tls":{{"host":"127.0.0.1","port":{},"days_left":{days}}}}}"#, service.port()))
    };
    let looker = trusting(&identity.trusted());
    told(&look(&looker, tls(14)).await, Up, None, "");
    let seen = look(&looker, tls(825)).await;
    assert_eq!((seen.outcome, seen.cause), (Down, Some(Cause::Certificate)));
}

#[tokio::test]
async fn a_mail_server_is_greeted_and_given_nothing() {
    use testkit::smtp::{Mode, Smtp};
    for (mode, security) in [(Mode::Plain, "plain"), (Mode::StartTls, "starttls"), (Mode::Tls, "tls")] {
        let server = Smtp::start(mode, None);
        let looker = trusting(&Trust::default().and([pem_to_der(&server.root())]));
        let smtp = |security: &str| {
            question(&format!(
                r#"{{"smtp":{{"host":"127.0.0.1","port":{},"security":"{security}"}}}}"#,
                server.port()
            ))
        };
        let seen = look(&looker, smtp(security)).await;
        told(&seen, Up, None, "");
        assert_eq!((seen.code, seen.not_after.is_some()), (Some(250), security != "plain"));
        assert!(server.mails().is_empty());
        if mode == Mode::Plain {
            let seen = look(&looker, smtp("starttls")).await;
            told(&seen, Down, Some(Cause::Protocol), "smtp: it does not offer STARTTLS");
        } else {
            let stranger = trusting(&Identity::until(2090).trusted());
            assert_eq!(look(&stranger, smtp(security)).await.cause, Some(Cause::Tls));
        }
    }
    let busy = Service::saying(b"421 too busy\r\n").await;
    let what = format!(r#"{{"smtp":{{"host":"127.0.0.1","port":{}}}}}"#, busy.port());
    let seen = look(&looker(), question(&what)).await;
    told(&seen, Down, Some(Cause::Status), "smtp: code 421");
    assert_eq!(seen.code, Some(421));
}

/// An IMAP server as far as it is greeted; with an identity it knows STARTTLS.
async fn imap(identity: Option<&Identity>, injects: bool) -> Service {
    let acceptor = identity.map(|identity| identity.acceptor(&[]));
    Service::talking(move |mut stream| {
        let acceptor = acceptor.clone();
        async move {
            let _ = stream.write_all(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n").await;
            loop {
                let mut line = Vec::new();
                while !line.ends_with(b"\r\n") {
                    let Ok(byte) = stream.read_u8().await else { return };
                    line.push(byte);
                }
                match (&line[..], &acceptor) {
                    (b"a1 STARTTLS\r\n", Some(acceptor)) => {
                        let more: &[u8] = if injects {
                            b"a1 OK begin\r\n* CAPABILITY IMAP4rev1\r\n"
                        } else {
                            b"a1 OK begin\r\n"
                        };
                        let _ = stream.write_all(more).await;
                        let Ok(mut tls) = acceptor.accept(stream).await else { return };
                        let mut asked = [0; 15];
                        if tls.read_exact(&mut asked).await.is_ok() && &asked == b"a2 CAPABILITY\r\n" {
                            let _ =
                                tls.write_all(b"* CAPABILITY IMAP4rev2 AUTH=PLAIN\r\na2 OK done\r\n").await;
                            let _ = tls.read_u8().await;
                        }
                        return;
                    }
                    (b"a1 STARTTLS\r\n", None) => drop(stream.write_all(b"a1 BAD what?\r\n").await),
                    (b"a2 CAPABILITY\r\n", _) => {
                        drop(stream.write_all(b"* CAPABILITY IMAP4rev1\r\na2 OK done\r\n").await);
                    }
                    _ => return,
                }
            }
        }
    })
    .await
}

#[tokio::test]
async fn an_imap_server_is_greeted_and_nobody_signs_in() {
    let identity = Identity::until(2090);
    let looker = trusting(&identity.trusted());
    let asked = |service: &Service, security: &str| {
        question(&format!(
            r#"{{"imap":{{"host":"127.0.0.1","port":{},"security":"{security}"}}}}"#,
            service.port()
        ))
    };
    let (plain, secure) = (imap(None, false).await, imap(Some(&identity), false).await);
    told(&look(&looker, asked(&plain, "plain")).await, Up, None, "");
    let seen = look(&looker, asked(&secure, "starttls")).await;
    told(&seen, Up, None, "");
    assert!(seen.not_after.is_some());
    told(
        &look(&looker, asked(&plain, "starttls")).await,
        Down,
        Some(Cause::Told),
        "imap: STARTTLS is refused",
    );
    // Words said in the clear, to be taken for words under TLS (CVE-2011-0411).
    let injected = look(&looker, asked(&imap(Some(&identity), true).await, "starttls")).await;
    told(&injected, Down, Some(Cause::Protocol), "imap: it said more before TLS than it was asked");
    let closing = Service::saying(b"* BYE down for repair\r\n").await;
    let seen = look(&looker, asked(&closing, "plain")).await;
    told(&seen, Down, Some(Cause::Told), "imap: it says that it is closing");
}

/// Redis as far as it is asked: its own forms of answers, and a password.
async fn redis(password: Option<&'static str>, pong: &'static [u8]) -> Service {
    Service::talking(move |stream| async move {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut is_in = password.is_none();
        while let Ok(Some(count)) = lines.next_line().await {
            let count: usize = count.strip_prefix('*').unwrap().parse().unwrap();
            let mut words = Vec::new();
            for _ in 0..count {
                let length = lines.next_line().await.unwrap().unwrap();
                let word = lines.next_line().await.unwrap().unwrap();
                assert_eq!(length, format!("${}", word.len()));
                words.push(word);
            }
            let answer: &[u8] = match words[0].as_str() {
                "AUTH" if words.last().map(String::as_str) == password => {
                    is_in = true;
                    b"+OK\r\n"
                }
                "AUTH" => b"-WRONGPASS invalid username-password pair: open barley\r\n",
                _ if !is_in => b"-NOAUTH Authentication required.\r\n",
                _ => pong,
            };
            if write.write_all(answer).await.is_err() {
                return;
            }
        }
    })
    .await
}

#[tokio::test]
async fn redis_answers_a_ping_behind_its_password() {
    let looker = trusting(&Trust::default());
    let asked = |service: &Service, more: &str| {
        question(&format!(r#"{{"redis":{{"host":"127.0.0.1","port":{}{more}}}}}"#, service.port()))
    };
    let (open, locked) = (redis(None, b"+PONG\r\n").await, redis(Some("open sesame"), b"+PONG\r\n").await);
    told(&look_for(&looker, &asked(&open, "")).await, Up, None, "");
    told(&look_for(&looker, &asked(&locked, r#","password":"right""#)).await, Up, None, "");
    told(&look_for(&looker, &asked(&locked, r#","user":"w","password":"right""#)).await, Up, None, "");
    told(&look_for(&looker, &asked(&locked, "")).await, Down, Some(Cause::SignIn), "redis: NOAUTH");
    let wrong = look_for(&looker, &asked(&locked, r#","password":"wrong""#)).await;
    told(&wrong, Down, Some(Cause::SignIn), "redis: WRONGPASS");
    let before = looker.connects();
    let guarded = look_for(&looker, &asked(&locked, r#","password":"guarded""#)).await;
    told(&guarded, Void, Some(Cause::Secret), "secret guarded: it goes over TLS only");
    assert_eq!(looker.connects(), before);
    let loading = redis(None, b"-LOADING Redis is loading the dataset in memory\r\n").await;
    told(&look_for(&looker, &asked(&loading, "")).await, Down, Some(Cause::Told), "redis: LOADING");
}

/// A PostgreSQL that speaks TLS, and asks for passwords in each way it knows.
fn cluster() -> &'static (Cluster, Vec<u8>) {
    static CLUSTER: OnceLock<(Cluster, Vec<u8>)> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let cluster = Cluster::start().unwrap();
        let identity = Identity::until(2090);
        let (certificate, key) = identity.pem();
        let rules = "host all uphold 127.0.0.1/32 trust\nhost all open 127.0.0.1/32 trust\n\
            hostssl all scram 127.0.0.1/32 scram-sha-256\nhost all md5 127.0.0.1/32 md5\n\
            host all clear 127.0.0.1/32 password\n";
        let data = cluster.sql("SHOW data_directory").unwrap();
        for (name, text) in [("server.crt", certificate), ("server.key", key), ("pg_hba.conf", rules.to_owned())] {
            let text = text.replace('\n', "\\n");
            cluster
                .sql(&format!(
                    "COPY (SELECT 1 WHERE false) TO PROGRAM 'umask 077; printf %b \"{text}\" > {data}/{name}'"
                ))
                .unwrap();
        }
        cluster
            .sql(
                "CREATE ROLE open LOGIN; SET password_encryption = 'scram-sha-256';
                 CREATE ROLE scram LOGIN PASSWORD 'open sesame'; CREATE ROLE clear LOGIN PASSWORD 'open sesame';
                 SET password_encryption = 'md5'; CREATE ROLE md5 LOGIN PASSWORD 'open sesame'",
            )
            .unwrap();
        cluster.sql("ALTER SYSTEM SET ssl = on").unwrap();
        cluster.sql("SELECT pg_reload_conf()").unwrap();
        for _ in 0..100 {
            if cluster.sql("SHOW ssl").unwrap() == "on" {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        (cluster, identity.certificate)
    })
}

#[tokio::test]
async fn postgres_says_whether_it_speaks_tls_and_answers_select_1() {
    let (cluster, certificate) = tokio::task::spawn_blocking(cluster).await.unwrap();
    let looker = trusting(&Trust::default().and([certificate.clone()]));
    let asked = |more: &str| {
        question(&format!(r#"{{"postgres":{{"host":"127.0.0.1","port":{}{more}}}}}"#, cluster.port()))
    };
    for good in [
        "",
        r#","security":"starttls""#,
        r#","user":"open","database":"postgres""#,
        r#","security":"starttls","user":"open","database":"postgres""#,
        r#","security":"starttls","user":"scram","password":"guarded","database":"postgres""#,
        r#","user":"md5","password":"right","database":"postgres""#,
        r#","security":"starttls","user":"clear","password":"guarded","database":"postgres""#,
    ] {
        let seen = look_for(&looker, &asked(good)).await;
        told(&seen, Up, None, "");
        assert!(seen.phases.first_byte_us.is_some());
        assert_eq!(seen.not_after.is_some(), good.contains("starttls"));
    }
    for (bad, cause, why) in [
        (
            r#","security":"starttls","user":"scram","password":"wrong","database":"postgres""#,
            Cause::SignIn,
            "postgres: error 28P01",
        ),
        (
            r#","security":"starttls","user":"scram","database":"postgres""#,
            Cause::SignIn,
            "postgres: it asks for a password",
        ),
        (r#","user":"open","database":"nowhere""#, Cause::Told, "postgres: error 3D000"),
        (r#","user":"nobody","database":"postgres""#, Cause::SignIn, "postgres: error 28000"),
    ] {
        told(&look_for(&looker, &asked(bad)).await, Down, Some(cause), why);
    }
    let unsafely = asked(r#","user":"md5","password":"guarded","database":"postgres""#);
    told(
        &look_for(&looker, &unsafely).await,
        Void,
        Some(Cause::Secret),
        "secret guarded: it goes over TLS only",
    );
    let stranger = trusting(&Identity::until(2090).trusted());
    let seen = look_for(&stranger, &asked(r#","security":"starttls","user":"open""#)).await;
    assert_eq!((seen.outcome, seen.cause), (Down, Some(Cause::Tls)));
}

#[tokio::test]
async fn postgres_that_will_not_speak_tls_is_not_spoken_to_without() {
    let service = Service::talking(|mut stream| async move {
        let mut request = [0; 8];
        let _ = stream.read_exact(&mut request).await;
        let _ = stream.write_all(b"N").await;
        let mut more = Vec::new();
        let _ = stream.read_to_end(&mut more).await;
        assert!(more.is_empty(), "something was said in the clear");
    })
    .await;
    let looker = trusting(&Identity::until(2090).trusted());
    let asked = format!(
        r#"{{"postgres":{{"host":"127.0.0.1","port":{},"security":"starttls","user":"open","password":"right"}}}}"#,
        service.port()
    );
    let seen = look_for(&looker, &question(&asked)).await;
    told(&seen, Down, Some(Cause::Protocol), "postgres: it does not speak TLS");
}

/// A WebSocket that says a word, then echoes; pings are answered by the library.
async fn echo(tls: Option<&Identity>) -> Service {
    let acceptor = tls.map(|identity| identity.acceptor(&["http/1.1"]));
    Service::talking(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let stream: Box<dyn Duplex> = match acceptor {
                None => Box::new(stream),
                Some(acceptor) => match acceptor.accept(stream).await {
                    Ok(stream) => Box::new(stream),
                    Err(_) => return,
                },
            };
            let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
            let _ = socket.send(Message::text("welcome")).await;
            while let Some(Ok(message)) = socket.next().await {
                if message.is_text() && socket.send(message).await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

trait Duplex: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send {}
impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send> Duplex for S {}

#[tokio::test]
async fn a_web_socket_answers_a_ping_or_says_what_is_expected() {
    let identity = Identity::until(2090);
    let looker = trusting(&identity.trusted());
    let (plain, secure) = (echo(None).await, echo(Some(&identity)).await);
    let asked = |scheme: &str, service: &Service, more: &str| {
        question(&format!(r#"{{"web-socket":{{"url":"{scheme}://{}/live"{more}}}}}"#, service.address))
    };
    let seen = look(&looker, asked("ws", &plain, "")).await;
    told(&seen, Up, None, "");
    assert_eq!(seen.code, Some(101));
    told(&look(&looker, asked("wss", &secure, "")).await, Up, None, "");
    told(&look(&looker, asked("ws", &plain, r#","send":"hello""#)).await, Up, None, "");
    told(
        &look(&looker, asked("wss", &secure, r#","send":"x","expect":{"matches":"^wel"}"#)).await,
        Up,
        None,
        "",
    );
    let http = Service::plain(|_| crate::service::answer(403, "")).await;
    let seen = look(&looker, asked("ws", &http, "")).await;
    told(&seen, Down, Some(Cause::Status), "websocket: code 403");
    let other = asked("ws", &plain, r#","send":"x","expect":{"is":"y"}"#);
    let seen = looker.look(&Question::of(&other, Duration::from_millis(300))).await;
    assert_eq!(seen.outcome, Down);
}

async fn health() -> (Service, tonic_health::server::HealthReporter) {
    let (reporter, health) = tonic_health::server::health_reporter();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    tokio::spawn(tonic::transport::Server::builder().add_service(health).serve_with_incoming(incoming));
    (Service::at(address), reporter)
}

#[tokio::test]
async fn a_grpc_service_says_that_it_serves() {
    use tonic_health::ServingStatus;
    let (service, reporter) = health().await;
    reporter.set_service_status("shop.Orders", ServingStatus::Serving).await;
    reporter.set_service_status("shop.Search", ServingStatus::NotServing).await;
    reporter.set_service_status("shop.Maybe", ServingStatus::Unknown).await;
    let looker = looker();
    let asked = |service: &Service, name: &str| {
        question(&format!(r#"{{"grpc":{{"url":"http://{}","service":"{name}"}}}}"#, service.address))
    };
    told(&look(&looker, asked(&service, "")).await, Up, None, "");
    told(&look(&looker, asked(&service, "shop.Orders")).await, Up, None, "");
    for (name, why) in [
        ("shop.Search", "grpc: it says that it does not serve"),
        ("shop.Maybe", "grpc: it does not say that it serves"),
        ("shop.Nothing", "grpc: it knows no such service"),
    ] {
        told(&look(&looker, asked(&service, name)).await, Down, Some(Cause::Told), why);
    }
    let http = Service::plain(|_| crate::service::answer(200, "")).await;
    assert_eq!(look(&looker, asked(&http, "")).await.cause, Some(Cause::Http));
}
