//! What the pages show, as JSON: a program of a manager's own reads and decides under
//! `/v1`, and finds everything as the OpenAPI document says.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::StatusCode;
use serde_json::Value;
use server::http::InProcess;
use tempfile::TempDir;
use tests::evening::Evening;
use tests::program::{Program, Reply};
use tests::schema::Document;

/// The document as it is served.
async fn document(evening: &Evening) -> Document {
    let reply = Program::stranger(&evening.url("")).get("/v1/openapi.json").await;
    assert_eq!(reply.status, StatusCode::OK);
    Document(reply.json)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_and_the_routes_name_each_other() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let document = document(&evening).await;
    assert_eq!(document.0["openapi"], "3.1.0");
    let described: BTreeSet<(String, String)> = document.operations().into_iter().collect();
    let routes = InProcess::over(evening.server.app().clone()).routes();
    assert!(routes.contains_key("/board"), "the router prints no routes any more: {routes:?}");
    let served: BTreeSet<(String, String)> = routes
        .into_iter()
        .filter(|(path, _)| path.starts_with("/v1/") && path != "/v1/openapi.json")
        .flat_map(|(path, methods)| methods.into_iter().map(move |each| (path.clone(), each)))
        .collect();
    assert_eq!(described, served);
    evening.server.shutdown().await;
}

/// Addresses with the evening's ids in the place of the parameters.
fn addresses(evening: &Evening, known: &BTreeMap<&str, String>, path: &str) -> Option<String> {
    let parts = path.split('/').map(|part| {
        let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
            return Some(part.to_owned());
        };
        match (name, path) {
            ("subject" | "customer" | "doc", _) => Some(evening.customer.to_string()),
            ("visit", _) => Some(evening.visit.to_string()),
            ("rep" | "person", _) => Some(evening.chen.to_string()),
            ("period", _) => Some("2026-10".to_owned()),
            ("kind", "/v1/reports/{kind}/{period}") => Some("monthly".to_owned()),
            ("indicator", _) => Some("effective_visits".to_owned()),
            _ => known.get(name).cloned(),
        }
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_an_evening_is_what_its_schema_says() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let document = document(&evening).await;
    let zhou = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let known = known(&zhou).await;
    let mut read = 0;
    for (path, method) in document.operations() {
        // A stream and what a phone reads are no JSON.
        if method != "GET" || path == "/v1/live" {
            continue;
        }
        let Some(address) = addresses(&evening, &known, &path) else {
            panic!("{path}: the evening has nothing for a parameter of it");
        };
        let reply = zhou.get(&address).await;
        let missing = reply.status == StatusCode::NOT_FOUND && NOT_IN_AN_EVENING.contains(&&*path);
        assert!(reply.status == StatusCode::OK || missing, "{address}: {}", reply.json);
        let schema = if missing { Some(document.problem()) } else { document.answer(&path, "GET") };
        let schema = schema.unwrap_or_else(|| panic!("{path} has no schema"));
        assert_eq!(document.mistakes(schema, &reply.json), Vec::<String>::new(), "{address}");
        let chen = Program::stranger(&evening.url("")).get(&address).await;
        assert_eq!(chen.status, StatusCode::UNAUTHORIZED, "{address}");
        assert_eq!(document.mistakes(document.problem(), &chen.json), Vec::<String>::new());
        read += 1;
    }
    assert!(read > 4, "{read}");
    evening.server.shutdown().await;
}

/// What nobody did on that evening.
const NOT_IN_AN_EVENING: [&str; 3] =
    ["/v1/quarantine/{case}", "/v1/reports/issued/{report}", "/v1/reports/issued/{report}/receipt"];

/// Ids that only the server knows.
async fn known(zhou: &Program) -> BTreeMap<&'static str, String> {
    let nothing = "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6";
    let mut known = BTreeMap::from([("case", nothing.to_owned()), ("report", nothing.to_owned())]);
    for (name, list) in [("deal", "/v1/deals")] {
        let reply = zhou.get(list).await;
        if let Some(id) = reply.json["items"][0]["id"].as_str() {
            known.insert(name, id.to_owned());
        }
    }
    let targets = zhou.get("/v1/targets").await;
    if let Some(id) = targets.json["targets"][0]["id"].as_str() {
        known.insert("target", id.to_owned());
    }
    let held = zhou.post("/v1/meetings", &serde_json::json!({ "period": "2026-W41" })).await;
    known.insert("meeting", held.json["id"].as_str().unwrap_or_default().to_owned());
    let units = zhou.get("/v1/units").await;
    if let Some(id) = units.json[0]["id"].as_str() {
        known.insert("unit", id.to_owned());
    }
    known
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_has_already_is_not_sent_again() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let first = zhou.get("/v1/visits").await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.headers["cache-control"], "private, no-cache");
    let again = zhou.get_unless("/v1/visits", &tag).await;
    assert_eq!((again.status, again.json), (StatusCode::NOT_MODIFIED, Value::Null));
    assert_eq!(again.headers["etag"], tag.as_str());
    let other = zhou.get_unless("/v1/visits?q=nobody", &tag).await;
    assert_eq!(other.status, StatusCode::OK, "another answer has another tag");
    let problem = zhou.get_unless("/v1/visits?page=0", "*").await;
    assert_eq!(problem.status, StatusCode::BAD_REQUEST, "a problem has none");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_sees_what_its_person_sees_and_no_more() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let base = evening.url("");
    let zhou = Program::signed_in(&base, "zhou", 1).await;
    let anna = Program::signed_in(&base, "anna", 2).await;
    let visits = |reply: &Reply| reply.json["matching"].as_u64();
    assert_eq!(visits(&zhou.get("/v1/visits").await), Some(3));
    assert_eq!(visits(&anna.get("/v1/visits").await), Some(1));
    let visit = format!("/v1/visits/{}", evening.visit);
    let seen = zhou.get(&visit).await;
    assert_eq!(seen.json["verdict"]["verdict"], "effective", "{}", seen.json);
    assert_eq!(seen.json["amendments"][0]["by"]["name"], "陈思远");
    let (hidden, nothing) =
        (anna.get(&visit).await, anna.get(&format!("/v1/visits/{}", evening.anna)).await);
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    assert_eq!(hidden.json, nothing.json, "what is hidden looks like what is not there");
    // A cookie opens nothing here: no other site can act in a reader's name.
    let cookie = tests::reader::Reader::signed_in(&evening, "zhou").await;
    assert_eq!(cookie.get("/v1/visits").await.status(), StatusCode::UNAUTHORIZED);
    evening.server.shutdown().await;
}

/// Pages that show nothing of their own, with where the same is.
const FORMS: [(&str, &str); 12] = [
    ("/reports/{}/{}/{}", "/v1/reports/{}/{}"),
    ("/reports/issued/{}/{}", "/v1/reports/issued/{}"),
    ("/targets/new", "/v1/targets"),
    ("/placement", "/v1/customers"),
    ("/sign-in", "/v1/sign_in"),
    ("/new-password", "/v1/sign_in"),
    ("/people/new", "/v1/people"),
    ("/people/units", "/v1/units"),
    ("/people/units/{}", "/v1/units/{}"),
    ("/customers/{}/edit", "/v1/customers/{}"),
    ("/deals/{}/edit", "/v1/deals/{}"),
    ("/", "/v1/board"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_its_counterpart_under_v1() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let bare = |path: &str| -> String {
        let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let document = document(&evening).await;
    let described: BTreeSet<String> =
        document.operations().iter().map(|(path, _)| bare(path)).collect();
    let mut alone = Vec::new();
    for (path, methods) in InProcess::over(evening.server.app().clone()).routes() {
        // `/live` is a stream.
        let other = ["/v1/", "/assets/", "/live", "/readyz"];
        let page = methods.iter().any(|method| method == "GET");
        if !page || other.iter().any(|start| path.starts_with(start)) {
            continue;
        }
        // A list as a file is the list.
        let path = bare(path.trim_end_matches(".csv").trim_end_matches(".xlsx"));
        let form = FORMS.iter().find(|(form, _)| *form == path);
        let counterpart =
            form.map_or_else(|| format!("/v1{path}"), |(_, counterpart)| (*counterpart).to_owned());
        if !described.contains(&counterpart) {
            alone.push((path, counterpart));
        }
    }
    assert!(alone.is_empty(), "no program can read what these pages show: {alone:?}");
    evening.server.shutdown().await;
}
