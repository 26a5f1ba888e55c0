//! Closing a gap: what it costs, how long it takes, and who pays.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    foundation::{
        fields::{Fields, Input},
        money::{Currency, Money},
        problem::FieldError,
        share::Share,
    },
    programmes::Cofinancing,
};

/// The longest time that closing a gap may take, in months: programmes of vertical networks last two to three
/// years.
pub const MOST_MONTHS: i64 = 60;

/// What each pays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = CostParts)]
pub struct Parts {
    /// The programme.
    pub programme: Money,
    /// The lead firm.
    pub lead_firm: Money,
    /// The supplier.
    pub supplier: Money,
}

impl Parts {
    /// What each pays of a cost. Programme and lead firm pay their share rounded half up to the minor unit, the
    /// supplier what is left, so that the parts always sum to the cost; when rounding both up would exceed it, the
    /// lead firm pays the remainder.
    pub fn of(cost: Money, split: Cofinancing) -> Self {
        let part = |share: Share| {
            let exact = i128::from(cost.minor) * i128::from(share.ppm());
            i64::try_from((exact + 500_000) / 1_000_000).unwrap_or(cost.minor)
        };
        let programme = part(split.programme);
        let lead_firm = part(split.lead_firm).min(cost.minor - programme);
        let money = |minor| Money::new(minor, cost.currency);
        Self {
            programme: money(programme),
            lead_firm: money(lead_firm),
            supplier: money(cost.minor - programme - lead_firm),
        }
    }

    /// Nothing.
    pub const fn none(currency: Currency) -> Self {
        let nothing = Money::new(0, currency);
        Self { programme: nothing, lead_firm: nothing, supplier: nothing }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        const fn add(one: Money, other: Money) -> Money {
            Money::new(one.minor.saturating_add(other.minor), one.currency)
        }
        Self {
            programme: add(self.programme, other.programme),
            lead_firm: add(self.lead_firm, other.lead_firm),
            supplier: add(self.supplier, other.supplier),
        }
    }
}

/// How a gap would be closed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ClosingAction)]
pub struct Closing {
    /// What is to be done.
    #[schema(example = "Implementar control estadístico de procesos en torneado")]
    pub description: String,
    /// What it costs, once.
    pub cost: Money,
    /// Months that it takes; 0: less than one.
    #[schema(minimum = 0, maximum = 60)]
    pub months: i64,
    /// Who pays.
    pub split: Cofinancing,
    /// What the lead firm's own people contribute, if anything.
    pub technical_assistance: Option<String>,
}

impl Closing {
    /// What each pays.
    pub fn parts(&self) -> Parts {
        Parts::of(self.cost, self.split)
    }
}

/// A closing action as it is sent: without a split the programme's co-financing holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewClosing {
    /// What is to be done.
    pub description: String,
    /// What it costs.
    pub cost: Money,
    /// Months that it takes.
    pub months: i64,
    /// Who pays.
    pub split: Option<Cofinancing>,
    /// What the lead firm's own people contribute.
    pub technical_assistance: Option<String>,
}

impl Input for NewClosing {
    fn read(f: &mut Fields) -> Option<Self> {
        let (description, cost) = (f.text("description", 3..=2_000), f.required("cost"));
        let (months, split) = (f.number("months", 0..=MOST_MONTHS), f.optional_object("split"));
        let technical_assistance = f.optional_text("technical_assistance", 3..=2_000);
        Some(Self {
            description: description?,
            cost: cost?,
            months: months?,
            split: split?,
            technical_assistance: technical_assistance?,
        })
    }
}

impl NewClosing {
    /// The action in a programme of that currency and co-financing; what is wrong is noted under the pointer.
    pub fn settle(
        self,
        pointer: &str,
        currency: Currency,
        usual: Option<Cofinancing>,
        errors: &mut Vec<FieldError>,
    ) -> Option<Closing> {
        let fits = self.cost.currency == currency;
        if !fits {
            let error = FieldError::new(format!("{pointer}/cost"), "not-the-programmes-currency");
            errors.push(error.with("currency", currency));
        }
        let split = self.split.or(usual);
        if split.is_none() {
            errors.push(FieldError::new(format!("{pointer}/split"), "split-needed"));
        }
        fits.then_some(Closing {
            description: self.description,
            cost: self.cost,
            months: self.months,
            split: split?,
            technical_assistance: self.technical_assistance,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(programme: i64, lead_firm: i64) -> Cofinancing {
        let share = |ppm| Share::from_ppm(ppm).unwrap();
        Cofinancing {
            programme: share(programme),
            lead_firm: share(lead_firm),
            supplier: share(1_000_000 - programme - lead_firm),
        }
    }

    #[test]
    fn half_of_an_odd_cent_is_rounded_up_and_the_rest_stays_with_the_supplier() {
        let parts = Parts::of(Money::new(101, "USD".parse().unwrap()), split(500_000, 0));
        assert_eq!((parts.programme.minor, parts.lead_firm.minor, parts.supplier.minor), (51, 0, 50));
        let parts = Parts::of(Money::new(101, "USD".parse().unwrap()), split(500_000, 500_000));
        assert_eq!((parts.programme.minor, parts.lead_firm.minor, parts.supplier.minor), (51, 50, 0));
    }

    proptest! {
        #[test]
        fn the_parts_always_sum_to_the_cost(
            minor in 0..1_000_000_000_000_000_i64, one in 0..=1_000_000_i64, other in 0..=1_000_000_i64,
        ) {
            let (programme, lead_firm) = (one.min(other), one.max(other) - one.min(other));
            let parts = Parts::of(Money::new(minor, "CLP".parse().unwrap()), split(programme, lead_firm));
            let each = [parts.programme.minor, parts.lead_firm.minor, parts.supplier.minor];
            prop_assert!(each.iter().all(|part| *part >= 0));
            prop_assert_eq!(each.iter().sum::<i64>(), minor);
        }
    }
}
