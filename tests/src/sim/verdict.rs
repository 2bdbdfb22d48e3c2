//! Whether what the server says to a push is right, by what held when it came.

use client_core::docs::ChangeHash;
use client_core::id::{DocId, UserId};
use client_core::protocol::{
    ChangeResult, GroupResult, PushGroup, RejectCode, SyncRequest, SyncResponse,
};
use client_core::time::Timestamp;
use rusqlite::Connection;

use super::facts::Facts;
use super::ledger::Ledger;
use super::server::GRACE_MS;
use super::wire;

/// What held when a push came, and what holds after it.
pub struct Bench<'a> {
    /// The phone.
    pub phone: usize,
    /// Whose.
    pub user: UserId,
    /// What the office had decided.
    pub facts: &'a Facts,
    /// The books.
    pub ledger: &'a Ledger,
    /// The server's file after it.
    pub server: &'a Connection,
    /// When.
    pub now: Timestamp,
}

impl Bench<'_> {
    /// Judges every answer to a push.
    pub fn judge(&self, request: &SyncRequest, response: &SyncResponse) -> Result<(), String> {
        if response.results.len() != request.groups.len() {
            return Err(format!("{} results for {}", response.results.len(), request.groups.len()));
        }
        let given = request.hand_back.as_ref().map(|back| back.given.clone()).unwrap_or_default();
        for (place, (group, result)) in (0_u32..).zip(request.groups.iter().zip(&response.results))
        {
            self.group(group, result, given.contains(&place))?;
        }
        Ok(())
    }

    fn group(&self, group: &PushGroup, result: &GroupResult, given: bool) -> Result<(), String> {
        let doc = group.header.doc;
        // Nobody can see yet what is new: its customer counts.
        let new = !self.facts.headers.contains_key(&doc);
        let subject = group.header.customer.filter(|_customer| new).unwrap_or(doc);
        let known = self.facts.headers.get(&subject);
        let late = known.is_some_and(|header| !self.facts.sees(self.user, header));
        let loss = self.ledger.lost(self.user, subject).filter(|_loss| late);
        // Its history began anew, and nobody tells a phone that may not see it.
        let former = late && known.is_some_and(|it| it.generation > group.header.generation);
        // What the server forgot, it cannot measure.
        let forgotten = loss.is_some_and(|loss| !loss.decided);
        let since = loss.map(|loss| self.now.since(loss.at));
        let over = !forgotten && since.is_some_and(|since| since > GRACE_MS);
        for (bytes, said) in group.changes.iter().zip(&result.changes) {
            let Some(hash) = wire::hash(bytes) else { continue };
            match said {
                ChangeResult::Stored | ChangeResult::Duplicate
                    if !self.ledger.on_server.contains(&hash) && !self.was_taken(&hash, doc) =>
                {
                    return Err(format!("{doc}: a change is called stored and is not committed"));
                }
                // What the server once stored is stored again, whenever it comes.
                ChangeResult::Stored if over && !given => {
                    return Err(format!("{doc}: taken {since:?} ms after the access ended"));
                }
                // What builds on work that waits, waits with it; what is given back may not
                // fit into a history that began anew.
                ChangeResult::Quarantined { .. }
                    if !over && !forgotten && !former && !given && !self.facts.waits(doc) =>
                {
                    return Err(format!("{doc}: quarantined within the grace: {said:?}"));
                }
                ChangeResult::Quarantined { .. } if !self.quarantined(doc, bytes) => {
                    return Err(format!("{doc}: said to be kept for a decision, and is not"));
                }
                ChangeResult::Rejected { code, .. }
                    if !forgotten
                        && !self.is_of_another_life(*code)
                        && !self.decided(*code, doc) =>
                {
                    return Err(format!("{doc}: honest work was refused: {said:?}"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a change was committed to a history that is over.
    fn was_taken(&self, hash: &ChangeHash, doc: DocId) -> bool {
        let over = self.ledger.restarted.contains(&doc) || self.ledger.erased.contains(&doc);
        over && self.ledger.ever_on_server.contains(hash)
    }

    /// Whether a change may be refused because a copy of the phone's file wrote it, or
    /// wrote what it builds on.
    fn is_of_another_life(&self, code: RejectCode) -> bool {
        let told_apart = matches!(
            code,
            RejectCode::ForeignActor | RejectCode::ForkedActor | RejectCode::DependsOnRejected
        );
        told_apart && self.ledger.copied.contains(&self.phone)
    }

    /// Whether a refusal is what somebody decided, or a history that is over.
    fn decided(&self, code: RejectCode, doc: DocId) -> bool {
        match code {
            RejectCode::Declined => self.facts.declined(doc),
            RejectCode::DependsOnRejected => {
                self.facts.declined(doc) || self.ledger.restarted.contains(&doc)
            }
            RejectCode::OldGeneration => {
                self.ledger.restarted.contains(&doc) || self.ledger.erased.contains(&doc)
            }
            _ => false,
        }
    }

    fn quarantined(&self, doc: DocId, bytes: &[u8]) -> bool {
        quarantined(self.server, doc, bytes)
    }
}

/// Whether a change is kept for somebody to decide on.
pub fn quarantined(server: &Connection, doc: DocId, bytes: &[u8]) -> bool {
    let kept = server
        .prepare_cached("select exists (select 1 from quarantine where doc = ?1 and bytes = ?2)")
        .and_then(|mut found| found.query_row((doc.as_bytes(), bytes), |row| row.get(0)));
    kept.unwrap_or(false)
}
