//! The status page of each client, with the way to where it is set up.

use control::live::Control;
use desk::policy::{Action, Resource};
use facts::ClientId;

use crate::server::{Viewer, moment::path};

/// One of them; a client that has none has a line too.
pub(super) struct StatusLine {
    pub(super) client: ClientId,
    /// Its heading; empty where there is none.
    pub(super) title: String,
    /// Who sees it.
    pub(super) who: &'static str,
    /// Where it is.
    pub(super) at: String,
}

/// Of every client whose page this person may set up, in order of their ids. Asks nothing but memory.
pub(super) fn of_all(control: &Control, clients: Vec<ClientId>, viewer: &Viewer) -> Vec<StatusLine> {
    let theirs = |client: &ClientId| viewer.may(Action::EditStatus, &Resource::Client(client));
    clients.into_iter().filter(theirs).map(|client| line(control, client)).collect()
}

fn line(control: &Control, client: ClientId) -> StatusLine {
    let shown = control.status_of(&client);
    let who = match &shown {
        None => "nobody: there is none",
        Some(shown) if shown.set.public => "anybody",
        Some(shown) if shown.set.key.is_some() => "its people, and whoever has its secret address",
        Some(_) => "its people",
    };
    let title = shown.map_or_else(String::new, |shown| shown.page.title.clone());
    StatusLine { title, who, at: path(&client, &["status"]), client }
}
