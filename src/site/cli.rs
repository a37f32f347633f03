//! The command line: one subcommand a file under `cmd/`, each with its `Args` and its `execute`.

use super::cmd::{bench, build, bundle, check, claims, serve, train};
use crate::error::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Interactive lessons that train a miniature language model inside the reader's browser.
#[derive(Parser)]
#[command(name = "pretune", version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    // `pretune --port 9000` is `pretune serve --port 9000`.
    #[command(flatten)]
    serve: serve::Args,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Args),
    Build(build::Args),
    Bundle(bundle::Args),
    Check(check::Args),
    Train(train::Args),
    Bench(bench::Args),
    Claims(claims::Args),
}

/// Runs the command that was typed; without one, `serve`.
///
/// Exit codes: 0 done, 1 an error or a finding, 2 a command line that makes no sense.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match execute(cli.command.unwrap_or(Command::Serve(cli.serve))) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Result<ExitCode> {
    let done = |()| ExitCode::SUCCESS;
    match command {
        Command::Serve(args) => serve::execute(&args).map(done),
        Command::Build(args) => build::execute(&args).map(done),
        Command::Bundle(args) => bundle::execute(&args).map(done),
        Command::Check(args) => check::execute(&args),
        Command::Bench(args) => bench::execute(&args).map(done),
        Command::Claims(args) => claims::execute(&args).map(|is_met| ExitCode::from(u8::from(!is_met))),
        Command::Train(args) => train::execute(&args).map(done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serve_is_what_happens_without_a_subcommand() {
        let cli = Cli::try_parse_from(["pretune", "--port", "9000"]).unwrap_or_else(|e| panic!("{e}"));
        assert!(cli.command.is_none());
        assert_eq!(cli.serve.port, 9000);
    }
}
