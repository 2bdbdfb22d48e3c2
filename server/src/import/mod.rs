//! Bringing in what other programs exported.
//!
//! A company does not begin with an empty list: its team, customers, products and
//! deals are in some other program, and its export is imported again every month
//! while that program is still in use. So an import finds again what it brought in
//! before, by the keys of the other program; writes only the fields that the file
//! changed since, because what a rep or manager corrected here must not be put back;
//! takes every row that can be taken and names the others with their line; and does
//! all of it through the office, in the name of the person who runs it.

mod books;
mod cases;
mod customers;
mod deal_content;
mod deals;
mod election;
mod entry;
pub mod errors_file;
mod format;
mod map;
mod parties;
mod people;
mod products;
mod report;
mod session;
pub mod source;
mod team;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use client_core::records::UserRecord;
use sha2::{Digest, Sha256};

pub(crate) use books::instalment_id;
pub use entry::Refusal;
pub use format::DateFormatError;
pub use map::{ImportKind, Map, MapError};
pub use report::Report;

use self::books::Books;
use self::cases::Cases;
use self::customers::Customers;
use self::deals::Deals;
use self::election::Election;
use self::entry::Entry;
use self::errors_file::{ErrorsFile, ErrorsFileError};
use self::map::Mapping;
use self::products::Products;
use self::session::Session;
use self::source::{Form, Limits, Source, SourceError};
use self::team::Team;
use crate::app::App;
use crate::office::{HandError, Office};
use crate::storage::StorageError;

/// Rows of one transaction.
const BATCH: usize = 256;
/// And how much they say together, in bytes: a file of enormous cells must not take
/// as many times that in memory.
const BATCH_BYTES: usize = 1 << 20;
/// Longest message about a row, in characters: it may repeat what stands in a cell.
const MESSAGE_CHARS: usize = 400;

/// What is imported, and in whose name.
pub struct Request {
    /// The running program.
    pub app: App,
    /// Whose data.
    pub office: Office,
    /// What the file holds.
    pub kind: ImportKind,
    /// The file.
    pub file: PathBuf,
    /// Which column is which field.
    pub map: Map,
    /// What is known of the file's form.
    pub form: Form,
    /// Who imports.
    pub by: UserRecord,
    /// Everything but writing.
    pub dry_run: bool,
    /// Customers, deals and people that were erased here are made anew if the file names
    /// them.
    pub allow_erased: bool,
    /// Where rows go that are not taken; beside the file if absent.
    pub errors: Option<PathBuf>,
}

/// Why nothing could be imported, or why it ended before its end. Batches that were
/// written stay, and the same import can be run again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is no table.
    #[error("{} cannot be imported: {error}", path.display())]
    Source {
        /// The file.
        path: PathBuf,
        /// Why.
        error: SourceError,
    },
    /// The mapping is wrong, or does not fit the file.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The mapping names a stage that the policy does not have.
    #[error("the mapping says created_stage = {said:?}: possible are {possible}")]
    CreatedStage {
        /// What it says.
        said: String,
        /// What the policy has.
        possible: String,
    },
    /// The rows that were not taken cannot be written down.
    #[error(transparent)]
    Errors(#[from] ErrorsFileError),
    /// Reading ended before the end of the file.
    #[error("reading ended before the end of the file: {reason}")]
    CutOff {
        /// Why.
        reason: String,
        /// What was done until then.
        report: Box<Report>,
    },
    /// Who imports is unknown.
    #[error(transparent)]
    Hand(#[from] HandError),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What plans rows of a kind.
enum Planner {
    Team(Box<Team>),
    Customers(Box<Customers>),
    Products(Box<Products>),
    Deals(Box<Deals>),
    Books(Box<Books>),
    Cases(Box<Cases>),
}

/// Imports a file.
pub async fn run(request: Request) -> Result<Report, ImportError> {
    let source = open(&request)?;
    let mapping = request.map.clone().over(source.headers().names())?;
    let session = Session::open(&request, mapping.map.source.clone()).await?;
    let mut report = Report {
        file: request.file.clone(),
        dry_run: request.dry_run,
        source: session.source.clone(),
        encoding: source.encoding().to_string(),
        delimiter: source.delimiter().to_string(),
        unmapped_columns: mapping.unmapped.clone(),
        ..Report::of(request.kind)
    };
    let errors = request.errors.clone().unwrap_or_else(|| ErrorsFile::beside(&request.file));
    let mut run = Run {
        session: &session,
        mapping: &mapping,
        errors: ErrorsFile::at(&errors)?,
        report: &mut report,
        refused: Vec::new(),
        seen: HashMap::new(),
    };
    let mut planner = match request.kind {
        ImportKind::Team => Planner::Team(Box::new(Team::read(&session).await?)),
        ImportKind::Customers => Planner::Customers(Box::new(Customers::read(&session).await?)),
        ImportKind::Products => Planner::Products(Box::new(Products::read(&session).await?)),
        kind @ (ImportKind::Contracts | ImportKind::Orders | ImportKind::Payments) => {
            Planner::Books(Box::new(Books::of(kind)))
        }
        ImportKind::Cases => Planner::Cases(Box::new(Cases::read(&session).await?)),
        ImportKind::Deals | ImportKind::Leads => {
            let mut deals = Deals::read(&session, &mapping).await?;
            run.elect(&request, &mut deals).await?;
            Planner::Deals(Box::new(deals))
        }
    };
    let cut_off = run.rows(source, &mut planner).await?;
    let errors_file = run.errors.finish()?;
    report.errors_file = errors_file;
    match cut_off {
        Some(reason) => Err(ImportError::CutOff { reason, report: Box::new(report) }),
        None => Ok(report),
    }
}

fn open(request: &Request) -> Result<Source, ImportError> {
    let wrong = |error| ImportError::Source { path: request.file.clone(), error };
    Source::open_as(&request.file, Limits::default(), request.form).map_err(wrong)
}

struct Run<'a> {
    session: &'a Session,
    mapping: &'a Mapping,
    errors: ErrorsFile,
    report: &'a mut Report,
    /// Rows of the batch that are not taken.
    refused: Vec<Refusal>,
    /// Lines by the digest of their key, which takes as little room for a long key.
    seen: HashMap<[u8; 32], u64>,
}

impl Run<'_> {
    /// Reads and writes every row; why reading ended early, if it did.
    async fn rows(
        &mut self,
        source: Source,
        planner: &mut Planner,
    ) -> Result<Option<String>, ImportError> {
        let mut batch = Vec::with_capacity(BATCH);
        let mut cut_off = None;
        let mut bytes = 0;
        for row in source {
            self.report.rows += 1;
            match row {
                Ok(row) => match Entry::read(&row, self.mapping).and_then(|one| self.once(one)) {
                    Ok(entry) => {
                        bytes += entry.bytes();
                        batch.push(entry);
                    }
                    Err(refusals) => self.refused.extend(refusals),
                },
                Err(error) => {
                    let refusal = Refusal {
                        line: error.line,
                        column: error.column.clone().unwrap_or_default(),
                        value: String::new(),
                        message: error.problem.to_string(),
                    };
                    if error.ends_reading() {
                        cut_off = Some(refusal.message.clone());
                    }
                    self.refused.push(refusal);
                }
            }
            if batch.len() == BATCH || self.refused.len() >= BATCH || bytes > BATCH_BYTES {
                bytes = 0;
                self.batch(planner, &std::mem::take(&mut batch)).await?;
            }
        }
        self.batch(planner, &batch).await?;
        if let Planner::Team(team) = planner {
            let works = team.finish(self.session).await?;
            self.write(works).await?;
        }
        Ok(cut_off)
    }

    /// A key names one row of a file.
    fn once(&mut self, entry: Entry) -> Result<Entry, Vec<Refusal>> {
        let digest: [u8; 32] = Sha256::digest(entry.key.as_bytes()).into();
        match self.seen.insert(digest, entry.line) {
            None => Ok(entry),
            Some(first) => {
                self.seen.insert(digest, first);
                let field = self.mapping.map.kind.natural_key().unwrap_or("key");
                let field = if self.mapping.gives("key") { "key" } else { field };
                Err(vec![entry.refuse(field, format!("the same key stands in line {first}"))])
            }
        }
    }

    async fn batch(&mut self, planner: &mut Planner, entries: &[Entry]) -> Result<(), ImportError> {
        let mut refused = Vec::new();
        let (session, mapping) = (self.session, self.mapping);
        let works = match planner {
            Planner::Team(team) => {
                let mut works = Vec::new();
                for entry in entries {
                    match team.row(session, mapping, entry, self.report).await? {
                        Ok(more) => works.extend(more),
                        Err(refusals) => refused.extend(refusals),
                    }
                }
                works
            }
            Planner::Customers(customers) => {
                customers.rows(session, mapping, entries, &mut refused).await?
            }
            Planner::Products(products) => {
                let mut works = Vec::new();
                for entry in entries {
                    match products.row(session, mapping, entry) {
                        Ok(more) => works.extend(more),
                        Err(refusals) => refused.extend(refusals),
                    }
                }
                works
            }
            Planner::Deals(deals) => {
                deals.rows(session, mapping, entries, &mut refused, self.report).await?
            }
            Planner::Books(books) => books.rows(session, mapping, entries, &mut refused).await?,
            Planner::Cases(cases) => {
                cases.rows(session, mapping, entries, &mut refused, self.report).await?
            }
        };
        let rows =
            works.iter().filter(|work| !matches!(work.made, session::Made::Beside(_))).count();
        // A row may be refused for several reasons.
        let lines: BTreeSet<u64> = refused.iter().map(|refusal| refusal.line).collect();
        let untouched = entries.len().saturating_sub(rows).saturating_sub(lines.len());
        self.report.unchanged += u64::try_from(untouched).unwrap_or(u64::MAX);
        self.refused.extend(refused);
        self.write(works).await
    }

    async fn write(&mut self, works: Vec<session::Work>) -> Result<(), ImportError> {
        let refused = self.session.write(works, self.report).await?;
        self.refused.extend(refused);
        // People go through the table beside the file, from the top.
        self.refused.sort_by_key(|refusal| refusal.line);
        for Refusal { line, column, value, message } in self.refused.drain(..) {
            let message = entry::shortened(&message, MESSAGE_CHARS);
            let at = if column.is_empty() { String::new() } else { format!(" column {column:?}:") };
            self.report.tell(line, format!("line {line}:{at} {message}"));
            self.errors.write(line, &column, &value, &message)?;
        }
        Ok(())
    }

    /// Reads the file for who gets the customers that nobody holds, and gives them.
    async fn elect(&mut self, request: &Request, deals: &mut Deals) -> Result<(), ImportError> {
        let mut election = Election::default();
        let mut batch = Vec::with_capacity(BATCH);
        let mut bytes = 0;
        for row in open(request)? {
            // What is wrong with a row is said when it is imported.
            if let Some(entry) = row.ok().and_then(|row| Entry::read(&row, self.mapping).ok()) {
                bytes += entry.bytes();
                batch.push(entry);
            }
            if batch.len() == BATCH || bytes > BATCH_BYTES {
                bytes = 0;
                let full = std::mem::take(&mut batch);
                deals.look_up(self.session, &full).await?;
                election.count(self.session, self.mapping, deals, &full);
            }
        }
        deals.look_up(self.session, &batch).await?;
        election.count(self.session, self.mapping, deals, &batch);
        let works = election.decide(self.session, deals).await?;
        self.write(works).await
    }
}
