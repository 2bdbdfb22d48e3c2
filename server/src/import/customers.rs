//! Customers.
//!
//! Who holds a customer is a record and not part of it. A file that names no owner
//! leaves the customer nobody's; the deals that are imported next elect one. What
//! has no field of its own goes to the notes, a line each, so that nothing in the
//! file is lost and a later file changes its own lines only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use client_core::docs::customer::{Channel, CustomerEdit, CustomerState};
use client_core::docs::{DocKind, EditError, Generation, Header};
use client_core::id::{DocId, ItemId, UserId};
use client_core::names::{Region, parse_phone};
use client_core::projection::DocState;
use client_core::records::{Placement, PlacementRecord, Record, Tier};
use client_core::time::Timestamp;

use super::ImportError;
use super::entry::{Entry, Fields, Refusal, Wrong, renoted};
use super::map::Mapping;
use super::people::People;
use super::session::{Draft, Made, Session, Target, Work, Write};
use crate::office::follow;
use crate::storage::model::{ExternalKey, ExternalKind};
use crate::storage::{Documents, Imports};

/// Fields that stand in the document; the others are records or notes.
const IN_DOCUMENT: [&str; 8] =
    ["name", "alias", "industry", "size", "region", "address", "phone", "channel"];

/// What is needed to import customers.
pub(super) struct Customers {
    people: People,
}

/// What a row says beside texts.
struct Said {
    owner: Option<UserId>,
    tier: Option<Tier>,
    created: Option<Timestamp>,
}

impl Customers {
    pub(super) async fn read(session: &Session) -> Result<Self, ImportError> {
        Ok(Self { people: People::read(session).await? })
    }

    /// What a batch of rows writes.
    pub(super) async fn rows(
        &mut self,
        session: &Session,
        mapping: &Mapping,
        entries: &[Entry],
        refused: &mut Vec<Refusal>,
    ) -> Result<Vec<Work>, ImportError> {
        let storage = session.app.storage();
        let keys: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        let kind = ExternalKind::Customer;
        let known = storage.external_keys(session.org, &session.source, kind, keys).await?;
        let known: BTreeMap<String, ExternalKey> =
            known.into_iter().map(|key| (key.key.clone(), key)).collect();
        let unknown: Vec<&Entry> =
            entries.iter().filter(|entry| !known.contains_key(&entry.key)).collect();
        let mut erased = session.erased(kind, &unknown, "name").await?;
        let mut works = Vec::new();
        for entry in entries {
            if let Some(refusal) = erased.remove(&entry.line) {
                refused.push(refusal);
                continue;
            }
            let before = known.get(&entry.key);
            let fields = before.map(|known| known.fields.clone()).unwrap_or_default();
            let changed = entry.changes(&fields, mapping);
            if before.is_some() && changed.is_empty() {
                continue;
            }
            let said = match self.said(session, mapping, entry) {
                Ok(said) => said,
                Err(refusals) => {
                    refused.extend(refusals);
                    continue;
                }
            };
            works.push(match before {
                Some(known) => self.again(session, entry, &said, known, changed).await?,
                None => self.first(session, entry, &said, changed).await?,
            });
        }
        Ok(works)
    }

    /// What the row says, or all that is wrong with it.
    fn said(
        &self,
        session: &Session,
        mapping: &Mapping,
        entry: &Entry,
    ) -> Result<Said, Vec<Refusal>> {
        let mut wrong = Wrong::default();
        let owner = entry.text("owner").map(|owner| self.people.holder(owner).map(|one| one.id));
        let owner = wrong.taken(owner.transpose().map_err(|why| entry.refuse("owner", why)));
        let tier = entry.text("tier").map(|tier| {
            let unknown = || entry.refuse("tier", "a tier is a, b or c");
            Tier::parse(&tier.to_lowercase()).ok_or_else(unknown)
        });
        let tier = wrong.taken(tier.transpose());
        let created = entry.text("created").map(|day| mapping.map.date.read(day)).transpose();
        let created = wrong.taken(created.map_err(|why| entry.refuse("created", why)));
        if let Some(channel) = entry.text("channel")
            && !Channel::KNOWN.iter().any(|known| known.as_str() == channel)
        {
            let why = "a channel is direct, distribution or online";
            wrong.taken::<()>(Err(entry.refuse("channel", why)));
        }
        let said = owner.zip(tier).zip(created).map(|((owner, tier), created)| Said {
            owner,
            tier,
            created: created.map(|day| session.start_of(day)),
        });
        wrong.all(said)
    }

    /// A customer that this source never named before: a new one, or the only one of
    /// that name, which keeps what it says already.
    async fn first(
        &self,
        session: &Session,
        entry: &Entry,
        said: &Said,
        mut changed: BTreeSet<String>,
    ) -> Result<Work, ImportError> {
        let storage = session.app.storage();
        let name = entry.text("name").unwrap_or_default().to_owned();
        let namesakes = storage.customers_named(session.org, vec![name.clone()]).await?;
        let all = entry.fields.clone();
        if let [(_name, doc)] = namesakes.as_slice()
            && let Some(row) = storage.row(session.org, *doc).await?
            && let DocState::Customer(customer) = &row.state
            && !called_otherwise(session, *doc, &name).await?
        {
            changed.retain(|field| !says_already(&customer.value, field));
            let mut work = Work::new(entry.line, Made::Changed);
            work.document = draft(Target::There(*doc), entry, said, &Fields::new(), &changed);
            if let (Some(owner), None) = (said.owner, self.held(session, *doc).await?) {
                let placement = self.placement(session, *doc, None, owner, said);
                work.records.extend(placement.map(Record::Placement));
            }
            let key = ExternalKind::Customer;
            work.keys.push(session.key(key, &entry.key, *doc.as_bytes(), all));
            return Ok(work);
        }
        let doc = session.fresh(DocId::new);
        let header = Header {
            doc,
            kind: DocKind::Customer,
            org: session.org,
            author: said.owner.unwrap_or(session.by.id),
            customer: None,
            generation: Generation::default(),
        };
        let mut work = Work::new(entry.line, Made::Created);
        work.document = draft(Target::New(header), entry, said, &Fields::new(), &changed);
        let placed = said.owner.and_then(|owner| self.placement(session, doc, None, owner, said));
        if let Some(draft) = &mut work.document {
            draft.placement = Some(placed.unwrap_or_else(|| nobodys(doc)));
        }
        work.keys.push(session.key(ExternalKind::Customer, &entry.key, *doc.as_bytes(), all));
        Ok(work)
    }

    /// A customer of which the file says something else than before.
    async fn again(
        &self,
        session: &Session,
        entry: &Entry,
        said: &Said,
        known: &ExternalKey,
        changed: BTreeSet<String>,
    ) -> Result<Work, ImportError> {
        let doc = DocId::from_bytes(known.id);
        let mut work = Work::new(entry.line, Made::Changed);
        work.document = draft(Target::There(doc), entry, said, &known.fields, &changed);
        if changed.contains("owner") || changed.contains("tier") {
            let held = self.held(session, doc).await?;
            let owner = said.owner.filter(|_owner| changed.contains("owner"));
            let owner = owner.or_else(|| Some(held.as_ref()?.current()?.owner));
            if let Some(owner) = owner {
                let placement = self.placement(session, doc, held, owner, said);
                work.records.extend(placement.map(Record::Placement));
            }
        }
        let fields = entry.merged(&known.fields, &changed);
        work.keys.push(session.key(ExternalKind::Customer, &entry.key, known.id, fields));
        Ok(work)
    }

    async fn held(
        &self,
        session: &Session,
        doc: DocId,
    ) -> Result<Option<PlacementRecord>, ImportError> {
        let held = session.office.placement(doc).await?;
        Ok(held.filter(|held| held.current().is_some()))
    }

    /// The placement with the owner of the file in it from now on, or from the first
    /// day if there was none.
    fn placement(
        &self,
        session: &Session,
        doc: DocId,
        held: Option<PlacementRecord>,
        owner: UserId,
        said: &Said,
    ) -> Option<PlacementRecord> {
        let now = session.now();
        let standing = held.as_ref().and_then(PlacementRecord::current).cloned();
        let from = if standing.is_some() { now } else { said.created.unwrap_or(now).min(now) };
        let collaborators = standing.as_ref().map(|span| span.collaborators.clone());
        let collaborators = collaborators.unwrap_or_default();
        let next = Placement {
            from,
            until: None,
            owner,
            collaborators: collaborators.into_iter().filter(|user| *user != owner).collect(),
            unit: match &standing {
                Some(span) if span.owner == owner => span.unit,
                _ => self.people.unit_of(owner),
            },
            tier: said.tier.or(standing.and_then(|span| span.tier)),
            left_with: None,
        };
        // Spans that began later than now were made by a clock that is ahead; they stay.
        follow(held, doc, DocKind::Customer, next).ok()
    }
}

/// Whether the source has another key for a customer than its name: two keys are two
/// customers, whatever they are called.
async fn called_otherwise(session: &Session, doc: DocId, name: &str) -> Result<bool, ImportError> {
    let kind = ExternalKind::Customer;
    let keys = session.app.storage().external_keys_for(session.org, kind, *doc.as_bytes()).await?;
    Ok(keys.iter().any(|known| known.source == session.source && known.key != name))
}

/// A placement of a customer that nobody holds yet.
fn nobodys(doc: DocId) -> PlacementRecord {
    PlacementRecord { subject: doc, kind: DocKind::Customer, spans: Vec::new(), credit: None }
}

fn says_already(customer: &CustomerState, field: &str) -> bool {
    match field {
        "name" => customer.name.is_some(),
        "industry" => customer.industry.is_some(),
        "size" => customer.size_band.is_some(),
        "region" => customer.region.is_some(),
        "address" => customer.address.is_some(),
        "channel" => customer.channel.is_some(),
        "created" => customer.created_at.is_some(),
        _ => false,
    }
}

/// The document with the changed fields; none if all that changed is who holds it.
fn draft(
    target: Target,
    entry: &Entry,
    said: &Said,
    before: &Fields,
    changed: &BTreeSet<String>,
) -> Option<Draft> {
    let in_document = |field: &String| {
        field == "created" || field.starts_with("note:") || IN_DOCUMENT.contains(&field.as_str())
    };
    if !changed.iter().any(in_document) {
        return None;
    }
    let (entry, before, changed) = (entry.clone(), before.clone(), changed.clone());
    let created = said.created;
    let is_new = matches!(target, Target::New(_));
    let write: Write = Arc::new(move |document, context| {
        // What is new says nothing yet.
        let notes = if is_new { None } else { CustomerState::read(document).value.notes };
        let notes = renoted(notes.as_deref(), &entry, &before, &changed);
        document.edit_customer(context, |customer| {
            put(customer, &entry, &changed, created)?;
            if changed.iter().any(|field| field.starts_with("note:")) {
                customer.set_notes(notes.as_deref())?;
            }
            Ok(())
        })
    });
    Some(Draft { target, write, placement: None })
}

fn put(
    customer: &mut CustomerEdit<'_>,
    entry: &Entry,
    changed: &BTreeSet<String>,
    created: Option<Timestamp>,
) -> Result<(), EditError> {
    for field in changed {
        let text = entry.text(field);
        match field.as_str() {
            "name" => customer.set_name(text)?,
            "industry" => customer.set_industry(text)?,
            "size" => customer.set_size_band(text)?,
            "region" => customer.set_region(text)?,
            "address" => customer.set_address(text)?,
            "channel" => customer.set_channel(text.map(Channel::from))?,
            "created" => customer.set_created_at(created)?,
            "alias" => match text {
                Some(alias) => customer.add_alias(item(b"alias"), alias)?,
                None => customer.remove_alias(item(b"alias"))?,
            },
            "phone" => match text {
                Some(phone) => {
                    customer.add_phone(item(b"phone"), &parse_phone(phone, Region::CN))?;
                }
                None => customer.remove_phone(item(b"phone"))?,
            },
            _ => {}
        }
    }
    Ok(())
}

/// The id of the thing that an import keeps in a document under this name: always the
/// same, so that a later file replaces it.
pub(super) fn item(name: &[u8]) -> ItemId {
    use sha2::{Digest, Sha256};
    let digest: [u8; 32] =
        Sha256::new().chain_update(b"fieldsync import 1 ").chain_update(name).finalize().into();
    ItemId::from_bytes(*digest.first_chunk::<16>().unwrap_or(&[0; 16]))
}
