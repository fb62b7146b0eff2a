//! `uphold agreement credit`: so many minutes down in a month, and what comes of them.

use std::{io::Write, path::PathBuf};

use clap::Args;
use facts::Money;
use promise::{CreditSheet, SheetError, credit_for};
use spans::Month;

use super::Loaded;
use crate::{
    commands::history::amount,
    output::{Computed, Output, stamp},
    trouble::Trouble,
};

#[derive(Args)]
pub(crate) struct Credit {
    /// The agreement.
    file: PathBuf,
    /// The tier; the signed one when left out.
    #[arg(long)]
    tier: Option<String>,
    /// The month, such as 2026-06.
    #[arg(long)]
    month: Month,
    /// Minutes of it that count as down.
    #[arg(long, value_name = "MINUTES", allow_negative_numbers = true)]
    down_minutes: i64,
    /// What the client was charged for it, before surcharge and VAT, in the agreement's currency; percentages only when left out.
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    price: Option<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Credit {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let terms = Loaded::read(&self.file)?.terms(self.tier.as_deref())?;
        let currency = terms.agreement().agreement.currency;
        let price = self.price.as_deref().map(|price| amount(price, currency)).transpose()?;
        let sheet = credit_for(&terms, self.month, self.down_minutes, price).map_err(in_words)?;
        if self.json {
            return Computed::new(&sheet).write(out);
        }
        lines(&sheet).into_iter().try_for_each(|(name, value)| writeln!(out, "{name:<10} {value}"))?;
        let readings = &terms.agreement().readings;
        let why = sheet.why.to_text(|id| readings.get(id).cloned());
        Ok(writeln!(out, "\n{why}\n{}", stamp(None, &[terms.identity()]))?)
    }
}

/// What was asked does not fit the file.
fn in_words(wrong: SheetError) -> Trouble {
    Trouble::usage(wrong.to_string())
}

/// The sheet from top to bottom; what does not apply has no line.
fn lines(sheet: &CreditSheet) -> Vec<(&'static str, String)> {
    let money = |money: Money| money.to_string();
    let band = sheet.band.as_ref();
    let lines = [
        ("tier", sheet.tier.clone()),
        ("month", Some(sheet.month.to_string())),
        ("down", Some(format!("{} minutes", sheet.down_minutes))),
        ("uptime", Some(sheet.uptime_shown.clone())),
        ("objective", Some(format!("{}, {}", sheet.objective, sheet.verdict.text()))),
        ("price", sheet.price.map(money)),
        ("surcharge", sheet.surcharge.map(money)),
        ("base", sheet.base.map(money)),
        ("band", band.map(|rung| format!("{} [{}]", rung.band, rung.clauses.join(", ")))),
        ("percent", band.map(|rung| rung.percent.to_string())),
        (
            "cap",
            sheet.cap.map(|cap| {
                format!(
                    "{} ({} of {}){}",
                    cap.amount,
                    cap.percent,
                    cap.of,
                    if cap.binds { ", binds" } else { "" }
                )
            }),
        ),
        ("credit", sheet.credit.map(money)),
        ("net", sheet.net.map(money)),
    ];
    lines.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
