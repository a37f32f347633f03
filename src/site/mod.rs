//! The half of Pretune that runs on an author's machine: the command line, the build, the server
//! and the lesson compiler.
//!
//! The only place with files, processes, sockets and clocks. Start with [`cli::main`];
//! [`lesson`] is the compiler and can be read on its own.

#![cfg_attr(not(test), deny(clippy::unwrap_used))]

mod browser;
mod build;
pub mod bundle;
pub mod cli;
mod cmd;
mod files;
pub mod lesson;
mod progress;
mod project;
pub mod server;
mod tools;
