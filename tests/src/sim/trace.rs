//! What travels in a run, for whoever looks for a fault: printed where
//! `FIELDSYNC_TRACE` is set.

use client_core::docs::{ChangeHash, Header};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::DocId;
use client_core::protocol::{ChangeResult, FeedEntry, PushGroup, SyncRequest, SyncResponse};
use client_core::sync::Answer;

use super::ledger::short;

/// Whether anybody looks.
pub fn wanted() -> bool {
    std::env::var_os("FIELDSYNC_TRACE").is_some()
}

/// Prints a request of a phone and what became of it.
pub fn tell(
    phone: usize,
    request: Option<&SyncRequest>,
    answer: Option<&Answer>,
    response: Option<&SyncResponse>,
) {
    let status = answer.map_or(0, |answer| answer.status);
    let Some(request) = request else {
        println!("phone {phone}: asks for tokens: {status}");
        return;
    };
    let cursor = request.cursor.as_ref().map(|cursor| super::wire::position(cursor).unwrap_or(0));
    let pushed = request.pushed;
    println!("phone {phone}: from {cursor:?}, pushed {pushed:?}, repair {:?}", request.repair);
    let back = request.hand_back.as_deref().cloned().unwrap_or_default();
    for offer in &back.offers {
        println!("    offers {} {:?}", end(offer.doc), heads(offer.heads.as_slice()));
    }
    for (place, group) in (0_u32..).zip(&request.groups) {
        let how = if back.given.contains(&place) { "gives back" } else { "pushes" };
        let index = usize::try_from(place).unwrap_or(0);
        let results = response.and_then(|response| response.results.get(index));
        println!("    {how} {}", of(&group.header));
        for (nth, change) in changes(group).into_iter().enumerate() {
            let result = results.and_then(|group| group.changes.get(nth)).map(said);
            println!("        {change}: {}", result.unwrap_or_default());
        }
    }
    let Some(response) = response else {
        println!("    answered {status}");
        return;
    };
    for entry in &response.feed {
        println!("    < {}", told(entry));
    }
    let cursor = response.cursor.as_ref().map(|cursor| super::wire::position(cursor).unwrap_or(0));
    let receipt = response.receipt.is_some();
    println!(
        "    to {cursor:?}, more {}, pushed {:?}, receipt {receipt}, {:?}",
        response.more, response.pushed, response.hand_back
    );
}

/// Ids begin with the time: what tells them apart stands at their end.
fn end(doc: DocId) -> String {
    let text = doc.to_string();
    text.chars().skip(text.len().saturating_sub(6)).collect()
}

fn of(header: &Header) -> String {
    format!("{} {} gen {}", header.kind.as_str(), end(header.doc), header.generation.0)
}

fn heads(heads: &[ChangeHash]) -> Vec<String> {
    heads.iter().map(short).collect()
}

fn changes(group: &PushGroup) -> Vec<String> {
    let told = |bytes: &[u8]| match ScreenedChange::screen(bytes, &Limits::default()) {
        Ok(change) => {
            let actor = change.actor().to_string();
            let actor: String = actor.chars().skip(actor.len().saturating_sub(6)).collect();
            format!(
                "{} by {actor} #{} on {:?}",
                short(&change.hash()),
                change.seq(),
                heads(change.deps())
            )
        }
        Err(rejection) => rejection.to_string(),
    };
    group.changes.iter().map(|bytes| told(bytes)).collect()
}

fn said(result: &ChangeResult) -> String {
    match result {
        ChangeResult::MissingDeps(deps) => format!("lacks {:?}", heads(deps)),
        other => format!("{other:?}"),
    }
}

fn told(entry: &FeedEntry) -> String {
    match entry {
        FeedEntry::Enter { header, scopes, snapshot } => {
            let heads = heads(&client_core::docs::heads_of(snapshot));
            format!("enter {} {heads:?} into {scopes:?}", of(header))
        }
        FeedEntry::Changes { doc, changes } => {
            format!("{} changes of {}", changes.len(), end(*doc))
        }
        FeedEntry::Leave { doc, scope, reason } => {
            format!("leave {} {scope} {reason:?}", end(*doc))
        }
        FeedEntry::Record { kind, id, version, body } => {
            format!("{kind:?} {id} {version} of {} bytes", body.len())
        }
        FeedEntry::Reset { doc, generation, .. } => format!("reset {} {}", end(*doc), generation.0),
        FeedEntry::Complete(digest) => format!("complete {} {}", digest.scope, digest.count),
    }
}
