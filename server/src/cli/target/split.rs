//! `fieldsync target split`.

use std::collections::BTreeMap;

use client_core::id::RecordId;
use serde_json::json;

use super::list::Whose;
use crate::cli::answer::Answer;
use crate::cli::data::DataArg;
use crate::cli::failure::Failure;
use crate::office::{By, Cut};

/// Split a target into parts that sum to it: months by working days, units or reps
/// alike, or by weights.
#[derive(Debug, clap::Args)]
pub(super) struct Split {
    /// The target.
    target: RecordId,
    /// months, units, reps, or a key of your own such as region or product_line.
    #[arg(long)]
    into: String,
    /// For months a weight each, 1,1,2; otherwise by name, East=3,West=2.
    #[arg(long)]
    weights: Option<String>,
}

impl Split {
    pub(super) async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let weights = self.weights.as_deref();
        let cut = match self.into.as_str() {
            "months" => Cut::Months { weights: weights.map(numbers).transpose()? },
            "units" => Cut::Units { weights: named(weights)? },
            "reps" => Cut::Reps { weights: named(weights)? },
            key => Cut::Dimension { key: key.to_owned(), weights: named(weights)? },
        };
        let (app, office) = data.office().await?;
        let registrar = office.registrar(By::CommandLine).await?;
        let parts = registrar.split_target(self.target, cut).await?;
        let whose = Whose::read(&app, &office).await?;
        let rows: Vec<[String; 5]> = parts.iter().map(|target| whose.row(target)).collect();
        let json = serde_json::Value::Array(parts.iter().map(|target| json!(target)).collect());
        Ok(Answer::table(Whose::HEADER, &rows, json))
    }
}

fn numbers(text: &str) -> Result<Vec<u64>, Failure> {
    let each = text.split(',').map(|number| {
        let wrong = |_error| {
            Failure::usage(format!("{number:?} is no weight: expected whole numbers such as 1,1,2"))
        };
        number.trim().parse().map_err(wrong)
    });
    each.collect()
}

fn named(text: Option<&str>) -> Result<BTreeMap<String, u64>, Failure> {
    let each = text.into_iter().flat_map(|text| text.split(',')).map(|part| {
        let wrong = || {
            Failure::usage(format!("{part:?} is no weight: expected NAME=NUMBER, such as East=3"))
        };
        let (name, weight) = part.rsplit_once('=').ok_or_else(wrong)?;
        let weight = weight.trim().parse().map_err(|_error| wrong())?;
        Ok((name.trim().to_owned(), weight))
    });
    each.collect()
}
