//! Gaps: whose they are, and which pairs wait for them.

use super::{codes, problems::Problems, row::Quoted, tables::Tables};
use crate::{
    Decimal,
    instance::{Gap, Lot, Pair},
};

/// Why a pair stays closed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Closed<'a> {
    /// Without a development budget every gap stays open.
    NoBudget,
    /// The gap takes longer than until the lot starts.
    TooLate(&'a Gap, Decimal),
    /// Nobody has said what closing the gap costs.
    Uncosted(&'a Gap),
    /// The gap alone costs more than there is.
    TooDear(&'a Gap, Decimal, Decimal),
}

/// What keeps a pair closed whatever is decided; `None` where it can be opened, or may be able to.
pub(super) fn closed<'a>(
    pair: &Pair,
    lot: &Lot,
    tables: &'a Tables,
    budget: Option<Decimal>,
) -> Option<Closed<'a>> {
    if pair.blocked_by.is_empty() {
        return None;
    }
    let Some(budget) = budget else {
        return Some(Closed::NoBudget);
    };
    pair.blocked_by.iter().filter_map(|id| tables.gaps.find((id, ""))).find_map(|gap| {
        let late = lot.starts_in.filter(|starts_in| gap.months > *starts_in);
        let dear = match gap.cost {
            None => Some(Closed::Uncosted(gap)),
            Some(cost) => (cost > budget).then_some(Closed::TooDear(gap, cost, budget)),
        };
        late.map(|starts_in| Closed::TooLate(gap, starts_in)).or(dear)
    })
}

/// E1203: the gaps that pairs wait for exist.
pub(super) fn check_e1203_gaps(tables: &Tables, problems: &mut Problems) {
    for (row, offer) in &tables.pairs.rows {
        for gap in &offer.pair.blocked_by {
            if !tables.gaps.may_hold((gap, "")) {
                let place = tables.pairs.place(*row, "blocked_by");
                problems.report(codes::E1203, place, format_args!("there is no gap {}", Quoted(gap)));
            }
        }
    }
}

/// E1211: a pair waits for gaps of its own supplier; a consortium's pair for those of its members too.
pub(super) fn check_e1211_blocked(tables: &Tables, problems: &mut Problems) {
    for (row, offer) in &tables.pairs.rows {
        for id in &offer.pair.blocked_by {
            let Some(gap) = tables.gaps.find((id, "")) else {
                continue;
            };
            let pair = &offer.pair;
            let consortium = tables.consortia.find((&pair.supplier, ""));
            let own = gap.supplier == pair.supplier
                || consortium.is_some_and(|c| c.members.binary_search(&gap.supplier).is_ok());
            if !own {
                let cause = format_args!(
                    "{} is a gap of {}, not of {}",
                    Quoted(id),
                    Quoted(&gap.supplier),
                    Quoted(&pair.supplier)
                );
                problems.report(codes::E1211, tables.pairs.place(*row, "blocked_by"), cause);
            }
        }
    }
}
