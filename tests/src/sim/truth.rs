//! The server's documents, built again from its log of changes: what everybody
//! should have.

use std::collections::BTreeMap;

use client_core::docs::{Document, Heads};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::DocId;
use client_core::projection::DocState;
use rusqlite::{Connection, OptionalExtension};

use super::facts::Facts;
use super::world::{Broken, own};

/// A document as its log says it is.
pub struct TrueDoc {
    /// Its heads.
    pub heads: Heads,
    /// The row that screens read.
    pub row: Vec<u8>,
}

/// Every document, checked against what the server keeps beside the log.
pub fn documents(server: &Connection, facts: &Facts) -> Result<BTreeMap<DocId, TrueDoc>, Broken> {
    let mut documents = BTreeMap::new();
    for (doc, header) in &facts.headers {
        let mut document = Document::create(*header);
        for bytes in log(server, *doc, header.generation.0).map_err(own("the log"))? {
            let change = ScreenedChange::screen(&bytes, &Limits::default())
                .map_err(|rejection| format!("{doc}: the log holds {rejection}"))?;
            document.apply(&change).map_err(|error| format!("{doc}: the log: {error}"))?;
        }
        let (heads, row) = (document.heads(), DocState::read(&document).encode());
        let kept = kept(server, *doc, header.kind.as_str()).map_err(own("the documents"))?;
        let (kept_heads, snapshot, kept_row) =
            kept.ok_or_else(|| format!("{doc}: the server has no row of it"))?;
        if kept_heads != heads.to_bytes() {
            return Err(format!("{doc}: the server's heads are not those of its log"));
        }
        let whole = Document::load(*header, &snapshot).map_err(own("a snapshot"))?;
        if whole.heads() != heads {
            return Err(format!("{doc}: the server's snapshot is not what its log amounts to"));
        }
        if kept_row != row {
            return Err(format!("{doc}: the server's row is not what its log amounts to"));
        }
        documents.insert(*doc, TrueDoc { heads, row });
    }
    Ok(documents)
}

fn log(server: &Connection, doc: DocId, generation: u32) -> rusqlite::Result<Vec<Vec<u8>>> {
    let mut statement = server.prepare_cached(
        "select bytes from change where doc = ?1 and generation = ?2 order by seq, place",
    )?;
    let rows = statement.query_map((doc.as_bytes(), generation), |row| row.get(0))?;
    rows.collect()
}

type Kept = (Vec<u8>, Vec<u8>, Vec<u8>);

fn kept(server: &Connection, doc: DocId, kind: &str) -> rusqlite::Result<Option<Kept>> {
    let sql = format!(
        "select d.heads, d.snapshot, r.body from doc d join {kind}_row r on r.doc = d.doc
         where d.doc = ?1"
    );
    server
        .prepare_cached(&sql)?
        .query_row([doc.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()
}
