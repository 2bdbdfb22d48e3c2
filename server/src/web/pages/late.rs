//! Late work: the list of what waits, and one case with what it would change.

use askama::Template;
use client_core::docs::{DocKind, LeftOut};
use client_core::id::{ItemId, UserId};
use client_core::projection::DocState;
use client_core::records::{Cause, DecisionRecord, Verdict};
use client_core::rules::policy::Policy;

use super::conflicts;
use super::edit::{self, Group};
use super::wording;
use crate::office::Case;
use crate::web::form::{Field, Input};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// A case in the list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The case.
    pub decision: DecisionRecord,
    /// What the document says now; none if it is not there.
    pub now: Option<DocState>,
    /// The author's name.
    pub author: String,
    /// The name of who decided, if anybody did.
    pub by: Option<String>,
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "late.html")]
pub struct LateList {
    frame: Frame,
    message: Option<State>,
    count_line: String,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    href: String,
    name: String,
    kind: String,
    author: String,
    changes: usize,
    received: String,
    state: State,
    by: String,
}

impl LateList {
    /// The list of `cases`.
    pub fn new(frame: Frame, f: &Format, cases: &[Listed], message: Option<State>) -> Self {
        let waiting = cases.iter().filter(|case| case.decision.verdict.is_none()).count();
        let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
        let row = |case: &Listed| Row {
            href: format!("/quarantine/{}", case.decision.id),
            name: name(f, case.now.as_ref()),
            kind: kind(f, case.decision.kind),
            author: case.author.clone(),
            changes: case.decision.changes.len(),
            received: f.moment(case.decision.received_at),
            state: state(f, case.decision.verdict),
            by: decided(f, &case.decision, case.by.as_deref()),
        };
        Self {
            count_line: f.w.count("late.waits_count", waiting, &[("n", &waiting)]),
            rows: cases.iter().map(row).collect(),
            frame,
            message,
        }
    }
}

/// What the page of a case is given.
#[derive(Debug, Clone)]
pub struct CaseData {
    /// The case with its content.
    pub case: Case,
    /// The author's name.
    pub author: String,
    /// The name of who decided, if anybody did.
    pub by: Option<String>,
    /// The name of who holds the document now.
    pub holder: Option<String>,
    /// The rules, for the names of stages.
    pub policy: Option<Policy>,
    /// Everybody's names, for who sees to something.
    pub people: Vec<(UserId, String)>,
    /// What the reader entered as a note.
    pub note: String,
}

/// One case.
#[derive(Debug, Template)]
#[template(path = "late_case.html")]
pub struct LateCase {
    frame: Frame,
    message: Option<State>,
    path: String,
    href: Option<String>,
    name: String,
    kind: String,
    author: String,
    state: State,
    differences: Vec<Difference>,
    /// What does not go in, or did not, with what was written there.
    left_out: Vec<Pair>,
    /// Why changes of which nothing goes in have to wait on.
    wait_on: Option<String>,
    /// Only a part of it can be accepted.
    in_part: bool,
    cannot: bool,
    waits: bool,
    note: String,
    note_label: String,
    hand_over: Option<String>,
    pairs: Vec<Pair>,
}

#[derive(Debug)]
struct Pair {
    label: String,
    value: String,
}

#[derive(Debug, PartialEq, Eq)]
struct Difference {
    label: String,
    now: String,
    then: String,
}

impl LateCase {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &CaseData, message: Option<State>) -> Self {
        let (w, case) = (f.w, &data.case);
        let decision = &case.decision;
        let waits = decision.verdict.is_none();
        let pair = |key: &str, value: String| Pair { label: w.say(key).to_owned(), value };
        let mut pairs = vec![pair("late.author", data.author.clone())];
        if let Some((first, last)) = case.written {
            let (first, last) = (f.moment(first), f.moment(last));
            let written = if first == last { first } else { format!("{first} – {last}") };
            pairs.push(pair("late.written", written));
        }
        pairs.push(pair("late.received", f.moment(decision.received_at)));
        pairs.push(pair("late.changes", decision.changes.len().to_string()));
        let nobody = || w.say("late.nobody").to_owned();
        pairs.push(pair("late.holder", data.holder.clone().unwrap_or_else(nobody)));
        let author: &dyn std::fmt::Display = &data.author;
        let why = match decision.cause {
            Cause::Late => "late.why_late",
            Cause::BuildsOn => "late.why_builds_on",
            Cause::Unreadable | Cause::Other => "late.why_unreadable",
            Cause::NotStored => "late.why_not_stored",
            Cause::CameBack => "late.why_came_back",
        };
        pairs.push(pair("late.why", w.with(why, &[("author", author)])));
        if !waits {
            pairs.push(pair("late.state", decided(f, decision, data.by.as_deref())));
        }
        if let Some(note) = &decision.note {
            let label = w.with("late.note", &[("author", author)]);
            pairs.push(Pair { label, value: note.clone() });
        }
        let other = case.holder.filter(|holder| *holder != decision.author);
        let holder = data.holder.as_ref().filter(|_name| other.is_some());
        let hand_over = holder.map(|name| w.with("late.hand_over", &[("name", name)]));
        let (left_out, nowhere): (_, &[LeftOut]) = match waits {
            true => (&case.rest.left_out, &case.rest.nowhere),
            false => (&decision.left_out, &[]),
        };
        let left_out: Vec<Pair> =
            left_out.iter().chain(nowhere).map(|one| not_there(f, case, one)).collect();
        let held_back = Some(case.rest.waits_on.len()).filter(|count| waits && *count > 0);
        let wait_on = held_back.filter(|_count| case.then.is_some());
        let wait_on = wait_on.map(|count| {
            w.count("late.wait_on", i64::try_from(count).unwrap_or(0), &[("n", &count)])
        });
        let differences =
            case.then.as_ref().map(|then| differences(f, case.now.as_ref(), then, data));
        Self {
            message,
            path: format!("/quarantine/{}", decision.id),
            href: case.now.as_ref().and_then(|_state| match decision.kind {
                DocKind::Customer => Some(format!("/customers/{}", decision.subject)),
                DocKind::Deal => Some(format!("/deals/{}", decision.subject)),
                DocKind::Visit => Some(format!("/visits/{}", decision.subject)),
                DocKind::Plan | DocKind::Case => None,
            }),
            name: name(f, case.now.as_ref().or(case.then.as_ref())),
            kind: kind(f, decision.kind),
            author: data.author.clone(),
            state: state(f, decision.verdict),
            cannot: differences.is_none() && waits,
            in_part: waits && (!left_out.is_empty() || wait_on.is_some()),
            left_out,
            wait_on,
            differences: differences.unwrap_or_default(),
            waits,
            note: data.note.clone(),
            note_label: w.with("late.note", &[("author", author)]),
            hand_over,
            pairs,
            frame,
        }
    }
}

/// A field that is not in the document any more, with what was written there.
fn not_there(f: &Format, case: &Case, left_out: &LeftOut) -> Pair {
    let named = |id: &str| match (&case.now, id.parse::<ItemId>()) {
        (Some(DocState::Customer(state)), Ok(id)) => {
            state.value.contacts.get(&id).and_then(|contact| contact.name.clone())
        }
        _ => None,
    };
    let removed = || f.w.say("late.no_value").to_owned();
    Pair {
        label: conflicts::field(f.w, &left_out.field, named),
        value: left_out.value.clone().unwrap_or_else(removed),
    }
}

fn name(f: &Format, state: Option<&DocState>) -> String {
    match state {
        Some(DocState::Customer(state)) => wording::customer_name(f.w, state.value.name.as_deref()),
        Some(DocState::Deal(state)) => {
            let unnamed = || f.w.say("customer.deal_unnamed").to_owned();
            state.value.name.clone().unwrap_or_else(unnamed)
        }
        Some(DocState::Visit(state)) => {
            wording::customer_name(f.w, state.value.customer_name.as_deref())
        }
        Some(DocState::Plan(state)) => {
            state.value.date.map_or_else(String::new, |date| date.to_string())
        }
        Some(DocState::Case(state)) => {
            let unnamed = || f.w.say("word.case").to_owned();
            state.value.subject.clone().unwrap_or_else(unnamed)
        }
        None => f.w.say("late.unnamed").to_owned(),
    }
}

fn kind(f: &Format, kind: DocKind) -> String {
    let key = match kind {
        DocKind::Customer => "word.customer",
        DocKind::Deal => "word.deal",
        DocKind::Visit => "word.visit",
        DocKind::Case => "word.case",
        DocKind::Plan => return kind.as_str().to_owned(),
    };
    f.w.say(key).to_owned()
}

fn state(f: &Format, verdict: Option<Verdict>) -> State {
    let tone = match verdict {
        None => Tone::Watch,
        Some(Verdict::Accepted | Verdict::HandedOver) => Tone::Good,
        Some(Verdict::Rejected) => Tone::Neutral,
    };
    State::new(tone, f.w.code("late", verdict.map_or("waits", Verdict::as_str)).into_owned())
}

/// Who decided, and when.
fn decided(f: &Format, decision: &DecisionRecord, by: Option<&str>) -> String {
    let Some(at) = decision.at else { return String::new() };
    let name = by.unwrap_or_else(|| f.w.say("late.command_line"));
    f.w.with("late.by", &[("name", &name), ("time", &f.moment(at))])
}

/// What would stand where, field by field, as the forms name them. What has no field
/// on a form is told as it is stored.
fn differences(
    f: &Format,
    now: Option<&DocState>,
    then: &DocState,
    data: &CaseData,
) -> Vec<Difference> {
    let groups = |state: &DocState| match state {
        DocState::Customer(state) => {
            // The places for something new are the same on both sides.
            edit::customer_groups(f, &state.value, &data.people, || ItemId::from_bytes([0; 16]))
        }
        DocState::Deal(state) => edit::deal_groups(f, &state.value, data.policy.as_ref()),
        DocState::Visit(_) | DocState::Plan(_) | DocState::Case(_) => Vec::new(),
    };
    let before = now.map(|now| shown(&groups(now))).unwrap_or_default();
    let after = shown(&groups(then));
    let text = |fields: &[Shown], name: &str| {
        fields.iter().find(|field| field.name == name).map(|field| field.text.clone())
    };
    let gone = before.iter().filter(|field| text(&after, &field.name).is_none());
    let mut found: Vec<Difference> = after
        .iter()
        .chain(gone)
        .map(|field| Difference {
            label: field.label.clone(),
            now: text(&before, &field.name).unwrap_or_default(),
            then: text(&after, &field.name).unwrap_or_default(),
        })
        .filter(|difference| difference.now != difference.then)
        .collect();
    found.extend(unformed(f, now, then));
    found
}

/// What the names of a contact's fields begin with.
const CONTACT: &str = "contacts.";

/// A field of a form with its value in words.
struct Shown {
    name: String,
    label: String,
    text: String,
}

fn shown(groups: &[Group]) -> Vec<Shown> {
    let mut fields = Vec::new();
    for group in groups {
        for field in &group.fields {
            // Whether a contact stays is told by what stands in it.
            if field.name.starts_with(CONTACT) && field.name.matches('.').count() == 1 {
                continue;
            }
            let label = match field.name.starts_with(CONTACT) {
                true => format!("{} · {}", group.title, field.label),
                false => field.label.clone(),
            };
            fields.push(Shown { name: field.name.clone(), label, text: in_words(field) });
        }
    }
    fields
}

fn in_words(field: &Field) -> String {
    match &field.kind {
        Input::Choice(choices) if !field.value.is_empty() => {
            let chosen = choices.iter().find(|choice| choice.value == field.value);
            chosen.map_or_else(|| field.value.clone(), |choice| choice.label.clone())
        }
        Input::Line(_) | Input::Lines | Input::Choice(_) => field.value.clone(),
    }
}

/// What the forms show, as the states name it at their top.
const FORMED: [&str; 30] = [
    "name",
    "industry",
    "size_band",
    "region",
    "channel",
    "address",
    "lifecycle",
    "nurture",
    "reference",
    "at_risk",
    "recovery",
    "notes",
    "credit",
    "aliases",
    "tags",
    "needs",
    "pains",
    "phones",
    "contacts",
    "stage",
    "amount",
    "priority",
    "expected_close",
    "next_step",
    "next_step_due",
    "outcome",
    "lost_reason",
    "lifecycle_history",
    "stage_history",
    "decided_at",
];

fn unformed(f: &Format, now: Option<&DocState>, then: &DocState) -> Vec<Difference> {
    let plain = |state: &DocState| match state {
        DocState::Customer(state) => serde_json::to_value(&state.value),
        DocState::Deal(state) => serde_json::to_value(&state.value),
        DocState::Visit(state) => serde_json::to_value(&state.value),
        DocState::Plan(state) => serde_json::to_value(&state.value),
        DocState::Case(state) => serde_json::to_value(&state.value),
    };
    let fields = |state: &DocState| match plain(state) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (before, after) = (now.map(fields).unwrap_or_default(), fields(then));
    let formed = matches!(then, DocState::Customer(_) | DocState::Deal(_));
    let text = |value: Option<&serde_json::Value>| match value {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Object(map)) if map.is_empty() => String::new(),
        Some(other) => other.to_string(),
    };
    after
        .iter()
        .filter(|(name, _)| !(formed && FORMED.contains(&name.as_str())))
        .map(|(name, value)| Difference {
            label: f.w.code("late_field", name).into_owned(),
            now: text(before.get(name)),
            then: text(Some(value)),
        })
        .filter(|difference| difference.now != difference.then)
        .collect()
}
