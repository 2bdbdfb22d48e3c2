//! Erasing personal data: nothing of it stays readable, here or on a phone, and what
//! a rep had not sent is not lost.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::{Path, PathBuf};

use client_core::docs::visit::VisitMode;
use client_core::docs::{ERASED, Generation};
use client_core::engine::{Client, ItemStatus, NewContact, NewCustomer, NewVisit, VisitQuery};
use client_core::id::DocId;
use server::erasures::{self, Ledger};
use server::office::{Erase, EraseError, Office};
use server::storage::{Accounts, Documents, Erasures};
use server::{RunningServer, Server, ServerConfig};
use tempfile::TempDir;
use tests::company::{Company, PASSWORD, cheap_passwords};
use tests::phone::open;

const NAME: &str = "Zhang Weiming Repairs";
const PERSON: &str = "Liu Xiaohong";
const SECRET: &str = "recovering from surgery";
const ADDRESS: &str = "Willow Lane 368";

/// A company that serves.
struct Story {
    dir: TempDir,
    data: PathBuf,
    company: Company,
    server: RunningServer,
    office: Office,
    ledger: Ledger,
}

impl Story {
    async fn begin(reps: &[&str]) -> Self {
        let dir = TempDir::new().unwrap();
        let data = dir.path().join("data");
        let company = Company::found(&data, reps).await.unwrap();
        let server = company.serve().await.unwrap();
        let office = Office::of(server.app().clone(), company.org);
        let ledger = Ledger::of(&data);
        Self { dir, data, company, server, office, ledger }
    }
}

async fn phone(dir: &Path, server: &RunningServer, login: &str) -> Client {
    let phone = open(&dir.join(login), &format!("http://{}", server.addr())).unwrap();
    phone.sign_in(login, PASSWORD).await.unwrap();
    phone.sync_once().await.unwrap();
    phone
}

/// Whether a text stands in any file below a folder, whatever the file.
fn stands(dir: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if std::fs::read(&path)
                .unwrap()
                .windows(text.len())
                .any(|window| window == text.as_bytes())
            {
                found.push(path);
            }
        }
    }
    found
}

/// What came in after the erasure is in the log of the file; what is looked for is
/// what was there before.
async fn compacted(server: &RunningServer) {
    server.app().storage().compact().await.unwrap();
}

fn trader(phone: &Client) -> DocId {
    let new = NewCustomer {
        name: NAME.into(),
        address: Some(ADDRESS.into()),
        region: Some("east".into()),
        notes: Some(SECRET.into()),
        contacts: vec![NewContact { name: PERSON.into(), ..NewContact::default() }],
        ..NewCustomer::default()
    };
    phone.create_customer(new).unwrap().id
}

fn visit(phone: &Client, customer: DocId) -> DocId {
    let visit = NewVisit {
        result: Some(format!("{PERSON} is {SECRET}")),
        outcome: Some(client_core::docs::visit::Outcome::Progress),
        next_step: Some(client_core::docs::visit::NextStep::None),
        submit: true,
        ..NewVisit::at(customer, VisitMode::Phone)
    };
    phone.log_visit(visit).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_customer_is_readable_nowhere_and_its_visits_still_count() {
    let Story { dir, data, company, server, office, ledger } = Story::begin(&["anna"]).await;
    let anna = phone(dir.path(), &server, "anna").await;
    let customer = trader(&anna);
    let met = visit(&anna, customer);
    anna.sync_once().await.unwrap();
    server::scoring::recompute_dirty(server.app()).await.unwrap();
    anna.sync_once().await.unwrap();
    // Not sent: one edit of what is erased, one of what is not.
    anna.edit_customer(customer, |edit| edit.set_notes(Some("surgery went well"))).unwrap();
    anna.edit_customer(customer, |edit| edit.set_region(Some("west"))).unwrap();
    for text in [NAME, PERSON, SECRET, ADDRESS] {
        assert!(!stands(&data, text).is_empty(), "{text}");
    }

    let dry = office.erase(Erase::Customer(customer), &ledger, None, true).await.unwrap();
    assert_eq!(dry.documents.len(), 2, "the customer and its visit");
    assert!(!stands(&data, NAME).is_empty(), "a dry run changes nothing");
    assert!(ledger.entries().unwrap().is_empty());
    let reason = Some("case 17");
    office.erase(Erase::Customer(customer), &ledger, reason, false).await.unwrap();
    anna.sync_once().await.unwrap();
    // The unsent work went out on the new generation.
    assert_eq!(anna.pending().unwrap().waiting(), 0);
    let held = anna.customer(customer).unwrap().unwrap();
    assert_eq!(held.state.name.as_deref(), Some(ERASED));
    assert_eq!(held.state.region.as_deref(), Some("west"), "what was not erased goes on");
    assert_eq!(held.state.notes, None, "and what was erased does not come back");
    let refused = anna.refused_changes().unwrap();
    assert_eq!(refused.len(), 1, "the rep is told: {refused:?}");
    let ItemStatus::SetAside { reason } = &refused[0].status else { panic!("{refused:?}") };
    assert!(reason.contains("about/notes"), "{reason}");
    let stored = server.app().storage().row(company.org, customer).await.unwrap().unwrap();
    assert!(stored.header.generation > Generation(0));
    let visits = anna.visits(&VisitQuery::default()).unwrap().items;
    let shown = visits.iter().find(|visit| visit.id == met).unwrap();
    assert_eq!(shown.state.result.as_deref(), Some(ERASED));
    server::scoring::recompute_dirty(server.app()).await.unwrap();
    anna.sync_once().await.unwrap();
    let month = client_core::period::Period::month_of(
        anna.calendar()
            .unwrap()
            .zone
            .date(client_core::engine::Clock::now(&client_core::engine::SystemClock::default())),
    );
    let card = anna.official_scorecard(month).unwrap().unwrap();
    assert_eq!(card.comparison, client_core::engine::Comparison::Same);

    for place in [&data, &dir.path().join("anna")] {
        for text in [NAME, "Zhang", PERSON, SECRET, ADDRESS, "surgery went well"] {
            assert_eq!(stands(place, text), Vec::<PathBuf>::new(), "{text}");
        }
    }
    anna.close();
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_gone_even_where_the_contact_had_been_removed() {
    let Story { dir, data, company: _, server, office, ledger } = Story::begin(&["anna"]).await;
    let anna = phone(dir.path(), &server, "anna").await;
    let customer = trader(&anna);
    anna.sync_once().await.unwrap();
    let held = anna.customer(customer).unwrap().unwrap();
    let person = *held.state.contacts.keys().next().unwrap();
    // Edited and removed without signal: the history still knows the person.
    anna.edit_customer(customer, |edit| edit.set_contact_title(person, Some("buyer of Liu")))
        .unwrap();
    office.erase(Erase::Person(person), &ledger, None, false).await.unwrap();
    anna.sync_once().await.unwrap();
    let held = anna.customer(customer).unwrap().unwrap();
    assert!(held.state.contacts.is_empty());
    assert_eq!(held.state.name.as_deref(), Some(NAME), "the customer stays");
    assert_eq!(anna.refused_changes().unwrap().len(), 1, "and the rep is told");
    for place in [&data, &dir.path().join("anna")] {
        for text in [PERSON, "buyer of Liu"] {
            assert_eq!(stands(place, text), Vec::<PathBuf>::new(), "{text}");
        }
    }
    let unknown = Erase::Person(client_core::id::ItemId::from_bytes([7; 16]));
    let refused = office.erase(unknown, &ledger, None, false).await.unwrap_err();
    assert!(matches!(refused, EraseError::UnknownPerson { .. }), "{refused}");
    anna.close();
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_reps_name_goes_and_the_work_stays() {
    let Story { dir, data, company, server, office, ledger } =
        Story::begin(&["anna-mustermann", "boris"]).await;
    let anna = phone(dir.path(), &server, "anna-mustermann").await;
    let customer = trader(&anna);
    let met = visit(&anna, customer);
    anna.sync_once().await.unwrap();
    anna.close();
    let rep = Erase::Rep(company.reps[0]);
    let refused = office.erase(rep, &ledger, None, false).await.unwrap_err();
    assert!(matches!(refused, EraseError::StillActive { .. }), "{refused}");
    office.disable_user("anna-mustermann").await.unwrap();
    office.erase(rep, &ledger, None, false).await.unwrap();
    assert_eq!(stands(&data, "anna-mustermann"), Vec::<PathBuf>::new());
    assert!(server.app().storage().account_by_login("anna-mustermann").await.unwrap().is_none());
    let row = server.app().storage().row(company.org, met).await.unwrap().unwrap();
    assert_eq!(row.header.author, company.reps[0], "what was done stays done");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_of_an_erased_person_hears_that_it_is_revoked_and_lets_go_of_everything() {
    let Story { dir, data: _, company, server, office, ledger } = Story::begin(&["anna"]).await;
    let anna = phone(dir.path(), &server, "anna").await;
    trader(&anna);
    anna.sync_once().await.unwrap();
    assert!(!stands(&dir.path().join("anna"), NAME).is_empty());
    office.disable_user("anna").await.unwrap();
    office.erase(Erase::Rep(company.reps[0]), &ledger, None, false).await.unwrap();
    let heard = anna.sync_once().await.unwrap_err();
    assert_eq!(heard.fault, client_core::sync::Fault::Revoked);
    assert_eq!(stands(&dir.path().join("anna"), NAME), Vec::<PathBuf>::new());
    let devices = server.app().storage().devices(company.org).await.unwrap();
    let of_anna = devices.iter().filter(|device| device.user == company.reps[0]);
    assert!(of_anna.clone().count() == 1 && of_anna.clone().all(|it| it.revoked_at.is_some()));
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_does_not_bring_back_what_was_erased() {
    let Story { dir, data, company, server, office, ledger } = Story::begin(&["anna"]).await;
    let anna = phone(dir.path(), &server, "anna").await;
    let customer = trader(&anna);
    anna.sync_once().await.unwrap();
    compacted(&server).await;
    server.shutdown().await;
    let file = data.join(server::DATA_FILE);
    std::fs::copy(&file, dir.path().join("yesterday.db")).unwrap();

    drop(office);
    let server = company.serve().await.unwrap();
    let office_now = Office::of(server.app().clone(), company.org);
    office_now.erase(Erase::Customer(customer), &ledger, None, false).await.unwrap();
    server.shutdown().await;
    std::fs::copy(dir.path().join("yesterday.db"), &file).unwrap();
    assert!(!stands(&data, NAME).is_empty(), "it is back");

    let server = company.serve().await.unwrap();
    assert_eq!(stands(&data, NAME), Vec::<PathBuf>::new(), "and gone before anybody asks");
    let row = server.app().storage().row(company.org, customer).await.unwrap().unwrap();
    assert!(row.header.generation > Generation(1), "beyond what phones were told");
    assert_eq!(erasures::replay(server.app(), &ledger).await.unwrap(), 0, "once is enough");
    server.shutdown().await;
    anna.close();
}

/// The file knew nothing yet of what was erased, and the phone has not heard of the
/// erasure when it gives everything back.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_gives_back_what_was_erased_brings_its_work_and_not_the_person() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let company = Company::found(&data, &["anna"]).await.unwrap();
    let server = company.serve().await.unwrap();
    phone(dir.path(), &server, "anna").await.close();
    compacted(&server).await;
    server.shutdown().await;
    let file = data.join(server::DATA_FILE);
    std::fs::copy(&file, dir.path().join("yesterday.db")).unwrap();

    let again = |server: &RunningServer| {
        open(&dir.path().join("anna"), &format!("http://{}", server.addr())).unwrap()
    };
    let server = company.serve().await.unwrap();
    let anna = again(&server);
    let customer = trader(&anna);
    let met = visit(&anna, customer);
    anna.sync_once().await.unwrap();
    anna.close();
    let office = Office::of(server.app().clone(), company.org);
    office.erase(Erase::Customer(customer), &Ledger::of(&data), None, false).await.unwrap();
    drop(office);
    server.shutdown().await;
    std::fs::copy(dir.path().join("yesterday.db"), &file).unwrap();

    let server = company.serve().await.unwrap();
    let anna = again(&server);
    for _round in 0..3 {
        anna.sync_once().await.unwrap();
    }
    let pending = anna.pending().unwrap();
    assert_eq!((pending.waiting(), pending.needs_a_look()), (0, 0), "{pending:?}");
    assert!(anna.scopes().unwrap().iter().all(|scope| scope.matches));
    let shown = anna.visit(met).unwrap().unwrap();
    assert_eq!(shown.state.result.as_deref(), Some(ERASED));
    assert_eq!(anna.customer(customer).unwrap().unwrap().state.name.as_deref(), Some(ERASED));
    let row = server.app().storage().row(company.org, met).await.unwrap().unwrap();
    assert!(row.header.generation > Generation(1), "beyond what other phones were told");
    assert_eq!(row.header.author, company.reps[0], "the visit counts as hers");
    for place in [&data, &dir.path().join("anna")] {
        for text in [NAME, "Zhang", PERSON, SECRET, ADDRESS] {
            assert_eq!(stands(place, text), Vec::<PathBuf>::new(), "{text}");
        }
    }
    anna.close();
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_begins_anew_keeps_what_stands_and_what_was_not_sent() {
    let Story { dir, company, server, office, .. } = Story::begin(&["anna"]).await;
    let anna = phone(dir.path(), &server, "anna").await;
    let customer = trader(&anna);
    anna.sync_once().await.unwrap();
    anna.edit_customer(customer, |edit| edit.set_industry(Some("repairs"))).unwrap();
    assert!(office.begin_history_anew(customer).await.unwrap() > Generation(0));
    anna.sync_once().await.unwrap();
    assert_eq!(anna.status(customer).unwrap(), ItemStatus::Stored);
    let row = server.app().storage().row(company.org, customer).await.unwrap().unwrap();
    let held = anna.customer(customer).unwrap().unwrap();
    assert_eq!(held.heads, row.heads, "phone and server are one again");
    assert_eq!(held.state.name.as_deref(), Some(NAME));
    assert_eq!(held.state.industry.as_deref(), Some("repairs"));
    assert!(anna.refused_changes().unwrap().is_empty());
    assert!(anna.scopes().unwrap().iter().all(|scope| scope.matches), "and so are the digests");
    anna.close();
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_near_its_limit_begins_anew_while_people_go_on_writing_it() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let company = Company::found(&data, &["anna"]).await.unwrap();
    let mut config = ServerConfig::new(&data, ([127, 0, 0, 1], 0).into());
    config.app = cheap_passwords();
    config.app.limits.document_operations = 200;
    let server = Server::start(config).await.unwrap();
    let anna = phone(dir.path(), &server, "anna").await;
    let customer = trader(&anna);
    anna.sync_once().await.unwrap();
    for number in 0..400 {
        let region = format!("region {number}");
        anna.edit_customer(customer, |edit| edit.set_region(Some(&region))).unwrap();
        if number % 20 == 0 {
            anna.sync_once().await.unwrap();
        }
    }
    let stored = async || server.app().storage().row(company.org, customer).await.unwrap().unwrap();
    for _try in 0..100 {
        anna.sync_once().await.unwrap();
        let pending = anna.pending().unwrap();
        if stored().await.header.generation > Generation(0) && pending.waiting() == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let row = stored().await;
    assert!(row.header.generation > Generation(0), "nobody had to ask for it");
    let held = anna.customer(customer).unwrap().unwrap();
    assert_eq!(held.state.region.as_deref(), Some("region 399"));
    assert_eq!(held.heads, row.heads, "phone and server are one");
    let pending = anna.pending().unwrap();
    assert_eq!((pending.waiting(), pending.needs_a_look()), (0, 0), "{pending:?}");
    anna.close();
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_former_rep_was_is_readable_nowhere_and_the_visits_still_count() {
    const PROVIDER: &str = "fused-by-satellite";
    let Story { dir, data, company, server, office, ledger } =
        Story::begin(&["anna", "boris"]).await;
    let anna = phone(dir.path(), &server, "anna").await;
    let customer = trader(&anna);
    let fix = client_core::docs::visit::Fix {
        point: client_core::geo::Point::wgs84(312_304_000, 1_214_737_000).unwrap(),
        accuracy_mm: 9_000,
        provider: PROVIDER.into(),
        is_mock: false,
        age_s: 1,
    };
    anna.check_in(customer, VisitMode::Onsite, Some(fix)).unwrap();
    let met = anna
        .log_visit(NewVisit {
            outcome: Some(client_core::docs::visit::Outcome::Progress),
            next_step: Some(client_core::docs::visit::NextStep::None),
            submit: true,
            ..NewVisit::at(customer, VisitMode::Onsite)
        })
        .unwrap();
    anna.sync_once().await.unwrap();
    anna.close();
    assert!(!stands(&data, PROVIDER).is_empty());
    office.disable_user("anna").await.unwrap();
    let erased = office.erase(Erase::Rep(company.reps[0]), &ledger, None, false).await;
    assert_eq!(erased.unwrap().documents.len(), 1, "the visit, and not the customer");
    assert_eq!(stands(&data, PROVIDER), Vec::<PathBuf>::new());
    let row = server.app().storage().row(company.org, met).await.unwrap().unwrap();
    let client_core::projection::DocState::Visit(visit) = row.state else { panic!() };
    let check_in = visit.value.check_in.unwrap();
    assert!(check_in.fix.is_none(), "when it was stays, where is gone");
    assert_eq!(row.header.author, company.reps[0]);
    server.shutdown().await;
}
