//! The permutation property on the server: the same messages of every kind in any order,
//! any of them any number of times, leave the same documents, rows, records and sums.
//! What is answered `missing_deps` comes again, as from a phone, and nobody reviews a
//! visit that they cannot have.

use std::collections::BTreeMap;

use client_core::docs::{ChangeHash, DocKind, Document, Header, Heads, NewChange};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{CommandId, DocId, ItemId, RecordId};
use client_core::money::{Currency, Money};
use client_core::protocol::{
    Ask, ChangeResult, Command, HandBack, ListAsk, Offer, PushGroup, RepairAsk, ReviewVisit, Scope,
    SyncRequest,
};
use client_core::records::{RecordKind, Role};
use client_core::time::{Date, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::storage::{Documents, Histories, Records};
use crate::testing::{Phone, World, unit_id};

#[derive(Debug, Clone)]
struct Edit {
    kind: usize,
    device: usize,
    value: u8,
    /// Whether the device sees first what the others did.
    merges: bool,
    /// Whether it goes into the same group as the one before.
    joins: bool,
}

#[derive(Debug, Clone)]
struct Case {
    edits: Vec<Edit>,
    order: Vec<(u32, u32)>,
}

fn cases() -> impl Strategy<Value = Case> {
    let edit = (0..5_usize, 0..3_usize, any::<u8>(), any::<bool>(), any::<bool>());
    let edit = edit.prop_map(|(kind, device, value, merges, joins)| Edit {
        kind,
        device,
        value,
        merges,
        joins,
    });
    let order = proptest::collection::vec((any::<u32>(), 1..3_u32), 48);
    (proptest::collection::vec(edit, 1..24), order).prop_map(|(edits, order)| Case { edits, order })
}

fn merge(into: &mut Document, from: &Document) {
    for change in from.changes_since(&into.heads()) {
        into.apply(&ScreenedChange::screen(&change.bytes, &Limits::default()).unwrap()).unwrap();
    }
}

fn edit(phone: &Phone, document: &mut Document, value: u8, at: Timestamp) -> Option<NewChange> {
    let context = phone.context(at.plus_millis(i64::from(value)));
    let text = format!("value {value}");
    let id = ItemId::new(at, [value % 4; 10]);
    let money = Some(Money::new(i64::from(value), Currency::CNY));
    match document.header().kind {
        DocKind::Customer => document.edit_customer(&context, |edit| match value % 3 {
            0 => edit.set_name(Some(&text)),
            1 => edit.add_tag(id, &text),
            _ => edit.remove_tag(id),
        }),
        DocKind::Visit => document.edit_visit(&context, |edit| match value % 2 {
            0 => edit.set_result(Some(&text)),
            _ => edit.add_need(id, &text),
        }),
        DocKind::Deal => document.edit_deal(&context, |edit| match value % 3 {
            0 => edit.set_amount(money),
            1 => edit.move_to_stage(id, &text, at, None),
            _ => edit.win(at),
        }),
        DocKind::Plan => document.edit_plan(&context, |edit| match value % 2 {
            0 => edit.set_report_progress(Some(&text)),
            _ => edit.set_report_obstacles(Some(&text)),
        }),
        DocKind::Case => document.edit_case(&context, |edit| match value % 2 {
            0 => edit.set_cause(Some(&text)),
            _ => edit.resolve(at),
        }),
    }
    .unwrap()
}

/// What a phone sends, by its number.
#[derive(Debug, Clone)]
enum Message {
    /// Changes.
    Push(usize, PushGroup),
    /// Something asked of the server, about this document.
    Command(usize, DocId, Command),
    /// What was dropped, what does not add up, and what is offered: all of it changes
    /// nothing.
    Questions(usize),
}

/// Three phones of one rep and one of who leads them, one document of each kind, and who
/// sends what.
struct Stage {
    world: World,
    phones: Vec<Phone>,
    whole: Vec<Document>,
    messages: Vec<Message>,
}

/// The phone of who leads the rep.
const LEADER: usize = 3;

async fn stage(edits: &[Edit]) -> Stage {
    let world = World::new().await;
    let mut phones = vec![world.rep("anna").await];
    for _ in 0..2 {
        phones.push(world.phone("anna").await);
    }
    world.person("mona", Role::Manager, &["sales"]).await;
    phones.push(world.phone("mona").await);
    let now = world.now();
    let customer = phones[0].header(&world, DocKind::Customer, None);
    let date: Date = "2026-10-08".parse().unwrap();
    let day = DocId::plan(world.org, phones[0].user, date);
    let headers: [Header; 5] = [
        customer,
        phones[0].header(&world, DocKind::Visit, Some(customer.doc)),
        phones[0].header(&world, DocKind::Deal, Some(customer.doc)),
        Header { doc: day, ..phones[0].header(&world, DocKind::Plan, None) },
        phones[0].header(&world, DocKind::Case, Some(customer.doc)),
    ];
    // The first phone made them; the others have at least that.
    let context = phones[0].context(now);
    let mut messages: Vec<(usize, PushGroup)> = Vec::new();
    let mut whole = Vec::new();
    for header in headers {
        let mut document = Document::create(header);
        let made = match header.kind {
            DocKind::Customer => document.edit_customer(&context, |it| it.set_name(Some("Acme"))),
            DocKind::Visit => document.edit_visit(&context, |it| it.set_result(Some("first"))),
            DocKind::Deal => document.edit_deal(&context, |it| it.set_name(Some("pumps"))),
            DocKind::Plan => document.edit_plan(&context, |it| it.set_date(Some(date))),
            DocKind::Case => document.edit_case(&context, |it| it.set_subject(Some("leak"))),
        };
        messages.push((0, phones[0].group(header, &[&made.unwrap().unwrap()])));
        whole.push(document);
    }
    let mut held = vec![whole.clone(); 3];
    for Edit { kind, device, value, merges, joins } in edits {
        if *merges {
            let latest = whole[*kind].clone();
            merge(&mut held[*device][*kind], &latest);
        }
        let document = &mut held[*device][*kind];
        let Some(change) = edit(&phones[*device], document, *value, now) else { continue };
        let mine = document.clone();
        merge(&mut whole[*kind], &mine);
        let group = phones[*device].group(headers[*kind], &[&change]);
        match messages.last_mut() {
            Some((last, open))
                if *joins && last == device && open.header.doc == group.header.doc =>
            {
                open.changes.extend(group.changes);
            }
            _ => messages.push((*device, group)),
        }
    }
    // What they pushed themselves does not come back to them.
    for phone in &mut phones {
        phone.docs.extend(whole.iter().map(|document| (document.header().doc, document.clone())));
    }
    let mut messages: Vec<Message> =
        messages.into_iter().map(|(device, group)| Message::Push(device, group)).collect();
    let visit = headers[1].doc;
    messages.extend((0..3).map(|number: u8| {
        let comment = format!("remark {number}");
        let review = ReviewVisit { visit, rating: Some(number + 1), comment, at: now };
        let (id, body) = (CommandId::from_bytes([number + 1; 16]), review.encode().into());
        Message::Command(LEADER, visit, Command { id, kind: ReviewVisit::KIND.into(), body })
    }));
    messages.extend((0..=LEADER).map(Message::Questions));
    Stage { world, phones, whole, messages }
}

impl Stage {
    /// Sends a message; whether it has to come again.
    async fn send(&mut self, message: &Message) -> bool {
        match message {
            Message::Push(device, group) => {
                let response = self.phones[*device].exchange(vec![group.clone()]).await;
                let mut missing = false;
                for result in &response.results[0].changes {
                    match result {
                        ChangeResult::Stored | ChangeResult::Duplicate => {}
                        ChangeResult::MissingDeps(_) => missing = true,
                        other => panic!("{other:?}"),
                    }
                }
                missing
            }
            Message::Command(device, about, command) => {
                let there = self.world.app.storage().document(self.world.org, *about).await;
                if there.unwrap().is_none() {
                    return true;
                }
                let phone = &mut self.phones[*device];
                let request =
                    SyncRequest { commands: vec![command.clone()], ..phone.request(Vec::new()) };
                let response = phone.exchange_as(request).await;
                assert_eq!(response.commands[0].refused, None);
                false
            }
            Message::Questions(device) => {
                let docs = self.whole.iter().map(|document| document.header().doc);
                let docs: Vec<DocId> = docs.collect();
                let offers = self.whole.iter().map(|document| Offer {
                    doc: document.header().doc,
                    heads: document.heads(),
                    generation: document.header().generation,
                });
                let hand_back = HandBack { offers: offers.collect(), ..HandBack::default() };
                let phone = &mut self.phones[*device];
                let list = Some(ListAsk { scope: Scope::User(phone.user), after: None });
                let request = SyncRequest {
                    purged: docs.clone(),
                    repair: Some(RepairAsk { list, docs }),
                    hand_back: Some(Box::new(hand_back)),
                    ..phone.request(Vec::new())
                };
                phone.exchange_as(request).await;
                false
            }
        }
    }
}

/// What the server holds: documents with their rows and logs, records that commands
/// made, and the lists that its sums are of.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    docs: BTreeMap<DocId, (Heads, Vec<u8>, Vec<ChangeHash>)>,
    reviews: BTreeMap<RecordId, Vec<u8>>,
    lists: Vec<String>,
}

/// Delivers, again and again what cannot be taken yet; what is held then.
async fn deliver(stage: &mut Stage, messages: &[Message]) -> Held {
    let mut waiting = messages.to_vec();
    for round in 0.. {
        assert!(round < 64, "delivery moves on");
        let mut again = Vec::new();
        for message in waiting {
            if stage.send(&message).await {
                again.push(message);
            }
        }
        waiting = again;
        if waiting.is_empty() {
            break;
        }
    }
    let (storage, org) = (stage.world.app.storage(), stage.world.org);
    let mut docs = BTreeMap::new();
    for document in &stage.whole {
        let doc = document.header().doc;
        let row = storage.row(org, doc).await.unwrap().unwrap();
        let stored = storage.load(org, doc).await.unwrap().unwrap();
        let loaded = Document::load(*document.header(), &stored.snapshot).unwrap();
        let mut log: Vec<_> =
            storage.log(org, doc).await.unwrap().into_iter().map(|row| row.hash).collect();
        log.sort_unstable();
        assert_eq!(loaded.heads(), document.heads(), "the union of what was pushed");
        docs.insert(doc, (loaded.heads(), row.state.encode(), log));
    }
    let visit = stage.whole[1].header().doc;
    let reviews = storage.records_about(org, visit, RecordKind::Review).await.unwrap();
    let reviews = reviews.iter().map(|review| (review.id(), review.encode())).collect();
    let mut lists = Vec::new();
    for scope in [Scope::User(stage.phones[0].user), Scope::Unit(unit_id("north"))] {
        lists.push(format!("{:?}", storage.listed(org, scope, None, 100).await.unwrap()));
    }
    Held { docs, reviews, lists }
}

#[test]
fn the_same_messages_in_any_order_and_any_number_leave_the_same_state() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let config = Config { cases: 16, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&cases(), |case| {
        runtime.block_on(async {
            let mut plain = stage(&case.edits).await;
            let messages = plain.messages.clone();
            let in_order = deliver(&mut plain, &messages).await;
            let mut other = stage(&case.edits).await;
            let mut any: Vec<(u32, &Message)> = Vec::new();
            for (message, (place, times)) in other.messages.iter().zip(case.order.iter().cycle()) {
                any.extend((0..*times).map(|again| (place.wrapping_mul(again * 2 + 1), message)));
            }
            any.sort_by_key(|(place, _)| *place);
            let shuffled: Vec<_> = any.into_iter().map(|(_, message)| message.clone()).collect();
            assert_eq!(deliver(&mut other, &shuffled).await, in_order);
        });
        Ok(())
    });
    outcome.unwrap();
}
