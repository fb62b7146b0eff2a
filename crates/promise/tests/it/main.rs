//! The engine through its front door.

mod availability;
mod bilateral;
mod claims;
mod clocks;
mod credits;
mod exclusions;
mod guards;
mod histories;
mod june;
mod kinds;
mod laws;
mod obligations;
mod onboarding;
mod scenarios;
mod silences;
mod story;
mod suggestions;
