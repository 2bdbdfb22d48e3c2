//! What the transaction that runs on this thread has moved so far.
//!
//! Only the lines that write the feed know it, and they know nothing but the
//! connection. So they note it here, what is taken back is forgotten again, and the
//! writer takes it all after the commit.

use std::cell::RefCell;

use crate::storage::onlooker::Moved;

thread_local! {
    static NOTED: RefCell<Vec<Moved>> = const { RefCell::new(Vec::new()) };
}

/// Where the notes stood when a savepoint began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(usize);

pub(super) fn note(moved: Moved) {
    NOTED.with_borrow_mut(|noted| noted.push(moved));
}

pub(super) fn mark() -> Mark {
    Mark(NOTED.with_borrow(Vec::len))
}

/// Forgets what was noted since: it was rolled back.
pub(super) fn back_to(mark: Mark) {
    NOTED.with_borrow_mut(|noted| noted.truncate(mark.0));
}

/// Everything noted, and a clean sheet.
pub(super) fn take() -> Vec<Moved> {
    NOTED.take()
}
