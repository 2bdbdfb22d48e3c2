use serde::{Deserialize, Serialize};

use super::FactRef;
use crate::docs::case::{self as docs, CaseState};
use crate::docs::{Header, Heads, Hydrated};
use crate::id::{DocId, ItemId};
use crate::time::Date;

/// A customer's answer from 0 to 10 (满意度调研). Kept raw: whether it is read as a net
/// promoter score or as a mean is the policy's choice (DOMAIN D10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyFact {
    /// The document or record that holds it.
    pub fact: FactRef,
    /// The answer in it, where it holds several.
    pub item: Option<ItemId>,
    /// Who answered.
    pub customer: Option<DocId>,
    /// What was asked.
    pub kind: SurveyKind,
    /// 0 to 10.
    pub score: u8,
    /// The day.
    pub answered_on: Option<Date>,
}

/// What a survey asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyKind {
    /// Whether they would recommend us (S3).
    Nps,
    /// How satisfied they are (S1, S2).
    Csat,
}

impl SurveyFact {
    /// The answers that a case document holds; one without a score is none.
    pub fn of<'a>(
        header: &'a Header,
        heads: &'a Heads,
        case: &'a Hydrated<CaseState>,
    ) -> impl Iterator<Item = Self> + 'a {
        let answers = case.value.surveys.iter();
        answers.filter_map(|(item, answer)| {
            Some(Self {
                fact: FactRef { doc: header.doc, heads: heads.clone() },
                item: Some(*item),
                customer: header.customer,
                kind: match &answer.kind {
                    Some(docs::SurveyKind::Csat) => SurveyKind::Csat,
                    _ => SurveyKind::Nps,
                },
                score: answer.score.filter(|score| *score <= 10)?,
                answered_on: answer.asked_on,
            })
        })
    }
}
