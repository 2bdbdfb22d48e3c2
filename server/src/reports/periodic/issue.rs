//! Issuing a report, and proving later what it said.
//!
//! "The number was another one last week" ends every discussion of figures, unless last
//! week's number can be shown with what it was made of. So an issued report keeps its facts.
//! [`verify`] computes it again from them and compares bytes; [`restated`] computes the same
//! question from what is known now and says what arrived since and which figures moved.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::Heads;
use client_core::id::{DocId, OrgId, RecordId, UserId};
use client_core::rules::RULES_VERSION;
use client_core::time::Timestamp;
use serde::Serialize;

use super::gather;
use super::model::{Cell, Section};
use super::report::{Report, digest, hex, id};
use super::sources::{Question, Sources};
use crate::storage::model::{IssuedBody, IssuedReport, Seq};
use crate::storage::{AnyStorage, Boards, Issued, StorageError};
use crate::web::queries::base::Base;

/// How hard facts are packed: they are written once and hardly ever read.
const LEVEL: i32 = 9;

/// Keeps a report as it is told, with its facts. Returns what it is kept under.
pub async fn issue(
    storage: &AnyStorage,
    org: OrgId,
    sources: &Sources,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<RecordId, StorageError> {
    let report = Report::of(sources);
    let (facts, json) = (sources.to_bytes(), report.to_json());
    let facts_digest = digest(&facts);
    let row = IssuedReport {
        id: id(&facts_digest),
        kind: sources.question.kind.as_str().to_owned(),
        period: sources.question.period.to_string(),
        unit: sources.question.unit,
        as_of: sources.as_of,
        feed_position: Seq::from_wire(sources.feed_position),
        rules_version: RULES_VERSION,
        policy_version: report.receipt.policy_version,
        issued_at: now,
        issued_by: by,
        facts_digest,
        report_digest: digest(&json),
    };
    let names = sources.names().into_iter().collect();
    let packed = tokio::task::spawn_blocking(move || {
        Ok::<_, std::io::Error>(IssuedBody { facts: pack(&facts)?, report: pack(&json)? })
    });
    let body = packed.await.map_err(|error| unavailable(&error))?;
    let body = body.map_err(|error| unavailable(&error))?;
    let kept = row.id;
    storage.issue(org, row, body, names).await?;
    Ok(kept)
}

fn unavailable(error: &impl ToString) -> StorageError {
    StorageError::Unavailable { reason: error.to_string() }
}

fn pack(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::encode_all(bytes, LEVEL)
}

fn unpack(what: &'static str, bytes: &[u8]) -> Result<Vec<u8>, StorageError> {
    zstd::decode_all(bytes)
        .map_err(|error| StorageError::Corrupt { what, reason: error.to_string() })
}

/// An issued report.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// What is known of it for good.
    pub row: IssuedReport,
    /// What it says and was computed from; none once something that it names was erased.
    pub told: Option<Told>,
}

/// What an issued report says and was computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The facts.
    pub sources: Sources,
    /// SHA-256 of the facts as they are stored.
    pub facts_digest: [u8; 32],
    /// The JSON as it was issued.
    pub json: Vec<u8>,
}

/// An issued report.
pub async fn kept(
    storage: &AnyStorage,
    org: OrgId,
    id: RecordId,
) -> Result<Option<Kept>, StorageError> {
    let Some((row, body)) = storage.issued(org, id).await? else { return Ok(None) };
    let Some(body) = body else { return Ok(Some(Kept { row, told: None })) };
    let read = tokio::task::spawn_blocking(move || {
        let facts = unpack("issued report", &body.facts)?;
        let json = unpack("issued report", &body.report)?;
        let sources: Sources =
            ciborium::from_reader(facts.as_slice()).map_err(|error: ciborium::de::Error<_>| {
                StorageError::Corrupt { what: "issued report", reason: error.to_string() }
            })?;
        Ok::<_, StorageError>(Told { facts_digest: digest(&facts), sources, json })
    });
    let told = read.await.map_err(|error| unavailable(&error))??;
    Ok(Some(Kept { row, told: Some(told) }))
}

/// What comes of computing an issued report again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verified {
    /// The same bytes.
    Same,
    /// Other bytes by the same rules: the file, or what is stored, is not what was issued.
    Different,
    /// This program's rules are not those it was issued by, so nothing follows from a
    /// difference. The stored bytes are those that were issued.
    OtherRules {
        /// Version of the rules it was issued by.
        issued_by: u32,
        /// Version of this program's.
        here: u32,
    },
    /// Something that it names was erased, and its facts with it. The digest of the bytes
    /// is still known.
    Erased {
        /// Whether the bytes in question have that digest; none if there were none.
        same_digest: Option<bool>,
    },
}

/// Computes an issued report again from its facts and compares it with what was issued, and
/// with `file` if there is one.
pub fn verify(kept: &Kept, file: Option<&[u8]>) -> Verified {
    let Some(told) = &kept.told else {
        let same = file.map(|file| digest(file) == kept.row.report_digest);
        return Verified::Erased { same_digest: same };
    };
    let as_issued = digest(&told.json) == kept.row.report_digest
        && told.facts_digest == kept.row.facts_digest
        && file.is_none_or(|file| file == told.json);
    if !as_issued {
        return Verified::Different;
    }
    if Report::of(&told.sources).to_json() == told.json {
        return Verified::Same;
    }
    match kept.row.rules_version {
        RULES_VERSION => Verified::Different,
        issued_by => Verified::OtherRules { issued_by, here: RULES_VERSION },
    }
}

/// The receipt as a file of its own, with every document and card that the facts rest on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReceiptFile {
    /// What it can be computed from again.
    pub receipt: super::report::Receipt,
    /// When it was issued, in milliseconds of the server's clock.
    pub issued_at: Timestamp,
    /// SHA-256 of the report's JSON.
    pub report_sha256: String,
    /// Heads of each document that is quoted, by its id.
    pub documents: BTreeMap<DocId, Heads>,
    /// Digests of each card: month, rep, facts, outcome.
    pub cards: Vec<(String, UserId, String, String)>,
}

impl ReceiptFile {
    /// The receipt of an issued report.
    pub fn of(kept: &Kept) -> Option<Self> {
        let told = kept.told.as_ref()?;
        let cards = told.sources.cards.iter().map(|card| {
            let (facts, outcome) = (hex(&card.inputs_digest), hex(&card.outcome_digest));
            (card.period.to_string(), card.rep, facts, outcome)
        });
        Some(Self {
            receipt: Report::of(&told.sources).receipt,
            issued_at: kept.row.issued_at,
            report_sha256: hex(&kept.row.report_digest),
            documents: told.sources.documents(),
            cards: cards.collect(),
        })
    }
}

/// What a person holds in hand: a report's JSON, or its receipt. Both name the report.
pub fn id_in(file: &[u8]) -> Option<RecordId> {
    let json: serde_json::Value = serde_json::from_slice(file).ok()?;
    json.get("receipt")?.get("id")?.as_str()?.parse().ok()
}

/// Whether a file is a report, and not the receipt of one.
pub fn is_report(file: &[u8]) -> bool {
    let json: Option<serde_json::Value> = serde_json::from_slice(file).ok();
    json.is_some_and(|json| json.get("sections").is_some())
}

/// How an issued report would read now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Restated {
    /// Since when.
    pub issued_at: Timestamp,
    /// Figures that moved, in the order of the report.
    pub moved: Vec<MovedFigure>,
    /// Documents that came or changed since, by the time they arrived.
    pub arrived: Vec<Arrived>,
}

/// A figure that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MovedFigure {
    /// The section's code.
    pub section: &'static str,
    /// The figure's code, or the table's column.
    pub figure: &'static str,
    /// What the row is about, in a table.
    pub row: Option<Cell>,
    /// What was told.
    pub before: Cell,
    /// What is known now.
    pub now: Cell,
}

/// A document that the report rests on and that is not as it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Arrived {
    /// The document.
    pub doc: DocId,
    /// What it is.
    pub kind: client_core::docs::DocKind,
    /// Whether the report did not know it at all.
    pub new: bool,
    /// When it was received first.
    pub received_at: Timestamp,
    /// When it changed last.
    pub changed_at: Timestamp,
}

/// The same question asked again: what arrived since, and what moved by it.
pub async fn restated(
    storage: &AnyStorage,
    base: &Base,
    kept: &Kept,
    now: Timestamp,
) -> Result<Option<(Restated, Report)>, StorageError> {
    let Some(told) = &kept.told else { return Ok(None) };
    let question: Question = told.sources.question;
    let fresh = gather(storage, base, question, now).await?;
    let (then, today) = (told.sources.documents(), fresh.documents());
    let changed: BTreeSet<DocId> = today
        .iter()
        .filter(|(doc, heads)| then.get(*doc) != Some(*heads))
        .map(|(doc, _heads)| *doc)
        .chain(then.keys().filter(|doc| !today.contains_key(*doc)).copied())
        .collect();
    let rows = storage.rows(base.org.id, changed.into_iter().collect()).await?;
    let mut arrived: Vec<Arrived> = rows
        .iter()
        .map(|row| Arrived {
            doc: row.header.doc,
            kind: row.header.kind,
            new: !then.contains_key(&row.header.doc),
            received_at: row.received_at,
            changed_at: row.changed_at,
        })
        .collect();
    arrived.sort_by_key(|one| (one.changed_at, one.doc));
    let (before, after) = (Report::of(&told.sources), Report::of(&fresh));
    let moved = moved(&before.sections, &after.sections);
    Ok(Some((Restated { issued_at: kept.row.issued_at, moved, arrived }, after)))
}

/// Figure by figure and cell by cell: rows are the same where their first cell is.
fn moved(before: &[Section], after: &[Section]) -> Vec<MovedFigure> {
    let mut moved = Vec::new();
    for (was, is) in before.iter().zip(after) {
        let section = was.code;
        for figure in &is.figures {
            let old = was
                .figures
                .iter()
                .find(|old| same(old.code, &old.value, figure.code, &figure.value));
            let old = old.map_or(Cell::Empty, |old| old.value.clone());
            if old != figure.value {
                let (row, now) = (None, figure.value.clone());
                moved.push(MovedFigure { section, figure: figure.code, row, before: old, now });
            }
        }
        for (old, new) in was.tables.iter().zip(&is.tables) {
            moved.extend(moved_rows(section, old, new));
        }
    }
    moved
}

/// Two currencies are two figures of one code.
fn same(code: &str, value: &Cell, other_code: &str, other: &Cell) -> bool {
    let currency = |cell: &Cell| match cell {
        Cell::Money(money) => Some(money.currency),
        _ => None,
    };
    code == other_code && currency(value) == currency(other)
}

fn moved_rows(
    section: &'static str,
    old: &super::model::Table,
    new: &super::model::Table,
) -> Vec<MovedFigure> {
    let is_figure = |cell: &Cell| {
        matches!(
            cell,
            Cell::Count(_)
                | Cell::Money(_)
                | Cell::Share { .. }
                | Cell::Points { .. }
                | Cell::Empty
        )
    };
    let mut moved = Vec::new();
    for row in &new.rows {
        let Some(first) = row.first().filter(|first| **first != Cell::Empty) else { continue };
        let twins =
            |rows: &[Vec<Cell>]| rows.iter().filter(|row| row.first() == Some(first)).count();
        // A list of things to do has many rows of one day: nothing tells them apart.
        if twins(&new.rows) > 1 || twins(&old.rows) > 1 {
            continue;
        }
        let known = old.rows.iter().find(|old| old.first() == Some(first));
        for (place, (column, now)) in new.columns.iter().zip(row).enumerate().skip(1) {
            let before = known.and_then(|known| known.get(place)).cloned().unwrap_or(Cell::Empty);
            if before != *now && is_figure(&before) && is_figure(now) {
                let (row, now) = (Some(first.clone()), now.clone());
                moved.push(MovedFigure { section, figure: column, row, before, now });
            }
        }
    }
    moved
}
