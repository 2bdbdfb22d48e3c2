//! A year of sales and what they are made of.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{DocId, UnitId, UserId};
use client_core::money::Money;
use client_core::period::{Days, Period};
use client_core::records::{Metric, TargetLevel, TargetRecord};
use client_core::rules::{Catalogue, Concentration, Credit, TeamSales, concentration, product_mix};
use client_core::time::Timestamp;

use super::base::{self, Base};
use super::products::{lines, products};
use super::reach::{Reach, below};
use super::team::{self, OfLine, Sales};
use crate::reports::{SoldIn, orders, sold_in};
use crate::storage::{AnyStorage, Lists, Reports, StorageError};
use crate::web::lists::team::TeamAsk;
use crate::web::pages::trends::{KeyAccount, KeyAccounts, MonthSales, TrendsData};

/// Months of the line.
const MONTHS: usize = 12;
/// Key accounts that are named.
const KEY_SHOWN: usize = 20;

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
    let days = Days { from: first.first_day(), until: ask.month.next_first_day() };
    let deals = storage.deals_between(org, from, until).await?;
    let orders = orders(storage, org, zone, days, &deals, &base.aliases).await?;
    let asked = Asked::new(base, reach, &ask);
    let products = products(storage, base).await?;
    let catalogue = Catalogue::of(&products);
    let of_line = OfLine { catalogue: &catalogue, line: ask.line.as_deref() };
    let team = Sales { deals, orders }.of(|credit| asked.takes(credit)).of_line(of_line);
    let targets = base::targets(storage, org).await?;
    let policy = base.policy_for(ask.today).map(|(_version, policy)| policy);
    let sold = policy.as_ref().map(|policy| {
        let count = policy.scorecard.count;
        let sold = TeamSales::of(&team.deals, &team.orders, count, zone, days, now);
        let view = sold.view(zone, days, now);
        let mix = product_mix(&view, &catalogue, &policy.goals);
        (mix, concentration(&view, policy.goals.key_accounts))
    });
    let (mix, held) = sold.unwrap_or_default();
    let held = held.into_iter().find(|one| one.currency == base.org.currency);
    let (mut sums, mut foreign) = (BTreeMap::new(), 0_usize);
    for SoldIn { period, amounts } in sold_in(base, &months, &team.deals, &team.orders, now) {
        let sum = sums.entry(period).or_insert(0_i64);
        for amount in amounts {
            match amount {
                Some(amount) if amount.currency == base.org.currency => {
                    *sum = sum.saturating_add(amount.minor);
                }
                _ => foreign += 1,
            }
        }
    }
    let figures = team::figures(storage, base, reach, &ask, &team, &products, now).await?;
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
        figures,
        key_accounts: key_accounts(storage, base, held).await?,
        high_margin_goal: policy.map(|policy| policy.goals.high_margin_min.0),
        currency: base.org.currency,
        choices: base.choices(reach),
        lines: lines(&products),
        ask,
    })
}

/// The customers that bought most, with what each did.
async fn key_accounts(
    storage: &AnyStorage,
    base: &Base,
    held: Option<Concentration>,
) -> Result<Option<KeyAccounts>, StorageError> {
    let Some(held) = held else { return Ok(None) };
    let all = held.key_accounts.len();
    let shown: Vec<(DocId, Money)> = held.key_accounts.into_iter().take(KEY_SHOWN).collect();
    let ids = shown.iter().map(|(customer, _sum)| *customer).collect();
    let rows = storage.customer_rows(base.org.id, ids).await?;
    let names: BTreeMap<DocId, Option<String>> =
        rows.into_iter().map(|row| (row.doc, row.name)).collect();
    let named = shown.into_iter().map(|(customer, sum)| KeyAccount {
        customer,
        name: names.get(&customer).cloned().flatten(),
        sum,
    });
    Ok(Some(KeyAccounts { share: held.key, shown: named.collect(), all }))
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
