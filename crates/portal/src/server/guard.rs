//! The guard before every route: who is this, and may they?

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use facts::{ClientId, Slug};
use serde::Deserialize;

use super::{App, Problem, Viewer, Who, around::Asker, local, route::ADMINISTRATOR, viewer::find};

#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) app: App,
    pub(crate) who: Who,
}

/// The ids in a path; the client's decides who may come in.
#[derive(Default, Deserialize)]
pub(crate) struct InPath {
    client: Option<String>,
    instance: Option<String>,
    maintenance: Option<String>,
    ticket: Option<String>,
}

impl InPath {
    /// An id that cannot be one names nothing, and nor does a path that is no text.
    fn of(path: Result<Option<Path<InPath>>, PathRejection>) -> Result<InPath, Problem> {
        let found = path.map_err(|_| Problem::NotFound)?.map(|Path(found)| found).unwrap_or_default();
        let ids = [&found.client, &found.instance, &found.maintenance, &found.ticket];
        let named = ids.iter().all(|id| id.as_ref().is_none_or(|id| id.parse::<Slug>().is_ok()));
        if named { Ok(found) } else { Err(Problem::NotFound) }
    }
}

pub(crate) async fn guard(
    State(door): State<Door>,
    path: Result<Option<Path<InPath>>, PathRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    if door.who == Who::Machine {
        let mut response = next.run(request).await;
        response.extensions_mut().insert(Admitted);
        return response;
    }
    let viewer = match find(&door.app, request.uri().path(), request.headers()).await {
        Ok(viewer) => viewer,
        Err(problem) => return problem.into_response(),
    };
    let named = InPath::of(path);
    let client = named.as_ref().ok().and_then(|named| named.client.as_deref());
    let local = request.extensions().get::<Asker>().is_some_and(|asker| asker.on_this_machine);
    // Who may not come in is not told what there is.
    let allowed = may(door.who, viewer.as_ref(), client, local);
    if let Err(problem) = allowed.and(named.map(drop)) {
        return seen(refuse(problem, viewer.as_ref(), &request), viewer);
    }
    if let Some(viewer) = viewer.clone() {
        request.extensions_mut().insert(viewer);
    }
    let mut response = next.run(request).await;
    response.extensions_mut().insert(Admitted);
    seen(response, viewer)
}

fn seen(mut response: Response, viewer: Option<Viewer>) -> Response {
    if let Some(viewer) = viewer {
        response.extensions_mut().insert(Seen(viewer));
    }
    response
}

/// Marks the answers of handlers, so that a test can tell "you may not" from "you may, and there is nothing".
#[derive(Debug, Clone, Copy)]
pub struct Admitted;

/// Whose request it was, for the log and for the bar above an error.
#[derive(Clone)]
pub(crate) struct Seen(pub(crate) Viewer);

/// The rule, once, for all routes (ASVS 8.1.1): across clients and towards staff pages the answer is "there is no such page".
fn may(who: Who, viewer: Option<&Viewer>, client: Option<&str>, local: bool) -> Result<(), Problem> {
    let client: Option<ClientId> = client.and_then(|client| client.parse().ok());
    let own = |viewer: &Viewer| client.is_some() && viewer.person.standing.client() == client.as_ref();
    match (who, viewer) {
        (Who::Anybody | Who::Machine, _) => Ok(()),
        (Who::Operator, _) if local => Ok(()),
        (_, None) => Err(Problem::SignInFirst),
        (Who::SignedIn, Some(_)) => Ok(()),
        (Who::Staff, Some(viewer)) if viewer.is_staff() => Ok(()),
        (Who::Role(role), Some(viewer)) if viewer.is_staff() => held(viewer, role),
        (Who::Operator, Some(viewer)) if viewer.is_staff() => held(viewer, ADMINISTRATOR),
        (Who::OfClient, Some(viewer)) if client.is_some() && viewer.is_staff() => Ok(()),
        (Who::OfClient | Who::ClientItself, Some(viewer)) if own(viewer) => Ok(()),
        (Who::ClientItself, Some(viewer)) if viewer.is_staff() => Err(Problem::Forbidden),
        _ => Err(Problem::NotFound),
    }
}

fn held(viewer: &Viewer, role: &str) -> Result<(), Problem> {
    if viewer.has_role(role) { Ok(()) } else { Err(Problem::Forbidden) }
}

/// A browser that is not signed in goes to the sign-in page, and back afterwards. Everything else is an error.
fn refuse(problem: Problem, viewer: Option<&Viewer>, request: &Request) -> Response {
    let uri = request.uri();
    tracing::info!(person = viewer.map_or("", |viewer| viewer.person.id.as_str()),
        method = %request.method(),
        path = uri.path(),
        code = problem.code(), "access.denied");
    let page = request.method() == Method::GET && !uri.path().starts_with("/api/");
    if matches!(problem, Problem::SignInFirst) && page {
        let back = uri.path_and_query().map_or("/", |path| path.as_str());
        return Redirect::to(&local::with_next("/sign-in", back)).into_response();
    }
    problem.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::viewer::tests::viewer;

    /// Every rule against everybody, by name, so that a change of the rule is a change of this table.
    #[test]
    fn who_may_use_what() {
        let (staff, admin) = (viewer(None, &[]), viewer(None, &[ADMINISTRATOR]));
        let (a, b) = (viewer(Some("a"), &[ADMINISTRATOR]), viewer(Some("b"), &[]));
        let people = [None, Some(&staff), Some(&admin), Some(&a), Some(&b)];
        let row = |who: Who, client: Option<&str>, local: bool| {
            people
                .map(|person| may(who, person, client, local).map_or_else(|p| p.status().as_u16(), |()| 200))
        };
        assert_eq!(row(Who::Anybody, None, false), [200, 200, 200, 200, 200]);
        assert_eq!(row(Who::SignedIn, None, false), [401, 200, 200, 200, 200]);
        assert_eq!(row(Who::Staff, None, false), [401, 200, 200, 404, 404]);
        assert_eq!(row(Who::Role(ADMINISTRATOR), None, false), [401, 403, 200, 404, 404]);
        assert_eq!(row(Who::OfClient, Some("a"), false), [401, 200, 200, 200, 404]);
        assert_eq!(row(Who::OfClient, Some("b"), false), [401, 200, 200, 404, 200]);
        assert_eq!(row(Who::OfClient, None, false), [401, 404, 404, 404, 404]);
        assert_eq!(row(Who::OfClient, Some("A?"), false), [401, 404, 404, 404, 404]);
        assert_eq!(row(Who::ClientItself, Some("a"), false), [401, 403, 403, 200, 404]);
        assert_eq!(row(Who::Operator, None, false), [401, 403, 200, 404, 404]);
        assert_eq!(row(Who::Operator, None, true), [200, 200, 200, 200, 200]);
        assert_eq!(row(Who::OfClient, Some("a"), true), [401, 200, 200, 200, 404]);
    }
}
