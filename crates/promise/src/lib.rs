//! The engine: obligations, availability, credits, each with its why.
