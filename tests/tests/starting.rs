//! A first sync: broken off between any two pages, usable while it runs, deriving
//! nothing from what is still on its way, and leaving the rows that a rebuild gives.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;
use std::sync::{Arc, OnceLock};

use client_core::docs::visit::VisitMode;
use client_core::engine::{
    Client, Comparison, Config, CustomerQuery, DeviceInfo, ItemStatus, NewVisit, ReadError,
    VisitQuery,
};
use client_core::period::Period;
use client_core::rules::DueStatus;
use client_core::store::{Identity, Store};
use rusqlite::Connection;
use server::{RunningServer, Server, ServerConfig};
use tests::company::{PASSWORD, cheap_passwords};
use tests::courier::Courier;
use tests::fleet::corpus::Size;
use tests::fleet::founding;
use tests::fleet::phases::now_at;
use tests::fleet::profile::{Profile, zone};

/// A rep with customers and visits on a server that runs.
async fn company(dir: &Path, profile: Profile) -> RunningServer {
    let data = dir.join("server");
    let size = Size { customers: 25, visits: 4, profile };
    founding::found(&data, 1, size, 1, &mut |_line| {}).await.unwrap();
    let mut config = ServerConfig::new(&data, ([127, 0, 0, 1], 0).into());
    config.app = cheap_passwords();
    let server = Server::start(config).await.unwrap();
    server::scoring::recompute_dirty(server.app()).await.unwrap();
    server
}

fn phone(dir: &Path, courier: &Arc<Courier>) -> Client {
    let device =
        DeviceInfo { name: "phone".into(), platform: "test".into(), app_version: "0.1.0".into() };
    let mut config = Config::new(dir.join("phone"), "http://courier.invalid", device);
    config.page_budget = 8 * 1024;
    config.carrier = Some(Arc::clone(courier) as _);
    Client::open(config).unwrap()
}

fn this_month() -> Period {
    Period::month_of(zone().date(now_at()))
}

fn file_of(client: &Client, dir: &Path) -> std::path::PathBuf {
    let who = client.signed_in().unwrap();
    dir.join("phone").join(format!("{}_{}.fieldsync", who.org, who.user))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_sync_broken_off_between_any_two_pages_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let server = company(dir.path(), Profile::Peer).await;
    let courier = Courier::to(&format!("http://{}", server.addr())).unwrap();
    let client = phone(dir.path(), &courier);
    client.sign_in("rep001", PASSWORD).await.unwrap();
    drop(client);
    let mut pages = 0;
    loop {
        // A new process each time, and one page before it ends.
        let client = phone(dir.path(), &courier);
        courier.allow(1);
        let done = client.sync_once().await.is_ok();
        pages += 1;
        assert!(pages < 200, "it moves on");
        let complete = client.holds_everything().unwrap();
        assert_eq!(done, complete, "complete with the last page and not before");
        client.close();
        if done {
            break;
        }
    }
    assert!(pages > 5, "{pages}");
    courier.allow(u64::MAX / 2);
    let client = phone(dir.path(), &courier);
    assert_eq!(client.sync_once().await.unwrap().requests, 1);
    let scopes = client.scopes().unwrap();
    assert!(scopes.iter().all(|scope| scope.matches), "{scopes:?}");
    let held: u64 = scopes.iter().map(|scope| scope.local_count).sum();
    assert_eq!(held, 25 + 100);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_usable_while_it_starts_and_derives_nothing_from_what_is_not_here_yet() {
    let dir = tempfile::tempdir().unwrap();
    let server = company(dir.path(), Profile::Peer).await;
    let courier = Courier::to(&format!("http://{}", server.addr())).unwrap();
    let client = phone(dir.path(), &courier);
    client.sign_in("rep001", PASSWORD).await.unwrap();
    let saved = Arc::new(OnceLock::new());
    let (looking, save) = (client.clone(), Arc::clone(&saved));
    let begun = courier.carried();
    courier.before_each(move |carried| {
        if carried == begun || looking.holds_everything().unwrap() {
            return;
        }
        // The first page is here: customers of today, to look at, search and visit.
        let page = looking.customers(&CustomerQuery::default()).unwrap();
        let first = page.items.first().expect("a customer came with the first page");
        let name = first.state.name.clone().unwrap();
        let part: String = name.chars().take(2).collect();
        assert!(!looking.search(&part, 50).unwrap().is_empty());
        looking.visits(&VisitQuery::default()).unwrap();
        save.get_or_init(|| {
            let mut visit = NewVisit::at(first.id, VisitMode::Phone);
            visit.submit = true;
            looking.log_visit(visit).unwrap()
        });
        match looking.agenda(100) {
            Ok(agenda) => assert!(agenda.iter().all(|item| item.due.status == DueStatus::Unknown
                && item.due.days.is_none()
                && item.due.last_visit.is_none())),
            Err(error) => assert!(matches!(error, ReadError::NotYetSynced { .. }), "{error}"),
        }
        let card = looking.scorecard(this_month(), None);
        assert!(matches!(card, Err(ReadError::NotYetSynced { .. })), "{card:?}");
        if let Some(official) = looking.official_scorecard(this_month()).unwrap() {
            assert_eq!(official.comparison, Comparison::NotComplete);
            assert_eq!(official.own, None);
        }
        let waiting = looking.sync_status().unwrap();
        assert_eq!(waiting.known_up_to, None, "not before everything is here");
    });
    client.sync_once().await.unwrap();
    client.sync_once().await.unwrap();
    let visit = saved.get().expect("a visit was saved in mid-sync");
    assert_eq!(client.status(*visit).unwrap(), ItemStatus::Stored);
    assert!(client.holds_everything().unwrap());
    assert!(client.scorecard(this_month(), None).is_ok());
    assert!(client.agenda(100).unwrap().iter().all(|item| item.due.status != DueStatus::Unknown));
    server.shutdown().await;
}

/// Every projection row of a file, as text.
fn rows(path: &Path) -> Vec<String> {
    let file = Connection::open(path).unwrap();
    let mut all = Vec::new();
    for table in ["customer", "customer_search", "customer_phone", "visit", "deal", "plan"] {
        let mut statement = file.prepare(&format!("select * from {table}")).unwrap();
        let columns = statement.column_count();
        let found = statement
            .query_map([], |row| {
                let values: Result<Vec<_>, _> =
                    (0..columns).map(|n| row.get::<_, rusqlite::types::Value>(n)).collect();
                Ok(format!("{table} {:?}", values?))
            })
            .unwrap();
        all.extend(found.map(Result::unwrap));
    }
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_documents_that_arrive_are_those_that_a_rebuild_gives() {
    for profile in [Profile::Peer, Profile::Full] {
        let dir = tempfile::tempdir().unwrap();
        let server = company(dir.path(), profile).await;
        let courier = Courier::to(&format!("http://{}", server.addr())).unwrap();
        let client = phone(dir.path(), &courier);
        client.sign_in("rep001", PASSWORD).await.unwrap();
        client.sync_once().await.unwrap();
        let path = file_of(&client, dir.path());
        client.close();
        drop(client);
        let before = rows(&path);
        let identity = Identity {
            org: path_id(&path, 0).parse().unwrap(),
            user: path_id(&path, 1).parse().unwrap(),
            device: client_core::id::DeviceId::from_bytes([1; 16]),
            actor: client_core::id::ActorId::from_bytes([1; 16]),
            replica: client_core::id::ReplicaId::from_bytes([1; 16]),
        };
        let store = Store::open(&path, &identity).unwrap();
        assert_eq!(store.rebuild_projections().unwrap(), 25 + 100);
        drop(store);
        assert_eq!(rows(&path), before);
        server.shutdown().await;
    }
}

fn path_id(path: &Path, place: usize) -> String {
    let stem = path.file_stem().unwrap().to_str().unwrap();
    stem.split('_').nth(place).unwrap().to_owned()
}
