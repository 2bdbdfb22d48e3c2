//! A manager reads an evening in a real browser, on a desk and on a phone.

use std::time::Duration;

use client_core::docs::visit::VisitMode;
use client_core::engine::{Client as Phone, Clock as _, Config, DeviceInfo, NewCustomer, NewVisit};
use client_core::records::Role;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use server::office::{CreateUser, Office, PasswordChoice};
use server::storage::Records;
use tempfile::TempDir;
use tests::browser::{Driver, programs};
use tests::evening::{CUSTOMER, Evening, PASSWORD};

async fn open(driver: &Driver, width: u32, height: u32, phone: bool) -> Client {
    ClientBuilder::new(HttpConnector::new())
        .capabilities(driver.capabilities(width, height, phone))
        .connect(driver.url())
        .await
        .unwrap()
}

/// How long a page may take to come.
const PATIENCE: Duration = Duration::from_secs(20);

async fn text(client: &Client, css: &str) -> String {
    client
        .wait()
        .at_most(PATIENCE)
        .for_element(Locator::Css(css))
        .await
        .unwrap_or_else(|e| panic!("{css}: {e}"))
        .text()
        .await
        .unwrap()
}

/// Clicks what leads to another page and waits until the old one is gone: a click
/// returns when it was delivered, not when the answer has come.
async fn follow(client: &Client, css: &str) {
    let old = client.find(Locator::Css("html")).await.unwrap();
    let found = client.find(Locator::Css(css)).await.unwrap_or_else(|e| panic!("{css}: {e}"));
    found.click().await.unwrap();
    let gone = async {
        while old.tag_name().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap_or_else(|_| panic!("{css} led nowhere"));
    client.wait().at_most(PATIENCE).for_element(Locator::Css("main")).await.unwrap();
}

async fn path(client: &Client) -> String {
    client.current_url().await.unwrap().path().to_owned()
}

async fn sign_in(client: &Client, password: &str) {
    for (name, value) in [("login", "zhou"), ("password", password)] {
        let field = client.find(Locator::Css(&format!("input[name={name}]"))).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }
    follow(client, "button[type=submit]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_signs_in_and_drills_from_a_point_to_the_visit_behind_it() {
    let Some(programs) = programs() else { return };
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let driver = Driver::start(programs).await.unwrap();
    let client = open(&driver, 1440, 900, false).await;

    client.goto(&evening.url("/board")).await.unwrap();
    assert_eq!(path(&client).await, "/sign-in", "a stranger is led to the door");
    sign_in(&client, "not the password").await;
    let alert = text(&client, "#sign-in-error").await;
    assert!(alert.contains("wrong"), "{alert}");
    sign_in(&client, PASSWORD).await;
    assert_eq!(path(&client).await, "/board", "and back to where they wanted to go");

    let board = text(&client, "main").await;
    for expected in ["Evening board", "Known up to 17:30", "陈思远", CUSTOMER, "客户临时改约下周二"]
    {
        assert!(board.contains(expected), "no {expected:?} in\n{board}");
    }
    let silent = text(&client, "#silent").await;
    assert!(silent.contains("Boris Novak") && !silent.contains("陈思远"), "{silent}");

    follow(&client, ".nav a[href='/leaderboard']").await;
    follow(&client, "tbody th a").await;
    assert!(path(&client).await.starts_with("/scorecards/"));
    let card = text(&client, "main").await;
    assert!(card.contains("陈思远") && card.contains("S1 过程指标"), "{card}");

    follow(&client, "a.points[href$='/effective_visits']").await;
    let facts = text(&client, "main").await;
    assert!(facts.contains("Shorter than its mode asks for"), "{facts}");
    follow(&client, "#facts tbody th a").await;
    assert_eq!(path(&client).await, format!("/visits/{}", evening.visit));
    let visit = text(&client, "main").await;
    for expected in ["Effective", "Inside the fence", "Check-in", "漏记一位参会人", "chen's phone"]
    {
        assert!(visit.contains(expected), "no {expected:?} in\n{visit}");
    }
    let changes = client.find_all(Locator::Css("#history tbody tr")).await.unwrap();
    assert!(changes.len() >= 3, "arrival, submit and amendment, not {}", changes.len());

    follow(&client, "h1 a").await;
    assert_eq!(path(&client).await, format!("/customers/{}", evening.customer));
    let customer = text(&client, "main").await;
    for expected in [CUSTOMER, "王丽", "Decision maker", "On site"] {
        assert!(customer.contains(expected), "no {expected:?} in\n{customer}");
    }

    follow(&client, "form[action='/sign-out'] button").await;
    client.goto(&evening.url("/board")).await.unwrap();
    assert_eq!(path(&client).await, "/sign-in", "signed out means out");
    client.close().await.unwrap();
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_set_kept_in_the_address_and_taken_back() {
    let Some(programs) = programs() else { return };
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let driver = Driver::start(programs).await.unwrap();
    let client = open(&driver, 1440, 900, false).await;
    client.goto(&evening.url("/visits")).await.unwrap();
    sign_in(&client, PASSWORD).await;

    let all = text(&client, "#visits").await;
    assert!(all.contains("3 visits") && all.contains("Nordlicht"), "{all}");
    let mode = client.find(Locator::Css(".filters summary")).await.unwrap();
    mode.click().await.unwrap();
    let video = client.find(Locator::Css("select[name=mode] option[value=video]")).await.unwrap();
    video.click().await.unwrap();
    follow(&client, ".filters button[type=submit]").await;
    let query = client.current_url().await.unwrap().query().unwrap_or_default().to_owned();
    assert!(query.contains("mode=video") && query.contains("from=2026-10-01"), "{query}");
    let found = text(&client, "#visits").await;
    assert!(found.contains("1 of 3 visits") && !found.contains(CUSTOMER), "{found}");
    let chosen = client.find(Locator::Css("select[name=mode] option:checked")).await.unwrap();
    assert_eq!(chosen.text().await.unwrap(), "Video", "the form says what is in force");

    follow(&client, "#visits tbody th a").await;
    assert!(path(&client).await.starts_with("/visits/"));
    client.back().await.unwrap();
    follow(&client, ".filters .do a.button").await;
    assert!(text(&client, "#visits").await.contains("3 visits"), "all of them again");
    client.close().await.unwrap();
    evening.server.shutdown().await;
}

/// The page looks for fresh figures every few seconds, and when it is shown again.
const SHOWN_AGAIN: &str = "document.dispatchEvent(new Event('visibilitychange'));";

#[tokio::test(flavor = "multi_thread")]
async fn a_board_that_is_looked_at_fills_by_itself_and_moves_nothing_under_the_readers_hands() {
    let Some(programs) = programs() else { return };
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let driver = Driver::start(programs).await.unwrap();
    let client = open(&driver, 1440, 900, false).await;
    client.goto(&evening.url("/board")).await.unwrap();
    sign_in(&client, PASSWORD).await;
    let visits = "[data-live=visits]";
    assert!(!text(&client, visits).await.contains("Baltic Tools"));
    client.execute("window.looked = true;", vec![]).await.unwrap();
    let focus = format!("document.querySelector('{visits} a').focus();");
    client.execute(&focus, vec![]).await.unwrap();

    let boris = evening.phone(dir.path(), "boris").await.unwrap();
    let new = NewCustomer { name: "Baltic Tools".into(), ..NewCustomer::default() };
    let customer = boris.create_customer(new).unwrap().id;
    let now = evening.clock.now();
    let visit = NewVisit {
        started_at: Some(now.plus_millis(-30 * 60_000)),
        ended_at: Some(now.plus_millis(-10 * 60_000)),
        submit: true,
        ..NewVisit::at(customer, VisitMode::Video)
    };
    boris.log_visit(visit).unwrap();
    boris.sync_once().await.unwrap();

    // Somebody who reads with the keyboard keeps their place; the rest is fresh.
    client.execute(SHOWN_AGAIN, vec![]).await.unwrap();
    let silent = async {
        while text(&client, "[data-live=silent]").await.contains("Boris") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, silent).await.expect("he is silent no longer");
    assert!(!text(&client, visits).await.contains("Baltic Tools"), "under the reader's hands");
    client.execute("document.activeElement.blur();", vec![]).await.unwrap();
    client.execute(SHOWN_AGAIN, vec![]).await.unwrap();
    let arriving = async {
        while !text(&client, visits).await.contains("Baltic Tools") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, arriving).await.expect("the visit comes by itself");
    let looked = client.execute("return window.looked === true;", vec![]).await.unwrap();
    assert_eq!(looked, Value::Bool(true), "the page was never loaded again");
    client.close().await.unwrap();
    evening.server.shutdown().await;
}

/// Widths of the page against the screen, and the shortest thing to tap.
const MEASURE: &str = "
    const taps = [...document.querySelectorAll('button, .button, .nav a, .tabs a, .period a, .period input, .field input, .filters input:not([type=hidden]), .filters select, .filters summary, tbody th a')]
        .filter(node => node.offsetParent !== null)
        .map(node => [node.getBoundingClientRect().height, node.outerHTML.slice(0, 80)]);
    taps.sort((a, b) => a[0] - b[0]);
    return [document.documentElement.scrollWidth, window.innerWidth, taps[0] || [44, '']];";

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_phone_and_can_be_tapped() {
    let Some(programs) = programs() else { return };
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let driver = Driver::start(programs).await.unwrap();
    let client = open(&driver, 390, 844, true).await;

    client.goto(&evening.url("/sign-in")).await.unwrap();
    fits(&client, "/sign-in").await;
    sign_in(&client, PASSWORD).await;
    let card = format!("/scorecards/{}/2026-10", evening.chen);
    let pages = [
        "/board?lang=en".to_owned(),
        "/board?lang=zh-CN".to_owned(),
        "/leaderboard".to_owned(),
        format!("{card}/effective_visits"),
        card,
        format!("/visits/{}", evening.visit),
        format!("/customers/{}", evening.customer),
        "/customers".to_owned(),
        "/customers?sort=due".to_owned(),
        "/visits".to_owned(),
        "/deals?stalled=1".to_owned(),
        "/coverage".to_owned(),
        "/funnel".to_owned(),
        "/funnel?lang=zh-CN".to_owned(),
        "/coverage?show=met&lang=zh-CN".to_owned(),
        "/due".to_owned(),
        "/risks".to_owned(),
        "/alarms".to_owned(),
        "/map?date=2026-10-08".to_owned(),
        "/trends".to_owned(),
        "/attainment?lang=zh-CN".to_owned(),
        "/nothing/here".to_owned(),
    ];
    for page in pages {
        client.goto(&evening.url(&page)).await.unwrap();
        fits(&client, &page).await;
    }
    client.close().await.unwrap();
    evening.server.shutdown().await;
}

async fn fits(client: &Client, page: &str) {
    let measured = client.execute(MEASURE, vec![]).await.unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    assert_eq!(number(&measured[1]), 390.0, "{page} is laid out for the screen");
    assert!(number(&measured[0]) <= 390.0, "{page} scrolls sideways: {measured}");
    assert!(number(&measured[2][0]) >= 43.5, "{page}: too small to tap: {}", measured[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_imported_is_invited_and_their_phone_enrols_with_what_the_square_says() {
    let Some(programs) = programs() else { return };
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let app = evening.server.app().clone();
    let org = app.storage().orgs().await.unwrap()[0].id;
    let office = Office::of(app, org);
    let units = office.units().await.unwrap();
    let east = units.values().find(|unit| unit.name == "华东 East").unwrap().id;
    let imported = CreateUser {
        login: "darcel".into(),
        name: "Darcel Schlecht".into(),
        role: Role::Rep,
        units: vec![east],
        hired_on: None,
        locale: Some("en".into()),
        password: PasswordChoice::Later,
    };
    office.create_user(imported).await.unwrap();
    let driver = Driver::start(programs).await.unwrap();
    let client = open(&driver, 1440, 900, false).await;
    client.goto(&evening.url("/people?status=not_invited")).await.unwrap();
    sign_in(&client, PASSWORD).await;
    let list = text(&client, "main").await;
    assert!(list.contains("Darcel Schlecht") && list.contains("Not invited yet"), "{list}");
    follow(&client, "tbody th a").await;
    follow(&client, "#invite button.primary").await;
    let card = text(&client, ".card").await;
    assert!(card.contains("Darcel Schlecht") && card.contains("One-time password"), "{card}");
    let square = client.find(Locator::Css("svg.qr")).await.unwrap();
    let invitation = square.attr("data-address").await.unwrap().unwrap();
    let drawn = client.find(Locator::Css("svg.qr path.dark")).await.unwrap();
    assert!(drawn.attr("d").await.unwrap().unwrap().len() > 500, "the square is drawn");

    let device = DeviceInfo {
        name: "Darcel's phone".into(),
        platform: "android".into(),
        app_version: "0.1.0".into(),
    };
    let mut config = Config::new(dir.path().join("darcel"), "", device);
    config.runtime = Some(tokio::runtime::Handle::current());
    let phone = Phone::open(config).unwrap();
    assert_eq!(phone.enrol(&invitation).await.unwrap().user_name, "Darcel Schlecht");
    phone.sync_once().await.unwrap();
    follow(&client, ".crumbs a").await;
    let page = text(&client, "main").await;
    assert!(page.contains("Active") && page.contains("Darcel's phone"), "{page}");
    client.close().await.unwrap();
    evening.server.shutdown().await;
}
