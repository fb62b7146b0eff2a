//! What needs both parties, or both sides' turns: proposals, onboarding, escalation, the rota, hints.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

use promise::{
    History,
    approval::{proposal, proposals},
    escalation::suggestions,
    guard::allow,
    hint::hint,
    obligation::obligations,
    onboarding::{Onboarding, onboarding},
    rota::uncovered,
};
use spans::{Span, Spans};

use crate::story::{Deal, MANAGED, STANDARD, act, instant, proposed, show, tell};

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

const ACTIVATED: &str = "mon 00:00 fact service.activated service=main";

fn onboarded(story: &str) -> Onboarding {
    let (facts, now) = tell(story);
    let mut found = onboarding(&MANAGED.versions(), &History::new(&facts), now);
    assert_eq!(found.len(), 1);
    found.remove(0)
}

/// How one task stands.
#[track_caller]
fn task(story: &str, id: &str, expected: &str) {
    let tasks = onboarded(story).tasks;
    let found = tasks.iter().find(|task| task.duty.id == format!("onboarding.{id}"));
    assert_eq!(found.map_or("none", |task| task.state.name()), expected, "\n{story}");
}

#[test]
fn mp_onb_01_an_activated_service_has_its_tasks() {
    let found = onboarded(&format!("{ACTIVATED}; now mon 00:00"));
    let ids: Vec<&str> =
        found.tasks.iter().map(|task| task.duty.id.trim_start_matches("onboarding.")).collect();
    let provider = ["kickoff", "portal", "inventory", "intake", "rules", "outcomes", "rules-template"];
    assert_eq!(ids, [&provider[..], &["access", "governance"]].concat(), "no VPN, so no document of it");
    assert!(found.tasks.iter().all(|task| task.state.name() == "running"));
}

#[test]
fn mp_onb_02_the_kickoff_is_held_and_the_ladder_acknowledged() {
    let held =
        format!("{ACTIVATED}; tue 10:00 fact meeting.recorded service=main attendees=all notes=fine by eva");
    task(&format!("{held}; now wed 00:00"), "kickoff", "running");
    task(
        &format!("{held}; tue 11:00 fact escalation_path.acknowledged service=main by poc; now wed 00:00"),
        "kickoff",
        "met",
    );
}

#[test]
fn mp_onb_03_every_named_contact_signed_in_once() {
    let two = format!(
        "{ACTIVATED}; tue 10:00 fact contact.invited service=main contact=poc; tue 10:00 fact contact.invited service=main contact=rik; \
         wed 10:00 fact contact.signed_in service=main contact=poc by poc"
    );
    task(&format!("{ACTIVATED}; now wed 00:00"), "portal", "running");
    task(&format!("{two}; now thu 00:00"), "portal", "running");
    task(
        &format!("{two}; thu 10:00 fact contact.signed_in service=main contact=rik by rik; now fri 00:00"),
        "portal",
        "met",
    );
}

#[test]
fn mp_onb_04_an_empty_inventory_is_none() {
    let recorded = |systems: u32| {
        format!(
            "{ACTIVATED}; tue 10:00 fact environment.recorded service=main systems={systems} by eva; now wed 00:00"
        )
    };
    task(&recorded(0), "inventory", "running");
    task(&recorded(3), "inventory", "met");
}

#[test]
fn mp_onb_05_a_walkthrough() {
    task(
        &format!(
            "{ACTIVATED}; tue 10:00 fact walkthrough.recorded service=main notes=here by eva; now wed 00:00"
        ),
        "intake",
        "met",
    );
}

#[test]
fn mp_onb_06_rules_approved_by_both() {
    let one = format!("{ACTIVATED}; tue 10:00 fact sop_set.approved service=main side=provider by eva");
    task(&format!("{one}; now wed 00:00"), "rules", "running");
    task(
        &format!("{one}; tue 11:00 fact sop_set.approved service=main side=client by poc; now wed 00:00"),
        "rules",
        "met",
    );
}

#[test]
fn mp_onb_07_outcomes() {
    task(
        &format!(
            "{ACTIVATED}; tue 10:00 fact outcomes.recorded service=main outcomes=2 by eva; now wed 00:00"
        ),
        "outcomes",
        "met",
    );
}

#[test]
fn mp_sop_03_the_template_is_handed_over() {
    task(
        &format!("{ACTIVATED}; tue 10:00 fact sop_template.shared service=main by eva; now wed 00:00"),
        "rules-template",
        "met",
    );
}

#[test]
fn mp_cli_01_the_client_gives_access() {
    task(
        &format!("{ACTIVATED}; tue 10:00 fact access_checks.passed service=main; now wed 00:00"),
        "access",
        "met",
    );
}

#[test]
fn mp_cli_07_the_client_states_its_governance_in_four_parts() {
    let three = ["access", "approvals", "security"]
        .map(|category| format!("tue 10:00 fact governance.recorded service=main category={category} by poc"))
        .join("; ");
    task(&format!("{ACTIVATED}; {three}; now wed 00:00"), "governance", "running");
    let fourth = "tue 11:00 fact governance.recorded service=main category=data-protection by poc";
    task(&format!("{ACTIVATED}; {three}; {fourth}; now wed 00:00"), "governance", "met");
}

#[test]
fn mp_onb_08_two_weeks_split_by_whose_turn_it_was() {
    let story = "mon 00:00 fact service.activated service=main; \
                 03-10 00:00 fact onboarding.waiting service=main side=client; \
                 03-13 00:00 fact onboarding.waiting service=main side=provider; \
                 03-15 00:00 fact onboarding.waiting service=main side=client; now 03-18 00:00";
    let found = onboarded(story);
    assert_eq!(found.due.map(show).unwrap(), "Mon 16 Mar 00:00");
    assert_eq!((found.client_turn, found.provider_turn), (spans::Length::DAY * 6, spans::Length::DAY * 10));
    assert_eq!(found.late_on_client, spans::Length::DAY * 2);
    assert_eq!(found.waits_for, Some(facts::Side::Client));
    assert_eq!(found.tasks[0].duty.miss, "longer than usual", "a norm, without remedy");
    let earlier = onboarded(&story.replace("now 03-18 00:00", "now 03-13 00:00"));
    assert_eq!(earlier.client_turn, spans::Length::DAY * 3);
}

#[test]
fn mp_vpn_01_the_client_documents_its_vpn_before_the_start() {
    let activated = "2026-02-20 00:00 fact service.activated service=main vpn_required=true";
    let found = onboarded(&format!("{activated}; now 2026-02-21 00:00"));
    let task = found.tasks.iter().find(|task| task.duty.id == "onboarding.vpn-document").unwrap();
    assert_eq!(
        (task.due.map(show).unwrap().as_str(), task.duty.turn),
        ("Mon 2 Mar 00:00", Some(facts::Side::Client))
    );
    let late = onboarded(&format!("{activated}; now tue 00:00"));
    let task = late.tasks.iter().find(|task| task.duty.id == "onboarding.vpn-document").unwrap();
    assert!(task.open && task.state.name() == "missed", "the blocker stays visible");
}

fn suggested(deal: Deal, story: &str) -> Vec<String> {
    let (facts, now) = tell(story);
    let (versions, history) = (deal.versions(), History::new(&facts));
    let found = suggestions(&versions, &history, &obligations(&versions, &facts, now), now);
    let rung = |s: &promise::escalation::Suggestion| {
        s.rung.as_ref().map_or("nobody".to_owned(), |rung| rung.who.clone())
    };
    found.iter().map(|s| format!("{} {} to {}", s.ticket, s.reason, rung(s))).collect()
}

#[test]
fn mp_esc_05_a_missed_response_suggests_to_escalate() {
    let ticket = "sat 03:00 request T-1 kind outage urgency high by poc";
    assert!(suggested(MANAGED, &format!("{ticket}; now sat 03:30")).is_empty());
    assert_eq!(
        suggested(MANAGED, &format!("{ticket}; now sat 03:31")),
        ["T-1 response-missed to service desk lead"]
    );
    let raised =
        format!("{ticket}; sat 04:00 fact escalation.raised escalation=E-1 ticket=T-1 level=1 by poc");
    assert_eq!(
        suggested(MANAGED, &format!("{raised}; now sat 05:00")),
        ["T-1 response-missed to service delivery manager"]
    );
    let closed = format!("{ticket}; sat 04:00 resolve T-1 saying \"done\" by eva; now sat 05:00");
    assert!(suggested(MANAGED, &closed).is_empty());
}

#[test]
fn mp_esc_06_thresholds_only_where_the_order_sets_them() {
    let ticket = "sat 03:00 request T-1 kind service urgency high by poc; now 03-20 00:00";
    assert_eq!(suggested(MANAGED, ticket).len(), 1, "only the missed response");
    let with = MANAGED.text.replace("thresholds = {}", "thresholds = { high = \"2d\" }");
    assert!(with != MANAGED.text);
    let deal = Deal { text: with.leak(), ..MANAGED };
    let day = "mon 10:00 request T-1 kind service urgency high by poc; mon 11:00 reply T-1 by eva";
    assert!(suggested(deal, &format!("{day}; now wed 10:00")).is_empty());
    assert_eq!(
        suggested(deal, &format!("{day}; now wed 10:01")),
        ["T-1 resolution-slow to service desk lead"]
    );
}

#[test]
fn mp_sc_inc_01_a_hole_in_the_rota_shows() {
    let shifts = "mon 00:00 fact shift.planned shift=S-1 person=eva qualified=true from=2026-03-02T00:00:00Z until=2026-03-03T00:00:00Z; \
                  mon 00:00 fact shift.planned shift=S-2 person=dirk qualified=false from=2026-03-03T00:00:00Z until=2026-03-04T00:00:00Z; \
                  mon 00:00 fact shift.planned shift=S-3 person=kim qualified=true from=2026-03-03T08:00:00Z until=2026-03-09T00:00:00Z; \
                  now mon 00:00";
    let (facts, now) = tell(shifts);
    let week = Span::new(instant("mon 00:00"), instant("03-09 00:00")).unwrap();
    let holes = |deal: Deal| uncovered(deal.versions().latest(), &History::new(&facts), week, now);
    let hole = Span::new(instant("tue 00:00"), instant("tue 08:00")).unwrap();
    assert_eq!(holes(MANAGED), Spans::one(hole));
    assert!(holes(STANDARD).is_empty(), "promised by no clause");
}

#[test]
fn sh_def_13_more_than_a_quarter_of_an_hour_down_suggests_unusable() {
    let down = |minutes: i64| {
        let end = instant("mon 10:00") + spans::Length::from_minutes(minutes);
        let spans = Spans::one(Span::new(instant("mon 10:00"), end).unwrap());
        hint(STANDARD.versions().latest(), &spans, &Spans::default(), end).and_then(|hint| hint.class)
    };
    assert_eq!(down(16).as_deref(), Some("unusable"));
    assert_eq!(down(15), None);
}

/// The kind suggested at an instant of Monday, of what failed wholly and in part.
fn kind(down: &Spans, partly: &Spans, at: &str) -> Option<String> {
    hint(MANAGED.versions().latest(), down, partly, instant(at)).and_then(|hint| hint.kind)
}

fn five_minutes() -> Spans {
    Spans::one(Span::new(instant("mon 10:00"), instant("mon 10:05")).unwrap())
}

#[test]
fn mp_slo_07_down_suggests_an_outage() {
    assert_eq!(kind(&five_minutes(), &Spans::default(), "mon 10:05").as_deref(), Some("outage"));
}

#[test]
fn mp_slo_08_a_partial_failure_suggests_a_performance_incident() {
    assert_eq!(kind(&Spans::default(), &five_minutes(), "mon 10:03").as_deref(), Some("performance"));
    assert_eq!(kind(&Spans::default(), &five_minutes(), "mon 10:06"), None, "it is over");
}
