//! What a decision costs, with its question put together anew each time, as for every request.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use desk::policy::{
    Action, Circumstances, ClientRole, Membership, Policy, Principal, Resource, Scope, StaffRole,
};

fn decisions(c: &mut Criterion) {
    let policy = Policy::embedded();
    let (acme, beta) = ("acme".parse().expect("an id"), "beta".parse().expect("an id"));
    let staff = Principal::Staff {
        id: "0123456789abcdef01234567".to_owned(),
        roles: vec![StaffRole::Engineer, StaffRole::Manager],
        membership: Membership::Effective,
    };
    let member = Principal::Member {
        id: "0123456789abcdef01234567".to_owned(),
        client: "acme".parse().expect("an id"),
        roles: vec![ClientRole::Contact],
        membership: Membership::Effective,
    };
    let session = Circumstances { second_factor: true, ..Circumstances::default() };
    let token = Circumstances { token: Some(Scope { writes: true, only: None }), ..session.clone() };
    let mut bench = |name: &str, who: &Principal, how: &Circumstances, action: Action, what: Resource<'_>| {
        c.bench_function(name, |b| b.iter(|| black_box(policy).decide(who, how, action, black_box(&what))));
    };
    bench("policy/staff, allowed", &staff, &session, Action::AnswerTicket, Resource::Client(&acme));
    bench("policy/member, allowed", &member, &session, Action::AnswerTicket, Resource::Client(&acme));
    bench("policy/member by token, allowed", &member, &token, Action::AnswerTicket, Resource::Client(&acme));
    bench(
        "policy/member of another client, hidden",
        &member,
        &session,
        Action::ReadTickets,
        Resource::Client(&beta),
    );
    bench(
        "policy/member, internal note",
        &member,
        &session,
        Action::ReadNote,
        Resource::Note { client: &acme, internal: true },
    );
    bench(
        "policy/nobody, sign in first",
        &Principal::Visitor,
        &Circumstances::default(),
        Action::ReadOwn,
        Resource::Account,
    );
}

criterion_group!(benches, decisions);
criterion_main!(benches);
