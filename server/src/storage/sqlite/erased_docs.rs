//! Of which documents something was erased.
//!
//! A restored file may lack them altogether, and a phone gives them back as they were.
//! So the ledger's entries stand here too, for whoever takes what is given back.

use client_core::docs::Generation;
use client_core::id::{DocId, OrgId};
use rusqlite::{Connection, params};

use super::codec::{corrupt, id};
use crate::storage::StorageError;
use crate::storage::model::RedactedDoc;

pub(super) fn remember(
    connection: &Connection,
    org: OrgId,
    docs: &[RedactedDoc],
) -> Result<(), StorageError> {
    let mut statement = connection.prepare_cached(
        "insert into erased_doc (org, doc, redaction, generation) values (?1, ?2, ?3, ?4)
         on conflict (org, doc, redaction) do update
         set generation = max(generation, excluded.generation)",
    )?;
    for RedactedDoc { doc, redaction, generation } in docs {
        let redaction = serde_json::to_string(redaction)
            .map_err(|error| corrupt("erasure", error.to_string()))?;
        statement.execute(params![org.as_bytes(), doc.as_bytes(), redaction, generation.0])?;
    }
    Ok(())
}

pub(super) fn all(connection: &Connection, org: OrgId) -> Result<Vec<RedactedDoc>, StorageError> {
    let mut statement = connection
        .prepare_cached("select doc, redaction, generation from erased_doc where org = ?1")?;
    let rows = statement.query_map(params![org.as_bytes()], |row| {
        Ok((id(row, 0, DocId::from_bytes)?, row.get::<_, String>(1)?, row.get(2)?))
    })?;
    rows.map(|row| {
        let (doc, redaction, generation) = row?;
        let redaction = serde_json::from_str(&redaction)
            .map_err(|error| corrupt("erasure", error.to_string()))?;
        Ok(RedactedDoc { doc, redaction, generation: Generation(generation) })
    })
    .collect()
}
