//! What of late work still goes into its document.
//!
//! Weeks after it was written, a document may be full, or its history may have begun anew
//! and a contact may be gone that the work is about. The rest of it is as good as on the
//! day it was written. So each change is tried for itself. What a change says of a thing
//! that does not stand any more is told by field and value, and a change of which nothing
//! goes in is named with the reason, because it may fit again some day.

use std::collections::BTreeMap;
use std::fmt;

use client_core::docs::{
    ChangeHash, Document, Header, LeftOut, NewChange, Redaction, Terms, Things,
};

use crate::relay::{self, Fitting, Held, Writing};
use crate::storage::model::DocCommit;

/// What of late work does not go into its document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rest {
    /// What was written to things that are not there any more, in changes of which other
    /// parts go in.
    pub left_out: Vec<LeftOut>,
    /// The same in changes of which nothing goes in.
    pub nowhere: Vec<LeftOut>,
    /// Changes of which nothing goes in, with the reason.
    pub waits_on: Vec<(ChangeHash, String)>,
}

impl Rest {
    /// Whether everything goes in.
    pub const fn is_empty(&self) -> bool {
        self.left_out.is_empty() && self.waits_on.is_empty()
    }
}

impl fmt::Display for Rest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        if !self.left_out.is_empty() {
            parts.push(not_there(&self.left_out));
        }
        parts.extend(self.waits_on.iter().map(|(_change, why)| why.clone()));
        parts.dedup();
        formatter.write_str(&parts.join("; "))
    }
}

/// That there is no place for something any more.
fn not_there(left_out: &[LeftOut]) -> String {
    let mut fields: Vec<&str> = left_out.iter().map(|one| one.field.as_str()).collect();
    fields.sort_unstable();
    fields.dedup();
    format!(
        "its history was started anew since, and a part of this was written to what is not in \
         the new one ({})",
        fields.join(", ")
    )
}

/// A history that is over, as far as it takes to write its changes again.
pub(super) struct Again {
    /// The header that the changes came with.
    pub(super) header: Header,
    /// Where its things were.
    pub(super) things: Things,
    /// What was erased of the document since.
    pub(super) erased: Vec<Redaction>,
}

/// What accepting late work comes to.
pub(super) struct Fit {
    /// What it writes; none if nothing new goes in.
    pub(super) prepared: Option<(DocCommit, Document)>,
    pub(super) rest: Rest,
}

impl Fit {
    /// Tries `changes` on the document, as they are or written again. An error is told
    /// where none of them can be tried.
    pub(super) fn of(
        held: &Held,
        again: Option<Again>,
        changes: Vec<(ChangeHash, Vec<u8>)>,
        writing: &Writing,
    ) -> Result<Self, String> {
        let mut rest = Rest::default();
        let tried = match again {
            None => changes.into_iter().map(Tried::as_it_is).collect(),
            Some(again) => {
                guarded(|| write_again(&held.document, again, &changes, writing, &mut rest))?
            }
        };
        let bytes: Vec<Vec<u8>> = tried.iter().map(|one| one.bytes.clone()).collect();
        let Fitting { prepared, refused } = relay::prepare_fitting(held, &bytes, writing);
        let mut refused: BTreeMap<usize, String> = refused.into_iter().collect();
        for (place, Tried { change, left_out, .. }) in tried.into_iter().enumerate() {
            match refused.remove(&place) {
                Some(why) => rest.waits_on.push((change, why)),
                None => rest.left_out.extend(left_out),
            }
        }
        Ok(Self { prepared, rest })
    }

    /// Whether none of so many changes goes in.
    pub(super) fn is_nothing(&self, changes: usize) -> bool {
        self.prepared.is_none() && self.rest.waits_on.len() == changes
    }
}

/// A change as it is tried.
struct Tried {
    /// The name that it came under.
    change: ChangeHash,
    /// What of it is tried.
    bytes: Vec<u8>,
    left_out: Vec<LeftOut>,
}

impl Tried {
    fn as_it_is((change, bytes): (ChangeHash, Vec<u8>)) -> Self {
        Self { change, bytes, left_out: Vec::new() }
    }
}

/// Writes each change again as what it meant: which field got which value, and of which
/// thing. Gives those of which something was written.
fn write_again(
    document: &Document,
    again: Again,
    changes: &[(ChangeHash, Vec<u8>)],
    writing: &Writing,
    rest: &mut Rest,
) -> Result<Vec<Tried>, String> {
    let Again { header, mut things, erased } = again;
    let now = *document.header();
    if now != (Header { generation: now.generation, ..header }) {
        return Err("its header is another one".to_owned());
    }
    let mut fresh = document.clone();
    let terms = Terms { erased: &erased, beneath: false };
    let mut written = Vec::new();
    for (hash, bytes) in changes {
        let change = std::slice::from_ref(bytes);
        for one in fresh.write_late(&mut things, &terms, change, writing.actor) {
            match one.new {
                Some(NewChange { bytes, .. }) => {
                    written.push(Tried { change: *hash, bytes, left_out: one.impossible });
                }
                None if one.impossible.is_empty() => {}
                None => {
                    rest.waits_on.push((*hash, not_there(&one.impossible)));
                    rest.nowhere.extend(one.impossible);
                }
            }
        }
    }
    Ok(written)
}

/// Runs document code that must harm nobody else, whatever the bytes make it do.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_panic| Err("it cannot be read".to_owned()))
}
