//! One rule for each kind of value: whom more of it serves.
//!
//! A rule knows the kind of value only. Where gain depends on facts (which minutes fell into a band) or where both are bound
//! (a longer term), it says so.

use facts::Side::{self, Client, Provider};

use super::around::{Measure, closed_minutes, day_length, days_listed};

/// How a kind of value is judged.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// More of it is good for this side.
    More(Side, &'static str),
    /// Time that the entry's party has: less of it is good for the other side.
    Time,
    /// Something that the entry's party must give: more of it is good for the other side.
    Owed(&'static str),
    /// A list: each member more is good for this side.
    Members(Side, &'static str),
    /// A list: each member more binds the entry's party further.
    Binds(&'static str),
    /// A list or a threshold: more of it relieves the entry's party.
    Relieves(&'static str),
    /// Words in order of good for this side, least first; an absent word is `""`.
    Ladder(Side, &'static [&'static str], &'static str),
    /// Words in order of how strictly they bind the entry's party, least first; an absent word is `""`.
    Strict(&'static [&'static str], &'static str),
    /// An entry that is good for this side while it is there.
    Entry(Side, &'static str),
    /// An entry that is good for its own party while it is there.
    Relief(&'static str),
    /// An entry that binds its own party while it is there.
    Duty,
    /// An item of the catalogue, in scope or out of it.
    Scope,
    /// Time stands still longer in a calendar.
    Calendar(Measure, &'static str),
    /// Other words for the same.
    Words(&'static str),
    /// Nobody can tell from the file.
    Unclear(&'static str),
}

use Rule::{
    Binds, Calendar, Duty, Entry, Ladder, Members, More, Owed, Relief, Relieves, Scope, Strict, Time,
    Unclear, Words,
};

impl Rule {
    /// What it is about.
    pub(super) fn subject(self) -> &'static str {
        match self {
            More(_, what) | Owed(what) | Members(_, what) | Binds(what) | Relieves(what) => what,
            Ladder(_, _, what) | Strict(_, what) | Entry(_, what) | Relief(what) => what,
            Calendar(_, what) | Words(what) | Unclear(what) => what,
            Time => "the time it may take",
            Duty => "who owes it",
            Scope => "what is in scope",
        }
    }
}

/// The rule for a path.
pub(super) fn rule(path: &[String]) -> Option<Rule> {
    RULES.iter().find(|(pattern, _)| fits(pattern, path)).map(|(_, rule)| *rule)
}

/// `*` is one key or name; `**` is any number of them.
fn fits(pattern: &str, path: &[String]) -> bool {
    let (head, rest) = pattern.split_once('.').unwrap_or((pattern, ""));
    match (head, path) {
        ("", path) => path.is_empty(),
        ("**", path) if rest.is_empty() => path.len() < 8,
        ("**", path) => path.last().is_some_and(|last| last == rest),
        (_, []) => false,
        (_, [first, path @ ..]) => (head == "*" || head == first) && fits(rest, path),
    }
}

const BINDING: &[&str] =
    &["internal", "aspirational", "typical", "reasonable-efforts", "target", "duty", "commitment"];

/// The first that fits counts.
const RULES: &[(&str, Rule)] = &[
    ("**.clause", Words("which clauses the entry names")),
    ("**.added", Words("why an entry stands there")),
    ("format", Words("the format of the file")),
    // Parties, term, tiers, price.
    ("agreement.term.start", Unclear("another first day binds both")),
    ("agreement.term.end", Unclear("another last day binds both")),
    ("agreement.term.renewal_reminders", Words("when people are reminded")),
    ("agreement.signatures.**", Unclear("who must sign before it is in force")),
    ("agreement.pinned", Ladder(Client, &["false", "true"], "a newer guide needs both parties")),
    ("agreement.currency", Unclear("every amount is in another currency")),
    ("agreement.language", Unclear("support is in another language")),
    ("agreement.onboarding_disclosed", Unclear("what engineers must go through before they may work")),
    ("agreement.require", Words("what must be filled in before signing")),
    ("agreement.**", Words("how the file and its parties are called")),
    ("clauses.**", Unclear("the text of a clause of its own")),
    ("tiers.chosen", Unclear("another level of service: `show` both")),
    ("tiers.**", Unclear("which levels there are")),
    ("price.surcharge.percent.**", More(Provider, "what the level costs on top")),
    ("price.surcharge.amount.**", More(Provider, "what the level costs on top")),
    (
        "price.surcharge.rule",
        Ladder(Provider, &["lesser-of", "greater-of"], "the greater of two amounts is charged"),
    ),
    ("price.**", Unclear("how the surcharge is worked out")),
    ("definitions.**", Unclear("where words come from")),
    ("alias.**", Words("another name for the same")),
    ("binding.**", Words("the words for a miss")),
    // Calendars.
    ("calendar.*", Words("a calendar counts only where an entry names it")),
    ("calendar.*.open", Calendar(closed_minutes, "the closed hours of a week")),
    ("calendar.*.day", Calendar(day_length, "the length of a day")),
    ("calendar.*.title", Words("what people call it")),
    ("calendar.**", Unclear("when it is open: `check` shows the longest waits")),
    ("holidays.*", Words("a list counts only where a calendar names it")),
    ("holidays.*.year.*", Calendar(days_listed, "the days that are listed")),
    ("holidays.**", Unclear("when the listed days begin and end")),
    ("support_hours.**", Words("hours told to the reader; clocks run as each obligation says")),
    ("window.length", More(Provider, "the agreed window for maintenance")),
    ("window.**", Unclear("when the agreed window is, or who may move it")),
    // People and ways in.
    ("role.**", Unclear("who may do what")),
    ("channel.*", Entry(Client, "a way in")),
    ("channel.*.tiers", Members(Client, "tiers that have this way in")),
    ("channel.*.slo", Ladder(Client, &["false", "true"], "response objectives hold for this way in")),
    ("channel.*.clock", Unclear("from when a request's clock runs")),
    ("channel.**", Words("where it is reached")),
    ("channels.agreed_in_writing", Members(Client, "ways in with response objectives")),
    ("channels.**", Unclear("what becomes of messages from elsewhere")),
    ("escalation.path.*", Entry(Client, "a rung of the ladder")),
    ("escalation.path.*.who", Words("who stands on a rung")),
    ("escalation.reason.*", Entry(Client, "a reason to escalate")),
    ("escalation.thresholds.**", More(Provider, "the age at which escalating is suggested")),
    ("escalation.**", Unclear("how the client gets further")),
    ("contact_topic.**", Words("whom to ask about what")),
    // Availability and money.
    ("availability", Entry(Client, "an availability objective")),
    ("availability.objective.**", More(Client, "the uptime that is promised")),
    ("availability.display_decimals", Words("decimals shown")),
    ("availability.down.min_run", More(Provider, "the shortest outage that counts")),
    ("availability.down.bridge_max", Unclear("silence between two failures becomes down, or unknown")),
    ("availability.**", Unclear("what counts as down: a replay shows the effect on real months")),
    ("probe.every", More(Provider, "the time between two looks")),
    ("probe.timeout", More(Provider, "the time an answer may take")),
    ("probe.expect", Members(Provider, "answers that count as good")),
    ("probe.**", Unclear("what a valid request is")),
    ("credit", Entry(Client, "a credit for a missed objective")),
    ("credit.band.*.percent.**", More(Client, "the credit")),
    ("credit.cap", Entry(Provider, "a limit on credits")),
    ("credit.cap.percent.**", More(Client, "the most that is credited")),
    (
        "credit.includes_surcharge",
        Ladder(Client, &["false", "true"], "the credit's base includes the surcharge"),
    ),
    ("credit.**", Unclear("how credits are worked out: a replay shows the effect on real months")),
    ("exclusions.dispute_within", More(Client, "the time to dispute an exclusion")),
    ("exclusions.**", Unclear("how exclusions are claimed")),
    ("exclusion.*", Entry(Provider, "a cause that does not count")),
    ("exclusion.*.applies", Members(Provider, "figures it is left out of")),
    ("exclusion.*.grace", More(Provider, "the time after the cause that does not count")),
    ("exclusion.*.auto", Entry(Provider, "a cause that needs no claim")),
    ("exclusion.**", Unclear("what does not count")),
    ("annotation.**", Unclear("what is noted beside a figure")),
    // Maintenance.
    ("maintenance.*.causes", Members(Provider, "causes that may be called maintenance")),
    ("maintenance.*.requires", Members(Client, "what a maintenance record must show")),
    (
        "maintenance.*.outside_slot.**",
        Ladder(Client, &["reason", "client-approval"], "work outside the slot takes the client's approval"),
    ),
    ("maintenance.**", Unclear("when maintenance may be, whose downtime may not count")),
    ("severity.**", Unclear("how severe a vulnerability is, and so what must be mended")),
    // Requests.
    ("request.priority.*.text", Words("how a priority is explained")),
    ("request.hint.**", Words("a suggestion; a person decides")),
    ("request.**", Unclear("what requests are like")),
    ("matrix.*", Words("a matrix counts only where an obligation names it")),
    ("matrix.*.row.*.within.**", Time),
    ("matrix.**", Unclear("which rows and columns it has")),
    ("cadence.max.**", More(Provider, "how far ahead a promised update may lie")),
    ("cadence.**", Unclear("how the cadence of updates can be changed")),
    ("reminders.**", Words("the hours in which people are told")),
    ("pause.reasons", Members(Provider, "reasons for which a clock stands still")),
    ("pause", Entry(Provider, "clocks that stand still")),
    ("pause.**", Unclear("when a clock stands still")),
    // Obligations.
    ("obligation.*", Duty),
    ("obligation.*.within.**", Time),
    ("obligation.*.every", Time),
    ("obligation.*.effective_after", Owed("the time before it takes effect")),
    ("obligation.*.before.by", Owed("the notice")),
    ("obligation.*.keep.**", Owed("the time it is kept")),
    ("obligation.*.binding", Strict(BINDING, "how strongly it is owed")),
    ("obligation.*.match.score_at_least", Relieves("the score from which it is owed")),
    ("obligation.*.match.affects", Unclear("whom it concerns")),
    ("obligation.*.match.*", Binds("cases in which it is owed")),
    ("obligation.*.met_by.actor", Strict(&["", "person", "qualified"], "who must act")),
    ("obligation.*.met_by.match.*", Relieves("ways to meet it")),
    ("obligation.*.cancel_on", Relieves("events that end it")),
    ("obligation.*.until", Relieves("events that end it")),
    ("obligation.*.superseded_by", Relief("an event that closes it")),
    ("obligation.*.pause", Relief("time that does not count")),
    ("obligation.*.excused", Relief("time in which a miss is excused")),
    ("obligation.*.remind.**", Words("when people are reminded")),
    ("obligation.*.turn", Words("whose turn is shown")),
    ("obligation.*.notify_on", Members(Client, "news that is passed on")),
    ("obligation.*.auto_claim", Ladder(Client, &["", "false", "true"], "the claim is made without asking")),
    ("obligation.**", Unclear("what is owed, or what follows a miss")),
    ("onboarding.within", More(Provider, "the time onboarding may take")),
    ("onboarding.binding", Ladder(Client, BINDING, "it is owed more strongly")),
    ("onboarding.task.*", Duty),
    ("onboarding.**", Unclear("what both sides do first")),
    // Rules for acts, scope, words.
    ("approval.*.remind", Words("when people are reminded")),
    ("approval.**", Unclear("what needs both parties")),
    ("guard.**", Unclear("which acts are refused")),
    ("show.**", Words("a sentence shown where it matters")),
    ("catalogue.item.*", Scope),
    ("catalogue.item.*.in", Ladder(Client, &["false", "true"], "it is in scope")),
    ("catalogue.item.*.mode", Ladder(Client, &["on-request", "proactive"], "it is done without asking")),
    ("catalogue.item.*.text", Words("how an item is described")),
    ("catalogue.default_mode", Ladder(Client, &["on-request", "proactive"], "items are done without asking")),
    ("catalogue.**", Unclear("where the scope ends")),
    ("readings.**", Unclear("how both read what the text leaves open")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::Agreement;

    #[test]
    fn patterns_fit_as_they_say() {
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        for (pattern, paths, others) in [
            ("a.*", &["a.b"][..], &["a", "a.b.c", "b.a"][..]),
            ("a.*.c.**", &["a.b.c", "a.b.c.d", "a.b.c.d.e"], &["a.b", "a.b.d"]),
            ("**.clause", &["a.clause", "a.b.clause", "clause"], &["a.clause.b", "a.clauses"]),
        ] {
            assert!(paths.iter().all(|text| fits(pattern, &path(text))), "{pattern}");
            assert!(!others.iter().any(|text| fits(pattern, &path(text))), "{pattern}");
        }
    }

    #[test]
    fn every_value_of_the_shipped_files_has_a_rule() {
        for text in [
            include_str!("../../../../agreements/stellar-hosted.toml"),
            include_str!("../../../../agreements/isolated-platform.toml"),
        ] {
            for leaf in Agreement::read(text).0.unwrap().leaves() {
                assert!(
                    (1..=leaf.path.len()).all(|end| end == 1 || rule(&leaf.path[..end]).is_some()),
                    "{}",
                    leaf.path_text()
                );
            }
        }
    }
}
