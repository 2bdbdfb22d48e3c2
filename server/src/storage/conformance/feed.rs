use client_core::protocol::{Scope, ScopeDigest};
use client_core::records::{Placement, PlacementRecord, Record, RecordKind};

use super::Bench;
use super::bench::NOW;
use crate::storage::model::{CommitOutcome, PageEntry, Seq};
use crate::storage::{Storage, term};

fn entered(entries: &[PageEntry]) -> usize {
    entries.iter().filter(|entry| matches!(entry, PageEntry::Enter { .. })).count()
}

pub(super) async fn positions_are_in_commit_order_under_concurrency(
    bench: &Bench<'_, impl Storage>,
) {
    let anna = bench.rep().await;
    let commit = async || {
        let draft = bench.customer(anna);
        let outcome = bench.storage.commit(bench.org, draft.commit()).await.unwrap();
        let CommitOutcome::Committed(seq) = outcome else { panic!("{outcome:?}") };
        // Whoever reads after an answer sees everything up to it.
        assert!(bench.storage.head(bench.org).await.unwrap() >= seq);
        seq
    };
    let (a, b, c, d) = tokio::join!(commit(), commit(), commit(), commit());
    let mut seqs = vec![a, b, c, d];
    seqs.sort_unstable();
    seqs.dedup();
    assert_eq!(seqs.len(), 4, "no position twice");
}

pub(super) async fn a_page_holds_the_readers_scopes_and_no_others(bench: &Bench<'_, impl Storage>) {
    let (anna, boris) = (bench.rep().await, bench.rep().await);
    let start = bench.storage.head(bench.org).await.unwrap();
    bench.stored(anna).await;
    bench.stored(boris).await;
    let hers = bench.page(&[Scope::Org, Scope::User(anna)], start, 1 << 20).await;
    assert_eq!(entered(&hers.entries), 1);
    let both = bench.page(&[Scope::Unit(bench.unit)], start, 1 << 20).await;
    assert_eq!(entered(&both.entries), 2);
    let nothing = bench.page(&[Scope::Org], start, 1 << 20).await;
    assert!(nothing.entries.is_empty() && !nothing.moved && nothing.complete.is_empty());
    let over = bench.page(&[Scope::User(anna)], hers.after, 1 << 20).await;
    assert!(over.entries.is_empty() && !over.moved);
}

pub(super) async fn a_page_is_bounded_by_bytes_and_resumes(bench: &Bench<'_, impl Storage>) {
    let anna = bench.rep().await;
    let mut after = bench.storage.head(bench.org).await.unwrap();
    for _n in 0..20 {
        bench.stored(anna).await;
    }
    let (mut found, mut pages) = (0, 0);
    loop {
        let page = bench.page(&[Scope::User(anna)], after, 2000).await;
        found += entered(&page.entries);
        pages += 1;
        after = page.after;
        if !page.more {
            assert_eq!(page.complete.len(), 1);
            break;
        }
        assert!(page.complete.is_empty() && pages < 50);
    }
    assert_eq!(found, 20);
    assert!(pages > 3, "{pages}");
}

pub(super) async fn digests_are_the_sum_of_their_members(bench: &Bench<'_, impl Storage>) {
    let anna = bench.rep().await;
    let start = bench.storage.head(bench.org).await.unwrap();
    let scope = Scope::User(anna);
    let mut sum = ScopeDigest::empty(scope);
    let mut drafts = Vec::new();
    for _n in 0..3 {
        drafts.push(bench.stored(anna).await);
    }
    drafts[1].rename("Acme AG");
    bench.storage.commit(bench.org, drafts[1].commit()).await.unwrap();
    for draft in &drafts {
        sum = sum.plus(term(draft.doc(), 0, &draft.document.heads()));
    }
    let page = bench.page(&[scope], start, 1 << 20).await;
    assert_eq!(page.complete, [sum]);
}

pub(super) async fn a_moved_customer_leaves_one_side_and_enters_the_other(
    bench: &Bench<'_, impl Storage>,
) {
    let (anna, boris) = (bench.rep().await, bench.rep().await);
    let draft = bench.stored(anna).await;
    let start = bench.storage.head(bench.org).await.unwrap();
    let placement = PlacementRecord {
        subject: draft.doc(),
        kind: client_core::docs::DocKind::Customer,
        spans: vec![Placement {
            from: NOW,
            until: None,
            owner: boris,
            collaborators: Vec::new(),
            unit: bench.unit,
            tier: None,
            left_with: None,
        }],
        credit: None,
    };
    let record = vec![Record::Placement(placement)];
    bench.storage.write_records(bench.org, record, NOW).await.unwrap();
    let hers = bench.page(&[Scope::User(anna)], start, 1 << 20).await;
    assert!(hers.entries.iter().any(|entry| matches!(entry, PageEntry::Leave { .. })));
    assert_eq!(hers.complete, [ScopeDigest::empty(Scope::User(anna))]);
    let his = bench.page(&[Scope::User(boris)], start, 1 << 20).await;
    assert_eq!(entered(&his.entries), 1);
    let told = his.entries.iter().any(
        |entry| matches!(entry, PageEntry::Record(record) if record.kind == RecordKind::Placement),
    );
    assert!(told);
    let ended = bench.storage.access_ended(bench.org, anna, draft.doc(), 1).await;
    assert_eq!(ended.unwrap(), Some(NOW));
    let end = bench.page(&[Scope::User(boris)], Seq::from_wire(1 << 40), 1 << 20).await;
    assert!(end.forked, "a position past the end is of another life");
}
