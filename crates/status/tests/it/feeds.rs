//! Feeds, calendars and images, as their readers read them.

use atom_syndication::Feed;
use calcard::icalendar::ICalendar;
use status::{Badge, State, atom, badge, calendar};

use crate::sample::{below, component, page, plain};

#[test]
fn the_feed_is_atom_and_has_what_happened() {
    let feed: Feed = atom(&plain(), &below()).parse().unwrap();
    assert_eq!(feed.title().as_str(), "Acme & Sons");
    assert_eq!(
        feed.links().iter().find(|link| link.rel() == "self").unwrap().href(),
        "https://desk.example/status/acme/feed.atom"
    );
    assert_eq!(feed.entries().len(), 4);
    assert_eq!(feed.updated().to_rfc3339(), "2026-11-22T09:00:00+00:00");
    let told =
        feed.entries().iter().find(|entry| entry.title().as_str() == "Wiki is away (cause found)").unwrap();
    assert!(told.content().unwrap().value().unwrap().contains("What we <know> & do, two."));
    assert!(told.id().starts_with("urn:uphold:status:"));
    let later: Feed = atom(&plain(), &status::Place { path: String::new(), ..below() }).parse().unwrap();
    assert_eq!(later.entries()[0].id(), feed.entries()[0].id(), "a name does not change with the address");
}

#[test]
fn the_calendar_is_icalendar_and_counts_its_changes() {
    let text = calendar(&plain(), &below());
    let read = ICalendar::parse(&text).unwrap();
    assert_eq!(read.components.len(), 3, "the calendar and two events: {text}");
    for part in [
        "DTSTART:20261201T200000Z",
        "DTEND:20261201T210000Z",
        "DTSTAMP:20261122T090000Z",
        "SEQUENCE:2",
        "STATUS:CONFIRMED",
        "STATUS:CANCELLED",
        "SUMMARY:Scheduled maintenance: upgrade: Wiki",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(calendar(&plain(), &below()), text, "nothing in it is drawn by lot or from a clock");
    assert!(text.lines().all(|line| line.len() <= 76), "{text}");
}

#[test]
fn badges_are_images_that_say_what_they_show() {
    let mut page = page(vec![component("Wiki <1>", State::Down), component("Forum", State::Unknown)]);
    let id = page.components[0].id.clone();
    for (of, says) in [
        (Badge::Overall, "Acme & Sons: some systems do not answer"),
        (Badge::Stands(&id), "Wiki <1>: does not answer"),
        (Badge::Kept(&id), "Wiki <1> 2026-11: 99.960%"),
    ] {
        let drawn = badge(&page, of).unwrap();
        let read = roxmltree::Document::parse(&drawn).unwrap();
        let root = read.root_element();
        assert_eq!((root.tag_name().name(), root.attribute("aria-label")), ("svg", Some(says)), "{drawn}");
        assert!(root.attribute("width").unwrap().parse::<u32>().unwrap() > 60);
    }
    assert_eq!(badge(&page, Badge::Stands("nothing")), None);
    page.components[0].months.clear();
    assert_eq!(badge(&page, Badge::Kept(&id)), None);
}
