//! A route: a method, a path, who may use it, and what answers. The whole portal is a list of these.

use axum::{
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, MethodRouter, on},
};

use super::{App, api::Operation};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody, signed in or not.
    Anybody,
    /// Whoever is signed in.
    SignedIn,
    /// Staff of the provider. Others are told that there is no such page.
    Staff,
    /// Staff with this role. Other staff are refused, others are told that there is no such page.
    Role(&'static str),
    /// Staff, and people of the client whose id stands in the path as `{client}`. Others are told that there is no such page.
    OfClient,
    /// People of the client whose id stands in the path as `{client}`, and not staff: their own acts, such as a claim.
    ClientItself,
    /// A vantage point elsewhere. No session is looked at: the handler asks for its signature and refuses everybody else.
    Machine,
    /// Administrators, and programs on this machine, such as what scrapes metrics.
    Operator,
}

/// The role of those who look after the portal itself.
pub const ADMINISTRATOR: &str = "administrator";

/// One line of the table.
pub struct Route {
    /// GET, which answers HEAD too, or POST, PUT, PATCH, DELETE.
    pub method: Method,
    /// The path, with `{name}` for what varies.
    pub path: &'static str,
    /// Who may use it.
    pub who: Who,
    pub(crate) handler: MethodRouter<App>,
    /// What the API says of it; every route below `/api/` has one, and no page.
    pub(crate) operation: Option<Operation>,
}

impl Route {
    /// Something to read. A GET changes nothing.
    pub fn get<H: Handler<T, App>, T: 'static>(path: &'static str, who: Who, handler: H) -> Route {
        Route { method: Method::GET, path, who, handler: on(MethodFilter::GET, handler), operation: None }
    }

    /// Something to do.
    pub fn post<H: Handler<T, App>, T: 'static>(path: &'static str, who: Who, handler: H) -> Route {
        Route { method: Method::POST, path, who, handler: on(MethodFilter::POST, handler), operation: None }
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
    pub fn delete<H: Handler<T, App>, T: 'static>(path: &'static str, who: Who, handler: H) -> Route {
        Route {
            method: Method::DELETE,
            path,
            who,
            handler: on(MethodFilter::DELETE, handler),
            operation: None,
        }
    }
}
