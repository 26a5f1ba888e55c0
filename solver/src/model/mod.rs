//! The model: an instance as columns, rows and tiers.
//!
//! [`Network`] holds what every row is made of: one [`Offer`] for each pair, with its exact figures
//! per unit. [`Rules`] states every rule once, in exact numbers of whole units; the linear program
//! over shares, the integer program over units and the exact test of published awards are three
//! readings of that one list. [`tiers`] then optimises the tiers in order, and [`conflict`] says
//! which rules contradict each other when nothing is feasible.

pub(crate) mod conflict;
pub(crate) mod engine;
pub(crate) mod linear;
mod network;
mod rules;
mod standing;
pub(crate) mod tiers;

pub(crate) use network::{Exact, Measure, Network, count, double, whole};
pub(crate) use rules::{Relation, Rule, Rules};
pub(crate) use standing::Standings;
