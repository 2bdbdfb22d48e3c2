use serde_bytes::ByteBuf;

use super::*;
use crate::docs::{ChangeHash, DocKind, Generation, Header};
use crate::id::{DocId, OrgId, ReplicaId, UserId};
use crate::protocol::{
    ChangeNames, ChangeResult, GroupResult, Problem, ProblemCode, PushGroup, RejectCode,
    SyncResponse, Tokens, VERSION, codec,
};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);
const LEAST: Chance = Chance(0);
const MOST: Chance = Chance(u32::MAX);

/// A machine that has sent one group of `changes` changes of 10,000 bytes.
fn sent(changes: u8) -> Machine {
    let mut machine = Machine::new(Settings::default());
    assert!(matches!(begin(&mut machine)[..], [Effect::Collect { .. }]));
    let effects = machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(changes))));
    assert!(matches!(effects[..], [Effect::Send(_)]));
    machine
}

fn begin(machine: &mut Machine) -> Vec<Effect> {
    machine.handle(NOW, LEAST, Event::Begin)
}

fn outgoing(changes: u8) -> Outgoing {
    let doc = DocId::from_bytes([5; 16]);
    let header = Header {
        doc,
        kind: DocKind::Visit,
        org: OrgId::from_bytes([1; 16]),
        author: UserId::from_bytes([2; 16]),
        customer: None,
        generation: Generation::default(),
    };
    let group = PushGroup {
        header,
        stamp: None,
        changes: (0..changes).map(|n| ByteBuf::from(vec![n; 10_000])).collect(),
    };
    let hashes = (0..changes).map(|n| ChangeHash([n; 32])).collect();
    Outgoing {
        replica: ReplicaId::from_bytes([3; 16]),
        cursor: None,
        groups: vec![group],
        commands: Vec::new(),
        purged: Vec::new(),
        repair: None,
        pushed: None,
        unbound: false,
        hand_back: None,
        manifest: Manifest { groups: vec![(doc, hashes)], ..Manifest::default() },
    }
}

fn response(results: usize, more: bool) -> SyncResponse {
    SyncResponse {
        version: VERSION,
        server_time: NOW,
        results: vec![GroupResult {
            doc: DocId::from_bytes([5; 16]),
            changes: vec![ChangeResult::Stored; results],
        }],
        commands: Vec::new(),
        feed: Vec::new(),
        cursor: None,
        more,
        stamp: None,
        minimum_app: None,
        repair: None,
        pushed: None,
        receipt: None,
        hand_back: None,
    }
}

fn good(response: &SyncResponse) -> Event {
    let (body, encoding) = codec::encode(response, codec::Encoding::Identity);
    assert_eq!(encoding, codec::Encoding::Identity);
    answered(200, "application/cbor", body)
}

fn answered(status: u16, content_type: &str, body: Vec<u8>) -> Event {
    Event::Answered(Box::new(Answer {
        status,
        content_type: Some(content_type.to_owned()),
        body,
        ..Answer::default()
    }))
}

fn problem(code: ProblemCode) -> Event {
    let problem = Problem::new(code, "in a test");
    let body = serde_json::to_vec(&problem).unwrap();
    answered(code.status(), "application/problem+json", body)
}

fn failed(effects: &[Effect]) -> (&Fault, Option<i64>) {
    match effects {
        [Effect::End(Ended::Failed { fault, retry_at })] => {
            (fault, retry_at.map(|at| at.since(NOW)))
        }
        other => panic!("expected one failure, got {other:?}"),
    }
}

#[test]
fn a_good_answer_is_stored_and_pages_follow_until_there_are_no_more() {
    let mut machine = sent(2);
    let effects = machine.handle(NOW, LEAST, good(&response(2, true)));
    assert!(matches!(&effects[..], [Effect::Store(_, manifest)] if manifest.changes() == 2));
    let stored = Stored { due: false, progressed: true, ..Stored::default() };
    let effects = machine.handle(NOW, LEAST, Event::Stored(stored));
    assert!(matches!(effects[..], [Effect::Collect { .. }]), "the next page");
    machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(1))));
    machine.handle(NOW, LEAST, good(&response(1, false)));
    let effects = machine.handle(NOW, LEAST, Event::Stored(stored));
    assert_eq!(effects, [Effect::End(Ended::UpToDate)]);
}

#[test]
fn what_cannot_be_resolved_now_does_not_turn_in_circles() {
    let mut machine = sent(1);
    machine.handle(NOW, LEAST, good(&response(1, false)));
    let effects = machine.handle(
        NOW,
        LEAST,
        Event::Stored(Stored { due: true, progressed: true, ..Stored::default() }),
    );
    assert!(matches!(effects[..], [Effect::Collect { .. }]), "more to push");
    machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(1))));
    machine.handle(NOW, LEAST, good(&response(1, false)));
    let effects = machine.handle(
        NOW,
        LEAST,
        Event::Stored(Stored { due: true, progressed: false, ..Stored::default() }),
    );
    assert_eq!(effects, [Effect::End(Ended::UpToDate)]);
}

#[test]
fn no_answer_of_anybody_else_counts_as_success() {
    let html = || b"<html>Welcome to Hotel Wifi</html>".to_vec();
    let cases = [
        (answered(200, "text/html", html()), Fault::CaptivePortal { status: 200 }),
        (answered(302, "text/html", html()), Fault::CaptivePortal { status: 302 }),
        (answered(511, "text/html", html()), Fault::CaptivePortal { status: 511 }),
        (answered(404, "text/html", html()), Fault::CaptivePortal { status: 404 }),
        (answered(407, "text/html", html()), Fault::ProxySignIn),
        (answered(502, "text/html", html()), Fault::ServerTrouble { status: 502 }),
        (answered(504, "", Vec::new()), Fault::ServerTrouble { status: 504 }),
        (problem(ProblemCode::Unavailable), Fault::ServerTrouble { status: 503 }),
        (problem(ProblemCode::SlowDown), Fault::SlowDown),
        (Event::Unanswered(TransportFault::Offline), Fault::Offline),
        (Event::Unanswered(TransportFault::TimedOut), Fault::TimedOut),
        (Event::Unanswered(TransportFault::Insecure), Fault::Insecure),
    ];
    for (event, expected) in cases {
        let mut machine = sent(1);
        let effects = machine.handle(NOW, MOST, event);
        let (fault, retry_in) = failed(&effects);
        assert_eq!(*fault, expected);
        assert_eq!(retry_in, Some(2_000), "{expected:?}");
        assert!(matches!(begin(&mut machine)[..], [Effect::Collect { .. }]), "it starts again");
    }
}

#[test]
fn an_answer_that_is_damaged_or_to_another_request_is_not_stored() {
    let mut foreign = response(1, false);
    foreign.results[0].doc = DocId::from_bytes([6; 16]);
    let mut newer = response(1, false);
    newer.version = 2;
    let events = [
        answered(200, "application/cbor", b"\xff\xff\xff".to_vec()),
        answered(200, "application/cbor", Vec::new()),
        good(&response(2, false)),
        good(&foreign),
        good(&newer),
    ];
    for event in events {
        let effects = sent(1).handle(NOW, LEAST, event);
        assert!(matches!(failed(&effects).0, Fault::Garbled { .. }));
    }
}

#[test]
fn a_request_too_large_for_the_way_is_halved_until_one_change_is_left() {
    let mut machine = sent(4);
    let too_large = || answered(413, "text/html", Vec::new());
    let effects = machine.handle(NOW, LEAST, too_large());
    assert_eq!(effects, [Effect::Collect { bytes: 20_000 }]);
    machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(2))));
    let effects = machine.handle(NOW, LEAST, too_large());
    assert_eq!(effects, [Effect::Collect { bytes: 10_000 }]);
    machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(1))));
    let effects = machine.handle(NOW, LEAST, too_large());
    assert_eq!(*failed(&effects).0, Fault::TooLarge { bytes: 10_000 });
}

#[test]
fn an_expired_token_is_renewed_once_and_the_run_goes_on() {
    let mut machine = sent(1);
    let effects = machine.handle(NOW, LEAST, problem(ProblemCode::TokenExpired));
    assert_eq!(effects, [Effect::Refresh]);
    let tokens =
        Tokens { access_token: "a".into(), access_expires_at: NOW, refresh_token: "r".into() };
    let body = serde_json::to_vec(&tokens).unwrap();
    let effects = machine.handle(NOW, LEAST, answered(200, "application/json", body));
    assert!(
        matches!(&effects[..], [Effect::KeepTokens(kept), Effect::Collect { .. }] if *kept == tokens)
    );
    machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(1))));
    let effects = machine.handle(NOW, LEAST, problem(ProblemCode::TokenExpired));
    assert_eq!(failed(&effects), (&Fault::SignInNeeded, None), "not for ever");
}

#[test]
fn only_an_explicit_revocation_ends_a_session() {
    let effects = sent(1).handle(NOW, LEAST, problem(ProblemCode::Revoked));
    assert_eq!(failed(&effects), (&Fault::Revoked, None));
    let forged = answered(401, "text/html", b"revoked".to_vec());
    let effects = sent(1).handle(NOW, LEAST, forged);
    assert_eq!(*failed(&effects).0, Fault::CaptivePortal { status: 401 });
}

#[test]
fn an_unknown_cursor_is_forgotten_once_and_everything_merges_again() {
    let mut machine = sent(1);
    let effects = machine.handle(NOW, LEAST, problem(ProblemCode::BadCursor));
    assert!(matches!(effects[..], [Effect::ForgetCursor, Effect::Collect { .. }]));
    machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(1))));
    let effects = machine.handle(NOW, LEAST, problem(ProblemCode::BadCursor));
    assert!(matches!(failed(&effects).0, Fault::Refused { .. }));
}

#[test]
fn a_cancelled_run_is_over_and_a_late_answer_changes_nothing() {
    let mut machine = sent(1);
    let effects = machine.handle(NOW, LEAST, Event::Cancel);
    assert_eq!(failed(&effects), (&Fault::Cancelled, None));
    assert!(machine.handle(NOW, LEAST, good(&response(1, false))).is_empty());
}

#[test]
fn waiting_grows_with_failures_keeps_to_what_the_server_asks_and_starts_again_after_success() {
    let mut backoff = Backoff::default();
    let waits: Vec<i64> = (0..12).map(|_| backoff.fail(NOW, MOST, None).since(NOW)).collect();
    assert_eq!(&waits[..4], [2_000, 4_000, 8_000, 16_000]);
    assert_eq!(waits[11], 900_000, "never more than a quarter of an hour");
    assert_eq!(backoff.fail(NOW, LEAST, None).since(NOW), 1_000, "never at once");
    assert_eq!(backoff.fail(NOW, LEAST, Some(30_000)).since(NOW), 30_000);
    let absurd = backoff.fail(NOW, LEAST, Some(i64::MAX)).since(NOW);
    assert_eq!(absurd, 3_600_000, "a proxy that asks for a year is not believed");
    backoff.succeed();
    assert_eq!(backoff.fail(NOW, MOST, None).since(NOW), 2_000);
}

#[test]
fn a_full_server_still_gives_its_pages_and_then_the_run_fails_with_the_reason() {
    let mut machine = sent(2);
    let full = || match problem(ProblemCode::StorageFull) {
        Event::Answered(answer) => {
            Event::Answered(Box::new(Answer { retry_after_s: Some(60), ..*answer }))
        }
        other => other,
    };
    assert_eq!(machine.handle(NOW, LEAST, full()), [Effect::CollectNothing]);
    let nothing = || {
        let (groups, manifest) = (Vec::new(), Manifest::default());
        Event::Collected(Box::new(Outgoing { groups, manifest, ..outgoing(1) }))
    };
    for more in [true, false] {
        assert!(matches!(machine.handle(NOW, LEAST, nothing())[..], [Effect::Send(_)]));
        let page = SyncResponse { results: Vec::new(), ..response(0, more) };
        assert!(matches!(machine.handle(NOW, LEAST, good(&page))[..], [Effect::Store(..)]));
        let stored = Stored { due: true, progressed: true, ..Stored::default() };
        let effects = machine.handle(NOW, LEAST, Event::Stored(stored));
        if more {
            assert_eq!(effects, [Effect::CollectNothing]);
        } else {
            let (fault, wait) = failed(&effects);
            assert_eq!(*fault, Fault::ServerFull);
            assert!(wait.is_some_and(|wait| wait >= 60_000), "{wait:?}");
        }
    }
    // The next run tries to push again, and a server that cannot even give ends it.
    assert!(matches!(begin(&mut machine)[..], [Effect::Collect { .. }]));
    machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(1))));
    assert_eq!(machine.handle(NOW, LEAST, full()), [Effect::CollectNothing]);
    machine.handle(NOW, LEAST, nothing());
    assert_eq!(*failed(&machine.handle(NOW, LEAST, full())).0, Fault::ServerFull);
}

#[test]
fn a_way_that_breaks_under_a_long_request_is_given_a_shorter_one_until_it_gets_through() {
    let mut machine = Machine::new(Settings { push_limit: 40_000, ..Settings::default() });
    let collected = |effects: &[Effect]| match effects {
        [Effect::Collect { bytes }] => *bytes,
        other => panic!("{other:?}"),
    };
    let asked = |effects: &[Effect]| match effects {
        [Effect::Send(request)] => request.budget,
        other => panic!("{other:?}"),
    };
    let mut seen = Vec::new();
    for changes in [4, 2, 1, 1] {
        let limit = collected(&begin(&mut machine));
        let sent = Event::Collected(Box::new(outgoing(changes)));
        seen.push((limit, asked(&machine.handle(NOW, LEAST, sent))));
        let silence = Event::Unanswered(TransportFault::TimedOut);
        assert_eq!(*failed(&machine.handle(NOW, LEAST, silence)).0, Fault::TimedOut);
    }
    let full = Settings::default().page_budget;
    assert_eq!(
        seen,
        [(40_000, full), (20_000, full / 2), (10_000, full / 4), (5_000, full / 8)],
        "half of what did not get through"
    );
    // No way at all says nothing about how much it can take.
    let limit = collected(&begin(&mut machine));
    machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(1))));
    machine.handle(NOW, LEAST, Event::Unanswered(TransportFault::Offline));
    assert_eq!(collected(&begin(&mut machine)), limit);
    for _success in 0..8 {
        machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(1))));
        machine.handle(NOW, LEAST, good(&response(1, false)));
        let effects = machine.handle(NOW, LEAST, Event::Stored(Stored::default()));
        assert_eq!(effects, [Effect::End(Ended::UpToDate)]);
        begin(&mut machine);
    }
    machine.handle(NOW, LEAST, Event::Cancel);
    assert_eq!(collected(&begin(&mut machine)), 40_000, "and more when it works again");
}

#[test]
fn a_quota_of_the_server_delays_the_push_and_not_the_pull() {
    let mut machine = sent(2);
    let above = ChangeResult::Rejected {
        code: RejectCode::QuotaReached,
        detail: "this device brought too much".to_owned(),
    };
    let mut answer = response(2, true);
    answer.results[0].changes[1] = above;
    let effects = machine.handle(NOW, LEAST, good(&answer));
    assert!(matches!(effects[..], [Effect::Store(..)]), "what was taken is confirmed");
    let stored = Stored { due: true, progressed: true, ..Stored::default() };
    assert_eq!(machine.handle(NOW, LEAST, Event::Stored(stored)), [Effect::CollectNothing]);
    let (groups, manifest) = (Vec::new(), Manifest::default());
    let nothing = Outgoing { groups, manifest, ..outgoing(1) };
    machine.handle(NOW, LEAST, Event::Collected(Box::new(nothing)));
    let page = SyncResponse { results: Vec::new(), ..response(0, false) };
    machine.handle(NOW, LEAST, good(&page));
    let effects = machine.handle(NOW, LEAST, Event::Stored(stored));
    let (fault, wait) = failed(&effects);
    assert_eq!(*fault, Fault::QuotaReached);
    assert!(wait.is_some(), "it goes on by itself");
    assert!(matches!(begin(&mut machine)[..], [Effect::Collect { .. }]));
}

#[test]
fn a_copy_that_the_server_does_not_know_becomes_a_device_of_its_own_once_a_run() {
    let mut machine = sent(1);
    let forked = problem(ProblemCode::Forked);
    let nothing_else = || Event::Named(ChangeNames::default());
    machine.handle(NOW, LEAST, forked.clone());
    let renewed = machine.handle(NOW, LEAST, nothing_else());
    assert!(matches!(renewed.as_slice(), [Effect::Renew, Effect::Collect { .. }]), "{renewed:?}");
    let unbound = Outgoing { unbound: true, ..outgoing(1) };
    let bind = machine.handle(NOW, LEAST, Event::Collected(Box::new(unbound)));
    assert_eq!(bind, [Effect::Bind]);
    let tokens =
        Tokens { access_token: "a".into(), access_expires_at: NOW, refresh_token: "r".into() };
    let tokens = answered(200, "application/json", serde_json::to_vec(&tokens).unwrap());
    let bound = machine.handle(NOW, LEAST, tokens);
    assert!(
        matches!(bound.as_slice(), [Effect::KeepBound(_), Effect::Collect { .. }]),
        "{bound:?}"
    );
    machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(1))));
    machine.handle(NOW, LEAST, forked);
    let again = machine.handle(NOW, LEAST, nothing_else());
    assert!(
        matches!(again.as_slice(), [Effect::End(Ended::Failed { .. })]),
        "a server that says so for ever does not keep a phone busy: {again:?}"
    );
}

#[test]
fn a_cut_push_names_what_it_leaves_for_later_before_this_copy_is_believed_to_be_an_old_one() {
    let mut machine = Machine::new(Settings::default());
    begin(&mut machine);
    let left = ChangeNames::of([ChangeHash([7; 32])]);
    machine.handle(NOW, LEAST, Event::Collected(Box::new(outgoing(1))));
    let forked = problem(ProblemCode::Forked);
    let asked = machine.handle(NOW, LEAST, forked.clone());
    assert!(matches!(asked.as_slice(), [Effect::NameTheRest(_)]), "{asked:?}");
    let again = machine.handle(NOW, LEAST, Event::Named(left.clone()));
    let [Effect::Send(request)] = again.as_slice() else { panic!("{again:?}") };
    assert_eq!((request.groups.len(), &request.unheard), (1, &left));
    let renewed = machine.handle(NOW, LEAST, forked);
    assert!(matches!(renewed.as_slice(), [Effect::Renew, Effect::Collect { .. }]), "{renewed:?}");
}
