//! The status page as programs set it up, and what they tell the public.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::program::Program;
use crate::{
    desk::{Browser, Desk},
    status_look::PNG,
};

const PAGE: &str = "/api/v1/clients/acme/status-page";

fn page(audience: &str, secret: Option<&str>) -> Value {
    json!({"page": "acme", "title": "Acme", "audience": audience, "secret": secret,
        "components": [{"instance": "wiki", "name": "Wiki"}]})
}

/// What was done, by the names of the operations.
pub(super) async fn done() -> BTreeSet<String> {
    let desk = Desk::agreed();
    let (mut sam, mut visitor) = (desk.program("sam").await, desk.browser());
    assert_eq!(sam.get(PAGE).await.status, StatusCode::NOT_FOUND);
    let update = json!({"title": "Slow answers", "stage": "identified", "impact": "degraded", "message": "A disk is full."});
    let early = sam.post(&format!("{PAGE}/updates"), update.clone()).await;
    assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.text);

    let secret = "0123456789".repeat(4);
    for (audience, secret) in
        [("secret", None), ("secret", Some("short")), ("public", Some(&*secret)), ("nobody", None)]
    {
        let refused = sam.post(PAGE, page(audience, secret)).await;
        assert!(refused.status.is_client_error(), "{audience} {secret:?}: {}", refused.text);
    }
    let put = sam.post(PAGE, page("secret", Some(&secret))).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text);
    let at = format!("/status/{secret}");
    assert_eq!(visitor.get(&at).await.status, StatusCode::OK);
    let set = sam.read(PAGE).await;
    assert_eq!((&set["audience"], &set["url"]), (&json!("secret"), &Value::Null));
    assert!(!set.to_string().contains(&secret), "only its digest is kept");
    // Left out, the secret that stands goes on.
    assert_eq!(sam.post(PAGE, page("secret", None)).await.status, StatusCode::OK);
    assert_eq!(visitor.get(&at).await.status, StatusCode::OK);

    assert_eq!(sam.post(PAGE, page("public", None)).await.status, StatusCode::OK);
    assert_eq!(visitor.get(&at).await.status, StatusCode::NOT_FOUND);
    let set = sam.read(PAGE).await;
    assert!(set["url"].as_str().is_some_and(|url| url.ends_with("/status/acme")), "{set}");
    let told = sam.post(&format!("{PAGE}/updates"), update).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert!(visitor.get("/status/acme").await.body.contains("A disk is full."));
    // It goes on under the name that the page gives it.
    let shown: Value = serde_json::from_str(&visitor.get("/status/acme/status.json").await.body).unwrap();
    let over = json!({"incident": shown["incidents"][0]["id"], "title": "Slow answers", "stage": "resolved", "impact": "none",
        "message": "There is another disk."});
    desk.wait(spans::Length::MINUTE);
    let told = sam.post(&format!("{PAGE}/updates"), over).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let shown: Value = serde_json::from_str(&visitor.get("/status/acme/status.json").await.body).unwrap();
    assert_eq!(shown["incidents"].as_array().map(Vec::len), Some(1), "{shown}");
    assert_eq!(shown["incidents"][0]["updates"].as_array().map(Vec::len), Some(2), "{shown}");
    let wrong =
        json!({"title": "Slow answers", "stage": "soon", "impact": "degraded", "message": "A disk is full."});
    let wrong = sam.post(&format!("{PAGE}/updates"), wrong).await;
    assert!(
        wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains("postmortem"),
        "{}",
        wrong.text
    );

    look(&mut sam, &mut visitor).await;
    let gone = sam.post(&format!("{PAGE}/withdraw"), json!({})).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.text);
    assert_eq!(visitor.get("/status/acme").await.status, StatusCode::NOT_FOUND);
    sam.done
}

/// What the page looks like, its logo by itself.
async fn look(sam: &mut Program<'_>, visitor: &mut Browser<'_>) {
    let mut wanted = page("public", None);
    wanted["accent"] = json!("#ffd400");
    wanted["scheme"] = json!("dark");
    wanted["back"] = json!({"label": "Back", "url": "https://acme.example/"});
    wanted["footer"] = json!("Acme Ltd");
    let set = sam.post(PAGE, wanted.clone()).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    let logo = format!("{PAGE}/logo");
    let image = STANDARD.encode(PNG);
    let none = sam.post(&format!("{logo}/remove"), json!({})).await;
    assert_eq!(none.status, StatusCode::CONFLICT, "{}", none.text);
    for wrong in [
        json!({"alt": "Acme"}),
        json!({"alt": "Acme", "image": "no base64"}),
        json!({"alt": "Acme", "image": STANDARD.encode(b"<svg/>")}),
        json!({"alt": "", "image": image}),
        json!({"alt": "Acme", "image": STANDARD.encode([0_u8; 70_000])}),
    ] {
        let refused = sam.post(&logo, wrong.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {}", refused.text);
    }
    let put = sam.post(&logo, json!({"alt": "Acme", "image": image})).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text);
    // Set again, the page keeps its logo.
    assert_eq!(sam.post(PAGE, wanted.clone()).await.status, StatusCode::OK);
    let set = sam.read(PAGE).await;
    assert_eq!(set["contrast"], json!({"light": "1.37", "dark": "12.64"}), "{set}");
    assert_eq!(
        (&set["scheme"], &set["back"], &set["footer"]),
        (&wanted["scheme"], &wanted["back"], &wanted["footer"])
    );
    assert_eq!(
        (&set["logo"]["alt"], &set["logo"]["width"], &set["logo"]["media"]),
        (&json!("Acme"), &json!(24), &json!("image/png"))
    );
    assert_eq!(visitor.get("/status/acme/logo").await.bytes, PNG);
    assert_eq!(sam.post(&format!("{logo}/remove"), json!({})).await.status, StatusCode::OK);
    assert_eq!(visitor.get("/status/acme/logo").await.status, StatusCode::NOT_FOUND);
    assert_eq!(sam.read(PAGE).await["logo"], Value::Null);
    for (field, value) in
        [("back", json!({"label": "Back", "url": "http://acme.example/"})), ("scheme", json!("sepia"))]
    {
        let mut wrong = wanted.clone();
        wrong[field] = value;
        let refused = sam.post(PAGE, wrong).await;
        assert!(
            refused.status.is_client_error() && refused.text.contains(field),
            "{field}: {}",
            refused.text
        );
    }
}
