use super::client::{Client, CommandQueued};
use super::{ReadError, SaveError};
use crate::docs::DocKind;
use crate::id::{DocId, RecordId, UserId};
use crate::protocol::DecideQuarantine;
use crate::records::{Cause, DecisionRecord, Record, RecordKind, Role, UserRecord, Verdict};
use crate::store::{self, StoreError};
use crate::time::Timestamp;

/// Work that came too late and waits for a person, or that a person has decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateWork {
    /// The case; what [`Client::decide_quarantine`] takes.
    pub case: RecordId,
    /// The document that was edited.
    pub subject: DocId,
    /// What it is.
    pub kind: DocKind,
    /// Its name, if it is on this phone.
    pub name: Option<String>,
    /// Whose work it is.
    pub author: UserId,
    /// Their name.
    pub author_name: String,
    /// How many changes.
    pub changes: usize,
    /// When the server received it.
    pub received_at: Timestamp,
    /// What was decided; none while it waits.
    pub verdict: Option<Verdict>,
    /// By whom; none for the command line.
    pub by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What the decider said.
    pub note: Option<String>,
    /// Why it was kept aside: late work waits for a decision, what the server could not
    /// read for whoever looks after it.
    pub cause: Cause,
    /// It is the work of whoever is signed in here.
    pub mine: bool,
    /// It waits, and whoever is signed in here leads its author or its unit.
    pub may_decide: bool,
}

impl Client {
    /// Late work that concerns whoever is signed in: their own, and that of the people
    /// and units they lead. What waits comes first, then the newest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn late_work(&self) -> Result<Vec<LateWork>, ReadError> {
        self.inner.read(|conn, who| {
            let people: Vec<UserRecord> = store::record::all(conn, RecordKind::User)?
                .into_iter()
                .filter_map(|record| match record {
                    Record::User(user) => Some(user),
                    _ => None,
                })
                .collect();
            let leads = matches!(who.role, Role::Supervisor | Role::Manager);
            let mut found = Vec::new();
            for record in store::record::all(conn, RecordKind::Decision)? {
                let Record::Decision(decision) = record else { continue };
                let name = name(conn, &decision)?;
                found.push(entry(decision, &people, name, who.user, leads));
            }
            found.sort_by_key(|late| {
                (late.verdict.is_some(), std::cmp::Reverse(late.received_at), late.case)
            });
            Ok(found)
        })
    }

    /// Decides on late work, also without signal: the decision is sent with the next
    /// sync and answered by the case's record. If somebody was faster, theirs stands
    /// and [`Client::command_state`] says so.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn decide_quarantine(
        &self,
        case: RecordId,
        verdict: Verdict,
        note: Option<String>,
    ) -> Result<CommandQueued, SaveError> {
        let body = DecideQuarantine { case, verdict, note };
        self.queue_command(DecideQuarantine::KIND, body.encode())
    }
}

fn entry(
    decision: DecisionRecord,
    people: &[UserRecord],
    name: Option<String>,
    me: UserId,
    leads: bool,
) -> LateWork {
    let called = |user: UserId| {
        let found = people.iter().find(|person| person.id == user);
        found.map_or_else(|| user.to_string(), |person| person.name.clone())
    };
    let mine = decision.author == me;
    LateWork {
        case: decision.id,
        subject: decision.subject,
        kind: decision.kind,
        name,
        author: decision.author,
        author_name: called(decision.author),
        changes: decision.changes.len(),
        received_at: decision.received_at,
        verdict: decision.verdict,
        by: decision.by.map(called),
        decided_at: decision.at,
        note: decision.note,
        cause: decision.cause,
        mine,
        may_decide: leads && !mine && decision.verdict.is_none(),
    }
}

/// What the document is called, if it is here.
fn name(
    conn: &rusqlite::Connection,
    decision: &DecisionRecord,
) -> Result<Option<String>, StoreError> {
    Ok(match decision.kind {
        DocKind::Customer => {
            store::query::customer(conn, decision.subject)?.and_then(|found| found.state.name)
        }
        DocKind::Deal => {
            store::query::deal(conn, decision.subject)?.and_then(|found| found.state.name)
        }
        DocKind::Case => {
            store::query::case(conn, decision.subject)?.and_then(|found| found.state.subject)
        }
        DocKind::Visit | DocKind::Plan => None,
    })
}
