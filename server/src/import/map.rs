//! Which column of a file is which of our fields: the mapping file.
//!
//! Every program names its columns, spells its values and writes its dates as it
//! likes. All that is said in one TOML file, so that nobody edits the export:
//!
//! ```toml
//! kind = "deals"
//! source = "crm"            # whose keys these are; one name for all files of a system
//!
//! [columns]                 # our field = "the file's column"
//! key = "opportunity_id"
//! stage = "deal_stage"
//!
//! [values.stage]            # "as the file says" = "as we say"
//! "Engaging" = "needs_confirmed"
//!
//! [defaults]                # where the cell is empty or there is no column
//! currency = "USD"
//! ```
//!
//! A field, section or column that does not exist is an error before the first row
//! is read: a mapping that is wrong in silence loses data.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use serde::Deserialize;

use super::format::{DateFormat, DateFormatError, Decimal};
use super::source::size;

/// Longest mapping file, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// Units, managers and reps.
    Team,
    /// Customers.
    Customers,
    /// Products.
    Products,
    /// Deals.
    Deals,
    /// Leads: deals that nobody has qualified yet.
    Leads,
    /// Signed contracts with their instalments.
    Contracts,
    /// Orders.
    Orders,
    /// Payments and refunds.
    Payments,
    /// Complaints, enquiries and surveys.
    Cases,
}

impl ImportKind {
    /// Every kind, in the order in which they are imported.
    pub const ALL: [Self; 9] = [
        Self::Team,
        Self::Products,
        Self::Customers,
        Self::Leads,
        Self::Deals,
        Self::Contracts,
        Self::Orders,
        Self::Payments,
        Self::Cases,
    ];

    /// The word on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Customers => "customers",
            Self::Products => "products",
            Self::Deals => "deals",
            Self::Leads => "leads",
            Self::Contracts => "contracts",
            Self::Orders => "orders",
            Self::Payments => "payments",
            Self::Cases => "cases",
        }
    }

    /// The fields that a file of this kind can have.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Team => &["key", "rep", "manager", "office", "login", "hired_on"],
            Self::Customers => &[
                "key", "name", "alias", "industry", "size", "region", "address", "phone",
                "channel", "owner", "tier", "created",
            ],
            Self::Products => &[
                "key",
                "code",
                "name",
                "line",
                "price",
                "currency",
                "class",
                "margin",
                "launched_on",
                "active",
            ],
            Self::Deals | Self::Leads => &[
                "key",
                "name",
                "owner",
                "customer",
                "product",
                "quantity",
                "stage",
                "created",
                "decided",
                "expected_close",
                "amount",
                "currency",
                "lost_reason",
                "source",
                "grade",
                "graded",
                "first_touch",
            ],
            Self::Contracts => &[
                "key",
                "number",
                "customer",
                "deal",
                "asked",
                "approved",
                "signed",
                "amount",
                "currency",
                "instalments",
                "cancelled",
            ],
            Self::Orders => &[
                "key",
                "number",
                "customer",
                "deal",
                "ordered",
                "amount",
                "currency",
                "product",
                "quantity",
                "margin",
                "paid",
                "cancelled",
            ],
            Self::Payments => &[
                "key", "number", "customer", "deal", "contract", "due", "received", "amount",
                "currency", "reverses",
            ],
            Self::Cases => &[
                "key",
                "customer",
                "deal",
                "kind",
                "subject",
                "description",
                "category",
                "channel",
                "assigned",
                "opened",
                "replied",
                "resolved",
                "cause",
                "action",
                "prevention",
                "delay_cause",
                "satisfied",
                "survey",
                "score",
                "asked",
                "comment",
            ],
        }
    }

    /// The fields without which no row can be taken, key apart.
    pub const fn required(self) -> &'static [&'static str] {
        match self {
            Self::Team => &["rep"],
            Self::Customers | Self::Products => &["name"],
            Self::Deals => &["owner", "stage"],
            Self::Leads => &["owner"],
            Self::Contracts => &["signed", "amount"],
            Self::Orders => &["ordered", "amount"],
            Self::Payments => &["received", "amount"],
            Self::Cases => &["opened"],
        }
    }

    /// The field that is the key of a row where no column is mapped to `key`.
    pub const fn natural_key(self) -> Option<&'static str> {
        match self {
            Self::Team => Some("rep"),
            Self::Customers => Some("name"),
            Self::Products => Some("code"),
            Self::Deals
            | Self::Leads
            | Self::Contracts
            | Self::Orders
            | Self::Payments
            | Self::Cases => None,
        }
    }

    /// Whether columns may go to the notes of what is made.
    const fn has_notes(self) -> bool {
        matches!(self, Self::Customers | Self::Deals | Self::Leads)
    }
}

impl fmt::Display for ImportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a mapping cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// It cannot be read.
    #[error("the mapping {path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// It is not TOML of the shape that is expected.
    #[error("the mapping is wrong: {reason}")]
    Syntax {
        /// With the line.
        reason: String,
    },
    /// It maps another kind of file.
    #[error("the mapping is for {found}, not for {wanted}")]
    WrongKind {
        /// What it says.
        found: ImportKind,
        /// What is imported.
        wanted: ImportKind,
    },
    /// It names a field that this kind does not have.
    #[error(
        "the mapping names the field {field:?} in [{section}], which {kind} do not have: possible \
         are {}",
        kind.fields().join(", ")
    )]
    UnknownField {
        /// What it says.
        field: String,
        /// Where.
        section: &'static str,
        /// What is imported.
        kind: ImportKind,
    },
    /// It names a section that this kind does not have.
    #[error("the mapping has a section [{section}], which {kind} do not have")]
    UnknownSection {
        /// The section.
        section: &'static str,
        /// What is imported.
        kind: ImportKind,
    },
    /// It names a column that the file does not have.
    #[error(
        "the mapping takes {field} from the column {column:?}, which the file does not have: its \
         columns are {}",
        listed(columns)
    )]
    NoColumn {
        /// For which field.
        field: String,
        /// The column.
        column: String,
        /// What the file has.
        columns: Vec<String>,
    },
    /// No column gives a field that is needed.
    #[error(
        "no column gives {field}, which {kind} need: name it in [columns] of a mapping (--map); \
         the file's columns are {}",
        listed(columns)
    )]
    Missing {
        /// The field.
        field: &'static str,
        /// What is imported.
        kind: ImportKind,
        /// What the file has.
        columns: Vec<String>,
    },
    /// The date format means nothing.
    #[error(transparent)]
    Date(#[from] DateFormatError),
    /// A source without a name.
    #[error("the source is empty: name the system that the files come from")]
    Source,
}

impl MapError {
    /// What to do about it.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => {
                "Name a mapping file in TOML, or one that comes with the program, such as \
                 crm-deal.map.toml."
            }
            Self::WrongKind { .. } => "Name the mapping for this kind, or import the other kind.",
            Self::NoColumn { .. } => {
                "Correct the column in the mapping, or check that this is the right CSV file."
            }
            Self::Missing { .. } => "Add the column to the mapping and run it again.",
            _ => "Correct the mapping and run it again.",
        }
    }
}

/// How many columns are named in an error.
const LISTED: usize = 30;

fn listed(columns: &[String]) -> String {
    let named = columns.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match columns.len().checked_sub(LISTED) {
        Some(more) if more > 0 => format!("{named} and {more} more"),
        _ => named,
    }
}

/// One column, or several whose cells make one value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Columns {
    One(String),
    Many(Vec<String>),
}

impl Columns {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MapFile {
    kind: Option<ImportKind>,
    source: Option<String>,
    columns: BTreeMap<String, Columns>,
    defaults: BTreeMap<String, String>,
    values: BTreeMap<String, BTreeMap<String, String>>,
    notes: BTreeMap<String, String>,
    format: FormatFile,
    deals: Option<DealRules>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FormatFile {
    date: Option<String>,
    decimal: Decimal,
}

/// What is said about deals besides their columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DealRules {
    /// The name of the customer under which a rep's deals without one are filed;
    /// `{owner}` is the rep. In the org's language if absent.
    pub placeholder: Option<String>,
    /// The stage that a deal entered on the day in `created`; the first of the
    /// pipeline if absent.
    pub created_stage: Option<String>,
}

/// A mapping, checked for its kind.
#[derive(Debug, Clone)]
pub struct Map {
    /// What it maps.
    pub kind: ImportKind,
    /// Whose keys these are.
    pub source: String,
    /// How dates are written.
    pub date: DateFormat,
    /// How decimals are written.
    pub decimal: Decimal,
    /// What is said about deals.
    pub deals: DealRules,
    columns: BTreeMap<String, Vec<String>>,
    defaults: BTreeMap<String, String>,
    /// By field, then by the folded value of the file.
    values: BTreeMap<String, BTreeMap<String, String>>,
    /// Label and column.
    notes: Vec<(String, String)>,
    /// Nobody wrote it: columns are found by our own names.
    own: bool,
}

impl Map {
    /// The mapping of files that have our own column names.
    pub fn own(kind: ImportKind) -> Self {
        Self {
            kind,
            source: "csv".to_owned(),
            date: DateFormat::default(),
            decimal: Decimal::default(),
            deals: DealRules::default(),
            columns: BTreeMap::new(),
            defaults: BTreeMap::new(),
            values: BTreeMap::new(),
            notes: Vec::new(),
            own: true,
        }
    }

    /// Reads a mapping file.
    pub fn read(kind: ImportKind, path: &Path) -> Result<Self, MapError> {
        let unreadable =
            |reason: String| MapError::Unreadable { path: path.display().to_string(), reason };
        let because = |error: io::Error| {
            unreadable(match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory => {
                    "there is no such file".to_owned()
                }
                ErrorKind::InvalidData => "it is not a text in UTF-8".to_owned(),
                _ => error.to_string(),
            })
        };
        // Before it is opened: a pipe that nobody writes to would block for ever.
        let metadata = std::fs::metadata(path).map_err(because)?;
        if !metadata.is_file() {
            return Err(unreadable("it is not a file".to_owned()));
        }
        if metadata.len() > MAX_BYTES {
            let (bytes, limit) = (size(metadata.len()), size(MAX_BYTES));
            return Err(unreadable(format!("it has {bytes}, the limit is {limit}")));
        }
        let mut text = String::new();
        let file = File::open(path).map_err(because)?;
        file.take(MAX_BYTES).read_to_string(&mut text).map_err(because)?;
        Self::parse(kind, &text)
    }

    /// Reads the text of a mapping file.
    pub fn parse(kind: ImportKind, text: &str) -> Result<Self, MapError> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let file: MapFile = toml::from_str(text)
            .map_err(|error| MapError::Syntax { reason: error.to_string().trim().to_owned() })?;
        if let Some(found) = file.kind.filter(|found| *found != kind) {
            return Err(MapError::WrongKind { found, wanted: kind });
        }
        let known = |section, fields: Vec<&String>| match fields
            .into_iter()
            .find(|field| !kind.fields().contains(&field.as_str()))
        {
            Some(field) => Err(MapError::UnknownField { field: field.clone(), section, kind }),
            None => Ok(()),
        };
        known("columns", file.columns.keys().collect())?;
        known("defaults", file.defaults.keys().collect())?;
        known("values", file.values.keys().collect())?;
        if !file.notes.is_empty() && !kind.has_notes() {
            return Err(MapError::UnknownSection { section: "notes", kind });
        }
        if file.deals.is_some() && !matches!(kind, ImportKind::Deals | ImportKind::Leads) {
            return Err(MapError::UnknownSection { section: "deals", kind });
        }
        let source = file.source.unwrap_or_else(|| "csv".to_owned()).trim().to_owned();
        if source.is_empty() {
            return Err(MapError::Source);
        }
        let folded = |values: BTreeMap<String, String>| {
            values.into_iter().map(|(from, to)| (fold(&from), to)).collect()
        };
        let columns = file.columns.into_iter().map(|(field, columns)| (field, columns.into_vec()));
        Ok(Self {
            kind,
            source,
            date: file
                .format
                .date
                .as_deref()
                .map_or_else(|| Ok(DateFormat::default()), DateFormat::parse)?,
            decimal: file.format.decimal,
            deals: file.deals.unwrap_or_default(),
            columns: columns.collect(),
            defaults: file.defaults,
            values: file.values.into_iter().map(|(field, map)| (field, folded(map))).collect(),
            notes: file.notes.into_iter().collect(),
            own: false,
        })
    }

    /// The mapping over the columns that a file has.
    pub fn over(self, columns: &[String]) -> Result<Mapping, MapError> {
        let has = |name: &str| columns.iter().any(|column| fold(column) == fold(name));
        let mut map = self;
        if map.own {
            for field in map.kind.fields().iter().filter(|field| has(field)) {
                map.columns.insert((*field).to_owned(), vec![(*field).to_owned()]);
            }
        }
        let named = map
            .columns
            .iter()
            .flat_map(|(field, names)| names.iter().map(move |name| (field.clone(), name.clone())));
        let noted =
            map.notes.iter().map(|(label, name)| (format!("the note {label:?}"), name.clone()));
        for (field, column) in named.chain(noted) {
            if !has(&column) {
                return Err(MapError::NoColumn { field, column, columns: columns.to_vec() });
            }
        }
        let given =
            |field: &str| map.columns.contains_key(field) || map.defaults.contains_key(field);
        let key = map.kind.natural_key();
        let missing = map.kind.required().iter().find(|field| !given(field)).copied();
        let missing = missing.or_else(|| {
            let keyed = given("key") || key.is_some_and(given) || map.kind == ImportKind::Products;
            (!keyed).then_some("key")
        });
        if let Some(field) = missing {
            let columns = columns.to_vec();
            return Err(MapError::Missing { field, kind: map.kind, columns });
        }
        let used: Vec<String> = map
            .columns
            .values()
            .flatten()
            .chain(map.notes.iter().map(|(_label, column)| column))
            .map(|column| fold(column))
            .collect();
        let unmapped =
            columns.iter().filter(|column| !used.contains(&fold(column))).cloned().collect();
        Ok(Mapping { map, unmapped })
    }
}

/// A mapping over the columns of one file.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The mapping.
    pub map: Map,
    /// Columns that nothing is taken from.
    pub unmapped: Vec<String>,
}

impl Mapping {
    /// Whether the file or a default says anything about a field.
    pub(super) fn gives(&self, field: &str) -> bool {
        self.map.columns.contains_key(field) || self.map.defaults.contains_key(field)
    }

    /// The columns of a field.
    pub(super) fn columns(&self, field: &str) -> &[String] {
        self.map.columns.get(field).map_or(&[], Vec::as_slice)
    }

    /// The value that stands for an empty cell.
    pub(super) fn default(&self, field: &str) -> Option<&str> {
        self.map.defaults.get(field).map(String::as_str)
    }

    /// What a value of the file means.
    pub(super) fn meaning<'a>(&'a self, field: &str, value: &'a str) -> &'a str {
        let mapped = self.map.values.get(field).and_then(|values| values.get(&fold(value)));
        mapped.map_or(value, String::as_str)
    }

    /// Labels of notes with their columns.
    pub(super) fn notes(&self) -> &[(String, String)] {
        &self.map.notes
    }
}

/// Column names and values are compared without regard to case and space around them.
fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests;
