use client_core::id::{CommandId, DeviceId};
use client_core::projection::DocState;

use super::Bench;
use super::bench::NOW;
use crate::storage::Storage;
use crate::storage::model::{CommitOutcome, NewCommand};

pub(super) async fn a_commit_is_all_there_and_another_revision_is_stale(
    bench: &Bench<'_, impl Storage>,
) {
    let anna = bench.rep().await;
    let mut draft = bench.stored(anna).await;
    let held = bench.storage.document(bench.org, draft.doc()).await.unwrap().unwrap();
    assert_eq!((held.header, held.revision), (*draft.document.header(), 1));
    let loaded = bench.storage.load(bench.org, draft.doc()).await.unwrap().unwrap();
    assert_eq!(loaded.snapshot, draft.document.snapshot());
    let row = bench.storage.row(bench.org, draft.doc()).await.unwrap().unwrap();
    assert_eq!(row.state, DocState::read(&draft.document));
    assert_eq!(row.heads, draft.document.heads());

    draft.rename("Acme AG");
    let stale = { draft.commit().clone() };
    let outcome = bench.storage.commit(bench.org, draft.commit()).await.unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed(_)));
    let outcome = bench.storage.commit(bench.org, stale).await.unwrap();
    assert_eq!(outcome, CommitOutcome::Stale);
    assert_eq!(bench.storage.log(bench.org, draft.doc()).await.unwrap().len(), 2);
    let known = vec![(draft.doc(), Some(2)), (draft.doc(), Some(1))];
    let loaded = bench.storage.load_all(bench.org, known).await.unwrap();
    assert!(loaded[0].as_ref().unwrap().snapshot.is_none(), "the caller has it");
    assert!(loaded[1].as_ref().unwrap().snapshot.is_some());
}

pub(super) async fn concurrent_writers_of_one_document_never_lose_a_change(
    bench: &Bench<'_, impl Storage>,
) {
    let anna = bench.rep().await;
    let base = bench.stored(anna).await;
    let rival = |n: u8| {
        let mut rival = base.clone();
        rival.actor = client_core::id::ActorId::from_bytes([200 + n; 16]);
        rival.rename(&format!("name {n}"));
        bench.storage.commit(bench.org, rival.commit())
    };
    let (a, b, c) = tokio::join!(rival(0), rival(1), rival(2));
    let outcomes = [a.unwrap(), b.unwrap(), c.unwrap()];
    let won = outcomes.iter().filter(|one| matches!(one, CommitOutcome::Committed(_))).count();
    let stale = outcomes.iter().filter(|one| matches!(one, CommitOutcome::Stale)).count();
    assert_eq!((won, stale), (1, 2), "{outcomes:?}");
    assert_eq!(bench.storage.log(bench.org, base.doc()).await.unwrap().len(), 2);
}

pub(super) async fn a_used_sequence_number_fails_one_document_and_not_its_neighbours(
    bench: &Bench<'_, impl Storage>,
) {
    let anna = bench.rep().await;
    let mut forked = bench.stored(anna).await;
    forked.rename("Acme AG");
    forked.changes[0].seq = 1;
    let good = bench.customer(anna);
    let commits = vec![forked.commit(), good.commit()];
    let outcomes = bench.storage.commit_all(bench.org, commits).await.unwrap();
    assert_eq!(outcomes[0], CommitOutcome::Failed);
    assert!(matches!(outcomes[1], CommitOutcome::Committed(_)));
    let held = bench.storage.document(bench.org, forked.doc()).await.unwrap().unwrap();
    assert_eq!(held.revision, 1, "nothing of the failed commit is left");
    let stored = bench.storage.stored_change(bench.org, forked.doc(), 0, forked.actor, 1).await;
    assert_ne!(stored.unwrap(), Some(forked.changes[0].hash));
}

pub(super) async fn commands_are_kept_once(bench: &Bench<'_, impl Storage>) {
    let anna = bench.rep().await;
    let command = NewCommand {
        id: CommandId::from_bytes([1; 16]),
        user: anna,
        device: DeviceId::from_bytes([1; 16]),
        kind: "review".into(),
        body: Vec::new(),
        refused: Some("no".into()),
    };
    let id = command.id;
    assert_eq!(bench.storage.command_answer(bench.org, id).await.unwrap(), None);
    assert!(bench.storage.keep_command(bench.org, command.clone(), NOW).await.unwrap());
    assert!(!bench.storage.keep_command(bench.org, command, NOW).await.unwrap());
    let answer = bench.storage.command_answer(bench.org, id).await.unwrap();
    assert_eq!(answer, Some(Some("no".into())));
}
