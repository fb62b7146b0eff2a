//! The agreement room through its front door.

mod seal;
mod shipped;
