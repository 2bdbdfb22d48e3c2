use rusqlite::{Connection, OptionalExtension, params};

use super::{doc, heads, user};
use crate::docs::plan::PlanState;
use crate::docs::{DocKind, Fault, Generation, Header, Heads};
use crate::id::{DocId, OrgId, UserId};
use crate::projection::DocState;
use crate::rules::facts::PlanFact;
use crate::store::{ItemStatus, StoreError, outbox};
use crate::time::Date;

/// A rep's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanEntry {
    /// The plan.
    pub id: DocId,
    /// Whose day.
    pub author: UserId,
    /// What the document says.
    pub state: PlanState,
    /// What of it could not be read.
    pub faults: Vec<Fault>,
    /// The heads it was read at.
    pub heads: Heads,
    /// How far the edits made here have come.
    pub status: ItemStatus,
}

/// One plan.
pub(crate) fn plan(conn: &Connection, id: DocId) -> Result<Option<PlanEntry>, StoreError> {
    let mut statement =
        conn.prepare_cached("select doc, author, heads, body from plan where doc = ?1")?;
    let found =
        statement.query_row(params![id.as_bytes()], |row| Ok(entry(conn, row))).optional()?;
    found.transpose()
}

pub(super) const PLAN_FACTS: &str = "select doc, author, heads, body from plan
     where author = ?1 and date >= ?2 and date < ?3 order by date, doc";

/// The days of a rep in `[from, until)`, as the rules see them.
pub(crate) fn plan_facts(
    conn: &Connection,
    org: OrgId,
    rep: UserId,
    from: Date,
    until: Date,
) -> Result<Vec<PlanFact>, StoreError> {
    let mut statement = conn.prepare_cached(PLAN_FACTS)?;
    let wanted = params![rep.as_bytes(), from.to_string(), until.to_string()];
    let mut rows = statement.query(wanted)?;
    let mut facts = Vec::new();
    while let Some(row) = rows.next()? {
        let header = Header {
            doc: doc(row, 0)?,
            kind: DocKind::Plan,
            org,
            author: user(row, 1)?,
            customer: None,
            generation: Generation::default(),
        };
        let body: Vec<u8> = row.get(3)?;
        match DocState::decode(DocKind::Plan, &body) {
            Ok(DocState::Plan(state)) => {
                facts.extend(PlanFact::of(&header, &heads(row, 2)?, &state));
            }
            Ok(_) => return Err(StoreError::damaged("plan", "another kind of row")),
            Err(error) => return Err(StoreError::damaged("plan", error)),
        }
    }
    Ok(facts)
}

fn entry(conn: &Connection, row: &rusqlite::Row<'_>) -> Result<PlanEntry, StoreError> {
    let id = doc(row, 0)?;
    let body: Vec<u8> = row.get(3)?;
    let (state, faults) = match DocState::decode(DocKind::Plan, &body) {
        Ok(DocState::Plan(hydrated)) => (hydrated.value, hydrated.faults),
        Ok(_) => return Err(StoreError::damaged("plan", "another kind of row")),
        Err(error) => return Err(StoreError::damaged("plan", error)),
    };
    Ok(PlanEntry {
        id,
        author: user(row, 1)?,
        state,
        faults,
        heads: heads(row, 2)?,
        status: outbox::status(conn, id)?,
    })
}
