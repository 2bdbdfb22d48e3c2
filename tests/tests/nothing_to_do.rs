//! Cost follows the change, not the collection: a sync with nothing to do is one
//! small request, whether the phone holds 400 documents or 5,000.

use client_core::docs::visit::{JournalLink, NextStep, Outcome, VisitMode};
use client_core::docs::{DocKind, Document, EditContext, Generation, Header};
use client_core::engine::NewCustomer;
use client_core::id::{ActorId, DeviceId, DocId, ReplicaId};
use client_core::protocol::{ChangeResult, PushGroup, SyncRequest, VERSION};
use client_core::records::Role;
use client_core::time::{CapturedAt, Timestamp};
use serde_bytes::ByteBuf;
use server::auth::{Signed, SignedDevice};
use server::storage::Accounts;
use server::storage::model::{NewDevice, SessionId};
use tests::company::{Company, PASSWORD};
use tests::phone::open;
use tests::wiretap::{Traffic, Wiretap};

/// DESIGN 12.
const UP_BUDGET: u64 = 400;
/// DESIGN 12.
const DOWN_BUDGET: u64 = 800;

fn id<const N: usize>(kind: u8, number: u32) -> [u8; N] {
    let mut bytes = [kind; N];
    bytes[N - 4..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// A submitted visit by another phone of the same rep.
fn visit(company: &Company, customer: DocId, actor: ActorId, number: u32) -> PushGroup {
    let at = Timestamp::from_millis(1_790_000_000_000 + i64::from(number) * 60_000);
    let captured = CapturedAt { at, zone: "Asia/Shanghai".into(), offset_s: 28_800 };
    let header = Header {
        doc: DocId::new(at, id(1, number)),
        kind: DocKind::Visit,
        org: company.org,
        author: company.reps[0],
        customer: Some(customer),
        generation: Generation::default(),
    };
    let mut document = Document::create(header);
    let change = document
        .edit_visit(&EditContext { actor, at }, |visit| {
            visit.set_customer_name(Some("Acme"))?;
            visit.set_mode(Some(VisitMode::Phone))?;
            visit.set_started_at(Some(captured.clone()))?;
            visit.set_ended_at(Some(captured.clone()))?;
            visit.record_outcome(&Outcome::Progress, Some("talked"))?;
            visit.set_next_step(Some(NextStep::None))?;
            visit.submit(&captured, &JournalLink::default())
        })
        .expect("a plain edit")
        .expect("a change");
    PushGroup { header, stamp: None, changes: vec![ByteBuf::from(change.bytes)] }
}

/// What one sync with nothing to do costs a phone that holds `documents`.
async fn idle_cost(documents: u32) -> Traffic {
    let dir = tempfile::tempdir().expect("a folder");
    let company = Company::found(&dir.path().join("server"), &["anna"]).await.expect("founded");
    let server = company.serve().await.expect("the server starts");
    let tap = Wiretap::on(server.addr()).await.expect("the tap listens");
    let phone = open(&dir.path().join("phone"), &tap.url()).expect("the phone opens");
    phone.sign_in("anna", PASSWORD).await.expect("anna signs in");
    let customer = phone
        .create_customer(NewCustomer { name: "Acme".into(), ..NewCustomer::default() })
        .expect("saved")
        .id;
    phone.sync_once().await.expect("the first sync works");

    let device = DeviceId::from_bytes(id(2, documents));
    let actor = ActorId::from_bytes(id(3, documents));
    let user = company.reps[0];
    let now = Timestamp::from_millis(1_790_000_000_000);
    let bound = NewDevice {
        device,
        user,
        actor,
        name: "tablet".into(),
        platform: "test".into(),
        app_version: "0.1.0".into(),
    };
    server.app().storage().enrol(company.org, bound, now).await.expect("enrolled");
    let signed = Signed {
        org: company.org,
        user,
        device: Some(device),
        actor: Some(actor),
        role: Role::Rep,
        session: SessionId([0; 16]),
    };
    let tablet = SignedDevice { signed, device, actor };
    let numbers: Vec<u32> = (1..documents).collect();
    for part in numbers.chunks(500) {
        let request = SyncRequest {
            version: VERSION,
            replica: ReplicaId::from_bytes(id(4, documents)),
            cursor: None,
            budget: 0,
            groups: part.iter().map(|n| visit(&company, customer, actor, *n)).collect(),
            commands: Vec::new(),
            purged: Vec::new(),
            app: None,
            repair: None,
            pushed: None,
            unheard: Default::default(),
            hand_back: None,
            says: Default::default(),
        };
        let answer = server::relay::sync(server.app(), &tablet, request).await.expect("answered");
        for result in answer.results.iter().flat_map(|group| &group.changes) {
            assert_eq!(*result, ChangeResult::Stored);
        }
    }
    server::scoring::recompute_dirty(server.app()).await.expect("scored");
    // Scores travel too: sync until nothing comes any more.
    let mut rounds = 0;
    while phone.sync_once().await.expect("synced").pulled > 0 {
        rounds += 1;
        assert!(rounds < 50, "something always comes");
    }
    let scopes = phone.scopes().expect("scopes");
    let held: u64 = scopes.iter().map(|scope| scope.local_count).sum();
    assert_eq!(held, u64::from(documents), "the phone holds what it should");
    assert!(scopes.iter().all(|scope| scope.matches), "count and digest agree: {scopes:?}");

    let before = tap.traffic();
    let report = phone.sync_once().await.expect("synced");
    let after = tap.traffic();
    let cost = Traffic {
        up: after.up - before.up,
        down: after.down - before.down,
        requests: after.requests - before.requests,
    };
    assert_eq!(report.pulled + report.pushed, 0, "there was nothing to do");
    assert_eq!(report.requests, cost.requests, "the phone counts its requests right");
    phone.close();
    server.shutdown().await;
    cost
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_with_nothing_to_do_is_one_small_request_however_much_is_held() {
    let small = idle_cost(400).await;
    let large = idle_cost(5_000).await;
    println!("400 documents: {small:?}\n5,000 documents: {large:?}");
    for cost in [small, large] {
        assert_eq!(cost.requests, 1);
        assert!(cost.up <= UP_BUDGET, "{} bytes up", cost.up);
        assert!(cost.down <= DOWN_BUDGET, "{} bytes down", cost.down);
    }
    assert_eq!(small, large, "the cost follows the change, not the collection");
}
