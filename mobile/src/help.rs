//! Help that a rep asks for, and what became of it.

use client_core::docs::visit::HelpRequest;
use client_core::records::HelpRecord;

use crate::client::FieldClient;
use crate::convert;
use crate::error::FieldError;

/// Help that is wanted from others. In a visit it is said with [`VisitChange`](crate::VisitChange).
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct HelpWanted {
    /// With what: `quote`, `delivery`, `invoice`, `technical` or `price`, or a word of the org's own.
    #[uniffi(default = None)]
    pub kind: Option<String>,
    /// In words.
    #[uniffi(default = None)]
    pub text: Option<String>,
    /// Who is asked, a person's id.
    #[uniffi(default = None)]
    pub asked_of: Option<String>,
}

/// What became of a request for help.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HelpAnswer {
    /// The request: the visit's id, or the id in the day's plan.
    pub id: String,
    /// The visit or plan in which it stands.
    pub doc: String,
    /// `taken`, `done` or `declined`.
    pub state: String,
    /// Who answered, by id.
    pub by: Option<String>,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// What is said to whoever asked.
    pub note: Option<String>,
}

#[uniffi::export]
impl FieldClient {
    /// Asks for help in the plan of a day; gives the request's id. Works offline.
    pub fn ask_help(&self, date: String, help: HelpWanted) -> Result<String, FieldError> {
        Ok(self.client.ask_help(convert::parse(&date)?, &request(help)?)?.to_string())
    }

    /// What became of help that I asked for, the latest answer first.
    pub fn help_answers(&self) -> Result<Vec<HelpAnswer>, FieldError> {
        Ok(self.client.help_answers()?.into_iter().map(answer).collect())
    }
}

/// As the core takes it.
pub(crate) fn request(wanted: HelpWanted) -> Result<HelpRequest, FieldError> {
    let HelpWanted { kind, text, asked_of } = wanted;
    let asked_of = asked_of.as_deref().map(convert::parse).transpose()?;
    Ok(HelpRequest { kind, text, asked_of })
}

/// As the core has it.
pub(crate) fn wanted(request: HelpRequest) -> HelpWanted {
    let HelpRequest { kind, text, asked_of } = request;
    HelpWanted { kind, text, asked_of: asked_of.map(|person| person.to_string()) }
}

fn answer(record: HelpRecord) -> HelpAnswer {
    HelpAnswer {
        id: record.id.to_string(),
        doc: record.doc.to_string(),
        state: record.state.to_string(),
        by: record.by.map(|person| person.to_string()),
        at_ms: record.at.millis(),
        note: record.note,
    }
}
