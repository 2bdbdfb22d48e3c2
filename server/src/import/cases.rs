//! Complaints, enquiries and surveys.
//!
//! How long an answer took is counted in minutes, so a time of day in the file is kept
//! where dates elsewhere pass it over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use client_core::docs::case::{CaseEdit, CaseKind, CaseState, SurveyAnswer, SurveyKind};
use client_core::docs::{DocKind, EditError, Generation, Header};
use client_core::id::{DocId, UserId};
use client_core::time::{Date, Timestamp};

use super::ImportError;
use super::customers::item;
use super::entry::{Entry, Refusal, Wrong};
use super::format;
use super::map::Mapping;
use super::parties::{Parties, Party};
use super::people::People;
use super::report::Report;
use super::session::{Draft, Made, Session, Target, Work, Write};
use crate::storage::Imports;
use crate::storage::model::{ExternalKey, ExternalKind};

/// What is needed to import cases.
pub(super) struct Cases {
    people: People,
    parties: Parties,
}

/// What a row says beside texts.
#[derive(Debug, Clone)]
struct Said {
    kind: CaseKind,
    assigned_to: Option<UserId>,
    opened_at: Option<Timestamp>,
    first_reply_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    satisfied: Option<bool>,
    answer: Option<SurveyAnswer>,
}

impl Cases {
    pub(super) async fn read(session: &Session) -> Result<Self, ImportError> {
        Ok(Self { people: People::read(session).await?, parties: Parties::default() })
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
        self.parties.look_up(session, entries).await?;
        let storage = session.app.storage();
        let keys: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        let known = storage.external_keys(session.org, &session.source, ExternalKind::Case, keys);
        let known: BTreeMap<String, ExternalKey> =
            known.await?.into_iter().map(|key| (key.key.clone(), key)).collect();
        let mut works = Vec::new();
        for entry in entries {
            let before = known.get(&entry.key);
            let fields = before.map(|known| known.fields.clone()).unwrap_or_default();
            let mut changed = entry.changes(&fields, mapping);
            if before.is_some() && changed.is_empty() {
                continue;
            }
            let mut wrong = Wrong::default();
            let said = self.said(session, mapping, entry, &mut wrong);
            let party = wrong.taken(self.parties.party(entry));
            let (said, party) = match wrong.all(said.zip(party)) {
                Ok(checked) => checked,
                Err(refusals) => {
                    refused.extend(refusals);
                    continue;
                }
            };
            for (field, why) in doubts(entry, &said, session.app.clock().now()) {
                report.doubt(entry.line, entry.column(field), why);
            }
            let (made, doc, target) = match before {
                Some(known) => {
                    if changed.remove("customer") {
                        report.skip("the customer of a case is never changed by an import");
                    }
                    let doc = DocId::from_bytes(known.id);
                    (Made::Changed, doc, Target::There(doc))
                }
                None => {
                    let header = header(session, &said, party);
                    (Made::Created, header.doc, Target::New(header))
                }
            };
            let mut work = Work::new(entry.line, made);
            if made == Made::Created || !changed.is_empty() {
                let write = content(entry, said, party, &changed, made == Made::Created);
                work.document = Some(Draft { target, write, placement: None });
            }
            let fields = entry.merged(&fields, &changed);
            work.keys.push(session.key(ExternalKind::Case, &entry.key, *doc.as_bytes(), fields));
            works.push(work);
        }
        Ok(works)
    }

    /// What the row says; nothing where something of it cannot be read.
    fn said(
        &self,
        session: &Session,
        mapping: &Mapping,
        entry: &Entry,
        wrong: &mut Wrong,
    ) -> Option<Said> {
        let kind = CaseKind::from(entry.text("kind").unwrap_or("complaint"));
        if matches!(kind, CaseKind::Unknown(_)) {
            let why = "a case is a complaint, an enquiry or a survey";
            wrong.taken::<()>(Err(entry.refuse("kind", why)));
        }
        let assigned = entry.text("assigned").map(|name| self.people.meant(name));
        let assigned =
            wrong.taken(assigned.transpose().map_err(|why| entry.refuse("assigned", why)));
        let mut moment = |field: &str| {
            let read = entry.text(field).map(|text| mapping.map.date.moment(text, &session.zone));
            wrong.taken(read.transpose().map_err(|why| entry.refuse(field, why)))
        };
        let (opened, replied, resolved) = (moment("opened"), moment("replied"), moment("resolved"));
        for (field, at) in [("replied", replied), ("resolved", resolved)] {
            let ends = opened.flatten().zip(at.flatten());
            if ends.is_some_and(|(opened, at)| at < opened) {
                let why = "this is before the case was opened";
                wrong.taken::<()>(Err(entry.refuse(field, why)));
            }
        }
        let satisfied = entry.text("satisfied").map(format::yes).transpose();
        let satisfied = wrong.taken(satisfied.map_err(|why| entry.refuse("satisfied", why)));
        let answer = answer(session, mapping, entry, opened.flatten(), wrong);
        Some(Said {
            kind,
            assigned_to: assigned?.map(|person| person.id),
            opened_at: opened?,
            first_reply_at: replied?,
            resolved_at: resolved?,
            satisfied: satisfied?,
            answer,
        })
    }
}

/// What a row may not have meant: it is taken, and said.
fn doubts(entry: &Entry, said: &Said, now: Timestamp) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    let mut doubt = |holds: bool, field, why| {
        if holds {
            found.push((field, why));
        }
    };
    let is_survey = said.kind == CaseKind::Survey;
    let later = |at: Option<Timestamp>| at.is_some_and(|at| at > now);
    for (field, at) in [
        ("opened", said.opened_at),
        ("replied", said.first_reply_at),
        ("resolved", said.resolved_at),
    ] {
        doubt(later(at), field, "this lies in the future");
    }
    doubt(entry.text("kind").is_none(), "kind", "no kind is given: it is taken as a complaint");
    let answered = said.first_reply_at.is_some() || is_survey;
    let silent = said.resolved_at.is_some() && !answered;
    doubt(silent, "replied", "it was resolved without a first reply");
    let early = said.first_reply_at.zip(said.resolved_at).is_some_and(|(first, end)| first > end);
    doubt(early, "replied", "the first reply comes after the resolution");
    let open = said.satisfied.is_some() && said.resolved_at.is_none();
    doubt(open, "satisfied", "satisfaction is told of a case that is not resolved");
    let scored = ["survey", "asked", "comment"].into_iter().find(|name| entry.text(name).is_some());
    if let Some(field) = scored.filter(|_field| said.answer.is_none()) {
        doubt(true, field, "there is no score: nothing is kept of this answer");
    }
    doubt(is_survey && said.answer.is_none(), "score", "a survey without a score answers nothing");
    found
}

/// What the customer answered, if the row has a score.
fn answer(
    session: &Session,
    mapping: &Mapping,
    entry: &Entry,
    opened_at: Option<Timestamp>,
    wrong: &mut Wrong,
) -> Option<SurveyAnswer> {
    let score = format::count(entry.text("score")?, mapping.map.decimal).ok();
    let score = score.and_then(|score| u8::try_from(score).ok()).filter(|score| *score <= 10);
    let score = wrong.taken(score.ok_or_else(|| entry.refuse("score", "a score is 0 to 10")));
    let kind = SurveyKind::from(entry.text("survey").unwrap_or("csat"));
    if matches!(kind, SurveyKind::Unknown(_)) {
        wrong.taken::<()>(Err(entry.refuse("survey", "a survey is nps or csat")));
    }
    let asked = entry.text("asked").map(|day| mapping.map.date.read(day)).transpose();
    let asked = wrong.taken(asked.map_err(|why| entry.refuse("asked", why)))?;
    let asked_on: Option<Date> = asked.or_else(|| Some(session.zone.date(opened_at?)));
    Some(SurveyAnswer {
        kind: Some(kind),
        score: Some(score?),
        asked_on,
        contact: None,
        comment: entry.text("comment").map(str::to_owned),
    })
}

fn header(session: &Session, said: &Said, party: Party) -> Header {
    Header {
        doc: session.fresh(DocId::new),
        kind: DocKind::Case,
        org: session.org,
        author: said.assigned_to.unwrap_or(session.by.id),
        customer: Some(party.customer),
        generation: Generation::default(),
    }
}

fn content(
    entry: &Entry,
    said: Said,
    party: Party,
    changed: &BTreeSet<String>,
    is_new: bool,
) -> Write {
    let (entry, changed) = (entry.clone(), changed.clone());
    Arc::new(move |document, context| {
        let asked = !is_new && !CaseState::read(document).value.surveys.is_empty();
        document.edit_case(context, |case| {
            if is_new || changed.contains("kind") {
                case.set_kind(Some(said.kind.clone()))?;
            }
            if is_new || changed.contains("deal") {
                case.set_deal(party.deal)?;
            }
            put(case, &entry, &said, &changed, asked)
        })
    })
}

fn put(
    case: &mut CaseEdit<'_>,
    entry: &Entry,
    said: &Said,
    changed: &BTreeSet<String>,
    asked: bool,
) -> Result<(), EditError> {
    for field in changed {
        let text = entry.text(field);
        match field.as_str() {
            "subject" => case.set_subject(text)?,
            "description" => case.set_description(text)?,
            "category" => case.set_category(text)?,
            "channel" => case.set_channel(text)?,
            "assigned" => case.set_assigned_to(said.assigned_to)?,
            "opened" => case.set_opened_at(said.opened_at)?,
            "replied" => case.set_first_reply_at(said.first_reply_at)?,
            "resolved" => case.set_resolved_at(said.resolved_at)?,
            "cause" => case.set_cause(text)?,
            "action" => case.set_action(text)?,
            "prevention" => case.set_prevention(text)?,
            "delay_cause" => case.set_delay_cause(text)?,
            "satisfied" => case.set_satisfied(said.satisfied)?,
            _ => {}
        }
    }
    let answered = ["score", "survey", "asked", "comment"];
    if answered.into_iter().any(|field| changed.contains(field)) {
        let survey = item(b"survey");
        match &said.answer {
            Some(answer) => case.add_survey(survey, answer)?,
            None if asked => case.remove_survey(survey)?,
            None => {}
        }
    }
    Ok(())
}
