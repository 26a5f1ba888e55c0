//! The model as an MPS file, so that any other solver can check this one.
//!
//! The file holds the first tier's program over shares (over units with `whole_units`): its optimum
//! is what the first tier's `value` states, in the instance's currency. Names say what they are about:
//! columns `x_SUPPLIER_LOT` (with `_via_CONSORTIUM`), `n_…` for sums that several rows share, `y_…` for
//! binaries; rows carry their rule's name and ids. They come in the model's order, so equal instances give
//! equal files. Left out: the second-order cones of `hhi_cap`, which rows cannot express.

use std::{collections::BTreeSet, path::Path};

use crate::{
    model::{
        Network, Rule, Rules, Standings,
        engine::{self, IntegerSettings},
        linear::{Grain, is_column_limit},
        network::Bidder,
        sheet::Sheet,
        tiers::Goal,
    },
    read::Reading,
    solve::SolveError,
};

/// Writes the first tier's program. The path must end in `.mps`: by its end the engine chooses the
/// format.
///
/// # Errors
/// [`SolveError::Engine`] if the engine refuses the program or cannot write the file.
pub fn mps(reading: &Reading, path: &Path) -> Result<(), SolveError> {
    let _alone = engine::lock();
    let instance = &reading.instance;
    let network = Network::new(instance);
    let standings = Standings::new(&network);
    let rules = Rules::new(&network, &standings);
    let all: Vec<u64> = (0..network.offers.len()).map(|i| network.quantity(i)).collect();
    let grain = if instance.whole_units { Grain::Units(&all) } else { Grain::Shares };
    let settings = IntegerSettings {
        relative_gap: instance.limits.relative_gap.to_f64(),
        most_nodes: None,
        tolerance: crate::model::tiers::UNITS_TOLERANCE,
    };
    let refused = |cause: &str| SolveError::Engine { phase: "export".to_owned(), cause: cause.to_owned() };
    let sheet = Sheet::new(&network, &rules, grain, settings, |_| true)?;
    let mut sheet =
        sheet.ok_or_else(|| refused("limits of single awards contradict each other: solve names them"))?;
    if let Some(objective) = instance.objectives.first() {
        let goal = Goal::new(&network, &rules, objective, grain);
        let costs: Vec<f64> = goal.costs.iter().map(|cost| cost * goal.scale).collect();
        sheet.set_objective(goal.sense(), &costs);
    }
    let columns = column_names(&network, &rules);
    sheet.engine.write(path, &unique(columns), &row_names(&network, &rules))
}

fn column_names(network: &Network<'_>, rules: &Rules) -> Vec<String> {
    let offer = |offer: usize| {
        let of = &network.offers[offer];
        let (supplier, lot) = (&network.suppliers[of.supplier].id, &network.lots[of.lot].id);
        match network.bids[of.bid].bidder {
            Bidder::Supplier(_) => format!("{supplier}_{lot}"),
            Bidder::Consortium(consortium) => {
                format!("{supplier}_{lot}_via_{}", network.consortia[consortium].id)
            }
        }
    };
    // A sum or a binary is named by its first award, which no other of its kind starts with more often
    // than numbers can tell apart.
    let led = |letter: &str, offers: &[usize]| {
        let first = offers.first().map(|first| offer(*first)).unwrap_or_default();
        format!("{letter}_{}_from_{first}", offers.len())
    };
    let offers = (0..network.offers.len()).map(|i| format!("x_{}", offer(i)));
    let totals = rules.totals.iter().map(|total| led("n", &total.offers));
    let switches = rules.switches.iter().map(|switch| led("y", &switch.offers));
    offers.chain(totals).chain(switches).collect()
}

/// Names of the first rows (what the sums are) and of the last ones (the rules); those between say what
/// binaries mean.
fn row_names(network: &Network<'_>, rules: &Rules) -> RowNames {
    let is_row = |rule: &&Rule| {
        let is_empty = rule.columns.is_empty() && rule.offers.is_empty();
        let limits_a_column = is_column_limit(network, rule) && rule.offers.len() == 1;
        !is_empty && !limits_a_column
    };
    let named = |rule: &Rule| {
        let parts: Vec<&str> = [rule.name.rule.as_str()]
            .into_iter()
            .chain(rule.name.subject.iter().map(String::as_str))
            .collect();
        parts.join("_")
    };
    RowNames {
        first: unique((0..rules.totals.len()).map(|total| format!("sum_{total}")).collect()),
        last: unique(rules.list.iter().filter(is_row).map(named).collect()),
    }
}

/// Names of a program's rows, as far as they are known: those at its beginning and at its end.
pub(crate) struct RowNames {
    /// From the first row on.
    pub first: Vec<String>,
    /// Up to the last row.
    pub last: Vec<String>,
}

/// Names as MPS readers take them: no blanks, nothing beyond ASCII, none twice.
fn unique(names: Vec<String>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    names
        .into_iter()
        .map(|name| {
            let plain: String =
                name.chars().map(|c| if c.is_ascii_graphic() { c } else { '_' }).take(200).collect();
            let mut name = plain.clone();
            let mut number = 1;
            while !taken.insert(name.clone()) {
                number += 1;
                name = format!("{plain}~{number}");
            }
            name
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::from_json;

    #[test]
    fn names_are_plain_and_none_comes_twice() {
        let names = ["a b", "a_b", "ñ", "c"].map(str::to_owned).to_vec();
        assert_eq!(unique(names), ["a_b", "a_b~2", "_", "c"]);
    }

    #[test]
    fn the_file_names_rules_and_awards() {
        let reading = from_json(
            br#"{"format": "eslabon-instance/1", "currency": "USD", "dependency_cap": "0.3",
                "buyers": [{"id": "A"}], "suppliers": [{"id": "S", "annual_sales": 1000}, {"id": "T"}],
                "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 100,
                          "reference_price": 10, "max_suppliers": 1}],
                "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "T", "lot": "L"}]}"#,
        )
        .unwrap_or_else(|problems| panic!("{problems:#?}"));
        let file = std::env::temp_dir().join(format!("eslabon-export-{}.mps", std::process::id()));
        mps(&reading, &file).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let _ = std::fs::remove_file(&file);
        for name in [
            "x_S_L",
            "x_T_L",
            "y_1_from_S_L",
            "n_1_from_S_L",
            "demand_L",
            "dependency_S_A",
            "max_suppliers_L",
        ] {
            assert!(text.contains(name), "{name} in\n{text}");
        }
        // 100 units at 10 each: the objective is in currency.
        assert!(text.contains("1000"), "{text}");
    }
}
