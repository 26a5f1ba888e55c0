//! Lots as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    foundation::{clock::Day, figure::Figure, ids::LotId, money::UnitPrice, share::Share},
    requirements::Lot,
};

/// A lot.
#[derive(Serialize, ToSchema)]
#[schema(as = Lot)]
pub(super) struct LotJson {
    id: LotId,
    #[schema(example = "Bujes de bronce")]
    name: String,
    /// A UNSPSC code, or as suppliers name it in their capacities.
    #[schema(example = "torneado")]
    process: String,
    /// As it is shown.
    #[schema(example = "pieza")]
    unit: String,
    /// The unit's code of UN/CEFACT Recommendation 20; null for an import.
    #[schema(example = "H87")]
    unit_code: Option<String>,
    quantity: i64,
    /// Per unit; null in a draft or an import.
    reference_price: Option<UnitPrice>,
    /// How much covering this lot counts beside the others.
    weight: Figure,
    /// If it is awarded at all, to so many suppliers at least.
    min_suppliers: i64,
    /// To so many suppliers at most.
    max_suppliers: Option<i64>,
    /// The smallest share of it for a supplier who gets any.
    min_share: Share,
    /// The largest share of it for one supplier.
    max_share: Share,
    /// Whether it may be split.
    divisible: bool,
    /// Whether it must be awarded.
    must_award: bool,
    /// The share of it that must be covered at least.
    min_coverage: Share,
    /// Over how many years the quantity is spread.
    years: i64,
    /// Not to be delivered before.
    delivery_from: Option<Day>,
    /// To be delivered by.
    delivery_to: Option<Day>,
    /// In how many months it starts.
    starts_in: Option<i64>,
    /// The revision of the requirement with which it last changed.
    revision: i64,
    /// What it is called where it was imported from.
    external_reference: Option<String>,
}

impl From<Lot> for LotJson {
    fn from(lot: Lot) -> Self {
        let Lot { id, terms, revision } = lot;
        let (sourcing, delivery) = (terms.sourcing, terms.delivery);
        Self {
            id,
            name: terms.name,
            process: terms.process,
            unit: terms.unit,
            unit_code: terms.unit_code,
            quantity: terms.quantity,
            reference_price: terms.reference_price,
            weight: terms.weight,
            min_suppliers: sourcing.min_suppliers,
            max_suppliers: sourcing.max_suppliers,
            min_share: sourcing.min_share,
            max_share: terms.max_share,
            divisible: sourcing.divisible,
            must_award: sourcing.must_award,
            min_coverage: terms.min_coverage,
            years: terms.years,
            delivery_from: delivery.from,
            delivery_to: delivery.to,
            starts_in: delivery.starts_in,
            revision,
            external_reference: terms.external_reference,
        }
    }
}

/// A lot to post.
#[derive(ToSchema)]
#[schema(as = NewLot)]
#[expect(dead_code, reason = "describes what `LotTerms` reads")]
pub(super) struct NewLotJson {
    #[schema(example = "Bujes de bronce", min_length = 1, max_length = 200)]
    name: String,
    /// A UNSPSC code (eight digits), or as suppliers name it in their capacities.
    #[schema(example = "torneado", min_length = 1, max_length = 60)]
    process: String,
    /// A code of UN/CEFACT Recommendation 20 (`H87`), or a common word for one (`pieza`, `kg`, `hora`).
    #[schema(example = "pieza", min_length = 1, max_length = 20)]
    unit: String,
    #[schema(example = 400, minimum = 1, maximum = 1_000_000_000)]
    quantity: i64,
    /// Per unit, in the programme's currency; needed before publishing.
    reference_price: Option<UnitPrice>,
    /// How much covering this lot counts beside the others. Default 1.
    weight: Option<Figure>,
    /// If it is awarded at all, to so many suppliers at least. Default 0.
    #[schema(minimum = 0, maximum = 1000)]
    min_suppliers: Option<i64>,
    /// To so many suppliers at most. Default: no limit.
    #[schema(minimum = 1, maximum = 1000)]
    max_suppliers: Option<i64>,
    /// The smallest share of it for a supplier who gets any. Default 0.
    min_share: Option<Share>,
    /// The largest share of it for one supplier. Default 1.
    max_share: Option<Share>,
    /// Whether it may be split; if not, one supplier gets all of it or nobody does. Default true.
    divisible: Option<bool>,
    /// Whether it must be awarded. Default false.
    must_award: Option<bool>,
    /// The share of it that must be covered at least. Default 0.
    min_coverage: Option<Share>,
    /// Over how many years the quantity is spread. Default 1.
    #[schema(minimum = 1, maximum = 30)]
    years: Option<i64>,
    /// Not to be delivered before.
    delivery_from: Option<Day>,
    /// To be delivered by.
    delivery_to: Option<Day>,
    /// In how many months it starts: gaps that take longer to close cannot open it.
    #[schema(minimum = 0, maximum = 360)]
    starts_in: Option<i64>,
}

/// A lot as it shall be.
#[derive(ToSchema)]
#[schema(as = AmendedLot)]
#[expect(dead_code, reason = "describes what `AmendedLot` reads")]
pub(super) struct AmendedLotJson {
    /// The lot that it was; absent: a new one.
    id: Option<LotId>,
    #[schema(inline)]
    #[serde(flatten)]
    lot: NewLotJson,
}
