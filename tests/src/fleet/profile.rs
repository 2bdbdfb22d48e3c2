//! The two workloads of the budgets: what a customer and a visit hold.
//!
//! **peer** is what six other products were measured with: 25 fields of a customer,
//! 15 of a visit. **full** is every field of the data model, with 20 to 80
//! characters of Chinese in each text.

use client_core::docs::customer::{
    BuyingRole, Channel, Contact, CreditNotes, CustomerEdit, CustomerPosition, Lifecycle, Phone,
    PositionSource, Stance, TierProposal,
};
use client_core::docs::visit::{
    Attachment, Check, ClockEvidence, CompetitorSeen, Fix, HelpRequest, NextStep, Outcome,
    PlannedRef, ProductShown, Purpose, VisitEdit, VisitMode,
};
use client_core::docs::{ChangeHash, EditError};
use client_core::geo::Point;
use client_core::id::{DocId, ItemId, OrgId, UserId};
use client_core::money::{Currency, Money};
use client_core::names::{Region, parse_phone};
use client_core::records::Tier;
use client_core::time::{CapturedAt, Timestamp, Zone};

use super::dice::Dice;
use super::words;

/// Which fields are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// A customer of 25 fields, a visit of 15: what peers were measured with.
    Peer,
    /// Every field of the data model, 20 to 80 characters of Chinese in each text.
    Full,
}

impl Profile {
    /// Its name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Full => "full",
        }
    }
}

/// A customer that visits go to.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The document.
    pub id: DocId,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub position: Point,
    /// People met there.
    pub contacts: Vec<ItemId>,
    /// Since when it is known.
    pub created_at: Timestamp,
}

/// Who visits.
#[derive(Debug, Clone, Copy)]
pub struct Visitor {
    /// The org.
    pub org: OrgId,
    /// The rep.
    pub rep: UserId,
    /// Somebody who comes along now and then.
    pub colleague: UserId,
}

/// China's zone: the fleet works there.
pub fn zone() -> Zone {
    Zone::fixed("Asia/Shanghai", 8 * 3600)
}

/// An instant as a phone captures it.
pub fn captured(at: Timestamp) -> CapturedAt {
    CapturedAt { at, zone: "Asia/Shanghai".into(), offset_s: 8 * 3600 }
}

fn item(at: Timestamp, dice: &mut Dice) -> ItemId {
    ItemId::new(at, dice.bytes())
}

impl Customer {
    /// A customer known since `at`.
    pub fn new(at: Timestamp, dice: &mut Dice) -> Self {
        let position = Point::wgs84(
            312_304_160 + dice.between(-2_000_000, 2_000_000),
            1_214_737_010 + dice.between(-2_000_000, 2_000_000),
        );
        Self {
            id: DocId::new(at, dice.bytes()),
            name: words::company(dice),
            position: position.unwrap_or_else(|| unreachable!("the point is near Shanghai")),
            contacts: (0..2).map(|_| item(at, dice)).collect(),
            created_at: at,
        }
    }

    /// Writes it.
    pub fn write(
        &self,
        edit: &mut CustomerEdit<'_>,
        profile: Profile,
        dice: &mut Dice,
    ) -> Result<(), EditError> {
        let at = self.created_at;
        edit.set_name(Some(&self.name))?;
        edit.set_industry(Some(words::industry(dice)))?;
        edit.set_size_band(Some(words::size(dice)))?;
        edit.set_region(Some(words::region(dice)))?;
        edit.set_channel(Some(Channel::Direct))?;
        edit.set_address(Some(&words::address(dice)))?;
        edit.set_position(Some(CustomerPosition {
            point: self.position,
            accuracy_mm: Some(dice.between(4_000, 40_000)),
            source: PositionSource::CheckIn,
        }))?;
        edit.set_notes(Some(&words::note(dice)))?;
        edit.set_created_at(Some(at))?;
        edit.enter_lifecycle(item(at, dice), &Lifecycle::Active, at)?;
        edit.propose_tier(&TierProposal {
            tier: Some(Tier::B),
            reason: Some(words::clause(dice)),
            ..TierProposal::default()
        })?;
        edit.add_phone(item(at, dice), &phone(dice))?;
        edit.add_tag(item(at, dice), "重点")?;
        for (contact, role) in
            self.contacts.iter().zip([BuyingRole::Decision, BuyingRole::Technical])
        {
            let person = Contact {
                name: Some(words::person(dice)),
                title: Some(words::title(dice).into()),
                buying_role: Some(role),
                stance: Some(Stance::Neutral),
                phone: phone(dice),
                ..Contact::default()
            };
            edit.add_contact(*contact, &person)?;
        }
        match profile {
            Profile::Peer => Ok(()),
            Profile::Full => self.write_rest(edit, dice),
        }
    }

    /// What the peers' customers do not have.
    fn write_rest(&self, edit: &mut CustomerEdit<'_>, dice: &mut Dice) -> Result<(), EditError> {
        let at = self.created_at;
        edit.set_nurture(Some(true))?;
        edit.set_reference(Some(dice.once_in(3)))?;
        edit.set_at_risk(Some(false))?;
        edit.add_alias(item(at, dice), &words::company(dice))?;
        edit.add_need(item(at, dice), &words::note(dice))?;
        edit.add_pain(item(at, dice), &words::note(dice))?;
        edit.propose_tier(&TierProposal {
            contribution: u8::try_from(dice.below(100)).ok(),
            potential: u8::try_from(dice.below(100)).ok(),
            influence: u8::try_from(dice.below(100)).ok(),
            ..TierProposal::default()
        })?;
        edit.note_credit(&CreditNotes {
            limit: Some(Money::new(dice.between(1, 900) * 100_000, Currency::CNY)),
            grade: Some("AA".into()),
            reviewed_on: Some(zone().date(at)),
            notes: Some(words::note(dice)),
        })?;
        for contact in &self.contacts {
            edit.set_contact_influence(*contact, Some(4))?;
            edit.set_contact_email(
                *contact,
                Some(&format!("p{}@example.com", dice.below(99_999))),
            )?;
            edit.set_contact_birthday(*contact, Some(zone().date(at)))?;
            edit.set_contact_notes(*contact, Some(&words::note(dice)))?;
        }
        Ok(())
    }
}

fn phone(dice: &mut Dice) -> Phone {
    Phone { label: Some("手机".into()), ..parse_phone(&words::mobile(dice), Region::CN) }
}

/// When a visit began and ended, and how contact was made: what a phone sets itself.
#[derive(Debug, Clone)]
pub struct Call {
    /// Began.
    pub from: Timestamp,
    /// Ended.
    pub to: Timestamp,
    /// How.
    pub mode: VisitMode,
}

impl Call {
    /// A visit at its customer's that began at `from`.
    pub fn at(from: Timestamp, dice: &mut Dice) -> Self {
        let to = from.plus_millis(dice.between(15, 75) * 60_000 + dice.between(0, 59_999));
        Self { from, to, mode: VisitMode::Onsite }
    }

    /// Writes what a phone writes by itself when a visit is logged.
    pub fn write_frame(
        &self,
        edit: &mut VisitEdit<'_>,
        customer: &Customer,
    ) -> Result<(), EditError> {
        edit.set_customer_name(Some(&customer.name))?;
        edit.set_started_at(Some(captured(self.from)))?;
        edit.set_ended_at(Some(captured(self.to)))?;
        edit.set_mode(Some(self.mode.clone()))
    }

    /// Writes what the rep fills in.
    pub fn write(
        &self,
        edit: &mut VisitEdit<'_>,
        visitor: Visitor,
        customer: &Customer,
        profile: Profile,
        dice: &mut Dice,
    ) -> Result<(), EditError> {
        const PURPOSES: [Purpose; 4] =
            [Purpose::FollowUp, Purpose::Discovery, Purpose::Negotiation, Purpose::AfterSales];
        const OUTCOMES: [Outcome; 4] =
            [Outcome::Progress, Outcome::Maintained, Outcome::Order, Outcome::FollowUp];
        let pick = |dice: &mut Dice| usize::try_from(dice.below(4)).unwrap_or(0);
        edit.set_purpose(Some(PURPOSES[pick(dice)].clone()))?;
        let (objective, result) = match profile {
            Profile::Peer => (words::step(dice).to_owned(), words::brief(dice)),
            Profile::Full => (words::clause(dice), words::note(dice)),
        };
        edit.set_objective(Some(&objective))?;
        edit.record_outcome(&OUTCOMES[pick(dice)], Some(&result))?;
        edit.set_next_step(Some(NextStep::Do {
            what: words::step(dice).into(),
            due: Some(zone().date(self.to).plus_days(dice.between(2, 21))),
            who: None,
        }))?;
        if let Some(contact) = customer.contacts.first() {
            edit.add_contact_met(*contact, self.from)?;
        }
        match profile {
            Profile::Peer => Ok(()),
            Profile::Full => self.write_rest(edit, visitor, customer, dice),
        }
    }

    /// What the peers' visits do not have.
    fn write_rest(
        &self,
        edit: &mut VisitEdit<'_>,
        visitor: Visitor,
        customer: &Customer,
        dice: &mut Dice,
    ) -> Result<(), EditError> {
        edit.check_in(&check(self.from, customer.position, dice))?;
        edit.check_out(&check(self.to, customer.position, dice))?;
        edit.add_need(item(self.to, dice), &words::note(dice))?;
        let day = zone().date(self.from);
        let plan = DocId::plan(visitor.org, visitor.rep, day);
        edit.set_planned(Some(PlannedRef { plan, stop: item(self.from, dice) }))?;
        edit.set_unplanned_reason(Some(&words::clause(dice)))?;
        edit.set_signature(Some(attachment(self.to, "image/png", dice)))?;
        edit.add_co_visitor(visitor.colleague, self.from)?;
        edit.add_deal(customer.id, self.from)?;
        edit.add_photo(item(self.to, dice), &attachment(self.to, "image/jpeg", dice))?;
        edit.add_voice_note(item(self.to, dice), &attachment(self.to, "audio/aac", dice))?;
        edit.answer("display_checked", Some("是"))?;
        edit.answer("stock_days", Some(&dice.between(3, 60).to_string()))?;
        let shown = ProductShown {
            product: Some(words::product(dice).into()),
            samples: u32::try_from(dice.below(5)).ok(),
        };
        edit.add_product(item(self.to, dice), &shown)?;
        edit.add_objection(item(self.to, dice), &words::note(dice))?;
        let seen =
            CompetitorSeen { name: Some(words::rival(dice).into()), note: Some(words::note(dice)) };
        edit.add_competitor(item(self.to, dice), &seen)?;
        edit.request_help(&HelpRequest {
            kind: Some("technical".into()),
            text: Some(words::note(dice)),
            asked_of: Some(visitor.colleague),
        })
    }
}

fn check(at: Timestamp, place: Point, dice: &mut Dice) -> Check {
    let point = Point {
        lat_e7: place.lat_e7 + dice.between(-600, 600),
        lon_e7: place.lon_e7 + dice.between(-600, 600),
        ..place
    };
    Check {
        at: captured(at),
        clock: ClockEvidence {
            monotonic_ms: Some(dice.between(1_000_000, 900_000_000)),
            boot_id: None,
            server_seen_at: Some(at.plus_millis(-dice.between(60_000, 9_000_000))),
        },
        fix: Some(Fix {
            point,
            accuracy_mm: dice.between(4, 40) * 1_000,
            provider: "fused".into(),
            is_mock: false,
            age_s: dice.between(0, 20),
        }),
    }
}

fn attachment(at: Timestamp, media_type: &str, dice: &mut Dice) -> Attachment {
    Attachment {
        hash: ChangeHash(dice.bytes()),
        length: 100_000 + dice.below(900_000),
        media_type: media_type.into(),
        taken_at: captured(at),
    }
}
