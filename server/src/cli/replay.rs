//! `fieldsync replay`.

use anyhow::Context;
use client_core::period::Period;
use client_core::rules::{BasisPoints, CentiPoints, ChangeReason, Limit, LineChange, Normalised};
use serde::Serialize;

use super::answer::{Align, Answer, columns};
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::scoring::{self, RepReplay, ScoringError};

/// Say who would gain and who would lose if a draft policy had been in force.
///
/// The month's kept facts are judged twice by the rules of the cards, and nothing is
/// published.
#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    /// The draft: a TOML file, or the name of a policy that ships with fieldsync.
    #[arg(long, value_name = "DRAFT.toml")]
    policy: String,
    /// The month, such as 2026-10.
    #[arg(long)]
    period: Period,
    /// Only the reps of this unit and those below, by name or id.
    #[arg(long)]
    unit: Option<String>,
    #[command(flatten)]
    data: DataArg,
}

impl Replay {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let period = self.period;
        if !matches!(period, Period::Month(_)) {
            return Err(Failure::usage(format!("{period} is no month: scorecards are monthly")));
        }
        let draft = data::policy(&self.policy)?;
        let (app, office) = self.data.office().await?;
        let today = office.calendar().await?.zone.date(app.clock().now());
        if today < period.first_day() {
            return Err(Failure::usage(format!("{period} has not begun: there are no facts yet")));
        }
        let unit = match &self.unit {
            Some(unit) => Some(data::unit(&office, unit).await?),
            None => None,
        };
        let replay = scoring::replay(&app, &office, draft, period, unit).await;
        let replay = replay.map_err(|error| match error {
            ScoringError::Storage(error) => Failure::from(error),
            error => anyhow::Error::new(error).into(),
        })?;
        let mut words = format!(
            "{period} by the draft instead of version {}: {} gain, {} lose, {} keep their points.",
            replay.policy_version, replay.gain, replay.lose, replay.same
        );
        if !replay.reps.is_empty() {
            words.push_str("\n\n");
            words.push_str(&table(&replay.reps));
        }
        for rep in replay.reps.iter().filter(|rep| rep.card.difference != CentiPoints(0)) {
            words.push_str(&format!("\n\n{}  {}", rep.name, signed(rep.card.difference)));
            let lines = rep.card.lines.iter();
            for line in lines.filter(|line| !line.reasons.is_empty()) {
                words.push_str(&format!("\n  {}", sentence(line)));
            }
        }
        Ok(Answer::of(words, &replay).context("the replay has no JSON form")?)
    }
}

fn table(reps: &[RepReplay]) -> String {
    let points = |points: Option<CentiPoints>| {
        points.map_or_else(|| "–".to_owned(), |points| points.to_string())
    };
    let mut lines = vec![["NAME", "NOW", "DRAFT", "DIFFERENCE"].map(str::to_owned)];
    lines.extend(reps.iter().map(|rep| {
        let card = &rep.card;
        [rep.name.clone(), points(card.before), points(card.after), signed(card.difference)]
    }));
    let aligns = [Align::Left, Align::Right, Align::Right, Align::Right];
    columns(&lines.iter().collect::<Vec<_>>(), aligns)
}

fn signed(points: CentiPoints) -> String {
    if points.0 > 0 { format!("+{points}") } else { points.to_string() }
}

fn sentence(line: &LineChange) -> String {
    let reasons: Vec<String> = line.reasons.iter().map(reason).collect();
    format!("{}  {}: {}", line.indicator, signed(line.difference), reasons.join("; "))
}

fn reason(reason: &ChangeReason) -> String {
    let value = |value: &Option<i64>| value.map_or_else(|| "–".to_owned(), |one| one.to_string());
    match reason {
        ChangeReason::Added => "only the draft has this line".to_owned(),
        ChangeReason::Removed => "the draft has no such line".to_owned(),
        ChangeReason::Applies { before } => format!("applies; it did not: {}", code(before)),
        ChangeReason::AppliesNoMore { after } => format!("does not apply: {}", code(after)),
        ChangeReason::Weight { before, after } => {
            format!("full attainment is worth {after} points instead of {before}")
        }
        ChangeReason::Value { before, after } => {
            format!("{} is counted instead of {}", value(after), value(before))
        }
        ChangeReason::Target { before, after } => {
            format!("held against {} instead of {}", value(after), value(before))
        }
        ChangeReason::Counting { before, before_limit, after, after_limit } => format!(
            "counts as {} instead of {}",
            counted(*after, *after_limit),
            counted(*before, *before_limit)
        ),
        ChangeReason::Gate { missed: true } => "its group misses a gate".to_owned(),
        ChangeReason::Gate { missed: false } => "its group misses no gate any more".to_owned(),
    }
}

fn counted(normalised: Option<Normalised>, limit: Option<Limit>) -> String {
    let share = normalised.map_or_else(
        || "–".to_owned(),
        |normalised| BasisPoints(normalised.0 / 100_000).to_string(),
    );
    limit.map_or_else(|| share.clone(), |limit| format!("{share} ({})", code(&limit)))
}

/// The stable code of a unit variant, as JSON has it.
fn code(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code.replace('_', " "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use client_core::rules::NotApplicable;

    use super::*;

    #[test]
    fn a_reason_is_a_sentence_with_both_figures() {
        let check = |why: ChangeReason, says: &str| assert_eq!(reason(&why), says);
        check(
            ChangeReason::Weight { before: CentiPoints(3_000), after: CentiPoints(2_500) },
            "full attainment is worth 25.00 points instead of 30.00",
        );
        check(
            ChangeReason::Counting {
                before: Some(Normalised(1_200_000_000)),
                before_limit: Some(Limit::Cap),
                after: Some(Normalised(1_250_000_000)),
                after_limit: None,
            },
            "counts as 125.00% instead of 120.00% (cap)",
        );
        check(ChangeReason::Value { before: None, after: Some(2) }, "2 is counted instead of –");
        let no_target = ChangeReason::AppliesNoMore { after: NotApplicable::NoTarget };
        check(no_target, "does not apply: no target");
    }
}
