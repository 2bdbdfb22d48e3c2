//! Cases, help and competitors, as pages.

use askama::Template;
use client_core::docs::deal::LossReview;
use client_core::id::UserId;
use client_core::period::Period;
use client_core::records::HelpState;
use client_core::time::Date;

use crate::web::address::Address;
use crate::web::filters::{Control, Filters};
use crate::web::form::{Field, Input};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::queries::library::{CaseStudy, CasesAsk, CompetitorBrief, HelpWanted};
use crate::web::view::{Pair, State, Tone};
use crate::web::words::Words;

/// The case library (S0, S3).
#[derive(Debug, Template)]
#[template(path = "cases.html")]
pub struct CasesPage {
    frame: Frame,
    filters: Filters,
    matrix: Vec<(String, String)>,
    cases: Vec<CaseView>,
}

#[derive(Debug)]
struct CaseView {
    href: String,
    name: String,
    customer: String,
    state: State,
    about: String,
    /// Background, solution, result and what was learned.
    pairs: Vec<Pair>,
}

impl CasesPage {
    /// The page. `cases` come with the name of whoever they are credited to.
    pub fn new(
        frame: Frame,
        f: &Format,
        ask: &CasesAsk,
        industries: Vec<String>,
        cases: &[(CaseStudy, String)],
        reviews: &[LossReview],
    ) -> Self {
        Self {
            filters: filters(f.w, ask, industries),
            matrix: matrix(f, reviews),
            cases: cases.iter().map(|(case, rep)| case_view(f, case, rep)).collect(),
            frame,
        }
    }
}

fn filters(w: Words, ask: &CasesAsk, industries: Vec<String>) -> Filters {
    let industry = ask.industry.as_deref().unwrap_or_default();
    let outcome = ask.outcome_code();
    let choices = industries.into_iter().map(|name| (name.clone(), name));
    let ends = ["won", "lost"].map(|code| (code.to_owned(), w.code("deal_outcome", code).into()));
    let controls = vec![
        Control::select(
            "industry",
            w.say("customer.industry"),
            w.say("library.every_industry"),
            choices,
            industry,
        ),
        Control::select(
            "outcome",
            w.say("library.outcome"),
            w.say("library.every_outcome"),
            ends,
            outcome,
        ),
    ];
    let address = Address::new("/cases").with("industry", industry).with("outcome", outcome);
    Filters::new(w, &address, controls, Vec::new())
}

/// A question of a loss review, answered 1 to 5.
type Asked = (&'static str, fn(&LossReview) -> Option<u8>);

/// The three questions (S3).
const QUESTIONS: [Asked; 3] = [
    ("deal.product_fit", |review| review.product_fit),
    ("deal.service_response", |review| review.service_response),
    ("deal.terms", |review| review.terms),
];

/// The mean answer of each question over the lost deals that were looked into.
fn matrix(f: &Format, reviews: &[LossReview]) -> Vec<(String, String)> {
    let means = QUESTIONS.iter().filter_map(|(key, answer)| {
        let given: Vec<i64> = reviews.iter().filter_map(answer).map(i64::from).collect();
        let count = i64::try_from(given.len()).ok().filter(|count| *count > 0)?;
        let mean = format::points(given.iter().sum::<i64>() * 100 / count);
        let values: [(&str, &dyn std::fmt::Display); 2] = [("mean", &mean), ("n", &count)];
        Some((f.w.say(key).to_owned(), f.w.count("library.mean", count, &values)))
    });
    means.collect()
}

fn case_view(f: &Format, case: &CaseStudy, rep: &str) -> CaseView {
    let code = if case.won { "won" } else { "lost" };
    let tone = if case.won { Tone::Good } else { Tone::Late };
    let decided = case.decided_at.map(|at| f.date(f.zone.date(at)));
    let about = [case.industry.clone(), Some(rep.to_owned()), decided];
    let days = case.days.map(|days| f.w.count("library.days", days, &[("n", &days)]));
    let amount = case.amount.map(|amount| f.money(amount));
    let solution: Vec<String> = case.products.iter().chain(&case.feedback).cloned().collect();
    let reason = case.lost_reason.as_deref().map(|code| f.w.code("lost_reason", code).into_owned());
    let review = case.review.as_ref();
    let lost_to = review.and_then(|review| review.competitor.clone());
    let mut against = case.competitors.clone();
    against.extend(lost_to.filter(|name| !case.competitors.contains(name)));
    let against = (!against.is_empty())
        .then(|| f.w.with("library.against", &[("names", &against.join(", "))]));
    let lesson = [reason, review.and_then(|review| review.reason.clone()), against];
    let scores = review.map(|review| {
        let each = QUESTIONS
            .iter()
            .map(|(key, answer)| answer(review).map(|score| format!("{} {score}", f.w.say(key))));
        joined(each)
    });
    let pairs = [
        ("library.background", case.background.clone().unwrap_or_default()),
        ("library.solution", solution.join(" · ")),
        ("library.result", joined([amount, days])),
        ("library.lesson", joined(lesson)),
        ("library.review", scores.unwrap_or_default()),
    ];
    let told = pairs.into_iter().filter(|(_key, value)| !value.trim().is_empty());
    CaseView {
        href: format!("/deals/{}", case.doc),
        name: case.name.clone().unwrap_or_else(|| case.doc.to_string()),
        customer: case.customer_name.clone().unwrap_or_default(),
        state: State::new(tone, f.w.code("deal_outcome", code)),
        about: joined(about),
        pairs: told.map(|(key, value)| Pair::new(f.w.say(key), value)).collect(),
    }
}

fn joined(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The agenda of a support day (S1 销售支持日).
#[derive(Debug, Template)]
#[template(path = "help.html")]
pub struct HelpPage {
    frame: Frame,
    message: Option<State>,
    kinds: Vec<(String, Vec<HelpView>)>,
}

/// A request with the names of those whom it concerns.
#[derive(Debug, Clone)]
pub struct HelpNamed {
    /// The request.
    pub wanted: HelpWanted,
    /// Who asks.
    pub rep: String,
    /// Who is asked; anybody if absent.
    pub asked_of: Option<String>,
    /// Who answered.
    pub by: Option<String>,
    /// Whether the reader may answer.
    pub may: bool,
}

#[derive(Debug)]
struct HelpView {
    id: String,
    text: String,
    rep: String,
    on: String,
    asked_of: String,
    href: Option<String>,
    state: State,
    note: Option<String>,
    by: Option<String>,
    /// What may be answered, for whoever may.
    form: Option<(Field, Field)>,
}

impl HelpPage {
    /// The page.
    pub fn new(
        frame: Frame,
        f: &Format,
        today: Date,
        wanted: Vec<HelpNamed>,
        message: Option<State>,
    ) -> Self {
        let mut kinds: Vec<(String, Vec<HelpView>)> = Vec::new();
        for one in wanted {
            let kind = help_kind(f.w, &one.wanted);
            let view = help_view(f, today, one);
            match kinds.iter_mut().find(|(known, _views)| *known == kind) {
                Some((_known, views)) => views.push(view),
                None => kinds.push((kind, vec![view])),
            }
        }
        Self { frame, message, kinds }
    }
}

fn help_view(f: &Format, today: Date, one: HelpNamed) -> HelpView {
    let HelpNamed { wanted, rep, asked_of, by, may } = one;
    let w = f.w;
    let answer = wanted.answer.as_ref();
    let tone = match answer.map(|answer| &answer.state) {
        Some(HelpState::Done) => Tone::Good,
        Some(HelpState::Declined) => Tone::Neutral,
        _ => Tone::Watch,
    };
    let standing = answer.map_or_else(
        || w.say("library.answer_open").to_owned(),
        |answer| w.code("help_state", answer.state.as_str()).into_owned(),
    );
    let said = answer.map(|answer| {
        let day = f.date_near(f.zone.date(answer.at), today);
        let name = by.unwrap_or_else(|| w.say("void.office").to_owned());
        w.with("library.answered_by", &[("name", &name), ("day", &day)])
    });
    let form = may.then(|| {
        let states = HelpState::KNOWN.iter().map(|state| {
            let code = state.as_str();
            (code.to_owned(), w.code("help_state", code).into_owned())
        });
        let stands = answer.map_or("taken", |answer| answer.state.as_str());
        let note = answer.and_then(|answer| answer.note.clone()).unwrap_or_default();
        (
            Field::choice("state", w.say("library.answer_state"), stands, states),
            Field::lines("note", w.say("library.answer_note"), note),
        )
    });
    HelpView {
        id: wanted.id.to_string(),
        state: State::new(tone, standing),
        note: answer.and_then(|answer| answer.note.clone()),
        by: said,
        form,
        text: wanted.text.unwrap_or_else(|| "–".to_owned()),
        rep,
        on: f.date_near(wanted.on, today),
        asked_of: asked_of.unwrap_or_else(|| w.say("library.anybody").to_owned()),
        href: wanted.visit.map(|visit| format!("/visits/{visit}")),
    }
}

/// What kind of help is wanted.
pub(super) fn help_kind(w: Words, one: &HelpWanted) -> String {
    let unsaid = || w.say("library.other_help").to_owned();
    one.kind.as_deref().map_or_else(unsaid, |kind| w.code("help_kind", kind).into_owned())
}

/// The week's brief on competitors (S1).
#[derive(Debug, Template)]
#[template(path = "competitors.html")]
pub struct CompetitorsPage {
    frame: Frame,
    week: String,
    earlier: String,
    later: Option<String>,
    briefs: Vec<(String, Vec<SightingView>)>,
}

#[derive(Debug)]
struct SightingView {
    href: String,
    customer: String,
    note: String,
    who: String,
}

impl CompetitorsPage {
    /// The page. `person` says what somebody is called.
    pub fn new(
        frame: Frame,
        f: &Format,
        (week, today): (Period, Date),
        briefs: &[CompetitorBrief],
        person: impl Fn(UserId) -> String,
    ) -> Self {
        let next = week.following();
        let views = |brief: &CompetitorBrief| {
            let seen = brief.seen.iter().map(|one| SightingView {
                href: format!("/visits/{}", one.visit),
                customer: one.customer_name.clone().unwrap_or_else(|| "–".to_owned()),
                note: one.note.clone().unwrap_or_default(),
                who: format!("{} · {}", person(one.rep), f.short_day(one.on)),
            });
            (brief.name.clone(), seen.collect())
        };
        Self {
            week: format!("{week} · {}", f.period(week)),
            earlier: format!("/competitors?week={}", week.previous()),
            later: (next.first_day() <= today).then(|| format!("/competitors?week={next}")),
            briefs: briefs.iter().map(views).collect(),
            frame,
        }
    }
}
