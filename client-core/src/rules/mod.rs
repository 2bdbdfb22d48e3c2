//! The rule core: what counts, how much, and why.
//!
//! A rep without signal wants the same score that the manager will see, and
//! both want to know where each point comes from. So scoring is a pure function
//! that runs on the phone and on the server: [`evaluate`] reads facts, a policy,
//! a period and an instant, never a clock, a file or the network, and the same
//! arguments give the same bytes on every machine. Money and shares are
//! integers; the only floating-point step, a distance, uses `libm` (the standard
//! library's sine differs in its last bits between platforms) and is rounded to
//! millimetres at once.
//!
//! DOMAIN A8 is the specification; tests carry its vectors.

mod adherence;
mod agenda;
mod alarms;
pub mod appraisal;
mod attainment;
mod buyers;
mod canonical;
mod cascade;
mod collection;
mod coverage;
mod difference;
mod due;
mod effective_visit;
mod evaluate;
mod explain;
pub mod facts;
mod figure;
mod figures;
#[cfg(test)]
mod fixture;
mod funnel;
mod gather;
mod indicators;
mod integrity;
mod kept;
mod location;
mod measures;
mod moved;
mod outcome;
mod pace;
pub mod plain;
pub mod policy;
mod quotes;
mod rates;
mod receivable;
mod response;
mod risk;
mod rounding;
mod sales;
mod satisfaction;
mod scorecard;
mod stretch;
mod suppose;
mod takings;
mod targets;
mod tasks;
mod team;
mod team_figures;
mod team_sales;
mod today;
mod units;
mod whatif;
mod whom;
mod workload;

pub use agenda::{AgendaCustomer, agenda};
pub use alarms::{
    Churn, ChurnRise, ClosedMonth, Milestone, MilestoneState, below_benchmark, churn, churn_rise,
    falling, figure_milestone, milestone,
};
pub use attainment::{Attainment, Fraction, attain};
pub use cascade::{Axis, SumCheck, SumState, split, sums};
pub use coverage::{Coverage, CoverageFigures, CoverageRow, CoveredCustomer, Share, TierCoverage};
pub use difference::{Cause, Computed, Difference, Moved, difference};
pub use due::{Due, DueStatus};
pub use evaluate::{evaluate, reached};
pub use explain::{
    ExplainedExclusion, ExplainedFact, ExplainedLine, Explanation, FactKind, explain,
};
pub use facts::{FactRef, Facts};
pub use figure::{Figure, TeamView};
pub use figures::{FigureUnit, NamedFigure, collected, collected_by_all, collection_rate};
pub use funnel::{Cohort, Conversion, Funnel, FunnelView, OpenDeals, StageFigures, funnel};
pub use gather::{Confirmed, Inputs, Row};
pub use integrity::{
    ClockReading, Suspect, Suspicion, WatchedDeal, WatchedVisit, five_decimals, suspects,
    suspects_among,
};
pub use kept::{CLOSES_AFTER_WORKING_DAYS, closed_from, placements_kept_from};
pub use location::{LocationVerdict, distance_mm};
pub use moved::{MovedFigure, moved_figures};
pub use outcome::{
    DealReason, Exclusion, ExclusionReason, GroupLine, IndicatorLine, JudgedVisit, Limit,
    LineState, MoneyReason, NotApplicable, Outcome, PlanReason, Provisional, ReviewReason, RuleId,
    Scorecard, Verdict, VisitReason,
};
pub use pace::{Pace, PaceSide, Progress, outside, pace, serious, week_before};
pub use policy::Policy;
pub use rates::{
    ClassShare, Concentration, ProductMix, concentration, growth, product_mix,
    products_per_customer, win_rate,
};
pub use receivable::{Receivable, receivable};
pub use risk::{Risk, RiskChange, RiskLevel, RiskReason};
pub use sales::{
    ActiveMonths, ActiveRep, CurrencySales, SalesCycle, active_customers, amount_per_customer,
    amount_per_head, sales, sales_cycle, visits_per_head,
};
pub use scorecard::{Contribution, Points, points};
pub use stretch::{Stretch, stretch};
pub use suppose::suppose;
pub use tasks::{GateWarning, Task, TaskKind, TaskState, gates_ahead};
pub use team::{Catalogue, Credit, DealLine, TeamDeal, credit, team_deals};
pub use team_figures::{TeamFacts, TeamOrder, counted, milestone_figure, team_figures};
pub use team_sales::{TeamSales, held_on, team_order};
pub use today::{DayFigure, Today, today};
pub use units::{BasisPoints, CentiPoints, Meters, Normalised, ParsePercentError, Percent};
pub use whatif::{CardChange, ChangeReason, LineChange, card_change};
pub use whom::{NextVisit, VisitWhy, whom_next};
pub use workload::workload;

/// Version of the rule code. Another version may give other results from the
/// same facts, so it travels with every outcome.
pub const RULES_VERSION: u32 = 10;
