//! Live hints between real phones and a real server, and everything without them.

use std::path::Path;
use std::time::Duration;

use client_core::engine::{Client, Config, DeviceInfo, LiveJob, LiveState, NewCustomer};
use client_core::id::DocId;
use client_core::sync::Fault;
use server::storage::Accounts;
use server::{RunningServer, Server, ServerConfig};
use tempfile::TempDir;
use tests::company::{Company, PASSWORD, cheap_passwords};
use tests::holding_proxy::HoldingProxy;
use tests::phone::complete_visit;

/// How long something that must come may take.
const PATIENCE: Duration = Duration::from_secs(30);

struct Story {
    dir: TempDir,
    company: Company,
    server: RunningServer,
}

impl Story {
    async fn begin(set: impl FnOnce(&mut ServerConfig)) -> Self {
        let dir = TempDir::new().unwrap();
        let company = Company::found(&dir.path().join("data"), &["anna", "boris"]).await.unwrap();
        let server = serve(&company, set).await;
        Self { dir, company, server }
    }

    fn url(&self) -> String {
        format!("http://{}", self.server.addr())
    }

    async fn phone(&self, login: &str, url: &str) -> Client {
        let client = open(&self.dir.path().join(login), url);
        client.sign_in(login, PASSWORD).await.unwrap();
        client.sync_once().await.unwrap();
        client
    }
}

async fn serve(company: &Company, set: impl FnOnce(&mut ServerConfig)) -> RunningServer {
    let mut config = ServerConfig::new(&company.data, ([127, 0, 0, 1], 0).into());
    config.app = cheap_passwords();
    config.drain = Duration::from_secs(2);
    config.app.live.keep_alive = Duration::from_millis(200);
    config.app.live.look = Duration::from_millis(100);
    set(&mut config);
    Server::start(config).await.unwrap()
}

fn open(dir: &Path, url: &str) -> Client {
    let device =
        DeviceInfo { name: "a phone".into(), platform: "test".into(), app_version: "0.1.0".into() };
    let mut config = Config::new(dir, url, device);
    config.poll_every = Duration::from_millis(300);
    Client::open(config).unwrap()
}

async fn listening(job: &LiveJob) {
    let mut progress = job.progress();
    while progress.state != LiveState::Listening {
        let changed = tokio::time::timeout(PATIENCE, job.changed_from(&progress));
        progress = changed.await.expect("the stream opens");
        assert!(!matches!(progress.state, LiveState::Ended(_)), "{progress:?}");
    }
}

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{what} never"));
}

async fn ended(job: &LiveJob) -> Fault {
    tokio::time::timeout(PATIENCE, job.wait()).await.expect("the job ends")
}

async fn visit(client: &Client) -> DocId {
    let new = NewCustomer { name: "Acme".into(), ..NewCustomer::default() };
    let customer = client.create_customer(new).unwrap().id;
    let visit = complete_visit(client, customer).unwrap();
    client.sync_once().await.unwrap();
    visit
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_who_listens_has_a_visit_without_asking() {
    let story = Story::begin(|_| {}).await;
    let (anna, manager) =
        (story.phone("anna", &story.url()).await, story.phone("manager", &story.url()).await);
    let job = manager.listen();
    listening(&job).await;
    for _ in 0..3 {
        let visit = visit(&anna).await;
        eventually("the visit arrives", || manager.visit(visit).unwrap().is_some()).await;
    }
    assert_eq!(job.progress().state, LiveState::Listening);
    job.cancel();
    assert_eq!(ended(&job).await, Fault::Cancelled);
    story.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_while_a_phone_listens_goes_out_without_asking() {
    let story = Story::begin(|_| {}).await;
    let (anna, manager) =
        (story.phone("anna", &story.url()).await, story.phone("manager", &story.url()).await);
    let (sending, hearing) = (anna.listen(), manager.listen());
    listening(&sending).await;
    listening(&hearing).await;
    for name in ["Acme", "Harbour Foods"] {
        let new = NewCustomer { name: name.into(), ..NewCustomer::default() };
        let customer = anna.create_customer(new).unwrap().id;
        let visit = complete_visit(&anna, customer).unwrap();
        eventually("the visit arrives", || manager.visit(visit).unwrap().is_some()).await;
        eventually("nothing waits", || anna.pending().unwrap().waiting() == 0).await;
    }
    assert_eq!(sending.progress().state, LiveState::Listening);
    story.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_by_polling_where_the_server_gives_no_hints() {
    let story = Story::begin(|config| config.app.live.enabled = false).await;
    let (anna, manager) =
        (story.phone("anna", &story.url()).await, story.phone("manager", &story.url()).await);
    let job = manager.listen();
    let visit = visit(&anna).await;
    eventually("the visit arrives", || manager.visit(visit).unwrap().is_some()).await;
    assert_eq!(job.progress().state, LiveState::Polling);
    story.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_by_polling_behind_a_proxy_that_holds_streams_back() {
    let story = Story::begin(|_| {}).await;
    let proxy = HoldingProxy::before(story.server.addr()).await.unwrap();
    let (anna, manager) =
        (story.phone("anna", &story.url()).await, story.phone("manager", &proxy.url()).await);
    let job = manager.listen();
    let visit = visit(&anna).await;
    eventually("the visit arrives", || manager.visit(visit).unwrap().is_some()).await;
    eventually("a stream is tried for again", || proxy.held() > 1).await;
    assert_eq!(job.progress().state, LiveState::Polling);
    story.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_ends_listening_and_a_second_call_is_the_same_job() {
    let story = Story::begin(|_| {}).await;
    let manager = story.phone("manager", &story.url()).await;
    let job = manager.listen();
    listening(&job).await;
    let same = manager.listen();
    same.cancel();
    assert_eq!(ended(&job).await, Fault::Cancelled);
    let job = manager.listen();
    listening(&job).await;
    manager.pause();
    assert_eq!(ended(&job).await, Fault::Cancelled);
    manager.resume().unwrap();
    listening(&manager.listen()).await;
    story.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_phone_hears_no_more_and_is_told_why() {
    let story = Story::begin(|_| {}).await;
    let anna = story.phone("anna", &story.url()).await;
    let job = anna.listen();
    listening(&job).await;
    let storage = story.server.app().storage();
    let now = story.server.app().clock().now();
    for device in storage.devices(story.company.org).await.unwrap() {
        storage.revoke_device(story.company.org, device.device, now).await.unwrap();
    }
    assert_eq!(ended(&job).await, Fault::Revoked);
    story.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_do_not_hold_up_a_shutdown_and_phones_come_back_by_themselves() {
    let story = Story::begin(|_| {}).await;
    let (anna, manager) =
        (story.phone("anna", &story.url()).await, story.phone("manager", &story.url()).await);
    let job = manager.listen();
    listening(&job).await;
    let addr = story.server.addr();
    let stopping = tokio::time::timeout(Duration::from_secs(1), story.server.shutdown());
    stopping.await.expect("long before the drain is over");
    eventually("the stream is lost", || job.progress().state == LiveState::Polling).await;
    let again = serve(&story.company, |config| config.bind = addr).await;
    listening(&job).await;
    let visit = visit(&anna).await;
    eventually("the visit arrives", || manager.visit(visit).unwrap().is_some()).await;
    again.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_command_line_writes_beside_the_server_is_heard_of() {
    let story = Story::begin(|_| {}).await;
    let manager = story.phone("manager", &story.url()).await;
    let job = manager.listen();
    listening(&job).await;
    let syncs = job.progress().syncs;
    let beside = std::process::Command::new(env!("CARGO_BIN_EXE_relay"))
        .args(["unit", "add", "West", "--kind", "region", "--data"])
        .arg(&story.company.data)
        .output()
        .unwrap();
    assert!(beside.status.success(), "{}", String::from_utf8_lossy(&beside.stderr));
    eventually("a sync of its own", || job.progress().syncs > syncs).await;
    story.server.shutdown().await;
}
