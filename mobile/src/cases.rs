//! Complaints, enquiries and surveys.

use client_core::engine::CaseQuery;

use crate::client::FieldClient;
use crate::convert;
use crate::error::FieldError;
use crate::rows::{CasePage, CaseRow, NewCase};

#[uniffi::export]
impl FieldClient {
    /// Notes a complaint or an enquiry; gives its id.
    pub fn open_case(&self, new: NewCase) -> Result<String, FieldError> {
        Ok(self.client.open_case(convert::case(new)?)?.to_string())
    }

    /// One case; none if it is not on this phone.
    pub fn case(&self, id: String) -> Result<Option<CaseRow>, FieldError> {
        Ok(self.client.case(convert::parse(&id)?)?.map(convert::case_row))
    }

    /// A page of cases, newest first, of one customer or of all.
    #[uniffi::method(default(customer = None, open = false, limit = 50, after = None))]
    pub fn cases(
        &self,
        customer: Option<String>,
        open: bool,
        limit: u32,
        after: Option<String>,
    ) -> Result<CasePage, FieldError> {
        let customer = customer.as_deref().map(convert::parse).transpose()?;
        let after = after.as_deref().map(convert::parse).transpose()?;
        let query = CaseQuery { customer, open, limit, after, ..CaseQuery::default() };
        let page = self.client.cases(&query)?;
        Ok(CasePage {
            rows: page.items.into_iter().map(convert::case_row).collect(),
            next: page.next.map(|next| next.to_string()),
        })
    }

    /// Notes what happened with a case meanwhile; `replied` says that the customer heard.
    #[uniffi::method(default(replied = false))]
    pub fn note_progress(
        &self,
        case_id: String,
        text: String,
        replied: bool,
    ) -> Result<(), FieldError> {
        self.client.note_progress(convert::parse(&case_id)?, &text, replied)?;
        Ok(())
    }

    /// A case is resolved, now.
    #[uniffi::method(default(action = None, satisfied = None))]
    pub fn resolve_case(
        &self,
        case_id: String,
        action: Option<String>,
        satisfied: Option<bool>,
    ) -> Result<(), FieldError> {
        Ok(self.client.resolve_case(convert::parse(&case_id)?, action.as_deref(), satisfied)?)
    }

    /// Notes what a customer answered, 0 to 10, to an `nps` or `csat` question: beside a
    /// case, or as a survey of its own. Gives the case's id.
    #[uniffi::method(default(case_id = None, comment = None))]
    pub fn record_survey(
        &self,
        customer: String,
        kind: String,
        score: u8,
        case_id: Option<String>,
        comment: Option<String>,
    ) -> Result<String, FieldError> {
        let case = case_id.as_deref().map(convert::parse).transpose()?;
        let (customer, kind) = (convert::parse(&customer)?, convert::survey(&kind)?);
        let noted = self.client.record_survey(customer, case, kind, score, comment.as_deref())?;
        Ok(noted.to_string())
    }
}
