//! The engine through its front door.

mod attainment;
mod availability;
mod bilateral;
mod claims;
mod clock_cases;
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
mod reminders;
mod scenarios;
mod silences;
mod story;
mod suggestions;
