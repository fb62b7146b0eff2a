//! What a ticket's page shows because a clause says so: each sentence with the clause at its effect.

use axum::http::StatusCode;
use facts::{Actor, PageSent};
use spans::Length;

use crate::{
    desk::{Browser, Desk},
    ticket::fill,
};

const T1: &str = "/clients/acme/tickets/T-1";
const NEW: &str = "/clients/acme/tickets/new";

#[track_caller]
fn holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

/// Under the hosted agreement, with a request of P2.
fn hosted() -> Desk {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "Search finds nothing", "P2");
    desk.wait(Length::MINUTE);
    desk
}

/// Under the managed platform's guide, with a request of this kind and urgency.
async fn managed(choice: &str) -> Desk {
    let desk = Desk::managed();
    {
        let mut pia = desk.signed_in("pia").await;
        let form = format!("title=Wiki+is+down&choice={}&text=Nothing+opens", choice.replace('/', "%2F"));
        let sent = fill(&mut pia, NEW, NEW, &form).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    }
    desk
}

async fn done(browser: &mut Browser<'_>, verb: &str, form: &str) {
    let answer = fill(browser, T1, &format!("{T1}/{verb}"), form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{verb}: {}", answer.body);
}

#[tokio::test]
async fn sh_res_01_the_page_says_that_nothing_is_due_for_resolving_and_how_old_it_is() {
    let desk = hosted();
    for login in ["bo", "sam"] {
        let page = desk.signed_in(login).await.get(T1).await.body;
        holds(
            &page,
            &[
                "There is no guaranteed time to resolve. Best efforts apply.",
                "SH-RES-01",
                "1 min ago. Last word",
            ],
        );
        assert!(!page.to_lowercase().contains("resolution due"), "{page}");
    }
}

#[tokio::test]
async fn sh_res_02_a_nudge_is_the_providers_own_and_no_due_time() {
    let desk = hosted();
    let (mut sam, mut bo) = (desk.signed_in("sam").await, desk.signed_in("bo").await);
    holds(&sam.get(T1).await.body, &["Best efforts", "SH-RES-02"]);
    let (now, why) = ("/api/v1/clients/acme/now", "/api/v1/clients/acme/why?owed=best-efforts/ticket/T-1/1");
    assert!(sam.get(now).await.body.contains("best-efforts"), "its own people see it");
    assert!(!bo.get(now).await.body.contains("best-efforts"));
    assert_eq!(sam.get(why).await.status, StatusCode::OK);
    assert_eq!(bo.get(why).await.status, StatusCode::NOT_FOUND);
    desk.wait(Length::from_hours(24 * 14));
    for path in [T1, "/", "/clients/acme/tickets", "/api/v1/clients/acme/requests/T-1", now] {
        let page = bo.get(path).await.body.to_lowercase();
        assert!(!page.contains("best efforts</b>") && !page.contains("best-efforts"), "{path}: {page}");
        assert!(!page.contains("best efforts,"), "{path}: {page}");
    }
}

#[tokio::test]
async fn mp_slo_02_the_page_says_that_there_is_no_due_time_to_resolve() {
    let desk = managed("outage/high").await;
    let page = desk.signed_in("pia").await.get(T1).await.body;
    holds(&page, &["Time to resolve depends on the problem; there is no due time.", "MP-SLO-02"]);
}

#[tokio::test]
async fn mp_slo_03_a_miss_is_called_a_missed_objective_on_the_page() {
    let desk = managed("outage/high").await;
    desk.wait(Length::HOUR);
    for login in ["pia", "eva"] {
        let page = desk.signed_in(login).await.get(T1).await.body;
        holds(&page, &["<span class=\"badge missed\">missed objective</span>", "MP-SLO-03", "MP-SLO-04"]);
        let main = page.split("<main").nth(1).unwrap().to_lowercase();
        for never in ["breach", "violation", "penalty"] {
            assert!(!main.contains(never), "{login}: {never}: {page}");
        }
    }
}

#[tokio::test]
async fn sh_ack_01_a_question_is_the_clients_turn_with_its_age_and_hides_no_clock() {
    let desk = hosted();
    let mut sam = desk.signed_in("sam").await;
    done(&mut sam, "ask", "text=Which+browser%3F").await;
    desk.wait(Length::from_hours(2));
    for login in ["bo", "sam"] {
        let page = desk.signed_in(login).await.get(T1).await.body;
        holds(
            &page,
            &[
                "the client&#39;s turn",
                "2 h ago",
                "SH-ACK-01",
                "<b>First response</b> <span class=\"badge risk\">running</span>",
            ],
        );
    }
}

#[tokio::test]
async fn sh_ack_02_a_person_acknowledges_with_one_press_and_the_clock_is_met() {
    let desk = hosted();
    let mut sam = desk.signed_in("sam").await;
    let page = sam.get(T1).await.body;
    holds(
        &page,
        &["SH-ACK-02", "name=\"text\" value=\"I have received this and look at it now.\"", "data-key=\"a\""],
    );
    assert!(!desk.signed_in("bo").await.get(T1).await.body.contains("data-key=\"a\""));
    done(&mut sam, "reply", "text=I+have+received+this+and+look+at+it+now.").await;
    let page = sam.get(T1).await.body;
    holds(&page, &["<b>First response</b> <span class=\"badge kept\">met</span>"]);
    assert!(!page.contains("data-key=\"a\""), "once: {page}");
}

#[tokio::test]
async fn sh_ack_03_what_cannot_be_solved_is_closed_and_says_so() {
    let desk = hosted();
    let mut sam = desk.signed_in("sam").await;
    holds(
        &sam.get(T1).await.body,
        &["It cannot be solved. Not every request can be answered or solved.", "SH-ACK-03"],
    );
    done(&mut sam, "resolve", "summary=The+maker+ended+it&cannot=yes").await;
    let page = desk.signed_in("bo").await.get(T1).await.body;
    holds(
        &page,
        &["closed it: it cannot be solved", "It was closed unsolved.", "The maker ended it", "SH-ACK-03"],
    );
}

#[tokio::test]
async fn sh_ack_06_a_tag_of_the_catalogue_shows_its_clause() {
    let desk = hosted();
    let mut sam = desk.signed_in("sam").await;
    assert!(!sam.get(T1).await.body.contains("SH-ACK-06"));
    done(&mut sam, "tag", "add=custom-code").await;
    holds(&sam.get(T1).await.body, &["<b>not included</b>: writing software or code", "SH-ACK-06"]);
    assert!(
        !desk.signed_in("bo").await.get(T1).await.body.contains("SH-ACK-06"),
        "a tag is the provider's own"
    );
}

#[tokio::test]
async fn sh_char_02_the_provider_is_asked_what_kind_it_is_until_it_is_said() {
    let desk = hosted();
    let mut sam = desk.signed_in("sam").await;
    let asked = "Nobody has said yet what kind of request it is";
    holds(&sam.get(T1).await.body, &[asked, "SH-CHAR-02"]);
    holds(&sam.get("/tickets?unclassified=yes").await.body, &["Search finds nothing", "SH-CHAR-02"]);
    assert!(!desk.signed_in("bo").await.get(T1).await.body.contains(asked));
    done(&mut sam, "classify", "class=standard").await;
    assert!(!sam.get(T1).await.body.contains(asked));
    assert!(!sam.get("/tickets?unclassified=yes").await.body.contains("Search finds nothing"));
}

#[tokio::test]
async fn sh_char_03_the_class_is_final_and_nothing_offers_to_appeal_against_it() {
    let desk = hosted();
    let mut sam = desk.signed_in("sam").await;
    done(&mut sam, "classify", "class=standard").await;
    let mut bo = desk.signed_in("bo").await;
    let page = bo.get(T1).await.body;
    holds(&page, &["standard, which is final", "SH-CHAR-03"]);
    assert!(!page.contains("act-classify") && !page.contains("act-appeal"), "{page}");
    assert_eq!(bo.post(&format!("{T1}/classify"), "class=unusable").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn mp_upd_03_an_update_is_asked_for_on_the_page() {
    let desk = managed("outage/low").await;
    let (mut pia, mut eva) = (desk.signed_in("pia").await, desk.signed_in("eva").await);
    holds(&pia.get(T1).await.body, &["Ask for an update", "MP-UPD-03"]);
    done(&mut pia, "update", "").await;
    holds(&eva.get(T1).await.body, &["asked for an update", "<b>Updates other</b>", "MP-UPD-03"]);
}

#[tokio::test]
async fn mp_esc_02_a_button_to_escalate_stands_on_every_open_ticket() {
    let desk = managed("service/low").await;
    let (mut pia, mut eva) = (desk.signed_in("pia").await, desk.signed_in("eva").await);
    let page = pia.get(T1).await.body;
    holds(
        &page,
        &["data-opens=\"act-escalate\">Escalate</a>", "It can be escalated at any time.", "MP-ESC-02"],
    );
    // Without script the link opens the form.
    holds(&pia.get(&format!("{T1}?open=escalate")).await.body, &["id=\"act-escalate\" open>"]);
    done(&mut eva, "resolve", "summary=It+was+done").await;
    assert!(!pia.get(T1).await.body.contains("act-escalate"), "it is closed");
}

#[tokio::test]
async fn mp_esc_05_a_missed_response_suggests_to_escalate_with_its_reason() {
    let desk = managed("outage/critical").await;
    let mut pia = desk.signed_in("pia").await;
    assert!(!pia.get(T1).await.body.contains("id=\"act-escalate\" open"));
    desk.wait(Length::from_minutes(31));
    holds(
        &pia.get(T1).await.body,
        &["id=\"act-escalate\" open", "MP-ESC-05", "<option value=\"response-missed\" selected>"],
    );
}

#[tokio::test]
async fn mp_esc_07_the_next_level_is_one_press_away_and_what_was_said_stays() {
    let desk = managed("outage/critical").await;
    let mut pia = desk.signed_in("pia").await;
    holds(&pia.get(T1).await.body, &["This calls level 1: service desk lead.", "MP-ESC-07"]);
    let mut eva = desk.signed_in("eva").await;
    holds(&eva.get(T1).await.body, &["data-opens=\"act-escalate\">Escalate</a>", "id=\"act-escalate\""]);
    done(&mut pia, "escalate", "reason=resolution-slow&text=We+stand+still").await;
    assert!(!eva.get(T1).await.body.contains("act-escalate"), "it is hers to answer first");
    let page = pia.get(T1).await.body;
    holds(&page, &["This calls level 2: service delivery manager.", "We stand still", "escalated"]);
    holds(&desk.signed_in("eva").await.get(T1).await.body, &["Answer the escalation", "MP-ESC-11"]);
}

#[tokio::test]
async fn mp_sc_inc_03_a_resolved_outage_waits_for_its_root_cause_with_a_timeline_from_facts() {
    let desk = managed("outage/critical").await;
    let mut eva = desk.signed_in("eva").await;
    done(&mut eva, "reply", "text=We+look").await;
    done(&mut eva, "resolve", "summary=Restarted").await;
    let page = eva.get(T1).await.body;
    holds(
        &page,
        &[
            "<b>Root cause analysis</b>",
            "MP-SC-INC-03",
            "Timeline:\n2027-01-15 08:00 UTC  Pia Poc asked",
            "Eva Engel resolved it",
        ],
    );
    done(&mut eva, "cause", "text=A+full+disk").await;
    let theirs = desk.signed_in("pia").await.get(T1).await.body;
    holds(
        &theirs,
        &[
            "published the root cause",
            "A full disk",
            "<b>Root cause analysis</b> <span class=\"badge kept\">met</span>",
        ],
    );
}

#[tokio::test]
async fn mp_sc_inc_04_an_incident_says_that_it_is_solved_with_the_clients_teams() {
    let desk = managed("outage/critical").await;
    let page = desk.signed_in("pia").await.get(T1).await.body;
    holds(&page, &["isolate and solve high-impact issues with client teams", "MP-SC-INC-04"]);
}

/// SH-SLO-06, MP-ESC-02: the ticket says that somebody is called, and one may say there that one has seen it.
#[tokio::test]
async fn sh_slo_06_a_call_is_seen_on_its_ticket() {
    let desk = hosted();
    let page = PageSent {
        page: "call-1".parse().unwrap(),
        ticket: "T-1".parse().unwrap(),
        person: "sam".to_owned(),
        step: 0,
    };
    desk.store("acme", Actor::automaton("rota"), page);
    let mut sam = desk.signed_in("sam").await;
    let shown = sam.get(T1).await.body;
    holds(
        &shown,
        &[
            "Somebody is being called",
            "I have seen it",
            "action=\"/clients/acme/tickets/T-1/calls/call-1/seen\"",
        ],
    );
    assert!(!desk.signed_in("bo").await.get(T1).await.body.contains("being called"));
    desk.wait(Length::from_secs(1));
    let seen = sam.post(&format!("{T1}/calls/call-1/seen"), "").await;
    assert_eq!(seen.header("location"), format!("{T1}?done=seen"), "{}", seen.body);
    let after = sam.get(T1).await.body;
    assert!(!after.contains("being called"), "{after}");
    holds(&after, &["<b>First response</b> <span class=\"badge risk\">running</span>"]);
}

/// What the client finds first: three sentences, the hours, what is left of the month.
#[tokio::test]
async fn a_clients_home_says_what_is_left_of_the_month_and_when_support_opens() {
    let desk = hosted();
    desk.looks("acme", "wiki", Length::from_minutes(10), facts::Outcome::Up);
    desk.looks("acme", "wiki", Length::from_minutes(4), facts::Outcome::Down);
    desk.looks("acme", "wiki", Length::from_minutes(5), facts::Outcome::Up);
    let mut bo = desk.signed_in("bo").await;
    let page = bo.get("/").await.body;
    holds(
        &page,
        &[
            "Instance wiki answers.",
            "is with us.",
            "Support is open until",
            "What is left of January 2027",
            "SH-AVAIL-02",
            " min</b>",
        ],
    );
    assert!(
        !desk.signed_in("sam").await.get("/").await.body.contains("What is left of"),
        "staff see many clients"
    );
}

#[tokio::test]
async fn mp_cli_06_a_clients_home_asks_it_to_take_part() {
    let desk = Desk::managed();
    let page = desk.signed_in("pia").await.get("/").await.body;
    holds(
        &page,
        &[
            "Please take part in onboarding",
            "MP-CLI-06",
            "For outage and performance, support answers at any hour.",
        ],
    );
}

#[tokio::test]
async fn mp_sc_inc_02_the_incident_of_an_alert_shows_what_was_measured_and_that_people_were_told_at_once() {
    let desk = Desk::managed();
    let added = facts::InstanceAdded {
        instance: "jira".parse().unwrap(),
        name: "Jira".to_owned(),
        url: None,
        environment: facts::Environment::Production,
        software: None,
        from: desk.now(),
        until: None,
    };
    desk.store("acme", Actor::provider("Planner"), added);
    let crossing = control::live::command::Crossing {
        instance: "jira".parse().unwrap(),
        resource: "disk".to_owned(),
        value: 95,
        limit: 95,
        unit: "%".to_owned(),
        evidence: "df /var of 10:00".to_owned(),
    };
    let by = control::live::command::By::new(Actor::provider("Eva Engel"));
    desk.control.cross(&crate::agreed::client("acme"), crossing, by, desk.now()).unwrap();
    desk.control.relay(desk.now() + Length::from_secs(1)).unwrap();
    desk.wait(Length::MINUTE);
    for login in ["eva", "pia"] {
        let page = desk.signed_in(login).await.get(T1).await.body;
        holds(
            &page,
            &[
                "Jira: disk 95%, limit 95%",
                "reported that a limit was crossed: measured disk 95%, limit 95%",
                "df /var of 10:00",
                "told people of it at once",
                "<b>Alert</b>",
                "MP-SC-INC-02",
            ],
        );
    }
}
