//! From the file to facts, with the path of whatever is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use chrono::{DateTime, NaiveDateTime, Weekday};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::names::Names;
use super::types::*;
use crate::docs::customer::Lifecycle;
use crate::docs::deal::{DealKind, DealOutcome, LeadGrade, Priority};
use crate::docs::visit::{Fix, Outcome, PlannedRef, Purpose, VisitMode};
use crate::docs::{ChangeHash, Heads};
use crate::geo::Point;
use crate::id::{ItemId, ProductId, UserId};
use crate::money::{Currency, Money};
use crate::period::Period;
use crate::records::{
    CalendarRecord, Confirms, Leave, MarginClass, Metric, ProductClass, ProductRecord, TargetLevel,
    TargetRecord, Tier, WeekStart,
};
use crate::rules::alarms::{Churn, ClosedMonth};
use crate::rules::facts::{
    AwaitedFact, CaseFact, CaseKind, CheckFact, ContractFact, CustomerFact, DealFact, Decision,
    FactRef, Facts, InstalmentFact, Key, KeyTaskFact, MilestoneFact, OrderFact, Origin, OwnedSpan,
    PaymentFact, PlanFact, PurchaseFact, QuoteFact, Ruling, Signal, StageFact, StopFact,
    SurveyFact, SurveyKind, TargetFact, VisitFact,
};
use crate::rules::integrity::{ClockReading, WatchedDeal, WatchedVisit};
use crate::rules::policy::Policy;
use crate::rules::sales::ActiveRep;
use crate::rules::team::{Credit, DealLine, TeamDeal};
use crate::rules::team_figures::TeamOrder;
use crate::time::{Date, Timestamp};

/// What is wrong with a file of facts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct PlainError {
    /// Where: `visits[3].started_at`.
    pub path: String,
    /// What, and what is allowed.
    pub problem: String,
}

impl PlainError {
    fn new(path: impl Into<String>, problem: impl Display) -> Self {
        Self { path: path.into(), problem: problem.to_string() }
    }
}

/// What a bare day means where an instant is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayMeans {
    Start,
    End,
}

/// Everything a file says, as the rules take it.
pub(super) struct Material {
    pub names: Names,
    everyone: Vec<UserId>,
    pub collected: Collected,
    confirms: Confirms,
    period: Period,
    pub benchmarks: BTreeMap<String, i64>,
    /// Codes of stages, with where they stand.
    stages: Vec<(String, String)>,
    pub market_size: Option<i64>,
    pub currency: Currency,
    pub calendar: CalendarRecord,
    pub people: Vec<ActiveRep>,
    leave: Away,
}

/// A list of the file, with the path of each element.
fn list<T: DeserializeOwned>(
    file: &serde_json::Map<String, Value>,
    name: &str,
) -> Result<Vec<(String, T, FactRefOf)>, PlainError> {
    let Some(value) = file.get(name) else { return Ok(Vec::new()) };
    let items = value.as_array().ok_or_else(|| PlainError::new(name, "expected a list"))?;
    let mut read = Vec::with_capacity(items.len());
    let mut known: BTreeMap<&str, (usize, &Value)> = BTreeMap::new();
    for (place, item) in items.iter().enumerate() {
        let path = format!("{name}[{place}]");
        let value = element(&path, item)?;
        let id = item.get("id").and_then(Value::as_str);
        if id.map_or(Ok(false), |id| is_known(&mut known, name, place, id, item))? {
            continue;
        }
        read.push((path, value, FactRefOf::of(item)));
    }
    Ok(read)
}

/// Whether the same stood there before. One id, one fact: what says something else under the
/// same id would count by the order of the file. Revisions of a quote share theirs.
fn is_known<'a>(
    known: &mut BTreeMap<&'a str, (usize, &'a Value)>,
    list: &str,
    place: usize,
    id: &'a str,
    item: &'a Value,
) -> Result<bool, PlainError> {
    let path = || format!("{list}[{place}].id");
    if id.is_empty() {
        return Err(PlainError::new(path(), "expected an id that is not empty"));
    }
    let Some((first, said)) = known.get(id).copied() else {
        known.insert(id, (place, item));
        return Ok(false);
    };
    let same = said == item || settled::sorted(said) == settled::sorted(item);
    if !same && list != "quotes" {
        let problem =
            format!("{id:?} says something else than {list}[{first}]: expected each once");
        return Err(PlainError::new(path(), problem));
    }
    Ok(same)
}

/// The heads of an element: the hash of what it says.
struct FactRefOf(Heads);

impl FactRefOf {
    fn of(value: &Value) -> Self {
        let hash = ChangeHash(Sha256::digest(value.to_string()).into());
        Self(Heads::new(vec![hash]))
    }
}

pub(super) fn instant(
    path: &str,
    text: &str,
    calendar: &CalendarRecord,
    day_means: DayMeans,
) -> Result<Timestamp, PlainError> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(Timestamp::from_millis(at.timestamp_millis()));
    }
    if let Ok(day) = text.parse::<Date>() {
        return Ok(match day_means {
            DayMeans::Start => calendar.zone.start_of(day),
            DayMeans::End => calendar.zone.end_of(day),
        });
    }
    for form in ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"] {
        if let Ok(local) = NaiveDateTime::parse_from_str(text, form) {
            let wall = Timestamp::from_millis(local.and_utc().timestamp_millis());
            let earlier =
                |at: Timestamp| wall.plus_millis(i64::from(calendar.zone.offset_s(at)) * -1000);
            // Two rounds settle it, also on the day the clocks change.
            return Ok(earlier(earlier(wall)));
        }
    }
    Err(PlainError::new(
        path,
        format!(
            "{text:?} is no time: expected RFC 3339 such as 2026-10-08T09:30:00+08:00, a local \
             time 2026-10-08 09:30 or a day 2026-10-08"
        ),
    ))
}

/// Reads texts of one file.
struct Reader<'a> {
    names: Names,
    calendar: &'a CalendarRecord,
    currency: Currency,
    period: Period,
    sole: Option<String>,
    deal_reps: BTreeMap<String, String>,
    deal_customers: BTreeMap<String, String>,
}

type Read<T> = Result<T, PlainError>;

impl Reader<'_> {
    fn at(&self, path: &str, text: Option<&String>) -> Read<Option<Timestamp>> {
        text.map(|text| instant(path, text, self.calendar, DayMeans::Start)).transpose()
    }

    fn day(&self, path: &str, text: Option<&String>) -> Read<Option<Date>> {
        let read = |text: &String| match text.parse::<Date>() {
            Ok(day) => Ok(day),
            Err(error) => instant(path, text, self.calendar, DayMeans::Start)
                .map(|at| self.calendar.zone.date(at))
                .map_err(|_no_time| PlainError::new(path, error)),
        };
        text.map(read).transpose()
    }

    fn must(&self, path: &str, text: &String) -> Read<Date> {
        let day = self.day(path, Some(text))?;
        day.ok_or_else(|| PlainError::new(path, "expected a day"))
    }

    fn tier(path: &str, text: Option<&String>) -> Read<Option<Tier>> {
        let read = |text: &String| {
            Tier::parse(&text.to_lowercase())
                .ok_or_else(|| PlainError::new(path, format!("{text:?}: expected a, b or c")))
        };
        text.map(read).transpose()
    }

    fn money(
        &self,
        path: &str,
        minor: Option<i64>,
        currency: Option<&String>,
    ) -> Read<Option<Money>> {
        let currency = match currency {
            Some(code) => {
                code.parse().map_err(|error| PlainError::new(format!("{path}.currency"), error))?
            }
            None => self.currency,
        };
        Ok(minor.map(|minor| Money::new(minor, currency)))
    }

    /// Whose something is: as it says, else its deal's, else the only rep there is.
    fn rep(&self, path: &str, said: Option<&String>, deal: Option<&String>) -> Read<UserId> {
        let of_deal = || deal.and_then(|deal| self.deal_reps.get(deal));
        let rep = said.or_else(of_deal).or(self.sole.as_ref());
        rep.map(|rep| self.names.rep(rep)).ok_or_else(|| {
            PlainError::new(
                format!("{path}.rep"),
                "expected whose it is: the file names more than one rep",
            )
        })
    }

    fn customer(&self, said: Option<&String>, deal: Option<&String>) -> Option<crate::id::DocId> {
        let of_deal = || deal.and_then(|deal| self.deal_customers.get(deal));
        said.or_else(of_deal).map(|customer| self.names.doc(customer))
    }

    fn fact(&self, id: &str, heads: &FactRefOf) -> FactRef {
        FactRef { doc: self.names.doc(id), heads: heads.0.clone() }
    }

    fn origin(&self, id: &str, heads: &FactRefOf, confirmed: bool) -> Origin {
        let fact = self.fact(id, heads);
        if confirmed { Origin::confirmed(fact, None) } else { Origin::claim(fact, None) }
    }

    fn key(&self, id: &str) -> Key {
        Key { doc: self.names.doc(id), item: None }
    }
}

/// A code that is known, or an error that says which are.
macro_rules! code {
    ($path:expr, $text:expr, $type:ident) => {
        match $text {
            None => None,
            Some(text) => match $type::from(text.to_lowercase().as_str()) {
                $type::Unknown(_) => {
                    let known: Vec<&str> = $type::KNOWN.iter().map($type::as_str).collect();
                    return Err(PlainError::new(
                        $path,
                        format!("{text:?}: expected one of {}", known.join(", ")),
                    ));
                }
                known => Some(known),
            },
        }
    };
}

fn e7(path: &str, degrees: f64, most: f64) -> Read<i64> {
    let bad = || PlainError::new(path, format!("{degrees}: expected degrees, at most {most}"));
    if !degrees.is_finite() || degrees.abs() > most {
        return Err(bad());
    }
    format!("{:.0}", degrees * 1e7).parse().map_err(|_no_number| bad())
}

fn point(path: &str, lat: Option<f64>, lon: Option<f64>) -> Read<Option<Point>> {
    let (lat, lon) = match (lat, lon) {
        (Some(lat), Some(lon)) => (lat, lon),
        (None, None) => return Ok(None),
        (Some(_), None) | (None, Some(_)) => {
            return Err(PlainError::new(path, "expected lat and lon, or neither"));
        }
    };
    let lat = e7(&format!("{path}.lat"), lat, 90.0)?;
    let lon = e7(&format!("{path}.lon"), lon, 180.0)?;
    Ok(Point::wgs84(lat, lon))
}

impl Material {
    pub(super) fn read(
        text: &str,
        period: Period,
        calendar_of: &dyn Fn(&str) -> Option<CalendarRecord>,
    ) -> Read<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value = once::value(text)
            .map_err(|error| PlainError::new("the file", format!("it is not JSON: {error}")))?;
        // Read as it stands for the path of whatever is wrong, and then by what it says.
        let standing = Self::of(&value, period, calendar_of)?;
        let settled = Self::of(&settled::sorted(&value), period, calendar_of)?;
        Ok(Self { stages: standing.stages, ..settled })
    }

    fn of(
        value: &Value,
        period: Period,
        calendar_of: &dyn Fn(&str) -> Option<CalendarRecord>,
    ) -> Read<Self> {
        let Value::Object(file) = value else {
            return Err(PlainError::new("the file", "expected an object with lists of facts"));
        };
        check_keys(file)?;
        let said = reps(file)?;
        let sole = match said.as_slice() {
            [] => Some(REP.to_owned()),
            [only] => Some(only.clone()),
            _ => None,
        };
        let names = Names::of(value, sole.as_deref(), period);
        let head = |name: &str, default: &str| match file.get(name) {
            None => Ok(default.to_owned()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(_) => Err(PlainError::new(name, "expected a text")),
        };
        let zone = head("time_zone", "Asia/Shanghai")?;
        let mut calendar = calendar_of(&zone).ok_or_else(|| {
            PlainError::new(
                "time_zone",
                format!("{zone:?}: expected an IANA name such as Asia/Shanghai"),
            )
        })?;
        if let Some(own) = file.get("calendar") {
            adjust(&mut calendar, &element("calendar", own)?)?;
        }
        let currency: Currency =
            head("currency", "CNY")?.parse().map_err(|error| PlainError::new("currency", error))?;
        let mut reader = Reader {
            names,
            calendar: &calendar,
            currency,
            period,
            sole,
            deal_reps: BTreeMap::new(),
            deal_customers: BTreeMap::new(),
        };
        let everyone: Vec<UserId> = if said.is_empty() {
            vec![reader.names.rep(REP)]
        } else {
            said.iter().map(|rep| reader.names.rep(rep)).collect()
        };
        let mut collected = Collected::default();
        collected.read(&mut reader, file)?;
        links::check(file)?;
        sums::check(file)?;
        let stages = std::mem::take(&mut collected.stages);
        let confirms = match file.get("confirms") {
            Some(value) => confirms(&element::<Vec<String>>("confirms", value)?)?,
            None => Confirms::default(),
        };
        let benchmarks: BTreeMap<String, i64> = match file.get("benchmarks") {
            Some(value) => element("benchmarks", value)?,
            None => BTreeMap::new(),
        };
        if let Some((stage, share)) =
            benchmarks.iter().find(|(_stage, share)| !WHOLE.contains(*share))
        {
            let problem = format!("{share}: expected basis points, 0 to 10000");
            return Err(PlainError::new(format!("benchmarks.{stage}"), problem));
        }
        let market_size: Option<i64> = match file.get("market_size_minor") {
            Some(value) => element("market_size_minor", value)?,
            None => None,
        };
        if let Some(size) = market_size.filter(|size| *size <= 0) {
            let problem = format!("{size}: expected more than 0");
            return Err(PlainError::new("market_size_minor", problem));
        }
        let Reader { names, .. } = reader;
        let (people, leave) = people(file, &names, &everyone)?;
        Ok(Self {
            names,
            everyone,
            collected,
            confirms,
            period,
            benchmarks,
            stages,
            market_size,
            currency,
            calendar,
            people,
            leave,
        })
    }

    /// What the file says of stages, the policy has.
    pub(super) fn known_to(&self, policy: &Policy) -> Read<()> {
        let benchmarks =
            self.benchmarks.keys().map(|stage| (format!("benchmarks.{stage}"), stage.clone()));
        let mut said = self.stages.iter().cloned().chain(benchmarks);
        let unknown = said.find(|(_path, stage)| policy.pipeline.stage(stage).is_none());
        unknown.map_or(Ok(()), |(path, stage)| {
            let known: Vec<&str> =
                policy.pipeline.stages.iter().map(|stage| stage.code.as_str()).collect();
            let problem = format!(
                "{stage:?} is no stage of the policy {:?}: expected one of {}",
                policy.name,
                known.join(", ")
            );
            Err(PlainError::new(path, problem))
        })
    }
}

/// A share, in basis points.
const WHOLE: std::ops::RangeInclusive<i64> = 0..=10_000;

/// Of two texts that are times, the later does not come before the earlier.
fn in_order<T: PartialOrd>(
    path: &str,
    (later_name, later): (&str, Option<T>),
    (earlier_name, earlier): (&str, Option<T>),
) -> Read<()> {
    match later.zip(earlier) {
        Some((later, earlier)) if later < earlier => {
            let problem = format!("it is before {earlier_name}: expected no earlier than that");
            Err(PlainError::new(format!("{path}.{later_name}"), problem))
        }
        _ => Ok(()),
    }
}

/// When somebody was away.
type Away = BTreeMap<UserId, Vec<Leave>>;

/// Who was there and when; of whom nothing is said, all the time.
fn people(
    file: &serde_json::Map<String, Value>,
    names: &Names,
    everyone: &[UserId],
) -> Read<(Vec<ActiveRep>, Away)> {
    let mut known: BTreeMap<UserId, ActiveRep> = everyone
        .iter()
        .map(|rep| (*rep, ActiveRep { rep: *rep, from: None, until: None }))
        .collect();
    let mut leave = Away::new();
    let mut named = BTreeSet::new();
    for (path, one, _heads) in list::<PlainPerson>(file, "people")? {
        let rep = names.rep(&one.rep);
        if !named.insert(rep) {
            let problem = format!("{:?} stands here twice: expected each once", one.rep);
            return Err(PlainError::new(format!("{path}.rep"), problem));
        }
        let day = |name: &str, text: &str| {
            let read = text.parse::<Date>();
            read.map_err(|error| PlainError::new(format!("{path}.{name}"), error))
        };
        let from = one.hired_on.as_deref().map(|text| day("hired_on", text)).transpose()?;
        let left = one.left_on.as_deref().map(|text| day("left_on", text)).transpose()?;
        in_order(&path, ("left_on", left), ("hired_on", from))?;
        for (place, away) in one.leave.iter().enumerate() {
            let at = |name: &str| format!("leave[{place}].{name}");
            let (first, last) = (day(&at("from"), &away.from)?, day(&at("until"), &away.until)?);
            if last < first || last.days_since(first) > MOST_AWAY {
                let problem = format!("{last}: expected {first} or up to a year later");
                return Err(PlainError::new(format!("{path}.{}", at("until")), problem));
            }
            leave.entry(rep).or_default().push(Leave { from: first, until: last });
        }
        // Who is not evaluated is asked about by nobody.
        if let Some(known) = known.get_mut(&rep) {
            (known.from, known.until) = (from, left.map(Date::next));
        }
    }
    Ok((known.into_values().collect(), leave))
}

/// Stands for the only rep of a file that names none.
pub(super) const REP: &str = "rep";

/// Days of one leave.
const MOST_AWAY: i64 = 366;

const KEYS: [&str; 25] = [
    "currency",
    "time_zone",
    "calendar",
    "reps",
    "people",
    "visits",
    "customers",
    "deals",
    "quotes",
    "contracts",
    "instalments",
    "payments",
    "orders",
    "cases",
    "surveys",
    "plans",
    "targets",
    "decisions",
    "signals",
    "products",
    "months",
    "churn",
    "benchmarks",
    "market_size_minor",
    "confirms",
];

fn check_keys(file: &serde_json::Map<String, Value>) -> Read<()> {
    let unknown = file.keys().find(|key| !KEYS.contains(&key.as_str()) && *key != "$schema");
    unknown.map_or(Ok(()), |key| {
        let known = KEYS.join(", ");
        Err(PlainError::new(key, format!("there is no such list: expected one of {known}")))
    })
}

/// Everybody who is named as a rep, or those that the file asks for.
fn reps(file: &serde_json::Map<String, Value>) -> Read<Vec<String>> {
    if let Some(asked) = file.get("reps") {
        let asked: Vec<String> = element("reps", asked)?;
        if !asked.is_empty() {
            return Ok(BTreeSet::from_iter(asked).into_iter().collect());
        }
    }
    let mut named = BTreeSet::new();
    for value in file.values() {
        collect_reps(value, &mut named);
    }
    Ok(named.into_iter().collect())
}

fn collect_reps(value: &Value, named: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_reps(item, named)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(rep) if key == "rep" => {
                        named.insert(rep.clone());
                    }
                    other => collect_reps(other, named),
                }
            }
        }
        _ => {}
    }
}

/// What the books confirm, as the file says.
fn confirms(said: &[String]) -> Read<Confirms> {
    let mut confirms = Confirms::default();
    for kind in said {
        match kind.as_str() {
            "orders" => confirms.orders = true,
            "contracts" => confirms.contracts = true,
            "payments" => confirms.payments = true,
            other => {
                let problem = format!("{other:?}: expected orders, contracts or payments");
                return Err(PlainError::new("confirms", problem));
            }
        }
    }
    Ok(confirms)
}

fn adjust(calendar: &mut CalendarRecord, own: &PlainCalendar) -> Read<()> {
    let mut weekend = Vec::new();
    for day in &own.weekend {
        weekend.push(day.parse::<Weekday>().map_err(|_no_day| {
            PlainError::new("calendar.weekend", format!("{day:?}: expected monday … sunday"))
        })?);
    }
    let days = |path: &str, texts: &[String]| -> Read<BTreeSet<Date>> {
        let read = texts.iter().map(|text| text.parse::<Date>());
        read.map(|day| day.map_err(|error| PlainError::new(path, error))).collect()
    };
    calendar.weekend = weekend;
    calendar.week_starts = match own.week_starts.as_deref() {
        None | Some("monday") => WeekStart::Monday,
        Some("sunday") => WeekStart::Sunday,
        Some(other) => {
            let problem = format!("{other:?}: expected monday or sunday");
            return Err(PlainError::new("calendar.week_starts", problem));
        }
    };
    calendar.holidays = days("calendar.holidays", &own.holidays)?;
    calendar.adjusted_workdays = days("calendar.adjusted_workdays", &own.adjusted_workdays)?;
    Ok(())
}

mod collected;
mod links;
mod once;
mod seen;
pub(super) mod settled;
mod sums;
mod wording;

use collected::Collected;
use wording::element;
