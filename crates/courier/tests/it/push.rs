//! Web push over a real connection, opened by a browser of the test's own.

use std::{net::IpAddr, sync::Arc};

use courier::{
    Guard, Outcome, Parcel, Port,
    push::{Pusher, Vapid},
};
use journal::people::Subscription;
use spans::Length;
use testkit::push::{Browser, PushService};
use tokio::runtime::Runtime;

use crate::store::{at, letter, parcel};

pub(crate) fn pusher(service: &PushService, runtime: &Runtime, guard: Guard) -> Pusher {
    let vapid = Arc::new(Vapid::read(&Vapid::make().unwrap()).unwrap());
    let random = Box::new(|| std::array::from_fn(|n| u8::try_from(n).unwrap() + 1));
    let (tls, handle) = (service.authority.client(), runtime.handle().clone());
    Pusher::new(vapid, "mailto:support@provider.example", guard, random, tls, handle)
}

fn anywhere() -> Guard {
    Box::new(|_: IpAddr, _| Ok(()))
}

fn to(endpoint: &str, browser: &Browser, call: bool) -> Parcel {
    let (p256dh, auth) = browser.keys();
    let subscription = Subscription {
        id: "s-1".to_owned(),
        person: "ann".to_owned(),
        endpoint: endpoint.to_owned(),
        p256dh,
        auth,
        agent: String::new(),
        created: at(0),
    };
    let mut letter = letter();
    letter.call = call;
    Parcel { browser: Some(subscription), ..parcel(letter) }
}

#[test]
fn only_the_browser_it_is_for_can_open_it() {
    let (service, runtime) = (PushService::start(), Runtime::new().unwrap());
    let (browser, other) = (Browser::new(1), Browser::new(2));
    let pusher = pusher(&service, &runtime, anywhere());
    assert_eq!(pusher.send(&to(&service.endpoint("/push/1"), &browser, false)), Outcome::Delivered);
    let got = &service.got()[0];
    assert_eq!(got.path, "/push/1");
    let header = |name: &str| got.header(name).unwrap_or_default().to_owned();
    assert_eq!(
        (header("content-encoding"), header("ttl"), header("urgency")),
        ("aes128gcm".to_owned(), "43200".to_owned(), "normal".to_owned())
    );
    assert!(header("authorization").starts_with("vapid t="));
    assert!(!String::from_utf8_lossy(&got.body).contains("Wiki"), "nothing readable on the way");
    assert_eq!(other.open(&got.body), None);
    let text = browser.open(&got.body).expect("it opens");
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["title"], "T-7 Wiki is down");
    assert_eq!(told["path"], "/clients/acme/tickets/T-7");
    assert_eq!(told["body"], "Somebody answered. We look at it. . A line of its own & <b>.");
}

#[test]
fn a_call_is_urgent_and_of_no_use_later() {
    let (service, runtime) = (PushService::start(), Runtime::new().unwrap());
    pusher(&service, &runtime, anywhere()).send(&to(&service.endpoint("/"), &Browser::new(1), true));
    let got = &service.got()[0];
    assert_eq!((got.header("urgency"), got.header("ttl")), (Some("high"), Some("600")));
}

#[test]
fn a_browser_that_is_gone_is_forgotten_and_a_busy_service_is_asked_again() {
    let (service, runtime) = (PushService::start(), Runtime::new().unwrap());
    let pusher = pusher(&service, &runtime, anywhere());
    let send = |answer: &str| {
        service.answer(answer);
        pusher.send(&to(&service.endpoint("/"), &Browser::new(1), false))
    };
    assert!(matches!(send("410 Gone"), Outcome::Never { gone: true, .. }));
    assert!(matches!(send("400 Bad Request"), Outcome::Never { gone: false, .. }));
    let Outcome::Later { after, .. } = send("429 Too Many Requests\r\nretry-after: 90") else { panic!() };
    assert_eq!(after, Some(Length::from_secs(90)));
    assert!(
        matches!(send("302 Found\r\nlocation: http://127.0.0.1:1/"), Outcome::Never { .. }),
        "not followed"
    );
}

#[test]
fn an_endpoint_is_asked_by_the_rules_of_what_is_monitored() {
    let (service, runtime) = (PushService::start(), Runtime::new().unwrap());
    let inside: Guard = Box::new(|address: IpAddr, _| Err(format!("{address} is loopback")));
    let pusher = pusher(&service, &runtime, inside);
    for endpoint in [
        service.endpoint("/"),
        service.endpoint("/").replace("127.0.0.1", "localhost"),
        "http://push.example/".to_owned(),
    ] {
        let sent = pusher.send(&to(&endpoint, &Browser::new(1), false));
        assert!(matches!(sent, Outcome::Never { gone: true, .. }), "{endpoint}: {sent:?}");
    }
    assert!(service.got().is_empty());
}

#[test]
fn a_service_that_shows_a_strangers_certificate_gets_nothing() {
    let (service, other, runtime) = (PushService::start(), PushService::start(), Runtime::new().unwrap());
    let sent =
        pusher(&other, &runtime, anywhere()).send(&to(&service.endpoint("/"), &Browser::new(1), false));
    assert!(matches!(sent, Outcome::Later { .. }), "{sent:?}");
    assert!(service.got().is_empty());
}
