//! Reports of a week: as a draft, issued, downloaded, computed again, restated, printed.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use calamine::Reader as _;
use client_core::engine::NewDeal;
use client_core::money::{Currency, Money};
use fantoccini::wd::PrintConfiguration;
use fantoccini::{ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_DISPOSITION, LOCATION};
use serde_json::Value;
use tempfile::TempDir;
use tests::browser::{Driver, programs};
use tests::evening::{CUSTOMER, Evening, PASSWORD};
use tests::pdf::Pdf;
use tests::reader::Reader;

const WEEK: &str = "/reports/weekly/2026-W41";

async fn bytes(reader: &Reader, path: &str) -> Vec<u8> {
    let answer = reader.get(path).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.bytes().await.unwrap().to_vec()
}

/// Issues the week's report and says where it is.
async fn issued(zhou: &Reader) -> String {
    let answer = zhou.press(WEEK).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()[LOCATION].to_str().unwrap().to_owned()
}

fn figure<'a>(report: &'a Value, section: &str, code: &str) -> &'a Value {
    let sections = report["sections"].as_array().unwrap();
    let section = sections.iter().find(|each| each["code"] == section).unwrap();
    let mut figures = section["figures"].as_array().unwrap().iter();
    &figures.find(|each| each["code"] == code).unwrap()["value"]
}

/// `fieldsync report verify`, as somebody on the server's machine runs it.
fn verified(data: &Path, file: &Path) -> (i32, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_relay"))
        .args(["report", "verify", "--json", "--data"])
        .args([data, file])
        .output()
        .unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    let json: Value = serde_json::from_str(&said).unwrap_or_default();
    let verdict = json["result"]["verdict"].as_str().unwrap_or_default().to_owned();
    (done.status.code().unwrap(), verdict)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issued_report_gives_the_same_bytes_whatever_came_later() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let page = zhou.page(WEEK).await;
    for told in ["¥128k", "缩短交付周期", "Pallet scanners", "机械制造", "Draft"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let here = issued(&zhou).await;
    let told = bytes(&zhou, &format!("{here}/report.json")).await;
    let receipt = bytes(&zhou, &format!("{here}/receipt.json")).await;
    let report: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(figure(&report, "closed", "won_amount")["minor"], 12_800_000);
    assert_eq!(figure(&report, "closed", "visits"), 3);
    assert!(report["receipt"]["facts_sha256"].as_str().unwrap().len() == 64);

    // Anna sells something in the same week, and the phone that knows it comes later.
    let anna = evening.phone(&dir.path().join("late"), "anna").await.unwrap();
    let mine = anna.search("Nordlicht", 1).unwrap();
    let deal = anna.create_deal(NewDeal::with(mine[0].id, "Late bid", "initial_contact")).unwrap();
    anna.win_deal(deal, Some(Money::new(5_000_000, Currency::CNY))).unwrap();
    evening.clock.advance_millis(3_600_000);
    anna.sync_once().await.unwrap();
    server::scoring::recompute_dirty(evening.server.app()).await.unwrap();

    let live: Value =
        serde_json::from_slice(&bytes(&zhou, &format!("{WEEK}/report.json")).await).unwrap();
    assert_eq!(figure(&live, "closed", "won_amount")["minor"], 17_800_000);
    let again = bytes(&zhou, &format!("{here}/report.json")).await;
    assert!(again == told, "an issued report stays as it was told");
    let page = zhou.page(&here).await;
    for moved in ["What moved since it was issued", "¥128k", "¥178k", "What arrived"] {
        assert!(page.contains(moved), "{moved}: {page}");
    }
    assert!(zhou.page("/reports").await.contains(&here));

    evening.server.shutdown().await;
    let data = dir.path().join("data");
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let (report_file, receipt_file) = (file("report.json", &told), file("receipt.json", &receipt));
    assert_eq!(verified(&data, &report_file), (0, "same".to_owned()), "after a restart");
    assert_eq!(verified(&data, &receipt_file), (0, "same".to_owned()));
    let other = String::from_utf8(told).unwrap().replace("12800000", "92800000");
    let other = file("other.json", other.as_bytes());
    assert_eq!(verified(&data, &other), (4, "different".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_read_back_from_a_spreadsheet_and_runs_nothing() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let chen = evening.phone(&dir.path().join("again"), "chen").await.unwrap();
    let mine = chen.search("Acme", 1).unwrap();
    let evil = NewDeal::with(mine[0].id, "=HYPERLINK(\"http://evil\")", "initial_contact");
    let deal = chen.create_deal(evil).unwrap();
    chen.win_deal(deal, Some(Money::new(100, Currency::CNY))).unwrap();
    chen.sync_once().await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let answer = zhou.get(&format!("{WEEK}/report.csv")).await;
    let name = answer.headers()[CONTENT_DISPOSITION].to_str().unwrap().to_owned();
    assert!(name.contains("weekly-report_2026-W41_policy-v1.csv"), "{name}");
    let csv = answer.bytes().await.unwrap();
    let csv = csv.strip_prefix("\u{feff}".as_bytes()).expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().from_reader(csv);
    let rows: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    let has = |row: &[&str]| rows.iter().any(|each| each == row);
    assert!(has(&["closed", "figures", "won_amount", "value", "128001.00", "CNY"]), "{rows:?}");
    assert!(
        has(&["closed", "won", "2", "deal", "'=HYPERLINK(\"http://evil\")", "text"]),
        "{rows:?}"
    );

    let sheet = bytes(&zhou, &format!("{WEEK}/report.xlsx?lang=zh-TW")).await;
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(sheet)).unwrap();
    let won = book.worksheet_range("closed won").unwrap();
    let cell = |row: u32, column: u32| won.get_value((row, column)).unwrap().clone();
    assert_eq!(cell(0, 4).to_string(), "amount");
    assert_eq!(cell(1, 4).to_string(), "金額");
    assert_eq!(cell(2, 4), calamine::Data::Float(128_000.0), "an amount is a number");
    assert!(matches!(cell(2, 3), calamine::Data::DateTime(_)), "a day is a day");
    assert_eq!(cell(3, 0), calamine::Data::String("=HYPERLINK(\"http://evil\")".into()));
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_report_is_there_for_leaders_and_for_nobody_else() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let chen = Reader::signed_in(&evening, "chen").await;
    for (address, told) in [
        ("/reports/daily/2026-10-08", "客户临时改约下周二"),
        (WEEK, "Top three needs"),
        ("/reports/monthly/2026-10", "How the work is spread"),
        ("/reports/quarterly/2026-Q4", "Diagnosis: people"),
    ] {
        let page = zhou.page(address).await;
        assert!(page.contains(told), "{told}: {page}");
        assert!(!page.contains("report_field.") && !page.contains(">report_"), "{page}");
        for lang in ["zh-CN", "zh-TW"] {
            zhou.page(&format!("{address}?lang={lang}")).await;
            zhou.page(&format!("{address}/print?lang={lang}")).await;
        }
        bytes(&zhou, &format!("{address}/report.xlsx?lang=en")).await;
        bytes(&zhou, &format!("{address}/report.csv")).await;
        assert_eq!(chen.get(address).await.status(), StatusCode::FORBIDDEN);
        let kept = chen.press(address).await;
        assert_eq!(kept.status(), StatusCode::FORBIDDEN);
    }
    let here = issued(&zhou).await;
    assert_eq!(chen.get(&here).await.status(), StatusCode::FORBIDDEN);
    for (address, status) in [
        ("/reports/weekly/2026-10", 400),
        ("/reports/yearly/2026", 400),
        ("/reports/weekly/2026-W50", 400),
        ("/reports/issued/00000000-0000-0000-0000-000000000000", 404),
        ("/reports/weekly/2026-W41?unit=00000000-0000-0000-0000-000000000000", 404),
        ("/reports/weekly/2026-W41/report.exe", 404),
    ] {
        assert_eq!(zhou.get(address).await.status(), status, "{address}");
    }
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weekly_report_prints_on_a4() {
    let Some(programs) = programs() else { return };
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let driver = Driver::start(programs).await.unwrap();
    let browser = ClientBuilder::new(HttpConnector::new())
        .capabilities(driver.capabilities(1280, 900, false))
        .connect(driver.url())
        .await
        .unwrap();
    let next = format!("/sign-in?lang=zh-CN&next={WEEK}/print");
    browser.goto(&evening.url(&next)).await.unwrap();
    for (field, value) in [("login", "zhou"), ("password", PASSWORD)] {
        let css = format!("input[name={field}]");
        browser.find(Locator::Css(&css)).await.unwrap().send_keys(value).await.unwrap();
    }
    browser.find(Locator::Css("button[type=submit]")).await.unwrap().click().await.unwrap();
    let paper = browser.wait().at_most(Duration::from_secs(20));
    let paper = paper.for_element(Locator::Css("table.paper")).await.unwrap();
    let text = paper.text().await.unwrap();
    assert!(text.contains("Pallet scanners") && text.contains("10月5日至10月11日"), "{text}");
    assert!(!text.contains(CUSTOMER) || text.contains("#"), "what is named has a reference");
    let pdf = browser.print(PrintConfiguration::default()).await.unwrap();
    let printed = Pdf::read(&pdf);
    assert!((1..=6).contains(&printed.pages.len()), "{} pages", printed.pages.len());
    for (width, height) in &printed.pages {
        // A4 is 210 by 297 mm.
        let close = |points: f64, mm: f64| (points - mm * 72.0 / 25.4).abs() < 2.0;
        assert!(close(*width, 210.0) && close(*height, 297.0), "{width} by {height} points");
    }
    // A font may copy 月 as the radical ⽉, so what is looked for has none of those.
    for told in ["周报·2026-W41", "Palletscanners", "依据3份"] {
        assert!(printed.text.contains(told), "{told} is no text of {}", printed.text);
    }
    browser.close().await.unwrap();
    evening.server.shutdown().await;
}
