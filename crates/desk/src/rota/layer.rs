//! One layer: people in order, turns of whole weeks on the clocks of a zone, and perhaps hours.

use facts::{RotaId, RotaSet};
use jiff::Timestamp;
use spans::{Calendar, DayHours, Instant, Span, UnknownZone, Weekly, Zone, weekday};

/// People in one layer.
pub const PEOPLE_MAX: usize = 64;
/// Weeks of one turn.
pub const WEEKS_MAX: u16 = 52;
/// Lines of hours in one layer.
const HOURS_MAX: usize = 64;
const WEEK_S: i64 = 7 * 24 * 60 * 60;

/// A layer as it was set.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Which.
    pub rota: RotaId,
    /// What people call it.
    pub name: String,
    /// When it is called: 1 first.
    pub level: u16,
    /// On whose clocks turns change.
    pub zone: Zone,
    /// Who takes turns, in order, by the id of the person.
    pub people: Vec<String>,
    /// When the first person's turn begins, and the layer with it.
    pub first: Instant,
    /// How many weeks a turn lasts, 1 to [`WEEKS_MAX`].
    pub weeks: u16,
    /// The hours it covers, as they were written; none: all.
    pub hours: Vec<String>,
    open: Option<Calendar>,
}

/// Why a layer cannot be meant so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum LayerError {
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    #[error("a turn lasts 1 to {WEEKS_MAX} weeks, not {weeks}")]
    Weeks { weeks: u16 },
    #[error("the first layer to be called has the level 1")]
    Level,
    #[error("`{text}` are no hours: write them as Mon 09:00-17:00")]
    Hours { text: String },
    #[error("{what}: {found}, and {max} at most")]
    TooMuch { what: &'static str, found: usize, max: usize },
}

impl Layer {
    /// What a fact says.
    ///
    /// # Errors
    /// Why it cannot be meant so.
    pub fn read(set: &RotaSet) -> Result<Layer, LayerError> {
        limit("people in a layer", set.people.len(), PEOPLE_MAX)?;
        limit("lines of hours", set.hours.len(), HOURS_MAX)?;
        if set.weeks == 0 || WEEKS_MAX < set.weeks {
            return Err(LayerError::Weeks { weeks: set.weeks });
        }
        if set.level == 0 {
            return Err(LayerError::Level);
        }
        let zone: Zone = set.zone.parse()?;
        let open = match set.hours.is_empty() {
            true => None,
            false => Some(Calendar::new(set.name.clone(), zone.clone(), weekly(&set.hours)?)),
        };
        Ok(Layer {
            rota: set.rota.clone(),
            name: set.name.clone(),
            level: set.level,
            zone,
            people: set.people.clone(),
            first: set.first,
            weeks: set.weeks,
            hours: set.hours.clone(),
            open,
        })
    }

    /// Whether the instant lies in its hours.
    pub fn is_open(&self, at: Instant) -> bool {
        self.open.as_ref().is_none_or(|hours| hours.is_open(at))
    }

    /// When the turn of that number begins, 0 for the first: at the same time of the week on the zone's clocks. In a skipped hour that
    /// is the hour's end, in a repeated one its first run; so turns follow each other without a hole, whatever the clocks do.
    pub fn handover(&self, number: i64) -> Option<Instant> {
        let first = self.zone.to_datetime(Timestamp::from(self.first));
        let days = number.checked_mul(7 * i64::from(self.weeks))?;
        let civil = first.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        let at = self.zone.to_ambiguous_timestamp(civil).compatible().ok()?;
        Instant::try_from(at).ok()
    }

    /// The people from whose turn it is on, each once around.
    pub(super) fn order(&self, at: Instant) -> impl Iterator<Item = &str> {
        let count = i64::try_from(self.people.len()).unwrap_or(1).max(1);
        let turn = usize::try_from(self.turn(at).rem_euclid(count)).unwrap_or(0);
        self.people.iter().cycle().skip(turn).take(self.people.len()).map(String::as_str)
    }

    /// When somebody else takes over, and when its hours begin and end, within a period.
    pub(super) fn changes(&self, within: Span) -> Vec<Instant> {
        let hours = self.open.as_ref().and_then(|open| open.spans(within).ok());
        let mut changes: Vec<Instant> =
            hours.iter().flat_map(|hours| hours.iter().flat_map(|span| [span.start, span.end])).collect();
        let turns = (self.turn(within.start)..).map_while(|number| self.handover(number));
        changes.extend(turns.take_while(|at| *at < within.end));
        changes
    }

    /// The number of the turn that an instant lies in; below 0 before the first.
    fn turn(&self, at: Instant) -> i64 {
        let civil = |at: Instant| self.zone.to_datetime(Timestamp::from(at));
        let passed = civil(at).duration_since(civil(self.first)).as_secs();
        let mut turn = passed.div_euclid(WEEK_S * i64::from(self.weeks));
        // The clocks of that week may have been changed since: one turn further or back at most.
        while self.handover(turn + 1).is_some_and(|next| next <= at) {
            turn += 1;
        }
        while self.handover(turn).is_some_and(|this| at < this) {
            turn -= 1;
        }
        turn
    }
}

/// `Mon 09:00-17:00`, one line for each; hours that end before they begin run over midnight.
fn weekly(lines: &[String]) -> Result<Weekly, LayerError> {
    lines.iter().try_fold(Weekly::never(), |week, line| {
        let hours = || LayerError::Hours { text: line.clone() };
        let (day, times) = line.split_once(' ').ok_or_else(hours)?;
        let (from, to) = times.split_once('-').ok_or_else(hours)?;
        let from = from.parse().map_err(|_| hours())?;
        let to = to.parse().map_err(|_| hours())?;
        let day = weekday(day).map_err(|_| hours())?;
        Ok(week.and_on(day, DayHours::new(from, to).map_err(|_| hours())?))
    })
}

fn limit(what: &'static str, found: usize, max: usize) -> Result<(), LayerError> {
    if found <= max { Ok(()) } else { Err(LayerError::TooMuch { what, found, max }) }
}
