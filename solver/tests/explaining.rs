//! Explanations, against hand calculation and against solving changed instances from the beginning.

#[path = "explaining/conflicts.rs"]
mod conflicts;
#[path = "explaining/prices.rs"]
mod prices;
#[path = "explaining/support.rs"]
mod support;
#[path = "explaining/why_not.rs"]
mod why_not;
#[path = "explaining/worth.rs"]
mod worth;
