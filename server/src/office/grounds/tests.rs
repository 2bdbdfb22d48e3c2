//! Two people decide about the same thing at one instant: one of them is told.

use std::sync::Arc;

use client_core::docs::visit::VisitMode;
use client_core::id::{DocId, RecordId};
use client_core::protocol::ChangeResult;
use tokio::sync::Barrier;
use tokio_util::task::TaskTracker;

use crate::office::{MergeError, MoveError, Office, VoidError};
use crate::storage::Invitations;
use crate::testing::World;

/// How often each pair meets: which of two is first is the machine's.
const MEETINGS: usize = 16;

/// Does both at one instant, on threads of their own.
async fn both<A, B>(
    one: impl Future<Output = A> + Send + 'static,
    other: impl Future<Output = B> + Send + 'static,
) -> (A, B)
where
    A: Send + 'static,
    B: Send + 'static,
{
    let barrier = Arc::new(Barrier::new(2));
    let there = Arc::clone(&barrier);
    let tracker = TaskTracker::new();
    let one = tracker.spawn(async move {
        barrier.wait().await;
        one.await
    });
    let other = tracker.spawn(async move {
        there.wait().await;
        other.await
    });
    (one.await.unwrap(), other.await.unwrap())
}

struct Story {
    world: World,
    office: Office,
    visit: DocId,
    customers: [DocId; 3],
}

async fn story() -> Story {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut customers = Vec::new();
    for name in ["Acme", "Beta", "Crane"] {
        let (header, made) = anna.customer(&world, name);
        assert_eq!(anna.push(header, &made).await, ChangeResult::Stored);
        customers.push(header.doc);
    }
    let (visit, made) = anna.submitted_visit(&world, customers[0], VisitMode::Phone);
    assert_eq!(anna.push(visit, &made).await, ChangeResult::Stored);
    let office = Office::of(world.app.clone(), world.org);
    Story { world, office, visit: visit.doc, customers: customers.try_into().unwrap() }
}

impl Story {
    /// What was done about a document, the oldest first.
    async fn written_down(&self, doc: DocId) -> Vec<String> {
        let subject = RecordId::from_bytes(*doc.as_bytes());
        let entries = self.world.app.storage().audit_of(self.world.org, subject, 500).await;
        let mut entries: Vec<String> = entries.unwrap().into_iter().map(|it| it.what).collect();
        entries.reverse();
        entries
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_take_a_visit_out_of_the_count_one_is_told_that_it_was_done() {
    let story = story().await;
    let visit = story.visit;
    for meeting in 0..MEETINGS {
        let (one, other) = (story.office.clone(), story.office.clone());
        let taken = both(
            async move { one.void_visit(visit, "nobody was there", None).await },
            async move { other.void_visit(visit, "it was a call", None).await },
        );
        let (done, told) = match taken.await {
            (Ok(done), Err(told)) | (Err(told), Ok(done)) => (done, told),
            both => panic!("meeting {meeting}: {both:?}"),
        };
        assert!(matches!(told, VoidError::AlreadyVoid { .. }), "{told}");
        assert_eq!(story.office.void(visit).await.unwrap(), Some(done), "what was said stands");
        let (one, other) = (story.office.clone(), story.office.clone());
        let back = both(async move { one.unvoid_visit(visit, None).await }, async move {
            other.unvoid_visit(visit, None).await
        });
        match back.await {
            (Ok(_), Err(VoidError::NotVoid { .. })) | (Err(VoidError::NotVoid { .. }), Ok(_)) => {}
            both => panic!("meeting {meeting}: {both:?}"),
        }
    }
    let written = story.written_down(visit).await;
    assert_eq!(written.len(), 2 * MEETINGS, "each decision once: {written:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_move_a_visit_the_second_moves_it_on_from_where_the_first_put_it() {
    let story = story().await;
    let (visit, [_own, beta, crane]) = (story.visit, story.customers);
    for meeting in 0..MEETINGS {
        let (one, other) = (story.office.clone(), story.office.clone());
        let moved = both(async move { one.move_visit(visit, beta, None).await }, async move {
            other.move_visit(visit, beta, None).await
        });
        match moved.await {
            (Ok(_), Err(MoveError::AlreadyThere { .. }))
            | (Err(MoveError::AlreadyThere { .. }), Ok(_)) => {}
            both => panic!("meeting {meeting}: {both:?}"),
        }
        // One moves it on, the other one back: whoever is second decides on what stands then.
        let (one, other) = (story.office.clone(), story.office.clone());
        let met = both(async move { one.move_visit(visit, crane, None).await }, async move {
            other.move_visit_back(visit, None).await
        });
        assert!(matches!(met.await, (Ok(_), Ok(_))), "meeting {meeting}");
        if story.office.moved(visit).await.unwrap().is_some_and(|moved| moved.in_force()) {
            story.office.move_visit_back(visit, None).await.unwrap();
        }
    }
    let written = story.written_down(visit).await;
    let on = written.iter().filter(|what| *what == "visit.move").count();
    assert_eq!(on, 2 * MEETINGS, "{written:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_merges_that_meet_make_no_circle() {
    let story = story().await;
    let [acme, beta, crane] = story.customers;
    story.office.merge_customers(beta, crane, None).await.unwrap();
    for meeting in 0..MEETINGS {
        let (one, other) = (story.office.clone(), story.office.clone());
        let merged = both(async move { one.merge_customers(acme, beta, None).await }, async move {
            other.merge_customers(crane, acme, None).await
        });
        let alias = match merged.await {
            (Ok(alias), Err(MergeError::Circle { .. }))
            | (Err(MergeError::Circle { .. }), Ok(alias)) => alias,
            both => panic!("meeting {meeting}: {both:?}"),
        };
        let from = alias.from;
        let (one, other) = (story.office.clone(), story.office.clone());
        let parted = both(async move { one.part_customers(from, None).await }, async move {
            other.part_customers(from, None).await
        });
        match parted.await {
            (Ok(_), Err(MergeError::NotMerged { .. }))
            | (Err(MergeError::NotMerged { .. }), Ok(_)) => {}
            both => panic!("meeting {meeting}: {both:?}"),
        }
    }
}
