//! What a revoked phone has to bring into safety.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_bytes::ByteBuf;

use super::{StoreError, command, document};
use crate::id::DocId;
use crate::protocol::AccessStamp;
use crate::rescue::{Rescue, RescueOrigin, RescuedChange, RescuedDocument};
use crate::time::Timestamp;

/// Everything that was saved here and not stored by the server, with the documents
/// it belongs to. What cannot be read is left out rather than everything with it, and so
/// is what was erased before it was sent: nothing of it is here.
pub(crate) fn collect(conn: &Connection, origin: RescueOrigin) -> Result<Rescue, StoreError> {
    let mut rescue = Rescue::new(origin);
    let mut docs: BTreeSet<DocId> = BTreeSet::new();
    let mut statement = conn.prepare_cached(
        "select header, stamp, bytes, saved_at, state, reason from change
         where given = 0 and bytes <> x'' order by position",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let Ok(header) = document::decode_header(&row.get::<_, Vec<u8>>(0)?) else { continue };
        docs.insert(header.doc);
        rescue.changes.push(RescuedChange {
            header,
            stamp: row.get::<_, Option<Vec<u8>>>(1)?.map(|stamp| AccessStamp(stamp.into())),
            bytes: ByteBuf::from(row.get::<_, Vec<u8>>(2)?),
            saved_at: Timestamp::from_millis(row.get(3)?),
            state: row.get(4)?,
            reason: row.get(5)?,
        });
    }
    for doc in docs {
        let Some(header) = document::header(conn, doc)? else { continue };
        let snapshot: Vec<u8> = conn
            .prepare_cached("select snapshot from doc where id = ?1")?
            .query_row([doc.as_bytes()], |row| row.get(0))?;
        rescue.documents.push(RescuedDocument { header, snapshot: ByteBuf::from(snapshot) });
    }
    rescue.commands = command::all(conn)?;
    Ok(rescue)
}
