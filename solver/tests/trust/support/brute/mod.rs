//! All awards in whole units of a small instance, tried one after the other.
//!
//! Written from the definitions, in integers: money in ten-thousandths, shares in ten-thousandths,
//! ratios by cross-multiplication. Knows nothing of the model and nothing of the checker. What a lot
//! may look like by itself is listed first ([`patterns`]); then one pattern is taken for each lot, and
//! what they mean together is kept as they are taken ([`position`]). A branch ends early where a rule
//! that only gets worse is broken, or where what is left cannot reach what is wanted.

mod patterns;
mod position;

use std::{cmp::Ordering, collections::BTreeMap};

use eslabon_solver::{
    Decimal, Instance,
    instance::{Objective, Tier},
};
use num_rational::BigRational;
use num_traits::ToPrimitive;

use self::{
    patterns::{Pattern, pattern_of, patterns},
    position::{Position, Setting},
};

/// Parts of one, in which money and shares are counted.
pub const ONE: i64 = 10_000;

/// An amount in ten-thousandths; the generator takes care that it is a whole number of them.
fn parts(exact: &BigRational) -> i64 {
    let parts = exact * Decimal::from(ONE).to_ratio();
    assert!(parts.is_integer(), "{exact} has too many decimals for trying all awards");
    parts.to_integer().to_i64().unwrap_or_else(|| panic!("the instance is small"))
}

fn scaled(number: Decimal) -> i64 {
    parts(&number.to_ratio())
}

fn per(number: Decimal, by: Decimal) -> i64 {
    parts(&(number.to_ratio() / by.to_ratio()))
}

fn times(number: Decimal, by: Decimal) -> i64 {
    parts(&(number.to_ratio() * by.to_ratio()))
}

/// An exact value of a tier.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    over: i128,
    under: i128,
}

impl Ratio {
    fn new(over: i128, under: i128) -> Self {
        assert!(under > 0);
        Self { over, under }
    }

    fn parts(over: i64) -> Self {
        Self::new(over.into(), ONE.into())
    }

    #[expect(clippy::cast_precision_loss, reason = "compared with doubles")]
    pub fn to_f64(self) -> f64 {
        self.over as f64 / self.under as f64
    }

    /// Rounded half up, in units of 10^-places.
    pub fn rounded(self, places: u32) -> i128 {
        let scale = 10_i128.pow(places);
        (2 * self.over * scale + self.under).div_euclid(2 * self.under)
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Ratio {}
impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.over * other.under).cmp(&(other.over * self.under))
    }
}

/// What an earlier tier must keep.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub tier: Tier,
    pub limit: Ratio,
}

impl Held {
    /// v − tol·|v| for what is maximised, v + tol·|v| for what is minimised; for the spread v + tol.
    pub fn new(objective: &Objective, best: Ratio) -> Self {
        let tolerance = i128::from(scaled(objective.tolerance));
        let one = i128::from(ONE);
        let give = match objective.tier {
            Tier::Spread => tolerance * best.under,
            _ => tolerance * best.over.abs(),
        };
        let sign = if more_is_better(objective.tier) { -1 } else { 1 };
        let limit = Ratio::new(best.over * one + sign * give, best.under * one);
        Self { tier: objective.tier, limit }
    }

    /// At a value in doubles, as a solver states it, with room for its last digits.
    pub fn at(tier: Tier, value: f64) -> Self {
        let parts = (value + 1e-9) * 1e12;
        Self { tier, limit: Ratio::new(parts.to_i128().unwrap_or(i128::MAX >> 60), 1_000_000_000_000) }
    }

    /// As a model over shares holds a value that it states: within half of the slack that it leaves there.
    pub fn by_model(objective: &Objective, value: f64) -> Self {
        let tolerance = objective.tolerance.to_f64();
        let give = match objective.tier {
            Tier::Spread => tolerance,
            _ => (tolerance + 5e-10) * value.abs(),
        };
        let limit = if more_is_better(objective.tier) { value - give } else { value + give };
        let parts = (limit * 1e12).to_i128().unwrap_or(i128::MAX >> 60);
        Self { tier: objective.tier, limit: Ratio::new(parts, 1_000_000_000_000) }
    }

    fn keeps(&self, value: Ratio) -> bool {
        if more_is_better(self.tier) { value >= self.limit } else { value <= self.limit }
    }
}

pub const fn more_is_better(tier: Tier) -> bool {
    matches!(tier, Tier::Coverage | Tier::Fit | Tier::Suppliers)
}

/// Units by lot, bidder and member.
pub type Awards = BTreeMap<(String, String, String), i64>;

/// Everything there is to try.
pub struct Brute<'a> {
    setting: Setting<'a>,
    lots: Vec<Vec<Pattern>>,
    /// The most coverage and fit, and the least contract amounts, of the lots from a place on.
    rest: Vec<[i64; 3]>,
}

impl<'a> Brute<'a> {
    pub fn new(instance: &'a Instance) -> Self {
        let setting = Setting::new(instance);
        let lots: Vec<Vec<Pattern>> =
            (0..instance.lots.len()).map(|lot| patterns(instance, &setting, lot)).collect();
        let mut rest = vec![[0; 3]; lots.len() + 1];
        for place in (0..lots.len()).rev() {
            let of = |what: fn(&Pattern) -> i64| lots[place].iter().map(what);
            let [coverage, fit, contract] = rest[place + 1];
            rest[place] = [
                coverage + of(|p| p.coverage).max().unwrap_or(0),
                fit + of(|p| p.fit).max().unwrap_or(0),
                contract + of(|p| p.contract).min().unwrap_or(0),
            ];
        }
        Self { setting, lots, rest }
    }

    /// How many combinations there are.
    pub fn size(&self) -> f64 {
        self.lots.iter().map(|patterns| patterns.len().to_f64().unwrap_or(f64::MAX)).product()
    }

    /// The best value of a tier among all awards that keep every rule and what is held.
    pub fn best(&self, tier: Tier, held: &[Held]) -> Option<Ratio> {
        let mut search = Search { brute: self, tier, held, best: None };
        search.descend(0, &mut Position::new(&self.setting));
        search.best
    }

    /// What these awards, (lot, bidder, member) to units, reach in each tier; `None` where they break a
    /// rule.
    pub fn reached(&self, awards: &Awards, tiers: &[Tier]) -> Option<Vec<Ratio>> {
        let mut position = Position::new(&self.setting);
        for (place, lot) in self.setting.instance.lots.iter().enumerate() {
            let units = |bidder: &str, member: &str| {
                let key = (lot.id.clone(), bidder.to_owned(), member.to_owned());
                awards.get(&key).copied().unwrap_or(0)
            };
            position.take(place, &pattern_of(self.setting.instance, &self.setting, place, &units)?);
        }
        let keeps = position.can_go_on() && position.keeps_rules();
        keeps.then(|| tiers.iter().map(|tier| position.value(*tier)).collect())
    }

    /// Whether any awards keep every rule.
    pub fn is_feasible(&self) -> bool {
        self.best(Tier::Coverage, &[]).is_some()
    }
}

struct Search<'a> {
    brute: &'a Brute<'a>,
    tier: Tier,
    held: &'a [Held],
    best: Option<Ratio>,
}

impl Search<'_> {
    fn descend(&mut self, place: usize, position: &mut Position<'_>) {
        if !position.can_go_on() || !self.can_matter(place, position) {
            return;
        }
        let Some(patterns) = self.brute.lots.get(place) else {
            return self.arrive(position);
        };
        for pattern in patterns {
            position.take(place, pattern);
            self.descend(place + 1, position);
            position.untake(place, pattern);
        }
    }

    /// Whether what is left could still keep what is held and beat the best.
    fn can_matter(&self, place: usize, position: &Position<'_>) -> bool {
        let reach = |tier| self.reach(place, position, tier);
        let kept = self.held.iter().all(|held| reach(held.tier).is_none_or(|value| held.keeps(value)));
        kept && match (self.best, reach(self.tier)) {
            (Some(best), Some(value)) => self.is_better(value, best),
            _ => true,
        }
    }

    /// The best that a tier can still become; `None` where that is not a simple sum.
    fn reach(&self, place: usize, position: &Position<'_>, tier: Tier) -> Option<Ratio> {
        let [coverage, fit, contract] = self.brute.rest[place];
        Some(match tier {
            Tier::Coverage => Ratio::parts(position.coverage + coverage),
            Tier::Fit => Ratio::parts(position.fit + fit),
            Tier::Cost => Ratio::parts(position.cost() + contract),
            Tier::Suppliers | Tier::Spread => return None,
        })
    }

    fn is_better(&self, value: Ratio, best: Ratio) -> bool {
        if more_is_better(self.tier) { value > best } else { value < best }
    }

    fn arrive(&mut self, position: &Position<'_>) {
        if !position.keeps_rules() || !self.held.iter().all(|held| held.keeps(position.value(held.tier))) {
            return;
        }
        let value = position.value(self.tier);
        if self.best.is_none_or(|best| self.is_better(value, best)) {
            self.best = Some(value);
        }
    }
}
