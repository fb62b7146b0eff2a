//! For tests only: slow, obvious oracles, random histories, a throw-away PostgreSQL, a real browser.

pub mod browser;
pub mod oracle_availability;
pub mod oracle_calendar;
pub mod postgres;
pub mod proxy;
