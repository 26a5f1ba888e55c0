//! The Merkle tree of RFC 6962: hashes, proofs, and their verification. Pure: it knows neither entries nor tables.
//!
//! A tree over `n` leaves is a row of perfect subtrees ([`cover`]), the largest one left; with their hashes alone
//! ([`Edge`]) it grows leaf by leaf and tells its root. Proofs are made from hashes of perfect subtrees too, so that a log
//! that keeps those answers in a few look-ups, however long it is. Verification follows RFC 9162, 2.1.3.2 and 2.1.4.2.

use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// The hash of a leaf: `SHA-256(0x00 ‖ data)`.
pub fn leaf(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

/// The hash over two subtrees: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn join(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A perfect subtree over `2^level` leaves: the `index`-th of its level from the left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Subtree {
    /// Its height.
    pub level: u32,
    /// Its place among those of its height.
    pub index: u64,
}

/// A range of leaves that is one node of the tree.
type Range = (u64, u64);

/// The largest power of two below `n`, for `n` > 1.
const fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The perfect subtrees that make up a node over the leaves `from..to`, left to right. In a node of the tree `from` is a
/// multiple of the largest of them.
pub fn cover(from: u64, to: u64) -> Vec<Subtree> {
    let (mut at, mut parts) = (from, Vec::new());
    while at < to {
        let level = (to - at).ilog2();
        parts.push(Subtree { level, index: at >> level });
        at += 1 << level;
    }
    parts
}

/// The hash of a node from those of the perfect subtrees that make it up; of nothing, the hash of the empty tree.
fn fold(parts: &[Hash]) -> Hash {
    let Some((last, rest)) = parts.split_last() else { return Sha256::digest([]).into() };
    rest.iter().rev().fold(*last, |right, left| join(left, &right))
}

/// The hashes that a proof holds, each as the perfect subtrees that make it up.
pub type Plan = Vec<Vec<Subtree>>;

fn planned(ranges: Vec<Range>) -> Plan {
    ranges.into_iter().map(|(from, to)| cover(from, to)).collect()
}

/// What the proof that the leaf at `index` is in the tree over `size` leaves is made of (RFC 6962, 2.1.1).
pub fn inclusion_plan(index: u64, size: u64) -> Plan {
    let (mut from, mut to, mut ranges) = (0, size, Vec::new());
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            ranges.push((middle, to));
            to = middle;
        } else {
            ranges.push((from, middle));
            from = middle;
        }
    }
    ranges.reverse();
    planned(ranges)
}

/// What the proof that the tree over `old` leaves is the beginning of that over `new` is made of (RFC 6962, 2.1.2).
pub fn consistency_plan(old: u64, new: u64) -> Plan {
    if old == 0 || old >= new {
        return Vec::new();
    }
    let (mut from, mut to, mut ranges, mut whole) = (0, new, Vec::new(), true);
    while old != to {
        let middle = from + split(to - from);
        if old <= middle {
            ranges.push((middle, to));
            to = middle;
        } else {
            ranges.push((from, middle));
            (from, whole) = (middle, false);
        }
    }
    if !whole {
        ranges.push((from, to));
    }
    ranges.reverse();
    planned(ranges)
}

/// The proof, from the hashes of perfect subtrees; `None` when one of them is not known.
pub fn proof(plan: &Plan, known: impl Fn(Subtree) -> Option<Hash>) -> Option<Vec<Hash>> {
    let node = |parts: &Vec<Subtree>| {
        Some(fold(&parts.iter().map(|part| known(*part)).collect::<Option<Vec<_>>>()?))
    };
    plan.iter().map(node).collect()
}

/// Whether the path proves that `leaf` stands at `index` in the tree over `size` leaves with this root.
pub fn proves_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = join(sibling, &hash);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            hash = join(&hash, sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether the path proves that the tree over `new` leaves begins with that over `old` leaves.
pub fn proves_consistency(old: u64, new: u64, path: &[Hash], old_root: &Hash, new_root: &Hash) -> bool {
    if old == 0 {
        return path.is_empty() && *old_root == fold(&[]);
    }
    if old >= new {
        return old == new && path.is_empty() && old_root == new_root;
    }
    let (first, path) = match path {
        _ if old.is_power_of_two() => (*old_root, path),
        [first, rest @ ..] => (*first, rest),
        [] => return false,
    };
    let (mut place, mut last) = (old - 1, new - 1);
    while place & 1 == 1 {
        (place, last) = (place >> 1, last >> 1);
    }
    let (mut before, mut after) = (first, first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            before = join(sibling, &before);
            after = join(sibling, &after);
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            after = join(&after, sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && before == *old_root && after == *new_root
}

/// The right edge of a growing tree: the hashes of the perfect subtrees that make it up.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Edge {
    size: u64,
    parts: Vec<Hash>,
}

impl Edge {
    /// The edge of a tree over `size` leaves, from the hashes of its [`cover`]; `None` when they are too few or too many.
    pub fn of(size: u64, parts: Vec<Hash>) -> Option<Self> {
        (parts.len() == size.count_ones() as usize).then_some(Self { size, parts })
    }

    /// How many leaves there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        fold(&self.parts)
    }

    /// Adds a leaf; the perfect subtrees that are complete with it, itself first.
    pub fn push(&mut self, leaf: Hash) -> Vec<(Subtree, Hash)> {
        let (mut at, mut hash) = (Subtree { level: 0, index: self.size }, leaf);
        let mut made = vec![(at, hash)];
        while at.index & 1 == 1 {
            let Some(left) = self.parts.pop() else { break };
            hash = join(&left, &hash);
            at = Subtree { level: at.level + 1, index: at.index >> 1 };
            made.push((at, hash));
        }
        self.parts.push(hash);
        self.size += 1;
        made
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn leaves(n: u64) -> Vec<Hash> {
        (0..n).map(|i| leaf(&i.to_be_bytes())).collect()
    }

    /// MTH of RFC 6962, 2.1, as it stands there.
    fn root_by_the_book(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            more => {
                let mut k = 1;
                while k * 2 < more.len() {
                    k *= 2;
                }
                join(&root_by_the_book(&more[..k]), &root_by_the_book(&more[k..]))
            }
        }
    }

    struct Log(Vec<Hash>, HashMap<Subtree, Hash>, Edge);

    fn grown(n: u64) -> Log {
        let (leaves, mut edge, mut nodes) = (leaves(n), Edge::default(), HashMap::new());
        for leaf in &leaves {
            nodes.extend(edge.push(*leaf));
        }
        Log(leaves, nodes, edge)
    }

    impl Log {
        fn root(&self, size: u64) -> Hash {
            root_by_the_book(&self.0[..usize::try_from(size).unwrap()])
        }

        fn proof(&self, plan: &Plan) -> Vec<Hash> {
            proof(plan, |at| self.1.get(&at).copied()).unwrap()
        }
    }

    /// RFC 6962 has no vectors; these are those of Certificate Transparency's own tests.
    #[test]
    fn the_roots_are_those_of_certificate_transparency() {
        let data: [&[u8]; 8] = [
            &[],
            &[0],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut edge = Edge::default();
        assert_eq!(
            hex::encode(edge.root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        for (data, root) in data.into_iter().zip(roots) {
            edge.push(leaf(data));
            assert_eq!(hex::encode(edge.root()), root, "{} leaves", edge.size());
        }
    }

    #[test]
    fn every_proof_up_to_64_leaves_holds_and_for_nothing_else() {
        let log = grown(64);
        for size in 1..=64 {
            let root = log.root(size);
            for index in 0..size {
                let path = log.proof(&inclusion_plan(index, size));
                let leaf = &log.0[usize::try_from(index).unwrap()];
                assert!(proves_inclusion(leaf, index, size, &path, &root), "{index} of {size}");
                for other in 0..=size {
                    let holds = proves_inclusion(leaf, other, size, &path, &root);
                    assert_eq!(holds, other == index, "{index} as {other} of {size}");
                }
                assert!(!proves_inclusion(
                    &log.0[usize::try_from((index + 1) % 64).unwrap()],
                    index,
                    size,
                    &path,
                    &root
                ));
            }
            for old in 0..=size {
                let path = log.proof(&consistency_plan(old, size));
                assert!(proves_consistency(old, size, &path, &log.root(old), &root), "{old} to {size}");
                for other in (0..=size).filter(|other| *other != old) {
                    assert!(
                        !proves_consistency(old, size, &path, &log.root(other), &root),
                        "{other} as {old}"
                    );
                }
            }
        }
    }

    proptest! {
        #[test]
        fn the_edge_has_the_root_of_the_book(n in 0_u64..3_000) {
            let log = grown(n);
            prop_assert_eq!(log.2.root(), log.root(n));
            let parts: Vec<_> = cover(0, n).into_iter().map(|part| log.1[&part]).collect();
            prop_assert_eq!(Edge::of(n, parts), Some(log.2));
        }

        /// Whatever bit of a proof is changed, and whatever is added or left out: it proves nothing any more.
        #[test]
        fn a_proof_that_was_touched_proves_nothing(
            size in 2_u64..2_000, at in any::<prop::sample::Index>(), old in any::<prop::sample::Index>(),
            place in any::<prop::sample::Index>(), bit in 0_u32..256,
        ) {
            let log = grown(size);
            let (index, root) = (at.index(usize::try_from(size).unwrap()), log.root(size));
            let path = log.proof(&inclusion_plan(index as u64, size));
            let leaf = &log.0[index];
            let holds = |path: &[Hash]| proves_inclusion(leaf, index as u64, size, path, &root);
            prop_assert!(holds(&path));
            let mut touched = path.clone();
            touched[place.index(path.len())][bit as usize / 8] ^= 1 << (bit % 8);
            prop_assert!(!holds(&touched));
            prop_assert!(!holds(&path[1..]) && !holds(&[&path[..], &[root]].concat()));

            let old = 1 + old.index(usize::try_from(size).unwrap() - 1) as u64;
            let (path, before) = (log.proof(&consistency_plan(old, size)), log.root(old));
            let holds = |path: &[Hash]| proves_consistency(old, size, path, &before, &root);
            prop_assert!(holds(&path));
            let mut touched = path.clone();
            touched[place.index(path.len())][bit as usize / 8] ^= 1 << (bit % 8);
            prop_assert!(!holds(&touched));
            prop_assert!(!holds(&path[1..]) && !holds(&[&path[..], &[root]].concat()));
        }
    }
}
