//! § A customer changes hands while a rep works without signal: nothing is lost, nobody
//! sees what is not theirs, and whoever decides is answered on every phone.

use std::path::Path;
use std::sync::Arc;

use client_core::docs::customer::Contact;
use client_core::engine::{
    Client as Phone, CommandState, Config, DeviceInfo, ItemStatus, ManualClock, NewCustomer,
};
use client_core::id::{ActorId, DeviceId, DocId, ItemId};
use client_core::protocol::{DeviceClaim, SignInRequest, SignInResponse};
use client_core::records::{Role, Verdict};
use reqwest::StatusCode;
use reqwest::header::COOKIE;
use server::app::AppConfig;
use server::office::{By, CreateUser, Office, PasswordChoice, Place};
use server::storage::{Records, StorageError};
use tempfile::TempDir;
use tests::company::Company;
use tests::evening::{CUSTOMER, Evening, PASSWORD};
use tests::reader::{Reader, encoded};

const DAY: i64 = 24 * 3_600_000;

struct Story {
    evening: Evening,
    dir: TempDir,
    office: Office,
    chen: Phone,
    anna: Phone,
}

fn phone(dir: &Path, evening: &Evening, login: &str) -> Phone {
    let device = DeviceInfo {
        name: format!("{login}'s phone"),
        platform: "android".into(),
        app_version: "0.1.0".into(),
    };
    let dir = dir.join(login);
    std::fs::create_dir_all(&dir).unwrap();
    let mut config = Config::new(dir, &evening.url(""), device);
    config.clock = Arc::<ManualClock>::clone(&evening.clock);
    config.runtime = Some(tokio::runtime::Handle::current());
    Phone::open(config).unwrap()
}

async fn office(evening: &Evening) -> Result<Office, StorageError> {
    let app = evening.server.app();
    let org = app.storage().orgs().await?[0].id;
    Ok(Office::of(app.clone(), org))
}

impl Story {
    /// Chen renames his customer without signal; meanwhile it is given to Anna.
    async fn begin() -> Self {
        let dir = TempDir::new().unwrap();
        let evening = Evening::play(dir.path()).await.unwrap();
        let (chen, anna) =
            (phone(dir.path(), &evening, "chen"), phone(dir.path(), &evening, "anna"));
        chen.edit_customer(evening.customer, |edit| edit.set_name(Some("浦江精密 Pujiang")))
            .unwrap();
        let office = office(&evening).await.unwrap();
        let registrar = office.registrar(By::CommandLine).await.unwrap();
        let give = Place { owner: Some(evening.anna), ..Place::default() };
        registrar.place(evening.customer, give).await.unwrap();
        Self { evening, dir, office, chen, anna }
    }

    async fn later(&self, days: i64) {
        use client_core::engine::Clock as _;
        let now = self.evening.clock.now();
        self.evening.clock.set(now.plus_millis(days * DAY));
        self.chen.sign_in("chen", PASSWORD).await.unwrap();
        self.anna.sign_in("anna", PASSWORD).await.unwrap();
    }

    /// Chen's phone finds a network after its grace.
    async fn late(&self) {
        self.later(40).await;
        self.chen.sync_once().await.unwrap();
        self.anna.sync_once().await.unwrap();
        assert_eq!(name(&self.anna, self.evening.customer).as_deref(), Some(CUSTOMER));
    }

    async fn sync(&self) {
        self.chen.sync_once().await.unwrap();
        self.anna.sync_once().await.unwrap();
    }
}

fn name(phone: &Phone, customer: DocId) -> Option<String> {
    phone.customer(customer).unwrap().and_then(|entry| entry.state.name)
}

#[tokio::test(flavor = "multi_thread")]
async fn work_within_grace_arrives_as_if_nothing_had_happened() {
    let story = Story::begin().await;
    let customer = story.evening.customer;
    story.later(29).await;
    story.sync().await;
    assert_eq!(name(&story.anna, customer).as_deref(), Some("浦江精密 Pujiang"));
    assert_eq!(name(&story.chen, customer), None, "it is Anna's now");
    assert_eq!(story.chen.pending().unwrap().waiting(), 0);
    let visit = story.chen.visit(story.evening.visit).unwrap();
    assert!(visit.is_some(), "his visit stays his");
}

#[tokio::test(flavor = "multi_thread")]
async fn late_work_waits_for_the_manager_on_the_web_and_both_phones_hear_the_answer() {
    let story = Story::begin().await;
    let (evening, customer) = (&story.evening, story.evening.customer);
    story.late().await;
    assert!(matches!(story.chen.status(customer).unwrap(), ItemStatus::Quarantined { .. }));
    assert_eq!(name(&story.chen, customer).as_deref(), Some("浦江精密 Pujiang"), "not purged");
    let mine = story.chen.late_work().unwrap();
    assert_eq!((mine.len(), mine[0].verdict, mine[0].mine), (1, None, true));
    assert_eq!(story.chen.pending().unwrap().quarantined, 1);

    let zhou = Reader::signed_in(evening, "zhou").await;
    let (status, list) = zhou.read("/quarantine").await;
    assert_eq!(status, StatusCode::OK);
    assert!(list.contains(CUSTOMER) && list.contains("陈思远"), "{list}");
    let path = format!("/quarantine/{}", mine[0].case);
    let (_, page) = zhou.read(&path).await;
    for said in [CUSTOMER, "浦江精密 Pujiang", "陈思远", "Hand to Anna Fischer", "Accept"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains(" style=") && !page.contains("<script>"));
    let decided = zhou.post(&path, &[("verdict", "accepted"), ("note", "多谢")]).await;
    assert_eq!(decided.status(), StatusCode::SEE_OTHER, "{}", decided.text().await.unwrap());
    let again = zhou.post(&path, &[("verdict", "rejected"), ("note", "")]).await;
    assert_eq!(again.status(), StatusCode::CONFLICT, "decided once");

    story.sync().await;
    assert_eq!(name(&story.anna, customer).as_deref(), Some("浦江精密 Pujiang"));
    assert_eq!(name(&story.chen, customer), None, "with its answer the document goes");
    assert_eq!(story.chen.pending().unwrap().quarantined, 0);
    let told = &story.chen.late_work().unwrap()[0];
    assert_eq!((told.verdict, told.note.as_deref()), (Some(Verdict::Accepted), Some("多谢")));
    assert_eq!(told.by.as_deref(), Some("周敏"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_work_is_kept_on_the_phone_with_the_managers_words() {
    let story = Story::begin().await;
    let customer = story.evening.customer;
    story.late().await;
    let case = story.chen.late_work().unwrap()[0].case;
    let registrar = story.office.registrar(By::CommandLine).await.unwrap();
    registrar.decide(case, Verdict::Rejected, Some("Anna 已改名".into())).await.unwrap();
    story.sync().await;
    assert_eq!(name(&story.anna, customer).as_deref(), Some(CUSTOMER));
    assert_eq!(name(&story.chen, customer), None, "the answer is final, so it goes");
    let kept = story.chen.refused_changes().unwrap();
    assert_eq!(kept.len(), 1);
    let (code, reason) = ("declined".to_owned(), "Anna 已改名".to_owned());
    assert_eq!(kept[0].status, ItemStatus::Rejected { code, reason });
    let report = story.chen.sync_once().await.unwrap();
    assert_eq!((report.pushed, report.refused), (0, 0), "it is not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leads_phone_decides_without_signal_and_whoever_was_faster_wins() {
    let story = Story::begin().await;
    let evening = &story.evening;
    story.late().await;
    let lead = phone(story.dir.path(), evening, "zhou");
    lead.sign_in("zhou", PASSWORD).await.unwrap();
    lead.sync_once().await.unwrap();
    let waiting = lead.late_work().unwrap();
    assert_eq!((waiting.len(), waiting[0].may_decide, waiting[0].mine), (1, true, false));
    assert_eq!(waiting[0].author_name, "陈思远");
    let case = waiting[0].case;
    let first = lead.decide_quarantine(case, Verdict::HandedOver, Some("look".into())).unwrap();
    let second = lead.decide_quarantine(case, Verdict::Rejected, None).unwrap();
    assert_eq!(lead.command_state(first.id).unwrap(), CommandState::Saved, "no signal yet");
    lead.sync_once().await.unwrap();
    assert_eq!(lead.command_state(first.id).unwrap(), CommandState::Taken);
    assert!(matches!(lead.command_state(second.id).unwrap(), CommandState::Refused { .. }));
    story.sync().await;
    assert_eq!(name(&story.anna, evening.customer).as_deref(), Some("浦江精密 Pujiang"));
    let handed = &story.anna.late_work().unwrap()[0];
    assert_eq!((handed.case, handed.verdict), (case, Some(Verdict::HandedOver)));
    assert!(!handed.may_decide && !handed.mine);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_work_is_shown_to_its_leads_alone_and_no_other_site_decides() {
    let story = Story::begin().await;
    let evening = &story.evening;
    story.late().await;
    let path = format!("/quarantine/{}", story.chen.late_work().unwrap()[0].case);
    let elsewhere = server::office::CreateUnit {
        name: "西南 West".into(),
        kind: client_core::records::UnitKind::Region,
        parent: None,
    };
    let elsewhere = story.office.create_unit(elsewhere).await.unwrap();
    let wanted = CreateUser {
        login: "wei".into(),
        name: "Wei".into(),
        role: Role::Supervisor,
        units: vec![elsewhere.id],
        hired_on: None,
        locale: Some("en".into()),
        password: PasswordChoice::Given(PASSWORD.into()),
    };
    story.office.create_user(wanted).await.unwrap();
    let wei = Reader::signed_in(evening, "wei").await;
    let (status, list) = wei.read("/quarantine").await;
    assert!(status == StatusCode::OK && !list.contains("陈思远"), "{list}");
    assert_eq!(wei.read(&path).await.0, StatusCode::NOT_FOUND);
    let theirs = wei.post(&path, &[("verdict", "accepted")]).await;
    assert_eq!(theirs.status(), StatusCode::NOT_FOUND);
    let chen = Reader::signed_in(evening, "chen").await;
    assert_eq!(chen.read("/quarantine").await.0, StatusCode::FORBIDDEN);
    let own = chen.post(&path, &[("verdict", "accepted")]).await;
    assert_eq!(own.status(), StatusCode::FORBIDDEN, "nobody decides on their own work");
    assert_eq!(Reader::stranger(evening).read("/quarantine").await.0, StatusCode::SEE_OTHER);

    let zhou = Reader::signed_in(evening, "zhou").await;
    let forged = tests::tools::http()
        .post(evening.url(&path))
        .header(COOKIE, zhou.cookie())
        .header("origin", "https://evil.example")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encoded(&[("verdict", "accepted")]))
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    assert_eq!(story.chen.late_work().unwrap()[0].verdict, None);
    let odd = zhou.post(&path, &[("verdict", "maybe")]).await;
    assert_eq!(odd.status(), StatusCode::BAD_REQUEST);
}

async fn token(evening: &Evening, login: &str, n: u8) -> String {
    access_of(&evening.url(""), login, PASSWORD, n).await
}

/// The access token of a program that signed in.
async fn access_of(url: &str, login: &str, password: &str, n: u8) -> String {
    let request = SignInRequest {
        login: login.to_owned(),
        password: password.to_owned(),
        device: DeviceClaim {
            id: DeviceId::from_bytes([n; 16]),
            actor: ActorId::from_bytes([n; 16]),
            name: "a program".into(),
            platform: "other".into(),
            app_version: "1".into(),
        },
    };
    let answer = tests::tools::http()
        .post(format!("{url}/v1/sign_in"))
        .body(serde_json::to_vec(&request).unwrap())
        .send()
        .await
        .unwrap();
    let session: SignInResponse = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    session.tokens.access_token
}

async fn call(
    evening: &Evening,
    token: &str,
    path: &str,
    body: &serde_json::Value,
) -> (StatusCode, serde_json::Value) {
    let answer = tests::tools::http()
        .post(evening.url(path))
        .header("authorization", format!("Bearer {token}"))
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let status = answer.status();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managers_program_places_moves_disables_and_revokes_and_is_told_why_not() {
    use serde_json::json;

    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = token(&evening, "zhou", 1).await;
    let chen = token(&evening, "chen", 2).await;
    let place = format!("/v1/placements/{}", evening.customer);
    let share = json!({ "add": [evening.anna], "tier": "b" });
    let (status, placed) = call(&evening, &zhou, &place, &share).await;
    assert_eq!(status, StatusCode::OK, "{placed}");
    let span = placed["spans"].as_array().unwrap().last().unwrap();
    assert_eq!(span["until"], serde_json::Value::Null, "{placed}");
    assert_eq!((&span["owner"], &span["tier"]), (&json!(evening.chen), &json!("b")));
    assert_eq!(span["collaborators"], json!([evening.anna]));

    for (token, path, body, status, code) in [
        (&chen, place.clone(), json!({ "owner": evening.anna }), 403, "not_allowed"),
        (&zhou, place.clone(), json!({}), 422, "refused"),
        (&zhou, place.clone(), json!({ "owner": DocId::from_bytes([7; 16]) }), 422, "refused"),
        (&zhou, place.clone(), json!({ "owners": 1 }), 400, "malformed_body"),
        (&zhou, format!("/v1/placements/{}", DocId::from_bytes([7; 16])), share, 404, "not_found"),
        (&zhou, "/v1/placements/nonsense".into(), json!({ "tier": null }), 404, "not_found"),
    ] {
        let (found, problem) = call(&evening, token, &path, &body).await;
        assert_eq!((found.as_u16(), problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    }

    let everything = format!("/v1/people/{}/hand_over", evening.chen);
    let (status, done) = call(&evening, &zhou, &everything, &json!({ "to": evening.anna })).await;
    assert_eq!(status, StatusCode::OK, "{done}");
    assert_eq!((done["owned"].as_u64(), done["left"].as_array().map(Vec::len)), (Some(3), Some(0)));

    let revoke =
        format!("/v1/people/{}/devices/{}/revoke", evening.chen, DeviceId::from_bytes([2; 16]));
    let (status, done) = call(&evening, &zhou, &revoke, &json!({})).await;
    assert_eq!((status, done["revoked_now"].as_bool()), (StatusCode::OK, Some(true)), "{done}");
    let (status, problem) = call(&evening, &chen, &place, &json!({ "tier": "a" })).await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (401, Some("revoked")));
    let disable = format!("/v1/people/{}/disable", evening.chen);
    let (status, user) = call(&evening, &zhou, &disable, &json!({})).await;
    assert_eq!((status, user["status"].as_str()), (StatusCode::OK, Some("disabled")), "{user}");
    let (status, problem) = call(&evening, &zhou, &place, &json!({ "owner": evening.chen })).await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (422, Some("refused")), "{problem}");
}

/// What the command line answers, as JSON.
fn said(data: &Path, args: &[&str]) -> (i32, serde_json::Value) {
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_relay"))
        .args(args)
        .args(["--json", "--data", data.to_str().unwrap()])
        .output()
        .unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    (done.status.code().unwrap(), json)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_places_decides_and_tells_who_did_what() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    Company::found(&data, &["chen", "anna", "boris"]).await.unwrap();
    let mut config = server::ServerConfig::new(&data, ([127, 0, 0, 1], 0).into());
    config.app = AppConfig { grace_ms: 0, ..tests::company::cheap_passwords() };
    let server = server::Server::start(config).await.unwrap();
    let url = format!("http://{}", server.addr());
    let signed_in = async |login: &str| {
        let phone = tests::phone::open(&dir.path().join(login), &url).unwrap();
        phone.sign_in(login, tests::company::PASSWORD).await.unwrap();
        phone.sync_once().await.unwrap();
        phone
    };
    let chen = signed_in("chen").await;
    let made = NewCustomer { name: "Acme".into(), ..NewCustomer::default() };
    let doc = chen.create_customer(made).unwrap().id;
    chen.sync_once().await.unwrap();
    let customer = doc.to_string();
    let (code, placed) = said(&data, &["place", &customer, "--owner", "anna"]);
    assert_eq!((code, placed["spans"].as_array().map(Vec::len)), (0, Some(2)), "{placed}");
    chen.edit_customer(doc, |edit| edit.set_name(Some("Acme AG"))).unwrap();
    chen.sync_once().await.unwrap();

    let (code, list) = said(&data, &["quarantine", "list"]);
    let case = list[0]["id"].as_str().unwrap().to_owned();
    assert_eq!((code, list[0]["verdict"].is_null()), (0, true), "{list}");
    let (code, done) = said(&data, &["quarantine", "accept", &case, "--note", "fine"]);
    assert_eq!((code, done["verdict"].as_str()), (0, Some("accepted")), "{done}");
    let (code, refused) = said(&data, &["quarantine", "reject", &case]);
    assert_eq!(code, 2, "{refused}");
    assert_eq!(said(&data, &["quarantine", "list"]).1.as_array().map(Vec::len), Some(0));
    let anna = signed_in("anna").await;
    assert_eq!(name(&anna, doc).as_deref(), Some("Acme AG"), "the running server sees it");
    chen.sync_once().await.unwrap();
    assert_eq!(name(&chen, doc), None);

    let (code, placed) = said(&data, &["place", &customer, "--add", "boris", "--tier", "none"]);
    assert_eq!((code, placed["spans"].as_array().map(Vec::len)), (0, Some(3)), "{placed}");
    assert_eq!(said(&data, &["place", &customer]).0, 2, "nothing was to change");
    let (code, done) = said(&data, &["place", "everything", "--of", "anna", "--to", "boris"]);
    assert_eq!((code, done["owned"].as_u64()), (0, Some(1)), "{done}");
    let (code, shown) = said(&data, &["place", "show", &customer]);
    assert_eq!((code, shown["spans"].as_array().map(Vec::len)), (0, Some(4)));
    let (_, audit) = said(&data, &["audit", "--subject", &customer]);
    let done: Vec<&str> =
        audit.as_array().unwrap().iter().filter_map(|entry| entry["what"].as_str()).collect();
    assert_eq!(done, ["placed", "placed", "decided", "quarantined", "placed"]);
    server.shutdown().await;
}

/// Anna's company, where Chen's late work on `count` customers says one thing that fits and
/// one of a contact that is gone: its history began anew since.
async fn half_of_it_fits(dir: &Path, count: u8) -> (server::RunningServer, Vec<DocId>) {
    let company = Company::found(&dir.join("data"), &["chen", "anna"]).await.unwrap();
    let mut config = server::ServerConfig::new(&company.data, ([127, 0, 0, 1], 0).into());
    config.app = AppConfig { grace_ms: 0, ..tests::company::cheap_passwords() };
    let server = server::Server::start(config).await.unwrap();
    let office = Office::of(server.app().clone(), company.org);
    let chen = tests::phone::open(&dir.join("chen"), &format!("http://{}", server.addr())).unwrap();
    chen.sign_in("chen", tests::company::PASSWORD).await.unwrap();
    chen.sync_once().await.unwrap();
    let wang = |n: u8| ItemId::from_bytes([n; 16]);
    let mut customers = Vec::new();
    for n in 0..count {
        let made = NewCustomer { name: format!("Acme {n}"), ..NewCustomer::default() };
        let doc = chen.create_customer(made).unwrap().id;
        let contact = Contact { name: Some("Wang".into()), ..Contact::default() };
        chen.edit_customer(doc, |edit| edit.add_contact(wang(n), &contact)).unwrap();
        customers.push(doc);
    }
    chen.sync_once().await.unwrap();
    for (n, doc) in (0..count).zip(&customers) {
        let said = said(&company.data, &["place", &doc.to_string(), "--owner", "anna"]);
        assert_eq!(said.0, 0, "{}", said.1);
        chen.edit_customer(*doc, |edit| {
            edit.set_region(Some("west"))?;
            edit.set_contact_title(wang(n), Some("buyer"))
        })
        .unwrap();
    }
    chen.sync_once().await.unwrap();
    let hand = office.hand(company.reps[1]).await.unwrap();
    for (n, doc) in (0..count).zip(&customers) {
        office.edit_customer(&hand, *doc, move |edit| edit.remove_contact(wang(n))).await.unwrap();
        office.begin_history_anew(*doc).await.unwrap();
    }
    chen.close();
    (server, customers)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_of_late_work_is_taken_from_the_command_line_and_by_a_program() {
    let dir = TempDir::new().unwrap();
    let (server, customers) = half_of_it_fits(dir.path(), 2).await;
    let data = dir.path().join("data");
    let list = said(&data, &["quarantine", "list"]).1;
    let case_of = |doc: &DocId| {
        let cases = list.as_array().unwrap();
        let of = cases.iter().find(|case| case["subject"] == doc.to_string());
        of.unwrap_or_else(|| panic!("{list}"))["id"].as_str().unwrap().to_owned()
    };

    let (code, refused) = said(&data, &["quarantine", "accept", &case_of(&customers[0])]);
    assert_eq!(code, 2, "a part has no place: {refused}");
    let told = refused.to_string();
    assert!(told.contains("--in-part") && told.contains("title"), "{told}");
    let case = case_of(&customers[0]);
    let (code, done) = said(&data, &["quarantine", "accept", &case, "--in-part"]);
    assert_eq!((code, done["left_out"][0]["value"].as_str()), (0, Some("buyer")), "{done}");

    let url = format!("http://{}", server.addr());
    let token = access_of(&url, "manager", tests::company::PASSWORD, 77).await;
    let decide = async |body: serde_json::Value| {
        let path = format!("{url}/v1/quarantine/{}", case_of(&customers[1]));
        let posted = tests::tools::http().post(path).body(body.to_string());
        let answer =
            posted.header("authorization", format!("Bearer {token}")).send().await.unwrap();
        let status = answer.status();
        let json: serde_json::Value =
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        (status, json)
    };
    let (status, refused) = decide(serde_json::json!({ "verdict": "accepted" })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    assert!(refused.to_string().contains("in_part"), "{refused}");
    let body = serde_json::json!({ "verdict": "accepted", "in_part": true });
    let (status, done) = decide(body.clone()).await;
    assert_eq!(status, StatusCode::OK, "{done}");
    assert_eq!(done["left_out"][0]["value"].as_str(), Some("buyer"), "{done}");
    let (status, again) = decide(body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "it is decided: {again}");

    let anna = tests::phone::open(&dir.path().join("anna"), &url).unwrap();
    anna.sign_in("anna", tests::company::PASSWORD).await.unwrap();
    anna.sync_once().await.unwrap();
    for doc in customers {
        let shown = anna.customer(doc).unwrap().unwrap();
        assert_eq!((shown.state.region.as_deref(), shown.state.contacts.len()), (Some("west"), 0));
    }
    server.shutdown().await;
}
