//! Who is rung, and who is not.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use client_core::docs::DocKind;
use client_core::protocol::{HintReader, LIVE_PATH, LiveHint, ProblemCode};
use client_core::records::Role;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;
use crate::app::AppConfig;
use crate::auth::Cost;
use crate::edge::Stopwatch;
use crate::storage::Accounts;
use crate::storage::model::Seq;
use crate::storage::onlooker::{Moved, Onlooker};
use crate::testing::{Phone, World, hour, send};

fn quick() -> AppConfig {
    let live = LiveConfig { keep_alive: Duration::from_millis(200), ..LiveConfig::default() };
    AppConfig { password_cost: Cost::CHEAP, live, ..AppConfig::default() }
}

/// A stream as a phone reads it.
struct Ear {
    body: Body,
    reader: HintReader,
}

impl Ear {
    async fn of(phone: &Phone) -> Self {
        let response = phone.router.clone().oneshot(request(phone)).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self { body: response.into_body(), reader: HintReader::default() }
    }

    /// The next hint; none at the end of the stream.
    async fn hint(&mut self) -> Option<LiveHint> {
        loop {
            let frame = tokio::time::timeout(Duration::from_secs(10), self.body.frame());
            let frame = frame.await.expect("the stream says something")?.unwrap();
            let hints = self.reader.push(frame.data_ref().unwrap());
            if let Some(hint) = hints.first() {
                return Some(*hint);
            }
        }
    }

    /// Comes to the second sign of life from now without a hint between.
    async fn stays_quiet(&mut self) {
        for _ in 0..2 {
            let frame = self.body.frame().await.expect("open").unwrap();
            assert_eq!(frame.data_ref().unwrap().as_ref(), b":\n\n");
        }
    }

    async fn ends(&mut self) {
        while self.hint().await.is_some() {}
    }
}

fn request(phone: &Phone) -> Request<Body> {
    Request::get(format!("{LIVE_PATH}?replica={}", phone.replica))
        .header("authorization", format!("Bearer {}", phone.session.tokens.access_token))
        .body(Body::empty())
        .unwrap()
}

#[test]
fn nobody_waits_below_fifty_phones_and_a_large_fleet_spreads_over_thirty_seconds() {
    assert_eq!((spread_ms(0), spread_ms(49)), (0, 0));
    assert_eq!(spread_ms(50), 500);
    assert_eq!(spread_ms(1_000), 10_000);
    assert_eq!((spread_ms(3_000), spread_ms(1_000_000)), (30_000, 30_000));
}

#[tokio::test]
async fn a_phone_is_rung_for_what_is_its_own_and_not_for_other_peoples_work() {
    let world = World::with(quick()).await;
    let (mut anna, boris) = (world.rep("anna").await, world.rep("boris").await);
    world.person("manager", Role::Manager, &["sales"]).await;
    let manager = world.phone("manager").await;
    let (mut boris, mut manager) = (Ear::of(&boris).await, Ear::of(&manager).await);
    let mut anna_ear = Ear::of(&anna).await;
    for ear in [&mut boris, &mut manager, &mut anna_ear] {
        assert_eq!(ear.hint().await.unwrap().spread_ms, 0, "the opening hint comes at once");
    }
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    let hint = manager.hint().await.unwrap();
    assert!(hint.up_to > 0);
    boris.stays_quiet().await;
    // Her new customer's placement is the server's, so she is told of that; a visit of
    // hers is nothing but her own push.
    anna_ear.hint().await.unwrap();
    let (header, change) = anna.visit(&world, header.doc);
    assert_eq!(header.kind, DocKind::Visit);
    anna.push(header, &change).await;
    assert!(manager.hint().await.unwrap().up_to > hint.up_to);
    anna_ear.stays_quiet().await;
}

#[tokio::test]
async fn hints_are_coalesced_and_the_last_one_names_everything() {
    let world = World::with(quick()).await;
    let mut anna = world.rep("anna").await;
    world.person("manager", Role::Manager, &["sales"]).await;
    let manager = world.phone("manager").await;
    let mut ear = Ear::of(&manager).await;
    let watch = Stopwatch::start();
    let (done, mut over) = tokio::sync::oneshot::channel();
    let pushing = async {
        let (customer, change) = anna.customer(&world, "Acme");
        anna.push(customer, &change).await;
        for _ in 0..40 {
            let (header, change) = anna.visit(&world, customer.doc);
            anna.push(header, &change).await;
        }
        done.send(world.app.live().heard_of(world.org).unwrap()).unwrap();
    };
    let listening = async {
        let (mut hints, mut up_to, mut head) = (0, 0, None);
        while head.is_none_or(|head: Seq| up_to < head.get()) {
            tokio::select! {
                hint = ear.hint() => {
                    up_to = hint.unwrap().up_to;
                    hints += 1;
                }
                known = &mut over, if head.is_none() => head = Some(known.unwrap()),
            }
        }
        hints
    };
    let ((), hints) = tokio::join!(pushing, listening);
    let most = 3 + 1 + watch.elapsed().as_millis() / 250;
    assert!(hints <= most, "{hints} hints for 41 pushes, and {most} are allowed");
}

#[tokio::test]
async fn a_stream_ends_when_its_device_is_revoked_and_when_its_token_expires() {
    let world = World::with(quick()).await;
    let (anna, boris) = (world.rep("anna").await, world.rep("boris").await);
    let (mut revoked, mut expired) = (Ear::of(&anna).await, Ear::of(&boris).await);
    let device = anna.claim.id;
    world.app.storage().revoke_device(world.org, device, world.now()).await.unwrap();
    revoked.ends().await;
    world.pass(hour(1));
    expired.ends().await;
    let answer = send(&world.router, request(&boris)).await;
    assert_eq!((answer.status, answer.problem().code), (401, ProblemCode::TokenExpired));
    assert_eq!(world.app.live().listening(), 0);
}

#[tokio::test]
async fn a_newer_stream_of_the_same_device_replaces_the_older() {
    let world = World::with(quick()).await;
    let anna = world.rep("anna").await;
    let mut older = Ear::of(&anna).await;
    older.hint().await.unwrap();
    let mut newer = Ear::of(&anna).await;
    older.ends().await;
    newer.hint().await.unwrap();
    drop(older);
    assert_eq!(world.app.live().listening(), 1, "the older one gives back only its own place");
    newer.stays_quiet().await;
}

#[tokio::test]
async fn streams_are_bounded_in_all_and_by_user_and_say_when_to_come_again() {
    let mut config = quick();
    (config.live.streams, config.live.per_user) = (3, 2);
    let world = World::with(config).await;
    let anna = world.rep("anna").await;
    let second = world.phone("anna").await;
    let third = world.phone("anna").await;
    let ears = (Ear::of(&anna).await, Ear::of(&second).await);
    let refused = send(&world.router, request(&third)).await;
    assert_eq!((refused.status, refused.problem().code), (429, ProblemCode::SlowDown));
    let (boris, clara) = (world.rep("boris").await, world.rep("clara").await);
    let boris = Ear::of(&boris).await;
    let refused = send(&world.router, request(&clara)).await;
    assert_eq!((refused.status, refused.problem().code), (503, ProblemCode::Unavailable));
    assert!(refused.headers["retry-after"].parse::<u64>().unwrap() >= 60);
    drop((ears, boris));
    Ear::of(&clara).await.hint().await.unwrap();
}

#[tokio::test]
async fn without_hints_a_phone_is_told_to_poll() {
    let mut config = quick();
    config.live.enabled = false;
    let world = World::with(config).await;
    let anna = world.rep("anna").await;
    let refused = send(&world.router, request(&anna)).await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.headers["retry-after"], "3600");
}

#[tokio::test]
async fn what_another_process_wrote_rings_everybody_of_the_org() {
    let world = World::with(quick()).await;
    let anna = world.rep("anna").await;
    let mut ear = Ear::of(&anna).await;
    let opening = ear.hint().await.unwrap();
    let hub = Arc::clone(world.app.live());
    hub.stands_at(world.org, Seq::from_wire(opening.up_to));
    ear.stays_quiet().await;
    hub.stands_at(world.org, Seq::from_wire(opening.up_to + 2));
    assert_eq!(ear.hint().await.unwrap().up_to, opening.up_to + 2);
    // A gap before a commit of our own is the same, wherever that commit went.
    let elsewhere = Moved::Feed {
        org: world.org,
        seq: Seq::from_wire(opening.up_to + 4),
        scopes: BTreeSet::new(),
        origin: None,
    };
    hub.committed(vec![elsewhere]);
    assert_eq!(ear.hint().await.unwrap().up_to, opening.up_to + 3);
}

#[tokio::test]
async fn who_gets_another_unit_is_rung_for_it_at_once() {
    let world = World::with(quick()).await;
    let mut anna = world.rep("anna").await;
    let id = world.person("lead", Role::Supervisor, &[]).await;
    let lead = world.phone("lead").await;
    let mut ear = Ear::of(&lead).await;
    ear.hint().await.unwrap();
    let (customer, change) = anna.customer(&world, "Acme");
    anna.push(customer, &change).await;
    ear.stays_quiet().await;
    let mut user = world.app.storage().account(world.org, id).await.unwrap().unwrap().user;
    user.units = vec![crate::testing::unit_id("north")];
    world.write(client_core::records::Record::User(user)).await;
    ear.hint().await.expect("told of the change itself");
    let (header, change) = anna.visit(&world, customer.doc);
    anna.push(header, &change).await;
    let head = world.app.live().heard_of(world.org).unwrap();
    while ear.hint().await.unwrap().up_to < head.get() {}
}
