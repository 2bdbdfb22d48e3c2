//! The catalogue, for filters: which product lines there are, and what belongs to each.

use client_core::records::{ProductRecord, Record, RecordKind};

use super::base::{self, Base};
use crate::storage::lists::Sold;
use crate::storage::{AnyStorage, Records, StorageError};

/// Every product of the org.
pub async fn products(
    storage: &AnyStorage,
    base: &Base,
) -> Result<Vec<ProductRecord>, StorageError> {
    let rows = storage.records(base.org.id, RecordKind::Product).await?;
    base::decode(rows, |record| match record {
        Record::Product(product) => Some(product),
        _ => None,
    })
}

/// The names of the product lines (S3 产品线), in order.
pub fn lines(products: &[ProductRecord]) -> Vec<String> {
    let mut lines: Vec<String> = products.iter().filter_map(|one| one.line.clone()).collect();
    lines.retain(|line| !line.trim().is_empty());
    lines.sort();
    lines.dedup();
    lines
}

/// What storage is asked for deals with products of `line`, from `source`.
pub async fn sold(
    storage: &AnyStorage,
    base: &Base,
    line: Option<&str>,
    source: Option<&str>,
) -> Result<Sold, StorageError> {
    let source = source.map(str::to_owned);
    let Some(line) = line else { return Ok(Sold { products: None, source }) };
    let products = products(storage, base).await?;
    let own = products.into_iter().filter(|one| one.line.as_deref() == Some(line));
    // A deal names a product by its code or by its name.
    let texts = own.flat_map(|one| [one.code, one.name]);
    Ok(Sold { products: Some(texts.collect()), source })
}
