//! Commands by which people ask and answer: each goes to the office, which knows who may.

use client_core::id::RecordId;
use client_core::protocol::{
    AnswerAsked, Ask, AskTarget, AssessSelf, Command, ContestLine, JudgeVisit, Question,
    ReviewVisit, StepAppraisal,
};

use crate::app::App;
use crate::auth::SignedDevice;
use crate::office::{AskError, By, NewStep, Office, Registrar, VoidError};
use crate::storage::StorageError;

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is done.
    Done,
    /// It will never be, for this reason.
    Refused(String),
    /// Not now, and it is nobody's decision: it stays on the phone and comes again.
    Later,
}

impl From<Option<String>> for Outcome {
    fn from(refused: Option<String>) -> Self {
        refused.map_or(Self::Done, Self::Refused)
    }
}

/// Does what a command asks.
pub(super) async fn take(
    app: &App,
    from: &SignedDevice,
    command: &Command,
) -> Result<Outcome, StorageError> {
    let office = Office::of(app.clone(), from.signed.org);
    let Some(user) = office.user(from.signed.user).await? else {
        let refused = "this person is not in the organisation any more".to_owned();
        return Ok(Outcome::Refused(refused));
    };
    let registrar = office.registrar(By::Person(user)).await?;
    // What a command makes has its id: the command again makes the same.
    let id = RecordId::from_bytes(*command.id.as_bytes());
    let body = &command.body;
    let done = match command.kind.as_str() {
        ReviewVisit::KIND => match ReviewVisit::decode(body) {
            Some(ask) => registrar.review_visit(id, ask).await.map(drop),
            None => return Ok(unread()),
        },
        JudgeVisit::KIND => match JudgeVisit::decode(body) {
            Some(ask) => registrar.judge_visit(ask).await.map(drop),
            None => return Ok(unread()),
        },
        AskTarget::KIND => match AskTarget::decode(body) {
            Some(ask) => registrar.ask_target(id, ask).await.map(drop),
            None => return Ok(unread()),
        },
        ContestLine::KIND => match ContestLine::decode(body) {
            Some(ask) => registrar.contest_line(id, ask).await.map(drop),
            None => return Ok(unread()),
        },
        AssessSelf::KIND => match AssessSelf::decode(body) {
            Some(ask) => registrar.assess_self(ask).await.map(drop),
            None => return Ok(unread()),
        },
        StepAppraisal::KIND => match StepAppraisal::decode(body) {
            Some(ask) => {
                let StepAppraisal { rep, period, to, comment, ratings, at } = ask;
                let step = NewStep { rep, period, to, comment, ratings, at };
                registrar.step_appraisal(step).await.map(drop)
            }
            None => return Ok(unread()),
        },
        _ => match AnswerAsked::decode(body) {
            Some(answer) => answered(&registrar, answer).await,
            None => return Ok(unread()),
        },
    };
    match done {
        Ok(()) => Ok(Outcome::Done),
        Err(AskError::Storage(error)) => Err(error),
        // § What came with it belongs into the card that is frozen.
        Err(AskError::NotYet { .. }) => Ok(Outcome::Later),
        // § A fault of ours delays and never loses.
        Err(AskError::Judge(VoidError::Rules(error)) | AskError::Rules(error)) => {
            tracing::error!(org = %from.signed.org, %error, "the rules could not be asked: whoever \
                settles a visit or hands in a month is answered once they can be read");
            Ok(Outcome::Later)
        }
        Err(error) => Ok(Outcome::Refused(error.to_string())),
    }
}

fn unread() -> Outcome {
    Outcome::Refused("the request could not be read".to_owned())
}

async fn answered(registrar: &Registrar, answer: AnswerAsked) -> Result<(), AskError> {
    let AnswerAsked { question, id, yes, note } = answer;
    let done = match question {
        Question::Adjustment => registrar.answer_adjustment(id, yes, note).await.map(drop),
        Question::Contest => registrar.answer_contest(id, yes, note).await.map(drop),
        Question::Signal => {
            registrar.answer_signal(id, yes, note.as_deref().unwrap_or_default()).await.map(drop)
        }
    };
    match done {
        // The answer to this very command was lost.
        Err(AskError::Already { yes: stands, by }) if stands == yes && by == registrar.by_id() => {
            Ok(())
        }
        done => done,
    }
}
