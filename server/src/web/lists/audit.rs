//! The audit log, filtered.

use client_core::id::{RecordId, UserId};
use client_core::time::Date;
use serde::Deserialize;

use super::{Unreadable, code, given, instants, page};
use crate::storage::model::AuditFilter;
use crate::web::address::Address;
use crate::web::queries::base::Base;

/// The address as it comes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    by: String,
    what: String,
    subject: String,
    from: String,
    to: String,
    page: String,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditAsk {
    /// Done by whom.
    pub by: Option<UserId>,
    /// Of which kind.
    pub what: Option<Deeds>,
    /// To whom or what.
    pub subject: Option<RecordId>,
    /// On which days, the last included.
    pub days: (Option<Date>, Option<Date>),
    /// Which page, from 1.
    pub page: usize,
}

/// A kind of deeds, as people look for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deeds {
    /// Who holds which customer, and which customers are one.
    Placements,
    /// People, units and phones.
    People,
    /// Rules and calendars.
    Policy,
    /// Targets and requests for others.
    Targets,
    /// Decisions on people's work, appraisals and books.
    Decisions,
    /// What meetings decided, and what became of it.
    Meetings,
    /// Signing in.
    SignIns,
    /// Files that were taken along, and visits and places of others that were looked at.
    Reading,
    /// What was erased, and data that was restored.
    Erasures,
}

impl Deeds {
    /// Every kind, in the order readers choose from.
    pub const ALL: [Self; 9] = [
        Self::Placements,
        Self::People,
        Self::Policy,
        Self::Targets,
        Self::Decisions,
        Self::Meetings,
        Self::SignIns,
        Self::Reading,
        Self::Erasures,
    ];

    /// The code in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placements => "placements",
            Self::People => "people",
            Self::Policy => "policy",
            Self::Targets => "targets",
            Self::Decisions => "decisions",
            Self::Meetings => "meetings",
            Self::SignIns => "sign_ins",
            Self::Reading => "reading",
            Self::Erasures => "erasures",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deeds| deeds.as_str() == code)
    }

    /// The codes of the log.
    pub const fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Placements => &[
                "placed",
                "customer.merge",
                "customer.unmerge",
                "customer.apart",
                "customer.suspect",
            ],
            Self::People => &[
                "invited",
                "created",
                "changed",
                "disabled",
                "enabled",
                "password_reset",
                "device_revoked",
                "leave",
                "unit_created",
                "unit_changed",
            ],
            Self::Policy => &["policy.set", "calendar.set"],
            Self::Targets => &[
                "target.set",
                "target.split",
                "target.published",
                "target.asked",
                "target.answered",
            ],
            Self::Decisions => &[
                "quarantined",
                "decided",
                "signal.answered",
                "contest.answered",
                "visit.void",
                "visit.unvoid",
                "visit.move",
                "visit.move_back",
                "help.answered",
                "appraisal.step",
                "books.entered",
                "books.withdrawn",
            ],
            Self::Meetings => &[
                "meeting.held",
                "meeting.decided",
                "meeting.action",
                "meeting.done",
                "meeting.reopened",
            ],
            Self::SignIns => &["signed_in"],
            Self::Reading => &["exported", "visit.read", "map.read"],
            Self::Erasures => &["erase.person", "erase.customer", "erase.rep", "data_restored"],
        }
    }
}

impl AuditQuery {
    /// What it asks for.
    pub fn ask(&self) -> Result<AuditAsk, Unreadable> {
        Ok(AuditAsk {
            by: given(&self.by)?,
            what: code(&self.what, Deeds::parse)?,
            subject: given(&self.subject)?,
            days: (given(&self.from)?, given(&self.to)?),
            page: page(&self.page)?,
        })
    }
}

impl AuditAsk {
    /// The address, without its page.
    pub fn address(&self) -> Address {
        Address::new("/audit")
            .given("by", self.by)
            .given("what", self.what.map(Deeds::as_str))
            .given("subject", self.subject)
            .given("from", self.days.0)
            .given("to", self.days.1)
    }

    /// What storage is asked.
    pub fn filter(&self, base: &Base) -> AuditFilter {
        let (since, until) = instants(base.zone(), self.days);
        let codes = self.what.map(Deeds::codes).unwrap_or_default();
        AuditFilter {
            since: since.unwrap_or_default(),
            until,
            by: self.by,
            subject: self.subject,
            whats: codes.iter().map(|code| (*code).to_owned()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        let query = AuditQuery {
            what: "policy".into(),
            from: "2026-10-01".into(),
            ..AuditQuery::default()
        };
        let address = query.ask().unwrap().address().to_string();
        assert_eq!(address, "/audit?what=policy&from=2026-10-01");
        let odd = AuditQuery { what: "deeds".into(), ..AuditQuery::default() };
        assert!(odd.ask().is_err());
    }
}
