//! The image at the head of a status page: given to whoever may see the page, from memory; put there and taken away by who sets the
//! page up.

use axum::{
    extract::{Multipart, Path, State, multipart::MultipartError},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Shown,
    command::{By, NewLogo},
};
use desk::policy::Action;
use facts::ClientId;
use journal::Key;

use super::{App, Named, OfClient, Problem, is_known, kept, settings};
use crate::server::{
    BODY_BYTES_MAX, Notice, Route, Shell, Viewer, form::Sent, headers::SANDBOX, moment::path,
};

/// Bytes of a form with an image that is looked at, so that one that is too large is told how large it is.
const ROOM: usize = (1 << 20) + BODY_BYTES_MAX;
const OF_CLIENT: &str = "/clients/{client}/status/logo";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/status/{status}/logo", Action::ReadStatus, open),
        Route::get(OF_CLIENT, Action::ReadClient, of_client),
        Route::post(OF_CLIENT, Action::EditStatus, put).taking(ROOM),
        Route::post("/clients/{client}/status/logo/remove", Action::EditStatus, remove),
    ]
}

async fn open(
    State(app): State<App>,
    Path(Named { status }): Path<Named>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let shown = app.0.control.status_at(&status).ok_or(Problem::NotFound)?;
    let mut response = image(&shown, &asked)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept(&shown)));
    Ok(response)
}

/// For the client's people and the provider's, whether the page is public or not.
async fn of_client(
    State(app): State<App>,
    Path(OfClient { client }): Path<OfClient>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    image(&*app.0.control.status_of(&client).ok_or(Problem::NotFound)?, &asked)
}

/// Its bytes as what they were found to be, and nothing a browser would run (ASVS 3.2.1).
fn image(shown: &Shown, asked: &HeaderMap) -> Result<Response, Problem> {
    let (logo, bytes) = shown.set.logo.as_ref().zip(shown.logo.as_ref()).ok_or(Problem::NotFound)?;
    let tag = format!("\"{}\"", logo.sha256);
    let media = HeaderValue::from_str(&logo.media).map_err(|_| Problem::NotFound)?;
    let mut response = if is_known(asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media)], bytes.to_vec()).into_response()
    };
    let sent = response.headers_mut();
    sent.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        sent.insert(header::ETAG, tag);
    }
    Ok(response)
}

async fn put(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    form: Multipart,
) -> Result<Response, Problem> {
    let (new, key) = read_form(form).await?;
    let by = By { key: Some(key), ..By::new(viewer.actor()) };
    change(&app, shell, client, (Some(new), by)).await
}

async fn read_form(mut form: Multipart) -> Result<(NewLogo, Key), Problem> {
    let unreadable = |_: MultipartError| {
        Problem::Invalid("The image did not come whole, or is far too large. Send it again.".to_owned())
    };
    let (mut bytes, mut alt, mut key) = (Vec::new(), String::new(), String::new());
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        match field.name() {
            Some("image") => bytes = field.bytes().await.map_err(unreadable)?.to_vec(),
            Some("alt") => alt = field.text().await.map_err(unreadable)?,
            Some("key") => key = field.text().await.map_err(unreadable)?,
            _ => {}
        }
    }
    let key = Key::of_request(&format!("form/status-logo/{key}"), &[alt.as_bytes(), b"\n", &bytes].concat())?;
    // A form without a file sends an empty one: the image that is there stays.
    Ok((NewLogo { bytes: Some(bytes).filter(|bytes| !bytes.is_empty()), alt }, key))
}

async fn remove(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let by = By { key: Some(sent.key("status-logo-remove")?), ..By::new(viewer.actor()) };
    change(&app, shell, client, (None, by)).await
}

async fn change(
    app: &App,
    shell: Shell,
    client: ClientId,
    (new, by): (Option<NewLogo>, By),
) -> Result<Response, Problem> {
    let of = client.clone();
    match app.attempt(move |control, now| control.set_status_logo(&of, new, by, now)).await? {
        Ok(_) => {
            let to = path(&client, &["status", "settings"]);
            Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
        }
        Err(refused) => settings::show_logo(app, shell, client, refused).await,
    }
}
