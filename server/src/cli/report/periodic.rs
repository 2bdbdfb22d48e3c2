//! `fieldsync report daily|weekly|monthly|quarterly|verify`.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Context;
use client_core::period::Period;
use client_core::rules::Policy;
use serde_json::json;

use crate::app::App;
use crate::cli::answer::Answer;
use crate::cli::data::{self, DataArg};
use crate::cli::failure::{Exit, Failure};
use crate::reports::periodic::{
    Kind, Question, Report, Verified, gather, id_in, is_report, issue, kept, verify,
};
use crate::scoring;
use crate::web::format::Format;
use crate::web::pages::report::{kind as kind_words, period as period_words, whose};
use crate::web::pages::report_view::{SectionView, sections};
use crate::web::queries::base::Base;
use crate::web::words::{Lang, Words};

/// A report of a day, week, month or quarter.
#[derive(Debug, clap::Args)]
pub(super) struct Periodic {
    /// The period: 2026-10-08, 2026-W41, 2026-10 or 2026-Q4.
    period: Period,
    /// Only this unit and those below it, by name or id.
    #[arg(long, value_name = "UNIT")]
    unit: Option<String>,
    /// Keep it with its facts, so that the same bytes can be computed again.
    #[arg(long)]
    issue: bool,
}

impl Periodic {
    pub(super) async fn run(&self, kind: Kind, data: &DataArg) -> Result<Answer, Failure> {
        let period = self.period;
        if !kind.is_of(period) {
            let kind = kind.as_str();
            return Err(Failure::usage(format!("there is no {kind} report of {period}")));
        }
        let (app, office) = data.office().await?;
        let unit = match &self.unit {
            Some(unit) => Some(data::unit(&office, unit).await?),
            None => None,
        };
        settle(&app).await?;
        let base = Base::read(app.storage(), office.org()).await?;
        let now = app.clock().now();
        if base.zone().date(now) < period.first_day() {
            return Err(Failure::usage(format!("{period} has not begun: there is no report yet")));
        }
        let sources = gather(app.storage(), &base, Question { kind, period, unit }, now).await?;
        let report = Report::of(&sources);
        let policy = sources.policy.as_ref().and_then(|used| Policy::kept(&used.toml).ok());
        let f = Format::new(Words::new(Lang::En), base.zone().clone());
        let mut words = in_words(&f, &report, policy.as_ref());
        if self.issue {
            let id = issue(app.storage(), office.org(), &sources, None, now).await?;
            let _written = write!(words, "\nIssued as {id}.");
        }
        Ok(Answer::of(words, &report).context("the report has no JSON form")?)
    }
}

/// Cards that waited to be computed are computed first: a report rests on them.
async fn settle(app: &App) -> Result<(), Failure> {
    match scoring::recompute_dirty(app).await {
        Ok(_cards) => Ok(()),
        Err(error) => Err(anyhow::Error::new(error).into()),
    }
}

fn in_words(f: &Format, report: &Report, policy: Option<&Policy>) -> String {
    let question = report.receipt.question;
    let mut words = format!(
        "{} · {} · {}\n",
        kind_words(f, question.kind),
        period_words(f, question),
        whose(f, report.unit_name.as_deref())
    );
    for section in sections(f, report, policy) {
        said(&mut words, &section);
    }
    words
}

fn said(words: &mut String, section: &SectionView) {
    let _written = write!(words, "\n{}\n", section.title);
    for figure in &section.figures {
        let against = figure.against.join(", ");
        let _written = match against.is_empty() {
            true => writeln!(words, "  {}: {}", figure.label, figure.value),
            false => writeln!(words, "  {}: {} ({against})", figure.label, figure.value),
        };
    }
    for table in &section.tables {
        for row in &table.rows {
            let cells = row.iter().map(|cell| format!("{}: {}", cell.label, cell.text));
            let _written = writeln!(words, "  {}", cells.collect::<Vec<_>>().join(" | "));
        }
        if !table.more.is_empty() {
            let _written = writeln!(words, "  {}", table.more);
        }
    }
}

/// Computes an issued report again and compares the bytes.
#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// The report's JSON or its receipt, as it was downloaded.
    file: PathBuf,
}

impl Verify {
    pub(super) async fn run(&self, data: &DataArg) -> Result<Answer, Failure> {
        let shown = self.file.display();
        let file = std::fs::read(&self.file).with_context(|| format!("{shown} could not be read"));
        let file = file.map_err(|error| Failure::usage(format!("{error:#}")))?;
        // A shell ends what it writes with a line end.
        let file = file.trim_ascii_end();
        let none = || Failure::usage(format!("{shown} is neither a report nor a receipt of one"));
        let id = id_in(file).ok_or_else(none)?;
        let (app, office) = data.office().await?;
        let kept = kept(app.storage(), office.org(), id).await?;
        let unknown = || Failure::usage(format!("no report {id} was issued here"));
        let kept = kept.ok_or_else(unknown)?;
        let verdict = verify(&kept, is_report(file).then_some(file));
        let words = match verdict {
            Verified::Same => format!("Report {id} computed again gives the same bytes."),
            Verified::Different => {
                format!("Report {id} computed again gives OTHER bytes: {shown} was altered.")
            }
            Verified::OtherRules { issued_by, here } => format!(
                "{shown} is what was issued. It was computed by rules {issued_by}, and this \
                 program has rules {here}, which give other bytes."
            ),
            Verified::Erased { same_digest } => {
                let digest = match same_digest {
                    Some(true) => "has the digest of what was issued",
                    Some(false) => "is NOT what was issued",
                    None => "names it",
                };
                format!(
                    "Something that report {id} names was erased, and its facts with it. \
                     {shown} {digest}."
                )
            }
        };
        let json = json!({ "report": id, "result": verdict });
        let answer = Answer::of(words, &json).context("the verdict has no JSON form")?;
        let bad = matches!(verdict, Verified::Different)
            || matches!(verdict, Verified::Erased { same_digest: Some(false) });
        Ok(if bad { answer.ending(Exit::Data) } else { answer })
    }
}
