//! A visit between its check-in and its submit, filled in bit by bit.

use client_core::docs::ChangeHash;
use client_core::docs::visit::{CompetitorSeen, Expense, ExpenseKind, Outcome, Purpose};
use client_core::engine::{
    AttachmentKind as CoreKind, NewAttachment as CoreAttachment, VisitChange as CoreChange,
};
use client_core::time::Timestamp;

use crate::client::FieldClient;
use crate::convert;
use crate::error::FieldError;
use crate::help::{self, HelpWanted};
use crate::rows::Amount;

/// What there is to say about a visit that is not submitted: only what is given is written,
/// and what was noted before stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct VisitChange {
    /// `onsite`, `phone`, `video`, `wechat`, `email`, `event`.
    #[uniffi(default = None)]
    pub mode: Option<String>,
    /// Code of the outcome: `order`, `progress`, `maintained`, `follow_up`, `not_met`, `rejected`.
    #[uniffi(default = None)]
    pub outcome: Option<String>,
    /// The result in words.
    #[uniffi(default = None)]
    pub result: Option<String>,
    /// What follows; with `no_next_step` false and this absent the question stays open.
    #[uniffi(default = None)]
    pub next_step: Option<String>,
    /// When the next step is due, `YYYY-MM-DD`.
    #[uniffi(default = None)]
    pub next_step_due: Option<String>,
    /// The rep said explicitly that nothing follows.
    #[uniffi(default = false)]
    pub no_next_step: bool,
    /// What it was for: `prospecting`, `follow_up`, `discovery`, `negotiation`, `after_sales`,
    /// `executive`, `collection` or `service`.
    #[uniffi(default = None)]
    pub purpose: Option<String>,
    /// What it was for, set before.
    #[uniffi(default = None)]
    pub objective: Option<String>,
    /// When it began, milliseconds since 1970 UTC.
    #[uniffi(default = None)]
    pub started_at_ms: Option<i64>,
    /// When it ended, milliseconds since 1970 UTC.
    #[uniffi(default = None)]
    pub ended_at_ms: Option<i64>,
    /// More contacts met, by id.
    #[uniffi(default = [])]
    pub contacts_met: Vec<String>,
    /// More deals spoken about, by id.
    #[uniffi(default = [])]
    pub deals: Vec<String>,
    /// More needs heard.
    #[uniffi(default = [])]
    pub needs: Vec<String>,
    /// More objections heard.
    #[uniffi(default = [])]
    pub objections: Vec<String>,
    /// More competitors seen.
    #[uniffi(default = [])]
    pub competitors: Vec<Competitor>,
    /// Help wanted from others; another request takes the place of the first.
    #[uniffi(default = None)]
    pub help: Option<HelpWanted>,
}

/// A competitor that was seen at a customer's.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Competitor {
    /// Who.
    pub name: String,
    /// What was heard: a price, a new product, an opinion.
    #[uniffi(default = None)]
    pub note: Option<String>,
}

/// What an attachment is to its visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AttachmentKind {
    /// A photo; a visit has any number.
    Photo,
    /// A spoken note; a visit has any number.
    VoiceNote,
    /// The customer's signature; another one replaces it.
    Signature,
}

/// A file that was made at a visit. The library keeps what identifies it; its bytes travel
/// by the app's own way.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NewAttachment {
    /// What it is.
    pub kind: AttachmentKind,
    /// SHA-256 of the bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// Length in bytes.
    pub length: u64,
    /// Media type, for example `image/jpeg`.
    pub media_type: String,
    /// When it was taken, milliseconds since 1970 UTC; now if absent.
    #[uniffi(default = None)]
    pub taken_at_ms: Option<i64>,
}

#[uniffi::export]
impl FieldClient {
    /// Says more about a visit, until it is submitted.
    pub fn edit_visit(&self, visit: String, change: VisitChange) -> Result<(), FieldError> {
        Ok(self.client.change_visit(convert::parse(&visit)?, &core(change)?)?)
    }

    /// Notes a photo, a spoken note or a signature, until the visit is submitted; gives its
    /// id. The signature, of which there is one, has none.
    pub fn attach(&self, visit: String, file: NewAttachment) -> Result<Option<String>, FieldError> {
        let ChangeHash(sha256) = hash(&file.sha256)?;
        let file = CoreAttachment {
            kind: match file.kind {
                AttachmentKind::Photo => CoreKind::Photo,
                AttachmentKind::VoiceNote => CoreKind::VoiceNote,
                AttachmentKind::Signature => CoreKind::Signature,
            },
            sha256,
            length: file.length,
            media_type: file.media_type,
            taken_at: file.taken_at_ms.map(Timestamp::from_millis),
        };
        let id = self.client.attach(convert::parse(&visit)?, &file)?;
        Ok(id.map(|id| id.to_string()))
    }

    /// Notes what a visit cost, until it is submitted; gives the expense's id. `kind` is
    /// `travel`, `meal`, `lodging`, `gift`, `material` or `other`; `voucher` is the SHA-256
    /// of the photo that proves it.
    #[uniffi::method(default(voucher = None))]
    pub fn note_expense(
        &self,
        visit: String,
        kind: String,
        amount: Amount,
        voucher: Option<String>,
    ) -> Result<String, FieldError> {
        let known = match ExpenseKind::from(kind.as_str()) {
            ExpenseKind::Unknown(_) => {
                let detail = format!("{kind:?} is nothing that money is spent on");
                return Err(FieldError::BadInput { detail });
            }
            known => known,
        };
        let voucher = voucher.as_deref().map(hash).transpose()?;
        let expense = Expense { kind: known, amount: convert::money(&amount)?, voucher };
        Ok(self.client.note_expense(convert::parse(&visit)?, &expense)?.to_string())
    }
}

fn competitor(seen: Competitor) -> CompetitorSeen {
    CompetitorSeen { name: Some(seen.name), note: seen.note }
}

/// Parses a SHA-256, or says what was wrong with it.
fn hash(text: &str) -> Result<ChangeHash, FieldError> {
    text.parse().map_err(|_none| FieldError::BadInput {
        detail: format!("{text:?} is no SHA-256: it has 64 hexadecimal digits"),
    })
}

pub(crate) fn core(change: VisitChange) -> Result<CoreChange, FieldError> {
    let due = change.next_step_due.as_deref();
    let next_step = convert::next_step(change.next_step, due, change.no_next_step)?;
    Ok(CoreChange {
        mode: change.mode.as_deref().map(convert::mode).transpose()?,
        outcome: change.outcome.as_deref().map(Outcome::from),
        result: change.result,
        next_step,
        purpose: change.purpose.as_deref().map(Purpose::from),
        objective: change.objective,
        started_at: change.started_at_ms.map(Timestamp::from_millis),
        ended_at: change.ended_at_ms.map(Timestamp::from_millis),
        contacts_met: convert::parsed(&change.contacts_met)?,
        deals: convert::parsed(&change.deals)?,
        needs: change.needs,
        objections: change.objections,
        competitors: change.competitors.into_iter().map(competitor).collect(),
        help: change.help.map(help::request).transpose()?,
    })
}
