//! The statement as one page: what was promised on the left, what is so on the right.

use std::collections::BTreeMap;

use askama::Template;
use facts::Money;
use promise::{Claim, InstanceCredit, InstanceLine, InstanceMonth, Statement, Verdict, Why};
use spans::{Instant, Length, Span};

use crate::{
    part::clauses,
    strip::{escape, strip},
    when::{exact, minute, month, seconds, stamp},
    why::why_item,
};

pub(crate) const CSS: &str = concat!(
    include_str!("../assets/tokens.css"),
    include_str!("../assets/statement.css"),
    include_str!("../assets/rows.css")
);

#[derive(Template)]
#[template(path = "statement.html")]
struct StatementPage<'s> {
    s: &'s Statement,
    css: &'static str,
    /// Where the style is found, for pages that a server sends; a file has it inside.
    sheet: Option<&'static str>,
    title: String,
    body: String,
}

/// What the statement says, the same in a file, in print and on the screen.
#[derive(Template)]
#[template(path = "statement_body.html")]
struct StatementBody<'s> {
    s: &'s Statement,
    tiers: &'s [Statement],
    assumed_price: Option<Money>,
    lead: String,
    objective: Option<String>,
    availability_clauses: String,
    credit_clauses: String,
    /// The pages of maintenance records, by id; none in a file.
    records: &'s Records,
}

/// A stretch of an instance's month, for the table behind the strip.
struct Row {
    from: String,
    to: String,
    length: String,
    what: String,
}

/// Addresses of maintenance records, by id.
pub(crate) type Records = BTreeMap<String, String>;

/// The page: one file of HTML with its style inside, complete without script. `tiers`: the same month under every tier, or
/// nothing; `assumed_price`: what an instance was taken to cost where no charge is on file.
pub fn statement_page(statement: &Statement, tiers: &[Statement], assumed_price: Option<Money>) -> String {
    whole(statement, tiers, assumed_price, None)
}

/// The same as a server sends it, with its style at an address.
pub(crate) fn printed(statement: &Statement, sheet: &'static str) -> String {
    whole(statement, &[], None, Some(sheet))
}

fn whole(
    statement: &Statement,
    tiers: &[Statement],
    assumed_price: Option<Money>,
    sheet: Option<&'static str>,
) -> String {
    let body = body(statement, tiers, assumed_price, &Records::new());
    let page = StatementPage { s: statement, css: CSS, sheet, title: title(statement), body };
    page.render().unwrap_or_else(|e| {
        format!("<!doctype html><title>Statement</title><p>The statement cannot be shown: {e}</p>")
    })
}

/// What the statement says, as HTML to stand in a page.
pub(crate) fn body(
    statement: &Statement,
    tiers: &[Statement],
    assumed_price: Option<Money>,
    records: &Records,
) -> String {
    let first = statement.instances.first();
    let body = StatementBody {
        s: statement,
        tiers,
        assumed_price,
        lead: lead(statement),
        objective: first.map(|line| line.month.objective.to_string()),
        availability_clauses: first.map_or(String::new(), |line| clauses(&line.month.why.clauses)),
        credit_clauses: credit_clauses(statement),
        records,
    };
    body.render().unwrap_or_else(|e| format!("<p>The statement cannot be shown: {e}</p>"))
}

pub(crate) fn title(statement: &Statement) -> String {
    month(statement.month)
}

fn credit_clauses(statement: &Statement) -> String {
    let Some(credit) = &statement.credit else { return String::new() };
    let all = credit.credits.iter().flat_map(|c| &c.why.clauses).chain(&credit.why.clauses);
    clauses(&all.collect::<std::collections::BTreeSet<_>>().into_iter().cloned().collect::<Vec<_>>())
}

/// The month in a sentence or two.
pub(crate) fn lead(statement: &Statement) -> String {
    let count = |wanted: fn(&InstanceMonth) -> bool| {
        statement.instances.iter().filter(|line| wanted(&line.month)).count()
    };
    let all = statement.instances.len();
    let missed = count(|month| matches!(month.verdict, Verdict::Missed | Verdict::NotOver { lost: true }));
    let unsure = count(|month| matches!(month.verdict, Verdict::Provisional { .. }));
    let doubtful = count(InstanceMonth::is_in_doubt);
    let kept = match (all, missed) {
        (0, _) => String::new(),
        (_, 0) if unsure == all => String::new(),
        (_, 0) if doubtful > 0 => String::new(),
        (_, 0) if unsure > 0 => format!("{} of {all} instances kept their objective.", all - unsure),
        (1, 0) if !statement.closed => "So far the instance keeps its objective.".to_owned(),
        (1, 0) => "The instance kept its objective.".to_owned(),
        (1, _) => "The instance missed its objective.".to_owned(),
        (_, 0) if !statement.closed => format!("So far all {all} instances keep their objective."),
        (_, 0) => format!("All {all} instances kept their objective."),
        (_, _) => format!("{missed} of {all} instances missed their objective."),
    };
    let unsure = match unsure {
        0 if doubtful == 1 => " Of one instance too little was seen so far.".to_owned(),
        0 if doubtful > 0 => format!(" Of {doubtful} instances too little was seen so far."),
        0 => String::new(),
        1 => " Of one too little was seen: a person decides.".to_owned(),
        _ => format!(" Of {unsure} too little was seen: a person decides."),
    };
    let late: u32 = statement.duties.iter().map(|duty| duty.count.missed).sum();
    let promises = match late {
        0 => String::new(),
        1 => " One promise was not kept in time.".to_owned(),
        _ => format!(" {late} promises were not kept in time."),
    };
    let credit = statement.credit.as_ref().and_then(|credit| credit.credit).filter(|credit| credit.minor > 0);
    let credit =
        credit.map_or(String::new(), |credit| format!(" A credit of {credit} {}.", claim(statement)));
    format!("{kept}{unsure}{promises}{credit}").trim().to_owned()
}

/// How the month's credit stands: what follows `A credit of EUR 120.00`.
fn claim(statement: &Statement) -> String {
    match &statement.claim {
        None | Some(Claim::NotPublished) => "can be claimed once the statement is published".to_owned(),
        Some(Claim::Open { until: Some(until) }) => format!("can be claimed until {}", minute(*until)),
        Some(Claim::Open { until: None }) => "can be claimed".to_owned(),
        Some(Claim::Claimed { at, apply_by: Some(by) }) => {
            format!("was claimed on {} and is on an invoice by {}", minute(*at), minute(*by))
        }
        Some(Claim::Claimed { at, apply_by: None }) => format!("was claimed on {}", minute(*at)),
        Some(Claim::Applied { at, invoice, .. }) => {
            format!("was claimed and put on invoice {invoice} on {}", minute(*at))
        }
        Some(Claim::Forfeited { at }) => {
            format!("could be claimed, was not in time, and was forfeited on {}", minute(*at))
        }
    }
}

impl StatementBody<'_> {
    fn is_forfeited(&self) -> bool {
        self.s.claim.as_ref().is_some_and(Claim::is_forfeited)
    }

    fn why(&self, why: &Why) -> String {
        why_item(why, &self.s.readings)
    }

    fn stamp(&self, at: &Instant) -> String {
        stamp(*at)
    }

    fn strip(&self, line: &InstanceLine) -> String {
        let last = self.s.period.end - spans::Length::from_micros(1);
        let axis = |at: spans::Instant| at.to_string().chars().take(10).collect::<String>();
        format!(
            "{}<div class=\"axis\"><span>{}</span><span>{}</span></div>",
            strip(line, self.s.period),
            axis(self.s.period.start),
            axis(last)
        )
    }

    fn verdict(&self, line: &InstanceLine) -> &'static str {
        match line.month.verdict {
            Verdict::Met => "met",
            Verdict::Missed | Verdict::NotOver { lost: true } => "missed",
            Verdict::Provisional { .. } | Verdict::NotOver { lost: false } => "open",
            Verdict::NothingCovered => "none",
        }
    }

    fn word(&self, line: &InstanceLine) -> &'static str {
        match line.month.verdict {
            Verdict::Met => "met",
            Verdict::Missed => "missed",
            Verdict::Provisional { .. } => "a person decides",
            Verdict::NotOver { lost: false } if line.month.is_in_doubt() => "not over, too little seen",
            Verdict::NotOver { lost: false } if line.month.is_nearly_spent() => "not over, nearly spent",
            Verdict::NotOver { lost: false } => "not over",
            Verdict::NotOver { lost: true } => "not over, missed",
            Verdict::NothingCovered => "nothing covered",
        }
    }

    /// Why an instance is in no band of the ladder.
    fn no_band(&self, credit: &InstanceCredit) -> &'static str {
        match credit.verdict {
            Verdict::Met => "objective met",
            Verdict::Provisional { .. } => "a person decides",
            Verdict::NotOver { .. } => "the month is not over",
            Verdict::NothingCovered => "nothing covered",
            Verdict::Missed => "no band",
        }
    }

    fn money(&self, amount: &Option<Money>) -> String {
        amount.map_or_else(|| "–".to_owned(), |amount| amount.to_string())
    }

    fn percent(&self, line: &InstanceLine) -> String {
        if line.month.uptime.is_some() { line.month.percent_shown() } else { "–".to_owned() }
    }

    fn fraction(&self, line: &InstanceLine) -> String {
        fraction(&line.month)
    }

    fn length(&self, length: &Length) -> String {
        seconds(*length)
    }

    fn spans_summary(&self, line: &InstanceLine) -> String {
        let month = &line.month;
        let short = month.runs.iter().filter(|run| run.is_seen_only()).count();
        let mut parts = vec![many(month.runs.len(), "run of downtime", "runs of downtime")];
        if short > 0 {
            parts.push(format!("{short} of them seen, not counted"));
        }
        if !month.exclusions.is_empty() {
            parts.push(many(month.exclusions.len(), "exclusion", "exclusions"));
        }
        if !month.unknown_spans.is_empty() {
            parts.push(many(month.unknown_spans.len(), "span unknown", "spans unknown"));
        }
        parts.join(", ")
    }

    fn tier(&self, statement: &Statement) -> String {
        statement.tier.clone().unwrap_or_default()
    }

    /// One instance under one tier: the state in word, shape and colour, and its credit.
    fn cell(&self, statement: &Statement, line: &InstanceLine) -> String {
        let name = |statement| escape(&self.tier(statement));
        let Some(other) =
            statement.instances.iter().find(|other| other.month.instance == line.month.instance)
        else {
            return format!("<td class=\"text half\" data-name=\"{}\">–</td>", name(statement));
        };
        let word = self.word(other);
        let credits = statement.credit.iter().flat_map(|credit| &credit.credits);
        let credit = credits.into_iter().find(|credit| credit.instance == line.month.instance);
        let share = credit
            .and_then(|credit| credit.rung.as_ref())
            .map_or(String::new(), |rung| rung.percent.to_string());
        let given = credit.and_then(|credit| credit.given).map_or(String::new(), |given| format!(" {given}"));
        format!(
            "<td class=\"text half\" data-name=\"{}\"><span class=\"state {}\">{word}</span><span class=\"clause\">{share}{given}</span></td>",
            name(statement),
            self.verdict(other)
        )
    }

    fn credit(&self, statement: &Statement) -> String {
        self.money(&statement.credit.as_ref().and_then(|credit| credit.credit))
    }

    /// Runs, exclusions and unknown spans in order of time.
    fn rows(&self, line: &InstanceLine) -> Vec<Row> {
        let month = &line.month;
        let runs = month.runs.iter().map(|run| {
            let what = if run.is_seen_only() {
                "down, seen, not counted".to_owned()
            } else {
                format!("down, {} min counted", run.counted)
            };
            (run.span, what)
        });
        let excluded = month.exclusions.iter().flat_map(|exclusion| {
            let what = format!("{} ({}): {}", exclusion.record, exclusion.cause, exclusion.standing.text());
            exclusion.spans.iter().map(move |span| (span, what.clone()))
        });
        let unknown = month.unknown_spans.iter().map(|span| (span, "unknown: nobody looked".to_owned()));
        let mut rows: Vec<(Span, String)> = runs.chain(excluded).chain(unknown).collect();
        rows.sort_by_key(|(span, _)| (span.start, span.end));
        rows.into_iter()
            .map(|(span, what)| Row {
                from: exact(span.start),
                to: exact(span.end),
                length: span.length().to_string(),
                what,
            })
            .collect()
    }
}

/// The exact share where a month is over and was counted in whole minutes: `43080/43200 min`; else what was counted, of how much,
/// to the second. The exact microseconds stand in the why.
pub(crate) fn fraction(month: &InstanceMonth) -> String {
    let Some(best) = month.uptime.filter(|_| !month.is_unseen()) else {
        return if month.is_unseen() { "nobody looked".to_owned() } else { month.fraction_shown() };
    };
    let running = matches!(month.verdict, Verdict::NotOver { .. });
    let minutes = |length: Length| length.as_micros() % Length::MINUTE.as_micros() == 0;
    if !running && minutes(best.whole()) && minutes(best.part()) {
        return month.fraction_shown();
    }
    let provisional = matches!(month.verdict, Verdict::Provisional { .. }) || month.is_in_doubt();
    let worst = month.uptime_at_worst.filter(|_| provisional).unwrap_or(best);
    let [least, most] = [best, worst].map(|share| seconds(share.whole() - share.part()));
    let counted = if least == most { most } else { format!("{least} to {most}") };
    format!("{counted} of {} counted", seconds(best.whole()))
}

fn many(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}
