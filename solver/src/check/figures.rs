//! The result's heading, and the figures about awards and unmet lots.

use iso_currency::Currency;
use num_traits::Zero;

use super::{
    exact::{self, Exact},
    findings::Findings,
    view::View,
};
use crate::{Outcome, outcome::Unmet};

/// Shares are printed with so many decimal places.
const SHARE_PLACES: usize = 9;

pub(super) fn heading(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    found.text(&["format"], &outcome.format, "eslabon-result/1");
    found.text(&["currency"], &outcome.currency, &view.instance.currency);
}

/// Decimal places of the currency's minor unit (ISO 4217); `None` for a code that has none.
pub(super) fn minor_unit(view: &View<'_>, found: &mut Findings) -> Option<usize> {
    let currency = Currency::from_code(&view.instance.currency);
    let exponent = currency.and_then(Currency::exponent).map(usize::from);
    found.fact(
        &["currency"],
        exponent.is_some(),
        || format!("{:?}", view.instance.currency),
        || "an ISO 4217 code with a minor unit".to_owned(),
    );
    exponent
}

pub(super) fn awards(view: &View<'_>, minor: usize, found: &mut Findings) {
    for taken in &view.taken {
        let award = taken.award;
        let subject = |figure| [figure, award.supplier.as_str(), award.lot.as_str()];
        let share = (taken.units.clone(), exact::whole(taken.lot.quantity));
        found.optional_quotient(&subject("share"), Some(&award.share), Some(&share), SHARE_PLACES);
        for (figure, stated, exactly, places) in [
            ("amount", &award.amount, &taken.amount, minor),
            ("annual_amount", &award.annual_amount, &taken.annual, minor),
        ] {
            let expected = exact::round_half_up(exactly, places);
            found.number(&subject(figure), stated, &expected);
        }
    }
}

/// Exactly the lots with a rest are listed, in order.
pub(super) fn unmet(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    let awarded = view.sums(|taken| taken.lot.id.as_str(), |taken| taken.units.clone());
    let nothing = Exact::zero();
    let mut lots: Vec<_> = view.instance.lots.iter().collect();
    lots.sort_by(|one, other| one.id.cmp(&other.id));
    let expected: Vec<(&str, Exact)> = lots
        .into_iter()
        .map(|lot| {
            let units = awarded.get(lot.id.as_str()).unwrap_or(&nothing);
            (lot.id.as_str(), exact::whole(lot.quantity) - units)
        })
        .filter(|(_, rest)| *rest > nothing)
        .collect();
    let same_lots = outcome.unmet.len() == expected.len()
        && (outcome.unmet.iter().zip(&expected)).all(|(stated, (lot, _))| stated.lot == *lot);
    found.fact(
        &["unmet"],
        same_lots,
        || lots_of(outcome.unmet.iter().map(|unmet: &Unmet| &*unmet.lot)),
        || lots_of(expected.iter().map(|(lot, _)| *lot)),
    );
    if same_lots {
        for (stated, (lot, rest)) in outcome.unmet.iter().zip(&expected) {
            found.fact(
                &["unmet", lot],
                exact::whole(stated.quantity) == *rest,
                || stated.quantity.to_string(),
                || exact::show(rest),
            );
        }
    }
}

fn lots_of<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    format!("lots {:?}", ids.collect::<Vec<_>>())
}
