//! The rules about money: who pays for closing gaps, and what other currencies are worth.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::foundation::{
    clock::Day,
    fields::{Fault, Fields, Input},
    figure::Figure,
    money::Currency,
    share::Share,
};

/// Who pays which share of a closing action where the plan says nothing else. They sum to 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Cofinancing {
    /// The programme.
    #[schema(example = "0.5")]
    pub programme: Share,
    /// The lead firm.
    #[schema(example = "0.3")]
    pub lead_firm: Share,
    /// The supplier itself.
    #[schema(example = "0.2")]
    pub supplier: Share,
}

impl Input for Cofinancing {
    fn read(f: &mut Fields) -> Option<Self> {
        let (programme, lead_firm) = (f.required::<Share>("programme"), f.required::<Share>("lead_firm"));
        let (programme, lead_firm, supplier) = (programme, lead_firm, f.required::<Share>("supplier"));
        let shares = Self { programme: programme?, lead_firm: lead_firm?, supplier: supplier? };
        let sum = shares.programme.ppm() + shares.lead_firm.ppm() + shares.supplier.ppm();
        if sum != Share::ALL.ppm() {
            f.fail("supplier", Fault::new("shares-not-one"));
            return None;
        }
        Some(shares)
    }
}

/// What one unit of another currency is worth in the programme's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct ExchangeRate {
    /// The other currency.
    pub currency: Currency,
    /// Units of the programme's currency for one unit of it.
    #[schema(example = "942.35")]
    pub rate: Figure,
    /// The day for which it holds.
    pub as_of: Day,
    /// Who says so.
    #[schema(example = "Banco Central de Chile, dólar observado")]
    pub source: String,
}

impl Input for ExchangeRate {
    fn read(f: &mut Fields) -> Option<Self> {
        let (currency, rate) = (f.required("currency"), f.required::<Figure>("rate"));
        let (as_of, source) = (f.required("as_of"), f.text("source", 2..=200));
        if rate == Some(Figure::ZERO) {
            f.fail("rate", Fault::new("zero"));
        }
        Some(Self { currency: currency?, rate: rate?, as_of: as_of?, source: source? })
    }
}

/// Reads the table; no currency stands in it twice.
pub(super) fn read_rates(f: &mut Fields) -> Option<Vec<ExchangeRate>> {
    let rates: Vec<ExchangeRate> = f.list("exchange_rates", 50)?;
    let mut is_right = true;
    for (at, rate) in rates.iter().enumerate() {
        if rates[..at].iter().any(|earlier| earlier.currency == rate.currency) {
            f.fail_within("exchange_rates", &format!("{at}/currency"), Fault::new("twice"));
            is_right = false;
        }
    }
    is_right.then_some(rates)
}
