//! Settling a visit that is under review.

use client_core::docs::DocKind;
use client_core::id::UserId;
use client_core::protocol::JudgeVisit;
use client_core::records::{Ruling, VoidRecord};

use super::AskError;
use crate::office::VoidError;
use crate::office::registrar::Registrar;
use crate::storage::Documents;

impl Registrar {
    /// Accepts or rejects a visit under review of somebody whom this reader leads. The last
    /// word stands, but for a visit that was taken out of the count. The same again is
    /// nothing new.
    pub async fn judge_visit(&self, ask: JudgeVisit) -> Result<VoidRecord, AskError> {
        let office = &self.office;
        let held = office.app.storage().document(office.org, ask.visit).await?;
        let held = held.filter(|held| held.header.kind == DocKind::Visit);
        let header = held.ok_or(AskError::UnknownVisit { visit: ask.visit })?.header;
        self.settles_visits_of(header.author).await?;
        let ruling = if ask.accepted { Ruling::Accept } else { Ruling::Reject };
        let note = ask.note.trim();
        let standing = office.void(ask.visit).await?.filter(VoidRecord::in_force);
        if let Some(standing) = standing
            && standing.ruling == ruling
            && standing.by == self.by_id()
            && standing.reason == note
        {
            return Ok(standing);
        }
        match office.rule_on(ask.visit, ruling, note, self.by_id()).await {
            Ok(ruled) => Ok(ruled),
            Err(VoidError::Storage(error)) => Err(error.into()),
            Err(error) => Err(AskError::Judge(error)),
        }
    }

    /// Whether this reader settles visits of a person: whoever leads them, nobody their own.
    pub async fn settles_visits_of(&self, author: UserId) -> Result<(), AskError> {
        let known = self.office.user(author).await?;
        Ok(self.leads_person(author, known.as_ref())?)
    }
}
