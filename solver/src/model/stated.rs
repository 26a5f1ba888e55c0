//! An instance with its rules stated, and what of that the next instance like it can use.

use std::sync::OnceLock;

use super::{Network, Rules, Standings, network::Layout};
use crate::{Instance, write::Undecided};

/// An instance, and its rules.
pub(crate) struct Stated<'a> {
    pub network: Network<'a>,
    pub standings: Standings,
    pub rules: Rules,
    undecided: OnceLock<Undecided>,
}

/// The same without the instance.
pub(crate) struct Kept {
    layout: Layout,
    standings: Standings,
    rules: Rules,
    undecided: OnceLock<Undecided>,
}

impl<'a> Stated<'a> {
    /// States the rules; from those of an instance that differs in decisions alone, if there is one.
    pub fn new(instance: &'a Instance, kept: Option<Kept>) -> Self {
        if let Some(Kept { layout, standings, rules, undecided }) = kept {
            let network = Network::laid_out(instance, Some(layout));
            let rules = rules.decided_anew(&network, &standings);
            return Self { network, standings, rules, undecided };
        }
        let network = Network::new(instance);
        let standings = Standings::new(&network);
        let rules = Rules::new(&network, &standings);
        Self { network, standings, rules, undecided: OnceLock::new() }
    }

    /// The instance's fingerprint.
    pub fn fingerprint(&self) -> String {
        let instance = self.network.instance;
        self.undecided.get_or_init(|| Undecided::new(instance)).fingerprint(instance)
    }

    /// Keeps what the next instance can use.
    pub fn keep(self) -> Kept {
        let Self { network, standings, rules, undecided } = self;
        Kept { layout: network.into_layout(), standings, rules, undecided }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        generate::{Family, Options, generate},
        instance::{Decision, Ruling},
        write::fingerprint,
    };

    #[test]
    fn what_is_kept_gives_the_same_rules_as_from_the_beginning() {
        for family in [Family::Tight, Family::RealLike] {
            let options = Options {
                suppliers: 9,
                lots: 12,
                buyers: 3,
                pairs_per_lot: 4,
                tightness: None,
                family,
                seed: 2,
            };
            let mut instance = generate(&options);
            let pairs: Vec<(String, String)> =
                instance.pairs.iter().map(|pair| (pair.supplier.clone(), pair.lot.clone())).collect();
            let mut kept = None;
            let fixed = |override_max_share| Ruling::Fixed { quantity: 1, override_max_share };
            let rulings = [Ruling::Forbidden, fixed(false), fixed(true), Ruling::Forbidden, fixed(false)];
            for (turn, ruling) in rulings.into_iter().enumerate() {
                if turn == 4 {
                    instance.decisions.clear();
                }
                let (supplier, lot) = pairs[turn * 7].clone();
                instance.decisions.push(Decision { supplier, lot, ruling });
                let anew = Stated::new(&instance, None);
                let again = Stated::new(&instance, kept);
                assert_eq!(format!("{:?}", again.rules), format!("{:?}", anew.rules), "{family:?} {turn}");
                assert_eq!(
                    format!("{:?}", again.network),
                    format!("{:?}", anew.network),
                    "{family:?} {turn}"
                );
                for (bid, pair) in pairs.iter().enumerate() {
                    assert_eq!(again.network.bid(&pair.0, &pair.1), Some(bid));
                }
                assert_eq!(again.network.bid("nobody", &pairs[0].1), None);
                assert_eq!(again.fingerprint(), fingerprint(&instance), "{family:?} {turn}");
                kept = Some(again.keep());
            }
        }
    }
}
