//! A phone that is none: it signs in like one and then sends whatever it likes.

use client_core::docs::{DocKind, EditContext, Generation, Header};
use client_core::id::{ActorId, DeviceId, DocId, OrgId, ReplicaId, UserId};
use client_core::protocol::codec::{self, Encoding};
use client_core::protocol::{
    ChangeResult, Cursor, DeviceClaim, MAX_PAGE_BYTES, MEDIA_TYPE, PushGroup, SIGN_IN_PATH,
    SYNC_PATH, SignInRequest, SignInResponse, SyncRequest, SyncResponse, VERSION,
};
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::company::PASSWORD;
use crate::fleet::dice::Dice;

/// How somebody sends what they like.
#[derive(Clone)]
pub struct Sender {
    http: reqwest::Client,
    url: String,
    token: String,
}

/// Somebody with an account and no scruples.
pub struct Intruder {
    sender: Sender,
    /// The org.
    pub org: OrgId,
    /// As whom it signed in.
    pub user: UserId,
    /// The actor that the server bound to its device.
    pub actor: ActorId,
    /// Where its numbers come from.
    pub dice: Dice,
}

impl Intruder {
    /// Signs in as `login`, as a device of its own.
    ///
    /// # Errors
    /// If the server does not let it in.
    pub async fn sign_in(url: &str, login: &str, seed: u64) -> anyhow::Result<Self> {
        let mut dice = Dice::new(seed, 1);
        let actor = ActorId::from_bytes(dice.bytes());
        let device = DeviceClaim {
            id: DeviceId::from_bytes(dice.bytes()),
            actor,
            name: "a phone".into(),
            platform: "test".into(),
            app_version: "1.0".into(),
        };
        let request = SignInRequest { login: login.into(), password: PASSWORD.into(), device };
        let http = crate::tools::http();
        let answer = http
            .post(format!("{url}{SIGN_IN_PATH}"))
            .body(serde_json::to_vec(&request)?)
            .send()
            .await?;
        anyhow::ensure!(answer.status().is_success(), "{}", answer.status());
        let session: SignInResponse = serde_json::from_slice(&answer.bytes().await?)?;
        Ok(Self {
            sender: Sender { http, url: url.to_owned(), token: session.tokens.access_token },
            org: session.org,
            user: session.user,
            actor,
            dice,
        })
    }

    /// The header of a new document of its own.
    pub fn header(&mut self, kind: DocKind, customer: Option<DocId>) -> Header {
        Header {
            doc: DocId::from_bytes(version_7(self.dice.bytes())),
            kind,
            org: self.org,
            author: self.user,
            customer,
            generation: Generation(0),
        }
    }

    /// It writes, with the clock at `at`.
    pub const fn context(&self, at: Timestamp) -> EditContext {
        EditContext { actor: self.actor, at }
    }

    /// A sender of its own, which borrows nothing.
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }
}

/// A request with these groups.
pub fn request(groups: Vec<PushGroup>) -> SyncRequest {
    SyncRequest {
        version: VERSION,
        replica: ReplicaId::from_bytes([9; 16]),
        cursor: None,
        budget: 0,
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

impl Sender {
    /// Sends bytes to the sync path; status and answer.
    ///
    /// # Errors
    /// If no answer comes.
    pub async fn post(
        &self,
        body: Vec<u8>,
        encoding: Option<&str>,
    ) -> anyhow::Result<(u16, Vec<u8>)> {
        let mut request = self
            .http
            .post(format!("{}{SYNC_PATH}", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", MEDIA_TYPE);
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        let answer = request.body(body).send().await?;
        Ok((answer.status().as_u16(), answer.bytes().await?.to_vec()))
    }

    /// Says that a body of `length` bytes follows, and lets its first byte follow.
    ///
    /// # Errors
    /// If the server takes no connection.
    pub async fn promise(&self, length: usize) -> anyhow::Result<TcpStream> {
        let addr = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(addr).await?;
        let head = format!(
            "POST {SYNC_PATH} HTTP/1.1\r\nhost: {addr}\r\nauthorization: Bearer {}\r\n\
             content-type: {MEDIA_TYPE}\r\ncontent-length: {length}\r\n\r\n\u{1}",
            self.token
        );
        stream.write_all(head.as_bytes()).await?;
        Ok(stream)
    }

    /// Asks from a cursor of its own making; the status.
    ///
    /// # Errors
    /// If no answer comes.
    pub async fn ask_from(&self, cursor: Vec<u8>) -> anyhow::Result<u16> {
        let mut request = request(Vec::new());
        request.cursor = Some(Cursor(ByteBuf::from(cursor)));
        let (body, encoding) = codec::encode(&request, Encoding::Zstd);
        Ok(self.post(body, encoding.header()).await?.0)
    }

    /// Pushes groups; the results, group after group.
    ///
    /// # Errors
    /// If the request as such is refused.
    pub async fn push(&self, groups: Vec<PushGroup>) -> anyhow::Result<Vec<ChangeResult>> {
        let (body, encoding) = codec::encode(&request(groups), Encoding::Zstd);
        let (status, bytes) = self.post(body, encoding.header()).await?;
        anyhow::ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(&bytes));
        let answer: SyncResponse = codec::decode(&bytes, Encoding::Identity, MAX_PAGE_BYTES)?;
        Ok(answer.results.into_iter().flat_map(|group| group.changes).collect())
    }
}

/// Changes of one document.
pub fn group(header: Header, changes: Vec<Vec<u8>>) -> PushGroup {
    PushGroup { header, stamp: None, changes: changes.into_iter().map(ByteBuf::from).collect() }
}

/// The bytes as a UUIDv7 has its version and variant.
const fn version_7(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[6] = bytes[6] & 0x0f | 0x70;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}

/// A number as changes write it.
pub fn leb128(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A run length of a column; the next seven bits keep it positive.
pub fn run(length: u64) -> Vec<u8> {
    let mut bytes = leb128(length);
    if let Some(last) = bytes.last_mut()
        && *last & 0x40 != 0
    {
        *last |= 0x80;
        bytes.push(0);
    }
    bytes
}

/// A chunk with a right length and a right checksum.
pub fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let hashed = [vec![kind], leb128(body.len() as u64), body.to_vec()].concat();
    let checksum: [u8; 32] = Sha256::digest(&hashed).into();
    let [first, second, third, fourth, ..] = checksum;
    [&[0x85, 0x6f, 0x4a, 0x83, first, second, third, fourth][..], &hashed].concat()
}

/// The same bytes with the checksum that belongs to them.
pub fn repaired(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some((head, hashed)) = bytes.split_at_mut_checked(8) {
        let checksum: [u8; 32] = Sha256::digest(hashed).into();
        for (place, byte) in head.iter_mut().skip(4).zip(checksum) {
            *place = byte;
        }
    }
    bytes
}

/// A change made by hand.
pub struct Forged {
    /// What it builds on, ascending.
    pub deps: Vec<[u8; 32]>,
    /// Who claims to have written it.
    pub actor: [u8; 16],
    /// The number it claims.
    pub seq: u64,
    /// The first operation it claims.
    pub start_op: u64,
    /// Others that it names.
    pub others: Vec<[u8; 16]>,
    /// Its columns.
    pub columns: Vec<(u64, Vec<u8>)>,
}

impl Forged {
    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut body = leb128(self.deps.len() as u64);
        body.extend(self.deps.concat());
        body.push(16);
        body.extend(self.actor);
        body.extend(leb128(self.seq));
        body.extend(leb128(self.start_op));
        body.extend([0, 0]);
        body.extend(leb128(self.others.len() as u64));
        for other in &self.others {
            body.push(16);
            body.extend(other);
        }
        body.extend(leb128(self.columns.len() as u64));
        for (specification, data) in &self.columns {
            body.extend(leb128(*specification));
            body.extend(leb128(data.len() as u64));
        }
        for (_, data) in &self.columns {
            body.extend(data);
        }
        chunk(1, &body)
    }
}
