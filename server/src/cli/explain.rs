//! `fieldsync explain`.

use std::fmt::Write;

use anyhow::Context;
use client_core::period::Period;
use client_core::records::Metric;
use client_core::rules::plain;
use client_core::rules::{CentiPoints, Difference, Explanation, LineState, explain};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::{Exit, Failure};
use crate::scoring;

/// Open a rep's card: lines, facts, documents and heads, and what was left out.
///
/// It is computed from what the server holds now, at the instant of the official card.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    #[command(flatten)]
    data: DataArg,
    /// The rep, by login.
    #[arg(long, value_name = "LOGIN")]
    rep: String,
    /// The month, such as 2026-10.
    #[arg(long)]
    period: Period,
    /// Only this line, such as sales_amount.
    #[arg(long, value_name = "INDICATOR")]
    line: Option<String>,
    /// Say instead why the card is not the one of this instant any more: RFC 3339, or a
    /// day, which means its end.
    #[arg(long, value_name = "TIME", conflicts_with = "line")]
    since: Option<String>,
}

impl Explain {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let only = self.line.as_deref().map(metric).transpose()?;
        let (app, office) = self.data.office().await?;
        let rep = data::person(&office, &self.rep).await?;
        if let Some(since) = &self.since {
            let calendar = office.calendar().await?;
            let since = plain::instant("--since", since, &calendar).map_err(Failure::usage)?;
            let found =
                scoring::difference_since(&app, office.org(), rep.id, self.period, since).await;
            let found = found.map_err(|error| Failure::from(anyhow::Error::new(error)))?;
            let found = found.ok_or_else(|| self.nothing())?;
            return Ok(Answer::of(told(&found), &found).context("it has no JSON form")?);
        }
        let found = scoring::examine(&app, office.org(), rep.id, self.period).await;
        let found = found.map_err(|error| Failure::from(anyhow::Error::new(error)))?;
        let Some((facts, policy, outcome)) = found else {
            return Err(self.nothing());
        };
        let explained = explain(&facts, &policy, &outcome, only.as_ref());
        if let Some(missing) = only.filter(|_only| explained.lines.is_empty()) {
            let known: Vec<&str> =
                outcome.scorecard.lines.iter().map(|line| line.indicator.as_str()).collect();
            let happened = format!("{missing} is no line of this card: {}", known.join(", "));
            return Err(Failure::usage(happened));
        }
        Ok(Answer::of(words(&explained), &explained).context("it has no JSON form")?)
    }
}

impl Explain {
    fn nothing(&self) -> Failure {
        let happened = format!("{} is no rep, or {} had not begun", self.rep, self.period);
        Failure::new(Exit::Usage, happened, "Name a rep and a month that began.")
    }
}

/// A difference cause by cause, in points that sum.
fn told(found: &Difference) -> String {
    let signed = |points: CentiPoints| {
        if points.0 > 0 { format!("+{points}") } else { points.to_string() }
    };
    let mut words = format!("{} points became {}", found.before, found.after);
    for moved in &found.moved {
        let cause = serde_json::to_string(&moved.cause).unwrap_or_default();
        let (cause, facts) = (cause.trim_matches('"'), moved.facts.len());
        let _written = write!(words, "\n{:>8}  {cause}, {facts} facts", signed(moved.points));
        for (metric, points) in &moved.lines {
            let _written = write!(words, "\n            {metric} {}", signed(*points));
        }
        for fact in &moved.facts {
            let _written = write!(words, "\n            {}", fact.doc);
        }
    }
    words
}

fn metric(text: &str) -> Result<Metric, Failure> {
    match Metric::from(text) {
        Metric::Unknown(unknown) => {
            let known = Metric::KNOWN.iter().map(Metric::as_str).collect::<Vec<_>>().join(", ");
            Err(Failure::usage(format!("there is no line {unknown:?}: choose one of {known}")))
        }
        known => Ok(known),
    }
}

fn words(explained: &Explanation) -> String {
    let total = explained.total.map_or_else(|| "–".to_owned(), |total| total.to_string());
    let mut words = format!(
        "{}: {total} points by {}, rules {}",
        explained.period, explained.policy, explained.rules_version
    );
    for line in &explained.lines {
        let value = line.value.map_or_else(|| "–".to_owned(), |value| value.to_string());
        let _written = write!(words, "\n\n{}: {} of {}", line.indicator, line.points, line.weight);
        if let LineState::NotApplicable(reason) = line.state {
            let reason = serde_json::to_string(&reason).unwrap_or_default();
            let _written = write!(words, ", not applicable: {}", reason.trim_matches('"'));
        }
        let _written = write!(words, "\n  value {value}");
        if let Some((above, below)) = line.numerator.zip(line.denominator) {
            let _written = write!(words, " = {above} ÷ {below}");
        }
        if let Some(source) = &line.source {
            let _written = write!(words, "\n  {source}");
        }
        for fact in &line.facts {
            let on = fact.on.map(|on| on.to_string()).unwrap_or_default();
            let kind = serde_json::to_string(&fact.kind).unwrap_or_default();
            let _written = write!(words, "\n  + {} {} {on}", kind.trim_matches('"'), fact.doc);
        }
        for out in &line.exclusions {
            let reasons = serde_json::to_string(&out.reasons).unwrap_or_default();
            let _written = write!(words, "\n  - {} {reasons}", out.fact.doc);
        }
    }
    words
}
