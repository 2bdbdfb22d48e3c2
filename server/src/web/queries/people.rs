//! People and units, as whoever looks after them sees them.

use client_core::id::{UnitId, UserId};
use client_core::records::{Role, UserRecord};
use client_core::time::Timestamp;

use super::base::Base;
use crate::office::{Registrar, Standing};
use crate::storage::lists::{CustomerFilter, Window};
use crate::storage::model::{Account, CodeRow, DeviceRow};
use crate::storage::{Accounts, AnyStorage, Invitations, Lists, StorageError};
use crate::web::pages::people::list::{PeopleData, PersonInList, StandingFilter};
use crate::web::pages::people::person::{Deed, PersonData};
use crate::web::pages::people::units::UnitInTree;
use crate::web::view::PAGE;

/// Entries of a person's history that are shown.
const HISTORY: u32 = 20;

/// Which people are asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Part of a name or login.
    pub text: String,
    /// Whose main unit it is, or one of them.
    pub unit: Option<UnitId>,
    /// What they may do.
    pub role: Option<Role>,
    /// How far they have come.
    pub standing: Option<StandingFilter>,
    /// Which page, from 1.
    pub page: usize,
}

/// Everything that says how far people have come.
struct Register {
    accounts: Vec<Account>,
    codes: Vec<CodeRow>,
}

impl Register {
    async fn read(storage: &AnyStorage, base: &Base) -> Result<Self, StorageError> {
        let org = base.org.id;
        Ok(Self { accounts: storage.accounts(org).await?, codes: storage.codes(org).await? })
    }

    fn standing(&self, account: &Account, phones: &[&DeviceRow], now: Timestamp) -> Standing {
        let code = self.codes.iter().find(|code| code.user == account.user.id);
        Standing::of(account, code, phones, now)
    }
}

fn phones_of(base: &Base, user: UserId) -> Vec<&DeviceRow> {
    base.devices.iter().filter(|device| device.user == user && device.is_phone()).collect()
}

/// A page of people, by name.
pub async fn list(
    storage: &AnyStorage,
    base: &Base,
    registrar: &Registrar,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<PeopleData, StorageError> {
    let register = Register::read(storage, base).await?;
    let text = wanted.text.to_lowercase();
    let mut people = Vec::new();
    for account in &register.accounts {
        let user = &account.user;
        let named = user.name.to_lowercase().contains(&text) || account.login.contains(&text);
        let placed = wanted.unit.is_none_or(|unit| user.units.contains(&unit));
        let does = wanted.role.is_none_or(|role| user.role == role);
        if !registrar.sees(user) || !named || !placed || !does {
            continue;
        }
        let phones = phones_of(base, user.id);
        let standing = register.standing(account, &phones, now);
        if wanted.standing.is_some_and(|filter| !filter.takes(standing)) {
            continue;
        }
        let heard = phones.iter().filter(|phone| phone.revoked_at.is_none());
        people.push(PersonInList {
            user: user.clone(),
            login: account.login.clone(),
            units: unit_names(base, user),
            standing,
            heard: heard.map(|phone| phone.seen_at).max(),
            may_invite: registrar.looks_after(user).is_ok() && standing != Standing::Disabled,
        });
    }
    people.sort_by(|a, b| (&a.user.name, &a.login).cmp(&(&b.user.name, &b.login)));
    let all = people.len();
    let first = wanted.page.saturating_sub(1).saturating_mul(PAGE);
    Ok(PeopleData {
        all,
        people: people.into_iter().skip(first).take(PAGE).collect(),
        uninvited: registrar.uninvited().await?.len(),
        units: base
            .units
            .iter()
            .filter(|unit| registrar.reaches(unit.id))
            .map(|unit| (unit.id, unit.name.clone()))
            .collect(),
    })
}

fn unit_names(base: &Base, user: &UserRecord) -> Vec<String> {
    let units = user.units.iter().filter_map(|id| base.units.iter().find(|unit| unit.id == *id));
    units.map(|unit| unit.name.clone()).collect()
}

/// A person whom the registrar's person may see.
pub async fn person(
    storage: &AnyStorage,
    base: &Base,
    registrar: &Registrar,
    user: UserId,
    now: Timestamp,
) -> Result<Option<PersonData>, StorageError> {
    let register = Register::read(storage, base).await?;
    let Some(account) = register.accounts.iter().find(|account| account.user.id == user) else {
        return Ok(None);
    };
    if !registrar.sees(&account.user) {
        return Ok(None);
    }
    let phones = phones_of(base, user);
    let standing = register.standing(account, &phones, now);
    let held = CustomerFilter { owners: Some(vec![user]), ..CustomerFilter::default() };
    let window = Window { limit: 1, offset: 0 };
    let held = storage.find_customers(base.org.id, held, window).await?.matching;
    let history = registrar.history_of(user, HISTORY).await?.into_iter().map(|entry| Deed {
        at: entry.at,
        by: entry.user.map(|by| base.user_name(by)),
        what: entry.what,
        detail: entry.detail,
    });
    Ok(Some(PersonData {
        user: account.user.clone(),
        login: account.login.clone(),
        units: unit_names(base, &account.user),
        standing,
        must_change: account.must_change,
        has_password: account.invited(),
        phones: phones.into_iter().cloned().collect(),
        customers: usize::try_from(held).unwrap_or(usize::MAX),
        history: history.collect(),
    }))
}

/// The tree, each unit below the one above it, by name.
pub fn tree(base: &Base, registrar: &Registrar) -> Vec<UnitInTree> {
    let known = |parent: Option<UnitId>| {
        parent.filter(|parent| base.units.iter().any(|unit| unit.id == *parent))
    };
    let mut found: Vec<UnitInTree> = Vec::new();
    let mut waiting: Vec<(UnitId, usize)> = base
        .units
        .iter()
        .rev()
        .filter(|unit| known(unit.parent).is_none())
        .map(|unit| (unit.id, 0))
        .collect();
    while let Some((id, depth)) = waiting.pop() {
        // A loop in the tree is walked once.
        if found.iter().any(|unit| unit.id == id) {
            continue;
        }
        let Some(unit) = base.units.iter().find(|unit| unit.id == id) else { continue };
        let people = base.users.iter().filter(|user| user.units.contains(&id)).count();
        found.push(UnitInTree {
            id,
            name: unit.name.clone(),
            kind: unit.kind,
            depth,
            people,
            below: 0,
            reached: registrar.reaches(id),
            shaped: registrar.shapes(id),
        });
        let below = base.units.iter().rev().filter(|unit| unit.parent == Some(id));
        waiting.extend(below.map(|unit| (unit.id, depth + 1)));
    }
    count_below(base, &mut found);
    found
}

/// People of each unit together with those of the units below it.
fn count_below(base: &Base, tree: &mut [UnitInTree]) {
    for unit in tree {
        let units = super::reach::below(&base.units, &[unit.id]);
        let inside = |user: &&UserRecord| user.units.iter().any(|each| units.contains(each));
        unit.below = base.users.iter().filter(inside).count();
    }
}
