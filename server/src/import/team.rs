//! A team: regional offices, managers with their teams, reps.
//!
//! Each row is a rep with the manager and the office over them. Offices become
//! regions below the top unit, and each manager leads a team in the office. Nobody
//! gets a password here: everybody signs in once they are invited. In a later file,
//! another manager or office moves the rep to the other unit.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{UnitId, UserId};
use client_core::names;
use client_core::records::{Record, Role, UnitKind, UnitRecord, UserRecord, UserStatus};

use super::ImportError;
use super::entry::{Entry, Fields, Refusal};
use super::map::Mapping;
use super::people::{MANAGER, People};
use super::report::Report;
use super::session::{Made, Session, Work};
use crate::office::text;
use crate::storage::model::{ExternalKey, ExternalKind, NO_PASSWORD, NewAccount};
use crate::storage::{Accounts, Imports};

/// The people and units so far.
pub(super) struct Team {
    people: People,
    units: BTreeMap<UnitId, UnitRecord>,
    unit_keys: BTreeMap<String, ExternalKey>,
    /// The teams that managers lead by this file, with the line that said so first.
    leads: BTreeMap<String, (u64, BTreeSet<UnitId>)>,
}

/// Where a row puts its rep.
struct Place {
    unit: UnitId,
    works: Vec<Work>,
}

impl Team {
    pub(super) async fn read(session: &Session) -> Result<Self, ImportError> {
        let storage = session.app.storage();
        let keys = storage.external_keys_of(session.org, &session.source, ExternalKind::Unit);
        Ok(Self {
            people: People::read(session).await?,
            units: session.office.units().await?,
            unit_keys: keys.await?.into_iter().map(|key| (key.key.clone(), key)).collect(),
            leads: BTreeMap::new(),
        })
    }

    /// What a row writes; nothing if it says nothing new.
    pub(super) async fn row(
        &mut self,
        session: &Session,
        mapping: &Mapping,
        entry: &Entry,
        report: &mut Report,
    ) -> Result<Result<Vec<Work>, Refusal>, ImportError> {
        for field in ["rep", "manager", "office"] {
            if let Some(Err(error)) = entry.text(field).map(|name| text::name("name", name)) {
                return Ok(Err(entry.refuse(field, error.to_string())));
            }
        }
        let hired_on = match entry.text("hired_on").map(|day| mapping.map.date.read(day)) {
            Some(Err(error)) => return Ok(Err(entry.refuse("hired_on", error))),
            Some(Ok(day)) => Some(day),
            None => None,
        };
        if !self.people.keys.contains_key(&entry.key)
            && let Some((_line, refusal)) =
                session.erased(ExternalKind::User, &[entry], "login").await?.pop_first()
        {
            return Ok(Err(refusal));
        }
        let Place { unit, mut works } = self.place(session, entry);
        let name = entry.text("rep").unwrap_or_default().to_owned();
        let known = self.people.keys.get(&entry.key).cloned();
        let Some(known) = known else {
            let adopted = self.people.adoptable(&name).cloned();
            let (before, mut work) = match adopted {
                Some(user) => {
                    let units = [self.people.root];
                    let free = user.units.is_empty() || user.units == units;
                    let units = if free { vec![unit] } else { user.units.clone() };
                    let hired_on = user.hired_on.or(hired_on);
                    let after = UserRecord { units, hired_on, ..user.clone() };
                    let work = self.rewritten(entry.line, &user, after);
                    (user.id, work)
                }
                None => {
                    let login = match self.login(session, entry).await? {
                        Ok(login) => login,
                        Err(refusal) => return Ok(Err(refusal)),
                    };
                    let user = UserRecord {
                        id: session.fresh(UserId::new),
                        name,
                        role: Role::Rep,
                        units: vec![unit],
                        hired_on,
                        status: UserStatus::Active,
                        locale: None,
                        leave: Vec::new(),
                    };
                    let id = user.id;
                    (id, self.new_person(entry.line, Made::Created, login, user))
                }
            };
            let key = session.key(
                ExternalKind::User,
                &entry.key,
                *before.as_bytes(),
                entry.fields.clone(),
            );
            self.people.keys.insert(entry.key.clone(), key.clone());
            work.keys.push(key);
            works.push(work);
            return Ok(Ok(works));
        };
        let changed = entry.changes(&known.fields, mapping);
        if changed.is_empty() {
            return Ok(Ok(works));
        }
        let id = UserId::from_bytes(known.id);
        let Some(before) = self.people.user(id).cloned() else {
            return Ok(Err(entry.refuse("rep", "the person it was imported as is gone")));
        };
        let mut after = before.clone();
        if changed.contains("rep") {
            after.name = name;
        }
        if changed.contains("hired_on") {
            after.hired_on = hired_on;
        }
        if changed.contains("login") {
            report.skip("a login is never changed by an import");
        }
        if changed.contains("manager") || changed.contains("office") {
            let former = self.unit_said(&known.fields);
            after.units.retain(|each| Some(*each) != former && *each != unit);
            after.units.insert(0, unit);
            if after.units != before.units {
                let from = former.and_then(|former| self.units.get(&former));
                let from = from.map_or_else(String::new, |unit| format!(" from {}", unit.name));
                let to = self.units.get(&unit).map_or("", |unit| unit.name.as_str());
                report.moved.push(format!("{}{from} to {to}", after.name));
                report.count("people_moved", 1);
            }
        }
        let mut work = self.rewritten(entry.line, &before, after);
        let fields = entry.merged(&known.fields, &changed);
        let key = session.key(ExternalKind::User, &entry.key, known.id, fields);
        self.people.keys.insert(entry.key.clone(), key.clone());
        work.keys.push(key);
        works.push(work);
        Ok(Ok(works))
    }

    /// The managers of the file, with what they lead.
    pub(super) async fn finish(&mut self, session: &Session) -> Result<Vec<Work>, ImportError> {
        let mut works = Vec::new();
        for (name, (line, led)) in std::mem::take(&mut self.leads) {
            let fields = Fields::from([("leads".to_owned(), joined(&led))]);
            let manager_key = manager_key(&name);
            let known = self.people.keys.get(&manager_key).cloned();
            if known.as_ref().is_some_and(|known| known.fields == fields) {
                continue;
            }
            let user = match &known {
                Some(known) => self.people.user(UserId::from_bytes(known.id)).cloned(),
                None => self.people.only_one_named(&name).cloned(),
            };
            let (id, mut work) = match user {
                Some(before) => {
                    let former = known.as_ref().map(|known| split(known.fields.get("leads")));
                    let former = former.unwrap_or_default();
                    let mut after = before.clone();
                    after.units.retain(|unit| !former.contains(unit) && !led.contains(unit));
                    after.units.splice(0..0, led.iter().copied());
                    if after.role == Role::Rep || after.role == Role::Supervisor {
                        after.role = Role::Manager;
                    }
                    let mut work = self.rewritten(line, &before, after);
                    work.made = Made::Beside("managers_changed");
                    (before.id, work)
                }
                None => {
                    let login = self.free_login(session, &names::login(&name)).await?;
                    let user = UserRecord {
                        id: session.fresh(UserId::new),
                        name: name.clone(),
                        role: Role::Manager,
                        units: led.iter().copied().collect(),
                        hired_on: None,
                        status: UserStatus::Active,
                        locale: None,
                        leave: Vec::new(),
                    };
                    let id = user.id;
                    (id, self.new_person(line, Made::Beside("managers_created"), login, user))
                }
            };
            let key = session.key(ExternalKind::User, &manager_key, *id.as_bytes(), fields);
            self.people.keys.insert(manager_key, key.clone());
            work.keys.push(key);
            works.push(work);
        }
        Ok(works)
    }

    /// The unit of a row's rep, with the units that have to be made for it.
    fn place(&mut self, session: &Session, entry: &Entry) -> Place {
        let (office, manager) = (entry.text("office"), entry.text("manager"));
        let mut works = Vec::new();
        let mut unit = self.people.root;
        if let Some(office) = office {
            unit =
                self.unit(session, &mut works, entry.line, UnitKind::Region, unit, office, office);
        }
        if let Some(manager) = manager {
            let key = team_key(office, manager);
            unit = self.unit(session, &mut works, entry.line, UnitKind::Team, unit, &key, manager);
            let led = self.leads.entry(manager.to_owned()).or_insert((entry.line, BTreeSet::new()));
            led.1.insert(unit);
        }
        Place { unit, works }
    }

    #[expect(clippy::too_many_arguments, reason = "a unit is made from all of them, here alone")]
    fn unit(
        &mut self,
        session: &Session,
        works: &mut Vec<Work>,
        line: u64,
        kind: UnitKind,
        parent: UnitId,
        key: &str,
        name: &str,
    ) -> UnitId {
        if let Some(known) = self.unit_keys.get(key) {
            return UnitId::from_bytes(known.id);
        }
        let namesake =
            self.units.values().find(|unit| unit.parent == Some(parent) && unit.name == name);
        let mut work = Work::new(line, Made::Beside("units_created"));
        let id = match namesake {
            Some(unit) => unit.id,
            None => {
                let id = session.fresh(UnitId::new);
                let unit = UnitRecord { id, name: name.to_owned(), kind, parent: Some(parent) };
                self.units.insert(id, unit.clone());
                work.records.push(Record::Unit(unit));
                id
            }
        };
        let fields = Fields::from([("name".to_owned(), name.to_owned())]);
        let key_row = session.key(ExternalKind::Unit, key, *id.as_bytes(), fields);
        self.unit_keys.insert(key.to_owned(), key_row.clone());
        work.keys.push(key_row);
        works.push(work);
        id
    }

    /// The unit that a file said a rep was in.
    fn unit_said(&self, fields: &Fields) -> Option<UnitId> {
        let office = fields.get("office").map(String::as_str);
        let key = match fields.get("manager") {
            Some(manager) => team_key(office, manager),
            None => office?.to_owned(),
        };
        self.unit_keys.get(&key).map(|key| UnitId::from_bytes(key.id))
    }

    fn new_person(&mut self, line: u64, made: Made, login: String, user: UserRecord) -> Work {
        let mut work = Work::new(line, made);
        self.people.add(login.clone(), user.clone());
        let password = NO_PASSWORD.to_owned();
        work.account = Some(NewAccount { login, password, must_change: true, user });
        work
    }

    fn rewritten(&mut self, line: u64, before: &UserRecord, after: UserRecord) -> Work {
        let mut work = Work::new(line, Made::Changed);
        if *before != after {
            self.people.put(after.clone());
            work.records.push(Record::User(after));
        }
        work
    }

    async fn login(
        &self,
        session: &Session,
        entry: &Entry,
    ) -> Result<Result<String, Refusal>, ImportError> {
        let Some(said) = entry.text("login") else {
            let derived = names::login(entry.text("rep").unwrap_or_default());
            return Ok(Ok(self.free_login(session, &derived).await?));
        };
        match text::login(said) {
            Err(error) => Ok(Err(entry.refuse("login", error.to_string()))),
            Ok(login) if self.taken(session, &login).await? => {
                Ok(Err(entry.refuse("login", "somebody has this login already")))
            }
            Ok(login) => Ok(Ok(login)),
        }
    }

    async fn taken(&self, session: &Session, login: &str) -> Result<bool, ImportError> {
        let storage = session.app.storage();
        Ok(self.people.has_login(login) || storage.account_by_login(login).await?.is_some())
    }

    /// The login, with a number if somebody has it.
    async fn free_login(&self, session: &Session, wanted: &str) -> Result<String, ImportError> {
        let wanted: String = wanted.chars().take(56).collect();
        let wanted = if wanted.is_empty() { "user".to_owned() } else { wanted };
        let mut login = wanted.clone();
        let mut number = 1_u32;
        while self.taken(session, &login).await? {
            number += 1;
            login = format!("{wanted}{number}");
        }
        Ok(login)
    }
}

fn team_key(office: Option<&str>, manager: &str) -> String {
    format!("{}/{manager}", office.unwrap_or_default())
}

fn manager_key(name: &str) -> String {
    format!("{MANAGER}{name}")
}

fn joined(units: &BTreeSet<UnitId>) -> String {
    units.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn split(units: Option<&String>) -> BTreeSet<UnitId> {
    let units = units.map(String::as_str).unwrap_or_default().split(' ');
    units.filter_map(|unit| unit.parse().ok()).collect()
}
