//! The reader's zone: pages tell instants in the zone that a person chose, kept in a cookie, without script. Statements and ledgers stay
//! in UTC, which is what they are computed in; so does the API.
//!
//! The zone is that of the request at hand. Whatever draws a page finds it here, so that no instant is drawn in another one.

use axum::{
    Form,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::Action;
use jiff::Timestamp;
use serde::Deserialize;
use spans::{Instant, Length, Zone};

use super::{Problem, Route, cookie, local};

tokio::task_local! {
    static READER: Zone;
}

/// Zones that are offered beside those of the agreements at hand; any other can be typed on the account page.
const OFFERED: [&str; 20] = [
    "America/Chicago",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Amsterdam",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Europe/London",
    "Europe/Madrid",
    "Pacific/Auckland",
];

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::post("/zone", Action::Enter, choose)]
}

/// The zone of the request at hand; UTC where none was chosen.
pub(crate) fn reader() -> Zone {
    READER.try_with(Clone::clone).unwrap_or(Zone::UTC)
}

/// What a request asks for, in the zone that its cookie names. A name that is no zone any more is UTC.
pub(crate) async fn answered<F: Future>(headers: &HeaderMap, answer: F) -> F::Output {
    let zone = cookie::zone(headers).and_then(|name| name.parse().ok()).unwrap_or(Zone::UTC);
    READER.scope(zone, answer).await
}

/// The same on another thread.
pub(crate) fn within<T>(zone: Zone, work: impl FnOnce() -> T) -> T {
    READER.sync_scope(zone, work)
}

/// An instant as the wall in the reader's zone shows it, written as if it were UTC, and what the zone is called then: `CEST`.
pub(crate) fn wall(at: Instant) -> (Instant, String) {
    let zone = reader();
    let Ok(stamp) = Timestamp::from_microsecond(at.as_micros()) else { return (at, "UTC".to_owned()) };
    let info = zone.to_offset_info(stamp);
    (at + Length::from_secs(i64::from(info.offset().seconds())), info.abbreviation().to_owned())
}

/// What a clock in a zone reads, as an instant. Where it reads so twice the first is meant, where never the one as far behind the gap
/// (RFC 5545, 3.3.5).
pub(crate) fn read_wall(text: &str, zone: &Zone) -> Option<Instant> {
    let wall: jiff::civil::DateTime = text.trim().parse().ok()?;
    let at = zone.to_timestamp(wall).ok()?;
    Some(Instant::from_micros(at.as_microsecond()))
}

/// What a page offers to choose from: the zones at hand first, the reader's own among them.
pub(crate) fn offered(at_hand: &[String]) -> Vec<String> {
    let mut all = vec!["UTC".to_owned()];
    let own = reader().name().to_owned();
    for name in at_hand.iter().cloned().chain([own]).chain(OFFERED.map(str::to_owned)) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

#[derive(Deserialize)]
struct Choice {
    zone: String,
    #[serde(default)]
    back: String,
}

async fn choose(Form(choice): Form<Choice>) -> Result<Response, Problem> {
    let zone: Zone = choice.zone.trim().parse().map_err(|_| {
        Problem::Invalid("There is no such zone: write a name such as Europe/Amsterdam, or UTC.".to_owned())
    })?;
    let mut headers = HeaderMap::new();
    cookie::set_zone(&mut headers, zone.name());
    Ok((headers, Redirect::to(local::path(&choice.back))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(zone: &str, at: &str) -> (String, String) {
        let (wall, name) = within(zone.parse().unwrap(), || wall(at.parse().unwrap()));
        (wall.to_string(), name)
    }

    #[test]
    fn an_instant_is_told_as_the_readers_wall_shows_it() {
        let summer = "2026-07-01T22:30:00Z";
        assert_eq!(told("Europe/Amsterdam", summer), ("2026-07-02T00:30:00Z".to_owned(), "CEST".to_owned()));
        assert_eq!(told("Asia/Kolkata", summer), ("2026-07-02T04:00:00Z".to_owned(), "IST".to_owned()));
        assert_eq!(wall(summer.parse().unwrap()).1, "UTC", "where nobody chose");
    }

    #[test]
    fn a_wall_is_read_in_its_zone_also_where_the_clock_changes() {
        let read = |text| read_wall(text, &"Europe/Amsterdam".parse().unwrap()).map(|at| at.to_string());
        assert_eq!(read("2026-07-02T00:30").as_deref(), Some("2026-07-01T22:30:00Z"));
        assert_eq!(read("2026-10-25T02:30").as_deref(), Some("2026-10-25T00:30:00Z"), "the first of two");
        assert_eq!(read("2026-03-29T02:30").as_deref(), Some("2026-03-29T01:30:00Z"), "behind the gap");
        assert_eq!(read("tomorrow"), None);
    }
}
