//! The office on pages: who did what, phones, rules, targets, duplicates. Each is for
//! whoever decides, in three languages, and what is done there is written down.

use client_core::engine::{Client as Phone, NewCustomer};
use client_core::period::Period;
use client_core::records::{Metric, Role, TargetLevel};
use reqwest::StatusCode;
use reqwest::header::LOCATION;
use server::office::{By, CreateUser, Office, PasswordChoice, SetTarget};
use server::storage::Records;
use tempfile::TempDir;
use tests::evening::{CUSTOMER, Evening, PASSWORD, day};
use tests::reader::Reader;

async fn office(evening: &Evening) -> Office {
    let app = evening.server.app();
    let org = app.storage().orgs().await.unwrap()[0].id;
    Office::of(app.clone(), org)
}

/// Somebody who decides for everybody.
async fn hire_admin(office: &Office) {
    let top = office.units().await.unwrap().into_values().find(|unit| unit.parent.is_none());
    let wanted = CreateUser {
        login: "lin".into(),
        name: "林涛".into(),
        role: Role::Admin,
        units: vec![top.unwrap().id],
        hired_on: None,
        locale: Some("en".into()),
        password: PasswordChoice::Given(PASSWORD.into()),
    };
    office.create_user(wanted).await.unwrap();
}

fn times(page: &str, what: &str) -> usize {
    page.matches(what).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_opens_to_those_who_decide_and_speaks_their_language() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    hire_admin(&office(&evening).await).await;
    let lin = Reader::signed_in(&evening, "lin").await;
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let chen = Reader::signed_in(&evening, "chen").await;
    let stranger = Reader::stranger(&evening);
    for (path, words) in [
        ("/audit", ["Audit log", "操作日志", "操作日誌"]),
        ("/devices", ["Phones", "手机设备", "手機裝置"]),
        ("/policy", ["Rules", "考核规则", "考核規則"]),
        ("/placement", ["Assign customers", "客户分配", "客戶分配"]),
        ("/customers/merges", ["Duplicates", "重复客户", "重複客戶"]),
        ("/targets/new", ["New target", "新增目标", "新增目標"]),
    ] {
        for (lang, word) in ["en", "zh-CN", "zh-TW"].into_iter().zip(words) {
            let page = lin.page(&format!("{path}?lang={lang}")).await;
            assert!(page.contains(word), "{path} in {lang}: no {word}");
        }
        assert_eq!(zhou.get(path).await.status(), StatusCode::OK, "{path}");
        assert_eq!(chen.get(path).await.status(), StatusCode::FORBIDDEN, "{path}");
        assert_eq!(stranger.get(path).await.status(), StatusCode::SEE_OTHER, "{path}");
    }
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signed_in_who_took_a_list_along_and_who_looked_is_written_down() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let page = zhou.page("/audit?what=sign_ins").await;
    assert!(page.contains("周敏") && page.contains("chen&#39;s phone"), "{page}");
    let visit = format!("/visits/{}", evening.visit);
    for _twice in 0..2 {
        zhou.page(&visit).await;
    }
    let chen = Reader::signed_in(&evening, "chen").await;
    chen.page(&visit).await;
    let list = zhou.get("/customers.csv").await;
    assert_eq!(list.status(), StatusCode::OK);
    let page = zhou.page("/audit?what=reading").await;
    assert_eq!(times(&page, "Looked at a visit"), 1, "once a day, and never one's own: {page}");
    assert!(page.contains("List exported") && page.contains("customers_"), "{page}");
    let file = zhou.get("/audit.csv?what=reading").await;
    let file = file.text().await.unwrap();
    assert!(file.starts_with("\u{feff}at,by,device,what,deed,subject,detail\r\n"), "{file}");
    assert!(file.contains("visit.read") && file.contains("周敏"), "{file}");
    let sheet = zhou.get("/audit.xlsx").await.bytes().await.unwrap();
    let rows = rows(&sheet);
    assert!(rows.iter().any(|row| row.contains(&"exported".to_owned())), "{rows:?}");
    let only = zhou.page(&format!("/audit?by={}", evening.chen)).await;
    assert!(only.contains("chen&#39;s phone") && !only.contains("List exported"), "{only}");
    let none = zhou.page("/audit?from=2030-01-01").await;
    assert!(!none.contains("Signed in"), "{none}");
    assert_eq!(zhou.get("/audit?what=odd").await.status(), StatusCode::BAD_REQUEST);
    evening.server.shutdown().await;
}

fn rows(sheet: &[u8]) -> Vec<Vec<String>> {
    use calamine::Reader as _;
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(sheet.to_vec())).unwrap();
    let (_name, sheet) = book.worksheets().into_iter().next().unwrap();
    sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_shown_with_when_it_was_heard_and_is_shut_out() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let phone = evening.phone(&dir.path().join("another"), "chen").await.unwrap();
    let page = zhou.page("/devices").await;
    assert!(page.contains("chen&#39;s phone") && page.contains("android 0.1.0"), "{page}");
    let office = office(&evening).await;
    let devices = server::storage::Accounts::devices(evening.server.app().storage(), office.org());
    let devices = devices.await.unwrap();
    let newest = devices.iter().filter(|device| device.user == evening.chen);
    let newest = newest.max_by_key(|device| device.enrolled_at).unwrap().device;
    let chen = Reader::signed_in(&evening, "chen").await;
    let path = format!("/devices/{newest}/revoke");
    assert_eq!(chen.press(&path).await.status(), StatusCode::FORBIDDEN);
    let answer = zhou.press(&path).await;
    assert_eq!(answer.headers()[LOCATION], "/devices?done=revoked");
    let page = zhou.page("/devices?done=revoked").await;
    assert!(page.contains("Shut out or replaced") && page.contains("The phone was revoked"));
    assert!(phone.sync_once().await.is_err(), "it is refused from now on");
    assert!(zhou.page("/audit?what=people").await.contains("Phone revoked"));
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_tried_before_they_are_set_and_a_wrong_line_is_named() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let office = office(&evening).await;
    hire_admin(&office).await;
    let lin = Reader::signed_in(&evening, "lin").await;
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let text = office.policies().await.unwrap()[0].toml.clone();
    let line = text.lines().position(|line| line.trim_start().starts_with("min_minutes")).unwrap();
    let at_line = |with: &str| {
        let lines = text.lines().enumerate();
        let lines =
            lines.map(|(at, old)| if at == line { with.to_owned() } else { old.to_owned() });
        lines.collect::<Vec<_>>().join("\r\n")
    };
    let fields = |toml: &str, what: &str, seen: &str, from: &str| {
        [("toml", toml), ("do", what), ("seen", seen), ("from", from), ("month", "2026-10")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let wrong = at_line("min_minutes = \"long\"");
    let answer = lin.post("/policy", &fields(&wrong, "preview", "", "2026-11-01")).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text().await.unwrap();
    assert!(page.contains(&format!("Line {}", line + 1)) && page.contains("long"), "{page}");

    let other = at_line("min_minutes = 600");
    let answer = lin.post("/policy", &fields(&other, "preview", "", "2026-11-01")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let page = answer.text().await.unwrap();
    assert!(page.contains("Who would gain and lose") && page.contains("陈思远"), "{page}");
    assert!(page.contains(" lose, ") && page.contains("min_minutes"), "{page}");
    assert_eq!(office.policies().await.unwrap().len(), 1, "looking sets nothing");
    let seen = page.split("name=\"seen\" value=\"").nth(1).unwrap();
    let seen = seen.split('"').next().unwrap().to_owned();

    let unseen = lin.post("/policy", &fields(&text, "set", &seen, "2026-11-01")).await;
    assert_eq!(unseen.status(), StatusCode::OK, "another text is tried, not set");
    let closed = lin.post("/policy", &fields(&other, "set", &seen, "2026-09-01")).await;
    assert_eq!(closed.status(), StatusCode::UNPROCESSABLE_ENTITY, "a month that is over");
    assert_eq!(office.policies().await.unwrap().len(), 1);
    let refused = zhou.post("/policy", &fields(&other, "set", &seen, "2026-11-01")).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN, "a region's manager sets no rules");
    let set = lin.post("/policy", &fields(&other, "set", &seen, "2026-11-01")).await;
    assert_eq!(set.headers()[LOCATION], "/policy?done=set");
    assert_eq!(office.policies().await.unwrap().len(), 2);
    let page = lin.page("/policy").await;
    assert!(page.contains("min_minutes") && page.contains("/policy?version=1#text"), "{page}");
    assert!(lin.page("/policy?version=1").await.contains("Text of version 1"));
    let log = lin.page("/audit?what=policy").await;
    assert!(log.contains("Rules set") && log.contains("林涛"), "{log}");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_set_split_and_published_on_pages_and_then_changes_by_approval_alone() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let office = office(&evening).await;
    hire_admin(&office).await;
    let lin = Reader::signed_in(&evening, "lin").await;
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let chen = Reader::signed_in(&evening, "chen").await;
    let month = Period::month_of(day());
    let whole = [
        ("whose", "org"),
        ("metric", "new_customers"),
        ("period", "2026-10"),
        ("value", "30"),
        ("draft", "1"),
    ];
    let refused = zhou.post("/targets/new", &whole).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN, "the whole is not a region's to set");
    let odd = [whole[0], whole[1], ("period", "someday"), whole[3], whole[4]];
    assert_eq!(lin.post("/targets/new", &odd).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let made = lin.post("/targets/new", &whole).await;
    let path = made.headers()[LOCATION].to_str().unwrap().split('?').next().unwrap().to_owned();
    assert_eq!(chen.get(&path).await.status(), StatusCode::NOT_FOUND, "a draft is nobody's");
    let fields = [("do", "split"), ("cut", "reps"), ("weight.chen", "2"), ("weight.anna", "1")];
    let split = lin.post(&path, &fields).await;
    assert_eq!(split.status(), StatusCode::SEE_OTHER);
    let page = lin.page(&path).await;
    assert!(page.contains("陈思远") && page.contains("Sums to the whole"), "{page}");
    let changed = lin.post(&path, &[("do", "set"), ("value", "36")]).await;
    assert_eq!(changed.status(), StatusCode::SEE_OTHER);
    let list = lin.page("/targets?period=2026-10").await;
    assert!(list.contains("6 is nobody&#39;s") && list.contains("Publish 3 drafts"), "{list}");
    assert_eq!(
        zhou.post("/targets/publish", &[("period", "2026-10")]).await.status(),
        StatusCode::FORBIDDEN
    );
    let published = lin.post("/targets/publish", &[("period", "2026-10")]).await;
    assert_eq!(published.status(), StatusCode::SEE_OTHER);
    assert!(chen.page(&path).await.contains("36"), "everybody sees the whole");
    let again = lin.post(&path, &[("do", "set"), ("value", "40")]).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY, "it is published");

    let own = office.targets().await.unwrap().into_iter().find(|target| {
        target.metric == Metric::NewCustomers && target.level == TargetLevel::Rep(evening.chen)
    });
    let own = own.unwrap();
    assert_eq!(own.value, 20);
    let path = format!("/targets/{}", own.id);
    let ask = [("do", "ask"), ("value", "18"), ("reason", "<b>a fair</b> was cancelled")];
    assert_eq!(chen.post(&path, &ask).await.status(), StatusCode::SEE_OTHER);
    let request = office.adjustments().await.unwrap()[0].id;
    let answer = format!("/targets/requests/{request}");
    assert_eq!(chen.post(&answer, &[("verdict", "approve")]).await.status(), StatusCode::FORBIDDEN);
    let page = zhou.page("/targets").await;
    assert!(page.contains("20 → 18") && !page.contains("<b>a fair"), "{page}");
    assert_eq!(zhou.post(&answer, &[("verdict", "maybe")]).await.status(), StatusCode::BAD_REQUEST);
    let yes = zhou.post(&answer, &[("verdict", "approve"), ("note", "agreed")]).await;
    assert_eq!(yes.headers()[LOCATION], "/targets?done=approved");
    let late = lin.post(&answer, &[("verdict", "decline")]).await;
    assert_eq!(late.status(), StatusCode::CONFLICT, "it was answered");
    assert_eq!(office.target(own.id).await.unwrap().unwrap().value, 18);
    let log = lin.page("/audit?what=targets").await;
    for deed in ["Target set", "Target split", "Targets published", "Target request answered"] {
        assert!(log.contains(deed), "no {deed:?} in {log}");
    }
    // The command line, which has the server's machine, sets what it likes.
    let registrar = office.registrar(By::CommandLine).await.unwrap();
    let wanted = SetTarget::new(own.level, own.metric, month, 21);
    assert_eq!(registrar.set_target(wanted).await.unwrap().value, 21);
    evening.server.shutdown().await;
}

fn names(phone: &Phone) -> Vec<String> {
    let query = client_core::engine::CustomerQuery::default();
    let page = phone.customers(&query).unwrap();
    page.items.into_iter().filter_map(|entry| entry.state.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn suspected_duplicates_are_listed_and_a_merge_is_taken_back_from_the_list() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let phone = evening.phone(&dir.path().join("another"), "anna").await.unwrap();
    let again = NewCustomer { name: "浦江精密机械".into(), ..NewCustomer::default() };
    let other = phone.create_customer(again).unwrap().id;
    phone.sync_once().await.unwrap();
    assert!(names(&phone).iter().any(|name| name.contains("浦江")));
    let page = zhou.page("/customers/merges").await;
    assert!(page.contains(CUSTOMER) && page.contains("浦江精密机械"), "{page}");
    let with = other.to_string();
    let merged = zhou
        .post(
            &format!("/customers/{}/merge", evening.customer),
            &[("with", with.as_str()), ("keep", "this")],
        )
        .await;
    assert_eq!(merged.status(), StatusCode::SEE_OTHER);
    let page = zhou.page("/customers/merges").await;
    assert!(page.contains("action=\"/customers/merges\""), "it can be taken back: {page}");
    assert!(page.contains("No two customers"), "they are one: {page}");
    let parted = zhou.post("/customers/merges", &[("undo", with.as_str())]).await;
    assert_eq!(parted.headers()[LOCATION], "/customers/merges?done=parted");
    let twice = zhou.post("/customers/merges", &[("undo", with.as_str())]).await;
    assert_eq!(twice.status(), StatusCode::CONFLICT);
    assert!(zhou.page("/customers/merges").await.contains("Taken back"));
    evening.server.shutdown().await;
}
