//! A supplier's position: what it sells to whom, and what has been approved on top. Exact.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Zero};
use uuid::Uuid;

use super::Match;
use crate::{
    foundation::{
        clock::Day,
        ids::{LotId, OrganisationId},
        money::{Currency, Money},
    },
    organisations::{Profile, SalesSource},
    programmes::{DependencyBase, ExchangeRate, Programme},
};

/// An exact amount, in the main unit of the programme's currency.
pub type Exact = BigRational;

/// The borders of the bands of dependency, in percent of a supplier's sales: below the first it is fine, above the last
/// it takes a waiver.
pub const BANDS: [i64; 4] = [10, 15, 25, 30];

/// A supplier's sales, per buyer group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Position {
    /// R: sales of the last twelve months; `None` = undisclosed. Never less than the sum of its parts.
    pub annual_sales: Option<Exact>,
    /// E: the part of them that goes to each buyer group.
    pub existing: BTreeMap<Uuid, Exact>,
    /// Sales to each buyer group that a renewal replaces; neither in R nor in E.
    pub expiring: BTreeMap<Uuid, Exact>,
    /// Sales in R and E for which a renewal is announced: they stay there until the position has the renewal.
    pub renewable: Vec<Renewable>,
    /// A: approved annual amounts per buyer group that no contract has brought into the ledger.
    pub approved: BTreeMap<Uuid, Exact>,
}

/// Existing sales that a match of the supplier would replace, if it were one of this very lot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renewable {
    /// The lot that is announced as the renewal.
    pub lot: LotId,
    /// To which buyer group.
    pub group: Uuid,
    /// The amount in R and in E.
    pub amount: Exact,
}

/// The supplier has figures in another currency for which the programme's rules have no rate, so that they can't be
/// added up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OtherCurrency(pub Currency);

/// A programme's currency, and what others are worth in it by the rules' exchange table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    currency: Currency,
    rates: Vec<ExchangeRate>,
}

impl Exchange {
    /// That of a programme's present rules.
    pub fn of(programme: &Programme) -> Self {
        Self { currency: programme.currency, rates: programme.rules.exchange_rates.clone() }
    }

    /// The programme's currency.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The rates for these currencies, by currency: what a calculation rests on.
    pub fn used(&self, currencies: impl IntoIterator<Item = Currency>) -> Vec<ExchangeRate> {
        let asked: Vec<_> = currencies.into_iter().collect();
        let mut used: Vec<_> =
            self.rates.iter().filter(|rate| asked.contains(&rate.currency)).cloned().collect();
        used.sort_by_key(|rate| rate.currency.code());
        used
    }

    /// What one unit of a currency is worth in the programme's.
    fn rate(&self, currency: Currency) -> Result<Exact, OtherCurrency> {
        if currency == self.currency {
            return Ok(Exact::one());
        }
        let rate = self.rates.iter().find(|rate| rate.currency == currency).ok_or(OtherCurrency(currency))?;
        Ok(Exact::new(rate.rate.millionths().into(), 1_000_000.into()))
    }

    /// An amount in the main unit of the programme's currency, exact.
    ///
    /// # Errors
    /// When it is in another currency and there is no rate for that.
    pub fn exact(&self, money: Money) -> Result<Exact, OtherCurrency> {
        let own = Exact::new(money.minor.into(), 10_i64.pow(money.currency.decimals().min(18)).into());
        Ok(own * self.rate(money.currency)?)
    }
}

impl Position {
    /// The position that the ledger shows. `group_of` says what counts as one buyer.
    ///
    /// A contract of this service is business with its buyer (E) and business at all (R): what the stated
    /// annual sales can't have seen of its year comes on top of them. An announced renewal changes nothing yet.
    ///
    /// # Errors
    /// When the supplier's figures are in a currency without a rate.
    pub fn of_ledger(
        profile: &Profile,
        exchange: &Exchange,
        group_of: impl Fn(OrganisationId) -> Uuid,
    ) -> Result<Self, OtherCurrency> {
        let mut position = Self::default();
        let mut on_top = Exact::zero();
        for sales in &profile.buyer_sales {
            let amount = exchange.exact(sales.amount)?;
            let is_contract = sales.source == SalesSource::Contract;
            let unseen = if is_contract { unseen(profile.as_of, sales.as_of) } else { Exact::zero() };
            let group = group_of(sales.buyer);
            on_top += &amount * unseen;
            *position.existing.entry(group).or_default() += &amount;
            position.renewable.extend(sales.replaced_by_lot.map(|lot| Renewable { lot, group, amount }));
        }
        if let Some(annual) = profile.annual_sales {
            // The parts are known better than the whole, as the solver's reader has it (W2002).
            let parts = position.existing.values().sum::<Exact>();
            position.annual_sales = Some((exchange.exact(annual)? + on_top).max(parts));
        }
        Ok(position)
    }

    /// Takes out of R and E what these lots replace, for a renewal replaces the sales that it renews.
    pub fn replace(&mut self, by: impl Fn(LotId) -> bool) {
        let (replaced, kept) = std::mem::take(&mut self.renewable).into_iter().partition(|row| by(row.lot));
        self.renewable = kept;
        let replaced: Vec<Renewable> = replaced;
        for Renewable { group, amount, .. } in replaced {
            *self.existing.entry(group).or_default() -= &amount;
            self.annual_sales = self.annual_sales.take().map(|sales| sales - &amount);
            *self.expiring.entry(group).or_default() += amount;
        }
    }

    /// Adds approved business, which replaces what it renews.
    ///
    /// # Errors
    /// When the match is in a currency without a rate.
    pub fn approve(&mut self, found: &Match, exchange: &Exchange, group: Uuid) -> Result<(), OtherCurrency> {
        let rate = exchange.rate(found.annual_amount.currency)?;
        *self.approved.entry(group).or_default() += found.exact_annual_amount() * rate;
        self.replace(|lot| lot == found.lot);
        Ok(())
    }

    /// E of a group.
    pub fn existing_with(&self, group: Uuid) -> Exact {
        self.existing.get(&group).cloned().unwrap_or_default()
    }

    /// A of a group.
    pub fn approved_with(&self, group: Uuid) -> Exact {
        self.approved.get(&group).cloned().unwrap_or_default()
    }

    /// N: everything that is approved.
    pub fn new_sales(&self) -> Exact {
        self.approved.values().sum()
    }

    /// (E + A) / (R + N): how much of the supplier's sales hangs on the group; `None` where its sales are
    /// undisclosed, or there are none.
    pub fn share(&self, group: Uuid) -> Option<Exact> {
        let all = self.annual_sales.as_ref()? + self.new_sales();
        (!all.is_zero()).then(|| (self.existing_with(group) + self.approved_with(group)) / all)
    }

    /// The same sales with what is approved counted as existing: a run's point of departure. The
    /// conservative base knows only today's annual sales, so there they stay as they are.
    #[must_use]
    pub fn committed(&self, base: DependencyBase) -> Self {
        let mut existing = self.existing.clone();
        for (group, amount) in &self.approved {
            *existing.entry(*group).or_default() += amount;
        }
        let annual_sales = self.annual_sales.as_ref().map(|sales| match base {
            DependencyBase::Projected => sales + self.new_sales(),
            DependencyBase::Conservative => sales.clone(),
        });
        Self { annual_sales, existing, approved: BTreeMap::new(), ..self.clone() }
    }
}

/// The part of a contract's year that the stated sales of twelve months can't have seen: all of it when they
/// were stated before it began, nothing once they were stated a year later.
fn unseen(stated_on: Option<Day>, began_on: Day) -> Exact {
    const YEAR: i64 = 365;
    let seen = stated_on.map_or(0, |stated| stated.days_since(began_on));
    Exact::new((YEAR - seen.clamp(0, YEAR)).into(), YEAR.into())
}
