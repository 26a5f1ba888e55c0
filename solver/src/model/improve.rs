//! Better solutions of an integer program, looked for beside the engine.
//!
//! Branch and bound proves; on networks of hundreds of suppliers it finds late. What an award needs, a least total of its
//! supplier, a gap closed within the budget, room under every cap, hangs together, so that rounding one award after the
//! other ends where nothing fits. So while HiGHS runs, a large neighbourhood search (Shaw, *Using constraint programming
//! and local search methods to solve vehicle routing problems*, CP 1998; as a sub-program of an integer program:
//! Danna, Rothberg & Le Pape, *Exploring relaxation induced neighborhoods*, Math. Programming 102, 2005) improves the
//! best solution on another core:
//!
//! 1. of the first tier, the linear relaxation says what could be reached, lot by lot;
//! 2. one program over the switches that the relaxation or the solution uses, all others off (Berthold, *RENS*, Math.
//!    Programming Computation 6, 2014; with the solution's own, it is never infeasible);
//! 3. then round by round some lots are opened: those around a lot with something to gain, by shared suppliers, process
//!    or buyer. Switches that have no award there stay as they are; awards that are on may change
//!    in size everywhere, so that a held tier stays held while units move from lot to lot. HiGHS solves what is left,
//!    a few nodes deep. A neighbourhood that was solved to its end grows, one that was not shrinks.
//!
//! Every solution comes out of a [`Sheet`] and so keeps every rule and every held tier as the engine's own do. The
//! search hears of what the engine finds and goes on from there. The engine never hears of the search: what it
//! proves optimal is the same to the byte whatever ran beside it, and small programs end before the search begins. A round ends by its nodes, so that rounds are the
//! same for a seed; how many there are is a question of time.

use std::{
    collections::BTreeSet,
    panic::resume_unwind,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, TryRecvError},
    },
    thread,
    time::{Duration, Instant},
};

use highs::Sense;

use super::{
    Column, Network, Rules,
    engine::{Answer, Ended, IntegerSettings, Watch},
    linear::{Grain, column},
    network::count,
    sheet::Sheet,
    tiers::{Goal, Reached},
};
use crate::{generate::random::Stream, instance::Tier, solve::SolveError};

/// Fewer switches are no work for a second core.
const MANY_SWITCHES: usize = 100;

/// Of 4,300 switches (1,000 suppliers, 500 lots) the engine had not found in 47 s beside a search what it finds alone, and
/// the search not made up for it.
const MOST_SWITCHES: usize = 2500;

/// A program of more offers takes longer to write than the end of a time limit allows for.
const MOST_OFFERS: usize = 20_000;

/// What the engine solves within this time needs no search.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Switches of the first neighbourhoods, and of the smallest ones.
const FIRST_SIZE: f64 = 80.;
const LEAST_SIZE: f64 = 20.;

/// By what a neighbourhood grows or shrinks.
const GROWTH: f64 = 1.25;

/// Nodes of a round.
const NODES: u32 = 100;

/// Of what value and bound of a round may differ by, as a part of the whole tier: small, since a round is about a small
/// part.
const ROUND_GAP: f64 = 1e-6;

/// The longest that a round may take: a part of the time left, and between these.
const ROUND_SHARE: f64 = 0.1;
const SHORTEST_ROUND: f64 = 1.;
/// The same of the relaxation, and of the round over its switches.
const RELAXATION_SHARE: f64 = 0.3;
const SUPPORT_SHARE: f64 = 0.15;

/// What counts as on, in the relaxation.
const ON: f64 = 1e-6;

/// A lot is looked for so many times for each lot that there is.
const TRIES: usize = 4;

/// What a lot that cannot gain is drawn by, as a part of the mean.
const LITTLE: f64 = 0.2;

/// Steps between 0 and 1 in drawing lots.
const RESOLUTION: u64 = 1 << 32;

/// A tier of an integer program, and where its search begins.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub network: &'a Network<'a>,
    pub rules: &'a Rules,
    pub grain: Grain<'a>,
    pub settings: IntegerSettings,
    /// The tiers that were reached.
    pub before: &'a [Goal],
    pub reached: &'a [Reached],
    pub goal: &'a Goal,
    pub held: Option<&'a [f64]>,
}

impl<'a> Task<'a> {
    /// Whether a search is worth its core.
    pub fn is_worth_it(&self) -> bool {
        self.goal.tier != Tier::Spread
            && self.network.instance.limits.threads != 1
            && (MANY_SWITCHES..=MOST_SWITCHES).contains(&self.rules.switches.len())
            && self.network.offers.len() <= MOST_OFFERS
    }

    /// Runs the engine, with the search beside it; what the engine ended with, and the best solution of the search.
    pub fn beside<T>(
        &self,
        watch: &mut Watch<'_>,
        run: impl FnOnce(&mut Watch<'_>) -> T,
    ) -> (T, Option<Vec<f64>>) {
        let stop = AtomicBool::new(false);
        let (news, heard) = mpsc::channel();
        let deadline = watch.deadline;
        thread::scope(|scope| {
            let halt = &stop;
            // Whatever goes wrong there, the engine's own answer stands.
            let search = scope.spawn(move || self.search(&heard, halt, deadline).unwrap_or_default());
            watch.news = Some(news);
            let done = run(watch);
            watch.news = None;
            stop.store(true, Ordering::Relaxed);
            (done, search.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })
    }

    fn search(
        &self,
        heard: &Receiver<Vec<f64>>,
        stop: &AtomicBool,
        deadline: Instant,
    ) -> Result<Option<Vec<f64>>, SolveError> {
        let begin = Instant::now() + PATIENCE;
        let mut best = self.held.map(|held| held[..self.goal.costs.len()].to_vec());
        // Nobody speaks after the engine's run.
        loop {
            match heard.recv_timeout(begin.saturating_duration_since(Instant::now())) {
                Ok(columns) => best = self.better(best, columns),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
        let mut silent = |_: &crate::solve::Progress| {};
        let left = deadline.saturating_duration_since(Instant::now()).as_secs_f64();
        let mut watch = Watch::new(left, stop, &mut silent);
        let Some(mut rounds) = Rounds::new(*self, best, &mut watch)? else {
            return Ok(None);
        };
        loop {
            match heard.try_recv() {
                Ok(columns) => rounds.hear(columns),
                // Without a solution to start from, only the engine can find one.
                Err(TryRecvError::Empty) if rounds.best.is_none() => match heard.recv() {
                    Ok(columns) => rounds.hear(columns),
                    Err(_) => break,
                },
                Err(TryRecvError::Empty) if watch.is_over() || !rounds.round(&mut watch)? => break,
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => break,
            }
        }
        Ok(rounds.best)
    }

    /// The better of the best solution and one that the engine found, if that is as good as checked: tangents and exact
    /// numbers may still refuse it otherwise.
    fn better(&self, best: Option<Vec<f64>>, mut found: Vec<f64>) -> Option<Vec<f64>> {
        let checked = self.rules.cones.is_empty() && matches!(self.grain, Grain::Shares);
        found.truncate(self.goal.costs.len());
        match best {
            _ if !checked => best,
            Some(best) if !self.goal.improves(&found, &best) => Some(best),
            _ => Some(found),
        }
    }

    /// The program, with the tiers before held, and this one's objective.
    fn sheet(&self) -> Result<Option<Sheet<'a>>, SolveError> {
        let settings = IntegerSettings { relative_gap: ROUND_GAP, most_nodes: Some(NODES), ..self.settings };
        let Some(mut sheet) = Sheet::new(self.network, self.rules, self.grain, settings, |_| true)? else {
            return Ok(None);
        };
        for (goal, reached) in self.before.iter().zip(self.reached) {
            goal.keep(&mut sheet, reached.value)?;
        }
        sheet.engine.solve_small_parts()?;
        sheet.set_objective(self.goal.sense(), &self.goal.costs);
        Ok(Some(sheet))
    }
}

/// Runs for no longer than a share of the time left.
fn within<T>(share: f64, watch: &mut Watch<'_>, run: impl FnOnce(&mut Watch<'_>) -> T) -> T {
    let end = watch.deadline;
    let seconds = (watch.seconds_left() * share).max(SHORTEST_ROUND);
    watch.deadline = end.min(Instant::now() + Duration::from_secs_f64(seconds));
    let done = run(watch);
    watch.deadline = end;
    done
}

/// How the lots of a neighbourhood hang together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// By suppliers that may serve both.
    Suppliers,
    Process,
    Buyer,
    /// By nothing but what each could gain.
    Gain,
}

const KINDS: [Kind; 4] = [Kind::Suppliers, Kind::Gain, Kind::Process, Kind::Buyer];

/// The search on its way.
struct Rounds<'a> {
    task: Task<'a>,
    sheet: Sheet<'a>,
    best: Option<Vec<f64>>,
    relaxed: Option<Vec<f64>>,
    dice: Stream,
    /// By lot, the switches that have an award there.
    switches_of: Vec<Vec<usize>>,
    /// By kind.
    sizes: [f64; KINDS.len()],
    turn: usize,
}

impl<'a> Rounds<'a> {
    /// Solves the relaxation and the program over what it uses. `None`: the columns' limits contradict each other.
    fn new(
        task: Task<'a>,
        best: Option<Vec<f64>>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Self>, SolveError> {
        let Some(sheet) = task.sheet()? else {
            return Ok(None);
        };
        let mut switches_of = vec![BTreeSet::new(); task.network.lots.len()];
        for (switch, of) in task.rules.switches.iter().enumerate() {
            for offer in &of.offers {
                switches_of[task.network.offers[*offer].lot].insert(switch);
            }
        }
        let mut rounds = Self {
            task,
            sheet,
            best,
            relaxed: None,
            dice: Stream::of_seed(u64::from(task.network.instance.limits.seed)),
            switches_of: switches_of.into_iter().map(|switches| switches.into_iter().collect()).collect(),
            sizes: [FIRST_SIZE; KINDS.len()],
            turn: 0,
        };
        // Held tiers make the relaxation slow, and their solution is better than any that the first one starts from.
        if task.before.is_empty() {
            rounds.relax(watch)?;
            rounds.support(watch)?;
        }
        Ok(Some(rounds))
    }

    fn hear(&mut self, columns: Vec<f64>) {
        self.best = self.task.better(self.best.take(), self.sheet.clean(columns));
    }

    /// The linear relaxation, near enough to choose by.
    fn relax(&mut self, watch: &mut Watch<'_>) -> Result<(), SolveError> {
        let engine = &mut self.sheet.engine;
        self.relaxed = within(RELAXATION_SHARE, watch, |watch| engine.relaxation(watch))?;
        if engine.is_lost() {
            self.build_again()?;
        }
        Ok(())
    }

    /// Whether a switch is on in the relaxation or in the best solution.
    fn is_used(&self, switch: usize) -> bool {
        let at = self.position(switch);
        let on = |columns: &Vec<f64>| columns[at] > ON;
        self.relaxed.as_ref().is_some_and(on) || self.best.as_ref().is_some_and(on)
    }

    /// The program over the switches that are on in the relaxation or in the best solution.
    fn support(&mut self, watch: &mut Watch<'_>) -> Result<(), SolveError> {
        if self.relaxed.is_none() {
            return Ok(());
        }
        let open: Vec<bool> =
            (0..self.task.rules.switches.len()).map(|switch| self.is_used(switch)).collect();
        self.solve(&open, SUPPORT_SHARE, watch)?;
        Ok(())
    }

    fn position(&self, switch: usize) -> usize {
        column(self.task.network, self.task.rules, Column::Switch(switch))
    }

    /// One neighbourhood of the best solution; whether there may be another one.
    fn round(&mut self, watch: &mut Watch<'_>) -> Result<bool, SolveError> {
        if self.sheet.engine.is_lost() && !self.build_again()? {
            return Ok(false);
        }
        let kind = self.turn % KINDS.len();
        // Every second time round only the switches that the relaxation uses as well, and so of more lots.
        let used = self.relaxed.is_some() && (self.turn / KINDS.len()).is_multiple_of(2);
        self.turn += 1;
        let open = self.neighbourhood(KINDS[kind], self.sizes[kind], used);
        let (ended, improved) = self.solve(&open, ROUND_SHARE, watch)?;
        let size = &mut self.sizes[kind];
        match ended {
            Ended::Optimal if !improved => *size *= GROWTH,
            Ended::Optimal => {}
            _ => *size = (*size / GROWTH).max(LEAST_SIZE),
        }
        *size = size.min(count(open.len() as u64));
        Ok(true)
    }

    /// Solves with all switches but the open ones as they are in the best solution, off without one; how it ended, and
    /// whether that is a better solution.
    fn solve(
        &mut self,
        open: &[bool],
        share: f64,
        watch: &mut Watch<'_>,
    ) -> Result<(Ended, bool), SolveError> {
        for (switch, open) in open.iter().enumerate() {
            let at = self.position(switch);
            let now = self.best.as_ref().map_or(0., |best| best[at].round());
            let (low, high) = if *open { (0., 1.) } else { (now, now) };
            self.sheet.engine.limit_column(at, low, high)?;
        }
        self.sheet.engine.expect_anything();
        if let Some(best) = &self.best {
            self.sheet.start_from(best)?;
        }
        let answer = within(share, watch, |watch| self.sheet.run(watch));
        let Answer { ended, columns, .. } = answer?;
        let goal = self.task.goal;
        let better =
            columns.filter(|columns| self.best.as_ref().is_none_or(|best| goal.improves(columns, best)));
        let improved = better.is_some();
        self.best = better.or(self.best.take());
        Ok((ended, improved))
    }

    /// The switches of some lots; `used`: of those that are on in the relaxation or in the best solution.
    fn neighbourhood(&mut self, kind: Kind, size: f64, used: bool) -> Vec<bool> {
        let network = self.task.network;
        let gains = self.gains();
        let mut open = vec![false; self.task.rules.switches.len()];
        let (mut lots, mut opened) = (Vec::new(), 0_u64);
        let mut inside = vec![false; network.lots.len()];
        // Lots that are met again and again end it.
        for _ in 0..network.lots.len().saturating_mul(TRIES) {
            if count(opened) >= size {
                break;
            }
            let lot = self.next_lot(kind, &lots, &gains);
            if std::mem::replace(&mut inside[lot], true) {
                continue;
            }
            lots.push(lot);
            for switch in self.switches_of[lot].iter().filter(|switch| !used || self.is_used(**switch)) {
                opened += u64::from(!std::mem::replace(&mut open[*switch], true));
            }
        }
        open
    }

    fn next_lot(&mut self, kind: Kind, lots: &[usize], gains: &[f64]) -> usize {
        let network = self.task.network;
        let Some(first) = lots.first() else {
            return self.drawn(gains);
        };
        let like = |same: &dyn Fn(usize) -> bool| -> Vec<usize> {
            (0..network.lots.len()).filter(|lot| same(*lot)).collect()
        };
        let among = match kind {
            Kind::Gain => return self.drawn(gains),
            Kind::Process => like(&|lot| network.lots[lot].process == network.lots[*first].process),
            Kind::Buyer => like(&|lot| network.buyer_of[lot] == network.buyer_of[*first]),
            Kind::Suppliers => {
                let lot = lots[self.dice.position(lots.len())];
                let offers = &network.by_lot[lot];
                let Some(offer) = offers.get(self.dice.position(offers.len())) else {
                    return lot;
                };
                let theirs = &network.by_supplier[network.offers[*offer].supplier];
                theirs.iter().map(|offer| network.offers[*offer].lot).collect()
            }
        };
        among.get(self.dice.position(among.len())).copied().unwrap_or(*first)
    }

    /// A lot, those that could gain more being drawn more often.
    fn drawn(&mut self, gains: &[f64]) -> usize {
        let mut point = count(self.dice.below(RESOLUTION)) / count(RESOLUTION) * gains.iter().sum::<f64>();
        for (lot, gain) in gains.iter().enumerate() {
            point -= gain;
            if point < 0. {
                return lot;
            }
        }
        self.dice.position(gains.len())
    }

    /// By lot, by how much the relaxation is better there than the best solution, or without one the best offer for all
    /// of what is awarded; a little for each.
    fn gains(&self) -> Vec<f64> {
        let (network, goal) = (self.task.network, self.task.goal);
        let mut gains = vec![0.; network.lots.len()];
        for (gain, offers) in gains.iter_mut().zip(&network.by_lot) {
            let Some(best) = &self.best else {
                continue;
            };
            let now: f64 = offers.iter().map(|offer| goal.costs[*offer] * best[*offer]).sum();
            let all: f64 = offers.iter().map(|offer| best[*offer]).sum();
            let costs = offers.iter().map(|offer| goal.costs[*offer]);
            *gain = match (&self.relaxed, goal.sense()) {
                (Some(relaxed), _) => {
                    offers.iter().map(|offer| goal.costs[*offer] * relaxed[*offer]).sum::<f64>() - now
                }
                (None, Sense::Maximise) => all * costs.fold(0., f64::max) - now,
                (None, Sense::Minimise) => {
                    all * costs.fold(f64::INFINITY, f64::min).min(now / all.max(ON)) - now
                }
            };
        }
        let better = |gain: f64| match goal.sense() {
            Sense::Maximise => gain.max(0.),
            Sense::Minimise => (-gain).max(0.),
        };
        let gains: Vec<f64> = gains.into_iter().map(better).collect();
        let all: f64 = gains.iter().sum();
        let little = if all > 0. { all / count(gains.len() as u64) * LITTLE } else { 1. };
        gains.into_iter().map(|gain| gain + little).collect()
    }

    fn build_again(&mut self) -> Result<bool, SolveError> {
        let task = self.task;
        let Some(sheet) = task.sheet()? else {
            return Ok(false);
        };
        self.sheet = sheet;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Instance,
        generate::{Family, Options, generate},
        model::{Standings, double, engine, start, tiers},
        read,
    };

    const ROUNDS: usize = 12;

    fn small(seed: u64) -> Instance {
        let (suppliers, lots, buyers, pairs_per_lot) = (10, 8, 3, 4);
        let family = Family::Integer;
        generate(&Options { suppliers, lots, buyers, pairs_per_lot, tightness: None, family, seed })
    }

    /// Where a search of some rounds begins and ends, and the optimum, in the first tier of an instance.
    fn searched(instance: &Instance, check: impl Fn(&Sheet<'_>, &[f64])) -> Option<[f64; 3]> {
        let network = Network::new(instance);
        let rules = Rules::new(&network, &Standings::new(&network));
        let all: Vec<u64> = (0..network.offers.len()).map(|i| network.quantity(i)).collect();
        let grain = if instance.whole_units { Grain::Units(&all) } else { Grain::Shares };
        let settings =
            IntegerSettings { relative_gap: 0., most_nodes: None, tolerance: tiers::UNITS_TOLERANCE };
        let goal = Goal::new(&network, &rules, &instance.objectives[0], grain);
        let begin = start::awards(&network, &rules, || false)?;
        let begin = super::super::linear::columns_of(&network, &rules, grain, &begin);
        let held = Some(&begin[..]);
        let task = Task {
            network: &network,
            rules: &rules,
            grain,
            settings,
            before: &[],
            reached: &[],
            goal: &goal,
            held,
        };
        let never = AtomicBool::new(false);
        let mut silent = |_: &crate::solve::Progress| {};
        let mut watch = Watch::new(600., &never, &mut silent);
        let mut search = || {
            let mut rounds = Rounds::new(task, held.map(<[f64]>::to_vec), &mut watch).expect("no defect")?;
            rounds.sizes = [LEAST_SIZE / 2.; KINDS.len()];
            for _ in 0..ROUNDS {
                assert!(rounds.round(&mut watch).expect("no defect"));
            }
            check(&rounds.sheet, rounds.best.as_deref()?);
            rounds.best
        };
        let found = search()?;
        assert_eq!(search().as_ref(), Some(&found), "rounds are the same for a seed");
        if instance.whole_units {
            // Their optimum takes minutes to prove.
            return Some([goal.value(&begin), goal.value(&found), f64::INFINITY]);
        }
        let mut sheet = Sheet::new(&network, &rules, grain, settings, |_| true).expect("no defect")?;
        sheet.set_objective(goal.sense(), &goal.costs);
        let best = sheet.run(&mut watch).expect("no defect");
        assert_eq!(best.ended, Ended::Optimal);
        Some([goal.value(&begin), goal.value(&found), goal.value(&best.columns?)])
    }

    #[test]
    fn a_search_ends_between_its_beginning_and_the_optimum() {
        let _alone = engine::lock();
        let (mut reached, mut all) = (0, 0);
        for seed in 0..12 {
            let Some([begin, found, best]) = searched(&small(seed), |_, _| {}) else {
                panic!("seed {seed}: no solution");
            };
            let little = 1e-6 * best.abs().max(1.);
            assert!(begin - little <= found && found <= best + little, "{seed}: {begin} {found} {best}");
            (reached, all) = (reached + u32::from(found >= best - 1e-3 * best), all + 1);
        }
        assert!(2 * reached > all, "the optimum of a small instance is often reached: {reached} of {all}");
    }

    #[test]
    fn whole_units_that_a_search_finds_keep_every_rule_exactly() {
        let _alone = engine::lock();
        for seed in 0..2 {
            let mut instance = small(seed);
            instance.whole_units = true;
            let values = searched(&instance, |sheet, columns| {
                let units = sheet.units(columns);
                assert_eq!(sheet.rules.broken(sheet.network, &units), [], "seed {seed}");
                let value = sheet.rules.tier_value(sheet.network, Tier::Coverage, &units);
                assert!(double(&value) >= 0.);
            });
            assert!(
                values
                    .is_some_and(|[begin, found, best]| begin <= found + 1e-6 && found <= best + 1e-6 * best)
            );
        }
    }

    #[test]
    fn a_search_without_a_solution_ends_with_the_engine() {
        let _alone = engine::lock();
        let text = br#"{"format": "eslabon-instance/1", "currency": "USD", "objectives": ["coverage"],
            "buyers": [{"id": "A"}], "suppliers": [{"id": "S", "max_awards": 1}],
            "lots": [{"id": "L", "buyer": "A", "process": "p", "quantity": 50, "reference_price": 10, "must_award": true},
                {"id": "M", "buyer": "A", "process": "p", "quantity": 50, "reference_price": 10, "must_award": true}],
            "pairs": [{"supplier": "S", "lot": "L"}, {"supplier": "S", "lot": "M"}]}"#;
        let instance = read::from_json(text).expect("a valid instance").instance;
        let network = Network::new(&instance);
        let rules = Rules::new(&network, &Standings::new(&network));
        let settings =
            IntegerSettings { relative_gap: 0., most_nodes: None, tolerance: tiers::UNITS_TOLERANCE };
        let goal = Goal::new(&network, &rules, &instance.objectives[0], Grain::Shares);
        let task = Task {
            network: &network,
            rules: &rules,
            grain: Grain::Shares,
            settings,
            before: &[],
            reached: &[],
            goal: &goal,
            held: None,
        };
        let never = AtomicBool::new(false);
        let mut silent = |_: &crate::solve::Progress| {};
        let mut watch = Watch::new(600., &never, &mut silent);
        let begin = Instant::now();
        let (ended, found) = task.beside(&mut watch, |_| {
            // The engine takes a while to say that nothing is feasible.
            thread::park_timeout(PATIENCE + PATIENCE / 2);
            Ended::Infeasible
        });
        assert_eq!((ended, found), (Ended::Infeasible, None));
        assert!(begin.elapsed() < 4 * PATIENCE, "{:?}", begin.elapsed());
    }
}
