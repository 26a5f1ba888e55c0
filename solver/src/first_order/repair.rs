//! Shares that keep every rule, near shares that nearly do.
//!
//! Every row is an upper limit, and only N, with its negative factor, loosens one. So below any start there is a
//! greatest point that keeps all rows, and lowering the offers of broken rows leads to it. What is left of lots is
//! then given to the offers that are worth most at the duals found, as far as their rows allow.

use super::{
    bound::reduced_costs,
    program::{Block, Part, Program},
    steps::{Place, add_wide_sums},
};

/// What a row may be over its limit, as a part of it: noise of doubles.
const NOISE: f64 = 1e-12;

/// How often a supplier's rows are gone through, at most.
const MOST_ROUNDS: usize = 200;

/// Times that what is left is offered to everybody.
const FILLS: usize = 2;

/// Awards of every part, scaled, that keep all rows.
#[derive(Clone, Debug)]
pub(super) struct Repaired {
    pub awards: Vec<Vec<f64>>,
    /// c·x.
    pub cost: f64,
}

pub(super) fn repair(program: &Program, places: &[Place]) -> Repaired {
    let mut awards: Vec<Vec<f64>> = places.iter().map(|place| place.step.clone()).collect();
    lower_wide(program, &mut awards);
    for (part, awards) in program.parts.iter().zip(&mut awards) {
        let mut slots = vec![0.; part.slots];
        for block in &part.blocks {
            lower(part, block, awards, &mut slots);
        }
    }
    let mut filling = Filling::new(program, &awards);
    for _ in 0..FILLS {
        filling.fill(places, &mut awards);
    }
    let cost = places
        .iter()
        .zip(&awards)
        .map(|(place, awards)| place.costs.iter().zip(awards).map(|(cost, award)| cost * award).sum::<f64>())
        .sum();
    Repaired { awards, cost }
}

/// Lowers what is above the low end so that wide rows hold.
fn lower_wide(program: &Program, awards: &mut [Vec<f64>]) {
    let rows = program.wide_limits.len();
    let (mut sums, mut lows) = (vec![0.; rows], vec![0.; rows]);
    for (part, awards) in program.parts.iter().zip(awards.iter()) {
        add_wide_sums(part, awards, &mut sums);
        add_wide_sums(part, &part.low, &mut lows);
    }
    let keep: Vec<f64> = (0..rows)
        .map(|row| {
            let over = sums[row] - program.wide_limits[row];
            let above = sums[row] - lows[row];
            if over > 0. && above > 0. { (1. - over / above).max(0.) } else { 1. }
        })
        .collect();
    for (part, awards) in program.parts.iter().zip(awards) {
        for (i, award) in awards.iter_mut().enumerate() {
            let share = part.far.at(i).iter().map(|(row, _)| keep[*row as usize]).fold(1., f64::min);
            *award = share.mul_add(*award - part.low[i], part.low[i]);
        }
    }
}

/// Lowers the offers of a supplier's broken rows until none is broken.
fn lower(part: &Part, block: &Block, awards: &mut [f64], slots: &mut [f64]) {
    for slot in block.slots.clone() {
        slots[slot] = 0.;
    }
    for i in block.offers.clone() {
        for (slot, factor) in part.near.at(i) {
            slots[*slot as usize] += factor * awards[i];
        }
    }
    for _ in 0..MOST_ROUNDS {
        let mut broken = false;
        for row in block.rows.clone() {
            let terms = part.rows.at(row);
            let sum: f64 = terms.iter().map(|(slot, factor)| slots[*slot as usize] * factor).sum();
            let over = sum - part.limits[row];
            if over <= NOISE * part.limits[row].abs().max(1e-3) {
                continue;
            }
            broken = true;
            let raises = |slot: usize| terms.iter().any(|(of, factor)| *of as usize == slot && *factor > 0.);
            let size = |i: usize, award: f64| -> f64 {
                let own = part.near.at(i).iter();
                own.map(|(slot, factor)| {
                    let row = terms.iter().find(|(of, _)| of == slot).map_or(0., |(_, f)| *f);
                    row.max(0.) * factor * award
                })
                .sum()
            };
            let above: f64 = block.offers.clone().map(|i| size(i, awards[i] - part.low[i])).sum();
            if above <= 0. {
                continue;
            }
            let keep = (1. - over / above).max(0.);
            for i in block.offers.clone() {
                let near = part.near.at(i);
                if near.iter().any(|(slot, _)| raises(*slot as usize)) {
                    let to = keep.mul_add(awards[i] - part.low[i], part.low[i]);
                    for (slot, factor) in near {
                        slots[*slot as usize] += factor * (to - awards[i]);
                    }
                    awards[i] = to;
                }
            }
        }
        if !broken {
            break;
        }
    }
}

/// Giving what is left.
struct Filling<'a> {
    program: &'a Program,
    wide: Vec<f64>,
    /// By part, the sums of its slots.
    slots: Vec<Vec<f64>>,
    /// By part, the rows of each slot.
    rows_of_slot: Vec<Vec<Vec<u32>>>,
}

impl<'a> Filling<'a> {
    fn new(program: &'a Program, awards: &[Vec<f64>]) -> Self {
        let mut wide = vec![0.; program.wide_limits.len()];
        let mut all_slots = Vec::new();
        let mut rows_of_slot = Vec::new();
        for (part, awards) in program.parts.iter().zip(awards) {
            add_wide_sums(part, awards, &mut wide);
            let mut slots = vec![0.; part.slots];
            for (i, award) in awards.iter().enumerate() {
                for (slot, factor) in part.near.at(i) {
                    slots[*slot as usize] += factor * award;
                }
            }
            let mut rows: Vec<Vec<u32>> = vec![Vec::new(); part.slots];
            for row in 0..part.limits.len() {
                for (slot, _) in part.rows.at(row) {
                    rows[*slot as usize].extend(u32::try_from(row).ok());
                }
            }
            all_slots.push(slots);
            rows_of_slot.push(rows);
        }
        Self { program, wide, slots: all_slots, rows_of_slot }
    }

    fn fill(&mut self, places: &[Place], awards: &mut [Vec<f64>]) {
        let mut order: Vec<(f64, u32, u32)> = Vec::new();
        for (at, (part, place)) in self.program.parts.iter().zip(places).enumerate() {
            let part_number = u32::try_from(at).unwrap_or(u32::MAX);
            reduced_costs(part, &place.costs, &place.rows.step, &place.wide.step, |i, reduced, size| {
                let open = awards[at][i] < part.high[i];
                let left = part.far.at(i).iter().all(|(row, _)| {
                    let row = *row as usize;
                    self.wide[row] < self.program.wide_limits[row] * (1. - NOISE)
                });
                if open && left {
                    let offer = u32::try_from(i).unwrap_or(u32::MAX);
                    order.push((reduced / size.max(f64::MIN_POSITIVE), part_number, offer));
                }
            });
        }
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (_, part, offer) in order {
            let (at, i) = (part as usize, offer as usize);
            if places[at].costs[i] < 0. {
                self.raise(at, i, &mut awards[at][i]);
            }
        }
    }

    /// Raises an award as far as its rows allow.
    fn raise(&mut self, at: usize, i: usize, award: &mut f64) {
        let part = &self.program.parts[at];
        let slots = &mut self.slots[at];
        let mut by = part.high[i] - *award;
        for (row, factor) in part.far.at(i) {
            let left = self.program.wide_limits[*row as usize] - self.wide[*row as usize];
            by = by.min(left / factor);
        }
        for (slot, factor) in part.near.at(i) {
            for row in &self.rows_of_slot[at][*slot as usize] {
                let terms = part.rows.at(*row as usize);
                let own = terms.iter().find(|(of, _)| of == slot).map_or(0., |(_, f)| *f) * factor;
                if own > 0. {
                    let sum: f64 = terms.iter().map(|(slot, f)| slots[*slot as usize] * f).sum();
                    by = by.min((part.limits[*row as usize] - sum) / own);
                }
            }
        }
        if by <= 0. {
            return;
        }
        *award += by;
        for (slot, factor) in part.near.at(i) {
            slots[*slot as usize] += factor * by;
        }
        for (row, factor) in part.far.at(i) {
            self.wide[*row as usize] += factor * by;
        }
    }
}
