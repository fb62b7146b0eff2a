//! The rules of the service desk that are no contract's: who may do what. One file each, pure like the engine beside it.
//!
//! A contract's own rules (clocks, guards, credits) are `promise`'s; what is kept and sent is `control`'s.

pub mod contact;
pub mod notify;
pub mod policy;
pub mod public;
pub mod rota;
