//! The agreement room through its front door.

mod shipped;
