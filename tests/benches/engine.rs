//! What the parts cost, for comparing one version with the next. The figures of
//! docs/PERFORMANCE.md, with percentiles and limits, come from `fleet figures`.

use std::path::Path;
use std::sync::Arc;

use client_core::docs::Document;
use client_core::docs::visit::VisitMode;
use client_core::engine::{Client, Config, CustomerQuery, DeviceInfo, NewVisit, VisitQuery};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{ActorId, ReplicaId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::protocol::{SyncRequest, VERSION};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use server::{Server, ServerConfig};
use tests::company::{PASSWORD, cheap_passwords};
use tests::fleet::corpus::{self, Size};
use tests::fleet::dice::Dice;
use tests::fleet::founding::{self, Founded};
use tests::fleet::ingest;
use tests::fleet::limits::BareInsert;
use tests::fleet::phases::now_at;
use tests::fleet::profile::{Call, Customer, Profile, Visitor, zone};
use tokio::runtime::Runtime;

/// Customers and visits of the phone; `FLEET_BENCH_CUSTOMERS` makes it another size.
fn size() -> Size {
    let customers = std::env::var("FLEET_BENCH_CUSTOMERS").ok().and_then(|text| text.parse().ok());
    Size { customers: customers.unwrap_or(5_000), visits: 20, profile: Profile::Peer }
}

fn parts(criterion: &mut Criterion) {
    let ids = |n: u8| [n; 16];
    let visitor = Visitor {
        org: client_core::id::OrgId::from_bytes(ids(1)),
        rep: client_core::id::UserId::from_bytes(ids(2)),
        colleague: client_core::id::UserId::from_bytes(ids(3)),
    };
    let actor = ActorId::from_bytes(ids(4));
    for profile in [Profile::Peer, Profile::Full] {
        let mut dice = Dice::new(1, 1);
        let customer = Customer::new(now_at(), &mut dice);
        let made = corpus::visit(visitor, actor, now_at(), &customer, profile, &mut dice)
            .expect("a visit can be made");
        let change = made.group.changes.first().expect("it has a change").to_vec();
        let (header, snapshot) = (*made.document.header(), made.document.snapshot());
        let name = |what: &str| format!("{what}, {} visit", profile.as_str());
        criterion.bench_function(&name("guard: screen a change"), |bench| {
            bench.iter(|| ScreenedChange::screen(&change, &Limits::default()));
        });
        criterion.bench_function(&name("document: load"), |bench| {
            bench.iter(|| Document::load(header, &snapshot));
        });
        criterion.bench_function(&name("document: read its state"), |bench| {
            bench.iter(|| DocState::read(&made.document));
        });
        criterion.bench_function(&name("history: read without loading"), |bench| {
            bench.iter(|| DocState::of_history(header.kind, &change));
        });
        criterion.bench_function(&name("document: save"), |bench| {
            bench.iter(|| made.document.snapshot());
        });
    }
}

/// A rep's phone after its first sync with a server in this process.
fn synced(runtime: &Runtime, dir: &Path) -> (Client, Founded) {
    runtime.block_on(async {
        let data = dir.join("server");
        let founded = founding::found(&data, 1, size(), 1, &mut |_line| {})
            .await
            .expect("the company is founded");
        let mut config = ServerConfig::new(&data, ([127, 0, 0, 1], 0).into());
        config.app = cheap_passwords();
        let server = Server::start(config).await.expect("the server starts");
        let device = DeviceInfo {
            name: "bench".into(),
            platform: "fleet".into(),
            app_version: "0.1.0".into(),
        };
        let url = format!("http://{}", server.addr());
        let mut config = Config::new(dir.join("phone"), &url, device);
        config.clock = Arc::new(client_core::engine::SystemClock::default());
        let client = Client::open(config).expect("the phone opens");
        client.sign_in("rep001", PASSWORD).await.expect("the rep signs in");
        client.sync_once().await.expect("the first sync works");
        server.shutdown().await;
        (client, founded)
    })
}

fn phone(criterion: &mut Criterion) {
    let (runtime, dir) =
        (Runtime::new().expect("a runtime"), tempfile::tempdir().expect("a folder"));
    let (client, founded) = synced(&runtime, dir.path());
    let rep = founded.reps.first().expect("a rep").clone();
    let month = Period::month_of(zone().date(now_at()));
    let mut bare = BareInsert::in_dir(dir.path()).expect("the bare file");
    let mut dice = Dice::new(2, 2);
    criterion.bench_function("limit: bare durable insert", |bench| bench.iter(|| bare.insert()));
    criterion.bench_function("phone: save a visit durably", |bench| {
        bench.iter(|| {
            let customer =
                &rep.customers[usize::try_from(dice.below(100)).unwrap_or(0) % rep.customers.len()];
            let call = Call::at(now_at().plus_millis(-5_400_000), &mut dice);
            let new = NewVisit { submit: true, ..NewVisit::at(customer.id, VisitMode::Onsite) };
            client
                .log_visit_with(new, |edit| {
                    call.write(edit, rep.visitor, customer, Profile::Peer, &mut dice)
                })
                .expect("saved")
        });
    });
    criterion.bench_function("phone: open", |bench| {
        bench.iter(|| {
            client.pause();
            client.resume()
        });
    });
    criterion.bench_function("phone: first page of customers", |bench| {
        bench.iter(|| client.customers(&CustomerQuery::default()));
    });
    criterion.bench_function("phone: first page of visits", |bench| {
        bench.iter(|| client.visits(&VisitQuery::default()));
    });
    for (what, typed) in [("name", "精密"), ("initials", "shyj"), ("end of a number", "5678")] {
        criterion.bench_function(&format!("phone: search by {what}"), |bench| {
            bench.iter(|| client.search(typed, 50));
        });
    }
    criterion.bench_function("phone: scorecard of a month", |bench| {
        bench.iter(|| client.scorecard(month, None));
    });
}

fn relay(criterion: &mut Criterion) {
    const VISITS: u32 = 400;
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("server");
    group.sample_size(10).throughput(Throughput::Elements(u64::from(VISITS) * 4));
    group.bench_function("ingest, 4 phones at the same time", |bench| {
        bench.iter_batched(
            || {
                let dir = tempfile::tempdir().expect("a folder");
                let data = dir.path().join("data");
                let prepared = ingest::prepared(&data, 4, VISITS, Profile::Peer);
                (runtime.block_on(prepared).expect("prepared"), dir)
            },
            |((app, phones), dir)| {
                runtime.block_on(ingest::ingest(&app, phones)).expect("taken");
                (app, dir)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();

    let dir = tempfile::tempdir().expect("a folder");
    let size = Size { customers: 200, visits: 20, profile: Profile::Peer };
    let (app, from) = runtime.block_on(async {
        let founded =
            founding::found(dir.path().join("data").as_path(), 1, size, 1, &mut |_line| {})
                .await
                .expect("founded");
        let app = founding::open(&dir.path().join("data")).expect("opened");
        let rep = founded.reps.first().expect("a rep");
        let mut dice = Dice::new(3, 3);
        let actor = ActorId::from_bytes(dice.bytes());
        let from = founding::former_phone(&app, rep.visitor, actor, now_at(), &mut dice).await;
        (app, from.expect("enrolled"))
    });
    criterion.bench_function("server: first page of the feed, 512 KiB", |bench| {
        bench.iter(|| {
            let request = SyncRequest {
                version: VERSION,
                replica: ReplicaId::from_bytes([9; 16]),
                cursor: None,
                budget: 512 * 1024,
                groups: Vec::new(),
                commands: Vec::new(),
                purged: Vec::new(),
                app: None,
                repair: None,
                pushed: None,
                unheard: Default::default(),
                hand_back: None,
                says: Default::default(),
            };
            runtime.block_on(server::relay::sync(&app, &from, request)).expect("answered")
        });
    });
    criterion.bench_function("server: scorecard of a rep-month, read and computed", |bench| {
        use server::storage::{Records, Scores};
        let month = Period::month_of(zone().date(now_at()));
        bench.iter(|| {
            runtime.block_on(async {
                let orgs = app.storage().orgs().await.expect("the org");
                let org = orgs.first().expect("the org").id;
                app.storage().mark_dirty(org, from.signed.user, month).await.expect("marked");
                server::scoring::recompute_dirty(&app).await.expect("scored")
            })
        });
    });
}

criterion_group!(benches, parts, phone, relay);
criterion_main!(benches);
