//! `fieldsync explain`.

use std::fmt::Write;

use anyhow::Context;
use client_core::docs::DocKind;
use client_core::period::Period;
use client_core::records::Metric;
use client_core::rules::plain;
use client_core::rules::{CentiPoints, ExclusionReason, Explanation, LineState, explain};
use serde::Serialize;

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::{Exit, Failure};
use crate::scoring::{self, CardChanges, Since, card_changes};

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
    /// Say instead why the card is not the one of this instant any more: RFC 3339, a day,
    /// which means its end, or "closed", which gives the restatement of a closed month.
    #[arg(long, value_name = "TIME", conflicts_with = "line")]
    since: Option<String>,
}

impl Explain {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        if !matches!(self.period, Period::Month(_)) {
            let happened = format!("{} is no month: scorecards are monthly", self.period);
            return Err(Failure::new(Exit::Usage, happened, "Name a month, such as 2026-10."));
        }
        let only = self.line.as_deref().map(Metric::from);
        let (app, office) = self.data.office().await?;
        let rep = data::person(&office, &self.rep).await?;
        if let Some(since) = &self.since {
            let since = match since.as_str() {
                "closed" => Since::Closed,
                at => {
                    let calendar = office.calendar().await?;
                    let at = plain::instant("--since", at, &calendar).map_err(Failure::usage)?;
                    Since::Instant(at)
                }
            };
            let found = card_changes(&app, office.org(), rep.id, self.period, since).await;
            let found = found.map_err(|error| Failure::from(anyhow::Error::new(error)))?;
            let found = found.ok_or_else(|| self.nothing(since))?;
            return Ok(Answer::of(told(&found), &found).context("it has no JSON form")?);
        }
        let found = scoring::examine(&app, office.org(), rep.id, self.period).await;
        let found = found.map_err(|error| Failure::from(anyhow::Error::new(error)))?;
        let Some((facts, policy, outcome)) = found else {
            return Err(self.nothing(Since::Instant(app.clock().now())));
        };
        let explained = explain(&facts, &policy, &outcome, only.as_ref());
        if let Some(missing) = only.filter(|_only| explained.lines.is_empty()) {
            let known: Vec<&str> =
                outcome.scorecard.lines.iter().map(|line| line.indicator.as_str()).collect();
            let happened = format!("{missing} is no line of this card");
            let advice = format!("Choose one of its lines: {}.", known.join(", "));
            return Err(Failure::new(Exit::Usage, happened, advice));
        }
        Ok(Answer::of(words(&explained), &explained).context("it has no JSON form")?)
    }
}

impl Explain {
    fn nothing(&self, since: Since) -> Failure {
        if since == Since::Closed {
            let happened = format!("{} has no card of {} that was closed", self.rep, self.period);
            return Failure::new(Exit::Usage, happened, "A month closes five working days later.");
        }
        let happened = format!("{} is no rep, or {} had not begun", self.rep, self.period);
        Failure::new(Exit::Usage, happened, "Name a rep and a month that began.")
    }
}

/// A difference cause by cause, in points that sum, with every figure that moved and what
/// arrived.
fn told(found: &CardChanges) -> String {
    let signed = |points: CentiPoints| {
        if points.0 > 0 { format!("+{points}") } else { points.to_string() }
    };
    let moved = &found.difference;
    let mut words = match found.closed_at {
        Some(at) => format!("{} closed at {at} with {} points", found.period, moved.before),
        None => format!("{} points at {}", moved.before, found.since),
    };
    let _written = write!(words, ", now {}", moved.after);
    for cause in &moved.moved {
        let (name, facts) = (code(&cause.cause), cause.facts.len());
        let _written = write!(words, "\n{:>8}  {name}, {facts} facts", signed(cause.points));
        for (metric, points) in &cause.lines {
            let _written = write!(words, "\n            {metric} {}", signed(*points));
        }
    }
    let value = |value: Option<i64>| value.map_or_else(|| "–".to_owned(), |one| one.to_string());
    for figure in &moved.figures {
        let (old, new) = (value(figure.old), value(figure.new));
        let _written = write!(words, "\n{}: {old} → {new} ({})", figure.id, code(&figure.unit));
    }
    for one in &found.arrived {
        let kind = one.kind.map_or("record", DocKind::as_str);
        let _written = write!(words, "\n{}: {kind} {}", code(&one.cause), one.doc);
        if let Some(name) = &one.name {
            let _written = write!(words, " {name}");
        }
        if let Some(at) = one.received_at {
            let _written = write!(words, ", received {at}");
        }
    }
    words
}

/// The stable code of a unit variant, as JSON has it.
fn code(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default().trim_matches('"').to_owned()
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
            let reasons: Vec<String> =
                out.reasons.iter().map(ExclusionReason::short_code).collect();
            let _written = write!(words, "\n  - {} {}", out.fact.doc, reasons.join(", "));
        }
    }
    words
}
