//! Clocks that stand still, on the page and for programs: where the agreement has a reason for it, and afterwards by both.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use facts::TicketId;
use serde_json::json;
use spans::{Instant, Length};

use crate::{
    agreed::client,
    desk::{Browser, Desk},
    ticket::fill,
};

const T1: &str = "/clients/acme/tickets/T-1";
const API: &str = "/api/v1/clients/acme/requests/T-1";

fn desk() -> Desk {
    let desk = Desk::pausing();
    desk.request("acme", "T-1", "Search finds nothing", "P2");
    desk.wait(Length::MINUTE);
    desk
}

fn due(desk: &Desk) -> Instant {
    let ticket: TicketId = "T-1".parse().unwrap();
    let view = desk.control.ticket(&client("acme"), &ticket, desk.now()).unwrap().unwrap();
    let owed = view.obligations.iter().find(|owed| owed.duty.id == "first-response").unwrap();
    owed.due.unwrap()
}

async fn done(desk: &Desk, browser: &mut Browser<'_>, verb: &str, form: &str) {
    let answer = fill(browser, T1, &format!("{T1}/{verb}"), form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{verb}: {}", answer.body);
    desk.wait(Length::MINUTE);
}

#[tokio::test]
async fn an_engineer_pauses_and_resumes_on_the_page_and_the_due_time_moves_by_as_much() {
    let desk = desk();
    let (mut sam, mut bo) = (desk.signed_in("sam").await, desk.signed_in("bo").await);
    let first = due(&desk);
    assert!(!bo.get(T1).await.body.contains("Pause the clocks"), "the provider's to do");
    let refused = fill(&mut sam, T1, &format!("{T1}/pause"), "reason=lunch&evidence=none").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
    assert!(refused.body.contains("value=\"none\""), "what was typed is kept: {}", refused.body);
    let refused = fill(&mut sam, T1, &format!("{T1}/claim-pause"), "reason=no-answer&from=never").await.body;
    assert!(refused.contains("value=\"no-answer\" selected"), "{refused}");
    done(&desk, &mut sam, "pause", "reason=access-missing&evidence=mail+of+10%3A05").await;
    for reader in [&mut sam, &mut bo] {
        let page = reader.get(T1).await.body;
        assert!(page.contains("reason access missing, shown by mail of 10:05"), "{page}");
    }
    desk.wait(Length::MINUTE * 30);
    done(&desk, &mut sam, "resume", "").await;
    assert_eq!((due(&desk) - first).whole_minutes(), 31);
}

#[tokio::test]
async fn a_pause_that_is_claimed_afterwards_counts_when_the_other_side_agrees_on_the_page() {
    let desk = desk();
    let (mut sam, mut bo) = (desk.signed_in("sam").await, desk.signed_in("bo").await);
    let first = due(&desk);
    let minute = |at: Instant| at.to_string()[..16].replace(':', "%3A");
    let from = desk.now();
    desk.wait(Length::MINUTE * 20);
    let claim =
        format!("from={}&until={}&reason=access-missing&evidence=log", minute(from), minute(desk.now()));
    done(&desk, &mut sam, "claim-pause", &claim).await;
    assert_eq!(due(&desk), first, "one side alone stops no clock");
    assert!(!sam.get(T1).await.body.contains("act-settle-pause"), "nor does the side that claims it agree");
    let page = bo.get(T1).await.body;
    for told in ["A pause is claimed", "reason access missing, shown by log", "from Fri 15 Jan"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(bo.get("/").await.body.contains(T1), "it waits on their first page");
    // What was chosen stays chosen in a form that is refused, and nobody agrees who chose nothing.
    let settle = format!("{T1}/settle-pause");
    for (form, chosen) in [("agree=no&reason=+", "no"), ("agree=&reason=", "")] {
        let refused = fill(&mut bo, T1, &settle, form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}: {}", refused.body);
        let (_, select) = refused.body.split_once("id=\"f-agree\"").unwrap();
        let selected = format!("value=\"{chosen}\" selected");
        assert!(select.split("</select>").next().unwrap().contains(&selected), "{form}: {select}");
    }
    let other = fill(&mut bo, T1, &settle, "agree=yes&pause=T-1-p0").await;
    assert!(other.body.contains("Another pause is claimed by now"), "{}", other.body);
    assert!(!other.body.contains("value=\"yes\" selected"), "of this one nothing was said: {}", other.body);
    assert_eq!(due(&desk), first);
    done(&desk, &mut bo, "settle-pause", "agree=no&reason=It+was+open").await;
    assert_eq!(due(&desk), first);
    done(&desk, &mut sam, "claim-pause", &claim).await;
    done(&desk, &mut bo, "settle-pause", "agree=yes").await;
    assert_eq!((due(&desk) - first).whole_minutes(), 20);
}

/// What programs did, by the names of the operations.
pub(crate) async fn by_programs() -> BTreeSet<String> {
    let desk = desk();
    let (mut sam, mut bo) = (desk.program("sam").await, desk.program("bo").await);
    let first = due(&desk);
    let paused =
        sam.post(&format!("{API}/pause"), json!({"reason": "access-missing", "evidence": "mail"})).await;
    assert_eq!(paused.status, StatusCode::OK, "{}", paused.text);
    desk.wait(Length::MINUTE * 10);
    let resumed = sam.post(&format!("{API}/resume"), json!({})).await;
    assert_eq!(resumed.status, StatusCode::OK, "{}", resumed.text);
    desk.wait(Length::MINUTE);
    assert_eq!((due(&desk) - first).whole_minutes(), 10);
    let (from, until) = ((desk.now() - Length::MINUTE).to_string(), desk.now().to_string());
    desk.wait(Length::MINUTE);
    let claim = json!({"from": from, "until": until, "reason": "access-missing", "evidence": "log"});
    for (settled, minutes) in [(json!({"refused_because": "It was open."}), 10), (json!({}), 11)] {
        let claimed = sam.post(&format!("{API}/claim-pause"), claim.clone()).await;
        assert_eq!(claimed.status, StatusCode::OK, "{}", claimed.text);
        desk.wait(Length::from_secs(1));
        let settled = bo.post(&format!("{API}/settle-pause"), settled).await;
        assert_eq!(settled.status, StatusCode::OK, "{}", settled.text);
        desk.wait(Length::from_secs(1));
        assert_eq!((due(&desk) - first).whole_minutes(), minutes);
    }
    sam.done.union(&bo.done).cloned().collect()
}
