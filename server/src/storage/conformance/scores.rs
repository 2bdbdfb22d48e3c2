use client_core::period::Period;
use client_core::protocol::Scope;
use client_core::records::{RecordKind, ScorecardRecord};

use super::Bench;
use super::bench::NOW;
use crate::storage::Storage;
use crate::storage::lists::CardNotes;
use crate::storage::model::{PageEntry, ScorecardRow};

pub(super) async fn a_mark_set_again_is_not_cleared(bench: &Bench<'_, impl Storage>) {
    let anna = bench.rep().await;
    bench.stored(anna).await;
    let marks = bench.storage.dirty(bench.org, 10).await.unwrap();
    assert_eq!(marks.len(), 1, "the current month");
    bench.stored(anna).await;
    bench.storage.clear_dirty(bench.org, marks[0]).await.unwrap();
    let again = bench.storage.dirty(bench.org, 10).await.unwrap();
    assert_eq!(again.len(), 1, "the second commit is not forgotten");
    bench.storage.clear_dirty(bench.org, again[0]).await.unwrap();
    assert!(bench.storage.dirty(bench.org, 10).await.unwrap().is_empty());
    let rows = bench.storage.rows_for_rep(bench.org, anna).await.unwrap();
    assert_eq!(rows.len(), 2);
    let facts = bench.storage.facts_for_rep(bench.org, anna, NOW.plus_millis(-1)).await.unwrap();
    assert_eq!(facts.visits.len() + facts.customers.len() + facts.deals.len(), 2);
    assert_eq!(bench.storage.placements_for_rep(bench.org, anna).await.unwrap().len(), 2);
}

pub(super) async fn a_card_is_stored_and_published(bench: &Bench<'_, impl Storage>) {
    let anna = bench.rep().await;
    let start = bench.storage.head(bench.org).await.unwrap();
    let period: Period = "2026-10".parse().unwrap();
    let card = ScorecardRow {
        record: ScorecardRecord {
            rep: anna,
            period,
            as_of: NOW,
            rules_version: 1,
            policy_hash: [1; 32],
            inputs_digest: [2; 32],
            outcome_digest: [3; 32],
            total_centipoints: Some(10_382),
        },
        outcome: vec![1, 2, 3],
    };
    bench
        .storage
        .publish_scorecard(bench.org, card.clone(), CardNotes::default(), NOW)
        .await
        .unwrap();
    let stored = bench.storage.scorecard(bench.org, anna, period).await.unwrap();
    assert_eq!(stored, Some(card.clone()));
    assert_eq!(bench.storage.scorecards(bench.org, period).await.unwrap(), [card]);
    for scope in [Scope::User(anna), Scope::Unit(bench.unit)] {
        let page = bench.page(&[scope], start, 1 << 20).await;
        let published = page.entries.iter().any(|entry| {
            matches!(entry, PageEntry::Record(record) if record.kind == RecordKind::Scorecard)
        });
        assert!(published, "{scope}");
    }
}
