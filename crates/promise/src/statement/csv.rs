//! A statement as comma-separated values (RFC 4180): one line an instance, exact figures, no derivations.

use facts::Money;

use super::{InstanceLine, Statement};

/// The columns, in order. Lengths are whole microseconds; money has two decimals.
const COLUMNS: [&str; 21] = [
    "month",
    "client",
    "agreement",
    "tier",
    "instance",
    "name",
    "covered_us",
    "up_us",
    "down_us",
    "excluded_us",
    "unknown_us",
    "counted_minutes",
    "allowed_minutes",
    "objective",
    "uptime",
    "verdict",
    "credit_percent",
    "credit",
    "currency",
    "assumed_price",
    "tzdata",
];

impl Statement {
    /// The head line of [`Statement::to_csv`].
    pub fn csv_head() -> String {
        format!("{}\r\n", COLUMNS.join(","))
    }

    /// One line for each instance, without the head. `assumed`: the price that stands in for charges nobody recorded, so that a
    /// credit computed from it is seen to be.
    pub fn to_csv(&self, assumed: Option<Money>) -> String {
        self.instances.iter().map(|line| self.csv_line(line, assumed)).collect()
    }

    fn csv_line(&self, line: &InstanceLine, assumed: Option<Money>) -> String {
        let month = &line.month;
        let credits = self.credit.iter().flat_map(|client| &client.credits);
        let credit = credits.into_iter().find(|credit| credit.instance == month.instance);
        let amount = credit.and_then(|credit| credit.given);
        let percent = credit.and_then(|credit| credit.rung.as_ref()).map(|rung| rung.percent.to_string());
        let us = |length: spans::Length| length.as_micros().to_string();
        let cells = [
            self.month.to_string(),
            self.client_id.to_string(),
            self.agreement.clone(),
            self.tier.clone().unwrap_or_default(),
            month.instance.to_string(),
            line.name.clone(),
            us(month.covered),
            us(month.up),
            us(month.down),
            us(month.excluded),
            us(month.unknown),
            month.counted.to_string(),
            month.budget.allowed.to_string(),
            month.objective.to_string(),
            month.shown(),
            month.verdict_shown().to_owned(),
            percent.unwrap_or_default(),
            amount.map_or(String::new(), |amount| amount.plain()),
            amount.map_or(String::new(), |amount| amount.currency.to_string()),
            assumed.map_or(String::new(), |price| price.plain()),
            self.tzdata.to_owned(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        format!("{}\r\n", cells.join(","))
    }
}

/// Quoted where it must be. A cell that a spreadsheet would take for a formula begins with an apostrophe.
pub(crate) fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '@', '\t', '\r'])
        || (cell.starts_with('-') && cell.parse::<i64>().is_err());
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}
