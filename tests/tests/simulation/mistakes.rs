//! The simulation notices: each mistake, switched on in the real code, is caught.

use client_core::faults::Fault;
use tests::sim::batch;

use crate::SEEDS;

/// What the simulation was built to notice before anything else.
const NAMED: [Fault; 6] = [
    Fault::AcknowledgedBeforeCommit,
    Fault::SequenceReused,
    Fault::LeaveSkipped,
    Fault::ReplicaSkipAfterRestore,
    Fault::CursorBeforePage,
    Fault::PurgedWithUnsentEdits,
];

#[test]
fn every_mistake_that_is_switched_on_is_caught_within_the_seeds() {
    assert!(NAMED.iter().all(|fault| Fault::ALL.contains(fault)));
    let mut missed = Vec::new();
    for fault in Fault::ALL {
        match batch::caught_by(*fault, 0..SEEDS) {
            Some(failure) => println!("{fault:?}: seed {}: {}", failure.seed, failure.broken),
            None => missed.push(fault),
        }
    }
    assert!(missed.is_empty(), "nothing noticed {missed:?}");
}
