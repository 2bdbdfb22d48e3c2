//! Every page for whoever reads it by ear or walks it by keys: axe-core finds nothing
//! serious in either language at either width, and Tab alone reaches whatever can be used,
//! with a focus that shows.
//!
//! axe-core comes from npm and is not part of this repository (`.ci/run` fetches it).
//! Where it or the browser is missing, a suite says so and passes, unless
//! `CI_REQUIRE_ALL=1`.

use std::path::PathBuf;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use server::http::InProcess;
use tempfile::TempDir;
use tests::browser::{Driver, programs};
use tests::evening::{Evening, PASSWORD};

/// The text of axe-core: at `FIELDSYNC_AXE`, or where `.ci/run` puts it.
fn axe() -> Option<String> {
    let named = std::env::var_os("FIELDSYNC_AXE").map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let usual = cache.map(|cache| cache.join("fieldsync-ci/axe/node_modules/axe-core/axe.min.js"));
    let text = named.or(usual).and_then(|path| std::fs::read_to_string(path).ok());
    if text.is_none() {
        let message = "needs axe-core (npm install axe-core; its file at FIELDSYNC_AXE)";
        assert!(std::env::var_os("CI_REQUIRE_ALL").is_none(), "{message}");
        println!("skipped: {message}");
    }
    text
}

async fn open(driver: &Driver, width: u32, height: u32, phone: bool) -> Client {
    ClientBuilder::new(HttpConnector::new())
        .capabilities(driver.capabilities(width, height, phone))
        .connect(driver.url())
        .await
        .unwrap()
}

async fn sign_in(client: &Client, evening: &Evening) {
    client.goto(&evening.url("/sign-in")).await.unwrap();
    let form = client.form(Locator::Css("main form")).await.unwrap();
    form.set_by_name("login", "zhou").await.unwrap();
    form.set_by_name("password", PASSWORD).await.unwrap();
    form.submit().await.unwrap();
    client.wait().for_url(&evening.url("/board").parse().unwrap()).await.unwrap();
}

/// Every page with the evening's things in the place of its parameters. A page whose
/// thing nobody made that evening is left to its own suite.
async fn pages(evening: &Evening) -> Vec<String> {
    let zhou = tests::program::Program::signed_in(&evening.url(""), "zhou", 77).await;
    let deal = zhou.get("/v1/deals").await.json["items"][0]["id"].as_str().unwrap().to_owned();
    let units = zhou.get("/v1/units").await.json;
    let unit = units[0]["id"].as_str().unwrap().to_owned();
    let part = |part: &str| match part {
        "{rep}" | "{user}" => Some(evening.chen.to_string()),
        "{customer}" => Some(evening.customer.to_string()),
        "{visit}" => Some(evening.visit.to_string()),
        "{deal}" => Some(deal.clone()),
        "{unit}" => Some(unit.clone()),
        "{period}" => Some("2026-10".to_owned()),
        "{indicator}" => Some("effective_visits".to_owned()),
        _ if part.starts_with('{') => None,
        _ => Some(part.to_owned()),
    };
    // `/live` is a stream.
    let other = ["/v1/", "/assets/", "/live", "/readyz"];
    let page = |(path, methods): (String, Vec<String>)| {
        let reads = methods.iter().any(|method| method == "GET") && path != "/";
        let file = path.ends_with(".csv") || path.ends_with(".xlsx");
        let shown = reads && !file && !other.iter().any(|start| path.starts_with(start));
        let parts: Option<Vec<String>> = path.split('/').map(part).collect();
        parts.filter(|_| shown).map(|parts| parts.join("/"))
    };
    let routes = InProcess::over(evening.server.app().clone()).routes();
    routes.into_iter().filter_map(page).collect()
}

/// What axe-core calls serious or critical on the page that is open.
async fn faults(client: &Client, axe: &str) -> Vec<String> {
    client.execute(axe, vec![]).await.unwrap();
    let run = "const done = arguments[arguments.length - 1];\
        axe.run(document, { resultTypes: ['violations'] }).then(\
            found => done(found.violations), error => done([{ id: String(error), impact: 'critical', nodes: [] }]));";
    let found = client.execute_async(run, vec![]).await.unwrap();
    let serious = |each: &&Value| matches!(each["impact"].as_str(), Some("serious" | "critical"));
    let line = |each: &Value| {
        let first = &each["nodes"][0];
        format!("{}: {} {}", each["id"], first["html"], first["failureSummary"])
    };
    found.as_array().into_iter().flatten().filter(serious).map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_a_serious_fault_in_either_language_at_either_width() {
    let (Some(programs), Some(axe)) = (programs(), axe()) else { return };
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let pages = pages(&evening).await;
    assert!(pages.len() > 20, "{pages:?}");
    let driver = Driver::start(programs).await.unwrap();
    let mut found = Vec::new();
    for (width, height, phone) in [(1280, 900, false), (390, 844, true)] {
        let client = open(&driver, width, height, phone).await;
        sign_in(&client, &evening).await;
        for lang in ["en", "zh-CN"] {
            for page in &pages {
                client.goto(&evening.url(&format!("{page}?lang={lang}"))).await.unwrap();
                for fault in faults(&client, &axe).await {
                    found.push(format!("{page} {lang} {width} px: {fault}"));
                }
            }
        }
        client.close().await.unwrap();
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
    evening.server.shutdown().await;
}

/// Marks what can be used and notes what gets the focus, and whether it shows.
const WATCH: &str = "
    for (const each of document.querySelectorAll('details')) {
        each.removeAttribute('name');
        each.open = true;
    }
    const all = 'a[href], button, input, select, textarea, summary, [tabindex]';
    const radios = new Set();
    const usable = [...document.querySelectorAll(all)].filter(each => {
        if (each.disabled || each.type === 'hidden' || each.tabIndex < 0) return false;
        if (!each.checkVisibility({ visibilityProperty: true })) return false;
        if (each.type !== 'radio') return true;
        const first = !radios.has(each.name);
        radios.add(each.name);
        return first;
    });
    window.reached = new Set();
    window.unseen = new Set();
    window.usable = usable;
    document.addEventListener('focusin', event => {
        const one = event.target.type === 'radio'
            ? usable.find(each => each.name === event.target.name) : event.target;
        window.reached.add(one);
        const style = getComputedStyle(event.target);
        const box = event.target.getBoundingClientRect();
        const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
        if (!ring || box.width < 1 || box.height < 1) window.unseen.add(event.target);
    });
    document.body.tabIndex = -1;
    document.body.focus();
    return usable.length;";

/// What the walk did not reach, and what did not show its focus.
const TOLD: &str = "
    const told = each => each.outerHTML.slice(0, 160);
    return {
        missed: window.usable.filter(each => !window.reached.has(each)).map(told),
        unseen: [...window.unseen].map(told),
    };";

#[tokio::test(flavor = "multi_thread")]
async fn keys_alone_reach_everything_and_the_focus_shows() {
    const TAB: &str = "\u{e004}";
    let Some(programs) = programs() else { return };
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let pages = pages(&evening).await;
    let driver = Driver::start(programs).await.unwrap();
    let mut wrong = Vec::new();
    for (width, height) in [(1280, 900), (390, 844)] {
        let client = open(&driver, width, height, false).await;
        sign_in(&client, &evening).await;
        for page in &pages {
            client.goto(&evening.url(page)).await.unwrap();
            let usable = client.execute(WATCH, vec![]).await.unwrap().as_u64().unwrap();
            let keys = usize::try_from(usable).unwrap() + 8;
            let body = client.find(Locator::Css("body")).await.unwrap();
            // A date has parts, each of which takes a Tab of its own.
            let fields = client.find_all(Locator::Css("input[type=date]")).await.unwrap().len();
            body.send_keys(&TAB.repeat(keys + fields * 4)).await.unwrap();
            let told = client.execute(TOLD, vec![]).await.unwrap();
            for kind in ["missed", "unseen"] {
                if told[kind] != json!([]) {
                    wrong.push(format!("{page} {width} px, {kind}: {}", told[kind]));
                }
            }
        }
        client.close().await.unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    evening.server.shutdown().await;
}
