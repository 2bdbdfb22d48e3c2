//! Erasing what is personal.
//!
//! A document's history cannot be edited, so each document that holds something
//! about the person begins a new generation without it; phones are told, forget the
//! old one and write what they had not sent again. What was erased is written into
//! a ledger first: a backup brings the data back, and the ledger, which is in no
//! backup, erases it again.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::{DocKind, EditContext, Generation, NewChange, Redaction, Restarted};
use client_core::id::{ActorId, DeviceId, DocId, ItemId, OrgId, RecordId, ReplicaId, UserId};
use client_core::projection::DocState;
use client_core::records::UserStatus;
use serde::Serialize;

use super::Office;
use crate::erasures::{Entry, ErasedDoc, Ledger, LedgerError};
use crate::relay;
use crate::scoring::{self, ScoringError};
use crate::storage::model::{
    AuditEntry, CommitOutcome, DocCommit, ErasedAccount, ErasedKey, NO_PASSWORD, NewGeneration,
    NewLogChange, Origin, RedactedDoc, Row,
};
use crate::storage::{Documents, Erasures, Invitations, Scores, StorageError};

/// The author of what the server writes by itself. No person has this id.
pub const SERVER: UserId = UserId::from_bytes(*b"fieldsync-server");

/// How often a document that others write meanwhile is begun anew.
const ROUNDS: usize = 16;

/// Whose data is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "what", content = "id")]
pub enum Erase {
    /// A contact of customers.
    Person(ItemId),
    /// A customer: its personal fields, and the personal texts of what followed it.
    Customer(DocId),
    /// Somebody who worked here: name, login, devices, where they were when they checked
    /// in. Their work stays, and counts.
    Rep(UserId),
}

impl Erase {
    /// What it leaves out of a document that follows `customer`.
    pub(crate) fn redaction(&self, customer: Option<DocId>) -> Redaction {
        match *self {
            Self::Person(contact) => Redaction::Person(contact),
            Self::Customer(erased) => Redaction::Customer(customer.unwrap_or(erased)),
            Self::Rep(_) => Redaction::Rep,
        }
    }
}

/// What an erasure came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Whose data.
    #[serde(flatten)]
    pub subject: Erase,
    /// Documents that began, or in a dry run would begin, a new generation.
    pub documents: Vec<ErasedDoc>,
    /// Cards computed again, because they named what was erased.
    pub scorecards: usize,
    /// Nothing was changed.
    pub dry_run: bool,
}

/// Why nothing was erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// No document holds such a contact.
    #[error("no customer has or ever had a contact {person}")]
    UnknownPerson {
        /// What was given.
        person: ItemId,
    },
    /// There is no such customer.
    #[error("there is no customer {customer}")]
    UnknownCustomer {
        /// What was given.
        customer: DocId,
    },
    /// There is no such user.
    #[error("there is no user {user}")]
    UnknownUser {
        /// What was given.
        user: UserId,
    },
    /// Somebody who still works here.
    #[error("{name} can still sign in: disable the person first, then erase")]
    StillActive {
        /// Who.
        name: String,
    },
    /// There is no such document.
    #[error("there is no document {doc}")]
    UnknownDocument {
        /// What was given.
        doc: DocId,
    },
    /// A document could not be begun anew.
    #[error("the document {doc} could not be begun anew: {reason}")]
    Document {
        /// Which.
        doc: DocId,
        /// Why.
        reason: String,
    },
    /// The ledger could not be written; nothing was erased.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Cards that name what was erased could not be computed again.
    #[error(transparent)]
    Scoring(#[from] ScoringError),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What had to be erased again.
#[derive(Debug, Default)]
pub(crate) struct Again {
    /// How many documents began anew.
    pub(crate) docs: usize,
    /// A former user's account.
    pub(crate) account: bool,
}

/// A document to be begun anew.
struct Planned {
    doc: DocId,
    redaction: Redaction,
    generation: Generation,
}

impl Office {
    /// Erases, or in a dry run says what would be. Doing it again does no harm.
    pub async fn erase(
        &self,
        subject: Erase,
        ledger: &Ledger,
        reason: Option<&str>,
        dry_run: bool,
    ) -> Result<Erased, EraseError> {
        let planned = self.plan(subject).await?;
        let documents: Vec<ErasedDoc> = planned
            .iter()
            .map(|planned| ErasedDoc { doc: planned.doc, generation: planned.generation })
            .collect();
        let mut erased = Erased { subject, documents, scorecards: 0, dry_run };
        if dry_run {
            return Ok(erased);
        }
        let keys = self.keys_to_erase(subject, &planned).await?;
        // First, so that an erasure that was cut off is finished by a replay.
        ledger.append(&Entry {
            at: self.now(),
            org: self.org,
            subject,
            reason: reason.map(str::to_owned),
            docs: erased.documents.clone(),
            keys: keys.clone(),
        })?;
        let redacted = planned.iter().map(|Planned { doc, redaction, generation }| RedactedDoc {
            doc: *doc,
            redaction: *redaction,
            generation: *generation,
        });
        self.app.storage().remember_erased(self.org, keys, redacted.collect()).await?;
        self.app.forget_redacted(self.org);
        for planned in planned {
            let Planned { doc, redaction, generation } = planned;
            self.begin_anew(doc, redaction, generation, true, written_by_the_server()).await?;
        }
        if let Erase::Rep(user) = subject {
            self.erase_account(user).await?;
        }
        self.note_erasure(subject).await?;
        erased.scorecards = self.settle_erasure().await?;
        Ok(erased)
    }

    /// Erases again what a restored file brought back; gives what had to be. `stood` are
    /// the generations that the file held before anything was erased again.
    pub(crate) async fn erase_again(
        &self,
        entry: &Entry,
        stood: &mut BTreeMap<(OrgId, DocId), Generation>,
    ) -> Result<Again, EraseError> {
        let mut again = Again::default();
        for known in &entry.docs {
            let Some(held) = self.app.storage().document(self.org, known.doc).await? else {
                continue;
            };
            let stood = stood.entry((self.org, known.doc)).or_insert(held.header.generation);
            if *stood >= known.generation {
                continue;
            }
            let redaction = entry.subject.redaction(held.header.customer);
            // Phones hold the generation that was begun before the restore.
            let generation = known.generation.next(self.now());
            let origin = Origin { replica: Origin::LEFT_AGAIN, ..written_by_the_server() };
            self.begin_anew(known.doc, redaction, generation, true, origin).await?;
            again.docs += 1;
        }
        if let Erase::Rep(user) = entry.subject
            && let Some(found) = self.user(user).await?
            && found.name != pseudonym(user)
        {
            self.erase_account(user).await?;
            again.account = true;
        }
        Ok(again)
    }

    /// Computes what named the erased again, and leaves nothing of it in the file.
    pub(crate) async fn settle_erasure(&self) -> Result<usize, EraseError> {
        let published = scoring::recompute_dirty(&self.app).await?;
        self.app.storage().compact().await?;
        Ok(published)
    }

    /// Begins a document's history anew with everything that stands in it: for one
    /// that has grown to its limit.
    pub async fn begin_history_anew(&self, doc: DocId) -> Result<Generation, EraseError> {
        let held = self.app.storage().document(self.org, doc).await?;
        let held = held.ok_or(EraseError::UnknownDocument { doc })?;
        let generation = held.header.generation.next(self.now());
        let origin = written_by_the_server();
        self.begin_anew(doc, Redaction::Nothing, generation, false, origin).await?;
        Ok(generation)
    }

    async fn plan(&self, subject: Erase) -> Result<Vec<Planned>, EraseError> {
        let found: Vec<(DocId, Redaction)> = match subject {
            Erase::Person(person) => self.mentioning(person).await?,
            Erase::Customer(customer) => self.of_customer(customer).await?,
            Erase::Rep(user) => {
                let found = self.user(user).await?.ok_or(EraseError::UnknownUser { user })?;
                if found.status == UserStatus::Active {
                    return Err(EraseError::StillActive { name: found.name });
                }
                self.places_of(user).await?
            }
        };
        let mut planned = Vec::with_capacity(found.len());
        for (doc, redaction) in found {
            if let Some(held) = self.app.storage().document(self.org, doc).await? {
                let generation = held.header.generation.next(self.now());
                planned.push(Planned { doc, redaction, generation });
            }
        }
        Ok(planned)
    }

    /// What files call what is erased. A person is a part of customers, which stay.
    async fn keys_to_erase(
        &self,
        subject: Erase,
        planned: &[Planned],
    ) -> Result<Vec<ErasedKey>, StorageError> {
        let (docs, users) = match subject {
            Erase::Person(_) => return Ok(Vec::new()),
            Erase::Customer(_) => (planned.iter().map(|planned| planned.doc).collect(), Vec::new()),
            Erase::Rep(user) => (Vec::new(), vec![user]),
        };
        self.app.storage().keys_to_erase(self.org, docs, users).await
    }

    /// The visits that say where somebody was, or did at some time.
    async fn places_of(&self, user: UserId) -> Result<Vec<(DocId, Redaction)>, EraseError> {
        let rows = self.app.storage().rows_for_rep(self.org, user).await?;
        let checked = |row: &Row| match &row.state {
            DocState::Visit(visit) => {
                let visit = &visit.value;
                row.header.author == user && (visit.check_in.is_some() || visit.check_out.is_some())
            }
            _ => false,
        };
        let places = rows.iter().filter(|row| checked(row));
        Ok(places.map(|row| (row.header.doc, Redaction::Rep)).collect())
    }

    /// Every customer that has or ever had the contact, and visits that met them.
    async fn mentioning(&self, person: ItemId) -> Result<Vec<(DocId, Redaction)>, EraseError> {
        let storage = self.app.storage();
        let mut found = Vec::new();
        for doc in storage.documents_of(self.org, DocKind::Customer).await? {
            if !self.mentions(doc, person).await? {
                continue;
            }
            found.push((doc, Redaction::Person(person)));
            for row in storage.rows_of_customer(self.org, doc).await? {
                let visit = row.header.kind == DocKind::Visit;
                if visit && self.mentions(row.header.doc, person).await? {
                    found.push((row.header.doc, Redaction::Person(person)));
                }
            }
        }
        if found.is_empty() { Err(EraseError::UnknownPerson { person }) } else { Ok(found) }
    }

    async fn mentions(&self, doc: DocId, person: ItemId) -> Result<bool, EraseError> {
        let Some(held) = relay::held(&self.app, self.org, doc).await? else { return Ok(false) };
        Ok(blocking(move || held.document.mentions(person)).await?)
    }

    /// A customer with those merged into it, what followed them, and plans that name them.
    async fn of_customer(&self, customer: DocId) -> Result<Vec<(DocId, Redaction)>, EraseError> {
        let storage = self.app.storage();
        let held = storage.document(self.org, customer).await?;
        if held.is_none_or(|held| held.header.kind != DocKind::Customer) {
            return Err(EraseError::UnknownCustomer { customer });
        }
        let aliases = self.aliases().await?;
        let all: BTreeSet<DocId> =
            aliases.merged_into(customer).chain(std::iter::once(customer)).collect();
        let mut found: Vec<(DocId, Redaction)> =
            all.iter().map(|customer| (*customer, Redaction::Customer(*customer))).collect();
        for row in storage.rows_of_customer(self.org, customer).await? {
            let of = row.header.customer.unwrap_or(customer);
            found.push((row.header.doc, Redaction::Customer(of)));
        }
        for plan in storage.documents_of(self.org, DocKind::Plan).await? {
            let row = storage.row(self.org, plan).await?;
            let Some(DocState::Plan(state)) = row.map(|row| row.state) else { continue };
            let stops = state.value.stops.values().filter_map(|stop| stop.customer);
            let tasks = state.value.key_tasks.values().filter_map(|task| task.customer);
            let named: BTreeSet<DocId> =
                stops.chain(tasks).filter(|customer| all.contains(customer)).collect();
            found.extend(named.into_iter().map(|customer| (plan, Redaction::Customer(customer))));
        }
        Ok(found)
    }

    async fn begin_anew(
        &self,
        doc: DocId,
        redaction: Redaction,
        wanted: Generation,
        erased: bool,
        origin: Origin,
    ) -> Result<(), EraseError> {
        let failed = |reason: String| EraseError::Document { doc, reason };
        for _round in 0..ROUNDS {
            let held = relay::held(&self.app, self.org, doc).await?;
            let held = held.ok_or(EraseError::UnknownDocument { doc })?;
            let generation = wanted.max(Generation(held.document.header().generation.0 + 1));
            let context = EditContext { actor: self.fresh(ActorId::new), at: self.now() };
            let revision = held.revision;
            let document = held.document;
            let anew =
                move || (document.restart(generation, redaction, &context), document.things());
            let (made, things) = blocking(anew).await?;
            let made = made.map_err(|error| failed(error.to_string()))?;
            let bytes = made.document.snapshot().len();
            let document = made.document.clone();
            let commit = self.first_commit(made, revision, context.actor, origin);
            let new = NewGeneration { commit, things, erased, came_back: None, aside: Vec::new() };
            match self.app.storage().restart(self.org, new).await? {
                CommitOutcome::Committed(_) => {
                    relay::keep(&self.app, document, revision, bytes);
                    return Ok(());
                }
                CommitOutcome::Stale => {}
                CommitOutcome::Failed => return Err(failed("it could not be stored".to_owned())),
            }
        }
        Err(failed(format!("it was written {ROUNDS} times in between")))
    }

    /// The commit that begins a generation, in the server's own name.
    fn first_commit(
        &self,
        made: Restarted,
        expected: u64,
        actor: ActorId,
        origin: Origin,
    ) -> DocCommit {
        let Restarted { document, changes } = made;
        let log = |change: NewChange| NewLogChange {
            hash: change.hash,
            actor,
            seq: change.seq,
            bytes: change.bytes,
        };
        DocCommit {
            header: *document.header(),
            expected,
            changes: changes.into_iter().map(log).collect(),
            heads: document.heads(),
            snapshot: document.snapshot(),
            operations: document.operations(),
            state: DocState::read(&document),
            conflicts: document.written_concurrently(),
            origin,
            at: self.now(),
            placement: None,
        }
    }

    async fn erase_account(&self, user: UserId) -> Result<(), EraseError> {
        let mut found = self.user(user).await?.ok_or(EraseError::UnknownUser { user })?;
        found.name = pseudonym(user);
        found.hired_on = None;
        found.locale = None;
        let account = ErasedAccount {
            user: found,
            login: format!("erased-{user}"),
            password: NO_PASSWORD.to_owned(),
        };
        Ok(self.app.storage().erase_account(self.org, account, self.now()).await?)
    }

    async fn note_erasure(&self, subject: Erase) -> Result<(), StorageError> {
        let (what, id) = match subject {
            Erase::Person(person) => ("erase.person", *person.as_bytes()),
            Erase::Customer(customer) => ("erase.customer", *customer.as_bytes()),
            Erase::Rep(user) => ("erase.rep", *user.as_bytes()),
        };
        let entry = AuditEntry {
            at: self.now(),
            user: None,
            device: None,
            what: what.to_owned(),
            subject: Some(RecordId::from_bytes(id)),
            detail: None,
        };
        self.app.storage().note(self.org, entry).await
    }
}

/// The origin of what begins a generation.
pub(crate) const fn written_by_the_server() -> Origin {
    Origin {
        user: SERVER,
        device: DeviceId::from_bytes(*SERVER.as_bytes()),
        replica: ReplicaId::from_bytes(*SERVER.as_bytes()),
    }
}

/// What stands in the place of a former user's name.
fn pseudonym(user: UserId) -> String {
    let id = user.to_string();
    let tail: String = id.chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect();
    format!("#{tail}")
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StorageError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StorageError::Unavailable { reason: error.to_string() })
}
