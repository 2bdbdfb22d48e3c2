//! What two people wrote without seeing each other is kept, shown and decided.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;

use client_core::docs::{ConflictLabel, DocKind};
use client_core::engine::{Client, ConflictQuery, NewCustomer};
use server::RunningServer;
use server::office::{Office, PlaceCustomer};
use server::storage::Erasures;
use server::storage::lists::Window;
use server::storage::model::{ConflictAsk, ConflictRow};
use tempfile::TempDir;
use tests::company::{Company, PASSWORD};
use tests::phone::open;

async fn phone(dir: &Path, server: &RunningServer, login: &str) -> Client {
    let phone = open(&dir.join(login), &format!("http://{}", server.addr())).unwrap();
    phone.sign_in(login, PASSWORD).await.unwrap();
    phone.sync_once().await.unwrap();
    phone
}

async fn on_server(
    server: &RunningServer,
    company: &Company,
    label: ConflictLabel,
) -> Vec<ConflictRow> {
    let window = Window { limit: 50, offset: 0 };
    let kind = Some(DocKind::Customer);
    let ask = ConflictAsk { label, within: None, doc: None, kind, window };
    server.app().storage().conflicts(company.org, ask).await.unwrap()
}

fn listed(phone: &Client, label: ConflictLabel) -> Vec<client_core::engine::ConflictEntry> {
    phone.conflicts(&ConflictQuery { label, ..ConflictQuery::default() }).unwrap().items
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_shown_with_both_authors_and_decided_on_one_phone_is_gone_everywhere() {
    let dir = TempDir::new().unwrap();
    let company = Company::found(&dir.path().join("data"), &["anna", "boris"]).await.unwrap();
    let server = company.serve().await.unwrap();
    let office = Office::of(server.app().clone(), company.org);
    let anna = phone(dir.path(), &server, "anna").await;
    let boris = phone(dir.path(), &server, "boris").await;
    let new = NewCustomer { name: "Acme".into(), ..NewCustomer::default() };
    let customer = anna.create_customer(new).unwrap().id;
    anna.sync_once().await.unwrap();
    let shared = PlaceCustomer {
        customer,
        owner: company.reps[0],
        collaborators: vec![company.reps[1]],
        unit: None,
        tier: None,
        from: None,
    };
    office.place_customer(shared).await.unwrap();
    boris.sync_once().await.unwrap();

    anna.edit_customer(customer, |edit| edit.set_address(Some("North Road 1"))).unwrap();
    boris
        .edit_customer(customer, |edit| {
            edit.set_address(Some("South Road 2"))?;
            edit.set_industry(Some("tools"))
        })
        .unwrap();
    for phone in [&anna, &boris, &anna] {
        phone.sync_once().await.unwrap();
    }
    for phone in [&anna, &boris] {
        let found = listed(phone, ConflictLabel::Conflict);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].doc, found[0].field.as_str()), (customer, "about/address"));
        let authors: Vec<_> = found[0].values.iter().filter_map(|value| value.author).collect();
        assert_eq!(authors.len(), 2, "who wrote it is known");
        assert!(company.reps.iter().all(|rep| authors.contains(rep)));
        let parallel = listed(phone, ConflictLabel::ParallelUpdate);
        assert_eq!(parallel.len(), 1, "the other field is a parallel update");
        assert_eq!(parallel[0].field, "about/industry");
    }
    let rows = on_server(&server, &company, ConflictLabel::Conflict).await;
    let own = listed(&anna, ConflictLabel::Conflict);
    assert_eq!(rows.len(), 1);
    let kept: Vec<_> = own[0].values.iter().map(|value| value.written.clone()).collect();
    assert_eq!(rows[0].conflict.values, kept, "the same on both sides");
    assert_eq!(on_server(&server, &company, ConflictLabel::ParallelUpdate).await.len(), 1);

    // The value that does not show is chosen.
    let choice = own[0].values.last().unwrap().written.clone();
    anna.resolve_conflict(customer, "about/address", choice.change).unwrap();
    for phone in [&anna, &boris] {
        phone.sync_once().await.unwrap();
        assert_eq!(listed(phone, ConflictLabel::Conflict), [], "gone");
        let held = phone.customer(customer).unwrap().unwrap();
        assert_eq!(held.state.address.as_deref(), Some(choice.value.as_str()));
    }
    assert!(on_server(&server, &company, ConflictLabel::Conflict).await.is_empty());
    anna.close();
    boris.close();
    server.shutdown().await;
}
