//! The door in a real browser: passkeys on a device, a code app by its page, and how the pages look.

use control::live::Shelf;
use testkit::browser::{Browser, Kind};

use crate::{
    agreed::papers,
    browser::{Open, sign_in, sound},
    desk::{Desk, PASSWORD},
};

#[test]
fn a_passkey_is_added_signs_in_by_itself_and_is_asked_for_again() {
    let open = Open::named("localhost", |origin| Desk::with(origin, Shelf::default(), |config| config));
    let browser = open.browser(Kind::DESK, "/sign-in");
    browser.gets_passkeys();
    sign_in(&browser, "sam", PASSWORD);
    browser.wait("sent to set a factor up", |b| b.url().ends_with("/account/factors"));
    sound(&browser, "factors-required");
    browser.fill("#f-name", "test device");
    browser.click("form[data-passkey] button");
    browser.wait("recovery codes", |b| b.count(".recovery li") == 10);
    sound(&browser, "recovery-codes");
    browser.click("main .button.primary");
    browser.wait("back", |b| b.url().ends_with("/account/factors"));
    assert!(browser.text("main").contains("test device"));
    sound(&browser, "factors");

    // By the passkey alone: no login, no password.
    out(&browser);
    browser.click("form[data-passkey] button");
    browser.wait("signed in", |b| b.url() == format!("{}/", open.origin));

    // As the second step after a password.
    out(&browser);
    sign_in(&browser, "sam", PASSWORD);
    browser.wait("second step", |b| b.url().ends_with("/sign-in/second"));
    sound(&browser, "second-step");
    browser.click("form[data-passkey] button");
    browser.wait("signed in", |b| b.url() == format!("{}/", open.origin));

    // And again before something sensitive.
    open.desk.wait(spans::Length::from_secs(15 * 60));
    browser.go(&format!("{}/step-up?next=/account", open.origin));
    sound(&browser, "step-up");
    browser.click("form[data-passkey] button");
    browser.wait("and back", |b| b.url().ends_with("/account"));

    // Another device knows nobody here.
    let stranger = open.browser(Kind::DESK, "/sign-in");
    stranger.gets_passkeys();
    stranger.click("form[data-passkey] button");
    stranger.wait("told", |b| b.text("form[data-passkey] [role=alert]").starts_with("No passkey was used."));
}

fn out(browser: &Browser) {
    browser.click(".me summary");
    browser.click(".me form button");
    browser.wait("signed out", |b| b.url().ends_with("/sign-in?done=signed-out"));
}

#[test]
fn without_script_a_code_app_is_set_up_and_a_passkey_is_not_offered() {
    let open = Open::over(Desk::at);
    let browser = open.browser(Kind { script_blocked: true, ..Kind::DESK }, "/sign-in?next=/account/factors");
    sign_in(&browser, "bo", PASSWORD);
    assert!(browser.url().ends_with("/account/factors"), "{}", browser.url());
    browser.follow("form[action='/account/factors/code'] button");
    assert_eq!(browser.count("svg.scanned"), 1);
    browser.fill("#f-code", "000000");
    browser.follow("main form button");
    assert!(browser.text(".mistake").starts_with("That is not its code."));
    browser.picture("code-app-no-script");
}

#[test]
fn people_pages_are_sound_in_light_dark_and_on_a_telephone() {
    let open = Open::over(|origin| Desk::with(origin, papers(), |c| c.without_second_factor()).agree());
    for (kind, name) in
        [(Kind::DESK, "light"), (Kind { dark: true, ..Kind::DESK }, "dark"), (Kind::PHONE, "360")]
    {
        let browser = open.signed_in(kind, "ann");
        browser.go(&format!("{}/people", open.origin));
        sound(&browser, &format!("staff-{name}"));
        browser.go(&format!("{}/clients/acme/people", open.origin));
        sound(&browser, &format!("people-{name}"));
        browser.go(&format!("{}/account/factors", open.origin));
        sound(&browser, &format!("factors-{name}"));
        browser.click("form[action='/account/factors/code'] button");
        browser.wait("a code", |b| b.count("svg.scanned") == 1);
        sound(&browser, &format!("code-app-{name}"));
        browser.go(&format!("{}/step-up?next=/people", open.origin));
        sound(&browser, &format!("step-up-{name}"));
    }
}
