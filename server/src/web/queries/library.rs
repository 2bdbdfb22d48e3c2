//! What a team learns from its own work: decided deals as cases, help that was asked for,
//! competitors that were seen.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::deal::{DealOutcome, DealState, LossReview};
use client_core::id::{DocId, OrgId, RecordId, UserId};
use client_core::money::{Currency, Money};
use client_core::names::fold;
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{HelpRecord, HelpState, Record, RecordKind};
use client_core::time::{Date, Timestamp};

use super::base::Base;
use super::reach::Reach;
use crate::office::AnswerHelp;
use crate::storage::lists::{DealFilter, DealRow, DealSort, OutcomeFilter, Window};
use crate::storage::{AnyStorage, Boards, Lists, Records, Reports, StorageError};

/// Lost deals whose reviews are read.
const LOSSES: u32 = 5_000;
/// Cases that are shown (S0 asks for three to five of an industry).
const CASES: usize = 50;
/// A case is from the last year.
const YEAR_MS: i64 = 365 * 24 * 3_600_000;
/// A request for help is looked at for so many days.
pub const HELP_DAYS: i64 = 14;

/// Which cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CasesAsk {
    /// Of customers of this industry.
    pub industry: Option<String>,
    /// Won or lost.
    pub outcome: Option<OutcomeFilter>,
}

/// A decided deal, told as a case (S0: background, solution, result).
#[derive(Debug, Clone, PartialEq)]
pub struct CaseStudy {
    /// The deal.
    pub doc: DocId,
    /// What it was about.
    pub name: Option<String>,
    /// Whose.
    pub customer: Option<DocId>,
    /// What they are called.
    pub customer_name: Option<String>,
    /// Their industry.
    pub industry: Option<String>,
    /// Who sold it, or did not.
    pub rep: UserId,
    /// Won or lost.
    pub won: bool,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Days from its beginning.
    pub days: Option<i64>,
    /// What it came to.
    pub amount: Option<Money>,
    /// What they were after.
    pub background: Option<String>,
    /// What was sold to them.
    pub products: Vec<String>,
    /// What trials and demonstrations came to.
    pub feedback: Vec<String>,
    /// Against whom.
    pub competitors: Vec<String>,
    /// Why it was lost: a code.
    pub lost_reason: Option<String>,
    /// The review of the loss.
    pub review: Option<LossReview>,
}

/// The case library.
#[derive(Debug, Clone, Default)]
pub struct CaseLibrary {
    /// The cases that are shown.
    pub cases: Vec<CaseStudy>,
    /// What reviews say of all that was lost in the year, shown or not.
    pub reviews: Vec<LossReview>,
}

/// Decided deals of the last year as cases: of the org's currency first, then of each other,
/// the largest first in each, because amounts of two currencies have no order; then those
/// without an amount.
pub async fn cases(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: &CasesAsk,
    now: Timestamp,
) -> Result<CaseLibrary, StorageError> {
    let org = base.org.id;
    let industries = match &ask.industry {
        Some(asked) => {
            let mut known = storage.industries(org, reach.scopes()).await?;
            known.retain(|industry| fold(industry) == fold(asked));
            Some(known)
        }
        None => None,
    };
    let filter = DealFilter {
        within: reach.scopes(),
        outcome: ask.outcome,
        industries,
        decided: (Some(now.plus_millis(-YEAR_MS)), None),
        sort: DealSort::Amount,
        ..DealFilter::default()
    };
    let docs = largest(storage, base, &filter).await?;
    let rows = storage.deal_rows(org, docs.clone()).await?;
    let customers = rows.iter().filter_map(|row| row.customer).collect();
    let customers = storage.customer_rows(org, customers).await?;
    let industries: BTreeMap<DocId, String> =
        customers.into_iter().filter_map(|row| Some((row.doc, row.industry?))).collect();
    let states = storage.rows(org, docs).await?;
    let states: BTreeMap<DocId, _> =
        states.into_iter().map(|row| (row.header.doc, row.state)).collect();
    let cases = rows.into_iter().filter_map(|row| {
        let DocState::Deal(state) = states.get(&row.doc)? else { return None };
        let industry = row.customer.and_then(|customer| industries.get(&customer)).cloned();
        Some(told(base, row, &state.value, industry))
    });
    Ok(CaseLibrary { cases: cases.collect(), reviews: reviews(storage, org, filter).await? })
}

/// The cases to show, one currency after the other.
async fn largest(
    storage: &AnyStorage,
    base: &Base,
    filter: &DealFilter,
) -> Result<Vec<DocId>, StorageError> {
    let org = base.org.id;
    let totals = storage.deal_totals(org, filter.clone()).await?;
    let mut currencies: Vec<Currency> = totals.iter().filter_map(|sum| sum.currency).collect();
    currencies.sort_by_key(|one| (*one != base.org.currency, one.to_string()));
    currencies.dedup();
    let of = |currency| DealFilter { amount: Some((currency, None, None)), ..filter.clone() };
    let unpriced = DealFilter { unpriced: true, sort: DealSort::Decided, ..filter.clone() };
    let mut found: Vec<DocId> = Vec::new();
    for filter in currencies.into_iter().map(of).chain([unpriced]) {
        let room = u32::try_from(CASES.saturating_sub(found.len())).unwrap_or(0);
        if room > 0 {
            let window = Window { limit: room, offset: 0 };
            found.extend(storage.find_deals(org, filter, window).await?.docs);
        }
    }
    // One with a currency and without an amount is in both.
    let mut seen = BTreeSet::new();
    found.retain(|doc| seen.insert(*doc));
    Ok(found)
}

/// The reviews of what was lost, the last decided first.
async fn reviews(
    storage: &AnyStorage,
    org: OrgId,
    filter: DealFilter,
) -> Result<Vec<LossReview>, StorageError> {
    if filter.outcome == Some(OutcomeFilter::Won) {
        return Ok(Vec::new());
    }
    let (outcome, sort) = (Some(OutcomeFilter::Lost), DealSort::Decided);
    let lost = DealFilter { outcome, sort, ..filter };
    let window = Window { limit: LOSSES, offset: 0 };
    let docs = storage.find_deals(org, lost, window).await?.docs;
    let rows = storage.rows(org, docs).await?.into_iter();
    let reviews = rows.filter_map(|row| match row.state {
        DocState::Deal(state) => state.value.loss_review,
        _ => None,
    });
    Ok(reviews.collect())
}

fn told(base: &Base, row: DealRow, deal: &DealState, industry: Option<String>) -> CaseStudy {
    let day = |at: Timestamp| base.zone().date(at);
    let ends = deal.created_at.zip(deal.decided_at);
    CaseStudy {
        doc: row.doc,
        name: deal.name.clone(),
        customer: row.customer,
        customer_name: row.customer_name,
        industry,
        rep: row.owner,
        won: deal.outcome == Some(DealOutcome::Won),
        decided_at: deal.decided_at,
        days: ends.map(|(from, until)| day(until).days_since(day(from))),
        amount: deal.amount,
        background: deal.intent.clone().or_else(|| deal.notes.clone()),
        products: deal.products.values().filter_map(|one| one.product.clone()).collect(),
        feedback: deal.milestones.values().filter_map(|one| one.feedback.clone()).collect(),
        competitors: deal.competitors.values().cloned().collect(),
        lost_reason: deal.lost_reason.clone(),
        review: deal.loss_review.clone(),
    }
}

/// Somebody asked for help (S3 需协调资源).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpWanted {
    /// The request: the visit's id, or that of the plan's item.
    pub id: RecordId,
    /// The visit or plan in which it stands.
    pub doc: DocId,
    /// For which day, or on which.
    pub on: Date,
    /// Who asks.
    pub rep: UserId,
    /// What kind: a code.
    pub kind: Option<String>,
    /// In words.
    pub text: Option<String>,
    /// Who is asked; anybody if absent.
    pub asked_of: Option<UserId>,
    /// The visit on which it came up.
    pub visit: Option<DocId>,
    /// What became of it; nothing yet if absent.
    pub answer: Option<HelpRecord>,
}

impl HelpWanted {
    /// An answer to it.
    pub const fn answered(&self, state: HelpState, note: String) -> AnswerHelp {
        let Self { id, doc, rep, asked_of, .. } = *self;
        AnswerHelp { id, doc, rep, asked_of, state, note }
    }

    /// Whether somebody still has to do something.
    pub fn is_open(&self) -> bool {
        let taken = |answer: &HelpRecord| answer.state == HelpState::Taken;
        self.answer.as_ref().is_none_or(taken)
    }
}

/// Help that was asked for lately, what waits first and then the newest: of those whom the reader sees, and what
/// the reader is asked for.
pub async fn help(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    reader: UserId,
    today: Date,
) -> Result<Vec<HelpWanted>, StorageError> {
    let org = base.org.id;
    let from = today.plus_days(-HELP_DAYS);
    let mut wanted = Vec::new();
    for row in storage.plans_between(org, from, today.next()).await? {
        let DocState::Plan(state) = row.state else { continue };
        let Some(on) = state.value.date else { continue };
        let doc = row.header.doc;
        wanted.extend(state.value.help_requests.into_iter().map(|(item, one)| HelpWanted {
            id: RecordId::from_bytes(*item.as_bytes()),
            doc,
            on,
            rep: row.header.author,
            kind: one.kind,
            text: one.text,
            asked_of: one.asked_of,
            visit: None,
            answer: None,
        }));
    }
    let (since, until) = (base.zone().start_of(from), base.zone().end_of(today));
    for row in storage.telling_visits(org, since, until).await? {
        let DocState::Visit(state) = row.state else { continue };
        let Some(one) = state.value.help_request else { continue };
        let at = state.value.started_at.map_or(row.received_at, |at| at.at);
        wanted.push(HelpWanted {
            id: RecordId::from_bytes(*row.header.doc.as_bytes()),
            doc: row.header.doc,
            on: base.zone().date(at),
            rep: row.header.author,
            kind: one.kind,
            text: one.text,
            asked_of: one.asked_of,
            visit: reach.sees(row.header.author).then_some(row.header.doc),
            answer: None,
        });
    }
    wanted.retain(|one| reach.sees(one.rep) || one.asked_of == Some(reader));
    for one in &mut wanted {
        let Some(row) = storage.record(org, RecordKind::Help, one.id).await? else { continue };
        one.answer = row.decode().ok().and_then(|record| match record {
            Record::Help(help) => Some(help),
            _ => None,
        });
    }
    // What waits first.
    wanted
        .sort_by_key(|one| (!one.is_open(), std::cmp::Reverse(one.on), one.kind.clone(), one.rep));
    Ok(wanted)
}

/// A competitor with where it was seen (S1 竞品情报).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompetitorBrief {
    /// What it is called.
    pub name: String,
    /// Where it was seen, newest first.
    pub seen: Vec<Sighting>,
}

/// A competitor at a customer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The visit.
    pub visit: DocId,
    /// When.
    pub on: Date,
    /// Whose visit.
    pub rep: UserId,
    /// At whose.
    pub customer_name: Option<String>,
    /// Price, new products, what the customer thinks.
    pub note: Option<String>,
}

/// Competitors that visits of a week saw, those seen at most places first.
pub async fn competitors(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    week: Period,
) -> Result<Vec<CompetitorBrief>, StorageError> {
    let (from, until) = week.bounds(base.zone());
    let mut found: BTreeMap<String, CompetitorBrief> = BTreeMap::new();
    for row in storage.telling_visits(base.org.id, from, until).await? {
        let DocState::Visit(state) = row.state else { continue };
        if !reach.sees(row.header.author) {
            continue;
        }
        let visit = state.value;
        let at = visit.started_at.as_ref().map_or(row.received_at, |at| at.at);
        for seen in visit.competitors.into_values() {
            let Some(name) = seen.name.map(|name| name.trim().to_owned()) else { continue };
            let key = fold(&name);
            let brief = found.entry(key);
            let brief = brief.or_insert_with(|| CompetitorBrief { name, seen: Vec::new() });
            brief.seen.push(Sighting {
                visit: row.header.doc,
                on: base.zone().date(at),
                rep: row.header.author,
                customer_name: visit.customer_name.clone(),
                note: seen.note,
            });
        }
    }
    let mut found: Vec<CompetitorBrief> = found.into_values().collect();
    for brief in &mut found {
        brief.seen.sort_by_key(|one| (std::cmp::Reverse(one.on), one.visit));
    }
    found.sort_by_key(|brief| (std::cmp::Reverse(brief.seen.len()), brief.name.clone()));
    Ok(found)
}
