//! Who is signed in: a person, by a browser's session or by an API token.

use std::net::IpAddr;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use desk::policy::{
    Action, Circumstances, ClientRole, Membership, Policy, Principal, Resource, Scope, StaffRole, Verdict,
};
use door::Secret;
use facts::{Actor, ClientId};
use ipnet::IpNet;
use journal::{
    Hash, Journal,
    people::{Person, Standing},
};
use spans::{Instant, Length};

use super::{App, Problem, cookie, decision::decide, health::METRICS_PATH};

/// A session that is not used for so long ends (ASVS 7.3.1): staff see every client.
pub const IDLE_MAX_STAFF: Length = Length::HOUR;
/// The same for people of a client.
pub const IDLE_MAX_CLIENT: Length = Length::from_secs(12 * 3_600);
/// A session ends after so long however much it is used (ASVS 7.3.2).
pub const SESSION_MAX: Length = Length::from_secs(24 * 3_600);
/// How exactly "last used" is written down: a write for every request would be a disk's wait for every request.
const SEEN_EVERY: Length = Length::MINUTE;

/// The person a request is from. As an argument of a handler it is there where the policy lets no visitor in.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Who.
    pub person: Person,
    /// How they came in.
    pub by: By,
    /// Whether they proved a second factor, or this deployment asks for none.
    pub second_factor: bool,
    /// How many factors were shown.
    pub factors: u8,
    /// When all they have was last shown; sensitive acts ask again after a while. None for programs.
    pub strong: Option<Instant>,
    /// Whether they count as their client's, or the provider's, at the instant of the request.
    pub membership: Membership,
    /// What an API token is cut to.
    pub scope: Option<Scope>,
}

/// How somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A browser, with this session.
    Session(Hash),
    /// A program, with this API token. It may use `/api/` and `/metrics` only.
    Token(Hash),
}

impl Viewer {
    /// Whether they are the provider's.
    pub fn is_staff(&self) -> bool {
        self.person.standing == Standing::Staff
    }

    /// Whether they hold a role.
    pub fn has_role(&self, role: &str) -> bool {
        self.person.roles.iter().any(|held| held == role)
    }

    /// As the policy knows them: who asks, and how. A role that means nothing here carries nothing.
    pub(crate) fn asks(&self) -> (Principal, Circumstances) {
        let Person { id, standing, roles, .. } = &self.person;
        let membership = self.membership;
        let id = id.clone();
        let who = match standing {
            Standing::Staff => {
                let roles = roles.iter().filter_map(|role| StaffRole::read(role)).collect();
                Principal::Staff { id, roles, membership }
            }
            Standing::Of(client) => {
                let roles = roles.iter().filter_map(|role| ClientRole::read(role)).collect();
                Principal::Member { id, client: client.clone(), roles, membership }
            }
        };
        let token = self.scope.clone();
        (who, Circumstances { on_this_machine: false, second_factor: self.second_factor, token })
    }

    /// Whether the policy lets them. The guard has asked for the route; handlers ask for what is inside.
    pub fn may(&self, action: Action, what: &Resource<'_>) -> bool {
        self.require(action, what).is_ok()
    }

    /// The same, with the reason why not.
    ///
    /// # Errors
    /// What the policy says.
    pub fn require(&self, action: Action, what: &Resource<'_>) -> Result<(), Problem> {
        let (who, how) = self.asks();
        match decide(&who, &how, action, what) {
            Verdict::Allowed => Ok(()),
            Verdict::Refused(refusal) => Err(refusal.into()),
        }
    }

    /// Whether it is worth offering them.
    pub(crate) fn is_offered(&self, action: Action) -> bool {
        Policy::embedded().audience(action).includes(&self.asks().0)
    }

    /// Whether they read what the provider's people write to each other about this client's tickets.
    pub(crate) fn reads_notes(&self, client: &ClientId) -> bool {
        self.may(Action::ReadNote, &Resource::Note { client, internal: true })
    }

    /// Whether they may see this client's pages. Routes with `{client}` in their path ask this by themselves.
    pub fn may_see(&self, client: &ClientId) -> bool {
        self.may(Action::ReadClient, &Resource::Client(client))
    }

    /// Who acts, as facts name them: by an id that says nothing, so that a name can be changed and erased, and with roles and
    /// skills as known now (a later change of skills does not rewrite who answered).
    pub fn actor(&self) -> Actor {
        let Person { id, standing, roles, skills, .. } = &self.person;
        let actor = match standing {
            Standing::Staff => Actor::provider(id),
            Standing::Of(_) => Actor::client(id),
        };
        Actor { roles: roles.clone(), skills: skills.clone(), ..actor }
    }
}

impl FromRequestParts<App> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Viewer, Problem> {
        parts.extensions.get().cloned().ok_or(Problem::SignInFirst)
    }
}

impl axum::extract::OptionalFromRequestParts<App> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Option<Viewer>, Problem> {
        Ok(parts.extensions.get().cloned())
    }
}

/// Looks up who a request is from. A token that is no longer good is an error; a session that ended is nobody.
pub(crate) async fn find(
    app: &App,
    path: &str,
    headers: &HeaderMap,
    from: Option<IpAddr>,
) -> Result<Option<Viewer>, Problem> {
    let now = app.now();
    let second_factor = !app.config().asks_second_factor();
    if (path.starts_with("/api/") || path == METRICS_PATH)
        && let Some(token) = bearer(headers)
    {
        let token = Secret::read_api_token(token).ok_or(Problem::BadToken)?.hash();
        let found = app.ask(move |journal| by_token(journal, token, from, now)).await?;
        let viewer = found.ok_or(Problem::BadToken)?;
        return Ok(Some(Viewer { second_factor: second_factor || viewer.second_factor, ..viewer }));
    }
    let Some(token) = cookie::session(app.config(), headers) else { return Ok(None) };
    let viewer = app.ask(move |journal| by_session(journal, token.hash(), now)).await?;
    Ok(viewer.map(|viewer| Viewer { second_factor: second_factor || viewer.second_factor, ..viewer }))
}

/// As the policy has it.
fn membership(person: &Person, now: Instant) -> Membership {
    match person.membership(now) {
        journal::people::Membership::Announced => Membership::Invited,
        journal::people::Membership::Effective => Membership::Effective,
        journal::people::Membership::Leaving => Membership::Leaving,
        journal::people::Membership::Disabled => Membership::Disabled,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn by_session(journal: &Journal, token: Hash, now: Instant) -> journal::Result<Option<Viewer>> {
    let Some((session, person)) = journal.glance(|tx| tx.session(token, now))? else { return Ok(None) };
    if person.membership(now) == journal::people::Membership::Disabled {
        return Ok(None);
    }
    let idle = match person.standing {
        Standing::Staff => IDLE_MAX_STAFF,
        Standing::Of(_) => IDLE_MAX_CLIENT,
    };
    if session.seen + idle <= now {
        return Ok(None);
    }
    if session.seen + SEEN_EVERY <= now {
        let id = person.id.clone();
        journal.write(move |tx| {
            tx.see_person(&id, now)?;
            tx.see_session(token, now)
        })?;
    }
    let membership = membership(&person, now);
    let (factors, strong) = (session.factors, session.strong);
    let (by, second_factor) = (By::Session(token), factors >= 2);
    Ok(Some(Viewer { person, by, second_factor, factors, strong, membership, scope: None }))
}

/// A token that is bound to networks works from nowhere else; who holds it elsewhere is told no more than who holds none.
fn by_token(
    journal: &Journal,
    hash: Hash,
    from: Option<IpAddr>,
    now: Instant,
) -> journal::Result<Option<Viewer>> {
    let Some((token, person)) = journal.glance(|tx| tx.token(hash, now))? else { return Ok(None) };
    if !works_from(token.networks.as_deref(), from) {
        tracing::warn!(person = %person.id, address = ?from, "token.elsewhere");
        return Ok(None);
    }
    if person.membership(now) == journal::people::Membership::Disabled {
        return Ok(None);
    }
    if token.used.is_none_or(|used| used + SEEN_EVERY <= now) {
        journal.write(move |tx| tx.see_token(hash, now))?;
    }
    let roles = match &token.roles {
        Some(cut) => person.roles.iter().filter(|role| cut.contains(role)).cloned().collect(),
        None => person.roles.clone(),
    };
    let (membership, factors) = (membership(&person, now), token.factors);
    let scope = Some(Scope { writes: token.writes, only: token.client });
    let (person, by, second_factor) = (Person { roles, ..person }, By::Token(hash), factors >= 2);
    Ok(Some(Viewer { person, by, second_factor, factors, strong: None, membership, scope }))
}

fn works_from(networks: Option<&[String]>, from: Option<IpAddr>) -> bool {
    let Some(networks) = networks else { return true };
    let Some(from) = from.map(|from| from.to_canonical()) else { return false };
    networks.iter().filter_map(|net| net.parse::<IpNet>().ok()).any(|net| net.contains(&from))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_bound_to_networks_works_from_nowhere_else() {
        let nets = ["192.0.2.0/24".to_owned(), "2001:db8::/32".to_owned()];
        let from = |address: &str| works_from(Some(&nets), Some(address.parse().unwrap()));
        assert!(from("192.0.2.7") && from("::ffff:192.0.2.7") && from("2001:db8:1::1"));
        assert!(!from("192.0.3.7") && !from("2001:db9::1"));
        assert!(!works_from(Some(&nets), None) && works_from(None, None));
        assert!(!works_from(Some(&["nonsense".to_owned()]), Some("192.0.2.7".parse().unwrap())));
    }

    pub(crate) fn viewer(client: Option<&str>, roles: &[&str]) -> Viewer {
        let standing = client.map_or(Standing::Staff, |id| Standing::Of(id.parse().unwrap()));
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        let person = Person { roles, ..Person::new("p", "p", "P", standing, Instant::EPOCH) };
        let (by, membership) = (By::Session([0; 32].into()), Membership::Effective);
        Viewer { person, by, second_factor: true, factors: 2, strong: None, membership, scope: None }
    }

    #[test]
    fn an_actor_carries_side_roles_and_skills() {
        let actor = viewer(Some("acme"), &["contact"]).actor();
        assert_eq!(actor, Actor::client("p").role("contact"));
    }
}
