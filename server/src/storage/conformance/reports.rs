use std::collections::BTreeSet;

use client_core::docs::deal::DealEdit;
use client_core::docs::{DocKind, Document, EditContext, EditError, Generation, Header};
use client_core::id::{ActorId, DocId, ReplicaId, UserId};
use client_core::rules::TeamDeal;
use client_core::time::Timestamp;

use super::Bench;
use super::bench::{Draft, NOW};
use crate::storage::Storage;
use crate::storage::model::{CommitOutcome, NewLogChange};

const HOUR: i64 = 3_600_000;

fn hours(after: i64) -> Timestamp {
    NOW.plus_millis(after * HOUR)
}

async fn deal(
    bench: &Bench<'_, impl Storage>,
    author: UserId,
    edit: impl FnOnce(&mut DealEdit<'_>) -> Result<(), EditError>,
) -> DocId {
    let header = Header {
        doc: DocId::from_bytes(bench.bytes()),
        kind: DocKind::Deal,
        org: bench.org,
        author,
        customer: None,
        generation: Generation(0),
    };
    let mut draft = Draft {
        document: Document::create(header),
        revision: 0,
        actor: ActorId::from_bytes(bench.bytes()),
        replica: ReplicaId::from_bytes(*author.as_bytes()),
        changes: Vec::new(),
    };
    let context = EditContext { actor: draft.actor, at: NOW };
    let change = draft.document.edit_deal(&context, edit).unwrap().unwrap();
    draft.changes.push(NewLogChange {
        hash: change.hash,
        actor: draft.actor,
        seq: change.seq,
        bytes: change.bytes,
    });
    let outcome = bench.storage.commit(bench.org, draft.commit()).await.unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
    draft.doc()
}

/// Named by what they are: created at an hour, decided at an hour.
struct Deals {
    won: DocId,
    lost: DocId,
    open: DocId,
    open_undated: DocId,
    early: DocId,
}

impl Deals {
    async fn make(bench: &Bench<'_, impl Storage>, author: UserId) -> Self {
        let begun = |edit: &mut DealEdit<'_>, at: i64| edit.set_created_at(Some(hours(at)));
        Self {
            won: deal(bench, author, |edit| {
                begun(edit, 0)?;
                edit.win(hours(10))
            })
            .await,
            lost: deal(bench, author, |edit| {
                begun(edit, 5)?;
                edit.lose(hours(20), "price")
            })
            .await,
            open: deal(bench, author, |edit| begun(edit, 12)).await,
            open_undated: deal(bench, author, |edit| edit.set_name(Some("When?"))).await,
            early: deal(bench, author, |edit| {
                begun(edit, 1)?;
                edit.win(hours(2))
            })
            .await,
        }
    }
}

fn ids(deals: &[TeamDeal]) -> BTreeSet<DocId> {
    let ids: BTreeSet<DocId> = deals.iter().map(|deal| deal.fact.doc).collect();
    assert_eq!(ids.len(), deals.len(), "each once");
    ids
}

pub(super) async fn deals_are_found_by_the_day_they_were_decided_or_begun(
    bench: &Bench<'_, impl Storage>,
) {
    let anna = bench.rep().await;
    let made = Deals::make(bench, anna).await;
    let between = async |from: i64, until: i64| {
        bench.storage.deals_between(bench.org, hours(from), hours(until)).await.unwrap()
    };
    let found = between(10, 20).await;
    assert_eq!(ids(&found), BTreeSet::from([made.won, made.open]), "the end is not in it");
    assert_eq!(ids(&between(20, 21).await), BTreeSet::from([made.lost]));
    assert!(between(0, 2).await.is_empty(), "a decided deal is not where it began");
    let won = found.iter().find(|deal| deal.fact.doc == made.won).unwrap();
    assert_eq!((won.credit.rep, won.credit.unit), (anna, Some(bench.unit)), "placed on receipt");
    assert_eq!(bench.storage.undated_deals(bench.org).await.unwrap(), 1);
    let other = client_core::id::OrgId::from_bytes([9; 16]);
    assert_eq!(bench.storage.undated_deals(other).await.unwrap(), 0);
    assert!(bench.storage.deals_between(other, hours(0), hours(99)).await.unwrap().is_empty());
}

pub(super) async fn a_funnel_gets_every_deal_that_was_there(bench: &Bench<'_, impl Storage>) {
    let anna = bench.rep().await;
    let made = Deals::make(bench, anna).await;
    let alive = async |from: i64, until: i64| {
        ids(&bench.storage.deals_alive(bench.org, hours(from), hours(until)).await.unwrap())
    };
    let first = BTreeSet::from([made.won, made.early, made.open_undated]);
    assert_eq!(alive(2, 5).await, first);
    assert_eq!(alive(10, 12).await, BTreeSet::from([made.won, made.lost, made.open_undated]));
    assert_eq!(alive(21, 99).await, BTreeSet::from([made.open, made.open_undated]));
}
