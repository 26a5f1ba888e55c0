//! `eslabon export`: lists as tables, and opened requirements as OCDS.

use std::{fs, path::PathBuf};

use super::{
    Failure, files,
    remote::{Service, print},
};
use crate::exchange::sheet::Format;

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    eslabon export 'matches?state=approved' --out matches.xlsx\n  \
    eslabon export requirements/0192…/ocds --json")]
pub(super) struct Args {
    /// What the API calls the list, with its filters: 'matches?state=approved'
    list: String,
    /// csv or xlsx (default: as the file's name ends, else csv)
    #[arg(long)]
    format: Option<Format>,
    /// The file (default: standard output)
    #[arg(long)]
    out: Option<PathBuf>,
    /// The API's own answer, instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: Service,
}

pub(super) async fn run(args: &Args) -> Result<(), Failure> {
    let ends = args.out.as_ref().and_then(|out| out.extension()?.to_str()?.parse().ok());
    let format = args.format.or(ends).unwrap_or(Format::Csv);
    let joint = if args.list.contains('?') { '&' } else { '?' };
    let path = if args.json { args.list.clone() } else { format!("{}{joint}format={format}", args.list) };
    let answer = args.service.read(&path).await;
    if args.json && (args.out.is_none() || answer.is_err()) {
        return print(answer);
    }
    let body = answer?;
    if let Some(out) = &args.out {
        return fs::write(out, body)
            .map_err(|error| format!("{} can't be written: {error}", out.display()).into());
    }
    files::tell(&body);
    Ok(())
}
