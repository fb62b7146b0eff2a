//! Pages: statements and derivations as HTML.
