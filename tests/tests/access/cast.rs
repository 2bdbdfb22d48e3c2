//! Everybody who asks: a person of each role, inside and outside Chen's unit and org.

use std::ops::Range;
use std::path::Path;

use client_core::id::{DeviceId, RecordId, UnitId, UserId};
use client_core::records::{
    Metric, Record, Role, SignalKind, SignalRecord, TargetLevel, TargetRecord, UnitKind,
};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::office::{CreateOrg, CreateUnit, CreateUser, Office, PasswordChoice};
use server::storage::Records as _;
use tests::evening::{Evening, PASSWORD, day};
use tests::program::Program;
use tests::reader::Reader;

use super::deeds::Things;
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
/// Everybody who has pages.
pub const READERS: Range<usize> = CHEN..WHO.len();
/// Chen.
pub const CHEN: usize = 3;
/// The manager.
pub const MANAGER: usize = 7;
/// The admin.
pub const ADMIN: usize = 8;

/// Everybody, signed in.
pub struct Cast {
    /// What there is to see.
    pub evening: Evening,
    readers: Vec<Reader>,
    programs: Vec<Program>,
    things: Things,
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
        let zhou = &programs[MANAGER];
        let deals = zhou.get("/v1/deals").await;
        let deal = deals.json["items"][0]["id"].as_str().unwrap().to_owned();
        let disable = format!("/v1/people/{gone}/disable");
        assert_eq!(zhou.post(&disable, &json!({})).await.status, StatusCode::FORBIDDEN);
        let admin = &programs[ADMIN];
        assert_eq!(admin.post(&disable, &json!({})).await.status, StatusCode::OK);
        Program::signed_in(&base, "boris", 120).await;
        let month = format!("/v1/reports/monthly/2026-10?unit={unit}");
        let report = zhou.post(&month, &json!({})).await.json;
        let customers = zhou.get("/v1/customers?q=Acme").await;
        let top = office.units().await.unwrap().into_values().find(|unit| unit.parent.is_none());
        let targets = office.targets().await.unwrap();
        let chens = |target: &&TargetRecord| {
            let sales = target.metric == Metric::SalesAmount;
            sales && target.level == TargetLevel::Rep(evening.chen)
        };
        let things = Things {
            unit,
            top: top.unwrap().id,
            chen: evening.chen,
            boris,
            device: DeviceId::from_bytes([120; 16]),
            customer: evening.customer,
            visit: evening.visit,
            other: customers.json["items"][0]["id"].as_str().unwrap().parse().unwrap(),
            deal,
            target: targets.iter().find(chens).unwrap().id,
            request: String::new(),
            signal: RecordId::from_bytes([0; 16]),
            contest: String::new(),
            meeting: String::new(),
            action: String::new(),
            payment: String::new(),
            report: text(&report, "id"),
            toml: office.policies().await.unwrap()[0].toml.clone(),
            turn: 0,
        };
        let mut cast = Self { evening, readers, programs, things };
        cast.renew().await;
        cast
    }

    /// Makes again what is answered or done once.
    pub async fn renew(&mut self) {
        self.things.turn += 1;
        let turn = self.things.turn;
        let (chen, zhou) = (&self.programs[CHEN], &self.programs[MANAGER]);
        let things = self.things.clone();
        let ask = format!("/v1/targets/{}/requests", things.target);
        let asked = chen.post(&ask, &json!({ "wanted": turn, "reason": "as it goes" })).await;
        self.things.request = text(&asked.json, "id");
        let card = format!("/v1/scorecards/{}/2026-10/contests", things.chen);
        let why = json!({ "line": "effective_visits", "reason": "one is missing" });
        self.things.contest = text(&chen.post(&card, &why).await.json, "id");
        let held = json!({ "period": "2026-W41", "unit": things.unit });
        self.things.meeting = text(&zhou.post("/v1/meetings", &held).await.json, "id");
        let action = json!({ "text": "call", "owner": things.chen, "due": "2026-10-12" });
        let meeting = format!("/v1/meetings/{}", self.things.meeting);
        self.things.action = text(&zhou.post(&meeting, &action).await.json, "id");
        let books = format!("/v1/customers/{}/books", things.customer);
        let payment = json!({ "kind": "payment", "on": "2026-10-08", "minor": turn });
        self.things.payment = text(&zhou.post(&books, &payment).await.json, "id");
        let app = self.evening.server.app();
        let org = app.storage().orgs().await.unwrap()[0].id;
        self.things.signal = RecordId::from_bytes([u8::try_from(turn % 200).unwrap() + 1; 16]);
        let signal = SignalRecord {
            id: self.things.signal,
            kind: SignalKind::Travel,
            rep: things.chen,
            subjects: vec![things.visit],
            on: day(),
            noticed_at: app.clock().now(),
            measure: Some(turn),
            answer: None,
        };
        let signal = Record::Signal(signal);
        app.storage().write_records(org, vec![signal], app.clock().now()).await.unwrap();
    }

    /// What has to be so before a deed can be done.
    pub async fn before(&self, path: &str) {
        let things = &self.things;
        let into = json!({ "into": things.customer });
        let apart = json!({ "into": null });
        let other = format!("/v1/customers/{}/merge", things.other);
        let visit = format!("/v1/visits/{}/void", things.visit);
        let counts = json!({ "void": false });
        let out = json!({ "void": true, "reason": "as seen" });
        let (address, wanted) = match path {
            "/customers/merges" => (other, into),
            "/customers/{customer}/merge" => (other, apart),
            "/visits/{visit}/void" => (visit, counts),
            "/v1/visits/{visit}/void" if things.turn % 2 == 1 => (visit, out),
            "/v1/visits/{visit}/void" => (visit, counts),
            _ => return,
        };
        // It may be so already.
        self.programs[MANAGER].post(&address, &wanted).await;
    }

    /// Their browser.
    pub fn reader(&self, who: usize) -> &Reader {
        &self.readers[who]
    }

    /// What a browser of theirs shows.
    pub fn cookie(&self, who: usize) -> &str {
        self.readers[who].cookie()
    }

    /// The route with Chen's things in the place of its parameters.
    pub fn address(&self, route: &Route) -> String {
        let parts = route.path.split('/').map(|part| self.things.part(route.path, part));
        parts.collect::<Vec<_>>().join("/")
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
            let fields = self.things.fields(route.path);
            return self.readers[who].post(&address, &fields).await.status();
        }
        self.programs[who].post(&address, &self.things.body(route.path)).await.status
    }
}

fn text(reply: &Value, field: &str) -> String {
    let said = reply[field].as_str();
    said.unwrap_or_else(|| panic!("no {field} in {reply}")).to_owned()
}
