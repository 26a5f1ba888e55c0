//! Writes an instance in its two on-disk forms, canonically, and fingerprints it.
//!
//! Canonical means: one text for one instance. Fields stand in the format's order, tables are sorted
//! (an [`Instance`] is), decimals are written without trailing zeros, and every default is written
//! out — so a document keeps its meaning should a default ever change.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use sha2::{Digest, Sha256};

use crate::{
    Decimal, Instance,
    instance::{Decision, DependencyBase, Engine, Ruling},
    read::{folder::SETTINGS, settings::FORMAT},
};

/// The canonical JSON document: fixed field order, tables sorted by id, decimals as texts, defaults
/// written out.
#[must_use]
pub fn to_json(instance: &Instance) -> String {
    let mut json = String::new();
    push_json(&mut json, instance, &mut |_| {});
    json
}

/// The folder form: (file name, text) of `instance.toml`, of the tables that every instance has
/// (buyers, suppliers, lots, pairs) and of every other table that has rows.
#[must_use]
pub fn to_folder(instance: &Instance) -> Vec<(String, String)> {
    let mut files = vec![(SETTINGS.to_owned(), toml(instance))];
    for table in written_tables(instance) {
        let name = table.file();
        let mut csv = String::new();
        push_csv(&mut csv, table, &mut |_| {});
        files.push((name, csv));
    }
    files
}

/// Writes the folder form, row by row: a large instance is never held as text. The folder is made
/// where it does not exist; files of the same names are replaced, others are left alone.
///
/// # Errors
/// What the file system says.
pub fn into_folder(instance: &Instance, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(SETTINGS), toml(instance))?;
    for table in written_tables(instance) {
        let mut file = File::create(folder.join(table.file()))?;
        let mut written = Ok(());
        let mut csv = String::new();
        push_csv(&mut csv, table, &mut |text| {
            if text.len() >= CHUNK && written.is_ok() {
                written = file.write_all(text.as_bytes());
                text.clear();
            }
        });
        written?;
        file.write_all(csv.as_bytes())?;
    }
    Ok(())
}

/// SHA-256 of [`to_json`], hexadecimal.
#[must_use]
pub fn fingerprint(instance: &Instance) -> String {
    Undecided::new(instance).fingerprint(instance)
}

/// The fingerprint of an instance on its way, all of it but its decisions: they stand last.
#[derive(Clone, Debug)]
pub(crate) struct Undecided(Sha256);

impl Undecided {
    pub fn new(instance: &Instance) -> Self {
        let mut hash = Sha256::new();
        hash_all(&mut hash, |json, drain| push_undecided(json, instance, drain));
        Self(hash)
    }

    /// The fingerprint of an instance that differs in decisions alone.
    pub fn fingerprint(&self, instance: &Instance) -> String {
        let mut hash = self.0.clone();
        hash_all(&mut hash, |json, drain| push_decisions(json, instance, drain));
        // Whoever asks for an engine asks for other figures.
        match instance.limits.engine {
            Engine::Auto => {}
            Engine::Highs => hash.update("highs"),
            Engine::FirstOrder => hash.update("first-order"),
        }
        let mut hexadecimal = String::new();
        for byte in hash.finalize() {
            push(&mut hexadecimal, format_args!("{byte:02x}"));
        }
        hexadecimal
    }
}

/// Hashes what is pushed, piece by piece.
fn hash_all(hash: &mut Sha256, push: impl FnOnce(&mut String, Drain<'_>)) {
    let mut json = String::new();
    push(&mut json, &mut |text: &mut String| {
        if text.len() >= CHUNK {
            hash.update(&*text);
            text.clear();
        }
    });
    hash.update(json);
}

/// Bytes of text that are written or hashed at once.
const CHUNK: usize = 1 << 16;

/// Called after every row, with the text so far: it may take it away.
type Drain<'a> = &'a mut dyn FnMut(&mut String);

fn push_json(json: &mut String, instance: &Instance, drain: Drain<'_>) {
    push_undecided(json, instance, drain);
    push_decisions(json, instance, drain);
}

/// All but the last table.
fn push_undecided(json: &mut String, instance: &Instance, drain: Drain<'_>) {
    json.push_str("{\n");
    for (name, value) in settings(instance) {
        push_json_field(json, name, &value);
        json.push_str(",\n");
    }
    let [undecided @ .., _] = tables(instance);
    for table in undecided {
        push_json_table(json, table, drain);
        json.push_str("],\n");
    }
}

fn push_decisions(json: &mut String, instance: &Instance, drain: Drain<'_>) {
    let [.., decisions] = tables(instance);
    push_json_table(json, decisions, drain);
    json.push_str("]\n}\n");
}

fn push_json_table(json: &mut String, table: Table<'_>, drain: Drain<'_>) {
    push_json_text(json, table.name);
    json.push_str(": [");
    for (at, row) in table.rows.enumerate() {
        json.push_str(if at > 0 { ",\n{" } else { "\n{" });
        for (at, (column, value)) in table.columns.split(',').zip(row).enumerate() {
            json.push_str(if at > 0 { ", " } else { "" });
            push_json_field(json, column, &value);
        }
        json.push('}');
        drain(json);
    }
}

fn toml(instance: &Instance) -> String {
    let mut toml = String::new();
    for (name, value) in settings(instance) {
        match value {
            // No setting is a list of ids.
            Value::Empty | Value::Ids(_) => {}
            // Bare numbers, as people write them here; the reader never makes doubles of them.
            Value::Number(number) => push(&mut toml, format_args!("{name} = {number}\n")),
            Value::Text(text) => push(&mut toml, format_args!("{name} = \"{text}\"\n")),
            Value::Units(number) => push(&mut toml, format_args!("{name} = {number}\n")),
            Value::Flag(flag) => push(&mut toml, format_args!("{name} = {flag}\n")),
            Value::Tiers(tiers) => {
                push(&mut toml, format_args!("{name} = [\n"));
                for (tier, tolerance) in tiers {
                    let tier = format_args!("    {{ name = \"{tier}\", tolerance = {tolerance} }},\n");
                    push(&mut toml, tier);
                }
                toml.push_str("]\n");
            }
        }
    }
    toml
}

/// The tables that a folder holds.
fn written_tables(instance: &Instance) -> impl Iterator<Item = Table<'_>> {
    tables(instance).into_iter().filter(|table| table.rows.len() > 0 || NEEDED.contains(&table.name))
}

fn push_csv(csv: &mut String, table: Table<'_>, drain: Drain<'_>) {
    csv.push_str(table.columns);
    csv.push('\n');
    for row in table.rows {
        push_csv_row(csv, &row);
        drain(csv);
    }
}

/// What a field holds.
enum Value<'a> {
    Empty,
    Text(&'a str),
    Number(Decimal),
    Units(u64),
    Flag(bool),
    Tiers(Vec<(&'static str, Decimal)>),
    Ids(&'a [String]),
}

impl Value<'_> {
    const fn optional(number: Option<Decimal>) -> Self {
        match number {
            Some(number) => Self::Number(number),
            None => Self::Empty,
        }
    }

    const fn optional_units(number: Option<u64>) -> Self {
        match number {
            Some(number) => Self::Units(number),
            None => Self::Empty,
        }
    }
}

/// Tables that an instance has even where they have no rows.
const NEEDED: [&str; 4] = ["buyers", "suppliers", "lots", "pairs"];

/// A table's rows, made one at a time.
struct Table<'a> {
    name: &'static str,
    /// Joined by commas.
    columns: &'static str,
    rows: Box<dyn ExactSizeIterator<Item = Vec<Value<'a>>> + 'a>,
}

impl<'a> Table<'a> {
    fn new<T>(
        name: &'static str,
        columns: &'static str,
        rows: &'a [T],
        row: fn(&'a T) -> Vec<Value<'a>>,
    ) -> Self {
        let rows = Box::new(rows.iter().map(row));
        Self { name, columns, rows }
    }

    fn file(&self) -> String {
        format!("{}.csv", self.name)
    }
}

fn settings(instance: &Instance) -> Vec<(&'static str, Value<'_>)> {
    use Value::{Flag, Number, Text, Tiers, Units};
    let limits = &instance.limits;
    let base = match instance.dependency_base {
        DependencyBase::Projected => "projected",
        DependencyBase::Conservative => "conservative",
    };
    let tiers = instance.objectives.iter();
    let tiers = tiers.map(|o| (o.tier.name(), o.tolerance)).collect();
    vec![
        ("format", Text(FORMAT)),
        ("currency", Text(&instance.currency)),
        ("dependency_cap", Value::optional(instance.dependency_cap)),
        ("dependency_base", Text(base)),
        ("dependency_allowance", Number(instance.dependency_allowance)),
        ("no_worsening", Flag(instance.no_worsening)),
        ("hhi_cap", Value::optional(instance.hhi_cap)),
        ("objectives", Tiers(tiers)),
        ("development_budget", Value::optional(instance.development_budget)),
        ("whole_units", Flag(instance.whole_units)),
        ("time_limit_seconds", Number(limits.time_limit_seconds)),
        ("relative_gap", Number(limits.relative_gap)),
        ("threads", Units(limits.threads.into())),
        ("seed", Units(limits.seed.into())),
    ]
}

fn tables(instance: &Instance) -> [Table<'_>; 10] {
    use Value::{Flag, Ids, Number, Text, Units};
    [
        Table::new("buyers", "id,group,budget,max_supplier_share", &instance.buyers, |b| {
            vec![Text(&b.id), Text(&b.group), Value::optional(b.budget), Number(b.max_supplier_share)]
        }),
        Table::new("suppliers", SUPPLIER, &instance.suppliers, |s| {
            vec![
                Text(&s.id),
                Value::optional(s.annual_sales),
                Value::optional(s.dependency_cap),
                Value::optional_units(s.max_awards),
                Number(s.min_total),
                Number(s.setup_cost),
            ]
        }),
        Table::new("caps", "supplier,group,dependency_cap", &instance.caps, |c| {
            vec![Text(&c.supplier), Text(&c.group), Number(c.dependency_cap)]
        }),
        Table::new("sales", "supplier,group,amount,expiring", &instance.sales, |s| {
            vec![Text(&s.supplier), Text(&s.group), Number(s.amount), Number(s.expiring)]
        }),
        Table::new("capacity", "supplier,process,amount", &instance.capacity, |c| {
            vec![Text(&c.supplier), Text(&c.process), Number(c.amount)]
        }),
        Table::new("lots", LOT, &instance.lots, |l| {
            vec![
                Text(&l.id),
                Text(&l.buyer),
                Text(&l.process),
                Units(l.quantity),
                Number(l.reference_price),
                Number(l.weight),
                Units(l.min_suppliers),
                Value::optional_units(l.max_suppliers),
                Number(l.min_share),
                Number(l.max_share),
                Flag(l.divisible),
                Flag(l.must_award),
                Number(l.min_coverage),
                Number(l.years),
                Value::optional(l.starts_in),
            ]
        }),
        Table::new("pairs", PAIR, &instance.pairs, |p| {
            vec![
                Text(&p.supplier),
                Text(&p.lot),
                Number(p.unit_price),
                Number(p.fit),
                Number(p.load),
                Number(p.max_share),
                Ids(&p.blocked_by),
            ]
        }),
        Table::new("gaps", "id,supplier,cost,months", &instance.gaps, |g| {
            vec![Text(&g.id), Text(&g.supplier), Value::optional(g.cost), Number(g.months)]
        }),
        Table::new("consortia", "id,members", &instance.consortia, |c| vec![Text(&c.id), Ids(&c.members)]),
        Table::new("decisions", "supplier,lot,decision,quantity,override", &instance.decisions, decision),
    ]
}

/// The columns of suppliers.
const SUPPLIER: &str = "id,annual_sales,dependency_cap,max_awards,min_total,setup_cost";

/// The columns of lots.
const LOT: &str = "id,buyer,process,quantity,reference_price,weight,min_suppliers,max_suppliers,min_share,\
                   max_share,divisible,must_award,min_coverage,years,starts_in";

/// The columns of pairs.
const PAIR: &str = "supplier,lot,unit_price,fit,load,max_share,blocked_by";

fn decision(decision: &Decision) -> Vec<Value<'_>> {
    let (verb, quantity, overrides) = match decision.ruling {
        Ruling::Fixed { quantity, override_max_share } => {
            ("fixed", Value::Units(quantity), override_max_share)
        }
        Ruling::Forbidden => ("forbidden", Value::Empty, false),
    };
    vec![
        Value::Text(&decision.supplier),
        Value::Text(&decision.lot),
        Value::Text(verb),
        quantity,
        Value::Flag(overrides),
    ]
}

fn push_json_field(json: &mut String, name: &str, value: &Value<'_>) {
    push_json_text(json, name);
    json.push_str(": ");
    match value {
        Value::Empty => json.push_str("null"),
        Value::Text(text) => push_json_text(json, text),
        Value::Number(number) => push(json, format_args!("\"{number}\"")),
        Value::Units(number) => push(json, format_args!("{number}")),
        Value::Flag(flag) => push(json, format_args!("{flag}")),
        Value::Tiers(tiers) => {
            json.push('[');
            for (at, (name, tolerance)) in tiers.iter().enumerate() {
                json.push_str(if at > 0 { ", " } else { "" });
                let tier = format_args!("{{\"name\": \"{name}\", \"tolerance\": \"{tolerance}\"}}");
                push(json, tier);
            }
            json.push(']');
        }
        Value::Ids(ids) => {
            json.push('[');
            for (at, id) in ids.iter().enumerate() {
                json.push_str(if at > 0 { ", " } else { "" });
                push_json_text(json, id);
            }
            json.push(']');
        }
    }
}

/// A JSON string: only what must be escaped is, so that equal texts are equal bytes.
fn push_json_text(json: &mut String, text: &str) {
    json.push('"');
    if !text.contains(|c| matches!(c, '"' | '\\' | '\0'..'\u{20}')) {
        json.push_str(text);
        json.push('"');
        return;
    }
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            c if u32::from(c) < 0x20 => push(json, format_args!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
}

/// One row of a table.
fn push_csv_row(csv: &mut String, row: &[Value<'_>]) {
    for (at, value) in row.iter().enumerate() {
        csv.push_str(if at > 0 { "," } else { "" });
        match value {
            // No table has a list of tiers.
            Value::Empty | Value::Ids([]) | Value::Tiers(_) => {}
            Value::Text(text) => push_csv_text(csv, text),
            Value::Number(number) => push(csv, format_args!("{number}")),
            Value::Units(number) => push(csv, format_args!("{number}")),
            Value::Flag(flag) => push(csv, format_args!("{flag}")),
            Value::Ids([id]) => push_csv_text(csv, id),
            Value::Ids(ids) => push_csv_text(csv, &ids.join("|")),
        }
    }
    csv.push('\n');
}

/// A cell, with the quotation marks that RFC 4180 asks for.
fn push_csv_text(csv: &mut String, text: &str) {
    if text.contains(['"', ',', '\n', '\r']) {
        push(csv, format_args!("\"{}\"", text.replace('"', "\"\"")));
    } else {
        csv.push_str(text);
    }
}

/// Appends formatted text. Writing to a `String` cannot fail.
fn push(text: &mut String, piece: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(piece);
}
