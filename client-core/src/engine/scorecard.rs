use super::ReadError;
use super::client::Client;
use crate::docs::customer::CustomerState;
use crate::docs::deal::DealState;
use crate::docs::visit::VisitState;
use crate::docs::{DocKind, Generation, Header, Heads, Hydrated};
use crate::id::{DocId, OrgId, UserId};
use crate::period::Period;
use crate::records::{Aliases, PlacementRecord, Record, RecordKind, ScorecardRecord, TargetRecord};
use crate::rules::{self, Facts, Inputs, Outcome, RULES_VERSION, Row};
use crate::store::{self, CustomerQuery};
use crate::time::Timestamp;

/// The server's result for a period beside this phone's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficialScorecard {
    /// What the server decided.
    pub official: ScorecardRecord,
    /// What this phone computes from its own file at the same instant.
    pub own: Box<Outcome>,
    /// How they compare.
    pub comparison: Comparison,
}

/// How an official result and this phone's compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same facts, the same policy, the same bytes.
    Same,
    /// Another version of the rules made the official one; the app needs an update
    /// to recompute it.
    OtherRules,
    /// Another policy was in force on the server.
    OtherPolicy,
    /// The facts differ: something is not here, or not there yet.
    OtherFacts,
    /// The same facts and another result: a fault worth a report.
    Disagrees,
}

/// Rows owned while rules look at them.
struct Gathered<T> {
    header: Header,
    heads: Heads,
    state: Hydrated<T>,
}

impl<T> Gathered<T> {
    const fn row(&self) -> Row<'_, T> {
        Row { header: self.header, heads: &self.heads, state: &self.state }
    }
}

/// What one read of the file brings together.
struct Material {
    visits: Vec<Gathered<VisitState>>,
    customers: Vec<Gathered<CustomerState>>,
    deals: Vec<Gathered<DealState>>,
    placements: Vec<PlacementRecord>,
    targets: Vec<TargetRecord>,
    aliases: Aliases,
}

impl Client {
    /// This user's scorecard for a period, computed on this phone from its own
    /// file: the same rules and the same bytes as on the server. `as_of` is the
    /// instant the rules look from; now if absent.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before policy, calendar and org have arrived.
    pub fn scorecard(
        &self,
        period: Period,
        as_of: Option<Timestamp>,
    ) -> Result<Outcome, ReadError> {
        let as_of = as_of.unwrap_or_else(|| self.inner.config.clock.now());
        let calendar = self.calendar()?;
        let policy = self.policy_for(period)?;
        let currency = self.org()?.currency;
        let (_, end) = period.bounds(&calendar.zone);
        let first = policy
            .frequency
            .iter()
            .map(|rule| rule.period.of(period.first_day()).first_day())
            .fold(period.first_day(), Ord::min)
            .plus_days(-i64::from(policy.due.lookback_days) - 1);
        let first = calendar.zone.start_of(first);
        let (rep, material) =
            self.inner.read(|conn, who| Ok((who.user, gather(conn, who.org, first, end)?)))?;
        let facts = Facts::for_rep(
            rep,
            period,
            Inputs {
                as_of,
                currency,
                calendar: &calendar,
                policy: &policy,
                visits: &material.visits.iter().map(Gathered::row).collect::<Vec<_>>(),
                customers: &material.customers.iter().map(Gathered::row).collect::<Vec<_>>(),
                deals: &material.deals.iter().map(Gathered::row).collect::<Vec<_>>(),
                placements: &material.placements,
                targets: &material.targets,
                aliases: &material.aliases,
                decisions: &[],
                signals: &[],
            },
        );
        Ok(rules::evaluate(&facts, &policy, period, as_of))
    }

    /// The server's official result for a period, if it has arrived, compared with
    /// what this phone computes at the same instant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn official_scorecard(
        &self,
        period: Period,
    ) -> Result<Option<OfficialScorecard>, ReadError> {
        let found = self.inner.read(|conn, who| {
            let id = ScorecardRecord::id_of(who.user, period);
            store::record::get(conn, RecordKind::Scorecard, id)
        })?;
        let Some(Record::Scorecard(official)) = found else { return Ok(None) };
        let own = self.scorecard(period, Some(official.as_of))?;
        let comparison = compare(&official, &own);
        Ok(Some(OfficialScorecard { official, own: Box::new(own), comparison }))
    }
}

fn compare(official: &ScorecardRecord, own: &Outcome) -> Comparison {
    if official.rules_version != RULES_VERSION {
        Comparison::OtherRules
    } else if official.policy_hash != own.policy_hash {
        Comparison::OtherPolicy
    } else if official.inputs_digest != own.inputs_digest {
        Comparison::OtherFacts
    } else if official.outcome_digest != own.digest() {
        Comparison::Disagrees
    } else {
        Comparison::Same
    }
}

fn gather(
    conn: &rusqlite::Connection,
    org: OrgId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Material, store::StoreError> {
    let header = |doc: DocId, kind: DocKind, author: UserId, customer: Option<DocId>| Header {
        doc,
        kind,
        org,
        author,
        customer,
        generation: Generation::default(),
    };
    let mut visits = Vec::new();
    for entry in store::query::visits_between(conn, from, until)? {
        visits.push(Gathered {
            header: header(entry.id, DocKind::Visit, entry.author, entry.customer),
            heads: entry.heads,
            state: Hydrated { value: entry.state, faults: entry.faults },
        });
    }
    let mut customers = Vec::new();
    let mut query = CustomerQuery { limit: 200, ..CustomerQuery::default() };
    loop {
        let page = store::query::customers(conn, &query)?;
        for entry in page.items {
            customers.push(Gathered {
                header: header(entry.id, DocKind::Customer, entry.author, None),
                heads: entry.heads,
                state: Hydrated { value: entry.state, faults: entry.faults },
            });
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let deals = store::query::all_deals(conn)?.into_iter().map(|entry| Gathered {
        header: header(entry.id, DocKind::Deal, entry.author, entry.customer),
        heads: entry.heads,
        state: Hydrated { value: entry.state, faults: entry.faults },
    });
    let placements = store::record::all(conn, RecordKind::Placement)?;
    let targets = store::record::all(conn, RecordKind::Target)?;
    Ok(Material {
        visits,
        customers,
        deals: deals.collect(),
        aliases: store::alias::all(conn)?,
        placements: placements
            .into_iter()
            .filter_map(|record| match record {
                Record::Placement(placement) => Some(placement),
                _ => None,
            })
            .collect(),
        targets: targets
            .into_iter()
            .filter_map(|record| match record {
                Record::Target(target) => Some(target),
                _ => None,
            })
            .collect(),
    })
}
