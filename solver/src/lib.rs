//! Which supplier serves which lot, while no buyer gets a dangerous hold over a supplier.

pub mod alternatives;
pub mod check;
pub mod decimal;
pub mod export;
pub mod frontier;
pub mod generate;
pub mod instance;
mod model;
pub mod outcome;
pub mod problem;
mod publish;
pub mod read;
pub mod solve;
pub mod write;

pub use alternatives::alternatives;
pub use decimal::Decimal;
pub use frontier::{Frontier, frontier};
pub use instance::Instance;
pub use outcome::{Comparison, Outcome, compare};
pub use solve::solve;
