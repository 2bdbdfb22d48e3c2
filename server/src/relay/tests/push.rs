//! What becomes of a push.

use client_core::docs::{DocKind, Document};
use client_core::id::{ActorId, CommandId};
use client_core::projection::DocState;
use client_core::protocol::codec::{self, Encoding};
use client_core::protocol::{
    ChangeNames, ChangeResult, Command, PhoneSays, ProblemCode, RejectCode, SyncRequest,
};
use client_core::records::{Record, RecordKind};
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;

use crate::office::Office;
use crate::storage::{Accounts, Documents, Records, Scores};
use crate::testing::{World, read};

fn code(result: &ChangeResult) -> RejectCode {
    match result {
        ChangeResult::Rejected { code, .. } => *code,
        other => panic!("expected a rejection, got {other:?}"),
    }
}

#[tokio::test]
async fn a_push_is_stored_once_however_often_it_is_sent() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    assert_eq!(anna.push(header, &change).await, ChangeResult::Stored);
    for _again in 0..3 {
        assert_eq!(anna.push(header, &change).await, ChangeResult::Duplicate);
    }
    let log = world.app.storage().log(world.org, header.doc).await.unwrap();
    assert_eq!(log.len(), 1);
    let row = world.app.storage().row(world.org, header.doc).await.unwrap().unwrap();
    let DocState::Customer(customer) = row.state else { panic!("a customer") };
    assert_eq!(customer.value.name.as_deref(), Some("Acme"));
}

#[tokio::test]
async fn a_new_customer_belongs_to_its_author_and_a_deal_to_the_customers_owner() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    anna.pull().await;
    let placed = anna.records.iter().find_map(|record| match record {
        Record::Placement(placement) if placement.subject == header.doc => Some(placement.clone()),
        _ => None,
    });
    let placed = placed.unwrap();
    assert_eq!(placed.current().unwrap().owner, anna.user);
    assert_eq!(placed.current().unwrap().unit, crate::testing::unit_id("north"));

    let deal = anna.header(&world, DocKind::Deal, Some(header.doc));
    let mut document = Document::create(deal);
    let at = world.now();
    let opened = document.edit_deal(&anna.context(at), |edit| edit.set_name(Some("pumps")));
    let won = document.edit_deal(&anna.context(at), |edit| edit.win(at));
    let group = anna.group(deal, &[&opened.unwrap().unwrap(), &won.unwrap().unwrap()]);
    let response = anna.exchange(vec![group]).await;
    assert_eq!(response.results[0].changes, [ChangeResult::Stored, ChangeResult::Stored]);
    let id = client_core::id::RecordId::from_bytes(*deal.doc.as_bytes());
    let record = world.app.storage().record(world.org, RecordKind::Placement, id).await.unwrap();
    let Record::Placement(placed) = record.unwrap().decode().unwrap() else { panic!("placement") };
    assert_eq!(placed.credit, Some(anna.user), "a won deal's credit is frozen");
}

#[tokio::test]
async fn one_bad_group_never_fails_the_others() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (good, change) = anna.customer(&world, "Acme");
    let (bad, bad_change) = anna.customer(&world, "Beta");
    let mut damaged = anna.group(bad, &[&bad_change]);
    let middle = damaged.changes[0].len() / 2;
    damaged.changes[0][middle] ^= 0xFF;
    let groups = vec![damaged, anna.group(good, &[&change])];
    let response = anna.exchange(groups).await;
    assert_eq!(code(&response.results[0].changes[0]), RejectCode::Malformed);
    assert_eq!(response.results[1].changes, [ChangeResult::Stored]);
}

#[tokio::test]
async fn a_change_of_another_actor_is_refused() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let header = anna.header(&world, DocKind::Customer, None);
    anna.claim.actor = ActorId::from_bytes([9; 16]);
    let mut document = Document::create(header);
    let context = anna.context(world.now());
    let change = document.edit_customer(&context, |edit| edit.set_name(Some("Acme")));
    let result = anna.push(header, &change.unwrap().unwrap()).await;
    assert_eq!(code(&result), RejectCode::ForeignActor);
}

#[tokio::test]
async fn a_restored_phone_is_told_that_its_numbers_are_used() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    let backup = anna.docs[&header.doc].clone();
    anna.push(header, &change).await;
    let (_, second) = anna.rename(&world, header.doc, "Acme AG");
    assert_eq!(anna.push(header, &second).await, ChangeResult::Stored);
    anna.docs.insert(header.doc, backup);
    let (_, rival) = anna.rename(&world, header.doc, "Acme Inc");
    assert_eq!(code(&anna.push(header, &rival).await), RejectCode::ForkedActor);
}

#[tokio::test]
async fn a_part_of_a_push_whose_answer_was_lost_is_told_apart_from_a_twin() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let made = [anna.customer(&world, "Acme"), anna.customer(&world, "Beta")];
    let both = made.iter().map(|(header, change)| anna.group(*header, &[change])).collect();
    anna.exchange(both).await;
    let (first, rest) = (&made[0], &made[1]);
    let half = |unheard: ChangeNames| SyncRequest {
        pushed: Some(0),
        unheard,
        ..anna.request(vec![anna.group(first.0, &[&first.1])])
    };
    let (named, other) = (ChangeNames::of([rest.1.hash]), ChangeNames::of([first.1.hash]));
    for (unheard, known) in [(ChangeNames::default(), false), (other, false), (named, true)] {
        let (body, encoding) = codec::encode(&half(unheard), Encoding::Zstd);
        let answer = anna.post(body, encoding.header()).await;
        assert_eq!(answer.status == 200, known, "{}", answer.status);
        if known {
            let response = read(&answer);
            assert_eq!(response.results[0].changes, [ChangeResult::Duplicate]);
            assert!(response.pushed.is_some(), "it is told how far it has come");
        } else {
            assert_eq!(answer.problem().code, ProblemCode::Forked);
        }
    }
}

#[tokio::test]
async fn what_a_history_held_that_is_over_was_taken_and_the_rest_is_told_to_begin_anew() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, taken) = anna.customer(&world, "Acme");
    anna.push(header, &taken).await;
    let (_, unsent) = anna.rename(&world, header.doc, "Acme AG");
    let office = Office::of(world.app.clone(), world.org);
    office.begin_history_anew(header.doc).await.unwrap();
    let request = anna.request(vec![anna.group(header, &[&taken, &unsent])]);
    let (body, encoding) = codec::encode(&request, Encoding::Zstd);
    let response = read(&anna.post(body, encoding.header()).await);
    let [first, second] = &response.results[0].changes[..] else { panic!("two answers") };
    assert_eq!(*first, ChangeResult::Duplicate);
    assert_eq!(code(second), RejectCode::OldGeneration);
}

#[tokio::test]
async fn a_gap_is_named_and_what_builds_on_a_refused_change_is_refused() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, first) = anna.customer(&world, "Acme");
    let (_, second) = anna.rename(&world, header.doc, "Acme AG");
    let missing = anna.push(header, &second).await;
    assert_eq!(missing, ChangeResult::MissingDeps(vec![first.hash]));
    let group = anna.group(header, &[&first, &second]);
    let response = anna.exchange(vec![group]).await;
    assert_eq!(response.results[0].changes, [ChangeResult::Stored, ChangeResult::Stored]);
}

#[tokio::test]
async fn a_change_above_the_limits_is_refused_with_the_number() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let header = anna.header(&world, DocKind::Customer, None);
    let mut group = anna.group(header, &[]);
    group.changes.push(ByteBuf::from(vec![0; 65 * 1024]));
    let response = anna.exchange(vec![group]).await;
    let ChangeResult::Rejected { code, detail } = &response.results[0].changes[0] else {
        panic!("not rejected")
    };
    assert_eq!(*code, RejectCode::TooLarge);
    assert!(detail.contains("65536"), "{detail}");
}

#[tokio::test]
async fn a_stranger_cannot_write_a_customer_and_a_supervisor_can() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut boris = world.rep("boris").await;
    world.person("vera", client_core::records::Role::Supervisor, &["sales"]).await;
    let mut vera = world.phone("vera").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;

    boris.docs.insert(header.doc, anna.docs[&header.doc].clone());
    let (_, stolen) = boris.rename(&world, header.doc, "Mine");
    assert_eq!(code(&boris.push(header, &stolen).await), RejectCode::NotAllowed);

    vera.pull().await;
    let (_, corrected) = vera.rename(&world, header.doc, "Acme AG");
    assert_eq!(vera.push(header, &corrected).await, ChangeResult::Stored);
    anna.pull().await;
    assert_eq!(anna.docs[&header.doc].heads(), vera.docs[&header.doc].heads());
}

#[tokio::test]
async fn two_reps_pushing_the_same_customer_at_once_both_keep_their_work() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    world.person("vera", client_core::records::Role::Supervisor, &["sales"]).await;
    let mut vera = world.phone("vera").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    vera.pull().await;
    for round in 0..10 {
        let (_, hers) = anna.rename(&world, header.doc, &format!("anna {round}"));
        let (_, theirs) = vera.rename(&world, header.doc, &format!("vera {round}"));
        let (first, second) = tokio::join!(anna.push(header, &hers), vera.push(header, &theirs));
        assert_eq!((first, second), (ChangeResult::Stored, ChangeResult::Stored));
    }
    anna.pull().await;
    vera.pull().await;
    assert_eq!(anna.docs[&header.doc].heads(), vera.docs[&header.doc].heads());
    assert_eq!(world.app.storage().log(world.org, header.doc).await.unwrap().len(), 21);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_honest_change_is_set_aside_because_others_write_the_same_document() {
    let world = std::sync::Arc::new(World::new().await);
    let mut anna = world.rep("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..4 {
        let mut phone = world.phone("anna").await;
        phone.docs.insert(header.doc, anna.docs[&header.doc].clone());
        let world = std::sync::Arc::clone(&world);
        writers.spawn(async move {
            for round in 0..10 {
                let (_, change) = phone.rename(&world, header.doc, &format!("{number} {round}"));
                assert_eq!(phone.push(header, &change).await, ChangeResult::Stored);
            }
        });
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap();
    }
    assert_eq!(world.app.storage().log(world.org, header.doc).await.unwrap().len(), 41);
}

#[tokio::test]
async fn a_commit_marks_the_months_that_must_be_scored_again() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    let dirty = world.app.storage().dirty(world.org, 10).await.unwrap();
    assert!(dirty.iter().all(|mark| mark.rep == anna.user), "{dirty:?}");
    let month = dirty.first().unwrap();
    let zone = client_core::time::Zone::fixed("Asia/Shanghai", 8 * 3600);
    assert!(month.period.contains(zone.date(Timestamp::from_millis(world.now().millis()))));
    let taken = *month;
    anna.rename(&world, header.doc, "Acme AG");
    let (_, change) = anna.rename(&world, header.doc, "Acme Inc");
    // The first rename was never pushed: the second names it as missing and marks nothing.
    assert!(matches!(anna.push(header, &change).await, ChangeResult::MissingDeps(_)));
    world.app.storage().clear_dirty(world.org, taken).await.unwrap();
    assert!(world.app.storage().dirty(world.org, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_command_is_kept_once_and_answered_the_same_again() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut request = anna.request(Vec::new());
    request.commands.push(Command {
        id: CommandId::from_bytes([5; 16]),
        kind: "review".into(),
        body: ByteBuf::new(),
    });
    let first = anna.exchange_as(request.clone()).await;
    let again = anna.exchange_as(request).await;
    assert_eq!(first.commands, again.commands);
    assert!(first.commands[0].refused.as_ref().unwrap().contains("review"));
}

#[tokio::test]
async fn a_backlog_on_its_way_is_written_down_when_it_begins_and_when_it_ends() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut kept = Vec::new();
    for waiting in [5, 4, 3, 2, 1, 0] {
        let (header, change) = anna.customer(&world, "Acme");
        let mut request = anna.request(vec![anna.group(header, &[&change])]);
        request.says = PhoneSays { waiting, minutes_ahead: 0 };
        anna.exchange_as(request).await;
        let device = world.app.storage().device(world.org, anna.claim.id).await.unwrap();
        kept.push(device.and_then(|device| device.said).map(|said| said.waiting));
    }
    assert_eq!(kept, [Some(5), Some(5), Some(5), Some(5), Some(5), Some(0)]);
}
