use proptest::prelude::*;

use super::*;
use crate::docs::customer::{CustomerPosition, CustomerState, PositionSource};
use crate::docs::deal::{DealOutcome, InstalmentClaim, PaymentClaim, StageEntry};
use crate::docs::visit::{
    Check, ClockEvidence, NextStep, Outcome as VisitOutcome, VisitMode, VisitState,
};
use crate::docs::{Fault, Generation, Problem};
use crate::id::{ItemId, OrgId, RecordId, UnitId};
use crate::money::Money;
use crate::records::{AliasRecord, Metric, Placement, Tier};
use crate::rules::evaluate;
use crate::rules::fixture::{REP, at, calendar, day, doc, fix, heads, here, period, policy};
use crate::time::CapturedAt;

const OTHER: UserId = UserId::from_bytes([8; 16]);

fn header(number: u8, kind: DocKind, author: UserId, customer: Option<u8>) -> Header {
    Header {
        doc: doc(number),
        kind,
        org: OrgId::from_bytes([0; 16]),
        author,
        customer: customer.map(doc),
        generation: Generation(0),
    }
}

fn captured(text: &str) -> CapturedAt {
    CapturedAt { at: at(text), zone: "Asia/Shanghai".into(), offset_s: 28_800 }
}

/// Owned rows, as a store or a database gives them.
#[derive(Default)]
struct World {
    visits: Vec<(Header, Heads, Hydrated<VisitState>)>,
    customers: Vec<(Header, Heads, Hydrated<CustomerState>)>,
    deals: Vec<(Header, Heads, Hydrated<DealState>)>,
    placements: Vec<PlacementRecord>,
    targets: Vec<TargetRecord>,
    decisions: Vec<Decision>,
    signals: Vec<Signal>,
    aliases: Vec<AliasRecord>,
    plans: Vec<PlanFact>,
    cases: Vec<CaseFact>,
    surveys: Vec<SurveyFact>,
    confirmed: Confirmed,
}

fn sound<T>(value: T) -> Hydrated<T> {
    Hydrated { value, faults: Vec::new() }
}

fn row<T>(row: &(Header, Heads, Hydrated<T>)) -> Row<'_, T> {
    Row { header: row.0, heads: &row.1, state: &row.2 }
}

impl World {
    fn visit(&mut self, number: u8, author: UserId, customer: u8, start: &str) -> &mut VisitState {
        let check = |text: CapturedAt, minutes: i64| Check {
            at: CapturedAt { at: text.at.plus_millis(minutes * 60_000), ..text },
            clock: ClockEvidence::default(),
            fix: Some(fix(10, 10)),
        };
        let state = VisitState {
            mode: Some(VisitMode::Onsite),
            started_at: Some(captured(start)),
            check_in: Some(check(captured(start), 0)),
            check_out: Some(check(captured(start), 20)),
            outcome: Some(VisitOutcome::Order),
            next_step: Some(NextStep::None),
            submitted_at: Some(check(captured(start), 20).at),
            ..VisitState::default()
        };
        let header = header(number, DocKind::Visit, author, Some(customer));
        self.visits.push((header, heads(number), sound(state)));
        &mut self.visits.last_mut().unwrap().2.value
    }

    fn customer(&mut self, number: u8, created: &str, spans: Vec<Placement>) {
        let state = CustomerState {
            name: Some(format!("Customer {number}")),
            created_at: Some(at(created)),
            position: Some(CustomerPosition {
                point: here(),
                accuracy_mm: None,
                source: PositionSource::CheckIn,
            }),
            ..CustomerState::default()
        };
        let header = header(number, DocKind::Customer, REP, None);
        self.customers.push((header, heads(number), sound(state)));
        if !spans.is_empty() {
            self.place(number, DocKind::Customer, spans, None);
        }
    }

    fn place(&mut self, number: u8, kind: DocKind, spans: Vec<Placement>, credit: Option<UserId>) {
        self.placements.push(PlacementRecord { subject: doc(number), kind, spans, credit });
    }

    fn deal(&mut self, number: u8, author: UserId, created: &str, won: Option<&str>) {
        let state = DealState {
            created_at: Some(at(created)),
            outcome: won.map(|_at| DealOutcome::Won),
            decided_at: won.map(at),
            amount: Some(Money::new(100, Currency::CNY)),
            stage_history: [(
                ItemId::from_bytes([number; 16]),
                StageEntry { stage: "initial_contact".into(), at: at(created), by: None },
            )]
            .into(),
            ..DealState::default()
        };
        let header = header(number, DocKind::Deal, author, Some(100));
        self.deals.push((header, heads(number), sound(state)));
    }

    fn target(&mut self, number: u8, rep: UserId, of: &str) {
        self.targets.push(TargetRecord {
            id: RecordId::from_bytes([number; 16]),
            level: TargetLevel::Rep(rep),
            metric: Metric::EffectiveVisits,
            period: period(of),
            value: 10,
            parent: None,
            published_on: None,
            dimension: BTreeMap::new(),
            draft: false,
        });
    }

    fn october(&self) -> Facts {
        self.gather(&policy())
    }

    fn gather(&self, policy: &Policy) -> Facts {
        let visits: Vec<_> = self
            .visits
            .iter()
            .map(|(header, heads, state)| VisitFact::of(header, heads, state))
            .collect();
        let customers: Vec<_> = self
            .customers
            .iter()
            .map(|(header, heads, state)| CustomerSeen::of(header, heads, state))
            .collect();
        let deals: Vec<_> = self.deals.iter().map(row).collect();
        let inputs = Inputs {
            as_of: at("2026-10-21 18:00"),
            currency: Currency::CNY,
            calendar: &calendar(),
            policy,
            visits: &visits,
            customers: &customers,
            deals: &deals,
            placements: &self.placements,
            targets: &self.targets,
            aliases: &Aliases::of(&self.aliases),
            decisions: &self.decisions,
            signals: &self.signals,
            plans: &self.plans,
            cases: &self.cases,
            surveys: &self.surveys,
            confirmed: &self.confirmed,
        };
        Facts::for_rep(REP, period("2026-10"), inputs)
    }
}

fn span(owner: UserId, from: &str, until: Option<&str>) -> Placement {
    Placement {
        from: at(from),
        until: until.map(at),
        owner,
        collaborators: Vec::new(),
        unit: UnitId::from_bytes([9; 16]),
        tier: Some(Tier::A),
        left_with: None,
    }
}

fn ids<T>(facts: &[T], id: impl Fn(&T) -> DocId) -> Vec<DocId> {
    facts.iter().map(id).collect()
}

#[test]
fn visits_are_the_reps_own_within_the_lookback_and_up_to_the_horizon() {
    let mut world = World::default();
    world.visit(1, REP, 100, "2026-10-08 09:00");
    world.visit(2, OTHER, 100, "2026-10-08 10:00");
    world.visit(3, REP, 100, "2026-10-22 09:00");
    world.visit(4, REP, 100, "2026-03-02 09:00");
    world.visit(5, REP, 100, "2024-03-02 09:00");
    *world.visit(6, REP, 100, "2026-10-08 12:00") = VisitState::default();
    world.visit(7, OTHER, 100, "2026-10-09 09:00").co_visitors.insert(REP, at("2026-10-09 09:00"));
    assert_eq!(ids(&world.october().visits, |visit| visit.doc), [1, 4].map(doc));
    let mut joint = policy();
    joint.visits.joint_visits = JointVisits::Participants;
    assert_eq!(ids(&world.gather(&joint).visits, |visit| visit.doc), [1, 4, 7].map(doc));
}

#[test]
fn of_a_customer_that_was_passed_on_only_the_closed_placement_is_a_fact() {
    let mut world = World::default();
    let passed_on = "2026-10-12 00:00";
    world.customer(100, "2026-01-05 09:00", vec![span(REP, "2026-01-05 12:00", None)]);
    world.customer(
        101,
        "2026-01-05 09:00",
        vec![span(REP, "2026-01-06 09:00", Some(passed_on)), span(OTHER, passed_on, None)],
    );
    world.customer(102, "2026-01-05 09:00", vec![span(OTHER, "2026-01-06 09:00", None)]);
    world.customer(103, "2026-10-20 09:00", Vec::new());
    let facts = world.october();
    assert_eq!(ids(&facts.customers, |customer| customer.doc), [100, 101, 103].map(doc));
    let [held, passed, unplaced] = &facts.customers[..] else { panic!("three customers") };
    assert_eq!(held.known_since, Some(at("2026-01-05 09:00")));
    assert_eq!(held.owned[0].from, at("2026-01-05 09:00"), "the rep's since it was made");
    assert_eq!((passed.position, &passed.name, &passed.heads), (None, &None, &Heads::default()));
    assert_eq!(passed.known_since, Some(at("2026-01-06 09:00")));
    assert_eq!(passed.owned[0].until, Some(at(passed_on)));
    assert_eq!(unplaced.owned[0].tier, None);
    // A phone that no longer holds the document gathers the same.
    world.customers.retain(|(header, ..)| header.doc != doc(101) && header.doc != doc(102));
    assert_eq!(world.october().digest(&policy()), facts.digest(&policy()));
}

#[test]
fn what_changes_hands_later_changes_no_card_of_a_time_that_is_over() {
    let mut world = World::default();
    world.customer(100, "2026-01-05 09:00", vec![span(REP, "2026-01-05 12:00", None)]);
    world.customer(101, "2026-01-05 09:00", vec![span(OTHER, "2026-01-05 12:00", None)]);
    world.visit(1, REP, 100, "2026-10-08 09:00");
    world.deal(40, OTHER, "2026-10-05 09:00", None);
    world.place(40, DocKind::Deal, vec![span(REP, "2026-10-05 09:00", None)], None);
    let before = world.october();
    assert_eq!(ids(&before.customers, |customer| customer.doc), [doc(100)]);
    assert_eq!(ids(&before.deals, |deal| deal.doc), [doc(40)]);

    // After the instant that the card looks from.
    let passed_on = "2026-10-25 00:00";
    let left = LeftWith {
        heads: heads(100),
        name: Some("Customer 100".into()),
        created_at: Some(at("2026-01-05 09:00")),
        position: Some(here()),
    };
    let mine = span(REP, "2026-01-05 12:00", Some(passed_on));
    let ended = Placement { left_with: Some(Box::new(left)), ..mine };
    world.placements[0].spans = vec![ended, span(OTHER, passed_on, None)];
    world.placements[1].spans =
        vec![span(OTHER, "2026-01-05 12:00", Some(passed_on)), span(REP, passed_on, None)];
    world.placements[2].spans =
        vec![span(REP, "2026-10-05 09:00", Some(passed_on)), span(OTHER, passed_on, None)];
    world.placements[2].credit = Some(OTHER);
    world.deals[0].2.value.decided_at = Some(at("2026-10-26 09:00"));
    world.deals[0].2.value.outcome = Some(DealOutcome::Won);
    let mut expected = before.clone();
    expected.deals = world.october().deals;
    assert_eq!(ids(&expected.deals, |deal| deal.doc), [doc(40)], "open at the time, and the rep's");
    assert_eq!(world.october(), expected);
    // Whoever holds it now may rename it, and the rep's phone has it no longer.
    world.customers[0].1 = heads(7);
    world.customers[0].2.value.name = Some("Renamed".into());
    assert_eq!(world.october(), expected);
    world.customers.remove(0);
    assert_eq!(world.october(), expected);
}

#[test]
fn a_collaborator_has_the_position_and_owns_nothing() {
    let mut world = World::default();
    let mut shared = span(OTHER, "2026-01-05 12:00", None);
    shared.collaborators = vec![REP];
    world.customer(100, "2026-01-05 09:00", vec![shared]);
    let facts = world.october();
    assert_eq!(facts.customers[0].position, Some(here()));
    assert!(facts.customers[0].owned.is_empty());
}

#[test]
fn credit_is_the_frozen_one_then_the_owners_then_the_authors() {
    let mut world = World::default();
    let won = Some("2026-10-10 09:00");
    let handed_over = "2026-10-15 00:00";
    for number in 1..=4 {
        world.deal(number, OTHER, "2026-10-05 09:00", won);
    }
    world.deal(5, REP, "2026-10-05 09:00", None);
    world.deal(6, REP, "2026-01-05 09:00", None);
    let then_other =
        || vec![span(REP, "2026-10-05 09:00", Some(handed_over)), span(OTHER, handed_over, None)];
    world.place(1, DocKind::Deal, then_other(), Some(REP));
    world.place(2, DocKind::Deal, then_other(), Some(OTHER));
    world.place(3, DocKind::Deal, then_other(), None);
    let facts = world.october();
    // 6 is open since January, and the month still runs.
    assert_eq!(ids(&facts.deals, |deal| deal.doc), [1, 3, 5, 6].map(doc));
}

#[test]
fn what_a_deal_claims_of_money_is_there_while_it_bears_on_the_month() {
    let mut world = World::default();
    let yuan = |minor| Some(Money::new(minor, Currency::CNY));
    let mut money = |number: u8, dues: &[(&str, i64)], received: &[(&str, i64)]| {
        world.deal(number, REP, "2026-06-05 09:00", Some("2026-06-10 09:00"));
        let state = &mut world.deals.last_mut().unwrap().2.value;
        for (n, (on, minor)) in (0_u8..).zip(dues) {
            let claim = InstalmentClaim { due_on: Some(day(on)), amount: yuan(*minor) };
            state.instalments.insert(ItemId::from_bytes([n; 16]), claim);
        }
        for (n, (on, minor)) in (0_u8..).zip(received) {
            let received_on = Some(day(on));
            let claim =
                PaymentClaim { received_on, amount: yuan(*minor), ..PaymentClaim::default() };
            state.payments.insert(ItemId::from_bytes([n; 16]), claim);
        }
    };
    money(1, &[("2026-06-21", 5)], &[("2026-06-22", 5)]);
    money(2, &[("2026-07-01", 5)], &[("2026-07-02", 4)]);
    money(3, &[("2026-10-30", 5)], &[]);
    money(4, &[("2026-10-10", 5)], &[]);
    money(5, &[("2026-11-10", 5)], &[("2026-09-01", 5)]);
    money(6, &[("2026-09-10", 5)], &[("2026-09-28", 5)]);
    let facts = world.october();
    let accounts = ids(&facts.instalments, |one| one.account);
    // 1 was settled long ago; 3 falls due after today; 5 was paid before it is due and
    // waits; 6 is settled, and its customer keeps its level for a week, told for 90 days.
    assert_eq!(accounts, [2, 4, 5, 6].map(doc));
    assert_eq!(facts.payments.len(), 3);
    assert_eq!(facts.purchases.len(), 6, "a purchase stays one");
    assert!(
        facts
            .purchases
            .iter()
            .all(|one| one.own && one.paid == (one.fact.doc != doc(3) && one.fact.doc != doc(4)))
    );
}

#[test]
fn what_the_books_say_was_paid_is_a_paid_purchase() {
    let mut world = World::default();
    for (number, won) in [(1, "2026-09-10 09:00"), (2, "2026-10-10 09:00")] {
        world.deal(number, REP, "2026-06-05 09:00", Some(won));
    }
    let customer = world.deals[0].0.customer.unwrap();
    let received = |number: u8, account: DocId, on: &str, minor: i64| PaymentFact {
        origin: crate::rules::fixture::record(number),
        account,
        customer: Some(customer),
        ..crate::rules::fixture::payment(number, 1, on, minor, None)
    };
    let paid = |world: &World| -> Vec<(bool, bool)> {
        let purchases = world.october().purchases;
        purchases.iter().map(|one| (one.paid, one.paid_confirmed)).collect()
    };
    assert_eq!(paid(&world), [(false, false); 2]);
    world.confirmed.payments = vec![received(20, doc(1), "2026-09-12", 5)];
    assert_eq!(paid(&world), [(true, true), (false, false)]);
    // Given back again; and money that names the customer alone, since the second deal.
    world.confirmed.payments.push(received(21, doc(1), "2026-09-20", -5));
    world.confirmed.payments.push(received(22, customer, "2026-10-11", 5));
    assert_eq!(paid(&world), [(true, true); 2], "it may have paid either");
    world.confirmed.payments.pop();
    assert_eq!(paid(&world), [(false, false); 2]);
}

#[test]
fn plans_are_the_reps_own_from_sixty_days_back() {
    let plan = |number: u8, rep: UserId, date: &str| PlanFact {
        rep,
        ..crate::rules::fixture::plan(number, date, &[])
    };
    let plans = vec![
        plan(1, REP, "2026-10-08"),
        plan(2, OTHER, "2026-10-08"),
        plan(3, REP, "2026-08-02"),
        plan(4, REP, "2026-08-01"),
        plan(5, REP, "2026-10-22"),
    ];
    let world = World { plans, ..World::default() };
    assert_eq!(ids(&world.october().plans, |one| one.fact.doc), [3, 1].map(doc));
}

#[test]
fn cases_and_answers_are_of_customers_that_were_the_reps_then() {
    let mut world = World::default();
    let passed_on = "2026-10-12 00:00";
    world.customer(
        100,
        "2026-01-05 09:00",
        vec![span(REP, "2026-01-06 09:00", Some(passed_on)), span(OTHER, passed_on, None)],
    );
    let case = |number, opened| crate::rules::fixture::case(number, 100, opened, None);
    world.cases = vec![case(1, "2026-10-11 09:00"), case(2, "2026-10-12 09:00")];
    let answer = |number, on| crate::rules::fixture::survey(number, 100, on, 9);
    world.surveys = vec![answer(3, "2026-10-11"), answer(4, "2026-10-13")];
    let facts = world.october();
    assert_eq!(ids(&facts.cases, |one| one.fact.doc), [doc(1)]);
    assert_eq!(ids(&facts.surveys, |one| one.fact.doc), [doc(3)]);
}

#[test]
fn what_is_confirmed_is_the_reps_by_deal_or_by_customer() {
    use crate::rules::fixture::{order, record};
    let mut world = World::default();
    world.customer(100, "2026-01-05 09:00", vec![span(REP, "2026-01-05 12:00", None)]);
    world.deal(1, REP, "2026-10-05 09:00", None);
    world.deal(2, OTHER, "2026-10-05 09:00", None);
    let tied = |number, customer, deal: Option<u8>| OrderFact {
        deal: deal.map(doc),
        own: false,
        ..order(number, customer, "2026-10-06", 5)
    };
    world.confirmed.orders = vec![
        tied(10, 100, None),
        tied(11, 100, Some(1)),
        tied(12, 100, Some(2)),
        tied(13, 101, None),
        tied(14, 101, Some(1)),
    ];
    let payment = |number: u8, account: u8, customer: u8| PaymentFact {
        origin: record(number),
        customer: Some(doc(customer)),
        ..crate::rules::fixture::payment(number, account, "2026-10-07", 5, None)
    };
    world.confirmed.payments =
        vec![payment(20, 1, 101), payment(21, 100, 100), payment(22, 2, 101)];
    let facts = world.october();
    let own: Vec<_> = facts.orders.iter().map(|one| (one.origin.fact.doc, one.own)).collect();
    assert_eq!(own, [(doc(10), true), (doc(11), true), (doc(12), false), (doc(14), true)]);
    assert_eq!(ids(&facts.payments, |one| one.origin.fact.doc), [20, 21].map(doc));
}

#[test]
fn targets_rulings_and_signals_are_those_that_concern_the_card() {
    let mut world = World::default();
    world.visit(1, REP, 100, "2026-10-08 09:00");
    world.target(1, REP, "2026-10");
    world.target(2, REP, "2026");
    world.target(3, REP, "2026-11");
    world.target(4, OTHER, "2026-10");
    let decision = |visit, ruling, when: &str| Decision { visit: doc(visit), ruling, at: at(when) };
    use crate::rules::facts::Ruling;
    world.decisions = vec![
        decision(1, Ruling::Reject, "2026-10-10 09:00"),
        decision(1, Ruling::Accept, "2026-10-11 09:00"),
        decision(2, Ruling::Reject, "2026-10-10 09:00"),
    ];
    let signal = |visit| Signal { visit: doc(visit), code: "s_photo".into(), open: true };
    world.signals = vec![signal(2), signal(1), signal(1)];
    let facts = world.october();
    assert_eq!(facts.targets.len(), 2);
    assert_eq!(facts.decisions, [decision(1, Ruling::Accept, "2026-10-11 09:00")]);
    assert_eq!(facts.signals, [signal(1)]);
}

#[test]
fn an_edit_after_submit_reaches_the_rules() {
    let mut world = World::default();
    world.visit(1, REP, 100, "2026-10-08 09:00");
    world.visits[0].2.faults =
        vec![Fault { path: "core/outcome".into(), problem: Problem::EditAfterSubmit }];
    assert!(world.october().visits[0].edited_after_submit);
}

fn busy_month() -> World {
    let mut world = World::default();
    for number in 100..106 {
        world.customer(number, "2026-01-05 09:00", vec![span(REP, "2026-01-05 12:00", None)]);
    }
    for number in 0..20 {
        let start = format!("2026-10-{:02} {:02}:00", 1 + number, 9 + number % 3);
        world.visit(1 + number, REP, 100 + number % 6, &start);
        world.deal(40 + number, REP, &start, (number % 2 == 0).then_some(start.as_str()));
    }
    world.target(200, REP, "2026-10");
    world.target(201, REP, "2026-10");
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_and_repetition_of_inputs_never_change_a_byte(seed in any::<u64>()) {
        let ordered = busy_month().october();
        let mut world = busy_month();
        world.visits.extend(world.visits.clone());
        world.placements.extend(world.placements.clone());
        shuffle(&mut world.visits, seed);
        shuffle(&mut world.customers, seed);
        shuffle(&mut world.deals, seed);
        shuffle(&mut world.placements, seed);
        shuffle(&mut world.targets, seed);
        let shuffled = world.october();
        prop_assert_eq!(shuffled.to_bytes(), ordered.to_bytes());
        let outcome = |facts: &Facts| {
            evaluate(facts, &policy(), facts.period, at("2026-10-21 18:00")).to_bytes()
        };
        prop_assert_eq!(outcome(&shuffled), outcome(&ordered));
    }
}

/// A permutation of `items` that `seed` names.
fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for index in (1..items.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(seed >> 33).unwrap() % (index + 1);
        items.swap(index, other);
    }
}

impl World {
    fn held(&mut self, customer: u8, spans: Vec<Placement>) {
        let header = header(customer, DocKind::Customer, REP, None);
        let state = CustomerState {
            name: Some(format!("customer {customer}")),
            created_at: spans.first().map(|span| span.from),
            ..CustomerState::default()
        };
        self.customers.push((header, heads(customer), sound(state)));
        self.placements.push(PlacementRecord {
            subject: doc(customer),
            kind: DocKind::Customer,
            spans,
            credit: None,
        });
    }

    fn merge(&mut self, from: u8, into: u8, when: &str) {
        self.aliases.push(AliasRecord {
            from: doc(from),
            into: doc(into),
            by: None,
            at: at(when),
            undone_at: None,
        });
    }
}

#[test]
fn what_stands_at_a_merged_customer_counts_for_the_one_that_it_is() {
    let mut world = World::default();
    let tier = |tier, from: &str| Placement { tier: Some(tier), ..span(REP, from, None) };
    world.held(100, vec![tier(Tier::B, "2026-10-05 00:00")]);
    world.held(101, vec![tier(Tier::A, "2026-09-01 08:00")]);
    world.visit(1, REP, 100, "2026-10-08 09:00");
    world.visit(2, REP, 101, "2026-10-09 09:00");
    let apart = world.october();
    world.merge(101, 100, "2026-10-12 12:00");
    let facts = world.october();
    assert_eq!(ids(&facts.customers, |customer| customer.doc), [doc(100)]);
    assert!(facts.visits.iter().all(|visit| visit.customer == Some(doc(100))));
    let spans = &facts.customers[0].owned;
    let shown: Vec<_> = spans.iter().map(|span| (span.from, span.until, span.tier)).collect();
    // Of the days before it was this one, and of each day once.
    assert_eq!(
        shown,
        [
            (at("2026-09-01 08:00"), Some(at("2026-10-05 00:00")), Some(Tier::A)),
            (at("2026-10-05 00:00"), None, Some(Tier::B)),
        ]
    );
    assert_eq!(facts.customers[0].known_since, Some(at("2026-09-01 08:00")));
    world.aliases[0].undone_at = Some(at("2026-10-13 12:00"));
    assert_eq!(world.october(), apart, "taking it back restores everything");
}

#[test]
fn a_customer_merged_into_somebody_elses_was_held_until_then() {
    let mut world = World::default();
    world.held(100, vec![span(OTHER, "2026-09-01 08:00", None)]);
    world.held(101, vec![span(REP, "2026-09-01 08:00", None)]);
    world.visit(1, REP, 101, "2026-10-20 09:00");
    world.merge(101, 100, "2026-10-12 12:00");
    let facts = world.october();
    assert_eq!(facts.customers.len(), 1);
    let customer = &facts.customers[0];
    assert_eq!((customer.doc, customer.name.clone()), (doc(100), None), "the other's to describe");
    assert_eq!(customer.owned.last().unwrap().until, Some(at("2026-10-12 12:00")));
    // A visit logged later on the old id still counts, and for the customer that it is.
    assert_eq!(facts.visits[0].customer, Some(doc(100)));
    // The rep's phone never got the other one's placement: the same facts.
    world.placements.remove(0);
    world.customers.remove(0);
    assert_eq!(world.october(), facts);
}

#[test]
fn a_chain_of_merges_counts_at_its_end() {
    let mut world = World::default();
    for customer in [100, 101, 102] {
        world.held(customer, vec![span(REP, "2026-09-01 08:00", None)]);
        world.visit(customer - 99, REP, customer, "2026-10-08 09:00");
    }
    world.merge(100, 101, "2026-10-12 12:00");
    world.merge(101, 102, "2026-10-13 12:00");
    let facts = world.october();
    assert_eq!(ids(&facts.customers, |customer| customer.doc), [doc(102)]);
    assert_eq!(facts.customers[0].owned.len(), 1, "held once");
    assert!(facts.visits.iter().all(|visit| visit.customer == Some(doc(102))));
}
