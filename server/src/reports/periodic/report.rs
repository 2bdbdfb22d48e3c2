//! A report: its receipt, how far the data reach, and its sections.

use client_core::id::RecordId;
use client_core::rules::{Policy, RULES_VERSION};
use client_core::time::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::model::Section;
use super::sources::{Kind, Known, Question, Sources};
use super::{ahead, conversion, day, diagnosis, review, sales, voices};

/// Of what form the JSON is. Another form may give other bytes from the same facts.
pub const FORMAT: u32 = 1;

/// A report. Its JSON is a contract: these keys, in this order, and the same bytes from the
/// same facts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What it can be computed from again.
    pub receipt: Receipt,
    /// What the org is called.
    pub org: String,
    /// What the unit is called; none for the whole org.
    pub unit_name: Option<String>,
    /// How far the data reached.
    pub known: Known,
    /// What it says.
    pub sections: Vec<Section>,
}

/// What names the facts, the rules and the instant of a report (DOMAIN B4.10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Of what form the JSON is.
    pub format: u32,
    /// The beginning of the digest of its facts: under this it is found again.
    pub id: RecordId,
    /// Which report, of when, of whom.
    #[serde(flatten)]
    pub question: Question,
    /// The instant looked from, in milliseconds of the server's clock.
    pub as_of: Timestamp,
    /// What was stored up to here was known.
    pub feed_position: u64,
    /// Version of the policy; none if none was in force.
    pub policy_version: Option<u32>,
    /// SHA-256 of the policy.
    pub policy_hash: Option<String>,
    /// Version of the rule code.
    pub rules_version: u32,
    /// SHA-256 of the facts as they are kept.
    pub facts_sha256: String,
    /// How many documents are quoted.
    pub documents: usize,
    /// SHA-256 over each document's id and heads, by id.
    pub heads_sha256: String,
    /// SHA-256 over the digests of the cards, by month and rep.
    pub cards_sha256: String,
}

impl Report {
    /// The report of some facts: nothing else bears on it.
    pub fn of(sources: &Sources) -> Self {
        Self {
            receipt: Receipt::of(sources),
            org: sources.org.clone(),
            unit_name: sources.unit_name.clone(),
            known: sources.known,
            sections: sections(sources),
        }
    }

    /// The JSON, always the same bytes.
    pub fn to_json(&self) -> Vec<u8> {
        // Writing to memory does not fail, and every key is a text.
        let json = serde_json::to_vec(self);
        debug_assert!(json.is_ok());
        json.unwrap_or_default()
    }
}

fn sections(sources: &Sources) -> Vec<Section> {
    match sources.question.kind {
        Kind::Daily => vec![day::day(sources), voices::help(sources), voices::competitors(sources)],
        Kind::Weekly => vec![
            sales::closed(sources),
            conversion::conversion(sources),
            voices::needs(sources),
            sales::trend(sources),
            voices::industries(sources),
            ahead::risks(sources),
            voices::competitors(sources),
            voices::help(sources),
            ahead::ahead(sources),
            ahead::actions(sources),
        ],
        Kind::Monthly => vec![
            sales::closed(sources),
            review::attainment(sources),
            review::causes(sources),
            review::cases(sources),
            review::allocation(sources),
            conversion::conversion(sources),
            sales::trend(sources),
            voices::industries(sources),
            ahead::risks(sources),
            ahead::actions(sources),
        ],
        Kind::Quarterly => vec![
            sales::closed(sources),
            review::attainment(sources),
            voices::satisfaction(sources),
            diagnosis::tiers(sources),
            diagnosis::people(sources),
            diagnosis::process(sources),
            conversion::conversion(sources),
            sales::trend(sources),
            voices::industries(sources),
            ahead::risks(sources),
        ],
    }
}

impl Receipt {
    fn of(sources: &Sources) -> Self {
        let digest = digest(&sources.to_bytes());
        let mut heads = Sha256::new();
        let documents = sources.documents();
        for (doc, at) in &documents {
            heads.update(doc.as_bytes());
            heads.update(at.to_bytes());
        }
        let mut cards = Sha256::new();
        for card in &sources.cards {
            cards.update(card.inputs_digest);
            cards.update(card.outcome_digest);
        }
        let policy = sources.policy.as_ref();
        let read = policy.and_then(|used| Policy::kept(&used.toml).ok());
        Self {
            format: FORMAT,
            id: id(&digest),
            question: sources.question,
            as_of: sources.as_of,
            feed_position: sources.feed_position,
            policy_version: policy.map(|used| used.version),
            policy_hash: read.map(|policy| hex(&policy.hash())),
            rules_version: RULES_VERSION,
            facts_sha256: hex(&digest),
            documents: documents.len(),
            heads_sha256: hex(&heads.finalize().into()),
            cards_sha256: hex(&cards.finalize().into()),
        }
    }
}

impl Sources {
    /// The facts as they are kept: the same facts are the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to memory does not fail, and every part has a CBOR form.
        let written = ciborium::into_writer(self, &mut bytes);
        debug_assert!(written.is_ok());
        bytes
    }
}

/// SHA-256.
pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Under which a report with these facts is kept.
pub(super) fn id(digest: &[u8; 32]) -> RecordId {
    RecordId::from_bytes(*digest.first_chunk::<16>().unwrap_or(&[0; 16]))
}

pub(super) fn hex(digest: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(digest)
}
