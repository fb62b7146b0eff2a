//! Times in the reader's zone: chosen by a form, kept by the browser, and meant where something is typed.

use axum::http::StatusCode;
use spans::Length;

use crate::desk::Desk;

#[tokio::test]
async fn pages_tell_times_in_the_zone_that_was_chosen() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    desk.wait(Length::MINUTE);
    let mut bo = desk.signed_in("bo").await;
    let before = bo.get("/clients/acme/tickets/T-1").await.body;
    assert!(
        before.contains("Fri 15 Jan 08:00 UTC") && before.contains("<option selected>UTC</option>"),
        "{before}"
    );
    let chosen = bo.post("/zone", "zone=asia%2Fkolkata&back=%2Fclients%2Facme%2Ftickets%2FT-1").await;
    assert_eq!(
        (chosen.status, chosen.header("location")),
        (StatusCode::SEE_OTHER, "/clients/acme/tickets/T-1")
    );
    assert!(chosen.header("set-cookie").starts_with("__Host-zone=Asia/Kolkata; Path=/; Secure; HttpOnly"));
    let after = bo.get("/clients/acme/tickets/T-1").await.body;
    assert!(after.contains("datetime=\"2027-01-15T08:00:00Z\">Fri 15 Jan 13:30 IST"), "{after}");
    assert!(after.contains("<option selected>Asia/Kolkata</option>"));
    // Statements and programs stay in UTC.
    let told = bo.get("/api/v1/clients/acme/requests/T-1").await.body;
    assert!(told.contains("2027-01-15T08:00:00Z") && !told.contains("IST"));
    let wrong = bo.post("/zone", "zone=Mars%2FOlympus&back=/").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bo.post("/zone", "zone=UTC&back=https://elsewhere.example/").await.header("location") == "/");
}

#[tokio::test]
async fn a_time_is_meant_in_the_zone_that_its_form_told() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    sam.post("/zone", "zone=Europe%2FAmsterdam&back=/").await;
    let form = sam.get("/clients/acme/maintenance/plan").await.body;
    assert!(form.contains("Starts, in Europe/Amsterdam"), "{form}");
    let key = form.split("name=\"key\" value=\"").nth(1).unwrap().get(..32).unwrap().to_owned();
    let sent = format!(
        "key={key}&kind=emergency&cause=hardware&impact=down&instance=wiki\
         &starts=2027-01-15T10:00&starts-zone=Europe%2FAmsterdam&ends=2027-01-15T11:00&ends-zone=Europe%2FAmsterdam"
    );
    // Another zone is chosen in another window in between.
    sam.post("/zone", "zone=Asia%2FTokyo&back=/").await;
    let done = sam.post("/clients/acme/maintenance/plan", &sent).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let record = sam.get("/clients/acme/maintenance/M-1").await.body;
    assert!(record.contains("datetime=\"2027-01-15T09:00:00Z\">Fri 15 Jan 18:00 JST"), "{record}");
    assert!(record.contains("Instance wiki"), "by its name: {record}");
    assert!(sam.get("/maintenance").await.body.contains("data-name=\"Instances\">Instance wiki</td>"));
}

#[tokio::test]
async fn a_clients_home_says_when_somebody_answers() {
    let desk = Desk::agreed();
    desk.wait(Length::MINUTE);
    let mut bo = desk.signed_in("bo").await;
    let home = bo.get("/").await.body;
    assert!(home.contains("Support is open until") || home.contains("Support opens"), "{home}");
    desk.wait(Length::DAY);
    let saturday = desk.signed_in("bo").await.get("/").await.body;
    assert!(saturday.contains("Support opens") && saturday.contains("in 1 d"), "{saturday}");
}
