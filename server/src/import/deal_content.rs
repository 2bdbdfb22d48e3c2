//! What a row writes into a deal.

use std::collections::BTreeSet;
use std::sync::Arc;

use client_core::docs::EditError;
use client_core::docs::deal::{
    DealEdit, DealOutcome, DealProduct, DealState, LeadGrade, LeadSource,
};
use client_core::id::UserId;
use client_core::money::Money;
use client_core::time::{Date, Timestamp};

use super::customers::item;
use super::entry::{Entry, Fields, renoted};
use super::session::{Draft, Target, Write};

/// Where a deal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nobody has qualified it yet: before the first stage of the pipeline.
    Lead,
    /// In a stage of the pipeline.
    Open(String),
    /// Won.
    Won,
    /// Lost.
    Lost,
}

impl Stage {
    pub(super) const fn is_open(&self) -> bool {
        matches!(self, Self::Lead | Self::Open(_))
    }

    fn outcome(&self) -> Option<DealOutcome> {
        match self {
            Self::Lead | Self::Open(_) => None,
            Self::Won => Some(DealOutcome::Won),
            Self::Lost => Some(DealOutcome::Lost),
        }
    }
}

/// What a row says of a deal beside texts.
#[derive(Debug, Clone)]
pub(super) struct Deal {
    pub owner: UserId,
    pub stage: Stage,
    pub created_at: Option<Timestamp>,
    pub decided_at: Option<Timestamp>,
    pub expected_close: Option<Date>,
    pub amount: Option<Money>,
    pub quantity: Option<u32>,
    pub source: Option<LeadSource>,
    pub grade: Option<LeadGrade>,
    pub graded_at: Option<Timestamp>,
    pub first_touch_at: Option<Timestamp>,
    /// Entered on the day it was created.
    pub created_stage: Option<String>,
    /// Entered on the day it was won.
    pub closed_stage: Option<String>,
}

impl Deal {
    /// The first day that anything is known of it.
    pub(super) fn first_day(&self) -> Option<Timestamp> {
        self.created_at.or(self.decided_at)
    }
}

/// The deal with the changed fields.
pub(super) fn draft(
    target: Target,
    entry: &Entry,
    deal: Deal,
    before: &Fields,
    changed: &BTreeSet<String>,
) -> Draft {
    let (entry, before, changed) = (entry.clone(), before.clone(), changed.clone());
    let is_new = matches!(target, Target::New(_));
    let write: Write = Arc::new(move |document, context| {
        // What is new says nothing yet.
        let now = if is_new { DealState::default() } else { DealState::read(document).value };
        let notes = renoted(now.notes.as_deref(), &entry, &before, &changed);
        document.edit_deal(context, |edit| {
            put(edit, &entry, &deal, &before, &changed, &now)?;
            if changed.iter().any(|field| field.starts_with("note:")) {
                edit.set_notes(notes.as_deref())?;
            }
            Ok(())
        })
    });
    Draft { target, write, placement: None }
}

fn put(
    edit: &mut DealEdit<'_>,
    entry: &Entry,
    deal: &Deal,
    before: &Fields,
    changed: &BTreeSet<String>,
    now: &DealState,
) -> Result<(), EditError> {
    let said = |fields: &[&str]| fields.iter().any(|field| changed.contains(*field));
    let has_product = now.products.contains_key(&item(b"product"));
    let former = called(before, &entry.key);
    // A name that only stands for the product follows it, unless a person chose another.
    if said(&["name"]) || now.name.as_deref().is_none_or(|name| name == former) {
        let fields = entry.merged(before, changed);
        edit.set_name(Some(called(&fields, &entry.key)))?;
    }
    if said(&["product", "quantity", "amount", "currency"]) {
        line(edit, entry, deal, changed, has_product)?;
    }
    if said(&["amount", "currency"]) {
        edit.set_amount(deal.amount)?;
    }
    if said(&["created"]) {
        edit.set_created_at(deal.created_at)?;
    }
    let closes = said(&["expected_close"])
        || (said(&["decided"]) && !said(&["stage"]))
        || (said(&["decided", "stage"]) && deal.expected_close.is_some());
    if closes && deal.stage.is_open() {
        edit.set_expected_close(deal.expected_close)?;
    }
    if said(&["stage", "created"]) {
        begun(edit, deal)?;
    }
    // Where a person moved it since, another day in the file does not put it back.
    if said(&["stage"]) || (said(&["decided"]) && now.outcome == deal.stage.outcome()) {
        decided(edit, deal)?;
    }
    if said(&["stage"]) {
        edit.stand_at_stage(match &deal.stage {
            Stage::Lead => None,
            Stage::Open(stage) => Some(stage.as_str()),
            Stage::Won => deal.closed_stage.as_deref(),
            Stage::Lost => deal.created_stage.as_deref(),
        })?;
    }
    lead(edit, deal, changed)?;
    if said(&["lost_reason"]) {
        edit.set_lost_reason(entry.text("lost_reason"))?;
    }
    Ok(())
}

/// What is known of the lead it began as.
fn lead(edit: &mut DealEdit<'_>, deal: &Deal, changed: &BTreeSet<String>) -> Result<(), EditError> {
    if changed.contains("source") {
        edit.set_source(deal.source.clone())?;
    }
    if changed.contains("first_touch") {
        edit.set_first_touch_at(deal.first_touch_at)?;
    }
    if changed.contains("grade") || changed.contains("graded") {
        edit.set_grade(deal.grade.clone(), deal.graded_at.filter(|_at| deal.grade.is_some()))?;
    }
    Ok(())
}

/// The product of the deal, as one line that later files change.
fn line(
    edit: &mut DealEdit<'_>,
    entry: &Entry,
    deal: &Deal,
    changed: &BTreeSet<String>,
    has_product: bool,
) -> Result<(), EditError> {
    let id = item(b"product");
    let Some(product) = entry.text("product") else {
        return if has_product { edit.remove_product(id) } else { Ok(()) };
    };
    if !has_product {
        if !changed.contains("product") {
            return Ok(());
        }
        let line = DealProduct {
            product: Some(product.to_owned()),
            quantity: deal.quantity,
            amount: deal.amount,
        };
        return edit.add_product(id, &line);
    }
    if changed.contains("product") {
        edit.set_product_product(id, Some(product))?;
    }
    if changed.contains("quantity") {
        edit.set_product_quantity(id, deal.quantity)?;
    }
    if changed.contains("amount") || changed.contains("currency") {
        edit.set_product_amount(id, deal.amount)?;
    }
    Ok(())
}

/// What a deal is called by what a file says of it.
fn called<'f>(fields: &'f Fields, key: &'f str) -> &'f str {
    fields.get("name").or_else(|| fields.get("product")).map_or(key, String::as_str)
}

/// The stage it entered on the day it was created, if that is known.
fn begun(edit: &mut DealEdit<'_>, deal: &Deal) -> Result<(), EditError> {
    let entered = item(b"created");
    match (&deal.created_stage, deal.created_at) {
        (Some(stage), Some(at)) => edit.record_stage_entry(entered, stage, at, Some(deal.owner)),
        _ => edit.remove_stage_entry(entered),
    }
}

/// How it ended, and when, if that is known.
fn decided(edit: &mut DealEdit<'_>, deal: &Deal) -> Result<(), EditError> {
    let closed = item(b"closed");
    let won_at = deal.decided_at.filter(|_at| deal.stage == Stage::Won);
    match (&deal.closed_stage, won_at) {
        (Some(stage), Some(at)) => edit.record_stage_entry(closed, stage, at, Some(deal.owner))?,
        _ => edit.remove_stage_entry(closed)?,
    }
    edit.settle(deal.stage.outcome(), deal.decided_at)
}
