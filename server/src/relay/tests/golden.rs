//! The bytes of the wire, held still: a phone in a drawer speaks them for years.

use client_core::docs::{ChangeHash, DocKind, Generation, Header};
use client_core::id::{CommandId, DocId, OrgId, RecordId, ReplicaId, UserId};
use client_core::protocol::codec::{self, Encoding};
use client_core::protocol::{
    AccessStamp, ChangeResult, Command, CommandResult, Cursor, FeedEntry, GroupResult, LeaveReason,
    PushGroup, RejectCode, Scope, ScopeDigest, SyncRequest, SyncResponse,
};
use client_core::records::RecordKind;
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;

fn header() -> Header {
    Header {
        doc: DocId::from_bytes([1; 16]),
        kind: DocKind::Visit,
        org: OrgId::from_bytes([2; 16]),
        author: UserId::from_bytes([3; 16]),
        customer: Some(DocId::from_bytes([4; 16])),
        generation: Generation(0),
    }
}

fn request() -> SyncRequest {
    SyncRequest {
        version: 1,
        replica: ReplicaId::from_bytes([5; 16]),
        cursor: Some(Cursor(ByteBuf::from(vec![6; 4]))),
        budget: 65_536,
        groups: vec![PushGroup {
            header: header(),
            stamp: Some(AccessStamp(ByteBuf::from(vec![7; 4]))),
            changes: vec![ByteBuf::from(vec![8; 4])],
        }],
        commands: vec![Command {
            id: CommandId::from_bytes([9; 16]),
            kind: "review".into(),
            body: ByteBuf::from(vec![10; 2]),
        }],
        purged: vec![DocId::from_bytes([11; 16])],
        app: Some("1.2".into()),
        repair: None,
        pushed: None,
        unheard: Default::default(),
        hand_back: None,
        says: Default::default(),
    }
}

fn response() -> SyncResponse {
    let doc = DocId::from_bytes([1; 16]);
    let scope = Scope::User(UserId::from_bytes([3; 16]));
    let bytes = || ByteBuf::from(vec![8; 4]);
    SyncResponse {
        version: 1,
        server_time: Timestamp::from_millis(1_791_000_000_000),
        results: vec![GroupResult {
            doc,
            changes: vec![
                ChangeResult::Stored,
                ChangeResult::Duplicate,
                ChangeResult::MissingDeps(vec![ChangeHash([12; 32])]),
                ChangeResult::Rejected { code: RejectCode::TooLarge, detail: "why".into() },
                ChangeResult::Quarantined { detail: "why".into() },
            ],
        }],
        commands: vec![CommandResult {
            id: CommandId::from_bytes([9; 16]),
            refused: Some("why".into()),
        }],
        feed: vec![
            FeedEntry::Enter {
                header: header(),
                scopes: vec![Scope::Org, scope],
                snapshot: bytes(),
            },
            FeedEntry::Changes { doc, changes: vec![bytes()] },
            FeedEntry::Leave { doc, scope, reason: LeaveReason::Reassigned },
            FeedEntry::Record {
                kind: RecordKind::Placement,
                id: RecordId::from_bytes([13; 16]),
                version: 99,
                body: bytes(),
            },
            FeedEntry::Reset { doc, generation: Generation(1), snapshot: bytes(), header: None },
            FeedEntry::Complete(ScopeDigest { scope, count: 2, digest: [14; 16] }),
        ],
        cursor: Some(Cursor(ByteBuf::from(vec![6; 4]))),
        more: true,
        stamp: Some(AccessStamp(ByteBuf::from(vec![7; 4]))),
        minimum_app: Some("1.0".into()),
        repair: None,
        pushed: None,
        receipt: None,
        hand_back: None,
    }
}

/// Hex in lines that a diff can show.
fn hex<T: serde::Serialize>(message: &T) -> String {
    let (bytes, _) = codec::encode(message, Encoding::Identity);
    let lines: Vec<String> =
        bytes.chunks(32).map(|line| data_encoding::HEXLOWER.encode(line)).collect();
    lines.join("\n")
}

#[test]
fn a_request_and_a_response_keep_their_bytes() {
    insta::assert_snapshot!("sync_request", hex(&request()));
    insta::assert_snapshot!("sync_response", hex(&response()));
}

#[test]
fn what_was_written_is_read_back() {
    let (bytes, encoding) = codec::encode(&request(), Encoding::Identity);
    assert_eq!(codec::decode::<SyncRequest>(&bytes, encoding, 1 << 20).unwrap(), request());
    let (bytes, encoding) = codec::encode(&response(), Encoding::Identity);
    assert_eq!(codec::decode::<SyncResponse>(&bytes, encoding, 1 << 20).unwrap(), response());
}
