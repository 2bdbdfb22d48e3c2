//! People on the web: who may look after whom, and how somebody comes in.

use std::path::Path;

use client_core::engine::{Client as Phone, CodeRefusal, Config, DeviceInfo, EnrolError};
use client_core::id::UserId;
use client_core::records::Role;
use reqwest::header::{COOKIE, LOCATION};
use reqwest::{Client, StatusCode};
use server::office::{CreateUser, Office, PasswordChoice};
use server::storage::Records;
use tempfile::TempDir;
use tests::evening::Evening;
use tests::reader::Reader;

fn client() -> Client {
    tests::tools::http()
}

async fn office(evening: &Evening) -> Office {
    let app = evening.server.app().clone();
    let org = app.storage().orgs().await.unwrap()[0].id;
    Office::of(app, org)
}

/// Somebody as an import makes them: known, and without a password.
async fn imported(evening: &Evening, login: &str, name: &str, role: Role, unit: &str) -> UserId {
    let office = office(evening).await;
    let units = office.units().await.unwrap();
    let unit = units.values().find(|each| each.name == unit).unwrap().id;
    let wanted = CreateUser {
        login: login.into(),
        name: name.into(),
        role,
        units: vec![unit],
        hired_on: None,
        locale: Some("en".into()),
        password: PasswordChoice::Later,
    };
    office.create_user(wanted).await.unwrap().user.id
}

/// A phone that was never set up, not even with a server's address.
fn phone(dir: &Path) -> Phone {
    let device = DeviceInfo {
        name: "a new phone".into(),
        platform: "android".into(),
        app_version: "0.1.0".into(),
    };
    let mut config = Config::new(dir, "", device);
    config.runtime = Some(tokio::runtime::Handle::current());
    Phone::open(config).unwrap()
}

/// What stands between two texts of a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no {before:?} in\n{page}"));
    rest.split_once(after).unwrap().0
}

/// The content of the QR code on a page.
fn invitation(page: &str) -> String {
    between(page, "data-address=\"", "\"").replace("&amp;", "&").replace("&#38;", "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_offered_to_whoever_looks_after_them() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let evil = "<script>alert(1)</script>";
    let eve = imported(&evening, "eve", evil, Role::Rep, "华东 East").await;
    let far = imported(&evening, "far", "Far Away", Role::Rep, "华东示范 East Demo").await;
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let page = zhou.page("/people").await;
    assert!(page.contains("陈思远") && page.contains("href=\"/people\""), "{page}");
    assert!(!page.contains(evil) && page.contains("&#60;script&#62;"), "names are escaped");
    assert!(!page.contains("Far Away"), "a unit above is not theirs");
    assert_eq!(zhou.get(&format!("/people/{far}")).await.status(), StatusCode::NOT_FOUND);
    let not_invited = zhou.page("/people?status=not_invited").await;
    assert!(not_invited.contains("eve") && !not_invited.contains("陈思远"));
    assert!(zhou.page("/people?q=CHEN&role=rep").await.contains("陈思远"));
    assert_eq!(zhou.get("/people?role=king").await.status(), StatusCode::BAD_REQUEST);
    for path in ["/people/units", "/people/new", &format!("/people/{eve}")] {
        let html = zhou.page(path).await;
        assert!(!html.contains(" style=") && !html.contains("<script"), "{path}");
    }

    let chen = Reader::signed_in(&evening, "chen").await;
    assert!(!chen.page("/board").await.contains("href=\"/people\""), "not offered to a rep");
    for path in ["/people", "/people/new", "/people/units", &format!("/people/{eve}")] {
        assert_eq!(chen.get(path).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    let refused = chen.press(&format!("/people/{eve}/invite")).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let stranger = Reader::stranger(&evening);
    assert_eq!(stranger.get("/people").await.status(), StatusCode::SEE_OTHER);
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_disables_nobody_and_invites_nobody() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    for deed in ["disable", "invite", "password"] {
        let answer = client()
            .post(evening.url(&format!("/people/{}/{deed}", evening.chen)))
            .header(COOKIE, zhou.cookie())
            .header("origin", "https://evil.example")
            .header("sec-fetch-site", "cross-site")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{deed}");
    }
    Reader::signed_in(&evening, "chen").await;
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_made_and_invited_on_the_web_syncs_from_a_bare_phone() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let office = office(&evening).await;
    let units = office.units().await.unwrap();
    let east = units.values().find(|unit| unit.name == "华东 East").unwrap().id.to_string();
    let wrong =
        [("name", "Dana <b>"), ("login", "Dana!"), ("role", "rep"), ("unit", east.as_str())];
    let answer = zhou.post("/people/new", &wrong).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text().await.unwrap();
    assert!(
        page.contains("value=\"Dana &#60;b&#62;\"") && page.contains("value=\"Dana!\""),
        "kept"
    );
    assert!(page.contains("id=\"login-error\""), "beside the field");
    let admin = [("name", "Dana"), ("login", "dana"), ("role", "admin"), ("unit", east.as_str())];
    let answer = zhou.post("/people/new", &admin).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "no manager makes admins");
    assert!(answer.text().await.unwrap().contains("id=\"role-error\""));
    let right = [("name", "Dana"), ("login", "dana"), ("role", "rep"), ("unit", east.as_str())];
    let answer = zhou.post("/people/new", &right).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let path = answer.headers()[LOCATION].to_str().unwrap().to_owned();
    assert!(zhou.page(&path).await.contains("Not invited yet"));
    let path = path.split('?').next().unwrap();

    let card = zhou.press(&format!("{path}/invite")).await;
    assert_eq!(card.status(), StatusCode::OK);
    assert_eq!(card.headers()["cache-control"], "private, no-store");
    let card = card.text().await.unwrap();
    let address = invitation(&card);
    assert!(address.starts_with("fieldsync://enrol?server=http%3A%2F%2F127.0.0.1"), "{address}");
    assert!(card.contains("<svg class=\"qr\""), "and drawn");
    assert!(zhou.page(path).await.contains("Invited until"));

    let first = phone(&dir.path().join("dana"));
    let who = first.enrol(&address).await.unwrap();
    assert_eq!((who.user_name.as_str(), who.role), ("Dana", Role::Rep));
    first.sync_once().await.unwrap();
    first.enrol(&address).await.expect("the same phone may scan it again");
    first.close();
    let again = phone(&dir.path().join("dana"));
    assert_eq!(again.signed_in().unwrap().user, who.user);
    again.sync_once().await.expect("it remembers the server too");
    let other = phone(&dir.path().join("other"));
    let refused = other.enrol(&address).await;
    assert!(matches!(refused, Err(EnrolError::Code { refusal: CodeRefusal::Used })), "{refused:?}");
    let page = zhou.page(path).await;
    assert!(page.contains("Active") && page.contains("a new phone"), "{page}");

    let device = between(&page, &format!("{path}/devices/"), "/revoke").to_owned();
    let revoked = zhou.press(&format!("{path}/devices/{device}/revoke")).await;
    assert_eq!(revoked.status(), StatusCode::SEE_OTHER);
    let refused = again.sync_once().await.unwrap_err();
    assert!(refused.to_string().contains("revoked"), "{refused}");
    let page = zhou.page(path).await;
    for deed in ["Phone revoked", "Invited", "Added"] {
        assert!(page.contains(deed), "{deed} is written down");
    }
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_manager_reaches_the_web_with_what_the_card_says() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let lena = imported(&evening, "lena", "Lena", Role::Supervisor, "华东 East").await;
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let cards = zhou.post("/people/invite", &[("which", "uninvited")]).await;
    assert_eq!(cards.status(), StatusCode::OK);
    let cards = cards.text().await.unwrap();
    assert!(cards.contains("Lena"), "{cards}");
    let given = between(&cards, "<dd class=\"code\">", "</dd>").to_owned();
    let stranger = Reader::stranger(&evening);
    let door = [("login", "lena"), ("password", given.as_str())];
    let answer = stranger.post("/sign-in", &door).await.text().await.unwrap();
    assert!(answer.contains("action=\"/new-password\""), "{answer}");
    let chosen = [
        ("login", "lena"),
        ("password", given.as_str()),
        ("chosen", "my own words"),
        ("again", "my own words"),
    ];
    let answer = stranger.post("/new-password", &chosen).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "in");
    assert!(zhou.page(&format!("/people/{lena}")).await.contains("Active"));
    let nobody = zhou.post("/people/invite", &[("which", "selected")]).await;
    assert_eq!(nobody.status(), StatusCode::UNPROCESSABLE_ENTITY, "nobody was ticked");
    evening.server.shutdown().await;
}
