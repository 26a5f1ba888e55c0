//! What the solver answers, on instances small enough to be worked out by hand.
#![cfg(test)]

#[path = "solving/basics.rs"]
mod basics;
#[path = "solving/rules.rs"]
mod rules;
#[path = "solving/support.rs"]
mod support;
#[path = "solving/tiers.rs"]
mod tiers;
#[path = "solving/together.rs"]
mod together;
