//! A comparison as CSV tables, one for each of its lists.

use super::{
    Amounts, AwardDifference, BuyerDifference, Comparison, DependencyDifference, LotDifference, Sides,
    SupplierDifference, TierDifference,
};
use crate::outcome::tables::csv_table;

impl Comparison {
    /// Every table as (file name, text).
    #[must_use]
    pub fn tables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("tiers.csv", table(TIERS, &self.tiers, tier)),
            ("lots.csv", table(LOTS, &self.lots, lot)),
            ("suppliers.csv", table(SUPPLIERS, &self.suppliers, supplier)),
            ("buyers.csv", table(BUYERS, &self.buyers, buyer)),
            ("awards.csv", table(AWARDS, &self.awards, award)),
            ("dependency.csv", table(DEPENDENCY, &self.dependency, dependency)),
        ]
    }
}

/// A table from its columns, joined by commas, and a function that makes a row.
fn table<T>(columns: &str, rows: &[T], row: fn(&T) -> Vec<String>) -> String {
    let columns: Vec<&str> = columns.split(',').collect();
    csv_table(&columns, rows.iter().map(row))
}

fn amounts(amounts: &Amounts) -> [String; 3] {
    [amounts.a.clone(), amounts.b.clone(), amounts.change.clone()]
}

fn sides<T: ToString>(sides: &Sides<T>) -> [String; 2] {
    [sides.a.to_string(), sides.b.to_string()]
}

fn optional(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

const TIERS: &str = "name,published_a,published_b,change,value_a,value_b,gap_a,gap_b";

fn tier(tier: &TierDifference) -> Vec<String> {
    let mut row = vec![tier.name.clone()];
    row.extend(amounts(&tier.published));
    row.extend(sides(&tier.value));
    row.extend(sides(&tier.gap));
    row
}

const LOTS: &str = "lot,quantity_a,quantity_b,unmet_a,unmet_b,amount_a,amount_b,change,gained,lost";

fn lot(lot: &LotDifference) -> Vec<String> {
    let mut row = vec![lot.lot.clone()];
    row.extend(sides(&lot.quantity));
    row.extend(sides(&lot.unmet));
    row.extend(amounts(&lot.amount));
    row.extend([lot.gained.join("|"), lot.lost.join("|")]);
    row
}

const SUPPLIERS: &str = "supplier,lots_a,lots_b,amount_a,amount_b,change,\
                         annual_amount_a,annual_amount_b,annual_change,gained,lost";

fn supplier(supplier: &SupplierDifference) -> Vec<String> {
    let mut row = vec![supplier.supplier.clone()];
    row.extend(sides(&supplier.lots));
    row.extend(amounts(&supplier.amount));
    row.extend(amounts(&supplier.annual_amount));
    row.extend([supplier.gained.join("|"), supplier.lost.join("|")]);
    row
}

const BUYERS: &str =
    "buyer,group,amount_a,amount_b,change,covered_a,covered_b,covered_change,suppliers_a,suppliers_b";

fn buyer(buyer: &BuyerDifference) -> Vec<String> {
    let mut row = vec![buyer.buyer.clone(), buyer.group.clone()];
    row.extend(amounts(&buyer.amount));
    row.extend(amounts(&buyer.covered));
    row.extend(sides(&buyer.suppliers));
    row
}

const AWARDS: &str = "lot,supplier,consortium,quantity_a,quantity_b,amount_a,amount_b,change";

fn award(award: &AwardDifference) -> Vec<String> {
    let mut row = vec![award.lot.clone(), award.supplier.clone(), optional(award.consortium.as_ref())];
    row.extend(sides(&award.quantity));
    row.extend(amounts(&award.amount));
    row
}

const DEPENDENCY: &str = "supplier,group,after_a,after_b,change,cap_a,cap_b,binding_a,binding_b";

fn dependency(row: &DependencyDifference) -> Vec<String> {
    let texts =
        [&row.after.a, &row.after.b, &row.change, &row.cap.a, &row.cap.b].map(|text| optional(text.as_ref()));
    let mut cells = vec![row.supplier.clone(), row.group.clone()];
    cells.extend(texts);
    cells.extend(sides(&row.binding));
    cells
}
