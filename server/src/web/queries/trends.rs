//! A year of sales and what they are made of.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{UnitId, UserId};
use client_core::money::Money;
use client_core::period::{Days, Period};
use client_core::records::{Metric, TargetLevel, TargetRecord};
use client_core::rules::{Catalogue, Credit, DealLine, TeamDeal, TeamView, product_mix};
use client_core::time::Timestamp;

use super::base::{self, Base};
use super::products::{lines, products};
use super::reach::{Reach, below};
use crate::storage::{AnyStorage, Lists, Reports, StorageError};
use crate::web::lists::team::TeamAsk;
use crate::web::pages::trends::{MonthSales, TrendsData};

/// Months of the line.
const MONTHS: usize = 12;

/// The page's data.
pub async fn page(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: TeamAsk,
    now: Timestamp,
) -> Result<TrendsData, StorageError> {
    let org = base.org.id;
    let mut months: Vec<Period> =
        std::iter::successors(Some(ask.month), |month| Some(month.previous()))
            .take(MONTHS)
            .collect();
    months.reverse();
    let zone = base.zone();
    let first = months.first().copied().unwrap_or(ask.month);
    let (from, until) = (first.bounds(zone).0, ask.month.bounds(zone).1);
    let mut deals = storage.deals_between(org, from, until).await?;
    let asked = Asked::new(base, reach, &ask);
    let products = products(storage, base).await?;
    let catalogue = Catalogue::of(&products);
    let of_line = OfLine { catalogue: &catalogue, line: ask.line.as_deref() };
    deals.retain(|deal| asked.takes(&deal.credit) && of_line.takes(deal));
    let targets = base::targets(storage, org).await?;
    let policy = base.policy_for(ask.today).map(|(_version, policy)| policy);
    let days = Days { from: first.first_day(), until: ask.month.next_first_day() };
    let view = TeamView::new(&deals, zone, days, now);
    let mix = policy
        .as_ref()
        .map(|policy| product_mix(&view, &catalogue, &policy.goals.mix))
        .unwrap_or_default();
    let (mut sums, mut foreign) = (BTreeMap::new(), 0_usize);
    for (deal, at) in view.won() {
        match of_line.amount(deal) {
            Some(amount) if amount.currency == base.org.currency => {
                let sum = sums.entry(Period::month_of(zone.date(at))).or_insert(0_i64);
                *sum = sum.saturating_add(amount.minor);
            }
            _ => foreign += 1,
        }
    }
    let mut industries: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for count in storage.customer_industries(org).await? {
        if asked.holds(count.owner, count.unit) {
            let industry = count.industry.filter(|name| !name.trim().is_empty());
            *industries.entry(industry).or_default() += count.customers;
        }
    }
    Ok(TrendsData {
        months: months
            .into_iter()
            .map(|month| MonthSales {
                month,
                won: sums.get(&month).copied().unwrap_or(0),
                // Targets of a part by product are not held against sales here.
                target: asked.target(&targets, month).filter(|_whole| ask.line.is_none()),
                running: month.contains(ask.today),
            })
            .collect(),
        foreign,
        industries: industries.into_iter().collect(),
        mix: mix.into_iter().find(|mix| mix.currency == base.org.currency),
        high_margin_goal: policy.map(|policy| policy.goals.high_margin_min.0),
        currency: base.org.currency,
        choices: base.choices(reach),
        lines: lines(&products),
        ask,
    })
}

/// What of a deal belongs to the product line that is asked for: all of it where none is,
/// or where all its lines do; else the sum of those that do.
#[derive(Clone, Copy)]
struct OfLine<'a> {
    catalogue: &'a Catalogue<'a>,
    line: Option<&'a str>,
}

impl OfLine<'_> {
    fn has(self, line: &DealLine) -> bool {
        let product = line.product.as_deref().and_then(|text| self.catalogue.find(text));
        product.is_some_and(|product| product.line.as_deref() == self.line)
    }

    fn takes(self, deal: &TeamDeal) -> bool {
        self.line.is_none() || deal.lines.iter().any(|line| self.has(line))
    }

    fn amount(self, deal: &TeamDeal) -> Option<Money> {
        if self.line.is_none() || deal.lines.iter().all(|line| self.has(line)) {
            return deal.fact.amount;
        }
        let mut sum: Option<Money> = None;
        for line in deal.lines.iter().filter(|line| self.has(line)) {
            let amount = line.amount?;
            sum = match sum {
                None => Some(amount),
                Some(sum) if sum.currency == amount.currency => {
                    Some(Money::new(sum.minor.saturating_add(amount.minor), sum.currency))
                }
                Some(_) => return None,
            };
        }
        sum
    }
}

/// Whose sales are asked for, as far as the reader sees them.
struct Asked<'a> {
    base: &'a Base,
    reach: &'a Reach,
    ask: &'a TeamAsk,
    people: Option<Vec<UserId>>,
    units: Option<BTreeSet<UnitId>>,
}

impl<'a> Asked<'a> {
    fn new(base: &'a Base, reach: &'a Reach, ask: &'a TeamAsk) -> Self {
        let units = ask.whose.unit.map(|unit| below(&base.units, &[unit]));
        Self { base, reach, ask, people: ask.whose.people(base), units }
    }

    /// As the funnel takes deals: of a unit by the deal's own placement, else by its rep.
    fn takes(&self, credit: &Credit) -> bool {
        self.reach.sees(credit.rep)
            && match (self.ask.whose.rep, &self.units, credit.unit) {
                (Some(rep), _, _) => credit.rep == rep,
                (None, Some(units), Some(unit)) => units.contains(&unit),
                (None, Some(_), None) => self.has(credit.rep),
                (None, None, _) => true,
            }
    }

    fn has(&self, rep: UserId) -> bool {
        self.people.as_ref().is_none_or(|people| people.contains(&rep))
    }

    fn holds(&self, owner: UserId, unit: UnitId) -> bool {
        self.reach.sees(owner)
            && match (self.ask.whose.rep, &self.units) {
                (Some(rep), _) => owner == rep,
                (None, Some(units)) => units.contains(&unit),
                (None, None) => true,
            }
    }

    /// The sales target of a month: of its own level, else the sum of the reps'.
    fn target(&self, targets: &[TargetRecord], month: Period) -> Option<i64> {
        let sales = |level: TargetLevel| {
            let one = targets.iter().find(|one| {
                one.level == level
                    && one.period == month
                    && one.metric == Metric::SalesAmount
                    && one.is_whole()
            });
            one.map(|one| one.value)
        };
        let own = match (self.ask.whose.rep, self.ask.whose.unit) {
            (Some(rep), _) => return sales(TargetLevel::Rep(rep)),
            (None, Some(unit)) => sales(TargetLevel::Unit(unit)),
            (None, None) if *self.reach == Reach::All => sales(TargetLevel::Org),
            (None, None) => None,
        };
        own.or_else(|| {
            let reps = self.base.reps().filter(|rep| self.reach.sees(rep.id) && self.has(rep.id));
            let parts = reps.filter_map(|rep| sales(TargetLevel::Rep(rep.id)));
            parts.fold(None, |sum: Option<i64>, one| Some(sum.unwrap_or(0).saturating_add(one)))
        })
    }
}
