//! Counts of what was asked and how long it took, as Prometheus text. The keys are methods, routes of the table and statuses,
//! so their number is bounded.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::http::{Method, StatusCode};

/// Upper bounds of the time that answers took, in milliseconds.
const BOUNDS_MS: [u64; 9] = [5, 10, 25, 50, 100, 250, 1_000, 5_000, 30_000];

#[derive(Default)]
pub(crate) struct Meter {
    routes: Mutex<BTreeMap<(String, String, u16), Counts>>,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    all: u64,
    within: [u64; BOUNDS_MS.len()],
    micros: u64,
}

impl Meter {
    pub(crate) fn count(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let method = if known.contains(method) { method.as_str() } else { "other" };
        let key = (route.to_owned(), method.to_owned(), status.as_u16());
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = routes.entry(key).or_default();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        counts.all += 1;
        counts.micros = counts.micros.saturating_add(micros);
        for (within, bound) in counts.within.iter_mut().zip(BOUNDS_MS) {
            *within += u64::from(micros <= bound * 1_000);
        }
    }

    /// The text format 0.0.4.
    pub(crate) fn text(&self) -> String {
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut out = String::from(
            "# HELP uphold_http_request_duration_seconds Time from a request to the head of its answer.\n\
             # TYPE uphold_http_request_duration_seconds histogram\n",
        );
        for ((route, method, status), counts) in &routes {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            let name = "uphold_http_request_duration_seconds";
            for (within, bound) in counts.within.iter().zip(BOUNDS_MS) {
                let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{}\"}} {within}", seconds(bound * 1_000));
            }
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", counts.all);
            let _ = writeln!(out, "{name}_sum{{{labels}}} {}", seconds(counts.micros));
            let _ = writeln!(out, "{name}_count{{{labels}}} {}", counts.all);
        }
        out
    }
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told() {
        let meter = Meter::default();
        meter.count(&Method::GET, "/account", StatusCode::OK, Duration::from_micros(7_500));
        meter.count(&Method::GET, "/account", StatusCode::OK, Duration::from_secs(60));
        let text = meter.text();
        let labels = "method=\"GET\",route=\"/account\",status=\"200\"";
        for line in [
            format!("_bucket{{{labels},le=\"0.005\"}} 0"),
            format!("_bucket{{{labels},le=\"0.01\"}} 1"),
            format!("_bucket{{{labels},le=\"30\"}} 1"),
            format!("_bucket{{{labels},le=\"+Inf\"}} 2"),
            format!("_sum{{{labels}}} 60.0075"),
            format!("_count{{{labels}}} 2"),
        ] {
            assert!(text.contains(&line), "{line}\n{text}");
        }
    }
}
