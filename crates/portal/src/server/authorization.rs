//! Who may do what, as `docs/authorization.md` keeps it: written from the policy and the table of routes. The tests hold every
//! answer of the portal against that page, so that a route which is not in it, or another answer, fails the build.

use std::fmt::Write;

use desk::policy::{
    Answer, Circumstances, ClientRole, Membership, Policy, Principal, Resource, Rule, StaffRole, Verdict,
};
use facts::ClientId;

use super::{Route, routes};

/// Somebody of each kind, as the page's columns have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nobody is signed in.
    Nobody,
    /// One of the provider's people with this role, or with none.
    Staff(Option<StaffRole>),
    /// One of the client's people whose id stands in the path, with this role, or with none.
    Member(Option<ClientRole>),
    /// A contact of another client.
    Other,
}

impl Kind {
    /// All columns.
    pub fn all() -> Vec<Kind> {
        let staff = StaffRole::ALL.iter().copied().map(Some).chain([None]).map(Kind::Staff);
        let members = ClientRole::ALL.iter().copied().map(Some).chain([None]).map(Kind::Member);
        [Kind::Nobody].into_iter().chain(staff).chain(members).chain([Kind::Other]).collect()
    }

    fn principal(self, own: &ClientId, other: &ClientId) -> Principal {
        let (id, membership) = (String::new(), Membership::Effective);
        match self {
            Kind::Nobody => Principal::Visitor,
            Kind::Staff(role) => Principal::Staff { id, roles: role.into_iter().collect(), membership },
            Kind::Member(role) => {
                Principal::Member { id, client: own.clone(), roles: role.into_iter().collect(), membership }
            }
            Kind::Other => {
                Principal::Member { id, client: other.clone(), roles: vec![ClientRole::Contact], membership }
            }
        }
    }
}

const HEAD: &str = "# Who may do what

Written by `uphold api authorization` from the policy (`crates/desk/src/policy/rules.cedar`) and the portal's table of routes; do not
edit. `crates/portal/tests/it/isolation.rs` asks the portal every route as everybody here, with every id, and holds its answers against
the table; a route that is not in it fails the build. Why it is so: [0014](decisions/0014-authorization-by-policy.md).

## Rules

A rule that keeps out beats every rule that lets in; of several the first answers. What no rule lets in is refused.

| rule | | why | clause |
|---|---|---|---|
";

const ACTIONS: &str = "
## Actions

What can be done, and for whom. Staff reach every client, a client's people their own.

| action | to | for |
|---|---|---|
";

const ROUTES: &str = "
## Routes

What each answers: `+` it is done, `-` refused with the reason, `.` as if there were no such page, `s` sign in first, `k` for machines, each
with a key of its own that the handler asks for.

The provider's people, in this order: engineer, manager, csm, account-executive, administrator, without a role. A client's: contact,
requester, approver, security, billing, end-user, without a role. The last column is a contact of another client than the one in the
path; where no client is in the path, of any client. Who is disabled is answered as nobody. Programs on the machine itself read
`/metrics` without signing in.

| | path | action | nobody | provider | client | another |
|---|---|---|---|---|---|---|
";

/// The page.
pub fn authorization() -> String {
    let mut page = HEAD.to_owned();
    Policy::embedded().rules().iter().for_each(|rule| rule_line(&mut page, rule));
    page.push_str(ACTIONS);
    for action in desk::policy::Action::ALL {
        let words = Policy::embedded().audience(*action).words().unwrap_or_else(|| "nobody".to_owned());
        let _ = writeln!(page, "| {} | {} | {words} |", action.name(), action.purpose());
    }
    page.push_str(ROUTES);
    let mut routes = routes();
    routes.sort_by(|a, b| (a.path, a.method.as_str()).cmp(&(b.path, b.method.as_str())));
    routes.iter().for_each(|route| route_line(&mut page, route));
    page
}

fn rule_line(page: &mut String, rule: &Rule) {
    let does = match (rule.permits, rule.answer) {
        (true, _) => "lets in",
        (false, Answer::Hidden) => "hides",
        (false, Answer::SignIn) => "asks to sign in",
        (false, Answer::SecondFactor) => "asks for a second factor",
        (false, Answer::Told) => "refuses",
    };
    let _ = writeln!(page, "| {} | {does} | {} | {} |", rule.id, rule.reason, rule.clauses.join(" "));
}

fn route_line(page: &mut String, route: &Route) {
    let marks: String = Kind::all().into_iter().map(|kind| mark(route, kind)).collect();
    let (nobody, rest) = marks.split_at(1);
    let (staff, rest) = rest.split_at(StaffRole::ALL.len() + 1);
    let (members, other) = rest.split_at(ClientRole::ALL.len() + 1);
    let Route { method, path, action, .. } = route;
    let name = action.name();
    let _ =
        writeln!(page, "| {method} | `{path}` | {name} | `{nobody}` | `{staff}` | `{members}` | `{other}` |");
}

fn mark(route: &Route, kind: Kind) -> char {
    if route.audience().machines {
        return 'k';
    }
    let (Ok(own), Ok(other)) = ("own".parse::<ClientId>(), "other".parse::<ClientId>()) else { return '?' };
    let how = Circumstances { second_factor: true, ..Circumstances::default() };
    let what = Resource::of(route.action, route.path.contains("{client}").then_some(&own));
    match Policy::embedded().decide(&kind.principal(&own, &other), &how, route.action, &what) {
        Verdict::Allowed => '+',
        Verdict::Refused(refusal) => match refusal.answer {
            Answer::Hidden => '.',
            Answer::SignIn => 's',
            Answer::SecondFactor => '2',
            Answer::Told => '-',
        },
    }
}
