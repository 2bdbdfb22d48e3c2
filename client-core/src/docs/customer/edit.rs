//! The intents that write a customer document.

use super::layout::{
    ABOUT, ALIASES, CONTACTS, CREDIT, LIFECYCLE, NEEDS, PAINS, PHONES, TAGS, TIER_PROPOSAL,
};
use super::{
    BuyingRole, Channel, Contact, CreditNotes, CustomerPosition, Lifecycle, LifecycleChange, Phone,
    Stance, TierProposal,
};
use crate::docs::EditError;
use crate::docs::edit::{Writer, record_items, scalar_items, setters};
use crate::docs::read::Record;
use crate::id::{ItemId, UserId};
use crate::money::Money;
use crate::records::Tier;
use crate::time::{Date, Timestamp};

/// Intents on one customer, inside [`Document::edit_customer`](crate::docs::Document::edit_customer).
pub struct CustomerEdit<'d> {
    pub(crate) writer: Writer<'d>,
}

impl<'d> CustomerEdit<'d> {
    pub(crate) const fn begin(writer: Writer<'d>) -> Self {
        Self { writer }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the setters also serve visits, which close")]
    const fn open(&mut self) -> Result<&mut Writer<'d>, EditError> {
        Ok(&mut self.writer)
    }

    setters! {
        ABOUT {
            set_name: "name" &str;
            set_industry: "industry" &str;
            set_size_band: "size_band" &str;
            set_region: "region" &str;
            set_channel: "channel" Channel;
            set_address: "address" &str;
            set_position: "position" CustomerPosition;
            set_nurture: "nurture" bool;
            set_reference: "reference" bool;
            set_at_risk: "at_risk" bool;
            set_recovery_plan: "recovery_plan" &str;
            set_recovery_owner: "recovery_owner" UserId;
            set_recovery_due: "recovery_due" Date;
            set_recovery_done_on: "recovery_done_on" Date;
            set_notes: "notes" &str;
            set_created_at: "created_at" Timestamp;
        }
        TIER_PROPOSAL {
            set_tier_proposal_tier: "tier" Tier;
            set_tier_proposal_contribution: "contribution" u8, in 0..=100;
            set_tier_proposal_potential: "potential" u8, in 0..=100;
            set_tier_proposal_influence: "influence" u8, in 0..=100;
            set_tier_proposal_reason: "reason" &str;
        }
        CREDIT {
            set_credit_limit: "limit" Money;
            set_credit_grade: "grade" &str;
            set_credit_reviewed_on: "reviewed_on" Date;
            set_credit_notes: "notes" &str;
        }
    }

    scalar_items! {
        ALIASES { add_alias, remove_alias, ItemId => &str }
        PHONES { add_phone, remove_phone, ItemId => &Phone }
        TAGS { add_tag, remove_tag, ItemId => &str }
        NEEDS { add_need, remove_need, ItemId => &str }
        PAINS { add_pain, remove_pain, ItemId => &str }
    }

    record_items! {
        CONTACTS { add add_contact, remove remove_contact, Contact {
            set_contact_name: "name" &str;
            set_contact_title: "title" &str;
            set_contact_buying_role: "buying_role" BuyingRole;
            set_contact_influence: "influence" u8, in 1..=5;
            set_contact_stance: "stance" Stance;
            set_contact_phone: "phone" &Phone;
            set_contact_email: "email" &str;
            set_contact_birthday: "birthday" Date;
            set_contact_notes: "notes" &str;
        } }
    }

    /// The customer enters a lifecycle phase: the phase now and its dated history.
    pub fn enter_lifecycle(
        &mut self,
        entry: ItemId,
        to: &Lifecycle,
        at: Timestamp,
    ) -> Result<(), EditError> {
        self.writer.root(ABOUT).set("lifecycle", Some(to))?;
        self.writer.root(LIFECYCLE).put(&entry, &LifecycleChange { to: to.clone(), at })
    }

    /// Proposes a tier; only the fields that are given are written.
    pub fn propose_tier(&mut self, proposal: &TierProposal) -> Result<(), EditError> {
        proposal.write(&mut self.writer.root(TIER_PROPOSAL))
    }

    /// Writes credit notes; only the fields that are given are written.
    pub fn note_credit(&mut self, credit: &CreditNotes) -> Result<(), EditError> {
        credit.write(&mut self.writer.root(CREDIT))
    }
}
