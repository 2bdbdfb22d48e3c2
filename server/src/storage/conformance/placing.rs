//! Who holds what, over time.

use std::collections::BTreeSet;

use client_core::id::{DocId, RecordId, UnitId, UserId};
use client_core::period::Period;
use client_core::protocol::Scope;
use client_core::records::{
    Metric, PlacementRecord, Record, RecordKind, Role, ScorecardRecord, TargetLevel, TargetRecord,
    Tier, UnitKind, UnitRecord, UserRecord,
};
use client_core::time::Timestamp;

use super::Bench;
use super::bench::NOW;
use crate::storage::Storage;
use crate::storage::lists::{CardNotes, Window};
use crate::storage::model::{AuditEntry, AuditFilter, NewAccount, PageEntry, ScorecardRow, Seq};
use crate::storage::placing::{PlaceChange, PlaceRefusal};

const DAY: i64 = 24 * 3_600_000;

fn later(millis: i64) -> Timestamp {
    NOW.plus_millis(millis)
}

async fn place(
    bench: &Bench<'_, impl Storage>,
    doc: DocId,
    change: PlaceChange,
) -> Result<PlacementRecord, PlaceRefusal> {
    let at = change.from;
    let placed = bench.storage.place(bench.org, vec![(doc, change)], None, at).await.unwrap();
    placed.into_iter().next().unwrap().map(|placed| placed.placement)
}

async fn second_unit(bench: &Bench<'_, impl Storage>) -> UnitId {
    let unit = UnitRecord {
        id: UnitId::from_bytes(bench.bytes()),
        name: "South".into(),
        kind: UnitKind::Region,
        parent: None,
    };
    let id = unit.id;
    bench.storage.write_records(bench.org, vec![Record::Unit(unit)], NOW).await.unwrap();
    id
}

pub(super) async fn two_managers_at_once_both_get_what_they_wanted(
    bench: &Bench<'_, impl Storage>,
) {
    let (anna, boris) = (bench.rep().await, bench.rep().await);
    let doc = bench.stored(anna).await.doc();
    let given = PlaceChange { owner: Some(boris), from: later(10), ..PlaceChange::default() };
    let tiered = PlaceChange { tier: Some(Some(Tier::A)), from: later(10), ..given.clone() };
    let tiered = PlaceChange { owner: None, ..tiered };
    let (one, two) = tokio::join!(place(bench, doc, given), place(bench, doc, tiered));
    let (one, two) = (one.unwrap(), two.unwrap());
    let last = if one.current() == two.current() {
        one
    } else {
        let id = RecordId::from_bytes(*doc.as_bytes());
        let row = bench.storage.record(bench.org, RecordKind::Placement, id).await.unwrap();
        let Record::Placement(placement) = row.unwrap().decode().unwrap() else { panic!() };
        placement
    };
    let span = last.current().unwrap();
    assert_eq!((span.owner, span.tier), (boris, Some(Tier::A)), "nobody's decision is lost");
    assert_eq!(last.spans.len(), 2, "Anna's time is still there: {:?}", last.spans);
    assert_eq!(last.spans[0].owner, anna);
}

pub(super) async fn what_was_not_named_stays_and_history_is_not_rewritten(
    bench: &Bench<'_, impl Storage>,
) {
    let (anna, boris, clara) = (bench.rep().await, bench.rep().await, bench.rep().await);
    let doc = bench.stored(anna).await.doc();
    let both = PlaceChange {
        add: [boris, clara].into(),
        tier: Some(Some(Tier::B)),
        from: later(10),
        ..PlaceChange::default()
    };
    place(bench, doc, both).await.unwrap();
    let one = PlaceChange { remove: [boris].into(), from: later(20), ..PlaceChange::default() };
    let placed = place(bench, doc, one.clone()).await.unwrap();
    let span = placed.current().unwrap();
    assert_eq!(span.collaborators, [clara]);
    assert_eq!((span.owner, span.tier, placed.spans.len()), (anna, Some(Tier::B), 3));
    assert_eq!(place(bench, doc, one).await.unwrap(), placed, "the same again changes nothing");
    let back = PlaceChange { owner: Some(boris), from: later(15), ..PlaceChange::default() };
    let refused = place(bench, doc, back).await.unwrap_err();
    assert_eq!(refused, PlaceRefusal::BeforeLast { doc, from: later(15), last: later(20) });
    let nothing = DocId::from_bytes([77; 16]);
    let unknown = place(bench, nothing, PlaceChange::default()).await.unwrap_err();
    assert_eq!(unknown, PlaceRefusal::Unknown { doc: nothing });
}

pub(super) async fn a_bulk_move_takes_nothing_that_changed_hands_meanwhile(
    bench: &Bench<'_, impl Storage>,
) {
    let (anna, boris, clara) = (bench.rep().await, bench.rep().await, bench.rep().await);
    let (first, second) = (bench.stored(anna).await.doc(), bench.stored(anna).await.doc());
    let held = bench.storage.held_by(bench.org, anna).await.unwrap();
    assert_eq!(held.len(), 2);
    let away = PlaceChange { owner: Some(clara), from: later(10), ..PlaceChange::default() };
    place(bench, second, away).await.unwrap();
    let bulk = PlaceChange {
        owner: Some(boris),
        held_by: Some(anna),
        from: later(20),
        ..PlaceChange::default()
    };
    let moved = held.iter().map(|placement| (placement.subject, bulk.clone())).collect();
    let mut moved = bench.storage.place(bench.org, moved, None, later(20)).await.unwrap();
    moved.sort_by_key(|placed| placed.is_err());
    assert_eq!(moved[0].as_ref().unwrap().placement.subject, first);
    assert_eq!(moved[1], Err(PlaceRefusal::HeldByOther { doc: second, user: anna }));
    assert!(bench.storage.held_by(bench.org, anna).await.unwrap().is_empty());
}

pub(super) async fn a_person_takes_plans_and_targets_along_to_another_unit(
    bench: &Bench<'_, impl Storage>,
) {
    let user = bench.user(Role::Rep);
    let account = NewAccount {
        login: "mover".into(),
        password: "$argon2id$".into(),
        must_change: false,
        user: user.clone(),
    };
    bench.storage.create_account(bench.org, account, NOW).await.unwrap();
    let south = second_unit(bench).await;
    let target = TargetRecord {
        id: RecordId::from_bytes(bench.bytes()),
        level: TargetLevel::Rep(user.id),
        metric: Metric::EffectiveVisits,
        period: "2026-10".parse().unwrap(),
        value: 40,
        parent: None,
        published_on: None,
        dimension: std::collections::BTreeMap::new(),
        draft: false,
    };
    let target_id = target.id;
    bench.storage.write_records(bench.org, vec![Record::Target(target)], NOW).await.unwrap();
    let plan = bench.plan(user.id).await;
    let start = bench.storage.head(bench.org).await.unwrap();
    let moved = Record::User(UserRecord { units: vec![south], ..user });
    bench.storage.write_records(bench.org, vec![moved], NOW).await.unwrap();

    let north = bench.page(&[Scope::Unit(bench.unit)], start, 1 << 20).await;
    let left = north.entries.iter().filter(|entry| matches!(entry, PageEntry::Leave { .. }));
    assert_eq!(left.count(), 1, "the plan leaves the old unit: {:?}", north.entries);
    let south = bench.page(&[Scope::Unit(south)], start, 1 << 20).await;
    let entered =
        |entry: &PageEntry| matches!(entry, PageEntry::Enter { header, .. } if header.doc == plan);
    assert!(south.entries.iter().any(entered), "{:?}", south.entries);
    let told = |entry: &PageEntry| match entry {
        PageEntry::Record(row) if row.id == target_id => Some(row.body.is_empty()),
        _ => None,
    };
    let told = |entries: &[PageEntry]| entries.iter().filter_map(told).collect::<Vec<_>>();
    assert_eq!(told(&south.entries), [false], "the target comes to the new unit");
    assert_eq!(told(&north.entries), [true], "and leaves the old one");
    let both = bench.page(&[Scope::User(user.id), Scope::Unit(bench.unit)], start, 1 << 20).await;
    assert_eq!(told(&both.entries), [false], "whoever still reads it is not told that it left");
}

/// What a reader of `scope` is told of a placement since `start`: whether it left.
async fn told_of(
    bench: &Bench<'_, impl Storage>,
    scope: Scope,
    doc: DocId,
    start: Seq,
) -> Vec<bool> {
    let page = bench.page(&[scope], start, 1 << 20).await;
    let of = |entry: PageEntry| match entry {
        PageEntry::Record(row) if row.id.as_bytes() == doc.as_bytes() => Some(row.body.is_empty()),
        _ => None,
    };
    page.entries.into_iter().filter_map(of).collect()
}

pub(super) async fn a_closed_placement_stays_until_no_open_card_looks_at_it(
    bench: &Bench<'_, impl Storage>,
) {
    let (anna, boris) = (bench.rep().await, bench.rep().await);
    let doc = bench.stored(anna).await.doc();
    let given = PlaceChange { owner: Some(boris), from: later(10 * DAY), ..PlaceChange::default() };
    let placed = place(bench, doc, given).await.unwrap();
    let left = placed.spans[0].left_with.as_deref().unwrap();
    assert!(left.name.is_some() && !left.heads.as_slice().is_empty(), "as it was: {left:?}");
    assert_eq!(placed.spans[1].left_with, None);

    let start = bench.storage.head(bench.org).await.unwrap();
    bench.storage.let_go(bench.org, later(10 * DAY), later(60 * DAY)).await.unwrap();
    assert_eq!(told_of(bench, Scope::User(anna), doc, start).await, Vec::<bool>::new());
    for _again in 0..2 {
        bench.storage.let_go(bench.org, later(11 * DAY), later(90 * DAY)).await.unwrap();
        assert_eq!(told_of(bench, Scope::User(anna), doc, start).await, [true]);
        assert_eq!(told_of(bench, Scope::User(boris), doc, start).await, Vec::<bool>::new());
    }
    let kept = bench.storage.placements_for_rep(bench.org, anna).await.unwrap();
    assert_eq!(kept.len(), 1, "a card of that time is still computed with it");

    // What is written later is measured by the same instant, and who gets it back has it.
    let start = bench.storage.head(bench.org).await.unwrap();
    let tier =
        PlaceChange { tier: Some(Some(Tier::A)), from: later(91 * DAY), ..PlaceChange::default() };
    place(bench, doc, tier).await.unwrap();
    assert_eq!(told_of(bench, Scope::User(anna), doc, start).await, Vec::<bool>::new());
    let back = PlaceChange { owner: Some(anna), from: later(92 * DAY), ..PlaceChange::default() };
    place(bench, doc, back).await.unwrap();
    assert_eq!(told_of(bench, Scope::User(anna), doc, start).await, [false]);
}

fn card(rep: UserId, period: Period) -> ScorecardRow {
    ScorecardRow {
        record: ScorecardRecord {
            rep,
            period,
            as_of: NOW,
            rules_version: 1,
            policy_hash: [1; 32],
            inputs_digest: [2; 32],
            outcome_digest: [3; 32],
            total_centipoints: None,
        },
        outcome: vec![1],
    }
}

pub(super) async fn a_change_in_the_past_marks_every_card_that_looks_at_it(
    bench: &Bench<'_, impl Storage>,
) {
    let (anna, boris) = (bench.rep().await, bench.rep().await);
    let doc = bench.stored(anna).await.doc();
    // NOW is in October 2026.
    for month in ["2026-07", "2026-08", "2026-09"] {
        let card = card(anna, month.parse().unwrap());
        let notes = CardNotes { visits: Vec::new(), due: Vec::new() };
        bench.storage.publish_scorecard(bench.org, card, notes, NOW).await.unwrap();
    }
    let marked = async |rep: UserId| -> BTreeSet<String> {
        let marks = bench.storage.dirty(bench.org, 1_000).await.unwrap();
        let mine = marks.iter().filter(|mark| mark.rep == rep);
        let months = mine.map(|mark| mark.period.to_string()).collect();
        for mark in marks {
            bench.storage.clear_dirty(bench.org, mark).await.unwrap();
        }
        months
    };
    marked(anna).await;
    // A reassignment dated back to August bears on August and what came after.
    let id = RecordId::from_bytes(*doc.as_bytes());
    let row = bench.storage.record(bench.org, RecordKind::Placement, id).await.unwrap().unwrap();
    let Record::Placement(mut placement) = row.decode().unwrap() else { panic!() };
    placement.spans[0].from = later(-120 * DAY);
    bench.storage.write_records(bench.org, vec![Record::Placement(placement)], NOW).await.unwrap();
    marked(anna).await;
    let dated =
        PlaceChange { owner: Some(boris), from: later(-50 * DAY), ..PlaceChange::default() };
    bench.storage.place(bench.org, vec![(doc, dated)], None, NOW).await.unwrap();
    let found = marked(anna).await;
    let expected = ["2026-08", "2026-09", "2026-10"].map(str::to_owned);
    assert_eq!(found, BTreeSet::from(expected));
}

pub(super) async fn access_ends_with_the_document_or_with_the_scope(
    bench: &Bench<'_, impl Storage>,
) {
    let (anna, boris) = (bench.rep().await, bench.rep().await);
    let lead = bench.user(Role::Supervisor);
    let account = NewAccount {
        login: "lead".into(),
        password: "$argon2id$".into(),
        must_change: false,
        user: lead.clone(),
    };
    bench.storage.create_account(bench.org, account, NOW).await.unwrap();
    let doc = bench.stored(anna).await.doc();
    let ended = async |user: UserId, version: u32| {
        bench.storage.access_ended(bench.org, user, doc, version).await.unwrap()
    };
    assert_eq!((ended(anna, 1).await, ended(boris, 1).await), (None, None), "she has it");
    let away = PlaceChange { owner: Some(boris), from: later(10), ..PlaceChange::default() };
    place(bench, doc, away).await.unwrap();
    assert_eq!(ended(anna, 1).await, Some(later(10)));
    let back = PlaceChange { owner: Some(anna), from: later(20), ..PlaceChange::default() };
    place(bench, doc, back).await.unwrap();
    assert_eq!(ended(boris, 1).await, Some(later(20)));
    assert_eq!(ended(lead.id, 1).await, None, "the unit has had it all the time");
    let south = second_unit(bench).await;
    let elsewhere = Record::User(UserRecord { units: vec![south], ..lead.clone() });
    bench.storage.write_records(bench.org, vec![elsewhere], later(30)).await.unwrap();
    assert_eq!(ended(lead.id, 1).await, Some(later(30)), "the unit was taken from the lead");
    assert_eq!(ended(lead.id, 2).await, None, "at that version it was not theirs");
}

pub(super) async fn placements_are_written_down(bench: &Bench<'_, impl Storage>) {
    let (anna, boris) = (bench.rep().await, bench.rep().await);
    let doc = bench.stored(anna).await.doc();
    let given = PlaceChange { owner: Some(boris), from: later(10), ..PlaceChange::default() };
    let by = Some(anna);
    bench.storage.place(bench.org, vec![(doc, given)], by, later(10)).await.unwrap();
    let filter = AuditFilter {
        since: NOW,
        subject: Some(RecordId::from_bytes(*doc.as_bytes())),
        ..AuditFilter::default()
    };
    let found = async |filter: &AuditFilter| {
        let entries = bench.storage.audit(bench.org, filter.clone(), Window::ALL).await.unwrap();
        let count = bench.storage.audit_count(bench.org, filter.clone()).await.unwrap();
        assert_eq!(count, entries.len() as u64, "{filter:?}");
        entries
    };
    let entries = found(&filter).await;
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].what.as_str(), entries[0].user), ("placed", by));
    let detail = entries[0].detail.as_deref().unwrap();
    assert!(detail.contains(&format!("owner {anna} → {boris}")), "{detail}");
    let placed = AuditFilter { whats: vec!["decided".into(), "placed".into()], ..filter.clone() };
    assert_eq!(found(&placed).await, entries);
    for none in [
        AuditFilter { whats: vec!["decided".into()], ..filter.clone() },
        AuditFilter { since: later(11), ..filter.clone() },
        AuditFilter { until: Some(later(10)), ..filter.clone() },
        AuditFilter { by: Some(boris), ..filter.clone() },
    ] {
        assert!(found(&none).await.is_empty(), "{none:?}");
    }
    let mine = AuditFilter { by: Some(anna), until: Some(later(11)), ..filter.clone() };
    assert_eq!(found(&mine).await, entries);
    let second = Window { limit: 1, offset: 1 };
    assert!(bench.storage.audit(bench.org, filter, second).await.unwrap().is_empty());

    let looked = AuditEntry { what: "visit.read".into(), at: later(20), ..entries[0].clone() };
    for since in [later(15), later(15), later(25)] {
        bench.storage.note_once(bench.org, vec![looked.clone()], since).await.unwrap();
    }
    let looks = AuditFilter { whats: vec!["visit.read".into()], ..AuditFilter::default() };
    assert_eq!(found(&looks).await.len(), 2, "once since then, and again where none stands");
}
