//! The command line's one way in and out; everything else is [`pretune::site::cli`].

fn main() -> std::process::ExitCode {
    pretune::site::cli::main()
}
