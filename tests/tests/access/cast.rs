//! Everybody who asks: a person of each role, inside and outside Chen's unit and org.

use std::path::Path;

use client_core::id::{DeviceId, UnitId, UserId};
use client_core::records::{Role, UnitKind};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::office::{CreateOrg, CreateUnit, CreateUser, Office, PasswordChoice};
use server::storage::Records as _;
use tests::evening::{Evening, PASSWORD};
use tests::program::Program;
use tests::reader::Reader;

use super::table::{Kind, Route};

/// Who asks, in the order of the table's letters.
pub const WHO: [&str; 10] = [
    "nobody known",
    "somebody disabled",
    "an analyst",
    "Chen",
    "another rep",
    "Chen's supervisor",
    "another supervisor",
    "the manager",
    "the admin",
    "a manager of another org",
];

/// Nobody known.
pub const ANONYMOUS: usize = 0;
/// The manager.
pub const MANAGER: usize = 7;

/// Everybody, signed in.
pub struct Cast {
    /// What there is to see.
    pub evening: Evening,
    readers: Vec<Reader>,
    programs: Vec<Program>,
    unit: UnitId,
    boris: UserId,
    deal: String,
}

async fn person(office: &Office, login: &str, role: Role, units: Vec<UnitId>) -> UserId {
    let wanted = CreateUser {
        login: login.into(),
        name: login.into(),
        role,
        units,
        hired_on: None,
        locale: Some("en".into()),
        password: PasswordChoice::Given(PASSWORD.into()),
    };
    office.create_user(wanted).await.unwrap().user.id
}

impl Cast {
    /// Hires them all and signs them in; then one is disabled.
    pub async fn gather(dir: &Path) -> Self {
        let evening = Evening::play(dir).await.unwrap();
        let app = evening.server.app().clone();
        let office = Office::of(app.clone(), app.storage().orgs().await.unwrap()[0].id);
        let people = office.people().await.unwrap();
        let unit = people.iter().find(|user| user.id == evening.chen).unwrap().units[0];
        let boris = people.iter().find(|user| user.name == "Boris Novak").unwrap().id;
        let south = CreateUnit { name: "South".into(), kind: UnitKind::Region, parent: None };
        let south = office.create_unit(south).await.unwrap().id;
        let gone = person(&office, "gone", Role::Manager, vec![]).await;
        person(&office, "analyst", Role::Analyst, vec![]).await;
        person(&office, "lead", Role::Supervisor, vec![unit]).await;
        person(&office, "other.lead", Role::Supervisor, vec![south]).await;
        person(&office, "admin", Role::Admin, vec![]).await;
        let other = CreateOrg { name: "Elsewhere".into(), ..CreateOrg::default() };
        let other = Office::create_org(&app, other).await.unwrap();
        let other = Office::of(app, other.id);
        person(&other, "stranger", Role::Manager, vec![]).await;

        let base = evening.url("");
        let mut readers = vec![Reader::stranger(&evening)];
        let mut programs = vec![Program::stranger(&base)];
        let logins =
            ["gone", "analyst", "chen", "anna", "lead", "other.lead", "zhou", "admin", "stranger"];
        for (login, n) in logins.iter().zip(100_u8..) {
            readers.push(Reader::signed_in(&evening, login).await);
            programs.push(Program::signed_in(&base, login, n).await);
        }
        let deals = programs[MANAGER].get("/v1/deals").await;
        let deal = deals.json["items"][0]["id"].as_str().unwrap().to_owned();
        let zhou = &programs[MANAGER];
        let disable = format!("/v1/people/{gone}/disable");
        assert_eq!(zhou.post(&disable, &json!({})).await.status, StatusCode::FORBIDDEN);
        let admin = &programs[8];
        assert_eq!(admin.post(&disable, &json!({})).await.status, StatusCode::OK);
        Self { evening, readers, programs, unit, boris, deal }
    }

    /// What a browser of theirs shows.
    pub fn cookie(&self, who: usize) -> &str {
        self.readers[who].cookie()
    }

    /// The route with Chen's things in the place of its parameters; whoever is acted on
    /// is Boris.
    pub fn address(&self, route: &Route) -> String {
        let nothing = "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6";
        let part = |part: &str| match part {
            "{rep}" => self.evening.chen.to_string(),
            "{person}" | "{user}" => self.boris.to_string(),
            "{customer}" | "{subject}" | "{doc}" => self.evening.customer.to_string(),
            "{visit}" => self.evening.visit.to_string(),
            "{deal}" => self.deal.clone(),
            "{unit}" => self.unit.to_string(),
            "{period}" => "2026-10".to_owned(),
            "{indicator}" => "effective_visits".to_owned(),
            "{device}" => DeviceId::from_bytes([2; 16]).to_string(),
            "{kind}" if route.path.contains("/reports/") => "monthly".to_owned(),
            "{kind}" => "order".to_owned(),
            "{file}" => "print".to_owned(),
            "{name}" => "nothing.css".to_owned(),
            _ if part.starts_with('{') => nothing.to_owned(),
            _ => part.to_owned(),
        };
        route.path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    /// Reads.
    pub async fn get(&self, who: usize, route: &Route) -> (StatusCode, HeaderMap) {
        let address = self.address(route);
        if matches!(route.kind, Kind::Api(_) | Kind::Phone) {
            let reply = self.programs[who].ask(Method::GET, &address, None, None).await;
            return (reply.status, reply.headers);
        }
        let answer = self.readers[who].get(&address).await;
        (answer.status(), answer.headers().clone())
    }

    /// Sends what would be done if they might.
    pub async fn post(&self, who: usize, route: &Route) -> StatusCode {
        let address = self.address(route);
        if matches!(route.kind, Kind::Page(_)) {
            let verdict = match route.path {
                "/quarantine/{case}" | "/visits/{visit}/judge" => "accepted",
                "/targets/requests/{request}" => "approve",
                _ => "upheld",
            };
            let fields = [
                ("verdict", verdict),
                ("note", "as seen"),
                ("reason", "as seen"),
                ("to", "closed"),
                ("do", "ask"),
                ("value", "1"),
                ("text", "as said"),
                ("period", "2026-W41"),
                ("with", &self.evening.customer.to_string()),
                ("name", "Renamed"),
                ("kind", "region"),
            ];
            return self.readers[who].post(&address, &fields).await.status();
        }
        self.programs[who].post(&address, &self.body(route.path)).await.status
    }

    /// A body that could be done.
    fn body(&self, path: &str) -> Value {
        match path {
            "/v1/signals/{signal}" => json!({ "upheld": true, "note": "as seen" }),
            "/v1/quarantine/{case}" => json!({ "verdict": "accepted" }),
            "/v1/visits/{visit}/void" => json!({ "void": true, "reason": "as seen" }),
            "/v1/customers/{customer}/merge" => json!({ "into": self.evening.customer }),
            "/v1/appraisals/{rep}/{period}" => json!({ "to": "closed" }),
            "/v1/conflicts/{doc}" => json!({ "field": "about/name", "choice": "0".repeat(64) }),
            "/v1/placements/{subject}" => json!({ "tier": "b" }),
            "/v1/people/{person}/hand_over" => json!({ "to": self.evening.chen }),
            "/v1/people/{person}/move" => json!({ "units": [self.unit] }),
            "/v1/customers/{customer}/books" => {
                json!({ "kind": "payment", "on": "2026-10-08", "minor": 1 })
            }
            "/v1/people" => json!({ "login": "somebody", "name": "Somebody", "role": "rep" }),
            "/v1/people/{person}" => json!({
                "name": "Renamed", "role": "rep", "units": [self.unit], "hired_on": null,
                "locale": null,
            }),
            "/v1/units" | "/v1/units/{unit}" => json!({ "name": "Renamed", "kind": "region" }),
            _ => json!({}),
        }
    }
}
