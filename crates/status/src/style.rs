//! The style of every page here, with the page's own colour before it.

use crate::Page;

const STYLE: &str = include_str!("../templates/status.css");
/// The edge of a page that has no colour of its own.
const PLAIN: &str = "light-dark(#1f4e8c,#93b8ec)";

/// The style sheet of a page. Its own colour is that of an edge only, so that whatever it is, words keep their contrast.
pub fn style(page: &Page) -> String {
    let accent = page.accent.as_ref().map_or(PLAIN.to_owned(), ToString::to_string);
    format!(":root{{--accent:{accent}}}\n{STYLE}")
}
