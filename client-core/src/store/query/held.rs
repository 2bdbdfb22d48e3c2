use rusqlite::{Connection, params};

use super::doc;
use crate::id::{DocId, UserId};
use crate::records::Tier;
use crate::store::StoreError;
use crate::store::alias::SHOWN;
use crate::time::Timestamp;

/// A customer that somebody holds, as the agenda needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub customer: DocId,
    pub tier: Option<Tier>,
    pub created_at: Timestamp,
}

/// Every customer `owner` holds; those without a placement are their author's.
pub(crate) fn held(conn: &Connection, owner: UserId) -> Result<Vec<Held>, StoreError> {
    let mut statement = conn.prepare_cached(&format!(
        "select c.doc, h.tier, c.created_at from customer c
         left join holding h on h.subject = c.doc
         where coalesce(h.owner, c.author) = ?1 and {SHOWN}"
    ))?;
    let mut rows = statement.query(params![owner.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Held {
            customer: doc(row, 0)?,
            tier: row.get::<_, Option<String>>(1)?.as_deref().and_then(Tier::parse),
            created_at: Timestamp::from_millis(row.get(2)?),
        });
    }
    Ok(found)
}
