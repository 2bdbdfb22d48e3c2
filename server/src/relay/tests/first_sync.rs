//! What a phone that starts is told, in which order, and what stands in for damage.

use client_core::docs::plan::Stop;
use client_core::docs::{DocKind, Document, Header};
use client_core::id::{DocId, ItemId};
use client_core::protocol::{FeedEntry, SyncResponse};
use client_core::time::Zone;

use crate::testing::{Phone, World};

fn entered(response: &SyncResponse) -> Vec<Header> {
    let headers = response.feed.iter().filter_map(|entry| match entry {
        FeedEntry::Enter { header, .. } => Some(*header),
        _ => None,
    });
    headers.collect()
}

/// Anna with customers and a visit at each, the first customer's first.
async fn with_customers(world: &World, count: usize) -> (Phone, Vec<DocId>) {
    let mut anna = world.rep("anna").await;
    let mut customers = Vec::new();
    for n in 0..count {
        let (header, change) = anna.customer(world, &format!("customer {n}"));
        let group = anna.group(header, &[&change]);
        anna.exchange(vec![group]).await;
        let (visit, seen) = anna.timed_visit(world, header.doc);
        anna.push(visit, &seen).await;
        customers.push(header.doc);
        // The token that all of this is pushed with must stay good.
        world.pass(10_000);
    }
    (anna, customers)
}

fn data_file(world: &World) -> rusqlite::Connection {
    rusqlite::Connection::open(world.dir.path().join(crate::DATA_FILE)).unwrap()
}

async fn plan_today(world: &World, anna: &mut Phone, stops: &[DocId]) -> DocId {
    let today = Zone::fixed("Asia/Shanghai", 8 * 3600).date(world.now());
    let doc = DocId::plan(world.org, anna.user, today);
    let header = Header { doc, ..anna.header(world, DocKind::Plan, None) };
    let mut document = Document::create(header);
    let context = anna.context(world.now());
    let change = document
        .edit_plan(&context, |edit| {
            edit.set_date(Some(today))?;
            for (order, customer) in (0..).zip(stops) {
                let stop =
                    Stop { customer: Some(*customer), order: Some(order), ..Stop::default() };
                edit.add_stop(ItemId::from_bytes(world.id()), &stop)?;
            }
            Ok(())
        })
        .unwrap()
        .unwrap();
    anna.docs.insert(doc, document);
    anna.push(header, &change).await;
    doc
}

#[tokio::test]
async fn a_first_sync_begins_with_todays_plan_then_the_overdue_then_those_visited_last() {
    let world = World::new().await;
    let (mut anna, customers) = with_customers(&world, 40).await;
    let plan = plan_today(&world, &mut anna, &[customers[7], customers[3]]).await;
    for (customer, last) in [(customers[11], "2026-09-01"), (customers[5], "2026-08-01")] {
        let changed = data_file(&world)
            .execute(
                "update holding set due = 'overdue', due_last = ?2 where doc = ?1",
                rusqlite::params![customer.as_bytes(), last],
            )
            .unwrap();
        assert_eq!(changed, 1);
    }
    let mut tablet = world.phone("anna").await;
    let mut request = tablet.request(Vec::new());
    request.budget = 8 * 1024;
    let first = tablet.exchange_as(request).await;
    let told = entered(&first);
    let order: Vec<DocId> =
        told.iter().filter(|it| it.kind != DocKind::Visit).map(|it| it.doc).collect();
    assert_eq!(order[..5], [plan, customers[7], customers[3], customers[5], customers[11]]);
    assert_eq!(order[5], customers[39], "then whom she visited last");
    let beside = told.iter().position(|header| header.doc == customers[7]).unwrap();
    assert_eq!(told[beside + 1].customer, Some(customers[7]), "its visit comes with it");
    assert!(first.more);
    tablet.pull().await;
    let held = |phone: &Phone| {
        phone.docs.iter().map(|(doc, state)| (*doc, state.heads())).collect::<Vec<_>>()
    };
    assert_eq!(held(&tablet), held(&anna), "and then everything");
}

#[tokio::test]
async fn a_first_sync_goes_on_wherever_a_page_was_cut_and_whatever_moved_meanwhile() {
    let world = World::new().await;
    let (mut anna, customers) = with_customers(&world, 20).await;
    plan_today(&world, &mut anna, &[customers[7], customers[3]]).await;
    for budget in [1, 5_000, 6_000, 7_000, 9_000, 20_000] {
        let mut tablet = world.phone("anna").await;
        let mut pages = 0;
        loop {
            let mut request = tablet.request(Vec::new());
            request.budget = budget;
            let again = request.clone();
            let response = tablet.exchange_as(request).await;
            // The answer was lost: the same question gives the same page.
            let repeated = tablet.exchange_as(again).await;
            assert_eq!(entered(&repeated), entered(&response));
            if !response.more {
                break;
            }
            pages += 1;
            // The order of what matters today moves under the reader.
            if pages % 3 == 1 {
                let (visit, seen) = anna.timed_visit(&world, customers[pages % 20]);
                anna.push(visit, &seen).await;
                world.pass(60_000);
            }
            assert!(pages < 200);
        }
        tablet.pull().await;
        let held = |phone: &Phone| {
            phone.docs.iter().map(|(doc, state)| (*doc, state.heads())).collect::<Vec<_>>()
        };
        assert_eq!(held(&tablet), held(&anna), "budget {budget}");
    }
}

#[tokio::test]
async fn what_matters_today_never_shows_what_the_reader_may_not_see() {
    let world = World::new().await;
    let (_anna, customers) = with_customers(&world, 3).await;
    let mut boris = world.rep("boris").await;
    plan_today(&world, &mut boris, &[customers[0], customers[2]]).await;
    let mut tablet = world.phone("boris").await;
    tablet.pull().await;
    assert!(customers.iter().all(|customer| !tablet.docs.contains_key(customer)));
    assert_eq!(tablet.docs.len(), 1, "the plan");
}

#[tokio::test]
async fn a_history_that_the_disk_damaged_is_served_from_the_change_log() {
    let world = World::new().await;
    let (mut anna, customers) = with_customers(&world, 2).await;
    for n in 0..3 {
        let (header, change) = anna.rename(&world, customers[0], &format!("name {n}"));
        anna.push(header, &change).await;
    }
    assert_eq!(crate::relay::fold::pass(&world.app, world.org).await.unwrap(), 1);
    let whole = |sql: &str| {
        let sql = format!("update doc set snapshot = cast({sql} as blob) where doc = ?1");
        let changed = data_file(&world).execute(&sql, [customers[0].as_bytes()]).unwrap();
        assert_eq!(changed, 1);
    };
    for damage in [
        "substr(snapshot, 1, 90) || zeroblob(4) || substr(snapshot, 95)",
        "substr(snapshot, 1, length(snapshot) - 1)",
        "zeroblob(0)",
    ] {
        whole(damage);
        let mut tablet = world.phone("anna").await;
        tablet.pull().await;
        assert_eq!(tablet.docs[&customers[0]].heads(), anna.docs[&customers[0]].heads());
    }
    // Writing goes on, and once the tail is long enough, what the log says is folded again.
    for n in 0..24 {
        let (header, change) = anna.rename(&world, customers[0], &format!("later {n}"));
        anna.push(header, &change).await;
    }
    assert_eq!(crate::relay::fold::pass(&world.app, world.org).await.unwrap(), 1);
    let stored: Vec<u8> = data_file(&world)
        .query_row("select snapshot from doc where doc = ?1", [customers[0].as_bytes()], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(client_core::docs::is_intact(&stored));
    let healed = Document::load(*anna.docs[&customers[0]].header(), &stored).unwrap();
    assert_eq!(healed.heads(), anna.docs[&customers[0]].heads());
}

#[tokio::test]
async fn a_fold_that_comes_too_late_changes_nothing() {
    use crate::storage::Histories;

    let world = World::new().await;
    let (mut anna, customers) = with_customers(&world, 1).await;
    for n in 0..4 {
        let (header, change) = anna.rename(&world, customers[0], &format!("name {n}"));
        anna.push(header, &change).await;
    }
    let grown = world.app.storage().unfolded(world.org, 10).await.unwrap().remove(0);
    let (header, change) = anna.rename(&world, customers[0], "meanwhile");
    anna.push(header, &change).await;
    let revision = grown.stored.revision;
    let late = world.app.storage().fold(world.org, header.doc, revision, grown.stored.snapshot, 0);
    assert!(!late.await.unwrap());
    let mut tablet = world.phone("anna").await;
    tablet.pull().await;
    assert_eq!(tablet.docs[&header.doc].heads(), anna.docs[&header.doc].heads());
}
