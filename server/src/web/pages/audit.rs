//! The audit log: who did what to whom, and when.

use askama::Template;

use crate::web::export::{Cell, Table};
use crate::web::filters::{Control, Filters, Listing};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::lists::audit::Deeds;
use crate::web::queries::audit::{AuditData, Deed};

/// The page.
#[derive(Debug, Template)]
#[template(path = "audit.html")]
pub struct Audit {
    frame: Frame,
    filters: Filters,
    listing: Listing,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    when: String,
    what: String,
    subject: String,
    href: Option<String>,
    detail: String,
    by: String,
    device: String,
}

impl Audit {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &AuditData) -> Self {
        let address = data.ask.address();
        let counts = (data.matching, data.all);
        Self {
            filters: filters(f, data),
            listing: Listing::new(f.w, &address, "audit.count", data.ask.page, counts),
            rows: data.deeds.iter().map(|deed| row(f, deed)).collect(),
            frame,
        }
    }
}

fn filters(f: &Format, data: &AuditData) -> Filters {
    let (w, ask) = (f.w, &data.ask);
    let (from, to) = ask.days;
    let kinds = Deeds::ALL
        .into_iter()
        .map(|deeds| (deeds.as_str().to_owned(), w.code("deeds", deeds.as_str()).into_owned()));
    let by = ask.by.map(|by| by.to_string()).unwrap_or_default();
    let what = ask.what.map(Deeds::as_str).unwrap_or_default();
    let main = vec![
        Control::select("what", w.say("audit.kind"), w.say("lists.all"), kinds, what),
        Control::select("by", w.say("audit.by"), w.say("audit.anybody"), data.people.clone(), &by),
        Control::date("from", w.say("lists.from"), from),
        Control::date("to", w.say("lists.to"), to),
    ];
    let subject = ask.subject.map(|id| id.to_string()).unwrap_or_default();
    Filters::new(w, &ask.address(), main, Vec::new()).keeping("subject", &subject)
}

fn by(f: &Format, deed: &Deed) -> String {
    deed.by.clone().unwrap_or_else(|| f.w.say("person.command_line").to_owned())
}

fn what(f: &Format, deed: &Deed) -> String {
    f.w.code("deed", &deed.what).into_owned()
}

fn row(f: &Format, deed: &Deed) -> Row {
    let subject = deed.subject.as_ref();
    Row {
        when: f.moment(deed.at),
        what: what(f, deed),
        subject: subject.and_then(|subject| subject.name.clone()).unwrap_or_default(),
        href: subject.and_then(|subject| subject.href.clone()),
        detail: detail(f, deed),
        by: by(f, deed),
        device: deed.device.clone().unwrap_or_default(),
    }
}

/// What exactly was done; what stands in the log as a code is a word.
fn detail(f: &Format, deed: &Deed) -> String {
    match deed.detail.as_str() {
        "yes" | "no" | "order" | "payment" | "contract" => {
            f.w.code("audit", &deed.detail).into_owned()
        }
        other => other.to_owned(),
    }
}

/// Codes of the columns of the file.
const COLUMNS: [&str; 7] = ["at", "by", "device", "what", "deed", "subject", "detail"];

/// The log as a file.
pub fn table(f: &Format, data: &AuditData) -> Table {
    let cells = |deed: &Deed| {
        vec![
            Cell::moment(f, deed.at),
            Cell::text(Some(by(f, deed))),
            Cell::text(deed.device.clone()),
            Cell::code(Some(&deed.what)),
            Cell::text(Some(what(f, deed))),
            match &deed.subject {
                Some(subject) if subject.name.is_some() => Cell::text(subject.name.clone()),
                subject => Cell::code(subject.as_ref().map(|subject| subject.id)),
            },
            Cell::text(Some(deed.detail.clone())),
        ]
    };
    Table { name: "audit", codes: &COLUMNS, rows: data.deeds.iter().map(cells).collect() }
}
