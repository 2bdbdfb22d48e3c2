//! A small org is scored through the job's own steps.

use client_core::docs::deal::{InstalmentClaim, PaymentClaim, Quote};
use client_core::docs::visit::{
    Attachment, Check, ClockEvidence, JournalLink, NextStep, Outcome, VisitMode,
};
use client_core::docs::{ChangeHash, DocKind, Document, EditContext, Generation, Header, Heads};
use client_core::id::{ActorId, DeviceId, DocId, ItemId, ReplicaId, UserId};
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{
    Metric, PolicyRecord, Role, Ruling, ScorecardRecord, TargetLevel, Tier,
};
use client_core::rules::facts::{CustomerSeen, Facts, PlanFact, VisitFact};
use client_core::rules::{
    Cause, Confirmed, Inputs, Outcome as Card, Policy, Row, Verdict, evaluate,
};
use client_core::time::{CapturedAt, Timestamp, Zone};

mod handed_in;
mod milestones;
mod progress;

use super::{Since, card_changes, look_for_signals, midnight, recompute_dirty};
use crate::office::desk::{Desk, MORNING, desk};
use crate::office::{
    By, CreateUser, PasswordChoice, PlaceCustomer, SetPolicy, SetTarget, VoidError,
};
use crate::storage::model::{CommitOutcome, DocCommit, NewLogChange, Origin, ScorecardRow};
use crate::storage::{Documents, Records, Scores};

/// The copy of the data on a phone.
const PHONE: ReplicaId = ReplicaId::from_bytes([9; 16]);
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A rep's phone, without the phone.
struct Rep {
    desk: Desk,
    id: UserId,
    next: u8,
}

fn captured(at: i64) -> CapturedAt {
    CapturedAt { at: Timestamp::from_millis(at), zone: "Asia/Shanghai".into(), offset_s: 28_800 }
}

impl Rep {
    async fn hired() -> Self {
        let desk = desk().await;
        let user = CreateUser {
            login: "anna".into(),
            name: "Anna".into(),
            role: Role::Rep,
            units: vec![desk.root],
            hired_on: None,
            locale: None,
            password: PasswordChoice::Given("correct horse".into()),
        };
        let id = desk.office.create_user(user).await.unwrap().user.id;
        Self { desk, id, next: 1 }
    }

    fn document(&mut self, kind: DocKind, customer: Option<DocId>) -> Document {
        self.next += 1;
        Document::create(Header {
            doc: DocId::from_bytes([self.next; 16]),
            kind,
            org: self.desk.office.org(),
            author: self.id,
            customer,
            generation: Generation(0),
        })
    }

    fn context(&self, at: i64) -> EditContext {
        EditContext { actor: ActorId::from_bytes([7; 16]), at: Timestamp::from_millis(at) }
    }

    async fn push(&self, document: &Document) {
        self.push_as((self.id, PHONE), document, 0, &Heads::default()).await;
    }

    /// What is new since `known`, by a user, as the document's next revision.
    async fn push_as(
        &self,
        (user, replica): (UserId, ReplicaId),
        document: &Document,
        expected: u64,
        known: &Heads,
    ) {
        let changes = document.changes_since(known).into_iter();
        let commit = DocCommit {
            header: *document.header(),
            expected,
            changes: changes
                .map(|change| NewLogChange {
                    hash: change.hash,
                    actor: ActorId::from_bytes([if user == self.id { 7 } else { 6 }; 16]),
                    seq: change.seq,
                    bytes: change.bytes,
                })
                .collect(),
            heads: document.heads(),
            snapshot: document.snapshot(),
            operations: document.operations(),
            state: DocState::read(document),
            origin: Origin { user, device: DeviceId::from_bytes([8; 16]), replica },
            at: self.desk.app.clock().now(),
            conflicts: Vec::new(),
            placement: None,
        };
        let written = self.desk.app.storage().commit(self.desk.office.org(), commit).await.unwrap();
        assert!(matches!(written, CommitOutcome::Committed(_)));
    }

    async fn finds_customer(&mut self, at: i64) -> DocId {
        let context = self.context(at);
        let mut document = self.document(DocKind::Customer, None);
        document
            .edit_customer(&context, |customer| {
                customer.set_name(Some("Acme"))?;
                customer.set_created_at(Some(Timestamp::from_millis(at)))
            })
            .unwrap();
        self.push(&document).await;
        document.header().doc
    }

    async fn phones(&mut self, customer: DocId, at: i64) -> DocId {
        self.meets(customer, at, VisitMode::Phone).await
    }

    /// A visit of half an hour; of one on site nobody knows where it was.
    async fn meets(&mut self, customer: DocId, at: i64, mode: VisitMode) -> DocId {
        let context = self.context(at);
        let mut document = self.document(DocKind::Visit, Some(customer));
        let check = |at| Check { at: captured(at), clock: ClockEvidence::default(), fix: None };
        document
            .edit_visit(&context, |visit| {
                visit.set_customer_name(Some("Acme"))?;
                visit.set_mode(Some(mode))?;
                visit.check_in(&check(at))?;
                visit.check_out(&check(at + HOUR / 2))?;
                visit.record_outcome(&Outcome::Progress, Some("谈了价格"))?;
                visit.set_next_step(Some(NextStep::None))?;
                let journal = JournalLink { previous: [0; 16], customer_heads: [0; 16] };
                visit.submit(&captured(at + HOUR / 2), &journal)
            })
            .unwrap();
        self.push(&document).await;
        document.header().doc
    }

    /// A call of half an hour with the links of its submit; the prefix that the next one
    /// embeds, too.
    async fn hands_in(&mut self, customer: DocId, at: i64, link: JournalLink) -> (DocId, [u8; 16]) {
        let context = self.context(at + HOUR / 2);
        let mut document = self.document(DocKind::Visit, Some(customer));
        let check = |at| Check { at: captured(at), clock: ClockEvidence::default(), fix: None };
        let submit = document
            .edit_visit(&context, |visit| {
                visit.set_mode(Some(VisitMode::Phone))?;
                visit.check_in(&check(at))?;
                visit.check_out(&check(at + HOUR / 2))?;
                visit.submit(&captured(at + HOUR / 2), &link)
            })
            .unwrap()
            .unwrap();
        self.push(&document).await;
        (document.header().doc, submit.hash.0[..16].try_into().unwrap())
    }

    /// A call of half an hour with a photo.
    async fn shows(&mut self, customer: DocId, at: i64, photo: &Attachment) -> DocId {
        let context = self.context(at + HOUR / 2);
        let mut document = self.document(DocKind::Visit, Some(customer));
        let check = |at| Check { at: captured(at), clock: ClockEvidence::default(), fix: None };
        document
            .edit_visit(&context, |visit| {
                visit.set_mode(Some(VisitMode::Phone))?;
                visit.check_in(&check(at))?;
                visit.check_out(&check(at + HOUR / 2))?;
                visit.add_photo(ItemId::from_bytes([1; 16]), photo)?;
                let journal = JournalLink { previous: [0; 16], customer_heads: [0; 16] };
                visit.submit(&captured(at + HOUR / 2), &journal)
            })
            .unwrap();
        self.push(&document).await;
        document.header().doc
    }

    /// A won deal with a quote that was accepted, and half of its price paid.
    async fn sells(&mut self, customer: DocId, at: i64) -> DocId {
        let context = self.context(at);
        let mut document = self.document(DocKind::Deal, Some(customer));
        let item = |number: u8| ItemId::from_bytes([number; 16]);
        let on = Zone::fixed("Asia/Shanghai", 28_800).date(Timestamp::from_millis(at));
        let amount = |minor| Some(Money::new(minor, Currency::CNY));
        document
            .edit_deal(&context, |deal| {
                deal.set_created_at(Some(Timestamp::from_millis(at)))?;
                deal.set_amount(amount(100_000))?;
                let quote = Quote {
                    issued_on: Some(on),
                    accepted: Some(true),
                    decided_on: Some(on),
                    ..Quote::default()
                };
                deal.add_quote(item(1), &quote)?;
                let due = InstalmentClaim { due_on: Some(on), amount: amount(100_000) };
                deal.add_instalment(item(2), &due)?;
                let paid = PaymentClaim {
                    received_on: Some(on),
                    amount: amount(50_000),
                    instalment: Some(item(2)),
                    ..PaymentClaim::default()
                };
                deal.add_payment(item(3), &paid)?;
                deal.win(Timestamp::from_millis(at))
            })
            .unwrap();
        self.push(&document).await;
        document.header().doc
    }

    async fn target(&self, period: &str, visits: i64) {
        let (level, period) = (TargetLevel::Rep(self.id), period.parse().unwrap());
        let target = SetTarget::new(level, Metric::EffectiveVisits, period, visits);
        self.desk.office.set_target(target).await.unwrap();
    }

    async fn card(&self, period: &str) -> Option<ScorecardRow> {
        let org = self.desk.office.org();
        self.desk.app.storage().scorecard(org, self.id, period.parse().unwrap()).await.unwrap()
    }

    async fn marks(&self) -> usize {
        self.desk.app.storage().dirty(self.desk.office.org(), 100).await.unwrap().len()
    }

    async fn recompute(&self) -> usize {
        recompute_dirty(&self.desk.app).await.unwrap()
    }

    /// What the rep's phone would compute at the card's instant: its own rows, its
    /// own records, the rules called directly.
    async fn as_the_phone_computes(&self, card: &ScorecardRow) -> Vec<u8> {
        let (storage, org) = (self.desk.app.storage(), self.desk.office.org());
        let rows = storage.rows_for_rep(org, self.id).await.unwrap();
        let (mut visits, mut customers) = (Vec::new(), Vec::new());
        let (mut deals, mut plans) = (Vec::new(), Vec::new());
        for row in &rows {
            let (header, heads) = (row.header, &row.heads);
            match &row.state {
                DocState::Visit(state) => visits.push(VisitFact::of(&header, heads, state)),
                DocState::Customer(state) => {
                    customers.push(CustomerSeen::of(&header, heads, state))
                }
                DocState::Deal(state) => deals.push(Row { header, heads, state }),
                DocState::Plan(state) => plans.extend(PlanFact::of(&header, heads, state)),
                DocState::Case(_) => {}
            }
        }
        let mut placements = Vec::new();
        let placed = customers.iter().map(|customer| customer.doc);
        for subject in placed.chain(deals.iter().map(|deal| deal.header.doc)) {
            placements.extend(self.desk.office.placement(subject).await.unwrap());
        }
        let policies = self.desk.office.policies().await.unwrap();
        let record = PolicyRecord::for_period(&policies, card.record.period).unwrap();
        let policy = Policy::kept(&record.toml).unwrap();
        let inputs = Inputs {
            as_of: card.record.as_of,
            currency: self.desk.office.settings().await.unwrap().currency,
            calendar: &self.desk.office.calendar().await.unwrap(),
            policy: &policy,
            visits: &visits,
            customers: &customers,
            deals: &deals,
            placements: &placements,
            targets: &self.desk.office.targets().await.unwrap(),
            aliases: &self.desk.office.aliases().await.unwrap(),
            decisions: &[],
            signals: &[],
            plans: &plans,
            cases: &[],
            surveys: &[],
            confirmed: &Confirmed::default(),
        };
        let facts = Facts::for_rep(self.id, card.record.period, inputs);
        evaluate(&facts, &policy, card.record.period, card.record.as_of).to_bytes()
    }
}

#[tokio::test]
async fn the_official_card_has_the_bytes_that_the_rules_give_the_phone() {
    let mut anna = Rep::hired().await;
    anna.target("2026-10", 2).await;
    let acme = anna.finds_customer(MORNING - 2 * DAY).await;
    let placing = PlaceCustomer {
        customer: acme,
        owner: anna.id,
        collaborators: Vec::new(),
        unit: None,
        tier: Some(Tier::A),
        from: Some(Timestamp::from_millis(MORNING - DAY)),
    };
    let placed = anna.desk.office.place_customer(placing.clone()).await.unwrap();
    assert_eq!(placed.spans.len(), 2, "with the server's own first placement");
    assert_eq!(placed.spans[0].until, Some(placed.spans[1].from));
    assert_eq!(anna.desk.office.place_customer(placing).await.unwrap(), placed, "nothing new");
    anna.phones(acme, MORNING - 3 * HOUR).await;

    assert!(anna.recompute().await > 0);
    let card = anna.card("2026-10").await.unwrap();
    assert_eq!(card.outcome, anna.as_the_phone_computes(&card).await);
    assert!(card.record.total_centipoints.is_some_and(|total| total > 0), "{:?}", card.record);
    assert_eq!(anna.marks().await, 0, "every mark is taken away");
}

#[tokio::test]
async fn a_card_that_says_nothing_new_is_not_published_again() {
    let mut anna = Rep::hired().await;
    let acme = anna.finds_customer(MORNING - DAY).await;
    anna.phones(acme, MORNING - 2 * HOUR).await;
    anna.recompute().await;
    let (org, october) = (anna.desk.office.org(), "2026-10".parse::<Period>().unwrap());
    let before = anna.card("2026-10").await.unwrap();
    anna.desk.clock.advance_ms(HOUR);
    anna.desk.app.storage().mark_dirty(org, anna.id, october).await.unwrap();
    assert_eq!(anna.recompute().await, 0);
    assert_eq!(anna.card("2026-10").await.unwrap(), before);
    assert_eq!(anna.marks().await, 0);
}

#[tokio::test]
async fn a_late_visit_restates_the_closed_month_and_what_looks_back_at_it() {
    let mut anna = Rep::hired().await;
    anna.target("2026-Q4", 10).await;
    anna.target("2026-10", 2).await;
    let acme = anna.finds_customer(MORNING - DAY).await;
    anna.phones(acme, MORNING - 2 * HOUR).await;
    anna.desk.clock.advance_ms(30 * DAY);
    // It is November: October is over and gets its final card.
    midnight::mark_stale(&anna.desk.app, anna.desk.office.org()).await.unwrap();
    anna.recompute().await;
    let (october, november) =
        (anna.card("2026-10").await.unwrap(), anna.card("2026-11").await.unwrap());
    assert_eq!(october.record.as_of.to_string(), "2026-10-31T16:00:00.000Z", "its end");

    anna.phones(acme, MORNING + 5 * DAY).await;
    anna.recompute().await;
    let restated = anna.card("2026-10").await.unwrap();
    assert_ne!(restated.record.inputs_digest, october.record.inputs_digest);
    assert!(restated.record.total_centipoints > october.record.total_centipoints);
    let after = anna.card("2026-11").await.unwrap();
    assert_ne!(after.record.inputs_digest, november.record.inputs_digest);
    assert_eq!(after.outcome, anna.as_the_phone_computes(&after).await);
    assert_eq!(restated.outcome, anna.as_the_phone_computes(&restated).await);
}

#[tokio::test]
async fn a_closed_card_is_kept_and_its_restatement_says_what_came_and_what_moved() {
    let mut anna = Rep::hired().await;
    let (app, org) = (anna.desk.app.clone(), anna.desk.office.org());
    let storage = app.storage();
    let october: Period = "2026-10".parse().unwrap();
    anna.target("2026-10", 4).await;
    let acme = anna.finds_customer(MORNING - DAY).await;
    anna.phones(acme, MORNING - 2 * HOUR).await;
    // 6 November: the month is over and not closed.
    anna.desk.clock.advance_ms(29 * DAY);
    midnight::mark_stale(&app, org).await.unwrap();
    anna.recompute().await;
    midnight::mark_stale(&app, org).await.unwrap();
    assert_eq!(storage.closed_card(org, anna.id, october).await.unwrap(), None);
    anna.phones(acme, MORNING + DAY).await;
    anna.recompute().await;
    let closing = card_changes(&app, org, anna.id, october, Since::Closed);
    assert_eq!(closing.await.unwrap(), None, "there is nothing to restate yet");

    anna.desk.clock.advance_ms(DAY);
    midnight::mark_stale(&app, org).await.unwrap();
    let as_closed = anna.card("2026-10").await.unwrap();
    let kept = storage.closed_card(org, anna.id, october).await.unwrap().unwrap();
    assert_eq!(kept.card, as_closed);
    assert_eq!(kept.card.record.total_centipoints, Some(5_000), "two of four");
    assert_eq!(storage.restated_cards(org, october).await.unwrap(), []);

    anna.desk.clock.advance_ms(3 * DAY);
    let late = anna.phones(acme, MORNING + 5 * DAY).await;
    anna.recompute().await;
    midnight::mark_stale(&app, org).await.unwrap();
    let still = storage.closed_card(org, anna.id, october).await.unwrap().unwrap();
    assert_eq!(still, kept, "the report of then keeps its figures");
    let restated = storage.restated_cards(org, october).await.unwrap();
    assert_eq!(restated, std::slice::from_ref(&kept));
    let found = card_changes(&app, org, anna.id, october, Since::Closed).await.unwrap().unwrap();
    assert_eq!(found.closed_at, Some(kept.closed_at));
    let arrived: Vec<_> =
        found.arrived.iter().map(|one| (one.cause, one.doc, one.name.as_deref())).collect();
    assert_eq!(arrived, [(Cause::Late, late, Some("Acme"))]);
    let moved = &found.difference;
    assert_eq!((moved.before.0, moved.after.0), (5_000, 7_500));
    let figure = |id: &str| {
        let figure = moved.figures.iter().find(|figure| figure.id == id).unwrap();
        (figure.old, figure.new)
    };
    assert_eq!(figure("total"), (Some(5_000), Some(7_500)));
    assert_eq!(figure("effective_visits"), (Some(2), Some(3)));
}

#[tokio::test]
async fn a_policy_and_a_decision_that_came_since_are_causes_of_their_own() {
    let mut anna = Rep::hired().await;
    let (app, org) = (anna.desk.app.clone(), anna.desk.office.org());
    let october: Period = "2026-10".parse().unwrap();
    anna.target("2026-10", 4).await;
    let acme = anna.finds_customer(MORNING - DAY).await;
    let first = anna.phones(acme, MORNING - 2 * HOUR).await;
    anna.phones(acme, MORNING - HOUR).await;
    let then = anna.desk.app.clock().now();
    anna.desk.clock.advance_ms(HOUR);
    anna.desk.office.void_visit(first, "it was another customer's", None).await.unwrap();
    let toml = anna.desk.office.policies().await.unwrap().pop().unwrap().toml;
    let strict = SetPolicy {
        toml: toml.replacen("cap = \"120%\"", "cap = \"20%\"", 1),
        effective_from: Some("2026-10-01".parse().unwrap()),
        restate: true,
    };
    anna.desk.office.set_policy(strict).await.unwrap();
    let found = card_changes(&app, org, anna.id, october, Since::Instant(then)).await;
    let found = found.unwrap().unwrap().difference;
    let told: Vec<_> = found.moved.iter().map(|moved| (moved.cause, moved.points.0)).collect();
    assert_eq!((found.before.0, found.after.0), (5_000, 2_000));
    assert_eq!(told, [(Cause::Policy, -3_000), (Cause::Decisions, 0)]);
    assert_eq!(found.moved[1].facts[0].doc, first);
}

#[tokio::test]
async fn a_decision_about_a_visit_counts_until_the_next_one() {
    let mut anna = Rep::hired().await;
    anna.target("2026-10", 4).await;
    let acme = anna.finds_customer(MORNING - DAY).await;
    let visit = anna.meets(acme, MORNING - 2 * HOUR, VisitMode::Onsite).await;
    let mut totals = Vec::new();
    for ruling in [Ruling::Reject, Ruling::Accept, Ruling::Void] {
        anna.desk.clock.advance_ms(HOUR);
        anna.desk.office.rule_on(visit, ruling, "we spoke about it", None).await.unwrap();
        anna.recompute().await;
        totals.push(anna.card("2026-10").await.unwrap().record.total_centipoints);
    }
    assert_eq!(totals, [Some(0), Some(2_500), Some(0)]);
    let taken_out = anna.desk.office.rule_on(visit, Ruling::Accept, "no", None).await;
    assert!(taken_out.is_err(), "what is out of the count is taken back first");
    let sound = anna.phones(acme, MORNING - HOUR).await;
    let settled = anna.desk.office.rule_on(sound, Ruling::Reject, "no", None).await;
    assert!(matches!(settled, Err(VoidError::NotUnderReview { .. })), "{settled:?}");
}

#[tokio::test]
async fn midnight_moves_the_open_month_and_closes_the_last_one() {
    let mut anna = Rep::hired().await;
    let org = anna.desk.office.org();
    let acme = anna.finds_customer(MORNING - DAY).await;
    anna.phones(acme, MORNING - 2 * HOUR).await;
    anna.recompute().await;
    midnight::mark_stale(&anna.desk.app, org).await.unwrap();
    assert_eq!(anna.marks().await, 0, "today's card is today's");
    anna.desk.clock.advance_ms(14 * HOUR + 1);
    midnight::mark_stale(&anna.desk.app, org).await.unwrap();
    assert_eq!(anna.marks().await, 1);
    assert_eq!(anna.recompute().await, 1);
    anna.desk.clock.advance_ms(24 * DAY);
    midnight::mark_stale(&anna.desk.app, org).await.unwrap();
    anna.recompute().await;
    assert_eq!(
        anna.card("2026-10").await.unwrap().record.as_of.to_string(),
        "2026-10-31T16:00:00.000Z"
    );
    assert!(anna.card("2026-11").await.is_some());
    midnight::mark_stale(&anna.desk.app, org).await.unwrap();
    assert_eq!(anna.marks().await, 0, "a closed month rests");
}

#[tokio::test]
async fn a_visit_of_a_phone_whose_clock_is_ahead_counts_when_its_time_has_come() {
    const MINUTE: i64 = 60_000;
    let mut anna = Rep::hired().await;
    let acme = anna.finds_customer(MORNING - DAY).await;
    anna.recompute().await;
    let now = anna.desk.app.clock().now().millis();
    anna.phones(acme, now + 3 * MINUTE).await;
    anna.recompute().await;
    let before = anna.card("2026-10").await.unwrap();
    assert_eq!(anna.marks().await, 1, "it is looked at again");
    anna.desk.clock.advance_ms(4 * MINUTE);
    assert_eq!(anna.recompute().await, 1);
    let after = anna.card("2026-10").await.unwrap();
    assert_ne!(after.record.inputs_digest, before.record.inputs_digest);
    assert_eq!(after.outcome, anna.as_the_phone_computes(&after).await);
    assert_eq!(anna.marks().await, 0);

    anna.phones(acme, now + DAY).await;
    anna.recompute().await;
    assert_eq!(anna.marks().await, 0, "a clock that is a day ahead waits for midnight");
}

#[tokio::test]
async fn only_reps_have_cards() {
    let anna = Rep::hired().await;
    let manager = CreateUser {
        login: "max".into(),
        name: "Max".into(),
        role: Role::Manager,
        units: Vec::new(),
        hired_on: None,
        locale: None,
        password: PasswordChoice::OneTime,
    };
    let manager = anna.desk.office.create_user(manager).await.unwrap().user.id;
    let (storage, org) = (anna.desk.app.storage(), anna.desk.office.org());
    let october: Period = "2026-10".parse().unwrap();
    storage.mark_dirty(org, manager, october).await.unwrap();
    anna.recompute().await;
    let cards = storage.scorecards(org, october).await.unwrap();
    assert!(cards.iter().all(|card| card.record.rep == anna.id));
    assert_eq!(anna.marks().await, 0);
    assert_eq!(storage.orgs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_deal_claims_of_quotes_and_money_is_on_the_card_of_both_sides() {
    let mut anna = Rep::hired().await;
    let acme = anna.finds_customer(MORNING - 2 * DAY).await;
    anna.sells(acme, MORNING - DAY).await;
    assert!(anna.recompute().await > 0);
    let card = anna.card("2026-10").await.unwrap();
    assert_eq!(card.outcome, anna.as_the_phone_computes(&card).await);
    let outcome: Card = ciborium::from_reader(&card.outcome[..]).unwrap();
    let value = |metric: Metric| {
        let line = outcome.scorecard.lines.iter().find(|line| line.indicator == metric);
        line.and_then(|line| line.value)
    };
    assert_eq!(value(Metric::CollectionRate), Some(5_000));
    assert_eq!(value(Metric::QuoteConversion), Some(10_000));
    assert_eq!(value(Metric::SalesAmount), Some(100_000));
    // The other half is overdue from the next day on, which no commit tells of.
    assert_eq!(outcome.risks.len(), 1, "{:?}", outcome.risks);
}

#[tokio::test]
async fn a_question_is_asked_once_and_only_its_answer_takes_visits_out_of_the_count() {
    let mut anna = Rep::hired().await;
    for number in 0..5 {
        let customer = anna.finds_customer(MORNING - 2 * DAY).await;
        anna.phones(customer, MORNING - 2 * HOUR + number * 60_000).await;
    }
    anna.target("2026-10", 5).await;
    let (app, org) = (anna.desk.app.clone(), anna.desk.office.org());
    anna.recompute().await;
    let before = anna.card("2026-10").await.unwrap().record;
    assert_eq!(look_for_signals(&app, org).await.unwrap(), 1, "five visits in ten minutes");
    assert_eq!(look_for_signals(&app, org).await.unwrap(), 0, "once");
    let asked = anna.desk.office.signals().await.unwrap().pop().unwrap();
    assert_eq!((asked.kind.as_str(), asked.measure, asked.subjects.len()), ("burst", Some(5), 5));
    let counted = async |anna: &Rep| {
        anna.recompute().await;
        let card = anna.card("2026-10").await.unwrap();
        let outcome: Card = ciborium::from_reader(&card.outcome[..]).unwrap();
        let doubted = outcome
            .visits
            .iter()
            .filter(|visit| matches!(visit.verdict, Verdict::NeedsReview(_)))
            .count();
        (doubted, outcome.visits.iter().filter(|visit| visit.counts).count())
    };
    assert_eq!(counted(&anna).await, (5, 5), "in doubt, and counted all the same");
    let asked_about = anna.card("2026-10").await.unwrap().record;
    let digests = |card: &ScorecardRecord| (card.inputs_digest, card.outcome_digest);
    assert_eq!(digests(&before), digests(&asked_about), "a phone finds the same facts");
    assert_eq!(anna.recompute().await, 0);
    let registrar = anna.desk.office.registrar(By::CommandLine).await.unwrap();
    registrar.answer_signal(asked.id, true, "nobody visits five customers at once").await.unwrap();
    assert_eq!(counted(&anna).await, (0, 0));
    assert_eq!(look_for_signals(&app, org).await.unwrap(), 0, "it was answered");
}

#[tokio::test]
async fn a_photo_is_known_again_after_months() {
    let mut anna = Rep::hired().await;
    let acme = anna.finds_customer(MORNING - 100 * DAY).await;
    let photo = |byte: u8| Attachment {
        hash: ChangeHash([byte; 32]),
        length: 9,
        media_type: "image/jpeg".into(),
        taken_at: captured(MORNING),
    };
    let old = anna.shows(acme, MORNING - 90 * DAY, &photo(9)).await;
    anna.shows(acme, MORNING - 80 * DAY, &photo(8)).await;
    let new = anna.shows(acme, MORNING - 2 * HOUR, &photo(9)).await;
    let (app, org) = (anna.desk.app.clone(), anna.desk.office.org());
    assert_eq!(look_for_signals(&app, org).await.unwrap(), 1);
    let asked = anna.desk.office.signals().await.unwrap().pop().unwrap();
    assert_eq!((asked.kind.as_str(), asked.subjects), ("photo", vec![old, new]));
    assert_eq!(look_for_signals(&app, org).await.unwrap(), 0, "once");
}

/// A visit before the office wrote, one that names what it wrote, one behind that; with those
/// that are asked about. What the office wrote came by `replica`.
async fn links_to_the_office(replica: ReplicaId) -> ([DocId; 3], Vec<DocId>) {
    let mut anna = Rep::hired().await;
    let context = anna.context(MORNING - 2 * DAY);
    let mut customer = anna.document(DocKind::Customer, None);
    customer.edit_customer(&context, |edit| edit.set_name(Some("Acme"))).unwrap();
    anna.push(&customer).await;
    let (acme, alone) = (customer.header().doc, customer.heads());
    // The office corrects the name, an hour from now.
    anna.desk.clock.advance_ms(HOUR);
    let at = anna.desk.app.clock().now();
    let office = EditContext { actor: ActorId::from_bytes([6; 16]), at };
    customer.edit_customer(&office, |edit| edit.set_name(Some("Acme Ltd"))).unwrap();
    anna.push_as((UserId::from_bytes([60; 16]), replica), &customer, 1, &alone).await;
    let link = |previous, heads: &Heads| JournalLink { previous, customer_heads: heads.prefix() };
    let start = at.millis() - DAY;
    let before = anna.hands_in(acme, start, link([0; 16], &alone)).await;
    let naming = anna.hands_in(acme, start + HOUR, link(before.1, &customer.heads())).await;
    let behind = anna.hands_in(acme, start + 2 * HOUR, link(naming.1, &alone)).await;
    let (app, org) = (anna.desk.app.clone(), anna.desk.office.org());
    look_for_signals(&app, org).await.unwrap();
    let asked = anna.desk.office.signals().await.unwrap().into_iter();
    let asked = asked.filter(|signal| signal.kind.as_str() == "backdate");
    let mut subjects: Vec<DocId> = asked.flat_map(|signal| signal.subjects).collect();
    subjects.sort_unstable();
    ([before.0, naming.0, behind.0], subjects)
}

#[tokio::test]
async fn a_submit_that_names_what_came_later_is_asked_about_and_so_is_what_is_behind_it() {
    let ([honest, mut forged @ ..], asked) = links_to_the_office(PHONE).await;
    forged.sort_unstable();
    assert_eq!(asked, forged, "and not {honest}");
}

#[tokio::test]
async fn what_came_back_after_a_restore_proves_no_visit_backdated() {
    for came_back in [Origin::GIVEN_BACK, Origin::LEFT_AGAIN, Origin::TAKEN_UP] {
        let (_visits, asked) = links_to_the_office(came_back).await;
        assert!(asked.is_empty(), "{came_back:?}: a former life received it earlier: {asked:?}");
    }
}

#[tokio::test]
async fn why_a_card_moved_is_told_by_what_came_since() {
    let mut anna = Rep::hired().await;
    let acme = anna.finds_customer(MORNING - 2 * DAY).await;
    anna.target("2026-10", 4).await;
    anna.phones(acme, MORNING - DAY).await;
    let then = anna.desk.app.clock().now();
    anna.desk.clock.advance_ms(2 * HOUR);
    let late = anna.phones(acme, MORNING - 4 * HOUR).await;
    let new = anna.phones(acme, MORNING + HOUR).await;
    let (app, org) = (anna.desk.app.clone(), anna.desk.office.org());
    let october = "2026-10".parse().unwrap();
    let found = card_changes(&app, org, anna.id, october, Since::Instant(then)).await;
    let found = found.unwrap().unwrap();
    assert_eq!(found.closed_at, None);
    let arrived: Vec<_> = found.arrived.iter().map(|one| (one.cause, one.doc)).collect();
    assert_eq!(arrived, [(Cause::Late, late), (Cause::New, new)]);
    assert!(found.arrived.iter().all(|one| one.received_at > Some(then)));
    let found = found.difference;
    let told: Vec<_> = found
        .moved
        .iter()
        .filter(|moved| moved.points.0 != 0)
        .map(|moved| (moved.cause, moved.points.0, moved.facts[0].doc))
        .collect();
    // A quarter of the target each, and nothing else applies: 25 points.
    assert_eq!(told, [(Cause::Late, 2_500, late), (Cause::New, 2_500, new)]);
    assert_eq!((found.before.0, found.after.0), (2_500, 7_500));
}
