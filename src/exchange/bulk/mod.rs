//! Bulk import: firms, sales, capacities, lots and answers from a table.
//!
//! Each kind of table is described once ([`TABLES`]): its columns with their names in both languages, what a cell of
//! them holds, whether it is needed. A row becomes the same JSON object that the API takes for one such thing, and is
//! read by the same code, so a table can say nothing that the API would refuse.
//!
//! **Invariant:** all or nothing. A table with a single fault changes nothing and shows every fault; a preview does
//! everything that the import does and takes it back; the same table again changes nothing, and says so.

pub mod api;
mod columns;
pub mod pages;
pub mod store;

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

pub use columns::{Column, TABLES, Table, Type, table};

use super::table::{Cell, Grid, Line};
use crate::{
    access,
    foundation::{
        access::{ANYONE, FIRM_WRITERS, LEAD_FIRM_WRITERS, OFFICERS, SUPPLIER_WRITERS},
        clock::Day,
        fields::{Fault, Fields, Input},
        money::Money,
        numerals::{self, Convention},
        problem::{FieldError, Problem},
    },
    organisations::{
        StatedCapacity,
        tax_id::{Country, TaxId},
    },
    words,
};

access! {
    /// List the tables that can be imported, with their columns.
    ListTables = "imports.tables", ANYONE, &[];
    /// Import firms into a programme, from a table.
    ImportFirms = "imports.firms", OFFICERS, &["draft", "open"];
    /// Import the sales of one's supplier, from a table.
    ImportSales = "imports.sales", SUPPLIER_WRITERS, &[];
    /// Import the capacities of one's supplier, from a table.
    ImportCapacities = "imports.capacities", SUPPLIER_WRITERS, &[];
    /// Import the lots of a requirement, from a table.
    ImportLots = "imports.lots", LEAD_FIRM_WRITERS, &["draft"];
    /// Import the answers of a diagnostic, from a table.
    ImportAnswers = "imports.answers", FIRM_WRITERS, &["draft"];
}

words! {
    /// What an import did with a row.
    pub enum Outcome {
        /// Something new was written.
        Created = "created",
        /// Something that was there is otherwise now.
        Changed = "changed",
        /// It was there already, just so.
        Unchanged = "unchanged",
    }
}

/// A row that could be read.
#[derive(Clone, Debug)]
pub struct Row<T> {
    /// As a spreadsheet numbers it.
    pub number: usize,
    /// What it says.
    pub value: T,
}

impl<T> Row<T> {
    /// A fault of one of its columns.
    pub fn fault(&self, column: &str, code: &'static str) -> FieldError {
        FieldError::new(pointer(self.number, column), code)
    }
}

fn pointer(row: usize, column: &str) -> String {
    format!("/rows/{row}/{column}")
}

/// What an import did, or would do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// What became of each row that could be read, with its number.
    pub outcomes: Vec<(usize, Outcome)>,
    /// Everything that is wrong, in the order of the rows.
    pub faults: Vec<FieldError>,
}

impl Report {
    /// How many rows had this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.iter().filter(|(_, of_row)| *of_row == outcome).count()
    }

    /// Notes what became of a row.
    pub fn note<T>(&mut self, row: &Row<T>, outcome: Outcome) {
        self.outcomes.push((row.number, outcome));
    }
}

/// A table that was read as far as it can be: its rows, as objects, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Parsed {
    table: &'static Table,
    /// What each row says, by column; this is what the preview shows.
    pub objects: Vec<(usize, Map<String, Json>)>,
    /// What is wrong with the header and with single cells.
    pub faults: Vec<FieldError>,
}

impl Parsed {
    /// Finds the columns and reads the cells.
    pub fn of(table: &'static Table, grid: &Grid, convention: Convention) -> Self {
        let mut parsed = Self { table, objects: Vec::new(), faults: Vec::new() };
        let columns = parsed.header(&grid.header);
        let numbers = grid.rows.iter().flat_map(|line| {
            columns.iter().filter(|(_, column)| column.holds.is_number()).filter_map(|(at, _)| {
                match line.cells.get(*at) {
                    Some(Cell::Text(text)) => Some(text.as_str()),
                    _ => None,
                }
            })
        });
        let convention = convention.unless_contradicted(numbers);
        for line in &grid.rows {
            let object = parsed.line(&columns, line, convention);
            let has = |field: &str| object.contains_key(field);
            if parsed.table.column("currency").is_some() && has("amount") && !has("currency") {
                parsed.faults.push(FieldError::new(pointer(line.number, "currency"), "required"));
            }
            parsed.objects.push((line.number, object));
        }
        parsed
    }

    /// The columns with their positions.
    fn header(&mut self, header: &[String]) -> Vec<(usize, &'static Column)> {
        let mut found: Vec<(usize, &'static Column)> = Vec::new();
        for (at, name) in header.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            match self.table.column(name) {
                Some(column) if found.iter().any(|(_, other)| other.field == column.field) => {
                    self.faults.push(FieldError::new(pointer(1, column.field), "column-twice"));
                }
                Some(column) => found.push((at, column)),
                None => {
                    let named = |column: &Column| format!("{} ({})", column.es, column.field);
                    let known = self.table.columns.iter().map(named).collect::<Vec<_>>();
                    let fault = FieldError::new(pointer(1, name), "unknown-column").with("name", name);
                    self.faults.push(fault.with("allowed", known.join(", ")));
                }
            }
        }
        for column in self.table.columns.iter().filter(|column| column.needed) {
            if !found.iter().any(|(_, other)| other.field == column.field) {
                self.faults.push(FieldError::new(pointer(1, column.field), "missing-column"));
            }
        }
        found
    }

    fn line(
        &mut self,
        columns: &[(usize, &'static Column)],
        line: &Line,
        convention: Convention,
    ) -> Map<String, Json> {
        let mut object = Map::new();
        for (at, column) in columns {
            let cell = line.cells.get(*at).unwrap_or(&Cell::Empty);
            match column.holds.read(cell, convention) {
                Ok(Json::Null) => {}
                Ok(value) => drop(object.insert(column.field.to_owned(), value)),
                Err(Fault(code, args)) => {
                    self.faults.push(FieldError { pointer: pointer(line.number, column.field), code, args });
                    // So that it does not count as missing beside.
                    object.insert(column.field.to_owned(), Json::from(cell.shown()));
                }
            }
        }
        object
    }

    /// The object as the API takes it: an amount and its currency are one value there.
    fn shaped(&self, object: &Map<String, Json>) -> Map<String, Json> {
        let mut object = object.clone();
        if self.table.column("currency").is_none() {
            return object;
        }
        // A row without a currency has its fault already.
        let currency = object.remove("currency").unwrap_or_else(|| Json::from("USD"));
        if let Some(amount) = object.remove("amount") {
            object.insert("amount".to_owned(), json!({ "amount": amount, "currency": currency }));
        }
        object
    }

    /// What a row is about, however it is written; `None` where that cannot be read, which is told of by itself.
    fn about(&self, object: &Map<String, Json>) -> Option<Vec<String>> {
        let said =
            |field: &&str| object.get(*field).and_then(Json::as_str).map(|text| text.trim().to_owned());
        let said: Vec<Option<String>> = self.table.about.iter().map(said).collect();
        match said.as_slice() {
            [Some(country), Some(number)] => {
                let tax_id = TaxId::parse(country.parse().ok()?, number).ok()?;
                Some(vec![tax_id.country.to_string(), tax_id.number])
            }
            // A supplier's sales in all: no other table leaves both out.
            [None, None] if self.table.name == "sales" => Some(Vec::new()),
            [Some(name)] => Some(vec![name.clone()]),
            _ => None,
        }
    }

    /// Which rows say what another one says before them, whatever else is wrong with either.
    fn repeated(&self) -> BTreeMap<usize, FieldError> {
        let column = self.table.about.last().copied().unwrap_or_default();
        let mut first: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        let mut repeated = BTreeMap::new();
        for (number, object) in &self.objects {
            let Some(about) = self.about(object) else { continue };
            match first.entry(about) {
                Entry::Vacant(free) => {
                    free.insert(*number);
                }
                Entry::Occupied(other) => {
                    let fault = FieldError::new(pointer(*number, column), "row-twice");
                    repeated.insert(*number, fault.with("row", other.get()));
                }
            }
        }
        repeated
    }

    /// The rows as values, without those that have faults, and without those that repeat another: nothing of them is
    /// written, so that what is told of a row never comes of an earlier one.
    pub fn rows<T: Input>(&mut self) -> Vec<Row<T>> {
        let wrong: BTreeSet<&str> = self.faults.iter().map(|fault| fault.pointer.as_str()).collect();
        let missing: Vec<&str> = self
            .faults
            .iter()
            .filter(|f| f.code == "missing-column")
            .map(|f| &f.pointer["/rows/1/".len()..])
            .collect();
        let mut faults = Vec::new();
        let mut rows = Vec::new();
        for (number, object) in &self.objects {
            let read = serde_json::to_vec(&self.shaped(object)).map_err(Problem::from);
            match read.and_then(|json| Fields::from_json::<T>(&json)) {
                Ok(value) => rows.push(Row { number: *number, value }),
                Err(problem) => faults.extend(problem.errors.into_iter().filter_map(|error| {
                    let field = error.pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
                    let field = if error.code == "not-a-currency" { "currency" } else { field };
                    let place = pointer(*number, field);
                    // What is said of the cell or the header is not said again.
                    let known = wrong.contains(place.as_str()) || missing.contains(&field);
                    (!known).then_some(FieldError { pointer: place, ..error })
                })),
            }
        }
        let repeated = self.repeated();
        // Whatever is wrong with a row stands behind its beginning.
        let is_wrong = |row: usize| {
            let begins = pointer(row, "");
            wrong.range(begins.as_str()..).next().is_some_and(|place| place.starts_with(&begins))
        };
        rows.retain(|row| !is_wrong(row.number) && !repeated.contains_key(&row.number));
        self.faults.append(&mut faults);
        self.faults.extend(repeated.into_values());
        rows
    }
}

impl Type {
    /// What a cell says; null when it is empty.
    fn read(&self, cell: &Cell, convention: Convention) -> Result<Json, Fault> {
        let number = |cell: &Cell| match cell {
            Cell::Number(number) => Ok(number.clone()),
            cell => convention.read(&cell.shown()),
        };
        Ok(match (self, cell) {
            (_, Cell::Empty) => Json::Null,
            (Self::Text, cell) => Json::from(cell.shown()),
            (Self::Figure, cell) => Json::from(number(cell)?),
            (Self::Whole, cell) => {
                let digits = number(cell)?;
                let whole = digits.split_once('.').map_or(Some(digits.as_str()), |(whole, decimals)| {
                    decimals.bytes().all(|b| b == b'0').then_some(whole)
                });
                let whole = whole.and_then(|whole| whole.parse::<i64>().ok());
                Json::from(whole.ok_or_else(|| Fault::new("not-a-whole-number"))?)
            }
            (Self::Day, cell) => Json::from(numerals::day(&cell.shown())?.to_string()),
            (Self::Flag | Self::Answer, Cell::Flag(flag)) => Json::from(*flag),
            (Self::Flag, cell) => match columns::plain(&cell.shown()).as_str() {
                "si" | "yes" | "true" | "verdadero" | "1" | "x" => Json::from(true),
                "no" | "false" | "falso" | "0" => Json::from(false),
                _ => return Err(Fault::new("not-yes-or-no")),
            },
            (Self::Word(words), cell) => {
                let said = columns::plain(&cell.shown());
                let word =
                    words.iter().find(|(word, others)| *word == said || others.contains(&said.as_str()));
                Json::from(word.map_or(said.as_str(), |(word, _)| word))
            }
            // What a question takes is known once the question is.
            (Self::Answer, Cell::Number(number)) => Json::from(number.as_str()),
            (Self::Answer, cell) => Json::from(answer(&cell.shown(), convention)?),
        })
    }
}

/// A figure, a day, yes or no, in the form in which answers are read; anything else as it is.
fn answer(text: &str, convention: Convention) -> Result<String, Fault> {
    if let Ok(day) = numerals::day(text) {
        return Ok(day.to_string());
    }
    match (columns::plain(text).as_str(), convention.read(text)) {
        ("si" | "yes" | "true" | "verdadero", _) => Ok("true".to_owned()),
        ("no" | "false" | "falso", _) => Ok("false".to_owned()),
        (_, Ok(number)) => Ok(number),
        (_, Err(fault)) if fault.0 == "ambiguous-number" => Err(fault),
        _ => Ok(text.to_owned()),
    }
}

/// Sales of one's supplier: in all, or to one lead firm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSales {
    /// To whom; `None`: in all.
    pub buyer: Option<TaxId>,
    /// `None`: undisclosed.
    pub amount: Option<Money>,
    /// The day for which they are stated.
    pub as_of: Day,
}

impl Input for NewSales {
    fn read(f: &mut Fields) -> Option<Self> {
        let (country, number) =
            (f.optional::<Country>("buyer_country"), f.optional_text("buyer_tax_id", 2..=40));
        let (amount, as_of) = (f.optional::<Money>("amount"), f.required("as_of"));
        let buyer = match (country?, number?) {
            (None, None) => None,
            (Some(country), Some(number)) => match TaxId::parse(country, &number) {
                Ok(tax_id) => Some(tax_id),
                Err(fault) => {
                    f.fail("buyer_tax_id", fault);
                    return None;
                }
            },
            (country, _) => {
                f.fail(
                    if country.is_none() { "buyer_country" } else { "buyer_tax_id" },
                    Fault::new("required"),
                );
                return None;
            }
        };
        if buyer.is_some() && amount == Some(None) {
            f.fail("amount", Fault::new("required"));
            return None;
        }
        Some(Self { buyer, amount: amount?, as_of: as_of? })
    }
}

/// A capacity of one's supplier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCapacity {
    /// As lots name it.
    pub process: String,
    /// How much.
    pub stated: StatedCapacity,
}

impl Input for NewCapacity {
    fn read(f: &mut Fields) -> Option<Self> {
        let (process, stated) = (f.text("process", 1..=60), StatedCapacity::read(f));
        Some(Self { process: process?, stated: stated? })
    }
}

/// An answer to a question.
#[derive(Clone, PartialEq, Debug)]
pub struct TabledAnswer {
    /// The question's code.
    pub question: String,
    /// What the question's form reads; `None`: not applicable.
    pub value: Option<Json>,
    /// Who issued the certificate.
    pub issuer: Option<String>,
}

impl Input for TabledAnswer {
    fn read(f: &mut Fields) -> Option<Self> {
        let (question, value) = (f.text("question", 1..=100), f.optional::<Json>("value"));
        let (not_applicable, issuer) =
            (f.or("not_applicable", false), f.optional_text("issuer", crate::diagnostics::ISSUER));
        let value = value?;
        if value.is_some() == not_applicable? {
            f.fail("value", Fault::new("answer-or-not-applicable"));
            return None;
        }
        Some(Self { question: question?, value, issuer: issuer? })
    }
}

/// A column of a table that can be imported.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TableColumn {
    /// Which table.
    #[schema(example = "sales")]
    pub table: &'static str,
    /// What the API calls the column; this name is understood in both languages.
    #[schema(example = "as_of")]
    pub column: &'static str,
    /// Its name in the reader's language.
    #[schema(example = "fecha")]
    pub name: &'static str,
    /// What its cells hold: `text`, `whole`, `figure`, `day`, `flag`, `word`, `answer`.
    pub holds: &'static str,
    /// Whether it must be there.
    pub needed: bool,
    /// The words that it takes.
    pub words: Vec<&'static str>,
}

#[cfg(test)]
mod tests;
