//! A program in the engine, with what it needs beyond rows: tangents to cones, and exactness.
//!
//! Over shares a solution counts when every cone holds within [`CONE_TOLERANCE`]; until then tangents
//! are added where it does not. Over units a solution counts when its awards keep every rule in exact
//! numbers; a row that the engine kept only within its tolerance is added again, tighter. Rows that
//! were added stay, for all later tiers: none of them cuts off what keeps the rules.

use std::collections::BTreeMap;

use highs::Sense;
use num_traits::ToPrimitive;

use super::{
    Network, Relation, Rules, double,
    engine::{Answer, Ended, Engine, IntegerSettings, Settings, Watch},
    linear::{Grain, Row, RowOfRule, columns_of, formulate, row, row_divisor, tangent_row},
    rules::shares_of,
};
use crate::solve::SolveError;

/// What a cone may be violated by over shares, as a part of the base.
pub(crate) const CONE_TOLERANCE: f64 = 1e-7;

/// Rounds of tangents before a run counts as failed. Each round halves a violation at least; two dozen
/// were the most that random instances took.
const MOST_TANGENT_ROUNDS: usize = 200;

/// Rounds of tightening before a run counts as failed.
const MOST_EXACT_ROUNDS: usize = 20;

/// The engine's own tolerance of a row over units, in units of the row.
const ROW_TOLERANCE: f64 = 1e-7;

/// What counts as a reduced cost, where an objective's costs are at most 1 in sum: the engine's tolerance.
const REDUCED_COST: f64 = 1e-9;

/// A program in the engine.
pub(crate) struct Sheet<'a> {
    pub network: &'a Network<'a>,
    pub rules: &'a Rules,
    pub grain: Grain<'a>,
    pub engine: Engine,
    /// Whether some columns are integer.
    pub integer: bool,
    /// Over units, the most of each offer.
    most: Vec<f64>,
    rows: RowOfRule,
    /// The cones that are kept.
    cones: Vec<usize>,
    /// Slack columns of elastic cones.
    elastic: BTreeMap<usize, usize>,
    /// By how much rules are tightened, in units of their rows.
    tightened: BTreeMap<usize, f64>,
    /// The last solution of a run.
    last: Option<Vec<f64>>,
}

/// What a linear program's objective gains, in the tier's unit.
#[derive(Clone, Debug)]
pub(crate) struct Duals {
    rules: Vec<Option<f64>>,
    shares: Vec<f64>,
}

impl Duals {
    /// For one unit more of a rule's limit; `None` if it has no row.
    pub fn of_rule(&self, rule: usize) -> Option<f64> {
        self.rules[rule]
    }

    /// For the whole lot of an offer, at current prices.
    pub fn of_offer(&self, offer: usize) -> f64 {
        self.shares[offer]
    }
}

impl<'a> Sheet<'a> {
    /// The program of the rules for which `kept` holds; `None` if they contradict each other in the limits
    /// of single columns. `integer` says how to run it if it has binaries or counts units.
    pub fn new(
        network: &'a Network<'a>,
        rules: &'a Rules,
        grain: Grain<'a>,
        integer: IntegerSettings,
        kept: impl Fn(usize) -> bool,
    ) -> Result<Option<Self>, SolveError> {
        Self::build(network, rules, grain, integer, kept, false)
    }

    /// A program over shares of the rules for which `rigid` holds, with the switches of the others as well.
    pub fn elastic(
        network: &'a Network<'a>,
        rules: &'a Rules,
        integer: IntegerSettings,
        rigid: impl Fn(usize) -> bool,
    ) -> Result<Option<Self>, SolveError> {
        Self::build(network, rules, Grain::Shares, integer, rigid, true)
    }

    fn build(
        network: &'a Network<'a>,
        rules: &'a Rules,
        grain: Grain<'a>,
        integer: IntegerSettings,
        kept: impl Fn(usize) -> bool,
        all_switches: bool,
    ) -> Result<Option<Self>, SolveError> {
        let Some(formulation) = formulate(network, rules, grain, &kept, all_switches) else {
            return Ok(None);
        };
        let settings = Settings {
            integer: formulation.integer.then_some(integer),
            ..Settings::from(&network.instance.limits)
        };
        let cones = (0..rules.cones.len()).filter(|cone| kept(rules.list.len() + cone)).collect();
        Ok(Some(Self {
            network,
            rules,
            grain,
            engine: Engine::new(formulation.program.problem(), settings)?,
            integer: formulation.integer,
            most: formulation.most,
            rows: formulation.rows,
            cones,
            elastic: BTreeMap::new(),
            tightened: BTreeMap::new(),
            last: None,
        }))
    }

    /// A linear program over shares, without cones, that an engine holds already, with the row of each rule.
    pub const fn over_shares(
        network: &'a Network<'a>,
        rules: &'a Rules,
        engine: Engine,
        rows: RowOfRule,
    ) -> Self {
        Self {
            network,
            rules,
            grain: Grain::Shares,
            engine,
            integer: false,
            most: Vec::new(),
            rows,
            cones: Vec::new(),
            elastic: BTreeMap::new(),
            tightened: BTreeMap::new(),
            last: None,
        }
    }

    /// Lets a cone give way, at the cost of a slack column in money of its scale.
    pub fn loosen_cone(&mut self, cone: usize, slack: usize) {
        if !self.cones.contains(&cone) {
            self.cones.push(cone);
        }
        self.elastic.insert(cone, slack);
    }

    /// A solution to start the next run from, if the program is integer. Any later change but the run
    /// itself makes the engine forget it.
    pub fn start_from(&mut self, columns: &[f64]) -> Result<(), SolveError> {
        if self.integer && !columns.is_empty() {
            self.last = Some(columns.to_vec());
            self.engine.start_from(columns)?;
        }
        Ok(())
    }

    /// Runs until a solution counts, nothing is feasible, or a limit.
    pub fn run(&mut self, watch: &mut Watch<'_>) -> Result<Answer, SolveError> {
        if self.integer && !self.cones.is_empty() {
            self.cut_relaxation(watch)?;
        }
        let rounds = match self.grain {
            Grain::Shares => MOST_TANGENT_ROUNDS,
            Grain::Units(_) => MOST_EXACT_ROUNDS + MOST_TANGENT_ROUNDS,
        };
        for _ in 0..rounds {
            let mut answer = self.engine.run(watch)?;
            let Some(columns) = answer.columns.take() else {
                if answer.ended == Ended::Infeasible && !self.tightened.is_empty() {
                    // Perhaps only the tightening made it so.
                    answer.ended = Ended::Limit;
                }
                return Ok(answer);
            };
            if watch.cancelled() {
                return Ok(Answer::without(Ended::Cancelled));
            }
            let counts = match self.grain {
                Grain::Shares => {
                    let columns = self.clean(columns);
                    (self.cut(&columns)? == 0).then_some(columns)
                }
                Grain::Units(_) => self.exact(&columns)?,
            };
            if let Some(columns) = counts {
                if self.integer && !columns.is_empty() {
                    self.last = Some(columns.clone());
                }
                answer.columns = Some(columns);
                return Ok(answer);
            }
            if let (true, Some(last)) = (self.integer, &self.last) {
                self.engine.start_from(last)?;
            }
        }
        Ok(Answer::without(Ended::Failed))
    }

    /// The whole units of a solution over units.
    pub fn units(&self, columns: &[f64]) -> Vec<u64> {
        columns[..self.network.offers.len()]
            .iter()
            .map(|units| units.round().max(0.).to_u64().unwrap_or(0))
            .collect()
    }

    /// Shares of lots, for a solution in either grain.
    pub fn shares(&self, columns: &[f64]) -> Vec<f64> {
        match self.grain {
            Grain::Shares => columns[..self.network.offers.len()].to_vec(),
            Grain::Units(_) => shares_of(self.network, &self.units(columns)),
        }
    }

    /// Over units, gives every offer at least so many, as far as its rules let it have them.
    pub fn at_least(&mut self, units: &[u64]) -> Result<(), SolveError> {
        for (offer, units) in units.iter().enumerate().filter(|(_, units)| **units > 0) {
            let most = self.most[offer];
            self.engine.limit_column(offer, super::count(*units).min(most), most)?;
        }
        Ok(())
    }

    /// Duals of the last optimum over shares, for an objective divided by `scale`.
    pub fn duals(&mut self, scale: f64) -> Option<Duals> {
        let (rows, columns) = self.engine.duals()?;
        let (network, rules) = (self.network, self.rules);
        let of_rule = |rule: usize, of: &super::Rule| {
            if let Some(row) = self.rows[rule] {
                return Some(rows[row] * scale / row_divisor(network, self.grain, of));
            }
            // The limit of one column: a unit more of it is so many shares of the lot.
            let [offer] = of.offers[..] else { return None };
            Some(columns[offer] * scale / network.per_lot(of.measure, offer))
        };
        let rules = rules.list.iter().enumerate().map(|(i, of)| of_rule(i, of)).collect();
        let shares = columns[..network.offers.len()].iter().map(|dual| dual * scale).collect();
        Some(Duals { rules, shares })
    }

    /// Whether the last optimum leaves few solutions as good: most shares have reduced costs, so that they
    /// stay what they are.
    pub fn few_solutions(&mut self) -> bool {
        let offers = self.network.offers.len();
        self.engine.duals().is_some_and(|(_, costs)| {
            let held = costs[..offers].iter().filter(|cost| cost.abs() > REDUCED_COST).count();
            2 * held > offers
        })
    }

    /// Adds an at-most row.
    pub fn at_most(&mut self, (terms, limit): &Row) -> Result<usize, SolveError> {
        self.engine.add_row(f64::NEG_INFINITY, *limit, terms)
    }

    /// Replaces the objective; columns beyond the given ones cost nothing.
    pub fn set_objective(&mut self, sense: Sense, costs: &[f64]) {
        self.engine.set_objective(sense, costs);
    }

    /// Without the engine's tolerance at the limits of shares and switches.
    pub fn clean(&self, mut columns: Vec<f64>) -> Vec<f64> {
        let (offers, totals) = (self.network.offers.len(), self.rules.totals.len());
        for share in &mut columns[..offers] {
            *share = share.clamp(0., 1.);
        }
        if self.integer {
            for switch in &mut columns[offers + totals..offers + totals + self.rules.switches.len()] {
                *switch = switch.round();
            }
        }
        columns
    }

    /// Tangents for the relaxation first: they are cheap there, and most of those that whole numbers need.
    fn cut_relaxation(&mut self, watch: &mut Watch<'_>) -> Result<(), SolveError> {
        self.engine.relax(true)?;
        for _ in 0..MOST_TANGENT_ROUNDS {
            let answer = self.engine.run(watch)?;
            let Some(columns) = answer.columns else {
                break;
            };
            let added = match self.grain {
                Grain::Shares => self.cut(&columns)?,
                Grain::Units(_) => {
                    let shares: Vec<f64> = (0..self.network.offers.len())
                        .map(|i| columns[i] / super::count(self.network.quantity(i)))
                        .collect();
                    self.cut(&shares)?
                }
            };
            if added == 0 {
                break;
            }
        }
        self.engine.relax(false)?;
        if let Some(last) = &self.last {
            self.engine.start_from(last)?;
        }
        Ok(())
    }

    /// Adds the tangents of the cones that shares of lots break; their number.
    fn cut(&mut self, columns: &[f64]) -> Result<usize, SolveError> {
        let mut added = 0;
        for cone in self.cones.clone() {
            let of = &self.rules.cones[cone];
            let slack = self.elastic.get(&cone).copied();
            // What an elastic cone gives way by, as a part of the base.
            let given =
                slack.map_or(0., |slack| columns[slack] * of.scale / of.base_at(self.network, columns));
            if of.violation(self.network, columns) - given > CONE_TOLERANCE {
                self.add_tangent(cone, columns, 0., slack)?;
                added += 1;
            }
        }
        if added > 0 {
            self.engine.expect_anything();
        }
        Ok(added)
    }

    fn add_tangent(
        &mut self,
        cone: usize,
        shares: &[f64],
        tighter: f64,
        slack: Option<usize>,
    ) -> Result<(), SolveError> {
        let of = &self.rules.cones[cone];
        let tangent = of.tangent(self.network, shares);
        let ((mut terms, limit), scale) =
            tangent_row(self.network, self.rules, self.grain, &tangent, of.scale);
        if let Some(slack) = slack {
            terms.push((slack, -of.scale / scale));
        }
        self.at_most(&(terms, limit - tighter))?;
        Ok(())
    }

    /// The columns of a solution over units if its awards keep every rule exactly; otherwise what they break
    /// is tightened.
    fn exact(&mut self, columns: &[f64]) -> Result<Option<Vec<f64>>, SolveError> {
        let units = self.units(columns);
        let broken = self.rules.broken(self.network, &units);
        if broken.is_empty() {
            return Ok(Some(columns_of(self.network, self.rules, self.grain, &units)));
        }
        self.engine.expect_anything();
        for (rule, over) in broken {
            let Some(of) = self.rules.list.get(rule) else {
                self.tighten_cone(rule, &units)?;
                continue;
            };
            let over = double(&over.abs()) / row_divisor(self.network, self.grain, of);
            let by = self.tightened.entry(rule).or_insert(0.);
            // By twice as much as it was broken.
            *by += 2. * over.max(ROW_TOLERANCE);
            let by = *by;
            let (terms, limit) = row(self.network, self.rules, self.grain, of);
            match of.relation {
                Relation::AtMost => self.engine.add_row(f64::NEG_INFINITY, limit - by, &terms)?,
                Relation::AtLeast => self.engine.add_row(limit + by, f64::INFINITY, &terms)?,
                // Units alone, or units and a switch, in whole numbers: nothing to tighten.
                Relation::Exactly => self.engine.add_row(limit, limit, &terms)?,
            };
        }
        Ok(None)
    }

    fn tighten_cone(&mut self, rule: usize, units: &[u64]) -> Result<(), SolveError> {
        let cone = rule - self.rules.list.len();
        let shares = shares_of(self.network, units);
        let violation = self.rules.cones[cone].violation(self.network, &shares);
        if violation > CONE_TOLERANCE {
            return self.add_tangent(cone, &shares, 0., None);
        }
        let by = self.tightened.entry(rule).or_insert(0.);
        *by += 2. * violation.max(ROW_TOLERANCE);
        let by = *by;
        self.add_tangent(cone, &shares, by, None)
    }
}
