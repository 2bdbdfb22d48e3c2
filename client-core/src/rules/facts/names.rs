//! Which facts a card was computed from, by name: what two sides compare whose digests
//! differ.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Facts, Key, record_doc};
use crate::id::{DocId, ItemId};
use crate::rules::canonical;
use crate::rules::policy::Policy;

/// A fact by name, with what tells whether two sides have the same of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FactName {
    /// What it is: `visit`, `customer`, `deal`, `payment`, `target` and so on; `frame` for
    /// what all facts stand in, the calendar above all.
    pub kind: String,
    /// The document or record.
    pub doc: DocId,
    /// The item in it, where it holds several.
    pub item: Option<ItemId>,
    /// The first half of SHA-256 over the fact, in hexadecimal.
    pub digest: String,
}

/// Where the facts of two sides differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactsApart {
    /// Only the first side has these.
    pub only_here: Vec<FactName>,
    /// Only the other side has these.
    pub only_there: Vec<FactName>,
    /// Both have these, and they say different things; as the first has them.
    pub different: Vec<FactName>,
}

impl FactsApart {
    /// Compares what two sides name, in any order.
    pub fn of(here: Vec<FactName>, there: Vec<FactName>) -> Self {
        let key = |one: &FactName| (one.kind.clone(), one.doc, one.item);
        let mut theirs: BTreeMap<_, Vec<FactName>> = BTreeMap::new();
        for one in there {
            theirs.entry(key(&one)).or_default().push(one);
        }
        let mut apart = Self::default();
        let mut ours: BTreeMap<_, Vec<FactName>> = BTreeMap::new();
        for one in here {
            ours.entry(key(&one)).or_default().push(one);
        }
        for (key, mut mine) in ours {
            let Some(mut other) = theirs.remove(&key) else {
                apart.only_here.extend(mine);
                continue;
            };
            mine.sort();
            other.sort();
            if mine != other {
                apart.different.extend(mine);
            }
        }
        apart.only_there = theirs.into_values().flatten().collect();
        apart
    }

    /// Whether they differ in nothing.
    pub const fn is_empty(&self) -> bool {
        self.only_here.is_empty() && self.only_there.is_empty() && self.different.is_empty()
    }
}

impl Facts {
    /// Every fact by name, as far as [`Facts::digest`] looks at it.
    pub fn names(&self, policy: &Policy) -> Vec<FactName> {
        let mut names = Names::default();
        names.add(
            "frame",
            Key { doc: whole(), item: None },
            &(&self.rep, &self.period, &self.currency, &self.calendar, &self.confirms),
        );
        let of = |doc| Key { doc, item: None };
        self.visits.iter().for_each(|fact| names.add("visit", of(fact.doc), fact));
        self.customers.iter().for_each(|fact| names.add("customer", of(fact.doc), fact));
        self.deals.iter().for_each(|fact| names.add("deal", of(fact.doc), fact));
        let target = |fact: &super::TargetFact| of(record_doc(fact.id));
        self.targets.iter().for_each(|fact| names.add("target", target(fact), fact));
        self.decisions.iter().for_each(|fact| names.add("decision", of(fact.visit), fact));
        for signal in &self.signals {
            if signal.open && !policy.visits.review_counts {
                names.add("signal", of(signal.visit), signal);
            }
        }
        self.purchases.iter().for_each(|fact| names.add("purchase", of(fact.fact.doc), fact));
        self.quotes.iter().for_each(|fact| names.add("quote", fact.origin.key(), fact));
        self.contracts.iter().for_each(|fact| names.add("contract", fact.origin.key(), fact));
        self.instalments.iter().for_each(|fact| names.add("instalment", fact.origin.key(), fact));
        self.payments.iter().for_each(|fact| names.add("payment", fact.origin.key(), fact));
        self.orders.iter().for_each(|fact| names.add("order", fact.origin.key(), fact));
        self.cases.iter().for_each(|fact| names.add("case", of(fact.fact.doc), fact));
        for survey in &self.surveys {
            names.add("survey", Key { doc: survey.fact.doc, item: survey.item }, survey);
        }
        self.plans.iter().for_each(|fact| names.add("plan", of(fact.fact.doc), fact));
        names.found
    }
}

const fn whole() -> DocId {
    DocId::from_bytes([0; 16])
}

#[derive(Default)]
struct Names {
    found: Vec<FactName>,
}

impl Names {
    fn add<T: Serialize>(&mut self, kind: &str, key: Key, fact: &T) {
        let digest = canonical::digest(fact);
        let half = digest.first_chunk::<16>().unwrap_or(&[0; 16]);
        self.found.push(FactName {
            kind: kind.to_owned(),
            doc: key.doc,
            item: key.item,
            digest: half.iter().map(|byte| format!("{byte:02x}")).collect(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::*;

    #[test]
    fn what_each_side_lacks_is_named_and_nothing_else() {
        let mut here = facts("2026-10");
        here.customers = vec![customer(100, None), customer(101, None)];
        here.visits = vec![onsite(1, 100, "2026-10-07 09:00", 20)];
        let mut there = here.clone();
        let apart = |here: &Facts, there: &Facts| {
            FactsApart::of(here.names(&policy()), there.names(&policy()))
        };
        assert!(apart(&here, &there).is_empty());
        here.visits.push(onsite(3, 100, "2026-10-09 09:00", 20));
        there.visits =
            vec![onsite(3, 100, "2026-10-09 09:00", 30), onsite(2, 100, "2026-10-08 09:00", 20)];
        there.customers.reverse();
        let found = apart(&here, &there);
        let docs = |names: &[FactName]| -> Vec<(String, DocId)> {
            names.iter().map(|one| (one.kind.clone(), one.doc)).collect()
        };
        assert_eq!(docs(&found.only_here), [("visit".to_owned(), doc(1))]);
        assert_eq!(docs(&found.only_there), [("visit".to_owned(), doc(2))]);
        assert_eq!(docs(&found.different), [("visit".to_owned(), doc(3))]);
    }
}
