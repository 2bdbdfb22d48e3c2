//! Nothing readable remains.
//!
//! SQLite overwrites what is deleted (`secure_delete`), and only in its log at first:
//! the file itself keeps the old page until the log is folded into it, and the log
//! keeps older ones until it is cut off. So after a purge the log is folded and cut
//! to nothing, and a purge that was interrupted before that is finished at the next
//! opening.

use rusqlite::Connection;

use super::{Store, StoreError, lock};

impl Store {
    /// Folds the log into the file and cuts it off: what was purged is gone from both.
    pub(crate) fn cut_log(&self) -> Result<(), StoreError> {
        let writer = lock(&self.writer);
        // A read that began before would hold on to the old pages.
        let reader = lock(&self.reader);
        let cut = cut(&writer);
        drop(reader);
        self.doom.keep();
        cut
    }

    /// Finishes what an app that was ended in the middle of a purge left.
    pub(super) fn finish_purge(&self) -> Result<(), StoreError> {
        let purged = self
            .read(|conn| Ok(conn.prepare_cached("select 1 from purged limit 1")?.exists([])?))?;
        if purged { self.cut_log() } else { Ok(()) }
    }

    /// Empties the replica for good. `before` reads what has to be brought into safety;
    /// if it fails, nothing is emptied. Nothing can be written from its first read on.
    pub(crate) fn wipe<E: From<StoreError>>(
        &self,
        before: impl FnOnce(&Connection) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut writer = lock(&self.writer);
        let reader = lock(&self.reader);
        before(&writer)?;
        let emptied = empty(&mut writer);
        drop(reader);
        emptied.map_err(E::from)
    }
}

fn empty(writer: &mut Connection) -> Result<(), StoreError> {
    writer.pragma_update(None, "synchronous", "full")?;
    let tables: Vec<String> = writer
        .prepare(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let tx = writer.transaction()?;
    for table in tables {
        tx.execute(&format!("delete from \"{table}\""), [])?;
    }
    tx.commit()?;
    cut(writer)?;
    // Somebody who still holds on to this store must not be told that it saved.
    writer.pragma_update(None, "query_only", true)?;
    Ok(())
}

/// Cuts the log off, unless another program reads the replica just then: the next
/// purge or opening does it.
fn cut(writer: &Connection) -> Result<(), StoreError> {
    Ok(writer.query_row("pragma wal_checkpoint(truncate)", [], |_row| Ok(()))?)
}
