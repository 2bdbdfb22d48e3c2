//! What the manager's lists cost at the size they are promised for: 100,000 visits, 10,000
//! deals, 5,000 customers. Rows are written bare, without documents, because only what lists
//! read matters here. Finding counts, orders and takes a page of 50, as the pages ask.

use std::path::Path;

use client_core::id::{DocId, OrgId, UserId};
use client_core::protocol::Scope;
use client_core::time::Timestamp;
use criterion::{Criterion, criterion_group, criterion_main};
use rusqlite::{Connection, params};
use server::DATA_FILE;
use server::storage::Lists;
use server::storage::lists::{
    CustomerFilter, CustomerSort, DealFilter, DealSort, Sold, VerdictFilter, VisitFilter, Window,
};
use server::storage::sqlite::SqliteStorage;
use tokio::runtime::Runtime;

const ORG: OrgId = OrgId::from_bytes([9; 16]);
const CUSTOMERS: i64 = 5_000;
const VISITS: i64 = 100_000;
const DEALS: i64 = 10_000;
const PAGE: Window = Window { limit: 50, offset: 0 };

fn doc(kind: u8, number: i64) -> DocId {
    let mut bytes = [kind; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    DocId::from_bytes(bytes)
}

/// One of ten reps.
fn person(number: i64) -> UserId {
    UserId::from_bytes([u8::try_from(number % 10 + 1).expect("a small number"); 16])
}

/// A file with these rows of ten reps.
fn filled(dir: &Path) -> SqliteStorage {
    let path = dir.join(DATA_FILE);
    drop(SqliteStorage::create(&path).expect("a data file"));
    let connection = Connection::open(&path).expect("it opens");
    connection.execute_batch("pragma synchronous = off; begin").expect("a transaction");
    (0..CUSTOMERS).for_each(|number| customer(&connection, number));
    (0..VISITS).for_each(|number| visit(&connection, number));
    (0..DEALS).for_each(|number| deal(&connection, number));
    connection.execute_batch("commit; analyze").expect("it commits");
    drop(connection);
    SqliteStorage::open(&path).expect("it opens")
}

fn write(connection: &Connection, sql: &str, values: impl rusqlite::Params) {
    let mut statement = connection.prepare_cached(sql).expect("it can be prepared");
    statement.execute(values).expect("a row");
}

fn member(connection: &Connection, doc: DocId, user: UserId, number: i64) {
    let mut scope = vec![b'u'];
    scope.extend_from_slice(user.as_bytes());
    write(
        connection,
        "insert into member (org, scope, rank, first_seq, doc, since_seq, since_at)
         values (?1, ?2, 0, ?3, ?4, 0, 0)",
        params![ORG.as_bytes(), scope, number, doc.as_bytes()],
    );
}

fn customer(connection: &Connection, number: i64) {
    let (id, owner) = (doc(1, number), person(number));
    let tier = ["a", "b", "c"][usize::try_from(number % 3).expect("small")];
    let due = ["on_track", "overdue", "never", "follow_up"];
    let due = due[usize::try_from(number % 4).expect("small")];
    write(
        connection,
        "insert into customer_row (org, doc, name, industry, heads, body, received_at, find)
         values (?1, ?2, ?3, 'retail', x'', zeroblob(900), 0, ?4)",
        params![
            ORG.as_bytes(),
            id.as_bytes(),
            format!("Customer {number:05}"),
            format!("customer{number:05}")
        ],
    );
    write(
        connection,
        "insert into holding (org, doc, kind, owner, unit, tier, due)
         values (?1, ?2, 'customer', ?3, ?4, ?5, ?6)",
        params![ORG.as_bytes(), id.as_bytes(), owner.as_bytes(), [7_u8; 16], tier, due],
    );
    member(connection, id, owner, number);
}

fn visit(connection: &Connection, number: i64) {
    let (id, author) = (doc(2, number), person(number));
    let asked = number % 100 == 0;
    write(
        connection,
        "insert into visit_row (org, doc, author, customer, customer_name, mode, outcome,
             started_at, heads, body, received_at, verdict, reasons)
         values (?1, ?2, ?3, ?4, 'Customer', 'onsite', 'progress', ?5, x'', zeroblob(900), 0, ?6,
             '')",
        params![
            ORG.as_bytes(),
            id.as_bytes(),
            author.as_bytes(),
            doc(1, number % CUSTOMERS).as_bytes(),
            number * 60_000,
            if asked { "needs_review" } else { "effective" },
        ],
    );
    member(connection, id, author, CUSTOMERS + number);
}

fn deal(connection: &Connection, number: i64) {
    let (id, author) = (doc(3, number), person(number));
    let outcome = [None, Some("won"), Some("lost")];
    write(
        connection,
        "insert into deal_row (org, doc, author, customer, name, stage, outcome, amount_minor,
             currency, created_at, heads, body, received_at, find, products)
         values (?1, ?2, ?3, ?4, ?5, 'proposal', ?6, ?7, 'USD', ?8, x'', zeroblob(900), 0, ?5,
             char(10) || 'GTX Pro' || char(10))",
        params![
            ORG.as_bytes(),
            id.as_bytes(),
            author.as_bytes(),
            doc(1, number % CUSTOMERS).as_bytes(),
            format!("deal{number:05}"),
            outcome[usize::try_from(number % 3).expect("small")],
            number * 100,
            number * 60_000,
        ],
    );
    member(connection, id, author, CUSTOMERS + VISITS + number);
}

fn lists(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a folder");
    let storage = filled(dir.path());
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("lists");
    group.sample_size(20);
    let text = || "04999".to_owned();
    let customers = [
        ("customers", CustomerFilter::default()),
        ("customers by text", CustomerFilter { text: text(), ..CustomerFilter::default() }),
        ("customers by due", CustomerFilter { sort: CustomerSort::Due, ..Default::default() }),
        (
            "customers by contact",
            CustomerFilter { sort: CustomerSort::Contact, ..Default::default() },
        ),
    ];
    for (name, filter) in customers {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                runtime.block_on(storage.find_customers(ORG, filter.clone(), PAGE)).expect("found")
            });
        });
    }
    let reach = Some(vec![Scope::User(person(1))]);
    let review = Some(VerdictFilter::NeedsReview);
    let visits = [
        ("visits", VisitFilter::default()),
        ("visits under review", VisitFilter { verdict: review, ..VisitFilter::default() }),
        ("visits of one rep's reach", VisitFilter { within: reach, ..VisitFilter::default() }),
        ("visits by customer's name", VisitFilter { text: text(), ..VisitFilter::default() }),
    ];
    for (name, filter) in visits {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                runtime.block_on(storage.find_visits(ORG, filter.clone(), PAGE)).expect("found")
            });
        });
    }
    let line = Sold { products: Some(vec!["GTX Pro".into()]), source: Some("partner".into()) };
    let deals = [
        ("deals", DealFilter::default()),
        ("deals by amount", DealFilter { sort: DealSort::Amount, ..DealFilter::default() }),
        ("deals of a product line and source", DealFilter { sold: line, ..Default::default() }),
        (
            "stalled deals",
            DealFilter {
                stalled_since: Some(Timestamp::from_millis(i64::MAX)),
                sort: DealSort::Stalled,
                ..DealFilter::default()
            },
        ),
    ];
    for (name, filter) in deals {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                runtime.block_on(storage.find_deals(ORG, filter.clone(), PAGE)).expect("found")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, lists);
criterion_main!(benches);
