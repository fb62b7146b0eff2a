//! What an address names. An id that cannot be one names nothing, which is not there.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::server::{App, Problem};

/// The variables of a path.
pub(super) struct Named<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Named<T>, Problem> {
        let found = Path::<T>::from_request_parts(parts, app).await;
        found.map(|Path(found)| Named(found)).map_err(|_| Problem::NotFound)
    }
}
