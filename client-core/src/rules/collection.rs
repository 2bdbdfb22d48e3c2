//! F7: how much of what was owed came in, and when.
//!
//! The guides pay for a collection rate (回款率) and give no formula (DOMAIN D12), so
//! there are three, and the policy names the one that scores. All three rest on one
//! question: which money paid which instalment? It is answered day by day and never
//! by the order in which payments were written down:
//!
//! 1. a payment pays the instalment it names;
//! 2. what names none, and what is left over, pays the oldest due of its deal or
//!    contract, and then, where it names neither, of all the customer owes;
//! 3. a refund takes back what its payment has left over, then what it paid, the latest
//!    due first; where it names none, or that was not so much, what is left over of any,
//!    then the latest. Of the refunds of one day each takes from its own payment before any
//!    takes from others'. What is open again then is paid by what is left over.
//!
//! A prepayment waits: it counts when its instalment is due. Money of one day for the
//! same thing is one [`Pool`], so splitting or merging a payment changes nothing. Money
//! that may pay anything makes room: of two instalments due on one day it pays the one
//! that nothing else can pay, also where that shows only later. What paid nothing is told.
//!
//! Choices of ours: what falls due after `as_of` is not asked for yet; amounts of
//! another currency are left out, never converted; a claim is replaced as soon as
//! a record of the same account confirms it.

mod settle;

use std::collections::{BTreeMap, BTreeSet};

use self::settle::{Debtor, Open};
use crate::id::DocId;
use crate::money::{Currency, Money};
use crate::rules::facts::{FactRef, Facts, InstalmentFact, Key, PaymentFact, Source};
use crate::rules::figure::{Evidence, Figure};
use crate::rules::outcome::{Exclusion, ExclusionReason, MoneyReason, RuleId};
use crate::rules::policy::{CollectionVariant, CountPolicy};
use crate::time::Date;

const ALL: i128 = 10_000;

/// Money that paid an instalment, or, when negative, was taken back from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Share {
    payment: Key,
    instalment: Key,
    due_on: Date,
    minor: i64,
    /// When this happened: the payment's day, or the refund's.
    on: Date,
    /// When the money that is paid or taken back had come in.
    came_on: Date,
}

/// What is owed and what paid it.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    dues: Vec<Due>,
    shares: Vec<Share>,
    /// What was paid on each instalment, and taken back, by day.
    paid: BTreeMap<Key, Vec<(Date, i64)>>,
    /// The instalments of each customer, as places in `dues`.
    owed_by: BTreeMap<DocId, Vec<usize>>,
    /// Every payment that counts, with its day and amount.
    cash: Vec<(Key, Date, i64)>,
    /// Payments that there was nothing to pay for.
    idle: BTreeSet<Key>,
    facts: BTreeMap<Key, FactRef>,
    exclusions: BTreeMap<Key, (FactRef, ExclusionReason)>,
}

#[derive(Debug, Clone, Copy)]
struct Due {
    key: Key,
    customer: Option<DocId>,
    on: Date,
    minor: i64,
}

/// The stretch that a rate is asked for; both days are inside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub first: Date,
    pub last: Date,
}

impl Ledger {
    /// Of the facts, as far as they count.
    pub(super) fn of(facts: &Facts, count: CountPolicy) -> Self {
        let mut ledger = Self::default();
        let standing = Standing::of(facts, count);
        let mut debtors: BTreeMap<DocId, Debtor<'_>> = BTreeMap::new();
        for fact in &facts.instalments {
            let key = fact.origin.key();
            if !standing.instalment(fact) {
                ledger.leave(key, &fact.origin.fact, MoneyReason::NotConfirmed);
                continue;
            }
            match (fact.due_on, own_currency(fact.amount, facts.currency)) {
                (Some(on), Ok(minor)) => {
                    ledger.facts.insert(key, fact.origin.fact.clone());
                    ledger.dues.push(Due { key, customer: fact.customer, on, minor });
                    let debtor = fact.customer.unwrap_or(fact.account);
                    let due = Open { key, account: fact.account, on, minor };
                    debtors.entry(debtor).or_default().dues.push(due);
                }
                (None, _) => ledger.leave(key, &fact.origin.fact, MoneyReason::NoDate),
                (_, Err(reason)) => ledger.leave(key, &fact.origin.fact, reason),
            }
        }
        for fact in &facts.payments {
            let key = fact.origin.key();
            if !standing.payment(fact) {
                ledger.leave(key, &fact.origin.fact, MoneyReason::NotConfirmed);
                continue;
            }
            match (fact.received_on, own_currency(fact.amount, facts.currency)) {
                (Some(on), Ok(minor)) => {
                    ledger.facts.insert(key, fact.origin.fact.clone());
                    ledger.cash.push((key, on, minor));
                    let debtor = fact.customer.unwrap_or(fact.account);
                    debtors.entry(debtor).or_default().payments.push((fact, on, minor));
                }
                (None, _) => ledger.leave(key, &fact.origin.fact, MoneyReason::NoDate),
                (_, Err(reason)) => ledger.leave(key, &fact.origin.fact, reason),
            }
        }
        for (debtor, owed) in debtors {
            let settled = owed.settle(debtor);
            ledger.idle.extend(settled.idle());
            ledger.shares.extend(settled.shares);
        }
        for share in &ledger.shares {
            ledger.paid.entry(share.instalment).or_default().push((share.on, share.minor));
        }
        for (place, due) in ledger.dues.iter().enumerate() {
            if let Some(customer) = due.customer {
                ledger.owed_by.entry(customer).or_default().push(place);
            }
        }
        ledger
    }

    fn leave(&mut self, key: Key, fact: &FactRef, reason: MoneyReason) {
        self.exclusions.insert(key, (fact.clone(), ExclusionReason::Money(reason)));
    }

    /// The collection rate of `stretch` by one of the three formulas, in basis points.
    /// `booked` is what was sold in it, for the formula that asks.
    pub(super) fn rate(
        &self,
        variant: CollectionVariant,
        stretch: Stretch,
        booked: i128,
    ) -> Figure {
        let Stretch { first, last } = stretch;
        let due_inside = |on: Date| first <= on && on <= last;
        let (mut above, mut below) = (0_i128, 0_i128);
        let mut used = BTreeSet::new();
        match variant {
            CollectionVariant::ReceivedOverDue => {
                for due in self.dues.iter().filter(|due| due.on <= last) {
                    let owed = if due.on < first {
                        self.open_on(due, first.plus_days(-1))
                    } else {
                        due.minor
                    };
                    if owed != 0 {
                        below += i128::from(owed);
                        used.insert(due.key);
                    }
                }
                for share in &self.shares {
                    let counts_on = share.on.max(share.due_on);
                    if due_inside(counts_on) {
                        above += i128::from(share.minor);
                        used.extend([share.payment, share.instalment]);
                    }
                }
            }
            CollectionVariant::DueInPeriod => {
                for due in self.dues.iter().filter(|due| due_inside(due.on)) {
                    below += i128::from(due.minor);
                    used.insert(due.key);
                }
                for share in &self.shares {
                    if due_inside(share.due_on) && share.on <= last {
                        above += i128::from(share.minor);
                        used.insert(share.payment);
                    }
                }
            }
            CollectionVariant::ReceivedOverBooked => {
                for (key, on, minor) in &self.cash {
                    if due_inside(*on) {
                        above += i128::from(*minor);
                        used.insert(*key);
                    }
                }
                // Orders that were taken back may be more than those of the stretch.
                below = booked.max(0);
            }
        }
        let waits = match variant {
            CollectionVariant::ReceivedOverBooked => Vec::new(),
            CollectionVariant::ReceivedOverDue | CollectionVariant::DueInPeriod => {
                self.waiting(stretch, &used)
            }
        };
        Figure::ratio(RuleId::F7, (above, below), ALL, self.evidence(&used, &waits))
    }

    /// Money of the stretch that is not used in it, because there was nothing to pay for
    /// or because what it pays is due later.
    fn waiting(&self, stretch: Stretch, used: &BTreeSet<Key>) -> Vec<(Key, MoneyReason)> {
        let inside = |on: Date| stretch.first <= on && on <= stretch.last;
        let unused = self
            .cash
            .iter()
            .filter(|(key, on, minor)| *minor > 0 && inside(*on) && !used.contains(key));
        unused
            .filter_map(|(key, _on, _minor)| {
                let mut paid = self.shares.iter().filter(|share| share.payment == *key).peekable();
                let later = paid.peek().is_some() && paid.all(|share| share.due_on > stretch.last);
                match (self.idle.contains(key), later) {
                    (true, _) => Some((*key, MoneyReason::PaysNothing)),
                    (false, true) => Some((*key, MoneyReason::NotDueYet)),
                    (false, false) => None,
                }
            })
            .collect()
    }

    /// Paid on or before the due day ÷ due in the stretch (回款及时率), in basis points.
    pub(super) fn on_time(&self, stretch: Stretch) -> Figure {
        let inside = |on: Date| stretch.first <= on && on <= stretch.last;
        let mut used = BTreeSet::new();
        let dues = self.dues.iter().filter(|due| inside(due.on));
        let below = dues
            .map(|due| {
                used.insert(due.key);
                i128::from(due.minor)
            })
            .sum();
        let mut above = 0_i128;
        for share in &self.shares {
            if inside(share.due_on) && share.came_on <= share.due_on && share.on <= stretch.last {
                above += i128::from(share.minor);
                used.insert(share.payment);
            }
        }
        let waits = self.waiting(stretch, &used);
        Figure::ratio(RuleId::F7, (above, below), ALL, self.evidence(&used, &waits))
    }

    /// Instalments of a customer that are not paid in full on the evening of `day`
    /// although due before it, with their days of delay.
    pub(super) fn overdue(
        &self,
        customer: DocId,
        day: Date,
    ) -> impl Iterator<Item = (i64, &FactRef)> + '_ {
        let owed = self.owed_by.get(&customer).into_iter().flatten();
        owed.filter_map(|place| self.dues.get(*place))
            .filter(move |due| due.on < day && self.open_on(due, day) > 0)
            .filter_map(move |due| Some((day.days_since(due.on), self.facts.get(&due.key)?)))
    }

    /// The same with what is open of each: days of delay and minor units.
    pub(super) fn late(&self, customer: DocId, day: Date) -> impl Iterator<Item = (i64, i64)> + '_ {
        let owed = self.owed_by.get(&customer).into_iter().flatten();
        owed.filter_map(|place| self.dues.get(*place))
            .filter(move |due| due.on < day)
            .map(move |due| (day.days_since(due.on), self.open_on(due, day)))
            .filter(|(_days, open)| *open > 0)
    }

    /// Whether nothing was ever to be paid by a customer.
    pub(super) fn owes_nothing(&self, customer: DocId) -> bool {
        !self.owed_by.contains_key(&customer)
    }

    /// What of an instalment is open on the evening of `day`.
    fn open_on(&self, due: &Due, day: Date) -> i64 {
        let paid = self.paid.get(&due.key).into_iter().flatten().filter(|(on, _minor)| *on <= day);
        due.minor.saturating_sub(paid.map(|(_on, minor)| *minor).fold(0, i64::saturating_add))
    }

    fn evidence(&self, used: &BTreeSet<Key>, waits: &[(Key, MoneyReason)]) -> Evidence {
        let mut facts: Vec<FactRef> =
            used.iter().filter_map(|key| self.facts.get(key).cloned()).collect();
        facts.sort();
        facts.dedup();
        let mut left: BTreeMap<FactRef, BTreeSet<ExclusionReason>> = BTreeMap::new();
        for (fact, reason) in self.exclusions.values() {
            left.entry(fact.clone()).or_default().insert(*reason);
        }
        for (key, reason) in waits {
            if let Some(fact) = self.facts.get(key) {
                left.entry(fact.clone()).or_default().insert(ExclusionReason::Money(*reason));
            }
        }
        let exclusions = left
            .into_iter()
            .map(|(fact, reasons)| Exclusion { fact, reasons: reasons.into_iter().collect() });
        Evidence { facts, exclusions: exclusions.collect() }
    }
}

fn own_currency(amount: Option<Money>, currency: Currency) -> Result<i64, MoneyReason> {
    match amount {
        Some(amount) if amount.currency == currency => Ok(amount.minor),
        Some(_) => Err(MoneyReason::OtherCurrency),
        None => Err(MoneyReason::NoAmount),
    }
}

/// Which claims stand: none where the policy counts confirmed facts alone, else those
/// whose account no record confirms.
struct Standing {
    count: CountPolicy,
    /// Money is confirmed and what is owed never is: what is claimed of it is the plan.
    only_claimed: bool,
    instalments: BTreeSet<DocId>,
    payments: BTreeSet<DocId>,
}

impl Standing {
    fn of(facts: &Facts, count: CountPolicy) -> Self {
        let confirmed = |source: Source| source == Source::Confirmed;
        let instalments = facts.instalments.iter().filter(|fact| confirmed(fact.origin.source));
        let payments = facts.payments.iter().filter(|fact| confirmed(fact.origin.source));
        Self {
            count,
            only_claimed: facts.confirms.payments && !facts.confirms.contracts,
            instalments: instalments.map(|fact| fact.account).collect(),
            payments: payments.map(|fact| fact.account).collect(),
        }
    }

    fn instalment(&self, fact: &InstalmentFact) -> bool {
        // A plan of instalments that nobody confirmed is still the plan.
        fact.origin.source == Source::Confirmed
            || !self.instalments.contains(&fact.account)
                && (self.count == CountPolicy::Claimed
                    || self.only_claimed
                    || self.payments.contains(&fact.account))
    }

    fn payment(&self, fact: &PaymentFact) -> bool {
        let confirmed = self.payments.contains(&fact.account)
            || fact.customer.is_some_and(|customer| self.payments.contains(&customer));
        fact.origin.source == Source::Confirmed || self.count == CountPolicy::Claimed && !confirmed
    }
}

#[cfg(test)]
mod tests;
