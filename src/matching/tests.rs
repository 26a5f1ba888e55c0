use std::collections::{BTreeMap, BTreeSet};

use eslabon_solver::{Decimal, Instance, read, write};
use uuid::Uuid;

use super::{
    Cap, Scenario,
    position::{Exact, Position, Renewable},
    scenario::{Decision, Ruling, Source},
    snapshot::{Candidate, Closing, Facts, Lot, Supplier},
};
use crate::{
    foundation::{
        ids::{LotId, OrganisationId},
        money::{Currency, Money, UnitPrice},
        share::Share,
    },
    programmes::Rules,
    requirements::lots::Sourcing,
};

const ANA: OrganisationId = OrganisationId(Uuid::from_u128(0xa));
const BEA: OrganisationId = OrganisationId(Uuid::from_u128(0xb));
const LEAD: OrganisationId = OrganisationId(Uuid::from_u128(0x1));
const GROUP: Uuid = Uuid::from_u128(0x99);
const LOT: LotId = LotId(Uuid::from_u128(0x77));

fn usd() -> Currency {
    "USD".parse().unwrap()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn candidate(supplier: OrganisationId) -> Candidate {
    Candidate { supplier, light_share: Share::ALL, fit: Share::percent(90), offer: None, closing: Vec::new() }
}

/// One lot of 30 units at 2 USD for two suppliers that can make 100 a year and sell 1,000 USD.
fn facts() -> Facts {
    let supplier = Supplier {
        position: Position {
            annual_sales: Some(Exact::from_integer(1_000.into())),
            existing: BTreeMap::from([(GROUP, Exact::from_integer(250.into()))]),
            ..Position::default()
        },
        capacities: BTreeMap::from([("turning".to_owned(), 100_000_000)]),
        committed_units: BTreeMap::new(),
    };
    Facts {
        currency: usd(),
        rules: Rules::standard(usd()),
        cap_today: Some(Share::percent(30)),
        scenario: Scenario::default(),
        waivers: Vec::new(),
        buyers: BTreeMap::from([(LEAD, GROUP)]),
        max_supplier_shares: BTreeMap::new(),
        consortia: BTreeMap::new(),
        suppliers: BTreeMap::from([(ANA, supplier.clone()), (BEA, supplier)]),
        lots: vec![Lot {
            id: LOT,
            buyer: LEAD,
            process: "turning".to_owned(),
            quantity: 30,
            reference_price: Some(UnitPrice(2_000_000)),
            weight_ppm: 1_000_000,
            max_share: Share::ALL,
            min_coverage: Share::NONE,
            years: 1,
            sourcing: Sourcing::default(),
            starts_in: None,
            covered: BTreeMap::new(),
            through: BTreeMap::new(),
            candidates: vec![candidate(ANA), candidate(BEA)],
        }],
        rates: Vec::new(),
        networks: BTreeSet::new(),
    }
}

#[test]
fn a_snapshot_is_canonical_and_reads_back() {
    let mut facts = facts();
    facts.waivers.push((BEA, GROUP, Share::percent(60)));
    facts.waivers.push((BEA, Uuid::from_u128(0x5), Share::percent(60)));
    facts.waivers.push((OrganisationId(Uuid::from_u128(0xc)), GROUP, Share::percent(60)));
    let instance = facts.instance().unwrap();
    assert_eq!(instance.caps.len(), 1, "waivers about nobody in the instance stay out");
    let read = read::from_json(write::to_json(&instance).as_bytes()).unwrap();
    assert_eq!((read.instance, read.warnings), (instance, Vec::new()));
}

#[test]
fn a_run_leaves_out_only_what_the_supplier_may_renew_in_it() {
    let mut facts = facts();
    let renewable = |lot| Renewable { lot, group: GROUP, amount: Exact::from_integer(200.into()) };
    facts.suppliers.get_mut(&ANA).unwrap().position.renewable.push(renewable(LOT));
    facts.suppliers.get_mut(&BEA).unwrap().position.renewable.push(renewable(LotId(Uuid::from_u128(0x78))));
    let told = |facts: &Facts| -> Vec<(Decimal, Decimal, Option<Decimal>)> {
        let Instance { sales, suppliers, .. } = facts.instance().unwrap();
        let rows = sales.iter().zip(&suppliers);
        rows.map(|(sold, supplier)| (sold.amount, sold.expiring, supplier.annual_sales)).collect()
    };
    let (renews, keeps) = (
        (number("250"), number("200"), Some(number("1000"))),
        (number("250"), number("0"), Some(number("1000"))),
    );
    assert_eq!(told(&facts), [renews, keeps], "another lot, which is not in the run, replaces nothing there");
    facts.scenario.decisions.push(Decision {
        supplier: ANA,
        lot: LOT,
        decision: Ruling::Forbidden,
        quantity: None,
        reason: "Sin certificado vigente".to_owned(),
        source: Source::Officer,
    });
    assert_eq!(told(&facts), [keeps, keeps], "who may not win the lot renews nothing");
}

#[test]
fn light_offer_and_capacity_decide_about_a_pair() {
    let mut facts = facts();
    let yellow = Candidate { light_share: Share::percent(50), ..candidate(ANA) };
    facts.lots[0].candidates = vec![yellow, Candidate { light_share: Share::NONE, ..candidate(BEA) }];
    let pairs = facts.instance().unwrap().pairs;
    assert_eq!(pairs.len(), 1, "red is never awarded");
    assert_eq!(
        (pairs[0].max_share, pairs[0].unit_price, pairs[0].fit),
        (number("0.5"), number("2"), number("0.9"))
    );

    let offer = |price, most| Candidate { offer: Some((UnitPrice(price), most)), ..candidate(ANA) };
    facts.lots[0].candidates = vec![offer(1_500_000, Some(7)), candidate(BEA)];
    facts.suppliers.values_mut().for_each(|supplier| supplier.capacities.clear());
    let instance = facts.instance().unwrap();
    assert_eq!(instance.pairs.len(), 1, "neither capacity nor offer: no pair");
    assert_eq!(instance.pairs[0].unit_price, number("1.5"));
    // 7 of 30 has no end as a decimal; rounded up, so that the seventh unit stays possible.
    assert_eq!(instance.pairs[0].max_share, number("0.233333333334"));
    assert!(instance.capacity.is_empty() && instance.suppliers.len() == 1);
}

/// A red supplier of which no plan says how its gaps close: the solver is told, and can award it nothing.
#[test]
fn what_stands_in_no_plan_blocks_whatever_the_budget() {
    let mut facts = facts();
    facts.rules.development_budget = Some(Money::new(1_000_000, usd()));
    let closing = Closing { id: "r/s/quality-iso-9001".to_owned(), cost: None, months: 0 };
    let planned = Closing { id: "a".to_owned(), cost: Some(Money::new(500, usd())), months: 2 };
    facts.lots[0].candidates[0].closing = vec![planned, closing];
    let renewable = Renewable { lot: LOT, group: GROUP, amount: Exact::from_integer(200.into()) };
    facts.suppliers.get_mut(&ANA).unwrap().position.renewable.push(renewable);
    let instance = facts.instance().unwrap();
    assert_eq!(instance.pairs[0].blocked_by, ["a", "r/s/quality-iso-9001"]);
    let costs: Vec<_> = instance.gaps.iter().map(|gap| (gap.id.as_str(), gap.cost)).collect();
    assert_eq!(costs, [("a", Some(number("5"))), ("r/s/quality-iso-9001", None)]);
    assert_eq!(instance.sales[0].expiring, number("0"), "who can't win the lot renews nothing");
    let read = read::from_json(write::to_json(&instance).as_bytes()).unwrap();
    assert_eq!((read.instance, read.warnings), (instance, Vec::new()));

    let decision = |decision, quantity| Decision {
        supplier: ANA,
        lot: LOT,
        decision,
        quantity,
        reason: "Sin certificado vigente".to_owned(),
        source: Source::Officer,
    };
    facts.scenario.decisions = vec![decision(Ruling::Fixed, Some(5))];
    assert_eq!(facts.instance().unwrap_err()[0].code, "decision-without-pair");
    facts.lots[0].candidates[0].closing.clear();
    facts.lots[0].candidates[0].light_share = Share::percent(50);
    facts.scenario.decisions = vec![decision(Ruling::Fixed, Some(16))];
    let fault = &facts.instance().unwrap_err()[0];
    assert_eq!((fault.pointer.as_str(), fault.code), ("/decisions/0/quantity", "decision-over-the-lot"));
    facts.scenario.decisions = vec![decision(Ruling::Fixed, Some(15))];
    assert_eq!(facts.instance().unwrap().decisions.len(), 1, "half of thirty");
    facts.lots[0].candidates[0].closing = vec![Closing { id: "x".to_owned(), cost: None, months: 0 }];
    facts.scenario.decisions = vec![decision(Ruling::Forbidden, None)];
    assert_eq!(facts.instance().unwrap().decisions.len(), 1, "so that it is worth nothing there either");
}

#[test]
fn what_is_approved_is_taken_from_lot_and_capacity_and_added_to_the_sales() {
    let mut facts = facts();
    facts.lots[0].max_share = Share::percent(60);
    facts.lots[0].min_coverage = Share::percent(70);
    facts.lots[0].covered = BTreeMap::from([(ANA, 10)]);
    let ana = facts.suppliers.get_mut(&ANA).unwrap();
    ana.committed_units.insert("turning".to_owned(), 10);
    // 20 USD a year over three years: 6.666… a year.
    ana.position.approved.insert(GROUP, Exact::new(20.into(), 3.into()));
    let instance = facts.instance().unwrap();

    let lot = &instance.lots[0];
    assert_eq!((lot.quantity, lot.max_share), (20, Decimal::ONE));
    assert_eq!(lot.min_coverage, number("0.55"), "21 of 30 must be covered, 10 are: 11 of 20");
    let most: Vec<_> = instance.pairs.iter().map(|pair| pair.max_share).collect();
    assert_eq!(most, [number("0.4"), number("0.9")], "at most 18 of 30 for each: 8 more and 18");
    assert_eq!(instance.capacity[0].amount, number("90"));
    assert_eq!(instance.capacity[1].amount, number("100"));
    assert_eq!(instance.sales[0].amount, number("256.666667"), "rounded against the award");
    assert_eq!(instance.suppliers[0].annual_sales, Some(number("1006.666666")));

    facts.lots[0].covered = BTreeMap::from([(ANA, 30)]);
    assert!(facts.instance().unwrap().lots.is_empty(), "a covered lot is closed");
}

/// A consortium bids at the price of its offer; beside what is approved, nobody wins alone and through it.
#[test]
fn a_consortium_bids_at_its_offer_and_nobody_wins_alone_and_through_it() {
    let both = OrganisationId(Uuid::from_u128(0xc));
    let mut facts = facts();
    facts.consortia.insert(both, vec![ANA, BEA]);
    let offer = Some((UnitPrice(1_250_000), Some(12)));
    facts.lots[0].candidates.push(Candidate { offer, ..candidate(both) });
    let bidders = |facts: &Facts| {
        let pairs = facts.instance().unwrap().pairs;
        pairs.iter().map(|pair| (pair.supplier.clone(), pair.max_share, pair.unit_price)).collect::<Vec<_>>()
    };
    let row = |who: OrganisationId, share, price| (who.to_string(), number(share), number(price));
    assert_eq!(bidders(&facts), [row(ANA, "1", "2"), row(BEA, "1", "2"), row(both, "0.4", "1.25")]);

    // Ten units went to the consortium: two more are on offer, and its members get none alone.
    facts.lots[0].covered = BTreeMap::from([(both, 10)]);
    facts.lots[0].through = BTreeMap::from([(ANA, both), (BEA, both)]);
    assert_eq!(bidders(&facts), [row(both, "0.1", "1.25")]);
    // Ten units went to one member alone: it may get more, the consortium none.
    facts.lots[0].covered = BTreeMap::from([(ANA, 10)]);
    facts.lots[0].through.clear();
    assert_eq!(bidders(&facts), [row(ANA, "1", "2"), row(BEA, "1", "2")]);
}

#[test]
fn a_scenario_may_have_another_cap_or_none() {
    let mut facts = facts();
    facts.waivers.push((ANA, GROUP, Share::percent(60)));
    facts.scenario.cap = Cap::Instead(Share::percent(20));
    let instance = facts.instance().unwrap();
    assert_eq!((instance.dependency_cap, instance.caps.len()), (Some(number("0.2")), 1));
    facts.scenario.cap = Cap::Without;
    let instance = facts.instance().unwrap();
    assert_eq!((instance.dependency_cap, instance.caps.len()), (None, 0));
}

#[test]
fn amounts_that_no_instance_can_say_are_named() {
    let mut facts = facts();
    let huge = Exact::from_integer(10_000_000_000_000_000_i64.into());
    facts.suppliers.get_mut(&BEA).unwrap().position.annual_sales = Some(huge);
    let faults = facts.instance().unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].pointer, format!("/suppliers/{BEA}"));
    facts.rules.dependency_allowance = Money::new(1, usd());
    facts.suppliers.remove(&BEA);
    assert_eq!(facts.instance().unwrap().dependency_allowance, number("0.01"));
}
