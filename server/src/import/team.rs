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
use client_core::time::Date;

use super::ImportError;
use super::entry::{Entry, Fields, Refusal, Wrong};
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

/// Who a row is.
enum Who {
    /// Somebody of an earlier file that said the same.
    Same,
    /// Somebody of an earlier file that said something else.
    Changed(Changed),
    /// Somebody who was here before any file.
    Adopted(UserRecord),
    /// Nobody yet, with the login they get.
    New(String),
}

/// What a row says anew of somebody.
struct Changed {
    key: ExternalKey,
    before: UserRecord,
    fields: BTreeSet<String>,
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
    ) -> Result<Result<Vec<Work>, Vec<Refusal>>, ImportError> {
        let known = self.people.keys.get(&entry.key).cloned();
        if known.is_none()
            && let Some((_line, refusal)) =
                session.erased(ExternalKind::User, &[entry], "login").await?.pop_first()
        {
            return Ok(Err(vec![refusal]));
        }
        let mut wrong = Wrong::default();
        for field in ["rep", "manager", "office"] {
            let checked = entry.text(field).map(|name| text::name("name", name)).transpose();
            wrong.taken(checked.map_err(|error| entry.refuse(field, error.to_string())));
        }
        let hired_on = entry.text("hired_on").map(|day| mapping.map.date.read(day)).transpose();
        let hired_on = wrong.taken(hired_on.map_err(|why| entry.refuse("hired_on", why)));
        let name = entry.text("rep").unwrap_or_default().to_owned();
        let who = match (known, self.people.adoptable(&name)) {
            (Some(known), _) => wrong.taken(self.there(mapping, entry, known)),
            (None, Some(user)) => Some(Who::Adopted(user.clone())),
            (None, None) => wrong.taken(self.login(session, entry).await?).map(Who::New),
        };
        let (hired_on, who) = match wrong.all(hired_on.zip(who)) {
            Ok(checked) => checked,
            Err(refusals) => return Ok(Err(refusals)),
        };
        let Place { unit, mut works } = self.place(session, entry);
        let (id, mut work) = match who {
            Who::Same => return Ok(Ok(works)),
            Who::Changed(said) => {
                works.push(self.again(session, entry, said, unit, hired_on, report));
                return Ok(Ok(works));
            }
            Who::Adopted(user) => {
                let units = [self.people.root];
                let free = user.units.is_empty() || user.units == units;
                let units = if free { vec![unit] } else { user.units.clone() };
                let hired_on = user.hired_on.or(hired_on);
                let after = UserRecord { units, hired_on, ..user.clone() };
                (user.id, self.rewritten(entry.line, &user, after))
            }
            Who::New(login) => {
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
                (user.id, self.new_person(entry.line, Made::Created, login, user))
            }
        };
        let fields = entry.fields.clone();
        let key = session.key(ExternalKind::User, &entry.key, *id.as_bytes(), fields);
        self.people.keys.insert(entry.key.clone(), key.clone());
        work.keys.push(key);
        works.push(work);
        Ok(Ok(works))
    }

    /// The person whom a row of an earlier file became.
    fn there(&self, mapping: &Mapping, entry: &Entry, key: ExternalKey) -> Result<Who, Refusal> {
        let fields = entry.changes(&key.fields, mapping);
        if fields.is_empty() {
            return Ok(Who::Same);
        }
        match self.people.user(UserId::from_bytes(key.id)).cloned() {
            Some(before) => Ok(Who::Changed(Changed { key, before, fields })),
            None => Err(entry.refuse("rep", "the person it was imported as is gone")),
        }
    }

    /// Somebody of whom the file says something else than before.
    fn again(
        &mut self,
        session: &Session,
        entry: &Entry,
        said: Changed,
        unit: UnitId,
        hired_on: Option<Date>,
        report: &mut Report,
    ) -> Work {
        let Changed { key: known, before, fields: changed } = said;
        let mut after = before.clone();
        if changed.contains("rep") {
            after.name = entry.text("rep").unwrap_or_default().to_owned();
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
        work
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
