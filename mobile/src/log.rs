//! What the library has to say goes into the platform's own log.
//!
//! The core speaks through `tracing`. An app hands over a sink, made over logcat or the
//! unified log, and hears every event at or above a level. A call into the app costs up
//! to 100 µs on Android, so the default is what a person should look at.

use std::fmt::Write;
use std::sync::{Arc, PoisonError, RwLock};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use crate::error::FieldError;

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, uniffi::Enum)]
pub enum LogLevel {
    /// Something does not work.
    Error,
    /// Something is odd.
    Warn,
    /// Something a person may want to know later.
    Info,
    /// For whoever looks for a fault.
    Debug,
}

/// The platform's log. Never given names, numbers, notes, places or tokens.
#[uniffi::export(foreign)]
pub trait LogSink: Send + Sync {
    /// Writes a line. Called on any thread: return quickly.
    fn log(&self, level: LogLevel, target: String, message: String) -> Result<(), FieldError>;
}

type Installed = (LogLevel, Arc<dyn LogSink>);

static SINK: RwLock<Option<Installed>> = RwLock::new(None);

/// Sends what the library has to say to `sink` from now on, instead of an earlier one.
/// One for the whole process.
#[uniffi::export]
pub fn log_to(sink: Arc<dyn LogSink>, least: LogLevel) -> Result<(), FieldError> {
    *SINK.write().unwrap_or_else(PoisonError::into_inner) = Some((least, sink));
    // The second time the bridge is there already and finds the new sink.
    let _there = tracing::subscriber::set_global_default(Bridge);
    tracing::callsite::rebuild_interest_cache();
    Ok(())
}

fn level(of: &Level) -> LogLevel {
    match *of {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG | Level::TRACE => LogLevel::Debug,
    }
}

fn sink_for(metadata: &Metadata<'_>) -> Option<Arc<dyn LogSink>> {
    let installed = SINK.read().unwrap_or_else(PoisonError::into_inner);
    let (least, sink) = installed.as_ref()?;
    // Other crates' lines may hold what ours never do, such as addresses.
    let ours = ["client_core", "fieldsync"].iter().any(|ours| metadata.target().starts_with(ours));
    (ours && level(metadata.level()) <= *least).then(|| Arc::clone(sink))
}

struct Bridge;

impl Subscriber for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && sink_for(metadata).is_some()
    }

    fn event(&self, event: &Event<'_>) {
        let Some(sink) = sink_for(event.metadata()) else { return };
        let mut line = Line::default();
        event.record(&mut line);
        let metadata = event.metadata();
        // A log that fails is no reason for anything else to fail.
        let _lost = sink.log(
            level(metadata.level()),
            metadata.target().to_owned(),
            line.message + &line.fields,
        );
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}
    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}
    fn enter(&self, _span: &span::Id) {}
    fn exit(&self, _span: &span::Id) {}
}

/// The message, then the fields.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to memory cannot fail.
        let _written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
