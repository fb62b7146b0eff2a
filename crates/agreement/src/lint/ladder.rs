//! Ladders: the bands of credit and of severity, and the cap on credits.

use super::look::{At, Found, Look, listed};
use crate::{
    section::credit::{Band, Below, Credit},
    value::percent::Percent,
};

/// L-06. The bands of credit go down from the objective without gap or overlap: the first is `below = "objective"`, each next
/// is below where the one before ends, the last has no `at_least`. Worse uptime never earns less. The bands of severity go
/// up from 0.0 to 10.0 in the same way (SH-CRED-04..06, SH-SEC-06, A-10).
pub(crate) fn l_06_broken_ladder(look: &Look<'_>, found: &mut Found) {
    if let Some(credit) = &look.agreement.credit {
        credits(look, credit, found);
    }
    severities(look, found);
}

fn credits(look: &Look<'_>, credit: &Credit, found: &mut Found) {
    let Some(last) = credit.band.last() else {
        found.error(
            At::key(&credit.places, "band", &credit.clause.ids),
            "the ladder has no band",
            "add [[credit.band]]",
        );
        return;
    };
    let at = |band: &Band, key: &str| At(band.places.of(key), &[]);
    for (number, band) in credit.band.iter().enumerate() {
        let above = number.checked_sub(1).map(|above| &credit.band[above]);
        joined(above, band, found);
        if let Some(above) = above {
            earns_no_less(look, above, band, found);
        }
    }
    if let Some(lowest) = last.at_least {
        let message = format!("nothing is credited below {lowest}");
        found.error(
            At::key(&last.places, "at_least", &last.clause.ids),
            message,
            "leave `at_least` out of the last band",
        );
    }
    if let (Some(availability), Some(first)) = (&look.agreement.availability, credit.band.first()) {
        for (tier, objective) in availability.objective.iter() {
            if first.at_least.is_some_and(|lowest| lowest >= *objective) {
                let message = format!(
                    "the first band of {} is empty: its objective is {objective}",
                    tier.unwrap_or("the agreement")
                );
                found.error(
                    At(at(first, "at_least").0, &first.clause.ids),
                    message,
                    "let the band begin below every objective",
                );
            }
        }
    }
}

/// Where a band begins is where the one above it ends.
fn joined(above: Option<&Band>, band: &Band, found: &mut Found) {
    let at = |key: &str| At::key(&band.places, key, &band.clause.ids);
    let (expected, text) = match above.map(|above| above.at_least) {
        None => (Below::Objective, "\"objective\"".to_owned()),
        Some(Some(lowest)) => (Below::Percent(lowest), format!("\"{}\"", plain(lowest))),
        Some(None) => {
            let message = "a band follows one that has no lower end";
            found.error(at("below"), message, "give the band above it an `at_least`, or take this one out");
            return;
        }
    };
    if band.below != expected {
        let what = match (above.and_then(|above| above.at_least), band.below) {
            (Some(lowest), Below::Percent(below)) if below > lowest => "overlaps with the one above it",
            (Some(_), Below::Percent(_)) => "leaves a gap to the one above it",
            (Some(_), Below::Objective) => "overlaps with the one above it",
            (None, _) => "does not begin at the objective",
        };
        found.error(at("below"), format!("the band {what}"), format!("write below = {text}"));
    }
    if let (Some(lowest), Below::Percent(below)) = (band.at_least, band.below)
        && lowest >= below
    {
        let message = format!("the band ends at {lowest}, not below where it begins ({below})");
        found.error(at("at_least"), message, "list the bands from the best uptime to the worst");
    }
}

fn earns_no_less(look: &Look<'_>, above: &Band, band: &Band, found: &mut Found) {
    for tier in tiers(look) {
        if let (Some(better), Some(worse)) = (above.percent.of(tier), band.percent.of(tier))
            && worse < better
        {
            let (path, of) = (
                tier.map_or("percent".to_owned(), |t| format!("percent.{t}")),
                tier.unwrap_or("the agreement"),
            );
            let message = format!("worse uptime earns less: {worse} after {better}, for {of}");
            found.error(
                At::key(&band.places, &path, &band.clause.ids),
                message,
                "let the credit grow from band to band",
            );
        }
    }
}

/// Every tier; the agreement itself where it has none.
fn tiers<'a>(look: &Look<'a>) -> Vec<Option<&'a str>> {
    let tiers = look.tiers();
    if tiers.is_empty() { vec![None] } else { tiers.into_iter().map(Some).collect() }
}

/// A percentage as the file writes it.
fn plain(percent: Percent) -> String {
    percent.to_string().trim_end_matches('%').to_owned()
}

fn severities(look: &Look<'_>, found: &mut Found) {
    let Some(severity) = &look.agreement.severity else { return };
    let tenths = |score: u8| format!("{}.{}", score / 10, score % 10);
    let mut next = 0;
    for band in &severity.band {
        let at = |key: &str| At::key(&band.places, key, &severity.clause.ids);
        let (min, max) = (band.min.tenths(), band.max.tenths());
        if min != next {
            let what = if min < next {
                "overlaps with the one before it"
            } else {
                "leaves a gap to the one before it"
            };
            found.error(
                at("min"),
                format!("the band `{}` {what}", band.name),
                format!("write min = \"{}\"", tenths(next)),
            );
        }
        if max < min {
            found.error(
                at("max"),
                format!("the band `{}` ends before it begins", band.name),
                "list the bands from the lowest score up",
            );
        }
        next = max.saturating_add(1);
    }
    if next != 101 {
        let message = format!("no band holds scores from {} to 10.0", tenths(next.min(100)));
        found.error(
            At::key(&severity.places, "band", &severity.clause.ids),
            message,
            "let the last band end at \"10.0\"",
        );
    }
}

/// L-07. The cap on credits can bind: it is lower than the ladder's highest share of the same money. With one base for both,
/// credits of all instances together never exceed the highest share of all charges, so a cap at or above it never binds
/// (SH-CRED-08, A-17).
pub(crate) fn l_07_cap_never_binds(look: &Look<'_>, found: &mut Found) {
    let Some(credit) = &look.agreement.credit else { return };
    let Some(cap) = &credit.cap else { return };
    let highest = |tier: Option<&str>| credit.band.iter().filter_map(|band| band.percent.of(tier)).max();
    let idle = tiers(look).into_iter().filter(|tier| {
        let (Some(most), Some(cap)) = (highest(*tier), cap.percent.of(*tier)) else { return false };
        most <= cap
    });
    let idle: Vec<&str> = idle.map(|tier| tier.unwrap_or("any month")).collect();
    if !idle.is_empty() {
        let message =
            format!("the cap never binds for {}: the ladder cannot give more", listed(idle.iter().copied()));
        let at = At::key(&cap.places, "percent", &cap.clause.ids);
        found.warning(
            at,
            message,
            "if the cap was meant as an amount or per instance, say so before you sign (A-17)",
        );
    }
}
