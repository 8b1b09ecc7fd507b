//! The program `yuelu`.

use std::process::ExitCode;

fn main() -> ExitCode {
    yuelu::cli::main(&yuelu::app::Program)
}
