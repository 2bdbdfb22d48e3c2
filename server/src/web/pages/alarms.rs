//! What a leader should look at: questions to answer, customers in danger, falling
//! months, targets that do not sum.

use askama::Template;
use client_core::id::{DocId, UserId};
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::records::{Metric, SignalRecord, TargetRecord};
use client_core::rules::{
    Axis, BasisPoints, Churn, ChurnRise, ClosedMonth, Policy, RiskLevel, RiskReason, SumCheck,
};
use client_core::time::Date;

use super::customer::stage_name;
use super::wording;
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// Questions of one page.
pub const SIGNALS: usize = 20;

/// A question that waits.
#[derive(Debug, Clone)]
pub struct Signal {
    /// The question.
    pub signal: SignalRecord,
    /// Whose work it is about.
    pub rep: String,
    /// The visits and deals: where they are shown, and their names.
    pub subjects: Vec<(String, String)>,
}

/// A customer in danger.
#[derive(Debug, Clone)]
pub struct Danger {
    /// The customer.
    pub customer: DocId,
    /// Its name.
    pub name: Option<String>,
    /// Whose it is.
    pub owner: String,
    /// How much.
    pub level: RiskLevel,
    /// Why.
    pub reasons: Vec<RiskReason>,
    /// Since when.
    pub since: Date,
    /// Its cause is gone, and it is kept for some days.
    pub kept: bool,
}

/// A figure that fell month after month.
#[derive(Debug, Clone)]
pub struct Falling {
    /// Whose.
    pub rep: UserId,
    /// The name.
    pub name: String,
    /// Of what.
    pub metric: Metric,
    /// The closed months, oldest first.
    pub months: Vec<ClosedMonth>,
}

/// A target whose parts do not sum to it.
#[derive(Debug, Clone)]
pub struct Sum {
    /// A person's or a unit's name; none for the whole company's.
    pub whose: Option<String>,
    /// The whole.
    pub target: TargetRecord,
    /// The comparison.
    pub check: SumCheck,
}

/// A closed card that later facts moved.
#[derive(Debug, Clone)]
pub struct Restated {
    /// Whose.
    pub rep: UserId,
    /// The name.
    pub name: String,
    /// The month.
    pub period: Period,
    /// Its total when the month closed, in hundredths of a point.
    pub was: Option<i64>,
    /// Its total now.
    pub is: Option<i64>,
}

/// A region that loses more customers than before (R4).
#[derive(Debug, Clone)]
pub struct Losing {
    /// The region.
    pub region: String,
    /// The closed month.
    pub month: Period,
    /// What was lost in it.
    pub now: Churn,
    /// What was lost in the month before.
    pub before: Churn,
    /// By how much that is a rise.
    pub rise: ChurnRise,
}

/// A stage from which fewer deals go on than the benchmark asks for (R6).
#[derive(Debug, Clone)]
pub struct Below {
    /// The stage's code.
    pub stage: String,
    /// The closed month of the cohort.
    pub month: Period,
    /// Went on, of those that entered.
    pub passed: (i64, i64),
    /// The benchmark.
    pub benchmark: BasisPoints,
}

/// What the page is given.
#[derive(Debug, Clone)]
pub struct AlarmsData {
    /// Questions that wait: those of the page.
    pub signals: Vec<Signal>,
    /// How many wait.
    pub waiting: usize,
    /// Which page of them, from 1.
    pub page: usize,
    /// The first customers in danger, red before yellow.
    pub dangers: Vec<Danger>,
    /// How many are in danger.
    pub in_danger: usize,
    /// Falling figures.
    pub falling: Vec<Falling>,
    /// Closed cards that were moved.
    pub restated: Vec<Restated>,
    /// Regions that lose customers.
    pub losing: Vec<Losing>,
    /// Stages below their benchmark.
    pub below: Vec<Below>,
    /// Targets that do not sum.
    pub sums: Vec<Sum>,
    /// The org's currency.
    pub currency: Currency,
    /// The policy in force, which names the stages.
    pub policy: Option<Policy>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "alarms.html")]
pub struct Alarms {
    frame: Frame,
    message: Option<State>,
    waiting: String,
    pages: Pager,
    in_danger: Option<String>,
    signals: Vec<SignalView>,
    dangers: Vec<DangerView>,
    falling: Vec<FallingView>,
    restated: Vec<RestatedView>,
    losing: Vec<LosingView>,
    below: Vec<BelowView>,
    sums: Vec<SumView>,
}

/// Between the pages of questions.
#[derive(Debug, Default)]
struct Pager {
    earlier: Option<String>,
    later: Option<String>,
    line: String,
}

#[derive(Debug)]
struct RestatedView {
    href: String,
    name: String,
    month: String,
    was: String,
    is: String,
}

#[derive(Debug)]
struct LosingView {
    region: String,
    month: String,
    before: String,
    now: String,
    rise: String,
}

#[derive(Debug)]
struct BelowView {
    href: String,
    stage: String,
    month: String,
    conversion: String,
    counts: String,
    benchmark: String,
}

#[derive(Debug)]
struct SignalView {
    path: String,
    kind: String,
    measure: String,
    rep: String,
    day: String,
    subjects: Vec<(String, String)>,
}

#[derive(Debug)]
struct DangerView {
    href: String,
    name: String,
    owner: String,
    level: State,
    why: String,
    since: String,
    kept: bool,
}

#[derive(Debug)]
struct FallingView {
    href: String,
    name: String,
    metric: String,
    months: Vec<(String, String)>,
}

#[derive(Debug)]
struct SumView {
    whose: String,
    metric: String,
    period: String,
    cut: String,
    whole: String,
    parts: String,
    difference: String,
}

impl Alarms {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &AlarmsData, message: Option<State>) -> Self {
        let value = |metric: &Metric, value: i64| match metric {
            Metric::SalesAmount => f.money(Money::new(value, data.currency)),
            _ => format::count(value),
        };
        let number = |n: usize| format::count(i64::try_from(n).unwrap_or(i64::MAX));
        Self {
            waiting: number(data.waiting),
            pages: pager(f, data),
            in_danger: (data.in_danger > data.dangers.len())
                .then(|| f.w.with("alarms.all_risks", &[("n", &number(data.in_danger))])),
            signals: data.signals.iter().map(|one| signal(f, one)).collect(),
            dangers: data.dangers.iter().map(|one| danger(f, one)).collect(),
            falling: data
                .falling
                .iter()
                .map(|one| FallingView {
                    href: one.months.last().map_or_else(String::new, |last| {
                        format!("/scorecards/{}/{}", one.rep, last.month)
                    }),
                    name: one.name.clone(),
                    metric: f.w.code("metric", one.metric.as_str()).into_owned(),
                    months: one
                        .months
                        .iter()
                        .map(|month| (f.period(month.month), value(&one.metric, month.value)))
                        .collect(),
                })
                .collect(),
            restated: data.restated.iter().map(|one| restated(f, one)).collect(),
            losing: data.losing.iter().map(|one| losing(f, one)).collect(),
            below: data.below.iter().map(|one| below(f, data, one)).collect(),
            sums: data
                .sums
                .iter()
                .map(|one| SumView {
                    whose: one.whose.clone().unwrap_or_else(|| f.w.say("alarms.org").to_owned()),
                    metric: f.w.code("metric", one.target.metric.as_str()).into_owned(),
                    period: f.period(one.target.period),
                    cut: match &one.check.axis {
                        Axis::Time => f.w.say("alarms.by_time").to_owned(),
                        Axis::People => f.w.say("alarms.by_people").to_owned(),
                        Axis::Dimension(key) => f.w.with("alarms.by_key", &[("key", key)]),
                    },
                    whole: value(&one.target.metric, one.check.value),
                    parts: value(&one.target.metric, one.check.sum),
                    difference: value(&one.target.metric, one.check.difference),
                })
                .collect(),
            frame,
            message,
        }
    }
}

fn pager(f: &Format, data: &AlarmsData) -> Pager {
    if data.waiting <= SIGNALS && data.page <= 1 {
        return Pager::default();
    }
    let link = |page: usize| format!("/alarms?page={page}");
    let first = (data.page - 1).saturating_mul(SIGNALS) + 1;
    let last = (data.page * SIGNALS).min(data.waiting);
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("from", &first), ("to", &last), ("all", &data.waiting)];
    Pager {
        earlier: (data.page > 1).then(|| link(data.page - 1)),
        later: (last < data.waiting).then(|| link(data.page + 1)),
        line: f.w.with("facts.page_line", &values),
    }
}

fn signal(f: &Format, one: &Signal) -> SignalView {
    let kind = one.signal.kind.as_str();
    let measure = one.signal.measure.filter(|measure| *measure > 0);
    SignalView {
        path: format!("/alarms/signals/{}", one.signal.id),
        kind: f.w.code("signal", kind).into_owned(),
        measure: measure.map_or_else(String::new, |n| wording::measure(f, &one.signal.kind, n)),
        rep: one.rep.clone(),
        day: f.date(one.signal.on),
        subjects: one
            .subjects
            .iter()
            .map(|(href, name)| {
                let name = Some(name.as_str()).filter(|name| !name.is_empty());
                (href.clone(), wording::customer_name(f.w, name))
            })
            .collect(),
    }
}

fn restated(f: &Format, one: &Restated) -> RestatedView {
    let points = |points: Option<i64>| points.map_or_else(|| "–".to_owned(), format::points);
    RestatedView {
        href: format!("/scorecards/{}/{}/changes?since=closed", one.rep, one.period),
        name: one.name.clone(),
        month: f.period(one.period),
        was: points(one.was),
        is: points(one.is),
    }
}

fn losing(f: &Format, one: &Losing) -> LosingView {
    let rate = |churn: Churn| {
        let (lost, active) = (i64::from(churn.lost), i64::from(churn.active));
        let counts = f.w.with(
            "coverage.fraction",
            &[("of", &format::count(lost)), ("all", &format::count(active))],
        );
        format!("{} ({counts})", format::percent(lost, active))
    };
    LosingView {
        region: one.region.clone(),
        month: f.period(one.month),
        before: rate(one.before),
        now: rate(one.now),
        rise: one.rise.rise.map_or_else(
            || f.w.say("alarms.from_nothing").to_owned(),
            |rise| format!("+{}", format::percent(rise.0, 10_000)),
        ),
    }
}

fn below(f: &Format, data: &AlarmsData, one: &Below) -> BelowView {
    let (passed, entered) = one.passed;
    BelowView {
        href: format!("/funnel?period={}", one.month),
        stage: stage_name(f.w, data.policy.as_ref(), &one.stage),
        month: f.period(one.month),
        conversion: format::percent(passed, entered),
        counts: f.w.with(
            "coverage.fraction",
            &[("of", &format::count(passed)), ("all", &format::count(entered))],
        ),
        benchmark: format::percent(one.benchmark.0, 10_000),
    }
}

fn danger(f: &Format, one: &Danger) -> DangerView {
    let tone = match one.level {
        RiskLevel::Red => Tone::Late,
        RiskLevel::Yellow => Tone::Watch,
    };
    let reasons: Vec<_> =
        one.reasons.iter().map(|reason| f.w.code("risk_reason", reason.as_str())).collect();
    DangerView {
        href: format!("/customers/{}", one.customer),
        name: wording::customer_name(f.w, one.name.as_deref()),
        owner: one.owner.clone(),
        level: State::new(tone, f.w.code("risk_level", one.level.as_str()).into_owned()),
        why: reasons.join(" · "),
        since: f.date(one.since),
        kept: one.kept,
    }
}
