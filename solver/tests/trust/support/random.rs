//! Small random instances that use everything of the plain linear model.

use std::env;

use eslabon_solver::instance::Consortium;
use proptest::{
    collection::vec,
    option::weighted,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, RngSeed},
};

use super::{Network, decimal, refused};

/// The same instances at every run; a failing one is kept beside the tests and tried first. With
/// `PROPTEST_CASES` set, that many new ones.
#[expect(clippy::disallowed_methods, reason = "tests have no settings")]
pub fn config(cases: u32) -> Config {
    let new = Config { max_shrink_iters: 400, ..Config::default() };
    if env::var_os("PROPTEST_CASES").is_some() {
        return new;
    }
    Config { cases, rng_seed: RngSeed::Fixed(20_261_122), ..new }
}

/// How large, and how difficult.
#[derive(Clone, Copy)]
pub struct Size {
    pub suppliers: usize,
    pub lots: usize,
    pub quantity: u64,
    /// Rules that can make an instance infeasible: fixed awards, least coverage, caps to come under.
    pub hard: bool,
}

impl Size {
    /// Up to six suppliers and eight lots.
    pub const SMALL: Self = Self { suppliers: 6, lots: 8, quantity: 40, hard: false };
    /// Up to 300 pairs.
    pub const LARGE: Self = Self { suppliers: 15, lots: 20, quantity: 400, hard: false };

    pub const fn hard(self) -> Self {
        Self { hard: true, ..self }
    }
}

/// Decimals that make awkward numbers without making the rules meaningless.
fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    select(texts)
}

/// Random instances of a size; always feasible unless they are hard.
pub fn networks(size: Size) -> impl Strategy<Value = Network> {
    (settings(size), suppliers(size), buyers(), lots(size))
        .prop_flat_map(move |parts| {
            let (suppliers, lots) = (parts.1.len(), parts.3.len());
            let rows = (
                vec(pair(), suppliers * lots),
                vec(sales(), suppliers * GROUPS.len()),
                vec(weighted(0.15, one_of(&["0", "0.5", "1"])), suppliers * GROUPS.len()),
                vec(capacity(), suppliers * PROCESSES.len()),
                vec(decision(size), suppliers * lots),
            );
            (Just(parts), rows)
        })
        .prop_map(|((network, suppliers, buyers, lots), rows)| {
            let network = named(network, &suppliers, &buyers, &lots);
            with_rows(network, suppliers.len(), lots.len(), &rows)
        })
        // Some decisions contradict the shares or the demand: those are refused when reading.
        .prop_filter("invalid", |network| refused(network).is_empty())
}

/// Some of a network's lots go to a consortium of the first two suppliers in their place, or of three:
/// nobody offers in two ways, so that the model stays linear.
pub fn with_consortia(networks: impl Strategy<Value = Network>) -> impl Strategy<Value = Network> {
    let offers = vec(weighted(0.4, pair()), 20);
    (networks, prop::bool::weighted(0.4), 2..=3_usize, offers)
        .prop_map(|(network, offering, size, offers)| {
            if !offering || network.built().suppliers.len() < size {
                return network;
            }
            let members: Vec<String> = (0..size).map(|s| format!("S{s}")).collect();
            let lots: Vec<String> = network.built().lots.iter().map(|lot| lot.id.clone()).collect();
            let network = network.with(|i| {
                i.consortia.push(Consortium { id: "C".to_owned(), members: members.clone() });
            });
            lots.iter().zip(offers).filter_map(|(lot, offer)| Some((lot, offer??))).fold(
                network,
                |network, (lot, (price, fit, load, max_share))| {
                    network
                        .with(|i| {
                            let gone = |id: &String, of: &String| of == lot && members.contains(id);
                            i.pairs.retain(|row| !gone(&row.supplier, &row.lot));
                            i.decisions.retain(|row| !gone(&row.supplier, &row.lot));
                        })
                        .pair_at("C", lot, price)
                        .pair_with(|pair| {
                            pair.fit = decimal(fit);
                            pair.load = decimal(load);
                            pair.max_share = decimal(max_share);
                        })
                },
            )
        })
        .prop_filter("invalid", |network| refused(network).is_empty())
}

const GROUPS: [&str; 3] = ["G0", "G1", "G2"];
const PROCESSES: [&str; 2] = ["P", "Q"];

type SupplierRow = (Option<&'static str>, Option<&'static str>);
type BuyerRow = (usize, Option<&'static str>, &'static str);
#[derive(Clone, Debug)]
struct LotRow {
    buyer: Index,
    process: usize,
    quantity: u64,
    price: &'static str,
    weight: &'static str,
    years: &'static str,
    max_share: &'static str,
    min_coverage: &'static str,
}
type PairRow = Option<(&'static str, &'static str, &'static str, &'static str)>;
type SalesRow = Option<(&'static str, &'static str)>;
#[derive(Clone, Copy, Debug)]
enum DecisionRow {
    Fixed(u64),
    Overridden(u64),
    Forbidden,
}
type Rows = (
    Vec<PairRow>,
    Vec<SalesRow>,
    Vec<Option<&'static str>>,
    Vec<Option<&'static str>>,
    Vec<Option<DecisionRow>>,
);

fn settings(size: Size) -> impl Strategy<Value = Network> {
    let cap = weighted(0.8, one_of(&["0", "0.15", "0.3", "0.35", "0.6", "1"]));
    let tolerance = one_of(&["0", "0.01", "0.1"]);
    let tolerances = [tolerance.clone(), tolerance.clone(), tolerance];
    (
        cap,
        any::<bool>(),
        one_of(&["0", "0", "7.5", "30"]),
        prop::bool::weighted(if size.hard { 0.5 } else { 0. }),
        tolerances,
    )
        .prop_map(|(cap, conservative, allowance, come_under, tolerances)| {
            Network::new().allowance(allowance).with(|i| {
                i.dependency_cap = cap.map(decimal);
                if conservative {
                    i.dependency_base = eslabon_solver::instance::DependencyBase::Conservative;
                }
                i.no_worsening = !come_under;
                for (objective, tolerance) in i.objectives.iter_mut().zip(tolerances) {
                    objective.tolerance = decimal(tolerance);
                }
            })
        })
}

fn suppliers(size: Size) -> impl Strategy<Value = Vec<SupplierRow>> {
    let sales = weighted(0.85, one_of(&["0", "20", "100", "150", "333.33"]));
    vec((sales, weighted(0.2, one_of(&["0.1", "0.4", "1"]))), 1..=size.suppliers)
}

fn buyers() -> impl Strategy<Value = Vec<BuyerRow>> {
    let budget = weighted(0.2, one_of(&["10", "55.5", "200"]));
    let share = one_of(&["1", "1", "1", "0.7", "0.5"]);
    vec((0..GROUPS.len(), budget, share), 1..=4)
}

fn lots(size: Size) -> impl Strategy<Value = Vec<LotRow>> {
    let least =
        if size.hard { one_of(&["0", "0", "0", "0", "0", "0", "0.1", "0.5", "1"]) } else { one_of(&["0"]) };
    let lot = (
        any::<Index>(),
        0..PROCESSES.len(),
        1..=size.quantity,
        one_of(&["1", "2.5", "7", "13.37"]),
        one_of(&["1", "1", "1", "2", "0.5", "0"]),
        one_of(&["1", "1", "2", "3", "0.5"]),
        one_of(&["1", "1", "0.75", "0.5"]),
        least,
    );
    let lot = lot.prop_map(|(buyer, process, quantity, price, weight, years, max_share, min_coverage)| {
        LotRow { buyer, process, quantity, price, weight, years, max_share, min_coverage }
    });
    vec(lot, 1..=size.lots)
}

fn pair() -> impl Strategy<Value = PairRow> {
    let row = (
        one_of(&["1", "2", "3.3", "8", "12.99"]),
        one_of(&["1", "0.9", "0.4", "0"]),
        one_of(&["1", "1", "2.5", "0"]),
        one_of(&["1", "1", "0.8", "0.3"]),
    );
    weighted(0.7, row)
}

fn sales() -> impl Strategy<Value = SalesRow> {
    let row = select(&[("10", "0"), ("10", "10"), ("40", "15"), ("75", "0"), ("120", "60.5")]);
    weighted(0.3, row)
}

fn capacity() -> impl Strategy<Value = Option<&'static str>> {
    weighted(0.4, one_of(&["0", "3", "11.5", "60"]))
}

fn decision(size: Size) -> impl Strategy<Value = Option<DecisionRow>> {
    let units = 0..=size.quantity.min(3);
    let fixed = u32::from(size.hard);
    let row = prop_oneof![
        2 => Just(DecisionRow::Forbidden),
        fixed => units.clone().prop_map(DecisionRow::Fixed),
        fixed => units.prop_map(DecisionRow::Overridden),
    ];
    weighted(0.08, row)
}

fn named(mut network: Network, suppliers: &[SupplierRow], buyers: &[BuyerRow], lots: &[LotRow]) -> Network {
    for (s, (annual_sales, own_cap)) in suppliers.iter().enumerate() {
        network = network.undisclosed(&format!("S{s}")).with(|i| {
            i.suppliers[s].annual_sales = annual_sales.map(decimal);
            i.suppliers[s].dependency_cap = own_cap.map(decimal);
        });
    }
    for (b, (group, budget, share)) in buyers.iter().enumerate() {
        network = network
            .buyer_of(&format!("B{b}"), GROUPS[*group])
            .max_supplier_share(share)
            .with(|i| i.buyers[b].budget = budget.map(decimal));
    }
    for (l, row) in lots.iter().enumerate() {
        let buyer = format!("B{}", row.buyer.index(buyers.len()));
        network = network.lot(&format!("L{l}"), &buyer, row.quantity, row.price).lot_with(|lot| {
            lot.process = String::from(PROCESSES[row.process]);
            lot.weight = decimal(row.weight);
            lot.years = decimal(row.years);
            lot.max_share = decimal(row.max_share);
            lot.min_coverage = decimal(row.min_coverage);
        });
    }
    network
}

fn with_rows(mut network: Network, suppliers: usize, lots: usize, rows: &Rows) -> Network {
    let (pairs, sales, caps, capacity, decisions) = rows;
    for s in 0..suppliers {
        let supplier = format!("S{s}");
        for l in 0..lots {
            let lot = format!("L{l}");
            let Some((price, fit, load, max_share)) = pairs[s * lots + l] else {
                continue;
            };
            network = network.pair_at(&supplier, &lot, price).pair_with(|pair| {
                pair.fit = decimal(fit);
                pair.load = decimal(load);
                pair.max_share = decimal(max_share);
            });
            network = match decisions[s * lots + l] {
                None => network,
                Some(DecisionRow::Forbidden) => network.forbidden(&supplier, &lot),
                Some(DecisionRow::Fixed(units)) => network.fixed(&supplier, &lot, units),
                Some(DecisionRow::Overridden(units)) => network.fixed_with_override(&supplier, &lot, units),
            };
        }
        for (g, group) in GROUPS.iter().enumerate() {
            if let Some((amount, expiring)) = sales[s * GROUPS.len() + g] {
                network = network.expiring_sales(&supplier, group, amount, expiring);
            }
            if let Some(cap) = caps[s * GROUPS.len() + g] {
                network = network.waiver(&supplier, group, cap);
            }
        }
        for (p, process) in PROCESSES.iter().enumerate() {
            if let Some(amount) = capacity[s * PROCESSES.len() + p] {
                network = network.capacity_for(&supplier, process, amount);
            }
        }
    }
    network
}
