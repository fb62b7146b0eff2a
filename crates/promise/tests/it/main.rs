//! The engine through its front door.

mod histories;
mod obligations;
mod scenarios;
mod story;
