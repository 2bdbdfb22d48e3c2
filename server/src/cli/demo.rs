//! `fieldsync demo`.

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use super::failure::{Exit, Failure};
use super::signals::Signals;
use crate::StartError;
use crate::demo::{self, DemoArgs, Played};

/// Play a working day of an invented company, on simulated phones.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    #[command(flatten)]
    args: DemoArgs,
}

impl Demo {
    pub(super) async fn run(self, json: bool) -> Result<Answer, Failure> {
        let mut signals = Signals::listen().context("signals cannot be listened for")?;
        let stop = CancellationToken::new();
        let play = demo::run(&self.args, json, stop.clone());
        tokio::pin!(play);
        let played = tokio::select! {
            played = &mut play => played,
            () = signals.next() => {
                stop.cancel();
                tokio::select! {
                    played = play => played,
                    () = signals.next() => Ok(Played::Stopped),
                }
            }
        };
        match played.map_err(failed)? {
            Played::Stopped => Ok(Answer::silent()),
            Played::Day { summary, failures } if failures.is_empty() => {
                Ok(Answer::summary(&summary).context("the summary")?)
            }
            Played::Day { summary, failures } => Err(Failure::new(
                Exit::Data,
                format!(
                    "the day did not come out as it must: {}; {}",
                    failures.join("; "),
                    serde_json::to_string(&summary).context("the summary")?
                ),
                "Report it with the seed: the same seed plays the same day.",
            )),
        }
    }
}

fn failed(error: anyhow::Error) -> Failure {
    match error.downcast::<StartError>() {
        Ok(StartError::PortInUse { bind }) => Failure::new(
            Exit::Unavailable,
            format!("{bind} is in use"),
            "Stop what listens there, or choose another port with --port; 0 takes any free one.",
        ),
        Ok(start) => start.into(),
        Err(other) => Failure::new(
            Exit::Unavailable,
            format!("the demo stopped: {other:#}"),
            "Try again; --data must name an empty directory, or be left out for a temporary one.",
        ),
    }
}
