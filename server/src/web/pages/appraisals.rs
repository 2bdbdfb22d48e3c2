//! Appraisals: who is how far, and one with its frozen score, its steps and the form for
//! whoever's turn it is.

use std::collections::BTreeMap;

use askama::Template;
use client_core::id::UserId;
use client_core::period::Period;
use client_core::records::{AppraisalRecord, AppraisalState, AppraisalStep};
use client_core::rules::CentiPoints;
use client_core::rules::appraisal::{self, Whose};
use client_core::rules::policy::AppraisalPolicy;
use client_core::time::Date;

use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// A person of the list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Whose.
    pub rep: UserId,
    /// Their name.
    pub name: String,
    /// Their appraisal, if it has begun.
    pub appraisal: Option<AppraisalRecord>,
}

/// What the list is given.
#[derive(Debug, Clone)]
pub struct ListData {
    /// For when.
    pub period: Period,
    /// The day it is now.
    pub today: Date,
    /// The reader looks at their own alone.
    pub own: bool,
    /// People, by name.
    pub people: Vec<Listed>,
    /// What ratings weigh.
    pub weights: AppraisalPolicy,
}

/// What the page of one is given.
#[derive(Debug, Clone)]
pub struct AppraisalData {
    /// Whose.
    pub rep: UserId,
    /// Their name.
    pub name: String,
    /// For when.
    pub period: Period,
    /// The day it is now.
    pub today: Date,
    /// How far it is; none before it began.
    pub appraisal: Option<AppraisalRecord>,
    /// Where the reader may take it: forward first, then back.
    pub steps: Vec<AppraisalState>,
    /// What ratings weigh.
    pub weights: AppraisalPolicy,
    /// Names of those who took steps.
    pub names: BTreeMap<UserId, String>,
    /// What was typed and could not be taken.
    pub entered: String,
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "appraisals.html")]
pub struct AppraisalList {
    frame: Frame,
    lead: String,
    period_name: String,
    earlier: (String, String),
    later: Option<(String, String)>,
    rows: Vec<RowView>,
}

#[derive(Debug)]
struct RowView {
    href: String,
    name: String,
    state: State,
    score: String,
    total: String,
    next: String,
}

/// One.
#[derive(Debug, Template)]
#[template(path = "appraisal.html")]
pub struct AppraisalPage {
    frame: Frame,
    message: Option<State>,
    name: String,
    period_name: String,
    list_href: String,
    card_href: String,
    here: String,
    state: State,
    score: String,
    total: String,
    frozen: String,
    waits: String,
    buttons: Vec<Button>,
    families: Vec<Family>,
    entered: String,
    steps: Vec<StepView>,
}

#[derive(Debug)]
struct Button {
    to: String,
    word: String,
    back: bool,
}

#[derive(Debug)]
struct Family {
    code: String,
    label: String,
    hint: String,
}

#[derive(Debug)]
struct StepView {
    what: String,
    who: String,
    when: String,
    comment: String,
    ratings: String,
}

impl AppraisalList {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &ListData) -> Self {
        let link = |period: Period| (format!("/appraisals?period={period}"), f.period(period));
        let next = Period::month_of(data.period.next_first_day());
        let row = |one: &Listed| {
            let draft = AppraisalState::Draft;
            let state = one.appraisal.as_ref().map_or(&draft, |one| &one.state);
            RowView {
                href: format!("/appraisals/{}/{}", one.rep, data.period),
                name: one.name.clone(),
                state: standing(f, state),
                score: points(one.appraisal.as_ref().and_then(frozen)),
                total: points(total(one.appraisal.as_ref(), &data.weights)),
                next: follows(f, state),
            }
        };
        Self {
            lead: f.w.say(if data.own { "appraisals.own_lead" } else { "appraisals.lead" }).into(),
            period_name: f.period(data.period),
            earlier: link(data.period.previous()),
            later: (next.first_day() <= data.today).then(|| link(next)),
            rows: data.people.iter().map(row).collect(),
            frame,
        }
    }
}

impl AppraisalPage {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &AppraisalData, message: Option<State>) -> Self {
        let appraisal = data.appraisal.as_ref();
        let stands = appraisal.map_or(AppraisalState::Draft, |one| one.state.clone());
        let forward = appraisal::next(&stands);
        let back = appraisal::previous(&stands);
        // Nobody rates where somebody only publishes, answers or sends back.
        let rates = data.steps.iter().any(|to| {
            Some(to) == forward.as_ref()
                && matches!(
                    to,
                    AppraisalState::SelfSubmitted
                        | AppraisalState::SupervisorScored
                        | AppraisalState::ManagerReviewed
                )
        });
        let families = appraisal::families(&data.weights);
        let next = follows(f, &stands);
        Self {
            name: data.name.clone(),
            period_name: f.period(data.period),
            list_href: format!("/appraisals?period={}", data.period),
            card_href: format!("/scorecards/{}/{}", data.rep, data.period),
            here: format!("/appraisals/{}/{}", data.rep, data.period),
            state: standing(f, &stands),
            score: points(appraisal.and_then(frozen)),
            total: points(total(appraisal, &data.weights)),
            frozen: frozen_line(f, data),
            waits: match forward {
                None => f.w.say("appraisals.done").to_owned(),
                Some(_) => f.w.with("appraisals.not_yours", &[("next", &next)]),
            },
            buttons: data.steps.iter().map(|to| button(f, to, back.as_ref())).collect(),
            families: families
                .into_iter()
                .filter(|_family| rates)
                .map(|(code, weight)| family(f, code, weight))
                .collect(),
            entered: data.entered.clone(),
            steps: appraisal
                .map(|one| one.steps.iter().rev().map(|step| step_view(f, data, step)).collect())
                .unwrap_or_default(),
            frame,
            message,
        }
    }
}

fn points(points: Option<CentiPoints>) -> String {
    points.map_or_else(|| "–".to_owned(), |points| format::points(points.0))
}

fn frozen(appraisal: &AppraisalRecord) -> Option<CentiPoints> {
    appraisal.frozen.as_ref()?.total_centipoints.map(CentiPoints)
}

fn total(appraisal: Option<&AppraisalRecord>, weights: &AppraisalPolicy) -> Option<CentiPoints> {
    appraisal::standing(appraisal?, weights)
}

fn standing(f: &Format, state: &AppraisalState) -> State {
    let tone = match state {
        AppraisalState::Closed | AppraisalState::Published | AppraisalState::Resolved => Tone::Good,
        AppraisalState::Disputed => Tone::Late,
        AppraisalState::Draft | AppraisalState::Unknown(_) => Tone::Neutral,
        _ => Tone::Watch,
    };
    State::new(tone, f.w.code("appraisal_state", state.as_str()).into_owned())
}

/// The next step on the straight way, and whose it is.
fn follows(f: &Format, state: &AppraisalState) -> String {
    let Some(next) = appraisal::next(state) else { return "–".to_owned() };
    let who = match appraisal::whose(&next) {
        Whose::Appraised => "appraised",
        Whose::Supervisor => "supervisor",
        Whose::Manager => "manager",
    };
    let step = f.w.code("appraisal_step", next.as_str());
    f.w.with("appraisals.whose", &[("step", &step), ("who", &f.w.code("appraisal_who", who))])
}

fn button(f: &Format, to: &AppraisalState, back: Option<&AppraisalState>) -> Button {
    let back = back == Some(to);
    let code = match (back, to) {
        (true, AppraisalState::SelfSubmitted | AppraisalState::SupervisorScored) => {
            format!("back_{to}")
        }
        _ => to.to_string(),
    };
    let word = f.w.code("appraisal_step", &code).into_owned();
    Button { to: to.to_string(), word, back: back || *to == AppraisalState::Disputed }
}

fn family(f: &Format, code: String, weight: u32) -> Family {
    let name = f.w.code("family", &code).into_owned();
    Family {
        label: f.w.with("appraisals.rating", &[("family", &name)]),
        hint: match weight {
            0 => f.w.say("appraisals.weighs_nothing").to_owned(),
            n => f.w.with("appraisals.weighs", &[("n", &n)]),
        },
        code,
    }
}

fn frozen_line(f: &Format, data: &AppraisalData) -> String {
    let frozen = data.appraisal.as_ref().and_then(|one| one.frozen.as_ref());
    let Some(frozen) = frozen else { return f.w.say("appraisals.not_frozen").to_owned() };
    f.w.with(
        "appraisals.frozen_line",
        &[
            ("moment", &f.moment_seen(frozen.as_of, data.today)),
            ("policy", &super::short_hash(&frozen.policy_hash)),
            ("inputs", &super::short_hash(&frozen.inputs_digest)),
            ("outcome", &super::short_hash(&frozen.outcome_digest)),
        ],
    )
}

fn step_view(f: &Format, data: &AppraisalData, step: &AppraisalStep) -> StepView {
    let ratings: Vec<String> = step
        .ratings
        .iter()
        .map(|(family, rating)| format!("{} {rating}", f.w.code("family", family)))
        .collect();
    StepView {
        what: f.w.code("appraisal_state", step.to.as_str()).into_owned(),
        who: step.by.map_or_else(
            || f.w.say("appraisals.nobody").to_owned(),
            |by| data.names.get(&by).cloned().unwrap_or_else(|| by.to_string()),
        ),
        when: f.moment_seen(step.at, data.today),
        comment: step.comment.clone().unwrap_or_default(),
        ratings: ratings.join(" · "),
    }
}
