//! How much one device and one person may bring within an hour and a day.
//!
//! The screen bounds what one change costs and the document's limits what one
//! document does; both can be used up again and again. So what a device brings is
//! counted here, taken or not, before it is judged. Whatever is above its quota is
//! answered as such and stays on the phone, which sends it again by itself: a
//! quota delays, it never loses. The defaults lie far above what people write (a
//! rep's busiest day is 2,000 changes) and below what would hurt the others: ten
//! million operations are some ten seconds of one core.
//!
//! The counts live in memory: after a restart everybody begins a new hour. That is
//! harmless. Nothing that is stored depends on them: a quota only says when a change is
//! taken, never whether. Only whoever looks after the server restarts it, a device cannot
//! (what panics is contained), so each restart gives each device one quota more and no
//! device can have two. Writing the counts with every push would cost each of them a page
//! of the log for that.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use client_core::id::{DeviceId, OrgId, UserId};
use client_core::time::Timestamp;

use crate::auth::SignedDevice;

/// What may be brought within some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Changes, taken or not.
    pub changes: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Operations that were applied.
    pub operations: u64,
    /// Documents that were new.
    pub documents: u64,
}

/// The quotas. Configurable downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Of one device within an hour.
    pub device_hour: Allowance,
    /// Of one device within a day.
    pub device_day: Allowance,
    /// Of all devices of one person within a day.
    pub person_day: Allowance,
}

impl Default for Quotas {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        let device_hour = Allowance {
            changes: 100_000,
            bytes: 128 * MIB,
            operations: 5_000_000,
            documents: 100_000,
        };
        let twice = |of: Allowance| Allowance {
            changes: 2 * of.changes,
            bytes: 2 * of.bytes,
            operations: 2 * of.operations,
            documents: 2 * of.documents,
        };
        let device_day = twice(device_hour);
        Self { device_hour, device_day, person_day: twice(device_day) }
    }
}

/// Above a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{who} brought {spent} {what} within {within}, the limit is {limit}: nothing is lost, the \
     phone sends the rest by itself in {minutes} minutes"
)]
pub(super) struct AboveQuota {
    who: &'static str,
    what: &'static str,
    within: &'static str,
    spent: u64,
    limit: u64,
    minutes: i64,
}

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Whose {
    Device(OrgId, DeviceId),
    Person(OrgId, UserId),
}

/// What was brought since a moment; begins again when its time is over.
#[derive(Debug, Clone, Copy)]
struct Window {
    began: Timestamp,
    spent: Allowance,
}

const NOTHING: Allowance = Allowance { changes: 0, bytes: 0, operations: 0, documents: 0 };

impl Window {
    fn at(self, now: Timestamp, length_ms: i64) -> Self {
        let age = now.since(self.began);
        // A clock that was set back must not leave somebody shut out for years.
        if (0..length_ms).contains(&age) { self } else { Self { began: now, spent: NOTHING } }
    }

    fn add(&mut self, more: Allowance) {
        let spent = &mut self.spent;
        spent.changes = spent.changes.saturating_add(more.changes);
        spent.bytes = spent.bytes.saturating_add(more.bytes);
        spent.operations = spent.operations.saturating_add(more.operations);
        spent.documents = spent.documents.saturating_add(more.documents);
    }

    /// The first of its counts that is used up: what, how much, and the limit.
    fn used_up(&self, limit: &Allowance) -> Option<(&'static str, u64, u64)> {
        let spent = &self.spent;
        [
            ("changes", spent.changes, limit.changes),
            ("bytes", spent.bytes, limit.bytes),
            ("operations", spent.operations, limit.operations),
            ("new documents", spent.documents, limit.documents),
        ]
        .into_iter()
        .find(|(_what, spent, limit)| spent >= limit)
    }
}

#[derive(Debug, Clone, Copy)]
struct Account {
    hour: Window,
    day: Window,
}

/// What everybody brought lately.
#[derive(Debug)]
pub(crate) struct QuotaBook {
    quotas: Quotas,
    accounts: Mutex<HashMap<Whose, Account>>,
}

impl QuotaBook {
    pub(crate) fn new(quotas: Quotas) -> Self {
        Self { quotas, accounts: Mutex::default() }
    }

    /// Whether so much may be looked at; counts it if so. What is begun below a quota is
    /// taken as a whole, so that no group is too large for ever.
    pub(super) fn admit(
        &self,
        from: &SignedDevice,
        changes: u64,
        bytes: u64,
        now: Timestamp,
    ) -> Result<(), AboveQuota> {
        let brought = Allowance { changes, bytes, ..NOTHING };
        let Quotas { device_hour, device_day, person_day } = &self.quotas;
        self.with(from, now, |device, person| {
            let windows = [
                ("this device", "an hour", &device.hour, HOUR_MS, device_hour),
                ("this device", "a day", &device.day, DAY_MS, device_day),
                ("this person", "a day", &person.day, DAY_MS, person_day),
            ];
            for (who, within, window, length_ms, quota) in windows {
                if let Some((what, spent, limit)) = window.used_up(quota) {
                    let wait = length_ms - now.since(window.began);
                    let minutes = (wait + 59_999).div_euclid(60_000);
                    return Err(AboveQuota { who, what, within, spent, limit, minutes });
                }
            }
            device.add(brought);
            person.add(brought);
            Ok(())
        })
    }

    /// Counts what judging a group came to.
    pub(super) fn spend(
        &self,
        from: &SignedDevice,
        operations: u64,
        documents: u64,
        now: Timestamp,
    ) {
        let more = Allowance { operations, documents, ..NOTHING };
        self.with(from, now, |device, person| {
            device.add(more);
            person.add(more);
        });
    }

    /// Forgets whoever brought nothing for a day.
    pub(crate) fn forget_the_quiet(&self, now: Timestamp) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.retain(|_whose, account| (0..DAY_MS).contains(&now.since(account.day.began)));
    }

    fn with<T>(
        &self,
        from: &SignedDevice,
        now: Timestamp,
        count: impl FnOnce(&mut Account, &mut Account) -> T,
    ) -> T {
        let (org, user) = (from.signed.org, from.signed.user);
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let open = |whose| {
            let new = Window { began: now, spent: NOTHING };
            let known = accounts.get(&whose).copied();
            let Account { hour, day } = known.unwrap_or(Account { hour: new, day: new });
            Account { hour: hour.at(now, HOUR_MS), day: day.at(now, DAY_MS) }
        };
        let (device_key, person_key) = (Whose::Device(org, from.device), Whose::Person(org, user));
        let (mut device, mut person) = (open(device_key), open(person_key));
        let result = count(&mut device, &mut person);
        accounts.insert(device_key, device);
        accounts.insert(person_key, person);
        result
    }
}

impl Account {
    fn add(&mut self, more: Allowance) {
        self.hour.add(more);
        self.day.add(more);
    }
}
