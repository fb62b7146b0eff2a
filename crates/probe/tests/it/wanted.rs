//! What is wanted of an HTTP answer beside its code.

use facts::Cause;
use facts::Outcome::{Down, Up};

use crate::service::{Service, answer, look, looker, question, told};

#[tokio::test]
async fn headers_texts_patterns_and_json_are_held_against_an_answer() {
    let service = Service::plain(|_| {
        let mut answer =
            answer(200, r#"{"status":"ok","nodes":[{"name":"a","lag":3},{"name":"b","lag":90}]}"#);
        answer.headers_mut().insert("cache-control", "no-store".parse().unwrap());
        answer
    })
    .await;
    let looker = looker();
    let asked = |wanted: &str| {
        question(&format!(r#"{{"http":{{"url":"{}","wanted":[{wanted}]}}}}"#, service.url("/")))
    };
    for good in [
        r#"{"header":{"name":"Cache-Control","must":{"contains":"no-store"}}}"#,
        r#"{"header":{"name":"x-powered-by","must":"absent"}}"#,
        r#"{"body":{"matches":"\"status\":\\s*\"ok\""}}"#,
        r#"{"body":{"unlike":"(?i)exception"}},{"json":{"path":"$.status","must":{"is":"ok"}}}"#,
        r#"{"json":{"path":"$.nodes[?@.lag > 100]","must":"absent"}}"#,
        r#"{"json":{"path":"$.nodes[*].lag","must":{"at-most":5}}}"#,
    ] {
        told(&look(&looker, asked(good)).await, Up, None, "");
    }
    for (bad, cause, reason) in [
        (
            r#"{"header":{"name":"cache-control","must":"absent"}}"#,
            Cause::Header,
            "http: header cache-control is not as expected",
        ),
        (r#"{"body":{"unlike":"ok"}}"#, Cause::Body, "http: not the body expected"),
        (
            r#"{"json":{"path":"$.status","must":{"is":"degraded"}}}"#,
            Cause::Body,
            "http: not the JSON expected",
        ),
        (
            r#"{"body":{"contains":"ok"}},{"json":{"path":"$.nodes[?@.lag > 60]","must":"absent"}}"#,
            Cause::Body,
            "http: not the JSON expected",
        ),
    ] {
        told(&look(&looker, asked(bad)).await, Down, Some(cause), reason);
    }
}

#[tokio::test]
async fn an_answer_that_is_too_slow_is_a_failure_with_its_code_and_its_time() {
    let service = Service::plain(|asked| {
        if asked.uri().path() == "/slow" {
            std::thread::sleep(std::time::Duration::from_millis(60));
        }
        answer(200, "")
    })
    .await;
    let asked = |path: &str, within: u32| {
        question(&format!(r#"{{"http":{{"url":"{}","within_ms":{within}}}}}"#, service.url(path)))
    };
    told(&look(&looker(), asked("/", 2_000)).await, Up, None, "");
    let seen = look(&looker(), asked("/slow", 50)).await;
    told(&seen, Down, Some(Cause::Slow), "http: slower than 50 ms");
    assert_eq!(seen.code, Some(200));
    assert!(seen.phases.total_us.is_some_and(|us| us > 50_000));
}

#[tokio::test]
async fn json_that_is_none_or_too_much_is_a_failure_and_no_trouble() {
    let service = Service::plain(|asked| match asked.uri().path() {
        "/html" => answer(200, "<html>"),
        "/deep" => hyper::Response::new(http_body_util::Full::from("[".repeat(200_000))),
        _ => hyper::Response::new(http_body_util::Full::from(format!("[{}0]", "0,".repeat(400_000)))),
    })
    .await;
    for (path, reason) in [
        ("/html", "http: the body is not JSON"),
        ("/deep", "http: the body is not JSON"),
        ("/long", "http: more JSON than is read"),
    ] {
        let asked = format!(
            r#"{{"http":{{"url":"{}","wanted":[{{"json":{{"path":"$..a","must":"present"}}}}]}}}}"#,
            service.url(path)
        );
        told(&look(&looker(), question(&asked)).await, Down, Some(Cause::Body), reason);
    }
}
