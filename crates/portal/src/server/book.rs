//! A client's book, for the pages that read it.

use control::live::{Book, Recall};
use facts::ClientId;
use spans::Instant;

use super::{App, Problem};

impl App {
    /// Looks at a client's book as it stands now.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for a client nobody has heard of, and the journal's.
    pub(crate) async fn book<T: Send + 'static>(
        &self,
        client: &ClientId,
        look: impl FnOnce(&Book, Instant) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let client = client.clone();
        let found = self.ask_control(move |control, now| control.read(&client, now, |book| look(book, now)));
        found.await?.ok_or(Problem::NotFound)
    }

    /// As [`App::book`], with tickets that ended long ago.
    ///
    /// # Errors
    /// As [`App::book`].
    pub(crate) async fn book_with<T: Send + 'static>(
        &self,
        client: &ClientId,
        recall: Recall,
        look: impl FnOnce(&Book, Instant) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let client = client.clone();
        let found = self.ask_control(move |control, now| {
            control.read_with(&client, &recall, now, |book| look(book, now))
        });
        found.await?.ok_or(Problem::NotFound)
    }

    /// Looks at the book of every client, in order of their ids.
    ///
    /// # Errors
    /// The journal's.
    pub(crate) async fn books<T: Send + 'static>(
        &self,
        look: impl Fn(&Book, Instant) -> T + Send + 'static,
    ) -> Result<Vec<(ClientId, T)>, Problem> {
        self.ask_control(move |control, now| {
            let clients = control.clients().into_iter().filter(|client| *client != ClientId::provider());
            let mut all = Vec::new();
            for client in clients {
                if let Some(found) = control.read(&client, now, |book| look(book, now))? {
                    all.push((client, found));
                }
            }
            Ok::<_, journal::Error>(all)
        })
        .await
    }
}
