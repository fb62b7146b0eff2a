//! A line for another site's page: how it stands, with a link to the page itself.

use askama::Template;

use crate::{Page, Place};

#[derive(Template)]
#[template(path = "embed.html")]
struct View<'p> {
    page: &'p Page,
    place: &'p Place,
}

/// The line as a page of its own, for a frame.
pub fn embed(page: &Page, place: &Place) -> String {
    View { page, place }.render().unwrap_or_default()
}
