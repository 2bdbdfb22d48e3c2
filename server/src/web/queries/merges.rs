//! Customers that are one, and those that may be.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{DocId, UserId};
use client_core::names::{FoldedName, pairs};
use client_core::records::AliasRecord;
use client_core::time::Timestamp;

use super::base::Base;
use crate::office::Office;
use crate::storage::lists::{CustomerFilter, CustomerRow, Window};
use crate::storage::{AnyStorage, Lists, StorageError};

/// Customers whose names are compared with each other.
const COMPARED: u32 = 10_000;
/// Pairs that one page offers.
const OFFERED: usize = 100;

/// Merges and suspicions.
#[derive(Debug, Clone)]
pub struct MergesData {
    /// Merges, the newest first, those taken back too.
    pub merges: Vec<Merge>,
    /// Customers that may be one, the likest first.
    pub suspects: Vec<Suspect>,
    /// How many pairs there are.
    pub all: usize,
}

/// Two customers that are or were one.
#[derive(Debug, Clone)]
pub struct Merge {
    /// The one that is listed no more.
    pub from: Named,
    /// What it is.
    pub into: Named,
    /// Who decided it; none for the command line.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
    /// When it was taken back.
    pub undone_at: Option<Timestamp>,
}

/// A customer by name.
#[derive(Debug, Clone)]
pub struct Named {
    /// Which.
    pub doc: DocId,
    /// Its name.
    pub name: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
}

/// Two customers that may be one.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// One.
    pub one: Named,
    /// The other.
    pub other: Named,
    /// How alike their names are, in basis points.
    pub alike: u16,
}

/// What was merged, and what may have to be.
pub async fn read(
    storage: &AnyStorage,
    office: &Office,
    base: &Base,
) -> Result<MergesData, StorageError> {
    let org = base.org.id;
    let mut records = office.alias_records().await?;
    records
        .sort_by_key(|alias| std::cmp::Reverse((alias.undone_at.unwrap_or(alias.at), alias.from)));
    let filter = CustomerFilter::default();
    let window = Window { limit: COMPARED, offset: 0 };
    let mut rows =
        storage.customer_rows(org, storage.find_customers(org, filter, window).await?.docs).await?;
    let here: BTreeSet<DocId> = rows.iter().map(|row| row.doc).collect();
    let (found, found_rows) = tokio::task::spawn_blocking(move || {
        let names: Vec<FoldedName> = rows
            .iter()
            .map(|row| FoldedName::of(row.name.as_deref().unwrap_or_default()))
            .collect();
        (pairs(&names), std::mem::take(&mut rows))
    })
    .await
    .map_err(|error| StorageError::Unavailable { reason: error.to_string() })?;
    let suspects = found.iter().take(OFFERED).filter_map(|(one, other, alike)| {
        Some(Suspect {
            one: named(base, found_rows.get(*one)?),
            other: named(base, found_rows.get(*other)?),
            alike: alike.basis_points(),
        })
    });
    let suspects: Vec<Suspect> = suspects.collect();
    let apart: Vec<DocId> = records
        .iter()
        .flat_map(|alias| [alias.from, alias.into])
        .filter(|doc| !here.contains(doc))
        .collect();
    let apart = storage.customer_rows(org, apart).await?;
    let by_doc: BTreeMap<DocId, &CustomerRow> =
        found_rows.iter().chain(&apart).map(|row| (row.doc, row)).collect();
    let merges = records.iter().map(|alias| merge(base, &by_doc, alias)).collect();
    Ok(MergesData { merges, suspects, all: found.len() })
}

fn merge(base: &Base, rows: &BTreeMap<DocId, &CustomerRow>, alias: &AliasRecord) -> Merge {
    let of = |doc: DocId| match rows.get(&doc) {
        Some(row) => named(base, row),
        None => Named { doc, name: None, owner: None },
    };
    Merge {
        from: of(alias.from),
        into: of(alias.into),
        by: alias.by.map(|by: UserId| base.user_name(by)),
        at: alias.at,
        undone_at: alias.undone_at,
    }
}

fn named(base: &Base, row: &CustomerRow) -> Named {
    Named {
        doc: row.doc,
        name: row.name.clone(),
        owner: row.owner.map(|owner| base.user_name(owner)),
    }
}
