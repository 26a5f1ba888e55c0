//! Why results can be trusted: the checker refuses what is wrong, edge cases worked out by hand,
//! oracles that know nothing of the solver, and a published optimum.
//!
//! One binary, because linking the engine is what takes time.

mod assignment;
mod brute_force;
mod checker;
mod edge_cases;
mod first_order;
mod judges;
mod metamorphic;
mod oracles;
mod readme;
mod reasons;
mod rule_cases;
mod sessions;
mod support;
mod tampering;
