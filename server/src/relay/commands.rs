//! Commands: kept once, answered clearly.
//!
//! Each kind has a handler that may run again: a request that broke off between the
//! effect and its note is repeated by the phone, and must come to the same.

use client_core::protocol::{
    AnswerAsked, Ask, AskTarget, AssessSelf, Command, CommandResult, ContestLine, DecideQuarantine,
    JudgeVisit, ReviewVisit, StepAppraisal,
};
use client_core::time::Timestamp;

use super::SyncError;
use super::asks::{self, Outcome};
use crate::app::App;
use crate::auth::SignedDevice;
use crate::office::{By, DecideError, Office};
use crate::storage::model::NewCommand;
use crate::storage::{Documents, StorageError};

/// Bytes of one command: a page of text with its evidence.
const LARGEST: usize = 64 * 1024;

/// Takes commands in order. A repeated one gets the answer it got before.
pub(super) async fn take(
    app: &App,
    from: &SignedDevice,
    commands: Vec<Command>,
    now: Timestamp,
) -> Result<Vec<CommandResult>, SyncError> {
    let mut results = Vec::with_capacity(commands.len());
    for command in commands {
        let id = command.id;
        if let Some(refused) = app.storage().command_answer(from.signed.org, id).await? {
            results.push(CommandResult { id, refused });
            continue;
        }
        let size = command.body.len();
        if app.quotas().admit(from, 1, size as u64, now).is_err() {
            // § A quota delays and never loses: without an answer it stays on the phone.
            continue;
        }
        let outcome = match command.kind.as_str() {
            _ if size > LARGEST => Outcome::Refused(format!(
                "it holds {size} bytes, the limit is {LARGEST}: say it in fewer words"
            )),
            DecideQuarantine::KIND => decide(app, from, &command.body).await?.into(),
            ReviewVisit::KIND
            | JudgeVisit::KIND
            | AskTarget::KIND
            | ContestLine::KIND
            | AssessSelf::KIND
            | StepAppraisal::KIND
            | AnswerAsked::KIND => asks::take(app, from, &command).await?,
            kind => Outcome::Refused(format!("this server takes no commands of kind {kind:?}")),
        };
        let refused = match outcome {
            Outcome::Done => None,
            Outcome::Refused(why) => Some(why),
            Outcome::Later => continue,
        };
        let kept = NewCommand {
            id,
            user: from.signed.user,
            device: from.device,
            kind: command.kind,
            // What was refused is told, and nothing of it is kept.
            body: if refused.is_none() { command.body.into_vec() } else { Vec::new() },
            refused: refused.clone(),
        };
        app.storage().keep_command(from.signed.org, kept, now).await?;
        results.push(CommandResult { id, refused });
    }
    Ok(results)
}

/// Decides on late work for an offline leader; why not, if it was not done.
async fn decide(
    app: &App,
    from: &SignedDevice,
    body: &[u8],
) -> Result<Option<String>, StorageError> {
    let Some(DecideQuarantine { case, verdict, note }) = DecideQuarantine::decode(body) else {
        return Ok(Some("the decision could not be read".to_owned()));
    };
    let office = Office::of(app.clone(), from.signed.org);
    let Some(user) = office.user(from.signed.user).await? else {
        return Ok(Some("this person is not in the organisation any more".to_owned()));
    };
    let me = Some(user.id);
    let registrar = office.registrar(By::Person(user)).await?;
    match registrar.decide(case, verdict, note).await {
        Ok(_) => Ok(None),
        Err(DecideError::Storage(error)) => Err(error),
        // The answer to this very command was lost.
        Err(DecideError::Already { verdict: stands, by }) if stands == verdict && by == me => {
            Ok(None)
        }
        Err(error) => Ok(Some(error.to_string())),
    }
}
