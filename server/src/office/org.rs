//! Making an org.

use client_core::id::{OrgId, RecordId, UnitId};
use client_core::money::{Currency, ParseCurrencyError};
use client_core::period::Period;
use client_core::records::{Confirms, OrgRecord, PolicyRecord, Record, UnitKind, UnitRecord};
use client_core::rules::policy::{PRESETS, preset_text};

use super::{CalendarError, Office, TextError, calendar, fresh, text};
use crate::app::App;
use crate::edge::random_bytes;
use crate::storage::model::{NewOrg, OrgRow};
use crate::storage::{Records, StorageError};

/// Languages that screens exist in.
const LOCALES: [&str; 3] = ["zh-CN", "zh-TW", "en"];

/// The first policy of an org. The other presets and changes come as versions.
const FIRST_POLICY: &str = PRESETS[0];

/// What makes an org.
#[derive(Debug, Clone)]
pub struct CreateOrg {
    /// Its name.
    pub name: String,
    /// Its IANA zone.
    pub time_zone: String,
    /// The currency of targets and totals.
    pub currency: String,
    /// First month of the fiscal year.
    pub fiscal_start_month: u8,
    /// Language of screens where the user has none.
    pub locale: String,
}

impl Default for CreateOrg {
    fn default() -> Self {
        Self {
            name: "fieldsync".to_owned(),
            time_zone: "Asia/Shanghai".to_owned(),
            currency: "CNY".to_owned(),
            fiscal_start_month: 1,
            locale: "zh-CN".to_owned(),
        }
    }
}

/// An org that was made.
#[derive(Debug, Clone)]
pub struct CreatedOrg {
    /// The org.
    pub id: OrgId,
    /// The unit at the top of the tree: where somebody without a unit belongs.
    pub root: UnitId,
}

/// Why an org was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateOrgError {
    /// Its name cannot be taken.
    #[error(transparent)]
    Name(#[from] TextError),
    /// Its zone does not exist.
    #[error(transparent)]
    Zone(#[from] CalendarError),
    /// Its currency does not exist.
    #[error(transparent)]
    Currency(#[from] ParseCurrencyError),
    /// No such month.
    #[error("the fiscal year starts in month {month}: expected 1 to 12")]
    FiscalStart {
        /// What was given.
        month: u8,
    },
    /// No screens in this language.
    #[error("there are no screens in {locale:?}: expected one of {}", LOCALES.join(", "))]
    Locale {
        /// What was given.
        locale: String,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Office {
    /// Makes an org with its calendar, its first policy and a unit at the top.
    pub async fn create_org(app: &App, wanted: CreateOrg) -> Result<CreatedOrg, CreateOrgError> {
        let name = text::name("name of the org", &wanted.name)?;
        let currency: Currency = wanted.currency.parse()?;
        if !(1..=12).contains(&wanted.fiscal_start_month) {
            return Err(CreateOrgError::FiscalStart { month: wanted.fiscal_start_month });
        }
        if !LOCALES.contains(&wanted.locale.as_str()) {
            return Err(CreateOrgError::Locale { locale: wanted.locale });
        }
        let calendar = calendar(fresh(app, RecordId::new), &wanted.time_zone)?;
        let now = app.clock().now();
        let policy = PolicyRecord {
            id: fresh(app, RecordId::new),
            version: 1,
            effective_from: Period::year_of(calendar.zone.date(now)).previous().first_day(),
            toml: preset_text(FIRST_POLICY).unwrap_or_default().to_owned(),
        };
        let root = UnitRecord {
            id: fresh(app, UnitId::new),
            name: name.clone(),
            kind: UnitKind::Team,
            parent: None,
        };
        let created = CreatedOrg { id: fresh(app, OrgId::new), root: root.id };
        let settings = OrgRecord {
            id: created.id,
            name,
            time_zone: calendar.zone.name.clone(),
            currency,
            fiscal_start_month: wanted.fiscal_start_month,
            locale: wanted.locale,
            confirms: Confirms::default(),
        };
        let records = vec![
            Record::Org(settings),
            Record::Calendar(calendar),
            Record::Policy(policy),
            Record::Unit(root),
        ];
        let row = OrgRow {
            id: created.id,
            epoch: random_bytes(app.random()),
            secret: random_bytes(app.random()),
        };
        app.storage().create_org(NewOrg { row, records }, now).await?;
        Ok(created)
    }
}
