//! Coverage of a month.

use client_core::id::UnitId;
use client_core::period::Period;
use client_core::time::Date;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Unreadable, code, given};
use crate::web::address::Address;

/// The address as it comes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct CoverageQuery {
    /// The month; this one if absent.
    period: String,
    /// This unit and those below.
    unit: String,
    /// Which number the page shows.
    show: String,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct CoverageAsk {
    /// The month.
    pub period: Period,
    /// One unit and those below it.
    pub unit: Option<UnitId>,
    /// Which of the three numbers.
    pub show: Measure,
}

/// The three numbers of F3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Measure {
    /// Customers with an effective visit.
    #[default]
    Reach,
    /// Customers that got every required visit.
    Met,
    /// Visits made of those required.
    Frequency,
}

impl Measure {
    /// Every number.
    pub const ALL: [Self; 3] = [Self::Reach, Self::Met, Self::Frequency];

    /// The code in addresses; empty for the one without asking.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reach => "",
            Self::Met => "met",
            Self::Frequency => "frequency",
        }
    }
}

impl CoverageQuery {
    /// What it asks for; this month where it does not say.
    pub fn ask(&self, today: Date) -> Result<CoverageAsk, Unreadable> {
        let period = given(&self.period)?.unwrap_or_else(|| Period::month_of(today));
        if !matches!(period, Period::Month(_)) {
            return Err(Unreadable);
        }
        let show = code(&self.show, |code| {
            Measure::ALL.into_iter().find(|measure| measure.as_str() == code)
        })?;
        Ok(CoverageAsk { period, unit: given(&self.unit)?, show: show.unwrap_or_default() })
    }
}

impl CoverageAsk {
    /// The address.
    pub fn address(&self) -> Address {
        Address::new("/coverage")
            .with("period", self.period)
            .given("unit", self.unit)
            .with("show", self.show.as_str())
    }
}
