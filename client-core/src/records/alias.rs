//! Customers that turned out to be one.
//!
//! Two reps meet the same shop and each makes a customer of it. Merging their
//! documents would lose which visit was made where, and could not be undone. So
//! nothing is moved: a record says that one customer *is* another, and whoever
//! reads looks through it. Taking the record back restores everything.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{DocId, UserId};
use crate::time::Timestamp;

/// One customer is another one. A customer is at most one other at a time, so
/// the record has the merged customer's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasRecord {
    /// The customer that is shown no more.
    pub from: DocId,
    /// The customer it is.
    pub into: DocId,
    /// Who decided; nobody where the command line did.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// When it was taken back; in force if absent.
    pub undone_at: Option<Timestamp>,
}

impl AliasRecord {
    /// Whether it holds.
    pub const fn in_force(&self) -> bool {
        self.undone_at.is_none()
    }
}

/// The merges in force, followed to their ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases {
    /// Per merged customer: the one that stands for it, and since when.
    ends: BTreeMap<DocId, (DocId, Timestamp)>,
}

impl Aliases {
    /// What these records come to, in any order. The office refuses a circle; if
    /// there is one all the same, everybody in it stands for themselves.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a AliasRecord>) -> Self {
        let steps: BTreeMap<DocId, (DocId, Timestamp)> = records
            .into_iter()
            .filter(|record| record.in_force() && record.from != record.into)
            .map(|record| (record.from, (record.into, record.at)))
            .collect();
        let end = |from: DocId| {
            let mut seen = BTreeSet::from([from]);
            let mut at = from;
            while let Some((into, _since)) = steps.get(&at) {
                if !seen.insert(*into) {
                    return None;
                }
                at = *into;
            }
            Some(at)
        };
        let ends = steps
            .iter()
            .filter_map(|(from, (_into, since))| Some((*from, (end(*from)?, *since))))
            .collect();
        Self { ends }
    }

    /// Whether nothing is merged.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The customer that stands for this one: itself unless it was merged.
    pub fn resolve(&self, customer: DocId) -> DocId {
        self.ends.get(&customer).map_or(customer, |(end, _since)| *end)
    }

    /// When this customer was merged into another.
    pub fn merged_at(&self, customer: DocId) -> Option<Timestamp> {
        self.ends.get(&customer).map(|(_end, since)| *since)
    }

    /// The customers that this one stands for besides itself, by id.
    pub fn merged_into(&self, customer: DocId) -> impl Iterator<Item = DocId> + '_ {
        self.ends
            .iter()
            .filter(move |(_from, (end, _since))| *end == customer)
            .map(|(from, _end)| *from)
    }

    /// Every merged customer with the one that stands for it.
    pub fn iter(&self) -> impl Iterator<Item = (DocId, DocId)> + '_ {
        self.ends.iter().map(|(from, (end, _since))| (*from, *end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> DocId {
        DocId::from_bytes([n; 16])
    }

    fn alias(from: u8, into: u8) -> AliasRecord {
        AliasRecord {
            from: id(from),
            into: id(into),
            by: None,
            at: Timestamp::from_millis(i64::from(from)),
            undone_at: None,
        }
    }

    #[test]
    fn a_chain_is_followed_to_its_end_in_any_order_of_records() {
        let chain = [alias(1, 2), alias(2, 3), alias(4, 3)];
        let aliases = Aliases::of(&chain);
        assert_eq!(Aliases::of(chain.iter().rev()), aliases);
        for n in 1..=4 {
            assert_eq!(aliases.resolve(id(n)), id(3), "{n}");
        }
        assert_eq!(aliases.resolve(id(9)), id(9));
        assert_eq!(aliases.merged_into(id(3)).collect::<Vec<_>>(), [id(1), id(2), id(4)]);
        assert_eq!(aliases.merged_into(id(2)).count(), 0, "2 stands for nobody any more");
        assert_eq!(aliases.merged_at(id(1)), Some(Timestamp::from_millis(1)));
    }

    #[test]
    fn a_merge_that_was_taken_back_says_nothing() {
        let mut undone = alias(1, 2);
        undone.undone_at = Some(Timestamp::from_millis(9));
        assert!(Aliases::of([&undone]).is_empty());
    }

    #[test]
    fn a_circle_ends_and_everybody_in_it_stands_for_themselves() {
        let circle = [alias(1, 2), alias(2, 1), alias(3, 3), alias(4, 1)];
        let aliases = Aliases::of(&circle);
        for n in 1..=4 {
            assert_eq!(aliases.resolve(id(n)), id(n), "{n}");
        }
    }
}
