//! What a rep asks for without signal is to be seen at once, at every stage up to the
//! answer, and a leader answers it on a phone too.

use client_core::docs::visit::{NextStep, Outcome, VisitMode};
use client_core::engine::{
    AdjustmentEntry, AskState, Client, Clock as _, ContestEntry, NewVisit, SaveError, VisitChange,
};
use client_core::period::Period;
use client_core::protocol::Question;
use client_core::records::{AppraisalState, Metric};
use client_core::rules::PaceSide;
use tempfile::TempDir;
use tests::evening::{Evening, day};

fn month() -> Period {
    Period::month_of(day())
}

/// Syncs until nothing comes any more.
async fn settle(phone: &Client) {
    for _ in 0..20 {
        let report = phone.sync_once().await.unwrap();
        if report.pulled == 0 && report.pushed == 0 {
            return;
        }
    }
    panic!("something always comes");
}

/// Syncs until the phone knows that the view it handed in is at the office.
async fn handed_in_at_the_office(phone: &Client, evening: &Evening) {
    for _ in 0..20 {
        phone.sync_once().await.unwrap();
        assert_eq!(phone.pending().unwrap().refused, 0, "it waits and is not refused");
        if phone.my_appraisal(month()).unwrap().appraisal.state == AppraisalState::SelfSubmitted {
            return;
        }
        server::scoring::recompute_dirty(evening.server.app()).await.unwrap();
    }
    panic!("it never came there");
}

fn asked(phone: &Client) -> AdjustmentEntry {
    let mut asked = phone.adjustments().unwrap();
    assert_eq!(asked.len(), 1, "{asked:?}");
    asked.remove(0)
}

fn contested(phone: &Client) -> ContestEntry {
    let mut contested = phone.contests().unwrap();
    assert_eq!(contested.len(), 1, "{contested:?}");
    contested.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_target_is_asked_for_offline_and_answered_on_the_leaders_phone() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let chen = evening.phone(&dir.path().join("chens"), "chen").await.unwrap();
    let zhou = evening.phone(&dir.path().join("zhous"), "zhou").await.unwrap();
    settle(&chen).await;

    let targets = chen.targets(Some(month())).unwrap();
    let own: Vec<_> = targets.iter().filter(|target| target.mine).collect();
    assert_eq!(own.len(), 2, "{targets:?}");
    let visits = own.iter().find(|one| one.target.metric == Metric::EffectiveVisits).unwrap();
    let reached = visits.reached.as_ref().unwrap();
    assert_eq!((reached.actual, visits.target.value), (1, 44));
    let pace = reached.pace.as_ref().unwrap();
    assert_eq!((pace.outside, pace.actual), (Some(PaceSide::Below), 1), "{pace:?}");
    let sales = own.iter().find(|one| one.target.metric == Metric::SalesAmount).unwrap();
    assert_eq!(sales.reached.as_ref().map(|reached| reached.actual), Some(12_800_000));
    let others = zhou.targets(Some(month())).unwrap();
    assert!(others.iter().all(|target| target.reached.is_none()), "a leader's phone says none");

    let id = visits.target.id;
    let mute = chen.ask_target(id, 36, "  ").unwrap_err();
    assert!(matches!(mute, SaveError::Edit(_)), "{mute}");
    let absurd = chen.ask_target(id, -1, "the fair").unwrap_err();
    assert!(matches!(absurd, SaveError::Edit(_)), "{absurd}");
    chen.ask_target(id, 36, "the fair takes a week").unwrap();
    let waiting = asked(&chen);
    assert_eq!((waiting.asking.state, waiting.asking.mine), (AskState::Waiting, true));
    assert_eq!((waiting.adjustment.was, waiting.adjustment.wanted), (44, 36));
    let target = waiting.target.unwrap();
    assert_eq!((target.id, target.metric), (id, Metric::EffectiveVisits));

    settle(&chen).await;
    let open = asked(&chen);
    assert_eq!((open.asking.state, open.asking.may_answer), (AskState::Open, false));
    settle(&zhou).await;
    let seen = asked(&zhou);
    assert_eq!(seen.adjustment, open.adjustment);
    assert!(seen.asking.may_answer && !seen.asking.mine);
    assert_eq!(seen.asking.name.as_deref(), Some("陈思远"));
    let note = Some("agreed".to_owned());
    zhou.answer_asked(Question::Adjustment, seen.adjustment.id, true, note).unwrap();
    settle(&zhou).await;

    settle(&chen).await;
    let answered = asked(&chen);
    assert_eq!(answered.asking.state, AskState::Accepted);
    assert_eq!(answered.adjustment.answer.unwrap().note.as_deref(), Some("agreed"));
    let now = chen.targets(Some(month())).unwrap();
    let now = now.iter().find(|one| one.target.id == id).unwrap();
    assert_eq!(now.target.value, 36, "a yes changes the target");

    // Nobody asks for what is not theirs: that is listed with the reason.
    let boris = others.iter().find(|one| one.whose.as_deref() == Some("Boris Novak")).unwrap();
    let anna = evening.phone(&dir.path().join("annas"), "anna").await.unwrap();
    settle(&anna).await;
    assert!(anna.ask_target(boris.target.id, 1, "less").is_err(), "it is not on the phone");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_contested_offline_and_its_answer_stays_beside_it() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let chen = evening.phone(&dir.path().join("chens"), "chen").await.unwrap();
    let zhou = evening.phone(&dir.path().join("zhous"), "zhou").await.unwrap();
    settle(&chen).await;
    let line = "effective_visits";
    let unknown = chen.contest_line(month(), "smiles", "I smiled", Vec::new()).unwrap_err();
    assert!(matches!(unknown, SaveError::NoLine { .. }), "{unknown}");
    chen.contest_line(month(), line, "Friday is missing", vec![evening.visit]).unwrap();
    let waiting = contested(&chen);
    assert_eq!(waiting.asking.state, AskState::Waiting);
    assert_eq!(waiting.contest.evidence, [evening.visit]);

    settle(&chen).await;
    settle(&zhou).await;
    let seen = contested(&zhou);
    assert_eq!((seen.asking.state, seen.asking.may_answer), (AskState::Open, true));
    let note = Some("it was too short".to_owned());
    zhou.answer_asked(Question::Contest, seen.contest.id, false, note).unwrap();
    settle(&zhou).await;
    settle(&chen).await;
    let answered = contested(&chen);
    assert_eq!(answered.asking.state, AskState::Declined);
    assert_eq!(answered.contest.centipoints, waiting.contest.centipoints, "as it was");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_handed_in_offline_shows_as_taken_and_until_it_is_scored_may_be_replaced() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let chen = evening.phone(&dir.path().join("chens"), "chen").await.unwrap();
    settle(&chen).await;
    let draft = chen.my_appraisal(month()).unwrap();
    assert_eq!(draft.appraisal.state, AppraisalState::Draft);
    assert!(draft.mine && draft.may_hand_in && draft.waiting.is_none());
    assert_eq!(draft.steps, [AppraisalState::SelfSubmitted]);
    assert_eq!(draft.families.keys().collect::<Vec<_>>(), ["skill", "teamwork"]);
    assert!(chen.appraisals().unwrap().is_empty(), "nobody handed in");

    assert!(chen.assess_self(month(), " ", Default::default()).is_err(), "a word of why");
    let ratings = [("teamwork".to_owned(), 4)].into();
    chen.assess_self(month(), "a good month", ratings).unwrap();
    let handed_in = chen.my_appraisal(month()).unwrap();
    assert_eq!(handed_in.appraisal.state, AppraisalState::Draft, "the office says otherwise");
    assert_eq!(handed_in.waiting, Some(AppraisalState::SelfSubmitted));
    assert!(handed_in.steps.is_empty() && handed_in.may_hand_in);

    handed_in_at_the_office(&chen, &evening).await;
    let stored = chen.my_appraisal(month()).unwrap();
    assert_eq!((&stored.appraisal.state, &stored.waiting), (&AppraisalState::SelfSubmitted, &None));
    let frozen = stored.appraisal.frozen.as_ref().and_then(|card| card.total_centipoints);
    assert_eq!(stored.total.map(|total| total.0), frozen);
    assert_eq!(chen.appraisals().unwrap(), [stored]);

    // A manager of the region sees it on the phone, and leaves it to the supervisor.
    let zhou = evening.phone(&dir.path().join("zhous"), "zhou").await.unwrap();
    settle(&zhou).await;
    let seen = zhou.appraisals().unwrap().remove(0);
    assert_eq!((seen.name.as_str(), seen.mine, seen.may_hand_in), ("陈思远", false, false));
    assert!(seen.steps.is_empty(), "{:?}", seen.steps);
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_handed_in_with_the_last_visits_freezes_the_card_that_knows_them() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let chen = evening.phone(&dir.path().join("chens"), "chen").await.unwrap();
    settle(&chen).await;
    let frozen_before = chen.official_scorecard(month()).unwrap().unwrap().official;

    // Without signal: the last call of the month, and the view of the month.
    let now = evening.clock.now();
    let said = VisitChange {
        outcome: Some(Outcome::Progress),
        result: Some("they sign on Monday".to_owned()),
        next_step: Some(NextStep::None),
        started_at: Some(now.plus_millis(-20 * 60_000)),
        ..VisitChange::default()
    };
    let visit = NewVisit::with(evening.customer, VisitMode::Phone, said);
    chen.log_visit(NewVisit { submit: true, ..visit }).unwrap();
    chen.assess_self(month(), "a good month", [("teamwork".to_owned(), 4)].into()).unwrap();
    handed_in_at_the_office(&chen, &evening).await;
    let appraisal = chen.my_appraisal(month()).unwrap().appraisal;
    let frozen = appraisal.frozen.expect("it is handed in");
    settle(&chen).await;
    let official = chen.official_scorecard(month()).unwrap().unwrap().official;
    assert_ne!(frozen.outcome_digest, frozen_before.outcome_digest);
    assert_eq!(frozen.inputs_digest, official.inputs_digest, "the last visit is in it");
    evening.server.shutdown().await;
}
