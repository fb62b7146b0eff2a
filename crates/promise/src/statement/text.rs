//! A statement as plain text, for terminals, mail and scenarios.

use std::fmt::{self, Write};

use spans::{Instant, Span};

use super::{Claim, DutyItem, DutyLine, InstanceLine, MaintenanceLine, Statement, Tally};
use crate::{Why, availability::Run, credit::ClientMonth};

impl Statement {
    /// The statement as text, without derivations. Lines end where they end; nothing depends on a terminal's width.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).expect("writing to a string does not fail");
        text
    }

    fn write(&self, w: &mut String) -> fmt::Result {
        self.head(w)?;
        self.availability(w)?;
        if let Some(credit) = &self.credit {
            credits(w, self, credit)?;
        }
        self.promises(w)?;
        self.maintenance(w)?;
        for remark in &self.remarks {
            writeln!(w, "\n{remark}")?;
        }
        Ok(())
    }

    fn head(&self, w: &mut String) -> fmt::Result {
        let tier = self.tier.as_ref().map_or(String::new(), |tier| format!(", {tier}"));
        let state = if self.closed { "" } else { " (the month is not over)" };
        writeln!(w, "Statement of {}{state}", self.month)?;
        writeln!(w, "{}, under {}{tier}, from {}", self.client, self.agreement, self.provider)?;
        writeln!(w, "{}", self.stamp())
    }

    /// What it was computed from: until when, under which text, with which time zone rules.
    pub fn stamp(&self) -> String {
        format!("as of {}, agreement {}, tzdata {}", self.as_of, self.short_identity(), self.tzdata)
    }

    /// The first twelve digits of the version's identity: enough to tell two versions apart on paper.
    pub fn short_identity(&self) -> &str {
        self.identity.get(..12).unwrap_or(&self.identity)
    }

    fn availability(&self, w: &mut String) -> fmt::Result {
        let Some(first) = self.instances.first() else { return Ok(()) };
        writeln!(
            w,
            "\nAvailability: at least {} of the covered time of each instance",
            first.month.objective
        )?;
        let mut table =
            Table::new(&["instance", "uptime", "counted", "allowed", "excluded", "unknown", "verdict"]);
        for line in &self.instances {
            table.row(line.row());
        }
        table.write(w)?;
        self.instances.iter().try_for_each(|line| line.details(w))
    }

    fn promises(&self, w: &mut String) -> fmt::Result {
        if self.duties.is_empty() {
            return Ok(());
        }
        writeln!(w, "\nPromises that fell due")?;
        let mut table = Table::new(&["promise", "met", "missed", "excused", "open", "attained"]);
        for duty in &self.duties {
            table.row(duty.row());
            if let Some(clauses) = duty.clauses_below() {
                table.below(clauses);
            }
        }
        table.write(w)?;
        self.duties.iter().try_for_each(|duty| duty.details(w))
    }

    fn maintenance(&self, w: &mut String) -> fmt::Result {
        if self.maintenance.is_empty() {
            return Ok(());
        }
        writeln!(w, "\nMaintenance")?;
        self.maintenance.iter().try_for_each(|line| line.write(w))
    }

    /// An instance's name, where the statement has a line for it.
    pub fn name_of(&self, instance: &facts::InstanceId) -> String {
        let line = self.instances.iter().find(|line| line.month.instance == *instance);
        line.map_or_else(|| instance.to_string(), |line| line.name.clone())
    }

    /// Every derivation of the statement, with the name of its figure, in the statement's order.
    pub fn whys(&self) -> Vec<(String, &Why)> {
        let instances = self
            .instances
            .iter()
            .map(|line| (format!("availability/{}", line.month.instance), &line.month.why));
        let month = self.credit.iter().map(|month| ("credit".to_owned(), &month.why));
        let each = self.credit.iter().flat_map(|month| &month.credits);
        let credits = each.map(|credit| (format!("credit/{}", credit.instance), &credit.why));
        let duties =
            self.duties.iter().flat_map(|duty| &duty.items).map(|item| (item.key.clone(), &item.why));
        instances.chain(month).chain(credits).chain(duties).collect()
    }
}

impl InstanceLine {
    fn row(&self) -> Vec<String> {
        let month = &self.month;
        vec![
            self.name.clone(),
            month.shown(),
            format!("{} min", month.counted),
            format!("{} min", month.budget.allowed),
            month.excluded.to_string(),
            month.unknown.to_string(),
            month.verdict_shown().to_owned(),
        ]
    }

    fn details(&self, w: &mut String) -> fmt::Result {
        let month = &self.month;
        if month.uptime.is_some() {
            writeln!(w, "  {}: {}", self.name, month.fraction_shown())?;
        }
        for run in month.runs.iter().take(RUNS_LISTED_MAX) {
            writeln!(w, "    down {} {}", span(run.span), counted(run))?;
        }
        if let Some(more) = month.runs.len().checked_sub(RUNS_LISTED_MAX).filter(|more| *more > 0) {
            writeln!(w, "    and {more} more runs of downtime, listed in the JSON")?;
        }
        for excluded in &month.exclusions {
            writeln!(w, "    {} ({}, {})", excluded.record, excluded.cause, excluded.standing.text())?;
            for piece in &excluded.spans {
                writeln!(w, "      {}", span(piece))?;
            }
        }
        for unknown in month.unknown_spans.iter().take(RUNS_LISTED_MAX) {
            writeln!(w, "    unknown {}", span(unknown))?;
        }
        if let Some(more) = month.unknown_spans.len().checked_sub(RUNS_LISTED_MAX).filter(|more| *more > 0) {
            writeln!(w, "    and {more} more unknown spans, listed in the JSON")?;
        }
        if let Some(other) = &month.alternative {
            let verdict = other.verdict_shown();
            writeln!(
                w,
                "    if the disputed exclusions stood: {}, {} min counted, {verdict}",
                other.shown(),
                other.counted
            )?;
        }
        Ok(())
    }
}

/// Runs of one instance that a text lists; the JSON holds all.
const RUNS_LISTED_MAX: usize = 40;

fn counted(run: &Run) -> String {
    match (run.is_seen_only(), run.counted == run.minutes) {
        (true, _) => "seen, not counted".to_owned(),
        (false, true) => format!("{} min counted", run.counted),
        (false, false) => format!("{} of its {} min counted in this month", run.counted, run.minutes),
    }
}

fn span(span: Span) -> String {
    format!("{} to {} ({})", span.start, span.end, span.length())
}

fn credits(w: &mut String, statement: &Statement, month: &ClientMonth) -> fmt::Result {
    writeln!(w, "\nCredit")?;
    match &month.surcharge {
        Some(surcharge) => writeln!(w, "  surcharge of the tier: {}", surcharge.shown())?,
        None => writeln!(w, "  surcharge of the tier: not known without a charge")?,
    }
    credit_table(statement, month).write(w)?;
    if let Some(cap) = &month.cap {
        let word = if cap.binds { "binds" } else { "does not bind" };
        writeln!(
            w,
            "  cap: {} of {} is {}; credits add up to {}, so it {word}",
            cap.percent, cap.of, cap.amount, cap.sum
        )?;
    }
    for instance in &month.unpriced {
        writeln!(
            w,
            "  {}: no charge of the month is known, so its credit is a percentage only",
            statement.name_of(instance)
        )?;
    }
    if let Some(credit) = month.credit {
        writeln!(w, "  credit of the month: {credit}")?;
    }
    // Before a statement is published nothing runs, and nothing is said.
    let claim = statement.claim.as_ref().filter(|claim| **claim != Claim::NotPublished);
    if let Some(claim) = claim {
        writeln!(w, "  it stands so: {claim}")?;
    }
    if let Some(net) = month.net.filter(|_| !claim.is_some_and(Claim::is_forfeited)) {
        writeln!(w, "  to pay after it: {net}")?;
    }
    if let Some(credit) = month.alternative.as_ref().and_then(|other| other.credit) {
        writeln!(w, "  if the disputed exclusions stood: {credit}")?;
    }
    Ok(())
}

fn credit_table(statement: &Statement, month: &ClientMonth) -> Table {
    let mut table = Table::new(&["instance", "charged", "base", "credit", "given", "band"]);
    for credit in &month.credits {
        let money = |amount: Option<facts::Money>| amount.map_or("-".to_owned(), |amount| amount.to_string());
        let rung = credit.rung.as_ref();
        table.row(vec![
            statement.name_of(&credit.instance),
            money(credit.charge),
            money(credit.base),
            rung.map_or("none".to_owned(), |rung| rung.percent.to_string()),
            money(credit.given),
            rung.map_or(String::new(), |rung| format!("{} [{}]", rung.band, rung.clauses.join(", "))),
        ]);
    }
    table
}

impl DutyLine {
    fn row(&self) -> Vec<String> {
        vec![
            self.name_shown(),
            self.count.met.to_string(),
            self.count.missed.to_string(),
            self.count.excused.to_string(),
            self.count.open.to_string(),
            self.count.attained(),
        ]
    }

    /// The rule, with its clause where it has just one.
    fn name_shown(&self) -> String {
        match self.clauses.as_slice() {
            [] => format!("{} [added]", self.id),
            [one] => format!("{} [{one}]", self.id),
            _ => self.id.clone(),
        }
    }

    /// Several clauses: all of them, on a line below.
    fn clauses_below(&self) -> Option<String> {
        (1 < self.clauses.len()).then(|| format!("[{}]", self.clauses.join(", ")))
    }

    /// The clauses of the matrix row that gave one its time: ` [SH-SLO-02, SH-SLO-06]`.
    fn row_clauses(&self, item: &DutyItem) -> String {
        let of_row = item.why.clauses.iter().filter(|clause| !self.clauses.contains(clause));
        let of_row: Vec<&str> = of_row.map(String::as_str).collect();
        if of_row.is_empty() { String::new() } else { format!(" [{}]", of_row.join(", ")) }
    }

    fn details(&self, w: &mut String) -> fmt::Result {
        if let Some(without) = self.without_annotated {
            writeln!(
                w,
                "  {} without annotated ones: {} of {} met",
                self.id,
                without.met,
                without.decided()
            )?;
        }
        for item in self.items.iter().take(RUNS_LISTED_MAX) {
            let due = item.due.map_or(String::new(), |due: Instant| format!(" due {due},"));
            let row = self.row_clauses(item);
            writeln!(w, "    {} {}{row}:{due} {}", self.id, item.subject, item.text)?;
            for remark in &item.annotations {
                writeln!(w, "      {remark}")?;
            }
        }
        match self.items.len().checked_sub(RUNS_LISTED_MAX).filter(|more| *more > 0) {
            Some(more) => writeln!(w, "    and {more} more of {}, listed in the JSON", self.id),
            None => Ok(()),
        }
    }
}

impl Tally {
    /// Of those decided, how many were met: `9 of 10`; nothing decided is a dash.
    pub fn attained(self) -> String {
        match self.decided() {
            0 => "-".to_owned(),
            decided => format!("{} of {decided}", self.met),
        }
    }
}

impl MaintenanceLine {
    fn write(&self, w: &mut String) -> fmt::Result {
        let instances: Vec<&str> = self.instances.iter().map(facts::InstanceId::as_str).collect();
        let off = if self.cancelled { ", called off" } else { "" };
        writeln!(
            w,
            "  {} {} ({}) on {}: {}, expected {}{off}",
            self.maintenance,
            self.kind,
            self.cause,
            instances.join(", "),
            span(self.planned),
            self.expected_impact
        )?;
        let late = self.notice_by.filter(|_| self.is_notice_late());
        let late = late.map_or(String::new(), |by| format!(", late: it was due by {by}"));
        match self.notice {
            Some(at) => writeln!(w, "    on file {}, notice: {at}{late}", self.recorded_at),
            None => writeln!(w, "    on file {}, notice: none given{late}", self.recorded_at),
        }
    }
}

/// A table of text: columns as wide as their widest cell, the first to the left, the rest to the right but the last.
pub(crate) struct Table {
    /// The cells of each row, and what stands on a line of its own below it.
    rows: Vec<(Vec<String>, Option<String>)>,
}

impl Table {
    pub(crate) fn new(head: &[&str]) -> Table {
        Table { rows: vec![(head.iter().map(|cell| (*cell).to_owned()).collect(), None)] }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push((cells, None));
    }

    /// A line below the last row.
    pub(crate) fn below(&mut self, line: String) {
        if let Some((_, below)) = self.rows.last_mut() {
            *below = Some(line);
        }
    }

    pub(crate) fn write(&self, w: &mut String) -> fmt::Result {
        let columns = self.rows[0].0.len();
        let width =
            |column: usize| self.rows.iter().map(|(row, _)| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (row, below) in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| match column {
                    0 => format!("{cell:<width$}"),
                    last if last + 1 == columns => cell.clone(),
                    _ => format!("{cell:>width$}"),
                })
                .collect();
            writeln!(w, "  {}", cells.join("  ").trim_end())?;
            if let Some(line) = below {
                writeln!(w, "      {line}")?;
            }
        }
        Ok(())
    }
}
