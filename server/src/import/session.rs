//! One run of an import: what is written, in whose name, batch by batch.
//!
//! The rows of a batch are planned together, their documents made off the async
//! threads, and everything is written in one transaction with the keys. So a killed
//! run leaves whole batches, and running it again completes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use client_core::docs::{Document, EditContext, EditError, Header, NewChange};
use client_core::id::{ActorId, DeviceId, DocId, OrgId, ReplicaId};
use client_core::money::Currency;
use client_core::period::Period;
use client_core::records::{PlacementRecord, Record, UserRecord};
use client_core::rules::policy::Policy;
use client_core::time::{Date, Timestamp, Zone};

use super::entry::{Entry, Fields, Refusal};
use super::report::Report;
use super::{ImportError, Request};
use crate::app::App;
use crate::edge::random_bytes;
use crate::office::{DocumentError, Hand, Office, edited};
use crate::relay::{Held, Writing, held};
use crate::storage::model::{
    DocCommit, ExternalKey, ExternalKind, ImportBatch, ImportOutcome, NewAccount,
};
use crate::storage::{Erasures, Imports, StorageError};

/// How often a batch is written again because a phone wrote one of its documents.
const ROUNDS: usize = 64;

/// Writes intents into a document, new or not.
pub(super) type Write =
    Arc<dyn Fn(&mut Document, &EditContext) -> Result<Option<NewChange>, EditError> + Send + Sync>;

/// A document to be written.
#[derive(Clone)]
pub(super) struct Draft {
    /// Which.
    pub target: Target,
    /// What is put into it.
    pub write: Write,
    /// Who is to hold it; as it is, or by the server's rule, if absent.
    pub placement: Option<PlacementRecord>,
}

/// Which document is written.
#[derive(Clone)]
pub(super) enum Target {
    /// One that is made.
    New(Header),
    /// One that is there.
    There(DocId),
}

/// What a row comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// A new thing.
    Created,
    /// Another state of a thing.
    Changed,
    /// Something that rows bring with them, by the name it is counted under.
    Beside(&'static str),
}

/// Everything that one row, or what it brings with it, writes.
pub(super) struct Work {
    pub line: u64,
    pub made: Made,
    pub account: Option<NewAccount>,
    pub records: Vec<Record>,
    pub document: Option<Draft>,
    pub keys: Vec<ExternalKey>,
}

impl Work {
    pub(super) const fn new(line: u64, made: Made) -> Self {
        Self { line, made, account: None, records: Vec::new(), document: None, keys: Vec::new() }
    }
}

/// One run.
pub(super) struct Session {
    pub app: App,
    pub office: Office,
    pub org: OrgId,
    pub zone: Zone,
    pub currency: Currency,
    pub locale: String,
    pub policy: Option<Policy>,
    /// Who imports.
    pub by: UserRecord,
    /// Whose keys these are.
    pub source: String,
    dry_run: bool,
    allow_erased: bool,
}

/// Why a row is not taken that names what was erased.
const WAS_ERASED: &str = "this was erased here and is not made again: take it out of the file, or \
     import with --allow-erased if it is to be made anew";

impl Session {
    pub(super) async fn open(request: &Request, source: String) -> Result<Self, ImportError> {
        let office = request.office.clone();
        let settings = office.settings().await?;
        let zone = office.calendar().await?.zone;
        let month = Period::month_of(zone.date(request.app.clock().now()));
        let policy = office.policy_for(month).await?;
        Ok(Self {
            app: request.app.clone(),
            org: office.org(),
            office,
            zone,
            currency: settings.currency,
            locale: settings.locale,
            policy: policy.and_then(|policy| Policy::kept(&policy.toml).ok()),
            by: request.by.clone(),
            source,
            dry_run: request.dry_run,
            allow_erased: request.allow_erased,
        })
    }

    /// The rows that name what was erased here, each with why it is not taken. A row names
    /// its thing by its key, and by what stands in `name`.
    pub(super) async fn erased(
        &self,
        kind: ExternalKind,
        entries: &[&Entry],
        name: &str,
    ) -> Result<BTreeMap<u64, Refusal>, StorageError> {
        if self.allow_erased || entries.is_empty() {
            return Ok(BTreeMap::new());
        }
        let named = |entry: &Entry| {
            let name = entry.text(name).map(str::to_owned);
            std::iter::once(entry.key.clone()).chain(name).collect::<Vec<_>>()
        };
        let keys = entries.iter().flat_map(|entry| named(entry)).collect();
        let erased = self.app.storage().erased_among(self.org, &self.source, kind, keys).await?;
        let refused =
            entries.iter().filter(|entry| named(entry).iter().any(|k| erased.contains(k)));
        // What stands in the file is not written down a second time.
        let refusal =
            |entry: &&Entry| Refusal { value: String::new(), ..entry.refuse(name, WAS_ERASED) };
        Ok(refused.map(|entry| (entry.line, refusal(entry))).collect())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.app.clock().now()
    }

    /// The first instant of a day in the org's zone.
    pub(super) fn start_of(&self, day: Date) -> Timestamp {
        self.zone.start_of(day)
    }

    /// A new id, such as `session.fresh(DocId::new)`.
    pub(super) fn fresh<T>(&self, new: impl Fn(Timestamp, [u8; 10]) -> T) -> T {
        new(self.now(), random_bytes(self.app.random()))
    }

    pub(super) fn key(
        &self,
        kind: ExternalKind,
        key: &str,
        id: [u8; 16],
        fields: Fields,
    ) -> ExternalKey {
        ExternalKey { source: self.source.clone(), kind, key: key.to_owned(), id, fields }
    }

    /// What the documents are written with. A dry run has a hand that nobody knows.
    async fn hand(&self) -> Result<Hand, ImportError> {
        if self.dry_run {
            return Ok(Hand {
                user: self.by.id,
                device: self.fresh(DeviceId::new),
                actor: self.fresh(ActorId::new),
                replica: self.fresh(ReplicaId::new),
            });
        }
        Ok(self.office.hand(self.by.id).await?)
    }

    /// Writes a batch and counts it; gives back the rows whose documents cannot be.
    pub(super) async fn write(
        &self,
        works: Vec<Work>,
        report: &mut Report,
    ) -> Result<Vec<Refusal>, ImportError> {
        if works.is_empty() {
            return Ok(Vec::new());
        }
        let writing = match works.iter().any(|work| work.document.is_some()) {
            true => Some(self.office.writing(&self.hand().await?)),
            false => None,
        };
        let works: Arc<[Work]> = works.into();
        for _round in 0..ROUNDS {
            let prepared = self.prepare(&works, writing.as_ref()).await?;
            let batch = self.batch(&works, &prepared);
            let outcome = if self.dry_run || batch.is_none() {
                ImportOutcome::Written
            } else {
                let batch = batch.ok_or(StorageError::Missing { what: "the batch" })?;
                self.app.storage().write_import(self.org, batch).await?
            };
            if outcome == ImportOutcome::Written {
                return Ok(tally(&works, prepared, report));
            }
        }
        let reason = format!("documents of one batch were written {ROUNDS} times in between");
        Err(StorageError::Unavailable { reason }.into())
    }

    async fn prepare(
        &self,
        works: &Arc<[Work]>,
        writing: Option<&Writing>,
    ) -> Result<Vec<Prepared>, ImportError> {
        let Some(writing) = writing.cloned() else {
            return Ok(works.iter().map(|_work| Prepared::NoDocument).collect());
        };
        let mut helds = Vec::with_capacity(works.len());
        for work in works.iter() {
            helds.push(match work.document.as_ref().map(|draft| &draft.target) {
                Some(Target::New(header)) => Some(Held::new(*header)),
                Some(Target::There(doc)) => held(&self.app, self.org, *doc).await?,
                None => None,
            });
        }
        let works = Arc::clone(works);
        let prepare =
            move || works.iter().zip(helds).map(|(work, held)| one(work, held, &writing)).collect();
        tokio::task::spawn_blocking(prepare)
            .await
            .map_err(|error| StorageError::Unavailable { reason: error.to_string() }.into())
    }

    /// What is to be written; none if it is nothing.
    fn batch(&self, works: &[Work], prepared: &[Prepared]) -> Option<ImportBatch> {
        let mut batch = ImportBatch {
            accounts: Vec::new(),
            records: Vec::new(),
            commits: Vec::new(),
            keys: Vec::new(),
            at: self.now(),
        };
        for (work, prepared) in works.iter().zip(prepared) {
            match prepared {
                Prepared::Refused(_) => continue,
                Prepared::Commit(commit) => batch.commits.push(DocCommit::clone(commit)),
                Prepared::NoDocument | Prepared::NothingNew => {}
            }
            batch.accounts.extend(work.account.clone());
            batch.records.extend(work.records.iter().cloned());
            batch.keys.extend(work.keys.iter().cloned());
        }
        let empty = batch.accounts.is_empty()
            && batch.records.is_empty()
            && batch.commits.is_empty()
            && batch.keys.is_empty();
        (!empty).then_some(batch)
    }
}

/// What a document of a batch came to.
enum Prepared {
    NoDocument,
    /// It says so already.
    NothingNew,
    Commit(Box<DocCommit>),
    Refused(String),
}

fn one(work: &Work, held: Option<Held>, writing: &Writing) -> Prepared {
    let Some(draft) = &work.document else { return Prepared::NoDocument };
    let Some(held) = held else {
        return Prepared::Refused("the document it was imported as is gone".to_owned());
    };
    let write = |document: &mut Document, context: &EditContext| (draft.write)(document, context);
    match edited(&held, writing, draft.placement.clone(), write) {
        Ok(Some((commit, _document))) => Prepared::Commit(Box::new(commit)),
        Ok(None) => Prepared::NothingNew,
        Err(DocumentError::Edit(error)) => Prepared::Refused(error.to_string()),
        Err(error) => Prepared::Refused(error.to_string()),
    }
}

fn tally(works: &[Work], prepared: Vec<Prepared>, report: &mut Report) -> Vec<Refusal> {
    let mut refused = Vec::new();
    for (work, prepared) in works.iter().zip(prepared) {
        if let Prepared::Refused(message) = prepared {
            let (column, value) = (String::new(), String::new());
            refused.push(Refusal { line: work.line, column, value, message });
            continue;
        }
        let written = matches!(prepared, Prepared::Commit(_))
            || work.account.is_some()
            || !work.records.is_empty();
        report.changes += u64::from(written);
        match work.made {
            Made::Created => report.created += 1,
            Made::Changed if written => report.changed += 1,
            Made::Changed => report.unchanged += 1,
            Made::Beside(what) => report.count(what, u64::from(written)),
        }
    }
    refused
}
