//! A board of more than an evening: what a week or a month brought each rep, against the part
//! of the targets that falls to its days.
//!
//! A month of a large team is a hundred thousand visits, and a board is looked at all evening.
//! So visits are counted as the cards judged them already, and deals and money as a team's
//! figures take them ([`credit`](super::credit), [`TeamSales`]): in one pass over what bears on
//! the days, and a board, a report and the cards sum to the same.

use std::collections::BTreeMap;

use crate::id::UserId;
use crate::money::Currency;
use crate::period::{Days, Period};
use crate::records::{CalendarRecord, Metric, TargetLevel, TargetRecord};
use crate::rules::measures::{Span, new_deal, new_lead};
use crate::rules::outcome::{Outcome, Verdict};
use crate::rules::policy::Policy;
use crate::rules::rounding::{basis_points, div_half_even, saturate};
use crate::rules::team::TeamDeal;
use crate::rules::team_figures::TeamOrder;
use crate::rules::team_sales::TeamSales;
use crate::rules::today::{DayFigure, Today};
use crate::time::Timestamp;

/// What a stretch of days is counted from.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    /// The days.
    pub days: Days,
    /// The instant it is looked from.
    pub as_of: Timestamp,
    /// The org's calendar.
    pub calendar: &'a CalendarRecord,
    /// The policy that is in force on the last of the days.
    pub policy: &'a Policy,
    /// The org's currency.
    pub currency: Currency,
    /// Deals that were begun, moved or decided in the days; others do no harm.
    pub deals: &'a [TeamDeal],
    /// The orders that bear on the days.
    pub orders: &'a [TeamOrder],
    /// The cards of the months that the days lie in.
    pub cards: &'a [Outcome],
    /// Targets; those of reps for a whole month count.
    pub targets: &'a [TargetRecord],
}

#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    logged: i64,
    under_review: i64,
    effective: i64,
    leads: i64,
    deals: i64,
    won: i64,
}

/// What the days brought each of `reps`, in their order.
pub fn stretch(of: &Stretch<'_>, reps: &[UserId]) -> Vec<Today> {
    let counted = counted(of);
    let targets = monthly(of);
    let one = |rep: &UserId| {
        let sums = counted.get(rep).copied().unwrap_or_default();
        let figure =
            |metric: Metric, actual: i64| against(actual, falls_to(of, &targets, *rep, &metric));
        Today {
            rep: *rep,
            visits_logged: sums.logged,
            under_review: sums.under_review,
            effective_visits: figure(Metric::EffectiveVisits, sums.effective),
            new_leads: figure(Metric::NewLeads, sums.leads),
            new_deals: figure(Metric::NewDeals, sums.deals),
            won_amount: figure(Metric::SalesAmount, sums.won),
        }
    };
    reps.iter().map(one).collect()
}

fn counted(of: &Stretch<'_>) -> BTreeMap<UserId, Counted> {
    let zone = &of.calendar.zone;
    let (from, until) = of.days.bounds(zone);
    let span = Span { from, until: until.min(of.as_of.plus_millis(1)) };
    let mut sums: BTreeMap<UserId, Counted> = BTreeMap::new();
    for card in of.cards {
        let sum = sums.entry(card.rep).or_default();
        for visit in card.visits.iter().filter(|visit| span.contains(visit.at)) {
            sum.logged += 1;
            sum.under_review += i64::from(matches!(visit.verdict, Verdict::NeedsReview(_)));
            sum.effective += i64::from(visit.counts);
        }
    }
    let pipeline = &of.policy.pipeline;
    for deal in of.deals {
        let within = |at: Option<Timestamp>| at.is_some_and(|at| span.contains(at));
        let sum = sums.entry(deal.credit.rep).or_default();
        sum.leads += i64::from(within(new_lead(&deal.fact, pipeline)));
        sum.deals += i64::from(within(new_deal(&deal.fact, pipeline)));
    }
    let count = of.policy.scorecard.count;
    let sold = TeamSales::of(of.deals, of.orders, count, zone, of.days, of.as_of);
    for sale in sold.sales() {
        let amount = sale.fact.amount.filter(|amount| amount.currency == of.currency);
        let sum = sums.entry(sale.credit.rep).or_default();
        sum.won = sum.won.saturating_add(amount.map_or(0, |amount| amount.minor));
    }
    sums
}

/// A rep's target of a figure for a month.
type Monthly<'a> = BTreeMap<(UserId, &'a Metric, Period), &'a TargetRecord>;

/// The published targets of reps for a month; of several the one with the greatest id, the
/// newest, holds.
fn monthly<'a>(of: &Stretch<'a>) -> Monthly<'a> {
    let last = of.calendar.zone.date(of.as_of).min(of.days.until.plus_days(-1));
    let mut found: Monthly<'_> = BTreeMap::new();
    for target in of.targets.iter().filter(|one| one.is_whole() && one.is_published(last)) {
        let TargetLevel::Rep(rep) = target.level else { continue };
        let kept = found.entry((rep, &target.metric, target.period)).or_insert(target);
        if kept.id < target.id {
            *kept = target;
        }
    }
    found
}

/// What falls to the days of a rep's targets, in hundredths: of each month as many parts as
/// working days of it are among them. A single day is one part, whichever day it is.
fn falls_to(of: &Stretch<'_>, targets: &Monthly<'_>, rep: UserId, metric: &Metric) -> Option<i64> {
    let Days { from, until } = of.days;
    let months = std::iter::successors(Some(Period::month_of(from)), |one| Some(one.following()));
    let mut sum: Option<i64> = None;
    for month in months.take_while(|month| month.first_day() < until) {
        let Some(target) = targets.get(&(rep, metric, month)) else { continue };
        let whole = of.calendar.working_days(month.first_day(), month.next_first_day());
        let (first, end) = (from.max(month.first_day()), until.min(month.next_first_day()));
        let part = match from.next() == until {
            true => 1,
            false => of.calendar.working_days(first, end),
        };
        let hundredths = i128::from(target.value).saturating_mul(100 * i128::from(part));
        let Some(share) = div_half_even(hundredths, whole.into()) else { continue };
        sum = Some(sum.unwrap_or(0).saturating_add(saturate(share)));
    }
    sum
}

fn against(actual: i64, target_hundredths: Option<i64>) -> DayFigure {
    let target = target_hundredths.filter(|target| *target > 0);
    let attainment =
        target.and_then(|target| basis_points(i128::from(actual) * 100, target.into()));
    DayFigure { actual, target_hundredths, attainment }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::id::RecordId;
    use crate::rules::facts::StageFact;
    use crate::rules::fixture::*;
    use crate::rules::{BasisPoints, evaluate};

    fn target(number: u8, metric: Metric, month: &str, value: i64) -> TargetRecord {
        TargetRecord {
            id: RecordId::from_bytes([number; 16]),
            level: TargetLevel::Rep(REP),
            metric,
            period: period(month),
            value,
            parent: None,
            published_on: None,
            dimension: BTreeMap::new(),
            draft: false,
        }
    }

    fn of<'a>(
        days: (&str, &str),
        calendar: &'a CalendarRecord,
        policy: &'a Policy,
        deals: &'a [TeamDeal],
        targets: &'a [TargetRecord],
    ) -> Stretch<'a> {
        Stretch {
            days: Days { from: day(days.0), until: day(days.1) },
            as_of: at("2026-10-31 20:00"),
            calendar,
            policy,
            currency: Currency::CNY,
            deals,
            orders: &[],
            cards: &[],
            targets,
        }
    }

    /// 28 September to 4 October: three working days of 22 and two of 22.
    #[test]
    fn a_week_over_the_end_of_a_month_takes_its_part_of_both_months() {
        let (calendar, policy) = (calendar(), policy());
        let targets = [
            target(1, Metric::SalesAmount, "2026-09", 2_200),
            target(2, Metric::SalesAmount, "2026-10", 9),
            target(3, Metric::SalesAmount, "2026-10", 4_400),
            TargetRecord { draft: true, ..target(4, Metric::NewLeads, "2026-10", 4_400) },
        ];
        let deals = [
            team_deal(1, 100, "2026-09-01").won("2026-09-27", 7),
            team_deal(2, 100, "2026-09-01").won("2026-09-30", 300),
            team_deal(3, 100, "2026-10-03").won("2026-10-04", 50),
        ];
        let week = of(("2026-09-28", "2026-10-05"), &calendar, &policy, &deals, &targets);
        let line = stretch(&week, &[REP]).remove(0);
        // 3 × 2,200 ÷ 22 + 2 × 4,400 ÷ 22 = 700.
        let won = DayFigure {
            actual: 350,
            target_hundredths: Some(70_000),
            attainment: Some(BasisPoints(5_000)),
        };
        assert_eq!(line.won_amount, won);
        assert_eq!(line.new_leads, DayFigure { actual: 1, ..DayFigure::default() });
    }

    #[test]
    fn a_month_is_held_against_its_whole_target_and_counts_visits_as_its_card_does() {
        let (calendar, policy) = (calendar(), policy());
        let mut facts = facts("2026-10");
        facts.customers = vec![customer(100, None)];
        facts.visits = vec![
            onsite(1, 100, "2026-10-14 10:00", 20),
            onsite(2, 100, "2026-10-15 11:00", 2),
            onsite(3, 100, "2026-10-16 10:00", 20),
        ];
        let cards = [evaluate(&facts, &policy, period("2026-10"), at("2026-10-31 20:00"))];
        let targets = [target(1, Metric::EffectiveVisits, "2026-10", 8)];
        let mut deal = team_deal(1, 100, "2026-09-01");
        let stage = "initial_contact".to_owned();
        deal.fact.stages = vec![StageFact { at: at("2026-10-15 09:00"), stage }];
        let deals = [deal];
        let month = of(("2026-10-01", "2026-11-01"), &calendar, &policy, &deals, &targets);
        let month = Stretch { cards: &cards, ..month };
        let line = stretch(&month, &[REP]).remove(0);
        assert_eq!((line.visits_logged, line.effective_visits.actual), (3, 2));
        assert_eq!(line.effective_visits.target_hundredths, Some(800));
        assert_eq!((line.new_leads.actual, line.new_deals.actual), (0, 1));
        let days = Days { from: day("2026-10-15"), until: day("2026-10-17") };
        let line = stretch(&Stretch { days, ..month }, &[REP]).remove(0);
        assert_eq!((line.visits_logged, line.effective_visits.actual), (2, 1));
    }
}
