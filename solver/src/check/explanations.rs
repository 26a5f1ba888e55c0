//! What is said about a result: prices, worths, reasons, conflicts.
//!
//! Most of it comes from solving again and cannot be recomputed here. What can be is: every id is one
//! of the instance, everything stands in order and once, and what awards show (capacity left, caps and
//! their use, gaps open or closed, prices) is what is stated.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::{One, Zero};

use super::{
    dependency,
    exact::{self, Exact},
    findings::Findings,
    sales::Ledger,
    view::View,
};
use crate::{
    Outcome,
    instance::{DependencyBase, Lot, Pair, Ruling},
    outcome::{Price, Reason, RuleName, WhyNot, Worth},
};

pub(super) fn check(
    view: &View<'_>,
    ledger: &Ledger<'_>,
    outcome: &Outcome,
    minor: usize,
    found: &mut Findings,
) {
    let ids = Ids::new(view);
    let tiers: Vec<&str> = view.instance.objectives.iter().map(|objective| objective.tier.name()).collect();
    sorted("prices", &outcome.prices, |row| row.rule.clone(), found);
    for row in &outcome.prices {
        known(&ids, "prices", &row.rule, found);
        price(view, ledger, row, &tiers, found);
    }
    sorted("worth", &outcome.worth, |row| row.gap.clone(), found);
    for row in &outcome.worth {
        worth(view, row, &tiers, minor, found);
    }
    sorted("why_not", &outcome.why_not, |row| (row.lot.clone(), row.supplier.clone()), found);
    let pairs = Pairs::new(view, outcome);
    for row in &outcome.why_not {
        why_not(view, ledger, &pairs, &ids, row, minor, found);
    }
}

/// Rules in conflict and their relaxation: of this instance, each once.
pub(super) fn conflict(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    let ids = Ids::new(view);
    let mut named = BTreeSet::new();
    for rule in &outcome.conflict {
        known(&ids, "conflict", rule, found);
        found.fact(
            &["conflict", &rule.rule],
            named.insert(rule),
            || "named twice".to_owned(),
            || "each rule once".to_owned(),
        );
    }
    let mut moved = BTreeSet::new();
    for row in &outcome.relaxation {
        known(&ids, "relaxation", &row.rule, found);
        found.fact(
            &["relaxation", &row.rule.rule],
            row.by.is_finite() && row.by > 0. && moved.insert(&row.rule),
            || row.by.to_string(),
            || "each rule once, by more than 0".to_owned(),
        );
    }
}

/// Every id that a rule can be about.
struct Ids<'a>(BTreeSet<&'a str>);

impl<'a> Ids<'a> {
    fn new(view: &View<'a>) -> Self {
        let i = view.instance;
        let mut ids: BTreeSet<&str> = BTreeSet::new();
        ids.extend(i.buyers.iter().flat_map(|buyer| [buyer.id.as_str(), buyer.group.as_str()]));
        ids.extend(i.suppliers.iter().map(|supplier| supplier.id.as_str()));
        ids.extend(i.consortia.iter().map(|consortium| consortium.id.as_str()));
        ids.extend(i.lots.iter().flat_map(|lot| [lot.id.as_str(), lot.process.as_str()]));
        ids.extend(i.sales.iter().map(|row| row.group.as_str()));
        ids.extend(i.caps.iter().map(|row| row.group.as_str()));
        ids.extend(i.capacity.iter().map(|row| row.process.as_str()));
        ids.extend(i.gaps.iter().map(|gap| gap.id.as_str()));
        Self(ids)
    }
}

fn known(ids: &Ids<'_>, field: &str, rule: &RuleName, found: &mut Findings) {
    let exists = RuleName::NAMES.contains(&rule.rule.as_str())
        && rule.subject.iter().all(|id| ids.0.contains(id.as_str()));
    found.fact(
        &[field, &rule.rule],
        exists,
        || format!("{} {:?}", rule.rule, rule.subject),
        || "a rule of the model about ids of the instance".to_owned(),
    );
}

fn sorted<T, K: Ord>(field: &str, rows: &[T], key: impl Fn(&T) -> K, found: &mut Findings) {
    let ascending = rows.windows(2).all(|two| key(&two[0]) < key(&two[1]));
    found.fact(&[field], ascending, || "out of order".to_owned(), || "sorted rows, each once".to_owned());
}

fn all_finite(numbers: impl IntoIterator<Item = Option<f64>>) -> bool {
    numbers.into_iter().flatten().all(f64::is_finite)
}

fn price(view: &View<'_>, ledger: &Ledger<'_>, row: &Price, tiers: &[&str], found: &mut Findings) {
    let limited = match (row.rule.rule.as_str(), row.rule.subject.as_slice()) {
        ("dependency", [supplier, group]) => {
            view.suppliers.contains_key(supplier.as_str()) && ledger.cap((supplier, group)).is_some()
        }
        ("capacity", [supplier, process]) => {
            let mut rows = view.instance.capacity.iter();
            rows.any(|row| row.supplier == *supplier && row.process == *process)
        }
        _ => false,
    };
    let subject: Vec<&str> =
        [row.rule.rule.as_str()].into_iter().chain(row.rule.subject.iter().map(String::as_str)).collect();
    let of = |figure| [&["prices", figure], subject.as_slice()].concat();
    let nothing = || "nothing".to_owned();
    found.fact(&of("rule"), limited, || "a limit".to_owned(), || "a cap or a capacity in force".to_owned());
    let step = exact::parse(&row.step).is_some_and(|step| step.is_positive());
    found.fact(&of("step"), step, || row.step.clone(), || "more than 0".to_owned());
    let names: Vec<&str> = row.tiers.iter().map(|tier| &*tier.name).collect();
    found.fact(&of("tiers"), names == tiers, || format!("{names:?}"), || format!("{tiers:?}"));
    let numbers = row.tiers.iter().flat_map(|tier| [tier.tighter, tier.looser]).chain([row.estimate]);
    found.fact(&of("numbers"), all_finite(numbers), nothing, || "finite numbers".to_owned());
}

fn worth(view: &View<'_>, row: &Worth, tiers: &[&str], minor: usize, found: &mut Findings) {
    let of = |figure| ["worth", figure, row.gap.as_str()];
    let Some(gap) = view.gaps.get(row.gap.as_str()) else {
        found.fact(
            &["worth", &row.gap],
            false,
            || "a worth".to_owned(),
            || "a gap of the instance".to_owned(),
        );
        return;
    };
    found.text(&of("supplier"), &row.supplier, &gap.supplier);
    match (&row.cost, &gap.cost) {
        (Some(stated), Some(cost)) => {
            found.number(&of("cost"), stated, &exact::round_half_up(&cost.to_exact(), minor));
        }
        (stated, cost) => {
            let same = stated.is_none() && cost.is_none();
            found.fact(&of("cost"), same, || format!("{stated:?}"), || format!("{cost:?}"));
        }
    }
    let blocked: BTreeSet<&str> = (view.instance.pairs.iter())
        .filter(|pair| pair.blocked_by.contains(&row.gap))
        .map(|pair| pair.lot.as_str())
        .collect();
    let lots = row.lots.windows(2).all(|two| two[0] < two[1])
        && row.lots.iter().all(|lot| blocked.contains(lot.as_str()));
    found.fact(&of("lots"), lots, || format!("{:?}", row.lots), || format!("some of {blocked:?}"));
    let names: Vec<&str> = row.tiers.iter().map(|tier| &*tier.name).collect();
    let named = names.is_empty() || names == tiers;
    found.fact(&of("tiers"), named, || format!("{names:?}"), || format!("{tiers:?}"));
    let numbers = row.tiers.iter().map(|tier| Some(tier.change)).chain([row.estimate]);
    let finite = all_finite(numbers);
    found.fact(&of("numbers"), finite, || "others".to_owned(), || "finite numbers".to_owned());
}

/// The pairs that reasons are given for, and what is left of each supplier's capacity.
struct Pairs<'a> {
    pairs: BTreeMap<(&'a str, &'a str), &'a Pair>,
    used: BTreeMap<(&'a str, &'a str), Exact>,
}

impl<'a> Pairs<'a> {
    fn new(view: &View<'a>, outcome: &Outcome) -> Self {
        let asked: BTreeSet<(&str, &str)> =
            outcome.why_not.iter().map(|row| (row.supplier.as_str(), row.lot.as_str())).collect();
        let key = |pair: &'a Pair| (pair.supplier.as_str(), pair.lot.as_str());
        let pairs = view.instance.pairs.iter().filter(|pair| asked.contains(&key(pair)));
        Self {
            pairs: pairs.map(|pair| (key(pair), pair)).collect(),
            used: view.sums(
                |taken| (taken.supplier(), taken.lot.process.as_str()),
                |taken| taken.pair.load.to_exact() * &taken.units,
            ),
        }
    }
}

fn why_not(
    view: &View<'_>,
    ledger: &Ledger<'_>,
    pairs: &Pairs<'_>,
    ids: &Ids<'_>,
    row: &WhyNot,
    minor: usize,
    found: &mut Findings,
) {
    let key = (row.supplier.as_str(), row.lot.as_str());
    let subject = ["why_not", key.0, key.1];
    let (Some(pair), Some(lot)) = (pairs.pairs.get(&key), view.lots.get(key.1)) else {
        found.fact(&subject, false, || "reasons".to_owned(), || "a pair of the instance".to_owned());
        return;
    };
    let all = view.bids.get(&(key.1, key.0)).is_some_and(|bid| bid.units >= exact::whole(lot.quantity));
    found.fact(&subject, !all, || "reasons".to_owned(), || "nothing: it got all".to_owned());
    found.fact(&subject, !row.reasons.is_empty(), || "no reason".to_owned(), || "a reason".to_owned());
    for reason in &row.reasons {
        let holds = match reason {
            Reason::Rule(rule) => {
                known(ids, "why_not", rule, found);
                true
            }
            Reason::Dependency { group, cap, after, room } => {
                dependency(view, ledger, row, lot, (group, cap, after.as_deref(), room), minor)
            }
            Reason::Concentration { .. } => view.instance.hhi_cap.is_some(),
            other => plain(view, pairs, pair, lot, other),
        };
        found.fact(&subject, holds, || format!("{reason:?}"), || "what the awards show".to_owned());
    }
}

/// Reasons that need no sales.
fn plain(view: &View<'_>, pairs: &Pairs<'_>, pair: &Pair, lot: &Lot, reason: &Reason) -> bool {
    let gaps_of_pair = |gaps: &[String]| {
        let each = gaps.iter().collect::<BTreeSet<_>>().len() == gaps.len();
        each && !gaps.is_empty() && gaps.iter().all(|gap| pair.blocked_by.contains(gap))
    };
    match reason {
        // For a consortium one of its members may be what is forbidden.
        Reason::Forbidden => view.instance.decisions.iter().any(|decision| {
            let members = view.consortia.get(pair.supplier.as_str()).map(|c| &c.members);
            decision.lot == lot.id
                && matches!(decision.ruling, Ruling::Forbidden)
                && (decision.supplier == pair.supplier
                    || members.is_some_and(|members| members.contains(&decision.supplier)))
        }),
        Reason::Blocked { gaps } => {
            gaps_of_pair(gaps) && gaps.iter().all(|gap| !view.needed.contains_key(gap.as_str()))
        }
        Reason::TooLate { gaps } => {
            gaps_of_pair(gaps)
                && gaps.iter().all(|gap| {
                    let months = view.gaps.get(gap.as_str()).map(|gap| gap.months);
                    months.is_some_and(|months| lot.starts_in.is_some_and(|starts_in| months > starts_in))
                })
        }
        Reason::Capacity { process, units_left } => {
            *process == lot.process
                && units(view, pairs, pair, lot).is_none_or(|left| exact::whole(*units_left) == left)
        }
        Reason::BetterServed { tier } => {
            view.instance.objectives.iter().any(|objective| objective.tier.name() == *tier)
        }
        Reason::Price { ratio } => {
            exact::quotient(&pair.unit_price.to_exact(), &lot.reference_price.to_exact())
                .is_some_and(|expected| expected > Exact::one() && reads(ratio, &expected))
        }
        Reason::Tied => true,
        Reason::Rule(_) | Reason::Dependency { .. } | Reason::Concentration { .. } => false,
    }
}

/// Units that a supplier's capacity leaves; `None` for a consortium, or without a limit.
fn units(view: &View<'_>, pairs: &Pairs<'_>, pair: &Pair, lot: &Lot) -> Option<Exact> {
    let mut rows = view.instance.capacity.iter();
    let row = rows.find(|row| row.supplier == pair.supplier && row.process == lot.process)?;
    let used = pairs.used.get(&(row.supplier.as_str(), row.process.as_str()));
    let left = row.amount.to_exact() - used.cloned().unwrap_or_else(Exact::zero);
    let units = exact::quotient(&left, &pair.load.to_exact())?;
    Some(units.floor())
}

/// The cap of the lot's group, its use, and what it leaves from this group alone.
fn dependency(
    view: &View<'_>,
    ledger: &Ledger<'_>,
    row: &WhyNot,
    lot: &Lot,
    (group, cap, after, room): (&str, &str, Option<&str>, &str),
    minor: usize,
) -> bool {
    let mut buyers = view.instance.buyers.iter();
    if !buyers.any(|buyer| buyer.id == lot.buyer && buyer.group == group) {
        return false;
    }
    // A consortium's reason is that of one of its members, which stays unnamed.
    let Some((&supplier, position)) = ledger.suppliers.get_key_value(row.supplier.as_str()) else {
        return view.consortia.contains_key(row.supplier.as_str());
    };
    let Some(t) = ledger.cap((supplier, group)) else {
        return false;
    };
    let sold = ledger.groups.get(&(supplier, group)).cloned().unwrap_or_default();
    let share = position.after().and_then(|of| exact::quotient(&sold.after(), &of));
    let base = position.base(view.instance.dependency_base);
    let grows = base.is_some() && view.instance.dependency_base == DependencyBase::Projected;
    let right = &t * base.unwrap_or_else(Exact::zero) + dependency::room(view.instance, position, &sold, &t);
    let spare = right - sold.after();
    // A unit of money more counts on the right side as well, t of it.
    let divisor = if grows { Exact::one() - &t } else { Exact::one() };
    let same_share = match (after, &share) {
        (Some(text), Some(share)) => reads(text, share),
        (None, None) => true,
        _ => false,
    };
    // With t = 1 there is no limit, and so no such reason.
    let same_room = exact::quotient(&spare, &divisor)
        .is_some_and(|expected| exact::parse(room) == Some(exact::round_half_up(&expected, minor)));
    exact::parse(cap) == Some(t) && same_share && same_room
}

/// Whether a text states a number, rounded half up to as many places as it has, at least two.
fn reads(text: &str, number: &Exact) -> bool {
    let places = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let enough = places >= 2 || number.is_integer();
    enough && exact::parse(text).is_some_and(|stated| stated == exact::round_half_up(number, places))
}
