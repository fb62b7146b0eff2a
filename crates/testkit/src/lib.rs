//! For tests only: slow, obvious oracles, random histories, a throw-away PostgreSQL, a real browser, OpenID providers.

pub mod authority;
pub mod browser;
pub mod glewlwyd;
pub mod openid;
pub mod oracle_availability;
pub mod oracle_calendar;
pub mod postgres;
pub mod proxy;
pub mod push;
pub mod smtp;
