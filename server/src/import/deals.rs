//! Deals.
//!
//! A deal belongs to the rep the file names, whoever holds its customer, and its
//! placement begins on its first known day, so that the months it was won in find
//! their owner. Only days that the file knows enter the stage history: an open deal
//! without a date stands in its stage and counts in no cohort. A deal without a
//! customer is filed under a placeholder, one for each rep, that says so in its name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use client_core::docs::deal::{LeadGrade, LeadSource};
use client_core::docs::{DocKind, Generation, Header};
use client_core::id::{DocId, UserId};
use client_core::money::Money;
use client_core::records::{Placement, PlacementRecord, Record};
use client_core::rules::policy::Phase;
use client_core::time::Timestamp;

use super::ImportError;
use super::deal_content::{Deal, Stage, draft};
use super::entry::{Entry, Fields, Refusal, Wrong};
use super::format;
use super::map::{ImportKind, Mapping};
use super::parties::Parties;
use super::people::People;
use super::products::currency;
use super::report::Report;
use super::session::{Draft, Made, Session, Target, Work, Write};
use crate::office::follow;
use crate::storage::Imports;
use crate::storage::model::{ExternalKey, ExternalKind};

/// What is needed to import deals.
pub(super) struct Deals {
    people: People,
    stages: Stages,
    /// What deals may say for a product.
    products: BTreeSet<String>,
    /// Customers by what the file calls them.
    parties: Parties,
    placeholders: BTreeMap<UserId, DocId>,
    /// The name of a placeholder, with `{owner}` for the rep.
    placeholder: String,
}

/// Whether the person named gets the deal, or had it before: who has left gets no more,
/// and what they have is no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The file gives it to them.
    Takes,
    /// The file said so before.
    Has,
}

/// What stands for the stage of a lead where the pipeline has none for it.
const LEAD: &str = "lead";

/// What a file can say for a stage.
struct Stages {
    by_name: BTreeMap<String, String>,
    /// Entered on the day a deal was created.
    created: Option<String>,
    /// Where a row stands that says nothing; none where it must say it.
    lead: Option<String>,
    /// Where deals stand once they are decided.
    closed: Option<String>,
    codes: Vec<String>,
}

impl Deals {
    pub(super) async fn read(session: &Session, mapping: &Mapping) -> Result<Self, ImportError> {
        let storage = session.app.storage();
        let known =
            storage.external_keys_of(session.org, &session.source, ExternalKind::Placeholder);
        let placeholders = known
            .await?
            .into_iter()
            .filter_map(|key| Some((key.key.parse().ok()?, DocId::from_bytes(key.id))));
        let products = session.office.products().await?;
        let called = products.into_iter().flat_map(|one| [one.code, one.name]);
        let rules = &mapping.map.deals;
        let placeholder = rules.placeholder.clone().unwrap_or_else(|| {
            match session.locale.as_str() {
                "zh-CN" => "未分配客户 – {owner}",
                "zh-TW" => "未分配客戶 – {owner}",
                _ => "Unassigned – {owner}",
            }
            .to_owned()
        });
        Ok(Self {
            people: People::read(session).await?,
            stages: Stages::of(session, mapping.map.kind, rules.created_stage.as_deref())?,
            products: called.map(|name| name.to_lowercase()).collect(),
            parties: Parties::default(),
            placeholders: placeholders.collect(),
            placeholder,
        })
    }

    pub(super) const fn people(&self) -> &People {
        &self.people
    }

    /// What a batch of rows writes.
    pub(super) async fn rows(
        &mut self,
        session: &Session,
        mapping: &Mapping,
        entries: &[Entry],
        refused: &mut Vec<Refusal>,
        report: &mut Report,
    ) -> Result<Vec<Work>, ImportError> {
        let staged: Vec<Entry>;
        let entries = match &self.stages.lead {
            Some(lead) => {
                staged = entries.iter().map(|entry| in_stage(entry, lead)).collect();
                staged.as_slice()
            }
            None => entries,
        };
        self.look_up(session, entries).await?;
        let keys: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        let storage = session.app.storage();
        let known = storage.external_keys(session.org, &session.source, ExternalKind::Deal, keys);
        let known: BTreeMap<String, ExternalKey> =
            known.await?.into_iter().map(|key| (key.key.clone(), key)).collect();
        let unknown: Vec<&Entry> =
            entries.iter().filter(|entry| !known.contains_key(&entry.key)).collect();
        let mut erased = session.erased(ExternalKind::Deal, &unknown, "key").await?;
        erased.extend(self.at_erased(session, &unknown).await?);
        let mut works = Vec::new();
        for entry in entries {
            if let Some(refusal) = erased.remove(&entry.line) {
                refused.push(refusal);
                continue;
            }
            let known = known.get(&entry.key);
            let changed = known.map(|known| entry.changes(&known.fields, mapping));
            let says = |field: &str| changed.as_ref().is_none_or(|all| all.contains(field));
            let owner = if says("owner") { Owner::Takes } else { Owner::Has };
            let deal = match self.said(session, mapping, entry, owner) {
                Ok(deal) => deal,
                // What was taken once is not refused for what happened here since, such
                // as a stage that the policy gave up.
                Err(_) if changed.as_ref().is_some_and(BTreeSet::is_empty) => continue,
                Err(refusals) => {
                    refused.extend(refusals);
                    continue;
                }
            };
            self.notice(entry, &deal, report);
            match known.zip(changed) {
                None => self.first(session, entry, deal, &mut works),
                Some((_known, changed)) if changed.is_empty() => {}
                Some((known, changed)) => {
                    works.push(self.again(session, entry, deal, known, changed, report).await?);
                }
            }
        }
        Ok(works)
    }

    /// The rows whose customer is not here because it was erased.
    async fn at_erased(
        &self,
        session: &Session,
        entries: &[&Entry],
    ) -> Result<BTreeMap<u64, Refusal>, ImportError> {
        let missing = entries.iter().copied().filter(|entry| self.customer(entry).is_none());
        // Asked for by what the file calls the customer, which is the key of its row.
        let named: Vec<Entry> = missing
            .filter_map(|entry| entry.text("customer").map(|customer| entry.of(customer)))
            .collect();
        let named: Vec<&Entry> = named.iter().collect();
        Ok(session.erased(ExternalKind::Customer, &named, "customer").await?)
    }

    /// The customer of a row, as far as it is known.
    pub(super) fn customer(&self, entry: &Entry) -> Option<DocId> {
        self.parties.customer(entry)
    }

    /// Finds the customers that rows name.
    pub(super) async fn look_up(
        &mut self,
        session: &Session,
        entries: &[Entry],
    ) -> Result<(), ImportError> {
        self.parties.look_up(session, entries).await
    }

    /// What a row says, checked.
    pub(super) fn said(
        &self,
        session: &Session,
        mapping: &Mapping,
        entry: &Entry,
        owner: Owner,
    ) -> Result<Deal, Vec<Refusal>> {
        let mut wrong = Wrong::default();
        let deal = self.said_in(session, mapping, entry, owner, &mut wrong);
        wrong.all(deal)
    }

    fn said_in(
        &self,
        session: &Session,
        mapping: &Mapping,
        entry: &Entry,
        owner: Owner,
        wrong: &mut Wrong,
    ) -> Option<Deal> {
        let map = &mapping.map;
        let named = entry.text("owner").unwrap_or_default();
        let owner = match owner {
            Owner::Takes => self.people.holder(named),
            Owner::Has => self.people.meant(named),
        };
        let owner = wrong.taken(owner.map_err(|why| entry.refuse("owner", why)));
        wrong.taken(self.parties.named(entry));
        let said = entry.text("stage").or(self.stages.lead.as_deref());
        let stage = self.stages.read(said.unwrap_or_default());
        let stage = wrong.taken(stage.map_err(|why| entry.refuse("stage", why)));
        let mut day = |field: &str| {
            let day = entry.text(field).map(|day| map.date.read(day)).transpose();
            wrong.taken(day.map_err(|why| entry.refuse(field, why)))
        };
        let (created, decided) = (day("created"), day("decided"));
        let (expected, graded) = (day("expected_close"), day("graded"));
        let amount = amount(session, mapping, entry, wrong);
        let quantity = entry.text("quantity").map(|text| format::count(text, map.decimal));
        let quantity = quantity.transpose().map_err(|why| entry.refuse("quantity", why));
        let quantity = wrong.taken(quantity);
        let (source, grade) = (wrong.taken(source(entry)), wrong.taken(grade(entry)));
        let first_touch = entry.text("first_touch");
        let first_touch = first_touch.map(|text| map.date.moment(text, &session.zone)).transpose();
        let first_touch = first_touch.map_err(|why| entry.refuse("first_touch", why));
        let first_touch_at = wrong.taken(first_touch);
        let stage = stage?;
        let (created_on, mut decided_on, mut expected_close) = (created?, decided?, expected?);
        if stage.is_open() {
            // What an open deal has for a closing day is when it is expected to close.
            expected_close = expected_close.or(decided_on.take());
        }
        if let (Some(created), Some(decided)) = (created_on, decided_on)
            && decided < created
        {
            let why = format!("the deal was decided before it was created, on {created}");
            wrong.taken::<()>(Err(entry.refuse("decided", why)));
        }
        let graded_on = graded?.or(created_on);
        Some(Deal {
            source: source?,
            grade: grade?,
            graded_at: graded_on.map(|day| session.start_of(day)),
            first_touch_at: first_touch_at?,
            owner: owner?.id,
            stage,
            created_at: created_on.map(|day| session.start_of(day)),
            decided_at: decided_on.map(|day| session.start_of(day)),
            expected_close,
            amount: amount?,
            quantity: quantity?,
            created_stage: self.stages.created.clone(),
            closed_stage: self.stages.closed.clone(),
        })
    }

    /// Counts what is worth knowing of a row, new or not.
    fn notice(&self, entry: &Entry, deal: &Deal, report: &mut Report) {
        if deal.created_at.is_none() && deal.decided_at.is_none() {
            report.count("undated_deals", 1);
        }
        if entry.text("customer").is_none() {
            report.count("deals_under_placeholders", 1);
        }
        if let Some(product) = entry.text("product")
            && !self.products.contains(&product.to_lowercase())
        {
            report.unknown_value("product", product);
        }
    }

    fn first(&mut self, session: &Session, entry: &Entry, deal: Deal, works: &mut Vec<Work>) {
        let customer = match self.customer(entry) {
            Some(customer) => customer,
            None => self.placeholder(session, entry.line, &deal, works),
        };
        let doc = session.fresh(DocId::new);
        let header = Header {
            doc,
            kind: DocKind::Deal,
            org: session.org,
            author: deal.owner,
            customer: Some(customer),
            generation: Generation::default(),
        };
        let mut work = Work::new(entry.line, Made::Created);
        let placement = Self::placed(doc, DocKind::Deal, &deal, &self.people, session.now());
        let changed = entry.fields.keys().cloned().collect();
        let draft = draft(Target::New(header), entry, deal, &Fields::new(), &changed);
        work.document = Some(Draft { placement: Some(placement), ..draft });
        let fields = entry.fields.clone();
        work.keys.push(session.key(ExternalKind::Deal, &entry.key, *doc.as_bytes(), fields));
        works.push(work);
    }

    async fn again(
        &self,
        session: &Session,
        entry: &Entry,
        deal: Deal,
        known: &ExternalKey,
        mut changed: BTreeSet<String>,
        report: &mut Report,
    ) -> Result<Work, ImportError> {
        let doc = DocId::from_bytes(known.id);
        if changed.remove("customer") {
            report.skip("the customer of a deal is never changed by an import");
        }
        let mut work = Work::new(entry.line, Made::Changed);
        if changed.contains("owner")
            && let Some(held) = session.office.placement(doc).await?
        {
            work.records.extend(self.handed_over(session, held, &deal).map(Record::Placement));
        }
        if changed.iter().any(|field| field != "owner") {
            let target = Target::There(doc);
            work.document = Some(draft(target, entry, deal, &known.fields, &changed));
        }
        let fields = entry.merged(&known.fields, &changed);
        work.keys.push(session.key(ExternalKind::Deal, &entry.key, known.id, fields));
        Ok(work)
    }

    /// The placement of a deal that the file gives to another rep. An open deal changes
    /// hands now; of a decided one the file corrects whose it was.
    fn handed_over(
        &self,
        session: &Session,
        held: PlacementRecord,
        deal: &Deal,
    ) -> Option<PlacementRecord> {
        let unit = self.people.unit_of(deal.owner);
        if deal.stage.is_open() {
            let next = Placement {
                from: session.now(),
                until: None,
                owner: deal.owner,
                collaborators: Vec::new(),
                unit,
                tier: None,
                left_with: None,
            };
            let subject = held.subject;
            return follow(Some(held), subject, DocKind::Deal, next).ok();
        }
        let mut held = held;
        let last = held.spans.last_mut()?;
        let former = last.owner;
        (last.owner, last.unit) = (deal.owner, unit);
        if held.credit == Some(former) {
            held.credit = Some(deal.owner);
        }
        Some(held)
    }

    /// The placeholder customer of a deal's owner, made when it is needed first.
    fn placeholder(
        &mut self,
        session: &Session,
        line: u64,
        deal: &Deal,
        works: &mut Vec<Work>,
    ) -> DocId {
        if let Some(doc) = self.placeholders.get(&deal.owner) {
            return *doc;
        }
        let doc = session.fresh(DocId::new);
        let owner = self.people.user(deal.owner).map(|user| user.name.clone());
        let name = self.placeholder.replace("{owner}", &owner.unwrap_or_default());
        let header = Header {
            doc,
            kind: DocKind::Customer,
            org: session.org,
            author: deal.owner,
            customer: None,
            generation: Generation::default(),
        };
        let write: Write = Arc::new(move |document, context| {
            document.edit_customer(context, |customer| customer.set_name(Some(&name)))
        });
        let mut work = Work::new(line, Made::Beside("placeholders_created"));
        let placement = Self::placed(doc, DocKind::Customer, deal, &self.people, session.now());
        work.document =
            Some(Draft { target: Target::New(header), write, placement: Some(placement) });
        let key = deal.owner.to_string();
        let kind = ExternalKind::Placeholder;
        work.keys.push(session.key(kind, &key, *doc.as_bytes(), Fields::new()));
        works.push(work);
        self.placeholders.insert(deal.owner, doc);
        doc
    }

    fn placed(
        doc: DocId,
        kind: DocKind,
        deal: &Deal,
        people: &People,
        now: Timestamp,
    ) -> PlacementRecord {
        let from = deal.first_day().map_or(now, |day| day.min(now));
        let span = Placement {
            from,
            until: None,
            owner: deal.owner,
            collaborators: Vec::new(),
            unit: people.unit_of(deal.owner),
            tier: None,
            left_with: None,
        };
        PlacementRecord { subject: doc, kind, spans: vec![span], credit: None }
    }
}

impl Stages {
    fn of(session: &Session, kind: ImportKind, created: Option<&str>) -> Result<Self, ImportError> {
        let pipeline = session.policy.as_ref().map(|policy| policy.pipeline.stages.clone());
        let pipeline = pipeline.unwrap_or_default();
        let mut by_name = BTreeMap::new();
        for stage in &pipeline {
            let names = stage.name.values().chain([&stage.code]);
            by_name.extend(names.map(|name| (name.to_lowercase(), stage.code.clone())));
        }
        let codes: Vec<String> = pipeline.iter().map(|stage| stage.code.clone()).collect();
        let said = created;
        let created = match said {
            Some(said) => {
                let found = by_name.get(&said.to_lowercase()).cloned();
                let unknown = || ImportError::CreatedStage {
                    said: said.to_owned(),
                    possible: codes.join(", "),
                };
                Some(found.ok_or_else(unknown)?)
            }
            None => codes.first().cloned(),
        };
        let leads = kind == ImportKind::Leads;
        let of_leads = pipeline.iter().find(|stage| stage.phase == Phase::Lead);
        let of_leads = of_leads.map(|stage| stage.code.clone());
        // In a pipeline without a stage for leads, nobody has entered it yet.
        let created = if leads && said.is_none() { of_leads.clone() } else { created };
        let lead = leads.then(|| of_leads.unwrap_or_else(|| LEAD.to_owned()));
        let closed = pipeline.iter().rev().find(|stage| stage.phase == Phase::Closed);
        let closed = closed.map(|stage| stage.code.clone());
        Ok(Self { by_name, created, lead, closed, codes })
    }

    fn read(&self, said: &str) -> Result<Stage, String> {
        match said.to_lowercase().as_str() {
            "won" => Ok(Stage::Won),
            "lost" => Ok(Stage::Lost),
            LEAD if self.lead.as_deref() == Some(LEAD) => Ok(Stage::Lead),
            name => self.by_name.get(name).cloned().map(Stage::Open).ok_or_else(|| {
                format!(
                    "{said:?} is not a stage: say in [values.stage] of the mapping which of {}, \
                     won and lost it is",
                    self.codes.join(", ")
                )
            }),
        }
    }
}

/// A row with the stage it is in though it does not say so.
fn in_stage(entry: &Entry, stage: &str) -> Entry {
    let mut entry = entry.clone();
    entry.fields.entry("stage".to_owned()).or_insert_with(|| stage.to_owned());
    entry
}

/// What the deal is worth, if the row says so. Without a known currency nothing can be
/// told of the sum.
fn amount(
    session: &Session,
    mapping: &Mapping,
    entry: &Entry,
    wrong: &mut Wrong,
) -> Option<Option<Money>> {
    let Some(text) = entry.text("amount") else { return Some(None) };
    let currency = wrong.taken(currency(session, entry))?;
    let amount = format::money(text, currency, mapping.map.decimal);
    wrong.taken(amount.map_err(|why| entry.refuse("amount", why))).map(Some)
}

/// Where the lead came from: one of the codes that reports know.
fn source(entry: &Entry) -> Result<Option<LeadSource>, Refusal> {
    match entry.text("source").map(LeadSource::from) {
        Some(LeadSource::Unknown(_)) => {
            let known: Vec<&str> = LeadSource::KNOWN.iter().map(LeadSource::as_str).collect();
            let why = format!(
                "this is no source of leads: say in [values.source] of the mapping which of {} \
                 it is",
                known.join(", ")
            );
            Err(entry.refuse("source", why))
        }
        source => Ok(source),
    }
}

fn grade(entry: &Entry) -> Result<Option<LeadGrade>, Refusal> {
    let grade = entry.text("grade").map(|grade| LeadGrade::from(grade.to_lowercase().as_str()));
    match grade {
        Some(LeadGrade::Unknown(_)) => Err(entry.refuse("grade", "a lead's grade is a, b or c")),
        grade => Ok(grade),
    }
}
