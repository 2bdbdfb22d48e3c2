//! The form of a customer or a deal.

use askama::Template;
use client_core::docs::customer::{BuyingRole, Channel, CustomerState, Lifecycle, Stance};
use client_core::docs::deal::{DealKind, DealState, LeadGrade, LeadSource, Priority};
use client_core::id::{ItemId, UserId};
use client_core::rules::policy::Policy;

use super::customer::stage_name;
use crate::office::{CONTACT_FIELDS, Clash, Wrong, read_customer, read_deal};
use crate::web::form::{Choice, Field, Input};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};
use crate::web::words::Words;

/// The page.
#[derive(Debug, Template)]
#[template(path = "edit.html")]
pub struct Edit {
    /// The frame.
    pub frame: Frame,
    /// What went wrong.
    pub message: Option<State>,
    /// What is edited.
    pub title: String,
    /// Where it is shown.
    pub back: String,
    /// The fields in their groups.
    pub groups: Vec<Group>,
    /// Who works on it too, where that is decided here.
    pub helpers: Option<Helpers>,
}

/// Fields that belong together.
#[derive(Debug, Clone)]
pub struct Group {
    /// What they are about.
    pub title: String,
    /// The fields.
    pub fields: Vec<Field>,
    /// Shown only when it is asked for.
    pub folded: bool,
}

/// People to tick.
#[derive(Debug, Clone)]
pub struct Helpers {
    /// Who was ticked when the form was made.
    pub was: String,
    /// Everybody.
    pub people: Vec<Choice>,
    /// What is wrong.
    pub error: Option<String>,
}

impl Helpers {
    /// Whether anybody is ticked, or something is wrong.
    fn is_open(&self) -> bool {
        self.error.is_some() || self.people.iter().any(|person| person.chosen)
    }
}

/// Why a value cannot stand in a field, in words.
pub fn wrong(w: Words, wrong: Wrong) -> String {
    match wrong {
        Wrong::Empty => w.say("form.empty").to_owned(),
        Wrong::Choice => w.say("form.choose").to_owned(),
        Wrong::Day => w.say("form.date").to_owned(),
        Wrong::Money => w.say("edit.money").to_owned(),
        Wrong::Number { from, to } => w.with("edit.number", &[("from", &from), ("to", &to)]),
        Wrong::Long => w.say("edit.long").to_owned(),
    }
}

/// What somebody else did to a field meanwhile, in words; `by` is their name.
pub fn clash(f: &Format, clash: &Clash, by: Option<&str>) -> String {
    let shown = |text: &str| match text {
        "" => f.w.say("edit.nothing").to_owned(),
        text => text.to_owned(),
    };
    let (was, now) = (shown(&clash.was), shown(&clash.now));
    match (by, clash.at) {
        (Some(by), Some(at)) => {
            let at = f.moment(at);
            f.w.with("edit.clash_by", &[("was", &was), ("now", &now), ("by", &by), ("at", &at)])
        }
        _ => f.w.with("edit.clash", &[("was", &was), ("now", &now)]),
    }
}

fn codes<'c>(
    w: Words,
    group: &str,
    current: &str,
    known: impl Iterator<Item = &'c str>,
) -> Vec<(String, String)> {
    let mut choices = vec![(String::new(), w.say("edit.none").to_owned())];
    choices.extend(known.map(|code| (code.to_owned(), w.code(group, code).into_owned())));
    // A code of a newer app stays what it is.
    if !choices.iter().any(|(code, _)| code == current) {
        choices.push((current.to_owned(), current.to_owned()));
    }
    choices
}

/// Who sees to a recovery plan; somebody who is not there any more stays.
fn owner(w: Words, current: &str, people: &[(UserId, String)]) -> Field {
    let mut choices = vec![(String::new(), w.say("edit.none").to_owned())];
    choices.extend(people.iter().map(|(user, name)| (user.to_string(), name.clone())));
    if !choices.iter().any(|(user, _name)| user == current) {
        choices.push((current.to_owned(), current.to_owned()));
    }
    Field::choice("recovery_owner", w.say("edit.recovery_owner"), current, choices)
}

/// The groups of a customer's form; `people` may own a plan, and `fresh` gives an id for what
/// may be added.
pub fn customer_groups(
    f: &Format,
    state: &CustomerState,
    people: &[(UserId, String)],
    fresh: impl Fn() -> ItemId,
) -> Vec<Group> {
    let w = f.w;
    let value = |name: &str| read_customer(state, name);
    let line = |name: &str, key: &str| Field::line(name, w.say(key), value(name));
    let coded = |name: &str, key: &str, group: &str, known: Vec<&str>| {
        let current = value(name);
        let choices = codes(w, group, &current, known.into_iter());
        Field::choice(name, w.say(key), &current, choices)
    };
    let said = |name: &str, key: &str| {
        let choices = codes(w, "answer", &value(name), ["yes", "no"].into_iter());
        Field::choice(name, w.say(key), &value(name), choices)
    };
    let group = |key: &str, fields: Vec<Field>| Group {
        title: w.say(key).to_owned(),
        fields: fields.into_iter().map(with_was).collect(),
        folded: false,
    };
    let list = |key: &str, list: &str, ids: Vec<ItemId>| {
        let label = w.say(key);
        let mut fields: Vec<Field> = ids
            .iter()
            .map(|id| format!("{list}.{id}"))
            .map(|name| Field::line(&name, label, value(&name)))
            .collect();
        let more = Field::line(&format!("{list}.{}", fresh()), label, "");
        fields.push(more.hint(w.say("edit.add_one")));
        fields
    };
    let mut groups = vec![
        group(
            "customer.profile",
            vec![
                line("name", "edit.name").required(),
                line("industry", "customer.industry"),
                line("size_band", "customer.size"),
                line("region", "customer.region"),
                coded(
                    "channel",
                    "customer.channel",
                    "channel",
                    Channel::KNOWN.iter().map(Channel::as_str).collect(),
                ),
                coded(
                    "lifecycle",
                    "customer.lifecycle",
                    "lifecycle",
                    Lifecycle::KNOWN.iter().map(Lifecycle::as_str).collect(),
                ),
                line("address", "customer.address"),
                said("at_risk", "edit.at_risk"),
                said("reference", "edit.reference"),
                said("nurture", "edit.nurture"),
                Field::lines("notes", w.say("customer.notes"), value("notes")),
            ],
        ),
        group(
            "customer.phones",
            list("word.phone", "phones", state.phones.keys().copied().collect()),
        ),
        group(
            "customer.aliases",
            list("customer.aliases", "aliases", state.aliases.keys().copied().collect()),
        ),
        group("customer.tags", list("customer.tags", "tags", state.tags.keys().copied().collect())),
        group(
            "customer.needs",
            list("customer.needs", "needs", state.needs.keys().copied().collect()),
        ),
        group(
            "customer.pains",
            list("customer.pains", "pains", state.pains.keys().copied().collect()),
        ),
        group(
            "edit.recovery",
            vec![
                Field::lines("recovery_plan", w.say("edit.recovery_plan"), value("recovery_plan")),
                owner(w, &value("recovery_owner"), people),
                Field::date("recovery_due", w.say("edit.due"), value("recovery_due")),
                Field::date(
                    "recovery_done_on",
                    w.say("edit.recovery_done_on"),
                    value("recovery_done_on"),
                ),
            ],
        ),
        group(
            "customer.credit",
            vec![
                line("credit_limit", "edit.credit_limit").hint(w.say("edit.money_hint")),
                line("credit_grade", "edit.credit_grade"),
                Field::date(
                    "credit_reviewed_on",
                    w.say("edit.credit_reviewed"),
                    value("credit_reviewed_on"),
                ),
                Field::lines("credit_notes", w.say("edit.credit_notes"), value("credit_notes")),
            ],
        ),
    ];
    for id in state.contacts.keys() {
        groups.push(contact(w, state, *id, false));
    }
    groups.push(contact(w, state, fresh(), true));
    groups
}

fn with_was(field: Field) -> Field {
    let was = field.value.trim().to_owned();
    field.was(was)
}

/// One contact, or the place for another one.
fn contact(w: Words, state: &CustomerState, id: ItemId, new: bool) -> Group {
    let field = |field: &str| {
        let name = format!("contacts.{id}.{field}");
        let value = read_customer(state, &name);
        let coded = |group: &str, known: Vec<&str>| codes(w, group, &value, known.into_iter());
        let label = w.code("contact_field", field).into_owned();
        let made = match field {
            "buying_role" => {
                let known = coded(
                    "buying_role",
                    BuyingRole::KNOWN.iter().map(BuyingRole::as_str).collect(),
                );
                Field::choice(&name, &label, &value, known)
            }
            "stance" => {
                let known = coded("stance", Stance::KNOWN.iter().map(Stance::as_str).collect());
                Field::choice(&name, &label, &value, known)
            }
            "birthday" => Field::date(&name, &label, &value),
            "notes" => Field::lines(&name, &label, &value),
            "influence" => Field::line(&name, &label, &value).hint(w.say("edit.influence_hint")),
            _ => Field::line(&name, &label, &value),
        };
        with_was(made)
    };
    let mut fields: Vec<Field> = CONTACT_FIELDS.into_iter().map(field).collect();
    let named = read_customer(state, &format!("contacts.{id}.name"));
    if !new {
        let name = format!("contacts.{id}");
        let stands = read_customer(state, &name);
        let choices = [
            (stands.clone(), w.say("edit.contact_keep").to_owned()),
            (String::new(), w.say("edit.contact_remove").to_owned()),
        ];
        fields.push(with_was(Field::choice(&name, w.say("edit.contact_stays"), &stands, choices)));
    }
    let title = match (new, named.as_str()) {
        (true, _) => w.say("edit.contact_new").to_owned(),
        (false, "") => w.say("word.contact").to_owned(),
        (false, name) => format!("{} · {name}", w.say("word.contact")),
    };
    Group { title, fields, folded: true }
}

/// The groups of a deal's form.
pub fn deal_groups(f: &Format, state: &DealState, policy: Option<&Policy>) -> Vec<Group> {
    let w = f.w;
    let value = |name: &str| read_deal(state, name);
    let line = |name: &str, key: &str| Field::line(name, w.say(key), value(name));
    let stage = value("stage");
    let known = policy.map(|policy| policy.pipeline.stages.as_slice()).unwrap_or_default();
    let mut stages: Vec<(String, String)> =
        known.iter().map(|each| (each.code.clone(), stage_name(w, policy, &each.code))).collect();
    if !stages.iter().any(|(code, _)| *code == stage) {
        stages.insert(0, (stage.clone(), stage_name(w, policy, &stage)));
    }
    let priorities =
        codes(w, "priority", &value("priority"), Priority::KNOWN.iter().map(Priority::as_str));
    let sources =
        codes(w, "lead_source", &value("source"), LeadSource::KNOWN.iter().map(LeadSource::as_str));
    let kinds = codes(w, "deal_kind", &value("kind"), DealKind::KNOWN.iter().map(DealKind::as_str));
    // Grades are called by their letters in every language.
    let mut grades = vec![(String::new(), w.say("edit.none").to_owned())];
    grades.extend(LeadGrade::KNOWN.iter().map(|grade| {
        let code = grade.as_str();
        (code.to_owned(), code.to_ascii_uppercase())
    }));
    let mut outcomes = codes(w, "deal_outcome", &value("outcome"), ["won", "lost"].into_iter());
    if let Some(open) = outcomes.first_mut() {
        open.1 = w.code("deal_outcome", "open").into_owned();
    }
    let fields = vec![
        line("name", "edit.name").required(),
        Field::choice("stage", w.say("edit.stage"), &stage, stages),
        line("amount", "edit.amount").hint(w.say("edit.money_hint")),
        Field::choice("priority", w.say("edit.priority"), &value("priority"), priorities),
        Field::date("expected_close", w.say("edit.expected_close"), value("expected_close")),
        Field::choice("source", w.say("deal.source"), &value("source"), sources),
        Field::choice("grade", w.say("deal.grade"), &value("grade"), grades),
        Field::choice("kind", w.say("deal.kind"), &value("kind"), kinds),
        line("intent", "deal.intent"),
        line("budget", "deal.budget").hint(w.say("edit.money_hint")),
        line("decision_cycle_days", "edit.decision_days"),
    ];
    let next = vec![
        line("next_step", "word.next_step"),
        Field::date("next_step_due", w.say("edit.due"), value("next_step_due")),
        Field::lines("notes", w.say("customer.notes"), value("notes")),
    ];
    let end = vec![
        Field::choice("outcome", w.say("edit.outcome"), &value("outcome"), outcomes),
        line("lost_reason", "edit.lost_reason").hint(w.say("edit.lost_hint")),
    ];
    let mark = |name: &str, key: &str| line(name, key).hint(w.say("edit.influence_hint"));
    let loss = vec![
        mark("product_fit", "deal.product_fit"),
        mark("service_response", "deal.service_response"),
        mark("terms", "deal.terms"),
        line("lost_to", "deal.lost_to"),
        Field::lines("review", w.say("deal.review"), value("review")),
    ];
    let group = |key: &str, fields: Vec<Field>, folded: bool| Group {
        title: w.say(key).to_owned(),
        fields: fields.into_iter().map(with_was).collect(),
        folded,
    };
    vec![
        group("word.deal", fields, false),
        group("word.next_step", next, false),
        group("edit.end", end, false),
        group("deal.loss", loss, value("outcome") != "lost"),
    ]
}

impl Group {
    /// Whether a folded group is shown at once: something in it is wrong or was
    /// entered and not saved.
    fn is_open(&self) -> bool {
        self.fields.iter().any(|field| {
            field.error.is_some()
                || field.was.as_ref().is_some_and(|was| *was != field.value.trim())
        })
    }
}

/// Puts back what was entered. What was added under a fresh id is matched to the
/// empty places that the new form has, in order.
pub fn keep_entered<'s>(
    groups: &mut [Group],
    shown: impl Iterator<Item = (&'s str, &'s str)>,
    sent: impl Fn(&str) -> Option<String>,
) {
    let known: Vec<String> =
        groups.iter().flat_map(|group| &group.fields).map(|field| field.name.clone()).collect();
    for (name, was) in shown {
        let Some(to) = sent(name) else { continue };
        let place = if known.iter().any(|each| each == name) {
            Some(name.to_owned())
        } else {
            stand_in(groups, name)
        };
        let fields = groups.iter_mut().flat_map(|group| &mut group.fields);
        for field in fields.filter(|field| Some(&field.name) == place.as_ref()) {
            name.clone_into(&mut field.name);
            field.was = Some(was.trim().to_owned());
            if let Input::Choice(choices) = &mut field.kind {
                for choice in choices {
                    choice.chosen = choice.value == to;
                }
            }
            field.value.clone_from(&to);
        }
    }
}

/// The empty field that takes the place of `name`, which was fresh in the old form:
/// the same list and the same part of an item, at the end.
fn stand_in(groups: &[Group], name: &str) -> Option<String> {
    let parts = |name: &str| {
        let mut parts = name.splitn(3, '.').map(str::to_owned);
        (parts.next(), parts.nth(1))
    };
    let fields = groups.iter().flat_map(|group| &group.fields);
    let empty = fields.filter(|field| field.was.as_deref() == Some("") && field.value.is_empty());
    empty
        .filter(|field| parts(&field.name) == parts(name))
        .map(|field| field.name.clone())
        .next_back()
}
