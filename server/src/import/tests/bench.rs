//! An office with an admin, and files to import.

use client_core::docs::customer::CustomerState;
use client_core::docs::deal::DealState;
use client_core::id::{DocId, UserId};
use client_core::projection::DocState;
use client_core::records::{
    PaymentRecord, Placement, PlacementRecord, Record, RecordKind, Role, UserRecord,
};
use tempfile::TempDir;

use crate::import::source::Form;
use crate::import::{ImportError, ImportKind, Map, Report, Request, run};
use crate::office::desk::{Desk, desk};
use crate::office::{CreateUser, PasswordChoice};
use crate::storage::model::{ExternalKind, Seq};
use crate::storage::{Documents, Feed, Imports, Records};

pub(super) const TEAM: &str = "rep,manager,office\n\
     Anna Berg,Mona Roth,East\n\
     Boris Novak,Mona Roth,East\n\
     Clara Diaz,Karl Lind,West\n";

pub(super) struct Room {
    pub desk: Desk,
    pub admin: UserRecord,
    /// What was erased may be made anew.
    pub allow_erased: bool,
    dir: TempDir,
}

pub(super) async fn room() -> Room {
    let desk = desk().await;
    let admin = CreateUser {
        login: "ada".into(),
        name: "Ada".into(),
        role: Role::Admin,
        units: Vec::new(),
        hired_on: None,
        locale: None,
        password: PasswordChoice::Given("correct horse".into()),
    };
    let admin = desk.office.create_user(admin).await.unwrap().user;
    Room { desk, admin, allow_erased: false, dir: tempfile::tempdir().unwrap() }
}

impl Room {
    fn request(&self, kind: ImportKind, map: &str, bytes: &[u8], dry_run: bool) -> Request {
        let file = self.dir.path().join("file.csv");
        std::fs::write(&file, bytes).unwrap();
        let map = if map.is_empty() { Map::own(kind) } else { Map::parse(kind, map).unwrap() };
        Request {
            app: self.desk.app.clone(),
            office: self.desk.office.clone(),
            kind,
            file,
            map,
            form: Form::default(),
            by: self.admin.clone(),
            dry_run,
            allow_erased: self.allow_erased,
            errors: None,
        }
    }

    pub(super) async fn import(&self, kind: ImportKind, csv: &str) -> Report {
        self.import_by(kind, "", csv.as_bytes()).await
    }

    pub(super) async fn import_by(&self, kind: ImportKind, map: &str, bytes: &[u8]) -> Report {
        run(self.request(kind, map, bytes, false)).await.unwrap()
    }

    pub(super) async fn try_import(
        &self,
        kind: ImportKind,
        map: &str,
        csv: &str,
    ) -> Result<Report, ImportError> {
        run(self.request(kind, map, csv.as_bytes(), false)).await
    }

    pub(super) async fn dry_run(&self, kind: ImportKind, csv: &str) -> Report {
        run(self.request(kind, "", csv.as_bytes(), true)).await.unwrap()
    }

    /// Imports the same again: nothing may change, not even a feed position.
    pub(super) async fn again(&self, kind: ImportKind, map: &str, csv: &str) {
        let before = self.head().await;
        let report = self.import_by(kind, map, csv.as_bytes()).await;
        let counts = (report.created, report.changed, report.changes);
        assert_eq!(counts, (0, 0, 0), "{report:?}");
        assert_eq!(self.head().await, before, "{report:?}");
    }

    pub(super) async fn head(&self) -> Seq {
        self.desk.app.storage().head(self.desk.office.org()).await.unwrap()
    }

    pub(super) async fn person(&self, name: &str) -> UserRecord {
        let people = self.desk.office.people().await.unwrap();
        people.into_iter().find(|user| user.name == name).unwrap_or_else(|| panic!("{name}"))
    }

    pub(super) async fn id(&self, name: &str) -> UserId {
        self.person(name).await.id
    }

    /// The name of a person's main unit and of the one above it.
    pub(super) async fn unit_path(&self, name: &str) -> String {
        let units = self.desk.office.units().await.unwrap();
        let unit = &units[&self.person(name).await.units[0]];
        let above = unit.parent.map(|parent| units[&parent].name.clone());
        format!("{}/{}", above.unwrap_or_default(), unit.name)
    }

    pub(super) async fn customer(&self, name: &str) -> DocId {
        let storage = self.desk.app.storage();
        let named = storage.customers_named(self.desk.office.org(), vec![name.to_owned()]);
        let named = named.await.unwrap();
        assert_eq!(named.len(), 1, "{name}");
        named[0].1
    }

    pub(super) async fn customer_state(&self, name: &str) -> CustomerState {
        let doc = self.customer(name).await;
        let row = self.desk.app.storage().row(self.desk.office.org(), doc).await.unwrap().unwrap();
        match row.state {
            DocState::Customer(customer) => customer.value,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn deal(&self, key: &str) -> DocId {
        let (storage, org) = (self.desk.app.storage(), self.desk.office.org());
        let keys = vec![key.to_owned()];
        let found = storage.external_keys(org, "csv", ExternalKind::Deal, keys).await.unwrap();
        DocId::from_bytes(found[0].id)
    }

    pub(super) async fn deal_state(&self, key: &str) -> DealState {
        let doc = self.deal(key).await;
        let row = self.desk.app.storage().row(self.desk.office.org(), doc).await.unwrap().unwrap();
        match row.state {
            DocState::Deal(deal) => deal.value,
            other => panic!("{other:?}"),
        }
    }

    /// The records of a kind that are about a document.
    pub(super) async fn about(&self, doc: DocId, kind: RecordKind) -> Vec<Record> {
        let storage = self.desk.app.storage();
        storage.records_about(self.desk.office.org(), doc, kind).await.unwrap()
    }

    pub(super) async fn payments(&self, customer: &str) -> Vec<PaymentRecord> {
        let records = self.about(self.customer(customer).await, RecordKind::Payment).await;
        let mut payments: Vec<PaymentRecord> = records
            .into_iter()
            .filter_map(|record| match record {
                Record::Payment(payment) => Some(payment),
                _ => None,
            })
            .collect();
        payments.sort_by_key(|payment| (payment.received_on, payment.reference.clone()));
        payments
    }

    pub(super) async fn placement(&self, doc: DocId) -> PlacementRecord {
        self.desk.office.placement(doc).await.unwrap().unwrap()
    }

    pub(super) async fn held(&self, doc: DocId) -> Option<Placement> {
        self.placement(doc).await.current().cloned()
    }

    pub(super) fn folder(&self) -> &std::path::Path {
        self.dir.path()
    }

    pub(super) fn errors(&self) -> Option<String> {
        std::fs::read_to_string(self.dir.path().join("file.errors.csv")).ok()
    }
}
