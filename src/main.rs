//! The program `yuelu`.

use std::process::ExitCode;
use yuelu::{app, cli, media};

fn main() -> ExitCode {
    // A child that looks into one file of a stranger: before anything else is set up, and with nothing else in reach.
    if std::env::args().nth(1).is_some_and(|verb| verb == media::SUBCOMMAND) {
        return media::run_child();
    }
    if std::env::args().nth(1).is_some_and(|verb| verb == media::CONVERT) {
        return media::run_converter();
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    share_heaps();
    media::is_program();
    cli::main(&app::Program)
}

/// Starts the program anew with as many heaps as cores. The C library gives threads heaps of their own, up to eight for each
/// core, and what is freed in one is of no use to another: taking in 200,000 works held 1,214 MB that way and 749 MB with a
/// heap for each of two cores. It reads the number only when a program starts. Whoever sets it is heeded.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn share_heaps() {
    use std::os::unix::process::CommandExt as _;
    const HEAPS: &str = "MALLOC_ARENA_MAX";
    if std::env::var_os(HEAPS).is_some() {
        return;
    }
    let (Ok(program), mut arguments) = (std::env::current_exe(), std::env::args_os()) else { return };
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut anew = std::process::Command::new(program);
    if let Some(name) = arguments.next() {
        anew.arg0(name);
    }
    // It comes back only when it cannot: then things go on as they are.
    let _why_not = anew.args(arguments).env(HEAPS, cores.max(2).to_string()).exec();
}
