//! Passwords are hashed and checked on threads that may take their time, a few at once.

use door::{Fault, password};

use super::{App, Problem};
use crate::people::Refusal;

/// A fault at the door is ours, and says nothing about any secret.
impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        Problem::internal(&fault)
    }
}

/// What a page cannot tell at one of its fields.
impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::Journal(error) => error.into(),
            other => Problem::Invalid(other.to_string()),
        }
    }
}

impl App {
    /// The PHC text that is kept of a password.
    pub(crate) async fn hash_password(&self, password: String) -> Result<String, Problem> {
        Ok(self.with_hashing(move || password::hash(&password)).await??)
    }

    /// Whether the password is the one; the answer takes as long without one.
    pub(crate) async fn check_password(
        &self,
        password: String,
        kept: Option<String>,
    ) -> Result<bool, Problem> {
        self.with_hashing(move || password::is_it(&password, kept.as_deref())).await
    }

    /// What is wrong with a password that somebody chose. Guessing how long it lasts takes milliseconds, and more for a long one.
    pub(crate) async fn password_mistake(
        &self,
        password: &str,
        login: &str,
        name: &str,
    ) -> Result<Option<String>, Problem> {
        let (password, login, name) = (password.to_owned(), login.to_owned(), name.to_owned());
        self.with_hashing(move || password::mistake(&password, &login, &name)).await
    }

    async fn with_hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let _slot = self.0.hashing.acquire().await.map_err(|e| Problem::internal(&e))?;
        tokio::task::spawn_blocking(work).await.map_err(|e| Problem::internal(&e))
    }
}
