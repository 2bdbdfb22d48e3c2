//! The catalogue of products.

use std::collections::BTreeMap;

use client_core::id::{OrgId, ProductId};
use client_core::money::Money;
use client_core::records::{MarginClass, ProductClass, ProductRecord, Record, RecordKind};
use client_core::time::Date;

use super::{Office, TextError, text};
use crate::storage::{Records, StorageError};

/// A product as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetProduct {
    /// Its code: the same code names the same product.
    pub code: String,
    /// The name to show; the code if empty.
    pub name: String,
    /// Its product line.
    pub line: Option<String>,
    /// The price before any discount.
    pub list_price: Option<Money>,
    /// Its place in the product mix.
    pub class: Option<ProductClass>,
    /// How much of its price is margin.
    pub margin: Option<MarginClass>,
    /// On sale since.
    pub launched_on: Option<Date>,
    /// Whether it is still sold.
    pub active: bool,
}

impl SetProduct {
    /// A product on sale of which nothing but the code is known.
    pub fn named(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            name: String::new(),
            line: None,
            list_price: None,
            class: None,
            margin: None,
            launched_on: None,
            active: true,
        }
    }
}

/// Why a product was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetProductError {
    /// A text of it cannot be taken.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A price below nothing.
    #[error("the list price {price} is below 0")]
    NegativePrice {
        /// What was given.
        price: Money,
    },
    /// A class that no mix knows.
    #[error(
        "{class} is not a class of products: expected one of {}",
        ProductClass::KNOWN.iter().map(ProductClass::as_str).collect::<Vec<_>>().join(", ")
    )]
    UnknownClass {
        /// What was given.
        class: ProductClass,
    },
    /// A margin that no rule knows.
    #[error(
        "{margin} is not a margin class: expected one of {}",
        MarginClass::KNOWN.iter().map(MarginClass::as_str).collect::<Vec<_>>().join(", ")
    )]
    UnknownMargin {
        /// What was given.
        margin: MarginClass,
    },
    /// Two products that a line could mean alike.
    #[error(
        "the product {other:?} has that code or name already, but for capitals: a deal that says \
         {text:?} would mean either"
    )]
    Ambiguous {
        /// The code or name.
        text: String,
        /// The code of the product that has it.
        other: String,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Office {
    /// Makes a product, or changes the one with that code to be as given. Setting
    /// the same again changes nothing, and nothing travels to the phones.
    pub async fn set_product(&self, wanted: SetProduct) -> Result<ProductRecord, SetProductError> {
        let mut set = self.set_products(vec![wanted]).await?;
        set.pop().unwrap_or(Err(StorageError::Missing { what: "the product" }.into()))
    }

    /// The same for a catalogue: reads the one that is there once and writes what
    /// can be taken in one transaction. One answer for each, in their order.
    pub async fn set_products(
        &self,
        wanted: Vec<SetProduct>,
    ) -> Result<Vec<Result<ProductRecord, SetProductError>>, StorageError> {
        let mut catalogue = Catalogue::of(&self.products().await?);
        let set: Vec<_> =
            wanted.into_iter().map(|wanted| catalogue.take(self.org, wanted)).collect();
        let good = set.iter().flatten().cloned().map(Record::Product).collect();
        self.app.storage().write_records(self.org, good, self.now()).await?;
        Ok(set)
    }

    /// Every product, those no longer sold included, by code.
    pub async fn products(&self) -> Result<Vec<ProductRecord>, StorageError> {
        let mut products = self
            .all(RecordKind::Product, |record| match record {
                Record::Product(product) => Some(product),
                _ => None,
            })
            .await?;
        products.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(products)
    }
}

/// The product that is wanted, if its texts and figures can be taken.
fn checked(org: OrgId, wanted: SetProduct) -> Result<ProductRecord, SetProductError> {
    let code = text::name("code of the product", &wanted.code)?;
    let name = match wanted.name.trim() {
        "" => code.clone(),
        name => text::name("name of the product", name)?,
    };
    let line = wanted.line.as_deref().map(str::trim).filter(|line| !line.is_empty());
    let line = line.map(|line| text::name("line of the product", line)).transpose()?;
    if let Some(price) = wanted.list_price.filter(|price| price.minor < 0) {
        return Err(SetProductError::NegativePrice { price });
    }
    if let Some(class @ ProductClass::Unknown(_)) = wanted.class {
        return Err(SetProductError::UnknownClass { class });
    }
    if let Some(margin @ MarginClass::Unknown(_)) = wanted.margin {
        return Err(SetProductError::UnknownMargin { margin });
    }
    Ok(ProductRecord {
        id: ProductRecord::id_of(org, &code),
        code,
        name,
        line,
        list_price: wanted.list_price,
        class: wanted.class,
        margin: wanted.margin,
        launched_on: wanted.launched_on,
        active: wanted.active,
    })
}

/// What lines may say already, and which product they mean by it.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    by_text: BTreeMap<String, (ProductId, String)>,
    texts: BTreeMap<ProductId, [String; 2]>,
}

impl Catalogue {
    /// The catalogue with these products.
    pub(crate) fn of(products: &[ProductRecord]) -> Self {
        let mut catalogue = Self::default();
        for product in products {
            catalogue.add(product);
        }
        catalogue
    }

    /// The product as it is to be, if it can be: nothing is written.
    pub(crate) fn take(
        &mut self,
        org: OrgId,
        wanted: SetProduct,
    ) -> Result<ProductRecord, SetProductError> {
        let product = checked(org, wanted)?;
        self.check(&product)?;
        self.add(&product);
        Ok(product)
    }

    fn add(&mut self, product: &ProductRecord) {
        let texts = [product.code.to_lowercase(), product.name.to_lowercase()];
        // A product that was renamed no longer answers to its old name.
        for text in self.texts.insert(product.id, texts.clone()).into_iter().flatten() {
            self.by_text.remove(&text);
        }
        for text in texts {
            self.by_text.insert(text, (product.id, product.code.clone()));
        }
    }

    fn check(&self, product: &ProductRecord) -> Result<(), SetProductError> {
        for text in [&product.code, &product.name] {
            if let Some((id, other)) = self.by_text.get(&text.to_lowercase())
                && *id != product.id
            {
                return Err(SetProductError::Ambiguous {
                    text: text.clone(),
                    other: other.clone(),
                });
            }
        }
        Ok(())
    }
}
