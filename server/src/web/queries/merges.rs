//! Customers that are one, and those that may be.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{DocId, UserId};
use client_core::names::{FoldedName, Likeness, pairs};
use client_core::time::Timestamp;

use super::base::Base;
use crate::office::Office;
use crate::storage::lists::CustomerRow;
use crate::storage::model::CustomerPair;
use crate::storage::{AnyStorage, Lists, Lookalikes, StorageError};

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
    /// Pairs that are not the same, the newest first.
    pub apart: Vec<Apart>,
}

/// Two customers of which somebody said that they are not the same.
#[derive(Debug, Clone)]
pub struct Apart {
    /// One.
    pub one: Named,
    /// The other.
    pub other: Named,
    /// Who said so; none for the command line.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
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
    let mut apart = storage.not_same(org).await?;
    apart.retain(|pair| pair.undone_at.is_none());
    let two: BTreeSet<CustomerPair> = apart.iter().map(|pair| pair.pair).collect();
    let names = storage.customer_names(org).await?;
    let found = tokio::task::spawn_blocking(move || suspected(&names, &two))
        .await
        .map_err(|error| StorageError::Unavailable { reason: error.to_string() })?;
    let offered = found.iter().take(OFFERED);
    let pairs = apart.iter().map(|pair| pair.pair);
    let docs: BTreeSet<DocId> = records
        .iter()
        .map(|alias| (alias.from, alias.into))
        .chain(pairs.map(|pair| (pair.one(), pair.other())))
        .chain(offered.clone().map(|(pair, _alike)| (pair.one(), pair.other())))
        .flat_map(|(one, other)| [one, other])
        .collect();
    let rows = storage.customer_rows(org, docs.into_iter().collect()).await?;
    let rows: BTreeMap<DocId, &CustomerRow> = rows.iter().map(|row| (row.doc, row)).collect();
    let of = |doc: DocId| match rows.get(&doc) {
        Some(row) => named(base, row),
        None => Named { doc, name: None, owner: None },
    };
    let suspects = offered.map(|(pair, alike)| Suspect {
        one: of(pair.one()),
        other: of(pair.other()),
        alike: alike.basis_points(),
    });
    let by = |by: Option<UserId>| by.map(|by| base.user_name(by));
    let merges = records.iter().map(|alias| Merge {
        from: of(alias.from),
        into: of(alias.into),
        by: by(alias.by),
        at: alias.at,
        undone_at: alias.undone_at,
    });
    let apart = apart.iter().map(|pair| Apart {
        one: of(pair.pair.one()),
        other: of(pair.pair.other()),
        by: by(pair.by),
        at: pair.at,
    });
    Ok(MergesData {
        suspects: suspects.collect(),
        merges: merges.collect(),
        all: found.len(),
        apart: apart.collect(),
    })
}

/// Customers that may be one, the likest first, without those that are known to be two.
fn suspected(
    names: &[(DocId, String)],
    two: &BTreeSet<CustomerPair>,
) -> Vec<(CustomerPair, Likeness)> {
    let folded: Vec<FoldedName> = names.iter().map(|(_doc, name)| FoldedName::of(name)).collect();
    let doc = |at: usize| names.get(at).map(|(doc, _name)| *doc);
    let found = pairs(&folded)
        .into_iter()
        .filter_map(|(one, other, alike)| Some((CustomerPair::of(doc(one)?, doc(other)?)?, alike)));
    found.filter(|(pair, _alike)| !two.contains(pair)).collect()
}

fn named(base: &Base, row: &CustomerRow) -> Named {
    Named {
        doc: row.doc,
        name: row.name.clone(),
        owner: row.owner.map(|owner| base.user_name(owner)),
    }
}
