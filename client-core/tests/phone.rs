//! A rep's phone without any network: the public API of `engine::Client`.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use client_core::docs::EditError;
use client_core::docs::case::{CaseKind, SurveyKind};
use client_core::docs::deal::ContractClaim;
use client_core::docs::visit::{Expense, ExpenseKind, Fix, NextStep, Outcome, VisitMode};
use client_core::engine::{
    CaseQuery, Client, ClientError, Config, CustomerQuery, CustomerSort, DealQuery, DeviceInfo,
    ItemStatus, ManualClock, NewCase, NewCustomer, NewDeal, NewVisit, Query, ReadError, SaveError,
    SeededRandom, SignedIn, TimelineItem, TokenFiles, TokenStore, VisitQuery,
};
use client_core::geo::Point;
use client_core::id::{DocId, OrgId, UserId};
use client_core::money::{Currency, Money};
use client_core::protocol::Tokens;
use client_core::records::Role;
use client_core::store::{OpenError, SCHEMA};
use client_core::sync::Fault;
use client_core::time::Timestamp;

/// 2026-10-08T02:00:00Z, 10:00 in Shanghai.
const MORNING: Timestamp = Timestamp::from_millis(1_791_424_800_000);

struct Phone {
    client: Client,
    clock: Arc<ManualClock>,
    dir: tempfile::TempDir,
}

fn anna() -> SignedIn {
    SignedIn {
        org: OrgId::from_bytes([1; 16]),
        org_name: "Acme".into(),
        user: UserId::from_bytes([2; 16]),
        user_name: "Anna".into(),
        role: Role::Rep,
    }
}

fn config(dir: &std::path::Path, clock: &Arc<ManualClock>) -> Config {
    let device = DeviceInfo {
        name: "Anna's phone".into(),
        platform: "test".into(),
        app_version: "0.1.0".into(),
    };
    let mut config = Config::new(dir, "http://127.0.0.1:1", device);
    config.clock = Arc::clone(clock) as _;
    config.random = Arc::new(SeededRandom::new(7));
    config
}

impl Phone {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(MORNING));
        let client = Client::open(config(dir.path(), &clock)).unwrap();
        client.open_offline(anna()).unwrap();
        Self { client, clock, dir }
    }

    fn minutes(&self, minutes: i64) {
        self.clock.advance_millis(minutes * 60_000);
    }

    fn customer(&self, name: &str, phone: Option<&str>) -> DocId {
        self.minutes(1);
        let new = NewCustomer {
            name: name.into(),
            phone: phone.map(str::to_owned),
            ..NewCustomer::default()
        };
        self.client.create_customer(new).unwrap().id
    }

    fn found(&self, typed: &str) -> Vec<String> {
        let found = self.client.search(typed, 10).unwrap();
        found.into_iter().filter_map(|entry| entry.state.name).collect()
    }

    fn file(&self) -> std::path::PathBuf {
        let who = anna();
        self.dir.path().join(format!("{}_{}.fieldsync", who.org, who.user))
    }
}

fn fix(lat_e7: i64) -> Fix {
    Fix {
        point: Point::wgs84(lat_e7, 1_214_737_000).unwrap(),
        accuracy_mm: 12_000,
        provider: "gps".into(),
        is_mock: false,
        age_s: 2,
    }
}

#[test]
fn what_was_saved_is_there_after_the_app_was_closed_and_opened_without_signal() {
    let phone = Phone::new();
    let id = phone.customer("华东机械", Some("138 1234 5678"));
    phone.client.close();
    drop(phone.client);

    let again = Client::open(config(phone.dir.path(), &phone.clock)).unwrap();
    assert_eq!(again.signed_in(), Some(anna()));
    let customer = again.customer(id).unwrap().unwrap();
    assert_eq!(customer.state.name.as_deref(), Some("华东机械"));
    assert_eq!(customer.owner, anna().user, "until the server places it");
    assert_eq!(customer.status, ItemStatus::Saved);
    assert_eq!(again.pending().unwrap().saved, 1);
}

#[test]
fn a_customer_is_found_by_any_part_of_its_name_by_sound_and_by_the_end_of_its_number() {
    let phone = Phone::new();
    phone.customer("華東機械有限公司", Some("138-1234-5678"));
    phone.customer("Acme Präzision AG", Some("+49 89 123456"));
    phone.customer("绿源科技", None);
    for typed in ["东", "機", "华东", "hdjx", "HDJ", "huadong", "５６７８", "12345678", "東機"]
    {
        assert_eq!(phone.found(typed), ["華東機械有限公司"], "{typed}");
    }
    for typed in ["cme", "präz", "ACME P", "3456"] {
        assert_eq!(phone.found(typed), ["Acme Präzision AG"], "{typed}");
    }
    assert_eq!(phone.found("lvyuan"), ["绿源科技"]);
    assert!(phone.found("1234567").is_empty(), "a number is found by its end only");
    assert!(phone.found("%").is_empty());
    assert!(phone.found("").is_empty());
}

#[test]
fn a_likely_duplicate_is_named_before_and_at_the_save_and_never_blocks_it() {
    let phone = Phone::new();
    let first = phone.customer("华东机械", Some("13812345678"));
    for (name, number) in [
        ("華東機械", None),
        ("华东机械有限公司", None),
        ("Something else", Some("+86 138 1234 5678")),
        ("化东机械", None),
    ] {
        let likely = phone.client.likely_duplicates(name, number).unwrap();
        assert_eq!(likely.len(), 1, "{name}");
        assert_eq!(likely[0].customer.id, first);
        assert_eq!(likely[0].same_phone, number.is_some());
    }
    assert!(phone.client.likely_duplicates("华南纺织", None).unwrap().is_empty());

    let new = NewCustomer { name: "ＨＵＡ 華東機械".into(), ..NewCustomer::default() };
    phone.client.create_customer(new).unwrap();
    let new = NewCustomer { name: "華東機械".into(), ..NewCustomer::default() };
    let created = phone.client.create_customer(new).unwrap();
    assert_eq!(created.likely_duplicates[0].customer.id, first);
    assert!(phone.client.customer(created.id).unwrap().is_some());
    let unnamed = phone.client.create_customer(NewCustomer::default());
    assert!(matches!(unnamed, Err(SaveError::NameMissing)));
}

#[test]
fn a_quick_log_closes_the_open_check_in_and_puts_the_customer_on_the_map() {
    let phone = Phone::new();
    let acme = phone.customer("Acme", None);
    let visit = phone.client.check_in(acme, VisitMode::Onsite, Some(fix(312_304_000))).unwrap();
    assert_eq!(phone.client.open_visit(anna().user, acme).unwrap(), Some(visit));
    phone.minutes(25);
    let log = NewVisit {
        outcome: Some(Outcome::Order),
        result: Some("ordered two pumps".into()),
        next_step: Some(NextStep::None),
        submit: true,
        ..NewVisit::at(acme, VisitMode::Onsite)
    };
    assert_eq!(phone.client.log_visit(log).unwrap(), visit, "the log is the check-out");

    let entry = phone.client.visit(visit).unwrap().unwrap();
    let (arrived, left) = (entry.state.check_in.unwrap(), entry.state.check_out.unwrap());
    assert_eq!(left.at.at.since(arrived.at.at), 25 * 60_000);
    assert_eq!(entry.state.outcome, Some(Outcome::Order));
    assert!(entry.state.submitted_at.is_some());
    assert_eq!(phone.client.open_visit(anna().user, acme).unwrap(), None);
    let position = phone.client.customer(acme).unwrap().unwrap().state.position.unwrap();
    assert_eq!(position.point.lat_e7, 312_304_000);

    phone.minutes(60);
    phone.client.check_in(acme, VisitMode::Onsite, Some(fix(399_000_000))).unwrap();
    let second = NewVisit { submit: true, ..NewVisit::at(acme, VisitMode::Onsite) };
    phone.client.log_visit(second).unwrap();
    let position = phone.client.customer(acme).unwrap().unwrap().state.position.unwrap();
    assert_eq!(position.point.lat_e7, 312_304_000, "only the first one does");
}

#[test]
fn submits_are_linked_and_a_submitted_visit_takes_amendments_only() {
    let phone = Phone::new();
    let acme = phone.customer("Acme", None);
    let first = phone.client.log_visit(NewVisit::at(acme, VisitMode::Phone)).unwrap();
    let second = phone.client.log_visit(NewVisit::at(acme, VisitMode::Phone)).unwrap();
    assert!(phone.client.amend_visit(first, "typo", "two pumps").is_err());
    phone.client.submit_visit(first).unwrap();
    phone.client.submit_visit(second).unwrap();

    let link = |id| phone.client.visit(id).unwrap().unwrap().state.journal.unwrap();
    assert_eq!(link(first).previous, [0; 16], "nothing came before");
    assert_ne!(link(second).previous, [0; 16]);
    assert_ne!(link(second).customer_heads, [0; 16]);

    let edited = phone.client.edit_visit(first, |visit| visit.set_result(Some("changed")));
    assert!(matches!(edited, Err(SaveError::Edit(EditError::AlreadySubmitted))));
    phone.client.amend_visit(first, "typo", "two pumps").unwrap();
    assert_eq!(phone.client.visit(first).unwrap().unwrap().state.amendments.len(), 1);
}

#[test]
fn a_day_has_a_plan_three_key_tasks_and_stops_that_visits_fulfil() {
    let phone = Phone::new();
    let acme = phone.customer("Acme", None);
    let today = phone.client.today();
    assert_eq!(today.to_string(), "2026-10-08");
    let plan = phone.client.plan_day(today).unwrap();
    assert_eq!(plan, DocId::plan(anna().org, anna().user, today));
    let task = phone.client.add_key_task(today, "call Bosch", None).unwrap();
    phone.client.add_key_task(today, "quote for Acme", Some(acme)).unwrap();
    phone.client.add_key_task(today, "two new visits", None).unwrap();
    assert!(phone.client.add_key_task(today, "a fourth", None).is_err());
    phone.client.set_key_task_done(today, task, true).unwrap();
    let stop = phone.client.add_stop(today, acme, Some("renewal")).unwrap();

    let visit = phone.client.log_visit(NewVisit::at(acme, VisitMode::Onsite)).unwrap();
    let entry = phone.client.plan(today).unwrap().unwrap();
    assert_eq!(entry.state.stops[&stop].visit, Some(visit));
    assert_eq!(entry.state.key_tasks[&task].done, Some(true));
    let planned = phone.client.visit(visit).unwrap().unwrap().state.planned.unwrap();
    assert_eq!((planned.plan, planned.stop), (plan, stop));
}

#[test]
fn deals_move_and_end_and_the_timeline_tells_it() {
    let phone = Phone::new();
    let acme = phone.customer("Acme", None);
    let deal = phone.client.create_deal(NewDeal::with(acme, "Pumps", "contact")).unwrap();
    phone.minutes(5);
    phone.client.move_deal(deal, "needs").unwrap();
    phone.minutes(5);
    phone.client.win_deal(deal, Some(Money::new(500_000, Currency::CNY))).unwrap();
    phone.minutes(5);
    let visit = phone.client.log_visit(NewVisit::at(acme, VisitMode::Onsite)).unwrap();

    let state = phone.client.deal(deal).unwrap().unwrap().state;
    assert_eq!(state.stage.as_deref(), Some("needs"));
    assert_eq!(state.stage_history.len(), 2);
    assert_eq!(state.amount.unwrap().minor, 500_000);
    let open = DealQuery { open: true, ..DealQuery::default() };
    assert!(phone.client.deals(&open).unwrap().items.is_empty());
    let timeline = phone.client.timeline(acme, None, 10).unwrap();
    assert!(matches!(&timeline[0], TimelineItem::Visit(entry) if entry.id == visit));
    assert!(matches!(&timeline[1], TimelineItem::Deal(entry) if entry.id == deal));
}

#[test]
fn pages_neither_repeat_nor_skip_while_the_list_grows() {
    let phone = Phone::new();
    let names = ["丙", "Beta", "甲", "Alpha", "乙", "Gamma", "丁"];
    for name in names {
        phone.customer(name, None);
    }
    let mut query = CustomerQuery { limit: 2, ..CustomerQuery::default() };
    let mut seen = Vec::new();
    loop {
        let page = phone.client.customers(&query).unwrap();
        seen.extend(page.items.into_iter().filter_map(|entry| entry.state.name));
        if seen.len() == 2 {
            phone.customer("Aardvark", None);
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, ["Alpha", "Beta", "丙", "丁", "Gamma", "甲", "乙"], "Latin and pinyin mix");
    let newest = CustomerQuery { sort: CustomerSort::Newest, limit: 1, ..CustomerQuery::default() };
    let page = phone.client.customers(&newest).unwrap();
    assert_eq!(page.items[0].state.name.as_deref(), Some("Aardvark"));
    let mine = CustomerQuery {
        search: Some("a".into()),
        owner: Some(anna().user),
        ..CustomerQuery::default()
    };
    assert_eq!(phone.client.customers(&mine).unwrap().items.len(), 5, "jia has one too");

    let acme = phone.customer("Acme", None);
    for _ in 0..5 {
        phone.minutes(10);
        phone.client.log_visit(NewVisit::at(acme, VisitMode::Phone)).unwrap();
    }
    let mut query = VisitQuery { customer: Some(acme), limit: 2, ..VisitQuery::default() };
    let mut times = Vec::new();
    loop {
        let page = phone.client.visits(&query).unwrap();
        times.extend(page.items.iter().map(|visit| visit.at));
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    assert_eq!(times.len(), 5);
    assert!(times.is_sorted_by(|one, other| one > other));
}

#[test]
fn an_edit_that_fails_leaves_nothing_behind() {
    let phone = Phone::new();
    let acme = phone.customer("Acme", None);
    let failed = phone.client.edit_customer(acme, |edit| {
        edit.set_name(Some("Acme AG"))?;
        edit.set_notes(Some(&"x".repeat(20_000)))
    });
    assert!(matches!(failed, Err(SaveError::Edit(EditError::TextTooLong { .. }))));
    let entry = phone.client.customer(acme).unwrap().unwrap();
    assert_eq!(entry.state.name.as_deref(), Some("Acme"));
    assert_eq!(phone.client.pending().unwrap().saved, 1);
    phone.client.edit_customer(acme, |edit| edit.set_name(Some("Acme"))).unwrap();
    assert_eq!(phone.client.pending().unwrap().saved, 1, "what stands there is not written again");
    let missing = phone.client.edit_customer(DocId::from_bytes([9; 16]), |_edit| Ok(()));
    assert!(matches!(missing, Err(SaveError::NotFound { .. })));
}

#[test]
fn many_saves_are_one_notice_and_other_queries_hear_nothing() {
    let phone = Phone::new();
    let (customers, deals) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let count = |counter: &Arc<AtomicU32>| {
        let counter = Arc::clone(counter);
        move |_query| {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    };
    let watching = phone.client.observe(Query::Customers, count(&customers));
    let _deals = phone.client.observe(Query::Deals, count(&deals));
    for number in 0..20 {
        phone.customer(&format!("Customer {number}"), None);
    }
    let heard = |counter: &AtomicU32| counter.load(Ordering::SeqCst);
    for _ in 0..200 {
        if heard(&customers) > 0 {
            break;
        }
        wait_a_little();
    }
    assert!((1..20).contains(&heard(&customers)), "{}", heard(&customers));
    assert_eq!(heard(&deals), 0);
    drop(watching);
    let before = heard(&customers);
    phone.customer("Unheard", None);
    for _ in 0..10 {
        wait_a_little();
    }
    assert!(heard(&customers) <= before + 1, "at most the notice already on its way");
}

#[expect(clippy::disallowed_methods, reason = "the only way to let another thread's timer run")]
fn wait_a_little() {
    std::thread::sleep(Duration::from_millis(10));
}

#[test]
fn a_file_that_is_not_ours_or_is_newer_is_refused_and_untouched() {
    let phone = Phone::new();
    phone.customer("Acme", None);
    phone.client.close();
    let good = std::fs::read(phone.file()).unwrap();

    std::fs::write(phone.file(), b"somebody's shopping list").unwrap();
    let refused = Client::open(config(phone.dir.path(), &phone.clock));
    assert!(matches!(refused, Err(ClientError::Open(OpenError::NotOurs { .. }))));
    assert_eq!(std::fs::read(phone.file()).unwrap(), b"somebody's shopping list");

    let mut newer = good.clone();
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    std::fs::write(phone.file(), &newer).unwrap();
    let refused = Client::open(config(phone.dir.path(), &phone.clock));
    match refused {
        Err(ClientError::Open(OpenError::Newer { found: 99, known: SCHEMA, .. })) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(std::fs::read(phone.file()).unwrap(), newer);
}

#[test]
fn a_paused_client_says_so_and_resumes_where_it_was() {
    let phone = Phone::new();
    let acme = phone.customer("Acme", None);
    phone.client.pause();
    assert!(matches!(phone.client.customer(acme), Err(ReadError::Paused)));
    phone.client.resume().unwrap();
    assert!(phone.client.customer(acme).unwrap().is_some());
}

#[test]
fn nobody_signed_in_reads_and_saves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(MORNING));
    let client = Client::open(config(dir.path(), &clock)).unwrap();
    assert!(matches!(client.pending(), Err(ReadError::NotSignedIn)));
    let new = NewCustomer { name: "Acme".into(), ..NewCustomer::default() };
    assert!(matches!(client.create_customer(new), Err(SaveError::NotSignedIn)));
}

#[test]
fn a_sync_without_a_session_fails_clearly_and_keeps_the_outbox() {
    let phone = Phone::new();
    phone.customer("Acme", None);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(phone.client.sync_once()).unwrap_err();
    assert_eq!(error.fault, Fault::SignInNeeded);
    let status = phone.client.sync_status().unwrap();
    assert_eq!(status.last_error, Some(error));
    assert_eq!(status.pending.saved, 1);
    assert!(!status.syncing);
}

#[test]
fn a_replica_that_went_missing_asks_for_a_sign_in_before_its_new_device_sends_anything() {
    let phone = Phone::new();
    let tokens = Tokens {
        access_token: "fsa_".into(),
        access_expires_at: MORNING.plus_millis(60_000),
        refresh_token: "fsr_".into(),
    };
    let (who, files) = (anna(), TokenFiles::new(phone.dir.path()));
    files.keep(who.org, who.user, &tokens).unwrap();
    phone.client.close();
    let kept = Client::open(config(phone.dir.path(), &phone.clock)).unwrap();
    assert_eq!(
        files.load(who.org, who.user).unwrap(),
        Some(tokens),
        "a file that is here keeps its tokens"
    );
    kept.close();

    let replica = phone.dir.path().join(format!("{}_{}.fieldsync", who.org, who.user));
    std::fs::remove_file(replica).unwrap();
    let fresh = Client::open(config(phone.dir.path(), &phone.clock)).unwrap();
    assert_eq!(fresh.signed_in(), Some(who.clone()));
    assert_eq!(files.load(who.org, who.user).unwrap(), None, "they are another device's");
}

#[test]
fn a_case_is_answered_and_resolved_and_a_survey_needs_none() {
    let phone = Phone::new();
    let acme = phone.customer("Acme", None);
    let case = phone.client.open_case(NewCase::of(acme, CaseKind::Complaint, "Leak")).unwrap();
    phone.minutes(30);
    phone.client.note_progress(case, "engineer is on the way", true).unwrap();
    let open = CaseQuery { open: true, ..CaseQuery::default() };
    assert_eq!(phone.client.cases(&open).unwrap().items.len(), 1);
    phone.minutes(60);
    phone.client.resolve_case(case, Some("seal replaced"), Some(true)).unwrap();
    phone.client.record_survey(acme, Some(case), SurveyKind::Csat, 9, None).unwrap();
    assert!(phone.client.cases(&open).unwrap().items.is_empty());
    let state = phone.client.case(case).unwrap().unwrap().state;
    let minutes =
        |at: Option<Timestamp>| (at.unwrap().millis() - state.opened_at.unwrap().millis()) / 60_000;
    assert_eq!((minutes(state.first_reply_at), minutes(state.resolved_at)), (30, 90));
    assert_eq!(state.surveys.values().next().unwrap().score, Some(9));
    phone.minutes(5);
    let survey = phone.client.record_survey(acme, None, SurveyKind::Nps, 10, Some("yes")).unwrap();
    let alone = phone.client.case(survey).unwrap().unwrap();
    assert_eq!(alone.state.kind, Some(CaseKind::Survey));
    phone.client.record_survey(acme, None, SurveyKind::Nps, 11, None).unwrap_err();
    let timeline = phone.client.timeline(acme, None, 10).unwrap();
    assert!(matches!(&timeline[0], TimelineItem::Case(entry) if entry.id == survey));
    assert!(matches!(&timeline[1], TimelineItem::Case(entry) if entry.id == case));
    let complaints = CaseQuery { kind: Some(CaseKind::Complaint), ..CaseQuery::default() };
    assert_eq!(phone.client.cases(&complaints).unwrap().items.len(), 1);
}

#[test]
fn claims_of_a_deal_are_written_one_by_one_and_no_more_goes_back_than_came() {
    let phone = Phone::new();
    let acme = phone.customer("Acme", None);
    let deal = phone.client.create_deal(NewDeal::with(acme, "Pumps", "contact")).unwrap();
    let cny = |minor| Money::new(minor, Currency::CNY);
    let client = &phone.client;
    let quote = client.issue_quote(deal, Some(cny(100)), Some("30 days")).unwrap();
    client.revise_quote(deal, quote, Some(cny(90)), None).unwrap();
    client.decide_quote(deal, quote, true).unwrap();
    let number = Some("HT-1".to_owned());
    let claim = ContractClaim { amount: Some(cny(90)), number, ..ContractClaim::default() };
    client.claim_contract(deal, &claim).unwrap();
    let day = "2026-10-08".parse().unwrap();
    let due = client.claim_instalment(deal, day, cny(90)).unwrap();
    let paid = client.claim_payment(deal, day, cny(90), Some(due)).unwrap();
    client.claim_refund(deal, paid, day, Some(cny(91))).unwrap_err();
    let back = client.claim_refund(deal, paid, day, None).unwrap();
    let state = client.deal(deal).unwrap().unwrap().state;
    assert_eq!(
        (state.quotes[&quote].version, state.quotes[&quote].accepted),
        (Some(2), Some(true))
    );
    assert_eq!(state.quotes[&quote].terms.as_deref(), Some("30 days"), "unsaid, it stays");
    assert_eq!(state.payments[&paid].instalment, Some(due));
    assert_eq!(state.payments[&back].amount, Some(cny(-90)));
    assert_eq!(state.payments[&back].reverses, Some(paid));
    let visit = client.check_in(acme, VisitMode::Onsite, None).unwrap();
    let taxi = Expense { kind: ExpenseKind::Travel, amount: cny(3_200), voucher: None };
    let spent = client.note_expense(visit, &taxi).unwrap();
    assert_eq!(client.visit(visit).unwrap().unwrap().state.expenses[&spent], taxi);
}
