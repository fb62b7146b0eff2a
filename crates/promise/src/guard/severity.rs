//! How severe a vulnerability is: derived from its score, never typed.

use agreement::Agreement;
use facts::{Body, Score, VulnerabilityId};

use super::{Case, Reason, Verdict};

impl Case<'_> {
    /// SH-SEC-04: where the agreement keys vulnerabilities by CVE, the id is one.
    pub(super) fn severity(&self) -> Verdict {
        let id = match &self.act.body {
            Body::CvePublished(published) => &published.cve,
            Body::CveItemOpened(opened) => &opened.cve,
            Body::FixReleased(fix) => &fix.cve,
            _ => return Ok(()),
        };
        match &self.agreement().severity {
            Some(rule) if !is_cve(id) => self.refuse(&rule.clause, Reason::NoCveId { id: id.to_string() }),
            _ => Ok(()),
        }
    }
}

/// `CVE-2021-44228`: the year in four digits, then four digits or more.
fn is_cve(id: &VulnerabilityId) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let parts = id.as_str().strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(year, number)| year.len() == 4 && digits(year) && number.len() >= 4 && digits(number))
}

/// The band of a score (SH-SEC-06); none where the agreement has no bands.
pub fn severity(agreement: &Agreement, score: Score) -> Option<&str> {
    let bands = &agreement.severity.as_ref()?.band;
    bands.iter().find(|band| band.min <= score && score <= band.max).map(|band| band.name.as_str())
}

/// The lowest score of the band called critical.
pub(super) fn critical(agreement: &Agreement) -> Option<Score> {
    let bands = &agreement.severity.as_ref()?.band;
    bands.iter().find(|band| band.name == "critical").map(|band| band.min)
}
