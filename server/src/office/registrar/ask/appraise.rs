//! An appraisal: the person hands in, then every hand in its turn (F15).

use std::collections::BTreeMap;

use client_core::id::UserId;
use client_core::period::Period;
use client_core::protocol::AssessSelf;
use client_core::records::{
    AppraisalRecord, AppraisalState, AppraisalStep, FrozenScore, Record, RecordKind,
};
use client_core::rules::appraisal::{Actor, step};
use client_core::time::Timestamp;

use super::{AskError, FAMILIES, Registrar, Standing, rated};
use crate::office::registrar::By;
use crate::office::text;
use crate::scoring::bring_up_to_date;
use crate::storage::Scores;

/// A step somebody wants to take.
#[derive(Debug, Clone)]
pub struct NewStep {
    /// Whose appraisal.
    pub rep: UserId,
    /// For when.
    pub period: Period,
    /// Where it leads.
    pub to: AppraisalState,
    /// What they say; a step back needs it.
    pub comment: Option<String>,
    /// Ratings 1 to 5 by family.
    pub ratings: BTreeMap<String, u8>,
    /// When, by the clock of whoever takes it.
    pub at: Timestamp,
}

impl Registrar {
    /// Hands in one's own view of a period and freezes the card with it, as everything that
    /// is here by now makes it: from a page as from a phone, which brings the last visits
    /// with it. Until the supervisor has scored it, handing in again replaces it.
    pub async fn assess_self(&self, ask: AssessSelf) -> Result<AppraisalRecord, AskError> {
        let rep = self.rep()?;
        if ask.ratings.len() > FAMILIES {
            return Err(AskError::TooMany { given: ask.ratings.len(), limit: FAMILIES });
        }
        let mut ratings = BTreeMap::new();
        for (family, rating) in ask.ratings {
            rated(Some(rating))?;
            ratings.insert(text::name("family", &family)?, rating);
        }
        let comment = text::note(ask.comment.trim())?;
        let office = &self.office;
        if !bring_up_to_date(&office.app, office.org, rep, ask.period).await? {
            return Err(AskError::NotYet { period: ask.period });
        }
        let id = AppraisalRecord::id_of(rep, ask.period);
        let standing = match self.standing(RecordKind::Appraisal, id).await? {
            Some(Standing { record: Record::Appraisal(appraisal), .. }) => Some(appraisal),
            _ => None,
        };
        let mut steps = match standing {
            None => Vec::new(),
            Some(standing)
                if matches!(
                    standing.state,
                    AppraisalState::Draft | AppraisalState::SelfSubmitted
                ) =>
            {
                standing.steps
            }
            Some(standing) => {
                return Err(AskError::WentOn { period: ask.period, state: standing.state });
            }
        };
        let card = office.app.storage().scorecard(office.org, rep, ask.period).await?;
        let card = card.ok_or(AskError::NoCard { period: ask.period })?.record;
        let step = AppraisalStep {
            to: AppraisalState::SelfSubmitted,
            by: Some(rep),
            at: ask.at,
            comment: Some(comment),
            ratings,
        };
        // The command again, after its answer was lost.
        if steps.last() != Some(&step) {
            steps.push(step);
        }
        let appraisal = AppraisalRecord {
            rep,
            period: ask.period,
            state: AppraisalState::SelfSubmitted,
            frozen: Some(FrozenScore {
                as_of: card.as_of,
                policy_hash: card.policy_hash,
                inputs_digest: card.inputs_digest,
                outcome_digest: card.outcome_digest,
                total_centipoints: card.total_centipoints,
            }),
            steps,
        };
        office.write(Record::Appraisal(appraisal.clone())).await?;
        Ok(appraisal)
    }

    /// Takes a step. Handing in is [`Registrar::assess_self`], which freezes the card.
    pub async fn step_appraisal(&self, wanted: NewStep) -> Result<AppraisalRecord, AskError> {
        let NewStep { rep, period, to, comment, ratings, at } = wanted;
        let id = AppraisalRecord::id_of(rep, period);
        let (seen, mut appraisal) = match self.standing(RecordKind::Appraisal, id).await? {
            Some(Standing { seen, record: Record::Appraisal(appraisal) }) => (seen, appraisal),
            _ => return Err(AskError::NotHandedIn { period }),
        };
        if to == AppraisalState::SelfSubmitted && appraisal.state == AppraisalState::Draft {
            return Err(AskError::NotHandedIn { period });
        }
        let comment = comment.as_deref().map(str::trim).filter(|said| !said.is_empty());
        let last = appraisal.steps.last();
        if last.is_some_and(|last| last.to == to && last.by == self.by_id() && last.at == at) {
            // The command again, after its answer was lost.
            return Ok(appraisal);
        }
        step(&appraisal.state, &to, self.actor(rep).await?, comment)?;
        if ratings.len() > FAMILIES {
            return Err(AskError::TooMany { given: ratings.len(), limit: FAMILIES });
        }
        let mut kept = BTreeMap::new();
        for (family, rating) in ratings {
            rated(Some(rating))?;
            kept.insert(text::name("family", &family)?, rating);
        }
        appraisal.steps.push(AppraisalStep {
            to: to.clone(),
            by: self.by_id(),
            at,
            comment: comment.map(text::note).transpose()?,
            ratings: kept,
        });
        appraisal.state = to;
        let record = Record::Appraisal(appraisal.clone());
        self.write_answer(vec![seen], vec![record], "appraisal.step", true).await?;
        Ok(appraisal)
    }

    /// What this reader is to the person appraised; only whoever leads them takes part.
    async fn actor(&self, rep: UserId) -> Result<Actor, AskError> {
        let By::Person(by) = &self.by else { return Ok(Actor::CommandLine) };
        if by.id == rep {
            return Ok(Actor::Appraised);
        }
        let person = self.office.user(rep).await?;
        self.leads_person(rep, person.as_ref())?;
        Ok(Actor::Other(by.role))
    }
}
