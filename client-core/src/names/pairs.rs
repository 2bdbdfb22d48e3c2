//! Which of many names may be of the same: for a list of suspected duplicates.
//!
//! Comparing everybody with everybody is 12 million comparisons for 5,000 customers. Names
//! that are alike share two letters in a row that few others have, or their sound; so only
//! those are compared that share such a piece.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{FoldedName, Likeness, likeness, pinyin};

/// A piece that more names have says nothing.
const COMMON: usize = 40;

/// Pairs that are worth a look, by their places in `names`, the likest first.
///
/// Pieces are looked up by their hashes, sorted: two pieces with one hash only cost a
/// comparison more, and a piece takes 16 bytes, however many letters it has.
pub fn pairs(names: &[FoldedName]) -> Vec<(usize, usize, Likeness)> {
    let mut places: Vec<(u64, usize)> = Vec::with_capacity(names.len().saturating_mul(10));
    for (place, name) in names.iter().enumerate() {
        places.extend(pieces(name).into_iter().map(|piece| (piece, place)));
    }
    places.sort_unstable();
    let mut near: Vec<(usize, usize)> = Vec::new();
    for same in places.chunk_by(|(one, _), (other, _)| one == other) {
        if same.len() > COMMON {
            continue;
        }
        for (at, (_, one)) in same.iter().enumerate() {
            near.extend(same.iter().skip(at + 1).map(|(_, other)| (*one, *other)));
        }
    }
    near.sort_unstable();
    near.dedup();
    let alike = near.into_iter().filter_map(|(one, other)| {
        let (alike, _why) = likeness(names.get(one)?, names.get(other)?);
        (alike >= Likeness::WORTH_A_LOOK).then_some((one, other, alike))
    });
    let mut found: Vec<_> = alike.collect();
    found.sort_by_key(|(one, other, alike)| (std::cmp::Reverse(*alike), *one, *other));
    found
}

/// The whole name, its sound, and every two letters in a row, as hashes.
fn pieces(name: &FoldedName) -> BTreeSet<u64> {
    let hash = |piece: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        piece(&mut hasher);
        hasher.finish()
    };
    let letters: Vec<char> = name.core().chars().collect();
    let in_a_row = letters.windows(2).map(|pair| hash(&|to| (0_u8, pair).hash(to)));
    let mut found: BTreeSet<u64> = in_a_row.collect();
    if !letters.is_empty() {
        found.insert(hash(&|to| (1_u8, name.core()).hash(to)));
        found.insert(hash(&|to| (2_u8, pinyin(name.core())).hash(to)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_one_are_found_among_many() {
        let mut names: Vec<String> = (0..2_000).map(|n| format!("客户{n:04}有限公司")).collect();
        names.extend(
            ["浦江精密机械", "浦江精密机诫", "ＡＣＭＥ Tools", "Acme Tools Ltd"].map(String::from),
        );
        let folded: Vec<FoldedName> = names.iter().map(|name| FoldedName::of(name)).collect();
        let found: Vec<(usize, usize)> =
            pairs(&folded).into_iter().map(|(one, other, _alike)| (one, other)).collect();
        assert!(found.contains(&(2_000, 2_001)), "one letter differs");
        assert!(found.contains(&(2_002, 2_003)), "width, case and company form");
    }

    #[test]
    fn a_piece_that_everybody_has_pairs_nobody() {
        let names = ["东方一", "西城二", "南山三"].map(FoldedName::of);
        assert!(pairs(&names).is_empty());
        assert!(pairs(&[FoldedName::of(""), FoldedName::of("")]).is_empty());
    }
}
