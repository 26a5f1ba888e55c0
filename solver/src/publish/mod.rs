//! Publication: from shares to whole units that keep every rule exactly, and to the printed result.

pub(crate) mod amount;
pub(crate) mod context;
pub(crate) mod figures;
pub(crate) mod rounding;
pub(crate) mod units;
