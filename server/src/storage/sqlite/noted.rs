//! What the transaction that runs on this thread has moved so far.
//!
//! Only the lines that write the feed know it, and they know nothing but the
//! connection. So they note it here, what is taken back is forgotten again, and the
//! writer takes it all after the commit. The mark of the last row is carried along in
//! the same way: each row's follows from the one before it, and a commit of a thousand
//! rows need not read a thousand.

use std::cell::{Cell, RefCell};

use client_core::id::OrgId;

use crate::storage::model::{self, Seq};
use crate::storage::onlooker::Moved;

thread_local! {
    static NOTED: RefCell<Vec<Moved>> = const { RefCell::new(Vec::new()) };
    static LAST: Cell<Option<(OrgId, Seq, model::Mark)>> = const { Cell::new(None) };
}

/// Where the notes stood when a savepoint began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(usize);

pub(super) fn note(moved: Moved) {
    NOTED.with_borrow_mut(|noted| noted.push(moved));
}

/// A row of the feed was written with this mark.
pub(super) fn row(org: OrgId, seq: Seq, mark: model::Mark) {
    let later = |(of, last, _mark): (OrgId, Seq, model::Mark)| of == org && last > seq;
    if !LAST.get().is_some_and(later) {
        LAST.set(Some((org, seq, mark)));
    }
}

/// The mark of the last row before a position, if this transaction wrote that row.
pub(super) fn mark_before(org: OrgId, seq: Seq) -> Option<model::Mark> {
    LAST.get().filter(|(of, last, _mark)| *of == org && *last < seq).map(|(_of, _last, mark)| mark)
}

pub(super) fn mark() -> Mark {
    Mark(NOTED.with_borrow(Vec::len))
}

/// Forgets what was noted since: it was rolled back.
pub(super) fn back_to(mark: Mark) {
    LAST.set(None);
    NOTED.with_borrow_mut(|noted| noted.truncate(mark.0));
}

/// Everything noted, and a clean sheet.
pub(super) fn take() -> Vec<Moved> {
    LAST.set(None);
    NOTED.take()
}
