//! What people asked for, and what became of it: other targets, objections to lines of
//! cards.
//!
//! What is asked without signal waits in the outbox and is a record only once the server
//! has it. A rep who asked must see that they did: so both are one list here.

use std::collections::BTreeMap;

use super::ReadError;
use super::client::Client;
use crate::id::{RecordId, UserId};
use crate::protocol::{Ask, AskTarget, ContestLine};
use crate::records::{
    AdjustmentRecord, Approval, ContestRecord, Record, RecordKind, Role, TargetLevel, TargetRecord,
};
use crate::store::{self, CommandState, RequestEntry};

/// How far something that somebody asked for has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskState {
    /// On this phone; the server has not heard of it.
    Waiting,
    /// The server did not take it; see [`Client::dismiss_request`].
    Refused {
        /// Why, for people.
        reason: String,
    },
    /// At the server, and nobody has answered.
    Open,
    /// The answer is yes.
    Accepted,
    /// The answer is no.
    Declined,
}

/// Who asked, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The name of whoever asked; none for the office's command line, and for somebody who
    /// is not known on this phone.
    pub name: Option<String>,
    /// Whoever is signed in asked.
    pub mine: bool,
    /// How far it has come.
    pub state: AskState,
    /// It waits for an answer, and whoever is signed in may give it.
    pub may_answer: bool,
}

/// A request for another target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdjustmentEntry {
    /// What is asked for, and the answer.
    pub adjustment: AdjustmentRecord,
    /// The target as it stands on this phone, if it does.
    pub target: Option<TargetRecord>,
    /// Who asked, and how far it has come.
    pub asking: Asking,
}

/// An objection to a line of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContestEntry {
    /// The objection, and the answer.
    pub contest: ContestRecord,
    /// Who objects, and how far it has come.
    pub asking: Asking,
}

/// Who looks, and whom this phone knows.
struct Onlooker {
    me: UserId,
    role: Role,
    names: BTreeMap<UserId, String>,
}

impl Onlooker {
    /// What the server knows of. Of a unit's or the org's target a manager decides.
    fn asking(&self, by: Option<UserId>, level: TargetLevel, answer: Option<&Approval>) -> Asking {
        let mine = by == Some(self.me);
        let decides = match level {
            TargetLevel::Rep(rep) => {
                rep != self.me && matches!(self.role, Role::Supervisor | Role::Manager)
            }
            TargetLevel::Org | TargetLevel::Unit(_) => self.role == Role::Manager,
        };
        Asking {
            name: by.and_then(|by| self.names.get(&by).cloned()),
            mine,
            state: match answer {
                None => AskState::Open,
                Some(Approval { approved: true, .. }) => AskState::Accepted,
                Some(_) => AskState::Declined,
            },
            may_answer: answer.is_none() && decides && !mine,
        }
    }

    /// What this phone asked and the server has not taken.
    fn own(&self, state: &CommandState) -> Asking {
        Asking {
            name: self.names.get(&self.me).cloned(),
            mine: true,
            state: match state {
                CommandState::Refused { reason } => AskState::Refused { reason: reason.clone() },
                CommandState::Saved | CommandState::Taken => AskState::Waiting,
            },
            may_answer: false,
        }
    }
}

impl Client {
    /// Requests for other targets, as far as they are this phone's business, with those that
    /// have not reached the server; what is not answered first, then the newest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn adjustments(&self) -> Result<Vec<AdjustmentEntry>, ReadError> {
        let onlooker = self.onlooker()?;
        let targets = self.picked(RecordKind::Target, |record| match record {
            Record::Target(target) => Some((target.id, target)),
            _ => None,
        })?;
        let targets: BTreeMap<RecordId, TargetRecord> = targets.into_iter().collect();
        let stored = self.picked(RecordKind::Adjustment, |record| match record {
            Record::Adjustment(adjustment) => Some(adjustment),
            _ => None,
        })?;
        let stored = stored.into_iter().map(|adjustment| {
            let answer = adjustment.answer.as_ref();
            let asking = onlooker.asking(adjustment.by, adjustment.level, answer);
            (adjustment, asking)
        });
        let queued = self.queued::<AskTarget>()?.into_iter().map(|(entry, ask)| {
            let target = targets.get(&ask.target);
            let adjustment = AdjustmentRecord {
                id: RecordId::from_bytes(*entry.id.as_bytes()),
                target: ask.target,
                level: target.map_or(TargetLevel::Rep(onlooker.me), |target| target.level),
                was: target.map_or(0, |target| target.value),
                wanted: ask.wanted,
                reason: ask.reason,
                by: Some(onlooker.me),
                at: ask.at,
                answer: None,
            };
            (adjustment, onlooker.own(&entry.state))
        });
        let mut found: Vec<AdjustmentEntry> = queued
            .chain(stored)
            .map(|(adjustment, asking)| AdjustmentEntry {
                target: targets.get(&adjustment.target).cloned(),
                adjustment,
                asking,
            })
            .collect();
        found.sort_by_key(|one| {
            let one = &one.adjustment;
            (one.answer.is_some(), std::cmp::Reverse(one.at), one.id)
        });
        Ok(found)
    }

    /// Objections to lines of cards, as far as they are this phone's business, with those
    /// that have not reached the server; what is not answered first, then the newest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn contests(&self) -> Result<Vec<ContestEntry>, ReadError> {
        let onlooker = self.onlooker()?;
        let stored = self.picked(RecordKind::Contest, |record| match record {
            Record::Contest(contest) => Some(contest),
            _ => None,
        })?;
        let stored = stored.into_iter().map(|contest| {
            let (rep, answer) = (contest.rep, contest.answer.as_ref());
            let asking = onlooker.asking(Some(rep), TargetLevel::Rep(rep), answer);
            ContestEntry { asking, contest }
        });
        let queued = self.queued::<ContestLine>()?.into_iter().map(|(entry, ask)| {
            let ContestLine { period, line, outcome_digest, centipoints, reason, evidence, at } =
                ask;
            let contest = ContestRecord {
                id: RecordId::from_bytes(*entry.id.as_bytes()),
                rep: onlooker.me,
                period,
                line,
                outcome_digest,
                centipoints,
                reason,
                evidence,
                at,
                answer: None,
            };
            ContestEntry { contest, asking: onlooker.own(&entry.state) }
        });
        let mut found: Vec<ContestEntry> = queued.chain(stored).collect();
        found.sort_by_key(|one| {
            let one = &one.contest;
            (one.answer.is_some(), std::cmp::Reverse(one.at), one.id)
        });
        Ok(found)
    }

    /// What of one kind this phone asked and the server has not taken, oldest first.
    fn queued<A: Ask>(&self) -> Result<Vec<(RequestEntry, A)>, ReadError> {
        let entries = self.requests()?.into_iter().filter(|entry| entry.kind == A::KIND);
        let read = entries.filter_map(|entry| A::decode(&entry.body).map(|ask| (entry, ask)));
        Ok(read.collect())
    }

    fn onlooker(&self) -> Result<Onlooker, ReadError> {
        self.inner.read(|conn, who| {
            let users = store::record::all(conn, RecordKind::User)?;
            let names = users.into_iter().filter_map(|record| match record {
                Record::User(user) => Some((user.id, user.name)),
                _ => None,
            });
            Ok(Onlooker { me: who.user, role: who.role, names: names.collect() })
        })
    }
}
