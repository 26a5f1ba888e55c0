//! The `eslabon` command.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use eslabon::cli::Cli;

fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli.run(&matches),
        Err(error) => error.exit(),
    }
}
