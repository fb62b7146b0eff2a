//! The status page: the same figures as on the statement, nothing that is not the public's, and there while the store is not.

use std::path::Path;

use agreement::seal::Identity;
use control::{
    import::{Under, checks},
    live::{
        Control, NotDone, PAGE_KEPT,
        command::{By, NEW_INCIDENT, status_key},
    },
};
use facts::{
    AgreementActivated, ClientId, Impact, IncidentStage, IncidentUpdatePublished, MaintenanceCancelled,
    MaintenanceKind, MaintenancePlanned, Outcome, ShownInstance, StatusPublished,
};
use spans::{Instant, Length};
use status::{COMPONENTS_MAX, Page, Place, Progress, State, Ways, atom, calendar, html, json, v2};

use crate::house::{House, bob, instant};

const NOON: &str = "2026-06-02T12:00:00Z";

pub(crate) fn shown(instance: &str, name: &str) -> ShownInstance {
    ShownInstance { instance: instance.parse().unwrap(), name: name.to_owned(), about: None }
}

pub(crate) fn set(components: Vec<ShownInstance>) -> StatusPublished {
    StatusPublished {
        page: "acme".parse().unwrap(),
        title: "Acme".to_owned(),
        public: true,
        key: None,
        domain: None,
        accent: None,
        scheme: None,
        back: None,
        footer: None,
        logo: None,
        components,
    }
}

/// The hosted client with its wiki on a page, at noon.
pub(crate) fn up() -> (House, ClientId, Instant) {
    let (house, client) = House::hosted("premium");
    let now = instant(NOON);
    house.control.publish_status(&client, set(vec![shown("wiki", "The wiki")]), By::new(bob()), now).unwrap();
    (house, client, now)
}

pub(crate) fn page(control: &Control, client: &ClientId, now: Instant) -> Page {
    control.write_status(now).unwrap();
    control.status_of(client).unwrap().page.clone()
}

/// Every way out, as one text.
fn said(page: &Page, now: Instant) -> String {
    let place = Place { origin: "https://desk.example".to_owned(), path: "/status/acme".to_owned() };
    let mut all = [
        html(page, &place, &Ways::default(), now),
        status::history(page, &place),
        status::embed(page, &place),
        atom(page, &place),
        calendar(page, &place),
        json(page, &place),
    ]
    .join("\n");
    for path in ["summary.json", "incidents.json", "scheduled-maintenances.json"] {
        all += &v2(page, &place, path).unwrap();
    }
    all
}

/// The years of real checks that ship with the program: every month of every site.
#[test]
fn months_on_the_page_are_those_of_the_statement() {
    let file = "observed-history.toml";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(path.join("agreements").join(file)).unwrap();
    let rows = std::fs::read(path.join("demo/site_checks.csv")).unwrap();
    let house = House::new(&[file], instant("2025-01-01T00:00:00Z"));
    let client = house.control.shelf().clients()[0].clone();
    let term = house.control.shelf().of(&client).next().unwrap().terms.term();
    let under = Under { client: client.clone(), term, recorded_at: term.end };
    let activated = AgreementActivated {
        agreement: "observed".parse().unwrap(),
        sha256: Identity::of(text.as_bytes()).to_string(),
        tier: None,
    };
    house.store(&client, &[activated.into()], term.start);
    checks::read(&rows, &under).unwrap().append(house.control.journal(), &client, |_| ()).unwrap();
    house.control.follow(term.end).unwrap();
    let (mut months, mut counted) = (0, 0);
    for now in [instant("2026-04-20T09:30:00Z"), term.end - Length::from_hours(30)] {
        let (of_now, minutes) = as_on_the_statement(&house, &client, now);
        months += of_now;
        counted += minutes;
    }
    assert!(months > 100 && counted > 0, "{months} months, {counted} minutes");
}

/// How many months there were, and how many minutes count in the days of those that the strip holds whole.
fn as_on_the_statement(house: &House, client: &ClientId, now: Instant) -> (usize, i64) {
    let names = house.control.read(client, now, |book| book.instance_names()).unwrap().unwrap();
    assert!(names.len() > 3);
    let (mut months, mut counted) = (0, 0);
    for chunk in names.chunks(COMPONENTS_MAX) {
        let components = chunk.iter().map(|(id, name)| shown(id.as_str(), name)).collect();
        house.store(client, &[set(components).into()], now);
        let page = page(&house.control, client, now);
        let statements = house.control.read(client, now, |book| book.statements(now, 99)).unwrap().unwrap();
        for (component, (id, _)) in page.components.iter().zip(chunk) {
            for line in &component.months {
                let statement = statements.iter().find(|statement| statement.month == line.month).unwrap();
                let own = statement.instances.iter().find(|own| own.month.instance == *id).unwrap();
                let share =
                    own.month.uptime.map(|share| (share.percent(own.month.decimals), share.to_string()));
                assert_eq!((&line.uptime, line.counted), (&share, own.month.counted), "{id} {}", line.month);
                assert_eq!((line.excluded, line.unknown), (own.month.excluded, own.month.unknown), "{id}");
                assert_eq!(line.closed, statement.closed);
                months += 1;
            }
            let of_statements = statements.iter().flat_map(|statement| &statement.instances);
            let judged = of_statements.filter(|own| own.month.instance == *id && own.month.uptime.is_some());
            assert_eq!(component.months.len(), judged.count().min(status::MONTHS_MAX), "{id}");
            counted += days_add_up(component, &page.zone, now);
        }
    }
    println!(
        "at {now}: {months} months of {} sites are the statement's; {counted} minutes count",
        names.len()
    );
    (months, counted)
}

/// The minutes that count in the days of each whole month of the strip are those of the month. How many they are.
fn days_add_up(component: &status::Component, zone: &spans::Zone, now: Instant) -> i64 {
    let mut all = 0;
    for line in &component.months {
        let period = line.month.span(zone);
        let of_month =
            |date: &jiff::civil::Date| (date.year(), date.month()) == (line.month.year(), line.month.month());
        let days: Vec<_> = component.days.iter().filter(|day| of_month(&day.date)).collect();
        if days.first().is_some_and(|day| day.date == line.month.first_day()) && period.start < now {
            let (counted, unknown) = days.iter().fold((0, Length::ZERO), |(counted, unknown), day| {
                (counted + day.counted, unknown + day.unknown)
            });
            assert_eq!((counted, unknown), (line.counted, line.unknown), "{} {}", component.name, line.month);
            all += counted;
        }
    }
    all
}

#[test]
fn an_outage_is_told_by_itself_and_what_nobody_saw_is_counted() {
    let (house, client, now) = up();
    house.looks(&client, now, Length::from_minutes(10), Outcome::Up);
    let quiet = page(&house.control, &client, now + Length::from_minutes(10));
    assert_eq!((quiet.components[0].state, quiet.incidents.len()), (State::Up, 0));
    let failed = now + Length::from_minutes(10);
    house.looks(&client, failed, Length::from_minutes(5), Outcome::Down);
    let during = page(&house.control, &client, failed + Length::from_minutes(5));
    assert_eq!(during.components[0].state, State::Down);
    assert_eq!(during.overall(), status::Overall::AllDown);
    let told = &during.incidents[0];
    assert!(told.is_open() && told.title == "The wiki does not answer", "{told:?}");
    let mended = failed + Length::from_minutes(5);
    house.looks(&client, mended, Length::from_minutes(5), Outcome::Up);
    // And nobody looks for ten minutes: the last answers hold for forty seconds.
    let later = mended + Length::from_minutes(15);
    let after = page(&house.control, &client, later);
    let wiki = &after.components[0];
    assert_eq!(wiki.state, State::Unknown);
    assert_eq!((after.incidents[0].is_open(), after.incidents[0].ended), (false, Some(mended)));
    let today = wiki.days.last().unwrap();
    // The second place answered three seconds longer.
    assert_eq!((today.down, today.counted), (Length::from_secs(297), 4));
    assert!(today.unknown > Length::from_hours(12), "nobody looked before noon: {:?}", today.unknown);
    let text = said(&after, later);
    assert!(text.contains("The wiki did not answer") && text.contains("not seen"), "{text}");
    assert!(!text.contains("i-wiki"), "the request that monitoring opened is not the public's");
}

/// Requests, people, and what they wrote stay inside.
#[test]
fn the_public_reads_no_request_no_person_and_no_word_that_was_not_for_it() {
    let (house, client, now) = up();
    let ticket = house.asked(&client, "Secretcanary", now);
    let update = IncidentUpdatePublished {
        incident: "P-0".parse().unwrap(),
        title: "Slow answers".to_owned(),
        stage: IncidentStage::Identified,
        impact: Impact::Degraded,
        instances: vec!["wiki".parse().unwrap()],
        message: "A disk is full.\nWe make room.".to_owned(),
        next_update_by: Some(now + Length::HOUR),
        request: Some(ticket.clone()),
    };
    house.looks(&client, now, Length::MINUTE, Outcome::Up);
    house.control.tell_public(&client, update.clone(), By::new(bob()), now + Length::MINUTE).unwrap();
    let page = page(&house.control, &client, now + Length::MINUTE);
    assert_eq!(page.components[0].state, State::Degraded, "it answers, and people say that not all is well");
    let text = said(&page, now);
    assert!(text.contains("Slow answers") && text.contains("We make room."), "{text}");
    for word in [ticket.as_str(), "Secretcanary", "jan", "bob", "127.0.0.1", "\"wiki\""] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    // The next one is about the same incident and ends it.
    let over = IncidentUpdatePublished {
        incident: "P-1".parse().unwrap(),
        stage: IncidentStage::Resolved,
        message: "There is room.".to_owned(),
        next_update_by: None,
        ..update
    };
    house.control.tell_public(&client, over, By::new(bob()), now + Length::from_minutes(9)).unwrap();
    let page = house.control.status_of(&client).unwrap();
    let incidents = &page.page.incidents;
    assert_eq!((incidents.len(), incidents[0].updates.len(), incidents[0].is_open()), (1, 2, false));
    assert_eq!(incidents[0].ended, Some(now + Length::from_minutes(9)));
}

#[test]
fn work_that_is_declared_hides_no_failure_but_its_own() {
    let (house, client, now) = up();
    let planned = |name: &str, from: Instant| MaintenancePlanned {
        maintenance: name.parse().unwrap(),
        kind: MaintenanceKind::Scheduled,
        cause: "upgrade".to_owned(),
        expected_impact: Impact::Down,
        instances: vec!["wiki".parse().unwrap()],
        starts_at: from,
        ends_at: from + Length::HOUR,
        cve: None,
        outside_slot: Some("Insidecanary".to_owned()),
        series: None,
    };
    let starts = now + Length::from_hours(2);
    house.store(&client, &[planned("M-1", starts).into(), planned("M-2", starts + Length::DAY).into()], now);
    let ahead = page(&house.control, &client, now);
    assert_eq!(ahead.ahead().map(|work| work.starts).collect::<Vec<_>>(), [starts, starts + Length::DAY]);
    house.looks(&client, starts, Length::from_minutes(10), Outcome::Down);
    let during = page(&house.control, &client, starts + Length::from_minutes(10));
    assert_eq!(during.components[0].state, State::Maintenance);
    assert!(during.incidents.is_empty() && during.components[0].days.last().unwrap().counted == 0);
    let beyond = starts + Length::HOUR;
    house.looks(&client, beyond - Length::from_minutes(5), Length::from_minutes(10), Outcome::Down);
    let overrun = page(&house.control, &client, beyond + Length::from_minutes(5));
    assert_eq!(overrun.components[0].state, State::Down, "an overrun counts, and shows");
    assert!(overrun.components[0].days.last().unwrap().counted > 0);
    let gone = MaintenanceCancelled { maintenance: "M-2".parse().unwrap() };
    house.store(&client, &[gone.into()], beyond + Length::from_minutes(6));
    let after = page(&house.control, &client, beyond + Length::from_minutes(6));
    let second = after.maintenance.iter().find(|work| work.starts == starts + Length::DAY).unwrap();
    assert_eq!(second.progress, Progress::CalledOff);
    assert!(second.revision > 0, "whoever took it over sees a change");
    assert!(!said(&after, now).contains("Insidecanary") && !said(&after, now).contains("M-1"));
}

#[test]
fn an_address_is_one_clients_and_a_secret_one_can_be_turned() {
    let (house, client, now) = up();
    let at = |address: &str| house.control.status_at(address).map(|shown| shown.client.clone());
    assert_eq!(at("acme"), Some(client.clone()));
    let set_up = |change: &dyn Fn(&mut StatusPublished)| {
        let mut wanted = set(vec![shown("wiki", "The wiki")]);
        change(&mut wanted);
        house.control.publish_status(&client, wanted, By::new(bob()), now + Length::MINUTE)
    };
    set_up(&|set| (set.public, set.key) = (false, Some(status_key("first")))).unwrap();
    assert_eq!((at("acme"), at("first"), at("second")), (None, Some(client.clone()), None));
    set_up(&|set| (set.public, set.key) = (false, Some(status_key("second")))).unwrap();
    assert_eq!((at("first"), at("second")), (None, Some(client.clone())));
    set_up(&|set| set.domain = Some("status.acme.example".to_owned())).unwrap();
    assert!(house.control.status_on("Status.Acme.example").is_some() && at("second").is_none());
    type Change = &'static dyn Fn(&mut StatusPublished);
    let wrong: [(&str, Change); 8] = [
        ("page", &|set| set.page = "Acme".parse().unwrap()),
        ("title", &|set| set.title = " ".to_owned()),
        ("accent", &|set| set.accent = Some("red".to_owned())),
        ("domain", &|set| set.domain = Some("127.0.0.1".to_owned())),
        ("domain", &|set| set.domain = Some("status.acme.example:80".to_owned())),
        ("components", &|set| set.components.clear()),
        ("components", &|set| set.components.push(shown("forum", "Forum"))),
        ("name", &|set| set.components[0].name = "x".repeat(61)),
    ];
    for (field, change) in wrong {
        let refused = set_up(change).unwrap_err();
        let named = match &refused {
            NotDone::Wrong { field, .. } => field.clone(),
            NotDone::Empty { field } | NotDone::NoSuch { field, .. } => (*field).to_owned(),
            other => panic!("{other}"),
        };
        assert_eq!(named, field, "{refused}");
    }
    let page = "acme".parse().unwrap();
    house.control.withdraw_status(&client, &page, By::new(bob()), now + Length::HOUR).unwrap();
    assert!(at("acme").is_none() && house.control.status_of(&client).is_none());
    let again = house.control.withdraw_status(&client, &page, By::new(bob()), now + Length::HOUR);
    assert!(matches!(again, Err(NotDone::Unknown { .. })));
}

/// Programs name an incident as the page does; what is over can be told of afterwards, and stays about the same systems.
#[test]
fn an_incident_goes_on_by_its_number_or_its_name_on_the_page() {
    let (house, client, now) = up();
    let update = |incident: &str, stage, instances: &[&str]| IncidentUpdatePublished {
        incident: incident.parse().unwrap(),
        title: "Slow answers".to_owned(),
        stage,
        impact: Impact::Degraded,
        instances: instances.iter().map(|id| id.parse().unwrap()).collect(),
        message: "A disk is full.".to_owned(),
        next_update_by: None,
        request: None,
    };
    let tell = |update, after: i64| {
        house.control.tell_public(&client, update, By::new(bob()), now + Length::MINUTE * after)
    };
    tell(update(NEW_INCIDENT, IncidentStage::Identified, &["wiki"]), 1).unwrap();
    let named = page(&house.control, &client, now + Length::MINUTE * 2).incidents[0].id.clone();
    tell(update(&named, IncidentStage::Resolved, &[]), 3).unwrap();
    let later = now + Length::MINUTE * 4;
    let told =
        house.control.read(&client, later, |book| book.public_incidents_to_tell(later)).unwrap().unwrap();
    assert_eq!(told, [update("P-1", IncidentStage::Resolved, &["wiki"])]);
    tell(update("P-1", IncidentStage::Postmortem, &[]), 5).unwrap();
    let shown = page(&house.control, &client, now + Length::MINUTE * 6).incidents.clone();
    assert_eq!((shown.len(), shown[0].updates.len(), shown[0].components.as_slice()), (1, 3, &[0][..]));
    let lost = tell(update("P-7", IncidentStage::Resolved, &[]), 7).unwrap_err();
    assert!(matches!(lost, NotDone::NoSuch { field: "incident", .. }), "{lost}");
    let much = now + Length::DAY * 91;
    let told =
        house.control.read(&client, much, |book| book.public_incidents_to_tell(much)).unwrap().unwrap();
    assert!(told.is_empty());
    // A new one without instances is about all of the page.
    tell(update(NEW_INCIDENT, IncidentStage::Identified, &[]), 8).unwrap();
    let shown = page(&house.control, &client, now + Length::MINUTE * 9).incidents.clone();
    assert_eq!((shown.len(), shown[0].components.as_slice()), (2, &[0][..]));
}

/// Whoever subscribed to a page that anybody could see is told nothing of one that is for fewer.
#[test]
fn who_no_longer_sees_the_page_is_forgotten() {
    let (house, client, now) = up();
    let subscribed = || {
        let of = client.clone();
        house.control.journal().read(move |tx| tx.subscriber_at(&of, "jo@example.org")).unwrap().is_some()
    };
    let change = |public: bool, key: Option<&str>, after: i64| {
        let mut wanted = set(vec![shown("wiki", "The wiki")]);
        (wanted.public, wanted.key) = (public, key.map(status_key));
        house.control.publish_status(&client, wanted, By::new(bob()), now + Length::MINUTE * after).unwrap();
    };
    let ask = |after: i64| {
        let shown = house.control.status_of(&client).unwrap();
        house.control.subscribe_status(&shown, "jo@example.org", now + Length::MINUTE * after).unwrap();
        assert!(subscribed());
    };
    ask(1);
    change(false, Some("first"), 2);
    assert!(!subscribed(), "the page has a secret address now");
    ask(3);
    change(false, Some("first"), 4);
    assert!(subscribed(), "nothing has changed");
    change(false, Some("second"), 5);
    assert!(!subscribed(), "another address");
    ask(6);
    change(true, None, 7);
    assert!(subscribed(), "anybody may see it");
    house
        .control
        .withdraw_status(&client, &"acme".parse().unwrap(), By::new(bob()), now + Length::HOUR)
        .unwrap();
    assert!(!subscribed(), "there is no page");
}

#[test]
fn a_page_stands_while_the_store_is_gone_and_says_of_when_it_is() {
    let (house, client, now) = up();
    house.looks(&client, now, Length::MINUTE, Outcome::Up);
    let before = page(&house.control, &client, now + Length::MINUTE);
    assert_eq!(before.written_at, now + Length::MINUTE);
    let unchanged = page(&house.control, &client, now + Length::MINUTE + PAGE_KEPT - Length::from_secs(1));
    assert_eq!(unchanged.written_at, before.written_at, "not written again without a reason");
    let store = rusqlite::Connection::open(house.place()).unwrap();
    store.execute_batch("ALTER TABLE head RENAME TO gone; ALTER TABLE entry RENAME TO away").unwrap();
    let later = now + Length::HOUR;
    assert!(house.control.write_status(later).is_err());
    let kept = house.control.status_of(&client).unwrap();
    assert_eq!(kept.page, before);
    assert!(kept.page.is_stale(later) && said(&kept.page, later).contains("cannot be read at the moment"));
    store.execute_batch("ALTER TABLE gone RENAME TO head; ALTER TABLE away RENAME TO entry").unwrap();
    assert_eq!(page(&house.control, &client, later).written_at, later);
}
