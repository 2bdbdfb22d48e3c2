//! How far an item has come, up to the score.
//!
//! Saved on this phone, sent, stored on the server, counted in a score or not counted
//! with the reason. Each step is said by whoever knows: the outbox says whether the
//! server confirmed, and only it; the rules say whether a visit counts, from this
//! phone's own file; and that this is official only the server's card says, where it
//! was made from the same facts and has the same bytes.

use super::client::Client;
use super::{Comparison, ReadError};
use crate::docs::DocKind;
use crate::id::DocId;
use crate::period::Period;
use crate::records::Metric;
use crate::rules::{ExclusionReason, Outcome, Verdict};
use crate::store::{self, ItemStatus};

/// How far an item has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// Up to the server.
    pub status: ItemStatus,
    /// From there into a score.
    pub counting: Counting,
}

/// Whether an item counts in a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counting {
    /// No score looks at things of this kind.
    NotScored,
    /// It cannot be said yet, because this is not on the phone.
    NotKnown {
        /// What is missing.
        what: &'static str,
    },
    /// It was judged.
    Judged(Judgement),
}

/// What a score makes of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The month whose score it is.
    pub period: Period,
    /// It counts.
    pub counts: bool,
    /// The lines of the scorecard it is counted in.
    pub lines: Vec<Metric>,
    /// Why it is left out, or what is in doubt.
    pub reasons: Vec<ExclusionReason>,
    /// The server's card says the same from the same facts; otherwise this phone alone
    /// says so, and it is provisional.
    pub official: bool,
}

impl Judgement {
    /// The reasons as stable codes, for example `visit.too_short`.
    pub fn reason_codes(&self) -> Vec<String> {
        self.reasons.iter().map(ExclusionReason::code).collect()
    }
}

impl Client {
    /// How far a visit, deal, customer, plan or case has come. An item that is not on this
    /// phone and not in its outbox is at the server, as far as this phone knows.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn ladder(&self, doc: DocId) -> Result<Ladder, ReadError> {
        let (status, kind) = self.inner.read(|conn, _who| {
            let kind = store::document::header(conn, doc)?.map(|header| header.kind);
            Ok((store::outbox::status(conn, doc)?, kind))
        })?;
        let at = match kind {
            Some(DocKind::Visit) => self.visit(doc)?.map(|visit| visit.at),
            Some(DocKind::Deal) => self
                .deal(doc)?
                .map(|deal| deal.state.decided_at.unwrap_or_else(|| self.inner.config.clock.now())),
            Some(DocKind::Customer | DocKind::Plan | DocKind::Case) | None => None,
        };
        let Some(at) = at else { return Ok(Ladder { status, counting: Counting::NotScored }) };
        let judged = self.calendar().and_then(|calendar| {
            let period = Period::month_of(calendar.zone.date(at));
            self.judged(doc, period, &status)
        });
        let counting = match judged {
            Ok(Some(judgement)) => Counting::Judged(judgement),
            Ok(None) => Counting::NotScored,
            Err(ReadError::NotYetSynced { what }) => Counting::NotKnown { what },
            Err(error) => return Err(error),
        };
        Ok(Ladder { status, counting })
    }

    fn judged(
        &self,
        doc: DocId,
        period: Period,
        status: &ItemStatus,
    ) -> Result<Option<Judgement>, ReadError> {
        let official = self
            .official_scorecard(period)?
            .filter(|card| card.comparison == Comparison::Same)
            .and_then(|card| card.own);
        // The card may be older than the item: what it does not know this phone says.
        if let Some(found) = official.and_then(|outcome| judgement(&outcome, doc)) {
            // § Nothing is shown as further than the server confirmed.
            let official = *status == ItemStatus::Stored;
            return Ok(Some(Judgement { official, ..found }));
        }
        Ok(judgement(&self.scorecard(period, None)?, doc))
    }
}

fn judgement(outcome: &Outcome, doc: DocId) -> Option<Judgement> {
    let lines = &outcome.scorecard.lines;
    let counted: Vec<Metric> = lines
        .iter()
        .filter(|line| line.facts.iter().any(|fact| fact.doc == doc))
        .map(|line| line.indicator.clone())
        .collect();
    let excluded = lines.iter().flat_map(|line| &line.exclusions);
    let mut reasons: Vec<ExclusionReason> = excluded
        .filter(|exclusion| exclusion.fact.doc == doc)
        .flat_map(|exclusion| exclusion.reasons.iter().copied())
        .collect();
    let visit = outcome.visits.iter().find(|visit| visit.fact.doc == doc);
    match visit.map(|visit| &visit.verdict) {
        Some(Verdict::NotEffective(because)) => {
            reasons.extend(because.iter().copied().map(ExclusionReason::Visit));
        }
        Some(Verdict::NeedsReview(because)) => {
            reasons.extend(because.iter().copied().map(ExclusionReason::UnderReview));
        }
        Some(Verdict::Effective) | None => {}
    }
    reasons.sort_unstable();
    reasons.dedup();
    let counts = visit.is_some_and(|visit| visit.counts) || !counted.is_empty();
    let known = visit.is_some() || !counted.is_empty() || !reasons.is_empty();
    known.then_some(Judgement {
        period: outcome.period,
        counts,
        lines: counted,
        reasons,
        official: false,
    })
}
