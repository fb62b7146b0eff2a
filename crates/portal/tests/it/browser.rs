//! Stories in a real browser: what a policy, a cookie or a key really does. Pictures are kept under `target/screenshots`.

use portal::{people, server::serve};
use testkit::browser::{Browser, Kind, key};
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot};

use crate::{
    agreed::two_versions,
    desk::{Desk, PASSWORD},
};

/// axe-core, the accessibility rules that are asked of every page (tests/assets, MPL-2.0).
const AXE: &str = include_str!("../assets/axe.min.js");

/// A portal on a free port of loopback, for as long as the story is told.
pub(crate) struct Open {
    pub(crate) desk: Desk,
    pub(crate) origin: String,
    stop: Option<oneshot::Sender<()>>,
    runtime: Option<Runtime>,
}

impl Open {
    fn new() -> Open {
        Open::over(Desk::at)
    }

    /// Over the desk that is made for its address.
    pub(crate) fn over(make: impl FnOnce(&str) -> Desk) -> Open {
        Open::named("127.0.0.1", make)
    }

    /// Under another name of this machine: `localhost` is one where browsers allow passkeys.
    pub(crate) fn named(host: &str, make: impl FnOnce(&str) -> Desk) -> Open {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let origin = format!("http://{host}:{}", listener.local_addr().unwrap().port());
        let desk = make(&origin);
        let (stop, stopped) = oneshot::channel();
        let app = desk.app.clone();
        runtime.spawn(serve(app, listener, async move {
            let _ = stopped.await;
        }));
        Open { desk, origin, stop: Some(stop), runtime: Some(runtime) }
    }

    pub(crate) fn browser(&self, kind: Kind, path: &str) -> Browser {
        let browser = Browser::open(kind);
        browser.go(&format!("{}{path}", self.origin));
        browser
    }

    pub(crate) fn signed_in(&self, kind: Kind, login: &str) -> Browser {
        let browser = self.browser(kind, "/sign-in");
        sign_in(&browser, login, PASSWORD);
        browser.wait("signed in", |b| b.url() == format!("{}/", self.origin));
        browser
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ = self.stop.take().map(|stop| stop.send(()));
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

pub(crate) fn sign_in(browser: &Browser, login: &str, password: &str) {
    browser.fill("#f-login", login);
    browser.fill("#f-password", password);
    browser.follow("main form button");
}

/// No rule of WCAG 2.2 A and AA is broken, and the page complained about nothing.
#[track_caller]
pub(crate) fn sound(browser: &Browser, name: &str) {
    browser.picture(name);
    browser.run(&format!("{AXE};window.axe = axe;"));
    let broken = browser.run_until_called(
        "const done = arguments[arguments.length - 1];
         axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
            .then((r) => done(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html + ' ' + n.failureSummary).join(' | '))),
                  (e) => done(['axe: ' + e]));",
    );
    assert_eq!(broken, serde_json::json!([]), "{name}");
    let wide = browser.run("return document.documentElement.scrollWidth > innerWidth");
    assert_eq!(wide, false, "{name} is wider than its window");
    assert_eq!(refused_by_policy(browser), Vec::<String>::new(), "{name}");
}

fn refused_by_policy(browser: &Browser) -> Vec<String> {
    let words = ["Content Security", "TrustedHTML", "Refused", "Uncaught"];
    browser.complaints().into_iter().filter(|line| words.iter().any(|word| line.contains(word))).collect()
}

#[test]
fn signing_in_and_out() {
    let open = Open::new();
    let browser = open.browser(Kind::DESK, "/account");
    assert!(browser.url().ends_with("/sign-in?next=/account"), "{}", browser.url());
    sound(&browser, "sign-in");
    sign_in(&browser, "bo", "not the password");
    assert!(browser.text("[role=alert]").starts_with("That login and password do not belong together"));
    sound(&browser, "sign-in-wrong");
    sign_in(&browser, "bo", PASSWORD);
    browser.wait("signed in", |b| b.url().ends_with("/account"));
    sound(&browser, "account");
    let cookie = browser.cookie("__Host-session").expect("Chromium keeps a Secure cookie of loopback");
    assert_eq!(
        (&cookie["secure"], &cookie["httpOnly"], &cookie["sameSite"]),
        (&true.into(), &true.into(), &"Lax".into())
    );
    assert!(browser.cookie("session").is_none(), "the plain name is for browsers that do not");
    assert_eq!(browser.run("return document.cookie"), "");
    browser.click(".me summary");
    browser.click(".me form button");
    browser.wait("signed out", |b| b.url().ends_with("/sign-in?done=signed-out"));
    assert!(browser.text("[role=status]").starts_with("You are signed out."));
    browser.go(&format!("{}/account", open.origin));
    assert!(browser.url().ends_with("/sign-in?next=/account"));
}

#[test]
fn a_first_password_with_a_one_time_secret() {
    let open = Open::new();
    let given = people::invite(&open.desk.journal, "cy", open.desk.now()).unwrap();
    let browser = open.browser(Kind::DESK, "/sign-in");
    browser.follow("main a[href='/welcome']");
    sound(&browser, "welcome");
    browser.fill("#f-login", "cy");
    browser.fill("#f-secret", &given.secret);
    browser.fill("#f-password", "password1234");
    browser.follow("main form button");
    assert!(browser.text("#m-password").starts_with("Guessers begin with"));
    sound(&browser, "welcome-weak");
    browser.fill("#f-password", "staple and another word");
    browser.follow("main form button");
    browser.wait("signed in", |b| b.url() == format!("{}/", open.origin));
    assert!(browser.text("main").contains("beta"));
    sound(&browser, "home-client");
}

#[test]
fn everything_works_without_script() {
    let open = Open::new();
    let browser = open.browser(Kind { script_blocked: true, ..Kind::DESK }, "/sign-in");
    assert_eq!(browser.count("[data-open=palette]"), 0);
    sign_in(&browser, "ann", PASSWORD);
    browser.wait("signed in", |b| b.url() == format!("{}/", open.origin));
    assert_eq!(browser.count("[data-open=palette]:not([hidden])"), 0, "what needs script is not offered");
    for theme in ["light", "dark"] {
        browser.click("form[action='/theme'] button");
        browser.wait(theme, |b| b.count(&format!("html[data-theme={theme}]")) == 1);
    }
    browser.click(".switch summary");
    browser.click(".switch a[href='/clients/acme']");
    browser.wait("at the client", |b| b.url().ends_with("/clients/acme"));
    browser.picture("no-script");
    browser.click(".me summary");
    browser.click(".me form button");
    browser.wait("signed out", |b| b.url().contains("/sign-in"));
}

#[test]
fn the_keyboard_alone() {
    let open = Open::new();
    let browser = open.browser(Kind::DESK, "/sign-in");
    browser.press(&format!("ann{}{PASSWORD}{}", key::TAB, key::ENTER));
    browser.wait("signed in", |b| b.url() == format!("{}/", open.origin));
    browser.press(&format!("{}", key::TAB));
    assert_eq!(browser.run("return document.activeElement.textContent"), "Skip to the page");
    browser.press(&format!("{}", key::ENTER));
    assert!(browser.url().ends_with("/#main"));
    browser.press("gu");
    browser.wait("on the account page", |b| b.url().ends_with("/account"));
    browser.press("?");
    browser.wait("the keys", |b| b.count("dialog[open].sheet") == 1);
    sound(&browser, "keys");
    browser.press(&format!("{}", key::ESCAPE));
    browser.wait("closed", |b| b.count("dialog") == 0);
    browser.press(&format!("{}k", key::CONTROL));
    browser.wait("the palette", |b| b.count("dialog[open].palette") == 1);
    sound(&browser, "palette");
    browser.press(&format!("beta{}", key::ENTER));
    browser.wait("at the client", |b| b.url().ends_with("/clients/beta"));
}

/// What is found besides the sections: links of the page, for staff and clients alike; and when nothing is.
#[test]
fn the_palette_finds_what_a_page_links_to() {
    let open = Open::over(Desk::agreed_at);
    open.desk.request("acme", "T-1", "Search finds nothing", "P2");
    for login in ["sam", "bo"] {
        let browser = open.signed_in(Kind::DESK, login);
        let ticket = format!("{}/clients/acme/tickets/T-1", open.origin);
        for (words, place) in
            [("instance wiki", "/instances/wiki"), ("instances", "/instances"), ("statements", "/statements")]
        {
            browser.go(&ticket);
            palette(&browser, &format!("{words}{}", key::ENTER));
            let to = format!("{}/clients/acme{place}", open.origin);
            browser.wait(words, |b| b.url() == to);
        }
        browser.go(&ticket);
        palette(&browser, "no such thing");
        assert_eq!(browser.text("dialog [role=status]"), "Nothing on this page is called that.");
        sound(&browser, &format!("palette-none-{login}"));
    }
}

fn palette(browser: &Browser, words: &str) {
    browser.press(&format!("{}k", key::CONTROL));
    browser.wait("the palette", |b| b.count("dialog[open].palette") == 1);
    browser.press(words);
}

#[test]
fn two_versions_of_an_agreement_and_what_changed() {
    let open = Open::over(|origin| Desk::under(origin, two_versions()).agree());
    open.desk.wait(spans::Length::MINUTE);
    for (kind, name) in [(Kind::DESK, "desk"), (Kind::PHONE, "phone")] {
        let browser = open.signed_in(kind, "bo");
        browser.go(&format!("{}/clients/acme/agreement", open.origin));
        assert_eq!(browser.text("a.alongside"), "what changed");
        sound(&browser, &format!("agreement-versions-{name}"));
        let changes = browser.run("return document.querySelector('a.alongside').href");
        browser.go(changes.as_str().unwrap());
        assert!(browser.url().contains("/agreement/diff?old="), "{name}: {}", browser.url());
        sound(&browser, &format!("agreement-diff-{name}"));
    }
}

/// A month hardly seen has a range for its share; the link to its statement stays in sight.
#[test]
fn a_range_leaves_the_statement_in_sight() {
    let open = Open::over(Desk::agreed_at);
    open.desk.looks("acme", "wiki", spans::Length::from_minutes(20), facts::Outcome::Up);
    open.desk.looks("acme", "wiki", spans::Length::from_minutes(4), facts::Outcome::Down);
    open.desk.wait(spans::Length::DAY * 10);
    let browser = open.signed_in(Kind::DESK, "bo");
    browser.go(&format!("{}/clients/acme/instances/wiki", open.origin));
    sound(&browser, "instance-range");
    let share = browser.run("return document.querySelector('[data-name=Uptime]').textContent");
    assert_eq!(share.as_str().map(|share| share.matches('%').count()), Some(2), "{share}");
    let wide = "const t = document.querySelector('[role=group][aria-labelledby=months]');
        return [t.querySelectorAll('tbody tr').length, t.scrollWidth - t.clientWidth]";
    assert_eq!(browser.run(wide), serde_json::json!([1, 0]), "{}", browser.text("#months"));
}

#[test]
fn dark_small_and_both() {
    let open = Open::new();
    let dark = Kind { dark: true, ..Kind::DESK };
    for (name, kind) in
        [("dark", dark), ("phone", Kind::PHONE), ("phone-dark", Kind { dark: true, ..Kind::PHONE })]
    {
        let browser = open.signed_in(kind, "ann");
        sound(&browser, &format!("home-{name}"));
        browser.go(&format!("{}/account", open.origin));
        sound(&browser, &format!("account-{name}"));
        browser.go(&format!("{}/nowhere", open.origin));
        sound(&browser, &format!("not-found-{name}"));
    }
}

#[test]
fn an_open_page_moves_by_itself() {
    let open = Open::new();
    let browser = open.signed_in(Kind::DESK, "bo");
    assert!(!browser.text("main").contains("Instance intranet"));
    browser.run("window.same = true");
    // The stream has to be there before the change is told.
    browser.wait("told of changes", |_| open.desk.streams() == 1);
    open.desk.instance("acme", "intranet");
    open.desk.app.live().changed(&"acme".parse().unwrap(), portal::server::What::Facts);
    browser.wait("the new instance", |b| b.text("main").contains("Instance intranet"));
    assert_eq!(browser.run("return window.same"), true, "the page was not loaded again");
    assert_eq!(refused_by_policy(&browser), Vec::<String>::new());
}

/// The first page, everything that comes with it included, as it crosses the network.
#[test]
fn the_first_page_is_small() {
    let open = Open::new();
    let browser = open.signed_in(Kind::DESK, "ann");
    let bytes = browser.run(
        "return performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
            .filter((e) => !e.name.endsWith('/live')).map((e) => e.encodedBodySize).reduce((a, b) => a + b, 0)",
    );
    let bytes = bytes.as_u64().unwrap();
    let millis = browser.run(
        "const n = performance.getEntriesByType('navigation')[0]; return Math.round(n.responseStart - n.requestStart)",
    );
    eprintln!("the first page: {bytes} bytes, its first byte after {millis} ms");
    assert!((20_000..60_000).contains(&bytes), "{bytes}");
}

/// Now, a ticket, a new request and maintenance, as staff and as a contact see them.
#[test]
fn rooms_of_every_day() {
    let open = Open::over(Desk::agreed_at);
    open.desk.looks("acme", "wiki", spans::Length::from_minutes(20), facts::Outcome::Up);
    open.desk.looks("acme", "wiki", spans::Length::from_minutes(4), facts::Outcome::Down);
    open.desk.request("acme", "T-1", "Search finds nothing since this morning", "P2");
    open.desk.wait(spans::Length::MINUTE);
    let dark = Kind { dark: true, ..Kind::DESK };
    let (acme, phone) = ("/clients/acme", Kind::PHONE);
    for (kind, name) in [(Kind::DESK, "light"), (dark, "dark"), (phone, "phone")] {
        for (login, rooms) in [
            ("sam", ["", "/tickets/T-1", "/tickets", "/maintenance", "/maintenance/plan"]),
            ("bo", ["", "/tickets/T-1", "/tickets", "/maintenance", "/tickets/new"]),
        ] {
            let browser = open.signed_in(kind, login);
            sound(&browser, &format!("now-{login}-{name}"));
            for room in rooms {
                browser.go(&format!("{}{acme}{room}", open.origin));
                sound(&browser, &format!("rooms{}-{login}-{name}", room.replace('/', "-")));
            }
        }
    }
}
