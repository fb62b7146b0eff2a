//! The live service through its front door, on a clock that the tests wind.

mod acts;
mod house;
mod replays;
mod watching;
