//! A connection that dies after any number of bytes, in either direction: phone and
//! server stay right, and nothing is there twice. Every offset of one exchange is
//! tried, by several phones side by side.

use std::path::Path;

use client_core::engine::{Client, ItemStatus};
use client_core::id::DocId;
use server::RunningServer;
use server::storage::Documents;
use tests::company::{Company, PASSWORD};
use tests::network::{Network, Rule};
use tests::phone::{complete_visit, customer, open, visits, waiting};

/// Phones that try the offsets side by side.
const LANES: usize = 4;
/// Bytes that no answer with a page in it goes below.
const SHORTEST: usize = 200;

async fn settled(client: &Client) {
    for _ in 0..5 {
        let _outcome = client.sync_once().await;
        if waiting(client) == 0 && client.sync_once().await.is_ok() {
            return;
        }
    }
    panic!("the phone does not come to rest: {:?}", client.sync_status());
}

/// One rep's phone behind a network of its own, up to date, and a customer on it.
async fn lane(dir: &Path, server: &RunningServer, login: &str) -> (Client, Network, DocId) {
    let network = Network::before(server.addr()).await.expect("it listens");
    let client = open(&dir.join(login), &network.url()).expect("the phone opens");
    client.sign_in(login, PASSWORD).await.expect("signs in");
    let acme = customer(&client, login).expect("saved");
    settled(&client).await;
    (client, network, acme)
}

/// The bytes of the last exchange, up and down.
fn sizes(network: &Network) -> (usize, usize) {
    let crossed = network.crossed();
    let last = crossed.last().expect("one exchange");
    (last.asked.bytes, last.answer)
}

async fn company(dir: &Path) -> (Company, RunningServer, Vec<String>) {
    let logins: Vec<String> = (0..LANES).map(|lane| format!("rep{lane}")).collect();
    let names: Vec<&str> = logins.iter().map(String::as_str).collect();
    let company = Company::found(&dir.join("data"), &names).await.expect("founded");
    let server = company.serve().await.expect("it listens");
    (company, server, logins)
}

/// Each visit of a phone is on the server, with the one change that made it.
async fn all_once(company: &Company, server: &RunningServer, client: &Client) -> usize {
    let saved = visits(client);
    assert!(client.refused_changes().expect("read").is_empty());
    for visit in &saved {
        assert_eq!(client.status(*visit).expect("a status"), ItemStatus::Stored);
        let log = server.app().storage().log(company.org, *visit).await.expect("read");
        assert_eq!(log.len(), 1, "{visit} is there once");
    }
    saved.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_cut_after_any_byte_is_taken_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let (company, server, logins) = company(dir.path()).await;
    let mut lanes = Vec::new();
    for login in &logins {
        lanes.push(lane(dir.path(), &server, login).await);
    }
    let tried =
        futures(lanes.iter().enumerate().map(|(first, (client, network, acme))| async move {
            complete_visit(client, *acme).expect("saved");
            client.sync_once().await.expect("synced");
            let (up, _down) = sizes(network);
            let mut tried = 0;
            // A little beyond it, because the next visit may be packed a little worse.
            for bytes in (first..up + 16).step_by(LANES) {
                complete_visit(client, *acme).expect("saved");
                network.all(Rule::CutUp(bytes));
                client.sync_once().await.expect_err("no answer came");
                assert_eq!(waiting(client), 1, "cut after {bytes}");
                network.all(Rule::Pass);
                settled(client).await;
                tried += 1;
            }
            tried
        }))
        .await;
    let tried: usize = tried.into_iter().sum();
    for (client, _network, _acme) in &lanes {
        assert!(all_once(&company, &server, client).await > 0);
    }
    println!("cut on the way up after each of {tried} bytes");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_cut_after_any_byte_is_stored_whole_or_not_at_all() {
    let dir = tempfile::tempdir().expect("a folder");
    let (company, server, logins) = company(dir.path()).await;
    let mut lanes = Vec::new();
    for login in &logins {
        let (client, network, acme) = lane(dir.path(), &server, login).await;
        // The same rep's other phone, which writes what the answers bring.
        let url = format!("http://{}", server.addr());
        let other = open(&dir.path().join(format!("{login}-other")), &url).expect("it opens");
        other.sign_in(login, PASSWORD).await.expect("signs in");
        settled(&other).await;
        lanes.push((client, network, acme, other));
    }
    let tried = futures(lanes.iter().enumerate().map(
        |(first, (client, network, acme, other))| async move {
            let rename = |name: &str| {
                other.edit_customer(*acme, |edit| edit.set_name(Some(name))).expect("saved");
            };
            rename("Acme, before");
            settled(other).await;
            complete_visit(client, *acme).expect("saved");
            client.sync_once().await.expect("synced");
            let (_up, down) = sizes(network);
            let (mut tried, mut stored) = (0, 0);
            for bytes in (first..down + 16).step_by(LANES) {
                let name = format!("Acme {bytes}");
                rename(&name);
                settled(other).await;
                complete_visit(client, *acme).expect("saved");
                network.all(Rule::CutDown(bytes));
                let outcome = client.sync_once().await;
                let shown = client.customer(*acme).expect("read").expect("held");
                let came = shown.state.name.as_deref() == Some(name.as_str());
                // Results and page are stored together, with the cursor, or not at all.
                assert_eq!(outcome.is_ok(), came, "cut after {bytes} of {down}: {outcome:?}");
                assert_eq!(waiting(client) == 0, came, "cut after {bytes} of {down}");
                stored += usize::from(came);
                network.all(Rule::Pass);
                settled(client).await;
                let shown = client.customer(*acme).expect("read").expect("held");
                assert_eq!(shown.state.name, Some(name));
                tried += 1;
            }
            // How long an answer is depends on whether a card comes with it; a page and
            // its results never fit into less than this.
            assert!((tried - stored) * LANES > SHORTEST, "{stored} of {tried} came whole");
            tried
        },
    ))
    .await;
    let tried: usize = tried.into_iter().sum();
    for (client, _network, _acme, _other) in &lanes {
        assert!(all_once(&company, &server, client).await > 0);
    }
    println!("cut on the way down after each of {tried} bytes");
    server.shutdown().await;
}

/// Runs them side by side on this task.
async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = all.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        for (one, done) in all.iter_mut().filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(value) = one.as_mut().poll(context) {
                *done = Some(value);
            }
        }
        match all.iter().all(|(_, done)| done.is_some()) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    all.into_iter().filter_map(|(_, done)| done).collect()
}
