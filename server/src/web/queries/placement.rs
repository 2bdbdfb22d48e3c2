//! What reps are loaded with, before and after customers change hands.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{DocId, UnitId, UserId};
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::records::{PlacementRecord, Record, Role, Tier, UserRecord, UserStatus};
use client_core::rules::workload;
use client_core::time::Date;

use super::base::Base;
use super::reach::Reach;
use crate::storage::lists::{CustomerFilter, CustomerRow, DealFilter, OutcomeFilter, Window};
use crate::storage::placing::goes_along;
use crate::storage::{AnyStorage, Boards, Lists, StorageError};

/// Customers of one rep, by tier; the last are those without one.
pub type ByTier = [u64; 4];

/// What one rep is loaded with.
#[derive(Debug, Clone)]
pub struct Load {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Customers before and after.
    pub customers: (ByTier, ByTier),
    /// Visits that these ask for in the month, in hundredths, before and after.
    pub visits: (i64, i64),
    /// Working days of the month, less their leave.
    pub days: i64,
}

/// What would happen.
#[derive(Debug, Clone)]
pub struct Preview {
    /// To whom.
    pub to: UserRecord,
    /// Which customers, with whose they are.
    pub customers: Vec<(CustomerRow, Option<String>)>,
    /// Whoever gives or gets: who gets comes first.
    pub loads: Vec<Load>,
    /// Open deals that go along, and what they are worth by currency.
    pub deals: (usize, Vec<Money>),
    /// The month that is reckoned with: the next, which is whole.
    pub month: Period,
    /// There are rules to reckon with.
    pub has_policy: bool,
}

/// People who may be given customers: whoever sells and is in the reader's reach, by name.
pub fn takers(base: &Base, reach: &Reach) -> Vec<(String, String)> {
    let sells = |user: &&UserRecord| {
        matches!(user.role, Role::Rep | Role::Supervisor)
            && user.status == UserStatus::Active
            && reach.sees(user.id)
    };
    let found = base.users.iter().filter(sells);
    found.map(|user| (user.id.to_string(), user.name.clone())).collect()
}

/// What would happen if `to` got these customers.
pub async fn preview(
    storage: &AnyStorage,
    base: &Base,
    to: &UserRecord,
    docs: Vec<DocId>,
    (today, deals_of): (Date, Option<&BTreeSet<UnitId>>),
) -> Result<Preview, StorageError> {
    let org = base.org.id;
    let rows = storage.customer_rows(org, docs).await?;
    let month = Period::month_of(Period::month_of(today).next_first_day());
    let policy = base.policy_for(month.first_day()).map(|(_version, policy)| policy);
    let asked = |tier: Tier| {
        policy.as_ref().map_or(0, |policy| workload(policy, tier, month, &base.calendar))
    };
    let per_tier: [i64; 3] = Tier::ALL.map(asked);
    let visits = |customers: &ByTier| {
        per_tier.iter().zip(customers).fold(0_i64, |sum, (each, n)| {
            sum.saturating_add(each.saturating_mul(i64::try_from(*n).unwrap_or(i64::MAX)))
        })
    };
    let mut moves: BTreeMap<UserId, ByTier> = BTreeMap::new();
    let mut comes = ByTier::default();
    for row in rows.iter().filter(|row| row.owner != Some(to.id)) {
        let place = place_of(row.tier);
        add(&mut comes, place);
        if let Some(owner) = row.owner {
            add(moves.entry(owner).or_default(), place);
        }
    }
    let people: BTreeSet<UserId> = moves.keys().copied().collect();
    let deals = deals_along(storage, base, &rows, to.id, deals_of).await?;
    let mut loads = Vec::new();
    for user in std::iter::once(to.id).chain(people) {
        let before = held(storage, base, user).await?;
        let goes = moves.get(&user).copied().unwrap_or_default();
        let mut after = before;
        for (place, count) in after.iter_mut().enumerate() {
            let comes = if user == to.id { comes.get(place).copied().unwrap_or(0) } else { 0 };
            *count = count.saturating_sub(goes.get(place).copied().unwrap_or(0)) + comes;
        }
        let person = base.users.iter().find(|each| each.id == user);
        let leave = person.map(|person| person.leave.as_slice()).unwrap_or_default();
        let calendar = base.calendar.of_person(leave);
        loads.push(Load {
            user,
            name: base.user_name(user),
            visits: (visits(&before), visits(&after)),
            customers: (before, after),
            days: calendar.working_days(month.first_day(), month.next_first_day()),
        });
    }
    let named = rows.into_iter().map(|row| {
        let owner = row.owner.map(|owner| base.user_name(owner));
        (row, owner)
    });
    Ok(Preview {
        to: to.clone(),
        customers: named.collect(),
        loads,
        deals,
        month,
        has_policy: policy.is_some(),
    })
}

/// Open deals that go with these customers, as far as they go: those that the customers'
/// owners hold, that were never decided, and that are in a unit that the reader leads.
async fn deals_along(
    storage: &AnyStorage,
    base: &Base,
    rows: &[CustomerRow],
    to: UserId,
    deals_of: Option<&BTreeSet<UnitId>>,
) -> Result<(usize, Vec<Money>), StorageError> {
    let moving: BTreeMap<DocId, UserId> = rows
        .iter()
        .filter_map(|row| Some((row.doc, row.owner.filter(|owner| *owner != to)?)))
        .collect();
    let owners: BTreeSet<UserId> = moving.values().copied().collect();
    let open = DealFilter {
        outcome: Some(OutcomeFilter::Open),
        owners: Some(owners.into_iter().collect()),
        ..DealFilter::default()
    };
    let found = storage.find_deals(base.org.id, open, Window::ALL).await?.docs;
    let mut deals = storage.deal_rows(base.org.id, found).await?;
    deals.retain(|deal| deal.customer.and_then(|it| moving.get(&it)) == Some(&deal.owner));
    let docs = deals.iter().map(|deal| deal.doc).collect();
    let mut goes: BTreeSet<DocId> = BTreeSet::new();
    for row in storage.placements_of(base.org.id, docs).await? {
        let corrupt = |reason: String| StorageError::Corrupt { what: "placement", reason };
        let record = row.decode().map_err(|error| corrupt(error.to_string()))?;
        if let Record::Placement(placement) = record {
            let owner = PlacementRecord::current(&placement).map(|span| span.owner);
            if owner.is_some_and(|owner| goes_along(&placement, owner, deals_of)) {
                goes.insert(placement.subject);
            }
        }
    }
    deals.retain(|deal| goes.contains(&deal.doc));
    let mut worth: BTreeMap<Currency, i64> = BTreeMap::new();
    for (minor, currency) in deals.iter().filter_map(|deal| deal.amount_minor.zip(deal.currency)) {
        let sum = worth.entry(currency).or_default();
        *sum = sum.saturating_add(minor);
    }
    let worth = worth.into_iter().filter(|(_currency, minor)| *minor != 0);
    Ok((deals.len(), worth.map(|(currency, minor)| Money::new(minor, currency)).collect()))
}

fn place_of(tier: Option<Tier>) -> usize {
    tier.and_then(|tier| Tier::ALL.iter().position(|each| *each == tier)).unwrap_or(Tier::ALL.len())
}

fn add(counts: &mut ByTier, place: usize) {
    if let Some(count) = counts.get_mut(place) {
        *count += 1;
    }
}

/// How many customers somebody holds, by tier.
async fn held(storage: &AnyStorage, base: &Base, user: UserId) -> Result<ByTier, StorageError> {
    let mut counts = ByTier::default();
    let tiers = Tier::ALL.into_iter().map(Some).chain([None]);
    for (count, tier) in counts.iter_mut().zip(tiers) {
        let filter = CustomerFilter {
            owners: Some(vec![user]),
            tier: Some(tier),
            ..CustomerFilter::default()
        };
        let window = Window { limit: 1, offset: 0 };
        *count = storage.find_customers(base.org.id, filter, window).await?.matching;
    }
    Ok(counts)
}
