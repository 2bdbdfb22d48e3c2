//! What must not come back, and customers that are one.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::{ChangeHash, EditContext, Generation, Redaction};
use client_core::id::{ActorId, DocId};
use client_core::protocol::Scope;
use client_core::records::{AliasRecord, Cause, Record, RecordKind};

use super::Bench;
use super::bench::{Draft, NOW};
use crate::storage::model::{
    CommitOutcome, ExternalKey, ExternalKind, ImportBatch, NewGeneration, NewLogChange, PageEntry,
    RedactedDoc, Room, Seq, SetAside, WrittenAgain,
};
use crate::storage::{Storage, term};

/// The next generation of a document, as an erasure of its customer makes it.
pub(crate) fn anew(draft: &Draft) -> NewGeneration {
    let header = *draft.document.header();
    let context = EditContext { actor: ActorId::from_bytes([250; 16]), at: NOW };
    let generation = Generation(header.generation.0 + 1);
    let made = draft.document.restart(generation, Redaction::Customer(header.doc), &context);
    let made = made.unwrap();
    let log = |change: client_core::docs::NewChange| NewLogChange {
        hash: change.hash,
        actor: context.actor,
        seq: change.seq,
        bytes: change.bytes,
    };
    let changes = made.changes.into_iter().map(log).collect();
    let next = Draft { document: made.document, changes, ..draft.clone() };
    let (commit, things) = (next.commit(), draft.document.things());
    NewGeneration { commit, things, erased: true, came_back: None, aside: Vec::new() }
}

pub(super) async fn a_new_generation_takes_the_old_history_and_tells_its_readers(
    bench: &Bench<'_, impl Storage>,
) {
    let anna = bench.rep().await;
    let mut draft = bench.stored(anna).await;
    let start = bench.storage.head(bench.org).await.unwrap();
    let new = anew(&draft);
    let (header, heads) = (new.commit.header, new.commit.heads.clone());
    let done = bench.storage.restart(bench.org, new.clone()).await.unwrap();
    assert!(matches!(done, CommitOutcome::Committed(_)), "{done:?}");
    let log = bench.storage.log(bench.org, draft.doc()).await.unwrap();
    let hashes: Vec<_> = log.iter().map(|change| change.hash).collect();
    assert_eq!(hashes, new.commit.changes.iter().map(|change| change.hash).collect::<Vec<_>>());

    let page = bench.page(&[Scope::User(anna)], start, 1 << 20).await;
    let told = |entry: &PageEntry| {
        matches!(entry, PageEntry::Reset { header: begun, .. }
            if begun.doc == header.doc && begun.generation == Generation(1))
    };
    assert!(page.entries.iter().any(told), "{:?}", page.entries);
    assert_eq!(page.complete[0].digest, term(header.doc, 1, &heads).to_be_bytes());
    // Whoever still writes on the old history has to look again.
    draft.rename("Acme AG");
    assert_eq!(
        bench.storage.commit(bench.org, draft.commit()).await.unwrap(),
        CommitOutcome::Stale
    );
    assert_eq!(bench.storage.restart(bench.org, new).await.unwrap(), CommitOutcome::Stale);
}

pub(super) async fn what_is_written_again_of_a_history_that_is_over_is_known_with_it(
    bench: &Bench<'_, impl Storage>,
) {
    let (storage, org) = (bench.storage, bench.org);
    let anna = bench.rep().await;
    let draft = bench.stored(anna).await;
    let (doc, generation) = (draft.doc(), draft.document.header().generation);
    assert!(storage.former(org, doc).await.unwrap().ended.is_empty(), "it goes on");
    let here = storage.log(org, doc).await.unwrap()[0].hash;
    let new = NewGeneration { came_back: Some(Generation(7)), ..anew(&draft) };
    storage.restart(org, new).await.unwrap();
    let known = storage.former(org, doc).await.unwrap();
    assert_eq!(known.came_back, Some(Generation(7)));
    let [ended] = &known.ended[..] else { panic!("{known:?}") };
    assert_eq!(ended.generation, generation);
    assert!(ended.changes.names().holds(&here));
    let late = ChangeHash([9; 32]);
    let things = ended.things.clone();
    let again = WrittenAgain { generation, changes: vec![late], things };
    assert_eq!(storage.write_again(org, doc, again, None).await.unwrap(), None);
    let names = storage.ended(org, doc, generation).await.unwrap().names();
    assert!(names.holds(&here) && names.holds(&late));
}

pub(super) async fn what_does_not_fit_into_a_new_history_waits_from_its_first_moment_on(
    bench: &Bench<'_, impl Storage>,
) {
    let (storage, org) = (bench.storage, bench.org);
    let anna = bench.rep().await;
    let draft = bench.stored(anna).await;
    let mut late = draft.clone();
    late.rename("Acme AG");
    let aside = SetAside {
        header: *draft.document.header(),
        origin: late.commit().origin,
        reason: "it does not fit".into(),
        cause: Cause::CameBack,
        changes: late.changes.iter().map(|one| (one.hash, one.bytes.clone())).collect(),
        room: Room::default(),
    };
    let new = NewGeneration { erased: false, aside: vec![aside.clone()], ..anew(&draft) };
    let mut stale = new.clone();
    stale.commit.expected += 1;
    assert_eq!(storage.restart(org, stale).await.unwrap(), CommitOutcome::Stale);
    assert!(storage.kept_of(org, draft.doc()).await.unwrap().is_empty(), "neither of the two");
    let none = Room { device_changes: 0, ..Room::default() };
    let full = SetAside { room: none, ..aside };
    let full = NewGeneration { aside: vec![full], ..new.clone() };
    storage.restart(org, full).await.unwrap_err();
    let generation = draft.document.header().generation;
    assert!(storage.ended(org, draft.doc(), generation).await.unwrap().is_empty(), "nor here");
    storage.restart(org, new).await.unwrap();
    let kept = storage.kept_of(org, draft.doc()).await.unwrap();
    let hashes: Vec<ChangeHash> = kept.iter().map(|one| one.hash).collect();
    assert_eq!(hashes, late.changes.iter().map(|one| one.hash).collect::<Vec<_>>());
}

pub(super) async fn what_files_called_it_is_known_without_being_kept(
    bench: &Bench<'_, impl Storage>,
) {
    let (storage, org) = (bench.storage, bench.org);
    let anna = bench.rep().await;
    let draft = bench.stored(anna).await;
    let kind = ExternalKind::Customer;
    let key = ExternalKey {
        source: "crm".into(),
        kind,
        key: "C-17".into(),
        id: *draft.doc().as_bytes(),
        fields: BTreeMap::new(),
    };
    let batch = ImportBatch {
        accounts: Vec::new(),
        records: Vec::new(),
        commits: Vec::new(),
        keys: vec![key],
        at: NOW,
    };
    storage.write_import(org, batch).await.unwrap();
    let keys = storage.keys_to_erase(org, vec![draft.doc()], Vec::new()).await.unwrap();
    assert_eq!(keys.len(), 2, "the source's key and the name");
    let erased = async |source: &str, names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        storage.erased_among(org, source, kind, names).await.unwrap()
    };
    assert_eq!(erased("crm", &["C-17"]).await, BTreeSet::new(), "not erased yet");
    for _again in 0..2 {
        storage.remember_erased(org, keys.clone(), Vec::new()).await.unwrap();
    }
    storage.restart(org, anew(&draft)).await.unwrap();
    assert_eq!(storage.external_keys_of(org, "crm", kind).await.unwrap(), Vec::new());
    assert_eq!(erased("crm", &["C-17", "C-18"]).await, BTreeSet::from(["C-17".to_owned()]));
    assert_eq!(erased("other", &["C-17"]).await, BTreeSet::new(), "another source's number");
    let named = ["acme ", "Acme AG"];
    assert_eq!(erased("other", &named).await, BTreeSet::from(["acme ".to_owned()]));
    let user = storage.erased_among(org, "crm", ExternalKind::User, vec!["Acme".into()]).await;
    assert_eq!(user.unwrap(), BTreeSet::new(), "a person may be called so");
}

pub(super) async fn of_which_documents_something_was_erased_is_known_for_good(
    bench: &Bench<'_, impl Storage>,
) {
    let (storage, org) = (bench.storage, bench.org);
    let doc = DocId::from_bytes([7; 16]);
    let one = RedactedDoc { doc, redaction: Redaction::Rep, generation: Generation(2) };
    let other = RedactedDoc { redaction: Redaction::Customer(doc), ..one };
    let earlier = RedactedDoc { generation: Generation(1), ..one };
    for docs in [vec![one, other], vec![earlier]] {
        storage.remember_erased(org, Vec::new(), docs).await.unwrap();
    }
    let mut known = storage.redacted(org).await.unwrap();
    known.sort_by_key(|known| known.redaction);
    assert_eq!(known, [other, one], "the latest generation of each");
    assert!(storage.row(org, doc).await.unwrap().is_none(), "whether it is here or not");
}

pub(super) async fn customers_that_are_one_are_seen_by_the_holders_of_each_until_it_is_taken_back(
    bench: &Bench<'_, impl Storage>,
) {
    let (anna, boris) = (bench.rep().await, bench.rep().await);
    let (from, into) = (bench.stored(anna).await.doc(), bench.stored(boris).await.doc());
    let merged = AliasRecord { from, into, by: None, at: NOW, undone_at: None };
    let write = async |alias: &AliasRecord| {
        let start = bench.storage.head(bench.org).await.unwrap();
        let record = vec![Record::Alias(alias.clone())];
        bench.storage.write_records(bench.org, record, NOW).await.unwrap();
        start
    };
    let seen = async |reader, start: Seq| {
        let page = bench.page(&[Scope::User(reader)], start, 1 << 20).await;
        let mut seen: Vec<(DocId, bool)> = page
            .entries
            .iter()
            .filter_map(|entry| match entry {
                PageEntry::Enter { header, .. } => Some((header.doc, true)),
                PageEntry::Leave { doc, .. } => Some((*doc, false)),
                _ => None,
            })
            .collect();
        seen.sort_unstable();
        let told = page.entries.iter().any(
            |entry| matches!(entry, PageEntry::Record(row) if row.kind == RecordKind::Alias && !row.body.is_empty()),
        );
        (seen, told)
    };
    let start = write(&merged).await;
    assert_eq!(seen(anna, start).await, (vec![(into, true)], true));
    assert_eq!(seen(boris, start).await, (vec![(from, true)], true));
    let start = write(&AliasRecord { undone_at: Some(NOW), ..merged }).await;
    assert_eq!(seen(anna, start).await, (vec![(into, false)], true));
    assert_eq!(seen(boris, start).await, (vec![(from, false)], true));
}

pub(super) async fn writers_go_on_while_the_file_is_written_again(bench: &Bench<'_, impl Storage>) {
    let anna = bench.rep().await;
    let mut draft = bench.stored(anna).await;
    let writing = async {
        for turn in 0..50 {
            draft.changes.clear();
            draft.rename(&format!("Acme {turn}"));
            let outcome = bench.storage.commit(bench.org, draft.commit()).await.unwrap();
            assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
            draft.revision += 1;
        }
    };
    let ((), compacted) = tokio::join!(writing, bench.storage.compact());
    compacted.unwrap();
    assert_eq!(bench.storage.log(bench.org, draft.doc()).await.unwrap().len(), 51);
}
