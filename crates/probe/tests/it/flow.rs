//! Several requests in a row: a person signs in, looks at something of their own, and leaves.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use facts::Cause;
use facts::Outcome::{Down, Up, Void};
use probe::{Looker, Question, Secrets, Seen};
use wire::What;

use crate::service::{Answer, Asked, Service, answer, looker, question, redirect, told};

/// A small shop: a form with a token, a sign-in that sets a cookie, and a page that only a guest with both sees.
async fn shop(heard: Arc<Mutex<Vec<String>>>) -> Service {
    Service::plain(move |asked| {
        let cookie = asked.headers().get("cookie").map_or("", |cookie| cookie.to_str().unwrap()).to_owned();
        let body = String::from_utf8_lossy(asked.body()).into_owned();
        heard.lock().unwrap().push(format!("{} {} [{cookie}] {body}", asked.method(), asked.uri()));
        serve(&asked, &cookie, &body)
    })
    .await
}

fn serve(asked: &Asked, cookie: &str, body: &str) -> Answer {
    match asked.uri().path() {
        "/sign-in" if asked.method() == "GET" => {
            let mut form = answer(200, r#"<input name="csrf" value="t/1&2">"#);
            form.headers_mut().append("set-cookie", "pre=1; Path=/; HttpOnly".parse().unwrap());
            form
        }
        "/sign-in" if body == "user=ann&password=s3cret&csrf=t/1&2" && cookie == "pre=1" => {
            let mut led = redirect(303, "/home".to_owned());
            led.headers_mut().append("set-cookie", "session=abc; Path=/; SameSite=Lax".parse().unwrap());
            led
        }
        "/home" if cookie == "pre=1; session=abc" => answer(200, r#"{"orders":[{"id":4711}]}"#),
        "/orders/4711" if cookie == "pre=1; session=abc" && asked.uri().query() == Some("t=t%2F1%262") => {
            answer(200, "your order")
        }
        _ => answer(403, "no"),
    }
}

fn visit(service: &Service, password: &str) -> What {
    question(&format!(
        r#"{{"flow":{{"steps":[
            {{"name":"form","http":{{"url":"{0}"}},
              "capture":[{{"name":"csrf","from":{{"matches":"name=\"csrf\" value=\"([^\"]+)\""}}}}]}},
            {{"name":"sign in","http":{{"url":"{0}","method":"POST","redirects":"same-origin",
              "body":"user=ann&password={password}&csrf={{{{csrf}}}}"}},
              "capture":[{{"name":"order","from":{{"json":"$.orders[0].id"}}}}]}},
            {{"name":"order","http":{{"url":"http://{1}/orders/{{{{order}}}}?t={{{{csrf}}}}",
              "body_match":{{"contains":"your order"}}}}}}]}}}}"#,
        service.url("/sign-in"),
        service.address
    ))
}

fn knowing() -> Looker {
    let list = r#"[{"name":"ann","client":"acme","hosts":["127.0.0.1"],"value":"s3cret","clear":true},
        {"name":"elsewhere","client":"acme","hosts":["shop.example"],"value":"s3cret","clear":true},
        {"name":"tls-only","client":"acme","hosts":["127.0.0.1"],"value":"s3cret"}]"#;
    looker().knowing(Secrets::read(list.as_bytes()).unwrap())
}

async fn look_for(looker: &Looker, client: &str, what: &What) -> Seen {
    looker.look(&Question::of_client(what, Duration::from_secs(5), &client.parse().unwrap())).await
}

#[tokio::test]
async fn cookies_and_what_was_captured_go_from_step_to_step() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let service = shop(Arc::clone(&heard)).await;
    let seen = look_for(&knowing(), "acme", &visit(&service, "{{secret:ann}}")).await;
    told(&seen, Up, None, "");
    assert_eq!(seen.code, Some(200));
    assert_eq!(
        *heard.lock().unwrap(),
        [
            "GET /sign-in [] ",
            "POST /sign-in [pre=1] user=ann&password=s3cret&csrf=t/1&2",
            "GET /home [pre=1; session=abc] ",
            "GET /orders/4711?t=t%2F1%262 [pre=1; session=abc] ",
        ]
    );
}

#[tokio::test]
async fn the_step_that_fails_is_named_and_those_behind_it_are_not_asked() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let service = shop(Arc::clone(&heard)).await;
    let seen = look_for(&knowing(), "acme", &visit(&service, "wrong")).await;
    told(&seen, Down, Some(Cause::Status), "step 2: http: code 403");
    assert_eq!(heard.lock().unwrap().len(), 2);
    let nothing = question(&format!(
        r#"{{"flow":{{"steps":[{{"http":{{"url":"{}"}},"capture":[{{"name":"x","from":{{"header":"x-none"}}}}]}}]}}}}"#,
        service.url("/sign-in")
    ));
    told(
        &look_for(&knowing(), "acme", &nothing).await,
        Down,
        Some(Cause::Capture),
        "step 1: no x to capture",
    );
}

#[tokio::test]
async fn a_secret_goes_to_whom_it_is_for_and_is_in_no_reason() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let service = shop(Arc::clone(&heard)).await;
    for (client, secret, why) in [
        ("other", "ann", "step 2: secret ann: there is none of this name for this client"),
        ("acme", "elsewhere", "step 2: secret elsewhere: it is not for this host"),
        ("acme", "tls-only", "step 2: secret tls-only: it goes over TLS only"),
    ] {
        let what = visit(&service, &format!("{{{{secret:{secret}}}}}"));
        told(&look_for(&knowing(), client, &what).await, Void, Some(Cause::Secret), why);
    }
    assert!(heard.lock().unwrap().iter().all(|line| !line.contains("s3cret")));
    let plain = question(&format!(
        r#"{{"http":{{"url":"{}","headers":[{{"name":"authorization","value":"Bearer {{{{secret:ann}}}}"}}]}}}}"#,
        service.url("/")
    ));
    told(&look_for(&knowing(), "acme", &plain).await, Down, Some(Cause::Status), "http: code 403");
}

#[tokio::test]
async fn what_a_server_says_leads_nowhere_that_may_not_be_asked() {
    let trap = tokio::net::TcpListener::bind("127.0.0.2:0").await.unwrap();
    let away = trap.local_addr().unwrap();
    // Everything on 127.0.0.1 may be asked here, and nothing on 127.0.0.2.
    let guard = probe::Guard::public().allowing(["127.0.0.1".parse().unwrap()]);
    let looker = Looker::new(
        guard,
        probe::Names::servers(&[]),
        &probe::Trust::default(),
        Arc::new(probe::SystemClock),
    );
    let service = Service::plain(move |asked| match asked.uri().path() {
        "/lead" => redirect(302, format!("http://{away}/")),
        _ => answer(200, "@127.0.0.2/x"),
    })
    .await;
    let steps = |second: &str| {
        question(&format!(
            r#"{{"flow":{{"steps":[{{"http":{{"url":"{}"}},"capture":[{{"name":"to","from":{{"matches":".+"}}}}]}},
               {{"http":{second}}}]}}}}"#,
            service.url("/")
        ))
    };
    let led = steps(&format!(r#"{{"url":"{}","redirects":"follow"}}"#, service.url("/lead")));
    let seen = look_for(&looker, "acme", &led).await;
    told(&seen, Void, Some(Cause::Refused), "step 2: refused: 127.0.0.2 is this machine");
    let filled = steps(&format!(r#"{{"url":"http://{}/{{{{to}}}}"}}"#, service.address));
    told(&look_for(&looker, "acme", &filled).await, Up, None, "");
    let named = steps(&format!(r#"{{"url":"http://{away}/"}}"#));
    told(
        &look_for(&looker, "acme", &named).await,
        Void,
        Some(Cause::Refused),
        "step 2: refused: 127.0.0.2 is this machine",
    );
    let waits = tokio::time::timeout(Duration::from_millis(20), trap.accept());
    assert!(waits.await.is_err(), "nobody came");
}

#[tokio::test]
async fn a_flow_has_the_time_of_one_check() {
    let service = Service::plain(|_| {
        std::thread::sleep(Duration::from_millis(40));
        answer(200, "")
    })
    .await;
    let steps = vec![format!(r#"{{"http":{{"url":"{}"}}}}"#, service.url("/")); 10].join(",");
    let what = question(&format!(r#"{{"flow":{{"steps":[{steps}]}}}}"#));
    let (looker, asked) = (looker(), Question::of(&what, Duration::from_millis(150)));
    let look = tokio::time::timeout(Duration::from_secs(2), looker.look(&asked));
    let seen = look.await.expect("within the time of all steps");
    assert_eq!((seen.outcome, seen.cause), (Down, Some(Cause::Timeout)));
    let reason = seen.reason.unwrap();
    assert!(
        reason.as_str().starts_with("step ") && reason.as_str().ends_with("no answer in time"),
        "{reason}"
    );
}
