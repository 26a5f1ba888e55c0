//! The model: an instance as columns, rows and tiers.
//!
//! [`Network`] holds what every row is made of: [`network::Bid`]s, the pairs of the instance, and their
//! [`network::Offer`]s with exact figures per unit. [`Rules`] states every rule once, in exact numbers of
//! whole units; the program over shares, the integer program over units, the exact test of published
//! awards, the search for a conflict and the least relaxation are readings of that one list.
//! [`sheet::Sheet`] is such a program in the engine; [`tiers`] optimises the tiers on it in order, and
//! [`conflict`] says which rules contradict each other when nothing is feasible.

pub(crate) mod conflict;
pub(crate) mod engine;
mod improve;
pub(crate) mod linear;
pub(crate) mod network;
pub(crate) mod relax;
pub(crate) mod repair;
pub(crate) mod rules;
pub(crate) mod sheet;
pub(crate) mod spread;
mod standing;
pub(crate) mod start;
mod stated;
pub(crate) mod tiers;
mod warm;

pub(crate) use network::{Exact, Measure, Network, count, double, whole};
pub(crate) use rules::{Column, Relation, Rule, Rules};
pub(crate) use standing::Standings;
pub(crate) use stated::Stated;
pub(crate) use warm::Warm;
