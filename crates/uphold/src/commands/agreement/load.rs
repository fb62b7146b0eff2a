//! An agreement file, read and found readable.

use std::path::Path;

use agreement::{Agreement, Finding, Terms, report, seal::Identity};

use crate::{files, trouble::Trouble};

/// A file that reads as an agreement.
pub(crate) struct Loaded {
    pub(crate) agreement: Agreement,
    /// Which text it is.
    pub(crate) identity: Identity,
    /// The text.
    pub(crate) text: String,
}

impl Loaded {
    /// Reads a file and refuses one with errors, all of them said.
    pub(crate) fn read(path: &Path) -> Result<Loaded, Trouble> {
        let text = files::read_text(path, Agreement::BYTES_MAX as u64)?;
        let (agreement, findings) = Agreement::read(&text);
        match agreement {
            Some(agreement) => Ok(Loaded { agreement, identity: Identity::of(text.as_bytes()), text }),
            None => Err(refused(path, &text, &findings)),
        }
    }

    /// Its terms with their calendars compiled; under the signed tier, or another of its list.
    pub(crate) fn terms(self, tier: Option<&str>) -> Result<Terms, Trouble> {
        let terms = Terms::compile(self.agreement, self.identity.to_string())?;
        let Some(tier) = tier else { return Ok(terms) };
        terms.under(tier).map_err(|tiers| no_such_tier(Some(tier), &tiers))
    }
}

/// What to say of a tier that an agreement with these tiers does not have.
pub(crate) fn no_such_tier(tier: Option<&str>, tiers: &[String]) -> Trouble {
    Trouble::usage(match tiers {
        [] => "this agreement has no tiers: leave --tier out".to_owned(),
        tiers => format!(
            "`{}` is no tier of this agreement: choose {}",
            tier.unwrap_or_default(),
            tiers.join(", ")
        ),
    })
}

fn refused(path: &Path, text: &str, findings: &[Finding]) -> Trouble {
    let name = path.display().to_string();
    let said = report::render(findings, &name, text);
    Trouble::failed(format_args!("{name} is no readable agreement\n\n{}", said.trim_end()))
}
