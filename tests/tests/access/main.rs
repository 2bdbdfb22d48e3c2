//! Who is answered what at every address, from one table.
//!
//! The router itself says which routes there are, so a route that nobody thought about
//! fails here until it stands in the table.

mod cast;
mod deeds;
mod links;
mod table;

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_SECURITY_POLICY, COOKIE};
use server::app::AppConfig;
use server::auth::ThrottleConfig;
use server::http::InProcess;
use server::{Server, ServerConfig};
use tempfile::TempDir;

use cast::{Cast, WHO};
use table::{Kind, ROUTES, Route};

/// Deeds that need a story of their own before them, and are done in the suite of the story.
const ELSEWHERE: [&str; 5] = [
    // `deciding`: a visit under review.
    "/visits/{visit}/judge",
    "/v1/visits/{visit}/judge",
    // `conflicts`: two who wrote at once.
    "/conflicts/{doc}",
    "/v1/conflicts/{doc}",
    // `books`: a case of the customer's.
    "/customers/{customer}/books/case/{case}/resolve",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_everybody_as_the_table_says() {
    let dir = TempDir::new().unwrap();
    let mut cast = Cast::gather(dir.path()).await;
    let served: BTreeSet<(String, String)> = InProcess::over(cast.evening.server.app().clone())
        .routes()
        .into_iter()
        .flat_map(|(path, methods)| methods.into_iter().map(move |each| (each, path.clone())))
        .collect();
    let written: BTreeSet<(String, String)> =
        ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    let missing = served.difference(&written).map(|route| format!("{route:?} has no row"));
    let gone = written.difference(&served).map(|route| format!("{route:?} is no route"));
    let mut wrong: Vec<String> = missing.chain(gone).collect();

    // Reading first, then those who may not decide: nothing changes until the last pass.
    let reads = |route: &&Route| route.method == "GET";
    for route in ROUTES.iter().filter(reads) {
        for (who, name) in WHO.iter().enumerate() {
            let Some(expected) = route.expected(who) else { continue };
            let (status, _) = cast.get(who, route).await;
            if status != expected {
                wrong.push(format!("{name}: GET {} gives {status}, not {expected}", route.path));
            }
        }
    }
    for (who, name) in WHO.iter().enumerate() {
        for route in ROUTES.iter().filter(|route| route.method == "POST") {
            let Some(expected) = route.expected(who) else { continue };
            let denied = [StatusCode::OK, StatusCode::SEE_OTHER].iter().all(|ok| expected != *ok);
            let at_the_door = who < 2;
            if !denied && !at_the_door {
                continue;
            }
            let status = cast.post(who, route).await;
            if status != expected {
                wrong.push(format!("{name}: POST {} gives {status}, not {expected}", route.path));
            }
        }
    }
    // And each is done by the least of those who may.
    for route in ROUTES.iter().filter(|route| route.method == "POST") {
        let Some(who) = route.least().filter(|_| !ELSEWHERE.contains(&route.path)) else {
            continue;
        };
        cast.renew().await;
        cast.before(route.path).await;
        let status = cast.post(who, route).await;
        if !(status.is_success() || status == StatusCode::SEE_OTHER) {
            let who = WHO.get(who).unwrap_or(&"somebody");
            wrong.push(format!("{who}: POST {} gives {status} and is to be done", route.path));
        }
    }
    assert!(wrong.is_empty(), "{} answers are others:\n{}", wrong.len(), wrong.join("\n"));
    cast.evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_decides_anything_in_a_managers_name() {
    let dir = TempDir::new().unwrap();
    let cast = Cast::gather(dir.path()).await;
    for route in ROUTES.iter().filter(|route| route.method == "POST" && route.is_page()) {
        for (header, value) in
            [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")]
        {
            let answer = tests::tools::http()
                .post(cast.evening.url(&cast.address(route)))
                .header(COOKIE, cast.cookie(cast::MANAGER))
                .header(header, value)
                .header("content-type", "application/x-www-form-urlencoded")
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{} with {header}", route.path);
        }
    }
    cast.evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_sealed() {
    let dir = TempDir::new().unwrap();
    let cast = Cast::gather(dir.path()).await;
    let pages = ROUTES.iter().filter(|route| route.method == "GET" && route.is_page());
    for route in pages.filter(|route| !route.path.starts_with("/assets/")) {
        for who in [cast::ANONYMOUS, cast::MANAGER] {
            let (_, headers) = cast.get(who, route).await;
            let text = |name: &str| {
                headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
            };
            let policy = text(CONTENT_SECURITY_POLICY.as_str());
            assert!(policy.starts_with("default-src 'none'"), "{}: {policy:?}", route.path);
            assert!(!policy.contains("unsafe"), "{}: {policy:?}", route.path);
            assert_eq!(text("x-content-type-options"), "nosniff", "{}", route.path);
            assert_eq!(text("cache-control"), "private, no-store", "{}", route.path);
        }
    }
    cast.evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_known_is_slowed_down_at_every_route_that_asks_for_nobody() {
    let dir = TempDir::new().unwrap();
    let company = tests::company::Company::found(dir.path(), &["anna"]).await.unwrap();
    let few = NonZeroU32::MIN;
    let throttles = ThrottleConfig { requests: few, ..ThrottleConfig::default() };
    let mut config = ServerConfig::new(&company.data, ([127, 0, 0, 1], 0).into());
    config.app = AppConfig { throttles, ..tests::company::cheap_passwords() };
    let server = Server::start(config).await.unwrap();
    let open = ROUTES.iter().filter(|route| matches!(route.kind, Kind::Open(_)));
    for route in open {
        // Bursts of ten: whoever goes on hears 429.
        let mut slowed = false;
        for _try in 0..40 {
            let url = format!("http://{}{}", server.addr(), route.path.replace("{name}", "x"));
            let method = route.method.parse().unwrap();
            let answer = tests::tools::http().request(method, url).send().await.unwrap();
            slowed = answer.status() == StatusCode::TOO_MANY_REQUESTS;
            if slowed {
                assert!(answer.headers().contains_key("retry-after"), "{}", route.path);
                break;
            }
        }
        assert!(slowed, "{} {} lets anybody go on", route.method, route.path);
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_leads_its_reader_to_a_closed_door() {
    let dir = TempDir::new().unwrap();
    let cast = Cast::gather(dir.path()).await;
    let mut closed = Vec::new();
    for who in cast::READERS {
        closed.extend(links::closed(cast.reader(who), WHO[who]).await);
    }
    assert!(closed.is_empty(), "{} links:\n{}", closed.len(), closed.join("\n"));
    cast.evening.server.shutdown().await;
}
