//! Answers that are written often: kept, looked at, changed, taken away, and used on a ticket.

use axum::http::StatusCode;

use crate::{desk::Desk, ticket::fill};

const T1: &str = "/clients/acme/tickets/T-1";

#[tokio::test]
async fn an_answer_is_kept_used_changed_and_taken_away() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "Search finds nothing", "P2");
    let mut sam = desk.signed_in("sam").await;
    let empty = sam.get("/answers").await.body;
    for part in ["No answer yet", "{requester}", "who asked"] {
        assert!(empty.contains(part), "{part}: {empty}");
    }
    let words = "name=Found&client=&body=Dear+%7Brequester%7D%2C+we+found+the+cause+of+%7Bticket%7D%2C+%7Bpriority%7D.+%7Bme%7D";
    let looked = sam.post("/answers", &format!("{words}&look=yes")).await;
    assert!(
        looked.body.contains("Dear Ada Vogt, we found the cause of T-12, P2. Sam Oort"),
        "{}",
        looked.body
    );
    assert!(sam.get("/answers").await.body.contains("No answer yet"), "looking keeps nothing");
    let kept = sam.post("/answers", words).await;
    assert_eq!(kept.header("location"), "/answers?done=answer-kept", "{}", kept.body);
    let page = sam.get(T1).await.body;
    assert!(page.contains("value=\"Dear Name of bo, we found the cause of T-1, P2. Name of sam\""), "{page}");
    // It begins a reply, and is not sent by that.
    fill(&mut sam, T1, &format!("{T1}/draft"), "text=Dear+Name+of+bo").await;
    assert!(sam.get(T1).await.body.contains("Dear Name of bo</textarea>"));
    let renamed = sam.post("/answers", "was=Found&name=Cause&client=beta&body=For+beta").await;
    assert_eq!(renamed.status, StatusCode::SEE_OTHER, "{}", renamed.body);
    let list = sam.get("/answers").await.body;
    assert!(list.contains("edit=Cause") && !list.contains("edit=Found"), "{list}");
    assert!(!sam.get(T1).await.body.contains("For beta"), "it is another client's");
    assert!(sam.get("/answers?edit=Cause").await.body.contains("For beta</textarea>"));
    assert_eq!(sam.get("/answers?edit=Found").await.status, StatusCode::NOT_FOUND);
    let gone = sam.post("/answers/remove", "name=Cause").await;
    assert_eq!(gone.header("location"), "/answers?done=answer-gone", "{}", gone.body);
    assert_eq!(sam.post("/answers/remove", "name=Cause").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_with_an_answer_is_said_beside_what_was_typed() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    sam.post("/answers", "name=One&client=&body=Words").await;
    for (form, why) in [
        ("name=&client=&body=Words", "Write a name and the words."),
        ("name=One&client=&body=Others", "There is an answer called One"),
        ("name=Two&client=&body=Dear+%7Brequestor%7D", "{requestor} is filled in by nothing: use {ticket}"),
        ("name=Two&client=nobody%21&body=Words", "The client is not known"),
    ] {
        let refused = sam.post("/answers", form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(refused.body.contains(why), "{why}: {}", refused.body);
    }
    // Looking after the portal is not answering clients; and a client has no answers of the desk's.
    assert_eq!(desk.signed_in("ann").await.get("/answers").await.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.signed_in("bo").await.get("/answers").await.status, StatusCode::NOT_FOUND);
}

/// What is sent is no draft any more, and whoever writes to the client has the ticket.
#[tokio::test]
async fn a_reply_ends_its_draft_and_takes_the_ticket() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "Search finds nothing", "P2");
    let mut sam = desk.signed_in("sam").await;
    assert!(sam.get(T1).await.body.contains("nobody yet"));
    sam.post(&format!("{T1}/draft"), "text=We+look").await;
    fill(&mut sam, T1, &format!("{T1}/reply"), "text=We+look+at+it").await;
    let page = sam.get(T1).await.body;
    assert!(!page.contains("We look</textarea>") && page.contains("<b>Name of sam</b>"), "{page}");
    desk.request("acme", "T-2", "Colours", "P4");
    let t2 = "/clients/acme/tickets/T-2";
    fill(&mut sam, t2, &format!("{t2}/note"), "text=For+Ann").await;
    assert!(sam.get(t2).await.body.contains("nobody yet"), "a note is no answer");
}

/// A note that names somebody marks the name; people of the client see neither.
#[tokio::test]
async fn who_is_named_in_a_note_is_marked_and_the_client_sees_nothing_of_it() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "Search finds nothing", "P2");
    let mut sam = desk.signed_in("sam").await;
    fill(&mut sam, T1, &format!("{T1}/note"), "text=%40ann+please+look%2C+and+%40bo+must+not+know").await;
    let page = sam.get(T1).await.body;
    assert!(page.contains("<b class=\"named\">@ann</b> please look") && page.contains("@ann"), "{page}");
    let theirs = desk.signed_in("bo").await.get(T1).await.body;
    assert!(
        !theirs.contains("@ann") && !theirs.contains("must not know") && !theirs.contains("@sam"),
        "{theirs}"
    );
}
