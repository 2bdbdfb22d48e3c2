//! Honest documents, and what a tool of one's own makes of them.

use automerge::{AutoCommit, ObjId, ObjType, ROOT, ReadDoc};
use client_core::docs::deal::{DealProduct, Quote};
use client_core::docs::plan::KeyTask;
use client_core::docs::{DocKind, Document, Header, Heads};
use client_core::id::{DocId, ItemId};
use client_core::money::{Currency, Money};
use client_core::time::Date;
use tests::fleet::corpus;
use tests::fleet::profile::{Customer, Profile, Visitor};
use tests::intruder::Intruder;

use crate::siege::now;

fn date(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// A document of every kind with many fields, and the changes that made it.
pub fn full_documents(mallory: &mut Intruder) -> Vec<(Document, Vec<Vec<u8>>)> {
    let visitor = Visitor { org: mallory.org, rep: mallory.user, colleague: mallory.user };
    let actor = mallory.actor;
    let at = now().plus_millis(-3_600_000);
    let customer = Customer::new(at, &mut mallory.dice);
    let made = corpus::customer(visitor, actor, &customer, Profile::Full, &mut mallory.dice);
    let made = made.expect("made");
    let visit = corpus::visit(visitor, actor, at, &customer, Profile::Full, &mut mallory.dice);
    let visit = visit.expect("made");
    let context = mallory.context(at);
    let money = Some(Money::new(12_345_600, Currency::CNY));
    let id = |n: u8| ItemId::new(at, [n; 10]);
    let mut deal = Document::create(mallory.header(DocKind::Deal, Some(customer.id)));
    let dealt = deal.edit_deal(&context, |edit| {
        edit.set_name(Some("主轴轴承"))?;
        edit.set_amount(money)?;
        edit.set_expected_close(date("2026-12-20"))?;
        edit.set_decision_cycle_days(Some(45))?;
        edit.move_to_stage(id(1), "qualified", at, None)?;
        edit.add_product(
            id(2),
            &DealProduct { product: Some("P4".into()), quantity: Some(4), amount: money },
        )?;
        edit.add_quote(id(3), &Quote { amount: money, ..Quote::default() })?;
        edit.lose(at, "price")
    });
    let day = date("2026-10-08").expect("a date");
    let header = Header {
        doc: DocId::plan(mallory.org, mallory.user, day),
        ..mallory.header(DocKind::Plan, None)
    };
    let mut plan = Document::create(header);
    let planned = plan.edit_plan(&context, |edit| {
        edit.set_date(Some(day))?;
        edit.add_key_task(id(1), &KeyTask { text: Some("call".into()), ..KeyTask::default() })?;
        edit.set_report_progress(Some("done"))
    });
    let raw = |document: &Document| {
        let changes = document.changes_since(&Heads::default());
        changes.into_iter().map(|change| change.bytes).collect::<Vec<_>>()
    };
    assert!(dealt.is_ok() && planned.is_ok(), "{dealt:?} {planned:?}");
    [made.document, visit.document, deal, plan]
        .into_iter()
        .map(|document| {
            let changes = raw(&document);
            (document, changes)
        })
        .collect()
}

/// The change that somebody makes with a tool of their own.
pub fn tampered(
    document: &mut Document,
    actor: client_core::id::ActorId,
    tamper: impl FnOnce(&mut AutoCommit),
) -> Vec<u8> {
    let mut raw = AutoCommit::load(&document.snapshot()).expect("loads");
    raw.set_actor(automerge::ActorId::from(&actor.as_bytes()[..]));
    tamper(&mut raw);
    raw.commit();
    let change = raw.get_last_local_change().expect("a change").raw_bytes().to_vec();
    *document = Document::load(*document.header(), &raw.save()).expect("loads");
    change
}

/// Every map of a document, and every field that stands in one.
pub fn fields(raw: &AutoCommit) -> Vec<(ObjId, String)> {
    let (mut maps, mut found) = (vec![ROOT], Vec::new());
    while let Some(map) = maps.pop() {
        for item in raw.map_range(&map, ..) {
            found.push((map.clone(), item.key.to_string()));
        }
        for (_, key) in found.iter().filter(|(of, _)| *of == map) {
            if let Ok(Some((automerge::Value::Object(ObjType::Map), id))) = raw.get(&map, key) {
                maps.push(id);
            }
        }
    }
    found
}
