//! A report: its draft, as it was issued, and on paper.

use askama::Template;
use client_core::rules::policy::Policy;
use client_core::time::Timestamp;

use super::report_view::{SectionView, sections, text};
use crate::reports::periodic::{Cell, Kind, Question, Report, Restated};
use crate::web::format::Format;
use crate::web::frame::Frame;

/// What both pages say above a report.
#[derive(Debug)]
pub struct Head {
    /// "Weekly report".
    pub kind: String,
    /// Of when.
    pub period: String,
    /// Of whom.
    pub whose: String,
    /// "Policy v3".
    pub policy: String,
    /// "Known up to 17:42 · 11 of 12 phones".
    pub known: String,
    /// What it rests on.
    pub rests_on: String,
    /// The receipt's number.
    pub receipt: String,
}

impl Head {
    fn new(f: &Format, report: &Report) -> Self {
        let receipt = &report.receipt;
        let known = report.known;
        let today = f.zone.date(receipt.as_of);
        let up_to = known.up_to.map_or_else(|| "–".to_owned(), |at| f.moment_seen(at, today));
        let policy = receipt.policy_version.map_or_else(
            || f.w.say("known.no_policy").to_owned(),
            |version| f.w.with("known.policy", &[("version", &version)]),
        );
        let rules = f.w.with("reports.rules", &[("n", &receipt.rules_version)]);
        let as_of = f.moment_seen(receipt.as_of, today);
        Self {
            kind: kind(f, receipt.question.kind),
            period: period(f, receipt.question),
            whose: whose(f, report.unit_name.as_deref()),
            policy: format!("{policy} · {rules}"),
            known: f.w.with(
                "reports.page_of",
                &[("known", &up_to), ("heard", &known.heard), ("phones", &known.phones)],
            ),
            rests_on: f.w.with(
                "reports.rests_on",
                &[("n", &receipt.documents), ("as_of", &as_of), ("feed", &receipt.feed_position)],
            ),
            receipt: receipt.id.to_string(),
        }
    }
}

/// What a kind of report is called.
pub fn kind(f: &Format, kind: Kind) -> String {
    f.w.code("report_kind", kind.as_str()).into_owned()
}

/// Of whom a report is.
pub fn whose(f: &Format, unit: Option<&str>) -> String {
    unit.map_or_else(|| f.w.say("reports.no_unit").to_owned(), str::to_owned)
}

/// The days of a report: a week by its number and its days, a quarter by its name and its
/// days.
pub fn period(f: &Format, question: Question) -> String {
    let period = question.period;
    match question.kind {
        // A week is named by its days already.
        Kind::Weekly => format!("{period} · {}", f.period(period)),
        Kind::Quarterly => format!(
            "{} ({} – {})",
            f.period(period),
            f.short_day(period.first_day()),
            f.short_day(period.last_day())
        ),
        Kind::Daily | Kind::Monthly => f.period(period),
    }
}

/// What the page of a report is given besides the report.
#[derive(Debug, Default)]
pub struct Around {
    /// Where this report is; files stand below it.
    pub here: String,
    /// What stands behind the address of a file: the unit.
    pub query: String,
    /// The same report of the period before and after: where, and of when.
    pub earlier: Option<(String, String)>,
    /// The one after, if it has begun.
    pub later: Option<(String, String)>,
    /// Units to choose from: id, name, chosen.
    pub units: Vec<(String, String, bool)>,
    /// When it was issued and by whom; a draft if absent.
    pub issued: Option<(Timestamp, String)>,
    /// The days are not over.
    pub open: bool,
    /// How it would read now.
    pub restated: Option<Restated>,
}

/// A report on the screen.
#[derive(Debug, Template)]
#[template(path = "report.html")]
pub struct ReportPage {
    frame: Frame,
    head: Head,
    around: Around,
    state: String,
    sections: Vec<SectionView>,
    moved: Vec<[String; 4]>,
    arrived: Vec<[String; 4]>,
}

/// A report on paper.
#[derive(Debug, Template)]
#[template(path = "report_print.html")]
pub struct ReportPrint {
    frame: Frame,
    head: Head,
    state: String,
    sections: Vec<SectionView>,
    print_css: &'static str,
}

impl ReportPage {
    /// The page of a report.
    pub fn new(
        frame: Frame,
        f: &Format,
        report: &Report,
        policy: Option<&Policy>,
        around: Around,
    ) -> Self {
        let restated = around.restated.as_ref();
        let moved = restated.map(|found| moved(f, found, policy)).unwrap_or_default();
        let arrived = restated.map(|found| arrived(f, found)).unwrap_or_default();
        Self {
            head: Head::new(f, report),
            state: state(f, &around),
            sections: sections(f, report, policy),
            moved,
            arrived,
            around,
            frame,
        }
    }
}

impl ReportPrint {
    /// The print of a report.
    pub fn new(
        frame: Frame,
        f: &Format,
        report: &Report,
        policy: Option<&Policy>,
        around: &Around,
    ) -> Self {
        Self {
            head: Head::new(f, report),
            state: state(f, around),
            sections: sections(f, report, policy),
            print_css: crate::web::assets::print_style(),
            frame,
        }
    }
}

fn state(f: &Format, around: &Around) -> String {
    match &around.issued {
        Some((at, who)) => {
            let at = format!("{} {}", f.date(f.zone.date(*at)), f.time(*at));
            f.w.with("reports.issued_line", &[("at", &at), ("who", who)])
        }
        None => f.w.say("reports.draft").to_owned(),
    }
}

fn moved(f: &Format, restated: &Restated, policy: Option<&Policy>) -> Vec<[String; 4]> {
    let each = restated.moved.iter().map(|one| {
        let section = f.w.code("report_section", one.section);
        let row = one.row.as_ref().map(|row: &Cell| text(f, row, policy));
        let what = [Some(super::report_view::field(f, one.figure)), row];
        let what: Vec<String> = what.into_iter().flatten().collect();
        [
            section.into_owned(),
            what.join(" · "),
            text(f, &one.before, policy),
            text(f, &one.now, policy),
        ]
    });
    each.collect()
}

fn arrived(f: &Format, restated: &Restated) -> Vec<[String; 4]> {
    const SHOWN: usize = 50;
    let each = restated.arrived.iter().take(SHOWN).map(|one| {
        let kind = f.w.code("doc_kind", one.kind.as_str()).into_owned();
        let path = match one.kind {
            client_core::docs::DocKind::Visit => format!("/visits/{}", one.doc),
            client_core::docs::DocKind::Deal => format!("/deals/{}", one.doc),
            client_core::docs::DocKind::Customer => format!("/customers/{}", one.doc),
            _ => String::new(),
        };
        let how = if one.new { "reports.arrived_new" } else { "reports.arrived_changed" };
        [kind, path, f.w.say(how).to_owned(), f.moment(one.changed_at)]
    });
    each.collect()
}
