//! What screens, rules and reports read instead of a CRDT document.
//!
//! A row is the whole hydrated state of a document with the heads it was
//! computed at. It is always computed from document state, never from Automerge
//! patches (about twenty patch bugs were fixed upstream in 2026), so rows can be
//! rebuilt from local bytes and come out identical.

pub mod narrow;

use serde::{Deserialize, Serialize};

use crate::docs::case::CaseState;
use crate::docs::customer::CustomerState;
use crate::docs::deal::DealState;
use crate::docs::plan::PlanState;
use crate::docs::read::Reader;
use crate::docs::visit::VisitState;
use crate::docs::{DocKind, Document, Heads, Hydrated, straight};

/// Version of the row format; rows of another version are rebuilt on open.
pub const VERSION: u32 = 3;

/// The hydrated state of a document of any kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "a state is read, looked at and encoded; it is not kept in collections"
)]
pub enum DocState {
    /// A customer.
    Customer(Hydrated<CustomerState>),
    /// A visit.
    Visit(Hydrated<VisitState>),
    /// A deal.
    Deal(Hydrated<DealState>),
    /// A plan.
    Plan(Hydrated<PlanState>),
    /// A case.
    Case(Hydrated<CaseState>),
}

/// A stored row that could not be read; rebuild it from the document.
#[derive(Debug, thiserror::Error)]
#[error("the {kind} row could not be read: {reason}", kind = kind.as_str())]
pub struct RowError {
    /// Which kind was expected.
    pub kind: DocKind,
    /// What the decoder said.
    pub reason: String,
}

impl DocState {
    /// Reads a document. Never fails: what cannot be read becomes a fault.
    pub fn read(document: &Document) -> Self {
        match document.header().kind {
            DocKind::Customer => Self::Customer(CustomerState::read(document)),
            DocKind::Visit => Self::Visit(VisitState::read(document)),
            DocKind::Deal => Self::Deal(DealState::read(document)),
            DocKind::Plan => Self::Plan(PlanState::read(document)),
            DocKind::Case => Self::Case(CaseState::read(document)),
        }
    }

    /// Reads a stored history without loading it, with its heads, where that gives the
    /// same as loading it; `None` where only Automerge can tell.
    pub fn of_history(kind: DocKind, history: &[u8]) -> Option<(Heads, Self)> {
        let (heads, straight) = straight::read(kind, history)?;
        let reader = Reader::straight(&straight);
        let state = match kind {
            DocKind::Customer => Self::Customer(CustomerState::read_from(reader)),
            DocKind::Visit => Self::Visit(VisitState::read_from(reader)),
            DocKind::Deal => Self::Deal(DealState::read_from(reader)),
            DocKind::Plan => Self::Plan(PlanState::read_from(reader)),
            DocKind::Case => Self::Case(CaseState::read_from(reader)),
        };
        Some((heads, state))
    }

    /// The kind.
    pub const fn kind(&self) -> DocKind {
        match self {
            Self::Customer(_) => DocKind::Customer,
            Self::Visit(_) => DocKind::Visit,
            Self::Deal(_) => DocKind::Deal,
            Self::Plan(_) => DocKind::Plan,
            Self::Case(_) => DocKind::Case,
        }
    }

    /// The row as CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to memory cannot fail, and every state has a CBOR form.
        let written = ciborium::into_writer(self, &mut bytes);
        debug_assert!(written.is_ok());
        bytes
    }

    /// Reads a stored row.
    pub fn decode(kind: DocKind, bytes: &[u8]) -> Result<Self, RowError> {
        let state: Self = ciborium::from_reader(bytes)
            .map_err(|error| RowError { kind, reason: error.to_string() })?;
        if state.kind() == kind {
            Ok(state)
        } else {
            Err(RowError { kind, reason: format!("it is a {} row", state.kind().as_str()) })
        }
    }
}
