//! Appraisals on the phone (S2: 自评 → 主管评分 → 经理审核; DOMAIN F15).
//!
//! Where an appraisal stands is a record; a step that was taken without signal waits in
//! the outbox. A screen shows both, so that nobody takes the same step twice because the
//! first one was not to be seen.

use std::collections::BTreeMap;

use super::asks::{rated, said};
use super::client::{Client, CommandQueued};
use super::{ReadError, SaveError};
use crate::id::UserId;
use crate::period::Period;
use crate::protocol::{Ask, AssessSelf, StepAppraisal};
use crate::records::{AppraisalRecord, AppraisalState, Record, RecordKind, Role, UserRecord};
use crate::rules::CentiPoints;
use crate::rules::appraisal::{Actor, families, given, standing, steps};
use crate::store::{self, CommandState, RequestEntry};

/// An appraisal as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppraisalEntry {
    /// The record: how far it is, the frozen card, every step. Before anybody handed in it
    /// is a draft without steps.
    pub appraisal: AppraisalRecord,
    /// Whose it is; their id where their name is not on this phone.
    pub name: String,
    /// It is one's own.
    pub mine: bool,
    /// The step taken on this phone that the server has not heard of.
    pub waiting: Option<AppraisalState>,
    /// Where whoever is signed in may take it next, the waiting step counted as taken:
    /// forward first, then back, which needs a reason.
    pub steps: Vec<AppraisalState>,
    /// One's own view may be handed in, or handed in again: nobody has scored it yet.
    pub may_hand_in: bool,
    /// The families that are rated, with what each weighs in percent of the total.
    pub families: BTreeMap<String, u32>,
    /// The last rating of each family that somebody else gave the person.
    pub given: BTreeMap<String, u8>,
    /// The frozen score with the ratings that weigh something; none before the card is
    /// frozen.
    pub total: Option<CentiPoints>,
}

/// Who is signed in, and whom this phone knows.
struct People {
    me: UserId,
    users: BTreeMap<UserId, UserRecord>,
}

impl People {
    fn actor(&self, rep: UserId) -> Option<Actor> {
        match self.users.get(&self.me).map(|user| user.role) {
            _ if self.me == rep => Some(Actor::Appraised),
            // Whoever leads the person has the record; nobody else on a phone does.
            Some(role @ (Role::Supervisor | Role::Manager)) => Some(Actor::Other(role)),
            _ => None,
        }
    }

    fn name(&self, person: UserId) -> String {
        self.users.get(&person).map_or_else(|| person.to_string(), |user| user.name.clone())
    }
}

impl Client {
    /// The appraisals that are this phone's business, newest period first. Of a period for
    /// which nobody handed in there is none.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before a period's policy has arrived.
    pub fn appraisals(&self) -> Result<Vec<AppraisalEntry>, ReadError> {
        let mut found = self.picked(RecordKind::Appraisal, |record| match record {
            Record::Appraisal(appraisal) => Some(appraisal),
            _ => None,
        })?;
        found.sort_by_key(|one| (std::cmp::Reverse(one.period.first_day()), one.rep));
        let (people, asked) = (self.people()?, self.requests()?);
        found.into_iter().map(|one| self.appraisal_entry(one, &people, &asked)).collect()
    }

    /// The appraisal of a person for a period, their own included, as far as this phone was
    /// told; a draft without steps before they handed in. Needs no signal.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before the period's policy has arrived.
    pub fn appraisal(&self, rep: UserId, period: Period) -> Result<AppraisalEntry, ReadError> {
        let id = AppraisalRecord::id_of(rep, period);
        let found =
            self.inner.read(|conn, _who| store::record::get(conn, RecordKind::Appraisal, id))?;
        let appraisal = match found {
            Some(Record::Appraisal(appraisal)) => appraisal,
            _ => AppraisalRecord {
                rep,
                period,
                state: AppraisalState::Draft,
                frozen: None,
                steps: Vec::new(),
            },
        };
        let (people, asked) = (self.people()?, self.requests()?);
        self.appraisal_entry(appraisal, &people, &asked)
    }

    /// One's own appraisal for a period; see [`Client::appraisal`].
    ///
    /// # Errors
    /// As [`Client::appraisal`].
    pub fn my_appraisal(&self, period: Period) -> Result<AppraisalEntry, ReadError> {
        let (who, _store) = self.inner.replica()?;
        self.appraisal(who.user, period)
    }

    fn appraisal_entry(
        &self,
        appraisal: AppraisalRecord,
        people: &People,
        asked: &[RequestEntry],
    ) -> Result<AppraisalEntry, ReadError> {
        let policy = self.policy_for(appraisal.period)?.appraisal;
        let (mine, waiting) = (people.me == appraisal.rep, waiting(&appraisal, people.me, asked));
        let stands = waiting.as_ref().unwrap_or(&appraisal.state);
        let unscored = matches!(stands, AppraisalState::Draft | AppraisalState::SelfSubmitted);
        Ok(AppraisalEntry {
            name: people.name(appraisal.rep),
            mine,
            steps: people
                .actor(appraisal.rep)
                .map(|actor| steps(stands, actor))
                .unwrap_or_default(),
            may_hand_in: mine && unscored,
            families: families(&policy),
            given: given(&appraisal),
            total: standing(&appraisal, &policy),
            waiting,
            appraisal,
        })
    }

    fn people(&self) -> Result<People, ReadError> {
        self.inner.read(|conn, who| {
            let users = store::record::all(conn, RecordKind::User)?;
            let users = users.into_iter().filter_map(|record| match record {
                Record::User(user) => Some((user.id, user)),
                _ => None,
            });
            Ok(People { me: who.user, users: users.collect() })
        })
    }

    /// Hands in one's own view of a period: the official card is frozen with it. Until a
    /// supervisor has scored it, handing in again replaces it.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn assess_self(
        &self,
        period: Period,
        comment: &str,
        ratings: BTreeMap<String, u8>,
    ) -> Result<CommandQueued, SaveError> {
        said("comment", comment)?;
        for (family, rating) in &ratings {
            rated(family, Some(*rating))?;
        }
        let at = self.inner.config.clock.now();
        self.ask(&AssessSelf { period, comment: comment.to_owned(), ratings, at })
    }

    /// Takes a step of an appraisal, one's own or of somebody one leads: who may take which
    /// is [`rules::appraisal`](crate::rules::appraisal). A step back needs a comment. One's
    /// own view is handed in by [`Client::assess_self`].
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn step_appraisal(
        &self,
        rep: UserId,
        period: Period,
        to: AppraisalState,
        comment: Option<String>,
        ratings: BTreeMap<String, u8>,
    ) -> Result<CommandQueued, SaveError> {
        for (family, rating) in &ratings {
            rated(family, Some(*rating))?;
        }
        let at = self.inner.config.clock.now();
        self.ask(&StepAppraisal { rep, period, to, comment, ratings, at })
    }

    /// Disputes one's own published appraisal, with the reason; whoever manages answers it.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn dispute_appraisal(
        &self,
        period: Period,
        reason: &str,
    ) -> Result<CommandQueued, SaveError> {
        said("reason", reason)?;
        let (who, _store) = self.inner.replica()?;
        let to = AppraisalState::Disputed;
        self.step_appraisal(who.user, period, to, Some(reason.to_owned()), BTreeMap::new())
    }
}

/// The newest step of an appraisal that waits on this phone.
fn waiting(
    appraisal: &AppraisalRecord,
    me: UserId,
    asked: &[RequestEntry],
) -> Option<AppraisalState> {
    let mut waiting = asked.iter().rev().filter(|one| one.state == CommandState::Saved);
    waiting.find_map(|one| match one.kind.as_str() {
        AssessSelf::KIND => AssessSelf::decode(&one.body)
            .filter(|ask| appraisal.rep == me && ask.period == appraisal.period)
            .map(|_ask| AppraisalState::SelfSubmitted),
        StepAppraisal::KIND => StepAppraisal::decode(&one.body)
            .filter(|ask| ask.rep == appraisal.rep && ask.period == appraisal.period)
            .map(|ask| ask.to),
        _ => None,
    })
}
