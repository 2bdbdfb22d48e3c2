//! Mistakes on purpose, and deaths on time: what the simulation needs to prove that
//! it would notice.
//!
//! A simulation that never fails has shown nothing until it is seen to fail. Each
//! [`Fault`] is a mistake this code could have made; the simulation switches one on
//! in the real code and must catch it. A [`Doom`] lets a process end before or after
//! its n-th commit, which is where a kill -9 can make a difference at all. Without
//! the cargo feature `simulation` every question asked here is answered "no" at
//! compile time, and nothing of it is in a product.

/// A mistake that can be switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    /// The server says "stored" and commits later.
    AcknowledgedBeforeCommit = 1,
    /// The phone keeps the cursor in a transaction before that of its page.
    CursorBeforePage,
    /// What was sent leaves the outbox, whether or not an answer came.
    ConfirmedWhenSent,
    /// A document that left is dropped with edits that nobody answered.
    PurgedWithUnsentEdits,
    /// Nobody is told that a document left a scope.
    LeaveSkipped,
    /// Arriving changes do not reach the row that screens read.
    RowForgotten,
    /// Results are matched to the next group.
    ResultsShifted,
    /// The outbox forgets under which access something was written.
    StampForgotten,
    /// The server does not look at the stamp of late work.
    StampIgnored,
    /// A phone that was restored or cloned goes on as who it was, and so uses sequence
    /// numbers of its other life again.
    SequenceReused,
    /// A scope's digest keeps the share of documents that left.
    DigestTermForgotten,
    /// The cursor forgets how far a back-fill came and takes it to be done.
    BackfillForgotten,
    /// A change of somebody's access is not noticed by their next pull.
    AccessChangeUnnoticed,
    /// A document is sent whole without its last change.
    SnapshotWithoutTail,
    /// A revoked device goes on.
    RevokedGoesOn,
    /// A customer that moves leaves what belongs to it behind.
    FollowersForgotten,
    /// "It was there already" is taken for a refusal.
    DuplicateRefused,
    /// The cursor of another life of the data file is believed.
    ForkUnnoticed,
    /// What is to be decided by a person is answered so and not kept.
    QuarantineDropped,
    /// The cursor of a page that its budget cut is that of the whole feed.
    CursorPastPage,
    /// Nobody is told of a new change in a unit.
    UnitNotTold,
    /// A phone that was restored keeps its replica id, so that the feed leaves out what
    /// its other life wrote.
    ReplicaSkipAfterRestore,
    /// A phone that becomes a device of its own drops what it had not sent.
    UnsentForgottenAtRenewal,
    /// A phone gives a restored server nothing back.
    HandBackForgotten,
}

impl Fault {
    /// Every fault.
    pub const ALL: &[Self] = &[
        Self::AcknowledgedBeforeCommit,
        Self::CursorBeforePage,
        Self::ConfirmedWhenSent,
        Self::PurgedWithUnsentEdits,
        Self::LeaveSkipped,
        Self::RowForgotten,
        Self::ResultsShifted,
        Self::StampForgotten,
        Self::StampIgnored,
        Self::SequenceReused,
        Self::DigestTermForgotten,
        Self::BackfillForgotten,
        Self::AccessChangeUnnoticed,
        Self::SnapshotWithoutTail,
        Self::RevokedGoesOn,
        Self::FollowersForgotten,
        Self::DuplicateRefused,
        Self::ForkUnnoticed,
        Self::QuarantineDropped,
        Self::CursorPastPage,
        Self::UnitNotTold,
        Self::ReplicaSkipAfterRestore,
        Self::UnsentForgottenAtRenewal,
        Self::HandBackForgotten,
    ];
}

/// When, around a commit, a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Everything was written and nothing is kept.
    BeforeCommit,
    /// It is kept, and nobody was told.
    AfterCommit,
}

#[cfg(feature = "simulation")]
mod switched {
    use std::sync::atomic::{AtomicU8, Ordering};
    use std::sync::{Arc, Mutex, PoisonError};

    use super::{Fault, Moment};

    static INJECTED: AtomicU8 = AtomicU8::new(0);

    /// Switches a fault on, or all of them off, in the whole process.
    pub fn inject(fault: Option<Fault>) {
        INJECTED.store(fault.map_or(0, |fault| fault as u8), Ordering::SeqCst);
    }

    /// Whether this fault is switched on.
    pub fn injected(fault: Fault) -> bool {
        INJECTED.load(Ordering::Relaxed) == fault as u8
    }

    #[derive(Debug, Default)]
    struct State {
        armed: Option<(u32, Moment)>,
        struck: bool,
        kept: u32,
    }

    /// The end of one process. Clones are the same end.
    #[derive(Debug, Clone, Default)]
    pub struct Doom(Arc<Mutex<State>>);

    impl Doom {
        /// Ends the process around its `nth` commit from now; the next one is the first.
        pub fn arm(&self, nth: u32, moment: Moment) {
            self.lock().armed = Some((nth, moment));
        }

        /// Ends it now.
        pub fn strike(&self) {
            self.lock().struck = true;
        }

        /// It ends at no commit to come.
        pub fn disarm(&self) {
            self.lock().armed = None;
        }

        /// Whether it has ended: nothing is written any more.
        pub fn is_struck(&self) -> bool {
            self.lock().struck
        }

        /// Whether it ends here, or has ended.
        pub fn reaches(&self, moment: Moment) -> bool {
            let mut state = self.lock();
            if let Some((left, at)) = &mut state.armed {
                if moment == Moment::BeforeCommit {
                    *left = left.saturating_sub(1);
                }
                if *left == 0 && *at == moment {
                    state.struck = true;
                }
            }
            state.struck
        }

        /// What was written so far is on the disk, and no power cut takes it back.
        pub fn keep(&self) {
            self.lock().kept += 1;
        }

        /// How often that was so.
        pub fn times_kept(&self) -> u32 {
            self.lock().kept
        }

        fn lock(&self) -> std::sync::MutexGuard<'_, State> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}

#[cfg(not(feature = "simulation"))]
mod switched {
    use super::{Fault, Moment};

    /// No: this build has no faults on purpose.
    pub const fn injected(_fault: Fault) -> bool {
        false
    }

    /// Processes of this build end when they end.
    #[derive(Debug, Clone, Default)]
    pub struct Doom(());

    impl Doom {
        /// Never.
        pub const fn is_struck(&self) -> bool {
            false
        }

        /// Never.
        pub const fn reaches(&self, _moment: Moment) -> bool {
            false
        }

        /// The disk knows by itself.
        pub const fn keep(&self) {}
    }
}

pub use switched::*;
