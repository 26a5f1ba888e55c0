//! Lots: what is to be made, in which unit, by which process, when, and among how many.
//!
//! Units are those of UN/CEFACT Recommendation 20, by code or by the words that people use for the commonest
//! ones. A process is either a UNSPSC code (eight digits) or the name that suppliers give it in their
//! capacities. The fields of [`Sourcing`] are the solver's columns for dual sourcing, under the same names.

use cefact_units::UnitCode;
use serde::{Deserialize, Serialize};

use crate::{
    foundation::{
        clock::Day,
        fields::{Fault, Fields, Input},
        figure::Figure,
        ids::LotId,
        money::UnitPrice,
        share::Share,
    },
    organisations::unspsc,
};

/// The largest quantity of a lot.
pub const MOST_UNITS: i64 = 1_000_000_000;
/// The most suppliers that a lot can ask for.
const MOST_SUPPLIERS: i64 = 1_000;
/// The most that a lot may be worth, in units of the currency: what [`Money`](crate::foundation::money::Money)
/// can hold.
const MOST_VALUE: i128 = 1_000_000_000_000_000;
const ONE: Figure = Figure::from_millionths(1_000_000);

/// A lot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lot {
    /// Its id; an amendment keeps it.
    pub id: LotId,
    /// What it says.
    pub terms: LotTerms,
    /// The revision of the requirement with which it last changed: an offer for an earlier one is stale.
    pub revision: i64,
}

/// What a lead firm writes of a lot.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LotTerms {
    /// What is to be made.
    pub name: String,
    /// The process that makes it: a UNSPSC code, or as suppliers name it in their capacities.
    pub process: String,
    /// The unit in which it is counted, as it is shown.
    pub unit: String,
    /// Its code of UN/CEFACT Recommendation 20. An imported lot may lack it.
    pub unit_code: Option<String>,
    /// How many units; one is the least that can be awarded.
    pub quantity: i64,
    /// Price per unit. A draft may lack it, and so may an imported lot.
    pub reference_price: Option<UnitPrice>,
    /// How much covering this lot counts beside the others.
    pub weight: Figure,
    /// The largest share of it for one supplier (dual sourcing).
    pub max_share: Share,
    /// The share of it that must be covered at least.
    pub min_coverage: Share,
    /// Over how many years the quantity is spread.
    pub years: i64,
    /// Among how many suppliers it may be split, and how.
    pub sourcing: Sourcing,
    /// When it is to be delivered.
    pub delivery: Delivery,
    /// What it is called where it was imported from.
    pub external_reference: Option<String>,
}

/// Reads `lot.quantity` where `lot.terms.quantity` is meant: a lot is its terms and a name for them.
impl std::ops::Deref for Lot {
    type Target = LotTerms;

    fn deref(&self) -> &LotTerms {
        &self.terms
    }
}

/// A lot to post.
pub type NewLot = LotTerms;

/// Among how many suppliers a lot may be split.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sourcing {
    /// At least so many, if it is awarded at all.
    pub min_suppliers: i64,
    /// At most so many.
    pub max_suppliers: Option<i64>,
    /// The smallest share for one supplier who gets any.
    pub min_share: Share,
    /// Whether it may be split; if not, one supplier gets all of it or nobody does.
    pub divisible: bool,
    /// Whether it must be awarded.
    pub must_award: bool,
}

impl Default for Sourcing {
    fn default() -> Self {
        Self {
            min_suppliers: 0,
            max_suppliers: None,
            min_share: Share::NONE,
            divisible: true,
            must_award: false,
        }
    }
}

/// When a lot is to be delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Delivery {
    /// Not before.
    pub from: Option<Day>,
    /// Not after.
    pub to: Option<Day>,
    /// In how many months it starts: gaps that take longer to close cannot open it.
    pub starts_in: Option<i64>,
}

impl Input for LotTerms {
    fn read(f: &mut Fields) -> Option<Self> {
        let (name, process) = (f.text("name", 1..=200), read_process(f));
        let (unit, quantity) = (read_unit(f), f.number("quantity", 1..=MOST_UNITS));
        let (reference_price, weight) = (f.optional::<UnitPrice>("reference_price"), f.or("weight", ONE));
        let (max_share, min_coverage) = (f.or("max_share", Share::ALL), f.or("min_coverage", Share::NONE));
        let (years, sourcing, delivery) =
            (f.optional_number("years", 1..=30), Sourcing::read(f), Delivery::read(f));
        if let (Some(quantity), Some(Some(price))) = (quantity, reference_price)
            && is_too_valuable(price, quantity)
        {
            f.fail("reference_price", Fault::new("too-large"));
        }
        if let (Some(sourcing), Some(max_share), Some(min_coverage), Some(quantity)) =
            (sourcing, max_share, min_coverage, quantity)
        {
            for (field, fault) in sourcing.contradictions(max_share, min_coverage, quantity) {
                f.fail(field, fault);
            }
        }
        let (unit, unit_code) = unit?;
        Some(Self {
            name: name?,
            process: process?,
            unit,
            unit_code: Some(unit_code),
            quantity: quantity?,
            reference_price: reference_price?,
            weight: weight?,
            max_share: max_share?,
            min_coverage: min_coverage?,
            years: years?.unwrap_or(1),
            sourcing: sourcing?,
            delivery: delivery?,
            external_reference: None,
        })
    }
}

impl Input for Sourcing {
    fn read(f: &mut Fields) -> Option<Self> {
        let usual = Self::default();
        let (min_suppliers, max_suppliers) = (
            f.optional_number("min_suppliers", 0..=MOST_SUPPLIERS),
            f.optional_number("max_suppliers", 1..=MOST_SUPPLIERS),
        );
        let min_share = f.or("min_share", usual.min_share);
        let (divisible, must_award) = (f.or("divisible", usual.divisible), f.or("must_award", false));
        Some(Self {
            min_suppliers: min_suppliers?.unwrap_or(0),
            max_suppliers: max_suppliers?,
            min_share: min_share?,
            divisible: divisible?,
            must_award: must_award?,
        })
    }
}

impl Sourcing {
    /// What no award could fulfil: a lead firm learns it when it writes, not when the solver fails.
    fn contradictions(
        &self,
        max_share: Share,
        min_coverage: Share,
        quantity: i64,
    ) -> Vec<(&'static str, Fault)> {
        let least = self.min_suppliers;
        let split = least > 1 || max_share < Share::ALL;
        let covered = self.max_suppliers.map(|most| i128::from(most) * i128::from(max_share.ppm()));
        let all = i128::from(Share::ALL.ppm());
        [
            (self.max_suppliers.is_some_and(|most| most < least), "max_suppliers", "suppliers-crossed"),
            (self.min_share > max_share, "min_share", "shares-crossed"),
            (
                i128::from(least) * i128::from(self.min_share.ppm()) > all,
                "min_share",
                "shares-exceed-the-lot",
            ),
            (least > quantity, "min_suppliers", "more-suppliers-than-units"),
            (!self.divisible && split, "divisible", "indivisible-and-split"),
            (
                covered.is_some_and(|most| most < i128::from(min_coverage.ppm())),
                "min_coverage",
                "coverage-out-of-reach",
            ),
        ]
        .into_iter()
        .filter(|(wrong, ..)| *wrong)
        .map(|(_, field, code)| (field, Fault::new(code)))
        .collect()
    }
}

impl Input for Delivery {
    fn read(f: &mut Fields) -> Option<Self> {
        let (from, to) = (f.optional::<Day>("delivery_from"), f.optional::<Day>("delivery_to"));
        let starts_in = f.optional_number("starts_in", 0..=360);
        if let (Some(Some(from)), Some(Some(to))) = (from, to)
            && to < from
        {
            f.fail("delivery_to", Fault::new("window-crossed"));
        }
        Some(Self { from: from?, to: to?, starts_in: starts_in? })
    }
}

/// Whether so many units at this price are worth more than an amount can say.
#[must_use]
pub fn is_too_valuable(price: UnitPrice, quantity: i64) -> bool {
    i128::from(price.0) * i128::from(quantity) > MOST_VALUE * 1_000_000
}

/// A name, or a UNSPSC code.
fn read_process(f: &mut Fields) -> Option<String> {
    let process = f.text("process", 1..=60)?;
    if process.bytes().all(|b| b.is_ascii_digit()) && !unspsc::is_code(&process) {
        f.fail("process", Fault::new("not-unspsc"));
        return None;
    }
    Some(process)
}

/// The unit as it is shown and its code.
fn read_unit(f: &mut Fields) -> Option<(String, String)> {
    let unit = f.text("unit", 1..=20)?;
    let Some(code) = unit_code(&unit) else {
        f.fail("unit", Fault::new("not-a-unit"));
        return None;
    };
    Some((unit, code.as_str().to_owned()))
}

/// The commonest units as people write them, in the singular or the plural.
const SPOKEN: &[(&str, &str)] = &[
    ("unidad", "C62"),
    ("unidades", "C62"),
    ("pieza", "H87"),
    ("piezas", "H87"),
    ("par", "PR"),
    ("pares", "PR"),
    ("juego", "SET"),
    ("juegos", "SET"),
    ("caja", "XBX"),
    ("cajas", "XBX"),
    ("kg", "KGM"),
    ("kilogramo", "KGM"),
    ("kilogramos", "KGM"),
    ("g", "GRM"),
    ("t", "TNE"),
    ("tonelada", "TNE"),
    ("toneladas", "TNE"),
    ("l", "LTR"),
    ("litro", "LTR"),
    ("litros", "LTR"),
    ("m", "MTR"),
    ("metro", "MTR"),
    ("metros", "MTR"),
    ("m2", "MTK"),
    ("m²", "MTK"),
    ("m3", "MTQ"),
    ("m³", "MTQ"),
    ("hora", "HUR"),
    ("horas", "HUR"),
    ("día", "DAY"),
    ("días", "DAY"),
    ("mes", "MON"),
    ("meses", "MON"),
    ("servicio", "E48"),
    ("servicios", "E48"),
    ("unit", "C62"),
    ("units", "C62"),
    ("piece", "H87"),
    ("pieces", "H87"),
    ("pair", "PR"),
    ("set", "SET"),
    ("box", "XBX"),
    ("hour", "HUR"),
    ("hours", "HUR"),
    ("day", "DAY"),
    ("month", "MON"),
    ("service", "E48"),
];

/// The code of a unit that was written as a code or as a common word.
pub fn unit_code(text: &str) -> Option<UnitCode> {
    let lower = text.to_lowercase();
    let spoken = SPOKEN.iter().find(|(word, _)| *word == lower).map(|(_, code)| *code);
    UnitCode::from_code_ignore_case(spoken.unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn faults(with: &Json) -> Vec<String> {
        let mut lot = json!({ "name": "Bujes", "process": "torneado", "unit": "pieza", "quantity": 10 });
        lot.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        match Fields::from_json::<LotTerms>(lot.to_string().as_bytes()) {
            Ok(_) => Vec::new(),
            Err(problem) => problem.errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect(),
        }
    }

    #[test]
    fn a_unit_is_a_code_of_un_cefact_or_a_common_word() {
        for (_, code) in SPOKEN {
            assert!(UnitCode::from_code(code).is_some(), "{code}");
        }
        assert_eq!(unit_code("Piezas").map(UnitCode::as_str), Some("H87"));
        assert_eq!(unit_code("kgm").map(UnitCode::as_str), Some("KGM"));
        assert_eq!(faults(&json!({ "unit": "puñado" })), ["/unit not-a-unit"]);
    }

    #[test]
    fn a_process_of_digits_is_a_unspsc_code() {
        assert_eq!(faults(&json!({ "process": "73181000" })), [""; 0]);
        assert_eq!(faults(&json!({ "process": "torneado cnc 5 ejes" })), [""; 0]);
        for wrong in ["7318100", "731810001", "05181000", "96181000"] {
            assert_eq!(faults(&json!({ "process": wrong })), ["/process not-unspsc"], "{wrong}");
        }
    }

    #[test]
    fn what_no_award_could_fulfil_is_refused_when_it_is_written() {
        let two_of_three =
            json!({ "min_suppliers": 2, "max_suppliers": 3, "min_share": "0.2", "max_share": "0.6" });
        assert_eq!(faults(&two_of_three), [""; 0]);
        let within_reach = json!({ "max_suppliers": 3, "max_share": "0.3", "min_coverage": "0.9" });
        assert_eq!(faults(&within_reach), [""; 0]);
        // Ten for ten units, each of which gets its tenth.
        let just = json!({
            "min_suppliers": 10, "max_suppliers": 10, "min_share": "0.1", "max_share": "0.1", "min_coverage": "1",
        });
        assert_eq!(faults(&just), [""; 0]);
        let crossed = json!({
            "min_suppliers": 11, "max_suppliers": 2, "min_share": "0.7", "max_share": "0.4", "divisible": false,
            "min_coverage": "0.9", "delivery_from": "2026-05-01", "delivery_to": "2026-04-30", "starts_in": 400,
        });
        assert_eq!(
            faults(&crossed),
            [
                "/delivery_to window-crossed",
                "/divisible indivisible-and-split",
                "/max_suppliers suppliers-crossed",
                "/min_coverage coverage-out-of-reach",
                "/min_share shares-crossed",
                "/min_share shares-exceed-the-lot",
                "/min_suppliers more-suppliers-than-units",
                "/starts_in out-of-range",
            ]
        );
    }

    #[test]
    fn what_cannot_be_divided_is_not_split_in_either_way() {
        let indivisible = |with: Json| {
            let mut lot = json!({ "divisible": false });
            lot.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
            faults(&lot)
        };
        let split = ["/divisible indivisible-and-split"];
        assert_eq!(indivisible(json!({ "min_suppliers": 1, "max_share": "1" })), [""; 0]);
        assert_eq!(indivisible(json!({ "min_suppliers": 2 })), split);
        assert_eq!(indivisible(json!({ "max_share": "0.9" })), split);
    }
}
