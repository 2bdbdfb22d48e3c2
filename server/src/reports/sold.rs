//! What a team sold in each of some periods.
//!
//! A trend, a report and the cards stand side by side, so a month's sales are what its cards
//! count: claims, each replaced by its orders, or orders alone, as the policy of that month
//! says, and what was called off later is taken back in the month in which it was.

use std::collections::BTreeMap;

use client_core::money::Money;
use client_core::period::{Days, Period};
use client_core::records::PolicyRecord;
use client_core::rules::policy::CountPolicy;
use client_core::rules::{Policy, TeamDeal, TeamOrder, TeamSales};
use client_core::time::Timestamp;

use crate::web::queries::base::Base;

/// What was sold in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SoldIn {
    /// When.
    pub period: Period,
    /// What each sale came to, where that is known; below zero where one was taken back.
    pub amounts: Vec<Option<Money>>,
}

/// What was sold in each of `periods`, as seen from `now`. The deals are those won in any of
/// them, and the orders those that bear on any, all of the team alone.
pub(crate) fn sold_in(
    base: &Base,
    periods: &[Period],
    deals: &[TeamDeal],
    orders: &[TeamOrder],
    now: Timestamp,
) -> Vec<SoldIn> {
    let zone = base.zone();
    let mut counts = Counts { base, known: BTreeMap::new() };
    let each = periods.iter().map(|period| {
        let (from, until) = period.bounds(zone);
        let inside =
            |deal: &&TeamDeal| deal.fact.decided_at.is_some_and(|at| from <= at && at < until);
        let days = Days::from(*period);
        let last = period.last_day().min(zone.date(now));
        let count = counts.of(Period::month_of(last));
        let sold = TeamSales::of(deals.iter().filter(inside), orders, count, zone, days, now);
        let amounts = sold.sales().iter().map(|deal| deal.fact.amount).collect();
        SoldIn { period: *period, amounts }
    });
    each.collect()
}

/// Which money the policy of a month counts, each policy read once.
struct Counts<'a> {
    base: &'a Base,
    known: BTreeMap<u32, CountPolicy>,
}

impl Counts<'_> {
    fn of(&mut self, month: Period) -> CountPolicy {
        let Some(record) = PolicyRecord::for_period(&self.base.policies, month) else {
            return CountPolicy::Claimed;
        };
        let read = || match Policy::kept(&record.toml) {
            Ok(policy) => policy.scorecard.count,
            Err(_unreadable) => CountPolicy::Claimed,
        };
        *self.known.entry(record.version).or_insert_with(read)
    }
}

#[cfg(test)]
mod tests {
    use client_core::docs::deal::DealOutcome;
    use client_core::docs::{ChangeHash, Heads};
    use client_core::id::{DocId, UserId};
    use client_core::money::Currency;
    use client_core::rules::Credit;
    use client_core::rules::facts::{DealFact, FactRef, OrderFact, Origin};
    use client_core::rules::policy::preset_text;

    use super::*;
    use crate::office::SetPolicy;
    use crate::office::desk::desk;

    const CREDIT: Credit = Credit { rep: UserId::from_bytes([7; 16]), unit: None };

    fn won(number: u8, at: Timestamp, minor: i64) -> TeamDeal {
        TeamDeal {
            fact: DealFact {
                outcome: Some(DealOutcome::Won),
                decided_at: Some(at),
                amount: Some(Money::new(minor, Currency::CNY)),
                ..DealFact::new(DocId::from_bytes([number; 16]), Heads::default())
            },
            credit: CREDIT,
            kind: None,
            lines: Vec::new(),
            taken_back: false,
        }
    }

    fn ordered(
        number: u8,
        deal: Option<u8>,
        (on, off): (&str, Option<&str>),
        minor: i64,
    ) -> TeamOrder {
        let heads = Heads::new(vec![ChangeHash([number; 32])]);
        let fact = FactRef { doc: DocId::from_bytes([number; 16]), heads };
        let order = OrderFact {
            origin: Origin::confirmed(fact, None),
            customer: Some(DocId::from_bytes([100; 16])),
            deal: deal.map(|number| DocId::from_bytes([number; 16])),
            own: true,
            ordered_on: on.parse().ok(),
            amount: Some(Money::new(minor, Currency::CNY)),
            paid_on: None,
            cancelled_on: off.and_then(|off| off.parse().ok()),
        };
        TeamOrder { order, credit: CREDIT, lines: Vec::new() }
    }

    /// Claims in August, and from September on orders alone.
    #[tokio::test]
    async fn a_month_counts_by_its_own_policy_and_takes_back_what_is_called_off_later() {
        let desk = desk().await;
        let toml = preset_text("guide-standard").unwrap();
        let confirmed = toml.replacen("count = \"claimed\"", "count = \"confirmed\"", 1);
        assert_ne!(toml, confirmed);
        for (toml, from) in [(toml, "2026-01-01"), (&confirmed, "2026-09-01")] {
            let effective_from = from.parse().ok();
            let wanted = SetPolicy { toml: toml.to_owned(), effective_from, restate: true };
            desk.office.set_policy(wanted).await.unwrap();
        }
        let base = Base::read(desk.app.storage(), desk.office.org()).await.unwrap();
        let at = |day: &str| base.zone().start_of(day.parse().unwrap());
        let deals = [
            won(1, at("2026-08-10"), 500),
            won(2, at("2026-08-20"), 9_999),
            won(3, at("2026-09-10"), 700),
        ];
        let orders = [
            ordered(50, Some(2), ("2026-08-25", Some("2026-09-15")), 1_000),
            ordered(51, None, ("2026-09-03", None), 40),
        ];
        let months = ["2026-08", "2026-09"].map(|month| month.parse::<Period>().unwrap());
        let sold = sold_in(&base, &months, &deals, &orders, desk.app.clock().now());
        let amounts = sold.iter().map(|one| {
            let mut minor: Vec<i64> = one.amounts.iter().flatten().map(|one| one.minor).collect();
            minor.sort_unstable();
            minor
        });
        let amounts: Vec<Vec<i64>> = amounts.collect();
        // August: a claim, and the order in the place of another one, which stood until its end.
        // September: an order without a deal counts, a claim alone does not, and what August
        // sold is taken back.
        assert_eq!(amounts, [vec![500, 1_000], vec![-1_000, 40]]);
    }
}
