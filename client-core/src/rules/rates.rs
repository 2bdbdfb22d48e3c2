//! F13: win rate, product mix, products per customer, concentration.
//!
//! Shares that are shown side by side are shown to sum to 100 %: they get their
//! last digit by largest remainder. Amounts of two currencies are two figures.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::docs::deal::DealKind;
use crate::id::DocId;
use crate::money::{Currency, Money};
use crate::records::{MarginClass, ProductClass, ProductRecord};
use crate::rules::figure::{Evidence, Figure, TeamView};
use crate::rules::outcome::{DealReason, Exclusion, ExclusionReason, RuleId};
use crate::rules::policy::{GoalPolicy, MixPolicy};
use crate::rules::rounding::{div_half_even, largest_remainder, saturate};
use crate::rules::team::{Catalogue, TeamDeal};
use crate::rules::units::{BasisPoints, Percent};
use crate::time::Date;

const ALL: i128 = 10_000;

/// Won ÷ decided, in basis points: of every deal, or of one kind (S3 asks it of
/// tenders). A deal of no kind is a normal one.
pub fn win_rate(view: &TeamView<'_>, kind: Option<&DealKind>) -> Figure {
    let of_kind = |deal: &TeamDeal| {
        kind.is_none_or(|kind| deal.kind.as_ref().unwrap_or(&DealKind::Normal) == kind)
    };
    let mut evidence = Evidence::default();
    let won: Vec<&TeamDeal> = view.won().map(|(deal, _at)| deal).filter(|d| of_kind(d)).collect();
    let mut decided = won.clone();
    decided.extend(view.lost().filter(|deal| of_kind(deal)));
    decided.sort_by_key(|deal| deal.fact.doc);
    decided.iter().for_each(|deal| evidence.take(&deal.fact));
    for (deal, reason) in view.unclear().filter(|(deal, _reason)| of_kind(deal)) {
        evidence.leave(&deal.fact, ExclusionReason::Deal(reason));
    }
    Figure::ratio(RuleId::F13, (count(won.len()), count(decided.len())), ALL, evidence)
}

/// What was sold of each class, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductMix {
    /// The currency.
    pub currency: Currency,
    /// High end, middle, basic.
    pub classes: Vec<ClassShare>,
    /// High-margin lines ÷ lines of a known margin, in basis points.
    pub high_margin: Figure,
    /// Lines of new products (S4 新产品销售占比) ÷ lines of products with a day of launch, in
    /// basis points. A product is new for the policy's months after it.
    pub new_products: Figure,
}

/// The share of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassShare {
    /// The class.
    pub class: ProductClass,
    /// Its share of the sales that have a class, in basis points.
    pub share: Figure,
    /// The share it is to have (S3 30/50/20).
    pub goal: BasisPoints,
    /// Share less goal, in percentage points: 100 is one point. Absent without sales.
    pub deviation: Option<BasisPoints>,
}

/// The mix of what was won in the days, one for each currency, by its code.
///
/// A line counts with its amount. Lines that name no product of the catalogue, or
/// one without class (for the mix), margin (for the margin share) or day of launch (for the
/// share of new products), are left out above and below the line.
pub fn product_mix(
    view: &TeamView<'_>,
    catalogue: &Catalogue<'_>,
    goals: &GoalPolicy,
) -> Vec<ProductMix> {
    let mut sold: BTreeMap<Currency, Sold> = BTreeMap::new();
    let mut without = Vec::new();
    let months = i32::try_from(goals.new_product_months).unwrap_or(i32::MAX);
    for (deal, won) in view.won() {
        let on = view.zone.date(won);
        let is_new = |launched: Date| on < launched.plus_months(months);
        let lines = Lines::of(deal, catalogue);
        if lines.amounts.is_empty() {
            without.push(lines.left_out(deal));
            continue;
        }
        for (currency, products) in &lines.amounts {
            sold.entry(*currency).or_default().add(deal, products, &lines.reasons, is_new);
        }
    }
    sold.into_iter().map(|(currency, sold)| sold.mix(currency, &goals.mix, &without)).collect()
}

/// The lines of a deal that have an amount and a product.
struct Lines<'a> {
    amounts: BTreeMap<Currency, Vec<(&'a ProductRecord, i64)>>,
    reasons: BTreeSet<ExclusionReason>,
}

impl<'a> Lines<'a> {
    fn of(deal: &TeamDeal, catalogue: &Catalogue<'a>) -> Self {
        let mut amounts: BTreeMap<Currency, Vec<_>> = BTreeMap::new();
        let mut reasons = BTreeSet::new();
        for (text, amount) in deal.line_amounts() {
            match (text.map(|text| catalogue.find(text)), amount) {
                (None, _) => {
                    reasons.insert(ExclusionReason::Deal(DealReason::NoProduct));
                }
                (Some(None), _) => {
                    reasons.insert(ExclusionReason::Deal(DealReason::UnknownProduct));
                }
                (Some(Some(_)), None) => {
                    reasons.insert(ExclusionReason::NoAmount);
                }
                (Some(Some(product)), Some(amount)) => {
                    amounts.entry(amount.currency).or_default().push((product, amount.minor));
                }
            }
        }
        if deal.lines.is_empty() {
            reasons.insert(ExclusionReason::Deal(DealReason::NoProduct));
        }
        Self { amounts, reasons }
    }

    fn left_out(&self, deal: &TeamDeal) -> Exclusion {
        Exclusion { fact: deal.fact.fact(), reasons: self.reasons.iter().copied().collect() }
    }
}

/// What was sold in one currency.
#[derive(Default)]
struct Sold {
    classes: BTreeMap<ProductClass, i128>,
    classed: Evidence,
    high: i128,
    margins: i128,
    margined: Evidence,
    new: i128,
    dated: i128,
    launched: Evidence,
}

impl Sold {
    fn add(
        &mut self,
        deal: &TeamDeal,
        products: &[(&ProductRecord, i64)],
        reasons: &BTreeSet<ExclusionReason>,
        is_new: impl Fn(Date) -> bool,
    ) {
        let [mut classed, mut margined, mut launched] = [(); 3].map(|()| reasons.clone());
        let (mut any_class, mut any_margin, mut any_launch) = (false, false, false);
        for (product, minor) in products {
            match &product.class {
                Some(class) if !matches!(class, ProductClass::Unknown(_)) => {
                    *self.classes.entry(class.clone()).or_default() += i128::from(*minor);
                    any_class = true;
                }
                _ => {
                    classed.insert(ExclusionReason::Deal(DealReason::NoClass));
                }
            }
            match &product.margin {
                Some(margin) if !matches!(margin, MarginClass::Unknown(_)) => {
                    self.margins += i128::from(*minor);
                    if *margin == MarginClass::High {
                        self.high += i128::from(*minor);
                    }
                    any_margin = true;
                }
                _ => {
                    margined.insert(ExclusionReason::Deal(DealReason::NoMargin));
                }
            }
            match product.launched_on {
                Some(on) => {
                    self.dated += i128::from(*minor);
                    self.new += if is_new(on) { i128::from(*minor) } else { 0 };
                    any_launch = true;
                }
                None => {
                    launched.insert(ExclusionReason::Deal(DealReason::NoLaunch));
                }
            }
        }
        let sides = [
            (&mut self.classed, any_class, classed),
            (&mut self.margined, any_margin, margined),
            (&mut self.launched, any_launch, launched),
        ];
        for (evidence, any, reasons) in sides {
            if any {
                evidence.take(&deal.fact);
            }
            if !reasons.is_empty() {
                let reasons = reasons.into_iter().collect();
                evidence.exclusions.push(Exclusion { fact: deal.fact.fact(), reasons });
            }
        }
    }

    fn mix(self, currency: Currency, goals: &MixPolicy, without: &[Exclusion]) -> ProductMix {
        let with = |mut evidence: Evidence| {
            evidence.exclusions.extend_from_slice(without);
            evidence.exclusions.sort_by_key(|exclusion| exclusion.fact.doc);
            evidence
        };
        let goal = |class: &ProductClass| match class {
            ProductClass::HighEnd => goals.high_end.0,
            ProductClass::Middle => goals.middle.0,
            _ => goals.basic.0,
        };
        let classed = with(self.classed);
        let amounts: Vec<i128> = ProductClass::KNOWN
            .iter()
            .map(|class| self.classes.get(class).copied().unwrap_or(0))
            .collect();
        let (amounts, total) = shared(amounts);
        let exact: Vec<i128> = amounts.iter().map(|amount| amount.saturating_mul(ALL)).collect();
        let shown = largest_remainder(&exact, total, ALL);
        let classes =
            ProductClass::KNOWN.iter().zip(amounts).zip(shown).map(|((class, sum), bp)| {
                let mut share = Figure::ratio(RuleId::F13, (sum, total), ALL, classed.clone());
                share.value = share.value.map(|_exact| saturate(bp));
                let goal = goal(class);
                let deviation = share.value.map(|share| BasisPoints(share - goal.0));
                ClassShare { class: class.clone(), share, goal, deviation }
            });
        let (margins, margined) = shared(vec![self.high, self.margins - self.high]);
        let high = margins.first().copied().unwrap_or(0);
        let (launches, dated) = shared(vec![self.new, self.dated - self.new]);
        let new = launches.first().copied().unwrap_or(0);
        ProductMix {
            currency,
            classes: classes.collect(),
            high_margin: Figure::ratio(RuleId::F13, (high, margined), ALL, with(self.margined)),
            new_products: Figure::ratio(RuleId::F13, (new, dated), ALL, with(self.launched)),
        }
    }
}

/// Distinct products ÷ customers that bought in the days, in hundredths of a
/// product. A product is one of the catalogue, or what the line says.
pub fn products_per_customer(view: &TeamView<'_>, catalogue: &Catalogue<'_>) -> Figure {
    let mut bought: BTreeMap<DocId, BTreeSet<String>> = BTreeMap::new();
    let mut evidence = Evidence::default();
    for (deal, _won) in view.won().filter(|(deal, _won)| !deal.taken_back) {
        let Some(customer) = deal.fact.customer else {
            evidence.leave(&deal.fact, ExclusionReason::Deal(DealReason::NoCustomer));
            continue;
        };
        let texts = deal.lines.iter().filter_map(|line| line.product.as_deref());
        let products: BTreeSet<String> = texts
            .map(|text| match catalogue.find(text) {
                Some(product) => product.code.to_lowercase(),
                None => text.trim().to_lowercase(),
            })
            .filter(|product| !product.is_empty())
            .collect();
        if products.is_empty() {
            evidence.leave(&deal.fact, ExclusionReason::Deal(DealReason::NoProduct));
            continue;
        }
        evidence.take(&deal.fact);
        bought.entry(customer).or_default().extend(products);
    }
    let products = bought.values().map(|products| count(products.len())).sum();
    Figure::ratio(RuleId::F13, (products, count(bought.len())), 100, evidence)
}

/// How much `now` is above `before`, as a share of `before`, from the exact
/// fractions (S3: products per customer +25 %). Absent where either is, or where
/// there was nothing before.
pub fn growth(now: &Figure, before: &Figure) -> Option<BasisPoints> {
    now.value.and(before.value)?;
    let wide = |value: i64| i128::from(value);
    let base = wide(before.numerator) * wide(now.denominator);
    let difference = wide(now.numerator) * wide(before.denominator) - base;
    if base <= 0 {
        return None;
    }
    div_half_even(difference.saturating_mul(ALL), base).map(|units| BasisPoints(saturate(units)))
}

/// How much of the sales hangs on few customers (S3 避免过度依赖), in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concentration {
    /// The currency.
    pub currency: Currency,
    /// The largest customer's share of the won amount, in basis points.
    pub top_1: Figure,
    /// The five largest customers' share.
    pub top_5: Figure,
    /// The key accounts' share (S3 Top20%).
    pub key: Figure,
    /// The key accounts, largest first: the policy's share of the customers that bought, a
    /// part of one counted as one.
    pub key_accounts: Vec<(DocId, Money)>,
    /// The five largest, largest first; of equals the earlier id.
    pub largest: Vec<(DocId, Money)>,
}

/// Concentration of what was won in the days, one for each currency, by its code.
pub fn concentration(view: &TeamView<'_>, key: Percent) -> Vec<Concentration> {
    let mut sums: BTreeMap<Currency, (BTreeMap<DocId, i128>, Evidence)> = BTreeMap::new();
    let mut without = Vec::new();
    for (deal, _won) in view.won() {
        let (Some(amount), Some(customer)) = (deal.fact.amount, deal.fact.customer) else {
            let reason = match deal.fact.amount {
                None => ExclusionReason::NoAmount,
                Some(_) => ExclusionReason::Deal(DealReason::NoCustomer),
            };
            without.push(Exclusion { fact: deal.fact.fact(), reasons: vec![reason] });
            continue;
        };
        let (customers, evidence) = sums.entry(amount.currency).or_default();
        *customers.entry(customer).or_default() += i128::from(amount.minor);
        evidence.take(&deal.fact);
    }
    let each = sums.into_iter().map(|(currency, (customers, mut evidence))| {
        evidence.exclusions.extend_from_slice(&without);
        evidence.exclusions.sort_by_key(|exclusion| exclusion.fact.doc);
        let (ids, sums): (Vec<DocId>, Vec<i128>) = customers.into_iter().unzip();
        let (sums, total) = shared(sums);
        let mut ranked: Vec<(DocId, i128)> = ids.into_iter().zip(sums).collect();
        ranked.sort_by_key(|(customer, sum)| (std::cmp::Reverse(*sum), *customer));
        let bought = ranked.iter().filter(|(_customer, sum)| *sum > 0).count();
        let keys = key_count(bought, key);
        let top = |first: usize| {
            let sum = ranked.iter().take(first).map(|(_customer, sum)| *sum).sum();
            Figure::ratio(RuleId::F13, (sum, total), ALL, evidence.clone())
        };
        let first = |count: usize| -> Vec<(DocId, Money)> {
            let first = ranked.iter().take(count);
            first.map(|(who, sum)| (*who, Money::new(saturate(*sum), currency))).collect()
        };
        Concentration {
            currency,
            top_1: top(1),
            top_5: top(5),
            key: top(keys),
            key_accounts: first(keys),
            largest: first(5),
        }
    });
    each.collect()
}

/// How many of `customers` are key accounts: the share, a part of one counted as one.
fn key_count(customers: usize, share: Percent) -> usize {
    let exact = count(customers) * i128::from(share.0.0.max(0));
    let whole = exact.div_euclid(ALL) + i128::from(exact.rem_euclid(ALL) > 0);
    usize::try_from(whole).unwrap_or(usize::MAX)
}

/// Parts of sales and what they are parts of, so that no share is below nothing or above the
/// whole: what was called off of one part beyond what was sold of it counts 0 there and makes
/// no other part larger than all. Where nothing is left over all, there are no shares.
fn shared(mut parts: Vec<i128>) -> (Vec<i128>, i128) {
    let net: i128 = parts.iter().sum();
    for part in &mut parts {
        *part = (*part).max(0);
    }
    let whole = if net > 0 { parts.iter().sum() } else { 0 };
    (parts, whole)
}

fn count(many: usize) -> i128 {
    i128::try_from(many).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests;
