//! `eslabon config show`.

use clap::{ArgMatches, Subcommand};

use crate::foundation::config::Config;

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Print every setting, its value (secrets masked) and its source
    Show,
}

pub(super) fn run(args: &Args, config: &Config, matches: &ArgMatches) {
    let Command::Show = args.command;
    // A global flag may stand before or after the subcommand: the innermost place that knows it counts.
    let mut levels = vec![matches];
    while let Some((_, inner)) = levels.last().and_then(|level| level.subcommand()) {
        levels.push(inner);
    }
    let source = |name: &str| levels.iter().rev().find_map(|level| level.value_source(name));
    for setting in config.settings(source) {
        say!("{:<20} {:<40} {}", setting.name, setting.value, setting.source);
    }
}
