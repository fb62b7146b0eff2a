//! A route: a method, a path, what is done by it, and what answers. The whole portal is a list of these.

use axum::{
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    http::Method,
    middleware::{Next, from_fn},
    response::Response,
    routing::{MethodFilter, MethodRouter, on},
};
use desk::policy::{Action, Audience, Policy};
use tokio::sync::Semaphore;

use super::{App, Problem, api::Operation};

/// The role of those who look after the portal itself.
pub const ADMINISTRATOR: &str = "administrator";

/// Large bodies that are read and stored at once: each is held in memory some times over until it is stored.
pub(crate) const LARGE_AT_ONCE: usize = 2;

/// The places of this process, whatever it serves: memory is the process's.
static LARGE: Semaphore = Semaphore::const_new(LARGE_AT_ONCE);

/// A body is read by whoever answers, so the place is taken before, and given back with the answer. Who sends slowly holds it no
/// longer than a request lasts.
async fn one_of_few(request: Request, next: Next) -> Result<Response, Problem> {
    let _place = LARGE.acquire().await.map_err(|closed| Problem::internal(&closed))?;
    Ok(next.run(request).await)
}

/// One line of the table.
pub struct Route {
    /// GET, which answers HEAD too, or POST, PUT, PATCH, DELETE.
    pub method: Method,
    /// The path, with `{name}` for what varies.
    pub path: &'static str,
    /// What is done by it, by which the policy says who may.
    pub action: Action,
    pub(crate) handler: MethodRouter<App>,
    /// What the API says of it; every route below `/api/` has one, and no page.
    pub(crate) operation: Option<Operation>,
}

impl Route {
    /// Something to read. A GET changes nothing.
    pub fn get<H: Handler<T, App>, T: 'static>(path: &'static str, action: Action, handler: H) -> Route {
        Route { method: Method::GET, path, action, handler: on(MethodFilter::GET, handler), operation: None }
    }

    /// Something to do.
    pub fn post<H: Handler<T, App>, T: 'static>(path: &'static str, action: Action, handler: H) -> Route {
        Route {
            method: Method::POST,
            path,
            action,
            handler: on(MethodFilter::POST, handler),
            operation: None,
        }
    }

    /// Who may, as the policy has it.
    pub fn audience(&self) -> &'static Audience {
        Policy::embedded().audience(self.action)
    }

    /// As the API's documentation tells it.
    pub(crate) fn told(self, operation: Operation) -> Route {
        Route { operation: Some(operation), ..self }
    }

    /// With a body of up to so many bytes, where that is not [`BODY_BYTES_MAX`](super::BODY_BYTES_MAX): [`LARGE_AT_ONCE`] of
    /// them are read at once, whoever sends them, and the next one waits.
    #[must_use]
    pub(crate) fn taking(self, bytes_max: usize) -> Route {
        let handler = self.handler.layer(DefaultBodyLimit::max(bytes_max)).layer(from_fn(one_of_few));
        Route { handler, ..self }
    }

    /// Something to end, in the API.
    pub fn delete<H: Handler<T, App>, T: 'static>(path: &'static str, action: Action, handler: H) -> Route {
        Route {
            method: Method::DELETE,
            path,
            action,
            handler: on(MethodFilter::DELETE, handler),
            operation: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use axum::{Router, body::Body, routing::post};
    use tower::ServiceExt;

    use super::*;

    /// More come than have a place: never more than have one are read at once, and all are answered.
    #[tokio::test]
    async fn a_few_large_bodies_are_read_at_once_and_the_next_wait() {
        static NOW: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        async fn read() {
            MOST.fetch_max(NOW.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            NOW.fetch_sub(1, Ordering::SeqCst);
        }
        let router: Router = Router::new().route("/", post(read).layer(from_fn(one_of_few)));
        let sent = (0..6)
            .map(|_| tokio::spawn(router.clone().oneshot(Request::post("/").body(Body::empty()).unwrap())));
        for sent in sent.collect::<Vec<_>>() {
            assert!(sent.await.unwrap().unwrap().status().is_success());
        }
        assert_eq!(MOST.load(Ordering::SeqCst), LARGE_AT_ONCE);
    }
}
