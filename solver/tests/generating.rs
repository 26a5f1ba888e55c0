//! Generated networks: valid, the same everywhere, and as hard as their family promises.

#![cfg(test)]

use std::{collections::BTreeSet, fs, path::Path};

use eslabon_solver::{
    Decimal, Instance,
    generate::{Family, Options, generate},
    read, write,
};

fn options(family: Family) -> Options {
    Options { suppliers: 60, lots: 90, buyers: 8, pairs_per_lot: 6, tightness: None, family, seed: 11 }
}

fn read_back(instance: &Instance) -> read::Reading {
    match read::from_json(write::to_json(instance).as_bytes()) {
        Ok(reading) => reading,
        Err(problems) => panic!("{problems:#?}"),
    }
}

#[test]
fn every_family_is_valid_at_every_size() {
    for family in Family::ALL {
        for (suppliers, lots, buyers, pairs_per_lot) in
            [(1, 1, 1, 1), (2, 9, 5, 7), (30, 15, 3, 8), (60, 90, 8, 6), (200, 40, 40, 12)]
        {
            for seed in 0..5 {
                for tightness in [None, Some(0.), Some(1.), Some(f64::NAN)] {
                    let options = Options { suppliers, lots, buyers, pairs_per_lot, tightness, family, seed };
                    let instance = generate(&options);
                    let reading = read_back(&instance);
                    assert_eq!(reading.instance, instance, "{options:?}");
                    let odd: BTreeSet<&str> = reading.warnings.iter().map(|w| &*w.code).collect();
                    // Prices and sales make sense; that nobody can serve a lot may happen by its rules.
                    assert!(!odd.contains("W2002") && !odd.contains("W2003"), "{options:?}: {odd:?}");
                }
            }
        }
    }
}

#[test]
fn sizes_are_those_asked_for() {
    for family in Family::ALL {
        let instance = generate(&options(family));
        assert_eq!(instance.suppliers.len(), 60);
        assert_eq!(instance.lots.len(), 90);
        assert_eq!(instance.buyers.len(), 8);
        let of_suppliers = instance.pairs.iter().filter(|pair| pair.supplier.starts_with('S')).count();
        assert_eq!(of_suppliers, 540, "{family:?}");
    }
}

/// The options' fingerprints. A machine, or a change, that draws anything else fails here.
#[test]
fn a_seed_means_the_same_network_on_every_machine() {
    let fingerprints = Family::ALL.map(|family| {
        let fingerprint = write::fingerprint(&generate(&options(family)));
        format!("{} {}", family.name(), &fingerprint[..16])
    });
    assert_eq!(
        fingerprints,
        [
            "tight f08d589417227978",
            "slack b963c6419ff10305",
            "few_buyers f7194b6c79d8be9d",
            "dominant_buyer f1b3669489433ce0",
            "components 09a3522694a4428c",
            "real_like ae68f45035fff7f9",
            "integer da42e4f604ebe083",
        ]
    );
}

#[test]
fn another_seed_or_tightness_is_another_network() {
    let one = options(Family::Slack);
    assert_ne!(generate(&one), generate(&Options { seed: 12, ..one.clone() }));
    assert_ne!(generate(&one), generate(&Options { tightness: Some(0.5), ..one.clone() }));
    let usual = generate(&Options { tightness: Some(0.), ..one.clone() });
    assert_eq!(generate(&one), usual);
}

#[test]
fn components_have_nothing_to_do_with_each_other() {
    let instance = generate(&Options { suppliers: 200, buyers: 40, ..options(Family::Components) });
    let region = |id: &str| id[1..].parse::<usize>().unwrap() % 10;
    assert!(instance.pairs.iter().all(|pair| region(&pair.supplier) == region(&pair.lot)));
    assert!(instance.sales.iter().all(|sales| region(&sales.supplier) == region(&sales.group)));
    assert!(instance.lots.iter().all(|lot| region(&lot.id) == region(&lot.buyer)));
}

#[test]
fn families_differ_in_what_they_promise() {
    let groups = |family| {
        let instance = generate(&options(family));
        instance.buyers.iter().map(|b| b.group.clone()).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(groups(Family::FewBuyers), 3);
    assert_eq!(groups(Family::Tight), 8);
    assert_eq!(groups(Family::RealLike), 6);

    let dominant = generate(&options(Family::DominantBuyer));
    let of_first = dominant.lots.iter().filter(|lot| lot.buyer == "B1").count();
    assert!((40..70).contains(&of_first), "{of_first} of 90 lots");

    let integer = generate(&options(Family::Integer));
    assert!(integer.suppliers.iter().any(|s| !s.min_total.is_zero()));
    assert!(integer.suppliers.iter().any(|s| !s.setup_cost.is_zero() && s.max_awards.is_some()));
    assert!(integer.buyers.iter().any(|b| b.max_supplier_share < Decimal::ONE));
    assert!(integer.lots.iter().any(|l| !l.divisible) && integer.lots.iter().any(|l| !l.min_share.is_zero()));
    assert!(integer.pairs.iter().any(|p| !p.blocked_by.is_empty()));
    assert!(integer.development_budget.is_some_and(|b| !b.is_zero()));
    assert!(!integer.consortia.is_empty());

    let real = generate(&options(Family::RealLike));
    assert!(real.suppliers.iter().any(|s| s.annual_sales.is_none()));
    assert!(!real.gaps.is_empty() && !real.consortia.is_empty());
    assert!(real.sales.iter().any(|s| !s.expiring.is_zero()));
    assert!(real.lots.iter().any(|l| l.years > Decimal::ONE));
    for family in [Family::Tight, Family::Slack, Family::FewBuyers, Family::DominantBuyer] {
        let plain = generate(&options(family));
        assert!(
            plain.gaps.is_empty() && plain.consortia.is_empty() && plain.lots.iter().all(|l| l.divisible)
        );
    }
}

#[test]
fn a_folder_written_row_by_row_is_the_folder() {
    let instance = generate(&options(Family::Integer));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated");
    let _ = fs::remove_dir_all(&path);
    write::into_folder(&instance, &path).unwrap();
    for (name, text) in write::to_folder(&instance) {
        assert_eq!(fs::read_to_string(path.join(name)).unwrap(), text);
    }
    let reading = read::from_path(&path);
    assert_eq!(reading.map(|reading| reading.instance), Ok(instance));
    fs::remove_dir_all(&path).unwrap();
}
