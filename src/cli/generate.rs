//! `eslabon generate`: a network of any size from a seed, as a folder of tables.

use std::{path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use eslabon_solver::{
    generate::{self, Family, generate},
    write::into_folder,
};

use super::files::{self, DEFECT, INVALID, fail, print};

/// Arguments of `eslabon generate`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Families:\n  \
    tight            caps bind nearly everywhere\n  \
    slack            caps hardly ever bind\n  \
    few-buyers       at most three buyer groups\n  \
    dominant-buyer   one buyer with most of the demand\n  \
    components       regions without any link\n  \
    real-like        a programme as found, with every kind of rule\n  \
    integer          rules that need integers: least awards, dual sourcing, gaps under a budget\n\n\
    Examples:\n  \
    eslabon generate network/ && eslabon solve network/\n  \
    eslabon generate big/ --suppliers 3000 --lots 6000 --buyers 50 --pairs-per-lot 10\n  \
    eslabon generate hard/ --family integer --suppliers 100 --lots 50 --seed 7")]
pub(super) struct Args {
    /// The new folder
    out: PathBuf,
    /// Suppliers
    #[arg(long, default_value_t = 30, value_parser = at_least_one)]
    suppliers: usize,
    /// Lots
    #[arg(long, default_value_t = 60, value_parser = at_least_one)]
    lots: usize,
    /// Buyers
    #[arg(long, default_value_t = 5, value_parser = at_least_one)]
    buyers: usize,
    /// Suppliers that may serve each lot, as far as so many make its process
    #[arg(long, default_value_t = 8, value_parser = at_least_one)]
    pairs_per_lot: usize,
    /// How much is asked and how little can be made (0 to 1); by default as is usual in the family
    #[arg(long, value_parser = tightness)]
    tightness: Option<f64>,
    /// The kind of network
    #[arg(long, value_enum, default_value_t = Kind::RealLike)]
    family: Kind,
    /// Another seed gives another network; the same options give the same one on every machine
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The library's families, as arguments.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Tight,
    Slack,
    #[value(alias = "few_buyers")]
    FewBuyers,
    #[value(alias = "dominant_buyer")]
    DominantBuyer,
    Components,
    #[value(alias = "real_like")]
    RealLike,
    Integer,
}

impl From<Kind> for Family {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Tight => Self::Tight,
            Kind::Slack => Self::Slack,
            Kind::FewBuyers => Self::FewBuyers,
            Kind::DominantBuyer => Self::DominantBuyer,
            Kind::Components => Self::Components,
            Kind::RealLike => Self::RealLike,
            Kind::Integer => Self::Integer,
        }
    }
}

/// Draws and writes.
pub(super) fn run(args: &Args) -> ExitCode {
    // An instance may be somebody's own, and tables that this one lacks would become part of it.
    if let Err(cause) = files::new_folder(&args.out) {
        return fail(INVALID, &cause);
    }
    let instance = generate(&generate::Options {
        suppliers: args.suppliers,
        lots: args.lots,
        buyers: args.buyers,
        pairs_per_lot: args.pairs_per_lot,
        tightness: args.tightness,
        family: args.family.into(),
        seed: args.seed,
    });
    if let Err(error) = into_folder(&instance, &args.out) {
        let shown = args.out.display();
        return fail(
            DEFECT,
            &format!("{shown} cannot be written: {error}. Make room, and run the command again"),
        );
    }
    let tables = [
        (instance.suppliers.len(), "suppliers"),
        (instance.lots.len(), "lots"),
        (instance.buyers.len(), "buyers"),
        (instance.pairs.len(), "pairs"),
        (instance.consortia.len(), "consortia"),
        (instance.gaps.len(), "gaps"),
    ];
    let tables: Vec<String> =
        tables.iter().filter(|(rows, _)| *rows > 0).map(|(rows, name)| format!("{rows} {name}")).collect();
    let text = format!("{}: {}.\n", args.out.display(), tables.join(", "));
    print(&text, ExitCode::SUCCESS)
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("is less than 1".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("is not a whole number".to_owned()),
    }
}

fn tightness(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0. ..=1.).contains(&share) => Ok(share),
        _ => Err("is not a number from 0 to 1".to_owned()),
    }
}
