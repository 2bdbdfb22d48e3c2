//! A visit as a story: what was planned, where and when it happened, what came
//! of it, and every change that wrote it.

mod details;
mod story;

use std::collections::BTreeMap;

use askama::Template;
use client_core::docs::visit::VisitState;
use client_core::geo::Point;
use client_core::id::{DocId, ItemId, UserId};
use client_core::period::Period;
use client_core::records::Ruling;
use client_core::rules::policy::Policy;
use client_core::rules::{JudgedVisit, LocationVerdict, Verdict};
use client_core::time::Timestamp;

use super::history::{ChangeEntry, ChangeRow};
use super::wording;
use crate::web::chart::PlaceSketch;
use crate::web::form::{Field, Input};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::view::{Pair, State, Tone};

/// What the page is given.
#[derive(Debug, Clone)]
pub struct VisitData {
    /// The state.
    pub state: VisitState,
    /// Fields that could not be read.
    pub faults: Vec<String>,
    /// Who went.
    pub rep: UserId,
    /// Their name.
    pub rep_name: String,
    /// Whether the reader may see their card.
    pub rep_seen: bool,
    /// The customer, if the reader may open it.
    pub customer: Option<DocId>,
    /// The customer's name now; the visit has its own copy.
    pub customer_name: Option<String>,
    /// Where the customer is.
    pub position: Option<Point>,
    /// What the rules said.
    pub judged: Option<JudgedVisit>,
    /// The policy they ran with.
    pub policy: Option<Policy>,
    /// When the server received the visit first.
    pub received_at: Timestamp,
    /// Names of the people in it.
    pub people: BTreeMap<UserId, String>,
    /// Names of the customer's contacts.
    pub contacts: BTreeMap<ItemId, String>,
    /// Names of the deals in it.
    pub deals: BTreeMap<DocId, String>,
    /// The changes that wrote it, oldest first.
    pub history: Vec<ChangeEntry>,
    /// What was decided about it.
    pub ruling: Option<RulingLine>,
    /// The same rep's visit before.
    pub earlier: Option<DocId>,
    /// The same rep's visit after.
    pub later: Option<DocId>,
}

/// What was decided about a visit, by whom and why.
#[derive(Debug, Clone)]
pub struct RulingLine {
    /// What.
    pub ruling: Ruling,
    /// Who; nobody where the command line did.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

impl RulingLine {
    /// The same in words.
    pub fn line(&self, f: &Format) -> String {
        let office = || f.w.say("void.office").to_owned();
        let name = self.by.clone().unwrap_or_else(office);
        let day = f.day(f.zone.date(self.at));
        let key = match self.ruling {
            Ruling::Accept => "judge.accepted",
            Ruling::Reject => "judge.rejected",
            Ruling::Void => "void.standing",
        };
        f.w.with(key, &[("day", &day), ("name", &name), ("reason", &self.reason)])
    }
}

impl VisitData {
    /// Whether it waits for somebody to settle it, or was settled and may be otherwise.
    pub fn is_to_settle(&self) -> bool {
        let settled = self.ruling.as_ref().map(|ruling| ruling.ruling);
        let waits = self
            .judged
            .as_ref()
            .is_some_and(|judged| matches!(judged.verdict, Verdict::NeedsReview(_)));
        match settled {
            Some(ruling) => !ruling.is_void(),
            None => waits,
        }
    }

    /// When it began; when it was received, if it does not say.
    pub fn began(&self) -> Timestamp {
        super::customer::start_of(&self.state).unwrap_or(self.received_at)
    }

    /// The rep's card of a month, for whoever may see it.
    fn rep_href(&self, month: Period) -> Option<String> {
        self.rep_seen.then(|| format!("/scorecards/{}/{month}", self.rep))
    }

    fn person(&self, user: UserId) -> String {
        self.people.get(&user).cloned().unwrap_or_else(|| user.to_string())
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "visit.html")]
pub struct VisitPage {
    frame: Frame,
    customer: String,
    customer_href: Option<String>,
    day: String,
    board_href: String,
    rep: String,
    rep_href: Option<String>,
    mode: String,
    purpose: String,
    times: String,
    earlier: Option<String>,
    later: Option<String>,
    verdict: State,
    verdict_rule: String,
    reasons: Vec<String>,
    judge: Option<Judge>,
    story: Vec<Step>,
    history: Vec<ChangeRow>,
    details: Vec<Pair>,
    photos: Vec<PhotoRow>,
    journal: Option<JournalView>,
}

#[derive(Debug, Default)]
struct Step {
    time: String,
    title: String,
    state: Option<State>,
    texts: Vec<String>,
    map: Option<PlaceSketch>,
}

/// The form that settles a visit under review.
#[derive(Debug)]
pub struct Judge {
    /// Where it goes.
    pub action: String,
    /// Why, for the rep.
    pub note: Field,
    /// What went wrong.
    pub message: Option<State>,
}

impl Judge {
    /// The form for a visit, with what was entered and what was wrong with it.
    pub fn of(f: &Format, visit: DocId, entered: &str, wrong: Option<String>) -> Self {
        Self {
            action: format!("/visits/{visit}/judge"),
            message: wrong.as_ref().map(|wrong| State::new(Tone::Late, wrong)),
            note: Field::lines("note", f.w.say("judge.note"), entered).required().wrong(wrong),
        }
    }
}

#[derive(Debug)]
struct PhotoRow {
    title: String,
    taken: String,
    hash: String,
}

#[derive(Debug)]
struct JournalView {
    previous: String,
    customer: String,
}

impl VisitPage {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &VisitData, judge: Option<Judge>) -> Self {
        let state = &data.state;
        let date = f.zone.date(data.began());
        let link = |doc: DocId| format!("/visits/{doc}");
        let submitted = state.submitted_at.is_some();
        let name = state.customer_name.as_deref().or(data.customer_name.as_deref());
        Self {
            customer: wording::customer_name(f.w, name),
            customer_href: data.customer.map(|doc| format!("/customers/{doc}")),
            day: f.day(date),
            board_href: format!("/board?date={date}"),
            rep: data.rep_name.clone(),
            rep_href: data.rep_href(Period::month_of(date)),
            mode: wording::code(f.w, "mode", state.mode.as_ref().map(|mode| mode.as_str())),
            purpose: state
                .purpose
                .as_ref()
                .map(|purpose| f.w.code("purpose", purpose.as_str()).into_owned())
                .unwrap_or_default(),
            times: times(state),
            earlier: data.earlier.map(link),
            later: data.later.map(link),
            verdict: data.judged.as_ref().map_or_else(
                || wording::not_judged(f.w, submitted),
                |judged| wording::judged(f.w, judged),
            ),
            verdict_rule: verdict_rule(data),
            reasons: data
                .ruling
                .iter()
                .map(|ruling| ruling.line(f))
                .chain(data.judged.iter().flat_map(|judged| wording::reasons(f.w, &judged.verdict)))
                .collect(),
            judge,
            story: story::steps(f, data),
            history: data.history.iter().map(|change| ChangeRow::new(f, change)).collect(),
            details: details::details(f, data),
            photos: details::photos(f, state),
            journal: state.journal.map(|journal| JournalView {
                previous: if journal.previous == [0; 16] {
                    f.w.say("visit.journal_first").to_owned()
                } else {
                    data_encoding::HEXLOWER.encode(&journal.previous)
                },
                customer: data_encoding::HEXLOWER.encode(&journal.customer_heads),
            }),
            frame,
        }
    }
}

/// `09:12–09:47` in the zone where it happened.
fn times(state: &VisitState) -> String {
    let start = state.started_at.as_ref().or(state.check_in.as_ref().map(|check| &check.at));
    let end = state.ended_at.as_ref().or(state.check_out.as_ref().map(|check| &check.at));
    match (start, end) {
        (Some(start), Some(end)) => format!(
            "{}–{}",
            format::clock(start.at, start.offset_s),
            format::clock(end.at, end.offset_s)
        ),
        (Some(start), None) => format::clock(start.at, start.offset_s),
        _ => String::new(),
    }
}

fn verdict_rule(data: &VisitData) -> String {
    let source = wording::guide(data.policy.as_ref(), &["visits", "visits.modes"]);
    if source.is_empty() { "F1".to_owned() } else { format!("F1 · {source}") }
}

/// The tone and word of a place, where the mode asks for one.
fn place_state(f: &Format, judged: Option<&JudgedVisit>) -> Option<State> {
    let verdict = judged.map_or(LocationVerdict::NotAsked, |judged| judged.location);
    wording::location(f.w, verdict)
}

/// A plain state for what a story step says.
fn word(f: &Format, tone: Tone, key: &str) -> State {
    State::new(tone, f.w.say(key))
}
