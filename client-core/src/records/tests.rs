use std::collections::BTreeSet;

use super::*;
use crate::docs::{ChangeHash, DocKind};
use crate::id::{ActorId, DeviceId, DocId, ItemId, OrgId, ProductId, UnitId, UserId};
use crate::money::{Currency, Money};
use crate::period::Period;
use crate::time::{Date, Timestamp, Zone};

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn one_of_each() -> Vec<Record> {
    let at = Timestamp::from_millis(1_790_000_000_000);
    let (user, unit) = (UserId::from_bytes([3; 16]), UnitId::from_bytes([2; 16]));
    vec![
        Record::Org(OrgRecord {
            id: OrgId::from_bytes([1; 16]),
            name: "Acme".into(),
            time_zone: "Asia/Shanghai".into(),
            currency: Currency::CNY,
            fiscal_start_month: 1,
            locale: "zh-CN".into(),
            confirms: Confirms::default(),
        }),
        Record::Unit(UnitRecord {
            id: unit,
            name: "East".into(),
            kind: UnitKind::Region,
            parent: Some(UnitId::from_bytes([9; 16])),
        }),
        Record::User(UserRecord {
            id: user,
            name: "Anna".into(),
            role: Role::Rep,
            units: vec![unit],
            hired_on: Some(date("2024-03-01")),
            status: UserStatus::Active,
            locale: Some("en".into()),
            leave: vec![],
        }),
        Record::Device(DeviceRecord {
            id: DeviceId::from_bytes([4; 16]),
            user,
            actor: ActorId::from_bytes([5; 16]),
            platform: "android".into(),
            enrolled_at: at,
            revoked_at: None,
        }),
        Record::Placement(PlacementRecord {
            subject: DocId::from_bytes([6; 16]),
            kind: DocKind::Customer,
            spans: vec![Placement {
                from: at,
                until: None,
                owner: user,
                collaborators: vec![UserId::from_bytes([7; 16])],
                unit,
                tier: Some(Tier::A),
                left_with: None,
            }],
            credit: None,
        }),
        Record::Policy(PolicyRecord {
            id: RecordId::from_bytes([8; 16]),
            version: 1,
            effective_from: date("2026-01-01"),
            toml: "name = \"guide-standard\"".into(),
        }),
        Record::Calendar(CalendarRecord {
            id: RecordId::from_bytes([9; 16]),
            zone: Zone::fixed("Asia/Shanghai", 28_800),
            weekend: vec![chrono::Weekday::Sat, chrono::Weekday::Sun],
            holidays: BTreeSet::from([date("2026-10-01")]),
            adjusted_workdays: BTreeSet::from([date("2026-10-10")]),
            week_starts: WeekStart::Monday,
            away: BTreeSet::new(),
        }),
        Record::Target(TargetRecord {
            id: RecordId::from_bytes([10; 16]),
            level: TargetLevel::Rep(user),
            metric: Metric::EffectiveVisits,
            period: Period::month_of(date("2026-10-08")),
            value: 45,
            parent: None,
            published_on: Some(date("2026-10-01")),
            dimension: std::collections::BTreeMap::new(),
            draft: false,
        }),
        Record::Scorecard(ScorecardRecord {
            rep: user,
            period: Period::month_of(date("2026-10-08")),
            as_of: at,
            rules_version: 1,
            policy_hash: [11; 32],
            inputs_digest: [12; 32],
            outcome_digest: [13; 32],
            total_centipoints: Some(10_382),
        }),
        Record::Product(ProductRecord {
            id: ProductId::from_bytes([14; 16]),
            code: "GTX-PRO".into(),
            name: "GTX Pro".into(),
            line: Some("GTX".into()),
            list_price: Some(Money::new(482_100, Currency::CNY)),
            class: Some(ProductClass::HighEnd),
            margin: Some(MarginClass::High),
            launched_on: Some(date("2024-09-01")),
            active: true,
        }),
        Record::Alias(AliasRecord {
            from: DocId::from_bytes([15; 16]),
            into: DocId::from_bytes([6; 16]),
            by: Some(user),
            at,
            undone_at: Some(at.plus_millis(1)),
        }),
        Record::Decision(DecisionRecord {
            id: RecordId::from_bytes([17; 16]),
            subject: DocId::from_bytes([6; 16]),
            kind: DocKind::Customer,
            author: user,
            device: DeviceId::from_bytes([4; 16]),
            unit: Some(unit),
            changes: vec![ChangeHash([16; 32])],
            received_at: at,
            verdict: Some(Verdict::HandedOver),
            by: Some(UserId::from_bytes([7; 16])),
            at: Some(at),
            note: Some("thank you".into()),
            to: Some(UserId::from_bytes([8; 16])),
            cause: Cause::Late,
            left_out: Vec::new(),
        }),
        Record::Void(VoidRecord {
            visit: DocId::from_bytes([16; 16]),
            author: user,
            by: None,
            at,
            reason: "the shop was closed that day".into(),
            undone_at: None,
            ruling: Ruling::Void,
        }),
    ]
    .into_iter()
    .chain(facts(at, user))
    .chain(answers(at, user))
    .collect()
}

/// Business as the books have it.
fn facts(at: Timestamp, rep: UserId) -> Vec<Record> {
    let (customer, deal) = (DocId::from_bytes([6; 16]), Some(DocId::from_bytes([18; 16])));
    let cny = |minor| Money::new(minor, Currency::CNY);
    let instalment = ItemId::from_bytes([19; 16]);
    vec![
        Record::Order(OrderRecord {
            id: RecordId::from_bytes([20; 16]),
            customer,
            deal,
            reference: Some("SO-118".into()),
            ordered_on: date("2026-10-08"),
            amount: cny(482_100),
            paid_on: Some(date("2026-10-20")),
            cancelled_on: None,
            lines: vec![OrderLine {
                product: "GTX-PRO".into(),
                quantity: Some(1),
                amount: cny(482_100),
                margin: Some(cny(160_000)),
            }],
            withdrawn_at: None,
        }),
        Record::Payment(PaymentRecord {
            id: RecordId::from_bytes([21; 16]),
            customer,
            deal,
            contract: Some(RecordId::from_bytes([22; 16])),
            instalment: Some(instalment),
            reference: Some("RE-118".into()),
            received_on: date("2026-10-20"),
            amount: cny(-1_000),
            reverses: Some(RecordId::from_bytes([23; 16])),
            withdrawn_at: Some(at),
        }),
        Record::Contract(ContractRecord {
            id: RecordId::from_bytes([22; 16]),
            customer,
            deal,
            reference: Some("HT-2026-118".into()),
            asked_on: Some(date("2026-10-05")),
            approved_on: Some(date("2026-10-06")),
            signed_on: date("2026-10-08"),
            amount: cny(482_100),
            instalments: vec![InstalmentTerm {
                id: instalment,
                due_on: date("2026-11-08"),
                amount: cny(482_100),
            }],
            cancelled_on: None,
            withdrawn_at: None,
        }),
        Record::Signal(SignalRecord {
            id: RecordId::from_bytes([24; 16]),
            kind: SignalKind::Photo,
            rep,
            subjects: vec![DocId::from_bytes([25; 16]), DocId::from_bytes([26; 16])],
            on: date("2026-10-08"),
            noticed_at: at,
            measure: Some(2),
            answer: Some(SignalAnswer {
                upheld: false,
                by: Some(UserId::from_bytes([7; 16])),
                at,
                note: "one shelf, two customers".into(),
            }),
        }),
    ]
}

/// What people asked for and answered.
fn answers(at: Timestamp, rep: UserId) -> Vec<Record> {
    let lead = Some(UserId::from_bytes([7; 16]));
    let october = Period::month_of(date("2026-10-08"));
    let yes = Approval { approved: true, by: lead, at, note: Some("go on".into()) };
    vec![
        Record::Review(ReviewRecord {
            id: RecordId::from_bytes([27; 16]),
            visit: DocId::from_bytes([25; 16]),
            author: rep,
            by: lead,
            at,
            rating: Some(4),
            comment: "ask for the budget next time".into(),
        }),
        Record::Adjustment(AdjustmentRecord {
            id: RecordId::from_bytes([28; 16]),
            target: RecordId::from_bytes([10; 16]),
            level: TargetLevel::Rep(rep),
            was: 45,
            wanted: 40,
            reason: "two weeks at the fair".into(),
            by: Some(rep),
            at,
            answer: Some(yes.clone()),
        }),
        Record::Contest(ContestRecord {
            id: RecordId::from_bytes([29; 16]),
            rep,
            period: october,
            line: "effective_visits".into(),
            outcome_digest: [13; 32],
            centipoints: Some(900),
            reason: "the visit on the 8th was on site".into(),
            evidence: vec![DocId::from_bytes([25; 16])],
            at,
            answer: Some(yes),
        }),
        Record::Appraisal(AppraisalRecord {
            rep,
            period: october,
            state: AppraisalState::SelfSubmitted,
            frozen: Some(FrozenScore {
                as_of: at,
                policy_hash: [11; 32],
                inputs_digest: [12; 32],
                outcome_digest: [13; 32],
                total_centipoints: Some(10_382),
            }),
            steps: vec![AppraisalStep {
                to: AppraisalState::SelfSubmitted,
                by: Some(rep),
                at,
                comment: Some("a good month".into()),
                ratings: [("teamwork".to_owned(), 4)].into(),
            }],
        }),
        Record::Moved(MovedRecord {
            visit: DocId::from_bytes([25; 16]),
            author: rep,
            customer: DocId::from_bytes([6; 16]),
            by: None,
            at,
            undone_at: None,
        }),
        Record::Help(HelpRecord {
            id: RecordId::from_bytes([26; 16]),
            doc: DocId::from_bytes([26; 16]),
            rep: UserId::from_bytes([3; 16]),
            by: Some(UserId::from_bytes([7; 16])),
            at,
            state: HelpState::Done,
            note: Some("The quote is in your mail.".into()),
        }),
    ]
}

#[test]
fn every_record_keeps_its_bytes() {
    let lines: Vec<String> = one_of_each()
        .iter()
        .map(|record| {
            let hex = data_encoding::HEXLOWER.encode(&record.encode());
            format!("{} {} {hex}", record.kind().as_str(), record.id())
        })
        .collect();
    insta::assert_snapshot!("every_record_keeps_its_bytes", lines.join("\n"));
}

#[test]
fn a_record_is_read_back_as_it_was_and_never_as_another_kind() {
    for record in one_of_each() {
        let bytes = record.encode();
        assert_eq!(Record::decode(record.kind(), record.id(), &bytes).unwrap(), record);
        let other = RecordKind::ALL.into_iter().find(|kind| *kind != record.kind()).unwrap();
        let error = Record::decode(other, record.id(), &bytes).unwrap_err();
        assert!(error.to_string().contains(record.kind().as_str()), "{error}");
    }
    assert_eq!(one_of_each().len(), RecordKind::ALL.len(), "one of each");
}

#[test]
fn a_span_holds_from_its_start_until_before_its_end() {
    let span = |from, until, owner| Placement {
        from: Timestamp::from_millis(from),
        until: (until > 0).then(|| Timestamp::from_millis(until)),
        owner: UserId::from_bytes([owner; 16]),
        collaborators: vec![],
        unit: UnitId::from_bytes([2; 16]),
        tier: None,
        left_with: None,
    };
    let record = PlacementRecord {
        subject: DocId::from_bytes([1; 16]),
        kind: DocKind::Customer,
        spans: vec![span(10, 20, 1), span(20, 0, 2)],
        credit: None,
    };
    let owner = |at| record.at(Timestamp::from_millis(at)).map(|span| span.owner.as_bytes()[0]);
    assert_eq!([9, 10, 19, 20, 99].map(owner), [None, Some(1), Some(1), Some(2), Some(2)]);
}

#[test]
fn a_kind_keeps_its_place_because_the_place_is_stored() {
    let codes: Vec<&str> = RecordKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let kept = [
        "org",
        "calendar",
        "policy",
        "unit",
        "user",
        "device",
        "placement",
        "target",
        "scorecard",
        "product",
        "alias",
        "decision",
        "void",
        "order",
        "payment",
        "contract",
        "signal",
        "review",
        "adjustment",
        "contest",
        "appraisal",
        "moved",
        "help",
    ];
    assert_eq!(codes, kept);
}

#[test]
fn a_line_means_the_product_whose_code_or_name_it_says() {
    let product = one_of_each().into_iter().find_map(|record| match record {
        Record::Product(product) => Some(product),
        _ => None,
    });
    let product = product.unwrap();
    for text in ["GTX-PRO", "gtx pro", " GTX Pro "] {
        assert!(product.answers_to(text), "{text}");
    }
    assert!(!product.answers_to("GTX") && !product.answers_to(""));
    let org = OrgId::from_bytes([1; 16]);
    let id = ProductRecord::id_of(org, "GTX-PRO");
    assert_eq!(id, ProductRecord::id_of(org, "GTX-PRO"));
    assert_ne!(id, ProductRecord::id_of(OrgId::from_bytes([2; 16]), "GTX-PRO"));
    assert_ne!(id, ProductRecord::id_of(org, "GTX-BASIC"));
}

#[test]
fn leave_begins_and_ends_with_its_days_and_costs_nobody_else_a_byte() {
    let user = one_of_each().into_iter().find_map(|record| match record {
        Record::User(user) => Some(user),
        _ => None,
    });
    let mut user = user.unwrap();
    let bytes = Record::User(user.clone()).encode();
    assert!(!String::from_utf8_lossy(&bytes).contains("leave"));
    user.leave = vec![Leave { from: date("2026-10-09"), until: date("2026-10-12") }];
    let away = ["2026-10-08", "2026-10-09", "2026-10-12", "2026-10-13"].map(date);
    assert_eq!(away.map(|day| user.is_away(day)), [false, true, true, false]);
    let read = Record::decode(
        RecordKind::User,
        Record::User(user.clone()).id(),
        &Record::User(user.clone()).encode(),
    );
    assert_eq!(read.unwrap(), Record::User(user));
}

#[test]
fn looking_again_finds_the_same_signal_whatever_the_order() {
    let (rep, one, two) =
        (UserId::from_bytes([3; 16]), DocId::from_bytes([1; 16]), DocId::from_bytes([2; 16]));
    let id = SignalRecord::id_of(&SignalKind::Photo, rep, &[one, two]);
    assert_eq!(id, SignalRecord::id_of(&SignalKind::Photo, rep, &[two, one]));
    assert_ne!(id, SignalRecord::id_of(&SignalKind::Point, rep, &[one, two]));
}
