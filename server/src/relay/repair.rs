//! Answering a phone whose count of a scope differs from ours.

use client_core::protocol::{DocAnswer, Listing, RepairAnswer, RepairAsk};
use serde_bytes::ByteBuf;

use super::SyncError;
use crate::app::App;
use crate::auth::SignedDevice;
use crate::storage::model::WholeDoc;
use crate::storage::{Accounts, Histories};

/// Bytes of documents in one answer; what is left out is asked for again.
const BUDGET: usize = 512 * 1024;

/// What was asked for. A list only of a scope that the reader holds.
pub(super) async fn answer(
    app: &App,
    from: &SignedDevice,
    ask: RepairAsk,
) -> Result<RepairAnswer, SyncError> {
    let org = from.signed.org;
    let access = app.storage().access(org, from.signed.user).await?;
    let scopes = access.map(|access| access.scopes).unwrap_or_default();
    let list = match ask.list.filter(|list| scopes.contains(&list.scope)) {
        Some(list) => {
            let limit = u32::try_from(Listing::PAGE).unwrap_or(u32::MAX);
            let listed = app.storage().listed(org, list.scope, list.after, limit).await?;
            let entries: Vec<u8> = listed.iter().flat_map(|doc| doc.to_bytes()).collect();
            Some(Listing {
                scope: list.scope,
                after: list.after,
                entries: ByteBuf::from(entries),
                more: listed.len() == Listing::PAGE,
            })
        }
        None => None,
    };
    let mut docs = ask.docs;
    docs.truncate(RepairAsk::MAX_DOCS);
    let whole = app.storage().whole(org, scopes, docs, BUDGET).await?;
    let docs = whole
        .into_iter()
        .map(|one| match one {
            WholeDoc::Held { header, scopes, snapshot } => {
                DocAnswer::Held { header, scopes, snapshot: ByteBuf::from(snapshot) }
            }
            WholeDoc::NotHeld(doc) => DocAnswer::NotYours(doc),
            WholeDoc::Unknown(doc) => DocAnswer::Unknown(doc),
        })
        .collect();
    Ok(RepairAnswer { list, docs })
}
