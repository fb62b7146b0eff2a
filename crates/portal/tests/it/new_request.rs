//! A new request: what is told before it is sent, what is asked, and what is only hinted at.

use axum::http::StatusCode;
use facts::{Actor, Environment, InstanceAdded};
use spans::Length;

use crate::{
    desk::{Browser, Desk},
    ticket::{fill, key},
};

const NEW: &str = "/clients/acme/tickets/new";
const T1: &str = "/clients/acme/tickets/T-1";

#[track_caller]
fn holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

async fn sent(browser: &mut Browser<'_>, form: &str) -> String {
    let answer = fill(browser, NEW, NEW, form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").to_owned()
}

/// SH-DEF-16: the priority sets the target; each says what it means in the agreement's words, with its clause.
#[tokio::test]
async fn sh_def_18_19_20_each_priority_says_what_it_means_and_by_when() {
    let desk = Desk::agreed();
    let page = desk.signed_in("bo").await.get(NEW).await.body;
    holds(
        &page,
        &[
            "high impact, use severely impaired",
            "SH-DEF-18",
            "medium impact, use partially impaired",
            "SH-DEF-19",
            "low impact, fully usable",
            "SH-DEF-20",
            // P2, premium, Friday 08:00: eight hours of operation.
            "<time datetime=\"2027-01-15T16:00:00Z\">Fri 15 Jan 16:00 UTC</time>",
            "in 8 h",
            "SH-SLO-07",
        ],
    );
}

#[tokio::test]
async fn sh_sup_02_the_form_names_the_channels_of_the_tier() {
    let desk = Desk::agreed();
    let page = desk.signed_in("bo").await.get(NEW).await.body;
    holds(&page, &["support@example.net", "<dt>chat</dt>", "SH-SUP-02"]);
    assert!(!page.contains("+31 20"), "telephone is enterprise's: {page}");
}

#[tokio::test]
async fn sh_req_01_what_was_tried_is_a_field_and_no_gate() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    holds(&bo.get(NEW).await.body, &["What have you tried so far?", "SH-REQ-01", "name=\"tried\""]);
    let without = sent(&mut bo, "title=Slow&choice=P3&text=It+is+slow").await;
    assert_eq!(without, format!("{T1}?done=untried"));
    let told = bo.get(&without).await.body;
    holds(&told, &["Reply with what you tried so far", "SH-REQ-01"]);
    let with = sent(&mut bo, "title=Slow&choice=P3&text=It+is+slow&tried=Another+browser").await;
    assert!(with.ends_with("?done=recorded"), "{with}");
    holds(&bo.get(&with).await.body, &["What was tried so far:\nAnother browser"]);
}

#[tokio::test]
async fn sh_req_02_hours_stand_in_the_readers_zone_and_the_language_is_said() {
    let desk = Desk::agreed();
    // Saturday 08:00: closed until Sunday 17:00.
    desk.wait(Length::DAY);
    let mut bo = desk.signed_in("bo").await;
    bo.post("/zone", "zone=Asia%2FTokyo&back=%2F").await;
    let page = bo.get(NEW).await.body;
    holds(
        &page,
        &[
            "Support opens <time datetime=\"2027-01-17T17:00:00Z\">Mon 18 Jan 02:00 JST</time>, in 1 d 9 h.",
            "SH-REQ-02",
            "Support is in English.",
        ],
    );
}

#[tokio::test]
async fn sh_req_04_the_form_says_who_helps_end_users() {
    let desk = Desk::agreed();
    let page = desk.signed_in("bo").await.get(NEW).await.body;
    holds(&page, &["You help your own end users first", "SH-REQ-04"]);
}

/// SH-CHAR-02, SH-CHAR-03, SH-ACK-04, SH-ACK-05: what becomes of it is told before.
#[tokio::test]
async fn sh_char_02_the_form_says_that_the_provider_says_what_kind_it_is() {
    let desk = Desk::agreed();
    let page = desk.signed_in("bo").await.get(NEW).await.body;
    holds(&page, &["unusable, standard or feature", "SH-CHAR-02", "SH-CHAR-03", "SH-ACK-04", "SH-ACK-05"]);
}

#[tokio::test]
async fn sh_ack_06_the_form_says_that_code_is_not_written() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    let form = "title=A+skin&choice=P4&text=Please+write+the+code+of+a+skin&look=yes";
    let looked = fill(&mut bo, NEW, NEW, form).await;
    assert_eq!(looked.status, StatusCode::OK);
    holds(&looked.body, &["Not sent yet", "writing software or code", "<b>not included</b>", "SH-ACK-06"]);
    assert!(!bo.get("/clients/acme/tickets").await.body.contains("A skin"), "nothing is recorded");
    assert_eq!(bo.get(T1).await.status, StatusCode::NOT_FOUND);
}

/// SH-DEF-17: P1 on an instance of tests asks to confirm; who confirms is believed, and the provider is told.
#[tokio::test]
async fn sh_def_17_p1_on_a_test_instance_is_confirmed_and_told() {
    let desk = Desk::agreed();
    let added = InstanceAdded {
        instance: "lab".parse().unwrap(),
        name: "Laboratory".to_owned(),
        url: None,
        environment: Environment::Test,
        software: None,
        from: desk.now(),
        until: None,
    };
    desk.store("acme", Actor::automaton("test"), added);
    desk.wait(Length::from_secs(1));
    let mut bo = desk.signed_in("bo").await;
    holds(&bo.get(NEW).await.body, &["Laboratory (test, not production)"]);
    let form = "title=Gone&instance=lab&choice=P1&text=All+is+gone&tried=Waiting";
    let refused = fill(&mut bo, NEW, NEW, form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    holds(&refused.body, &["P1 is for a production instance", "SH-DEF-17", "name=\"confirm\""]);
    let form = format!("key={}&{form}&confirm=yes", key(&refused.body));
    let sent = bo.post(NEW, &form).await;
    assert_eq!(sent.header("location"), format!("{T1}?done=recorded"), "{}", sent.body);
    let told = desk.signed_in("sam").await.get(T1).await.body;
    holds(&told, &["no production instance", "SH-DEF-17"]);
    // An ordinary one says nothing of it.
    fill(&mut bo, NEW, NEW, "title=Slow&instance=wiki&choice=P1&text=All+is+slow").await;
    assert!(
        !desk.signed_in("sam").await.get("/clients/acme/tickets/T-2").await.body.contains("no production")
    );
}

/// MP-SLO-06..09: kinds down, urgencies across, each with its time: 30 minutes, an hour, eight, twenty-four.
#[tokio::test]
async fn mp_slo_06_kinds_and_urgencies_stand_in_a_table_with_their_times() {
    let desk = Desk::managed();
    let page = desk.signed_in("pia").await.get(NEW).await.body;
    holds(
        &page,
        &[
            "value=\"outage/critical\"",
            "value=\"performance/low\"",
            "value=\"service/normal\" checked",
            "MP-SLO-07",
            "MP-SLO-08",
            "MP-SLO-09",
            "2027-01-15T08:30:00Z",
            // Twenty-four business hours of eight a day from Friday morning on: the end of Tuesday.
            "2027-01-19T16:00:00Z",
            "For outage and performance, support answers at any hour.",
            "For service, support is open until",
            "MP-SLO-13",
        ],
    );
}

#[tokio::test]
async fn mp_slo_11_the_form_says_which_ways_have_no_objective() {
    let desk = Desk::managed();
    let page = desk.signed_in("pia").await.get(NEW).await.body;
    holds(&page, &["<dt>phone</dt><dd>no objective holds", "MP-SLO-11", "MP-SCOPE-03"]);
}

#[tokio::test]
async fn mp_scope_01_the_form_lists_what_is_done_when_asked_and_what_without() {
    let desk = Desk::managed();
    let mut pia = desk.signed_in("pia").await;
    holds(
        &pia.get(NEW).await.body,
        &[
            "<b>included, when you ask</b>: service restart",
            "<b>included, without asking</b>: log monitoring",
            "MP-SC-VM-01",
        ],
    );
    let form = "title=Certificates&choice=service%2Fnormal&text=Please+renew+our+certificates&look=yes";
    let looked = fill(&mut pia, NEW, NEW, form).await.body;
    holds(
        &looked,
        &["“install, renew, configure certificates”", "client supplies the certificate", "MP-SC-MW-03"],
    );
}

/// SH-REQ-03, SH-DEF-10: what came by telephone is the same request, with the clocks of when it came in.
#[tokio::test]
async fn sh_req_03_a_request_that_came_another_way_is_written_down() {
    let desk = Desk::agreed();
    desk.wait(Length::HOUR);
    let record = "/clients/acme/tickets/record";
    let mut sam = desk.signed_in("sam").await;
    holds(&sam.get("/clients/acme/tickets").await.body, &["Write down a request"]);
    let page = sam.get(record).await.body;
    holds(&page, &["SH-REQ-03", "Name of bo", "<option value=\"email\">", "value=\"P3\" checked"]);
    let bo = page.split("<option value=\"").find(|part| part.contains(">Name of bo<")).unwrap();
    let bo = bo.split('"').next().unwrap().to_owned();
    // By mail at eight, written down at nine: four hours of P1 end at noon.
    let form = format!(
        "from={bo}&channel=email&at=2027-01-15T08:00&title=Gone&instance=wiki&choice=P1&text=All+is+gone"
    );
    let nobody = fill(&mut sam, record, record, &form.replace(&bo, "nobody")).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    holds(&nobody.body, &["hoose who asked", "All is gone</textarea>"]);
    let done = fill(&mut sam, record, record, &form).await;
    assert_eq!(done.header("location"), format!("{T1}?done=recorded"), "{}", done.body);
    let shown = sam.get(T1).await.body;
    holds(&shown, &["T-1 · email", "from Name of bo", "2027-01-15T12:00:00Z", "I wrote this request down"]);
    let theirs = desk.signed_in("bo").await.get(T1).await.body;
    assert!(theirs.contains("All is gone") && !theirs.contains("I wrote this"), "{theirs}");
    assert_eq!(desk.signed_in("bo").await.get(record).await.status, StatusCode::NOT_FOUND);
}

/// MP-SLO-11, A-41: by a way without an objective, time counts from when it is written down.
#[tokio::test]
async fn mp_slo_11_a_call_counts_from_when_it_is_written_down() {
    let desk = Desk::managed();
    desk.wait(Length::HOUR);
    let record = "/clients/acme/tickets/record";
    let mut eva = desk.signed_in("eva").await;
    let page = eva.get(record).await.body;
    let pia = page.split("<option value=\"").find(|part| part.contains(">Pia Poc<")).unwrap();
    let pia = pia.split('"').next().unwrap();
    let form = format!(
        "from={pia}&channel=phone&at=2027-01-15T08:00&title=Down&choice=outage%2Fhigh&text=It+is+down"
    );
    let done = fill(&mut eva, record, record, &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    // Half an hour from nine, not from eight.
    holds(&eva.get(T1).await.body, &["2027-01-15T09:30:00Z", "it came in 2027-01-15 08:00 UTC"]);
}
