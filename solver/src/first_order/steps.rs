//! Steps of the method: reflected Halpern iterations of primal-dual hybrid gradient.
//!
//! For least c·x with A·x ≤ b and x within its limits, one step of the primal-dual method (Chambolle & Pock,
//! J. Math. Imaging Vis. 40, 2011) from (x, y) is
//!
//! ```text
//! x⁺ = clamp(x − τ (c + Aᵀy))      y⁺ = max(0, y + σ (A (2x⁺ − x) − b))      τ = η/ω, σ = η·ω
//! ```
//!
//! and what is kept is a mean of its reflection 2(x⁺, y⁺) − (x, y) and the point where the round began, with
//! weights (k + 1)/(k + 2) and 1/(k + 2) (Lu & Yang, arXiv:2407.16144). One pass over a supplier's offers does
//! all of it: prices of its slots, its awards, its rows. Only the wide rows, lots above all, wait for everybody's.
//!
//! Threads own consecutive suppliers. Each adds up its part of the wide rows and shows it to the others; then all
//! of them take the step of the wide rows, each for itself, adding in the same order. So results depend on the
//! number of threads, and on nothing else.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::program::{Part, Program};

/// ω before there is one.
pub(super) const NO_WEIGHT: f64 = 0.;

/// How often a waiting thread looks before it lets others run.
const SPINS: u32 = 2_000;

/// Duals of some rows, and where they stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// Now, at the round's beginning, and of the last step itself.
    pub now: Vec<f64>,
    pub begin: Vec<f64>,
    pub step: Vec<f64>,
    /// A·x now and at the round's beginning.
    sums: Vec<f64>,
    begin_sums: Vec<f64>,
}

impl Rows {
    fn new(rows: usize) -> Self {
        Self {
            now: vec![0.; rows],
            begin: vec![0.; rows],
            step: vec![0.; rows],
            sums: vec![0.; rows],
            begin_sums: vec![0.; rows],
        }
    }

    /// The step of one row, given A·(2x⁺ − x).
    #[inline]
    fn advance(&mut self, row: usize, sum: f64, limit: f64, how: &Pace, moved: &mut Moved) {
        let now = self.now[row];
        let step = (now + how.sigma * (sum - limit)).max(0.);
        if how.last {
            let by = step - now;
            moved.dual += by * by;
            moved.cross += by * 0.5 * (sum - self.sums[row]);
            self.step[row] = step;
        }
        let rest = 1. - how.weight;
        self.now[row] = how.weight * (2. * step - now) + rest * self.begin[row];
        self.sums[row] = how.weight * sum + rest * self.begin_sums[row];
    }

    fn begin_from_step(&mut self) -> f64 {
        let moved = self.step.iter().zip(&self.begin).map(|(one, other)| (one - other).powi(2)).sum();
        self.now.copy_from_slice(&self.step);
        self.begin.copy_from_slice(&self.step);
        moved
    }
}

/// Where one part stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Awards, scaled.
    pub now: Vec<f64>,
    pub begin: Vec<f64>,
    pub step: Vec<f64>,
    pub rows: Rows,
    /// Of all wide rows, the same in every part.
    pub wide: Rows,
    pub costs: Vec<f64>,
    /// The sum of the sizes of what each cost is made of.
    pub sizes: Vec<f64>,
}

/// How far the last step moved: squares of the awards' and the duals' parts, and their product.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moved {
    pub primal: f64,
    pub dual: f64,
    pub cross: f64,
}

impl Moved {
    /// The distance in the method's own norm.
    pub fn distance(&self, eta: f64, omega: f64) -> f64 {
        (self.primal * omega / eta - 2. * self.cross + self.dual / (omega * eta)).max(0.).sqrt()
    }
}

/// One step's lengths.
#[derive(Clone, Copy, Debug)]
struct Pace {
    tau: f64,
    sigma: f64,
    /// Weight of the reflection.
    weight: f64,
    /// Whether it is the last one, which leaves a record.
    last: bool,
}

/// The method's state over all parts.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    pub places: Vec<Place>,
    /// η.
    pub eta: f64,
    /// ω.
    pub omega: f64,
    /// Steps of this round so far.
    pub round: usize,
}

impl Steps {
    /// From awards of nothing.
    pub fn new(program: &Program) -> Self {
        let wide = program.wide_limits.len();
        let places = program
            .parts
            .iter()
            .map(|part| Place {
                now: part.low.clone(),
                begin: part.low.clone(),
                step: part.low.clone(),
                rows: Rows::new(part.limits.len()),
                wide: Rows::new(wide),
                costs: vec![0.; part.low.len()],
                sizes: vec![0.; part.low.len()],
            })
            .collect();
        Self { places, eta: 1., omega: NO_WEIGHT, round: 0 }
    }

    /// Sets c to a sum of objectives, each by offer of the network, with their weights.
    pub fn set_costs(&mut self, program: &Program, objectives: &[(f64, &[f64])]) {
        for (place, part) in self.places.iter_mut().zip(&program.parts) {
            for (i, unit) in part.unit.iter().enumerate() {
                let terms = objectives.iter().map(|(weight, costs)| weight * costs[part.first + i] * unit);
                (place.costs[i], place.sizes[i]) =
                    terms.fold((0., 0.), |(sum, size), term| (sum + term, size + term.abs()));
            }
        }
    }

    /// Begins a round at the last step; the distances that awards and duals went since the last beginning.
    pub fn begin_round(&mut self, program: &Program) -> (f64, f64) {
        let (mut primal, mut dual) = (0., 0.);
        for place in &mut self.places {
            primal +=
                place.step.iter().zip(&place.begin).map(|(one, other)| (one - other).powi(2)).sum::<f64>();
            place.now.copy_from_slice(&place.step);
            place.begin.copy_from_slice(&place.step);
            dual += place.rows.begin_from_step();
        }
        for (i, place) in self.places.iter_mut().enumerate() {
            let moved = place.wide.begin_from_step();
            if i == 0 {
                dual += moved;
            }
        }
        self.sum_up(program);
        self.round = 0;
        (primal.sqrt(), dual.sqrt())
    }

    /// A·x where the round begins.
    fn sum_up(&mut self, program: &Program) {
        let mut wide = vec![0.; program.wide_limits.len()];
        for (place, part) in self.places.iter_mut().zip(&program.parts) {
            add_wide_sums(part, &place.now, &mut wide);
            row_sums(part, &place.now, &mut place.rows.sums);
            place.rows.begin_sums.copy_from_slice(&place.rows.sums);
        }
        for place in &mut self.places {
            place.wide.sums.copy_from_slice(&wide);
            place.wide.begin_sums.copy_from_slice(&wide);
        }
    }

    /// Takes some steps.
    pub fn advance(&mut self, program: &Program, steps: usize) -> Moved {
        let threads = self.places.len();
        let wide = program.wide_limits.len();
        let shown: [Vec<Vec<AtomicU64>>; 2] = std::array::from_fn(|_| {
            (0..threads).map(|_| (0..wide).map(|_| AtomicU64::new(0)).collect()).collect()
        });
        let meeting = Meeting { threads, arrived: AtomicUsize::new(0) };
        let (eta, omega, round) = (self.eta, self.omega, self.round);
        let pace = |step: usize| {
            let k = f64::from(u32::try_from(round + step).unwrap_or(u32::MAX));
            Pace {
                tau: eta / omega,
                sigma: eta * omega,
                weight: (k + 1.) / (k + 2.),
                last: step + 1 == steps,
            }
        };
        let work = |me: usize, place: &mut Place, part: &Part| {
            let mut moved = Moved::default();
            let mut own = vec![0.; wide];
            let mut scratch = Scratch { prices: Vec::new(), sums: Vec::new() };
            for step in 0..steps {
                let how = pace(step);
                own.fill(0.);
                sweep(part, place, &how, &mut own, &mut scratch, &mut moved);
                if threads > 1 {
                    let shown = &shown[step % 2];
                    for (cell, sum) in shown[me].iter().zip(&own) {
                        cell.store(sum.to_bits(), Ordering::Relaxed);
                    }
                    meeting.wait(step + 1);
                    own.fill(0.);
                    for cells in shown {
                        for (sum, cell) in own.iter_mut().zip(cells) {
                            *sum += f64::from_bits(cell.load(Ordering::Relaxed));
                        }
                    }
                }
                let mut of_wide = Moved::default();
                for (row, sum) in own.iter().enumerate() {
                    place.wide.advance(row, *sum, program.wide_limits[row], &how, &mut of_wide);
                }
                if me == 0 {
                    moved.dual += of_wide.dual;
                    moved.cross += of_wide.cross;
                }
            }
            moved
        };
        let mut all = Moved::default();
        std::thread::scope(|scope| {
            let mut places = self.places.iter_mut().zip(&program.parts).enumerate();
            let mine = places.next();
            let others: Vec<_> = places
                .map(|(me, (place, part))| {
                    let work = &work;
                    scope.spawn(move || work(me, place, part))
                })
                .collect();
            let first = mine.map(|(me, (place, part))| work(me, place, part));
            let rest = others.into_iter().filter_map(|thread| thread.join().ok());
            for moved in first.into_iter().chain(rest) {
                all.primal += moved.primal;
                all.dual += moved.dual;
                all.cross += moved.cross;
            }
        });
        self.round += steps;
        all
    }
}

/// Where threads wait for each other.
struct Meeting {
    threads: usize,
    arrived: AtomicUsize,
}

impl Meeting {
    /// Waits until everybody has come for the n-th time.
    fn wait(&self, time: usize) {
        self.arrived.fetch_add(1, Ordering::AcqRel);
        let mut spins = 0;
        while self.arrived.load(Ordering::Acquire) < time * self.threads {
            spins += 1;
            if spins < SPINS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}

/// Slots of one supplier.
struct Scratch {
    prices: Vec<f64>,
    sums: Vec<f64>,
}

/// One step of a part, but for the wide rows, whose sums it adds to `wide`.
fn sweep(
    part: &Part,
    place: &mut Place,
    how: &Pace,
    wide: &mut [f64],
    scratch: &mut Scratch,
    moved: &mut Moved,
) {
    let Place { now, begin, step, rows, wide: wide_rows, costs, .. } = place;
    let wide_prices = &wide_rows.now;
    let rest = 1. - how.weight;
    for block in &part.blocks {
        scratch.prices.clear();
        scratch.prices.resize(block.slots.len(), 0.);
        scratch.sums.clear();
        scratch.sums.resize(block.slots.len(), 0.);
        let slots = block.slots.start;
        for row in block.rows.clone() {
            let dual = rows.now[row];
            if dual != 0. {
                for (slot, factor) in part.rows.at(row) {
                    scratch.prices[*slot as usize - slots] += dual * factor;
                }
            }
        }
        for i in block.offers.clone() {
            let mut reduced = costs[i];
            let (near, far) = (part.near.at(i), part.far.at(i));
            for (slot, factor) in near {
                reduced += scratch.prices[*slot as usize - slots] * factor;
            }
            for (row, factor) in far {
                reduced += wide_prices[*row as usize] * factor;
            }
            let to = (now[i] - how.tau * reduced).max(part.low[i]).min(part.high[i]);
            let reflected = 2. * to - now[i];
            for (slot, factor) in near {
                scratch.sums[*slot as usize - slots] += factor * reflected;
            }
            for (row, factor) in far {
                wide[*row as usize] += factor * reflected;
            }
            if how.last {
                moved.primal += (to - now[i]).powi(2);
                step[i] = to;
            }
            now[i] = how.weight * reflected + rest * begin[i];
        }
        for row in block.rows.clone() {
            let terms = part.rows.at(row).iter();
            let sum = terms.map(|(slot, factor)| scratch.sums[*slot as usize - slots] * factor).sum();
            rows.advance(row, sum, part.limits[row], how, moved);
        }
    }
}

/// Adds a part's sums of the wide rows.
pub(super) fn add_wide_sums(part: &Part, awards: &[f64], wide: &mut [f64]) {
    for (i, award) in awards.iter().enumerate() {
        for (row, factor) in part.far.at(i) {
            wide[*row as usize] += factor * award;
        }
    }
}

/// The sums of a part's own rows.
pub(super) fn row_sums(part: &Part, awards: &[f64], sums: &mut [f64]) {
    let mut slots = vec![0.; part.slots];
    for (i, award) in awards.iter().enumerate() {
        for (slot, factor) in part.near.at(i) {
            slots[*slot as usize] += factor * award;
        }
    }
    for (row, sum) in sums.iter_mut().enumerate() {
        *sum = part.rows.at(row).iter().map(|(slot, factor)| slots[*slot as usize] * factor).sum();
    }
}
