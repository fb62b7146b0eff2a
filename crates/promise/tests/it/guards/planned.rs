//! Planned work that takes both sides or a confirmation: what an approval covers, who may give it, and what nobody confirms away.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

use agreement::{Agreement, Terms};
use promise::{History, Versions, approval::proposal, window::in_force};

use crate::story::{Deal, ENTERPRISE, MANAGED, PREMIUM, act, instant, proposed, tell};

const OUTSIDE: &str = "it lies outside `window`: move it into the slot, or name in the reason a proposal that the client \
    approved for that time and those instances, and that no other record names [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]";

const APPROVED: &str = "sun 11:00 fact proposal.approved proposal=P-1 side=client by piet";

/// Wednesdays at 22:00 in Amsterdam.
fn window(side: &str, who: &str, ends: &str) -> String {
    format!(
        "sun 10:00 fact proposal.made proposal=P-1 kind=window side={side} \
         window={{\"start\":\"2026-03-11T22:00:00\",\"rrule\":\"FREQ=WEEKLY;BYDAY=WE{ends}\",\"tz\":\"Europe/Amsterdam\",\"minutes\":240}} \
         by {who}"
    )
}

fn work(from: &str, to: &str, rest: &str) -> String {
    format!("03-09 10:00 maintenance M-1 scheduled upgrade on wiki from {from} to {to} impact down {rest}")
}

fn state(deal: Deal, story: &str) -> &'static str {
    let (facts, now) = tell(&format!("{story}; now 03-20 00:00"));
    let versions = deal.versions();
    let found = proposal(versions.latest(), &History::new(&facts), &"P-1".parse().unwrap(), now);
    found.unwrap().state.name()
}

#[test]
fn a_month_without_a_reason_is_not_confirmed_by_way_of_an_overlap() {
    let first = "fri 10:00 maintenance M-1 scheduled upgrade on wiki from 03-10 10:00 to 03-10 12:00 impact down by eva";
    let month =
        "fri 11:00 maintenance M-2 scheduled upgrade on wiki from 03-10 11:00 to 04-10 12:00 impact down";
    act(
        MANAGED,
        &format!("{first}; {month} by eva"),
        "it takes more than 7 days, in which nothing would count: shorten it, or write the reason that it takes as long, and confirm",
    );
    let explained = format!("{first}; {month} because \"they move house\" by eva");
    let (facts, second) = proposed(&explained);
    let refusal = promise::guard::allow(&MANAGED.versions(), &History::new(&facts), &second).unwrap_err();
    assert!(refusal.may_be_confirmed() && refusal.to_string().starts_with("M-1 is on file"), "{refusal}");
}

#[test]
fn sh_def_17_a_gravity_that_is_confirmed_gets_past_no_other_guard() {
    let lab = "mon 00:00 instance lab test \"Lab\" from mon 00:00";
    let request = |channel: &str| {
        format!("{lab}; mon 10:00 request T-1 priority P1 about lab channel {channel} by jan")
    };
    let said = |channel: &str| {
        let (facts, request) = proposed(&request(channel));
        promise::guard::allow(&PREMIUM.versions(), &History::new(&facts), &request).unwrap_err()
    };
    assert!(said("portal").may_be_confirmed(), "{}", said("portal"));
    let refusal = said("pigeon");
    assert!(
        refusal.to_string().starts_with("`pigeon` is no way in") && !refusal.may_be_confirmed(),
        "{refusal}"
    );
}

#[test]
fn sh_maint_05_a_contact_may_propose_a_window_and_only_an_approver_agrees_to_it() {
    let wednesday = work("03-18 21:00", "03-19 01:00", "");
    let provider = "sun 10:30 fact proposal.approved proposal=P-1 side=provider by anna";
    let by_contact = format!("{}; {provider}", window("client", "jan", ""));
    act(ENTERPRISE, &by_contact, "allowed");
    assert_eq!(state(ENTERPRISE, &by_contact), "pending");
    act(ENTERPRISE, &format!("{by_contact}; {wednesday}"), OUTSIDE);
    act(ENTERPRISE, &format!("{by_contact}; {APPROVED}"), "allowed");
    act(ENTERPRISE, &format!("{by_contact}; {APPROVED}; {wednesday}"), "allowed");
    let by_approver = format!("{}; {provider}", window("client", "piet", ""));
    act(ENTERPRISE, &format!("{by_approver}; {wednesday}"), "allowed");
    // Where the file gives it to no role, it is anybody's of the client.
    let text = ENTERPRISE.text.replace("\"window.approve\", ", "");
    let unnamed = Deal { text: text.leak(), ..ENTERPRISE };
    act(unnamed, &format!("{by_contact}; {wednesday}"), "allowed");
}

#[test]
fn sh_def_12_refusing_takes_what_approving_takes_and_whoever_proposed_takes_it_back() {
    let refused =
        |who: &str| format!("sun 11:00 fact proposal.refused proposal=P-1 side=client reason=no by {who}");
    let not_theirs = "jan may not do this: ask somebody of the client who is approver [SH-DEF-12]";
    let theirs = window("provider", "anna", "");
    act(ENTERPRISE, &format!("{theirs}; {}", refused("jan")), not_theirs);
    act(ENTERPRISE, &format!("{theirs}; {}", refused("piet")), "allowed");
    act(ENTERPRISE, &format!("{}; {}", window("client", "jan", ""), refused("jan")), "allowed");
    act(ENTERPRISE, &format!("{}; {}", window("client", "piet", ""), refused("jan")), not_theirs);
}

#[test]
fn sh_maint_09_only_work_that_both_approved_lies_outside_the_window() {
    let named = work("03-24 10:00", "03-24 12:00", "because \"as agreed in P-1.\"");
    let outside = |side: &str, who: &str, kind: &str| {
        format!("sun 10:00 fact proposal.made proposal=P-1 kind={kind} side={side} what=disk by {who}")
    };
    let made = outside("provider", "anna", "window");
    act(ENTERPRISE, &format!("{made}; {APPROVED}; {named}"), "allowed");
    for story in [
        made.clone(),
        format!(
            "{made}; {}",
            APPROVED.replace("approved", "refused").replace("side=client", "side=client reason=no")
        ),
        format!("{}; {APPROVED}", window("provider", "anna", "")),
        format!("{}; {APPROVED}", outside("provider", "anna", "order")),
        outside("client", "piet", "window"),
    ] {
        act(ENTERPRISE, &format!("{story}; {named}"), OUTSIDE);
    }
}

#[test]
fn sh_maint_09_what_was_approved_is_that_work_once_and_no_other() {
    let made = |what: &str| {
        format!(
            "sun 10:00 fact proposal.made proposal=P-1 kind=window side=provider what=disk {what} by anna; {APPROVED}"
        )
    };
    let of = |from: &str, to: &str, on: &str| {
        made(&format!(
            "work={{\"starts_at\":\"2026-{from}:00Z\",\"ends_at\":\"2026-{to}:00Z\",\"instances\":[{on}]}}"
        ))
    };
    let named = work("03-24 10:00", "03-24 12:00", "because \"as agreed in P-1.\"");
    act(ENTERPRISE, &format!("{}; {named}", of("03-24T08:00", "03-24T12:00", "\"wiki\"")), "allowed");
    for (from, to, on) in [
        ("03-24T10:30", "03-24T13:00", "\"wiki\""),
        ("03-24T08:00", "03-24T10:30", "\"wiki\""),
        ("03-24T08:00", "03-24T12:00", "\"jira\""),
    ] {
        act(ENTERPRISE, &format!("{}; {named}", of(from, to, on)), OUTSIDE);
    }
    // Once: a second record that names it is refused, until the first is called off. So is one whose proposal says no time.
    let second = named.replace("M-1", "M-2").replace("03-09 10:00", "03-09 11:00");
    for made in [of("03-24T08:00", "03-24T12:00", "\"wiki\""), made("")] {
        act(ENTERPRISE, &format!("{made}; {named}; {second}"), OUTSIDE);
        let gone = "03-09 10:30 fact maintenance.cancelled maintenance=M-1 by eva";
        act(ENTERPRISE, &format!("{made}; {named}; {gone}; {second}"), "allowed");
    }
    let asked = |work: &str| {
        format!(
            "sun 10:00 fact proposal.made proposal=P-1 kind=window side=provider what=disk work={work} by anna"
        )
    };
    let reversed = "{\"starts_at\":\"2026-03-24T12:00:00Z\",\"ends_at\":\"2026-03-24T08:00:00Z\",\"instances\":[\"wiki\"]}";
    let nowhere =
        "{\"starts_at\":\"2026-03-24T08:00:00Z\",\"ends_at\":\"2026-03-24T12:00:00Z\",\"instances\":[]}";
    for work in [reversed, nowhere] {
        let (facts, second) = proposed(&asked(work));
        assert!(
            promise::guard::allow(&ENTERPRISE.versions(), &History::new(&facts), &second).is_err(),
            "{work}"
        );
    }
}

#[test]
fn sh_maint_05_after_the_last_agreed_window_the_signed_one_holds_again() {
    let story = |ends: &str, work: &str| format!("{}; {APPROVED}; {work}", window("provider", "anna", ends));
    let (in_it, after) = (work("03-15 02:00", "03-15 06:00", ""), work("03-22 02:00", "03-22 06:00", ""));
    for ends in [";COUNT=2", ";UNTIL=20260318"] {
        act(ENTERPRISE, &story(ends, &work("03-18 21:00", "03-19 01:00", "")), "allowed");
        act(ENTERPRISE, &story(ends, &work("03-25 21:00", "03-26 01:00", "")), OUTSIDE);
        act(ENTERPRISE, &story(ends, &in_it), OUTSIDE);
        act(ENTERPRISE, &story(ends, &after), "allowed");
        let (facts, _) = tell(&format!("{}; {APPROVED}; now 04-01 00:00", window("provider", "anna", ends)));
        let versions = ENTERPRISE.versions();
        let agreed =
            |at: &str| in_force(versions.latest(), &History::new(&facts), instant(at)).unwrap().by.is_some();
        assert_eq!([agreed("03-19 00:59"), agreed("03-19 01:00")], [true, false], "{ends}");
    }
}

#[test]
fn sh_maint_05_a_newer_signed_file_takes_the_place_of_what_was_agreed_before_it() {
    let [first, second] = ["aa", "bb"].map(|byte| byte.repeat(32));
    let file = |identity: &String| {
        Terms::compile(Agreement::read(ENTERPRISE.text).0.unwrap(), identity.clone()).unwrap()
    };
    let signed = |at: &str, identity: &str| {
        format!(
            "{at} fact agreement.activated agreement=SH-2026-0001 sha256={identity} tier=enterprise by anna"
        )
    };
    let agreed = |last: &str| {
        let story =
            [&signed("mon 00:00", &first), &window("provider", "anna", ""), APPROVED, last].join("; ");
        let (facts, now) = tell(&format!("{story}; now 03-20 00:00"));
        let versions = Versions::activated([file(&first), file(&second)], &facts).unwrap();
        in_force(versions.latest(), &History::new(&facts), now).unwrap().by.is_some()
    };
    assert!(agreed(&signed("03-10 00:00", &first)), "the same file again");
    assert!(!agreed(&signed("03-10 00:00", &second)));
    let since = "03-11 10:00 fact proposal.made proposal=P-2 kind=window side=client \
        window={\"start\":\"2026-03-13T22:00:00\",\"rrule\":\"FREQ=WEEKLY\",\"tz\":\"UTC\",\"minutes\":240} by piet; \
        03-11 11:00 fact proposal.approved proposal=P-2 side=provider by anna";
    assert!(agreed(&format!("{}; {since}", signed("03-10 00:00", &second))));
}

#[test]
fn sh_maint_12_no_record_is_reversed_or_backdated_whatever_the_agreement_says() {
    let plan = |kind: &str, from: &str, to: &str| {
        format!("fri 10:00 maintenance M-1 {kind} upgrade on wiki from {from} to {to} impact down by eva")
    };
    act(MANAGED, &plan("scheduled", "fri 12:00", "fri 13:00"), "allowed");
    act(
        MANAGED,
        &plan("scheduled", "fri 13:00", "fri 12:00"),
        "maintenance ends after it starts: this one runs from Fri 6 Mar 13:00 to Fri 6 Mar 12:00",
    );
    act(
        MANAGED,
        &plan("emergency", "fri 09:00", "fri 12:00"),
        "an emergency starts when it is recorded at the earliest, at Fri 6 Mar 10:00: it cannot be backdated",
    );
    act(
        MANAGED,
        &plan("scheduled", "fri 08:00", "fri 09:00"),
        "scheduled maintenance is put on file before it starts: this is an emergency from Fri 6 Mar 10:00 on",
    );
    let nowhere = "fri 10:00 fact maintenance.planned maintenance=M-1 kind=scheduled cause=upgrade expected_impact=down \
        instances=[] starts_at=2026-03-09T10:00:00Z ends_at=2026-03-09T12:00:00Z by eva";
    act(MANAGED, nowhere, "name at least one instance");
}
