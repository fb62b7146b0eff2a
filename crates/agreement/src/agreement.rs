//! The whole file.

use std::collections::BTreeMap;

use toml::de::DeTable;

use crate::{
    finding::{Finding, Place},
    read::{Read, table},
    section::{
        approval::Approval,
        availability::{Availability, Probe},
        calendar::{CalendarRule, Holidays, SupportHours, Window},
        catalogue::Catalogue,
        credit::Credit,
        desk::{PauseRule, Reminders},
        exclusion::{Annotation, Exclusion, Exclusions},
        guard::{Guard, Show},
        maintenance::{Maintenance, Severity},
        obligation::ObligationRule,
        onboarding::{ContactTopic, Escalation, Onboarding},
        party::{Alias, BindingWords, Channel, Channels, Definitions, Header, Price, Role, Tiers},
        request::{Cadence, Matrix, RequestRule},
    },
};

table! {
    /// An agreement between a provider and a client, as signed.
    Agreement {
        /// The format of the file: `agreement/1`.
        format: Format,
        /// Parties, source and term.
        agreement: Header,
        /// Our own clauses beside those of the built-in registers: id and text.
        clauses: BTreeMap<String, String>,
        /// Levels of service.
        tiers: Option<Tiers>,
        /// Prices.
        price: Option<Price>,
        /// Where words come from.
        definitions: Option<Definitions>,
        /// Other names.
        alias: Vec<Alias>,
        /// The words for a miss.
        binding: Option<BindingWords>,
        /// Calendars by name.
        calendar: BTreeMap<String, CalendarRule>,
        /// Holiday lists by name.
        holidays: BTreeMap<String, Holidays>,
        /// Support hours.
        support_hours: Option<SupportHours>,
        /// Roles by name.
        role: BTreeMap<String, Role>,
        /// What holds for every channel.
        channels: Option<Channels>,
        /// Channels by name.
        channel: BTreeMap<String, Channel>,
        /// The availability objective.
        availability: Option<Availability>,
        /// What a valid request is.
        probe: Option<Probe>,
        /// The credit for a missed objective.
        credit: Option<Credit>,
        /// Kinds of maintenance.
        maintenance: Vec<Maintenance>,
        /// The agreed maintenance window.
        window: Option<Window>,
        /// How severe a vulnerability is.
        severity: Option<Severity>,
        /// What requests are like.
        request: Option<RequestRule>,
        /// Matrices of targets by name.
        matrix: BTreeMap<String, Matrix>,
        /// Obligations.
        obligation: Vec<ObligationRule>,
        /// How updates can be rescheduled.
        cadence: Option<Cadence>,
        /// When people are told.
        reminders: Option<Reminders>,
        /// For which reasons clocks may stand still.
        pause: Option<PauseRule>,
        /// How exclusions are claimed.
        exclusions: Option<Exclusions>,
        /// Causes that do not count.
        exclusion: Vec<Exclusion>,
        /// Causes that are noted.
        annotation: Vec<Annotation>,
        /// What needs both parties, by name.
        approval: BTreeMap<String, Approval>,
        /// Onboarding.
        onboarding: Option<Onboarding>,
        /// Escalation.
        escalation: Option<Escalation>,
        /// Whom to ask about what.
        contact_topic: Vec<ContactTopic>,
        /// Acts that are refused.
        guard: Vec<Guard>,
        /// Words shown where they matter.
        show: Vec<Show>,
        /// What is in scope.
        catalogue: Option<Catalogue>,
        /// The readings both parties sign: ambiguity and what it is taken to mean.
        readings: BTreeMap<String, String>,
    }
}

crate::read::words! {
    /// The format of the file.
    Format {
        /// This one.
        "agreement/1" One,
    }
}

impl Agreement {
    /// The longest file that is read: far beyond any agreement, and small enough to refuse a wrong file at once.
    pub const BYTES_MAX: usize = 1024 * 1024;

    /// Reads a file's text. All findings at once; the agreement itself only where none of them is an error of reading.
    /// What the text says is then judged by [`Agreement::lint`].
    pub fn read(text: &str) -> (Option<Agreement>, Vec<Finding>) {
        if text.len() > Self::BYTES_MAX {
            let message = format!("the file is longer than {} bytes", Self::BYTES_MAX);
            return (None, vec![Finding::unreadable(Place(0..0), message, "name an agreement file")]);
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut findings: Vec<Finding> = errors.iter().map(syntax).collect();
        if !findings.is_empty() {
            return (None, findings);
        }
        let value = toml::Spanned::new(table.span(), toml::de::DeValue::Table(table.into_inner()));
        let read = Agreement::read_value(&value, &mut findings);
        (read, findings)
    }

    /// A file's root table; nothing where something in it cannot be read.
    pub(crate) fn read_value(
        value: &crate::read::Value<'_>,
        findings: &mut Vec<Finding>,
    ) -> Option<Agreement> {
        let read = <Agreement as Read>::read(value, findings);
        if findings.is_empty() { read } else { None }
    }

    /// The signed tier, where the agreement has tiers.
    pub fn tier(&self) -> Option<&str> {
        self.tiers.as_ref().map(|tiers| tiers.chosen.as_str())
    }

    /// The same agreement under another tier, for a replay.
    ///
    /// # Errors
    /// The names of its tiers, where `tier` is none of them.
    pub fn under(&self, tier: &str) -> Result<Agreement, Vec<String>> {
        let mut other = self.clone();
        match &mut other.tiers {
            Some(tiers) if tiers.list.iter().any(|t| t == tier) => {
                tier.clone_into(&mut tiers.chosen);
                Ok(other)
            }
            Some(tiers) => Err(tiers.list.clone()),
            None => Err(Vec::new()),
        }
    }
}

pub(crate) fn syntax(error: &toml::de::Error) -> Finding {
    Finding::unreadable(
        Place(error.span().unwrap_or(0..0)),
        error.message().to_owned(),
        "the file is TOML 1.0: see https://toml.io",
    )
}
