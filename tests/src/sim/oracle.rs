//! What must be true when everybody has settled: the union of the accepted
//! changes, filtered by access, on every phone; and nothing that was saved is gone.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::{DocKind, Header, Heads};
use client_core::id::{DocId, RecordId, UserId};
use client_core::protocol::{Scope, ScopeDigest};
use client_core::records::{Placement, PlacementRecord, Record, RecordKind};
use rusqlite::{Connection, OptionalExtension};

use super::facts::Facts;
use super::ledger::{OutboxRow, outbox, short};
use super::phone::Standing;
use super::truth::{self, TrueDoc};
use super::verdict::quarantined;
use super::world::{Broken, World, own};

/// Judges a settled world.
pub fn judge(world: &mut World<'_>) -> Result<(), Broken> {
    let eyes = world.server.eyes();
    let facts = Facts::read(eyes).map_err(own("the server's file"))?;
    world.ledger.look_at(eyes, world.server.lives)?;
    let documents = truth::documents(eyes, &facts)?;
    let truth = Truth { facts, documents, server: eyes };
    truth.nothing_is_used_twice()?;
    let ledger = &world.ledger;
    let standing = world.phones.iter().enumerate();
    let present = standing.filter(|(_number, phone)| phone.standing == Standing::In);
    let present = present.map(|(number, _phone)| number).collect();
    if let Some(broken) = ledger.not_given_back(&present, eyes) {
        return Err(broken);
    }
    if let Some(broken) = ledger.back_again(eyes)? {
        return Err(broken);
    }
    for number in 0..world.phones.len() {
        let phone = &mut world.phones[number];
        let (user, standing) = (phone.user, phone.standing);
        let holds = phone.holds_data();
        let rows = match holds {
            true => outbox(phone.eyes()).map_err(own("an outbox"))?,
            false => BTreeMap::new(),
        };
        let said = |broken: Broken| format!("phone {number}: {broken}");
        let mine = ledger.saved.iter().filter(|(_hash, saved)| saved.phones.contains(&number));
        for (hash, saved) in mine {
            let kept = rows.get(hash).is_some_and(|row| {
                standing == Standing::Out || !["saved", "sent"].contains(&row.state.as_str())
            });
            // Who may not come back cannot give anything back.
            let kept = kept || (standing == Standing::Out && ledger.is_kept_by(number, hash));
            let safe = ledger.on_server.contains(hash)
                || ledger.rescued.contains(hash)
                || ledger.emptied.contains(hash)
                || ledger.is_lost_with_the_server(hash);
            if !kept && !safe && !ledger.is_said_otherwise(saved, eyes, &rows)? {
                return Err(said(format!("{} of {} is lost", short(hash), saved.doc)));
            }
        }
        if standing == Standing::In {
            truth.holds_on(user, world.phones[number].eyes(), &rows).map_err(said)?;
        }
    }
    Ok(())
}

/// What the server has, and who may see it.
struct Truth<'a> {
    facts: Facts,
    documents: BTreeMap<DocId, TrueDoc>,
    server: &'a Connection,
}

/// A document as a phone has it.
struct Held {
    acked: Option<Vec<u8>>,
    heads: Vec<u8>,
    row: Option<Vec<u8>>,
    /// At which customer its screens show a visit.
    at: Option<DocId>,
}

impl Truth<'_> {
    /// One actor, one number, one change.
    fn nothing_is_used_twice(&self) -> Result<(), Broken> {
        let twice: u32 = self
            .server
            .query_row(
                "select count(*) from (select 1 from change
                 group by doc, generation, actor, actor_seq having count(distinct hash) > 1)",
                [],
                |row| row.get(0),
            )
            .map_err(own("the log"))?;
        if twice == 0 { Ok(()) } else { Err(format!("{twice} sequence numbers were used twice")) }
    }

    fn holds_on(
        &self,
        user: UserId,
        replica: &Connection,
        rows: &BTreeMap<client_core::docs::ChangeHash, OutboxRow>,
    ) -> Result<(), Broken> {
        let held = held(replica).map_err(own("its documents"))?;
        let sight = self.facts.sight(user);
        let kept_back: BTreeSet<DocId> = rows.values().map(|row| row.doc).collect();
        if let Some(doc) = sight.iter().find(|doc| !held.contains_key(*doc)) {
            return Err(format!("it lacks {}", self.name(*doc)));
        }
        for (doc, held) in &held {
            if !sight.contains(doc) && !kept_back.contains(doc) {
                return Err(format!("it still has {}, which is not to be seen", self.name(*doc)));
            }
            let Some(truth) = self.documents.get(doc) else { continue };
            if held.acked.as_deref() != Some(&truth.heads.to_bytes()) && sight.contains(doc) {
                return Err(format!("it takes other heads of {} to be stored", self.name(*doc)));
            }
            if kept_back.contains(doc) || !sight.contains(doc) {
                continue;
            }
            if held.heads != truth.heads.to_bytes() {
                return Err(format!("it has other heads of {}", self.name(*doc)));
            }
            if held.row.as_ref() != Some(&truth.row) {
                return Err(format!("its screens show another {}", self.name(*doc)));
            }
            let visit = self.facts.headers.get(doc).filter(|header| header.kind == DocKind::Visit);
            if visit.is_some_and(|visit| held.at != self.facts.customer_of(visit)) {
                return Err(format!("it shows {} at another customer", self.name(*doc)));
            }
        }
        for (hash, row) in rows {
            if row.given {
                let (hash, doc) = (short(hash), self.name(row.doc));
                return Err(format!("{hash} of {doc} was to be given back, and is {}", row.state));
            }
            let waits = quarantined(self.server, row.doc, &row.bytes) && self.facts.waits(row.doc);
            if row.state == "quarantined" && !waits {
                let (hash, doc) = (short(hash), self.name(row.doc));
                return Err(format!("{hash} of {doc} waits for a decision nobody can make"));
            }
        }
        self.scopes_add_up(user, replica)?;
        self.records_arrived(user, replica)?;
        self.no_other_records(replica)
    }

    /// What another life of the server decided does not stand any more.
    fn no_other_records(&self, replica: &Connection) -> Result<(), Broken> {
        let mut known = self
            .server
            .prepare_cached("select 1 from record where kind = ?1 and id = ?2")
            .map_err(own("records"))?;
        let mut statement =
            replica.prepare_cached("select kind, id from record").map_err(own("its records"))?;
        let mut rows = statement.query([]).map_err(own("its records"))?;
        while let Some(row) = rows.next().map_err(own("its records"))? {
            let read = || Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?));
            let (kind, id): (String, [u8; 16]) = read().map_err(own("its records"))?;
            if !known.exists((&kind, id)).map_err(own("records"))? {
                let id = RecordId::from_bytes(id);
                return Err(format!("it has a {kind} record {id} that the server does not have"));
            }
        }
        Ok(())
    }

    fn name(&self, doc: DocId) -> String {
        let kind = self.facts.headers.get(&doc).map_or("document", |header| header.kind.as_str());
        format!("{kind} {doc}")
    }

    /// Every scope somebody holds was sent completely, with the right count and digest.
    fn scopes_add_up(&self, user: UserId, replica: &Connection) -> Result<(), Broken> {
        let mut found: BTreeMap<String, [(i64, Vec<u8>); 2]> = BTreeMap::new();
        let mut statement = replica
            .prepare_cached(
                "select scope, server_count, server_sum, local_count, local_sum from scope",
            )
            .map_err(own("its scopes"))?;
        let mut rows = statement.query([]).map_err(own("its scopes"))?;
        while let Some(row) = rows.next().map_err(own("its scopes"))? {
            let read = || {
                let sums = [(row.get(1)?, row.get(2)?), (row.get(3)?, row.get(4)?)];
                Ok::<_, rusqlite::Error>((row.get(0)?, sums))
            };
            let (scope, sums) = read().map_err(own("its scopes"))?;
            found.insert(scope, sums);
        }
        for scope in self.facts.holds(user) {
            let expected = self.digest(scope);
            let expected = (i64::try_from(expected.count).unwrap_or(0), expected.digest.to_vec());
            let Some([server, local]) = found.get(&scope.to_string()) else {
                return Err(format!("{scope} was never complete"));
            };
            if *server != expected {
                let (here, there) = (expected.0, server.0);
                return Err(format!(
                    "the server's digest of {scope} is wrong ({there} for {here})"
                ));
            }
            if *local != expected {
                let (here, there) = (expected.0, local.0);
                return Err(format!("its digest of {scope} is wrong ({there} for {here})"));
            }
        }
        Ok(())
    }

    fn digest(&self, scope: Scope) -> ScopeDigest {
        let members = self
            .facts
            .headers
            .values()
            .filter(|header: &&Header| self.facts.audience(header).contains(&scope));
        members.fold(ScopeDigest::empty(scope), |digest, header| {
            let heads: Heads = self.documents[&header.doc].heads.clone();
            digest.plus(ScopeDigest::term(header.doc, header.generation, &heads))
        })
    }

    /// Records of what somebody holds are there in their last version.
    fn records_arrived(&self, user: UserId, replica: &Connection) -> Result<(), Broken> {
        let held = self.facts.holds(user);
        let mut statement = self
            .server
            .prepare_cached("select kind, id, body from record")
            .map_err(own("records"))?;
        let mut rows = statement.query([]).map_err(own("records"))?;
        while let Some(row) = rows.next().map_err(own("records"))? {
            let read = || Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?, row.get(2)?));
            let (kind, id, body): (String, [u8; 16], Vec<u8>) = read().map_err(own("records"))?;
            let known = RecordKind::ALL.into_iter().find(|known| known.as_str() == kind);
            let record =
                known.and_then(|kind| Record::decode(kind, RecordId::from_bytes(id), &body).ok());
            let read = |record: &Record| match record {
                // Where its visit is.
                Record::Moved(moved) => {
                    let visit = self.facts.headers.get(&moved.visit);
                    visit.is_some_and(|visit| !self.facts.audience(visit).is_disjoint(&held))
                }
                record => !readers(record).is_disjoint(&held),
            };
            let Some(record) = record.filter(read) else { continue };
            let here: Option<Vec<u8>> = replica
                .prepare_cached("select body from record where kind = ?1 and id = ?2")
                .and_then(|mut found| found.query_row((&kind, id), |row| row.get(0)))
                .ok();
            if here.as_ref() != Some(&body) {
                let how = if here.is_some() { "an older version of" } else { "no" };
                return Err(format!("it has {how} {kind} record {}", record.id()));
            }
        }
        Ok(())
    }
}

/// Whose business a record is. A placement stays with everybody it ever named.
fn readers(record: &Record) -> BTreeSet<Scope> {
    match record {
        Record::Placement(PlacementRecord { spans, .. }) => {
            let of = |span: &Placement| {
                let people = span.collaborators.iter().copied().chain([span.owner]);
                people.map(Scope::User).chain([Scope::Unit(span.unit)]).collect::<Vec<_>>()
            };
            spans.iter().flat_map(of).collect()
        }
        // At least whose work it is, who leads where it was held, and whom it went to.
        Record::Decision(decision) => std::iter::once(Scope::User(decision.author))
            .chain(decision.unit.map(Scope::Unit))
            .chain(decision.to.map(Scope::User))
            .collect(),
        Record::Scorecard(_)
        | Record::Target(_)
        | Record::Alias(_)
        | Record::Void(_)
        | Record::Moved(_) => BTreeSet::new(),
        _ => BTreeSet::from([Scope::Org]),
    }
}

fn held(replica: &Connection) -> rusqlite::Result<BTreeMap<DocId, Held>> {
    let mut held = BTreeMap::new();
    let mut statement = replica.prepare_cached("select id, kind, acked, heads from doc")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: [u8; 16] = row.get(0)?;
        let kind: String = row.get(1)?;
        let kind = DocKind::parse(&kind).map_or("customer", DocKind::as_str);
        let body = replica
            .prepare_cached(&format!("select body from {kind} where doc = ?1"))
            .and_then(|mut found| found.query_row([id], |row| row.get(0)))
            .ok();
        let at: Option<[u8; 16]> = match kind {
            "visit" => replica
                .prepare_cached("select customer from visit where doc = ?1")?
                .query_row([id], |row| row.get(0))
                .optional()?
                .flatten(),
            _ => None,
        };
        let at = at.map(DocId::from_bytes);
        let doc = Held { acked: row.get(2)?, heads: row.get(3)?, row: body, at };
        held.insert(DocId::from_bytes(id), doc);
    }
    Ok(held)
}
