//! What was measured, as a row of a table.

use crate::clients::Stretch;

/// The head of the table.
pub const HEAD: &str = "\
| endpoint | statements | service, 1/s | bare axum, 1/s | ratio | least to most | target | bare axum beside itself |
|---|---:|---:|---:|---:|---:|---|---:|";

/// The least ratio that is good enough, of reads and of writes.
const READS: f64 = 0.6;
const WRITES: f64 = 0.7;

/// Requests a second at an endpoint: of the service, of the bare router and of the second bare one.
pub struct Figures {
    name: &'static str,
    target: f64,
    statements: usize,
    rates: [Vec<f64>; 3],
    refused: [u32; 3],
}

impl Figures {
    pub const fn new(name: &'static str, is_write: bool, statements: usize) -> Self {
        let target = if is_write { WRITES } else { READS };
        Self { name, target, statements, rates: [Vec::new(), Vec::new(), Vec::new()], refused: [0; 3] }
    }

    /// Notes a stretch of one of the three.
    pub fn note(&mut self, server: usize, stretch: &Stretch) {
        self.rates[server].push(stretch.rate);
        self.refused[server] += stretch.refused;
    }

    /// The ratio of one to another: of their medians, and of each round the least and the most.
    fn ratio(&self, one: usize, other: usize) -> (f64, f64, f64) {
        let (ones, others) = (&self.rates[one], &self.rates[other]);
        let rounds = || ones.iter().zip(others).map(|(one, other)| one / other);
        let (least, most) = (rounds().fold(f64::INFINITY, f64::min), rounds().fold(0., f64::max));
        (median(ones) / median(others), least, most)
    }

    /// The row.
    pub fn row(&self) -> String {
        let Self { name, target, statements, rates, refused } = self;
        let ((ratio, least, most), (noise, least_noise, most_noise)) = (self.ratio(0, 1), self.ratio(2, 1));
        let is_met = if ratio >= *target { "met" } else { "**missed**" };
        let (service, bare) = (median(&rates[0]), median(&rates[1]));
        let said = if refused.iter().all(|count| *count == 0) {
            String::new()
        } else {
            format!(
                " (refused: {} of the service's, {} and {} of the others')",
                refused[0], refused[1], refused[2]
            )
        };
        format!(
            "| `{name}`{said} | {statements} | {service:.0} | {bare:.0} | {ratio:.2} | {least:.2} to {most:.2} \
             | ≥ {target} {is_met} | {noise:.2} ({least_noise:.2} to {most_noise:.2}) |"
        )
    }
}

/// The one in the middle; of an even number, the higher of the two.
fn median(rates: &[f64]) -> f64 {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
