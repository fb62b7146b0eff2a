//! Roles: who must exist for the file to mean something.

use facts::{Event, Side};

use super::look::{At, Found, Look, instead};
use crate::section::{
    obligation::{Coverage, MetActor, ObligationRule, OnMiss},
    party::{Permission, Role},
};

/// Roles that are named exist: who claims exclusions, who answers for a topic, who is told. What asks for a qualified
/// person needs the role `qualified`, what asks for a manager the role `manager`, what asks for an approver a client role
/// that may approve changes.
pub(crate) fn r_04_roles_exist(look: &Look<'_>, found: &mut Found) {
    let agreement = look.agreement;
    if let Some(exclusions) = &agreement.exclusions {
        let at = At::key(&exclusions.places, "claim_by", &exclusions.clause.ids);
        if named(look, &exclusions.claim_by, at, found).is_some_and(|role| role.side != Side::Provider) {
            let at = At::key(&exclusions.places, "claim_by", &exclusions.clause.ids);
            found.error(at, "exclusions are claimed by the provider", "name a role of the provider (A-16)");
        }
    }
    for topic in &agreement.contact_topic {
        named(look, &topic.who, At::key(&topic.places, "who", &topic.clause.ids), found);
    }
    for obligation in &agreement.obligation {
        of_obligation(look, obligation, found);
    }
}

fn named<'a>(look: &Look<'a>, name: &str, at: At<'_>, found: &mut Found) -> Option<&'a Role> {
    let role = look.agreement.role.get(name);
    if role.is_none() {
        let known = look.agreement.role.keys().map(String::as_str);
        found.error(
            at,
            format!("there is no role `{name}`"),
            instead(name, known, &format!("add [role.{name}]")),
        );
    }
    role
}

fn of_obligation(look: &Look<'_>, obligation: &ObligationRule, found: &mut Found) {
    let at = |key: &str| At::key(&obligation.places, key, &obligation.clause.ids);
    match obligation.met_by.as_ref().and_then(|met| met.actor) {
        Some(MetActor::Qualified) => drop(named(look, "qualified", at("met_by"), found)),
        Some(MetActor::Manager) => drop(named(look, "manager", at("met_by"), found)),
        Some(MetActor::Approver) if !may(look, Side::Client, Permission::ChangeApprove) => {
            found.error(
                at("met_by"),
                "no role of the client may approve changes",
                "give one `may = [\"change.approve\"]`",
            );
        }
        _ => {}
    }
    if obligation.coverage == Some(Coverage::QualifiedAroundTheClock) {
        named(look, "qualified", at("coverage"), found);
    }
    if obligation.on_miss.contains(&OnMiss::NotifyManager) {
        named(look, "manager", at("on_miss"), found);
    }
    notices(look, obligation, found);
}

/// The reader of a notice is named by role (SH-MAINT-11).
fn notices(look: &Look<'_>, obligation: &ObligationRule, found: &mut Found) {
    let met = obligation.met_by.iter().filter(|met| met.event == Event::NoticeDelivered);
    for matching in met.filter_map(|met| met.r#match.as_ref()) {
        for role in matching.fields.get("to").into_iter().flatten() {
            let place = matching.places.get("to").cloned().unwrap_or_default();
            named(look, role, At(place, &obligation.clause.ids), found);
        }
    }
}

fn may(look: &Look<'_>, side: Side, what: Permission) -> bool {
    look.agreement.role.values().any(|role| role.side == side && role.may.contains(&what))
}
