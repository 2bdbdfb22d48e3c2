//! What a customer owes and has not paid in time (应收逾期).
//!
//! A risk says that something is overdue; whoever goes there wants to know how much. The
//! sum is read from the same settled ledger as R1, R2 and F7, so that it is never another
//! one than the reasons rest on.

use super::collection::Ledger;
use crate::id::DocId;
use crate::money::Money;
use crate::rules::facts::Facts;
use crate::rules::policy::CountPolicy;
use crate::time::Date;

/// What is overdue at a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receivable {
    /// The sum of what is open of instalments that are past their day, in the org's currency.
    pub amount: Money,
    /// How many instalments these are.
    pub instalments: usize,
    /// Days since the oldest of them was due.
    pub days: i64,
}

/// What `customer` owes late on the evening of `day`, by these facts; nothing if all that
/// was due was paid. Amounts in another currency are in no sum.
pub fn receivable(
    facts: &Facts,
    count: CountPolicy,
    customer: DocId,
    day: Date,
) -> Option<Receivable> {
    let ledger = Ledger::of(facts, count);
    let late: Vec<(i64, i64)> = ledger.late(customer, day).collect();
    let days = late.iter().map(|(days, _open)| *days).max()?;
    let minor = late.iter().map(|(_days, open)| *open).fold(0, i64::saturating_add);
    Some(Receivable { amount: Money::new(minor, facts.currency), instalments: late.len(), days })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::*;

    #[test]
    fn what_is_late_is_summed_as_of_the_evening_asked_for() {
        const DEAL: u8 = 40;
        let mut facts = facts("2026-10");
        facts.instalments =
            vec![instalment(1, DEAL, "2026-09-15", 500), instalment(2, DEAL, "2026-10-10", 700)];
        facts.payments = vec![payment(11, DEAL, "2026-10-12", 450, Some(1))];
        let owed = |on: &str| receivable(&facts, CountPolicy::Claimed, doc(100), day(on));
        assert_eq!(owed("2026-09-15"), None, "the day itself is in time");
        let one = owed("2026-09-16").unwrap();
        assert_eq!((one.amount.minor, one.instalments, one.days), (500, 1, 1));
        let two = owed("2026-10-12").unwrap();
        assert_eq!((two.amount.minor, two.instalments, two.days), (750, 2, 27));
        assert_eq!(receivable(&facts, CountPolicy::Claimed, doc(101), day("2026-10-12")), None);
    }
}
