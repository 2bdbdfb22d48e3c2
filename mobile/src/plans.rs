//! The plan of a day: three key tasks, the stops, the texts of the daily report.

use std::collections::BTreeMap;

use client_core::docs::plan::PlanState;
use client_core::engine::{DailyReportText, PlanEntry};
use client_core::id::DocId;
use client_core::time::Date;

use crate::client::FieldClient;
use crate::convert;
use crate::error::FieldError;
use crate::help::{self, HelpWanted};
use crate::rows::ItemState;

/// A day's plan.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DayPlan {
    /// The plan's id; the same on every phone of this person.
    pub id: String,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// The day's key tasks, three at most, in order.
    pub key_tasks: Vec<KeyTaskRow>,
    /// Whom to visit, in order of the route.
    pub stops: Vec<StopRow>,
    /// Help that was asked for that day, what became of it in `help_answers`.
    pub help: Vec<HelpRow>,
    /// The texts of the daily report.
    pub report: DailyReport,
    /// When the report was submitted, milliseconds since 1970 UTC.
    pub submitted_at_ms: Option<i64>,
    /// How far this phone's edits of it have come.
    pub state: ItemState,
}

/// One of the day's key tasks.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct KeyTaskRow {
    /// What to mark it by.
    pub id: String,
    /// What.
    pub text: String,
    /// For which customer.
    pub customer: Option<String>,
    /// Done.
    pub done: bool,
}

/// A planned visit.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct StopRow {
    /// What to skip it by.
    pub id: String,
    /// Whom.
    pub customer: Option<String>,
    /// Their name, if the customer is on this phone.
    pub customer_name: Option<String>,
    /// What for.
    pub objective: Option<String>,
    /// The visit that fulfilled it.
    pub visit: Option<String>,
    /// Why it did not happen.
    pub skipped_reason: Option<String>,
}

/// Help that was asked for in a plan.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct HelpRow {
    /// The request's id, which its answer has too.
    pub id: String,
    /// What is wanted.
    pub wanted: HelpWanted,
}

/// The texts of a daily report; its counts are computed.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct DailyReport {
    /// Progress of key projects.
    #[uniffi(default = None)]
    pub progress: Option<String>,
    /// Obstacles and resources wanted.
    #[uniffi(default = None)]
    pub obstacles: Option<String>,
    /// Why the day's target was missed.
    #[uniffi(default = None)]
    pub gap_reason: Option<String>,
}

#[uniffi::export]
impl FieldClient {
    /// Today where this phone is, `YYYY-MM-DD`.
    pub fn today(&self) -> Result<String, FieldError> {
        self.client.check_open()?;
        Ok(self.client.today().to_string())
    }

    /// My plan of a day; none if there is none yet.
    pub fn day_plan(&self, date: String) -> Result<Option<DayPlan>, FieldError> {
        let date: Date = convert::parse(&date)?;
        let Some(entry) = self.client.plan(date)? else { return Ok(None) };
        let mut names = BTreeMap::new();
        for customer in entry.state.stops.values().filter_map(|stop| stop.customer) {
            let name = self.client.customer(customer)?.and_then(|customer| customer.state.name);
            names.extend(name.map(|name| (customer, name)));
        }
        Ok(Some(day_plan(date, entry, &names)))
    }

    /// Adds a key task to a day; a fourth one is refused. Gives its id.
    #[uniffi::method(default(customer = None))]
    pub fn add_key_task(
        &self,
        date: String,
        text: String,
        customer: Option<String>,
    ) -> Result<String, FieldError> {
        let customer = customer.as_deref().map(convert::parse).transpose()?;
        Ok(self.client.add_key_task(convert::parse(&date)?, &text, customer)?.to_string())
    }

    /// Marks a key task done, or not done after all.
    pub fn set_key_task_done(
        &self,
        date: String,
        task: String,
        done: bool,
    ) -> Result<(), FieldError> {
        let (date, task) = (convert::parse(&date)?, convert::parse(&task)?);
        Ok(self.client.set_key_task_done(date, task, done)?)
    }

    /// Adds a customer to a day's route, last; gives the stop's id. A visit logged there
    /// that day fulfils it.
    #[uniffi::method(default(objective = None))]
    pub fn add_stop(
        &self,
        date: String,
        customer: String,
        objective: Option<String>,
    ) -> Result<String, FieldError> {
        let (date, customer) = (convert::parse(&date)?, convert::parse(&customer)?);
        Ok(self.client.add_stop(date, customer, objective.as_deref())?.to_string())
    }

    /// Says why a stop did not happen.
    pub fn skip_stop(&self, date: String, stop: String, reason: String) -> Result<(), FieldError> {
        Ok(self.client.skip_stop(convert::parse(&date)?, convert::parse(&stop)?, &reason)?)
    }

    /// Writes what is given of a day's report and, with `submit`, hands it in.
    #[uniffi::method(default(submit = false))]
    pub fn write_daily_report(
        &self,
        date: String,
        report: DailyReport,
        submit: bool,
    ) -> Result<(), FieldError> {
        let DailyReport { progress, obstacles, gap_reason } = report;
        let text = DailyReportText { progress, obstacles, gap_reason };
        Ok(self.client.write_daily_report(convert::parse(&date)?, text, submit)?)
    }
}

fn day_plan(date: Date, entry: PlanEntry, names: &BTreeMap<DocId, String>) -> DayPlan {
    let PlanState { key_tasks, stops, help_requests, report, .. } = entry.state;
    let mut key_tasks: Vec<_> = key_tasks.into_iter().collect();
    key_tasks.sort_by_key(|(id, task)| (task.order, *id));
    let mut stops: Vec<_> = stops.into_iter().collect();
    stops.sort_by_key(|(id, stop)| (stop.order, *id));
    DayPlan {
        id: entry.id.to_string(),
        date: date.to_string(),
        key_tasks: key_tasks
            .into_iter()
            .map(|(id, task)| KeyTaskRow {
                id: id.to_string(),
                text: task.text.unwrap_or_default(),
                customer: task.customer.map(|customer| customer.to_string()),
                done: task.done == Some(true),
            })
            .collect(),
        stops: stops
            .into_iter()
            .map(|(id, stop)| StopRow {
                id: id.to_string(),
                customer_name: stop.customer.and_then(|customer| names.get(&customer).cloned()),
                customer: stop.customer.map(|customer| customer.to_string()),
                objective: stop.objective,
                visit: stop.visit.map(|visit| visit.to_string()),
                skipped_reason: stop.skipped_reason,
            })
            .collect(),
        help: help_requests
            .into_iter()
            .map(|(id, request)| HelpRow { id: id.to_string(), wanted: help::wanted(request) })
            .collect(),
        submitted_at_ms: report.submitted_at.map(|captured| captured.at.millis()),
        report: DailyReport {
            progress: report.progress,
            obstacles: report.obstacles,
            gap_reason: report.gap_reason,
        },
        state: convert::item_state(entry.status),
    }
}
