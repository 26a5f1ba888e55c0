//! Which supplier serves which lot, while no buyer gets a dangerous hold over a supplier.
//!
//! An [`Instance`] says what lead firms need (*lots*), who may serve what at which price (*pairs*), what
//! suppliers can make and to whom they sell today. [`solve()`] chooses awards that keep every rule and are
//! best in the instance's tiers, in order; an independent [`check`] verifies each rule and each figure in
//! exact fractions before a result leaves the crate.
//!
//! # The model
//!
//! For supplier s and lot l (quantity q units, price p per unit, y years): x ∈ [0, 1] is the share of the
//! lot that s gets, u = q·x its units, p·u the contract amount and a = p·u / y the annual amount, both in
//! the instance's one currency. `E[s,g]` are existing annual sales to buyer group g, `R[s]` annual sales, both
//! without what expires; `A[s,g]` = Σ a over lots of g, and `N[s]` = Σ a over all lots.
//!
//! * **Demand** Σ x ≤ 1, and ≥ `min_coverage`. **Capacity** Σ load·u ≤ amount, per process. **Budgets** on
//!   contract amounts; **dual sourcing** Σ p·u of one supplier ≤ share · Σ p·u of its buyer.
//! * **Dependency**, for every cap t, with base = R + N, or R where the instance is conservative:
//!
//!   E + A  ≤  t · base + max(allowance, E − t·R if `no_worsening`)
//!
//!   Who is above its cap takes from that buyer at most the share t of its *new* business, so its share can
//!   only fall. Undisclosed sales count as R = base = 0: only the allowance is left.
//! * **Concentration** ‖(E + A)_g‖₂ ≤ √(H/10⁴) · base, H the buyer HHI allowed (0…10000): a second-order
//!   cone, held by tangent planes added where a solution breaks it (the cutting planes of Kelley, J. SIAM 8,
//!   1960; each tangent is valid by Cauchy's and Schwarz's inequality).
//! * **Counting rules** need to know whether somebody is awarded at all: a *switch* is 1 exactly when one of
//!   its awards has units. `min_share`, numbers of suppliers, all or nothing, `max_awards`, `min_total`,
//!   `setup_cost`, consortia (nobody wins a lot in two ways) and gaps (a pair opens when its gaps close, within
//!   the development budget) are sums over awards and switches. An instance without them has no switch,
//!   and is a linear program.
//! * A **consortium**'s pair makes one offer for each member: the split is part of the solution, and members'
//!   capacity, caps and sales need no rule of their own.
//! * **Tiers** are optimised one after the other, each held at the best value *found*, less its tolerance:
//!   coverage, fit, cost, number of suppliers, and spread, the smallest τ' that may replace every larger cap,
//!   found by bisection and the ratios of solutions on the way (Dinkelbach, Management Science 13, 1967).
//!
//! Every rule is stated once, in exact numbers of whole units (`model/rules`). The program over shares, the
//! integer program over units, the exact test, the search for a conflict and the least relaxation are
//! readings of that one list. HiGHS solves; `good_lp` writes the programs. Large linear programs under tight caps,
//! on which it takes minutes, go to an engine of our own (`first_order`), which ends with a value that shares reach and
//! a bound that is proven, at most `relative_gap` apart; `engine` says which it was.
//! While an integer program of some size runs, a large neighbourhood search beside it looks for better solutions
//! (`model/improve`); they count where HiGHS does not prove its own optimal within the time.
//!
//! # Publication
//!
//! Shares become whole units in two ways (`publish`), both tested exactly. Below any start there is a
//! greatest rounding that keeps the rules which limit from above: taking from broken rows arrives at it, and lots
//! are then filled up as far as the rules allow. Where that loses more than next to
//! nothing, a second optimisation near the shares follows; a row that the engine kept only within its tolerance is
//! tightened and solved again. Rounding each share by itself broke a rule in 120 of 160 random instances. `tiers` states what the model reached, its proven bound, and what the
//! published units reach.
//!
//! # Solving again
//!
//! A [`Session`] solves an instance again as people decide, from where it was solved before: every tier of a linear
//! program keeps its model and its optimal basis in the engine, what changed is changed there, and the dual simplex
//! method mends the rest. A tier whose best shares do not use what was taken away is proven to stay what it is, and
//! nothing is solved. Explanations do the same with a cap, a capacity or a gap. [`frontier()`] does not: its steps
//! are so large that a new solve is faster.
//!
//! # Example
//!
//! Luz sells 1,000 a year, nothing of it to Acero. Under a cap of 30 % it may take
//! 10·u ≤ 0.3 · (1000 + 10·u), that is 42 of Acero's 100 units.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//!
//! use eslabon_solver::{outcome::Status, read, solve, solve::Control};
//!
//! let instance = br#"{
//!     "format": "eslabon-instance/1", "currency": "USD", "dependency_cap": "0.3",
//!     "buyers": [{"id": "acero"}],
//!     "suppliers": [{"id": "luz", "annual_sales": 1000}],
//!     "lots": [{"id": "brackets", "buyer": "acero", "process": "laser", "quantity": 100, "reference_price": 10}],
//!     "pairs": [{"supplier": "luz", "lot": "brackets"}]
//! }"#;
//! let reading = read::from_json(instance).expect("a valid instance");
//! let mut control = Control { progress: &mut |_| {}, cancel: &AtomicBool::new(false) };
//! let outcome = solve(&reading, &mut control).expect("no defect");
//!
//! assert_eq!(outcome.status, Status::Optimal);
//! assert_eq!(outcome.awards[0].quantity, 42);
//! assert_eq!(outcome.dependency[0].after.as_deref(), Some("0.295774648"));
//! ```

pub mod alternatives;
pub mod check;
pub mod decimal;
pub mod explain;
pub mod export;
mod first_order;
pub mod frontier;
pub mod generate;
mod halves;
pub mod instance;
mod model;
pub mod outcome;
pub mod problem;
mod publish;
mod ratio;
pub mod read;
mod session;
pub mod solve;
pub mod write;

pub use alternatives::alternatives;
pub use decimal::Decimal;
pub use explain::Explain;
pub use frontier::{Frontier, frontier};
pub use instance::Instance;
pub use outcome::{Comparison, Outcome, compare};
pub use session::{NoPair, Session};
pub use solve::{solve, solve_explained};
