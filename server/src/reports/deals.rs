//! Deals: won, lost and open, with amounts, win rate and sales cycle.
//!
//! A decided deal belongs to the days of its close, an open one to those of its
//! beginning; what has no such day is counted apart and in no row. Each currency
//! has its own rows; a deal without an amount counts in that of its product's
//! list price, or the org's.
//!
//! A deal with several products stands in the row of each, with what that product
//! came to; rows by unit contain one another. So the totals are summed over deals
//! and never over rows.

use std::collections::BTreeMap;

use client_core::docs::deal::DealOutcome;
use client_core::money::Currency;
use client_core::period::Days;
use client_core::rules::{TeamDeal, TeamView, sales_cycle, win_rate};
use client_core::time::{Date, Timestamp, Zone};
use serde::{Serialize, Serializer};

use super::by::{By, Key, Keys, Names};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DealsQuestion {
    /// Of which days.
    pub days: Days,
    /// A row for each what.
    pub by: By,
}

/// The answer. Its JSON is a contract: these keys, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DealReport {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
    /// A row for each of these.
    pub by: By,
    /// Units from the top down, months in order; others by currency, the largest
    /// won amount first.
    pub rows: Vec<DealRow>,
    /// Deals that belong to no day.
    pub undated: u64,
    /// All deals of the days, one row for each currency.
    #[serde(skip)]
    pub totals: Vec<DealRow>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DealRow {
    /// The stable id: of a user, unit or customer, a product's code, `YYYY-MM`.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// The currency of its amounts.
    pub currency: Currency,
    /// Deals won.
    pub won: u64,
    /// Deals lost.
    pub lost: u64,
    /// Deals begun and not decided.
    pub open: u64,
    /// Amount of the deals won, in minor units.
    pub won_minor: i64,
    /// Won ÷ decided in basis points; null where nothing was decided.
    pub win_rate_bp: Option<i64>,
    /// The middle number of days from beginning to won; null where nothing was won.
    pub cycle_median_days: Option<Hundredths>,
    /// The mean number of days from beginning to won.
    pub cycle_mean_days: Option<Hundredths>,
    /// How deep below the top a unit stands.
    #[serde(skip)]
    pub depth: usize,
}

/// A number with two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hundredths(pub i64);

impl Serialize for Hundredths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            return serializer.serialize_i64(self.0 / 100);
        }
        #[expect(clippy::cast_precision_loss, reason = "days of a lifetime fit a double exactly")]
        serializer.serialize_f64(self.0 as f64 / 100.0)
    }
}

/// What falls into a row.
#[derive(Default)]
struct Bucket<'a> {
    deals: Vec<&'a TeamDeal>,
    won_minor: i128,
    open: u64,
}

/// Decisions are asked for by their day, however far ahead a clock was.
const EVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// The report on `deals`; those outside the days are left out.
pub fn report(
    question: DealsQuestion,
    deals: &[TeamDeal],
    undated: u64,
    names: &Names,
    zone: &Zone,
    home: Currency,
) -> DealReport {
    let keys = Keys::new(question.by, names, zone);
    let mut rows: BTreeMap<(Currency, Key), Bucket<'_>> = BTreeMap::new();
    let mut totals: BTreeMap<Currency, Bucket<'_>> = BTreeMap::new();
    for deal in deals {
        let Some(at) = day_of(deal, question.days, zone) else { continue };
        let fallback = keys.priced_in(deal).unwrap_or(home);
        for part in keys.parts(deal, at) {
            // A product without an amount of its own stands beside the whole deal.
            let amount = part.amount.or(deal.fact.amount);
            let currency = amount.map_or(fallback, |amount| amount.currency);
            let bucket = rows.entry((currency, part.key)).or_default();
            bucket.add(deal, part.amount.map_or(0, |amount| amount.minor));
        }
        let amount = deal.fact.amount;
        let total = totals.entry(amount.map_or(fallback, |amount| amount.currency)).or_default();
        total.add(deal, amount.map_or(0, |amount| amount.minor));
    }
    let figures =
        |bucket: Bucket<'_>, key: Key, currency| bucket.row(key, currency, question.days, zone);
    let mut rows: Vec<(Key, DealRow)> = rows
        .into_iter()
        .map(|((currency, key), bucket)| (key.clone(), figures(bucket, key, currency)))
        .collect();
    rows.sort_by(|(a, a_row), (b, b_row)| order(home, a, a_row).cmp(&order(home, b, b_row)));
    let whole = Key { path: Vec::new(), key: String::new(), name: "TOTAL".to_owned() };
    DealReport {
        from: question.days.from,
        to: question.days.until,
        by: question.by,
        rows: rows.into_iter().map(|(_key, row)| row).collect(),
        undated,
        totals: totals
            .into_iter()
            .map(|(currency, bucket)| figures(bucket, whole.clone(), currency))
            .collect(),
    }
}

/// The org's own currency first; in each what has an order keeps it, and of the
/// rest the largest comes first. What has no id comes last.
fn order<'k>(home: Currency, key: &'k Key, row: &DealRow) -> impl Ord + use<'k> {
    let size = std::cmp::Reverse((row.won_minor, row.won, row.open));
    (row.currency != home, row.currency, key.key.is_empty(), &key.path, size, &key.name, &key.key)
}

/// The instant by which a deal belongs to the days, if it does.
fn day_of(deal: &TeamDeal, days: Days, zone: &Zone) -> Option<Timestamp> {
    let fact = &deal.fact;
    let at = match &fact.outcome {
        Some(DealOutcome::Won | DealOutcome::Lost) => fact.decided_at,
        // A newer version's way to end: neither won nor lost, and open no longer.
        Some(DealOutcome::Unknown(_)) => None,
        None => fact.created_at,
    }?;
    let (from, until) = days.bounds(zone);
    (from <= at && at < until).then_some(at)
}

impl<'a> Bucket<'a> {
    fn add(&mut self, deal: &'a TeamDeal, minor: i64) {
        // A product may stand in one row twice, with two currencies in its lines.
        if self.deals.last().is_none_or(|last| last.fact.doc != deal.fact.doc) {
            self.deals.push(deal);
            self.open += u64::from(deal.fact.outcome.is_none());
        }
        if deal.fact.outcome == Some(DealOutcome::Won) {
            self.won_minor += i128::from(minor);
        }
    }

    fn row(self, key: Key, currency: Currency, days: Days, zone: &Zone) -> DealRow {
        let view = TeamView::new(self.deals, zone, days, EVER);
        let decided = win_rate(&view, None);
        let cycle = sales_cycle(&view);
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        DealRow {
            depth: key.path.len().saturating_sub(1),
            key: key.key,
            name: key.name,
            currency,
            won: count(decided.numerator),
            lost: count(decided.denominator - decided.numerator),
            open: self.open,
            won_minor: saturate(self.won_minor),
            win_rate_bp: decided.value,
            cycle_median_days: cycle.median.value.map(|half_days| Hundredths(half_days * 50)),
            cycle_mean_days: cycle.mean.value.map(Hundredths),
        }
    }
}

fn saturate(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}
