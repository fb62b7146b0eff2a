//! Acts that are refused, clause by clause, and what to do instead.

use facts::Body;
use promise::{
    History,
    follow::follows,
    guard::{allow, earliest_start, severity, slots, stored_as},
};
use spans::Span;

use crate::story::{Deal, ENTERPRISE, MANAGED, PREMIUM, STANDARD, act, instant, proposed, show};

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
            "{changed}; {appeal}; mon 13:00 fact appeal.decided appeal=A-1 ticket=T-1 upheld=true by {who}"
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

fn plan(kind: &str, from: &str, to: &str, rest: &str) -> String {
    format!("fri 10:00 maintenance M-1 {kind} upgrade on wiki from {from} to {to} impact down {rest}")
}

#[test]
fn sh_maint_01_planned_work_lies_in_the_slot_of_the_tier() {
    let in_hours = plan("scheduled", "03-09 10:00", "03-09 12:00", "");
    for deal in [STANDARD, PREMIUM] {
        act(deal, &in_hours, "allowed");
    }
    act(
        ENTERPRISE,
        &in_hours,
        "it lies outside `window`: move it into the slot, or name in the reason a proposal that the client approved \
         [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]",
    );
    act(ENTERPRISE, &plan("scheduled", "sun 02:00", "sun 06:00", ""), "allowed");
    act(
        ENTERPRISE,
        &plan("scheduled", "sun 02:00", "sun 06:01", "because \"it takes long\""),
        OUTSIDE_WINDOW,
    );
    let approved = "thu 10:00 fact proposal.made proposal=P-1 kind=window side=provider by anna; \
                    thu 11:00 fact proposal.approved proposal=P-1 side=client by piet";
    let with = plan("scheduled", "sun 02:00", "sun 06:01", "because \"the client agreed in P-1.\"");
    act(ENTERPRISE, &format!("{approved}; {with}"), "allowed");
    let not_yet = approved.split("; ").next().unwrap();
    act(ENTERPRISE, &format!("{not_yet}; {with}"), OUTSIDE_WINDOW);
}

const OUTSIDE_WINDOW: &str = "it lies outside `window`: move it into the slot, or name in the reason a proposal that the client \
    approved [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]";

#[test]
fn sh_maint_01_a_planner_is_offered_the_slots_of_the_tier() {
    let week = Span::new(instant("mon 00:00"), instant("03-09 00:00")).unwrap();
    let shown = |deal: Deal| {
        let slots = slots(deal.versions().latest(), facts::MaintenanceKind::Scheduled, week);
        slots.iter().map(|s| format!("{} - {}", show(s.start), show(s.end))).collect::<Vec<_>>()
    };
    assert_eq!(shown(ENTERPRISE), ["Sun 8 Mar 02:00 - Sun 8 Mar 06:00"]);
    assert_eq!(shown(PREMIUM), ["Mon 2 Mar 00:00 - Fri 6 Mar 17:00", "Sun 8 Mar 17:00 - Mon 9 Mar 00:00"]);
    assert_eq!(shown(STANDARD).len(), 5);
}

#[test]
fn sh_maint_03_a_record_names_its_cause() {
    let record = plan("scheduled", "03-09 10:00", "03-09 12:00", "");
    act(
        STANDARD,
        &record.replace("upgrade on", "\" \" on"),
        "say what causes the maintenance: network, hardware, software, upgrade \
         [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]",
    );
}

#[test]
fn sh_maint_04_what_was_filed_after_its_start_is_an_emergency() {
    let story = plan("scheduled", "fri 09:00", "fri 12:00", "");
    act(
        STANDARD,
        &story,
        "scheduled maintenance is put on file before it starts: this is an emergency from Fri 6 Mar 10:00 on \
         [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]",
    );
    let (facts, act) = proposed(&story);
    let stored = stored_as(&act).unwrap();
    let Body::MaintenancePlanned(planned) = &stored.body else { panic!("maintenance") };
    assert_eq!((planned.kind.name(), planned.starts_at), ("emergency", instant("fri 10:00")));
    assert_eq!(allow(&STANDARD.versions(), &History::new(&facts), &stored), Ok(()));
    let (_, in_time) = proposed(&plan("scheduled", "fri 10:01", "fri 12:00", ""));
    assert_eq!(stored_as(&in_time), None);
    let (_, over) = proposed(&plan("scheduled", "fri 08:00", "fri 09:00", ""));
    assert_eq!(stored_as(&over), None, "nothing of it is left");
}

#[test]
fn sh_maint_05_the_window_is_changed_by_both_parties() {
    let proposal = "mon 10:00 fact proposal.made proposal=P-1 kind=window side=provider by anna";
    act(ENTERPRISE, proposal, "allowed");
    let plan = ENTERPRISE.versions();
    let (facts, _) = crate::story::tell(&format!("{proposal}; now 03-20 00:00"));
    let state = |facts: &[facts::Fact]| {
        promise::approval::proposal(
            plan.latest(),
            &History::new(facts),
            &"P-1".parse().unwrap(),
            instant("03-20 00:00"),
        )
        .unwrap()
        .state
        .name()
    };
    assert_eq!(state(&facts), "pending", "the provider alone changes nothing");
    let both = format!("{proposal}; tue 10:00 fact proposal.approved proposal=P-1 side=client by piet");
    act(ENTERPRISE, &both, "allowed");
    assert_eq!(state(&crate::story::tell(&format!("{both}; now 03-20 00:00")).0), "approved");
    act(
        ENTERPRISE,
        &both.replace("by piet", "by jan"),
        "jan may not do this: ask somebody of the client who is approver [SH-DEF-12]",
    );
}

#[test]
fn sh_maint_08_a_critical_patch_goes_in_at_any_hour() {
    let patch = |score: &str| {
        format!(
            "thu 10:00 fact cve.published cve=CVE-2026-1234 software=wiki layer=application score=\"{score}\"; {}",
            plan("critical-patch", "sun 03:00", "sun 04:00", "cve CVE-2026-1234")
        )
    };
    act(STANDARD, &patch("9.1"), "allowed");
    act(STANDARD, &patch("9.0"), "allowed");
    act(
        STANDARD,
        &patch("8.9"),
        "a critical patch names a vulnerability of at least 9.0: CVE-2026-1234 has 8.9; \
         plan it as scheduled, with a reason if outside the slot [SH-MAINT-08]",
    );
    act(
        STANDARD,
        &plan("critical-patch", "sun 03:00", "sun 04:00", ""),
        "a critical patch names a vulnerability of at least 9.0: it names none; \
         plan it as scheduled, with a reason if outside the slot [SH-MAINT-08]",
    );
    // 8.9 in the night takes the reason that any scheduled work takes.
    act(
        STANDARD,
        &plan("scheduled", "sun 03:00", "sun 04:00", "because \"CVE-2026-1234 has 8.9\""),
        "allowed",
    );
}

#[test]
fn sh_maint_09_outside_the_slot_takes_a_reason() {
    act(
        STANDARD,
        &plan("scheduled", "03-09 20:00", "03-09 22:00", ""),
        "it lies outside `bh`: move it into the slot, or say why it cannot be \
         [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]",
    );
    act(
        STANDARD,
        &plan("scheduled", "03-09 20:00", "03-09 22:00", "because \"nobody works then\""),
        "allowed",
    );
}

#[test]
fn sh_maint_12_an_emergency_cannot_be_backdated() {
    act(STANDARD, &plan("emergency", "fri 10:00", "fri 12:00", ""), "allowed");
    act(
        STANDARD,
        &plan("emergency", "fri 09:59", "fri 12:00", ""),
        "an emergency starts when it is recorded at the earliest, at Fri 6 Mar 10:00: it cannot be backdated \
         [SH-MAINT-03, SH-MAINT-12]",
    );
    // Nor by recording it late.
    let late = plan("emergency", "fri 10:00", "fri 12:00", "") + " (recorded 2026-03-06 11:00)";
    act(
        STANDARD,
        &late,
        "an emergency starts when it is recorded at the earliest, at Fri 6 Mar 11:00: it cannot be backdated \
         [SH-MAINT-03, SH-MAINT-12]",
    );
}

#[test]
fn sh_avail_10_what_is_under_way_is_not_stretched_by_one_party() {
    let planned =
        "thu 09:00 maintenance M-1 scheduled upgrade on wiki from fri 09:00 to fri 11:00 impact down";
    act(
        STANDARD,
        &format!("{planned}; {}", plan("scheduled", "fri 11:00", "fri 16:00", "")),
        "it began at Fri 6 Mar 09:00: what is under way is changed by both parties together, or cancelled \
         [SH-MAINT-01, SH-MAINT-03, SH-MAINT-04, SH-MAINT-06, SH-MAINT-07, SH-MAINT-09]",
    );
}

#[test]
fn sh_bak_01_a_backup_is_not_deleted_before_its_time() {
    let taken = "mon 01:00 backup wiki B-1";
    act(
        ENTERPRISE,
        &format!("{taken}; 03-31 01:00 delete wiki B-1"),
        "backup B-1 is kept until Wed 1 Apr 01:00: delete it then [SH-BAK-01]",
    );
    act(ENTERPRISE, &format!("{taken}; 04-01 01:00 delete wiki B-1"), "allowed");
    act(STANDARD, &format!("{taken}; 03-09 01:00 delete wiki B-1"), "allowed");
}

#[test]
fn sh_sec_04_a_cve_id_is_one() {
    let cve =
        |id| format!("mon 10:00 fact cve.published cve={id} software=wiki layer=application score=\"5.0\"");
    act(STANDARD, &cve("CVE-2021-44228"), "allowed");
    for id in ["CVE-21-1", "CVE-2021-123", "2021-44228", "CVE-2021-4422x"] {
        let said = format!(
            "`{id}` is no CVE id: write CVE, the year and at least four digits, such as CVE-2021-44228 \
             [SH-SEC-02, SH-SEC-03, SH-SEC-04, SH-SEC-05, SH-SEC-06]"
        );
        act(STANDARD, &cve(id), &said);
    }
}

#[test]
fn sh_sec_06_the_severity_is_derived_from_the_score() {
    let versions = STANDARD.versions();
    let of = |score: &str| severity(versions.latest().agreement(), score.parse().unwrap()).unwrap();
    for (score, band) in [
        ("0.0", "none"),
        ("0.1", "low"),
        ("3.9", "low"),
        ("4.0", "medium"),
        ("6.9", "medium"),
        ("7.0", "high"),
        ("8.9", "high"),
        ("9.0", "critical"),
        ("10.0", "critical"),
    ] {
        assert_eq!(of(score), band, "{score}");
    }
}

fn claim(cause: &str, proof: &str, who: &str) -> String {
    format!(
        "fri 10:00 exclude E-1 wiki from thu 10:00 to thu 11:00 because {cause} proof \"{proof}\" by {who}"
    )
}

#[test]
fn sh_excl_04_an_exclusion_is_claimed_with_evidence_by_a_manager() {
    act(STANDARD, &claim("beyond-control", "the exchange was cut off", "mia"), "allowed");
    act(
        STANDARD,
        &claim("beyond-control", "", "mia"),
        "attach what proves it: a claim without evidence is refused [SH-EXCL-04]",
    );
    act(
        STANDARD,
        &claim("bad-luck", "dice", "mia"),
        "`bad-luck` is no cause that the agreement excludes: use pre-ga, documented-exclusion, deprecated, \
         beyond-control, client-violation, quota, client-restart, client-or-third-party \
         [SH-EXCL-04, SH-EXCL-05, SH-EXCL-08]",
    );
    act(
        STANDARD,
        &claim("beyond-control", "the exchange was cut off", "anna"),
        "anna may not do this: ask somebody of the provider who is manager [SH-DEF-09]",
    );
}

#[test]
fn sh_excl_08_a_claim_is_disputed_within_ten_business_days() {
    let claimed = claim("client-or-third-party", "traceroute", "mia");
    // From Friday 10:00, ten business days of eight hours: Friday two weeks later, 10:00.
    act(STANDARD, &format!("{claimed}; 03-20 10:00 dispute E-1 saying \"no\" by piet"), "allowed");
    act(
        STANDARD,
        &format!("{claimed}; 03-20 10:01 dispute E-1 saying \"no\" by piet"),
        "it could be disputed within 10d, until Fri 20 Mar 10:00 [SH-EXCL-04, SH-EXCL-05, SH-EXCL-08]",
    );
    act(
        STANDARD,
        &format!("{claimed}; 03-19 10:00 dispute E-1 saying \"no\" by jan"),
        "jan may not do this: ask somebody of the client who is approver [SH-DEF-12]",
    );
    act(
        STANDARD,
        "fri 10:00 dispute E-7 saying \"no\" by piet",
        "there is no claim E-7 to dispute or settle [SH-EXCL-04, SH-EXCL-05, SH-EXCL-08]",
    );
}

const CREDIT: &str = "04-02 00:00 statement S-3 2026-03 credit EUR 120.00";

#[test]
fn sh_cred_10_a_claim_after_thirty_days_is_refused() {
    act(STANDARD, &format!("{CREDIT}; 05-01 23:59 claim S-3 via portal by jan"), "allowed");
    act(STANDARD, &format!("{CREDIT}; 05-02 00:00 claim S-3 via portal by jan"), "allowed");
    act(
        STANDARD,
        &format!("{CREDIT}; 05-02 00:01 claim S-3 via portal by jan"),
        "the credit could be claimed until Sat 2 May 00:00 and is forfeited; a goodwill credit is a separate act \
         [SH-CRED-10, SH-CRED-11]",
    );
    act(
        STANDARD,
        &format!("{CREDIT}; 04-10 00:00 claim S-3 via fax by jan"),
        "claim it another way: portal, email, api [SH-CRED-10, SH-CRED-11]",
    );
    act(
        STANDARD,
        &format!("{CREDIT}; 04-10 00:00 claim S-3 via api by auto"),
        "claim.open takes a person: an automaton may only suggest it [SH-DEF-12]",
    );
}

#[test]
fn sh_cred_11_a_forfeited_credit_cannot_be_claimed_and_goodwill_is_another_act() {
    act(
        STANDARD,
        "04-02 00:00 statement S-3 2026-03; 04-10 00:00 claim S-3 via portal by jan",
        "statement S-3 holds no credit to claim, or was not published [SH-CRED-10, SH-CRED-11]",
    );
    act(
        STANDARD,
        &format!(
            "{CREDIT}; 04-10 00:00 claim S-3 via portal by jan; 04-11 00:00 claim S-3 via portal by jan"
        ),
        "the credit of statement S-3 was claimed already [SH-CRED-10, SH-CRED-11]",
    );
    let goodwill =
        "06-01 00:00 fact credit.goodwill statement=S-3 amount=\"EUR\\u002010.00\" reason=sorry by mia";
    act(STANDARD, &format!("{CREDIT}; {goodwill}"), "allowed");
}

// ------------------------------------------------------------------------------------------------ the managed platform

const CHANGE: &str = "mon 10:00 fact change.proposed change=C-1 kind=upgrade starts_at=2026-03-07T02:00:00Z planned_in_stages=true by eva";
const APPROVED: &str = "tue 10:00 fact change.approved change=C-1 backup_confirmed=true by poc";

#[test]
fn mp_slo_10_requests_come_in_through_the_ticketing_system() {
    act(MANAGED, "mon 10:00 request T-1 kind service urgency low channel api by poc", "allowed");
    act(
        MANAGED,
        "mon 10:00 request T-1 kind service urgency low channel pigeon by poc",
        "`pigeon` is no way in under this agreement: use api, email, phone, portal [MP-SCOPE-03, MP-SLO-10, MP-SLO-11]",
    );
}

#[test]
fn mp_scope_03_the_portal_is_the_channel_of_record() {
    let request = "mon 10:00 request T-1 kind service urgency low by poc";
    act(MANAGED, request, "allowed");
    let (head, tail) = MANAGED.text.split_once("[channel.portal]\n").unwrap();
    let without = format!("{head}{}", &tail[tail.find("\n[").unwrap()..]);
    act(
        Deal { text: without.leak(), ..MANAGED },
        request,
        "`portal` is no way in under this agreement: use api, email, phone [MP-SCOPE-03, MP-SLO-10, MP-SLO-11]",
    );
}

#[test]
fn mp_slo_06_urgencies_are_a_closed_list_with_other_names() {
    act(MANAGED, "mon 10:00 request T-1 kind service urgency Medium by poc", "allowed");
    act(
        MANAGED,
        "mon 10:00 request T-1 kind service urgency asap by poc",
        "the urgency `asap` is not in the agreement: use critical, high, normal, low [MP-SLO-06]",
    );
    act(
        MANAGED,
        "mon 10:00 request T-1 kind outage urgency low by poc; mon 10:10 reprioritise T-1 urgency high saying \"x\" by poc",
        "only the provider changes an urgency once a request is sent: escalate it instead [MP-SLO-06]",
    );
}

#[test]
fn mp_upd_04_an_update_is_promised_ahead_and_not_too_far() {
    let critical = "sat 03:00 request T-1 kind outage urgency critical by poc";
    act(MANAGED, &format!("{critical}; sat 03:10 reply T-1 next sat 09:00 by eva"), "allowed");
    act(
        MANAGED,
        &format!("{critical}; sat 03:10 reply T-1 next sun 03:11 by eva"),
        "the next update may be promised for Sun 8 Mar 03:10 at the latest [MP-UPD-04]",
    );
    act(
        MANAGED,
        &format!("{critical}; sat 03:10 reply T-1 next sat 03:10 by eva"),
        "the next update was promised for Sat 7 Mar 03:10, which is not later than the message [MP-UPD-04]",
    );
    // Only Critical has a limit.
    let high = critical.replace("critical", "high");
    act(MANAGED, &format!("{high}; sat 03:10 reply T-1 next 03-12 03:11 by eva"), "allowed");
}

#[test]
fn mp_upd_05_nothing_is_resolved_without_a_summary() {
    let request = "mon 10:00 request T-1 kind service urgency low by poc";
    act(MANAGED, &format!("{request}; mon 11:00 resolve T-1 saying \"renewed\" by eva"), "allowed");
    act(
        MANAGED,
        &format!("{request}; mon 11:00 resolve T-1 saying \"\" by eva"),
        "write a summary of what was wrong and what was done, for the client to read [MP-UPD-05]",
    );
}

#[test]
fn mp_upd_03_a_changed_status_is_told_to_the_client() {
    let status = |urgency: &str| {
        let story = format!(
            "mon 10:00 request T-1 kind outage urgency {urgency} by poc; mon 11:00 fact request.status_changed ticket=T-1 status=fixing by eva"
        );
        let (facts, act) = proposed(&story);
        follows(&MANAGED.versions(), &History::new(&facts), &act).len()
    };
    assert_eq!((status("normal"), status("critical")), (1, 0), "critical incidents have their own cadence");
}

#[test]
fn mp_sc_app_03_a_change_is_not_closed_without_validation() {
    let started = format!("{CHANGE}; {APPROVED}; sat 02:00 fact change.started change=C-1 by eva");
    act(
        MANAGED,
        &format!("{started}; sat 04:00 fact change.closed change=C-1 validation=passed by eva"),
        "allowed",
    );
    act(
        MANAGED,
        &format!("{started}; sat 04:00 fact change.closed change=C-1 by eva"),
        "record how the start-up was validated [MP-SC-APP-03]",
    );
    let other = started.replace("kind=upgrade", "kind=review");
    act(MANAGED, &format!("{other}; sat 04:00 fact change.closed change=C-1 by eva"), "allowed");
}

#[test]
fn mp_sc_app_04_an_upgrade_is_planned_in_stages() {
    let unplanned = CHANGE.replace("planned_in_stages=true", "planned_in_stages=false");
    act(
        MANAGED,
        &format!("{unplanned}; {APPROVED}; sat 02:00 fact change.started change=C-1 by eva"),
        "plan it in stages, with a way back and checks afterwards: propose it again so [MP-SC-APP-04]",
    );
}

#[test]
fn mp_cli_11_a_change_without_approval_does_not_start() {
    let start = "sat 02:00 fact change.started change=C-1 by eva";
    act(MANAGED, &format!("{CHANGE}; {APPROVED}; {start}"), "allowed");
    let unapproved = CHANGE.replace("kind=upgrade", "kind=review");
    act(
        MANAGED,
        &format!("{unapproved}; {start}"),
        "the client has not approved change C-1: it cannot start [MP-CLI-11]",
    );
    act(MANAGED, start, "change C-1 was never proposed: propose it with its start [MP-CLI-11]");
    act(
        MANAGED,
        &format!("{CHANGE}; {}", APPROVED.replace("by poc", "by rik")),
        "rik may not do this: ask somebody of the client who is poc [MP-CLI-04]",
    );
}

#[test]
fn mp_cli_13_an_upgrade_takes_the_clients_backup_or_somebody_who_goes_on_without() {
    let story = format!(
        "{CHANGE}; {}; sat 02:00 fact change.started change=C-1 by eva",
        APPROVED.replace("backup_confirmed=true", "backup_confirmed=false")
    );
    act(
        MANAGED,
        &story,
        "the client has not confirmed its backup for change C-1: ask for it, or confirm to go on without [MP-CLI-13]",
    );
    let (facts, start) = proposed(&story);
    assert!(allow(&MANAGED.versions(), &History::new(&facts), &start).unwrap_err().may_be_confirmed());
}

#[test]
fn mp_cli_08_a_sensitive_operation_follows_an_approved_rule() {
    let action = "fri 10:00 fact action.started action=X-1 sensitive=true sop=P-1 by eva";
    let rule = "mon 10:00 fact proposal.made proposal=P-1 kind=sop side=client by poc";
    let approved = "tue 10:00 fact proposal.approved proposal=P-1 side=provider by eva";
    act(MANAGED, &format!("{rule}; {approved}; {action}"), "allowed");
    let no = "a sensitive operation follows a rule that both parties approved: name one [MP-CLI-08]";
    act(MANAGED, &format!("{rule}; {action}"), no);
    act(MANAGED, "fri 10:00 fact action.started action=X-1 sensitive=true by eva", no);
    act(MANAGED, "fri 10:00 fact action.started action=X-1 sensitive=false by eva", "allowed");
}

#[test]
fn mp_cli_04_the_last_point_of_contact_stays() {
    let one = "mon 10:00 fact contact.invited service=main contact=poc";
    let remove = "tue 10:00 fact contact.change_requested contact=poc change=remove by poc";
    act(
        MANAGED,
        &format!("{one}; {remove}"),
        "0 would be left, and at least 1 must be named: name another contact first [MP-CLI-04]",
    );
    let two = format!("{one}; mon 11:00 fact contact.invited service=main contact=pia");
    act(MANAGED, &format!("{two}; {remove}"), "allowed");
}

#[test]
fn mp_cob_01_undisclosed_onboarding_stops_the_activation() {
    let activate = "mon 10:00 fact agreement.activated agreement=MP-2026-0001 sha256=0f";
    act(MANAGED, activate, "allowed");
    let silent = MANAGED.text.replace("onboarding_disclosed = \"none\"", "onboarding_disclosed = \"\"");
    assert!(silent != MANAGED.text);
    act(
        Deal { text: silent.leak(), ..MANAGED },
        activate,
        "state in `onboarding_disclosed` what engineers must go through, or `none`, before anybody signs [MP-COB-01]",
    );
}

#[test]
fn mp_esc_03_the_kickoff_shares_a_ladder() {
    let kickoff = "mon 10:00 fact meeting.recorded service=main attendees=all notes=fine by eva";
    act(MANAGED, kickoff, "allowed");
    let (head, tail) = MANAGED.text.split_once("path       = [").unwrap();
    let rest = tail.split_once("]\n").unwrap().1;
    let without = format!("{head}path       = []\n{rest}");
    act(
        Deal { text: without.leak(), ..MANAGED },
        kickoff,
        "fill `[escalation] path`: the kickoff shares it [MP-ESC-03]",
    );
}

#[test]
fn mp_onb_02_a_kickoff_is_recorded_with_who_was_there() {
    act(
        MANAGED,
        "mon 10:00 fact meeting.recorded service=main attendees= notes=fine by eva",
        "record who was there and what was said [MP-ONB-02, MP-ESC-03]",
    );
}

#[test]
fn mp_esc_07_the_ladder_goes_rung_by_rung() {
    let ticket = "sat 03:00 request T-1 kind outage urgency high by poc";
    let raise = |at: &str, id: u8, level: u8| {
        format!(
            "{at} fact escalation.raised escalation=E-{id} ticket=T-1 level={level} reason=response-missed by poc"
        )
    };
    act(MANAGED, &format!("{ticket}; {}", raise("sat 04:00", 1, 1)), "allowed");
    let skipped = "the ladder goes rung by rung: escalate to level 1 \
                   [MP-ESC-01, MP-ESC-02, MP-ESC-03, MP-ESC-07, MP-ESC-11]";
    act(MANAGED, &format!("{ticket}; {}", raise("sat 04:00", 1, 2)), skipped);
    act(MANAGED, &format!("{ticket}; {}; {}", raise("sat 04:00", 1, 1), raise("sat 05:00", 2, 2)), "allowed");
    act(
        MANAGED,
        &format!("{ticket}; {}", raise("sat 04:00", 1, 1).replace("response-missed", "bored")),
        "`bored` is no reason to escalate under this agreement: use urgency-misclassified, response-missed, \
         resolution-slow [MP-ESC-01, MP-ESC-02, MP-ESC-03, MP-ESC-07, MP-ESC-11]",
    );
}

#[test]
fn sh_maint_11_the_planner_knows_the_earliest_start() {
    let versions = STANDARD.versions();
    let earliest = |kind, impact| show(earliest_start(versions.latest(), kind, impact, instant("mon 10:00")));
    use facts::{Impact, MaintenanceKind};
    assert_eq!(earliest(MaintenanceKind::Scheduled, Impact::Down), "Mon 9 Mar 10:00");
    assert_eq!(earliest(MaintenanceKind::Scheduled, Impact::None), "Mon 2 Mar 10:00");
    assert_eq!(earliest(MaintenanceKind::Emergency, Impact::Down), "Mon 2 Mar 10:00");
}

#[test]
fn mp_meta_01_a_guide_without_an_order_binds_nobody() {
    let activate = "mon 10:00 fact agreement.activated agreement=MP-2026-0001 sha256=0f";
    act(MANAGED, activate, "allowed");
    let (head, tail) = MANAGED.text.split_once("incorporated_by ").unwrap();
    let alone = format!("{head}{}", tail.split_once('\n').unwrap().1);
    act(
        Deal { text: alone.leak(), ..MANAGED },
        activate,
        "name in `incorporated_by` the order that takes the guide in: without one it binds nobody \
         [MP-META-01, MP-META-03, MP-VER-01]",
    );
}

#[test]
fn mp_esc_02_a_client_may_escalate_every_open_ticket() {
    let ticket = "sat 03:00 request T-1 kind outage urgency low by poc";
    let raised = "sat 03:01 fact escalation.raised escalation=E-1 ticket=T-1 by poc";
    act(MANAGED, &format!("{ticket}; {raised}"), "allowed");
    let versions = MANAGED.versions();
    let first = promise::escalation::rung(versions.latest().agreement(), 1).map(|rung| rung.who.as_str());
    assert_eq!(first, Some("service desk lead"));
}

#[test]
fn mp_esc_04_a_wrong_urgency_is_escalated() {
    let lowered = "sat 03:00 request T-1 kind outage urgency high by poc; \
                   sat 03:05 reprioritise T-1 urgency low saying \"one user\" by eva";
    act(
        MANAGED,
        &format!("{lowered}; sat 03:06 reprioritise T-1 urgency high saying \"all of us\" by poc"),
        "only the provider changes an urgency once a request is sent: escalate it instead [MP-SLO-06]",
    );
    let escalated = format!(
        "{lowered}; sat 03:06 fact escalation.raised escalation=E-1 ticket=T-1 reason=urgency-misclassified by poc"
    );
    act(MANAGED, &escalated, "allowed");
    // It is a reason because the file says so.
    let entry = "[[escalation.reason]]\nclause    = [\"MP-ESC-04\"]\nid        = \"urgency-misclassified\"\n";
    let without = MANAGED.text.replacen(entry, "", 1);
    assert!(without != MANAGED.text);
    act(
        Deal { text: without.leak(), ..MANAGED },
        &escalated,
        "`urgency-misclassified` is no reason to escalate under this agreement: use response-missed, \
         resolution-slow [MP-ESC-01, MP-ESC-02, MP-ESC-03, MP-ESC-07, MP-ESC-11]",
    );
}
