//! The tables of the format: their columns, and how a row becomes a value.

use super::{
    codes,
    problems::{Place, Problems},
    row::Row,
};
use crate::{
    Decimal,
    instance::{Buyer, Cap, Capacity, Consortium, Gap, Lot, Pair, Sales, Supplier},
};

/// The largest number of units: everything up to it is exact in a double as well.
const UNITS: u64 = 1_000_000_000_000_000;

/// A kind of row.
pub(super) trait Record: Sized {
    /// The table's file in a folder.
    const FILE: &'static str;
    /// All columns.
    const COLUMNS: &'static [&'static str];
    /// Columns that have no default.
    const REQUIRED: &'static [&'static str];
    /// Whether an instance without this table is incomplete.
    const NEEDED: bool = false;
    /// Columns that hold lists of ids: joined by `|` in a file, arrays in a document.
    const LISTS: &'static [&'static str] = &[];

    /// The table's name in a JSON document.
    fn table() -> &'static str {
        Self::FILE.trim_end_matches(".csv")
    }

    /// Interprets a row; `None` where even its ids are unusable.
    fn read(row: &Row<'_>, problems: &mut Problems) -> Option<Self>;

    /// What makes the row unique in its table, and the order of the table.
    fn key(&self) -> (&str, &str);
}

/// A table as it was read.
#[derive(Debug)]
pub(super) struct Table<T> {
    /// Its name in messages.
    pub(super) file: &'static str,
    /// Rows with their line or position.
    pub(super) rows: Vec<(u64, T)>,
    /// Whether every row was understood. Where not, what seems missing may only be unread.
    pub(super) whole: bool,
}

impl<T: Record> Table<T> {
    pub(super) const fn new(file: &'static str) -> Self {
        Self { file, rows: Vec::new(), whole: true }
    }

    /// Interprets a row and keeps it.
    pub(super) fn push(&mut self, row: &Row<'_>, problems: &mut Problems) {
        match T::read(row, problems) {
            Some(record) => self.rows.push((row.number(), record)),
            None => self.whole = false,
        }
    }

    /// Puts the rows into the canonical order; equal keys stay in the order of the file.
    pub(super) fn sort(&mut self) {
        self.rows.sort_by(|(_, a), (_, b)| a.key().cmp(&b.key()));
    }

    /// The row with this key, in a sorted table.
    pub(super) fn find(&self, key: (&str, &str)) -> Option<&T> {
        let found = self.rows.binary_search_by(|(_, row)| row.key().cmp(&key));
        found.ok().and_then(|at| self.rows.get(at)).map(|(_, r)| r)
    }

    /// Whether a row with this key may exist.
    pub(super) fn may_hold(&self, key: (&str, &str)) -> bool {
        !self.whole || self.find(key).is_some()
    }

    /// Where a row of this table stands.
    pub(super) const fn place<'a>(&self, row: u64, column: &'a str) -> Place<'a> {
        Place::new(self.file, row, column)
    }

    /// The values without their places.
    pub(super) fn into_values(self) -> Vec<T> {
        self.rows.into_iter().map(|(_, value)| value).collect()
    }
}

/// Every table of an instance.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) buyers: Table<Buyer>,
    pub(super) suppliers: Table<Supplier>,
    pub(super) caps: Table<Cap>,
    pub(super) sales: Table<Sales>,
    pub(super) capacity: Table<Capacity>,
    pub(super) lots: Table<Lot>,
    pub(super) pairs: Table<Offer>,
    pub(super) gaps: Table<Gap>,
    pub(super) consortia: Table<Consortium>,
    pub(super) decisions: Table<Rule>,
}

/// The tables' names in a JSON document, in the order of the format.
pub(super) const NAMES: [&str; 10] =
    ["buyers", "suppliers", "caps", "sales", "capacity", "lots", "pairs", "gaps", "consortia", "decisions"];

impl Record for Buyer {
    const FILE: &'static str = "buyers.csv";
    const COLUMNS: &'static [&'static str] = &["id", "group", "budget", "max_supplier_share"];
    const REQUIRED: &'static [&'static str] = &["id"];
    const NEEDED: bool = true;

    fn read(row: &Row<'_>, problems: &mut Problems) -> Option<Self> {
        let id = row.id("id", problems);
        let group = row.optional_id("group", problems);
        let budget = row.amount("budget", problems);
        let max_supplier_share = row.share("max_supplier_share", problems);
        let id = id?;
        Some(Self {
            group: group.unwrap_or_else(|| id.clone()),
            id,
            budget,
            max_supplier_share: max_supplier_share.unwrap_or(Decimal::ONE),
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.id, "")
    }
}

impl Record for Supplier {
    const FILE: &'static str = "suppliers.csv";
    const COLUMNS: &'static [&'static str] =
        &["id", "annual_sales", "dependency_cap", "max_awards", "min_total", "setup_cost"];
    const REQUIRED: &'static [&'static str] = &["id"];
    const NEEDED: bool = true;

    fn read(row: &Row<'_>, problems: &mut Problems) -> Option<Self> {
        let id = row.id("id", problems);
        let annual_sales = row.amount("annual_sales", problems);
        let dependency_cap = row.share("dependency_cap", problems);
        let max_awards = row.whole("max_awards", 0..=UNITS, problems);
        let min_total = row.amount("min_total", problems).unwrap_or_default();
        let setup_cost = row.amount("setup_cost", problems).unwrap_or_default();
        Some(Self { id: id?, annual_sales, dependency_cap, max_awards, min_total, setup_cost })
    }

    fn key(&self) -> (&str, &str) {
        (&self.id, "")
    }
}

impl Record for Cap {
    const FILE: &'static str = "caps.csv";
    const COLUMNS: &'static [&'static str] = &["supplier", "group", "dependency_cap"];
    const REQUIRED: &'static [&'static str] = Self::COLUMNS;

    fn read(row: &Row<'_>, problems: &mut Problems) -> Option<Self> {
        let supplier = row.id("supplier", problems);
        let group = row.id("group", problems);
        let dependency_cap = row.required_share("dependency_cap", problems);
        Some(Self { supplier: supplier?, group: group?, dependency_cap: dependency_cap.unwrap_or_default() })
    }

    fn key(&self) -> (&str, &str) {
        (&self.supplier, &self.group)
    }
}

impl Record for Sales {
    const FILE: &'static str = "sales.csv";
    const COLUMNS: &'static [&'static str] = &["supplier", "group", "amount", "expiring"];
    const REQUIRED: &'static [&'static str] = &["supplier", "group", "amount"];

    fn read(row: &Row<'_>, problems: &mut Problems) -> Option<Self> {
        let supplier = row.id("supplier", problems);
        let group = row.id("group", problems);
        let amount = row.required_amount("amount", problems);
        let expiring = row.amount("expiring", problems).unwrap_or_default();
        if let Some(amount) = amount
            && expiring > amount
        {
            let cause = format_args!("{expiring} of {amount} expire");
            problems.report(codes::E1207, row.place("expiring"), cause);
        }
        Some(Self { supplier: supplier?, group: group?, amount: amount.unwrap_or_default(), expiring })
    }

    fn key(&self) -> (&str, &str) {
        (&self.supplier, &self.group)
    }
}

impl Record for Capacity {
    const FILE: &'static str = "capacity.csv";
    const COLUMNS: &'static [&'static str] = &["supplier", "process", "amount"];
    const REQUIRED: &'static [&'static str] = Self::COLUMNS;

    fn read(row: &Row<'_>, problems: &mut Problems) -> Option<Self> {
        let supplier = row.id("supplier", problems);
        let process = row.id("process", problems);
        let amount = row.required_amount("amount", problems);
        Some(Self { supplier: supplier?, process: process?, amount: amount.unwrap_or_default() })
    }

    fn key(&self) -> (&str, &str) {
        (&self.supplier, &self.process)
    }
}

impl Record for Lot {
    const FILE: &'static str = "lots.csv";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "buyer",
        "process",
        "quantity",
        "reference_price",
        "weight",
        "min_suppliers",
        "max_suppliers",
        "min_share",
        "max_share",
        "divisible",
        "must_award",
        "min_coverage",
        "years",
        "starts_in",
    ];
    const REQUIRED: &'static [&'static str] = &["id", "buyer", "process", "quantity", "reference_price"];
    const NEEDED: bool = true;

    fn read(row: &Row<'_>, problems: &mut Problems) -> Option<Self> {
        let id = row.id("id", problems);
        let buyer = row.id("buyer", problems);
        let process = row.id("process", problems);
        let quantity = row
            .check_e1010_given("quantity", problems)
            .and_then(|()| row.whole("quantity", 1..=UNITS, problems));
        let reference_price = row.required_amount("reference_price", problems);
        let weight = row.amount("weight", problems);
        let min_suppliers = row.whole("min_suppliers", 0..=UNITS, problems);
        let max_suppliers = row.whole("max_suppliers", 1..=UNITS, problems);
        let min_share = row.share("min_share", problems);
        let max_share = row.share("max_share", problems);
        let divisible = row.flag("divisible", problems);
        let must_award = row.flag("must_award", problems);
        let min_coverage = row.share("min_coverage", problems);
        let years = row.positive("years", problems);
        let starts_in = row.amount("starts_in", problems);
        let (buyer, process) = (buyer.unwrap_or_default(), process.unwrap_or_default());
        let (quantity, price) = (quantity.unwrap_or(UNITS), reference_price.unwrap_or_default());
        Some(Self {
            weight: weight.unwrap_or(Decimal::ONE),
            min_suppliers: min_suppliers.unwrap_or(0),
            max_suppliers,
            min_share: min_share.unwrap_or_default(),
            max_share: max_share.unwrap_or(Decimal::ONE),
            divisible: divisible.unwrap_or(true),
            must_award: must_award.unwrap_or(false),
            min_coverage: min_coverage.unwrap_or_default(),
            years: years.unwrap_or(Decimal::ONE),
            starts_in,
            ..Self::new(id?, buyer, process, quantity, price)
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.id, "")
    }
}

/// A pair whose price may still be that of its lot.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) pair: Pair,
    /// Whether the pair has a price of its own.
    pub(super) priced: bool,
}

impl Record for Offer {
    const FILE: &'static str = "pairs.csv";
    const COLUMNS: &'static [&'static str] =
        &["supplier", "lot", "unit_price", "fit", "load", "max_share", "blocked_by"];
    const REQUIRED: &'static [&'static str] = &["supplier", "lot"];
    const NEEDED: bool = true;
    const LISTS: &'static [&'static str] = &["blocked_by"];

    fn read(row: &Row<'_>, problems: &mut Problems) -> Option<Self> {
        let supplier = row.id("supplier", problems);
        let lot = row.id("lot", problems);
        let unit_price = row.amount("unit_price", problems);
        let fit = row.share("fit", problems);
        let load = row.amount("load", problems);
        let max_share = row.share("max_share", problems);
        let blocked_by = row.ids("blocked_by", problems);
        Some(Self {
            priced: unit_price.is_some(),
            pair: Pair {
                fit: fit.unwrap_or(Decimal::ONE),
                load: load.unwrap_or(Decimal::ONE),
                max_share: max_share.unwrap_or(Decimal::ONE),
                blocked_by: blocked_by?,
                ..Pair::new(supplier?, lot?, unit_price.unwrap_or_default())
            },
        })
    }

    fn key(&self) -> (&str, &str) {
        (&self.pair.supplier, &self.pair.lot)
    }
}

impl Record for Gap {
    const FILE: &'static str = "gaps.csv";
    const COLUMNS: &'static [&'static str] = &["id", "supplier", "cost", "months"];
    const REQUIRED: &'static [&'static str] = &["id", "supplier"];

    fn read(row: &Row<'_>, problems: &mut Problems) -> Option<Self> {
        let id = row.id("id", problems);
        let supplier = row.id("supplier", problems);
        let cost = row.amount("cost", problems);
        let months = row.amount("months", problems).unwrap_or_default();
        Some(Self { id: id?, supplier: supplier?, cost, months })
    }

    fn key(&self) -> (&str, &str) {
        (&self.id, "")
    }
}

impl Record for Consortium {
    const FILE: &'static str = "consortia.csv";
    const COLUMNS: &'static [&'static str] = &["id", "members"];
    const REQUIRED: &'static [&'static str] = Self::COLUMNS;
    const LISTS: &'static [&'static str] = &["members"];

    fn read(row: &Row<'_>, problems: &mut Problems) -> Option<Self> {
        let id = row.id("id", problems);
        let members = row.check_e1010_given("members", problems).and_then(|()| row.ids("members", problems));
        Some(Self { id: id?, members: members? })
    }

    fn key(&self) -> (&str, &str) {
        (&self.id, "")
    }
}

/// A decision as it was written; what it means is settled with its lot and pair.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) supplier: String,
    pub(super) lot: String,
    pub(super) verb: Verb,
    pub(super) quantity: Option<u64>,
    pub(super) share: Option<Decimal>,
    pub(super) overrides: bool,
}

/// `fixed` or `forbidden`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verb {
    Fixed,
    Forbidden,
}

impl Record for Rule {
    const FILE: &'static str = "decisions.csv";
    const COLUMNS: &'static [&'static str] =
        &["supplier", "lot", "decision", "quantity", "share", "override"];
    const REQUIRED: &'static [&'static str] = &["supplier", "lot", "decision"];

    fn read(row: &Row<'_>, problems: &mut Problems) -> Option<Self> {
        const VERBS: [(&str, Verb); 2] = [("fixed", Verb::Fixed), ("forbidden", Verb::Forbidden)];
        let supplier = row.id("supplier", problems);
        let lot = row.id("lot", problems);
        let verb = row
            .check_e1010_given("decision", problems)
            .and_then(|()| row.choice("decision", &VERBS, problems));
        let quantity = row.whole("quantity", 1..=UNITS, problems);
        let share = row.share("share", problems);
        let overrides = row.flag("override", problems).unwrap_or(false);
        Some(Self { supplier: supplier?, lot: lot?, verb: verb?, quantity, share, overrides })
    }

    fn key(&self) -> (&str, &str) {
        (&self.supplier, &self.lot)
    }
}
