//! The dependency rule on what is approved: exactly the row of the solver, in exact fractions.
//!
//! Per supplier and buyer group, with the cap t of the waiver, else of the programme:
//!
//! ```text
//! E + A  ≤  t · base  +  max(allowance, E − t·R if no_worsening)     base = R + N (projected) or R (conservative)
//! ```
//!
//! Undisclosed sales: R = 0 and base = 0, so only the allowance counts, and existing sales use it up.

use num_rational::BigRational;
use num_traits::{Signed, Zero};
use uuid::Uuid;

use crate::{
    foundation::{clock::Day, share::Share},
    matching::position::{Exact, Exchange, OtherCurrency, Position},
    programmes::{DependencyBase, Programme, Rules},
};

/// The rule for one supplier and one buyer group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// t; `None`: no cap.
    pub cap: Option<Share>,
    /// The denominator.
    pub base: DependencyBase,
    /// Amount by which the sales to one group may exceed the cap.
    pub allowance: Exact,
    /// A supplier above its cap keeps what it has.
    pub no_worsening: bool,
}

/// The concentration of a supplier's sales on buyer groups: the Herfindahl-Hirschman index in percent points,
/// 0…10,000. Other sales count as atomised, so the figure reads "at least". `None` where the supplier's sales
/// are undisclosed or there are none: then no rule holds.
pub fn hhi(position: &Position, base: DependencyBase) -> Option<Exact> {
    let sales = position.annual_sales.as_ref().filter(|sales| sales.is_positive())?;
    let all = match base {
        DependencyBase::Projected => sales + position.new_sales(),
        DependencyBase::Conservative => sales.clone(),
    };
    let groups: std::collections::BTreeSet<&Uuid> =
        position.existing.keys().chain(position.approved.keys()).collect();
    let squares: Exact = groups
        .into_iter()
        .map(|group| {
            let share = (position.existing_with(*group) + position.approved_with(*group)) / &all;
            &share * &share
        })
        .sum();
    Some(squares * Exact::from_integer(10_000.into()))
}

/// Whether approving may lead from one position to the other under a cap on the concentration: it holds
/// afterwards, or a supplier that is above it already, and may keep what it has, does not get more so.
pub fn concentration_allows(rules: &Rules, from: &Position, to: &Position) -> bool {
    let Some(cap) = rules.hhi_cap.map(|cap| Exact::from_integer(cap.into())) else { return true };
    let Some(after) = hhi(to, rules.dependency_base) else { return true };
    let present = || hhi(from, rules.dependency_base).filter(|_| rules.no_worsening);
    after <= cap || present().is_some_and(|present| after <= present)
}

/// Both sides of the rule, in the currency's main unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sides {
    /// Sales to the group, existing and approved.
    pub left: Exact,
    /// The most that they may be.
    pub right: Exact,
}

/// How a supplier would stand to a buyer group, and by which rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The share of the group today, approved matches included.
    pub share_before: Option<Exact>,
    /// The share after the approval.
    pub share_after: Option<Exact>,
    /// The cap.
    pub cap: Option<Share>,
    /// Both sides after the approval; `None` without a cap.
    pub sides: Option<Sides>,
    /// Whether the approval is possible.
    pub allowed: bool,
}

impl Rule {
    /// The rule of a programme on a day, whose glide path says the cap; a waiver's cap takes its place.
    ///
    /// # Errors
    /// When the allowance is in a currency without a rate.
    pub fn new(
        programme: &Programme,
        waiver: Option<Share>,
        day: Day,
        exchange: &Exchange,
    ) -> Result<Self, OtherCurrency> {
        let rules = &programme.rules;
        Ok(Self {
            cap: waiver.or(rules.cap_on(programme.starts_on, day)),
            base: rules.dependency_base,
            allowance: exchange.exact(rules.dependency_allowance)?,
            no_worsening: rules.no_worsening,
        })
    }

    /// Both sides for a position; `None` without a cap.
    pub fn sides(&self, position: &Position, group: Uuid) -> Option<Sides> {
        let cap = ratio(self.cap?);
        let existing = position.existing_with(group);
        let annual_sales = position.annual_sales.clone().unwrap_or_default();
        let base = match (&position.annual_sales, self.base) {
            (None, _) => Exact::zero(),
            (Some(sales), DependencyBase::Projected) => sales + position.new_sales(),
            (Some(sales), DependencyBase::Conservative) => sales.clone(),
        };
        let kept = if self.no_worsening { &existing - &cap * annual_sales } else { Exact::zero() };
        let right = cap * base + self.allowance.clone().max(kept);
        Some(Sides { left: existing + position.approved_with(group), right })
    }

    /// Whether approving may lead from one position to the other.
    ///
    /// Where the rule is already broken before, something has lapsed since what was approved: then the
    /// excess must not grow, so that what stands stands, and a supplier that may not get worse takes from
    /// that group at most the share t of its new business. Without `no_worsening` it must hold again.
    pub fn judge(&self, before: &Position, after: &Position, group: Uuid) -> Verdict {
        let sides = self.sides(after, group);
        let allowed = sides.as_ref().is_none_or(|sides| {
            let excess = sides.excess();
            let lapsed = || self.sides(before, group).map(|sides| sides.excess()).filter(Signed::is_positive);
            !excess.is_positive() || (self.no_worsening && lapsed().is_some_and(|present| excess <= present))
        });
        Verdict {
            share_before: before.share(group),
            share_after: after.share(group),
            cap: self.cap,
            sides,
            allowed,
        }
    }
}

impl Sides {
    /// Left less right: what is above the rule, or (negative) what is left.
    pub fn excess(&self) -> Exact {
        &self.left - &self.right
    }
}

fn ratio(share: Share) -> Exact {
    Exact::new(share.ppm().into(), 1_000_000.into())
}

/// The number with every digit, where it has an end within twenty decimals; else the first twenty.
pub fn digits(exact: &BigRational) -> String {
    const PLACES: u32 = 20;
    let scaled = (exact * Exact::from_integer(num_bigint::BigInt::from(10).pow(PLACES))).trunc().to_integer();
    let digits = format!("{:0>width$}", scaled.magnitude().to_string(), width = PLACES as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - PLACES as usize);
    let text = format!("{whole}.{fraction}");
    let sign = if exact.is_negative() { "-" } else { "" };
    format!("{sign}{}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The share as a run's result prints it: nine decimals, rounded half up.
pub fn nine_places(share: &BigRational) -> String {
    let scale = Exact::from_integer(1_000_000_000.into());
    let billionths = (share * &scale + Exact::new(1.into(), 2.into())).floor();
    digits(&(billionths / scale))
}

/// The share in percent with two decimals, rounded half up.
pub fn percent(share: &BigRational) -> String {
    let hundredths =
        (share * Exact::from_integer(10_000.into()) + Exact::new(1.into(), 2.into())).floor().to_integer();
    let digits = format!("{:0>3}", hundredths.to_string());
    let (whole, fraction) = digits.split_at(digits.len() - 2);
    format!("{whole}.{fraction}")
}
