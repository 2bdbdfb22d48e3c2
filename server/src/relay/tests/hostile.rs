//! Requests that no honest phone makes, and clocks that no honest phone has.

use std::collections::BTreeSet;

use client_core::docs::{DocKind, Document, Header};
use client_core::id::{CommandId, DocId};
use client_core::period::Period;
use client_core::protocol::codec::{Encoding, encode};
use client_core::protocol::{ChangeResult, Command, FeedEntry, ProblemCode, RejectCode, Scope};
use client_core::records::Role;
use client_core::time::{CapturedAt, Date, Timestamp};
use serde_bytes::ByteBuf;

use crate::storage::Scores;
use crate::testing::{Phone, World, unit_id};

/// A visit at a new customer, not begun.
async fn visit(world: &World, phone: &mut Phone) -> Document {
    let (customer, found) = phone.customer(world, "Acme");
    phone.push(customer, &found).await;
    Document::create(phone.header(world, DocKind::Visit, Some(customer.doc)))
}

/// Says when it began, and pushes that.
async fn begin(phone: &mut Phone, visit: &mut Document, at: i64) -> ChangeResult {
    let at = Timestamp::from_millis(at);
    let captured = CapturedAt { at, zone: "Asia/Shanghai".into(), offset_s: 28_800 };
    let change = visit.edit_visit(&phone.context(at), |visit| visit.set_started_at(Some(captured)));
    phone.push(*visit.header(), &change.unwrap().unwrap()).await
}

/// The month of an instant.
fn month(at: i64) -> Period {
    let zone = client_core::time::Zone::fixed("Asia/Shanghai", 8 * 3600);
    Period::month_of(zone.date(Timestamp::from_millis(at)))
}

async fn marked(world: &World) -> Vec<Period> {
    let dirty = world.app.storage().dirty(world.org, 100).await.unwrap();
    dirty.iter().map(|mark| mark.period).collect()
}

#[tokio::test]
async fn a_visit_from_the_year_20000_does_not_hold_up_the_scoring_of_everybody() {
    const YEAR_20000: i64 = 569_000_000_000_000;
    for at in [YEAR_20000, -YEAR_20000, i64::MAX, i64::MIN] {
        let world = World::new().await;
        let mut anna = world.rep("anna").await;
        let mut visit = visit(&world, &mut anna).await;
        assert_eq!(begin(&mut anna, &mut visit, at).await, ChangeResult::Stored, "{at}");
        assert!(marked(&world).await.contains(&month(world.now().millis())));
    }
}

#[tokio::test]
async fn a_visit_that_is_moved_marks_the_month_it_leaves() {
    const MONTH: i64 = 31 * 24 * 3_600_000;
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (now, storage) = (world.now().millis(), world.app.storage());
    let mut visit = visit(&world, &mut anna).await;
    begin(&mut anna, &mut visit, now - 2 * MONTH).await;
    for mark in storage.dirty(world.org, 100).await.unwrap() {
        storage.clear_dirty(world.org, mark).await.unwrap();
    }
    assert_eq!(begin(&mut anna, &mut visit, now - MONTH).await, ChangeResult::Stored);
    let marked: BTreeSet<Period> = marked(&world).await.into_iter().collect();
    assert_eq!(marked, BTreeSet::from([month(now - 2 * MONTH), month(now - MONTH), month(now)]));
}

#[tokio::test]
async fn a_request_may_name_one_document_in_many_groups() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, first) = anna.customer(&world, "Acme");
    let mut groups = vec![anna.group(header, &[&first])];
    for n in 0..40 {
        let (_, change) = anna.rename(&world, header.doc, &format!("Acme {n}"));
        groups.push(anna.group(header, &[&change]));
    }
    let response = anna.exchange(groups).await;
    assert_eq!(response.results.len(), 41);
    assert!(response.results.iter().all(|result| result.changes == [ChangeResult::Stored]));
}

#[tokio::test]
async fn a_request_with_more_groups_or_commands_than_a_phone_sends_is_refused() {
    let world = World::new().await;
    let anna = world.rep("anna").await;
    let header = anna.header(&world, DocKind::Customer, None);
    let mut many = anna.request(vec![anna.group(header, &[]); 20_000]);
    let (body, encoding) = encode(&many, Encoding::Zstd);
    let answer = anna.post(body, encoding.header()).await;
    assert_eq!(answer.problem().code, ProblemCode::BodyTooLarge);

    many.groups.clear();
    let command =
        Command { id: CommandId::from_bytes([5; 16]), kind: "review".into(), body: ByteBuf::new() };
    many.commands = vec![command; 2_000];
    let (body, encoding) = encode(&many, Encoding::Zstd);
    let answer = anna.post(body, encoding.header()).await;
    assert_eq!(answer.problem().code, ProblemCode::BodyTooLarge);
}

#[tokio::test]
async fn a_supervisors_phone_learns_every_scope_its_own_customer_came_into() {
    let world = World::new().await;
    world.person("vera", Role::Supervisor, &["north"]).await;
    let mut vera = world.phone("vera").await;
    vera.pull().await;
    let (header, change) = vera.customer(&world, "Acme");
    let group = vera.group(header, &[&change]);
    let response = vera.exchange(vec![group]).await;
    let told = |feed: &[FeedEntry]| {
        feed.iter().find_map(|entry| match entry {
            FeedEntry::Enter { header: told, scopes, .. } if told.doc == header.doc => {
                Some(scopes.clone())
            }
            _ => None,
        })
    };
    let mut scopes = told(&response.feed).unwrap();
    scopes.sort_unstable();
    let mut expected = vec![Scope::User(vera.user), Scope::Unit(unit_id("north"))];
    expected.sort_unstable();
    assert_eq!(scopes, expected);

    let (_, change) = vera.rename(&world, header.doc, "Acme AG");
    let group = vera.group(header, &[&change]);
    let again = vera.exchange(vec![group]).await;
    assert_eq!(told(&again.feed), None, "once is enough");
}

#[tokio::test]
async fn nobody_takes_the_place_of_somebody_elses_plan() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut boris = world.rep("boris").await;
    let date: Date = "2026-10-08".parse().unwrap();
    let hers = DocId::plan(world.org, anna.user, date);
    let refused = |result: &ChangeResult| {
        let ChangeResult::Rejected { code, .. } = result else { panic!("{result:?}") };
        assert_eq!(*code, RejectCode::HeaderMismatch);
    };
    let at = world.now();

    let plan = Header { doc: hers, ..boris.header(&world, DocKind::Plan, None) };
    let dated = Document::create(plan).edit_plan(&boris.context(at), |it| it.set_date(Some(date)));
    refused(&boris.push(plan, &dated.unwrap().unwrap()).await);
    let undated = Document::create(plan)
        .edit_plan(&boris.context(at), |it| it.set_report_progress(Some("none")));
    refused(&boris.push(plan, &undated.unwrap().unwrap()).await);
    let customer = Header { kind: DocKind::Customer, ..plan };
    let named = Document::create(customer)
        .edit_customer(&boris.context(at), |it| it.set_name(Some("Acme")));
    refused(&boris.push(customer, &named.unwrap().unwrap()).await);

    let plan = Header { author: anna.user, ..plan };
    let dated = Document::create(plan).edit_plan(&anna.context(at), |it| it.set_date(Some(date)));
    assert_eq!(anna.push(plan, &dated.unwrap().unwrap()).await, ChangeResult::Stored);
}

#[tokio::test]
async fn bodies_that_promise_more_than_they_hold_or_nest_for_ever_are_malformed() {
    let world = World::new().await;
    let anna = world.rep("anna").await;
    let deep = |byte: u8| vec![byte; 1 << 18];
    let named = |bytes: &[u8]| [b"\xa1\x66groups".as_slice(), bytes].concat();
    let bodies = [
        deep(0x81),
        deep(0x9f),
        deep(0xc1),
        [vec![0xa1], deep(0xa1)].concat(),
        named(&deep(0x81)),
        named(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
        named(b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff"),
        named(b"\x7b\x7f\xff\xff\xff\xff\xff\xff\xff"),
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        Vec::new(),
    ];
    for body in bodies {
        let start: Vec<u8> = body.iter().take(12).copied().collect();
        let answer = anna.post(body, None).await;
        assert_eq!(answer.status, 400, "{start:02x?}");
        assert_eq!(answer.problem().code, ProblemCode::MalformedBody, "{start:02x?}");
    }
    assert_eq!(anna.post(vec![0x28, 0xb5, 0x2f, 0xfd], Some("zstd")).await.status, 400);
    assert_eq!(anna.post(Vec::new(), Some("zstd")).await.status, 400);
}
