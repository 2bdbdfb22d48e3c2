use super::client::{Client, load};
use super::{ReadError, SaveError};
use crate::docs::ChangeHash;
use crate::id::DocId;
use crate::store::{self, ConflictEntry, ConflictQuery, Page};

impl Client {
    /// What people wrote without seeing each other, newest first: every value with
    /// its author and time, the one that shows first. Nothing is lost;
    /// [`Client::resolve_conflict`] or setting the field again settles it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn conflicts(&self, query: &ConflictQuery) -> Result<Page<ConflictEntry>, ReadError> {
        self.inner.read(|conn, _who| store::conflict::page(conn, query))
    }

    /// Decides a conflict: of the values of `field`, the one that the change `choice`
    /// wrote stands alone from now on, here and wherever this edit comes.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was saved then. Of a submitted visit nothing can be
    /// decided any more.
    pub fn resolve_conflict(
        &self,
        doc: DocId,
        field: &str,
        choice: ChangeHash,
    ) -> Result<(), SaveError> {
        self.inner.save(|unit, _moment| {
            let mut document = load(unit, doc)?;
            if let Some(change) = document.settle_conflict(&unit.edit_context(), field, choice)? {
                unit.put(&document, &change)?;
            }
            Ok(())
        })
    }
}
