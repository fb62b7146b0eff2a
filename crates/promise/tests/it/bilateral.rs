//! What needs both parties: rules, precedents, orders, integrations.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

use promise::{
    History,
    approval::{proposal, proposals},
    guard::allow,
};

use crate::story::{MANAGED, act, proposed, show, tell};

/// How a proposal stands, for whom it waits, and which step comes next.
fn stands(story: &str) -> String {
    let (facts, now) = tell(story);
    let versions = MANAGED.versions();
    let found = proposal(versions.latest(), &History::new(&facts), &"P-1".parse().unwrap(), now).unwrap();
    let next = found.next_step.map_or(String::new(), |step| format!(", next {}", step.name()));
    match &found.state {
        promise::approval::ProposalState::Pending { waits_for } => {
            let sides: Vec<&str> = waits_for.iter().map(|side| side.name()).collect();
            format!("pending for {}{next}", sides.join(" and "))
        }
        promise::approval::ProposalState::Approved { at } => format!("approved {}", show(*at)),
        promise::approval::ProposalState::Refused { at, side, reason } => {
            format!("refused {} by the {}: {reason}", show(*at), side.name())
        }
    }
}

fn made(kind: &str, side: &str, who: &str) -> String {
    format!("mon 10:00 fact proposal.made proposal=P-1 kind={kind} side={side} by {who}")
}

#[test]
fn mp_sop_01_the_client_may_propose_a_rule() {
    let rule = made("sop", "client", "poc");
    act(MANAGED, &rule, "allowed");
    assert_eq!(stands(&format!("{rule}; now tue 10:00")), "pending for provider");
}

#[test]
fn mp_sop_05_either_side_proposes_for_itself() {
    act(MANAGED, &made("sop", "provider", "eva"), "allowed");
    act(
        MANAGED,
        &made("sop", "client", "eva"),
        "each party approves for itself: provider cannot act for the client",
    );
    act(MANAGED, &made("window", "client", "poc"), "the agreement asks for no `window` of both parties");
}

#[test]
fn mp_sop_06_a_rule_needs_both_and_a_refusal_a_reason() {
    let rule = made("sop", "provider", "eva");
    assert_eq!(stands(&format!("{rule}; now 06-01 10:00")), "pending for client", "silence is never consent");
    let approve = "tue 10:00 fact proposal.approved proposal=P-1 side=client by poc";
    act(MANAGED, &format!("{rule}; {approve}"), "allowed");
    assert_eq!(stands(&format!("{rule}; {approve}; now wed 10:00")), "approved Tue 3 Mar 10:00");
    let again = "tue 10:00 fact proposal.approved proposal=P-1 side=provider by eva";
    act(
        MANAGED,
        &format!("{rule}; {again}"),
        "the provider approved already: it waits for the other party [MP-SOP-01, MP-SOP-02, MP-SOP-05, MP-SOP-06]",
    );
    let refuse = |reason: &str| {
        format!("{rule}; tue 10:00 fact proposal.refused proposal=P-1 side=client reason={reason} by poc")
    };
    act(MANAGED, &refuse("too-strict"), "allowed");
    act(MANAGED, &refuse(""), "say why it is refused [MP-SOP-01, MP-SOP-02, MP-SOP-05, MP-SOP-06]");
    let refused = refuse("too-strict");
    assert_eq!(
        stands(&format!("{refused}; now wed 10:00")),
        "refused Tue 3 Mar 10:00 by the client: too-strict"
    );
    act(
        MANAGED,
        &format!("{refused}; wed 10:00 fact proposal.approved proposal=P-1 side=client by poc"),
        "proposal P-1 is refused: make a new one [MP-SOP-01, MP-SOP-02, MP-SOP-05, MP-SOP-06]",
    );
    act(
        MANAGED,
        &format!("{rule}; tue 10:00 fact proposal.approved proposal=P-1 side=client by rik"),
        "rik may not do this: ask somebody of the client who is poc [MP-CLI-04]",
    );
}

#[test]
fn mp_sop_06_the_silent_party_is_reminded() {
    let (facts, now) = tell(&format!("{}; now mon 10:00", made("sop", "client", "poc")));
    let versions = MANAGED.versions();
    let found = &proposals(versions.latest(), &History::new(&facts), now)[0];
    assert_eq!(
        found.reminders.iter().map(|at| show(*at)).collect::<Vec<_>>(),
        ["Sat 7 Mar 10:00", "Thu 12 Mar 10:00"]
    );
}

#[test]
fn mp_scope_02_a_precedent_takes_both_and_becomes_an_item_of_the_catalogue() {
    let similar = made("precedent", "client", "poc");
    assert_eq!(stands(&format!("{similar}; now fri 10:00")), "pending for provider");
    let (facts, now) = tell(&format!(
        "{similar}; tue 10:00 fact proposal.approved proposal=P-1 side=provider by eva; now wed 10:00"
    ));
    let versions = MANAGED.versions();
    let found = &proposals(versions.latest(), &History::new(&facts), now)[0];
    assert_eq!(found.becomes, Some(agreement::Becomes::CatalogueItem));
}

#[test]
fn mp_ex_cc_01_work_out_of_scope_needs_an_order_of_both() {
    let order = made("order", "provider", "eva");
    let approved = "tue 10:00 fact proposal.approved proposal=P-1 side=client by poc";
    let work = "wed 10:00 fact work.logged work=W-1 order=P-1 minutes=30 by eva";
    act(MANAGED, &format!("{order}; {approved}; {work}"), "allowed");
    let clauses = "[MP-EX-00, MP-EX-CC-01, MP-INT-02, MP-VPN-03, MP-VPN-04, MP-COB-02]";
    act(
        MANAGED,
        &format!("{order}; {work}"),
        &format!("`P-1` is no order that both parties approved {clauses}"),
    );
    let bare = "wed 10:00 fact work.logged work=W-1 minutes=30 by eva";
    act(MANAGED, bare, &format!("work outside the scope needs an approved order: name one {clauses}"));
    // A rule is no order, though both approved it.
    let rule = format!("{}; {approved}; {work}", made("sop", "provider", "eva"));
    act(MANAGED, &rule, &format!("`P-1` is no order that both parties approved {clauses}"));
}

/// Work that takes an order of its own: refused without one, under this clause, and while the order is not of both.
#[track_caller]
fn takes_an_order(clause: &str, minutes: u32) {
    let work = |order: &str| format!("wed 10:00 fact work.logged work=W-1{order} minutes={minutes} by eva");
    let order = made("order", "client", "poc");
    let approved = "tue 10:00 fact proposal.approved proposal=P-1 side=provider by eva";
    let refused = "tue 10:00 fact proposal.refused proposal=P-1 side=provider reason=price by eva";
    act(MANAGED, &format!("{order}; {approved}; {}", work(" order=P-1")), "allowed");
    for story in [
        work(""),
        format!("{order}; {}", work(" order=P-1")),
        format!("{order}; {refused}; {}", work(" order=P-1")),
    ] {
        let (facts, act) = proposed(&story);
        let refusal = allow(&MANAGED.versions(), &History::new(&facts), &act).unwrap_err();
        assert!(refusal.clauses.iter().any(|cited| cited == clause), "{refusal}");
    }
}

#[test]
fn mp_vpn_03_long_vpn_work_takes_an_order() {
    takes_an_order("MP-VPN-03", 480);
}

#[test]
fn mp_vpn_04_onboarding_beyond_the_standard_takes_an_order() {
    takes_an_order("MP-VPN-04", 120);
}

#[test]
fn mp_cob_02_engineers_time_in_the_clients_programme_takes_an_order() {
    takes_an_order("MP-COB-02", 60);
}

#[test]
fn mp_int_01_an_integration_is_assessed_first() {
    let link = made("integration", "client", "poc");
    assert_eq!(stands(&format!("{link}; now tue 00:00")), "pending for provider, next provider-assessment");
    let security = format!(
        "{link}; tue 10:00 fact proposal.approved proposal=P-1 side=client step=client-security by poc"
    );
    act(
        MANAGED,
        &security,
        "`provider-assessment` comes next: approve that step first [MP-INT-01, MP-INT-02, MP-INT-03]",
    );
    let wrong = format!(
        "{link}; tue 10:00 fact proposal.approved proposal=P-1 side=client step=provider-assessment by poc"
    );
    act(
        MANAGED,
        &wrong,
        "`provider-assessment` is for the provider to approve [MP-INT-01, MP-INT-02, MP-INT-03]",
    );
}

fn step(at: &str, side: &str, step: &str, who: &str) -> String {
    format!("{at} fact proposal.approved proposal=P-1 side={side} step={step} by {who}")
}

/// An integration that the provider assessed, and that both security policies allow.
fn checked() -> String {
    [
        made("integration", "client", "poc"),
        step("tue 10:00", "provider", "provider-assessment", "eva"),
        step("tue 11:00", "provider", "provider-security", "eva"),
        step("tue 12:00", "client", "client-security", "poc"),
    ]
    .join("; ")
}

#[test]
fn mp_int_02_an_approved_integration_takes_an_order_of_both() {
    assert_eq!(
        stands(&format!("{}; now wed 00:00", checked())),
        "pending for provider and client, next change-order"
    );
    let order = step("wed 10:00", "client", "change-order", "poc");
    act(
        MANAGED,
        &format!("{}; {order}", checked()),
        "a change order that both parties approved must be on file first [MP-INT-01, MP-INT-02, MP-INT-03]",
    );
    let with_order = format!(
        "{}; tue 13:00 fact proposal.made proposal=O-1 kind=order side=provider by eva; \
         tue 14:00 fact proposal.approved proposal=O-1 side=client by poc; {order}",
        checked()
    );
    act(MANAGED, &with_order, "allowed");
    assert_eq!(stands(&format!("{with_order}; now thu 00:00")), "approved Wed 4 Mar 10:00");
}

#[test]
fn mp_int_03_both_security_policies_must_allow_it() {
    let assessed = [
        made("integration", "client", "poc"),
        step("tue 10:00", "provider", "provider-assessment", "eva"),
        step("tue 11:00", "provider", "provider-security", "eva"),
    ]
    .join("; ");
    assert_eq!(stands(&format!("{assessed}; now wed 00:00")), "pending for client, next client-security");
    act(
        MANAGED,
        &format!("{assessed}; {}", step("tue 12:00", "provider", "client-security", "eva")),
        "`client-security` is for the client to approve [MP-INT-01, MP-INT-02, MP-INT-03]",
    );
    act(
        MANAGED,
        &format!("{assessed}; {}", step("tue 12:00", "client", "change-order", "poc")),
        "`client-security` comes next: approve that step first [MP-INT-01, MP-INT-02, MP-INT-03]",
    );
    let refused = "tue 12:00 fact proposal.refused proposal=P-1 side=client reason=policy by poc";
    assert_eq!(
        stands(&format!("{assessed}; {refused}; now wed 00:00")),
        "refused Tue 3 Mar 12:00 by the client: policy"
    );
}
