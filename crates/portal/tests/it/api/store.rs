//! A store that fails: what a program is told, and what it can do about it.

use std::{fs, path::PathBuf};

use axum::http::{Method, StatusCode};
use journal::Location;
use serde_json::json;
use spans::Length;
use testkit::{
    postgres::Cluster,
    proxy::{Cut, Proxy},
};

use crate::{
    agreed::papers,
    desk::{Desk, HOST},
};

const REQUESTS: &str = "/api/v1/clients/acme/requests";
const T1: &str = "/api/v1/clients/acme/requests/T-1";

/// A desk whose journal lies behind a wire that can be cut, in a cluster of its own.
fn far_away() -> (Desk, Cluster, Proxy) {
    let cluster = Cluster::start().unwrap();
    let proxy = Proxy::before(cluster.port()).unwrap();
    let url =
        cluster.fresh_schema().replace(&format!(":{}/", cluster.port()), &format!(":{}/", proxy.port()));
    let folder: PathBuf = std::env::temp_dir().join(format!("uphold-portal-far-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let desk = Desk::kept_in(&Location::Postgres(url), folder, &format!("https://{HOST}"), papers()).agree();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    (desk, cluster, proxy)
}

#[tokio::test]
async fn a_store_that_fails_has_its_codes() {
    // The journal waits for its own connections, which nothing may on this thread.
    let (desk, cluster, proxy) = std::thread::spawn(far_away).join().unwrap();
    let mut sam = desk.program("sam").await;
    sam.read(T1).await;
    let key = [("idempotency-key", "one")];
    let reply = || Some(json!({"text": "We look."}).to_string());

    // The commit is done and its answer is lost; nor can anybody be asked whether it was.
    proxy.cut_for_good(Cut::After);
    let lost = sam.send(Method::POST, &format!("{T1}/reply"), reply(), &key).await;
    assert!(proxy.was_cut());
    assert_eq!(
        (lost.status, lost.code()),
        (StatusCode::SERVICE_UNAVAILABLE, "unknown-outcome"),
        "{}",
        lost.text
    );
    let away = sam.send(Method::POST, &format!("{T1}/reply"), reply(), &key).await;
    assert_eq!((away.status, away.code()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"), "{}", away.text);
    proxy.mend();
    desk.wait(Length::MINUTE);
    let again = sam.send(Method::POST, &format!("{T1}/reply"), reply(), &key).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    let said = sam.read(T1).await["conversation"].as_array().unwrap().len();
    assert_eq!(said, 2, "the request and one reply: sent three times, stored once");
    let other = Some(json!({"text": "Another."}).to_string());
    let other = sam.send(Method::POST, &format!("{T1}/reply"), other, &key).await;
    assert_eq!((other.status, other.code()), (StatusCode::CONFLICT, "key-reused"), "{}", other.text);

    // Somebody took a table away.
    cluster.sql("ALTER TABLE t0.entry RENAME TO gone").unwrap();
    let broken = sam.get("/api/v1/clients/acme/facts").await;
    assert_eq!(
        (broken.status, broken.code()),
        (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        "{}",
        broken.text
    );
    assert!(!broken.text.contains("entry"), "what is inside stays inside: {}", broken.text);
    assert_eq!(broken.json["request"].as_str().map(str::len), Some(16));
    cluster.sql("ALTER TABLE t0.gone RENAME TO entry").unwrap();
    assert_eq!(sam.get(REQUESTS).await.status, StatusCode::OK);
    std::thread::spawn(move || drop(desk)).join().unwrap();
}
