//! A customer's page: the profile, the people, and what happened there.

use client_core::docs::customer::{Contact, CustomerState, Phone};
use client_core::engine::{CustomerEntry, TimelineItem as CoreItem};
use client_core::time::Timestamp;

use crate::client::FieldClient;
use crate::convert;
use crate::deals::{DealRow, deal_row};
use crate::error::FieldError;
use crate::rows::{CaseRow, CustomerRow, VisitRow};

/// Everything about a customer that its page shows.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct CustomerDetail {
    /// As in the list.
    pub row: CustomerRow,
    /// Industry, as people write it.
    pub industry: Option<String>,
    /// Headcount or turnover band.
    pub size_band: Option<String>,
    /// Region, as the rep writes it.
    pub region: Option<String>,
    /// `direct`, `distribution` or `online`.
    pub channel: Option<String>,
    /// `lead`, `prospect`, `active`, `dormant` or `lost`.
    pub lifecycle: Option<String>,
    /// Where it is, WGS-84 degrees.
    pub latitude: Option<f64>,
    /// Where it is, WGS-84 degrees.
    pub longitude: Option<f64>,
    /// Its numbers.
    pub phones: Vec<PhoneRow>,
    /// Its people, with their part in the buying decision.
    pub contacts: Vec<ContactRow>,
    /// Tags.
    pub tags: Vec<String>,
    /// What it needs.
    pub needs: Vec<String>,
    /// What hurts.
    pub pains: Vec<String>,
    /// Free notes.
    pub notes: Option<String>,
    /// The customer that it turned out to be, after a merge.
    pub merged_into: Option<String>,
}

/// A phone number.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PhoneRow {
    /// As it was typed.
    pub raw: Option<String>,
    /// `+8613812345678`, where it could be understood: what to dial.
    pub e164: Option<String>,
}

/// A person at a customer.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ContactRow {
    /// What a visit names it by.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// `technical`, `financial`, `decision`, `user` or `coach`.
    pub buying_role: Option<String>,
    /// Number.
    pub phone: PhoneRow,
    /// Address for mail.
    pub email: Option<String>,
}

/// A person to be added.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct NewContact {
    /// Name.
    pub name: String,
    /// Job title.
    #[uniffi(default = None)]
    pub title: Option<String>,
    /// `technical`, `financial`, `decision`, `user` or `coach`.
    #[uniffi(default = None)]
    pub buying_role: Option<String>,
    /// Number, as typed.
    #[uniffi(default = None)]
    pub phone: Option<String>,
}

/// What to change about a customer: only what is given is written, so that others'
/// edits of the rest all stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct CustomerChange {
    /// The name people use.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// Street address.
    #[uniffi(default = None)]
    pub address: Option<String>,
    /// Industry.
    #[uniffi(default = None)]
    pub industry: Option<String>,
    /// Free notes.
    #[uniffi(default = None)]
    pub notes: Option<String>,
}

/// Something that happened at a customer.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum TimelineItem {
    /// A visit, at its start.
    Visit {
        /// It.
        row: VisitRow,
    },
    /// A deal, when it was made.
    Deal {
        /// It.
        row: DealRow,
    },
    /// A complaint, enquiry or survey, when it was brought.
    Case {
        /// It.
        row: CaseRow,
    },
}

#[uniffi::export]
impl FieldClient {
    /// A customer's page; none if it is not on this phone.
    pub fn customer(&self, id: String) -> Result<Option<CustomerDetail>, FieldError> {
        Ok(self.client.customer(convert::parse(&id)?)?.map(detail))
    }

    /// Changes what is given, and nothing else.
    pub fn edit_customer(&self, id: String, change: CustomerChange) -> Result<(), FieldError> {
        let CustomerChange { name, address, industry, notes } = change;
        self.client.edit_customer(convert::parse(&id)?, |edit| {
            name.as_deref().map_or(Ok(()), |name| edit.set_name(Some(name)))?;
            address.as_deref().map_or(Ok(()), |address| edit.set_address(Some(address)))?;
            industry.as_deref().map_or(Ok(()), |industry| edit.set_industry(Some(industry)))?;
            notes.as_deref().map_or(Ok(()), |notes| edit.set_notes(Some(notes)))
        })?;
        Ok(())
    }

    /// Adds a person to a customer; gives what a visit names them by.
    pub fn add_contact(&self, customer: String, contact: NewContact) -> Result<String, FieldError> {
        let id = self.client.new_item_id();
        let phone = contact.phone.as_deref().map(|raw| self.client.parse_phone(raw));
        let contact = Contact {
            name: Some(contact.name),
            title: contact.title,
            buying_role: contact.buying_role.as_deref().map(Into::into),
            phone: phone.unwrap_or_default(),
            ..Contact::default()
        };
        let customer = convert::parse(&customer)?;
        self.client.edit_customer(customer, |edit| edit.add_contact(id, &contact))?;
        Ok(id.to_string())
    }

    /// What happened at a customer, newest first: `limit` things before `before_ms`
    /// (milliseconds since 1970 UTC), or up to now, and what else happened at the last one's
    /// instant. So the last one's time begins the next part, and nothing comes twice.
    #[uniffi::method(default(before_ms = None, limit = 50))]
    pub fn timeline(
        &self,
        customer: String,
        before_ms: Option<i64>,
        limit: u32,
    ) -> Result<Vec<TimelineItem>, FieldError> {
        let before = before_ms.map(Timestamp::from_millis);
        let items = self.client.timeline(convert::parse(&customer)?, before, limit)?;
        Ok(items.into_iter().map(item).collect())
    }
}

fn item(item: CoreItem) -> TimelineItem {
    match item {
        CoreItem::Visit(visit) => TimelineItem::Visit { row: convert::visit_row(*visit) },
        CoreItem::Deal(deal) => TimelineItem::Deal { row: deal_row(*deal) },
        CoreItem::Case(case) => TimelineItem::Case { row: convert::case_row(*case) },
    }
}

fn detail(entry: CustomerEntry) -> CustomerDetail {
    let degrees = |e7: i64| {
        #[expect(clippy::cast_precision_loss, reason = "1.8 × 10⁹ fits a double exactly")]
        let degrees = e7 as f64 / 1e7;
        degrees
    };
    let point = entry.state.position.as_ref().map(|position| position.point);
    let merged_into = entry.merged_into.map(|other| other.to_string());
    let row = convert::customer_row(entry.clone());
    let CustomerState {
        industry,
        size_band,
        region,
        channel,
        lifecycle,
        phones,
        contacts,
        tags,
        needs,
        pains,
        notes,
        ..
    } = entry.state;
    CustomerDetail {
        row,
        industry,
        size_band,
        region,
        channel: channel.map(|channel| channel.to_string()),
        lifecycle: lifecycle.map(|lifecycle| lifecycle.to_string()),
        latitude: point.map(|point| degrees(point.lat_e7)),
        longitude: point.map(|point| degrees(point.lon_e7)),
        phones: phones.into_values().map(phone).collect(),
        contacts: contacts
            .into_iter()
            .map(|(id, contact)| ContactRow {
                id: id.to_string(),
                name: contact.name,
                title: contact.title,
                buying_role: contact.buying_role.map(|role| role.to_string()),
                phone: phone(contact.phone),
                email: contact.email,
            })
            .collect(),
        tags: tags.into_values().collect(),
        needs: needs.into_values().collect(),
        pains: pains.into_values().collect(),
        notes,
        merged_into,
    }
}

fn phone(phone: Phone) -> PhoneRow {
    PhoneRow { raw: phone.raw, e164: phone.e164 }
}
