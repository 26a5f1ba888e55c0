//! What an approval would mean for a supplier, as figures and as a picture of two bars and a line.

use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::{
    approvals::dependency::{Verdict, percent},
    foundation::{
        money::{Currency, Money},
        page::filters::grouped,
        share::Share,
    },
};

/// The picture's width; a share of 1 fills it.
const WIDTH: i64 = 320;

/// What an approval would mean.
pub(super) struct Consequence {
    /// Percent with two decimals, as people read it.
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) cap: Option<Share>,
    /// Annual sales to the buyer afterwards, and the most that they may be.
    pub(super) sales: Option<(Money, Money)>,
    pub(super) allowed: bool,
    /// Whether the share afterwards is above the cap.
    above: bool,
    pub(super) bars: Option<Bars>,
}

/// Lengths in the picture.
pub(super) struct Bars {
    pub(super) before: i64,
    pub(super) after: i64,
    pub(super) cap: Option<i64>,
}

impl Bars {
    /// Where the cap's label stands, so that it stays within the picture.
    pub(super) fn label(&self) -> i64 {
        self.cap.unwrap_or_default().clamp(30, WIDTH - 30)
    }
}

impl Consequence {
    /// Whether the match lies above the cap and may be approved all the same.
    pub(super) const fn is_exception(&self) -> bool {
        self.allowed && self.above
    }

    pub(super) fn new(verdict: &Verdict, currency: Currency) -> Self {
        let lengths = verdict.share_before.as_ref().zip(verdict.share_after.as_ref());
        Self {
            before: verdict.share_before.as_ref().map(said),
            after: verdict.share_after.as_ref().map(said),
            cap: verdict.cap,
            sales: verdict
                .sides
                .as_ref()
                .and_then(|sides| Some((rounded(&sides.left, currency)?, rounded(&sides.right, currency)?))),
            allowed: verdict.allowed,
            above: verdict
                .share_after
                .as_ref()
                .zip(verdict.cap)
                .is_some_and(|(after, cap)| *after > BigRational::new(cap.ppm().into(), 1_000_000.into())),
            bars: lengths.map(|(before, after)| Bars {
                before: length(before),
                after: length(after),
                cap: verdict.cap.map(|cap| cap.ppm() * WIDTH / 1_000_000),
            }),
        }
    }
}

fn said(share: &BigRational) -> String {
    grouped(&percent(share))
}

fn length(share: &BigRational) -> i64 {
    let length = (share * BigRational::from_integer(WIDTH.into())).round().to_integer();
    length.to_i64().unwrap_or(WIDTH).clamp(0, WIDTH)
}

/// The amount rounded half up to the minor unit; none beyond what an amount can hold.
fn rounded(exact: &BigRational, currency: Currency) -> Option<Money> {
    let minor = exact * BigRational::from_integer(10_i64.checked_pow(currency.decimals())?.into());
    let half = BigRational::new(1.into(), 2.into());
    Some(Money::new((minor + half).floor().to_integer().to_i64()?, currency))
}
