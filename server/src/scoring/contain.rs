//! A fault in computing costs one card and not the job.
//!
//! The job has one thread. What panics on it would end the scores of every org until
//! somebody starts the server again, and nobody would be told. So each mark, and each
//! round besides, is polled where a panic becomes an error like any other.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use super::ScoringError;

/// Does `work`; a panic in it is [`ScoringError::Rules`].
pub(super) async fn contained<T>(
    work: impl Future<Output = Result<T, ScoringError>>,
) -> Result<T, ScoringError> {
    let mut work = pin!(work);
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled
            .unwrap_or_else(|panic| Poll::Ready(Err(ScoringError::Rules { reason: said(&*panic) })))
    })
    .await
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without words").to_owned()
}
