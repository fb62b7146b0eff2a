//! Three small web services on loopback, each with its own timetable of failing.

use std::{
    fmt::Write,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    thread::{self, JoinHandle},
};

use axum::{Router, http::StatusCode, response::Html, routing::get};
use facts::InstanceId;
use spans::{Instant, Length};
use tokio::{net::TcpListener, sync::watch};

use crate::{trouble::Trouble, wall};

/// When a service fails, counted in seconds from the beginning of the demonstration.
struct Failing {
    from: i64,
    for_s: i64,
    /// Again after so many seconds; none for once.
    every_s: Option<i64>,
    /// What a visitor is told of it.
    told: &'static str,
}

struct Plan {
    instance: &'static str,
    name: &'static str,
    failing: Option<Failing>,
}

const PLANS: [Plan; 3] = [
    Plan {
        instance: "forge",
        name: "Forge",
        failing: Some(Failing {
            from: 20,
            for_s: 75,
            every_s: Some(600),
            told: "Forge answers 503 for 75 seconds, and again every ten minutes: an outage is counted, an incident opens",
        }),
    },
    Plan {
        instance: "wiki",
        name: "Wiki",
        failing: Some(Failing {
            from: 50,
            for_s: 60,
            every_s: None,
            told: "Wiki answers 503 for a minute, inside maintenance announced eight days ago: it is left out",
        }),
    },
    Plan { instance: "jira", name: "Jira", failing: None },
];

/// The running services. Dropped, they end.
pub(super) struct Sites {
    at: Vec<(InstanceId, SocketAddr)>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Sites {
    /// Starts them on free ports.
    pub(super) fn start(began: Instant) -> Result<Sites, Trouble> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = watch::channel(false);
        let mut at = Vec::new();
        for plan in &PLANS {
            let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
            at.push((plan.instance.parse()?, listener.local_addr()?));
            let mut stopped = stopped.clone();
            let until = async move { drop(stopped.wait_for(|stop| *stop).await) };
            runtime.spawn(async move {
                let served = axum::serve(listener, site(plan, began)).with_graceful_shutdown(until).await;
                if let Err(error) = served {
                    tracing::error!(error = %error, site = plan.instance, "demo.site_failed");
                }
            });
        }
        let mut stopped = stopped;
        let run = move || drop(runtime.block_on(stopped.wait_for(|stop| *stop)));
        let thread = Some(thread::Builder::new().name("demo-sites".to_owned()).spawn(run)?);
        Ok(Sites { at, stop, thread })
    }

    /// Every service and where it answers.
    pub(super) fn all(&self) -> impl Iterator<Item = (&InstanceId, String)> {
        self.at.iter().map(|(instance, at)| (instance, format!("http://{at}/")))
    }

    /// Where an instance answers, if it is one of them.
    pub(super) fn url(&self, instance: &InstanceId) -> Option<String> {
        self.all().find(|(id, _)| *id == instance).map(|(_, url)| url)
    }

    /// What will happen, with its times.
    pub(super) fn to_text(&self, began: Instant) -> String {
        let mut text = "\nWhat happens (times are UTC):\n".to_owned();
        for failing in PLANS.iter().filter_map(|plan| plan.failing.as_ref()) {
            let at = (began + Length::from_secs(failing.from)).to_string();
            let time = at.split('T').nth(1).and_then(|time| time.get(..8)).unwrap_or_default();
            let _ = writeln!(text, "  {time}  {}", failing.told);
        }
        for (instance, url) in self.all() {
            let _ = writeln!(text, "  {instance:<8}  {url}");
        }
        text + "\nThe year before now is made up; every figure about it is computed. End it with Ctrl-C: nothing is left behind.\n"
    }
}

impl Drop for Sites {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn site(plan: &'static Plan, began: Instant) -> Router {
    let page: Arc<str> = format!(
        "<!doctype html><html lang=en><title>{0}</title><h1>{0}</h1><p>A small service of the demonstration. It answers.</p>",
        plan.name
    )
    .into();
    Router::new().fallback(get(move || {
        let fails = plan.failing.as_ref().is_some_and(|failing| failing.holds(wall::now() - began));
        let answer = if fails {
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Html("<!doctype html><h1>503</h1><p>As its timetable says.</p>".into()),
            )
        } else {
            (StatusCode::OK, Html(page.to_string()))
        };
        async { answer }
    }))
}

impl Failing {
    fn holds(&self, since: Length) -> bool {
        let seconds = since.as_micros().div_euclid(1_000_000) - self.from;
        let seconds = match self.every_s {
            Some(every_s) if seconds >= 0 => seconds % every_s,
            _ => seconds,
        };
        (0..self.for_s).contains(&seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_fails_as_its_timetable_says() {
        let forge = PLANS[0].failing.as_ref().unwrap();
        let fails = |second: i64| forge.holds(Length::from_secs(second));
        assert_eq!(
            [-1, 0, 19, 20, 94, 95, 619, 620, 694, 695].map(fails),
            [false, false, false, true, true, false, false, true, true, false]
        );
        let wiki = PLANS[1].failing.as_ref().unwrap();
        assert!(!wiki.holds(Length::from_secs(49)) && wiki.holds(Length::from_secs(50)));
        assert!(!wiki.holds(Length::from_secs(110)) && !wiki.holds(Length::from_secs(650)));
    }
}
