//! Coming in with a code.

use axum::body::Body;
use axum::http::Request;
use client_core::id::{ActorId, DeviceId, UserId};
use client_core::protocol::{
    DeviceClaim, ENROL_PATH, EnrolRequest, ProblemCode, RENEW_PATH, SIGN_IN_PATH, SignInRequest,
    SignInResponse,
};
use client_core::records::Role;

use crate::office::{By, Invited, Office, PasswordChoice, Registrar};
use crate::testing::{Answer, Phone, World, hour, send};

async fn registrar(world: &World) -> Registrar {
    Office::of(world.app.clone(), world.org).registrar(By::CommandLine).await.unwrap()
}

async fn invite(world: &World, user: UserId) -> Invited {
    registrar(world).await.invite(user).await.unwrap()
}

fn claim(world: &World) -> DeviceClaim {
    DeviceClaim {
        id: DeviceId::from_bytes(world.id()),
        actor: ActorId::from_bytes(world.id()),
        name: "a phone".into(),
        platform: "test".into(),
        app_version: "1".into(),
    }
}

async fn post<T: serde::Serialize>(world: &World, path: &str, message: &T) -> Answer {
    let body = Body::from(serde_json::to_vec(message).unwrap());
    send(&world.router, Request::post(path).body(body).unwrap()).await
}

async fn show(world: &World, code: &str, device: &DeviceClaim, proof: Option<&str>) -> Answer {
    let request = EnrolRequest {
        code: code.to_owned(),
        device: device.clone(),
        proof: proof.map(str::to_owned),
        known: Vec::new(),
    };
    post(world, ENROL_PATH, &request).await
}

fn session(answer: &Answer) -> SignInResponse {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
    serde_json::from_slice(&answer.bytes).unwrap()
}

fn refused(answer: &Answer) -> ProblemCode {
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    answer.problem().code
}

#[tokio::test]
async fn a_code_enrols_one_phone_and_only_that_phone_may_show_it_again() {
    let world = World::new().await;
    let anna = world.person("anna", Role::Rep, &["north"]).await;
    let code = invite(&world, anna).await.code.to_string();
    let (phone, other) = (claim(&world), claim(&world));
    let first = session(&show(&world, &code.to_lowercase(), &phone, Some("secret")).await);
    assert_eq!((first.user, first.login.as_str(), first.role), (anna, "anna", Role::Rep));
    world.pass(hour(24));
    let again = session(&show(&world, &code, &phone, Some("secret")).await);
    assert_ne!(again.tokens.access_token, first.tokens.access_token);
    assert_eq!(refused(&show(&world, &code, &other, Some("other")).await), ProblemCode::CodeUsed);
    // A colleague with the card knows the device's id from the records, and nothing more.
    assert_eq!(refused(&show(&world, &code, &phone, None).await), ProblemCode::CodeUsed);
    assert_eq!(refused(&show(&world, &code, &phone, Some("x")).await), ProblemCode::CodeUsed);
    world.pass(hour(24 * 7));
    let late = show(&world, &code, &phone, Some("secret")).await;
    assert_eq!((late.status, refused(&late)), (410, ProblemCode::CodeExpired));
}

#[tokio::test]
async fn a_phone_without_a_proof_is_known_by_its_device() {
    let world = World::new().await;
    let anna = world.person("anna", Role::Rep, &["north"]).await;
    let code = invite(&world, anna).await.code.to_string();
    let phone = claim(&world);
    session(&show(&world, &code, &phone, None).await);
    session(&show(&world, &code, &phone, None).await);
    let other = claim(&world);
    assert_eq!(refused(&show(&world, &code, &other, None).await), ProblemCode::CodeUsed);
}

#[tokio::test]
async fn whoever_cannot_come_in_is_told_why() {
    let world = World::new().await;
    let anna = world.person("anna", Role::Rep, &["north"]).await;
    let boris = world.rep("boris").await;
    let phone = claim(&world);
    let unknown = show(&world, "0000-0000-0000-0000", &phone, None).await;
    assert_eq!((unknown.status, refused(&unknown)), (401, ProblemCode::CodeUnknown));
    let mistyped = show(&world, "0000-0000", &phone, None).await;
    assert_eq!(refused(&mistyped), ProblemCode::CodeUnknown);
    assert!(mistyped.problem().detail.unwrap().contains("8 letters"), "it says what is wrong");

    let old = invite(&world, anna).await.code.to_string();
    let code = invite(&world, anna).await.code.to_string();
    assert_eq!(refused(&show(&world, &old, &phone, None).await), ProblemCode::CodeReplaced);
    let taken = show(&world, &code, &boris.claim, None).await;
    assert_eq!((taken.status, refused(&taken)), (409, ProblemCode::DeviceTaken));
    registrar(&world).await.disable(anna).await.unwrap();
    assert_eq!(refused(&show(&world, &code, &phone, None).await), ProblemCode::Revoked);
    registrar(&world).await.enable(anna).await.unwrap();
    let ended = show(&world, &code, &phone, None).await;
    assert_eq!(refused(&ended), ProblemCode::CodeReplaced, "a code ends with the disabling");
    let code = invite(&world, anna).await.code.to_string();
    registrar(&world).await.reset_password(anna, PasswordChoice::OneTime).await.unwrap();
    let ended = show(&world, &code, &phone, None).await;
    assert_eq!(refused(&ended), ProblemCode::CodeReplaced, "a code ends with the password");
    let code = invite(&world, anna).await.code.to_string();
    session(&show(&world, &code, &phone, None).await);
    registrar(&world).await.revoke_device(anna, phone.id).await.unwrap();
    assert_eq!(refused(&show(&world, &code, &phone, None).await), ProblemCode::Revoked);
}

#[tokio::test]
async fn a_phone_that_is_this_persons_already_stays_the_same_device() {
    let world = World::new().await;
    let anna = world.rep("anna").await;
    let code = invite(&world, anna.user).await.code.to_string();
    let request = EnrolRequest {
        code,
        device: claim(&world),
        proof: Some("secret".into()),
        known: vec![DeviceId::from_bytes(world.id()), anna.claim.id],
    };
    session(&post(&world, ENROL_PATH, &request).await);
    let devices = crate::storage::Accounts::devices(world.app.storage(), world.org).await.unwrap();
    assert_eq!(devices.len(), 1, "and no second one: {devices:?}");
}

#[tokio::test]
async fn showing_codes_is_slowed_down() {
    let world = World::new().await;
    let phone = claim(&world);
    let mut last = show(&world, "0000", &phone, None).await;
    for _guess in 0..60 {
        last = show(&world, "0000-0000-0000-0000", &phone, None).await;
    }
    assert_eq!((last.status, refused(&last)), (429, ProblemCode::SlowDown));
}

#[tokio::test]
async fn a_password_that_was_given_out_passes_with_the_invitation() {
    let world = World::new().await;
    let office = Office::of(world.app.clone(), world.org);
    let zhou = world.person("zhou", Role::Manager, &["north"]).await;
    office.reset_password("zhou", PasswordChoice::Later).await.unwrap();
    let sign_in = |password: &str| SignInRequest {
        login: "zhou".into(),
        password: password.to_owned(),
        device: claim(&world),
    };
    let nobody = post(&world, SIGN_IN_PATH, &sign_in("!")).await;
    assert_eq!(refused(&nobody), ProblemCode::WrongPassword);
    let given = invite(&world, zhou).await.one_time_password.unwrap().reveal().to_owned();
    session(&post(&world, SIGN_IN_PATH, &sign_in(&given)).await);
    world.pass(hour(24 * 7));
    let late = post(&world, SIGN_IN_PATH, &sign_in(&given)).await;
    assert_eq!(refused(&late), ProblemCode::WrongPassword);
    assert!(late.problem().detail.unwrap().contains("too old"));
}

/// A copy of a phone asks to become a device of its own.
async fn renew(world: &World, phone: &Phone) -> Answer {
    let token = format!("Bearer {}", phone.session.tokens.access_token);
    let body = Body::from(serde_json::to_vec(&claim(world)).unwrap());
    let request = Request::post(RENEW_PATH).header("authorization", token).body(body);
    send(&world.router, request.unwrap()).await
}

#[tokio::test]
async fn nobody_makes_devices_without_end_out_of_one_session() {
    let world = World::new().await;
    let (anna, boris) = (world.rep("anna").await, world.rep("boris").await);
    let mut made = 0;
    let refused_then = loop {
        let answer = renew(&world, &anna).await;
        if answer.status != 200 {
            break answer;
        }
        made += 1;
        assert!(made <= 20, "{made} devices in a moment");
    };
    assert_eq!((refused_then.status, refused(&refused_then)), (429, ProblemCode::SlowDown));
    assert!(refused_then.headers.contains_key("retry-after"));
    let devices = crate::storage::Accounts::devices(world.app.storage(), world.org).await.unwrap();
    assert_eq!(devices.len(), made + 2);
    assert_eq!(renew(&world, &boris).await.status, 200, "a colleague is not held up");
}
