//! What people have decided: fixed is exactly that, forbidden is nothing.

use std::collections::HashMap;

use super::{findings::Findings, view::View};
use crate::{Outcome, instance::Ruling};

/// Counted on the awards as they are stated, whether or not they resolve.
pub(super) fn check(view: &View<'_>, outcome: &Outcome, found: &mut Findings) {
    // What is won alone or by a consortium as a whole, and what a supplier gets in any way.
    let mut bids: HashMap<(&str, &str), u128> = HashMap::new();
    let mut received: HashMap<(&str, &str), u128> = HashMap::new();
    for award in &outcome.awards {
        let units = u128::from(award.quantity);
        let bidder = award.consortium.as_ref().unwrap_or(&award.supplier);
        *bids.entry((bidder, &award.lot)).or_default() += units;
        *received.entry((&award.supplier, &award.lot)).or_default() += units;
    }
    for decision in &view.instance.decisions {
        let subject = [decision.supplier.as_str(), decision.lot.as_str()];
        let count = |of: &HashMap<(&str, &str), u128>| of.get(&(subject[0], subject[1])).copied();
        let bid = count(&bids).unwrap_or_default();
        match decision.ruling {
            Ruling::Fixed { quantity, .. } => {
                let fixed = u128::from(quantity);
                found.rule("fixed", &subject, bid == fixed, || format!("{bid} ≠ {fixed}"));
            }
            Ruling::Forbidden => {
                // For a supplier its parts in consortia as well.
                let units = bid.max(count(&received).unwrap_or_default());
                found.rule("forbidden", &subject, units == 0, || format!("{units} > 0"));
            }
        }
    }
}
