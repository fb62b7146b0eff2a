//! What counts as up, down and unknown, and how much is promised.

use spans::Zone;

use crate::{
    read::{table, words},
    value::{Clauses, amount::Amount, keyed::Keyed, percent::Percent},
};

table! {
    /// The availability objective of each instance and month.
    Availability {
        /// The clauses this table executes.
        clause: Clauses,
        /// What an objective is for.
        unit: AvailabilityUnit,
        /// Over which period.
        period: Period,
        /// The zone whose months they are.
        tz: Zone,
        /// The lowest share of covered time that must be kept, by tier.
        objective: Keyed<Percent>,
        /// How objective and figure are compared.
        compare: Compare,
        /// What the share is taken of.
        denominator: Denominator,
        /// Decimals shown; the fraction behind the figure is always shown too.
        display_decimals: u32,
        /// When it is down.
        down: Down,
        /// What maintenance takes out.
        maintenance: MaintenanceRule,
    }
}

words! {
    /// What an objective is for.
    AvailabilityUnit {
        /// Each instance by itself: nothing is netted.
        "instance" Instance,
    }
}

words! {
    /// Over which period an objective is judged.
    Period {
        /// The calendar month in the named zone.
        "calendar-month" CalendarMonth,
    }
}

words! {
    /// How a figure is compared with its objective.
    Compare {
        /// The exact fraction, never the rounded display.
        "exact" Exact,
    }
}

words! {
    /// What the kept share is taken of.
    Denominator {
        /// The minutes the term and the instance cover; excluded and unknown ones stay in.
        "covered-minutes" CoveredMinutes,
        /// The whole calendar month, covered or not.
        "month-minutes" MonthMinutes,
    }
}

table! {
    /// When a moment is down, and what of it counts.
    Down {
        /// The clauses this table executes.
        clause: Clauses,
        /// When a moment is down.
        when: DownWhen,
        /// The shortest run that counts (SH-AVAIL-09).
        min_run: Amount,
        /// How a run becomes minutes.
        count: Count,
        /// Which month a minute belongs to.
        belongs_to: BelongsTo,
        /// The vantage points whose results are evidence: `provider-probe`, `client-probe`; all where none is named.
        evidence: Vec<String>,
        /// What silence means.
        no_data: NoData,
        /// The longest silence between two failures that is still down; our addition.
        bridge_max: Amount,
        /// Below this share of looked-at time a verdict is provisional and waits for a person.
        least_coverage: Option<Percent>,
    }
}

words! {
    /// When a moment is down.
    DownWhen {
        /// Every valid request failed: each vantage point with evidence at that moment was failing (SH-AVAIL-04).
        "every-valid-request-failed" EveryValidRequestFailed,
    }
}

words! {
    /// How an unbroken run of failures becomes counted minutes.
    Count {
        /// The whole minutes of the run, wherever it starts: 119 s is 1.
        "whole-minutes-of-run" WholeMinutesOfRun,
        /// The minutes of the clock that lie wholly inside it.
        "aligned-minutes" AlignedMinutes,
    }
}

words! {
    /// Which month a counted minute belongs to.
    BelongsTo {
        /// The month in which its 60 seconds begin.
        "month-of-minute-start" MonthOfMinuteStart,
    }
}

words! {
    /// What silence means.
    NoData {
        /// Neither up nor down, unless it lies between two failures and is no longer than `bridge_max`.
        "unknown-unless-bracketed" UnknownUnlessBracketed,
        /// Neither up nor down, always.
        "unknown" Unknown,
    }
}

table! {
    /// What maintenance takes out of downtime (SH-AVAIL-10, A-15).
    MaintenanceRule {
        /// The clauses this table executes.
        clause: Clauses,
        /// Which downtime is excluded.
        excluded_if: ExcludedIf,
        /// What becomes of downtime after the declared end.
        overrun: Overrun,
        /// Who may call downtime maintenance afterwards.
        reclassify: Reclassify,
    }
}

words! {
    /// Which downtime a maintenance record excludes.
    ExcludedIf {
        /// A run that began inside the record, which was on file before the run began.
        "recorded-before-downtime" RecordedBeforeDowntime,
    }
}

words! {
    /// What becomes of downtime after the declared end of maintenance.
    Overrun {
        /// It counts.
        "counts" Counts,
    }
}

words! {
    /// Who may call downtime maintenance afterwards.
    Reclassify {
        /// Only both parties, by a settled exclusion.
        "both-parties" BothParties,
    }
}

table! {
    /// What a valid request is, and how often one is made (SH-AVAIL-07, SH-MON-01).
    Probe {
        /// The clauses this table executes.
        clause: Clauses,
        /// The longest time between two requests of one vantage point; a result holds for twice as long at most.
        every: Amount,
        /// The request method.
        method: String,
        /// The status codes that are a good answer.
        expect: Vec<u32>,
        /// Until when an answer must be there.
        timeout: Amount,
        /// When it is watched.
        calendar: String,
    }
}
