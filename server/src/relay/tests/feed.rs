//! Pages of the feed.

use std::collections::BTreeSet;

use client_core::docs::{DocKind, Document};
use client_core::protocol::{Cursor, FeedEntry, Scope, ScopeDigest};
use client_core::records::Role;
use serde_bytes::ByteBuf;

use crate::testing::{Phone, World, read};

/// What a phone holds of a scope, by its own count.
fn amount(phone: &Phone, scope: Scope) -> ScopeDigest {
    phone.docs.values().filter(|doc| !phone.gone.contains(&doc.header().doc)).fold(
        ScopeDigest::empty(scope),
        |sum, doc| {
            let header = doc.header();
            sum.plus(ScopeDigest::term(header.doc, header.generation, &doc.heads()))
        },
    )
}

#[tokio::test]
async fn a_sync_with_nothing_to_do_is_tiny_whatever_there_is() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut weights = Vec::new();
    for size in [20, 200] {
        let groups = (0..size).map(|n| {
            let (header, change) = anna.customer(&world, &format!("customer {n}"));
            anna.group(header, &[&change])
        });
        let groups: Vec<_> = groups.collect();
        anna.exchange(groups).await;
        anna.pull().await;
        let (body, encoding) = client_core::protocol::codec::encode(
            &anna.request(Vec::new()),
            client_core::protocol::codec::Encoding::Zstd,
        );
        let up = body.len();
        let answer = anna.post(body, encoding.header()).await;
        let response = read(&answer);
        assert_eq!((response.feed.len(), response.cursor, response.more), (0, None, false));
        let headers: usize =
            answer.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        weights.push((up, answer.bytes.len() + headers));
    }
    assert_eq!(weights[0], weights[1]);
    assert!(weights[0].0 <= 150 && weights[0].1 <= 200, "{weights:?}");
}

#[tokio::test]
async fn a_first_sync_gives_everything_in_pages_and_then_what_it_amounts_to() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut expected = BTreeSet::new();
    for n in 0..60 {
        let (header, change) = anna.customer(&world, &format!("customer {n}"));
        let (visit, seen) = anna.visit(&world, header.doc);
        let groups = vec![anna.group(header, &[&change]), anna.group(visit, &[&seen])];
        anna.exchange(groups).await;
        expected.extend([header.doc, visit.doc]);
    }
    let mut second = world.phone("anna").await;
    let mut kinds = Vec::new();
    let mut pages = 0;
    loop {
        let mut request = second.request(Vec::new());
        request.budget = 8 * 1024;
        let response = second.exchange_as(request).await;
        pages += 1;
        kinds.extend(response.feed.iter().filter_map(|entry| match entry {
            FeedEntry::Enter { header, .. } => Some(header.kind),
            _ => None,
        }));
        assert!(response.more || !second.complete.is_empty());
        if !response.more {
            break;
        }
        assert!(second.complete.is_empty(), "nothing amounts to anything before the end");
    }
    assert!(pages > 5, "{pages}");
    assert_eq!(second.docs.keys().copied().collect::<BTreeSet<_>>(), expected);
    let first_visit = kinds.iter().position(|kind| *kind == DocKind::Visit).unwrap();
    assert!(kinds[first_visit..].iter().all(|kind| *kind == DocKind::Visit), "kind by kind");
    let scope = Scope::User(second.user);
    let told = second.complete.iter().find(|digest| digest.scope == scope).unwrap();
    assert_eq!(*told, amount(&second, scope));
}

#[tokio::test]
async fn others_get_changes_and_the_pusher_only_a_cursor() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut tablet = world.phone("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.pull().await;
    tablet.pull().await;
    let group = anna.group(header, &[&change]);
    let response = anna.exchange(vec![group]).await;
    let documents =
        |entry: &&FeedEntry| matches!(entry, FeedEntry::Enter { .. } | FeedEntry::Changes { .. });
    assert_eq!(response.feed.iter().filter(documents).count(), 0, "{:?}", response.feed);
    assert!(response.cursor.is_some());

    let entered = tablet.exchange(Vec::new()).await;
    assert!(matches!(
        entered.feed.iter().find(documents),
        Some(FeedEntry::Enter { header: entered, .. }) if entered.doc == header.doc
    ));
    let (_, renamed) = anna.rename(&world, header.doc, "Acme AG");
    anna.push(header, &renamed).await;
    let changed = tablet.exchange(Vec::new()).await;
    assert!(matches!(changed.feed.iter().find(documents), Some(FeedEntry::Changes { .. })));
    assert_eq!(tablet.docs[&header.doc].heads(), anna.docs[&header.doc].heads());
}

#[tokio::test]
async fn a_long_tail_is_sent_as_one_snapshot() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut tablet = world.phone("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    tablet.pull().await;
    for n in 0..60 {
        let (_, change) = anna.rename(&world, header.doc, &format!("name {n}"));
        anna.push(header, &change).await;
    }
    assert_eq!(crate::relay::fold::pass(&world.app, world.org).await.unwrap(), 1);
    let response = tablet.exchange(Vec::new()).await;
    let whole = response.feed.iter().filter(|entry| matches!(entry, FeedEntry::Enter { .. }));
    assert_eq!(whole.count(), 1);
    let parts = response.feed.iter().filter(|entry| matches!(entry, FeedEntry::Changes { .. }));
    assert_eq!(parts.count(), 0);
    assert_eq!(tablet.docs[&header.doc].heads(), anna.docs[&header.doc].heads());
}

#[tokio::test]
async fn the_digest_of_a_manager_adds_up_live() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    world.person("vera", Role::Manager, &["sales"]).await;
    let mut vera = world.phone("vera").await;
    vera.pull().await;
    let scope = Scope::Unit(crate::testing::unit_id("north"));
    for n in 0..5 {
        let (header, change) = anna.customer(&world, &format!("customer {n}"));
        anna.push(header, &change).await;
        vera.complete.clear();
        vera.pull().await;
        let told = vera.complete.iter().find(|digest| digest.scope == scope).unwrap();
        assert_eq!(*told, amount(&vera, scope), "{n}");
    }
}

#[tokio::test]
async fn an_interrupted_first_sync_misses_nothing_that_happened_meanwhile() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    for n in 0..30 {
        let (header, change) = anna.customer(&world, &format!("customer {n}"));
        anna.push(header, &change).await;
    }
    let mut tablet = world.phone("anna").await;
    let mut n = 0;
    loop {
        let mut request = tablet.request(Vec::new());
        request.budget = 4 * 1024;
        let response = tablet.exchange_as(request).await;
        if !response.more {
            break;
        }
        let doc = *anna.docs.keys().nth(n % 30).unwrap();
        let (header, change) = anna.rename(&world, doc, &format!("renamed {n}"));
        anna.push(header, &change).await;
        let (header, change) = anna.customer(&world, &format!("late {n}"));
        anna.push(header, &change).await;
        n += 1;
        assert!(n < 100);
    }
    tablet.pull().await;
    assert_eq!(
        tablet.docs.iter().map(|(doc, state)| (*doc, state.heads())).collect::<Vec<_>>(),
        anna.docs.iter().map(|(doc, state)| (*doc, state.heads())).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_forged_cursor_is_refused_and_another_persons_too() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut boris = world.rep("boris").await;
    anna.pull().await;
    boris.pull().await;
    let mut forged = anna.cursor.clone().unwrap().0.into_vec();
    forged[25] ^= 1;
    for cursor in [Cursor(ByteBuf::from(forged)), boris.cursor.clone().unwrap()] {
        let mut request = anna.request(Vec::new());
        request.cursor = Some(cursor);
        let (body, encoding) = client_core::protocol::codec::encode(
            &request,
            client_core::protocol::codec::Encoding::Zstd,
        );
        let answer = anna.post(body, encoding.header()).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.problem().code, client_core::protocol::ProblemCode::BadCursor);
    }
}

#[tokio::test]
async fn a_bad_cursor_does_not_cost_the_push() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    let mut request = anna.request(vec![anna.group(header, &[&change])]);
    request.cursor = Some(Cursor(ByteBuf::from(vec![1; 70])));
    let (body, encoding) = client_core::protocol::codec::encode(
        &request,
        client_core::protocol::codec::Encoding::Zstd,
    );
    assert_eq!(anna.post(body, encoding.header()).await.status, 400);
    let stored = anna.push(header, &change).await;
    assert_eq!(stored, client_core::protocol::ChangeResult::Duplicate);
}

#[tokio::test]
async fn a_copied_back_data_file_is_noticed_and_its_readers_start_over() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    anna.pull().await;
    let (_, renamed) = anna.rename(&world, header.doc, "Acme AG");
    anna.push(header, &renamed).await;
    // The same position was given to something else in another life of the file.
    let path = world.dir.path().join(crate::DATA_FILE);
    let file = rusqlite::Connection::open(path).unwrap();
    file.execute("update feed set mark = x'0000000000000000' where op = 'change'", []).unwrap();
    let response = anna.exchange(Vec::new()).await;
    let whole = response.feed.iter().any(|entry| matches!(entry, FeedEntry::Enter { .. }));
    assert!(whole, "{:?}", response.feed);
    let _still_loads: &Document = &anna.docs[&header.doc];
}
