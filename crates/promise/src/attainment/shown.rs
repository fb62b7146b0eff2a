//! Attainment as text and as comma-separated values, like a statement.

use std::fmt::{self, Write};

use super::{Attained, Attainment};
use crate::statement::{Table, Tally, quoted};

/// Decimals of a share that is shown.
pub const SHARE_DECIMALS: u32 = 1;
/// The columns, in order.
const COLUMNS: [&str; 23] = [
    "month",
    "client",
    "agreement",
    "tier",
    "rule",
    "row",
    "column",
    "within",
    "received",
    "due",
    "met",
    "missed",
    "excused",
    "open",
    "attained",
    "percent",
    "met_without_annotated",
    "missed_without_annotated",
    "attained_without_annotated",
    "percent_without_annotated",
    "clauses",
    "as_of",
    "tzdata",
];

impl Attainment {
    /// As text. Lines end where they end; nothing depends on a terminal's width.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).expect("writing to a string does not fail");
        text
    }

    fn write(&self, w: &mut String) -> fmt::Result {
        let tier = self.tier.as_ref().map_or(String::new(), |tier| format!(", {tier}"));
        let state = if self.closed { "" } else { " (the month is not over)" };
        writeln!(w, "Attainment of {}{state}", self.month)?;
        writeln!(w, "{}, under {}{tier}", self.client, self.agreement)?;
        let identity = self.identity.get(..12).unwrap_or(&self.identity);
        writeln!(w, "as of {}, agreement {identity}, tzdata {}", self.as_of, self.tzdata)?;
        match self.clauses.as_slice() {
            [] => writeln!(w)?,
            clauses => writeln!(w, "told by {}\n", clauses.join(", "))?,
        }
        let mut table = Table::new(&[
            "promise", "within", "received", "due", "met", "missed", "excused", "open", "attained",
        ]);
        for line in &self.lines {
            table.row(line.row());
            if !line.clauses.is_empty() {
                table.below(format!("[{}]", line.clauses.join(", ")));
            }
        }
        table.write(w)?;
        self.lines.iter().try_for_each(|line| line.details(w))
    }

    /// The head line of [`Attainment::to_csv`].
    pub fn csv_head() -> String {
        format!("{}\r\n", COLUMNS.join(","))
    }

    /// One line for each cell and rule, without the head (RFC 4180).
    pub fn to_csv(&self) -> String {
        self.lines.iter().map(|line| self.csv_line(line)).collect()
    }

    fn csv_line(&self, line: &Attained) -> String {
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        let without = line.without_annotated.unwrap_or(line.count);
        let cells = [
            self.month.to_string(),
            self.client_id.to_string(),
            self.agreement.clone(),
            word(&self.tier),
            line.rule.clone(),
            word(&line.row),
            word(&line.column),
            word(&line.within),
            line.received.to_string(),
            line.due.to_string(),
            line.count.met.to_string(),
            line.count.missed.to_string(),
            line.count.excused.to_string(),
            line.count.open.to_string(),
            fraction(line.count),
            percent(line.count),
            without.met.to_string(),
            without.missed.to_string(),
            fraction(without),
            percent(without),
            line.clauses.join(" "),
            self.as_of.to_string(),
            self.tzdata.to_owned(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        format!("{}\r\n", cells.join(","))
    }
}

/// `9/10`, exact; nothing where nothing was decided.
fn fraction(count: Tally) -> String {
    match count.decided() {
        0 => String::new(),
        decided => format!("{}/{decided}", count.met),
    }
}

fn percent(count: Tally) -> String {
    count.percent(SHARE_DECIMALS).unwrap_or_default()
}

/// `1 of 2, 50.0%`: the fraction decides, its percentage is rounded once, down.
fn shown(count: Tally) -> String {
    match count.percent(SHARE_DECIMALS) {
        Some(percent) => format!("{}, {percent}", count.attained()),
        None => count.attained(),
    }
}

impl Attained {
    /// `first-response P1 premium`.
    pub fn name(&self) -> String {
        let words = self.row.iter().chain(&self.column);
        words.fold(self.rule.clone(), |name, word| format!("{name} {word}"))
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.name(),
            self.within.clone().unwrap_or_default(),
            self.received.to_string(),
            self.due.to_string(),
            self.count.met.to_string(),
            self.count.missed.to_string(),
            self.count.excused.to_string(),
            self.count.open.to_string(),
            shown(self.count),
        ]
    }

    fn details(&self, w: &mut String) -> fmt::Result {
        if let Some(without) = self.without_annotated {
            writeln!(w, "  {} without annotated ones: {}", self.name(), shown(without))?;
        }
        for item in &self.items {
            let due = item.due.map_or(String::new(), |due| format!(" due {due},"));
            writeln!(w, "    {} {}:{due} {}", self.rule, item.subject, item.text)?;
            for remark in &item.annotations {
                writeln!(w, "      {remark}")?;
            }
        }
        Ok(())
    }
}
