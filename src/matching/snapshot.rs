//! The snapshot: what a programme knows at one moment, as an instance of the solver.
//!
//! * A lot is open with the units that no approved match covers; its limits (largest share, least
//!   coverage) count those that are covered. Lots without any price stay out.
//! * A supplier may serve a lot when its gap analysis is green, or yellow (then up to the programme's
//!   largest share), and it can make the lot's process or has made an offer for the lot.
//! * The unit price is the offer's, else the lot's reference price. A unit uses one unit of capacity.
//! * A ready consortium may serve a lot for which it has made an offer, or for which each member has capacity in
//!   the lot's process; it fits like its weakest member, and is as yellow as the yellowest.
//! * Who has a part of a lot through a consortium gets nothing more of it alone or through another one, and the
//!   other way round: the solver sees to that within a run, the snapshot beside what is approved already.
//! * An offer that would deliver after the lot's last day, were it ordered on the day of the run, forbids the pair:
//!   its lead time is what the bidder says of itself, so it is not taken at the reference price either. Who asks for the
//!   run may decide otherwise.
//! * A red supplier whose plan says how its gaps close may serve like a yellow one, once the development
//!   budget pays for all of them: until then they block the pair. What keeps it red and stands in no plan blocks the pair
//!   whatever the budget; the solver is told of it so that it says what closing it would be worth.
//! * A scenario with another cap keeps the waivers; one without any cap has neither.

use std::collections::{BTreeMap, BTreeSet};

use eslabon_solver::{
    Decimal, Instance,
    instance::{self, DependencyBase, Objective, Tier},
};
use num_traits::ToPrimitive;
use uuid::Uuid;

use super::{
    Cap, Scenario,
    position::{Exact, Position},
    scenario::{Decision, Ruling},
};
use crate::{
    foundation::{
        ids::{LotId, NetworkId, OrganisationId},
        money::{Currency, Money, UnitPrice},
        problem::FieldError,
        share::Share,
    },
    programmes::{self, ExchangeRate, Rules},
    requirements::lots::Sourcing,
};

/// What a programme knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Of every amount.
    pub currency: Currency,
    /// The programme's rules.
    pub rules: Rules,
    /// The cap that the rules say for the day.
    pub cap_today: Option<Share>,
    /// What is asked for beside what is known; its decisions are those of people and those taken before.
    pub scenario: Scenario,
    /// Waivers in force: supplier, buyer group, cap.
    pub waivers: Vec<(OrganisationId, Uuid, Share)>,
    /// Lead firms, with what counts as one buyer.
    pub buyers: BTreeMap<OrganisationId, Uuid>,
    /// The largest share of what a lead firm awards that one supplier may have, where it is not all.
    pub max_supplier_shares: BTreeMap<OrganisationId, Share>,
    /// Suppliers.
    pub suppliers: BTreeMap<OrganisationId, Supplier>,
    /// Consortia that may be matched, with their members. Among a lot's candidates, one stands like a supplier.
    pub consortia: BTreeMap<OrganisationId, Vec<OrganisationId>>,
    /// Lots of closed requirements.
    pub lots: Vec<Lot>,
    /// The rates with which figures in other currencies were converted, by currency.
    pub rates: Vec<ExchangeRate>,
    /// The networks in which these are.
    pub networks: BTreeSet<NetworkId>,
}

/// A supplier.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Supplier {
    /// Its sales.
    pub position: Position,
    /// Capacity per process, in millionths of the process's unit.
    pub capacities: BTreeMap<String, i64>,
    /// Approved units per process.
    pub committed_units: BTreeMap<String, i64>,
}

/// A lot of a closed requirement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// The lead firm.
    pub buyer: OrganisationId,
    /// The process that it takes.
    pub process: String,
    /// All its units, covered or not.
    pub quantity: i64,
    /// Per unit.
    pub reference_price: Option<UnitPrice>,
    /// Importance, in millionths.
    pub weight_ppm: i64,
    /// One supplier's largest share.
    pub max_share: Share,
    /// Least share that must be awarded.
    pub min_coverage: Share,
    /// Length of the contract.
    pub years: i32,
    /// Among how many suppliers it may be split.
    pub sourcing: Sourcing,
    /// Months until deliveries start.
    pub starts_in: Option<i64>,
    /// Approved units per bidder: a supplier, or a consortium for its members.
    pub covered: BTreeMap<OrganisationId, i64>,
    /// Who has a part of them as a member, with the consortium.
    pub through: BTreeMap<OrganisationId, OrganisationId>,
    /// Who has been looked at for it.
    pub candidates: Vec<Candidate>,
}

/// A supplier whose gaps for a lot are known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The supplier.
    pub supplier: OrganisationId,
    /// The largest share that its traffic light leaves: all, the programme's yellow share, or none.
    pub light_share: Share,
    /// How well it fits.
    pub fit: Share,
    /// Its offer: price, and the most units.
    pub offer: Option<(UnitPrice, Option<i64>)>,
    /// What has to be closed first: a red supplier may serve once its plan's actions are paid for.
    pub closing: Vec<Closing>,
}

impl Candidate {
    /// Whether it may be awarded anything: nothing is in the way that stands in no plan.
    pub fn may_win(&self) -> bool {
        self.closing.iter().all(|closing| closing.cost.is_some())
    }
}

/// What closes a gap: an action of a plan, or what none says yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closing {
    /// The action, or the name of what is [unplanned](super::unplanned).
    pub id: String,
    /// What the programme pays for it: it counts against the development budget. `None`: nobody has said.
    pub cost: Option<Money>,
    /// Months that it takes.
    pub months: i64,
}

impl Facts {
    /// The instance.
    ///
    /// # Errors
    /// What can't be said exactly in the solver's numbers, all at once.
    pub fn instance(&self) -> Result<Instance, Vec<FieldError>> {
        let mut faults = Vec::new();
        let (lots, mut pairs) = self.lots_and_pairs();
        pairs.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
        let ids: BTreeSet<&str> = pairs.iter().map(|pair| pair.supplier.as_str()).collect();
        let consortia = self.bidding(&ids);
        let members = consortia.iter().flat_map(|consortium| &consortium.members).map(String::as_str);
        let ids: BTreeSet<&str> = ids.iter().copied().chain(members).collect();
        let serving: BTreeMap<String, &Supplier> = self
            .suppliers
            .iter()
            .map(|(id, supplier)| (id.to_string(), supplier))
            .filter(|(id, _)| ids.contains(id.as_str()))
            .collect();
        let winnable = self.winnable(&pairs);
        let mut suppliers = Vec::new();
        let mut sales = Vec::new();
        for (id, supplier) in &serving {
            // Only a lot that the supplier may win here replaces what it renews.
            let mut position = supplier.position.clone();
            position.replace(|lot| self.may_win(id, lot, &winnable, &consortia));
            let position = position.committed(self.rules.dependency_base);
            let mut amount = |exact: &Exact, up| {
                let number = decimal(exact, self.currency, up);
                number.unwrap_or_else(|| {
                    faults.push(
                        FieldError::new(format!("/suppliers/{id}"), "amounts-too-large").with("supplier", id),
                    );
                    Decimal::ZERO
                })
            };
            // Rounded, where they must be, to the side that proposes less. The format counts what expires into
            // annual sales and amount, and takes it out itself.
            let replaced: Exact = position.expiring.values().sum();
            let annual_sales =
                position.annual_sales.as_ref().map(|sales| amount(&(sales + &replaced), false));
            let groups: BTreeSet<&Uuid> = position.existing.keys().chain(position.expiring.keys()).collect();
            for group in groups {
                let expiring = position.expiring.get(group).map_or(Decimal::ZERO, |part| amount(part, false));
                let replaced = position.expiring.get(group).cloned().unwrap_or_default();
                let today = position.existing_with(*group) + replaced;
                sales.push(instance::Sales {
                    supplier: id.clone(),
                    group: group.to_string(),
                    amount: amount(&today, true),
                    expiring,
                });
            }
            suppliers.push(instance::Supplier { annual_sales, ..instance::Supplier::new(id.clone()) });
        }
        let decisions = self.decisions(&pairs, &winnable, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Instance {
            currency: self.currency.code().to_owned(),
            dependency_cap: self.cap(),
            dependency_base: match self.rules.dependency_base {
                programmes::DependencyBase::Projected => DependencyBase::Projected,
                programmes::DependencyBase::Conservative => DependencyBase::Conservative,
            },
            dependency_allowance: money(self.rules.dependency_allowance),
            no_worsening: self.rules.no_worsening,
            objectives: self.objectives(),
            hhi_cap: self.rules.hhi_cap.map(Decimal::from),
            development_budget: self.rules.development_budget.map(money),
            decisions,
            consortia,
            gaps: self.gaps(&pairs),
            limits: instance::Limits::default(),
            buyers: self.buyers(),
            caps: self.caps(&serving, &sales),
            capacity: serving.iter().flat_map(|(id, supplier)| capacities(id, supplier)).collect(),
            suppliers,
            sales,
            lots,
            pairs,
            ..Instance::default()
        })
    }

    fn cap(&self) -> Option<Decimal> {
        match self.scenario.cap {
            Cap::Programme => self.cap_today.map(share),
            Cap::Instead(cap) => Some(share(cap)),
            Cap::Without => None,
        }
    }

    fn objectives(&self) -> Vec<Objective> {
        let objective = |aim: &programmes::Objective| {
            let tier = match aim.tier {
                programmes::Tier::Coverage => Tier::Coverage,
                programmes::Tier::Fit => Tier::Fit,
                programmes::Tier::Cost => Tier::Cost,
                programmes::Tier::Suppliers => Tier::Suppliers,
                programmes::Tier::Spread => Tier::Spread,
            };
            Objective { tier, tolerance: share(aim.tolerance) }
        };
        let aims = self.scenario.objectives.as_ref().unwrap_or(&self.rules.objectives);
        aims.iter().map(objective).collect()
    }

    /// The consortia that have pairs.
    fn bidding(&self, ids: &BTreeSet<&str>) -> Vec<instance::Consortium> {
        let row = |(id, members): (&OrganisationId, &Vec<OrganisationId>)| instance::Consortium {
            id: id.to_string(),
            members: members.iter().map(OrganisationId::to_string).collect(),
        };
        self.consortia.iter().map(row).filter(|consortium| ids.contains(consortium.id.as_str())).collect()
    }

    /// The pairs that can be awarded: nothing blocks them that stands in no plan.
    fn winnable<'a>(&self, pairs: &'a [instance::Pair]) -> Vec<&'a instance::Pair> {
        let closing = self.lots.iter().flat_map(|lot| &lot.candidates).flat_map(|found| &found.closing);
        let unplanned = closing.filter(|closing| closing.cost.is_none()).map(|closing| closing.id.as_str());
        let unplanned: BTreeSet<&str> = unplanned.collect();
        pairs
            .iter()
            .filter(|pair| !pair.blocked_by.iter().any(|gap| unplanned.contains(gap.as_str())))
            .collect()
    }

    /// Whether a supplier, by itself or in a consortium, has a pair of the lot that nobody has forbidden.
    fn may_win(
        &self,
        supplier: &str,
        lot: LotId,
        winnable: &[&instance::Pair],
        consortia: &[instance::Consortium],
    ) -> bool {
        let is_member = |consortium: &instance::Consortium| consortium.members.iter().any(|m| m == supplier);
        let bidders = consortia.iter().filter(|found| is_member(found)).map(|found| found.id.as_str());
        let bidders: BTreeSet<&str> = bidders.chain([supplier]).collect();
        let lot = lot.to_string();
        winnable.iter().filter(|pair| pair.lot == lot && bidders.contains(pair.supplier.as_str())).any(
            |pair| {
                !self.scenario.decisions.iter().any(|decision| {
                    decision.decision == Ruling::Forbidden
                        && decision.lot.to_string() == pair.lot
                        && decision.supplier.to_string() == pair.supplier
                })
            },
        )
    }

    /// Decisions about pairs that exist. What is forbidden about others is so already; what is fixed can't be.
    fn decisions(
        &self,
        pairs: &[instance::Pair],
        winnable: &[&instance::Pair],
        faults: &mut Vec<FieldError>,
    ) -> Vec<instance::Decision> {
        let mut decisions = Vec::new();
        for (at, decision) in self.scenario.decisions.iter().enumerate() {
            let (supplier, lot) = (decision.supplier.to_string(), decision.lot.to_string());
            let is_it = |pair: &instance::Pair| pair.supplier == supplier && pair.lot == lot;
            let known = match decision.decision {
                Ruling::Fixed => winnable.iter().any(|pair| is_it(pair)),
                Ruling::Forbidden => pairs.iter().any(is_it),
            };
            let ruling = match decision.quantity {
                Some(quantity) if decision.decision == Ruling::Fixed => {
                    instance::Ruling::Fixed { quantity: quantity.unsigned_abs(), override_max_share: false }
                }
                _ => instance::Ruling::Forbidden,
            };
            if known {
                let pair = winnable.iter().find(|pair| is_it(pair));
                if let Some((open, most)) = pair.and_then(|pair| self.over_the_lot(decision, pair)) {
                    let fault = FieldError::new(format!("/decisions/{at}/quantity"), "decision-over-the-lot");
                    faults.push(fault.with("open", open).with("most", most));
                    continue;
                }
                decisions.push(instance::Decision { supplier, lot, ruling });
            } else if decision.decision == Ruling::Fixed {
                faults.push(FieldError::new(format!("/decisions/{at}"), "decision-without-pair"));
            }
        }
        decisions.sort_by(|a, b| (&a.supplier, &a.lot).cmp(&(&b.supplier, &b.lot)));
        decisions
    }

    /// The open units of the lot, and the most of them that the pair may get, when a decision fixes more.
    fn over_the_lot(&self, decision: &Decision, pair: &instance::Pair) -> Option<(i64, i64)> {
        let quantity = decision.quantity.filter(|_| decision.decision == Ruling::Fixed)?;
        let open = self.lots.iter().find(|lot| lot.id == decision.lot)?.open_units();
        let most = (pair.max_share.to_ratio() * Exact::from_integer(open.into())).floor();
        let most = most.to_integer().to_i64()?;
        (quantity > most).then_some((open, most))
    }

    /// The gaps that block pairs, each once.
    fn gaps(&self, pairs: &[instance::Pair]) -> Vec<instance::Gap> {
        let blocking: BTreeSet<&String> = pairs.iter().flat_map(|pair| &pair.blocked_by).collect();
        let mut gaps = BTreeMap::new();
        for candidate in self.lots.iter().flat_map(|lot| &lot.candidates) {
            for closing in &candidate.closing {
                if blocking.contains(&closing.id) {
                    gaps.insert(
                        closing.id.clone(),
                        instance::Gap {
                            id: closing.id.clone(),
                            supplier: candidate.supplier.to_string(),
                            cost: closing.cost.map(money),
                            months: Decimal::from(closing.months),
                        },
                    );
                }
            }
        }
        gaps.into_values().collect()
    }

    fn buyers(&self) -> Vec<instance::Buyer> {
        let buyer = |(id, group): (&OrganisationId, &Uuid)| instance::Buyer {
            id: id.to_string(),
            group: group.to_string(),
            budget: None,
            max_supplier_share: self.max_supplier_shares.get(id).map_or(Decimal::ONE, |most| share(*most)),
        };
        self.buyers.iter().map(buyer).collect()
    }

    /// Waivers for suppliers that may be awarded anything, towards groups that occur: the format takes a
    /// cap about nobody for a mistake.
    fn caps(&self, serving: &BTreeMap<String, &Supplier>, sales: &[instance::Sales]) -> Vec<instance::Cap> {
        let holding = if self.scenario.cap == Cap::Without { &[] } else { self.waivers.as_slice() };
        let row = |(supplier, group, cap): &(OrganisationId, Uuid, Share)| instance::Cap {
            supplier: supplier.to_string(),
            group: group.to_string(),
            dependency_cap: share(*cap),
        };
        let buyers: BTreeSet<String> = self.buyers.values().map(Uuid::to_string).collect();
        let sold: BTreeSet<(&str, &str)> =
            sales.iter().map(|s| (s.supplier.as_str(), s.group.as_str())).collect();
        let mut caps: Vec<_> = holding.iter().map(row).collect();
        caps.retain(|cap| {
            serving.contains_key(&cap.supplier)
                && (buyers.contains(&cap.group)
                    || sold.contains(&(cap.supplier.as_str(), cap.group.as_str())))
        });
        caps.sort_by(|a, b| (&a.supplier, &a.group).cmp(&(&b.supplier, &b.group)));
        caps
    }

    fn lots_and_pairs(&self) -> (Vec<instance::Lot>, Vec<instance::Pair>) {
        let (mut lots, mut pairs) = (Vec::new(), Vec::new());
        for lot in &self.lots {
            let Some(reference_price) =
                lot.reference_price.filter(|_| lot.open_units() > 0 && lot.takes_more())
            else {
                continue;
            };
            lots.push(lot.row(reference_price));
            for candidate in lot.able() {
                let able = |id: &OrganisationId| {
                    self.suppliers
                        .get(id)
                        .is_some_and(|supplier| supplier.capacities.contains_key(&lot.process))
                };
                let is_able = match self.consortia.get(&candidate.supplier) {
                    Some(members) => candidate.offer.is_some() || members.iter().all(able),
                    None if !self.suppliers.contains_key(&candidate.supplier) => false,
                    None => candidate.offer.is_some() || able(&candidate.supplier),
                };
                if !is_able || self.has_a_part_otherwise(lot, candidate.supplier) {
                    continue;
                }
                pairs.extend(lot.pair(candidate, reference_price));
            }
        }
        lots.sort_by(|a, b| a.id.cmp(&b.id));
        (lots, pairs)
    }

    /// Whether the bidder, or a member of it, has a part of the lot alone where it would bid in a consortium, or
    /// through a consortium that is not the bidder.
    fn has_a_part_otherwise(&self, lot: &Lot, bidder: OrganisationId) -> bool {
        match self.consortia.get(&bidder) {
            None => lot.through.contains_key(&bidder),
            Some(members) => members.iter().any(|member| {
                lot.covered.contains_key(member)
                    || lot.through.get(member).is_some_and(|consortium| *consortium != bidder)
            }),
        }
    }
}

impl Lot {
    fn covered_units(&self) -> i64 {
        self.covered.values().sum()
    }

    /// How many suppliers have a part of it already, a consortium being one.
    fn suppliers(&self) -> i64 {
        i64::try_from(self.covered.len()).unwrap_or(i64::MAX)
    }

    /// Whether another supplier may have a part of it.
    fn takes_more(&self) -> bool {
        self.sourcing.max_suppliers.is_none_or(|most| self.suppliers() < most)
    }

    /// The units that no approved match covers.
    fn open_units(&self) -> i64 {
        self.quantity - self.covered_units()
    }

    /// Candidates that their light does not exclude.
    fn able(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().filter(|candidate| candidate.light_share > Share::NONE)
    }

    fn row(&self, reference_price: UnitPrice) -> instance::Lot {
        let untouched = self.covered.is_empty();
        let least = self.min_coverage.whole_units_up(self.quantity) - self.covered_units();
        instance::Lot {
            weight: Decimal::new(self.weight_ppm, 6),
            // What a supplier has of the lot already counts, so each pair has a limit of its own.
            max_share: if untouched { share(self.max_share) } else { Decimal::ONE },
            min_coverage: if untouched {
                share(self.min_coverage)
            } else {
                part(least.max(0), self.open_units(), Round::Down)
            },
            years: Decimal::from(i64::from(self.years)),
            // Who has a part of the lot already is among its suppliers.
            min_suppliers: (self.sourcing.min_suppliers - self.suppliers()).max(0).unsigned_abs(),
            max_suppliers: self
                .sourcing
                .max_suppliers
                .map(|most| (most - self.suppliers()).max(0).unsigned_abs()),
            min_share: if untouched {
                share(self.sourcing.min_share)
            } else {
                part(self.sourcing.min_share.whole_units_up(self.quantity), self.open_units(), Round::Down)
            },
            divisible: self.sourcing.divisible,
            must_award: self.sourcing.must_award && untouched,
            starts_in: self.starts_in.map(Decimal::from),
            ..instance::Lot::new(
                self.id.to_string(),
                self.buyer.to_string(),
                self.process.clone(),
                self.open_units().unsigned_abs(),
                price(reference_price),
            )
        }
    }

    /// What the candidate may get of the open units, unless that is nothing.
    fn pair(&self, candidate: &Candidate, reference_price: UnitPrice) -> Option<instance::Pair> {
        let has = self.covered.get(&candidate.supplier).copied().unwrap_or(0);
        let offered = candidate.offer.and_then(|(_, most)| most).unwrap_or(self.quantity);
        let limit =
            candidate.light_share.min(if self.covered.is_empty() { Share::ALL } else { self.max_share });
        let most = limit.whole_units(self.quantity).min(offered) - has;
        if most < 1 {
            return None;
        }
        let max_share = if has == 0 && self.covered.is_empty() && offered >= self.quantity {
            share(limit)
        } else {
            part(most, self.open_units(), Round::Up)
        };
        let unit_price = price(candidate.offer.map_or(reference_price, |(price, _)| price));
        Some(instance::Pair {
            fit: share(candidate.fit),
            max_share,
            blocked_by: {
                let mut ids: Vec<_> = candidate.closing.iter().map(|closing| closing.id.clone()).collect();
                ids.sort();
                ids
            },
            ..instance::Pair::new(candidate.supplier.to_string(), self.id.to_string(), unit_price)
        })
    }
}

fn capacities(id: &str, supplier: &Supplier) -> Vec<instance::Capacity> {
    let free = |(process, amount): (&String, &i64)| {
        let used = supplier.committed_units.get(process).copied().unwrap_or(0).saturating_mul(1_000_000);
        instance::Capacity {
            supplier: id.to_owned(),
            process: process.clone(),
            amount: Decimal::new(amount.saturating_sub(used).max(0), 6),
        }
    };
    supplier.capacities.iter().map(free).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    Up,
    Down,
}

/// The share that `units` are of `quantity`, at most 1, in twelve decimals: rounded to the side on which
/// the whole units that it allows or demands stay the same (quantities lie below 10^12).
fn part(units: i64, quantity: i64, round: Round) -> Decimal {
    const ONE: i128 = 1_000_000_000_000;
    if units >= quantity {
        return Decimal::ONE;
    }
    let exact = i128::from(units) * ONE;
    let up = i128::from(round == Round::Up && exact % i128::from(quantity) != 0);
    Decimal::new(i64::try_from(exact / i128::from(quantity) + up).unwrap_or(0), 12)
}

fn share(share: Share) -> Decimal {
    Decimal::new(share.ppm(), 6)
}

fn price(price: UnitPrice) -> Decimal {
    Decimal::new(price.0, 6)
}

fn money(money: Money) -> Decimal {
    Decimal::new(money.minor, u8::try_from(money.currency.decimals()).unwrap_or(0))
}

/// The amount in the solver's numbers: exact to six decimals, or to the minor unit where it is too large
/// for them (contracts over three years have annual amounts that no decimal says exactly).
fn decimal(exact: &Exact, currency: Currency, up: bool) -> Option<Decimal> {
    [6, currency.decimals()].into_iter().find_map(|places| {
        let scaled = exact * Exact::from_integer(10_i64.pow(places).into());
        let whole = if up { scaled.ceil() } else { scaled.floor() };
        // What the format reads has at most 18 digits.
        let mantissa =
            whole.to_integer().to_i64().filter(|mantissa| *mantissa < 1_000_000_000_000_000_000)?;
        Some(Decimal::new(mantissa, u8::try_from(places).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// Of 100 units, for at most four suppliers, of whom each has at most 60 %, and some have a part already.
    fn lot(covered: &[(u128, i64)]) -> Lot {
        let firm = |number| OrganisationId(Uuid::from_u128(number));
        Lot {
            id: LotId(Uuid::nil()),
            buyer: firm(0),
            process: "torneado".to_owned(),
            quantity: 100,
            reference_price: Some(UnitPrice(1_000_000)),
            weight_ppm: 2_000_000,
            max_share: Share::percent(60),
            min_coverage: Share::percent(80),
            years: 3,
            sourcing: Sourcing {
                min_suppliers: 3,
                max_suppliers: Some(4),
                min_share: Share::percent(10),
                divisible: true,
                must_award: true,
            },
            starts_in: Some(6),
            covered: covered.iter().map(|(number, units)| (firm(*number), *units)).collect(),
            through: BTreeMap::new(),
            candidates: Vec::new(),
        }
    }

    #[test]
    fn a_lot_is_put_to_the_solver_with_its_rules() {
        let price = UnitPrice(1_000_000);
        let untouched = lot(&[]).row(price);
        assert_eq!((untouched.quantity, untouched.years), (100, Decimal::from(3)));
        assert_eq!((untouched.weight, untouched.starts_in), (Decimal::from(2), Some(Decimal::from(6))));
        assert_eq!((untouched.max_share, untouched.min_coverage), (Decimal::new(6, 1), Decimal::new(8, 1)));
        assert_eq!((untouched.min_suppliers, untouched.max_suppliers), (3, Some(4)));
        assert_eq!(untouched.min_share, Decimal::new(1, 1));
        assert!(untouched.must_award && untouched.divisible);
        let mut whole = lot(&[]);
        whole.sourcing.divisible = false;
        assert!(!whole.row(price).divisible);
    }

    #[test]
    fn what_is_covered_counts_towards_the_rules_of_its_lot() {
        // Two have 50 of the 100 units: two more at most, one at least, 30 of the open 50 at least.
        let touched = lot(&[(1, 20), (2, 30)]);
        let row = touched.row(UnitPrice(1_000_000));
        assert_eq!((row.quantity, row.min_suppliers, row.max_suppliers), (50, 1, Some(2)));
        assert_eq!((row.max_share, row.min_coverage), (Decimal::ONE, Decimal::new(6, 1)));
        assert_eq!(row.min_share, Decimal::new(2, 1));
        assert!(!row.must_award);
        assert!(touched.takes_more() && !lot(&[(1, 1), (2, 1), (3, 1), (4, 1)]).takes_more());
    }
}
