//! What every page needs: the org, its people, its phones, its rules.

use client_core::id::{OrgId, UnitId, UserId};
use client_core::period::Period;
use client_core::records::{
    Aliases, CalendarRecord, OrgRecord, PolicyRecord, Record, RecordKind, Role, TargetRecord,
    UnitRecord, UserRecord, UserStatus,
};
use client_core::rules::facts::Decision;
use client_core::rules::policy::Policy;
use client_core::time::{Date, Timestamp, Zone};

use super::reach::Reach;
use crate::storage::model::{DeviceRow, RecordRow};
use crate::storage::{Accounts, AnyStorage, Records, StorageError};
use crate::web::filters::Choices;
use crate::web::pages::board::Heard;

/// What every page needs.
#[derive(Debug, Clone)]
pub struct Base {
    /// The org's settings.
    pub org: OrgRecord,
    /// Working days and the zone.
    pub calendar: CalendarRecord,
    /// Units, by name.
    pub units: Vec<UnitRecord>,
    /// People, by name.
    pub users: Vec<UserRecord>,
    /// Every device, revoked ones too: what they wrote keeps its author.
    pub devices: Vec<DeviceRow>,
    /// Policies, by effective date.
    pub policies: Vec<PolicyRecord>,
    /// Which customers are one.
    pub aliases: Aliases,
    /// What was decided about visits.
    pub decisions: Vec<Decision>,
}

impl Base {
    /// Reads it.
    pub async fn read(storage: &AnyStorage, org: OrgId) -> Result<Self, StorageError> {
        let settings = read(storage, org, RecordKind::Org, |record| match record {
            Record::Org(settings) => Some(settings),
            _ => None,
        });
        let settings = settings.await?.pop().ok_or(StorageError::Missing { what: "the org" })?;
        let calendars = read(storage, org, RecordKind::Calendar, |record| match record {
            Record::Calendar(calendar) => Some(calendar),
            _ => None,
        });
        let calendar =
            calendars.await?.pop().ok_or(StorageError::Missing { what: "the calendar" })?;
        let mut units = read(storage, org, RecordKind::Unit, |record| match record {
            Record::Unit(unit) => Some(unit),
            _ => None,
        })
        .await?;
        units.sort_by(|a, b| a.name.cmp(&b.name));
        let mut users = read(storage, org, RecordKind::User, |record| match record {
            Record::User(user) => Some(user),
            _ => None,
        })
        .await?;
        users.sort_by(|a, b| a.name.cmp(&b.name));
        let mut policies = read(storage, org, RecordKind::Policy, |record| match record {
            Record::Policy(policy) => Some(policy),
            _ => None,
        })
        .await?;
        policies.sort_by_key(|policy| (policy.effective_from, policy.version));
        let aliases = read(storage, org, RecordKind::Alias, |record| match record {
            Record::Alias(alias) => Some(alias),
            _ => None,
        });
        let aliases = Aliases::of(&aliases.await?);
        let voids = read(storage, org, RecordKind::Void, |record| match record {
            Record::Void(void) => Some(void),
            _ => None,
        });
        let decisions = Decision::of_voids(&voids.await?);
        let devices = storage.devices(org).await?;
        Ok(Self { org: settings, calendar, units, users, devices, policies, aliases, decisions })
    }

    /// The org's zone.
    pub const fn zone(&self) -> &Zone {
        &self.calendar.zone
    }

    /// The policy that the month of `day` is scored by, with its version: the one
    /// that the phones and the scoring job use for it.
    pub fn policy_for(&self, day: Date) -> Option<(u32, Policy)> {
        let record = PolicyRecord::for_period(&self.policies, Period::month_of(day))?;
        let policy = Policy::kept(&record.toml).ok()?;
        Some((record.version, policy))
    }

    /// The policy with this hash, if it is still kept.
    pub fn policy_with(&self, hash: &[u8; 32]) -> Option<Policy> {
        let read = |record: &PolicyRecord| Policy::kept(&record.toml).ok();
        self.policies.iter().rev().filter_map(read).find(|policy| policy.hash() == *hash)
    }

    /// A person's name; the id for somebody unknown.
    pub fn user_name(&self, user: UserId) -> String {
        let found = self.users.iter().find(|each| each.id == user);
        found.map_or_else(|| user.to_string(), |user| user.name.clone())
    }

    /// The name of a person's main unit.
    pub fn unit_of(&self, user: &UserRecord) -> String {
        let unit = user.units.first().and_then(|unit| self.unit(*unit));
        unit.map(|unit| unit.name.clone()).unwrap_or_default()
    }

    fn unit(&self, id: UnitId) -> Option<&UnitRecord> {
        self.units.iter().find(|unit| unit.id == id)
    }

    /// Active reps, by name.
    pub fn reps(&self) -> impl Iterator<Item = &UserRecord> {
        self.users.iter().filter(|user| user.role == Role::Rep && user.status == UserStatus::Active)
    }

    /// Phones that were neither revoked nor replaced: the others have said all they will
    /// say.
    fn in_use(&self) -> impl Iterator<Item = &DeviceRow> {
        let gone =
            |device: &DeviceRow| device.revoked_at.is_some() || device.replaced_by().is_some();
        self.devices.iter().filter(move |device| !gone(device) && device.is_phone())
    }

    /// When a person's phones were heard last.
    pub fn heard(&self, user: UserId) -> Heard {
        let own = self.in_use().filter(|device| device.user == user);
        own.map(|device| device.seen_at).max().map_or(Heard::NoPhone, Heard::At)
    }

    /// People whose phones may hold work from before `until` that is not known
    /// here: not heard within the day before it or later, or never.
    pub fn silent(&self, until: Timestamp) -> Vec<UserId> {
        const DAY_MS: i64 = 24 * 3_600_000;
        let silent = |user: &&UserRecord| match self.heard(user.id) {
            Heard::NoPhone => true,
            Heard::At(at) => until.since(at) >= DAY_MS,
        };
        self.users.iter().filter(silent).map(|user| user.id).collect()
    }

    /// A unit's name; empty for an unknown one.
    pub fn unit_name(&self, unit: UnitId) -> String {
        self.unit(unit).map(|unit| unit.name.clone()).unwrap_or_default()
    }

    /// The units that the reader may see, each below its parent, with how deep.
    pub fn unit_tree(&self, reach: &Reach) -> Vec<(UnitId, usize, String)> {
        let seen: Vec<&UnitRecord> = self
            .units
            .iter()
            .filter(|unit| match reach {
                Reach::All => true,
                Reach::Some { units, .. } => units.contains(&unit.id),
            })
            .collect();
        let is_seen = |id: UnitId| seen.iter().any(|unit| unit.id == id);
        let mut tree = Vec::with_capacity(seen.len());
        // Units whose children are still to be listed, the next one last.
        let tops = seen.iter().rev().filter(|unit| !unit.parent.is_some_and(is_seen));
        let mut waiting: Vec<(&UnitRecord, usize)> = tops.map(|unit| (*unit, 0)).collect();
        while let Some((unit, depth)) = waiting.pop() {
            tree.push((unit.id, depth, unit.name.clone()));
            let below = seen.iter().rev().filter(|each| each.parent == Some(unit.id));
            waiting.extend(below.map(|each| (*each, depth + 1)));
        }
        tree
    }

    /// Whose lists a reader may ask for.
    pub fn choices(&self, reach: &Reach) -> Choices {
        let sells = |user: &&UserRecord| matches!(user.role, Role::Rep | Role::Supervisor);
        let people = self.users.iter().filter(sells).filter(|user| reach.sees(user.id));
        let indented = |depth: usize, name: &str| format!("{}{name}", "\u{2003}".repeat(depth));
        let units = self.unit_tree(reach).into_iter();
        Choices {
            reps: people.map(|user| (user.id.to_string(), user.name.clone())).collect(),
            units: units
                .map(|(id, depth, name)| (id.to_string(), indented(depth, &name)))
                .collect(),
        }
    }

    /// When each phone of these people was heard last.
    pub fn heard_phones(&self, mut sees: impl FnMut(UserId) -> bool) -> Vec<Timestamp> {
        let seen = self.in_use().filter(|device| sees(device.user));
        seen.map(|device| device.seen_at).collect()
    }
}

/// Every target of the org.
pub async fn targets(storage: &AnyStorage, org: OrgId) -> Result<Vec<TargetRecord>, StorageError> {
    read(storage, org, RecordKind::Target, |record| match record {
        Record::Target(target) => Some(target),
        _ => None,
    })
    .await
}

async fn read<T>(
    storage: &AnyStorage,
    org: OrgId,
    kind: RecordKind,
    pick: fn(Record) -> Option<T>,
) -> Result<Vec<T>, StorageError> {
    decode(storage.records(org, kind).await?, pick)
}

/// The bodies of stored records.
pub fn decode<T>(
    rows: Vec<RecordRow>,
    pick: fn(Record) -> Option<T>,
) -> Result<Vec<T>, StorageError> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let record = row
            .decode()
            .map_err(|error| StorageError::Corrupt { what: "record", reason: error.to_string() })?;
        found.extend(pick(record));
    }
    Ok(found)
}
