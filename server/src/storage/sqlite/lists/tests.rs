//! What lists find, and by which indexes. Rows are written bare, without documents,
//! because only what lists read matters here. What lists cost at full size is measured by
//! the bench `lists`.

use client_core::docs::visit::VisitMode;
use client_core::id::{DocId, OrgId, UnitId, UserId};
use client_core::protocol::Scope;
use client_core::records::Tier;
use client_core::rules::DueStatus;
use client_core::time::Timestamp;
use rusqlite::{Connection, params, params_from_iter};

use super::*;
use crate::storage::lists::{CustomerSort, DealSort, OutcomeFilter, VerdictFilter, VisitFilter};
use crate::storage::sqlite::SqliteStorage;
use crate::storage::sqlite::codec::scope_key;

const ORG: OrgId = OrgId::from_bytes([9; 16]);

fn doc(kind: u8, n: usize) -> DocId {
    let mut bytes = [kind; 16];
    bytes[8..].copy_from_slice(&(n as u64).to_be_bytes());
    DocId::from_bytes(bytes)
}

fn person(n: usize) -> UserId {
    UserId::from_bytes([u8::try_from(n + 1).unwrap(); 16])
}

/// A file with these many customers, visits and deals of ten reps.
struct File {
    connection: Connection,
    _dir: tempfile::TempDir,
}

impl File {
    fn with(customers: usize, visits: usize, deals: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.db");
        drop(SqliteStorage::create(&path).unwrap());
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("pragma synchronous = off; begin").unwrap();
        let org = ORG.as_bytes();
        for n in 0..customers {
            let (id, owner) = (doc(1, n), person(n % 10));
            let name = format!("Customer {n:05}");
            connection
                .prepare_cached(
                    "insert into customer_row (org, doc, name, industry, heads, body, received_at,
                         find) values (?1, ?2, ?3, ?4, x'', zeroblob(900), 0, ?5)",
                )
                .unwrap()
                .execute(params![org, id.as_bytes(), name, "retail", format!("customer{n:05}")])
                .unwrap();
            connection
                .prepare_cached(
                    "insert into holding (org, doc, kind, owner, unit, tier, due)
                     values (?1, ?2, 'customer', ?3, ?4, ?5, ?6)",
                )
                .unwrap()
                .execute(params![
                    org,
                    id.as_bytes(),
                    owner.as_bytes(),
                    [7_u8; 16],
                    ["a", "b", "c"][n % 3],
                    ["on_track", "overdue", "never", "follow_up"][n % 4],
                ])
                .unwrap();
            member(&connection, id, owner, n);
        }
        for n in 0..visits {
            let (id, author) = (doc(2, n), person(n % 10));
            let customer = doc(1, n % customers.max(1));
            connection
                .prepare_cached(
                    "insert into visit_row (org, doc, author, customer, customer_name, mode,
                         outcome, started_at, heads, body, received_at, verdict, reasons)
                     values (?1, ?2, ?3, ?4, 'Customer', ?5, 'progress', ?6, x'', zeroblob(900), 0,
                         ?7, ?8)",
                )
                .unwrap()
                .execute(params![
                    org,
                    id.as_bytes(),
                    author.as_bytes(),
                    customer.as_bytes(),
                    if n % 7 == 0 { "phone" } else { "onsite" },
                    n as i64 * 60_000,
                    if n % 100 == 0 { "needs_review" } else { "effective" },
                    if n % 100 == 0 { " unverifiable " } else { "" },
                ])
                .unwrap();
            member(&connection, id, author, n);
        }
        for n in 0..deals {
            let (id, author) = (doc(3, n), person(n % 10));
            connection
                .prepare_cached(
                    "insert into deal_row (org, doc, author, customer, name, stage, outcome,
                         amount_minor, currency, created_at, heads, body, received_at, find,
                         products)
                     values (?1, ?2, ?3, ?4, ?5, 'proposal', ?6, ?7, ?8, ?9, x'', zeroblob(900), 0,
                         ?5, ?10)",
                )
                .unwrap()
                .execute(params![
                    org,
                    id.as_bytes(),
                    author.as_bytes(),
                    doc(1, n % customers.max(1)).as_bytes(),
                    format!("deal{n:05}"),
                    [None, Some("won"), Some("lost")][n % 3],
                    n as i64 * 100,
                    if n % 50 == 0 { "EUR" } else { "USD" },
                    n as i64 * 60_000,
                    "\nGTX Pro\n",
                ])
                .unwrap();
            member(&connection, id, author, n);
        }
        connection.execute_batch("commit").unwrap();
        Self { connection, _dir: dir }
    }

    fn plan(&self, (sql, values): (String, Vec<Value>)) -> String {
        let mut statement = self.connection.prepare(&format!("explain query plan {sql}")).unwrap();
        let lines: Vec<String> = statement
            .query_map(params_from_iter(values), |row| row.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        lines.join("\n")
    }

    fn found(&self, query: &Query) -> Found {
        query.run(&self.connection, Window { limit: 50, offset: 0 }).unwrap()
    }
}

fn member(connection: &Connection, doc: DocId, user: UserId, n: usize) {
    connection
        .prepare_cached(
            "insert into member (org, scope, rank, first_seq, doc, since_seq, since_at)
             values (?1, ?2, ?3, ?4, ?5, 0, 0)",
        )
        .unwrap()
        .execute(params![
            ORG.as_bytes(),
            scope_key(Scope::User(user)),
            i64::from(doc.as_bytes()[0]),
            n as i64,
            doc.as_bytes()
        ])
        .unwrap();
}

#[test]
fn lists_are_counted_and_ordered_by_their_index_alone() {
    let file = File::with(10, 20, 20);
    let window = Window { limit: 50, offset: 100 };
    let customers = customers::find(ORG, &CustomerFilter::default());
    let month = VisitFilter {
        from: Some(Timestamp::from_millis(1)),
        until: Some(Timestamp::from_millis(2)),
        reps: Some(vec![person(1)]),
        mode: Some("onsite".into()),
        verdict: Some(VerdictFilter::NeedsReview),
        reason: Some("unverifiable".into()),
        ..VisitFilter::default()
    };
    let visits = visits::find(ORG, &month);
    let deals =
        deals::find(ORG, &DealFilter { product: Some("GTX Pro".into()), ..DealFilter::default() });
    for (query, index) in
        [(customers, "customer_list"), (visits, "visit_list"), (deals, "deal_list")]
    {
        let page = file.plan(query.page(window));
        assert!(page.contains(&format!("USING COVERING INDEX {index}")), "{page}");
        assert!(!page.contains("SCAN r") && !page.contains("TEMP B-TREE"), "{page}");
        let count = file.plan(query.select("count(*)", ""));
        assert!(count.contains(&format!("USING COVERING INDEX {index}")), "{count}");
    }
    // A day of visits is a range of the index, not its whole length.
    let page = file.plan(visits::find(ORG, &month).page(window));
    assert!(page.contains("started_at>? AND started_at<?"), "{page}");
    let one = VisitFilter { customer: Some(doc(1, 1)), ..VisitFilter::default() };
    let page = file.plan(visits::find(ORG, &one).page(window));
    assert!(page.contains("visit_by_customer (org=? AND customer=?)"), "{page}");
    let within = VisitFilter { within: Some(vec![Scope::User(person(1))]), ..month };
    let page = file.plan(visits::find(ORG, &within).page(window));
    assert!(page.contains("member_by_doc (org=? AND doc=? AND scope=?)"), "{page}");
}

#[test]
fn a_filter_finds_what_it_says_and_counts_it_against_everything() {
    let file = File::with(100, 1_000, 300);
    let all = file.found(&visits::find(ORG, &VisitFilter::default()));
    assert_eq!((all.all, all.matching, all.docs.len()), (1_000, 1_000, 50));
    assert_eq!(all.docs[0], doc(2, 999), "the newest first");
    let wanted = VisitFilter {
        mode: Some(VisitMode::Phone.to_string()),
        reps: Some(vec![person(0)]),
        oldest_first: true,
        ..VisitFilter::default()
    };
    let calls = file.found(&visits::find(ORG, &wanted));
    assert_eq!((calls.all, calls.matching), (1_000, 15), "every seventh, of every tenth");
    assert_eq!(calls.docs[..2], [doc(2, 0), doc(2, 70)]);
    let doubtful = VisitFilter {
        verdict: Some(VerdictFilter::NeedsReview),
        reason: Some("unverifiable".into()),
        text: "customer 00000".into(),
        ..VisitFilter::default()
    };
    assert_eq!(file.found(&visits::find(ORG, &doubtful)).matching, 10);
    let other = VisitFilter { reason: Some("open_signal".into()), ..doubtful };
    assert_eq!(file.found(&visits::find(ORG, &other)).matching, 0);

    let of_two = Some(vec![Scope::User(person(1)), Scope::Unit(UnitId::from_bytes([5; 16]))]);
    let own = VisitFilter { within: of_two.clone(), ..VisitFilter::default() };
    let own = file.found(&visits::find(ORG, &own));
    assert_eq!((own.all, own.matching), (100, 100), "all is what the reader may see");

    let open = DealFilter {
        outcome: Some(OutcomeFilter::Open),
        amount: Some(("USD".parse().unwrap(), Some(15_000), Some(30_000))),
        sort: DealSort::Amount,
        ..DealFilter::default()
    };
    let found = file.found(&deals::find(ORG, &open));
    let expected = (150..300).rev().filter(|n| n % 3 == 0 && n % 50 != 0);
    assert_eq!(found.docs, expected.map(|n| doc(3, n)).take(50).collect::<Vec<_>>());
    let none = DealFilter { text: "%".into(), ..DealFilter::default() };
    assert_eq!(file.found(&deals::find(ORG, &none)).matching, 0);
    let named = DealFilter { text: "Customer-00007".into(), ..DealFilter::default() };
    assert_eq!(file.found(&deals::find(ORG, &named)).matching, 3, "a deal by its customer");
}

#[test]
fn what_a_silent_phone_may_hold_is_not_called_overdue() {
    let file = File::with(120, 0, 0);
    let count = |due: DueStatus, silent: Vec<UserId>| {
        let filter = CustomerFilter { due: Some(due), silent, ..CustomerFilter::default() };
        file.found(&customers::find(ORG, &filter)).matching
    };
    assert_eq!(count(DueStatus::Overdue, vec![]), 30);
    assert_eq!(count(DueStatus::Unknown, vec![]), 0);
    let silent: Vec<UserId> = (0..10).map(person).collect();
    assert_eq!(count(DueStatus::Overdue, silent.clone()), 0);
    assert_eq!(count(DueStatus::Unknown, silent.clone()), 90, "what lacks is not known");
    assert_eq!(count(DueStatus::OnTrack, silent), 30, "a visit that arrived stays known");
    let urgent = CustomerFilter {
        sort: CustomerSort::Due,
        tier: Some(Some(Tier::A)),
        ..CustomerFilter::default()
    };
    let first = file.found(&customers::find(ORG, &urgent)).docs[0];
    assert_eq!(first, doc(1, 9), "overdue before never, then by name");
}

#[test]
fn totals_stay_apart_by_currency_and_survive_forged_amounts() {
    let file = File::with(10, 0, 100);
    let totals = deals::totals(&file.connection, ORG, &DealFilter::default()).unwrap();
    let shown: Vec<_> = totals.iter().map(|t| (t.currency.unwrap(), t.deals, t.minor)).collect();
    assert_eq!(shown, [("USD".parse().unwrap(), 98, 490_000), ("EUR".parse().unwrap(), 2, 5_000)]);
    file.connection
        .execute("update deal_row set amount_minor = ?1 where currency = 'USD'", [i64::MAX])
        .unwrap();
    let totals = deals::totals(&file.connection, ORG, &DealFilter::default()).unwrap();
    assert_eq!(totals[0].minor, i64::MAX);
    let stages = deals::stages(&file.connection, ORG, &DealFilter::default()).unwrap();
    assert_eq!(stages.len(), 2);
    assert_eq!(stages[0].stage.as_deref(), Some("proposal"));
}
