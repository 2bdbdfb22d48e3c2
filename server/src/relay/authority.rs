//! Who may write what.
//!
//! Authority follows headers and records. A new document is its author's. An
//! existing one may be written by whoever holds a scope it is in; a visit only
//! by its author and those who came along, a plan only by its rep.

use client_core::docs::visit::VisitState;
use client_core::docs::{DocKind, Header};
use client_core::id::{DocId, UserId};
use client_core::projection::DocState;
use client_core::protocol::{RejectCode, Scope};
use client_core::records::Role;

use crate::auth::Signed;

/// What was decided about a group before looking into its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ruling {
    /// It may be written.
    Allowed,
    /// Nobody may write this.
    Refused(RejectCode, String),
    /// Not now; perhaps when it was written.
    NotNow,
}

/// Whether the header can be what it says.
pub(super) fn header(header: &Header, stored: Option<&Header>, signed: &Signed) -> Ruling {
    let mismatch = |detail: &str| {
        Ruling::Refused(RejectCode::HeaderMismatch, format!("{}: {detail}", header.doc))
    };
    if header.org != signed.org {
        return mismatch("it names another org");
    }
    if let Some(stored) = stored {
        if header.generation < stored.generation {
            let detail = format!(
                "generation {} was followed by {}",
                header.generation.0, stored.generation.0
            );
            return Ruling::Refused(RejectCode::OldGeneration, detail);
        }
        return if header == stored {
            Ruling::Allowed
        } else {
            mismatch("its header is not the one stored at first receipt")
        };
    }
    if header.author != signed.user {
        return mismatch("a new document must name its sender as author");
    }
    if header.generation.0 != 0 {
        return mismatch("a new document starts at generation 0");
    }
    if header.kind.has_customer() != header.customer.is_some() {
        return mismatch("visits, deals and cases name a customer, nothing else does");
    }
    // Anybody can derive the id of somebody's plan, and must not sit on it.
    if header.doc.is_derived() && header.kind != DocKind::Plan {
        return mismatch("such an id belongs to a day plan");
    }
    if matches!(signed.role, Role::Analyst) {
        return Ruling::Refused(RejectCode::NotAllowed, "analysts only read".to_owned());
    }
    Ruling::Allowed
}

/// Whether a document that is not here is somebody else's of the same org by its header.
pub(super) fn is_anothers(header: &Header, signed: &Signed) -> bool {
    header.org == signed.org && header.author != signed.user
}

/// Whether a header is that of a history which the stored one knows nothing of: a former
/// life of the data began it.
pub(super) fn is_of_a_later_history(header: &Header, stored: &Header) -> bool {
    header.generation > stored.generation
        && *stored == Header { generation: stored.generation, ..*header }
}

/// Whether a new document is what its id says: a day plan that of its author and day.
pub(super) fn first_state(header: &Header, state: &DocState) -> Ruling {
    let DocState::Plan(plan) = state else { return Ruling::Allowed };
    let own = plan.value.date.map(|date| DocId::plan(header.org, header.author, date));
    if own == Some(header.doc) {
        return Ruling::Allowed;
    }
    let detail = format!("{}: a plan's id is that of its author and day", header.doc);
    Ruling::Refused(RejectCode::HeaderMismatch, detail)
}

/// Whether somebody may write an existing document now.
pub(super) fn existing(
    header: &Header,
    state: &DocState,
    in_scopes: &[Scope],
    held: &[Scope],
    signed: &Signed,
) -> Ruling {
    if signed.role == Role::Analyst {
        return Ruling::Refused(RejectCode::NotAllowed, "analysts only read".to_owned());
    }
    match state {
        DocState::Visit(visit) => {
            if header.author == signed.user || came_along(&visit.value, signed.user) {
                Ruling::Allowed
            } else {
                let detail = "a visit is written by its author and those who came along";
                Ruling::Refused(RejectCode::NotAllowed, detail.to_owned())
            }
        }
        DocState::Plan(_) if header.author == signed.user => Ruling::Allowed,
        DocState::Plan(_) => {
            Ruling::Refused(RejectCode::NotAllowed, "a plan is written by its rep".to_owned())
        }
        DocState::Customer(_) | DocState::Deal(_) | DocState::Case(_) => {
            if in_scopes.iter().any(|scope| held.contains(scope)) {
                Ruling::Allowed
            } else {
                Ruling::NotNow
            }
        }
    }
}

/// Whether what an existing document says afterwards is what its writer may say: who
/// came along to a visit writes their own note and nothing else.
pub(super) fn next_state(
    header: &Header,
    before: &DocState,
    after: &DocState,
    writer: UserId,
) -> Ruling {
    let (DocState::Visit(before), DocState::Visit(after)) = (before, after) else {
        return Ruling::Allowed;
    };
    let note = |visit: &VisitState| visit.co_visitor_notes.get(&writer).cloned();
    let mut allowed = before.value.clone();
    match note(&after.value) {
        Some(text) => drop(allowed.co_visitor_notes.insert(writer, text)),
        None => drop(allowed.co_visitor_notes.remove(&writer)),
    }
    if header.author == writer || allowed == after.value {
        return Ruling::Allowed;
    }
    let detail = "who came along to a visit writes their own note and nothing else".to_owned();
    Ruling::Refused(RejectCode::NotAllowed, detail)
}

fn came_along(visit: &VisitState, user: UserId) -> bool {
    visit.co_visitors.contains_key(&user)
}

#[cfg(test)]
mod tests {
    use client_core::docs::Generation;
    use client_core::id::OrgId;

    use super::*;
    use crate::storage::model::SessionId;

    fn signed(role: Role) -> Signed {
        Signed {
            org: OrgId::from_bytes([1; 16]),
            user: UserId::from_bytes([2; 16]),
            device: None,
            actor: None,
            role,
            session: SessionId([0; 16]),
        }
    }

    fn visit() -> Header {
        Header {
            doc: DocId::from_bytes([3; 16]),
            kind: DocKind::Visit,
            org: OrgId::from_bytes([1; 16]),
            author: UserId::from_bytes([2; 16]),
            customer: Some(DocId::from_bytes([4; 16])),
            generation: Generation(0),
        }
    }

    #[test]
    fn a_header_cannot_name_somebody_else() {
        let check = |edit: fn(&mut Header), expected: RejectCode| {
            let mut edited = visit();
            edit(&mut edited);
            let ruling = header(&edited, None, &signed(Role::Rep));
            assert!(matches!(ruling, Ruling::Refused(code, _) if code == expected), "{ruling:?}");
        };
        assert_eq!(header(&visit(), None, &signed(Role::Rep)), Ruling::Allowed);
        check(|header| header.org = OrgId::from_bytes([9; 16]), RejectCode::HeaderMismatch);
        check(|header| header.author = UserId::from_bytes([9; 16]), RejectCode::HeaderMismatch);
        check(|header| header.customer = None, RejectCode::HeaderMismatch);
        check(|header| header.generation = Generation(1), RejectCode::HeaderMismatch);
    }

    #[test]
    fn a_stored_header_cannot_be_changed() {
        let stored = Header { generation: Generation(2), ..visit() };
        let old = header(&visit(), Some(&stored), &signed(Role::Rep));
        assert!(matches!(old, Ruling::Refused(RejectCode::OldGeneration, _)), "{old:?}");
        let moved = Header { customer: Some(DocId::from_bytes([5; 16])), ..stored };
        let moved = header(&moved, Some(&stored), &signed(Role::Rep));
        assert!(matches!(moved, Ruling::Refused(RejectCode::HeaderMismatch, _)), "{moved:?}");
    }
}
