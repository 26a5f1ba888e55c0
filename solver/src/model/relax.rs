//! The least change of rules that leaves a solution: elastic rows.
//!
//! Every rule in conflict may give way by a slack of its own, and the sum of the slacks, each in units
//! of its scaled row, is minimised. If rules outside that conflict contradict each other as well, all
//! rules may give way.

use std::collections::{BTreeMap, BTreeSet};

use highs::Sense;

use super::{
    Network, Relation, Rules,
    engine::{IntegerSettings, Watch},
    linear::{Grain, row, row_divisor},
    sheet::Sheet,
};
use crate::{outcome::Relaxation, outcome::RuleName, solve::SolveError};

/// A slack of less than this share of its row is the engine's tolerance.
const NO_SLACK: f64 = 1e-7;

const SETTINGS: IntegerSettings = IntegerSettings { relative_gap: 1e-4, most_nodes: None, tolerance: 1e-9 };

/// What to change, by rule; empty when time runs out first.
pub(crate) fn least(
    network: &Network<'_>,
    rules: &Rules,
    conflict: &[usize],
    watch: &mut Watch<'_>,
) -> Result<Vec<Relaxation>, SolveError> {
    let everything = (0..rules.count()).collect();
    for elastic in [conflict.iter().copied().collect(), everything] {
        if let Some(found) = mend(network, rules, &elastic, watch)? {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The least change of these rules; `None` if none of it helps, or time runs out.
fn mend(
    network: &Network<'_>,
    rules: &Rules,
    elastic: &BTreeSet<usize>,
    watch: &mut Watch<'_>,
) -> Result<Option<Vec<Relaxation>>, SolveError> {
    let rigid = |rule| !elastic.contains(&rule);
    let Some(mut sheet) = Sheet::elastic(network, rules, SETTINGS, rigid)? else {
        return Ok(None);
    };
    let mut slacks: Vec<(usize, usize)> = Vec::new();
    for rule in elastic {
        let Some(of) = rules.list.get(*rule) else {
            let slack = sheet.engine.add_column(0.)?;
            sheet.loosen_cone(rule - rules.list.len(), slack);
            slacks.push((*rule, slack));
            continue;
        };
        let (terms, limit) = row(network, rules, Grain::Shares, of);
        let mut give = |low: f64, high: f64, factor: f64, sheet: &mut Sheet<'_>| {
            let slack = sheet.engine.add_column(0.)?;
            let mut terms = terms.clone();
            terms.push((slack, factor));
            slacks.push((*rule, slack));
            sheet.engine.add_row(low, high, &terms)
        };
        if of.relation != Relation::AtLeast {
            give(f64::NEG_INFINITY, limit, -1., &mut sheet)?;
        }
        if of.relation != Relation::AtMost {
            give(limit, f64::INFINITY, 1., &mut sheet)?;
        }
    }
    let mut costs = vec![0.; slacks.last().map_or(0, |(_, slack)| slack + 1)];
    for (_, slack) in &slacks {
        costs[*slack] = 1.;
    }
    sheet.set_objective(Sense::Minimise, &costs);
    let Some(columns) = sheet.run(watch)?.columns else {
        return Ok(None);
    };
    let mut moved: BTreeMap<&RuleName, f64> = BTreeMap::new();
    for (rule, slack) in slacks {
        if columns[slack] > NO_SLACK {
            let by = match rules.list.get(rule) {
                Some(of) => columns[slack] * row_divisor(network, Grain::Shares, of),
                None => rules.cones[rule - rules.list.len()].points_over(network, &columns),
            };
            let most = moved.entry(rules.name(rule)).or_insert(0.);
            *most = most.max(by);
        }
    }
    let moved = moved.into_iter().filter(|(_, by)| *by > 0.);
    Ok(Some(moved.map(|(rule, by)| Relaxation { rule: rule.clone(), by }).collect()))
}
