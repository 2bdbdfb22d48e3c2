//! A real company's data, as dirty as they are, from the files to every rep's phone.
//!
//! What each phone must show is computed from the files alone, by other means than
//! the import's: a row read twice, filed under the wrong rep or lost on the way
//! would make the two differ.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use client_core::docs::deal::{DealOutcome, DealState};
use client_core::engine::Client;
use client_core::records::Role;
use client_core::store::{DealEntry, DealQuery};
use client_core::time::Zone;
use serde_json::Value;
use server::app::App;
use server::edge::{SystemClock, SystemRandom};
use server::office::{Office, PasswordChoice};
use server::storage::sqlite::SqliteStorage;
use server::storage::{Accounts, AnyStorage, Feed, Records};
use server::{DATA_FILE, Server, ServerConfig};
use tests::company::cheap_passwords;
use tests::{phone, tools};

const PASSWORD: &str = "a word of one's own";

/// The four files, in the order of their import: kind, file, mapping.
const FILES: [(&str, &str, &str); 4] = [
    ("team", "sales_teams.csv", "crm-team.map.toml"),
    ("products", "products.csv", "crm-product.map.toml"),
    ("customers", "accounts.csv", "crm-account.map.toml"),
    ("deals", "sales_pipeline.csv", "crm-deal.map.toml"),
];

struct Said {
    code: i32,
    json: Value,
    err: String,
}

fn fieldsync(args: &[&str]) -> Said {
    let done = Command::new(env!("CARGO_BIN_EXE_relay"))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    Said {
        code: done.status.code().expect("it ended by itself"),
        json: serde_json::from_slice(&done.stdout).unwrap_or_default(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary path is UTF-8")
}

fn initialised() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let said = fieldsync(&[
        "init",
        "--data",
        text(&dir.path().join("data")),
        "--org",
        "Acme",
        "--time-zone",
        "Asia/Shanghai",
        "--locale",
        "en",
        "--json",
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    dir
}

/// Imports the four files; their reports by kind.
fn import(crm: &Path, data: &Path, more: &[&str]) -> BTreeMap<&'static str, Value> {
    FILES
        .into_iter()
        .map(|(kind, file, map)| {
            let (file, errors) = (crm.join(file), data.with_extension(format!("{kind}.csv")));
            let fixed = ["import", kind, text(&file), "--map", map, "--json"];
            let rest = ["--errors", text(&errors), "--data", text(data)];
            let args: Vec<&str> =
                fixed.into_iter().chain(rest).chain(more.iter().copied()).collect();
            let said = fieldsync(&args);
            assert_eq!(said.code, 0, "{kind}: {} {}", said.err, said.json);
            (kind, said.json)
        })
        .collect()
}

/// A deal as it can be recognised without an id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    product: String,
    customer: String,
    stage: &'static str,
    created: String,
    decided: String,
    minor: Option<i64>,
}

/// The rows of the pipeline file: the rep, and the deal as it should be seen.
fn pipeline(crm: &Path) -> Vec<(String, Seen)> {
    let mut file = csv::Reader::from_path(crm.join("sales_pipeline.csv")).unwrap();
    let rows = file.deserialize::<BTreeMap<String, String>>().map(|row| {
        let row = row.unwrap();
        let rep = row["sales_agent"].clone();
        let customer = match row["account"].as_str() {
            "" => format!("Unassigned – {rep}"),
            account => account.to_owned(),
        };
        let stage = match row["deal_stage"].as_str() {
            "Won" => "won",
            "Lost" => "lost",
            "Prospecting" => "initial_contact",
            "Engaging" => "needs_confirmed",
            other => panic!("{other}"),
        };
        let value = &row["close_value"];
        let seen = Seen {
            product: row["product"].replace("GTXPro", "GTX Pro"),
            customer,
            stage,
            created: row["engage_date"].clone(),
            decided: row["close_date"].clone(),
            minor: (!value.is_empty()).then(|| value.parse::<i64>().unwrap() * 100),
        };
        (rep, seen)
    });
    rows.collect()
}

/// The owner of each account: the rep with most of its deals, ties by name.
fn owners(rows: &[(String, Seen)]) -> BTreeMap<String, String> {
    let mut votes: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    for (rep, deal) in rows {
        *votes.entry(&deal.customer).or_default().entry(rep).or_default() += 1;
    }
    let first = |reps: &BTreeMap<&str, i64>| {
        let mut sorted: Vec<(i64, &str)> = reps.iter().map(|(rep, count)| (-count, *rep)).collect();
        sorted.sort_unstable();
        sorted[0].1.to_owned()
    };
    votes.iter().map(|(customer, reps)| ((*customer).to_owned(), first(reps))).collect()
}

fn every_deal(phone: &Client) -> Vec<DealEntry> {
    let (mut found, mut query) = (Vec::new(), DealQuery { limit: 200, ..DealQuery::default() });
    loop {
        let page = phone.deals(&query).unwrap();
        found.extend(page.items);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return found,
        }
    }
}

fn seen(phone: &Client, zone: &Zone) -> Vec<Seen> {
    let mut names = BTreeMap::new();
    let deals = every_deal(phone).into_iter().map(|deal| {
        let id = deal.customer.unwrap();
        let name = names.entry(id).or_insert_with(|| {
            phone.customer(id).unwrap().and_then(|customer| customer.state.name).unwrap_or_default()
        });
        as_seen(&deal.state, name, zone)
    });
    let mut deals: Vec<Seen> = deals.collect();
    deals.sort();
    deals
}

fn as_seen(deal: &DealState, customer: &str, zone: &Zone) -> Seen {
    let day = |at: Option<client_core::time::Timestamp>| {
        at.map(|at| zone.date(at).to_string()).unwrap_or_default()
    };
    let stage = match (&deal.outcome, deal.stage.as_deref()) {
        (Some(DealOutcome::Won), _) => "won",
        (Some(DealOutcome::Lost), _) => "lost",
        (None, Some("initial_contact")) => "initial_contact",
        (None, Some("needs_confirmed")) => "needs_confirmed",
        other => panic!("{other:?}"),
    };
    let product = deal.products.values().next().and_then(|line| line.product.clone());
    Seen {
        product: product.unwrap_or_default(),
        customer: customer.to_owned(),
        stage,
        created: day(deal.created_at),
        decided: day(deal.decided_at),
        minor: deal.amount.map(|amount| amount.minor),
    }
}

fn open(data: &Path) -> App {
    let storage = AnyStorage::Sqlite(SqliteStorage::open(&data.join(DATA_FILE)).unwrap());
    App::new(storage, Arc::new(SystemClock), Arc::new(SystemRandom), cheap_passwords()).unwrap()
}

#[test]
fn a_real_companys_files_are_taken_whole_and_twice_is_once() {
    let Some(crm) = tools::crm_data() else { return };
    let dir = initialised();
    let data = dir.path().join("data");
    let dry = fieldsync(&[
        "import",
        "team",
        text(&crm.join("sales_teams.csv")),
        "--map",
        "crm-team.map.toml",
        "--dry-run",
        "--json",
        "--errors",
        text(&dir.path().join("e.csv")),
        "--data",
        text(&data),
    ]);
    assert_eq!((dry.code, &dry.json["created"]), (0, &35.into()), "{}", dry.err);

    let first = import(&crm, &data, &[]);
    let rows = pipeline(&crm);
    let under: Vec<&(String, Seen)> =
        rows.iter().filter(|(_rep, deal)| deal.customer.starts_with("Unassigned")).collect();
    let placeholders: std::collections::BTreeSet<&String> =
        under.iter().map(|(rep, _deal)| rep).collect();
    for (kind, field, expected) in [
        ("team", "created", 35),
        ("team", "managers_created", 6),
        ("team", "units_created", 9),
        ("products", "created", 7),
        ("customers", "created", 85),
        ("deals", "created", rows.len()),
        ("deals", "placeholders_created", placeholders.len()),
        ("deals", "deals_under_placeholders", under.len()),
        ("deals", "undated_deals", 500),
        ("deals", "customers_given_an_owner", 85),
    ] {
        assert_eq!(first[kind][field], expected, "{kind} {field}: {}", first[kind]);
    }
    assert_eq!((rows.len(), under.len()), (8_800, 1_425));
    assert_eq!(first["deals"]["unmapped_values"], serde_json::json!({}));

    let before = head(&data);
    for (kind, report) in import(&crm, &data, &[]) {
        for field in ["created", "changed", "changes", "errors"] {
            assert_eq!(report[field], 0, "{kind}: {report}");
        }
    }
    assert_eq!(head(&data), before, "the feed has not moved");
}

fn head(data: &Path) -> u64 {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let app = open(data);
        let orgs = app.storage().orgs().await.unwrap();
        app.storage().head(orgs[0].id).await.unwrap().get()
    })
}

#[test]
fn every_rep_of_a_real_company_sees_exactly_their_deals_on_their_phone() {
    let Some(crm) = tools::crm_data() else { return };
    let dir = initialised();
    let data = dir.path().join("data");
    import(&crm, &data, &[]);
    let rows = pipeline(&crm);
    let owners = owners(&rows);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut config = ServerConfig::new(&data, ([127, 0, 0, 1], 0).into());
        config.app = cheap_passwords();
        // They all sign in from this machine, twice each.
        config.app.throttles.per_address = std::num::NonZeroU32::new(1_000).unwrap();
        let server = Server::start(config).await.unwrap();
        let app = open(&data);
        let org = app.storage().orgs().await.unwrap()[0].id;
        let office = Office::of(app.clone(), org);
        let zone = office.calendar().await.unwrap().zone;
        let accounts = app.storage().accounts(org).await.unwrap();
        let reps: Vec<_> = accounts.into_iter().filter(|one| one.user.role == Role::Rep).collect();
        assert_eq!(reps.len(), 35);
        let url = format!("http://{}", server.addr());
        for rep in reps {
            let phone = phone::open(&dir.path().join(&rep.login), &url).unwrap();
            phone.sign_in(&rep.login, PASSWORD).await.expect_err("not invited yet");
            let invited = PasswordChoice::Given(PASSWORD.into());
            office.reset_password(&rep.login, invited).await.unwrap();
            phone.sign_in(&rep.login, PASSWORD).await.unwrap();
            phone.sync_once().await.unwrap();
            let name = &rep.user.name;
            let mut expected: Vec<Seen> = rows
                .iter()
                .filter(|(agent, deal)| agent == name || owners[&deal.customer] == *name)
                .map(|(_agent, deal)| deal.clone())
                .collect();
            expected.sort();
            let shown = seen(&phone, &zone);
            assert_eq!(shown.len(), expected.len(), "{name}");
            assert_eq!(shown, expected, "{name}");
        }
        server.shutdown().await;
    });
}

#[test]
fn an_import_beside_a_running_server_reaches_it_and_bad_rows_end_with_code_4() {
    let dir = initialised();
    let data = dir.path().join("data");
    let relay = tests::process::Relay::start(env!("CARGO_BIN_EXE_relay"), &data).unwrap();
    let write = |name: &str, text: &str| -> PathBuf {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let team = write("team.csv", "rep,manager\nAnna Berg,Mona Roth\n");
    let said = fieldsync(&["import", "team", text(&team), "--data", text(&data), "--json"]);
    assert_eq!((said.code, &said.json["created"]), (0, &1.into()), "{}", said.err);
    let deals = write("deals.csv", "key,owner,stage\n1,Anna Berg,won\n2,Nobody,won\n");
    let said = fieldsync(&["import", "deals", text(&deals), "--data", text(&data), "--json"]);
    assert_eq!((said.code, &said.json["created"]), (4, &1.into()), "{}", said.err);
    assert!(dir.path().join("deals.errors.csv").is_file());
    let wrong =
        fieldsync(&["import", "deals", text(&deals), "--map", "no.toml", "--data", text(&data)]);
    assert_eq!(wrong.code, 2, "{}", wrong.err);
    let gone = fieldsync(&["import", "deals", "gone.csv", "--data", text(&data)]);
    assert_eq!(gone.code, 4, "{}", gone.err);
    let stranger =
        fieldsync(&["import", "deals", text(&deals), "--as", "anna.berg", "--data", text(&data)]);
    assert_eq!(stranger.code, 2, "{}", stranger.err);
    relay.kill();
}
