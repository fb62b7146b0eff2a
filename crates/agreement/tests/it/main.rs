//! The agreement room through its front door.

mod holidays;
mod lint;
mod schema;
mod seal;
mod shipped;
mod tidy;
