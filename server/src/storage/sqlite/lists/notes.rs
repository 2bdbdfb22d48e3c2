//! What a card says of single documents, beside them.
//!
//! A list filtered by verdict or due status would otherwise have to read every
//! card. The columns are written with the card, in its transaction, and only
//! where they say something new.

use client_core::id::{DocId, OrgId, UserId};
use client_core::period::Period;
use client_core::rules::{ReviewReason, Verdict, VisitReason};
use client_core::time::Date;
use rusqlite::{Connection, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::storage::StorageError;
use crate::storage::lists::{CardNotes, VerdictFilter};

pub(in crate::storage::sqlite) fn write(
    connection: &Connection,
    org: OrgId,
    rep: UserId,
    period: Period,
    notes: &CardNotes,
) -> Result<(), StorageError> {
    // A joint visit stands in several cards; its author's says how it stands.
    let mut visits = connection.prepare_cached(
        "update visit_row set verdict = ?4, reasons = ?5
         where org = ?1 and doc = ?2 and author = ?3
           and (verdict is not ?4 or reasons is not ?5)",
    )?;
    for (doc, verdict, counts) in &notes.visits {
        let (code, reasons) = columns(verdict, *counts);
        visits.execute(params![org.as_bytes(), doc.as_bytes(), rep.as_bytes(), code, reasons])?;
    }
    // An older period's card is restated without bringing its due statuses back.
    let mut due = connection.prepare_cached(
        "update holding set due = ?4, due_last = ?5, due_period = ?6
         where org = ?1 and doc = ?2 and owner = ?3
           and (due_period is null or due_period <= ?6)
           and (due is not ?4 or due_last is not ?5 or due_period is not ?6)",
    )?;
    let period = period.to_string();
    for (doc, status, last) in &notes.due {
        let last = last.map(|date| date.to_string());
        let (org, doc, rep) = (org.as_bytes(), doc.as_bytes(), rep.as_bytes());
        due.execute(params![org, doc, rep, status.as_str(), last, period])?;
    }
    Ok(())
}

/// Codes of verdicts in their column.
pub(super) const fn codes(filter: VerdictFilter) -> &'static [&'static str] {
    match filter {
        VerdictFilter::Effective => &["effective"],
        VerdictFilter::NotEffective => &["not_effective"],
        VerdictFilter::NeedsReview => &["needs_review", "needs_review_out"],
        VerdictFilter::Draft => &["draft"],
        VerdictFilter::NotJudged => &[],
    }
}

fn columns(verdict: &Verdict, counts: bool) -> (&'static str, String) {
    match verdict {
        Verdict::Effective => ("effective", String::new()),
        Verdict::NotEffective(reasons) if reasons.contains(&VisitReason::NotSubmitted) => {
            ("draft", spelled(reasons))
        }
        Verdict::NotEffective(reasons) => ("not_effective", spelled(reasons)),
        Verdict::NeedsReview(reasons) => {
            (if counts { "needs_review" } else { "needs_review_out" }, spelled(reasons))
        }
    }
}

/// The verdict that [`columns`] wrote, and whether the visit counts.
pub(super) fn verdict(code: &str, reasons: &str) -> Option<(Verdict, bool)> {
    match code {
        "effective" => Some((Verdict::Effective, true)),
        "draft" | "not_effective" => Some((Verdict::NotEffective(read(reasons)), false)),
        "needs_review" => Some((Verdict::NeedsReview(read::<ReviewReason>(reasons)), true)),
        "needs_review_out" => Some((Verdict::NeedsReview(read(reasons)), false)),
        _ => None,
    }
}

/// Codes with a space on both sides of each, so that one can be looked for.
fn spelled(reasons: &[impl Serialize]) -> String {
    let mut text = String::from(" ");
    for reason in reasons {
        let code = serde_json::to_value(reason).ok();
        if let Some(code) = code.as_ref().and_then(|code| code.as_str()) {
            text.push_str(code);
            text.push(' ');
        }
    }
    text
}

fn read<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let codes = text.split_whitespace();
    codes.filter_map(|code| serde_json::from_value(code.into()).ok()).collect()
}

/// A date as its column holds it.
pub(super) fn date(text: Option<String>) -> Option<Date> {
    text.and_then(|text| text.parse().ok())
}

/// Ids as values to bind.
pub(super) fn ids<'a>(docs: impl IntoIterator<Item = &'a DocId>) -> Vec<rusqlite::types::Value> {
    docs.into_iter().map(|doc| super::blob(doc.as_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_reads_back_as_it_was_written() {
        let check = |verdict_in: Verdict, counts: bool| {
            let (code, reasons) = columns(&verdict_in, counts);
            assert_eq!(verdict(code, &reasons), Some((verdict_in, counts)));
        };
        check(Verdict::Effective, true);
        check(Verdict::NotEffective(vec![VisitReason::TooShort, VisitReason::OutOfFence]), false);
        check(Verdict::NotEffective(vec![VisitReason::NotSubmitted]), false);
        check(Verdict::NeedsReview(vec![ReviewReason::Unverifiable]), true);
        check(Verdict::NeedsReview(vec![ReviewReason::OpenSignal]), false);
        assert_eq!(verdict("of a newer program", ""), None);
    }
}
