//! The policy: its text is whole, and its hard lines hold for every action there is.

use desk::policy::{
    About, Action, Answer, Broken, Circumstances, ClientRole, Held, Membership, Policy, Principal, Refusal,
    Resource, Scope, StaffRole, Verdict,
};
use facts::ClientId;

fn client(id: &str) -> ClientId {
    id.parse().unwrap()
}

fn staff(roles: &[StaffRole]) -> Principal {
    Principal::Staff { id: "s".to_owned(), roles: roles.to_vec(), membership: Membership::Effective }
}

fn member(of: &str, roles: &[ClientRole]) -> Principal {
    let (id, client, roles) = ("m".to_owned(), client(of), roles.to_vec());
    Principal::Member { id, client, roles, membership: Membership::Effective }
}

/// As somebody who is not there yet, or not any more.
fn who_is(membership: Membership, who: Principal) -> Principal {
    match who {
        Principal::Staff { id, roles, .. } => Principal::Staff { id, roles, membership },
        Principal::Member { id, client, roles, .. } => Principal::Member { id, client, roles, membership },
        who => who,
    }
}

fn session() -> Circumstances {
    Circumstances { second_factor: true, ..Circumstances::default() }
}

fn token(writes: bool, only: Option<&str>) -> Circumstances {
    Circumstances { token: Some(Scope { writes, only: only.map(client) }), ..session() }
}

fn decide(who: &Principal, how: &Circumstances, action: Action, what: &Resource<'_>) -> Verdict {
    Policy::embedded().decide(who, how, action, what)
}

/// At acme, or at what is everybody's.
fn at_acme(who: &Principal, how: &Circumstances, action: Action) -> Verdict {
    let acme = client("acme");
    decide(who, how, action, &route_of(action, &acme))
}

fn route_of(action: Action, client: &ClientId) -> Resource<'_> {
    match action {
        Action::ReadNote => Resource::Note { client, internal: false },
        action => Resource::of(action, (action.about() == About::Client).then_some(client)),
    }
}

#[track_caller]
fn refused(verdict: Verdict, rule: &str, answer: Answer) -> Refusal {
    let Verdict::Refused(refusal) = verdict else { panic!("allowed, and {rule} expected") };
    assert_eq!((refusal.rule.as_str(), refusal.answer), (rule, answer));
    assert!(refusal.reason.ends_with('.') && refusal.reason.len() > 20, "{}", refusal.reason);
    refusal
}

#[test]
fn every_rule_has_its_reason_and_ids_are_not_used_twice() {
    let rules = Policy::embedded().rules();
    for (number, rule) in rules.iter().enumerate() {
        assert!(rule.reason.ends_with('.'), "{rule:?}");
        assert!(rules[..number].iter().all(|other| other.id != rule.id), "{} twice", rule.id);
    }
    let first_permit = rules.iter().position(|rule| rule.permits).unwrap();
    assert!(
        rules[first_permit..].iter().all(|rule| rule.permits),
        "the lines come first, then what is let in"
    );
}

#[test]
fn a_text_that_does_not_fit_is_refused_with_what_it_lacks() {
    let schema = include_str!("../../src/policy/rules.cedarschema");
    let read = |rules: &str| Policy::read(rules, schema).map(drop).unwrap_err();
    let misspelt =
        r#"@id("a") @reason("Because.") permit (principal in StaffRole::"maneger", action, resource);"#;
    assert!(matches!(read(misspelt), Broken::Unfit(why) if why.contains("maneger")));
    let unknown = r#"@id("a") @reason("Because.") permit (principal, action == Action::"Reed", resource);"#;
    assert!(matches!(read(unknown), Broken::Unfit(why) if why.contains("Reed")));
    assert_eq!(
        read(r#"@id("a") permit (principal, action, resource);"#),
        Broken::Incomplete("rule 1 of the text has no @reason".to_owned())
    );
    assert!(matches!(read("permit (principal, action, resource"), Broken::Text(_)));
    let fewer = schema.replace("action ReadMetrics", "action ReadMeters");
    assert_eq!(
        Policy::read("", &fewer).map(drop).unwrap_err(),
        Broken::Incomplete("the schema lacks the action ReadMetrics".to_owned())
    );
}

#[test]
fn nobody_of_a_client_reaches_another_whatever_they_are_and_however_they_ask() {
    let beta = client("beta");
    for role in ClientRole::ALL {
        for how in [session(), token(true, None), token(true, Some("beta"))] {
            for action in Action::ALL.iter().filter(|action| action.about() == About::Client) {
                let verdict = decide(&member("acme", &[*role]), &how, *action, &route_of(*action, &beta));
                refused(verdict, "another-client", Answer::Hidden);
            }
        }
    }
}

#[test]
fn what_is_of_all_clients_at_once_is_hidden_from_a_clients_people() {
    let of_one = [Action::Enter, Action::ReadNote, Action::ReadFile];
    for action in
        Action::ALL.iter().filter(|action| action.about() != About::Account && !of_one.contains(action))
    {
        let what = Resource::of(*action, None);
        let verdict = decide(&member("acme", ClientRole::ALL), &session(), *action, &what);
        refused(verdict, "another-client", Answer::Hidden);
    }
}

#[test]
fn internal_notes_and_files_are_never_a_clients() {
    let acme = client("acme");
    for role in ClientRole::ALL {
        let who = member("acme", &[*role]);
        let (note, file) = (
            Resource::Note { client: &acme, internal: true },
            Resource::File { client: &acme, internal: true },
        );
        refused(decide(&who, &session(), Action::ReadNote, &note), "internal-note", Answer::Hidden);
        for action in [Action::ReadFile, Action::RemoveFile] {
            refused(decide(&who, &session(), action, &file), "internal-file", Answer::Hidden);
        }
    }
    let contact = member("acme", &[ClientRole::Contact]);
    let said = Resource::Note { client: &acme, internal: false };
    assert!(decide(&contact, &session(), Action::ReadNote, &said).is_allowed());
    let sent = Resource::File { client: &acme, internal: false };
    assert!(decide(&contact, &session(), Action::RemoveFile, &sent).is_allowed());
    assert!(!Policy::embedded().audience(Action::WriteNote).includes(&contact));
    assert!(Policy::embedded().audience(Action::OpenTicket).includes(&contact));
    assert!(
        !Policy::embedded().audience(Action::OpenTicket).includes(&member("acme", &[ClientRole::Billing]))
    );
    let noted = Resource::Note { client: &acme, internal: true };
    assert!(decide(&staff(&[]), &session(), Action::ReadNote, &noted).is_allowed());
}

#[test]
fn sh_req_04_end_users_have_no_door() {
    for action in Action::ALL.iter().filter(|action| ![Action::Enter, Action::Report].contains(action)) {
        let with_more = member("acme", &[ClientRole::Contact, ClientRole::EndUser]);
        let verdict = at_acme(&with_more, &session(), *action);
        assert!(!verdict.is_allowed(), "{action:?}");
        if action.about() == About::Account {
            let refusal = refused(verdict, "no-door-for-end-users", Answer::Told);
            assert_eq!(refusal.clauses, ["SH-REQ-04"]);
        }
    }
}

#[test]
fn who_is_shut_out_not_here_yet_or_leaving() {
    let admin = staff(&[StaffRole::Administrator, StaffRole::Manager]);
    let contact = member("acme", &[ClientRole::Contact]);
    for who in [&admin, &contact] {
        for action in
            Action::ALL.iter().filter(|action| **action != Action::Enter && **action != Action::Report)
        {
            assert!(
                !at_acme(&who_is(Membership::Disabled, who.clone()), &session(), *action).is_allowed(),
                "{action:?}"
            );
        }
        let disabled = at_acme(&who_is(Membership::Disabled, who.clone()), &session(), Action::ReadOwn);
        refused(disabled, "disabled", Answer::SignIn);
        let invited = who_is(Membership::Invited, who.clone());
        assert!(at_acme(&invited, &session(), Action::EditCredentials).is_allowed());
        refused(at_acme(&invited, &session(), Action::ReadTickets), "not-yet-effective", Answer::Told);
        let leaving = who_is(Membership::Leaving, who.clone());
        assert!(at_acme(&leaving, &session(), Action::AnswerTicket).is_allowed());
        refused(at_acme(&leaving, &session(), Action::MakeToken), "leaving", Answer::Told);
        refused(at_acme(&leaving, &session(), Action::InvitePerson), "leaving", Answer::Told);
    }
}

#[test]
fn staff_without_a_second_factor_get_one_first() {
    let bare = Circumstances::default();
    for role in StaffRole::ALL {
        for action in Action::ALL.iter().filter(|action| **action != Action::Report) {
            let verdict = at_acme(&staff(&[*role]), &bare, *action);
            match action {
                Action::Enter | Action::EditCredentials => assert!(verdict.is_allowed(), "{action:?}"),
                _ => drop(refused(verdict, "second-factor", Answer::SecondFactor)),
            }
        }
    }
    assert!(at_acme(&member("acme", &[ClientRole::Contact]), &bare, Action::ReadTickets).is_allowed());
}

#[test]
fn a_token_reaches_as_far_as_it_was_made_to() {
    let contact = member("acme", &[ClientRole::Contact]);
    let manager = staff(&[StaffRole::Manager]);
    for who in [&contact, &manager] {
        for action in [Action::MakeToken, Action::EditCredentials] {
            refused(at_acme(who, &token(true, None), action), "by-hand", Answer::Told);
        }
        assert!(at_acme(who, &token(true, None), Action::AnswerTicket).is_allowed());
        refused(at_acme(who, &token(false, None), Action::AnswerTicket), "token-reads-only", Answer::Told);
        assert!(at_acme(who, &token(false, None), Action::ReadTickets).is_allowed());
    }
    let acme_only = token(true, Some("acme"));
    assert!(at_acme(&manager, &acme_only, Action::ReadTickets).is_allowed());
    assert!(at_acme(&manager, &acme_only, Action::ReadOwn).is_allowed());
    for action in Action::ALL.iter().filter(|action| action.about() == About::Client) {
        let beta = client("beta");
        let verdict = decide(&manager, &acme_only, *action, &route_of(*action, &beta));
        refused(verdict, "token-of-another-client", Answer::Hidden);
    }
    let everywhere = decide(&manager, &acme_only, Action::ReadTickets, &Resource::Provider);
    refused(everywhere, "token-of-another-client", Answer::Hidden);
}

#[test]
fn sh_char_06_appeals_are_the_clients_to_open_and_a_managers_to_decide() {
    let policy = Policy::embedded();
    let appeal = policy.audience(Action::Appeal);
    assert_eq!(
        (&appeal.staff, &appeal.members),
        (&Held::Nobody, &Held::Roles(vec![ClientRole::Contact, ClientRole::Approver]))
    );
    let decided = policy.audience(Action::DecideAppeal);
    assert_eq!((&decided.staff, &decided.members), (&Held::Roles(vec![StaffRole::Manager]), &Held::Nobody));
    let refusal = refused(
        at_acme(&staff(&[StaffRole::Engineer]), &session(), Action::DecideAppeal),
        "nothing-permits",
        Answer::Told,
    );
    assert_eq!(refusal.reason, "To decide an appeal is for the provider's people with the role `manager`.");
    refused(
        at_acme(&member("acme", &[ClientRole::Contact]), &session(), Action::DecideAppeal),
        "nothing-permits",
        Answer::Hidden,
    );
}

#[test]
fn nobody_and_machines_reach_what_is_theirs_and_nothing_else() {
    for action in Action::ALL {
        let visitor = at_acme(&Principal::Visitor, &Circumstances::default(), *action).is_allowed();
        assert_eq!(visitor, *action == Action::Enter, "{action:?}");
        let here = Circumstances { on_this_machine: true, ..Circumstances::default() };
        let visitor_here = at_acme(&Principal::Visitor, &here, *action).is_allowed();
        assert_eq!(visitor_here, [Action::Enter, Action::ReadMetrics].contains(action), "{action:?}");
        let machine = at_acme(&Principal::Machine, &here, *action).is_allowed();
        // Whoever has the address of a status page or of a calendar comes as a machine does: by a secret or a name, and not as a person.
        let theirs = [Action::Report, Action::ReadStatus, Action::ReadFeed, Action::FetchFile];
        assert_eq!(machine, theirs.contains(action), "{action:?}");
    }
}

/// The whole matrix of actions and roles, which is what a reviewer of a changed rule reads.
#[test]
fn who_may_what() {
    let row = |action: &Action| {
        let audience = Policy::embedded().audience(*action);
        format!("{:17}{}", action.name(), audience.words().unwrap_or_else(|| "nobody".to_owned()))
    };
    insta::assert_snapshot!(Action::ALL.iter().map(row).collect::<Vec<_>>().join("\n"));
}

/// ASVS 8.2.1: nobody becomes an administrator by way of one, but by an administrator.
#[test]
fn administrators_are_for_administrators() {
    let may = |role: StaffRole, administrator: bool| {
        let what = Resource::Person { client: None, administrator };
        decide(&staff(&[role]), &session(), Action::InvitePerson, &what).is_allowed()
    };
    assert!(may(StaffRole::Manager, false) && !may(StaffRole::Manager, true));
    assert!(may(StaffRole::Administrator, true) && !may(StaffRole::Engineer, false));
}
