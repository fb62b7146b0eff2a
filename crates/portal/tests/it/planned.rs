//! Planned work and what both sides keep about it: a look before it is put on file, series, what was seen beside what was declared,
//! the window, freezes, the calendar, the client's own changes.

use axum::http::StatusCode;
use facts::Outcome;
use spans::Length;

use crate::{
    agreed::paper_under,
    desk::{Browser, Desk, HOST},
    ticket::fill,
};

const PLAN: &str = "/clients/acme/maintenance/plan";
const M1: &str = "/clients/acme/maintenance/M-1";
const AGREED: &str = "/clients/acme/maintenance/agreed";
const CHANGES: &str = "/clients/acme/changes";
/// Wednesday of the week after next, at noon: inside the hours of operation.
const SOON: &str = "kind=scheduled&cause=upgrade&impact=down&instance=wiki&starts=2027-01-27T12%3A00&ends=2027-01-27T13%3A00";

#[track_caller]
fn holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

async fn sent(browser: &mut Browser<'_>, page: &str, to: &str, form: &str) {
    let answer = fill(browser, page, to, form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{to} {form}: {}", answer.body);
}

#[tokio::test]
async fn sh_maint_11_a_look_says_the_last_moment_to_announce_the_slot_and_what_it_meets() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    sent(&mut sam, PLAN, PLAN, SOON).await;
    let looked = fill(&mut sam, PLAN, PLAN, &format!("{SOON}&look=yes")).await;
    assert_eq!(looked.status, StatusCode::OK, "{}", looked.body);
    holds(
        &looked.body,
        &[
            "Not on file yet: what it comes to",
            "2027-01-20T12:00:00Z",
            "SH-MAINT-11",
            "<span class=\"badge kept\">inside</span>",
            "M-1 is on file from",
            "value=\"2027-01-27T12:00\"",
        ],
    );
    let late = SOON.replace("2027-01-27", "2027-01-18");
    let looked = fill(&mut sam, PLAN, PLAN, &format!("{late}&look=yes")).await.body;
    holds(&looked, &["the notice would be late", "2027-01-22T08:00:0"]);
    let outside = SOON.replace("2027-01-27", "2027-01-30");
    let looked = fill(&mut sam, PLAN, PLAN, &format!("{outside}&look=yes")).await.body;
    holds(&looked, &["<span class=\"badge risk\">outside</span>", "next that fits"]);
    let reversed = SOON.replace("2027-01-27T13", "2027-01-27T11");
    let looked = fill(&mut sam, PLAN, PLAN, &format!("{reversed}&look=yes")).await.body;
    holds(&looked, &["It ends before it starts", "value=\"2027-01-27T11:00\""]);
    assert!(
        sam.get("/clients/acme/maintenance/M-2").await.status == StatusCode::NOT_FOUND,
        "nothing was put on file"
    );
    let twice = fill(&mut sam, PLAN, PLAN, SOON).await;
    holds(&twice.body, &["M-1 is on file for the same instance", "name=\"confirm\""]);
    sent(&mut sam, PLAN, PLAN, &format!("{SOON}&confirm=yes")).await;
}

#[tokio::test]
async fn sh_maint_06_maintenance_that_comes_back_begins_at_the_same_time_of_day_across_a_clock_change() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    // Clocks in Amsterdam go forward on 28 March 2027.
    let series = SOON
        .replace("2027-01-27T12%3A00", "2027-03-24T13%3A00")
        .replace("2027-01-27T13%3A00", "2027-03-24T14%3A00");
    let series = format!(
        "{series}&starts-zone=Europe%2FAmsterdam&ends-zone=Europe%2FAmsterdam&repeats=FREQ%3DWEEKLY%3BCOUNT%3D2"
    );
    let looked = fill(&mut sam, PLAN, PLAN, &format!("{series}&look=yes")).await.body;
    holds(&looked, &["2 times", "2027-03-24T12:00:00Z", "2027-03-31T11:00:00Z"]);
    sent(&mut sam, PLAN, PLAN, &series).await;
    let second = desk.signed_in("bo").await.get("/clients/acme/maintenance/M-2").await.body;
    holds(&second, &["2027-03-31T11:00:00Z", "Of one series with", "M-1"]);
    // Each of them is looked at, not the first alone.
    let again = fill(&mut sam, PLAN, PLAN, &format!("{series}&look=yes")).await.body;
    holds(&again, &["M-1 is on file from", "M-2 is on file from"]);
    let wrong = series.replace("FREQ%3DWEEKLY", "FREQ%3DHOURLY");
    holds(&fill(&mut sam, PLAN, PLAN, &wrong).await.body, &["FREQ=HOURLY", "is not understood"]);
}

#[tokio::test]
async fn sh_maint_07_what_was_seen_stands_beside_what_was_declared() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    desk.looks("acme", "wiki", Length::from_minutes(5), Outcome::Up);
    let now = "kind=emergency&cause=network&impact=none&instance=wiki&starts=2027-01-15T08%3A06&ends=2027-01-15T08%3A20";
    sent(&mut sam, PLAN, PLAN, now).await;
    desk.looks("acme", "wiki", Length::from_minutes(2), Outcome::Up);
    desk.looks("acme", "wiki", Length::from_minutes(3), Outcome::Down);
    desk.looks("acme", "wiki", Length::from_minutes(12), Outcome::Up);
    for login in ["sam", "bo"] {
        let page = desk.signed_in(login).await.get(M1).await.body;
        holds(&page, &["Declared and seen", "down, worse than declared", "3 min", "SH-MAINT-07"]);
    }
}

#[tokio::test]
async fn sh_maint_05_a_window_takes_both_sides_and_the_signed_one_holds_until_then() {
    let desk = Desk::under(&format!("https://{HOST}"), paper_under("enterprise")).agree();
    desk.add_named("pi", "Name of pi", Some("acme"), &["contact", "approver"]);
    let mut sam = desk.signed_in("sam").await;
    holds(&sam.get(AGREED).await.body, &["FREQ=WEEKLY;BYDAY=SU", "by the signed agreement", "SH-MAINT-05"]);
    let to = "/clients/acme/maintenance/proposals";
    let window =
        "start=2027-02-03T22%3A00%3A00&rrule=FREQ%3DWEEKLY%3BBYDAY%3DWE&tz=Europe%2FAmsterdam&minutes=240";
    let long = fill(&mut sam, AGREED, to, &window.replace("240", "300")).await;
    holds(&long.body, &["A maintenance window is 4 h long", "SH-MAINT-05"]);
    sent(&mut sam, AGREED, to, window).await;
    let page = sam.get(AGREED).await.body;
    holds(&page, &["waits for the client", "by the signed agreement"]);
    assert!(!page.contains("proposals/P-1/approve"), "one's own is not one's to approve: {page}");
    desk.wait(Length::MINUTE);
    let mut pi = desk.signed_in("pi").await;
    holds(&pi.get(AGREED).await.body, &["proposals/P-1/approve", "Why not"]);
    holds(
        &pi.get("/").await.body,
        &["Your approval is asked for <a href=\"/clients/acme/maintenance/agreed\">proposal P-1"],
    );
    sent(&mut pi, AGREED, &format!("{to}/P-1/approve"), "").await;
    holds(&pi.get(AGREED).await.body, &["approved by both", "by P-1 since", "2027-02-03T21:00:00Z"]);
    // Work outside it takes the client's approval, by its number.
    let noon = SOON.to_owned();
    holds(
        &fill(&mut sam, PLAN, PLAN, &noon).await.body,
        &["name in the reason a proposal that the client approved"],
    );
    desk.wait(Length::MINUTE);
    let work =
        "asked=work&what=A+new+disk.&work-from=2027-01-27T12%3A00&work-until=2027-01-27T14%3A00&work-on=wiki";
    let wordless = fill(&mut sam, AGREED, to, &work.replace("A+new+disk.", "")).await;
    holds(&wordless.body, &["role=\"alert\"", "what", "2027-01-27T14:00"]);
    assert!(!wordless.body.contains("wall-clock"), "it is no window: {}", wordless.body);
    sent(&mut sam, AGREED, to, work).await;
    holds(
        &pi.get(AGREED).await.body,
        &["A new disk. Outside the slot, on Instance wiki, between 2027-01-27 12:00 UTC"],
    );
    desk.wait(Length::MINUTE);
    sent(&mut pi, AGREED, &format!("{to}/P-2/approve"), "").await;
    desk.wait(Length::MINUTE);
    let later = noon.replace("2027-01-27", "2027-01-28");
    let other = fill(&mut sam, PLAN, PLAN, &format!("{later}&outside=Approved+in+P-2.")).await;
    holds(&other.body, &["that the client approved for that time"]);
    sent(&mut sam, PLAN, PLAN, &format!("{noon}&outside=Approved+in+P-2.")).await;
}

#[tokio::test]
async fn a_freeze_of_the_client_keeps_scheduled_work_out_until_the_client_lifts_it() {
    let desk = Desk::agreed();
    let (mut sam, mut bo) = (desk.signed_in("sam").await, desk.signed_in("bo").await);
    let freeze = "from=2027-01-25T00%3A00&until=2027-01-30T00%3A00&reason=The+year+is+closed";
    sent(&mut bo, AGREED, "/clients/acme/maintenance/freezes", freeze).await;
    assert!(!bo.get(AGREED).await.body.contains("meets <a"), "nothing is on file");
    let refused = fill(&mut sam, PLAN, PLAN, SOON).await;
    holds(&refused.body, &["Freeze F-1 of the client holds"]);
    assert!(!refused.body.contains("name=\"confirm\""), "nobody confirms it away");
    holds(
        &fill(&mut sam, PLAN, PLAN, &format!("{SOON}&look=yes")).await.body,
        &["Freeze F-1 of the client holds"],
    );
    let page = sam.get(AGREED).await.body;
    holds(&page, &["The year is closed", "ahead"]);
    assert!(!page.contains("freezes/F-1/lift"), "{page}");
    let theirs = fill(&mut sam, AGREED, "/clients/acme/maintenance/freezes/F-1/lift", "").await;
    holds(&theirs.body, &["The client set it: ask them to lift it"]);
    desk.wait(Length::MINUTE);
    sent(&mut bo, AGREED, "/clients/acme/maintenance/freezes/F-1/lift", "").await;
    sent(&mut sam, PLAN, PLAN, SOON).await;
    // One over what is on file names it before it is set, and leaves it.
    desk.wait(Length::MINUTE);
    let to = "/clients/acme/maintenance/freezes";
    let looked = fill(&mut bo, AGREED, to, &format!("{freeze}&instance=wiki")).await;
    assert_eq!(looked.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", looked.body);
    holds(
        &looked.body,
        &[
            "It meets scheduled maintenance on file: <a href=\"/clients/acme/maintenance/M-1\">M-1</a>.",
            "Set it all the same",
            "value=\"The year is closed\"",
            "name=\"instance\" value=\"wiki\" checked",
        ],
    );
    assert!(!sam.get(AGREED).await.body.contains("F-2"), "nothing is set yet");
    sent(&mut bo, AGREED, to, &format!("{freeze}&confirm=yes")).await;
    holds(
        &sam.get(AGREED).await.body,
        &["meets <a href=\"/clients/acme/maintenance/M-1\">M-1</a>, on file already: it stays"],
    );
}

#[tokio::test]
async fn a_calendar_has_a_secret_address_that_can_be_turned_and_events_keep_their_names() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    sent(&mut sam, PLAN, PLAN, SOON).await;
    let mut bo = desk.signed_in("bo").await;
    let address = |page: &str| {
        let (_, rest) = page.split_once(&format!("https://{HOST}/calendar/")).unwrap();
        format!("/calendar/{}", rest.split('<').next().unwrap())
    };
    let first = address(&bo.post("/clients/acme/maintenance/calendar", "").await.body);
    assert!(!bo.get(AGREED).await.body.contains(&format!("{HOST}/calendar/")), "it is shown once");
    let read = desk.browser().get(&first).await;
    assert_eq!((read.status, read.header("content-type")), (StatusCode::OK, "text/calendar; charset=utf-8"));
    holds(
        &read.body,
        &["UID:M-1.maintenance.acme@uphold", "SEQUENCE:0", "DTSTART:20270127T120000Z", "STATUS:CONFIRMED"],
    );
    desk.wait(Length::MINUTE);
    sent(&mut sam, M1, &format!("{M1}/cancel"), "").await;
    let again = desk.browser().get(&first).await.body;
    holds(&again, &["UID:M-1.maintenance.acme@uphold", "SEQUENCE:1", "STATUS:CANCELLED"]);
    let second = address(&bo.post("/clients/acme/maintenance/calendar", "").await.body);
    assert_eq!(desk.browser().get(&first).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.browser().get(&second).await.status, StatusCode::OK);
    assert_eq!(bo.post("/clients/acme/maintenance/calendar/end", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.browser().get(&second).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        desk.signed_in("cy").await.post("/clients/acme/maintenance/calendar", "").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn mp_cli_14_an_outage_right_after_a_change_that_nobody_announced_names_it() {
    let desk = Desk::managed();
    let mut pia = desk.signed_in("pia").await;
    sent(&mut pia, CHANGES, CHANGES, "what=A+new+proxy&starts=2027-01-20T10%3A00").await;
    holds(
        &pia.get(CHANGES).await.body,
        &["A new proxy", "<span class=\"badge kept\">announced</span>", "MP-CLI-14"],
    );
    let form = "title=Wiki+is+down&choice=outage%2Fhigh&instance=wiki&text=Nothing+opens";
    let new = "/clients/acme/tickets/new";
    sent(&mut pia, new, new, form).await;
    let incident = "/clients/acme/incidents/T-1";
    assert!(!pia.get(incident).await.body.contains("was not announced"));
    let mut eva = desk.signed_in("eva").await;
    sent(&mut eva, CHANGES, CHANGES, "what=Their+firewall&starts=2027-01-15T07%3A30").await;
    for browser in [&mut pia, &mut eva] {
        let page = browser.get(incident).await.body;
        holds(&page, &["began shortly before, and was not announced", "Their firewall", "MP-CLI-14"]);
    }
    holds(&eva.get(CHANGES).await.body, &["<span class=\"badge client\">not announced before</span>"]);
}
