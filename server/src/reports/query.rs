//! What a report on deals is made of, from storage.

use client_core::id::DocId;
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::PolicyRecord;
use client_core::rules::{Policy, counted};

use super::by::{By, Names, customers_in};
use super::deals::{self, DealReport, DealsQuestion};
use super::team::orders;
use crate::app::App;
use crate::office::Office;
use crate::storage::{Boards, Reports, StorageError};

/// The report on an org's deals.
pub async fn deal_report(
    app: &App,
    office: &Office,
    question: DealsQuestion,
) -> Result<DealReport, StorageError> {
    let zone = office.calendar().await?.zone;
    let home = office.settings().await?.currency;
    let (from, until) = question.days.bounds(&zone);
    let mut found = app.storage().deals_between(office.org(), from, until).await?;
    // Money is what the policy counts: a deal's orders in the place of what was claimed.
    let last = zone.date(app.clock().now()).min(question.days.until.plus_days(-1));
    let policies = office.policies().await?;
    let policy = PolicyRecord::for_period(&policies, Period::month_of(last));
    if let Some(policy) = policy.and_then(|policy| Policy::kept(&policy.toml).ok()) {
        let (storage, aliases) = (app.storage(), office.aliases().await?);
        let days = question.days;
        let ordered = orders(storage, office.org(), &zone, days, &found, &aliases).await?;
        counted(&mut found, &ordered, policy.scorecard.count);
    }
    let undated = app.storage().undated_deals(office.org()).await?;
    let mut names = Names::default();
    match question.by {
        By::Rep => {
            let people = office.people().await?.into_iter();
            names.reps = people.map(|user| (user.id, user.name)).collect();
        }
        By::Unit => names.units = office.units().await?,
        By::Product => names.products = office.products().await?,
        By::Customer => {
            let customers: Vec<DocId> = customers_in(&found).into_iter().collect();
            let rows = app.storage().rows(office.org(), customers).await?;
            let named = rows.into_iter().filter_map(|row| match row.state {
                DocState::Customer(customer) => Some((row.header.doc, customer.value.name?)),
                _ => None,
            });
            names.customers = named.collect();
        }
        By::Month => {}
    }
    // A hundred thousand deals are some milliseconds of work: not on an async thread.
    tokio::task::spawn_blocking(move || {
        deals::report(question, &found, undated, &names, &zone, home)
    })
    .await
    .map_err(|error| StorageError::Unavailable { reason: error.to_string() })
}
