//! `uphold agreement check | fmt | diff`: an agreement's text, before anybody signs it.

use std::{io::Write, path::PathBuf};

use agreement::{
    Agreement, diff,
    report::{self, Checked},
    seal::Identity,
    tidy::{TidyRefusal, tidy},
};
use clap::Args;
use serde_json::json;

use super::Loaded;
use crate::{
    files,
    output::{Computed, Output, stamp},
    trouble::Trouble,
};

#[derive(Args)]
pub(crate) struct Check {
    /// The agreement.
    file: PathBuf,
    /// The version that it follows: also judge whether it may take effect when it says (SH-AVAIL-08).
    #[arg(long, value_name = "OLD")]
    after: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let text = files::read_text(&self.file, Agreement::BYTES_MAX as u64)?;
        let name = self.file.display().to_string();
        let checked = match &self.after {
            Some(earlier) => report::check_after(&text, &Loaded::read(earlier)?.agreement),
            None => report::check(&text),
        };
        let Checked { findings, worst_waits, .. } = &checked;
        if self.json {
            let answer = json!({
                "file": name,
                "sha256": Identity::of(text.as_bytes()),
                "sound": checked.is_sound(),
                "findings": report::rows(findings, &name, &text),
                "worst_waits": worst_waits,
            });
            Computed::new(answer).write(out)?;
        } else {
            write!(out, "{}", report::render(findings, &name, &text))?;
            if !worst_waits.is_empty() {
                writeln!(
                    out,
                    "\nThe longest wait for each target, by the clock on the wall (L-05)\n\n{}\n{}",
                    report::waits_table(worst_waits),
                    stamp(None, &[&Identity::of(text.as_bytes()).to_string()])
                )?;
            }
        }
        if checked.is_sound() { Ok(()) } else { Err(Trouble::Told) }
    }
}

#[derive(Args)]
pub(crate) struct Fmt {
    /// The agreement.
    file: PathBuf,
    /// Only say whether it is tidy; exit status 1 when it is not.
    #[arg(long)]
    check: bool,
}

impl Fmt {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let text = files::read_text(&self.file, Agreement::BYTES_MAX as u64)?;
        let name = self.file.display();
        // A signed file is refused only where its bytes would change: whether it is tidy may always be asked.
        let signed = !self.check && files::beside(&self.file, ".sig").exists();
        let tidied = tidy(&text, signed).map_err(|refusal| match refusal {
            TidyRefusal::Signed => Trouble::failed(format_args!("{name}: {refusal}")),
            TidyRefusal::Unreadable(findings) => Trouble::failed(format_args!(
                "{name}: {}",
                report::render(&findings, &name.to_string(), &text)
            )),
        })?;
        match (tidied == text, self.check) {
            (true, _) => Ok(()),
            (false, true) => {
                writeln!(out, "{name} is not tidy: `uphold agreement fmt {name}` makes it so")?;
                Err(Trouble::Told)
            }
            (false, false) => {
                files::replace(&self.file, &tidied)?;
                Ok(writeln!(out, "{name}: made tidy")?)
            }
        }
    }
}

#[derive(Args)]
pub(crate) struct Diff {
    /// The old version.
    old: PathBuf,
    /// The new one.
    new: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let (old, new) = (Loaded::read(&self.old)?, Loaded::read(&self.new)?);
        let changes = diff::diff(&old.agreement, &new.agreement);
        if self.json {
            let answer = json!({ "old": old.identity, "new": new.identity, "changes": changes });
            return Ok(writeln!(out, "{answer:#}")?);
        }
        if changes.is_empty() {
            return Ok(writeln!(out, "Both say the same.")?);
        }
        Ok(out.write_all(diff::text(&changes).as_bytes())?)
    }
}
