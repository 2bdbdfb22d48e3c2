//! What waits for whoever leads, from the stored outcomes of the running month: late
//! callbacks and answers, missing reports, leads and deals that stand still, customers
//! in danger with their plan.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::customer::Recovery;
use client_core::id::{DocId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::rules::{Risk, RiskLevel, Task};
use client_core::time::Timestamp;

use super::base::Base;
use super::cards;
use super::reach::Reach;
use crate::storage::{AnyStorage, Boards, StorageError};

/// A reminder with whose it is and what it is about.
#[derive(Debug, Clone)]
pub struct DueTask {
    /// Whose it is.
    pub rep: UserId,
    /// Their name.
    pub rep_name: String,
    /// The reminder; each [`concerns_leader`](Task::concerns_leader).
    pub task: Task,
    /// The customer's name.
    pub customer: Option<String>,
    /// The name of the deal, or the subject of the case.
    pub subject: Option<String>,
}

/// A customer in danger.
#[derive(Debug, Clone)]
pub struct Endangered {
    /// Its owner.
    pub rep: UserId,
    /// Their name.
    pub rep_name: String,
    /// The danger.
    pub risk: Risk,
    /// The customer's name.
    pub customer: Option<String>,
    /// How it is to be kept.
    pub recovery: Recovery,
}

impl Endangered {
    /// S1: a red customer needs a plan, and has none that goes on.
    pub const fn needs_plan(&self) -> bool {
        matches!(self.risk.level, RiskLevel::Red) && !self.recovery.is_underway()
    }
}

/// What waits in the running month, as far as the reader sees it.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// Reminders, the longest due first.
    pub tasks: Vec<DueTask>,
    /// Customers in danger, red first, and of those the ones without a plan.
    pub risks: Vec<Endangered>,
}

/// Everything that waits.
pub async fn waiting(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    now: Timestamp,
) -> Result<Waiting, StorageError> {
    let month = Period::month_of(base.zone().date(now));
    let cards = cards::calls(storage, base.org.id, reach, month).await?;
    let mut docs = BTreeSet::new();
    for (_rep, calls) in &cards {
        let tasks = calls.tasks.iter().filter(|task| task.concerns_leader());
        docs.extend(tasks.flat_map(|task| task.customer.into_iter().chain(task.subject)));
        docs.extend(calls.risks.iter().map(|risk| risk.customer));
    }
    let rows = storage.rows(base.org.id, docs.into_iter().collect()).await?;
    let (mut names, mut recoveries) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let doc: DocId = row.header.doc;
        let name = match row.state {
            DocState::Customer(customer) => {
                recoveries.insert(doc, customer.value.recovery);
                customer.value.name
            }
            DocState::Deal(deal) => deal.value.name,
            DocState::Case(case) => case.value.subject,
            DocState::Visit(_) | DocState::Plan(_) => None,
        };
        names.extend(name.map(|name| (doc, name)));
    }
    let mut waiting = Waiting::default();
    for (rep, calls) in &cards {
        let (rep, rep_name) = (*rep, base.user_name(*rep));
        let tasks = calls.tasks.iter().filter(|task| task.concerns_leader());
        waiting.tasks.extend(tasks.map(|task| DueTask {
            rep,
            rep_name: rep_name.clone(),
            customer: task.customer.and_then(|doc| names.get(&doc).cloned()),
            subject: task.subject.and_then(|doc| names.get(&doc).cloned()),
            task: task.clone(),
        }));
        waiting.risks.extend(calls.risks.iter().map(|risk| Endangered {
            rep,
            rep_name: rep_name.clone(),
            customer: names.get(&risk.customer).cloned(),
            recovery: recoveries.get(&risk.customer).cloned().unwrap_or_default(),
            risk: risk.clone(),
        }));
    }
    waiting.tasks.sort_by(|a, b| {
        let key = |one: &DueTask| (one.task.state, one.task.due_at, one.task.kind, one.rep);
        key(a).cmp(&key(b)).then_with(|| a.task.id.cmp(&b.task.id))
    });
    waiting.risks.sort_by_key(|one| {
        let level = std::cmp::Reverse(one.risk.level);
        (level, !one.needs_plan(), one.risk.since, one.risk.customer, one.rep)
    });
    Ok(waiting)
}
