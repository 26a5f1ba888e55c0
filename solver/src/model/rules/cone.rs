//! The buyer HHI: ‖(E + A)_g‖₂ ≤ √(H/10⁴) · base, a second-order cone.
//!
//! The set is convex and the norm its own best linear lower estimate, so a program over shares or
//! units gets it as tangent rows: at a point v = (E + A) that breaks it, the row
//! (v/‖v‖) · (E + A) ≤ √(H/10⁴) · base cuts the point off and, by Cauchy and Schwarz, no point that
//! keeps the rule. Rows are added until the violation is at most 1e-7 of the base. Whole-unit
//! awards are tested without a root: Σ (E + A)² ≤ H/10⁴ · base².

use num_traits::Zero;

use super::{Exact, Measure, Network, sum};
use crate::{
    model::network::{count, double},
    outcome::RuleName,
};

/// The HHI rule of one supplier.
#[derive(Debug)]
pub(crate) struct Cone {
    pub name: RuleName,
    /// E and the offers of every known buyer group.
    groups: Vec<(Exact, Vec<usize>)>,
    /// R, without new awards.
    base: Exact,
    /// Index of N, if the base grows with it.
    pub total: Option<usize>,
    /// H / 10⁴.
    squared: Exact,
    /// What its rows are divided by before solving.
    pub scale: f64,
    root: f64,
}

/// A tangent row: Σ factor · annual amounts of offers − √(H/10⁴) · N ≤ limit, in money.
pub(crate) struct Tangent {
    /// By offer, the factor of its annual amount.
    pub offers: Vec<(usize, f64)>,
    /// The factor of N.
    pub total: Option<(usize, f64)>,
    pub limit: f64,
}

impl Cone {
    pub(super) fn new(
        supplier: &str,
        groups: Vec<(Exact, Vec<usize>)>,
        base: Exact,
        total: Option<usize>,
        squared: Exact,
        scale: f64,
    ) -> Self {
        let name = RuleName { rule: "hhi".to_owned(), subject: vec![supplier.to_owned()] };
        let root = double(&squared).sqrt();
        Self { name, groups, base, total, squared, scale, root }
    }

    /// All awards that it is about.
    pub fn offers(&self) -> Vec<usize> {
        self.groups.iter().flat_map(|(_, offers)| offers).copied().collect()
    }

    /// By how much whole-unit awards break it: Σ (E + A)² − H/10⁴ · base²; `None` if they keep it.
    pub fn excess(&self, network: &Network<'_>, units: &[u64]) -> Option<Exact> {
        let mut squares = Exact::zero();
        let mut base = self.base.clone();
        for (existing, offers) in &self.groups {
            let awarded = sum(network, Measure::Annual, offers, units);
            if self.total.is_some() {
                base += &awarded;
            }
            let sales = existing + awarded;
            squares += &sales * &sales;
        }
        let over = squares - &self.squared * &base * &base;
        over.is_positive().then_some(over)
    }

    /// E + A of every group, and the base, for shares of lots.
    fn point(&self, network: &Network<'_>, shares: &[f64]) -> (Vec<f64>, f64) {
        let mut base = double(&self.base);
        let sales = self
            .groups
            .iter()
            .map(|(existing, offers)| {
                let awarded: f64 = offers
                    .iter()
                    .map(|offer| network.per_lot(Measure::Annual, *offer) * shares[*offer])
                    .sum();
                if self.total.is_some() {
                    base += awarded;
                }
                double(existing) + awarded
            })
            .collect();
        (sales, base)
    }

    /// By how much shares of lots break it, as a part of the base; negative if they keep it.
    pub fn violation(&self, network: &Network<'_>, shares: &[f64]) -> f64 {
        let (sales, base) = self.point(network, shares);
        (norm(&sales) - self.root * base) / base.max(1e-9)
    }

    /// The base, for shares of lots.
    pub fn base_at(&self, network: &Network<'_>, shares: &[f64]) -> f64 {
        self.point(network, shares).1.max(1e-9)
    }

    /// By how many points of the HHI, 0…10000, shares of lots break it.
    pub fn points_over(&self, network: &Network<'_>, shares: &[f64]) -> f64 {
        let (sales, base) = self.point(network, shares);
        ((norm(&sales) / base.max(1e-9)).powi(2) - double(&self.squared)) * 1e4
    }

    /// The tangent at these shares of lots.
    pub fn tangent(&self, network: &Network<'_>, shares: &[f64]) -> Tangent {
        let (sales, _) = self.point(network, shares);
        let length = norm(&sales).max(f64::MIN_POSITIVE);
        let mut offers = Vec::new();
        let mut standing = 0.;
        for ((existing, of_group), sales) in self.groups.iter().zip(&sales) {
            let factor = sales / length;
            standing += factor * double(existing);
            if factor != 0. {
                offers.extend(of_group.iter().map(|offer| (*offer, factor)));
            }
        }
        Tangent {
            offers,
            total: self.total.map(|total| (total, self.root)),
            limit: self.root * double(&self.base) - standing,
        }
    }
}

/// Whole units as shares of their lots.
pub(crate) fn shares_of(network: &Network<'_>, units: &[u64]) -> Vec<f64> {
    units.iter().enumerate().map(|(i, units)| count(*units) / count(network.quantity(i))).collect()
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|entry| entry * entry).sum::<f64>().sqrt()
}
