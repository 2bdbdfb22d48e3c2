//! Full documents for tests: every field of DOMAIN A6 is filled.

use crate::docs::case::{CaseKind, ProgressNote, SurveyAnswer, SurveyKind};
use crate::docs::customer::{
    BuyingRole, Channel, Contact, CreditNotes, CustomerPosition, Lifecycle, Phone, PositionSource,
    Stance, TierProposal,
};
use crate::docs::deal::{
    ContractClaim, DealKind, DealMilestone, DealProduct, InstalmentClaim, LeadGrade, LeadSource,
    LossReview, PaymentClaim, Priority, Quote,
};
use crate::docs::plan::{KeyTask, Stop};
use crate::docs::visit::{
    Amendment, Attachment, Check, ClockEvidence, CompetitorSeen, Fix, HelpRequest, JournalLink,
    NextStep, Outcome, PlannedRef, ProductShown, Purpose, VisitEdit, VisitMode,
};
use crate::docs::{
    ChangeHash, DocKind, Document, EditContext, EditError, Generation, Header, NewChange,
};
use crate::geo::Point;
use crate::id::{ActorId, DocId, ItemId, OrgId, UserId};
use crate::money::{Currency, Money};
use crate::records::Tier;
use crate::time::{CapturedAt, Date, Timestamp};

/// 2026-10-08T01:10:00Z, ten past nine in Shanghai.
pub(crate) const MORNING: i64 = 1_791_421_800_000;

pub(crate) fn header(kind: DocKind) -> Header {
    Header {
        doc: DocId::from_bytes([1; 16]),
        kind,
        org: OrgId::from_bytes([2; 16]),
        author: UserId::from_bytes([3; 16]),
        customer: kind.has_customer().then(|| DocId::from_bytes([4; 16])),
        generation: Generation(0),
    }
}

/// The device number `device` at `minute` after [`MORNING`].
pub(crate) fn device(device: u8, minute: i64) -> EditContext {
    EditContext { actor: ActorId::from_bytes([device; 16]), at: at(minute) }
}

pub(crate) fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(MORNING + minute * 60_000)
}

pub(crate) fn captured(minute: i64) -> CapturedAt {
    CapturedAt { at: at(minute), zone: "Asia/Shanghai".into(), offset_s: 28_800 }
}

/// An id as a phone makes it: a UUIDv7.
pub(crate) fn item(number: u8) -> ItemId {
    ItemId::new(at(i64::from(number)), [number; 10])
}

pub(crate) fn user(number: u8) -> UserId {
    UserId::new(at(0), [number; 10])
}

fn doc(number: u8) -> DocId {
    DocId::new(at(0), [number; 10])
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn cny(minor: i64) -> Option<Money> {
    Some(Money::new(minor, Currency::CNY))
}

#[expect(clippy::unnecessary_wraps, reason = "it fills optional fields")]
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn phone() -> Phone {
    Phone { raw: text("138 1234 5678"), e164: text("+8613812345678"), label: text("手机") }
}

pub(crate) fn check(minute: i64) -> Check {
    Check {
        at: captured(minute),
        clock: ClockEvidence {
            monotonic_ms: Some(86_400_000 + minute * 60_000),
            boot_id: text("5c0b53f1"),
            server_seen_at: Some(at(-30)),
        },
        fix: Some(Fix {
            point: Point::wgs84(312_304_160, 1_214_737_010).unwrap(),
            accuracy_mm: 12_500,
            provider: "fused".into(),
            is_mock: false,
            age_s: 3,
        }),
    }
}

fn attachment(number: u8, media_type: &str) -> Attachment {
    Attachment {
        hash: ChangeHash([number; 32]),
        length: 345_678,
        media_type: media_type.into(),
        taken_at: captured(12),
    }
}

fn help() -> HelpRequest {
    HelpRequest {
        kind: text("technical"),
        text: text("需要技术同事下周一起到现场确认接口参数"),
        asked_of: Some(user(9)),
    }
}

/// What a rep fills in during one visit; every field but the ones after submit.
pub(crate) fn fill_visit(visit: &mut VisitEdit<'_>) -> Result<(), EditError> {
    visit.set_customer_name(Some("上海远景精密机械有限公司"))?;
    visit.set_planned(Some(PlannedRef { plan: doc(5), stop: item(1) }))?;
    visit.set_unplanned_reason(Some("客户来电要求提前一天见面"))?;
    visit.set_purpose(Some(Purpose::Discovery))?;
    visit.set_objective(Some("确认新产线对主轴轴承的精度需求和采购时间表"))?;
    visit.set_mode(Some(VisitMode::Onsite))?;
    visit.check_in(&check(0))?;
    visit.check_out(&check(45))?;
    visit.set_signature(Some(attachment(8, "image/png")))?;
    visit.record_outcome(
        &Outcome::Progress,
        Some("客户同意先试用两套样品，四周后根据温升数据决定首批订单数量"),
    )?;
    visit.set_next_step(Some(NextStep::Do {
        what: "寄出两套样品并约定试用评估会议".into(),
        due: Some(date("2026-10-15")),
        who: Some(user(3)),
    }))?;
    visit.add_co_visitor(user(9), at(0))?;
    visit.add_contact_met(item(2), at(1))?;
    visit.add_deal(doc(6), at(2))?;
    visit.add_photo(item(3), &attachment(7, "image/jpeg"))?;
    visit.add_voice_note(item(4), &attachment(9, "audio/aac"))?;
    visit.answer("display_checked", Some("是"))?;
    visit.answer("stock_days", Some("18"))?;
    let shown = ProductShown { product: text("P4 级角接触球轴承"), samples: Some(2) };
    visit.add_product(item(5), &shown)?;
    visit.add_need(item(6), "高速下温升低于二十度")?;
    visit.add_objection(item(7), "价格比现供应商高百分之八")?;
    let seen = CompetitorSeen {
        name: text("NSK"), note: text("报价下调约百分之五，交期六周")
    };
    visit.add_competitor(item(8), &seen)?;
    visit.request_help(&help())
}

fn made(change: Result<Option<NewChange>, EditError>) -> NewChange {
    change.unwrap().unwrap()
}

/// A visit with everything in it, submitted, noted on and amended, and the one
/// change that filled it.
pub(crate) fn full_visit() -> (Document, NewChange) {
    let mut visit = Document::create(header(DocKind::Visit));
    let change = made(visit.edit_visit(&device(10, 46), |edit| {
        fill_visit(edit)?;
        let journal = JournalLink { previous: [5; 16], customer_heads: [6; 16] };
        edit.submit(&captured(46), &journal)
    }));
    made(visit.edit_visit(&device(11, 60), |edit| {
        edit.set_co_visitor_note(user(9), Some("同意判断，技术条件我方可以满足"))
    }));
    made(visit.edit_visit(&device(10, 90), |edit| {
        let amendment = Amendment {
            by: user(3),
            at: captured(90),
            reason: "漏记".into(),
            text: "客户另要求提供出口包装".into(),
        };
        edit.amend(item(9), &amendment)
    }));
    (visit, change)
}

/// A customer with everything in it.
pub(crate) fn full_customer() -> Document {
    let mut customer = Document::create(header(DocKind::Customer));
    made(customer.edit_customer(&device(10, 0), |edit| {
        edit.set_name(Some("上海远景精密机械有限公司"))?;
        edit.set_industry(Some("机床制造"))?;
        edit.set_size_band(Some("200-500 人"))?;
        edit.set_region(Some("华东"))?;
        edit.set_channel(Some(Channel::Direct))?;
        edit.set_address(Some("上海市松江区九亭镇涞坊路 2185 号"))?;
        edit.set_position(Some(CustomerPosition {
            point: Point::wgs84(311_304_160, 1_213_137_010).unwrap(),
            accuracy_mm: Some(15_000),
            source: PositionSource::CheckIn,
        }))?;
        edit.set_nurture(Some(true))?;
        edit.set_reference(Some(true))?;
        edit.set_at_risk(Some(false))?;
        edit.set_notes(Some("每月第一周盘点，不接待拜访"))?;
        edit.set_created_at(Some(at(0)))?;
        edit.enter_lifecycle(item(1), &Lifecycle::Active, at(0))?;
        edit.propose_tier(&TierProposal {
            tier: Some(Tier::A),
            contribution: Some(80),
            potential: Some(90),
            influence: Some(60),
            reason: text("新产线明年投产"),
        })?;
        edit.note_credit(&CreditNotes {
            limit: cny(50_000_000),
            grade: text("AA"),
            reviewed_on: Some(date("2026-09-01")),
            notes: text("月结三十天"),
        })?;
        edit.add_alias(item(2), "远景精密")?;
        edit.add_phone(item(3), &phone())?;
        edit.add_contact(
            item(4),
            &Contact {
                name: text("王建国"),
                title: text("采购总监"),
                buying_role: Some(BuyingRole::Decision),
                influence: Some(5),
                stance: Some(Stance::Supporter),
                phone: phone(),
                email: text("wang@example.com"),
                birthday: Some(date("1979-03-02")),
                notes: text("喜欢先看数据"),
            },
        )?;
        edit.add_tag(item(5), "重点")?;
        edit.add_need(item(6), "缩短交期")?;
        edit.add_pain(item(7), "现供应商质量不稳定")
    }));
    customer
}

/// A deal with everything in it.
pub(crate) fn full_deal() -> Document {
    let mut deal = Document::create(header(DocKind::Deal));
    made(deal.edit_deal(&device(10, 0), |edit| {
        edit.set_name(Some("新产线主轴轴承"))?;
        edit.set_source(Some(LeadSource::Exhibition))?;
        edit.grade(LeadGrade::A, at(1))?;
        edit.set_first_touch_at(Some(at(2)))?;
        edit.set_amount(cny(12_345_600))?;
        edit.set_priority(Some(Priority::P1))?;
        edit.set_intent(Some("替换现供应商"))?;
        edit.set_budget(cny(15_000_000))?;
        edit.set_decision_cycle_days(Some(45))?;
        edit.set_expected_close(Some(date("2026-12-20")))?;
        edit.set_kind(Some(DealKind::Tender))?;
        edit.set_next_step(Some("提交试用报告"))?;
        edit.set_next_step_due(Some(date("2026-11-10")))?;
        edit.set_notes(Some("招标由总部组织"))?;
        edit.set_created_at(Some(at(0)))?;
        edit.move_to_stage(item(1), "qualified", at(3), Some(user(3)))?;
        edit.lose(at(4), "price")?;
        edit.review_loss(&LossReview {
            product_fit: Some(5),
            service_response: Some(4),
            terms: Some(2),
            competitor: text("NSK"),
            reason: text("账期短了三十天"),
        })?;
        edit.claim_contract(&ContractClaim {
            signed_on: Some(date("2026-10-08")),
            amount: cny(12_000_000),
            number: text("HT-2026-118"),
        })?;
        edit.add_competitor(item(2), "NSK")?;
        let product = text("P4 级角接触球轴承");
        let line = DealProduct { product, quantity: Some(400), amount: cny(12_345_600) };
        edit.add_product(item(3), &line)?;
        edit.add_milestone(
            item(4),
            &DealMilestone {
                what: text("样品试用"),
                due: Some(date("2026-10-30")),
                done_on: Some(date("2026-10-29")),
                feedback: text("温升合格"),
            },
        )?;
        edit.add_quote(
            item(5),
            &Quote {
                version: Some(2),
                amount: cny(12_345_600),
                terms: text("交期六周，月结三十天"),
                issued_on: Some(date("2026-10-01")),
                accepted: Some(false),
                decided_on: Some(date("2026-10-07")),
            },
        )?;
        let due = InstalmentClaim { due_on: Some(date("2026-11-08")), amount: cny(6_000_000) };
        edit.add_instalment(item(6), &due)?;
        edit.add_payment(
            item(7),
            &PaymentClaim {
                received_on: Some(date("2026-11-07")),
                amount: cny(6_000_000),
                instalment: Some(item(6)),
                reverses: None,
            },
        )
    }));
    deal
}

/// A plan with everything in it.
pub(crate) fn full_plan() -> Document {
    let mut plan = Document::create(header(DocKind::Plan));
    made(plan.edit_plan(&device(10, 0), |edit| {
        edit.set_date(Some(date("2026-10-08")))?;
        let task = KeyTask {
            text: text("拿到远景的试用确认"),
            customer: Some(doc(4)),
            done: Some(true),
            order: Some(1),
        };
        edit.add_key_task(item(1), &task)?;
        edit.add_stop(
            item(2),
            &Stop {
                customer: Some(doc(4)),
                order: Some(1),
                objective: text("需求确认"),
                visit: Some(doc(1)),
                skipped_reason: None,
            },
        )?;
        edit.add_stop(item(3), &Stop { customer: Some(doc(5)), ..Stop::default() })?;
        edit.stop_skipped(item(3), "客户出差")?;
        edit.set_report_progress(Some("远景进入试用"))?;
        edit.set_report_obstacles(Some("样品库存不足"))?;
        edit.set_report_gap_reason(Some("一家客户临时取消"))?;
        edit.add_help_request(item(4), &help())?;
        edit.submit_report(&captured(600))
    }));
    plan
}

/// A case with everything in it.
pub(crate) fn full_case() -> Document {
    let mut case = Document::create(header(DocKind::Case));
    made(case.edit_case(&device(10, 0), |edit| {
        edit.set_kind(Some(CaseKind::Complaint))?;
        edit.set_subject(Some("轴承异响"))?;
        edit.set_description(Some("新装主轴三天后有异响"))?;
        edit.set_category(Some("product_quality"))?;
        edit.set_channel(Some("phone"))?;
        edit.set_contact(Some(item(1)))?;
        edit.set_deal(Some(doc(6)))?;
        edit.set_visit(Some(doc(7)))?;
        edit.set_assigned_to(Some(user(3)))?;
        edit.set_opened_at(Some(at(0)))?;
        edit.reply(at(30))?;
        edit.set_cause(Some("润滑脂型号不符"))?;
        edit.set_action(Some("免费更换并清洗"))?;
        edit.set_prevention(Some("出厂检验增加一项"))?;
        edit.set_delay_cause(Some("internal"))?;
        edit.set_satisfied(Some(true))?;
        let note =
            ProgressNote { at: Some(at(60)), by: Some(user(3)), text: text("已派工程师") };
        edit.add_progress(item(2), &note)?;
        edit.resolve(at(2_880))?;
        edit.add_survey(
            item(3),
            &SurveyAnswer {
                kind: Some(SurveyKind::Nps),
                score: Some(9),
                asked_on: Some(date("2026-10-12")),
                contact: Some(item(1)),
                comment: text("处理及时"),
            },
        )?;
        edit.add_attachment(item(4), &attachment(4, "image/jpeg"))
    }));
    case
}
