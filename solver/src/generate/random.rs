//! Random whole numbers that are the same on every machine.

/// A stream of random numbers: `SplitMix64` (Steele, Lea and Flood, *Fast splittable pseudorandom number
/// generators*, OOPSLA 2014). Each thing that is drawn has a stream of its own, named by what it is,
/// so that a further draw for one changes nothing for the others.
#[derive(Clone, Debug)]
pub(crate) struct Stream(u64);

/// What a stream draws.
#[derive(Clone, Copy, Debug)]
pub(super) enum Topic {
    Processes,
    Supplier,
    Buyers,
    Lot,
    Choice,
    Pair,
    Gaps,
    Consortia,
    Rules,
}

impl Stream {
    /// The stream of one thing: of what kind, and which, by up to two numbers.
    pub(super) fn new(seed: u64, topic: Topic, first: usize, second: usize) -> Self {
        let mut state = mix(seed);
        for part in [topic as u64, first as u64, second as u64] {
            state = mix(state ^ part.wrapping_add(0x9e37_79b9_7f4a_7c15));
        }
        Self(state)
    }

    /// A stream by itself.
    pub(crate) const fn of_seed(seed: u64) -> Self {
        Self(mix(seed))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `end`; 0 where that is 0. Its bias, below `end` / 2^64, is none that anybody sees.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(end);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).max(0).unsigned_abs().saturating_add(1);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// A position in a list of `length` elements.
    pub(crate) fn position(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// True in `permille` of 1000 draws.
    pub(super) fn happens(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// A number of widely different sizes: `low` times a power of two up to 2^`octaves`, evenly over
    /// each octave. The lower of two octaves is taken, so that small numbers are the most frequent, as
    /// the sizes of firms and contracts are.
    pub(super) fn skewed(&mut self, low: i64, octaves: u64) -> i64 {
        let octave = self.below(octaves).min(self.below(octaves));
        let base = low << octave;
        base + self.between(0, base - 1)
    }
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_lie_in_their_range_and_reach_all_of_it() {
        let mut stream = Stream::new(7, Topic::Lot, 1, 2);
        let mut seen = [0_u32; 6];
        for _ in 0..6000 {
            let drawn = stream.between(-2, 3);
            seen[usize::try_from(drawn + 2).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (850..1150).contains(count)), "{seen:?}");
        assert_eq!(stream.below(0), 0);
        assert_eq!(stream.position(0), 0);
    }

    #[test]
    fn small_sizes_are_the_most_frequent() {
        let mut stream = Stream::new(7, Topic::Supplier, 0, 0);
        let sizes: Vec<i64> = (0..4000).map(|_| stream.skewed(100, 8)).collect();
        assert!(sizes.iter().all(|size| (100..25_600).contains(size)));
        assert!(sizes.iter().filter(|size| **size < 800).count() > 2200);
        assert!(sizes.iter().any(|size| *size > 12_800));
    }

    #[test]
    fn streams_do_not_repeat_each_other() {
        let first = |topic, a, b| Stream::new(1, topic, a, b).next();
        let draws = [
            first(Topic::Lot, 0, 0),
            first(Topic::Lot, 0, 1),
            first(Topic::Lot, 1, 0),
            first(Topic::Pair, 0, 0),
            Stream::new(2, Topic::Lot, 0, 0).next(),
        ];
        for (at, draw) in draws.iter().enumerate() {
            assert!(!draws[..at].contains(draw));
        }
    }
}
