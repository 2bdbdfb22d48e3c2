//! The funnel of a period, and the deals behind one of its numbers.

use client_core::period::Period;
use client_core::time::Date;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Unreadable, Whose, given, text};
use crate::web::address::Address;

/// Days without movement after which a deal is stalled, unless asked otherwise (R8).
pub const STALLED_DAYS: u16 = 14;

/// The address as it comes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct FunnelQuery {
    /// The period of the cohorts; this month if absent.
    period: String,
    /// Whose deals.
    rep: String,
    /// In this unit or below.
    unit: String,
    /// With products of this line.
    line: String,
    /// From this lead source: a code.
    source: String,
    /// Days without movement after which a deal is stalled.
    stalled: String,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct FunnelAsk {
    /// Whose cohorts.
    pub period: Period,
    /// Whose deals.
    pub whose: Whose,
    /// With products of this line.
    pub line: Option<String>,
    /// From this lead source: a code.
    pub source: Option<String>,
    /// Days without movement after which a deal is stalled.
    pub stalled: u16,
}

impl FunnelQuery {
    /// What it asks for; this month where it does not say.
    pub fn ask(&self, today: Date) -> Result<FunnelAsk, Unreadable> {
        Ok(FunnelAsk {
            period: given(&self.period)?.unwrap_or_else(|| Period::month_of(today)),
            whose: Whose::parse(&self.rep, &self.unit)?,
            line: text(&self.line),
            source: text(&self.source),
            stalled: given(&self.stalled)?.unwrap_or(STALLED_DAYS),
        })
    }
}

impl FunnelAsk {
    /// The address.
    pub fn address(&self) -> Address {
        let stalled = (self.stalled != STALLED_DAYS).then_some(self.stalled);
        Address::new("/funnel")
            .with("period", self.period)
            .given("rep", self.whose.rep)
            .given("unit", self.whose.unit)
            .given("line", self.line.as_ref())
            .given("source", self.source.as_ref())
            .given("stalled", stalled)
    }
}

/// A number of the funnel: the deals of one step of a period that ended one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortAsk {
    /// The funnel's period.
    pub period: Period,
    /// Of which step.
    pub step: StepAsk,
    /// What became of them.
    pub ended: Ended,
    /// Of the period it is compared with, not of its own.
    pub before: bool,
}

/// A step of the funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepAsk {
    /// From lead to deal.
    Lead,
    /// From deal to signing.
    Deal,
    /// Out of this stage: a code.
    Stage(String),
}

/// What became of a deal in a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All of them.
    Entered,
    /// It went on.
    Passed,
    /// It was lost.
    Lost,
    /// Neither yet.
    Undecided,
}

impl Ended {
    /// All and each.
    pub const ALL: [Self; 4] = [Self::Entered, Self::Passed, Self::Lost, Self::Undecided];

    /// The code in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entered => "entered",
            Self::Passed => "passed",
            Self::Lost => "lost",
            Self::Undecided => "undecided",
        }
    }
}

impl CohortAsk {
    /// From `passed.stage.proposal`, `lost.before.deal` and a period.
    pub fn parse(period: Period, code: &str) -> Option<Self> {
        let (ended, rest) = code.split_once('.')?;
        let ended = Ended::ALL.into_iter().find(|each| each.as_str() == ended)?;
        let (before, rest) = match rest.strip_prefix("before.") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let step = match rest {
            "lead" => StepAsk::Lead,
            "deal" => StepAsk::Deal,
            other => StepAsk::Stage(other.strip_prefix("stage.")?.to_owned()),
        };
        Some(Self { period, step, ended, before })
    }

    /// The code in addresses.
    pub fn code(&self) -> String {
        let step = match &self.step {
            StepAsk::Lead => "lead".to_owned(),
            StepAsk::Deal => "deal".to_owned(),
            StepAsk::Stage(stage) => format!("stage.{stage}"),
        };
        let before = if self.before { "before." } else { "" };
        format!("{}.{before}{step}", self.ended.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_the_funnel_reads_back_as_it_was_written() {
        let period: Period = "2026-10".parse().unwrap();
        for code in ["passed.stage.proposal", "lost.before.deal", "entered.lead"] {
            assert_eq!(CohortAsk::parse(period, code).unwrap().code(), code);
        }
        assert_eq!(CohortAsk::parse(period, "passed.elsewhere"), None);
        assert_eq!(CohortAsk::parse(period, "won.deal"), None);
    }
}
