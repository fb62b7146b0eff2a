//! Availability, what does not count, money, maintenance.

use super::{
    Item, Section, Voice,
    words::{amount, and, capital, capitals, meaning, or, plain},
};
use crate::{
    section::{
        availability::{
            Availability, AvailabilityUnit, BelongsTo, Compare, Count, Denominator, DownWhen, NoData, Probe,
        },
        credit::{Band, Below, Cap, Credit, CreditBase, CreditForm, CreditPer, CreditTrigger, Rounding, Vat},
        exclusion::{Auto, Exclusion, Exclusions},
        maintenance::{Maintenance, MaintenanceNeeds, OutsideSlot, Severity},
        party::{Surcharge, SurchargeRule},
    },
    value::{
        Clauses,
        keyed::Keyed,
        percent::{Cents, Percent},
    },
};

impl Voice<'_> {
    /// What is up, what is down, and how much is promised.
    pub(super) fn availability(&self) -> Section {
        let mut section = Section::new("Availability");
        let Some(availability) = &self.agreement.availability else { return section };
        section.say(self.objective(availability), &availability.clause);
        section.lead("Whole minutes that may be lost in a month of so many days:");
        self.allowances(availability, &mut section);
        section.say(downtime(availability), &availability.down.clause);
        let maintenance = &availability.maintenance;
        let text = format!(
            "Maintenance is no downtime: what is left out is {}. What lasts beyond the declared end \
             counts, and calling downtime maintenance afterwards takes {}",
            meaning(maintenance.excluded_if.about()),
            plain(maintenance.reclassify.name()),
        );
        section.say(text, &maintenance.clause);
        if let Some(probe) = &self.agreement.probe {
            section.say(self.probe(probe), &probe.clause);
        }
        section
    }

    /// Whole minutes that may be lost in months of 28, 30 and 31 days.
    fn allowances(&self, availability: &Availability, section: &mut Section) {
        const DAYS: [i64; 3] = [28, 30, 31];
        let tiers = match &availability.objective {
            Keyed::One(_) => vec![None],
            Keyed::By(by) => self.order(by.keys().map(String::as_str)).into_iter().map(Some).collect(),
        };
        let rows = tiers.into_iter().filter_map(|tier| {
            let objective = *availability.objective.of(tier)?;
            let name = tier.map_or_else(|| "All".to_owned(), capital);
            let minutes = DAYS.map(|days| allowed(objective, days * 24 * 60).to_string());
            Some([name, objective.to_string()].into_iter().chain(minutes).collect())
        });
        let head = ["Level", "Uptime", "28 days", "30 days", "31 days"].map(str::to_owned).to_vec();
        section.table(head, rows.collect(), &Clauses::default());
    }

    fn objective(&self, availability: &Availability) -> String {
        let AvailabilityUnit::Instance = availability.unit;
        let Compare::Exact = availability.compare;
        let whole = match availability.denominator {
            Denominator::CoveredMinutes => {
                "The share is taken of the minutes that the term and the instance cover; minutes that are \
                 left out or unknown stay in"
            }
            Denominator::MonthMinutes => "The share is taken of all minutes of the month, covered or not",
        };
        format!(
            "Each instance, by itself, is up for at least {} of every calendar month ({}). {whole}. The \
             exact fraction is compared, never its rounded display; it is shown with {} decimals and the \
             fraction behind it",
            self.keyed(&availability.objective, Percent::to_string),
            availability.tz,
            availability.display_decimals,
        )
    }

    fn probe(&self, probe: &Probe) -> String {
        let codes = or(probe.expect.iter().map(u32::to_string).collect());
        format!(
            "A valid request is a {} that an instance normally answers within {} with {codes}. One is made \
             at least every {}, {}",
            probe.method,
            amount(probe.timeout),
            amount(probe.every),
            self.within(&probe.calendar),
        )
    }

    /// What is left out of figures, and who may say so.
    pub(super) fn exclusions(&self) -> Section {
        let mut section = Section::new("What does not count");
        if let Some(rule) = &self.agreement.exclusions {
            section.say(self.claims(rule), &rule.clause);
        }
        let causes = self.agreement.exclusion.iter();
        section.list(
            causes
                .map(|cause| {
                    Item::labelled(super::words::heading(&cause.cause), excluded(cause), &cause.clause)
                })
                .collect(),
        );
        for annotation in &self.agreement.annotation {
            let causes = or(annotation
                .causes
                .iter()
                .map(|cause| meaning(cause.about()).split(": ").next().unwrap_or_default().to_owned())
                .collect());
            let text = format!(
                "A response that fell into such a time is still measured, and its figure is shown with and \
                 without it: {causes}"
            );
            section.say(text, &annotation.clause);
        }
        section
    }

    fn claims(&self, rule: &Exclusions) -> String {
        let text = format!(
            "Where failures had one of the causes below, the provider's {} may claim that they do not \
             count, with evidence. The client may dispute the claim within {}, counted {}; until that is \
             settled, figures are shown in both versions",
            plain(&rule.claim_by),
            amount(rule.dispute_within),
            self.within(&rule.calendar),
        );
        super::terms::with_reason(text, rule.added.as_deref())
    }

    /// What the level costs, and what a missed objective costs.
    pub(super) fn money(&self) -> Section {
        let mut section = Section::new("Price and credits");
        for surcharge in self.agreement.price.iter().filter_map(|price| price.surcharge.as_ref()) {
            section.say(self.surcharge(surcharge), &surcharge.clause);
        }
        if let Some(credit) = &self.agreement.credit {
            section.say(earned(credit), &credit.clause);
            let clauses = credit.band.iter().flat_map(|band| band.clause.ids.clone()).collect();
            let head = ["Uptime in the month".to_owned()].into_iter().chain(self.columns()).collect();
            let rows = credit.band.iter().map(|band| self.band(band)).collect();
            section.table(head, rows, &Clauses { ids: clauses, places: Vec::new() });
            if let Some(cap) = &credit.cap {
                section.say(self.cap(cap), &cap.clause);
            }
        }
        section
    }

    fn surcharge(&self, surcharge: &Surcharge) -> String {
        let prices = match self.tiers().as_slice() {
            [] => format!("the level costs {}", self.price(surcharge, "")),
            tiers => {
                let price = |tier: &&str| format!("{} costs {}", capital(tier), self.price(surcharge, tier));
                tiers.iter().map(price).collect::<Vec<_>>().join("; ")
            }
        };
        format!(
            "On top of the charges of a calendar month, {prices}, worked out for {}. It is shared among \
             instances {}; cents that do not divide go {}. Where the term covers a month in part, {}",
            meaning(surcharge.per.about()),
            meaning(surcharge.allocate.about()),
            meaning(surcharge.remainder.about()),
            meaning(surcharge.partial_month.about()),
        )
    }

    fn price(&self, surcharge: &Surcharge, tier: &str) -> String {
        let percent = surcharge.percent.of([tier]).copied().unwrap_or(Percent::ZERO);
        let cents = surcharge.amount.of([tier]).copied().unwrap_or(Cents(0));
        let (share, fixed) =
            (format!("{percent} of them"), cents.money(self.agreement.agreement.currency).to_string());
        match surcharge.rule {
            _ if percent == Percent::ZERO && cents == Cents(0) => "nothing".to_owned(),
            SurchargeRule::GreaterOf => format!("the greater of {share} and {fixed}"),
            SurchargeRule::LesserOf => format!("the lesser of {share} and {fixed}"),
            SurchargeRule::Percent => share,
            SurchargeRule::Amount => fixed,
        }
    }

    /// The heads of columns by tier.
    pub(super) fn columns(&self) -> Vec<String> {
        match self.tiers() {
            tiers if tiers.is_empty() => vec!["Credit".to_owned()],
            tiers => capitals(&tiers),
        }
    }

    fn band(&self, band: &Band) -> Vec<String> {
        let below = match band.below {
            Below::Objective => "the objective".to_owned(),
            Below::Percent(percent) => percent.to_string(),
        };
        let range = match band.at_least {
            Some(least) => format!("{least} or more, below {below}"),
            None => format!("below {below}"),
        };
        let tiers = self.tiers();
        let percents: Vec<String> = match tiers.as_slice() {
            [] => vec![self.keyed(&band.percent, Percent::to_string)],
            tiers => tiers
                .iter()
                .map(|tier| band.percent.of([*tier]).map_or_else(String::new, Percent::to_string))
                .collect(),
        };
        [range].into_iter().chain(percents).collect()
    }

    fn cap(&self, cap: &Cap) -> String {
        format!(
            "The credits of one month, over {}, are at most {} of {}",
            meaning(cap.scope.about()),
            self.keyed(&cap.percent, Percent::to_string),
            meaning(cap.of.about()),
        )
    }

    /// When maintenance may be, and how severe a vulnerability is.
    pub(super) fn maintenance(&self) -> Section {
        let mut section = Section::new("Maintenance and security");
        let kinds = self.agreement.maintenance.iter();
        section
            .list(kinds.map(|kind| Item::labelled(heading(kind), self.slot(kind), &kind.clause)).collect());
        if let Some(window) = self.agreement.window.as_ref().filter(|_| self.has_window()) {
            section.say(self.window(window), &window.clause);
        }
        if let Some(severity) = &self.agreement.severity {
            section.say(severity_text(severity), &severity.clause);
        }
        section
    }

    /// Whether the reader's tier has the agreed window.
    fn has_window(&self) -> bool {
        let slots = self.agreement.maintenance.iter().map(|kind| &kind.slot);
        self.tier.is_none_or(|tier| {
            slots.into_iter().any(|slot| slot.of([tier]).is_some_and(|name| name == "window"))
        })
    }

    /// A calendar in which work may begin and end.
    fn slot_of(&self, name: &str) -> String {
        match self.within(name) {
            always if always == "round the clock" => "at any hour".to_owned(),
            hours => hours,
        }
    }

    fn slot(&self, kind: &Maintenance) -> String {
        let mut text = format!("begins and ends {}", self.keyed(&kind.slot, |name| self.slot_of(name)));
        if let Some(outside) = &kind.outside_slot {
            let takes = self.keyed(outside, |outside| match outside {
                OutsideSlot::Reason => "a recorded reason".to_owned(),
                OutsideSlot::ClientApproval => "the client's approval".to_owned(),
            });
            text += &format!("; outside of that it takes {takes}");
        }
        if !kind.causes.is_empty() {
            text += &format!(". Its cause is {}", or(kind.causes.iter().map(|cause| plain(cause)).collect()));
        }
        let needs: Vec<String> = kind.requires.iter().map(|need| needs(*need).to_owned()).collect();
        if !needs.is_empty() {
            text += &format!(". Its record {}", and(needs));
        }
        text
    }
}

fn heading(kind: &Maintenance) -> String {
    match kind.kind.name() {
        name if name.ends_with("patch") => format!("A {}", plain(name)),
        name => format!("{} maintenance", capital(&plain(name))),
    }
}

fn needs(need: MaintenanceNeeds) -> &'static str {
    match need {
        MaintenanceNeeds::RecordedBeforeStart => "is made before it starts (later, it is an emergency)",
        MaintenanceNeeds::ExpectedImpact => "states the expected impact",
        MaintenanceNeeds::CriticalVulnerability => "names a vulnerability whose published score is Critical",
        MaintenanceNeeds::NoBackdating => "cannot be dated back",
    }
}

/// Whole minutes of a period that may be down while the objective is still met (A-10: the exact fraction decides).
fn allowed(objective: Percent, minutes: i64) -> i64 {
    minutes * (Percent::HUNDRED.millionths() - objective.millionths()) / Percent::HUNDRED.millionths()
}

/// What is down, and what of it counts.
fn downtime(availability: &Availability) -> String {
    let down = &availability.down;
    let DownWhen::EveryValidRequestFailed = down.when;
    let BelongsTo::MonthOfMinuteStart = down.belongs_to;
    let evidence = match down.evidence.is_empty() {
        true => "every vantage point".to_owned(),
        false => and(down.evidence.iter().map(|from| format!("the {}", plain(from))).collect()),
    };
    let count = match down.count {
        Count::WholeMinutesOfRun => "its whole minutes count, wherever it starts: 119 seconds are 1 minute",
        Count::AlignedMinutes => "the minutes of the clock count that lie wholly inside it",
    };
    let bridge = match down.no_data {
        NoData::Unknown => String::new(),
        NoData::UnknownUnlessBracketed => {
            format!(", unless it lies between two failures and is no longer than {}", amount(down.bridge_max))
        }
    };
    let least = down.least_coverage.map(|share| {
        format!(". Where less than {share} of the time was looked at, the verdict is provisional and waits for a person")
    });
    format!(
        "An instance is down while every valid request fails: every vantage point with evidence at that \
         moment sees it fail. Evidence is what {evidence} see. A failure shorter than {} counts for \
         nothing; of a longer one, {count}. A minute belongs to the month in which it begins. Where nobody \
         looked, it is neither up nor down but unknown, which is shown and not counted{bridge}{}",
        amount(down.min_run),
        least.unwrap_or_default(),
    )
}

fn excluded(exclusion: &Exclusion) -> String {
    let figures: Vec<String> = exclusion.applies.iter().map(|figure| meaning(figure.about())).collect();
    let mut text = format!("left out of {}", and(figures));
    text += match exclusion.auto {
        Some(Auto::QuotaOverlaps) => ", without a claim, while a documented quota was exceeded",
        Some(Auto::ClientRestart) => ", without a claim, from a restart by the client's side",
        None => "",
    };
    if let Some(grace) = exclusion.grace {
        text += &format!(" until {} later", amount(grace));
    }
    text
}

fn earned(credit: &Credit) -> String {
    let CreditTrigger::AvailabilityMissed = credit.trigger;
    let CreditPer::Instance = credit.per;
    let CreditBase::InstanceMonthCharged = credit.base;
    let Vat::Excluded = credit.vat;
    let Rounding::HalfUpCentPerInstance = credit.rounding;
    let CreditForm::FutureInvoices = credit.form;
    let surcharge = if credit.includes_surcharge { "with" } else { "without" };
    format!(
        "An instance that misses its objective in a month earns the client a credit, by itself: nothing is \
         netted. It is a percentage of what the client was charged for the instance that month, after \
         discount, {surcharge} its share of what the level costs on top and without value added tax, \
         rounded to the cent. It is given as a credit on future recurring invoices, never paid out",
    )
}

fn severity_text(severity: &Severity) -> String {
    let bands =
        severity.band.iter().map(|band| format!("{} from {} to {}", capital(&band.name), band.min, band.max));
    format!(
        "A vulnerability goes by its CVE id; how severe it is follows from its CVSS {} score, first that \
         of {}: {}",
        severity.score.name(),
        severity
            .source
            .iter()
            .map(|source| if source == "nvd" { "the NVD".to_owned() } else { format!("the {source}") })
            .collect::<Vec<_>>()
            .join(", then that of "),
        and(bands.collect()),
    )
}
