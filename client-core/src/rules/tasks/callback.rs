//! R10: seven days after signing, the customer is called (S1 签约后7天必须回访).

use super::{Desk, Task, TaskKind, id};
use crate::docs::visit::Purpose;
use crate::rules::facts::{ContractFact, Source};
use crate::time::Date;

/// A reminder for each contract signed. It is resolved by an after-sales contact that
/// counts, with the same customer, on the day of signing or later.
pub(super) fn callbacks(desk: Desk<'_>) -> Vec<Task> {
    let today = desk.today();
    let contracts = desk.facts.contracts.iter().filter(|contract| {
        // The same contract once: a record of a deal takes the place of its claim.
        let confirmed = |other: &ContractFact| {
            other.origin.source == Source::Confirmed && other.deal == contract.deal
        };
        contract.origin.source == Source::Confirmed
            || !desk.facts.contracts.iter().any(confirmed)
            || contract.deal.is_none()
    });
    contracts
        .filter_map(|contract| {
            let signed = contract.signed_on.filter(|signed| *signed <= today)?;
            let due_on = due(desk, signed);
            let due_at = desk.end_of(due_on);
            let called = desk
                .judged
                .iter()
                .filter(|one| {
                    one.counts
                        && one.visit.customer.is_some()
                        && one.visit.customer == contract.customer
                        && one.visit.purpose == Some(Purpose::AfterSales)
                        && signed <= one.date
                })
                .min_by_key(|one| (one.at, one.visit.doc));
            Some(Task {
                id: id(TaskKind::Callback, contract.origin.fact.doc),
                kind: TaskKind::Callback,
                state: desk.state(due_at, called.is_some()),
                customer: contract.customer,
                subject: contract.deal.or(Some(contract.origin.fact.doc)),
                opened_on: signed,
                due_at,
                due_on,
                priority: None,
                facts: vec![contract.origin.fact.clone()],
                resolved_by: called.map(|one| one.visit.fact()),
            })
        })
        .collect()
}

fn due(desk: Desk<'_>, signed: Date) -> Date {
    let days = desk.policy.reminders.callback_days;
    if desk.policy.reminders.callback_working_days {
        desk.working_days_after(signed, days)
    } else {
        signed.plus_days(i64::from(days))
    }
}
