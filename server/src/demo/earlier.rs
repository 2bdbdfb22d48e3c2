//! What was before the history: the sales of the summer, and the orders of half a year, so
//! that there is something to compare the last months with.
//!
//! One rep sells less every month (R5), and one region loses three customers that had not
//! bought for half a year when the last closed month was in its middle (R4).

use client_core::id::DocId;
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::records::{OrderRecord, Record};
use client_core::time::Date;

use super::chance::Chance;
use super::history::{PastDeal, STAGES};
use super::names;
use super::world::World;
use crate::office::Registrar;

/// By how much each month is below the one before, in fen.
const STEP: i64 = 80_000_000;
/// Days without an order after which a customer is called lost: the policy's `order_days`.
const SILENT: i64 = 180;
/// Customers of the region that bought in summer, and that bought in spring for the last time.
const BOUGHT: (usize, usize) = (24, 3);
/// The region that loses customers.
const REGION: usize = 1;

/// Deals of one rep, won in the last closed month and the two before it, such that each sold
/// something, and more than the next.
pub fn deals(world: &World, known: &[PastDeal]) -> Vec<PastDeal> {
    let Some(rep) = world.reps.len().checked_sub(1) else { return Vec::new() };
    let customers = world.owned_by(rep);
    let mut chance = Chance::new(world.seed, 6);
    let sold = |month: Period| -> i64 {
        let own = known.iter().filter(|deal| deal.rep == rep);
        let won = own.filter(|deal| {
            let on = deal.decided.filter(|(won, _at)| *won).map(|(_won, at)| world.zone.date(at));
            on.is_some_and(|on| month.contains(on))
        });
        won.map(|deal| deal.amount_minor).sum()
    };
    let closed = Period::month_of(world.today).previous();
    let (mut later, mut made) = (0, Vec::new());
    let months = std::iter::successors(Some(closed), |month| Some(month.previous()));
    for (month, customer) in months.take(3).zip(customers) {
        let wanted = (later + STEP).max(sold(month));
        let amount = wanted - sold(month);
        later = wanted;
        if amount > 0 {
            made.push(won(&mut chance, world, rep, customer, month, amount));
        }
    }
    made
}

fn won(
    chance: &mut Chance,
    world: &World,
    rep: usize,
    customer: usize,
    month: Period,
    amount_minor: i64,
) -> PastDeal {
    let at = |day: i64| {
        world.zone.start_of(month.first_day().plus_days(day)).plus_millis(10 * 3_600_000)
    };
    let days = [1, 6, 12, 18];
    PastDeal {
        id: chance.doc(at(1)),
        rep,
        customer,
        product: chance.word(&names::PRODUCTS),
        created_at: at(1),
        stages: STAGES
            .iter()
            .zip(days)
            .map(|(stage, day)| (chance.item(at(day)), *stage, at(day)))
            .collect(),
        amount_minor,
        decided: Some((true, at(20))),
        business: None,
    }
}

/// Enters the orders of a region into the books: most of the summer, a few of the spring, of
/// customers with which nothing was begun since.
pub async fn orders(books: &Registrar, world: &World, deals: &[PastDeal]) -> anyhow::Result<()> {
    let closed = Period::month_of(world.today).previous();
    let inside = world.customers.iter().enumerate().filter(|(_place, customer)| {
        world.reps.get(customer.owner).is_some_and(|rep| rep.region == REGION)
    });
    let (busy, silent): (Vec<_>, Vec<_>) =
        inside.partition(|(place, _customer)| deals.iter().any(|deal| deal.customer == *place));
    let summer = closed.first_day().plus_days(-70);
    let spring = closed.first_day().plus_days(14 - SILENT);
    let lost = silent.iter().take(BOUGHT.1).map(|(_place, customer)| (customer.id, spring));
    let kept = silent.iter().skip(BOUGHT.1).chain(&busy);
    let kept = kept.take(BOUGHT.0).map(|(_place, customer)| (customer.id, summer));
    for (customer, on) in lost.chain(kept) {
        books.enter(Record::Order(order(books, customer, on))).await?;
    }
    Ok(())
}

fn order(books: &Registrar, customer: DocId, ordered_on: Date) -> OrderRecord {
    OrderRecord {
        id: books.new_record(),
        customer,
        deal: None,
        reference: None,
        ordered_on,
        amount: Money::new(6_000_000, Currency::CNY),
        paid_on: Some(ordered_on.plus_days(20)),
        cancelled_on: None,
        lines: Vec::new(),
        withdrawn_at: None,
    }
}
