//! Where two clauses of the scope meet.

use std::collections::BTreeMap;

use super::look::{At, Found, Look};
use crate::section::catalogue::Item;

/// A clause that one item cites as in scope and another as out of scope needs a `boundary` on one of them, or people
/// will quarrel about the case between.
pub(crate) fn r_10_scope_collisions(look: &Look<'_>, found: &mut Found) {
    let items = || look.agreement.catalogue.iter().flat_map(|catalogue| &catalogue.item);
    let mut by_clause: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in items() {
        for id in &item.clause.ids {
            by_clause.entry(id).or_default().push(item);
        }
    }
    for (id, items) in by_clause {
        let inside = items.iter().find(|item| item.r#in);
        let outside = items.iter().find(|item| !item.r#in);
        let (Some(inside), Some(outside)) = (inside, outside) else { continue };
        if items.iter().all(|item| item.boundary.is_none()) {
            let clauses = [id.to_owned()];
            let message = format!("{id} puts `{}` in scope and `{}` out of it", inside.id, outside.id);
            let at = At(outside.places.table(), &clauses);
            found.warning(at, message, "say with `boundary` where one ends and the other begins (A-40)");
        }
    }
}
