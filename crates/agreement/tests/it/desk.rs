//! What the files say to people at the desk: words of priorities, sentences on pages, whom to ask, what is in scope.

use agreement::{Agreement, Item, ShowAt, section::Mode};

use crate::shipped::{HOSTED, ISOLATED};

fn read(text: &str) -> Agreement {
    Agreement::read(text).0.expect("it can be read")
}

/// The sentence of a clause, and where it is shown.
fn shown(agreement: &Agreement, clause: &str) -> (String, Vec<ShowAt>) {
    let show = agreement.show.iter().find(|show| show.clause.ids.iter().any(|id| id == clause));
    let show = show.expect("a sentence for the clause");
    (show.text.clone(), show.at.clone())
}

fn item<'a>(agreement: &'a Agreement, clause: &str) -> &'a Item {
    let catalogue = agreement.catalogue.as_ref().expect("a catalogue");
    catalogue.item.iter().find(|item| item.clause.ids.iter().any(|id| id == clause)).expect("an item")
}

#[test]
fn sh_def_17_18_19_20_each_priority_says_what_it_means() {
    let hosted = read(HOSTED);
    let request = hosted.request.as_ref().expect("requests");
    let told: Vec<(&str, &str, &str)> = request
        .priority
        .iter()
        .map(|p| (p.clause.ids[0].as_str(), p.id.as_str(), p.text.split(',').next().unwrap_or_default()))
        .collect();
    assert_eq!(
        told,
        [
            ("SH-DEF-17", "P1", "critical impact"),
            ("SH-DEF-18", "P2", "high impact"),
            ("SH-DEF-19", "P3", "medium impact"),
            ("SH-DEF-20", "P4", "low impact"),
        ]
    );
    assert_eq!(request.default_priority.as_deref(), Some("P3"), "SH-DEF-19, A-21");
}

#[test]
fn sh_res_01_the_request_says_that_there_is_no_time_to_resolve() {
    let (text, at) = shown(&read(HOSTED), "SH-RES-01");
    assert!(text.contains("no guaranteed time to resolve"), "{text}");
    assert_eq!(at, [ShowAt::RequestPage]);
}

#[test]
fn mp_slo_02_the_request_says_that_there_is_no_due_time_to_resolve() {
    let (text, at) = shown(&read(ISOLATED), "MP-SLO-02");
    assert!(text.contains("there is no due time"), "{text}");
    assert_eq!(at, [ShowAt::RequestPage]);
}

#[test]
fn sh_req_01_the_form_asks_what_was_tried() {
    let (text, at) = shown(&read(HOSTED), "SH-REQ-01");
    assert_eq!((text.as_str(), at), ("What have you tried so far?", vec![ShowAt::RequestForm]));
}

#[test]
fn sh_ack_03_not_every_request_can_be_solved() {
    let (text, at) = shown(&read(HOSTED), "SH-ACK-03");
    assert!(text.starts_with("Not every request"), "{text}");
    assert_eq!(at, [ShowAt::RequestCannotResolve]);
}

#[test]
fn sh_req_02_support_is_in_english_in_the_hours_of_the_tier() {
    let hosted = read(HOSTED);
    let hours = hosted.support_hours.as_ref().expect("support hours");
    let of = |tier| hours.calendar.of([tier]).map(String::as_str);
    assert_eq!((of("standard"), of("premium"), of("enterprise")), (Some("bh"), Some("hop"), Some("always")));
    assert_eq!(hosted.agreement.language.as_str(), "en");
}

#[test]
fn sh_req_04_end_users_may_do_nothing_here() {
    let hosted = read(HOSTED);
    let role = &hosted.role["end-user"];
    assert_eq!((role.may.len(), role.clause.ids.as_slice()), (0, &["SH-REQ-04".to_owned()][..]));
}

#[test]
fn mp_esc_08_09_10_the_account_executive_is_asked_about_each_topic() {
    let isolated = read(ISOLATED);
    for (clause, topic) in [("MP-ESC-08", "price"), ("MP-ESC-09", "expansion"), ("MP-ESC-10", "licensing")] {
        let found =
            isolated.contact_topic.iter().find(|topic| topic.clause.ids.iter().any(|id| id == clause));
        let found = found.expect("a topic");
        assert!(found.topic.starts_with(topic) && found.who == "account-executive", "{clause}");
        assert!(isolated.role.contains_key(&found.who));
    }
}

#[test]
fn mp_scope_01_work_in_scope_happens_when_the_client_asks_unless_it_says_otherwise() {
    let isolated = read(ISOLATED);
    let catalogue = isolated.catalogue.as_ref().expect("a catalogue");
    assert_eq!(catalogue.default_mode, Mode::OnRequest);
    let proactive: Vec<&str> = catalogue
        .item
        .iter()
        .filter(|item| item.mode == Some(Mode::Proactive))
        .map(|item| item.id.as_str())
        .collect();
    assert_eq!(proactive, ["vm.watch", "sec.cve", "vendor.liaison"]);
}

#[test]
fn mp_sc_inc_04_high_impact_issues_are_solved_with_the_clients_teams() {
    let isolated = read(ISOLATED);
    let item = item(&isolated, "MP-SC-INC-04");
    assert!(item.r#in && item.text.contains("with client teams"), "{}", item.text);
}

#[test]
fn sh_ack_06_writing_code_is_out_of_scope() {
    let hosted = read(HOSTED);
    let item = item(&hosted, "SH-ACK-06");
    assert!(!item.r#in && item.text.contains("code"), "{}", item.text);
}
