//! What a solved program proves of one like it whose columns may move less.
//!
//! Taking assignments away makes nothing better: a tier whose best shares are still allowed keeps them, its value
//! and its proof, as long as the tiers before it keep theirs and so hold it to the same rows. That is what a decision
//! does most of the time, since most pairs have no part in what was found.

use std::sync::Arc;

use super::super::{
    Network, Rules,
    engine::Face,
    linear::{ColumnLimits, Program},
    sheet::Duals,
    spread::SpreadRow,
    tiers::{Goal, Reached, Relaxed, no_room},
};
use crate::instance::Tier;

/// So many solved programs are remembered: the first, and the last ones.
const MOST: usize = 4;

/// What was solved of programs that differ in the limits of columns alone.
#[derive(Default)]
pub(super) struct Past(Vec<Solved>);

/// One of them.
pub(super) struct Solved {
    limits: Vec<ColumnLimits>,
    /// Whether tiers without room were looked for.
    warn: bool,
    relative_gap: f64,
    tiers: Vec<SolvedTier>,
    duals: Option<Duals>,
    spread: Vec<SpreadRow>,
    /// What was published of it.
    units: Option<Vec<u64>>,
}

/// What a tier asked for, and what it got.
pub(super) struct SolvedTier {
    costs: Vec<f64>,
    tolerance: f64,
    pub reached: Reached,
    pub shares: Vec<f64>,
    pub worst: Worst,
    /// Its optimal solutions, where they hold it.
    pub face: Option<Arc<Face>>,
}

/// What is known of a tier at its worst.
#[derive(Clone)]
pub(super) enum Worst {
    /// Nobody asked, as there was room.
    NotAsked,
    /// It is as good as at its best, and so for whatever is left.
    AsGood,
    /// These shares are worse.
    At(Vec<f64>),
    /// There was room, it was not kept where.
    Somewhere,
}

impl Past {
    /// What is proven of a program with these limits of columns.
    pub fn of(&self, asked: &Asked<'_>) -> Option<&Solved> {
        self.0.iter().max_by_key(|solved| solved.kept(asked)).filter(|solved| solved.kept(asked) > 0)
    }

    /// Remembers what was solved.
    pub fn remember(
        &mut self,
        asked: &Asked<'_>,
        relaxed: &Relaxed,
        (worst, faces): (Vec<Worst>, &[Option<Arc<Face>>]),
    ) {
        let tiers = asked.goals.len();
        if relaxed.path.len() != tiers || worst.len() != tiers || faces.len() != tiers {
            return;
        }
        if self.0.len() >= MOST {
            self.0.remove(1);
        }
        let tier = |(tier, worst): (usize, Worst)| SolvedTier {
            costs: asked.goals[tier].costs.clone(),
            tolerance: asked.goals[tier].tolerance,
            reached: relaxed.reached[tier],
            shares: relaxed.path[tier].clone(),
            worst,
            face: faces[tier].clone(),
        };
        let tiers = worst.into_iter().enumerate().map(tier);
        self.0.push(Solved {
            limits: asked.program.columns.clone(),
            warn: asked.warn,
            relative_gap: asked.relative_gap(),
            tiers: tiers.collect(),
            duals: relaxed.duals.clone(),
            spread: asked.rules.spread.clone(),
            units: None,
        });
    }

    /// Remembers what was published of the program that was solved last.
    pub fn publish(&mut self, units: &[u64]) {
        if let Some(last) = self.0.last_mut() {
            last.units = Some(units.to_vec());
        }
    }
}

/// A program, and what is asked of it.
pub(super) struct Asked<'a> {
    pub network: &'a Network<'a>,
    pub rules: &'a Rules,
    pub program: &'a Program,
    pub goals: &'a [Goal],
    pub warn: bool,
}

impl Asked<'_> {
    fn relative_gap(&self) -> f64 {
        self.network.instance.limits.relative_gap.to_f64()
    }

    fn allows(&self, shares: &[f64]) -> bool {
        shares
            .iter()
            .zip(&self.program.columns)
            .all(|(share, limits)| (limits.low..=limits.high).contains(share))
    }
}

impl Solved {
    /// How many tiers, from the first on, are proven for what is asked.
    pub fn kept(&self, asked: &Asked<'_>) -> usize {
        let within =
            |(now, then): (&ColumnLimits, &ColumnLimits)| now.low >= then.low && now.high <= then.high;
        let comparable = self.warn == asked.warn
            && self.tiers.len() == asked.goals.len()
            && asked.program.columns.iter().zip(&self.limits).all(within);
        if !comparable {
            return 0;
        }
        let keeps = |(tier, goal): &(&SolvedTier, &Goal)| {
            let alike = tier.reached.tier == goal.tier
                && tier.tolerance.to_bits() == goal.tolerance.to_bits()
                && tier.costs == goal.costs;
            let spread = goal.tier != Tier::Spread
                || (self.spread == asked.rules.spread
                    && self.relative_gap.to_bits() == asked.relative_gap().to_bits());
            alike && spread && asked.allows(&tier.shares)
        };
        self.tiers.iter().zip(asked.goals).take_while(keeps).count()
    }

    /// What was solved of a tier.
    pub fn tier(&self, position: usize) -> &SolvedTier {
        &self.tiers[position]
    }

    /// Duals of the first tier.
    pub const fn duals(&self) -> Option<&Duals> {
        self.duals.as_ref()
    }

    /// What was published, if every tier is kept.
    pub fn units(&self, asked: &Asked<'_>) -> Option<Vec<u64>> {
        self.units.clone().filter(|_| self.kept(asked) == self.tiers.len())
    }
}

impl Worst {
    /// What a solve from the beginning says. `looked`: whether it looked for this tier's worst.
    pub fn of(goal: &Goal, looked: bool, relaxed: &Relaxed) -> Self {
        match (looked, relaxed.warnings.contains(&no_room(goal))) {
            (_, true) => Self::AsGood,
            (true, false) => Self::Somewhere,
            (false, false) => Self::NotAsked,
        }
    }

    /// Whether it is known for what is asked.
    pub fn is_known(&self, asked: &Asked<'_>) -> bool {
        match self {
            Self::NotAsked | Self::AsGood => true,
            Self::At(shares) => asked.allows(shares),
            Self::Somewhere => false,
        }
    }
}
