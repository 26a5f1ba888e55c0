//! Tiers solved again, from where they were solved before.
//!
//! Of a linear program every tier keeps a model of its own in the engine: its objective, the rows that hold the
//! tiers before it, its optimal basis, and that basis factorised. When the instance has changed, its program is
//! written again and compared with the one that was solved, and only what differs is changed in the models:
//! limits of columns and rows, and factors. Then the tiers follow in order, the held rows moved to the new
//! values. After one more forbidden award each basis is still optimal but for the award's limit and the held
//! rows', and the dual simplex method mends it in a few dozen pivots. So any change is served that keeps columns
//! and rows as they are: decisions about suppliers, caps, capacities, budgets, prices.
//!
//! Where a change only takes away what no tier's best shares use, nothing is solved at all: `past` says why.
//!
//! One model for all tiers does not do. Going from a tier's rows to the next one's makes HiGHS forget its
//! factors and the dual steepest edge weights, and 4,000 of those took 40 ms to find again for 3 ms of pivots.
//!
//! Everything else is solved from the beginning: programs with binaries, over whole units or with cones, changes
//! that bring columns or rows, and whatever does not end with every tier optimal, so that an instance is called
//! infeasible only by a run that knows nothing of another.

mod past;

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Network, Rules,
    engine::{Answer, Basis, Ended, Engine, Face, Method, Spans, Watch},
    linear::{Grain, LimitedRow, Program, RowOfRule, formulate},
    sheet::{Duals, Sheet},
    spread,
    stated::{Kept, Stated},
    tiers::{self, Bases, Goal, Reached, Relaxed, Search, Tiers},
};
use crate::{Instance, instance::Tier, solve::SolveError};
use past::{Asked, Past, Solved, Worst};

/// A held row keeps its divisor while the value is within this factor of it, so that its slack stays a like
/// share of what it holds.
const SAME_DIVISOR: f64 = 1.5;

/// A solved program, to solve others like it from. It holds models: keep the engine's lock until it is dropped.
#[derive(Default)]
pub(crate) struct Warm {
    /// Whether programs are kept at all.
    keeps: bool,
    held: Option<Held>,
    /// What the next instance can use of the rules of this one.
    stated: Option<Kept>,
}

/// The program as it was solved last, and what solving it left.
struct Held {
    program: Program,
    bases: Bases,
    /// By tier, its optimal solutions, where they hold it.
    faces: Vec<Option<Arc<Face>>>,
    /// By tier: the model of the tier at its best, and at its worst, once they were needed.
    models: Vec<[Option<Model>; 2]>,
    past: Past,
}

/// The program in the engine with one objective, and the tiers before it held.
struct Model {
    engine: Engine,
    costs: Vec<f64>,
    /// The limits of the program's columns and rows as they stand there.
    limits: Spans,
    /// By tier before, what its held row is divided by; `None`: a face holds it.
    divisors: Vec<Option<f64>>,
}

impl Model {
    /// Held rows.
    fn held_rows(&self) -> usize {
        self.divisors.iter().flatten().count()
    }
}

/// Which of a tier's models.
#[derive(Clone, Copy)]
enum End {
    Best,
    Worst,
}

impl Warm {
    /// One that keeps the linear program that it solved last.
    pub const fn keeping() -> Self {
        Self { keeps: true, held: None, stated: None }
    }

    /// An instance with its rules, which differs from the one that was kept in decisions alone.
    pub fn state<'a>(&mut self, instance: &'a Instance) -> Stated<'a> {
        Stated::new(instance, self.stated.take())
    }

    /// Keeps what the next instance can use.
    pub fn keep(&mut self, stated: Stated<'_>) {
        if self.keeps {
            self.stated = Some(stated.keep());
        }
    }

    /// The next instance may differ in more than decisions.
    pub fn forget_rules(&mut self) {
        self.stated = None;
        if let Some(held) = &mut self.held {
            held.past = Past::default();
        }
    }

    /// Remembers what was published of what was solved last.
    pub fn publish(&mut self, units: &[u64]) {
        if let Some(held) = &mut self.held {
            held.past.publish(units);
        }
    }

    /// Optimises the tiers in order. `warn`: whether to look for tiers that have no room.
    pub fn solve(
        &mut self,
        network: &Network<'_>,
        rules: &Rules,
        warn: bool,
        watch: &mut Watch<'_>,
    ) -> Result<Search, SolveError> {
        let held = self.held.take();
        if !self.keeps || !is_kept(network, rules) {
            return tiers::optimise(network, rules, warn, watch);
        }
        let Some(formulation) = formulate(network, rules, Grain::Shares, |_| true, false) else {
            self.held = held;
            return Ok(Search::Infeasible);
        };
        if let Some(mut held) = held
            && held.program.is_like(&formulation.program)
        {
            held.change_to(formulation.program)?;
            let mut again = Again { network, rules, rows: &formulation.rows, held: &mut held, solved: None };
            if let Some(relaxed) = again.tiers(warn, watch)? {
                self.held = Some(held);
                return Ok(Search::Found(relaxed));
            }
            return self.solve_anew(network, rules, (held.program, formulation.rows), warn, watch);
        }
        self.solve_anew(network, rules, (formulation.program, formulation.rows), warn, watch)
    }

    fn solve_anew(
        &mut self,
        network: &Network<'_>,
        rules: &Rules,
        (program, rows): (Program, RowOfRule),
        warn: bool,
        watch: &mut Watch<'_>,
    ) -> Result<Search, SolveError> {
        let engine = Engine::new(program.problem(), (&network.instance.limits).into())?;
        let sheet = Sheet::over_shares(network, rules, engine, rows);
        let mut tiers = Tiers::new(sheet, warn, watch).remembering();
        let search = tiers.solve(watch)?;
        if matches!(search, Search::Found(Relaxed { complete: true, .. })) {
            let (bases, faces) = tiers.into_past();
            let models = network.instance.objectives.iter().map(|_| [None, None]).collect();
            let mut held = Held { program, bases, faces, models, past: Past::default() };
            if let Search::Found(relaxed) = &search {
                held.remember(&goals_of(network, rules), (network, rules), warn, relaxed);
            }
            self.held = Some(held);
        }
        Ok(search)
    }
}

/// Whether an instance's program is one that is kept: linear, and with the spread last of all if at all, since
/// it leaves rows behind.
fn is_kept(network: &Network<'_>, rules: &Rules) -> bool {
    let objectives = &network.instance.objectives;
    let before_last = objectives.iter().rev().skip(1);
    !network.instance.whole_units
        && rules.cones.is_empty()
        && rules.switches.is_empty()
        && !objectives.is_empty()
        && before_last.clone().all(|objective| objective.tier != Tier::Spread)
}

impl Held {
    /// Makes another program like it of this one, in every model.
    fn change_to(&mut self, program: Program) -> Result<(), SolveError> {
        let changes = self.program.changes(&program);
        for model in self.models.iter_mut().flatten().flatten() {
            changes.make(&mut model.engine)?;
        }
        if !changes.are_limits_of_columns() {
            self.past = Past::default();
        }
        self.program = program;
        Ok(())
    }

    /// Remembers what a solve from the beginning found.
    fn remember(
        &mut self,
        goals: &[Goal],
        (network, rules): (&Network<'_>, &Rules),
        warn: bool,
        relaxed: &Relaxed,
    ) {
        let looked = |tier: usize| self.bases.of(tier, true).is_some();
        let worst =
            goals.iter().enumerate().map(|(tier, goal)| Worst::of(goal, looked(tier), relaxed)).collect();
        self.faces.resize(goals.len(), None);
        let asked = Asked { network, rules, program: &self.program, goals, warn };
        self.past.remember(&asked, relaxed, (worst, &self.faces));
    }

    /// The program's limits, with the faces of these tiers alone.
    fn limits(&self, tiers: usize) -> Spans {
        let mut limits = self.program.limits();
        for face in self.faces[..tiers].iter().flatten() {
            face.narrow(&mut limits);
        }
        limits
    }
}

fn goals_of(network: &Network<'_>, rules: &Rules) -> Vec<Goal> {
    let objectives = network.instance.objectives.iter();
    objectives.map(|objective| Goal::new(network, rules, objective, Grain::Shares)).collect()
}

/// The tiers once more.
struct Again<'a> {
    network: &'a Network<'a>,
    rules: &'a Rules,
    rows: &'a RowOfRule,
    held: &'a mut Held,
    /// The last tier that was solved, and not proven by the past.
    solved: Option<usize>,
}

impl Again<'_> {
    /// All tiers; `None` unless every one ends optimal.
    fn tiers(&mut self, warn: bool, watch: &mut Watch<'_>) -> Result<Option<Relaxed>, SolveError> {
        let goals = goals_of(self.network, self.rules);
        if goals.len() != self.held.models.len() {
            return Ok(None);
        }
        let past = std::mem::take(&mut self.held.past);
        let relaxed = self.tiers_after(&past, &goals, warn, watch);
        self.held.past = past;
        let Some((relaxed, worst)) = relaxed? else {
            return Ok(None);
        };
        let Held { program, past, faces, .. } = &mut *self.held;
        let asked = Asked { network: self.network, rules: self.rules, program, goals: &goals, warn };
        past.remember(&asked, &relaxed, (worst, faces));
        Ok(Some(relaxed))
    }

    /// All tiers, those first that the past proves.
    fn tiers_after(
        &mut self,
        past: &Past,
        goals: &[Goal],
        warn: bool,
        watch: &mut Watch<'_>,
    ) -> Result<Option<(Relaxed, Vec<Worst>)>, SolveError> {
        let (network, rules) = (self.network, self.rules);
        let proven = {
            let asked = Asked { network, rules, program: &self.held.program, goals, warn };
            past.of(&asked).map(|solved| (solved, solved.kept(&asked), solved.units(&asked)))
        };
        let mut relaxed = Relaxed::default();
        let mut worst = Vec::new();
        let mut columns: Option<Vec<f64>> = None;
        for (position, goal) in goals.iter().enumerate() {
            watch.enter(goal.tier.name());
            watch.unit = goal.scale;
            let unasked = columns.as_ref().map(|columns| goal.value(columns));
            let known = proven.as_ref().filter(|(_, kept, _)| position < *kept).map(|(solved, ..)| *solved);
            let found = match known {
                Some(solved) => solved.tier(position).shares.clone(),
                None => match self.solve_tier(goals, &mut relaxed, columns.take(), watch)? {
                    Some(found) => found,
                    None => return Ok(None),
                },
            };
            if let Some(solved) = known {
                relaxed.reached.push(solved.tier(position).reached);
                self.held.faces[position].clone_from(&solved.tier(position).face);
                if position == 0 {
                    relaxed.duals = solved.duals().cloned();
                }
            }
            let Reached { value, bound, .. } = relaxed.reached[position];
            (watch.best, watch.bound) = (Some(value), Some(bound));
            watch.report();
            let before = known.map(|solved: &Solved| &solved.tier(position).worst).filter(|worst| {
                worst.is_known(&Asked { network, rules, program: &self.held.program, goals, warn })
            });
            let at_worst = if let Some(worst) = before {
                worst.clone()
            } else if warn && tiers::may_lack_room(goals, position, unasked, value) {
                let before = &relaxed.reached[..position];
                let (answer, _) = self.run(goals, before, End::Worst, watch)?;
                match (goal.warning(&answer, value), answer.columns) {
                    (Some(_), _) => Worst::AsGood,
                    (None, Some(columns)) => Worst::At(columns),
                    (None, None) => Worst::Somewhere,
                }
            } else {
                Worst::NotAsked
            };
            if matches!(at_worst, Worst::AsGood) {
                relaxed.warnings.push(tiers::no_room(goal));
            }
            worst.push(at_worst);
            relaxed.path.push(found[..network.offers.len()].to_vec());
            columns = Some(found);
        }
        relaxed.shares = relaxed.path.last().cloned().unwrap_or_default();
        relaxed.published = proven.and_then(|(.., units)| units);
        relaxed.complete = true;
        Ok(Some((relaxed, worst)))
    }

    /// The next tier, from the columns of the one before; `None` unless it ends optimal.
    fn solve_tier(
        &mut self,
        goals: &[Goal],
        relaxed: &mut Relaxed,
        columns: Option<Vec<f64>>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Vec<f64>>, SolveError> {
        let goal = &goals[relaxed.reached.len()];
        let (found, value, bound) = if goal.tier == Tier::Spread {
            let Some(step) = self.spread(goals, &relaxed.reached, columns, watch)? else {
                return Ok(None);
            };
            step
        } else {
            let (answer, duals) = self.run(goals, &relaxed.reached, End::Best, watch)?;
            let (Ended::Optimal, Some(found)) = (answer.ended, answer.columns) else {
                return Ok(None);
            };
            if relaxed.reached.is_empty() {
                relaxed.duals = duals;
            }
            let value = goal.value(&found);
            (found, value, value)
        };
        // Where faces do not hold the tiers before, rows shall, from the beginning.
        if !tiers::keep(goals, &relaxed.reached, &self.held.faces, &found) {
            return Ok(None);
        }
        self.solved = Some(relaxed.reached.len());
        relaxed.reached.push(Reached { tier: goal.tier, value, bound });
        Ok(Some(found))
    }

    /// One tier, those before it held at what they reached.
    fn run(
        &mut self,
        goals: &[Goal],
        reached: &[Reached],
        end: End,
        watch: &mut Watch<'_>,
    ) -> Result<(Answer, Option<Duals>), SolveError> {
        let position = reached.len();
        let goal = &goals[position];
        let Model { engine, costs, divisors, limits } = self.model(goals, reached, end)?;
        let mut sheet = Sheet::over_shares(self.network, self.rules, engine, Arc::clone(self.rows));
        if costs != goal.costs {
            let sense = match end {
                End::Best => goal.sense(),
                End::Worst => goal.opposite(),
            };
            sheet.set_objective(sense, &goal.costs);
        }
        sheet.engine.expect_anything();
        // The tier's own last optimum, or where faces leave little, the optimum of the tier before, which lies on them.
        let from = if matches!(end, End::Best) { self.on_faces(position, &divisors) } else { None };
        if let Some(basis) = &from {
            sheet.engine.start_from_basis(basis)?;
        }
        sheet.engine.solve_by(if from.is_some() { Method::Narrow } else { Method::Mended });
        let answer = sheet.run(watch)?;
        let duals =
            if position == 0 && answer.ended == Ended::Optimal { sheet.duals(goal.scale) } else { None };
        if matches!(end, End::Best) && position + 1 < goals.len() {
            let face = if goal.is_held_by_face() { sheet.engine.face() } else { None };
            self.held.faces[position] = face.map(Arc::new);
        }
        let model = Model { engine: sheet.engine, costs: goal.costs.clone(), limits, divisors };
        self.held.models[position][end as usize] = Some(model);
        Ok((answer, duals))
    }

    /// Where the tier before a position ended, if that was just now and faces leave little beside.
    fn on_faces(&mut self, position: usize, divisors: &[Option<f64>]) -> Option<Basis> {
        let columns = self.held.program.columns.len();
        let mut faces = self.held.faces[..position].iter().flatten();
        let little = faces.any(|face| face.leaves_little(columns));
        let just_now = self.solved.is_some_and(|solved| solved + 1 == position);
        if little && just_now { self.basis_before(position, divisors) } else { None }
    }

    /// Where the tier before a position ended, in the program of this one.
    fn basis_before(&mut self, position: usize, divisors: &[Option<f64>]) -> Option<Basis> {
        let before = self.held.models[position.checked_sub(1)?][End::Best as usize].as_mut()?;
        let basis = before.engine.basis()?;
        let held_by_row = divisors.last().is_some_and(Option::is_some);
        Some(if held_by_row { basis.with_free_row() } else { basis })
    }

    /// The spread's search, in a model that afterwards is what it was.
    fn spread(
        &mut self,
        goals: &[Goal],
        reached: &[Reached],
        columns: Option<Vec<f64>>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<(Vec<f64>, f64, f64)>, SolveError> {
        let position = reached.len();
        let model = self.model(goals, reached, End::Best)?;
        let rows = self.held.program.rows.len() + model.held_rows();
        let Model { mut engine, costs, limits, divisors } = model;
        if let Some(basis) = self.basis_before(position, &divisors) {
            engine.start_from_basis(&basis)?;
        }
        let mut sheet = Sheet::over_shares(self.network, self.rules, engine, Arc::clone(self.rows));
        sheet.engine.expect_anything();
        let search = spread::Search { tolerance: goals[position].tolerance, last: true, lowest: 0. };
        let step = spread::search(&mut sheet, columns, &search, watch)?;
        let mut engine = sheet.engine;
        engine.cut_back(self.held.program.columns.len(), rows)?;
        let model = Model { engine, costs, limits, divisors };
        self.held.models[position][End::Best as usize] = Some(model);
        Ok(match (step.ended, step.columns) {
            (Ended::Optimal, Some(columns)) => Some((columns, step.value, step.bound)),
            _ => None,
        })
    }

    /// The model of the tier after those that were reached, with those held at these values.
    fn model(&mut self, goals: &[Goal], reached: &[Reached], end: End) -> Result<Model, SolveError> {
        let position = reached.len();
        let limits = self.held.limits(position);
        let Held { program, faces, models, bases, .. } = &mut *self.held;
        let kept = models[position][end as usize].take();
        let is_new = kept.is_none();
        let mut model = match kept {
            Some(model) => model,
            None => Model {
                engine: Engine::new(program.problem(), (&self.network.instance.limits).into())?,
                costs: Vec::new(),
                limits: program.limits(),
                divisors: Vec::new(),
            },
        };
        let before = goals.iter().zip(reached).zip(&*faces);
        let divide_alike =
            model.divisors.iter().zip(before.clone()).all(|(held, ((goal, reached), face))| {
                let now = goal.divisor(goal.least(reached.value));
                let alike = |divisor: &f64| (1. / SAME_DIVISOR..=SAME_DIVISOR).contains(&(now / divisor));
                held.is_none() == face.is_some() && held.as_ref().is_none_or(alike)
            });
        if !divide_alike || model.divisors.len() != position {
            model.engine.cut_back(program.columns.len(), program.rows.len())?;
            model.divisors.clear();
        }
        model.engine.change_limits(&model.limits, &limits)?;
        model.limits = limits;
        let mut row = program.rows.len();
        for (place, ((goal, reached), face)) in before.enumerate() {
            if face.is_some() {
                if model.divisors.len() == place {
                    model.divisors.push(None);
                }
                continue;
            }
            let value = goal.least(reached.value);
            let known = model.divisors.get(place).copied().flatten();
            let divisor = known.unwrap_or_else(|| goal.divisor(value));
            if known.is_none() {
                goal.hold(&mut model.engine, value)?;
                model.divisors.push(Some(divisor));
            }
            let (mut low, mut high) = goal.held_between(value, divisor);
            if faces[place..position].iter().flatten().any(|face| face.holds_row(row)) {
                // A tier after it could only reach its best with nothing of the tolerance left.
                (low, high) = if low.is_finite() { (low, low) } else { (high, high) };
            }
            model.engine.limit_row(row, low, high)?;
            row += 1;
        }
        if is_new && let Some(basis) = bases.of(position, matches!(end, End::Worst)) {
            model.engine.start_from_basis(basis)?;
        }
        Ok(model)
    }
}

impl Program {
    /// Whether another can be made of this one by moving limits and factors.
    fn is_like(&self, other: &Self) -> bool {
        (self.columns.len(), self.rows.len()) == (other.columns.len(), other.rows.len())
    }

    /// The limits of its columns and rows.
    fn limits(&self) -> Spans {
        Spans {
            columns: self.columns.iter().map(|column| (column.low, column.high)).collect(),
            rows: self.rows.iter().map(|row| (row.low, row.high)).collect(),
        }
    }

    /// What makes another of this one.
    fn changes(&self, to: &Self) -> Changes {
        let mut changes = Changes::default();
        for (row, (from, to)) in self.rows.iter().zip(&to.rows).enumerate() {
            changes.of_rows |= (from.low, from.high) != (to.low, to.high);
            if from.terms != to.terms {
                let factors = from.changed(to).into_iter();
                changes.factors.extend(factors.map(|(column, factor)| (row, column, factor)));
            }
        }
        changes
    }
}

/// What differs between two programs of the same columns and rows, beside the limits, which each model is given when it
/// is needed.
#[derive(Default)]
struct Changes {
    /// Whether limits of rows do.
    of_rows: bool,
    /// Row, column, and the factor there.
    factors: Vec<(usize, usize, f64)>,
}

impl Changes {
    /// Makes them in an engine.
    fn make(&self, engine: &mut Engine) -> Result<(), SolveError> {
        for (row, column, factor) in &self.factors {
            engine.change_factor(*row, *column, *factor)?;
        }
        Ok(())
    }

    /// Whether nothing but limits of columns differs.
    const fn are_limits_of_columns(&self) -> bool {
        !self.of_rows && self.factors.is_empty()
    }
}

impl LimitedRow {
    /// The factors that differ in another, by column.
    fn changed(&self, to: &Self) -> BTreeMap<usize, f64> {
        let before: BTreeMap<usize, f64> = self.terms.iter().copied().collect();
        let gone = before.keys().map(|column| (*column, 0.));
        let mut after: BTreeMap<usize, f64> = gone.chain(to.terms.iter().copied()).collect();
        after.retain(|column, factor| before.get(column) != Some(factor));
        after
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::{
        Decimal,
        instance::{Decision, Objective, Ruling},
        model::{Standings, engine},
        read,
    };

    fn instance(extra: &str) -> Instance {
        let text = format!(
            r#"{{"format": "eslabon-instance/1", "currency": "USD", "dependency_cap": "0.3",
                "buyers": [{{"id": "A"}}, {{"id": "B"}}],
                "suppliers": [{{"id": "S", "annual_sales": 1000 {extra}}}, {{"id": "T", "annual_sales": 500}}],
                "lots": [
                    {{"id": "L", "buyer": "A", "process": "p", "quantity": 50, "reference_price": 10}},
                    {{"id": "M", "buyer": "B", "process": "p", "quantity": 20, "reference_price": 9}}],
                "pairs": [{{"supplier": "S", "lot": "L"}}, {{"supplier": "T", "lot": "L", "unit_price": 8}},
                    {{"supplier": "S", "lot": "M"}}, {{"supplier": "T", "lot": "M", "fit": "0.5"}}]}}"#
        );
        read::from_json(text.as_bytes()).expect("a valid instance").instance
    }

    fn values(warm: &mut Warm, instance: &Instance) -> Option<Vec<f64>> {
        let network = Network::new(instance);
        let rules = Rules::new(&network, &Standings::new(&network));
        let cancel = AtomicBool::new(false);
        let mut progress = |_: &crate::solve::Progress| {};
        let mut watch = Watch::new(60., &cancel, &mut progress);
        match warm.solve(&network, &rules, true, &mut watch).expect("no defect") {
            Search::Found(relaxed) => Some(relaxed.reached.iter().map(|reached| reached.value).collect()),
            _ => None,
        }
    }

    fn models(warm: &Warm) -> usize {
        warm.held.as_ref().map_or(0, |held| held.models.iter().flatten().flatten().count())
    }

    fn forbid(instance: &mut Instance, supplier: &str, lot: &str) {
        let (supplier, lot) = (supplier.to_owned(), lot.to_owned());
        instance.decisions.push(Decision { supplier, lot, ruling: Ruling::Forbidden });
    }

    fn set_price(instance: &mut Instance, supplier: &str, lot: &str, price: i64) {
        let mut pairs = instance.pairs.iter_mut();
        let pair = pairs.find(|pair| (pair.supplier.as_str(), pair.lot.as_str()) == (supplier, lot));
        pair.expect("a pair").unit_price = Decimal::from(price);
    }

    /// Equal to what knows nothing of before.
    fn assert_alike(warm: &mut Warm, instance: &Instance) {
        let (again, cold) = (values(warm, instance), values(&mut Warm::default(), instance));
        let (again, cold) = (again.expect("a solution"), cold.expect("a solution"));
        for (again, cold) in again.iter().zip(&cold) {
            assert!((again - cold).abs() <= 1e-6 * cold.abs().max(1.), "{again:?}, cold {cold:?}");
        }
    }

    #[test]
    fn each_tier_keeps_a_model_and_every_change_of_numbers_is_served_by_them() {
        let _alone = engine::lock();
        let mut warm = Warm::keeping();
        let mut changed = instance("");
        assert_alike(&mut warm, &changed);
        assert_eq!(models(&warm), 0, "nothing was solved again yet");
        forbid(&mut changed, "T", "L");
        assert_alike(&mut warm, &changed);
        let kept = models(&warm);
        assert!(kept >= 4, "one for each tier, not {kept}");
        for cap in [90, 5, 30] {
            changed.dependency_cap = Some(Decimal::new(cap, 2));
            assert_alike(&mut warm, &changed);
        }
        changed.decisions.clear();
        changed.pairs[0].unit_price = Decimal::from(7);
        assert_alike(&mut warm, &changed);
        assert!(models(&warm) >= kept, "they were given up on the way");
        // A cap of nothing takes N out of its rows.
        changed.dependency_cap = Some(Decimal::ZERO);
        assert_alike(&mut warm, &changed);
    }

    #[test]
    fn what_nobody_uses_is_taken_away_without_solving() {
        let _alone = engine::lock();
        let mut warm = Warm::keeping();
        let mut changed = instance("");
        changed.dependency_cap = None;
        changed.objectives = vec![Objective { tier: Tier::Cost, tolerance: Decimal::ZERO }];
        for lot in &mut changed.lots {
            lot.min_coverage = Decimal::ONE;
        }
        set_price(&mut changed, "S", "M", 10);
        // T is the cheaper for both lots.
        assert_alike(&mut warm, &changed);
        forbid(&mut changed, "S", "L");
        assert_alike(&mut warm, &changed);
        assert_eq!(models(&warm), 0, "nothing was to be solved");
        changed.decisions.clear();
        forbid(&mut changed, "T", "L");
        assert_alike(&mut warm, &changed);
        assert!(models(&warm) > 0, "T's award is gone");
        // Nor may another price be taken for the same program.
        changed.decisions.clear();
        set_price(&mut changed, "T", "L", 20);
        assert_alike(&mut warm, &changed);
    }

    #[test]
    fn what_is_infeasible_is_said_by_a_run_solve_anew() {
        let _alone = engine::lock();
        let mut warm = Warm::keeping();
        let mut changed = instance("");
        changed.lots[0].min_coverage = Decimal::new(1, 1);
        assert_alike(&mut warm, &changed);
        forbid(&mut changed, "S", "L");
        assert_alike(&mut warm, &changed);
        forbid(&mut changed, "T", "L");
        assert_eq!(values(&mut warm, &changed), None);
        assert_eq!(models(&warm), 0);
        changed.decisions.clear();
        assert_alike(&mut warm, &changed);
    }

    #[test]
    fn programs_with_binaries_or_a_spread_in_between_are_not_kept() {
        let _alone = engine::lock();
        let mut warm = Warm::keeping();
        values(&mut warm, &instance(r#", "setup_cost": 5"#));
        assert!(warm.held.is_none());
        let mut early = instance("");
        early.objectives =
            [Tier::Spread, Tier::Cost].map(|tier| Objective { tier, tolerance: Decimal::ZERO }).to_vec();
        values(&mut warm, &early);
        assert!(warm.held.is_none());
    }
}
