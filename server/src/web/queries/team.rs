//! What a team sold and its figures (F11, F13) of a month, as far as the reader sees it.

use std::collections::BTreeMap;

use client_core::id::DocId;
use client_core::money::Money;
use client_core::period::{Days, Period};
use client_core::records::{ProductRecord, Role, UserRecord, UserStatus};
use client_core::rules::{
    ActiveRep, Catalogue, Credit, DealLine, JudgedVisit, NamedFigure, TeamDeal, TeamFacts,
    TeamOrder, team_figures,
};
use client_core::time::Timestamp;

use super::base::Base;
use super::reach::Reach;
use crate::storage::{AnyStorage, Scores, StorageError};
use crate::web::lists::team::TeamAsk;
use crate::web::pages::trends::TeamFigure;

/// The figures that are shown, in their order. What is sold by class stands beside them with
/// its goals.
const SHOWN: [&str; 13] = [
    "won_amount",
    "sales_per_customer",
    "average_order_value",
    "amount_per_customer",
    "amount_per_head",
    VISITS_PER_HEAD,
    "products_per_customer",
    "concentration.top_1",
    "concentration.top_5",
    "concentration.key_accounts",
    "new_product_share",
    TENDERS_WON,
    "sales_cycle.median",
];
const VISITS_PER_HEAD: &str = "visits_per_head";
const TENDERS_WON: &str = "win_rate.tender";
/// Those that rest on visits, which are of no product line.
const OF_VISITS: [&str; 2] = [VISITS_PER_HEAD, "amount_per_customer"];

/// What a team sells.
#[derive(Debug, Clone)]
pub(super) struct Sales {
    /// Its deals.
    pub deals: Vec<TeamDeal>,
    /// Its orders.
    pub orders: Vec<TeamOrder>,
}

impl Sales {
    /// What is credited to whom `takes` says.
    pub(super) fn of(mut self, takes: impl Fn(&Credit) -> bool) -> Self {
        self.deals.retain(|deal| takes(&deal.credit));
        self.orders.retain(|one| takes(&one.credit));
        self
    }

    /// What of it belongs to a product line; all of it where none is asked for.
    pub(super) fn of_line(self, line: OfLine<'_>) -> Self {
        if line.line.is_none() {
            return self;
        }
        let lines: BTreeMap<DocId, Vec<DealLine>> =
            self.deals.iter().map(|deal| (deal.fact.doc, deal.lines.clone())).collect();
        let deals = self.deals.into_iter().filter_map(|mut deal| {
            (deal.lines, deal.fact.amount) = line.part(&deal.lines, deal.fact.amount)?;
            Some(deal)
        });
        let orders = self.orders.into_iter().filter_map(|mut one| {
            // Books that do not say what was ordered leave it to the deal.
            let of_deal = one.order.deal.and_then(|deal| lines.get(&deal));
            let said: Vec<DealLine> = match of_deal {
                Some(lines) if one.lines.is_empty() => {
                    lines.iter().map(|line| DealLine { amount: None, ..line.clone() }).collect()
                }
                _ => one.lines,
            };
            (one.lines, one.order.amount) = line.part(&said, one.order.amount)?;
            Some(one)
        });
        Self { deals: deals.collect(), orders: orders.collect() }
    }
}

/// A product line (S3 产品线) that is asked for.
#[derive(Clone, Copy)]
pub(super) struct OfLine<'a> {
    /// Finds the products that lines of deals mean.
    pub catalogue: &'a Catalogue<'a>,
    /// Which; every one if absent.
    pub line: Option<&'a str>,
}

impl OfLine<'_> {
    fn has(self, line: &DealLine) -> bool {
        let product = line.product.as_deref().and_then(|text| self.catalogue.find(text));
        product.is_some_and(|product| product.line.as_deref() == self.line)
    }

    /// Those lines that belong to it, with what they came to: the whole amount where all do,
    /// else their sum, which is not known where one does not say its own.
    fn part(
        self,
        lines: &[DealLine],
        amount: Option<Money>,
    ) -> Option<(Vec<DealLine>, Option<Money>)> {
        let own: Vec<DealLine> = lines.iter().filter(|line| self.has(line)).cloned().collect();
        match own.len() {
            0 => None,
            some if some == lines.len() => Some((own, amount)),
            _ => {
                let sum = sum(&own);
                Some((own, sum))
            }
        }
    }
}

fn sum(lines: &[DealLine]) -> Option<Money> {
    let amounts: Vec<Money> = lines.iter().map(|line| line.amount).collect::<Option<_>>()?;
    let first = amounts.first()?.currency;
    let same = amounts.iter().all(|amount| amount.currency == first);
    let minor = amounts.iter().fold(0_i64, |sum, amount| sum.saturating_add(amount.minor));
    same.then(|| Money::new(minor, first))
}

/// The figures of the month that is asked for, beside those of the one before it; none
/// without a policy.
pub(super) async fn figures(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: &TeamAsk,
    team: &Sales,
    products: &[ProductRecord],
    now: Timestamp,
) -> Result<Vec<TeamFigure>, StorageError> {
    let mut months = Vec::new();
    for month in [ask.month, ask.month.previous()] {
        let mut visits = storage.card_visits(base.org.id, month).await?;
        visits.retain(|(rep, _)| reach.sees(*rep) && ask.whose.takes(base, reach, *rep));
        let active = |user: &&UserRecord| {
            user.role == Role::Rep
                && ask.whose.takes(base, reach, user.id)
                && (user.status == UserStatus::Active
                    || visits.iter().any(|(rep, _visits)| *rep == user.id))
        };
        let reps: Vec<ActiveRep> = base
            .users
            .iter()
            .filter(active)
            .map(|user| ActiveRep { rep: user.id, from: user.hired_on, until: None })
            .collect();
        let visits: Vec<JudgedVisit> =
            visits.iter().flat_map(|(_rep, card)| card.visits.iter().cloned()).collect();
        months.push(of_month(base, team, products, (&visits, &reps), month, now));
    }
    let [this, before] = months.as_slice() else { return Ok(Vec::new()) };
    let find = |all: &[NamedFigure], id: &str| all.iter().find(|one| one.id == id).cloned();
    let goal = base.policy_for(ask.month.first_day()).map(|(_version, policy)| policy.goals);
    let shown = SHOWN.iter().filter(|id| ask.line.is_none() || !OF_VISITS.contains(*id));
    let each = shown.filter_map(|id| {
        let (now, before) = (find(this, id), find(before, id));
        let one = now.as_ref().or(before.as_ref())?;
        Some(TeamFigure {
            id,
            unit: one.unit,
            of_visits: *id == VISITS_PER_HEAD,
            now: now.as_ref().map(|one| one.figure.clone()),
            before: before.and_then(|one| one.figure.value),
            goal: goal.as_ref().filter(|_goals| *id == TENDERS_WON).map(|one| one.tender_win_min.0),
        })
    });
    Ok(each.collect())
}

/// The figures of a month by the policy of that month.
fn of_month(
    base: &Base,
    team: &Sales,
    products: &[ProductRecord],
    (visits, reps): (&[JudgedVisit], &[ActiveRep]),
    month: Period,
    now: Timestamp,
) -> Vec<NamedFigure> {
    let day = month.last_day().min(base.zone().date(now));
    let Some((_version, policy)) = base.policy_for(day) else { return Vec::new() };
    let facts = TeamFacts {
        deals: &team.deals,
        orders: &team.orders,
        products,
        visits,
        reps,
        currency: base.org.currency,
        market_size: None,
    };
    team_figures(&facts, &policy, base.zone(), Days::from(month), now)
}

#[cfg(test)]
mod tests {
    use client_core::docs::Heads;
    use client_core::id::{ProductId, UserId};
    use client_core::money::Currency;
    use client_core::rules::facts::DealFact;

    use super::*;

    fn product(code: &str, line: &str) -> ProductRecord {
        ProductRecord {
            id: ProductId::from_bytes([1; 16]),
            code: code.into(),
            name: format!("the {code}"),
            line: Some(line.into()),
            list_price: None,
            class: None,
            margin: None,
            launched_on: None,
            active: true,
        }
    }

    fn yuan(minor: i64) -> Money {
        Money::new(minor, Currency::CNY)
    }

    fn line(product: &str, minor: Option<i64>) -> DealLine {
        DealLine { product: Some(product.into()), amount: minor.map(yuan) }
    }

    #[test]
    fn of_a_line_only_its_products_count_and_what_nobody_says_is_not_guessed() {
        let products = [product("P1", "pumps"), product("V1", "valves")];
        let catalogue = Catalogue::of(&products);
        let pumps = OfLine { catalogue: &catalogue, line: Some("pumps") };
        let part = |lines: &[DealLine]| pumps.part(lines, Some(yuan(900)));
        let amount = |lines: &[DealLine]| part(lines).and_then(|(_lines, amount)| amount);
        assert_eq!(amount(&[line("P1", None)]), Some(yuan(900)), "agreed for the whole");
        let both = [line("P1", Some(300)), line("V1", Some(500))];
        assert_eq!(part(&both), Some((vec![line("P1", Some(300))], Some(yuan(300)))));
        assert_eq!(amount(&[line("P1", None), line("V1", Some(500))]), None);
        assert_eq!(part(&[line("V1", Some(500))]), None);
    }

    #[test]
    fn an_order_without_lines_is_of_what_its_deal_was_about() {
        let products = [product("P1", "pumps")];
        let catalogue = Catalogue::of(&products);
        let deal = TeamDeal {
            fact: DealFact::new(DocId::from_bytes([1; 16]), Heads::default()),
            credit: Credit { rep: UserId::from_bytes([2; 16]), unit: None },
            kind: None,
            lines: vec![line("P1", Some(300))],
            taken_back: false,
        };
        let sales = Sales { deals: vec![deal], orders: Vec::new() };
        let all = OfLine { catalogue: &catalogue, line: None };
        let other = OfLine { catalogue: &catalogue, line: Some("valves") };
        assert_eq!(sales.clone().of_line(all).deals.len(), 1);
        assert!(sales.clone().of_line(other).deals.is_empty());
        assert!(sales.of(|_credit| false).deals.is_empty());
    }
}
