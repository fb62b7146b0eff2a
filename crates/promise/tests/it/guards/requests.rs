//! Requests of the hosted service: who sends and answers them, and what may be changed about them.

use promise::{History, follow::follows, guard::allow};

use crate::story::{Deal, ENTERPRISE, MANAGED, STANDARD, act, proposed};

const WIKI: &str = "mon 00:00 instance wiki production \"Wiki\" from mon 00:00; \
                    mon 00:00 instance lab test \"Lab\" from mon 00:00";

#[test]
fn sh_sup_02_a_channel_of_another_tier_is_logged_all_the_same() {
    act(STANDARD, "mon 10:00 request T-1 channel phone by jan", "allowed");
    // Unless the file does not say so.
    let strict = STANDARD.text.replace("unentitled     = \"log-and-clock\"\n", "");
    assert!(strict != STANDARD.text);
    let strict = Deal { text: strict.leak(), ..STANDARD };
    act(
        strict,
        "mon 10:00 request T-1 channel phone by jan",
        "`phone` is no way in under this agreement: use email, portal [SH-SUP-02, SH-DEF-10, SH-REQ-03]",
    );
}

#[test]
fn sh_def_10_another_way_in_is_no_request() {
    act(
        ENTERPRISE,
        "mon 10:00 request T-1 channel fax by jan",
        "`fax` is no way in under this agreement: use chat, email, phone, portal [SH-SUP-02, SH-DEF-10, SH-REQ-03]",
    );
}

#[test]
fn sh_def_09_only_the_support_team_answers() {
    let request = "mon 10:00 request T-1 by jan";
    act(STANDARD, &format!("{request}; mon 11:00 reply T-1 by anna"), "allowed");
    act(
        STANDARD,
        &format!("{request}; mon 11:00 reply T-1 by jan"),
        "jan may not do this: ask somebody of the provider who is support [SH-DEF-09, SH-REQ-05]",
    );
    act(
        STANDARD,
        &format!("{request}; mon 11:00 reply T-1 by dirk"),
        "dirk may not do this: ask somebody of the provider who is support [SH-DEF-09, SH-REQ-05]",
    );
    // An automatic acknowledgement may be sent; it meets nothing (SH-ACK-02).
    act(STANDARD, &format!("{request}; mon 11:00 reply T-1 by auto"), "allowed");
}

#[test]
fn sh_def_11_only_contacts_open_requests() {
    act(
        STANDARD,
        "mon 10:00 request T-1 by nobody",
        "nobody may not do this: ask somebody of the client who is contact \
         [SH-DEF-12, SH-DEF-11, SH-DEF-13, SH-DEF-14, SH-DEF-15, SH-DEF-16]",
    );
    act(STANDARD, "mon 10:00 request T-1 by anna", "allowed");
}

/// What somebody else wrote is held by those who received it, where the file says so, and settled once.
#[test]
fn sh_def_11_a_message_of_somebody_else_is_held_and_settled_once() {
    let held = "mon 10:00 fact message.held message=H-1 channel=email by anna";
    act(STANDARD, held, "allowed");
    act(
        STANDARD,
        &format!("{held}; {held}"),
        "there is a message of that name already: give this one another id",
    );
    act(
        STANDARD,
        "mon 10:00 fact message.held message=H-1 channel=email by jan",
        "that is for the provider's people to do: write to them",
    );
    act(
        MANAGED,
        "mon 10:00 fact message.held message=H-1 channel=portal by eva",
        "the agreement does not say that messages of people who are no contacts are held: answer it where it came in \
         [MP-SCOPE-03, MP-SLO-10, MP-SLO-11]",
    );
    let aside = "mon 11:00 fact message.settled message=H-1 reason=\"spam\" by anna";
    act(STANDARD, aside, "there is none before it: a held message comes first (`message.held`)");
    act(STANDARD, &format!("{held}; {aside}"), "allowed");
    act(
        STANDARD,
        &format!("{held}; {aside}; mon 12:00 fact message.settled message=H-1 reason=x by jan"),
        "it was decided already, and that stands",
    );
    let bare = "mon 11:00 fact message.settled message=H-1 by jan";
    act(STANDARD, &format!("{held}; {bare}"), "say why it is put aside: both sides read it");
    let request = "mon 11:00 request T-1 by jan";
    let made = "mon 11:00 fact message.settled message=H-1 ticket=T-1 by";
    act(STANDARD, &format!("{held}; {request}; {made} jan"), "allowed");
    act(
        STANDARD,
        &format!("{held}; {request}; {made} anna"),
        "one of the client's contacts makes a request of it: put it aside, or leave it to them",
    );
    act(
        STANDARD,
        &format!(
            "{held}; {request}; {made} jan; mon 12:00 fact message.settled message=H-1 ticket=T-1 by jan"
        ),
        "it was decided already, and that stands",
    );
    act(
        STANDARD,
        &format!(
            "{held}; {request}; mon 11:00 fact message.settled message=H-1 ticket=T-1 reason=spam by jan"
        ),
        "it becomes a request or is put aside, not both: leave the reason out",
    );
}

/// Whoever may ask says what becomes of it, a request or nothing; and the request is one of this client's that is there.
#[test]
fn sh_def_11_who_may_ask_settles_what_is_held_and_names_a_request_that_is_there() {
    let held = "mon 10:00 fact message.held message=H-1 channel=email by anna";
    let asides = [("jan", "allowed"), ("anna", "allowed")];
    for (who, expected) in asides {
        act(
            STANDARD,
            &format!("{held}; mon 11:00 fact message.settled message=H-1 reason=spam by {who}"),
            expected,
        );
    }
    for how in ["reason=spam", "ticket=T-1"] {
        act(
            STANDARD,
            &format!(
                "{held}; mon 10:30 request T-1 by jan; mon 11:00 fact message.settled message=H-1 {how} by piet"
            ),
            "piet may not do this: ask somebody of the client who is contact \
             [SH-DEF-12, SH-DEF-11, SH-DEF-13, SH-DEF-14, SH-DEF-15, SH-DEF-16]",
        );
    }
    act(
        STANDARD,
        &format!("{held}; mon 11:00 fact message.settled message=H-1 reason=spam by auto"),
        "message.settled takes a person: an automaton may only suggest it",
    );
    act(
        STANDARD,
        &format!("{held}; mon 11:00 fact message.settled message=H-1 ticket=T-9 by jan"),
        "there is no request T-9 of this client: name another",
    );
}

#[test]
fn sh_req_05_the_clients_end_users_are_not_answered_directly() {
    // Somebody of the client who is no contact, such as an end user, is pointed to those who are.
    let (facts, act) = proposed("mon 10:00 request T-1 by nobody");
    let refusal = allow(&STANDARD.versions(), &History::new(&facts), &act).unwrap_err();
    assert!(refusal.to_string().contains("ask somebody of the client who is contact"), "{refusal}");
    assert!(!refusal.may_be_confirmed());
}

#[test]
fn sh_def_12_a_removed_contact_opens_nothing_from_then_on() {
    let removed = "mon 10:00 fact contact.change_requested contact=jan change=remove by piet";
    act(
        STANDARD,
        &format!("{removed}; mon 10:01 request T-1 by jan"),
        "jan is no contact any more since Mon 2 Mar 10:00: ask another contact, or have jan added again [SH-DEF-12]",
    );
    let again = format!("{removed}; mon 11:00 fact contact.change_requested contact=jan change=add by piet");
    act(STANDARD, &format!("{again}; mon 12:00 request T-1 by jan"), "allowed");
}

#[test]
fn sh_def_14_a_class_is_one_of_the_list() {
    act(STANDARD, "mon 10:00 request T-1 by jan; mon 11:00 classify T-1 as standard by anna", "allowed");
    act(
        STANDARD,
        "mon 10:00 request T-1 by jan; mon 11:00 classify T-1 as odd by anna",
        "the class `odd` is not in the agreement: use unusable, standard, feature \
         [SH-DEF-11, SH-DEF-13, SH-DEF-14, SH-DEF-15, SH-DEF-16]",
    );
}

#[test]
fn sh_def_17_p1_off_production_asks_to_confirm() {
    act(STANDARD, &format!("{WIKI}; mon 10:00 request T-1 priority P1 about wiki by jan"), "allowed");
    let story = format!("{WIKI}; mon 10:00 request T-1 priority P1 about lab by jan");
    act(
        STANDARD,
        &story,
        "P1 is for a production instance: name one, or confirm that this is as grave; the provider is told [SH-DEF-17]",
    );
    let (facts, proposed) = proposed(&story);
    let refusal = allow(&STANDARD.versions(), &History::new(&facts), &proposed).unwrap_err();
    assert!(refusal.may_be_confirmed());
    act(STANDARD, &format!("{WIKI}; mon 10:00 request T-1 priority P2 about lab by jan"), "allowed");
}

#[test]
fn sh_char_01_the_client_gives_a_priority_only_on_sending() {
    act(
        STANDARD,
        "mon 10:00 request T-1 priority P3 by jan; mon 11:00 reprioritise T-1 to P1 saying \"urgent now\" by jan",
        "only the provider changes a priority once a request is sent: open an appeal instead \
         [SH-CHAR-01, SH-CHAR-04, SH-CHAR-05]",
    );
}

#[test]
fn sh_char_02_a_client_reads_why_its_request_is_something_else_now() {
    let once = "mon 10:00 request T-1 by jan; mon 11:00 classify T-1 as unusable by anna";
    act(STANDARD, once, "allowed");
    act(STANDARD, &format!("{once}; mon 12:00 classify T-1 as unusable by anna"), "allowed");
    act(
        STANDARD,
        &format!("{once}; mon 12:00 classify T-1 as standard saying \"one page is slow\" by anna"),
        "allowed",
    );
    act(
        STANDARD,
        &format!("{once}; mon 12:00 classify T-1 as standard by anna"),
        "write the sentence that tells the client of the change: it is not saved without one \
         [SH-DEF-11, SH-DEF-13, SH-DEF-14, SH-DEF-15, SH-DEF-16]",
    );
}

#[test]
fn sh_char_03_the_class_is_final() {
    act(
        STANDARD,
        "mon 10:00 request T-1 by jan; mon 11:00 classify T-1 as unusable by jan",
        "the provider decides what kind of request it is, and that is final: \
         appeal against the priority if it is wrong [SH-CHAR-03]",
    );
}

#[test]
fn sh_char_05_a_change_that_the_client_is_not_told_of_is_refused() {
    let request = "mon 10:00 request T-1 priority P1 by jan";
    let told = format!("{request}; mon 11:00 reprioritise T-1 to P3 saying \"one user is affected\" by anna");
    act(STANDARD, &told, "allowed");
    act(
        STANDARD,
        &told.replace("one user is affected", " "),
        "write the sentence that tells the client of the change: it is not saved without one \
         [SH-CHAR-01, SH-CHAR-04, SH-CHAR-05]",
    );
    act(
        STANDARD,
        &told.replace("to P3", "to P9"),
        "the priority `P9` is not in the agreement: use P1, P2, P3, P4 \
         [SH-DEF-11, SH-DEF-13, SH-DEF-14, SH-DEF-15, SH-DEF-16]",
    );
}

#[test]
fn sh_char_06_an_appeal_is_against_a_change_and_a_manager_decides_it() {
    let changed = "mon 10:00 request T-1 priority P1 by jan; \
                   mon 11:00 reprioritise T-1 to P3 saying \"one user\" by anna";
    let appeal = "mon 12:00 fact appeal.opened appeal=A-1 ticket=T-1 by jan";
    act(STANDARD, &format!("{changed}; {appeal}"), "allowed");
    act(
        STANDARD,
        &format!("mon 10:00 request T-1 priority P1 by jan; {appeal}"),
        "the priority of T-1 was never changed: there is nothing to appeal against [SH-CHAR-06]",
    );
    let decide = |who| {
        format!(
            "{changed}; {appeal}; mon 13:00 fact appeal.decided appeal=A-1 ticket=T-1 upheld=true text=5e1f by {who}"
        )
    };
    act(STANDARD, &decide("mia"), "allowed");
    act(
        STANDARD,
        &decide("anna"),
        "anna may not do this: ask somebody of the provider who is manager [SH-DEF-09]",
    );
    act(
        STANDARD,
        &decide("auto"),
        "appeal.decide takes a person: an automaton may only suggest it [SH-DEF-09]",
    );
}

#[test]
fn sh_ack_04_a_feature_request_is_logged_and_closed_in_the_same_act() {
    let (facts, act) = proposed("mon 10:00 request T-1 by jan; mon 11:00 classify T-1 as feature by anna");
    let follows = follows(&STANDARD.versions(), &History::new(&facts), &act);
    let what: Vec<String> = follows.iter().map(|f| format!("{:?} {}", f.what, f.clauses.join(" "))).collect();
    assert_eq!(what, ["Record(WishLogged) SH-ACK-04 SH-ACK-05", "Then(CloseRequest) SH-ACK-04 SH-ACK-05"]);
}
