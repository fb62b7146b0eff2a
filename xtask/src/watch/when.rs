//! Instants as microseconds since 1970, and as the program writes them.

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Microseconds of a second.
pub(super) const SECOND: i64 = 1_000_000;

/// This machine's clock.
pub(super) fn now_us() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "what is measured is held against the clock")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Waits until then.
pub(super) fn until(at_us: i64) {
    let left = u64::try_from(at_us - now_us()).unwrap_or(0);
    thread::sleep(Duration::from_micros(left));
}

/// Reads `2026-11-22T21:41:39.845859Z`.
pub(super) fn read(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z')?;
    let (day, time) = text.split_once('T')?;
    let mut day = day.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (day.next()??, day.next()??, day.next()??);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut clock = clock.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let micros = format!("{fraction:0<6}").get(..6)?.parse::<i64>().ok()?;
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * SECOND + micros)
}

/// Writes it as it is read.
pub(super) fn write(at_us: i64) -> String {
    let (seconds, micros) = (at_us.div_euclid(SECOND), at_us.rem_euclid(SECOND));
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, date) = civil(day);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Days since 1970 of a day of the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The other way round.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_and_written() {
        assert_eq!(read("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(read("2026-11-22T21:41:39.845859Z"), Some(1_795_383_699_845_859));
        assert_eq!(read("2026-11-22T21:41:39.8Z"), Some(1_795_383_699_800_000));
        for text in
            ["2024-02-29T23:59:59.000001Z", "2026-12-31T00:00:00.500000Z", "2100-03-01T12:00:00.000000Z"]
        {
            assert_eq!(read(text).map(write).as_deref(), Some(text));
        }
        assert_eq!((read("2026-11-22"), read("yesterday")), (None, None));
    }
}
