//! The guard before every route: who is this, and may they?

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::{Action, Circumstances, Principal, Resource, Verdict};
use facts::{ClientId, Slug};
use serde::Deserialize;

use super::{App, Problem, Viewer, around::Asker, decision::decide, local, viewer::find};

/// Where staff set up or prove a second factor.
pub(crate) const SECOND_FACTOR_PATH: &str = "/account/factors";

#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) app: App,
    pub(crate) action: Action,
}

/// The ids in a path; the client's decides who may come in.
#[derive(Default, Deserialize)]
pub(crate) struct InPath {
    client: Option<String>,
    instance: Option<String>,
    maintenance: Option<String>,
    ticket: Option<String>,
    page: Option<String>,
    freeze: Option<String>,
    proposal: Option<String>,
    exclusion: Option<String>,
}

impl InPath {
    /// An id that cannot be one names nothing, and nor does a path that is no text.
    fn of(path: Result<Option<Path<InPath>>, PathRejection>) -> Result<InPath, Problem> {
        let found = path.map_err(|_| Problem::NotFound)?.map(|Path(found)| found).unwrap_or_default();
        let planned = [&found.maintenance, &found.freeze, &found.proposal, &found.exclusion];
        let ids = [&found.client, &found.instance, &found.ticket, &found.page];
        let ids = ids.into_iter().chain(planned);
        let named = ids.into_iter().all(|id| id.as_ref().is_none_or(|id| id.parse::<Slug>().is_ok()));
        if named { Ok(found) } else { Err(Problem::NotFound) }
    }
}

pub(crate) async fn guard(
    State(door): State<Door>,
    path: Result<Option<Path<InPath>>, PathRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    if may(door.action, &Principal::Machine, &Circumstances::default(), None).is_ok() {
        let mut response = next.run(request).await;
        response.extensions_mut().insert(Admitted);
        return response;
    }
    let asker = request.extensions().get::<Asker>().cloned();
    let from = asker.as_ref().map(|asker| asker.address);
    let found = find(&door.app, request.uri().path(), request.headers(), from).await.and_then(|viewer| {
        let asks = viewer.as_ref().filter(|_| asker.is_some());
        asks.map_or(Ok(()), |who| door.app.0.rates.signed_in(&who.person, door.app.now()))?;
        Ok(viewer)
    });
    let viewer = match found {
        Ok(viewer) => viewer,
        Err(problem) => return problem.into_response(),
    };
    let named = InPath::of(path);
    let client = named.as_ref().ok().and_then(|named| named.client.as_ref()?.parse().ok());
    let here = asker.is_some_and(|asker| asker.on_this_machine);
    let (who, how) = viewer.as_ref().map_or((Principal::Visitor, Circumstances::default()), Viewer::asks);
    let how = Circumstances { on_this_machine: here, ..how };
    // Who may not come in is not told what there is.
    let allowed = may(door.action, &who, &how, client.as_ref());
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

/// What the policy says of a route (ASVS 8.1.1): across clients and towards staff pages the answer is "there is no such page".
fn may(
    action: Action,
    who: &Principal,
    how: &Circumstances,
    client: Option<&ClientId>,
) -> Result<(), Problem> {
    match decide(who, how, action, &Resource::of(action, client)) {
        Verdict::Allowed => Ok(()),
        Verdict::Refused(refusal) => Err(refusal.into()),
    }
}

/// A browser that is not signed in, or lacks a second factor, goes where that is mended, and back afterwards. Everything else is an
/// error.
fn refuse(problem: Problem, viewer: Option<&Viewer>, request: &Request) -> Response {
    let uri = request.uri();
    tracing::info!(person = viewer.map_or("", |viewer| viewer.person.id.as_str()),
        method = %request.method(),
        path = uri.path(),
        code = problem.code(), "access.denied");
    let page = request.method() == Method::GET && !uri.path().starts_with("/api/");
    let mended_at = match problem {
        Problem::SignInFirst if page => "/sign-in",
        Problem::SecondFactorFirst if page => SECOND_FACTOR_PATH,
        problem => return problem.into_response(),
    };
    let back = uri.path_and_query().map_or("/", |path| path.as_str());
    Redirect::to(&local::with_next(mended_at, back)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{route::ADMINISTRATOR, viewer::tests::viewer};

    /// What the guard makes of the policy's answers, by status, for everybody.
    #[test]
    fn who_may_use_what() {
        let (staff, admin) = (viewer(None, &[]), viewer(None, &[ADMINISTRATOR]));
        let (a, b) = (viewer(Some("a"), &["contact", ADMINISTRATOR]), viewer(Some("b"), &["billing"]));
        let people = [None, Some(&staff), Some(&admin), Some(&a), Some(&b)];
        let row = |action: Action, client: Option<&str>, here: bool| {
            let client = client.map(|client| client.parse().unwrap());
            people.map(|person| {
                let (who, how) = person.map_or((Principal::Visitor, Circumstances::default()), Viewer::asks);
                let how = Circumstances { on_this_machine: here, ..how };
                may(action, &who, &how, client.as_ref()).map_or_else(|p| p.status().as_u16(), |()| 200)
            })
        };
        assert_eq!(row(Action::Enter, None, false), [200, 200, 200, 200, 200]);
        assert_eq!(row(Action::ReadOwn, None, false), [401, 200, 200, 200, 200]);
        assert_eq!(row(Action::ReadTickets, None, false), [401, 200, 200, 404, 404]);
        assert_eq!(row(Action::EditInstances, Some("a"), false), [401, 403, 200, 404, 404]);
        assert_eq!(row(Action::ReadStatements, Some("a"), false), [401, 200, 200, 200, 404]);
        assert_eq!(row(Action::ReadTickets, Some("b"), false), [401, 200, 200, 404, 200]);
        assert_eq!(row(Action::OpenTicket, Some("b"), false), [401, 403, 403, 404, 403]);
        assert_eq!(row(Action::OpenTicket, Some("a"), false), [401, 403, 403, 200, 404]);
        assert_eq!(row(Action::ReadMetrics, None, false), [401, 403, 200, 404, 404]);
        assert_eq!(row(Action::ReadMetrics, None, true), [200, 403, 200, 404, 404]);
        assert_eq!(row(Action::ReadStatements, Some("a"), true), [401, 200, 200, 200, 404]);
    }
}
