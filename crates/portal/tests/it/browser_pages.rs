//! The pages that the desk is made of, each in every way in which people meet it: what it is there for is done, and what was filled in
//! wrongly is said, in light and dark, at 360 px, without script, and by keys alone.

use testkit::browser::{Browser, Kind, key};

use crate::{
    browser::{Open, sound},
    desk::{Desk, PASSWORD},
};

/// How a page is met.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Light,
    Dark,
    Phone,
    NoScript,
    Keys,
}

/// A page that the issue names.
struct Page {
    name: &'static str,
    who: &'static str,
    path: &'static str,
    /// What it is there for.
    done: fn(&Hand<'_>),
    /// What is wrong is said beside what was sent. A page where nothing can be filled in says what is not there.
    refused: fn(&Hand<'_>),
}

const T1: &str = "/clients/acme/tickets/T-1";
const RECORD: &str = "/clients/acme/tickets/record";
const HOLD: &str = "/clients/acme/tickets/hold";
const HELD: &str = "/clients/acme/tickets/held";

const PAGES: [Page; 15] = [
    Page { name: "queue", who: "sam", path: "/tickets", done: tag_one, refused: choose_none },
    Page { name: "ticket", who: "sam", path: T1, done: reply, refused: merge_with_nothing },
    Page { name: "new", who: "bo", path: "/clients/acme/tickets/new", done: ask, refused: ask_too_much },
    Page { name: "held", who: "bo", path: HELD, done: put_aside, refused: put_aside_without_a_word },
    Page { name: "record", who: "sam", path: RECORD, done: write_down, refused: write_down_for_tomorrow },
    Page { name: "hold", who: "sam", path: HOLD, done: hold_a_message, refused: hold_for_tomorrow },
    Page { name: "clients", who: "sam", path: "/clients", done: look_at_a_client, refused: no_such_client },
    Page { name: "people", who: "ann", path: "/clients/acme/people", done: name_eva, refused: name_nobody },
    Page {
        name: "on-call",
        who: "ann",
        path: "/on-call",
        done: set_a_layer,
        refused: set_a_layer_of_strangers,
    },
    Page { name: "wishes", who: "sam", path: "/wishes", done: look_at_a_wish, refused: no_such_wish },
    Page {
        name: "attainment",
        who: "sam",
        path: "/clients/acme/attainment",
        done: look_at_what_came_in,
        refused: no_such_month,
    },
    Page { name: "home", who: "bo", path: "/", done: look_at_the_instance, refused: no_such_instance },
    Page {
        name: "tickets",
        who: "bo",
        path: "/clients/acme/tickets",
        done: look_at_a_request,
        refused: no_such_request,
    },
    Page { name: "inbox", who: "bo", path: "/inbox", done: read_all, refused: nothing_read },
    Page {
        name: "settings",
        who: "ann",
        path: "/settings",
        done: end_a_token,
        refused: make_a_token_for_no_time,
    },
];

/// Somebody at a browser.
struct Hand<'o> {
    browser: Browser,
    open: &'o Open,
    way: Way,
}

#[test]
fn every_page_in_light() {
    meet(Way::Light);
}

#[test]
fn every_page_in_the_dark() {
    meet(Way::Dark);
}

#[test]
fn every_page_at_360_px() {
    meet(Way::Phone);
}

#[test]
fn every_page_without_script() {
    meet(Way::NoScript);
}

#[test]
fn every_page_by_keys_alone() {
    meet(Way::Keys);
}

/// What is wrong comes first: what is right changes what is there.
fn meet(way: Way) {
    let open = Open::over(Desk::agreed_at);
    open.desk.looks("acme", "wiki", spans::Length::from_minutes(20), facts::Outcome::Up);
    open.desk.request("acme", "T-1", "Search finds nothing since this morning", "P2");
    open.desk.request("acme", "T-2", "Colours of the menu", "P4");
    open.desk.wait(spans::Length::MINUTE);
    for who in ["ann", "sam", "bo"] {
        let hand = Hand::signed_in(&open, way, who);
        for page in PAGES.iter().filter(|page| page.who == who) {
            hand.go(page.path);
            hand.sound(page.name);
            (page.refused)(&hand);
            hand.sound(&format!("{}-refused", page.name));
            hand.go(page.path);
            (page.done)(&hand);
            hand.sound(&format!("{}-done", page.name));
        }
        open.desk.wait(spans::Length::MINUTE);
        open.desk.control.relay(open.desk.now()).unwrap();
    }
}

fn tag_one(hand: &Hand<'_>) {
    hand.press_on("input[name=ticket]");
    hand.press_on("details.act summary");
    hand.write("#f-add", "later");
    hand.press_on("details.act .button");
    hand.comes_to("done=");
    hand.reads("#tickets", "later");
}

fn choose_none(hand: &Hand<'_>) {
    hand.press_on("details.act summary");
    hand.write("#f-add", "later");
    hand.press_on("details.act .button");
    hand.reads("[role=alert]", "Choose tickets");
}

fn reply(hand: &Hand<'_>) {
    hand.write("#f-text", "We are looking at it");
    hand.press_on("form[action$='/reply'] .button.primary");
    hand.comes_to("done=recorded");
    hand.reads("main", "We are looking at it");
}

fn merge_with_nothing(hand: &Hand<'_>) {
    hand.go(&format!("{T1}?open=merge"));
    hand.write("#f-merge-other", "nothing at all");
    hand.press_on("#act-merge button");
    hand.reads("#act-merge [role=alert]", "Not recorded");
}

fn ask(hand: &Hand<'_>) {
    hand.write("#f-title", "Slow since noon");
    hand.write("#f-text", "It is slow");
    hand.write("#f-tried", "Another browser");
    hand.press_on(".ask .button.primary");
    hand.comes_to("/tickets/T-4?done=recorded");
}

/// SH-REQ-03: by telephone.
fn write_down(hand: &Hand<'_>) {
    hand.pick("#f-channel", "phone");
    hand.write("#f-title", "Nobody can sign in");
    hand.write("#f-text", "It says that the server is full");
    hand.press_on(".ask .button.primary");
    hand.comes_to("/tickets/T-3?done=recorded");
    hand.reads("main", "I wrote this request down");
}

fn write_down_for_tomorrow(hand: &Hand<'_>) {
    hand.write("#f-at", &format!("03022028{}0800AM", key::TAB));
    hand.write("#f-title", "Nobody can sign in");
    hand.write("#f-text", "It says that the server is full");
    hand.press_on(".ask .button.primary");
    hand.reads("[role=alert]", "lies in the future");
    assert_eq!(hand.browser.count("#f-title[value='Nobody can sign in']"), 1, "what was sent is kept");
}

fn hold_a_message(hand: &Hand<'_>) {
    hand.write("#f-from", "Ann Example <ann@example.org>");
    hand.write("#f-text", "All is gone");
    hand.press_on(".ask .button.primary");
    hand.comes_to("/tickets/held?done=recorded");
    hand.reads("main", "What to answer");
}

fn hold_for_tomorrow(hand: &Hand<'_>) {
    hand.write("#f-from", "Ann Example");
    hand.write("#f-at", &format!("03022028{}0800AM", key::TAB));
    hand.write("#f-text", "All is gone");
    hand.press_on(".ask .button.primary");
    hand.reads("[role=alert]", "lies in the future");
}

fn put_aside(hand: &Hand<'_>) {
    hand.write("#reason-H-1", "She asks our own desk");
    hand.press_on("main form .button");
    hand.comes_to("done=recorded");
    hand.reads("main .empty", "Nothing is held");
    hand.reads("main", "Put aside by Name of bo (client)");
}

fn put_aside_without_a_word(hand: &Hand<'_>) {
    hand.write("#reason-H-1", " ");
    hand.press_on("main form .button");
    hand.reads("[role=alert]", "say why it is put aside");
}

fn ask_too_much(hand: &Hand<'_>) {
    hand.choose("input[value=P1]");
    hand.write("#f-title", "A plugin");
    hand.write("#f-text", "Please write it");
    hand.press_on(".ask .button.primary");
    hand.reads("[role=alert]", "P1 is for a production instance");
}

fn look_at_a_client(hand: &Hand<'_>) {
    hand.press_on("main th a[href='/clients/acme/support']");
    hand.comes_to("/clients/acme/support");
    hand.reads("h1", "acme");
}

fn no_such_client(hand: &Hand<'_>) {
    hand.go("/clients/nobody");
    hand.reads("h1", "There is no such page");
}

fn name_eva(hand: &Hand<'_>) {
    hand.write("#f-login", "eva");
    hand.write("#f-name", "Eva");
    hand.press_on("input[name=role][value=contact]");
    hand.press_on("main form.stack .button.primary");
    hand.reads("[role=status]", "Hand this over now");
}

fn name_nobody(hand: &Hand<'_>) {
    hand.write("#f-login", "not a login!");
    hand.write("#f-name", "Eva");
    hand.press_on("input[name=role][value=contact]");
    hand.press_on("main form.stack .button.primary");
    hand.reads("#m-login", "is no login");
}

/// A field of date and time takes keys in the order of the browser's own language, and a tabulator between its parts.
fn set_a_layer(hand: &Hand<'_>) {
    hand.write("#f-name", "first line");
    hand.write("#f-first", &format!("03022026{}0800AM", key::TAB));
    hand.write("#f-people", "ann, sam");
    hand.press_on("form[action='/on-call/layers'] .button");
    hand.comes_to("done=recorded");
    hand.reads("main", "first line");
}

fn set_a_layer_of_strangers(hand: &Hand<'_>) {
    hand.write("#f-name", "first line");
    hand.write("#f-first", &format!("03022026{}0800AM", key::TAB));
    hand.write("#f-people", "nobody-known");
    hand.press_on("form[action='/on-call/layers'] .button");
    hand.reads("[role=alert]", "nobody-known");
    assert_eq!(hand.browser.count("#f-name[value='first line']"), 1, "what was sent is kept");
}

/// A wish is what a request became: it is classified here, and stands in the list.
fn look_at_a_wish(hand: &Hand<'_>) {
    hand.go("/clients/acme/tickets/T-2?open=classify");
    hand.pick("#f-class", "feature");
    hand.press_on("#act-classify button");
    hand.comes_to("done=recorded");
    hand.go("/wishes");
    hand.press_on("main th a");
    hand.comes_to("/tickets/T-2");
}

fn no_such_wish(hand: &Hand<'_>) {
    hand.reads("main .empty", "No wish yet");
}

fn look_at_what_came_in(hand: &Hand<'_>) {
    hand.press_on("main a[href*='of=received']");
    hand.comes_to("of=received");
    hand.reads("main", "Search finds nothing");
}

fn no_such_month(hand: &Hand<'_>) {
    hand.go("/clients/acme/attainment/2026-13");
    hand.reads("h1", "There is no such page");
}

fn look_at_the_instance(hand: &Hand<'_>) {
    hand.press_on("main a[href='/clients/acme/instances/wiki']");
    hand.comes_to("/clients/acme/instances/wiki");
    hand.reads("h1", "wiki");
}

fn no_such_instance(hand: &Hand<'_>) {
    hand.go("/clients/acme/instances/nothing");
    hand.reads("h1", "There is no such page");
}

fn look_at_a_request(hand: &Hand<'_>) {
    hand.press_on(&format!("main th a[href='{T1}']"));
    hand.comes_to(T1);
    hand.reads("h1", "Search finds nothing");
}

fn no_such_request(hand: &Hand<'_>) {
    hand.go("/clients/acme/tickets/T-99");
    hand.reads("h1", "There is no such page");
}

/// What is read stays.
fn read_all(hand: &Hand<'_>) {
    hand.press_on("form[action='/inbox/read'] .button");
    hand.browser
        .wait("nothing new", |b| b.count("tr.unread") == 0 && b.count("form[action='/inbox/read']") == 0);
    hand.reads("main", "answered.");
}

/// Nothing is filled in: what is new says so.
fn nothing_read(hand: &Hand<'_>) {
    assert!(0 < hand.browser.count("tr.unread"), "sam answered");
}

fn end_a_token(hand: &Hand<'_>) {
    hand.go("/account");
    hand.write("#f-name", "exporter");
    hand.press_on("form[action='/account/tokens'] .button");
    hand.reads("main", "Copy this token now");
    hand.go("/settings");
    hand.press_on("form[action='/settings/tokens/end'] button");
    hand.comes_to("done=token-ended");
}

fn make_a_token_for_no_time(hand: &Hand<'_>) {
    hand.go("/account");
    hand.write("#f-name", "exporter");
    hand.write("#f-networks", "10.0.0.0/99");
    hand.press_on("form[action='/account/tokens'] .button");
    hand.reads("#m-networks", "10.0.0.0/99");
}

impl Way {
    fn kind(self) -> Kind {
        match self {
            Way::Light | Way::Keys => Kind::DESK,
            Way::Dark => Kind { dark: true, ..Kind::DESK },
            Way::Phone => Kind::PHONE,
            Way::NoScript => Kind { script_blocked: true, ..Kind::DESK },
        }
    }
}

impl Hand<'_> {
    fn signed_in<'o>(open: &'o Open, way: Way, who: &str) -> Hand<'o> {
        let hand = Hand { browser: open.browser(way.kind(), "/sign-in"), open, way };
        hand.write("#f-login", who);
        hand.write("#f-password", PASSWORD);
        hand.press_on("main form button");
        hand.browser.wait("signed in", |b| b.url() == format!("{}/", open.origin));
        hand
    }

    fn go(&self, path: &str) {
        self.browser.go(&format!("{}{path}", self.open.origin));
    }

    /// Follows a link, presses a button, ticks a box, opens what is folded.
    #[track_caller]
    fn press_on(&self, selector: &str) {
        if self.way != Way::Keys {
            return self.browser.click(selector);
        }
        self.reach(selector);
        let is_box = self.is_there(selector, "e.type === 'checkbox'");
        self.browser.press(&if is_box { ' ' } else { key::ENTER }.to_string());
    }

    /// One of several: among them the arrows move.
    #[track_caller]
    fn choose(&self, selector: &str) {
        if self.way != Way::Keys {
            return self.browser.click(selector);
        }
        let name = self.browser.run(&format!("return document.querySelector(\"{selector}\").name"));
        self.reach(&format!("input[name={}]", name.as_str().unwrap()));
        for _ in 0..TABS_MAX {
            if self.is_there(selector, "e.checked") {
                return;
            }
            self.browser.press(&key::DOWN.to_string());
        }
        panic!("{selector} is not reached by arrows");
    }

    #[track_caller]
    fn pick(&self, selector: &str, value: &str) {
        let option = format!("{selector} option[value='{value}']");
        if self.way != Way::Keys {
            return self.browser.click(&option);
        }
        self.reach(selector);
        for _ in 0..TABS_MAX {
            if self.is_there(selector, &format!("e.value === '{value}'")) {
                return;
            }
            self.browser.press(&key::DOWN.to_string());
        }
        panic!("{option} is not reached by arrows");
    }

    #[track_caller]
    fn write(&self, selector: &str, text: &str) {
        if self.way != Way::Keys {
            return self.browser.fill(selector, text);
        }
        self.reach(selector);
        self.browser.press(text);
    }

    /// Moves on by the tabulator until it stands there, and sees that it does.
    #[track_caller]
    fn reach(&self, selector: &str) {
        for _ in 0..TABS_MAX {
            if self.is_there(selector, "e === document.activeElement") {
                assert!(self.is_there(selector, "e.matches(':focus-visible')"), "{selector}");
                return;
            }
            self.browser.press(&key::TAB.to_string());
        }
        panic!("{selector} is not reached by {TABS_MAX} tabs at {}", self.browser.url());
    }

    fn is_there(&self, selector: &str, is_so: &str) -> bool {
        let any = format!("return [...document.querySelectorAll(\"{selector}\")].some((e) => {is_so})");
        self.browser.run(&any) == true
    }

    #[track_caller]
    fn comes_to(&self, part: &str) {
        self.browser.wait(part, |b| b.url().contains(part));
    }

    #[track_caller]
    fn reads(&self, selector: &str, words: &str) {
        let told = |b: &Browser| b.count(selector) > 0 && b.text(selector).contains(words);
        self.browser.wait(&format!("{selector} with {words}"), told);
    }

    /// Rules are asked by script; without it there is a picture.
    #[track_caller]
    fn sound(&self, name: &str) {
        let name = format!("page-{name}-{:?}", self.way).to_lowercase();
        match self.way {
            Way::NoScript => self.browser.picture(&name),
            _ => sound(&self.browser, &name),
        }
    }
}

/// Stops on the way to anything on a page.
const TABS_MAX: usize = 120;
