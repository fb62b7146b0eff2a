//! Each noun: what it tells, that it is what the pages show, and that another client's is not there.

use axum::http::StatusCode;
use facts::{Actor, Currency, InstanceCharged, Money, Outcome};
use serde_json::{Value, json};
use spans::Length;

use crate::desk::Desk;

const ACME: &str = "/api/v1/clients/acme";

/// A month with an outage and a charge, and one that runs.
pub(crate) fn lived_in() -> Desk {
    let desk = Desk::agreed();
    let charged = InstanceCharged {
        instance: "wiki".parse().unwrap(),
        month: "2027-01".parse().unwrap(),
        amount: Money { minor: 48_000, currency: Currency::EUR },
    };
    desk.store("acme", Actor::automaton("billing"), charged);
    desk.answers(Length::MINUTE * 30, Outcome::Up);
    desk.answers(Length::MINUTE * 34, Outcome::Down);
    desk.answers(Length::MINUTE * 30, Outcome::Up);
    desk.wait(Length::DAY * 20);
    desk
}

fn items(list: &Value) -> &Vec<Value> {
    list["items"].as_array().unwrap()
}

#[tokio::test]
async fn a_clients_first_answer_is_what_is_missed_next_with_its_why() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    desk.wait(Length::MINUTE);
    let (mut bo, mut sam) = (desk.program("bo").await, desk.program("sam").await);
    let now = bo.read(&format!("{ACME}/now")).await;
    let mut theirs = sam.read(&format!("{ACME}/now")).await;
    theirs["next"].as_array_mut().unwrap().retain(|next| next["what"] != "best-efforts: ticket T-1");
    assert_eq!(
        now, theirs,
        "both sides read the same, but for a nudge among the provider's people (SH-RES-02)"
    );
    let next =
        now["next"].as_array().unwrap().iter().find(|next| next["what"] == "first-response: ticket T-1");
    let next = next.unwrap_or_else(|| panic!("{now:#}"));
    assert!(next["clauses"][0].as_str().unwrap().starts_with("SH-"), "{next}");
    assert!(next["costs"].is_string() && next["unless"].is_string());
    let page = desk.signed_in("bo").await.get("/").await.body;
    let due = next["due_at"].as_str().unwrap();
    assert!(page.contains(&format!("datetime=\"{due}\"")), "{due}: {page}");
    let why = bo.read(next["why"].as_str().unwrap()).await;
    assert!(why["derivation"].to_string().contains(due), "{why:#}");
    assert!(why["readings"].is_object());
    // A working day later it is missed.
    desk.wait(Length::DAY * 4);
    let missed = bo.read(&format!("{ACME}/now")).await["missed"].clone();
    let first = missed.as_array().unwrap().iter().find(|gone| gone["rule"] == "first-response");
    assert!(first.is_none(), "older than two days: {missed:#}");
    let clients = |list: Value| -> Vec<String> {
        items(&list).iter().map(|client| client["client"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(clients(bo.read("/api/v1/clients").await), ["acme"]);
    assert_eq!(clients(sam.read("/api/v1/clients").await), ["acme", "beta"]);
}

#[tokio::test]
async fn what_was_missed_lately_is_told_with_who_owed_it() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is down", "P1");
    desk.wait(Length::HOUR * 30);
    let missed = desk.program("bo").await.read(&format!("{ACME}/now")).await["missed"].clone();
    let first = missed.as_array().unwrap().iter().find(|gone| gone["rule"] == "first-response");
    let first = first.unwrap_or_else(|| panic!("{missed:#}"));
    assert_eq!((&first["party"], &first["subject"]), (&json!("provider"), &json!("ticket T-1")));
    let why = desk.program("sam").await.read(first["why"].as_str().unwrap()).await;
    assert_eq!(why["what"], "first-response");
}

#[tokio::test]
async fn a_request_is_one_conversation_whichever_way_it_is_written() {
    let desk = Desk::agreed();
    let (mut bo, mut sam) = (desk.program("bo").await, desk.program("sam").await);
    let asked =
        json!({"title": "Search is down", "text": "<b>Since noon</b>", "instance": "wiki", "priority": "P1"});
    let new = bo.post(&format!("{ACME}/requests"), asked).await;
    assert_eq!((new.status, new.header("location")), (StatusCode::CREATED, &*format!("{ACME}/requests/T-1")));
    assert_eq!(new.json["recorded"][0]["event"], "request.received");
    let at = format!("{ACME}/requests/T-1");
    desk.wait(Length::MINUTE);
    sam.post(&format!("{at}/note"), json!({"text": "Their disk is full"})).await;
    desk.wait(Length::MINUTE);
    sam.post(&format!("{at}/reply"), json!({"text": "We look at it"})).await;
    let (ours, theirs) = (sam.read(&at).await, bo.read(&at).await);
    assert_eq!(ours["conversation"].as_array().unwrap().len(), 3);
    assert_eq!(theirs["conversation"].as_array().unwrap().len(), 2);
    assert!(!theirs.to_string().contains("disk") && !theirs.to_string().contains("noted"), "{theirs:#}");
    assert_eq!(theirs["conversation"][0]["text"], "<b>Since noon</b>");
    let clocks = theirs["clocks"].as_array().unwrap();
    let first = clocks.iter().find(|clock| clock["rule"] == "first-response").unwrap();
    assert_eq!(first["state"], "met");
    // The page says the same.
    let page = desk.signed_in("bo").await.get("/clients/acme/tickets/T-1").await.body;
    assert!(
        page.contains("We look at it")
            && page.contains(&format!("datetime=\"{}\"", first["due_at"].as_str().unwrap()))
    );
    for clock in clocks {
        bo.read(clock["why"].as_str().unwrap()).await;
    }
    let open = bo.read(&format!("{ACME}/requests?state=open&turn=provider")).await;
    assert_eq!((items(&open).len(), &open["items"][0]["words"]["priority"]), (1, &json!("P1")));
    assert_eq!(items(&bo.read(&format!("{ACME}/requests?state=closed")).await).len(), 0);
}

#[tokio::test]
async fn an_instance_a_statement_and_a_ledger_tell_the_figures_of_the_pages() {
    let desk = lived_in();
    let mut bo = desk.program("bo").await;
    let one = bo.read(&format!("{ACME}/instances/wiki")).await;
    let january = one["months"].as_array().unwrap().iter().find(|month| month["month"] == "2027-01").unwrap();
    assert_eq!(january["counted"], 33, "{january:#}");
    let stated = bo.read(&format!("{ACME}/statements/2027-01")).await;
    let line = &stated["statement"]["instances"][0];
    for field in ["uptime", "counted", "budget", "verdict", "up", "down", "unknown", "objective"] {
        assert_eq!(line[field], january[field], "{field}");
    }
    let room = desk.signed_in("bo").await.get("/clients/acme/statements/2027-01").await.body;
    let credit = stated["statement"]["credit"]["credit"].as_str().unwrap();
    assert!(
        room.contains(credit) && room.contains(january["uptime_shown"].as_str().unwrap()),
        "{credit}: {room}"
    );
    let file = desk.signed_in("bo").await.get("/clients/acme/statements/2027-01.json").await.body;
    assert_eq!(serde_json::from_str::<Value>(&file).unwrap(), stated, "one statement");
    let csv = bo.get(&format!("{ACME}/statements/2027-01.csv")).await;
    assert!(csv.text.starts_with("month,client,") && csv.header("content-type").starts_with("text/csv"));
    let accepted = [("accept", "text/csv")];
    let csv_too =
        bo.send(axum::http::Method::GET, &format!("{ACME}/statements/2027-01"), None, &accepted).await;
    assert_eq!(csv_too.text, csv.text);
    let list = bo.read(&format!("{ACME}/statements")).await;
    assert_eq!(list["items"][1]["credit"], credit, "{list:#}");

    let ledger = bo.read(january["ledger"].as_str().unwrap()).await;
    let counted: usize =
        ledger["runs"].as_array().unwrap().iter().map(|run| run["counted"].as_array().unwrap().len()).sum();
    assert_eq!(counted, 33);
    let down: u64 = items(&ledger)
        .iter()
        .map(|alike| alike["minutes"].as_u64().unwrap() * alike["down_ms"].as_u64().unwrap())
        .sum();
    assert_eq!(
        format!("{}", Length::from_micros(i64::try_from(down).unwrap() * 1_000)),
        january["down"].as_str().unwrap()
    );
    for why in [january["why"].as_str().unwrap(), &format!("{ACME}/why?month=2027-01")] {
        let why = bo.read(why).await;
        assert!(why["derivation"]["inputs"].is_array(), "{why:#}");
    }
    for path in
        ["instances/none", "statements/2020-01", "statements/x", "instances/none/ledger", "why?owed=none"]
    {
        assert_eq!(bo.get(&format!("{ACME}/{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let other = bo.get(&format!("{ACME}/instances/wiki/ledger?month=2020-01")).await;
    assert_eq!(other.json["errors"][0]["field"], "month", "{}", other.text);
}

#[tokio::test]
async fn maintenance_is_planned_begun_and_ended_under_the_agreements_rules() {
    let desk = Desk::agreed();
    let mut sam = desk.program("sam").await;
    let planned = json!({
        "kind": "scheduled", "cause": "upgrade", "expected_impact": "down", "instances": ["wiki"],
        "starts_at": "2027-01-27T12:00:00Z", "ends_at": "2027-01-27T13:00:00Z",
    });
    let with = |field: &str, value: Value| {
        let mut changed = planned.clone();
        changed[field] = value;
        changed
    };
    for (field, value) in [
        ("kind", json!("some")),
        ("expected_impact", json!("much")),
        ("instances", json!(["forum"])),
        ("starts_at", json!("noon")),
        ("duration", json!(3)),
    ] {
        let told = sam.post(&format!("{ACME}/maintenance"), with(field, value)).await;
        assert_eq!(
            (told.code(), &told.json["errors"][0]["field"]),
            ("invalid-field", &json!(field)),
            "{}",
            told.text
        );
    }
    let saturday = json!("2027-01-30T12:00:00Z");
    let mut outside = with("starts_at", saturday);
    outside["ends_at"] = json!("2027-01-30T13:00:00Z");
    let outside = sam.post(&format!("{ACME}/maintenance"), outside).await;
    assert_eq!(
        (outside.code(), &outside.json["clauses"][0]),
        ("refused", &json!("SH-MAINT-01")),
        "{}",
        outside.text
    );
    let made = sam.post(&format!("{ACME}/maintenance"), planned.clone()).await;
    assert!(made.json["note"].is_null());
    assert_eq!(made.header("location"), format!("{ACME}/maintenance/M-1"), "{}", made.text);
    let at = format!("{ACME}/maintenance/M-1");
    let early = sam.post(&format!("{at}/end"), json!({})).await;
    assert_eq!((early.code(), early.json["clauses"].is_null()), ("refused", true), "{}", early.text);
    assert_eq!(sam.read(&at).await["state"], "planned");
    desk.wait(Length::from_hours(12 * 24 + 4));
    let begun = sam.send(axum::http::Method::POST, &format!("{at}/start"), None, &[]).await;
    assert_eq!(begun.status, StatusCode::OK, "without a body: {}", begun.text);
    assert_eq!(sam.read(&at).await["state"], "under way");
    let list = desk.program("bo").await.read(&format!("{ACME}/maintenance")).await;
    assert_eq!(list["items"][0]["maintenance"], "M-1");
    let begun = with("starts_at", json!((desk.now() - Length::HOUR).to_string()));
    let late = sam.post(&format!("{ACME}/maintenance"), begun).await;
    let note = late.json["note"].as_str().unwrap_or_default();
    assert!(note.contains("as an emergency") && note.contains("SH-MAINT-04"), "{}", late.text);
    assert_eq!(sam.read(late.header("location")).await["kind"], "emergency");
}

#[tokio::test]
async fn the_agreement_and_the_journal_are_there_for_whom_they_are() {
    let desk = lived_in();
    let (mut bo, mut sam) = (desk.program("bo").await, desk.program("sam").await);
    let agreement = bo.read(&format!("{ACME}/agreement")).await;
    let terms = desk.control.shelf().of(&"acme".parse().unwrap()).next().unwrap().clone();
    assert_eq!(agreement["sha256"], terms.terms.identity());
    assert!(agreement["prose"].as_str().unwrap().contains("SH-AVAIL-06") && agreement["in_force"] == true);
    assert!(agreement["readings"]["A-10"].is_string(), "{:#}", agreement["readings"]);
    let file = bo.get(agreement["versions"][0]["href"].as_str().unwrap()).await;
    assert_eq!(file.text, terms.text);
    let stolen = format!("/api/v1/clients/beta/agreement/{}.toml", terms.terms.identity());
    assert_eq!(sam.get(&stolen).await.status, StatusCode::NOT_FOUND, "not through another client's path");

    assert_eq!(bo.get(&format!("{ACME}/facts")).await.status, StatusCode::NOT_FOUND);
    let (mut next, mut seen) = (format!("{ACME}/facts?limit=7"), Vec::new());
    while !next.is_empty() {
        let page = sam.read(&next).await;
        seen.extend(items(&page).iter().map(|entry| entry["seq"].as_u64().unwrap()));
        assert_eq!(page["last"], *seen.last().unwrap());
        next = page["next"].as_str().unwrap_or_default().to_owned();
        if seen.len() > 50 {
            break;
        }
    }
    assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>());
    let whole = desk.journal.tail(&"acme".parse().unwrap(), 0, 3).unwrap();
    let told = sam.read(&format!("{ACME}/facts?limit=3")).await;
    for (entry, told) in whole.iter().zip(items(&told)) {
        assert_eq!(told["fact"], serde_json::to_value(&entry.fact).unwrap());
        assert_eq!(told["hash"], entry.hash.to_string());
    }
}

#[tokio::test]
async fn another_clients_things_are_not_there() {
    let desk = lived_in();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    let mut cy = desk.program("cy").await;
    for path in [
        "now",
        "why?month=2027-01",
        "requests",
        "requests/T-1",
        "instances",
        "instances/wiki",
        "instances/wiki/ledger",
        "maintenance",
        "statements",
        "statements/2027-01",
        "agreement",
        "facts",
    ] {
        let told = cy.get(&format!("{ACME}/{path}")).await;
        assert_eq!((told.status, told.code()), (StatusCode::NOT_FOUND, "not-found"), "{path}");
    }
    for verb in ["reply", "note", "ask", "update", "classify", "reprioritise", "resolve", "reopen"] {
        let told = cy.post(&format!("{ACME}/requests/T-1/{verb}"), json!({"text": "x"})).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{verb}");
        let own = cy.post(&format!("/api/v1/clients/beta/requests/T-1/{verb}"), json!({"text": "x"})).await;
        assert!([404, 422].contains(&own.status.as_u16()), "{verb}: {}", own.text);
    }
    assert_eq!(cy.get("/api/v1/clients/beta/requests/T-1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(items(&cy.read("/api/v1/clients/beta/requests").await).len(), 0);
}

#[tokio::test]
async fn an_instance_comes_is_asked_and_goes_by_an_administrators_word() {
    let desk = Desk::agreed();
    let (mut ann, mut bo, mut sam) =
        (desk.program("ann").await, desk.program("bo").await, desk.program("sam").await);
    let instances = format!("{ACME}/instances");
    let shop = || json!({"instance": "shop", "name": "The shop", "environment": "production"});
    assert_eq!(sam.post(&instances, shop()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(bo.post(&instances, shop()).await.status, StatusCode::NOT_FOUND);
    let mut odd = shop();
    odd["environment"] = json!("odd");
    assert_eq!(ann.post(&instances, odd).await.json["errors"][0]["field"], "environment");
    let added = ann.post(&instances, shop()).await;
    assert_eq!(
        (added.status, added.header("location")),
        (StatusCode::CREATED, &*format!("{ACME}/instances/shop"))
    );
    assert_eq!(added.json["recorded"][0]["event"], "instance.added");
    assert_eq!(ann.post(&instances, shop()).await.code(), "refused", "the id stands for one instance");

    let checks = format!("{ACME}/instances/shop/checks");
    let what = json!({"http": {"url": "https://shop.example/", "expect": [200], "redirects": "follow"}});
    let http = json!({"check": "http", "every_s": 30, "timeout_ms": 5_000, "what": what, "confirm": true});
    let key = [("idempotency-key", "define")];
    let defined = ann.send(axum::http::Method::POST, &checks, Some(http.to_string()), &key).await;
    assert_eq!(defined.status, StatusCode::OK, "{}", defined.text);
    let changed = json!({"check": "http", "every_s": 60, "what": what, "confirm": true}).to_string();
    let reused = ann.send(axum::http::Method::POST, &checks, Some(changed.clone()), &key).await;
    assert_eq!((reused.status, reused.code()), (StatusCode::CONFLICT, "key-reused"));
    let beat = json!({"check": "backup", "every_s": 86_400, "grace_s": 3_600});
    assert_eq!(ann.post(&checks, beat).await.status, StatusCode::OK);
    let told = bo.read(&format!("{ACME}/instances/shop")).await["checks"].clone();
    assert_eq!((&told[0]["check"], &told[0]["grace_s"]), (&json!("backup"), &json!(3_600)));
    assert_eq!((&told[1]["every_s"], &told[1]["what"]), (&json!(30), &what), "{told:#}");
    let again = ann.send(axum::http::Method::POST, &checks, Some(changed), &[]).await;
    assert_eq!(again.status, StatusCode::OK);
    let told = bo.read(&format!("{ACME}/instances/shop")).await["checks"][1].clone();
    assert_eq!((&told["every_s"], &told["version"]), (&json!(60), &json!(2)));
    let over = |version: u32| json!({"check": "http", "every_s": 90, "what": what, "version": version, "confirm": true});
    let late = ann.post(&checks, over(1)).await;
    assert_eq!((late.status, late.code()), (StatusCode::PRECONDITION_FAILED, "changed"), "{}", late.text);
    assert_eq!(ann.post(&checks, over(2)).await.status, StatusCode::OK);
    let preview = format!("{checks}-preview");
    let url = format!("http://127.0.0.1:{}/", crate::instance::site().await);
    let asked = json!({"check": "http", "every_s": 30, "url": url, "expect": [200]});
    assert_eq!(
        ann.post(&preview, asked.clone()).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "nobody looks"
    );
    desk.app.try_by(crate::instance::looker("127.0.0.0/8"));
    let tried = ann.post(&preview, asked.clone()).await;
    assert_eq!((tried.status, &tried.json["code"]), (StatusCode::OK, &json!(200)), "{}", tried.text);
    let elsewhere = preview.replace("shop", "none");
    assert_eq!(ann.post(&elsewhere, asked).await.status, StatusCode::NOT_FOUND);
    for wrong in [
        json!({"check": "http", "every_s": 0, "url": "https://shop.example/"}),
        json!({"check": "http", "every_s": 20, "url": "file:///etc/passwd"}),
        json!({"check": "http", "every_s": 20}),
        json!({"check": "http", "every_s": 20, "what": {"ftp": {}}}),
    ] {
        let refused = ann.post(&checks, wrong.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {}", refused.text);
    }
    assert_eq!(
        ann.post(
            &format!("{ACME}/instances/none/checks"),
            json!({"check": "a", "every_s": 9, "url": "http://x.example/"})
        )
        .await
        .status,
        StatusCode::NOT_FOUND
    );

    let end = format!("{ACME}/instances/shop/end");
    let past = json!({"until": (desk.now() - Length::HOUR).to_string()});
    assert_eq!(ann.post(&end, past).await.code(), "refused");
    assert_eq!(ann.post(&end, json!({})).await.json["recorded"][0]["event"], "instance.ended");
    desk.wait(Length::MINUTE);
    assert_eq!(ann.post(&end, json!({})).await.code(), "refused", "it has ended");
}

#[tokio::test]
async fn a_notice_by_telephone_is_told_once() {
    let desk = Desk::agreed();
    let (mut bo, mut sam) = (desk.program("bo").await, desk.program("sam").await);
    let at = |hours: i64| (desk.now() + Length::HOUR * hours).to_string();
    let planned = json!({
        "kind": "emergency", "cause": "hardware", "expected_impact": "down", "instances": ["wiki"],
        "starts_at": at(1), "ends_at": at(2),
    });
    let record = sam.post(&format!("{ACME}/maintenance"), planned).await.header("location").to_owned();
    assert_eq!(bo.post(&format!("{record}/announce"), json!({})).await.status, StatusCode::NOT_FOUND);
    desk.wait(Length::MINUTE);
    let told = sam.post(&format!("{record}/announce"), json!({})).await;
    assert_eq!(told.json["recorded"][0]["event"], "notice.delivered", "{}", told.text);
    let read = bo.read(&record).await;
    assert_eq!(read["notice_at"], read["recorded_at"], "what is on file stands on the client's page");
    assert_ne!(read["told_at"], read["notice_at"]);
    assert_eq!(sam.post(&format!("{record}/announce"), json!({})).await.code(), "refused");
}

#[tokio::test]
async fn mp_sc_inc_02_the_providers_monitoring_raises_an_alert_and_one_incident_is_open_for_it() {
    let desk = Desk::agreed();
    let (mut bo, mut sam) = (desk.program("bo").await, desk.program("sam").await);
    let alerts = format!("{ACME}/alerts");
    let disk = |value: u32| json!({"instance": "wiki", "resource": "disk", "value": value, "limit": 95, "unit": "%", "evidence": "df /var"});
    assert_eq!(bo.post(&alerts, disk(95)).await.status, StatusCode::NOT_FOUND, "a client raises none");
    let raised = sam.post(&alerts, disk(95)).await;
    assert_eq!(raised.status, StatusCode::OK, "{}", raised.text);
    let events: Vec<&str> = raised.json["recorded"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["threshold.crossed", "request.received"]);
    let again = sam.post(&alerts, disk(95)).await;
    assert_eq!((again.status, &again.json["id"]), (StatusCode::OK, &raised.json["id"]));
    assert_eq!(again.json["recorded"], json!([]), "{}", again.text);
    assert!(again.json["note"].as_str().unwrap().contains("is open for it"));
    assert_eq!(sam.post(&alerts, disk(97)).await.json["recorded"].as_array().unwrap().len(), 1);
    let incidents = bo.read(&format!("{ACME}/incidents")).await["items"].clone();
    assert_eq!(incidents.as_array().unwrap().len(), 1, "{incidents:#}");
    assert_eq!(incidents[0]["title"], "Instance wiki: disk 95%, limit 95%");
    // The outbox has it a moment after the test's clock.
    desk.wait(Length::from_secs(1));
    desk.control.relay(desk.now()).unwrap();
    let told = sam.read(&format!("{ACME}/facts")).await["items"].to_string();
    assert_eq!(told.matches("alert.sent").count(), 2, "one for each alert");
}

#[tokio::test]
async fn mp_sc_inc_02_an_alert_that_is_wrong_says_what_where_and_what_to_do() {
    let desk = Desk::agreed();
    let mut sam = desk.program("sam").await;
    let alerts = format!("{ACME}/alerts");
    let full = json!({"instance": "wiki", "resource": "disk", "value": 96, "limit": 95, "evidence": "df"});
    // `forum` is another client's.
    for (field, value, says) in [
        ("instance", json!("shop"), "Client acme has no instance shop that is covered"),
        ("instance", json!("forum"), "Client acme has no instance forum that is covered"),
        ("value", json!(94), "94 is below the limit of 95 for disk on wiki"),
        ("value", json!(-1), "invalid value"),
        ("resource", json!(""), "Say what is running out"),
        ("evidence", json!("  "), "Say what shows it"),
    ] {
        let mut wrong = full.clone();
        wrong[field] = value;
        let refused = sam.post(&alerts, wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
        assert_eq!(refused.json["errors"][0]["field"], field, "{}", refused.text);
        assert!(refused.text.contains(says), "{says}: {}", refused.text);
    }
    assert_eq!(sam.read(&format!("{ACME}/incidents")).await["items"], json!([]));
}

#[tokio::test]
async fn sh_avail_07_a_program_defines_a_check_as_signed_or_confirms_that_it_departs() {
    let desk = Desk::agreed();
    let (mut ann, mut bo) = (desk.program("ann").await, desk.program("bo").await);
    let checks = format!("{ACME}/instances/wiki/checks");
    let short = json!({"check": "start", "url": "https://wiki.acme.example/"});
    assert_eq!(ann.post(&checks, short).await.status, StatusCode::OK);
    let of = |told: &serde_json::Value| {
        let all = told["checks"].as_array().unwrap().clone();
        all.into_iter().find(|check| check["check"] == "start").unwrap()
    };
    let told = of(&bo.read(&format!("{ACME}/instances/wiki")).await);
    assert_eq!((&told["every_s"], &told["expect"]), (&json!(20), &json!([200, 204, 301, 302])));
    assert_eq!((&told["timeout_ms"], &told["departs"]), (&json!(10_000), &json!(null)));
    let mut slow = json!({"check": "start", "url": "https://wiki.acme.example/", "every_s": 60});
    let refused = ann.post(&checks, slow.clone()).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "refused"), "{}", refused.text);
    assert_eq!(refused.json["may_be_confirmed"], true);
    assert!(refused.text.contains("SH-AVAIL-07") && refused.text.contains("every 60 s, signed 20 s"));
    slow["confirm"] = json!(true);
    assert_eq!(ann.post(&checks, slow).await.status, StatusCode::OK);
    let told = of(&bo.read(&format!("{ACME}/instances/wiki")).await);
    assert_eq!(told["departs"]["how"][0], json!({"what": "every", "signed": "20 s", "asked": "60 s"}));
    assert_eq!(told["departs"]["clauses"][0], "SH-AVAIL-07");
}

#[tokio::test]
async fn a_program_withdraws_a_check_and_confirms_it_where_it_is_the_last() {
    let desk = Desk::agreed();
    let (mut ann, mut bo) = (desk.program("ann").await, desk.program("bo").await);
    let end = format!("{ACME}/instances/wiki/checks-end");
    assert_eq!(bo.post(&end, json!({"check": "http"})).await.status, StatusCode::NOT_FOUND);
    let none = ann.post(&end, json!({"check": "none"})).await;
    assert_eq!(
        (none.status, &none.json["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("check"))
    );
    let last = ann.post(&end, json!({"check": "http"})).await;
    assert_eq!((last.status, last.code()), (StatusCode::CONFLICT, "refused"), "{}", last.text);
    assert_eq!(last.json["may_be_confirmed"], true, "{}", last.text);
    let old = ann.post(&end, json!({"check": "http", "version": 7, "confirm": true})).await;
    assert_eq!((old.status, old.code()), (StatusCode::PRECONDITION_FAILED, "changed"));
    let done = ann.post(&end, json!({"check": "http", "confirm": true})).await;
    assert_eq!((done.status, &done.json["recorded"][0]["event"]), (StatusCode::OK, &json!("check.ended")));
    assert_eq!(bo.read(&format!("{ACME}/instances/wiki")).await["checks"], json!([]));
}
