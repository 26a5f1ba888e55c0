//! One instance, solved again and again as people decide.
//!
//! Whoever goes through a proposal approves one award, rejects the next and looks at what that changes. A
//! [`Session`] keeps the solved program in the engine, with the basis of every tier, and solves a changed
//! instance from there: on 6,000 pairs in a small part of what the first solve took. The result is that of
//! [`crate::solve()`] on the changed instance: the same status and tiers, whole units that keep every rule,
//! everything checked. Only where several awards are equally good may a session choose others, and where a row holds a
//! tier (one with a tolerance, or whose optimum leaves no duals), which leaves 1e-9 of its value, a later tier may differ
//! by about 1e-5 of its own on the largest instances.
//!
//! It is warm wherever the instance is a linear program and stays one of the same columns and rows: decisions
//! about suppliers, [`Session::set_dependency_cap`] (which a small step makes faster, and a large one does not), and in [`Session::replace`] prices, capacities, budgets, sales.
//! An instance with counting rules, consortia, an HHI cap or whole units in the model is solved from the
//! beginning each time, and so is one that turns out infeasible.

use std::sync::MutexGuard;

use crate::{
    Decimal, Instance, Outcome,
    explain::Explain,
    instance::{Decision, Ruling},
    model::{Warm, engine},
    read::Reading,
    solve::{Control, SolveError, solve_from},
};

/// A supplier and a lot that are no pair of the instance, so that nothing can be decided about them.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no pair of {supplier} and {lot}")]
pub struct NoPair {
    /// Id of the supplier or consortium.
    pub supplier: String,
    /// Id of the lot.
    pub lot: String,
}

/// A valid instance under decisions, and what was solved of it.
///
/// While a session lives, every other solve of the process waits for it, since the engine lets no two threads
/// have models at once; a second session or solve in the same thread would wait for ever.
///
/// ```
/// use std::sync::atomic::AtomicBool;
///
/// use eslabon_solver::{Session, read, solve::Control};
///
/// let instance = br#"{
///     "format": "eslabon-instance/1", "currency": "USD",
///     "buyers": [{"id": "acero"}],
///     "suppliers": [{"id": "luz", "annual_sales": 1000}, {"id": "sol", "annual_sales": 1000}],
///     "lots": [{"id": "brackets", "buyer": "acero", "process": "laser", "quantity": 100, "reference_price": 10}],
///     "pairs": [{"supplier": "luz", "lot": "brackets", "unit_price": 9}, {"supplier": "sol", "lot": "brackets"}]
/// }"#;
/// let mut session = Session::new(read::from_json(instance).expect("a valid instance"));
/// let mut control = Control { progress: &mut |_| {}, cancel: &AtomicBool::new(false) };
/// let outcome = session.solve(&mut control).expect("no defect");
/// assert_eq!(outcome.awards[0].supplier, "luz");
///
/// session.forbid("luz", "brackets").expect("a pair");
/// let outcome = session.solve(&mut control).expect("no defect");
/// assert_eq!(outcome.awards[0].supplier, "sol");
/// ```
pub struct Session {
    // Dropped before the lock.
    warm: Warm,
    reading: Reading,
    _alone: MutexGuard<'static, ()>,
}

impl Session {
    /// Begins with an instance, not solved yet. Waits until no other thread of the process solves.
    #[must_use]
    pub fn new(reading: Reading) -> Self {
        let alone = engine::lock();
        Self { warm: Warm::keeping(), reading, _alone: alone }
    }

    /// The instance as it stands, every decision included.
    #[must_use]
    pub const fn instance(&self) -> &Instance {
        &self.reading.instance
    }

    /// Solves the instance as it stands.
    ///
    /// # Errors
    /// As [`crate::solve()`].
    pub fn solve(&mut self, control: &mut Control<'_>) -> Result<Outcome, SolveError> {
        self.solve_explained(&Explain::Nothing, control)
    }

    /// The same, with explanations.
    ///
    /// # Errors
    /// As [`crate::solve()`].
    pub fn solve_explained(
        &mut self,
        explain: &Explain,
        control: &mut Control<'_>,
    ) -> Result<Outcome, SolveError> {
        solve_from(&self.reading, &mut self.warm, explain, control)
    }

    /// Forbids an award. What was decided about it before no longer counts.
    ///
    /// # Errors
    /// [`NoPair`] unless they are a pair, or the supplier's consortium and the lot are.
    pub fn forbid(&mut self, supplier: &str, lot: &str) -> Result<(), NoPair> {
        let instance = &self.reading.instance;
        let together = instance.consortia.iter().any(|consortium| {
            consortium.members.iter().any(|member| member == supplier)
                && is_pair(instance, &consortium.id, lot)
        });
        self.decide(supplier, lot, Ruling::Forbidden, together)
    }

    /// Fixes an award of so many units. What was decided about it before no longer counts. Units that no rule
    /// allows leave the instance infeasible, and the result says which rules.
    ///
    /// # Errors
    /// [`NoPair`] unless they are a pair.
    pub fn fix(&mut self, supplier: &str, lot: &str, quantity: u64) -> Result<(), NoPair> {
        self.decide(supplier, lot, Ruling::Fixed { quantity, override_max_share: false }, false)
    }

    /// Takes back what was decided about an award; whether there was anything.
    pub fn withdraw(&mut self, supplier: &str, lot: &str) -> bool {
        let decisions = &mut self.reading.instance.decisions;
        let before = decisions.len();
        decisions.retain(|decision| (decision.supplier.as_str(), decision.lot.as_str()) != (supplier, lot));
        decisions.len() < before
    }

    /// Puts another dependency cap in force: a share, 0…1; `None`: no cap but those of suppliers and `caps`.
    pub fn set_dependency_cap(&mut self, cap: Option<Decimal>) {
        self.warm.forget_rules();
        self.reading.instance.dependency_cap = cap;
    }

    /// Goes on with another instance, the nearer to the last one the faster.
    pub fn replace(&mut self, reading: Reading) {
        self.warm.forget_rules();
        self.reading = reading;
    }

    fn decide(&mut self, supplier: &str, lot: &str, ruling: Ruling, otherwise: bool) -> Result<(), NoPair> {
        if !otherwise && !is_pair(&self.reading.instance, supplier, lot) {
            return Err(NoPair { supplier: supplier.to_owned(), lot: lot.to_owned() });
        }
        self.withdraw(supplier, lot);
        let decisions = &mut self.reading.instance.decisions;
        let place = decisions
            .partition_point(|other| (other.supplier.as_str(), other.lot.as_str()) < (supplier, lot));
        decisions.insert(place, Decision { supplier: supplier.to_owned(), lot: lot.to_owned(), ruling });
        Ok(())
    }
}

fn is_pair(instance: &Instance, supplier: &str, lot: &str) -> bool {
    instance.pairs.iter().any(|pair| pair.supplier == supplier && pair.lot == lot)
}
