//! One's own account, and programs that act for a person.

use axum::http::StatusCode;

use crate::desk::{Desk, PASSWORD};

pub(crate) fn token(page: &str) -> String {
    let (_, rest) = page.split_once("<code class=\"token\">").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_api_token_acts_for_its_person_in_the_api_only() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    let made = bo.post("/account/tokens", "name=reports&days=30").await;
    assert_eq!(made.status, StatusCode::OK);
    let token = token(&made.body);
    assert!(!bo.get("/account").await.body.contains(&token), "shown once");
    let mut program = desk.browser().with("authorization", &format!("Bearer {token}"));
    let me = program.get("/api/v1/me").await;
    assert_eq!(
        me.body,
        r#"{"login":"bo","name":"Name of bo","side":"client","client":"acme","roles":["contact","administrator"],"skills":[]}"#
    );
    assert_eq!(program.get("/account").await.status, StatusCode::SEE_OTHER, "pages are for sessions");
    assert_eq!(program.post("/account/tokens", "name=more&days=30").await.status, StatusCode::UNAUTHORIZED);
    desk.wait(spans::Length::from_secs(30 * 86_400));
    let ended = program.get("/api/v1/me").await;
    assert_eq!((ended.status, ended.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    assert!(ended.body.contains(r#""code":"bad-token""#), "{}", ended.body);
    assert_eq!(ended.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_token_ends_when_its_person_ends_it_and_nobody_else_can() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    let made = bo.post("/account/tokens", "name=reports&days=30").await;
    let token = token(&made.body);
    let hash = made.body.split("/account/tokens/end").nth(1).unwrap().split("value=\"").nth(1).unwrap();
    let form = format!("hash={}", hash.split('"').next().unwrap());
    let mut cy = desk.signed_in("cy").await;
    assert_eq!(cy.post("/account/tokens/end", &form).await.status, StatusCode::NOT_FOUND);
    let mut program = desk.browser().with("authorization", &format!("Bearer {token}"));
    assert_eq!(program.get("/api/v1/me").await.status, StatusCode::OK);
    assert_eq!(bo.post("/account/tokens/end", &form).await.header("location"), "/account?done=token-ended");
    assert_eq!(program.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bo.post("/account/tokens/end", "hash=nonsense").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_token_that_is_bound_to_addresses_works_from_those_only() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    // Requests of these tests come from no address at all, 0.0.0.0.
    for (networks, works) in [("192.0.2.0/24", false), ("192.0.2.7,+0.0.0.0", true), ("", true)] {
        let made =
            bo.post("/account/tokens", &format!("name=n{works}{networks}&days=1&networks={networks}")).await;
        let mut program = desk.browser().with("authorization", &format!("Bearer {}", token(&made.body)));
        let answer = program.get("/api/v1/me").await;
        let expected = if works { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        assert_eq!(answer.status, expected, "{networks}: {}", answer.body);
    }
    let page = bo.get("/account").await.body;
    assert!(page.contains("from 192.0.2.0/24") && page.contains("from 192.0.2.7/32, 0.0.0.0/32"), "{page}");
    let odd = bo.post("/account/tokens", "name=odd&days=1&networks=home").await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(odd.body.contains("`home` is no address and no network"), "{}", odd.body);
}

#[tokio::test]
async fn a_token_needs_a_name_of_its_own_and_an_end() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    for form in ["name=&days=30", "name=x&days=0", "name=x&days=366", "name=x&days=soon"] {
        assert_eq!(bo.post("/account/tokens", form).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
    }
    assert_eq!(bo.post("/account/tokens", "name=x&days=1").await.status, StatusCode::OK);
    let twice = bo.post("/account/tokens", "name=x&days=1").await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.body.contains("You have a token of that name."));
}

#[tokio::test]
async fn other_sessions_are_listed_and_ended() {
    let desk = Desk::new();
    let (mut here, mut there) = (desk.signed_in("bo").await, desk.signed_in("bo").await);
    let mut cy = desk.signed_in("cy").await;
    let page = here.get("/account").await.body;
    assert_eq!(page.matches("/account/sessions/end\"").count(), 2);
    assert_eq!(page.matches("this one").count(), 1);
    let hash = page.split("/account/sessions/end\"").nth(1).unwrap().split("value=\"").nth(1).unwrap();
    let form = format!("hash={}", hash.split('"').next().unwrap());
    assert_eq!(cy.post("/account/sessions/end", &form).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        here.post("/account/sessions/end-others", "").await.header("location"),
        "/account?done=session-ended"
    );
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_password_is_changed_with_the_old_one_and_ends_everything_else() {
    let desk = Desk::new();
    let (mut here, mut there) = (desk.signed_in("bo").await, desk.signed_in("bo").await);
    let form = |old: &str, new: &str| format!("old={}&new={}", old.replace(' ', "+"), new.replace(' ', "+"));
    let new = "staple and another word";
    let wrong = here.post("/account/password", &form("not this one", new)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("This is not your current password."));
    let weak = here.post("/account/password", &form(PASSWORD, "the name of bo, of course")).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let token = here.cookies["__Host-session"].clone();
    assert_eq!(
        here.post("/account/password", &form(PASSWORD, new)).await.header("location"),
        "/account?done=password-changed"
    );
    assert_ne!(here.cookies["__Host-session"], token);
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.browser().sign_in("bo", PASSWORD).await.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.browser().sign_in("bo", new).await.status, StatusCode::SEE_OTHER);
}
