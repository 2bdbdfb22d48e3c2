//! What hydration says about content it could not use.

use serde::{Deserialize, Serialize};

/// One disagreement between a document and what its kind expects.
///
/// Hydration is total: a hostile or newer document gives a value plus faults.
/// The faulty field counts as absent, everything else is read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    /// Where, for example `contacts/0192…/phones`.
    pub path: String,
    /// What was wrong.
    pub problem: Problem,
}

/// The kinds of fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Another type stands there.
    WrongType {
        /// The type the schema names.
        expected: String,
    },
    /// The type is right and the value is not possible.
    OutOfRange {
        /// What would be possible.
        expected: String,
    },
    /// A map key is not an id.
    BadKey,
    /// A root map that genesis created is gone.
    MissingRoot,
    /// Written after submit and outside amendments: visible, not counted until reviewed.
    EditAfterSubmit,
}

/// A value read from a document, with everything that was wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hydrated<T> {
    /// The value, complete as far as the document is readable.
    pub value: T,
    /// What could not be read, sorted by path.
    pub faults: Vec<Fault>,
}
