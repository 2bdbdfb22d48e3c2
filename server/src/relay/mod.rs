//! The relay: takes what phones send, gives them what is theirs.
//!
//! One exchange does both. What comes in is judged change by change, and nothing
//! is answered before it is durable; what goes out is a page of the feed and a
//! cursor. Repeating an exchange at any point changes nothing.

mod apply;
mod aside;
mod asks;
mod authority;
mod cache;
mod commands;
mod cursor;
pub(crate) mod fold;
mod ingest;
mod judge;
mod late_history;
mod life;
pub(crate) mod outgrown;
mod pull;
mod quota;
mod receipt;
mod redact;
mod repair;
mod rescued;
mod seal;
mod stamp;
mod taken_up;
mod written;

use std::collections::BTreeMap;

use client_core::id::{OrgId, UserId};
use client_core::protocol::hand_back::{MAX_OFFERS, MAX_RECEIPTS};
use client_core::protocol::{
    self, AccessStamp, ChangeNames, FeedEntry, HandBackAnswer, LeaveReason, Offer, PhoneSays,
    Scope, SyncRequest, SyncResponse,
};
use client_core::time::Timestamp;

use crate::app::App;
use crate::auth::SignedDevice;
use crate::storage::model::{DeviceSays, Seq};
use crate::storage::{Accounts, Documents, StorageError};

pub(crate) use cache::CacheFigures;
pub use cache::DocumentCache;
pub(crate) use quota::QuotaBook;
pub use quota::{Allowance, Quotas};
use receipt::Proven;
pub(crate) use redact::missed;
pub(crate) use rescued::{HandedIn, rescued};
pub(crate) use written::{Fitting, Held, Refused, Writing, held, keep, prepare, prepare_fitting};

/// Why an exchange failed as a whole.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Another protocol version.
    #[error("the request speaks protocol version {found}, this server speaks {known}")]
    Version {
        /// Theirs.
        found: u16,
        /// Ours.
        known: u16,
    },
    /// More in one request than a phone ever sends.
    #[error("the request holds {found} {what}, the limit is {limit}: send fewer at a time")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many came.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The cursor is not one of ours.
    #[error("the cursor is not one of this server's: start without one")]
    BadCursor,
    /// The copy of the data on the phone was restored or cloned.
    #[error(
        "this copy of the data is behind what its device stored, so it was restored or cloned: \
         it has to become a device of its own, and nothing of it is lost"
    )]
    Forked,
    /// The blocking pool failed.
    #[error("the work could not be done: {reason}")]
    Work {
        /// Why.
        reason: String,
    },
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Groups of one request. The smallest change with its header takes twice the
/// share of a push that this leaves it.
const MAX_GROUPS: usize = 16 * 1024;
/// Changes of one request: the smallest one takes 130 bytes.
const MAX_CHANGES: usize = 32 * 1024;
/// Commands of one request; a phone sends at most a hundred.
const MAX_COMMANDS: usize = 1_000;

/// Answers one request.
pub async fn sync(
    app: &App,
    from: &SignedDevice,
    request: SyncRequest,
) -> Result<SyncResponse, SyncError> {
    check(&request)?;
    let now = app.clock().now();
    // A cursor that is not ours must not cost the push.
    let cursor = pull::open(app, from, request.cursor.as_ref()).await;
    let same_life = request.cursor.is_none() || matches!(cursor, Ok(Some(_)));
    let before = life::recognise(app, from, &request, same_life).await?;
    let org = app.org(from.signed.org).await?;
    let brings = !(request.groups.is_empty() && request.commands.is_empty());
    let hand_back = request.hand_back.unwrap_or_default();
    let Proven { groups, sent, vouched, offers } =
        receipt::prove(&org, request.groups, *hand_back, app.config().limits.clone()).await?;
    let ingested = ingest::take(app, from, request.replica, groups, &vouched, now).await?;
    let commands = commands::take(app, from, request.commands, now).await?;
    let pushed = ingested.stored_any;
    hear_from(app, from, pushed, now).await?;
    keep_said(app, from, request.says, brings).await?;
    let asked = request.repair;
    let ask = pull::Ask { replica: request.replica, budget: request.budget, now };
    let had_cursor = request.cursor.is_some();
    let mut page = pull::page(app, from, cursor?, &ask).await?;
    // Somebody who pushes what they may not see any more has it, and may have missed
    // that it left: the first page of all tells only what there is.
    let left = ingested.not_mine.iter().map(|doc| FeedEntry::Leave {
        doc: *doc,
        scope: Scope::User(from.signed.user),
        reason: LeaveReason::Reassigned,
    });
    page.entries.splice(0..0, left);
    // Read after the page, so that a list is never older than what it is compared with.
    let repair = match asked {
        Some(asked) => Some(repair::answer(app, from, asked).await?),
        None => None,
    };
    let told_in_part = receipt::told_in_part(&page.entries);
    let headers = if told_in_part.is_empty() {
        BTreeMap::new()
    } else {
        app.storage().headers(org.id, told_in_part).await?
    };
    let told = receipt::Told { sent, results: ingested.results, feed: page.entries, headers };
    let brought = !told.sent.is_empty();
    let (told, receipt) = receipt::sign(&org, told).await?;
    let lacking = lacking(app, from, offers).await?;
    let answer = HandBackAnswer { another_life: page.restarted && had_cursor, lacking };
    let stored =
        if brought { app.storage().stored_up_to(org.id, from.device).await? } else { before };
    let stored = stored.map(Seq::get);
    let news = |stored: &u64| request.pushed.is_some_and(|known| known != *stored);
    Ok(SyncResponse {
        version: protocol::VERSION,
        server_time: now,
        results: told.results,
        commands,
        feed: told.feed,
        cursor: page.cursor,
        more: page.more,
        stamp: page.stamp,
        minimum_app: app.config().minimum_app.clone(),
        repair,
        pushed: stored.filter(news),
        receipt,
        hand_back: (answer != HandBackAnswer::default()).then(|| Box::new(answer)),
    })
}

/// Which offered documents are wanted. § Nobody learns anything of a document that they
/// do not read: it is wanted like one that is not here.
async fn lacking(
    app: &App,
    from: &SignedDevice,
    offers: Vec<Offer>,
) -> Result<Vec<Offer>, StorageError> {
    if offers.is_empty() {
        return Ok(offers);
    }
    let org = from.signed.org;
    let access = app.storage().access(org, from.signed.user).await?;
    let held = access.map(|access| access.scopes).unwrap_or_default();
    app.storage().lacking(org, held, offers).await
}

/// Whether a request speaks our protocol and holds no more than a phone ever sends.
fn check(request: &SyncRequest) -> Result<(), SyncError> {
    if request.version != protocol::VERSION {
        return Err(SyncError::Version { found: request.version, known: protocol::VERSION });
    }
    let changes = request.groups.iter().map(|group| group.changes.len()).sum();
    let back = request.hand_back.as_ref();
    for (what, found, limit) in [
        ("groups", request.groups.len(), MAX_GROUPS),
        ("changes", changes, MAX_CHANGES),
        ("commands", request.commands.len(), MAX_COMMANDS),
        ("names of changes", request.unheard.len(), ChangeNames::MOST),
        ("offers", back.map_or(0, |back| back.offers.len()), MAX_OFFERS),
        ("receipts", back.map_or(0, |back| back.receipts.len()), MAX_RECEIPTS),
    ] {
        if found > limit {
            return Err(SyncError::TooMany { what, found, limit });
        }
    }
    Ok(())
}

/// Notes that a device was here; a commit notes by itself whom it is from.
async fn hear_from(
    app: &App,
    from: &SignedDevice,
    pushed: bool,
    now: Timestamp,
) -> Result<(), StorageError> {
    if !app.note_heard_from(from.device, now) || pushed {
        return Ok(());
    }
    match app.storage().heard_from(from.signed.org, from.device, false, now).await {
        // That somebody asked is not worth refusing them their page.
        Err(StorageError::Full) => Ok(()),
        heard => heard,
    }
}

/// Keeps what a phone says of itself, if it says something else than before: a sync with
/// nothing to do writes nothing. Of a backlog that comes in many requests its beginning is
/// kept and its end, and not each number between.
async fn keep_said(
    app: &App,
    from: &SignedDevice,
    says: PhoneSays,
    brings: bool,
) -> Result<(), StorageError> {
    let says = DeviceSays {
        waiting: says.waiting,
        clock_ahead_ms: i64::from(says.minutes_ahead) * 60_000,
    };
    if !app.note_said(from.device, says, brings && says.waiting > 0) {
        return Ok(());
    }
    match app.storage().device_says(from.signed.org, from.device, says).await {
        // It says it again with its next sync.
        Err(StorageError::Full) => Ok(()),
        kept => kept,
    }
}

/// The stamp of what somebody may write now; none for somebody unknown.
pub(crate) async fn stamp_now(
    app: &App,
    org: OrgId,
    user: UserId,
) -> Result<Option<AccessStamp>, StorageError> {
    let Some(access) = app.storage().access(org, user).await? else { return Ok(None) };
    let org = app.org(org).await?;
    Ok(Some(stamp::make(&org, user, access.version, app.clock().now())))
}

#[cfg(test)]
mod tests;
