//! The style of every page here, with what is the page's own before it.

use crate::{Accent, Page, Paper};

const STYLE: &str = include_str!("../templates/status.css");

/// The style sheet of a page. Its own colour is that of its edge, and of links and buttons on paper on which words of it can be read:
/// whatever it is, words keep their contrast (WCAG 2.2, 1.4.3).
pub fn style(page: &Page) -> String {
    let plain = || format!("light-dark({},{})", Paper::Light.plain(), Paper::Dark.plain());
    let edge = page.accent.as_ref().map_or_else(plain, ToString::to_string);
    let words = page.accent.as_ref().map_or_else(plain, words);
    let papers = match page.scheme {
        None => "light dark",
        Some(scheme) => scheme.name(),
    };
    format!(":root{{--accent:{edge};--link:{words};color-scheme:{papers}}}\n{STYLE}")
}

fn words(accent: &Accent) -> String {
    format!("light-dark({},{})", accent.words_on(Paper::Light), accent.words_on(Paper::Dark))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast is reckoned against the paper that the style has.
    #[test]
    fn the_style_has_the_paper_that_contrast_is_reckoned_on() {
        let paper = format!("--paper:light-dark({},{})", Paper::Light.colour(), Paper::Dark.colour());
        assert!(STYLE.contains(&paper), "{paper}");
    }
}
