//! Everything that looks at the crate from outside.
