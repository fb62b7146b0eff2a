//! Taking back what was just done at the desk: what undoes it is kept sealed for this browser, and a notice offers the button. Both
//! stand on record; nothing is edited.

use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Control, Done, NotDone,
    command::{Arrangement, By},
};
use desk::policy::{Action, Resource};
use facts::{ClientId, TicketId};
use serde::{Deserialize, Serialize};

use super::{
    App, Notice, Problem, Route, Viewer,
    form::{Refused, Sent},
    local,
};

/// What is kept of it.
const KIND: &str = "undo";

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::post("/undo", Action::EditOwn, undo)]
}

/// What was done about a ticket, and what takes it back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Step {
    client: ClientId,
    ticket: TicketId,
    how: How,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum How {
    Assign { given: Option<String>, before: Option<String> },
    Tag { add: Vec<String>, remove: Vec<String> },
    Watch(String),
    Unwatch(String),
    Unlink(TicketId),
    Part,
}

impl Step {
    /// Of something that was done; none where nothing takes it back so, or nothing has changed by it.
    pub(crate) fn of(
        client: &ClientId,
        ticket: &TicketId,
        done: &Arrangement,
        undo: Option<Arrangement>,
    ) -> Option<Step> {
        let how = match (done, undo?) {
            (Arrangement::Assign(given), Arrangement::Assign(before)) if *given != before => {
                How::Assign { given: given.clone(), before }
            }
            (_, Arrangement::Tag { add, remove }) if !(add.is_empty() && remove.is_empty()) => {
                How::Tag { add, remove }
            }
            (_, Arrangement::Watch(person)) => How::Watch(person),
            (_, Arrangement::Unwatch(person)) => How::Unwatch(person),
            (_, Arrangement::Unlink(to)) => How::Unlink(to),
            (_, Arrangement::Part) => How::Part,
            _ => return None,
        };
        Some(Step { client: client.clone(), ticket: ticket.clone(), how })
    }

    /// What is done by taking it back, as the policy knows it.
    pub(crate) fn action(&self) -> Action {
        match self.how {
            How::Assign { .. } => Action::Assign,
            How::Tag { .. } => Action::Tag,
            How::Watch(_) | How::Unwatch(_) => Action::Watch,
            How::Unlink(_) => Action::Link,
            How::Part => Action::Merge,
        }
    }

    /// Takes it back, as long as it stands.
    pub(crate) fn take_back(self, control: &Control, by: By, now: spans::Instant) -> Result<Done, NotDone> {
        let (given, how) = match self.how {
            How::Assign { given, before } => (Some(given), Arrangement::Assign(before)),
            How::Tag { add, remove } => (None, Arrangement::Tag { add, remove }),
            How::Watch(person) => (None, Arrangement::Watch(person)),
            How::Unwatch(person) => (None, Arrangement::Unwatch(person)),
            How::Unlink(to) => (None, Arrangement::Unlink(to)),
            How::Part => (None, Arrangement::Part),
        };
        control.take_back(&self.client, &self.ticket, (given, how), by, now).map(|arranged| arranged.done)
    }
}

/// What was done from one page.
#[derive(Serialize, Deserialize)]
struct Kept {
    back: String,
    steps: Vec<Step>,
}

impl App {
    /// Back to a page after something was done there, with the way to take it back where there is one.
    pub(crate) async fn done_at(
        &self,
        headers: &HeaderMap,
        viewer: &Viewer,
        back: &str,
        steps: Vec<Step>,
    ) -> Result<Response, Problem> {
        if steps.is_empty() || self.vault().is_err() {
            return Ok(with(back, Notice::Recorded));
        }
        let mut answer = HeaderMap::new();
        let kept = Kept { back: back.to_owned(), steps };
        self.begin((headers, &mut answer), KIND, Some(&viewer.person.id), &kept).await?;
        Ok((answer, with(back, Notice::Undoable)).into_response())
    }
}

fn with(back: &str, notice: Notice) -> Response {
    let mark = if back.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{back}{mark}done={}", notice.word())).into_response()
}

/// The page without what is asked of it.
fn page_of(path: &str) -> &str {
    path.split_once('?').map_or(path, |(page, _)| page)
}

/// Once, by whoever did it, from the page where it was done.
async fn undo(
    State(app): State<App>,
    headers: HeaderMap,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    let here = local::path(sent.get("back")).to_owned();
    let kept = app.begun::<Kept>(&headers, KIND).await?;
    let mine = |person: Option<&str>, back: &str| {
        person == Some(viewer.person.id.as_str()) && page_of(back) == page_of(&here)
    };
    let Some(kept) = kept.filter(|kept| mine(kept.person.as_deref(), &kept.what.back)) else {
        return Ok(with(page_of(&here), Notice::NotUndone));
    };
    app.take_begun::<Kept>(&headers, KIND).await?;
    let Kept { back, steps } = kept.what;
    for step in &steps {
        viewer.require(step.action(), &Resource::Client(&step.client))?;
    }
    let actor = viewer.actor();
    let work = move |control: &Control, now| {
        let mut left = 0;
        // The last first: what was done to one ticket twice is taken back in turn.
        for step in steps.into_iter().rev() {
            left += usize::from(Refused::or(step.take_back(control, By::new(actor.clone()), now))?.is_err());
        }
        Ok::<usize, NotDone>(left)
    };
    let notice = match app.ask_control(work).await? {
        0 => Notice::Undone,
        _ => Notice::NotUndone,
    };
    Ok(with(&back, notice))
}
