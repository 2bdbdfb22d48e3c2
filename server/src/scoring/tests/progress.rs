//! What the progress of targets costs: as much as moved since somebody looked.

use std::ops::Deref;

use super::*;
use crate::office::SetTarget;
use crate::scoring::progress;

/// Anna, with a target of visits and one of new customers for October.
struct October(Rep);

impl Deref for October {
    type Target = Rep;

    fn deref(&self) -> &Rep {
        &self.0
    }
}

impl October {
    async fn of_anna() -> Self {
        let rep = Rep::hired().await;
        for metric in [Metric::EffectiveVisits, Metric::NewCustomers] {
            let level = TargetLevel::Rep(rep.id);
            let target = SetTarget::new(level, metric, "2026-10".parse().unwrap(), 10);
            rep.desk.office.set_target(target).await.unwrap();
        }
        Self(rep)
    }

    /// Visits and new customers so far, and how many reads they took.
    async fn look(&self) -> ((Option<i64>, Option<i64>), u64) {
        let (app, office) = (&self.desk.app, &self.desk.office);
        let targets = office.targets().await.unwrap();
        let before = app.storage().reads();
        let month = "2026-10".parse().unwrap();
        let found = progress(app, office, month, targets, |_target| true).await.unwrap();
        let of = |metric| {
            found.targets.iter().find(|one| one.metric == metric).and_then(|one| one.actual)
        };
        let reads = app.storage().reads() - before;
        ((of(Metric::EffectiveVisits), of(Metric::NewCustomers)), reads)
    }
}

#[tokio::test]
async fn what_was_reached_is_counted_once_with_a_card_or_without_one() {
    let mut anna = October::of_anna().await;
    let customer = anna.0.finds_customer(MORNING - DAY).await;
    let (none, first) = anna.look().await;
    assert_eq!(none, (Some(0), Some(0)));
    let (again, kept) = anna.look().await;
    assert!(again == none && kept < first, "nobody has a card: {kept} < {first}");

    anna.0.phones(customer, MORNING - HOUR).await;
    assert_eq!(anna.look().await.0, (Some(1), Some(0)), "from the facts");
    anna.0.recompute().await;
    assert_eq!(anna.look().await.0, (Some(1), Some(0)), "from the card");
    assert_eq!(anna.look().await, ((Some(1), Some(0)), kept));

    anna.0.sells(customer, MORNING - HOUR).await;
    assert_eq!(anna.look().await.0, (Some(1), Some(1)));
    anna.0.recompute().await;
    anna.look().await;
    assert_eq!(anna.look().await, ((Some(1), Some(1)), kept));
}

#[tokio::test]
async fn a_visit_counts_with_its_card_which_comes_after_it() {
    let mut anna = October::of_anna().await;
    let customer = anna.0.finds_customer(MORNING - DAY).await;
    anna.0.recompute().await;
    assert_eq!(anna.look().await.0.0, Some(0));
    anna.0.phones(customer, MORNING - HOUR).await;
    assert_eq!(anna.look().await.0.0, Some(0), "its card does not know it yet");
    anna.0.recompute().await;
    assert_eq!(anna.look().await.0.0, Some(1));
}
