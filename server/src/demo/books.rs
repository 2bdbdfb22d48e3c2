//! What the office of the demo keeps: the catalogue, targets of regions and of the
//! whole, and the books in which contracts and payments are confirmed.

use client_core::id::RecordId;
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::records::{
    CalendarRecord, ContractRecord, InstalmentTerm, MarginClass, Metric, OrderLine, OrderRecord,
    PaymentRecord, ProductClass, Record, TargetLevel,
};
use client_core::rules::policy::{PRESETS, preset_text};

use super::business::PastContract;
use super::chance::Chance;
use super::history::PastDeal;
use super::names;
use super::world::World;
use crate::office::{Office, Registrar, SetPolicy, SetProduct, SetTarget};

/// Classes of the catalogue, in the order of [`names::PRODUCTS`].
const CLASSES: [(ProductClass, MarginClass); 6] = [
    (ProductClass::HighEnd, MarginClass::High),
    (ProductClass::HighEnd, MarginClass::High),
    (ProductClass::Middle, MarginClass::High),
    (ProductClass::Middle, MarginClass::Normal),
    (ProductClass::Basic, MarginClass::Normal),
    (ProductClass::Basic, MarginClass::Low),
];

/// What the trade converts at each stage, as the company entered it (R6, S1 行业均值): made up,
/// and so high that a stage of the demo lies below it in any month.
const BENCHMARKS: &str = "[alarms.benchmarks]          # a demo's numbers\n\
     initial_contact = \"98%\"\n\
     needs_confirmed = \"98%\"\n\
     proposal = \"98%\"\n\n\
     [sources]\n\
     \"alarms.benchmarks.initial_contact\" = \"S1 行业均值; a demo's number\"\n\
     \"alarms.benchmarks.needs_confirmed\" = \"S1 行业均值; a demo's number\"\n\
     \"alarms.benchmarks.proposal\" = \"S1 行业均值; a demo's number\"\n";

/// The first policy with the benchmarks of the trade.
pub async fn policy(office: &Office) -> anyhow::Result<()> {
    let first = preset_text(PRESETS[0]).unwrap_or_default();
    let toml = first.replacen("[sources]\n", BENCHMARKS, 1);
    office.set_policy(SetPolicy { toml, effective_from: None, restate: false }).await?;
    Ok(())
}

/// The catalogue that deals and orders name.
pub async fn catalogue(office: &Office, world: &World) -> anyhow::Result<()> {
    let products = names::PRODUCTS.iter().zip(CLASSES).enumerate();
    let wanted = products.map(|(index, (name, (class, margin)))| SetProduct {
        name: (*name).into(),
        class: Some(class),
        margin: Some(margin),
        launched_on: (index == 1).then(|| world.first_day.plus_days(-30)),
        ..SetProduct::named(&format!("P-{}", index + 1))
    });
    for set in office.set_products(wanted.collect()).await? {
        set?;
    }
    Ok(())
}

/// Monthly targets of every rep, for each month of the history; amounts of regions and
/// of the whole, which sum but for one region that is asked a little more; and the
/// year's new customers.
pub async fn targets(
    office: &Office,
    world: &World,
    calendar: &CalendarRecord,
) -> anyhow::Result<()> {
    let mut chance = Chance::new(world.seed, 3);
    let mut month = Period::month_of(world.first_day);
    while month.first_day() <= world.today {
        let set = |level, metric, value| SetTarget {
            published_on: Some(month.first_day()),
            ..SetTarget::new(level, metric, month, value)
        };
        let days = calendar.working_days(month.first_day(), month.next_first_day());
        let mut regions = vec![0; world.units.len()];
        for rep in &world.reps {
            let visits = days * (rep.visits_a_day.0 + rep.visits_a_day.1) / 2;
            let amount = chance.between(18, 42) * 10_000_000;
            if let Some(region) = regions.get_mut(rep.region) {
                *region += amount;
            }
            for (metric, value) in [
                (Metric::SalesAmount, amount),
                (Metric::EffectiveVisits, visits),
                (Metric::NewDeals, 8),
                (Metric::NewCustomerGrowth, 1000),
                (Metric::QuoteConversion, 2500),
            ] {
                office.set_target(set(TargetLevel::Rep(rep.id), metric, value)).await?;
            }
        }
        let whole = set(TargetLevel::Org, Metric::SalesAmount, regions.iter().sum());
        let whole = office.set_target(whole).await?;
        for (index, (unit, amount)) in world.units.iter().zip(regions).enumerate() {
            let amount = if index == 0 { amount + 20_000_000 } else { amount };
            let part = set(TargetLevel::Unit(unit.id), Metric::SalesAmount, amount);
            office.set_target(SetTarget { parent: Some(whole.id), ..part }).await?;
        }
        month = Period::month_of(month.next_first_day());
    }
    let year = Period::year_of(world.today);
    let new = SetTarget::new(TargetLevel::Org, Metric::NewCustomers, year, 300);
    office.set_target(SetTarget { published_on: Some(world.first_day), ..new }).await?;
    Ok(())
}

/// Confirms what a contract came to: the order, the contract, what was paid.
pub async fn confirm(
    books: &Registrar,
    world: &World,
    deal: &PastDeal,
    contract: &PastContract,
) -> anyhow::Result<()> {
    let customer = world.customer(deal.customer)?.id;
    let cny = |minor| Money::new(minor, Currency::CNY);
    let signed_on = world.zone.date(contract.signed_at);
    let order = OrderRecord {
        id: books.new_record(),
        customer,
        deal: Some(deal.id),
        reference: Some(contract.number.replace("HT", "SO")),
        ordered_on: signed_on,
        amount: cny(deal.amount_minor),
        paid_on: None,
        cancelled_on: None,
        lines: vec![OrderLine {
            product: deal.product.into(),
            quantity: Some(1),
            amount: cny(deal.amount_minor),
            margin: None,
        }],
        withdrawn_at: None,
    };
    books.enter(Record::Order(order)).await?;
    let terms = contract.instalments.iter().map(|(id, due_on, amount)| InstalmentTerm {
        id: *id,
        due_on: *due_on,
        amount: cny(*amount),
    });
    let record = ContractRecord {
        id: books.new_record(),
        customer,
        deal: Some(deal.id),
        reference: Some(contract.number.clone()),
        asked_on: Some(signed_on.plus_days(-3)),
        approved_on: Some(signed_on.plus_days(-1)),
        signed_on,
        amount: cny(deal.amount_minor),
        instalments: terms.collect(),
        cancelled_on: None,
        withdrawn_at: None,
    };
    let id: RecordId = record.id;
    books.enter(Record::Contract(record)).await?;
    for payment in &contract.payments {
        let record = PaymentRecord {
            id: books.new_record(),
            customer,
            deal: Some(deal.id),
            contract: Some(id),
            instalment: Some(payment.instalment),
            reference: None,
            received_on: world.zone.date(payment.at),
            amount: cny(payment.amount_minor),
            reverses: None,
            withdrawn_at: None,
        };
        books.enter(Record::Payment(record)).await?;
    }
    Ok(())
}
