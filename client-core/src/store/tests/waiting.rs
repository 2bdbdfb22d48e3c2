//! What cannot go on now waits on the phone and goes on by itself.

use super::decisions::decided;
use super::*;
use crate::docs::ChangeHash;
use crate::records::Verdict;

const MINUTE: i64 = 60_000;

fn full() -> ChangeResult {
    ChangeResult::Rejected {
        code: RejectCode::QuarantineFull,
        detail: "no more may wait".to_owned(),
    }
}

fn waits() -> ItemStatus {
    ItemStatus::Waiting { reason: "no more may wait".to_owned() }
}

#[test]
fn work_that_found_no_room_is_sent_again_by_itself_with_longer_and_longer_pauses() {
    let fixture = Fixture::new();
    let doc = fixture.name(7, "Acme AG");
    let mut now = NOW;
    for tries in 0..12_u32 {
        let outgoing = fixture.collect_at(now);
        assert_eq!(outgoing.groups.len(), 1, "try {tries}");
        let applied = fixture.take_at(&outgoing.manifest, &results(&outgoing, &full()), now);
        assert_eq!((applied.refused, applied.due), (0, false), "nothing is due, nothing refused");
        assert_eq!(fixture.status(doc), waits());
        let pause = MINUTE << tries.min(8);
        assert!(fixture.collect_at(now.plus_millis(pause - 1)).groups.is_empty(), "try {tries}");
        now = now.plus_millis(pause);
    }
    assert_eq!(fixture.store.read(outbox::waiting_count).unwrap(), 1, "and it is counted");
    assert_eq!(fixture.store.read(outbox::refused).unwrap()[0].status, waits(), "and told");
    let outgoing = fixture.collect_at(now);
    fixture.take_at(&outgoing.manifest, &results(&outgoing, &ChangeResult::Stored), now);
    assert_eq!(fixture.status(doc), ItemStatus::Stored);
}

#[test]
fn other_documents_go_on_while_one_waits_and_what_builds_on_it_waits_too() {
    let fixture = Fixture::new();
    let doc = fixture.name(7, "Acme AG");
    let outgoing = fixture.collect();
    fixture.take(&outgoing.manifest, &results(&outgoing, &full()));
    fixture.name(7, "Acme Inc");
    let other = fixture.name(8, "Beta");
    let outgoing = fixture.collect();
    let docs: Vec<DocId> = outgoing.manifest.groups.iter().map(|(doc, _)| *doc).collect();
    assert_eq!(docs, [other]);
    // A clock that was years ahead must not hold it back for years.
    let past = NOW.plus_millis(-300 * 24 * 60 * MINUTE);
    let docs: Vec<DocId> = fixture.collect_at(past).manifest.groups.iter().map(|it| it.0).collect();
    assert!(docs.contains(&doc), "{docs:?}");
}

#[test]
fn a_decision_makes_room_and_what_waited_goes_at_once() {
    let fixture = Fixture::new();
    fixture.name(7, "Acme AG");
    let outgoing = fixture.collect();
    fixture.take(&outgoing.manifest, &results(&outgoing, &full()));
    assert!(fixture.collect().groups.is_empty());
    let somebodys = DocId::from_bytes([9; 16]);
    fixture.feed(vec![decided(somebodys, vec![ChangeHash([9; 32])], Some(Verdict::Accepted))]);
    assert_eq!(fixture.collect().groups.len(), 1);
}

#[test]
fn a_change_that_builds_on_a_colleagues_lost_work_waits_for_it_and_is_not_rejected() {
    let fixture = Fixture::new();
    let theirs = elsewhere(7, "likes tea");
    fixture.feed(vec![enter(&theirs)]);
    let doc = fixture.name(7, "Acme AG");
    let outgoing = fixture.collect();
    // The server was restored and lacks both: it takes nobody's work without proof.
    let lost: Vec<ChangeHash> = theirs.heads().as_slice().to_vec();
    let missing = ChangeResult::MissingDeps(lost);
    let applied = fixture.take(&outgoing.manifest, &results(&outgoing, &missing));
    assert!(applied.progressed, "their change is given back");
    let outgoing = fixture.collect();
    let answers: Vec<ChangeResult> = outgoing.manifest.groups[..]
        .iter()
        .flat_map(|(_doc, changes)| changes)
        .map(|hash| match theirs.contains(hash) {
            true => ChangeResult::Rejected {
                code: RejectCode::ForeignActor,
                detail: "not yours".to_owned(),
            },
            false => missing.clone(),
        })
        .collect();
    let mut answers = answers.into_iter();
    let results = outgoing.manifest.groups.iter().map(|(doc, changes)| GroupResult {
        doc: *doc,
        changes: answers.by_ref().take(changes.len()).collect(),
    });
    let response = SyncResponse { results: results.collect(), ..empty() };
    fixture.take(&outgoing.manifest, &response);
    let status = fixture.status(doc);
    assert!(matches!(status, ItemStatus::Waiting { .. }), "{status:?}");
    assert!(fixture.collect().groups.is_empty());
    // Their phone came: the document arrives, and this goes on.
    fixture.feed(vec![enter(&theirs)]);
    assert_eq!(fixture.collect().groups.len(), 1);
}

/// What SQLite does for a question about the outbox, in steps of its machine.
fn steps(fixture: &Fixture, sql: &str, params: impl rusqlite::Params) -> i32 {
    let counted = fixture.store.read(|conn| {
        let mut statement = conn.prepare(sql)?;
        statement.query_row(params, |row| row.get::<_, bool>(0))?;
        Ok(statement.get_status(rusqlite::StatementStatus::VmStep))
    });
    counted.unwrap()
}

#[test]
fn what_is_asked_after_each_answer_costs_the_same_however_much_waits() {
    let fixture = Fixture::new();
    let costs = |fixture: &Fixture| {
        [
            steps(fixture, &outbox::any_due_sql(), outbox::held(NOW)),
            steps(fixture, renew::ANSWERS_WAIT, []),
        ]
    };
    fixture.name(1, "Acme 1");
    let few = costs(&fixture);
    for doc in 2..=200 {
        fixture.name(doc, &format!("Acme {doc}"));
    }
    assert_eq!(fixture.store.read(outbox::waiting_count).unwrap(), 200);
    assert_eq!(costs(&fixture), few);
}
