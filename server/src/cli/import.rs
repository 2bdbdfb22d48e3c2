//! `fieldsync import`.

use std::path::{Path, PathBuf};

use client_core::records::{Role, UserRecord, UserStatus};
use serde_json::json;

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::{Exit, Failure};
use crate::import::source::{Delimiter, Form, TextEncoding};
use crate::import::{self, ImportError, ImportKind, Map, MapError, Report, Request};
use crate::office::{HandError, Office};

/// Mappings that come with the program, by their file names.
const SHIPPED: [(&str, &str); 4] = [
    ("crm-team.map.toml", include_str!("../../maps/crm-team.map.toml")),
    ("crm-account.map.toml", include_str!("../../maps/crm-account.map.toml")),
    ("crm-product.map.toml", include_str!("../../maps/crm-product.map.toml")),
    ("crm-deal.map.toml", include_str!("../../maps/crm-deal.map.toml")),
];

/// Bring in what another program knows from a CSV file.
///
/// Import in this order: team, products, customers, leads, deals, contracts, orders,
/// payments, cases. The same file again
/// changes nothing; a newer one writes what it says differently. Rows that cannot be
/// taken are named with their line, the others are kept.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// team, products, customers, leads, deals, contracts, orders, payments or cases.
    #[arg(value_parser = kind)]
    kind: ImportKind,
    /// The CSV file.
    file: PathBuf,
    /// A mapping of its columns: a file, or one of those that come with the program.
    #[arg(long, value_name = "MAP.toml")]
    map: Option<PathBuf>,
    /// Do everything but write.
    #[arg(long)]
    dry_run: bool,
    /// Make customers, deals and people anew that were erased here and that the file still
    /// names; without this such rows are not taken.
    #[arg(long)]
    allow_erased: bool,
    /// Whose name the changes carry; the first admin if absent.
    #[arg(long = "as", value_name = "LOGIN")]
    login: Option<String>,
    /// Where rows go that cannot be taken; FILE.errors.csv beside the file if absent.
    #[arg(long, value_name = "PATH")]
    errors: Option<PathBuf>,
    /// The file's encoding, if it cannot be told: utf-8, gb18030, big5, windows-1252, …
    #[arg(long)]
    encoding: Option<TextEncoding>,
    /// What separates its cells, if it cannot be told.
    #[arg(long)]
    delimiter: Option<Delimiter>,
    #[command(flatten)]
    data: DataArg,
}

fn kind(word: &str) -> Result<ImportKind, String> {
    ImportKind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| {
        let known = ImportKind::ALL.map(ImportKind::as_str);
        format!("expected one of {}", known.join(", "))
    })
}

impl Import {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let map = match &self.map {
            Some(path) => mapping(self.kind, path)?,
            None => Map::own(self.kind),
        };
        let (app, office) = self.data.office().await?;
        let by = self.by(&office).await?;
        let request = Request {
            app,
            office,
            kind: self.kind,
            file: self.file,
            map,
            form: Form { encoding: self.encoding, delimiter: self.delimiter },
            by,
            dry_run: self.dry_run,
            allow_erased: self.allow_erased,
            errors: self.errors,
        };
        Ok(answer(&import::run(request).await?))
    }

    async fn by(&self, office: &Office) -> Result<UserRecord, Failure> {
        let may = |user: &UserRecord| {
            matches!(user.role, Role::Admin | Role::Manager) && user.status == UserStatus::Active
        };
        if let Some(login) = &self.login {
            let user = data::person(office, login).await?;
            let refused = || Failure::usage(format!("{login:?} is no active manager or admin"));
            return Some(user).filter(may).ok_or_else(refused);
        }
        let admins = office.people().await?.into_iter();
        // Ids grow with time: the smallest is the first admin's.
        let first =
            admins.filter(|user| may(user) && user.role == Role::Admin).min_by_key(|user| user.id);
        first.ok_or_else(|| Failure::usage("there is no active admin: say --as LOGIN"))
    }
}

fn mapping(kind: ImportKind, path: &Path) -> Result<Map, MapError> {
    let shipped = || {
        let name = path.to_str()?;
        SHIPPED.into_iter().find(|(shipped, _text)| *shipped == name)
    };
    match path.exists() {
        false if let Some((_name, text)) = shipped() => Map::parse(kind, text),
        _ => Map::read(kind, path),
    }
}

fn answer(report: &Report) -> Answer {
    let answer = Answer::new(report.words(), json!(report));
    // The rows that were taken are in; a script must still hear of the others.
    if report.errors > 0 { answer.ending(Exit::Data) } else { answer }
}

impl From<MapError> for Failure {
    fn from(error: MapError) -> Self {
        let advice = error.advice();
        Self::new(Exit::Usage, error, advice)
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        const KEPT: &str = "Rows that were written before stay, whole.";
        match error {
            ImportError::Source { path, error } => {
                let advice = error.advice();
                let happened = ImportError::Source { path, error };
                Self::new(Exit::Data, happened, advice)
            }
            ImportError::Map(error) => error.into(),
            ImportError::CreatedStage { .. } => {
                Self::new(Exit::Usage, error, "Correct the mapping and run it again.")
            }
            ImportError::Errors(error) => {
                let advice = error.advice();
                Self::new(Exit::Unavailable, error, advice).safe(KEPT)
            }
            ImportError::CutOff { reason, report } => {
                let told = report.words();
                let happened =
                    format!("reading ended before the end of the file: {reason}\n{told}");
                Self::new(Exit::Data, happened, "Correct it and import the file again.").safe(KEPT)
            }
            ImportError::Storage(error) | ImportError::Hand(HandError::Storage(error)) => {
                Self::from(error).safe(KEPT)
            }
            ImportError::Hand(error) => Self::usage(error),
        }
    }
}
