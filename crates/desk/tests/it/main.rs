//! The desk's own rules, from outside.

mod rota;
