//! From the core's types to records and back: parsing, nothing else.

use std::str::FromStr;

use client_core::docs::case::{CaseKind, SurveyKind};
use client_core::docs::visit::{Fix, NextStep, VisitMode};
use client_core::engine::{
    CaseEntry, Comparison, ConflictEntry, Counting, CustomerEntry, ItemStatus, Ladder, LateWork,
    NewCase as CoreCase, NewVisit as CoreVisit, Pending, RejectedChange, SignedIn, SyncError,
    SyncStatus, VisitEntry,
};
use client_core::geo::Point;
use client_core::money::Money;
use client_core::records::{OrgRecord, ProductRecord, ReviewRecord, Verdict};
use client_core::rules::{FigureUnit, LineState, Outcome as RuleOutcome};
use client_core::time::Timestamp;

use crate::drafts;
use crate::error::FieldError;
use crate::rows::{
    Account, Amount, CaseRow, ConflictChoice, ConflictRow, CustomerRow, FailureKind, GpsFix,
    ItemLadder, ItemState, LateWorkRow, NewCase, NewVisit, OrgRow, PendingCounts, ProductRow,
    RefusedRow, ReviewRow, ScoreLine, ScorecardView, SyncFailure, SyncState, VisitRow,
};

/// Parses an id, a date or a period, or says what was wrong with it.
pub(crate) fn parse<T: FromStr>(text: &str) -> Result<T, FieldError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| FieldError::BadInput { detail: error.to_string() })
}

/// Parses ids, or says what was wrong with the first that is none.
pub(crate) fn parsed<T: FromStr>(texts: &[String]) -> Result<Vec<T>, FieldError>
where
    T::Err: std::fmt::Display,
{
    texts.iter().map(|text| parse(text)).collect()
}

pub(crate) fn account(who: SignedIn) -> Account {
    Account {
        org: who.org.to_string(),
        org_name: who.org_name,
        user: who.user.to_string(),
        user_name: who.user_name,
        role: who.role.as_str().to_owned(),
    }
}

pub(crate) fn org(org: OrgRecord) -> OrgRow {
    OrgRow {
        id: org.id.to_string(),
        name: org.name,
        time_zone: org.time_zone,
        currency: org.currency.to_string(),
        currency_decimals: org.currency.decimals(),
        fiscal_start_month: org.fiscal_start_month,
    }
}

pub(crate) fn item_state(status: ItemStatus) -> ItemState {
    match status {
        ItemStatus::Saved => ItemState::Saved,
        ItemStatus::Sent => ItemState::Sent,
        ItemStatus::Stored => ItemState::Stored,
        ItemStatus::Rejected { reason, .. } => ItemState::NotTaken { reason },
        ItemStatus::Quarantined { reason } => ItemState::Undecided { reason },
        ItemStatus::Waiting { reason } => ItemState::Waiting { reason },
        ItemStatus::SetAside { reason } if !reason.is_empty() => ItemState::NotTaken { reason },
        ItemStatus::SetAside { .. } => ItemState::NotTaken {
            reason: "the document's history started anew before this was sent".to_owned(),
        },
    }
}

pub(crate) fn conflict_row(entry: ConflictEntry) -> ConflictRow {
    ConflictRow {
        doc: entry.doc.to_string(),
        kind: entry.kind.as_str().to_owned(),
        customer: entry.customer.map(|customer| customer.to_string()),
        label: entry.label.as_str().to_owned(),
        field: entry.field,
        at_ms: entry.at.millis(),
        values: entry
            .values
            .into_iter()
            .map(|value| ConflictChoice {
                value: value.written.value,
                change: value.written.change.to_string(),
                author: value.author.map(|author| author.to_string()),
                at_ms: value.written.at.millis(),
            })
            .collect(),
    }
}

pub(crate) fn customer_row(entry: CustomerEntry) -> CustomerRow {
    CustomerRow {
        id: entry.id.to_string(),
        name: entry.state.name.unwrap_or_default(),
        tier: entry.tier.map(|tier| tier.as_str().to_owned()),
        address: entry.state.address,
        owner: entry.owner.to_string(),
        state: item_state(entry.status),
    }
}

pub(crate) fn visit_row(entry: VisitEntry) -> VisitRow {
    VisitRow {
        id: entry.id.to_string(),
        customer: entry.customer.map(|customer| customer.to_string()),
        customer_name: entry.state.customer_name,
        mode: entry.state.mode.map(|mode| mode.to_string()),
        at_ms: entry.at.millis(),
        outcome: entry.state.outcome.map(|outcome| outcome.to_string()),
        submitted: entry.state.submitted_at.is_some(),
        state: item_state(entry.status),
    }
}

pub(crate) fn case_row(entry: CaseEntry) -> CaseRow {
    CaseRow {
        id: entry.id.to_string(),
        customer: entry.customer.map(|customer| customer.to_string()),
        kind: entry.state.kind.map(|kind| kind.to_string()),
        subject: entry.state.subject,
        opened_at_ms: entry.opened_at.millis(),
        first_reply_at_ms: entry.state.first_reply_at.map(Timestamp::millis),
        resolved_at_ms: entry.state.resolved_at.map(Timestamp::millis),
        satisfied: entry.state.satisfied,
        scores: entry.state.surveys.values().filter_map(|answer| answer.score).collect(),
        state: item_state(entry.status),
    }
}

pub(crate) fn case(new: NewCase) -> Result<CoreCase, FieldError> {
    let kind = CaseKind::from(new.kind.as_str());
    if matches!(kind, CaseKind::Unknown(_)) {
        return Err(FieldError::BadInput { detail: format!("{:?} is not a case", new.kind) });
    }
    let mut case = CoreCase::of(parse(&new.customer)?, kind, &new.subject);
    case.description = new.description;
    case.opened_at = new.opened_at_ms.map(Timestamp::from_millis);
    Ok(case)
}

pub(crate) fn survey(code: &str) -> Result<SurveyKind, FieldError> {
    match SurveyKind::from(code) {
        SurveyKind::Unknown(_) => {
            Err(FieldError::BadInput { detail: format!("{code:?} is no survey: nps or csat") })
        }
        known => Ok(known),
    }
}

pub(crate) fn money(amount: &Amount) -> Result<Money, FieldError> {
    Ok(Money::new(amount.minor, parse(&amount.currency)?))
}

pub(crate) fn amount(money: Money) -> Amount {
    Amount { minor: money.minor, currency: money.currency.to_string() }
}

pub(crate) fn review(review: ReviewRecord) -> ReviewRow {
    ReviewRow {
        by: review.by.map(|by| by.to_string()),
        at_ms: review.at.millis(),
        rating: review.rating,
        comment: review.comment,
    }
}

pub(crate) fn product_row(product: ProductRecord) -> ProductRow {
    ProductRow {
        code: product.code,
        name: product.name,
        line: product.line,
        price_minor: product.list_price.map(|price| price.minor),
        currency: product.list_price.map(|price| price.currency.to_string()),
    }
}

pub(crate) fn fix(fix: &GpsFix) -> Result<Fix, FieldError> {
    let bad = |what: &str| FieldError::BadInput { detail: format!("{what} is not on the earth") };
    let e7 = |degrees: f64| (degrees * 1e7).round();
    let (lat, lon) = (e7(fix.latitude), e7(fix.longitude));
    if !lat.is_finite() || !lon.is_finite() {
        return Err(bad("the position"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "a point off the earth is refused below")]
    let point = Point::wgs84(lat as i64, lon as i64).ok_or_else(|| bad("the position"))?;
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a few earth radii first")]
    let accuracy_mm = (fix.accuracy_m * 1000.0).clamp(0.0, 1e11).round() as i64;
    Ok(Fix {
        point,
        accuracy_mm,
        provider: fix.provider.clone(),
        is_mock: fix.is_mock,
        age_s: fix.age_s,
    })
}

/// Parses a visit's mode, or says what was wrong with it.
pub(crate) fn mode(code: &str) -> Result<VisitMode, FieldError> {
    match VisitMode::from(code) {
        VisitMode::Unknown(_) => {
            Err(FieldError::BadInput { detail: format!("{code:?} is not a visit mode") })
        }
        known => Ok(known),
    }
}

/// What follows, an explicit "nothing", or none where the question stays open.
pub(crate) fn next_step(
    what: Option<String>,
    due: Option<&str>,
    nothing: bool,
) -> Result<Option<NextStep>, FieldError> {
    Ok(match what {
        Some(what) => {
            let due = due.map(parse).transpose()?;
            Some(NextStep::Do { what, due, who: None })
        }
        None => nothing.then_some(NextStep::None),
    })
}

pub(crate) fn visit(new: NewVisit) -> Result<CoreVisit, FieldError> {
    let (customer, said) = (parse(&new.customer)?, drafts::core(new.said)?);
    let mut visit = CoreVisit::with(customer, mode(&new.mode)?, said);
    visit.fix = new.fix.as_ref().map(fix).transpose()?;
    visit.submit = new.submit;
    Ok(visit)
}

pub(crate) const fn pending(counts: &Pending) -> PendingCounts {
    PendingCounts {
        saved: counts.saved,
        sent: counts.sent,
        requests: counts.commands,
        requests_refused: counts.refused,
        not_taken: counts.rejected + counts.set_aside,
        undecided: counts.quarantined,
    }
}

pub(crate) fn sync_state(status: SyncStatus) -> SyncState {
    SyncState {
        syncing: status.syncing,
        complete: status.complete,
        pending: pending(&status.pending),
        known_up_to_ms: status.known_up_to.map(Timestamp::millis),
        retry_at_ms: status
            .last_error
            .as_ref()
            .and_then(|error| error.retry_at)
            .map(Timestamp::millis),
        last_error: status.last_error.map(failure),
        clock_off_ms: status.clock_off_ms,
        repairing: status.repairing,
        faults: status.faults,
    }
}

fn failure(error: SyncError) -> SyncFailure {
    let detail = error.to_string();
    let kind = match error.into() {
        FieldError::Offline { .. } => FailureKind::Offline,
        FieldError::NotPrivate { .. } => FailureKind::NotPrivate,
        FieldError::SignInAgain { .. } => FailureKind::SignInAgain,
        FieldError::DeviceRevoked { .. } => FailureKind::DeviceRevoked,
        FieldError::UpdateRequired { .. } => FailureKind::UpdateRequired,
        FieldError::StorageFull { .. } => FailureKind::StorageFull,
        FieldError::Storage { .. } => FailureKind::Storage,
        FieldError::Keychain { .. } => FailureKind::Keychain,
        FieldError::Cancelled { .. } | FieldError::Paused { .. } | FieldError::Closed { .. } => {
            FailureKind::Stopped
        }
        _ => FailureKind::Internal,
    };
    SyncFailure { kind, detail }
}

pub(crate) fn ladder(ladder: Ladder) -> ItemLadder {
    let state = item_state(ladder.status);
    match ladder.counting {
        Counting::NotScored | Counting::NotKnown { .. } => {
            let (lines, reasons) = (Vec::new(), Vec::new());
            ItemLadder { state, counts: None, official: false, lines, reasons }
        }
        Counting::Judged(judged) => ItemLadder {
            state,
            counts: Some(judged.counts),
            official: judged.official,
            reasons: judged.reason_codes(),
            lines: judged.lines.iter().map(ToString::to_string).collect(),
        },
    }
}

pub(crate) fn refused(change: RejectedChange) -> RefusedRow {
    RefusedRow {
        doc: change.doc.to_string(),
        change: change.change.to_string(),
        state: item_state(change.status),
        saved_at_ms: change.saved_at.millis(),
    }
}

pub(crate) fn late_work(late: LateWork) -> LateWorkRow {
    LateWorkRow {
        case: late.case.to_string(),
        subject: late.subject.to_string(),
        name: late.name,
        author: late.author_name,
        changes: u32::try_from(late.changes).unwrap_or(u32::MAX),
        received_at_ms: late.received_at.millis(),
        verdict: late.verdict.map(|verdict| verdict.as_str().to_owned()),
        by: late.by,
        note: late.note,
        cause: late.cause.as_str().to_owned(),
        mine: late.mine,
        may_decide: late.may_decide,
    }
}

/// Parses a verdict, or says what was wrong with it.
pub(crate) fn verdict(code: &str) -> Result<Verdict, FieldError> {
    let detail = || format!("{code:?} is no verdict: expected accepted, rejected or handed_over");
    Verdict::parse(code).ok_or_else(|| FieldError::BadInput { detail: detail() })
}

pub(crate) fn scorecard(
    outcome: &RuleOutcome,
    waiting: &Pending,
    official: Option<Comparison>,
) -> ScorecardView {
    let count = |counts: bool| {
        let found = outcome.visits.iter().filter(|visit| visit.counts == counts).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    };
    let hex: String = outcome.digest().iter().map(|byte| format!("{byte:02x}")).collect();
    ScorecardView {
        period: outcome.period.to_string(),
        total_centipoints: outcome.scorecard.total.map(|points| points.0),
        lines: outcome
            .scorecard
            .lines
            .iter()
            .map(|line| ScoreLine {
                indicator: line.indicator.to_string(),
                unit: FigureUnit::of(&line.indicator).as_str().to_owned(),
                value: line.value,
                target: line.target,
                centipoints: line.points.0,
                applicable: line.state == LineState::Applicable,
            })
            .collect(),
        visits_counted: count(true),
        visits_not_counted: count(false),
        waiting_changes: waiting.waiting(),
        digest: hex,
        equals_official: official
            .filter(|comparison| {
                !matches!(comparison, Comparison::NotComplete | Comparison::NoLongerHere)
            })
            .map(|comparison| comparison == Comparison::Same),
    }
}
