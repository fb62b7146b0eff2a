//! What the policy decided, remembered: it is part of the program, and the same question has the same answer for as long as that runs.
//! A decision is worked out in a tenth of a millisecond, and every request asks for two or more.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use desk::policy::{Action, Circumstances, Policy, Principal, Resource, Verdict};

/// Decisions that are remembered; one more, and all are forgotten.
const REMEMBERED_MAX: usize = 8_192;

static REMEMBERED: Mutex<Option<HashMap<String, Verdict>>> = Mutex::new(None);

/// Whether somebody may.
pub(crate) fn decide(who: &Principal, how: &Circumstances, action: Action, what: &Resource<'_>) -> Verdict {
    let question = question(who, how, action, what);
    let known = |table: &mut HashMap<String, Verdict>| table.get(&question).cloned();
    if let Some(verdict) = with(known) {
        return verdict;
    }
    let verdict = Policy::embedded().decide(who, how, action, what);
    with(|table| {
        if table.len() == REMEMBERED_MAX {
            table.clear();
        }
        table.insert(question, verdict.clone());
    });
    verdict
}

/// Everything that the policy is asked with, as text: each part as it is written in Rust, so that no two questions are one.
fn question(who: &Principal, how: &Circumstances, action: Action, what: &Resource<'_>) -> String {
    format!("{who:?} {how:?} {action:?} {what:?}")
}

fn with<T>(work: impl FnOnce(&mut HashMap<String, Verdict>) -> T) -> T {
    let mut table = REMEMBERED.lock().unwrap_or_else(PoisonError::into_inner);
    work(table.get_or_insert_default())
}

#[cfg(test)]
mod tests {
    use desk::policy::{Membership, StaffRole};

    use super::*;

    #[test]
    fn what_is_remembered_is_what_the_policy_says_to_each() {
        let client = "acme".parse().unwrap();
        let staff = |role: StaffRole, membership: Membership| Principal::Staff {
            id: "sam".to_owned(),
            roles: vec![role],
            membership,
        };
        let here = Circumstances { second_factor: true, ..Circumstances::default() };
        let asked = [
            (staff(StaffRole::Engineer, Membership::Effective), here.clone()),
            (staff(StaffRole::Manager, Membership::Effective), here.clone()),
            (staff(StaffRole::Manager, Membership::Invited), here.clone()),
            (staff(StaffRole::Manager, Membership::Effective), Circumstances::default()),
            (Principal::Visitor, here),
        ];
        let mut questions: Vec<String> = Vec::new();
        for _ in 0..2 {
            for (who, how) in &asked {
                for action in Action::ALL {
                    let what = Resource::of(*action, Some(&client));
                    assert_eq!(
                        decide(who, how, *action, &what),
                        Policy::embedded().decide(who, how, *action, &what)
                    );
                    questions.push(question(who, how, *action, &what));
                }
            }
        }
        questions.sort();
        questions.dedup();
        assert_eq!(questions.len(), asked.len() * Action::ALL.len(), "no two are one");
    }
}
