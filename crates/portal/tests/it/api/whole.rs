//! What pages do and show, and programs too: a due time before a request is sent, wishes, taking back, a person's data.

use axum::http::StatusCode;
use serde_json::{Value, json};
use spans::Length;

use super::{person, program::Program};
use crate::desk::Desk;

const ACME: &str = "/api/v1/clients/acme";

#[tokio::test]
async fn programs_are_told_the_due_times_that_the_form_shows() {
    for (desk, who, many) in [(Desk::agreed(), "bo", 4), (Desk::managed(), "pia", 12)] {
        let form = desk.signed_in(who).await.get("/clients/acme/tickets/new").await.body;
        let mut program = desk.program(who).await;
        let choices =
            program.read(&format!("{ACME}/requests-preview?instance=wiki")).await["choices"].clone();
        let choices = choices.as_array().unwrap();
        assert_eq!(choices.len(), many, "{choices:?}");
        let due: Vec<&str> = choices.iter().filter_map(|choice| choice["due_at"].as_str()).collect();
        assert!(!due.is_empty());
        for due in due {
            assert!(form.contains(&format!("datetime=\"{due}\"")), "{due}: {form}");
        }
        let wrong = program.get(&format!("{ACME}/requests-preview?instance=%20")).await;
        assert_eq!(wrong.code(), "invalid-field", "{}", wrong.text);
    }
}

async fn arranged(program: &mut Program<'_>, verb: &str, body: Value) -> u64 {
    let told = program.post(&format!("{ACME}/requests/T-1/{verb}"), body).await;
    assert_eq!(told.status, StatusCode::OK, "{verb}: {}", told.text);
    told.json["recorded"][0]["seq"].as_u64().unwrap()
}

#[tokio::test]
async fn programs_take_back_what_they_arranged_themselves_as_long_as_it_stands() {
    let desk = Desk::agreed();
    desk.add_named("eng", "Name of eng", None, &["engineer"]);
    for ticket in ["T-1", "T-2"] {
        desk.request("acme", ticket, "The wiki is slow", "P2");
    }
    desk.wait(Length::MINUTE);
    let (mut sam, mut eng) = (desk.program("sam").await, desk.program("eng").await);
    let undo = format!("{ACME}/requests/T-1/undo");
    let given = arranged(&mut sam, "assign", json!({"to": person(&desk, "sam")})).await;
    desk.wait(Length::from_secs(1));
    assert_eq!(eng.post(&undo, json!({"seq": given})).await.status, StatusCode::NOT_FOUND, "it is another's");
    let one = format!("{ACME}/requests/T-1");
    assert_eq!(sam.read(&one).await["request"]["assignee"], "Name of sam");
    let done = sam.post(&undo, json!({"seq": given})).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    desk.wait(Length::from_secs(1));
    assert_eq!(sam.read(&one).await["request"]["assignee"], Value::Null);
    // Given on by somebody else it stays theirs.
    let given = arranged(&mut sam, "assign", json!({"to": person(&desk, "sam")})).await;
    desk.wait(Length::from_secs(1));
    arranged(&mut eng, "assign", json!({"to": person(&desk, "eng")})).await;
    desk.wait(Length::from_secs(1));
    let late = sam.post(&undo, json!({"seq": given})).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    arranged(&mut sam, "tags", json!({"add": ["disk"]})).await;
    desk.wait(Length::from_secs(1));
    // What was there before stays.
    let tagged = arranged(&mut sam, "tags", json!({"add": ["disk", "slow"]})).await;
    desk.wait(Length::from_secs(1));
    assert_eq!(sam.post(&undo, json!({"seq": tagged})).await.status, StatusCode::OK);
    desk.wait(Length::from_secs(1));
    assert_eq!(sam.read(&one).await["request"]["tags"], json!(["disk"]));
    let merged = arranged(&mut sam, "merge", json!({"to": "T-2"})).await;
    desk.wait(Length::from_secs(1));
    assert_eq!(sam.post(&undo, json!({"seq": merged})).await.status, StatusCode::OK);
    desk.wait(Length::from_secs(1));
    assert_eq!(sam.read(&one).await["request"]["merged_into"], Value::Null);
    for seq in [0, 1, u64::from(u32::MAX)] {
        assert_eq!(sam.post(&undo, json!({"seq": seq})).await.status, StatusCode::NOT_FOUND, "{seq}");
    }
}

#[tokio::test]
async fn programs_take_a_persons_data_along_as_far_as_it_is_for_them() {
    let desk = Desk::agreed();
    desk.add_named("fay", "Fay", Some("acme"), &["contact"]);
    let export = format!("{ACME}/people/{}/export", person(&desk, "bo"));
    let (mut bo, mut fay) = (desk.program("bo").await, desk.program("fay").await);
    let own = bo.read("/api/v1/me/export").await;
    assert_eq!((&own["person"]["login"], own["door"].is_object()), (&json!("bo"), true), "{own}");
    let colleague = fay.read(&export).await;
    assert_eq!(
        (&colleague["person"]["login"], &colleague["door"]),
        (&json!("bo"), &Value::Null),
        "{colleague}"
    );
    assert!(desk.program("sam").await.read(&export).await["door"].is_object());
    assert_eq!(desk.program("cy").await.get(&export).await.status, StatusCode::NOT_FOUND);
}

/// Everything of it, by the names of the operations.
pub(super) async fn done(desk: &Desk, bo: &mut Program<'_>, sam: &mut Program<'_>, request: &str) {
    bo.read(&format!("{ACME}/requests-preview")).await;
    bo.read("/api/v1/me/export").await;
    bo.read(&format!("{ACME}/people/{}/export", person(desk, "bo"))).await;
    bo.read(&format!("{ACME}/wishes")).await;
    let tagged = sam.post(&format!("{request}/tags"), json!({"add": ["again"]})).await;
    desk.wait(Length::from_secs(1));
    let seq = tagged.json["recorded"][0]["seq"].clone();
    let taken = sam.post(&format!("{request}/undo"), json!({"seq": seq})).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    let wish = json!({"title": "Dark pages", "text": "At night.", "priority": "P3"});
    let wish = bo.post(&format!("{ACME}/requests"), wish).await.header("location").to_owned();
    desk.wait(Length::MINUTE);
    let said = sam.post(&format!("{wish}/classify"), json!({"class": "feature"})).await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.text);
    desk.wait(Length::from_secs(1));
    for list in ["/api/v1/wishes".to_owned(), format!("{ACME}/wishes")] {
        let wishes = sam.read(&list).await;
        assert_eq!(wishes["items"][0]["request"]["title"], "Dark pages", "{list}: {wishes}");
    }
}
