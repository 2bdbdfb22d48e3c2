//! How alike two names are.

use super::{FoldedName, pinyin};

/// Likeness in basis points: 10,000 is the same, 0 has nothing in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Likeness(u16);

impl Likeness {
    /// The same.
    pub const SAME: Self = Self(10_000);
    /// From here on a person should look before saving a second customer.
    pub const WORTH_A_LOOK: Self = Self(7_500);

    /// Basis points, 0 to 10,000.
    pub const fn basis_points(self) -> u16 {
        self.0
    }

    fn share(part: usize, whole: usize) -> Self {
        let points = part.min(whole) * 10_000 / whole.max(1);
        Self(u16::try_from(points).unwrap_or(10_000))
    }
}

/// What makes two names alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LikenessReason {
    /// The same once width, case, script and company form are folded.
    SameName,
    /// One name is part of the other.
    PartOfName,
    /// Few letters differ.
    SimilarName,
    /// Other characters, the same sound.
    SameSound,
}

/// How alike two names are, and why.
///
/// Letters are compared by Levenshtein distance over the folded names without
/// company form; names that only sound alike (homophones are the common slip of
/// pinyin keyboards) count a little less than names that are written alike.
pub fn likeness(one: &FoldedName, other: &FoldedName) -> (Likeness, LikenessReason) {
    if one.is_empty() || other.is_empty() {
        return (Likeness::default(), LikenessReason::SimilarName);
    }
    let (a, b) = (one.core(), other.core());
    if a == b {
        return (Likeness::SAME, LikenessReason::SameName);
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    // Three Chinese characters or five Latin letters say enough to be meant.
    let telling = short.chars().map(|c| if c.is_ascii() { 3 } else { 5 }).sum::<usize>() >= 15;
    if telling && long.contains(short) {
        return (Likeness(9_000), LikenessReason::PartOfName);
    }
    let length = a.chars().count().max(b.chars().count());
    let written = Likeness::share(length - strsim::levenshtein(a, b).min(length), length);
    if written < Likeness::WORTH_A_LOOK && length >= 2 && pinyin(a) == pinyin(b) {
        return (Likeness(9_500), LikenessReason::SameSound);
    }
    (written, LikenessReason::SimilarName)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: &str, other: &str) -> (Likeness, LikenessReason) {
        likeness(&FoldedName::of(one), &FoldedName::of(other))
    }

    #[test]
    fn the_same_company_in_another_spelling_is_the_same() {
        assert_eq!(check("华东机械", "華東機械"), (Likeness::SAME, LikenessReason::SameName));
        assert_eq!(check("ＡＣＭＥ", "Acme Ltd").0, Likeness::SAME);
    }

    #[test]
    fn homophones_and_parts_are_worth_a_look() {
        assert_eq!(check("宏远机械", "鸿源机械").1, LikenessReason::SameSound);
        assert_eq!(check("宏远", "鸿远").1, LikenessReason::SameSound);
        assert_eq!(check("华东机械", "上海华东机械厂").1, LikenessReason::PartOfName);
    }

    #[test]
    fn different_companies_are_not() {
        for (one, other) in [("华东机械", "华南纺织"), ("Acme", "Bosch"), ("", "Acme")] {
            assert!(check(one, other).0 < Likeness::WORTH_A_LOOK, "{one} {other}");
        }
    }
}
