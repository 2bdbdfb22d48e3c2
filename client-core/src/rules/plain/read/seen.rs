//! The facts of one rep as they were known at an instant: what a server would have
//! gathered then (DOMAIN A8, common rules 1 and 3).

use super::*;
use crate::records::Confirms;
use crate::rules::facts::Source;
use crate::rules::policy::{JointVisits, Policy};

/// Whose facts, and looked at from when.
struct Seen<'a> {
    material: &'a Material,
    rep: UserId,
    joint: JointVisits,
    horizon: Timestamp,
    /// The horizon's day.
    last: Date,
}

impl Material {
    /// Everybody's facts as they were known at `horizon`: what happened later had not
    /// happened.
    pub(in crate::rules::plain) fn facts(&self, policy: &Policy, horizon: Timestamp) -> Vec<Facts> {
        let seen = |rep: &UserId| Seen {
            material: self,
            rep: *rep,
            joint: policy.visits.joint_visits,
            horizon,
            last: self.calendar.zone.date(horizon),
        };
        self.everyone.iter().map(|rep| seen(rep).facts()).collect()
    }
}

impl Seen<'_> {
    fn facts(&self) -> Facts {
        let Material { collected, period, currency, calendar, .. } = self.material;
        let away = self.material.leave.get(&self.rep).map(Vec::as_slice).unwrap_or_default();
        let calendar = calendar.of_person(away);
        let mut facts = Facts::empty(self.rep, *period, *currency, calendar.clone());
        facts.confirms = self.confirms();
        facts.visits = collected.visits.iter().filter(|visit| self.visit(visit)).cloned().collect();
        facts.customers = collected.customers.iter().filter_map(|one| self.customer(one)).collect();
        let deals = collected.team.iter().filter(|deal| deal.credit.rep == self.rep);
        facts.deals = deals.map(|deal| deal.fact.clone()).collect();
        facts.purchases = collected.team.iter().filter_map(|deal| self.purchase(deal)).collect();
        facts.quotes = self.own(&collected.quotes, |quote| quote.issued_on);
        facts.contracts = self.own(&collected.contracts, |contract| contract.signed_on);
        facts.instalments = self.own(&collected.instalments, |_agreed| None);
        facts.payments = self.own(&collected.payments, |payment| payment.received_on);
        let orders = collected.orders.iter().filter(|(_owner, one)| self.by_now(one.ordered_on));
        facts.orders = orders
            .map(|(owner, order)| OrderFact {
                own: *owner == self.rep,
                paid_on: order.paid_on.filter(|on| *on <= self.last),
                cancelled_on: order.cancelled_on.filter(|on| *on <= self.last),
                ..order.clone()
            })
            .filter(|order| {
                order.own || facts.customers.iter().any(|one| Some(one.doc) == order.customer)
            })
            .collect();
        let zone = &calendar.zone;
        facts.cases = self.own(&collected.cases, |case| case.opened_at.map(|at| zone.date(at)));
        facts.cases.retain(|case| case.opened_at.is_none_or(|at| at <= self.horizon));
        facts.surveys = self.own(&collected.surveys, |survey| survey.answered_on);
        let plans = collected.plans.iter().filter(|plan| plan.rep == self.rep);
        facts.plans = plans.filter(|plan| plan.date <= self.last).cloned().collect();
        facts.targets = self.own(&collected.targets, |_published| None);
        let taken: BTreeSet<_> = facts.visits.iter().map(|visit| visit.doc).collect();
        let decisions = collected.decisions.iter().filter(|one| taken.contains(&one.visit));
        facts.decisions = decisions.cloned().collect();
        let signals = collected.signals.iter().filter(|one| taken.contains(&one.visit));
        facts.signals = signals.cloned().collect();
        facts.sort();
        facts
    }

    /// What the file shows to be confirmed, of anybody, beside what it says to be.
    fn confirms(&self) -> Confirms {
        let Material { collected, confirms, .. } = self.material;
        let confirmed = |origin: &Origin| origin.source == Source::Confirmed;
        let contracts = collected.contracts.iter().any(|(_rep, one)| confirmed(&one.origin));
        let instalments = collected.instalments.iter().any(|(_rep, one)| confirmed(&one.origin));
        let payments = collected.payments.iter().any(|(_rep, one)| confirmed(&one.origin));
        Confirms {
            orders: confirms.orders || !collected.orders.is_empty(),
            contracts: confirms.contracts || contracts || instalments,
            payments: confirms.payments || payments,
        }
    }

    fn by_now(&self, on: Option<Date>) -> bool {
        on.is_none_or(|on| on <= self.last)
    }

    fn own<T: Clone>(&self, all: &[(UserId, T)], on: impl Fn(&T) -> Option<Date>) -> Vec<T> {
        let own = all.iter().filter(|(owner, _fact)| *owner == self.rep);
        own.map(|(_owner, fact)| fact).filter(|fact| self.by_now(on(fact))).cloned().collect()
    }

    /// Whose visit a joint one is, the policy says.
    fn visit(&self, visit: &VisitFact) -> bool {
        let joined =
            self.joint == JointVisits::Participants && visit.co_visitors.contains(&self.rep);
        (visit.author == self.rep || joined)
            && visit.business_time().is_none_or(|at| at <= self.horizon)
    }

    fn customer(
        &self,
        (spans, customer): &(Vec<(UserId, OwnedSpan)>, CustomerFact),
    ) -> Option<CustomerFact> {
        let own = spans.iter().filter(|(owner, _span)| *owner == self.rep);
        let mut owned: Vec<OwnedSpan> = own
            .map(|(_owner, span)| span)
            .filter(|span| span.from <= self.horizon)
            .map(|span| OwnedSpan { until: span.until.filter(|at| *at <= self.horizon), ..*span })
            .collect();
        owned.sort_by_key(|span| span.from);
        (!owned.is_empty()).then(|| CustomerFact { owned, ..customer.clone() })
    }

    fn purchase(&self, deal: &TeamDeal) -> Option<PurchaseFact> {
        let fact = &deal.fact;
        let won = fact.outcome == Some(DealOutcome::Won);
        let at = fact.decided_at.filter(|at| won && *at <= self.horizon)?;
        let (customer, on) = (fact.customer?, self.material.calendar.zone.date(at));
        let paid = |source: Source| {
            let said = self.material.collected.payments.iter().map(|(_rep, payment)| payment);
            let said = said.filter(|payment| payment.origin.source == source);
            PaymentFact::paid(said, fact.doc, customer, on, self.last)
        };
        let paid_confirmed = paid(Source::Confirmed);
        Some(PurchaseFact {
            fact: fact.fact(),
            customer,
            on,
            own: deal.credit.rep == self.rep,
            paid: paid_confirmed || paid(Source::Claimed),
            paid_confirmed,
        })
    }
}
