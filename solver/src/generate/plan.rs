//! What the options and the family come to.

use super::{Family, Options};

/// Processes that networks have at most.
const PROCESSES: [&str; 12] = [
    "assembly",
    "bending",
    "casting",
    "coating",
    "forging",
    "heat-treatment",
    "laser",
    "machining",
    "moulding",
    "sewing",
    "stamping",
    "welding",
];

/// Sizes, and everything in which families differ. Shares are in thousandths.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) suppliers: usize,
    pub(super) lots: usize,
    pub(super) buyers: usize,
    pub(super) pairs_per_lot: usize,
    pub(super) seed: u64,
    pub(super) family: Family,
    pub(super) processes: usize,
    /// Parts of the network that have nothing to do with each other.
    pub(super) regions: usize,
    /// κ.
    pub(super) tightness: i64,
    /// How many of a lot's suppliers are drawn from those for which its buyer is a home.
    pub(super) affinity: usize,
    /// Groups to which a supplier sells already, and the share of its sales that each has.
    pub(super) existing: (i64, i64),
    pub(super) existing_share: (i64, i64),
}

impl Plan {
    pub(super) fn new(options: &Options) -> Self {
        let family = options.family;
        let (suppliers, lots) = (options.suppliers.max(1), options.lots.max(1));
        let buyers = options.buyers.max(1);
        let pairs_per_lot = options.pairs_per_lot.clamp(1, suppliers);
        let regions = match family {
            // Each with four buyers, as under one alone nobody could grow, and suppliers enough for its lots.
            Family::Components => (buyers / 4).min(suppliers / pairs_per_lot).clamp(1, lots),
            _ => 1,
        };
        let (tightness, affinity, existing, existing_share) = match family {
            Family::Tight => (900, 700, (1, 3), (50, 280)),
            Family::Slack => (0, 0, (0, 3), (10, 100)),
            Family::FewBuyers => (500, 0, (1, 3), (50, 250)),
            Family::DominantBuyer => (600, 300, (1, 3), (100, 450)),
            Family::Components => (500, 0, (0, 3), (50, 250)),
            Family::RealLike => (400, 400, (0, 4), (20, 350)),
            Family::Integer => (500, 300, (0, 3), (20, 300)),
        };
        Self {
            suppliers,
            lots,
            buyers,
            pairs_per_lot,
            seed: options.seed,
            family,
            processes: (suppliers / (regions * pairs_per_lot * 2)).clamp(1, PROCESSES.len()),
            regions,
            tightness: options.tightness.map_or(tightness, thousandths),
            affinity,
            existing,
            existing_share,
        }
    }

    /// Whether the family is more than a linear program under a cap.
    pub(super) const fn has_features(&self) -> bool {
        matches!(self.family, Family::RealLike | Family::Integer)
    }

    pub(super) fn supplier(&self, supplier: usize) -> String {
        id("S", supplier, self.suppliers)
    }

    pub(super) fn buyer(&self, buyer: usize) -> String {
        id("B", buyer, self.buyers)
    }

    pub(super) fn lot(&self, lot: usize) -> String {
        id("L", lot, self.lots)
    }
}

/// A process's name.
pub(super) fn process(at: usize) -> String {
    PROCESSES.get(at).copied().unwrap_or("other").to_owned()
}

/// A share in thousandths; what is none counts as the nearest one.
fn thousandths(share: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped before")]
    let whole = (share.clamp(0., 1.) * 1000.).round() as i64;
    whole
}

/// An id that sorts as its number does.
pub(super) fn id(prefix: &str, at: usize, of: usize) -> String {
    let width = of.to_string().len();
    format!("{prefix}{number:0width$}", number = at + 1)
}
