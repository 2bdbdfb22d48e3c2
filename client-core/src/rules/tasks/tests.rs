use super::*;
use crate::docs::deal::LeadGrade;
use crate::docs::visit::{Purpose, VisitMode};
use crate::records::Tier;
use crate::rules::effective_visit::judge_all;
use crate::rules::facts::{AwaitedFact, DealFact, KeyTaskFact, MilestoneFact, StageFact};
use crate::rules::fixture::*;

fn october() -> Facts {
    let mut facts = facts("2026-10");
    facts.customers = vec![customer(100, Some(Tier::A))];
    facts
}

fn seen(facts: &Facts, policy: &Policy, when: &str) -> Vec<Task> {
    let horizon = at(when);
    let judged = judge_all(facts, policy, horizon);
    tasks(Desk { facts, policy, judged: &judged, horizon, open: true })
}

fn found(facts: &Facts, kind: TaskKind, when: &str) -> Option<TaskState> {
    let all = seen(facts, &policy(), when);
    all.iter().find(|task| task.kind == kind).map(|task| task.state)
}

fn entered(when: &str, stage: &str) -> StageFact {
    StageFact { at: at(when), stage: stage.into() }
}

#[test]
fn a_callback_is_due_at_the_end_of_the_seventh_day() {
    let mut facts = facts("2026-03");
    facts.customers = vec![customer(100, Some(Tier::A))];
    facts.contracts = vec![contract(40, "2026-03-02")];
    let all = seen(&facts, &policy(), "2026-03-09 23:59");
    let task = all.iter().find(|task| task.kind == TaskKind::Callback).unwrap();
    assert_eq!(task.due_at, at("2026-03-10 00:00").plus_millis(-1));
    assert_eq!(task.state, TaskState::Open);
    let state = |facts: &Facts| found(facts, TaskKind::Callback, "2026-03-10 00:00");
    assert_eq!(state(&facts), Some(TaskState::Overdue));
    // A visit resolves it if it was after-sales; saying so elsewhere does not.
    facts.visits = vec![remote(1, 100, VisitMode::Phone, "2026-03-05 10:00", 10)];
    assert_eq!(state(&facts), Some(TaskState::Overdue));
    facts.visits[0].purpose = Some(Purpose::AfterSales);
    assert_eq!(state(&facts), Some(TaskState::Resolved));
    facts.visits[0].submitted_at = None;
    assert_eq!(state(&facts), Some(TaskState::Overdue), "a draft is no contact");
    let mut working = policy();
    working.reminders.callback_working_days = true;
    let all = seen(&facts, &working, "2026-03-10 00:00");
    let task = all.iter().find(|task| task.kind == TaskKind::Callback).unwrap();
    assert_eq!(task.due_on, day("2026-03-11"), "seven working days after Monday");
}

#[test]
fn the_next_milestone_of_a_deal_is_due_until_it_is_reached() {
    let awaited = |what: &str, due: &str| AwaitedFact { due_on: day(due), what: what.into() };
    let mut facts = october();
    facts.deals = vec![DealFact {
        awaited: vec![awaited("试用", "2026-10-12"), awaited("演示反馈", "2026-10-09")],
        ..deal_fact(20, Some(100), Some(at("2026-10-08 09:00")))
    }];
    let due = |facts: &Facts, when: &str| {
        let all = seen(facts, &policy(), when);
        let found = all.into_iter().find(|task| task.kind == TaskKind::Milestone);
        found.map(|task| (task.due_on, task.state))
    };
    assert_eq!(due(&facts, "2026-10-09 23:59"), Some((day("2026-10-09"), TaskState::Open)));
    assert_eq!(due(&facts, "2026-10-10 00:00"), Some((day("2026-10-09"), TaskState::Overdue)));
    facts.deals[0].awaited.remove(1);
    assert_eq!(due(&facts, "2026-10-10 00:00"), Some((day("2026-10-12"), TaskState::Open)));
    facts.deals[0].outcome = Some(crate::docs::deal::DealOutcome::Lost);
    facts.deals[0].decided_at = Some(at("2026-10-10 00:00"));
    assert_eq!(due(&facts, "2026-10-13 00:00"), None, "of a decided deal nothing is awaited");
}

#[test]
fn a_lead_is_stale_one_day_after_its_horizon() {
    let mut facts = october();
    let lead = |grade| DealFact {
        grade: Some(grade),
        graded_at: Some(at("2026-09-01 09:00")),
        ..deal_fact(20, Some(100), Some(at("2026-08-01 09:00")))
    };
    facts.deals = vec![lead(LeadGrade::A)];
    let stale = |facts: &Facts, when| found(facts, TaskKind::StaleLead, when);
    assert_eq!(stale(&facts, "2026-10-01 23:00"), None, "day 30");
    assert_eq!(stale(&facts, "2026-10-02 00:00"), Some(TaskState::Overdue), "day 31");
    facts.deals = vec![lead(LeadGrade::B)];
    assert_eq!(stale(&facts, "2026-10-31 18:00"), None);
    facts.deals = vec![lead(LeadGrade::C)];
    assert_eq!(stale(&facts, "2027-10-31 18:00"), None, "C is for the long term");
}

#[test]
fn a_deal_that_neither_moves_nor_is_spoken_about_is_stalled() {
    let mut facts = october();
    let mut deal = deal_fact(20, Some(100), Some(at("2026-10-01 09:00")));
    deal.stage = Some("proposal".into());
    deal.stages = vec![entered("2026-10-02 09:00", "proposal")];
    facts.deals = vec![deal];
    let stalled = |facts: &Facts, when| found(facts, TaskKind::StalledDeal, when);
    assert_eq!(stalled(&facts, "2026-10-15 18:00"), None);
    assert!(stalled(&facts, "2026-10-16 09:00").is_some());
    facts.visits = vec![onsite(1, 100, "2026-10-10 09:00", 20)];
    assert_eq!(stalled(&facts, "2026-10-16 09:00"), None);
    let mut hasty = policy();
    hasty.pipeline.stages[2].stall_days = Some(3);
    let all = seen(&facts, &hasty, "2026-10-13 09:00");
    assert!(all.iter().any(|task| task.kind == TaskKind::StalledDeal));
}

#[test]
fn the_stalled_deal_of_the_highest_priority_comes_first() {
    let mut facts = october();
    facts.deals = [(20, None), (21, Some(Priority::P2)), (22, Some(Priority::P1))]
        .map(|(n, priority)| DealFact {
            priority,
            stages: vec![entered("2026-09-02 09:00", "proposal")],
            stage: Some("proposal".into()),
            ..deal_fact(n, Some(100), Some(at("2026-09-01 09:00")))
        })
        .to_vec();
    let all = seen(&facts, &policy(), "2026-10-15 18:00");
    let order: Vec<_> = all
        .iter()
        .filter(|task| task.kind == TaskKind::StalledDeal)
        .filter_map(|task| task.subject)
        .collect();
    assert_eq!(order, [22, 21, 20].map(doc));
}

#[test]
fn an_important_deal_is_touched_within_a_working_day() {
    let mut facts = october();
    // Created on Friday.
    let deal = |priority| DealFact {
        priority: Some(priority),
        ..deal_fact(20, Some(100), Some(at("2026-10-09 09:00")))
    };
    let untouched = |priority, when: &str| {
        let mut facts = october();
        facts.deals = vec![deal(priority)];
        found(&facts, TaskKind::Hygiene, when).is_some()
    };
    assert!(!untouched(Priority::P1, "2026-10-12 18:00"), "Monday is the first working day");
    assert!(untouched(Priority::P1, "2026-10-13 09:00"));
    assert!(!untouched(Priority::P2, "2026-10-14 18:00"));
    assert!(untouched(Priority::P2, "2026-10-15 09:00"));
    assert!(!untouched(Priority::P3, "2026-10-16 18:00"));
    assert!(untouched(Priority::P3, "2026-10-19 09:00"));
    facts.deals = vec![deal(Priority::P1)];
    facts.quotes = vec![quote(20, 1, "2026-10-12")];
    assert_eq!(found(&facts, TaskKind::Hygiene, "2026-10-13 09:00"), None, "a quote touches it");
}

#[test]
fn a_report_is_missing_from_noon_of_the_next_working_day() {
    let mut facts = october();
    // Friday.
    facts.visits = vec![onsite(1, 100, "2026-10-09 09:00", 20)];
    let missing = |facts: &Facts, when| found(facts, TaskKind::MissingReport, when);
    assert_eq!(missing(&facts, "2026-10-12 12:00"), Some(TaskState::Open));
    assert_eq!(missing(&facts, "2026-10-12 12:01"), Some(TaskState::Overdue));
    facts.plans = vec![plan(50, "2026-10-09", &[100])];
    assert_eq!(missing(&facts, "2026-10-12 12:01"), Some(TaskState::Overdue));
    facts.plans[0].report_submitted_at = Some(at("2026-10-12 12:30"));
    assert_eq!(missing(&facts, "2026-10-12 12:01"), Some(TaskState::Overdue));
    assert_eq!(missing(&facts, "2026-10-12 12:31"), None);
    facts.visits = vec![onsite(1, 100, "2026-10-10 09:00", 20)];
    assert_eq!(missing(&facts, "2026-10-13 18:00"), None, "a Saturday needs no report");
}

#[test]
fn a_working_day_begins_with_three_key_tasks() {
    let mut facts = october();
    let tasks = |facts: &Facts, when| found(facts, TaskKind::KeyTasks, when);
    assert_eq!(tasks(&facts, "2026-10-09 08:00"), Some(TaskState::Open));
    assert_eq!(tasks(&facts, "2026-10-10 08:00"), None, "Saturday");
    facts.plans = vec![plan(50, "2026-10-09", &[])];
    facts.plans[0].key_tasks =
        (0..3).map(|n| KeyTaskFact { id: item(n), customer: None, done: false }).collect();
    assert_eq!(tasks(&facts, "2026-10-09 08:00"), None);
    facts.plans[0].key_tasks.pop();
    assert_eq!(tasks(&facts, "2026-10-09 08:00"), Some(TaskState::Open));
}

#[test]
fn a_promise_is_due_until_the_next_contact() {
    let mut facts = october();
    facts.visits = vec![onsite(1, 100, "2026-10-08 09:00", 20)];
    facts.visits[0].next_step_due = Some(day("2026-10-12"));
    let promised = |facts: &Facts, when| found(facts, TaskKind::FollowUp, when);
    assert_eq!(promised(&facts, "2026-10-12 23:59"), Some(TaskState::Open));
    assert_eq!(promised(&facts, "2026-10-13 00:00"), Some(TaskState::Overdue));
    facts.visits.push(remote(2, 100, VisitMode::Phone, "2026-10-12 10:00", 6));
    assert_eq!(promised(&facts, "2026-10-13 00:00"), None);
}

#[test]
fn a_case_is_answered_within_a_day() {
    let mut facts = october();
    facts.cases = vec![case(1, 100, "2026-10-09 17:00", None)];
    let waiting = |facts: &Facts, when| found(facts, TaskKind::FirstReply, when);
    assert_eq!(waiting(&facts, "2026-10-10 17:00"), Some(TaskState::Open));
    assert_eq!(waiting(&facts, "2026-10-10 17:01"), Some(TaskState::Overdue));
    let mut working = policy();
    working.reminders.response_clock = crate::rules::policy::SlaClock::Working;
    let all = seen(&facts, &working, "2026-10-12 09:00");
    let task = all.iter().find(|task| task.kind == TaskKind::FirstReply).unwrap();
    // One hour on Friday, nine on Monday and Tuesday, five on Wednesday.
    assert_eq!(task.due_at, at("2026-10-14 14:00"));
    facts.cases[0].first_reply_at = Some(at("2026-10-10 10:00"));
    assert_eq!(waiting(&facts, "2026-10-12 09:00"), None);
}

#[test]
fn what_was_due_long_ago_is_no_reminder_any_more() {
    let mut facts = october();
    facts.contracts = vec![contract(40, "2026-08-01")];
    // Due on 8 August; 60 days later is 7 October.
    assert!(found(&facts, TaskKind::Callback, "2026-10-07 18:00").is_some());
    assert_eq!(found(&facts, TaskKind::Callback, "2026-10-08 18:00"), None);
    facts.visits = vec![onsite(1, 100, "2026-10-08 09:00", 20)];
    facts.visits[0].next_step_due = Some(day("2027-04-06"));
    assert!(found(&facts, TaskKind::FollowUp, "2026-10-08 18:00").is_some(), "in 180 days");
    facts.visits[0].next_step_due = Some(day("2027-04-07"));
    assert_eq!(found(&facts, TaskKind::FollowUp, "2026-10-08 18:00"), None);
}

#[test]
fn two_deep_contacts_are_too_few_to_leave_the_needs() {
    let mut facts = october();
    let mut deal = deal_fact(20, Some(100), Some(at("2026-10-01 08:00")));
    deal.stages = vec![
        entered("2026-10-01 09:00", "needs_confirmed"),
        entered("2026-10-12 09:00", "proposal"),
    ];
    deal.milestones =
        vec![MilestoneFact { what: "客户需求分析报告".into(), done_on: day("2026-10-09") }];
    facts.deals = vec![deal];
    facts.visits =
        (1..=3).map(|n| onsite(n, 100, &format!("2026-10-{:02} 09:00", 4 + n), 20)).collect();
    let warned = |facts: &Facts| {
        let horizon = at("2026-10-12 18:00");
        let judged = judge_all(facts, &policy(), horizon);
        gates(Desk { facts, policy: &policy(), judged: &judged, horizon, open: true })
    };
    assert_eq!(warned(&facts), []);
    facts.visits.pop();
    let warning = &warned(&facts)[0];
    assert_eq!((warning.contacts, warning.contacts_wanted), (2, 3));
    assert!(!warning.blocks && warning.documents_missing.is_empty());
    facts.visits.push(onsite(3, 100, "2026-10-07 09:00", 20));
    facts.deals[0].milestones.clear();
    assert_eq!(warned(&facts)[0].documents_missing, ["客户需求分析报告"]);
}

#[test]
fn a_gate_says_what_is_missing_before_a_deal_moves_and_only_of_the_gate_it_would_pass() {
    let mut facts = october();
    let mut deal = deal_fact(7, Some(100), Some(at("2026-10-05 08:00")));
    deal.stages = vec![entered("2026-10-05 08:00", "needs_confirmed")];
    facts.deals = vec![deal];
    let ahead = |facts: &Facts, stage: &str| {
        gates_ahead(facts, &policy(), doc(7), stage, at("2026-10-12 18:00"))
    };
    let warned = ahead(&facts, "proposal");
    assert_eq!((warned[0].contacts, warned[0].contacts_wanted), (0, 3));
    assert_eq!(warned[0].documents_missing, ["客户需求分析报告"]);
    assert_eq!(ahead(&facts, "initial_contact"), [], "going back passes no gate");
    assert_eq!(gates_ahead(&facts, &policy(), doc(8), "proposal", at("2026-10-12 18:00")), []);
    // What it passed before is said once, by the card.
    facts.deals[0].stages.push(entered("2026-10-06 09:00", "proposal"));
    assert_eq!(ahead(&facts, "closed"), []);
}

#[test]
fn reminders_do_not_depend_on_the_order_of_facts() {
    let mut facts = october();
    facts.contracts = (0..5).map(|n| contract(40 + n, "2026-10-05")).collect();
    facts.cases = (0..5).map(|n| case(n, 100, "2026-10-09 17:00", None)).collect();
    let one = seen(&facts, &policy(), "2026-10-12 09:00");
    facts.contracts.reverse();
    facts.cases.reverse();
    assert_eq!(seen(&facts, &policy(), "2026-10-12 09:00"), one);
}
