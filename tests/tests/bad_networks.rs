//! Hotel portals, proxies, lifts and dead lines, with real phones, a real server and a
//! network between them that behaves as told: § none of it counts as success, none logs
//! a rep out, none loses the outbox.

use std::sync::Arc;
use std::time::{Duration, Instant};

use client_core::docs::DocKind;
use client_core::engine::{Client, Clock as _, ItemStatus, ManualClock, SystemClock};
use client_core::id::DocId;
use client_core::protocol::REFRESH_PATH;
use client_core::sync::Fault;
use server::RunningServer;
use tempfile::TempDir;
use tests::company::{Company, PASSWORD, SetClock};
use tests::network::{Network, Pace, Rule};
use tests::phone::{complete_visit, customer, open_with, visits, waiting};

/// A company, its server, and the network before it.
struct Stage {
    dir: TempDir,
    company: Company,
    server: RunningServer,
    network: Network,
    clock: Arc<ManualClock>,
}

impl Stage {
    async fn set() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at(SystemClock::default().now()));
        let company = Company::found(&dir.path().join("data"), &["anna"]).await.expect("founded");
        let server =
            company.serve_at(Arc::new(SetClock(Arc::clone(&clock)))).await.expect("it listens");
        let network = Network::before(server.addr()).await.expect("it listens");
        Self { dir, company, server, network, clock }
    }

    fn phone(&self, patience: Duration, clock: Option<Arc<ManualClock>>) -> Client {
        open_with(&self.dir.path().join("phone"), &self.network.url(), |config| {
            config.patience = patience;
            if let Some(clock) = clock {
                config.clock = clock;
            }
        })
        .expect("the phone opens")
    }

    /// Anna's phone, signed in and up to date, and a customer on it.
    async fn anna(&self) -> (Client, DocId) {
        let anna = self.phone(Duration::from_secs(30), None);
        anna.sign_in("anna", PASSWORD).await.expect("anna signs in");
        let acme = customer(&anna, "Acme").expect("saved");
        anna.sync_once().await.expect("the first sync works");
        (anna, acme)
    }

    /// Everything on the phone is on the server once, and nothing else.
    async fn agrees(self, anna: &Client) {
        for _ in 0..40 {
            if waiting(anna) == 0 {
                break;
            }
            anna.sync_once().await.expect("a good network");
        }
        let saved = visits(anna);
        assert!(anna.refused_changes().expect("read").is_empty());
        for visit in &saved {
            assert_eq!(anna.status(*visit).expect("a status"), ItemStatus::Stored);
        }
        anna.close();
        self.server.shutdown().await;
        assert_eq!(self.company.visits().await, saved);
    }
}

fn http(status: &str, headers: &str, body: &str) -> Rule {
    Rule::Answer(format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ))
}

const HTML: &str = "content-type: text/html\r\n";
const PORTAL: &str = "<html><body>Welcome to Hotel Wifi! Please accept.</body></html>";

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_of_anybody_else_counts_as_success_logs_out_or_loses_work() {
    let stage = Stage::set().await;
    let (anna, acme) = stage.anna().await;
    let portal = |status| Fault::CaptivePortal { status };
    let trouble = |status| Fault::ServerTrouble { status };
    let cbor = "content-type: application/cbor\r\n";
    let problem = "content-type: application/problem+json\r\n";
    let answers = [
        ("a portal", http("200 OK", HTML, PORTAL), Some(portal(200))),
        (
            "a redirect",
            http("302 Found", "location: http://portal.example/\r\n", ""),
            Some(portal(302)),
        ),
        ("a portal that says so", http("511 Sign in", HTML, PORTAL), Some(portal(511))),
        ("a portal's 401", http("401 Unauthorized", HTML, "revoked"), Some(portal(401))),
        ("a portal's 403", http("403 Forbidden", HTML, PORTAL), Some(portal(403))),
        ("a proxy", http("407 Proxy Authentication Required", HTML, ""), Some(Fault::ProxySignIn)),
        ("a proxy's 502", http("502 Bad Gateway", HTML, PORTAL), Some(trouble(502))),
        ("a proxy's 503", http("503 Busy", "retry-after: 120\r\n", ""), Some(trouble(503))),
        ("a proxy's 504", http("504 Timeout", HTML, ""), Some(trouble(504))),
        ("a proxy's 429", http("429 Slow", "retry-after: 7\r\n", ""), Some(Fault::SlowDown)),
        // A portal that copies the media type, an empty page, half a problem, nothing.
        ("a liar", http("200 OK", cbor, PORTAL), None),
        ("an empty page", http("200 OK", cbor, ""), None),
        ("half a problem", http("401 No", problem, "{\"code\":\"revo"), Some(portal(401))),
        ("a hung up line", Rule::Answer(String::new()), None),
        ("no HTTP at all", Rule::Answer("SSH-2.0-OpenSSH_9.6\r\n".to_owned()), None),
    ];
    let mut saved = 0;
    for (what, rule, expected) in answers {
        complete_visit(&anna, acme).expect("saving needs no network");
        saved += 1;
        stage.network.all(rule);
        let error = anna.sync_once().await.expect_err(what);
        match expected {
            Some(expected) => assert_eq!(error.fault, expected, "{what}"),
            None => assert!(matches!(error.fault, Fault::Garbled { .. }), "{what}: {error:?}"),
        }
        assert!(error.retry_at.is_some(), "{what}: it goes on by itself");
        assert_eq!(waiting(&anna), saved, "{what}: the outbox is whole");
        assert_eq!(anna.sync_status().expect("read").last_error, Some(error));
        assert_eq!(visits(&anna).len() as u64, saved, "{what}: reading goes on");
        assert!(anna.signed_in().is_some(), "{what}: nobody is logged out");
    }
    stage.network.all(Rule::Pass);
    let report = anna.sync_once().await.expect("a good network");
    assert_eq!((report.pushed, report.refused), (saved, 0));
    stage.agrees(&anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_too_large_for_a_proxy_is_cut_down_until_it_gets_through() {
    let stage = Stage::set().await;
    let (anna, acme) = stage.anna().await;
    for _ in 0..60 {
        complete_visit(&anna, acme).expect("saved");
    }
    stage.network.crossed();
    stage.network.rule(|asked| {
        if asked.bytes <= 2_500 { Rule::Pass } else { http("413 Too Large", HTML, "nginx") }
    });
    let report = anna.sync_once().await.expect("smaller requests get through");
    assert_eq!((report.pushed, report.remaining), (60, 0));
    let crossed = stage.network.crossed();
    println!("{} requests for 60 visits through a proxy of 2,500 bytes", crossed.len());
    assert!(crossed.iter().any(|it| it.asked.bytes > 2_500 && it.answer == 0));
    stage.network.all(Rule::Pass);
    stage.agrees(&anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_breaks_under_long_requests_is_given_shorter_ones() {
    let stage = Stage::set().await;
    let (anna, acme) = stage.anna().await;
    for _ in 0..120 {
        complete_visit(&anna, acme).expect("saved");
    }
    stage.network.rule(|asked| match asked.bytes {
        0..=3_000 => Rule::Pass,
        _ => Rule::CutUp(3_000),
    });
    let mut runs = 0;
    while waiting(&anna) > 0 {
        runs += 1;
        assert!(runs < 20, "it never gets through: {} wait", waiting(&anna));
        let _outcome = anna.sync_once().await;
    }
    println!("120 visits over a line that breaks after 3,000 bytes: {runs} runs");
    stage.network.all(Rule::Pass);
    stage.agrees(&anna).await;
}

/// Sixteen minutes: an access token lives fifteen.
const EXPIRED_MS: i64 = 16 * 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_to_a_token_refresh_logs_nobody_out() {
    let stage = Stage::set().await;
    let (anna, acme) = stage.anna().await;
    stage.network.crossed();
    for round in 0..3 {
        stage.clock.advance_millis(EXPIRED_MS);
        complete_visit(&anna, acme).expect("saved");
        stage.network.rule(
            |asked| {
                if asked.path == REFRESH_PATH { Rule::LoseAnswer } else { Rule::Pass }
            },
        );
        for _lost in 0..4 {
            let error = anna.sync_once().await.expect_err("the new tokens never came");
            assert!(matches!(error.fault, Fault::Garbled { .. }), "{error:?}");
            assert!(error.retry_at.is_some());
        }
        // The old token is still good, also where a proxy asks twice.
        let again = if round == 1 { Rule::Twice } else { Rule::Pass };
        stage.network.rule(
            move |asked| {
                if asked.path == REFRESH_PATH { again.clone() } else { Rule::Pass }
            },
        );
        anna.sync_once().await.expect("the old refresh token is good until the new one is used");
        assert_eq!(waiting(&anna), 0);
    }
    let refreshes =
        stage.network.crossed().iter().filter(|it| it.asked.path == REFRESH_PATH).count();
    assert_eq!(refreshes, 15, "four lost and one that came, three times");
    // The answer came, and the phone died before it kept the tokens.
    stage.clock.advance_millis(EXPIRED_MS);
    stage.network.rule(|asked| {
        if asked.path == REFRESH_PATH { Rule::CutDown(usize::MAX) } else { Rule::Pass }
    });
    let tokens = std::fs::read_dir(stage.dir.path().join("phone"))
        .expect("listed")
        .map(|file| file.expect("listed").path())
        .find(|path| path.extension().is_some_and(|kind| kind == "token"))
        .expect("tokens are kept in a file");
    let before = std::fs::read(&tokens).expect("read");
    anna.sync_once().await.expect("synced");
    assert_ne!(std::fs::read(&tokens).expect("read"), before, "they were renewed");
    std::fs::write(&tokens, before).expect("written");
    anna.close();
    let anna = stage.phone(Duration::from_secs(30), None);
    complete_visit(&anna, acme).expect("saved");
    stage.network.all(Rule::Pass);
    anna.sync_once().await.expect("a repetition within a minute is no theft");
    stage.agrees(&anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_answers_a_refresh_logs_nobody_out() {
    let stage = Stage::set().await;
    let (anna, acme) = stage.anna().await;
    stage.clock.advance_millis(EXPIRED_MS);
    complete_visit(&anna, acme).expect("saved");
    let json = "content-type: application/json\r\n";
    for rule in [
        http("200 OK", HTML, PORTAL),
        http("200 OK", json, "{\"welcome\":true}"),
        http("302 Found", "location: http://portal.example/\r\n", ""),
        http("401 Unauthorized", HTML, PORTAL),
        http("413 Too Large", HTML, ""),
        http("502 Bad Gateway", HTML, ""),
    ] {
        stage.network.rule(
            move |asked| {
                if asked.path == REFRESH_PATH { rule.clone() } else { Rule::Pass }
            },
        );
        let error = anna.sync_once().await.expect_err("no tokens");
        assert!(!matches!(error.fault, Fault::SignInNeeded | Fault::Revoked), "{error:?}");
        assert!(error.retry_at.is_some());
        assert_eq!(waiting(&anna), 1);
    }
    stage.network.all(Rule::Pass);
    anna.sync_once().await.expect("nobody was logged out");
    stage.agrees(&anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_whose_clock_is_years_off_saves_syncs_and_stays_signed_in() {
    const YEAR_MS: i64 = 365 * 24 * 3_600_000;
    let stage = Stage::set().await;
    let now = stage.clock.now();
    let clock = Arc::new(ManualClock::at(now));
    let anna = stage.phone(Duration::from_secs(30), Some(Arc::clone(&clock)));
    anna.sign_in("anna", PASSWORD).await.expect("anna signs in");
    let acme = customer(&anna, "Acme").expect("saved");
    anna.sync_once().await.expect("the first sync works");
    for years in [-30, 30, -1, 300, 0] {
        clock.set(now.plus_millis(years * YEAR_MS));
        let visit = complete_visit(&anna, acme).expect("saving asks no clock");
        let report = anna.sync_once().await.unwrap_or_else(|error| panic!("{years}: {error}"));
        assert_eq!((report.pushed, report.refused), (1, 0), "{years} years off");
        assert_eq!(anna.status(visit).expect("a status"), ItemStatus::Stored);
        // The server's clock goes on as it should, and the token expires by that one.
        stage.clock.advance_millis(EXPIRED_MS);
        anna.sync_once().await.unwrap_or_else(|error| panic!("{years}: {error}"));
        // What fails is tried again by the phone's own clock, soon.
        stage.network.all(http("502 Bad Gateway", HTML, ""));
        let error = anna.sync_once().await.expect_err("a bad gateway");
        let wait = error.retry_at.expect("it goes on by itself").since(clock.now());
        assert!((1_000..=900_000).contains(&wait), "{years}: again in {wait} ms");
        stage.network.all(Rule::Pass);
        let known = anna.known_up_to().expect("read").expect("synced");
        assert!(known.since(stage.clock.now()).abs() < 60_000, "the server's time, {years}");
    }
    stage.agrees(&anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_is_given_up_and_a_cancel_does_not_wait_for_it() {
    let stage = Stage::set().await;
    let (anna, acme) = stage.anna().await;
    complete_visit(&anna, acme).expect("saved");
    anna.close();
    let patience = Duration::from_millis(400);
    for rule in [Rule::Silence, Rule::Stall(0), Rule::Stall(40), Rule::Stall(130)] {
        let anna = stage.phone(patience, None);
        stage.network.all(rule.clone());
        let began = now();
        let error = anna.sync_once().await.expect_err("nobody answers");
        assert_eq!(error.fault, Fault::TimedOut, "{rule:?}");
        assert!(error.retry_at.is_some());
        assert!(began.elapsed() < Duration::from_secs(20), "{rule:?}: {:?}", began.elapsed());
        assert_eq!(waiting(&anna), 1, "{rule:?}");
        anna.close();
    }
    let anna = stage.phone(Duration::from_secs(3_600), None);
    stage.network.all(Rule::Silence);
    stage.network.crossed();
    let job = anna.start_sync();
    // The request is out, and nothing comes back.
    while stage.network.crossed().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!job.is_finished());
    job.cancel();
    let outcome = tokio::time::timeout(Duration::from_secs(20), job.wait()).await;
    let error = outcome.expect("a cancel does not wait for the network").expect_err("cancelled");
    assert_eq!(error.fault, Fault::Cancelled);
    stage.network.all(Rule::Pass);
    stage.agrees(&anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kilobyte_a_second_with_two_percent_lost_is_enough() {
    let stage = Stage::set().await;
    let (anna, acme) = stage.anna().await;
    for _ in 0..20 {
        complete_visit(&anna, acme).expect("saved");
    }
    anna.close();
    // Far less patience than the exchange takes: what moves is not dead.
    let anna = stage.phone(Duration::from_millis(2_500), None);
    stage.network.crossed();
    stage.network.all(Rule::Slow(Pace {
        packet: 100,
        every: Duration::from_millis(100),
        lost: 50,
        again_after: Duration::from_secs(1),
    }));
    let began = now();
    let mut runs = 0;
    while waiting(&anna) > 0 {
        runs += 1;
        assert!(runs <= 6, "it never gets through");
        if let Err(error) = anna.sync_once().await {
            assert!(error.retry_at.is_some(), "{error:?}");
        }
    }
    let bytes: usize = stage.network.crossed().iter().map(|it| it.asked.bytes + it.answer).sum();
    println!("{bytes} bytes in {:?}, {runs} runs", began.elapsed());
    stage.network.all(Rule::Pass);
    stage.agrees(&anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_arrives_twice_counts_once() {
    let stage = Stage::set().await;
    let (anna, acme) = stage.anna().await;
    stage.network.all(Rule::Twice);
    for _ in 0..5 {
        complete_visit(&anna, acme).expect("saved");
        anna.sync_once().await.expect("synced");
    }
    stage.network.all(Rule::LoseAnswer);
    for _ in 0..5 {
        complete_visit(&anna, acme).expect("saved");
        anna.sync_once().await.expect_err("the answer is lost");
    }
    stage.network.all(Rule::Pass);
    anna.sync_once().await.expect("synced");
    let saved = visits(&anna);
    assert_eq!(saved.len(), 10);
    let org = stage.company.org;
    for visit in &saved {
        let log = server::storage::Documents::log(stage.server.app().storage(), org, *visit).await;
        assert_eq!(
            log.expect("read").len(),
            1,
            "{visit} has one {} change",
            DocKind::Visit.as_str()
        );
    }
    stage.agrees(&anna).await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a dead line is waited for is what is tested"
)]
fn now() -> Instant {
    Instant::now()
}
