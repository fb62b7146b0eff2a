//! What somebody is asked to approve: one click for yes, a reason for no. The same for a window, for work outside it and for a change,
//! wherever it is shown.

use askama::Template;

/// Both forms, as HTML: they go to `…/approve` and `…/refuse`.
#[derive(Template)]
#[template(path = "decide.html")]
pub(crate) struct Decide<'a> {
    /// Where it is decided.
    pub(crate) to: &'a str,
    /// What it is called.
    pub(crate) id: &'a str,
    /// The name of the form's request.
    pub(crate) key: &'a str,
    /// What can be said beside a yes, with its clauses as HTML.
    pub(crate) word: Option<(&'static str, String)>,
}
