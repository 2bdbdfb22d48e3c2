//! How values of the field are said: verdicts, reasons, indicators, rules.

use client_core::money::{Currency, Money};
use client_core::records::{Metric, SignalKind};
use client_core::rules::policy::Policy;
use client_core::rules::{
    DealReason, DueStatus, ExclusionReason, JudgedVisit, LocationVerdict, MoneyReason,
    NotApplicable, PlanReason, ReviewReason, RuleId, Verdict, VisitReason,
};

use crate::web::format::{self, Format};
use crate::web::view::{State, Tone};
use crate::web::words::Words;

/// A code of the data in words; a dash where there is none.
pub fn code(w: Words, group: &str, code: Option<&str>) -> String {
    code.map_or_else(|| "–".to_owned(), |code| w.code(group, code).into_owned())
}

/// A customer's name, or that there is none.
pub fn customer_name(w: Words, name: Option<&str>) -> String {
    let named = name.map(str::trim).filter(|name| !name.is_empty());
    named.map_or_else(|| w.say("customer.unnamed").to_owned(), str::to_owned)
}

/// The verdict on a judged visit.
pub fn judged(w: Words, judged: &JudgedVisit) -> State {
    verdict(w, &judged.verdict, judged.counts)
}

/// A verdict, and whether the visit counts.
pub fn verdict(w: Words, verdict: &Verdict, counts: bool) -> State {
    let (tone, key) = match (verdict, counts) {
        (Verdict::Effective, _) => (Tone::Good, "verdict.effective"),
        (Verdict::NotEffective(reasons), _) if reasons.contains(&VisitReason::NotSubmitted) => {
            (Tone::Neutral, "verdict.draft")
        }
        (Verdict::NotEffective(_), _) => (Tone::Late, "verdict.not_effective"),
        (Verdict::NeedsReview(_), true) => (Tone::Watch, "verdict.needs_review"),
        (Verdict::NeedsReview(_), false) => (Tone::Watch, "verdict.needs_review_out"),
    };
    State::new(tone, w.say(key))
}

/// The verdict on a visit that no card has judged yet.
pub fn not_judged(w: Words, submitted: bool) -> State {
    let key = if submitted { "verdict.not_judged" } else { "verdict.draft" };
    State::new(Tone::Neutral, w.say(key))
}

/// The reasons behind a verdict, in words.
pub fn reasons(w: Words, verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Effective => Vec::new(),
        Verdict::NotEffective(reasons) => {
            reasons.iter().map(|reason| w.say(visit_reason(*reason)).to_owned()).collect()
        }
        Verdict::NeedsReview(reasons) => {
            reasons.iter().map(|reason| w.say(review_reason(*reason)).to_owned()).collect()
        }
    }
}

/// Why a fact was left out, in words.
pub fn exclusion(w: Words, reason: ExclusionReason) -> String {
    let key = match reason {
        ExclusionReason::Visit(reason) => visit_reason(reason),
        ExclusionReason::UnderReview(reason) => review_reason(reason),
        ExclusionReason::NoAmount => "reason.no_amount",
        ExclusionReason::OtherCurrency => "reason.other_currency",
        ExclusionReason::Deal(reason) => deal_reason(reason),
        ExclusionReason::Money(reason) => money_reason(reason),
        ExclusionReason::Plan(PlanReason::CustomerLost) => "reason.customer_lost",
    };
    w.say(key).to_owned()
}

const fn deal_reason(reason: DealReason) -> &'static str {
    match reason {
        DealReason::NoStages => "reason.no_stages",
        DealReason::UnknownStage => "reason.unknown_stage",
        DealReason::SkippedStage => "reason.skipped_stage",
        DealReason::UndatedDecision => "reason.undated_decision",
        DealReason::UnknownOutcome => "reason.unknown_outcome",
        DealReason::NoBeginning => "reason.no_beginning",
        DealReason::DecidedBeforeItBegan => "reason.decided_before_it_began",
        DealReason::NoCustomer => "reason.no_customer",
        DealReason::NoProduct => "reason.no_product",
        DealReason::UnknownProduct => "reason.unknown_product",
        DealReason::NoClass => "reason.no_class",
        DealReason::NoMargin => "reason.no_margin",
        DealReason::NoLaunch => "reason.no_launch",
    }
}

const fn money_reason(reason: MoneyReason) -> &'static str {
    match reason {
        MoneyReason::NoAmount => "reason.no_amount",
        MoneyReason::OtherCurrency => "reason.other_currency",
        MoneyReason::NoDate => "reason.no_date",
        MoneyReason::NotConfirmed => "reason.not_confirmed",
        MoneyReason::Cancelled => "reason.cancelled",
        MoneyReason::NoDeal => "reason.no_deal",
        MoneyReason::PaysNothing => "reason.pays_nothing",
        MoneyReason::NotDueYet => "reason.not_due_yet",
    }
}

const fn visit_reason(reason: VisitReason) -> &'static str {
    match reason {
        VisitReason::NotSubmitted => "reason.not_submitted",
        VisitReason::NoCustomer => "reason.no_customer",
        VisitReason::NoMode => "reason.no_mode",
        VisitReason::ModeNotCounted => "reason.mode_not_counted",
        VisitReason::NoCheckIn => "reason.no_check_in",
        VisitReason::NoCheckOut => "reason.no_check_out",
        VisitReason::NoStart => "reason.no_start",
        VisitReason::NoEnd => "reason.no_end",
        VisitReason::TooShort => "reason.too_short",
        VisitReason::NoOutcome => "reason.no_outcome",
        VisitReason::NoNextStep => "reason.no_next_step",
        VisitReason::NoText => "reason.no_text",
        VisitReason::OutOfFence => "reason.out_of_fence",
        VisitReason::Duplicate => "reason.duplicate",
        VisitReason::SubmittedLate => "reason.submitted_late",
        VisitReason::Rejected => "reason.rejected",
        VisitReason::Voided => "reason.voided",
    }
}

const fn review_reason(reason: ReviewReason) -> &'static str {
    match reason {
        ReviewReason::Unverifiable => "reason.unverifiable",
        ReviewReason::OpenSignal => "reason.open_signal",
        ReviewReason::EditedAfterSubmit => "reason.edited_after_submit",
    }
}

/// Where a check-in was, as a state; none where the mode asks for no place.
pub fn location(w: Words, verdict: LocationVerdict) -> Option<State> {
    let (tone, key) = match verdict {
        LocationVerdict::InFence => (Tone::Good, "location.in_fence"),
        LocationVerdict::Uncertain => (Tone::Watch, "location.uncertain"),
        LocationVerdict::OutOfFence => (Tone::Late, "location.out_of_fence"),
        LocationVerdict::Unverifiable => (Tone::Unknown, "location.unverifiable"),
        LocationVerdict::NotAsked => return None,
    };
    Some(State::new(tone, w.say(key)))
}

/// A due status.
pub fn due(w: Words, status: DueStatus) -> Option<State> {
    let (tone, key) = match status {
        DueStatus::Overdue => (Tone::Late, "due.overdue"),
        DueStatus::Never => (Tone::Late, "due.never"),
        DueStatus::FollowUp => (Tone::Watch, "due.follow_up"),
        DueStatus::OnTrack => (Tone::Good, "due.on_track"),
        DueStatus::Unknown => (Tone::Unknown, "due.unknown"),
        DueStatus::NoRule => return None,
    };
    Some(State::new(tone, w.say(key)))
}

/// How a deal ended, or that it is open.
pub fn deal_outcome(w: Words, code: Option<&str>) -> State {
    let tone = match code {
        Some("won") => Tone::Good,
        Some("lost") => Tone::Late,
        _ => Tone::Neutral,
    };
    State::new(tone, w.code("deal_outcome", code.unwrap_or("open")))
}

/// Why an indicator does not count.
pub fn not_applicable(w: Words, why: NotApplicable) -> String {
    let key = match why {
        NotApplicable::NoRuleYet => "not_applicable.no_rule_yet",
        NotApplicable::NoFacts => "not_applicable.no_facts",
        NotApplicable::NoTarget => "not_applicable.no_target",
        NotApplicable::ZeroTarget => "not_applicable.zero_target",
        NotApplicable::ZeroDenominator => "not_applicable.zero_denominator",
        NotApplicable::NoConfirmation => "not_applicable.no_confirmation",
        NotApplicable::TooLarge => "not_applicable.too_large",
    };
    w.with("scorecard.not_applicable", &[("why", &w.say(key))])
}

/// The rule's number as the field's definitions have it.
pub const fn rule(rule: RuleId) -> &'static str {
    match rule {
        RuleId::F1 => "F1",
        RuleId::F4 => "F4",
        RuleId::F6 => "F6",
        RuleId::F7 => "F7",
        RuleId::F8 => "F8",
        RuleId::F9 => "F9",
        RuleId::F10 => "F10",
        RuleId::F11 => "F11",
        RuleId::F12 => "F12",
        RuleId::F13 => "F13",
    }
}

/// A value of `metric` in its unit.
pub fn value(f: &Format, metric: &Metric, currency: Currency, value: i64) -> String {
    match metric {
        Metric::SalesAmount => f.money(Money::new(value, currency)),
        Metric::CollectionRate | Metric::NewCustomerGrowth | Metric::QuoteConversion => {
            format::percent(value, 10_000)
        }
        Metric::CustomerSatisfaction => format::decimal(i128::from(value), 2),
        _ => format::count(value),
    }
}

/// The figure behind a question, as a person says it: four minutes and not 240 seconds.
pub fn measure(f: &Format, kind: &SignalKind, n: i64) -> String {
    match kind {
        SignalKind::Short => seconds(f, n),
        SignalKind::Overlap | SignalKind::Clock | SignalKind::Backdate => minutes(f, n),
        other => {
            let key = format!("signal_measure.{other}");
            f.w.count(&key, n, &[("n", &format::count(n))])
        }
    }
}

/// Seconds below two minutes, otherwise whole minutes and what is left.
pub fn seconds(f: &Format, n: i64) -> String {
    let (whole, rest) = (n.div_euclid(60), n.rem_euclid(60));
    if n < 60 {
        return f.w.count("span.seconds", n, &[("n", &n)]);
    }
    if rest == 0 {
        return minutes(f, whole);
    }
    f.w.with("span.minutes_seconds", &[("m", &whole), ("s", &rest)])
}

/// Minutes below two hours, hours with their minutes below two days, then whole days.
pub fn minutes(f: &Format, n: i64) -> String {
    const HOUR: i64 = 60;
    const DAY: i64 = 24 * HOUR;
    if n < 2 * HOUR {
        return f.w.count("span.minutes", n, &[("n", &format::count(n))]);
    }
    if n >= 2 * DAY {
        let days = n.div_euclid(DAY);
        return f.w.count("span.days", days, &[("n", &format::count(days))]);
    }
    let (hours, rest) = (n.div_euclid(HOUR), n.rem_euclid(HOUR));
    if rest == 0 {
        return f.w.count("span.hours", hours, &[("n", &hours)]);
    }
    f.w.with("span.hours_minutes", &[("h", &hours), ("m", &rest)])
}

/// The guide reference of the first of `keys` that the policy has one for, cut
/// to the guide and its page.
pub fn guide(policy: Option<&Policy>, keys: &[&str]) -> String {
    let found = policy.and_then(|policy| keys.iter().find_map(|key| policy.source(key)));
    found.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use client_core::time::Zone;

    use super::*;
    use crate::web::words::Lang;

    #[test]
    fn a_measure_is_said_as_a_person_says_it() {
        let told = |lang, kind, n| {
            let f = Format::new(Words::new(lang), Zone::fixed("Asia/Shanghai", 8 * 3600));
            measure(&f, &kind, n)
        };
        let check = |kind: SignalKind, n, en: &str, zh: &str| {
            assert_eq!(told(Lang::En, kind.clone(), n), en);
            assert_eq!(told(Lang::ZhCn, kind, n), zh);
        };
        check(SignalKind::Short, 240, "4 minutes", "4 分钟");
        check(SignalKind::Short, 1, "1 second", "1 秒");
        check(SignalKind::Short, 60, "1 minute", "1 分钟");
        check(SignalKind::Short, 245, "4 min 5 s", "4 分 5 秒");
        check(SignalKind::Clock, 119, "119 minutes", "119 分钟");
        check(SignalKind::Backdate, 120, "2 hours", "2 小时");
        check(SignalKind::Backdate, 150, "2 h 30 min", "2 小时 30 分");
        check(SignalKind::Backdate, 3 * 1_440 + 7, "3 days", "3 天");
        check(SignalKind::Travel, 1_250, "1,250 km/h", "1,250 公里/小时");
        check(SignalKind::Close, 1, "1 day", "1 天");
    }
}
