//! The agreement room through its front door.

mod holidays;
mod seal;
mod shipped;
mod tidy;
