//! Badges: a word beside a word, as an image that others put on their pages.

use std::fmt::Write;

use askama::filters::{Html, escape};

use crate::{Page, State};

/// What a badge tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge<'b> {
    /// How the whole page stands.
    Overall,
    /// How a system stands, by its id.
    Stands(&'b str),
    /// The share that a system kept in its newest month, by its id.
    Kept(&'b str),
}

/// Tenths of a pixel of an average letter at 11 pixels; a badge is a little too wide rather than too narrow.
const LETTER: usize = 68;

/// The badge as SVG; none of a system that is not there, or a share that is not promised.
pub fn badge(page: &Page, of: Badge<'_>) -> Option<String> {
    let (left, right, state) = match of {
        Badge::Overall => {
            let overall = page.overall();
            (page.title.clone(), overall.sentence().trim_end_matches('.').to_lowercase(), overall.state())
        }
        Badge::Stands(id) => {
            let component = page.component(id)?;
            (component.name.clone(), component.state.words().to_owned(), component.state)
        }
        Badge::Kept(id) => {
            let component = page.component(id)?;
            let newest = component.months.first()?;
            let (share, _) = newest.uptime.as_ref()?;
            (format!("{} {}", component.name, newest.month), share.clone(), component.state)
        }
    };
    Some(drawn(&left, &right, state))
}

fn drawn(left: &str, right: &str, state: State) -> String {
    let (a, b) = (width(left), width(right));
    let (all, middle, behind) = (a + b, a / 2, a + b / 2);
    let colour = colour(state);
    let (left, right) = (safe(left), safe(right));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" role=\"img\" aria-label=\"{left}: {right}\">\
         <title>{left}: {right}</title><rect width=\"{all}\" height=\"20\" rx=\"3\" fill=\"#3d3b36\"/>"
    );
    let _ = write!(
        svg,
        "<path d=\"M{a} 0h{}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{}z\" fill=\"{colour}\"/>\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"system-ui,sans-serif\" font-size=\"11\">\
         <text x=\"{middle}\" y=\"14\">{left}</text><text x=\"{behind}\" y=\"14\">{right}</text></g></svg>",
        b.saturating_sub(3),
        b.saturating_sub(3)
    );
    svg
}

/// White on each of these has a contrast of 4.5 to 1 at least.
fn colour(state: State) -> &'static str {
    match state {
        State::Up => "#256237",
        State::Maintenance => "#46607a",
        State::Unknown => "#66635b",
        State::Degraded => "#825400",
        State::Down => "#a3301f",
    }
}

fn width(text: &str) -> usize {
    text.chars().count() * LETTER / 10 + 14
}

fn safe(text: &str) -> String {
    escape(text, Html).map_or_else(|_| String::new(), |safe| safe.to_string())
}
