//! The words of a page, said the same everywhere; ids, lengths and moments as people read them.

use facts::{Impact, IncidentStage};
use sha2::{Digest, Sha256};
use spans::{Instant, Length, Zone};

use crate::{Day, Overall, Progress, State};

/// Twelve letters and digits for something, the same each time, that tell nobody what it is called inside.
pub fn public_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

impl State {
    /// How a system stands, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            State::Up => "answers",
            State::Maintenance => "under maintenance",
            State::Unknown => "not seen",
            State::Degraded => "slow or partly unusable",
            State::Down => "does not answer",
        }
    }

    pub(crate) fn class(self) -> &'static str {
        match self {
            State::Up => "u",
            State::Maintenance => "m",
            State::Unknown => "n",
            State::Degraded => "g",
            State::Down => "d",
        }
    }
}

impl Overall {
    /// The whole page in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Overall::Up => "All systems answer.",
            Overall::Maintenance => "Maintenance is under way.",
            Overall::Unknown => "Some systems cannot be seen at the moment.",
            Overall::Degraded => "Some systems are slow or partly unusable.",
            Overall::SomeDown => "Some systems do not answer.",
            Overall::AllDown => "No system answers.",
        }
    }

    pub(crate) fn state(self) -> State {
        match self {
            Overall::Up => State::Up,
            Overall::Maintenance => State::Maintenance,
            Overall::Unknown => State::Unknown,
            Overall::Degraded => State::Degraded,
            Overall::SomeDown | Overall::AllDown => State::Down,
        }
    }
}

impl Progress {
    /// How far it has come, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Progress::Planned => "planned",
            Progress::UnderWay => "under way",
            Progress::Done => "over",
            Progress::CalledOff => "called off",
        }
    }
}

pub(crate) fn stage(stage: IncidentStage) -> &'static str {
    match stage {
        IncidentStage::Investigating => "Looked into",
        IncidentStage::Identified => "Cause found",
        IncidentStage::Monitoring => "Mended, watched",
        IncidentStage::Resolved => "Over",
        IncidentStage::Postmortem => "Afterwards",
    }
}

pub(crate) fn impact(impact: Impact) -> &'static str {
    match impact {
        Impact::None => "nothing is expected to be noticed",
        Impact::Degraded => "slow or partly unusable",
        Impact::Down => "not reachable",
    }
}

/// `2 h 5 min`, rounded up to the minute, so that nothing that was is told as nothing.
pub(crate) fn length(length: Length) -> String {
    let minutes =
        (length.as_micros() + Length::MINUTE.as_micros() - 1).div_euclid(Length::MINUTE.as_micros());
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// `Sun 2026-11-22 18:30 UTC`.
pub(crate) fn moment(at: Instant, zone: &Zone) -> String {
    let wall = zone.to_datetime(at.into());
    let day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        .get(usize::try_from(wall.weekday().to_monday_zero_offset()).unwrap_or(0))
        .copied()
        .unwrap_or_default();
    let (date, hour, minute) = (wall.date(), wall.hour(), wall.minute());
    format!("{day} {date} {hour:02}:{minute:02} {}", zone_word(at, zone))
}

/// What the zone is called then: `UTC`, `CET`.
fn zone_word(at: Instant, zone: &Zone) -> String {
    zone.to_offset_info(at.into()).abbreviation().to_owned()
}

/// A day in a sentence: `2026-11-20: 12 min down, 12 min count; 3 min not seen`.
pub(crate) fn day(day: &Day) -> String {
    let mut parts = Vec::new();
    if day.down > Length::ZERO {
        parts.push(format!("{} down, {} min count", length(day.down), day.counted));
    }
    if day.excluded > Length::ZERO {
        parts.push(format!("{} down and excluded", length(day.excluded)));
    }
    if day.unknown > Length::ZERO {
        parts.push(format!("{} not seen", length(day.unknown)));
    }
    let said = match (day.covered, parts.is_empty()) {
        (Length::ZERO, _) => "not covered".to_owned(),
        (_, true) => "answered all the time".to_owned(),
        (_, false) => parts.join("; "),
    };
    format!("{}: {said}", day.date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_never_told_as_nothing() {
        let said = |seconds| length(Length::from_secs(seconds));
        assert_eq!([said(0), said(1), said(60), said(61)], ["0 min", "1 min", "1 min", "2 min"]);
        assert_eq!([said(3_600), said(7_500)], ["1 h", "2 h 5 min"]);
    }

    #[test]
    fn an_id_stays_and_tells_nothing() {
        assert_eq!(public_id(&["acme", "wiki"]), public_id(&["acme", "wiki"]));
        assert_ne!(public_id(&["acme", "wiki"]), public_id(&["acm", "ewiki"]));
        assert_eq!(public_id(&["acme"]).len(), 12);
    }
}
