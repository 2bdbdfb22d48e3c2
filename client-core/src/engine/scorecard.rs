use std::sync::Arc;

use super::ReadError;
use super::client::Client;
use crate::period::Period;
use crate::protocol::Scope;
use crate::records::{Record, RecordKind, ScorecardRecord};
use crate::rules::{self, Explanation, Facts, Outcome, Policy, RULES_VERSION};
use crate::store;
use crate::time::Timestamp;

/// The server's result for a period beside this phone's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficialScorecard {
    /// What the server decided.
    pub official: ScorecardRecord,
    /// What this phone computes from its own file at the same instant; none until
    /// everything of this user's is here.
    pub own: Option<Box<Outcome>>,
    /// How they compare.
    pub comparison: Comparison,
}

/// How an official result and this phone's compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same facts, the same policy, the same bytes.
    Same,
    /// Another version of the rules made the official one; the app needs an update
    /// to recompute it.
    OtherRules,
    /// Another policy was in force on the server.
    OtherPolicy,
    /// The facts differ: something is not here, or not there yet.
    OtherFacts,
    /// The same facts and another result: a fault worth a report.
    Disagrees,
    /// Not everything is on this phone yet, so it computes nothing.
    NotComplete,
    /// The period is so long past that what it looked at has left this phone: who held
    /// which customer then is kept until the period after next has closed.
    NoLongerHere,
}

impl Client {
    /// This user's scorecard for a period, computed on this phone from its own
    /// file: the same rules and the same bytes as on the server. `as_of` is the
    /// instant the rules look from; now if absent, or a moment less than a minute ago
    /// since which nothing was written: the card says which.
    ///
    /// § Nothing is derived as missing from a scope that is not complete: until
    /// everything of this user's is here, there is no figure.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before policy, calendar and org have arrived, and
    /// while documents of this user's are still on their way.
    pub fn scorecard(
        &self,
        period: Period,
        as_of: Option<Timestamp>,
    ) -> Result<Outcome, ReadError> {
        self.card(period, as_of).map(Arc::unwrap_or_clone)
    }

    /// The same card with where each point comes from: its facts, what was left out and
    /// why, and where the policy has each line from.
    ///
    /// # Errors
    /// As [`Client::scorecard`].
    pub fn explained_scorecard(&self, period: Period) -> Result<Explanation, ReadError> {
        let card = self.card(period, None)?;
        let (facts, policy) = self.own_facts(period, card.as_of)?;
        Ok(rules::explain(&facts, &policy, &card, None))
    }

    /// What this user's card of a period is computed from at an instant.
    pub(super) fn own_facts(
        &self,
        period: Period,
        as_of: Timestamp,
    ) -> Result<(Facts, Policy), ReadError> {
        if !self.holds_everything()? {
            return Err(ReadError::NotYetSynced { what: "everything of yours" });
        }
        let rep = self.inner.replica()?.0.user;
        let table = self.table(period, &[rep])?;
        Ok((table.facts(rep, as_of), table.policy))
    }

    /// The server's official result for a period, if it has arrived, compared with
    /// what this phone computes at the same instant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn official_scorecard(
        &self,
        period: Period,
    ) -> Result<Option<OfficialScorecard>, ReadError> {
        let found = self.inner.read(|conn, who| {
            let id = ScorecardRecord::id_of(who.user, period);
            store::record::get(conn, RecordKind::Scorecard, id)
        })?;
        let Some(Record::Scorecard(official)) = found else { return Ok(None) };
        if !self.holds_everything()? {
            let comparison = Comparison::NotComplete;
            return Ok(Some(OfficialScorecard { official, own: None, comparison }));
        }
        let own = self.scorecard(period, Some(official.as_of))?;
        let mut comparison = compare(&official, &own);
        if comparison == Comparison::OtherFacts {
            let calendar = self.calendar()?;
            let today = calendar.zone.date(self.inner.config.clock.now());
            if period.last_day() < rules::placements_kept_from(&calendar, today) {
                comparison = Comparison::NoLongerHere;
            }
        }
        Ok(Some(OfficialScorecard { official, own: Some(Box::new(own)), comparison }))
    }

    /// Whether everything of this user's is on this phone. § Until it is, nothing is
    /// derived from what is not here: no figure, nothing overdue, nothing missing.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn holds_everything(&self) -> Result<bool, ReadError> {
        self.inner.read(|conn, who| store::tally::is_complete(conn, Scope::User(who.user)))
    }
}

fn compare(official: &ScorecardRecord, own: &Outcome) -> Comparison {
    if official.rules_version != RULES_VERSION {
        Comparison::OtherRules
    } else if official.policy_hash != own.policy_hash {
        Comparison::OtherPolicy
    } else if official.inputs_digest != own.inputs_digest {
        Comparison::OtherFacts
    } else if official.outcome_digest != own.digest() {
        Comparison::Disagrees
    } else {
        Comparison::Same
    }
}
