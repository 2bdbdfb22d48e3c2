//! Phones and servers whose counts differ: single documents are mended, nothing is
//! wiped, and what cannot be mended is said and not tried for ever.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::PathBuf;

use client_core::docs::visit::VisitMode;
use client_core::engine::{Client, ItemStatus, NewCustomer, NewVisit, SyncReport};
use client_core::id::DocId;
use rusqlite::{Connection, params};
use server::{DATA_FILE, RunningServer};
use tests::company::{Company, PASSWORD};
use tests::phone::open;

struct World {
    server: RunningServer,
    client: Client,
    customers: Vec<DocId>,
    dir: tempfile::TempDir,
}

impl World {
    /// A rep whose phone made some customers and holds what the server holds.
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let company = Company::found(&dir.path().join("server"), &["anna"]).await.unwrap();
        let server = company.serve().await.unwrap();
        let url = format!("http://{}", server.addr());
        let client = open(&dir.path().join("phone"), &url).unwrap();
        client.sign_in("anna", PASSWORD).await.unwrap();
        let name = |n: usize| NewCustomer { name: format!("客户 {n}"), ..NewCustomer::default() };
        let customers: Vec<DocId> =
            (0..12).map(|n| client.create_customer(name(n)).unwrap().id).collect();
        let world = Self { server, client, customers, dir };
        world.settle().await;
        assert!(world.agrees());
        world
    }

    /// Syncs until nothing comes any more: scores are published meanwhile.
    async fn settle(&self) {
        server::scoring::recompute_dirty(self.server.app()).await.unwrap();
        for _ in 0..20 {
            let report = self.client.sync_once().await.unwrap();
            if report.pulled == 0 && report.pushed == 0 {
                return;
            }
        }
        panic!("something always comes");
    }

    /// Something happens, so that the server says again what everything amounts to.
    async fn stir(&self) -> SyncReport {
        let mut visit = NewVisit::at(self.customers[0], VisitMode::Phone);
        visit.submit = true;
        self.client.log_visit(visit).unwrap();
        self.client.sync_once().await.unwrap()
    }

    fn agrees(&self) -> bool {
        self.client.scopes().unwrap().iter().all(|scope| scope.matches && scope.fault.is_none())
    }

    fn phone_file(&self) -> PathBuf {
        let who = self.client.signed_in().unwrap();
        self.dir.path().join("phone").join(format!("{}_{}.fieldsync", who.org, who.user))
    }

    /// Something happens to the phone's file, and a day passes since it was counted.
    fn on_the_phone(&self, sql: &str, doc: DocId) {
        self.client.pause();
        let file = Connection::open(self.phone_file()).unwrap();
        file.execute(sql, params![doc.as_bytes()]).unwrap();
        file.execute("update scope set counted_at = 0", []).unwrap();
        drop(file);
        self.client.resume().unwrap();
    }

    fn on_the_server(&self, sql: &str) {
        let file = Connection::open(self.dir.path().join("server").join(DATA_FILE)).unwrap();
        assert!(file.execute(sql, []).unwrap() > 0, "{sql}");
    }

    fn name(&self, customer: DocId) -> Option<String> {
        self.client.customer(customer).unwrap().and_then(|entry| entry.state.name)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_was_lost_on_the_phone_comes_back_alone() {
    let world = World::new().await;
    for sql in ["delete from doc where id = ?1", "delete from membership where doc = ?1"] {
        world.on_the_phone(sql, world.customers[3]);
    }
    world.on_the_phone("delete from customer where doc = ?1", world.customers[3]);
    assert_eq!(world.name(world.customers[3]), None);
    let report = world.stir().await;
    assert_eq!(world.name(world.customers[3]).as_deref(), Some("客户 3"));
    assert!(report.requests <= 4 && report.faults == 0, "{report:?}");
    world.settle().await;
    assert!(world.agrees(), "{:?}", world.client.scopes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_not_the_phones_any_more_goes_unless_something_of_it_waits() {
    let world = World::new().await;
    let (gone, kept) = (world.customers[4], world.customers[5]);
    // The server never told that these left.
    for doc in [gone, kept] {
        let hex: String = doc.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        world.on_the_server(&format!("delete from member where doc = x'{hex}'"));
    }
    world.on_the_server(
        "update scope_digest set count = 0 where scope in (select scope from scope_digest)",
    );
    world.client.edit_customer(kept, |edit| edit.set_notes(Some("unsent"))).unwrap();
    world.stir().await;
    assert_eq!(world.name(gone), None, "dropped");
    let status = world.client.status(kept).unwrap();
    assert!(
        world.name(kept).is_some() || matches!(status, ItemStatus::Rejected { .. }),
        "what was written there is kept or answered: {status:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_stayed_behind_is_brought_up_to_date() {
    let world = World::new().await;
    let doc = world.customers[6];
    let old: (Vec<u8>, Vec<u8>) = {
        let file = Connection::open(world.phone_file()).unwrap();
        file.query_row(
            "select heads, snapshot from doc where id = ?1",
            params![doc.as_bytes()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap()
    };
    world.client.edit_customer(doc, |edit| edit.set_name(Some("renamed"))).unwrap();
    world.settle().await;
    // An older page of the file came back.
    world.client.pause();
    let file = Connection::open(world.phone_file()).unwrap();
    file.execute(
        "update doc set heads = ?2, acked = ?2, snapshot = ?3 where id = ?1",
        params![doc.as_bytes(), old.0, old.1],
    )
    .unwrap();
    file.execute("delete from customer where doc = ?1", params![doc.as_bytes()]).unwrap();
    file.execute("update scope set counted_at = 0", []).unwrap();
    drop(file);
    world.client.resume().unwrap();
    world.stir().await;
    world.settle().await;
    assert_eq!(world.name(doc).as_deref(), Some("renamed"));
    assert!(world.agrees(), "{:?}", world.client.scopes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_cannot_be_read_on_the_phone_is_fetched_again_and_keeps_unsent_work() {
    let world = World::new().await;
    let doc = world.customers[7];
    world.client.edit_customer(doc, |edit| edit.set_notes(Some("unsent"))).unwrap();
    world.on_the_phone("update doc set snapshot = zeroblob(200) where id = ?1", doc);
    let refused = world.client.edit_customer(doc, |edit| edit.set_name(Some("x")));
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(world.client.sync_status().unwrap().repairing, 1);
    world.client.sync_once().await.unwrap();
    world.settle().await;
    assert_eq!(world.client.sync_status().unwrap().repairing, 0);
    world.client.edit_customer(doc, |edit| edit.set_name(Some("again"))).unwrap();
    world.settle().await;
    let shown = world.client.customer(doc).unwrap().unwrap();
    assert_eq!(shown.state.notes.as_deref(), Some("unsent"));
    assert_eq!(shown.state.name.as_deref(), Some("again"));
    assert_eq!(world.client.status(doc).unwrap(), ItemStatus::Stored);
    assert!(world.agrees(), "{:?}", world.client.scopes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_lost_is_written_again_from_the_phones_own_bytes() {
    let world = World::new().await;
    world.on_the_phone("delete from customer where doc = ?1", world.customers[8]);
    assert_eq!(world.name(world.customers[8]), None);
    let report = world.stir().await;
    assert_eq!(world.name(world.customers[8]).as_deref(), Some("客户 8"));
    assert_eq!(report.requests, 1, "nothing had to be asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_lost_is_sent_again() {
    let world = World::new().await;
    let doc = world.customers[9];
    let hex: String = doc.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    for table in ["member", "change", "customer_row", "doc"] {
        world.on_the_server(&format!("delete from {table} where doc = x'{hex}'"));
    }
    world.on_the_server("update scope_digest set count = count - 1 where count > 0");
    world.stir().await;
    world.settle().await;
    assert_eq!(world.client.status(doc).unwrap(), ItemStatus::Stored);
    let file = Connection::open(world.dir.path().join("server").join(DATA_FILE)).unwrap();
    let there: bool = file
        .query_row("select exists (select 1 from doc where doc = ?1)", [doc.as_bytes()], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(there);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_sum_of_the_servers_is_said_and_not_asked_about_for_ever() {
    let world = World::new().await;
    world.on_the_server("update scope_digest set count = count + 7 where count > 0");
    let report = world.stir().await;
    assert!(report.requests <= 3, "{report:?}");
    let faults = |world: &World| {
        world.client.scopes().unwrap().into_iter().filter_map(|scope| scope.fault).count()
    };
    assert_eq!(faults(&world), 1);
    for _ in 0..3 {
        assert_eq!(world.stir().await.requests, 1, "not listed again for a day");
    }
    assert_eq!(world.client.customers(&Default::default()).unwrap().items.len(), 12);
    world.on_the_server("update scope_digest set count = count - 7 where count > 0");
    world.stir().await;
    assert_eq!(faults(&world), 0, "it is over when the sums agree");
}
