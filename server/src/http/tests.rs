//! Bad input gets a clear answer, and nothing is lost.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use client_core::id::{ActorId, DeviceId};
use client_core::protocol::codec::{self, Encoding};
use client_core::protocol::{
    DeviceClaim, ProblemCode, REFRESH_PATH, RefreshRequest, SYNC_PATH, Tokens,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::testing::{Answer, Phone, World, hour, post_sign_in, send};
use crate::{Server, ServerConfig, StartError};

async fn post_sync(world: &World, token: &str) -> Answer {
    let request = Request::post(SYNC_PATH)
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    send(&world.router, request).await
}

async fn refresh(world: &World, token: &str) -> Result<Tokens, ProblemCode> {
    let request = RefreshRequest { refresh_token: token.to_owned() };
    let body = Body::from(serde_json::to_vec(&request).unwrap());
    let answer = send(&world.router, Request::post(REFRESH_PATH).body(body).unwrap()).await;
    match answer.status {
        200 => Ok(serde_json::from_slice(&answer.bytes).unwrap()),
        _ => Err(answer.problem().code),
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_look_the_same() {
    let world = World::new().await;
    let anna = world.rep("anna").await;
    let wrong = post_sign_in(&world.router, "anna", "wrong", &anna.claim).await;
    let unknown = post_sign_in(&world.router, "nobody", "secret", &anna.claim).await;
    for answer in [&wrong, &unknown] {
        assert_eq!(answer.status, 401);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    assert_eq!(wrong.problem(), unknown.problem());
    assert_eq!(wrong.problem().code, ProblemCode::WrongPassword);
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let world = World::new().await;
    let anna = world.rep("anna").await;
    let mut last = None;
    for _guess in 0..12 {
        last = Some(post_sign_in(&world.router, "anna", "wrong", &anna.claim).await);
    }
    let last = last.unwrap();
    assert_eq!(last.status, 429);
    assert!(last.headers["retry-after"].parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn a_device_and_an_actor_belong_to_one_person() {
    let world = World::new().await;
    let anna = world.rep("anna").await;
    let boris = world.rep("boris").await;
    let again = post_sign_in(&world.router, "anna", "secret", &anna.claim).await;
    assert_eq!(again.status, 200, "signing in again changes nothing");
    let new =
        |actor| DeviceClaim { id: DeviceId::from_bytes(world.id()), actor, ..boris.claim.clone() };
    for claim in [
        anna.claim.clone(),
        new(anna.claim.actor),
        DeviceClaim { actor: ActorId::from_bytes(world.id()), ..boris.claim.clone() },
    ] {
        let answer = post_sign_in(&world.router, "boris", "secret", &claim).await;
        assert_eq!((answer.status, answer.problem().code), (409, ProblemCode::DeviceTaken));
    }
}

#[tokio::test]
async fn an_expired_token_says_so_and_a_refresh_cures_it() {
    let world = World::new().await;
    let anna = world.rep("anna").await;
    world.pass(hour(1));
    let answer = post_sync(&world, &anna.session.tokens.access_token).await;
    assert_eq!(answer.problem().code, ProblemCode::TokenExpired);
    let fresh = refresh(&world, &anna.session.tokens.refresh_token).await.unwrap();
    let answer = post_sync(&world, &fresh.access_token).await;
    assert_eq!(answer.problem().code, ProblemCode::MalformedBody, "signed in, and no body");
    assert_eq!(post_sync(&world, "fsa_nonsense").await.problem().code, ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn a_lost_answer_to_a_refresh_is_harmless_and_a_stolen_token_ends_the_session() {
    let world = World::new().await;
    let anna = world.rep("anna").await;
    let first = anna.session.tokens.refresh_token.clone();
    let _lost = refresh(&world, &first).await.unwrap();
    let second = refresh(&world, &first).await.unwrap();
    // First use of the second pair spends the first.
    post_sync(&world, &second.access_token).await;
    // What a proxy sent twice may arrive after that.
    world.pass(50_000);
    let third = refresh(&world, &first).await.unwrap();
    post_sync(&world, &second.access_token).await;
    post_sync(&world, &third.access_token).await;
    world.pass(61_000);
    assert_eq!(refresh(&world, &first).await.err(), Some(ProblemCode::NotSignedIn));
    assert_eq!(refresh(&world, &second.refresh_token).await.err(), Some(ProblemCode::NotSignedIn));
    let answer = post_sync(&world, &second.access_token).await;
    assert_eq!(answer.problem().code, ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn a_revoked_device_is_told_so_and_cannot_sign_in_again() {
    use crate::storage::Accounts;
    let world = World::new().await;
    let anna = world.rep("anna").await;
    let storage = world.app.storage();
    assert!(storage.revoke_device(world.org, anna.claim.id, world.now()).await.unwrap());
    let answer = post_sync(&world, &anna.session.tokens.access_token).await;
    assert_eq!((answer.status, answer.problem().code), (401, ProblemCode::Revoked));
    let answer = post_sign_in(&world.router, "anna", "secret", &anna.claim).await;
    assert_eq!(answer.problem().code, ProblemCode::Revoked);
}

async fn problem_of(phone: &Phone, body: Vec<u8>, encoding: Option<&str>) -> (u16, ProblemCode) {
    let answer = phone.post(body, encoding).await;
    (answer.status, answer.problem().code)
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_named() {
    let world = World::new().await;
    let anna = world.rep("anna").await;
    let malformed = (400, ProblemCode::MalformedBody);
    assert_eq!(problem_of(&anna, b"\xFF\xFFnonsense".to_vec(), None).await, malformed);
    assert_eq!(problem_of(&anna, b"<html>".to_vec(), Some("br")).await, malformed);
    let long = anna.request(Vec::new());
    let text = vec![(long, "visit ".repeat(500))];
    let (mut packed, encoding) = codec::encode(&text, Encoding::Zstd);
    packed.truncate(packed.len() / 2);
    assert_eq!(problem_of(&anna, packed, encoding.header()).await, malformed);
    let (bomb, encoding) = codec::encode(&vec![0_u8; 5 << 20], Encoding::Zstd);
    assert!(bomb.len() < 10_000);
    let too_large = (413, ProblemCode::BodyTooLarge);
    assert_eq!(problem_of(&anna, bomb, encoding.header()).await, too_large);
    assert_eq!(problem_of(&anna, vec![0; 5 << 20], None).await, too_large);
}

#[tokio::test]
async fn another_protocol_version_is_named_with_ours() {
    let world = World::new().await;
    let anna = world.rep("anna").await;
    let mut request = anna.request(Vec::new());
    request.version = 9;
    let (body, encoding) = codec::encode(&request, Encoding::Zstd);
    let answer = anna.post(body, encoding.header()).await;
    assert_eq!((answer.status, answer.problem().code), (426, ProblemCode::ProtocolVersion));
    let detail = answer.problem().detail.unwrap();
    assert!(detail.contains('9') && detail.contains('1'), "{detail}");
}

#[tokio::test]
async fn health_and_nothing() {
    let world = World::new().await;
    for (path, status) in [("/livez", 200), ("/readyz", 200), ("/nowhere-at-all", 404)] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(send(&world.router, request).await.status, status, "{path}");
    }
}

fn config(world: &World) -> ServerConfig {
    let mut config = ServerConfig::new(world.dir.path(), "127.0.0.1:0".parse().unwrap());
    config.drain = Duration::from_millis(300);
    config
}

#[tokio::test]
async fn a_server_in_the_open_is_refused_and_a_port_in_use_is_named() {
    let world = World::new().await;
    let mut open = config(&world);
    open.bind = "0.0.0.0:0".parse().unwrap();
    assert!(matches!(Server::start(open).await, Err(StartError::Exposed { .. })));
    let running = Server::start(config(&world)).await.unwrap();
    let mut taken = config(&world);
    taken.bind = running.addr();
    let refused = Server::start(taken).await;
    assert!(matches!(refused, Err(StartError::PortInUse { bind }) if bind == running.addr()));
    running.shutdown().await;
}

#[tokio::test]
async fn shutdown_ends_even_if_a_client_holds_its_connection_open() {
    let world = World::new().await;
    let running = Server::start(config(&world)).await.unwrap();
    let mut idle = TcpStream::connect(running.addr()).await.unwrap();
    let mut slow = TcpStream::connect(running.addr()).await.unwrap();
    slow.write_all(b"POST /v1/sync HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc")
        .await
        .unwrap();
    let mut asked = TcpStream::connect(running.addr()).await.unwrap();
    asked.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 15];
    asked.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    let ended = tokio::time::timeout(Duration::from_secs(5), running.shutdown()).await;
    assert!(ended.is_ok(), "shutdown hangs");
    let mut rest = Vec::new();
    drop(idle.read_to_end(&mut rest).await);
    assert!(rest.is_empty());
}
