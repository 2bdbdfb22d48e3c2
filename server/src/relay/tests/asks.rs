//! What phones ask and answer without signal: who may, once, and what it comes to.

use client_core::docs::visit::VisitMode;
use client_core::id::{CommandId, RecordId, UserId};
use client_core::period::Period;
use client_core::protocol::{
    AnswerAsked, Ask, AskTarget, AssessSelf, Command, ContestLine, JudgeVisit, Question,
    ReviewVisit, StepAppraisal,
};
use client_core::records::{
    AppraisalRecord, AppraisalState, Metric, PolicyRecord, Record, RecordKind, Role, Ruling,
    ScorecardRecord, SignalKind, SignalRecord, TargetLevel, TargetRecord,
};
use client_core::rules::policy::preset_text;
use serde_bytes::ByteBuf;

use crate::storage::model::ScorecardRow;
use crate::storage::{Invitations, Records, Scores};
use crate::testing::{Phone, World};

const OCTOBER: &str = "2026-10";

fn id(n: u8) -> RecordId {
    RecordId::from_bytes([n; 16])
}

/// Sends a command; why it was refused, if it was.
async fn ask<A: Ask>(phone: &mut Phone, n: u8, ask: &A) -> Option<String> {
    let mut request = phone.request(Vec::new());
    request.commands.push(Command {
        id: CommandId::from_bytes([n; 16]),
        kind: A::KIND.to_owned(),
        body: ByteBuf::from(ask.encode()),
    });
    phone.exchange_as(request).await.commands.remove(0).refused
}

/// Two reps in the north, who leads them, and who leads the whole.
struct Team {
    world: World,
    anna: Phone,
    boris: Phone,
    nora: Phone,
    mara: Phone,
}

async fn team() -> Team {
    let world = World::new().await;
    let (anna, boris) = (world.rep("anna").await, world.rep("boris").await);
    world.person("nora", Role::Supervisor, &["north"]).await;
    world.person("mara", Role::Manager, &["sales"]).await;
    let (nora, mara) = (world.phone("nora").await, world.phone("mara").await);
    let policy = PolicyRecord {
        id: id(80),
        version: 1,
        toml: preset_text("guide-standard").unwrap().to_owned(),
        effective_from: "2026-01-01".parse().unwrap(),
    };
    world.write(Record::Policy(policy)).await;
    // Cards are given here, not computed: a view that is handed in asks for what waits.
    let storage = world.app.storage();
    for mark in storage.dirty(world.org, u32::MAX).await.unwrap() {
        storage.clear_dirty(world.org, mark).await.unwrap();
    }
    Team { world, anna, boris, nora, mara }
}

impl Team {
    async fn stored(&self, kind: RecordKind, id: RecordId) -> Option<Record> {
        let row = self.world.app.storage().record(self.world.org, kind, id).await.unwrap();
        row.map(|row| row.decode().unwrap())
    }

    async fn target(&self, rep: UserId, value: i64) -> TargetRecord {
        let target = TargetRecord {
            id: id(90),
            level: TargetLevel::Rep(rep),
            metric: Metric::EffectiveVisits,
            period: OCTOBER.parse().unwrap(),
            value,
            parent: None,
            published_on: None,
            dimension: std::collections::BTreeMap::new(),
            draft: false,
        };
        self.world.write(Record::Target(target.clone())).await;
        target
    }

    /// An official card of somebody, as scoring publishes it.
    async fn card(&self, rep: UserId) {
        let record = ScorecardRecord {
            rep,
            period: OCTOBER.parse().unwrap(),
            as_of: self.world.now(),
            rules_version: 1,
            policy_hash: [1; 32],
            inputs_digest: [2; 32],
            outcome_digest: [3; 32],
            total_centipoints: Some(9_000),
        };
        let card = ScorecardRow { record, outcome: Vec::new() };
        let (storage, org) = (self.world.app.storage(), self.world.org);
        let notes = crate::storage::lists::CardNotes::default();
        storage.publish_scorecard(org, card, notes, self.world.now()).await.unwrap();
    }
}

fn has(phone: &Phone, wanted: impl Fn(&Record) -> bool) -> bool {
    phone.records.iter().any(wanted)
}

#[tokio::test]
async fn a_visit_is_settled_by_whoever_leads_its_rep_and_the_last_word_stands() {
    let mut team = team().await;
    let (header, made) = team.anna.customer(&team.world, "Acme");
    team.anna.push(header, &made).await;
    // On site, and nobody knows where.
    let (visit, made) = team.anna.submitted_visit(&team.world, header.doc, VisitMode::Onsite);
    team.anna.push(visit, &made).await;
    let judge =
        |accepted, note: &str| JudgeVisit { visit: visit.doc, accepted, note: note.to_owned() };
    let mute = ask(&mut team.nora, 1, &judge(true, " ")).await.unwrap();
    assert!(mute.contains("a reason is missing"), "{mute}");
    let own = ask(&mut team.anna, 2, &judge(true, "I was there")).await.unwrap();
    assert!(own.contains("themselves"), "{own}");
    let colleague = ask(&mut team.boris, 3, &judge(true, "she was")).await.unwrap();
    assert!(colleague.contains("supervisors"), "{colleague}");
    assert_eq!(ask(&mut team.nora, 4, &judge(false, "nobody saw you")).await, None);
    assert_eq!(ask(&mut team.nora, 4, &judge(false, "nobody saw you")).await, None, "again");
    let about = |record: &Record, ruling| {
        matches!(record,
        Record::Void(ruled) if ruled.visit == visit.doc && ruled.ruling == ruling)
    };
    team.anna.pull().await;
    assert!(has(&team.anna, |record| about(record, Ruling::Reject)), "its rep is told");
    assert_eq!(ask(&mut team.mara, 5, &judge(true, "I asked the customer")).await, None);
    team.anna.pull().await;
    assert!(has(&team.anna, |record| about(record, Ruling::Accept)), "and told again");
    team.boris.pull().await;
    assert!(!has(&team.boris, |record| matches!(record, Record::Void(_))));
    let subject = RecordId::from_bytes(*visit.doc.as_bytes());
    let audit = team.world.app.storage().audit_of(team.world.org, subject, 50).await.unwrap();
    assert_eq!(audit.len(), 2, "a repetition is written down once: {audit:?}");
}

#[tokio::test]
async fn a_decision_that_the_rules_cannot_judge_now_waits_on_its_phone_and_is_taken_later() {
    let mut team = team().await;
    let (header, made) = team.anna.customer(&team.world, "Acme");
    team.anna.push(header, &made).await;
    let (visit, made) = team.anna.submitted_visit(&team.world, header.doc, VisitMode::Onsite);
    team.anna.push(visit, &made).await;
    let policy = |toml: &str| PolicyRecord {
        id: id(81),
        version: 2,
        toml: toml.to_owned(),
        effective_from: "2026-02-01".parse().unwrap(),
    };
    team.world.write(Record::Policy(policy("as a newer server writes it"))).await;
    let judge = JudgeVisit { visit: visit.doc, accepted: true, note: "I was there too".into() };
    for _again in 0..2 {
        let mut request = team.nora.request(Vec::new());
        request.commands.push(Command {
            id: CommandId::from_bytes([1; 16]),
            kind: JudgeVisit::KIND.to_owned(),
            body: ByteBuf::from(judge.encode()),
        });
        let answers = team.nora.exchange_as(request).await.commands;
        assert_eq!(answers.len(), 0, "neither taken nor refused: it stays where it is");
    }
    let of = RecordId::from_bytes(*visit.doc.as_bytes());
    assert_eq!(team.stored(RecordKind::Void, of).await, None);
    team.world.write(Record::Policy(policy(preset_text("guide-standard").unwrap()))).await;
    assert_eq!(ask(&mut team.nora, 1, &judge).await, None, "the same command");
    let ruled = team.stored(RecordKind::Void, of).await;
    assert!(matches!(ruled, Some(Record::Void(ruled)) if ruled.ruling == Ruling::Accept));
}

#[tokio::test]
async fn only_a_visit_under_review_is_settled_whoever_asks() {
    let mut team = team().await;
    let (header, made) = team.anna.customer(&team.world, "Acme");
    team.anna.push(header, &made).await;
    let (effective, made) = team.anna.submitted_visit(&team.world, header.doc, VisitMode::Phone);
    team.anna.push(effective, &made).await;
    let (draft, made) = team.anna.timed_visit(&team.world, header.doc);
    team.anna.push(draft, &made).await;
    let mut number = 0;
    for visit in [effective.doc, draft.doc] {
        for accepted in [true, false] {
            let judge = JudgeVisit { visit, accepted, note: "as I see it".to_owned() };
            number += 1;
            let lead = ask(&mut team.nora, number, &judge).await.unwrap();
            assert!(lead.contains("not under review"), "{lead}");
            number += 1;
            let manager = ask(&mut team.mara, number, &judge).await.unwrap();
            assert!(manager.contains("not under review"), "{manager}");
        }
        let of = RecordId::from_bytes(*visit.as_bytes());
        assert_eq!(team.stored(RecordKind::Void, of).await, None);
    }
}

#[tokio::test]
async fn a_leads_comment_on_a_visit_reaches_its_rep_once_and_nobody_else_may_comment() {
    let mut team = team().await;
    let (header, made) = team.anna.customer(&team.world, "Acme");
    team.anna.push(header, &made).await;
    let (visit, made) = team.anna.visit(&team.world, header.doc);
    team.anna.push(visit, &made).await;
    let at = team.world.now();
    let review = |comment: &str, rating| ReviewVisit {
        visit: visit.doc,
        rating,
        comment: comment.to_owned(),
        at,
    };
    let good = review("ask for the budget", Some(4));
    assert_eq!(ask(&mut team.nora, 1, &good).await, None);
    assert_eq!(ask(&mut team.nora, 1, &good).await, None, "the same command again");
    let own = ask(&mut team.anna, 2, &review("well done, me", None)).await.unwrap();
    assert!(own.contains("themselves"), "{own}");
    let colleague = ask(&mut team.boris, 3, &review("hm", None)).await.unwrap();
    assert!(colleague.contains("supervisors"), "{colleague}");
    let rated = ask(&mut team.nora, 4, &review("too good", Some(6))).await.unwrap();
    assert!(rated.contains("1 to 5"), "{rated}");
    team.anna.pull().await;
    let about = |record: &Record| matches!(record, Record::Review(r) if r.visit == visit.doc);
    assert_eq!(team.anna.records.iter().filter(|record| about(record)).count(), 1);
    team.boris.pull().await;
    assert!(!has(&team.boris, about), "what Boris does not have he reads nothing about");
    let Some(Record::Review(kept)) = team.stored(RecordKind::Review, id(1)).await else {
        panic!("no review")
    };
    assert_eq!((kept.author, kept.by), (team.anna.user, Some(team.nora.user)));
}

#[tokio::test]
async fn another_target_holds_once_whoever_leads_says_yes() {
    let mut team = team().await;
    let target = team.target(team.anna.user, 45).await;
    let wanted = |wanted, reason: &str| AskTarget {
        target: target.id,
        wanted,
        reason: reason.to_owned(),
        at: team.world.now(),
    };
    let asked = wanted(40, "two weeks at the fair");
    let same = wanted(45, "as it is");
    let foreign = wanted(10, "for her");
    assert_eq!(ask(&mut team.anna, 1, &asked).await, None);
    let refused = ask(&mut team.anna, 2, &same).await.unwrap();
    assert!(refused.contains("45 already"), "{refused}");
    let refused = ask(&mut team.boris, 3, &foreign).await.unwrap();
    assert!(refused.contains("asked for by whose it is"), "{refused}");
    team.nora.pull().await;
    assert!(has(&team.nora, |record| matches!(record, Record::Adjustment(a) if a.id == id(1))));
    let yes = |yes| AnswerAsked { question: Question::Adjustment, id: id(1), yes, note: None };
    let refused = ask(&mut team.anna, 4, &yes(true)).await.unwrap();
    assert!(refused.contains("themselves"), "{refused}");
    assert_eq!(ask(&mut team.nora, 5, &yes(true)).await, None);
    assert_eq!(ask(&mut team.nora, 5, &yes(true)).await, None, "repeated");
    assert_eq!(ask(&mut team.nora, 6, &yes(true)).await, None, "as a new one");
    let late = ask(&mut team.mara, 7, &yes(false)).await.unwrap();
    assert!(late.contains("answered before"), "{late}");
    let Some(Record::Target(now)) = team.stored(RecordKind::Target, target.id).await else {
        panic!("no target")
    };
    assert_eq!(now.value, 40);
    team.anna.pull().await;
    let told = |record: &Record| matches!(record, Record::Adjustment(a) if a.answer.as_ref().is_some_and(|it| it.approved));
    assert!(has(&team.anna, told), "the answer is a record");
}

#[tokio::test]
async fn a_yes_to_a_target_that_moved_meanwhile_changes_nothing() {
    let mut team = team().await;
    let target = team.target(team.anna.user, 45).await;
    let (reason, at) = ("the fair".to_owned(), team.world.now());
    let asked = AskTarget { target: target.id, wanted: 40, reason, at };
    assert_eq!(ask(&mut team.anna, 1, &asked).await, None);
    team.target(team.anna.user, 50).await;
    let yes = AnswerAsked { question: Question::Adjustment, id: id(1), yes: true, note: None };
    let refused = ask(&mut team.nora, 2, &yes).await.unwrap();
    assert!(refused.contains("50 by now and was 45"), "{refused}");
    let Some(Record::Target(now)) = team.stored(RecordKind::Target, target.id).await else {
        panic!("no target")
    };
    assert_eq!(now.value, 50);
}

#[tokio::test]
async fn an_objection_keeps_its_figure_evidence_and_answer() {
    let mut team = team().await;
    let visit = client_core::id::DocId::from_bytes([7; 16]);
    let contest = ContestLine {
        period: OCTOBER.parse().unwrap(),
        line: "effective_visits".into(),
        outcome_digest: [3; 32],
        centipoints: Some(900),
        reason: "it was on site".into(),
        evidence: vec![visit, visit],
        at: team.world.now(),
    };
    assert_eq!(ask(&mut team.anna, 1, &contest).await, None);
    let by_lead = ask(&mut team.nora, 2, &contest).await.unwrap();
    assert!(by_lead.contains("only reps"), "{by_lead}");
    let answer = |yes| AnswerAsked {
        question: Question::Contest,
        id: id(1),
        yes,
        note: Some("the fence was wrong".into()),
    };
    let colleague = ask(&mut team.boris, 3, &answer(true)).await.unwrap();
    assert!(colleague.contains("supervisors"), "{colleague}");
    assert_eq!(ask(&mut team.nora, 4, &answer(true)).await, None);
    assert_eq!(ask(&mut team.anna, 1, &contest).await, None, "asked again, the answer stays");
    team.anna.pull().await;
    let Some(Record::Contest(kept)) = team.stored(RecordKind::Contest, id(1)).await else {
        panic!("no objection")
    };
    assert_eq!(kept.evidence, [visit], "named once");
    assert_eq!(kept.centipoints, Some(900));
    let said = kept.answer.unwrap();
    assert!(said.approved && said.note.as_deref() == Some("the fence was wrong"));
    assert!(has(&team.anna, |record| matches!(record, Record::Contest(c) if c.answer.is_some())));
}

#[tokio::test]
async fn a_signal_is_decided_once_with_a_note_that_its_rep_reads() {
    let mut team = team().await;
    let subject = client_core::id::DocId::from_bytes([7; 16]);
    let rep = team.anna.user;
    let signal = SignalRecord {
        id: SignalRecord::id_of(&SignalKind::Photo, rep, &[subject]),
        kind: SignalKind::Photo,
        rep,
        subjects: vec![subject],
        on: "2026-10-08".parse().unwrap(),
        noticed_at: team.world.now(),
        measure: Some(2),
        answer: None,
    };
    team.world.write(Record::Signal(signal.clone())).await;
    let answer = |note: Option<&str>| AnswerAsked {
        question: Question::Signal,
        id: signal.id,
        yes: false,
        note: note.map(str::to_owned),
    };
    let mute = ask(&mut team.nora, 1, &answer(None)).await.unwrap();
    assert!(mute.contains("empty"), "{mute}");
    let own = ask(&mut team.anna, 2, &answer(Some("it was me"))).await.unwrap();
    assert!(own.contains("themselves"), "{own}");
    assert_eq!(ask(&mut team.nora, 3, &answer(Some("one shelf, two shops"))).await, None);
    team.anna.pull().await;
    let told = |record: &Record| matches!(record, Record::Signal(s) if s.answer.as_ref().is_some_and(|it| !it.upheld));
    assert!(has(&team.anna, told));
    team.boris.pull().await;
    assert!(!has(&team.boris, |record| matches!(record, Record::Signal(_))));
}

#[tokio::test]
async fn ones_own_view_freezes_the_card_and_may_be_handed_in_again_until_it_went_on() {
    let mut team = team().await;
    let october: Period = OCTOBER.parse().unwrap();
    let view = |comment: &str, rating| AssessSelf {
        period: october,
        comment: comment.to_owned(),
        ratings: [("teamwork".to_owned(), rating)].into(),
        at: team.world.now(),
    };
    let (good, better, wrong) = (view("good", 4), view("better", 5), view("best", 9));
    let none = ask(&mut team.anna, 1, &good).await.unwrap();
    assert!(none.contains("no card"), "{none}");
    team.card(team.anna.user).await;
    assert_eq!(ask(&mut team.anna, 2, &good).await, None);
    assert_eq!(ask(&mut team.anna, 3, &better).await, None);
    let rated = ask(&mut team.anna, 4, &wrong).await.unwrap();
    assert!(rated.contains("1 to 5"), "{rated}");
    let lead = ask(&mut team.mara, 5, &good).await.unwrap();
    assert!(lead.contains("only reps"), "{lead}");
    let of = AppraisalRecord::id_of(team.anna.user, october);
    let Some(Record::Appraisal(mut kept)) = team.stored(RecordKind::Appraisal, of).await else {
        panic!("no appraisal")
    };
    assert_eq!((kept.steps.len(), kept.state.clone()), (2, AppraisalState::SelfSubmitted));
    assert_eq!(kept.frozen.as_ref().unwrap().total_centipoints, Some(9_000));
    kept.state = AppraisalState::SupervisorScored;
    team.world.write(Record::Appraisal(kept)).await;
    let late = ask(&mut team.anna, 6, &better).await.unwrap();
    assert!(late.contains("went on"), "{late}");
}

#[tokio::test]
async fn an_appraisal_goes_through_every_hand_and_nobody_is_skipped() {
    use AppraisalState::{Closed, Disputed, Draft, ManagerReviewed, Published, SupervisorScored};
    let mut team = team().await;
    let october: Period = OCTOBER.parse().unwrap();
    let (rep, at) = (team.anna.user, team.world.now());
    let step = |to: AppraisalState, comment: Option<&str>| StepAppraisal {
        rep,
        period: october,
        to,
        comment: comment.map(str::to_owned),
        ratings: [("teamwork".to_owned(), 5)].into(),
        at,
    };
    let scored = step(SupervisorScored, None);
    let early = ask(&mut team.nora, 1, &scored).await.unwrap();
    assert!(early.contains("handed in"), "{early}");
    team.card(rep).await;
    let view = AssessSelf {
        period: october,
        comment: "a good month".to_owned(),
        ratings: [("teamwork".to_owned(), 4)].into(),
        at,
    };
    assert_eq!(ask(&mut team.anna, 2, &view).await, None);
    let own = ask(&mut team.anna, 3, &scored).await.unwrap();
    assert!(own.contains("for the supervisor alone"), "{own}");
    let skipped = ask(&mut team.mara, 4, &step(ManagerReviewed, None)).await.unwrap();
    assert!(skipped.contains("next is supervisor_scored"), "{skipped}");
    let other = ask(&mut team.boris, 5, &scored).await.unwrap();
    assert!(other.contains("supervisors"), "{other}");
    let silent = ask(&mut team.nora, 6, &step(Draft, None)).await.unwrap();
    assert!(silent.contains("needs a reason"), "{silent}");
    assert_eq!(ask(&mut team.nora, 7, &step(Draft, Some("say more"))).await, None);
    assert_eq!(ask(&mut team.anna, 8, &view).await, None);
    assert_eq!(ask(&mut team.nora, 9, &scored).await, None);
    assert_eq!(ask(&mut team.nora, 10, &scored).await, None, "the same step again");
    assert_eq!(ask(&mut team.mara, 11, &step(ManagerReviewed, None)).await, None);
    assert_eq!(ask(&mut team.mara, 12, &step(Published, None)).await, None);
    assert_eq!(ask(&mut team.anna, 13, &step(Disputed, Some("one visit"))).await, None);
    let closed = ask(&mut team.mara, 14, &step(Closed, None)).await.unwrap();
    assert!(closed.contains("next is resolved"), "{closed}");
    let of = AppraisalRecord::id_of(rep, october);
    let Some(Record::Appraisal(kept)) = team.stored(RecordKind::Appraisal, of).await else {
        panic!("no appraisal")
    };
    assert_eq!((kept.state, kept.steps.len()), (Disputed, 7));
    assert_eq!(kept.frozen.unwrap().total_centipoints, Some(9_000));
    team.anna.pull().await;
    assert!(has(&team.anna, |record| matches!(record, Record::Appraisal(_))));
}
