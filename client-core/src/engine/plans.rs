use super::asks::said;
use super::client::Client;
use super::{ReadError, SaveError};
use crate::docs::plan::{KeyTask, PlanEdit, Stop};
use crate::docs::visit::HelpRequest;
use crate::docs::{DocKind, Document, EditError};
use crate::id::{DocId, ItemId};
use crate::store::{self, PlanEntry};
use crate::time::{Date, Zone};

/// The free texts of a daily report (S3); its counts are computed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DailyReportText {
    /// Progress of key projects.
    pub progress: Option<String>,
    /// Obstacles and resources wanted.
    pub obstacles: Option<String>,
    /// Why the day's target was missed.
    pub gap_reason: Option<String>,
}

impl Client {
    /// Today in the device's zone.
    pub fn today(&self) -> Date {
        let clock = &self.inner.config.clock;
        let now = clock.now();
        let (name, offset_s) = clock.zone(now);
        Zone::fixed(&name, offset_s).date(now)
    }

    /// This user's plan of a day; made if there is none. Two phones of one rep
    /// make the same document.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn plan_day(&self, date: Date) -> Result<DocId, SaveError> {
        self.edit_plan(date, |_edit| Ok(()))
    }

    /// This user's plan of a day, if there is one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn plan(&self, date: Date) -> Result<Option<PlanEntry>, ReadError> {
        self.inner.read(|conn, who| store::query::plan(conn, DocId::plan(who.org, who.user, date)))
    }

    /// Edits this user's plan of a day by intents; made if there is none.
    ///
    /// # Errors
    /// [`SaveError`]; nothing of the closure was kept then.
    pub fn edit_plan(
        &self,
        date: Date,
        intents: impl FnOnce(&mut PlanEdit<'_>) -> Result<(), EditError>,
    ) -> Result<DocId, SaveError> {
        self.inner.save(|unit, moment| {
            let id = DocId::plan(moment.who.org, moment.who.user, date);
            let stored = store::document::load(unit.conn(), id)?;
            let mut document = match stored {
                Some(stored) => stored.document,
                None => Document::create(moment.header(id, DocKind::Plan, None)),
            };
            let change = document.edit_plan(&unit.edit_context(), |edit| {
                edit.set_date(Some(date))?;
                intents(edit)
            })?;
            if let Some(change) = change {
                unit.put(&document, &change)?;
            }
            Ok(id)
        })
    }

    /// Adds one of the day's three key tasks.
    ///
    /// # Errors
    /// [`EditError::TooManyKeyTasks`] and the rest of [`SaveError`].
    pub fn add_key_task(
        &self,
        date: Date,
        text: &str,
        customer: Option<DocId>,
    ) -> Result<ItemId, SaveError> {
        let id = self.new_item_id();
        let order = self.plan(date)?.map_or(0, |plan| plan.state.key_tasks.len());
        let task = KeyTask {
            text: Some(text.to_owned()),
            customer,
            done: None,
            order: i64::try_from(order).ok(),
        };
        self.edit_plan(date, |edit| edit.add_key_task(id, &task))?;
        Ok(id)
    }

    /// Marks a key task done, or not done after all.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn set_key_task_done(&self, date: Date, task: ItemId, done: bool) -> Result<(), SaveError> {
        self.edit_plan(date, |edit| edit.set_key_task_done(task, Some(done)))?;
        Ok(())
    }

    /// Adds a customer to the day's route, last.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn add_stop(
        &self,
        date: Date,
        customer: DocId,
        objective: Option<&str>,
    ) -> Result<ItemId, SaveError> {
        let id = self.new_item_id();
        let order = self.plan(date)?.map_or(0, |plan| plan.state.stops.len());
        let stop = Stop {
            customer: Some(customer),
            order: i64::try_from(order).ok(),
            objective: objective.map(str::to_owned),
            ..Stop::default()
        };
        self.edit_plan(date, |edit| edit.add_stop(id, &stop))?;
        Ok(id)
    }

    /// Says why a stop did not happen.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn skip_stop(&self, date: Date, stop: ItemId, reason: &str) -> Result<(), SaveError> {
        self.edit_plan(date, |edit| edit.stop_skipped(stop, reason))?;
        Ok(())
    }

    /// Asks for help in the plan of a day (S3 需协调资源, S1 销售支持日); gives the request's
    /// id, which its answer has too: [`Client::help_answers`].
    ///
    /// # Errors
    /// [`SaveError`]; a request without words is refused.
    pub fn ask_help(&self, date: Date, help: &HelpRequest) -> Result<ItemId, SaveError> {
        said("help", help.text.as_deref().unwrap_or_default())?;
        let id = self.new_item_id();
        self.edit_plan(date, |edit| edit.add_help_request(id, help))?;
        Ok(id)
    }

    /// Writes the day's report and, if wanted, submits it.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn write_daily_report(
        &self,
        date: Date,
        text: DailyReportText,
        submit: bool,
    ) -> Result<(), SaveError> {
        let clock = &*self.inner.config.clock;
        let at = super::clock::captured(clock, clock.now());
        self.edit_plan(date, |edit| {
            if text.progress.is_some() {
                edit.set_report_progress(text.progress.as_deref())?;
            }
            if text.obstacles.is_some() {
                edit.set_report_obstacles(text.obstacles.as_deref())?;
            }
            if text.gap_reason.is_some() {
                edit.set_report_gap_reason(text.gap_reason.as_deref())?;
            }
            if submit { edit.submit_report(&at) } else { Ok(()) }
        })?;
        Ok(())
    }
}
