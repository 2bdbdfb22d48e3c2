//! Appraisals across the border: handing in one's own view, the steps after it, a dispute.

use std::collections::HashMap;

use client_core::engine::AppraisalEntry;
use client_core::period::Period;
use client_core::records::{AppraisalState, AppraisalStep};

use crate::client::FieldClient;
use crate::convert;
use crate::error::FieldError;

/// An appraisal of a person for a period: how far it is, and what comes next.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AppraisalView {
    /// Of whom, by id.
    pub rep: String,
    /// Their name.
    pub name: String,
    /// It is my own.
    pub mine: bool,
    /// For when, for example `2026-10`.
    pub period: String,
    /// How far it is at the server: `draft`, `self_submitted`, `supervisor_scored`,
    /// `manager_reviewed`, `published`, `disputed`, `resolved` or `closed`.
    pub state: String,
    /// A step taken on this phone that the server has not heard of, by the state it leads to.
    pub waiting: Option<String>,
    /// The states that I may take it to next: forward first, then back, which needs a
    /// comment. `self_submitted` is `assess_self`, every other one `step_appraisal`.
    pub next: Vec<String>,
    /// My own view may be handed in, or handed in again: nobody has scored it yet.
    pub may_hand_in: bool,
    /// Points of the card that was frozen when the person handed in, in hundredths.
    pub frozen_centipoints: Option<i64>,
    /// These with the ratings that weigh something, in hundredths.
    pub total_centipoints: Option<i64>,
    /// What is rated.
    pub families: Vec<FamilyRow>,
    /// Every step, oldest first.
    pub steps: Vec<AppraisalStepRow>,
}

/// What an appraisal rates from 1 to 5.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FamilyRow {
    /// Its code, for example `teamwork`.
    pub family: String,
    /// What it weighs, in percent of the total; 0 where the policy only wants it said.
    pub weight: u32,
    /// The last rating that somebody other than the person gave.
    pub given: Option<u8>,
}

/// A step that somebody took.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AppraisalStepRow {
    /// The state it led to.
    pub to: String,
    /// Who took it, by id; none for the office's command line.
    pub by: Option<String>,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// What they said.
    pub comment: Option<String>,
    /// Ratings 1 to 5 by family.
    pub ratings: HashMap<String, u8>,
}

#[uniffi::export]
impl FieldClient {
    /// The appraisal for a period such as `2026-10`: my own, or with `rep` (a person's id)
    /// that of somebody I lead. A `draft` without steps before anybody handed in.
    #[uniffi::method(default(rep = None))]
    pub fn appraisal(
        &self,
        period: String,
        rep: Option<String>,
    ) -> Result<AppraisalView, FieldError> {
        let period: Period = convert::parse(&period)?;
        Ok(view(match rep {
            Some(rep) => self.client.appraisal(convert::parse(&rep)?, period)?,
            None => self.client.my_appraisal(period)?,
        }))
    }

    /// The appraisals in which somebody handed in: my own, and those of whom I lead; newest
    /// period first.
    pub fn appraisals(&self) -> Result<Vec<AppraisalView>, FieldError> {
        Ok(self.client.appraisals()?.into_iter().map(view).collect())
    }

    /// Hands in my own view of a period, with ratings 1 to 5 by family, also without signal.
    /// The card is frozen with it; until somebody has scored it, handing in again replaces it.
    pub fn assess_self(
        &self,
        period: String,
        comment: String,
        ratings: HashMap<String, u8>,
    ) -> Result<(), FieldError> {
        let ratings = ratings.into_iter().collect();
        self.client.assess_self(convert::parse(&period)?, &comment, ratings)?;
        Ok(())
    }

    /// Disputes my own published appraisal, with the reason, also without signal; whoever
    /// manages answers it.
    pub fn dispute_appraisal(&self, period: String, reason: String) -> Result<(), FieldError> {
        self.client.dispute_appraisal(convert::parse(&period)?, &reason)?;
        Ok(())
    }

    /// Takes a step of an appraisal to one of the states that its `next` names, also without
    /// signal. A step back needs a comment; `ratings` are 1 to 5 by family.
    #[uniffi::method(default(comment = None, ratings))]
    pub fn step_appraisal(
        &self,
        rep: String,
        period: String,
        to: String,
        comment: Option<String>,
        ratings: HashMap<String, u8>,
    ) -> Result<(), FieldError> {
        let (rep, period, ratings) =
            (convert::parse(&rep)?, convert::parse(&period)?, ratings.into_iter().collect());
        self.client.step_appraisal(rep, period, state(&to)?, comment, ratings)?;
        Ok(())
    }
}

/// Parses a state, or says what was wrong with it.
fn state(code: &str) -> Result<AppraisalState, FieldError> {
    match AppraisalState::from(code) {
        AppraisalState::Unknown(_) => {
            Err(FieldError::BadInput { detail: format!("{code:?} is no state of an appraisal") })
        }
        known => Ok(known),
    }
}

fn view(entry: AppraisalEntry) -> AppraisalView {
    let AppraisalEntry {
        appraisal,
        name,
        mine,
        waiting,
        steps,
        may_hand_in,
        families,
        given,
        total,
    } = entry;
    let family = |(family, weight): (String, u32)| {
        let given = given.get(&family).copied();
        FamilyRow { family, weight, given }
    };
    AppraisalView {
        rep: appraisal.rep.to_string(),
        name,
        mine,
        period: appraisal.period.to_string(),
        state: appraisal.state.to_string(),
        waiting: waiting.map(|state| state.to_string()),
        next: steps.iter().map(ToString::to_string).collect(),
        may_hand_in,
        frozen_centipoints: appraisal.frozen.and_then(|card| card.total_centipoints),
        total_centipoints: total.map(|points| points.0),
        families: families.into_iter().map(family).collect(),
        steps: appraisal.steps.into_iter().map(step_row).collect(),
    }
}

fn step_row(step: AppraisalStep) -> AppraisalStepRow {
    AppraisalStepRow {
        to: step.to.to_string(),
        by: step.by.map(|by| by.to_string()),
        at_ms: step.at.millis(),
        comment: step.comment,
        ratings: step.ratings.into_iter().collect(),
    }
}
