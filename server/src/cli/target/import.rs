//! `fieldsync target import`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use client_core::id::{RecordId, UnitId, UserId};
use client_core::money::Currency;
use client_core::period::Period;
use client_core::records::{Metric, TargetLevel, TargetRecord, UnitRecord};
use client_core::time::Date;
use serde_json::json;

use crate::app::App;
use crate::cli::answer::Answer;
use crate::cli::data::DataArg;
use crate::cli::failure::{Exit, Failure};
use crate::import::source::{Limits, Source, SourceRow};
use crate::office::{Office, SetTarget, SetTargetError, parse_money};
use crate::storage::{Accounts, main_unit};

/// Bring in targets from a CSV file.
///
/// Columns: metric, period, value (in the metric's unit) or amount (money as it is
/// written), rep (a login) or unit (a name; the org if both are empty), published_on,
/// and for parts of a whole by_KEY, such as by_region. A part finds its whole by itself:
/// the target right above in the tree, of the same metric and period. The same file
/// again changes nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The CSV file.
    file: PathBuf,
    /// Say what is wrong and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Let no rep see them before `fieldsync target publish`.
    #[arg(long)]
    draft: bool,
}

const COLUMNS: [&str; 7] = ["metric", "period", "value", "amount", "rep", "unit", "published_on"];
/// What begins the name of a dimension's column.
const DIMENSION: &str = "by_";

impl Import {
    pub(super) async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let (app, office) = data.office().await?;
        let source = Source::open(&self.file, Limits::default()).map_err(|error| {
            let advice = error.advice();
            let happened = format!("{} could not be read: {error}", self.file.display());
            Failure::new(Exit::Data, happened, advice)
        })?;
        let names = source.headers().names().to_vec();
        known(&names)?;
        let mut org = Org::read(&app, &office).await?;
        let (mut rows, mut wrong) = (Vec::new(), Vec::new());
        for row in source {
            match row {
                Ok(row) => match self.read(&org, &names, &row) {
                    Ok(target) => rows.push((row.line(), target)),
                    Err(reason) => wrong.push((row.line(), reason)),
                },
                Err(error) => wrong.push((error.line, error.problem.to_string())),
            }
        }
        // A whole comes before its parts, wherever it stands in the file.
        rows.sort_by_key(|(line, target)| (org.order(target), *line));
        let mut written = 0_u64;
        for (line, mut target) in rows {
            let whole = org.whole_of(&target);
            // A whole out of the same file is not stored yet, and is right by itself.
            target.parent = whole.filter(|whole| org.was_there(*whole));
            match office.check_target(target).await {
                Ok(target) => {
                    written += 1;
                    org.targets.push(TargetRecord { parent: whole.or(target.parent), ..target });
                }
                Err(SetTargetError::Storage(error)) => return Err(error.into()),
                Err(error) => wrong.push((line, error.to_string())),
            }
        }
        let fresh = org.targets.split_off(org.known);
        if !self.dry_run {
            office.write_targets(fresh).await?;
        }
        wrong.sort();
        Ok(self.answer(written, &wrong))
    }

    fn answer(&self, written: u64, wrong: &[(u64, String)]) -> Answer {
        let done = if self.dry_run { "could be written" } else { "are in" };
        let mut words = format!("{written} targets {done}, {} rows were not taken.", wrong.len());
        for (line, reason) in wrong {
            words.push_str(&format!("\nline {line}: {reason}"));
        }
        let errors: Vec<_> =
            wrong.iter().map(|(line, reason)| json!({ "line": line, "message": reason })).collect();
        let json = json!({ "written": written, "dry_run": self.dry_run, "errors": errors });
        let answer = Answer::new(words, json);
        // The rows that were taken are in; a script must still hear of the others.
        if wrong.is_empty() { answer } else { answer.ending(Exit::Data) }
    }

    fn read(&self, org: &Org, names: &[String], row: &SourceRow) -> Result<SetTarget, String> {
        let cell = |name: &str| row.cell(name).filter(|cell| !cell.is_empty());
        let needed = |name: &str| cell(name).ok_or_else(|| format!("{name} is empty"));
        let level = match (cell("rep"), cell("unit")) {
            (Some(_), Some(_)) => {
                return Err("rep and unit: a target is one or the other's".to_owned());
            }
            (Some(login), None) => {
                let found = org.reps.get(login).map(|(user, _units)| TargetLevel::Rep(*user));
                found.ok_or_else(|| format!("nobody has the login {login:?}"))?
            }
            (None, Some(unit)) => {
                let mut named = org.units.values().filter(|one| one.name == unit);
                match (named.next(), named.next()) {
                    (Some(unit), None) => TargetLevel::Unit(unit.id),
                    (Some(_), Some(_)) => return Err(format!("several units are named {unit:?}")),
                    (None, _) => return Err(format!("there is no unit {unit:?}")),
                }
            }
            (None, None) => TargetLevel::Org,
        };
        let metric = Metric::from(needed("metric")?);
        let period: Period = needed("period")?.parse().map_err(|error| told(&error))?;
        let value = match (cell("value"), cell("amount")) {
            (Some(value), None) => {
                let wrong = |_error| format!("value {value:?} is no whole number");
                value.parse::<i64>().map_err(wrong)?
            }
            (None, Some(amount)) => {
                let wrong = |_error| format!("amount {amount:?} is no amount of money");
                let money = parse_money(amount, org.currency).map_err(wrong)?;
                let other = || format!("amount {amount:?} is not in {}", org.currency);
                Some(money).filter(|money| money.currency == org.currency).ok_or_else(other)?.minor
            }
            _ => return Err("expected a value or an amount".to_owned()),
        };
        let published_on = cell("published_on")
            .map(str::parse::<Date>)
            .transpose()
            .map_err(|error| told(&error))?;
        let dimension: BTreeMap<String, String> = names
            .iter()
            .filter_map(|name| {
                let key = name.to_lowercase().strip_prefix(DIMENSION)?.to_owned();
                Some((key, cell(name)?.to_owned()))
            })
            .collect();
        Ok(SetTarget {
            published_on,
            dimension,
            draft: self.draft,
            ..SetTarget::new(level, metric, period, value)
        })
    }
}

fn known(names: &[String]) -> Result<(), Failure> {
    let is_known = |name: &&String| {
        let name = name.to_lowercase();
        COLUMNS.contains(&name.as_str()) || name.starts_with(DIMENSION)
    };
    match names.iter().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => {
            let known = COLUMNS.join(", ");
            let happened =
                format!("the column {name:?} is not known: expected {known} or {DIMENSION}KEY");
            Err(Failure::usage(happened))
        }
    }
}

fn told(error: &impl std::fmt::Display) -> String {
    error.to_string()
}

/// What rows are read against.
struct Org {
    currency: Currency,
    units: BTreeMap<UnitId, UnitRecord>,
    /// Everybody by login, with their main unit.
    reps: BTreeMap<String, (UserId, Option<UnitId>)>,
    /// Those that are there, then those that rows made.
    targets: Vec<TargetRecord>,
    /// How many were there.
    known: usize,
}

impl Org {
    async fn read(app: &App, office: &Office) -> Result<Self, Failure> {
        let accounts = app.storage().accounts(office.org()).await?.into_iter();
        let targets = office.targets().await?;
        Ok(Self {
            currency: office.settings().await?.currency,
            units: office.units().await?,
            reps: accounts
                .map(|account| (account.login, (account.user.id, main_unit(&account.user))))
                .collect(),
            known: targets.len(),
            targets,
        })
    }

    fn was_there(&self, target: RecordId) -> bool {
        self.targets.iter().take(self.known).any(|one| one.id == target)
    }

    /// The levels above, the nearest first.
    fn above(&self, level: TargetLevel) -> Vec<TargetLevel> {
        let mut above = Vec::new();
        let mut unit = match level {
            TargetLevel::Org => return above,
            TargetLevel::Unit(unit) => self.units.get(&unit).and_then(|unit| unit.parent),
            TargetLevel::Rep(rep) => {
                let found = self.reps.values().find(|(user, _unit)| *user == rep);
                found.and_then(|(_user, unit)| *unit)
            }
        };
        while let Some(id) = unit.filter(|id| !above.contains(&TargetLevel::Unit(*id))) {
            above.push(TargetLevel::Unit(id));
            unit = self.units.get(&id).and_then(|unit| unit.parent);
        }
        above.push(TargetLevel::Org);
        above
    }

    /// Wholes before parts.
    fn order(&self, target: &SetTarget) -> (usize, usize, std::cmp::Reverse<usize>) {
        let days = target.period.days().count();
        (self.above(target.level).len(), target.dimension.len(), std::cmp::Reverse(days))
    }

    /// The target that this one is a part of: with one dimension less, of the level above,
    /// or of the shortest longer period.
    fn whole_of(&self, part: &SetTarget) -> Option<RecordId> {
        let find = |level: TargetLevel, is_now: bool, dimension: &BTreeMap<String, String>| {
            let fits = |target: &&TargetRecord| {
                let longer = target.period != part.period && target.period.covers(part.period);
                let time = if is_now { target.period == part.period } else { longer };
                target.metric == part.metric
                    && target.level == level
                    && target.dimension == *dimension
                    && time
            };
            let found = self.targets.iter().filter(fits);
            found.min_by_key(|target| target.period.days().count()).map(|target| target.id)
        };
        let less = part.dimension.keys().find_map(|key| {
            let mut less = part.dimension.clone();
            less.remove(key);
            find(part.level, true, &less)
        });
        let above = || {
            let mut levels = self.above(part.level).into_iter();
            levels.find_map(|level| find(level, true, &part.dimension))
        };
        less.or_else(above).or_else(|| find(part.level, false, &part.dimension))
    }
}
