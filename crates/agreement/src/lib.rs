//! The agreement file: read, lint, diff, prose, signatures.
