use super::client::{Client, load};
use super::{ReadError, SaveError};
use crate::docs::customer::{BuyingRole, Channel, Contact, CustomerEdit, Lifecycle};
use crate::docs::{DocKind, Document, EditError};
use crate::geo::Point;
use crate::id::{DocId, UserId};
use crate::names::{Likeness, parse_phone};
use crate::store::{self, CustomerEntry};
use crate::time::Date;

/// A customer to be created. Only the name is needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCustomer {
    /// The name people use.
    pub name: String,
    /// The company's number, as typed.
    pub phone: Option<String>,
    /// Industry, free text.
    pub industry: Option<String>,
    /// Headcount or turnover band, free text.
    pub size_band: Option<String>,
    /// Region as the rep writes it.
    pub region: Option<String>,
    /// How it is sold to.
    pub channel: Option<Channel>,
    /// Street address.
    pub address: Option<String>,
    /// Where it is, if somebody put it on the map.
    pub position: Option<Point>,
    /// Where in its life as a customer it is.
    pub lifecycle: Option<Lifecycle>,
    /// People there.
    pub contacts: Vec<NewContact>,
    /// Free notes.
    pub notes: Option<String>,
}

/// A person at a new customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewContact {
    /// Name.
    pub name: String,
    /// Job title.
    pub title: Option<String>,
    /// Role in the buying decision.
    pub buying_role: Option<BuyingRole>,
    /// Number, as typed.
    pub phone: Option<String>,
}

/// A customer was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its id, for ever.
    pub id: DocId,
    /// Customers it may be a duplicate of. It was created all the same: a warning
    /// never blocks a save.
    pub likely_duplicates: Vec<LikelyDuplicate>,
}

/// A customer that is like another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikelyDuplicate {
    /// The customer that is here already.
    pub customer: CustomerEntry,
    /// How alike the names are; the same for a shared number.
    pub likeness: Likeness,
    /// They share a phone number.
    pub same_phone: bool,
}

const SHOWN_DUPLICATES: usize = 5;

impl Client {
    /// Creates a customer. Its holder is this user until the server places it.
    ///
    /// # Errors
    /// [`SaveError::NameMissing`] and the rest of [`SaveError`]; nothing was saved then.
    pub fn create_customer(&self, new: NewCustomer) -> Result<Created, SaveError> {
        if new.name.trim().is_empty() {
            return Err(SaveError::NameMissing);
        }
        let likely_duplicates = self.likely_duplicates(&new.name, new.phone.as_deref())?;
        let region = self.inner.config.region;
        let id = self.inner.save(|unit, moment| {
            let id = moment.doc_id();
            let mut document = Document::create(moment.header(id, DocKind::Customer, None));
            let change = document.edit_customer(&unit.edit_context(), |edit| {
                edit.set_name(Some(new.name.trim()))?;
                edit.set_created_at(Some(moment.at))?;
                edit.set_industry(new.industry.as_deref())?;
                edit.set_size_band(new.size_band.as_deref())?;
                edit.set_region(new.region.as_deref())?;
                edit.set_channel(new.channel.clone())?;
                edit.set_address(new.address.as_deref())?;
                edit.set_notes(new.notes.as_deref())?;
                if let Some(point) = new.position {
                    edit.set_position(Some(crate::docs::customer::CustomerPosition {
                        point,
                        accuracy_mm: None,
                        source: crate::docs::customer::PositionSource::Manual,
                    }))?;
                }
                if let Some(lifecycle) = &new.lifecycle {
                    edit.enter_lifecycle(moment.item_id(), lifecycle, moment.at)?;
                }
                if let Some(phone) = &new.phone {
                    edit.add_phone(moment.item_id(), &parse_phone(phone, region))?;
                }
                for contact in &new.contacts {
                    let phone = contact.phone.as_deref().map(|raw| parse_phone(raw, region));
                    let contact = Contact {
                        name: Some(contact.name.clone()),
                        title: contact.title.clone(),
                        buying_role: contact.buying_role.clone(),
                        phone: phone.unwrap_or_default(),
                        ..Contact::default()
                    };
                    edit.add_contact(moment.item_id(), &contact)?;
                }
                Ok(())
            })?;
            if let Some(change) = change {
                unit.put(&document, &change)?;
            }
            Ok(id)
        })?;
        Ok(Created { id, likely_duplicates })
    }

    /// Customers on this phone that one with this name and number may be a
    /// duplicate of, likeliest first: to warn before saving. Names are compared
    /// folded (script, width, company form) and by sound, numbers in E.164.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn likely_duplicates(
        &self,
        name: &str,
        phone: Option<&str>,
    ) -> Result<Vec<LikelyDuplicate>, ReadError> {
        let phone = phone.map(|raw| parse_phone(raw, self.inner.config.region));
        self.inner.read(|conn, _who| {
            let candidates =
                store::search::candidates(conn, name, phone.as_ref(), SHOWN_DUPLICATES)?;
            let mut likely = Vec::new();
            for candidate in candidates {
                if let Some(customer) = store::query::customer(conn, candidate.customer)? {
                    likely.push(LikelyDuplicate {
                        customer,
                        likeness: candidate.likeness,
                        same_phone: candidate.same_phone,
                    });
                }
            }
            Ok(likely)
        })
    }

    /// Edits a customer by intents: only what the closure sets is written, so that
    /// concurrent edits of other fields all stay. Nothing new writes nothing.
    ///
    /// # Errors
    /// [`SaveError`]; nothing of the closure was kept then.
    pub fn edit_customer(
        &self,
        customer: DocId,
        intents: impl FnOnce(&mut CustomerEdit<'_>) -> Result<(), EditError>,
    ) -> Result<(), SaveError> {
        self.inner.save(|unit, _moment| {
            let mut document = load(unit, customer)?;
            if let Some(change) = document.edit_customer(&unit.edit_context(), intents)? {
                unit.put(&document, &change)?;
            }
            Ok(())
        })
    }

    /// Plans how a customer in danger is kept (S1: a red one needs a plan): what is done,
    /// by whom, and until when. A plan that was done before begins anew.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn plan_recovery(
        &self,
        customer: DocId,
        plan: &str,
        owner: Option<UserId>,
        due: Option<Date>,
    ) -> Result<(), SaveError> {
        self.edit_customer(customer, |edit| {
            edit.set_recovery_plan(Some(plan))?;
            edit.set_recovery_owner(owner)?;
            edit.set_recovery_due(due)?;
            edit.set_recovery_done_on(None)
        })
    }

    /// The plan was carried out, today.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn finish_recovery(&self, customer: DocId) -> Result<(), SaveError> {
        let today = self.business_today();
        self.edit_customer(customer, |edit| edit.set_recovery_done_on(Some(today)))
    }

    /// A phone number as this client understands it; what was typed is kept.
    pub fn parse_phone(&self, raw: &str) -> crate::docs::customer::Phone {
        parse_phone(raw, self.inner.config.region)
    }

    /// A new id for a thing inside a document (a contact, a tag, a quote).
    pub fn new_item_id(&self) -> crate::id::ItemId {
        let config = &self.inner.config;
        crate::id::ItemId::new(config.clock.now(), super::random::id_bytes(&*config.random))
    }
}
