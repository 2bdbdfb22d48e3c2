//! Work that waits for a person.

use client_core::docs::ChangeHash;
use client_core::protocol::Scope;
use client_core::records::{Cause, Record, RecordKind, Verdict};

use super::Bench;
use super::bench::{Draft, NOW};
use crate::storage::Storage;
use crate::storage::lists::Window;
use crate::storage::model::{
    AsideOutcome, AuditFilter, DecideOutcome, Decided, PageEntry, Room, SetAside,
};

fn aside(draft: &Draft) -> SetAside {
    let change = |change: &crate::storage::model::NewLogChange| (change.hash, change.bytes.clone());
    SetAside {
        header: *draft.document.header(),
        origin: draft.commit().origin,
        reason: "late".into(),
        cause: Cause::Late,
        changes: draft.changes.iter().map(change).collect(),
        room: Room::default(),
    }
}

async fn kept(bench: &Bench<'_, impl Storage>, aside: SetAside) -> client_core::id::RecordId {
    match bench.storage.set_aside(bench.org, aside, NOW).await.unwrap() {
        AsideOutcome::Kept(case) => case,
        AsideOutcome::Full { whose } => panic!("{whose} room is full"),
    }
}

fn rejected(case: client_core::id::RecordId, seen: usize) -> Decided {
    Decided {
        case,
        seen,
        verdict: Verdict::Rejected,
        by: None,
        note: Some("no".into()),
        to: None,
        commit: None,
        left_out: Vec::new(),
        waits_on: Vec::new(),
    }
}

pub(super) async fn late_work_is_kept_once_and_opens_one_case(bench: &Bench<'_, impl Storage>) {
    let anna = bench.rep().await;
    let mut draft = bench.stored(anna).await;
    let start = bench.storage.head(bench.org).await.unwrap();
    draft.rename("Acme AG");
    let case = kept(bench, aside(&draft)).await;
    assert_eq!(kept(bench, aside(&draft)).await, case, "a repeated push");
    draft.rename("Acme Inc");
    assert_eq!(kept(bench, aside(&draft)).await, case, "more work of the same hand");
    let all = bench.storage.kept_in(bench.org, case).await.unwrap();
    let hashes: Vec<ChangeHash> = all.iter().map(|change| change.hash).collect();
    assert_eq!(hashes, draft.changes.iter().map(|change| change.hash).collect::<Vec<_>>());
    assert!(all.iter().all(|change| change.verdict.is_none() && change.user == anna));
    assert_eq!(bench.storage.kept_of(bench.org, draft.doc()).await.unwrap().len(), 2);
    for scope in [Scope::User(anna), Scope::Unit(bench.unit)] {
        let page = bench.page(&[scope], start, 1 << 20).await;
        let told = page.entries.iter().filter_map(|entry| match entry {
            PageEntry::Record(row) if row.kind == RecordKind::Decision => row.decode().ok(),
            _ => None,
        });
        let Some(Record::Decision(decision)) = told.collect::<Vec<_>>().pop() else {
            panic!("{scope:?}")
        };
        assert_eq!((decision.changes.clone(), decision.verdict), (hashes.clone(), None));
    }
}

pub(super) async fn no_more_waits_than_there_is_room_for(bench: &Bench<'_, impl Storage>) {
    let anna = bench.rep().await;
    let mut draft = bench.stored(anna).await;
    draft.rename("Acme AG");
    draft.rename("Acme Inc");
    let room = Room { device_changes: 1, ..Room::default() };
    let full = bench.storage.set_aside(bench.org, SetAside { room, ..aside(&draft) }, NOW).await;
    assert_eq!(full.unwrap(), AsideOutcome::Full { whose: "this phone's" });
    assert!(bench.storage.kept_of(bench.org, draft.doc()).await.unwrap().is_empty(), "all or none");
    let room = Room { org_bytes: 10, ..Room::default() };
    let full = bench.storage.set_aside(bench.org, SetAside { room, ..aside(&draft) }, NOW).await;
    assert_eq!(full.unwrap(), AsideOutcome::Full { whose: "the organisation's" });
    let room = Room { device_changes: 2, ..Room::default() };
    let case = kept(bench, SetAside { room, ..aside(&draft) }).await;
    bench.storage.decide(bench.org, rejected(case, 2), NOW).await.unwrap();
    draft.changes.clear();
    draft.rename("Acme Ltd");
    kept(bench, SetAside { room, ..aside(&draft) }).await;
}

pub(super) async fn a_case_is_decided_once_with_what_it_writes(bench: &Bench<'_, impl Storage>) {
    let anna = bench.rep().await;
    let mut draft = bench.stored(anna).await;
    draft.rename("Acme AG");
    let case = kept(bench, aside(&draft)).await;
    let accepted = Decided {
        verdict: Verdict::Accepted,
        by: Some(anna),
        note: None,
        commit: Some(draft.commit()),
        ..rejected(case, 1)
    };
    let DecideOutcome::Done(record) =
        bench.storage.decide(bench.org, accepted.clone(), NOW).await.unwrap()
    else {
        panic!("not decided")
    };
    assert_eq!(
        (record.verdict, record.by, record.at),
        (Some(Verdict::Accepted), Some(anna), Some(NOW))
    );
    let loaded = bench.storage.load(bench.org, draft.doc()).await.unwrap().unwrap();
    assert_eq!(loaded.snapshot, draft.document.snapshot());
    let again = bench.storage.decide(bench.org, rejected(case, 1), NOW).await.unwrap();
    assert_eq!(again, DecideOutcome::Already(record));
    let kept = bench.storage.kept_in(bench.org, case).await.unwrap();
    assert_eq!(kept[0].verdict, Some(Verdict::Accepted));
    let nothing = client_core::id::RecordId::from_bytes([9; 16]);
    let unknown = bench.storage.decide(bench.org, rejected(nothing, 1), NOW).await.unwrap();
    assert_eq!(unknown, DecideOutcome::Unknown);
    let filter = AuditFilter { since: NOW, ..AuditFilter::default() };
    let done = bench.storage.audit(bench.org, filter, Window::ALL).await.unwrap();
    let done: Vec<&str> = done.iter().map(|entry| entry.what.as_str()).collect();
    assert_eq!(done, ["decided", "quarantined"]);
}

pub(super) async fn a_decision_on_what_has_changed_since_is_looked_at_again(
    bench: &Bench<'_, impl Storage>,
) {
    let anna = bench.rep().await;
    let mut draft = bench.stored(anna).await;
    draft.rename("Acme AG");
    let case = kept(bench, aside(&draft)).await;
    let seen = draft.clone();
    draft.rename("Acme Inc");
    kept(bench, aside(&draft)).await;
    let stale = bench.storage.decide(bench.org, rejected(case, 1), NOW).await.unwrap();
    assert_eq!(stale, DecideOutcome::Stale, "more came");
    let mut beside = seen.clone();
    beside.revision = 0;
    let accepted =
        Decided { verdict: Verdict::Accepted, commit: Some(beside.commit()), ..rejected(case, 2) };
    let stale = bench.storage.decide(bench.org, accepted, NOW).await.unwrap();
    assert_eq!(stale, DecideOutcome::Stale, "the document was written");
    let waiting = bench.storage.kept_in(bench.org, case).await.unwrap();
    assert!(waiting.iter().all(|change| change.verdict.is_none()));
}
