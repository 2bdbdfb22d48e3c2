//! From a cursor to a page to the next cursor.

use std::collections::BTreeSet;

use client_core::faults::{Fault, injected};
use client_core::id::{ReplicaId, UserId};
use client_core::protocol::{AccessStamp, Cursor, FeedEntry, MAX_PAGE_BYTES, Scope};
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;

use super::cursor::Position;
use super::seal::{Purpose, open as unseal, seal};
use super::{SyncError, stamp};
use crate::app::App;
use crate::auth::SignedDevice;
use crate::storage::model::{Access, Backfill, FeedPage, FeedQuery, OrgRow, PageEntry, Seq};
use crate::storage::{Accounts, Feed, StorageError};

/// The smallest page: below this, overhead outweighs content.
const MIN_BUDGET: usize = 4 * 1024;
/// The largest: one document of the largest size must still fit the phone's limit.
const MAX_BUDGET: usize = MAX_PAGE_BYTES / 4;

/// What a phone asks for besides its cursor.
pub(super) struct Ask {
    pub(super) replica: ReplicaId,
    pub(super) budget: u32,
    pub(super) now: Timestamp,
}

/// What goes into the answer.
pub(super) struct Page {
    pub(super) entries: Vec<FeedEntry>,
    pub(super) cursor: Option<Cursor>,
    pub(super) more: bool,
    pub(super) stamp: Option<AccessStamp>,
    /// The reader starts over.
    pub(super) restarted: bool,
}

/// Reads the cursor; no cursor is a reader that starts.
pub(super) async fn open(
    app: &App,
    from: &SignedDevice,
    cursor: Option<&Cursor>,
) -> Result<Option<Position>, SyncError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let org = app.org(from.signed.org).await?;
    let position = unseal(&org, from.signed.user, Purpose::Cursor, &cursor.0)
        .and_then(Position::decode)
        .ok_or(SyncError::BadCursor)?;
    // Another life of the data file: its positions mean nothing here, but every
    // reader can be served from the start, because snapshots merge.
    Ok(Some(position).filter(|position| position.epoch == org.epoch))
}

/// The next page for a reader.
pub(super) async fn page(
    app: &App,
    from: &SignedDevice,
    position: Option<Position>,
    ask: &Ask,
) -> Result<Page, SyncError> {
    let org = app.org(from.signed.org).await?;
    let access = app
        .storage()
        .access(org.id, from.signed.user)
        .await?
        .ok_or(StorageError::Missing { what: "the user's access" })?;
    let mut plan = Plan::of(app, from, position.as_ref(), &access).await?;
    let reader = from.signed.user;
    let mut page = app.storage().page(org.id, plan.query(reader, &access, ask)).await?;
    let mut restarted = position.is_none();
    if page.forked {
        tracing::warn!(org = %org.id, device = %from.device,
            "a cursor comes from another life of the data: its reader starts over");
        restarted = true;
        plan = Plan::of(app, from, None, &access).await?;
        page = app.storage().page(org.id, plan.query(reader, &access, ask)).await?;
    }
    let access_changed =
        position.as_ref().is_none_or(|position| position.access != access.version) || restarted;
    let stamp =
        access_changed.then(|| stamp::make(&org, from.signed.user, access.version, ask.now));
    let moved = page.moved || access_changed;
    let cursor = moved.then(|| plan.next(&org, from, &access, &page));
    Ok(Page { more: page.more, entries: entries(page), cursor, stamp, restarted })
}

/// What one pull has to do: the tail, and what the reader gained and lost.
struct Plan {
    complete: u32,
    oldest: u32,
    after: Option<Seq>,
    mark: Option<[u8; 8]>,
    in_pull: bool,
    backfill: Option<Backfill>,
}

impl Plan {
    async fn of(
        app: &App,
        from: &SignedDevice,
        position: Option<&Position>,
        access: &Access,
    ) -> Result<Self, SyncError> {
        let Some(position) = position else {
            return Ok(Self {
                complete: 0,
                oldest: access.version,
                after: None,
                mark: None,
                in_pull: true,
                backfill: Some(start(&access.scopes, &BTreeSet::new(), &BTreeSet::new())),
            });
        };
        let interrupted = position.backfill.is_some();
        let changed = position.access != access.version && !injected(Fault::AccessChangeUnnoticed);
        let (complete, oldest) = if interrupted {
            (position.complete, position.oldest)
        } else {
            (position.access, position.access)
        };
        let backfill = if changed || interrupted {
            let first = oldest.min(if complete == 0 { oldest } else { complete });
            let earlier = app
                .storage()
                .access_between(from.signed.org, from.signed.user, first, access.version)
                .await?;
            let known: BTreeSet<Scope> = earlier
                .iter()
                .filter(|version| version.version == complete)
                .flat_map(|version| version.scopes.iter().copied())
                .collect();
            let seen: BTreeSet<Scope> =
                earlier.into_iter().flat_map(|version| version.scopes).collect();
            let mut backfill = start(&access.scopes, &known, &seen);
            // Where it was interrupted, unless the scopes have changed under it.
            if let (Some((index, place)), false) = (&position.backfill, changed) {
                backfill.index = usize::from(*index);
                backfill.place = *place;
            }
            Some(backfill)
        } else {
            None
        };
        Ok(Self {
            complete,
            oldest,
            after: Some(position.after),
            mark: Some(position.mark),
            in_pull: position.in_pull,
            backfill,
        })
    }

    fn query(&self, reader: UserId, access: &Access, ask: &Ask) -> FeedQuery {
        let budget = usize::try_from(ask.budget).unwrap_or(MAX_BUDGET);
        FeedQuery {
            scopes: access.scopes.clone(),
            reader,
            now: ask.now,
            replica: ask.replica,
            after: self.after,
            mark: self.mark,
            backfill: self.backfill.clone(),
            budget: budget.clamp(MIN_BUDGET, MAX_BUDGET),
            in_pull: self.in_pull,
        }
    }

    fn next(&self, org: &OrgRow, from: &SignedDevice, access: &Access, page: &FeedPage) -> Cursor {
        let (complete, oldest) = match page.backfill {
            Some(_) if injected(Fault::BackfillForgotten) => (access.version, access.version),
            Some(_) => (self.complete, self.oldest),
            None => (access.version, access.version),
        };
        let backfill =
            page.backfill.as_ref().filter(|_backfill| !injected(Fault::BackfillForgotten)).map(
                |backfill| (u16::try_from(backfill.index).unwrap_or(u16::MAX), backfill.place),
            );
        let position = Position {
            epoch: org.epoch,
            access: access.version,
            complete,
            oldest,
            after: page.after,
            mark: page.mark,
            in_pull: page.more,
            backfill,
        };
        let sealed = seal(org, from.signed.user, Purpose::Cursor, position.encode());
        Cursor(ByteBuf::from(sealed))
    }
}

/// A back-fill from its beginning: the org first, then the reader's own, then units.
fn start(held: &[Scope], known: &BTreeSet<Scope>, seen: &BTreeSet<Scope>) -> Backfill {
    let order = |scope: &Scope| match scope {
        Scope::Org => 0,
        Scope::User(_) => 1,
        Scope::Unit(_) => 2,
    };
    let mut gained: Vec<Scope> =
        held.iter().filter(|scope| !known.contains(scope)).copied().collect();
    gained.sort_by_key(order);
    let lost = seen.iter().filter(|scope| !held.contains(scope)).copied().collect();
    Backfill { gained, lost, index: 0, place: None }
}

fn entries(page: FeedPage) -> Vec<FeedEntry> {
    let told = page.entries.into_iter().map(|entry| match entry {
        PageEntry::Enter { header, scopes, snapshot } => {
            FeedEntry::Enter { header, scopes, snapshot: ByteBuf::from(snapshot) }
        }
        PageEntry::Changes { doc, changes } => FeedEntry::Changes { doc, changes },
        PageEntry::Leave { doc, scope, reason } => FeedEntry::Leave { doc, scope, reason },
        PageEntry::Record(record) => FeedEntry::Record {
            kind: record.kind,
            id: record.id,
            version: record.version.get(),
            body: ByteBuf::from(record.body),
        },
        PageEntry::Reset { header, snapshot } => FeedEntry::Reset {
            doc: header.doc,
            generation: header.generation,
            snapshot: ByteBuf::from(snapshot),
            header: Some(header),
        },
    });
    told.chain(page.complete.into_iter().map(FeedEntry::Complete)).collect()
}
