//! Work that a revoked phone left in a rescue file, handed in by an administrator.
//!
//! It goes the way of a push: screened, judged by who its author is and by the access
//! stamp it was written under. What a phone would be told was refused is kept here for
//! a manager to decide, because nobody is at the other end to see the refusal.

use client_core::id::ReplicaId;
use client_core::protocol::{ChangeResult, PushGroup};
use client_core::records::{Cause, UserStatus};
use client_core::rescue::Rescue;

use super::apply::Kept;
use super::receipt::Vouched;
use super::{SyncError, ingest};
use crate::app::App;
use crate::auth::{Signed, SignedDevice};
use crate::storage::model::{Origin, SessionId};
use crate::storage::{Accounts, StorageError};

/// Hands in everything of a rescue file; a result for each change, in order.
pub(crate) async fn rescued(app: &App, rescue: &Rescue) -> Result<Vec<ChangeResult>, SyncError> {
    let (org, now) = (rescue.org, app.clock().now());
    let account = app.storage().account(org, rescue.user).await?;
    let account = account.ok_or(StorageError::Missing { what: "the person whose work it is" })?;
    let signed = Signed {
        org,
        user: rescue.user,
        device: Some(rescue.device),
        actor: Some(rescue.actor),
        role: account.user.role,
        session: SessionId([0; 16]),
    };
    let from = SignedDevice { signed, device: rescue.device, actor: rescue.actor };
    let origin = Origin { user: rescue.user, device: rescue.device, replica: Origin::GIVEN_BACK };
    let disabled = account.user.status == UserStatus::Disabled;
    let groups: Vec<PushGroup> = rescue
        .changes
        .iter()
        .map(|change| PushGroup {
            header: change.header,
            stamp: change.stamp.clone(),
            changes: vec![change.bytes.clone()],
        })
        .collect();
    let replica: ReplicaId = Origin::GIVEN_BACK;
    let taken = ingest::take(app, &from, replica, groups, &Vouched::default(), now).await?;
    let mut results = Vec::with_capacity(rescue.changes.len());
    for (change, result) in rescue.changes.iter().zip(taken.results) {
        let Some(mut result) = result.changes.into_iter().next() else { continue };
        let refused = match &result {
            ChangeResult::Rejected { detail, .. } => Some(detail.clone()),
            ChangeResult::MissingDeps(_) => {
                Some("it builds on changes that are not here".to_owned())
            }
            _ => None,
        };
        if let Some(reason) = refused {
            let who = if disabled { "somebody disabled" } else { "a revoked phone" };
            let reason = format!("from {who}: {reason}");
            let header = change.header;
            let (changes, answers) =
                (std::slice::from_ref(&change.bytes), std::slice::from_mut(&mut result));
            let cause = Cause::Late;
            let kept = vec![Kept { bytes: change.bytes.to_vec(), cause, detail: reason }];
            ingest::set_aside(app, &from, origin, header, changes, kept, answers, now).await?;
        }
        results.push(result);
    }
    Ok(results)
}
