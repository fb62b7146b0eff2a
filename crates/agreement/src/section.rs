//! The tables of the file, one noun a file.

pub mod approval;
pub mod availability;
pub mod calendar;
pub mod catalogue;
pub mod credit;
pub mod desk;
pub mod exclusion;
pub mod guard;
pub mod maintenance;
pub mod obligation;
pub mod onboarding;
pub mod party;
pub mod request;

pub use self::{
    approval::*, availability::*, calendar::*, catalogue::*, credit::*, desk::*, exclusion::*, guard::*,
    maintenance::*, obligation::*, onboarding::*, party::*, request::*,
};
