//! `/customers/{customer}/edit` and `/deals/{deal}/edit`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use client_core::docs::EditError;
use client_core::id::{DocId, UnitId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{Placement, PlacementRecord, Role, Tier, UserRecord, UserStatus};
use client_core::rules::gates_ahead;

use super::answer::{self, PageError};
use super::fields::Fields;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{
    Clash, DocumentError, Office, Place, PlaceError, Revised, Revision, parse_money, read_customer,
    read_deal, write_money, wrong_in_customer, wrong_in_deal,
};
use crate::scoring;
use crate::storage::{Documents, Lists};
use crate::web::form::{Choice, Field};
use crate::web::frame::{Frame, Section};
use crate::web::pages::deal::gate_line;
use crate::web::pages::edit::{self, Edit, Group, Helpers};
use crate::web::pages::wording;
use crate::web::view::{State as Shown, Tone};

/// Fields that say who holds it: decided by records, not in the document.
const HOLDING: [&str; 4] = ["owner", "unit", "tier", "collaborators"];

/// What is edited, as it stands now.
struct Thing {
    doc: DocId,
    state: DocState,
    title: String,
    back: String,
    /// Who holds it; for a deal without a placement of its own, the customer's.
    held: Option<Placement>,
}

/// What is wrong with what was sent: a field, and why in words.
type Wrongs = Vec<(String, String)>;

/// Reps write on their phones; whoever leads them writes here too.
const fn edits(role: Role) -> bool {
    matches!(role, Role::Supervisor | Role::Manager | Role::Admin)
}

/// Where the customer or deal at `here` is edited, for a reader who may.
pub(super) fn href(role: Role, here: &str) -> Option<String> {
    let path = here.split('?').next().unwrap_or_default();
    let id = path.strip_prefix("/customers/").or_else(|| path.strip_prefix("/deals/"))?;
    (edits(role) && id.parse::<DocId>().is_ok()).then(|| format!("{path}/edit"))
}

/// Takes the way to the form out of `frame` if this reader would be refused there:
/// a deal may be seen for its customer's sake, and belong to another team.
pub(super) async fn close_unless_open(
    app: &App,
    visitor: &Visitor,
    doc: DocId,
    frame: &mut Frame,
) -> Result<(), PageError> {
    if frame.edit_href.is_some() {
        let office = Office::of(app.clone(), visitor.base.org.id);
        match find(app, visitor, &office, doc).await {
            Ok(_) => {}
            Err(PageError::NotFound | PageError::NotAllowed) => frame.edit_href = None,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn find(
    app: &App,
    visitor: &Visitor,
    office: &Office,
    doc: DocId,
) -> Result<Thing, PageError> {
    if !edits(visitor.signed.role) {
        return Err(PageError::NotAllowed);
    }
    let row = app.storage().row(office.org(), doc).await?.ok_or(PageError::NotFound)?;
    let own = office.placement(doc).await?;
    let of_customer = match row.header.customer {
        Some(customer) => office.placement(customer).await?,
        None => None,
    };
    let placed = own.as_ref().filter(|own| own.current().is_some()).or(of_customer.as_ref());
    let seen = visitor.reach.sees_placed(placed)
        || (row.header.customer.is_some() && visitor.reach.sees(row.header.author));
    let (title, back) = match &row.state {
        DocState::Customer(state) => (
            wording::customer_name(visitor.f.w, state.value.name.as_deref()),
            format!("/customers/{doc}"),
        ),
        DocState::Deal(state) => {
            let unnamed = || visitor.f.w.say("customer.deal_unnamed").to_owned();
            (state.value.name.clone().unwrap_or_else(unnamed), format!("/deals/{doc}"))
        }
        DocState::Visit(_) | DocState::Plan(_) | DocState::Case(_) => {
            return Err(PageError::NotFound);
        }
    };
    if !seen {
        return Err(PageError::NotFound);
    }
    let held = placed.and_then(PlacementRecord::current).cloned();
    Ok(Thing { doc, state: row.state, title, back, held })
}

/// `GET`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(doc): Path<String>,
) -> Response {
    let page = async {
        let office = Office::of(app.clone(), visitor.base.org.id);
        let thing = find(&app, &visitor, &office, parse(&doc)?).await?;
        let (groups, helpers) = form(&visitor, &office, &thing);
        page(&visitor, thing, groups, helpers, None)
    };
    visitor.answer(page.await)
}

fn page(
    visitor: &Visitor,
    thing: Thing,
    groups: Vec<Group>,
    helpers: Option<Helpers>,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let section = match &thing.state {
        DocState::Deal(_) => Section::Deals,
        _ => Section::Customers,
    };
    let frame = visitor.frame(section);
    answer::html(&Edit { frame, message, title: thing.title, back: thing.back, groups, helpers })
}

/// The form of what stands now.
fn form(visitor: &Visitor, office: &Office, thing: &Thing) -> (Vec<Group>, Option<Helpers>) {
    let (f, base) = (&visitor.f, &visitor.base);
    match &thing.state {
        DocState::Deal(state) => {
            let policy = base.policy_for(visitor.today()).map(|(_, policy)| policy);
            let mut groups = edit::deal_groups(f, &state.value, policy.as_ref());
            groups.push(holding(visitor, thing, false));
            (groups, None)
        }
        DocState::Customer(state) => {
            let mut groups =
                edit::customer_groups(f, &state.value, &people(visitor), || office.new_item());
            groups.insert(1, holding(visitor, thing, true));
            (groups, Some(helpers(visitor, thing)))
        }
        DocState::Visit(_) | DocState::Plan(_) | DocState::Case(_) => (Vec::new(), None),
    }
}

/// Who may see to a recovery plan: everybody who works here.
pub(super) fn people(visitor: &Visitor) -> Vec<(UserId, String)> {
    let active = visitor.base.users.iter().filter(|user| user.status == UserStatus::Active);
    let mut named: Vec<(UserId, String)> =
        active.map(|user| (user.id, user.name.clone())).collect();
    named.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
    named
}

/// Who may hold it: active, in a unit, and within the reader's reach.
fn holders(visitor: &Visitor) -> impl Iterator<Item = &UserRecord> {
    visitor.base.users.iter().filter(|user| {
        let sells = matches!(user.role, Role::Rep | Role::Supervisor | Role::Manager);
        sells
            && user.status == UserStatus::Active
            && !user.units.is_empty()
            && visitor.reach.sees(user.id)
    })
}

/// What stands in a field of [`HOLDING`].
fn held(held: Option<&Placement>, name: &str) -> String {
    let Some(held) = held else { return String::new() };
    match name {
        "owner" => held.owner.to_string(),
        "unit" => held.unit.to_string(),
        "tier" => held.tier.map(|tier| tier.as_str().to_owned()).unwrap_or_default(),
        _ => {
            let mut ids: Vec<String> = held.collaborators.iter().map(ToString::to_string).collect();
            ids.sort();
            ids.join(",")
        }
    }
}

fn holding(visitor: &Visitor, thing: &Thing, customer: bool) -> Group {
    let (w, base) = (visitor.f.w, &visitor.base);
    let value = |name: &str| held(thing.held.as_ref(), name);
    let mut people: Vec<(String, String)> =
        holders(visitor).map(|user| (user.id.to_string(), user.name.clone())).collect();
    if let Some(held) = &thing.held
        && !people.iter().any(|(id, _)| *id == held.owner.to_string())
    {
        people.insert(0, (held.owner.to_string(), base.user_name(held.owner)));
    }
    if thing.held.is_none() {
        people.insert(0, (String::new(), w.say("edit.none").to_owned()));
    }
    let mut fields = vec![Field::choice("owner", w.say("word.owner"), &value("owner"), people)];
    if customer {
        let units = base.units.iter().map(|unit| (unit.id.to_string(), unit.name.clone()));
        let tiers = Tier::ALL.map(|tier| (tier.as_str().to_owned(), tier.as_str().to_uppercase()));
        let none = (String::new(), w.say("word.no_tier").to_owned());
        fields.push(Field::choice("unit", w.say("word.unit"), &value("unit"), units));
        let tiers = std::iter::once(none).chain(tiers);
        fields.push(Field::choice("tier", w.say("word.tier"), &value("tier"), tiers));
    }
    let with_was = |field: Field| {
        let was = field.value.clone();
        field.was(was)
    };
    Group {
        title: w.say("edit.assignment").to_owned(),
        fields: fields.into_iter().map(with_was).collect(),
        folded: false,
    }
}

fn helpers(visitor: &Visitor, thing: &Thing) -> Helpers {
    let was = held(thing.held.as_ref(), "collaborators");
    let helping = thing.held.as_ref().map(|held| held.collaborators.as_slice()).unwrap_or_default();
    let base = &visitor.base;
    let others = helping.iter().filter(|id| !holders(visitor).any(|user| user.id == **id));
    let mut people: Vec<Choice> = others
        .map(|id| Choice { value: id.to_string(), label: base.user_name(*id), chosen: true })
        .collect();
    people.extend(holders(visitor).map(|user| Choice {
        chosen: helping.contains(&user.id),
        value: user.id.to_string(),
        label: user.name.clone(),
    }));
    Helpers { was, people, error: None }
}

/// `POST`.
pub(super) async fn save(
    State(app): State<App>,
    visitor: Visitor,
    Path(doc): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let office = Office::of(app.clone(), visitor.base.org.id);
        let thing = find(&app, &visitor, &office, parse(&doc)?).await?;
        let (revisions, place) = revisions(&visitor, &thing, &fields);
        let mut wrongs = check(&visitor, &thing, &revisions, &fields);
        wrongs.extend(blocked(&app, &visitor, &thing, &revisions).await?);
        let wanted = wanted(&visitor, &thing, &place, &mut wrongs);
        if !wrongs.is_empty() {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return again(
                &visitor,
                &office,
                thing,
                &fields,
                &wrongs,
                &[],
                status,
                "form.not_saved",
            );
        }
        let mut clashes = meanwhile(&visitor, &thing, &place);
        if clashes.is_empty() {
            clashes = match write(&office, &visitor, &thing, revisions).await? {
                Revised::Saved => Vec::new(),
                Revised::Clashes(clashes) => clashes,
            };
        }
        if !clashes.is_empty() {
            let status = StatusCode::CONFLICT;
            return again(&visitor, &office, thing, &fields, &[], &clashes, status, "edit.clashes");
        }
        if let Some(wanted) = wanted
            && let Some(wrongs) = assign(&visitor, &office, &thing, wanted).await?
        {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let thing = find(&app, &visitor, &office, thing.doc).await?;
            return again(
                &visitor,
                &office,
                thing,
                &fields,
                &wrongs,
                &[],
                status,
                "form.not_saved",
            );
        }
        Ok(Redirect::to(&thing.back).into_response())
    };
    visitor.answer(page.await)
}

/// Text as browsers send it, with one kind of line break.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// What was really changed: in the document, and in who holds it.
fn revisions(visitor: &Visitor, thing: &Thing, fields: &Fields) -> (Vec<Revision>, Vec<Revision>) {
    let mut changed = Vec::new();
    for (name, was) in fields.shown() {
        let to = if name == "collaborators" {
            let mut ids: Vec<&str> = fields.all(name).collect();
            ids.sort_unstable();
            ids.join(",")
        } else if let Some(to) = fields.sent(name) {
            plain(to)
        } else {
            continue;
        };
        let was = plain(was);
        let to = if matches!(name, "amount" | "budget" | "credit_limit") && !to.is_empty() {
            let home = visitor.base.org.currency;
            parse_money(&to, home).map_or(to, write_money)
        } else {
            to
        };
        if to != was {
            changed.push(Revision { name: name.to_owned(), was, to });
        }
    }
    // A contact that is removed is not edited as well.
    let removed: Vec<String> = changed
        .iter()
        .filter(|revision| {
            revision.to.is_empty() && revision.name.split('.').next() == Some("contacts")
        })
        .filter(|revision| revision.name.matches('.').count() == 1)
        .map(|revision| format!("{}.", revision.name))
        .collect();
    changed.retain(|revision| !removed.iter().any(|contact| revision.name.starts_with(contact)));
    let customer = matches!(thing.state, DocState::Customer(_));
    let is_holding = |revision: &Revision| {
        let known = HOLDING.contains(&revision.name.as_str());
        known && (customer || revision.name == "owner")
    };
    let (place, content) = changed.into_iter().partition(is_holding);
    (content, place)
}

fn check(visitor: &Visitor, thing: &Thing, revisions: &[Revision], fields: &Fields) -> Wrongs {
    let w = visitor.f.w;
    let mut wrongs = Wrongs::new();
    for Revision { name, to, .. } in revisions {
        let wrong = match &thing.state {
            DocState::Customer(_) => wrong_in_customer(name, to),
            _ => wrong_in_deal(name, to),
        };
        wrongs.extend(wrong.map(|wrong| (name.clone(), edit::wrong(w, wrong))));
    }
    if let DocState::Deal(_) = &thing.state {
        let stage = revisions.iter().find(|revision| revision.name == "stage");
        let policy = visitor.base.policy_for(visitor.today()).map(|(_, policy)| policy);
        let known =
            |code: &str| policy.as_ref().is_some_and(|it| it.pipeline.stage(code).is_some());
        if stage.is_some_and(|stage| !known(&stage.to)) {
            wrongs.push(("stage".to_owned(), w.say("form.choose").to_owned()));
        }
        let touched =
            revisions.iter().any(|it| matches!(it.name.as_str(), "outcome" | "lost_reason"));
        if touched && fields.get("outcome") == "lost" && fields.get("lost_reason").is_empty() {
            wrongs.push(("lost_reason".to_owned(), w.say("edit.lost_why").to_owned()));
        }
    }
    wrongs
}

/// A stage that is not left like this, where the policy's gate refuses it (R9).
async fn blocked(
    app: &App,
    visitor: &Visitor,
    thing: &Thing,
    revisions: &[Revision],
) -> Result<Option<(String, String)>, PageError> {
    let stage = revisions.iter().find(|revision| revision.name == "stage");
    let policy = visitor.base.policy_for(visitor.today()).map(|(_, policy)| policy);
    let blocks = policy.as_ref().is_some_and(|it| it.pipeline.gates.iter().any(|gate| gate.block));
    let (DocState::Deal(_), Some(stage), true) = (&thing.state, stage, blocks) else {
        return Ok(None);
    };
    let (org, month) = (visitor.base.org.id, Period::month_of(visitor.today()));
    let listed = app.storage().deal_rows(org, vec![thing.doc]).await?.pop();
    let Some(owner) = listed.map(|listed| listed.owner) else { return Ok(None) };
    let facts = scoring::facts_now(app, org, owner, month).await.map_err(PageError::Scoring)?;
    let Some((facts, policy)) = facts else { return Ok(None) };
    let ahead = gates_ahead(&facts, &policy, thing.doc, &stage.to, visitor.now);
    let gate = ahead.into_iter().find(|gate| gate.blocks);
    let w = visitor.f.w;
    Ok(gate.map(|gate| ("stage".to_owned(), gate_line(w, Some(&policy), &gate))))
}

/// Who is to hold it from now on.
struct Holding {
    owner: UserId,
    unit: Option<UnitId>,
    tier: Option<Tier>,
    collaborators: Vec<UserId>,
}

/// What the changed fields of the assignment come to; none if nothing was changed.
fn wanted(
    visitor: &Visitor,
    thing: &Thing,
    place: &[Revision],
    wrongs: &mut Wrongs,
) -> Option<Holding> {
    if place.is_empty() {
        return None;
    }
    let w = visitor.f.w;
    let value = |name: &str| {
        let changed = place.iter().find(|revision| revision.name == name);
        changed.map_or_else(|| held(thing.held.as_ref(), name), |revision| revision.to.clone())
    };
    let owner = value("owner").parse().ok();
    let changed_owner = place.iter().any(|revision| revision.name == "owner");
    let may_hold = |id: UserId| holders(visitor).any(|user| user.id == id);
    if owner.is_none() || (changed_owner && !owner.is_some_and(may_hold)) {
        wrongs.push(("owner".to_owned(), w.say("edit.owner_gone").to_owned()));
    }
    let unit = value("unit");
    // Whoever moves it to somebody else and says nothing of the unit means theirs.
    let unit = if changed_owner && !place.iter().any(|revision| revision.name == "unit") {
        None
    } else {
        unit.parse().ok()
    };
    let tier = value("tier");
    let tier = Tier::parse(&tier);
    let before = thing.held.as_ref().map(|held| held.collaborators.as_slice()).unwrap_or_default();
    let mut collaborators = Vec::new();
    for text in value("collaborators").split(',').filter(|text| !text.is_empty()) {
        match text.parse() {
            Ok(id) if may_hold(id) || before.contains(&id) => collaborators.push(id),
            _ => wrongs.push(("collaborators".to_owned(), w.say("form.choose").to_owned())),
        }
    }
    Some(Holding { owner: owner?, unit, tier, collaborators })
}

/// Assignments that were changed since the form was made.
fn meanwhile(visitor: &Visitor, thing: &Thing, place: &[Revision]) -> Vec<Clash> {
    let shown = |name: &str, value: &str| match name {
        "tier" => value.to_uppercase(),
        "unit" => {
            let unit = visitor.base.units.iter().find(|unit| unit.id.to_string() == value);
            unit.map_or_else(String::new, |unit| unit.name.clone())
        }
        _ => {
            let names = value.split(',').filter_map(|id| id.parse().ok());
            names.map(|id| visitor.base.user_name(id)).collect::<Vec<_>>().join(", ")
        }
    };
    let moved = place.iter().filter_map(|Revision { name, was, to }| {
        let now = held(thing.held.as_ref(), name);
        (now != *was && now != *to).then(|| Clash {
            was: shown(name, was),
            now: shown(name, &now),
            name: name.clone(),
            by: None,
            at: None,
        })
    });
    moved.collect()
}

async fn write(
    office: &Office,
    visitor: &Visitor,
    thing: &Thing,
    revisions: Vec<Revision>,
) -> Result<Revised, PageError> {
    if revisions.is_empty() {
        return Ok(Revised::Saved);
    }
    let written = async {
        let hand = office.hand(visitor.signed.user).await?;
        match &thing.state {
            DocState::Customer(_) => office.revise_customer(&hand, thing.doc, revisions).await,
            _ => office.revise_deal(&hand, thing.doc, revisions).await,
        }
    };
    written.await.map_err(|error| match error {
        DocumentError::Storage(error) => PageError::Storage(error),
        DocumentError::Unknown { .. } => PageError::NotFound,
        DocumentError::Edit(EditError::NoSuchItem { .. }) => PageError::Unreadable,
        error => PageError::Storage(crate::storage::StorageError::Unavailable {
            reason: error.to_string(),
        }),
    })
}

/// Writes the assignment; what is wrong with it, if anything is.
async fn assign(
    visitor: &Visitor,
    office: &Office,
    thing: &Thing,
    wanted: Holding,
) -> Result<Option<Wrongs>, PageError> {
    let gone =
        || Ok(Some(vec![("owner".to_owned(), visitor.f.w.say("edit.owner_gone").to_owned())]));
    let place = match &thing.state {
        DocState::Deal(_) => Place { owner: Some(wanted.owner), ..Place::default() },
        _ => Place {
            owner: Some(wanted.owner),
            unit: wanted.unit,
            tier: Some(wanted.tier),
            collaborators: Some(wanted.collaborators),
            ..Place::default()
        },
    };
    let placed = office.place(thing.doc, place, Some(visitor.signed.user)).await;
    match placed {
        Ok(_) => Ok(None),
        Err(PlaceError::Storage(error)) => Err(error.into()),
        Err(PlaceError::Unknown { .. }) => Err(PageError::NotFound),
        Err(_) => gone(),
    }
}

/// The form again, with what was entered and what is wrong with it. Fields that
/// clashed start from what stands now: sending them again is a decision.
#[expect(clippy::too_many_arguments, reason = "everything that a page is made of")]
fn again(
    visitor: &Visitor,
    office: &Office,
    thing: Thing,
    fields: &Fields,
    wrongs: &[(String, String)],
    clashes: &[Clash],
    status: StatusCode,
    why: &str,
) -> Result<Response, PageError> {
    let (mut groups, mut helpers) = form(visitor, office, &thing);
    let base = &visitor.base;
    let said = |name: &str| {
        let clash = clashes.iter().find(|clash| clash.name == name).map(|clash| {
            let by = clash.by.map(|by| base.user_name(by));
            edit::clash(&visitor.f, clash, by.as_deref())
        });
        clash.or_else(|| wrongs.iter().find(|(field, _)| field == name).map(|(_, why)| why.clone()))
    };
    let now = |name: &str| match (&thing.state, HOLDING.contains(&name)) {
        (_, true) => held(thing.held.as_ref(), name),
        (DocState::Customer(state), _) => read_customer(&state.value, name),
        (DocState::Deal(state), _) => read_deal(&state.value, name),
        _ => String::new(),
    };
    edit::keep_entered(&mut groups, fields.shown(), |name| fields.sent(name).map(plain));
    for field in groups.iter_mut().flat_map(|group| &mut group.fields) {
        field.error = said(&field.name);
        if clashes.iter().any(|clash| clash.name == field.name) {
            field.was = Some(plain(&now(&field.name)));
        }
    }
    if let Some(helpers) = helpers.as_mut() {
        helpers.error = said("collaborators");
        let clashed = clashes.iter().any(|clash| clash.name == "collaborators");
        if !clashed {
            helpers.was = fields.get("was.collaborators").to_owned();
        }
        for person in &mut helpers.people {
            person.chosen = fields.all("collaborators").any(|id| id == person.value);
        }
    }
    let message = Some(Shown::new(Tone::Late, visitor.f.w.say(why)));
    let mut response = page(visitor, thing, groups, helpers, message)?;
    *response.status_mut() = status;
    Ok(response)
}
