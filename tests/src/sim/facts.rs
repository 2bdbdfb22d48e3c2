//! Who may see what, worked out again from the office's records: not from the
//! server's tables of members, which are what is being tested.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::{DocKind, Generation, Header};
use client_core::id::{DeviceId, DocId, OrgId, RecordId, UnitId, UserId};
use client_core::protocol::Scope;
use client_core::records::{
    DecisionRecord, PlacementRecord, Record, RecordKind, Role, UnitRecord, UserRecord, UserStatus,
    Verdict,
};
use rusqlite::Connection;

use super::founding::Founded;

/// What the office has decided, and what there is to be seen.
pub struct Facts {
    /// Everybody.
    pub users: BTreeMap<UserId, UserRecord>,
    /// Documents on the server.
    pub headers: BTreeMap<DocId, Header>,
    /// Placements of customers and deals.
    pub placements: BTreeMap<DocId, PlacementRecord>,
    /// Which customer is which other.
    pub aliases: BTreeMap<DocId, DocId>,
    /// At which customer a visit was, where it was logged at another one.
    pub moved: BTreeMap<DocId, DocId>,
    /// Late work that somebody decided or has to decide on.
    pub cases: Vec<DecisionRecord>,
    units: Vec<UnitRecord>,
    revoked: BTreeSet<DeviceId>,
}

impl Facts {
    /// What the server's file says.
    pub fn read(server: &Connection) -> rusqlite::Result<Self> {
        let mut facts = Self {
            users: BTreeMap::new(),
            headers: headers(server)?,
            placements: BTreeMap::new(),
            aliases: BTreeMap::new(),
            moved: BTreeMap::new(),
            cases: Vec::new(),
            units: Vec::new(),
            revoked: BTreeSet::new(),
        };
        let mut statement = server.prepare_cached(
            "select kind, id, body from record
             where kind in ('user', 'unit', 'placement', 'alias', 'moved', 'decision')",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let kind: String = row.get(0)?;
            let kind = RecordKind::ALL.into_iter().find(|known| known.as_str() == kind);
            let id = RecordId::from_bytes(row.get(1)?);
            let body: Vec<u8> = row.get(2)?;
            match kind.and_then(|kind| Record::decode(kind, id, &body).ok()) {
                Some(Record::User(user)) => drop(facts.users.insert(user.id, user)),
                Some(Record::Unit(unit)) => facts.units.push(unit),
                Some(Record::Placement(placement)) => {
                    facts.placements.insert(placement.subject, placement);
                }
                Some(Record::Alias(alias)) if alias.in_force() => {
                    facts.aliases.insert(alias.from, alias.into);
                }
                Some(Record::Moved(moved)) if moved.in_force() => {
                    facts.moved.insert(moved.visit, moved.customer);
                }
                Some(Record::Decision(case)) => facts.cases.push(case),
                _ => {}
            }
        }
        let mut statement =
            server.prepare_cached("select device from device where revoked_at is not null")?;
        let revoked = statement.query_map([], |row| row.get(0).map(DeviceId::from_bytes))?;
        facts.revoked = revoked.collect::<Result<_, _>>()?;
        Ok(facts)
    }

    /// Whether somebody may talk to the server from this device.
    pub fn lets_in(&self, user: UserId, device: DeviceId) -> bool {
        let active = self.users.get(&user).is_some_and(|user| user.status == UserStatus::Active);
        active && !self.revoked.contains(&device)
    }

    /// The customer that stands for this one.
    fn stands_for(&self, customer: DocId) -> DocId {
        let mut end = customer;
        while let Some(into) = self.aliases.get(&end) {
            end = *into;
        }
        end
    }

    /// Customers that are one with this one, and itself.
    pub fn one_with(&self, customer: DocId) -> BTreeSet<DocId> {
        let end = self.stands_for(customer);
        let merged = self.aliases.keys().copied().filter(|other| self.stands_for(*other) == end);
        merged.chain([customer, end]).collect()
    }

    /// The customer that a document follows: where a visit was, whatever its header says.
    pub fn customer_of(&self, header: &Header) -> Option<DocId> {
        self.moved.get(&header.doc).copied().or(header.customer)
    }

    /// The people and units whose business a document is.
    pub fn audience(&self, header: &Header) -> BTreeSet<Scope> {
        let mut audience = BTreeSet::new();
        let placed = |doc: DocId| self.placements.get(&doc).and_then(PlacementRecord::current);
        let mut everybody_of = |doc: DocId| {
            let Some(span) = placed(doc) else { return };
            audience.insert(Scope::User(span.owner));
            audience.extend(span.collaborators.iter().copied().map(Scope::User));
            audience.insert(Scope::Unit(span.unit));
        };
        match (header.kind, self.customer_of(header)) {
            // Who holds one of them sees all that are one.
            (DocKind::Customer, _) => {
                self.one_with(header.doc).into_iter().for_each(&mut everybody_of);
            }
            // What happened at each is also the business of who holds the one that stays.
            (DocKind::Visit | DocKind::Case, Some(customer)) => {
                everybody_of(customer);
                everybody_of(self.stands_for(customer));
            }
            (DocKind::Deal, _) => everybody_of(header.doc),
            (DocKind::Visit | DocKind::Case, None) | (DocKind::Plan, _) => {}
        }
        if let (DocKind::Deal, Some(customer)) = (header.kind, header.customer) {
            let holders = [customer, self.stands_for(customer)].into_iter().filter_map(placed);
            audience.extend(holders.map(|span| Scope::User(span.owner)));
        }
        let credit = self.placements.get(&header.doc).and_then(|placement| placement.credit);
        audience.extend(credit.map(Scope::User));
        if header.kind == DocKind::Plan
            && let Some(author) = self.users.get(&header.author)
        {
            audience.extend(author.units.iter().copied().map(Scope::Unit));
        }
        if header.kind != DocKind::Customer || audience.is_empty() {
            audience.insert(Scope::User(header.author));
        }
        audience
    }

    /// Whether late work on a document waits for somebody's decision.
    pub fn waits(&self, doc: DocId) -> bool {
        self.cases.iter().any(|case| case.subject == doc && case.verdict.is_none())
    }

    /// Whether somebody decided against work on a document.
    pub fn declined(&self, doc: DocId) -> bool {
        let against = |case: &&DecisionRecord| case.verdict == Some(Verdict::Rejected);
        self.cases.iter().filter(against).any(|case| case.subject == doc)
    }

    /// All visits.
    pub fn visits(&self) -> Vec<DocId> {
        let visits = self.headers.values().filter(|header| header.kind == DocKind::Visit);
        visits.map(|header| header.doc).collect()
    }

    /// All customers.
    pub fn customers(&self) -> Vec<DocId> {
        let customers = self.headers.values().filter(|header| header.kind == DocKind::Customer);
        customers.map(|header| header.doc).collect()
    }

    /// What somebody holds: themselves, and for whoever leads, what is below.
    pub fn holds(&self, user: UserId) -> BTreeSet<Scope> {
        let mut held = BTreeSet::from([Scope::Org, Scope::User(user)]);
        let leads = self
            .users
            .get(&user)
            .filter(|user| matches!(user.role, Role::Supervisor | Role::Manager));
        for unit in &self.units {
            if leads
                .is_some_and(|user| self.above(unit.id).iter().any(|up| user.units.contains(up)))
            {
                held.insert(Scope::Unit(unit.id));
            }
        }
        held
    }

    /// A unit and everything above it.
    fn above(&self, unit: UnitId) -> Vec<UnitId> {
        let mut path = vec![unit];
        while let Some(up) = self
            .units
            .iter()
            .find(|known| Some(&known.id) == path.last())
            .and_then(|known| known.parent)
        {
            if path.contains(&up) {
                break;
            }
            path.push(up);
        }
        path
    }

    /// Whether somebody sees a document.
    pub fn sees(&self, user: UserId, header: &Header) -> bool {
        !self.audience(header).is_disjoint(&self.holds(user))
    }

    /// Everything that somebody sees.
    pub fn sight(&self, user: UserId) -> BTreeSet<DocId> {
        let held = self.holds(user);
        let seen = self.headers.values().filter(|header| !self.audience(header).is_disjoint(&held));
        seen.map(|header| header.doc).collect()
    }
}

fn headers(server: &Connection) -> rusqlite::Result<BTreeMap<DocId, Header>> {
    let org: OrgId = Founded::get().org;
    let mut statement = server.prepare_cached(
        "select doc, kind, author, coalesce(moved_from, customer), generation from doc",
    )?;
    let rows = statement.query_map([], |row| {
        let customer: Option<[u8; 16]> = row.get(3)?;
        let header = Header {
            doc: DocId::from_bytes(row.get(0)?),
            kind: DocKind::parse(&row.get::<_, String>(1)?).unwrap_or(DocKind::Customer),
            org,
            author: UserId::from_bytes(row.get(2)?),
            customer: customer.map(DocId::from_bytes),
            generation: Generation(row.get(4)?),
        };
        Ok((header.doc, header))
    })?;
    rows.collect()
}
