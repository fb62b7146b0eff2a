//! A route: a method, a path, what is done by it, and what answers. The whole portal is a list of these.

use axum::{
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, MethodRouter, on},
};
use desk::policy::{Action, Audience, Policy};

use super::{App, api::Operation};

/// The role of those who look after the portal itself.
pub const ADMINISTRATOR: &str = "administrator";

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

    /// With a body of up to so many bytes, where that is not [`BODY_BYTES_MAX`](super::BODY_BYTES_MAX).
    #[must_use]
    pub(crate) fn taking(self, bytes_max: usize) -> Route {
        Route { handler: self.handler.layer(DefaultBodyLimit::max(bytes_max)), ..self }
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
