//! A rule as people are told of it: what its annotations say.

use std::collections::HashMap;

use cedar_policy::{Effect, PolicyId, PolicySet};

use super::{
    Broken,
    action::Action,
    audience::{Audience, Held},
    principal::Principal,
    verdict::{Answer, Refusal, Verdict},
};

/// One rule of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// Whether it lets in; otherwise it keeps out, whatever lets in.
    pub permits: bool,
    /// Why, to people: a whole sentence.
    pub reason: String,
    /// The clauses of the contracts that say so.
    pub clauses: Vec<String>,
    /// How its refusal looks.
    pub answer: Answer,
}

impl Rule {
    pub(super) fn refusal(&self) -> Refusal {
        let Rule { id, reason, clauses, answer, .. } = self;
        Refusal { rule: id.clone(), reason: reason.clone(), clauses: clauses.clone(), answer: *answer }
    }
}

/// The rules as they stand in the text, and the place of each. The engine numbers them so: `policy0`, `policy1`.
pub(super) fn in_order(set: &PolicySet) -> Result<(Vec<Rule>, HashMap<PolicyId, usize>), Broken> {
    let mut place = HashMap::new();
    let mut rules = Vec::new();
    for number in 0..set.num_of_policies() {
        let given = PolicyId::new(format!("policy{number}"));
        let policy = set
            .policy(&given)
            .ok_or_else(|| Broken::Incomplete(format!("the engine does not number rule {number} so")))?;
        let said = |key: &str| policy.annotation(key).map(str::to_owned);
        let needed = |key: &str| {
            said(key)
                .ok_or_else(|| Broken::Incomplete(format!("rule {} of the text has no @{key}", number + 1)))
        };
        let answer = said("answer").unwrap_or_else(|| Answer::Told.name().to_owned());
        let clauses = said("clause").map(|ids| ids.split(' ').map(str::to_owned).collect());
        rules.push(Rule {
            id: needed("id")?,
            permits: policy.effect() == Effect::Permit,
            reason: needed("reason")?,
            clauses: clauses.unwrap_or_default(),
            answer: Answer::read(&answer)
                .ok_or_else(|| Broken::Incomplete(format!("@answer(\"{answer}\") says nothing")))?,
        });
        place.insert(given, number);
    }
    Ok((rules, place))
}

/// What no rule permits: a side that is never let in is not told what there is.
pub(super) fn nothing_permits(who: &Principal, action: Action, audience: &Audience) -> Verdict {
    let answer = match who {
        Principal::Visitor => Answer::SignIn,
        Principal::Machine => Answer::Hidden,
        Principal::Member { .. } if audience.members == Held::Nobody => Answer::Hidden,
        Principal::Member { .. } | Principal::Staff { .. } => Answer::Told,
    };
    let reason = match audience.words() {
        Some(words) => format!("To {} is for {words}.", action.purpose()),
        None => format!("Nobody may {}.", action.purpose()),
    };
    Verdict::Refused(Refusal { rule: "nothing-permits".to_owned(), reason, clauses: Vec::new(), answer })
}

/// The question could not be asked or answered as the schema has it: a fault of ours, and no way in.
pub(super) fn unanswered(action: Action) -> Verdict {
    let reason = format!("Whether you may {} could not be decided.", action.purpose());
    let rule = "unanswered".to_owned();
    Verdict::Refused(Refusal { rule, reason, clauses: Vec::new(), answer: Answer::Hidden })
}
