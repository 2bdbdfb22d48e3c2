//! Targets that a reader may see, with what is asked about them (S4 目标公示).

use std::collections::BTreeMap;

use client_core::id::{RecordId, UserId};
use client_core::period::Period;
use client_core::records::{
    AdjustmentRecord, Metric, Role, TargetLevel, TargetRecord, UserRecord, UserStatus,
};
use client_core::rules::SumCheck;

use super::base::Base;
use super::reach::{Reach, below};
use crate::office::{Office, Registrar};
use crate::storage::{Accounts, AnyStorage, StorageError, main_unit};
use crate::web::format::Format;
use crate::web::pages::targets::one::{Entered, Named, TargetData};
use crate::web::pages::targets::requests::Request;

/// Whether a reader may know of a target of this level once it is published: their own,
/// their units', the org's, and those of everybody they lead.
pub fn sees(base: &Base, reach: &Reach, reader: UserId, level: TargetLevel) -> bool {
    match level {
        TargetLevel::Org => true,
        TargetLevel::Rep(rep) => reach.sees(rep),
        TargetLevel::Unit(unit) => {
            let reader = base.users.iter().find(|user| user.id == reader);
            let own = reader.is_some_and(|reader| reader.units.contains(&unit));
            own || match reach {
                Reach::All => true,
                Reach::Some { units, .. } => units.contains(&unit),
            }
        }
    }
}

/// Drafts are known to those who decide alone.
pub const fn knows_drafts(role: Role) -> bool {
    matches!(role, Role::Manager | Role::Admin)
}

/// A person's or a unit's name; none for the whole company's.
pub fn whose(base: &Base, level: TargetLevel) -> Option<String> {
    match level {
        TargetLevel::Org => None,
        TargetLevel::Unit(unit) => Some(base.unit_name(unit)),
        TargetLevel::Rep(rep) => Some(base.user_name(rep)),
    }
}

/// Who reads, and what they may.
pub struct Asker<'a> {
    /// Whose work they see.
    pub reach: &'a Reach,
    /// Who they are.
    pub user: UserId,
    /// What they are.
    pub role: Role,
    /// The office on their behalf.
    pub registrar: &'a Registrar,
}

impl Asker<'_> {
    /// Whether they may know of a target.
    pub fn may_see(&self, base: &Base, target: &TargetRecord) -> bool {
        let known = !target.draft || knows_drafts(self.role);
        known && sees(base, self.reach, self.user, target.level)
    }
}

/// What is asked about targets of a period or a part of it, what waits first; about one
/// target, if one is named.
pub async fn requests(
    office: &Office,
    base: &Base,
    f: &Format,
    asker: &Asker<'_>,
    targets: &[TargetRecord],
    about: Option<RecordId>,
) -> Result<Vec<Request>, StorageError> {
    let targets: BTreeMap<RecordId, &TargetRecord> =
        targets.iter().map(|target| (target.id, target)).collect();
    let mut found = Vec::new();
    for record in office.adjustments().await? {
        let Some(target) = targets.get(&record.target) else { continue };
        let asked = about.is_none_or(|about| about == record.target);
        if asked && asker.may_see(base, target) {
            found.push(request(base, f, asker, target, record).await?);
        }
    }
    Ok(found)
}

async fn request(
    base: &Base,
    f: &Format,
    asker: &Asker<'_>,
    target: &TargetRecord,
    record: AdjustmentRecord,
) -> Result<Request, StorageError> {
    let decides = asker.registrar.sets_target(record.level).await?;
    Ok(Request {
        metric: target.metric.clone(),
        period: f.period(target.period),
        whose: whose(base, record.level),
        by: record.by.map(|by| base.user_name(by)),
        answered_by: record
            .answer
            .as_ref()
            .and_then(|answer| answer.by)
            .map(|by| base.user_name(by)),
        may: decides && record.by != Some(asker.user),
        record,
    })
}

/// Wholes of a period whose parts do not sum to them as the policy asks (R14).
pub async fn sums(
    office: &Office,
    base: &Base,
    asker: &Asker<'_>,
    targets: &[TargetRecord],
    period: Period,
) -> Result<Vec<(Option<String>, (Metric, Period), SumCheck)>, StorageError> {
    let mut found = Vec::new();
    for check in office.check_targets(Some(period)).await? {
        let whole = targets.iter().find(|target| target.id == check.parent);
        let Some(whole) = whole.filter(|whole| asker.may_see(base, whole)) else { continue };
        if check.state.is_warning() {
            let of = (whole.metric.clone(), whole.period);
            found.push((whose(base, whole.level), of, check));
        }
    }
    Ok(found)
}

/// One target with its parts, if the reader may see it.
pub async fn one(
    storage: &AnyStorage,
    office: &Office,
    base: &Base,
    f: &Format,
    asker: &Asker<'_>,
    id: RecordId,
) -> Result<Option<TargetData>, StorageError> {
    let targets = office.targets().await?;
    let seen = |target: &&TargetRecord| asker.may_see(base, target);
    let named =
        |target: &TargetRecord| Named { whose: whose(base, target.level), target: target.clone() };
    let Some(target) = targets.iter().find(|target| target.id == id).filter(seen) else {
        return Ok(None);
    };
    let parent = target.parent.and_then(|id| targets.iter().find(|target| target.id == id));
    let mut parts: Vec<Named> =
        targets.iter().filter(|part| part.parent == Some(id)).filter(seen).map(named).collect();
    parts.sort_by(|a, b| {
        (a.target.period.first_day(), &a.whose, &a.target.dimension).cmp(&(
            b.target.period.first_day(),
            &b.whose,
            &b.target.dimension,
        ))
    });
    let sets = asker.registrar.sets_target(target.level).await?;
    let checks = office.check_targets(None).await?;
    let leads = Registrar::places(asker.role);
    Ok(Some(TargetData {
        parent: parent.filter(seen).map(named),
        parts,
        sums: checks.into_iter().filter(|check| leads && check.parent == id).collect(),
        requests: requests(office, base, f, asker, &targets, Some(id)).await?,
        asks: sets || target.level == TargetLevel::Rep(asker.user),
        cuts: if leads { cuts(storage, base, f, asker, target, sets).await? } else { Vec::new() },
        sets,
        currency: base.org.currency,
        entered: Entered::default(),
        own: named(target),
    }))
}

type Cuts = Vec<(&'static str, Vec<(String, String)>)>;

/// Into what the reader may split a target: keys of the parts with their names.
async fn cuts(
    storage: &AnyStorage,
    base: &Base,
    f: &Format,
    asker: &Asker<'_>,
    target: &TargetRecord,
    sets: bool,
) -> Result<Cuts, StorageError> {
    let mut found = Vec::new();
    let top = base.units.iter().find(|unit| unit.parent.is_none()).map(|unit| unit.id);
    let above = match target.level {
        TargetLevel::Org => top,
        TargetLevel::Unit(unit) => Some(unit),
        TargetLevel::Rep(_) => None,
    };
    if let Some(above) = above {
        let mut units = Vec::new();
        for unit in base.units.iter().filter(|unit| unit.parent == Some(above)) {
            if asker.registrar.sets_target(TargetLevel::Unit(unit.id)).await? {
                units.push((unit.name.clone(), unit.name.clone()));
            }
        }
        let reach = below(&base.units, &[above]);
        let inside = |user: &UserRecord| {
            main_unit(user).is_some_and(|unit| reach.contains(&unit))
                && user.role == Role::Rep
                && user.status == UserStatus::Active
        };
        let mut reps = Vec::new();
        for account in storage.accounts(base.org.id).await? {
            let user = account.user;
            if inside(&user) && asker.registrar.sets_target(TargetLevel::Rep(user.id)).await? {
                reps.push((account.login, user.name));
            }
        }
        reps.sort_by(|a, b| a.1.cmp(&b.1));
        found.extend([("units", units), ("reps", reps)]);
    }
    let months = target.period.months();
    if sets && months.len() > 1 {
        let months = months.into_iter().map(|month| (month.to_string(), f.period(month)));
        found.push(("months", months.collect()));
    }
    found.retain(|(_cut, parts): &(_, Vec<_>)| !parts.is_empty());
    Ok(found)
}
