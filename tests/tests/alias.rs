//! Two customers that are one, and visits at the wrong one, on phones and server.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;

use client_core::docs::DocKind;
use client_core::engine::{
    Client, Clock as _, Comparison, CustomerQuery, NewCustomer, NewDeal, SystemClock, VisitQuery,
};
use client_core::id::DocId;
use client_core::period::Period;
use client_core::time::Zone;
use server::RunningServer;
use server::office::{MergeError, MoveError, Office};
use server::storage::lists::{CustomerFilter, Window};
use server::storage::{Documents, Lists};
use tempfile::TempDir;
use tests::company::{Company, PASSWORD};
use tests::phone::{complete_visit, open};

async fn phone(dir: &Path, server: &RunningServer, login: &str) -> Client {
    let phone = open(&dir.join(login), &format!("http://{}", server.addr())).unwrap();
    phone.sign_in(login, PASSWORD).await.unwrap();
    phone.sync_once().await.unwrap();
    phone
}

fn customer(phone: &Client, name: &str, number: &str) -> DocId {
    let new = NewCustomer { name: name.into(), phone: Some(number.into()), ..Default::default() };
    phone.create_customer(new).unwrap().id
}

fn names(phone: &Client) -> Vec<String> {
    let page = phone.customers(&CustomerQuery::default()).unwrap();
    page.items.into_iter().filter_map(|entry| entry.state.name).collect()
}

fn month() -> Period {
    let zone = Zone::fixed("Asia/Shanghai", 8 * 3600);
    Period::month_of(zone.date(SystemClock::default().now()))
}

/// § Phone and server compute the same bytes from the same facts.
async fn same_bytes(phone: &Client, server: &RunningServer) {
    server::scoring::recompute_dirty(server.app()).await.unwrap();
    phone.sync_once().await.unwrap();
    let official = phone.official_scorecard(month()).unwrap().unwrap();
    assert_eq!(official.comparison, Comparison::Same, "{:?}", official.own);
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_customers_are_one_on_phone_and_server_and_apart_again_when_taken_back() {
    let dir = TempDir::new().unwrap();
    let company = Company::found(&dir.path().join("data"), &["anna"]).await.unwrap();
    let server = company.serve().await.unwrap();
    let office = Office::of(server.app().clone(), company.org);
    let anna = phone(dir.path(), &server, "anna").await;
    let kept = customer(&anna, "Huadong Machines", "+86 138 1234 5678");
    let twice = customer(&anna, "East China Machinery", "+86 139 8765 4321");
    complete_visit(&anna, kept).unwrap();
    let before = complete_visit(&anna, twice).unwrap();
    let deal = anna.create_deal(NewDeal::with(twice, "Presses", "initial_contact")).unwrap();
    anna.sync_once().await.unwrap();
    same_bytes(&anna, &server).await;
    let apart = anna.scorecard(month(), None).unwrap();

    office.merge_customers(twice, kept, None).await.unwrap();
    // Logged without signal on the customer that is another one by now.
    let after = complete_visit(&anna, twice).unwrap();
    anna.sync_once().await.unwrap();
    assert_eq!(names(&anna), ["Huadong Machines"]);
    for typed in ["East China", "Huadong", "43 21", "5678"] {
        let query = CustomerQuery { search: Some(typed.into()), ..CustomerQuery::default() };
        let found = anna.customers(&query).unwrap().items;
        assert_eq!(found.iter().map(|entry| entry.id).collect::<Vec<_>>(), [kept], "{typed}");
    }
    let query = VisitQuery { customer: Some(kept), ..VisitQuery::default() };
    let visits: Vec<DocId> =
        anna.visits(&query).unwrap().items.into_iter().map(|visit| visit.id).collect();
    assert_eq!(visits.len(), 3);
    assert!(visits.contains(&before) && visits.contains(&after));
    assert_eq!(anna.customer(twice).unwrap().unwrap().merged_into, Some(kept));
    same_bytes(&anna, &server).await;
    let own = anna.scorecard(month(), None).unwrap();
    assert_eq!(own.coverage.customers.len(), 1, "one customer, covered once");
    assert_eq!(own.due.len(), 1);

    let storage = server.app().storage();
    let window = Window { limit: 10, offset: 0 };
    let listed = |text: &str| {
        let filter = CustomerFilter { text: text.into(), ..CustomerFilter::default() };
        storage.find_customers(company.org, filter, window)
    };
    assert_eq!(listed("").await.unwrap().docs, [kept]);
    assert_eq!(listed("East China").await.unwrap().docs, [kept], "found under the other name");
    let rows = storage.rows_of_customer(company.org, kept).await.unwrap();
    assert!(rows.iter().any(|row| row.header.doc == deal && row.header.kind == DocKind::Deal));

    office.part_customers(twice, None).await.unwrap();
    anna.sync_once().await.unwrap();
    assert_eq!(names(&anna).len(), 2);
    assert_eq!(listed("East China").await.unwrap().docs, [twice]);
    assert_eq!(listed("").await.unwrap().docs.len(), 2);
    same_bytes(&anna, &server).await;
    let restored = anna.scorecard(month(), None).unwrap();
    assert_eq!(restored.coverage.customers.len(), apart.coverage.customers.len());
    anna.close();
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_ends_at_its_last_customer_and_a_circle_is_refused() {
    let dir = TempDir::new().unwrap();
    let company = Company::found(&dir.path().join("data"), &["anna"]).await.unwrap();
    let server = company.serve().await.unwrap();
    let office = Office::of(server.app().clone(), company.org);
    let anna = phone(dir.path(), &server, "anna").await;
    let [a, b, c] = ["Aster", "Birch", "Cedar"].map(|name| customer(&anna, name, ""));
    complete_visit(&anna, a).unwrap();
    anna.sync_once().await.unwrap();
    office.merge_customers(a, b, None).await.unwrap();
    office.merge_customers(b, c, None).await.unwrap();
    anna.sync_once().await.unwrap();
    assert_eq!(names(&anna), ["Cedar"]);
    let query = VisitQuery { customer: Some(c), ..VisitQuery::default() };
    assert_eq!(anna.visits(&query).unwrap().items.len(), 1);
    let circle = office.merge_customers(c, a, None).await.unwrap_err();
    assert!(matches!(circle, MergeError::Circle { .. }), "{circle}");
    let again = office.merge_customers(a, c, None).await.unwrap_err();
    assert!(matches!(again, MergeError::AlreadyMerged { .. }), "{again}");
    let itself = office.merge_customers(c, c, None).await.unwrap_err();
    assert!(matches!(itself, MergeError::Itself), "{itself}");
    office.part_customers(b, None).await.unwrap();
    anna.sync_once().await.unwrap();
    assert_eq!(names(&anna), ["Birch", "Cedar"], "Aster is still Birch");
    same_bytes(&anna, &server).await;
    anna.close();
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holders_of_both_see_one_customer_and_their_cards_agree_with_the_servers() {
    let dir = TempDir::new().unwrap();
    let company = Company::found(&dir.path().join("data"), &["anna", "boris"]).await.unwrap();
    let server = company.serve().await.unwrap();
    let office = Office::of(server.app().clone(), company.org);
    let anna = phone(dir.path(), &server, "anna").await;
    let boris = phone(dir.path(), &server, "boris").await;
    let twice = customer(&anna, "Acme Nord", "");
    let kept = customer(&boris, "Acme AG", "");
    complete_visit(&anna, twice).unwrap();
    anna.sync_once().await.unwrap();
    boris.sync_once().await.unwrap();
    office.merge_customers(twice, kept, None).await.unwrap();
    for phone in [&anna, &boris] {
        phone.sync_once().await.unwrap();
        assert_eq!(names(phone), ["Acme AG"]);
    }
    let query = VisitQuery { customer: Some(kept), ..VisitQuery::default() };
    assert_eq!(boris.visits(&query).unwrap().items.len(), 1, "the history came with it");
    same_bytes(&anna, &server).await;
    same_bytes(&boris, &server).await;
    office.part_customers(twice, None).await.unwrap();
    boris.sync_once().await.unwrap();
    anna.sync_once().await.unwrap();
    assert_eq!(names(&boris), ["Acme AG"]);
    assert_eq!(names(&anna), ["Acme Nord"]);
    assert_eq!(boris.visits(&VisitQuery::default()).unwrap().items.len(), 0, "not his any more");
    same_bytes(&anna, &server).await;
    anna.close();
    boris.close();
    server.shutdown().await;
}

/// What somebody's phone lists at a customer.
fn visits_at(phone: &Client, customer: DocId) -> Vec<DocId> {
    let query = VisitQuery { customer: Some(customer), ..VisitQuery::default() };
    phone.visits(&query).unwrap().items.into_iter().map(|visit| visit.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_at_the_wrong_customer_is_moved_by_a_record_and_back_again() {
    let dir = TempDir::new().unwrap();
    let company = Company::found(&dir.path().join("data"), &["anna", "boris"]).await.unwrap();
    let server = company.serve().await.unwrap();
    let office = Office::of(server.app().clone(), company.org);
    let anna = phone(dir.path(), &server, "anna").await;
    let boris = phone(dir.path(), &server, "boris").await;
    let wrong = customer(&anna, "Huadong Machines", "+86 138 1234 5678");
    let right = customer(&boris, "East China Machinery", "+86 139 8765 4321");
    let visit = complete_visit(&anna, wrong).unwrap();
    anna.sync_once().await.unwrap();
    boris.sync_once().await.unwrap();
    same_bytes(&anna, &server).await;
    let covered = |phone: &Client| phone.scorecard(month(), None).unwrap().coverage;
    let before = covered(&anna);
    assert_eq!(boris.visit(visit).unwrap(), None);

    office.move_visit(visit, right, None).await.unwrap();
    let again = office.move_visit(visit, right, None).await.unwrap_err();
    assert!(matches!(again, MoveError::AlreadyThere { .. }), "{again}");
    // Its author still writes it, although the header names the other customer.
    anna.amend_visit(visit, "wrong shop", "they will order").unwrap();
    for phone in [&anna, &boris, &anna] {
        phone.sync_once().await.unwrap();
    }
    let storage = server.app().storage();
    let listed = async |customer| {
        let rows = storage.rows_of_customer(company.org, customer).await.unwrap();
        rows.into_iter().map(|row| row.header.doc).collect::<Vec<_>>()
    };
    assert_eq!(listed(right).await, [visit]);
    assert!(listed(wrong).await.is_empty());
    assert!(visits_at(&anna, wrong).is_empty());
    assert_eq!((visits_at(&anna, right), visits_at(&boris, right)), (vec![visit], vec![visit]));
    assert_ne!(covered(&anna), before, "the visit covers the other customer");
    for phone in [&anna, &boris] {
        assert!(phone.refused_changes().unwrap().is_empty());
        assert!(phone.scopes().unwrap().iter().all(|scope| scope.matches));
        same_bytes(phone, &server).await;
    }

    office.move_visit_back(visit, None).await.unwrap();
    for phone in [&anna, &boris] {
        phone.sync_once().await.unwrap();
    }
    assert_eq!(visits_at(&anna, wrong), [visit]);
    assert!(visits_at(&anna, right).is_empty());
    assert_eq!(boris.visit(visit).unwrap(), None, "it left the other customer's rep");
    assert_eq!(listed(wrong).await, [visit]);
    same_bytes(&anna, &server).await;
    for phone in [&anna, &boris] {
        phone.close();
    }
    server.shutdown().await;
}
