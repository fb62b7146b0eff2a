//! The agreement room through its front door.

mod holidays;
mod schema;
mod seal;
mod shipped;
mod tidy;
