//! Total reading of a customer document.

use super::layout::{
    ABOUT, ALIASES, CONTACTS, CREDIT, LIFECYCLE, NEEDS, PAINS, PHONES, TAGS, TIER_PROPOSAL,
};
use super::{Contact, CreditNotes, CustomerState, Phone, Recovery, TierProposal};
use crate::docs::edit::{MapWriter, within};
use crate::docs::read::{Fields, Reader, Record, record};
use crate::docs::{Document, EditError, Hydrated};

impl CustomerState {
    /// Reads a customer document. What cannot be read becomes a fault.
    pub fn read(document: &Document) -> Hydrated<Self> {
        Self::read_from(Reader::new(document))
    }

    pub(crate) fn read_from(reader: Reader<'_>) -> Hydrated<Self> {
        let mut about = reader.root(ABOUT);
        let state = Self {
            name: about.take("name"),
            aliases: reader.items(ALIASES),
            industry: about.take("industry"),
            size_band: about.take("size_band"),
            region: about.take("region"),
            channel: about.take("channel"),
            address: about.take("address"),
            position: about.take("position"),
            phones: reader.items(PHONES),
            contacts: reader.records(CONTACTS),
            tags: reader.items(TAGS),
            needs: reader.items(NEEDS),
            pains: reader.items(PAINS),
            lifecycle: about.take("lifecycle"),
            lifecycle_history: reader.items(LIFECYCLE),
            tier_proposal: reader.optional(TIER_PROPOSAL),
            credit: CreditNotes::read(&mut reader.root(CREDIT)),
            nurture: about.take("nurture"),
            reference: about.take("reference"),
            at_risk: about.take("at_risk"),
            recovery: Recovery {
                plan: about.take("recovery_plan"),
                owner: about.take("recovery_owner"),
                due: about.take("recovery_due"),
                done_on: about.take("recovery_done_on"),
            },
            notes: about.take("notes"),
            created_at: about.take("created_at"),
        };
        drop(about);
        reader.finish(state)
    }
}

impl Record for Contact {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            name: fields.take("name"),
            title: fields.take("title"),
            buying_role: fields.take("buying_role"),
            influence: fields.take_within("influence", &(1..=5)),
            stance: fields.take("stance"),
            phone: fields.take("phone").unwrap_or_default(),
            email: fields.take("email"),
            birthday: fields.take("birthday"),
            notes: fields.take("notes"),
        }
    }

    fn write(&self, map: &mut MapWriter<'_, '_>) -> Result<(), EditError> {
        map.fill("name", self.name.as_ref())?;
        map.fill("title", self.title.as_ref())?;
        map.fill("buying_role", self.buying_role.as_ref())?;
        map.fill("influence", within("influence", self.influence, &(1..=5))?)?;
        map.fill("stance", self.stance.as_ref())?;
        map.fill("phone", (self.phone != Phone::default()).then_some(&self.phone))?;
        map.fill("email", self.email.as_ref())?;
        map.fill("birthday", self.birthday)?;
        map.fill("notes", self.notes.as_ref())
    }
}

record!(TierProposal {
    tier,
    contribution in 0..=100,
    potential in 0..=100,
    influence in 0..=100,
    reason,
});

record!(CreditNotes { limit, grade, reviewed_on, notes });
