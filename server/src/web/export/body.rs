//! The rows as a body of an answer: the next ones are read when the reader has
//! taken the last, and nothing is read for a reader who has gone.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use client_core::id::DocId;
use hyper::body::{Body, Frame};

use super::{CHUNK, Export};
use crate::storage::StorageError;

type Chunk = Pin<Box<dyn Future<Output = Result<Vec<u8>, StorageError>> + Send>>;

pub(super) struct Rows {
    export: Arc<Export>,
    head: Option<Vec<u8>>,
    left: std::vec::IntoIter<DocId>,
    reading: Option<Chunk>,
}

impl Rows {
    pub(super) fn new(export: Export, docs: Vec<DocId>) -> Self {
        let head = Some(export.head());
        Self { export: Arc::new(export), head, left: docs.into_iter(), reading: None }
    }
}

impl Body for Rows {
    type Data = Bytes;
    type Error = StorageError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StorageError>>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(Frame::data(head.into()))));
        }
        if self.reading.is_none() {
            let docs: Vec<DocId> = self.left.by_ref().take(CHUNK).collect();
            if docs.is_empty() {
                return Poll::Ready(None);
            }
            let export = Arc::clone(&self.export);
            self.reading = Some(Box::pin(async move { export.chunk(docs).await }));
        }
        let Some(reading) = self.reading.as_mut() else { return Poll::Ready(None) };
        let rows = ready!(reading.as_mut().poll(context));
        self.reading = None;
        if let Err(error) = &rows {
            // The answer is under way: the file ends early, and the browser says so.
            tracing::error!(%error, "a list could not be written to its end");
        }
        Poll::Ready(Some(rows.map(|rows| Frame::data(rows.into()))))
    }
}
