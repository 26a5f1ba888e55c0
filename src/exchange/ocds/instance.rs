//! A procurement as a solver instance: the tables of `eslabon-instance/1` as plain text.

use std::collections::HashSet;

use time::Date;

use super::{
    exact::{self, Exact},
    figures::plain,
    findings::{Refusal, Warning},
    model::Procurement,
    offer::{ItemLot, offer},
    sales::existing_sales,
};

/// The rules that the instance is solved under; a record knows none.
#[derive(Clone, PartialEq, Debug)]
pub struct Options {
    /// The day that decides what counts as existing sales; `None`: the latest signature.
    pub as_of: Option<Date>,
    /// Largest share of a supplier's sales that may come from one buyer, 0…1; `None`: no cap.
    pub dependency_cap: Option<Exact>,
    /// Amount by which the sales to one buyer may exceed the cap, in the record's currency.
    pub dependency_allowance: Exact,
}

/// The cap of 30 %, the programme's default, and no allowance.
impl Default for Options {
    fn default() -> Self {
        Self {
            as_of: None,
            dependency_cap: Some(exact::whole_number(3) / exact::whole_number(10)),
            dependency_allowance: exact::whole_number(0),
        }
    }
}

/// An instance in its on-disk form.
#[derive(Clone, PartialEq, Debug)]
pub struct InstanceTables {
    /// Fields of `instance.toml`, as they are written there.
    pub settings: Vec<(&'static str, String)>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The day that decided what counts as existing sales.
    pub as_of: Option<Date>,
    /// What was assumed, and what stayed out.
    pub warnings: Vec<Warning>,
}

/// A table of the instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// Its file's name without `.csv`.
    pub name: &'static str,
    /// Column names.
    pub columns: Vec<&'static str>,
    /// Cells, one for each column; empty = default.
    pub rows: Vec<Vec<String>>,
}

impl InstanceTables {
    /// The folder's files: name and content.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let settings = self.settings.iter();
        let lines: Vec<String> = settings.map(|(field, value)| format!("{field} = {value}\n")).collect();
        let mut files = vec![("instance.toml".to_owned(), lines.concat())];
        let tables = self.tables.iter();
        files.extend(tables.map(|table| (format!("{}.csv", table.name), table.csv())));
        files
    }

    /// A table by its name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

impl Table {
    /// The table as CSV (RFC 4180).
    #[must_use]
    pub fn csv(&self) -> String {
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut line = cells.map(quoted).collect::<Vec<_>>().join(",");
            line.push('\n');
            line
        };
        let head = line(&mut self.columns.iter().copied());
        let rows = self.rows.iter();
        head + &rows.map(|row| line(&mut row.iter().map(String::as_str))).collect::<String>()
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// The instance of a procurement: its buyer as the one buyer group, its suppliers with undisclosed
/// annual sales, existing sales as of a day, and [`offer`]'s lots and pairs that have a family and a
/// price.
///
/// Undisclosed sales mean that the cap lets nothing through but the allowance, and that existing
/// sales use the allowance up.
///
/// # Errors
/// A procurement without a currency, or without a single lot that has a family and a price.
pub fn to_instance(procurement: &Procurement, options: &Options) -> Result<InstanceTables, Refusal> {
    let offer = offer(procurement);
    let existing = existing_sales(procurement, options.as_of);
    let lots: Vec<&ItemLot> =
        offer.lots.iter().filter(|lot| lot.process.is_some() && lot.reference_price.is_some()).collect();
    let Some(currency) = procurement.currency.filter(|_| !lots.is_empty()) else {
        return Err(Refusal::new(
            "no-lots",
            format!("{} has no item with both a classification code and a price", procurement.ocid),
            "import a record with priced contracts, or write the instance by hand",
        ));
    };
    let buyer = procurement.buyer.as_ref().map_or(procurement.ocid.as_str(), |buyer| &buyer.id);
    let mut settings = vec![
        ("format", "\"eslabon-instance/1\"".to_owned()),
        ("currency", format!("\"{}\"", currency.code())),
    ];
    if let Some(cap) = &options.dependency_cap {
        settings.push(("dependency_cap", exact::decimal(cap)));
    }
    settings.push(("dependency_allowance", exact::decimal(&options.dependency_allowance)));
    let known: HashSet<&str> = lots.iter().map(|lot| lot.id.as_str()).collect();
    let tables = vec![
        Table {
            name: "buyers",
            columns: vec!["id", "group"],
            rows: vec![vec![buyer.to_owned(), buyer.to_owned()]],
        },
        Table {
            name: "suppliers",
            columns: vec!["id", "annual_sales"],
            rows: rows(&procurement.suppliers, |supplier| vec![supplier.id.clone(), String::new()]),
        },
        Table {
            name: "sales",
            columns: vec!["supplier", "group", "amount"],
            rows: rows(&existing.sales, |sale| {
                vec![sale.supplier.clone(), buyer.to_owned(), plain(sale.annual)]
            }),
        },
        Table {
            name: "lots",
            columns: vec!["id", "buyer", "process", "quantity", "reference_price"],
            rows: lots.iter().map(|lot| lot_row(lot, buyer)).collect(),
        },
        Table {
            name: "pairs",
            columns: vec!["supplier", "lot", "unit_price"],
            rows: offer
                .pairs
                .iter()
                .filter(|pair| known.contains(pair.lot.as_str()))
                .map(|pair| {
                    let price = pair.unit_price.map(|price| price.to_string());
                    vec![pair.supplier.clone(), pair.lot.clone(), price.unwrap_or_default()]
                })
                .collect(),
        },
    ];
    let mut warnings = offer.warnings;
    warnings.extend(existing.warnings);
    Ok(InstanceTables { settings, tables, as_of: existing.as_of, warnings })
}

fn rows<T>(list: &[T], row: impl Fn(&T) -> Vec<String>) -> Vec<Vec<String>> {
    list.iter().map(row).collect()
}

fn lot_row(lot: &ItemLot, buyer: &str) -> Vec<String> {
    vec![
        lot.id.clone(),
        buyer.to_owned(),
        lot.process.clone().unwrap_or_default(),
        lot.quantity.to_string(),
        lot.reference_price.map(|(price, _)| price.to_string()).unwrap_or_default(),
    ]
}
