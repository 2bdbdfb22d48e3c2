use super::*;
use crate::rules::fixture::*;

fn visit(number: u8, customer: u8, start: &str, minutes: i64) -> WatchedVisit {
    let start = at(start);
    WatchedVisit {
        fact: fact(number),
        rep: REP,
        customer: Some(doc(customer)),
        mode: Some(VisitMode::Onsite),
        start: Some(start),
        end: Some(start.plus_millis(minutes * 60_000)),
        // Each at its own place, ten metres apart.
        fix: Some(fix(i64::from(number) * 10, 10)),
        photos: BTreeSet::new(),
        clocks: Vec::new(),
        entered_at: None,
        authored_at: None,
        builds_on_received_at: None,
        received_at: None,
    }
}

fn kinds(visits: &[WatchedVisit]) -> Vec<Suspicion> {
    let policy = policy();
    let found = suspects(visits, &[], &policy.integrity, &policy.visits);
    found.into_iter().map(|one| one.kind).collect()
}

#[test]
fn an_honest_day_raises_nothing() {
    let day = [visit(1, 100, "2026-10-08 09:00", 20), visit(2, 101, "2026-10-08 10:00", 20)];
    assert_eq!(kinds(&day), []);
}

#[test]
fn a_mock_provider_and_an_accuracy_of_nothing() {
    let with = |accuracy_mm, is_mock| {
        let mut one = visit(1, 100, "2026-10-08 09:00", 20);
        if let Some(fix) = &mut one.fix {
            (fix.accuracy_mm, fix.is_mock) = (accuracy_mm, is_mock);
        }
        kinds(&[one])
    };
    assert_eq!(with(10_000, true), [Suspicion::Mock]);
    assert_eq!(with(0, false), [Suspicion::Mock]);
    assert_eq!(with(1, false), []);
}

#[test]
fn faster_than_a_train() {
    let day = |metres| {
        let mut second = visit(2, 101, "2026-10-08 10:00", 20);
        second.fix = Some(fix(metres, 0));
        if let Some(fix) = &mut second.fix {
            fix.accuracy_mm = 1;
        }
        kinds(&[visit(1, 100, "2026-10-08 09:00", 20), second])
    };
    assert_eq!(day(152_000), [Suspicion::Travel]);
    assert_eq!(day(148_000), []);
}

#[test]
fn two_places_at_once() {
    let first = visit(1, 100, "2026-10-08 09:00", 30);
    assert_eq!(
        kinds(&[first.clone(), visit(2, 101, "2026-10-08 09:20", 30)]),
        [Suspicion::Overlap]
    );
    assert_eq!(kinds(&[first.clone(), visit(2, 101, "2026-10-08 09:30", 30)]), []);
    let call =
        WatchedVisit { mode: Some(VisitMode::Phone), ..visit(2, 101, "2026-10-08 09:20", 30) };
    assert_eq!(kinds(&[first, call]), [], "a call on the way is none");
}

#[test]
fn many_at_once_are_as_many_questions_and_not_their_square() {
    let crowd: Vec<WatchedVisit> = (1..=60).map(|n| visit(n, n, "2026-10-08 09:00", 30)).collect();
    assert_eq!(kinds(&crowd).iter().filter(|kind| **kind == Suspicion::Overlap).count(), 59);
}

#[test]
fn a_clock_that_is_ahead_is_known_by_the_receipt() {
    let received = |when: &str| {
        kinds(&[WatchedVisit {
            received_at: Some(at(when)),
            ..visit(1, 100, "2026-10-08 09:00", 30)
        }])
    };
    assert_eq!(received("2026-10-07 18:00"), [Suspicion::Clock]);
    assert_eq!(received("2026-10-08 08:50"), [], "ten minutes are none");
    assert_eq!(received("2026-10-20 08:50"), [], "late is not ahead");
}

#[test]
fn one_photo_on_two_visits_asks_both_reps() {
    let mut one = visit(1, 100, "2026-10-08 09:00", 20);
    let mut two = visit(2, 101, "2026-10-09 09:00", 20);
    one.photos = [ChangeHash([1; 32]), ChangeHash([2; 32])].into();
    two.photos = [ChangeHash([3; 32])].into();
    assert_eq!(kinds(&[one.clone(), two.clone()]), []);
    two.photos.insert(ChangeHash([2; 32]));
    assert_eq!(kinds(&[one.clone(), two.clone()]), [Suspicion::Photo]);
    two.rep = UserId::from_bytes([9; 16]);
    assert_eq!(kinds(&[one, two]), [Suspicion::Photo, Suspicion::Photo]);
}

#[test]
fn one_point_at_three_customers() {
    let at_one_point = |customers: &[u8]| -> Vec<WatchedVisit> {
        (1_u8..)
            .zip(customers)
            .map(|(n, customer)| WatchedVisit {
                fix: Some(fix(0, 10)),
                ..visit(n, *customer, &format!("2026-10-{:02} 09:00", n), 20)
            })
            .collect()
    };
    assert_eq!(kinds(&at_one_point(&[100, 101])), []);
    assert_eq!(kinds(&at_one_point(&[100, 100, 100])), []);
    assert_eq!(kinds(&at_one_point(&[100, 101, 102])), [Suspicion::Point]);
}

#[test]
fn clocks_that_differ() {
    let reading = |wall: &str, monotonic_minutes: i64, server: Option<&str>| ClockReading {
        wall: at(wall),
        monotonic_ms: Some(monotonic_minutes * 60_000),
        boot_id: Some("a".into()),
        server_seen_at: server.map(at),
    };
    let with = |clocks: &[ClockReading]| {
        kinds(&[WatchedVisit { clocks: clocks.to_vec(), ..visit(1, 100, "2026-10-08 09:00", 30) }])
    };
    let start = reading("2026-10-08 09:00", 0, None);
    assert_eq!(with(&[start.clone(), reading("2026-10-08 09:30", 20, None)]), []);
    assert_eq!(with(&[start.clone(), reading("2026-10-08 09:30", 19, None)]), [Suspicion::Clock]);
    let mut booted = reading("2026-10-08 09:30", 1, None);
    booted.boot_id = Some("b".into());
    assert_eq!(with(&[start, booted]), []);
    let behind = reading("2026-10-08 09:00", 0, Some("2026-10-08 09:11"));
    assert_eq!(with(&[behind]), [Suspicion::Clock]);
}

#[test]
fn written_before_what_it_builds_on_was_received() {
    let with = |written: &str| {
        kinds(&[WatchedVisit {
            authored_at: Some(at(written)),
            builds_on_received_at: Some(at("2026-10-08 17:00")),
            ..visit(1, 100, "2026-10-08 09:10", 30)
        }])
    };
    assert_eq!(with("2026-10-08 09:40"), [Suspicion::Backdate]);
    assert_eq!(with("2026-10-08 16:49"), [Suspicion::Backdate]);
    assert_eq!(with("2026-10-08 16:51"), [], "a clock may be ten minutes slow");
    assert_eq!(with("2026-10-08 17:30"), [], "entered late and honestly");
}

#[test]
fn five_visits_in_ten_minutes() {
    let entered = |minutes: &[i64]| -> Vec<WatchedVisit> {
        (1_u8..)
            .zip(minutes)
            .map(|(n, minute)| WatchedVisit {
                entered_at: Some(at("2026-10-08 18:00").plus_millis(minute * 60_000)),
                ..visit(n, 100, &format!("2026-10-08 {:02}:00", 8 + n), 20)
            })
            .collect()
    };
    assert_eq!(kinds(&entered(&[0, 2, 4, 6, 10])), [Suspicion::Burst]);
    assert_eq!(kinds(&entered(&[0, 2, 4, 6, 11])), []);
    assert_eq!(kinds(&entered(&[0, 2, 4, 6])), []);
}

#[test]
fn shorter_than_the_mode_asks_for() {
    assert_eq!(kinds(&[visit(1, 100, "2026-10-08 09:00", 9)]), [Suspicion::Short]);
    assert_eq!(kinds(&[visit(1, 100, "2026-10-08 09:00", 10)]), []);
}

#[test]
fn won_at_the_end_and_undone_soon_after() {
    let policy = policy();
    let deal = |won: &str, undone: Option<&str>| {
        let deal = WatchedDeal {
            fact: fact(20),
            rep: REP,
            won_on: day(won),
            period_ends: day("2026-10-31"),
            undone_on: undone.map(day),
        };
        suspects(&[], &[deal], &policy.integrity, &policy.visits).len()
    };
    assert_eq!(deal("2026-10-30", Some("2026-11-29")), 1);
    assert_eq!(deal("2026-10-30", Some("2026-11-30")), 0, "31 days");
    assert_eq!(deal("2026-10-29", Some("2026-11-02")), 0, "not in the last two days");
    assert_eq!(deal("2026-10-31", None), 0);
}

#[test]
fn signals_do_not_depend_on_the_order_of_visits() {
    let mut day: Vec<WatchedVisit> =
        (1..8).map(|n| visit(n, 100 + n, "2026-10-08 09:00", 9)).collect();
    let policy = policy();
    let one = suspects(&day, &[], &policy.integrity, &policy.visits);
    day.reverse();
    assert_eq!(suspects(&day, &[], &policy.integrity, &policy.visits), one);
}
