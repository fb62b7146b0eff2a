//! A client's status page: one plain value, and pure functions that say it to browsers, feeds, calendars and programs.
//!
//! What stands in a [`Page`] was decided elsewhere (`control::live`), from the same ledger that the statement is made from; nothing
//! is worked out here but words and geometry. There is no I/O and no clock: what time it is comes in as an argument, so that a page
//! can say how old it is.
//!
//! | way out | |
//! |---|---|
//! | [`html`], [`history`], [`embed`], [`style`] | for people, without script |
//! | [`atom`] | incidents and maintenance as a feed (RFC 4287) |
//! | [`calendar`] | maintenance as iCalendar (RFC 5545) |
//! | [`swatch`], [`Picture`] | what a page's colour is good for, and an image that may stand on it |
//! | [`badge`] | how it stands, and a month's share, as SVG |
//! | [`json`] | every figure of the page |
//! | [`v2`] | the shape that clients of Statuspage read |

mod badge;
mod calendar;
mod contrast;
mod days;
mod embed;
mod feed;
mod html;
pub mod ical;
mod json;
mod look;
mod page;
mod picture;
mod strip;
mod style;
mod v2;
mod words;

pub use self::{
    badge::{Badge, badge},
    calendar::calendar,
    contrast::{CONTRAST_MIN, Contrast, Paper},
    days::days,
    embed::embed,
    feed::{ENTRIES_MAX, atom},
    html::{PAGE_BYTES_MAX, Ways, history, html, note},
    json::json,
    look::{
        ALT_CHARS_MAX, BACK_LABEL_CHARS_MAX, BACK_URL_BYTES_MAX, Back, FOOTER_CHARS_MAX, Logo, NotABack,
        is_host_name, said, swatch,
    },
    page::{
        ABOUT_CHARS_MAX, Accent, COMPONENTS_MAX, Component, DAYS, Day, Incident, MONTHS_MAX, Maintenance,
        MonthLine, NAME_CHARS_MAX, NotAnAccent, Overall, Page, Place, Progress, STALE_AFTER, State, Update,
    },
    picture::{NotAPicture, PICTURE_BYTES_MAX, PICTURE_SIDE_MAX, Picture},
    style::style,
    v2::v2,
    words::public_id,
};
