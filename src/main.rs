//! The program `yuelu`.

use std::process::ExitCode;
use yuelu::{app, cli, media};

fn main() -> ExitCode {
    // A child that looks into one file of a stranger: before anything else is set up, and with nothing else in reach.
    if std::env::args().nth(1).is_some_and(|verb| verb == media::SUBCOMMAND) {
        return media::run_child();
    }
    cli::main(&app::Program)
}
