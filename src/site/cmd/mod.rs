//! One subcommand a file: its arguments, and a function that executes it.

pub mod bench;
pub mod build;
pub mod bundle;
pub mod check;
pub mod claims;
pub mod serve;
pub mod train;
