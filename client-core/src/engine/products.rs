use super::ReadError;
use super::client::Client;
use crate::records::{ProductRecord, Record, RecordKind};
use crate::store;

impl Client {
    /// The products on sale, as far as they have arrived, by line and name; those
    /// of no line come last. What is no longer sold is left out: it stays among
    /// [`Client::records`], because old deals name it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn products(&self) -> Result<Vec<ProductRecord>, ReadError> {
        let records =
            self.inner.read(|conn, _who| store::record::all(conn, RecordKind::Product))?;
        let on_sale = records.into_iter().filter_map(|record| match record {
            Record::Product(product) => Some(product).filter(|product| product.active),
            _ => None,
        });
        let mut products: Vec<ProductRecord> = on_sale.collect();
        products.sort_by(|a, b| {
            let key = |product: &ProductRecord| (product.line.is_none(), product.line.clone());
            key(a).cmp(&key(b)).then_with(|| (&a.name, &a.code).cmp(&(&b.name, &b.code)))
        });
        Ok(products)
    }
}
