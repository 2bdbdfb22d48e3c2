//! What stands between the network and the server: TLS, slow and many clients, more
//! phones than can be served, and figures for whoever watches.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use client_core::engine::{Client, Config, DeviceInfo, NewCustomer, SignInError};
use client_core::protocol::MAX_PUSH_BYTES;
use client_core::sync::Fault;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use server::http::{AdmissionConfig, TlsFiles};
use server::{RunningServer, Server, ServerConfig, StartError};
use tempfile::TempDir;
use tests::company::{Company, PASSWORD, cheap_passwords};
use tests::intruder::Intruder;
use tests::phone::complete_visit;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const RELAY: &str = env!("CARGO_BIN_EXE_relay");

async fn company(dir: &TempDir, reps: &[&str]) -> Company {
    Company::found(&dir.path().join("data"), reps).await.unwrap()
}

async fn serve(company: &Company, set: impl FnOnce(&mut ServerConfig)) -> RunningServer {
    let mut config = ServerConfig::new(&company.data, ([127, 0, 0, 1], 0).into());
    config.app = cheap_passwords();
    config.drain = Duration::from_secs(2);
    set(&mut config);
    Server::start(config).await.unwrap()
}

fn open(dir: &Path, url: &str, roots: Option<&str>) -> Client {
    let device =
        DeviceInfo { name: "a phone".into(), platform: "test".into(), app_version: "0.1.0".into() };
    let mut config = Config::new(dir, url, device);
    config.extra_roots_pem = roots.map(|pem| pem.as_bytes().to_vec());
    Client::open(config).unwrap()
}

fn customer(client: &Client) -> client_core::id::DocId {
    let new = NewCustomer { name: "Acme".into(), ..NewCustomer::default() };
    client.create_customer(new).unwrap().id
}

/// An authority of the org's own, and a certificate of it for `localhost`.
fn certificate(dir: &Path) -> (TlsFiles, String) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let own = own.signed_by(&key, &authority).unwrap();
    let files = TlsFiles { cert: dir.join("cert.pem"), key: dir.join("key.pem") };
    std::fs::write(&files.cert, own.pem()).unwrap();
    std::fs::write(&files.key, key.serialize_pem()).unwrap();
    (files, authority.pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_with_the_orgs_own_authority_syncs_over_tls_and_another_does_not() {
    let dir = TempDir::new().unwrap();
    let company = company(&dir, &["anna"]).await;
    let (files, root) = certificate(dir.path());
    // In the open, which a certificate allows.
    let any: SocketAddr = ([0, 0, 0, 0], 0).into();
    let server = serve(&company, |config| {
        (config.bind, config.tls) = (any, Some(files));
    })
    .await;
    let url = format!("https://localhost:{}", server.addr().port());
    let anna = open(&dir.path().join("anna"), &url, Some(&root));
    anna.sign_in("anna", PASSWORD).await.unwrap();
    complete_visit(&anna, customer(&anna)).unwrap();
    assert_eq!(anna.sync_once().await.unwrap().remaining, 0);
    let job = anna.listen();
    let mut progress = job.progress();
    while progress.state != client_core::engine::LiveState::Listening {
        progress = job.changed_from(&progress).await;
    }
    let stranger = open(&dir.path().join("stranger"), &url, None);
    let refused = stranger.sign_in("anna", PASSWORD).await.err();
    assert!(matches!(refused, Some(SignInError::Fault(Fault::Insecure))), "{refused:?}");
    // In clear, nothing is answered.
    let mut plain = TcpStream::connect(("127.0.0.1", server.addr().port())).await.unwrap();
    plain.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    drop(plain.read_to_end(&mut answer).await);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    anna.close();
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_served_safely_is_refused_with_what_to_do() {
    let dir = TempDir::new().unwrap();
    let company = company(&dir, &[]).await;
    let relay = |args: &[&str]| {
        let mut command = Command::new(RELAY);
        let output =
            command.arg("serve").args(args).arg("--data").arg(&company.data).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = relay(&["--bind", "0.0.0.0:0"]);
    assert_eq!(code, Some(3), "{said}");
    for way in ["--tls-cert", "--tls-key", "--behind-proxy", "127.0.0.1"] {
        assert!(said.contains(way), "{way} is not told: {said}");
    }
    let (code, said) = relay(&["--bind", "127.0.0.1:0", "--metrics", "0.0.0.0:0"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("--metrics-in-the-open"), "{said}");
    let (code, said) = relay(&["--bind", "127.0.0.1:0", "--tls-cert", "nowhere.pem"]);
    assert_eq!(code, Some(2), "{said}");
    let missing = ["--bind", "127.0.0.1:0", "--tls-cert", "nowhere.pem", "--tls-key", "no.pem"];
    let (code, said) = relay(&missing);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("nowhere.pem"), "{said}");
    let server = serve(&company, |_| {}).await;
    let (code, said) = relay(&["--bind", "127.0.0.1:0"]);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("in use by another fieldsync") && said.contains("Stop"), "{said}");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_key_is_refused() {
    let dir = TempDir::new().unwrap();
    let company = company(&dir, &[]).await;
    let (files, _root) = certificate(dir.path());
    std::fs::write(&files.key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let mut config = ServerConfig::new(&company.data, ([127, 0, 0, 1], 0).into());
    config.tls = Some(files);
    assert!(matches!(Server::start(config).await, Err(StartError::Tls(_))));
}

/// Heads that never end, bodies that never come, pages that nobody reads.
#[tokio::test(flavor = "multi_thread")]
async fn an_honest_phone_gets_through_among_many_slow_connections() {
    let dir = TempDir::new().unwrap();
    let company = company(&dir, &["anna"]).await;
    let server = serve(&company, |config| {
        (config.connections, config.per_address) = (400, 300);
        config.header_deadline = Duration::from_secs(3);
        config.app.throttles.requests = std::num::NonZeroU32::new(10_000).unwrap();
    })
    .await;
    let addr = server.addr();
    let before = memory();
    let mut slow = Vec::new();
    for number in 0..600 {
        let Ok(mut stream) = TcpStream::connect(addr).await else { continue };
        let head: &[u8] = match number % 3 {
            0 => b"POST /v1/sync HTTP/1.1\r\nhost: x\r\nx-slow: ",
            1 => b"POST /v1/sign_in HTTP/1.1\r\nhost: x\r\ncontent-length: 9000\r\n\r\n{",
            _ => b"",
        };
        // The server may have cut it already.
        drop(stream.write_all(head).await);
        slow.push(stream);
    }
    // The honest phone's office has an address of its own.
    let wire = tests::wiretap::Wiretap::seen_as([127, 0, 7, 7].into(), addr).await.unwrap();
    let anna = open(&dir.path().join("anna"), &wire.url(), None);
    let through = async {
        anna.sign_in("anna", PASSWORD).await.unwrap();
        complete_visit(&anna, customer(&anna)).unwrap();
        anna.sync_once().await.unwrap()
    };
    let report = tokio::time::timeout(Duration::from_secs(20), through).await.expect("through");
    assert_eq!(report.remaining, 0);
    let grown = memory().saturating_sub(before);
    assert!(grown < 64 << 20, "{grown} bytes for 600 slow connections");
    // Heads that do not end are cut at their deadline.
    let mut rest = Vec::new();
    let cut = tokio::time::timeout(Duration::from_secs(15), slow[0].read_to_end(&mut rest));
    assert!(cut.await.is_ok(), "a head may take for ever");
    drop(slow);
    server.shutdown().await;
}

/// One person with many devices, each with bodies that hardly move: the room for bodies is
/// everybody's, and a quarter of it is the most that anybody gets.
#[tokio::test(flavor = "multi_thread")]
async fn slow_bodies_of_one_persons_many_devices_leave_room_for_everybody_else() {
    const DEVICES: u64 = 6;
    let dir = TempDir::new().unwrap();
    let company = company(&dir, &["anna", "mallory"]).await;
    let server = serve(&company, |_| {}).await;
    let url = format!("http://{}", server.addr());
    let mut promised = Vec::new();
    for seed in 0..DEVICES {
        let mallory = Intruder::sign_in(&url, "mallory", seed).await.unwrap();
        for _request in 0..AdmissionConfig::default().per_device {
            promised.push(mallory.sender().promise(MAX_PUSH_BYTES).await.unwrap());
        }
    }
    let room = AdmissionConfig::default();
    assert_eq!(promised.len() * MAX_PUSH_BYTES, room.body_bytes, "as much as there is");
    let within_the_share = room.person_bytes / MAX_PUSH_BYTES;
    let too_many = promised.len() - within_the_share;
    let mut answers = tokio::task::JoinSet::new();
    for mut stream in promised {
        answers.spawn(async move {
            let mut start = [0; 12];
            stream.read_exact(&mut start).await.unwrap();
            (String::from_utf8(start.to_vec()).unwrap(), stream)
        });
    }
    let mut refused = Vec::new();
    while refused.len() < too_many {
        let answer = tokio::time::timeout(Duration::from_secs(20), answers.join_next()).await;
        let (start, stream) = answer.expect("told to wait").unwrap().unwrap();
        assert_eq!(start, "HTTP/1.1 429");
        refused.push(stream);
    }
    let anna = open(&dir.path().join("anna"), &url, None);
    anna.sign_in("anna", PASSWORD).await.unwrap();
    complete_visit(&anna, customer(&anna)).unwrap();
    assert_eq!(anna.sync_once().await.unwrap().remaining, 0);
    // What was held is free again when the slow ones give up.
    let mallory = Intruder::sign_in(&url, "mallory", DEVICES).await.unwrap();
    let short = async || mallory.sender().post(vec![0xff], None).await.unwrap().0;
    assert_eq!(short().await, 429);
    answers.shutdown().await;
    let freed = async {
        while short().await != 400 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), freed).await.expect("the room is free again");
    anna.close();
    server.shutdown().await;
}

/// More phones than a small turnstile lets through: each is told when to come again,
/// each at another time, and all arrive in the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_storm_is_put_off_in_order_and_loses_nothing() {
    const PHONES: usize = 24;
    let dir = TempDir::new().unwrap();
    let logins: Vec<String> = (0..PHONES).map(|number| format!("rep{number}")).collect();
    let names: Vec<&str> = logins.iter().map(String::as_str).collect();
    let company = company(&dir, &names).await;
    let server = serve(&company, |config| {
        config.app.admission = AdmissionConfig {
            working: 1,
            waiting: 2,
            patience: Duration::from_millis(200),
            ..AdmissionConfig::default()
        };
        let many = std::num::NonZeroU32::new(10_000).unwrap();
        config.app.throttles.per_address = many;
        config.app.throttles.requests = many;
        config.metrics = Some(([127, 0, 0, 1], 0).into());
    })
    .await;
    let url = format!("http://{}", server.addr());
    let mut phones = Vec::new();
    for login in &logins {
        let phone = open(&dir.path().join(login), &url, None);
        phone.sign_in(login, PASSWORD).await.unwrap();
        let customer = customer(&phone);
        for _ in 0..20 {
            complete_visit(&phone, customer).unwrap();
        }
        phones.push(phone);
    }
    let before = memory();
    let mut storm = tokio::task::JoinSet::new();
    for phone in &phones {
        let phone = phone.clone();
        storm.spawn(async move { phone.sync_once().await });
    }
    let (mut put_off, mut retries) = (0, BTreeSet::new());
    while let Some(outcome) = storm.join_next().await {
        if let Err(error) = outcome.unwrap() {
            let busy = matches!(error.fault, Fault::ServerTrouble { status: 503 });
            assert!(busy, "{error:?}");
            retries.insert(error.retry_at.expect("when to come again"));
            put_off += 1;
        }
    }
    assert!(put_off > 0, "a turnstile for one let {PHONES} through at once");
    assert!(retries.len() > put_off / 2, "{put_off} phones come again at {} times", retries.len());
    for phone in &phones {
        let mut tries = 0;
        while phone.pending().unwrap().saved > 0 || phone.pending().unwrap().sent > 0 {
            drop(phone.sync_once().await);
            tries += 1;
            assert!(tries < 50, "a phone does not get through");
        }
    }
    let grown = memory().saturating_sub(before);
    assert!(grown < 150 << 20, "{grown} bytes for a storm, phones included");
    let figures = scrape(server.metrics_addr().unwrap()).await;
    assert!(figures["fieldsync_syncs_total{result=\"busy\"}"] as usize >= put_off);
    assert_eq!(
        figures["fieldsync_changes_total{result=\"stored\",code=\"\"}"] as usize,
        PHONES * 21
    );
    server.shutdown().await;
}

/// Resident memory of this process, which is server and phones.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Reads figures as a scraper does, and checks each line as `promtool` would.
async fn scrape(addr: SocketAddr) -> BTreeMap<String, f64> {
    let http = tests::tools::http();
    let answer = http.get(format!("http://{addr}/metrics")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let media = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(media.starts_with("application/openmetrics-text"), "{media}");
    let text = answer.text().await.unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.pop(), Some("# EOF"));
    let (mut values, mut types, mut helped) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    for line in lines {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words[..] {
            ["#", "HELP", name, help] => {
                assert!(help.ends_with('.'), "{line}");
                assert!(helped.insert(name), "told twice: {line}");
            }
            ["#", "TYPE", name, kind] => {
                assert!(["counter", "gauge", "histogram", "info"].contains(&kind), "{line}");
                types.insert(name.to_owned(), kind.to_owned());
            }
            ["#", "UNIT", name, unit] => assert!(name.ends_with(unit), "{line}"),
            _ => {
                let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
                let name = series.split('{').next().unwrap();
                let ours = name.starts_with("fieldsync_") || name.starts_with("process_");
                let plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                assert!(ours && plain, "{line}");
                let family = ["_total", "_bucket", "_sum", "_count", "_info"]
                    .iter()
                    .find_map(|end| name.strip_suffix(end))
                    .filter(|family| types.contains_key(*family))
                    .unwrap_or(name);
                assert!(types.contains_key(family), "no type: {line}");
                let value = value.parse::<f64>().unwrap_or_else(|_| panic!("{line}"));
                assert!(values.insert(series.to_owned(), value).is_none(), "twice: {line}");
            }
        }
    }
    assert_eq!(helped.len(), types.len());
    values
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_listener_tells_what_happened_and_nothing_of_anybody() {
    let dir = TempDir::new().unwrap();
    let company = company(&dir, &["anna"]).await;
    let server = serve(&company, |config| config.metrics = Some(([127, 0, 0, 1], 0).into())).await;
    let figures_at = server.metrics_addr().unwrap();
    let url = format!("http://{}", server.addr());
    let anna = open(&dir.path().join("anna"), &url, None);
    assert!(anna.sign_in("anna", "wrong").await.is_err());
    anna.sign_in("anna", PASSWORD).await.unwrap();
    complete_visit(&anna, customer(&anna)).unwrap();
    anna.sync_once().await.unwrap();
    let figures = scrape(figures_at).await;
    let at_least = |name: &str, least: f64| {
        let value = figures.get(name).copied().unwrap_or(f64::NAN);
        assert!(value >= least, "{name} is {value}");
    };
    at_least("fieldsync_syncs_total{result=\"answered\"}", 1.0);
    at_least("fieldsync_changes_total{result=\"stored\",code=\"\"}", 2.0);
    at_least("fieldsync_sync_seconds_count", 1.0);
    at_least("fieldsync_sync_body_bytes_total{direction=\"up\"}", 100.0);
    at_least("fieldsync_commits_total{kept=\"yes\"}", 1.0);
    at_least("fieldsync_sign_ins_refused_total{why=\"wrong_password\"}", 1.0);
    at_least("fieldsync_sessions", 1.0);
    at_least("fieldsync_disk_free_bytes", 1.0);
    at_least("process_resident_memory_bytes", 1e6);
    at_least("process_cpu_seconds_total", 0.0);
    let all = figures.keys().cloned().collect::<String>();
    for private in ["anna", "Acme", &company.org.to_string()] {
        assert!(!all.contains(private), "{private} is among the labels");
    }
    let open = tests::tools::http().get(format!("{url}/metrics")).send().await.unwrap();
    assert_eq!(open.status(), 404, "the first listener tells no figures");
    server.shutdown().await;
}
