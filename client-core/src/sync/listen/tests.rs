use super::*;

const PACE: Pace = Pace { poll_every_ms: 60_000 };
const MOST: Chance = Chance(u32::MAX);
const LEAST: Chance = Chance(0);

fn now() -> Timestamp {
    Timestamp::from_millis(1_791_000_000_000)
}

struct Phone {
    listen: Listen,
}

impl Phone {
    fn begun() -> Self {
        let mut phone = Self { listen: Listen::new(PACE) };
        assert_eq!(phone.hears(Heard::Begin), [Step::Sync], "an app that opens wants to see");
        assert_eq!(phone.hears(Heard::Synced), [Step::Connect]);
        phone
    }

    /// In step with everything up to `up_to`.
    fn listening(up_to: u64) -> Self {
        let mut phone = Self::begun();
        assert_eq!(phone.hint(up_to), [Step::Sync]);
        assert_eq!(phone.hears(Heard::Synced), []);
        phone
    }

    fn hears(&mut self, heard: Heard) -> Vec<Step> {
        self.listen.handle(now(), MOST, heard)
    }

    fn hint(&mut self, up_to: u64) -> Vec<Step> {
        self.hears(Heard::Hint(LiveHint { up_to, spread_ms: 0 }))
    }

    fn lost(&mut self, lost: Lost) -> Vec<Step> {
        self.hears(Heard::Lost(lost))
    }
}

#[test]
fn the_opening_hint_pulls_what_was_missed_and_the_same_position_is_not_pulled_twice() {
    let mut phone = Phone::listening(7);
    assert!(phone.listen.is_listening());
    assert_eq!(phone.hint(7), []);
    assert_eq!(phone.hint(8), [Step::Sync]);
}

#[test]
fn a_hint_during_a_sync_leads_to_one_more_sync_and_no_more() {
    let mut phone = Phone::listening(1);
    assert_eq!(phone.hint(2), [Step::Sync]);
    for up_to in 3..9 {
        assert_eq!(phone.hint(up_to), []);
    }
    assert_eq!(phone.hears(Heard::Synced), [Step::Sync]);
    assert_eq!(phone.hears(Heard::Synced), []);
    assert_eq!(phone.hint(8), [], "that was pulled");
}

#[test]
fn a_large_fleet_waits_a_random_part_of_the_spread() {
    let hint = Heard::Hint(LiveHint { up_to: 5, spread_ms: 30_000 });
    let mut phone = Phone::begun();
    assert_eq!(phone.hears(hint.clone()), [Step::Rest { millis: 30_000 }]);
    assert_eq!(phone.hint(6), [], "more of it while it waits changes nothing");
    assert_eq!(phone.hears(Heard::Rested), [Step::Sync]);
    assert_eq!(phone.hears(Heard::Synced), []);
    assert_eq!(phone.hint(6), [], "that was pulled");
    let mut lucky = Phone::begun();
    assert_eq!(lucky.listen.handle(now(), LEAST, hint), [Step::Sync]);
}

#[test]
fn a_phone_without_hints_polls_and_tries_for_a_stream_each_time() {
    for lost in [Lost::Broken, Lost::Ended, Lost::Silent, Lost::Refused { retry_after_s: None }] {
        let mut phone = Phone::begun();
        let mut rests = Vec::new();
        for _ in 0..12 {
            assert_eq!(phone.lost(lost), [Step::Sync]);
            let steps = phone.hears(Heard::Synced);
            let [Step::Rest { millis }] = steps[..] else { panic!("{steps:?}") };
            rests.push(millis);
            assert_eq!(phone.hears(Heard::Rested), [Step::Connect]);
        }
        assert!(rests.is_sorted() && rests[0] <= 2_000 && rests[11] == 60_000, "{rests:?}");
    }
}

#[test]
fn a_server_that_wants_no_stream_for_an_hour_is_polled_meanwhile() {
    let mut phone = Phone::begun();
    assert_eq!(phone.lost(Lost::Refused { retry_after_s: Some(3_600) }), [Step::Sync]);
    for _ in 0..5 {
        let steps = phone.hears(Heard::Synced);
        assert!(matches!(steps[..], [Step::Rest { millis: 1..=60_000 }]), "{steps:?}");
        assert_eq!(phone.hears(Heard::Rested), [Step::Sync]);
    }
    phone.hears(Heard::Synced);
    let later = now().plus_millis(3_600_000);
    assert_eq!(phone.listen.handle(later, MOST, Heard::Rested), [Step::Connect]);
}

#[test]
fn an_expired_token_is_renewed_by_a_sync_at_once_and_not_again_and_again() {
    let mut phone = Phone::begun();
    assert_eq!(phone.lost(Lost::TokenExpired), [Step::Sync]);
    assert_eq!(phone.hears(Heard::Synced), [Step::Connect]);
    assert_eq!(phone.lost(Lost::TokenExpired), [Step::Sync]);
    let steps = phone.hears(Heard::Synced);
    assert!(matches!(steps[..], [Step::Rest { millis: 1.. }]), "{steps:?}");
}

#[test]
fn a_fleet_that_loses_its_streams_together_does_not_sync_together() {
    for lost in [Lost::Ended, Lost::Broken, Lost::Silent] {
        let mut phone = Phone::listening(3);
        let steps = phone.lost(lost);
        assert!(matches!(steps[..], [Step::Rest { millis: 1.. }]), "{steps:?}");
        assert_eq!(phone.hears(Heard::Rested), [Step::Connect]);
        assert_eq!(phone.hint(3), [Step::Sync], "what was committed meanwhile");
    }
}

#[test]
fn a_stream_that_breaks_during_a_sync_is_opened_again_after_it() {
    let mut phone = Phone::listening(1);
    assert_eq!(phone.hint(2), [Step::Sync]);
    assert_eq!(phone.lost(Lost::Broken), []);
    let steps = phone.hears(Heard::Synced);
    assert!(matches!(steps[..], [Step::Rest { .. }]), "{steps:?}");
    assert_eq!(phone.hears(Heard::Rested), [Step::Connect]);
}

#[test]
fn a_failed_sync_is_tried_again_when_the_server_said_and_a_revoked_phone_stops() {
    let mut phone = Phone::listening(1);
    assert_eq!(phone.hint(2), [Step::Sync]);
    let busy = Heard::SyncFailed {
        fault: Fault::ServerTrouble { status: 503 },
        retry_at: Some(now().plus_millis(7_000)),
    };
    assert_eq!(phone.hears(busy), [Step::Rest { millis: 7_000 }]);
    assert_eq!(phone.hears(Heard::Rested), [Step::Sync]);
    let revoked = Heard::SyncFailed { fault: Fault::Revoked, retry_at: None };
    assert_eq!(phone.hears(revoked), [Step::Stop(Fault::Revoked)]);
}

#[test]
fn a_server_that_counts_anew_is_heard_all_the_same() {
    let mut phone = Phone::listening(900);
    phone.lost(Lost::Ended);
    assert_eq!(phone.hears(Heard::Rested), [Step::Connect]);
    assert_eq!(phone.hint(12), [Step::Sync], "another life of the data");
}

#[test]
fn what_is_saved_at_one_time_goes_out_in_one_sync() {
    let mut phone = Phone::listening(1);
    assert_eq!(phone.hears(Heard::Saved), [Step::Rest { millis: GATHER_MS }]);
    for _ in 0..5 {
        assert_eq!(phone.hears(Heard::Saved), [], "it is gathered");
    }
    assert_eq!(phone.hears(Heard::Rested), [Step::Sync]);
    assert_eq!(phone.hint(2), [], "somebody else's, meanwhile");
    assert_eq!(phone.hears(Heard::Saved), []);
    assert_eq!(phone.hears(Heard::Saved), []);
    assert_eq!(phone.hears(Heard::Synced), [Step::Rest { millis: GATHER_MS }]);
    assert_eq!(phone.hears(Heard::Rested), [Step::Sync], "both in one");
    assert_eq!(phone.hears(Heard::Synced), []);
    assert_eq!(phone.hint(2), [], "that was pulled");
}

#[test]
fn a_save_does_not_wait_for_the_spread_of_a_fleet_nor_for_a_stream() {
    let mut phone = Phone::begun();
    let hint = Heard::Hint(LiveHint { up_to: 5, spread_ms: 30_000 });
    assert_eq!(phone.hears(hint), [Step::Rest { millis: 30_000 }]);
    assert_eq!(phone.hears(Heard::Saved), [Step::Rest { millis: GATHER_MS }]);
    assert_eq!(phone.hears(Heard::Rested), [Step::Sync]);
    assert_eq!(phone.hears(Heard::Synced), []);

    assert!(matches!(phone.lost(Lost::Broken)[..], [Step::Rest { .. }]));
    assert_eq!(phone.hears(Heard::Saved), [Step::Rest { millis: GATHER_MS }]);
    assert_eq!(phone.hears(Heard::Rested), [Step::Sync]);
    let steps = phone.hears(Heard::Synced);
    assert!(
        matches!(steps[..], [Step::Rest { .. }]),
        "the stream is tried for after it: {steps:?}"
    );
    assert_eq!(phone.hears(Heard::Rested), [Step::Connect]);
}

#[test]
fn a_phone_without_a_network_does_not_knock_for_every_save() {
    let mut phone = Phone::listening(1);
    let failed = |fault| Heard::SyncFailed { fault, retry_at: Some(now().plus_millis(600_000)) };
    assert!(matches!(phone.hears(Heard::Saved)[..], [Step::Rest { .. }]));
    assert_eq!(phone.hears(Heard::Rested), [Step::Sync]);
    assert_eq!(phone.hears(failed(Fault::Offline)), [Step::Rest { millis: 600_000 }]);
    let later = now().plus_millis(4_000);
    let steps = phone.listen.handle(later, MOST, Heard::Saved);
    assert_eq!(steps, [Step::Rest { millis: 6_000 }], "ten seconds after the last try");
    for _ in 0..50 {
        assert_eq!(phone.listen.handle(later, MOST, Heard::Saved), []);
    }
    assert_eq!(phone.hears(Heard::Rested), [Step::Sync]);
    let busy = failed(Fault::SlowDown);
    assert_eq!(phone.hears(busy), [Step::Rest { millis: 600_000 }]);
    assert_eq!(phone.hears(Heard::Saved), [], "the server asked to wait");
}
