//! Instances to read: a small valid one to change, folders that clean up, and random valid ones.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use eslabon_solver::{
    Decimal, Instance,
    instance::{
        Buyer, Cap, Capacity, Consortium, Decision, DependencyBase, Gap, Limits, Lot, Objective, Pair,
        Ruling, Sales, Supplier, Tier,
    },
    problem::Problem,
};
use proptest::prelude::*;

/// The fields of a small valid document, in JSON.
const FIELDS: [(&str, &str); 6] = [
    ("format", r#""eslabon-instance/1""#),
    ("currency", r#""CLP""#),
    ("buyers", r#"[{"id": "B1"}]"#),
    ("suppliers", r#"[{"id": "S1", "annual_sales": "1000"}, {"id": "S2", "annual_sales": "1000"}]"#),
    ("lots", r#"[{"id": "L1", "buyer": "B1", "process": "cut", "quantity": 10, "reference_price": "5"}]"#),
    ("pairs", r#"[{"supplier": "S1", "lot": "L1"}]"#),
];

/// The small document with some fields replaced or added; one that becomes empty is left out.
pub fn document(changes: &[(&str, &str)]) -> String {
    let mut fields: Vec<(&str, &str)> = FIELDS.to_vec();
    for (name, text) in changes {
        match fields.iter_mut().find(|(n, _)| n == name) {
            Some(field) => field.1 = text,
            None => fields.push((name, text)),
        }
    }
    let fields = fields.iter().filter(|(_, text)| !text.is_empty());
    let fields: Vec<String> = fields.map(|(n, t)| format!("\"{n}\": {t}")).collect();
    format!("{{{}}}", fields.join(", "))
}

/// The files of a small valid folder.
const FILES: [(&str, &str); 5] = [
    ("instance.toml", "format = \"eslabon-instance/1\"\ncurrency = \"CLP\"\n"),
    ("buyers.csv", "id\nB1\n"),
    ("suppliers.csv", "id,annual_sales\nS1,1000\nS2,1000\n"),
    ("lots.csv", "id,buyer,process,quantity,reference_price\nL1,B1,cut,10,5\n"),
    ("pairs.csv", "supplier,lot\nS1,L1\n"),
];

/// A folder that is removed with the value.
pub struct Folder(PathBuf);

impl Folder {
    /// The small folder with some files replaced or added.
    pub fn with(name: &str, changes: &[(&str, &[u8])]) -> Self {
        let folder = Self::empty(name);
        for (file, text) in FILES {
            folder.write(file, text.as_bytes());
        }
        for (file, bytes) in changes {
            folder.write(file, bytes);
        }
        folder
    }

    pub fn empty(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, file: &str, bytes: &[u8]) {
        fs::write(self.0.join(file), bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Code, file, row and column of findings, as one text each.
pub fn places(problems: &[Problem]) -> Vec<String> {
    let place = |p: &Problem| format!("{} {}:{} {}", p.code, p.file, p.row, p.column);
    problems.iter().map(|p| place(p).trim().to_owned()).collect()
}

/// A decimal of up to `digits` digits with up to four places.
fn decimal(range: std::ops::Range<i64>) -> impl Strategy<Value = Decimal> {
    (range, 0_u8..4).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn share() -> impl Strategy<Value = Decimal> {
    (0_i64..=1000).prop_map(|thousandths| Decimal::new(thousandths, 3))
}

/// Ids with everything in them that the two forms must carry.
fn ids(prefix: &'static str) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set("[a-z0-9 ,\"ñ;'#\\\\é._/-]{0,5}", 1..5).prop_map(move |ends| {
        let ids: BTreeSet<String> = ends.iter().map(|e| format!("{prefix}{e}x")).collect();
        ids.into_iter().collect()
    })
}

/// Which of all combinations of two lists an instance has rows for.
fn chosen(a: &[String], b: &[String], picks: &[bool]) -> Vec<(String, String)> {
    let all = a.iter().flat_map(|a| b.iter().map(move |b| (a, b)));
    let picked = all.zip(picks.iter().cycle()).filter(|(_, pick)| **pick);
    picked.map(|((a, b), _)| (a.clone(), b.clone())).collect()
}

const TIERS: [Tier; 5] = [Tier::Coverage, Tier::Fit, Tier::Cost, Tier::Suppliers, Tier::Spread];

prop_compose! {
    fn settings()(
        dependency_cap in proptest::option::of(share()),
        conservative: bool,
        dependency_allowance in decimal(0..1_000_000),
        no_worsening: bool,
        hhi_cap in proptest::option::of(decimal(0..10_000)),
        development_budget in proptest::option::of(decimal(0..1_000_000)),
        whole_units: bool,
        tiers in proptest::sample::subsequence(TIERS.to_vec(), 1..=5).prop_shuffle(),
        tolerance in share(),
        time_limit_seconds in decimal(1..100_000),
        relative_gap in share(),
        threads in 0_u32..9,
        seed in 0_u32..1_000_000,
    ) -> Instance {
        Instance {
            currency: "PEN".to_owned(),
            dependency_cap,
            dependency_base: if conservative { DependencyBase::Conservative } else { DependencyBase::Projected },
            dependency_allowance,
            no_worsening,
            hhi_cap,
            development_budget,
            whole_units,
            objectives: tiers.into_iter().map(|tier| Objective { tier, tolerance }).collect(),
            limits: Limits { time_limit_seconds, relative_gap, threads, seed, ..Limits::default() },
            ..Instance::default()
        }
    }
}

prop_compose! {
    /// A valid instance that the reader has nothing to correct in.
    pub fn instance()(
        settings in settings(),
        buyers in ids("B"),
        suppliers in ids("S"),
        // A quotation mark in front is what a CSV reader takes for a quoted cell.
        lots in ids("\"L"),
        processes in ids("p"),
        picks in proptest::collection::vec(any::<bool>(), 7),
        numbers in proptest::collection::vec(decimal(1..1_000_000), 23),
        shares in proptest::collection::vec(share(), 7),
        quantities in proptest::collection::vec(1_u64..10_000, 3),
    ) -> Instance {
        let mut numbers = numbers.into_iter().cycle();
        let mut number = || numbers.next().unwrap();
        let mut shares = shares.into_iter().cycle();
        let mut share = || shares.next().unwrap();
        let groups = ["G".to_owned(), "H, \"holding\"".to_owned()];
        // Consortia bid like suppliers; the first two suppliers have a gap each, in the way of all their pairs.
        let consortia = if suppliers.len() > 1 { vec!["C, \"both\"".to_owned()] } else { Vec::new() };
        let bidders = [consortia.clone(), suppliers.clone()].concat();
        let mut pairs = chosen(&bidders, &lots, &picks);
        pairs.sort();
        let decided = pairs.iter().zip(picks.iter().cycle()).filter(|(_, pick)| **pick);
        let gaps = |supplier: &str| {
            let own = suppliers.iter().take(2).position(|s| s == supplier);
            own.map(|at| format!("g{at}, ñ"))
        };
        Instance {
            decisions: decided.map(|((supplier, lot), _)| {
                // The last of several suppliers has neither gaps nor a capacity that a unit could exceed.
                let free = suppliers.len() > 2 && Some(supplier) == suppliers.last();
                let ruling = if free {
                    Ruling::Fixed { quantity: 1, override_max_share: true }
                } else {
                    Ruling::Forbidden
                };
                Decision { supplier: supplier.clone(), lot: lot.clone(), ruling }
            }).collect(),
            sales: chosen(&suppliers, &groups, &picks[1..]).into_iter().map(|(supplier, group)| {
                let expiring = number();
                let amount = expiring.checked_add(number()).unwrap();
                Sales { supplier, group, amount, expiring }
            }).collect(),
            caps: chosen(&suppliers, &groups[..1], &picks[2..]).into_iter()
                .map(|(supplier, group)| Cap { supplier, group, dependency_cap: share() })
                .collect(),
            capacity: chosen(&suppliers[..suppliers.len().min(2)], &processes, &picks[3..]).into_iter()
                .map(|(supplier, process)| Capacity { supplier, process, amount: number() })
                .collect(),
            pairs: pairs.into_iter().map(|(supplier, lot)| Pair {
                fit: share(),
                load: number(),
                max_share: share(),
                blocked_by: gaps(&supplier).into_iter().collect(),
                ..Pair::new(supplier, lot, number())
            }).collect(),
            gaps: suppliers.iter().filter_map(|supplier| {
                gaps(supplier).map(|id| Gap { id, supplier: supplier.clone(), cost: picks[1].then(&mut number), months: number() })
            }).collect(),
            consortia: consortia.into_iter().map(|id| Consortium { id, members: suppliers.clone() }).collect(),
            lots: lots.into_iter().zip(quantities.into_iter().cycle()).map(|(id, quantity)| Lot {
                weight: number(),
                // A fixed award of one unit must fit.
                min_coverage: share(),
                max_suppliers: picks[0].then_some(quantity),
                must_award: picks[1],
                years: number(),
                starts_in: picks[2].then(&mut number),
                ..Lot::new(id, &buyers[0], &processes[0], quantity, number())
            }).collect(),
            suppliers: suppliers.into_iter().enumerate().map(|(at, id)| Supplier {
                annual_sales: (at % 2 == 0).then(|| Decimal::new(1_000_000_000, 0)),
                dependency_cap: (at % 3 == 0).then(&mut share),
                max_awards: picks[at % 7].then_some(3),
                min_total: number(),
                setup_cost: number(),
                ..Supplier::new(id)
            }).collect(),
            buyers: buyers.into_iter().enumerate().map(|(at, id)| Buyer {
                group: if at < 2 { groups[at].clone() } else { id.clone() },
                id,
                budget: (at % 2 == 0).then(&mut number),
                max_supplier_share: share(),
            }).collect(),
            ..settings
        }
    }
}
