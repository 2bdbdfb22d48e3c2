use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::docs::code::codes;
use crate::id::{OrgId, ProductId};
use crate::money::Money;
use crate::time::Date;

/// A product of the catalogue: what deals and visits name in their lines.
///
/// Lines name a product by code or name, as the rep wrote it, so that a deal
/// made before the catalogue arrived is whole; [`ProductRecord::answers_to`]
/// finds the product they mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRecord {
    /// The product.
    pub id: ProductId,
    /// The code the org knows it by; one product for each code.
    pub code: String,
    /// The name to show.
    pub name: String,
    /// The product line it belongs to.
    pub line: Option<String>,
    /// The price before any discount.
    pub list_price: Option<Money>,
    /// Its place in the product mix (S3 30/50/20).
    pub class: Option<ProductClass>,
    /// How much of its price is margin (S3 high-margin share).
    pub margin: Option<MarginClass>,
    /// On sale since (S4 new-product share).
    pub launched_on: Option<Date>,
    /// Whether it is still sold.
    pub active: bool,
}

impl ProductRecord {
    /// The id of the product with `code`: derived, so that nothing has to be
    /// looked up to change it and two imports of one catalogue make one catalogue.
    pub fn id_of(org: OrgId, code: &str) -> ProductId {
        let mut hash = Sha256::new();
        hash.update(b"fieldsync product 1");
        hash.update(org.as_bytes());
        hash.update(code.as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        ProductId::from_bytes(*digest.first_chunk::<16>().unwrap_or(&[0; 16]))
    }

    /// Whether a line that says `text` means this product: its code or its name,
    /// whatever the capitals.
    pub fn answers_to(&self, text: &str) -> bool {
        let text = text.trim().to_lowercase();
        text == self.code.to_lowercase() || text == self.name.to_lowercase()
    }
}

codes! {
    /// Place in the product mix (S3).
    ProductClass {
        /// High end.
        HighEnd = "high_end",
        /// Middle.
        Middle = "middle",
        /// Basic.
        Basic = "basic",
    }
}

codes! {
    /// How much of a product's price is margin (S3).
    MarginClass {
        /// High.
        High = "high",
        /// Ordinary.
        Normal = "normal",
        /// Low.
        Low = "low",
    }
}
