use std::sync::Arc;

use client_core::period::Period;
use client_core::protocol::Scope;
use client_core::records::{RecordKind, ScorecardRecord};
use client_core::time::Timestamp;
use serde_json::json;

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

pub(super) async fn a_part_is_read_again_when_its_card_is_another(bench: &Bench<'_, impl Storage>) {
    let anna = bench.rep().await;
    let period: Period = "2026-10".parse().unwrap();
    let publish = async |at: Timestamp, outcome_digest: [u8; 32], outcome: serde_json::Value| {
        let mut bytes = Vec::new();
        ciborium::into_writer(&outcome, &mut bytes).unwrap();
        let record = ScorecardRecord {
            rep: anna,
            period,
            as_of: at,
            rules_version: 1,
            policy_hash: [1; 32],
            inputs_digest: [2; 32],
            outcome_digest,
            total_centipoints: None,
        };
        let card = ScorecardRow { record, outcome: bytes };
        bench.storage.publish_scorecard(bench.org, card, CardNotes::default(), at).await.unwrap();
    };
    let card = |total: i64, note: &str| json!({ "scorecard": { "total": total, "lines": [] }, "visits": [], "note": note });
    let total = async || {
        let lines = bench.storage.card_lines(bench.org, period).await.unwrap();
        let [(rep, lines)] = lines.as_slice() else { panic!("one card") };
        assert_eq!(*rep, anna);
        (lines.scorecard.total.unwrap().0, Arc::clone(lines))
    };
    publish(NOW, [3; 32], card(100, "")).await;
    let (first, kept) = total().await;
    let (again, same) = total().await;
    assert_eq!((first, again), (100, 100));
    assert!(Arc::ptr_eq(&kept, &same), "what stands is not read again");
    publish(NOW, [4; 32], card(200, "")).await;
    assert_eq!(total().await.0, 200, "another digest");
    publish(NOW.plus_millis(1), [4; 32], card(300, "")).await;
    assert_eq!(total().await.0, 300, "another instant");
    publish(NOW.plus_millis(1), [4; 32], card(400, "asked about")).await;
    assert_eq!(total().await.0, 400, "the same digest, and more to read");
    let calls = bench.storage.card_calls(bench.org, period).await.unwrap();
    assert!(calls.iter().all(|(_rep, calls)| calls.risks.is_empty() && calls.tasks.is_empty()));
    assert_eq!(bench.storage.card_visits(bench.org, period).await.unwrap().len(), 1);
}
