//! Who may do a thing at all, for the API's description, the docs and the words of a refusal: found by asking the policy about one
//! person of each role.

use facts::ClientId;

use super::{About, Action, Circumstances, ClientRole, Membership, Policy, Principal, Resource, StaffRole};

/// Who may, each at home: staff everywhere, a client's people at their client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// What the thing is done to.
    pub about: About,
    /// Whoever asks, signed in or not.
    pub anybody: bool,
    /// Machines with a secret of their own.
    pub machines: bool,
    /// Programs on the machine that the portal runs on.
    pub programs_here: bool,
    /// The provider's people.
    pub staff: Held<StaffRole>,
    /// A client's people.
    pub members: Held<ClientRole>,
}

/// Which of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held<R> {
    /// None.
    Nobody,
    /// Who has one of these roles.
    Roles(Vec<R>),
    /// Everybody, whatever their role.
    All,
}

impl Audience {
    pub(super) const NOBODY: Audience = Audience {
        about: About::Provider,
        anybody: false,
        machines: false,
        programs_here: false,
        staff: Held::Nobody,
        members: Held::Nobody,
    };

    /// Whether it is worth offering to somebody. Whether they may is asked when they do it.
    pub fn includes(&self, who: &Principal) -> bool {
        let held = match who {
            Principal::Visitor => false,
            Principal::Machine => self.machines,
            Principal::Staff { roles, .. } => self.staff.by(roles),
            Principal::Member { roles, .. } => self.members.by(roles),
        };
        self.anybody || held
    }

    /// Who, to go on from "for"; none where it is nobody.
    pub fn words(&self) -> Option<String> {
        if self.anybody {
            return Some("anybody".to_owned());
        }
        if self.about == About::Account && (&self.staff, &self.members) == (&Held::All, &Held::All) {
            return Some("whoever is signed in".to_owned());
        }
        let mut said = Vec::new();
        said.extend(held(&self.staff, "the provider's people", StaffRole::name));
        said.extend(held(&self.members, "the client's own people", ClientRole::name));
        said.extend(self.programs_here.then(|| "programs on this machine".to_owned()));
        said.extend(
            self.machines.then(|| "programs and readers that have its address or its secret".to_owned()),
        );
        (!said.is_empty()).then(|| said.join(", and "))
    }
}

impl<R: PartialEq> Held<R> {
    fn by(&self, roles: &[R]) -> bool {
        match self {
            Held::Nobody => false,
            Held::All => true,
            Held::Roles(held) => held.iter().any(|role| roles.contains(role)),
        }
    }
}

fn held<R: Copy>(held: &Held<R>, whose: &str, name: impl Fn(R) -> &'static str) -> Option<String> {
    match held {
        Held::Nobody => None,
        Held::All => Some(whose.to_owned()),
        Held::Roles(roles) => {
            let mut names: Vec<String> = roles.iter().map(|role| format!("`{}`", name(*role))).collect();
            let last = names.pop().unwrap_or_default();
            let before = if names.is_empty() { String::new() } else { format!("{} or ", names.join(", ")) };
            Some(format!("{whose} with the role {before}{last}"))
        }
    }
}

/// Asks about one of each.
pub(super) fn of(policy: &Policy, action: Action) -> Audience {
    let Ok(home) = "home".parse::<ClientId>() else { return Audience::NOBODY };
    let may = |who: &Principal, how: &Circumstances, client: Option<&ClientId>| {
        let what = match (action, client) {
            (Action::ReadNote, _) => Resource::Note { client: &home, internal: false },
            (action, client) => Resource::of(action, client.filter(|_| action.about() == About::Client)),
        };
        policy.decide(who, how, action, &what).is_allowed()
    };
    let (plain, proved) =
        (Circumstances::default(), Circumstances { second_factor: true, ..Circumstances::default() });
    let here = Circumstances { on_this_machine: true, ..Circumstances::default() };
    let staff = |roles: Vec<StaffRole>| {
        let who = Principal::Staff { id: String::new(), roles, membership: Membership::Effective };
        may(&who, &proved, None) || may(&who, &proved, Some(&home))
    };
    let member = |roles: Vec<ClientRole>| {
        let client = home.clone();
        let who = Principal::Member { id: String::new(), client, roles, membership: Membership::Effective };
        may(&who, &plain, Some(&home))
    };
    let anybody = may(&Principal::Visitor, &plain, None);
    Audience {
        about: action.about(),
        anybody,
        machines: may(&Principal::Machine, &plain, None),
        programs_here: !anybody && may(&Principal::Visitor, &here, None),
        staff: ask(StaffRole::ALL, staff),
        members: ask(ClientRole::ALL, member),
    }
}

fn ask<R: Copy>(all: &[R], may: impl Fn(Vec<R>) -> bool) -> Held<R> {
    if may(Vec::new()) {
        return Held::All;
    }
    let roles: Vec<R> = all.iter().copied().filter(|role| may(vec![*role])).collect();
    if roles.is_empty() { Held::Nobody } else { Held::Roles(roles) }
}
