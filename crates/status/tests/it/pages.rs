//! What people read, and how much of it there is.

use facts::{Impact, IncidentStage, PageScheme};
use spans::Length;
use status::{
    ALT_CHARS_MAX, BACK_LABEL_CHARS_MAX, BACK_URL_BYTES_MAX, Back, COMPONENTS_MAX, FOOTER_CHARS_MAX,
    Incident, Logo, NAME_CHARS_MAX, Overall, PAGE_BYTES_MAX, Page, Place, State, Ways, embed, history, html,
    style,
};

use crate::sample::{below, component, incident, now, page, plain};

/// Every way to be told.
fn all() -> Ways {
    Ways { mail: true, hook: true, browser: Some("https://uphold.example/status/acme/browser".to_owned()) }
}

#[test]
fn the_worst_wins_and_maintenance_hides_nothing() {
    let overall = |states: &[State]| {
        let components = states.iter().map(|state| component("Wiki", *state)).collect();
        Page { incidents: Vec::new(), ..page(components) }.overall()
    };
    assert_eq!(overall(&[]), Overall::Up);
    assert_eq!(overall(&[State::Up, State::Up]), Overall::Up);
    assert_eq!(overall(&[State::Maintenance, State::Up]), Overall::Maintenance);
    assert_eq!(overall(&[State::Maintenance, State::Unknown]), Overall::Unknown);
    assert_eq!(overall(&[State::Degraded, State::Unknown, State::Maintenance]), Overall::Degraded);
    assert_eq!(overall(&[State::Degraded, State::Down]), Overall::SomeDown);
    assert_eq!(overall(&[State::Down, State::Down]), Overall::AllDown);
}

/// It did not answer, and then nobody looked: the heading does not forget what the incident below it says.
#[test]
fn what_failed_and_was_not_seen_since_is_not_called_unseen() {
    let mut seen = page(vec![component("Wiki", State::Unknown), component("Forum", State::Up)]);
    seen.incidents = Vec::new();
    assert_eq!(seen.overall(), Overall::Unknown);
    let failed = Incident {
        impact: Impact::Down,
        components: vec![0],
        ..incident("Wiki", IncidentStage::Investigating)
    };
    seen.incidents = vec![failed.clone()];
    assert_eq!(seen.overall(), Overall::SomeDown);
    seen.incidents = vec![Incident { stage: IncidentStage::Resolved, ..failed.clone() }];
    assert_eq!(seen.overall(), Overall::Unknown);
    seen.incidents = vec![Incident { components: vec![1], ..failed }];
    assert_eq!(seen.overall(), Overall::Unknown, "another's incident");
}

#[test]
fn a_page_says_everything_and_needs_no_script() {
    let written = html(&plain(), &below(), &all(), now());
    for part in [
        "<h1>Acme &#38; Sons</h1>",
        "Some systems are slow or partly unusable.",
        "Wiki is away",
        "next update by <time datetime=\"2026-11-20T11:00:00Z\">Fri 2026-11-20 11:00 UTC</time>",
        "What we &#60;know&#62; &#38; do, two.",
        "in 90 days 13 min down on 1 of them, 12 min count, 30 min down and excluded, 7 min not seen",
        "<title>2026-11-21: 7 min not seen</title>",
        "<span title=\"30228/30240 min\">99.960%</span><br><span class=\"soft\">7 min not seen</span>",
        "Scheduled maintenance: upgrade",
        "Tue 2026-12-01 20:00 UTC",
        "action=\"/status/acme/subscribe\"",
        "href=\"/status/acme/feed.atom\"",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    for part in ["<script", "style=", "noindex", "cannot be read"] {
        assert!(!written.contains(part), "{part}");
    }
    let own = Place { origin: "https://status.example".to_owned(), path: String::new() };
    let written = html(&plain(), &own, &Ways::default(), now());
    assert!(written.contains("href=\"/style.css\"") && !written.contains("<form"), "{written}");
    assert!(history(&plain(), &own).contains("href=\"/\">Back"));
}

#[test]
fn an_old_page_says_so() {
    let written = html(&plain(), &below(), &all(), now() + Length::from_minutes(4));
    assert!(written.contains("What came after that instant cannot be read"), "{written}");
    assert!(written.contains("As of <time datetime=\"2026-11-22T18:30:00Z\">"), "{written}");
}

#[test]
fn a_page_that_is_not_public_is_found_by_no_search() {
    let mut hidden = plain();
    hidden.public = false;
    for written in
        [html(&hidden, &below(), &all(), now()), history(&hidden, &below()), embed(&hidden, &below())]
    {
        assert!(written.contains("noindex"));
    }
}

/// Twenty systems whose days are all different, names as long as they may be, and long messages about each.
#[test]
fn the_largest_page_and_its_style_stay_below_their_bytes() {
    let mut large = page(Vec::new());
    large.back = Some(
        Back::new(
            &"&".repeat(BACK_LABEL_CHARS_MAX),
            &format!("https://example.com/{}", "&".repeat(BACK_URL_BYTES_MAX - 20)),
        )
        .unwrap(),
    );
    large.logo = Some(logo(&"\"".repeat(ALT_CHARS_MAX)));
    large.footer = Some("&".repeat(FOOTER_CHARS_MAX));
    for n in 0..COMPONENTS_MAX {
        let mut one = component(&format!("{n:&>width$}", width = NAME_CHARS_MAX / 4), State::Down);
        one.about = Some("<".repeat(30));
        for (place, day) in one.days.iter_mut().enumerate() {
            let minutes = Length::from_minutes(1 + i64::try_from(place + n).unwrap());
            match (place + n) % 3 {
                0 => day.down = minutes,
                1 => day.unknown = minutes,
                _ => {}
            }
        }
        large.components.push(one);
        let mut told = incident(&format!("System {n}"), IncidentStage::Investigating);
        told.updates[0].message = "No. ".repeat(900);
        large.incidents.push(told);
    }
    let plainly = html(&plain(), &below(), &all(), now()).len() + style(&plain()).len();
    let largest = html(&large, &below(), &all(), now());
    println!("a page of two systems has {plainly} bytes with its style, the largest {}", largest.len());
    assert!(largest.len() + style(&large).len() <= PAGE_BYTES_MAX, "{}", largest.len());
    assert!(largest.contains("System 0 is away") && largest.contains("/history"), "{largest}");
    assert!(plainly < 12_000, "{plainly}");
}

#[test]
fn the_history_has_every_day_in_words() {
    let written = history(&plain(), &below());
    assert_eq!(written.matches("<tr><th scope=\"row\">2026-").count(), 2 * (90 + 1));
    assert!(written.contains("<td>30228/30240 min</td>") && written.contains("<td>13 min</td><td>12</td>"));
}

/// Words have the page's colour where it can be read, and the house's where it cannot.
#[test]
fn the_style_has_the_pages_colour_and_paper_and_words_keep_their_contrast() {
    let mut page = plain();
    assert!(
        style(&page).starts_with(
            ":root{--accent:#1f4e8c;--link:light-dark(#1f4e8c,#93b8ec);color-scheme:light dark}\n"
        )
    );
    (page.accent, page.scheme) = (Some("#ffd400".parse().unwrap()), Some(PageScheme::Dark));
    assert!(
        style(&page)
            .starts_with(":root{--accent:#ffd400;--link:light-dark(#1f4e8c,#ffd400);color-scheme:dark}\n")
    );
    (page.accent, page.scheme) = (None, Some(PageScheme::Light));
    assert!(
        style(&page).contains("--accent:light-dark(#1f4e8c,#93b8ec);")
            && style(&page).contains("color-scheme:light}")
    );
    assert_eq!(style(&page).matches("var(--accent)").count(), 1, "the edge alone has it whatever it is");
}

#[test]
fn a_page_has_its_logo_its_way_back_and_its_foot() {
    let mut page = plain();
    page.back = Some(Back::new("Back to <Acme>", "https://acme.example/?a=1&b=2").unwrap());
    page.logo = Some(logo("Acme \"and\" Sons"));
    page.footer = Some("Acme & Sons,\n1 Street".to_owned());
    let written = html(&page, &below(), &all(), now());
    for part in [
        "<a href=\"https://acme.example/?a=1&#38;b=2\" rel=\"noopener\">Back to &#60;Acme&#62;</a>",
        "<img class=\"logo\" src=\"/status/acme/logo?0123456789ab\" alt=\"Acme &#34;and&#34; Sons\" width=\"240\" height=\"24\">",
        "<p class=\"own\">Acme &#38; Sons,\n1 Street</p>",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    let plainly = html(&plain(), &below(), &all(), now());
    for part in ["<img", "class=\"own\"", "rel=\"noopener\""] {
        assert!(!plainly.contains(part), "{part}");
    }
}

fn logo(alt: &str) -> Logo {
    Logo { print: "0123456789ab".to_owned(), alt: alt.to_owned(), width: 960, height: 96 }
}
