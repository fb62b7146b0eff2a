//! The engine through its front door.

mod availability;
mod credits;
mod exclusions;
mod histories;
mod june;
mod laws;
mod obligations;
mod scenarios;
mod story;
