//! Documents that come near what one may hold.

use client_core::docs::Generation;
use client_core::id::{DocId, ItemId};
use client_core::projection::DocState;
use client_core::protocol::ChangeResult;

use super::super::{outgrown, written};
use crate::app::AppConfig;
use crate::auth::Cost;
use crate::testing::World;

const MOST: u64 = 120;

async fn world() -> World {
    let mut config = AppConfig { password_cost: Cost::CHEAP, ..AppConfig::default() };
    config.limits.document_operations = MOST;
    World::with(config).await
}

async fn held(world: &World, doc: DocId) -> written::Held {
    written::held(&world.app, world.org, doc).await.unwrap().expect("it is here")
}

#[tokio::test]
async fn a_history_that_used_four_fifths_of_the_limit_begins_anew_by_itself() {
    let world = world().await;
    let mut anna = world.rep("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    let mut named = 0;
    while held(&world, header.doc).await.document.operations() < MOST * 4 / 5 {
        assert_eq!(outgrown::pass(&world.app).await.unwrap(), 0, "not before");
        named += 1;
        let (_, change) = anna.rename(&world, header.doc, &format!("Acme {named}"));
        assert_eq!(anna.push(header, &change).await, ChangeResult::Stored);
    }
    assert_eq!(outgrown::pass(&world.app).await.unwrap(), 1);
    let fresh = held(&world, header.doc).await.document;
    assert!(fresh.header().generation > Generation(0));
    assert!(fresh.operations() < MOST / 2, "{}", fresh.operations());
    let DocState::Customer(state) = DocState::read(&fresh) else { panic!("a customer") };
    assert_eq!(state.value.name, Some(format!("Acme {named}")), "with everything that stands");
    assert_eq!(outgrown::pass(&world.app).await.unwrap(), 0, "once is enough");
}

#[tokio::test]
async fn a_document_that_is_full_of_what_stands_in_it_stays_as_it_is() {
    let world = world().await;
    let mut anna = world.rep("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    let context = anna.context(world.now());
    let mut tag = 0;
    while held(&world, header.doc).await.document.operations() < MOST * 9 / 10 {
        tag += 1;
        let id = ItemId::new(world.now(), [tag; 10]);
        let document = anna.docs.get_mut(&header.doc).unwrap();
        let change = document.edit_customer(&context, |edit| edit.add_tag(id, "a tag"));
        let change = change.unwrap().unwrap();
        assert_eq!(anna.push(header, &change).await, ChangeResult::Stored);
    }
    assert_eq!(outgrown::pass(&world.app).await.unwrap(), 0);
    assert_eq!(held(&world, header.doc).await.document.header().generation, Generation(0));
}
