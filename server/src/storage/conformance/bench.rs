//! An org to try a backend on.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU8, Ordering};

use client_core::docs::{DocKind, Document, EditContext, Generation, Header};
use client_core::id::{ActorId, DeviceId, DocId, OrgId, RecordId, ReplicaId, UnitId, UserId};
use client_core::money::Currency;
use client_core::projection::DocState;
use client_core::protocol::Scope;
use client_core::records::{
    CalendarRecord, Confirms, OrgRecord, Record, Role, UnitKind, UnitRecord, UserRecord,
    UserStatus, WeekStart,
};
use client_core::time::{Timestamp, Zone};

use crate::storage::Storage;
use crate::storage::model::{
    CommitOutcome, DocCommit, FeedPage, FeedQuery, NewAccount, NewLogChange, NewOrg, OrgRow,
    Origin, Seq,
};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_791_000_000_000);

pub(crate) struct Bench<'s, S> {
    pub(crate) storage: &'s S,
    pub(crate) org: OrgId,
    pub(crate) unit: UnitId,
    next: AtomicU8,
}

pub(crate) fn org(n: u8) -> NewOrg {
    let id = OrgId::from_bytes([n; 16]);
    let records = vec![
        Record::Org(OrgRecord {
            id,
            name: "Acme".into(),
            time_zone: "Asia/Shanghai".into(),
            currency: Currency::CNY,
            fiscal_start_month: 1,
            locale: "zh-CN".into(),
            confirms: Confirms::default(),
        }),
        Record::Calendar(CalendarRecord {
            id: RecordId::from_bytes([n; 16]),
            zone: Zone::fixed("Asia/Shanghai", 8 * 3600),
            weekend: Vec::new(),
            holidays: BTreeSet::new(),
            adjusted_workdays: BTreeSet::new(),
            week_starts: WeekStart::Monday,
            away: BTreeSet::new(),
        }),
        Record::Unit(UnitRecord {
            id: UnitId::from_bytes([n; 16]),
            name: "North".into(),
            kind: UnitKind::Region,
            parent: None,
        }),
    ];
    NewOrg { row: OrgRow { id, epoch: [n; 8], secret: [n; 32] }, records }
}

impl<'s, S: Storage> Bench<'s, S> {
    pub(crate) async fn over(storage: &'s S) -> Self {
        storage.create_org(org(1), NOW).await.unwrap();
        Self {
            storage,
            org: OrgId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([1; 16]),
            next: AtomicU8::new(10),
        }
    }

    pub(crate) fn bytes(&self) -> [u8; 16] {
        let n = self.next.fetch_add(1, Ordering::SeqCst);
        [n; 16]
    }

    pub(crate) fn user(&self, role: Role) -> UserRecord {
        let id = UserId::from_bytes(self.bytes());
        UserRecord {
            id,
            name: "Anna".into(),
            role,
            units: vec![self.unit],
            hired_on: None,
            status: UserStatus::Active,
            locale: None,
            leave: Vec::new(),
        }
    }

    pub(crate) async fn rep(&self) -> UserId {
        let user = self.user(Role::Rep);
        let id = user.id;
        let account = NewAccount {
            login: format!("{id}"),
            password: "$argon2id$".into(),
            must_change: false,
            user,
        };
        self.storage.create_account(self.org, account, NOW).await.unwrap();
        id
    }

    /// A new customer document with its first change.
    pub(crate) fn customer(&self, author: UserId) -> Draft {
        let header = Header {
            doc: DocId::from_bytes(self.bytes()),
            kind: DocKind::Customer,
            org: self.org,
            author,
            customer: None,
            generation: Generation(0),
        };
        let mut draft = Draft {
            document: Document::create(header),
            revision: 0,
            actor: ActorId::from_bytes(self.bytes()),
            replica: ReplicaId::from_bytes(*author.as_bytes()),
            changes: Vec::new(),
        };
        draft.rename("Acme");
        draft
    }

    pub(crate) async fn stored(&self, author: UserId) -> Draft {
        let mut draft = self.customer(author);
        let outcome = self.storage.commit(self.org, draft.commit()).await.unwrap();
        assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
        draft.revision += 1;
        draft.changes.clear();
        draft
    }

    /// A stored day plan of somebody.
    pub(crate) async fn plan(&self, author: UserId) -> DocId {
        let date = "2026-10-08".parse().unwrap();
        let header = Header {
            doc: DocId::plan(self.org, author, date),
            kind: DocKind::Plan,
            org: self.org,
            author,
            customer: None,
            generation: Generation(0),
        };
        let mut draft = Draft {
            document: Document::create(header),
            revision: 0,
            actor: ActorId::from_bytes(self.bytes()),
            replica: ReplicaId::from_bytes(*author.as_bytes()),
            changes: Vec::new(),
        };
        let context = EditContext { actor: draft.actor, at: NOW };
        let change = draft.document.edit_plan(&context, |edit| edit.set_date(Some(date)));
        let change = change.unwrap().unwrap();
        draft.changes.push(NewLogChange {
            hash: change.hash,
            actor: draft.actor,
            seq: change.seq,
            bytes: change.bytes,
        });
        let outcome = self.storage.commit(self.org, draft.commit()).await.unwrap();
        assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
        header.doc
    }

    pub(crate) async fn page(&self, scopes: &[Scope], after: Seq, budget: usize) -> FeedPage {
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        let query = FeedQuery {
            scopes,
            reader: UserId::from_bytes([255; 16]),
            now: NOW,
            replica: ReplicaId::from_bytes([255; 16]),
            after: Some(after),
            mark: None,
            backfill: None,
            budget,
            in_pull: false,
        };
        self.storage.page(self.org, query).await.unwrap()
    }
}

/// A document on its way to the backend.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) document: Document,
    pub(crate) revision: u64,
    pub(crate) actor: ActorId,
    pub(crate) replica: ReplicaId,
    pub(crate) changes: Vec<NewLogChange>,
}

impl Draft {
    pub(crate) fn doc(&self) -> DocId {
        self.document.header().doc
    }

    pub(crate) fn rename(&mut self, name: &str) {
        let context = EditContext { actor: self.actor, at: NOW };
        let change = self.document.edit_customer(&context, |edit| edit.set_name(Some(name)));
        let change = change.unwrap().unwrap();
        self.changes.push(NewLogChange {
            hash: change.hash,
            actor: self.actor,
            seq: change.seq,
            bytes: change.bytes,
        });
    }

    pub(crate) fn commit(&self) -> DocCommit {
        DocCommit {
            header: *self.document.header(),
            expected: self.revision,
            changes: self.changes.clone(),
            heads: self.document.heads(),
            snapshot: self.document.snapshot(),
            operations: self.document.operations(),
            state: DocState::read(&self.document),
            origin: Origin {
                user: self.document.header().author,
                device: DeviceId::from_bytes([2; 16]),
                replica: self.replica,
            },
            at: NOW,
            conflicts: Vec::new(),
            placement: None,
        }
    }
}
