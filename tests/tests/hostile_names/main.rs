//! Two hundred hostile names, as names of customers, contacts, regions, deals, people,
//! units, products and tags: every page shows them as they are, and every file gives
//! them back.

mod markup;
mod names;

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::Reader as _;
use client_core::docs::visit::{Outcome, VisitMode};
use client_core::engine::{NewContact, NewCustomer, NewDeal, NewVisit};
use client_core::id::{DocId, ItemId};
use client_core::records::{Role, UnitKind};
use reqwest::StatusCode;
use server::http::InProcess;
use server::office::{CreateUnit, CreateUser, Office, PasswordChoice, SetProduct};
use server::storage::Records as _;
use tempfile::TempDir;
use tests::evening::{Evening, PASSWORD};
use tests::reader::Reader;

/// Somebody with nothing but hostile names.
struct Crowd {
    evening: Evening,
    /// By the mark of its name.
    customers: BTreeMap<String, DocId>,
    deal: DocId,
    visit: DocId,
    rep: String,
    unit: String,
}

/// What marks a name.
fn mark(name: &str) -> String {
    let at = name.find("zq").expect("every name has its mark");
    name[at..].chars().take(5).collect()
}

async fn crowd(dir: &std::path::Path) -> Crowd {
    let evening = Evening::play(dir).await.unwrap();
    let app = evening.server.app().clone();
    let org = app.storage().orgs().await.unwrap()[0].id;
    let office = Office::of(app, org);
    let (mut rep, mut unit) = (String::new(), String::new());
    for (n, name) in names::names().into_iter().enumerate() {
        // What the office refuses, it refuses in words: control characters, and no more.
        let plain = !name.trim().contains(char::is_control);
        let made = office
            .create_unit(CreateUnit { name: name.clone(), kind: UnitKind::Region, parent: None })
            .await;
        assert_eq!(made.is_ok(), plain, "{name:?}: {made:?}");
        let Ok(made) = made else { continue };
        unit = made.id.to_string();
        let hired = CreateUser {
            login: format!("rep{n}"),
            name: name.clone(),
            role: Role::Rep,
            units: vec![made.id],
            hired_on: None,
            locale: None,
            password: PasswordChoice::Given(PASSWORD.into()),
        };
        rep = office.create_user(hired).await.unwrap().user.id.to_string();
        let product = SetProduct { name, ..SetProduct::named(&format!("P-{n}")) };
        office.set_product(product).await.unwrap();
    }
    let phone = evening.phone(&dir.join("more"), "boris").await.unwrap();
    let mut customers = BTreeMap::new();
    let (mut deal, mut visit) = (None, None);
    for name in names::names() {
        let made = phone
            .create_customer(NewCustomer {
                name: name.clone(),
                industry: Some(name.clone()),
                region: Some(name.clone()),
                address: Some(name.clone()),
                notes: Some(name.clone()),
                contacts: vec![NewContact { name: name.clone(), ..NewContact::default() }],
                ..NewCustomer::default()
            })
            .unwrap();
        phone
            .edit_customer(made.id, |customer| customer.add_tag(ItemId::from_bytes([1; 16]), &name))
            .unwrap();
        customers.insert(mark(&name), made.id);
        deal = Some(phone.create_deal(NewDeal::with(made.id, &name, "initial_contact")).unwrap());
        let logged = NewVisit {
            outcome: Some(Outcome::Progress),
            result: Some(name.clone()),
            objective: Some(name.clone()),
            needs: vec![name.clone()],
            submit: true,
            ..NewVisit::at(made.id, VisitMode::Phone)
        };
        visit = Some(phone.log_visit(logged).unwrap());
    }
    let synced = phone.sync_once().await.unwrap();
    assert_eq!(synced.refused, 0, "every name is taken: {synced:?}");
    phone.close();
    server::scoring::recompute_dirty(evening.server.app()).await.unwrap();
    Crowd { evening, customers, deal: deal.unwrap(), visit: visit.unwrap(), rep, unit }
}

impl Crowd {
    fn address(&self, path: &str) -> Option<String> {
        let part = |part: &str| match part {
            "{customer}" | "{doc}" => self.customers.values().next().map(ToString::to_string),
            "{visit}" => Some(self.visit.to_string()),
            "{deal}" => Some(self.deal.to_string()),
            "{rep}" | "{user}" => Some(self.rep.clone()),
            "{unit}" => Some(self.unit.clone()),
            "{period}" => Some("2026-10".to_owned()),
            "{indicator}" => Some("effective_visits".to_owned()),
            _ if part.starts_with('{') => None,
            _ => Some(part.to_owned()),
        };
        Some(path.split('/').map(part).collect::<Option<Vec<_>>>()?.join("/"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_hostile_names_are_shown_as_they_are_and_read_back_from_every_file() {
    let dir = TempDir::new().unwrap();
    let crowd = crowd(dir.path()).await;
    let zhou = Reader::signed_in(&crowd.evening, "zhou").await;
    let names = names::names();
    assert_eq!(names.len(), 200);

    // Every page with something hostile in the place of its parameters.
    let routes = InProcess::over(crowd.evening.server.app().clone()).routes();
    let mut pages = Vec::new();
    for (path, methods) in &routes {
        let other = ["/v1/", "/assets/", "/live", "/readyz", "/sign-in", "/new-password"];
        let file = path.ends_with(".csv") || path.ends_with(".xlsx");
        let reads = methods.iter().any(|method| method == "GET") && path != "/";
        if reads && !file && !other.iter().any(|start| path.starts_with(start)) {
            pages.extend(crowd.address(path));
        }
    }
    // And every name once on its own page, and in the lists.
    pages.extend(crowd.customers.values().map(|customer| format!("/customers/{customer}")));
    let mut seen = String::new();
    for list in ["/customers?", "/deals?", "/visits?from=&", "/people?"] {
        pages.extend((1..=5).map(|page| format!("{list}page={page}")));
    }
    for address in pages {
        let (status, html) = zhou.read(&address).await;
        assert!(!status.is_server_error(), "{address}: {status}");
        let said = markup::read(&html).unwrap_or_else(|broken| panic!("{address}: {broken}"));
        seen.push_str(&said.text);
    }
    for name in names.iter().filter(|name| !name.trim().contains(char::is_control)) {
        assert!(seen.contains(name.trim()), "{name:?} is shown as something else");
    }

    for (list, column) in
        [("/customers", "customer"), ("/deals", "deal"), ("/visits?from=", "customer")]
    {
        let (path, query) = list.split_once('?').unwrap_or((list, ""));
        let csv = zhou.page(&format!("{path}.csv?{query}")).await;
        let values = column_of_csv(&csv, column);
        let sheet = zhou.get(&format!("{path}.xlsx?{query}")).await;
        assert_eq!(sheet.status(), StatusCode::OK);
        let cells = column_of_sheet(sheet.bytes().await.unwrap().to_vec(), column);
        for name in &names {
            let mark = mark(name);
            let of = |all: &[String]| {
                all.iter().find(|value| value.contains(&mark)).cloned().unwrap_or_default()
            };
            // An apostrophe keeps a spreadsheet from running it; nothing else changes.
            let csv = of(&values);
            assert!(!runs(&csv), "{csv:?} would run");
            assert_eq!(clean(&csv), clean(name), "{list} CSV");
            assert_eq!(clean(&of(&cells)), clean(name), "{list} XLSX");
        }
    }
    // Reports name people and customers, and the log of what was done to them too.
    let two: Vec<String> = crowd.customers.values().take(2).map(ToString::to_string).collect();
    let merge = format!("/customers/{}/merge", two[0]);
    let merged = zhou.post(&merge, &[("with", two[1].as_str()), ("keep", "this")]).await;
    assert_eq!(merged.status(), StatusCode::SEE_OTHER);
    for file in ["/reports/weekly/2026-W41/report", "/reports/monthly/2026-10/report", "/audit"] {
        let csv = zhou.page(&format!("{file}.csv")).await;
        let sheet = zhou.get(&format!("{file}.xlsx")).await.bytes().await.unwrap();
        let mut named = 0;
        for cell in cells_of_csv(&csv) {
            assert!(!runs(&cell), "{file}: {cell:?} would run");
            named += usize::from(told(&names, &cell, file));
        }
        assert!(named > 0, "{file}.csv names nobody");
        let named = cells_of_sheet(sheet.to_vec());
        let named = named.iter().filter(|cell| told(&names, cell, file)).count();
        assert!(named > 0, "{file}.xlsx names nobody");
    }
    crowd.evening.server.shutdown().await;
}

/// Whether a spreadsheet would take this for a formula.
fn runs(cell: &str) -> bool {
    let signs = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'];
    let number = cell.parse::<f64>().is_ok();
    !number && signs.iter().any(|sign| cell.starts_with(*sign))
}

/// Whether a cell has one of the names in it, which is then all there.
fn told(names: &[String], cell: &str, file: &str) -> bool {
    let Some(at) = cell.find("zq") else { return false };
    let marked: String = cell[at..].chars().take(5).collect();
    let name = names.iter().find(|name| mark(name) == marked);
    let name = name.unwrap_or_else(|| panic!("{file}: {cell:?} has nobody's mark"));
    assert!(cell.contains(clean(name)), "{file}: {cell:?} is not {name:?}");
    true
}

fn cells_of_csv(csv: &str) -> Vec<String> {
    let csv = csv.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.flexible(true).has_headers(false).from_reader(csv.as_bytes());
    let rows = reader.records().map(Result::unwrap);
    rows.flat_map(|row| row.iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn cells_of_sheet(sheet: Vec<u8>) -> Vec<String> {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(sheet)).unwrap();
    let sheets = book.worksheets();
    let cells = sheets.iter().flat_map(|(_name, range)| range.rows().flatten());
    cells.map(ToString::to_string).collect()
}

/// A name without the space and the quote that may stand around it.
fn clean(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix('\'').unwrap_or(name).trim()
}

fn column_of_csv(csv: &str, column: &str) -> Vec<String> {
    let csv = csv.trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let at = reader.headers().unwrap().iter().position(|name| name == column).unwrap();
    reader.records().map(|row| row.unwrap()[at].to_owned()).collect()
}

fn column_of_sheet(sheet: Vec<u8>, column: &str) -> Vec<String> {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(sheet)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let mut rows = range.rows();
    let head = rows.next().unwrap();
    let at = head.iter().position(|cell| *cell == column).unwrap();
    rows.map(|row| row[at].to_string()).collect()
}
