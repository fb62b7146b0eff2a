//! What a client makes its status page look like: its logo, colour, paper, the way back to its site, and a word at its foot.

use axum::http::{Method, StatusCode, header};
use facts::{Outcome, PageScheme};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use spans::Length;
use testkit::browser::Kind;

use crate::{
    agreed::{client, papers},
    browser::{Open, sound},
    desk::{Answer, Browser, Desk},
    status::{asked, got, publish, up},
    ticket::{fill, key},
};

const SETTINGS: &str = "/clients/acme/status/settings";
const LOGO: &str = "/clients/acme/status/logo";
const FORM: &str = "title=Acme&address=acme&show=wiki&name-wiki=The+wiki&audience=public";
/// What a contact may make of it.
const LOOK: &str = "accent=%23ffd400&scheme=dark&back-url=https%3A%2F%2Facme.example%2F&back-label=Back+to+Acme&footer=Acme+Ltd%0D%0A1+Street";
pub(crate) const PNG: &[u8] = include_bytes!("../../../status/tests/assets/logo.png");
const WEBP: &[u8] = include_bytes!("../../../status/tests/assets/logo.webp");

/// As a browser sends the form of a logo.
async fn send_logo(browser: &mut Browser<'_>, image: (&str, &[u8]), alt: &str) -> Answer {
    let key = key(&browser.get(SETTINGS).await.body);
    let part = |head: &str, value: &[u8]| {
        [b"--x\r\nContent-Disposition: form-data; ", head.as_bytes(), b"\r\n\r\n", value, b"\r\n"].concat()
    };
    let image = part(&format!("name=\"image\"; filename=\"{}\"", image.0), image.1);
    let rest =
        [part("name=\"key\"", key.as_bytes()), part("name=\"alt\"", alt.as_bytes()), b"--x--\r\n".to_vec()];
    let body = [image, rest.concat()].concat();
    let answer = browser.bytes(Method::POST, LOGO, "multipart/form-data; boundary=x", body).await;
    browser.desk.wait(Length::from_secs(1));
    answer
}

#[tokio::test]
async fn a_contact_gives_the_page_a_colour_a_paper_a_way_back_and_a_foot() {
    let desk = up();
    let mut bo = desk.signed_in("bo").await;
    let set = fill(&mut bo, SETTINGS, SETTINGS, &format!("{FORM}&{LOOK}")).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    let page = got(&desk, "/status/acme").await.body;
    assert!(page.contains("<a href=\"https://acme.example/\" rel=\"noopener\">Back to Acme</a>"), "{page}");
    assert!(page.contains("<p class=\"own\">Acme Ltd\n1 Street</p>"), "{page}");
    let sheet = got(&desk, "/status/acme/style.css").await.body;
    assert!(
        sheet.starts_with(":root{--accent:#ffd400;--link:light-dark(#1f4e8c,#ffd400);color-scheme:dark}"),
        "{sheet}"
    );
    // The form has it again, with what the colour is good for.
    let form = bo.get(SETTINGS).await.body;
    for part in [
        "value=\"#ffd400\"",
        "<option value=\"dark\" selected>",
        "value=\"https://acme.example/\"",
        "value=\"Back to Acme\"",
        "Acme Ltd",
        "On light paper its contrast is 1.37 to 1: words need 4.5, so the edge alone has it.",
        "On dark paper its contrast is 12.64 to 1: links and buttons have it.",
    ] {
        assert!(form.contains(part), "{part}: {form}");
    }
    let many = "x".repeat(301);
    for (wrong, why) in [
        ("back-url=http%3A%2F%2Facme.example&back-label=Back".to_owned(), "an https: address"),
        ("back-url=javascript%3Aalert(1)&back-label=Back".to_owned(), "an https: address"),
        ("back-url=https%3A%2F%2Facme.example".to_owned(), "say where it leads"),
        ("back-label=Back".to_owned(), "an https: address"),
        (format!("footer={many}"), "it has 301 characters, and may have 300"),
        ("scheme=sepia".to_owned(), "Choose its paper"),
        ("accent=red".to_owned(), "is no colour"),
    ] {
        let refused = fill(&mut bo, SETTINGS, SETTINGS, &format!("{FORM}&{wrong}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(refused.body.contains(why), "{wrong}: {}", refused.body);
    }
    assert_eq!(got(&desk, "/status/acme").await.body, page, "what is refused changes nothing");
}

#[tokio::test]
async fn a_logo_is_served_as_what_it_is_from_memory_and_by_a_name_that_changes_with_it() {
    let desk = up();
    let mut bo = desk.signed_in("bo").await;
    assert_eq!(got(&desk, "/status/acme/logo").await.status, StatusCode::NOT_FOUND);
    let set = send_logo(&mut bo, ("photo.jpg", PNG), "Acme").await;
    assert_eq!(set.header("location"), format!("{SETTINGS}?done=recorded"), "{}", set.body);
    // The settings leave it as it is.
    let again = fill(&mut bo, SETTINGS, SETTINGS, FORM).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    let page = got(&desk, "/status/acme").await.body;
    let digest: String = Sha256::digest(PNG).iter().map(|byte| format!("{byte:02x}")).collect();
    let src = format!("/status/acme/logo?{}", &digest[..12]);
    assert!(
        page.contains(&format!("<img class=\"logo\" src=\"{src}\" alt=\"Acme\" width=\"24\" height=\"8\">")),
        "{page}"
    );
    let store = Connection::open(desk.store_path()).unwrap();
    store
        .execute_batch("ALTER TABLE status_logo RENAME TO gone; ALTER TABLE head RENAME TO gone_too")
        .unwrap();
    let answer = got(&desk, &src).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "image/png"));
    assert_eq!(answer.header("etag"), format!("\"{digest}\""), "a strong one");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox");
    assert!(answer.header("cache-control").starts_with("public, max-age=30"));
    assert!(answer.headers.get(header::SET_COOKIE).is_none());
    assert_eq!(answer.bytes, PNG);
    for known in [format!("\"{digest}\""), format!("W/\"{digest}\"")] {
        let same = asked(&desk, crate::desk::HOST, &src, &[("if-none-match", &known)]).await;
        assert_eq!((same.status, same.bytes.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
    }
    store
        .execute_batch("ALTER TABLE gone RENAME TO status_logo; ALTER TABLE gone_too RENAME TO head")
        .unwrap();
    let other = send_logo(&mut bo, ("photo.jpg", WEBP), "Acme, in words").await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "{}", other.body);
    assert_eq!(got(&desk, "/status/acme/logo").await.header("content-type"), "image/webp");
    assert!(!got(&desk, "/status/acme").await.body.contains(&src), "another image has another address");
    // Other words alone keep the image.
    let words = send_logo(&mut bo, ("", b""), "Acme & Sons").await;
    assert_eq!(words.status, StatusCode::SEE_OTHER, "{}", words.body);
    assert!(got(&desk, "/status/acme").await.body.contains("alt=\"Acme &#38; Sons\""));
    let form = key(&bo.get(SETTINGS).await.body);
    let gone = bo.post(&format!("{LOGO}/remove"), &format!("key={form}")).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.body);
    let twice = bo.post(&format!("{LOGO}/remove"), &format!("key={form}")).await;
    assert_eq!(twice.status, StatusCode::SEE_OTHER, "sent again it is done once: {}", twice.body);
    assert!(!got(&desk, "/status/acme").await.body.contains("<img"));
    assert_eq!(got(&desk, "/status/acme/logo").await.status, StatusCode::NOT_FOUND);
    let left: i64 = store.query_row("SELECT count(*) FROM status_logo", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "nothing of it is kept");
}

#[tokio::test]
async fn an_image_that_cannot_stand_there_is_refused_with_a_reason() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    let early = send_logo(&mut bo, ("logo.png", PNG), "Acme").await;
    assert!(
        early.body.contains("Put one up first") || early.body.contains("put one up first"),
        "{}",
        early.body
    );
    publish(&desk, |_| ());
    let (svg, large) = (b"<svg xmlns='http://www.w3.org/2000/svg'/>", vec![0_u8; 100_000]);
    for (image, alt, why) in [
        (&svg[..], "Acme", "SVG is not taken"),
        (&large[..], "Acme", "it has 100000 bytes: send 65536 at most"),
        (&PNG[..100], "Acme", "does not go on as one"),
        (PNG, " ", "say in words what the logo says"),
        (PNG, "Ac\u{202e}me", "it is one line of visible text"),
        (PNG, &"x".repeat(121), "it has 121 characters, and may have 120"),
        (&b""[..], "Acme", "choose an image"),
    ] {
        let refused = send_logo(&mut bo, ("logo.png", image), alt).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        assert!(
            refused.body.contains("Not recorded.") && refused.body.contains(why),
            "{why}: {}",
            refused.body
        );
    }
    let form = key(&bo.get(SETTINGS).await.body);
    let none = bo.post(&format!("{LOGO}/remove"), &format!("key={form}")).await;
    assert!(
        none.status == StatusCode::UNPROCESSABLE_ENTITY && none.body.contains("nothing to take away"),
        "{}",
        none.body
    );
    assert_eq!(got(&desk, "/status/acme/logo").await.status, StatusCode::NOT_FOUND);
}

/// Whoever may not see the page does not see its logo.
#[tokio::test]
async fn the_logo_of_a_page_that_is_not_public_needs_what_the_page_needs() {
    let desk = up();
    let (mut bo, mut cy) = (desk.signed_in("bo").await, desk.signed_in("cy").await);
    send_logo(&mut bo, ("logo.png", PNG), "Acme").await;
    publish(&desk, |set| {
        *set = desk.control.status_of(&client("acme")).unwrap().set.clone();
        (set.public, set.key) = (false, Some(control::live::command::status_key("firstsecret")));
    });
    assert_eq!(got(&desk, "/status/acme/logo").await.status, StatusCode::NOT_FOUND, "its name is no address");
    let secret = got(&desk, "/status/firstsecret/logo").await;
    assert_eq!((secret.status, secret.header("cache-control")), (StatusCode::OK, "private, max-age=30"));
    let own = bo.get(LOGO).await;
    assert_eq!((own.status, own.header("cache-control")), (StatusCode::OK, "no-store"));
    assert_eq!(own.bytes, PNG);
    for stranger in [cy.get(LOGO).await, cy.post(&format!("{LOGO}/remove"), "key=1").await] {
        assert_eq!(stranger.status, StatusCode::NOT_FOUND, "{}", stranger.body);
    }
    publish(&desk, |set| {
        *set = desk.control.status_of(&client("acme")).unwrap().set.clone();
        (set.public, set.key, set.domain) = (true, None, Some("status.acme.example".to_owned()));
    });
    let named = asked(&desk, "status.acme.example", "/logo", &[]).await;
    assert_eq!((named.status, named.bytes), (StatusCode::OK, PNG.to_vec()));
}

#[test]
fn a_page_with_a_look_of_its_own_is_sound_everywhere_and_small() {
    let open = Open::over(|origin| Desk::under(origin, papers()).agree());
    open.desk.answers(Length::from_minutes(30), Outcome::Up);
    publish(&open.desk, |set| {
        set.accent = Some("#7a1fa2".to_owned());
        set.back = Some(facts::BackLink {
            label: "Back to acme.example".to_owned(),
            url: "https://acme.example/".to_owned(),
        });
        set.footer = Some("Acme Ltd, 1 Street\nCalls: 0800 123".to_owned());
    });
    let logo = control::live::command::NewLogo { bytes: Some(PNG.to_vec()), alt: "Acme".to_owned() };
    let by = control::live::command::By::new(facts::Actor::provider("Planner").role("manager"));
    open.desk.control.set_status_logo(&client("acme"), Some(logo), by, open.desk.now()).unwrap();
    for (kind, name) in
        [(Kind::DESK, "light"), (Kind { dark: true, ..Kind::DESK }, "dark"), (Kind::PHONE, "360")]
    {
        let browser = open.browser(kind, "/status/acme");
        sound(&browser, &format!("status-look-{name}"));
        let drawn = browser.run("return document.querySelector('img.logo').naturalWidth");
        assert_eq!(drawn, 24, "the browser draws it");
        let staff = open.signed_in(kind, "sam");
        staff.go(&format!("{}{SETTINGS}", open.origin));
        sound(&staff, &format!("status-settings-look-{name}"));
        assert_eq!(staff.run("return document.querySelector('main img').naturalWidth"), 24);
    }
    let dark = Kind { dark: true, ..Kind::PHONE };
    open.desk.wait(Length::from_secs(1));
    publish(&open.desk, |set| {
        *set = open.desk.control.status_of(&client("acme")).unwrap().set.clone();
        set.scheme = Some(PageScheme::Light);
    });
    let browser = open.browser(dark, "/status/acme");
    sound(&browser, "status-look-light-at-night");
    let paper = browser.run("return getComputedStyle(document.body).backgroundColor");
    assert_eq!(paper, "rgb(251, 250, 247)", "light whatever its reader prefers");
    let bytes = browser.run(
        "return Promise.all(['', '/style.css'].map((end) => fetch('/status/acme' + end).then((r) => r.text())))
            .then((all) => all.join('').length)",
    );
    assert!(bytes.as_i64().is_some_and(|bytes| bytes < 20_000), "{bytes}");
}
