//! What programs that subscribed to a status page are sent, over a real connection.

use std::net::IpAddr;

use courier::{Courier, Guard, Outcome, Port, PublicParcel, hook::Hooks};
use desk::public::{Event, PublicLetter};
use journal::{
    delivery::Delivery,
    subscriber::{Reach, Subscriber},
};
use testkit::push::{Browser, PushService};
use tokio::runtime::Runtime;

use crate::{
    push::pusher,
    store::{acme, at, both, round},
};

fn anywhere() -> Guard {
    Box::new(|_: IpAddr, _| Ok(()))
}

fn hooks(service: &PushService, runtime: &Runtime, guard: Guard) -> Hooks {
    Hooks::new("https://uphold.example", guard, service.authority.client(), runtime.handle().clone())
}

fn to(address: &str, reach: Reach) -> Subscriber {
    Subscriber {
        client: acme(),
        id: "s-1".to_owned(),
        address: address.to_owned(),
        reach,
        asked: at(0),
        confirmed: None,
    }
}

fn program(address: &str) -> Subscriber {
    to(address, Reach::Hook { key: "whsec_dGhpcnR5IGJ5dGVzIG9mIGEgc2lnbmluZyBrZXkh".to_owned() })
}

fn letter(asks: bool) -> PublicLetter {
    PublicLetter {
        thread: "acme/status/P-0".to_owned(),
        title: "Acme: Slow answers".to_owned(),
        said: "A disk is full.".to_owned(),
        at: at(4),
        page: Some("/status/acme".to_owned()),
        secret: "ab".repeat(20),
        asks,
        event: if asks { Event::Asked } else { Event::IncidentUpdated },
    }
}

fn parcel(to: Subscriber, asks: bool) -> PublicParcel {
    PublicParcel { id: "acme/news".to_owned(), to, letter: letter(asks), at: at(5) }
}

#[test]
fn a_program_is_told_its_key_once_and_where_to_confirm_and_to_leave() {
    let (service, runtime) = (PushService::start(), Runtime::new().unwrap());
    let hooks = hooks(&service, &runtime, anywhere());
    for asks in [true, false] {
        let to = program(&service.endpoint("/told?by=us"));
        assert_eq!(hooks.send_public(&parcel(to, asks)), Outcome::Delivered);
    }
    let got = service.got();
    let read = |n: usize| serde_json::from_slice::<serde_json::Value>(&got[n].body).unwrap();
    let link = format!("https://uphold.example/subscriptions/{}", "ab".repeat(20));
    let (asked, told) = (read(0), read(1));
    assert_eq!(
        (got[0].path.as_str(), got[0].header("content-type")),
        ("/told?by=us", Some("application/json"))
    );
    assert_eq!((&asked["type"], &told["type"]), (&"subscription.asked".into(), &"incident.updated".into()));
    assert_eq!(asked["data"]["confirm"], format!("{link}/confirm"));
    assert!(asked["data"]["key"].as_str().is_some_and(|key| key.starts_with("whsec_")));
    assert_eq!(told["data"]["leave"], format!("{link}/leave"));
    assert!(told["data"].get("key").is_none() && told["data"].get("confirm").is_none(), "{told}");
    assert_eq!(told["data"]["page"], "https://uphold.example/status/acme");
    assert_eq!(
        (&told["timestamp"], &told["data"]["text"]),
        (&at(4).to_string().into(), &"A disk is full.".into())
    );
    assert_eq!(got[1].header("webhook-timestamp"), Some(&*(at(5).as_micros() / 1_000_000).to_string()));
    assert!(got[1].header("webhook-signature").is_some_and(|signature| signature.starts_with("v1,")));
}

#[test]
fn a_program_is_asked_by_the_rules_of_what_is_monitored() {
    let (service, runtime) = (PushService::start(), Runtime::new().unwrap());
    let inside: Guard = Box::new(|address: IpAddr, _| Err(format!("{address} is loopback")));
    let hooks = hooks(&service, &runtime, inside);
    for address in [service.endpoint("/"), "http://program.example/".to_owned()] {
        let sent = hooks.send_public(&parcel(program(&address), true));
        assert!(matches!(sent, Outcome::Never { gone: true, .. }), "{address}: {sent:?}");
    }
    assert!(service.got().is_empty());
}

/// The ways of subscribers through whole rounds: a program that answers 410 is forgotten, as is a browser that is gone.
#[test]
fn who_is_gone_is_forgotten() {
    both(|store| {
        let (service, runtime) = (PushService::start(), Runtime::new().unwrap());
        let ports: Vec<Box<dyn Port>> = vec![
            Box::new(hooks(&service, &runtime, anywhere())),
            Box::new(pusher(&service, &runtime, anywhere())),
        ];
        let courier = Courier::new(store.journal.clone(), ports);
        let browser = Browser::new(3);
        let (p256dh, auth) = browser.keys();
        let end = service.endpoint("/there");
        for (n, to) in [program(&end), to(&end, Reach::Browser { p256dh, auth })].into_iter().enumerate() {
            let second = i64::try_from(n).unwrap() * 10;
            let (word, added) = (to.reach.word(), to.clone());
            store.write(move |tx| {
                tx.add_subscriber(&added)?;
                tx.confirm_subscriber(&added, at(1)).map(drop)
            });
            let put = |id: &str| {
                let delivery = Delivery {
                    client: acme(),
                    id: format!("{word}/{id}"),
                    person: "a subscriber".to_owned(),
                    way: format!("public-{word}"),
                    target: "s-1".to_owned(),
                    body: serde_json::to_string(&letter(false)).unwrap(),
                    urgent: false,
                    due: at(2 + second),
                };
                store.write(move |tx| tx.put_delivery(&delivery).map(drop));
            };
            service.answer("200 OK");
            put("one");
            assert_eq!(round(&courier, at(3 + second)), [Outcome::Delivered], "{word}");
            service.answer("410 Gone");
            put("two");
            assert!(matches!(round(&courier, at(4 + second))[..], [Outcome::Never { gone: true, .. }]));
            let left = store.journal.read(|tx| tx.subscriber(&acme(), "s-1")).unwrap();
            assert_eq!(left, None, "{word}");
        }
        let last = service.got().pop().unwrap();
        let told: serde_json::Value = serde_json::from_str(&browser.open(&last.body).unwrap()).unwrap();
        assert_eq!((&told["title"], &told["path"]), (&"Acme: Slow answers".into(), &"/status/acme".into()));
    });
}
