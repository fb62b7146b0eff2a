//! What a handler begins with: who asks, about what, and what is asked or sent. One extractor for what is read, one for what is done.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use super::{answer::Known, page::Asking, place::Named, sent::Sent};
use crate::server::{App, Problem, Viewer};

/// A question about the place that the address names.
pub(super) struct Read<P> {
    pub(super) app: App,
    pub(super) known: Known,
    pub(super) asking: Asking,
    pub(super) place: P,
}

impl<P: DeserializeOwned + Send> FromRequestParts<App> for Read<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Read<P>, Problem> {
        let known = Known::from_request_parts(parts, app).await?;
        let asking = Asking::from_request_parts(parts, app).await?;
        let Named(place) = Named::from_request_parts(parts, app).await?;
        Ok(Read { app: app.clone(), known, asking, place })
    }
}

/// Something to be done at the place that the address names.
pub(super) struct Write<P, B> {
    pub(super) app: App,
    pub(super) viewer: Viewer,
    pub(super) place: P,
    pub(super) sent: Sent<B>,
}

impl<P: DeserializeOwned + Send, B: DeserializeOwned> FromRequest<App> for Write<P, B> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Write<P, B>, Problem> {
        let (mut parts, body) = request.into_parts();
        let viewer = <Viewer as FromRequestParts<App>>::from_request_parts(&mut parts, app).await?;
        let Named(place) = Named::from_request_parts(&mut parts, app).await?;
        let sent = Sent::from_request(Request::from_parts(parts, body), app).await?;
        Ok(Write { app: app.clone(), viewer, place, sent })
    }
}
