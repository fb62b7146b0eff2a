//! The agreement room through its front door.

mod coverage;
mod desk;
mod diff;
mod holidays;
mod lint;
mod read;
mod register;
mod schema;
mod seal;
mod shipped;
mod show;
mod tidy;
