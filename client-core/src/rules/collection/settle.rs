//! Which money paid which instalment, of one customer, day by day.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Share;
use crate::id::DocId;
use crate::rules::facts::{Key, PaymentFact};
use crate::time::Date;

/// What one customer owes and paid.
#[derive(Default)]
pub(super) struct Debtor<'a> {
    pub dues: Vec<Open>,
    pub payments: Vec<(&'a PaymentFact, Date, i64)>,
}

impl Debtor<'_> {
    /// Which money paid which instalment, day by day.
    pub(super) fn settle(self, debtor: DocId) -> Settling {
        let mut settling =
            Settling { debtor: Some(debtor), open: self.dues, ..Settling::default() };
        // By account before id: an id then tells apart only what one account owes on one day.
        settling.open.sort_by_key(|due| (due.on, due.account, due.key));
        let mut days: BTreeMap<Date, Vec<(&PaymentFact, i64)>> = BTreeMap::new();
        for (fact, on, minor) in self.payments {
            days.entry(on).or_default().push((fact, minor));
        }
        for (day, mut payments) in days {
            // What is bound to a deal goes before what may pay anything.
            payments.sort_by_key(|(fact, _minor)| {
                let named = fact.instalment.is_some();
                (fact.account == debtor, fact.account, named, fact.origin.key())
            });
            let first = settling.spare.len();
            for (fact, minor) in payments.iter().filter(|(_fact, minor)| *minor > 0) {
                let (payment, named) = (fact.origin.key(), fact.instalment);
                let pool = Pool { account: fact.account, named, came_on: day };
                let mut spare = Spare { payment, pool, minor: *minor };
                settling.pay(&mut spare, day, |due| Some(due.key) == named);
                settling.spare.push(spare);
            }
            settling.spend(first, day);
            let refunds = payments.iter().filter(|(_fact, minor)| *minor < 0);
            let refunds = refunds.map(|(fact, minor)| (*fact, minor.saturating_neg()));
            // Each takes from its own payment before any takes from others'.
            let more: Vec<(&PaymentFact, i64)> = refunds
                .map(|(fact, minor)| (fact, settling.take_back_own(fact, minor, day)))
                .collect();
            for (fact, minor) in &more {
                settling.take_back_any(fact, *minor, day);
            }
            if !more.is_empty() {
                settling.spend(0, day);
            }
        }
        settling
    }
}

/// An instalment and what of it is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub key: Key,
    pub account: DocId,
    pub on: Date,
    pub minor: i64,
}

/// Money that came in on one day for the same thing: which of it paid what is nobody's to
/// say, and one part stands for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pool {
    account: DocId,
    named: Option<Key>,
    came_on: Date,
}

/// What a payment has not paid anything with.
#[derive(Debug, Clone, Copy)]
struct Spare {
    payment: Key,
    pool: Pool,
    minor: i64,
}

/// What a payment paid.
#[derive(Debug, Clone, Copy)]
struct Paid {
    share: Share,
    pool: Pool,
    /// Under which account the instalment is owed.
    account: DocId,
    /// What of it was not taken back.
    rest: i64,
}

/// How a customer's money goes to what the customer owes.
#[derive(Default)]
pub(super) struct Settling {
    /// Who; money under this account may pay anything.
    debtor: Option<DocId>,
    open: Vec<Open>,
    pub(super) shares: Vec<Share>,
    /// What is left over of each payment, in the order of coming.
    spare: Vec<Spare>,
    /// What was paid, in that order.
    paid: Vec<Paid>,
}

impl Settling {
    /// Payments that are left over and paid nothing.
    pub(super) fn idle(&self) -> BTreeSet<Key> {
        let paid: BTreeSet<Key> = self.paid.iter().map(|paid| paid.share.payment).collect();
        let left = self.spare.iter().filter(|spare| spare.minor > 0);
        left.map(|spare| spare.payment).filter(|payment| !paid.contains(payment)).collect()
    }

    /// Pays what is open and chosen out of `spare`, oldest due first.
    fn pay(&mut self, spare: &mut Spare, day: Date, chosen: impl Fn(&Open) -> bool) {
        for due in self.open.iter_mut().filter(|due| due.minor > 0 && chosen(due)) {
            let part = spare.minor.min(due.minor);
            if part <= 0 {
                break;
            }
            due.minor -= part;
            spare.minor -= part;
            let account = due.account;
            let share = Share {
                payment: spare.payment,
                instalment: due.key,
                due_on: due.on,
                minor: part,
                on: day,
                came_on: spare.pool.came_on,
            };
            self.shares.push(share);
            self.paid.push(Paid { share, pool: spare.pool, account, rest: part });
        }
    }

    /// Pays what is open out of what is left over, from one place in it on.
    fn spend(&mut self, from: usize, day: Date) {
        let mut spare = self.spare.split_off(from);
        for one in &mut spare {
            let (account, anywhere) = (one.pool.account, Some(one.pool.account) == self.debtor);
            self.pay(one, day, |due| anywhere || due.account == account);
        }
        for one in spare.iter_mut().filter(|one| one.minor > 0) {
            self.make_room(one, day);
        }
        self.spare.append(&mut spare);
    }

    /// Where money that may pay anything paid what only `spare` could have, and something
    /// else of that due day is open, it goes there.
    fn make_room(&mut self, spare: &mut Spare, day: Date) {
        // A phone may claim thousands of both: what is open is looked up, not searched.
        let mut open_on = self.open_days();
        for index in 0..self.paid.len() {
            let Some(paid) = self.paid.get(index).copied() else { return };
            if spare.minor <= 0 || open_on.is_empty() {
                return;
            }
            let free = Some(paid.pool.account) == self.debtor && paid.pool.named.is_none();
            let (due, due_on) = (paid.share.instalment, paid.share.due_on);
            let movable = paid.rest > 0 && open_on.contains(&due_on);
            if !free || !movable || paid.account != spare.pool.account {
                continue;
            }
            let part = spare.minor.min(paid.rest);
            let mut moves = Spare { payment: paid.share.payment, pool: paid.pool, minor: part };
            self.pay(&mut moves, day, |open| open.on == due_on);
            let part = part - moves.minor;
            if part <= 0 {
                continue;
            }
            self.undo(index, paid.share.payment, part, day);
            let mut takes = Spare { minor: part, ..*spare };
            self.pay(&mut takes, day, |open| open.key == due);
            spare.minor -= part;
            open_on = self.open_days();
        }
    }

    /// The due days on which something is open.
    fn open_days(&self) -> BTreeSet<Date> {
        self.open.iter().filter(|due| due.minor > 0).map(|due| due.on).collect()
    }

    /// Takes back what is left over of the refunded payment's pool and what that paid, the
    /// latest due first; gives what is still to be taken, all of it where none is named.
    fn take_back_own(&mut self, refund: &PaymentFact, minor: i64, day: Date) -> i64 {
        let named = refund.refund_of.and_then(|named| {
            self.spare.iter().find(|spare| spare.payment == named).map(|spare| spare.pool)
        });
        let Some(named) = named else { return minor };
        let minor = self.give_back(refund, minor, |pool| *pool == named);
        self.reverse(refund, minor, day, |pool| *pool == named)
    }

    /// Takes back what is left over of any payment, then of what was paid the money that
    /// came in latest.
    fn take_back_any(&mut self, refund: &PaymentFact, minor: i64, day: Date) {
        let minor = self.give_back(refund, minor, |_pool| true);
        self.reverse(refund, minor, day, |_pool| true);
    }

    /// Whether a refund of one deal would take the money of another.
    fn is_foreign(&self, refund: &PaymentFact, pool: &Pool) -> bool {
        Some(refund.account) != self.debtor && refund.account != pool.account
    }

    /// Gives back what is left over, the latest first; gives what is still to be taken.
    fn give_back(
        &mut self,
        refund: &PaymentFact,
        mut minor: i64,
        chosen: impl Fn(&Pool) -> bool,
    ) -> i64 {
        let mut order: Vec<(bool, Reverse<Date>, Reverse<usize>)> = (0..)
            .zip(&self.spare)
            .filter(|(_index, spare)| spare.minor > 0 && chosen(&spare.pool))
            .map(|(index, spare)| {
                let foreign = self.is_foreign(refund, &spare.pool);
                (foreign, Reverse(spare.pool.came_on), Reverse(index))
            })
            .collect();
        order.sort_unstable();
        for (_foreign, _came_on, Reverse(index)) in order {
            let Some(spare) = self.spare.get_mut(index) else { continue };
            let part = minor.min(spare.minor);
            spare.minor -= part;
            minor -= part;
        }
        minor
    }

    /// Reverses what chosen money paid; gives what is still to be taken.
    fn reverse(
        &mut self,
        refund: &PaymentFact,
        mut minor: i64,
        day: Date,
        chosen: impl Fn(&Pool) -> bool,
    ) -> i64 {
        let mut order: Vec<_> = (0..)
            .zip(&self.paid)
            .filter(|(_index, paid)| paid.rest > 0 && chosen(&paid.pool))
            .map(|(index, paid): (usize, &Paid)| {
                let other = refund.instalment.is_some_and(|one| one != paid.share.instalment);
                let foreign = self.is_foreign(refund, &paid.pool);
                // When it came in, not when it paid this: money that made room meanwhile is
                // no later for it.
                let (came_on, due_on) = (paid.pool.came_on, paid.share.due_on);
                let of = (paid.pool.account, paid.account);
                (other, foreign, Reverse(came_on), Reverse(due_on), of, Reverse(index))
            })
            .collect();
        order.sort_unstable();
        for (_other, _foreign, _came_on, _due_on, _of, Reverse(index)) in order {
            let rest = self.paid.get(index).map_or(0, |paid| paid.rest);
            let part = minor.min(rest);
            if part > 0 {
                self.undo(index, refund.origin.key(), part, day);
                minor -= part;
            }
        }
        minor
    }

    /// Takes a part of what was paid off its instalment again, in the name of `by`.
    fn undo(&mut self, index: usize, by: Key, part: i64, day: Date) {
        let Some(paid) = self.paid.get_mut(index) else { return };
        paid.rest -= part;
        let back = Share { payment: by, minor: part.saturating_neg(), on: day, ..paid.share };
        if let Some(due) = self.open.iter_mut().find(|due| due.key == back.instalment) {
            due.minor += part;
        }
        self.shares.push(back);
    }
}
