//! Documents: what several people edit offline.

mod change;
pub(crate) mod code;
pub mod customer;
pub mod deal;
mod document;
mod fault;
mod header;
pub mod plan;
pub mod visit;

pub use change::{ChangeHash, Heads};
pub use document::{
    Applied, ApplyError, Conflict, ConflictValue, Document, EditContext, LoadError, NewChange,
};
pub use fault::{Fault, Hydrated, Problem};
pub use header::{DocKind, Generation, Header};
