//! What a page looks like beside its colour: its paper, its logo, the way back to the client's site, and a word at its foot.

use std::fmt;

use crate::{Accent, Paper};

/// Characters of what the link back says.
pub const BACK_LABEL_CHARS_MAX: usize = 60;
/// Bytes of where it leads.
pub const BACK_URL_BYTES_MAX: usize = 300;
/// Characters at the foot of a page.
pub const FOOTER_CHARS_MAX: usize = 300;
/// Characters of what a logo says to those who do not see it.
pub const ALT_CHARS_MAX: usize = 120;
/// Bytes of a host name (RFC 1035, 2.3.4), and of one part of it.
const HOST_BYTES_MAX: usize = 253;
const HOST_PART_BYTES_MAX: usize = 63;
/// Pixels that a logo has on the page.
const LOGO_SHOWN_MAX: (u32, u32) = (240, 48);

/// The image at the head of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// The first digits of its digest, by which its address changes when it does.
    pub print: String,
    /// What it says to those who do not see it.
    pub alt: String,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Logo {
    /// How large it is on the page: as it is, or as large as there is room.
    pub fn shown(&self) -> (u32, u32) {
        let (wide, high) = (u64::from(self.width.max(1)), u64::from(self.height.max(1)));
        let (most_wide, most_high) = (u64::from(LOGO_SHOWN_MAX.0), u64::from(LOGO_SHOWN_MAX.1));
        let (wide, high) = if most_high < high { (wide * most_high / high, most_high) } else { (wide, high) };
        let (wide, high) = if most_wide < wide { (most_wide, high * most_wide / wide) } else { (wide, high) };
        let pixels = |length: u64| u32::try_from(length.max(1)).unwrap_or(1);
        (pixels(wide), pixels(high))
    }
}

/// The client's own site, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    label: String,
    url: String,
}

/// Why nothing leads back so: the field that is wrong, and what to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotABack {
    /// `label` or `url`.
    pub field: &'static str,
    /// What to do.
    pub why: &'static str,
}

impl Back {
    /// A link that says `label` and leads to an https: address.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(label: &str, url: &str) -> Result<Back, NotABack> {
        let (label, url) = (label.trim(), url.trim());
        if label.is_empty() || BACK_LABEL_CHARS_MAX < label.chars().count() {
            return Err(NotABack { field: "label", why: "say where it leads, in 1 to 60 characters" });
        }
        if BACK_URL_BYTES_MAX < url.len() || !is_site(url) {
            let why = "write an https: address of up to 300 characters, such as https://example.com/";
            return Err(NotABack { field: "url", why });
        }
        Ok(Back { label: label.to_owned(), url: url.to_owned() })
    }

    /// What the link says.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Where it leads.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// An https: address of a host with a name, without a person's name in it and without what ends an attribute.
fn is_site(url: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"<>\"'`\\{}|^".contains(c);
    let Some(rest) = url.strip_prefix("https://").filter(|_| url.chars().all(plain)) else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    is_host_name(name) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0))
}

/// Whether it is a name of a host as DNS has it, of two parts or more in lower case, and no address of numbers.
pub fn is_host_name(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let part = |part: &str| {
        (1..=HOST_PART_BYTES_MAX).contains(&part.len())
            && part.chars().all(inside)
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let name = text.contains('.') && text.parse::<std::net::IpAddr>().is_err();
    text.len() <= HOST_BYTES_MAX && name && text.split('.').all(part)
}

/// A colour as the page has it on both papers, as inline SVG: its edge, and a word as links are written.
pub fn swatch(accent: &Accent) -> String {
    let (light, dark) = (Paper::Light, Paper::Dark);
    let half = |at: u32, paper: Paper| {
        format!(
            "<rect x=\"{at}\" width=\"140\" height=\"64\" fill=\"{}\"/><rect x=\"{at}\" width=\"140\" height=\"4\" fill=\"{accent}\"/>\
             <text x=\"{}\" y=\"40\" font-size=\"15\" fill=\"{}\">A link</text>",
            paper.colour(),
            at + 12,
            accent.words_on(paper)
        )
    };
    format!(
        "<svg width=\"280\" height=\"64\" viewBox=\"0 0 280 64\" role=\"img\" aria-label=\"{}\">{}{}</svg>",
        said(accent),
        half(0, light),
        half(140, dark)
    )
}

/// What a colour is good for, in a sentence for each paper.
pub fn said(accent: &Accent) -> String {
    let on = |paper: Paper, name: &str| {
        let contrast = accent.contrast(paper);
        let verdict = if contrast.is_enough() {
            "links and buttons have it"
        } else {
            "words need 4.5, so the edge alone has it"
        };
        format!("On {name} paper its contrast is {contrast} to 1: {verdict}.")
    };
    format!("{} {}", on(Paper::Light, "light"), on(Paper::Dark, "dark"))
}

impl fmt::Display for NotABack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why)
    }
}

impl std::error::Error for NotABack {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_leads_back_to_a_site_and_nowhere_else() {
        for url in
            ["https://example.com", "https://www.example.com:8443/a?b=c#d", "https://xn--bcher-kva.example/"]
        {
            assert_eq!(Back::new(" Acme ", url).map(|back| back.url().to_owned()), Ok(url.to_owned()));
        }
        for url in [
            "",
            "http://example.com",
            "javascript:alert(1)",
            "https://",
            "https://example",
            "https://127.0.0.1/",
            "https://user@example.com/",
            "https://example.com\\@evil.example",
            "https://example.com/\" onclick=\"",
            "https://example.com/ a",
            "https://exa\u{202e}mple.com",
            "https://example.com:0/",
            "HTTPS://example.com",
            &format!("https://example.com/{}", "a".repeat(300)),
        ] {
            assert_eq!(Back::new("Acme", url).unwrap_err().field, "url", "{url}");
        }
        for label in ["", " ", &"x".repeat(61)] {
            assert_eq!(Back::new(label, "https://example.com").unwrap_err().field, "label", "{label}");
        }
    }

    #[test]
    fn a_logo_keeps_its_shape_and_is_never_enlarged() {
        let shown = |width, height| Logo { print: String::new(), alt: String::new(), width, height }.shown();
        assert_eq!(shown(32, 16), (32, 16));
        assert_eq!(shown(960, 96), (240, 24));
        assert_eq!(shown(96, 960), (4, 48));
        assert_eq!(shown(2_000, 1), (240, 1));
        assert_eq!(shown(1, 2_000), (1, 48));
    }

    #[test]
    fn a_colour_is_told_for_both_papers() {
        let words = said(&"#ffd400".parse().unwrap());
        assert!(
            words.starts_with("On light paper its contrast is 1.") && words.contains("the edge alone has it")
        );
        assert!(
            words.contains("On dark paper its contrast is 1")
                && words.ends_with("links and buttons have it.")
        );
        let drawn = swatch(&"#ffd400".parse().unwrap());
        roxmltree::Document::parse(&drawn).unwrap();
        assert_eq!(
            drawn.matches("fill=\"#ffd400\"").count(),
            3,
            "two edges and the link on dark paper: {drawn}"
        );
    }
}
