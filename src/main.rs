//! Parse, run, exit code; nothing else.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use countersign::cli::Cli;
use countersign::{launch, runtime};

fn main() -> ExitCode {
    runtime::broken::tell_places_only();
    let asks_status = Cli::asks_status(std::env::args_os());
    let finished = match Cli::try_parse() {
        Ok(cli) => launch::run(&cli),
        Err(error) => {
            // Printing fails when nobody reads any more, and then there is nobody to tell.
            drop(error.print());
            match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return ExitCode::SUCCESS,
                _ => return ExitCode::from(if asks_status { 3 } else { 2 }),
            }
        }
    };
    match finished {
        Ok(exit_code) => exit_code,
        Err(failure) => {
            // When the terminal is gone there is nobody to tell, and the exit code still is what it is.
            let _ = writeln!(io::stderr(), "countersign: {failure}");
            // To a monitoring system every way to fail is "unknown".
            if asks_status { ExitCode::from(3) } else { failure.exit_code() }
        }
    }
}
