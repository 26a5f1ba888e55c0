//! Exact fractions that are fast while they are small.
//!
//! Money, units and shares nearly always fit two numbers of 127 bits, and arithmetic on those takes no memory
//! from the heap: on 6,000 pairs building the rules and checking the result took several times as long with
//! [`BigRational`] alone. Every step is tested for overflow; what does not fit becomes a [`BigRational`], and
//! small again as soon as it fits. Like [`crate::Decimal`] this is a number and knows no rule, so that the
//! checker and the model can both count with it; a property test holds it against [`BigRational`].

use std::{
    cmp::Ordering,
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign},
};

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// An exact fraction.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ratio(Parts);

/// In lowest terms, with a positive denominator; `Large` only where `Small` cannot hold it.
#[derive(Clone, PartialEq, Eq)]
enum Parts {
    Small(i128, i128),
    Large(Box<BigRational>),
}

use Parts::{Large, Small};

/// Whole numbers up to this are exact doubles.
const EXACT_DOUBLES: u64 = 1 << 53;

impl Ratio {
    /// `numerator / denominator`; the denominator is not 0.
    pub fn new(numerator: BigInt, denominator: BigInt) -> Self {
        Self::from_big(BigRational::new(numerator, denominator))
    }

    /// The same of small numbers.
    pub fn of(numerator: i128, denominator: i128) -> Self {
        Self::reduced(numerator, denominator)
            .unwrap_or_else(|| Self::new(BigInt::from(numerator), BigInt::from(denominator)))
    }

    /// 10 to a power.
    pub fn ten_to(power: u32) -> Self {
        10_i128
            .checked_pow(power)
            .map_or_else(|| Self::from_big(BigRational::from(BigInt::from(10).pow(power))), Self::whole)
    }

    const fn whole(number: i128) -> Self {
        Self(Small(number, 1))
    }

    /// In lowest terms; `None` where that takes more than 127 bits.
    fn reduced(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 1 {
            return Some(Self(Small(numerator, 1)));
        }
        // Nothing is divided by 0 here: what num-rational says of it stands.
        if denominator == 0 {
            return None;
        }
        let by = gcd(numerator, denominator)?;
        let (numerator, denominator) = (part(numerator, by), part(denominator, by));
        if denominator > 0 {
            Some(Self(Small(numerator, denominator)))
        } else {
            Some(Self(Small(numerator.checked_neg()?, denominator.checked_neg()?)))
        }
    }

    /// What num-rational keeps.
    pub fn from_big(number: BigRational) -> Self {
        match (number.numer().to_i128(), number.denom().to_i128()) {
            (Some(numerator), Some(denominator)) => Self(Small(numerator, denominator)),
            _ => Self(Large(Box::new(number))),
        }
    }

    /// The same number as num-rational keeps it.
    pub fn to_big(&self) -> BigRational {
        match &self.0 {
            Small(numerator, denominator) => {
                BigRational::new_raw(BigInt::from(*numerator), BigInt::from(*denominator))
            }
            Large(number) => (**number).clone(),
        }
    }

    /// The denominator, in lowest terms and positive.
    pub fn denom(&self) -> BigInt {
        match &self.0 {
            Small(_, denominator) => BigInt::from(*denominator),
            Large(number) => number.denom().clone(),
        }
    }

    /// The numerator, in lowest terms.
    pub fn numer(&self) -> BigInt {
        match &self.0 {
            Small(numerator, _) => BigInt::from(*numerator),
            Large(number) => number.numer().clone(),
        }
    }

    /// Whether it is more than 0.
    pub fn is_positive(&self) -> bool {
        match &self.0 {
            Small(numerator, _) => *numerator > 0,
            Large(number) => number.is_positive(),
        }
    }

    /// Whether it is less than 0.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Small(numerator, _) => *numerator < 0,
            Large(number) => number.is_negative(),
        }
    }

    /// Without its sign.
    pub fn abs(&self) -> Self {
        if self.is_negative() { -self } else { self.clone() }
    }

    /// The largest whole number that is not more.
    pub fn floor(&self) -> Self {
        match &self.0 {
            Small(numerator, denominator) => Self::whole(numerator.div_floor(denominator)),
            Large(number) => Self::from_big(number.floor()),
        }
    }

    /// The smallest whole number that is not less.
    pub fn ceil(&self) -> Self {
        match &self.0 {
            Small(numerator, denominator) => Self::whole(Integer::div_ceil(numerator, denominator)),
            Large(number) => Self::from_big(number.ceil()),
        }
    }

    /// The nearest multiple of 1/10^`places`, halves away from 0, times 10^`places`; `None` where that does not fit.
    pub fn in_parts_of(&self, places: u32) -> Option<i128> {
        let Small(numerator, denominator) = self.0 else { return None };
        let twice = numerator.checked_abs()?.checked_mul(10_i128.checked_pow(places)?)?.checked_mul(2)?;
        let parts = quotient(twice.checked_add(denominator)?, denominator.checked_mul(2)?);
        Some(if numerator < 0 { -parts } else { parts })
    }

    /// The quotient in the same way, without its lowest terms, which take most of the time of a division; `None` where
    /// that does not fit, or there is nothing to divide by.
    pub fn quotient_in_parts_of(&self, by: &Self, places: u32) -> Option<i128> {
        let (Small(a, b), Small(c, d)) = (&self.0, &by.0) else { return None };
        let twice = a.checked_mul(*d)?.checked_mul(10_i128.checked_pow(places)?)?.checked_mul(2)?;
        let of = b.checked_mul(*c)?;
        let (twice, of) = if of < 0 { (twice.checked_neg()?, of.checked_neg()?) } else { (twice, of) };
        if of == 0 {
            return None;
        }
        let parts = quotient(twice.checked_abs()?.checked_add(of)?, of.checked_mul(2)?);
        Some(if twice < 0 { -parts } else { parts })
    }

    /// Without what follows the point.
    pub fn to_integer(&self) -> BigInt {
        match &self.0 {
            Small(numerator, denominator) => BigInt::from(numerator / denominator),
            Large(number) => number.to_integer(),
        }
    }

    /// Whether nothing follows the point.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Small(_, denominator) => *denominator == 1,
            Large(number) => number.is_integer(),
        }
    }

    fn sum(&self, other: &Self) -> Self {
        let small = |a: i128, b: i128, c: i128, d: i128| {
            if b == d {
                return Self::reduced(a.checked_add(c)?, b);
            }
            let by = gcd(b, d)?;
            let (left, right) = (a.checked_mul(part(d, by))?, c.checked_mul(part(b, by))?);
            Self::reduced(left.checked_add(right)?, part(b, by).checked_mul(d)?)
        };
        self.with(other, small, |one, other| one + other)
    }

    fn product(&self, other: &Self) -> Self {
        let small = |a: i128, b: i128, c: i128, d: i128| {
            if b == 1 && d == 1 {
                return Some(Self::whole(a.checked_mul(c)?));
            }
            // Crosswise, so that nothing is left to reduce.
            let (one, two) = (gcd(a, d)?, gcd(c, b)?);
            let numerator = part(a, one).checked_mul(part(c, two))?;
            Some(Self(Small(numerator, part(b, two).checked_mul(part(d, one))?)))
        };
        self.with(other, small, |one, other| one * other)
    }

    /// What 1 is divided by it; it is not 0.
    fn inverse(&self) -> Self {
        match &self.0 {
            // In lowest terms either way round.
            Small(numerator, denominator) if *numerator > 0 => Self(Small(*denominator, *numerator)),
            Small(numerator, denominator) => Self::of(*denominator, *numerator),
            Large(number) => Self::from_big(number.recip()),
        }
    }

    fn with(
        &self,
        other: &Self,
        small: impl Fn(i128, i128, i128, i128) -> Option<Self>,
        large: impl Fn(BigRational, BigRational) -> BigRational,
    ) -> Self {
        if let (Small(a, b), Small(c, d)) = (&self.0, &other.0)
            && let Some(result) = small(*a, *b, *c, *d)
        {
            return result;
        }
        Self::from_big(large(self.to_big(), other.to_big()))
    }
}

/// A number divided by one of its divisors: in 64 bits, where both fit, in a fraction of the time.
fn part(number: i128, by: i128) -> i128 {
    if by == 1 {
        return number;
    }
    match (i64::try_from(number), i64::try_from(by)) {
        // The divisor is positive, so nothing overflows.
        (Ok(number), Ok(by)) => i128::from(number / by),
        _ => number / by,
    }
}

/// How often one number is contained in another: in 64 bits, where both fit, in a fraction of the time.
fn quotient(number: i128, by: i128) -> i128 {
    match (u64::try_from(number), u64::try_from(by)) {
        (Ok(number), Ok(by)) => i128::from(number / by),
        _ => number / by,
    }
}

/// A whole number as a double, if it is one.
fn exact_double(number: i128) -> Option<f64> {
    // From 64 bits in one step, from 128 in many.
    let number = i64::try_from(number).ok().filter(|number| number.unsigned_abs() <= EXACT_DOUBLES)?;
    #[expect(clippy::cast_precision_loss, reason = "at most 53 bits, so exact")]
    Some(number as f64)
}

/// The greatest common divisor; `None` where it is 2¹²⁷.
fn gcd(one: i128, other: i128) -> Option<i128> {
    let (one, other) = (one.unsigned_abs(), other.unsigned_abs());
    if one == 1 || other == 1 {
        return Some(1);
    }
    match (u64::try_from(one), u64::try_from(other)) {
        // A step of 64 bits is many times as fast as one of 128, and after one division the larger number, an amount,
        // is as small as the other, a denominator of a few digits.
        (Ok(one), Ok(other)) => {
            let (small, large) = (one.min(other), one.max(other));
            Some(i128::from(if small == 0 { large } else { small.gcd(&(large % small)) }))
        }
        _ => i128::try_from(one.gcd(&other)).ok(),
    }
}

impl From<u64> for Ratio {
    fn from(number: u64) -> Self {
        Self::whole(i128::from(number))
    }
}

impl Default for Ratio {
    fn default() -> Self {
        Self::whole(0)
    }
}

impl Zero for Ratio {
    fn zero() -> Self {
        Self::default()
    }

    fn is_zero(&self) -> bool {
        matches!(self.0, Small(0, _))
    }
}

impl One for Ratio {
    fn one() -> Self {
        Self::whole(1)
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Small(a, b), Small(c, d)) = (&self.0, &other.0) {
            if b == d {
                return a.cmp(c);
            }
            if let (Some(left), Some(right)) = (a.checked_mul(*d), c.checked_mul(*b)) {
                return left.cmp(&right);
            }
        }
        self.to_big().cmp(&other.to_big())
    }
}

impl ToPrimitive for Ratio {
    fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Small(numerator, denominator) => i64::try_from(numerator / denominator).ok(),
            Large(number) => number.to_i64(),
        }
    }

    fn to_u64(&self) -> Option<u64> {
        match &self.0 {
            Small(numerator, denominator) => u64::try_from(numerator / denominator).ok(),
            Large(number) => number.to_u64(),
        }
    }

    fn to_f64(&self) -> Option<f64> {
        match &self.0 {
            Small(numerator, denominator) => match (exact_double(*numerator), exact_double(*denominator)) {
                // Both are exact, so their quotient is rounded once.
                (Some(numerator), Some(denominator)) => Some(numerator / denominator),
                _ => self.to_big().to_f64(),
            },
            Large(number) => number.to_f64(),
        }
    }
}

impl Neg for &Ratio {
    type Output = Ratio;

    fn neg(self) -> Ratio {
        match &self.0 {
            Small(numerator, denominator) if *numerator > i128::MIN => Ratio(Small(-numerator, *denominator)),
            _ => Ratio::from_big(-self.to_big()),
        }
    }
}

impl Neg for Ratio {
    type Output = Self;

    fn neg(self) -> Self {
        -&self
    }
}

/// An operator for values and references alike.
macro_rules! operator {
    ($operator:ident, $method:ident, |$one:ident, $other:ident| $result:expr) => {
        impl $operator<&Ratio> for &Ratio {
            type Output = Ratio;

            fn $method(self, other: &Ratio) -> Ratio {
                let ($one, $other) = (self, other);
                $result
            }
        }

        impl $operator<Ratio> for &Ratio {
            type Output = Ratio;

            fn $method(self, other: Ratio) -> Ratio {
                self.$method(&other)
            }
        }

        impl $operator<&Ratio> for Ratio {
            type Output = Ratio;

            fn $method(self, other: &Ratio) -> Ratio {
                (&self).$method(other)
            }
        }

        impl $operator<Ratio> for Ratio {
            type Output = Ratio;

            fn $method(self, other: Ratio) -> Ratio {
                (&self).$method(&other)
            }
        }
    };
}

operator!(Add, add, |one, other| one.sum(other));
operator!(Sub, sub, |one, other| one.sum(&-other));
operator!(Mul, mul, |one, other| one.product(other));
operator!(Div, div, |one, other| one.product(&other.inverse()));

/// The same into what stands on the left.
macro_rules! assignment {
    ($operator:ident, $method:ident, |$one:ident, $other:ident| $result:expr) => {
        impl $operator<&Ratio> for Ratio {
            fn $method(&mut self, other: &Ratio) {
                let ($one, $other) = (&*self, other);
                *self = $result;
            }
        }

        impl $operator<Ratio> for Ratio {
            fn $method(&mut self, other: Ratio) {
                self.$method(&other);
            }
        }
    };
}

assignment!(AddAssign, add_assign, |one, other| one.sum(other));
assignment!(SubAssign, sub_assign, |one, other| one.sum(&-other));
assignment!(MulAssign, mul_assign, |one, other| one.product(other));

/// A sum on its way, not reduced between its terms.
struct Running {
    numerator: i128,
    denominator: i128,
    /// What did not fit.
    rest: Ratio,
}

impl Running {
    const NOTHING: Self = Self { numerator: 0, denominator: 1, rest: Ratio::whole(0) };

    fn add(mut self, number: &Ratio) -> Self {
        if self.try_add(number).is_none() {
            self.rest += number;
        }
        self
    }

    /// Over the smallest denominator that both have; `None` where that does not fit.
    fn try_add(&mut self, number: &Ratio) -> Option<()> {
        let Small(numerator, denominator) = number.0 else { return None };
        let (own, other) = if denominator == self.denominator {
            (self.numerator, numerator)
        } else {
            let by = gcd(self.denominator, denominator)?;
            let (grow, factor) = (part(denominator, by), part(self.denominator, by));
            let common = self.denominator.checked_mul(grow)?;
            let sides = (self.numerator.checked_mul(grow)?, numerator.checked_mul(factor)?);
            sides.0.checked_add(sides.1)?;
            self.denominator = common;
            sides
        };
        self.numerator = own.checked_add(other)?;
        Some(())
    }

    fn total(self) -> Ratio {
        Ratio::of(self.numerator, self.denominator) + self.rest
    }
}

impl Sum for Ratio {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Running::NOTHING, |sum, number| sum.add(&number)).total()
    }
}

impl<'a> Sum<&'a Self> for Ratio {
    fn sum<I: Iterator<Item = &'a Self>>(numbers: I) -> Self {
        numbers.fold(Running::NOTHING, Running::add).total()
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_big().fmt(f)
    }
}

impl fmt::Debug for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whole numbers of every length, the ends of 128 bits among them.
    fn number() -> impl Strategy<Value = i128> {
        prop_oneof![
            4 => -1000..1000_i128,
            4 => any::<i128>().prop_map(|number| number >> 70),
            1 => any::<i128>(),
            1 => prop_oneof![Just(i128::MIN), Just(i128::MAX), Just(-i128::MAX)],
        ]
    }

    fn pair() -> impl Strategy<Value = (Ratio, BigRational)> {
        (number(), number().prop_filter("not 0", |number| *number != 0)).prop_map(
            |(numerator, denominator)| {
                let big = BigRational::new(numerator.into(), denominator.into());
                (Ratio::of(numerator, denominator), big)
            },
        )
    }

    proptest! {
        #[test]
        fn it_counts_as_num_rational_does((a, x) in pair(), (b, y) in pair(), (c, z) in pair()) {
            // Equal as they stand, so kept in the same form.
            let same = |ratio: Ratio, big: BigRational| {
                prop_assert_eq!(ratio.to_big(), big.clone());
                prop_assert!(ratio == Ratio::from_big(big.clone()), "{} is kept in two ways", ratio);
                prop_assert_eq!(ratio.to_f64(), big.to_f64());
                prop_assert_eq!(ratio.to_u64(), big.to_u64());
                prop_assert_eq!(ratio.to_i64(), big.to_i64());
                Ok(())
            };
            same(a.clone(), x.clone())?;
            same(&a + &b, &x + &y)?;
            same(&a - &b, &x - &y)?;
            same(&a * &b, &x * &y)?;
            same(-&a, -&x)?;
            same(a.abs(), x.abs())?;
            same(a.floor(), x.floor())?;
            same(a.ceil(), x.ceil())?;
            // Large on the way, and perhaps small in the end.
            same(&a * &b * &c - &b, &x * &y * &z - &y)?;
            same(&a + &b - &a, y.clone())?;
            if !b.is_zero() {
                same(&a / &b, &x / &y)?;
                same(&a * &b / &b, x.clone())?;
            }
            let sum: Ratio = [&a, &b, &c, &b].into_iter().sum();
            same(sum, &x + &y + &z + &y)?;
            let sum: Ratio = [c.clone(), a.clone(), -&c].into_iter().sum();
            same(sum, x.clone())?;
            prop_assert_eq!(a.cmp(&b), x.cmp(&y));
            prop_assert_eq!((&a * &b).cmp(&c), (&x * &y).cmp(&z));
            prop_assert_eq!((a.is_negative(), a.is_positive()), (x.is_negative(), x.is_positive()));
            prop_assert_eq!((a.to_integer(), a.to_string()), (x.to_integer(), x.to_string()));
            prop_assert_eq!((a.numer(), a.denom()), (x.numer().clone(), x.denom().clone()));
        }
    }

    proptest! {
        #[test]
        fn a_quotient_is_rounded_as_its_lowest_terms_are((a, _) in pair(), (b, _) in pair(), places in 0..10_u32) {
            if let Some(parts) = a.quotient_in_parts_of(&b, places) {
                let lifted = (&a / &b).abs() * Ratio::ten_to(places) + Ratio::of(1, 2);
                let sign = if (&a / &b).is_negative() { -1 } else { 1 };
                prop_assert_eq!(BigInt::from(parts), lifted.floor().to_integer() * sign);
            } else {
                let small = |ratio: &Ratio| {
                    ratio.numer().magnitude().bits() + ratio.denom().magnitude().bits() < 40
                };
                prop_assert!(b.is_zero() || !small(&a) || !small(&b));
            }
        }
    }

    #[test]
    fn a_power_of_ten_may_be_large() {
        assert_eq!(Ratio::ten_to(3), Ratio::from(1000));
        assert_eq!(Ratio::ten_to(40).to_string(), format!("1{}", "0".repeat(40)));
    }
}
