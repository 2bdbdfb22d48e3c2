//! A phone reduced to messages: it keeps documents and a cursor, nothing else.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use client_core::docs::visit::{Check, ClockEvidence, JournalLink, NextStep, Outcome, VisitMode};
use client_core::docs::{DocKind, Document, EditContext, Generation, Header, NewChange};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{ActorId, DeviceId, DocId, OrgId, ReplicaId, UserId};
use client_core::protocol::codec::{self, Encoding};
use client_core::protocol::{
    AccessStamp, ChangeResult, Cursor, DeviceClaim, FeedEntry, Problem, PushGroup, SIGN_IN_PATH,
    SYNC_PATH, ScopeDigest, SignInRequest, SignInResponse, SyncRequest, SyncResponse,
};
use client_core::records::Record;
use client_core::time::{CapturedAt, Timestamp};
use http_body_util::BodyExt;
use serde_bytes::ByteBuf;
use tower::ServiceExt;

use super::World;

pub(crate) struct Phone {
    pub(crate) router: Router,
    pub(crate) org: OrgId,
    pub(crate) user: UserId,
    pub(crate) claim: DeviceClaim,
    pub(crate) session: SignInResponse,
    pub(crate) replica: ReplicaId,
    pub(crate) cursor: Option<Cursor>,
    pub(crate) stamp: Option<AccessStamp>,
    pub(crate) docs: BTreeMap<DocId, Document>,
    pub(crate) gone: BTreeSet<DocId>,
    pub(crate) records: Vec<Record>,
    pub(crate) complete: Vec<ScopeDigest>,
}

/// An answer with its weight on the wire.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn problem(&self) -> Problem {
        serde_json::from_slice(&self.bytes).unwrap()
    }
}

impl Phone {
    pub(super) async fn sign_in(world: &World, login: &str) -> Self {
        let claim = DeviceClaim {
            id: DeviceId::from_bytes(world.id()),
            actor: ActorId::from_bytes(world.id()),
            name: "a phone".into(),
            platform: "test".into(),
            app_version: "1.0".into(),
        };
        let answer = post_sign_in(&world.router, login, "secret", &claim).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
        let session: SignInResponse = serde_json::from_slice(&answer.bytes).unwrap();
        Self {
            router: world.router.clone(),
            org: world.org,
            user: session.user,
            claim,
            session,
            replica: ReplicaId::from_bytes(world.id()),
            cursor: None,
            stamp: None,
            docs: BTreeMap::new(),
            gone: BTreeSet::new(),
            records: Vec::new(),
            complete: Vec::new(),
        }
    }

    /// Signs the same device in again.
    pub(crate) async fn renew(&mut self) {
        let login = self.session.user_name.clone();
        let answer = post_sign_in(&self.router, &login, "secret", &self.claim).await;
        self.session = serde_json::from_slice(&answer.bytes).unwrap();
    }

    pub(crate) fn header(&self, world: &World, kind: DocKind, customer: Option<DocId>) -> Header {
        Header {
            doc: DocId::from_bytes(world.id()),
            kind,
            org: self.org,
            author: self.user,
            customer,
            generation: Generation(0),
        }
    }

    pub(crate) fn context(&self, at: Timestamp) -> EditContext {
        EditContext { actor: self.claim.actor, at }
    }

    /// A new customer, not pushed yet.
    pub(crate) fn customer(&mut self, world: &World, name: &str) -> (Header, NewChange) {
        let header = self.header(world, DocKind::Customer, None);
        let mut document = Document::create(header);
        let at = world.now();
        let change = document
            .edit_customer(&self.context(at), |edit| {
                edit.set_name(Some(name))?;
                edit.set_created_at(Some(at))
            })
            .unwrap()
            .unwrap();
        self.docs.insert(header.doc, document);
        (header, change)
    }

    /// A new visit with a result, not pushed yet.
    pub(crate) fn visit(&mut self, world: &World, customer: DocId) -> (Header, NewChange) {
        let header = self.header(world, DocKind::Visit, Some(customer));
        let mut document = Document::create(header);
        let change = document
            .edit_visit(&self.context(world.now()), |edit| edit.set_result(Some("well received")))
            .unwrap()
            .unwrap();
        self.docs.insert(header.doc, document);
        (header, change)
    }

    /// A new visit of half an hour that was handed in now, not pushed yet. Of one on site
    /// nobody knows where it was.
    pub(crate) fn submitted_visit(
        &mut self,
        world: &World,
        customer: DocId,
        mode: VisitMode,
    ) -> (Header, NewChange) {
        let header = self.header(world, DocKind::Visit, Some(customer));
        let mut document = Document::create(header);
        let at = |at| CapturedAt { at, zone: "Asia/Shanghai".into(), offset_s: 28_800 };
        let (began, ended) = (world.now().plus_millis(-1_800_000), world.now());
        let check = |when| Check { at: at(when), clock: ClockEvidence::default(), fix: None };
        let change = document
            .edit_visit(&self.context(ended), |edit| {
                edit.set_mode(Some(mode))?;
                edit.check_in(&check(began))?;
                edit.check_out(&check(ended))?;
                edit.record_outcome(&Outcome::Progress, Some("well received"))?;
                edit.set_next_step(Some(NextStep::None))?;
                let journal = JournalLink { previous: [0; 16], customer_heads: [0; 16] };
                edit.submit(&at(ended), &journal)
            })
            .unwrap()
            .unwrap();
        self.docs.insert(header.doc, document);
        (header, change)
    }

    /// A new visit that began now, not pushed yet.
    pub(crate) fn timed_visit(&mut self, world: &World, customer: DocId) -> (Header, NewChange) {
        let header = self.header(world, DocKind::Visit, Some(customer));
        let mut document = Document::create(header);
        let at = CapturedAt { at: world.now(), zone: "Asia/Shanghai".into(), offset_s: 28_800 };
        let change = document
            .edit_visit(&self.context(world.now()), |edit| {
                edit.set_started_at(Some(at))?;
                edit.set_result(Some("well received"))
            })
            .unwrap()
            .unwrap();
        self.docs.insert(header.doc, document);
        (header, change)
    }

    /// Renames a customer it has, not pushed yet.
    pub(crate) fn rename(&mut self, world: &World, doc: DocId, name: &str) -> (Header, NewChange) {
        let context = self.context(world.now());
        let document = self.docs.get_mut(&doc).unwrap();
        let change = document.edit_customer(&context, |edit| edit.set_name(Some(name)));
        (*document.header(), change.unwrap().unwrap())
    }

    pub(crate) fn group(&self, header: Header, changes: &[&NewChange]) -> PushGroup {
        let changes = changes.iter().map(|change| ByteBuf::from(change.bytes.clone())).collect();
        PushGroup { header, stamp: self.stamp.clone(), changes }
    }

    pub(crate) fn request(&self, groups: Vec<PushGroup>) -> SyncRequest {
        SyncRequest {
            version: client_core::protocol::VERSION,
            replica: self.replica,
            cursor: self.cursor.clone(),
            budget: client_core::protocol::DEFAULT_PAGE_BUDGET,
            groups,
            commands: Vec::new(),
            purged: Vec::new(),
            app: None,
            repair: None,
            pushed: None,
            unheard: Default::default(),
            hand_back: None,
            says: Default::default(),
        }
    }

    /// One exchange; keeps what it is given.
    pub(crate) async fn exchange(&mut self, groups: Vec<PushGroup>) -> SyncResponse {
        let request = self.request(groups);
        self.exchange_as(request).await
    }

    pub(crate) async fn exchange_as(&mut self, request: SyncRequest) -> SyncResponse {
        let (body, encoding) = codec::encode(&request, Encoding::Zstd);
        let answer = self.post(body, encoding.header()).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
        let response = read(&answer);
        self.keep(&response);
        response
    }

    /// Pushes one change; its result.
    pub(crate) async fn push(&mut self, header: Header, change: &NewChange) -> ChangeResult {
        let group = self.group(header, &[change]);
        let mut response = self.exchange(vec![group]).await;
        response.results.remove(0).changes.remove(0)
    }

    /// Pulls until there is no more; how many pages that took.
    pub(crate) async fn pull(&mut self) -> usize {
        for page in 1..100 {
            if !self.exchange(Vec::new()).await.more {
                return page;
            }
        }
        panic!("the feed does not end");
    }

    pub(crate) async fn post(&self, body: Vec<u8>, encoding: Option<&str>) -> Answer {
        let token = format!("Bearer {}", self.session.tokens.access_token);
        let mut request = Request::post(SYNC_PATH)
            .header("authorization", token)
            .header("accept-encoding", "zstd")
            .header("content-type", client_core::protocol::MEDIA_TYPE);
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        send(&self.router, request.body(Body::from(body)).unwrap()).await
    }

    fn keep(&mut self, response: &SyncResponse) {
        if let Some(cursor) = &response.cursor {
            self.cursor = Some(cursor.clone());
        }
        if let Some(stamp) = &response.stamp {
            self.stamp = Some(stamp.clone());
        }
        for entry in &response.feed {
            match entry {
                FeedEntry::Enter { header, snapshot, .. } => {
                    let theirs = Document::load(*header, snapshot).unwrap();
                    self.gone.remove(&header.doc);
                    match self.docs.get_mut(&header.doc) {
                        Some(ours) => merge(ours, &theirs),
                        None => drop(self.docs.insert(header.doc, theirs)),
                    }
                }
                FeedEntry::Changes { doc, changes } => {
                    let document = self.docs.get_mut(doc).expect("changes of a known document");
                    for change in changes {
                        let change = ScreenedChange::screen(change, &Limits::default()).unwrap();
                        document.apply(&change).unwrap();
                    }
                }
                FeedEntry::Leave { doc, .. } => drop(self.gone.insert(*doc)),
                FeedEntry::Record { kind, id, body, .. } if body.is_empty() => {
                    self.records.retain(|record| (record.kind(), record.id()) != (*kind, *id));
                }
                FeedEntry::Record { kind, id, body, .. } => {
                    self.records.push(Record::decode(*kind, *id, body).unwrap());
                }
                FeedEntry::Complete(digest) => self.complete.push(*digest),
                FeedEntry::Reset { .. } => panic!("nothing starts anew here"),
            }
        }
    }
}

fn merge(ours: &mut Document, theirs: &Document) {
    for change in theirs.changes_since(&ours.heads()) {
        let change = ScreenedChange::screen(&change.bytes, &Limits::default()).unwrap();
        ours.apply(&change).unwrap();
    }
}

pub(crate) fn read(answer: &Answer) -> SyncResponse {
    let encoding = answer.headers.get("content-encoding").map(String::as_str);
    let encoding = codec::parse_encoding(encoding).unwrap();
    codec::decode(&answer.bytes, encoding, client_core::protocol::MAX_PAGE_BYTES).unwrap()
}

pub(crate) async fn post_sign_in(
    router: &Router,
    login: &str,
    password: &str,
    device: &DeviceClaim,
) -> Answer {
    let request = SignInRequest {
        login: login.to_owned(),
        password: password.to_owned(),
        device: device.clone(),
    };
    let body = Body::from(serde_json::to_vec(&request).unwrap());
    send(router, Request::post(SIGN_IN_PATH).body(body).unwrap()).await
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response: Response<Body> = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    let bytes = response.into_body().collect().await.unwrap().to_bytes().to_vec();
    Answer { status, headers, bytes }
}
