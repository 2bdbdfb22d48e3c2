//! The rules: their versions, their text, and who would gain and lose by another one.

use askama::Template;
use client_core::money::Currency;
use client_core::rules::policy::{PolicyChange, PolicyError};
use client_core::rules::{BasisPoints, CentiPoints, ChangeReason, Limit, LineChange, Normalised};

use super::wording;
use crate::scoring::{RepReplay, Replay};
use crate::web::form::{Field, Input};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::queries::policy::Version;
use crate::web::view::{State, Tone};

/// Changes that a line of the list tells.
const BRIEF: usize = 3;

/// What the page is given.
#[derive(Debug)]
pub struct PolicyData {
    /// Versions, newest first.
    pub versions: Vec<Version>,
    /// The text in the editor.
    pub text: String,
    /// The version whose text it was, if it was one.
    pub shown: Option<u32>,
    /// The reader may set the rules.
    pub may: bool,
    /// Fields beside the text: from when, which month to try.
    pub fields: Vec<Field>,
    /// It may begin in a month that is over.
    pub restate: bool,
    /// What is wrong with the text.
    pub error: Option<PolicyError>,
    /// What the text would do, if it can be read.
    pub preview: Option<Preview>,
    /// The org's currency.
    pub currency: Currency,
}

/// What a draft would do.
#[derive(Debug)]
pub struct Preview {
    /// Hash of the text that was tried: what is set must be what was looked at.
    pub seen: String,
    /// What it says differently from the version that the month is scored by.
    pub changes: Vec<PolicyChange>,
    /// Numbers that no line of `[sources]` explains: line and key.
    pub unexplained: Vec<(usize, String)>,
    /// Who gains and who loses.
    pub replay: Replay,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "policy.html")]
pub struct PolicyPage {
    frame: Frame,
    message: Option<State>,
    may: bool,
    versions: Vec<VersionView>,
    editing: String,
    text: String,
    rows: usize,
    fields: Vec<Field>,
    restate: bool,
    wrong: Option<WrongView>,
    preview: Option<PreviewView>,
}

#[derive(Debug)]
struct VersionView {
    version: u32,
    href: String,
    state: Option<State>,
    from: String,
    name: String,
    changes: Vec<String>,
    more: Option<String>,
}

#[derive(Debug)]
struct WrongView {
    place: String,
    why: String,
    lines: Vec<(usize, String, bool)>,
}

#[derive(Debug)]
struct PreviewView {
    seen: String,
    head: String,
    changes: Vec<ChangeView>,
    unexplained: Vec<(usize, String)>,
    reps: Vec<RepView>,
}

#[derive(Debug)]
struct ChangeView {
    key: String,
    before: String,
    after: String,
}

#[derive(Debug)]
struct RepView {
    name: String,
    href: String,
    before: String,
    after: String,
    change: String,
    tone: &'static str,
    why: Vec<String>,
}

impl PolicyPage {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &PolicyData, message: Option<State>) -> Self {
        let shown = |version: u32| f.w.with("policy.text_of", &[("n", &version)]);
        Self {
            message,
            may: data.may,
            versions: data.versions.iter().map(|one| version(f, one)).collect(),
            editing: data.shown.map_or_else(|| f.w.say("policy.draft").to_owned(), shown),
            rows: data.text.lines().count().clamp(16, 40),
            text: data.text.clone(),
            fields: data.fields.clone(),
            restate: data.restate,
            wrong: data.error.as_ref().map(|error| wrong(f, &data.text, error)),
            preview: data.preview.as_ref().map(|one| preview(f, data.currency, one)),
            frame,
        }
    }
}

fn version(f: &Format, one: &Version) -> VersionView {
    let changes = one.changes.as_deref().unwrap_or_default();
    let left = changes.len().saturating_sub(BRIEF);
    let told = match &one.changes {
        None => vec![f.w.say("policy.first").to_owned()],
        Some(changes) if changes.is_empty() => vec![f.w.say("policy.same").to_owned()],
        Some(changes) => changes.iter().take(BRIEF).map(sentence).collect(),
    };
    VersionView {
        version: one.record.version,
        href: format!("/policy?version={}#text", one.record.version),
        state: one.in_force.then(|| State::new(Tone::Good, f.w.say("policy.in_force"))),
        from: f.date(one.record.effective_from),
        name: one.name.clone(),
        changes: told,
        more: (left > 0).then(|| f.w.with("policy.more", &[("n", &left)])),
    }
}

fn sentence(change: &PolicyChange) -> String {
    let ChangeView { key, before, after } = change_view(change);
    format!("{key} {before} → {after}")
}

fn change_view(change: &PolicyChange) -> ChangeView {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
    ChangeView {
        key: change.key.clone(),
        before: value(&change.before),
        after: value(&change.after),
    }
}

/// The line that is wrong with its neighbours, so that it is found in the text.
fn wrong(f: &Format, text: &str, error: &PolicyError) -> WrongView {
    const AROUND: usize = 2;
    let at = error.line();
    let lines = at.map_or_else(Vec::new, |at| {
        let first = at.saturating_sub(AROUND + 1);
        let near = text.lines().enumerate().skip(first).take(2 * AROUND + 1);
        near.map(|(index, line)| (index + 1, line.to_owned(), index + 1 == at)).collect()
    });
    let told = |text: &str| f.w.retold("policy_error", "policy_slot", text);
    let why = match error {
        PolicyError::Text { reason, .. } => told(reason),
        PolicyError::Value { key, value, allowed, .. } => {
            let value = f.w.retold("policy_slot", "", value);
            let allowed = told(allowed);
            // "Expected" stands before it already.
            let allowed = allowed.strip_prefix("expected ").unwrap_or(&allowed);
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("key", key), ("value", &value), ("allowed", &allowed)];
            f.w.with("policy.wrong_value", &values)
        }
        PolicyError::UnknownPreset { .. } => error.to_string(),
    };
    let place = |line: usize| f.w.with("policy.line", &[("n", &line)]);
    WrongView { place: at.map_or_else(String::new, place), why, lines }
}

fn preview(f: &Format, currency: Currency, one: &Preview) -> PreviewView {
    let replay = &one.replay;
    let period = f.period(replay.period);
    let values: [(&str, &dyn std::fmt::Display); 5] = [
        ("period", &period),
        ("n", &replay.policy_version),
        ("gain", &replay.gain),
        ("lose", &replay.lose),
        ("same", &replay.same),
    ];
    PreviewView {
        seen: one.seen.clone(),
        head: f.w.with("policy.replayed", &values),
        changes: one.changes.iter().map(change_view).collect(),
        unexplained: one.unexplained.clone(),
        reps: replay.reps.iter().map(|rep| rep_view(f, currency, replay, rep)).collect(),
    }
}

fn rep_view(f: &Format, currency: Currency, replay: &Replay, rep: &RepReplay) -> RepView {
    let points = |points: Option<CentiPoints>| {
        points.map_or_else(|| "–".to_owned(), |points| format::points(points.0))
    };
    let card = &rep.card;
    RepView {
        name: rep.name.clone(),
        href: format!("/scorecards/{}/{}", rep.rep, replay.period),
        before: points(card.before),
        after: points(card.after),
        change: signed(card.difference),
        tone: match card.difference.0 {
            0 => "",
            up if up > 0 => "good",
            _ => "late",
        },
        why: card
            .lines
            .iter()
            .filter(|line| !line.reasons.is_empty())
            .map(|line| told(f, currency, line))
            .collect(),
    }
}

fn signed(points: CentiPoints) -> String {
    let shown = format::points(points.0);
    if points.0 > 0 { format!("+{shown}") } else { shown }
}

fn told(f: &Format, currency: Currency, line: &LineChange) -> String {
    let name = f.w.code("metric", line.indicator.as_str()).into_owned();
    let reasons: Vec<String> =
        line.reasons.iter().map(|reason| why(f, currency, line, reason)).collect();
    format!("{name} {}: {}", signed(line.difference), reasons.join("; "))
}

fn why(f: &Format, currency: Currency, line: &LineChange, reason: &ChangeReason) -> String {
    let value = |value: &Option<i64>| match value {
        None => "–".to_owned(),
        Some(value) => wording::value(f, &line.indicator, currency, *value),
    };
    let both = |key: &str, before: String, after: String| {
        f.w.with(key, &[("before", &before), ("after", &after)])
    };
    match reason {
        ChangeReason::Added => f.w.say("whatif.added").to_owned(),
        ChangeReason::Removed => f.w.say("whatif.removed").to_owned(),
        ChangeReason::Applies { before } => {
            f.w.with("whatif.applies", &[("why", &wording::not_applicable(f.w, *before))])
        }
        ChangeReason::AppliesNoMore { after } => {
            f.w.with("whatif.applies_no_more", &[("why", &wording::not_applicable(f.w, *after))])
        }
        ChangeReason::Weight { before, after } => {
            both("whatif.weight", format::points(before.0), format::points(after.0))
        }
        ChangeReason::Value { before, after } => both("whatif.value", value(before), value(after)),
        ChangeReason::Target { before, after } => {
            both("whatif.target", value(before), value(after))
        }
        ChangeReason::Counting { before, before_limit, after, after_limit } => both(
            "whatif.counting",
            counted(f, *before, *before_limit),
            counted(f, *after, *after_limit),
        ),
        ChangeReason::Gate { missed: true } => f.w.say("whatif.gate_missed").to_owned(),
        ChangeReason::Gate { missed: false } => f.w.say("whatif.gate_met").to_owned(),
    }
}

fn counted(f: &Format, normalised: Option<Normalised>, limit: Option<Limit>) -> String {
    let share = normalised.map_or_else(
        || "–".to_owned(),
        |normalised| {
            let share = BasisPoints(normalised.0 / 100_000);
            format::percent(share.0, 10_000)
        },
    );
    let code = limit.and_then(|limit| match serde_json::to_value(limit) {
        Ok(serde_json::Value::String(code)) => Some(code),
        _ => None,
    });
    code.map_or_else(|| share.clone(), |code| format!("{share} ({})", f.w.code("limit", &code)))
}
