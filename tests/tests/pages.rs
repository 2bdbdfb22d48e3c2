//! The manager's pages as a program sees them: who gets in, who sees what, and
//! what protects them.

use std::time::Duration;

use client_core::engine::NewCustomer;
use client_core::records::Role;
use reqwest::header::{CONTENT_SECURITY_POLICY, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use server::office::{CreateUser, Office, PasswordChoice};
use server::storage::Records;
use tempfile::TempDir;
use tests::evening::{CUSTOMER, Evening, PASSWORD};
use tests::fleet::pages::{self as measured, Address};
use tests::reader::Reader;

fn client() -> Client {
    tests::tools::http()
}

async fn knock(evening: &Evening, login: &str, password: &str) -> Response {
    let body = format!("login={login}&password={}&next=/board", password.replace(' ', "+"));
    client()
        .post(evening.url("/sign-in"))
        .header("origin", evening.url(""))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_for_readers_and_each_reader_sees_their_own_part() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let stranger = Reader::stranger(&evening).get("/board?date=2026-10-08").await;
    assert_eq!(stranger.status(), StatusCode::SEE_OTHER);
    assert_eq!(stranger.headers()[LOCATION], "/sign-in?next=/board%3Fdate%3D2026-10-08");
    let forger = Reader::with_cookie(&evening, "fieldsync_session=fsw_forged");
    assert_eq!(forger.get("/board").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(knock(&evening, "chen", "wrong").await.status(), StatusCode::UNAUTHORIZED);

    let chen = Reader::signed_in(&evening, "chen").await;
    let own = chen.get(&format!("/scorecards/{}/2026-10", evening.chen)).await;
    assert_eq!(own.status(), StatusCode::OK);
    let theirs = chen.get(&format!("/scorecards/{}/2026-10", evening.anna)).await;
    assert_eq!(theirs.status(), StatusCode::NOT_FOUND, "a rep sees no colleague's card");
    let board = chen.get("/board").await.text().await.unwrap();
    assert!(board.contains(CUSTOMER) && !board.contains("Anna Fischer"));
    let anna = Reader::signed_in(&evening, "anna").await;
    let visit = format!("/visits/{}", evening.visit);
    assert_eq!(anna.get(&visit).await.status(), StatusCode::NOT_FOUND);
    let customer = format!("/customers/{}", evening.customer);
    assert_eq!(anna.get(&customer).await.status(), StatusCode::NOT_FOUND);
    let list = anna.get("/customers").await.text().await.unwrap();
    assert!(list.contains("Nordlicht") && !list.contains(CUSTOMER));

    let zhou = Reader::signed_in(&evening, "zhou").await;
    for path in [
        "/board",
        "/leaderboard?sort=process",
        &visit,
        &customer,
        "/customers",
        "/visits",
        "/deals",
        "/coverage",
        "/funnel",
        "/due",
        "/risks",
        "/alarms",
        "/map?date=2026-10-08",
        "/trends",
        "/attainment?period=2026-10",
    ] {
        let page = zhou.get(path).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert_eq!(page.headers()["cache-control"], "private, no-store");
        let html = page.text().await.unwrap();
        assert!(!html.contains(" style=") && !html.contains("<script>"), "{path}");
    }
    for (path, status) in [
        ("/board?date=yesterday", 400),
        ("/leaderboard?period=2026", 400),
        ("/visits/1", 400),
        ("/attainment?period=2026", 400),
        ("/due?unit=1", 400),
        ("/nothing/here", 404),
    ] {
        assert_eq!(zhou.get(path).await.status(), status, "{path}");
    }
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_navigation_is_there_and_a_board_shows_no_colleague_to_a_rep() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let board = zhou.page("/board").await;
    let menu = board.split("class=\"menu\"").nth(1).unwrap().split("</details>").next().unwrap();
    let pages: Vec<&str> = menu
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|href| !href.contains("lang="))
        .collect();
    assert!(pages.len() >= 16, "{pages:?}");
    for page in pages {
        assert_eq!(zhou.get(page).await.status(), StatusCode::OK, "{page}");
    }
    let chen = Reader::signed_in(&evening, "chen").await;
    for page in ["/due", "/risks", "/map?date=2026-10-08", "/trends", "/attainment"] {
        let html = chen.page(page).await;
        assert!(!html.contains("Anna Fischer"), "{page}");
    }
    assert!(zhou.page("/map?date=2026-10-08").await.contains("Anna Fischer"));
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_that_the_load_tool_measures_is_answered() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let measured = measured::Reader::sign_in(evening.url(""), "zhou", PASSWORD).await.unwrap();
    let addresses = measured.addresses().await.unwrap();
    let of = |begin: &str| addresses.iter().filter(|one| one.path.starts_with(begin)).count();
    for (begin, at_least) in [
        ("/reports/daily/", 2),
        ("/reports/weekly/", 2),
        ("/reports/monthly/", 2),
        ("/reports/quarterly/", 2),
        ("/scorecards/", 1),
        ("/visits/", 1),
        ("/customers/0", 1),
        ("/competitors", 1),
        ("/audit", 1),
    ] {
        assert!(of(begin) >= at_least, "{begin}: {addresses:?}");
    }
    for Address { path, .. } in &addresses {
        assert_eq!(measured.open(path).await.unwrap().0, StatusCode::OK, "{path}");
    }
    evening.server.shutdown().await;
}

/// A week and a month are counted from the cards, an evening from what has just arrived: the
/// same visit stands in each.
#[tokio::test(flavor = "multi_thread")]
async fn a_board_of_a_week_or_a_month_shows_what_the_evening_shows() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    for (span, title) in [("day", "Evening board"), ("week", "Week"), ("month", "Month")] {
        let board = zhou.page(&format!("/board?span={span}&lang=en")).await;
        let of_visit = format!("/visits/{}", evening.visit);
        assert!(board.contains(title) && board.contains(&of_visit), "{span}");
        let hidden = format!("name=\"span\" value=\"{span}\"");
        assert_eq!(board.contains(&hidden), span != "day", "choosing a unit keeps the days");
        let earlier = board.split("rel=\"prev\"").next().unwrap().rsplit("href=\"").next().unwrap();
        let earlier =
            earlier.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
        let before = zhou.page(&earlier).await;
        assert!(before.contains("rel=\"next\"") && !before.contains(&of_visit), "{earlier}");
    }
    assert_eq!(zhou.get("/board?span=year").await.status(), StatusCode::BAD_REQUEST);
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_looked_at_hears_of_a_commit_and_a_stranger_hears_nothing() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let stranger = Reader::stranger(&evening).get("/live").await;
    assert_eq!(stranger.status(), StatusCode::NO_CONTENT, "and a browser asks no more");
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let mut stream = zhou.get("/live").await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert!(hint(&mut stream).await.contains("up_to"), "where it begins");
    let anna = evening.phone(dir.path(), "anna").await.unwrap();
    let new = NewCustomer { name: "Baltic Tools".into(), ..NewCustomer::default() };
    anna.create_customer(new).unwrap();
    anna.sync_once().await.unwrap();
    assert!(!hint(&mut stream).await.contains("Baltic"), "that there is something, never what");
    evening.server.shutdown().await;
}

/// The next hint of a stream.
async fn hint(stream: &mut Response) -> String {
    let next = async {
        loop {
            let bytes = stream.chunk().await.unwrap().expect("the stream goes on");
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            if text.starts_with("event: hint") {
                return text;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), next).await.expect("a hint comes")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_cannot_act_in_a_readers_name() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let forged = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    for (name, value) in forged {
        let answer = client()
            .post(evening.url("/sign-out"))
            .header(COOKIE, zhou.cookie())
            .header(name, value)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert_eq!(zhou.get("/board").await.status(), StatusCode::OK, "still in");
    let out = client()
        .post(evening.url("/sign-out"))
        .header(COOKIE, zhou.cookie())
        .header("origin", evening.url(""))
        .send()
        .await
        .unwrap();
    assert_eq!(out.status(), StatusCode::SEE_OTHER);
    assert_eq!(zhou.get("/board").await.status(), StatusCode::SEE_OTHER, "out");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_given_out_opens_nothing_until_it_is_replaced() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let app = evening.server.app().clone();
    let org = app.storage().orgs().await.unwrap()[0].id;
    let invited = Office::of(app, org)
        .create_user(CreateUser {
            login: "new.manager".into(),
            name: "New Manager".into(),
            role: Role::Manager,
            units: vec![],
            hired_on: None,
            locale: Some("en".into()),
            password: PasswordChoice::OneTime,
        })
        .await
        .unwrap();
    let given = invited.one_time_password.unwrap().reveal().to_owned();
    let answer = knock(&evening, "new.manager", &given).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers().get(SET_COOKIE).is_none(), "no session yet");
    let page = answer.text().await.unwrap();
    assert!(page.contains("action=\"/new-password\"") && !page.contains(&given), "{page}");

    let change = async |current: &str, chosen: &str, again: &str| {
        let body = format!(
            "login=new.manager&password={current}&chosen={chosen}&again={again}&next=/leaderboard"
        );
        client()
            .post(evening.url("/new-password"))
            .header("origin", evening.url(""))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap()
    };
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    assert_eq!(change(&given, "long-enough", "another-one").await.status(), refused);
    assert_eq!(change(&given, "short", "short").await.status(), refused);
    assert_eq!(change(&given, &given, &given).await.status(), refused);
    let wrong = change("not-it", "long-enough", "long-enough").await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    let changed = change(&given, "long-enough", "long-enough").await;
    assert_eq!(changed.status(), StatusCode::SEE_OTHER);
    assert_eq!(changed.headers()[LOCATION], "/leaderboard");
    assert!(changed.headers().get(SET_COOKIE).is_some(), "signed in");
    let again = knock(&evening, "new.manager", &given).await;
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(knock(&evening, "new.manager", "long-enough").await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_filter_and_hand_out_what_the_reader_may_see() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let anna = Reader::signed_in(&evening, "anna").await;

    let all = zhou.page("/customers").await;
    assert!(all.contains(CUSTOMER) && all.contains("Nordlicht") && all.contains("3 customers"));
    for found in ["q=pjjm", "q=%E6%B5%A6%E6%B1%9F", &format!("rep={}", evening.chen)] {
        let page = zhou.page(&format!("/customers?{found}")).await;
        assert!(page.contains(CUSTOMER) && !page.contains("Nordlicht"), "{found}");
        assert!(page.contains("of 3 customers"), "{found}");
    }
    let own = anna.page("/customers").await;
    assert!(own.contains("1 customer") && !own.contains(CUSTOMER), "all is what she may see");

    let visits = zhou.page("/visits?from=2026-10-08&to=2026-10-08").await;
    assert!(visits.contains("Shorter than its mode asks for") && visits.contains("3 visits"));
    let short = zhou.page("/visits?verdict=not_effective&reason=too_short").await;
    assert!(short.contains("Shorter than its mode asks for") && short.contains("1 of 3 visits"));
    let effective = zhou.page("/visits?verdict=effective").await;
    assert!(effective.contains(&format!("/visits/{}", evening.visit)));
    let empty = zhou.page("/visits?from=2020-01-01&to=2020-01-31").await;
    assert!(empty.contains("No visit here") && empty.contains("January 2020"));
    let theirs = anna.page("/visits").await;
    assert!(!theirs.contains(&evening.visit.to_string()), "nothing of a colleague's");
    assert!(!anna.page(&format!("/visits?customer={}", evening.customer)).await.contains(CUSTOMER));

    let deals = zhou.page("/deals?outcome=won").await;
    let deal = deals.split("href=\"/deals/").nth(1).unwrap().split('"').next().unwrap();
    let deal = format!("/deals/{deal}");
    let page = zhou.page(&deal).await;
    assert!(page.contains("id=\"stages\"") && page.contains("id=\"history\""));
    assert!(page.contains("phone"), "the change log names devices");
    assert_eq!(anna.get(&deal).await.status(), StatusCode::NOT_FOUND);
    let coverage = zhou.page("/coverage").await;
    assert!(coverage.contains("Anna Fischer") && coverage.contains("1 of 1"), "{coverage}");
    let reached = format!("rep={}&#38;period=2026-10&#38;coverage=reached", evening.anna);
    assert!(coverage.contains(&reached), "a cell leads to the customers behind it");
    let behind = zhou.page(&format!("/customers?{}", reached.replace("&#38;", "&"))).await;
    assert!(behind.contains("Nordlicht") && behind.contains("1 of 3 customers"));
    let own = anna.page("/coverage").await;
    assert!(own.contains("Anna Fischer") && !own.contains("陈思远"));
    assert!(own.contains("Never visited") && own.contains("Not yet known"));

    let funnel = zhou.page("/funnel").await;
    assert!(funnel.contains("First contact") && funnel.contains("Opportunity to signing"));
    let signed = "period=2026-10&#38;cohort=passed.deal";
    assert!(funnel.contains(signed), "a number leads to the deals behind it: {funnel}");
    let behind = zhou.page(&format!("/deals?{}", signed.replace("&#38;", "&"))).await;
    assert!(behind.contains(&deal) && behind.contains("1 deal"), "{behind}");
    assert!(!anna.page("/funnel").await.contains(signed), "nothing of a colleague's");

    let zh = zhou.page(&format!("{deal}?lang=zh-CN")).await;
    assert!(zh.contains("阶段记录") && zh.contains("修改记录"));

    for (path, status) in [
        ("/customers?tier=z", 400),
        ("/visits?from=yesterday", 400),
        ("/deals?min=much", 400),
        ("/coverage?period=2026", 400),
        ("/deals?cohort=passed.deal", 400),
        ("/funnel?period=soon", 400),
        ("/customers?coverage=met", 400),
        ("/deals/1", 400),
        ("/deals/00000000-0000-7000-8000-000000000000", 404),
    ] {
        assert_eq!(zhou.get(path).await.status(), status, "{path}");
    }

    let file = zhou.get("/visits.csv?from=2026-10-01&to=2026-10-31").await;
    assert_eq!(file.headers()["content-type"], "text/csv; charset=utf-8");
    let name = file.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.contains("visits_2026-10-01_2026-10-31_policy-v1.csv"), "{name}");
    let csv = file.text().await.unwrap();
    assert!(csv.starts_with("\u{feff}visit_id,customer_id,customer,rep"), "{csv}");
    assert!(csv.lines().nth(1).unwrap().starts_with("Visit id,"), "then the words");
    assert!(csv.contains(CUSTOMER) && csv.contains("Nordlicht"));
    let sheet = zhou.get("/visits.xlsx?from=2026-10-01&to=2026-10-31").await;
    let name = sheet.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.contains("visits_2026-10-01_2026-10-31_policy-v1.xlsx"), "{name}");
    reads_as_csv(&csv, sheet.bytes().await.unwrap().to_vec());
    let own = anna.get("/customers.csv").await.text().await.unwrap();
    assert!(own.contains("Nordlicht") && !own.contains(CUSTOMER));
    let deals = anna.get("/deals.csv").await.text().await.unwrap();
    assert!(!deals.contains(CUSTOMER));
    assert_eq!(Reader::stranger(&evening).get("/deals.csv").await.status(), StatusCode::SEE_OTHER);
    evening.server.shutdown().await;
}

/// The sheet says what the CSV file says, with numbers and dates as what they are.
fn reads_as_csv(csv: &str, sheet: Vec<u8>) {
    use calamine::Reader as _;
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(sheet)).unwrap();
    let range = book.worksheet_range("visits").unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(range.height(), lines.len());
    assert!(lines.len() > 2, "a visit below the headings");
    let (mut numbers, mut moments) = (0, 0);
    for (row, line) in range.rows().zip(&lines) {
        for (cell, text) in row.iter().zip(line) {
            let text = text.trim_start_matches(['\u{feff}', '\'']);
            let shown = match cell {
                calamine::Data::Empty => String::new(),
                calamine::Data::Float(number) => {
                    numbers += 1;
                    number.to_string()
                }
                calamine::Data::DateTime(at) => {
                    moments += 1;
                    let at = at.as_datetime().unwrap().format("%Y-%m-%d %H:%M").to_string();
                    at.trim_end_matches(" 00:00").to_owned()
                }
                other => other.to_string(),
            };
            assert_eq!(shown, text);
        }
    }
    assert!(numbers > 0 && moments > 0, "{numbers} numbers, {moments} moments");
}
