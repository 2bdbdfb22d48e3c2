//! Requests for other targets, and what was answered.

use client_core::money::Currency;
use client_core::records::{AdjustmentRecord, Metric};

use crate::web::format::Format;
use crate::web::pages::wording;
use crate::web::view::{State, Tone};

/// A request that the reader may see.
#[derive(Debug, Clone)]
pub struct Request {
    /// The request.
    pub record: AdjustmentRecord,
    /// Of what the target is.
    pub metric: Metric,
    /// For when, in words.
    pub period: String,
    /// Whose target it is; none for the whole company's.
    pub whose: Option<String>,
    /// Who asks; none for the command line.
    pub by: Option<String>,
    /// Who answered, if somebody did.
    pub answered_by: Option<String>,
    /// The reader may answer it.
    pub may: bool,
}

/// A request as a page shows it.
#[derive(Debug)]
pub struct RequestView {
    /// Which.
    pub id: String,
    /// The target.
    pub href: String,
    /// Whose target.
    pub whose: String,
    /// Of what and for when.
    pub about: String,
    /// From what to what.
    pub change: String,
    /// Why.
    pub reason: String,
    /// Who asks, and when.
    pub asked: String,
    /// How it stands.
    pub state: State,
    /// What was said with the answer.
    pub note: String,
    /// The reader may answer it.
    pub may: bool,
}

impl RequestView {
    /// The view of a request.
    pub fn new(f: &Format, currency: Currency, one: &Request) -> Self {
        let value = |value: i64| wording::value(f, &one.metric, currency, value);
        let record = &one.record;
        let somebody = |name: &Option<String>| {
            name.clone().unwrap_or_else(|| f.w.say("person.command_line").to_owned())
        };
        let state = match &record.answer {
            None => State::new(Tone::Watch, f.w.say("targets.waits")),
            Some(answer) => {
                let (tone, key) = match answer.approved {
                    true => (Tone::Good, "targets.approved"),
                    false => (Tone::Neutral, "targets.declined"),
                };
                let by = somebody(&one.answered_by);
                State::new(tone, f.w.with(key, &[("by", &by), ("day", &f.moment(answer.at))]))
            }
        };
        let note = record.answer.as_ref().and_then(|answer| answer.note.clone());
        Self {
            id: record.id.to_string(),
            href: format!("/targets/{}", record.target),
            whose: super::named(f, one.whose.as_deref()),
            about: format!("{} · {}", super::metric(f, &one.metric), one.period),
            change: format!("{} → {}", value(record.was), value(record.wanted)),
            reason: record.reason.clone(),
            asked: format!("{} · {}", somebody(&one.by), f.moment(record.at)),
            state,
            note: note.unwrap_or_default(),
            may: one.may && record.answer.is_none(),
        }
    }
}
