//! Values by tier, by kind or by urgency.

use std::collections::BTreeSet;

use super::look::{At, Found, Look, instead, listed};
use crate::{
    read::Places,
    section::{
        obligation::{ObligationRule, Within},
        request::MatrixAxis,
    },
    value::keyed::Keyed,
};

/// What is given by tier has a value for each tier and for no other word; an obligation's time and calendar may go by
/// kind instead. The signed tier is one of the list.
pub(crate) fn r_02_keyed_by_the_right_words(look: &Look<'_>, found: &mut Found) {
    let agreement = look.agreement;
    if let Some(tiers) = &agreement.tiers
        && !tiers.list.contains(&tiers.chosen)
    {
        let message = format!("the signed tier `{}` is not one of the list", tiers.chosen);
        let way_out = instead(&tiers.chosen, look.tiers(), "list the tiers first");
        found.error(At::key(&tiers.places, "chosen", &tiers.clause.ids), message, way_out);
    }
    money(look, found);
    work(look, found);
    for obligation in &agreement.obligation {
        of_obligation(look, obligation, found);
    }
}

fn money(look: &Look<'_>, found: &mut Found) {
    let agreement = look.agreement;
    for surcharge in agreement.price.iter().filter_map(|price| price.surcharge.as_ref()) {
        let table = Table { look, places: &surcharge.places, clauses: &surcharge.clause.ids };
        table.by_tier("percent", &surcharge.percent, found);
        table.by_tier("amount", &surcharge.amount, found);
    }
    if let Some(availability) = &agreement.availability {
        let table = Table { look, places: &availability.places, clauses: &availability.clause.ids };
        table.by_tier("objective", &availability.objective, found);
    }
    if let Some(credit) = &agreement.credit {
        for band in &credit.band {
            let table = Table { look, places: &band.places, clauses: &band.clause.ids };
            table.by_tier("percent", &band.percent, found);
        }
        if let Some(cap) = &credit.cap {
            let table = Table { look, places: &cap.places, clauses: &cap.clause.ids };
            table.by_tier("percent", &cap.percent, found);
        }
    }
}

fn work(look: &Look<'_>, found: &mut Found) {
    let agreement = look.agreement;
    if let Some(hours) = &agreement.support_hours {
        let table = Table { look, places: &hours.places, clauses: &hours.clause.ids };
        table.by_tier("calendar", &hours.calendar, found);
    }
    if let Some(reminders) = &agreement.reminders {
        let table = Table { look, places: &reminders.places, clauses: &reminders.clause.ids };
        table.by_tier("calendar", &reminders.calendar, found);
    }
    for maintenance in &agreement.maintenance {
        let table = Table { look, places: &maintenance.places, clauses: &maintenance.clause.ids };
        table.by_tier("slot", &maintenance.slot, found);
        if let Some(outside) = &maintenance.outside_slot {
            table.by_tier("outside_slot", outside, found);
        }
    }
    for channel in agreement.channel.values() {
        for (number, tier) in
            channel.tiers.iter().enumerate().filter(|(_, tier)| !look.tiers().contains(&tier.as_str()))
        {
            let at = At::key(&channel.places, &format!("tiers.{number}"), &channel.clause.ids);
            let way_out = instead(tier, look.tiers(), "add [tiers] with its list");
            found.error(at, format!("`{tier}` is no tier"), way_out);
        }
    }
    for (cadence, max) in agreement.cadence.iter().filter_map(|c| Some((c, c.max.as_ref()?))) {
        let table = Table { look, places: &cadence.places, clauses: &cadence.clause.ids };
        table.some_of("max", max, MatrixAxis::Urgency, found);
    }
    if let Some(escalation) = &agreement.escalation {
        let table = Table { look, places: &escalation.places, clauses: &escalation.clause.ids };
        let thresholds = Keyed::By(escalation.thresholds.clone());
        table.some_of("thresholds", &thresholds, MatrixAxis::Urgency, found);
        if let Some(calendar) = &escalation.calendar {
            table.by("calendar", calendar, &[MatrixAxis::Kind, MatrixAxis::Urgency], found);
        }
    }
}

fn of_obligation(look: &Look<'_>, obligation: &ObligationRule, found: &mut Found) {
    let table = Table { look, places: &obligation.places, clauses: &obligation.clause.ids };
    if let Some(Within::Amount(amount)) = &obligation.within {
        table.by("within", amount, &[MatrixAxis::Tier, MatrixAxis::Kind], found);
    }
    if let Some(keep) = &obligation.keep {
        table.by_tier("keep", keep, found);
    }
    if let Some(remind) = &obligation.remind {
        table.by_tier("remind", remind, found);
    }
    if let Some(calendar) = &obligation.calendar {
        table.by("calendar", calendar, &[MatrixAxis::Tier, MatrixAxis::Kind], found);
    }
}

/// A table whose keyed values are judged.
struct Table<'l, 'a> {
    look: &'l Look<'a>,
    places: &'l Places,
    clauses: &'l [String],
}

impl Table<'_, '_> {
    fn by_tier<T>(&self, key: &str, value: &Keyed<T>, found: &mut Found) {
        self.by(key, value, &[MatrixAxis::Tier], found);
    }

    /// One of these lists, whole: the one that holds the first word known to any of them.
    fn by<T>(&self, key: &str, value: &Keyed<T>, axes: &[MatrixAxis], found: &mut Found) {
        let Keyed::By(map) = value else { return };
        let lists = axes.iter().map(|axis| (*axis, self.look.words(*axis)));
        let lists: Vec<_> = lists.filter(|(_, words)| !words.is_empty()).collect();
        let meant = lists.iter().find(|(_, words)| map.keys().any(|word| words.contains(&word.as_str())));
        let Some((axis, words)) = meant.or(lists.first()) else {
            let message = format!("`{key}` is given by {}, and the file has none", names(axes));
            found.error(At::key(self.places, key, self.clauses), message, "write one value for all");
            return;
        };
        self.unknown(key, map.keys(), words, *axis, found);
        let missing: BTreeSet<&str> = words.iter().copied().filter(|word| !map.contains_key(*word)).collect();
        if !missing.is_empty() {
            let message = format!("`{key}` has no value for {}", listed(missing));
            let way_out = format!("give one for each {}: {}", axis.name(), words.join(", "));
            found.error(At::key(self.places, key, self.clauses), message, way_out);
        }
    }

    /// Words of this list, not necessarily all.
    fn some_of<T>(&self, key: &str, value: &Keyed<T>, axis: MatrixAxis, found: &mut Found) {
        if let Keyed::By(map) = value {
            self.unknown(key, map.keys(), &self.look.words(axis), axis, found);
        }
    }

    fn unknown<'w>(
        &self,
        key: &str,
        used: impl Iterator<Item = &'w String>,
        words: &[&str],
        axis: MatrixAxis,
        found: &mut Found,
    ) {
        for word in used.filter(|word| !words.contains(&word.as_str())) {
            let at = At::key(self.places, &format!("{key}.{word}"), self.clauses);
            let way_out = instead(word, words.iter().copied(), "write one value for all");
            found.error(at, format!("`{word}` is no {}", axis.name()), way_out);
        }
    }
}

fn names(axes: &[MatrixAxis]) -> String {
    axes.iter().map(|axis| axis.name()).collect::<Vec<_>>().join(" or ")
}
