use serde::{Deserialize, Serialize};

use super::Confirms;
use crate::id::OrgId;
use crate::money::Currency;

/// The org's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgRecord {
    /// The org.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// IANA zone in which business dates are read.
    pub time_zone: String,
    /// Currency of targets and totals.
    pub currency: Currency,
    /// First month of the fiscal year, 1 to 12.
    pub fiscal_start_month: u8,
    /// Language of screens where the user has none: `zh-CN`, `zh-TW`, `en`.
    pub locale: String,
    /// What its books confirm. Noted with the first record of each kind, and kept: phones
    /// hold only their own reps' records.
    #[serde(default, skip_serializing_if = "Confirms::is_nothing")]
    pub confirms: Confirms,
}
