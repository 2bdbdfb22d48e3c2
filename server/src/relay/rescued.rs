//! Work that a revoked phone left in a rescue file, handed in by an administrator.
//!
//! It goes the way of a push: screened, judged by who its author is and by the access
//! stamp it was written under. What a phone would be told was refused is kept here for
//! a manager to decide, because nobody is at the other end to see the refusal.
//!
//! A phone that was restored or cloned before it was revoked wrote some of it as the
//! device it was then, with numbers that its other life may have used. Such a phone
//! would write that work anew; here it is written anew for it, by a hand that belongs to
//! this one file, so that the same file comes to the same changes however often it is
//! handed in.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use client_core::docs::{Document, Heads, Rewritten};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{ActorId, DeviceId, DocId};
use client_core::protocol::{ChangeResult, CommandResult, PushGroup, RejectCode};
use client_core::records::{Cause, UserStatus};
use client_core::rescue::{Rescue, RescuedChange};
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};

use super::apply::Kept;
use super::receipt::Vouched;
use super::written::{self, Held};
use super::{SyncError, commands, ingest, redact};
use crate::app::App;
use crate::auth::{Signed, SignedDevice};
use crate::storage::model::{DeviceRow, NewDevice, Origin, SessionId};
use crate::storage::{Accounts, StorageError};

/// What handing in a file came to.
pub(crate) struct HandedIn {
    /// One for each change, in order.
    pub(crate) changes: Vec<ChangeResult>,
    /// Those of the requests that were answered.
    pub(crate) commands: Vec<CommandResult>,
}

/// Hands in everything of a rescue file.
pub(crate) async fn rescued(app: &App, rescue: &Rescue) -> Result<HandedIn, SyncError> {
    let account = app.storage().account(rescue.org, rescue.user).await?;
    let account = account.ok_or(StorageError::Missing { what: "the person whose work it is" })?;
    let signed = Signed {
        org: rescue.org,
        user: rescue.user,
        device: Some(rescue.device),
        actor: Some(rescue.actor),
        role: account.user.role,
        session: SessionId([0; 16]),
    };
    let who = if account.user.status == UserStatus::Disabled {
        "somebody disabled"
    } else {
        "a revoked phone"
    };
    let file = File { app, rescue, signed, who, now: app.clock().now() };
    let own = file.bound(rescue.device, rescue.actor, "a revoked phone").await?;
    let mut changes = file.as_written(&own).await?;
    file.written_anew(&mut changes).await?;
    file.keep_the_rest(&own, &mut changes).await?;
    let commands = commands::take(app, &own, rescue.commands.clone(), file.now).await?;
    Ok(HandedIn { changes, commands })
}

struct File<'a> {
    app: &'a App,
    rescue: &'a Rescue,
    signed: Signed,
    who: &'static str,
    now: Timestamp,
}

impl File<'_> {
    fn signed_as(&self, device: DeviceId, actor: ActorId) -> SignedDevice {
        let signed = Signed { device: Some(device), actor: Some(actor), ..self.signed.clone() };
        SignedDevice { signed, device, actor }
    }

    /// A device of the author's that nobody can sign in on. The phone may have become
    /// one that the server never heard of, and who decides on its work must find it.
    async fn bound(
        &self,
        device: DeviceId,
        actor: ActorId,
        name: &str,
    ) -> Result<SignedDevice, StorageError> {
        let (org, storage) = (self.rescue.org, self.app.storage());
        if storage.device(org, device).await?.is_none() {
            let new = NewDevice {
                device,
                user: self.rescue.user,
                actor,
                name: name.to_owned(),
                platform: "rescue".to_owned(),
                app_version: String::new(),
            };
            storage.enrol(org, new, self.now).await?;
            storage.revoke_device(org, device, self.now).await?;
        }
        Ok(self.signed_as(device, actor))
    }

    /// Pushes every change as the device that wrote it.
    async fn as_written(&self, own: &SignedDevice) -> Result<Vec<ChangeResult>, SyncError> {
        let mut authors = Vec::with_capacity(self.rescue.changes.len());
        for change in &self.rescue.changes {
            let former = match actor_of(change, &self.app.config().limits) {
                Some(actor) if actor != own.actor => self.former(actor).await?,
                _ => None,
            };
            authors
                .push(former.map_or_else(|| own.clone(), |it| self.signed_as(it.device, it.actor)));
        }
        let mut results = Vec::with_capacity(authors.len());
        let written: Vec<_> = authors.iter().zip(&self.rescue.changes).collect();
        for run in written.chunk_by(|(one, _), (next, _)| one.device == next.device) {
            let Some((author, _change)) = run.first() else { continue };
            let groups = run.iter().map(|(_author, change)| group(change, change.bytes.clone()));
            results.extend(self.push(author, groups.collect()).await?);
        }
        Ok(results)
    }

    /// The device of this author's that wrote as `actor`.
    async fn former(&self, actor: ActorId) -> Result<Option<DeviceRow>, StorageError> {
        let owner = self.app.storage().actor_owner(self.rescue.org, actor).await?;
        Ok(owner.filter(|owner| owner.user == self.rescue.user))
    }

    async fn push(
        &self,
        from: &SignedDevice,
        groups: Vec<PushGroup>,
    ) -> Result<Vec<ChangeResult>, SyncError> {
        let (replica, vouched) = (Origin::GIVEN_BACK, Vouched::default());
        let wanted = groups.len();
        let taken = ingest::take(self.app, from, replica, groups, &vouched, self.now).await?;
        let results: Vec<_> = taken
            .results
            .into_iter()
            .filter_map(|result| result.changes.into_iter().next())
            .collect();
        if results.len() == wanted {
            Ok(results)
        } else {
            Err(SyncError::Work { reason: "a change came to no result".to_owned() })
        }
    }

    /// Writes anew what was refused because of its number, with what builds on it.
    async fn written_anew(&self, results: &mut [ChangeResult]) -> Result<(), SyncError> {
        let mut refused: BTreeMap<DocId, Vec<usize>> = BTreeMap::new();
        let mut numbers: BTreeSet<DocId> = BTreeSet::new();
        for (place, (change, result)) in self.rescue.changes.iter().zip(&*results).enumerate() {
            let by_number = matches!(
                result,
                ChangeResult::Rejected {
                    code: RejectCode::ForkedActor | RejectCode::ForeignActor,
                    ..
                }
            );
            let builds_on = matches!(
                result,
                ChangeResult::MissingDeps(_)
                    | ChangeResult::Rejected { code: RejectCode::DependsOnRejected, .. }
            );
            if !(by_number || builds_on) || self.is_a_colleagues(change).await? {
                continue;
            }
            if by_number {
                numbers.insert(change.header.doc);
            }
            refused.entry(change.header.doc).or_default().push(place);
        }
        refused.retain(|doc, _places| numbers.contains(doc));
        if refused.is_empty() {
            return Ok(());
        }
        let hand = self.hand().await?;
        for places in refused.values() {
            self.one_anew(&hand, places, results).await?;
        }
        Ok(())
    }

    /// Whether somebody else wrote a change: nobody's work is handed in as another's.
    async fn is_a_colleagues(&self, change: &RescuedChange) -> Result<bool, StorageError> {
        let Some(actor) = actor_of(change, &self.app.config().limits) else { return Ok(true) };
        let owner = self.app.storage().actor_owner(self.rescue.org, actor).await?;
        Ok(owner.is_some_and(|owner| owner.user != self.rescue.user))
    }

    /// The hand of this file. It is the same each time, and writes nothing else.
    async fn hand(&self) -> Result<SignedDevice, StorageError> {
        let named = |what: &str| {
            let mut hash = Sha256::new();
            hash.update(b"fieldsync rescue hand 1");
            hash.update(what);
            hash.update(self.rescue.device.as_bytes());
            hash.update(self.rescue.at.millis().to_be_bytes());
            let mut id = [0; 16];
            id.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
            id
        };
        let (device, actor) =
            (DeviceId::from_bytes(named("device")), ActorId::from_bytes(named("actor")));
        self.bound(device, actor, "a rescue file").await
    }

    async fn one_anew(
        &self,
        hand: &SignedDevice,
        places: &[usize],
        results: &mut [ChangeResult],
    ) -> Result<(), SyncError> {
        let changes: Vec<&RescuedChange> =
            places.iter().filter_map(|place| self.rescue.changes.get(*place)).collect();
        let Some(header) = changes.first().map(|change| change.header) else { return Ok(()) };
        let held = written::held(self.app, self.rescue.org, header.doc).await?;
        let held = held.unwrap_or_else(|| Held::new(header));
        // On a history that began anew since, a person has to look.
        if changes.iter().any(|change| change.header != *held.document.header()) {
            return Ok(());
        }
        let bytes: Vec<Vec<u8>> = changes.iter().map(|change| change.bytes.to_vec()).collect();
        let (actor, limits) = (hand.actor, self.app.config().limits.clone());
        let work =
            move || catch_unwind(AssertUnwindSafe(|| anew(&held.document, &bytes, actor, &limits)));
        let done = tokio::task::spawn_blocking(work).await;
        let done = done.map_err(|error| SyncError::Work { reason: error.to_string() })?;
        let Ok(Some(rewritten)) = done else { return Ok(()) };
        let mut groups = Vec::new();
        let mut pushed = Vec::new();
        for ((place, change), rewritten) in places.iter().zip(&changes).zip(rewritten) {
            match rewritten.now {
                Some(now) => {
                    groups.push(group(change, ByteBuf::from(now.bytes)));
                    pushed.push(*place);
                }
                // What it says stands already.
                None => put(results, *place, ChangeResult::Duplicate),
            }
        }
        for (place, result) in pushed.into_iter().zip(self.push(hand, groups).await?) {
            let result = match result {
                // This file was handed in before, and the document has moved since.
                ChangeResult::Rejected { code: RejectCode::ForkedActor, .. } => {
                    ChangeResult::Duplicate
                }
                result => result,
            };
            put(results, place, result);
        }
        Ok(())
    }

    /// Keeps what was refused for a person to decide.
    async fn keep_the_rest(
        &self,
        own: &SignedDevice,
        results: &mut [ChangeResult],
    ) -> Result<(), SyncError> {
        let redacted = self.app.redacted(self.rescue.org).await?;
        for (change, result) in self.rescue.changes.iter().zip(results) {
            // What was erased is not kept either.
            if !redact::missed(&change.header, redacted.get(&change.header.doc)).is_empty() {
                continue;
            }
            let refused = match &*result {
                ChangeResult::Rejected { detail, .. } => detail.clone(),
                ChangeResult::MissingDeps(_) => "it builds on changes that are not here".to_owned(),
                _ => continue,
            };
            let detail = format!("from {}: {refused}", self.who);
            // What nobody can read, nobody can decide on.
            let Some(actor) = actor_of(change, &self.app.config().limits) else { continue };
            let from = self.former(actor).await?;
            let from = from.map_or_else(|| own.clone(), |it| self.signed_as(it.device, it.actor));
            let origin =
                Origin { user: self.rescue.user, device: from.device, replica: Origin::GIVEN_BACK };
            *result = ChangeResult::Quarantined { detail: detail.clone() };
            let (bytes, cause) = (change.bytes.to_vec(), Cause::Late);
            let kept = vec![Kept { bytes, left_of: None, cause, detail }];
            let (changes, answers) =
                (std::slice::from_ref(&change.bytes), std::slice::from_mut(result));
            let (app, header, now) = (self.app, change.header, self.now);
            ingest::set_aside(app, &from, origin, header, changes, kept, answers, now).await?;
        }
        Ok(())
    }
}

fn put(results: &mut [ChangeResult], place: usize, result: ChangeResult) {
    if let Some(known) = results.get_mut(place) {
        *known = result;
    }
}

fn group(change: &RescuedChange, bytes: ByteBuf) -> PushGroup {
    PushGroup { header: change.header, stamp: change.stamp.clone(), changes: vec![bytes] }
}

fn actor_of(change: &RescuedChange, limits: &Limits) -> Option<ActorId> {
    ScreenedChange::screen(&change.bytes, limits).ok().map(|change| change.actor())
}

/// Writes changes anew on a document as it was before `actor` wrote there; none if that
/// cannot be done.
fn anew(
    document: &Document,
    changes: &[Vec<u8>],
    actor: ActorId,
    limits: &Limits,
) -> Option<Vec<Rewritten>> {
    for bytes in changes {
        ScreenedChange::screen(bytes, limits).ok()?;
    }
    let before = document.changes_since(&Heads::default()).into_iter().filter(|change| {
        ScreenedChange::screen(&change.bytes, limits).is_ok_and(|change| change.actor() == actor)
    });
    let mut without = document.without(&before.map(|change| change.hash).collect()).ok()?;
    without.write_anew(changes, actor).ok()
}
