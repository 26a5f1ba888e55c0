//! Valid instances: defaults, exact numbers, and the two forms that say the same.

use eslabon_solver::{
    Decimal,
    instance::{DependencyBase, Instance, Limits, Objective, Ruling, Tier},
    read, write,
};
use proptest::prelude::*;

use crate::support::{Folder, document, instance, places};

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn from_json(json: &str) -> Instance {
    match read::from_json(json.as_bytes()) {
        Ok(reading) => reading.instance,
        Err(problems) => panic!("{problems:#?}\n{json}"),
    }
}

#[test]
fn what_is_left_out_has_its_default() {
    let instance = from_json(&document(&[]));
    let tier = |tier, tolerance| Objective { tier, tolerance: number(tolerance) };
    assert_eq!(instance.dependency_cap, None);
    assert_eq!(instance.dependency_base, DependencyBase::Projected);
    assert_eq!(instance.dependency_allowance, Decimal::ZERO);
    assert!(instance.no_worsening);
    assert_eq!(
        instance.objectives,
        [tier(Tier::Coverage, "0"), tier(Tier::Fit, "0.01"), tier(Tier::Cost, "0.01")]
    );
    assert_eq!(instance.limits, Limits::default());
    let [buyer] = &instance.buyers[..] else {
        panic!("{:?}", instance.buyers);
    };
    assert_eq!((&*buyer.group, buyer.budget, buyer.max_supplier_share), ("B1", None, Decimal::ONE));
    let lot = &instance.lots[0];
    assert_eq!(
        [lot.weight, lot.max_share, lot.min_coverage, lot.years].map(|d| d.to_string()),
        ["1", "1", "0", "1"]
    );
    let pair = &instance.pairs[0];
    assert_eq!(
        [pair.unit_price, pair.fit, pair.load, pair.max_share].map(|d| d.to_string()),
        ["5", "1", "1", "1"]
    );
}

#[test]
fn numbers_are_read_exactly_whether_text_or_number() {
    let exact = "0.30000000000000004";
    for cap in [exact.to_owned(), format!("\"{exact}\"")] {
        let instance = from_json(&document(&[("dependency_cap", &cap)]));
        assert_eq!(instance.dependency_cap, Some(number(exact)), "{cap}");
    }
    let toml = format!(
        "format = \"eslabon-instance/1\"\ncurrency = \"CLP\"\ndependency_cap = {exact}\n\
         dependency_allowance = 1_000.50\nobjectives = [\"cost\", {{ name = \"fit\", tolerance = 1e-3 }}]\n"
    );
    let folder = Folder::with("exact", &[("instance.toml", toml.as_bytes())]);
    let instance = read::from_path(folder.path()).unwrap().instance;
    assert_eq!(instance.dependency_cap, Some(number(exact)));
    assert_eq!(instance.dependency_allowance, number("1000.5"));
    assert_eq!(instance.objectives[0].tier, Tier::Cost);
    assert_eq!(instance.objectives[0].tolerance, Decimal::ZERO);
    assert_eq!(instance.objectives[1].tolerance, number("0.001"));
}

#[test]
fn a_table_as_a_spreadsheet_saves_it_is_read() {
    // A byte order mark, CR LF, blanks, quoted cells, capital TRUE, rows that are only commas.
    let decisions = "\u{feff}lot, supplier ,decision,share,override\r\n\"L1\",S1,fixed,0.5,TRUE\r\n,,,,\r\n";
    let folder = Folder::with("spreadsheet", &[("decisions.csv", decisions.as_bytes())]);
    let instance = read::from_path(folder.path()).unwrap().instance;
    let ruling = Ruling::Fixed { quantity: 5, override_max_share: true };
    assert_eq!(instance.decisions[0].ruling, ruling);
}

#[test]
fn a_third_of_three_units_is_one_unit() {
    let lots = r#"[{"id": "L1", "buyer": "B1", "process": "cut", "quantity": 3, "reference_price": 5}]"#;
    let decisions = r#"[{"supplier": "S1", "lot": "L1", "decision": "fixed", "share": 0.3333333333}]"#;
    let instance = from_json(&document(&[("lots", lots), ("decisions", decisions)]));
    let Ruling::Fixed { quantity, .. } = instance.decisions[0].ruling else {
        panic!("{:?}", instance.decisions);
    };
    assert_eq!(quantity, 1);
}

#[test]
fn everything_left_out_is_its_default_too() {
    let json = document(&[
        ("hhi_cap", "null"),
        ("development_budget", "null"),
        ("whole_units", "false"),
        ("gaps", "[]"),
        ("consortia", "null"),
        (
            "suppliers",
            r#"[{"id": "S1", "annual_sales": 1000, "max_awards": "", "min_total": "0.00"},
                          {"id": "S2", "annual_sales": 1000, "setup_cost": 0}]"#,
        ),
        (
            "lots",
            r#"[{"id": "L1", "buyer": "B1", "process": "cut", "quantity": "1e1", "reference_price": 5,
                "min_suppliers": 0, "max_suppliers": null, "min_share": "0", "divisible": true,
                "must_award": "false", "starts_in": ""}]"#,
        ),
        ("pairs", r#"[{"supplier": "S1", "lot": "L1", "blocked_by": []}]"#),
    ]);
    assert_eq!(from_json(&json), from_json(&document(&[])));
}

#[test]
fn lists_are_joined_in_files_and_arrays_in_documents() {
    let folder = Folder::with(
        "lists",
        &[
            ("pairs.csv", b"supplier,lot,blocked_by\nC,L1, h | g \nS1,L1,\n"),
            ("gaps.csv", b"id,supplier,cost,months\nh,S2,0,\ng,S1,1.5,12\n"),
            ("consortia.csv", b"id,members\nC,S2|S1\n"),
        ],
    );
    let in_files = read::from_path(folder.path()).unwrap().instance;
    let in_document = from_json(&document(&[
        (
            "pairs",
            r#"[{"supplier": "S1", "lot": "L1"}, {"supplier": "C", "lot": "L1", "blocked_by": ["g", "h"]}]"#,
        ),
        (
            "gaps",
            r#"[{"id": "g", "supplier": "S1", "cost": "1.5", "months": 12}, {"id": "h", "supplier": "S2", "cost": 0}]"#,
        ),
        ("consortia", r#"[{"id": "C", "members": ["S1", "S2"]}]"#),
    ]));
    assert_eq!(in_files, in_document);
    assert_eq!(in_files.pairs[0].blocked_by, ["g", "h"]);
    assert_eq!(in_files.consortia[0].members, ["S1", "S2"]);
    assert_eq!(in_files.gaps[0].months, number("12"));
}

#[test]
fn sales_beyond_the_annual_sales_raise_them_once() {
    let sales = r#"[{"supplier": "S1", "group": "B1", "amount": "700.25"},
                    {"supplier": "S1", "group": "elsewhere", "amount": "300"}]"#;
    let reading = read::from_json(document(&[("sales", sales)]).as_bytes()).unwrap();
    assert_eq!(places(&reading.warnings), ["W2002 suppliers:1 annual_sales"]);
    assert_eq!(reading.instance.suppliers[0].annual_sales, Some(number("1000.25")));
    let again = read::from_json(write::to_json(&reading.instance).as_bytes()).unwrap();
    assert_eq!(places(&again.warnings), [""; 0]);
    assert_eq!(again.instance, reading.instance);
}

#[test]
fn the_fingerprint_knows_neither_row_order_nor_spelling() {
    let one = document(&[
        ("pairs", r#"[{"supplier": "S1", "lot": "L1", "fit": 0.5}, {"supplier": "S2", "lot": "L1"}]"#),
        ("dependency_cap", "0.3"),
    ]);
    let other = document(&[
        (
            "pairs",
            r#"[{"lot": "L1", "supplier": "S2", "unit_price": "5.00"}, {"lot": "L1", "fit": "5e-1", "supplier": "S1"}]"#,
        ),
        ("dependency_cap", "\"0.300\""),
    ]);
    let third = document(&[("dependency_cap", "0.31")]);
    let [one, other, third] = [one, other, third].map(|json| write::fingerprint(&from_json(&json)));
    assert_eq!(one, other);
    assert_ne!(one, third);
    assert_eq!(one.len(), 64);
}

#[test]
fn a_fingerprint_stays_what_it_was() {
    // Stored results refer to it; a change of the canonical form must be a decision.
    let fingerprint = write::fingerprint(&from_json(&document(&[])));
    assert_eq!(fingerprint, "fa1196d778988ef4873759641244000708892f23572560ae9781b075fe87ffe7");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn both_forms_give_the_instance_back(instance in instance()) {
        let json = write::to_json(&instance);
        prop_assert_eq!(&from_json(&json), &instance);

        let folder = Folder::empty("round-trip");
        for (name, text) in write::to_folder(&instance) {
            folder.write(&name, text.as_bytes());
        }
        let read = read::from_path(folder.path()).map(|reading| reading.instance);
        prop_assert_eq!(read.as_ref(), Ok(&instance));
    }
}
